//! Loops whose number of iterations depends on counters that have constant bounds themselves: none of them needs a tape.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_gradient, noise};

/// Checks a function of a matrix, which is handed to it in rows.
#[track_caller]
fn check_matrix<const N: usize>(
    f: impl Fn(&[[f64; N]; N]) -> f64,
    grad: impl Fn(&[[f64; N]; N], &mut [[f64; N]; N]) -> f64,
    a: &[[f64; N]; N],
) {
    let mut d = [[0.0; N]; N];
    assert_near(grad(a, &mut d), f(a), 1e-14);
    let of_flat = |x: &[f64]| {
        let mut a = [[0.0; N]; N];
        a.as_flattened_mut().copy_from_slice(x);
        f(&a)
    };
    check_gradient(of_flat, a.as_flattened(), d.as_flattened());
}

fn dominant<const N: usize>(seed: u64) -> [[f64; N]; N] {
    let x = noise(seed, N * N);
    core::array::from_fn(|i| {
        core::array::from_fn(|j| x[i * N + j] + if i == j { N as f64 + 1.0 } else { 0.0 })
    })
}

/// `i + 1..N` and `0..=i`: the determinant by elimination, and what solves the triangles.
#[differentiable]
fn log_det<const N: usize>(a: &[[f64; N]; N]) -> f64 {
    let mut u = *a;
    let mut sum = 0.0;
    for i in 0..N {
        for k in i + 1..N {
            let factor = u[k][i] / u[i][i];
            for j in i..N {
                let there = u[i][j];
                u[k][j] -= factor * there;
            }
        }
        sum += u[i][i].abs().ln();
    }
    sum
}

#[differentiable]
fn cholesky<const N: usize>(a: &[[f64; N]; N]) -> f64 {
    let mut l = [[0.0; N]; N];
    let mut sum = 0.0;
    for i in 0..N {
        for j in 0..=i {
            let mut s = a[i][j];
            for k in 0..j {
                s -= l[i][k] * l[j][k];
            }
            if i == j {
                l[i][i] = s.sqrt();
                sum += l[i][i].ln();
            } else {
                l[i][j] = s / l[j][j];
            }
        }
    }
    sum + l[N - 1][0]
}

#[test]
fn factorisations_of_matrices_of_constant_size() {
    check_matrix(log_det, log_det_grad, &dominant::<1>(3));
    check_matrix(log_det, log_det_grad, &dominant::<4>(4));
    check_matrix(log_det, log_det_grad, &dominant::<7>(5));
    check_matrix(cholesky, cholesky_grad, &dominant::<1>(6));
    check_matrix(cholesky, cholesky_grad, &dominant::<5>(7));
    // Of the determinant's logarithm it is the inverse, transposed.
    let (a, mut d) = ([[2.0, 1.0], [0.5, 3.0]], [[0.0; 2]; 2]);
    log_det_grad(&a, &mut d);
    let det = 2.0 * 3.0 - 0.5;
    for (got, want) in d.as_flattened().iter().zip([3.0, -0.5, -1.0, 2.0]) {
        assert_near(*got, want / det, 1e-14);
    }
}

/// A solver in place over an array of the caller's, substituting forwards and backwards.
#[differentiable]
fn solve<const N: usize>(a: &[[f64; N]; N], x: &mut [f64; N]) {
    for i in 0..N {
        for j in 0..i {
            x[i] = x[i] - a[i][j] * x[j];
        }
        x[i] = x[i] / a[i][i];
    }
    for i in (0..N).rev() {
        let mut s = x[i];
        for j in i + 1..N {
            s -= a[j][i] * x[j];
        }
        x[i] = s / a[i][i];
    }
}

#[test]
fn triangles_are_solved_in_place() {
    let (a, b, w) = (dominant::<6>(8), noise(9, 6), noise(10, 6));
    let left = |a: &[f64], b: &[f64]| {
        let mut rows = [[0.0; 6]; 6];
        rows.as_flattened_mut().copy_from_slice(a);
        let mut x: [f64; 6] = core::array::from_fn(|k| b[k]);
        solve(&rows, &mut x);
        x.iter().zip(&w).map(|(x, w)| x * w).sum::<f64>()
    };
    let mut x: [f64; 6] = core::array::from_fn(|k| b[k]);
    let mut d_x: [f64; 6] = core::array::from_fn(|k| w[k]);
    let mut d_a = [[0.0; 6]; 6];
    solve_vjp(&a, &mut d_a, &mut x, &mut d_x);
    check_gradient(|b| left(a.as_flattened(), b), &b, &d_x);
    check_gradient(|a| left(a, &b), a.as_flattened(), d_a.as_flattened());
}

