//! Options and enums: made, overwritten, taken apart.

use super::Generator;
use super::scope::{Access, Scope, Variable};
use crate::syntax::{Block, Case, Expr, Node, Statement, Sum, Type};

impl Generator {
    pub(super) fn sum_type(&mut self) -> Type {
        let sums = if self.generic {
            &Sum::OPTIONS[..]
        } else {
            &Sum::ALL
        };
        Type::Sum(*self.random.pick(sums))
    }

    /// A value: a variable's, a callee's, one of two, or a variant.
    pub(super) fn sum(&mut self, scope: &Scope, sum: Sum, depth: usize) -> Expr {
        let ty = Type::Sum(sum);
        let inner = depth.saturating_sub(1);
        let branches = if depth > 0 { 10 } else { 0 };
        match self
            .random
            .weighted(&[25, 40, branches, branches, branches])
        {
            0 => {
                if let Some(place) = self.place(scope, &ty, Access::Read) {
                    return Expr::read(ty, place);
                }
            }
            1 => {}
            2 => return self.branch(scope, &ty, inner),
            3 => return self.when(scope, &ty, inner),
            _ => {
                if let Some(call) = self.call(scope, &ty, inner) {
                    return call;
                }
            }
        }
        let variants = sum.variants();
        // Those that hold something are more interesting.
        let variant = if self.random.percent(20) {
            0
        } else {
            self.random.within(1, variants.len() - 1)
        };
        let parts = variants[variant].1.iter();
        let parts = parts.map(|part| match part {
            Type::Float => self.bounded(scope, inner),
            part => self.value(scope, part, inner),
        });
        let parts = parts.collect();
        Expr::new(ty, Node::Variant(variant, parts))
    }

    /// `let`, or an assignment to what is there.
    pub(super) fn new_sum(&mut self, scope: &mut Scope, depth: usize, list: &mut Vec<Statement>) {
        let ty = self.sum_type();
        match self.place(scope, &ty, Access::Write) {
            Some(place) if self.random.percent(60) => {
                let value = self.value(scope, &ty, 2);
                list.push(Statement::Assign(place, value));
            }
            _ => self.bind(scope, ty, depth, list),
        }
    }

    /// What is matched: a variable, whose type is known.
    fn subject(&mut self, scope: &Scope) -> Option<(Sum, Expr)> {
        let start = self.random.below(Sum::ALL.len());
        (0..Sum::ALL.len()).find_map(|k| {
            let sum = Sum::ALL[(start + k) % Sum::ALL.len()];
            let place = self.place(scope, &Type::Sum(sum), Access::Read)?;
            Some((sum, Expr::read(Type::Sum(sum), place)))
        })
    }

    /// Names for what a variant holds, in a scope of their own.
    fn open(&mut self, scope: &Scope, sum: Sum, variant: usize) -> (Vec<String>, Scope) {
        let mut inside = scope.clone();
        let mut names = Vec::new();
        for part in &sum.variants()[variant].1 {
            let name = self.name(part);
            inside.add(Variable::constant(&name, part.clone()));
            names.push(name);
        }
        (names, inside)
    }

    /// `match` or `if let`, with bodies of a kind.
    fn arms(
        &mut self,
        scope: &Scope,
        mut body: impl FnMut(&mut Generator, &Scope) -> Block,
    ) -> Option<Node> {
        let (sum, subject) = self.subject(scope)?;
        let mut cases = Vec::new();
        for variant in (1..sum.variants().len()).rev() {
            if self.random.percent(25) {
                continue;
            }
            let (names, inside) = self.open(scope, sum, variant);
            let guard = self
                .random
                .percent(25)
                .then(|| self.condition(&inside.fixed(), 1));
            let body = body(self, &inside);
            cases.push(Case {
                variant: Some(variant),
                names,
                guard,
                body,
            });
        }
        let body = body(self, scope);
        cases.push(Case {
            variant: None,
            names: Vec::new(),
            guard: None,
            body,
        });
        Some(Node::When(Box::new(subject), cases))
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

    /// `let Some(x) = o else { return ..; };` and kin.
    pub(super) fn let_else(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let around = match scope.loops.last() {
            Some(around) => Some(around.clone()),
            None if scope.may_return => None,
            None => return,
        };
        let Some((sum, value)) = self.subject(scope) else {
            return;
        };
        let variant = self.random.within(1, sum.variants().len() - 1);
        let otherwise = self.leave(scope, around);
        let (names, inside) = self.open(scope, sum, variant);
        *scope = inside;
        list.push(Statement::LetElse {
            variant,
            names,
            value,
            otherwise,
        });
    }
}
