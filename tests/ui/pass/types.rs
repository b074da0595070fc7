//! Integers and types of the user where nothing but their fields is differentiated.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Grid {
    #[nodiff]
    n: usize,
    h: f64,
}

#[differentiable]
fn integer_of_a_field(g: &Grid, x: f64) -> f64 {
    let m = g.n * 2 + 1;
    x * m as f64 * g.h
}

fn count(x: usize) -> usize {
    x
}

#[differentiable]
fn integer_of_a_call(x: f64, n: usize) -> f64 {
    let m = count(n) * 2;
    x * m as f64
}

struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn point(x: f64) -> Point {
    Point { x, y: x * x }
}

#[differentiable]
fn assigned_later(x: f64, n: usize) -> f64 {
    let p;
    if n > 2 {
        p = Point { x, y: 1.0 };
    } else {
        p = Point { x: 2.0 * x, y: x };
    }
    p.x * p.y
}

fn main() {
    let g = Grid { n: 2, h: 0.5 };
    let mut d_g = Grid { n: 2, h: 0.0 };
    assert_eq!(integer_of_a_field_grad(&g, &mut d_g, 3.0), (7.5, 2.5));
    assert_eq!(d_g.h, 15.0);
    assert_eq!(integer_of_a_call_grad(3.0, 2), (12.0, 4.0));
    let (value, d_x) = point_vjp(3.0, Point { x: 1.0, y: 10.0 });
    assert_eq!((value.x, value.y, d_x), (3.0, 9.0, 61.0));
    assert_eq!(assigned_later_grad(3.0, 0), (18.0, 12.0));
}
