//! Functions that use derivatives of others, and are differentiated themselves: against finite differences.

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative, check_gradient, dot, noise};

#[differentiable(hvp)]
fn potential(x: f64, y: f64) -> f64 {
    (x * y).sin() + x * x * y.exp()
}

/// The slope's square: a derivative inside a function of numbers.
#[differentiable(jvp)]
fn steepness(x: f64, y: f64) -> f64 {
    let (value, d_x, d_y) = potential_grad(x, y);
    d_x * d_x + d_y * value
}

#[test]
fn of_numbers() {
    for [x, y] in [[0.7, 0.4], [-1.1, 0.3]] {
        let (value, d_x, d_y) = steepness_grad(x, y);
        assert_eq!(value, steepness(x, y));
        check_derivative("by x", d_x, |h| steepness(x + h, y));
        check_derivative("by y", d_y, |h| steepness(x, y + h));
        let (_, along) = steepness_jvp(x, 0.3, y, -1.2);
        assert_near(along, 0.3 * d_x - 1.2 * d_y, 1e-13);
    }
}

#[differentiable(hvp)]
fn energy(x: &[f64], stiffness: f64) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        let stretch = x[i] - x[i - 1] * x[i - 1];
        sum += stiffness * stretch.powi(4) + x[i].cos();
    }
    sum
}

/// A gradient penalty: the loss and the square of its gradient.
#[differentiable(jvp)]
fn penalized(x: &[f64], stiffness: f64) -> f64 {
    let mut d_x = [0.0; 3];
    let (value, d_stiffness) = energy_grad(x, &mut d_x, stiffness);
    let mut penalty = 0.0;
    for d in d_x {
        penalty += d * d;
    }
    value * d_stiffness + 0.1 * penalty
}

/// One step of descent, and the loss behind it.
#[differentiable]
fn after_a_step(x: &[f64], rate: f64) -> f64 {
    let mut d_x = [0.0; 3];
    energy_grad(x, &mut d_x, 0.5);
    let mut moved = [0.0; 3];
    for i in 0..3 {
        moved[i] = x[i] - rate * d_x[i];
    }
    energy(&moved, 0.5)
}

#[test]
fn of_slices() {
    let x = [0.6, -0.4, 0.9];
    let mut d = [0.0; 3];
    let (value, d_stiffness) = penalized_grad(&x, &mut d, 0.7);
    assert_eq!(value, penalized(&x, 0.7));
    check_gradient(|x| penalized(x, 0.7), &x, &d);
    check_derivative("stiffness", d_stiffness, |h| penalized(&x, 0.7 + h));
    let v = noise(3, 3);
    let (_, along) = penalized_jvp(&x, &v, 0.7, 0.2);
    assert_near(along, dot(&v, &d) + 0.2 * d_stiffness, 1e-12);

    let mut d = [0.0; 3];
    let (_, d_rate) = after_a_step_grad(&x, &mut d, 0.05);
    check_gradient(|x| after_a_step(x, 0.05), &x, &d);
    check_derivative("rate", d_rate, |h| after_a_step(&x, 0.05 + h));
}

#[differentiable(hvp)]
fn network(w: &[f64], t: f64) -> f64 {
    let mut sum = w[0];
    for k in 0..w.len() / 3 {
        sum += w[3 * k] * (w[3 * k + 1] * t + w[3 * k + 2]).tanh();
    }
    sum
}

/// A physics-informed loss: how far the network is from solving u′ = −u at some times.
#[differentiable]
fn residual(w: &[f64], times: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..times.len() {
        let mut unused = [0.0; 6];
        let (u, du) = network_grad(w, &mut unused, times[i]);
        sum += (du + u).powi(2);
    }
    sum
}

#[test]
fn physics_informed() {
    let w = [0.3, 1.2, -0.4, 0.8, -0.6, 0.2];
    let times = [0.1, 0.7, 1.6];
    let (mut d_w, mut d_times) = ([0.0; 6], [0.0; 3]);
    residual_grad(&w, &mut d_w, &times, &mut d_times);
    check_gradient(|w| residual(w, &times), &w, &d_w);
    check_gradient(|times| residual(&w, times), &times, &d_times);
}

#[differentiable(hvp)]
fn rotated<T: Real>(x: &[T; 2], angle: T) -> [T; 2] {
    let (s, c) = angle.sin_cos();
    [c * x[0] - s * x[1] * x[1], s * x[0] + c * x[1]]
}

/// A vector-Jacobian product inside, seeded by what varies.
#[differentiable]
fn pulled(x: &[f64; 2], angle: f64, seed: f64) -> f64 {
    let mut d_x = [0.0; 2];
    let (y, d_angle) = rotated_vjp(x, &mut d_x, angle, [seed * seed, x[0]]);
    y[0] * d_x[0] + d_x[1] * d_angle + y[1]
}

#[test]
fn vector_jacobian_products() {
    let (x, angle, seed) = ([0.4, -0.8], 0.6, 1.3);
    let mut d_x = [0.0; 2];
    let (value, d_angle, d_seed) = pulled_grad(&x, &mut d_x, angle, seed);
    assert_eq!(value, pulled(&x, angle, seed));
    check_gradient(|x| pulled(&[x[0], x[1]], angle, seed), &x, &d_x);
    check_derivative("angle", d_angle, |h| pulled(&x, angle + h, seed));
    check_derivative("seed", d_seed, |h| pulled(&x, angle, seed + h));
}

#[derive(Differentiable, Clone)]
struct Spring {
    k: f64,
    rest: f64,
}

impl Spring {
    #[differentiable(hvp)]
    fn stored(&self, x: f64) -> f64 {
        self.k * (x - self.rest).powi(4)
    }

    /// Work of the force.
    #[differentiable]
    fn work(&self, x: f64) -> f64 {
        let mut d_self = Spring { k: 0.0, rest: 0.0 };
        let (_, force) = self.stored_grad(&mut d_self, x);
        force * x + d_self.k * d_self.rest
    }
}

#[test]
fn methods() {
    let (spring, x) = (Spring { k: 1.3, rest: 0.2 }, 0.9);
    let mut d = spring.zeros_like();
    let (value, d_x) = spring.work_grad(&mut d, x);
    assert_eq!(value, spring.work(x));
    check_derivative("x", d_x, |h| spring.work(x + h));
    let with = |k: f64, rest: f64| Spring { k, rest }.work(x);
    check_derivative("k", d.k, |h| with(spring.k + h, spring.rest));
    check_derivative("rest", d.rest, |h| with(spring.k, spring.rest + h));
}
