//! Loops in loops whose numbers the reverse sweep finds in slices of the tape: of every shape that decides where a number
//! lies, whether it is there, and whether it is still the same.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use std::cell::Cell;

use backprop::prelude::*;
use common::{check_slice, noise};

#[differentiable]
fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

thread_local! {
    static RUNS: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it runs.
#[differentiable(partials(x = squash_grad(x).1))]
fn counted(x: f64) -> f64 {
    RUNS.set(RUNS.get() + 1);
    squash(x)
}

/// Two arguments, one of them dull.
#[differentiable]
fn bend(x: f64, y: f64, k: usize) -> f64 {
    (x * y).sin() + y.powi(k as i32 % 3)
}

/// Its derivative is infinite at 0.
#[differentiable]
fn root(x: f64) -> f64 {
    x.abs().sqrt()
}

/// Carries on the tape itself.
#[differentiable(tape)]
fn long(x: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..n {
        s = (s * x).sin();
    }
    s
}

/// A cell: state by element, in loops in a loop.
#[differentiable(tape)]
fn cell(w: &[f64], n: usize) -> f64 {
    let mut hidden = [[0.1; 3]; 2];
    let mut total = 0.0;
    for t in 0..n {
        let mut x = [0.0; 3];
        for i in 0..3 {
            x[i] = w[i] * (t as f64 + 1.0) * 0.1;
        }
        for l in 0..2 {
            for i in 0..3 {
                let gate = squash(x[i] * w[3 + i] + hidden[l][i]);
                let change = (hidden[l][i] * w[i] + x[i]).tanh();
                hidden[l][i] = hidden[l][i] * gate + (1.0 - gate) * change;
                x[i] = hidden[l][i].tanh() * gate;
            }
        }
        let mut sum = 1.0;
        for i in 0..3 {
            sum += x[i].exp();
        }
        total += sum.ln() * x[1];
    }
    total
}

/// Inner loops that begin elsewhere, run backwards, and do not run at all.
#[differentiable(tape)]
fn ranges(x: &[f64], n: usize, a: usize, b: usize) -> f64 {
    let mut s = [0.2, -0.3, 0.4, 0.1];
    for i in 1..n {
        for j in (a..b).rev() {
            s[j % 4] = (s[(j + 1) % 4] * x[j % 4] + x[i % 4]).sin();
        }
        for j in 2..4 {
            s[j] *= (s[j - 1] * x[j]).exp() * 0.5;
        }
    }
    s[0] * s[1] + s[2] * s[3]
}

/// The number of inner iterations changes: nothing has a place that could be computed before.
#[differentiable(tape)]
fn triangle(x: &[f64], n: usize) -> f64 {
    let mut s = 0.3;
    for i in 0..n {
        let mut t = x[i % 4];
        for j in 0..i {
            t = (t * s + x[j % 4]).sin();
        }
        s = squash(t * s) + t.exp() * 0.1;
    }
    s
}

/// Sides of branches, each with numbers of its own.
#[differentiable(tape)]
fn branches(x: &[f64], n: usize) -> f64 {
    let mut s = [0.1, 0.2, 0.3];
    for i in 0..n {
        for j in 0..3 {
            let t = (s[j] + x[(i + j) % 4]).sin();
            if t > 0.1 {
                s[j] = t.exp() * x[0] - squash(t * s[(j + 1) % 3]);
            } else if i % 2 == 0 {
                let u = (t * x[1]).cos();
                s[j] = u * u + s[j] * 0.1;
            }
            if s[j] > 0.5 {
                s[(j + 1) % 3] *= (s[j] * 0.3).tanh();
            }
        }
    }
    s[0] + s[1] * s[2]
}

/// Inner loops that are left early, and passed by.
#[differentiable(tape)]
fn leaves(x: &[f64], n: usize, m: usize) -> f64 {
    let mut s = 0.3;
    for i in 0..n {
        let mut t = s;
        for j in 0..m {
            if j == 2 && i % 2 == 1 {
                continue;
            }
            t = (t * x[j % 4]).sin() + squash(t);
            if t > 1.1 {
                break;
            }
        }
        for j in 0..3 {
            t += (t * x[j]).cos() * 0.1;
        }
        s = t * 0.5;
    }
    s
}

/// The outer loop is left early.
#[differentiable(tape)]
fn left_early(x: &[f64], n: usize) -> f64 {
    let mut s = [0.3, 0.1];
    for i in 0..n {
        for j in 0..2 {
            s[j] = (s[1 - j] * x[i % 4]).sin() + squash(s[j]);
        }
        if s[0] + s[1] > 1.9 {
            break;
        }
    }
    s[0] * s[1]
}

#[differentiable(tape)]
fn returns(x: &[f64], n: usize) -> f64 {
    let mut s = [0.3, 0.1];
    for i in 0..n {
        for j in 0..2 {
            s[j] = (s[1 - j] * x[i % 4]).sin() + squash(s[j]);
            if s[j] > 1.05 {
                return s[0] * x[0];
            }
        }
    }
    s[0] * s[1]
}

/// Three deep, with numbers at every depth.
#[differentiable(tape)]
fn deep(x: &[f64], n: usize, m: usize) -> f64 {
    let mut s = 0.2;
    for i in 0..n {
        let a = (s * x[i % 4]).exp();
        for j in 0..m {
            let b = (a * s + x[j % 4]).sin();
            for k in 0..3 {
                let c = (b * s - x[k]).cos();
                s = (s + c * b * a * 0.1).tanh();
            }
            s += squash(b * s) * 0.1;
        }
        s *= a.cos();
    }
    s
}

/// Gates of which one is only asked for by what the sweeps of the others wait for: its call runs with its sweep.
#[differentiable(tape)]
fn gates(w: &[f64], n: usize) -> f64 {
    let mut hidden = [[0.1; 3]; 2];
    let mut cells = [[0.2; 3]; 2];
    let mut total = 0.0;
    for t in 0..n {
        let mut x = [0.0; 3];
        for i in 0..3 {
            x[i] = w[i] * (t as f64 + 1.0) * 0.1;
        }
        for l in 0..2 {
            for i in 0..3 {
                let forget = counted(x[i] * w[3] + w[i]);
                let input = counted(hidden[l][i] * w[4] + w[i + 1]);
                let output = counted(x[i] * w[5] + w[i + 2]);
                let change = (hidden[l][i] * w[6] + w[l]).tanh();
                cells[l][i] = cells[l][i] * forget + input * change;
                hidden[l][i] = output * cells[l][i].tanh();
                x[i] = hidden[l][i];
            }
        }
        total += x[0] * x[1] - x[2];
    }
    total
}

/// Arrays filled element by element, and read as a whole.
#[differentiable(tape)]
fn layers(w: &[f64], n: usize) -> f64 {
    let mut h = [0.1, -0.2, 0.3];
    for t in 0..n {
        let mut u = [0.0; 4];
        for o in 0..4 {
            let mut sum = w[o];
            for j in 0..3 {
                sum += w[(o * 3 + j) % 7] * h[j];
            }
            u[o] = sum.tanh();
        }
        let mut v = [0.0; 3];
        for o in 0..3 {
            let mut sum = (t as f64 * 0.1).cos();
            for j in 0..4 {
                sum += w[(o * 4 + j + 3) % 7] * u[j];
            }
            v[o] = squash(sum);
        }
        h = v;
    }
    h[0] + h[1] * h[2]
}

/// A buffer that is written over while an older version of it is still wanted.
#[differentiable(tape)]
fn overwritten(x: &[f64], n: usize) -> f64 {
    let mut a = [0.1, 0.2, 0.3];
    let mut b = [0.3, 0.2, 0.1];
    for i in 0..n {
        let old = a;
        for j in 0..3 {
            a[j] = (b[j] * x[j] + old[(j + 1) % 3]).sin();
        }
        for j in 0..3 {
            b[j] = old[j] * a[(j + 2) % 3] * (a[j] * b[j]).exp();
            a[j] = b[j] * x[i % 4];
        }
        let t = a[0];
        a[0] = a[2];
        a[2] = t;
    }
    a[0] * b[1] + a[2]
}

/// The same operations on the same names, but not the same values.
#[differentiable(tape)]
fn twins(x: &[f64], n: usize) -> f64 {
    let mut s = 0.1;
    let mut t = 0.1;
    for i in 0..n {
        let y = x[i % 4];
        for _ in 0..2 {
            let e = (s * y).sin();
            s = e + t;
            t *= 0.5;
        }
        for _ in 0..2 {
            let e = (s * y).sin();
            s = e * t;
        }
        let y = y * s;
        for _ in 0..2 {
            let e = (t * y).sin();
            t += e.exp() * 0.1;
        }
    }
    s + t
}

/// A product over pairs: the same loop twice, one inside the other.
#[differentiable(tape)]
fn pairs(x: &[f64], n: usize) -> f64 {
    let mut s = 0.5;
    for _ in 0..n {
        let mut sum = 0.1;
        for i in 0..4 {
            for j in 0..4 {
                sum += (x[i] * x[j] * s).sin() * (i as f64 - j as f64 * 0.5);
            }
        }
        s = squash(sum) + (s * sum).cos() * 0.1;
    }
    s
}

/// Calls: with a derivative that is infinite where the cotangent is zero, with several arguments, with a tape of their own, twice the same.
#[differentiable(tape)]
fn calls(x: &[f64], n: usize) -> f64 {
    let mut s = [0.4, 0.7];
    for i in 0..n {
        for j in 0..2 {
            let zero = s[j] - s[j];
            let a = bend(s[j], x[i % 4], j);
            let b = bend(s[j], x[i % 4], j);
            s[j] = a * b * 0.3 + long(x[j] * s[j], 2) + root(zero) * zero;
            s[1 - j] += squash(a) * 0.1;
        }
    }
    s[0] + s[1]
}

/// Two loops on end, the second of which wants what the first one left.
#[differentiable(tape)]
fn on_end(x: &[f64], n: usize) -> f64 {
    let mut s = [0.3, 0.2];
    for i in 0..n {
        for j in 0..2 {
            s[j] = (s[1 - j] * x[i % 4]).sin() + 0.1;
        }
    }
    let mut t = s[0];
    for i in 0..n {
        for j in 0..2 {
            t = (t * s[j] + x[i % 4]).tanh() + squash(t);
        }
    }
    t * s[1]
}

/// Loops in a loop that keeps something itself.
#[differentiable(tape)]
fn around(x: &[f64], n: usize, m: usize) -> f64 {
    let mut s = 0.3;
    let mut k = 0;
    while k < n {
        let mut t = [s, 0.1];
        for i in 0..m {
            for j in 0..2 {
                t[j] = (t[1 - j] + x[i % 4]).sin() * squash(t[j]);
            }
        }
        s = (s * t[0]).cos() + t[1];
        k += 1;
    }
    s
}

/// Indices of other types.
#[differentiable(tape)]
fn narrow(x: &[f64], n: u8) -> f64 {
    let mut s = 0.3;
    for i in 0..n {
        for j in -1i32..2 {
            s = (s * x[(i as usize + (j + 1) as usize) % 4]).sin() + 0.2 * squash(s * j as f64);
        }
        for j in 0..2u64 {
            s += (s * x[j as usize]).exp() * 0.1;
        }
    }
    s
}

/// Iterators and closures.
#[differentiable(tape)]
fn chained(x: &[f64], n: usize) -> f64 {
    let mut s = [0.1, 0.2, 0.3, 0.4];
    for _ in 0..n {
        let mixed = |a: f64, b: f64| squash(a * b) + a;
        for (a, b) in s.iter_mut().zip(x) {
            *a = mixed(*a, *b).sin();
        }
        let sum: f64 = s.iter().map(|a| a.exp()).sum();
        for a in s.iter_mut().rev() {
            *a /= sum;
        }
    }
    s[0] * s[1] - s[2] * s[3]
}

/// Into a `&mut` slice whose length nobody knows.
#[differentiable(tape)]
fn smooth(x: &[f64], y: &mut [f64], n: usize) {
    for j in 0..y.len() {
        y[j] = x[j] * 0.5;
    }
    for _ in 0..n {
        for j in 1..y.len() {
            y[j] = (y[j] * y[j - 1] + x[j]).sin();
        }
    }
}

#[differentiable(tape)]
fn smoothed(x: &[f64], n: usize) -> f64 {
    let mut y = [0.0; 4];
    smooth(x, &mut y, n);
    let mut s = 0.0;
    for _ in 0..2 {
        smooth(x, &mut y, n);
        s += y[3] * y[1];
    }
    s
}

#[differentiable(tape)]
fn generic<T: Real, const N: usize>(x: &[T; N], n: usize) -> T {
    let mut s = [T::from_f64(0.3); N];
    for i in 0..n {
        for j in 0..N {
            let e = (s[(j + 1) % N] * x[i % N]).sin();
            s[j] = e * e.exp() + s[j] * T::from_f64(0.25);
        }
    }
    let mut sum = T::from_f64(0.0);
    for j in 0..N {
        sum += s[j] * x[j];
    }
    sum
}

macro_rules! programs {
    ($x:expr, $tape:expr, $run:ident) => {
        let t = &mut $tape;
        for n in [0, 1, 2, 5] {
            $run("cell", |x| cell(x, n), |x, d| cell_grad(x, d, n, t), $x);
            for (a, b) in [(0, 0), (3, 1), (0, 3), (1, 6)] {
                $run(
                    "ranges",
                    |x| ranges(x, n, a, b),
                    |x, d| ranges_grad(x, d, n, a, b, t),
                    $x,
                );
            }
            $run(
                "triangle",
                |x| triangle(x, n),
                |x, d| triangle_grad(x, d, n, t),
                $x,
            );
            $run(
                "branches",
                |x| branches(x, n),
                |x, d| branches_grad(x, d, n, t),
                $x,
            );
            for m in [0, 1, 4] {
                $run(
                    "leaves",
                    |x| leaves(x, n, m),
                    |x, d| leaves_grad(x, d, n, m, t),
                    $x,
                );
                $run(
                    "deep",
                    |x| deep(x, n, m),
                    |x, d| deep_grad(x, d, n, m, t),
                    $x,
                );
                $run(
                    "around",
                    |x| around(x, n, m),
                    |x, d| around_grad(x, d, n, m, t),
                    $x,
                );
            }
            $run(
                "left_early",
                |x| left_early(x, n),
                |x, d| left_early_grad(x, d, n, t),
                $x,
            );
            $run(
                "returns",
                |x| returns(x, n),
                |x, d| returns_grad(x, d, n, t),
                $x,
            );
            $run(
                "layers",
                |x| layers(x, n),
                |x, d| layers_grad(x, d, n, t),
                $x,
            );
            $run(
                "overwritten",
                |x| overwritten(x, n),
                |x, d| overwritten_grad(x, d, n, t),
                $x,
            );
            $run("gates", |x| gates(x, n), |x, d| gates_grad(x, d, n, t), $x);
            $run("twins", |x| twins(x, n), |x, d| twins_grad(x, d, n, t), $x);
            $run("pairs", |x| pairs(x, n), |x, d| pairs_grad(x, d, n, t), $x);
            $run("calls", |x| calls(x, n), |x, d| calls_grad(x, d, n, t), $x);
            $run(
                "on_end",
                |x| on_end(x, n),
                |x, d| on_end_grad(x, d, n, t),
                $x,
            );
            $run(
                "narrow",
                |x| narrow(x, n as u8),
                |x, d| narrow_grad(x, d, n as u8, t),
                $x,
            );
            $run(
                "chained",
                |x| chained(x, n),
                |x, d| chained_grad(x, d, n, t),
                $x,
            );
            $run(
                "smoothed",
                |x| smoothed(x, n),
                |x, d| smoothed_grad(x, d, n, t),
                $x,
            );
        }
    };
}

/// Checks a gradient, and that a second one is the same.
fn checked(
    what: &str,
    f: impl Fn(&[f64]) -> f64,
    mut grad: impl FnMut(&[f64], &mut [f64]) -> f64,
    x: &[f64],
) {
    let mut first = vec![0.0; x.len()];
    grad(x, &mut first);
    check_slice(f, &mut grad, x);
    let mut second = vec![0.0; x.len()];
    grad(x, &mut second);
    assert_eq!(first, second, "{what}");
}

#[test]
fn gradients_are_those_of_finite_differences() {
    for seed in 1..4 {
        let x = noise(seed, 7);
        let mut tape = Tape::new();
        programs!(&x, tape, checked);
        assert_eq!(tape.mark(), 0);
    }
}

#[test]
fn memory_of_ones_own_is_enough() {
    let x = noise(9, 7);
    let mut words = vec![0; 2_000];
    let mut tape = Tape::from_slice(&mut words);
    programs!(&x, tape, checked);
    assert_eq!(tape.mark(), 0);
}

#[test]
fn in_single_precision_and_in_general() {
    let x = [0.3, -0.4, 0.7];
    for n in [0, 1, 4] {
        let mut tape = Tape::new();
        check_slice(
            |x| generic::<f64, 3>(&[x[0], x[1], x[2]], n),
            |x, d| {
                let mut own = [0.0; 3];
                let value = generic_grad(&[x[0], x[1], x[2]], &mut own, n, &mut tape);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &x,
        );
        let (mut wide, mut narrow) = ([0.0; 3], [0.0_f32; 3]);
        generic_grad(&x, &mut wide, n, &mut tape);
        generic_grad(&x.map(|x| x as f32), &mut narrow, n, &mut tape);
        for (a, b) in wide.iter().zip(narrow) {
            assert!((a - f64::from(b)).abs() < 1e-4, "{a} {b}");
        }
    }
}

/// As many words as a careful person would keep: for each unit its result and what its adjoint is multiplied by.
#[test]
fn no_more_is_kept_than_the_reverse_sweep_reads() {
    let x = noise(5, 7);
    let high = |n: usize| {
        let mut tape = Tape::new();
        deep_grad(&x, &mut [0.0; 7], n, 2, &mut tape);
        tape.high_water() / 8
    };
    let words = high(3) - high(2);
    // The loops three deep have 6 iterations with at most 4 numbers each, those two deep 2.
    assert!(words <= 6 * 4 + 2 * 4 + 4, "{words} words");
    assert_eq!(high(4) - high(3), words);
}

/// No gate is computed again in the reverse loop; beside what is carried, numbers are kept for each unit, and no arrays.
#[test]
fn what_is_kept_of_calls_is_not_computed_again() {
    // Audited functions run more than once.
    if module_path!().starts_with("zoo::") {
        return;
    }
    let x = noise(5, 7);
    let cost = |n: usize| {
        let mut tape = Tape::new();
        RUNS.set(0);
        gates_grad(&x, &mut [0.0; 7], n, &mut tape);
        (RUNS.get(), tape.high_water() / 8)
    };
    let ((runs, words), (more, higher)) = (cost(3), cost(4));
    // Two layers of three units, each with three gates, and each had from eight numbers; the last layer's results.
    assert_eq!((runs, more), (3 * 6 * 3, 4 * 6 * 3));
    assert!(higher - words <= 6 * 8 + 3, "{} words", higher - words);
}

/// Each iteration has a place of its own, however deep.
#[differentiable(tape)]
fn four_deep(x: &[f64], n: usize, m: usize) -> f64 {
    let mut state = 0.5;
    for i in 0..x.len() {
        for j in 0..n {
            for k in 0..m {
                for l in 0..n {
                    state = (state * x[i] + 0.1 * (j + 2 * k + 3 * l) as f64).sin();
                }
            }
        }
    }
    state
}

#[test]
fn loops_four_deep() {
    for (n, m) in [(2, 3), (3, 2), (1, 4), (2, 0)] {
        check_slice(
            |x| four_deep(x, n, m),
            |x, d| four_deep_grad(x, d, n, m, &mut Tape::new()),
            &[1.3, 0.8, -1.1],
        );
    }
}
