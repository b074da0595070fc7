//! Branches: `if`, `else if`, `match` with guards, ranges, or-patterns and tuples, as statements and as values, on inputs and on integers.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::check_args;

#[differentiable]
fn value_of_if(x: f64, y: f64) -> f64 {
    let z = if x > y { x * x } else { y.sin() };
    z * x
}

#[differentiable]
fn chain(x: f64, y: f64) -> f64 {
    if x < -1.0 {
        x * y
    } else if x < 0.0 {
        y * y
    } else if x < 1.0 && y > 0.0 {
        (x + y).exp()
    } else if !(y < 1.0) || x == 2.0 {
        x / y
    } else {
        x.powi(3)
    }
}

#[differentiable]
fn assigned_in_one_arm(x: f64, y: f64) -> f64 {
    let mut a = x * y;
    let mut b = y;
    if a > 0.5 {
        a = a * x + b;
        b = a.sin();
    }
    if b > a {
        let t = b;
        b = a;
        a = t * x;
    } else {
        b *= a;
    }
    a - b * b
}

#[differentiable]
fn nested(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    if x > 0.0 {
        s += x;
        if y > 0.0 {
            s *= y;
            if x > y {
                s = s * s + if s > 2.0 { x } else { y * y };
            }
        } else {
            s -= y * x;
        }
    } else {
        let z = if y > x { y - x } else { (x - y) * x };
        s = z * z;
    }
    s
}

#[differentiable]
fn several_values(x: f64, y: f64) -> f64 {
    let (a, b) = if x > y { (x * y, y) } else { (x, x - y * y) };
    let [c, d] = if a > b { [a, b * b] } else { [b, a] };
    a * c + b * d
}

#[differentiable]
fn unequal_lives(x: f64, y: f64) -> f64 {
    let z;
    if x > 0.0 {
        let w = x.exp();
        z = w * y;
    } else {
        z = y.cos();
    }
    z + x
}

#[differentiable]
fn condition_with_work(x: f64, y: f64) -> f64 {
    let a = x * x;
    if (a - y).abs() > {
        let t = a * y;
        t.sin()
    } {
        a * y
    } else {
        a / y
    }
}

#[differentiable]
fn condition_overwritten(x: f64, y: f64) -> f64 {
    let mut a = x;
    if a > 0.5 {
        a = -a * y;
    } else {
        a = a * a;
    }
    if a > 0.5 {
        a = a * y;
    }
    a + y
}

#[differentiable]
fn match_on_bool_tuple(x: f64, y: f64) -> f64 {
    match (x > 0.0, y > 0.0) {
        (true, true) => x * y,
        (true, false) => x - y * y,
        (false, true) => y.exp() * x,
        _ => x * x * y,
    }
}

#[differentiable]
fn match_with_guard_on_value(x: f64, y: f64) -> f64 {
    let s = x * y;
    match s {
        t if t > 1.0 => t * x,
        t if t < -1.0 => t * t + y,
        _ if x > y => x.sin(),
        t => t,
    }
}

#[differentiable]
fn ordering(x: f64, y: f64) -> f64 {
    match x.total_cmp(&y) {
        core::cmp::Ordering::Less => x * x * y,
        core::cmp::Ordering::Equal => x,
        core::cmp::Ordering::Greater => y * y,
    }
}

#[differentiable]
fn both_arms_alike(x: f64, y: f64) -> f64 {
    let z = if x > y { x * y } else { x * y };
    if z > 0.0 { z } else { z }
}

#[differentiable]
fn only_a_guard(x: f64, y: f64) -> f64 {
    let mut s = x;
    if y > 0.0 {
        assert!(s < 100.0);
    }
    if x > 0.0 {}
    s *= y;
    s
}

const POINTS: &[[f64; 2]] = &[
    [1.3, 0.7],
    [-0.4, 2.1],
    [3.0, -1.5],
    [-2.0, -0.3],
    [0.4, 0.6],
    [0.3, -0.2],
    [2.1, 0.9],
    [-0.6, -3.0],
    [1.5, 1.6],
];

macro_rules! agree {
    ($($f:ident $grad:ident)*) => {$(
        #[test]
        fn $f() {
            check_args(|[x, y]| super::$f(x, y), |[x, y]| super::$grad(x, y), super::POINTS);
        }
    )*};
}

mod gradients_agree {
    use super::common::check_args;

    agree! {
        value_of_if value_of_if_grad
        chain chain_grad
        assigned_in_one_arm assigned_in_one_arm_grad
        nested nested_grad
        several_values several_values_grad
        unequal_lives unequal_lives_grad
        condition_with_work condition_with_work_grad
        condition_overwritten condition_overwritten_grad
        match_on_bool_tuple match_on_bool_tuple_grad
        match_with_guard_on_value match_with_guard_on_value_grad
        ordering ordering_grad
        both_arms_alike both_arms_alike_grad
        only_a_guard only_a_guard_grad
    }
}

