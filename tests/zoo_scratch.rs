//! Scratch: buffers that a loop fills anew in every iteration, whole, by itself or through calls. No tape, whatever the number of iterations; and
//! the caller's buffer ends with what the function leaves in it.

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near, check_derivative, noise};

/// Writes all of `out`.
#[differentiable]
fn centre(row: &[f64], w: &[f64], #[out] out: &mut [f64]) {
    let mut mean = 0.0;
    for &x in row {
        mean += x;
    }
    mean /= row.len() as f64;
    for j in 0..out.len() {
        out[j] = (row[j] - mean) * w[j];
    }
}

/// Its derivative follows from what it leaves.
#[differentiable]
fn exponentials(x: &[f64], #[out] out: &mut [f64]) {
    for j in 0..out.len() {
        out[j] = (0.5 * x[j]).exp();
    }
}

/// Checks `grad`, called with `x`, `w` and scratch, against `f`: by `x` and `w`, for the value and for what is left in the scratch; and that the
/// latter is what `f` leaves, and its cotangent zero.
#[track_caller]
fn check(
    rows: usize,
    size: usize,
    f: impl Fn(&[f64], &[f64], &mut [f64]) -> f64,
    vjp: impl Fn(&[f64], &mut [f64], &[f64], &mut [f64], &mut [f64], &mut [f64], f64) -> f64,
) {
    let (x, w) = (noise(3, rows * size), noise(5, size));
    let found = vec![0.25; size];
    for seeds in [[1.0, 0.0], [0.0, 1.0], [0.7, -1.3]] {
        let weights = noise(7, size);
        let total = |x: &[f64], w: &[f64], found: &[f64]| {
            let mut scratch = found.to_vec();
            let value = f(x, w, &mut scratch);
            let left: f64 = common::dot(&weights, &scratch);
            seeds[0] * value + seeds[1] * left
        };
        let (mut d_x, mut d_w) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        let mut d_scratch: Vec<f64> = weights.iter().map(|c| c * seeds[1]).collect();
        let mut scratch = found.clone();
        let value = vjp(
            &x,
            &mut d_x,
            &w,
            &mut d_w,
            &mut scratch,
            &mut d_scratch,
            seeds[0],
        );
        let mut want = found.clone();
        assert_near(value, f(&x, &w, &mut want), 1e-13);
        assert_all_near(&scratch, &want, 1e-13);
        for k in 0..x.len() {
            check_derivative(&format!("d_x[{k}], {seeds:?}"), d_x[k], |h| {
                let mut moved = x.clone();
                moved[k] += h;
                total(&moved, &w, &found)
            });
        }
        for k in 0..w.len() {
            check_derivative(&format!("d_w[{k}], {seeds:?}"), d_w[k], |h| {
                let mut moved = w.clone();
                moved[k] += h;
                total(&x, &moved, &found)
            });
        }
        for k in 0..size {
            check_derivative(&format!("d_scratch[{k}], {seeds:?}"), d_scratch[k], |h| {
                let mut moved = found.clone();
                moved[k] += h;
                total(&x, &w, &moved)
            });
        }
    }
}

macro_rules! checked {
    ($($test:ident: $f:ident, $vjp:ident;)*) => {$(
        #[test]
        fn $test() {
            for (rows, size) in [(3, 4), (1, 3), (0, 2), (5, 1)] {
                check(rows, size, $f, $vjp);
            }
        }
    )*};
}

