//! Optimizers against their published equations, written out once more: for a single number where they go number by number, for a leaf where they do
//! not.

#![cfg(feature = "alloc")]
#![allow(clippy::needless_range_loop, reason = "as in formulas")]

use backprop_runtime::optim::*;
use backprop_runtime::{Differentiable, Path};

/// Leaves `0`, `1` and `2`: single precision, a matrix of two columns, and something that does not change.
type Model = (Vec<f32>, [[f64; 2]; 2], usize);

fn model() -> Model {
    (vec![0.5, -1.5, 2.0], [[1.0, -2.0], [0.25, 3.0]], 7)
}

fn gradient(model: &Model, step: i32) -> Model {
    let shift = f64::from(step % 3) - 1.0;
    (
        model.0.iter().map(|x| 2.0 * x + shift as f32).collect(),
        model.1.map(|row| row.map(|x| x * x * 0.1 - shift)),
        0,
    )
}

fn leaves(model: &Model) -> [Vec<f64>; 2] {
    [
        model.0.iter().map(|&x| f64::from(x)).collect(),
        model.1.as_flattened().to_vec(),
    ]
}

/// A leaf, its gradient and the learning rate, to the next values of the leaf.
type Equation = Box<dyn FnMut(&[f64], &[f64], f64) -> Vec<f64>>;

/// Runs an optimizer, and for each leaf the equation, and compares all along the way.
fn check(mut optimizer: impl Optimizer<Model>, equation: impl Fn() -> Equation) {
    let mut model = model();
    let mut equations = [equation(), equation()];
    let mut expected = leaves(&model);
    for step in 0..20 {
        let rate = 0.1 / f64::from(step + 1);
        optimizer.set_learning_rate(rate);
        assert_eq!(optimizer.current_learning_rate(), rate);
        let g = gradient(&model, step);
        for ((x, equation), g) in expected.iter_mut().zip(&mut equations).zip(leaves(&g)) {
            *x = equation(x, &g, rate);
        }
        optimizer.step(&mut model, &g);
        for (leaf, tolerance) in [(0, 2e-5), (1, 1e-12)] {
            for (x, expected) in leaves(&model)[leaf].iter().zip(&expected[leaf]) {
                assert!(
                    (x - expected).abs() < tolerance,
                    "step {step}, leaf {leaf}: {x}, expected {expected}"
                );
            }
        }
        assert_eq!(model.2, 7);
    }
}

/// An equation for single numbers, with two moments and the number of the step.
fn each(f: impl Fn(f64, f64, f64, &mut [f64; 2], i32) -> f64 + Copy + 'static) -> Equation {
    let mut moments = [[0.0; 2]; 8];
    let mut t = 0;
    Box::new(move |xs, gs, rate| {
        t += 1;
        let numbers = xs.iter().zip(gs).zip(&mut moments);
        numbers
            .map(|((&x, &g), moments)| f(x, g, rate, moments, t))
            .collect()
    })
}

#[test]
fn amsgrad() {
    check(Adam::new(&model()).betas(0.8, 0.5).amsgrad(), || {
        // The third moment is the largest of the second so far: of the sequence, since the moments here are two.
        let mut largest = [0.0_f64; 8];
        let mut moments = [[0.0; 2]; 8];
        let mut t = 0;
        Box::new(move |xs, gs, rate| {
            t += 1;
            let mut next = Vec::new();
            for i in 0..xs.len() {
                let [m, v] = &mut moments[i];
                *m = 0.8 * *m + 0.2 * gs[i];
                *v = 0.5 * *v + 0.5 * gs[i] * gs[i];
                largest[i] = largest[i].max(*v);
                let v_hat = largest[i] / (1.0 - 0.5_f64.powi(t));
                next.push(xs[i] - rate * *m / (1.0 - 0.8_f64.powi(t)) / (v_hat.sqrt() + 1e-8));
            }
            next
        })
    });
}

#[test]
fn nadam() {
    check(NAdam::new(&model()).weight_decay(0.1), || {
        let mu = |t: i32| 0.9 * (1.0 - 0.5 * 0.96_f64.powf(0.004 * f64::from(t)));
        each(move |x, g, rate, [m, v], t| {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            let product: f64 = (1..=t).map(mu).product();
            let ahead =
                mu(t + 1) * *m / (1.0 - product * mu(t + 1)) + (1.0 - mu(t)) * g / (1.0 - product);
            let v_hat = *v / (1.0 - 0.999_f64.powi(t));
            x * (1.0 - rate * 0.1) - rate * ahead / (v_hat.sqrt() + 1e-8)
        })
    });
}

