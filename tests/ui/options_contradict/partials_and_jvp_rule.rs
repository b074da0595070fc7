use backprop::prelude::*;

#[differentiable(partials(x = 2.0 * x), jvp = rule)]
fn square(x: f64) -> f64 {
    x * x
}

fn rule(x: f64, d_x: f64) -> (f64, f64) {
    (x * x, 2.0 * x * d_x)
}

fn main() {}
