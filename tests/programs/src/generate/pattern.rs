//! Patterns, and what is taken apart by them.

use super::Generator;
use super::scope::{Access, Scope, Variable};
use crate::syntax::{Arm, Binary, Block, By, Expr, Node, Pattern, Place, Statement, Sum, Type};

/// What is matched.
struct Subject {
    value: Expr,
    /// What names in patterns are.
    by: By,
    /// Which variable is lent out meanwhile.
    lent: Option<Place>,
}

impl Subject {
    fn value(value: Expr) -> Subject {
        Subject {
            value,
            by: By::Value,
            lent: None,
        }
    }

    /// The scope in which its names live.
    fn inside(&self, scope: &Scope) -> Scope {
        let mut inside = scope.clone();
        match (&self.lent, self.by) {
            (Some(place), By::Mut) => inside.hide(&place.root),
            (Some(place), _) => inside.lend_out(&place.root),
            _ => {}
        }
        inside
    }
}

impl Generator {
    /// `match` or `if let`, with bodies of a kind.
    fn arms(
        &mut self,
        scope: &Scope,
        mut body: impl FnMut(&mut Generator, &Scope) -> Block,
    ) -> Option<Node> {
        let subject = self.subject(scope, true)?;
        let inside = subject.inside(scope);
        let mut arms = Vec::new();
        for (pattern, names) in self.refutable(&subject) {
            arms.push(self.arm(&inside, (pattern, names), 25, &mut body));
        }
        let body = body(self, &inside);
        arms.push(Arm {
            pattern: Pattern::Any,
            guard: None,
            body,
        });
        Some(Node::Match(Box::new(subject.value), arms))
    }

    /// An arm, so many of a hundred with a guard.
    fn arm(
        &mut self,
        scope: &Scope,
        (pattern, names): (Pattern, Vec<Variable>),
        guards: usize,
        body: &mut impl FnMut(&mut Generator, &Scope) -> Block,
    ) -> Arm {
        let mut inside = scope.clone();
        for name in names {
            inside.add(name);
        }
        let guarded = self.random.percent(guards);
        // What is matched must not change in a guard.
        let guard = guarded.then(|| self.condition(&inside.fixed(), 1));
        let body = body(self, &inside);
        Arm {
            pattern,
            guard,
            body,
        }
    }

