//! Differentiable functions that call kernels.

use backprop_macros::differentiable;
use backprop_runtime::kernel::*;
use backprop_runtime::math;

use super::check::numbers;

/// A network of two layers: its data do not vary, what is between lies in the caller's buffers.
#[differentiable(crate = backprop_runtime, wrt(w1, b1, w2, hidden, active, out))]
fn network(
    x: &[f64],
    w1: &[f64],
    b1: &[f64],
    w2: &[f64],
    #[out] hidden: &mut [f64],
    #[out] active: &mut [f64],
    #[out] out: &mut [f64],
) -> f64 {
    linear(x, w1, b1, hidden, [3, 4, 5]);
    for i in 0..active.len() {
        active[i] = math::tanh(hidden[i]);
    }
    linear(&*active, w2, &[], out, [3, 5, 2]);
    sum_of_squares(&*out)
}

#[test]
fn a_network_of_kernels() {
    let x: Vec<f64> = numbers(12, 1);
    let at = |w: &[f64]| {
        let (mut h, mut a, mut o) = ([0.0; 15], [0.0; 15], [0.0; 6]);
        network(&x, &w[..20], &w[20..25], &w[25..], &mut h, &mut a, &mut o)
    };
    let w: Vec<f64> = numbers(35, 2);
    let mut d = vec![0.0; 35];
    let (d_w1, rest) = d.split_at_mut(20);
    let (d_b1, d_w2) = rest.split_at_mut(5);
    let (mut h, mut a, mut o) = ([9.0; 15], [9.0; 15], [9.0; 6]);
    let (mut d_h, mut d_a, mut d_o) = ([0.0; 15], [0.0; 15], [0.0; 6]);
    let value = network_grad(
        &x,
        &w[..20],
        d_w1,
        &w[20..25],
        d_b1,
        &w[25..],
        d_w2,
        &mut h,
        &mut d_h,
        &mut a,
        &mut d_a,
        &mut o,
        &mut d_o,
    );
    assert_eq!(value, at(&w));
    for i in 0..35 {
        let mut moved = w.clone();
        let mut at = |h: f64| {
            moved[i] = w[i] + h;
            at(&moved)
        };
        let h = 1e-3;
        let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!(
            (d[i] - difference).abs() < 1e-7,
            "{i}: {} by differences {difference}",
            d[i]
        );
    }
}

/// One factor varies, the other does not; and a loop of calls.
#[differentiable(crate = backprop_runtime)]
fn scores(w: &[f64], #[nodiff] data: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..data.len() / w.len() {
        let score = dot(w, &data[i * w.len()..][..w.len()]);
        total += score * score * sum(w);
    }
    total
}

#[test]
fn a_constant_factor() {
    let (w, data) = (numbers::<f64>(3, 1), numbers::<f64>(12, 2));
    let mut d_w = [0.0; 3];
    scores_grad(&w, &mut d_w, &data);
    for i in 0..3 {
        let mut moved = w.clone();
        let mut at = |h: f64| {
            moved[i] = w[i] + h;
            scores(&moved, &data)
        };
        let h = 1e-3;
        let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!((d_w[i] - difference).abs() < 1e-9);
    }
}

/// Every function of `math` in a differentiable loop.
#[differentiable(crate = backprop_runtime)]
fn elementary(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let p = math::exp(x[i]);
        total += p * math::exp_m1(x[i]) + math::ln(p + 1.0) * math::ln_1p(p);
        total += math::tanh(x[i]) * math::sigmoid(x[i]) + math::softplus(x[i]) * math::gelu(x[i]);
        total += math::silu(x[i]) * math::sin(x[i]) + math::cos(x[i]) * math::erf(x[i]);
    }
    total
}

#[test]
fn a_loop_of_elementary_functions() {
    let x: Vec<f64> = numbers(9, 1);
    let mut d_x = vec![0.0; 9];
    elementary_grad(&x, &mut d_x);
    for i in 0..9 {
        let mut moved = x.clone();
        let mut at = |h: f64| {
            moved[i] = x[i] + h;
            elementary(&moved)
        };
        let h = 1e-3;
        let difference = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!(
            (d_x[i] - difference).abs() < 1e-8,
            "{i}: {} by differences {difference}",
            d_x[i]
        );
    }
}
