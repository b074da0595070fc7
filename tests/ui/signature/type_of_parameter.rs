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
fn object(x: &dyn ToString, y: f64) -> f64 {
    no_grad!(x.to_string().len() as f64) * y
}

#[differentiable]
fn pointer(x: *const f64, y: f64) -> f64 {
    no_grad!(x.is_null() as u8 as f64) * y
}

#[differentiable]
fn nested(x: (&mut f64, f64)) -> f64 {
    x.1
}

#[differentiable]
fn cell(x: &RefCell<f64>, y: f64) -> f64 {
    *x.borrow() * y
}

#[differentiable]
fn macro_type(x: number!()) -> f64 {
    x * x
}

fn main() {}
