//! What moves numbers about: `swap`, `fill`, `copy_from_slice`, `mem::swap`, `mem::replace`; and `Vec`s.

use super::scope::{Access, Scope, Variable};
use super::{Generator, LEAST};
use crate::syntax::{Binary, By, Expr, Node, Over, Place, Statement, Step, Type};

impl Generator {
    /// One of the statements.
    pub(super) fn move_about(&mut self, scope: &Scope, list: &mut Vec<Statement>) {
        let ty = Type::floats(self.random.within(2, 3));
        match self.random.below(4) {
            0 => {
                if let Some(place) = self.plain(scope, &ty, Access::Both) {
                    let mut rest = scope.clone();
                    rest.hide(&place.root);
                    let Type::Array(_, n) = ty else { return };
                    let index = |this: &mut Generator| {
                        let number = this.int(&rest, 1);
                        Expr::binary(Binary::Rem, number, Expr::int(n))
                    };
                    let (i, j) = (index(self), index(self));
                    list.push(Statement::Swap(place, i, j));
                }
            }
            1 => {
                let ty = if self.random.percent(50) {
                    Type::Float
                } else {
                    ty
                };
                if let Some((a, b)) = self.two(scope, &ty, Access::Both) {
                    list.push(Statement::Exchange(a, b));
                }
            }
            2 => {
                let slice = Type::Slice(Box::new(Type::Float));
                let ty = if self.random.percent(30) { slice } else { ty };
                if let Some(place) = self.plain(scope, &ty, Access::Write) {
                    let mut rest = scope.clone();
                    rest.hide(&place.root);
                    let value = self.bounded(&rest, 1);
                    list.push(Statement::Fill(place, value));
                }
            }
            _ => {
                let Some(to) = self.plain(scope, &ty, Access::Write) else {
                    return;
                };
                let mut rest = scope.clone();
                rest.hide(&to.root);
                if let Some(from) = self.place(&rest, &ty, Access::Read) {
                    list.push(Statement::CopyFrom(to, from));
                }
            }
        }
    }

    /// A whole variable or an element of one: of a field the macro does not see that it is an array.
    pub(super) fn plain(&mut self, scope: &Scope, ty: &Type, access: Access) -> Option<Place> {
        let place = self.place(scope, ty, access)?;
        let index = |step: &Step| matches!(step, Step::Index(_));
        place.steps.iter().all(index).then_some(place)
    }

    /// Places of two variables.
    pub(super) fn two(
        &mut self,
        scope: &Scope,
        ty: &Type,
        access: Access,
    ) -> Option<(Place, Place)> {
        let a = self.place(scope, ty, access)?;
        let mut rest = scope.clone();
        rest.hide(&a.root);
        // An index must not read what is borrowed.
        let b = self.place(&rest, ty, access)?;
        let mut both = rest;
        both.hide(&b.root);
        Some((a, b))
    }

    /// `std::mem::replace(&mut a, x)`.
    pub(super) fn replace(&mut self, scope: &Scope, depth: usize) -> Expr {
        let Some(place) = self.place(scope, &Type::Float, Access::Both) else {
            return self.atom(scope);
        };
        let mut rest = scope.clone();
        rest.hide(&place.root);
        let value = Box::new(self.bounded(&rest, depth.min(1)));
        Expr::new(Type::Float, Node::Replace(place, value))
    }

    /// `let mut v = vec![x; n + 2];` or `a.to_vec()`. Never shorter than two.
    pub(super) fn vector(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let ty = Type::Slice(Box::new(Type::Float));
        let kind = match self.random.below(3) {
            0 => ty.clone(),
            k => Type::floats(k + 1),
        };
        let mut least = LEAST;
        let mut counted = scope.clone();
        counted.variables.retain(|v| v.counted && v.by != By::Value);
        let like = self.place(&counted, &ty, Access::Read);
        let node = match self.plain(scope, &kind, Access::Read) {
            _ if let Some(place) = like
                && self.random.percent(60) =>
            {
                let value = self.bounded(scope, 1);
                Node::Counted(Box::new(value), place)
            }
            Some(place) if self.random.percent(50) => {
                least = match &kind {
                    Type::Array(_, n) => *n,
                    _ => scope.least(&place.root),
                };
                Node::ToVec(place)
            }
            _ => {
                let value = self.bounded(scope, 1);
                let length = match scope.find("n") {
                    Some(_) if self.random.percent(60) => {
                        let n = Expr::read(Type::Int, Place::local("n"));
                        Expr::binary(Binary::Add, n, Expr::int(2))
                    }
                    _ => Expr::int(self.random.within(2, 4)),
                };
                Node::Filled(Box::new(value), Box::new(length))
            }
        };
        self.fresh += 1;
        let name = format!("v{}", self.fresh);
        let mut vector = Variable {
            least,
            ..Variable::mutable(&name, ty.clone())
        };
        list.push(Statement::Let {
            name: name.clone(),
            mutable: true,
            value: Expr::new(ty, node),
        });
        // It is never copied: what is written again after it was read is mostly refused.
        if self.random.percent(50) {
            vector.by = By::Value;
            list.extend(self.fill(scope, &vector));
        }
        // Where a number is not known to be a primitive, `v[0] += v[1]` borrows the vector before it reads it.
        let known = self.over != Over::Real;
        vector.writable = known && self.random.percent(30);
        vector.scratch = known && scope.tape;
        scope.add(vector);
    }
}
