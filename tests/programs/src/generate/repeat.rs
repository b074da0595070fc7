//! Loops.

use super::Generator;
use super::scope::{Access, Around, Extent, Facts, Scope, Variable};
use crate::syntax::{
    Binary, Block, By, Expr, Kind, Node, OnInteger, Place, Range, Statement, Type,
};

impl Generator {
    /// A loop as a statement.
    pub(super) fn repeat(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        match self.random.weighted(&[55, 15, 10, 20]) {
            0 => self.count(scope, depth, list),
            1 => self.while_loop(scope, depth, list),
            3 => self.each(scope, depth, list),
            _ => {
                let counter = self.counter(scope, list);
                let around = self.around(Type::Unit, true);
                let body = self.endless(scope, depth, &counter, &around);
                let label = around.label;
                self.run(Node::Loop { label, body }, list);
            }
        }
    }

    pub(super) fn around(&mut self, value: Type, may_continue: bool) -> Around {
        let label = self.random.percent(35).then(|| {
            self.fresh += 1;
            format!("l{}", self.fresh)
        });
        Around {
            label,
            value,
            may_continue,
            block: false,
        }
    }

    /// The scope of a body. A loop whose length is known when it is compiled may overwrite what it reads.
    pub(super) fn body_scope(&mut self, scope: &Scope, around: &Around, constant: bool) -> Scope {
        let mut inside = scope.clone();
        inside.itself = None;
        // A constant loop that is left early has no constant length.
        if scope.tape && (!constant || self.random.percent(50)) {
            inside.freeze(&mut self.random);
        } else if !constant {
            inside.reduce(&mut self.random);
            // A counter of a loop with several ways out is kept, too.
            if self.random.percent(80) {
                inside.loops.clear();
                inside.may_return = false;
                return inside;
            }
        }
        inside.loops.push(around.clone());
        inside
    }

    fn count(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        let (range, facts, constant) = match self.random.percent(8) {
            true => self.small_range(scope),
            false => self.range(scope),
        };
        let around = self.around(Type::Unit, true);
        let mut inside = self.body_scope(scope, &around, constant);
        let ty = range.start.ty.clone();
        let name = self.name(&ty);
        inside.add(Variable {
            range: facts,
            ..Variable::constant(&name, ty)
        });
        let outside = inside.variables.len();
        let count = self.random.within(1, 3);
        let mut statements = self.statements(&mut inside, depth, count);
        self.use_up(&inside, outside, &mut statements);
        let body = Block {
            statements,
            value: None,
        };
        let label = around.label;
        let node = Node::For {
            label,
            name,
            range,
            body,
        };
        self.run(node, list);
    }

    /// The same over numbers that are no indices.
    fn small_range(&mut self, scope: &Scope) -> (Range, Option<Facts>, bool) {
        let kind = *self.random.pick(&Kind::ALL);
        let constant = !scope.tape || self.random.percent(50);
        let start = self.random.below(3) as i64 - if kind.signed() { 2 } else { 0 };
        let end = match constant {
            true => Expr::small(kind, start + self.random.within(1, 3) as i64),
            false => {
                let end = self.small(scope, kind, 0);
                let list = vec![end, Expr::small(kind, 4)];
                Expr::new(
                    Type::Small(kind),
                    Node::OnInteger(OnInteger::RemEuclid, list),
                )
            }
        };
        let range = Range {
            start: Box::new(Expr::small(kind, start)),
            end: Box::new(end),
            inclusive: self.random.percent(20),
            reversed: self.random.percent(20),
            step: 1,
        };
        (range, None, constant)
    }

    /// A range, what is known of the numbers in it, and whether its length is constant.
    fn range(&mut self, scope: &Scope) -> (Range, Option<Facts>, bool) {
        let mut range = Range {
            reversed: self.random.percent(22),
            step: if self.random.percent(14) {
                self.random.within(2, 3)
            } else {
                1
            },
            ..Range::below(Expr::int(0))
        };
        let below = |least, below, room| Some(Facts { least, below, room });
        let constant = if scope.tape { 4 } else { 7 };
        match self.random.weighted(&[constant, 2, 2, 2]) {
            0 => {
                let start = self.random.below(3) / 2;
                let length = self.random.weighted(&[3, 12, 40, 45]);
                range.start = Box::new(Expr::int(start));
                range.inclusive = self.random.percent(15);
                range.end = Box::new(Expr::int(start + length));
                let end = start + length + usize::from(range.inclusive);
                (range, below(start, Extent::Constant(end), 0), true)
            }
            1 => {
                let slices = scope.having(&Type::Slice(Box::new(Type::Float)), Access::Read);
                if slices.is_empty() {
                    range.end = Box::new(self.int(scope, 0));
                    return (range, None, false);
                }
                let slice = *self.random.pick(&slices);
                let extent = Extent::Length(slice.name.clone());
                let place = Place {
                    by: slice.by,
                    ..Place::local(&slice.name)
                };
                let length = Expr::new(Type::Int, Node::Length(place));
                let (least, room) = *self.random.pick(&[(0, 0), (0, 0), (1, 0), (0, 1), (1, 1)]);
                let room = room.min(slice.least);
                range.start = Box::new(Expr::int(least));
                range.end = Box::new(match room {
                    0 => length,
                    _ => Expr::binary(Binary::Sub, length, Expr::int(room)),
                });
                (range, below(least, extent, room), false)
            }
            2 => {
                range.start = Box::new(Expr::int(self.random.below(2)));
                range.end = Box::new(Expr::read(Type::Int, Place::local("n")));
                if scope.find("n").is_none() {
                    range.end = Box::new(self.int(scope, 0));
                }
                range.inclusive = self.random.percent(20);
                (range, None, false)
            }
            _ => {
                range.start = Box::new(self.int(scope, 0));
                let rest = self.int(scope, 1);
                range.end = Box::new(Expr::binary(Binary::Rem, rest, Expr::int(5)));
                if self.random.percent(50) {
                    range.start = Box::new(Expr::int(0));
                }
                range.inclusive = self.random.percent(20);
                (range, None, false)
            }
        }
    }

