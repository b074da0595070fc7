//! The fence, by example: what is refused with which words, and what passes.

use super::check;
use crate::diag::Errors;

/// Outside a compiler all spans are the same, so a sentence counts once however often it applies.
fn mistakes(item: &str) -> Vec<String> {
    let item: syn::ItemFn = syn::parse_str(item).unwrap_or_else(|e| panic!("{item}: {e}"));
    let mut errors = Errors::default();
    check(&item.sig, &item.block, &mut errors);
    errors.texts()
}

fn body(text: &str) -> String {
    format!("fn f(x: f64, a: &[f64], y: &mut [f64], n: usize, p: (f64, f64)) -> f64 {{ {text} }}")
}

/// Each body is refused as many times as said, and a refusal contains the words.
const REFUSED: &[(&str, usize, &str)] = &[
    // Iterators.
    (
        "for i in 0.. { if i > n { break; } } x",
        1,
        "without an end",
    ),
    (
        "let it = a.iter().zip(y.iter()); it.map(|(u, v)| u * v).sum::<f64>()",
        1,
        "in a chain that ends in a value",
    ),
    ("a.iter().scan(x, |s, v| g(s, v)).sum::<f64>()", 1, "`scan`"),
    (
        "let (v, w) = a.iter().map(|v| (v * x, x)).unzip(); v[0]",
        1,
        "`unzip` puts",
    ),
    (
        "a.iter().chain(y.iter()).sum::<f64>()",
        1,
        "for each of them",
    ),
    (
        "for v in m.iter().flatten() { g(v); } x",
        1,
        "one inside the other",
    ),
    ("a.iter().peekable().count() as f64", 1, "by hand"),
    (
        "for c in a.rchunks(2) { g(c); } x",
        1,
        "`rchunks` makes an iterator",
    ),
    (
        "a.iter().filter_map(|v| g(v)).sum::<f64>()",
        1,
        "returns an `Option`",
    ),
    (
        "a.iter().inspect(|v| g(v)).sum::<f64>()",
        1,
        "`inspect` is not accepted",
    ),
    (
        "let m = a.iter().copied().max_by(f64::total_cmp); x",
        1,
        "what `max_by` finds",
    ),
    ("g(a.iter().last().copied())", 1, "what `copied` finds"),
    (
        "let w = g(y); for v in w.iter_mut() { *v = x; } x",
        1,
        "a reference in `w`",
    ),
    (
        "for v in g(y).iter_mut() { *v = x; } x",
        1,
        "last state would be lost",
    ),
    ("for v in a.iter().map(|v| v?) { g(v); } x", 1, "`?`"),
    ("let r = 0..n; x", 1, "a range stands in a `for` loop"),
    // Methods known by name.
    ("c.swap(&d); x", 1, "exchange by hand"),
    ("y.clone_from(a); x", 1, "assign in a loop"),
    ("let (u, v) = y.as_rchunks::<2>(); x", 1, "by their ranges"),
    (
        "*g(y).first_mut().unwrap() = x; x",
        1,
        "last state would be lost",
    ),
    (
        "let u = if x > 0.0 { &g(a)[0] } else { &a[0] }; *u",
        1,
        "reference to a temporary",
    ),
    ("v.insert(0, x); x", 1, "`Type::insert(..)`"),
    (
        "y.sort_by(|a, b| a.total_cmp(b)); x",
        1,
        "where they came from",
    ),
    ("*o.as_mut() = x; x", 1, "which element is written"),
    ("y.as_ref()[0]", 1, "borrow by hand"),
    ("a.to_vec().into_boxed_slice()[0]", 1, "allocates"),
    ("c.borrow_mut().add(x); x", 1, "through a shared reference"),
    // Calls.
    (
        "core::mem::take(&mut u); x",
        1,
        "`mem::take` is not accepted yet",
    ),
    ("let r: Result<f64, ()> = Ok(x); x", 1, "`Ok(..)`"),
    ("let o = Some(&x); x", 1, "a reference stands as"),
    ("*Box::new(x)", 1, "`Box::new`"),
    ("let g = h; g(x)", 1, "`g` is a value here"),
    ("(p.f)(x)", 1, "through a field"),
    ("apply(x, |u| u * u)", 1, "a closure is handed on"),
    ("apply(x, &|u| u * u)", 1, "a closure is handed on"),
    ("let g = |u: f64| u * x; apply(x, g)", 1, "the closure `g`"),
    ("let g = |u: f64| u * x; apply(x, &g)", 1, "the closure `g`"),
    (
        "let g = |u: f64| u * x; let h = Point { g }; x",
        1,
        "the closure `g`",
    ),
    (
        "let g = |u: f64| u * x; let h = (g, x); x",
        1,
        "the closure `g`",
    ),
    (
        "let g = |u: f64| u * x; if x > 0.0 { g } else { g }",
        2,
        "the closure `g`",
    ),
    ("let g = async |u: f64| u * x; x", 1, "`async` code"),
    ("g(&mut [0.0; 3]); x", 1, "last state would be lost"),
    ("g(0..n)", 1, "a range stands"),
    ("unsafe { *p }", 1, "`unsafe` code"),
    // Patterns and `let`.
    (
        "match n { k if let Some(v) = g(k) => v, _ => x }",
        1,
        "in a guard",
    ),
    ("let ref q = x; *q", 1, "`ref`"),
    ("match p { Some(ref u) => *u, None => x }", 1, "`ref`"),
    // All at once.
    (
        "let v = vec![x]; y.sort(); let r = &(x + x); a.iter().chain(y).sum::<f64>() + v[0]?",
        4,
        "`sort`",
    ),
    (
        "let z = if let Some(v) = g(x) { v.await } else { unsafe { h() } }; z",
        2,
        "`.await`",
    ),
];

