//! What comes out, to be read: the primal in the representation, and the generated functions laid out.
//!
//! `BLESS=1 cargo test -p backprop-macros snapshots` writes the files anew.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;

use super::stages::{primal, tokens};
use crate::driver;

/// Compares with `snapshots/<name>.rs`: the function, its representation, and what is emitted beside it.
fn check(name: &str, attr: &str, item: &str) {
    let ir = if attr.contains("partials") || attr.contains("vjp") {
        String::new()
    } else {
        ir(item)
    };
    let text = format!("{ir}{}", emitted(attr, item));
    assert_eq!(
        text.as_str(),
        format!("{ir}{}", emitted(attr, item)),
        "the same twice"
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/tests/snapshots")
        .join(name)
        .with_extension("rs");
    if env::var_os("BLESS").is_some() {
        fs::write(&file, &text).expect("the snapshot can be written");
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == known,
        "`{name}` has changed; if that is right, `BLESS=1` writes it anew\n--- known\n{known}\n--- now\n{text}"
    );
}

/// The primal, as comments.
fn ir(item: &str) -> String {
    let item = match item.split_once("impl") {
        Some((_, block)) => block
            .split_once('{')
            .and_then(|(_, b)| b.rsplit_once('}'))
            .map_or(item, |(method, _)| method),
        None => item,
    };
    let f = primal(item.trim()).unwrap_or_else(|e| panic!("{item}\n{e}"));
    f.to_string()
        .lines()
        .map(|l| format!("// {l}\n"))
        .collect::<String>()
        + "\n"
}

/// The whole output without the lint attributes that all items carry.
fn emitted(attr: &str, item: &str) -> String {
    let output = driver::compile(tokens(attr), tokens(item));
    let mut file: syn::File =
        syn::parse2(output).unwrap_or_else(|e| panic!("{item}: the output is no Rust: {e}"));
    syn::visit_mut::VisitMut::visit_file_mut(&mut WithoutLints, &mut file);
    prettyplease::unparse(&file)
}

struct WithoutLints;

impl syn::visit_mut::VisitMut for WithoutLints {
    fn visit_attributes_mut(&mut self, list: &mut Vec<syn::Attribute>) {
        list.retain(|a| !a.path().is_ident("allow") && !a.path().is_ident("inline"));
    }
}

/// The body of the generated function with this suffix, as tokens set apart by single blanks.
pub(super) fn body(attr: &str, item: &str, suffix: &str) -> String {
    let file: syn::File = syn::parse2(driver::compile(tokens(attr), tokens(item))).expect("Rust");
    let found = file.items.iter().find_map(|i| match i {
        syn::Item::Fn(f) if f.sig.ident.to_string().ends_with(suffix) => Some(f.block.clone()),
        _ => None,
    });
    quote::ToTokens::to_token_stream(
        &found.unwrap_or_else(|| panic!("no `{suffix}` beside {item}")),
    )
    .to_string()
}

const ROSENBROCK: &str = "fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}";

const BLACK_SCHOLES: &str = "fn black_scholes(s: f64, k: f64, r: f64, sigma: f64, t: f64) -> f64 {
    let root = sigma * t.sqrt();
    let d1 = ((s / k).ln() + (r + 0.5 * sigma * sigma) * t) / root;
    let d2 = d1 - root;
    let discount = (-r * t).exp();
    let n1 = 1.0 / (1.0 + (-1.702 * d1).exp());
    let n2 = 1.0 / (1.0 + (-1.702 * d2).exp());
    s * n1 - k * discount * n2
}";

const CHAIN: &str = "fn chain(x: f64) -> f64 {
    let a = x.sin();
    let b = a.exp();
    let c = (b + x).sqrt();
    (c * a).tanh()
}";

const UNUSED: &str = "fn unused(x: f64, y: f64) -> f64 {
    let dead = (x * y).sin();
    let half = 0.5;
    x * half
}";

#[test]
fn rosenbrock() {
    check("rosenbrock", "", ROSENBROCK);
}

#[test]
fn black_scholes() {
    check("black_scholes", "", BLACK_SCHOLES);
}

#[test]
fn branch_with_an_early_return() {
    check(
        "early_return",
        "",
        "fn huber(x: f64, delta: f64) -> f64 {
        if x.abs() > delta {
            return delta * (x.abs() - 0.5 * delta);
        }
        0.5 * x * x
    }",
    );
}

