//! Options and enums in longer programs: overwritten while names of their parts live, in arrays and slices, in closures and loops, with
//! tapes, as settings that have no derivative.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    unused_assignments,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;
use backprop::prelude::*;
use common::{check_args, check_derivative, check_slice};
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle { r: f64 },
    Rect(f64, f64),
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Fast,
    Slow(usize),
    Scaled { by: f64 },
}

#[differentiable]
fn overwritten_while_named(mut s: Shape, x: f64) -> f64 {
    let mut t = 0.0;
    match s {
        Shape::Circle { r } => {
            s = Shape::Rect(r * x, r);
            t += r * r;
        }
        Shape::Rect(a, b) => {
            s = Shape::Rect(b, a * x);
            t += a * b;
            s = Shape::Circle { r: a + b };
        }
        Shape::Nothing => {}
    }
    if let Shape::Rect(a, b) = s {
        t += a * b * x;
    }
    if let Shape::Circle { r } = s {
        t += r * r * x;
    }
    t
}
#[test]
fn a_name_outlives_what_it_was_taken_from() {
    let (v, d, dx) = overwritten_while_named_grad(Shape::Circle { r: 1.3 }, 0.7);
    assert_eq!(v, overwritten_while_named(Shape::Circle { r: 1.3 }, 0.7));
    check_derivative("x", dx, |h| {
        overwritten_while_named(Shape::Circle { r: 1.3 }, 0.7 + h)
    });
    let Shape::Circle { r } = d else { panic!() };
    check_derivative("r", r, |h| {
        overwritten_while_named(Shape::Circle { r: 1.3 + h }, 0.7)
    });
    let (_, d, dx) = overwritten_while_named_grad(Shape::Rect(1.3, 0.4), 0.7);
    check_derivative("x", dx, |h| {
        overwritten_while_named(Shape::Rect(1.3, 0.4), 0.7 + h)
    });
    let Shape::Rect(a, b) = d else { panic!() };
    check_derivative("a", a, |h| {
        overwritten_while_named(Shape::Rect(1.3 + h, 0.4), 0.7)
    });
    check_derivative("b", b, |h| {
        overwritten_while_named(Shape::Rect(1.3, 0.4 + h), 0.7)
    });
    assert_eq!(
        overwritten_while_named_grad(Shape::Nothing, 0.7),
        (0.0, Shape::Nothing, 0.0)
    );
}

#[differentiable]
fn of_a_mode(x: f64, #[nodiff] mode: Mode) -> f64 {
    match mode {
        Mode::Fast => x * x,
        Mode::Slow(k) if k > 3 => x * k as f64,
        Mode::Slow(k) => {
            let mut s = 0.0;
            for i in 0..k {
                s += x.powi(i as i32);
            }
            s
        }
        Mode::Scaled { by } => x.sin() * by,
    }
}
#[test]
fn an_enum_without_derivative() {
    for m in [
        Mode::Fast,
        Mode::Slow(2),
        Mode::Slow(5),
        Mode::Scaled { by: 3.0 },
    ] {
        check_args(
            |[x]| of_a_mode(x, m),
            |[x]| of_a_mode_grad(x, m),
            &[[1.3], [0.2]],
        );
    }
}

#[differentiable]
fn by_ordering(x: f64, y: f64) -> f64 {
    match x.partial_cmp(&y) {
        Some(Ordering::Less) => x * y,
        Some(Ordering::Greater) => x - y * y,
        _ => 0.0,
    }
}
#[test]
fn orderings() {
    check_args(
        |[x, y]| by_ordering(x, y),
        |[x, y]| by_ordering_grad(x, y),
        &[[1.3, 0.4], [1.2, 2.5]],
    );
}

#[differentiable]
fn positions(xs: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..xs.len() {
        let Some(k) = i.checked_sub(n) else {
            s += xs[i];
            continue;
        };
        let Some(v) = xs.get(k) else { break };
        if let Some(w) = xs.get(i + n) {
            s += v * w * xs[i];
        } else {
            s += v * v;
        }
    }
    s
}
#[test]
fn elements_that_may_be_missing() {
    for n in [0, 1, 2, 5] {
        for xs in [&[][..], &[0.3], &[0.3, 1.2, -0.7, 2.0, 1.1]] {
            check_slice(|x| positions(x, n), |x, d| positions_grad(x, d, n), xs);
        }
    }
}

