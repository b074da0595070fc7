//! The signature, attributes and types anywhere, and items inside the body.
//!
//! `sig` reads the parameters' types and refuses `impl Trait`, `dyn` and pointers there; here stands only
//! what it does not look at.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, FnArg, Item, Pat, ReceiverKind, ReturnType, Safety, Signature,
    StaticMutability, Stmt, Token, Type, TypeParamBound, TypePath, WherePredicate,
};

use super::messages::{self as say, Row};
use super::{Fence, Kind};
use crate::ir::print::compact;
use crate::options::near;

/// Attributes that change nothing about what an expression computes.
const HARMLESS: [&str; 9] = [
    "allow", "expect", "warn", "deny", "forbid", "doc", "inline", "must_use", "cold",
];

/// Attributes of parameters.
const PARAMETER: [&str; 2] = ["nodiff", "out"];

/// Types that change through a shared reference.
const CELLS: [&str; 12] = [
    "RefCell",
    "UnsafeCell",
    "OnceCell",
    "LazyCell",
    "Mutex",
    "RwLock",
    "OnceLock",
    "LazyLock",
    "AtomicUsize",
    "AtomicU64",
    "AtomicU32",
    "AtomicBool",
];

impl Fence<'_> {
    pub(super) fn signature(&mut self, sig: &Signature) {
        match &sig.safety {
            Safety::Unsafe(t) => self.refuse(t, &say::UNSAFE_FN),
            Safety::Safe(_) | Safety::Default => {}
        }
        if let Some(t) = &sig.asyncness {
            self.refuse(t, &say::ASYNC_FN);
        }
        if let Some(abi) = &sig.abi {
            self.refuse(abi, &say::EXTERN_FN);
        }
        if let Some(v) = &sig.variadic {
            self.refuse(&v.dots, &say::VARIADIC);
        }
        for arg in &sig.inputs {
            self.parameter(arg);
        }
        if let ReturnType::Type(_, ty) = &sig.output {
            if let Type::Never(t) = &**ty {
                self.refuse(t, &say::NEVER);
            }
            let marks = Marks::default().read(|m| m.visit_type(ty));
            self.report(marks);
        }
    }

    /// Parameters that are functions, of a type that has been refused.
    pub(super) fn functions(&mut self, sig: &Signature) {
        let is_fn = |bounds: &Punctuated<TypeParamBound, Token![+]>| {
            bounds.iter().any(|b| {
                let TypeParamBound::Trait(t) = b else {
                    return false;
                };
                let last = t.path.segments.last();
                last.is_some_and(|s| s.ident.to_string().starts_with("Fn"))
            })
        };
        let mut generic = Vec::new();
        for t in sig.generics.type_params() {
            if is_fn(&t.bounds) {
                generic.push(&t.ident);
            }
        }
        for clause in sig.generics.where_clause.iter().flat_map(|w| &w.predicates) {
            if let WherePredicate::Type(t) = clause
                && let Type::Path(p) = &t.bounded_ty
                && is_fn(&t.bounds)
            {
                generic.extend(p.path.get_ident());
            }
        }
        for arg in &sig.inputs {
            let FnArg::Typed(p) = arg else {
                continue;
            };
            let mut ty = &*p.ty;
            while let Type::Reference(r) = ty {
                ty = &r.elem;
            }
            let function = match ty {
                Type::ImplTrait(t) => is_fn(&t.bounds),
                Type::TraitObject(t) => is_fn(&t.bounds),
                Type::Path(p) => p.path.get_ident().is_some_and(|t| generic.contains(&t)),
                _ => false,
            };
            if function && p.attrs.is_empty() {
                self.declare_refused(&p.pat);
            }
        }
    }

    fn parameter(&mut self, arg: &FnArg) {
        let (attrs, ty) = match arg {
            FnArg::Receiver(r) => {
                if !matches!(r.kind, ReceiverKind::Value | ReceiverKind::Reference(..)) {
                    self.refuse(r, &say::TYPED_SELF);
                }
                let kind = match &r.kind {
                    ReceiverKind::Reference(_, _, Some(_)) => Kind::Exclusive,
                    ReceiverKind::Reference(..) => Kind::Shared,
                    _ => Kind::Value {
                        mutable: r.mutability.is_some(),
                    },
                };
                self.names.push(("self".to_string(), kind));
                (&r.attrs, None)
            }
            FnArg::Typed(p) => {
                self.declare(&p.pat);
                if let (Pat::Ident(name), Type::Reference(r)) = (&*p.pat, &*p.ty) {
                    let kind = if r.mutability.is_some() {
                        Kind::Exclusive
                    } else {
                        Kind::Shared
                    };
                    self.names.push((name.ident.to_string(), kind));
                }
                (&p.attrs, Some(&p.ty))
            }
        };
        for a in attrs {
            let Some((row, name)) = judge(a) else {
                continue;
            };
            if PARAMETER.contains(&name.as_str()) {
                continue;
            }
            let row = if *row == say::CFG {
                row
            } else {
                &say::ATTRIBUTE_PARAM
            };
            match near(&name, &PARAMETER) {
                Some(meant) => self.errors.at(
                    a,
                    super::fill(row.what, &name),
                    format!("did you mean `#[{meant}]`?"),
                ),
                None => self.refuse_named(a, row, &name),
            }
        }
        if let Some(ty) = ty {
            let marks = Marks::default().read(|m| m.visit_type(ty));
            self.report(marks);
        }
    }

    /// Attributes and types anywhere in the body, items aside.
    pub(super) fn marks(&mut self, block: &Block) {
        let marks = Marks::default().read(|m| m.visit_block(block));
        self.report(marks);
    }

    fn report(&mut self, marks: Marks<'_>) {
        for a in marks.attributes {
            if let Some((row, name)) = judge(a) {
                self.refuse_named(a, row, &name);
            }
        }
        for name in marks.cells {
            self.refuse_named(name, &say::CELL, &name.to_string());
        }
        for ty in marks.macros {
            self.refuse(ty, &say::TYPE_MACRO);
        }
    }

    /// Brings the items of a block into scope.
    pub(super) fn items(&mut self, block: &Block) {
        for stmt in &block.stmts {
            let Stmt::Item(item) = stmt else { continue };
            match item {
                Item::Fn(f) => self.names.push((f.sig.ident.to_string(), Kind::Function)),
                // A constant that is called holds a function pointer.
                Item::Const(c) => self
                    .names
                    .push((c.ident.to_string(), Kind::Value { mutable: false })),
                Item::Static(s) => self
                    .names
                    .push((s.ident.to_string(), Kind::Value { mutable: false })),
                Item::Struct(s) => self.types.push(s.ident.to_string()),
                Item::Enum(e) => self.types.push(e.ident.to_string()),
                _ => {}
            }
        }
    }

    /// An item of the body. It is copied as it stands, never differentiated, so its inside is free.
    pub(super) fn item(&mut self, item: &Item) {
        match item {
            Item::Const(_)
            | Item::Use(_)
            | Item::Fn(_)
            | Item::Struct(_)
            | Item::Enum(_)
            | Item::Type(_)
            | Item::Trait(_) => {}
            Item::Static(s) => {
                if let StaticMutability::Mut(t) = &s.mutability {
                    self.refuse(t, &say::ITEM_MUT_STATIC);
                }
            }
            Item::Impl(i) => {
                let local = matches!(&*i.self_ty, Type::Path(p) if p.path.get_ident().is_some_and(|n| self.types.iter().any(|t| n == t)));
                if !local {
                    self.refuse(&i.self_ty, &say::ITEM_IMPL);
                }
            }
            Item::Macro(m) => self.refuse(&m.mac.path, &say::ITEM_OTHER),
            other => self.refuse(other, &say::ITEM_OTHER),
        }
    }
}

