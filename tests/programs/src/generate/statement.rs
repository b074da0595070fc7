//! Statements, but for loops.

use super::Generator;
use super::scope::{Access, Scope, Variable};
use crate::syntax::{Binary, Block, By, Expr, Node, Over, Place, Statement, Struct, Type};

impl Generator {
    /// Some statements; the names that they declare are in the scope afterwards.
    pub(super) fn statements(
        &mut self,
        scope: &mut Scope,
        depth: usize,
        count: usize,
    ) -> Vec<Statement> {
        let mut list = Vec::new();
        for _ in 0..count {
            self.statement(scope, depth, &mut list);
        }
        list
    }

    /// A block whose names are its own.
    pub(super) fn inner(&mut self, scope: &Scope, depth: usize) -> Block {
        let mut inside = scope.clone();
        let outside = inside.variables.len();
        let count = self.random.within(1, 3);
        let mut statements = self.statements(&mut inside, depth, count);
        self.use_up(&inside, outside, &mut statements);
        Block {
            statements,
            value: None,
        }
    }

    /// Brings a block's own values to what stood before it, mostly: otherwise nearly all of it would be dead code.
    pub(super) fn use_up(&mut self, inside: &Scope, outside: usize, list: &mut Vec<Statement>) {
        let leaves = list.last().is_some_and(|last| {
            matches!(
                last,
                Statement::Break(..) | Statement::Continue(_) | Statement::Return(_)
            )
        });
        if leaves || self.random.percent(25) {
            return;
        }
        let own = inside.variables.iter().skip(outside);
        let own = own
            .rev()
            .find(|v| v.readable && v.ty.holds(&Type::Float) && inside.has_elements(v))
            .cloned();
        let mut before = inside.clone();
        before.variables.truncate(outside);
        let access = *self.random.pick(&[Access::Add, Access::Write]);
        let Some(place) = self.place(&before, &Type::Float, access) else {
            return;
        };
        let mut value = self.addend(inside, 1);
        if let Some(own) = own {
            let own = self.part(inside, &own, &Type::Float);
            let op = *self.random.pick(&[Binary::Add, Binary::Mul]);
            value = Expr::binary(op, value, Expr::read(Type::Float, own));
            value = Expr::call_method(&crate::maths::SIN, vec![value]);
        }
        list.push(match access {
            Access::Add => Statement::Update(Binary::Add, place, value),
            _ => Statement::Assign(place, value),
        });
    }

    fn statement(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        let nested = if depth > 0 { 1 } else { 0 };
        let exits = if scope.loops.is_empty() { 0 } else { 5 };
        let returns = if scope.may_return { 3 } else { 0 };
        let scratch = scope.tape && scope.variables.iter().any(|v| v.scratch);
        let weights = [
            18,
            10,
            4,
            9,
            10,
            5,
            5,
            5,
            3,
            nested * 13,
            nested * 4,
            nested * 22,
            nested * 7,
            nested * 4,
            exits,
            returns,
            4,
            5,
            nested * 6,
            exits + returns,
            3,
            8,
            4,
            nested * 3,
            nested * 5,
            nested * if scratch { 12 } else { 0 },
        ];
        match self.random.weighted(&weights) {
            0 => self.assign(scope, list),
            1 => self.update(scope, list),
            2 => self.assign_parts(scope, list),
            3 => self.bind(scope, Type::Float, depth, list),
            4 => {
                let ty = self.aggregate_type();
                self.bind(scope, ty, depth, list);
            }
            5 => self.copy(scope, list),
            6 => {
                let ty = match self.random.below(5) {
                    0 | 1 => Type::Int,
                    2 | 3 => self.small_type(),
                    _ => Type::Bool,
                };
                self.bind(scope, ty, depth, list);
            }
            7 => self.bind_parts(scope, list),
            8 => self.declare(scope, list),
            9 => {
                let condition = self.condition(scope, 2);
                let then = self.inner(scope, depth - 1);
                let otherwise = self
                    .random
                    .percent(50)
                    .then(|| self.inner(scope, depth - 1));
                self.run(Node::If(Box::new(condition), then, otherwise), list);
            }
            10 => {
                let node = self.number_arms(scope, |this, inside| this.inner(inside, depth - 1));
                self.run(node, list);
            }
            11 => self.repeat(scope, depth - 1, list),
            12 => self.leaving_branch(scope, depth - 1, list),
            13 => self.borrow(scope, depth - 1, list),
            14 => {
                let around = self.random.pick(&scope.reachable()).clone();
                self.leave_if(scope, Some(around), list);
            }
            15 => self.leave_if(scope, None, list),
            16 => {
                if let Some(call) = self.call(scope, &Type::Unit, 1) {
                    list.push(Statement::Do(call));
                }
            }
            17 => self.new_sum(scope, depth, list),
            18 => {
                if let Some(node) = self.cases(scope, depth - 1) {
                    self.run(node, list);
                }
            }
            19 => self.let_else(scope, list),
            20 => self.closure(scope, list),
            21 => self.move_about(scope, list),
            22 => self.vector(scope, list),
            23 => self.choose(scope, depth - 1, list),
            24 => self.split(scope, depth - 1, list),
            _ => self.scratch(scope, depth - 1, list),
        }
    }

