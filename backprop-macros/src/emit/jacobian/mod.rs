//! `f_jacobian`: the whole matrix of derivatives, several columns at a time in forward mode or row by row in reverse mode, whichever is cheaper.
//!
//! ```text
//! fn f_jacobian(x: &[f64; N], k: f64) -> ([f64; M], [[f64; N]; M])            // fn f(x: &[f64; N], #[nodiff] k: f64) -> [f64; M]
//! fn f_jacobian_into(x: &[f64; N], out: &mut [f64], j: &mut [f64])            // fn f(x: &[f64; N], out: &mut [f64])
//! fn f_jacobian_into(x: &[f64], j: &mut [f64]) -> [f64; M]                    // fn f(x: &[f64]) -> [f64; M]
//! fn f_jacobian(a: &A, b: f64) -> ([f64; M], [A; M], [f64; M])                // fn f(a: &A, b: f64) -> [f64; M]
//! ```

mod gradients;
mod lanes;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use crate::differentiate::forward::LANES;
use crate::emit::context::{Context, plain_arg};
use crate::emit::inlining;
use crate::emit::item::generic_params;
use crate::ir::{By, Shape};
use crate::sig::{Input, Sig};
use lanes::Passes;

/// What a function's types say of its Jacobian.
pub(crate) enum Form<'a> {
    /// From an array to an array: by number of the input.
    Matrix {
        input: usize,
        from: Size<'a>,
        to: Size<'a>,
    },
    /// From an array to what is behind a `&mut`: column by column.
    Columns {
        input: usize,
        from: Size<'a>,
        output: usize,
    },
    /// From a slice to an array: row by row.
    Rows { input: usize, to: Size<'a> },
    /// From several parameters, or one of any type that has a size, to an array: a gradient for each number in it.
    Gradients { to: Size<'a> },
}

impl Form<'_> {
    /// Whether it takes forward mode, which callees have where the word is written.
    pub(crate) fn goes_forward(&self) -> bool {
        match self {
            Form::Matrix { .. } | Form::Columns { .. } => true,
            Form::Rows { .. } | Form::Gradients { .. } => false,
        }
    }
}

/// The elements of an array, and how many there are.
#[derive(Clone, Copy)]
pub(crate) struct Size<'a> {
    pub(in crate::emit) element: &'a Type,
    pub(in crate::emit) len: &'a syn::Expr,
}

impl Size<'_> {
    /// The length, where it is a number.
    pub(crate) fn written(&self) -> Option<usize> {
        match self.len {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(n),
                ..
            }) => n.base10_parse().ok(),
            _ => None,
        }
    }
}

pub(in crate::emit) fn array(ty: &Type) -> Option<Size<'_>> {
    match ty {
        Type::Array(a) if matches!(*a.elem, Type::Path(_)) => Some(Size {
            element: &a.elem,
            len: &a.len,
        }),
        Type::Paren(t) => array(&t.elem),
        Type::Group(t) => array(&t.elem),
        _ => None,
    }
}

/// The form of a function's Jacobian, if it has one.
pub(crate) fn form(sig: &Sig) -> Option<Form<'_>> {
    // The function runs more than once: it may change nothing but its result.
    if sig.inputs.iter().any(|i| i.by == By::Mut && !i.active) {
        return None;
    }
    let active = || sig.inputs.iter().enumerate().filter(|(_, i)| i.active);
    let mut read = active().filter(|(_, i)| i.by != By::Mut);
    let (input, x) = read.next()?;
    if read.next().is_some() || !floats(x) || x.name == "self" {
        let sized =
            |(_, i): (usize, &Input)| i.by != By::Mut && !matches!(i.shape, Shape::Seq(_, None));
        let to = array(sig.ret.as_ref()?)?;
        return active().all(sized).then_some(Form::Gradients { to });
    }
    let mut written = active().filter(|(_, i)| i.by == By::Mut);
    let from = array(&x.ty);
    let output = written.next();
    if written.next().is_some() {
        return None;
    }
    match (from, output, &sig.ret) {
        (Some(from), None, Some(ret)) => Some(Form::Matrix {
            input,
            from,
            to: array(ret)?,
        }),
        (Some(from), Some((output, y)), None)
            if plain(&y.shape) && matches!(y.ty, Type::Slice(_)) =>
        {
            Some(Form::Columns {
                input,
                from,
                output,
            })
        }
        (None, None, Some(ret)) if matches!(x.ty, Type::Slice(_)) => Some(Form::Rows {
            input,
            to: array(ret)?,
        }),
        _ => None,
    }
}