#[differentiable]
fn in_an_array(x: f64, y: f64) -> f64 {
    let mut shapes = [
        Shape::Circle { r: x },
        Shape::Rect(x, y),
        Shape::Nothing,
        Shape::Circle { r: y },
    ];
    let mut s = 0.0;
    for i in 0..4 {
        if let Shape::Circle { r } = shapes[i] {
            s += r * x;
            shapes[i] = Shape::Rect(r * r, y);
        } else if let Shape::Nothing = shapes[i] {
            shapes[i] = Shape::Circle { r: s };
        }
    }
    for shape in &shapes {
        s += match shape {
            Shape::Circle { r } => r * r,
            Shape::Rect(a, b) => a * b,
            _ => 0.0,
        };
    }
    s
}
#[test]
fn arrays_of_enums() {
    check_args(
        |[x, y]| in_an_array(x, y),
        |[x, y]| in_an_array_grad(x, y),
        &[[1.3, 0.4], [1.2, 2.5]],
    );
}

#[differentiable]
fn step(s: Shape, x: f64) -> Shape {
    match s {
        Shape::Circle { r } if r > 1.0 => Shape::Rect(r, x),
        Shape::Circle { r } => Shape::Circle { r: r * x + r },
        Shape::Rect(a, b) => Shape::Circle { r: a * b * 0.5 },
        Shape::Nothing => Shape::Rect(x, x * x),
    }
}
#[differentiable]
fn stepped_and_matched(x: f64, y: f64) -> f64 {
    let mut s = Shape::Circle { r: x };
    let mut t = 0.0;
    for k in 0..6 {
        s = step(s, y);
        t += match s {
            Shape::Rect(a, b) => a * b * k as f64,
            Shape::Circle { r } => r,
            _ => 0.0,
        };
    }
    t
}
#[differentiable]
fn stepped(x: f64, y: f64) -> f64 {
    let mut s = Shape::Circle { r: x };
    for _ in 0..6 {
        s = step(s, y);
    }
    size(&s)
}
#[differentiable]
fn size(s: &Shape) -> f64 {
    match s {
        Shape::Rect(a, b) => a * b,
        Shape::Circle { r } => *r,
        _ => 0.0,
    }
}
#[test]
fn states() {
    let p = [[1.3, 0.4], [0.6, 2.5], [0.2, 0.3]];
    check_args(
        |[x, y]| stepped_and_matched(x, y),
        |[x, y]| stepped_and_matched_grad(x, y),
        &p,
    );
    check_args(|[x, y]| stepped(x, y), |[x, y]| stepped_grad(x, y), &p);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}
#[differentiable]
fn struct_in_an_option(x: f64, y: f64) -> f64 {
    let mut o: Option<Point> = None;
    let mut s = 0.0;
    for k in 0..4 {
        if let Some(p) = o {
            s += p.x * p.y;
        }
        o = match o {
            None => Some(Point { x, y: y * k as f64 }),
            Some(p) if p.x > 1.0 => Some(Point { x: p.y, y: p.x * x }),
            Some(p) => {
                if k == 3 {
                    None
                } else {
                    Some(Point { x: p.x + y, ..p })
                }
            }
        };
    }
    let q = if x > 1.0 { o } else { None };
    s + q.map_or(y, |p| p.x * p.x) + o.unwrap_or(Point { x: y, y: x }).y
}
#[test]
fn structs_inside() {
    check_args(
        |[x, y]| struct_in_an_option(x, y),
        |[x, y]| struct_in_an_option_grad(x, y),
        &[[1.3, 0.4], [0.6, 2.5], [0.2, 0.3], [2.0, -1.0]],
    );
}

