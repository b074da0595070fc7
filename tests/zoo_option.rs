//! Options: made and taken apart in a body, carried through loops, as parameters and results.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_derivative, check_slice};

#[differentiable]
fn made_and_matched(x: f64, y: f64) -> f64 {
    let o = if x > y { Some(x * y) } else { None };
    match o {
        Some(v) => v * v,
        None => x + y,
    }
}

#[test]
fn one_that_a_branch_makes() {
    check_args(
        |[x, y]| made_and_matched(x, y),
        |[x, y]| made_and_matched_grad(x, y),
        &[[2.0, 1.0], [1.0, 2.0]],
    );
}

#[differentiable]
fn if_let_guarded(x: f64, y: f64) -> f64 {
    let o = if x > 0.0 { Some(x) } else { None };
    if let Some(v) = o
        && v > y
    {
        v * y
    } else {
        x - y
    }
}

#[differentiable]
fn if_let_chain(x: f64, y: f64) -> f64 {
    let a = if x > 0.0 { Some(x * x) } else { None };
    let b = if y > 0.0 { Some(y * x) } else { None };
    if x < 5.0
        && let Some(u) = a
        && u > 0.5
        && let Some(v) = b.map(|v| v * u)
        && v < 100.0
    {
        u * v
    } else {
        x + 2.0 * y
    }
}

#[test]
fn if_lets() {
    let points = [
        [2.0, 1.0],
        [1.0, 2.0],
        [-1.0, 0.5],
        [0.3, 0.7],
        [6.0, 1.0],
        [0.9, -1.0],
    ];
    check_args(
        |[x, y]| if_let_guarded(x, y),
        |[x, y]| if_let_guarded_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| if_let_chain(x, y),
        |[x, y]| if_let_chain_grad(x, y),
        &points,
    );
}

#[differentiable]
fn let_else(x: f64, y: f64) -> f64 {
    let o = if x > y { Some((x, x * y)) } else { None };
    let Some((a, b)) = o else {
        return x * x * y;
    };
    a * b + y
}

#[test]
fn let_elses() {
    check_args(
        |[x, y]| let_else(x, y),
        |[x, y]| let_else_grad(x, y),
        &[[2.0, 1.0], [1.0, 2.0]],
    );
}

#[differentiable(tape)]
fn largest(xs: &[f64]) -> f64 {
    let mut best: Option<f64> = None;
    for &x in xs {
        best = Some(match best {
            None => x * x,
            Some(b) => b.max(x * x),
        });
    }
    best.unwrap_or(7.0)
}

#[differentiable(tape)]
fn product_of_positive(xs: &[f64]) -> f64 {
    let mut product = None;
    for &x in xs {
        if x > 0.0 {
            product = match product {
                Some(p) => Some(p * x),
                None => Some(x),
            };
        }
    }
    match product {
        Some(p) => p,
        None => 0.0,
    }
}

#[differentiable]
fn fixed_length(xs: &[f64; 4]) -> f64 {
    let mut product = None;
    for &x in xs {
        if let Some(p) = product {
            product = Some(p * x);
        } else if x > 0.0 {
            product = Some(x);
        }
    }
    product.map_or(1.0, |p: f64| p.sin())
}

#[differentiable]
fn first_above(xs: &[f64], limit: f64) -> Option<f64> {
    for &x in xs {
        if x > limit {
            return Some(x * limit);
        }
    }
    None
}

#[differentiable]
fn position(xs: &[f64], limit: f64) -> f64 {
    let mut at: Option<usize> = None;
    for i in 0..xs.len() {
        if xs[i] > limit && at.is_none() {
            at = Some(i);
        }
    }
    match at {
        Some(0) => xs[0] * 3.0,
        Some(i) if i > 2 => xs[i] * limit,
        Some(i) => xs[i] * xs[i - 1],
        None => limit,
    }
}

