//! Scratch that an inner loop fills part by part, an element or a row for each of its iterations, anew in every iteration of the loop around.
//! No tape; and the caller's buffer ends with what the function leaves in it.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near, check_derivative, noise};

/// Checks `vjp`, called with `points` rows of `n` numbers, `m` rows of weights and scratch for as many, against `f`: by all of them, for the
/// value and for what is left in the scratch.
#[track_caller]
fn check(
    [points, m, n]: [usize; 3],
    f: impl Fn(&[f64], &[f64], usize, &mut [f64]) -> f64,
    vjp: impl Fn(&[f64], &mut [f64], &[f64], &mut [f64], usize, &mut [f64], &mut [f64], f64) -> f64,
) {
    let (x, w) = (noise(3, points * n), noise(5, m * n));
    let found = vec![0.25; m * n];
    for seeds in [[1.0, 0.0], [0.0, 1.0], [0.7, -1.3]] {
        let weights = noise(7, m * n);
        let total = |x: &[f64], w: &[f64], found: &[f64]| {
            let mut scratch = found.to_vec();
            let value = f(x, w, n, &mut scratch);
            seeds[0] * value + seeds[1] * common::dot(&weights, &scratch)
        };
        let (mut d_x, mut d_w) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        let mut d_scratch: Vec<f64> = weights.iter().map(|c| c * seeds[1]).collect();
        let mut scratch = found.clone();
        let value = vjp(
            &x,
            &mut d_x,
            &w,
            &mut d_w,
            n,
            &mut scratch,
            &mut d_scratch,
            seeds[0],
        );
        let mut want = found.clone();
        assert_near(value, f(&x, &w, n, &mut want), 1e-13);
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
        // Where there are points all of it is written.
        if points > 0 {
            assert_all_near(&d_scratch, &vec![0.0; m * n], 0.0);
        }
    }
}

macro_rules! checked {
    ($($test:ident: $f:ident, $vjp:ident;)*) => {$(
        #[test]
        fn $test() {
            for sizes in [[3, 2, 4], [1, 3, 1], [4, 1, 3], [0, 2, 2], [2, 2, 9]] {
                check(sizes, $f, $vjp);
            }
        }
    )*};
}

checked! {
    one_row_for_each: rows, rows_vjp;
    rows_by_sums: by_sums, by_sums_vjp;
    rows_updated: updated, updated_vjp;
    rows_read_by_another_loop: read_later, read_later_vjp;
    rows_read_after_all_loops: read_after, read_after_vjp;
    rows_where_a_condition_holds: guarded, guarded_vjp;
    rows_in_deeper_loops: deeper, deeper_vjp;
    rows_in_a_while_loop: in_while, in_while_vjp;
    rows_backwards: backwards, backwards_vjp;
    one_element_for_each: elements, elements_vjp;
    with_other_scratch_beside: with_terms, with_terms_vjp;
}

/// Each row is filled, and read.
#[differentiable]
fn rows(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        for k in 0..w.len() / n {
            let row = &mut scratch[k * n..][..n];
            for j in 0..n {
                row[j] = (w[k * n + j] * point[j]).sin();
            }
            let square: f64 = row.iter().map(|r| r * r).sum();
            total += square.exp();
        }
    }
    total
}

/// The indices are sums.
#[differentiable]
fn by_sums(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() / n {
        for k in 0..w.len() / n {
            for j in 0..n {
                scratch[k * n + j] = w[k * n + j] * x[i * n + j];
            }
            let mut square = 1.0;
            for j in 0..n {
                square += scratch[k * n + j] * scratch[k * n + j] * x[i * n];
            }
            total += square.sin();
        }
    }
    total
}

/// What is filled is updated, element by element and all over.
#[differentiable]
fn updated(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        for k in 0..w.len() / n {
            let row = &mut scratch[k * n..][..n];
            for j in 0..row.len() {
                row[j] = w[k * n + j] * point[j];
            }
            for i in 0..n {
                let centered = point[i] - w[k * n + i];
                for j in i + 1..n {
                    row[j] += centered * w[k * n + j];
                }
            }
            total += row.iter().map(|r| r * r).sum::<f64>().sqrt();
        }
    }
    total
}