checked! {
    by_a_callee: callee_fills, callee_fills_vjp;
    by_a_loop: loop_fills, loop_fills_vjp;
    by_a_callee_whose_result_is_used: from_result, from_result_vjp;
    zeros_then_sums: accumulated, accumulated_vjp;
    overwritten_in_part: in_part, in_part_vjp;
    in_an_inner_loop: nested, nested_vjp;
    in_a_triangular_loop: triangular, triangular_vjp;
    where_a_condition_holds: guarded, guarded_vjp;
    read_after_the_loop: read_after, read_after_vjp;
    backwards: reversed, reversed_vjp;
    in_two_loops: two_loops, two_loops_vjp;
    passed_on: passes_on, passes_on_vjp;
    passed_on_in_a_loop: passes_on_in_a_loop, passes_on_in_a_loop_vjp;
    asked_for_its_sign: by_its_sign, by_its_sign_vjp;
    with_a_recurrence_beside: counts, counts_vjp;
    left_early: leaves_early, leaves_early_vjp;
    returned_from: returns_early, returns_early_vjp;
    with_iterations_skipped: skips, skips_vjp;
    in_a_while_loop: in_while, in_while_vjp;
    of_a_copy_of_what_was_there: initial, initial_vjp;
    updated_by_a_callee: softmax_after, softmax_after_vjp;
    updated_twice_by_a_callee: updated_twice, updated_twice_vjp;
    filled_by_one_after_the_other: filled_twice, filled_twice_vjp;
}

#[differentiable]
fn callee_fills(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        centre(row, w, scratch);
        let mut s = 0.0;
        for &v in scratch.iter() {
            s += v * v;
        }
        sum += s.ln_1p();
    }
    sum
}

#[differentiable]
fn loop_fills(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        for j in 0..scratch.len() {
            scratch[j] = (row[j] * w[j]).sin();
        }
        let mut s = 0.0;
        for &v in scratch.iter() {
            s += v * v;
        }
        sum += s.ln_1p() * scratch[0];
    }
    sum
}

#[differentiable]
fn from_result(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        for j in 0..w.len() {
            sum += w[j] * scratch[j] * scratch[j];
        }
    }
    sum
}

#[differentiable]
fn accumulated(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let mut sum = 0.0;
    for row in x.chunks_exact(n) {
        scratch.fill(0.0);
        for k in 0..n {
            for j in 0..n {
                scratch[j] += row[k] * w[j] * (j as f64 + 1.0);
            }
        }
        let mut s = 1.0;
        for j in 0..n {
            s += scratch[j] * scratch[j];
        }
        sum += s.sqrt();
    }
    sum
}

#[differentiable]
fn in_part(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        centre(row, w, scratch);
        scratch[0] = row[0] * row[0];
        for j in 0..scratch.len() {
            sum += scratch[j] * scratch[j];
        }
    }
    sum
}

#[differentiable]
fn nested(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let mut sum = 0.0;
    for row in x.chunks_exact(n) {
        let mut best = 0.0;
        for k in 0..3 {
            for j in 0..n {
                scratch[j] = (row[j] * (k as f64 + 1.0) - w[j]).cos();
            }
            let mut s = 0.0;
            for j in 0..n {
                s += scratch[j] * scratch[j];
            }
            best += (0.3 * s).exp();
        }
        sum += best.ln();
    }
    sum
}

#[differentiable]
fn triangular(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let rows = x.len() / n;
    let mut sum = 0.0;
    for i in 0..rows {
        for k in i + 1..rows {
            for j in 0..n {
                scratch[j] = (x[i * n + j] - x[k * n + j]) * w[j];
            }
            let mut s = 0.0;
            for j in 0..n {
                s += scratch[j] * scratch[j];
            }
            sum += s.ln_1p();
        }
    }
    sum
}

#[differentiable]
fn guarded(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        if row[0] > 0.0 {
            centre(row, w, scratch);
            for &v in scratch.iter() {
                sum += v * v * v;
            }
        }
    }
    sum
}

