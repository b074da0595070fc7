//! Whatever the tokens, the answer is tokens: the compiler never panics, and what it answers is Rust.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{fs, io};

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens;

use super::stages::tokens;
use crate::{derive, driver};

/// Functions that use most of the language between them.
const VALID: [(&str, &str); 13] = [
    (
        "",
        "fn f(x: f64, y: f64) -> f64 { (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2) }",
    ),
    (
        "tape",
        "fn f(x: &[f64], u: f64) -> f64 { let mut r = u; 'o: for i in (0..x.len()).rev() { for j in 0..4 { if x[j] < 0.0 && i == 1 { continue 'o; } if j == 3 { break; } r = r * u + x[i]; } r *= 0.9; } r }",
    ),
    (
        "wrt(w, b)",
        "fn f(w: &[[f64; 3]; 2], b: &[f64], x: &[f64; 3], out: &mut [f64]) { for i in 0..2 { let mut sum = b[i]; for j in 0..3 { sum += w[i][j] * x[j]; } out[i] = sum.tanh(); } }",
    ),
    (
        "partials(x = 2.0 * ret)",
        "fn f(x: f64, #[nodiff] k: f64) -> f64 { (2.0 * x).exp() * k }",
    ),
    (
        "vjp = rules::f, crate = my::backprop",
        "fn f(x: &[f64]) -> f64 { x[0] }",
    ),
    (
        "",
        "pub fn f<T: Real, const N: usize>(&self, x: [T; N], n: usize) -> (T, f64) where T: Copy { let (a, mut b) = (x[0], self.w); match n { 0 | 1 => { return (a, b); } k @ 2..=9 if k % 2 == 0 => b += k as f64, _ => {} } assert!(n > 0, \"{n}\"); (a.sin(), b * stop_gradient(b)) }",
    ),
    (
        "tape, without(fold)",
        "fn f(x: f64) -> f64 { let mut v = x; let mut i = 0; while i < 5 { v = g(v, i) * no_grad!(h(v)); i += 1; } let z; if v > 1.0 { z = v; } else { z = x; } z }",
    ),
    (
        "tape",
        "fn f(a: f64) -> f64 { let mut x = 1.0; let r = loop { let d = (x * x - a) / (2.0 * x); x -= d; if d.abs() < 1e-12 { break x; } }; let p = Point { x: r, ..q }; p.x.model(&p, &mut x) }",
    ),
    (
        "",
        "fn f(x: &[f64], y: &[f64; 3], out: &mut [f64]) -> f64 { for ((i, o), w) in out.iter_mut().enumerate().rev().zip(x[1..].windows(2)) { *o = w[0] * w[1] + i as f64; } let a = y.map(|v| v * v); x.iter().zip(&a).skip(1).map(|(u, v)| u * v).sum::<f64>() + (0..3).filter(|i| i % 2 == 0).map(|i| y[i]).fold(0.0, f64::max) + x.iter().copied().max_by(f64::total_cmp).unwrap_or(1.0) }",
    ),
    (
        "",
        "fn f(x: f64, n: usize) -> f64 { let mut s = x; let g = |u: f64, (a, b): (f64, f64)| { if u > a { return u * b; } u - x }; let mut add = |v: f64| s += g(v, (x, 2.0)); for i in 0..n { add(i as f64); } let h = move || g(x, (0.0, s)); (|v: f64| v * h())(s) }",
    ),
    (
        "tape",
        "fn f(x: &[f64], y: &mut [f64], c: bool) -> f64 { let w = if c { &x[1..] } else { &y[..2] }; let mut v = Vec::new(); for u in w { if matches!(c, true) { v.push(u * w[0]); } } v.extend_from_slice(x); let z: Vec<f64> = v.iter().map(|u| u * u).collect(); if let Some((first, rest)) = y.split_first_mut() { *first += z.len() as f64; rest.reverse(); } y.copy_within(1..2, 0); let (rows, rest) = x.as_chunks::<2>(); let Some(last) = x.get(1..3) else { return v[0]; }; rows[0][1] * rest.first().map_or(0.0, |r| r * last[0]) + g(w, *x.last_chunk::<1>().unwrap()) }",
    ),
    (
        "",
        "#[differentiable] impl<T: Real> Energy for Spring<T> where T: Copy { type Out = T; fn energy(&self, x: Self::Out) -> T { self.k * x } #[nodiff] fn name(&self) -> &str { \"s\" } #[differentiable(wrt(x))] fn of(x: T, y: &[T]) -> T { x * y[0] } }",
    ),
    // A type in front of `<` needs parentheses around the cast.
    (
        "",
        "fn f(x: f64, n: usize) -> f64 { let m = (n as u32) << 2; if (m as usize) < n { x * f64::from(m) } else { -x } }",
    ),
];

