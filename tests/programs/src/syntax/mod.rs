//! The syntax tree of the programs: a part of Rust with the types written on every expression.

mod types;

pub(crate) use types::{Kind, OnInteger, Struct, Sum, Type};

use crate::maths::Elementary;

/// A function to differentiate and the functions that it calls.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// A function calls those before it, and maybe itself. The last one is differentiated from outside.
    pub(crate) functions: Vec<Function>,
}

impl Program {
    pub(crate) fn entry(&self) -> &Function {
        self.functions.last().expect("a program has a function")
    }

    /// Whether some of its numbers have half of the digits.
    pub(crate) fn is_narrow(&self) -> bool {
        self.functions.iter().any(|f| f.over == Over::Single)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) home: Home,
    /// What all its floats are.
    pub(crate) over: Over,
    /// `#[differentiable(tape)]`.
    pub(crate) tape: bool,
    /// `wrt(..)` says what is differentiated, and not `#[nodiff]` what is not.
    pub(crate) named: bool,
    /// It calls itself; its first parameter says how often at most, one call in the other.
    pub(crate) recursive: bool,
    pub(crate) params: Vec<Param>,
    pub(crate) ret: Type,
    pub(crate) body: Block,
}

/// The type of a function's floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Over {
    Double,
    Single,
    /// `T: Real`.
    Real,
}

impl Over {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Over::Double => "f64",
            Over::Single => "f32",
            Over::Real => "T",
        }
    }
}

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Home {
    Free,
    /// In a block of [`Struct::Planet`], with an attribute of its own.
    Method,
    /// In one that has the attribute.
    Block,
    /// The same of a trait.
    Trait,
}

#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) by: By,
    /// `#[out]`.
    pub(crate) out: bool,
    /// `#[nodiff]`.
    pub(crate) excluded: bool,
    /// The const parameter that an array's length is: `[f64; N]`. To the body it is a slice.
    pub(crate) length: Option<&'static str>,
}

impl Param {
    pub(crate) fn is_self(&self) -> bool {
        self.name == "self"
    }

