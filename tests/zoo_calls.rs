//! Calls: nested, in loops and branches, recursive, across modules and through `use .. as`, by reference, one buffer twice, packed parameters.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]
#![allow(unused_qualifications, reason = "every way to write a path")]

mod common;

use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, noise};

mod inner {
    use backprop::prelude::*;

    #[differentiable]
    pub(crate) fn square(x: f64) -> f64 {
        x * x
    }

    pub(crate) mod deeper {
        use backprop::prelude::*;

        #[differentiable]
        pub(crate) fn blend(x: f64, y: f64, t: f64) -> f64 {
            super::square(x) * t + y * (1.0 - t)
        }
    }

    #[differentiable]
    pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
        let mut s = 0.0;
        for i in 0..a.len() {
            s += a[i] * b[i];
        }
        s
    }
}

use inner::deeper;
use inner::deeper::blend as mix;

#[differentiable]
fn across_modules(x: f64, y: f64) -> f64 {
    let a = mix(x, y, 0.3);
    let b = inner::deeper::blend(y, a, x);
    deeper::blend(a, b, y) + inner::square(x + a) + self::inner::square(b)
}

#[differentiable]
fn nested_calls(x: f64, y: f64) -> f64 {
    inner::square(mix(inner::square(x), mix(y, x, y), inner::square(y).sin()))
        + inner::square(inner::square(x))
}

#[differentiable]
fn in_branches_and_loops(x: f64, y: f64) -> f64 {
    let mut s = if x > y {
        mix(x, y, 0.5)
    } else {
        inner::square(y)
    };
    for i in 0..3 {
        s = mix(s, x, 0.1 * i as f64);
        if inner::square(s) > 2.0 {
            s = s - inner::square(x);
            continue;
        }
        s += inner::square(y * s);
    }
    s
}

#[differentiable]
fn recursive(x: f64, y: f64) -> f64 {
    if x > 4.0 {
        return x * y;
    }
    let inside = recursive(x * 1.5 + 0.2, y);
    inside.sin() + x * inside
}

#[differentiable]
fn even(x: f64, n: u32) -> f64 {
    if n == 0 { x } else { odd(x * x, n - 1) + x }
}

#[differentiable]
fn odd(x: f64, n: u32) -> f64 {
    if n == 0 {
        x.sin()
    } else {
        even(x.cos(), n - 1) * x
    }
}

#[differentiable]
fn fibonacci(x: f64, n: u32) -> f64 {
    match n {
        0 => x,
        1 => x * x,
        _ => fibonacci(x, n - 1) * 0.5 + fibonacci(x, n - 2).sin(),
    }
}

#[test]
fn scalar_calls() {
    let points = [[1.3, 0.7], [-0.4, 2.1], [0.5, -0.6], [3.0, 0.2]];
    check_args(
        |[x, y]| across_modules(x, y),
        |[x, y]| across_modules_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| nested_calls(x, y),
        |[x, y]| nested_calls_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| in_branches_and_loops(x, y),
        |[x, y]| in_branches_and_loops_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| recursive(x, y),
        |[x, y]| recursive_grad(x, y),
        &points[2..],
    );
    for n in 0..6 {
        check_args(|[x]| even(x, n), |[x]| even_grad(x, n), &[[0.7], [0.3]]);
        check_args(
            |[x]| fibonacci(x, n),
            |[x]| fibonacci_grad(x, n),
            &[[0.7], [0.3]],
        );
    }
}

#[differentiable]
fn one_buffer_twice(x: &[f64]) -> f64 {
    let n = x.len() / 2;
    inner::dot(x, x) + inner::dot(&x[..n], &x[n..]).sin() + inner::dot(&x[..n], &x[1..n + 1])
}

#[differentiable]
fn one_scalar_twice(x: f64, y: f64) -> f64 {
    mix(x, x, x) * mix(y, x, y)
}

#[differentiable]
fn product_sum(a: &f64, b: &f64) -> f64 {
    *a * *b + a.sin()
}

#[differentiable]
fn references(x: &[f64], p: (f64, f64)) -> f64 {
    let local = x[0] * p.0;
    product_sum(&x[1], &x[2])
        + product_sum(&local, &x[1]) * product_sum(&local, &local)
        + product_sum(&p.0, &p.1)
}

#[test]
fn the_same_place_twice_in_one_call() {
    check_slice(one_buffer_twice, one_buffer_twice_grad, &noise(1, 6));
    check_args(
        |[x, y]| one_scalar_twice(x, y),
        |[x, y]| one_scalar_twice_grad(x, y),
        &[[0.4, 1.7]],
    );
    let x = [0.5, -0.8, 1.1];
    let mut d = [0.0; 3];
    let (_, d_p) = references_grad(&x, &mut d, (0.7, 1.9));
    check_gradient(|x| references(x, (0.7, 1.9)), &x, &d);
    check_gradient(
        |p| references(&x, (p[0], p[1])),
        &[0.7, 1.9],
        &[d_p.0, d_p.1],
    );
}