#[test]
fn radam() {
    check(RAdam::new(&model()).weight_decay(0.1), || {
        each(|x, g, rate, [m, v], t| {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            let m_hat = *m / (1.0 - 0.9_f64.powi(t));
            let last = 2.0 / 0.001 - 1.0;
            let power = 0.999_f64.powi(t);
            let rho = last - 2.0 * f64::from(t) * power / (1.0 - power);
            // The first five steps are without the second moment.
            assert_eq!(rho > 5.0, t > 5);
            let step = if rho > 5.0 {
                let r =
                    ((rho - 4.0) * (rho - 2.0) * last / ((last - 4.0) * (last - 2.0) * rho)).sqrt();
                r * m_hat * (1.0 - power).sqrt() / (v.sqrt() + 1e-8)
            } else {
                m_hat
            };
            x * (1.0 - rate * 0.1) - rate * step
        })
    });
}

#[test]
fn rmsprop() {
    check(
        RmsProp::new(&model()).smoothing(0.9).weight_decay(0.1),
        || {
            each(|x, g, rate, [v, _], _| {
                *v = 0.9 * *v + 0.1 * g * g;
                x * (1.0 - rate * 0.1) - rate * g / (v.sqrt() + 1e-8)
            })
        },
    );
    check(RmsProp::new(&model()).momentum(0.7).epsilon(1e-3), || {
        each(|x, g, rate, [v, b], _| {
            *v = 0.99 * *v + 0.01 * g * g;
            *b = 0.7 * *b + g / (v.sqrt() + 1e-3);
            x - rate * *b
        })
    });
}

#[test]
fn adagrad_and_adadelta() {
    check(Adagrad::new(&model()).weight_decay(0.1), || {
        each(|x, g, rate, [s, _], _| {
            *s += g * g;
            x * (1.0 - rate * 0.1) - rate * g / (s.sqrt() + 1e-10)
        })
    });
    check(Adadelta::new(&model()).weight_decay(0.1), || {
        each(|x, g, rate, [v, u], _| {
            *v = 0.9 * *v + 0.1 * g * g;
            let delta = (*u + 1e-6).sqrt() / (*v + 1e-6).sqrt() * g;
            *u = 0.9 * *u + 0.1 * delta * delta;
            x * (1.0 - rate * 0.1) - rate * delta
        })
    });
}

#[test]
fn lion() {
    check(Lion::new(&model()).weight_decay(0.1), || {
        each(|x, g, rate, [m, _], _| {
            let c = 0.9 * *m + 0.1 * g;
            *m = 0.99 * *m + 0.01 * g;
            let sign = if c == 0.0 { 0.0 } else { c.signum() };
            x - rate * (sign + 0.1 * x)
        })
    });
    // What has no gradient stands still.
    let mut x = [1.0, 2.0];
    Lion::new(&x).step(&mut x, &[0.0, 1.0]);
    assert_eq!(x, [1.0, 2.0 - 1e-4]);
}

