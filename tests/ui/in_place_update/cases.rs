// What a callee updates in place has to be had as it was: of a slice there is no copy, and a loop of run-time length keeps none.
use backprop::prelude::*;

#[differentiable]
fn scale(k: f64, y: &mut [f64]) {
    for y in y {
        *y *= k;
    }
}

#[differentiable]
fn a_slice(k: f64, y: &mut [f64]) -> f64 {
    scale(k, y);
    y[0] * y[1]
}

#[differentiable]
fn a_loop(k: f64, y: &mut [f64]) -> f64 {
    for i in 0..y.len() / 2 {
        scale(k, &mut y[i * 2..][..2]);
    }
    y[0] * y[1]
}

struct Buffers {
    small: [f64; 2],
    large: Vec<f64>,
}

impl Buffers {
    #[differentiable]
    fn spread(#[nodiff] &self, k: f64, y: &mut [f64]) {
        for y in y {
            *y = k * self.large[0];
        }
    }

    #[differentiable]
    fn handed_on(#[nodiff] &self, k: f64, y: &mut [f64]) {
        self.spread(k, y);
    }
}

#[differentiable]
fn handed_on(#[nodiff] b: &Buffers, k: f64, y: &mut [f64]) -> f64 {
    b.handed_on(k, y);
    y[0] * y[1] + b.small[0]
}

#[derive(Clone, Differentiable)]
struct Vectors {
    large: Vec<f64>,
}

#[differentiable]
fn shrink(k: f64, v: &mut Vectors) {
    v.large[0] *= k;
}

#[differentiable]
fn a_struct(k: f64, v: &mut Vectors) -> f64 {
    shrink(k, v);
    v.large[0] * v.large[1]
}

#[differentiable]
fn squares(a: f64, y: &mut [f64; 3]) -> f64 {
    for i in 0..3 {
        y[i] *= a * y[i];
    }
    a * y[0]
}

#[differentiable]
fn parts_and_a_result(a: f64, b: f64) -> f64 {
    let mut y = [[a, b, 1.5], [b, a * b, 0.5]];
    let mut s = 0.0;
    for k in 0..2 {
        let t = squares(b, &mut y[k]);
        s += t * t;
    }
    s * y[0][1]
}

fn main() {}
