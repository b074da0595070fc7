//! Arrays: local and nested, with computed indices, carried through loops, copied, compared, written through references, and sub-slices.
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
fn built(x: &[f64; 4]) -> f64 {
    let a = [x[0] * x[1], x[2], x[3] * x[3]];
    let b = [a[1]; 3];
    let mut c = [[0.0; 2]; 3];
    c[1] = [a[0], b[2]];
    c[2][0] = a[2] * c[1][0];
    c[2][1] += b[0] * c[2][0];
    a[0] * c[2][1] + b[1] * c[1][1] + c[0][0]
}

#[differentiable]
fn computed_indices(x: &[f64; 4]) -> f64 {
    let mut a = [0.0; 8];
    for i in 0..4 {
        a[(3 * i + 1) % 8] = x[i] * x[(i + 1) % 4];
        a[7 - i] += x[i].sin();
    }
    for i in 0..8 {
        a[(i * i) % 5] = a[i] * a[(i + 3) % 8] + x[i / 2];
    }
    a[0] + a[1] * a[2] - a[3] * a[4] + a[7]
}

#[differentiable]
fn index_decided_by_values(x: &[f64; 4]) -> f64 {
    let mut best = 0;
    for i in 1..4 {
        if x[i] > x[best] {
            best = i;
        }
    }
    let mut a = *x;
    a[best] *= a[(best + 1) % 4];
    a[best] * a[0] + a[best] * a[best]
}

#[differentiable]
fn carried(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for step in 0..3 {
        let mut b = [0.0; 4];
        for i in 0..4 {
            b[i] = a[i] * a[(i + 1) % 4] + 0.1 * step as f64;
        }
        a = b;
    }
    a[0] * a[1] + a[2] - a[3]
}

#[differentiable]
fn in_place_sweeps(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for _ in 0..3 {
        for i in 1..3 {
            a[i] = 0.5 * (a[i - 1] + a[i + 1]) * a[i];
        }
        a[0] = a[3].sin();
    }
    a[0] + a[1] * a[2]
}

#[differentiable]
fn prefix_sums(x: &[f64; 4]) -> f64 {
    let mut a = [0.0; 5];
    for i in 0..4 {
        a[i + 1] = a[i] + x[i] * x[i];
    }
    let mut s = 1.0;
    for i in 0..5 {
        s *= 1.0 + a[i];
    }
    s
}

#[differentiable]
fn matrix_power(x: &[f64; 4]) -> f64 {
    let m = [[x[0], x[1]], [x[2], x[3]]];
    let mut p = [[1.0, 0.0], [0.0, 1.0]];
    for _ in 0..4 {
        let mut q = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    q[i][j] += p[i][k] * m[k][j];
                }
            }
        }
        p = q;
    }
    p[0][0] + p[1][1] * p[0][1]
}

#[differentiable]
fn swapped_by_hand(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for i in 0..3 {
        if a[i] < a[i + 1] {
            let t = a[i];
            a[i] = a[i + 1];
            a[i + 1] = t;
        }
    }
    a[0] + 2.0 * a[1] * a[1] + 3.0 * a[2].sin() + a[3]
}

#[differentiable(tape)]
fn bubble_sorted(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for n in (1..4).rev() {
        for i in 0..n {
            if a[i] > a[i + 1] {
                (a[i], a[i + 1]) = (a[i + 1], a[i]);
            }
        }
    }
    a[0] + 2.0 * a[1] + 3.0 * a[2] * a[2] + 4.0 * a[3].exp()
}

#[differentiable]
fn references_to_parts(x: &[f64; 4]) -> f64 {
    let mut m = [[x[0], x[1]], [x[2], x[3]]];
    let first = &m[0];
    let s = first[0] * first[1];
    let row = &mut m[1];
    row[0] *= s;
    row[1] += row[0];
    let cell = &mut m[0][1];
    *cell = *cell * s;
    let whole = &m;
    whole[0][1] + whole[1][0] * whole[1][1]
}

#[differentiable]
fn branches_write(x: &[f64; 4]) -> f64 {
    let mut a = [1.0; 3];
    if x[0] > 0.0 {
        a[0] = x[1];
        a[2] = x[0] * x[0];
    } else {
        a = [x[3], a[0] * x[2], x[0]];
    }
    if x[1] > x[2] {
        a[1] *= a[0];
    }
    a[0] * a[1] * a[2]
}

