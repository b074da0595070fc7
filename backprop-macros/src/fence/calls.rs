//! Calls: of functions by path, of methods by name, and chains of iterator adaptors.
//!
//! Types are not known here. A method of the standard library is recognised by its name where it changes
//! its receiver, because overlooking that would lose a derivative; iterator adaptors only in a chain that
//! starts an iteration or takes a closure, so that a user's own `sum` stays callable.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath, ExprRange, Path, Token};

use super::expr::{Seat, strip};
use super::messages::{self as say, Row};
use super::{Fence, Kind};
use crate::ir::print::compact;

/// Methods that start an iteration.
const MAKERS: [(&[&str], &Row); 3] = [
    (
        &[
            "iter",
            "iter_mut",
            "into_iter",
            "values",
            "values_mut",
            "keys",
        ],
        &say::ITERATOR,
    ),
    (&["windows", "array_windows"], &say::WINDOWS),
    (
        &[
            "chunks",
            "chunks_mut",
            "chunks_exact",
            "chunks_exact_mut",
            "rchunks",
            "rchunks_mut",
            "rchunks_exact",
            "rchunks_exact_mut",
            "array_chunks",
            "chunk_by",
        ],
        &say::CHUNKS,
    ),
];

/// Methods of iterators.
const ADAPTORS: [&str; 50] = [
    "all",
    "any",
    "by_ref",
    "chain",
    "cloned",
    "collect",
    "copied",
    "count",
    "cycle",
    "enumerate",
    "filter",
    "filter_map",
    "find",
    "find_map",
    "flat_map",
    "flatten",
    "fold",
    "for_each",
    "fuse",
    "inspect",
    "last",
    "map",
    "map_while",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "next",
    "nth",
    "partition",
    "peekable",
    "position",
    "product",
    "reduce",
    "rev",
    "rposition",
    "scan",
    "skip",
    "skip_while",
    "step_by",
    "sum",
    "take",
    "take_while",
    "try_fold",
    "try_for_each",
    "unzip",
    "zip",
    "map_or",
];

/// Methods that are refused by their name, whatever the receiver.
const METHODS: [(&[&str], &Row); 9] = [
    (&["swap", "swap_with_slice"], &say::SWAP),
    (&["fill", "fill_with"], &say::FILL),
    (
        &[
            "copy_from_slice",
            "clone_from_slice",
            "copy_within",
            "clone_from",
        ],
        &say::COPY,
    ),
    (
        &[
            "split_at",
            "split_at_mut",
            "split_at_checked",
            "split_at_mut_checked",
            "split_first",
            "split_first_mut",
            "split_last",
            "split_last_mut",
            "first_chunk",
            "first_chunk_mut",
            "last_chunk",
            "last_chunk_mut",
            "split_first_chunk",
            "split_last_chunk",
            "as_chunks",
            "as_chunks_mut",
            "get_disjoint_mut",
        ],
        &say::SPLIT,
    ),
    (
        &[
            "push",
            "pop",
            "insert",
            "remove",
            "swap_remove",
            "truncate",
            "resize",
            "resize_with",
            "extend",
            "extend_from_slice",
            "append",
            "clear",
            "drain",
            "retain",
            "retain_mut",
            "split_off",
            "dedup",
            "push_front",
            "push_back",
            "pop_front",
            "pop_back",
            "get_or_insert",
        ],
        &say::GROW,
    ),
    (
        &[
            "sort",
            "sort_by",
            "sort_by_key",
            "sort_unstable",
            "sort_unstable_by",
            "sort_unstable_by_key",
            "sort_by_cached_key",
            "select_nth_unstable",
            "select_nth_unstable_by",
            "reverse",
        ],
        &say::REORDER,
    ),
    (
        &[
            "get_mut",
            "first_mut",
            "last_mut",
            "as_mut",
            "entry",
            "get_or_insert_with",
        ],
        &say::ACCESS,
    ),
    (
        &["as_slice", "as_mut_slice", "as_ref", "borrow"],
        &say::VIEW,
    ),
    (&["to_vec", "into_vec", "into_boxed_slice"], &say::ALLOCATE),
];

