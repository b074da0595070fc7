use backprop::prelude::*;

#[differentiable(jvp, hvp, jacobian, hessian)]
fn modes(x: f64) -> f64 {
    x * x
}

fn main() {}
