//! Which method calls are iterators, by their names: `x.iter().zip(y).map(|..| ..).sum()`.
//!
//! Types are not known, so a chain is known by where it starts, a method that makes an iterator or a range; a user's own `sum` or `map`
//! stays callable. The fence and the lowering both ask here.

use proc_macro2::Ident;
use syn::{Expr, ExprCall, ExprMethodCall, ExprRange};

/// What a method in a chain does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Role {
    /// Starts an iteration.
    Source,
    /// Makes another iterator.
    Adaptor,
    /// Makes a value.
    Consumer,
    /// Makes a value that may be missing, which the methods behind it take at once: `.max_by(..).unwrap()`.
    Search,
    /// Known, and not accepted.
    Refused,
}

/// Sources, adaptors and consumers, with the number of arguments.
const ACCEPTED: &[(&str, usize, Role)] = &[
    ("iter", 0, Role::Source),
    ("iter_mut", 0, Role::Source),
    ("into_iter", 0, Role::Source),
    ("windows", 1, Role::Source),
    ("chunks", 1, Role::Source),
    ("chunks_mut", 1, Role::Source),
    ("chunks_exact", 1, Role::Source),
    ("chunks_exact_mut", 1, Role::Source),
    ("cloned", 0, Role::Adaptor),
    ("copied", 0, Role::Adaptor),
    ("enumerate", 0, Role::Adaptor),
    ("filter", 1, Role::Adaptor),
    ("map", 1, Role::Adaptor),
    ("rev", 0, Role::Adaptor),
    ("skip", 1, Role::Adaptor),
    ("step_by", 1, Role::Adaptor),
    ("take", 1, Role::Adaptor),
    ("take_while", 1, Role::Adaptor),
    ("zip", 1, Role::Adaptor),
    ("all", 1, Role::Consumer),
    ("any", 1, Role::Consumer),
    ("collect", 0, Role::Consumer),
    ("count", 0, Role::Consumer),
    ("fold", 2, Role::Consumer),
    ("for_each", 1, Role::Consumer),
    ("len", 0, Role::Consumer),
    ("product", 0, Role::Consumer),
    ("sum", 0, Role::Consumer),
    ("find", 1, Role::Search),
    ("last", 0, Role::Search),
    ("max", 0, Role::Search),
    ("max_by", 1, Role::Search),
    ("min", 0, Role::Search),
    ("min_by", 1, Role::Search),
    ("next", 0, Role::Search),
    ("nth", 1, Role::Search),
    ("position", 1, Role::Search),
    ("reduce", 1, Role::Search),
];

/// Whether a method moves values between the elements of slices: lowered to assignments, where its receiver is one.
pub(crate) fn moves(m: &ExprMethodCall) -> bool {
    match m.method.to_string().as_str() {
        "reverse" => m.args.is_empty(),
        "swap" | "copy_within" => m.args.len() == 2,
        "fill" | "fill_with" | "copy_from_slice" | "clone_from_slice" | "swap_with_slice" => {
            m.args.len() == 1
        }
        _ => false,
    }
}

/// Whether a method turns a slice round its own middle. Of an integer it is arithmetic.
pub(crate) fn turns(m: &ExprMethodCall) -> bool {
    (m.method == "rotate_left" || m.method == "rotate_right") && m.args.len() == 1
}

/// What a method hands out of a slice that is no copy.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Parts {
    /// Two halves.
    Pair,
    /// One part, or several, of which there may be none.
    Found,
    /// Arrays that lie one behind the other, and what is left.
    Chunks,
    /// All of it.
    Whole,
}

