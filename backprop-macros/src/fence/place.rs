//! Places and references: what is read, written and handed on under which name.
//!
//! A derivative follows what is written, so every write has to go to a place that is known here: a local
//! with fields and elements, or a name that `let r = &mut place` gave to one. A `&mut` that is handed to
//! some other name would be written through unseen.

use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall, ExprReference, UnOp};

use super::calls::is_refused;
use super::expr::{Seat, strip};
use super::messages::{self as say, Row};
use super::{Fence, Kind};
use crate::chain;
use crate::ir::print::compact;

impl Fence<'_> {
    /// `&x` as an argument; `let r = &x` has its own door.
    pub(super) fn reference(&mut self, r: &ExprReference, seat: Seat) {
        if self.is_closure(&r.expr) {
            // It is refused as what it is.
            self.operand(&r.expr);
        } else if seat != Seat::Argument && self.reference {
            self.base(&r.expr);
        } else if seat != Seat::Argument {
            let (and, mutability) = (&r.and_token, &r.mutability);
            self.refuse(&quote!(#and #mutability), &say::REFERENCE);
            self.operand(&r.expr);
        } else if r.mutability.is_some() {
            self.written(&r.expr, &say::MUT_TEMPORARY);
        } else {
            self.base(&r.expr);
        }
    }

    /// What a part is taken of, or a reference is handed on as.
    pub(super) fn base(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Path(_) => {}
            e => self.operand(e),
        }
    }

    /// The left side of `=`: a place, `_`, or a tuple of these.
    pub(super) fn target(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Infer(_) => {}
            Expr::Tuple(t) => {
                for e in &t.elems {
                    match strip(e) {
                        Expr::Infer(_) => {}
                        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => {
                            self.written(e, &say::ASSIGN_TARGET)
                        }
                        e => self.refuse(e, &say::DESTRUCTURE),
                    }
                }
            }
            e => self.written(e, &say::ASSIGN_TARGET),
        }
    }

    /// A place that is written to. Its root has to be known: a variable, or a name for a place.
    pub(super) fn written(&mut self, e: &Expr, row: &Row) {
        self.place(e, row);
        let (mut at, mut part, mut deref) = (strip(e), false, false);
        loop {
            at = match at {
                Expr::Field(f) => strip(&f.base),
                Expr::Index(i) => strip(&i.expr),
                Expr::Unary(u) => {
                    deref = true;
                    strip(&u.expr)
                }
                Expr::Path(p) => {
                    let name = compact(p.to_token_stream());
                    match self.kind(&p.path) {
                        Some(Kind::Exclusive) if !part && *row == say::ASSIGN_TARGET => {
                            self.refuse_named(e, &say::REBIND, &name)
                        }
                        // Rust lets a variable without `mut` be written to only through a reference in it.
                        Some(Kind::Value { mutable }) if part && (deref || !mutable) => {
                            self.refuse_named(e, &say::HIDDEN_REFERENCE, &name)
                        }
                        _ => {}
                    }
                    return;
                }
                _ => return,
            };
            part = true;
        }
    }

    /// A local with fields, indices and `*`; anything else is refused with `row`.
    pub(super) fn place(&mut self, e: &Expr, row: &Row) {
        match e {
            Expr::Path(_) => {}
            Expr::Field(f) => self.place(&f.base, row),
            Expr::Paren(p) => self.place(&p.expr, row),
            Expr::Group(g) => self.place(&g.expr, row),
            Expr::Index(i) => {
                self.place(&i.expr, row);
                self.index(i);
            }
            Expr::Unary(u) if matches!(u.op, UnOp::Deref(_)) => self.place(&u.expr, row),
            Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) if *row == say::ASSIGN_TARGET => {
                self.refuse(e, &say::DESTRUCTURE)
            }
            Expr::MethodCall(m) if chain::lends(e) => self.method_call(m),
            Expr::MethodCall(m) if self.refused_receiver(m) => {}
            e => self.refuse(e, row),
        }
    }

    /// A method that is refused by its name needs no second sentence about the place behind it.
    fn refused_receiver(&mut self, m: &ExprMethodCall) -> bool {
        if is_refused(m) {
            self.method_call(m);
            return true;
        }
        // `x.last_mut().unwrap()`
        match &*m.receiver {
            Expr::MethodCall(inner) => self.refused_receiver(inner),
            _ => false,
        }
    }
}
