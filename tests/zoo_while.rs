//! `while` and `loop`: counters run by hand, `break`, `continue`, labels, `break` with a value, exits decided by values and by inputs.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, noise};

#[differentiable]
fn counted_up(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i < x.len() {
        s += x[i] * x[i] * i as f64;
        i += 1;
    }
    s + i as f64 * x[0]
}

#[differentiable]
fn counted_down(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = x.len();
    while i > 0 {
        i -= 1;
        s += x[i].sin() * (i + 1) as f64;
    }
    s
}

#[differentiable]
fn strided(x: &[f64], step: usize) -> f64 {
    let mut s = 0.0;
    let mut i = step;
    loop {
        if i >= x.len() {
            break;
        }
        s += x[i] * x[i - step];
        i += step;
    }
    s
}

#[differentiable]
fn two_counters(x: &[f64]) -> f64 {
    let (mut i, mut j) = (0, x.len() - 1);
    let mut s = 0.0;
    while i < j {
        s += x[i] * x[j];
        i += 1;
        j -= 1;
    }
    s + x[i]
}

#[differentiable]
fn breaks_and_continues(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i < x.len() {
        i += 1;
        if x[i - 1] < -0.6 {
            continue;
        }
        if x[i - 1] > 0.8 {
            s += 10.0 * x[i - 1];
            break;
        }
        s += x[i - 1] * x[i - 1];
    }
    s
}

#[differentiable]
fn for_with_continue_in_the_middle(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut skipped = 0;
    for i in 0..x.len() {
        let a = x[i] * x[i];
        if a < 0.1 {
            skipped += 1;
            continue;
        }
        s += a;
        if x[i] > 0.0 {
            s += x[i].exp();
            if i % 2 == 0 {
                continue;
            }
            s -= x[i];
        }
        s += 0.5 * a;
    }
    s / (1 + skipped) as f64
}

#[differentiable]
fn labels(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    'outer: for i in 0..n {
        let mut row = 0.0;
        'inner: for j in 0..n {
            let e = x[i * n + j];
            if e > 0.85 {
                s += row;
                continue 'outer;
            }
            if e < -0.9 {
                break 'outer;
            }
            for k in 0..j {
                if x[k] * e > 0.3 {
                    row += x[k];
                    continue 'inner;
                }
                if x[k] < -0.8 {
                    break 'inner;
                }
                row += x[k] * e;
            }
            row += e * e;
        }
        s += row * x[i];
    }
    s
}

#[test]
fn exits_decided_by_inputs() {
    for seed in 0..25 {
        let x = noise(seed, 9);
        check_slice(counted_up, counted_up_grad, &x);
        check_slice(counted_down, counted_down_grad, &x);
        check_slice(|x| strided(x, 2), |x, d| strided_grad(x, d, 2), &x);
        check_slice(two_counters, two_counters_grad, &x);
        check_slice(breaks_and_continues, breaks_and_continues_grad, &x);
        check_slice(
            for_with_continue_in_the_middle,
            for_with_continue_in_the_middle_grad,
            &x,
        );
        check_slice(|x| labels(x, 3), |x, d| labels_grad(x, d, 3), &x);
    }
    check_slice(
        |x| strided(x, 20),
        |x, d| strided_grad(x, d, 20),
        &noise(1, 3),
    );
}

#[differentiable]
fn break_with_a_value(x: &[f64], w: f64) -> f64 {
    let mut i = 0;
    let found = loop {
        if i == x.len() {
            break w * w;
        }
        if x[i] > 0.5 {
            break x[i] * w;
        }
        i += 1;
    };
    found * found
}

#[differentiable]
fn break_with_a_tuple(x: &[f64], w: f64) -> f64 {
    let mut i = 0;
    let (value, at) = loop {
        if i == x.len() {
            break (w, 0);
        }
        if x[i] * w > 0.5 {
            break (x[i].sin(), i);
        }
        i += 1;
    };
    value * w + at as f64 * x[at]
}

#[test]
fn loops_that_are_values() {
    for seed in 0..10 {
        let x = noise(seed, 5);
        check_slice(
            |x| break_with_a_value(x, 1.2),
            |x, d| break_with_a_value_grad(x, d, 1.2).0,
            &x,
        );
        check_slice(
            |x| break_with_a_tuple(x, 1.2),
            |x, d| break_with_a_tuple_grad(x, d, 1.2).0,
            &x,
        );
        let d = [
            break_with_a_value_grad(&x, &mut [0.0; 5], 1.2).1,
            break_with_a_tuple_grad(&x, &mut [0.0; 5], 1.2).1,
        ];
        check_gradient(|w| break_with_a_value(&x, w[0]), &[1.2], &d[..1]);
        check_gradient(|w| break_with_a_tuple(&x, w[0]), &[1.2], &d[1..]);
    }
}

