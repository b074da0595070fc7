//! `Vec`s that a function makes for itself.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::perf,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use allocation_counter::measure;
use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, noise};

/// A table of squares, read twice.
#[differentiable]
fn filled(x: &[f64]) -> f64 {
    let n = x.len();
    let mut v = vec![0.0; n];
    for i in 0..n {
        v[i] = x[i] * x[i];
    }
    let mut s = 0.0;
    for i in 0..n {
        s += v[i] * v[n - 1 - i];
    }
    s
}

#[differentiable]
fn constant(x: f64, y: f64, n: usize) -> f64 {
    let v = vec![x * y; n];
    let w = vec![y.sin(); n + 1];
    v.iter().zip(&w).map(|(a, b)| a * a * b).sum::<f64>() + w[0]
}

#[differentiable]
fn listed(a: f64, b: f64) -> f64 {
    let mut v = vec![a, a * b, b.sin(), 2.0];
    v[3] = v[0] * v[1];
    v[0] += v[2];
    v.iter().map(|x| x * x).sum::<f64>() + v.len() as f64 * v[3]
}

/// Each of two layers in a vector of its own.
#[differentiable]
fn network(w: &[f64], x: &[f64], hidden: usize) -> f64 {
    let n = x.len();
    let mut h = vec![0.0; hidden];
    for (j, h) in h.iter_mut().enumerate() {
        let row = &w[j * n..][..n];
        let mut a = 0.0;
        for i in 0..n {
            a += row[i] * x[i];
        }
        *h = a.tanh();
    }
    let out = &w[n * hidden..];
    h.iter().zip(out).map(|(h, w)| h * w).sum()
}

#[differentiable]
fn copied(x: &[f64], a: f64) -> f64 {
    let mut v = x.to_vec();
    v[0] = a * x[1];
    let w = v.clone();
    for v in v.iter_mut() {
        *v += a;
    }
    let tail = w[1..].to_vec();
    v.iter().zip(&w).map(|(v, w)| v * w * w).sum::<f64>() + tail[0]
}

#[differentiable]
fn weighted(w: &[f64], x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..w.len() {
        s += w[i] * x[i].sin();
    }
    s
}

#[differentiable]
fn smooth(x: &[f64], y: &mut [f64]) {
    for i in 0..x.len() {
        let l = if i > 0 { x[i - 1] } else { 0.0 };
        y[i] = 0.5 * x[i] + 0.25 * l * l;
    }
}

/// Lent to callees, whole and in parts.
#[differentiable]
fn lent(x: &[f64]) -> f64 {
    let n = x.len();
    let mut v = vec![0.0; n];
    smooth(x, &mut v);
    let mut w = vec![0.0; n];
    smooth(&v, &mut w[..]);
    weighted(&v, &w) + weighted(&w[1..], &v[..n - 1])
}

/// Two buffers that take turns.
#[differentiable]
fn heat(x: &[f64], k: f64, steps: usize) -> f64 {
    let n = x.len();
    let mut now = x.to_vec();
    let mut next = vec![0.0; n];
    for _ in 0..steps {
        for i in 1..n - 1 {
            next[i] = now[i] + 0.1 * (now[i - 1] - 2.0 * now[i] + now[i + 1]);
        }
        std::mem::swap(&mut now, &mut next);
    }
    k * now.iter().map(|x| x * x).sum::<f64>()
}

/// In every iteration anew.
#[differentiable]
fn anew(x: &[f64], a: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let mut v = vec![1.0; i + 1];
        for j in 0..i + 1 {
            v[j] = a * x[j] + v[j];
        }
        let s: f64 = v.iter().map(|v| v * v).sum();
        total += s * x[i];
    }
    total
}

#[differentiable(tape)]
fn squared_in_place(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    for i in 0..v.len() {
        v[i] = v[i] * v[i];
    }
    for i in 1..v.len() {
        v[i] *= v[i - 1].sin();
    }
    v.iter().sum()
}

#[differentiable]
fn branched(x: &[f64], c: bool) -> f64 {
    let n = x.len();
    let mut v = if c { vec![x[0]; n] } else { x.to_vec() };
    if !c {
        v[0] = x[1] * x[0];
    } else {
        v[1] = 2.0 * x[0];
    }
    let mut w;
    if c {
        w = vec![0.0; n];
    } else {
        w = vec![x[1]; n];
    }
    w[0] = x[0] * x[0];
    v.iter().zip(&w).map(|(v, w)| v * v * w).sum()
}