/// Methods that hand out parts of a slice, with the number of arguments.
const PARTS: &[(&str, usize, Parts)] = &[
    ("split_at", 1, Parts::Pair),
    ("split_at_mut", 1, Parts::Pair),
    ("split_at_checked", 1, Parts::Found),
    ("split_at_mut_checked", 1, Parts::Found),
    ("split_first", 0, Parts::Found),
    ("split_first_mut", 0, Parts::Found),
    ("split_last", 0, Parts::Found),
    ("split_last_mut", 0, Parts::Found),
    ("first_chunk", 0, Parts::Found),
    ("first_chunk_mut", 0, Parts::Found),
    ("last_chunk", 0, Parts::Found),
    ("last_chunk_mut", 0, Parts::Found),
    ("split_first_chunk", 0, Parts::Found),
    ("split_first_chunk_mut", 0, Parts::Found),
    ("split_last_chunk", 0, Parts::Found),
    ("split_last_chunk_mut", 0, Parts::Found),
    ("first_mut", 0, Parts::Found),
    ("last_mut", 0, Parts::Found),
    ("get_mut", 1, Parts::Found),
    ("first", 0, Parts::Found),
    ("last", 0, Parts::Found),
    ("get", 1, Parts::Found),
    ("as_chunks", 0, Parts::Chunks),
    ("as_chunks_mut", 0, Parts::Chunks),
    ("as_slice", 0, Parts::Whole),
    ("as_mut_slice", 0, Parts::Whole),
];

/// Names of these that other types have, too: they are taken for those of slices where the receiver is seen to be one.
const COMMON: [&str; 3] = ["first", "last", "get"];

/// What a method hands out of a slice, by its name.
pub(crate) fn parts(m: &ExprMethodCall) -> Option<Parts> {
    PARTS
        .iter()
        .find(|(name, args, _)| m.method == name && m.args.len() == *args)
        .map(|(.., parts)| *parts)
}

/// Whether only slices have a method of this name.
pub(crate) fn is_of_slices(m: &ExprMethodCall) -> bool {
    parts(m).is_some() && !COMMON.iter().any(|name| m.method == name)
}

/// Whether an expression is a part of a slice, seen by the names of methods: to be written through, where it is a `&mut`.
pub(crate) fn lends(e: &Expr) -> bool {
    match strip(e) {
        Expr::MethodCall(m) if m.method == "unwrap" || m.method == "expect" => lends(&m.receiver),
        Expr::MethodCall(m) => is_of_slices(m) && role(m).is_none(),
        Expr::Field(f) => matches!(strip(&f.base), Expr::MethodCall(_)) && lends(&f.base),
        _ => false,
    }
}

/// Whether an expression is a branch, all sides of which that end are references; `reference` says which names are.
pub(crate) fn chooses_reference(e: &Expr, reference: &dyn Fn(&Ident) -> bool) -> bool {
    match strip(e) {
        Expr::If(i) => {
            let mut sides = Vec::new();
            sides.extend(end(&i.then_branch));
            sides.extend(i.else_branch.as_ref().map(|(_, e)| &**e));
            i.else_branch.is_some() && all_refer(&sides, reference)
        }
        Expr::Match(m) => {
            let sides: Vec<&Expr> = m.arms.iter().map(|a| &*a.body).collect();
            all_refer(&sides, reference)
        }
        Expr::Block(b) => b.label.is_none() && end(&b.block).is_some_and(|e| refers(e, reference)),
        _ => false,
    }
}

fn all_refer(sides: &[&Expr], reference: &dyn Fn(&Ident) -> bool) -> bool {
    let leaves = |e: &Expr| crate::lower::diverges(e);
    let ending: Vec<&&Expr> = sides.iter().filter(|e| !leaves(e)).collect();
    !ending.is_empty() && ending.iter().all(|e| refers(e, reference))
}

fn refers(e: &Expr, reference: &dyn Fn(&Ident) -> bool) -> bool {
    match strip(e) {
        Expr::Reference(r) => !matches!(strip(&r.expr), Expr::Closure(_)),
        Expr::Path(p) => p.path.get_ident().is_some_and(reference),
        Expr::Tuple(t) => !t.elems.is_empty() && t.elems.iter().all(|e| refers(e, reference)),
        Expr::If(_) | Expr::Match(_) | Expr::Block(_) => chooses_reference(e, reference),
        e => lends(e),
    }
}

/// The last expression of a block.
fn end(block: &syn::Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(syn::Stmt::Expr(e, None)) => Some(e),
        _ => None,
    }
}

/// Methods that start an iteration in a way that is not accepted.
const OTHER_SOURCES: [&str; 14] = [
    "array_chunks",
    "array_windows",
    "chars",
    "chunk_by",
    "drain",
    "keys",
    "rchunks",
    "rchunks_exact",
    "rchunks_exact_mut",
    "rchunks_mut",
    "split_inclusive",
    "values",
    "values_mut",
    "into_values",
];

