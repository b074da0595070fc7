//! The trait for structs: every function field by field.

use quote::quote;

use super::attributes::TypeOptions;
use super::emit::{self, Bodies, Field};

/// ```text
/// zeros_like: Self { w: <Vec<T> as Differentiable>::zeros_like(&self.w), n: <usize as Clone>::clone(&self.n) }
/// set_zero:   <Vec<T> as Differentiable>::set_zero(&mut self.w);
/// accumulate: <Vec<T> as Differentiable>::accumulate(&mut self.w, &__other.w);
/// visit:      <Vec<T> as Differentiable>::visit(__read.map(|x| &x.w), __write.each_mut().map(|x| &mut x.w), __path.field("w"), __visitor);
/// ```
pub(super) fn bodies(fields: &[Field], options: &TypeOptions) -> Bodies {
    let zeros = fields.iter().map(|field| {
        let member = &field.member;
        let zero = field.zero(quote!(&self.#member), options);
        quote!(#member: #zero)
    });
    let active = || fields.iter().filter(|field| field.active);
    let set_zero = active().map(|field| {
        let (this, member) = (field.this_trait(options), &field.member);
        quote!(#this::set_zero(&mut self.#member);)
    });
    let accumulate = active().map(|field| {
        let (this, member) = (field.this_trait(options), &field.member);
        quote!(#this::accumulate(&mut self.#member, &__other.#member);)
    });
    let visit = active().map(|field| {
        let (this, member, path) = (field.this_trait(options), &field.member, field.path());
        quote! {
            #this::visit(__read.map(|__x| &__x.#member), __write.each_mut().map(|__x| &mut __x.#member), #path, __visitor);
        }
    });
    let (bound, push) = (emit::bound(fields), emit::push(fields, options));
    Bodies {
        zeros_like: quote!(Self { #(#zeros),* }),
        set_zero: quote!(#(#set_zero)*),
        accumulate: quote!(#(#accumulate)*),
        visit: quote!(#(#visit)*),
        blank: Some(emit::blank(quote!(Self), fields, options)),
        kept: Some([
            quote!(let Self { #bound } = self; #push),
            emit::pop(&quote!(Self), fields, options),
        ]),
    }
}