#[test]
fn in_loops() {
    let mut tape = Tape::new();
    for xs in [
        &[][..],
        &[3.0],
        &[0.5, -2.0, 1.0],
        &[-1.0, -3.0],
        &[2.0, 3.0, -1.0, 4.0],
    ] {
        check_slice(largest, |x, d| largest_grad(x, d, &mut tape), xs);
        check_slice(
            product_of_positive,
            |x, d| product_of_positive_grad(x, d, &mut tape),
            xs,
        );
        for limit in [0.7, 2.5, 10.0, -5.0] {
            check_slice(
                |x| position(x, limit),
                |x, d| position_grad(x, d, limit).0,
                xs,
            );
            check_derivative(
                "limit",
                position_grad(xs, &mut vec![0.0; xs.len()], limit).1,
                |h| position(xs, limit + h),
            );
        }
    }
    for xs in [[2.0, 3.0, -1.0, 4.0], [-1.0; 4], [-1.0, -2.0, 3.0, -4.0]] {
        check_slice(
            |x| fixed_length(x.try_into().unwrap()),
            |x, d| fixed_length_grad(x.try_into().unwrap(), d.try_into().unwrap()),
            &xs,
        );
    }
}

#[test]
fn as_a_result() {
    let xs = [0.5, 2.0, 3.0];
    let mut d = [0.0; 3];
    let (value, d_limit) = first_above_vjp(&xs, &mut d, 1.0, Some(1.0));
    assert_eq!((value, d_limit, d), (Some(2.0), 2.0, [0.0, 1.0, 0.0]));
    let (value, d_limit) = first_above_vjp(&xs, &mut d, 9.0, None);
    assert_eq!((value, d_limit, d), (None, 0.0, [0.0, 1.0, 0.0]));
}

#[differentiable]
fn calls(xs: &[f64], limit: f64) -> f64 {
    let a = match first_above(xs, limit) {
        Some(v) => v * v,
        None => limit * limit,
    };
    let b = first_above(xs, 2.0 * limit).unwrap_or(limit);
    let c = if let Some(v) = first_above(xs, limit - 1.0) {
        v
    } else {
        1.0
    };
    let d = if limit > 1.0 {
        first_above(xs, 0.1)
    } else {
        None
    };
    a * b + c + d.map_or(limit, |v| v * v)
}

#[test]
fn of_callees() {
    for xs in [&[][..], &[0.5, 2.0, 3.0], &[0.2]] {
        for limit in [0.4, 1.3, 1.7, 5.0] {
            check_slice(|x| calls(x, limit), |x, d| calls_grad(x, d, limit).0, xs);
            check_derivative(
                "limit",
                calls_grad(xs, &mut vec![0.0; xs.len()], limit).1,
                |h| calls(xs, limit + h),
            );
        }
    }
}

#[differentiable]
fn parameter(o: Option<f64>, x: f64) -> f64 {
    match o {
        Some(v) => v * v * x,
        None => x,
    }
}

#[differentiable]
fn borrowed(o: &Option<f64>, x: f64) -> f64 {
    if let Some(v) = o {
        v * x + v.sin()
    } else {
        x * x
    }
}

#[differentiable]
fn of_an_array(o: &Option<[f64; 3]>, x: f64) -> f64 {
    let mut s = x;
    if let Some(a) = o {
        for i in 0..3 {
            s += a[i] * a[i] * x;
        }
        s += a.iter().map(|v| v.sin()).sum::<f64>();
    }
    s
}

#[differentiable]
fn of_a_vec(o: &Option<Vec<f64>>, x: f64) -> f64 {
    match o {
        Some(v) if v.len() > 1 => v[0] * v[1] * x + v.iter().sum::<f64>(),
        Some(v) => v.len() as f64 * x,
        None => x,
    }
}

#[differentiable]
fn inactive(o: Option<usize>, x: &[f64]) -> f64 {
    match o {
        Some(k) if k < x.len() => x[k] * x[k],
        Some(k) => x[0] * k as f64,
        None => 0.0,
    }
}

