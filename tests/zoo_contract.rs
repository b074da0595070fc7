//! The signatures' promises: gradients are added, seeds scale them, values are the primal's, empty and NaN inputs, inactive arguments, `self`.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near};

#[differentiable]
fn mixed(w: &[f64], n: usize, b: f64, flag: bool, p: (f64, u8), x: &[f64; 2]) -> f64 {
    let mut s = b * p.0;
    for i in 0..n {
        s += w[i] * x[i % 2];
    }
    if flag { s * s } else { s * f64::from(p.1) }
}

#[test]
fn arguments_and_results_stand_in_the_promised_order() {
    let (w, x) = ([1.0, 2.0, 3.0], [0.5, -1.0]);
    let (mut d_w, mut d_x) = ([0.0; 3], [0.0; 2]);
    let (value, d_b, d_p): (f64, f64, (f64, u8)) =
        mixed_grad(&w, &mut d_w, 3, 2.0, false, (4.0, 10), &x, &mut d_x);
    assert_eq!(value, 80.0);
    assert_eq!((d_b, d_p.0), (40.0, 20.0));
    assert_eq!((d_w, d_x), ([5.0, -10.0, 5.0], [40.0, 20.0]));
}

#[test]
fn gradients_are_added_not_overwritten() {
    let (w, x) = ([1.0, 2.0, 3.0], [0.5, -1.0]);
    let (mut d_w, mut d_x) = ([0.0; 3], [0.0; 2]);
    mixed_grad(&w, &mut d_w, 3, 2.0, true, (4.0, 0), &x, &mut d_x);
    let (mut e_w, mut e_x) = ([1.0, -1.0, 0.5], [0.25; 2]);
    for _ in 0..2 {
        mixed_grad(&w, &mut e_w, 3, 2.0, true, (4.0, 0), &x, &mut e_x);
    }
    assert_eq!(
        e_w,
        [1.0 + 2.0 * d_w[0], -1.0 + 2.0 * d_w[1], 0.5 + 2.0 * d_w[2]]
    );
    assert_eq!(e_x, d_x.map(|d| 0.25 + 2.0 * d));
}

#[differentiable]
fn curve(t: f64, k: &[f64; 2]) -> [f64; 3] {
    [(t * k[0]).cos(), (t * k[1]).sin(), t * t * k[0]]
}

#[test]
fn seeds_scale_and_add_up() {
    let k = [1.5, -0.5];
    let run = |seed: [f64; 3]| {
        let mut d_k = [0.0; 2];
        let (_, d_t) = curve_vjp(0.7, &k, &mut d_k, seed);
        [d_t, d_k[0], d_k[1]]
    };
    let (a, b) = ([1.0, -2.0, 3.0], [0.5, 0.25, -4.0]);
    let sum: Vec<f64> = (0..3).map(|i| 2.0 * run(a)[i] - 3.0 * run(b)[i]).collect();
    let joint = run(core::array::from_fn(|i| 2.0 * a[i] - 3.0 * b[i]));
    assert_all_near(&joint, &sum, 1e-14);
    assert_eq!(run([0.0; 3]), [0.0; 3]);
    common::check_gradient(
        |v| common::dot(&curve(v[0], &[v[1], v[2]]), &a),
        &[0.7, 1.5, -0.5],
        &run(a),
    );
}

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[test]
fn a_seed_of_zero_one_and_others() {
    assert_eq!(square_vjp(3.0, 1.0), square_grad(3.0));
    assert_eq!(square_vjp(3.0, 0.0), (9.0, 0.0));
    assert_eq!(square_vjp(3.0, -2.5), (9.0, -15.0));
    assert!(square_vjp(3.0, f64::NAN).1.is_nan());
}

#[differentiable]
fn mean(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i];
    }
    s / x.len() as f64
}

#[differentiable(tape)]
fn largest(x: &[f64]) -> f64 {
    let mut best = f64::NEG_INFINITY;
    for i in 0..x.len() {
        if x[i] > best {
            best = x[i];
        }
    }
    best
}

#[test]
fn empty_inputs() {
    assert!(mean_grad(&[], &mut []).is_nan());
    assert_eq!(
        largest_grad(&[], &mut [], &mut Tape::new()),
        f64::NEG_INFINITY
    );
}

