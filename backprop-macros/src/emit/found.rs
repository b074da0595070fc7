//! What calls find in the buffers that they are lent: kept where a sweep may want it, and put back before that runs.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::body::Body;
use super::call::{FALLBACKS, parts, respanned, take_generics};
use crate::ir::{Arg, Call, Callee, Found, Path, Proj, Sweep, V};

impl Body<'_> {
    /// `let found = keep(f::part(), &y);` for each buffer whose contents from before the call a sweep may want.
    pub(super) fn keep_found(&mut self, c: &Call) -> TokenStream {
        let mut out = TokenStream::new();
        for (a, entry) in c.args.iter().zip(&c.entries) {
            if let (Arg::Mut(_, path, new), Some(entry)) = (a, entry)
                && self.is_used(*entry)
            {
                let (p, part) = (self.private.clone(), self.part(c));
                if let Some(all) = self.logged_part(*new, path) {
                    let (place, keep) = (self.reference(*new, &all, false), &self.keep);
                    let log = respanned(&quote!(#p::log_found), c.callee.span());
                    out.extend(quote!(#log(#part, #place, &mut *#keep);));
                    continue;
                }
                let place = self.reference(*new, path, false);
                let name = self.name_result(*entry, "found");
                let keep = respanned(&quote!(#p::keep), c.callee.span());
                out.extend(quote!(let #name = #keep(#part, #place);));
            }
        }
        out
    }

    /// `put_back(f::part(), &mut y, found);` for each of them.
    pub(super) fn put_back(&self, s: &Sweep) -> TokenStream {
        let mut out = TokenStream::new();
        if !chooses(s) {
            return out;
        }
        let (p, part) = (&self.private, self.part(&s.call));
        // What was logged last comes off first.
        for (a, found) in s.call.args.iter().zip(&s.found).rev() {
            if let (Arg::Mut(_, path, v) | Arg::Again(v, path), Found::Entry(entry)) = (a, found) {
                if let Some(all) = self.logged_part(*v, path) {
                    let (place, keep) = (self.reference(*v, &all, true), &self.keep);
                    out.extend(quote!(#p::unlog_found(#part, #place, &mut *#keep);));
                    continue;
                }
                let place = self.reference(*v, path, true);
                let entry = self.value(*entry).tokens;
                out.extend(quote!(#p::put_back(#part, #place, #entry);));
            }
        }
        out
    }

    /// All elements of a slice or a `Vec`, which lie on the log while the reverse sweep may want them.
    fn logged_part(&self, v: V, path: &Path) -> Option<Path> {
        (self.tape && self.func.is_slice(v, path)).then(|| {
            let all = Proj::Range {
                lo: None,
                hi: None,
                inclusive: false,
            };
            path.iter().cloned().chain([all]).collect()
        })
    }

    /// What the callee says of the part of its sweep that runs after a call.
    pub(super) fn part(&self, c: &Call) -> TokenStream {
        let p = &self.private;
        let span = c.callee.span();
        match &c.callee {
            Callee::Function(path) => {
                let (path, _) = take_generics(path);
                if c.args.len() > FALLBACKS {
                    return quote_spanned!(span=> #path::part());
                }
                let fallback = format_ident!("of_{}", c.args.len());
                let callee = Ident::new("__callee", span);
                quote_spanned!(span=> { use #p::missing::#fallback::*; use #path as #callee; #callee::part() })
            }
            Callee::Associated(path) => {
                let (mut path, _) = take_generics(path);
                if let Some(last) = path.segments.last_mut() {
                    last.ident = parts(&last.ident)[0].clone();
                }
                quote_spanned!(span=> #path())
            }
            Callee::Method(name, _) => {
                let [_, name] = parts(name);
                let (receiver, _) = self.receiver_of(c, &[], &[]);
                respanned(&quote!(#receiver.#name()), span)
            }
        }
    }
}

/// Whether a sweep runs the part that the callee names: every buffer can be had as the call found it.
pub(super) fn chooses(s: &Sweep) -> bool {
    let mut lent = s.call.args.iter().zip(&s.found);
    let left = |(a, found): (&Arg, &Found)| {
        matches!(a, Arg::Mut(..) | Arg::Again(..)) && *found == Found::Left
    };
    let some = s.found.iter().any(|f| *f != Found::Left);
    some && s.call.ret.is_none() && !lent.any(left)
}
