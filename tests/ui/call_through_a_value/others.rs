use backprop::prelude::*;

#[differentiable]
fn by_index(x: f64, #[nodiff] table: &[fn(f64) -> f64; 2]) -> f64 {
    table[0](x)
}

#[differentiable]
fn of_a_call(x: f64) -> f64 {
    choose()(x)
}

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

fn choose() -> fn(f64) -> f64 {
    square
}

#[differentiable]
fn generic<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
    f(x) * x
}

#[differentiable]
fn hidden(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x) * x
}

#[differentiable]
fn dynamic(f: &dyn Fn(f64) -> f64, x: f64) -> f64 {
    f(x) * x
}

fn main() {}
