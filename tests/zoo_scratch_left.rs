//! Buffers that loops fill anew in each iteration, if there is any, and that are updated behind them: they end with what the function leaves, once.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near, check_derivative, noise};

/// Checks a gradient by both arguments, of the value and of what is left in `y`; and the value and what is left themselves.
#[track_caller]
fn check(
    f: impl Fn(&mut [f64], &[f64]) -> f64,
    vjp: impl Fn(&mut [f64], &mut [f64], &[f64], &mut [f64], f64) -> f64,
) {
    let (found, x, weights) = (noise(3, 3), noise(5, 4), noise(7, 3));
    for seeds in [[1.0, 0.0], [0.0, 1.0], [0.7, -1.3]] {
        let total = |y: &[f64], x: &[f64]| {
            let mut y = y.to_vec();
            let value = f(&mut y, x);
            seeds[0] * value + seeds[1] * common::dot(&weights, &y)
        };
        let mut d_y: Vec<f64> = weights.iter().map(|w| w * seeds[1]).collect();
        let (mut y, mut d_x) = (found.clone(), vec![0.0; x.len()]);
        let value = vjp(&mut y, &mut d_y, &x, &mut d_x, seeds[0]);
        let mut want = found.clone();
        assert_near(value, f(&mut want, &x), 1e-13);
        assert_all_near(&y, &want, 1e-13);
        for k in 0..found.len() {
            check_derivative(&format!("d_y[{k}], {seeds:?}"), d_y[k], |h| {
                let mut moved = found.clone();
                moved[k] += h;
                total(&moved, &x)
            });
        }
        for k in 0..x.len() {
            check_derivative(&format!("d_x[{k}], {seeds:?}"), d_x[k], |h| {
                let mut moved = x.clone();
                moved[k] += h;
                total(&found, &moved)
            });
        }
    }
}

/// Random program 12003481: no iteration fills it.
#[differentiable(tape)]
fn left_before_the_fill(y: &mut [f64; 3], x: &[f64]) -> f64 {
    y[1] = loop {
        if true {
            break x[0];
        }
        y.fill(0.5);
    };
    y[0] -= 0.5;
    y[2]
}

#[test]
fn loops_that_end_before_they_fill() {
    let mut tape = Tape::new();
    let (mut y, mut d_y, mut d_x) = ([1.0, 2.0, 3.0], [0.0, 0.25, 0.5], [0.0; 4]);
    let x = [0.7, 0.0, 0.0, 0.0];
    let value = left_before_the_fill_grad(&mut y, &mut d_y, &x, &mut d_x, &mut tape);
    assert_eq!((value, y), (3.0, [0.5, 0.7, 3.0]));
    assert_eq!((d_y, d_x[0]), ([0.0, 0.0, 1.5], 0.25));
}

#[differentiable(tape)]
fn added_behind(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        y.fill(x[i]);
        for k in 0..y.len() {
            p *= y[k].sin();
        }
    }
    y[0] -= 0.5;
    p * y[0] * y[1]
}

#[test]
fn one_element_is_updated_behind() {
    for n in 0..4 {
        check(
            |y, x| added_behind(y, x, n),
            |y, d_y, x, d_x, s| added_behind_vjp(y, d_y, x, d_x, n, s, &mut Tape::new()),
        );
    }
}

#[differentiable(tape)]
fn all_added_behind(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        y.fill(x[i]);
        for k in 0..y.len() {
            p *= y[k].sin();
        }
    }
    for k in 0..y.len() {
        y[k] += p;
    }
    p * y[0] * y[1]
}

#[test]
fn all_elements_are_updated_behind() {
    for n in 0..4 {
        check(
            |y, x| all_added_behind(y, x, n),
            |y, d_y, x, d_x, s| all_added_behind_vjp(y, d_y, x, d_x, n, s, &mut Tape::new()),
        );
    }
}

#[differentiable(tape)]
fn scaled_behind(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        y.fill(x[i]);
        p *= (y[0] + y[1]).sin();
    }
    for k in 0..y.len() {
        y[k] *= 2.0;
    }
    p + y[0] * y[1]
}