#[differentiable]
fn copies_are_copies(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    let b = a;
    a[0] = a[1] * 2.0;
    let c = [a, b];
    a[1] = 0.0;
    c[0][0] * c[1][0] + a[1] + c[0][1] * a[2]
}

#[differentiable]
fn integers_in_arrays(x: &[f64; 4]) -> f64 {
    let order = [2, 0, 3, 1];
    let mut seen = [false; 4];
    let mut counts = [0_u32; 2];
    let mut s = 0.0;
    for i in 0..4 {
        let k = order[i];
        if seen[(k + 1) % 4] {
            s += x[k] * x[k];
            counts[0] += 1;
        } else {
            s += x[k];
            counts[1] += 2;
        }
        seen[k] = true;
        s *= counts[1] as f64 + x[order[k]];
    }
    s + f64::from(counts[0]) * x[0]
}

macro_rules! agree {
    ($($f:ident $grad:ident $(, $tape:expr)?;)*) => {$(
        #[test]
        fn $f() {
            for seed in 0..6 {
                check_slice(
                    |x| super::$f(x.try_into().expect("length")),
                    |x, d| super::$grad(x.try_into().expect("length"), d.try_into().expect("length") $(, $tape)?),
                    &noise(seed, 4),
                );
            }
        }
    )*};
}

mod gradients_agree {
    use super::{Tape, check_slice, noise};

    agree! {
        built built_grad;
        computed_indices computed_indices_grad;
        index_decided_by_values index_decided_by_values_grad;
        carried carried_grad;
        in_place_sweeps in_place_sweeps_grad;
        prefix_sums prefix_sums_grad;
        matrix_power matrix_power_grad;
        swapped_by_hand swapped_by_hand_grad;
        bubble_sorted bubble_sorted_grad, &mut Tape::new();
        references_to_parts references_to_parts_grad;
        branches_write branches_write_grad;
        copies_are_copies copies_are_copies_grad;
        integers_in_arrays integers_in_arrays_grad;
    }
}

#[differentiable]
fn by_value(a: [f64; 3], b: [[f64; 2]; 2]) -> f64 {
    a[0] * b[1][0] + a[1] * b[0][1] * a[2] + b[0][0]
}

#[differentiable]
fn mutable_by_value(mut a: [f64; 3], mut x: f64) -> f64 {
    a[1] *= x;
    x += a[1];
    a[0] = x * a[2];
    a[0] * a[1] + x
}

#[test]
fn arrays_by_value() {
    let (a, b) = ([1.0, 2.0, 3.0], [[0.5, 1.5], [2.5, 3.5]]);
    let (value, d_a, d_b) = by_value_grad(a, b);
    assert_eq!(value, by_value(a, b));
    assert_eq!((d_a, d_b), ([2.5, 4.5, 3.0], [[1.0, 6.0], [1.0, 0.0]]));
    let (_, d_a, d_x) = mutable_by_value_grad(a, 0.7);
    check_gradient(|a| mutable_by_value([a[0], a[1], a[2]], 0.7), &a, &d_a);
    check_gradient(|x| mutable_by_value(a, x[0]), &[0.7], &[d_x]);
}

#[differentiable]
fn sub_slices(x: &[f64], n: usize) -> f64 {
    let (head, tail) = (n, x.len() - n);
    let a = &x[..head];
    let b = &x[head..];
    let c = &b[1..tail];
    let d = &x[1..=2];
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * b[i];
    }
    for i in 0..c.len() {
        s += c[i] * c[i] * d[i % 2];
    }
    s + x[..][0]
}

#[differentiable]
fn windows_by_hand(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() - 1 {
        let w = &x[i..i + 2];
        s += 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2);
    }
    s
}

#[test]
fn slices() {
    check_slice(
        |x| sub_slices(x, 3),
        |x, d| sub_slices_grad(x, d, 3),
        &noise(1, 7),
    );
    check_slice(windows_by_hand, windows_by_hand_grad, &noise(2, 6));
}