/// Methods of types with interior mutability.
const SHARED: [&str; 18] = [
    "borrow_mut",
    "lock",
    "try_lock",
    "get_or_init",
    "fetch_add",
    "fetch_sub",
    "fetch_and",
    "fetch_or",
    "fetch_xor",
    "fetch_max",
    "fetch_min",
    "fetch_update",
    "compare_exchange",
    "compare_exchange_weak",
    "try_borrow_mut",
    "try_write",
    "replace_with",
    "set_mut",
];

/// Paths of functions that are refused: the last two segments, `*` for any.
const FUNCTIONS: [(&str, &str, &Row); 14] = [
    ("mem", "swap", &say::MEM),
    ("mem", "replace", &say::MEM),
    ("mem", "take", &say::MEM),
    ("ptr", "*", &say::POINTER),
    ("array", "from_fn", &say::FROM_FN),
    ("array", "from_mut", &say::HEAP),
    ("iter", "*", &say::ITERATOR),
    ("Box", "*", &say::HEAP),
    ("Rc", "*", &say::HEAP),
    ("Arc", "*", &say::HEAP),
    ("Vec", "*", &say::HEAP),
    ("RefCell", "new", &say::CELL),
    ("Mutex", "new", &say::CELL),
    ("RwLock", "new", &say::CELL),
];

impl Fence<'_> {
    pub(super) fn call(&mut self, c: &ExprCall) {
        match strip(&c.func) {
            Expr::Path(p) => {
                let refused = self.callee(p);
                self.arguments(&c.args, refused);
            }
            func => {
                let closure = matches!(func, Expr::Closure(_));
                self.refuse(
                    func,
                    if closure {
                        &say::CLOSURE
                    } else {
                        &say::CALL_VALUE
                    },
                );
                self.arguments(&c.args, false);
            }
        }
    }

    /// The function's path; says whether it was refused.
    fn callee(&mut self, p: &ExprPath) -> bool {
        let text = compact(p.path.to_token_stream());
        if self.kind(&p.path) == Some(Kind::Refused) {
            return true;
        }
        if self.kind(&p.path).is_some_and(|k| k != Kind::Function) {
            self.refuse_named(p, &say::CALL_LOCAL, &text);
            return true;
        }
        let Some(last) = p.path.segments.last() else {
            return false;
        };
        if ["Some", "Ok", "Err"].iter().any(|w| last.ident == w) {
            self.refuse_named(p, &say::CONSTRUCTOR, &last.ident.to_string());
            return true;
        }
        if is_variant(&p.path) {
            self.refuse_named(p, &say::VARIANT, &text);
            return true;
        }
        let Some(before) = p.path.segments.iter().rev().nth(1) else {
            return false;
        };
        let row = FUNCTIONS.iter().find(|(module, function, _)| {
            before.ident == module && (*function == "*" || last.ident == function)
        });
        if let Some((module, _, row)) = row {
            let name = if *module == "mem" {
                last.ident.to_string()
            } else {
                text
            };
            self.refuse_named(p, row, &name);
        }
        row.is_some()
    }

    /// Arguments. Behind a callee that was refused its closures say nothing new.
    fn arguments(&mut self, args: &Punctuated<Expr, Token![,]>, refused: bool) {
        for a in args
            .iter()
            .filter(|a| !(refused && matches!(a, Expr::Closure(_))))
        {
            self.expr(a, Seat::Argument);
        }
    }

    pub(super) fn method_call(&mut self, m: &ExprMethodCall) {
        if self.chain(m) {
            return;
        }
        let name = m.method.to_string();
        if let (Expr::Range(r), "contains") = (strip(&m.receiver), name.as_str()) {
            self.refuse(&m.method, &say::RANGE_CONTAINS);
            self.bounds(r);
            return self.arguments(&m.args, false);
        }
        let row = by_name(&name);
        if let Some(row) = row {
            let own = super::fill(say::OWN_METHOD, &name);
            let instead = format!("{}\n{own}", super::fill(row.instead, &name));
            self.errors
                .at(&m.method, super::fill(row.what, &name), instead);
        }
        self.base(&m.receiver);
        self.arguments(&m.args, row.is_some());
    }

    /// Whether an expression is an iterator; then it is refused.
    pub(super) fn iterator(&mut self, e: &Expr) -> bool {
        matches!(strip(e), Expr::MethodCall(m) if self.chain(m))
    }

    /// Refuses `x.iter().map(..).sum()` once, where the iteration starts.
    fn chain(&mut self, m: &ExprMethodCall) -> bool {
        let Some(chain) = Chain::of(m) else {
            return false;
        };
        self.refuse_named(&chain.start.method, chain.row, &chain.text);
        match chain.base {
            Expr::Range(r) => self.bounds(r),
            e => self.base(e),
        }
        true
    }
}

