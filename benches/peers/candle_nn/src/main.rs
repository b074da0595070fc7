//! Training steps of candle, for `cargo bench --bench nn -- --all-peers`.
//!
//! Arguments: mlp or cnn; the size of the batch; threads, which the environment says as well. Says `ready` and the microseconds of the first step after warming up; then for each line with
//! a number does so many steps, and answers with the microseconds that one took.

use std::io::BufRead as _;
use std::time::Instant;

use candle::{DType, Device, Result, Tensor};
use candle_layers::{
    Conv2dConfig, Module as _, Optimizer as _, SGD, Sequential, VarBuilder, VarMap, conv2d, linear,
    loss::cross_entropy, seq,
};

/// The MLP 784-128-64-10.
fn mlp(vars: &VarBuilder) -> Result<Sequential> {
    Ok(seq()
        .add(linear(784, 128, vars.pp("first"))?)
        .add_fn(Tensor::relu)
        .add(linear(128, 64, vars.pp("second"))?)
        .add_fn(Tensor::relu)
        .add(linear(64, 10, vars.pp("last"))?))
}

/// After LeNet-5.
fn cnn(vars: &VarBuilder) -> Result<Sequential> {
    let padded = Conv2dConfig {
        padding: 2,
        ..Default::default()
    };
    let pool = |x: &Tensor| x.max_pool2d(2)?.relu();
    Ok(seq()
        .add(conv2d(1, 6, 5, padded, vars.pp("first"))?)
        .add_fn(pool)
        .add(conv2d(6, 16, 5, Default::default(), vars.pp("second"))?)
        .add_fn(pool)
        .add_fn(|x| x.flatten_from(1))
        .add(linear(400, 120, vars.pp("third"))?)
        .add_fn(Tensor::relu)
        .add(linear(120, 84, vars.pp("fourth"))?)
        .add_fn(Tensor::relu)
        .add(linear(84, 10, vars.pp("last"))?))
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let work = arguments.next().unwrap_or_default();
    let batch: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    let (device, map) = (Device::Cpu, VarMap::new());
    let vars = VarBuilder::from_varmap(&map, DType::F32, &device);
    let (model, x) = match work.as_str() {
        "mlp" => (mlp(&vars)?, Tensor::rand(0.0_f32, 1.0, (batch, 784), &device)?),
        _ => (cnn(&vars)?, Tensor::rand(0.0_f32, 1.0, (batch, 1, 28, 28), &device)?),
    };
    let labels: Vec<u32> = (0..batch as u32).map(|i| i * 7 % 10).collect();
    let labels = Tensor::from_vec(labels, batch, &device)?;
    let mut sgd = SGD::new(map.all_vars(), 0.01)?;
    let mut step = || -> Result<f32> {
        let loss = cross_entropy(&model.forward(&x)?, &labels)?;
        sgd.backward_step(&loss)?;
        loss.to_scalar()
    };
    step()?;
    let first = start.elapsed();
    for _ in 0..50 {
        step()?;
    }
    println!("ready {}", first.as_secs_f64() * 1e6);
    for line in std::io::stdin().lock().lines() {
        let steps: u32 = line?.trim().parse().unwrap_or(1);
        let start = Instant::now();
        for _ in 0..steps {
            step()?;
        }
        println!("{}", start.elapsed().as_secs_f64() * 1e6 / f64::from(steps));
    }
    Ok(())
}