    /// `let mut k = 0;`
    fn counter(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) -> String {
        let name = self.name(&Type::Int);
        list.push(Statement::Let {
            name: name.clone(),
            mutable: true,
            value: Expr::int(0),
        });
        // Others read it: if they wrote it, the loop might not end.
        scope.add(Variable::constant(&name, Type::Int));
        name
    }

    fn next(&mut self, counter: &str) -> Statement {
        Statement::Update(Binary::Add, Place::local(counter), Expr::int(1))
    }

    /// The end of the counting: a number, sometimes one known only at run time.
    fn limit(&mut self, scope: &Scope) -> Expr {
        if scope.find("n").is_some() && self.random.percent(50) {
            Expr::read(Type::Int, Place::local("n"))
        } else {
            Expr::int(self.random.within(1, 3))
        }
    }

    fn while_loop(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        let counter = self.counter(scope, list);
        let read = Expr::read(Type::Int, Place::local(&counter));
        let limit = self.limit(scope);
        let mut condition = Expr::binary(Binary::Less, read, limit);
        let counts_last = self.random.percent(40);
        let around = self.around(Type::Unit, !counts_last);
        let mut inside = self.body_scope(scope, &around, false);
        if self.random.percent(50) {
            let more = self.condition(&inside, 1);
            condition = Expr::binary(Binary::And, condition, more);
        }
        let outside = inside.variables.len();
        let count = self.random.within(1, 3);
        let mut statements = self.statements(&mut inside, depth, count);
        self.use_up(&inside, outside, &mut statements);
        let next = self.next(&counter);
        let at = if counts_last { statements.len() } else { 0 };
        statements.insert(at, next);
        let body = Block {
            statements,
            value: None,
        };
        let node = Node::While {
            label: around.label,
            condition: Box::new(condition),
            body,
        };
        self.run(node, list);
    }

    /// The body of a `loop` that counts, and breaks when it has counted enough.
    fn endless(&mut self, scope: &Scope, depth: usize, counter: &str, around: &Around) -> Block {
        let mut inside = self.body_scope(scope, around, false);
        let read = Expr::read(Type::Int, Place::local(counter));
        let limit = self.limit(scope);
        let mut condition = Expr::binary(Binary::AtMost, limit, read);
        if self.random.percent(40) {
            let early = self.condition(&inside, 1);
            condition = Expr::binary(Binary::Or, condition, early);
        }
        let value = (around.value != Type::Unit).then(|| self.value(&inside, &around.value, 1));
        let leave = Block {
            statements: vec![Statement::Break(None, value)],
            value: None,
        };
        let mut statements = Vec::new();
        let first = self.random.percent(50);
        if first {
            self.run(
                Node::If(Box::new(condition.clone()), leave.clone(), None),
                &mut statements,
            );
        }
        statements.push(self.next(counter));
        if !first {
            self.run(Node::If(Box::new(condition), leave, None), &mut statements);
        }
        let outside = inside.variables.len();
        let count = self.random.within(1, 3);
        statements.extend(self.statements(&mut inside, depth, count));
        self.use_up(&inside, outside, &mut statements);
        Block {
            statements,
            value: None,
        }
    }

    /// `{ let mut k = 0; loop { .. break value; } }`
    pub(super) fn loop_value(&mut self, scope: &Scope, depth: usize) -> Expr {
        let mut inside = scope.clone();
        inside.loops.clear();
        inside.may_return = false;
        let mut statements = Vec::new();
        let counter = self.counter(&mut inside, &mut statements);
        let around = self.around(Type::Float, true);
        let body = self.endless(&inside, depth.min(1), &counter, &around);
        let label = around.label;
        let node = Node::Loop { label, body };
        let value = Some(Box::new(Expr::new(Type::Float, node)));
        Expr::new(Type::Float, Node::Block(Block { statements, value }))
    }

    /// What fills an output whose old contents are not asked for.
    pub(super) fn fill(&mut self, scope: &Scope, output: &Variable) -> Vec<Statement> {
        let whole = Place {
            by: By::Mut,
            ..Place::local(&output.name)
        };
        let (end, element) = match &output.ty {
            Type::Slice(element) => (
                Expr::new(Type::Int, Node::Length(whole.clone())),
                element.clone(),
            ),
            Type::Array(element, n) => (Expr::int(*n), element.clone()),
            ty => {
                let value = self.value(scope, ty, 1);
                return vec![Statement::Assign(whole, value)];
            }
        };
        let name = self.name(&Type::Int);
        let mut inside = scope.clone();
        inside.add(Variable::constant(&name, Type::Int));
        let value = self.value(&inside, &element, 2);
        let index = Expr::read(Type::Int, Place::local(&name));
        let place = Place {
            steps: vec![crate::syntax::Step::Index(index)],
            ..whole
        };
        let body = Block {
            statements: vec![Statement::Assign(place, value)],
            value: None,
        };
        let range = Range::below(end);
        let mut list = Vec::new();
        let label = None;
        self.run(
            Node::For {
                label,
                name,
                range,
                body,
            },
            &mut list,
        );
        list
    }
}
