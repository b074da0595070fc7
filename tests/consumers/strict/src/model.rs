//! A public model: methods, associated functions, nested structs, optimization of its own type.

use backprop::prelude::*;

/// A normal distribution.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Normal {
    /// Its mean.
    pub mean: f64,
    /// The logarithm of its standard deviation.
    pub log_deviation: f64,
}

impl Normal {
    /// The variance that others are compared with.
    pub const STANDARD: f64 = 1.0;

    /// The negative logarithm of its density, without the constant.
    #[differentiable(jvp, hvp)]
    pub fn surprise(&self, x: f64) -> f64 {
        let z = (x - self.mean) * (-self.log_deviation).exp();
        0.5 * z * z + self.log_deviation
    }

    /// The mean surprise of some numbers that are given.
    #[differentiable(jvp)]
    pub fn loss(&self, #[nodiff] data: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..data.len() {
            sum += self.surprise(data[i]);
        }
        sum / data.len() as f64
    }

    /// The divergence of the standard normal distribution from one of this deviation.
    #[differentiable(jvp, hvp)]
    pub fn divergence(log_deviation: f64) -> f64 {
        0.5 * (Self::STANDARD * (-2.0 * log_deviation).exp() - 1.0) + log_deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backprop::optim::{Adam, Optimizer as _};

    #[test]
    fn a_fit_finds_mean_and_deviation() {
        let data = [1.0, 2.0, 4.0, 5.0];
        let mut normal = Normal {
            mean: 0.0,
            log_deviation: 0.0,
        };
        let mut adam = Adam::new(&normal).learning_rate(0.05);
        for _ in 0..2000 {
            let mut gradient = normal.zeros_like();
            normal.loss_grad(&mut gradient, &data);
            adam.step(&mut normal, &gradient);
        }
        assert!((normal.mean - 3.0).abs() < 1e-3);
        assert!((normal.log_deviation - 2.5_f64.sqrt().ln()).abs() < 1e-3);
    }

    #[test]
    fn associated_functions() {
        let (value, d) = Normal::divergence_grad(0.0);
        assert_eq!((value, d), (0.0, 0.0));
        let (value, d) = Normal::divergence_hvp(0.0, 1.5);
        assert_eq!((value, d), (0.0, 3.0));
    }
}