// ------------------------------------------------------------------ numbers as they grow

/// One statement for each way to bound a loop by what is bounded.
#[differentiable]
fn many_bounds(x: f64, n: usize, a: &[f64; 12]) -> f64 {
    let mut sum = 0.0;
    for t in 0..6 {
        let mut p = x;
        for k in 0..=t {
            p = (p * a[k]).sin() + 1.0;
        }
        for k in t..2 * t + 1 {
            p *= 1.0 + a[k];
        }
        for k in (t + 1..t + 4).rev() {
            p = p.cos() * p.sin() + a[k];
        }
        for k in (0..t).step_by(2) {
            p = (p + a[k]).tanh();
        }
        for k in 1..t / 2 + 2 {
            p = (0.5 * p).sin() * a[k] + p.tanh();
        }
        for k in 0..(n * t) % 5 {
            p = (p * p).sin() + a[k];
        }
        for k in 0..n.min(t + 1) {
            p = p.sin() * a[k];
        }
        for k in 0..n.min(7) {
            p = p.cos() + a[k];
        }
        for k in 0..6 - t {
            p = (p * p + 1.0).sqrt() + a[k];
        }
        sum += p;
    }
    sum
}

#[test]
fn bounds_of_all_kinds() {
    let a: [f64; 12] = core::array::from_fn(|k| 0.3 + 0.2 * (k as f64).sin());
    for n in [0, 1, 3, 8, 100] {
        let mut d_a = [0.0; 12];
        let (value, d_x) = many_bounds_grad(0.7, n, &a, &mut d_a);
        assert_near(value, many_bounds(0.7, n, &a), 1e-13);
        let all = |v: &[f64]| many_bounds(v[0], n, &core::array::from_fn(|k| v[k + 1]));
        let (mut at, mut d) = (vec![0.7], vec![d_x]);
        at.extend(a);
        d.extend(d_a);
        check_gradient(all, &at, &d);
    }
}

// ------------------------------------------------------------------ constants of all types, and of `impl` blocks

const STEPS: i32 = 9;
const ROWS: u8 = 4;

/// An array's length is a `usize`, whatever the constant is.
#[differentiable]
fn by_an_i32(x: f64) -> f64 {
    let mut p = x;
    for k in 0..STEPS {
        p = p.sin() * p + f64::from(k);
        for j in 0..=k {
            p = (p * 0.5).cos() + f64::from(j);
        }
        for j in 0..ROWS {
            p = p.sin() + 0.1 * p * f64::from(j);
        }
    }
    p
}

/// Bounds are computed without overflow, whatever the types; a range that ends below zero is empty, and a cast that loses the sign is no bound.
#[differentiable(tape)]
fn mixed_types<const N: i32>(x: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..6usize {
        let mut p = x + 0.1 * i as f64;
        for j in 0..(i as i32) * 3 {
            p = p.sin() * 1.1 + 0.01 * f64::from(j);
        }
        for j in 0..STEPS - i32::from(ROWS) * 3 {
            p = p * p + f64::from(j);
        }
        for j in 0..=(ROWS as i32) {
            p = p.sin() + 0.1 * p * f64::from(j);
        }
        for j in 0..(ROWS as usize + i) {
            p = (p * 0.7).sin() + 0.05 * j as f64;
        }
        for j in ((i * 40) as i8)..5 {
            p = (p * 0.9 + 0.01 * f64::from(j)).sin();
        }
        for j in 0..N {
            p = p.cos() + 0.1 * f64::from(j);
        }
        sum += p;
    }
    sum
}

/// The same without the two that need a tape.
#[differentiable]
fn constants_of_two_types(x: f64) -> f64 {
    let mut p = x;
    for i in 0..6usize {
        for j in 0..STEPS - 12 {
            p = p * p + f64::from(j);
        }
        for j in 0..(ROWS as usize + i) {
            p = (p * 0.7).sin() + 0.05 * j as f64;
        }
        for j in 0..STEPS as usize - i {
            p = p.cos() + 0.05 * j as f64;
        }
    }
    p
}

