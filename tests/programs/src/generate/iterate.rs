//! Iterators over floats, closures, methods of options, blocks with labels.

use super::Generator;
use super::scope::{Access, Around, Extent, Facts, Scope, Variable};
use crate::syntax::{
    Binary, Block, By, Cut, End, Expr, Items, Node, OnOption, Over, Place, Source, Statement, Sum,
    Type,
};

impl Generator {
    /// A slice or an array of floats, and its length if that is constant.
    pub(super) fn source(
        &mut self,
        scope: &Scope,
        access: Access,
    ) -> Option<(Place, Option<usize>)> {
        let slice = Type::Slice(Box::new(Type::Float));
        let kinds = [slice, Type::floats(3), Type::floats(2)];
        let start = self.random.below(3);
        (0..3).find_map(|k| {
            let kind = &kinds[(start + k) % 3];
            let place = self.place(scope, kind, access)?;
            let length = match kind {
                Type::Array(_, n) => Some(*n),
                _ => None,
            };
            Some((place, length))
        })
    }

    /// Mostly elements.
    fn cut(&mut self, changes: bool) -> Cut {
        let n = self.random.within(1, 3);
        match self
            .random
            .weighted(&[76, if changes { 0 } else { 8 }, 8, 8])
        {
            0 => Cut::Elements,
            1 => Cut::Windows(n),
            2 => Cut::Chunks(n),
            _ => Cut::Exact(n),
        }
    }

    /// What is iterated over, the scope of an iteration, and whether the length is constant.
    fn items(&mut self, scope: &Scope, changes: bool) -> Option<(Items, Scope, bool)> {
        let mut inside = scope.clone();
        let mut items = Items {
            sources: Vec::new(),
            reversed: self.random.percent(15),
            skip: self.random.weighted(&[85, 12, 3]),
            take: self.random.percent(10).then(|| self.random.within(1, 3)),
            number: None,
            names: Vec::new(),
        };
        let access = if changes { Access::Both } else { Access::Read };
        let (first, length) = self.source(scope, access)?;
        let mut constant = length.is_some();
        if changes {
            inside.hide(&first.root);
        }
        let cut = self.cut(changes);
        items.sources.push(Source {
            place: first,
            changed: changes,
            cut,
        });
        if self.random.percent(45)
            && let Some((second, same)) = self.source(&inside, Access::Read)
        {
            // What is shorter ends both.
            constant |= same.is_some();
            let cut = self.cut(false);
            items.sources.push(Source {
                place: second,
                changed: false,
                cut,
            });
        }
        let plain = !items.reversed && items.skip == 0;
        if self.random.percent(30) {
            let name = self.name(&Type::Int);
            let Source {
                place: slice, cut, ..
            } = &items.sources[0];
            let elements = *cut == Cut::Elements;
            let counts = plain && elements && slice.steps.is_empty() && !constant && !changes;
            let range = counts.then(|| Facts {
                least: 0,
                below: Extent::Length(slice.root.clone()),
                room: 0,
            });
            inside.add(Variable {
                range,
                ..Variable::constant(&name, Type::Int)
            });
            items.number = Some(name);
        }
        for Source {
            place,
            changed,
            cut,
        } in items.sources.clone()
        {
            let ty = match cut {
                Cut::Elements => Type::Float,
                _ => Type::Slice(Box::new(Type::Float)),
            };
            let name = self.name(&ty);
            inside.lend_out(&place.root);
            inside.add(Variable {
                by: if changed { By::Mut } else { By::Ref },
                writable: changed,
                least: cut.least().unwrap_or(0),
                ..Variable::constant(&name, ty)
            });
            items.names.push(name);
        }
        Some((items, inside, constant))
    }

    /// `for x in a.iter_mut() { .. }`.
    pub(super) fn each(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        let changes = self.random.percent(50);
        let Some((items, elements, constant)) = self.items(scope, changes) else {
            return;
        };
        let around = self.around(Type::Unit, true);
        let mut outer = elements.clone();
        let own = outer.variables.len() - items.names.len();
        let own: Vec<Variable> = outer.variables.drain(own..).collect();
        let mut inside = self.body_scope(&outer, &around, constant);
        let outside = inside.variables.len();
        for variable in own {
            inside.add(variable);
        }
        let count = self.random.within(1, 2);
        let mut statements = self.statements(&mut inside, depth.saturating_sub(1), count);
        self.use_up(&inside, outside, &mut statements);
        if let (true, Some(x)) = (changes, items.names.first()) {
            let Some(variable) = elements.find(x).cloned() else {
                return;
            };
            let to = self.part(&inside, &variable, &Type::Float);
            let statement = if self.random.percent(60) {
                let value = self.bounded(&inside, 1);
                Statement::Assign(to, value)
            } else {
                Statement::Update(Binary::Add, to, self.addend(&inside, 1))
            };
            // Behind an exit nothing would come.
            let at = self.random.below(2) * statements.len();
            let ends = statements.last().is_some_and(|last| {
                !matches!(
                    last,
                    Statement::Do(_) | Statement::Update(..) | Statement::Assign(..)
                )
            });
            let uses_own = at > 0 && !ends;
            if uses_own {
                statements.push(statement);
            } else {
                let value = self.bounded(&elements.fixed(), 1);
                let to = self.part(&elements.fixed(), &variable, &Type::Float);
                statements.insert(0, Statement::Assign(to, value));
            }
        }
        let body = Block {
            statements,
            value: None,
        };
        let label = around.label;
        self.run(Node::Each { label, items, body }, list);
    }

