//! Macros: the few that are known, and what may stand in them.
//!
//! What stands in `assert!(..)`, `println!(..)` and `no_grad!(..)` is copied, not differentiated, so any Rust is welcome
//! there, unless it leaves the function or changes a variable outside: the compiler would not see it.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, Macro, Token};

use super::calls::changes_receiver;
use super::expr::{Seat, is_assignment, strip};
use super::messages::{self as say, Row};
use super::{Fence, bindings};
use crate::ir::print::compact;
use crate::vector::{Elements, is_vec, matching};

const ASSERTING: [&str; 6] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
];
/// What prints: once, where the function itself runs.
pub(crate) const PRINTING: [&str; 4] = ["println", "print", "eprintln", "eprint"];
const STOPPING: [&str; 2] = ["panic", "unreachable"];

/// Known macros that are refused.
const REFUSED: [(&[&str], &Row); 3] = [
    (
        &["dbg", "write", "writeln", "format", "format_args"],
        &say::PRINT,
    ),
    (&["todo", "unimplemented"], &say::STOP),
    (&["matches"], &say::MACRO_TOKENS),
];

impl Fence<'_> {
    pub(super) fn mac(&mut self, mac: &Macro, seat: Seat) {
        let name = mac
            .path
            .segments
            .last()
            .map(|s| s.ident.to_string())
            .unwrap_or_default();
        let stops = STOPPING.contains(&name.as_str());
        if stops && seat != Seat::Statement {
            self.refuse_named(&mac.path, &say::EXIT_INSIDE, &format!("{name}!"));
        }
        if stops || ASSERTING.contains(&name.as_str()) || PRINTING.contains(&name.as_str()) {
            match arguments(&mac.tokens) {
                Some(args) => self.sealed(&args),
                None => self.refuse_named(&mac.path, &say::MACRO_TOKENS, &name),
            }
        } else if is_vec(mac) {
            match Elements::of(mac) {
                Some(Elements::Filled(x, n)) => {
                    self.operand(&x);
                    self.operand(&n);
                }
                Some(Elements::List(list)) => list.iter().for_each(|e| self.operand(e)),
                None => self.refuse_named(&mac.path, &say::MACRO_TOKENS, &name),
            }
        } else if let Some(e) = matching(mac) {
            self.operand(&e);
        } else if name == "no_grad" {
            match syn::parse2::<Expr>(mac.tokens.clone()) {
                Ok(e) => self.sealed(&[e]),
                Err(_) => self.refuse_named(&mac.path, &say::MACRO_TOKENS, &name),
            }
        } else {
            let row = REFUSED
                .iter()
                .find(|(names, _)| names.contains(&name.as_str()))
                .map_or(&say::MACRO, |(_, row)| row);
            self.refuse_named(
                &mac.path,
                row,
                &if *row == say::MACRO {
                    compact(mac.path.to_token_stream())
                } else {
                    name
                },
            );
        }
    }

    fn sealed(&mut self, list: &[Expr]) {
        let bound = bindings(|v| list.iter().for_each(|e| v.visit_expr(e)));
        let mut sealed = Sealed {
            bound: bound.into_iter().map(|(name, _)| name).collect(),
            ..Sealed::default()
        };
        for e in list {
            sealed.top(e);
        }
        for (tokens, row, name) in sealed.found {
            self.refuse_named(&tokens, row, &name);
        }
    }
}

/// The arguments of a macro that takes expressions and a format string.
fn arguments(tokens: &TokenStream) -> Option<Vec<Expr>> {
    let list = Punctuated::<Expr, Token![,]>::parse_terminated
        .parse2(tokens.clone())
        .ok()?;
    Some(list.into_iter().collect())
}

/// Looks for what must not happen in code that is copied.
#[derive(Default)]
struct Sealed {
    /// Names bound inside.
    bound: Vec<String>,
    labels: Vec<String>,
    loops: usize,
    closures: usize,
    found: Vec<(TokenStream, &'static Row, String)>,
}

impl Sealed {
    /// An argument of the macro: `name = value` names a value for the format string.
    fn top(&mut self, e: &Expr) {
        match e {
            Expr::Assign(a) if matches!(&*a.left, Expr::Path(p) if p.path.get_ident().is_some_and(|n| n != "self")) => {
                self.visit_expr(&a.right)
            }
            e => self.visit_expr(e),
        }
    }

    fn exit(&mut self, token: &impl ToTokens, word: &str) {
        self.found
            .push((token.to_token_stream(), &say::SEALED_EXIT, word.to_string()));
    }

    /// A change of a place: bad where its root is a variable outside.
    fn write(&mut self, place: &Expr) {
        if let Some(name) = root(place).filter(|n| !self.bound.contains(n)) {
            self.found
                .push((place.to_token_stream(), &say::SEALED_WRITE, name));
        }
    }

