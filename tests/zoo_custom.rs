//! Rules given by hand, `partials(..)` and `vjp = path`, and differentiable functions that call what has them.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient, dot, noise};

/// An integral that no rule could be found for: ∫ from 0 to x of exp(-t²) dt, by Simpson's rule.
#[differentiable(partials(x = (-x * x).exp()))]
fn gauss_integral(x: f64) -> f64 {
    let n = 200;
    let h = x / n as f64;
    let f = |t: f64| (-t * t).exp();
    (0..n)
        .map(|i| {
            h / 6.0 * (f(i as f64 * h) + 4.0 * f((i as f64 + 0.5) * h) + f((i + 1) as f64 * h))
        })
        .sum()
}

#[differentiable(partials(x = y / ret * 0.5, y = { let half = 0.5; x * half / ret }))]
fn geometric_mean(x: f64, y: f64, _n: usize) -> f64 {
    (x * y).sqrt()
}

/// Not the true derivative: it shows that the rule is what is used.
#[differentiable(partials(x = 1.0))]
fn straight_through(x: f64, #[nodiff] levels: f64) -> f64 {
    (x * levels).round() / levels
}

#[differentiable(wrt(x), partials(x = if x > T::from_f64(0.0) { ret } else { T::from_f64(7.0) }))]
fn generic_rule<T: Real>(x: T, y: T) -> T {
    x.exp() * y
}

#[differentiable]
fn uses_partials(x: f64, y: f64) -> f64 {
    let mut s = gauss_integral(x * y);
    for i in 0..3 {
        s += geometric_mean(x, y + s * s, i) * gauss_integral(s);
    }
    s
}

#[test]
fn partials() {
    check_args(
        |[x]| gauss_integral(x),
        |[x]| gauss_integral_grad(x),
        &[[0.3], [-1.2]],
    );
    check_args(
        |[x, y]| geometric_mean(x, y, 1),
        |[x, y]| geometric_mean_grad(x, y, 1),
        &[[0.3, 2.0]],
    );
    assert_eq!(geometric_mean_vjp(2.0, 8.0, 1, 3.0), (4.0, 3.0, 0.75));
    check_args(
        |[x, y]| uses_partials(x, y),
        |[x, y]| uses_partials_grad(x, y),
        &[[0.3, 2.0], [1.1, 0.4]],
    );
    assert_eq!(straight_through_grad(0.3, 4.0), (0.25, 1.0));
    assert_eq!(generic_rule_grad(-1.0_f32, 2.0).1, 7.0);
    let (value, d) = generic_rule_grad(1.0_f64, 2.0);
    assert_eq!(value, d);
}

/// Solves `(1 + a²) x = b` element by element; the rule solves again instead of going through the iteration.
#[differentiable(vjp = solve_rule, jvp = solve_tangent)]
fn solve(a: f64, b: &[f64], #[out] out: &mut [f64]) {
    for i in 0..b.len() {
        out[i] = 0.0;
        while (b[i] - (1.0 + a * a) * out[i]).abs() > 1e-15 {
            let step = (b[i] - (1.0 + a * a) * out[i]) / (1.0 + a * a);
            if step == 0.0 {
                break;
            }
            out[i] += step;
        }
    }
}

fn solve_rule(a: f64, b: &[f64], d_b: &mut [f64], out: &mut [f64], d_out: &mut [f64]) -> f64 {
    solve(a, b, out);
    let mut d_a = 0.0;
    for i in 0..b.len() {
        let t = d_out[i] / (1.0 + a * a);
        d_b[i] += t;
        d_a -= 2.0 * a * out[i] * t;
        d_out[i] = 0.0;
    }
    d_a
}

fn solve_tangent(a: f64, d_a: f64, b: &[f64], d_b: &[f64], out: &mut [f64], d_out: &mut [f64]) {
    solve(a, b, out);
    for i in 0..b.len() {
        d_out[i] = (d_b[i] - 2.0 * a * d_a * out[i]) / (1.0 + a * a);
    }
}

#[differentiable(vjp = clipped_rule, jvp)]
fn clipped(x: f64, lo: f64) -> f64 {
    x.max(lo)
}

fn clipped_rule(x: f64, lo: f64, d_ret: f64) -> (f64, f64, f64) {
    // A leaky rule, to be told from the true one.
    (x.max(lo), d_ret * if x > lo { 1.0 } else { 0.125 }, 0.0)
}

