//! Reverse sweeps with tangents: which of their values are zero where tangents are not there, and calls in them.
//!
//! ```text
//! let (t, d_t) = g::tangent(x, along::<_, __V0>(v_x), w, beside::<_, __V1>(v_w), &Twice);
//! g::second(x, along::<_, __V0>(v_x), on(&mut d_x), on(&mut h_x), .., (d_t, h_t), &mut NoTape, Rest);
//! ```
//!
//! What the sweep of a call adds to `h` is the tangent of what it adds to `d`. Both halves ask the callee for one thing, that it has second derivatives.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::along;
use super::body::Body;
use super::call::{FALLBACKS, generic_list, respanned, take_generics, turbofish};
use super::context::Context;
use super::item::own_generics;
use crate::ir::table::Set;
use crate::ir::{Arg, Beside, Call, Callee, SlotArg};

/// The hidden companion of a method or associated function.
pub(super) fn hidden(name: &Ident) -> Ident {
    let mut hidden = format_ident!("__second_of_{}", name);
    hidden.set_span(name.span());
    hidden
}

impl Body<'_> {
    /// `let (t, d_t) = g::tangent(x, v_x, ..);`, or the function alone where nobody asks for a tangent.
    pub(super) fn call_beside(&mut self, c: &Call, beside: &Beside, live: &Set) -> TokenStream {
        let own = beside.tangents.len();
        let outs = c.args[own..].iter().filter_map(|a| match a {
            Arg::Mut(_, _, out) => Some(out),
            _ => None,
        });
        let mut asked = outs
            .chain(c.entries[own..].iter().flatten())
            .chain(&beside.ret);
        if !asked.any(|v| self.is_used(*v)) {
            let plain = Call {
                args: c.args[..own].to_vec(),
                entries: c.entries[..own].to_vec(),
                beside: None,
                ..c.clone()
            };
            return self.primal_call(&plain, live);
        }
        let mut out = self.lend(c, live);
        out.extend(self.keep_found(c));
        let mut cuts = TokenStream::new();
        let args = self.arguments(c, &[], &mut out, &mut cuts);
        out.extend(cuts);
        let (args, behind) = self.with_tangents(c, beside, args, None);
        let p = &self.private;
        let last = along::placed(&quote!(&#p::Twice), c.callee.span());
        let call = self.hidden_call(c, &args, &behind, &last, &[], &Hidden::TANGENT);
        out.extend(self.bind_all(c, &[beside.ret], &call));
        out
    }

    /// `g::second(..)`.
    pub(super) fn companion_call(
        &self,
        c: &Call,
        args: &[TokenStream],
        behind: &[TokenStream],
        last: &TokenStream,
        lent: &[SlotArg],
    ) -> TokenStream {
        self.hidden_call(c, args, behind, last, lent, &Hidden::SECOND)
    }

    fn hidden_call(
        &self,
        c: &Call,
        args: &[TokenStream],
        behind: &[TokenStream],
        last: &TokenStream,
        lent: &[SlotArg],
        which: &Hidden,
    ) -> TokenStream {
        let (p, span) = (&self.private, c.callee.span());
        let inferred = args.len() * which.modes + which.more;
        match &c.callee {
            Callee::Function(path) => {
                let (path, generics) = take_generics(path);
                let turbofish = turbofish(generics, inferred);
                let name = Ident::new(which.function, span);
                if args.len() > FALLBACKS {
                    return quote_spanned!(span=> #path::#name #turbofish(#(#args, #behind,)* #last));
                }
                let fallback = format_ident!("of_{}", args.len());
                let callee = Ident::new("__callee", span);
                let found = along::placed(
                    &quote!({ let () = <#callee as #p::HasDerivative>::FOUND; <#callee as #p::HasSecond>::FOUND }),
                    span,
                );
                quote_spanned!(span=> { use #p::missing::#fallback::*; use #path as #callee; let () = #found; #callee::#name #turbofish(#(#args, #behind,)* #last) })
            }
            Callee::Associated(path) => {
                let (mut path, generics) = take_generics(path);
                if let Some(last) = path.segments.last_mut() {
                    last.ident = (which.method)(&last.ident);
                }
                let turbofish = turbofish(generics, inferred);
                quote_spanned!(span=> #path #turbofish(#(#args, #behind,)* #last))
            }
            Callee::Method(name, generics) => {
                let name = (which.method)(name);
                let (receiver, rest) = self.receiver_of(c, args, lent);
                let (first, others) = behind
                    .split_first()
                    .map_or((None, &[][..]), |(f, o)| (Some(f), o));
                let turbofish = turbofish(generics.as_ref().map(generic_list), inferred);
                let receiver = respanned(&receiver, span);
                let list = quote_spanned!(span=> (#first, #(#rest, #others,)* #last));
                quote!(#receiver.#name #turbofish #list)
            }
        }
    }

    /// The user's arguments, and what stands behind each of them: its tangent, and in a sweep the slots of both.
    pub(super) fn with_tangents(
        &self,
        c: &Call,
        beside: &Beside,
        mut args: Vec<TokenStream>,
        slots: Option<Vec<TokenStream>>,
    ) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let (p, span) = (&self.private, c.callee.span());
        let mut behind = Vec::new();
        for (k, at) in beside.tangents.iter().enumerate() {
            let tangent = match at {
                Some(at) => self.tangent_of(c, &c.args[*at], &args[*at]),
                None => self.no_tangent(c, k),
            };
            let tangent = respanned(&tangent, span);
            behind.push(match &slots {
                None => tangent,
                Some(slots) => {
                    let d = &slots[k];
                    let off = respanned(&quote!(#p::off()), span);
                    let h = at.and_then(|at| slots.get(at)).unwrap_or(&off);
                    quote!(#tangent, #d, #h)
                }
            });
        }
        args.truncate(beside.tangents.len());
        (args, behind)
    }

    fn tangent_of(&self, c: &Call, arg: &Arg, tokens: &TokenStream) -> TokenStream {
        let p = &self.private;
        let mode = self.mode_in(c, arg.root());
        match arg {
            Arg::Value(_) => quote!(#p::along::<_, #mode>(#tokens)),
            Arg::Ref(..) => quote!(#p::beside::<_, #mode>(#tokens)),
            Arg::Mut(..) | Arg::Again(..) => quote!(#p::on(#tokens)),
        }
    }

    /// What stands for the tangent of an argument that does not vary.
    fn no_tangent(&self, c: &Call, k: usize) -> TokenStream {
        let p = &self.private;
        match &c.args[k] {
            // A receiver's type has to be seen.
            Arg::Ref(v, path) if k == 0 && !matches!(c.callee, Callee::Function(_)) => {
                let place = self.reference(*v, path, false);
                quote!(#p::beside::<_, #p::Off>(#place))
            }
            Arg::Value(_) | Arg::Ref(..) => quote!(#p::still()),
            Arg::Mut(..) | Arg::Again(..) => quote!(#p::off()),
        }
    }
}

/// A hidden function that takes tangents.
struct Hidden {
    function: &'static str,
    method: fn(&Ident) -> Ident,
    /// Its type parameters: so many for each argument, and so many more.
    modes: usize,
    more: usize,
}

impl Hidden {
    const TANGENT: Hidden = Hidden {
        function: "tangent",
        method: |name| along::hidden(name, false),
        modes: 1,
        more: 1,
    };
    const SECOND: Hidden = Hidden {
        function: "second",
        method: hidden,
        modes: 3,
        more: 2,
    };
}

/// A companion as its own wrapper calls it.
pub(super) fn of(c: &Context) -> TokenStream {
    let name = &c.item.sig.ident;
    let own = own_generics(c);
    let inferred = (0..3 * c.sig.inputs.len() + 2).map(|_| quote!(_));
    let turbofish = (!own.is_empty()).then(|| quote!(::<#(#own,)* #(#inferred),*>));
    let hidden = hidden(name);
    if c.sig.has_self {
        quote!(self.#hidden #turbofish)
    } else if c.member {
        quote!(Self::#hidden #turbofish)
    } else {
        quote!(#name::second #turbofish)
    }
}
