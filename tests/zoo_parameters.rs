//! Parameters that are patterns: taken apart where they come in, or ignored.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative};

#[differentiable(jvp)]
fn area((width, height): (f64, f64), _: f64) -> f64 {
    width * height * height
}

#[differentiable]
fn mixed(&[a, b]: &[f64; 2], [c, mut d]: [f64; 2], _: &[f64]) -> f64 {
    d += a;
    a * b.sin() * c * d
}

/// The name that the first one would get is taken.
#[differentiable]
fn taken([a, b]: &[f64; 2], a_b: f64) -> f64 {
    a * b * a_b.exp()
}

#[differentiable(jvp)]
fn both_sides(p @ [first, _]: [f64; 2], k: f64) -> f64 {
    first * k * p[1] * p[1]
}

#[derive(Differentiable, Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Differentiable, Clone, Copy)]
struct Meters(f64);

#[differentiable]
fn of_a_point(&Point { x, y: height }: &Point, Meters(far): Meters) -> f64 {
    x * height.cos() * far
}

#[differentiable]
fn moved(Point { x, y }: &mut Point, k: f64) {
    *x *= k;
    *y += *x * k;
}

#[differentiable]
fn parts([a, rest @ ..]: &mut [f64; 3], (k, (_, l)): (f64, (usize, f64))) -> f64 {
    *a += k * rest[0];
    rest[1] *= k;
    *a * rest[1] * l
}

trait Weighed {
    fn weight(&self, _: f64, at: (f64, f64)) -> f64;
}

#[differentiable]
impl Weighed for Point {
    fn weight(&self, _: f64, (a, b): (f64, f64)) -> f64 {
        self.x * a + self.y * b * b
    }
}

#[differentiable]
fn whole(x: &[f64; 4]) -> f64 {
    let point = Point { x: x[0], y: x[1] };
    let mut y = [x[1], x[2], x[3]];
    let sum = parts(&mut y, (x[0], (3, x[3])));
    area((x[0], x[1]), x[3])
        + mixed(&[x[2], x[3]], [x[0], x[1]], x) * sum
        + of_a_point(&point, Meters(x[2])) * y[0]
        + both_sides([x[0], x[3]], y[2])
}

const X: [f64; 4] = [0.7, -0.4, 1.3, 0.9];

#[test]
fn callers_see_one_argument() {
    let mut d_x = [0.0; 4];
    let value = whole_grad(&X, &mut d_x);
    assert_near(value, whole(&X), 1e-14);
    for k in 0..4 {
        check_derivative(&format!("x[{k}]"), d_x[k], |h| {
            let mut moved = X;
            moved[k] += h;
            whole(&moved)
        });
    }
}

#[test]
fn gradients_have_the_shape_of_the_argument() {
    let (value, (d_width, d_height), d_ignored) = area_grad((3.0, 2.0), 5.0);
    assert_eq!(
        (value, d_width, d_height, d_ignored),
        (12.0, 4.0, 12.0, 0.0)
    );

    let (mut d_ab, mut d_rest) = ([0.0; 2], [0.0; 1]);
    let (_, d_cd) = mixed_grad(&[0.5, 0.3], &mut d_ab, [1.5, 0.25], &[7.0], &mut d_rest);
    let sin = 0.3f64.sin();
    assert_near(d_ab[0], sin * 1.5 * (0.75 + 0.5), 1e-15);
    assert_near(d_ab[1], 0.5 * 0.3f64.cos() * 1.5 * 0.75, 1e-15);
    assert_near(d_cd[0], 0.5 * sin * 0.75, 1e-15);
    assert_near(d_cd[1], 0.5 * sin * 1.5, 1e-15);
    assert_eq!(d_rest, [0.0]);

    let mut d_ab = [0.0; 2];
    let (value, d_factor) = taken_grad(&[2.0, 3.0], &mut d_ab, 0.0);
    assert_eq!((value, d_ab, d_factor), (6.0, [3.0, 2.0], 6.0));

    let (value, d_p, d_k) = both_sides_grad([2.0, 3.0], 0.5);
    assert_eq!((value, d_p, d_k), (9.0, [4.5, 6.0], 18.0));

    let mut d_point = Point { x: 0.0, y: 0.0 };
    let point = Point { x: 2.0, y: 0.0 };
    let (value, Meters(d_far)) = of_a_point_grad(&point, &mut d_point, Meters(5.0));
    assert_eq!((value, d_point.x, d_point.y, d_far), (10.0, 5.0, 0.0, 2.0));
}

#[test]
fn what_is_taken_apart_may_be_updated() {
    let mut point = Point { x: 2.0, y: 1.0 };
    let mut d_point = Point { x: 1.0, y: 10.0 };
    let d_k = moved_vjp(&mut point, &mut d_point, 3.0);
    assert_eq!((point.x, point.y), (6.0, 19.0));
    // y + x k², and x k.
    assert_eq!((d_point.x, d_point.y, d_k), (93.0, 10.0, 122.0));
}

#[test]
fn methods_of_traits_ignore_parameters() {
    let point = Point { x: 2.0, y: 3.0 };
    let mut d_point = Point { x: 0.0, y: 0.0 };
    let (value, d_ignored, d_at) = point.weight_grad(&mut d_point, 9.0, (5.0, 0.5));
    assert_near(value, point.weight(9.0, (5.0, 0.5)), 0.0);
    assert_eq!((d_point.x, d_point.y), (5.0, 0.25));
    assert_eq!((d_ignored, d_at), (0.0, (2.0, 3.0)));
}

#[test]
fn tangents_are_taken_apart_too() {
    let (value, tangent) = area_jvp((3.0, 2.0), (1.0, 10.0), 5.0, 100.0);
    assert_eq!((value, tangent), (12.0, 4.0 + 120.0));
    let (value, tangent) = both_sides_jvp([2.0, 3.0], [1.0, 0.0], 0.5, 0.0);
    assert_eq!((value, tangent), (9.0, 4.5));
}
