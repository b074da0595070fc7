//! The fence: the language that the compiler speaks, and nothing else, passes.
//!
//! In: the user's signature and body. Out: mistakes, all of them at once, each at the smallest tokens that
//! show it, with what to write instead. Every kind of syntax node is met here and either accepted or
//! refused, so nothing behind the fence needs to ask again. One mistake is reported once: below a node
//! that was refused only what would remain wrong after mending it is looked at.

mod calls;
mod expr;
mod items;
mod iter;
mod macros;
mod messages;
mod pat;
mod place;
mod stmt;
#[cfg(test)]
mod tests;

use quote::ToTokens;
use syn::visit::Visit;
use syn::{Block, Expr, Pat, PatIdent, Path, ReturnType, Signature, Type};

use crate::diag::Errors;
pub(crate) use macros::PRINTING;
use messages::Row;

/// Reports everything in a function that the compiler does not accept.
pub(crate) fn check(sig: &Signature, block: &Block, errors: &mut Errors) {
    let reference =
        matches!(&sig.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Reference(_)));
    let mut fence = Fence {
        errors,
        names: Vec::new(),
        types: Vec::new(),
        reference,
    };
    // What the signature was refused for comes first: then a call of the parameter is no mistake of its own.
    let refused = !fence.errors.is_empty();
    fence.signature(sig);
    if refused {
        fence.functions(sig);
    }
    fence.marks(block);
    fence.block(block);
}

/// The same of a signature alone, for a function whose body is not looked at.
pub(crate) fn signature(sig: &Signature, errors: &mut Errors) {
    Fence {
        errors,
        names: Vec::new(),
        types: Vec::new(),
        reference: false,
    }
    .signature(sig);
}

/// What is in scope, and where mistakes go.
struct Fence<'a> {
    errors: &'a mut Errors,
    /// Names of values, innermost last.
    names: Vec<(String, Kind)>,
    /// Types declared by items of the body.
    types: Vec<String>,
    /// The function returns a reference, which has been refused already.
    reference: bool,
}

/// What a name in scope stands for.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An inner function: it hides a variable of the same name.
    Function,
    Value {
        mutable: bool,
    },
    /// A `&`: a parameter, or a name for a place.
    Shared,
    /// A `&mut`.
    Exclusive,
    /// A closure: to be called, here.
    Closure,
    /// Bound by the pattern of a loop over an iterator, or of a closure: the lowering knows to what.
    Bound,
    /// What it comes from has been refused.
    Refused,
}

impl Fence<'_> {
    fn refuse(&mut self, at: &impl ToTokens, row: &Row) {
        self.errors.at(at, row.what, row.instead);
    }

    /// Refuses with the user's own word in the sentence.
    fn refuse_named(&mut self, at: &impl ToTokens, row: &Row, name: &str) {
        self.errors
            .at(at, fill(row.what, name), fill(row.instead, name));
    }

    /// Brings the names of a pattern into scope.
    fn declare(&mut self, pat: &Pat) {
        let found = bindings(|v| v.visit_pat(pat));
        self.names.extend(
            found
                .into_iter()
                .map(|(name, mutable)| (name, Kind::Value { mutable })),
        );
    }

    /// Brings the names of a pattern that tests something into scope. Through a reference they are references.
    fn declare_matched(&mut self, pat: &Pat, of: &Expr) {
        let mutable = |e: &Expr| match expr::strip(e) {
            Expr::Reference(r) => r.mutability.is_some(),
            Expr::Path(p) => matches!(self.kind(&p.path), Some(Kind::Exclusive | Kind::Bound)),
            _ => false,
        };
        let takes_apart = !matches!(pat, Pat::Ident(_) | Pat::Type(_));
        let bound = takes_apart
            && match expr::strip(of) {
                Expr::Tuple(t) => t.elems.iter().any(mutable),
                e => mutable(e) || crate::chain::lends(e),
            };
        if bound {
            self.declare_bound(pat);
        } else {
            self.declare(pat);
        }
    }

    /// Brings names into scope of which the lowering knows what they stand for.
    fn declare_bound(&mut self, pat: &Pat) {
        let found = bindings(|v| v.visit_pat(pat));
        self.names
            .extend(found.into_iter().map(|(name, _)| (name, Kind::Bound)));
    }

    /// Brings names of which nothing is known into scope: what they come from has been refused.
    fn declare_refused(&mut self, pat: &Pat) {
        let found = bindings(|v| v.visit_pat(pat));
        self.names
            .extend(found.into_iter().map(|(name, _)| (name, Kind::Refused)));
    }

    /// What a path of one name stands for, where that is known.
    fn kind(&self, path: &Path) -> Option<Kind> {
        let name = path.get_ident()?;
        self.names
            .iter()
            .rev()
            .find(|(n, _)| name == n)
            .map(|(_, kind)| *kind)
    }

    /// Runs `inside` in a scope of its own.
    fn scope(&mut self, inside: impl FnOnce(&mut Self)) {
        let (names, types) = (self.names.len(), self.types.len());
        inside(self);
        self.names.truncate(names);
        self.types.truncate(types);
    }
}

fn fill(text: &str, name: &str) -> String {
    text.replace("{}", name)
}

/// The names that patterns bind in what `walk` visits, and whether as `mut`.
fn bindings(walk: impl FnOnce(&mut Bindings)) -> Vec<(String, bool)> {
    let mut found = Bindings(Vec::new());
    walk(&mut found);
    found.0
}

struct Bindings(Vec<(String, bool)>);

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, p: &'ast PatIdent) {
        self.0.push((p.ident.to_string(), p.mutability.is_some()));
        syn::visit::visit_pat_ident(self, p);
    }
}
