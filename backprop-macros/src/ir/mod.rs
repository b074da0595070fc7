//! The intermediate representation: structured control flow over values that are defined once.
//!
//! Every local of the user's function, scalar or aggregate, becomes a chain of *values*: `a[i] = x` is
//! `a1 = set a0[i] = x`. Nothing is ever overwritten, so a value needed by the reverse sweep is either in
//! scope, or recomputed, or was kept; there is no memory state to reason about. The emitter turns chains
//! of versions back into in-place updates of one Rust variable.
//!
//! Invariants (held by `verify`): a value is defined once, before its uses, in an enclosing block; both
//! branches of an `if` yield as many values as it has outs; a loop's body yields one value for each
//! parameter. Differentiation maps this representation to itself.

pub(crate) mod buffers;
pub(crate) mod build;
mod constant;
#[cfg(test)]
pub(crate) mod interp;
pub(crate) mod parts;
pub(crate) mod print;
pub(crate) mod subst;
pub(crate) mod table;
mod variant;
#[cfg(test)]
pub(crate) mod verify;
pub(crate) mod visit;

use std::collections::HashSet;
use std::rc::Rc;

pub(crate) use constant::Constant;
use proc_macro2::{Ident, Span, TokenStream};
pub(crate) use variant::{of_option, other_variant, same_variant};

/// A value, defined exactly once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct V(pub(crate) u32);

/// Names a loop instance, so that its reverse can refer to what it keeps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct LoopId(pub(crate) u32);

/// What is known of a value's type without types.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Shape {
    /// Not seen: a field of a named type, the result of a call.
    Unknown,
    /// Carries no derivative: integers, booleans, characters, strings.
    Int,
    /// `f32`, `f64` or a `T: Real`.
    Float,
    /// Array, slice or `Vec`; the length where it is part of the type.
    Seq(Box<Shape>, Option<String>),
    /// A tuple.
    Tuple(Vec<Shape>),
    /// A struct or enum of the user's.
    Named,
    /// An `Option`.
    Option(Box<Shape>),
}

impl Shape {
    /// Whether a value of this shape is one number, or may be.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self, Shape::Float | Shape::Int)
    }

    /// Whether no derivative can pass through it.
    pub(crate) fn is_inactive(&self) -> bool {
        match self {
            Shape::Int => true,
            Shape::Seq(e, _) | Shape::Option(e) => e.is_inactive(),
            Shape::Tuple(es) => es.iter().all(Shape::is_inactive),
            Shape::Unknown | Shape::Float | Shape::Named => false,
        }
    }
}

/// What is known of a value besides its definition.
#[derive(Clone)]
pub(crate) struct Info {
    pub(crate) shape: Shape,
    /// The user's name for it.
    pub(crate) name: Option<String>,
    /// The type the user ascribed.
    pub(crate) ty: Option<Rc<syn::Type>>,
    pub(crate) span: Span,
    /// Read through a reference: a scalar parameter `x: &f64` is printed `*x`.
    pub(crate) deref: bool,
    /// The value that this is a copy of: both have one type.
    pub(crate) origin: Option<V>,
    /// An element of a `Vec` has been assigned that may be its next one.
    pub(crate) grows: bool,
    /// Its type is not known to be a float although its use says so: the emitted code asserts it.
    pub(crate) assert_real: bool,
}

impl Info {
    /// A value of ours, of which nothing else is known.
    pub(crate) fn new(shape: Shape) -> Info {
        Info {
            shape,
            name: None,
            ty: None,
            span: Span::call_site(),
            deref: false,
            origin: None,
            grows: false,
            assert_real: false,
        }
    }
}

/// One step from an aggregate to a part of it.
#[derive(Clone)]
pub(crate) enum Proj {
    Field(syn::Member),
    /// `*`, of a box in a field.
    Deref,
    Index(V),
    /// `[lo..hi]`, `[lo..=hi]`.
    Range {
        lo: Option<V>,
        hi: Option<V>,
        inclusive: bool,
    },
    /// A field of a variant, of a value that is of that variant.
    Payload(Rc<syn::Path>, syn::Member),
}

/// From an aggregate to one of its parts.
pub(crate) type Path = Vec<Proj>;

/// How many steps two paths have in common, value by value.
pub(crate) fn common_steps(p: &[Proj], q: &[Proj]) -> usize {
    let same =
        |(p, q): &(&Proj, &Proj)| same_path(core::slice::from_ref(*p), core::slice::from_ref(*q));
    p.iter().zip(q).take_while(same).count()
}

