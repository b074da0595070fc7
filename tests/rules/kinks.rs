//! The points of the contract's table of kinks and edges. Each is asserted exactly.

use crate::functions::{double, single};

const INF: f64 = f64::INFINITY;

#[test]
fn abs_at_zero() {
    assert_eq!(double::abs_grad(0.0), (0.0, 0.0));
    assert_eq!(double::abs_grad(-0.0), (0.0, 0.0));
    assert_eq!(single::abs_grad(0.0), (0.0, 0.0));
}

#[test]
fn max_and_min_at_a_tie() {
    assert_eq!(double::max_grad(2.0, 2.0), (2.0, 0.5, 0.5));
    assert_eq!(double::min_grad(2.0, 2.0), (2.0, 0.5, 0.5));
    assert_eq!(single::max_grad(2.0, 2.0), (2.0, 0.5, 0.5));
    assert_eq!(double::max_grad(0.0, -0.0), (0.0, 0.5, 0.5));
    assert_eq!(double::max_grad(INF, INF), (INF, 0.5, 0.5));
}

#[test]
fn max_and_min_of_nan_follow_the_number() {
    assert_eq!(double::max_grad(f64::NAN, 1.0), (1.0, 0.0, 1.0));
    assert_eq!(double::max_grad(1.0, f64::NAN), (1.0, 1.0, 0.0));
    assert_eq!(double::min_grad(f64::NAN, 1.0), (1.0, 0.0, 1.0));
    assert_eq!(double::min_grad(1.0, f64::NAN), (1.0, 1.0, 0.0));
}

#[test]
fn clamp_at_a_bound_and_outside() {
    assert_eq!(double::clamp_grad(1.0, 1.0, 2.0), (1.0, 1.0, 0.0, 0.0));
    assert_eq!(double::clamp_grad(2.0, 1.0, 2.0), (2.0, 1.0, 0.0, 0.0));
    assert_eq!(double::clamp_grad(0.5, 1.0, 2.0), (1.0, 0.0, 1.0, 0.0));
    assert_eq!(double::clamp_grad(2.5, 1.0, 2.0), (2.0, 0.0, 0.0, 1.0));
    assert_eq!(double::clamp_grad(1.0, 1.0, 1.0), (1.0, 1.0, 0.0, 0.0));
}

#[test]
fn steps_at_integers() {
    for x in [-1.0, 0.0, 1.0, 2.5, -0.5] {
        assert_eq!(double::floor_grad(x).1, 0.0);
        assert_eq!(double::ceil_grad(x).1, 0.0);
        assert_eq!(double::round_grad(x).1, 0.0);
        assert_eq!(double::round_ties_even_grad(x).1, 0.0);
        assert_eq!(double::trunc_grad(x).1, 0.0);
        assert_eq!(double::signum_grad(x).1, 0.0);
        assert_eq!(double::whole_grad(x).1, 0.0);
        assert_eq!(double::fract_grad(x).1, 1.0);
    }
}

#[test]
fn remainder_of_a_multiple() {
    assert_eq!(double::rem_grad(6.0, 2.0), (0.0, 1.0, -3.0));
    assert_eq!(double::rem_grad(-6.0, 2.0), (0.0, 1.0, 3.0));
    assert_eq!(single::rem_grad(6.0, -2.0), (0.0, 1.0, 3.0));
}

#[test]
fn roots_at_zero() {
    assert_eq!(double::sqrt_grad(0.0), (0.0, INF));
    assert_eq!(double::cbrt_grad(0.0), (0.0, INF));
    assert_eq!(double::cbrt_grad(-0.0), (0.0, INF));
    assert_eq!(single::sqrt_grad(0.0), (0.0, f32::INFINITY));
}

/// `sqrt(-0.0)` is `-0.0`, and half of its reciprocal is -∞.
#[test]
fn root_of_negative_zero_is_steep_upwards() {
    assert_eq!(double::sqrt_grad(-0.0).1, INF);
}

#[test]
fn a_zero_adjoint_of_a_pole_contributes_zero() {
    assert_eq!(double::sqrt_vjp(0.0, 0.0), (0.0, 0.0));
    assert_eq!(double::cbrt_vjp(0.0, 0.0), (0.0, 0.0));
    assert_eq!(double::powf_vjp(0.0, 0.5, 0.0), (0.0, 0.0, 0.0));
    assert_eq!(double::sqrt_vjp(0.0, 2.0), (0.0, INF));
    assert_eq!(double::sqrt_vjp(0.0, -2.0), (0.0, -INF));
}

