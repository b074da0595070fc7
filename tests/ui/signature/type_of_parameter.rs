use backprop::prelude::*;

use std::cell::RefCell;

macro_rules! number {
    () => {
        f64
    };
}

#[differentiable]
fn hidden(x: impl Into<f64>) -> f64 {
    x.into()
}

#[differentiable]
fn object(x: &dyn Fn(f64) -> f64, y: f64) -> f64 {
    y * y
}

#[differentiable]
fn pointer(x: *const f64, y: f64) -> f64 {
    y * y
}

#[differentiable]
fn nested(x: (&mut f64, f64)) -> f64 {
    x.1
}

#[differentiable]
fn cell(x: &RefCell<f64>, y: f64) -> f64 {
    y * y
}

#[differentiable]
fn macro_type(x: number!()) -> f64 {
    x * x
}

fn main() {}
