//! Early returns: first line, nested branches, loops, the middle of nested loops, from arms of `match`, with values that depend on all so far.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, check_slice, noise};

#[differentiable]
fn guards(x: f64, y: f64) -> f64 {
    if x < 0.0 {
        return y * y;
    }
    let a = x.sqrt() * y;
    if y < 0.0 {
        return a * a + x;
    }
    if a > 2.0 {
        if x > 3.0 {
            return a.sin();
        }
        return a * x;
    } else if a > 1.0 {
        return a + y;
    }
    a * a * a
}

#[differentiable]
fn return_from_nested(x: f64, y: f64) -> f64 {
    let mut s = x * y;
    if x > 0.0 {
        s += x;
        if y > 0.0 {
            s *= y;
            if s > 1.0 {
                return s * s;
            }
            s -= x;
        }
        s = s * s;
    } else {
        if y > 1.0 {
            return x / y;
        } else {
            s += 1.0;
        }
        s *= x;
    }
    s + y
}

#[differentiable]
fn all_paths_return(x: f64, y: f64) -> f64 {
    if x > y {
        return x * x;
    } else {
        return x * y;
    }
}

#[differentiable]
fn trailing_return(x: f64, y: f64) -> f64 {
    let z = x * y;
    return z * z + x;
}

#[differentiable]
fn return_in_match(x: f64, y: f64) -> f64 {
    let z = match (x > 0.0, y > 0.0) {
        (true, true) => x * y,
        (true, false) => return x.sin(),
        (false, true) => {
            let t = x * x;
            if t > 1.0 {
                return t * y;
            }
            t
        }
        _ => return 0.0,
    };
    z * z + x
}

#[differentiable]
fn return_in_let_else_value(x: f64, y: f64) -> f64 {
    let z = if x > 1.0 {
        x * y
    } else {
        return y * y * y;
    };
    z + x
}

#[differentiable]
fn return_in_block(x: f64, y: f64) -> f64 {
    let z = {
        let t = x * y;
        if t < 0.0 {
            return t * t;
        }
        t.sqrt()
    };
    z * x
}

#[differentiable]
fn return_in_constant_loop(x: f64, y: f64) -> f64 {
    let mut s = x;
    for i in 0..5 {
        s = s * y + i as f64 * x;
        if s > 4.0 {
            return s * s * y;
        }
        if s < -4.0 {
            return s;
        }
    }
    s.sin()
}

#[differentiable]
fn return_from_the_middle_of_nested_loops(x: f64, y: f64) -> f64 {
    let mut s = 0.5;
    for i in 0..3 {
        s += x * i as f64;
        for j in 0..4 {
            s = s * y + x;
            if s > 3.0 {
                return s * (i * 4 + j) as f64 + y;
            }
            s += s.sin();
        }
        if s < -1.0 {
            return s * s;
        }
        s *= 0.9;
    }
    s + y
}

#[differentiable(tape)]
fn return_three_deep(x: f64, y: f64) -> f64 {
    let mut s = y;
    for i in 0..2 {
        for j in i..3 {
            for k in (0..j).rev() {
                s = s * x + 0.1 * k as f64;
                if s > 1.5 {
                    return s + x * i as f64;
                }
            }
            if j == 2 && s > 1.2 {
                return s * y;
            }
        }
    }
    s * s
}

#[differentiable(tape)]
fn return_from_loop_without_condition(x: f64, y: f64) -> f64 {
    let mut s = x;
    loop {
        s = s * 0.5 + y * y.sin() * 0.05;
        if s < 0.4 {
            return s * y + x;
        }
        if s > 90.0 {
            return x;
        }
    }
}

#[differentiable(tape)]
fn return_from_while(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut n = 0;
    while n < 6 {
        n += 1;
        if s > 5.0 {
            return s / y;
        }
        if s > 2.05 {
            s *= y;
            continue;
        }
        s += 1.1 * x * x;
    }
    s * y
}

const POINTS: &[[f64; 2]] = &[
    [1.3, 0.7],
    [-0.4, 2.1],
    [3.0, -1.5],
    [-2.0, -0.3],
    [0.4, 0.6],
    [0.3, -0.2],
    [2.0, 0.9],
    [-0.6, -3.0],
    [1.5, 1.6],
    [4.0, 2.0],
    [2.5, 1.4],
    [0.2, 1.1],
    [-1.4, 0.4],
];