mod rules {
    pub(crate) fn scale(x: &[f64], d_x: &mut [f64], k: f64, d_ret: f64) -> (f64, f64) {
        let mut s = 0.0;
        for i in 0..x.len() {
            d_x[i] += d_ret * k;
            s += x[i];
        }
        (s * k, d_ret * s)
    }

    pub(crate) fn scale_tangent(x: &[f64], d_x: &[f64], k: f64, d_k: f64) -> (f64, f64) {
        let sum = |x: &[f64]| x.iter().sum::<f64>();
        (sum(x) * k, sum(d_x) * k + sum(x) * d_k)
    }
}

#[differentiable(vjp = rules::scale, jvp = rules::scale_tangent)]
fn scale(x: &[f64], k: f64) -> f64 {
    x.iter().sum::<f64>() * k
}

#[differentiable]
fn uses_rules(a: f64, b: &[f64; 3]) -> f64 {
    let mut x = [0.0; 3];
    solve(a, b, &mut x);
    let mut s = scale(&x, a) * scale(&b[1..], x[0]);
    for i in 0..3 {
        s += clipped(x[i], -100.0) * scale(&x[..i], b[i]);
    }
    s
}

#[test]
fn vjp_by_path() {
    let (b, seed) = (noise(1, 3), noise(2, 3));
    let (mut d_b, mut out, mut d_out) = ([0.0; 3], [0.0; 3], [seed[0], seed[1], seed[2]]);
    let d_a = solve_vjp(0.7, &b, &mut d_b, &mut out, &mut d_out);
    let f = |a: f64, b: &[f64]| {
        let mut out = [0.0; 3];
        solve(a, b, &mut out);
        dot(&out, &seed)
    };
    check_gradient(|b| f(0.7, b), &b, &d_b);
    check_gradient(|a| f(a[0], &b), &[0.7], &[d_a]);

    assert_eq!(clipped_grad(1.0, 2.0), (2.0, 0.125, 0.0));
    assert_eq!(clipped_vjp(3.0, 2.0, 5.0), (3.0, 5.0, 0.0));
    let mut d = [1.0; 2];
    assert_eq!(scale_grad(&[1.0, 2.0], &mut d, 4.0), (12.0, 3.0));
    assert_eq!(d, [5.0, 5.0]);
}

#[test]
fn vjp_by_path_inside_others() {
    let b = [0.5, -1.0, 0.8];
    let mut d_b = [0.0; 3];
    let (value, d_a) = uses_rules_grad(0.7, &b, &mut d_b);
    assert_near(value, uses_rules(0.7, &b), 1e-14);
    check_gradient(|a| uses_rules(a[0], &b), &[0.7], &[d_a]);
    check_gradient(|b| uses_rules(0.7, &[b[0], b[1], b[2]]), &b, &d_b);
}

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Spring {
    k: f64,
    length: f64,
}

impl Spring {
    #[differentiable(partials(x = self.k * (x - self.length)), wrt(x))]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * (x - self.length) * (x - self.length)
    }

    #[differentiable(vjp = Spring::force_rule, jvp = Spring::force_tangent)]
    fn force(&self, x: f64) -> f64 {
        self.k * (x - self.length)
    }

    fn force_rule(&self, d_self: &mut Self, x: f64, d_ret: f64) -> (f64, f64) {
        d_self.k += d_ret * (x - self.length);
        d_self.length -= d_ret * self.k;
        (self.force(x), d_ret * self.k)
    }

    fn force_tangent(&self, d_self: &Self, x: f64, d_x: f64) -> (f64, f64) {
        let along = d_self.k * (x - self.length) + self.k * (d_x - d_self.length);
        (self.force(x), along)
    }
}

#[differentiable]
fn uses_methods(s: &Spring, x: f64) -> f64 {
    s.force(x * x) * s.force(x)
}

#[test]
fn rules_of_methods() {
    let s = Spring {
        k: 2.0,
        length: 0.5,
    };
    assert_eq!(s.energy_grad(1.5), (1.0, 2.0));
    let mut d = Spring {
        k: 0.0,
        length: 0.0,
    };
    assert_eq!(s.force_grad(&mut d, 1.5), (2.0, 2.0));
    assert_eq!(
        d,
        Spring {
            k: 1.0,
            length: -2.0
        }
    );
    let mut d = Spring {
        k: 0.0,
        length: 0.0,
    };
    let (_, d_x) = uses_methods_grad(&s, &mut d, 0.8);
    check_gradient(
        |v| {
            uses_methods(
                &Spring {
                    k: v[0],
                    length: v[1],
                },
                v[2],
            )
        },
        &[2.0, 0.5, 0.8],
        &[d.k, d.length, d_x],
    );
}