fn norm(xs: &[f64]) -> f64 {
    xs.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[test]
fn lamb() {
    check(Lamb::new(&model()).weight_decay(0.1), || {
        let mut moments = [[0.0; 2]; 8];
        let mut t = 0;
        Box::new(move |xs, gs, rate| {
            t += 1;
            let mut u = Vec::new();
            for i in 0..xs.len() {
                let [m, v] = &mut moments[i];
                *m = 0.9 * *m + 0.1 * gs[i];
                *v = 0.999 * *v + 0.001 * gs[i] * gs[i];
                let m_hat = *m / (1.0 - 0.9_f64.powi(t));
                let v_hat = *v / (1.0 - 0.999_f64.powi(t));
                u.push(m_hat / (v_hat.sqrt() + 1e-6) + 0.1 * xs[i]);
            }
            let ratio = norm(xs) / norm(&u);
            xs.iter()
                .zip(&u)
                .map(|(x, u)| x - rate * ratio * u)
                .collect()
        })
    });
    // Weights of zero would never leave it.
    let mut x = [0.0_f64, 0.0];
    Lamb::new(&x).learning_rate(0.1).step(&mut x, &[3.0, -4.0]);
    assert!((x[0] + 0.1).abs() < 1e-6 && (x[1] - 0.1).abs() < 1e-6);
}

/// A leaf with so many columns; none for a vector.
fn adafactor(columns: Option<usize>) -> Equation {
    let mut v = [0.0; 8];
    let (mut rows_of, mut columns_of) = ([0.0; 4], [0.0; 4]);
    let mut t = 0;
    Box::new(move |xs, gs, rate| {
        t += 1;
        let beta = 1.0 - f64::from(t).powf(-0.8);
        let n = xs.len();
        let square = |i: usize| gs[i] * gs[i] + 1e-30;
        if let Some(columns) = columns {
            let rows = n / columns;
            for i in 0..rows {
                let mean =
                    (0..columns).map(|j| square(i * columns + j)).sum::<f64>() / columns as f64;
                rows_of[i] = beta * rows_of[i] + (1.0 - beta) * mean;
            }
            for j in 0..columns {
                let mean = (0..rows).map(|i| square(i * columns + j)).sum::<f64>() / rows as f64;
                columns_of[j] = beta * columns_of[j] + (1.0 - beta) * mean;
            }
            let mean = rows_of[..rows].iter().sum::<f64>() / rows as f64;
            for i in 0..n {
                v[i] = rows_of[i / columns] * columns_of[i % columns] / mean;
            }
        } else {
            for i in 0..n {
                v[i] = beta * v[i] + (1.0 - beta) * square(i);
            }
        }
        let u: Vec<f64> = (0..n).map(|i| gs[i] / v[i].sqrt()).collect();
        let rms = |xs: &[f64]| norm(xs) / (n as f64).sqrt();
        let alpha = rms(xs).max(1e-3) * rate.min(1.0 / f64::from(t).sqrt());
        let keep = 1.0 - 0.1 * rate;
        (0..n)
            .map(|i| keep * xs[i] - alpha * u[i] / rms(&u).max(1.0))
            .collect()
    })
}

#[test]
fn adafactor_of_vectors_and_matrices() {
    // The learning rates here are all below 1/√t, but those of the first test.
    check(Adafactor::new(&model()).weight_decay(0.1), || {
        adafactor(None)
    });
    let mut optimizer = Adafactor::new(&model())
        .matrix(&model(), "1", 2)
        .weight_decay(0.1)
        .learning_rate(3.0);
    let mut x = model();
    let mut equations = [adafactor(None), adafactor(Some(2))];
    for step in 0..20 {
        let g = gradient(&x, step);
        let expected: Vec<Vec<f64>> = leaves(&x)
            .iter()
            .zip(leaves(&g))
            .zip(&mut equations)
            .map(|((x, g), equation)| equation(x, &g, 3.0))
            .collect();
        optimizer.step(&mut x, &g);
        for (x, expected) in leaves(&x).concat().iter().zip(expected.concat()) {
            assert!(
                (x - expected).abs() < 1e-5 * expected.abs().max(1.0),
                "{x}, expected {expected}"
            );
        }
    }
}

/// The iteration acts on the singular values alone: a matrix made of known ones must come out with those that the polynomial gives.
#[test]
fn muon_of_known_singular_values() {
    let polynomial = |x: f64| 3.4445 * x - 4.775 * x.powi(3) + 2.0315 * x.powi(5);
    // Rows of orthonormal vectors in the plane and in space.
    let (c, s) = (0.6, 0.8);
    let left = [[c, s], [-s, c]];
    let right = [
        [2.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0],
        [2.0 / 3.0, 2.0 / 3.0, -1.0 / 3.0],
    ];
    let compose = |values: [f64; 2]| {
        let mut matrix = [0.0; 6];
        for k in 0..2 {
            for i in 0..2 {
                for j in 0..3 {
                    matrix[3 * i + j] += left[k][i] * values[k] * right[k][j];
                }
            }
        }
        matrix
    };
    let transpose = |m: [f64; 6]| -> [f64; 6] { std::array::from_fn(|i| m[i % 2 * 3 + i / 2]) };
    let values = [3.0, 0.4];
    let length = norm(&values);
    let ends = values.map(|value| (0..5).fold(value / length, |x, _| polynomial(x)));
    let expected = compose(ends).map(|o| -0.01 * 0.2 * 3.0_f64.sqrt() * o);
    for tall in [false, true] {
        let turn = |m| if tall { transpose(m) } else { m };
        let mut x = [0.0; 6];
        let columns = if tall { 2 } else { 3 };
        let mut muon = Muon::new(&x)
            .matrix(&x, "value", columns)
            .learning_rate(0.01);
        muon.step(&mut x, &turn(compose(values)));
        for (x, expected) in x.iter().zip(turn(expected)) {
            assert!((x - expected).abs() < 1e-8, "{x}, expected {expected}");
        }
    }
    // Nothing moves without a gradient, but for the decay.
    let mut x = [1.0; 6];
    Muon::new(&x)
        .matrix(&x, "value", 3)
        .weight_decay(0.5)
        .learning_rate(0.1)
        .step(&mut x, &[0.0; 6]);
    assert_eq!(x, [0.95; 6]);
}

#[test]
fn what_is_not_a_matrix_moves_as_by_adamw() {
    let (mut a, mut b) = (model(), model());
    let mut muon = Muon::new(&a).matrix(&a, "1", 2).weight_decay_of("0", 0.3);
    let mut adam = AdamW::new(&a).weight_decay(0.3);
    for step in 0..5 {
        let g = gradient(&a, step);
        muon.step(&mut a, &g);
        adam.step(&mut b, &g);
        assert_eq!(a.0, b.0);
    }
    assert_ne!(a.1, b.1);
}

#[test]
fn settings_by_name() {
    let start = || (vec![1.0, 2.0], [3.0], vec![([4.0], [5.0]); 2]);
    let zeros = start().zeros_like();
    let mut x = start();
    // Of several that match, the last one holds.
    let mut adam = AdamW::new(&x)
        .learning_rate(0.1)
        .weight_decay(1.0)
        .weight_decay_of("2.*", 0.5)
        .weight_decay_of("2.*.1", 0.0)
        .rate_factor("1", 2.0);
    adam.step(&mut x, &zeros);
    assert_eq!(
        x,
        (
            vec![0.9, 1.8],
            [2.4000000000000004],
            vec![([3.8], [5.0]); 2]
        )
    );

    // A frozen leaf stays; the others move as ever.
    let (mut x, mut y) = (start(), start());
    let mut ones = start().zeros_like();
    ones.accumulate(&start());
    Sgd::new(0.5).rate_factor("2.0*", 0.0).step(&mut x, &ones);
    Sgd::new(0.5).step(&mut y, &ones);
    assert_eq!((&x.0, x.1, x.2[1]), (&y.0, y.1, y.2[1]));
    assert_eq!(x.2[0], start().2[0]);
    let mut count = 0;
    start().2.iter().for_each(|_| count += 1);
    assert_eq!(Path::root().field("x").index(count).to_string(), "x.2");
}

#[test]
#[should_panic(expected = "no leaf of the model has a name like `*.bais`")]
fn names_that_nothing_has() {
    let mut x = [1.0];
    Sgd::new(0.1)
        .weight_decay_of("*.bais", 0.0)
        .step(&mut x, &[1.0]);
}

#[test]
#[should_panic(expected = "`0` has 3 elements, which make no rows of 2")]
fn matrices_have_whole_rows() {
    let _ = Muon::new(&model()).matrix(&model(), "*", 2);
}

#[test]
fn gathered_gradients_make_one_step() {
    let (mut x, mut y) = (model(), model());
    let mut pieces = Accumulate::new(Adam::new(&x), &x, 4);
    let mut whole = Adam::new(&y);
    for step in 0..3 {
        let mut mean = model().zeros_like();
        for piece in 0..4 {
            let g = gradient(&x, piece + step);
            mean.accumulate(&g);
            pieces.step(&mut x, &g);
            assert_eq!(pieces.gathered(), (piece + 1) as u64 % 4);
        }
        mean.0.iter_mut().for_each(|g| *g /= 4.0);
        mean.1.as_flattened_mut().iter_mut().for_each(|g| *g /= 4.0);
        whole.step(&mut y, &mean);
        assert_eq!(x, y);
    }
    // An epoch's rest is a batch too.
    let g = gradient(&x, 1);
    pieces.step(&mut x, &g);
    pieces.flush(&mut x);
    whole.step(&mut y, &g);
    assert_eq!(x, y);
    pieces.flush(&mut x);
    assert_eq!(x, y);
}

#[test]
fn clipping() {
    let mut g = (vec![3.0_f32, -4.0, f32::NAN], [0.5_f64]);
    assert_eq!(clip_value(&mut g, 3.5), 2);
    assert_eq!((g.0[0], g.0[1], g.1), (3.0, -3.5, [0.5]));
    assert!(g.0[2].is_nan());
    // By leaf, in proportion; a tiny leaf counts as the floor.
    let weights = (vec![0.0_f32, 2.0], [0.0_f64], [1.0_f64]);
    let mut g = (vec![3.0_f32, 4.0], [1.0_f64], [0.05_f64]);
    assert_eq!(clip_adaptive(&mut g, &weights, 0.1, 0.01), 2);
    assert!((g.0[0] - 0.12).abs() < 1e-7 && (g.0[1] - 0.16).abs() < 1e-7);
    assert!((g.1[0] - 0.001).abs() < 1e-15);
    assert_eq!(g.2, [0.05]);
    let mut broken = [f64::NAN, 1.0];
    assert_eq!(clip_adaptive(&mut broken, &[1.0, 1.0], 0.1, 0.01), 0);
    assert_eq!(broken[1], 1.0);
}