/// Another loop through the same rows reads what all of them hold.
#[differentiable]
fn read_later(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let m = w.len() / n;
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        let mut norm = 0.1;
        for k in 0..m {
            let row = &mut scratch[k * n..][..n];
            for j in 0..n {
                row[j] = w[k * n + j] * point[j];
                norm += row[j] * row[j];
            }
        }
        for k in 0..m {
            let row = &scratch[k * n..][..n];
            for j in 0..n {
                total += row[j] * row[j] * row[j] / norm;
            }
        }
    }
    total
}

/// What the last point has left counts, too.
#[differentiable]
fn read_after(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let m = w.len() / n;
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        for k in 0..m {
            for j in 0..n {
                scratch[k * n + j] = (w[k * n + j] * point[j]).exp();
            }
            for j in 0..n {
                total += scratch[k * n + j] * scratch[k * n + j];
            }
        }
    }
    for k in 0..m {
        for j in 0..n {
            total += scratch[k * n + j] * scratch[k * n + j] * scratch[k * n + j];
        }
    }
    total
}

/// Some points fill nothing.
#[differentiable]
fn guarded(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for (i, point) in x.chunks_exact(n).enumerate() {
        if i != 1 {
            for k in 0..w.len() / n {
                let row = &mut scratch[k * n..][..n];
                for j in 0..n {
                    row[j] = (w[k * n + j] + point[j]).cos();
                }
                for j in 0..n {
                    total += row[j] * row[j];
                }
            }
        }
    }
    total
}

/// The same data several times.
#[differentiable]
fn deeper(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for round in 0..3 {
        for point in x.chunks_exact(n) {
            for k in 0..w.len() / n {
                let row = &mut scratch[k * n..][..n];
                for j in 0..n {
                    row[j] = w[k * n + j] * point[j] + round as f64;
                }
                let square: f64 = row.iter().map(|r| r * r).sum();
                total += square.ln_1p();
            }
        }
    }
    total
}

#[differentiable]
fn in_while(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    let mut i = 0;
    while i < x.len() / n {
        for k in 0..w.len() / n {
            for j in 0..n {
                scratch[k * n + j] = w[k * n + j] * x[i * n + j];
            }
            let mut s = 0.0;
            for j in 0..n {
                s += scratch[k * n + j] * scratch[k * n + j];
            }
            total += s.exp();
        }
        i += 1;
    }
    total
}

#[differentiable]
fn backwards(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for point in x.chunks_exact(n).rev() {
        for k in (0..w.len() / n).rev() {
            let row = &mut scratch[k * n..][..n];
            for j in (0..n).rev() {
                row[j] = (w[k * n + j] - point[j]).sin();
            }
            total += row.iter().map(|r| r * r).sum::<f64>().sqrt();
        }
    }
    total
}

/// An element each.
#[differentiable]
fn elements(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let m = w.len();
    let mut total = 0.0;
    for i in 0..x.len() / n {
        let mut sum = 0.0;
        for k in 0..m {
            scratch[k] = (w[k] * x[i * n]).exp();
            sum += scratch[k];
        }
        for k in 0..m {
            total += scratch[k] * scratch[k] / sum;
        }
    }
    total
}

/// An array of the function's own is filled beside, and read whole by a callee.
#[differentiable]
fn with_terms(x: &[f64], w: &[f64], n: usize, #[out] scratch: &mut [f64]) -> f64 {
    let mut total = 0.0;
    let mut terms = vec![0.0; w.len() / n];
    for point in x.chunks_exact(n) {
        for k in 0..terms.len() {
            let row = &mut scratch[k * n..][..n];
            for j in 0..n {
                row[j] = w[k * n + j] * (point[j] - w[k * n + j]);
            }
            let square: f64 = row.iter().map(|r| r * r).sum();
            terms[k] = w[k * n] - 0.5 * square;
        }
        total += backprop::math::logsumexp(&terms);
    }
    total
}

