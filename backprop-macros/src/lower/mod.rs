//! From syntax to the intermediate representation.
//!
//! In: a body that the fence has let through. Out: values defined once, structured control flow without
//! exits. A local is an entry of `env`, from variable to the value it holds now; branches and loops join
//! the entries that differ. `break`, `continue` and `return` become a code in a variable of our own, and
//! what follows an exit stands in the branch that falls through.

mod arms;
mod binding;
mod call;
mod chosen;
mod closure;
mod condition;
mod control;
mod exchange;
mod expr;
mod flow;
mod growing;
mod item;
mod iter;
pub(crate) mod kinds;
mod loops;
mod matching;
mod optional;
mod pattern;
mod place;
mod slices;
mod vector;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::diag::Errors;
use crate::ir::build::Builder;
use crate::ir::{By, Func, Op, Param, Shape, V};
use crate::sig::Sig;
pub(crate) use flow::expr_diverges as diverges;
use flow::{Flow, RETURN, Target};
use item::Item;
use place::Place;

/// What a variable is found by: its name, and the context it was written in. Two variables of one name are
/// two where one of them comes from a `macro_rules!` macro; rustc tells them apart, and so must we. The context
/// shows in how a span prints itself, and nowhere else.
fn key(ident: &Ident) -> String {
    let span = format!("{:?}", ident.span());
    match span.strip_prefix('#').and_then(|s| s.split(' ').next()) {
        Some(context) => format!("{ident}#{context}"),
        None => ident.to_string(),
    }
}

/// A variable of the user's, or one of ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Local(usize);

/// The variables of a block by their keys; a closure keeps those around it.
type Scope = Rc<HashMap<String, Local>>;

pub(crate) struct LocalInfo {
    name: String,
    mutable: bool,
    /// A reference held in a local is a name for a place.
    alias: Option<Place>,
    /// A closure, or several places and values under one name.
    item: Option<Item>,
    /// A parameter passed by reference: handing it on hands on the reference.
    by: By,
    /// Its scope has ended: nothing can change it.
    over: bool,
}

/// What the running value of a `fold` is called: no name of the user's. In generated code it goes without the underscores.
pub(crate) const ACCUMULATOR: &str = "acc__";

/// The state of the lowering.
pub(crate) struct Lower<'a> {
    b: Builder,
    sig: &'a Sig,
    errors: &'a mut Errors,
    scopes: Vec<Scope>,
    locals: Vec<LocalInfo>,
    env: Vec<Option<V>>,
    targets: Vec<Target>,
    exit: Local,
    /// What the function, or the closure that is being written out, returns; whether it returns anything; and
    /// the code of its `return`.
    ret: Local,
    returns: bool,
    ret_ty: Option<syn::Type>,
    return_code: u32,
    /// Code of the next loop.
    codes: u32,
    /// In the function's own block, not in one nested in it.
    in_body: bool,
    /// What `no_grad!` has made, conversions of integers, and calls to which only integers and the like were handed.
    constants: HashSet<V>,
    /// Numbers known to be `usize`.
    usizes: HashSet<V>,
    /// Of these, those whose type the emitted code does not show: literals, and what runs between them.
    untyped: HashSet<V>,
    /// Integers computed from literals alone, and counters between these.
    bare: HashSet<V>,
    /// The values whose lengths these are, as a whole.
    lengths: HashMap<V, V>,
    /// The lengths of slices taken by `&mut`, and of `Vec`s.
    outputs: HashMap<Local, V>,
    /// The `Vec`s made here, and their lengths.
    vectors: HashMap<V, V>,
    /// The names of variables that something is added to, and those of them that are `Vec`s, each with the variable that counts its elements.
    grown_names: HashSet<String>,
    growing: HashMap<Local, Local>,
    /// The lengths of sub-slices that we cut, by their two ends.
    extents: HashMap<(V, V), V>,
    /// Of these, those that are literals.
    literals: HashMap<(V, V), u64>,
    /// How closures are written out.
    inlining: closure::Inlining,
}

/// Lowers a body. `None` where something in it could not be lowered, which has then been reported.
pub(crate) fn lower(
    name: &Ident,
    sig: &Sig,
    block: &syn::Block,
    errors: &mut Errors,
) -> Option<Func> {
    let mut func = crate::ir::empty(&name.to_string());
    func.types = Rc::new(sig.type_names());
    let mut l = Lower {
        b: Builder::new(func),
        sig,
        errors,
        scopes: vec![Scope::default()],
        locals: Vec::new(),
        env: Vec::new(),
        targets: Vec::new(),
        exit: Local(0),
        ret: Local(1),
        returns: sig.ret.is_some(),
        ret_ty: sig.ret.clone(),
        return_code: RETURN,
        codes: 0,
        in_body: true,
        constants: HashSet::new(),
        usizes: HashSet::new(),
        untyped: HashSet::new(),
        bare: HashSet::new(),
        lengths: HashMap::new(),
        outputs: HashMap::new(),
        vectors: HashMap::new(),
        grown_names: growing::names(block),
        growing: HashMap::new(),
        extents: HashMap::new(),
        literals: HashMap::new(),
        inlining: closure::Inlining::default(),
    };
    l.exit = l.declare("exit_code", false, None, By::Value);
    l.ret = l.declare("ret", false, None, By::Value);
    l.scopes = vec![Scope::default()];
    let zero = l.constant(quote!(0u32), Shape::Int);
    l.set(l.exit, zero);
    l.parameters();
    let body = l.body(block);
    if !l.errors.is_empty() {
        return None;
    }
    l.finish(body)
}

