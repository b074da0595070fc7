#![allow(unused_variables)]

use backprop::prelude::*;

enum Shape {
    Circle(f64),
    Square { side: f64 },
}

#[differentiable]
fn variants(r: f64) -> f64 {
    let circle = Shape::Circle(r);
    let square = Shape::Square { side: r };
    r
}

#[differentiable]
fn nothing(x: f64) -> f64 {
    let y = _;
    x * y
}

#[differentiable]
fn pointer_cast(x: &f64) -> f64 {
    let p = x as *const f64;
    *x
}

#[differentiable]
fn addressed(x: &[f64]) -> f64 {
    let p = x.as_ptr();
    x[0]
}

#[differentiable]
fn null(x: f64) -> f64 {
    let p = std::ptr::null::<f64>();
    x * x
}

#[differentiable]
fn assigned_on_one_path(x: f64) -> f64 {
    let y;
    if x > 0.0 {
        y = x;
    }
    x * y
}

#[differentiable]
fn chosen_slice(x: &[f64], left: bool) -> f64 {
    let part = if left { &x[..2] } else { &x[2..] };
    part[0] * part[1]
}

#[differentiable]
fn slices_in_a_tuple(x: &[f64]) -> f64 {
    let (a, b) = (&x[..2], &x[2..]);
    a[0] * b[0]
}

#[differentiable]
fn temporary(x: f64) -> f64 {
    fill(x, &mut [0.0; 2])
}

#[differentiable]
fn fill(x: f64, #[out] y: &mut [f64; 2]) -> f64 {
    y[0] = x;
    y[1] = x;
    x
}

#[differentiable]
fn slice_by_a_condition(x: &[f64], left: bool) -> f64 {
    let a = &x[..2];
    let b = &x[2..];
    let part = if left { a } else { b };
    part[0] * part[1]
}

fn main() {}