/// A matrix.
#[differentiable]
fn matrix(x: &[f64], n: usize) -> f64 {
    let mut m = vec![vec![0.0; n]; x.len()];
    for i in 0..x.len() {
        for j in 0..n {
            m[i][j] = x[i] * (j as f64 + x[i]);
        }
    }
    let mut s = 0.0;
    for row in &m {
        s += row.iter().map(|v| v * v).sum::<f64>();
    }
    let first = &m[0];
    s + first[n - 1] * m[x.len() - 1][0]
}

#[differentiable]
fn indices(x: &[f64], n: usize) -> f64 {
    let mut order = vec![0; n];
    for i in 0..n {
        order[i] = n - 1 - i;
    }
    let copy = order.to_vec();
    let mut s = 0.0;
    for (k, &i) in copy.iter().enumerate() {
        s += x[i] * x[k] * (order[i] as f64);
    }
    s
}

#[differentiable]
fn generic<T: Real>(x: &[T]) -> T {
    let mut v = vec![T::from_f64(0.0); x.len()];
    for i in 0..x.len() {
        v[i] = x[i] * x[i];
    }
    let w = x.to_vec();
    let mut s = T::from_f64(0.0);
    for (v, w) in v.iter().zip(&w) {
        s += *v * *w;
    }
    s
}

#[differentiable]
fn early(x: &[f64], limit: f64) -> f64 {
    let mut v = vec![0.0; x.len()];
    for i in 0..x.len() {
        if x[i] > limit {
            return v[0] * x[i];
        }
        v[i] = x[i] * 2.0;
    }
    v.chunks(2).map(|c| c[0] * c[c.len() - 1]).sum()
}

/// A version that only a comparison reads.
#[differentiable]
fn compared(x: f64, y: f64) -> f64 {
    let mut v = vec![0.0; 3];
    v[0] = x * y;
    let s = v[0] * 3.0;
    v[1] = y * y;
    let t = if v[1] > 0.25 { x } else { y };
    s * t
}

struct Binned {
    width: usize,
}

impl Binned {
    #[differentiable(wrt(x))]
    fn run(&self, x: &[f64]) -> f64 {
        let mut v = vec![0.0; self.width];
        for (k, x) in x.iter().enumerate() {
            v[k % self.width] += x * x;
        }
        let mut s = 0.0;
        for v in &v {
            s += v.sin();
        }
        s
    }
}

#[differentiable]
fn caller(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        s += filled(&x[i..]) * x[i];
    }
    s
}

#[differentiable]
fn overwritten_straight(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v[0] = v[0] * v[1];
    v[1] = v[0] * v[1] * v[1];
    v[0] *= v[1];
    v.iter().sum()
}

#[differentiable(tape)]
fn moved(x: &[f64], c: f64) -> f64 {
    let mut v = vec![c; x.len()];
    for (v, x) in v.iter_mut().zip(x) {
        *v *= x;
    }
    let mut w = v;
    w[0] += c * w[1];
    let u = w;
    u[0] * u[1] + u.len() as f64 * u[2]
}

#[differentiable]
fn while_loop(x: &[f64]) -> f64 {
    let n = x.len();
    let mut v = vec![0.0; n];
    let mut i = 0;
    while i < n {
        v[i] = x[i].exp();
        i += 1;
    }
    let mut best = 0;
    for i in 0..n {
        if v[i] > v[best] {
            best = i;
        }
    }
    v[best] * v[0]
}

#[differentiable]
fn closure(x: &[f64]) -> f64 {
    let mut v = vec![0.0; x.len()];
    let mut put = |i: usize, a: f64| v[i] = a * a;
    for i in 0..x.len() {
        put(i, x[i]);
    }
    let get = |i: usize| v[i] * 2.0;
    get(0) + get(1) * get(2)
}

#[differentiable]
fn asserted(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let w = v.clone();
    v[0] = 2.0 * x[1];
    assert!(v.len() == w.len() && v[0] <= 100.0);
    assert!(!v.is_empty(), "{:?}", v);
    v[0] * w[0]
}

