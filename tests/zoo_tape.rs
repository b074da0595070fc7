//! `tape`: recurrences of run-time length, nested ones, iterations to convergence, reuse, fixed memory, the high-water mark.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient, check_slice, noise};

#[differentiable(tape)]
fn logistic_map(x: f64, r: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..n {
        s = r * s * (1.0 - s);
    }
    s
}

#[differentiable(tape)]
fn nested_recurrence(x: &[f64], n: usize) -> f64 {
    let mut s = 0.5;
    for i in 0..x.len() {
        let mut t = x[i];
        for j in 0..n {
            t = t * s + 0.1 * j as f64;
            let mut u = t;
            for _ in 0..i {
                u = u.sin() + t * s;
            }
            s += 0.1 * u * u;
        }
        s = s * t + x[i];
    }
    s
}

#[differentiable(tape)]
fn recurrent_network(w: &[f64; 9], x: &[f64]) -> f64 {
    let mut h = [0.0; 3];
    let mut energy = 0.0;
    for t in 0..x.len() {
        let mut next = [0.0; 3];
        for i in 0..3 {
            let mut a = x[t];
            for j in 0..3 {
                a += w[3 * i + j] * h[j];
            }
            next[i] = a.tanh();
        }
        h = next;
        energy += h[0] * h[1];
    }
    energy + h[2]
}

#[differentiable(tape)]
fn fixed_point(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    let mut rounds = 0;
    loop {
        let next = (x * s).cos() * y;
        rounds += 1;
        if (next - s).abs() < 1e-15 || rounds > 300 {
            break;
        }
        s = next;
    }
    s
}

#[differentiable(tape)]
fn euler(rate: f64, start: f64, dt: f64, until: f64) -> f64 {
    let (mut t, mut y) = (0.0, start);
    while t < until {
        let slope = -rate * y * y + t;
        y += dt * slope;
        t += dt;
    }
    y
}

#[differentiable(tape)]
fn several_states(x: f64, n: u32) -> f64 {
    let (mut a, mut b, mut flips, mut up) = (x, 1.0, 0_u32, true);
    for i in 0..n {
        let old = a;
        a = if up { a * b } else { a - b * b };
        b = old.sin() + f64::from(flips);
        if a > 1.0 {
            up = !up;
            flips += i;
            continue;
        }
        b *= a;
    }
    a * b + f64::from(flips) * x
}

#[test]
fn recurrences_agree_with_finite_differences() {
    let mut tape = Tape::new();
    for n in [0, 1, 2, 7] {
        check_args(
            |[x, r]| logistic_map(x, r, n),
            |[x, r]| logistic_map_grad(x, r, n, &mut Tape::new()),
            &[[0.3, 2.7], [0.8, 3.4]],
        );
        check_slice(
            |x| nested_recurrence(x, n),
            |x, d| nested_recurrence_grad(x, d, n, &mut tape),
            &noise(1, 4),
        );
        check_args(
            |[x]| several_states(x, n as u32),
            |[x]| several_states_grad(x, n as u32, &mut Tape::new()),
            &[[0.3], [1.4], [-0.8]],
        );
    }
    let (w, x) = (noise(2, 9), noise(3, 6));
    let mut d_x = [0.0; 6];
    check_slice(
        |w| recurrent_network(w.try_into().expect("9"), &x),
        |w, d| {
            recurrent_network_grad(
                w.try_into().expect("9"),
                d.try_into().expect("9"),
                &x,
                &mut [0.0; 6],
                &mut tape,
            )
        },
        &w,
    );
    recurrent_network_grad(
        w.as_slice().try_into().expect("9"),
        &mut [0.0; 9],
        &x,
        &mut d_x,
        &mut tape,
    );
    check_gradient(
        |x| recurrent_network(w.as_slice().try_into().expect("9"), x),
        &x,
        &d_x,
    );
    check_args(
        |[a, b]| euler(a, b, 0.1, 1.05),
        |[a, b]| {
            let (value, d_a, d_b, _, _) = euler_grad(a, b, 0.1, 1.05, &mut Tape::new());
            (value, d_a, d_b)
        },
        &[[0.7, 1.2]],
    );
}

#[test]
fn iteration_to_convergence() {
    let (x, y) = (0.8, 0.9);
    let (s, d_x, d_y) = fixed_point_grad(x, y, &mut Tape::new());
    // Implicit function theorem: s = cos(x s) y.
    let (sin, cos) = (x * s).sin_cos();
    let denominator = 1.0 + sin * x * y;
    assert_near(d_x, -sin * s * y / denominator, 1e-12);
    assert_near(d_y, cos / denominator, 1e-12);
}

#[test]
fn a_tape_is_reused_and_left_empty() {
    let mut tape = Tape::new();
    let first = logistic_map_grad(0.3, 3.3, 50, &mut tape);
    let high = tape.high_water();
    assert!(
        high >= 50 * 8 && high <= 50 * 8 * 4,
        "50 states of 8 bytes, not {high}"
    );
    for n in [3, 50, 20] {
        logistic_map_grad(0.7, 3.1, n, &mut tape);
    }
    assert_eq!(logistic_map_grad(0.3, 3.3, 50, &mut tape), first);
    assert_eq!(tape.high_water(), high);
    // A function of another shape on the same tape.
    let mut d = [0.0; 4];
    nested_recurrence_grad(&noise(1, 4), &mut d, 3, &mut tape);
    assert_eq!(logistic_map_grad(0.3, 3.3, 50, &mut tape), first);
    tape.clear();
    assert_eq!(logistic_map_grad(0.3, 3.3, 50, &mut tape), first);
}

#[test]
fn a_tape_in_fixed_memory() {
    let mut words = [0; 64];
    let mut tape = Tape::from_slice(&mut words);
    assert_eq!(
        logistic_map_grad(0.3, 3.3, 20, &mut tape),
        logistic_map_grad(0.3, 3.3, 20, &mut Tape::new())
    );
    let mut words = [0; 4];
    let too_small = std::panic::catch_unwind(move || {
        logistic_map_grad(0.3, 3.3, 20, &mut Tape::from_slice(&mut words))
    });
    assert!(too_small.is_err());
}

#[test]
fn zero_iterations_use_nothing() {
    let mut tape = Tape::from_slice(&mut []);
    assert_eq!(logistic_map_grad(0.3, 3.3, 0, &mut tape), (0.3, 1.0, 0.0));
    assert_eq!(tape.high_water(), 0);
}

/// Asked for and not needed: no error, and nothing on the tape.
#[differentiable(tape)]
fn needless(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i].exp();
    }
    s
}

#[test]
fn a_tape_that_is_not_needed_stays_empty() {
    let mut tape = Tape::new();
    check_slice(
        needless,
        |x, d| needless_grad(x, d, &mut tape),
        &noise(4, 5),
    );
    assert_eq!(tape.high_water(), 0);
}

#[differentiable(tape)]
fn single_precision(x: f32, n: u8) -> f32 {
    let mut s = x;
    for i in 0..n {
        s = s * x + f32::from(i);
    }
    s
}

#[test]
fn words_hold_single_precision_too() {
    let (value, d) = single_precision_grad(0.5, 3, &mut Tape::new());
    assert_eq!(value, single_precision(0.5, 3));
    // ((x² + 0) x + 1) x + 2 = x⁴ + x + 2
    assert_near(d.into(), 4.0 * 0.125 + 1.0, 1e-6);
}
