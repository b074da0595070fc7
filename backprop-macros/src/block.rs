//! `#[differentiable]` on a whole `impl` block.
//!
//! ```text
//! #[differentiable] impl Energy for Spring { .. }     the block, and beside it `impl Spring { pub fn energy_grad(..) .. }`
//! ```
//!
//! In: the attribute's tokens and the block. Out: the block without the attributes that are ours, and an inherent `impl` with what is generated for its
//! methods: a trait's `impl` cannot hold more than the trait says. A method's own `#[differentiable(..)]` stands in place of the block's options,
//! `#[nodiff]` leaves it alone, and so does a signature through which no derivative can pass.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Generics, ImplItem, ImplItemFn, ItemFn, ItemImpl, Meta, Type};

use crate::diag::Errors;
use crate::ir::By;
use crate::options::{self, Options};
use crate::sig::{self, Sig};
use crate::{driver, emit};

/// Expands the attribute on a block.
pub(crate) fn compile(attr: TokenStream, mut block: ItemImpl) -> TokenStream {
    let mut errors = Errors::default();
    let of_a_trait = block.trait_.is_some();
    let own_type = can_have_methods(&block, &mut errors);
    let aliases = aliases(&block);
    let generics = block.generics.clone();
    // Mistakes in the block's options are said once, by the first reading.
    options::parse(attr.clone(), &mut errors);
    let mut beside = TokenStream::new();
    for item in &mut block.items {
        let ImplItem::Fn(f) = item else { continue };
        let Some(options) = options_of(f, &attr, &mut errors) else {
            continue;
        };
        let mut function = as_function(f, of_a_trait);
        let mut known = aliases.clone();
        known.visit_item_fn_mut(&mut function);
        beside.extend(method(&mut function, options, &generics, &mut errors));
        for (arg, stripped) in f.sig.inputs.iter_mut().zip(function.sig.inputs) {
            let attrs = match stripped {
                syn::FnArg::Receiver(r) => r.attrs,
                syn::FnArg::Typed(t) => t.attrs,
            };
            match arg {
                syn::FnArg::Receiver(r) => r.attrs = attrs,
                syn::FnArg::Typed(t) => t.attrs = attrs,
            }
        }
    }
    let attributes = block.attrs.iter().filter(|a| {
        let path = a.path();
        path.is_ident("cfg") || path.is_ident("cfg_attr")
    });
    let (parameters, _, clause) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let beside = own_type.then(|| quote!(#(#attributes)* #[allow(unused_qualifications, clippy::all)] impl #parameters #ty #clause { #beside }));
    let errors = errors.into_tokens();
    quote!(#[allow(dead_code, clippy::needless_range_loop, clippy::manual_memcpy)] #block #beside #errors)
}

/// What is generated for a method.
fn method(
    function: &mut ItemFn,
    options: Asked,
    generics: &Generics,
    errors: &mut Errors,
) -> TokenStream {
    let (options, asked) = match options {
        Asked::Itself(options) => (options, true),
        Asked::WithTheBlock(options) => (options, false),
    };
    if !asked {
        // What is wrong with a signature that is left alone is no mistake.
        let mut unheard = Errors::default();
        let sig = sig::read(&function.sig, &options, generics, &mut unheard);
        unheard.into_tokens();
        if !passes_anything(&sig) {
            driver::strip(function);
            return TokenStream::new();
        }
    }
    let mut own = Errors::default();
    let mut sig = sig::read(&function.sig, &options, generics, &mut own);
    sig.member = true;
    let beside = driver::function(function, &sig, &options, &mut own);
    errors.extend(own);
    beside
}

/// Whether a derivative may come in, and go out.
fn passes_anything(sig: &Sig) -> bool {
    let comes_in = sig.inputs.iter().any(|i| i.active);
    let goes_out =
        !sig.ret_shape.is_inactive() || sig.inputs.iter().any(|i| i.active && i.by == By::Mut);
    comes_in && goes_out
}

/// Where the options of a method come from.
enum Asked {
    Itself(Options),
    WithTheBlock(Options),
}

/// The options of a method, and its attributes without ours. `None` where it is to be left alone.
fn options_of(f: &mut ImplItemFn, block: &TokenStream, errors: &mut Errors) -> Option<Asked> {
    let ours = |a: &Attribute| {
        a.path()
            .segments
            .last()
            .is_some_and(|s| s.ident == "differentiable")
    };
    let excluded = f.attrs.iter().any(|a| a.path().is_ident("nodiff"));
    let own = f.attrs.iter().find(|a| ours(a)).cloned();
    f.attrs.retain(|a| !ours(a) && !a.path().is_ident("nodiff"));
    if let (Some(own), true) = (&own, excluded) {
        errors.at(
            own,
            "this method is to be differentiated, and carries `#[nodiff]`",
            "keep one of the two",
        );
    }
    if excluded {
        // The attributes of its parameters are ours all the same.
        let mut function = as_function(f, false);
        driver::strip(&mut function);
        f.sig = function.sig;
        return None;
    }
    Some(match own {
        Some(attribute) => {
            let tokens = match &attribute.meta {
                Meta::List(list) => list.tokens.clone(),
                Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
            };
            Asked::Itself(options::parse(tokens, errors))
        }
        None => {
            let mut said = Errors::default();
            let options = options::parse(block.clone(), &mut said);
            said.into_tokens();
            Asked::WithTheBlock(options)
        }
    })
}

/// A method as the stages take it. What a trait promises is as visible as the trait, which is not seen here.
fn as_function(f: &ImplItemFn, of_a_trait: bool) -> ItemFn {
    ItemFn {
        attrs: f.attrs.clone(),
        vis: match of_a_trait {
            true => syn::parse_quote!(pub),
            false => f.vis.clone(),
        },
        modifiers: f.modifiers.clone(),
        sig: f.sig.clone(),
        block: f.block.clone().into(),
    }
}

/// Whether the block's type can have an inherent `impl` beside it.
fn can_have_methods(block: &ItemImpl, errors: &mut Errors) -> bool {
    const FOREIGN: [&str; 24] = [
        "f32", "f64", "usize", "isize", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32",
        "i64", "i128", "bool", "char", "str", "String", "Vec", "Box", "Option", "Result", "Rc",
        "Arc",
    ];
    let parameter = |i: &Ident| block.generics.type_params().any(|t| t.ident == *i);
    let mut ty = &*block.self_ty;
    while let Type::Paren(syn::TypeParen { elem, .. }) | Type::Group(syn::TypeGroup { elem, .. }) =
        ty
    {
        ty = elem;
    }
    let own = match ty {
        Type::Path(p) if p.qself.is_none() => p.path.segments.last().is_some_and(|s| {
            let foreign = FOREIGN.iter().any(|f| s.ident == f);
            !foreign && (p.path.segments.len() > 1 || !parameter(&s.ident))
        }),
        _ => false,
    };
    if !own {
        errors.at(
            &block.self_ty,
            "what is generated for the methods of this block stands in an `impl` beside it, which only a type of your own can have",
            "implement the trait for a struct of your own that holds the value, or let the method call a differentiable function",
        );
    }
    let mut names = Vec::new();
    emit::names::idents(&block.self_ty.to_token_stream(), &mut names);
    for parameter in block.generics.params.iter() {
        let name = match parameter {
            syn::GenericParam::Type(t) => &t.ident,
            syn::GenericParam::Const(c) => &c.ident,
            syn::GenericParam::Lifetime(_) => continue,
        };
        if own && block.trait_.is_some() && !names.contains(name) {
            errors.at(
                name,
                format!("`{name}` is no parameter of the type, and what is generated for the methods of this block stands in an `impl` of the type alone"),
                "let each method call a differentiable function that has the parameter",
            );
            return false;
        }
    }
    own
}

/// The types that a trait's `impl` gives names to: outside of it `Self::Name` would not be known.
#[derive(Clone)]
struct Aliases(Vec<(Ident, Type)>);

fn aliases(block: &ItemImpl) -> Aliases {
    let types = block.items.iter().filter_map(|i| match i {
        ImplItem::Type(t) => Some((t.ident.clone(), t.ty.clone())),
        _ => None,
    });
    match block.trait_ {
        Some(_) => Aliases(types.collect()),
        None => Aliases(Vec::new()),
    }
}

impl VisitMut for Aliases {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(p) = ty
            && p.qself.is_none()
            && p.path.segments.len() == 2
            && p.path.segments[0].ident == "Self"
            && let Some((_, known)) = self.0.iter().find(|(n, _)| *n == p.path.segments[1].ident)
        {
            *ty = known.clone();
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
