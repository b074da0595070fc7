//! Integers of other types than `usize`.
//!
//! What a variable holds stays below ten, so that no operation on two of them overflows but those that are made for it.

use super::Generator;
use super::scope::{Access, Scope};
use crate::syntax::{Binary, Expr, Kind, Node, OnInteger, Over, Type};

impl Generator {
    pub(super) fn small_type(&mut self) -> Type {
        Type::Small(*self.random.pick(&Kind::ALL))
    }

    /// A number below ten.
    pub(super) fn small(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Expr {
        if depth == 0 {
            return self.small_atom(scope, kind);
        }
        let (a, b) = (self.small_atom(scope, kind), self.small_atom(scope, kind));
        let of = |method: OnInteger, list: Vec<Expr>| {
            Expr::new(Type::Small(kind), Node::OnInteger(method, list))
        };
        let signed = usize::from(kind.signed());
        let value = match self
            .random
            .weighted(&[30, 12, 6 * signed, 8, 6, 6, 4, 6, 5, 5 * signed])
        {
            0 => return a,
            1 => Expr::binary(Binary::Add, a, b),
            2 => Expr::binary(Binary::Sub, a, b),
            3 => Expr::binary(Binary::Mul, a, b),
            4 => {
                let method = *self.random.pick(&[OnInteger::Min, OnInteger::Max]);
                return of(method, vec![a, b]);
            }
            5 => of(
                *self
                    .random
                    .pick(&[OnInteger::WrappingAdd, OnInteger::WrappingSub]),
                vec![a, b],
            ),
            6 => of(OnInteger::WrappingMul, vec![a, b]),
            7 => of(OnInteger::SaturatingSub, vec![a, b]),
            8 => of(OnInteger::Pow, vec![a]),
            _ => {
                let method = *self.random.pick(&[OnInteger::Abs, OnInteger::Signum]);
                return of(method, vec![a]);
            }
        };
        let most = Expr::small(kind, self.random.within(2, 9) as i64);
        match self.random.below(3) {
            0 => of(OnInteger::RemEuclid, vec![value, most]),
            1 => {
                // A hundred at most, but for what wraps.
                let quotient = of(OnInteger::DivEuclid, vec![value, Expr::small(kind, 7)]);
                Expr::binary(Binary::Rem, quotient, most)
            }
            _ => Expr::binary(Binary::Rem, value, most),
        }
    }

    fn small_atom(&mut self, scope: &Scope, kind: Kind) -> Expr {
        let ty = Type::Small(kind);
        match self.random.below(10) {
            0..6 if let Some(place) = self.place(scope, &ty, Access::Read) => {
                return Expr::read(ty, place);
            }
            6 | 7 => {
                let number = self.int(scope, 0);
                let number = Expr::binary(Binary::Rem, number, Expr::int(7));
                return Expr::new(ty, Node::Cast(Box::new(number)));
            }
            // `Real` has no cast to an integer. Between -4.6 and 4.6: what is negative and has no sign is zero.
            8 if self.over != Over::Real => {
                let a = self.float(scope, 0);
                let sine = Expr::call_method(&crate::maths::SIN, vec![self.receiver(a)]);
                let wide = Expr::binary(Binary::Mul, sine, Expr::float(4.6));
                return Expr::new(ty, Node::Cast(Box::new(wide)));
            }
            _ => {}
        }
        let least = if kind.signed() { 3 } else { 0 };
        Expr::small(kind, self.random.below(7 + least) as i64 - least as i64)
    }

    /// A variable of one of the types, or a number.
    pub(super) fn some_small(&mut self, scope: &Scope, depth: usize) -> (Kind, Expr) {
        let known = |kind: &&Kind| !scope.having(&Type::Small(**kind), Access::Read).is_empty();
        let kinds: Vec<Kind> = Kind::ALL.iter().filter(known).copied().collect();
        let kind = match kinds.is_empty() {
            true => *self.random.pick(&Kind::ALL),
            false => *self.random.pick(&kinds),
        };
        (kind, self.small(scope, kind, depth))
    }

    /// As a float.
    pub(super) fn small_float(&mut self, scope: &Scope) -> Expr {
        let (kind, number) = self.some_small(scope, 0);
        let number = Box::new(number);
        // There is no `From<i64>`.
        let node = match kind != Kind::I64 && self.random.percent(50) {
            true => Node::Widen(number),
            false => Node::Cast(number),
        };
        Expr::new(Type::Float, node)
    }

    /// As an index or a count.
    pub(super) fn small_int(&mut self, scope: &Scope) -> Expr {
        let (kind, mut number) = self.some_small(scope, 0);
        if kind.signed() {
            let list = vec![number, Expr::small(kind, self.random.within(2, 4) as i64)];
            number = Expr::new(
                Type::Small(kind),
                Node::OnInteger(OnInteger::RemEuclid, list),
            );
        }
        Expr::new(Type::Int, Node::Cast(Box::new(number)))
    }

    /// `x.powi(k)`.
    pub(super) fn power(&mut self, scope: &Scope, a: Expr) -> Expr {
        let power = self.small(scope, Kind::I32, 0);
        let list = vec![
            power,
            Expr::small(Kind::I32, self.random.within(2, 4) as i64),
        ];
        let power = Expr::new(
            Type::Small(Kind::I32),
            Node::OnInteger(OnInteger::RemEuclid, list),
        );
        Expr::new(Type::Float, Node::PowiBy(Box::new(a), Box::new(power)))
    }
}
