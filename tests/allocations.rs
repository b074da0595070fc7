//! Generated code does not call the allocator: not at all without a tape, and with one not after its first use.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use allocation_counter::measure;
use backprop::prelude::*;
use common::noise;

#[track_caller]
fn never(what: impl FnOnce()) {
    let count = measure(what).count_total;
    assert_eq!(count, 0, "{count} allocations");
}

#[differentiable]
fn scalars(x: f64, y: f64) -> f64 {
    let mut s = x;
    for i in 0..16 {
        s = (s * y).sin() + i as f64;
        if s > 20.0 {
            return s;
        }
    }
    s.hypot(y)
}

#[differentiable]
fn arrays(x: &[f64; 8]) -> f64 {
    let mut a = [*x; 3];
    for step in 0..5 {
        for i in 0..8 {
            a[(step + 1) % 3][i] = a[step % 3][i] * a[(step + 2) % 3][7 - i];
        }
    }
    a[0][0] + a[1][1] * a[2][2]
}

#[differentiable]
fn layer(w: &[f64], x: &[f64], out: &mut [f64]) {
    for o in 0..out.len() {
        let mut acc = 0.0;
        for i in 0..x.len() {
            acc += w[o * x.len() + i] * x[i];
        }
        out[o] = acc.tanh();
    }
}

#[differentiable]
fn network(w: &[f64], x: &[f64; 4]) -> f64 {
    let mut h = [0.0; 6];
    layer(w, x, &mut h);
    let mut s = 0.0;
    for i in 0..6 {
        s += h[i] * h[i];
    }
    s
}

#[differentiable]
fn recursive(x: f64, n: u32) -> f64 {
    if n == 0 {
        x
    } else {
        recursive(x.sin() + 0.5, n - 1) * x
    }
}

#[derive(Differentiable, Clone, Debug)]
struct Model {
    rows: Vec<[f64; 2]>,
    bias: f64,
}

#[differentiable]
fn model(m: &Model, x: f64) -> f64 {
    let mut s = m.bias;
    for i in 0..m.rows.len() {
        s += m.rows[i][0] * x + m.rows[i][1];
    }
    s * s
}

#[differentiable(tape)]
fn recurrence(x: &[f64], rounds: usize) -> f64 {
    let mut s = 1.0;
    for r in 0..rounds {
        for i in 0..x.len() {
            s = s * x[i] + r as f64;
            if s > 100.0 {
                break;
            }
        }
    }
    s
}

#[differentiable(tape)]
fn calls_recurrence(x: &[f64], rounds: usize) -> f64 {
    let mut s = 0.5;
    for i in 0..rounds {
        s = s * recurrence(x, i) * 0.01;
    }
    s
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(noise(1, 3))).count_total, 1);
}

#[test]
fn gradients_without_a_tape() {
    let (w, x, m) = (
        noise(1, 24),
        [0.5; 4],
        Model {
            rows: vec![[1.0, 2.0]; 50],
            bias: 0.5,
        },
    );
    let (mut d_w, mut d_x, mut d_m, mut d_8) = ([0.0; 24], [0.0; 4], m.clone(), [0.0; 8]);
    let (mut out, mut d_out) = ([0.0; 6], [1.0; 6]);
    never(|| {
        scalars_grad(0.5, 1.5);
        scalars_vjp(0.5, 1.5, 2.0);
        arrays_grad(&[0.9; 8], &mut d_8);
        layer_vjp(&w, &mut d_w, &x, &mut d_x, &mut out, &mut d_out);
        network_grad(&w, &mut d_w, &x, &mut d_x);
        recursive_grad(0.3, 20);
        model_grad(&m, &mut d_m, 2.0);
    });
    assert!(d_w.iter().all(|d| *d != 0.0) && d_m.rows[49][0] != 1.0);
}

#[test]
fn a_tape_after_its_first_use() {
    let (x, mut d, mut tape) = (noise(2, 300), [0.0; 300], Tape::new());
    let first = measure(|| {
        recurrence_grad(&x, &mut d, 40, &mut tape);
    });
    assert!(first.count_total > 0);
    let high = tape.high_water();
    never(|| {
        for rounds in [40, 1, 17, 40] {
            recurrence_grad(&x, &mut d, rounds, &mut tape);
        }
        recurrence_vjp(&x, &mut d, 40, 2.0, &mut tape);
    });
    assert_eq!(tape.high_water(), high);
}

#[test]
fn a_tape_that_is_handed_on() {
    let (x, mut d, mut tape) = (noise(3, 100), [0.0; 100], Tape::new());
    calls_recurrence_grad(&x, &mut d, 12, &mut tape);
    never(|| {
        calls_recurrence_grad(&x, &mut d, 12, &mut tape);
    });
}

#[test]
fn a_tape_in_the_caller_s_memory() {
    let (x, mut d, mut words) = (noise(4, 30), [0.0; 30], vec![0; 10_000]);
    never(|| {
        let mut tape = Tape::from_slice(&mut words);
        recurrence_grad(&x, &mut d, 5, &mut tape);
        recurrence_grad(&x, &mut d, 5, &mut tape);
    });
}
