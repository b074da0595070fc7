//! Optimizers against the ones that others trust: trajectories of PyTorch and optax, computed once by `generate.py`, whose start, gradients and
//! hyperparameters are repeated here. The first line of the file names the versions.

#![cfg(feature = "alloc")]

use backprop_runtime::optim::*;

/// Leaves `0`, a matrix of two rows, and `1`.
type Model = ([[f64; 3]; 2], [f64; 2]);

const FILE: &str = include_str!("trajectories.txt");
const START: Model = ([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], [0.1, -0.3]);
const STEPS: usize = 12;

fn numbers(model: &Model) -> Vec<f64> {
    [model.0.as_flattened(), &model.1].concat()
}

fn of_numbers(x: &[f64]) -> Model {
    ([[x[0], x[1], x[2]], [x[3], x[4], x[5]]], [x[6], x[7]])
}

fn gradient(model: &Model, step: usize) -> Model {
    let each = |(k, x): (usize, f64)| {
        let i = k as f64;
        let disturbance = 0.25 * (((7 * step + 3 * k) % 5) as f64 - 2.0);
        (1.0 + 0.5 * i) * (x - 0.25 * i) + 0.125 * x * x * x + disturbance
    };
    of_numbers(
        &numbers(model)
            .into_iter()
            .enumerate()
            .map(each)
            .collect::<Vec<_>>(),
    )
}

/// Runs an optimizer and compares all the steps that the file has of `name`.
#[track_caller]
fn follow(name: &str, tolerance: f64, mut optimizer: impl Optimizer<Model>) {
    compare(name, tolerance, |model, step| {
        let g = gradient(model, step);
        optimizer.step(model, &g);
    });
}

#[track_caller]
fn compare(name: &str, tolerance: f64, mut step: impl FnMut(&mut Model, usize)) {
    let mut model = START;
    let mut compared = 0;
    for t in 1..=STEPS {
        step(&mut model, t);
        let prefix = format!("{name} {t} ");
        let Some(line) = FILE.lines().find_map(|line| line.strip_prefix(&prefix)) else {
            continue;
        };
        let expected: Vec<f64> = line.split(' ').map(|x| x.parse().unwrap()).collect();
        assert_eq!(expected.len(), 8);
        for (i, (x, expected)) in numbers(&model).iter().zip(&expected).enumerate() {
            assert!(
                (x - expected).abs() < tolerance,
                "{name}, step {t}, number {i}: {x}, expected {expected}"
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 5, "{name}");
}

#[test]
fn of_pytorch() {
    let m = &START;
    follow("sgd", 1e-14, Sgd::new(0.05).weight_decay(0.1));
    follow("momentum", 1e-14, Sgd::new(0.05).momentum(m, 0.9));
    follow(
        "nesterov",
        1e-14,
        Sgd::new(0.05).nesterov(m, 0.9).weight_decay(0.1),
    );
    follow("adam", 1e-12, Adam::new(m).learning_rate(0.05));
    follow(
        "amsgrad",
        1e-12,
        Adam::new(m).learning_rate(0.05).betas(0.8, 0.6).amsgrad(),
    );
    // Parameter groups: the vector has no decay and twice the rate.
    let adamw = AdamW::new(m).learning_rate(0.05).weight_decay(0.2);
    follow(
        "adamw",
        1e-12,
        adamw.weight_decay_of("1", 0.0).rate_factor("1", 2.0),
    );
    follow(
        "nadam",
        1e-12,
        NAdam::new(m).learning_rate(0.05).weight_decay(0.2),
    );
    follow(
        "radam",
        1e-12,
        RAdam::new(m).learning_rate(0.05).weight_decay(0.2),
    );
    follow(
        "rmsprop",
        1e-12,
        RmsProp::new(m).learning_rate(0.05).smoothing(0.9),
    );
    follow(
        "rmsprop_momentum",
        1e-12,
        RmsProp::new(m).learning_rate(0.05).momentum(0.5),
    );
    follow("adagrad", 1e-12, Adagrad::new(m).learning_rate(0.05));
    follow("adadelta", 1e-12, Adadelta::new(m));
    follow(
        "adafactor",
        1e-9,
        Adafactor::new(m)
            .matrix(m, "0", 3)
            .learning_rate(0.3)
            .weight_decay(0.05),
    );
}

#[test]
fn of_optax() {
    let m = &START;
    follow("adam_optax", 1e-12, Adam::new(m).learning_rate(0.05));
    follow(
        "lion",
        1e-14,
        Lion::new(m).learning_rate(0.05).weight_decay(0.2),
    );
    follow(
        "lamb",
        1e-12,
        Lamb::new(m).learning_rate(0.05).weight_decay(0.2),
    );
    // Its decay rate is computed in single precision there.
    follow(
        "adafactor_optax",
        1e-7,
        Adafactor::new(m).matrix(m, "0", 3).learning_rate(0.05),
    );
    // In double precision there, in single precision here.
    let muon = Muon::new(m)
        .matrix(m, "0", 3)
        .learning_rate(0.05)
        .weight_decay(0.2);
    follow("muon", 1e-6, muon.momentum(0.9).nesterov(false));
}

/// PyTorch's Newton-Schulz iteration runs in half precision (bfloat16), with eight bits: the trajectories come apart by as much.
#[test]
fn of_pytorch_in_half_precision() {
    let m = &START;
    let muon = Muon::new(m)
        .matrix(m, "0", 3)
        .learning_rate(0.05)
        .weight_decay(0.2);
    follow("muon_torch", 5e-3, muon.momentum(0.9));
}

/// Where the first length tried is good, the line search has nothing to decide, and both follow the same path.
#[test]
fn of_pytorchs_quasi_newton_method() {
    let mut lbfgs = Lbfgs::new(&START);
    compare("lbfgs", 1e-9, |model, _| {
        let step = lbfgs.step(model, |x, d_x| {
            let mut sum = 0.0;
            let mut g = numbers(d_x);
            for (k, x) in numbers(x).into_iter().enumerate() {
                let (i, error) = (k as f64, x - 0.25 * k as f64);
                sum += 0.5 * (1.0 + 0.5 * i) * error * error + 0.03125 * x.powi(4);
                g[k] += (1.0 + 0.5 * i) * error + 0.125 * x.powi(3);
            }
            *d_x = of_numbers(&g);
            sum
        });
        assert!(step.is_ok(), "{step:?}");
    });
}
