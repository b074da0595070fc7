//! Calls of the program's other functions.

use super::scope::{Access, Scope};
use super::{Generator, LEAST};
use crate::syntax::{Argument, Binary, By, Expr, Function, Node, Over, Param, Place, Step, Type};

impl Generator {
    /// A call of some function of this result, if there is one and its outputs have places to go to.
    pub(super) fn call(&mut self, scope: &Scope, ret: &Type, depth: usize) -> Option<Expr> {
        // A generic function knows nothing of `f64`, and one over `f32` has only its like.
        let over = self.over;
        let fits = |f: &Function| {
            let known = match f.over {
                Over::Double => over == Over::Double,
                Over::Single => over != Over::Real,
                Over::Real => true,
            };
            f.ret == *ret && (scope.tape || !f.tape) && known
        };
        let candidates: Vec<usize> = (0..scope.callable)
            .chain(scope.itself)
            .filter(|k| fits(&self.functions[*k]))
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let number = *self.random.pick(&candidates);
        let params = self.functions[number].params.clone();
        // What goes out by `&mut` is chosen first: no other argument may name it.
        let mut rest = scope.clone();
        let mut outputs = Vec::new();
        for param in params.iter().filter(|p| p.by == By::Mut) {
            let place = self.lend(&rest, param, Access::Write)?;
            rest.hide(&place.root);
            outputs.push(Argument::Mut(place));
        }
        let mut outputs = outputs.into_iter();
        let mut arguments = Vec::new();
        for (k, param) in params.iter().enumerate() {
            let counts = k == 0 && self.functions[number].recursive;
            arguments.push(match param.by {
                By::Value if counts => Argument::Value(self.rounds(&rest, number)),
                By::Mut => outputs.next()?,
                By::Ref => {
                    let shared = self.shared(&rest, param);
                    if let Argument::Ref(place) = &shared {
                        // The arguments behind it must not assign to it.
                        rest.lend_out(&place.root);
                    }
                    shared
                }
                By::Value => Argument::Value(self.value(&rest, &param.ty, depth.min(1))),
            });
        }
        Some(Expr::new(ret.clone(), Node::Call(number, arguments)))
    }

    /// How often a recursive function may go on to call itself.
    fn rounds(&mut self, scope: &Scope, number: usize) -> Expr {
        if scope.itself == Some(number) {
            let left = Place::local(&self.functions[number].params[0].name);
            let left = Expr::read(Type::Int, left);
            return Expr::binary(Binary::Sub, left, Expr::int(1));
        }
        let number = self.int(scope, 1);
        Expr::binary(Binary::Rem, number, Expr::int(4))
    }

    fn shared(&mut self, scope: &Scope, param: &Param) -> Argument {
        match self.lend(scope, param, Access::Read) {
            Some(place) => Argument::Ref(place),
            None => {
                let ty = match &param.ty {
                    Type::Slice(element) => Type::Array(element.clone(), 2),
                    ty => ty.clone(),
                };
                Argument::Temporary(self.value(scope, &ty, 1))
            }
        }
    }

    /// The place of an argument. For a slice: a slice, an array, or a window of either.
    fn lend(&mut self, scope: &Scope, param: &Param, access: Access) -> Option<Place> {
        let ty = &param.ty;
        if param.length.is_some() {
            return self.lend_array(scope, access);
        }
        let Type::Slice(_) = ty else {
            return self.place(scope, ty, access);
        };
        let kinds = [ty.clone(), Type::floats(2), Type::floats(3)];
        let start = self.random.below(3);
        let mut found = None;
        for k in 0..3 {
            let kind = &kinds[(start + k) % 3];
            if let Some(place) = self.place(scope, kind, access)
                && (kind != ty || scope.least(&place.root) >= LEAST)
            {
                found = Some((place, kind));
                break;
            }
        }
        let (mut place, kind) = found?;
        if self.random.percent(35) {
            let length = match kind {
                Type::Array(_, n) => Expr::int(*n),
                _ => Expr::new(Type::Int, Node::Length(place.clone())),
            };
            let low = Expr::binary(Binary::Sub, length, Expr::int(2));
            // While a slice is borrowed mutably its length cannot be asked for.
            let ways = if access == Access::Read || *kind != *ty {
                3
            } else {
                0
            };
            let (low, high) = match self.random.below(ways.max(1)) {
                _ if ways == 0 => (Expr::int(0), Expr::int(2)),
                0 => (low.clone(), Expr::binary(Binary::Add, low, Expr::int(2))),
                1 => (low.clone(), Expr::binary(Binary::Add, Expr::int(2), low)),
                _ => (Expr::int(0), Expr::int(2)),
            };
            place.steps.push(Step::Range(low, high));
        }
        Some(place)
    }

    /// An array, whatever its length.
    fn lend_array(&mut self, scope: &Scope, access: Access) -> Option<Place> {
        let slice = Type::Slice(Box::new(Type::Float));
        let mut counted = scope.clone();
        counted.variables.retain(|v| v.counted && v.by != By::Value);
        if self.random.percent(50)
            && let Some(place) = self.place(&counted, &slice, access)
        {
            return Some(place);
        }
        let ty = Type::floats(self.random.within(2, 3));
        self.place(scope, &ty, access)
    }
}
