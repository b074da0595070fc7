//! What a function prints it prints once, where it runs: in `f_grad`, and where its callers' gradients call it.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use std::cell::Cell;
use std::fmt;

use backprop::prelude::*;
use common::{check_args, check_derivative, check_gradient};

thread_local! {
    static PRINTED: Cell<usize> = const { Cell::new(0) };
}

/// Prints as nothing, and is counted.
struct Counted(f64);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PRINTED.set(PRINTED.get() + 1);
        write!(f, "{:.0}", self.0 * 0.0)
    }
}

/// How often something is printed meanwhile.
fn printed<R>(f: impl FnOnce() -> R) -> (R, usize) {
    PRINTED.set(0);
    let r = f();
    (r, PRINTED.get())
}

#[differentiable(jvp)]
fn square(x: f64) -> f64 {
    let y = x * x;
    print!("{}", Counted(y));
    y + x
}

#[test]
fn alone() {
    let ((value, d), n) = printed(|| square_grad(3.0));
    assert_eq!((value, d, n), (12.0, 7.0, 1));
    assert_eq!(printed(|| square_vjp(3.0, 2.0)), ((12.0, 14.0), 1));
    assert_eq!(printed(|| square_jvp(3.0, 2.0)), ((12.0, 14.0), 1));
}

#[differentiable(jvp)]
fn twice(x: f64) -> f64 {
    let y = square(x);
    square(y.sin()) * y
}

/// Some of the sweeps run after the calls, some with them.
#[test]
fn from_a_caller() {
    let ((_, d), n) = printed(|| twice_grad(0.7));
    assert_eq!(n, 2);
    assert_eq!(printed(|| twice_jvp(0.7, 1.0)).1, 2);
    check_derivative("twice", d, |h| twice(0.7 + h));
}

#[differentiable]
fn sum(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate() {
        let t = square(*v);
        eprint!("{}", Counted(t));
        s += t.sin() * i as f64;
    }
    s
}

#[test]
fn in_a_loop() {
    let x = [0.1, 0.2, 0.3, 0.4];
    let mut d = [0.0; 4];
    let (_, n) = printed(|| sum_grad(&x, &mut d));
    assert_eq!(n, 8);
    check_gradient(sum, &x, &d);
}

/// What the reverse sweep runs again does not print again.
#[differentiable(tape)]
fn steps(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        for _ in 0..2 {
            y = y.sin() + x * y;
            print!("{}", Counted(y));
        }
    }
    y
}

#[test]
fn in_loops_that_run_again() {
    let ((_, d), n) = printed(|| steps_grad(0.6, 3, &mut Tape::new()));
    assert_eq!(n, 6);
    check_derivative("steps", d, |h| steps(0.6 + h, 3));
}

#[differentiable(tape)]
fn in_place(y: &mut [f64], a: f64) {
    for v in y.iter_mut() {
        *v = (*v * a).cos();
        print!("{}", Counted(*v));
    }
}

#[differentiable(tape)]
fn then_in_place(x: &[f64], a: f64) -> f64 {
    let mut y = x.to_vec();
    in_place(&mut y, a);
    let mut s = 0.0;
    for v in &y {
        s += v * v;
    }
    s * y[0]
}

/// The sweep begins with what the call found, and runs the function once more.
#[test]
fn from_a_caller_in_place() {
    let x = [0.1, 0.2, 0.3];
    let mut d = [0.0; 3];
    let ((_, d_a), n) = printed(|| then_in_place_grad(&x, &mut d, 0.8, &mut Tape::new()));
    assert_eq!(n, 3);
    check_gradient(|x| then_in_place(x, 0.8), &x, &d);
    check_derivative("a", d_a, |h| then_in_place(&x, 0.8 + h));
}

#[differentiable]
fn recursive(x: f64, depth: usize) -> f64 {
    println!("{}{depth:>width$}", Counted(x), width = 3);
    if depth == 0 {
        return x * x;
    }
    recursive(x.sin() + 0.1, depth - 1) * x
}

#[test]
fn in_a_recursion() {
    let ((_, d), n) = printed(|| recursive_grad(0.4, 4));
    assert_eq!(n, 5);
    check_derivative("recursive", d, |h| recursive(0.4 + h, 4));
}

/// Names in the text are the function's variables: where they have changed since, too.
#[differentiable]
fn captured(x: f64, y: f64) -> f64 {
    let width = 6;
    let mut s = x * y;
    eprintln!("{s:width$.2} {x} {{y}}");
    s *= x;
    if s > 0.0 {
        eprintln!("{s} of {0:?}", (x, y));
    }
    s + y
}

#[test]
fn names_in_the_text() {
    check_args(
        |[x, y]| captured(x, y),
        |[x, y]| captured_grad(x, y),
        &[[0.3, 0.5], [-0.4, 0.9]],
    );
}
