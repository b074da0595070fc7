use backprop::prelude::*;

#[differentiable]
fn on_a_statement(x: f64) -> f64 {
    #[instrument]
    let y = x * x;
    y
}

#[differentiable]
fn on_an_expression(x: f64) -> f64 {
    let y = #[trace] (x * x);
    y
}

fn main() {}