#[test]
fn all_elements_are_scaled_behind() {
    for n in 0..4 {
        check(
            |y, x| scaled_behind(y, x, n),
            |y, d_y, x, d_x, s| scaled_behind_vjp(y, d_y, x, d_x, n, s, &mut Tape::new()),
        );
    }
}

#[differentiable(tape)]
fn filled_until(y: &mut [f64], x: &[f64], n: usize, most: f64) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        if x[i] > most {
            break;
        }
        y.fill(x[i]);
        p *= (y[0] + y[1]).sin();
    }
    y[0] -= 0.5;
    y[2] = p;
    p + y[0] * y[1]
}

#[test]
fn loops_that_may_end_before_they_fill() {
    for n in 0..4 {
        for most in [-10.0, 0.1, 10.0] {
            check(
                |y, x| filled_until(y, x, n, most),
                |y, d_y, x, d_x, s| {
                    filled_until_vjp(y, d_y, x, d_x, n, most, s, &mut Tape::new()).0
                },
            );
        }
    }
}

/// When the loop ends depends on what was in the buffer before it.
#[differentiable(tape)]
fn filled_until_enough(y: &mut [f64; 3], x: &[f64], n: usize, most: f64) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        let mut j = 0;
        while j < n {
            if x[i] > most {
                break;
            }
            for k in 0..y.len() {
                y[k] = p * p;
            }
            p += (y[0] - y[1] * 0.4).cos();
            j += 1;
        }
        if y[0] > 0.5 {
            break;
        }
    }
    p
}

#[differentiable(tape)]
fn filled_while_little(y: &mut [f64; 3], x: &[f64], n: usize, most: f64) -> f64 {
    let (mut p, mut sum, mut i) = (1.0, 0.0, 0);
    while sum < most && i < n {
        let mut j = 0;
        while j < i {
            for k in 0..y.len() {
                y[k] = x[i];
            }
            p *= y[1].sin();
            j += 1;
        }
        sum += y[0].abs();
        i += 1;
    }
    p
}

#[test]
fn loops_end_by_what_was_there_before() {
    macro_rules! check_all {
        ($($f:ident $vjp:ident)*) => {$(
            for n in 0..4 {
                for most in [-10.0, -0.3, 0.1, 0.3, 0.6, 0.9, 10.0] {
                    check(
                        |y, x| $f(y.first_chunk_mut().unwrap(), x, n, most),
                        |y, d_y, x, d_x, s| {
                            let (y, d_y) = (y.first_chunk_mut().unwrap(), d_y.first_chunk_mut().unwrap());
                            $vjp(y, d_y, x, d_x, n, most, s, &mut Tape::new()).0
                        },
                    );
                }
            }
        )*};
    }
    check_all! {
        filled_until_enough filled_until_enough_vjp
        filled_while_little filled_while_little_vjp
    }
}

#[differentiable(tape)]
fn filled_while(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut p = 1.0;
    let mut i = 0;
    while i < n {
        y.fill(x[i]);
        for k in 0..y.len() {
            p *= y[k].sin();
        }
        i += 1;
    }
    y[0] -= 0.5;
    y[1] *= 2.0;
    p + y[0] * y[2]
}

#[test]
fn while_loops_fill() {
    for n in 0..4 {
        check(
            |y, x| filled_while(y.first_chunk_mut().unwrap(), x, n),
            |y, d_y, x, d_x, s| {
                let (y, d_y) = (y.first_chunk_mut().unwrap(), d_y.first_chunk_mut().unwrap());
                filled_while_vjp(y, d_y, x, d_x, n, s, &mut Tape::new())
            },
        );
    }
}

/// Which of two loops has filled it, if any, is known at run time.
#[differentiable(tape)]
fn filled_twice(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        y.fill(x[i]);
        p *= (y[0] + y[1]).sin();
    }
    y[1] += 0.25;
    p += y[1];
    for i in 0..m {
        y.fill(x[3 - i]);
        p *= (y[0] * y[2]).cos();
    }
    y[2] += p;
    p * y[0] + y[2]
}

#[test]
fn two_loops_fill() {
    for (n, m) in [(0, 0), (0, 2), (2, 0), (1, 1), (3, 2)] {
        check(
            |y, x| filled_twice(y, x, n, m),
            |y, d_y, x, d_x, s| filled_twice_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new()),
        );
    }
}

