//! Scratch of several kinds, filled anew in every iteration: local arrays, several buffers, structs, any float.

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_derivative, check_gradient, check_slice, noise};

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

/// Updates in place.
#[differentiable]
fn softmax(y: &mut [f64; 3]) {
    let mut sum = 0.0;
    for j in 0..3 {
        y[j] = y[j].exp();
        sum += y[j];
    }
    for j in 0..3 {
        y[j] /= sum;
    }
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

/// Local arrays, made outside the loop.
#[differentiable]
fn local_array(x: &[f64], w: &[f64; 3]) -> f64 {
    let mut scratch = [0.5; 3];
    let mut sum = 0.0;
    for row in x.chunks_exact(3) {
        centre(row, w, &mut scratch);
        softmax(&mut scratch);
        for k in 0..3 {
            sum += (scratch[k] * row[k]).sin();
        }
    }
    sum
}

#[differentiable]
fn local_matrix(x: &[f64], w: &[f64; 3]) -> f64 {
    let mut outer = [[0.0; 3]; 2];
    let mut row_sums = [0.0; 2];
    let mut sum = 0.0;
    for row in x.chunks_exact(2) {
        for i in 0..2 {
            for j in 0..3 {
                outer[i][j] = row[i] * w[j];
            }
        }
        row_sums.fill(0.0);
        for i in 0..2 {
            for j in 0..3 {
                row_sums[i] += outer[i][j] * outer[i][j];
            }
        }
        sum += row_sums[0] * row_sums[1];
    }
    sum
}

#[test]
fn local_arrays() {
    let x = noise(1, 12);
    let w = [0.3, -0.8, 0.5];
    macro_rules! each {
        ($($f:ident, $grad:ident;)*) => {$(
            let mut d_w = [0.0; 3];
            check_slice(|x| $f(x, &w), |x, d_x| $grad(x, d_x, &w, &mut [0.0; 3]), &x);
            $grad(&x, &mut [0.0; 12], &w, &mut d_w);
            check_gradient(|w| $f(&x, &[w[0], w[1], w[2]]), &w, &d_w);
            assert_eq!($grad(&[], &mut [], &w, &mut d_w), 0.0);
        )*};
    }
    each! {
        local_array, local_array_grad;
        local_matrix, local_matrix_grad;
        with_tape, with_tape_grad_and_tape;
    }
}

/// With a tape an array need not be filled whole; the callee does not say that it does.
#[differentiable(tape)]
fn with_tape(x: &[f64], w: &[f64; 3]) -> f64 {
    let mut scratch = [0.5; 3];
    let mut sum = 0.0;
    for row in x.chunks_exact(3) {
        first_two(row, w, &mut scratch);
        for k in 0..3 {
            sum += (scratch[k] * row[k]).sin();
        }
    }
    sum
}

fn with_tape_grad_and_tape(x: &[f64], d_x: &mut [f64], w: &[f64; 3], d_w: &mut [f64; 3]) -> f64 {
    with_tape_grad(x, d_x, w, d_w, &mut Tape::new())
}

#[differentiable]
fn first_two(x: &[f64], w: &[f64; 3], out: &mut [f64; 3]) {
    out[0] = x[0] * w[1];
    out[1] = x[1] * w[2];
}

/// One from another, and each from what is there.
#[differentiable]
fn several(x: &[f64], w: &[f64], #[out] a: &mut [f64], #[out] b: &mut [f64]) -> f64 {
    let n = a.len();
    let mut sum = 0.0;
    for row in x.chunks_exact(n) {
        centre(row, w, a);
        exponentials(&*a, b);
        let mut s = 0.0;
        for j in 0..n {
            s += a[j] * b[j];
        }
        sum += s.cos();
    }
    sum
}

#[differentiable]
fn crossed(x: &[f64], w: &[f64], #[out] a: &mut [f64], #[out] b: &mut [f64]) -> f64 {
    let n = a.len();
    let mut sum = 0.0;
    for row in x.chunks_exact(n) {
        exponentials(row, b);
        scale(b, w[0]);
        centre(&*b, w, a);
        for k in 0..2 {
            for j in 0..b.len() {
                b[j] = a[j].sin() + row[j] * k as f64;
            }
            for j in 0..n {
                sum += a[j] * b[j] * b[j];
            }
        }
    }
    sum
}

#[differentiable]
fn hands_both_on(x: &[f64], w: &[f64], #[out] a: &mut [f64], #[out] b: &mut [f64]) -> f64 {
    let n = a.len();
    let mut sum = 0.0;
    for i in 0..x.len() / n {
        sum += several(&x[i * n..(i + 1) * n], w, a, b).exp();
        sum += a[0] * b[0];
    }
    sum
}

#[test]
fn several_buffers() {
    let (x, w) = (noise(2, 9), noise(4, 3));
    macro_rules! each {
        ($($f:ident, $vjp:ident;)*) => {$(
            let value = |x: &[f64], w: &[f64]| {
                let (mut a, mut b) = ([0.1; 3], [0.2; 3]);
                let value = $f(x, w, &mut a, &mut b);
                0.7 * value + 2.0 * a[1] - 3.0 * b[2]
            };
            let (mut d_x, mut d_w) = ([0.0; 9], [0.0; 3]);
            let (mut a, mut b) = ([0.1; 3], [0.2; 3]);
            let (mut d_a, mut d_b) = ([0.0, 2.0, 0.0], [0.0, 0.0, -3.0]);
            $vjp(&x, &mut d_x, &w, &mut d_w, &mut a, &mut d_a, &mut b, &mut d_b, 0.7);
            check_gradient(|x| value(x, &w), &x, &d_x);
            check_gradient(|w| value(&x, w), &w, &d_w);
            let (mut want_a, mut want_b) = ([0.1; 3], [0.2; 3]);
            $f(&x, &w, &mut want_a, &mut want_b);
            assert_eq!((a, b), (want_a, want_b));
            assert_eq!((d_a, d_b), ([0.0; 3], [0.0; 3]));
        )*};
    }
    each! {
        several, several_vjp;
        crossed, crossed_vjp;
        hands_both_on, hands_both_on_vjp;
    }
}

/// A struct that is lent whole, to a method and to an associated function.
#[derive(Clone, Copy, Differentiable)]
struct Moments {
    first: f64,
    second: f64,
}

impl Moments {
    #[differentiable]
    fn of(x: &[f64], #[out] out: &mut Moments) {
        let (mut first, mut second) = (0.0, 0.0);
        for &x in x {
            first += x;
            second += x * x;
        }
        out.first = first;
        out.second = second;
    }

    #[differentiable]
    fn scaled(&self, by: f64, #[out] out: &mut [f64]) {
        for j in 0..out.len() {
            out[j] = self.first * by + self.second * j as f64;
        }
    }
}

#[differentiable]
fn moments(x: &[f64], by: f64, #[out] scratch: &mut [f64]) -> f64 {
    let mut m = Moments {
        first: by,
        second: by,
    };
    let mut sum = 0.0;
    for row in x.chunks(2) {
        Moments::of(row, &mut m);
        m.scaled(by, scratch);
        for &v in scratch.iter() {
            sum += v.sin();
        }
    }
    sum
}

#[test]
fn of_structs() {
    let x = noise(9, 5);
    let (mut d_x, mut d_scratch) = ([0.0; 5], [0.0; 2]);
    let (_, d_by) = moments_grad(&x, &mut d_x, 0.3, &mut [0.0; 2], &mut d_scratch);
    check_gradient(|x| moments(x, 0.3, &mut [0.0; 2]), &x, &d_x);
    check_derivative("by", d_by, |h| moments(&x, 0.3 + h, &mut [0.0; 2]));
}

#[differentiable]
fn scaled<T: Real>(row: &[T], by: T, #[out] out: &mut [T]) {
    for (j, out) in out.iter_mut().enumerate() {
        *out = row[j] * by;
    }
}

#[differentiable]
fn any_float<T: Real>(x: &[T], by: T, #[out] scratch: &mut [T]) -> T {
    let mut sum = T::from_f64(0.0);
    for row in x.chunks_exact(scratch.len()) {
        scaled(row, by, scratch);
        for &v in scratch.iter() {
            sum += v.sin();
        }
    }
    sum
}

#[test]
fn of_any_float() {
    let x = noise(9, 5);
    let (mut d_x, mut d_scratch) = ([0.0; 5], [0.0; 2]);
    let (_, d_by) = any_float_grad(&x, &mut d_x, 0.3, &mut [0.0; 2], &mut d_scratch);
    check_gradient(|x| any_float(x, 0.3, &mut [0.0; 2]), &x, &d_x);
    check_derivative("by", d_by, |h| any_float(&x, 0.3 + h, &mut [0.0; 2]));
    let narrow: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    let mut d_narrow = [0.0_f32; 5];
    any_float_grad(&narrow, &mut d_narrow, 0.3, &mut [0.0; 2], &mut [0.0; 2]);
    for (a, b) in d_narrow.iter().zip(d_x) {
        assert_near(f64::from(*a), b, 1e-5);
    }
}

// ------------------------------------------------------------------ no fills: what is not written keeps its contents, and their cotangent

#[differentiable(tape)]
fn all_but_the_first(a: f64, x: f64, n: usize) -> f64 {
    let mut y = [a; 4];
    let mut sum = 0.0;
    for t in 0..n {
        for j in 1..y.len() {
            y[j] = x * (t + j) as f64;
        }
        sum += y[0] * y[1] * y[2];
        y[0] *= 1.5;
    }
    sum
}

#[differentiable(tape)]
fn all_but_the_last(a: f64, x: f64, n: usize) -> f64 {
    let mut y = [a; 4];
    let mut sum = 0.0;
    for t in 0..n {
        for j in 0..3 {
            y[j] = x * (t + j) as f64;
        }
        sum += y[3] * y[1] * y[2];
        y[3] *= 1.5;
    }
    sum
}

#[differentiable(tape)]
fn read_before(a: f64, x: f64, n: usize) -> f64 {
    let mut y = [a; 3];
    let mut sum = 0.0;
    for t in 0..n {
        for j in 0..y.len() {
            sum += y[j] * y[j];
            y[j] = x * (t + j + 1) as f64;
        }
    }
    sum
}

/// All of it is written, but for what is set aside before.
#[differentiable(tape)]
fn one_behind(a: f64, x: f64, n: usize) -> f64 {
    let mut y = [a; 3];
    let mut sum = 0.0;
    for t in 0..n {
        let mut before = [0.0; 3];
        for j in 0..3 {
            before = y;
            y[j] = x * (t + j + 1) as f64;
        }
        sum += before[0] * before[2];
    }
    sum
}

/// Twice as much is read as is written.
#[differentiable(tape)]
fn half_of_it(x: &[f64], a: f64) -> f64 {
    let n = x.len();
    let mut y = vec![a; 2 * n];
    let mut sum = 0.0;
    for t in 0..3 {
        for i in 0..n {
            y[i] = x[i] * (t + 1) as f64;
        }
        for i in 0..n {
            for j in 0..2 {
                sum += y[i * 2 + j] * y[i * 2 + j] * (t + j + 1) as f64;
            }
        }
        y[2 * n - 1] *= 1.5;
    }
    sum
}

#[test]
fn what_is_not_written_stays() {
    let points = [[0.7, 1.3], [-0.4, 0.9]];
    for n in 0..4 {
        check_args(
            |[a, x]| all_but_the_first(a, x, n),
            |[a, x]| all_but_the_first_grad(a, x, n, &mut Tape::new()),
            &points,
        );
        check_args(
            |[a, x]| all_but_the_last(a, x, n),
            |[a, x]| all_but_the_last_grad(a, x, n, &mut Tape::new()),
            &points,
        );
        check_args(
            |[a, x]| read_before(a, x, n),
            |[a, x]| read_before_grad(a, x, n, &mut Tape::new()),
            &points,
        );
        check_args(
            |[a, x]| one_behind(a, x, n),
            |[a, x]| one_behind_grad(a, x, n, &mut Tape::new()),
            &points,
        );
    }
    let x = noise(10, 3);
    let mut d_x = [0.0; 3];
    let (_, d_a) = half_of_it_grad(&x, &mut d_x, 0.7, &mut Tape::new());
    check_gradient(|x| half_of_it(x, 0.7), &x, &d_x);
    check_gradient(|a| half_of_it(&x, a[0]), &[0.7], &[d_a]);
}
