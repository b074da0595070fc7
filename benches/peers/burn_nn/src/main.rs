//! Training steps of burn, for `cargo bench --bench nn -- --all-peers`.
//!
//! Arguments: mlp or cnn; the size of the batch; threads, which the environment says as well. Says `ready` and the microseconds of the first step after warming up; then for each line with
//! a number does so many steps, and answers with the microseconds that one took.

use std::io::BufRead as _;
use std::time::Instant;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;

/// The MLP 784-128-64-10.
#[derive(Module, Debug)]
struct Mlp {
    first: Linear,
    second: Linear,
    last: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Self {
        Mlp {
            first: LinearConfig::new(784, 128).init(device),
            second: LinearConfig::new(128, 64).init(device),
            last: LinearConfig::new(64, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = relu(self.first.forward(x));
        self.last.forward(relu(self.second.forward(x)))
    }
}

/// After LeNet-5.
#[derive(Module, Debug)]
struct Cnn {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    third: Linear,
    fourth: Linear,
    last: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        let padding = PaddingConfig2d::Explicit(2, 2, 2, 2);
        Cnn {
            first: Conv2dConfig::new([1, 6], [5, 5]).with_padding(padding).init(device),
            second: Conv2dConfig::new([6, 16], [5, 5]).init(device),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            third: LinearConfig::new(400, 120).init(device),
            fourth: LinearConfig::new(120, 84).init(device),
            last: LinearConfig::new(84, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = relu(self.pool.forward(self.first.forward(x)));
        let x = relu(self.pool.forward(self.second.forward(x)));
        let x = relu(self.third.forward(x.flatten(1, 3)));
        self.last.forward(relu(self.fourth.forward(x)))
    }
}

/// Warms up, and answers.
fn serve(start: Instant, mut step: impl FnMut() -> f32) {
    step();
    let first = start.elapsed();
    for _ in 0..50 {
        step();
    }
    println!("ready {}", first.as_secs_f64() * 1e6);
    for line in std::io::stdin().lock().lines() {
        let steps: u32 = line.unwrap_or_default().trim().parse().unwrap_or(1);
        let start = Instant::now();
        for _ in 0..steps {
            std::hint::black_box(step());
        }
        println!("{}", start.elapsed().as_secs_f64() * 1e6 / f64::from(steps));
    }
}

/// Steps of gradient descent with a model and its forward pass.
macro_rules! train {
    ($start:expr, $device:expr, $model:expr, $x:expr, $labels:expr) => {{
        let loss: CrossEntropyLoss = CrossEntropyLossConfig::new().init($device);
        let (mut sgd, mut held) = (SgdConfig::new().init(), Some($model));
        let (x, labels) = ($x, $labels);
        serve($start, move || {
            let Some(model) = held.take() else { return f32::NAN };
            let value = loss.forward(model.forward(x.clone()), labels.clone());
            let gradients = GradientsParams::from_grads(value.backward(), &model);
            held = Some(sgd.step(0.01, model, gradients));
            value.into_scalar::<f32>()
        });
    }};
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let work = arguments.next().unwrap_or_default();
    let batch: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    let device = Device::flex().autodiff();
    let pixels: Vec<f32> = (0..batch * 784).map(|i| (i * 7919 % 1000) as f32 / 1000.0).collect();
    let labels: Vec<i32> = (0..batch as i32).map(|i| i * 7 % 10).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &device);
    if work == "mlp" {
        let x = Tensor::<2>::from_data(TensorData::new(pixels, [batch, 784]), &device);
        train!(start, &device, Mlp::new(&device), x, labels);
    } else {
        let x = Tensor::<4>::from_data(TensorData::new(pixels, [batch, 1, 28, 28]), &device);
        train!(start, &device, Cnn::new(&device), x, labels);
    }
}