/// Whether places of one thing can be lent together: from where they part, each pair goes to different fields, by way of fields only.
pub(crate) fn separate(paths: &[&Path]) -> bool {
    let pairs = || {
        let others = |(k, p)| paths.iter().skip(k + 1).map(move |q| (p, *q));
        paths.iter().copied().enumerate().flat_map(others)
    };
    let shared = pairs()
        .map(|(p, q): (&Path, &Path)| common_steps(p, q))
        .min();
    pairs().all(|(p, q)| {
        let parted = common_steps(p, q);
        let fields = |path: &Path| {
            let steps = path.get(shared.unwrap_or(0)..=parted);
            steps.is_some_and(|steps| steps.iter().all(|p| matches!(p, Proj::Field(_))))
        };
        fields(p) && fields(q)
    })
}

/// Whether two paths are the same, step by step and value by value.
pub(crate) fn same_path(p: &[Proj], q: &[Proj]) -> bool {
    p.len() == q.len()
        && p.iter().zip(q).all(|(a, b)| match (a, b) {
            (Proj::Field(a), Proj::Field(b)) => a == b,
            (Proj::Deref, Proj::Deref) => true,
            (Proj::Index(a), Proj::Index(b)) => a == b,
            (Proj::Payload(p, a), Proj::Payload(q, b)) => a == b && same_variant(p, q),
            (
                Proj::Range {
                    lo: a,
                    hi: b,
                    inclusive: x,
                },
                Proj::Range {
                    lo: c,
                    hi: d,
                    inclusive: y,
                },
            ) => a == c && b == d && x == y,
            _ => false,
        })
}

