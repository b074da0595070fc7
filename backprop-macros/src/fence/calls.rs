//! Calls: of functions by path, of methods by name, and chains of iterator adaptors.
//!
//! Types are not known here. A method of the standard library is recognised by its name where it changes
//! its receiver, because overlooking that would lose a derivative; iterator adaptors only in a chain that
//! starts an iteration, so that a user's own `sum` stays callable.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath, Path, Token};

use super::expr::{Seat, strip};
use super::messages::{self as say, Row};
use super::{Fence, Kind};
use crate::chain::{self, Role};
use crate::ir::print::compact;

/// Methods that are refused by their name, whatever the receiver.
const METHODS: [(&[&str], &Row); 8] = [
    (&["swap"], &say::SWAP),
    (&["clone_from"], &say::COPY),
    (
        &["as_rchunks", "as_rchunks_mut", "get_disjoint_mut"],
        &say::SPLIT,
    ),
    (
        &[
            "pop",
            "insert",
            "remove",
            "swap_remove",
            "truncate",
            "resize",
            "resize_with",
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
        ],
        &say::REORDER,
    ),
    (&["as_mut", "entry", "get_or_insert_with"], &say::ACCESS),
    (&["as_ref", "borrow"], &say::VIEW),
    (&["into_vec", "into_boxed_slice"], &say::ALLOCATE),
];

/// Methods of `Option` that take closures.
const ON_OPTIONS: [&str; 8] = [
    "unwrap_or_else",
    "map_or",
    "map_or_else",
    "and_then",
    "or_else",
    "filter",
    "is_some_and",
    "is_none_or",
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
const FUNCTIONS: [(&str, &str, &Row); 11] = [
    ("mem", "take", &say::MEM),
    ("ptr", "*", &say::POINTER),
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
        if self.closure_call(c) {
            return;
        }
        match strip(&c.func) {
            Expr::Path(p) => {
                if chain::is_from_fn(c) {
                    return c.args.iter().for_each(|a| self.callable(a));
                }
                let refused = self.callee(p);
                if is_constructor(&p.path) {
                    return c.args.iter().for_each(|a| self.operand(a));
                }
                self.arguments(&c.args, refused);
            }
            func => {
                self.refuse(func, &say::CALL_VALUE);
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
        if ["Ok", "Err"].iter().any(|w| last.ident == w) {
            self.refuse_named(p, &say::CONSTRUCTOR, &last.ident.to_string());
            return true;
        }
        let Some(before) = p.path.segments.iter().rev().nth(1) else {
            return false;
        };
        let empty =
            before.ident == "Vec" && ["new", "with_capacity"].iter().any(|n| last.ident == n);
        let row = FUNCTIONS
            .iter()
            .filter(|_| !empty)
            .find(|(module, function, _)| {
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
            self.bounds(r);
            return m.args.iter().for_each(|a| match strip(a) {
                Expr::Reference(r) => self.base(&r.expr),
                e => self.operand(e),
            });
        }
        // Of an array; what else it may be is seen when it is lowered.
        if (name == "map" || ON_OPTIONS.contains(&name.as_str()))
            && m.args.iter().any(|a| self.is_closure(a))
        {
            self.base(&m.receiver);
            for a in &m.args {
                if self.is_closure(a) {
                    self.callable(a);
                } else {
                    self.operand(a);
                }
            }
            return;
        }
        if chain::moves(m) {
            return self.moved(m);
        }
        if name == "extend" && m.args.len() == 1 {
            self.base(&m.receiver);
            return self.iterable(&m.args[0], false);
        }
        if chain::parts(m).is_some() {
            return self.parts(m);
        }
        let row = by_name(&name).or_else(|| cell(m).then_some(&say::SHARED_STATE));
        if let Some(row) = row {
            let own = super::fill(say::OWN_METHOD, &name);
            let instead = format!("{}\n{own}", super::fill(row.instead, &name));
            self.errors
                .at(&m.method, super::fill(row.what, &name), instead);
        }
        self.base(&m.receiver);
        self.arguments(&m.args, row.is_some());
    }
}

impl Fence<'_> {
    /// What changes the places of elements: of its receiver, and of another slice.
    pub(super) fn moved(&mut self, m: &ExprMethodCall) {
        self.exclusive(&m.receiver);
        match m.method.to_string().as_str() {
            "swap_with_slice" => m.args.iter().for_each(|a| match strip(a) {
                Expr::Reference(r) if r.mutability.is_some() => self.exclusive(&r.expr),
                e => self.exclusive(e),
            }),
            "fill_with" => m.args.iter().for_each(|f| self.callable(f)),
            "copy_within" => {
                for a in &m.args {
                    match strip(a) {
                        Expr::Range(r) => self.bounds(r),
                        e => self.operand(e),
                    }
                }
            }
            _ => self.arguments(&m.args, false),
        }
    }

    /// What hands out parts of its receiver.
    fn parts(&mut self, m: &ExprMethodCall) {
        if m.method.to_string().contains("_mut") {
            self.exclusive(&m.receiver);
        } else {
            self.base(&m.receiver);
        }
        for a in &m.args {
            match strip(a) {
                Expr::Range(r) => self.bounds(r),
                _ => self.expr(a, Seat::Argument),
            }
        }
    }
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
    by_name(&m.method.to_string()).is_some() || cell(m) || chain::role(m) == Some(Role::Refused)
}

/// Whether this is called as a method is that changes a `Cell`, an atomic or a lock: their names are too common to go by alone.
fn cell(m: &ExprMethodCall) -> bool {
    matches!(
        (m.method.to_string().as_str(), m.args.len()),
        ("set" | "replace", 1) | ("take" | "write", 0) | ("store", 2)
    )
}

/// Whether the standard library's method of this name changes its receiver, or hides what it gives out.
pub(super) fn changes_receiver(name: &str) -> bool {
    const ACCEPTED: [&str; 4] = ["reverse", "get_mut", "first_mut", "last_mut"];
    by_name(name).is_some() || ACCEPTED.contains(&name) || name.ends_with("_mut")
}

/// `Some(x)`, `Shape::Circle(r)`: it holds what it is given, so a reference would be kept in a value.
fn is_constructor(path: &Path) -> bool {
    let upper = |s: &syn::PathSegment| s.ident.to_string().starts_with(char::is_uppercase);
    path.segments.last().is_some_and(upper)
}
