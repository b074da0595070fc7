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

#[differentiable]
fn test(x: f64, n: usize) -> f64 {
    if matches!(n, 1 | 2) { x } else { x * x }
}

fn main() {}