#[backprop::differentiable]
fn masked_root(x: f64, mask: f64) -> f64 {
    x.sqrt() * mask
}

#[test]
fn a_masked_root_leaks_no_nan() {
    assert_eq!(masked_root_grad(0.0, 0.0), (0.0, 0.0, 0.0));
    assert_eq!(masked_root_grad(4.0, 0.0), (0.0, 0.0, 2.0));
}

#[test]
fn angles_and_lengths_at_the_origin() {
    assert_eq!(double::hypot_grad(0.0, 0.0), (0.0, 0.0, 0.0));
    assert_eq!(double::atan2_grad(0.0, 0.0), (0.0, 0.0, 0.0));
    assert_eq!(single::hypot_grad(-0.0, 0.0), (0.0, 0.0, 0.0));
    assert_eq!(double::hypot_grad(0.0, -3.0), (3.0, 0.0, -1.0));
    assert_eq!(double::atan2_grad(0.0, 2.0), (0.0, 0.5, 0.0));
}

#[test]
fn powers_of_zero() {
    assert_eq!(double::powf_grad(0.0, 1.0), (0.0, 1.0, 0.0));
    assert_eq!(double::powf_grad(0.0, 2.0), (0.0, 0.0, 0.0));
    assert_eq!(double::powf_grad(0.0, 1.5), (0.0, 0.0, 0.0));
    assert_eq!(double::powf_grad(0.0, 0.5), (0.0, INF, 0.0));
    let (value, d_x, _) = double::powf_grad(0.0, 0.0);
    assert_eq!((value, d_x), (1.0, 0.0));
    assert_eq!(single::powf_grad(0.0, 2.0), (0.0, 0.0, 0.0));
}

#[test]
fn integer_powers() {
    assert_eq!(double::powi_grad(0.0, 0), (1.0, 0.0));
    assert_eq!(double::powi_grad(0.0, 1), (0.0, 1.0));
    assert_eq!(double::powi_grad(0.0, 2), (0.0, 0.0));
    assert_eq!(double::powi_grad(0.0, -1), (INF, -INF));
    assert_eq!(double::powi_grad(5.0, 0), (1.0, 0.0));
    assert_eq!(double::powi_grad(f64::NAN, 0), (1.0, 0.0));
    assert_eq!(double::powi_grad(1.0, i32::MIN), (1.0, f64::from(i32::MIN)));
    assert_eq!(double::powi_grad(1.0, i32::MAX), (1.0, f64::from(i32::MAX)));
}

#[test]
fn copysign_by_the_signs() {
    assert_eq!(double::copysign_grad(3.0, -0.0), (-3.0, -1.0, 0.0));
    assert_eq!(double::copysign_grad(-3.0, -1.0), (-3.0, 1.0, 0.0));
    assert_eq!(double::copysign_grad(-3.0, 0.0), (3.0, -1.0, 0.0));
    assert_eq!(single::copysign_grad(3.0, 1.0), (3.0, 1.0, 0.0));
}

#[backprop::differentiable]
fn literal_exponents(x: f64) -> f64 {
    x.powf(2.0) + x.powf(1.0) + x.powf(0.0) + x.powi(2) + x.powi(1) + x.powi(0)
}

#[test]
fn literal_exponents_at_zero() {
    assert_eq!(literal_exponents_grad(0.0), (2.0, 2.0));
    assert_eq!(
        literal_exponents_grad(3.0),
        (9.0 + 3.0 + 1.0 + 9.0 + 3.0 + 1.0, 6.0 + 1.0 + 6.0 + 1.0)
    );
}

#[backprop::differentiable]
fn literal_bounds(x: f64) -> f64 {
    x.max(0.0) + x.min(1.0) + x.clamp(-1.0, 1.0)
}

#[test]
fn literal_bounds_at_ties() {
    assert_eq!(literal_bounds_grad(0.0), (0.0, 0.5 + 1.0 + 1.0));
    assert_eq!(literal_bounds_grad(1.0), (3.0, 1.0 + 0.5 + 1.0));
    assert_eq!(literal_bounds_grad(-2.0), (-3.0, 1.0));
}
