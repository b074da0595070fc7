//! Inner loops in the shape that LLVM vectorises: operands cut to one common length before the loop, sums in
//! several lanes.
//!
//! ```text
//! for j in lo..hi { d_w[o * n + j] += d * x[j]; }
//! if lo < hi { let x = &x[lo..hi]; let d_w = &mut d_w[o * n + lo..o * n + hi]; for j in 0..hi - lo { d_w[j] += d * x[j]; } }
//! for j in lo..hi { s += w[j] * x[j]; }
//! if lo < hi { s += lanes([&w[lo..hi], &x[lo..hi]], |[w, x]| w * x); }
//! ```
//!
//! An index out of bounds panics before the loop instead of in it.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::body::{Body, Target};
use super::tokens::Tokens;
use super::views::Source;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, own_uses};
use crate::ir::{Bin, Head, Loop, Op, Path, Proj, Range, Shape, Stmt, V, same_path};

/// One operand of a loop, element after element.
pub(super) struct Operand {
    source: Source,
    prefix: Path,
    /// What is added to the loop's index.
    offset: Vec<V>,
    pub(super) mutable: bool,
    pub(super) name: Ident,
}

/// Where the elements of an operand are.
pub(super) enum Place {
    /// `name[index]`.
    At(Ident, TokenStream),
    /// Its value.
    Copied(Ident),
    /// A reference to it.
    Lent(Ident),
    /// An expression for it.
    Is(TokenStream),
}

