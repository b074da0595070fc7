//! Calls along all axes at once, of functions that make one number of one number: its first and second derivative at that number serve every lane.
//!
//! ```text
//! (t, t') = g::companion(x, 1, on(p), on(q), (1, 0));   // p = g'(x), q = g''(x)
//! d_t = p * d_x;                                        // in each lane
//! ```
//!
//! Where the sweep was, the adjoint is `s * p`, with the tangent `d_s * p + s * q * d_x`.

use proc_macro2::Span;
use quote::ToTokens;

use super::{Forward, Swept};
use crate::analyze::activity::Activity;
use crate::ir::visit::each;
use crate::ir::{Arg, Beside, Bin, Call, Callee, Found, Func, Op, Shape, SlotArg, Stmt, Sweep, V};

/// A call that has been made with its derivatives.
pub(super) struct Scalar {
    callee: String,
    x: V,
    first: V,
    second: V,
}

/// The argument of a call that may be one of these.
fn argument(func: &Func, c: &Call) -> Option<V> {
    match &c.args[..] {
        [Arg::Value(x)] if *func.shape(*x) == Shape::Float => Some(*x),
        _ => None,
    }
}

/// Whether all calls in a reverse sweep that a varying value goes into are such.
pub(crate) fn all_scalar(swept: &Func) -> bool {
    let activity = Activity::of_sweep(swept);
    let varies = |c: &Call| c.through().any(|(_, a)| activity.varies(a.root()));
    let (mut calls, mut others, mut casts) = (false, false, false);
    each(&swept.body, &mut |s| match s {
        Stmt::Call(c) if varies(c) => {
            calls = true;
            others |= argument(swept, c).is_none() || c.ret.is_none();
        }
        Stmt::Sweep(s) => {
            calls = true;
            let one = matches!(&s.slots[..], [SlotArg::Fresh(_)]);
            others |= !one || argument(swept, &s.call).is_none() || s.seed.is_none();
        }
        // Numbers of two precisions: the callee may make one of the other.
        Stmt::Let(_, Op::Cast(..) | Op::Convert(..) | Op::CastBack { .. }) => casts = true,
        _ => {}
    });
    !(others || calls && casts)
}

impl Forward {
    /// The call with its derivatives, and what it does in each lane.
    pub(super) fn scalar_call(&mut self, c: &Call) {
        let varies = c.through().any(|(_, a)| self.varies(a.root()));
        let (Some(x), Some(t), true) = (argument(&self.b.func, c), c.ret, varies) else {
            self.b.push(Stmt::Call(c.clone()));
            return;
        };
        let s = self.scalar(c, x, Some(t));
        let span = self.b.func.info(t).span;
        self.each_lane(|f| {
            let Some(d) = f.tangent(x) else { return };
            let d = f.float(Op::Bin(Bin::Mul, s.0, d), span);
            f.set(t, d);
        });
    }

    /// What the sweep of such a call does.
    pub(super) fn scalar_sweep(&mut self, s: &Sweep) {
        let (Some(x), [SlotArg::Fresh(d)], Some(seed)) =
            (argument(&self.b.func, &s.call), &s.slots[..], s.seed)
        else {
            return;
        };
        let callee = name(&s.call.callee);
        let made = self.scalars.iter().rev();
        let made = made.filter(|m| m.x == x && m.callee == callee && s.call.ret.is_none());
        let (first, second) = match made.map(|m| (m.first, m.second)).next() {
            Some(made) => made,
            None => self.scalar(&s.call, x, s.call.ret),
        };
        let span = self.b.func.info(*d).span;
        self.b.push(Stmt::Let(*d, Op::Bin(Bin::Mul, seed, first)));
        self.b.func.info_mut(*d).shape = Shape::Float;
        let curved = self.float(Op::Bin(Bin::Mul, seed, second), span);
        self.each_lane(|f| {
            let a = f.tangent(seed);
            let a = a.map(|d| f.float(Op::Bin(Bin::Mul, d, first), span));
            let b = f.tangent(x);
            let b = b.map(|d| f.float(Op::Bin(Bin::Mul, curved, d), span));
            let sum = match (a, b) {
                (Some(a), Some(b)) => Some(f.float(Op::Bin(Bin::Add, a, b), span)),
                (one, other) => one.or(other),
            };
            if let Some(h) = sum {
                f.set(*d, h);
            }
        });
        if let Some(t) = s.call.ret {
            self.each_lane(|f| {
                let Some(d) = f.tangent(x) else { return };
                let d = f.float(Op::Bin(Bin::Mul, first, d), span);
                f.set(t, d);
            });
        }
    }

    /// Calls the companion along the only axis that the callee has. Returns the first and the second derivative.
    fn scalar(&mut self, c: &Call, x: V, ret: Option<V>) -> (V, V) {
        let span = self.b.func.info(x).span;
        let (one, zero) = (
            self.float(Op::Lit(1.0), span),
            self.float(Op::Lit(0.0), span),
        );
        let both = Shape::Tuple(vec![Shape::Float, Shape::Float]);
        let seed = self.b.op(Op::Tuple(vec![one, zero]), both, span);
        let mut fresh = || self.b.fresh(Shape::Float, Span::call_site());
        let (first, second, along) = (fresh(), fresh(), fresh());
        let value = ret.unwrap_or_else(|| self.b.fresh(Shape::Float, span));
        let mut call = c.clone();
        call.ret = Some(value);
        call.args.push(Arg::Value(one));
        call.entries = vec![None; call.args.len()];
        call.beside = Some(Beside {
            tangents: vec![Some(1)],
            ret: Some(along),
        });
        self.b.push(Stmt::Sweep(Sweep {
            found: vec![Found::Left; call.args.len()],
            slots: vec![SlotArg::Fresh(first), SlotArg::Fresh(second)],
            seed: Some(seed),
            call,
        }));
        self.scalars.push(Scalar {
            callee: name(&c.callee),
            x,
            first,
            second,
        });
        (first, second)
    }

    /// Whether calls are made so.
    pub(super) fn along_axes(&self) -> bool {
        self.swept == Swept::Axes
    }
}

/// The callee, to be compared.
fn name(callee: &Callee) -> String {
    match callee {
        Callee::Function(p) | Callee::Associated(p) => p.to_token_stream().to_string(),
        Callee::Method(name, generics) => {
            let generics = generics.as_ref().map(ToString::to_string);
            format!(".{name}{}", generics.unwrap_or_default())
        }
    }
}