fn sumsq(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}
#[differentiable]
fn no_grad_of(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v[1] = v[0] * 2.0;
    let c = no_grad!(sumsq(&v));
    v[1] * c
}

#[differentiable]
fn typed(x: &[f64]) -> f64 {
    let n: usize = x.len();
    let mut v: Vec<f64> = vec![0.; n];
    for i in 0..n {
        v[i] += 3.0 * x[i];
        v[i] += x[0];
    }
    let s: f64 = v[..].iter().sum();
    v.swap(0, 1);
    v[..2].copy_from_slice(&x[1..3]);
    v[2..].fill(s);
    v[0] * v[1] + v[n - 1]
}

#[differentiable]
fn f32s(x: &[f32], b: f32) -> f32 {
    let mut v = vec![0.0; x.len()];
    for i in 0..x.len() {
        v[i] = x[i] * b;
    }
    let w = v.to_vec();
    v[0] += w[1];
    v.iter().map(|v| v * v).sum()
}

#[derive(Clone, Differentiable)]
struct Model {
    w: Vec<f64>,
    b: f64,
}
impl Model {
    #[differentiable]
    fn loss(&self, x: &[f64]) -> f64 {
        let n = self.w.len();
        let mut h = vec![self.b; n];
        for i in 0..n {
            h[i] += self.w[i] * x[i];
        }
        h.iter().map(|h| h.tanh()).sum()
    }
}

#[differentiable]
fn of_model(m: &Model, x: &[f64]) -> f64 {
    let mut h = vec![0.0; 2];
    h[0] = m.loss(x);
    h[1] = m.b;
    h[0] * h[1]
}

#[differentiable]
fn out_param(x: &[f64], y: &mut [f64]) {
    let mut t = vec![0.0; x.len()];
    for i in 0..x.len() {
        t[i] = x[i] * x[i];
    }
    for i in 0..y.len() {
        y[i] = t[i] * t[0];
    }
}

#[differentiable]
fn nested_calls(x: &[f64]) -> f64 {
    let mut t = vec![0.0; x.len()];
    for i in 0..2 {
        let mut u = vec![0.0; x.len()];
        out_param(&x, &mut u);
        for j in 0..t.len() {
            t[j] += u[j] * x[i];
        }
    }
    sum_of(&t)
}
#[differentiable]
fn sum_of(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

#[differentiable]
fn twice(x: &[f64]) -> f64 {
    let mut a = vec![0.0; x.len()];
    let mut b = vec![0.0; x.len()];
    for i in 0..x.len() {
        a[i] = x[i];
        b[i] = x[i] * x[i];
    }
    prod(&a, &b) + prod(&a, &a)
}
#[differentiable]
fn prod(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * y[i];
    }
    s
}

#[differentiable]
fn scratch_in_loop(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    let mut h = vec![0.0; x.len()];
    for k in 0..n {
        for i in 0..x.len() {
            h[i] = x[i] * (k as f64);
        }
        for i in 0..x.len() {
            s += h[i] * h[i];
        }
    }
    s
}

#[test]
fn vectors_that_keep_their_length() {
    for n in 0..6 {
        let x = noise(7, n);
        check_slice(filled, filled_grad, &x);
        if n > 2 {
            check_slice(lent, lent_grad, &x);
            for c in [false, true] {
                check_slice(|x| branched(x, c), |x, d| branched_grad(x, d, c), &x);
            }
            check_slice(|x| heat(x, 1.5, n), |x, d| heat_grad(x, d, 1.5, n).0, &x);
            check_slice(|x| copied(x, 0.4), |x, d| copied_grad(x, d, 0.4).0, &x);
            for m in 1..4 {
                check_slice(|x| matrix(x, m), |x, d| matrix_grad(x, d, m), &x);
            }
        }
        check_slice(|x| anew(x, 0.4), |x, d| anew_grad(x, d, 0.4).0, &x);
        let mut tape = Tape::new();
        check_slice(
            squared_in_place,
            |x, d| squared_in_place_grad(x, d, &mut tape),
            &x,
        );
        check_slice(|x| indices(x, n), |x, d| indices_grad(x, d, n), &x);
        check_slice(generic::<f64>, generic_grad::<f64>, &x);
        if n > 0 {
            check_slice(|x| early(x, 0.7), |x, d| early_grad(x, d, 0.7).0, &x);
        }
        let model = Binned { width: 3 };
        check_slice(|x| model.run(x), |x, d| model.run_grad(x, d), &x);
        check_slice(|x| caller(x, n), |x, d| caller_grad(x, d, n), &x);
        check_args(
            |[a, b]| constant(a, b, n),
            |[a, b]| constant_grad(a, b, n),
            &[[0.3, 0.8]],
        );
    }
    check_args(
        |[a, b]| listed(a, b),
        |[a, b]| listed_grad(a, b),
        &[[0.3, 0.8]],
    );
    check_args(
        |[a, b]| compared(a, b),
        |[a, b]| compared_grad(a, b),
        &[[0.3, 0.8], [0.8, 0.3]],
    );
    let x = noise(3, 3);
    check_slice(
        |w| network(w, &x, 4),
        |w, d| network_grad(w, d, &x, &mut [0.0; 3], 4),
        &noise(5, 16),
    );
    let w = noise(5, 16);
    check_slice(
        |x| network(&w, x, 4),
        |x, d| network_grad(&w, &mut [0.0; 16], x, d, 4),
        &x,
    );
}

