//! Loops behind an early return, or in a branch: the reverse sweep of the branch wants them once more, and they run once. And loops that compute the same.
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

/// The first loop carries less for its reverse than for the result.
#[differentiable(tape)]
fn sum_beside(a: &[f64], x: f64) -> f64 {
    if x > 0.9 {
        return 0.5;
    }
    let mut t = x;
    let mut s = 0.0;
    for i in 0..a.len() {
        s += t;
        t = t * t * a[i];
    }
    let mut p = 1.0;
    for i in 0..a.len() {
        p *= a[i] + x;
    }
    p + s
}

/// A loop whose iterations only its reverse counts.
#[differentiable(tape)]
fn uncounted(a: &[f64], x: f64) -> f64 {
    if x > 0.9 {
        return a[0];
    }
    let mut t = x * a[0];
    while t < 0.7 {
        t = t * t + 0.3;
    }
    let mut p = 1.0;
    for i in 0..a.len() {
        p *= a[i];
    }
    p + t * p
}

/// Random program 23002457, in short: what leaves the first loop is the sum of another one.
#[differentiable(tape)]
fn sum_that_leaves(a: &[f64], x: f64) -> f64 {
    if x > 0.9 {
        return 0.5 * x;
    }
    let mut t = x;
    let y = loop {
        if a.iter().map(|_| t).sum::<f64>() > 2.5 {
            break a.iter().map(|v| v * t).sum::<f64>();
        }
        t += 0.5;
    };
    a.iter().product::<f64>() + y
}

/// The same where nobody looks at what leaves: there is no loop of the function itself that its reverse could go with.
#[differentiable(tape)]
fn sum_that_is_forgotten(a: &[f64], x: f64) -> f64 {
    let mut t = x;
    if x > 0.9 {
        return a[0];
    }
    let parts = [
        x,
        loop {
            if a.iter().map(|v| t * v).sum::<f64>() < 0.7 {
                break a.iter().sum::<f64>();
            }
            t *= 0.7;
        },
    ];
    a.iter().map(|v| v + 0.1).product::<f64>() + parts[0]
}

/// Loops in loops, branches in both, and an exit.
#[differentiable(tape)]
fn nested(a: &[f64], x: f64) -> f64 {
    let mut out = x;
    if x < 0.9 {
        let mut t = x;
        let mut count = 0.0;
        for i in 0..a.len() {
            for j in 0..i {
                if a[j] > 0.1 {
                    count += t * a[j];
                    t = (t * a[j]).sin() + 0.2;
                } else {
                    count += 1.0;
                }
            }
            if t > 1.5 {
                break;
            }
            t *= 1.1;
        }
        let mut q = count;
        for i in 0..a.len() {
            q = q * a[i] + t;
        }
        out *= q;
    }
    out * x
}

/// A buffer that the first loop fills and the second one changes.
#[differentiable(tape)]
fn buffers(a: &[f64; 4], x: f64) -> f64 {
    if x > 0.9 {
        return x;
    }
    let mut b = [0.0; 4];
    let mut s = 0.0;
    let mut t = x;
    for i in 0..4 {
        b[i] = t * a[i];
        s += b[i];
        t = t * b[i] + 0.5;
    }
    let mut p = 1.0;
    for i in 0..4 {
        p *= b[i] * t;
        b[i] = p + s;
    }
    b[0] * b[3] + p
}

/// The second loop computes nothing that the first does not, and goes on with something else.
#[differentiable(tape)]
fn other_results(a: &[f64], x: f64) -> f64 {
    let (mut t, mut s) = (x, 0.0);
    for i in 0..a.len() {
        let u = t * a[i];
        let v = u + t;
        s += v * v;
        t = u.sin();
    }
    let mut w = x;
    for i in 0..a.len() {
        let u = w * a[i];
        let v = u + w;
        w = v;
    }
    t * s + w * s
}

/// The same branches on another condition.
#[differentiable(tape)]
fn other_conditions(a: &[f64], x: f64) -> f64 {
    let (mut t, mut s) = (x, 0.0);
    for i in 0..a.len() {
        if a[i] > 0.1 {
            t = t * a[i] + 0.3;
        }
        if a[i] < -0.2 {
            s += t;
        }
    }
    let mut w = x;
    for i in 0..a.len() {
        if a[i] < -0.2 {
            w = w * a[i] + 0.3;
        }
    }
    t * s + w * t
}

/// The loop stands in both branches, with something else beside it in each.
#[differentiable(tape)]
fn both_branches(a: &[f64], x: f64) -> f64 {
    let y = if x > 0.3 {
        let (mut t, mut s) = (x, 0.0);
        for i in 0..a.len() {
            s += t * a[i];
            t = t * t * a[i];
        }
        s * t
    } else {
        let (mut t, mut s) = (x, 1.0);
        for i in 0..a.len() {
            s *= t + a[i];
            t = t * a[i] + 0.4;
        }
        s + t
    };
    let mut p = y;
    for i in 0..a.len() {
        p = p * a[i] + y;
    }
    p
}

/// Random program 24003323: what the first loop adds to, nobody asks for.
#[differentiable(tape)]
fn array_added_to(a: &[f64], x: f64) -> f64 {
    if x > 0.9 {
        return 0.5 * x;
    }
    let mut c = [0.5; 3];
    let mut t = x;
    while t < 0.8 {
        let (_, last) = c.split_at_mut(2);
        last[0] += a[0] * t * last[0];
        t += 0.2;
    }
    a.iter().fold(0.5, |p, v| p * v) + c[0] * x
}

