//! The bodies of `f_grad` and of the hidden sweep, from the reverse functions.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::body::{Body, Target};
use super::context::Context;
use super::item::tuple;
use super::names::idents;
use crate::differentiate::reverse::LATER;
use crate::ir::table::Set;
use crate::ir::visit::{all_uses, blocks, outs};
use crate::ir::{Block, By, Func, Keeps, Op, Shape, SlotArg, Stmt, Store};
use crate::simplify;

pub(super) fn body_of<'f>(c: &Context, func: &'f Func, target: Target) -> Body<'f> {
    let mut body = Body::new(
        func,
        target,
        c.private.clone(),
        real(c, func),
        c.names(),
        c.options.on("lanes"),
    );
    body.tape = c.options.tape.is_some();
    body
}

/// The type of our literals where the function is generic.
fn real(c: &Context, func: &Func) -> Option<TokenStream> {
    if c.sig.reals.is_empty() {
        // A parameter of the `impl` block, or an alias: the type of the result, where no float is named.
        let mut found = Vec::new();
        idents(&c.item.sig.to_token_stream(), &mut found);
        let plain = found.iter().any(|i| i == "f64" || i == "f32");
        let float = c.sig.ret_shape == Shape::Named
            && func.params.iter().any(|p| func.info(p.v).assert_real);
        return c
            .ret()
            .filter(|_| !plain && float)
            .map(ToTokens::to_token_stream);
    }
    let ret = c
        .ret()
        .map(|t| t.to_token_stream().to_string())
        .unwrap_or_default();
    let mut names: Vec<&String> = c.sig.reals.iter().collect();
    names.sort();
    let name = names.iter().find(|n| ***n == ret).or(names.first())?;
    name.parse().ok()
}

/// The body of `f_grad`.
pub(super) fn direct(c: &Context, func: &Func) -> TokenStream {
    let mut b = body_of(c, func, Target::Direct);
    let p = &c.private;
    let items = c.items();
    let store = c.options.tape.is_none().then(|| {
        let keep = b.keep.clone();
        quote!(let #keep = &mut #p::NoTape;)
    });
    let body = b.block(&func.body, &results(func));
    let finals = b.finals();
    let mut out: Vec<TokenStream> = {
        let value = func.ret.map(|r| b.value(r).tokens.stream());
        value.into_iter().collect()
    };
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if let (true, By::Value, Some(d)) = (i.active, i.by, func.adjoints[k]) {
            out.push(b.value(d).tokens.stream());
        }
    }
    let out = tuple(&out);
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    let uses_store = mentions(&body, &b.keep);
    let store = store.filter(|_| uses_store);
    quote!(#items #store #body #finals #out)
}

pub(super) fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    let mut found = Vec::new();
    idents(tokens, &mut found);
    found.contains(name)
}

/// A sweep whose cotangent comes later: what runs before, the value, what runs then.
pub(super) struct Halves {
    pub(super) run: TokenStream,
    pub(super) value: TokenStream,
    pub(super) pull: TokenStream,
}