#[differentiable]
fn fill_with(#[out] y: &mut [f64], x: f64) {
    for (k, y) in y.iter_mut().enumerate() {
        *y = x * (k as f64 + 1.0);
    }
}

#[differentiable(tape)]
fn filled_by_calls(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        fill_with(y, x[i]);
        p *= (y[0] + y[1]).sin();
    }
    for y in y.iter_mut() {
        *y += 0.5;
    }
    p + y[0] * y[2]
}

#[test]
fn calls_fill() {
    for n in 0..4 {
        check(
            |y, x| filled_by_calls(y, x, n),
            |y, d_y, x, d_x, s| filled_by_calls_vjp(y, d_y, x, d_x, n, s, &mut Tape::new()),
        );
    }
}

/// Only a part is filled, and what lies behind it is updated.
#[differentiable(tape)]
fn part_filled(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        for j in 0..m {
            y[j] = x[i] * (j as f64 + 0.5);
        }
        for j in 0..m {
            p *= y[j].sin();
        }
    }
    y[2] += 1.5;
    p
}

#[test]
fn a_part_is_filled() {
    for n in 0..3 {
        for m in 0..4 {
            check(
                |y, x| part_filled(y, x, n, m),
                |y, d_y, x, d_x, s| part_filled_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new()),
            );
        }
    }
}

/// Whether anything is filled depends on a loop inside.
#[differentiable(tape)]
fn filled_inside(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        for j in (0..m).rev() {
            for k in 0..y.len() {
                y[k] = x[i] * (j + k + 1) as f64;
            }
            p *= (y[1] + y[2]).sin();
        }
    }
    for k in 0..y.len() {
        y[k] += p * y[k];
    }
    p * y[0]
}

/// What each iteration does besides is not that of the last one.
#[differentiable(tape)]
fn filled_inside_and_added_to(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        for j in 0..m {
            for k in 0..y.len() {
                y[k] = x[i] * (j + k + 1) as f64;
            }
            p *= (y[1] + y[2]).sin();
        }
        for y in y.iter_mut() {
            *y += 0.5;
        }
    }
    p
}

/// Filled before, and then perhaps; each iteration assigns to another element.
#[differentiable(tape)]
fn filled_before_and_inside(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    y.fill(x[0]);
    for i in 0..n {
        for j in 0..m {
            y.fill(x[i] * (j + 1) as f64);
            p *= (y[1] + y[2]).sin();
        }
        y[i % 3] = x[i];
    }
    p
}

#[differentiable(tape)]
fn filled_three_deep(y: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        for j in 0..2 {
            for l in 0..m {
                y.fill(x[i] * (j + l + 1) as f64);
                p *= (y[1] + y[2]).sin();
            }
        }
    }
    y[1] += p;
    p * y[1]
}

/// What the first loop leaves cannot be made once more, and where the second one does not run, it is left.
#[differentiable(tape)]
fn filled_by_what_is_carried(y: &mut [f64], x: &[f64], n: usize) -> f64 {
    let mut p = x[0];
    for _ in 0..2 {
        for k in 0..y.len() {
            y[k] = p * (k + 1) as f64;
        }
        p += (y[1] * p).sin();
    }
    for i in 0..n {
        y.fill(x[i]);
        p *= (y[1] + y[2]).sin();
    }
    p
}

#[test]
fn loops_inside_fill() {
    for (n, m) in (0..4).flat_map(|n| (0..3).map(move |m| (n, m))) {
        check(
            |y, x| filled_inside(y, x, n, m),
            |y, d_y, x, d_x, s| filled_inside_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new()),
        );
        check(
            |y, x| filled_inside_and_added_to(y, x, n, m),
            |y, d_y, x, d_x, s| {
                filled_inside_and_added_to_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new())
            },
        );
        check(
            |y, x| filled_before_and_inside(y, x, n, m),
            |y, d_y, x, d_x, s| {
                filled_before_and_inside_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new())
            },
        );
        check(
            |y, x| filled_three_deep(y, x, n, m),
            |y, d_y, x, d_x, s| filled_three_deep_vjp(y, d_y, x, d_x, n, m, s, &mut Tape::new()),
        );
    }
    for n in 0..4 {
        check(
            |y, x| filled_by_what_is_carried(y, x, n),
            |y, d_y, x, d_x, s| {
                filled_by_what_is_carried_vjp(y, d_y, x, d_x, n, s, &mut Tape::new())
            },
        );
    }
}