    pub(super) fn run(&mut self, node: Node, list: &mut Vec<Statement>) {
        list.push(Statement::Do(Expr::new(Type::Unit, node)));
    }

    fn assign(&mut self, scope: &Scope, list: &mut Vec<Statement>) {
        let ty = match self.random.below(10) {
            0 if self.random.percent(50) => self.small_type(),
            0 => Type::Int,
            1 => Type::Bool,
            2 => self.aggregate_type(),
            _ => Type::Float,
        };
        if let Some(place) = self.place(scope, &ty, Access::Write) {
            let value = match ty {
                Type::Float => self.bounded(scope, 2),
                // Counters stay small.
                Type::Int => {
                    let number = self.int(scope, 1);
                    Expr::binary(Binary::Rem, number, Expr::int(5))
                }
                _ => self.value(scope, &ty, 2),
            };
            list.push(Statement::Assign(place, value));
        }
    }

    fn update(&mut self, scope: &Scope, list: &mut Vec<Statement>) {
        if self.random.percent(10) {
            if let Some(place) = self.place(scope, &Type::Int, Access::Add) {
                let by = Expr::int(self.random.within(1, 2));
                list.push(Statement::Update(Binary::Add, place, by));
            }
        } else if self.random.percent(25) {
            if let Some(place) = self.place(scope, &Type::Float, Access::Both) {
                let factor = self.addend(scope, 1);
                let (op, shift) = *self.random.pick(&[(Binary::Mul, 0.7), (Binary::Mul, -0.2)]);
                let factor = Expr::binary(Binary::Add, factor, Expr::float(shift));
                list.push(Statement::Update(op, place, factor));
            }
        } else if let Some(place) = self.place(scope, &Type::Float, Access::Add) {
            let value = self.addend(scope, 2);
            let op = *self.random.pick(&[Binary::Add, Binary::Add, Binary::Sub]);
            list.push(Statement::Update(op, place, value));
        }
    }

    fn assign_parts(&mut self, scope: &Scope, list: &mut Vec<Statement>) {
        let places: Vec<Place> = (0..2)
            .filter_map(|_| self.place(scope, &Type::Float, Access::Write))
            .collect();
        if places.len() == 2 {
            let values = vec![self.bounded(scope, 1), self.bounded(scope, 1)];
            list.push(Statement::AssignParts(places, values));
        }
    }

    /// `let`, with a name of its own or one that shadows.
    pub(super) fn bind(
        &mut self,
        scope: &mut Scope,
        ty: Type,
        depth: usize,
        list: &mut Vec<Statement>,
    ) {
        let value = if depth > 0 && self.random.percent(12) {
            self.branch(scope, &ty, 1)
        } else {
            self.value(scope, &ty, 2)
        };
        self.bind_value(scope, value, list);
    }

