//! The heads of the functions that others call.

use super::Generator;
use crate::syntax::{Block, By, Function, Home, Over, Param, Struct, Type};

impl Generator {
    pub(super) fn helper(&mut self, tape: bool) -> Function {
        let home = self.home();
        self.over = match home {
            Home::Free => self.floats(),
            _ => Over::Double,
        };
        let mut params = vec![self.param(Type::Float, By::Value)];
        let recursive = home == Home::Free && tape && self.random.percent(35);
        if recursive {
            params.insert(0, self.param(Type::Int, By::Value));
        }
        for _ in 0..self.random.below(3) {
            let mut param = match self.over {
                Over::Single => self.number(),
                _ => self.input(),
            };
            let may = self.over != Over::Single && may_be_excluded(&param.ty);
            param.excluded = may && self.random.percent(10);
            params.push(param);
        }
        let ret = match self.random.weighted(&[45, 28, 18, 9]) {
            // A caller casts one number.
            _ if self.over == Over::Single => Type::Float,
            0 => Type::Float,
            1 => Type::Unit,
            2 => self.aggregate_type(),
            _ => self.sum_type(),
        };
        for _ in 0..2 {
            let more = self.over != Over::Single && self.random.percent(25);
            if ret == Type::Unit || more {
                let ty = self.output_type();
                params.push(self.param(ty, By::Mut));
            }
        }
        if self.over != Over::Single {
            self.const_lengths(&mut params);
        }
        if home != Home::Free && self.random.percent(75) {
            params.insert(0, self.receiver_param());
        }
        let head = Function {
            home,
            name: format!("h{}", self.functions.len()),
            over: self.over,
            tape,
            named: self.random.percent(40) && params.iter().any(|p| p.excluded),
            recursive,
            params,
            ret,
            body: Block::default(),
        };
        let count = self.random.within(1, 3);
        let helper = self.function(head, count);
        self.over = Over::Double;
        helper
    }

    /// Few are single: their digits decide how exactly the whole program is compared.
    fn floats(&mut self) -> Over {
        match self.random.weighted(&[72, 3, 25]) {
            0 => Over::Double,
            1 => Over::Single,
            _ => Over::Real,
        }
    }

    /// A parameter that an argument can be cast to.
    fn number(&mut self) -> Param {
        let ty = match self.random.below(4) {
            0 => Type::Int,
            1 => self.small_type(),
            _ => Type::Float,
        };
        self.param(ty, By::Value)
    }

    fn home(&mut self) -> Home {
        if !self.methods || self.random.percent(35) {
            return Home::Free;
        }
        match self.random.weighted(&[60, 20, 20]) {
            0 => Home::Method,
            1 => Home::Block,
            _ => Home::Trait,
        }
    }

    /// `self`, `&self`, `&mut self`.
    fn receiver_param(&mut self) -> Param {
        let by = match self.random.weighted(&[20, 60, 20]) {
            0 => By::Value,
            1 => By::Ref,
            _ => By::Mut,
        };
        Param {
            name: "self".to_string(),
            ty: Type::Struct(Struct::Planet),
            by,
            out: false,
            excluded: false,
            length: None,
        }
    }

    fn input(&mut self) -> Param {
        let (ty, by) = match self.random.below(8) {
            0 => (Type::Slice(Box::new(Type::Float)), By::Ref),
            1 | 2 => (self.aggregate_type(), By::Ref),
            3 => (self.aggregate_type(), By::Value),
            4 => (Type::Float, By::Ref),
            5 if self.random.percent(50) => (self.small_type(), By::Value),
            5 => (Type::Int, By::Value),
            6 => {
                let by = *self.random.pick(&[By::Value, By::Ref]);
                (self.sum_type(), by)
            }
            _ => (Type::Float, By::Value),
        };
        self.param(ty, by)
    }

    /// Makes arrays of some slices, each of a length of its own; sometimes there is such a parameter more.
    fn const_lengths(&mut self, params: &mut Vec<Param>) {
        let slice = Type::Slice(Box::new(Type::Float));
        if self.random.percent(15) {
            let more = self.param(slice.clone(), By::Ref);
            params.insert(1, more);
        }
        let mut names = ["N", "M"].into_iter();
        for param in params.iter_mut().filter(|p| p.ty == slice) {
            if self.random.percent(60) {
                param.length = names.next();
            }
        }
    }
}

fn may_be_excluded(ty: &Type) -> bool {
    matches!(ty, Type::Sum(_)) || ty.holds(&Type::Float)
}