impl Lower<'_> {
    fn parameters(&mut self) {
        let sig = self.sig;
        for i in &sig.inputs {
            let v = self.b.fresh(i.shape.clone(), i.name.span());
            let info = self.b.func.info_mut(v);
            info.name = Some(i.name.to_string());
            info.deref = i.by != By::Value;
            self.b.func.params.push(Param {
                v,
                name: i.name.clone(),
                by: i.by,
                active: i.active,
                out: i.out,
            });
            if matches!(&i.ty, syn::Type::Path(p) if p.path.is_ident("usize")) {
                self.usizes.insert(v);
            }
            let mutable = i.mutable || i.by == By::Mut;
            let local = self.declare(&key(&i.name), mutable, Some(v), i.by);
            if i.by == By::Mut && matches!(i.ty, syn::Type::Slice(_)) {
                let n = self.b.op(Op::Len(v, Vec::new()), Shape::Int, i.name.span());
                self.usizes.insert(n);
                self.lengths.insert(n, v);
                self.outputs.insert(local, n);
            }
        }
    }

    /// The function's block.
    fn body(&mut self, block: &syn::Block) -> Flow {
        self.seq(&block.stmts).1
    }

    fn finish(mut self, flow: Flow) -> Option<Func> {
        if self.sig.ret.is_some() {
            let ret = self.env[self.ret.0];
            if ret.is_none() && flow.falls() {
                return None;
            }
            if let Some(v) = ret {
                let shape = self.sig.ret_shape.clone();
                let info = self.b.func.info_mut(v);
                if !matches!(shape, Shape::Named | Shape::Unknown) {
                    info.shape = crate::ir::build::join(&shape, &info.shape);
                }
            }
            self.b.func.ret = ret;
        }
        let finals = self
            .sig
            .inputs
            .iter()
            .enumerate()
            .map(|(k, i)| {
                if i.by == By::Mut {
                    self.env[k + 2]
                } else {
                    None
                }
            })
            .collect();
        let body = self.b.close(Vec::new());
        let mut func = self.b.func;
        func.finals = finals;
        func.body = body;
        Some(func)
    }

    // -------------------------------------------------------------- variables

    /// Opens a variable. Its key is its name, and behind a `#` what tells it from others of that name.
    fn declare(&mut self, key: &str, mutable: bool, value: Option<V>, by: By) -> Local {
        let local = Local(self.locals.len());
        self.locals.push(LocalInfo {
            name: key.split('#').next().unwrap_or(key).to_owned(),
            mutable,
            alias: None,
            item: None,
            by,
            over: false,
        });
        self.env.push(value);
        if let Some(n) = value.and_then(|v| self.vectors.get(&v)) {
            self.outputs.insert(local, *n);
        }
        if let Some(s) = self.scopes.last_mut() {
            Rc::make_mut(s).insert(key.to_owned(), local);
        }
        local
    }

    fn declare_alias(&mut self, name: &str, place: Place, mutable: bool) {
        let by = if mutable { By::Mut } else { By::Ref };
        let local = self.declare(name, mutable, None, by);
        self.locals[local.0].alias = Some(place);
    }

    fn find(&self, name: &str) -> Option<Local> {
        self.scopes.iter().rev().find_map(|s| s.get(name)).copied()
    }

    fn set(&mut self, local: Local, v: V) {
        self.env[local.0] = Some(v);
    }

    fn scoped<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Scope::default());
        let first = self.locals.len();
        let r = f(self);
        self.scopes.pop();
        for local in &mut self.locals[first..] {
            local.over = true;
        }
        r
    }

    // -------------------------------------------------------------- small things

    fn constant(&mut self, tokens: TokenStream, shape: Shape) -> V {
        self.b
            .op(Op::Const(tokens.into()), shape, Span::call_site())
    }

    /// The value of something that was refused: lowering goes on to find the next mistake.
    fn poison(&mut self, span: Span) -> V {
        self.b.op(Op::Undef, Shape::Unknown, span)
    }

    fn unit(&mut self, span: Span) -> V {
        self.b
            .op(Op::Tuple(Vec::new()), Shape::Tuple(Vec::new()), span)
    }
}