#[differentiable]
fn layer(w: &[f64], b: &[f64], x: &[f64], out: &mut [f64]) {
    for o in 0..out.len() {
        out[o] = (inner::dot(&w[o * x.len()..(o + 1) * x.len()], x) + b[o]).tanh();
    }
}

/// All parameters of two layers in one slice.
#[differentiable]
fn packed(params: &[f64], x: &[f64; 3]) -> f64 {
    let w1 = &params[..12];
    let b1 = &params[12..16];
    let rest = &params[16..];
    let mut h = [0.0; 4];
    layer(w1, b1, x, &mut h);
    let mut y = [0.0; 2];
    layer(&rest[..8], &rest[8..10], &h, &mut y);
    y[0] * y[1] + inner::dot(&h, &params[2..6])
}

#[test]
fn packed_parameters() {
    let (params, x) = (noise(2, 26), [0.3, -0.9, 0.6]);
    let mut d_x = [0.0; 3];
    check_slice(
        |p| packed(p, &x),
        |p, d| packed_grad(p, d, &x, &mut d_x),
        &params,
    );
    let mut d_x = [0.0; 3];
    packed_grad(&params, &mut [0.0; 26], &x, &mut d_x);
    check_gradient(|x| packed(&params, &[x[0], x[1], x[2]]), &x, &d_x);
}

#[differentiable]
fn both(x: f64, y: f64) -> (f64, f64) {
    (x * y, x + y.sin())
}

#[differentiable]
fn triple(a: &[f64; 3], k: f64) -> [f64; 3] {
    [a[1] * k, a[2] * a[0], a[0] * k * k]
}

#[differentiable]
fn aggregates(x: f64, y: f64) -> f64 {
    let (a, b) = both(x, y);
    let t = triple(&[a, b, x], y);
    let u = triple(&triple(&t, a), t[1]);
    let v = both(u[0], u[2]);
    v.0 + v.1 * both(x, x).0 + triple(&u, 1.5)[2]
}

#[test]
fn calls_that_return_aggregates() {
    check_args(
        |[x, y]| aggregates(x, y),
        |[x, y]| aggregates_grad(x, y),
        &[[0.4, 0.9], [-0.7, 1.2]],
    );
}

#[differentiable]
fn loop_of_calls(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let a = mix(x[i], w, 0.25);
        s += inner::square(a) * triple(&[a, w, x[i]], a)[1];
    }
    s
}

/// A constant to the gradient: no float goes in.
fn table(n: usize) -> f64 {
    [0.5, 1.5, 2.5][n % 3]
}

#[differentiable]
fn constant_calls(x: f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        s += table(i) * x * x + f64::from(u8::try_from(i).unwrap_or(0));
    }
    s * usize::max(n, 2) as f64
}

#[test]
fn calls_in_loops_and_of_constants() {
    let x = noise(3, 5);
    check_slice(
        |x| loop_of_calls(x, 0.7),
        |x, d| loop_of_calls_grad(x, d, 0.7).0,
        &x,
    );
    check_gradient(
        |w| loop_of_calls(&x, w[0]),
        &[0.7],
        &[loop_of_calls_grad(&x, &mut [0.0; 5], 0.7).1],
    );
    check_args(
        |[x]| constant_calls(x, 4),
        |[x]| constant_calls_grad(x, 4),
        &[[1.2]],
    );
}

#[differentiable(tape)]
fn power(x: f64, n: usize, k: f64) -> f64 {
    let mut p = k;
    for _ in 0..n {
        p *= x;
    }
    p
}

#[differentiable(tape)]
fn calls_with_a_tape(x: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s = power(x[i], n, s) + power(s, 2, x[0]);
    }
    power(s, n, power(x[0], 2, s))
}

#[test]
fn tapes_are_handed_on() {
    let mut tape = Tape::new();
    for n in 0..4 {
        check_slice(
            |x| calls_with_a_tape(x, n),
            |x, d| calls_with_a_tape_grad(x, d, n, &mut tape),
            &noise(4, 3),
        );
    }
}

#[differentiable]
fn by_value_and_reference(a: f64, b: &f64, c: f64) -> f64 {
    a * a * *b + c.sin()
}

#[differentiable]
fn one_scalar_both_ways(x: f64, y: f64) -> f64 {
    let z = x * y;
    let first = by_value_and_reference(x, &x, y) * by_value_and_reference(y, &x, x);
    if first > 0.0 {
        return by_value_and_reference(z, &z, z);
    }
    by_value_and_reference(first, &z, first)
}

#[test]
fn one_variable_by_value_and_by_reference() {
    check_args(
        |[x, y]| one_scalar_both_ways(x, y),
        |[x, y]| one_scalar_both_ways_grad(x, y),
        &[[0.4, 1.7], [-0.8, 0.6], [1.3, -0.2]],
    );
}