    pub(super) fn when(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expr {
        match self.arms(scope, |this, inside| this.block(inside, ty, depth)) {
            Some(node) => Expr::new(ty.clone(), node),
            None => self.branch(scope, ty, depth),
        }
    }

    pub(super) fn cases(&mut self, scope: &Scope, depth: usize) -> Option<Node> {
        self.arms(scope, |this, inside| this.inner(inside, depth))
    }

    /// `match` on an integer.
    pub(super) fn number_arms(
        &mut self,
        scope: &Scope,
        mut body: impl FnMut(&mut Generator, &Scope) -> Block,
    ) -> Node {
        let number = match self.random.percent(30) {
            true => self.some_small(scope, 1).1,
            false => {
                let number = self.int(scope, 1);
                Expr::binary(Binary::Rem, number, Expr::int(5))
            }
        };
        let mut arms = Vec::new();
        for k in 0..self.random.within(2, 3) {
            let mut names = Vec::new();
            // The last one fits always.
            let pattern = match (k, self.random.below(10)) {
                (0, 2) => self.named(&number.ty, By::Value, &mut names),
                (0, _) => Pattern::Any,
                _ => self.pattern(&number.ty, By::Value, true, &mut names),
            };
            let guards = if k > 0 { 30 } else { 0 };
            arms.push(self.arm(scope, (pattern, names), guards, &mut body));
        }
        arms.rotate_left(1);
        Node::Match(Box::new(number), arms)
    }

    /// `let Some(x) = o else { return ..; };` and kin.
    pub(super) fn let_else(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let around = match scope.loops.last() {
            Some(around) => Some(around.clone()),
            None if scope.may_return => None,
            None => return,
        };
        let Some(subject) = self.subject(scope, false) else {
            return;
        };
        let patterns = self.refutable(&subject);
        let Some((pattern, names)) = patterns.into_iter().next() else {
            return;
        };
        let otherwise = Some(self.leave(scope, around));
        *scope = subject.inside(scope);
        for name in names {
            scope.add(name);
        }
        list.push(Statement::LetPattern {
            pattern,
            value: subject.value,
            otherwise,
        });
    }

    /// `let (a, b) = ..;`, `let Body { at: [a, b], mass: c } = ..;`
    pub(super) fn bind_parts(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let ty = match self.random.percent(50) {
            true => Type::pair(),
            false => self.aggregate_type(),
        };
        let place = self.place(scope, &ty, Access::Read);
        let subject = match place {
            Some(place) if self.random.percent(30) => Subject {
                value: Expr::new(ty.clone(), Node::Lent(place.clone(), false)),
                by: By::Ref,
                lent: Some(place),
            },
            Some(place) if self.random.percent(40) => Subject::value(Expr::read(ty.clone(), place)),
            _ => Subject::value(self.value(scope, &ty, 2)),
        };
        let mut names = Vec::new();
        let pattern = self.parts(&ty, subject.by, false, &mut names);
        *scope = subject.inside(scope);
        for name in names {
            scope.add(name);
        }
        list.push(Statement::LetPattern {
            pattern,
            value: subject.value,
            otherwise: None,
        });
    }

    /// What is matched: mostly a variable, whose type is known. `&mut` only where all that follows is in a block of its own.
    fn subject(&mut self, scope: &Scope, block: bool) -> Option<Subject> {
        match self.random.weighted(&[45, 12, 20, 15, 8]) {
            0 => self.sum_subject(scope),
            1 => self.lent_sum(scope, block),
            2 => Some(self.tuple_subject(scope)),
            3 => self.slice_subject(scope, block),
            _ => {
                let ty = self.aggregate_type();
                let place = self.place(scope, &ty, Access::Read)?;
                Some(Subject::value(Expr::read(ty, place)))
            }
        }
        .or_else(|| self.sum_subject(scope))
    }

    /// A place of some sum type.
    fn some_sum(&mut self, scope: &Scope, access: Access) -> Option<(Type, Place)> {
        let start = self.random.below(Sum::ALL.len());
        (0..Sum::ALL.len()).find_map(|k| {
            let ty = Type::Sum(Sum::ALL[(start + k) % Sum::ALL.len()]);
            let place = self.place(scope, &ty, access)?;
            Some((ty, place))
        })
    }

    fn sum_subject(&mut self, scope: &Scope) -> Option<Subject> {
        let (ty, place) = self.some_sum(scope, Access::Read)?;
        Some(Subject::value(Expr::read(ty, place)))
    }

    fn lent_sum(&mut self, scope: &Scope, block: bool) -> Option<Subject> {
        let mutable = block && self.random.percent(60);
        let access = if mutable { Access::Both } else { Access::Read };
        let (ty, place) = self.some_sum(scope, access)?;
        Some(lend(ty, place, mutable))
    }

    fn slice_subject(&mut self, scope: &Scope, block: bool) -> Option<Subject> {
        let mutable = block && self.random.percent(40);
        let access = if mutable { Access::Both } else { Access::Read };
        let mut slices = scope.clone();
        // Neither a `Vec` nor an array of a length that is not known.
        slices
            .variables
            .retain(|v| v.is_unsized() && v.by != By::Value);
        let slice = slices.variables.iter().find(|v| v.allows(access))?;
        let place = Place {
            by: slice.by,
            ..Place::local(&slice.name)
        };
        Some(lend(slice.ty.clone(), place, mutable))
    }

    /// `(k % 4, s)`: numbers, conditions, and what is in variables.
    fn tuple_subject(&mut self, scope: &Scope) -> Subject {
        let mut parts = Vec::new();
        for k in 0..self.random.within(2, 3) {
            let part = match self.random.below(6) {
                5 => Some(self.some_small(&scope.fixed(), 1).1),
                0 => Some(self.condition(&scope.fixed(), 1)),
                1 | 2 => {
                    let found = self.some_sum(scope, Access::Read);
                    found.map(|(ty, place)| Expr::read(ty, place))
                }
                3 if k > 0 => {
                    let place = self.place(scope, &Type::Float, Access::Read);
                    place.map(|place| Expr::read(Type::Float, place))
                }
                _ => None,
            };
            parts.push(part.unwrap_or_else(|| {
                let number = self.int(&scope.fixed(), 1);
                Expr::binary(Binary::Rem, number, Expr::int(4))
            }));
        }
        let ty = Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect());
        Subject::value(Expr::new(ty, Node::Build(parts)))
    }

    /// Patterns that may fit, with the variables that they make.
    fn refutable(&mut self, subject: &Subject) -> Vec<(Pattern, Vec<Variable>)> {
        let mut list = Vec::new();
        if let Type::Sum(sum) = subject.value.ty {
            for variant in (1..sum.variants().len()).rev() {
                if !list.is_empty() && self.random.percent(25) {
                    continue;
                }
                let mut names = Vec::new();
                let pattern = self.variant(sum, variant, subject.by, &mut names);
                list.push((pattern, names));
            }
            if sum == Sum::Shape && self.random.percent(30) {
                list.insert(0, self.either(subject.by));
            }
            return list;
        }
        for _ in 0..self.random.within(1, 3) {
            let mut names = Vec::new();
            let pattern = self.parts(&subject.value.ty, subject.by, true, &mut names);
            list.push((pattern, names));
        }
        list
    }

