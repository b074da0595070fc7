//! Enums with payloads: as parameters, by value and by reference; in methods, slices and structs; made in the body; carried through loops;
//! handed to callees and returned. The adjoint has the variant of its value.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_derivative};

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle { r: f64 },
    Rect(f64, f64),
    Nothing,
}

/// The numbers in a shape, to be moved by finite differences.
fn numbers(s: &Shape) -> Vec<f64> {
    match s {
        Shape::Circle { r } => vec![*r],
        Shape::Rect(w, h) => vec![*w, *h],
        Shape::Nothing => vec![],
    }
}

fn moved(s: &Shape, k: usize, h: f64) -> Shape {
    match *s {
        Shape::Circle { r } => Shape::Circle { r: r + h },
        Shape::Rect(a, b) if k == 0 => Shape::Rect(a + h, b),
        Shape::Rect(a, b) => Shape::Rect(a, b + h),
        Shape::Nothing => Shape::Nothing,
    }
}

const SHAPES: [Shape; 5] = [
    Shape::Circle { r: 1.5 },
    Shape::Rect(0.7, 2.0),
    Shape::Nothing,
    Shape::Circle { r: 0.3 },
    Shape::Rect(3.0, 0.2),
];

/// Checks what a gradient says of a shape and of a number.
#[track_caller]
fn check_shape(f: impl Fn(Shape, f64) -> f64, grad: impl Fn(Shape, f64) -> (f64, Shape, f64)) {
    for s in SHAPES {
        for x in [1.2, -0.6, 2.7] {
            let (value, d_s, d_x) = grad(s, x);
            common::assert_same(value, f(s, x));
            check_derivative("x", d_x, |h| f(s, x + h));
            let d_s_numbers = numbers(&d_s);
            assert_eq!(d_s_numbers.len(), numbers(&s).len(), "{s:?} and {d_s:?}");
            for (k, d) in d_s_numbers.iter().enumerate() {
                check_derivative(&format!("{k} of {s:?} at {x}"), *d, |h| {
                    f(moved(&s, k, h), x)
                });
            }
        }
    }
}

#[differentiable]
fn area(s: &Shape, x: f64) -> f64 {
    match s {
        Shape::Circle { r } => 3.0 * r * r * x,
        Shape::Rect(w, h) => w * h + x.sin() * *w,
        Shape::Nothing => x * x,
    }
}

#[differentiable]
fn by_value(s: Shape, x: f64) -> f64 {
    match s {
        Shape::Circle { r: radius } if radius > 1.0 => radius * radius * x,
        Shape::Circle { r } => r.exp() * x,
        Shape::Rect(a, b) | Shape::Rect(b, a) if a > b => a * a * b + x,
        Shape::Rect(a, _) => a * x * x,
        _ => x.cos(),
    }
}

#[differentiable]
fn dereferenced(s: &Shape, x: f64) -> f64 {
    let size = match *s {
        Shape::Circle { r } => r,
        Shape::Rect(w, h) => w * h,
        Shape::Nothing => 1.0,
    };
    let more = if let Shape::Rect(_, h) = s { h * x } else { x };
    let Shape::Circle { r } = s else {
        return size * more;
    };
    size * size * more + r * x
}

fn with_reference(
    grad: impl Fn(&Shape, &mut Shape, f64) -> (f64, f64),
) -> impl Fn(Shape, f64) -> (f64, Shape, f64) {
    move |s, x| {
        let mut d = s.zeros_like();
        let (value, d_x) = grad(&s, &mut d, x);
        (value, d, d_x)
    }
}

#[test]
fn parameters() {
    check_shape(|s, x| area(&s, x), with_reference(area_grad));
    check_shape(by_value, by_value_grad);
    check_shape(
        |s, x| dereferenced(&s, x),
        with_reference(dereferenced_grad),
    );
}

impl Shape {
    #[differentiable]
    fn size(&self) -> f64 {
        match self {
            Self::Circle { r } => r * r,
            Self::Rect(w, h) => w * h,
            Self::Nothing => 0.0,
        }
    }

    #[differentiable]
    fn scaled(&self, x: f64) -> Shape {
        match *self {
            Self::Circle { r } => Self::Circle { r: r * x },
            Self::Rect(w, h) => Self::Rect(w * x, h + x),
            Self::Nothing => Self::Circle { r: x * x },
        }
    }
}

#[differentiable]
fn through_methods(s: &Shape, x: f64) -> f64 {
    let t = s.scaled(x);
    let u = if x > 1.0 { t.scaled(x * x) } else { t };
    u.size() * x
        + s.size()
        + match u {
            Shape::Circle { r } => r,
            Shape::Rect(a, b) => a - b,
            Shape::Nothing => 1.0,
        }
}

#[differentiable]
fn made(x: f64, y: f64) -> f64 {
    let s = if x > y {
        Shape::Circle { r: x * y }
    } else if x > 0.0 {
        Shape::Rect(x, y.sin())
    } else {
        Shape::Nothing
    };
    let extra = match s {
        Shape::Rect(w, h) if w > 0.5 => w * h,
        Shape::Circle { r } | Shape::Rect(r, _) => r * r,
        Shape::Nothing => y,
    };
    s.size() + extra * area(&s, x) + by_value(s, y)
}

