//! The signature: which parameters are active, how they are passed, what is known of their shapes.

mod pattern;

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{
    FnArg, GenericParam, Generics, Pat, ReceiverKind, ReturnType, Signature, Type, TypeParamBound,
};

use crate::diag::Errors;
use crate::ir::{By, Shape};
use crate::options::{Options, name_a_parameter};
pub(crate) use pattern::named;

/// A parameter of the user's function.
#[derive(Clone)]
pub(crate) struct Input {
    /// `self` included.
    pub(crate) name: Ident,
    pub(crate) by: By,
    /// Without the outer reference.
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
    pub(crate) active: bool,
    /// Its derivative is refused to callers: excluded by `wrt` or `#[nodiff]` although it holds floats.
    pub(crate) excluded: bool,
    pub(crate) mutable: bool,
    /// `#[out]`.
    pub(crate) out: bool,
}

impl Input {
    /// Whether it is one float, passed by value.
    pub(crate) fn is_number(&self) -> bool {
        self.by == By::Value && self.shape == Shape::Float
    }

    /// Whether it is not scratch, and a caller may lend something for it that it takes for that. How a method takes its receiver no caller sees; and a `&mut` may be
    /// lent where a `&` is wanted.
    pub(crate) fn may_leave(&self) -> bool {
        !self.out && (self.by != By::Value || self.name == "self")
    }
}

/// The signature in the compiler's terms.
pub(crate) struct Sig {
    pub(crate) inputs: Vec<Input>,
    pub(crate) ret: Option<Type>,
    pub(crate) ret_shape: Shape,
    /// Type parameters bound by `Real`.
    pub(crate) reals: HashSet<String>,
    pub(crate) has_self: bool,
    /// Known to stand in an `impl` block: the attribute stands on that.
    pub(crate) member: bool,
    /// A type cannot be written a second time: what is generated beside the function would only add to the mistake.
    pub(crate) hidden: bool,
}

impl Sig {
    /// Whether the function has a gradient: its result is one float.
    pub(crate) fn is_scalar(&self) -> bool {
        self.ret_shape == Shape::Float
    }

    /// The names that stand in its types.
    pub(crate) fn type_names(&self) -> HashSet<String> {
        let mut names = Vec::new();
        for ty in self.inputs.iter().map(|i| &i.ty).chain(&self.ret) {
            crate::emit::names::idents(&ty.to_token_stream(), &mut names);
        }
        names.iter().map(ToString::to_string).collect()
    }

    /// The names of the parameters.
    pub(crate) fn names(&self) -> Vec<String> {
        self.inputs.iter().map(|i| i.name.to_string()).collect()
    }
}

/// Reads a signature, in a block of those generics where they are seen. What is wrong with it goes to `errors`.
pub(crate) fn read(
    sig: &Signature,
    options: &Options,
    around: &Generics,
    errors: &mut Errors,
) -> Sig {
    let mut reals = real_params(&sig.generics);
    reals.extend(real_params(around));
    let mut out = Sig {
        inputs: Vec::new(),
        ret: None,
        ret_shape: Shape::Tuple(Vec::new()),
        reals,
        has_self: false,
        member: false,
        hidden: false,
    };
    for (arg, name) in sig.inputs.iter().zip(pattern::names(sig)) {
        match arg {
            FnArg::Receiver(r) => {
                out.has_self = true;
                let by = match &r.kind {
                    ReceiverKind::Reference(_, _, Some(_)) => By::Mut,
                    ReceiverKind::Reference(_, _, None) => By::Ref,
                    ReceiverKind::Value => By::Value,
                    // The fence refuses it.
                    _ => By::Value,
                };
                let nodiff = has(&r.attrs, "nodiff");
                out.inputs.push(Input {
                    name,
                    by,
                    ty: syn::parse_quote!(Self),
                    shape: Shape::Named,
                    active: !nodiff,
                    excluded: nodiff,
                    mutable: r.mutability.is_some(),
                    out: has(&r.attrs, "out"),
                });
            }
            FnArg::Typed(p) => {
                let mutable = matches!(&*p.pat, Pat::Ident(i) if i.mutability.is_some());
                let (by, ty) = match &*p.ty {
                    Type::Reference(t) if t.mutability.is_some() => (By::Mut, (*t.elem).clone()),
                    Type::Reference(t) => (By::Ref, (*t.elem).clone()),
                    t => (By::Value, t.clone()),
                };
                let shape = shape_of(&ty, &out.reals, errors);
                let nodiff = has(&p.attrs, "nodiff");
                let holds = !shape.is_inactive();
                out.inputs.push(Input {
                    name,
                    by,
                    ty,
                    active: holds && !nodiff,
                    excluded: holds && nodiff,
                    shape,
                    mutable,
                    out: has(&p.attrs, "out"),
                });
            }
        }
    }
    restrict(&mut out, options, errors);
    bounded(&out, sig, errors);
    out.hidden = sig
        .inputs
        .iter()
        .any(|a| matches!(a, FnArg::Typed(p) if hides(&p.ty)));
    if let ReturnType::Type(_, ty) = &sig.output {
        if let Type::Reference(t) = &**ty {
            errors.at(t, "a differentiable function cannot return a reference: its cotangent would have no owner", "return the value itself, or write into a `&mut` parameter");
        }
        out.hidden |= hides(ty) || matches!(&**ty, Type::Reference(_) | Type::Never(_));
        let unit = matches!(&**ty, Type::Tuple(t) if t.elems.is_empty());
        if !unit {
            out.ret_shape = shape_of(ty, &out.reals, errors);
            out.ret = Some((**ty).clone());
        }
    }
    out
}