/// The halves of a sweep, if the second one takes something over from the first.
pub(super) fn halves(c: &Context, func: &Func) -> Option<Halves> {
    let func = &apart(c, func);
    let at = func.body.stmts.iter().position(is_later)?;
    let early = func.body.stmts[..at].iter().any(adds_to_parameters);
    if early || !shares(func, at) || keeps_unseen(func, &func.body) {
        return None;
    }
    let mut b = body_of(c, func, Target::Slots);
    let items = c.items();
    let asserted = asserted(c, func);
    let body = b.block(&func.body, &results(func));
    let finals = b.finals();
    let adds = adds(c, &b);
    let run = b.run.take()?;
    let value = func.ret.map(|r| b.value(r).tokens)?;
    // The sweep that runs at once may do without the copy.
    if !b.uncopied.borrow().is_empty() {
        return None;
    }
    Some(Halves {
        run: quote!(#items #asserted #run),
        value: value.to_token_stream(),
        pull: quote!(#body #finals #adds),
    })
}

/// Whether a call keeps what it found in a buffer of a type that is not seen to be `Copy`. Run at once, it may be one with its sweep, which
/// keeps nothing.
fn keeps_unseen(func: &Func, block: &Block) -> bool {
    fn plain(shape: &Shape) -> bool {
        match shape {
            Shape::Float | Shape::Int => true,
            Shape::Seq(e, n) => n.is_some() && plain(e),
            Shape::Tuple(es) => es.iter().all(plain),
            Shape::Option(_) | Shape::Named | Shape::Unknown => false,
        }
    }
    block.stmts.iter().any(|s| {
        let unseen = match s {
            Stmt::Call(c) => {
                let mut entries = c.entries.iter().flatten();
                entries.any(|v| !plain(func.shape(*v)))
            }
            _ => false,
        };
        unseen || blocks(s).any(|b| keeps_unseen(func, b))
    })
}

/// Whether a statement adds to the adjoint of a parameter, which only the pullback is lent.
fn adds_to_parameters(s: &Stmt) -> bool {
    let here = match s {
        Stmt::Accum { .. } => true,
        Stmt::Sweep(s) => s.slots.iter().any(|s| matches!(s, SlotArg::Param(..))),
        _ => false,
    };
    here || blocks(s).any(|b| b.stmts.iter().any(adds_to_parameters))
}

fn is_later(s: &Stmt) -> bool {
    matches!(s, Stmt::Let(_, Op::Helper(LATER, _)))
}

/// Whether the statements behind `at` take over what is more than a part of an argument, and what a closure can own.
fn shares(func: &Func, at: usize) -> bool {
    let (run, pull) = func.body.stmts.split_at(at);
    let mut found = Set::new();
    for s in run {
        outs(s, &mut |v| {
            found.insert(v);
        });
    }
    let slight = run.iter().filter_map(|s| match s {
        Stmt::Let(v, Op::Get(..) | Op::Len(..) | Op::Lit(_) | Op::Const(_)) => Some(*v),
        _ => None,
    });
    let slight: Set = slight.collect();
    let mut taken = Set::new();
    for s in pull.iter().skip(1) {
        all_uses(s, &mut |v| {
            if found.contains(&v) {
                taken.insert(v);
            }
        });
    }
    // What lies on the stack goes over with the closure.
    let owned = |s: &Store| s.stack.is_some() && s.keeps == Keeps::Plain;
    let kept = run.iter().any(|s| matches!(s, Stmt::Open(_)));
    func.stores.iter().all(owned)
        && func
            .ret
            .is_some_and(|r| !taken.contains(&r) || func.shape(r).is_scalar())
        && (kept || taken.iter().any(|v| !slight.contains(&v)))
}

/// The body of the hidden sweep.
pub(super) fn slots(c: &Context, func: &Func) -> TokenStream {
    let func = &apart(c, func);
    let mut b = body_of(c, func, Target::Slots);
    b.has_part = true;
    let p = &c.private;
    let mut lent = TokenStream::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if i.active && i.by == By::Mut {
            let d = &b.adjoints[k];
            lent.extend(quote!(let #d = #p::lent(#d);));
        }
    }
    let items = c.items();
    let asserted = asserted(c, func);
    let body = b.block(&func.body, &results(func));
    let finals = b.finals();
    let adds = adds(c, &b);
    let out = func.ret.map(|r| b.value(r).tokens);
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    quote!(#items #asserted #lent #body #finals #adds #out)
}

/// A sum beside additions to slots, which may be off, gets a loop of its own.
pub(super) fn apart(c: &Context, func: &Func) -> Func {
    let mut func = func.clone();
    if c.options.on("lanes") {
        simplify::apart(&mut func);
    }
    func
}

/// Adds what was found for the parameters passed by value to their slots.
fn adds(c: &Context, b: &Body) -> TokenStream {
    let mut adds = TokenStream::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if let (true, By::Value, Some(d)) = (i.active, i.by, b.func.adjoints[k]) {
            let (slot, d) = (&b.adjoints[k], b.value(d).tokens);
            let add = Ident::new("add", i.name.span());
            adds.extend(quote!(#slot.#add(#d);));
        }
    }
    adds
}

/// Asserts that a parameter of a named type is the float it is used as.
pub(super) fn asserted(c: &Context, func: &Func) -> TokenStream {
    let p = &c.private;
    func.params
        .iter()
        .filter(|x| func.info(x.v).assert_real)
        .map(|x| {
            let name = &x.name;
            let star = (x.by != By::Value).then(|| quote!(*));
            quote!(#p::real(#star #name);)
        })
        .collect()
}

pub(super) fn results(func: &Func) -> Set {
    func.ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten())
        .copied()
        .collect()
}

impl Body<'_> {
    /// Leaves the last versions of `&mut` parameters, and of their adjoints, in the caller's buffers.
    pub(super) fn finals(&mut self) -> TokenStream {
        let func = self.func;
        let mut puts = Vec::new();
        for (k, p) in func.params.iter().enumerate() {
            if p.by == By::Mut {
                let d = func.adjoints[k].filter(|_| p.active);
                puts.extend(func.finals[k].map(|v| (p.name.clone(), v)));
                puts.extend(d.map(|v| (self.adjoints[k].clone(), v)));
            }
        }
        puts.retain(|(name, v)| *name != self.root(*v).to_string());
        let mut out = TokenStream::new();
        // A result that still lies in a buffer, or is made of what does, is taken out before the buffer gets its new contents.
        let finals = func.finals.iter().flatten();
        let adjoints = func.adjoints.iter().flatten();
        for v in func.ret.iter().chain(finals).chain(adjoints) {
            let given = |name: &Ident| puts.iter().any(|(put, _)| put == name);
            if self.lies_in(*v, &given) {
                out.extend(self.set_aside(*v));
            }
        }
        for (name, v) in puts {
            let value = self.value(v).tokens;
            out.extend(quote!(*#name = #value;));
        }
        out
    }
}
