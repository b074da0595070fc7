//! Type and const parameters, where-clauses, lifetimes.

use backprop::prelude::*;

/// The squared distance of two points.
#[differentiable]
pub fn distance<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    let mut sum = T::from_f64(0.0);
    for i in 0..N {
        let d = a[i] - b[i];
        sum += d * d;
    }
    sum
}

/// The density of the normal distribution, not normalised.
#[differentiable(wrt(x))]
pub fn bell<T>(x: T, width: T) -> T
where
    T: Real,
{
    (T::from_f64(-0.5) * (x / width).powi(2)).exp()
}

/// A kernel between two points.
#[differentiable]
pub fn kernel<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    bell(distance(a, b).sqrt(), T::from_f64(2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_precisions() {
        let mut d = ([0.0_f32; 2], [0.0; 2]);
        assert_eq!(
            distance_grad(&[1.0, 2.0], &mut d.0, &[3.0, 2.0], &mut d.1),
            4.0
        );
        assert_eq!(d, ([-4.0, 0.0], [4.0, 0.0]));
        let (value, d_x) = bell_grad(1.0_f64, 1.0);
        assert!((value - (-0.5_f64).exp()).abs() < 1e-15 && (value + d_x).abs() < 1e-15);
    }

    #[test]
    fn generic_calls() {
        let (a, b) = ([0.0, 3.0, 0.0], [4.0, 0.0, 0.0]);
        let (mut d_a, mut d_b) = ([0.0; 3], [0.0; 3]);
        let value = kernel_grad(&a, &mut d_a, &b, &mut d_b);
        assert!((value - (-0.125 * 25.0_f64).exp()).abs() < 1e-15);
        for i in 0..3 {
            assert!((d_a[i] - 0.25 * (b[i] - a[i]) * value).abs() < 1e-15);
            assert!((d_a[i] + d_b[i]).abs() < 1e-15);
        }
    }
}
