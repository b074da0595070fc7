//! Ways out of loops and functions.

use super::Generator;
use super::scope::{Around, Scope};
use crate::syntax::{Block, Expr, Node, Statement, Type};

impl Generator {
    /// `if .. { break; }` and kin. Without a loop, a `return`.
    pub(super) fn leave_if(
        &mut self,
        scope: &Scope,
        around: Option<Around>,
        list: &mut Vec<Statement>,
    ) {
        let condition = self.condition(scope, 2);
        let then = self.leave(scope, around);
        self.run(Node::If(Box::new(condition), then, None), list);
    }

    pub(super) fn leave(&mut self, scope: &Scope, around: Option<Around>) -> Block {
        let mut inside = scope.clone();
        let count = if self.random.percent(40) { 1 } else { 0 };
        let mut statements = self.statements(&mut inside, 0, count);
        let value = |this: &mut Generator, ty: &Type| {
            (*ty != Type::Unit).then(|| this.value(&inside, ty, 2))
        };
        statements.push(match around {
            None => Statement::Return(value(self, &scope.ret)),
            Some(around) => {
                let innermost = scope.loops.last().is_some_and(|l| l.label == around.label);
                let label = match around.label {
                    Some(_) if innermost && !around.block && self.random.percent(50) => None,
                    label => label,
                };
                if around.may_continue && self.random.percent(50) {
                    Statement::Continue(label)
                } else {
                    Statement::Break(label, value(self, &around.value))
                }
            }
        });
        Block {
            statements,
            value: None,
        }
    }

    /// `let x = if .. { value } else { return ..; };` and kin.
    pub(super) fn leaving_branch(
        &mut self,
        scope: &mut Scope,
        depth: usize,
        list: &mut Vec<Statement>,
    ) {
        let around = match scope.loops.last() {
            Some(around) => Some(around.clone()),
            None if scope.may_return => None,
            None => return,
        };
        if self.random.percent(70) {
            return self.leave_if(scope, around, list);
        }
        let condition = self.condition(scope, 1);
        let mut inside = scope.clone();
        let then = Block {
            statements: self.statements(&mut inside, depth.min(1), 1),
            value: Some(Box::new(self.value(&inside, &Type::Float, 2))),
        };
        let otherwise = self.leave(scope, around);
        let node = if self.random.percent(50) {
            Node::If(Box::new(condition), then, Some(otherwise))
        } else {
            Node::If(Box::new(condition), otherwise, Some(then))
        };
        self.bind_value(scope, Expr::new(Type::Float, node), list);
    }
}