/// Whether a parameter is a list of floats.
fn floats(i: &Input) -> bool {
    matches!(&i.shape, Shape::Seq(e, _) if **e == Shape::Float)
}

/// Whether a shape is floats, and arrays of them.
fn plain(shape: &Shape) -> bool {
    match shape {
        Shape::Float => true,
        Shape::Seq(e, _) => plain(e),
        _ => false,
    }
}

/// The function, where it is asked for; no body where something is wrong.
pub(in crate::emit) fn item(c: &Context, refused: bool) -> TokenStream {
    let (Some(_), Some(form)) = (c.options.jacobian, form(c.sig)) else {
        return TokenStream::new();
    };
    let mut own = c.names();
    for i in &c.sig.inputs {
        own.reserve(&i.name.to_string());
    }
    let names = Locals {
        j: own.fresh("j"),
        direction: own.fresh("direction"),
        value: own.fresh("value"),
        d: own.fresh("d"),
        k: own.fresh("k"),
        i: own.fresh("i"),
        lane: own.fresh("lane"),
        together: own.fresh("together"),
        column: (0..LANES).map(|_| own.fresh("column")).collect(),
        rows: c.sig.inputs.iter().map(|_| own.fresh("j")).collect(),
        ds: c.sig.inputs.iter().map(|_| own.fresh("d")).collect(),
    };
    let j = &names.j;
    let (suffix, extra, output, body) = match &form {
        Form::Matrix { input, from, to } => {
            let (ret, element) = (c.ret().to_token_stream(), from.element);
            let (n, m) = (from.len, to.len);
            let body = matrix(c, &names, *input, *from, *to);
            (
                "jacobian",
                None,
                Some(quote!(-> (#ret, [[#element; #n]; #m]))),
                body,
            )
        }
        Form::Columns {
            input,
            from,
            output,
        } => {
            let element = match &c.sig.inputs[*output].ty {
                Type::Slice(s) => &*s.elem,
                other => other,
            };
            let body = columns(c, &names, *input, *from, *output);
            (
                "jacobian_into",
                Some(quote!(#j: &mut [#element])),
                None,
                body,
            )
        }
        Form::Rows { input, to } => {
            let (ret, element) = (c.ret(), to.element);
            let body = rows(c, &names, *input, *to);
            (
                "jacobian_into",
                Some(quote!(#j: &mut [#element])),
                Some(quote!(-> #ret)),
                body,
            )
        }
        Form::Gradients { to } => (
            "jacobian",
            None,
            Some(gradients::output(c, *to)),
            gradients::body(c, &names, *to),
        ),
    };
    let body = if refused {
        quote!(::core::unimplemented!())
    } else {
        body
    };
    let name = c.named(suffix);
    let vis = &c.item.vis;
    let (generics, _, clause) = c.item.sig.generics.split_for_impl();
    let generics = generic_params(c, generics.to_token_stream());
    let parameters = c
        .item
        .sig
        .inputs
        .iter()
        .zip(&c.sig.inputs)
        .map(|(arg, i)| plain_arg(arg, i));
    let tape = (!form.goes_forward()).then(|| c.tape()).flatten();
    let extra = extra.into_iter().chain(tape);
    let attributes = c.attributes();
    let hint = inlining::of_public(c);
    let doc = doc(c, &form);
    quote! {
        #[doc = #doc]
        #attributes
        #hint
        #vis fn #name #generics (#(#parameters,)* #(#extra),*) #output #clause { #body }
    }
}

/// Names of ours in the body.
struct Locals {
    j: Ident,
    direction: Ident,
    value: Ident,
    d: Ident,
    k: Ident,
    i: Ident,
    lane: Ident,
    together: Ident,
    /// In each lane.
    column: Vec<Ident>,
    /// For each parameter: its gradients, and the one of a row.
    rows: Vec<Ident>,
    ds: Vec<Ident>,
}

/// The arguments of a call, with one of them replaced or followed by others.
fn arguments(
    c: &Context,
    with: &dyn Fn(usize, &Input) -> TokenStream,
) -> (TokenStream, Vec<TokenStream>) {
    let mut receiver = TokenStream::new();
    let mut args = Vec::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if k == 0 && c.sig.has_self {
            receiver = quote!(self.);
            continue;
        }
        args.push(with(k, i));
    }
    if receiver.is_empty() && c.member {
        receiver = quote!(Self::);
    }
    (receiver, args)
}

fn generics(c: &Context) -> Option<TokenStream> {
    let own = crate::emit::item::own_generics(c);
    (!own.is_empty()).then(|| quote!(::<#(#own),*>))
}

fn number(c: &Context, element: &Type, x: f64) -> TokenStream {
    let p = &c.private;
    quote!(<#element as #p::Real>::from_f64(#x))
}

/// What is passed by reference is passed on as it is; what is lent by `&mut` and not varied, too.
fn passed(i: &Input) -> TokenStream {
    let name = &i.name;
    match i.by {
        By::Mut => quote!(&mut *#name),
        By::Value | By::Ref => quote!(#name),
    }
}

fn matrix(c: &Context, l: &Locals, input: usize, from: Size, to: Size) -> TokenStream {
    let Locals {
        j,
        direction,
        value,
        d,
        k,
        i,
        ..
    } = l;
    let (n, m) = (from.len, to.len);
    let element = from.element;
    let (zero, one) = (number(c, element, 0.0), number(c, element, 1.0));
    let by_ref = c.sig.inputs[input].by == By::Ref;
    let generics = generics(c);
    let (receiver, args) = arguments(c, &|k, x| match (k == input, by_ref) {
        (false, _) => passed(x),
        (true, true) => {
            let name = &x.name;
            quote!(#name, &#direction)
        }
        (true, false) => {
            let name = &x.name;
            quote!(#name, #direction)
        }
    });
    let jvp = c.named("jvp");
    let forward = quote! {
        for #k in 0..#n {
            let mut #direction = [#zero; #n];
            #direction[#k] = #one;
            let (_, #d) = #receiver #jvp #generics(#(#args),*);
            for #i in 0..#m {
                #j[#i][#k] = #d[#i];
            }
        }
    };
    let backward = (c.options.tape.is_none()).then(|| {
        let vjp = c.named("vjp");
        let (receiver, args) = arguments(c, &|k, x| match (k == input, by_ref) {
            (true, true) => {
                let name = &x.name;
                quote!(#name, &mut #j[#i])
            }
            _ => passed(x),
        });
        let call = quote!(#receiver #vjp #generics(#(#args,)* #direction));
        let call = match by_ref {
            true => quote!(let _ = #call;),
            false => quote!(let (_, #d) = #call; #j[#i] = #d;),
        };
        quote! {
            for #i in 0..#m {
                let mut #direction = [#zero; #m];
                #direction[#i] = #one;
                #call
            }
        }
    });
    let (receiver, args) = arguments(c, &|_, x| passed(x));
    let name = &c.item.sig.ident;
    let passes = lanes::matrix(c, l, input, from, to);
    // One pass goes backwards for the price of about two columns.
    let half = if passes.is_some() { 2_usize } else { 1 };
    let forward = Passes::or(passes, &forward);
    let both = match backward {
        // The lengths are constants.
        Some(backward) => quote!(if #half * (#m) < #n { #backward } else { #forward }),
        None => forward,
    };
    quote! {
        let #value = #receiver #name #generics(#(#args),*);
        let mut #j = [[#zero; #n]; #m];
        #both
        (#value, #j)
    }
}

fn columns(c: &Context, l: &Locals, input: usize, from: Size, output: usize) -> TokenStream {
    let Locals {
        j,
        direction,
        d,
        k,
        i,
        ..
    } = l;
    let p = &c.private;
    let n = from.len;
    let (zero, one) = (number(c, from.element, 0.0), number(c, from.element, 1.0));
    let out = &c.sig.inputs[output].name;
    let by_ref = c.sig.inputs[input].by == By::Ref;
    let (generics, jvp) = (generics(c), c.named("jvp"));
    let (receiver, args) = arguments(c, &|k, x| {
        let name = &x.name;
        match (k == input, k == output, by_ref) {
            (true, _, true) => quote!(#name, &#direction),
            (true, _, false) => quote!(#name, #direction),
            (_, true, _) => quote!(&mut *#name, #d),
            _ => passed(x),
        }
    });
    let text = format!(
        "`{}`: the Jacobian has {{}} numbers, and the place for it {{}}",
        c.item.sig.ident
    );
    let (plain, primal) = arguments(c, &|_, x| passed(x));
    let name = &c.item.sig.ident;
    let one_by_one = quote! {
        for #k in 0..#n {
            let mut #direction = [#zero; #n];
            #direction[#k] = #one;
            let #d = &mut #j[#k * #out.len()..][..#out.len()];
            for #i in #d.iter_mut() {
                #p::rule::clear(#i);
            }
            #receiver #jvp #generics(#(#args),*);
        }
    };
    let all = Passes::or(lanes::columns(c, l, input, from, output), &one_by_one);
    quote! {
        ::core::assert!(#j.len() == #n * #out.len(), #text, #n * #out.len(), #j.len());
        if #n == 0 {
            #plain #name #generics(#(#primal),*);
        }
        #all
    }
}

fn rows(c: &Context, l: &Locals, input: usize, to: Size) -> TokenStream {
    let Locals {
        j,
        direction,
        value,
        d,
        i,
        ..
    } = l;
    let m = to.len;
    let (zero, one) = (number(c, to.element, 0.0), number(c, to.element, 1.0));
    let x = &c.sig.inputs[input].name;
    let (generics, vjp) = (generics(c), c.named("vjp"));
    let tape = c.options.tape.map(|_| {
        let (_, store) = c.seed_and_store();
        quote!(, &mut *#store)
    });
    let (receiver, args) = arguments(c, &|k, x| {
        let name = &x.name;
        match k == input {
            true => quote!(#name, #d),
            false => passed(x),
        }
    });
    let (plain, primal) = arguments(c, &|_, x| passed(x));
    let name = &c.item.sig.ident;
    let text = format!(
        "`{}`: the Jacobian has {{}} numbers, and the place for it {{}}",
        c.item.sig.ident
    );
    quote! {
        ::core::assert!(#j.len() == #m * #x.len(), #text, #m * #x.len(), #j.len());
        #j.fill(#zero);
        let #value = #plain #name #generics(#(#primal),*);
        for #i in 0..#m {
            let mut #direction = [#zero; #m];
            #direction[#i] = #one;
            let #d = &mut #j[#i * #x.len()..][..#x.len()];
            #receiver #vjp #generics(#(#args,)* #direction #tape);
        }
        #value
    }
}

fn doc(c: &Context, form: &Form) -> String {
    let name = &c.item.sig.ident;
    match form {
        Form::Matrix { .. } => format!(
            "The value of `{name}` and its Jacobian: a row for each output, a column for each input.\n\nSeveral columns at a time in forward mode, or row by row in reverse mode, whichever is cheaper."
        ),
        Form::Columns { .. } => format!(
            "`{name}`, and its Jacobian written into `j`, column by column: for each input the derivatives of all outputs.\n\n# Panics\n\nIf `j` has another length than the product of the numbers of inputs and outputs."
        ),
        Form::Gradients { .. } => format!(
            "The value of `{name}` and its Jacobian: for each parameter that is differentiated as many gradients as there are outputs.\n\nRow by row in reverse mode. What does not depend on a parameter is zero, of either sign."
        ),
        Form::Rows { .. } => format!(
            "The value of `{name}`, and its Jacobian written into `j`, row by row: for each output the derivatives by all inputs.\n\n# Panics\n\nIf `j` has another length than the product of the numbers of inputs and outputs."
        ),
    }
}