    pub(super) fn bind_value(&mut self, scope: &mut Scope, value: Expr, list: &mut Vec<Statement>) {
        let mutable = self.random.percent(55);
        // A variable of a counter's name would be counted up in its place, and the loop never end.
        let counts = |v: &&Variable| v.ty == Type::Int && !v.writable;
        let shadowed = scope.variables.iter().filter(|v| {
            v.name != "self"
                && v.ty == value.ty
                && v.by == By::Value
                && v.range.is_none()
                && v.readable
                && !counts(v)
        });
        let shadowed: Vec<String> = shadowed.map(|v| v.name.clone()).collect();
        let name = if !shadowed.is_empty() && self.random.percent(8) {
            self.random.pick(&shadowed).clone()
        } else {
            self.name(&value.ty)
        };
        let variable = Variable::mutable(&name, value.ty.clone());
        scope.add(Variable {
            writable: mutable,
            ..variable
        });
        list.push(Statement::Let {
            name,
            mutable,
            value,
        });
    }

    /// The copy of an array or a struct, to a name or over another one.
    fn copy(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let ty = self.aggregate_type();
        let Some(from) = self.place(scope, &ty, Access::Read) else {
            return;
        };
        let value = Expr::read(ty.clone(), from);
        match self.place(scope, &ty, Access::Write) {
            Some(to) if self.random.percent(50) => list.push(Statement::Assign(to, value)),
            _ => self.bind_value(scope, value, list),
        }
    }

    /// `let x;`, and a branch that assigns it on both ways.
    fn declare(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        // A struct has to be assigned at once, as rustc says.
        let ty = match self.random.below(10) {
            0 => Type::pair(),
            1 | 2 => Type::floats(self.random.within(2, 3)),
            _ => Type::Float,
        };
        let name = self.name(&ty);
        let condition = self.condition(scope, 1);
        list.push(Statement::Declare {
            name: name.clone(),
            ty: ty.clone(),
        });
        let mut ways = Vec::new();
        for _ in 0..2 {
            let mut inside = scope.clone();
            let count = self.random.below(2);
            let mut statements = self.statements(&mut inside, 0, count);
            let value = self.value(&inside, &ty, 1);
            statements.push(Statement::Assign(Place::local(&name), value));
            ways.push(Block {
                statements,
                value: None,
            });
        }
        let otherwise = ways.pop();
        let then = ways.pop().expect("two ways");
        self.run(Node::If(Box::new(condition), then, otherwise), list);
        scope.add(Variable::constant(&name, ty));
    }

    /// A block with a `&mut` to a part of something, which is not touched otherwise there.
    fn borrow(&mut self, scope: &Scope, depth: usize, list: &mut Vec<Statement>) {
        let ty = if self.random.percent(40) {
            Type::Float
        } else {
            self.aggregate_type()
        };
        let Some(place) = self.place(scope, &ty, Access::Both) else {
            return;
        };
        if place.by != By::Value && place.steps.is_empty() {
            return;
        }
        let name = self.name(&ty);
        let mut inside = scope.clone();
        inside.hide(&place.root);
        inside.add(Variable {
            by: By::Mut,
            ..Variable::mutable(&name, ty.clone())
        });
        let mut statements = vec![Statement::Borrow {
            name: name.clone(),
            place,
        }];
        let count = self.random.within(1, 3);
        statements.extend(self.statements(&mut inside, depth, count));
        if let Some(to) = inside.find(&name).cloned() {
            let to = self.part(&inside, &to, &Type::Float);
            let value = self.bounded(&inside, 1);
            statements.push(Statement::Assign(to, value));
        }
        let block = Block {
            statements,
            value: None,
        };
        self.run(Node::Block(block), list);
    }

    /// One that what calls the program knows, too.
    pub(super) fn common_type(&mut self) -> Type {
        let methods = std::mem::take(&mut self.methods);
        let ty = self.aggregate_type();
        self.methods = methods;
        ty
    }

    /// Structs have floats of their own, which are not those of a generic function.
    pub(super) fn aggregate_type(&mut self) -> Type {
        let structs = usize::from(self.over == Over::Double);
        let weights = [50, 12, 22 * structs, 10, 6 * structs];
        match self.random.weighted(&weights) {
            0 => Type::floats(self.random.within(2, 3)),
            1 => Type::Array(Box::new(Type::floats(2)), 2),
            2 if self.methods && self.random.percent(40) => Type::Struct(Struct::Planet),
            2 => Type::Struct(*self.random.pick(&Struct::COMMON)),
            3 => Type::pair(),
            _ => Type::Array(Box::new(Type::Struct(Struct::Pair)), 2),
        }
    }
}