#[differentiable]
fn returned(x: f64, y: f64) -> Shape {
    if x > y {
        return Shape::Rect(x * y, y);
    }
    Shape::Circle { r: x * x }
}

#[test]
fn made_and_handed_on() {
    check_shape(
        |s, x| through_methods(&s, x),
        with_reference(through_methods_grad),
    );
    check_args(
        |[x, y]| made(x, y),
        |[x, y]| made_grad(x, y),
        &[[1.5, 0.7], [0.3, 0.8], [0.8, 1.9], [-1.0, 0.5], [2.0, 1.9]],
    );
    let (value, d_x, d_y) = returned_vjp(3.0, 2.0, Shape::Rect(1.0, 10.0));
    assert_eq!((value, d_x, d_y), (Shape::Rect(6.0, 2.0), 2.0, 13.0));
    let (value, d_x, d_y) = returned_vjp(3.0, 4.0, Shape::Circle { r: 2.0 });
    assert_eq!((value, d_x, d_y), (Shape::Circle { r: 9.0 }, 12.0, 0.0));
}

#[differentiable]
fn total(shapes: &[Shape], x: f64) -> f64 {
    let mut s = 0.0;
    for shape in shapes {
        let v = match shape {
            Shape::Circle { r } => r * r * x,
            Shape::Rect(w, h) => w * h.sin(),
            Shape::Nothing => continue,
        };
        s += v;
    }
    for i in 0..shapes.len() {
        if let Shape::Rect(w, _) = shapes[i] {
            s += w * x;
        }
        s += area(&shapes[i], x);
    }
    s + shapes.iter().map(|s| s.size()).sum::<f64>()
}