#[test]
fn product_over_an_array() {
    check(
        "product",
        "",
        "fn product(x: &[f64; 4]) -> f64 {
        let mut p = 1.0;
        for i in 0..4 {
            p *= x[i];
        }
        p
    }",
    );
}

#[test]
fn recurrence_with_a_tape() {
    check(
        "recurrence",
        "tape",
        "fn logistic_map(r: f64, x: f64, n: usize) -> f64 {
        let mut x = x;
        for _ in 0..n {
            x = r * x * (1.0 - x);
        }
        x
    }",
    );
}

#[test]
fn dense_layer() {
    check(
        "dense",
        "",
        "fn dense(w: &[[f64; 3]; 2], b: &[f64; 2], x: &[f64; 3], out: &mut [f64; 2]) {
        for i in 0..2 {
            let mut sum = b[i];
            for j in 0..3 {
                sum += w[i][j] * x[j];
            }
            out[i] = sum.tanh();
        }
    }",
    );
}

/// A row of scratch for each component, filled anew for each point: read in the reverse sweep where it lies.
#[test]
fn scratch_in_rows() {
    check(
        "scratch_rows",
        "",
        "fn spread(x: &[f64], w: &[f64], n: usize, #[out] rows: &mut [f64]) -> f64 {
        let mut total = 0.0;
        for point in x.chunks_exact(n) {
            for k in 0..w.len() / n {
                let row = &mut rows[k * n..][..n];
                for j in 0..n {
                    row[j] = w[k * n + j] * point[j];
                }
                let square: f64 = row.iter().map(|r| r * r).sum();
                total += square.exp();
            }
        }
        total
    }",
    );
}

/// The reverse of a column's multiple: a sum beside additions, in lanes.
#[test]
fn columns() {
    check(
        "columns",
        "",
        "fn product(a: &[f64], x: &[f64], y: &mut [f64]) {
        for i in 0..x.len() {
            for j in 0..y.len() {
                y[j] += a[i * y.len() + j] * x[i];
            }
        }
    }",
    );
}

#[test]
fn fused_reduction() {
    check(
        "reduction",
        "",
        "fn squared_error(w: &[f64], x: &[f64], y: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..w.len() {
            sum += (w[i] * x[i] - y).powi(2);
        }
        sum
    }",
    );
}

#[test]
fn method_with_a_field() {
    let method = "fn at(&self, x: f64) -> f64 {
        self.slope * x + self.offset
    }";
    check("method", "", method);
}

#[test]
fn generic_function() {
    check(
        "generic",
        "",
        "fn norm<T: Real, const N: usize>(x: &[T; N]) -> T {
        let mut sum = T::from_f64(0.0);
        for i in 0..N {
            sum += x[i] * x[i];
        }
        sum.sqrt()
    }",
    );
}

#[test]
fn partials_rule() {
    check(
        "partials",
        "partials(x = 1.0 / (x * x + 1.0))",
        "fn angle(x: f64) -> f64 {
        x.atan()
    }",
    );
}

#[test]
fn vjp_rule() {
    check(
        "vjp_rule",
        "vjp = rules::dot",
        "fn dot(x: &[f64], y: &[f64], k: f64) -> f64 {
        k * x[0] * y[0]
    }",
    );
}

#[test]
fn struct_field_access() {
    check(
        "fields",
        "wrt(model)",
        "fn predict(model: &Model, x: &[f64; 2]) -> f64 {
        let hidden = (model.w[0] * x[0] + model.w[1] * x[1]).tanh();
        model.scale * hidden
    }",
    );
}

#[test]
fn call_of_another_function() {
    check(
        "call",
        "",
        "fn twice(x: f64, y: f64) -> f64 {
        let u = layers::square(x, y);
        layers::square(u, y) + u
    }",
    );
}

/// Straight-line scalar functions come out as a careful person would write them.
#[test]
fn nothing_superfluous() {
    const BAD: [[&str; 2]; 9] = [
        ["*", "1.0"],
        ["1.0", "*"],
        ["+", "0.0"],
        ["0.0", "+"],
        ["-", "0.0"],
        ["*", "0.0"],
        ["0.0", "*"],
        ["-", "-"],
        ["+", "-"],
    ];
    for item in [ROSENBROCK, BLACK_SCHOLES, CHAIN, UNUSED] {
        let body = body("", item, "_grad");
        // The rules for kinks are functions; nothing else of the runtime is needed.
        let own = body
            .replace(":: backprop :: __private :: rule ::", "")
            .replace(['(', ')'], " ");
        let words: Vec<&str> = own.split_whitespace().collect();
        for (k, pair) in words.windows(2).enumerate() {
            // `x * (1.0 / y)`: a reciprocal is no factor of one.
            let reciprocal = pair == ["*", "1.0"] && words.get(k + 2) == Some(&"/");
            assert!(
                reciprocal || !BAD.iter().any(|bad| bad == pair),
                "{pair:?} in\n{body}"
            );
        }
        assert!(
            !words.contains(&"mut") && !words.contains(&"__private"),
            "more than arithmetic in\n{body}"
        );
        once(&body);
    }
}

