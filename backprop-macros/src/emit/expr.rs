//! Operations as Rust expressions, with parentheses only where they are needed.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use super::body::Body;
use super::lanes::Place;
use super::tokens::{Tokens, list};
use super::views::Source;
use crate::ir::{Bin, Op, Path, Proj, Shape, Un, V};

/// An expression and how tightly it binds.
#[derive(Clone)]
pub(crate) struct Expr {
    pub(crate) tokens: Tokens,
    level: u8,
}

const ATOM: u8 = 0;
const UNARY: u8 = 1;
const CAST: u8 = 2;
const ANY: u8 = 20;

impl Expr {
    pub(crate) fn atom(tokens: impl Into<Tokens>) -> Expr {
        Expr::new(tokens, ATOM)
    }

    /// `*name`.
    pub(crate) fn deref(name: Tokens) -> Expr {
        Expr::new(Tokens::punct("*").then(name), UNARY)
    }

    /// As what a field or an element is taken of.
    pub(crate) fn within_postfix(self) -> Tokens {
        self.within(ATOM)
    }

    pub(crate) fn within_unary(self) -> Tokens {
        self.within(UNARY)
    }

    /// Whether its last tokens are those of a cast, `a as T` or `b + a as T`.
    fn ends_in_type(&self) -> bool {
        self.level >= CAST
            && self
                .tokens
                .to_token_stream()
                .into_iter()
                .any(|t| matches!(t, proc_macro2::TokenTree::Ident(i) if i == "as"))
    }

    /// As an addend.
    pub(crate) fn within_sum(self) -> Tokens {
        self.within(4)
    }

    pub(crate) fn within_cast(self) -> Tokens {
        self.within(CAST)
    }

    /// Which binds as loosely as can be.
    pub(super) fn loose(tokens: impl Into<Tokens>) -> Expr {
        Expr::new(tokens, ANY)
    }

    fn new(tokens: impl Into<Tokens>, level: u8) -> Expr {
        let tokens = tokens.into();
        Expr { tokens, level }
    }

    /// In parentheses unless it binds at least as tightly as `level`.
    fn within(self, level: u8) -> Tokens {
        if self.level <= level {
            self.tokens
        } else {
            self.tokens.between(Delimiter::Parenthesis)
        }
    }
}

fn level(op: Bin) -> u8 {
    match op {
        Bin::Mul | Bin::Div | Bin::Rem => 3,
        Bin::Add | Bin::Sub => 4,
        Bin::Shl | Bin::Shr => 5,
        Bin::And => 6,
        Bin::Xor => 7,
        Bin::Or => 8,
        _ => 9,
    }
}

