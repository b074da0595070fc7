//! The body of `f_hessian` where the reverse sweep runs along all axes at once.
//!
//! ```text
//! (value, [d_x0, d_x1], [[h_00, h_01], [h_01, h_11]])
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::bodies::{body_of, mentions, results};
use super::body::Target;
use super::context::Context;
use super::jacobian::Size;
use crate::ir::Func;

/// `func` has the rows of the matrix as the adjoints of the parameters behind its own.
pub(super) fn body(c: &Context, func: &Func, input: usize, size: Size) -> TokenStream {
    let p = &c.private;
    let own = c.sig.inputs.len();
    let mut names = c.names();
    for i in &c.sig.inputs {
        names.reserve(&i.name.to_string());
    }
    let [gradient, sum, sums, result] =
        ["gradient", "sum", "sums", "result"].map(|hint| names.fresh(hint));
    let rows: Vec<Ident> = (own..func.params.len())
        .map(|_| names.fresh("row"))
        .collect();
    let mut func = func.clone();
    for param in func.params.iter_mut().skip(own) {
        // Nobody reads them: the directions are constants.
        param.name = names.fresh("direction");
    }
    let mut b = body_of(c, &func, Target::Direct);
    for name in rows.iter().chain([&gradient, &sum, &sums, &result]) {
        b.names.reserve(&name.to_string());
    }
    for (at, row) in (own..).zip(&rows) {
        b.adjoints[at] = row.clone();
    }
    b.adjoints[input] = gradient.clone();
    let (items, keep) = (c.items(), b.keep.clone());
    let body = b.block(&func.body, &results(&func));
    let value = func.ret.map(|r| b.value(r).tokens.to_token_stream());
    let made = func.adjoints[input].map(|d| b.value(d).tokens.to_token_stream());
    let made_rows: Vec<TokenStream> = (func.adjoints.iter().skip(own).flatten())
        .map(|row| b.value(*row).tokens.to_token_stream())
        .collect();
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    let store = (c.options.tape.is_none() && mentions(&body, &keep))
        .then(|| quote!(let #keep = &mut #p::NoTape;));
    if let Some(made) = made {
        return quote!(#items #store #body (#value, #made, [#(#made_rows),*]));
    }
    let (element, n) = (size.element, size.len);
    let zero = quote!(<#element as #p::Real>::from_f64(0.0));
    quote! {
        #items
        #store
        let mut #sum = [#zero; #n];
        let mut #sums = [[#zero; #n]; #n];
        let #result = {
            let #gradient = &mut #sum;
            let [#(#rows),*] = &mut #sums;
            #body
            #value
        };
        (#result, #sum, #sums)
    }
}