/// Every variable is used, and no two are bound to the same expression.
fn once(body: &str) {
    let file: syn::Block = syn::parse_str(body).expect("a block");
    let mut seen: Vec<String> = Vec::new();
    for stmt in &file.stmts {
        let syn::Stmt::Local(l) = stmt else { continue };
        let init = l
            .init
            .as_ref()
            .map(|i| quote::ToTokens::to_token_stream(&i.expr).to_string())
            .unwrap_or_default();
        assert!(!seen.contains(&init), "`{init}` twice in\n{body}");
        seen.push(init);
        if let syn::Pat::Ident(p) = &l.pat {
            let name = p.ident.to_string();
            let uses = body
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|w| *w == name)
                .count();
            assert!(uses > 1, "`{name}` is never used in\n{body}");
        }
    }
    let calls = [
        ".exp ()", ".sin ()", ".cos ()", ".sqrt ()", ".tanh ()", ".ln ()",
    ];
    for call in calls {
        let receivers: Vec<&str> = body
            .match_indices(call)
            .map(|(k, _)| receiver(&body[..k]))
            .collect();
        for (k, r) in receivers.iter().enumerate() {
            assert!(!receivers[..k].contains(r), "`{r}{call}` twice in\n{body}");
        }
    }
}

/// The last word or parenthesis in front of a method.
fn receiver(before: &str) -> &str {
    let before = before.trim_end();
    let mut depth = 0;
    for (k, c) in before.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            ' ' if depth == 0 => return &before[k + 1..],
            _ => {}
        }
        if depth < 0 {
            return &before[k + 1..];
        }
    }
    before
}

/// The same loops as with indices: one pass over slices that are cut to one length, sums in lanes.
#[test]
fn iterators() {
    check(
        "iterators_dot",
        "",
        "fn dot(a: &[f64], b: &[f64]) -> f64 {
            a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()
        }",
    );
    check(
        "iterators_windows",
        "",
        "fn rosenbrock(x: &[f64]) -> f64 {
            x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
        }",
    );
    check(
        "iterators_dense",
        "",
        "fn dense(w: &[f64], x: &[f64], out: &mut [f64]) {
            for (y, row) in out.iter_mut().zip(w.chunks_exact(x.len())) {
                *y = row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>().tanh();
            }
        }",
    );
}

/// What a loop adds up may touch an element that is not there, if there are no iterations; where there are, nothing is asked.
#[test]
fn a_loop_that_surely_runs_adds_its_sums_without_a_condition() {
    let product = |bound: &str| {
        let item = format!(
            "fn f(a: &[[f64; 4]; 3], b: &[f64; 4], k: usize, n: usize) -> f64 {{
                let mut s = 0.0;
                for j in {bound} {{ s += a[k][0] * b[j]; }}
                s
            }}"
        );
        body("", &item, "_grad")
    };
    for bound in ["0..4", "0..=3", "(1..4).rev()"] {
        let body = product(bound);
        assert!(!body.contains("!="), "{bound}:\n{body}");
    }
    for bound in ["0..n", "4..4", "4..=3", "(0..4).step_by(n)"] {
        let body = product(bound);
        assert!(
            body.contains("!= 0.0") || body.contains("4 .."),
            "{bound}:\n{body}"
        );
    }
}

/// `0.0 + x` is not `x` to rustc.
#[test]
fn what_is_added_to_a_zero_is_assigned() {
    let item = "fn f(x: &[f64; 3], k: usize) -> f64 {
        let t = g(x);
        t[0] * t[1] + t[k]
    }";
    let body = body("", item, "_grad");
    let assigned = |i: &str| body.contains(&format!("d_t [{i}] = "));
    let added = |i: &str| body.contains(&format!("d_t [{i}] += "));
    // Whether `k` is one of the others is not known: it comes first, and they are added.
    assert!(assigned("k") && added("0") && added("1"), "{body}");
    assert!(!added("k") && !assigned("0") && !assigned("1"), "{body}");
}