struct Chain<const N: usize> {
    weights: [f64; N],
}

impl<const N: usize> Chain<N> {
    /// The block's parameter bounds the loops, and a constant outside it does.
    #[differentiable]
    fn run(#[nodiff] &self, x: f64) -> f64 {
        let mut p = x;
        for i in 0..N {
            for j in 0..=i {
                p = p.sin() + self.weights[j] * p;
            }
            for j in i + 1..N {
                p = p.cos() * self.weights[j];
            }
            for j in 0..=STEPS {
                p = (p + f64::from(j)).sin();
            }
        }
        p
    }

    #[differentiable]
    fn without_self(x: f64) -> f64 {
        let mut p = x;
        for i in 0..N {
            for _ in 0..=i {
                p = p.sin() + 0.3 * p;
            }
        }
        p
    }
}

#[test]
fn constants_of_other_types_and_of_the_block() {
    let (value, d) = by_an_i32_grad(0.4);
    assert_near(value, by_an_i32(0.4), 1e-14);
    check_gradient(|x| by_an_i32(x[0]), &[0.4], &[d]);
    for x in [0.3, -0.8] {
        let (value, d) = mixed_types_grad::<3>(x, &mut Tape::new());
        assert_near(value, mixed_types::<3>(x), 1e-13);
        check_gradient(|x| mixed_types::<3>(x[0]), &[x], &[d]);
        let (value, d) = constants_of_two_types_grad(x);
        assert_near(value, constants_of_two_types(x), 1e-13);
        check_gradient(|x| constants_of_two_types(x[0]), &[x], &[d]);
    }
    let chain = Chain {
        weights: [0.4, 0.7, -0.9, 1.1],
    };
    let (value, d) = chain.run_grad(0.3);
    assert_near(value, chain.run(0.3), 1e-14);
    check_gradient(|x| chain.run(x[0]), &[0.3], &[d]);
    let (value, d) = Chain::<5>::without_self_grad(0.3);
    assert_near(value, Chain::<5>::without_self(0.3), 1e-14);
    check_gradient(|x| Chain::<5>::without_self(x[0]), &[0.3], &[d]);
}

// ------------------------------------------------------------------ rows that branches and loops inside change

/// Pascal's triangle of powers: each row from the one above, of which the reverse sweep needs the old one.
#[differentiable]
fn triangle<const N: usize>(x: &[f64; N]) -> f64 {
    let mut rows = [[0.0; N]; N];
    for i in 0..N {
        rows[i][0] = x[i];
        for j in 1..=i {
            if j % 2 == 0 {
                rows[i][j] = rows[i - 1][j - 1] * rows[i][j - 1];
            } else {
                rows[i][j] = rows[i - 1][j - 1].sin() + rows[i][j - 1] * x[j];
            }
        }
    }
    let mut sum = 0.0;
    for i in 0..N {
        sum += rows[i][i] * rows[N - 1][i];
    }
    sum
}

/// Two versions of one array that a branch chooses between.
#[differentiable]
fn one_or_the_other(x: &[f64; 4], swap: bool) -> f64 {
    let mut a = *x;
    let mut b = [0.5; 4];
    for i in 0..4 {
        for j in 0..i {
            if swap && j == 1 {
                core::mem::swap(&mut a, &mut b);
            }
            a[i] = a[i] * b[j] + a[j];
            b[j] = a[i].sin();
        }
    }
    a[3] * b[2] + a[0]
}

#[test]
fn rows_change_inside() {
    let x: [f64; 6] = core::array::from_fn(|k| 0.8 + 0.1 * k as f64);
    let mut d = [0.0; 6];
    assert_near(triangle_grad(&x, &mut d), triangle(&x), 1e-14);
    check_gradient(|x| triangle::<6>(&core::array::from_fn(|k| x[k])), &x, &d);
    let x = [0.3, 0.8, -0.4, 1.2];
    for swap in [false, true] {
        let mut d = [0.0; 4];
        let value = one_or_the_other_grad(&x, &mut d, swap);
        assert_near(value, one_or_the_other(&x, swap), 1e-14);
        let of_slice = |x: &[f64]| one_or_the_other(&core::array::from_fn(|k| x[k]), swap);
        check_gradient(of_slice, &x, &d);
    }
}
