//! The compiler as one function: tokens to tokens.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Generics, ItemFn, ItemImpl};

use crate::diag::Errors;
use crate::differentiate::reverse::{Seed, differentiate};
use crate::differentiate::{forward, left, storage};
use crate::emit::Companion;
use crate::ir::{By, Func, Shape};
use crate::options::{self, Jvp, Options};
use crate::sig::{self, Sig};
use crate::{analyze, block, emit, fence, lower, simplify, surroundings};

/// Expands `#[differentiable(attr)] item`. Total: whatever the tokens, the answer is tokens.
pub(crate) fn compile(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::parse(attr.clone(), &mut errors);
    expanded(attr, options, item, errors)
}

/// The same with every mode, and calls of them that compare one with the other. The optimisations in `without` are off, unless the
/// function needs one of them to do without a tape.
pub(crate) fn audited(attr: TokenStream, item: TokenStream, without: &[&str]) -> TokenStream {
    let expand = |without: &[&str]| {
        let mut errors = Errors::default();
        let mut options = options::parse(attr.clone(), &mut errors);
        options.audit();
        options
            .without
            .extend(without.iter().map(|w| (*w).to_owned()));
        expanded(attr.clone(), options, item.clone(), errors)
    };
    let tokens = expand(without);
    let refused = !without.is_empty() && tokens.to_string().contains("compile_error");
    if refused { expand(&[]) } else { tokens }
}

