//! Forward mode: which tangents are there, and calls that hand them over.
//!
//! ```text
//! let d_t = if __M0::ON { d_x * y } else { -0.0 };
//! let (t1, d_t1) = g::tangent(t, along::<_, __M0>(d_t), w, beside::<_, __M1>(d_w), &Forward);
//! let (t1, [d_t1, ..]) = g::tangents(t, [along::<_, __M0>(d_t), ..], w, [beside::<_, __M1>(d_w), ..], together);
//! ```
//!
//! A caller may have no tangent for a parameter: then what comes of that tangent alone is zero, and not computed. The conditions are constants.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::body::Body;
use super::call::{FALLBACKS, generic_list, respanned, take_generics, turbofish};
use super::disjoint;
use super::expr::Expr;
use crate::ir::table::{Set, Table};
use crate::ir::visit::op_uses;
use crate::ir::{Along, Arg, Block, By, Call, Callee, Func, Op, Path, Shape, SlotArg, Stmt, V};

/// The hidden forward function of a method or associated function, or that of several tangents.
pub(super) fn hidden(name: &Ident, together: bool) -> Ident {
    let mut hidden = match together {
        true => format_ident!("__tangents_of_{}", name),
        false => format_ident!("__tangent_of_{}", name),
    };
    hidden.set_span(name.span());
    hidden
}

/// The same of a free function.
pub(super) fn of_free(span: Span, together: bool) -> Ident {
    Ident::new(if together { "tangents" } else { "tangent" }, span)
}

/// Which tangents there are: for each value, of which parameters' tangents it is made.
pub(crate) struct There {
    pub(super) depends: Table<u64>,
    /// By the number of the tangent: the type that says whether it is there.
    modes: Vec<TokenStream>,
    /// Tangents passed by reference, which stand for something else where they are not there.
    lent: Set,
    all: u64,
}

/// Of what is there though no tangent is: in a reverse sweep.
pub(super) const ALWAYS: u64 = u64::MAX;

/// As many as there are bits; the rest share the last one.
fn bit(k: usize) -> u64 {
    1 << k.min(63)
}

impl There {
    /// `own`: how many parameters the function has itself. `modes`: of the tangents behind them, of which each parameter has one in every
    /// lane.
    pub(super) fn of(func: &Func, own: usize, lanes: usize, modes: Vec<TokenStream>) -> There {
        let mut there = There::begun(func, own, lanes, modes);
        there.block(&func.body);
        there
    }

    /// The parameters alone.
    pub(super) fn begun(func: &Func, own: usize, lanes: usize, modes: Vec<TokenStream>) -> There {
        let count = modes.len() * lanes;
        let mut there = There {
            depends: Table::new(),
            modes,
            lent: Set::new(),
            all: 0,
        };
        for (k, p) in func.params.iter().skip(own).take(count).enumerate() {
            let k = bit(k / lanes.max(1));
            there.depends.insert(p.v, k);
            there.all |= k;
            if p.by == By::Ref {
                there.lent.insert(p.v);
            }
        }
        there
    }

    pub(super) fn on(&self, v: V) -> u64 {
        self.depends.get(&v).copied().unwrap_or(0)
    }

    /// Returns whether that is news.
    pub(super) fn add(&mut self, v: V, what: u64) -> bool {
        let before = self.on(v);
        if what | before != before {
            self.depends.insert(v, what | before);
        }
        what | before != before
    }

    fn block(&mut self, block: &Block) -> bool {
        let mut news = false;
        for stmt in &block.stmts {
            news |= self.stmt(stmt);
        }
        news
    }

    fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let(_, Op::ZeroLike(_) | Op::Len(..) | Op::Is(..)) => false,
            Stmt::Let(v, op) => {
                let mut what = 0;
                op_uses(op, &mut |u| what |= self.on(u));
                self.add(*v, what)
            }
            Stmt::If(s) => {
                let mut news = self.block(&s.then_) | self.block(&s.else_);
                for (k, out) in s.outs.iter().enumerate() {
                    let what = self.on(s.then_.yields[k]) | self.on(s.else_.yields[k]);
                    news |= self.add(*out, what);
                }
                news
            }
            Stmt::Loop(l) => {
                let mut news = false;
                loop {
                    let mut more = false;
                    for (k, p) in l.params.iter().enumerate() {
                        let what = self.on(l.inits[k]) | self.on(l.body.yields[k]);
                        more |= self.add(*p, what) | self.add(l.outs[k], what);
                    }
                    more |= self.block(&l.body);
                    if !more {
                        return news;
                    }
                    news = true;
                }
            }
            Stmt::Call(c) => {
                let mut news = false;
                for along in &c.along {
                    let args = || along.args.iter().flatten();
                    let what = args().fold(0, |what, a| what | self.on(a.root()));
                    news |= along.ret.is_some_and(|r| self.add(r, what));
                    for a in args() {
                        if let Arg::Mut(_, _, out) = a {
                            news |= self.add(*out, what);
                        }
                    }
                }
                news
            }
            _ => false,
        }
    }

    /// The modes of the tangents in a set.
    fn modes(&self, what: u64) -> impl Iterator<Item = &TokenStream> {
        let modes = self.modes.iter().enumerate();
        modes
            .filter(move |(k, _)| what & bit(*k) != 0)
            .map(|(_, m)| m)
    }
}

