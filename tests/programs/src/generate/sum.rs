//! Options and enums: made and overwritten.

use super::Generator;
use super::scope::{Access, Scope};
use crate::syntax::{Expr, Node, Over, Statement, Sum, Type};

impl Generator {
    pub(super) fn sum_type(&mut self) -> Type {
        let sums = if self.over != Over::Double {
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
}