#[test]
fn refused_with_a_sentence() {
    for (text, count, part) in REFUSED {
        let errors = mistakes(&body(text));
        assert_eq!(errors.len(), *count, "{text}\n{}", errors.join("\n"));
        assert!(
            errors.iter().any(|e| e.contains(part)),
            "{text}: no `{part}` in\n{}",
            errors.join("\n")
        );
        for e in &errors {
            assert!(e.contains("\nhelp: "), "{text}: no way out in\n{e}");
            assert!(!e.contains("{}"), "{text}: not filled in\n{e}");
        }
    }
}

#[test]
fn signatures_are_refused() {
    let cases = [
        ("unsafe fn f(x: f64) -> f64 { x }", "an `unsafe` function"),
        ("async fn f(x: f64) -> f64 { x }", "an `async` function"),
        ("extern \"C\" fn f(x: f64) -> f64 { x }", "foreign ABI"),
        (
            "fn f(self: Box<Self>) -> f64 { 0.0 }",
            "behind a named type",
        ),
        ("fn f(x: f64) -> ! { loop {} }", "never returns"),
        ("fn f(x: kind!()) -> f64 { 0.0 }", "hides this type"),
        (
            "fn f(x: &Cell<f64>) -> f64 { 0.0 }",
            "`Cell` can be changed",
        ),
        (
            "fn f(x: f64) -> Mutex<f64> { g(x) }",
            "`Mutex` can be changed",
        ),
        (
            "fn f(#[nodif] x: f64) -> f64 { x }",
            "did you mean `#[nodiff]`",
        ),
        ("fn f(#[cfg(test)] x: f64) -> f64 { x }", "decided later"),
        (
            "fn f(g: fn(f64) -> f64, x: f64) -> f64 { g(x) }",
            "`g` is a value here",
        ),
    ];
    for (item, part) in cases {
        let errors = mistakes(item);
        assert_eq!(errors.len(), 1, "{item}\n{}", errors.join("\n"));
        assert!(errors[0].contains(part), "{item}\n{}", errors[0]);
    }
}