/// A pure operation: the same operands give the same result.
#[derive(Clone)]
pub(crate) enum Op {
    /// A literal, or a constant expression without locals.
    Const(Constant),
    /// Stands for a variable not assigned yet; never read by a run that terminates normally.
    Undef,
    /// The zero of the type of a value.
    ZeroLike(V),
    /// `zero` of a float of the same type as the value.
    Lit(f64),
    Un(Un, V),
    Bin(Bin, V, V),
    Cast(V, Rc<syn::Type>),
    /// A conversion function, `f64::from(x)`, `T::from_f64(x)`.
    Convert(TokenStream, V),
    /// The adjoint of a conversion: `d` as the type of `like`.
    CastBack {
        like: V,
        d: V,
    },
    /// An elementary function of the rule table.
    Fn(&'static str, Vec<V>),
    /// A function of the runtime's `__private::rule`.
    Helper(&'static str, Vec<V>),
    /// `d * p`, but exactly 0 where `d` is 0: for partials that are infinite at kinks.
    Chain(V, V),
    /// A method that yields a constant (`x.is_nan()`, `n.pow(2)`).
    Method(Ident, Option<TokenStream>, Vec<V>),
    /// Length of a part.
    Len(V, Path),
    /// Whether a part matches a pattern that binds nothing.
    Is(V, Path, Rc<syn::Pat>),
    /// Tokens that no derivative passes through; the identifiers stand for values.
    Opaque(TokenStream, Vec<(Ident, V)>),
    /// `[a, b]`; of no length in its shape, `vec![a, b]`.
    Array(Vec<V>),
    Repeat(V, TokenStream),
    /// `vec![x; n]`.
    Filled(V, V),
    Tuple(Vec<V>),
    Struct(Rc<syn::Path>, Vec<(syn::Member, V)>, bool),
    /// Reads a part.
    Get(V, Path),
    /// The aggregate with a part replaced.
    Set(V, Path, V),
    /// The aggregate with a value added to a part.
    AddAt(V, Path, V),
    /// The aggregate with a part set to zero.
    ClearAt(V, Path),
    /// The aggregate with whatever contents: it is about to be filled whole, so nobody minds what was in it. Fills that are
    /// done once more, because the buffer has been written since, have numbers of their own.
    Refill(V, u32),
    /// The adjoint of an aggregate that has been refilled whole, or its cotangent: all of it has been handed on, and it is zero.
    Spent(V),
    /// What the forward loop keeps in each iteration: resolved by `storage`, never emitted.
    Kept(LoopId, V),
    /// What a store holds (see [`Store`]), at an iteration where it is an array; of the type of the last value.
    Restore(usize, Option<V>, V),
    /// What was put on the log last (see [`Stmt::Log`]), of the type of a value. Takes it off: an effect.
    Unlog(V),
    /// How much is on the log here.
    Logged,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Un {
    Neg,
    Not,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Bin {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Bin {
    pub(crate) fn is_comparison(self) -> bool {
        matches!(
            self,
            Bin::Eq | Bin::Ne | Bin::Lt | Bin::Le | Bin::Gt | Bin::Ge
        )
    }

    pub(crate) fn token(self) -> &'static str {
        match self {
            Bin::Add => "+",
            Bin::Sub => "-",
            Bin::Mul => "*",
            Bin::Div => "/",
            Bin::Rem => "%",
            Bin::And => "&",
            Bin::Or => "|",
            Bin::Xor => "^",
            Bin::Shl => "<<",
            Bin::Shr => ">>",
            Bin::Eq => "==",
            Bin::Ne => "!=",
            Bin::Lt => "<",
            Bin::Le => "<=",
            Bin::Gt => ">",
            Bin::Ge => ">=",
        }
    }
}

/// Whether an effect may occur once more where the function runs again after it has run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Runs {
    /// An assertion.
    Again,
    /// Printing.
    Once,
}

/// A list of statements and what it hands to the construct around it.
#[derive(Clone, Default)]
pub(crate) struct Block {
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) yields: Vec<V>,
}

#[derive(Clone)]
pub(crate) enum Stmt {
    Let(V, Op),
    If(If),
    Loop(Loop),
    Call(Call),
    Sweep(Sweep),
    /// Adds a value to a part of the adjoint of a parameter. Such additions commute.
    Accum {
        param: usize,
        path: Path,
        v: V,
    },
    /// `assert!` and kin, and what prints: run once, in the primal sweep.
    Effect(Runs, TokenStream, Vec<(Ident, V)>),
    /// Opens a store.
    Open(usize),
    /// Reserves words of the tape, which lie there until they are released, and opens stores in them: each begins so
    /// many words behind the first.
    Reserve {
        area: usize,
        words: V,
        rows: Vec<(usize, V)>,
    },
    /// Releases them.
    Release(usize),
    /// Puts on the log what a buffer holds before it changes, or where that was: a stack apart from all stores.
    Log(V),
    /// Keeps a value, at an iteration where the store is an array.
    Save {
        store: usize,
        at: Option<V>,
        v: V,
    },
}

#[derive(Clone)]
pub(crate) struct If {
    pub(crate) cond: V,
    pub(crate) then_: Block,
    pub(crate) else_: Block,
    pub(crate) outs: Vec<V>,
}

#[derive(Clone)]
pub(crate) struct Loop {
    pub(crate) id: LoopId,
    pub(crate) head: Head,
    /// Values carried from iteration to iteration: `params` at its start, the body's yields at its end.
    pub(crate) params: Vec<V>,
    pub(crate) inits: Vec<V>,
    pub(crate) body: Block,
    /// Defined in the body: leave after this iteration.
    pub(crate) stop: Option<V>,
    pub(crate) outs: Vec<V>,
    /// Which carried value counts the iterations, where their number is not that of the range.
    pub(crate) trips: Option<usize>,
    /// On a reverse loop: the forward loop whose iterations it runs backwards.
    pub(crate) reverses: Option<LoopId>,
}

#[derive(Clone)]
pub(crate) enum Head {
    For {
        i: V,
        range: Range,
    },
    /// The block decides, before each iteration, whether there is one: it yields one boolean.
    While(Block),
    Forever,
}

/// `lo..hi` with its adaptors in the order written.
#[derive(Clone)]
pub(crate) struct Range {
    pub(crate) lo: V,
    pub(crate) hi: V,
    pub(crate) inclusive: bool,
    pub(crate) adapt: Vec<Adapt>,
}

#[derive(Clone)]
pub(crate) enum Adapt {
    Rev,
    StepBy(V),
    /// The first so many items (all, where none is given), last one first: what an early exit left of a
    /// range, or one that cannot be reversed.
    Backwards(Option<V>),
}

#[derive(Clone)]
pub(crate) enum Callee {
    /// `path::f(..)`; the turbofish apart.
    Function(Rc<syn::Path>),
    /// `Type::f(..)`, `Self::f(..)`: the hidden sweep is an associated function.
    Associated(Rc<syn::Path>),
    /// The first argument is the receiver.
    Method(Ident, Option<TokenStream>),
}

impl Callee {
    /// Where it is named.
    pub(crate) fn span(&self) -> Span {
        match self {
            Callee::Function(path) | Callee::Associated(path) => path
                .segments
                .last()
                .map_or_else(Span::call_site, |s| s.ident.span()),
            Callee::Method(name, _) => name.span(),
        }
    }
}

#[derive(Clone)]
pub(crate) enum Arg {
    Value(V),
    /// `&root[path]`.
    Ref(V, Path),
    /// `&mut root[path]`, and the version of the root that the call leaves.
    Mut(V, Path, V),
    /// `&mut root[path]`, which the call leaves as it is: what it writes is there already.
    Again(V, Path),
}

impl Arg {
    pub(crate) fn root(&self) -> V {
        match self {
            Arg::Value(v) | Arg::Ref(v, _) | Arg::Mut(v, ..) | Arg::Again(v, _) => *v,
        }
    }
}

/// A call of a user's function.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) callee: Callee,
    pub(crate) args: Vec<Arg>,
    /// The numbers of those that are lent as constants.
    pub(crate) stopped: Vec<usize>,
    pub(crate) ret: Option<V>,
    /// For each `&mut` argument what its sweep will want of the contents from before the call: all or nothing, as the
    /// callee says.
    pub(crate) entries: Vec<Option<V>>,
    /// In forward mode: what rides beside it, in each lane. All lanes have tangents of the same arguments.
    pub(crate) along: Vec<Along>,
    /// In a reverse sweep with tangents: which of the arguments are tangents.
    pub(crate) beside: Option<Beside>,
}

/// A call with tangents among its arguments, behind those of the user's. To all that asks what a call reads and changes they are
/// arguments like others; and a sweep has slots for their adjoints, too, where the tangents of the adjoints go.
#[derive(Clone)]
pub(crate) struct Beside {
    /// For each argument of the user's, which argument is its tangent.
    pub(crate) tangents: Vec<Option<usize>>,
    /// The tangent of the result.
    pub(crate) ret: Option<V>,
}

/// The tangents of a call's arguments, as they are handed over, and of its result.
#[derive(Clone)]
pub(crate) struct Along {
    pub(crate) args: Vec<Option<Arg>>,
    /// By number: those of `&mut` arguments that do not vary before the call. It may be that nobody differentiates them.
    pub(crate) spare: Vec<bool>,
    pub(crate) ret: Option<V>,
}

impl Along {
    /// Whether a version is one between two parts that are lent at once.
    pub(crate) fn is_between(&self, v: V) -> bool {
        let mut lent = self.args.iter().flatten();
        lent.any(|a| matches!(a, Arg::Mut(_, _, out) if *out == v))
    }
}

impl Call {
    /// What it returns: the result, and its tangent.
    pub(crate) fn results(&self) -> impl Iterator<Item = V> {
        let beside = self.beside.as_ref().and_then(|b| b.ret);
        self.ret.into_iter().chain(beside)
    }