    fn nested(
        &mut self,
        label: Option<&syn::Label>,
        is_loop: bool,
        inside: impl FnOnce(&mut Self),
    ) {
        self.loops += usize::from(is_loop);
        self.labels.extend(label.map(|l| l.name.ident.to_string()));
        inside(self);
        self.labels
            .truncate(self.labels.len() - usize::from(label.is_some()));
        self.loops -= usize::from(is_loop);
    }

    fn jump(&mut self, token: &impl ToTokens, word: &str, label: Option<&syn::Lifetime>) {
        let inside = match label {
            Some(l) => self.labels.iter().any(|name| l.ident == name),
            None => self.loops > 0,
        };
        if !inside {
            self.exit(token, word);
        }
    }
}

impl<'ast> Visit<'ast> for Sealed {
    fn visit_expr_return(&mut self, e: &'ast syn::ExprReturn) {
        if self.closures == 0 {
            self.exit(&e.return_token, "return");
        }
        visit::visit_expr_return(self, e);
    }

    fn visit_expr_try(&mut self, e: &'ast syn::ExprTry) {
        if self.closures == 0 {
            self.exit(&e.question_token, "?");
        }
        visit::visit_expr_try(self, e);
    }

    fn visit_expr_await(&mut self, e: &'ast syn::ExprAwait) {
        if self.closures == 0 {
            self.exit(&e.await_token, ".await");
        }
        visit::visit_expr_await(self, e);
    }

    fn visit_expr_yield(&mut self, e: &'ast syn::ExprYield) {
        self.exit(&e.yield_token, "yield");
        visit::visit_expr_yield(self, e);
    }

    fn visit_expr_break(&mut self, e: &'ast syn::ExprBreak) {
        self.jump(&e.break_token, "break", e.label.as_ref());
        visit::visit_expr_break(self, e);
    }

    fn visit_expr_continue(&mut self, e: &'ast syn::ExprContinue) {
        self.jump(&e.continue_token, "continue", e.label.as_ref());
    }

    fn visit_expr_loop(&mut self, e: &'ast syn::ExprLoop) {
        self.nested(e.label.as_ref(), true, |s| visit::visit_expr_loop(s, e));
    }

    fn visit_expr_while(&mut self, e: &'ast syn::ExprWhile) {
        self.nested(e.label.as_ref(), true, |s| visit::visit_expr_while(s, e));
    }

    fn visit_expr_for_loop(&mut self, e: &'ast syn::ExprForLoop) {
        self.nested(e.label.as_ref(), true, |s| visit::visit_expr_for_loop(s, e));
    }

    fn visit_expr_block(&mut self, e: &'ast syn::ExprBlock) {
        self.nested(e.label.as_ref(), false, |s| visit::visit_expr_block(s, e));
    }

    fn visit_expr_closure(&mut self, e: &'ast syn::ExprClosure) {
        let loops = core::mem::take(&mut self.loops);
        self.closures += 1;
        visit::visit_expr_closure(self, e);
        self.closures -= 1;
        self.loops = loops;
    }

    fn visit_expr_async(&mut self, e: &'ast syn::ExprAsync) {
        self.closures += 1;
        visit::visit_expr_async(self, e);
        self.closures -= 1;
    }

    fn visit_expr_assign(&mut self, e: &'ast syn::ExprAssign) {
        self.write(&e.left);
        visit::visit_expr_assign(self, e);
    }

    fn visit_expr_binary(&mut self, e: &'ast syn::ExprBinary) {
        if is_assignment(&e.op) {
            self.write(&e.left);
        }
        visit::visit_expr_binary(self, e);
    }

    fn visit_expr_reference(&mut self, e: &'ast syn::ExprReference) {
        if e.mutability.is_some() {
            self.write(&e.expr);
        }
        visit::visit_expr_reference(self, e);
    }

    fn visit_expr_method_call(&mut self, e: &'ast syn::ExprMethodCall) {
        let name = e.method.to_string();
        // Reading through a view or copying it out is harmless where no adjoint is wanted.
        let reads = [
            "as_ref",
            "as_slice",
            "borrow",
            "to_vec",
            "into_vec",
            "split_at",
            "split_first",
            "split_last",
            "first_chunk",
            "last_chunk",
            "as_chunks",
        ];
        if name == "iter_mut" || (changes_receiver(&name) && !reads.contains(&name.as_str())) {
            self.write(&e.receiver);
        }
        visit::visit_expr_method_call(self, e);
    }

    fn visit_macro(&mut self, m: &'ast Macro) {
        for e in arguments(&m.tokens).unwrap_or_default() {
            self.top(&e);
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The variable that a place is part of.
fn root(e: &Expr) -> Option<String> {
    match strip(e) {
        Expr::Path(p) => p.path.get_ident().map(ToString::to_string),
        Expr::Field(f) => root(&f.base),
        Expr::Index(i) => root(&i.expr),
        Expr::Unary(u) => root(&u.expr),
        Expr::MethodCall(m) => root(&m.receiver),
        Expr::Reference(r) => root(&r.expr),
        Expr::Tuple(t) => t.elems.iter().find_map(root),
        _ => None,
    }
}