/// Compiles; fails where that panics or the answer is no list of items.
fn survives(attr: &TokenStream, item: &TokenStream) -> Result<(), String> {
    let answer = catch_unwind(AssertUnwindSafe(|| {
        driver::compile(attr.clone(), item.clone())
    }));
    let shown = || format!("#[differentiable({attr})] {item}");
    let answer = answer.map_err(|_| format!("panicked: {}", shown()))?;
    // What was no item before is none afterwards.
    if syn::parse2::<syn::Item>(item.clone()).is_ok() {
        syn::parse2::<syn::File>(answer.clone())
            .map_err(|e| format!("{e}: {}\n{answer}", shown()))?;
    }
    Ok(())
}

/// Compiles all of them, and shows the first few that fail.
fn all_survive(cases: impl IntoIterator<Item = (TokenStream, TokenStream)>) {
    let mut count = 0;
    let failed: Vec<String> = cases
        .into_iter()
        .inspect(|_| count += 1)
        .filter_map(|(attr, item)| survives(&attr, &item).err())
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {count}:\n{}",
        failed.len(),
        failed[..failed.len().min(5)].join("\n\n")
    );
}

#[test]
fn garbage() {
    let words = [
        "",
        "fn",
        "fn f",
        "fn f(",
        ";",
        "fn f() {}",
        "fn f() -> f64 { }",
        "3",
        "struct S;",
        "impl S {}",
        "fn f(x: f64);",
        "fn f(x: f64) { x + }",
        "#[a] fn f() {}",
        "async unsafe fn f(self) {}",
    ];
    let attrs = [
        "",
        ",",
        "wrt",
        "wrt(",
        "= 3",
        "tape tape",
        "vjp = 3",
        "partials(= 3)",
        "crate",
        "a b c",
        "\"s\"",
        "wrt(self, crate)",
        "partials(x = }",
    ];
    let parsed = |list: &[&str]| -> Vec<TokenStream> {
        list.iter().filter_map(|t| t.parse().ok()).collect()
    };
    let (words, attrs) = (parsed(&words), parsed(&attrs));
    all_survive(
        attrs
            .iter()
            .flat_map(|a| words.iter().map(|w| (a.clone(), w.clone()))),
    );
}

#[test]
fn valid_functions_have_no_mistake() {
    for (attr, item) in VALID {
        let answer = driver::compile(tokens(attr), tokens(item)).to_string();
        assert!(!answer.contains("compile_error"), "{item}\n{answer}");
    }
}

/// Every way to leave out, repeat, exchange or replace one token of a valid function.
/// rustc refuses closures of such types, but only after the macro has seen them.
#[test]
fn closures_that_never_end() {
    let doubling: String = (1..40)
        .map(|k| format!("let g{k} = |v: f64| g{j}(v) + g{j}(v * x);", j = k - 1))
        .collect();
    for body in [
        "let g = |g| g(g); g(g)".to_string(),
        "let g = |h, v: f64| h(h, v) + h(h, v); g(g, x)".to_string(),
        format!("let g0 = |v: f64| v; {doubling} g39(x)"),
    ] {
        let item = tokens(&format!("fn f(x: f64) -> f64 {{ {body} }}"));
        let answer = driver::compile(TokenStream::new(), item).to_string();
        assert!(answer.contains("too much code"), "{body}: {answer}");
    }
}

#[test]
fn mutations() {
    all_survive(VALID.iter().flat_map(|(attr, item)| {
        let (attr, item) = (tokens(attr), tokens(item));
        let items = mutants(&item).into_iter().map(|m| (attr.clone(), m));
        let attrs = mutants(&attr).into_iter().map(|m| (m, item.clone()));
        items.chain(attrs).collect::<Vec<_>>()
    }));
}

/// Every beginning of a valid function, open groups closed.
#[test]
fn truncations() {
    all_survive(VALID.iter().flat_map(|(attr, item)| {
        let (attr, item) = (tokens(attr), tokens(item));
        (0..size(&item))
            .map(|n| (attr.clone(), truncated(&item, &mut { n })))
            .collect::<Vec<_>>()
    }));
}

