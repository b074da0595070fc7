//! Second derivatives through calls: products with the Hessian against differences of gradients, and Hessians symmetric.

mod common;

use backprop::math;
use backprop::prelude::*;
use common::{assert_near, check_derivative, dot, noise};

fn check(
    grad: impl Fn(&[f64], &mut [f64]) -> f64,
    hvp: impl Fn(&[f64], &[f64], &mut [f64]) -> f64,
    x: &[f64],
) {
    let n = x.len();
    let (v, mut product) = (noise(7, n), vec![0.0; n]);
    let value = hvp(x, &v, &mut product);
    assert_near(value, grad(x, &mut vec![0.0; n]), 1e-13);
    for k in 0..n {
        check_derivative(&format!("entry {k}"), product[k], |h| {
            let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
            let mut d = vec![0.0; n];
            grad(&moved, &mut d);
            d[k]
        });
    }
    let (w, mut other) = (noise(8, n), vec![0.0; n]);
    hvp(x, &w, &mut other);
    assert_near(dot(&w, &product), dot(&v, &other), 1e-11);
}

#[differentiable(hvp)]
fn bell(x: f64, width: f64) -> f64 {
    (-x * x / width).exp() * x.sin()
}

#[differentiable(hvp)]
fn of_numbers(x: &[f64]) -> f64 {
    let a = bell(x[0] * x[1], 2.0);
    bell(a, x[2]) * x[0] + bell(1.5, x[1] + 2.0)
}

#[differentiable(hvp)]
fn of_numbers_in_a_loop(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += bell(x[i] - x[i - 1], 1.0 + x[i] * x[i]);
    }
    sum * sum
}

#[test]
fn calls_of_numbers() {
    check(of_numbers_grad, of_numbers_hvp, &[0.7, 1.2, 1.9]);
    check(
        of_numbers_in_a_loop_grad,
        of_numbers_in_a_loop_hvp,
        &[0.7, 1.2, 1.9, -0.4],
    );
}

#[differentiable(hvp)]
fn norm(x: &[f64], scale: f64) -> f64 {
    let mut sum = 0.1;
    for v in x {
        sum += (v * scale).powi(4);
    }
    sum.sqrt()
}

#[differentiable(hvp)]
fn parts(x: &[f64]) -> f64 {
    let n = x.len() / 2;
    norm(&x[..n], x[n]) * norm(&x[n..], 1.5) + norm(&[1.0, 2.0], x[0])
}

#[differentiable(hvp)]
fn of_own_array(x: &[f64]) -> f64 {
    let mut a = [0.0; 3];
    for i in 0..3 {
        a[i] = x[i] * x[(i + 1) % 3];
    }
    norm(&a, x[0])
}

#[test]
fn slices_and_arrays() {
    check(parts_grad, parts_hvp, &[0.7, 1.2, 1.9, -0.4]);
    check(of_own_array_grad, of_own_array_hvp, &[0.7, 1.2, 1.9]);
}

#[differentiable(hvp)]
fn squares(x: &[f64], k: f64, out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] = (x[i] * k).sin() * x[i];
    }
}

#[differentiable(hvp)]
fn filled(x: &[f64]) -> f64 {
    let mut a = [0.0; 3];
    squares(x, x[1], &mut a);
    let mut b = [0.0; 3];
    squares(&a, 2.0, &mut b);
    a[0] * b[1] + b[2] * x[0] + b[0]
}

#[differentiable(hvp)]
fn doubled(y: &mut [f64; 3], k: f64) {
    for i in 0..3 {
        y[i] = y[i] * y[i] * k + y[i];
    }
}

#[differentiable(hvp)]
fn updated(x: &[f64]) -> f64 {
    let mut a = [x[0], x[1] * x[2], 1.0];
    doubled(&mut a, x[2]);
    doubled(&mut a, 0.3);
    a[0] * a[1] + a[2].sin()
}

#[test]
fn buffers() {
    check(filled_grad, filled_hvp, &[0.7, 1.2, 1.9]);
    check(updated_grad, updated_hvp, &[0.7, 1.2, 0.4]);
}

#[differentiable(hvp)]
fn of_math(x: &[f64]) -> f64 {
    let (a, b) = (x[0], x[1]);
    math::exp(a) * math::ln(b) + math::tanh(a * b) + math::sin(a) * math::cos(b)
}

#[test]
fn mathematics() {
    check(of_math_grad, of_math_hvp, &[0.7, 1.2]);
}

#[differentiable(hvp)]
fn tree(x: &[f64]) -> f64 {
    if x.len() == 1 {
        return x[0].sin() + 0.3;
    }
    let half = x.len() / 2;
    tree(&x[..half]) * tree(&x[half..]) + x[0]
}

#[test]
fn recursion() {
    check(tree_grad, tree_hvp, &[0.7, 1.2, 1.9, -0.4, 0.3]);
}

#[differentiable(hvp)]
fn generic<T: Real, const N: usize>(x: &[T; N], k: T) -> T {
    let mut sum = k;
    for i in 0..N {
        sum = sum * sum + x[i] * x[i] * k;
    }
    sum
}

#[differentiable(hvp)]
fn of_generic(x: &[f64]) -> f64 {
    let a = [x[0] * x[0], x[1]];
    generic::<f64, 2>(&a, x[1]) * generic(&[x[0]], 2.0)
}

#[test]
fn generics() {
    check(of_generic_grad, of_generic_hvp, &[0.7, 1.2]);
}

#[derive(Differentiable, Clone)]
struct Layer {
    w: Vec<f64>,
    bias: f64,
}

impl Layer {
    #[differentiable(hvp)]
    fn apply(&self, x: &[f64]) -> f64 {
        let mut sum = self.bias;
        for i in 0..x.len() {
            sum += self.w[i] * x[i];
        }
        sum.tanh()
    }

    #[differentiable(hvp)]
    fn new_bias(b: f64) -> f64 {
        b * b * b
    }

    #[differentiable(hvp, wrt(self))]
    fn loss(&self, x: &[f64]) -> f64 {
        self.apply(x) * self.apply(&x[..1]) + Layer::new_bias(self.bias)
    }
}

#[test]
fn methods() {
    let x = [0.4, 0.9];
    let (layer, v) = (
        Layer {
            w: vec![0.3, -0.7],
            bias: 0.2,
        },
        Layer {
            w: vec![1.3, 0.4],
            bias: -0.8,
        },
    );
    let mut h = layer.zeros_like();
    layer.loss_hvp(&v, &mut h, &x);
    let along = |s: f64| {
        let w = layer.w.iter().zip(&v.w).map(|(w, v)| w + s * v).collect();
        let moved = Layer {
            w,
            bias: layer.bias + s * v.bias,
        };
        let mut d = layer.zeros_like();
        moved.loss_grad(&mut d, &x);
        [d.w[0], d.w[1], d.bias]
    };
    for (k, got) in [h.w[0], h.w[1], h.bias].into_iter().enumerate() {
        check_derivative("entry", got, |s| along(s)[k]);
    }
}