/// The values decide when to stop, so they are kept.
#[differentiable(tape)]
fn until_small(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut n = 0;
    while s.abs() > 0.1 && n < 40 {
        s = s * y.sin() * 0.9;
        n += 1;
    }
    s + n as f64 * y
}

#[differentiable(tape)]
fn collatz_like(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut k = 7_u32;
    while k != 1 {
        if k % 2 == 0 {
            k /= 2;
            s = s * y;
            continue;
        }
        k = 3 * k + 1;
        s = s.sin() + y;
    }
    s
}

#[differentiable(tape)]
fn break_from_two_levels(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut rounds = 0;
    'rounds: loop {
        rounds += 1;
        let mut inner = 0;
        while inner < 4 {
            inner += 1;
            s = s * y + 0.1 * x;
            if s > 6.0 {
                break 'rounds;
            }
            if s < 0.05 {
                continue 'rounds;
            }
            if inner == 3 && rounds % 2 == 0 {
                break;
            }
            s += 0.2 * x * y;
        }
        s = s / (1.0 + s);
        if rounds > 5 {
            break;
        }
    }
    s * s + y
}

#[differentiable(tape)]
fn loop_value_that_is_carried(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut n = 0;
    let last = loop {
        let next = 0.5 * (s + y / s);
        n += 1;
        if (next - s).abs() < 1e-3 {
            break next * y;
        }
        if n > 30 {
            break s;
        }
        s = next;
    };
    last + s
}

#[test]
fn exits_decided_by_values() {
    let points = [
        [1.3, 0.7],
        [2.0, 1.4],
        [0.4, 2.9],
        [1.1, 1.05],
        [5.5, 0.3],
        [0.31, 0.9],
    ];
    check_args(
        |[x, y]| until_small(x, y),
        |[x, y]| until_small_grad(x, y, &mut Tape::new()),
        &points,
    );
    check_args(
        |[x, y]| collatz_like(x, y),
        |[x, y]| collatz_like_grad(x, y, &mut Tape::new()),
        &points,
    );
    check_args(
        |[x, y]| break_from_two_levels(x, y),
        |[x, y]| break_from_two_levels_grad(x, y, &mut Tape::new()),
        &points,
    );
    check_args(
        |[x, y]| loop_value_that_is_carried(x, y),
        |[x, y]| loop_value_that_is_carried_grad(x, y, &mut Tape::new()),
        &points,
    );
}

#[differentiable]
fn constant_with_exits(x: f64, y: f64) -> f64 {
    let mut s = x;
    'a: for i in 0..4 {
        for j in 0..3 {
            s = s * y + 0.1;
            if s > 4.0 {
                break 'a;
            }
            if s < -1.0 {
                s = -s;
                continue 'a;
            }
            if j == i {
                break;
            }
            s = s.sin() + x;
        }
        s -= 0.3 * x * i as f64;
    }
    s
}

#[differentiable]
fn never_runs(x: f64, y: f64) -> f64 {
    let mut s = x * y;
    while s > 1e9 {
        s += 1.0;
    }
    for _ in 0..0 {
        s *= s;
    }
    loop {
        break;
    }
    s
}

#[test]
fn constant_loops_with_exits() {
    let points = [
        [1.3, 0.7],
        [2.0, 1.4],
        [0.4, 2.9],
        [-1.1, 1.05],
        [-0.5, -0.3],
        [0.3, -2.0],
    ];
    check_args(
        |[x, y]| constant_with_exits(x, y),
        |[x, y]| constant_with_exits_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| never_runs(x, y),
        |[x, y]| never_runs_grad(x, y),
        &points,
    );
}

/// One way out leaves the counter as it is, the other one has moved it.
#[differentiable(tape)]
fn two_ways_out(x: f64, limit: f64, most: usize) -> f64 {
    let mut sum = 0.0;
    let mut i = 0;
    loop {
        if sum > limit {
            break;
        }
        i += 1;
        if i == most {
            break;
        }
        sum += (x * i as f64).sin() + 1.2;
    }
    sum
}

#[test]
fn the_iteration_that_leaves() {
    for most in 1..6 {
        for limit in [-1.0, 1.0, 3.0, 100.0] {
            check_args(
                |[x]| two_ways_out(x, limit, most),
                |[x]| {
                    let (value, d_x, _) = two_ways_out_grad(x, limit, most, &mut Tape::new());
                    (value, d_x)
                },
                &[[0.4], [1.3]],
            );
        }
    }
}
