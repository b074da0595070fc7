use backprop::prelude::*;

#[differentiable]
fn exit_in_an_expression(x: f64) -> f64 {
    let y = x * if x > 0.0 { 2.0 } else { return 1.0 };
    y + match x > 3.0 {
        true => 1.0,
        false => 2.0,
    }
}

#[differentiable]
fn exit_in_an_argument(x: f64, y: f64) -> f64 {
    x.max(if y > 0.0 { y } else { return x })
}

#[differentiable]
fn unsafe_block(x: &[f64]) -> f64 {
    unsafe { *x.get_unchecked(0) }
}

#[differentiable]
fn async_block(x: f64) -> f64 {
    let later = async { 1.0 };
    drop(later);
    x
}

#[differentiable]
fn const_block(x: f64) -> f64 {
    x * const { 1.0 + 2.0 }
}

#[differentiable]
fn cast(x: f64, n: usize) -> f64 {
    let m: f64 = n as _;
    x * m
}

fn main() {}
