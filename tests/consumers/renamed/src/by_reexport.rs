//! Through a path inside a crate that re-exports it.

use crate::framework::gradient::prelude::*;

/// A length, by Pythagoras.
#[differentiable(crate = crate::framework::gradient)]
pub fn length<T: Real>(x: T, y: T) -> T {
    (x * x + y * y).sqrt()
}

/// The logarithm of the sum of two lengths, one of which is taken as it is.
#[differentiable(crate = crate::framework::gradient)]
pub fn mixed(x: f64, y: f64) -> f64 {
    let fixed = stop_gradient(length(y, x));
    (length(x, y) + fixed).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_functions() {
        let (value, d_x, d_y) = length_grad(3.0, 4.0);
        assert_eq!(value, 5.0);
        assert!((d_x - 0.6_f64).abs() < 1e-15 && (d_y - 0.8).abs() < 1e-15);
        let (value, d_x, d_y) = length_grad(3.0, 4.0);
        assert_eq!(value, 5.0);
        assert!((d_x - 0.6_f32).abs() < 1e-6 && (d_y - 0.8).abs() < 1e-6);
    }

    #[test]
    fn calls_through_the_path() {
        let (value, d_x, d_y) = mixed_grad(3.0, 4.0);
        assert!((value - 10.0_f64.ln()).abs() < 1e-15);
        assert!((d_x - 0.06).abs() < 1e-15 && (d_y - 0.08).abs() < 1e-15);
    }
}
