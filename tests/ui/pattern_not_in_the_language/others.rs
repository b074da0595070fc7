use backprop::prelude::*;

macro_rules! one {
    () => {
        1
    };
}

#[differentiable]
fn behind_a_reference(n: &usize, x: f64) -> f64 {
    match n {
        &0 => x,
        _ => x * x,
    }
}

#[differentiable]
fn block(n: usize, x: f64) -> f64 {
    match n {
        const { 1 + 1 } => x,
        _ => x * x,
    }
}

#[differentiable]
fn by_macro(n: usize, x: f64) -> f64 {
    match n {
        one!() => x,
        _ => x * x,
    }
}

#[differentiable]
fn may_fail(n: usize, x: f64) -> f64 {
    let 1 = n;
    x
}

fn main() {}
