//! Under the name that `Cargo.toml` gives it.

use gradients::prelude::*;

/// A line.
#[derive(Clone, Debug, PartialEq, Differentiable)]
#[differentiable(crate = gradients)]
pub struct Line {
    /// Its slope.
    pub slope: f64,
    /// Its value at zero.
    pub offset: f64,
}

impl Line {
    /// Its value.
    #[differentiable(crate = gradients)]
    pub fn at(&self, x: f64) -> f64 {
        self.slope * x + self.offset
    }
}

/// The sum of squared distances from points.
#[differentiable(crate = gradients, wrt(line))]
pub fn misfit(line: &Line, xs: &[f64], ys: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..xs.len() {
        sum += (line.at(xs[i]) - ys[i]).powi(2);
    }
    sum
}

/// The product of all elements: the reverse sweep needs what it was before each factor.
#[differentiable(crate = gradients, tape)]
pub fn product(x: &[f64]) -> f64 {
    let mut product = 1.0;
    for i in 0..x.len() {
        product *= x[i];
    }
    product
}

/// A rule by formula.
#[differentiable(crate = gradients, partials(x = 3.0 * x * x))]
pub fn cube(x: f64) -> f64 {
    x * x * x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_and_methods() {
        let line = Line {
            slope: 2.0,
            offset: 1.0,
        };
        let mut d_line = line.zeros_like();
        let (xs, ys) = ([0.0, 1.0, 2.0], [1.0, 2.0, 7.0]);
        assert_eq!(misfit_grad(&line, &mut d_line, &xs, &ys), 5.0);
        // Residuals 0, 1, −2: twice their sum, and twice their sum weighted by x.
        assert_eq!(
            d_line,
            Line {
                slope: -6.0,
                offset: -2.0
            }
        );
    }

    #[test]
    fn tapes() {
        let mut d_x = [0.0; 3];
        assert_eq!(
            product_grad(&[2.0, 3.0, 5.0], &mut d_x, &mut Tape::new()),
            30.0
        );
        assert_eq!(d_x, [15.0, 10.0, 6.0]);
    }

    #[test]
    fn rules() {
        assert_eq!(cube_grad(2.0), (8.0, 12.0));
    }
}
