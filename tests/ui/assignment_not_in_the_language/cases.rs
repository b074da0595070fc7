use backprop::prelude::*;

fn pair(x: f64) -> [f64; 2] {
    [x, x]
}

#[differentiable]
fn array(x: f64) -> f64 {
    let (a, b);
    [a, b] = pair(1.0);
    a * b * x
}

fn first(y: &mut [f64]) -> &mut f64 {
    &mut y[0]
}

#[differentiable]
fn through_a_call(x: f64, y: &mut [f64]) {
    *first(y) = x;
}

#[differentiable]
fn through_a_hidden_reference(x: f64, y: &mut [f64]) {
    let r = first(y);
    *r = x;
}

#[differentiable]
fn sides_in_an_open_order<T: Real>(a: &[T; 3], x: T) -> T {
    let mut b = *a;
    let mut k = 0;
    b[k] *= {
        k += 1;
        x
    };
    b[0] + b[1]
}

fn main() {}
