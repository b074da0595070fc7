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
fn look(x: f64) -> f64 {
    dbg!(x * x)
}

#[differentiable]
fn unfinished(x: f64) -> f64 {
    if x > 0.0 { x } else { todo!() }
}

fn main() {}
