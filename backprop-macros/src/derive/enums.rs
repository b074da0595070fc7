//! The trait for enums. The adjoint of a value has the same variant; values of different variants do not mix, and the functions on several
//! values say so before they touch a field.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::attributes::TypeOptions;
use super::emit::{self, Bodies, Field};

type Variant<'a> = (&'a Ident, Vec<Field>);

/// The bodies, each one a `match` over the variants.
pub(super) fn bodies(variants: &[Variant<'_>], options: &TypeOptions) -> Bodies {
    if variants.is_empty() {
        let absurd = quote!(match *self {});
        return Bodies {
            zeros_like: absurd.clone(),
            set_zero: absurd.clone(),
            accumulate: absurd,
            visit: TokenStream::new(),
            blank: None,
            kept: None,
        };
    }
    Bodies {
        zeros_like: zeros_like(variants, options),
        set_zero: set_zero(variants, options),
        accumulate: accumulate(variants, options),
        visit: visit(variants, options),
        blank: placeholder(variants, options),
        kept: Some(kept(variants, options)),
    }
}

/// What a variant holds, and then its number.
///
/// ```text
/// match self { Self::Dense { w: __x_w, n: __x_n } => { push(__x_w); push(__x_n); push(0usize) } .. }
/// match pop::<usize>() { 0usize => { let __x_n = pop(); let __x_w = pop(); Self::Dense { w: __x_w, n: __x_n } } .. }
/// ```
fn kept(variants: &[Variant<'_>], options: &TypeOptions) -> [TokenStream; 2] {
    let numbers = || (0..).map(Literal::usize_suffixed);
    let push = variants
        .iter()
        .zip(numbers())
        .map(|((name, fields), number)| {
            let (bound, push) = (emit::bound(fields), emit::push(fields, options));
            quote!(Self::#name { #bound } => { #push __stack.push(#number); })
        });
    let pop = variants
        .iter()
        .zip(numbers())
        .map(|((name, fields), number)| {
            let value = emit::pop(&quote!(Self::#name), fields, options);
            quote!(#number => #value)
        });
    [
        quote!(match self { #(#push)* }),
        quote! {
            match __stack.pop::<usize>() {
                #(#pop,)*
                _ => ::core::unreachable!("the tape gives back what was put there"),
            }
        },
    ]
}

/// The variant that holds the least.
fn placeholder(variants: &[Variant<'_>], options: &TypeOptions) -> Option<TokenStream> {
    let (name, fields) = variants.iter().min_by_key(|(_, fields)| fields.len())?;
    Some(emit::blank(quote!(Self::#name), fields, options))
}

/// `match self { Self::Dense { w: __x_w, n: __x_n } => Self::Dense { w: zeros_like(__x_w), n: clone(__x_n) }, .. }`
fn zeros_like(variants: &[Variant<'_>], options: &TypeOptions) -> TokenStream {
    let arms = variants.iter().map(|(name, fields)| {
        let members: Vec<_> = fields.iter().map(|field| &field.member).collect();
        let bindings: Vec<_> = fields.iter().map(|field| field.binding("x")).collect();
        let zeros = fields
            .iter()
            .zip(&bindings)
            .map(|(field, binding)| field.zero(quote!(#binding), options));
        quote!(Self::#name { #(#members: #bindings),* } => Self::#name { #(#members: #zeros),* })
    });
    quote!(match self { #(#arms),* })
}

/// `match self { Self::Dense { w: __x_w, .. } => { set_zero(__x_w); } .. }`
fn set_zero(variants: &[Variant<'_>], options: &TypeOptions) -> TokenStream {
    let arms = variants.iter().map(|(name, fields)| {
        let pattern = pattern(fields, "x");
        let calls = active(fields).map(|field| {
            let (this, binding) = (field.this_trait(options), field.binding("x"));
            quote!(#this::set_zero(#binding);)
        });
        quote!(Self::#name { #pattern } => { #(#calls)* })
    });
    quote!(match self { #(#arms)* })
}

/// `match (&mut *self, __other) { (Self::Dense { w: __x_w, .. }, Self::Dense { w: __y_w, .. }) => { .. } .. (x, y) => variant_mismatch(..) }`
fn accumulate(variants: &[Variant<'_>], options: &TypeOptions) -> TokenStream {
    let private = &options.private;
    let arms = variants.iter().map(|(name, fields)| {
        let (into, other) = (pattern(fields, "x"), pattern(fields, "y"));
        let calls = active(fields).map(|field| {
            let (this, into, other) = (
                field.this_trait(options),
                field.binding("x"),
                field.binding("y"),
            );
            quote!(#this::accumulate(#into, #other);)
        });
        quote!((Self::#name { #into }, Self::#name { #other }) => { #(#calls)* })
    });
    let name_of = name_of(variants);
    let mismatch = (variants.len() > 1).then(|| {
        quote!((__x, __y) => #private::variant_mismatch(__name_of(&*__x), __name_of(__y), #private::Path::root()),)
    });
    let name_of = mismatch.is_some().then_some(name_of);
    quote! {
        #name_of
        match (&mut *self, __other) { #(#arms)* #mismatch }
    }
}

/// First the check that all values have the variant of the first one, then the walk over that variant's fields.
///
/// ```text
/// let mut __names = __read.iter().map(|x| __name_of(x)).chain(__write.iter().map(|x| __name_of(x)));
/// let Some(__name) = __names.next() else { return };
/// if let Some(__other) = __names.find(|other| *other != __name) { variant_mismatch(__name, __other, __path) }
/// match __name {
///     "Dense" => {
///         visit(__read.map(|x| match x { Self::Dense { w: __x_w, .. } => __x_w, _ => unreachable!() }), .., __path.field("w"), __visitor);
///     }
///     _ => {}
/// }
/// ```
fn visit(variants: &[Variant<'_>], options: &TypeOptions) -> TokenStream {
    let private = &options.private;
    // Irrefutable where there is one variant only.
    let otherwise = (variants.len() > 1).then(|| quote!(_ => ::core::unreachable!(),));
    let arms = variants.iter().filter(|(_, fields)| active(fields).next().is_some()).map(|(name, fields)| {
        let text = plain(name);
        let calls = active(fields).map(|field| {
            let (this, member, binding, path) = (field.this_trait(options), &field.member, field.binding("x"), field.path());
            let project = quote!(match __x { Self::#name { #member: #binding, .. } => #binding, #otherwise });
            quote! {
                #this::visit(
                    __read.map(|__x| #project),
                    __write.each_mut().map(|__x| { let __x: &mut Self = __x; #project }),
                    #path,
                    __visitor,
                );
            }
        });
        quote!(#text => { #(#calls)* })
    });
    let name_of = name_of(variants);
    quote! {
        #name_of
        let mut __names = __read.iter().map(|__x| __name_of(__x)).chain(__write.iter().map(|__x| __name_of(__x)));
        let ::core::option::Option::Some(__name) = __names.next() else { return };
        if let ::core::option::Option::Some(__other) = __names.find(|__other| *__other != __name) {
            #private::variant_mismatch(__name, __other, __path);
        }
        match __name {
            #(#arms)*
            _ => {}
        }
    }
}

/// `let __name_of = |__x: &Self| -> &'static str { match __x { Self::Dense { .. } => "Dense", .. } };`
fn name_of(variants: &[Variant<'_>]) -> TokenStream {
    let arms = variants.iter().map(|(name, _)| {
        let text = plain(name);
        quote!(Self::#name { .. } => #text)
    });
    quote!(let __name_of = |__x: &Self| -> &'static str { match __x { #(#arms),* } };)
}

/// `w: __x_w, ..` for the active fields.
fn pattern(fields: &[Field], prefix: &str) -> TokenStream {
    let bindings = active(fields).map(|field| {
        let (member, binding) = (&field.member, field.binding(prefix));
        quote!(#member: #binding)
    });
    quote!(#(#bindings,)* ..)
}

fn active(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| field.active)
}

fn plain(name: &Ident) -> String {
    use syn::ext::IdentExt;
    name.unraw().to_string()
}