#[differentiable]
fn read_after(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for j in 0..scratch.len() {
        scratch[j] = w[j];
    }
    for row in x.chunks_exact(scratch.len()) {
        centre(row, w, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
    }
    for &v in scratch.iter() {
        sum += v.sin();
    }
    sum
}

#[differentiable]
fn reversed(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let mut sum = 0.0;
    for i in (0..x.len() / n).rev() {
        centre(&x[i * n..(i + 1) * n], w, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
    }
    sum.exp()
}

#[differentiable]
fn two_loops(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        centre(row, w, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
    }
    let scale = sum.cos();
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        for &v in scratch.iter() {
            sum += v * scale;
        }
    }
    sum
}

#[differentiable]
fn passes_on(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    callee_fills(x, w, scratch).sin()
}

#[differentiable]
fn passes_on_in_a_loop(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let mut sum = 0.0;
    for i in 0..x.len() / n {
        let s = callee_fills(&x[i * n..], w, scratch);
        sum += s * s;
        for &v in scratch.iter() {
            sum += v.sin();
        }
    }
    sum
}

#[differentiable]
fn counts(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for row in x.chunks_exact(scratch.len()) {
        count += 2;
        centre(row, w, scratch);
        for &v in scratch.iter() {
            sum += v * v * count as f64;
        }
    }
    sum
}

/// Updates in place, by a rule of its own.
#[differentiable(vjp = scale_rule, jvp = scale_tangent)]
fn scale(y: &mut [f64], by: f64) {
    for y in y.iter_mut() {
        *y = by * *y * *y;
    }
}

fn scale_tangent(y: &mut [f64], d_y: &mut [f64], by: f64, d_by: f64) {
    for (y, d_y) in y.iter_mut().zip(d_y) {
        *d_y = *y * (d_by * *y + 2.0 * by * *d_y);
        *y = by * *y * *y;
    }
}

fn scale_rule(y: &mut [f64], d_y: &mut [f64], by: f64) -> f64 {
    let mut d_by = 0.0;
    for (y, d_y) in y.iter_mut().zip(d_y) {
        d_by += *d_y * *y * *y;
        *d_y *= 2.0 * by * *y;
        *y = by * *y * *y;
    }
    d_by
}

#[differentiable]
fn softmax_after(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        scale(scratch, w[0]);
        for &v in scratch.iter() {
            sum += v.sin();
        }
    }
    sum
}

#[differentiable]
fn updated_twice(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        sum += scratch[0] * scratch[0];
        scale(scratch, w[0]);
        sum += scratch[0] * scratch[0];
        scratch[0] = row[0] * w[0].cos();
        scale(scratch, row[0]);
        for &v in scratch.iter() {
            sum += v.sin();
        }
    }
    sum
}

#[differentiable]
fn filled_twice(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
        centre(row, w, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
    }
    sum
}

/// Only what a condition asks of the scratch, and nothing that varies.
#[differentiable]
fn by_its_sign(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        for j in 0..scratch.len() {
            scratch[j] = row[j] - w[j];
        }
        if scratch[0] > 0.0 {
            sum += row[0] * row[0];
        } else {
            sum += row[0] * w[0];
        }
    }
    sum
}

#[differentiable]
fn leaves_early(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        if row[0] > 0.4 {
            break;
        }
        for j in 0..w.len() {
            sum += w[j] * scratch[j] * scratch[j];
        }
    }
    sum
}

#[differentiable]
fn returns_early(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        if row[0] > 0.4 {
            return sum * 2.0;
        }
        exponentials(row, scratch);
        for j in 0..w.len() {
            sum += w[j] * scratch[j] * scratch[j];
        }
    }
    sum + scratch[0].sin()
}

#[differentiable]
fn skips(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for row in x.chunks_exact(scratch.len()) {
        if row[0] < 0.0 {
            continue;
        }
        centre(row, w, scratch);
        for &v in scratch.iter() {
            sum += v * v * v;
        }
    }
    sum
}

#[differentiable]
fn in_while(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let n = scratch.len();
    let (mut sum, mut i) = (0.0, 0);
    while i + n <= x.len() {
        centre(&x[i..i + n], w, scratch);
        for &v in scratch.iter() {
            sum += v * v;
        }
        i += n;
    }
    sum
}

/// What was there before the loop is wanted by the reverse sweep, behind it.
#[differentiable]
fn initial(x: &[f64], w: &[f64], #[out] scratch: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    let mut own = [0.0; 2];
    for j in 0..2 {
        own[j] = (w[0] * (j as f64 + 1.0)).exp();
    }
    for row in x.chunks_exact(scratch.len()) {
        exponentials(row, scratch);
        for j in 0..2 {
            own[j] = scratch[0] * (row[0] + j as f64);
        }
        for j in 0..2 {
            sum += own[j] * own[j];
        }
    }
    sum + own[0] * own[1]
}
