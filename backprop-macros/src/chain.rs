//! Which method calls are iterators, by their names: `x.iter().zip(y).map(|..| ..).sum()`.
//!
//! Types are not known, so a chain is known by where it starts, a method that makes an iterator or a range; a user's own `sum` or `map`
//! stays callable. The fence and the lowering both ask here.

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
        "swap" => m.args.len() == 2,
        "fill" | "copy_from_slice" | "clone_from_slice" => m.args.len() == 1,
        _ => false,
    }
}

/// Whether a method cuts a slice in two.
pub(crate) fn halves(m: &ExprMethodCall) -> bool {
    (m.method == "split_at" || m.method == "split_at_mut") && m.args.len() == 1
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
const OTHERS: [&str; 34] = [
    "by_ref",
    "chain",
    "cmp",
    "collect",
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