const LIMIT: i32 = 9;

#[derive(Clone, Copy, PartialEq)]
enum Activation {
    Linear,
    Tanh,
    Square,
}

#[differentiable]
fn match_on_integer(x: f64, n: i32) -> f64 {
    match n {
        0 => x,
        1 | 2 => x * x,
        3..=5 if x > 1.0 => x.sin(),
        k @ (3..=5 | 7) => x * k as f64,
        LIMIT => x.exp(),
        i32::MIN..=-1 => {
            let y = x * x;
            y * y
        }
        k if k % 2 == 0 => x / k as f64,
        _ => 0.0,
    }
}

#[differentiable]
fn match_as_statement(x: f64, k: (u8, bool)) -> f64 {
    let mut s = x;
    match k {
        (0, _) => s *= x,
        (1 | 2, true) => {
            s += x * x;
            s *= s;
        }
        (n, false) if n > 5 => s = s.sin() * n as f64,
        (_, true) => {}
        (n, _) => s -= n as f64 * x * s,
    }
    s * x
}

#[differentiable]
fn match_on_unit_enum(x: f64, #[nodiff] a: Activation) -> f64 {
    let y = match a {
        Activation::Linear => x,
        Activation::Tanh => x.tanh(),
        Activation::Square => x * x,
    };
    y * if a == Activation::Linear { 2.0 } else { x }
}

#[differentiable]
fn match_on_char(x: f64, c: char) -> f64 {
    match c {
        'a'..='f' => x * x,
        '0' => 1.0,
        _ => x,
    }
}

#[test]
fn matches_on_inactive_values() {
    let points = [[0.7], [1.4]];
    for n in -2..12 {
        check_args(
            |[x]| match_on_integer(x, n),
            |[x]| match_on_integer_grad(x, n),
            &points,
        );
    }
    for k in [
        (0, true),
        (1, true),
        (2, false),
        (6, false),
        (9, true),
        (3, false),
    ] {
        check_args(
            |[x]| match_as_statement(x, k),
            |[x]| match_as_statement_grad(x, k),
            &points,
        );
    }
    for a in [Activation::Linear, Activation::Tanh, Activation::Square] {
        check_args(
            |[x]| match_on_unit_enum(x, a),
            |[x]| match_on_unit_enum_grad(x, a),
            &points,
        );
    }
    for c in ['b', '0', 'z'] {
        check_args(
            |[x]| match_on_char(x, c),
            |[x]| match_on_char_grad(x, c),
            &points,
        );
    }
}

#[differentiable]
fn branch_not_taken(x: f64) -> f64 {
    let mut s = 1.0;
    if x > 0.0 {
        s = x.ln() + x.sqrt();
    }
    if x != 0.0 {
        s /= x;
    }
    s
}

#[test]
fn what_is_not_run_contributes_nothing() {
    assert_eq!(branch_not_taken_grad(0.0), (1.0, 0.0));
    assert!(branch_not_taken_grad(-2.0).1 == -0.25);
}

#[differentiable]
fn nan_goes_to_else(x: f64) -> f64 {
    if x < 1.0 {
        x * 2.0
    } else if x >= 1.0 {
        x * 3.0
    } else {
        5.0
    }
}

#[test]
fn comparisons_with_nan() {
    assert_eq!(nan_goes_to_else_grad(f64::NAN), (5.0, 0.0));
    assert_eq!(nan_goes_to_else_grad(f64::INFINITY), (f64::INFINITY, 3.0));
}

/// A guard and the right side of `&&` may change variables, where they run.
#[differentiable]
fn conditions_that_assign(x: f64, y: f64, n: usize) -> f64 {
    let mut p = [x, y];
    let a = match n {
        1 if {
            p[0] = x * y;
            y > 0.5
        } =>
        {
            x * x
        }
        _ => y * p[0],
    };
    let mut s = x;
    if x > 0.3 && {
        s += y * y;
        s > 1.0
    } {
        s *= a;
    }
    if x > 0.3 || {
        p[1] = p[0] * x;
        n == 0
    } {
        s += p[1];
    }
    s * p[1] + a
}

#[test]
fn conditions_that_change_variables() {
    let points = [[1.3, 0.7], [0.2, 0.4], [0.2, 0.9], [0.9, 0.2]];
    for n in 0..3 {
        check_args(
            |[x, y]| conditions_that_assign(x, y, n),
            |[x, y]| conditions_that_assign_grad(x, y, n),
            &points,
        );
    }
}
