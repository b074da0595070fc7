//! The Rosenbrock function: H. H. Rosenbrock, Computer Journal 3 (1960), 175, and its sum over neighbours in many dimensions.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::prelude::*;

use super::{Case, numbers};

#[differentiable]
pub(crate) fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn rosenbrock_by_hand(x: f64, y: f64) -> (f64, f64, f64) {
    let a = 1.0 - x;
    let b = y - x * x;
    let d_b = 200.0 * b;
    (a * a + 100.0 * (b * b), -2.0 * a - 2.0 * x * d_b, d_b)
}

#[differentiable]
pub(crate) fn rosenbrock_sum(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        sum += (1.0 - x[i]).powi(2) + 100.0 * (x[i + 1] - x[i] * x[i]).powi(2);
    }
    sum
}

/// The value in eight lanes; then the gradient, where each element gets from two terms: what one leaves for the next is carried in a
/// register.
fn rosenbrock_sum_by_hand(x: &[f64], d_x: &mut [f64]) -> f64 {
    let last = x.len() - 1;
    let (xs, nexts) = (&x[..last], &x[1..]);
    let term = |x: f64, next: f64| {
        let (a, b) = (1.0 - x, next - x * x);
        a * a + 100.0 * (b * b)
    };
    let (x_chunks, x_rest) = xs.as_chunks::<8>();
    let (next_chunks, next_rest) = nexts.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (xs, nexts) in x_chunks.iter().zip(next_chunks) {
        for ((lane, x), next) in lanes.iter_mut().zip(xs).zip(nexts) {
            *lane += term(*x, *next);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let mut sum = ((a + e) + (c + g)) + ((b + f) + (d + h));
    for (x, next) in x_rest.iter().zip(next_rest) {
        sum += term(*x, *next);
    }

    let d_x = &mut d_x[..=last];
    let mut carried = 0.0;
    for ((d, x), next) in d_x.iter_mut().zip(xs).zip(nexts) {
        let d_b = 200.0 * (next - x * x);
        *d += carried - 2.0 * (1.0 - x + x * d_b);
        carried = d_b;
    }
    d_x[last] += carried;
    sum
}

/// Where the first is measured.
pub(crate) const TWO: [f64; 2] = [1.2, 0.7];

/// Where the second is measured.
pub(crate) fn hundred() -> [f64; 100] {
    let numbers = numbers(100, 1);
    std::array::from_fn(|i| numbers[i])
}

/// In two dimensions, by value.
pub(crate) struct Two {
    at: [f64; 2],
    result: (f64, f64, f64),
}

impl Case for Two {
    const NAME: &'static str = "rosenbrock_2";

    fn new() -> Self {
        Two {
            at: TWO,
            result: (0.0, 0.0, 0.0),
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        self.result = rosenbrock_grad(self.at[0], self.at[1]);
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        self.result = rosenbrock_by_hand(self.at[0], self.at[1]);
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let (value, d_x, d_y) = std::mem::take(&mut self.result);
        (value, vec![d_x, d_y])
    }

    fn check(&self) -> Result<Report, Failure> {
        Gradcheck::new().check(
            |&[x, y]: &[f64; 2]| rosenbrock(x, y),
            &self.at,
            &[self.result.1, self.result.2],
        )
    }
}

/// In 100 dimensions, over a slice.
pub(crate) struct Hundred {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

impl Case for Hundred {
    const NAME: &'static str = "rosenbrock_100";

    fn new() -> Self {
        Hundred {
            at: hundred().into(),
            value: 0.0,
            gradient: vec![0.0; 100],
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        self.value = rosenbrock_sum_grad(&self.at, &mut self.gradient);
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        self.value = rosenbrock_sum_by_hand(&self.at, &mut self.gradient);
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        (
            self.value,
            std::mem::replace(&mut self.gradient, vec![0.0; self.at.len()]),
        )
    }

    fn check(&self) -> Result<Report, Failure> {
        Gradcheck::new().check_slice(rosenbrock_sum, &self.at, &self.gradient)
    }
}
