//! References that a branch chooses, and slices in two parts.

use super::Generator;
use super::scope::{Access, Scope, Variable};
use crate::syntax::{Binary, Block, By, Expr, Node, Place, Statement, Step, Type};

impl Generator {
    /// A block with a reference to one of two places, which are not touched otherwise there if it is a `&mut`.
    pub(super) fn choose(&mut self, scope: &Scope, depth: usize, list: &mut Vec<Statement>) {
        let mutable = self.random.percent(60);
        let ty = match self.random.below(10) {
            0..=2 => Type::Float,
            3 => Type::pair(),
            _ => Type::floats(self.random.within(2, 3)),
        };
        let access = if mutable { Access::Both } else { Access::Read };
        let Some((a, b)) = self.two(scope, &ty, access) else {
            return;
        };
        let condition = self.condition(scope, 1);
        let name = self.name(&ty);
        let mut inside = scope.clone();
        for place in [&a, &b] {
            self.lent(&mut inside, place, mutable);
        }
        inside.add(Variable {
            by: if mutable { By::Mut } else { By::Ref },
            writable: mutable,
            ..Variable::constant(&name, ty)
        });
        let statement = Statement::Choose {
            name: name.clone(),
            mutable,
            condition,
            places: [a, b],
        };
        self.with(scope, inside, vec![statement], &[name], depth, list);
    }

    /// A block with the two parts of something.
    pub(super) fn split(&mut self, scope: &Scope, depth: usize, list: &mut Vec<Statement>) {
        let mutable = self.random.percent(60);
        let access = if mutable { Access::Both } else { Access::Read };
        let Some((place, constant)) = self.source(scope, access) else {
            return;
        };
        // Of a field the macro does not see that it is an array.
        if place
            .steps
            .iter()
            .any(|step| matches!(step, Step::Field(..)))
        {
            return;
        }
        let slice = Type::Slice(Box::new(Type::Float));
        let least = match constant {
            Some(n) => n,
            None => scope.least(&place.root),
        };
        let mut statements = Vec::new();
        let (at, parts) = if self.random.percent(40) {
            // The length has to be known before it is lent.
            let name = self.name(&Type::Int);
            let length = Expr::new(Type::Int, Node::Length(place.clone()));
            statements.push(Statement::Let {
                name: name.clone(),
                mutable: false,
                value: Expr::binary(Binary::Div, length, Expr::int(2)),
            });
            let read = Expr::read(Type::Int, Place::local(&name));
            (read, [least / 2, least - least / 2])
        } else {
            let at = self.random.within(0, least);
            (Expr::int(at), [at, least - at])
        };
        let mut inside = scope.clone();
        self.lent(&mut inside, &place, mutable);
        let names = [self.name(&slice), self.name(&slice)];
        for (name, least) in names.iter().zip(parts) {
            let mut part = Variable {
                by: if mutable { By::Mut } else { By::Ref },
                writable: mutable,
                least,
                ..Variable::constant(name, slice.clone())
            };
            // What has no size cannot be copied: mostly one of the parts is read and the other one added to.
            if mutable && self.random.percent(70) {
                part.writable = false;
                part.addable = self.random.percent(50);
                part.readable = !part.addable;
            }
            inside.add(part);
        }
        statements.push(Statement::Split {
            names: names.clone(),
            mutable,
            place,
            at,
        });
        self.with(scope, inside, statements, &names, depth, list);
    }

    /// What is lent out cannot be touched, or not be changed.
    fn lent(&mut self, inside: &mut Scope, place: &Place, mutable: bool) {
        if mutable {
            inside.hide(&place.root);
        }
        inside.lend_out(&place.root);
    }

    /// The block, in which the names are used at least once.
    fn with(
        &mut self,
        scope: &Scope,
        mut inside: Scope,
        mut statements: Vec<Statement>,
        names: &[String],
        depth: usize,
        list: &mut Vec<Statement>,
    ) {
        let count = self.random.within(1, 3);
        let outside = scope.variables.len();
        statements.extend(self.statements(&mut inside, depth, count));
        for name in names {
            let Some(variable) = inside.find(name).cloned() else {
                continue;
            };
            let alone = Scope {
                variables: vec![variable.clone()],
                ..inside.clone()
            };
            let can = |access| !alone.having(&Type::Float, access).is_empty();
            let (adds, writes, reads) = (can(Access::Add), can(Access::Both), can(Access::Read));
            let value = self.addend(&inside, 1);
            if adds {
                let to = self.part(&inside, &variable, &Type::Float);
                statements.push(match writes && self.random.percent(50) {
                    true => Statement::Assign(to, value),
                    false => Statement::Update(Binary::Add, to, value),
                });
            } else if reads {
                let from = self.part(&inside, &variable, &Type::Float);
                let mut before = inside.clone();
                before.variables.truncate(outside);
                if let Some(to) = self.place(&before, &Type::Float, Access::Add) {
                    let term = Expr::binary(Binary::Mul, Expr::read(Type::Float, from), value);
                    statements.push(Statement::Update(Binary::Add, to, term));
                }
            }
        }
        let block = Block {
            statements,
            value: None,
        };
        self.run(Node::Block(block), list);
    }
}
