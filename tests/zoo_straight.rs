//! Straight-line code: arithmetic in every spelling, shadowing, blocks, destructuring, casts, constants, unused and repeated values.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient};

const POINTS: &[[f64; 2]] = &[[1.3, 0.7], [-0.4, 2.1], [3.0, -1.4]];

const HALF: f64 = 0.5;
static THIRD: f64 = 1.0 / 3.0;

#[differentiable]
fn operators(x: f64, y: f64) -> f64 {
    -x + y - x * y / (x * x + 1.0) + (x % 1.7) - 2.0 * (-y) + x % y
}

#[differentiable]
fn assigning(x: f64, y: f64) -> f64 {
    let mut z = x;
    z += y;
    z *= x;
    z -= y * y;
    z /= y * y + 1.0;
    z %= 7.5;
    z *= z;
    z += z;
    z -= z * z;
    z
}

#[differentiable]
fn shadowed(x: f64, y: f64) -> f64 {
    let z = x * y;
    let z = z.sin() + z;
    let x = z * x;
    let y = {
        let x = y * y;
        let z = x + z;
        z * x
    };
    x * y + z
}

#[differentiable]
fn swapped(x: f64, y: f64) -> f64 {
    let (a, b) = (x.exp(), y.sin());
    let (mut a, mut b) = (b, a);
    (a, b) = (b * b, a);
    let t = a;
    a = b;
    b = t;
    a * a - 3.0 * b
}

#[differentiable]
fn blocks(x: f64, y: f64) -> f64 {
    let a = { x * y } + {
        let t = x + y;
        t * t
    };
    {
        let b = a.tanh();
        b * x
    }
}

#[differentiable]
fn named_constants(x: f64, y: f64) -> f64 {
    const LOCAL: f64 = 2.5;
    HALF * x * x + THIRD * y * y * y + LOCAL * x * core::f64::consts::PI + f64::EPSILON * y
}

#[differentiable]
fn used_often(x: f64, y: f64) -> f64 {
    let s = (x * y).sin();
    s * s * s + s / (1.0 + s * s) - (x * y).sin() * s + x - x + (x - x) * y
}

#[differentiable]
fn tuples(x: f64, y: f64) -> f64 {
    let p = (x * y, (x + y, 2.0), 3_usize);
    let (a, (b, c), n) = p;
    let q = ((a, b), [c, a]);
    q.0.0 * q.0.1 * q.1[0] + q.1[1] * n as f64 + p.1.0
}

#[differentiable]
fn arrays_taken_apart(x: f64, y: f64) -> f64 {
    let [a, b, c] = [x, y, x * y];
    let [[d, _], [_, e]] = [[a, b], [b, c * c]];
    a * b + c * d + e
}

#[differentiable]
fn sine_and_cosine(x: f64, y: f64) -> f64 {
    let (s, c) = (x * y).sin_cos();
    s * c * c + s
}

#[differentiable]
fn nothing_to_do(x: f64, _y: f64) -> f64 {
    x
}

#[differentiable]
fn constant(_x: f64, _y: f64) -> f64 {
    42.0
}

#[differentiable]
fn dead_code(x: f64, y: f64) -> f64 {
    let mut unused = x * y;
    unused += 1.0;
    let _ = unused.sqrt();
    let _ = x.ln_1p();
    let _z = (x - 100.0).ln();
    x * x + y
}

#[differentiable]
fn late_initialised(x: f64, y: f64) -> f64 {
    let z;
    let mut w: f64;
    z = x * y;
    w = z * z;
    w += x;
    w * z
}

#[differentiable]
fn method_chains(x: f64, y: f64) -> f64 {
    x.powi(2)
        .mul_add(y, 1.0)
        .abs()
        .sqrt()
        .hypot(y)
        .ln()
        .max(-3.0)
        .exp()
}

#[differentiable]
fn as_functions(x: f64, y: f64) -> f64 {
    f64::sin(x) * f64::max(x, y) + f64::powi(y, 3) + f64::hypot(x, y) + f64::mul_add(x, y, x)
}