/// Each body passes.
const ACCEPTED: &[&str] = &[
    "(1.0 - x).powi(2) + 100.0 * (y[0] - x * x).powi(2)",
    "-x + !n as f64 + (x as f32) as f64 + core::f64::consts::PI * LIMIT",
    "let mut s = 0.0; for i in 0..n { s += a[i] * y[i]; } s",
    "for i in (0..=n).rev().step_by(2) { y[i] *= x; } for _ in (0..(n)).step_by(2).rev() {} for mut k in 1..n { k += 1; y[k] = x; } x",
    "let mut i = 0; while { i += 1; i < n } { if a[i] > x { continue; } y[i] = x; } x",
    "let v = 'o: loop { for j in 0..n { if a[j] > x { break 'o x; } else { continue 'o; } } return 0.0; }; v",
    "if x > 0.0 { x.ln() } else if x < -1.0 && n != 3 || !(n == 4) { return 1.0 } else { 0.0 }",
    "match n { 0 | 1 => x, 2..=5 => x * x, k @ 6..9 if k % 2 == 0 => { return x } LIMIT => 1.0, i8::MAX => 2.0, -1 => 0.0, k => k as f64, _ => x }",
    "match (n, true) { (0, _) => x, (k, false) => g(k), _ => unreachable!(\"never {n}\") }",
    "let (mut u, (v, _)) = (x, (x, 1)); let [b, c] = [u, v]; let Point { x: q, y: _, .. } = g(x); let z: f64; z = u; u = b * c * q; z * u",
    "let r = &a[1..n]; let q = &mut y[n..][0]; *q = r[0]; let w: &[f64] = &a[..]; let t = &p.0; *t + w[0]",
    "let r = &mut y[0]; *r = *r * x; y[..=n][0]",
    "norm(a) + Self::g(&a[1..], &mut y[..n], x) + <T as Energy>::e(x) + f64::from(2.0_f32) + stop_gradient(x)",
    "let mut s = 0.0; for v in a { s += v; } for (i, &v) in a.iter().enumerate() { s += v * i as f64; } for (u, v) in y.iter_mut().zip(a) { *u = *v; } s",
    "for ((u, v), w) in a.iter().zip(&a[1..]).zip(0..) { s += u * v * w as f64; } for v in &mut y[1..] { *v += x; } for r in m { g(r); } for i in (0..n).skip(1) { g(i); } x",
    "let t: f64 = a.windows(2).map(|w| w[0] * w[1]).sum(); a.iter().copied().fold(t, f64::max) + (0..n).filter(|i| i % 2 == 0).map(|i| a[i]).product::<f64>().sqrt()",
    "let m = a.iter().copied().max_by(f64::total_cmp).unwrap(); let k = a.iter().position(|v| *v > m).map_or(0, |k| k + 1); x * k as f64",
    "let g = |u: f64, &v: &f64| { if u > v { return u; } u * x }; let h = g; let k = &g; (|u: f64| h(u, &x) + k(u, &u))(x) + a.iter().map(|u| g(*u, &x)).sum::<f64>()",
    "let mut s = 0.0; let mut add = |u: f64| s += u; add(x); let v = move || x * x; v() + s + std::array::from_fn::<f64, 3, _>(|i| a[i])[0] + p.map(|u| u * u)[0]",
    "let Some(v) = g(x) else { return 0.0; }; if let Some(w) = g(v) && w > v && let Some(z) = g(w) { z } else { Some(x).unwrap() }",
    "while let Some(v) = g(x) { h(v); } match &s { Shape::Circle(r) => *r, Shape::Rect { w, .. } | Shape::Bar { w } => *w, m @ Shape::None => g(m) }",
    "for [u, .., v] in m.iter() { g(u, v); } let [u, .., v] = p; let (b, ..) = p; let q @ (c, d) = p; match a { [] => u, [e, f @ ..] => *e * f[0], &[h] => h }",
    "let (u, v) = (&a[..n], &a[n..]); let o = 'a: { if x > 0.0 { break 'a Some(Shape::Rect { w: x, h: u[0] }); } None }; o.map_or(v[0], |s| s.area())",
    "let norm = norm(a); norm * p.0.sin().max(x).min(2.0).clamp(0.0, 1.0)",
    "let mut u = x; let v; let mut w = [x; 2]; (u, _) = (x, u); (w[0], u) = (u, w[1]); _ = g(x); v = u; w[1] = v; g(y); let z = y; z[0] = w[0]; let &q = r; let Meters(m) = h(&mut w, z); m * q * x",
    "let q = Point { x, y: 1.0, ..base }; let t = Meters(x); let z = [x; 3]; let w = [x, 1.0]; self.forward(&q, &[x, x], &(x + 1.0)) + t.0 + w[1] + z[0]",
    "assert!(x > 0.0, \"x was {x}\"); debug_assert_eq!(a.len(), y.len()); assert_ne!(n, 0, \"{v}\", v = n); std::assert!(a.iter().all(|v| v.is_finite())); x",
    "let k = backprop::no_grad!({ let mut m = 0.0; for v in a.iter() { if *v > m { m = *v; continue; } } m }); x * k",
    "let k = no_grad!(a.iter().map(|v| -> Option<f64> { let w = Some(*v)?; return Some(w); }).count()); x",
    "const K: f64 = 2.0; use core::f64::consts::PI; fn sq(u: f64) -> f64 { u.iter().sum() } struct Q(f64); impl Q { fn g(&self) -> f64 { 1.0 } } sq(x) * K * PI",
    "let sq = x; { fn sq(u: f64) -> f64 { u } sq(x) }; sq",
    ";; #[allow(unused)] let z = x; #[rustfmt::skip] let w = { x }; z + w",
    "if x < 0.0 { panic!(\"negative\") } let v = if n > 0 { x } else { return 0.0; }; v",
    "let z = model.sum(x) + model.map(x) + model.count() as f64 + n.rotate_left(3) as f64 + n.pow(2) as f64; z",
    "y[n - 1] -= x; y[{ n }] /= 2.0; (*y)[0] %= x; let mut p = p; p.0 = x; n ^= 1; n <<= 2; n = n & 3 | 4; x",
    "if n == 0 { return x; } let mut t = x; t = if t > 0.0 { t } else { -t }; t",
    "let Mode::Fast = m; x",
];

#[test]
fn accepted() {
    let (last, passing) = ACCEPTED.split_last().expect("a table");
    for text in passing {
        assert_eq!(mistakes(&body(text)), [""; 0], "{text}");
    }
    // A constant in `let` tests: it may fail.
    assert_eq!(mistakes(&body(last)).len(), 1);
}

#[test]
fn signatures_are_accepted() {
    let cases = [
        "const fn f<'a, T: Real, const N: usize>(#[nodiff] w: &'a [T; N], #[out] y: &mut [T], mut x: T) -> (T, f64) where T: Copy { (x, 0.0) }",
        "fn f(&self, g: fn(f64) -> f64, cell: &Cell) -> f64 { no_grad!(g(1.0)) }",
        "fn f(mut self) {}",
    ];
    for item in cases {
        assert_eq!(mistakes(item), [""; 0], "{item}");
    }
}

#[test]
fn no_row_is_empty_or_unfinished() {
    let text = include_str!("messages.rs");
    for line in text.lines().filter(|l| l.contains("= row(")) {
        assert!(!line.contains("\"\""), "{line}");
        assert!(
            !line.contains(".\","),
            "a sentence ends without a full stop, like the compiler's own: {line}"
        );
    }
}