    /// A pattern with names for what it fits.
    fn pattern(
        &mut self,
        ty: &Type,
        by: By,
        refutable: bool,
        names: &mut Vec<Variable>,
    ) -> Pattern {
        match ty {
            _ if self.random.percent(10) => Pattern::Any,
            Type::Int | Type::Small(_) if refutable && self.random.percent(70) => {
                let least = match ty {
                    Type::Small(kind) if kind.signed() => 2,
                    _ => 0,
                };
                let spans = (0..self.random.weighted(&[0, 70, 30])).map(|_| {
                    let low = self.random.below(4 + least) as i64 - least as i64;
                    let high = low + self.random.weighted(&[60, 25, 15]) as i64;
                    (low, (high < 5).then_some(high))
                });
                let numbers = Pattern::Numbers(spans.collect());
                if by == By::Value && self.random.percent(35) {
                    let name = self.name(ty);
                    names.push(Variable::constant(&name, ty.clone()));
                    return Pattern::At(name, Box::new(numbers));
                }
                numbers
            }
            Type::Bool if refutable => Pattern::Bool(self.random.percent(50)),
            Type::Sum(sum) if refutable && self.random.percent(80) => {
                let variant = match self.random.percent(20) {
                    true => 0,
                    false => self.random.within(1, sum.variants().len() - 1),
                };
                self.variant(*sum, variant, by, names)
            }
            Type::Array(..) | Type::Tuple(_) | Type::Struct(_) if self.random.percent(60) => {
                self.parts(ty, by, refutable, names)
            }
            _ => self.named(ty, by, names),
        }
    }

    fn named(&mut self, ty: &Type, by: By, names: &mut Vec<Variable>) -> Pattern {
        Pattern::Name(self.variable(ty, by, names))
    }

    /// The name of a variable of its own.
    fn variable(&mut self, ty: &Type, by: By, names: &mut Vec<Variable>) -> String {
        let name = self.name(ty);
        names.push(Variable {
            by,
            writable: by == By::Mut,
            least: 0,
            ..Variable::constant(&name, ty.clone())
        });
        name
    }

    fn variant(&mut self, sum: Sum, variant: usize, by: By, names: &mut Vec<Variable>) -> Pattern {
        let parts = &sum.variants()[variant].1;
        let parts = parts.iter().map(|part| self.pattern(part, by, true, names));
        let parts = parts.collect();
        Pattern::Variant(variant, parts)
    }

    /// `Shape::Disc { r: t } | Shape::Rect(_, t)`.
    fn either(&mut self, by: By) -> (Pattern, Vec<Variable>) {
        let mut names = Vec::new();
        let name = self.named(&Type::Float, by, &mut names);
        let rect = match self.random.percent(50) {
            true => vec![name.clone(), Pattern::Any],
            false => vec![Pattern::Any, name.clone()],
        };
        let ways = vec![Pattern::Variant(1, vec![name]), Pattern::Variant(2, rect)];
        (Pattern::Either(ways), names)
    }

    /// What takes something apart.
    fn parts(&mut self, ty: &Type, by: By, refutable: bool, names: &mut Vec<Variable>) -> Pattern {
        let (element, length) = match ty {
            Type::Array(element, n) => (element, Some(*n)),
            Type::Slice(element) => (element, None),
            Type::Tuple(_) | Type::Struct(_) => {
                let parts = ty.parts();
                let parts = parts
                    .iter()
                    .map(|part| self.pattern(part, by, refutable, names));
                return Pattern::Parts(parts.collect());
            }
            _ => return self.pattern(ty, by, refutable, names),
        };
        let most = length.unwrap_or(3);
        let front = self.random.within(0, most.min(2));
        let back = self.random.below((most - front).min(1) + 1);
        let left = length.map(|n| n - front - back);
        let some = |this: &mut Generator, count: usize, names: &mut Vec<Variable>| {
            let patterns = (0..count).map(|_| this.pattern(element, by, refutable, names));
            patterns.collect::<Vec<Pattern>>()
        };
        let front = some(self, front, names);
        let back = some(self, back, names);
        let rest = match left {
            Some(0) if self.random.percent(70) => None,
            // Of a slice: mostly of any length.
            None if self.random.percent(25) && !front.is_empty() => None,
            // What is left of an array by value has no name, the macro says; behind a reference it takes it for a slice.
            None if self.random.percent(50) => {
                let ty = Type::Slice(element.clone());
                Some(Some(self.variable(&ty, by, names)))
            }
            _ => Some(None),
        };
        Pattern::Elements { front, rest, back }
    }
}

fn lend(ty: Type, place: Place, mutable: bool) -> Subject {
    Subject {
        value: Expr::new(ty, Node::Lent(place.clone(), mutable)),
        by: if mutable { By::Mut } else { By::Ref },
        lent: Some(place),
    }
}
