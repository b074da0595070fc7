use backprop::prelude::*;

fn apply(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

struct Activation<F: Fn(f64) -> f64> {
    f: F,
}

#[differentiable]
fn handed_to_a_function(x: f64, y: f64) -> f64 {
    let scaled = |u: f64| u * y;
    apply(scaled, x)
}

#[differentiable]
fn written_as_an_argument(x: f64) -> f64 {
    apply(|u| u * u, x)
}

#[differentiable]
fn in_a_struct(x: f64) -> f64 {
    let a = Activation { f: |u: f64| u * u };
    (a.f)(x)
}

#[differentiable]
fn chosen(x: f64) -> f64 {
    let double = |u: f64| 2.0 * u;
    let f: &dyn Fn(f64) -> f64 = if x > 0.0 { &double } else { &double };
    f(x)
}

#[differentiable]
fn in_an_array(x: f64) -> f64 {
    let fs = [|u: f64| 2.0 * u, |u: f64| u * u];
    x * fs.len() as f64
}

fn main() {}
