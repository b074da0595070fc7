//! Identities that hold for every input, on random inputs: the gradient is linear in the seed, the gradient of a sum is the sum of gradients,
//! directional derivatives agree with finite differences, homogeneous functions obey Euler's identity.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, dot};
use proptest::prelude::*;

#[differentiable]
fn smooth(x: &[f64; 4]) -> f64 {
    (x[0] * x[1]).sin() * x[2].exp() + x[3] / (1.0 + x[0] * x[0])
}

#[differentiable]
fn looped(x: &[f64; 4]) -> f64 {
    let mut s = 0.1;
    for i in 0..8 {
        s = s.sin() * x[i % 4] + x[(i + 1) % 4] * 0.5;
    }
    s
}

#[differentiable]
fn branching(x: &[f64; 4]) -> f64 {
    let mut s = 0.0;
    for i in 0..4 {
        if x[i] > 0.0 {
            s += x[i] * x[i];
            continue;
        }
        if x[i] < -1.0 {
            s -= x[(i + 1) % 4].sin();
        }
        s += x[i];
    }
    if s > 1.0 { s * x[0] } else { s - x[1] }
}

#[differentiable]
fn stateful(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for i in 0..6 {
        let k = i % 4;
        a[k] = a[(k + 1) % 4] * 0.5 - a[(k + 2) % 4] * a[k] * 0.3;
    }
    a[0] - a[1] + a[2] * a[3]
}

#[differentiable(tape)]
fn taped(x: &[f64; 4], n: usize) -> f64 {
    let (mut p, mut q) = (x[0], x[1]);
    for i in 0..n {
        let r = p * q * 0.3 + x[i % 4];
        p = q.tanh();
        q = r.sin();
    }
    p * q + p
}

#[differentiable]
fn several(x: &[f64; 4]) -> [f64; 3] {
    [x[0] * x[1], x[2].sin() + x[3], x[1] * x[2] * x[3]]
}

#[differentiable]
fn norm(x: &[f64; 4]) -> f64 {
    let mut s = 0.0;
    for i in 0..4 {
        s += x[i] * x[i];
    }
    s.sqrt()
}

#[differentiable]
fn cubic_form(x: &[f64; 4]) -> f64 {
    let mut s = 0.0;
    for i in 0..4 {
        for j in i..4 {
            for k in (j..4).rev() {
                s += x[i] * x[j] * x[k] * (1 + i + 2 * j) as f64;
            }
        }
    }
    s
}

#[differentiable]
fn sum_of_all(x: &[f64; 4]) -> f64 {
    smooth(x) + looped(x) - 2.0 * stateful(x)
}

type Point = [f64; 4];
type Program = (
    fn(&Point) -> f64,
    fn(&Point, &mut Point) -> f64,
    fn(&Point, &mut Point, f64) -> f64,
);

fn taped_5(x: &Point) -> f64 {
    taped(x, 5)
}

fn taped_5_grad(x: &Point, d: &mut Point) -> f64 {
    taped_grad(x, d, 5, &mut Tape::new())
}

fn taped_5_vjp(x: &Point, d: &mut Point, seed: f64) -> f64 {
    taped_vjp(x, d, 5, seed, &mut Tape::new())
}

const PROGRAMS: [Program; 9] = [
    (smooth, smooth_grad, smooth_vjp),
    (looped, looped_grad, looped_vjp),
    (branching, branching_grad, branching_vjp),
    (stateful, stateful_grad, stateful_vjp),
    (taped_5, taped_5_grad, taped_5_vjp),
    (norm, norm_grad, norm_vjp),
    (cubic_form, cubic_form_grad, cubic_form_vjp),
    (sum_of_all, sum_of_all_grad, sum_of_all_vjp),
    (
        |x| x[0],
        |x, d| {
            d[0] += 1.0;
            x[0]
        },
        |x, d, s| {
            d[0] += s;
            x[0]
        },
    ),
];

