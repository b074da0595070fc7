//! The types of the programs.

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Unit,
    Float,
    /// `usize`.
    Int,
    /// A small integer of another type.
    Small(Kind),
    Bool,
    Array(Box<Type>, usize),
    /// Behind a reference only.
    Slice(Box<Type>),
    Tuple(Vec<Type>),
    Struct(Struct),
    Sum(Sum),
}

impl Type {
    pub(crate) fn floats(n: usize) -> Type {
        Type::Array(Box::new(Type::Float), n)
    }

    pub(crate) fn pair() -> Type {
        Type::Tuple(vec![Type::Float, Type::Float])
    }

    /// The types one step further in. An array has its element's once.
    pub(crate) fn parts(&self) -> Vec<Type> {
        match self {
            Type::Unit | Type::Float | Type::Int | Type::Bool => Vec::new(),
            Type::Small(_) | Type::Sum(_) => Vec::new(),
            Type::Array(element, _) | Type::Slice(element) => vec![(**element).clone()],
            Type::Tuple(parts) => parts.clone(),
            Type::Struct(s) => s.fields().into_iter().map(|(_, ty)| ty).collect(),
        }
    }

    /// Whether it is the other one or has a part that is.
    pub(crate) fn holds(&self, other: &Type) -> bool {
        self == other || self.parts().iter().any(|part| part.holds(other))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    I32,
    I64,
    U8,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::I32, Kind::I64, Kind::U8];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::I32 => "i32",
            Kind::I64 => "i64",
            Kind::U8 => "u8",
        }
    }

    pub(crate) fn signed(self) -> bool {
        self != Kind::U8
    }

    /// What a number becomes where its bits are cut off.
    pub(crate) fn wrap(self, n: i64) -> i64 {
        match self {
            Kind::I32 => i64::from(n as i32),
            Kind::I64 => n,
            Kind::U8 => i64::from(n as u8),
        }
    }

    /// The nearest number that it has.
    pub(crate) fn saturate(self, n: i64) -> i64 {
        match self {
            Kind::I32 => n.clamp(i32::MIN.into(), i32::MAX.into()),
            Kind::I64 => n,
            Kind::U8 => n.clamp(0, 255),
        }
    }

    /// As `as` does.
    pub(crate) fn of_float(self, x: f64) -> i64 {
        match self {
            Kind::I32 => i64::from(x as i32),
            Kind::I64 => x as i64,
            Kind::U8 => i64::from(x as u8),
        }
    }
}

/// A method of integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum OnInteger {
    Abs,
    Signum,
    Min,
    Max,
    /// The square.
    Pow,
    RemEuclid,
    DivEuclid,
    WrappingAdd,
    WrappingSub,
    WrappingMul,
    SaturatingSub,
}

impl OnInteger {
    pub(crate) fn name(self) -> &'static str {
        match self {
            OnInteger::Abs => "abs",
            OnInteger::Signum => "signum",
            OnInteger::Min => "min",
            OnInteger::Max => "max",
            OnInteger::Pow => "pow",
            OnInteger::RemEuclid => "rem_euclid",
            OnInteger::DivEuclid => "div_euclid",
            OnInteger::WrappingAdd => "wrapping_add",
            OnInteger::WrappingSub => "wrapping_sub",
            OnInteger::WrappingMul => "wrapping_mul",
            OnInteger::SaturatingSub => "saturating_sub",
        }
    }
}

/// The structs that programs may use; the prelude of the scratch crate declares those that all have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Struct {
    Pair,
    Body,
    Nest,
    /// The program's own, which has methods.
    Planet,
}

impl Struct {
    pub(crate) const COMMON: [Struct; 3] = [Struct::Pair, Struct::Body, Struct::Nest];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Struct::Pair => "Pair",
            Struct::Body => "Body",
            Struct::Nest => "Nest",
            Struct::Planet => "Planet",
        }
    }

    pub(crate) fn fields(self) -> Vec<(&'static str, Type)> {
        match self {
            Struct::Pair => vec![("u", Type::Float), ("v", Type::Float)],
            Struct::Body => vec![("at", Type::floats(2)), ("mass", Type::Float)],
            Struct::Nest => vec![
                ("left", Type::Struct(Struct::Pair)),
                ("count", Type::Int),
                ("weight", Type::Float),
            ],
            Struct::Planet => vec![
                ("at", Type::floats(2)),
                ("mass", Type::Float),
                ("moons", Type::Int),
            ],
        }
    }
}

/// The types with variants: options, and an enum that the prelude declares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sum {
    Maybe,
    MaybePair,
    MaybeMaybe,
    Shape,
}

impl Sum {
    pub(crate) const ALL: [Sum; 4] = [Sum::Maybe, Sum::MaybePair, Sum::MaybeMaybe, Sum::Shape];

    pub(crate) const OPTIONS: [Sum; 3] = [Sum::Maybe, Sum::MaybePair, Sum::MaybeMaybe];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Sum::Maybe => "Option<f64>",
            Sum::MaybePair => "Option<(f64, f64)>",
            Sum::MaybeMaybe => "Option<Option<f64>>",
            Sum::Shape => "Shape",
        }
    }

    /// The variants with what they hold. A `:` after a name: fields have names.
    pub(crate) fn variants(self) -> Vec<(&'static str, Vec<Type>)> {
        match self {
            Sum::Maybe => vec![("None", vec![]), ("Some", vec![Type::Float])],
            Sum::MaybePair => vec![("None", vec![]), ("Some", vec![Type::pair()])],
            Sum::MaybeMaybe => vec![("None", vec![]), ("Some", vec![Type::Sum(Sum::Maybe)])],
            Sum::Shape => vec![
                ("Shape::Dot", vec![]),
                ("Shape::Disc", vec![Type::Float]),
                ("Shape::Rect", vec![Type::Float, Type::Float]),
                ("Shape::Bar", vec![Type::floats(2)]),
            ],
        }
    }
}
