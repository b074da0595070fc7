//! `#[differentiable(check)]`: a test beside the function, which compares its gradient with finite differences at random points.
//!
//! ```text
//! #[cfg(test)]
//! #[test]
//! fn f_check() {
//!     check("f", &["x", "w"], |points| {
//!         let (x, w, n) = (points.value(-2.0..2.0), points.list(-2.0..2.0, 5), 3);
//!         let at = (x, w,);
//!         let mut gradient = at.zeros_like();
//!         let (_, d_x) = f_grad(at.0, &at.1, &mut gradient.1, n);
//!         gradient.0 = d_x;
//!         (format!("{at:?}"), checker().check(|at: &_| f(at.0, &at.1, n), &at, &gradient))
//!     });
//! }
//! ```

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, Type};

use super::context::Context;
use super::item::tuple;
use crate::diag::Errors;
use crate::ir::{By, Shape};
use crate::options::Options;
use crate::sig::{Input, Sig};

/// What is drawn where nothing is said.
const LEN: usize = 5;

/// The most active parameters: tuples of more are not [`Differentiable`](../../backprop/trait.Differentiable.html).
const MOST: usize = 8;

/// What `check` asks of the function.
pub(crate) fn against(item: &syn::ItemFn, options: &Options, sig: &Sig, errors: &mut Errors) {
    let Some(check) = &options.check else { return };
    let span = check.span;
    if sig.has_self || crate::surroundings::in_impl(item.sig.ident.span()) {
        errors.at_span(
            span,
            "`check` makes a test, and there is no place for one in an `impl` block",
            "compare the gradient in a test of your own: `backprop::gradcheck::assert_gradient`",
        );
        return;
    }
    let generic = item
        .sig
        .generics
        .params
        .iter()
        .any(|g| !matches!(g, syn::GenericParam::Lifetime(_)));
    if generic {
        errors.at_span(
            span,
            "`check` cannot choose the type or constant parameters of a generic function",
            "call it from a function of definite types, and check that one",
        );
        return;
    }
    if !sig.is_scalar() || sig.inputs.iter().any(|i| i.active && i.by == By::Mut) {
        errors.at_span(span, "`check` compares gradients, and this function has none: it returns no float, or changes something", "check a function that calls it and returns one float");
    }
    for (name, _) in &check.values {
        if !sig.inputs.iter().any(|i| i.name == *name) {
            errors.at(
                name,
                format!("`check` gives a value for `{name}`, which is not a parameter"),
                crate::options::name_a_parameter(name, &sig.names()),
            );
        }
    }
    let active = sig.inputs.iter().filter(|i| i.active).count();
    if active > MOST {
        errors.at_span(
            span,
            format!("`check` takes at most {MOST} parameters that the gradient is taken by"),
            "gather them in a struct or an array",
        );
    }
    for i in &sig.inputs {
        let given = check.values.iter().any(|(n, _)| *n == i.name);
        if !(given || i.active && drawn(&i.ty)) {
            errors.at(
                &i.name,
                format!("`check` does not know what to take for `{}`", i.name),
                format!("give it a value: `check({} = ..)`", i.name),
            );
        }
    }
}

/// Whether random values of a type can be drawn.
fn drawn(ty: &Type) -> bool {
    match ty {
        Type::Array(a) => drawn(&a.elem) && !matches!(*a.elem, Type::Slice(_)),
        Type::Slice(s) => drawn(&s.elem) && !matches!(*s.elem, Type::Slice(_)),
        Type::Path(p) => p
            .path
            .segments
            .last()
            .is_some_and(|s| s.ident == "f64" || s.ident == "f32"),
        _ => false,
    }
}

pub(super) fn item(c: &Context) -> TokenStream {
    let Some(check) = &c.options.check else {
        return TokenStream::new();
    };
    let p = &c.private;
    let points = format_ident!("__points");
    let (mut lets, mut point, mut zeros, mut names) =
        (TokenStream::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut grad_args, mut plain_args, mut results, mut puts) =
        (Vec::new(), Vec::new(), vec![quote!(_)], TokenStream::new());
    for (k, i) in c.sig.inputs.iter().enumerate() {
        let value = check
            .values
            .iter()
            .find(|(n, _)| *n == i.name)
            .map(|(_, v)| v);
        let v = format_ident!("__v{}", k);
        let init = value_of(i, value, &points.to_token_stream());
        lets.extend(quote!(let #v = #init;));
        if !i.active {
            let argument = match i.by {
                By::Value => quote!(#v.clone()),
                By::Ref => quote!(&#v),
                By::Mut => quote!(&mut #v.clone()),
            };
            grad_args.push(argument.clone());
            plain_args.push(argument);
            continue;
        }
        let n = Literal::usize_unsuffixed(point.len());
        names.push(i.name.to_string());
        zeros.push(quote!(#v));
        point.push(v);
        if i.by == By::Value {
            let g = format_ident!("__g{}", k);
            grad_args.push(quote!(__at.#n.clone()));
            plain_args.push(quote!(__at.#n.clone()));
            puts.extend(quote!(__gradient.#n = #g;));
            results.push(g.to_token_stream());
        } else {
            grad_args.push(quote!(&__at.#n));
            grad_args.push(quote!(&mut __gradient.#n));
            plain_args.push(quote!(&__at.#n));
        }
    }
    let krate = &c.krate;
    if c.options.tape.is_some() {
        grad_args.push(quote!(&mut #krate::Tape::new()));
    }
    let (function, grad, name) = (&c.item.sig.ident, c.named("grad"), c.named("check"));
    let results = tuple(&results);
    let text = function.to_string();
    let attributes = c.attributes();
    quote! {
        #[cfg(test)]
        #[test]
        #attributes
        fn #name() {
            #p::check::check(#text, &[#(#names),*], |#points| {
                #lets
                let __at = (#(#point,)*);
                let mut __gradient = #p::Differentiable::zeros_like(&__at);
                let #results = #grad(#(#grad_args),*);
                #puts
                let __outcome = #p::check::checker().check(|__at| #function(#(#plain_args),*), &__at, &__gradient);
                (#p::check::shown(&__at), __outcome)
            });
        }
    }
}

/// An expression for a parameter, behind its reference: a range is drawn from, all else is taken as it is.
fn value_of(i: &Input, value: Option<&Expr>, points: &TokenStream) -> TokenStream {
    let slice = match &i.ty {
        Type::Slice(s) => Some(&s.elem),
        _ => None,
    };
    let all = quote!(-2.0..2.0);
    let listed = i.active && i.shape != Shape::Named;
    match (value, slice) {
        (None, Some(e)) => quote!(#points.list::<#e>(#all, #LEN)),
        (None, None) => {
            let ty = &i.ty;
            quote!(#points.value::<#ty>(#all))
        }
        (Some(Expr::Repeat(r)), Some(e)) if listed && matches!(*r.expr, Expr::Range(_)) => {
            let (range, len) = (&r.expr, &r.len);
            quote!(#points.list::<#e>(#range, #len))
        }
        (Some(Expr::Range(range)), Some(e)) if listed => quote!(#points.list::<#e>(#range, #LEN)),
        (Some(Expr::Range(range)), None) if listed => {
            let ty = &i.ty;
            quote!(#points.value::<#ty>(#range))
        }
        (Some(value), Some(e)) => quote!(::core::convert::AsRef::<[#e]>::as_ref(&#value).to_vec()),
        (Some(value), None) => {
            let ty = &i.ty;
            quote!({ let __value: #ty = #value; __value })
        }
    }
}
