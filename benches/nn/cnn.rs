//! A convolutional network after LeNet-5, on whole batches: two convolutions with pooling, three dense layers.

use backprop::init::Generator;
use backprop::kernel::{Windows, conv2d, conv2d_workspace, linear, max_pool2d};
use backprop::loss::softmax_cross_entropy_batch;
use backprop::math::slice::relu;
use backprop::optim::{Optimizer, Sgd};
use backprop::prelude::*;

use crate::mlp::{Dense, data};
use crate::work::{Work, bytes};

const SIDE: usize = 28;
const FILTERS: [usize; 2] = [6, 16];
/// What a picture has become behind the convolutions, and the units of the dense layers.
const UNITS: [usize; 4] = [FILTERS[1] * 25, 120, 84, 10];

#[derive(Clone, Differentiable)]
struct Cnn {
    first: Dense,
    second: Dense,
    third: Dense,
    fourth: Dense,
    last: Dense,
}

/// What the layers make of a batch.
#[derive(Clone, Differentiable)]
struct Activations {
    /// Where convolutions work, a picture at a time.
    first_columns: Vec<f32>,
    second_columns: Vec<f32>,
    first_maps: Vec<f32>,
    first_pooled: Vec<f32>,
    first: Vec<f32>,
    second_maps: Vec<f32>,
    second_pooled: Vec<f32>,
    second: Vec<f32>,
    third_sums: Vec<f32>,
    third: Vec<f32>,
    fourth_sums: Vec<f32>,
    fourth: Vec<f32>,
    scores: Vec<f32>,
}

/// The convolution that keeps the side of 28, and the pooling behind it.
const fn first(n: usize) -> [Windows; 2] {
    let convolution = Windows {
        stride: [1, 1],
        padding: [2, 2],
        ..Windows::tiles(n, 1, [SIDE, SIDE], [5, 5])
    };
    [
        convolution,
        Windows::tiles(n, FILTERS[0], [SIDE, SIDE], [2, 2]),
    ]
}

/// From 14 by way of 10 to 5.
const fn second(n: usize) -> [Windows; 2] {
    let convolution = Windows {
        stride: [1, 1],
        ..Windows::tiles(n, FILTERS[0], [14, 14], [5, 5])
    };
    [convolution, Windows::tiles(n, FILTERS[1], [10, 10], [2, 2])]
}

/// The mean loss of a batch. The largest of four, then rectified, is a quarter of the work that the other order is.
#[differentiable]
fn loss(
    cnn: &Cnn,
    #[nodiff] x: &[f32],
    labels: &[usize],
    #[out] first_columns: &mut [f32],
    #[out] second_columns: &mut [f32],
    #[out] first_maps: &mut [f32],
    #[out] first_pooled: &mut [f32],
    #[out] first_out: &mut [f32],
    #[out] second_maps: &mut [f32],
    #[out] second_pooled: &mut [f32],
    #[out] second_out: &mut [f32],
    #[out] third_sums: &mut [f32],
    #[out] third: &mut [f32],
    #[out] fourth_sums: &mut [f32],
    #[out] fourth: &mut [f32],
    #[out] scores: &mut [f32],
) -> f32 {
    let n: usize = labels.len();
    let [windows, pool] = no_grad!(first(n));
    conv2d(
        x,
        &cnn.first.weights,
        &cnn.first.bias,
        first_maps,
        first_columns,
        windows,
        FILTERS[0],
    );
    max_pool2d(&*first_maps, first_pooled, pool);
    relu(&*first_pooled, first_out);
    let [windows, pool] = no_grad!(second(n));
    conv2d(
        &*first_out,
        &cnn.second.weights,
        &cnn.second.bias,
        second_maps,
        second_columns,
        windows,
        FILTERS[1],
    );
    max_pool2d(&*second_maps, second_pooled, pool);
    relu(&*second_pooled, second_out);
    linear(
        &*second_out,
        &cnn.third.weights,
        &cnn.third.bias,
        third_sums,
        [n, UNITS[0], UNITS[1]],
    );
    relu(&*third_sums, third);
    linear(
        &*third,
        &cnn.fourth.weights,
        &cnn.fourth.bias,
        fourth_sums,
        [n, UNITS[1], UNITS[2]],
    );
    relu(&*fourth_sums, fourth);
    linear(
        &*fourth,
        &cnn.last.weights,
        &cnn.last.bias,
        scores,
        [n, UNITS[2], UNITS[3]],
    );
    softmax_cross_entropy_batch(&*scores, labels)
}

/// Steps of gradient descent on a batch.
pub(crate) fn work(batch: usize) -> Work {
    let mut generator = Generator::new(1);
    let (x, labels) = data(batch, SIDE * SIDE, &mut generator);
    let mut model = Cnn {
        first: Dense::new(25, FILTERS[0], &mut generator),
        second: Dense::new(25 * FILTERS[0], FILTERS[1], &mut generator),
        third: Dense::new(UNITS[0], UNITS[1], &mut generator),
        fourth: Dense::new(UNITS[1], UNITS[2], &mut generator),
        last: Dense::new(UNITS[2], UNITS[3], &mut generator),
    };
    let zeros = |n: usize| vec![0.0; batch * n];
    let mut a = Activations {
        first_columns: vec![0.0; conv2d_workspace(&first(batch)[0])],
        second_columns: vec![0.0; conv2d_workspace(&second(batch)[0])],
        first_maps: zeros(FILTERS[0] * SIDE * SIDE),
        first_pooled: zeros(FILTERS[0] * 196),
        first: zeros(FILTERS[0] * 196),
        second_maps: zeros(FILTERS[1] * 100),
        second_pooled: zeros(UNITS[0]),
        second: zeros(UNITS[0]),
        third_sums: zeros(UNITS[1]),
        third: zeros(UNITS[1]),
        fourth_sums: zeros(UNITS[2]),
        fourth: zeros(UNITS[2]),
        scores: zeros(UNITS[3]),
    };
    let memory = 4 * x.len() + 8 * labels.len() + 2 * (bytes(&model) + bytes(&a));
    let mut d = a.zeros_like();
    let mut gradient = model.zeros_like();
    let mut sgd = Sgd::new(0.01);
    let step = move || {
        gradient.set_zero();
        let loss = loss_grad(
            &model,
            &mut gradient,
            &x,
            &labels,
            &mut a.first_columns,
            &mut d.first_columns,
            &mut a.second_columns,
            &mut d.second_columns,
            &mut a.first_maps,
            &mut d.first_maps,
            &mut a.first_pooled,
            &mut d.first_pooled,
            &mut a.first,
            &mut d.first,
            &mut a.second_maps,
            &mut d.second_maps,
            &mut a.second_pooled,
            &mut d.second_pooled,
            &mut a.second,
            &mut d.second,
            &mut a.third_sums,
            &mut d.third_sums,
            &mut a.third,
            &mut d.third,
            &mut a.fourth_sums,
            &mut d.fourth_sums,
            &mut a.fourth,
            &mut d.fourth,
            &mut a.scores,
            &mut d.scores,
        );
        sgd.step(&mut model, &gradient);
        loss
    };
    Work {
        step: Box::new(step),
        memory,
    }
}
