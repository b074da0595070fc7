//! Columns of a Jacobian, several in one pass: the function is computed once for all of them.
//!
//! Where a callee has no more than a rule for one tangent, the passes are not used, and there is one for each column.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Locals, Size, number};
use crate::differentiate::forward::LANES;
use crate::emit::along;
use crate::emit::context::Context;
use crate::emit::forward::receives;
use crate::ir::By;

/// Fewer columns of an array's Jacobian are as cheap one by one.
const FEW: usize = 3;

/// What stands before the columns one by one, and on which condition those are computed: `None` for always.
pub(super) struct Passes {
    pub(super) lanes: TokenStream,
    pub(super) otherwise: TokenStream,
}

/// `{ lanes } if otherwise { columns }`
impl Passes {
    pub(super) fn or(passes: Option<Passes>, columns: &TokenStream) -> TokenStream {
        match passes {
            None => columns.clone(),
            Some(Passes { lanes, otherwise }) => quote!(#lanes if #otherwise { #columns }),
        }
    }
}

/// A length as an operand.
fn parenthesised(n: &syn::Expr) -> TokenStream {
    match n {
        syn::Expr::Lit(_) | syn::Expr::Path(_) => quote!(#n),
        _ => quote!((#n)),
    }
}

/// The call of the hidden function of several tangents.
fn call(
    c: &Context,
    together: &Ident,
    tangents: &dyn Fn(usize, usize) -> Option<TokenStream>,
) -> TokenStream {
    let p = &c.private;
    let mut args = Vec::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if i.name != "self" || !c.sig.has_self {
            args.push(super::passed(i));
        }
        let lanes = (0..LANES).map(|lane| {
            tangents(k, lane).unwrap_or_else(|| match i.by {
                By::Ref if receives(i, c) => quote!(#p::beside::<_, #p::Off>(self)),
                By::Value if receives(i, c) => quote!(#p::still::<Self>()),
                By::Value | By::Ref => quote!(#p::still()),
                By::Mut => quote!(#p::off()),
            })
        });
        args.push(quote!([#(#lanes),*]));
    }
    let callee = along::of(c, true);
    quote!(#callee(#(#args,)* &#together))
}

/// The tangent of the input in a lane.
fn direction(c: &Context, input: usize, direction: &Ident, lane: usize) -> TokenStream {
    let p = &c.private;
    match c.sig.inputs[input].by {
        By::Ref | By::Mut => quote!(#p::beside::<_, #p::On>(&#direction[#lane])),
        By::Value => quote!(#p::along::<_, #p::On>(#direction[#lane])),
    }
}

/// Of a function from an array to an array.
pub(super) fn matrix(
    c: &Context,
    l: &Locals,
    input: usize,
    from: Size,
    to: Size,
) -> Option<Passes> {
    let Locals {
        j,
        direction: v,
        d,
        k,
        i,
        lane,
        together,
        ..
    } = l;
    let (p, n, m) = (&c.private, parenthesised(from.len), to.len);
    let (zero, one) = (number(c, from.element, 0.0), number(c, from.element, 1.0));
    let few = from.written().map(|n| n < FEW);
    if few == Some(true) {
        return None;
    }
    let call = call(c, together, &|at, lane| {
        (at == input).then(|| direction(c, input, v, lane))
    });
    let lanes = quote! {
        while #k < #n {
            let mut #v = [[#zero; #n]; #LANES];
            for #lane in 0..#LANES {
                if #k + #lane < #n {
                    #v[#lane][#k + #lane] = #one;
                }
            }
            let (_, #d) = #call;
            for #lane in 0..#LANES {
                if #k + #lane < #n {
                    for #i in 0..#m {
                        #j[#i][#k + #lane] = #d[#lane][#i];
                    }
                }
            }
            #k += #LANES;
        }
    };
    let start = quote!(let (mut #k, #together) = (0, #p::Together::new()););
    Some(match few {
        Some(_) => Passes {
            lanes: quote!(#start #lanes),
            otherwise: quote!(#together.gave_up()),
        },
        None => Passes {
            lanes: quote!(#start if #n >= #FEW { #lanes }),
            otherwise: quote!(#n < #FEW || #together.gave_up()),
        },
    })
}

/// Of a function from an array to what is behind a `&mut`. The last pass computes some columns again, where they do not come out even.
pub(super) fn columns(
    c: &Context,
    l: &Locals,
    input: usize,
    from: Size,
    output: usize,
) -> Option<Passes> {
    let Locals {
        j,
        direction: v,
        d,
        k,
        i,
        lane,
        together,
        column,
        ..
    } = l;
    let (p, n) = (&c.private, parenthesised(from.len));
    let (zero, one) = (number(c, from.element, 0.0), number(c, from.element, 1.0));
    let out = &c.sig.inputs[output].name;
    let enough = from.written().map(|n| n >= LANES);
    if enough == Some(false) {
        return None;
    }
    let call = call(c, together, &|at, lane| match at {
        _ if at == input => Some(direction(c, input, v, lane)),
        _ if at == output => column.get(lane).map(|column| quote!(#p::on(#column))),
        _ => None,
    });
    let splits = column
        .iter()
        .map(|column| quote!(let (#column, #d) = #d.split_at_mut(#out.len());));
    let lanes = quote! {
        while #k < #n && !#together.gave_up() {
            #k = ::core::cmp::min(#k, ::core::primitive::usize::saturating_sub(#n, #LANES));
            let mut #v = [[#zero; #n]; #LANES];
            for #lane in 0..#LANES {
                #v[#lane][#k + #lane] = #one;
            }
            let #d = &mut #j[#k * #out.len()..][..#LANES * #out.len()];
            for #i in #d.iter_mut() {
                #p::rule::clear(#i);
            }
            #(#splits)*
            #call;
            #k += #LANES;
        }
    };
    let start = quote!(let (mut #k, #together) = (0, #p::Together::new()););
    Some(match enough {
        Some(_) => Passes {
            lanes: quote!(#start #lanes),
            otherwise: quote!(#together.gave_up()),
        },
        None => Passes {
            lanes: quote!(#start if #n >= #LANES { #lanes }),
            otherwise: quote!(#n < #LANES || #together.gave_up()),
        },
    })
}