#[test]
fn nan_goes_where_the_primal_lets_it() {
    let mut d = [0.0; 3];
    assert_eq!(
        largest_grad(&[1.0, f64::NAN, 0.5], &mut d, &mut Tape::new()),
        1.0
    );
    assert_eq!(d, [1.0, 0.0, 0.0]);
    let mut d = [0.0; 2];
    assert!(mean_grad(&[1.0, f64::NAN], &mut d).is_nan());
    assert_eq!(d, [0.5, 0.5]);
    let (value, d) = square_grad(f64::NAN);
    assert!(value.is_nan() && d.is_nan());
}

#[differentiable]
fn cancelling(x: f64, y: f64) -> f64 {
    (x + y) - y + (x * y - x * y) + 0.1 + 0.2
}

#[test]
fn values_are_the_primal_s_to_the_last_bit() {
    for k in 0..50 {
        let (x, y) = (1.0 / (k as f64 + 0.3), 1e9 / (k as f64 + 0.7));
        assert_eq!(
            cancelling_grad(x, y).0.to_bits(),
            cancelling(x, y).to_bits()
        );
        assert_eq!(
            mean_grad(&[x, y, -x], &mut [0.0; 3]).to_bits(),
            mean(&[x, y, -x]).to_bits()
        );
    }
}

#[differentiable]
fn signed_zero_and_infinity(x: f64) -> f64 {
    let y = x * 0.0;
    y + 0.0 * x - x + x + 1.0
}

#[test]
fn ieee_arithmetic_is_not_simplified_away() {
    assert!(signed_zero_and_infinity_grad(f64::INFINITY).0.is_nan());
    assert_eq!(signed_zero_and_infinity_grad(2.0), (1.0, 0.0));
}

#[differentiable]
fn out_of_bounds(x: &[f64], i: usize) -> f64 {
    x[i] * x[0]
}

#[test]
fn the_primal_s_panics_stay() {
    let run = |i: usize| {
        std::panic::catch_unwind(move || out_of_bounds_grad(&[1.0, 2.0], &mut [0.0; 2], i))
    };
    assert!(run(1).is_ok());
    assert!(run(2).is_err());
    // An adjoint of another length is the caller's mistake.
    assert!(
        std::panic::catch_unwind(|| out_of_bounds_grad(&[1.0, 2.0], &mut [0.0; 1], 1)).is_err()
    );
}

mod visible {
    use backprop::prelude::*;

    /// The generated functions have the visibility of the one they stand beside.
    #[differentiable]
    pub(crate) fn cube(x: f64) -> f64 {
        x * x * x
    }
}

use visible::{cube, cube_grad, cube_vjp};

#[test]
fn names_and_visibility() {
    assert_eq!(
        (cube(2.0), cube_grad(2.0), cube_vjp(2.0, 0.5)),
        (8.0, (8.0, 12.0), (8.0, 6.0))
    );
    let pointer: fn(f64) -> (f64, f64) = cube_grad;
    assert_near(pointer(1.0).1, 3.0, 0.0);
}

/// Names that generated code might want for itself.
#[differentiable]
fn names_of_ours(
    d_x: f64,
    x: f64,
    ret: f64,
    tape: f64,
    value: f64,
    d_ret: f64,
    s: &[f64],
    d_s: f64,
) -> f64 {
    let keep = d_x * x;
    let d = keep * ret + tape;
    let kept_s = value * d_ret;
    let t = kept_s * d;
    t * s[0] * d_s
}

#[test]
fn names_do_not_collide() {
    let v = [0.3, -0.7, 1.1, 0.9, 1.3, -0.4, 0.6, 2.0];
    let mut d = [0.0];
    let f = |v: &[f64]| names_of_ours(v[0], v[1], v[2], v[3], v[4], v[5], &v[6..7], v[7]);
    let g = names_of_ours_grad(v[0], v[1], v[2], v[3], v[4], v[5], &v[6..7], &mut d, v[7]);
    common::check_gradient(f, &v, &[g.1, g.2, g.3, g.4, g.5, g.6, d[0], g.7]);
}