/// Applies `wrt(..)`.
fn restrict(sig: &mut Sig, options: &Options, errors: &mut Errors) {
    let Some(wrt) = &options.wrt else { return };
    for name in wrt {
        match sig.inputs.iter().find(|i| i.name == *name) {
            None => errors.at(
                name,
                format!("`wrt` names `{name}`, which is not a parameter"),
                name_a_parameter(name, &sig.names()),
            ),
            Some(i) if i.shape.is_inactive() => errors.at(
                name,
                format!("`wrt` names `{name}`, whose type holds no floats"),
                "name only parameters that hold `f32`, `f64` or a `T: Real`",
            ),
            Some(i) if i.excluded => errors.at(
                name,
                format!("`{name}` is in `wrt` and carries `#[nodiff]`"),
                "keep one of the two",
            ),
            Some(_) => {}
        }
    }
    for i in &mut sig.inputs {
        if i.active && !wrt.contains(&i.name) {
            i.active = false;
            i.excluded = true;
        }
    }
}

/// Traits that say nothing of floats. One of the user's own may stand for `Real`.
const BARE: [&str; 36] = [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "Neg",
    "AddAssign",
    "SubAssign",
    "MulAssign",
    "DivAssign",
    "RemAssign",
    "Copy",
    "Clone",
    "Debug",
    "Display",
    "Default",
    "PartialEq",
    "PartialOrd",
    "Eq",
    "Ord",
    "Hash",
    "From",
    "Into",
    "Sum",
    "Product",
    "AsRef",
    "AsMut",
    "Index",
    "IndexMut",
    "Iterator",
    "IntoIterator",
    "Send",
    "Sync",
    "Sized",
    "Fn",
    "FnMut",
];

/// Reports active parameters of a generic type of which nothing says that it has a derivative.
fn bounded(out: &Sig, sig: &Signature, errors: &mut Errors) {
    for i in out.inputs.iter().filter(|i| i.active) {
        let mut ty = &i.ty;
        while let Type::Array(syn::TypeArray { elem, .. })
        | Type::Slice(syn::TypeSlice { elem, .. })
        | Type::Reference(syn::TypeReference { elem, .. }) = ty
        {
            ty = elem;
        }
        let Type::Path(p) = ty else { continue };
        let Some(name) = p.path.get_ident() else {
            continue;
        };
        let Some(bounds) = bounds_of(name, sig) else {
            continue;
        };
        let bare = |b: &&TypeParamBound| match b {
            TypeParamBound::Trait(t) => t
                .path
                .segments
                .last()
                .is_some_and(|s| BARE.iter().any(|b| s.ident == b) || s.ident == "FnOnce"),
            _ => true,
        };
        if bounds.iter().all(bare) {
            let what = format!("nothing is known of the derivative of a `{name}`");
            let function = bounds.iter().any(|b| matches!(b, TypeParamBound::Trait(t) if t.path.segments.last().is_some_and(|s| s.ident.to_string().starts_with("Fn"))));
            if function {
                errors.at(ty, what, "exclude the parameter with `#[nodiff]`");
            } else {
                errors.at(ty, what, format!("bound it by `{name}: Real` where it stands for a float, or by `{name}: Differentiable`; or exclude the parameter with `#[nodiff]`"));
            }
        }
    }
}

/// The bounds of one of the function's own type parameters.
fn bounds_of<'s>(name: &Ident, sig: &'s Signature) -> Option<Vec<&'s TypeParamBound>> {
    let own = sig.generics.type_params().find(|t| t.ident == *name)?;
    let clauses = sig.generics.where_clause.iter().flat_map(|w| &w.predicates).filter_map(|w| match w {
        syn::WherePredicate::Type(t) if matches!(&t.bounded_ty, Type::Path(p) if p.path.is_ident(name)) => Some(&t.bounds),
        _ => None,
    });
    Some(own.bounds.iter().chain(clauses.flatten()).collect())
}