/// A `Vec` of the function's own, of which some elements are never touched.
#[differentiable]
fn own_vector(x: &[f64], w: &[f64], n: usize) -> f64 {
    let m = w.len() / n;
    let mut rows = vec![0.0; m * n + 3];
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        for k in 0..m {
            let row = &mut rows[k * n..][..n];
            for j in 0..n {
                row[j] = (w[k * n + j] * point[j]).exp();
            }
            let square: f64 = row.iter().map(|r| r * r).sum();
            total += square.sqrt();
        }
    }
    total
}

#[test]
fn vectors_of_the_functions_own() {
    let (x, w) = (noise(3, 12), noise(5, 8));
    let (mut d_x, mut d_w) = (vec![0.0; 12], vec![0.0; 8]);
    let value = own_vector_grad(&x, &mut d_x, &w, &mut d_w, 4);
    assert_near(value, own_vector(&x, &w, 4), 1e-13);
    common::check_gradient(|x| own_vector(x, &w, 4), &x, &d_x);
    common::check_gradient(|w| own_vector(&x, w, 4), &w, &d_w);
}

/// How many rows are filled depends on the point: the others hold what earlier points left, and that is read.
#[differentiable(tape)]
fn stale(x: &[f64; 5], w: &[f64; 3], counts: &[usize]) -> f64 {
    let mut rows = [[0.5; 2]; 3];
    let mut total = 0.0;
    for (i, &count) in counts.iter().enumerate() {
        for k in 0..count {
            rows[k][0] = w[k] * x[i];
            rows[k][1] = x[i] * x[i];
        }
        for k in 0..3 {
            total += rows[k][0] * rows[k][1];
        }
    }
    total
}

#[test]
fn rows_that_earlier_points_left() {
    let counts = [3, 1, 0, 2, 1];
    let (x, w): ([f64; 5], [f64; 3]) = (
        noise(3, 5).try_into().unwrap(),
        noise(5, 3).try_into().unwrap(),
    );
    let (mut d_x, mut d_w) = ([0.0; 5], [0.0; 3]);
    let mut tape = Tape::new();
    let value = stale_grad(&x, &mut d_x, &w, &mut d_w, &counts, &mut tape);
    assert_near(value, stale(&x, &w, &counts), 1e-13);
    common::check_gradient(|x| stale(x.try_into().unwrap(), &w, &counts), &x, &d_x);
    common::check_gradient(|w| stale(&x, w.try_into().unwrap(), &counts), &w, &d_w);
}

/// Rows of an array that a constant loop fills are read where they lie, not made again; the one before is read, too.
#[differentiable]
fn rows_of_an_array(x: &[f64], w: &[[f64; 3]; 4]) -> f64 {
    let mut total = 0.0;
    for &p in x {
        let mut rows = [[0.0; 3]; 4];
        let mut terms = [0.0; 4];
        for k in 0..4 {
            for j in 0..3 {
                rows[k][j] = (w[k][j] * p).sin();
            }
            for i in 0..3 {
                for j in i + 1..3 {
                    rows[k][j] += w[k][i] * p;
                }
            }
            let square: f64 = rows[k].iter().map(|r| r * r).sum();
            terms[k] = square.exp() * p;
        }
        for k in 1..4 {
            total += terms[k] * rows[k - 1][k - 1] * terms[k - 1];
        }
    }
    total
}

#[test]
fn rows_of_arrays() {
    let x = noise(11, 4);
    let w: [[f64; 3]; 4] = core::array::from_fn(|k| noise(k as u64, 3).try_into().unwrap());
    let (mut d_x, mut d_w) = (vec![0.0; 4], [[0.0; 3]; 4]);
    let value = rows_of_an_array_grad(&x, &mut d_x, &w, &mut d_w);
    assert_near(value, rows_of_an_array(&x, &w), 1e-13);
    common::check_gradient(|x| rows_of_an_array(x, &w), &x, &d_x);
    let flat = w.as_flattened();
    let of = |w: &[f64]| rows_of_an_array(&x, w.as_chunks().0.try_into().unwrap());
    common::check_gradient(of, flat, d_w.as_flattened());
}

