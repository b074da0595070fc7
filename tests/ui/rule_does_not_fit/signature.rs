use backprop::prelude::*;

fn rule(x: f64) -> (f64, f64) {
    (x * x, 2.0 * x)
}

#[differentiable(vjp = rule)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