#[differentiable]
fn rows(x: &[[f64; 3]]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let row = &x[i];
        for j in 0..3 {
            s += row[j] * x[x.len() - 1 - i][(j + 1) % 3];
        }
    }
    s
}

#[test]
fn slices_of_arrays() {
    let x = [[1.0, -2.0, 0.5], [0.3, 0.7, -0.9]];
    let mut d = [[0.0; 3]; 2];
    rows_grad(&x, &mut d);
    check_gradient(
        |v| rows(&[[v[0], v[1], v[2]], [v[3], v[4], v[5]]]),
        x.as_flattened(),
        d.as_flattened(),
    );
}

#[differentiable]
fn array_from_branch(x: f64, y: f64) -> f64 {
    let a = if x > y { [x, y * y] } else { [y, x] };
    let b = [[x, y], a];
    let k = if y > 0.0 { 1 } else { 0 };
    b[k][0] * b[1][k] + b[k][1]
}

#[differentiable]
fn rotating_state(x: f64, y: f64) -> f64 {
    let mut state = [x, y, 1.0];
    for i in 0..6 {
        let next = state[0] * state[1] + 0.2 * state[2];
        state = [state[1], state[2], next];
        if next > 3.0 {
            state[i % 3] = y;
        }
    }
    state[2] + state[0]
}

#[test]
fn arrays_in_scalar_functions() {
    let points = [[1.3, 0.7], [-0.4, 2.1], [0.4, -0.6], [1.9, 1.5]];
    check_args(
        |[x, y]| array_from_branch(x, y),
        |[x, y]| array_from_branch_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| rotating_state(x, y),
        |[x, y]| rotating_state_grad(x, y),
        &points,
    );
}

/// The copy and the array's first version are one value: it is read through the one and carried on by the other.
#[differentiable]
fn copy_read_while_the_original_is_written(x: &[f64], n: usize) -> f64 {
    let mut a = [x[0], x[1], 0.5];
    let b = a;
    for k in 0..n {
        a[1] = b[k % 3] * b[0];
    }
    a[1] + a[0] * a[2]
}

#[differentiable]
fn original_read_while_the_copy_is_written(x: &[f64], n: usize) -> f64 {
    let a = [[x[0], x[1]], [0.5, x[2]]];
    let mut c = a;
    let mut s = 0.0;
    for k in 0..n {
        c[0][k % 2] = a[1][0] * a[0][1];
        if x[k % 3] > 0.0 {
            c[1] = a[0];
        }
        s += a[k % 2][1];
    }
    s * c[0][0] + c[0][1] * c[1][1] + a[0][0]
}

#[differentiable]
fn copies_of_numbers(x: &[f64], n: usize) -> f64 {
    let mut s = x[0].sin();
    let first = s;
    let mut t = s;
    for k in 0..n {
        t = first * x[1];
        s += first + t * k as f64;
    }
    s * first + t
}

#[differentiable(tape)]
fn copies_in_a_recurrence(x: &[f64], n: usize) -> f64 {
    let mut a = [x[0], x[1], x[2]];
    let start = a;
    for k in 0..n {
        let before = a;
        a[k % 3] = a[(k + 1) % 3] * start[k % 3] + before[0];
        let after = a;
        for j in 0..2 {
            a[j] = after[j + 1] * before[j].sin() + start[j];
        }
    }
    a[0] + a[1] * start[2] + a[2]
}

#[test]
fn copies_in_loops() {
    for n in 0..5 {
        let x = noise(n as u64, 3);
        check_slice(
            |x| copy_read_while_the_original_is_written(x, n),
            |x, d| copy_read_while_the_original_is_written_grad(x, d, n),
            &x,
        );
        check_slice(
            |x| original_read_while_the_copy_is_written(x, n),
            |x, d| original_read_while_the_copy_is_written_grad(x, d, n),
            &x,
        );
        check_slice(
            |x| copies_of_numbers(x, n),
            |x, d| copies_of_numbers_grad(x, d, n),
            &x,
        );
        check_slice(
            |x| copies_in_a_recurrence(x, n),
            |x, d| copies_in_a_recurrence_grad(x, d, n, &mut Tape::new()),
            &x,
        );
    }
}