/// Methods of iterators that are not accepted.
const OTHERS: [&str; 33] = [
    "by_ref",
    "chain",
    "cmp",
    "cycle",
    "eq",
    "filter_map",
    "find_map",
    "flat_map",
    "flatten",
    "fuse",
    "inspect",
    "intersperse",
    "is_sorted",
    "lt",
    "map_while",
    "map_windows",
    "max_by_key",
    "min_by_key",
    "partial_cmp",
    "partition",
    "peekable",
    "rfind",
    "rfold",
    "rposition",
    "scan",
    "skip_while",
    "sum_by",
    "try_fold",
    "try_for_each",
    "try_reduce",
    "unzip",
    "nth_back",
    "next_back",
];

/// What may follow a value that may be missing.
pub(crate) const UNWRAPPING: &[(&str, usize)] = &[
    ("unwrap", 0),
    ("expect", 1),
    ("unwrap_or", 1),
    ("unwrap_or_else", 1),
    ("map_or", 2),
    ("is_some", 0),
    ("is_none", 0),
    ("copied", 0),
    ("cloned", 0),
    ("map", 1),
];

fn row(m: &ExprMethodCall) -> Option<Role> {
    let name = m.method.to_string();
    let accepted = ACCEPTED.iter().find(|(n, ..)| name == *n);
    match accepted {
        Some((_, args, role)) if *args == m.args.len() => Some(*role),
        Some(_) => None,
        None if OTHER_SOURCES.contains(&name.as_str()) => Some(Role::Refused),
        None if OTHERS.contains(&name.as_str()) => Some(Role::Refused),
        None => None,
    }
}

/// What a method call does as a part of a chain; `None` where it is no part of one.
pub(crate) fn role(m: &ExprMethodCall) -> Option<Role> {
    let role = row(m)?;
    let starts = role == Role::Source || OTHER_SOURCES.iter().any(|s| m.method == s);
    (starts || is_iterator(&m.receiver)).then_some(role)
}

/// Whether an expression is an iterator: a range, or a chain that does not end in a value.
pub(crate) fn is_iterator(e: &Expr) -> bool {
    match strip(e) {
        Expr::Range(_) => true,
        Expr::MethodCall(m) => {
            matches!(role(m), Some(Role::Source | Role::Adaptor | Role::Refused))
        }
        _ => false,
    }
}

/// Whether a call makes a value of an iterator: at once, or of what a search has found.
pub(crate) fn consumer(m: &ExprMethodCall) -> Option<Role> {
    match role(m) {
        Some(Role::Consumer) => Some(Role::Consumer),
        Some(Role::Search) => Some(Role::Search),
        _ => unwraps(m).then_some(Role::Search),
    }
}

/// Whether a call takes what a search has found.
pub(crate) fn unwraps(m: &ExprMethodCall) -> bool {
    UNWRAPPING
        .iter()
        .any(|(name, args)| m.method == name && m.args.len() == *args)
        && match strip(&m.receiver) {
            Expr::MethodCall(r) => role(r) == Some(Role::Search) || unwraps(r),
            _ => false,
        }
}

/// Whether what a search has found is taken, not handed on.
pub(crate) fn ends_search(m: &ExprMethodCall) -> bool {
    unwraps(m) && !["copied", "cloned", "map"].iter().any(|n| m.method == n)
}

/// `core::array::from_fn(..)`, whichever way it is written.
pub(crate) fn is_from_fn(c: &ExprCall) -> bool {
    let Expr::Path(p) = strip(&c.func) else {
        return false;
    };
    let mut names = p.path.segments.iter().rev().map(|s| &s.ident);
    names.next().is_some_and(|n| n == "from_fn") && names.next().is_some_and(|n| n == "array")
}

/// The range under `(a..b).rev().step_by(n)`.
pub(crate) fn range_base(e: &Expr) -> Option<&ExprRange> {
    match strip(e) {
        Expr::Range(r) => Some(r),
        Expr::MethodCall(m) if m.method == "rev" || m.method == "step_by" => {
            range_base(&m.receiver)
        }
        _ => None,
    }
}

fn strip(e: &Expr) -> &Expr {
    match e {
        Expr::Paren(p) => strip(&p.expr),
        Expr::Group(g) => strip(&g.expr),
        e => e,
    }
}
