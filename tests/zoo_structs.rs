//! Structs that derive `Differentiable`: nested, by value, by reference, returned, taken apart, updated; tuple structs, generic structs.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::check_gradient;

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Segment {
    from: Point,
    to: Point,
    weights: [f64; 2],
    id: usize,
}

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Pair(f64, Point);

fn segment(v: &[f64]) -> Segment {
    Segment {
        from: Point { x: v[0], y: v[1] },
        to: Point { x: v[2], y: v[3] },
        weights: [v[4], v[5]],
        id: 3,
    }
}

fn flat(s: &Segment) -> [f64; 6] {
    [
        s.from.x,
        s.from.y,
        s.to.x,
        s.to.y,
        s.weights[0],
        s.weights[1],
    ]
}

const V: [f64; 6] = [0.3, -0.8, 1.7, 2.2, 0.5, -1.5];

#[differentiable]
fn by_value(p: Point, k: f64) -> f64 {
    p.x * p.y * k + p.x.sin()
}

#[differentiable]
fn by_reference(s: &Segment) -> f64 {
    let dx = s.to.x - s.from.x;
    let dy = s.to.y - s.from.y;
    (dx * dx + dy * dy).sqrt() * s.weights[0] + s.weights[1] * s.id as f64 * s.from.x
}

#[differentiable]
fn named_parts(s: &Segment) -> f64 {
    let a = &s.from;
    let b = s.to;
    let w = &s.weights;
    a.x * b.y * w[0] - a.y * b.x * w[1]
}

#[test]
fn parameters() {
    let (value, d_p, d_k) = by_value_grad(Point { x: 0.4, y: 2.0 }, 1.5);
    assert_eq!(value, by_value(Point { x: 0.4, y: 2.0 }, 1.5));
    check_gradient(
        |v| by_value(Point { x: v[0], y: v[1] }, v[2]),
        &[0.4, 2.0, 1.5],
        &[d_p.x, d_p.y, d_k],
    );
    for (f, grad) in [
        (
            by_reference as fn(&Segment) -> f64,
            by_reference_grad as fn(&Segment, &mut Segment) -> f64,
        ),
        (named_parts, named_parts_grad),
    ] {
        let s = segment(&V);
        let mut d = segment(&[1.0; 6]);
        grad(&s, &mut d);
        let got: Vec<f64> = flat(&d).iter().map(|d| d - 1.0).collect();
        check_gradient(|v| f(&segment(v)), &V, &got);
        // What is not a float is ignored.
        assert_eq!(d.id, 3);
    }
}

#[differentiable]
fn literals(x: f64, y: f64) -> f64 {
    let p = Point { x: x * y, y };
    let q = Point { x, ..p };
    let s = Segment {
        from: p,
        to: q,
        weights: [x, y],
        id: 2,
    };
    s.from.x * s.to.y + s.weights[1] * s.to.x * s.id as f64
}

#[differentiable]
fn taken_apart(x: f64, y: f64) -> f64 {
    let Pair(a, Point { x: b, y: c }) = Pair(x * x, Point { x: y, y: x });
    let Point { x: d, .. } = Point { x: a * b, y: c };
    d * c + a
}

#[differentiable]
fn updated(x: f64, y: f64) -> f64 {
    let mut s = Segment {
        from: Point { x, y },
        to: Point { x: y, y: x },
        weights: [0.0; 2],
        id: 0,
    };
    s.from.x *= y;
    s.weights[0] = s.from.x * s.to.x;
    s.id += 2;
    s.to = Point {
        x: s.weights[0],
        y: s.to.y * x,
    };
    for i in 0..3 {
        s.from.y += s.to.x * i as f64;
        s.weights[i % 2] = s.from.y * s.weights[1 - i % 2] + x;
    }
    s.weights[0] * s.to.y + s.from.y * s.id as f64 + s.weights[1]
}

#[differentiable]
fn chosen(x: f64, y: f64) -> f64 {
    let p = if x > y {
        Point { x, y: x * y }
    } else {
        Point { x: y * y, y: x }
    };
    let mut q = p;
    if p.x > 1.0 {
        q.x = p.y;
    }
    q.x * p.y + q.y
}

#[differentiable]
fn array_of_structs(x: f64, y: f64) -> f64 {
    let mut ps = [Point { x, y }, Point { x: y, y: x * x }];
    ps[1].x = ps[0].x * ps[0].y;
    let k = (x > 0.0) as usize;
    ps[k].y *= ps[1].x;
    ps[0].x + ps[0].y * ps[1].y - ps[1].x
}

#[test]
fn locals() {
    let points = [[1.3, 0.7], [-0.4, 2.1], [0.5, -0.6]];
    common::check_args(
        |[x, y]| literals(x, y),
        |[x, y]| literals_grad(x, y),
        &points,
    );
    common::check_args(
        |[x, y]| taken_apart(x, y),
        |[x, y]| taken_apart_grad(x, y),
        &points,
    );
    common::check_args(|[x, y]| updated(x, y), |[x, y]| updated_grad(x, y), &points);
    common::check_args(|[x, y]| chosen(x, y), |[x, y]| chosen_grad(x, y), &points);
    common::check_args(
        |[x, y]| array_of_structs(x, y),
        |[x, y]| array_of_structs_grad(x, y),
        &points,
    );
}

