//! Options and enums: made and overwritten.

use super::Generator;
use super::scope::{Access, Scope};
use crate::syntax::{Block, Expr, Node, Over, Statement, Sum, Type};

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
        if sum == Sum::MaybeMaybe && variant == 0 {
            return self.maybe_none(scope, inner);
        }
        let parts = variants[variant].1.iter();
        let parts = parts.map(|part| match part {
            Type::Float => self.bounded(scope, inner),
            // `Some(None)` loses its type in generated code.
            Type::Sum(_) => match self.place(scope, part, Access::Read) {
                Some(place) if self.random.percent(30) => Expr::read(part.clone(), place),
                _ => {
                    let held = vec![self.bounded(scope, inner)];
                    Expr::new(part.clone(), Node::Variant(1, held))
                }
            },
            part => self.value(scope, part, inner),
        });
        let parts = parts.collect();
        Expr::new(ty, Node::Variant(variant, parts))
    }

    /// `if .. { None } else { Some(Some(x)) }`: a `None` that is known to be one loses its type in generated code.
    fn maybe_none(&mut self, scope: &Scope, depth: usize) -> Expr {
        let ty = Type::Sum(Sum::MaybeMaybe);
        let held = Expr::new(
            Type::Sum(Sum::Maybe),
            Node::Variant(1, vec![self.bounded(scope, depth)]),
        );
        let ways = [(0, Vec::new()), (1, vec![held])].map(|(variant, parts)| Block {
            statements: Vec::new(),
            value: Some(Box::new(Expr::new(
                ty.clone(),
                Node::Variant(variant, parts),
            ))),
        });
        let condition = self.condition(&scope.fixed(), 1);
        let [none, some] = ways;
        Expr::new(ty, Node::If(Box::new(condition), none, Some(some)))
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