    /// The arguments that a derivative may go through, with their numbers.
    pub(crate) fn through(&self) -> impl Iterator<Item = (usize, &Arg)> {
        let args = self.args.iter().enumerate();
        args.filter(|(k, _)| !self.stopped.contains(k))
    }

    /// The version of its root that an argument is left in: several parts of one may be lent, each from the version
    /// that the part before it leaves.
    pub(crate) fn last(&self, mut out: V) -> V {
        let next = |v: V| {
            self.args.iter().find_map(|a| match a {
                Arg::Mut(root, _, out) if *root == v => Some(*out),
                _ => None,
            })
        };
        while let Some(v) = next(out) {
            out = v;
        }
        out
    }

    /// Whether a version is one between two such parts: nothing else sees it.
    pub(crate) fn is_between(&self, v: V) -> bool {
        self.args
            .iter()
            .any(|a| matches!(a, Arg::Mut(_, _, out) if *out == v))
    }
}

/// A call of a user's function together with its reverse sweep, or that sweep alone.
#[derive(Clone)]
pub(crate) struct Sweep {
    pub(crate) call: Call,
    /// Where the call has run: what is found in each `&mut` argument.
    pub(crate) found: Vec<Found>,
    pub(crate) slots: Vec<SlotArg>,
    /// The cotangent of the result; `None` where the function returns nothing.
    pub(crate) seed: Option<V>,
}

/// What a sweep after the call finds in a buffer that it is lent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// What the call left; the callee has to be content with it.
    Left,
    /// That, or what the call found, as the callee wants it: the value says what that was.
    Entry(V),
    /// Whatever it is: it has been overwritten before it was read, in the call, too.
    Any,
    /// The same, and the callee has to promise that it writes all of it.
    Refilled,
}