#[test]
fn as_a_parameter() {
    let (value, d_o, d_x) = parameter_grad(Some(3.0), 2.0);
    assert_eq!((value, d_o, d_x), (18.0, Some(12.0), 9.0));
    assert_eq!(parameter_grad(None, 2.0), (2.0, None, 1.0));

    let mut d = Some(1.0);
    let (value, d_x) = borrowed_grad(&Some(0.5), &mut d, 2.0);
    assert_eq!((value, d_x), (1.0 + 0.5f64.sin(), 0.5));
    assert!((d.unwrap() - (3.0 + 0.5f64.cos())).abs() < 1e-15);
    let mut d = None;
    assert_eq!(borrowed_grad(&None, &mut d, 3.0), (9.0, 6.0));
    assert_eq!(d, None);

    let a = [0.5, -1.0, 2.0];
    let mut d = Some([0.0; 3]);
    let (_, d_x) = of_an_array_grad(&Some(a), &mut d, 1.5);
    check_derivative("x", d_x, |h| of_an_array(&Some(a), 1.5 + h));
    for k in 0..3 {
        check_derivative("a", d.unwrap()[k], |h| {
            let mut a = a;
            a[k] += h;
            of_an_array(&Some(a), 1.5)
        });
    }
    assert_eq!(of_an_array_grad(&None, &mut None, 1.5), (1.5, 1.0));

    let mut d = Some(vec![0.0; 2]);
    of_a_vec_grad(&Some(vec![2.0, 3.0]), &mut d, 4.0);
    assert_eq!(d, Some(vec![13.0, 9.0]));
    let mut d = [0.0; 2];
    assert_eq!(inactive_grad(Some(1), &[2.0, 3.0], &mut d), 9.0);
    assert_eq!(d, [0.0, 6.0]);
    assert_eq!(inactive_grad(None, &[2.0, 3.0], &mut d), 0.0);
}

#[test]
#[should_panic(expected = "another variant")]
fn an_adjoint_of_another_variant() {
    borrowed_grad(&Some(0.5), &mut None, 2.0);
}

#[differentiable]
fn methods(x: f64, y: f64) -> f64 {
    let o = if x > 0.0 { Some(x * y) } else { None };
    let p = o.map(|v| v + x).filter(|v| *v > 0.5);
    let q = p.or(o).and_then(|v| if v > y { Some(v * y) } else { None });
    let s = o.is_some_and(|v| v > 2.0);
    let r = if s && q.is_some() { q.unwrap() } else { 0.0 };
    r + p.unwrap_or(y * y)
        + q.unwrap_or_else(|| x * x)
        + o.map_or(1.0, |v| v.sin())
        + q.or_else(|| Some(y)).expect("there")
}

#[differentiable]
fn elements(xs: &[f64], i: usize) -> f64 {
    let a = xs.first().copied().unwrap_or(1.0);
    let b = if let Some(x) = xs.get(i) { x * a } else { 2.0 };
    let c = match xs.last() {
        Some(&x) => x * x,
        None => 0.0,
    };
    a * b + c
}

#[differentiable]
fn generic<T: Real>(x: T, y: T) -> T {
    let mut o: Option<T> = None;
    if x > y {
        o = Some(x * y);
    }
    match o {
        Some(v) => v.sin(),
        None => y * y,
    }
}

#[test]
fn the_methods() {
    let points = [
        [2.1, 1.2],
        [1.1, 2.3],
        [-1.0, 0.5],
        [0.3, 0.7],
        [3.0, 1.1],
        [0.9, -1.0],
    ];
    check_args(|[x, y]| methods(x, y), |[x, y]| methods_grad(x, y), &points);
    check_args(|[x, y]| generic(x, y), |[x, y]| generic_grad(x, y), &points);
    let (v, a, b) = generic_grad(2.0f32, 1.0);
    assert_eq!((v, a, b), (2.0f32.sin(), 2.0f32.cos(), 2.0 * 2.0f32.cos()));
    for xs in [&[][..], &[3.0], &[0.5, -2.0, 1.0]] {
        for i in [0, 1, 5] {
            check_slice(|x| elements(x, i), |x, d| elements_grad(x, d, i), xs);
        }
    }
}

#[test]
#[should_panic(expected = "there")]
fn nothing_where_something_is_expected() {
    expects_grad(-1.0);
}

