use backprop::prelude::*;

#[differentiable]
fn helper(x: f64) -> f64 {
    x * x
}

#[differentiable(jvp)]
fn with_forward_mode(x: &[f64]) -> f64 {
    x[0] * x[1]
}

#[differentiable(hvp)]
fn calls_functions(x: &[f64]) -> f64 {
    helper(x[0]).sin() + with_forward_mode(x)
}

#[derive(Differentiable)]
struct Spring {
    k: f64,
}

impl Spring {
    #[differentiable]
    fn force(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[differentiable(hvp)]
fn calls_a_method(s: &Spring, x: f64) -> f64 {
    s.force(x) * x
}

fn main() {}