#[differentiable]
fn parenthesised(x: f64, y: f64) -> f64 {
    let r#type = (x) * (-(-(y)));
    (r#type) + (x)
}

macro_rules! agree {
    ($($f:ident $grad:ident)*) => {$(
        #[test]
        fn $f() {
            check_args(|[x, y]| super::$f(x, y), |[x, y]| super::$grad(x, y), super::POINTS);
        }
    )*};
}

mod gradients_agree {
    use super::common::check_args;

    agree! {
        operators operators_grad
        assigning assigning_grad
        shadowed shadowed_grad
        swapped swapped_grad
        blocks blocks_grad
        named_constants named_constants_grad
        used_often used_often_grad
        tuples tuples_grad
        arrays_taken_apart arrays_taken_apart_grad
        sine_and_cosine sine_and_cosine_grad
        nothing_to_do nothing_to_do_grad
        constant constant_grad
        dead_code dead_code_grad
        late_initialised late_initialised_grad
        method_chains method_chains_grad
        as_functions as_functions_grad
        parenthesised parenthesised_grad
    }
}

#[differentiable]
fn casts(x: f64, n: i32, k: u8, single: f32) -> f64 {
    let steps = x as i64 as f64;
    let rounded = (x as f32) as f64;
    x * n as f64
        + f64::from(k) * x * x
        + rounded * rounded
        + steps * x
        + f64::from(single) * x
        + single as f64
}

#[test]
fn casts_between_kinds() {
    let (value, d_x, d_single) = casts_grad(2.5, -3, 4, 0.5);
    assert_eq!(value, casts(2.5, -3, 4, 0.5));
    // Through the casts to `f32` the derivative passes, through those to integers it does not.
    assert_near(d_x, -3.0 + 8.0 * 2.5 + 2.0 * 2.5 + 2.0 + 0.5, 1e-6);
    assert_near(d_single.into(), 3.5, 1e-6);
}

#[differentiable]
fn integers(x: f64, n: usize) -> f64 {
    let a = n * 3 + 1;
    let b = a.pow(2) % 7;
    let c = (b << 1) ^ n;
    let flag = c > 2 && n.is_power_of_two() || n == 0;
    let last = n.saturating_sub(1).max(2);
    let negative = -(n as i32);
    (c as f64) * x + flag as u8 as f64 * x * x + last as f64 * x + f64::from(negative).abs() * x
}

#[test]
fn integers_beside_floats() {
    for n in 0..6 {
        check_args(|[x]| integers(x, n), |[x]| integers_grad(x, n), &[[1.7]]);
    }
}

#[differentiable]
fn single(x: f32, y: f32) -> f32 {
    let z = x * y + 0.5;
    (z.sin() * x).exp() / y
}

#[test]
fn single_precision() {
    let (x, y) = (0.75_f32, 1.5_f32);
    let (value, d_x, d_y) = single_grad(x, y);
    assert_eq!(value, single(x, y));
    let double = |v: &[f64]| ((v[0] * v[1] + 0.5).sin() * v[0]).exp() / v[1];
    let wide = [f64::from(d_x), f64::from(d_y)];
    let want: Vec<f64> = (0..2)
        .map(|k| {
            common::derivative(|h| {
                double(&[
                    0.75 + if k == 0 { h } else { 0.0 },
                    1.5 + if k == 1 { h } else { 0.0 },
                ])
            })
            .0
        })
        .collect();
    common::assert_all_near(&wide, &want, 1e-5);
}

#[differentiable]
fn asserting(x: f64, y: f64) -> f64 {
    assert!(x > 0.0, "x is {x}");
    debug_assert_ne!(x, y);
    let z = x * y;
    assert_eq!(z, x * y, "and {}", z);
    z * z
}

#[test]
fn assertions_run_and_do_not_matter() {
    check_args(
        |[x, y]| asserting(x, y),
        |[x, y]| asserting_grad(x, y),
        &POINTS[..1],
    );
    assert!(std::panic::catch_unwind(|| asserting_grad(-1.0, 2.0)).is_err());
}

#[differentiable]
fn no_parameters() -> f64 {
    1.5
}

#[differentiable]
fn references(x: &f64, y: &f64) -> f64 {
    let z = *x * *y;
    z * x + y.sin() * *x
}

#[test]
fn no_parameters_and_references_to_one_number() {
    assert_eq!(no_parameters_grad(), 1.5);
    let (mut d_x, mut d_y) = (10.0, 20.0);
    references_grad(&1.5, &mut d_x, &0.5, &mut d_y);
    check_gradient(
        |v| references(&v[0], &v[1]),
        &[1.5, 0.5],
        &[d_x - 10.0, d_y - 20.0],
    );
}