#[test]
fn slices() {
    let mut d: Vec<Shape> = SHAPES.iter().map(|s| s.zeros_like()).collect();
    let (value, d_x) = total_grad(&SHAPES, &mut d, 1.3);
    common::assert_near(value, total(&SHAPES, 1.3), 1e-14);
    check_derivative("x", d_x, |h| total(&SHAPES, 1.3 + h));
    for i in 0..SHAPES.len() {
        for (k, d) in numbers(&d[i]).iter().enumerate() {
            check_derivative(&format!("{k} of {i}"), *d, |h| {
                let mut shapes = SHAPES;
                shapes[i] = moved(&shapes[i], k, h);
                total(&shapes, 1.3)
            });
        }
    }
    assert_eq!(total_grad(&[], &mut [], 1.3).1, 0.0);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Body {
    shape: Shape,
    mass: f64,
    tint: Option<[f64; 2]>,
}

#[differentiable]
fn of_a_field(b: &Body, x: f64) -> f64 {
    let tint = match b.tint {
        Some([u, v]) => u * v,
        None => x,
    };
    match b.shape {
        Shape::Circle { r } => r * b.mass * tint,
        Shape::Rect(w, h) => w * h * x + tint,
        Shape::Nothing => b.mass,
    }
}

#[differentiable]
fn replaced(b: Body, x: f64) -> f64 {
    let mut b = b;
    let before = of_a_field(&b, x);
    if x > 1.0 {
        b.shape = Shape::Circle { r: x * b.mass };
    }
    b.mass = b.mass * b.shape.size();
    before + of_a_field(&b, x * x)
}

#[test]
fn fields() {
    for shape in SHAPES {
        for tint in [None, Some([0.4, 1.7])] {
            for x in [0.6, 1.4] {
                let b = Body {
                    shape,
                    mass: 1.3,
                    tint,
                };
                let all = |f: &dyn Fn(Body, f64) -> f64, d: Body, d_x: f64| {
                    check_derivative("x", d_x, |h| f(b, x + h));
                    check_derivative("mass", d.mass, |h| {
                        f(
                            Body {
                                mass: b.mass + h,
                                ..b
                            },
                            x,
                        )
                    });
                    for (k, d) in numbers(&d.shape).iter().enumerate() {
                        check_derivative("shape", *d, |h| {
                            f(
                                Body {
                                    shape: moved(&shape, k, h),
                                    ..b
                                },
                                x,
                            )
                        });
                    }
                    assert_eq!(numbers(&d.shape).len(), numbers(&shape).len());
                    for (k, d) in d.tint.iter().flatten().enumerate() {
                        check_derivative("tint", *d, |h| {
                            let mut b = b;
                            b.tint.as_mut().unwrap()[k] += h;
                            f(b, x)
                        });
                    }
                };
                let mut d = b.zeros_like();
                let (_, d_x) = of_a_field_grad(&b, &mut d, x);
                all(&|b, x| of_a_field(&b, x), d, d_x);
                let (_, d, d_x) = replaced_grad(b, x);
                all(&replaced, d, d_x);
            }
        }
    }
}

#[differentiable]
fn states(x: f64, y: f64) -> f64 {
    let mut s = Shape::Circle { r: x };
    for k in 0..5 {
        s = match s {
            Shape::Circle { r } if r > 2.0 => Shape::Rect(r, y),
            Shape::Circle { r } => Shape::Circle { r: r * 1.5 + y * r },
            Shape::Rect(a, b) if k == 4 => Shape::Rect(a * b, a),
            Shape::Rect(a, b) => Shape::Circle { r: a * b * 0.3 },
            Shape::Nothing => Shape::Nothing,
        };
    }
    s.size()
}

#[differentiable]
fn states_by_calls(x: f64, y: f64) -> f64 {
    let mut s = Shape::Nothing;
    for _ in 0..3 {
        s = s.scaled(x + y);
        if let Shape::Circle { r } = s
            && r > 2.0
        {
            s = Shape::Rect(r, x);
        }
    }
    s.size()
}

#[test]
fn carried() {
    let points = [[1.1, 0.7], [0.4, 0.3], [1.9, -0.2], [2.5, 1.1]];
    check_args(|[x, y]| states(x, y), |[x, y]| states_grad(x, y), &points);
    check_args(
        |[x, y]| states_by_calls(x, y),
        |[x, y]| states_by_calls_grad(x, y),
        &points,
    );
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Curve {
    Polynomial(Vec<f64>),
    Table {
        xs: Vec<f64>,
        #[nodiff]
        bins: usize,
    },
    Both(Box<[f64; 2]>, Shape),
}

#[differentiable]
fn value_at(c: &Curve, x: f64) -> f64 {
    match c {
        Curve::Polynomial(a) => {
            let mut s = 0.0;
            for i in (0..a.len()).rev() {
                s = s + a[i] * x.powi(i as i32);
            }
            s + a.iter().map(|a| a * a).sum::<f64>()
        }
        Curve::Table { xs, bins } => {
            let k = *bins;
            xs[k] * x + lookup(xs, x)
        }
        Curve::Both(pair, Shape::Rect(w, h)) => pair[0] * w + pair[1] * h * x,
        Curve::Both(pair, other) => pair[0] * other.size(),
    }
}

#[differentiable]
fn lookup(xs: &[f64], x: f64) -> f64 {
    xs[0] * xs[1] * x
}

#[test]
fn lists_inside() {
    let c = Curve::Polynomial(vec![1.0, 2.0, 3.0]);
    let mut d = c.zeros_like();
    let (_, d_x) = value_at_grad(&c, &mut d, 2.0);
    assert_eq!((d, d_x), (Curve::Polynomial(vec![3.0, 6.0, 10.0]), 14.0));
    let c = Curve::Table {
        xs: vec![1.0, 2.0, 3.0],
        bins: 2,
    };
    let mut d = c.zeros_like();
    let (_, d_x) = value_at_grad(&c, &mut d, 2.0);
    assert_eq!(
        (d, d_x),
        (
            Curve::Table {
                xs: vec![4.0, 2.0, 2.0],
                bins: 2
            },
            5.0
        )
    );
    let c = Curve::Both(Box::new([1.0, 2.0]), Shape::Rect(3.0, 4.0));
    let mut d = c.zeros_like();
    value_at_grad(&c, &mut d, 2.0);
    assert_eq!(d, Curve::Both(Box::new([3.0, 8.0]), Shape::Rect(1.0, 4.0)));
    let c = Curve::Both(Box::new([1.0, 2.0]), Shape::Circle { r: 3.0 });
    let mut d = c.zeros_like();
    value_at_grad(&c, &mut d, 2.0);
    assert_eq!(
        d,
        Curve::Both(Box::new([9.0, 0.0]), Shape::Circle { r: 6.0 })
    );
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Node<T> {
    Leaf(T),
    Pair(T, T),
}

mod deep {
    use backprop::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    pub(crate) enum Deep {
        One(f64),
        Two { a: f64, b: f64 },
    }
}

#[differentiable]
fn generic<T: Real>(n: Node<T>, x: T) -> T {
    match n {
        Node::Leaf(v) => v * v * x,
        Node::Pair(a, b) => a * b + x,
    }
}

#[differentiable]
fn imported(x: f64, y: f64) -> f64 {
    use deep::Deep::{self, *};
    let d = if x > y {
        One(x * y)
    } else {
        Two { a: x, b: y }
    };
    let e: Deep = match d {
        One(v) => Two { a: v, b: x },
        Two { a, .. } => One(a * y),
    };
    match (d, e) {
        (One(u), Two { b, .. }) => u * b,
        (Two { a, b }, One(v)) => a * b * v,
        _ => 0.0,
    }
}

#[test]
fn other_paths() {
    assert_eq!(
        generic_grad(Node::Leaf(3.0), 2.0),
        (18.0, Node::Leaf(12.0), 9.0)
    );
    assert_eq!(
        generic_grad(Node::Pair(3.0f32, 2.0), 2.0),
        (8.0, Node::Pair(2.0, 3.0), 1.0)
    );
    check_args(
        |[x, y]| imported(x, y),
        |[x, y]| imported_grad(x, y),
        &[[1.5, 0.7], [0.3, 0.8]],
    );
}