/// Random program 20002840: what is filled is a copy, and the parameter stays as it is.
#[differentiable(tape)]
fn copy_filled(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut b = *y;
    for i in 0..n {
        for k in 0..3 {
            b[k] = x[i] * (k + 1) as f64;
        }
    }
    b[0] * b[1]
}

#[differentiable(tape)]
fn copy_filled_and_parameter_changed(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut p = x[0];
    let mut b = *y;
    for i in 0..n {
        b.fill(x[i]);
        p *= (b[0] + b[1]).sin();
    }
    y[1] = x[1];
    p * b[0] * b[2]
}

#[differentiable(tape)]
fn copies_filled_in_iterations(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut p = x[0];
    for i in 0..n {
        let mut b = *y;
        for j in 0..i {
            b.fill(x[j] * p);
            p *= (b[0] + b[1]).sin();
        }
        y[i % 3] += b[1];
    }
    p * y[0]
}

/// Both are.
#[differentiable(tape)]
fn parameter_and_copy_filled(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut p = x[0];
    let mut b = *y;
    for i in 0..n {
        b.fill(x[i] * p);
        y.fill(x[i] + 0.5);
        p += (b[0] * y[1]).sin();
    }
    y[1] *= p;
    p * b[1]
}

#[test]
fn copies_are_filled() {
    fn whole(y: &mut [f64]) -> &mut [f64; 3] {
        y.try_into().unwrap()
    }
    for n in 0..4 {
        check(
            |y, x| copy_filled(whole(y), x, n),
            |y, d_y, x, d_x, s| {
                copy_filled_vjp(whole(y), whole(d_y), x, d_x, n, s, &mut Tape::new())
            },
        );
        check(
            |y, x| copy_filled_and_parameter_changed(whole(y), x, n),
            |y, d_y, x, d_x, s| {
                let tape = &mut Tape::new();
                copy_filled_and_parameter_changed_vjp(whole(y), whole(d_y), x, d_x, n, s, tape)
            },
        );
        check(
            |y, x| copies_filled_in_iterations(whole(y), x, n),
            |y, d_y, x, d_x, s| {
                let tape = &mut Tape::new();
                copies_filled_in_iterations_vjp(whole(y), whole(d_y), x, d_x, n, s, tape)
            },
        );
        check(
            |y, x| parameter_and_copy_filled(whole(y), x, n),
            |y, d_y, x, d_x, s| {
                let tape = &mut Tape::new();
                parameter_and_copy_filled_vjp(whole(y), whole(d_y), x, d_x, n, s, tape)
            },
        );
    }
}

/// Random program 27003763: the copy was updated in the place of what no iteration fills.
#[differentiable(tape)]
fn copied_before(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut copy = *y;
    for _ in 0..n {
        y.fill(0.5);
    }
    copy[0] = x[1];
    copy[1] * copy[0]
}

#[differentiable(tape)]
fn copied_between(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    y[2] = x[0] * y[1];
    let mut copy = *y;
    let mut p = 1.0;
    for i in 0..n {
        y.fill(x[i]);
        for k in 0..3 {
            p *= y[k].sin();
        }
    }
    for k in 0..3 {
        copy[k] *= x[3];
    }
    y[0] += p * copy[2];
    copy[0] * copy[1]
}

#[differentiable(tape)]
fn copied_in_a_branch(y: &mut [f64; 3], x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    if x[1] > 0.0 {
        let mut copy = *y;
        copy.reverse();
        copy[1] += x[1];
        sum += copy[0] * copy[1];
    }
    for i in 0..n {
        for k in 0..3 {
            y[k] = x[i] * k as f64;
        }
        sum += y[2] * y[1];
    }
    sum
}