/// A chain of iterator methods, seen from its outermost call.
struct Chain<'a> {
    /// Where the iteration starts.
    start: &'a ExprMethodCall,
    base: &'a Expr,
    row: &'static Row,
    text: String,
}

impl<'a> Chain<'a> {
    fn of(outer: &'a ExprMethodCall) -> Option<Self> {
        let (mut start, mut at, mut steps, mut row, mut closure) =
            (outer, outer, Vec::new(), None, false);
        let base = loop {
            let name = at.method.to_string();
            let maker = maker(&name);
            if maker.is_none() && !ADAPTORS.contains(&name.as_str()) {
                // An ordinary method: what is above it is the chain.
                break if steps.is_empty() {
                    return None;
                } else {
                    &*start.receiver
                };
            }
            start = at;
            row = maker.or(row);
            closure |= at.args.iter().any(|a| matches!(a, Expr::Closure(_)));
            steps.push(format!(
                "{name}({})",
                if at.args.is_empty() { "" } else { ".." }
            ));
            match strip(&at.receiver) {
                Expr::MethodCall(inner) => at = inner,
                base => break base,
            }
        };
        if row.is_none() && !closure && !matches!(base, Expr::Range(_)) {
            return None;
        }
        steps.reverse();
        Some(Self {
            start,
            base,
            row: row.unwrap_or(&say::ITERATOR),
            text: steps.join("."),
        })
    }
}

fn maker(name: &str) -> Option<&'static Row> {
    MAKERS
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, row)| *row)
}

fn by_name(name: &str) -> Option<&'static Row> {
    let shared = SHARED.contains(&name).then_some(&say::SHARED_STATE);
    METHODS
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, row)| *row)
        .or(shared)
}

/// Whether a method call is refused by the names in it.
pub(super) fn is_refused(m: &ExprMethodCall) -> bool {
    changes_receiver(&m.method.to_string()) || Chain::of(m).is_some()
}

/// Whether the standard library's method of this name changes its receiver, or hides what it gives out.
pub(super) fn changes_receiver(name: &str) -> bool {
    by_name(name).is_some()
}

/// The range under `(a..b).rev().step_by(n)`.
pub(super) fn range_base(e: &Expr) -> Option<&ExprRange> {
    match strip(e) {
        Expr::Range(r) => Some(r),
        Expr::MethodCall(m) if ADAPTORS.iter().any(|a| m.method == a) => range_base(&m.receiver),
        _ => None,
    }
}

/// `Shape::Circle`: two names that start in upper case.
pub(super) fn is_variant(path: &Path) -> bool {
    let upper = |s: &syn::PathSegment| s.ident.to_string().starts_with(char::is_uppercase);
    path.segments.len() > 1 && path.segments.iter().rev().take(2).all(upper)
}
