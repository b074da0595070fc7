//! Places, indices, integers, conditions.

use super::Generator;
use super::scope::{Access, Extent, Scope, Variable};
use crate::syntax::{Binary, By, Expr, Node, OnOption, Over, Place, Step, Sum, Type};

impl Generator {
    /// Some place of a type.
    pub(super) fn place(&mut self, scope: &Scope, ty: &Type, access: Access) -> Option<Place> {
        let candidates = scope.having(ty, access);
        if candidates.is_empty() {
            return None;
        }
        let variable = (*self.random.pick(&candidates)).clone();
        Some(self.part(scope, &variable, ty))
    }

    /// A part of a variable that is of a type.
    pub(super) fn part(&mut self, scope: &Scope, variable: &Variable, ty: &Type) -> Place {
        let mut place = Place {
            root: variable.name.clone(),
            by: variable.by,
            steps: Vec::new(),
        };
        let mut at = variable.ty.clone();
        while at != *ty {
            let (step, next) = match &at {
                Type::Array(element, n) => {
                    let index = self.index(scope, &Extent::Constant(*n));
                    (Step::Index(index), (**element).clone())
                }
                Type::Slice(element) => {
                    let index = self.index(scope, &Extent::Length(variable.name.clone()));
                    (Step::Index(index), (**element).clone())
                }
                Type::Tuple(parts) => self.field(parts.iter().cloned().enumerate(), ty),
                Type::Struct(s) => {
                    let fields = s.fields();
                    let (step, next) =
                        self.field(fields.iter().map(|(_, ty)| ty.clone()).enumerate(), ty);
                    let Step::Field(k, _) = step else {
                        unreachable!("`field` gives a field")
                    };
                    (Step::Field(k, fields[k].0.to_string()), next)
                }
                _ => unreachable!("the variable holds such a part"),
            };
            place.steps.push(step);
            at = next;
        }
        place
    }

    fn field(&mut self, parts: impl Iterator<Item = (usize, Type)>, ty: &Type) -> (Step, Type) {
        let parts: Vec<(usize, Type)> = parts.filter(|(_, part)| part.holds(ty)).collect();
        let (k, part) = self.random.pick(&parts).clone();
        (Step::Field(k, k.to_string()), part)
    }

    /// An index that is never out of bounds.
    fn index(&mut self, scope: &Scope, extent: &Extent) -> Expr {
        // A `Vec` cannot be asked for its length where it is written to.
        let vector = match extent {
            Extent::Length(name) => scope
                .find(name)
                .is_some_and(|v| v.by == By::Value && !v.counted),
            Extent::Constant(_) => false,
        };
        let length = || match extent {
            Extent::Constant(n) => Expr::int(*n),
            Extent::Length(name) => {
                let by = scope.find(name).map_or(By::Ref, |v| v.by);
                let place = Place {
                    by,
                    ..Place::local(name)
                };
                Expr::new(Type::Int, Node::Length(place))
            }
        };
        let counters: Vec<&Variable> = scope
            .having(&Type::Int, Access::Read)
            .into_iter()
            .filter(|v| v.range.as_ref().is_some_and(|r| covers(extent, &r.below)))
            .collect();
        let least = match extent {
            Extent::Constant(n) => *n,
            Extent::Length(name) => scope.least(name),
        };
        if !counters.is_empty() && (least == 0 || self.random.percent(70)) {
            let counter = *self.random.pick(&counters);
            let read = Expr::read(Type::Int, Place::local(&counter.name));
            let facts = counter
                .range
                .as_ref()
                .expect("counters are those with facts");
            return match self.random.below(6) {
                0 if facts.least > 0 => Expr::binary(Binary::Sub, read, Expr::int(facts.least)),
                1 | 2 if facts.room > 0 => Expr::binary(Binary::Add, read, Expr::int(facts.room)),
                3 if !vector => {
                    let last = Expr::binary(Binary::Sub, length(), Expr::int(1));
                    Expr::binary(Binary::Sub, last, read)
                }
                _ => read,
            };
        }
        match self.random.below(5) {
            k if k < 2 || vector => Expr::int(self.random.below(least)),
            _ => {
                let number = self.int(scope, 1);
                Expr::binary(Binary::Rem, number, length())
            }
        }
    }

