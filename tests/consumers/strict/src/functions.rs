//! Public functions: by value, by reference, in place, with branches and loops.

use backprop::prelude::*;

/// A polynomial by Horner's rule, with its coefficients in an array.
#[differentiable]
pub fn polynomial(coefficients: &[f64; 4], x: f64) -> f64 {
    let mut sum = 0.0;
    for i in (0..4).rev() {
        sum = sum * x + coefficients[i];
    }
    sum
}

/// Huber's loss: a square near zero, and straight lines outside.
#[differentiable]
pub fn huber(x: f64, width: f64) -> f64 {
    if x.abs() <= width {
        0.5 * x * x
    } else {
        width * (x.abs() - 0.5 * width)
    }
}

/// Smooths by averaging neighbours; the ends are copied.
#[differentiable]
pub fn smooth(x: &[f64], y: &mut [f64]) {
    let last = x.len() - 1;
    y[0] = x[0];
    for i in 1..last {
        y[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1];
    }
    y[last] = x[last];
}

/// The norm of what is above a threshold, by iterators and a closure.
#[differentiable]
pub fn excess(x: &[f64], weights: &[f64], threshold: f64) -> f64 {
    let above = |v: f64| if v > threshold { v - threshold } else { 0.0 };
    let mut sum = 0.0;
    for (v, w) in x.iter().zip(weights).skip(1) {
        sum += w * above(*v).powi(2);
    }
    let largest = x.iter().copied().max_by(f64::total_cmp).unwrap_or(0.0);
    sum + x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() + largest
}

/// Nobody calls it; neither it nor its gradient may be reported as dead code.
#[differentiable]
fn _unused(x: f64) -> f64 {
    x.sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials() {
        let mut d = [0.0; 4];
        assert_eq!(
            polynomial_grad(&[1.0, 2.0, 3.0, 4.0], &mut d, 2.0),
            (49.0, 62.0)
        );
        assert_eq!(d, [1.0, 2.0, 4.0, 8.0]);
    }

    #[test]
    fn branches() {
        assert_eq!(huber_grad(0.5, 1.0), (0.125, 0.5, 0.0));
        assert_eq!(huber_grad(-3.0, 1.0), (2.5, -1.0, 2.0));
    }

    #[test]
    fn outputs() {
        let (mut d_x, mut y, mut d_y) = ([0.0; 4], [0.0; 4], [1.0, 1.0, 0.0, 0.0]);
        smooth_vjp(&[0.0, 4.0, 8.0, 4.0], &mut d_x, &mut y, &mut d_y);
        assert_eq!(y, [0.0, 4.0, 6.0, 4.0]);
        assert_eq!(d_x, [1.25, 0.5, 0.25, 0.0]);
        assert_eq!(d_y, [0.0; 4]);
    }
}