impl ToTokens for Place {
    fn to_tokens(&self, out: &mut TokenStream) {
        out.extend(match self {
            Place::At(slice, index) => quote!(#slice[#index]),
            Place::Copied(name) => name.to_token_stream(),
            Place::Lent(name) => quote!(*#name),
            Place::Is(tokens) => tokens.clone(),
        });
    }
}

/// Where the elements of sliced operands are while a loop is emitted.
#[derive(Default)]
pub(crate) struct Sliced {
    /// Values read.
    pub(super) reads: FastMap<V, Place>,
    /// Versions of local buffers, by the value that the update defines.
    pub(crate) writes: FastMap<V, TokenStream>,
    /// Additions to adjoints of parameters, by parameter and index.
    pub(super) accums: FastMap<(usize, V), Place>,
    /// Words of the tape, by the store that they belong to.
    pub(crate) saves: FastMap<usize, TokenStream>,
    /// Values that nobody asks for any more.
    pub(crate) skipped: Set,
}

impl Body<'_> {
    /// The loop over slices, if it is one. The carried values have been declared.
    pub(crate) fn sliced_loop(&mut self, l: &Loop, live: &Set) -> Option<TokenStream> {
        let Head::For { i, range } = &l.head else {
            return None;
        };
        let (i, range) = (*i, range.clone());
        if !self.lanes
            || l.stop.is_some()
            || range.inclusive
            || !range.adapt.is_empty()
            || !self.straight(l)
        {
            return None;
        }
        let inside = defined(l, i);
        let operands = self.operands(l, i, &inside);
        let rows = self.kept_rows(l, i, &inside)?;
        if operands.is_empty() && rows.is_empty() {
            return None;
        }
        let (lo, hi) = (self.value(range.lo), self.value(range.hi));
        let from_zero = lo.tokens.to_string() == "0";
        let (lo_t, hi_t) = (lo.within_cast(), hi.within_cast());
        let mut lets = self.cuts(&operands, i, &range);
        if rows.is_empty()
            && let Some(sum) = self.lane_sum(l, i, &inside, &operands)
        {
            return Some(quote!(if #lo_t < #hi_t { #lets #sum }));
        }
        if rows.is_empty()
            && let Some(both) = self.lanes_beside(l, i, &inside, &operands, (&lets, live))
        {
            return Some(quote!(if #lo_t < #hi_t { #both }));
        }
        let n = if from_zero {
            quote!(#hi_t)
        } else {
            quote!(#hi_t - #lo_t)
        };
        lets.extend(self.cut_kept(&rows, &n));
        let index = if from_zero && self.is_used(i) {
            self.name_result(i, "i")
        } else {
            self.names.fresh("k")
        };
        let own = (!from_zero && self.is_used(i)).then(|| {
            let name = self.name_result(i, "i");
            quote!(let #name = #lo_t + #index;)
        });
        let saved = core::mem::take(&mut self.sliced);
        self.place_elements(l, i, &inside, &operands, &|o| {
            Place::At(o.name.clone(), index.to_token_stream())
        });
        for row in &rows {
            let read = row.read(&index);
            self.sliced.reads.insert(row.v, Place::Is(read));
        }
        self.skip_indices(l);
        let fixed = self.fixed_elements(l, &inside);
        let body = self.block(&l.body, live);
        let end = self.loop_end(l);
        self.sliced = saved;
        Some(quote!(if #lo_t < #hi_t { #lets #fixed for #index in 0..#n { #own #body #end } }))
    }

    /// Only operations, additions to adjoints, and updates of one element each.
    pub(super) fn straight(&self, l: &Loop) -> bool {
        self.in_place(l)
            && l.body.stmts.iter().all(|s| match s {
                // What grows cannot be cut before.
                Stmt::Let(v, Op::Set(..)) if self.func.info(*v).grows => false,
                Stmt::Let(_, Op::Set(a, p, _) | Op::AddAt(a, p, _) | Op::ClearAt(a, p)) => {
                    matches!(p.last(), Some(Proj::Index(_)))
                        && l.params.contains(a)
                        && self.alone(l, *a, p)
                }
                Stmt::Let(_, Op::Restore(k, ..)) => self.is_row(*k),
                Stmt::Let(_, Op::Undef | Op::Opaque(..) | Op::Unlog(_) | Op::Logged) => false,
                Stmt::Let(..) => true,
                Stmt::Accum { v, .. } => *self.func.shape(*v) == Shape::Float,
                _ => false,
            })
    }

    /// Whether what is carried stays in its variable: buffers that change places in each iteration cannot be cut before.
    fn in_place(&self, l: &Loop) -> bool {
        let made_of = |y: V| match self.op_of(y) {
            Some(Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) => Some(*a),
            _ => None,
        };
        l.params
            .iter()
            .zip(&l.body.yields)
            .all(|(p, y)| self.func.shape(*p).is_scalar() || p == y || made_of(*y) == Some(*p))
    }

    /// Whether a carried buffer is used by one update, which yields its next version and nothing but that, and before
    /// that by reads of the element that is updated.
    fn alone(&self, l: &Loop, p: V, path: &Path) -> bool {
        let mut next = None;
        for s in &l.body.stmts {
            let mut uses = false;
            all_uses(s, &mut |v| uses |= v == p || Some(v) == next);
            match s {
                _ if !uses => {}
                Stmt::Let(_, Op::Get(a, q)) if *a == p && next.is_none() && same_path(q, path) => {}
                Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _))
                    if *a == p && next.is_none() =>
                {
                    next = Some(*v)
                }
                _ => return false,
            }
        }
        let position = l.params.iter().position(|q| *q == p);
        // What another variable is left with is the whole buffer.
        let handed_on = |(k, v): (usize, &V)| *v == p || Some(*v) == next && Some(k) != position;
        position.is_some_and(|k| next == Some(l.body.yields[k]))
            && !l.body.yields.iter().enumerate().any(handed_on)
    }

    /// The index as the loop's own plus what does not change: the addends.
    pub(super) fn unit(&self, at: V, i: V, inside: &Set) -> Option<Vec<V>> {
        if at == i {
            return Some(Vec::new());
        }
        let Some(Op::Bin(Bin::Add, a, b)) = self.op_of(at) else {
            return None;
        };
        let (a, b) = (*a, *b);
        let (varying, fixed) = if inside.contains(&a) { (a, b) } else { (b, a) };
        if inside.contains(&fixed) && self.constant(fixed).is_none() {
            return None;
        }
        let mut offset = self.unit(varying, i, inside)?;
        offset.push(fixed);
        Some(offset)
    }

    pub(super) fn invariant(&self, path: &[Proj], inside: &Set) -> bool {
        // A payload is there only where the loop's body runs.
        let mut ok = !path.iter().any(|p| matches!(p, Proj::Payload(..)));
        crate::ir::visit::path_uses(&path.to_vec(), &mut |v| {
            ok &= !inside.contains(&v) || self.constant(v).is_some()
        });
        ok
    }

    fn operands(&mut self, l: &Loop, i: V, inside: &Set) -> Vec<Operand> {
        let mut found: Vec<Operand> = Vec::new();
        let mut clashing: HashSet<Source> = HashSet::new();
        for s in &l.body.stmts {
            let (source, path, mutable) = match s {
                Stmt::Let(v, Op::Get(root, path))
                    if (!inside.contains(root) || l.params.contains(root))
                        && *self.func.shape(*v) == Shape::Float =>
                {
                    (Source::Value(*root), path, false)
                }
                Stmt::Let(
                    _,
                    Op::Set(a, path, _) | Op::AddAt(a, path, _) | Op::ClearAt(a, path),
                ) => (Source::Value(*a), path, true),
                Stmt::Accum { param, path, .. } => (Source::Adjoint(*param), path, true),
                _ => continue,
            };
            let unit = match path.split_last() {
                Some((Proj::Index(at), prefix)) if self.invariant(prefix, inside) => self
                    .unit(*at, i, inside)
                    .map(|offset| (prefix.to_vec(), offset)),
                _ => None,
            };
            let Some((prefix, offset)) = unit else {
                // A buffer lent out as a slice cannot be reached another way.
                if mutable {
                    clashing.insert(source);
                }
                continue;
            };
            if let Some(o) = found
                .iter_mut()
                .find(|o| o.source == source && same_path(&o.prefix, &prefix) && o.offset == offset)
            {
                o.mutable |= mutable;
                continue;
            }
            if mutable && found.iter().any(|o| o.source == source) {
                clashing.insert(source);
            }
            let hint = match &source {
                Source::Value(v) => self
                    .func
                    .info(*v)
                    .name
                    .clone()
                    .unwrap_or_else(|| "a".into()),
                Source::Adjoint(k) => self.adjoints[*k].to_string(),
            };
            let name = self.names.fresh(&hint);
            found.push(Operand {
                source,
                prefix,
                offset,
                mutable,
                name,
            });
        }
        found.retain(|o| !clashing.contains(&o.source));
        found
    }

    /// The slices, each as long as the loop.
    fn cuts(&self, operands: &[Operand], i: V, range: &Range) -> TokenStream {
        let mut out = TokenStream::new();
        for o in operands {
            let name = &o.name;
            let end = |at: V| {
                let mut sum: Vec<Tokens> = o
                    .offset
                    .iter()
                    .rev()
                    .map(|v| self.value(*v).within_sum())
                    .collect();
                let at = self.value(at);
                if sum.is_empty() || at.tokens.to_string() != "0" {
                    sum.push(at.within_sum());
                }
                quote!(#(#sum)+*)
            };
            let n = self.value(range.hi);
            if let Some(row) = self.take_row(o.source, &o.prefix, &o.offset, i, &n.tokens, name) {
                out.extend(row);
                continue;
            }
            let (lo, hi) = (end(range.lo), end(range.hi));
            let cut = |root: Tokens, rest: &[Proj]| {
                let place = self.projected(root, rest);
                quote!(#place[#lo..#hi])
            };
            out.extend(match &o.source {
                Source::Value(v) => {
                    let cut = match self.view(o.source, &o.prefix) {
                        Some((name, rest)) => cut(name.clone().into(), rest),
                        None => cut(self.root(*v), &o.prefix),
                    };
                    let mutable = o.mutable.then(|| quote!(mut));
                    quote!(let #name = &#mutable #cut;)
                }
                Source::Adjoint(k) => {
                    let (d, rest) = self.adjoint_root(*k, &o.prefix);
                    match self.target {
                        Target::Direct => {
                            let cut = cut(d.clone().into(), rest);
                            quote!(let #name = &mut #cut;)
                        }
                        Target::Slots => {
                            let c = &self.closure;
                            let cut = cut(c.clone().into(), rest);
                            quote!(let mut #name = #d.part(|#c| &mut #cut);)
                        }
                    }
                }
            });
        }
        out
    }

    pub(super) fn find<'o>(
        &self,
        operands: &'o [Operand],
        source: &Source,
        path: &Path,
        i: V,
        inside: &Set,
    ) -> Option<&'o Operand> {
        let Some((Proj::Index(at), prefix)) = path.split_last() else {
            return None;
        };
        let offset = self.unit(*at, i, inside)?;
        operands
            .iter()
            .find(|o| o.source == *source && same_path(&o.prefix, prefix) && o.offset == offset)
    }

    /// Says where the elements are.
    pub(super) fn place_elements(
        &mut self,
        l: &Loop,
        i: V,
        inside: &Set,
        operands: &[Operand],
        place: &dyn Fn(&Operand) -> Place,
    ) {
        for s in &l.body.stmts {
            match s {
                Stmt::Let(v, Op::Get(root, path)) => {
                    if let Some(o) = self.find(operands, &Source::Value(*root), path, i, inside) {
                        self.sliced.reads.insert(*v, place(o));
                    }
                }
                Stmt::Let(
                    v,
                    Op::Set(a, path, _) | Op::AddAt(a, path, _) | Op::ClearAt(a, path),
                ) => {
                    if let Some(o) = self.find(operands, &Source::Value(*a), path, i, inside) {
                        self.sliced.writes.insert(*v, place(o).to_token_stream());
                    }
                }
                Stmt::Accum { param, path, .. } => {
                    if let (Some(o), Some(Proj::Index(at))) = (
                        self.find(operands, &Source::Adjoint(*param), path, i, inside),
                        path.last(),
                    ) {
                        self.sliced.accums.insert((*param, *at), place(o));
                    }
                }
                _ => {}
            }
        }
    }

    /// Elements that are the same in every iteration are read once.
    pub(super) fn fixed_elements(&mut self, l: &Loop, inside: &Set) -> TokenStream {
        let mut out = TokenStream::new();
        for s in &l.body.stmts {
            let Stmt::Let(v, op @ Op::Get(root, path)) = s else {
                continue;
            };
            let fixed = !inside.contains(root)
                && self.invariant(path, inside)
                && *self.func.shape(*v) == Shape::Float;
            if fixed && !self.sliced.reads.contains_key(v) && !self.sliced.skipped.contains(v) {
                let e = self.op(*v, op).tokens;
                let name = self.names.fresh("t");
                out.extend(quote!(let #name = #e;));
                if self.is_inline(*v) {
                    self.sliced.reads.insert(*v, Place::Copied(name));
                } else {
                    self.stand_in(*v, name);
                    self.sliced.skipped.insert(*v);
                }
            }
        }
        out
    }

    /// Indices that only led to elements of slices are not computed.
    pub(super) fn skip_indices(&mut self, l: &Loop) {
        let mut used: Set = l.body.yields.iter().copied().collect();
        for s in l.body.stmts.iter().rev() {
            match s {
                Stmt::Let(v, _) if self.sliced.reads.contains_key(v) => {}
                Stmt::Let(v, Op::Set(_, _, x) | Op::AddAt(_, _, x))
                    if self.sliced.writes.contains_key(v) =>
                {
                    used.insert(*x);
                }
                Stmt::Let(v, Op::ClearAt(..)) if self.sliced.writes.contains_key(v) => {}
                Stmt::Accum { param, path, v } if matches!(path.last(), Some(Proj::Index(at)) if self.sliced.accums.contains_key(&(*param, *at))) =>
                {
                    used.insert(*v);
                }
                Stmt::Let(v, _) if !used.contains(v) => {
                    self.sliced.skipped.insert(*v);
                }
                s => own_uses(s, &mut |v| {
                    used.insert(v);
                }),
            }
        }
    }

    /// A loop that only sums up an expression of its operands.
    fn lane_sum(
        &mut self,
        l: &Loop,
        i: V,
        inside: &Set,
        operands: &[Operand],
    ) -> Option<TokenStream> {
        let ([p], [y]) = (&l.params[..], &l.body.yields[..]) else {
            return None;
        };
        if *self.func.shape(*p) != Shape::Float || operands.iter().any(|o| o.mutable) {
            return None;
        }
        let Some(Op::Bin(op @ (Bin::Add | Bin::Sub), a, b)) = self.op_of(*y) else {
            return None;
        };
        let (op, term) = match (*a == *p, *b == *p, op) {
            (true, false, op) => (*op, *b),
            (false, true, Bin::Add) => (Bin::Add, *a),
            _ => return None,
        };
        // Everything in the term is an operand's element, cheap arithmetic, or does not change.
        let mut indices = Set::new();
        for s in &l.body.stmts {
            let Stmt::Let(v, o) = s else { return None };
            match o {
                Op::Get(root, path) => {
                    self.find(operands, &Source::Value(*root), path, i, inside)?;
                    indices.extend(path.iter().filter_map(|p| {
                        if let Proj::Index(at) = p {
                            Some(*at)
                        } else {
                            None
                        }
                    }));
                }
                Op::Bin(Bin::Add | Bin::Sub | Bin::Mul | Bin::Div, ..)
                | Op::Un(..)
                | Op::Const(_)
                | Op::Lit(_) => {}
                Op::Fn("abs" | "max" | "min" | "powi" | "mul_add" | "sqrt", _) => {}
                _ => return None,
            }
            let _ = v;
        }
        let mut escapes = false;
        for s in &l.body.stmts {
            let Stmt::Let(v, o) = s else { continue };
            if matches!(o, Op::Get(..)) || *self.func.shape(*v) != Shape::Float {
                continue;
            }
            own_uses(s, &mut |u| escapes |= u == i || (u == *p && *v != *y));
        }
        if escapes || indices.contains(p) {
            return None;
        }
        let saved = core::mem::take(&mut self.sliced);
        let mut names = Vec::new();
        let mut slices = Vec::new();
        for o in operands {
            let element = self.names.fresh(&o.name.to_string());
            let slice = &o.name;
            slices.push(quote!(#slice));
            for s in &l.body.stmts {
                if let Stmt::Let(v, Op::Get(root, path)) = s {
                    let same = self
                        .find(operands, &Source::Value(*root), path, i, inside)
                        .is_some_and(|x| x.name == o.name);
                    if same {
                        self.sliced.reads.insert(*v, Place::Copied(element.clone()));
                    }
                }
            }
            names.push(element);
        }
        let mut lets = TokenStream::new();
        for s in &l.body.stmts {
            if let Stmt::Let(v, o) = s
                && *v != *y
                && *self.func.shape(*v) == Shape::Float
            {
                lets.extend(self.let_(*v, o, &Set::new()));
            }
        }
        let e = self.value(term).tokens;
        self.sliced = saved;
        let private = &self.private;
        let sum = self.root(*p);
        let sign = if op == Bin::Add {
            quote!(+=)
        } else {
            quote!(-=)
        };
        let e = if lets.is_empty() {
            e
        } else {
            quote!({ #lets #e }).into()
        };
        Some(quote!(#sum #sign #private::lanes([#(#slices),*], |[#(#names),*]| #e);))
    }
}

pub(super) fn defined(l: &Loop, i: V) -> Set {
    let mut inside: Set = l.params.iter().copied().collect();
    inside.insert(i);
    for s in &l.body.stmts {
        crate::ir::visit::outs(s, &mut |v| {
            inside.insert(v);
        });
    }
    inside
}
