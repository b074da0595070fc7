//! Floats and what is made of them.

use super::Generator;
use super::scope::{Access, Scope};
use crate::maths::{Domain, FUNCTIONS, SIN, TANH};
use crate::syntax::{Binary, Block, Expr, Node, Over, Type};

impl Generator {
    pub(super) fn atom(&mut self, scope: &Scope) -> Expr {
        match self.random.weighted(&[80, 12, 8]) {
            0 => match self.place(scope, &Type::Float, Access::Read) {
                Some(place) => Expr::read(Type::Float, place),
                None => self.literal(),
            },
            1 => self.literal(),
            _ if self.random.percent(25) => self.small_float(scope),
            _ => {
                let number = self.int(scope, 0);
                Expr::new(Type::Float, Node::Cast(Box::new(number)))
            }
        }
    }

    fn literal(&mut self) -> Expr {
        Expr::float(*self.random.pick(&[0.5, 1.0, -0.7, 2.0, 0.3, 1.5, 0.0]))
    }

    pub(super) fn float(&mut self, scope: &Scope, depth: usize) -> Expr {
        if depth == 0 {
            return self.atom(scope);
        }
        let inner = depth - 1;
        let operators = [Binary::Add, Binary::Sub, Binary::Mul];
        match self.random.weighted(&[
            18, 14, 9, 18, 5, 4, 18, 4, 5, 2, 9, 1, 2, 1, 1, 4, 5, 4, 3, 2, 1,
        ]) {
            0 => self.atom(scope),
            k @ 1..=3 => {
                let (a, b) = (self.float(scope, inner), self.float(scope, inner));
                Expr::binary(operators[k - 1], a, b)
            }
            4 => {
                let (a, b) = (
                    self.float(scope, inner),
                    self.tame(scope, Domain::Positive, inner),
                );
                Expr::binary(Binary::Div, a, b)
            }
            5 => {
                let a = self.float(scope, inner);
                Expr::new(Type::Float, Node::Neg(Box::new(a)))
            }
            6 => {
                let method = self.random.pick(FUNCTIONS);
                let mut arguments = Vec::new();
                for domain in method.domains {
                    arguments.push(self.tame(scope, *domain, inner));
                }
                arguments[0] = self.receiver(arguments[0].clone());
                Expr::call_method(method, arguments)
            }
            7 => {
                let (a, n) = (self.float(scope, inner), self.random.below(4));
                let a = self.receiver(a);
                if self.random.percent(25) {
                    return self.power(scope, a);
                }
                Expr::new(Type::Float, Node::Powi(Box::new(a), n as i32))
            }
            8 => self.branch(scope, &Type::Float, inner),
            9 => self.choice(scope, &Type::Float, inner),
            10 => self
                .call(scope, &Type::Float, inner)
                .unwrap_or_else(|| self.atom(scope)),
            11 => {
                let block = self.block(scope, &Type::Float, inner);
                Expr::new(Type::Float, Node::Block(block))
            }
            12 => {
                let a = self.float(scope, inner);
                Expr::new(Type::Float, Node::StopGradient(Box::new(a)))
            }
            13 => {
                let (a, b) = (
                    self.float(scope, inner),
                    self.tame(scope, Domain::Positive, inner),
                );
                Expr::binary(Binary::Rem, a, b)
            }
            14 => self.loop_value(scope, inner),
            15 => self.when(scope, &Type::Float, inner),
            16 => self.chain(scope, inner),
            17 => self.apply(scope, inner),
            18 => self.on_option(scope, inner),
            19 => self.labeled(scope, inner),
            _ => self.replace(scope, inner),
        }
    }

    /// An argument that a function is well conditioned at.
    fn tame(&mut self, scope: &Scope, domain: Domain, depth: usize) -> Expr {
        let a = self.float(scope, depth);
        let square = |a: Expr| Expr::binary(Binary::Mul, a.clone(), a);
        match domain {
            Domain::All => a,
            Domain::Large | Domain::Positive => {
                let atom = self.atom(scope);
                let least = if domain == Domain::Large { 1.5 } else { 0.7 };
                Expr::binary(Binary::Add, square(atom), Expr::float(least))
            }
            Domain::Unit => {
                let sine = Expr::call_method(&SIN, vec![self.receiver(a)]);
                Expr::binary(Binary::Mul, Expr::float(0.8), sine)
            }
        }
    }