#[differentiable]
fn damped(t: f64, a: f64) -> f64 {
    t * (0.7 * a).cos()
}

/// With calls in the loops.
#[differentiable(tape)]
fn calls(a: &[f64], x: f64) -> f64 {
    if a.is_empty() {
        return x * x;
    }
    let (mut t, mut s) = (x, 0.0);
    for i in 0..a.len() {
        s += damped(t, a[i]);
        t = damped(t * t, a[i]) + 0.1;
    }
    let mut p = t;
    for i in 0..a.len() {
        p = damped(p, s) * a[i];
    }
    p * s
}

macro_rules! check {
    ($($f:ident $grad:ident),*) => {
        $(
            #[test]
            fn $f() {
                for n in 0..6 {
                    for x in [0.2, 0.6, 0.95] {
                        let mut p = noise(n as u64 + 3, n + 1);
                        p[n] = x;
                        if stringify!($f) != "calls" && n == 0 {
                            continue;
                        }
                        check_slice(
                            |p| super::$f(&p[..n], p[n]),
                            |p, d| {
                                let mut d_a = d[..n].to_vec();
                                let mut tape = Tape::new();
                                let (value, d_x) = super::$grad(&p[..n], &mut d_a, p[n], &mut tape);
                                d[..n].copy_from_slice(&d_a);
                                d[n] += d_x;
                                value
                            },
                            &p,
                        );
                    }
                }
            }
        )*
    };
}

mod slices {
    use super::*;

    check!(
        sum_beside sum_beside_grad,
        uncounted uncounted_grad,
        sum_that_leaves sum_that_leaves_grad,
        sum_that_is_forgotten sum_that_is_forgotten_grad,
        nested nested_grad,
        other_results other_results_grad,
        other_conditions other_conditions_grad,
        both_branches both_branches_grad,
        array_added_to array_added_to_grad,
        calls calls_grad
    );
}

#[test]
fn a_buffer_is_filled_once() {
    for x in [0.2, 0.6, 0.95] {
        let p = [0.7, -0.4, 1.2, 0.3, x];
        let f = |p: &[f64]| buffers(&[p[0], p[1], p[2], p[3]], p[4]);
        let mut d_a = [0.0; 4];
        let (value, d_x) = buffers_grad(&[p[0], p[1], p[2], p[3]], &mut d_a, x, &mut Tape::new());
        common::assert_same(value, f(&p));
        check_gradient(&f, &p, &[d_a[0], d_a[1], d_a[2], d_a[3], d_x]);
    }
}

/// What is kept of a loop that runs once lies on the tape once: two numbers for each element.
#[test]
fn nothing_is_kept_twice() {
    let a = noise(5, 40);
    let mut tape = Tape::new();
    sum_beside_grad(&a, &mut [0.0; 40], 0.4, &mut tape);
    assert!(
        tape.high_water() <= 2 * 40 * size_of::<u64>() + 64,
        "{}",
        tape.high_water()
    );
}

/// Both are one loop, which two reverse loops would ask for what it keeps once.
#[differentiable(tape)]
fn twice_the_same(x: &[f64]) -> f64 {
    let a = x.iter().fold(0.7, |s, v| s * 0.5 + v * s);
    let b = x.iter().fold(0.7, |s, v| s * 0.5 + v * s);
    a.sin() * b
}

#[differentiable(tape)]
fn the_same_in_a_closure(x: &[f64], n: usize) -> f64 {
    let mut p = 0.5;
    let mut scale = |k: usize| {
        p *= x.iter().fold(0.7, |s, v| s + v * s).sin();
        x.iter().fold(0.7, |s, v| s + v * s) * k as f64
    };
    let sum = scale(n) + scale(2);
    0.5 + p * sum
}

/// The second of each two is in a branch, or a loop, behind the first.
#[differentiable(tape)]
fn the_same_inside(x: &[f64], n: usize) -> f64 {
    let mut p = 0.0;
    let mut a = 1.0;
    let mut i = 0;
    while i < x.len() {
        a *= (a + x[i]).cos();
        i += 1;
    }
    for k in 0..n {
        let mut b = 1.0;
        let mut i = 0;
        while i < x.len() {
            b *= (b + x[i]).cos();
            i += 1;
        }
        p += a * b * x[k].sin();
        if x[k] > 0.0 {
            let mut c = 1.0;
            for v in x {
                c = c * v + 0.5;
            }
            p *= c;
        } else {
            let mut c = 1.0;
            for v in x {
                c = c * v + 0.5;
            }
            p += c;
        }
    }
    p
}

#[test]
fn loops_that_are_the_same_are_one() {
    for n in 0..5 {
        let x = noise(3, n);
        check_slice(
            twice_the_same,
            |x, d| twice_the_same_grad(x, d, &mut Tape::new()),
            &x,
        );
        check_slice(
            |x| the_same_in_a_closure(x, n),
            |x, d| the_same_in_a_closure_grad(x, d, n, &mut Tape::new()),
            &x,
        );
        check_slice(
            |x| the_same_inside(x, n),
            |x, d| the_same_inside_grad(x, d, n, &mut Tape::new()),
            &x,
        );
    }
}