/// The last fill reads what an early loop made of what the fill has overwritten.
#[differentiable(tape)]
fn fill_of_what_came_of_it(y: &mut [f64], z: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for _ in 0..n {
        let mut j = 0;
        while j < n {
            p *= (z[0] + z[1]).sin();
            j += 1;
        }
        z[2] += y[2];
    }
    let mut k = 0;
    while k < m {
        for i in 0..y.len() {
            y[i] = x[k % 4];
        }
        y[1] = z[0];
        k += 1;
    }
    p * y[0] + y[2]
}

/// The last fill reads what an earlier loop filled.
#[differentiable(tape)]
fn fill_of_a_filled_one(y: &mut [f64], z: &mut [f64], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        for k in 0..z.len() {
            z[k] = x[i] * k as f64;
        }
        for k in 0..z.len() {
            p *= z[k].cos();
        }
    }
    let mut j = 0;
    while j < m {
        for k in 0..y.len() {
            y[k] = x[j] * z[k];
        }
        p *= y[0] + y[1] + 1.0;
        j += 1;
    }
    p
}

/// The same, with the buffers in the other order, and loops inside.
#[differentiable(tape)]
fn filled_one_of_which_is_filled(
    y: &mut [f64],
    z: &mut [f64],
    x: &[f64],
    n: usize,
    m: usize,
) -> f64 {
    let mut p = 1.0;
    for i in 0..n {
        let mut j = 0;
        while j < n {
            for k in 0..y.len() {
                y[k] = x[i] * k as f64;
            }
            j += 1;
            for k in 0..y.len() {
                p *= y[k].cos();
            }
        }
    }
    let mut j = 0;
    while j < m {
        for k in 0..z.len() {
            z[k] = x[j] * y[k];
        }
        p *= z[0] + z[1] + 1.0;
        j += 1;
    }
    p
}

/// What an early loop made cannot be set aside on the tape, and is made once more of what a fill has overwritten.
#[differentiable(tape)]
fn fill_of_pairs(y: &mut [f64], z: &mut [[f64; 2]], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    let mut j = 0;
    while j < n {
        p *= (z[0][0] + z[1][1]).sin();
        j += 1;
    }
    for i in 0..3 {
        z[i][0] += y[i];
    }
    let mut k = 0;
    while k < m {
        for i in 0..y.len() {
            y[i] = x[k];
        }
        y[1] = z[0][0];
        k += 1;
    }
    p * y[0] + y[2]
}

/// The same where the fill reads none of it.
#[differentiable(tape)]
fn fill_beside_pairs(y: &mut [f64], z: &mut [[f64; 2]], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    let mut j = 0;
    while j < n {
        p *= (z[0][0] + z[1][1]).sin();
        j += 1;
    }
    for i in 0..3 {
        z[i][0] += y[i];
    }
    let mut k = 0;
    while k < m {
        for i in 0..y.len() {
            y[i] = x[k];
        }
        k += 1;
    }
    p * y[0] + y[2]
}

/// The same, made by a loop that is turned back.
#[differentiable(tape)]
fn fill_of_turned_pairs(y: &mut [f64], z: &mut [[f64; 2]], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    for _ in 0..n {
        let mut j = 0;
        while j < n {
            p *= (z[0][0] + z[1][1]).sin();
            j += 1;
        }
        z[2][0] += y[2];
    }
    let mut k = 0;
    while k < m {
        for i in 0..y.len() {
            y[i] = x[k];
        }
        y[1] = z[0][0];
        k += 1;
    }
    p * y[0] + y[2]
}

/// What is filled is read by what makes the pairs, which their reverse sweep takes back.
#[differentiable(tape)]
fn pairs_of_a_fill(y: &mut [f64], z: &mut [[f64; 2]], x: &[f64], n: usize, m: usize) -> f64 {
    let mut p = 1.0;
    let mut j = 0;
    while j < n {
        p *= (z[0][0] + z[1][1]).sin();
        j += 1;
    }
    for i in 0..n {
        for k in 0..y.len() {
            y[k] = x[i] * k as f64;
        }
        for k in 0..y.len() {
            p *= y[k].cos();
        }
    }
    let mut j = 0;
    while j < m {
        z[j][0] += y[j];
        j += 1;
    }
    p * z[0][1] + z[1][0]
}