/// A row is squared where it lies: the reverse sweep wants what it was, too.
#[differentiable]
fn squared_in_place(x: &[f64], w: &[[f64; 2]; 3]) -> f64 {
    let mut total = 0.0;
    for &p in x {
        let mut rows = [[0.0; 2]; 3];
        for k in 0..3 {
            for j in 0..2 {
                rows[k][j] = w[k][j] + p;
            }
            for j in 0..2 {
                rows[k][j] = rows[k][j] * rows[k][j] * p;
            }
            total += rows[k][0] * rows[k][1];
        }
    }
    total
}

#[test]
fn rows_squared_in_place() {
    let x = noise(13, 3);
    let w: [[f64; 2]; 3] = core::array::from_fn(|k| noise(k as u64, 2).try_into().unwrap());
    let (mut d_x, mut d_w) = (vec![0.0; 3], [[0.0; 2]; 3]);
    let value = squared_in_place_grad(&x, &mut d_x, &w, &mut d_w);
    assert_near(value, squared_in_place(&x, &w), 1e-13);
    common::check_gradient(|x| squared_in_place(x, &w), &x, &d_x);
    let of = |w: &[f64]| squared_in_place(&x, w.as_chunks().0.try_into().unwrap());
    common::check_gradient(of, w.as_flattened(), d_w.as_flattened());
}

/// A layer for each row of weights: what goes into it is written down element by element, in a part of its own, and the stream it is read from
/// goes on. So the reverse sweep finds it there.
#[differentiable]
fn written_down(x: &[f64], w: &[f64], n: usize, #[out] inputs: &mut [f64]) -> f64 {
    let layers = w.len() / n;
    let mut stream = vec![0.0; n];
    for i in 0..n {
        stream[i] = x[i];
    }
    for l in 0..layers {
        let input = &mut inputs[l * n..][..n];
        for i in 0..n {
            input[i] = stream[i];
        }
        for i in 0..n {
            stream[i] += input[i] * input[(i + 1) % n] * w[l * n + i];
        }
    }
    let mut sum = 0.0;
    for i in 0..n {
        sum += stream[i] * stream[i];
    }
    sum
}

/// The same with a call that reads it, and fills a part of the next buffer.
#[differentiable]
fn written_down_and_lent(
    x: &[f64],
    w: &[f64],
    n: usize,
    #[out] inputs: &mut [f64],
    #[out] scaled: &mut [f64],
) -> f64 {
    let layers = w.len() / n;
    let mut stream = vec![0.0; n];
    for i in 0..n {
        stream[i] = x[i];
    }
    for l in 0..layers {
        let input = &mut inputs[l * n..][..n];
        for i in 0..n {
            input[i] = 0.5 * stream[i];
        }
        let output = &mut scaled[l * n..][..n];
        products(&*input, &w[l * n..][..n], output);
        for i in 0..n {
            stream[i] += output[i];
        }
    }
    let mut sum = 0.0;
    for i in 0..n {
        sum += stream[i] * stream[i];
    }
    sum
}

#[differentiable]
fn products(x: &[f64], w: &[f64], #[out] y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = x[i] * x[i] * w[i];
    }
}

#[test]
fn parts_that_a_loop_writes() {
    for points in [1, 3] {
        // As many rows of scratch as there are layers.
        check([1, points, 2], written_down, written_down_vjp);
        let both = |x: &[f64], w: &[f64], n: usize, inputs: &mut [f64]| {
            let mut scaled = vec![0.0; inputs.len()];
            written_down_and_lent(x, w, n, inputs, &mut scaled)
        };
        check(
            [1, points, 2],
            both,
            |x, d_x, w, d_w, n, inputs, d_inputs, seed| {
                let (mut scaled, mut d_scaled) = (vec![0.0; inputs.len()], vec![0.0; inputs.len()]);
                written_down_and_lent_vjp(
                    x,
                    d_x,
                    w,
                    d_w,
                    n,
                    inputs,
                    d_inputs,
                    &mut scaled,
                    &mut d_scaled,
                    seed,
                )
            },
        );
    }
}