#[differentiable]
fn expects(x: f64) -> f64 {
    let o = if x > 0.0 { Some(x) } else { None };
    o.expect("there")
}

#[differentiable]
fn layered(x: f64, y: f64) -> f64 {
    let inner = if y > 0.0 { Some(y * x) } else { None };
    let outer = if x > 0.0 { Some(inner) } else { None };
    match outer {
        Some(Some(v)) if v > 3.0 => v * v,
        Some(Some(v)) => v,
        Some(None) => x * 3.0,
        None => y * 2.0,
    }
}

#[differentiable(tape)]
fn a_pair_in_a_loop(xs: &[f64]) -> f64 {
    let mut best: Option<(usize, f64)> = None;
    for (i, &x) in xs.iter().enumerate() {
        let better = match best {
            None => true,
            Some((_, b)) => x * x > b,
        };
        if better {
            best = Some((i, x * x));
        }
    }
    let Some((at, b)) = best else { return 0.0 };
    b * at as f64
}

#[differentiable(tape)]
fn while_some(x: f64) -> f64 {
    let mut left = Some(3);
    let mut s = 0.0;
    while let Some(n) = left {
        s += x * n as f64;
        left = if n > 0 { Some(n - 1) } else { None };
    }
    s
}

#[test]
fn nested_and_carried() {
    let points = [[2.0, 1.0], [1.0, 2.0], [-1.0, 0.5], [2.0, 2.0], [3.0, -1.0]];
    check_args(|[x, y]| layered(x, y), |[x, y]| layered_grad(x, y), &points);
    let mut tape = Tape::new();
    for xs in [&[][..], &[3.0], &[0.5, -2.0, 1.0], &[2.0, 3.0, -1.0, 4.0]] {
        check_slice(
            a_pair_in_a_loop,
            |x, d| a_pair_in_a_loop_grad(x, d, &mut tape),
            xs,
        );
    }
    assert_eq!(while_some_grad(2.0, &mut tape), (12.0, 6.0));
}

/// Of an option in an option only the outer layer was seen to be known.
#[differentiable]
fn nothing_inside(x: f64, n: usize) -> f64 {
    let mut s: Option<Option<f64>> = Some(None);
    let mut y = x;
    if let Some(Some(t)) = s {
        y += t * x;
    } else {
        y *= x;
    }
    if n > 0 {
        s = Some(Some(x.sin()));
    }
    match s {
        Some(Some(t)) if t > 0.0 => y * t,
        Some(Some(t)) => y - t,
        Some(None) => y,
        None => 0.0,
    }
}

#[differentiable(without(fold, cse, dce, fuse, lanes))]
fn nothing_in_a_tuple(x: f64, n: usize) -> f64 {
    let mut s: Option<Option<f64>> = None;
    if n > 1 {
        s = Some(None);
    }
    let t: Option<Option<f64>> = None;
    if let (_, Some(Some(t)), _) = (false, t, x) {
        return t * x;
    }
    match (s, n) {
        (Some(Some(t)), _) => t * x,
        (Some(None), 3) => x.cos(),
        (None, k) => x * k as f64,
        _ => x * x,
    }
}

#[test]
fn options_without_anything_in_options() {
    for n in 0..4 {
        check_args(
            |[x]| nothing_inside(x, n),
            |[x]| nothing_inside_grad(x, n),
            &[[0.7], [-1.2]],
        );
        check_args(
            |[x]| nothing_in_a_tuple(x, n),
            |[x]| nothing_in_a_tuple_grad(x, n),
            &[[0.7], [-1.2]],
        );
    }
}

#[differentiable(tape, without(fold, cse, dce, fuse, lanes))]
fn nothing_at_all(x: f64) -> f64 {
    let s: Option<Option<f64>> = None;
    let Some(None) = &s else {
        return x * x;
    };
    x
}

#[test]
fn references_to_options_of_options() {
    let mut tape = Tape::new();
    assert_eq!(nothing_at_all_grad(0.5, &mut tape), (0.25, 1.0));
}