    /// `a.iter().zip(b.iter()).map(|(x, y)| ..).sum::<f64>()` and kin.
    pub(super) fn chain(&mut self, scope: &Scope, depth: usize) -> Expr {
        let Some((items, inside, constant)) = self.items(&scope.fixed(), false) else {
            return self.atom(scope);
        };
        let filter = self.random.percent(20);
        let filter = filter.then(|| Box::new(self.condition(&inside, 1)));
        let so_far = self.name(&Type::Float);
        let free = constant || scope.tape;
        // `Real` does not ask for the sums of iterators.
        let generic = self.over == Over::Real;
        let sums = if generic { 0 } else { 60 };
        let products = if generic || !free { 0 } else { 15 };
        let end = match self.random.weighted(&[sums, products, 25]) {
            0 => End::Sum,
            1 => End::Product,
            _ => {
                // What is iterated over is lent out already.
                let start = self.atom(&scope.fixed());
                End::Fold(Box::new(start), so_far.clone())
            }
        };
        let x = self.random.pick(&items.names).clone();
        let Some(x) = inside.find(&x).cloned() else {
            return self.atom(scope);
        };
        let x = self.part(&inside, &x, &Type::Float);
        let x = Expr::read(Type::Float, x);
        let value = self.bounded(&inside, depth.min(1));
        let op = *self.random.pick(&[Binary::Mul, Binary::Add]);
        let mut body = Expr::binary(op, x, value);
        if let End::Fold(..) = end {
            let so_far = Expr::read(Type::Float, Place::local(&so_far));
            body = if free && self.random.percent(50) {
                let sum = Expr::binary(Binary::Mul, so_far, body);
                Expr::call_method(&crate::maths::SIN, vec![sum])
            } else {
                Expr::binary(Binary::Add, so_far, body)
            };
        }
        let body = Box::new(body);
        Expr::new(
            Type::Float,
            Node::Chain {
                items,
                filter,
                end,
                body,
            },
        )
    }

    /// `let f = |a: f64| ..;`
    pub(super) fn closure(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let mut inside = scope.steady();
        let count = self.random.within(1, 2);
        let params: Vec<String> = (0..count).map(|_| self.name(&Type::Float)).collect();
        for param in &params {
            inside.add(Variable::constant(param, Type::Float));
        }
        // A number of no type in particular would have none.
        let first = Expr::read(Type::Float, Place::local(&params[0]));
        let value = self.bounded(&inside, 2);
        let op = *self.random.pick(&[Binary::Mul, Binary::Sub]);
        let body = Expr::binary(op, first, value);
        self.fresh += 1;
        let name = format!("c{}", self.fresh);
        scope.closures.push((name.clone(), count));
        list.push(Statement::Closure { name, params, body });
    }

    pub(super) fn apply(&mut self, scope: &Scope, depth: usize) -> Expr {
        if scope.closures.is_empty() {
            return self.atom(scope);
        }
        let (name, count) = self.random.pick(&scope.closures).clone();
        let arguments = (0..count).map(|_| self.float(scope, depth.min(1)));
        Expr::new(Type::Float, Node::Apply(name, arguments.collect()))
    }

    /// `o.map_or(x, |t| ..)` and kin.
    pub(super) fn on_option(&mut self, scope: &Scope, depth: usize) -> Expr {
        let ty = Type::Sum(Sum::Maybe);
        let Some(place) = self.place(scope, &ty, Access::Read) else {
            return self.atom(scope);
        };
        let option = Box::new(Expr::read(ty, place));
        let other = Box::new(self.float(scope, depth.min(1)));
        if self.random.percent(50) {
            return Expr::new(
                Type::Float,
                Node::OnOption(option, OnOption::UnwrapOr(other)),
            );
        }
        let name = self.name(&Type::Float);
        let mut inside = scope.fixed();
        inside.add(Variable::constant(&name, Type::Float));
        let held = Expr::read(Type::Float, Place::local(&name));
        let body = Expr::binary(Binary::Mul, held, self.bounded(&inside, depth.min(1)));
        let method = OnOption::MapOr(other, name, Box::new(body));
        Expr::new(Type::Float, Node::OnOption(option, method))
    }

    /// `'l: { if .. { break 'l x; } y }`.
    pub(super) fn labeled(&mut self, scope: &Scope, depth: usize) -> Expr {
        self.fresh += 1;
        let label = format!("l{}", self.fresh);
        let around = Around {
            label: Some(label.clone()),
            value: Type::Float,
            may_continue: false,
            block: true,
        };
        let mut inside = scope.clone();
        inside.may_return = false;
        inside.loops = vec![around.clone()];
        let mut statements = Vec::new();
        if self.random.percent(50) {
            statements = self.statements(&mut inside, depth.min(1), 1);
        }
        self.leave_if(&inside, Some(around), &mut statements);
        let value = Some(Box::new(self.float(&inside, depth)));
        Expr::new(
            Type::Float,
            Node::Labeled(label, Block { statements, value }),
        )
    }
}
