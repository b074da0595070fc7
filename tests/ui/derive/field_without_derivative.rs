use backprop::prelude::*;

use std::cell::Cell;

#[derive(Clone)]
struct Inner {
    x: f64,
}

#[derive(Clone, Differentiable)]
struct Outer {
    inner: Inner,
    w: f64,
}

#[derive(Clone, Differentiable)]
struct Changing {
    cell: Cell<f64>,
}

fn main() {}
