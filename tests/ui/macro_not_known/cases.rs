use backprop::prelude::*;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[differentiable]
fn own(x: f64) -> f64 {
    square!(x)
}

#[differentiable]
fn print(x: f64) -> f64 {
    println!("{x}");
    x * x
}

#[differentiable]
fn unfinished(x: f64) -> f64 {
    if x > 0.0 { x } else { todo!() }
}

fn main() {}