macro_rules! agree {
    ($($f:ident $grad:ident $(, $tape:expr)?;)*) => {$(
        #[test]
        fn $f() {
            check_args(|[x, y]| super::$f(x, y), |[x, y]| super::$grad(x, y $(, $tape)?), super::POINTS);
        }
    )*};
}

mod gradients_agree {
    use super::{Tape, common::check_args};

    agree! {
        guards guards_grad;
        return_from_nested return_from_nested_grad;
        all_paths_return all_paths_return_grad;
        trailing_return trailing_return_grad;
        return_in_match return_in_match_grad;
        return_in_let_else_value return_in_let_else_value_grad;
        return_in_block return_in_block_grad;
        return_in_constant_loop return_in_constant_loop_grad;
        return_from_the_middle_of_nested_loops return_from_the_middle_of_nested_loops_grad;
        return_three_deep return_three_deep_grad, &mut Tape::new();
        return_from_loop_without_condition return_from_loop_without_condition_grad, &mut Tape::new();
        return_from_while return_from_while_grad, &mut Tape::new();
    }
}

/// The exit depends on the inputs only, so nothing is kept.
#[differentiable]
fn first_positive(x: &[f64], w: f64) -> f64 {
    for i in 0..x.len() {
        if x[i] > 0.0 {
            return x[i] * x[i] * w;
        }
    }
    w
}

#[differentiable]
fn sum_until_negative(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        if x[i] < -0.8 {
            return s * w;
        }
        s += x[i] * x[i] * x[i];
    }
    s - w
}

#[differentiable(tape)]
fn search_in_rows(a: &[f64], n: usize, w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() / n {
        let mut row = 0.0;
        for j in 0..n {
            let e = a[i * n + j];
            if e > 0.9 {
                return s * e + w;
            }
            if e < -0.9 {
                break;
            }
            row += e * w;
        }
        s += row;
    }
    s
}

#[test]
fn returns_decided_by_inputs_need_no_tape() {
    for seed in 0..12 {
        let x = noise(seed, 6);
        check_slice(
            |x| first_positive(x, 1.5),
            |x, d| first_positive_grad(x, d, 1.5).0,
            &x,
        );
        check_slice(
            |x| sum_until_negative(x, 1.5),
            |x, d| sum_until_negative_grad(x, d, 1.5).0,
            &x,
        );
        check_slice(
            |x| search_in_rows(x, 3, 1.5),
            |x, d| search_in_rows_grad(x, d, 3, 1.5, &mut Tape::new()).0,
            &x,
        );
        let d = [
            first_positive_grad(&x, &mut [0.0; 6], 1.5).1,
            sum_until_negative_grad(&x, &mut [0.0; 6], 1.5).1,
            search_in_rows_grad(&x, &mut [0.0; 6], 3, 1.5, &mut Tape::new()).1,
        ];
        check_gradient(|w| first_positive(&x, w[0]), &[1.5], &d[..1]);
        check_gradient(|w| sum_until_negative(&x, w[0]), &[1.5], &d[1..2]);
        check_gradient(|w| search_in_rows(&x, 3, w[0]), &[1.5], &d[2..]);
    }
    assert_eq!(first_positive_grad(&[], &mut [], 2.0), (2.0, 1.0));
}

#[differentiable]
fn writes_then_returns(x: &[f64], out: &mut [f64], stop: usize) {
    for i in 0..x.len() {
        if i == stop {
            return;
        }
        out[i] = x[i] * x[i];
    }
}

#[test]
fn return_of_nothing() {
    let (x, mut d_x, mut out, mut d_out) =
        ([1.0, 2.0, 3.0], [0.0; 3], [9.0; 3], [1.0, 10.0, 100.0]);
    writes_then_returns_vjp(&x, &mut d_x, &mut out, &mut d_out, 2);
    assert_eq!(out, [1.0, 4.0, 9.0]);
    assert_eq!(d_x, [2.0, 40.0, 0.0]);
    // What was not written keeps its cotangent: `out[2]` leaves as it came.
    assert_eq!(d_out, [0.0, 0.0, 100.0]);
}
