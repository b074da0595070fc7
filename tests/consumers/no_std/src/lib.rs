//! Gradients where there is neither a standard library nor an allocator: on a microcontroller, say.
//!
//! Float methods come from `libm` through [`Real`], and what a reverse sweep keeps goes to memory that the caller owns.

#![no_std]
#![allow(
    clippy::needless_range_loop,
    reason = "differentiable code loops over indices: iterators are not accepted yet"
)]

use backprop::prelude::*;

/// A pendulum's energy by angle and speed.
#[differentiable(jvp, hvp)]
pub fn energy<T: Real>(angle: T, speed: T) -> T {
    T::from_f64(0.5) * speed * speed - T::from_f64(9.81) * angle.cos()
}

/// The dot product of two slices.
#[differentiable(jvp)]
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * y[i];
    }
    sum
}

/// Newton's iteration for the square root of each element, and their sum. What an iteration overwrites goes to the tape.
#[differentiable(tape, jvp, hvp)]
pub fn roots(x: &[f64], steps: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let mut root = x[i];
        for _ in 0..steps {
            root = 0.5 * (root + x[i] / root);
        }
        sum += root;
    }
    sum
}

/// A unit of a network, with a kernel and an elementary function that need neither library nor allocator.
#[differentiable(wrt(w))]
pub fn unit(w: &[f32], x: &[f32]) -> f32 {
    backprop::math::tanh(backprop::kernel::dot(w, x))
}

#[cfg(test)]
mod tests {
    use backprop::solve::Memo;

    use super::*;

    #[test]
    fn generic_maths() {
        let (value, d_angle, d_speed) = energy_grad(0.5_f64, 2.0);
        assert!((value - (2.0 - 9.81 * Real::cos(0.5_f64))).abs() < 1e-14);
        assert!((d_angle - 9.81 * Real::sin(0.5_f64)).abs() < 1e-14);
        assert_eq!(d_speed, 2.0);
    }

    #[test]
    fn tangents() {
        let (_, d) = energy_jvp(0.5_f64, 2.0, 2.0, 1.0);
        assert!((d - (2.0 * 9.81 * Real::sin(0.5_f64) + 2.0)).abs() < 1e-14);
        let (_, h_angle, h_speed) = energy_hvp(0.5_f64, 2.0, 2.0, 1.0);
        assert!((h_angle - 2.0 * 9.81 * Real::cos(0.5_f64)).abs() < 1e-14);
        assert_eq!(h_speed, 1.0);
        assert_eq!(
            dot_jvp(&[1.0, 2.0], &[1.0, 0.0], &[3.0, 4.0], &[0.0, 1.0]),
            (11.0, 5.0)
        );
    }

    #[test]
    fn slices() {
        let (mut d_x, mut d_y) = ([0.0; 2], [0.0; 2]);
        assert_eq!(dot_grad(&[1.0, 2.0], &mut d_x, &[3.0, 4.0], &mut d_y), 11.0);
        assert_eq!((d_x, d_y), ([3.0, 4.0], [1.0, 2.0]));
    }

    #[test]
    fn kernels_and_elementary_functions() {
        let mut d_w = [0.0; 2];
        let value = unit_grad(&[0.5, -0.25], &mut d_w, &[1.0, 2.0]);
        assert_eq!((value, d_w), (0.0, [1.0, 2.0]));
    }

    #[test]
    fn a_solver_that_asks_twice() {
        let memo_of = |x: &[f64], d_x: &mut [f64]| {
            let (value, d_angle, d_speed) = energy_grad(x[0], x[1]);
            d_x[0] += d_angle;
            d_x[1] += d_speed;
            value
        };
        let mut memo = Memo::new(memo_of, [0.0; 2]);
        let value = memo.value(&[0.5, 2.0]);
        assert_eq!(memo.gradient(&[0.5, 2.0])[1], 2.0);
        assert_eq!((value, memo.evaluations()), (energy(0.5, 2.0), 1));
    }

    #[test]
    fn a_tape_in_fixed_memory() {
        let x = [2.0, 9.0];
        let mut d_x = [0.0; 2];
        let mut words = [0; 64];
        let mut tape = Tape::from_slice(&mut words);
        let value = roots_grad(&x, &mut d_x, 8, &mut tape);
        assert!((value - (Real::sqrt(2.0_f64) + 3.0)).abs() < 1e-12);
        for (x, d) in x.into_iter().zip(d_x) {
            assert!((d - 0.5 / Real::sqrt(x)).abs() < 1e-9);
        }
        // One float for each step of one element at most; the memory of one element serves all.
        assert!(tape.high_water() > 0 && tape.high_water() <= 8 * 64);
    }
}