#[differentiable(tape)]
fn cube(x: f64, n: usize) -> Option<f64> {
    let mut p = x;
    if n > 5 {
        return None;
    }
    for _ in 0..n {
        p *= x;
    }
    Some(p)
}
#[differentiable(tape)]
fn of_a_callee_with_a_tape(xs: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for &x in xs {
        s = match cube(x, n) {
            Some(v) if v > 0.1 => s * v,
            Some(v) => s + v,
            None => s * x,
        };
    }
    s
}
#[test]
fn tapes() {
    let mut tape = Tape::new();
    for n in [0, 2, 7] {
        for xs in [&[][..], &[0.3], &[0.3, 1.2, -0.7, 2.0, 1.1]] {
            check_slice(
                |x| of_a_callee_with_a_tape(x, n),
                |x, d| of_a_callee_with_a_tape_grad(x, d, n, &mut tape),
                xs,
            );
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Net {
    bias: Option<f64>,
    act: Act,
    w: [f64; 2],
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Act {
    Linear,
    Leaky { slope: f64 },
    Scaled(f64, #[nodiff] usize),
}
impl Net {
    #[differentiable]
    fn apply(&self, x: &[f64; 2]) -> f64 {
        let mut z = self.bias.unwrap_or(0.0);
        for i in 0..2 {
            z += self.w[i] * x[i];
        }
        match self.act {
            Act::Linear => z,
            Act::Leaky { slope } if z < 0.0 => slope * z,
            Act::Leaky { .. } => z,
            Act::Scaled(a, k) => a * z.powi(k as i32),
        }
    }
}
#[differentiable(wrt(net))]
fn loss(net: &Net, xs: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for x in xs {
        let e = net.apply(x) - 1.0;
        s += e * e;
    }
    s + xs.iter().map(|x| net.apply(x)).sum::<f64>()
}
#[test]
fn a_network() {
    let xs = [[0.3, -1.2], [1.5, 0.4], [-0.2, 0.9]];
    for bias in [None, Some(0.3)] {
        for act in [Act::Linear, Act::Leaky { slope: 0.2 }, Act::Scaled(1.3, 3)] {
            let net = Net {
                bias,
                act,
                w: [0.7, 0.4],
            };
            let mut d = net.zeros_like();
            let v = loss_grad(&net, &mut d, &xs);
            common::assert_near(v, loss(&net, &xs), 1e-13);
            for k in 0..2 {
                check_derivative("w", d.w[k], |h| {
                    let mut n = net;
                    n.w[k] += h;
                    loss(&n, &xs)
                });
            }
            if let Some(b) = d.bias {
                check_derivative("b", b, |h| {
                    let mut n = net;
                    n.bias = Some(0.3 + h);
                    loss(&n, &xs)
                });
            } else {
                assert!(bias.is_none())
            }
            match d.act {
                Act::Linear => assert_eq!(act, Act::Linear),
                Act::Leaky { slope } => check_derivative("s", slope, |h| {
                    loss(
                        &Net {
                            act: Act::Leaky { slope: 0.2 + h },
                            ..net
                        },
                        &xs,
                    )
                }),
                Act::Scaled(a, k) => {
                    assert_eq!(k, 3);
                    check_derivative("a", a, |h| {
                        loss(
                            &Net {
                                act: Act::Scaled(1.3 + h, 3),
                                ..net
                            },
                            &xs,
                        )
                    })
                }
            }
        }
    }
}

#[differentiable]
fn in_closures(x: f64, y: f64) -> f64 {
    let f = |o: Option<f64>| match o {
        Some(v) => v * v * y,
        None => y,
    };
    let g = |s: &Shape| -> f64 {
        if let Shape::Circle { r } = s {
            return r * 2.0;
        }
        1.0
    };
    let s = if x > 1.0 {
        Shape::Circle { r: x * y }
    } else {
        Shape::Nothing
    };
    f(Some(x)) * f(None) + g(&s) + f(if y > 1.0 { Some(y) } else { None })
}
#[test]
fn closures() {
    check_args(
        |[x, y]| in_closures(x, y),
        |[x, y]| in_closures_grad(x, y),
        &[[1.3, 0.4], [0.6, 2.5]],
    );
}

#[differentiable]
fn copied_and_cleared(x: f64, y: f64) -> f64 {
    let mut o = Some(x);
    let mut s = 0.0;
    let p = o;
    o = o.map(|v| v * y);
    if let Some(v) = p
        && let Some(w) = o
    {
        s += v * w;
        o = None;
    }
    if o.is_none() {
        o = Some(s * s);
    }
    let (a, b) = (o, p);
    a.unwrap() * b.unwrap() + s
}
#[test]
fn copies() {
    check_args(
        |[x, y]| copied_and_cleared(x, y),
        |[x, y]| copied_and_cleared_grad(x, y),
        &[[1.3, 0.4], [0.6, 2.5]],
    );
}

#[differentiable]
fn generic<T: Real>(xs: &[T], k: T) -> T {
    let mut best: Option<(T, usize)> = None;
    for i in 0..4 {
        if let Some(&x) = xs.get(i) {
            let better = match best {
                Some((b, _)) => x * x > b,
                None => true,
            };
            if better {
                best = Some((x * x, i));
            }
        }
    }
    match best {
        Some((b, i)) => b * k * T::from_f64(i as f64 + 1.0),
        None => k,
    }
}
#[test]
fn generic_floats() {
    for xs in [&[][..], &[0.3], &[0.3, 1.2, -0.7, 2.0, 1.1]] {
        check_slice(|x| generic(x, 1.3), |x, d| generic_grad(x, d, 1.3).0, xs);
    }
    let mut d = [0.0f32; 2];
    assert_eq!(generic_grad(&[1.0f32, 2.0], &mut d, 3.0), (24.0, 8.0));
    assert_eq!(d, [0.0, 24.0]);
}

#[differentiable]
fn in_inner_loops(s: &Shape, n: usize, x: f64) -> f64 {
    let mut t = 0.0;
    for i in 0..n {
        for _ in 0..2 {
            match s {
                Shape::Circle { r } if i % 2 == 0 => t += r * x,
                Shape::Rect(w, h) => {
                    for _ in 0..i {
                        t += w * h;
                    }
                }
                _ => t += x,
            }
        }
    }
    t
}
#[test]
fn inner_loops() {
    for n in [0, 1, 3] {
        for s in [
            Shape::Circle { r: 0.3 },
            Shape::Rect(0.4, 1.2),
            Shape::Nothing,
        ] {
            let mut d = s.zeros_like();
            let (_, dx) = in_inner_loops_grad(&s, &mut d, n, 0.7);
            check_derivative("x", dx, |h| in_inner_loops(&s, n, 0.7 + h));
            match d {
                Shape::Circle { r } => check_derivative("r", r, |h| {
                    in_inner_loops(&Shape::Circle { r: 0.3 + h }, n, 0.7)
                }),
                Shape::Rect(a, b) => {
                    check_derivative("a", a, |h| {
                        in_inner_loops(&Shape::Rect(0.4 + h, 1.2), n, 0.7)
                    });
                    check_derivative("b", b, |h| {
                        in_inner_loops(&Shape::Rect(0.4, 1.2 + h), n, 0.7)
                    });
                }
                _ => {}
            }
        }
    }
}

#[differentiable]
fn unwrapped_in_a_loop(o: &Option<[f64; 3]>, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        s += o.unwrap()[i] * o.unwrap()[i];
    }
    s
}
#[test]
fn no_iteration_looks_at_nothing() {
    assert_eq!(unwrapped_in_a_loop_grad(&None, &mut None, 0), 0.0);
    let mut d = Some([0.0; 3]);
    assert_eq!(
        unwrapped_in_a_loop_grad(&Some([1.0, 2.0, 3.0]), &mut d, 2),
        5.0
    );
    assert_eq!(d, Some([2.0, 4.0, 0.0]));
}

#[differentiable]
fn slice_of_options(c: &[Option<f64>], x: f64) -> f64 {
    let mut s = 0.0;
    for o in c {
        if let Some(v) = o {
            s += v * v * x;
        }
    }
    for o in c.iter().rev() {
        s += match *o {
            Some(v) => v * x,
            None => x,
        };
    }
    s + c[0].unwrap_or(x) + c.iter().map(|o| o.unwrap_or(0.0) * x).sum::<f64>()
}
#[test]
fn slices_of_options() {
    let c = [Some(0.3), None, Some(2.0)];
    let mut d = [Some(0.0), None, Some(0.0)];
    let (_, dx) = slice_of_options_grad(&c, &mut d, 0.7);
    check_derivative("x", dx, |h| slice_of_options(&c, 0.7 + h));
    check_derivative("0", d[0].unwrap(), |h| {
        slice_of_options(&[Some(0.3 + h), None, Some(2.0)], 0.7)
    });
    check_derivative("2", d[2].unwrap(), |h| {
        slice_of_options(&[Some(0.3), None, Some(2.0 + h)], 0.7)
    });
}

#[differentiable]
fn to_outputs(x: &[f64], out: &mut [f64], last: &mut Option<f64>) {
    let mut best = None;
    for i in 0..x.len() {
        out[i] = match x[i] {
            v if v > 1.0 => v * v,
            v @ 0.0..=1.0 => v.sin(),
            v => -v,
        };
    }
    if let [a, .., b] = x {
        best = Some(a * b);
    }
    *last = best;
}
#[test]
fn outputs() {
    let x = [0.5, 2.0, -3.0];
    let mut d = [0.0; 3];
    let mut out = [0.0; 3];
    let mut last = None;
    let mut dl = Some(1.0);
    to_outputs_vjp(&x, &mut d, &mut out, &mut [1.0; 3], &mut last, &mut dl);
    assert_eq!(
        (d, last),
        ([0.5f64.cos() - 3.0, 4.0, -1.0 + 0.5], Some(-1.5))
    );
}

fn fallible(x: f64) -> Result<f64, ()> {
    if x < 9.0 { Ok(x) } else { Err(()) }
}

#[differentiable]
fn constants(x: f64, n: usize) -> f64 {
    let k = no_grad!(fallible(n as f64)).unwrap();
    let r = no_grad!(fallible(n as f64));
    let o = Some(x);
    let p = o;
    assert!(o.is_some() || x < 100.0);
    debug_assert_ne!(o, Some(1e9));
    let same = if p == o { x } else { 0.0 };
    same * k * r.unwrap() + o.map(f64::sin).unwrap_or(x) + o.map_or(0.0, f64::exp)
}

#[differentiable]
fn one_shape_only(s: &Shape) -> f64 {
    let Shape::Circle { r } = *s else {
        panic!("no circle")
    };
    r * r
}

#[test]
fn what_does_not_vary() {
    check_args(
        |[x]| constants(x, 3),
        |[x]| constants_grad(x, 3),
        &[[0.7], [2.0]],
    );
    let mut d = Shape::Circle { r: 0.0 };
    one_shape_only_grad(&Shape::Circle { r: 2.0 }, &mut d);
    assert_eq!(d, Shape::Circle { r: 4.0 });
}

#[test]
#[should_panic(expected = "no circle")]
fn another_shape() {
    one_shape_only_grad(&Shape::Nothing, &mut Shape::Nothing);
}

#[differentiable]
fn grow(s: &mut Shape, k: f64) {
    match s {
        Shape::Circle { r } => *r = *r * k + *r * *r,
        Shape::Rect(w, h) if *w > 1.0 => *h *= k * *w,
        Shape::Rect(..) => *s = Shape::Circle { r: k * k },
        Shape::Nothing => {}
    }
}

#[differentiable]
fn turned(s: &mut Shape, k: f64) {
    if let Shape::Rect(w, h) = *s {
        *s = Shape::Circle { r: w * h * k };
    }
}

#[differentiable]
fn grown(x: f64, y: f64) -> f64 {
    let mut s = Shape::Circle { r: x };
    grow(&mut s, y);
    let a = size(&s);
    if a > 1.0 {
        s = Shape::Rect(x, y);
    }
    grow(&mut s, x);
    turned(&mut s, y);
    a * size(&s)
}

#[test]
fn in_place() {
    let points = [[1.3, 0.4], [0.6, 2.5], [0.2, 0.3], [1.7, 0.9]];
    check_args(|[x, y]| grown(x, y), |[x, y]| grown_grad(x, y), &points);
    let (mut s, mut d) = (Shape::Rect(2.0, 3.0), Shape::Circle { r: 1.0 });
    let d_k = turned_vjp(&mut s, &mut d, 5.0);
    assert_eq!(
        (s, d, d_k),
        (Shape::Circle { r: 30.0 }, Shape::Rect(15.0, 10.0), 6.0)
    );
}

/// `matches!` and `contains`, as conditions and as values.
#[differentiable]
fn asked(x: f64, y: Option<f64>, k: usize) -> f64 {
    let inside = (0.0..1.0).contains(&x);
    let s = if matches!(y, Some(v) if v > x) {
        x * x
    } else {
        x
    };
    let big = !matches!(k, 0 | 2..=3,);
    match (inside, (..=2).contains(&k) && big) {
        (true, true) => s * s,
        (true, false) => s.sin(),
        (false, _) => s * k as f64 + y.unwrap_or(2.0) * x,
    }
}

#[test]
fn questions() {
    for k in 0..5 {
        for y in [None, Some(0.5), Some(-3.0)] {
            for x in [0.3, 0.9, 1.5, -0.4] {
                let (value, d, d_y) = asked_grad(x, y, k);
                assert_eq!(value, asked(x, y, k));
                check_derivative("x", d, |h| asked(x + h, y, k));
                assert_eq!(d_y.is_some(), y.is_some());
                if let (Some(v), Some(d)) = (y, d_y) {
                    check_derivative("y", d, |h| asked(x, Some(v + h), k));
                }
            }
        }
    }
}
