use backprop::prelude::*;

fn rule(x: f64, d_ret: f64) -> (f64, f64) {
    (x * x, 2.0 * x * d_ret)
}

#[differentiable(vjp = rule, partials(x = 2.0 * x))]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
