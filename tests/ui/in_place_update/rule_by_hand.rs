// A rule by hand for a function that may update its argument: a caller's reverse sweep would run it on what it left.
use backprop::prelude::*;

#[differentiable(vjp = scale_rule)]
fn scale(k: f64, y: &mut [f64]) {
    for y in y {
        *y *= k;
    }
}

fn scale_rule(k: f64, y: &mut [f64], d_y: &mut [f64]) -> f64 {
    let mut d_k = 0.0;
    for (y, d_y) in y.iter_mut().zip(d_y) {
        d_k += *y * *d_y;
        *d_y *= k;
        *y *= k;
    }
    d_k
}

#[differentiable]
fn scaled(k: f64) -> f64 {
    let mut y = [1.0, 2.0, 3.0];
    scale(k, &mut y);
    scale(k, &mut y);
    y[0] + y[1] * y[2]
}

fn main() {
    let (mut y, mut d_y) = ([1.0, 2.0], [1.0, 1.0]);
    let _ = scale_vjp(2.0, &mut y, &mut d_y);
    let _ = scaled_grad(2.0);
}
