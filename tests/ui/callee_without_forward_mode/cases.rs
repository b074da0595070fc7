use backprop::prelude::*;

#[differentiable]
fn helper(x: f64) -> f64 {
    x * x
}

#[differentiable(jvp)]
fn calls_a_function(x: f64) -> f64 {
    helper(x).sin()
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

#[differentiable(jvp)]
fn calls_a_method(s: &Spring, x: f64) -> f64 {
    s.force(x) * x
}

fn main() {}
