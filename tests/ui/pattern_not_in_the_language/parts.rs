use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Point(f64, f64, f64);

#[derive(Clone, Differentiable)]
enum Shape {
    Circle(f64),
    Rect(f64, f64),
}

#[differentiable]
fn rest_of_a_struct(p: Point) -> f64 {
    let Point(.., z) = p;
    z * z
}

#[differentiable]
fn made(x: f64) -> [f64; 4] {
    [x; 4]
}

#[differentiable]
fn rest_by_value(x: f64) -> f64 {
    let [first, rest @ ..] = made(x);
    first * rest[0]
}

#[differentiable]
fn by_ref(p: (f64, f64)) -> f64 {
    let (ref a, b) = p;
    *a * b
}

#[differentiable]
fn cases_inside_with_a_guard(p: (Shape, f64)) -> f64 {
    match p {
        (Shape::Circle(a) | Shape::Rect(a, _), b) if a > b => a * b,
        _ => 0.0,
    }
}

#[differentiable]
fn cases_written_through(x: f64) -> f64 {
    let mut s = Shape::Rect(x, x);
    match &mut s {
        Shape::Circle(a) | Shape::Rect(a, _) => *a *= x,
    }
    match s {
        Shape::Circle(a) => a,
        Shape::Rect(a, b) => a * b,
    }
}

macro_rules! one {
    () => {
        1
    };
}

#[differentiable]
fn hidden(x: f64, n: usize) -> f64 {
    match n {
        one!() => x,
        _ => x * x,
    }
}

#[differentiable]
fn borrowed_behind_a_condition(x: f64, n: usize) -> f64 {
    let mut list = [Some(x), None];
    if n > 0 && let Some(v) = &mut list[before(n)] {
        *v *= x;
    }
    list[0].unwrap_or(x)
}

#[differentiable]
fn before(n: usize) -> usize {
    n - 1
}

fn main() {}