    /// Whether the gradient has entries for it.
    pub(crate) fn active(&self) -> bool {
        !self.excluded && (self.ty.holds(&Type::Float) || matches!(self.ty, Type::Sum(_)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum By {
    Value,
    Ref,
    Mut,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) statements: Vec<Statement>,
    /// The tail. A block of another type than `()` without one ends in an exit.
    pub(crate) value: Option<Box<Expr>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Let {
        name: String,
        mutable: bool,
        value: Expr,
    },
    /// `let (a, b) = ..;`, `let Some(a) = .. else { .. };`
    LetPattern {
        pattern: Pattern,
        value: Expr,
        otherwise: Option<Block>,
    },
    /// `let x;`, assigned later.
    Declare {
        name: String,
        ty: Type,
    },
    /// `let r = &mut place;`.
    Borrow {
        name: String,
        place: Place,
    },
    /// `let r = if .. { &mut a } else { &mut b };`, or `&`.
    Choose {
        name: String,
        mutable: bool,
        condition: Expr,
        places: [Place; 2],
    },
    /// `let (a, b) = place.split_at_mut(k);`, or `split_at`.
    Split {
        names: [String; 2],
        mutable: bool,
        place: Place,
        at: Expr,
    },
    Assign(Place, Expr),
    /// `+=` and kin.
    Update(Binary, Place, Expr),
    /// `(a, b) = (..);`.
    AssignParts(Vec<Place>, Vec<Expr>),
    /// `let f = |a: f64, b: f64| ..;`
    Closure {
        name: String,
        params: Vec<String>,
        body: Expr,
    },
    /// `a.swap(i, j);`
    Swap(Place, Expr, Expr),
    /// `std::mem::swap(&mut a, &mut b);`
    Exchange(Place, Place),
    /// `a.fill(x);`
    Fill(Place, Expr),
    /// `a.copy_from_slice(&b);`
    CopyFrom(Place, Place),
    Break(Option<String>, Option<Expr>),
    Continue(Option<String>),
    Return(Option<Expr>),
    /// An expression of type `()`.
    Do(Expr),
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) ty: Type,
    pub(crate) node: Node,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Float(f64),
    Int(usize),
    Small(i64),
    Bool(bool),
    Read(Place),
    Length(Place),
    Neg(Box<Expr>),
    Not(Box<Expr>),
    /// `as f64`, `as usize`, by the types.
    Cast(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Method(&'static Elementary, Vec<Expr>),
    Powi(Box<Expr>, i32),
    /// The same with a power of type `i32` that is computed.
    PowiBy(Box<Expr>, Box<Expr>),
    /// `f64::from(k)`.
    Widen(Box<Expr>),
    OnInteger(OnInteger, Vec<Expr>),
    SinCos(Box<Expr>),
    StopGradient(Box<Expr>),
    /// The literal of an array, a tuple or a struct.
    Build(Vec<Expr>),
    /// `[x; n]`, with the type's length.
    Repeat(Box<Expr>),
    If(Box<Expr>, Block, Option<Block>),
    /// The last arm fits always. `if let` where there are two.
    Match(Box<Expr>, Vec<Arm>),
    /// A reference to what a pattern takes apart, a `&mut` or a `&`: then its names are references. Of the type of what is lent.
    Lent(Place, bool),
    /// A variant of a sum.
    Variant(usize, Vec<Expr>),
    For {
        label: Option<String>,
        name: String,
        range: Range,
        body: Block,
    },
    While {
        label: Option<String>,
        condition: Box<Expr>,
        body: Block,
    },
    Loop {
        label: Option<String>,
        body: Block,
    },
    Block(Block),
    /// `'label: { .. }`
    Labeled(String, Block),
    /// `for (i, (x, y)) in a.iter_mut().zip(b.iter()).enumerate()`.
    Each {
        label: Option<String>,
        items: Items,
        body: Block,
    },
    /// The same as a value: `.filter(|..| ..).map(|..| ..).sum::<f64>()` and kin.
    Chain {
        items: Items,
        filter: Option<Box<Expr>>,
        end: End,
        body: Box<Expr>,
    },
    /// Of a closure.
    Apply(String, Vec<Expr>),
    /// A method of an option of a float.
    OnOption(Box<Expr>, OnOption),
    /// `std::mem::replace(&mut a, x)`.
    Replace(Place, Box<Expr>),
    /// `vec![x; n]`.
    Filled(Box<Expr>, Box<Expr>),
    ToVec(Place),
    /// `[x; N]`, as long as a parameter whose length is a const parameter.
    Counted(Box<Expr>, Place),
    /// Of the program's function of this number.
    Call(usize, Vec<Argument>),
}

/// What an iterator over floats goes through.
#[derive(Clone, Debug)]
pub(crate) struct Items {
    /// One, or two that are zipped.
    pub(crate) sources: Vec<Source>,
    pub(crate) reversed: bool,
    pub(crate) skip: usize,
    pub(crate) take: Option<usize>,
    /// The number's name, behind `enumerate`.
    pub(crate) number: Option<String>,
    /// Of the elements, which are references.
    pub(crate) names: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) place: Place,
    /// `iter_mut` and kin.
    pub(crate) changed: bool,
    pub(crate) cut: Cut,
}

/// What the elements of an iterator are: numbers, or slices of so many of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    Elements,
    Windows(usize),
    /// The last one may be shorter.
    Chunks(usize),
    Exact(usize),
}

impl Cut {
    /// The fewest numbers that an element has, if it is a slice.
    pub(crate) fn least(self) -> Option<usize> {
        match self {
            Cut::Elements => None,
            Cut::Windows(n) | Cut::Exact(n) => Some(n),
            Cut::Chunks(_) => Some(1),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum End {
    Sum,
    Product,
    /// From a start, with a name for what there is so far.
    Fold(Box<Expr>, String),
}

#[derive(Clone, Debug)]
pub(crate) enum OnOption {
    IsSome,
    UnwrapOr(Box<Expr>),
    /// `map_or(x, |name| ..)`
    MapOr(Box<Expr>, String, Box<Expr>),
}

#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub(crate) pattern: Pattern,
    pub(crate) guard: Option<Expr>,
    pub(crate) body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    Any,
    Name(String),
    /// `1 | 3..=5`, of an integer. Without an upper bound: `3..`.
    Numbers(Vec<(i64, Option<i64>)>),
    Bool(bool),
    /// `n @ 1..=3`.
    At(String, Box<Pattern>),
    /// Of a tuple or a struct, all of them.
    Parts(Vec<Pattern>),
    /// Of an array or a slice.
    Elements {
        front: Vec<Pattern>,
        /// `..`, with or without a name.
        rest: Option<Option<String>>,
        back: Vec<Pattern>,
    },
    Variant(usize, Vec<Pattern>),
    /// With the same names in each.
    Either(Vec<Pattern>),
}

#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) start: Box<Expr>,
    pub(crate) end: Box<Expr>,
    pub(crate) inclusive: bool,
    pub(crate) reversed: bool,
    /// More than 1: `step_by`, after `rev`.
    pub(crate) step: usize,
}

impl Range {
    /// `0..end`.
    pub(crate) fn below(end: Expr) -> Range {
        Range {
            start: Box::new(Expr::int(0)),
            end: Box::new(end),
            inclusive: false,
            reversed: false,
            step: 1,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Value(Expr),
    Ref(Place),
    /// `&` of a value that has no place.
    Temporary(Expr),
    Mut(Place),
}

/// A variable, or a part of one.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) root: String,
    /// How the variable holds what it names: itself, or behind a reference.
    pub(crate) by: By,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Index(Expr),
    /// Position and name.
    Field(usize, String),
    /// `[a..b]`, as the last step of an argument.
    Range(Expr, Expr),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Less,
    AtMost,
    Equal,
    And,
    Or,
}

impl Binary {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::Rem => "%",
            Binary::Less => "<",
            Binary::AtMost => "<=",
            Binary::Equal => "==",
            Binary::And => "&&",
            Binary::Or => "||",
        }
    }
}

/// Short ways to write expressions.
impl Expr {
    pub(crate) fn new(ty: Type, node: Node) -> Expr {
        Expr { ty, node }
    }

    pub(crate) fn float(x: f64) -> Expr {
        Expr::new(Type::Float, Node::Float(x))
    }

    pub(crate) fn int(n: usize) -> Expr {
        Expr::new(Type::Int, Node::Int(n))
    }

    pub(crate) fn small(kind: Kind, n: i64) -> Expr {
        Expr::new(Type::Small(kind), Node::Small(n))
    }

    pub(crate) fn read(ty: Type, place: Place) -> Expr {
        Expr::new(ty, Node::Read(place))
    }

    /// Of two operands of one type; comparisons give a `bool`.
    pub(crate) fn binary(op: Binary, a: Expr, b: Expr) -> Expr {
        let ty = match op {
            Binary::Less | Binary::AtMost | Binary::Equal => Type::Bool,
            _ => a.ty.clone(),
        };
        Expr::new(ty, Node::Binary(op, Box::new(a), Box::new(b)))
    }

    pub(crate) fn call_method(method: &'static Elementary, arguments: Vec<Expr>) -> Expr {
        Expr::new(Type::Float, Node::Method(method, arguments))
    }

    /// Whether nothing in it tells rustc the type of a float: then a method call on it would not compile.
    pub(crate) fn is_bare_literal(&self) -> bool {
        match &self.node {
            Node::Float(_) => true,
            Node::Neg(a) | Node::Repeat(a) => a.is_bare_literal(),
            Node::Binary(_, a, b) => a.is_bare_literal() && b.is_bare_literal(),
            Node::Build(parts) => parts.iter().any(Expr::is_bare_literal),
            Node::If(_, then, otherwise) => {
                let bare = |b: &Block| b.value.as_ref().is_none_or(|v| v.is_bare_literal());
                bare(then) && otherwise.as_ref().is_none_or(bare)
            }
            Node::Labeled(_, block) => block.value.as_ref().is_none_or(|v| v.is_bare_literal()),
            _ => false,
        }
    }
}

impl Place {
    pub(crate) fn local(name: &str) -> Place {
        Place {
            root: name.to_string(),
            by: By::Value,
            steps: Vec::new(),
        }
    }
}
