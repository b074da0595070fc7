use backprop::prelude::*;

#[differentiable]
fn statement(x: f64) -> f64 {
    let n = no_grad!(let k = 1;);
    x * n
}

fn main() {}