fn expanded(
    attr: TokenStream,
    options: Options,
    item: TokenStream,
    mut errors: Errors,
) -> TokenStream {
    let mut function = match parse(item.clone(), &mut errors) {
        Some(Parsed::Function(function)) => function,
        Some(Parsed::Block(block)) => {
            errors.into_tokens();
            return block::compile(attr, *block);
        }
        None => {
            let errors = errors.into_tokens();
            return quote!(#item #errors);
        }
    };
    let mut sig = sig::read(&function.sig, &options, &Generics::default(), &mut errors);
    if surroundings::in_trait_impl(function.sig.ident.span()) {
        errors.at(
            &function.sig.ident,
            "a method of a trait's `impl` cannot carry `#[differentiable]` itself: the trait has no place for what is generated beside it",
            "put `#[differentiable]` on the whole `impl`: what is generated then stands in another one",
        );
        sig.hidden = true;
    }
    let beside = self::function(&mut function, &sig, &options, &mut errors);
    let errors = errors.into_tokens();
    quote!(#[allow(dead_code, clippy::needless_range_loop, clippy::manual_memcpy)] #function #beside #errors)
}

/// What stands beside a function, and the function without the attributes that are ours.
pub(crate) fn function(
    function: &mut ItemFn,
    sig: &Sig,
    options: &Options,
    errors: &mut Errors,
) -> TokenStream {
    let options = &with_forward_mode(options, sig);
    let named = sig::named(function);
    let beside = match expand(&named, sig, options, errors) {
        Some(items) if errors.is_empty() => items,
        _ if sig.hidden => TokenStream::new(),
        _ => emit::stubs(&named, sig, options),
    };
    strip(function);
    beside
}

/// A Jacobian may be made in forward mode, which is generated then, too.
fn with_forward_mode(options: &Options, sig: &Sig) -> Options {
    let mut options = options.clone();
    let form = emit::jacobian::form(sig);
    if let (Some(span), None, Some(true)) = (
        options.jacobian,
        &options.jvp,
        form.map(|form| form.goes_forward()),
    ) {
        options.jvp = Some(Jvp {
            span,
            by_hand: None,
        });
    }
    options
}

/// All that is generated. Where a buffer that is taken for scratch stands in the way, it is none.
fn expand(
    function: &ItemFn,
    sig: &Sig,
    options: &Options,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let items = stages(function, sig, options, errors);
    if errors.any_overwritten() && options.on("refill") {
        let mut options = options.clone();
        options.without.push("refill".into());
        let mut none = Errors::default();
        let others = stages(function, sig, &options, &mut none);
        if none.is_empty() && others.is_some() {
            core::mem::replace(errors, none).forget();
            return others;
        }
        none.forget();
    }
    items
}

/// The stages, one after the other.
fn stages(
    function: &ItemFn,
    sig: &Sig,
    options: &Options,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let by_hand = options.vjp.is_some() || !options.partials.is_empty();
    if by_hand {
        fence::signature(&function.sig, errors);
    } else {
        fence::check(&function.sig, &function.block, errors);
    }
    against(options, sig, errors);
    emit::check::against(function, options, sig, errors);
    if !errors.is_empty() {
        return None;
    }
    if by_hand {
        let in_place = sig.inputs.iter().any(|i| i.by == By::Mut && !i.out);
        again(options, sig, in_place, errors);
        let partials = options
            .hvp
            .and_then(|_| partials(function, sig, options, errors));
        if !errors.is_empty() {
            return None;
        }
        let partials = partials.as_ref();
        return Some(emit::beside(function, sig, options, None, partials, errors));
    }
    let mut primal = lower::lower(&function.sig.ident, sig, &function.block, errors)?;
    analyze::optional::take_apart(&mut primal);
    lower::kinds::infer(&mut primal);
    let in_place = analyze::outputs::in_place(&primal, sig);
    again(options, sig, in_place, errors);
    if !errors.is_empty() {
        return None;
    }
    analyze::updates::recognise(&mut primal);
    if options.on("cse") {
        simplify::cse::repeated::run(&mut primal);
    }
    let asked = options.hvp.is_some() || options.jvp.is_some();
    let by_rule = options.jvp.as_ref().is_some_and(|j| j.by_hand.is_some());
    let tangents = |lanes| {
        let mut func = forward::differentiate(&primal, lanes);
        simplify::simplify(&mut func, options);
        func
    };
    let tangent = (asked && !by_rule).then(|| tangents(1));
    let together = (options.jvp.is_some() && !by_rule).then(|| tangents(forward::LANES));
    analyze::trips::count(&mut primal);
    if options.on("refill") {
        analyze::refill::recognise(&mut primal, options.tape.is_some());
    }
    let parameters = storage::Parameters::of(&function.sig, sig.has_self);
    let swept = |seed| {
        let mut func = differentiate(&primal, seed);
        simplify::versions::run(&mut func);
        func
    };
    let finish = |mut func: Func, prepare: fn(&mut Func), errors: &mut Errors| -> Option<Func> {
        prepare(&mut func);
        simplify::simplify(&mut func, options);
        analyze::lent::check(&func, options.tape.is_some(), errors);
        if !errors.is_empty() {
            return None;
        }
        storage::resolve(&mut func, options, &parameters, errors)?;
        analyze::methods::check(&func, errors);
        errors.is_empty().then_some(func)
    };
    let seeded = swept(Seed::Argument);
    let vjp = finish(seeded.clone(), |_| {}, errors)?;
    // What begins with what it found cannot run on what it left.
    let pulled = |seeded: Func, errors: &mut Errors| -> Option<Func> {
        let prepare = |f: &mut Func| {
            storage::part::resolve(f);
            left::drop_results(f);
        };
        let pull = finish(seeded.clone(), prepare, errors)?;
        if left::clashes(&pull) {
            return finish(seeded, |f| f.ret = None, errors);
        }
        Some(pull)
    };
    let pull = if in_place {
        None
    } else {
        Some(pulled(seeded, errors)?)
    };
    let later = match primal.ret {
        Some(_) if options.tape.is_none() && sig.inputs.iter().all(|i| i.by != By::Mut) => {
            Some(finish(swept(Seed::Later), |_| {}, errors)?)
        }
        _ => None,
    };
    let float = primal.ret.is_some_and(|r| *primal.shape(r) == Shape::Float);
    let second = match options.hvp {
        Some(_) if float => Some(finish(forward::second(&swept(Seed::One)), |_| {}, errors)?),
        _ => None,
    };
    let companion = match options.hvp {
        Some(_) => {
            let seeded = forward::companion(&swept(Seed::Argument));
            let whole = finish(seeded.clone(), |_| {}, errors)?;
            let rest = if in_place {
                None
            } else {
                Some(pulled(seeded, errors)?)
            };
            Some(Companion { whole, rest })
        }
        None => None,
    };
    let hessian = match (options.hessian, axes(sig)) {
        (Some(_), Some((input, n))) => {
            let swept = swept(Seed::One);
            match forward::all_scalar(&swept) {
                true => Some(finish(forward::hessian(&swept, input, n), |_| {}, errors)?),
                false => None,
            }
        }
        _ => None,
    };
    let grad = if float {
        Some(finish(swept(Seed::One), |_| {}, errors)?)
    } else {
        None
    };
    Some(emit::beside(
        function,
        sig,
        options,
        Some(emit::Sweeps {
            grad,
            vjp,
            pull,
            later,
            tangent,
            together,
            second,
            companion,
            hessian,
        }),
        None,
        errors,
    ))
}

/// The parameter and the number of its elements, where they are few: then a Hessian may be made along all axes at once.
fn axes(sig: &Sig) -> Option<(usize, usize)> {
    let (input, size) = emit::second::input(sig)?;
    let n = size.written().filter(|n| (1..=forward::MOST).contains(n))?;
    Some((input, n))
}

/// A Jacobian column by column runs the function for each.
fn again(options: &Options, sig: &Sig, in_place: bool, errors: &mut Errors) {
    if let (Some(span), true, Some(emit::jacobian::Form::Columns { output, .. })) =
        (options.jacobian, in_place, emit::jacobian::form(sig))
    {
        let name = &sig.inputs[output].name;
        errors.at_span(
            span,
            format!("the columns of a Jacobian run the function once each, and this one may read `{name}` before it has written it"),
            format!("if it writes every element first, mark the parameter: `#[out] {name}`; else call `_jvp`, each time with what was in it"),
        );
    }
}

/// The partials as a function of the parameters and of the result, with tangents.
fn partials(function: &ItemFn, sig: &Sig, options: &Options, errors: &mut Errors) -> Option<Func> {
    let (mut item, ret) = (function.clone(), sig.ret.as_ref()?);
    let active = sig.inputs.iter().filter(|i| i.active);
    let (mut types, mut exprs) = (Vec::new(), Vec::new());
    for i in active {
        let (_, partial) = options.partials.iter().find(|(n, _)| *n == i.name)?;
        types.push(&i.ty);
        exprs.push(partial);
    }
    let (output, value) = match (&types[..], &exprs[..]) {
        ([ty], [e]) => (quote!(-> #ty), quote!({ #e })),
        _ => (quote!(-> (#(#types),*)), quote!({ (#(#exprs),*) })),
    };
    item.sig.output = syn::parse2(output).ok()?;
    // Of the context that the rule was written in, like its other names.
    let mut found = Vec::new();
    exprs
        .iter()
        .for_each(|e| emit::names::idents(&e.to_token_stream(), &mut found));
    let result = found.into_iter().find(|name| name == "ret");
    let result = result.unwrap_or_else(|| Ident::new("ret", function.sig.ident.span()));
    item.sig
        .inputs
        .push(syn::parse2(quote!(#result: #ret)).ok()?);
    *item.block = syn::parse2(value).ok()?;
    fence::check(&item.sig, &item.block, errors);
    let mut own = sig::read(&item.sig, &Options::default(), &Generics::default(), errors);
    for (own, i) in own.inputs.iter_mut().zip(&sig.inputs) {
        (own.active, own.excluded) = (i.active, i.excluded);
    }
    if !errors.is_empty() {
        return None;
    }
    let mut primal = lower::lower(&item.sig.ident, &own, &item.block, errors)?;
    analyze::optional::take_apart(&mut primal);
    lower::kinds::infer(&mut primal);
    analyze::updates::recognise(&mut primal);
    let mut func = forward::differentiate(&primal, 1);
    simplify::simplify(&mut func, options);
    errors.is_empty().then_some(func)
}

/// What rules by hand ask of the signature.
fn against(options: &Options, sig: &Sig, errors: &mut Errors) {
    if let Some(span) = options.hvp {
        if options.vjp.is_some() {
            errors.at_span(
                span,
                "the rule in `vjp` says nothing of second derivatives",
                "say by `partials(x = ..)` what the derivatives are, which can be differentiated once more; or leave `hvp` and `hessian` out",
            );
        } else if options.hessian.is_some()
            && (!sig.is_scalar() || sig.inputs.iter().any(|i| i.active && i.by == By::Mut))
        {
            errors.at_span(span, "a Hessian is that of one float, and this function returns none, or changes a parameter", "let it return the float, and keep what it changes in local variables; or use `hvp`, for callers that have second derivatives");
        } else if options.hessian.is_some() && emit::second::input(sig).is_none() {
            errors.at_span(span, "a Hessian is generated by one array of floats, `[f64; N]`", "put what it is taken by into an array and exclude other parameters with `#[nodiff]`; or use `hvp`");
        }
    }
    if let (Some(span), None) = (options.jacobian, emit::jacobian::form(sig)) {
        errors.at_span(
            span,
            "a Jacobian is generated of an array of floats, by what has a size",
            "the forms are `f(a: &A, b: B) -> [f64; M]`, `f(x: &[f64; N], out: &mut [f64])` and `f(x: &[f64]) -> [f64; M]`; exclude other parameters with `#[nodiff]`",
        );
    }
    if let (Some(jvp), Some(_)) = (&options.jvp, &options.vjp)
        && jvp.by_hand.is_none()
        && !(sig.is_scalar()
            && options.tape.is_none()
            && sig.inputs.iter().all(|i| !i.active || i.is_number()))
    {
        errors.at_span(
            jvp.span,
            "the rule in `vjp` says how cotangents go backwards, and not how tangents go forwards",
            "write that rule, too, as a function with the signature of `_jvp`, and name it: `jvp = path`",
        );
    }
    let Some((first, _)) = options.partials.first() else {
        return;
    };
    if !sig.is_scalar() {
        errors.at(
            first,
            "`partials` is for functions that return one float",
            "write the rule as a function with the signature of `_vjp`, and name it: `vjp = path`",
        );
    }
    for (name, _) in &options.partials {
        match sig.inputs.iter().find(|i| i.name == *name) {
            None => errors.at(
                name,
                format!("`partials` names `{name}`, which is not a parameter"),
                options::name_a_parameter(name, &sig.names()),
            ),
            Some(i) if i.active => {}
            Some(i) if i.shape.is_inactive() => errors.at(
                name,
                format!("`partials` has a derivative by `{name}`, whose type holds no floats"),
                "leave it out",
            ),
            Some(_) if options.wrt.is_some() => {
                errors.at(
                    name,
                    format!("`partials` has a derivative by `{name}`, which `wrt` leaves out"),
                    format!("add `{name}` to `wrt`, or leave its derivative out"),
                );
            }
            Some(_) => errors.at(
                name,
                format!("`partials` has a derivative by `{name}`, which carries `#[nodiff]`"),
                "keep one of the two",
            ),
        }
    }
    for i in sig.inputs.iter().filter(|i| i.active) {
        if i.by != By::Value {
            errors.at(&i.name, format!("`partials` cannot say what goes into the adjoint of `{}`, which is a reference", i.name), "exclude it with `#[nodiff]`, or write the rule as a function: `vjp = path`");
        } else if !options.partials.iter().any(|(n, _)| *n == i.name) {
            errors.at(
                &i.name,
                format!("`partials` has no derivative by `{}`", i.name),
                format!(
                    "add `{} = ..` to `partials`, or exclude it with `#[nodiff]`",
                    i.name
                ),
            );
        }
    }
}

/// What the attribute can stand on.
enum Parsed {
    /// Free, or in an `impl` block.
    Function(Box<ItemFn>),
    Block(Box<ItemImpl>),
}

fn parse(item: TokenStream, errors: &mut Errors) -> Option<Parsed> {
    if let Ok(f) = syn::parse2::<ItemFn>(item.clone()) {
        return Some(Parsed::Function(f.into()));
    }
    match syn::parse2::<syn::Item>(item) {
        Ok(syn::Item::Impl(i)) => return Some(Parsed::Block(i.into())),
        Ok(other) => misplaced(&other, errors),
        // Where rustc cannot read it either, it says so at the same place.
        Err(e) => errors.at_span(
            e.span(),
            format!("backprop cannot read this: {e}"),
            "mend the syntax, or write it in plainer Rust",
        ),
    }
    None
}

/// Says that an item is no function.
fn misplaced(item: &syn::Item, errors: &mut Errors) {
    use syn::Item;
    const WHAT: &str = "`#[differentiable]` belongs on a function, a method or an `impl`";
    const DERIVE: &str = "for a struct or enum use `#[derive(Differentiable)]`";
    const MOVE: &str = "put it on each function that is to be differentiated";
    match item {
        Item::Struct(i) => errors.at(&i.struct_token, WHAT, DERIVE),
        Item::Enum(i) => errors.at(&i.enum_token, WHAT, DERIVE),
        Item::Union(i) => errors.at(
            &i.union_token,
            WHAT,
            "use a struct that derives `Differentiable`",
        ),
        Item::Const(i) => errors.at(&i.const_token, WHAT, MOVE),
        Item::Static(i) => errors.at(&i.static_token, WHAT, MOVE),
        Item::Mod(i) => errors.at(&i.mod_token, WHAT, MOVE),
        Item::Trait(i) => errors.at(
            &i.trait_token,
            WHAT,
            "put it on functions, on methods, or on a whole `impl` of the trait",
        ),
        Item::Type(i) => errors.at(&i.type_token, WHAT, MOVE),
        Item::Use(i) => errors.at(&i.use_token, WHAT, MOVE),
        Item::Verbatim(tokens) => match syn::parse2::<syn::TraitItemFn>(tokens.clone()) {
            Ok(f) => errors.at(
                &f.sig.ident,
                "a method without a body has nothing to differentiate",
                "put the attribute on the `impl`s of the trait: `#[differentiable] impl Trait for Type { .. }`",
            ),
            Err(_) => errors.at(item, WHAT, MOVE),
        },
        other => errors.at(other, WHAT, MOVE),
    }
}

/// Attributes of parameters that rustc knows.
const PLAIN: [&str; 8] = [
    "cfg", "cfg_attr", "allow", "expect", "warn", "deny", "forbid", "doc",
];

/// Takes the attributes that are ours off the user's parameters, and those that the fence has refused.
pub(crate) fn strip(function: &mut ItemFn) {
    for arg in &mut function.sig.inputs {
        let attrs = match arg {
            syn::FnArg::Receiver(r) => &mut r.attrs,
            syn::FnArg::Typed(t) => &mut t.attrs,
        };
        attrs.retain(|a| a.path().segments.len() > 1 || PLAIN.iter().any(|p| a.path().is_ident(p)));
    }
}