/// The derive macro.
#[test]
fn derive_mutations() {
    for item in [
        "#[differentiable(crate = my::backprop)] pub struct Layer<'a, T: Real, const N: usize> where T: Copy { w: Vec<[T; N]>, #[nodiff] n: &'a usize, b: Option<Box<Layer<'a, T, N>>> }",
        "enum Shape<T> { Circle(T), #[nodiff] Rect { w: T, h: f64 }, Empty }",
        "#[repr(packed)] union U { a: f64, b: u64 }",
    ] {
        for m in mutants(&tokens(item)) {
            let answer = catch_unwind(|| derive::expand(m.clone()).to_string());
            assert!(answer.is_ok(), "panicked: {m}");
        }
    }
}

/// All functions of this repository, with and without a tape.
#[test]
fn own_sources() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut functions = Vec::new();
    for folder in [
        "src",
        "backprop-macros",
        "backprop-runtime",
        "tests",
        "benches",
        "examples",
    ] {
        collect(&root.join(folder), &mut functions)?;
    }
    assert!(functions.len() > 300, "{} functions found", functions.len());
    all_survive(
        functions
            .iter()
            .flat_map(|f| [(TokenStream::new(), f.clone()), (tokens("tape"), f.clone())]),
    );
    Ok(())
}

/// The functions, methods included, of all files below a folder.
fn collect(folder: &Path, functions: &mut Vec<TokenStream>) -> io::Result<()> {
    struct Find<'a>(&'a mut Vec<TokenStream>);
    impl<'ast> syn::visit::Visit<'ast> for Find<'_> {
        fn visit_item_fn(&mut self, f: &'ast syn::ItemFn) {
            self.0.push(f.to_token_stream());
            syn::visit::visit_item_fn(self, f);
        }
        fn visit_impl_item_fn(&mut self, f: &'ast syn::ImplItemFn) {
            self.0.push(f.to_token_stream());
            syn::visit::visit_impl_item_fn(self, f);
        }
    }
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|n| n != "target") {
                collect(&path, functions)?;
            }
        } else if path.extension().is_some_and(|e| e == "rs")
            && let Ok(file) = syn::parse_file(&fs::read_to_string(&path)?)
        {
            syn::visit::Visit::visit_file(&mut Find(functions), &file);
        }
    }
    Ok(())
}

// ------------------------------------------------------------------ mutation of trees of tokens

fn size(tokens: &TokenStream) -> usize {
    tokens
        .clone()
        .into_iter()
        .map(|t| {
            if let TokenTree::Group(g) = &t {
                1 + size(&g.stream())
            } else {
                1
            }
        })
        .sum()
}

fn truncated(tokens: &TokenStream, left: &mut usize) -> TokenStream {
    let mut out = TokenStream::new();
    for t in tokens.clone() {
        if *left == 0 {
            break;
        }
        *left -= 1;
        out.extend([match t {
            TokenTree::Group(g) => {
                TokenTree::Group(Group::new(g.delimiter(), truncated(&g.stream(), left)))
            }
            t => t,
        }]);
    }
    out
}

/// What one token may become.
fn replacements(t: &TokenTree) -> Vec<Vec<TokenTree>> {
    let ident = |s: &str| TokenTree::Ident(Ident::new(s, Span::call_site()));
    let mut all = vec![
        Vec::new(),
        vec![t.clone(), t.clone()],
        vec![ident("self")],
        vec![ident("return")],
        vec![TokenTree::Literal(Literal::u64_suffixed(u64::MAX))],
        vec![TokenTree::Group(Group::new(
            Delimiter::None,
            t.clone().into(),
        ))],
        vec![TokenTree::Group(Group::new(
            Delimiter::Brace,
            t.clone().into(),
        ))],
    ];
    if let TokenTree::Group(g) = t {
        all.push(vec![TokenTree::Group(Group::new(
            g.delimiter(),
            TokenStream::new(),
        ))]);
        all.push(g.stream().into_iter().collect());
    }
    all
}

/// Every tree that differs in one place.
fn mutants(tokens: &TokenStream) -> Vec<TokenStream> {
    let list: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for k in 0..list.len() {
        let with = |new: Vec<TokenTree>| -> TokenStream {
            list[..k]
                .iter()
                .cloned()
                .chain(new)
                .chain(list[k + 1..].iter().cloned())
                .collect()
        };
        all.extend(replacements(&list[k]).into_iter().map(with));
        if k + 1 < list.len() {
            let mut exchanged = list.clone();
            exchanged.swap(k, k + 1);
            all.push(exchanged.into_iter().collect());
        }
        if let TokenTree::Group(g) = &list[k] {
            all.extend(
                mutants(&g.stream())
                    .into_iter()
                    .map(|inner| with(vec![TokenTree::Group(Group::new(g.delimiter(), inner))])),
            );
        }
    }
    all
}
