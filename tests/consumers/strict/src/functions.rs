//! Public functions: by value, by reference, in place, with branches and loops.

use backprop::prelude::*;

/// A polynomial by Horner's rule, with its coefficients in an array.
#[differentiable(jvp, hvp)]
pub fn polynomial(coefficients: &[f64; 4], x: f64) -> f64 {
    let mut sum = 0.0;
    for i in (0..4).rev() {
        sum = sum * x + coefficients[i];
    }
    sum
}

/// Huber's loss: a square near zero, and straight lines outside.
#[differentiable(jvp, hvp, check(width = 0.5..3.0))]
pub fn huber(x: f64, width: f64) -> f64 {
    if x.abs() <= width {
        0.5 * x * x
    } else {
        width * (x.abs() - 0.5 * width)
    }
}

/// Smooths by averaging neighbours; the ends are copied.
#[differentiable(jvp)]
pub fn smooth(x: &[f64], y: &mut [f64]) {
    let last = x.len() - 1;
    y[0] = x[0];
    for i in 1..last {
        y[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1];
    }
    y[last] = x[last];
}

/// The norm of what is above a threshold, by iterators and a closure.
#[differentiable(jvp)]
pub fn excess(x: &[f64], weights: &[f64], threshold: f64) -> f64 {
    let above = |v: f64| if v > threshold { v - threshold } else { 0.0 };
    let mut sum = 0.0;
    for (v, w) in x.iter().zip(weights).skip(1) {
        sum += w * above(*v).powi(2);
    }
    let largest = x.iter().copied().max_by(f64::total_cmp).unwrap_or(0.0);
    sum + x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() + largest
}

/// A point in polar coordinates, in Cartesian ones.
#[differentiable(jacobian)]
pub fn cartesian(polar: &[f64; 2]) -> [f64; 2] {
    let (sin, cos) = polar[1].sin_cos();
    [polar[0] * cos, polar[0] * sin]
}

/// A sum of decaying signals at some times.
#[differentiable(jacobian)]
pub fn signals(rates: &[f64; 2], #[nodiff] times: &[f64], out: &mut [f64]) {
    for i in 0..times.len() {
        out[i] = (-rates[0] * times[i]).exp() + (-rates[1] * times[i]).exp();
    }
}

/// Rosenbrock's valley.
#[differentiable(hessian)]
pub fn valley(x: &[f64; 2]) -> f64 {
    (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
}

/// Nobody calls it; neither it nor its gradient may be reported as dead code.
#[differentiable(jvp, hvp)]
fn _unused(x: f64) -> f64 {
    x.sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_modes() {
        let (value, d) = huber_jvp(3.0, 1.0, 1.0, 0.5);
        assert_eq!((value, d), (2.5, 1.0 + 0.5 * 2.0));
        assert_eq!(cartesian_jacobian(&[2.0, 0.0]).1, [[1.0, 0.0], [0.0, 2.0]]);
        let (mut out, mut j) = ([0.0; 1], [0.0; 2]);
        signals_jacobian_into(&[1.0, 2.0], &[0.0], &mut out, &mut j);
        assert_eq!((out, j), ([2.0], [0.0, 0.0]));
        let (_, _, hessian) = valley_hessian(&[1.0, 1.0]);
        assert_eq!(hessian, [[802.0, -400.0], [-400.0, 200.0]]);
    }

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
