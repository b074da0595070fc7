//! `#[differentiable(check)]`: the tests that it writes pass where the gradient is right. What they say where it is not is tested where it is said.

use backprop::prelude::*;

#[differentiable(check)]
fn plain(x: f64, w: &[f64]) -> f64 {
    let mut s = x;
    for v in w {
        s += (x * v).sin();
    }
    s
}

#[differentiable(check(x = 0.1..2.0, w = [-1.0..1.0; 9], n = 3, from = &[1.0, 2.0]), tape)]
fn with_ranges(x: f64, w: &[f64], a: &[[f64; 2]; 2], n: usize, #[nodiff] from: &[f64]) -> f64 {
    let mut s = x.ln() + a[0][1] * a[1][0] + from[0];
    for i in 0..n {
        s *= w[i] + 2.0;
    }
    s
}

#[derive(Differentiable, Clone)]
struct Model {
    k: f64,
    w: [f32; 2],
}

#[differentiable(check(model = Model { k: 0.5, w: [1.0, 2.0] }))]
fn of_a_struct(model: &Model, x: f32) -> f32 {
    model.w[0] * x * x + model.w[1] * model.k as f32
}