/// Whether a type is `impl Trait`, or has it in it.
fn hides(ty: &Type) -> bool {
    struct Find(bool);
    impl<'ast> syn::visit::Visit<'ast> for Find {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.0
}

fn has(attrs: &[syn::Attribute], name: &str) -> bool {
    attrs.iter().any(|a| a.path().is_ident(name))
}

/// The type parameters `T: Real`, bound in the list or in the where-clause.
fn real_params(generics: &Generics) -> HashSet<String> {
    let is_real = |b: &TypeParamBound| matches!(b, TypeParamBound::Trait(t) if t.path.segments.last().is_some_and(|s| s.ident == "Real"));
    let mut reals = HashSet::new();
    for p in &generics.params {
        if let GenericParam::Type(t) = p
            && t.bounds.iter().any(is_real)
        {
            reals.insert(t.ident.to_string());
        }
    }
    for w in generics.where_clause.iter().flat_map(|w| &w.predicates) {
        if let syn::WherePredicate::Type(t) = w
            && let (Type::Path(p), true) = (&t.bounded_ty, t.bounds.iter().any(is_real))
        {
            reals.extend(p.path.get_ident().map(ToString::to_string));
        }
    }
    reals
}

const INACTIVE: [&str; 17] = [
    "usize", "isize", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "bool",
    "char", "str", "String", "Ordering",
];

/// What is known of a type from its tokens.
pub(crate) fn shape_of(ty: &Type, reals: &HashSet<String>, errors: &mut Errors) -> Shape {
    match ty {
        Type::Paren(t) => shape_of(&t.elem, reals, errors),
        Type::Group(t) => shape_of(&t.elem, reals, errors),
        Type::Reference(t) if t.mutability.is_none() => shape_of(&t.elem, reals, errors),
        Type::Slice(t) => Shape::Seq(Box::new(shape_of(&t.elem, reals, errors)), None),
        Type::Array(t) => {
            let len = &t.len;
            Shape::Seq(
                Box::new(shape_of(&t.elem, reals, errors)),
                Some(quote::quote!(#len).to_string()),
            )
        }
        Type::Tuple(t) => {
            Shape::Tuple(t.elems.iter().map(|t| shape_of(t, reals, errors)).collect())
        }
        Type::Path(p) => path_shape(p, reals, errors),
        Type::FnPtr(_) => Shape::Int,
        Type::ImplTrait(t) => {
            errors.at(
                t,
                "`impl Trait` hides the type, so its adjoint cannot be written",
                "name a concrete type, or a generic parameter `T: Real`",
            );
            Shape::Unknown
        }
        Type::TraitObject(t) => {
            errors.at(
                t,
                "calls through `dyn` have no derivative that is known at compile time",
                "take the concrete type, or a generic parameter",
            );
            Shape::Unknown
        }
        Type::Ptr(t) => {
            errors.at(
                t,
                "a raw pointer says nothing about what it may alias",
                "use a reference or a slice",
            );
            Shape::Unknown
        }
        Type::Reference(t) => {
            errors.at(
                t,
                "a `&mut` inside another type is not supported",
                "pass the `&mut` as a parameter of its own",
            );
            Shape::Unknown
        }
        _ => Shape::Named,
    }
}

fn path_shape(p: &syn::TypePath, reals: &HashSet<String>, errors: &mut Errors) -> Shape {
    let Some(last) = p.path.segments.last() else {
        return Shape::Named;
    };
    let name = last.ident.to_string();
    let alone = p.qself.is_none() && p.path.segments.len() == 1;
    let primitive =
        p.qself.is_none() && (alone || p.path.segments.iter().any(|s| s.ident == "primitive"));
    if primitive && (name == "f32" || name == "f64" || reals.contains(&name)) {
        return Shape::Float;
    }
    if alone && INACTIVE.contains(&name.as_str()) {
        return Shape::Int;
    }
    if (name == "Vec" || name == "Box" || name == "Option")
        && let syn::PathArguments::AngleBracketed(a) = &last.arguments
        && let Some(syn::GenericArgument::Type(t)) = a.args.first()
    {
        let inner = shape_of(t, reals, errors);
        return match name.as_str() {
            "Vec" => Shape::Seq(Box::new(inner), None),
            "Option" => Shape::Option(Box::new(inner)),
            _ => inner,
        };
    }
    Shape::Named
}