#[test]
fn quotients_by_a_square_root_are_products_with_its_reciprocal() {
    let item = "fn f(x: f64, y: f64) -> f64 {
        let r = (x * x + y * y).sqrt();
        (x / r) * (y / r).sin()
    }";
    let body = body("", item, "_grad");
    assert_eq!(body.matches('/').count(), 1, "{body}");
}

/// The pullback of `forward` waits for the cotangent: it takes the same branch again, and divides nothing there that has been divided before.
#[test]
fn a_pullback_finds_the_reciprocal_of_its_run() {
    let item = "fn f(x: &[f64; 2], y: f64) -> [f64; 2] {
        let square = x[0] * x[0] + x[1] * x[1];
        if square == 0.0 { return [y, y]; }
        let r = square.sqrt();
        [x[0] / r * y, x[1] / r + y]
    }";
    let output = driver::compile(TokenStream::new(), tokens(item)).to_string();
    let at = output.find("fn forward").expect("a run with a pullback");
    assert_eq!(output[at..].matches(" / ").count(), 1, "{}", &output[at..]);
}

/// An array that begins with one value, which each iteration changes at its own index: nothing is kept.
#[test]
fn an_element_of_its_own_begins_with_what_all_begin_with() {
    let item = |at: &str| {
        format!(
            "fn f(x: &[f64; 8], k: &[usize; 8]) -> f64 {{
                let mut a = [0.5; 8];
                for i in 0..8 {{ a[{at}] = a[k[i]] * x[i]; }}
                a[7] * a[3]
            }}"
        )
    };
    let own = body("", &item("i"), "_grad");
    assert!(!own.contains("blank"), "{own}");
    assert!(body("", &item("k[i]"), "_grad").contains("blank"));
}

/// To rustc `0.0 + x` is not `x`, but `-0.0 + x` is. What is returned begins with `0.0` nevertheless.
#[test]
fn what_sweeps_add_to_begins_with_a_negative_zero() {
    let inner = body(
        "",
        "fn f(x: f64) -> f64 { let y = g(2.0 * x); y * y }",
        "_grad",
    );
    assert!(inner.contains("= - 0.0"), "{inner}");
    let shown = body("", "fn f(x: f64) -> f64 { g(x) }", "_grad");
    assert!(!shown.contains("- 0.0"), "{shown}");
    let item = |t: &str| {
        format!("fn f(x: &[f64; 3]) -> f64 {{ let y = [x[0], x[1] + x[2], {t}]; g(&y) }}")
    };
    assert!(body("", &item("1.0"), "_grad").contains("[- 0.0 ; 3]"));
    let returned = body("", "fn f(x: [f64; 3]) -> f64 { g(&x) }", "_grad");
    assert!(
        !returned.contains("- 0.0") && !returned.contains("neutral"),
        "{returned}"
    );
    // Written out, a short loop adds nothing to the zero that its sum begins with.
    let item = |n: &str| {
        format!(
            "fn f(x: &[f64; 4], y: &[f64; 64], k: usize) -> f64 {{ let mut s = 0.0; for i in 0..{n} {{ s += x[k] * y[i]; }} s * s }}"
        )
    };
    assert!(body("", &item("4"), "_grad").contains("- 0.0"));
    assert!(!body("", &item("64"), "_grad").contains("- 0.0"));
}

/// A product of small matrices is inlined, however long it is when written out; what calls or loops without bound is not.
#[test]
fn sweeps_with_short_loops_are_inlined() {
    let hint = |item: &str| {
        let output = driver::compile(TokenStream::new(), tokens(item)).to_string();
        let at = output.find("fn sweep").expect("a sweep");
        let before = output[..at].trim_end();
        before.ends_with("# [inline (always)]")
    };
    let product = |rows: &str| {
        format!(
            "fn f(a: &[[f64; 3]; {rows}], b: &[f64; 3], n: usize) -> [f64; {rows}] {{
                let mut c = [0.0; {rows}];
                for i in 0..{rows} {{ for j in 0..3 {{ c[i] += a[i][j] * b[j]; }} }}
                c
            }}"
        )
    };
    assert!(hint(&product("3")));
    assert!(!hint(&product("300")) && !hint(&product("3").replace("in 0..3", "in 0..n")));
}