/// Why an attribute is refused, and its name.
fn judge(a: &Attribute) -> Option<(&'static Row, String)> {
    let path = a.path();
    let first = path
        .segments
        .first()
        .map(|s| s.ident.to_string())
        .unwrap_or_default();
    let tool = path.segments.len() > 1
        && ["rustfmt", "clippy", "rust_analyzer", "diagnostic"].contains(&first.as_str());
    if tool || (path.segments.len() == 1 && HARMLESS.contains(&first.as_str())) {
        return None;
    }
    let row = if first == "cfg" || first == "cfg_attr" {
        &say::CFG
    } else {
        &say::ATTRIBUTE
    };
    Some((row, compact(path.to_token_stream())))
}

/// What is to be judged wherever it stands.
#[derive(Default)]
struct Marks<'ast> {
    attributes: Vec<&'ast Attribute>,
    cells: Vec<&'ast Ident>,
    macros: Vec<&'ast syn::TypeMacro>,
}

impl<'ast> Marks<'ast> {
    fn read(mut self, walk: impl FnOnce(&mut Self)) -> Self {
        walk(&mut self);
        self
    }
}

impl<'ast> Visit<'ast> for Marks<'ast> {
    fn visit_attribute(&mut self, a: &'ast Attribute) {
        self.attributes.push(a);
    }

    fn visit_type_path(&mut self, t: &'ast TypePath) {
        if let Some(last) = t.path.segments.last() {
            // `Cell` alone may well be the user's own: a cell of a grid.
            let cell = last.ident == "Cell" && !last.arguments.is_empty();
            if cell || CELLS.iter().any(|c| last.ident == c) {
                self.cells.push(&last.ident);
            }
        }
        visit::visit_type_path(self, t);
    }

    fn visit_type_macro(&mut self, t: &'ast syn::TypeMacro) {
        self.macros.push(t);
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}