    /// Something that a method can be called on: rustc has to know its type.
    pub(super) fn receiver(&mut self, a: Expr) -> Expr {
        if a.is_bare_literal() {
            self.literal()
        } else {
            a
        }
    }

    /// A value that does not grow when it is assigned again and again.
    pub(super) fn bounded(&mut self, scope: &Scope, depth: usize) -> Expr {
        let a = self.float(scope, depth);
        match self.random.below(5) {
            0 => Expr::call_method(&SIN, vec![self.receiver(a)]),
            1 => Expr::call_method(&TANH, vec![self.receiver(a)]),
            2 => Expr::binary(Binary::Mul, Expr::float(0.3), a),
            3 => Expr::binary(Binary::Mul, a, Expr::float(0.5)),
            _ => a,
        }
    }

    /// What may stand on the right of `+=`. Of a generic number the left side is borrowed before the right one is computed.
    pub(super) fn addend(&mut self, scope: &Scope, depth: usize) -> Expr {
        if self.over == Over::Real {
            self.bounded(&scope.fixed(), depth)
        } else {
            self.bounded(scope, depth)
        }
    }

    /// A value of any type.
    pub(super) fn value(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expr {
        match ty {
            Type::Unit | Type::Slice(_) => unreachable!("no value has this type"),
            Type::Float => self.float(scope, depth),
            Type::Int => self.int(scope, 1),
            Type::Small(kind) => self.small(scope, *kind, 1),
            Type::Bool => self.condition(scope, depth.min(1)),
            Type::Array(..) | Type::Tuple(_) | Type::Struct(_) => self.aggregate(scope, ty, depth),
            Type::Sum(sum) => self.sum(scope, *sum, depth),
        }
    }

    fn aggregate(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expr {
        let inner = depth.saturating_sub(1);
        let branches = if depth > 0 { 6 } else { 0 };
        match self.random.weighted(&[30, 40, branches, branches, 8]) {
            0 => {
                if let Some(place) = self.place(scope, ty, Access::Read) {
                    return Expr::read(ty.clone(), place);
                }
            }
            1 => {}
            2 => return self.branch(scope, ty, inner),
            3 => {
                if let Some(call) = self.call(scope, ty, inner) {
                    return call;
                }
            }
            _ => {
                if let Type::Array(element, _) = ty {
                    let element = self.value(scope, element, inner);
                    return Expr::new(ty.clone(), Node::Repeat(Box::new(element)));
                }
                if *ty == Type::pair() {
                    let a = self.float(scope, inner);
                    let a = self.receiver(a);
                    return Expr::new(ty.clone(), Node::SinCos(Box::new(a)));
                }
            }
        }
        let types = match ty {
            Type::Array(element, n) => vec![(**element).clone(); *n],
            _ => ty.parts(),
        };
        let parts = types
            .iter()
            .map(|ty| self.value(scope, ty, inner.min(1)))
            .collect();
        Expr::new(ty.clone(), Node::Build(parts))
    }

    /// `if` as a value.
    pub(super) fn branch(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expr {
        let condition = self.condition(scope, 1);
        let then = self.block(scope, ty, depth);
        let otherwise = self.block(scope, ty, depth);
        Expr::new(
            ty.clone(),
            Node::If(Box::new(condition), then, Some(otherwise)),
        )
    }

    /// `match` as a value.
    fn choice(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Expr {
        let node = self.number_arms(scope, |this, inside| this.block(inside, ty, depth));
        Expr::new(ty.clone(), node)
    }

    /// A block with a value: mostly the value alone.
    pub(super) fn block(&mut self, scope: &Scope, ty: &Type, depth: usize) -> Block {
        let mut scope = scope.clone();
        let mut statements = Vec::new();
        // A jump out of the middle of a value would leave the rest half computed, so here there are no loops to leave.
        scope.loops.clear();
        scope.may_return = false;
        if self.random.percent(4) {
            let count = self.random.within(1, 2);
            statements = self.statements(&mut scope, depth.min(1), count);
        }
        let value = Some(Box::new(self.value(&scope, ty, depth)));
        Block { statements, value }
    }
}