#[test]
fn a_chain_is_emitted_as_the_loop_that_it_stands_for() {
    let chain = "fn f(x: &[f64], y: &[f64; 8]) -> f64 {
        let mut s = 0.0;
        for (a, b) in x[..8].iter().zip(y) { s += (a - b).powi(2); }
        s
    }";
    let closure = "fn f(x: &[f64], y: &[f64; 8]) -> f64 {
        let mut s = 0.0;
        let mut add = |a: &f64, b: &f64| s += (a - b).powi(2);
        for (a, b) in x[..8].iter().zip(y) { add(a, b); }
        s
    }";
    assert_eq!(body("", chain, "_grad"), body("", closure, "_grad"));
    let chain = "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x { s += v * v; } s }";
    let index =
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += x[i] * x[i]; } s }";
    assert_eq!(body("", chain, "_grad"), body("", index, "_grad"));
}

/// Behind an early return the reverse sweep of the rest wants its loops again, with less or more to carry: they run once.
#[test]
fn loops_behind_a_return_run_once() {
    let loops = |rest: &str| {
        let item = format!(
            "fn f(a: &[f64], x: f64) -> f64 {{ if x > 0.5 {{ return 0.5; }} let mut t = x; let mut s = 0.0; {rest} }}"
        );
        let body = body("tape", &item, "_grad");
        let heads = body.split_whitespace();
        heads
            .filter(|w| ["for", "while", "loop"].contains(w))
            .count()
    };
    let product = "for i in 0..a.len() { s = s * a[i] + t; } s";
    let sum = format!("for i in 0..a.len() {{ s += t; t = t * t * a[i]; }} {product}");
    assert_eq!(loops(&sum), 4);
    let uncounted = format!("while t < 0.7 {{ s += t; t = t * t + 0.3; }} {product}");
    assert_eq!(loops(&uncounted), 4);
    let leaves = "let y = loop { if t > 0.7 { break t * s; } t += a[0]; s = s * t + 1.0; }; y * t";
    assert_eq!(loops(leaves), 2);
    // The second loop is another one.
    let other =
        "for i in 0..a.len() { s = s * s + t; } for i in 0..a.len() { t = t * s * a[i]; } t";
    assert_eq!(loops(other), 4);
}

#[test]
fn the_documentation_says_what_is_kept() {
    let memory = |attr: &str, item: &str| {
        let emitted = emitted(attr, item);
        let (_, memory) = emitted.split_once("# Memory\n\n").expect("a section");
        memory.split_once("*/").expect("its end").0.to_owned()
    };
    assert_eq!(
        memory("", "fn f(x: &f64) -> f64 { x * x }"),
        "Keeps nothing for the reverse sweep but local variables."
    );
    assert_eq!(
        memory(
            "tape",
            "fn f(x: &[f64]) -> f64 { let mut s = 1.0; let mut t = 0.5; for v in x { s = s * v + t; t *= s; } t }"
        ),
        "- `kept_s`, `kept_t`: each on the tape, one value for each iteration: what it starts from."
    );
    assert_eq!(
        memory(
            "tape",
            "fn f(x: &[f64], y: f64) -> f64 { let mut s = y; for v in x { for w in x { s = (s * v).sin() * w; } } s }"
        ),
        "- `kept_s`, `kept_value`: each on the tape, one value for each iteration: what the reverse sweep multiplies by, or takes a branch by."
    );
    assert_eq!(
        memory(
            "",
            "fn f(x: &[f64; 4]) -> f64 { let mut s = 1.0; for v in x { s *= v.exp(); } s }"
        ),
        "- `kept_s`: on the stack, 4 values: what each iteration starts from.\n- `kept_value`: on the stack, 4 values: a result that costs more to compute again."
    );
    // What is overwritten in a buffer goes elsewhere.
    assert_eq!(
        memory(
            "tape",
            "fn f(y: &mut [f64], z: &mut [f64], n: usize) -> f64 {
                for k in 0..n {
                    for i in 1..y.len() { z[i] = y[i] * y[i - 1]; }
                    if k % 2 == 0 { y.swap_with_slice(z); }
                }
                y[0]
            }"
        ),
        "- `left`: on the tape, one value for each element: what the function leaves in a buffer in which the reverse sweep goes back.\n- On the tape, of each change of a slice or `Vec` that the reverse sweep takes back: what was overwritten, and where."
    );
}
