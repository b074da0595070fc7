//! The network: two convolutions with pooling, then three dense layers, after LeNet-5.
//!
//! In: images, one after the other. Out: ten scores for each, and the loss of a batch. `#[differentiable]` on `loss` puts `loss_grad` beside it; the kernels that
//! the layers call bring their own derivatives. What a layer makes of an image lies in arrays on the stack, which are filled anew for the next one.
//!
//! Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998), 2278, section II.B, with
//! rectifiers, largest numbers for means, and all channels connected.

use backprop::init::{Generator, glorot_uniform, he_normal};
use backprop::kernel::{Windows, conv2d, conv2d_workspace, linear, max_pool2d};
use backprop::loss::softmax_cross_entropy;
use backprop::prelude::*;

use crate::data::{CLASSES, PIXELS, SIDE};
use crate::training::Classifier;

/// Filters of the convolutions, and the side of their windows.
pub(crate) const FILTERS: [usize; 2] = [6, 16];
pub(crate) const WINDOW: usize = 5;
/// Units of the hidden dense layers.
const UNITS: [usize; 2] = [120, 84];

/// The first convolution keeps the side of 28, and the pooling behind halves it; so does the second, from 14 by way of 10 to 5.
const FIRST: Windows = Windows {
    stride: [1, 1],
    padding: [2, 2],
    ..Windows::tiles(1, 1, [SIDE, SIDE], [WINDOW, WINDOW])
};
const FIRST_POOL: Windows = Windows::tiles(1, FILTERS[0], [SIDE, SIDE], [2, 2]);
const SECOND: Windows = Windows {
    stride: [1, 1],
    ..Windows::tiles(1, FILTERS[0], [SIDE / 2, SIDE / 2], [WINDOW, WINDOW])
};
const SECOND_POOL: Windows = Windows::tiles(1, FILTERS[1], [10, 10], [2, 2]);

/// How many numbers there are behind each of these.
const FIRST_LEN: usize = FILTERS[0] * PIXELS;
const SECOND_LEN: usize = FILTERS[1] * 100;
const POOLED_LEN: usize = FILTERS[1] * 25;

/// Weights and bias of a layer, convolution or dense: a row of weights for each filter or unit. Its gradient has the same type.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Layer {
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Layer {
    /// For a rectifier behind it.
    fn new(inputs: usize, outputs: usize, generator: &mut Generator) -> Self {
        let mut layer = Layer {
            weights: vec![0.0; inputs * outputs],
            bias: vec![0.0; outputs],
        };
        he_normal(&mut layer.weights, inputs, generator);
        layer
    }
}

/// The whole network; by the derive also its gradient, and the optimizer's moments.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Network {
    pub(crate) first: Layer,
    second: Layer,
    third: Layer,
    fourth: Layer,
    last: Layer,
}

impl Network {
    /// The scores of one image for each digit.
    #[differentiable]
    fn apply(&self, #[nodiff] image: &[f32], #[out] scores: &mut [f32; CLASSES]) {
        let mut columns = [0.0; conv2d_workspace(&FIRST)];
        let mut maps = [0.0; FIRST_LEN];
        conv2d(
            image,
            &self.first.weights,
            &self.first.bias,
            &mut maps,
            &mut columns,
            FIRST,
            FILTERS[0],
        );
        // The largest of four, then rectified, is a quarter of the work that the other order is.
        let mut pooled = [0.0; FIRST_LEN / 4];
        max_pool2d(&maps, &mut pooled, FIRST_POOL);
        let mut first = [0.0; FIRST_LEN / 4];
        rectify(&pooled, &mut first);

        let mut columns = [0.0; conv2d_workspace(&SECOND)];
        let mut maps = [0.0; SECOND_LEN];
        conv2d(
            &first,
            &self.second.weights,
            &self.second.bias,
            &mut maps,
            &mut columns,
            SECOND,
            FILTERS[1],
        );
        let mut pooled = [0.0; POOLED_LEN];
        max_pool2d(&maps, &mut pooled, SECOND_POOL);
        let mut second = [0.0; POOLED_LEN];
        rectify(&pooled, &mut second);

        let mut sums = [0.0; UNITS[0]];
        linear(
            &second,
            &self.third.weights,
            &self.third.bias,
            &mut sums,
            [1, POOLED_LEN, UNITS[0]],
        );
        let mut third = [0.0; UNITS[0]];
        rectify(&sums, &mut third);
        let mut sums = [0.0; UNITS[1]];
        linear(
            &third,
            &self.fourth.weights,
            &self.fourth.bias,
            &mut sums,
            [1, UNITS[0], UNITS[1]],
        );
        let mut fourth = [0.0; UNITS[1]];
        rectify(&sums, &mut fourth);
        linear(
            &fourth,
            &self.last.weights,
            &self.last.bias,
            scores,
            [1, UNITS[1], CLASSES],
        );
    }

    /// The mean loss of a batch.
    #[differentiable]
    fn loss(&self, #[nodiff] images: &[f32], labels: &[usize]) -> f32 {
        let mut total = 0.0;
        for k in 0..labels.len() {
            let mut scores = [0.0; CLASSES];
            self.apply(&images[k * PIXELS..][..PIXELS], &mut scores);
            total += softmax_cross_entropy(&scores, labels[k]);
        }
        total / labels.len() as f32
    }
}

impl Classifier for Network {
    const NAME: &'static str = "mnist_cnn";

    fn new(generator: &mut Generator) -> Self {
        const AREA: usize = WINDOW * WINDOW;
        let mut network = Network {
            first: Layer::new(AREA, FILTERS[0], generator),
            second: Layer::new(FILTERS[0] * AREA, FILTERS[1], generator),
            third: Layer::new(POOLED_LEN, UNITS[0], generator),
            fourth: Layer::new(UNITS[0], UNITS[1], generator),
            last: Layer::new(UNITS[1], CLASSES, generator),
        };
        glorot_uniform(&mut network.last.weights, UNITS[1], CLASSES, generator);
        network
    }

    fn add_gradient(&self, gradient: &mut Self, images: &[f32], labels: &[usize]) -> f32 {
        self.loss_grad(gradient, images, labels)
    }

    fn scores(&self, image: &[f32]) -> [f32; CLASSES] {
        let mut scores = [0.0; CLASSES];
        self.apply(image, &mut scores);
        scores
    }
}

/// What is negative becomes zero.
#[differentiable]
#[inline(always)]
fn rectify(inputs: &[f32], #[out] outputs: &mut [f32]) {
    for (output, input) in outputs.iter_mut().zip(inputs) {
        *output = input.max(0.0);
    }
}
