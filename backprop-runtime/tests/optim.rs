//! Optimizers against their published equations, written out here once more for a single number.

#![cfg(feature = "alloc")]

use backprop_runtime::Differentiable;
use backprop_runtime::optim::*;

/// A model with leaves of both types, and something that is not a leaf.
type Model = (Vec<f32>, [[f64; 2]; 2], usize);

fn model() -> Model {
    (vec![0.5, -1.5, 2.0], [[1.0, -2.0], [0.25, 3.0]], 7)
}

/// Some gradient that changes from step to step.
fn gradient(model: &Model, step: i32) -> Model {
    let shift = f64::from(step % 3) - 1.0;
    (
        model.0.iter().map(|x| 2.0 * x + shift as f32).collect(),
        model.1.map(|row| row.map(|x| x * x * 0.1 - shift)),
        0,
    )
}

/// Runs an optimizer and, for every number of the model, the equation, and compares all along the way.
fn check(
    mut optimizer: impl Optimizer<Model>,
    equation: impl Fn() -> Box<dyn FnMut(f64, f64, f64) -> f64>,
) {
    let mut model = model();
    let mut equations: Vec<_> = (0..7).map(|_| equation()).collect();
    let mut expected: Vec<f64> = numbers(&model);
    for step in 0..20 {
        let rate = 0.1 / f64::from(step + 1);
        optimizer.set_learning_rate(rate);
        assert_eq!(optimizer.current_learning_rate(), rate);
        let g = gradient(&model, step);
        for ((x, equation), g) in expected.iter_mut().zip(&mut equations).zip(numbers(&g)) {
            *x = equation(*x, g, rate);
        }
        optimizer.step(&mut model, &g);
        for (i, (x, expected)) in numbers(&model).iter().zip(&expected).enumerate() {
            let tolerance = if i < 3 { 1e-5 } else { 1e-13 };
            assert!(
                (x - expected).abs() < tolerance,
                "step {step}, number {i}: {x}, expected {expected}"
            );
        }
        assert_eq!(model.2, 7);
    }
}

fn numbers(model: &Model) -> Vec<f64> {
    model
        .0
        .iter()
        .map(|&x| f64::from(x))
        .chain(model.1.as_flattened().iter().copied())
        .collect()
}

#[test]
fn plain_descent() {
    check(Sgd::new(0.0), || Box::new(|x, g, rate| x - rate * g));
}

#[test]
fn descent_with_momentum_and_decay() {
    check(
        Sgd::new(0.0).momentum(&model(), 0.9).weight_decay(0.02),
        || {
            let mut v = 0.0;
            Box::new(move |x, g, rate| {
                v = 0.9 * v + (g + 0.02 * x);
                x - rate * v
            })
        },
    );
}

#[test]
fn descent_with_nesterov_momentum() {
    check(Sgd::new(0.0).nesterov(&model(), 0.8), || {
        let mut v = 0.0;
        Box::new(move |x, g, rate| {
            v = 0.8 * v + g;
            x - rate * (g + 0.8 * v)
        })
    });
}

/// Algorithm 1 of Kingma and Ba, line by line.
fn adam(betas: (f64, f64), epsilon: f64, decay: f64) -> Box<dyn FnMut(f64, f64, f64) -> f64> {
    let (mut m, mut v, mut t) = (0.0, 0.0, 0);
    Box::new(move |x, g, rate| {
        t += 1;
        m = betas.0 * m + (1.0 - betas.0) * g;
        v = betas.1 * v + (1.0 - betas.1) * g * g;
        let m_hat = m / (1.0 - betas.0.powi(t));
        let v_hat = v / (1.0 - betas.1.powi(t));
        x - rate * decay * x - rate * m_hat / (v_hat.sqrt() + epsilon)
    })
}

#[test]
fn adam_as_published() {
    check(Adam::new(&model()), || adam((0.9, 0.999), 1e-8, 0.0));
    check(Adam::new(&model()).betas(0.5, 0.9).epsilon(1e-3), || {
        adam((0.5, 0.9), 1e-3, 0.0)
    });
    check(Adam::new(&model()).betas(0.0, 0.9), || {
        adam((0.0, 0.9), 1e-8, 0.0)
    });
}

#[test]
fn adam_with_decoupled_decay() {
    check(AdamW::new(&model()), || adam((0.9, 0.999), 1e-8, 0.01));
    check(
        AdamW::new(&model())
            .weight_decay(0.3)
            .betas(0.8, 0.99)
            .epsilon(1e-6),
        || adam((0.8, 0.99), 1e-6, 0.3),
    );
}

#[test]
fn norms_and_clipping() {
    let mut g: Model = (vec![3.0, 0.0, 0.0], [[0.0, 4.0], [0.0, 0.0]], 7);
    assert_eq!(global_norm(&g), 5.0);
    assert_eq!(clip_global_norm(&mut g, 10.0), 5.0);
    assert_eq!(g.0[0], 3.0);
    assert_eq!(clip_global_norm(&mut g, 1.0), 5.0);
    assert!((global_norm(&g) - 1.0).abs() < 1e-7);
    assert!((g.0[0] - 0.6).abs() < 1e-7 && (g.1[0][1] - 0.8).abs() < 1e-15);

    let large = [1e30_f32; 100];
    assert!((global_norm(&large) / 1e31 - 1.0).abs() < 1e-6);
    let mut broken = [f64::INFINITY, 1.0];
    assert_eq!(clip_global_norm(&mut broken, 1.0), f64::INFINITY);
    assert_eq!(broken[1], 1.0);
}

#[test]
#[should_panic(expected = "values of different shapes: `0` has length 2 in one and 3 in the other")]
fn shapes_are_compared() {
    let mut wrong = model();
    wrong.0.pop();
    let mut model = model();
    Sgd::new(0.1).step(&mut model, &wrong);
}

#[test]
fn zeros_have_the_shape_and_no_floats() {
    assert_eq!(model().zeros_like(), (vec![0.0; 3], [[0.0; 2]; 2], 7));
}