fn gradient(program: &Program, x: &Point) -> Point {
    let mut d = [0.0; 4];
    program.1(x, &mut d);
    d
}

fn point() -> impl Strategy<Value = Point> {
    prop::array::uniform4(-2.0..2.0_f64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gradients_are_linear_in_the_seed(x in point(), seed in -3.0..3.0_f64) {
        for program in &PROGRAMS {
            let (d, mut scaled) = (gradient(program, &x), [0.0; 4]);
            let value = program.2(&x, &mut scaled, seed);
            assert_near(value, program.0(&x), 1e-14);
            for k in 0..4 {
                assert_near(scaled[k], seed * d[k], 1e-12);
            }
        }
    }

    #[test]
    fn jacobians_are_linear_in_the_seed(x in point(), a in prop::array::uniform3(-1.0..1.0_f64), b in prop::array::uniform3(-1.0..1.0_f64)) {
        let run = |seed: [f64; 3]| {
            let mut d = [0.0; 4];
            several_vjp(&x, &mut d, seed);
            d
        };
        let (d_a, d_b, d_sum) = (run(a), run(b), run([a[0] + b[0], a[1] + b[1], a[2] + b[2]]));
        for k in 0..4 {
            assert_near(d_sum[k], d_a[k] + d_b[k], 1e-13);
        }
    }

    #[test]
    fn the_gradient_of_a_sum_is_the_sum_of_gradients(x in point()) {
        let [smooth, looped, stateful, sum] = [0, 1, 3, 7].map(|k: usize| gradient(&PROGRAMS[k], &x));
        for k in 0..4 {
            assert_near(sum[k], smooth[k] + looped[k] - 2.0 * stateful[k], 1e-12);
        }
    }

    /// The dot product with a direction is the derivative along it, which finite differences know. Kinks within reach are stepped over.
    #[test]
    fn directional_derivatives(x in point(), v in point()) {
        for program in &PROGRAMS {
            let along = |h: f64| program.0(&core::array::from_fn(|k| x[k] + h * v[k]));
            let (want, error) = common::derivative(along);
            if error < 1e-7 * (1.0 + want.abs()) && along(0.02).is_finite() {
                let got = dot(&gradient(program, &x), &v);
                prop_assert!((got - want).abs() <= 1e-6 * (1.0 + want.abs()), "got {got}, want {want}");
            }
        }
    }

    /// Euler: x · ∇f = k f for f homogeneous of degree k.
    #[test]
    fn homogeneous_functions(x in point()) {
        assert_near(dot(&gradient(&PROGRAMS[5], &x), &x), norm(&x), 1e-12);
        assert_near(dot(&gradient(&PROGRAMS[6], &x), &x), 3.0 * cubic_form(&x), 1e-11);
    }

    #[test]
    fn slices_of_any_length(x in prop::collection::vec(-2.0..2.0_f64, 0..40), w in -2.0..2.0_f64) {
        let mut d = vec![1.0; x.len()];
        let (_, d_w) = weighted_grad(&x, &mut d, w);
        let mut sum = 0.0;
        for k in 0..x.len() {
            assert_near(d[k], 1.0 + 2.0 * w * x[k], 1e-13);
            sum += x[k] * x[k];
        }
        assert_near(d_w, sum, 1e-13);
    }

    #[test]
    fn an_unused_or_constant_input_has_derivative_zero(x in point(), y in -1e300..1e300_f64) {
        let mut d = [0.0; 4];
        let (_, d_y) = ignores_y_grad(&x, &mut d, y);
        prop_assert_eq!(d_y, 0.0);
        prop_assert_eq!(d[3], 0.0);
    }
}

#[differentiable]
fn weighted(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i] * w;
    }
    s
}

#[differentiable]
fn ignores_y(x: &[f64; 4], y: f64) -> f64 {
    let _ = y.exp();
    if y > 0.0 {
        x[0] * x[1]
    } else {
        x[2].cos() + x[3].floor()
    }
}