#[test]
fn vectors_in_larger_programs() {
    for n in 3..6 {
        let x = noise(11, n);
        check_slice(overwritten_straight, overwritten_straight_grad, &x);
        check_slice(
            |x| moved(x, 0.3),
            |x, d| moved_grad(x, d, 0.3, &mut Tape::new()).0,
            &x,
        );
        check_slice(while_loop, while_loop_grad, &x);
        check_slice(closure, closure_grad, &x);
        check_slice(asserted, asserted_grad, &x);
        check_slice(typed, typed_grad, &x);
        check_slice(nested_calls, nested_calls_grad, &x);
        check_slice(twice, twice_grad, &x);
        check_slice(
            |x| scratch_in_loop(x, 3),
            |x, d| scratch_in_loop_grad(x, d, 3),
            &x,
        );
        let m = Model {
            w: noise(2, n),
            b: 0.4,
        };
        let mut dm = m.zeros_like();
        check_slice(
            |x| of_model(&m, x),
            |x, d| of_model_grad(&m, &mut dm.clone(), x, d),
            &x,
        );
        let mut d = vec![0.0; n];
        of_model_grad(&m, &mut dm, &x, &mut d);
        check_gradient(
            |w| {
                of_model(
                    &Model {
                        w: w.to_vec(),
                        b: 0.4,
                    },
                    &x,
                )
            },
            &m.w,
            &dm.w,
        );
    }
}

/// A gradient makes as many vectors again as its function, and no more.
#[test]
fn as_many_allocations_again() {
    // Audited functions run more than once.
    if module_path!().starts_with("zoo::") {
        return;
    }
    fn check<A, B>(what: &str, function: impl FnOnce() -> A, gradient: impl FnOnce() -> B) {
        let (made, again) = (
            measure(|| drop(function())).count_total,
            measure(|| drop(gradient())).count_total,
        );
        assert!(
            again <= 2 * made,
            "{what}: {made} allocations, its gradient has {again}"
        );
    }
    let x = noise(4, 9);
    let d = &mut vec![0.0; 9];
    check("filled", || filled(&x), || filled_grad(&x, d));
    check(
        "constant",
        || constant(0.5, 2.0, 7),
        || constant_grad(0.5, 2.0, 7),
    );
    check("listed", || listed(0.5, 2.0), || listed_grad(0.5, 2.0));
    check("copied", || copied(&x, 0.4), || copied_grad(&x, d, 0.4));
    check("lent", || lent(&x), || lent_grad(&x, d));
    check("heat", || heat(&x, 0.4, 5), || heat_grad(&x, d, 0.4, 5));
    check("matrix", || matrix(&x, 4), || matrix_grad(&x, d, 4));
    check(
        "scratch",
        || scratch_in_loop(&x, 4),
        || scratch_in_loop_grad(&x, d, 4),
    );
    check("anew", || anew(&x, 0.4), || anew_grad(&x, d, 0.4));
    check("typed", || typed(&x), || typed_grad(&x, d));
    check("asserted", || asserted(&x), || asserted_grad(&x, d));
}
