//! Functions written by a user's own macros: names, types, literals and bodies come as fragments, with hygiene of their own.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use common::check_args;

macro_rules! named {
    ($f:ident) => {
        #[backprop::differentiable]
        fn $f(x: f64, n: usize) -> f64 {
            let mut s = 0.0;
            for i in 0..n {
                let x = x * i as f64;
                s += x.sin();
            }
            s
        }
    };
}

named!(only_the_name);

macro_rules! spelled {
    ($f:ident($($x:ident: $t:ty),*) -> $r:ty, $body:expr) => {
        #[backprop::differentiable]
        fn $f($($x: $t),*) -> $r {
            $body
        }
    };
}

spelled!(parameters(x: f64, y: f64) -> f64, (x * y).sin() + { let z = x * y; z * z });

macro_rules! constants {
    ($f:ident, $low:literal, $high:expr, $op:tt) => {
        #[backprop::differentiable]
        fn $f(x: f64, y: f64) -> f64 {
            let mut s = $low;
            for i in $low as usize..$high {
                s = s $op x * y + i as f64;
            }
            s * x
        }
    };
}

constants!(literals, 1.0, 2 + 2, -);

macro_rules! at_type {
    ($t:ty) => {
        spelled!(nested(x: $t, y: $t) -> $t, x.powi(2) * y + x / (1.0 + y * y));
    };
}

at_type!(f64);

/// A local of the macro and one of the user with the same name are two variables.
macro_rules! hygienic {
    ($f:ident, $x:ident, $user:expr) => {
        #[backprop::differentiable]
        fn $f(x: f64, y: f64) -> f64 {
            let $x = x * 2.0;
            let t = y * 3.0;
            let u = $user;
            t * u
        }
    };
}

const T: f64 = 2.0;

hygienic!(two_of_a_name, t, t * t * T);

const POINTS: &[[f64; 2]] = &[[1.3, 0.7], [-0.4, 2.1]];

#[test]
fn names_and_literals() {
    check_args(
        |[x]| only_the_name(x, 4),
        |[x]| only_the_name_grad(x, 4),
        &[[0.7]],
    );
    check_args(
        |[x, y]| literals(x, y),
        |[x, y]| literals_grad(x, y),
        POINTS,
    );
}

#[test]
fn parameters_and_types() {
    check_args(
        |[x, y]| parameters(x, y),
        |[x, y]| parameters_grad(x, y),
        POINTS,
    );
    check_args(|[x, y]| nested(x, y), |[x, y]| nested_grad(x, y), POINTS);
}

#[test]
fn variables_of_one_name_and_two_contexts() {
    check_args(
        |[x, y]| two_of_a_name(x, y),
        |[x, y]| two_of_a_name_grad(x, y),
        POINTS,
    );
}