    /// A small number, not negative.
    pub(super) fn int(&mut self, scope: &Scope, depth: usize) -> Expr {
        if depth > 0 {
            match self.random.below(9) {
                0 => {
                    let (a, b) = (self.int(scope, depth - 1), self.int(scope, depth - 1));
                    return Expr::binary(Binary::Add, a, b);
                }
                1 => {
                    let (a, k) = (self.int(scope, depth - 1), self.random.within(2, 3));
                    return Expr::binary(Binary::Mul, Expr::int(k), a);
                }
                2 => {
                    let (a, k) = (self.int(scope, depth - 1), self.random.within(2, 4));
                    return Expr::binary(Binary::Rem, a, Expr::int(k));
                }
                // `Real` has no cast to an integer.
                3 if self.over != Over::Real && self.random.percent(40) => {
                    // Decided by a value: a step function.
                    let a = self.float(scope, 1);
                    let sine = Expr::call_method(&crate::maths::SIN, vec![self.receiver(a)]);
                    let square = Expr::binary(Binary::Mul, sine, Expr::float(2.7));
                    let raised = Expr::binary(Binary::Add, square, Expr::float(3.1));
                    return Expr::new(Type::Int, Node::Cast(Box::new(raised)));
                }
                4 if self.random.percent(50) => return self.small_int(scope),
                _ => {}
            }
        }
        if self.random.percent(80)
            && let Some(place) = self.place(scope, &Type::Int, Access::Read)
        {
            return Expr::read(Type::Int, place);
        }
        Expr::int(self.random.below(5))
    }

    pub(super) fn condition(&mut self, scope: &Scope, depth: usize) -> Expr {
        match self
            .random
            .weighted(&[25, 10, 45, depth * 4, depth * 4, depth * 3])
        {
            0 if self.random.percent(20) => {
                let (kind, a) = self.some_small(scope, 1);
                let b = self.small(scope, kind, 0);
                let op = [Binary::Less, Binary::AtMost, Binary::Equal];
                Expr::binary(*self.random.pick(&op), a, b)
            }
            0 => {
                let a = self.int(scope, 1);
                let b = Expr::int(self.random.below(3));
                match self.random.below(3) {
                    0 => Expr::binary(Binary::Less, b, a),
                    1 => Expr::binary(Binary::AtMost, a, b),
                    _ => {
                        let rest = Expr::binary(Binary::Rem, a, Expr::int(3));
                        Expr::binary(Binary::Equal, rest, b)
                    }
                }
            }
            1 if self.random.percent(30) => {
                let ty = Type::Sum(Sum::Maybe);
                match self.place(scope, &ty, Access::Read) {
                    Some(place) => {
                        let option = Box::new(Expr::read(ty, place));
                        Expr::new(Type::Bool, Node::OnOption(option, OnOption::IsSome))
                    }
                    None => self.condition(scope, depth),
                }
            }
            1 => match self.place(scope, &Type::Bool, Access::Read) {
                Some(place) => Expr::read(Type::Bool, place),
                None => self.condition(scope, depth),
            },
            2 => {
                // Generic numbers are borrowed to be compared.
                let fixed = (self.over == Over::Real).then(|| scope.fixed());
                let scope = fixed.as_ref().unwrap_or(scope);
                let a = self.float(scope, depth.min(1));
                let b = if self.random.percent(60) {
                    Expr::float(*self.random.pick(&[0.2511, -0.3313, 0.7317, 0.0519]))
                } else {
                    self.float(scope, depth.min(1))
                };
                let op = *self.random.pick(&[Binary::Less, Binary::AtMost]);
                if self.random.percent(50) {
                    Expr::binary(op, a, b)
                } else {
                    Expr::binary(op, b, a)
                }
            }
            3 | 4 => {
                let op = *self.random.pick(&[Binary::And, Binary::Or]);
                let (a, b) = (
                    self.condition(scope, depth - 1),
                    self.condition(scope, depth - 1),
                );
                Expr::binary(op, a, b)
            }
            _ => {
                let a = self.condition(scope, depth - 1);
                Expr::new(Type::Bool, Node::Not(Box::new(a)))
            }
        }
    }
}

/// Whether what is below one extent is below the other.
fn covers(extent: &Extent, below: &Extent) -> bool {
    match (extent, below) {
        (Extent::Constant(n), Extent::Constant(m)) => m <= n,
        _ => extent == below,
    }
}
