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

/// Of two numbers in an array, one has a tangent.
#[differentiable(hvp)]
fn picked(a: f64, b: f64, i: usize) -> f64 {
    let pair = [a * a, b.sin()];
    pair[i] * pair[i] * pair[1 - i]
}

#[differentiable(hvp)]
fn of_picked(x: &[f64]) -> f64 {
    picked(1.5, x[0], 1) + picked(x[1], 0.7, 0) * picked(0.3, x[1], 0)
}

#[test]
fn tangents_that_are_not_there() {
    check(of_picked_grad, of_picked_hvp, &[0.7, 1.2]);
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

#[differentiable(hvp)]
fn scaled(y: &mut [f64], k: f64) {
    for i in 0..y.len() {
        y[i] *= k + y[i];
    }
}

/// What a callee overwrites in a slice goes to the tape, and so does its tangent.
#[differentiable(hvp, tape)]
fn overwritten(x: &[f64], rounds: usize) -> f64 {
    let mut y = x.to_vec();
    for r in 0..rounds {
        scaled(&mut y, x[r]);
    }
    let mut sum = 0.0;
    for i in 0..y.len() {
        sum += y[i] * x[i];
    }
    sum
}

#[test]
fn in_place_with_a_tape() {
    for rounds in 0..4 {
        check(
            |x, d| overwritten_grad(x, d, rounds, &mut Tape::new()),
            |x, v, h| overwritten_hvp(x, v, h, rounds, &mut Tape::new()),
            &[0.7, -0.6, 0.4],
        );
    }
}

#[differentiable(hvp)]
fn whiten(x: &[f64], mean: &[f64], #[out] out: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        out[i] = (x[i] - mean[i]) * (1.0 + mean[i] * mean[i]);
    }
    for i in 0..x.len() {
        sum += out[i] * out[i];
    }
    sum
}

/// Scratch that each iteration lends to be filled; the points do not vary.
#[differentiable(hvp)]
fn likelihood(means: &[f64], #[nodiff] points: &[f64], #[out] room: &mut [f64]) -> f64 {
    let d = room.len();
    let mut sum = 0.0;
    for i in 0..points.len() / d {
        let square = whiten(&points[i * d..][..d], means, &mut *room);
        sum += (-0.5 * square).exp() + math::logsumexp(&*room);
    }
    sum.ln()
}

#[test]
fn scratch() {
    let points = [0.3, -0.8, 1.1, 0.6, -0.2, 0.9];
    check(
        |x, d| likelihood_grad(x, d, &points, &mut [9.0; 2], &mut [0.0; 2]),
        |x, v, h| {
            let (mut room, mut v_room) = ([9.0; 2], [7.0; 2]);
            let (mut d_room, mut h_room) = ([0.0; 2], [0.0; 2]);
            let value = likelihood_hvp(
                x,
                v,
                h,
                &points,
                &mut room,
                &mut v_room,
                &mut d_room,
                &mut h_room,
            );
            assert_eq!((d_room, h_room), ([0.0; 2], [0.0; 2]));
            value
        },
        &[0.4, -0.3],
    );
}

#[differentiable(hvp)]
fn product_of(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 1.0;
    for i in 0..a.len() {
        sum += a[i] * b[i] * b[i];
    }
    sum.sqrt()
}

#[differentiable(hvp)]
fn one_array_twice(x: &[f64]) -> f64 {
    let a = [x[0] * x[1], x[1], x[2].sin()];
    product_of(&a, &a) + product_of(x, x) + product_of(&a[..2], &x[1..])
}

#[differentiable(hvp)]
fn both(x: f64, y: f64) -> (f64, [f64; 2]) {
    (x * y, [x.sin(), y * y * x])
}

#[differentiable(hvp)]
fn of_pairs(x: &[f64]) -> f64 {
    let (a, [b, c]) = both(x[0], x[1]);
    let (p, _) = both(a, b);
    if p > 0.0 { p * c } else { p.exp() + c * c }
}

#[differentiable(hvp)]
fn iterated(x: &[f64]) -> f64 {
    let mut y = x[0];
    for _ in 0..5 {
        y = bell(y + x[1], 1.5) + 0.3 * y;
    }
    y
}

#[test]
fn arguments_and_results() {
    check(one_array_twice_grad, one_array_twice_hvp, &[0.7, 1.2, 0.4]);
    check(of_pairs_grad, of_pairs_hvp, &[0.7, 1.2]);
    check(of_pairs_grad, of_pairs_hvp, &[-0.7, 1.2]);
    check(iterated_grad, iterated_hvp, &[0.4, 0.2]);
}

#[differentiable(hvp)]
fn single(x: &[f32; 2]) -> f32 {
    fused(x[0], x[1]) * math::tanh(x[1])
}

#[differentiable(hvp, partials(x = ret * y, y = ret * x))]
fn fused(x: f32, y: f32) -> f32 {
    (x * y).exp()
}

#[test]
fn single_precision() {
    let x = [0.5_f32, 0.25];
    let mut h = [0.0; 2];
    single_hvp(&x, &[1.0, 0.0], &mut h);
    // With e = exp(x y): d²/dx² = y² e tanh y, d²/dxdy = (1 + x y) e tanh y + y e (1 − tanh² y).
    let (e, t) = (0.125_f32.exp(), 0.25_f32.tanh());
    assert!((h[0] - 0.0625 * e * t).abs() < 1e-6);
    assert!((h[1] - (1.125 * e * t + 0.25 * e * (1.0 - t * t))).abs() < 1e-6);
}

/// Every elementary function of `math` that has second derivatives, against differences of its gradient.
#[test]
fn functions_of_math() {
    macro_rules! functions {
        ($($hvp:ident $grad:ident)*) => {$(
            for x in [0.3, 0.9, 1.7] {
                let (_, h) = math::$hvp(x, 1.0);
                check_derivative(stringify!($hvp), h, |h| math::$grad(x + h).1);
            }
        )*};
    }
    functions! {
        exp_hvp exp_grad exp_m1_hvp exp_m1_grad ln_hvp ln_grad ln_1p_hvp ln_1p_grad tanh_hvp tanh_grad sin_hvp sin_grad cos_hvp cos_grad
        sigmoid_hvp sigmoid_grad softplus_hvp softplus_grad log_sigmoid_hvp log_sigmoid_grad silu_hvp silu_grad relu_hvp relu_grad
        gelu_hvp gelu_grad gelu_tanh_hvp gelu_tanh_grad erf_hvp erf_grad erfc_hvp erfc_grad normal_pdf_hvp normal_pdf_grad
        normal_cdf_hvp normal_cdf_grad ln_gamma_hvp ln_gamma_grad digamma_hvp digamma_grad
    }
}

#[differentiable(hvp)]
fn of_vectors(x: &[f64]) -> f64 {
    use backprop::kernel::{dot, mean, sum, sum_of_squares};
    let n = x.len() / 2;
    dot(&x[..n], &x[n..]) * sum_of_squares(x) + mean(x).exp() * sum(&x[n..])
        - math::logsumexp(x) * dot(x, &[0.5, 1.5, -0.5, 0.25])
}

#[test]
fn kernels() {
    check(of_vectors_grad, of_vectors_hvp, &[0.7, 1.2, -0.4, 0.3]);
}