#[derive(Clone)]
pub(crate) enum SlotArg {
    Off,
    /// Adds to a part of the adjoint of a parameter.
    Param(usize, Path),
    /// Adds to a part of a local adjoint: version before, version after.
    Local(V, Path, V),
    /// Starts from the zero of the argument; the value defined is what the sweep added.
    Fresh(V),
    /// Of a `&mut` argument that does not vary before the call and is not asked for after it: a zero where the callee wants a cotangent,
    /// nothing where it has none. `early`: the zero may be made before the call has run, because what is lent is not seen to be an enum.
    Spare {
        early: bool,
    },
}

/// Where something is kept for the reverse sweep.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) name: String,
    /// The number of elements where it is on the stack; `None` for the tape.
    pub(crate) stack: Option<TokenStream>,
    pub(crate) keeps: Keeps,
    pub(crate) why: Why,
}

/// What a store is for, as the documentation of the generated functions says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// An iteration changes it.
    Begins,
    /// An iteration reads it of a buffer that changes.
    Reads,
    /// An iteration overwrites it in an array.
    Overwrites,
    /// It costs more than a store and a load.
    Costs,
    /// The reverse sweep multiplies by it, or takes a branch by it.
    Multiplies,
    /// A call changes it.
    Found,
    /// A loop of its own puts it on the tape.
    OnTheWay,
    /// The function leaves it in a buffer that the reverse sweep goes back in.
    Leaves,
}

/// What a store keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keeps {
    /// Numbers, or arrays of them: an array of blanks to begin with.
    Plain,
    /// Copies of whatever it is.
    Copies,
    /// What calls found in their `&mut` arguments.
    Entries,
    /// Words of the tape that lie there as long as both loops run.
    Area,
    /// One number for each iteration, in such words.
    Row,
}

/// A parameter as the function body sees it.
#[derive(Clone)]
pub(crate) struct Param {
    pub(crate) v: V,
    pub(crate) name: Ident,
    pub(crate) by: By,
    pub(crate) active: bool,
    /// `#[out]`: every element is written before it is read.
    pub(crate) out: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Value,
    Ref,
    Mut,
}

/// A function: primal, or primal and reverse sweep together.
#[derive(Clone)]
pub(crate) struct Func {
    pub(crate) name: String,
    pub(crate) infos: Vec<Info>,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Block,
    /// The result; `None` for `()`.
    pub(crate) ret: Option<V>,
    /// The last version of each parameter taken by `&mut`.
    pub(crate) finals: Vec<Option<V>>,
    /// After differentiation: the adjoint with which each parameter is left. By value: what is returned;
    /// by `&mut`: the last version of `d_y`.
    pub(crate) adjoints: Vec<Option<V>>,
    /// After differentiation: the first version of `d_y` of each `&mut` parameter, and the seed.
    pub(crate) cotangents: Vec<Option<V>>,
    pub(crate) seed: Option<V>,
    pub(crate) stores: Vec<Store>,
    pub(crate) loops: u32,
    /// Whether values of enums occur in it, of which one variable may hold different variants.
    pub(crate) variants: bool,
    /// The names that its signature uses for types.
    pub(crate) types: Rc<HashSet<String>>,
}

/// A loop that carries nothing.
#[cfg(test)]
pub(crate) fn bare_loop(id: u32, head: Head, reverses: Option<u32>, body: Block) -> Loop {
    Loop {
        id: LoopId(id),
        head,
        params: Vec::new(),
        inits: Vec::new(),
        body,
        stop: None,
        outs: Vec::new(),
        trips: None,
        reverses: reverses.map(LoopId),
    }
}

/// A function without parameters or statements.
pub(crate) fn empty(name: &str) -> Func {
    Func {
        name: name.to_owned(),
        infos: Vec::new(),
        params: Vec::new(),
        body: Block::default(),
        ret: None,
        finals: Vec::new(),
        adjoints: Vec::new(),
        cotangents: Vec::new(),
        seed: None,
        stores: Vec::new(),
        loops: 0,
        variants: false,
        types: Rc::default(),
    }
}

impl Func {
    pub(crate) fn info(&self, v: V) -> &Info {
        &self.infos[v.0 as usize]
    }

    pub(crate) fn info_mut(&mut self, v: V) -> &mut Info {
        &mut self.infos[v.0 as usize]
    }

    pub(crate) fn shape(&self, v: V) -> &Shape {
        &self.info(v).shape
    }

    /// Whether a part is a slice or a `Vec`, which is never copied.
    pub(crate) fn is_slice(&self, root: V, path: &[Proj]) -> bool {
        match path.last() {
            Some(last) => matches!(last, Proj::Range { .. }),
            None => matches!(self.shape(root), Shape::Seq(_, None)),
        }
    }
}