#[differentiable]
fn returned(x: f64, y: f64) -> Point {
    Point {
        x: x * y,
        y: x.sin() + y,
    }
}

#[differentiable]
fn returned_nested(p: Point, w: &[f64; 2]) -> Segment {
    let q = Point {
        x: p.y,
        y: p.x * w[0],
    };
    if p.x < 0.0 {
        return Segment {
            from: q,
            to: q,
            weights: *w,
            id: 0,
        };
    }
    Segment {
        from: p,
        to: q,
        weights: [w[1] * p.x, w[0]],
        id: 1,
    }
}

#[differentiable]
fn returned_tuple(x: f64, n: usize, y: f64) -> (f64, usize, [f64; 2]) {
    (x * y, n + 1, [x.exp(), y])
}

#[test]
fn results() {
    let (value, d_x, d_y) = returned_vjp(1.5, 0.4, Point { x: 2.0, y: -3.0 });
    assert_eq!(value, returned(1.5, 0.4));
    let f = |v: &[f64]| {
        let p = returned(v[0], v[1]);
        2.0 * p.x - 3.0 * p.y
    };
    check_gradient(f, &[1.5, 0.4], &[d_x, d_y]);

    let seed = [1.0, -2.0, 0.5, 3.0, -1.0, 2.0];
    for x in [0.7, -0.7] {
        let mut d_w = [0.0; 2];
        let (_, d_p) =
            returned_nested_vjp(Point { x, y: 0.2 }, &[1.1, 1.3], &mut d_w, segment(&seed));
        let f = |v: &[f64]| {
            common::dot(
                &flat(&returned_nested(Point { x: v[0], y: v[1] }, &[v[2], v[3]])),
                &seed,
            )
        };
        check_gradient(f, &[x, 0.2, 1.1, 1.3], &[d_p.x, d_p.y, d_w[0], d_w[1]]);
    }

    let (value, d_x, d_y) = returned_tuple_vjp(0.5, 7, 2.0, (3.0, 0, [10.0, 100.0]));
    assert_eq!(value, (1.0, 8, [0.5_f64.exp(), 2.0]));
    check_gradient(
        |v| {
            let t = returned_tuple(v[0], 7, v[1]);
            3.0 * t.0 + 10.0 * t.2[0] + 100.0 * t.2[1]
        },
        &[0.5, 2.0],
        &[d_x, d_y],
    );
}

#[derive(Differentiable, Clone, Debug, PartialEq)]
struct Layer<T: Real, const N: usize> {
    w: [[T; N]; N],
    b: [T; N],
    #[nodiff]
    scale: T,
    name: &'static str,
}

#[differentiable]
fn forward<T: Real, const N: usize>(layer: &Layer<T, N>, x: &[T; N]) -> T {
    let mut s = T::from_f64(0.0);
    for i in 0..N {
        let mut a = layer.b[i];
        for j in 0..N {
            a += layer.w[i][j] * x[j];
        }
        s += a.tanh() * stop_gradient(layer.scale);
    }
    s
}

#[test]
fn generic_structs() {
    let layer = |v: &[f64]| Layer {
        w: [[v[0], v[1]], [v[2], v[3]]],
        b: [v[4], v[5]],
        scale: 2.0,
        name: "hidden",
    };
    let (mut d, mut d_x) = (layer(&[0.0; 6]), [0.0; 2]);
    forward_grad(&layer(&V), &mut d, &[0.5, -0.25], &mut d_x);
    let got = [d.w[0][0], d.w[0][1], d.w[1][0], d.w[1][1], d.b[0], d.b[1]];
    check_gradient(|v| forward(&layer(v), &[0.5, -0.25]), &V, &got);
    check_gradient(|x| forward(&layer(&V), &[x[0], x[1]]), &[0.5, -0.25], &d_x);
    assert_eq!((d.scale, d.name), (2.0, "hidden"));

    let single = Layer {
        w: [[0.5_f32]],
        b: [0.25],
        scale: 1.0,
        name: "",
    };
    let mut d = Layer {
        w: [[0.0_f32]],
        b: [0.0],
        scale: 1.0,
        name: "",
    };
    forward_grad(&single, &mut d, &[1.0], &mut [0.0]);
    assert!((d.b[0] - (1.0 - 0.75_f32.tanh().powi(2))).abs() < 1e-6);
}

#[derive(Differentiable, Clone, Debug)]
struct Model {
    layers: Vec<[f64; 2]>,
    bias: Box<f64>,
}

#[differentiable]
fn heap(m: &Model, x: f64) -> f64 {
    let mut s = *m.bias;
    for i in 0..m.layers.len() {
        s += m.layers[i][0] * x + m.layers[i][1] * m.layers[i][0];
    }
    s * s
}

#[test]
fn vectors_inside_structs() {
    let model = |v: &[f64]| Model {
        layers: vec![[v[0], v[1]], [v[2], v[3]]],
        bias: Box::new(v[4]),
    };
    let mut d = model(&[0.0; 5]);
    let (_, d_x) = heap_grad(&model(&V), &mut d, 0.7);
    let got = [
        d.layers[0][0],
        d.layers[0][1],
        d.layers[1][0],
        d.layers[1][1],
        *d.bias,
    ];
    check_gradient(|v| heap(&model(v), 0.7), &V[..5], &got);
    check_gradient(|x| heap(&model(&V), x[0]), &[0.7], &[d_x]);
}