impl Body<'_> {
    /// The expression of an operation where its tangents are there, else a zero.
    pub(super) fn if_there(&self, v: V, op: &Op, e: Expr) -> Expr {
        let Some(there) = &self.there else { return e };
        let what = there.on(v);
        let read = matches!(op, Op::Get(a, _) if there.lent.contains(a));
        let scalar = *self.func.shape(v) == Shape::Float;
        if what == 0 || what == ALWAYS || !(read || scalar && what != there.all) {
            return e;
        }
        let p = &self.private;
        let zero = match op {
            // What adding changes nothing, and LLVM knows it.
            _ if scalar => match &self.real {
                Some(t) => quote!(<#t as #p::Real>::from_f64(-0.0)),
                None => quote!(-0.0),
            },
            Op::Get(a, path) if !matches!(self.func.shape(v), Shape::Int | Shape::Seq(_, None)) => {
                let place = self.reference(*a, path, false);
                quote!(#p::zero(#place))
            }
            _ => return e,
        };
        let modes = there.modes(what);
        let e = e.tokens;
        Expr::loose(quote!(if #(<#modes as #p::Travels>::ON)||* { #e } else { #zero }))
    }

    /// The whole of a tangent that is lent: where it is not there, the variable stands for something else.
    pub(super) fn whole_if_there(&self, v: V, e: Expr) -> Expr {
        let Some(there) = self.there.as_ref().filter(|t| t.lent.contains(&v)) else {
            return e;
        };
        let (p, modes) = (&self.private, there.modes(there.on(v)));
        let place = self.reference(v, &Path::new(), false);
        let e = e.tokens;
        Expr::loose(quote!(if #(<#modes as #p::Travels>::ON)||* { #e } else { #p::zero(#place) }))
    }

    /// The type that says whether a tangent is there.
    pub(super) fn mode_of(&self, v: V) -> TokenStream {
        let p = &self.private;
        let Some(there) = &self.there else {
            return quote!(#p::On);
        };
        let what = there.on(v);
        if what == 0 || what == ALWAYS || what == there.all && there.modes.len() > 1 {
            return quote!(#p::On);
        }
        let mut modes = there.modes(what).cloned();
        let first = modes.next().unwrap_or_else(|| quote!(#p::On));
        modes.fold(first, |a, b| quote!(#p::Either<#a, #b>))
    }

    /// The same in a call. Of what varies with two parameters it is a type of both; a function that calls itself with that would be a type of more and
    /// more of them.
    pub(super) fn mode_in(&self, c: &Call, v: V) -> TokenStream {
        let several = |there: &There| there.modes(there.on(v)).count() > 1;
        let itself = match &c.callee {
            Callee::Function(path) | Callee::Associated(path) => {
                let name = path.segments.last();
                name.is_some_and(|s| s.ident == self.func.name)
            }
            Callee::Method(name, _) => *name == self.func.name,
        };
        if itself && self.there.as_ref().is_some_and(several) {
            let p = &self.private;
            return quote!(#p::On);
        }
        self.mode_of(v)
    }

    /// `let (t, d_t) = g::tangent(x, d_x, ..);`
    pub(super) fn call_along(&mut self, c: &Call, live: &Set) -> TokenStream {
        let mut out = self.lend(c, live);
        let lent = |a: &Along| -> Vec<(V, V)> {
            let lent = a.args.iter().flatten().filter_map(|a| match a {
                Arg::Mut(root, _, new) => Some((*root, *new)),
                _ => None,
            });
            lent.collect()
        };
        for (lane, along) in c.along.iter().enumerate() {
            // What other lanes have in the same variable so far stays theirs.
            let mut busy = live.clone();
            let others = c.along.iter().enumerate().filter(|(k, _)| *k != lane);
            for (root, new) in others.flat_map(|(_, a)| lent(a)) {
                busy.extend([root, new]);
            }
            out.extend(self.update_each(&lent(along), &busy));
        }
        let span = c.callee.span();
        // The tangents that are lent, as slots.
        let lent: Vec<SlotArg> = (c.along.iter().flat_map(|a| a.args.iter().flatten()))
            .filter_map(|a| match a {
                Arg::Mut(v, path, new) => Some(SlotArg::Local(*v, path.clone(), *new)),
                _ => None,
            })
            .collect();
        let mut cuts = TokenStream::new();
        let args = self.arguments(c, &lent, &mut out, &mut cuts);
        // The parts that each lane's tangents are cut into.
        let mut parts = Vec::new();
        for along in &c.along {
            let borrows = along.args.iter();
            let borrows: Vec<_> = borrows
                .map(|a| a.as_ref().and_then(disjoint::of_argument))
                .collect();
            parts.push(self.disjoint(&borrows, &mut cuts));
        }
        let mut tangents: Vec<TokenStream> = Vec::new();
        for k in 0..c.args.len() {
            let mut lanes = Vec::new();
            for (along, parts) in c.along.iter().zip(&parts) {
                let spare = match (&along.args[k], &c.args[k]) {
                    (None, Arg::Mut(_, path, new)) if along.spare[k] => {
                        self.spare(*new, path, &mut out)
                    }
                    _ => None,
                };
                let tangent = match (spare, &parts[k]) {
                    (Some(spare), _) => spare,
                    (None, Some(part)) => self.tangent_part(c, along, k, part),
                    (None, None) => self.tangent_argument(c, along, k, &lent, &mut out),
                };
                lanes.push(respanned(&tangent, span));
            }
            tangents.push(match &lanes[..] {
                [one] => one.clone(),
                all => quote!([#(#all),*]),
            });
        }
        out.extend(cuts);
        let p = &self.private;
        let together = c.along.len() > 1;
        // What callers with second derivatives alone ask for is asked of callees, too.
        let (order, has) = match self.twice {
            true => (quote!(Twice), quote!(HasSecond)),
            false => (quote!(Forward), quote!(HasTangent)),
        };
        let last = match together {
            true => self.together.to_token_stream(),
            false => placed(&quote!(&#p::#order), span),
        };
        let free = of_free(Span::call_site(), together);
        let count = args.len() + 1;
        let call = match &c.callee {
            Callee::Function(path) => {
                let (path, generics) = take_generics(path);
                let turbofish = turbofish(generics, count);
                if args.len() > FALLBACKS {
                    quote_spanned!(span=> #path::#free #turbofish(#(#args, #tangents,)* #last))
                } else {
                    let fallback = format_ident!("of_{}", args.len());
                    let callee = Ident::new("__callee", span);
                    let found = placed(
                        &quote!({ let () = <#callee as #p::HasDerivative>::FOUND; <#callee as #p::#has>::FOUND }),
                        span,
                    );
                    quote_spanned!(span=> { use #p::missing::#fallback::*; use #path as #callee; let () = #found; #callee::#free #turbofish(#(#args, #tangents,)* #last) })
                }
            }
            Callee::Associated(path) => {
                let (mut path, generics) = take_generics(path);
                if let Some(last) = path.segments.last_mut() {
                    last.ident = hidden(&last.ident, together);
                }
                let turbofish = turbofish(generics, count);
                quote_spanned!(span=> #path #turbofish(#(#args, #tangents,)* #last))
            }
            Callee::Method(name, generics) => {
                let name = hidden(name, together);
                let (receiver, rest) = self.receiver_of(c, &args, &lent);
                let (first, others) = tangents
                    .split_first()
                    .map_or((None, &[][..]), |(f, o)| (Some(f), o));
                let turbofish = turbofish(generics.as_ref().map(generic_list), count);
                let receiver = respanned(&receiver, span);
                let list = quote_spanned!(span=> (#first, #(#rest, #others,)* #last));
                quote!(#receiver.#name #turbofish #list)
            }
        };
        let tangents: Vec<_> = c.along.iter().map(|a| a.ret).collect();
        out.extend(self.bind_all(c, &tangents, &call));
        out
    }

    /// `let (t, d_t) = call;`, `let (t, [d_t, ..]) = call;`
    pub(super) fn bind_all(
        &mut self,
        c: &Call,
        tangents: &[Option<V>],
        call: &TokenStream,
    ) -> TokenStream {
        let used = |v: Option<V>, b: &Self| v.filter(|v| b.is_used(*v));
        let value = used(c.ret, self);
        let tangents: Vec<_> = tangents.iter().map(|d| used(*d, self)).collect();
        let Some(first) = value.or(tangents.iter().flatten().next().copied()) else {
            return quote!(#call;);
        };
        let ty = self.func.info(first).ty.clone();
        let name = |v: Option<V>, b: &mut Self| match v {
            Some(v) => {
                let name = b.name_result(v, "t");
                quote!(mut #name)
            }
            None => quote!(_),
        };
        let t = name(value, self);
        let ds: Vec<_> = tangents.into_iter().map(|d| name(d, self)).collect();
        let (d, ty) = match &ds[..] {
            [one] => (one.clone(), ty.map(|t| quote!(: (#t, #t)))),
            all => {
                let count = all.len();
                (
                    quote!([#(#all),*]),
                    ty.map(|t| quote!(: (#t, [#t; #count]))),
                )
            }
        };
        let mut out = quote!(let (#t, #d) #ty = #call;);
        let p = &self.private;
        if let Some(v) = value
            && self.func.info(v).assert_real
            && let Some(t) = self.variable(v)
        {
            out.extend(quote!(let mut #t = #p::real(#t);));
        }
        out
    }

    /// The tangent of a part that was cut off others.
    fn tangent_part(&self, c: &Call, along: &Along, k: usize, part: &TokenStream) -> TokenStream {
        let p = &self.private;
        match &along.args[k] {
            Some(Arg::Ref(v, _)) => {
                let mode = self.mode_in(c, *v);
                quote!(#p::beside::<_, #mode>(#part))
            }
            _ if along.spare[k] => quote!(#p::unvaried(#p::on(#part))),
            _ => quote!(#p::on(#part)),
        }
    }

    /// What stands behind an argument.
    fn tangent_argument(
        &mut self,
        c: &Call,
        along: &Along,
        k: usize,
        lent: &[SlotArg],
        out: &mut TokenStream,
    ) -> TokenStream {
        let p = self.private.clone();
        let method = !matches!(c.callee, Callee::Function(_));
        match (&along.args[k], &c.args[k]) {
            (Some(Arg::Value(v)), _) if self.is_lent(c, lent, *v, &Vec::new()) => {
                let (mode, old) = (self.mode_in(c, *v), self.old(*v, *v, out));
                quote!(#p::along::<_, #mode>(#old))
            }
            (Some(Arg::Ref(v, path)), _) if self.is_lent(c, lent, *v, path) => {
                let (mode, old) = (self.mode_in(c, *v), self.old(*v, *v, out));
                let part = self.projected(old, path);
                quote!(#p::beside::<_, #mode>(&#part))
            }
            (Some(Arg::Value(v)), _) => {
                let (mode, d) = (self.mode_in(c, *v), self.value(*v).tokens);
                quote!(#p::along::<_, #mode>(#d))
            }
            (Some(Arg::Ref(v, path)), _) => {
                let (mode, place) = (self.mode_in(c, *v), self.reference(*v, path, false));
                quote!(#p::beside::<_, #mode>(#place))
            }
            (Some(Arg::Mut(v, path, new)), _) => {
                let slot = self.slot(&SlotArg::Local(*v, path.clone(), *new));
                match along.spare[k] {
                    true => quote!(#p::unvaried(#slot)),
                    false => slot,
                }
            }
            // A receiver's type has to be seen.
            (_, Arg::Ref(v, path)) if k == 0 && method => {
                let place = self.reference(*v, path, false);
                quote!(#p::beside::<_, #p::Off>(#place))
            }
            (_, Arg::Value(_) | Arg::Ref(..)) => quote!(#p::still()),
            (_, Arg::Mut(..) | Arg::Again(..)) => quote!(#p::off()),
        }
    }
}

/// The same tokens as if they stood at another place: rustc then points there. For what names no variable.
pub(super) fn placed(tokens: &TokenStream, span: Span) -> TokenStream {
    let place = |mut t: TokenTree| {
        if let TokenTree::Group(g) = &t {
            t = Group::new(g.delimiter(), placed(&g.stream(), span)).into();
        }
        t.set_span(span);
        t
    };
    tokens.clone().into_iter().map(place).collect()
}

/// A method that is there whether it is asked for or not.
pub(super) fn of(c: &super::context::Context, together: bool) -> TokenStream {
    let name = &c.item.sig.ident;
    let own = super::item::own_generics(c);
    let inferred = (0..=c.sig.inputs.len()).map(|_| quote!(_));
    let turbofish = (!own.is_empty()).then(|| quote!(::<#(#own,)* #(#inferred),*>));
    let hidden = hidden(name, together);
    if c.sig.has_self {
        quote!(self.#hidden #turbofish)
    } else if c.member {
        quote!(Self::#hidden #turbofish)
    } else {
        let free = of_free(name.span(), together);
        quote!(#name::#free #turbofish)
    }
}