impl Body<'_> {
    /// The expression that computes an operation; of a tangent that may not be there, if it is.
    pub(crate) fn op(&self, v: V, op: &Op) -> Expr {
        let plain = self.plain(v, op);
        self.if_there(v, op, plain)
    }

    fn plain(&self, v: V, op: &Op) -> Expr {
        let p = &self.private;
        let shape = self.func.shape(v);
        match op {
            Op::Const(c) => {
                let tokens = c.tokens().clone();
                if c.is_literal() {
                    return Expr::atom(tokens);
                }
                match syn::parse2::<syn::Expr>(tokens.clone()) {
                    Ok(syn::Expr::Unary(_)) => Expr::new(tokens, UNARY),
                    Ok(syn::Expr::Lit(_) | syn::Expr::Path(_)) => Expr::atom(tokens),
                    _ => Expr::new(tokens, ANY),
                }
            }
            Op::Lit(x) => self.lit(*x),
            Op::Undef => self.blank(shape),
            Op::ZeroLike(a) => self.zero_like(v, *a, shape),
            Op::Un(Un::Neg, a) => Expr::new(self.prefixed("-", *a), UNARY),
            Op::Un(Un::Not, a) => Expr::new(self.prefixed("!", *a), UNARY),
            Op::Bin(op, a, b) => self.binary(*op, *a, *b),
            Op::Cast(a, ty) => {
                let a = self.value(*a).within(CAST);
                Expr::new(quote!(#a as #ty), CAST)
            }
            Op::Convert(f, a) => {
                let a = self.value(*a).tokens;
                Expr::atom(quote!(#f(#a)))
            }
            Op::CastBack { like, d } => {
                let (like, d) = (self.borrowed(*like), self.value(*d).tokens);
                Expr::atom(quote!(#p::cast_back(#like, #d)))
            }
            Op::Fn(name, args) => {
                self.call_method(&Ident::new(name, Span::call_site()), None, args)
            }
            Op::Method(name, turbofish, args) => self.call_method(name, turbofish.as_ref(), args),
            Op::Helper("sum_elements", args) => {
                let a = self.borrowed(args[0]);
                Expr::atom(match args.get(1) {
                    Some(zero) => {
                        let zero = self.value(*zero).tokens;
                        quote!(#p::rule::sum_onto(#zero, #a))
                    }
                    None => quote!(#p::rule::sum_elements(#a)),
                })
            }
            Op::Helper("thrown_away", _) => {
                let seed = quote!(#p::rule::thrown_away());
                Expr::atom(super::call::respanned(&seed, self.func.info(v).span))
            }
            Op::Helper(name, args) => {
                let name = Ident::new(name, Span::call_site());
                let args = args.iter().map(|a| self.value(*a).tokens);
                Expr::atom(quote!(#p::rule::#name(#(#args),*)))
            }
            Op::Chain(d, x) => {
                let (d, x) = (self.value(*d).tokens, self.value(*x).tokens);
                Expr::atom(quote!(#p::rule::chain(#d, #x)))
            }
            Op::Len(a, path) => {
                let place = if path.is_empty() {
                    self.root(*a)
                } else {
                    self.place(*a, path)
                };
                Expr::atom(quote!(#place.len()))
            }
            Op::Is(a, path, pat) => {
                let place = self.place(*a, path);
                // Without parentheses the macro takes no `..=1`.
                Expr::atom(quote!(::core::matches!(#place, (#pat))))
            }
            Op::Opaque(tokens, holes) => self.opaque(tokens, holes),
            Op::Array(vs) => {
                let vs = vs.iter().map(|v| self.value(*v).tokens);
                Expr::atom(match shape {
                    Shape::Seq(_, None) => quote!(#p::vec![#(#vs),*]),
                    _ => quote!([#(#vs),*]),
                })
            }
            Op::Repeat(a, n) => {
                let a = self.value(*a).tokens;
                Expr::atom(quote!([#a; #n]))
            }
            Op::Filled(a, n) => {
                let (a, n) = (self.value(*a).tokens, self.value(*n).tokens);
                Expr::atom(quote!(#p::vec![#a; #n]))
            }
            Op::Tuple(vs) => {
                let vs: Vec<Tokens> = vs.iter().map(|v| self.value(*v).tokens).collect();
                Expr::atom(match &vs[..] {
                    [one] => quote!((#one,)),
                    vs => quote!((#(#vs),*)),
                })
            }
            Op::Struct(path, fields, tuple) => {
                let values = fields.iter().map(|(_, v)| self.value(*v).tokens);
                if *tuple {
                    Expr::atom(quote!(#path(#(#values),*)))
                } else {
                    let names = fields.iter().map(|(m, _)| m);
                    Expr::new(quote!(#path { #(#names: #values),* }), ANY)
                }
            }
            Op::Get(..) | Op::Restore(..) if self.sliced.reads.contains_key(&v) => {
                match &self.sliced.reads[&v] {
                    Place::Lent(name) => Expr::deref(name.clone().into()),
                    place => Expr::atom(place.to_token_stream()),
                }
            }
            Op::Get(a, path) => {
                let place = self.place(*a, path);
                if self.func.info(v).assert_real {
                    Expr::atom(quote!(#p::real(#place)))
                } else {
                    Expr::atom(place)
                }
            }
            Op::Restore(store, at, like) => self.restore(*store, *at, *like),
            Op::Unlog(like) => self.unlog(*like),
            Op::Logged => self.logged(),
            // Updates are statements; what is `kept` has been resolved.
            Op::Set(a, ..)
            | Op::AddAt(a, ..)
            | Op::ClearAt(a, _)
            | Op::Refill(a, _)
            | Op::Spent(a) => self.value(*a),
            Op::Kept(_, v) => self.value(*v),
        }
    }

    /// `-x`, `!x`.
    fn prefixed(&self, sign: &str, a: V) -> Tokens {
        Tokens::punct(sign).then(self.value(a).within(UNARY))
    }

    pub(crate) fn lit(&self, x: f64) -> Expr {
        let number = Literal::f64_unsuffixed(x.abs());
        let negative = x.is_sign_negative();
        match &self.real {
            Some(t) => {
                let sign = negative.then(|| quote!(-));
                Expr::atom({
                    let p = &self.private;
                    quote!(<#t as #p::Real>::from_f64(#sign #number))
                })
            }
            None if negative => Expr::new(Tokens::punct("-").then(number), UNARY),
            None => Expr::atom(number),
        }
    }

    /// A placeholder, with as much of its type as is known.
    fn blank(&self, shape: &Shape) -> Expr {
        let p = &self.private;
        match shape {
            Shape::Float => self.lit(0.0),
            Shape::Seq(e, Some(n)) => match n.parse::<TokenStream>() {
                Ok(n) => {
                    let e = self.blank(e).tokens;
                    Expr::atom(quote!([#e; #n]))
                }
                Err(_) => Expr::atom(quote!(#p::blank())),
            },
            Shape::Tuple(parts) if !parts.is_empty() => {
                let parts = parts.iter().map(|part| self.blank(part).tokens);
                Expr::atom(quote!((#(#parts,)*)))
            }
            _ => Expr::atom(quote!(#p::blank())),
        }
    }

    fn zero_like(&self, v: V, a: V, shape: &Shape) -> Expr {
        let neutral = self.neutral.contains(&v);
        let zero = match neutral {
            true => quote!(-0.0),
            false => quote!(0.0),
        };
        if *shape == Shape::Float {
            return self.lit(0.0);
        }
        if let (Shape::Seq(e, Some(n)), None) = (shape, &self.real)
            && let (Shape::Float, Ok(n)) = (&**e, n.parse::<TokenStream>())
        {
            return Expr::atom(quote!([#zero; #n]));
        }
        let (span, a) = (self.func.info(a).span, self.borrowed(a));
        Expr::atom(super::call::respanned(&self.zero(neutral, &a), span))
    }

    /// The zero of a value's type, or the one that nothing has to be added to.
    pub(super) fn zero(&self, neutral: bool, like: &Tokens) -> TokenStream {
        let p = &self.private;
        match neutral {
            true => quote!(#p::neutral(#like)),
            false => quote!(#p::zero(#like)),
        }
    }

    fn binary(&self, op: Bin, a: V, b: V) -> Expr {
        let l = level(op);
        // After `as u32` a `<` would begin generic arguments.
        let left = self.value(a);
        let cast = matches!(op, Bin::Lt | Bin::Shl) && left.ends_in_type();
        let left = left.within(if cast {
            UNARY
        } else if op.is_comparison() {
            l - 1
        } else {
            l
        });
        let right = self.value(b).within(l - 1);
        Expr::new(left.then_punct(op.token()).then(right), l)
    }

    fn call_method(&self, name: &Ident, turbofish: Option<&TokenStream>, args: &[V]) -> Expr {
        let Some((first, rest)) = args.split_first() else {
            return Expr::atom(quote!(()));
        };
        // As a receiver, a number of ours would leave its type open; rustc finds an argument's.
        if self.real.is_none() && matches!(self.constant(*first), Some(Op::Lit(_))) {
            let p = &self.private;
            let args = args.iter().map(|a| self.value(*a).tokens);
            return Expr::atom(quote!(#p::Real::#name(#(#args),*)));
        }
        let mut call = self.receiver(*first).then_punct(".").then(name.clone());
        if let Some(t) = turbofish {
            call = call.then(t.clone());
        }
        let rest = rest.iter().map(|a| self.value(*a).tokens);
        Expr::atom(call.then(list(rest, Delimiter::Parenthesis)))
    }

    /// A value that a method is called on: a bare literal there would leave its type open.
    fn receiver(&self, v: V) -> Tokens {
        let e = self.value(v);
        match self.constant(v) {
            Some(Op::Const(_)) => {
                let t = &e.tokens;
                match &self.func.info(v).ty {
                    Some(ty) => quote!((#t as #ty)).into(),
                    None => e.within(ATOM),
                }
            }
            _ => e.within(ATOM),
        }
    }

    /// `{ let x = v; tokens }`, with a binding for each name that does not already mean its value.
    fn opaque(&self, tokens: &TokenStream, holes: &[(Ident, V)]) -> Expr {
        if let [(name, v)] = holes
            && *name == tokens.to_string()
        {
            return self.value(*v);
        }
        let bindings = self.bindings(holes);
        if bindings.is_empty() {
            return Expr::atom(quote!((#tokens)));
        }
        // Bare, a block would end the head of a loop, and a statement.
        Expr::new(quote!({ #bindings #tokens }), ANY)
    }

    pub(crate) fn bindings(&self, holes: &[(Ident, V)]) -> TokenStream {
        let mut out = TokenStream::new();
        for (name, v) in holes {
            // A name of ours is another one than that of a variable which is called so.
            let root = self.root(*v).to_string();
            if *name != root || root.starts_with("__") {
                let value = self.value(*v).tokens;
                // A slice has no size.
                let slice = matches!(self.op_of(*v), Some(Op::Get(_, p)) if matches!(p.last(), Some(Proj::Range { .. })));
                // A `Vec` stays where it is.
                let vector =
                    matches!(self.func.shape(*v), Shape::Seq(_, None)) && !self.is_reference(*v);
                let borrow = (slice || vector).then(|| quote!(&));
                out.extend(quote!(let #name = #borrow #value;));
            }
        }
        out
    }

    /// `root.field[i]`, as a place.
    pub(crate) fn place(&self, root: V, path: &Path) -> Tokens {
        if path.is_empty() {
            return self.value(root).within(ATOM);
        }
        if let Some((name, rest)) = self.view(Source::Value(root), path) {
            if rest.is_empty() {
                return quote!((*#name)).into();
            }
            return self.projected(name.to_token_stream(), rest);
        }
        let root = self.root(root);
        self.projected(root, path)
    }

    pub(crate) fn projected(&self, root: impl Into<Tokens>, path: &[Proj]) -> Tokens {
        self.steps(root.into(), path, &quote!(&))
    }

    /// The same to be changed; `reference` says that the root is a `&mut`.
    pub(crate) fn projected_mut(
        &self,
        root: impl Into<Tokens>,
        reference: bool,
        path: &[Proj],
    ) -> Tokens {
        let mut root = root.into();
        if reference && matches!(path.first(), Some(Proj::Payload(..))) {
            root = Tokens::punct("*").then(root);
        }
        self.steps(root, path, &quote!(&mut))
    }

    /// A payload is reached through a `match` on a borrow: `(*match &x { P { 0: payload, .. } => payload, _ => .. })`.
    fn steps(&self, root: Tokens, path: &[Proj], borrow: &TokenStream) -> Tokens {
        let mut out = root;
        for p in path {
            match p {
                Proj::Field(m) => out = out.then_punct(".").then(m.to_token_stream()),
                Proj::Deref => out = Tokens::punct("*").then(out).between(Delimiter::Parenthesis),
                Proj::Index(i) => {
                    out = out.then(self.value(*i).tokens.between(Delimiter::Bracket));
                }
                Proj::Range { lo, hi, inclusive } => {
                    let end =
                        |v: &Option<V>| v.map(|v| self.value(v).within(CAST)).to_token_stream();
                    let (lo, hi) = (end(lo), end(hi));
                    let range = if *inclusive {
                        quote!([#lo..=#hi])
                    } else {
                        quote!([#lo..#hi])
                    };
                    out = out.then(range);
                }
                Proj::Payload(variant, m) => {
                    let private = &self.private;
                    out = quote!((*match #borrow #out {
                        #variant { #m: __payload, .. } => __payload,
                        _ => #private::other_variant(),
                    }))
                    .into();
                }
            }
        }
        out
    }

    /// `&x`, or `x` where it is a reference already.
    pub(crate) fn borrowed(&self, v: V) -> Tokens {
        if self.is_reference(v) {
            return self.root(v);
        }
        self.prefixed("&", v)
    }
}