#[test]
fn pairs_are_left_as_they_were_made() {
    macro_rules! check_all {
        ($($f:ident $vjp:ident)*) => {$(
            for (n, m) in [(0, 0), (0, 2), (1, 0), (1, 1), (2, 1), (1, 2), (2, 2)] {
                let pairs = |x: &[f64]| [[x[0], x[1]], [x[2], x[3]], [x[1], x[2]]];
                let weights = [[0.3, -0.8], [0.5, 0.2], [-0.4, 0.7]];
                let weigh = |z: &[[f64; 2]; 3]| {
                    common::dot(z.as_flattened(), weights.as_flattened())
                };
                check(
                    |y, x| {
                        let mut z = pairs(x);
                        $f(y, &mut z, x, n, m) + weigh(&z)
                    },
                    |y, d_y, x, d_x, seed| {
                        let mut left = pairs(x);
                        $f(&mut y.to_vec(), &mut left, x, n, m);
                        let (mut z, mut d_z) = (pairs(x), weights.map(|w| w.map(|w| seed * w)));
                        let mut tape = Tape::new();
                        let value = $vjp(y, d_y, &mut z, &mut d_z, x, d_x, n, m, seed, &mut tape);
                        assert_all_near(z.as_flattened(), left.as_flattened(), 1e-13);
                        for (k, at) in [(0, (0, 0)), (1, (0, 1)), (2, (1, 0)), (3, (1, 1)), (1, (2, 0)), (2, (2, 1))] {
                            d_x[k] += d_z[at.0][at.1];
                        }
                        value + weigh(&z)
                    },
                );
            }
        )*};
    }
    check_all! {
        fill_of_pairs fill_of_pairs_vjp
        fill_beside_pairs fill_beside_pairs_vjp
        fill_of_turned_pairs fill_of_turned_pairs_vjp
        pairs_of_a_fill pairs_of_a_fill_vjp
    }
}

#[test]
fn what_is_made_of_a_buffer_is_left_before_it_is_filled_again() {
    macro_rules! check_all {
        ($($f:ident $vjp:ident)*) => {$(
            for (n, m) in [(0, 0), (0, 2), (1, 0), (1, 1), (2, 1), (1, 2), (2, 2)] {
                check(
                    |y, x| {
                        let mut z = x[..3].to_vec();
                        let value = $f(y, &mut z, x, n, m);
                        value + z[2].sin() * z[0]
                    },
                    |y, d_y, x, d_x, seed| {
                        let mut left = x[..3].to_vec();
                        $f(&mut y.to_vec(), &mut left, x, n, m);
                        let d_left = [left[2].sin(), 0.0, left[2].cos() * left[0]];
                        let (mut z, mut d_z) = (x[..3].to_vec(), d_left.map(|d| seed * d));
                        let mut tape = Tape::new();
                        let value = $vjp(y, d_y, &mut z, &mut d_z, x, d_x, n, m, seed, &mut tape);
                        assert_all_near(&z, &left, 1e-13);
                        d_x.iter_mut().zip(d_z).for_each(|(d, d_z)| *d += d_z);
                        value + z[2].sin() * z[0]
                    },
                );
            }
        )*};
    }
    check_all! {
        fill_of_what_came_of_it fill_of_what_came_of_it_vjp
        fill_of_a_filled_one fill_of_a_filled_one_vjp
        filled_one_of_which_is_filled filled_one_of_which_is_filled_vjp
    }
}

#[test]
fn copies_of_what_is_filled_are_elsewhere() {
    let array = |y: &mut [f64]| -> [f64; 3] { (&*y).try_into().unwrap() };
    macro_rules! check_all {
        ($($f:ident $vjp:ident)*) => {$(
            for n in 0..3 {
                check(
                    |y, x| {
                        let mut own = array(y);
                        let value = $f(&mut own, x, n);
                        y.copy_from_slice(&own);
                        value
                    },
                    |y, d_y, x, d_x, seed| {
                        let (mut own, mut d) = (array(y), array(d_y));
                        let value = $vjp(&mut own, &mut d, x, d_x, n, seed, &mut Tape::new());
                        y.copy_from_slice(&own);
                        d_y.copy_from_slice(&d);
                        value
                    },
                );
            }
        )*};
    }
    check_all! {
        copied_before copied_before_vjp
        copied_between copied_between_vjp
        copied_in_a_branch copied_in_a_branch_vjp
    }
}
