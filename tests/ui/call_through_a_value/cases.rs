use backprop::prelude::*;

fn double(x: f64) -> f64 {
    2.0 * x
}

struct Activation {
    f: fn(f64) -> f64,
}

#[differentiable]
fn pointer(f: fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[differentiable]
fn generic<F: Fn(f64) -> f64>(#[nodiff] f: F, x: f64) -> f64 {
    f(x)
}

#[differentiable]
fn field(#[nodiff] a: Activation, x: f64) -> f64 {
    (a.f)(x)
}

#[differentiable]
fn held(x: f64) -> f64 {
    let g = double;
    g(x)
}

fn main() {}
