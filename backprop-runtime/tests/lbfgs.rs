//! L-BFGS against BFGS with whole matrices, the conditions that its steps promise, and minima that are known.

#![cfg(feature = "alloc")]
#![allow(
    clippy::needless_range_loop,
    clippy::ptr_arg,
    reason = "as in formulas; the gradient of a `Vec` is one"
)]

use backprop_runtime::optim::{Lbfgs, LineSearchError};

/// The chained function of Rosenbrock, with its minimum 0 at ones.
fn rosenbrock(x: &Vec<f64>, d_x: &mut Vec<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() - 1 {
        let (t, u) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
        sum += 100.0 * t * t + u * u;
        d_x[i] -= 400.0 * t * x[i] + 2.0 * u;
        d_x[i + 1] += 200.0 * t;
    }
    sum
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// One step of the formula of Broyden, Fletcher, Goldfarb and Shanno for the inverse Hessian (Nocedal, Wright, equation 6.17).
fn bfgs(h: &mut [Vec<f64>], s: &[f64], y: &[f64]) {
    let n = s.len();
    let rho = 1.0 / dot(s, y);
    let part = |i: usize, j: usize| f64::from(i == j) - rho * s[i] * y[j];
    let old = h.to_vec();
    for i in 0..n {
        for j in 0..n {
            h[i][j] = rho * s[i] * s[j];
            for k in 0..n {
                for l in 0..n {
                    h[i][j] += part(i, k) * old[k][l] * part(j, l);
                }
            }
        }
    }
}

/// Each direction is −H·g, where H comes from a multiple of the identity by the last pairs.
#[test]
fn directions_are_those_of_whole_matrices() {
    const HISTORY: usize = 3;
    let mut x = vec![-1.2, 1.0, 0.5, -0.3];
    let mut lbfgs = Lbfgs::new(&x).history(HISTORY);
    let mut pairs: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for _ in 0..15 {
        let (old_x, mut old_g, mut g) = (x.clone(), vec![0.0; 4], vec![0.0; 4]);
        let old = rosenbrock(&x, &mut old_g);
        let step = lbfgs.step(&mut x, rosenbrock).unwrap();
        let value = rosenbrock(&x, &mut g);
        assert_eq!(step.value, value);
        assert_eq!(step.gradient_norm, dot(&g, &g).sqrt());

        let mut direction: Vec<f64> = old_g.iter().map(|g| -g).collect();
        if let Some((s, y)) = pairs.last() {
            let scale = dot(s, y) / dot(y, y);
            let mut h: Vec<Vec<f64>> = (0..4)
                .map(|i| (0..4).map(|j| if i == j { scale } else { 0.0 }).collect())
                .collect();
            for (s, y) in &pairs[pairs.len().saturating_sub(HISTORY)..] {
                bfgs(&mut h, s, y);
            }
            direction = h.iter().map(|row| -dot(row, &old_g)).collect();
        }
        for i in 0..4 {
            let expected = old_x[i] + step.length * direction[i];
            assert!(
                (x[i] - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{}, expected {expected}",
                x[i]
            );
        }
        // The strong Wolfe conditions.
        let (before, after) = (dot(&direction, &old_g), dot(&direction, &g));
        assert!(value <= old + 1e-4 * step.length * before && after.abs() <= 0.9 * before.abs());

        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        pairs.push((difference(&x, &old_x), difference(&g, &old_g)));
    }
}

#[test]
fn minima_are_found() {
    for n in [2, 10, 100] {
        let mut x: Vec<f64> = (0..n)
            .map(|i| if i % 2 == 0 { -1.2 } else { 1.0 })
            .collect();
        let last = Lbfgs::new(&x)
            .minimise(&mut x, 1e-9, 1000, rosenbrock)
            .unwrap();
        assert!(last.gradient_norm <= 1e-9, "{n}: {last:?}");
        // The chained function has a second minimum near (-1, 1, 1, ..) from 4 dimensions on.
        assert!(x[1..].iter().all(|x| (x - 1.0).abs() < 1e-8), "{n}: {x:?}");
    }
    // Of a quadratic function in n dimensions, after little more than n steps.
    let quadratic = |x: &[f64; 5], d_x: &mut [f64; 5]| {
        let mut sum = 0.0;
        for i in 0..5 {
            let (weight, error) = (10_f64.powi(i as i32), x[i] - i as f64);
            d_x[i] += weight * error;
            sum += 0.5 * weight * error * error;
        }
        sum
    };
    let mut x = [7.0; 5];
    let last = Lbfgs::new(&x)
        .minimise(&mut x, 1e-7, 40, quadratic)
        .unwrap();
    assert!(last.gradient_norm < 1e-7, "{last:?}");
}

#[test]
fn single_precision_models() {
    let mut x = [-1.2_f32, 1.0];
    let f = |x: &[f32; 2], d_x: &mut [f32; 2]| {
        let (t, u) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        d_x[0] -= 400.0 * t * x[0] + 2.0 * u;
        d_x[1] += 200.0 * t;
        f64::from(100.0 * t * t + u * u)
    };
    let mut lbfgs = Lbfgs::new(&x);
    while let Ok(step) = lbfgs.step(&mut x, f) {
        if step.gradient_norm < 1e-4 {
            break;
        }
    }
    assert!(
        (x[0] - 1.0).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3,
        "{x:?}"
    );
}

/// Where the first step leads out of the domain, it is made shorter.
#[test]
fn steps_that_leave_the_domain_are_shortened() {
    // x − ln x has its minimum at 1, and no value below 0.
    let f = |x: &f64, d_x: &mut f64| {
        *d_x += 1.0 - 1.0 / x;
        x - x.ln()
    };
    for start in [1e-3, 5.0, 200.0] {
        let mut x = start;
        Lbfgs::new(&x).minimise(&mut x, 1e-10, 100, f).unwrap();
        assert!((x - 1.0).abs() < 1e-9, "from {start}: {x}");
    }
}

#[test]
fn what_cannot_be_minimised_is_said() {
    // The sign of the gradient is wrong: nothing on the way is lower.
    let mut x = [1.0, 2.0];
    let error = Lbfgs::new(&x).step(&mut x, |x, d_x| {
        for i in 0..2 {
            d_x[i] -= x[i];
        }
        0.5 * dot(x, x)
    });
    assert!(
        matches!(error, Err(LineSearchError::NoProgress { value: 2.5, .. })),
        "{error:?}"
    );
    assert_eq!(x, [1.0, 2.0]);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("the gradient is not the function's")
    );

    let mut x = 0.5;
    let error = Lbfgs::new(&x).step(&mut x, |_, _| f64::NAN).unwrap_err();
    assert!(matches!(error, LineSearchError::NotFinite { .. }));
    assert_eq!(x, 0.5);
    // A minimum stays where it is.
    let mut x = 0.0;
    let step = Lbfgs::new(&x).step(&mut x, |x, d_x| {
        *d_x += 2.0 * x;
        x * x
    });
    assert_eq!((x, step.unwrap().length), (0.0, 0.0));
}

#[test]
fn a_restart_forgets() {
    let (mut x, mut y) = (vec![-1.2, 1.0], vec![-1.2, 1.0]);
    let mut used = Lbfgs::new(&x);
    used.minimise(&mut x, 1e-3, 5, rosenbrock).unwrap();
    used.restart();
    x.clone_from(&y);
    let mut fresh = Lbfgs::new(&y);
    for _ in 0..5 {
        assert_eq!(
            used.step(&mut x, rosenbrock),
            fresh.step(&mut y, rosenbrock)
        );
        assert_eq!(x, y);
    }
}
