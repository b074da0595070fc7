//! Buffers that loops fill, read and change, in any nesting, and that are changed behind them.

use super::Generator;
use super::scope::{Access, Around, Scope, Variable};
use crate::syntax::{Binary, Block, Expr, Node, Place, Range, Statement, Step, Type};

impl Generator {
    /// Loops over one buffer or two, and what is done with them afterwards.
    pub(super) fn scratch(&mut self, scope: &Scope, depth: usize, list: &mut Vec<Statement>) {
        let known = scope.variables.iter().filter(|v| v.scratch);
        let mut buffers: Vec<Variable> = known.cloned().collect();
        for v in &mut buffers {
            (v.readable, v.writable) = (true, true);
        }
        let most = self.random.within(1, 2);
        while buffers.len() > most {
            buffers.remove(self.random.below(buffers.len()));
        }
        if buffers.is_empty() {
            return;
        }
        self.fills(scope, &buffers, depth.min(2), list);
        if self.random.percent(60) {
            let buffer = self.random.pick(&buffers).clone();
            self.touch(scope, &buffer, list);
        }
    }

    /// A loop whose iterations fill the buffers, or have an inner loop that does.
    fn fills(
        &mut self,
        scope: &Scope,
        buffers: &[Variable],
        depth: usize,
        list: &mut Vec<Statement>,
    ) {
        let name = self.name(&Type::Int);
        let mut inside = scope.clone();
        inside.itself = None;
        inside.loops.push(Around {
            label: None,
            value: Type::Unit,
            may_continue: false,
            block: false,
        });
        inside.add(Variable::constant(&name, Type::Int));
        let mut body = Vec::new();
        if self.random.percent(15) {
            self.stop(&inside, &mut body);
        }
        if depth > 0 && self.random.percent(45) {
            self.fills(&inside, buffers, depth - 1, &mut body);
        } else {
            for buffer in buffers {
                self.fill_one(&inside, buffer, &mut body);
                self.look(&inside, buffer, &mut body);
            }
        }
        if self.random.percent(30) {
            let buffer = self.random.pick(buffers).clone();
            self.touch(&inside, &buffer, &mut body);
        }
        if self.random.percent(12) {
            self.stop(&inside, &mut body);
        }
        let end = match self.random.below(4) {
            0 => Expr::int(self.random.within(1, 2)),
            1 => self.int(scope, 0),
            _ if scope.find("n").is_some() => Expr::read(Type::Int, Place::local("n")),
            _ => self.int(scope, 1),
        };
        let node = if self.random.percent(25) {
            list.push(Statement::Let {
                name: name.clone(),
                mutable: true,
                value: Expr::int(0),
            });
            let counter = Place::local(&name);
            let next = Statement::Update(Binary::Add, counter.clone(), Expr::int(1));
            body.push(next);
            let read = Expr::read(Type::Int, counter);
            Node::While {
                label: None,
                condition: Box::new(Expr::binary(Binary::Less, read, end)),
                body: block(body),
            }
        } else {
            Node::For {
                label: None,
                name,
                range: Range {
                    reversed: self.random.percent(30),
                    ..Range::below(end)
                },
                body: block(body),
            }
        };
        self.run(node, list);
    }

    fn fill_one(&mut self, scope: &Scope, buffer: &Variable, list: &mut Vec<Statement>) {
        let mut rest = scope.clone();
        rest.hide(&buffer.name);
        match self.random.below(5) {
            0 | 1 => {
                let value = self.bounded(&rest, 1);
                list.push(Statement::Fill(whole(buffer), value));
            }
            // By a callee, which may also change it in place.
            2 if let Some(call) = self.hand_on(scope, buffer) => {
                list.push(Statement::Do(call));
            }
            _ => list.extend(self.fill(&rest, buffer)),
        }
    }

    /// A call that has the buffer and no other one to write to.
    fn hand_on(&mut self, scope: &Scope, buffer: &Variable) -> Option<Expr> {
        let mut only = scope.clone();
        for v in &mut only.variables {
            (v.writable, v.addable) = (false, false);
        }
        only.add(buffer.clone());
        self.call(&only, &Type::Unit, 1)
    }

    /// Brings something of a buffer to a number.
    fn look(&mut self, scope: &Scope, buffer: &Variable, list: &mut Vec<Statement>) {
        let mut others = scope.clone();
        others.variables.retain(|v| v.ty == Type::Float);
        let Some(to) = self.place(&others, &Type::Float, Access::Both) else {
            return;
        };
        let part = self.part(scope, buffer, &Type::Float);
        let part = Expr::read(Type::Float, part);
        let other = self.addend(scope, 1);
        let term = Expr::binary(Binary::Mul, part, other);
        list.push(match self.random.below(3) {
            0 => {
                let sine = Expr::call_method(&crate::maths::SIN, vec![term]);
                Statement::Update(Binary::Mul, to, sine)
            }
            1 => Statement::Update(Binary::Add, to, term),
            _ => Statement::Assign(to, Expr::call_method(&crate::maths::SIN, vec![term])),
        });
    }

    /// Changes a buffer, in one element or in all.
    fn touch(&mut self, scope: &Scope, buffer: &Variable, list: &mut Vec<Statement>) {
        let mut with = scope.clone();
        with.add(buffer.clone());
        let factor = |this: &mut Self, scope: &Scope| {
            let by = this.addend(scope, 1);
            Expr::binary(Binary::Add, by, Expr::float(0.7))
        };
        match self.random.below(6) {
            0 => {
                let to = self.part(scope, buffer, &Type::Float);
                let value = self.bounded(&with, 1);
                list.push(Statement::Assign(to, value));
            }
            1 => {
                let to = self.part(scope, buffer, &Type::Float);
                let value = self.addend(&with, 1);
                list.push(Statement::Update(Binary::Add, to, value));
            }
            2 => {
                let to = self.part(scope, buffer, &Type::Float);
                let value = factor(self, &with);
                list.push(Statement::Update(Binary::Mul, to, value));
            }
            3 if let Some(call) = self.hand_on(scope, buffer) => {
                list.push(Statement::Do(call));
            }
            4 => self.fill_one(scope, buffer, list),
            _ => {
                let name = self.name(&Type::Int);
                let mut inside = scope.clone();
                inside.hide(&buffer.name);
                inside.add(Variable::constant(&name, Type::Int));
                let at = Expr::read(Type::Int, Place::local(&name));
                let length = Expr::new(Type::Int, Node::Length(whole(buffer)));
                let steps = vec![Step::Index(at)];
                let to = Place {
                    steps,
                    ..whole(buffer)
                };
                let change = if self.random.percent(50) {
                    Statement::Update(Binary::Mul, to, factor(self, &inside))
                } else {
                    Statement::Update(Binary::Add, to, self.addend(&inside, 1))
                };
                let range = Range {
                    reversed: self.random.percent(20),
                    ..Range::below(length)
                };
                let body = block(vec![change]);
                let label = None;
                let node = Node::For {
                    label,
                    name,
                    range,
                    body,
                };
                self.run(node, list);
            }
        }
    }

    /// `if .. { break; }`
    fn stop(&mut self, scope: &Scope, list: &mut Vec<Statement>) {
        let condition = self.condition(scope, 1);
        let leave = block(vec![Statement::Break(None, None)]);
        self.run(Node::If(Box::new(condition), leave, None), list);
    }
}

fn whole(buffer: &Variable) -> Place {
    Place {
        by: buffer.by,
        ..Place::local(&buffer.name)
    }
}

fn block(statements: Vec<Statement>) -> Block {
    Block {
        statements,
        value: None,
    }
}
