//! Parts of one slice that a call borrows at once, one of them mutably.
//!
//! ```text
//! let (a, b) = y.split_at_mut(m); f(a, b);
//! let n = y.len(); let [y1, y2] = disjoint(&mut y[..], [range_in(0..n, ..m), range_in(0..n, m..)]); f(&mut *y1, &mut *y2);
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::body::Body;
use crate::ir::{Arg, Call, Proj, SlotArg, V, same_path};

/// A part that a call borrows.
pub(super) struct Borrow<'a> {
    root: V,
    path: &'a [Proj],
    mutable: bool,
}

/// What the arguments borrow.
pub(super) fn of_arguments(c: &Call) -> Vec<Option<Borrow<'_>>> {
    let borrow = |a| of_argument(a);
    c.args.iter().map(borrow).collect()
}

pub(super) fn of_argument(a: &Arg) -> Option<Borrow<'_>> {
    let (root, path, mutable) = match a {
        Arg::Value(_) => return None,
        Arg::Ref(root, path) => (*root, path, false),
        Arg::Mut(_, path, root) | Arg::Again(root, path) => (*root, path, true),
    };
    Some(Borrow {
        root,
        path,
        mutable,
    })
}

/// What the slots borrow.
pub(super) fn of_slots(slots: &[SlotArg]) -> Vec<Option<Borrow<'_>>> {
    let borrow = |slot| match slot {
        &SlotArg::Local(_, ref path, root) => Some(Borrow {
            root,
            path,
            mutable: true,
        }),
        SlotArg::Off | SlotArg::Param(..) | SlotArg::Fresh(_) | SlotArg::Spare { .. } => None,
    };
    slots.iter().map(borrow).collect()
}

impl Body<'_> {
    /// For each borrow the reference, if it is to a part that has to be cut off others; `lets` cuts them.
    pub(super) fn disjoint(
        &mut self,
        borrows: &[Option<Borrow<'_>>],
        lets: &mut TokenStream,
    ) -> Vec<Option<TokenStream>> {
        let mut references = vec![None; borrows.len()];
        for (k, first) in borrows.iter().enumerate() {
            let (Some(first), None) = (first, &references[k]) else {
                continue;
            };
            let same = |b: &Borrow<'_>| self.variable(b.root) == self.variable(first.root);
            let others = borrows.iter().enumerate().skip(k);
            let group: Vec<(usize, &Borrow<'_>)> = others
                .filter_map(|(j, b)| Some((j, b.as_ref()?)))
                .filter(|(j, b)| *j == k || (same(b) && meet(first.path, b.path).is_some()))
                .collect();
            let common = group.iter().filter_map(|(_, b)| meet(first.path, b.path));
            let common = common.min().unwrap_or(0);
            let cut = |(_, b): &(usize, &Borrow<'_>)| {
                matches!(
                    b.path.get(common),
                    Some(Proj::Range { .. } | Proj::Index(_))
                )
            };
            if group.len() < 2
                || group.iter().all(|(_, b)| !b.mutable)
                || self.variable(first.root).is_none()
                || !group.iter().all(cut)
            {
                continue;
            }
            let (root, prefix) = (first.root, &first.path[..common]);
            let whole = self.projected_mut(self.root(root), self.is_reference(root), prefix);
            let n = self.names.fresh("n");
            let (mut names, mut ranges) = (Vec::new(), Vec::new());
            for (j, b) in &group {
                let hint = self.root(b.root).stream().to_string();
                let name = self.names.fresh(&hint);
                let (range, one, rest) = self.range_of(&n, &b.path[common..]);
                let start = if one { quote!(#name[0]) } else { quote!(#name) };
                let part = self.projected_mut(start, false, rest);
                references[*j] = Some(match (one || !rest.is_empty(), b.mutable) {
                    (false, true) => quote!(&mut *#name),
                    (false, false) => quote!(&*#name),
                    (true, true) => quote!(&mut #part),
                    (true, false) => quote!(&#part),
                });
                names.push(name);
                ranges.push(range);
            }
            let p = &self.private;
            lets.extend(quote! {
                let #n = #whole.len();
                let [#(#names),*] = #p::disjoint(&mut #whole[..], [#(#ranges),*]);
            });
        }
        references
    }

    /// Where in a slice of `n` elements a part lies, whether it is one element, and what leads on from there.
    fn range_of<'p>(&self, n: &Ident, path: &'p [Proj]) -> (TokenStream, bool, &'p [Proj]) {
        let p = &self.private;
        if let Some((Proj::Index(i), rest)) = path.split_first() {
            let i = self.value(*i).tokens;
            return (quote!(#p::range_in(0..#n, #i..=#i)), true, rest);
        }
        let (mut range, mut rest) = (quote!(0..#n), path);
        while let Some((Proj::Range { lo, hi, inclusive }, behind)) = rest.split_first() {
            let end = |v: &Option<V>| v.map(|v| self.value(v).within_sum()).to_token_stream();
            let (lo, hi) = (end(lo), end(hi));
            let inner = if *inclusive {
                quote!(#lo..=#hi)
            } else {
                quote!(#lo..#hi)
            };
            range = quote!(#p::range_in(#range, #inner));
            rest = behind;
        }
        (range, false, rest)
    }
}

/// How far two paths are the same, unless they are seen to be apart by rustc: in different fields.
fn meet(p: &[Proj], q: &[Proj]) -> Option<usize> {
    let same =
        |(a, b): &(&Proj, &Proj)| same_path(core::slice::from_ref(*a), core::slice::from_ref(*b));
    let common = p.iter().zip(q).take_while(same).count();
    match (p.get(common), q.get(common)) {
        (Some(Proj::Field(_)), Some(Proj::Field(_))) => None,
        _ => Some(common),
    }
}
