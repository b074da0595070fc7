//! What structs and enums have in common: fields as operands, and the `impl` around the bodies.
//!
//! Names of ours begin with two underscores: they cannot meet the user's, and rustc does not ask whether they are used.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Fields, Member, Type};

use super::attributes::{self, TypeOptions};
use super::bounds;
use crate::diag::Errors;

/// One field, of a struct or of a variant.
pub(super) struct Field {
    pub(super) member: Member,
    pub(super) ty: Type,
    /// Not excluded by `#[nodiff]`.
    pub(super) active: bool,
}

/// The fields, with their attributes read.
pub(super) fn fields(fields: &Fields, errors: &mut Errors) -> Vec<Field> {
    fields
        .members()
        .zip(fields)
        .map(|(member, field)| Field {
            member,
            ty: field.ty.clone(),
            active: !attributes::nodiff(&field.attrs, errors),
        })
        .collect()
}

impl Field {
    /// `<Ty as __private::Differentiable>`, at the field's type: that is where rustc points if it does not hold.
    pub(super) fn this_trait(&self, options: &TypeOptions) -> TokenStream {
        let (ty, private) = (&self.ty, &options.private);
        quote_spanned!(self.span()=> <#ty as #private::Differentiable>)
    }

    /// A zero for the reference `of`: of the field's shape, or for an excluded field a copy of its value, in which floats are zero, too.
    pub(super) fn zero(&self, of: TokenStream, options: &TypeOptions) -> TokenStream {
        let (ty, this) = (&self.ty, self.this_trait(options));
        if self.active {
            quote_spanned!(self.span()=> #this::zeros_like(#of))
        } else {
            let p = &options.private;
            let copy = quote_spanned!(self.span()=> <#ty as ::core::clone::Clone>::clone(#of));
            quote_spanned!(self.span()=> { use #p::LeftAlone as _; let mut __zero = #copy; #p::Cleared(&mut __zero).clear(); __zero })
        }
    }

    /// `path.field("w")`, or `path.index(0)`.
    pub(super) fn path(&self) -> TokenStream {
        match &self.member {
            Member::Named(name) => {
                let name = name.unraw().to_string();
                quote!(__path.field(#name))
            }
            Member::Unnamed(index) => {
                let index = Literal::usize_unsuffixed(index.index as usize);
                quote!(__path.index(#index))
            }
        }
    }

    /// The variable that a pattern binds the field to.
    pub(super) fn binding(&self, prefix: &str) -> Ident {
        match &self.member {
            Member::Named(name) => format_ident!("__{prefix}_{}", name.unraw()),
            Member::Unnamed(index) => format_ident!("__{prefix}_{}", index.index),
        }
    }

    fn kept(&self, options: &TypeOptions) -> TokenStream {
        let (ty, p) = (&self.ty, &options.private);
        quote_spanned!(self.span()=> <#ty as #p::rule::Kept<__W>>)
    }

    fn span(&self) -> Span {
        self.ty.span()
    }
}

/// The bodies of the trait's functions.
pub(super) struct Bodies {
    pub(super) zeros_like: TokenStream,
    pub(super) set_zero: TokenStream,
    pub(super) accumulate: TokenStream,
    pub(super) visit: TokenStream,
    /// Of the type's placeholder, which has nothing to do with any value.
    pub(super) blank: Option<TokenStream>,
    /// What puts a value on the tape, and takes it off.
    pub(super) kept: Option<[TokenStream; 2]>,
}

impl Bodies {
    /// For a type that is refused anyway.
    pub(super) fn never_run() -> Self {
        let body = quote!(::core::unreachable!());
        Bodies {
            zeros_like: body.clone(),
            set_zero: body.clone(),
            accumulate: body.clone(),
            visit: body,
            blank: None,
            kept: None,
        }
    }
}

/// Puts what is bound to the fields on the tape: `<f64 as Kept<__W>>::push_to(__x_w, __stack);` for each.
pub(super) fn push(fields: &[Field], options: &TypeOptions) -> TokenStream {
    let push = fields.iter().map(|field| {
        let (this, binding) = (field.kept(options), field.binding("x"));
        quote_spanned!(field.span()=> #this::push_to(#binding, __stack);)
    });
    quote!(#(#push)*)
}

/// Takes them off, the last one first, and makes a value of them.
pub(super) fn pop(name: &TokenStream, fields: &[Field], options: &TypeOptions) -> TokenStream {
    let pop = fields.iter().rev().map(|field| {
        let (this, binding) = (field.kept(options), field.binding("x"));
        quote_spanned!(field.span()=> let #binding = #this::pop_from(__stack);)
    });
    let bound = bound(fields);
    quote!({ #(#pop)* #name { #bound } })
}

/// `w: __x_w, n: __x_n`, all fields of them.
pub(super) fn bound(fields: &[Field]) -> TokenStream {
    let bound = fields.iter().map(|field| {
        let (member, binding) = (&field.member, field.binding("x"));
        quote!(#member: #binding)
    });
    quote!(#(#bound),*)
}

/// `Self::Dense { w: blank(), n: blank() }`.
pub(super) fn blank(name: TokenStream, fields: &[Field], options: &TypeOptions) -> TokenStream {
    let p = &options.private;
    let fields = fields.iter().map(|field| {
        let (member, ty) = (&field.member, &field.ty);
        quote_spanned!(field.span()=> #member: <#ty as #p::Blank<__W>>::blank())
    });
    quote!(#name { #(#fields),* })
}

/// The whole implementation:
///
/// ```text
/// impl<T> ::backprop::__private::Differentiable for Layer<T> where Vec<T>: ::backprop::__private::Differentiable {
///     fn zeros_like(&self) -> Self { .. }
///     fn set_zero(&mut self) { .. }
///     fn accumulate(&mut self, __other: &Self) { .. }
///     fn visit<..>(__read: [&Self; __READ], __write: [&mut Self; __WRITE], __path: Path<'_>, __visitor: &mut __V) where .. { .. }
/// }
/// ```
pub(super) fn implementation(
    input: &DeriveInput,
    options: &TypeOptions,
    fields: &[Field],
    bodies: Bodies,
) -> TokenStream {
    let (name, private) = (&input.ident, &options.private);
    let generics = bounds::generics(input, fields, private);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let Bodies {
        zeros_like,
        set_zero,
        accumulate,
        visit,
        blank,
        kept,
    } = bodies;
    let blank = blank.map(|body| placeholder(input, options, fields, &body));
    let kept = kept.map(|bodies| on_tape(input, options, fields, &bodies));
    // `each_mut` borrows the array mutably, once for each field that has leaves.
    let mutable = fields
        .iter()
        .any(|field| field.active)
        .then(|| quote!(mut).into_token_stream());
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Differentiable for #name #type_generics #where_clause {
            #[inline]
            fn zeros_like(&self) -> Self {
                #zeros_like
            }

            #[inline]
            fn set_zero(&mut self) {
                #set_zero
            }

            #[inline]
            fn accumulate(&mut self, __other: &Self) {
                #accumulate
            }

            #[inline]
            fn visit<const __READ: usize, const __WRITE: usize, __V>(
                __read: [&Self; __READ],
                #mutable __write: [&mut Self; __WRITE],
                __path: #private::Path<'_>,
                __visitor: &mut __V,
            )
            where
                __V: #private::Visitor<__READ, __WRITE>,
            {
                #visit
            }
        }

        #blank
        #kept
    }
}

/// `impl<T, __W> Blank<__W> for Layer<T> where Vec<T>: Blank<__W>, .. { fn blank() -> Self { .. } }`
fn placeholder(
    input: &DeriveInput,
    options: &TypeOptions,
    fields: &[Field],
    body: &TokenStream,
) -> TokenStream {
    let (name, private) = (&input.ident, &options.private);
    let (_, type_generics, _) = input.generics.split_for_impl();
    let generics = bounds::of_each_field(input, fields, &quote!(#private::Blank<__W>));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Blank<__W> for #name #type_generics #where_clause {
            #[inline]
            fn blank() -> Self {
                #body
            }
        }
    }
}

/// `impl<T, __W> Kept<__W> for Layer<T> where T: Kept<__W>, .. { fn push_to<..>(&self, ..) { .. } fn pop_from<..>(..) -> Self { .. } }`
fn on_tape(
    input: &DeriveInput,
    options: &TypeOptions,
    fields: &[Field],
    [push, pop]: &[TokenStream; 2],
) -> TokenStream {
    let (name, private) = (&input.ident, &options.private);
    let (_, type_generics, _) = input.generics.split_for_impl();
    let generics = bounds::of_each_field(input, fields, &quote!(#private::rule::Kept<__W>));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::rule::Kept<__W> for #name #type_generics #where_clause {
            #[inline]
            fn push_to<__S: #private::Stack>(&self, __stack: &mut __S) {
                #push
            }

            #[inline]
            fn pop_from<__S: #private::Stack>(__stack: &mut __S) -> Self {
                #pop
            }
        }
    }
}
