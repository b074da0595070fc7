//! Patterns in full: nested, slices with a rest, names with `@`, or-patterns with names, through references; labelled blocks with values.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_slice};

#[differentiable]
fn slices(x: &[f64]) -> f64 {
    match x {
        [] => 1.0,
        [a] => a * a,
        [a, b] => a * b.sin(),
        [first, .., last] if first > last => first * first * last,
        [first, middle @ .., last] => {
            let mut s = first * last;
            for m in middle {
                s += m * m * last;
            }
            s + middle[0] * middle.len() as f64
        }
    }
}

#[differentiable]
fn recursive(x: &[f64]) -> f64 {
    match x {
        [first, rest @ ..] => first * first + first * recursive(rest),
        [] => 1.0,
    }
}

#[differentiable]
fn ends(x: &[f64; 4]) -> f64 {
    let [a, .., d] = x;
    let [_, middle @ ..] = x;
    let [b, tail @ ..] = middle;
    a * d + middle[0] * tail[1] + b.sin() + tail.iter().sum::<f64>()
}

#[differentiable]
fn owned_ends(x: [f64; 4], y: f64) -> f64 {
    let [a, .., d] = x;
    let q @ [_, b, ..] = x;
    a * d * y + b + q[2] * q[2]
}

#[differentiable]
fn halves(x: &[f64], n: usize) -> f64 {
    let (a, b) = (&x[..n], &x[n..]);
    let mut s = 0.0;
    for (u, v) in a.iter().zip(b) {
        s += u * v;
    }
    let (c, k) = (&x[1..], 2.0);
    s + a[0] * k * c[0]
}

#[test]
fn of_slices() {
    for x in [
        &[][..],
        &[0.7],
        &[0.7, -1.2],
        &[2.0, 0.3, 1.5],
        &[0.5, -1.0, 2.0, 1.1],
        &[0.5, -1.0, 2.0, 1.1, 3.0],
    ] {
        check_slice(slices, slices_grad, x);
        check_slice(recursive, recursive_grad, x);
        if x.len() > 3 {
            check_slice(|x| halves(x, 2), |x, d| halves_grad(x, d, 2), x);
        }
        if let Ok(x) = <&[f64; 4]>::try_from(x) {
            check_slice(
                |x| ends(x.try_into().unwrap()),
                |x, d| ends_grad(x.try_into().unwrap(), d.try_into().unwrap()),
                x,
            );
            check_slice(
                |x| owned_ends(x.try_into().unwrap(), 1.3),
                |x, d| {
                    let (value, g, _) = owned_ends_grad(x.try_into().unwrap(), 1.3);
                    d.iter_mut().zip(g).for_each(|(d, g)| *d += g);
                    value
                },
                x,
            );
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Line(Point, Point, f64);

#[differentiable]
fn structs(l: &Line, p: Point) -> f64 {
    let Line(Point { x: a, .. }, b, width) = l;
    let c = match p {
        Point { x, y } if x > 0.0 => x * y,
        Point { y, .. } => y * y,
    };
    let d = match (l, p) {
        (Line(Point { x, y }, _, w), q) if *w > 1.0 => x * y * q.x,
        (Line(_, end, ..), Point { x: u, .. }) => end.x * u,
    };
    a * b.y * width + c + d
}

#[test]
fn of_structs() {
    for (w, u) in [(0.5, 1.0), (2.0, -0.7), (1.5, 0.2)] {
        let point = |x, y| Point { x, y };
        let make = |v: &[f64]| {
            let line = Line(point(v[0], v[1]), point(v[2], v[3]), v[4]);
            (line, point(v[5], v[6]))
        };
        let v = [0.3, 1.2, -0.8, 0.6, w, u, 1.1];
        let f = |v: &[f64]| {
            let (l, p) = make(v);
            structs(&l, p)
        };
        let (l, p) = make(&v);
        let mut d = l.zeros_like();
        let (value, d_p) = structs_grad(&l, &mut d, p);
        common::assert_same(value, f(&v));
        let got = [d.0.x, d.0.y, d.1.x, d.1.y, d.2, d_p.x, d_p.y];
        common::check_gradient(f, &v, &got);
    }
}

#[differentiable]
fn nested(x: f64, y: f64) -> f64 {
    let o = if x > 0.0 { Some((x * y, [y, x])) } else { None };
    let p = if y > 1.0 { Some(y) } else { None };
    let first = match (o, p) {
        (Some((a, [b, _])), Some(c)) if a > 1.0 => a * b * c,
        (Some((a, [.., b])), _) => a * b,
        (None, Some(c)) => c,
        (None, None) => x,
    };
    let second = match o {
        Some((a, parts @ [b, c])) if b > c => a * parts[0],
        Some(pair) => pair.0 + pair.1[1],
        _ => y,
    };
    first * second
}

#[differentiable]
fn numbers(x: f64, n: i32) -> f64 {
    let a = match n {
        k @ 1..=3 => x * k as f64,
        k @ (5 | 7) => x * x * k as f64,
        k @ -2 | k @ -1 => x.powi(k),
        k if k < 0 => -x,
        _ => x.sin(),
    };
    let b = match (n % 2 == 0, n) {
        (true, k) | (false, k @ 3) => x * k as f64,
        (false, _) => 1.0,
    };
    a * b
}

#[differentiable]
fn alternatives(x: f64, y: f64, n: usize) -> f64 {
    let pair = match n {
        0 => (Some(x), None),
        1 => (None, Some(x * y)),
        2 => (Some(y), Some(x)),
        _ => (None, None),
    };
    match pair {
        (Some(a), None) | (None, Some(a)) => a * a * y,
        (Some(a), Some(b)) => a / b,
        (None, None) => x + y,
    }
}

#[test]
fn inside_others() {
    let points = [[1.1, 0.7], [0.4, 3.3], [-1.9, 0.2], [-2.5, 1.7], [1.5, 1.3]];
    check_args(|[x, y]| nested(x, y), |[x, y]| nested_grad(x, y), &points);
    for n in -4..9 {
        check_args(
            |[x]| numbers(x, n),
            |[x]| numbers_grad(x, n),
            &[[1.3], [0.4]],
        );
    }
    for n in 0..4 {
        check_args(
            |[x, y]| alternatives(x, y, n),
            |[x, y]| alternatives_grad(x, y, n),
            &points,
        );
    }
}

#[differentiable]
fn labelled(x: f64, y: f64) -> f64 {
    let a = 'a: {
        if x > 1.0 {
            break 'a x * y;
        }
        let b = 'b: {
            if y > 1.0 {
                break 'a y * y;
            }
            if x > 0.5 {
                break 'b x.sin();
            }
            if x < -3.0 {
                return x * 7.0;
            }
            2.0
        };
        b * x
    };
    let mut z = y;
    'c: {
        z *= x;
        if z > 0.3 {
            break 'c;
        }
        z += a;
    }
    a * z
}

#[differentiable]
fn out_of_loops(xs: &[f64], limit: f64) -> f64 {
    let found = 'found: {
        for (i, &x) in xs.iter().enumerate() {
            for &y in &xs[i..] {
                if x * y > limit {
                    break 'found Some(x * y * limit);
                }
            }
            if x < -10.0 {
                break;
            }
        }
        None
    };
    let mut k = 0;
    let last = loop {
        if k >= xs.len() {
            break limit;
        }
        if xs[k] < 0.0 {
            break xs[k] * xs[k];
        }
        k += 1;
    };
    found.unwrap_or(limit * limit) * last
}

#[test]
fn with_labels() {
    let points = [
        [1.1, 0.7],
        [0.4, 3.3],
        [0.7, 0.2],
        [-2.5, 1.7],
        [0.2, -1.3],
        [-4.0, 0.5],
        [0.1, 0.1],
    ];
    check_args(
        |[x, y]| labelled(x, y),
        |[x, y]| labelled_grad(x, y),
        &points,
    );
    for xs in [
        &[][..],
        &[0.7],
        &[0.7, -1.2, 3.0],
        &[2.0, 0.3, -1.5],
        &[-11.0, 9.0],
    ] {
        for limit in [0.3, 1.7, 30.0] {
            check_slice(
                |x| out_of_loops(x, limit),
                |x, d| out_of_loops_grad(x, d, limit).0,
                xs,
            );
            let d = out_of_loops_grad(xs, &mut vec![0.0; xs.len()], limit).1;
            common::check_derivative("limit", d, |h| out_of_loops(xs, limit + h));
        }
    }
}

#[differentiable]
fn written_through(x: f64, y: f64) -> f64 {
    let mut o = if x > 0.0 { Some(x) } else { None };
    if let Some(v) = &mut o {
        *v *= y;
        *v += x;
    }
    let mut p = (x, [y, x]);
    match &mut p {
        (a, [b, _]) if *a > 1.0 => {
            *a *= *b;
            *b = *a * y;
        }
        (a, _) => *a = a.sin(),
    }
    o.unwrap_or(y) * p.0 + p.1[0]
}

#[test]
fn through_references() {
    let points = [[1.1, 0.7], [0.4, 3.3], [-1.9, 0.2], [2.5, 1.7]];
    check_args(
        |[x, y]| written_through(x, y),
        |[x, y]| written_through_grad(x, y),
        &points,
    );
}

/// `matches!` takes no pattern that begins with `..=`.
#[differentiable]
fn open_ranges(x: f64, n: i32, k: usize) -> f64 {
    let y = match k {
        ..=1 => x * x,
        2 | 3 => x.sin(),
        _ => x,
    };
    match (n, n % 2) {
        (..=-1, 0) => y * x,
        (..=1, k) => y.sin() * f64::from(k),
        (k @ 2..=4, _) if k > 2 => x.cos(),
        (5.., _) => y,
        _ => x,
    }
}

#[test]
fn ranges_without_a_beginning() {
    for n in -3..7 {
        for k in 0..5 {
            check_args(
                |[x]| open_ranges(x, n, k),
                |[x]| open_ranges_grad(x, n, k),
                &[[0.7], [-1.2]],
            );
        }
    }
}

/// A pattern with a type may have to be tested.
#[differentiable]
fn typed_and_tested(x: f64, n: usize) -> f64 {
    let (true, k): (bool, usize) = (n < 2, n) else {
        return x;
    };
    let (0 | 1, y): (usize, f64) = (k, x * x) else {
        return x;
    };
    y * (k + 1) as f64
}

#[test]
fn with_types() {
    for n in 0..4 {
        check_args(
            |[x]| typed_and_tested(x, n),
            |[x]| typed_and_tested_grad(x, n),
            &[[0.7], [-1.2]],
        );
    }
}

#[differentiable]
fn two(v: [f64; 2]) -> f64 {
    v[0] * v[1].sin()
}

#[differentiable]
fn two_lent(v: &[f64; 2]) -> f64 {
    v[0] * v[0] * v[1]
}

#[differentiable]
fn two_changed(v: &mut [f64], x: f64) {
    v.swap(0, 1);
    v[0] *= x;
}

#[differentiable]
fn three_lent(v: &[f64]) -> f64 {
    v[0] * v[1] + v[2] * v[2]
}

/// What a pattern leaves of an array is an array.
#[differentiable]
fn rest_by_value(x: [f64; 4]) -> f64 {
    let [first, rest @ ..] = x;
    let [inner @ .., last] = rest;
    let [_, one @ ..] = inner;
    let mut copy = rest;
    copy[0] *= first;
    let squares = rest.map(|t| t * t);
    two(inner) * last + copy[0] * copy.iter().sum::<f64>() + three_lent(&rest) * squares[2]
        - one[0] * rest.len() as f64
}

#[differentiable]
fn rest_by_reference(x: &[f64; 4]) -> f64 {
    let [first, rest @ ..] = x;
    let [two @ .., last] = rest;
    let mut all = *rest;
    all[1] *= *first;
    let mut sum = two_lent(two) * last;
    for (a, b) in all.iter().zip(rest) {
        sum += a * b * b;
    }
    sum + three_lent(rest)
}

#[differentiable(tape)]
fn rest_written(x: &mut [f64; 4], y: f64) -> f64 {
    let [first, middle @ .., last] = &mut *x;
    two_changed(middle, y);
    middle[1] *= *first;
    *first += middle[0] * *last;
    *last = middle[1];
    x[0] * x[3]
}

#[differentiable]
fn rest_matched(x: [f64; 3]) -> f64 {
    match x {
        [a, rest @ ..] if a > 0.5 => two(rest) * a,
        [rest @ .., z] if z > 0.5 => two_lent(&rest) - z,
        [.., z] => z * z,
    }
}

#[differentiable]
fn rest_of_rows(rows: &[[f64; 3]; 2], x: f64) -> f64 {
    let mut sum = 0.0;
    for &[a, rest @ ..] in rows {
        sum += two(rest) * a * x;
    }
    for [rest @ .., a] in rows.iter() {
        sum -= two_lent(rest) * a;
    }
    sum
}

#[differentiable]
fn rest_that_is_all(x: [f64; 2]) -> f64 {
    let [all @ ..] = x;
    let [a, b, none @ ..] = x;
    two(all) * a - b * (none.len() + 1) as f64
}

#[test]
fn rests_of_arrays() {
    let points = [[0.7, -0.4, 1.2, 0.3], [-0.9, 0.8, 0.35, -1.1]];
    check_args(
        rest_by_value,
        |x| {
            let (value, [a, b, c, d]) = rest_by_value_grad(x);
            (value, a, b, c, d)
        },
        &points,
    );
    check_slice(
        |x| rest_by_reference(x.try_into().unwrap()),
        |x, d| {
            let (x, d) = (x.try_into().unwrap(), d.try_into().unwrap());
            rest_by_reference_grad(x, d)
        },
        &points[0],
    );
    check_args(
        rest_matched,
        |x| {
            let (value, [a, b, c]) = rest_matched_grad(x);
            (value, a, b, c)
        },
        &[[0.7, -0.4, 1.2], [0.3, -0.4, 1.2], [0.3, 0.4, 0.2]],
    );
    check_args(
        rest_that_is_all,
        |x| {
            let (value, [a, b]) = rest_that_is_all_grad(x);
            (value, a, b)
        },
        &[[0.7, -0.4]],
    );
    check_args(
        |[a, b, c, d, y]| {
            let mut x = [a, b, c, d];
            rest_written(&mut x, y) + x[1] - 0.5 * x[2] + 2.0 * x[3]
        },
        |[a, b, c, d, y]| {
            let (mut x, mut d_x) = ([a, b, c, d], [0.0, 1.0, -0.5, 2.0]);
            let (value, d_y) = rest_written_grad(&mut x, &mut d_x, y, &mut Tape::new());
            let [da, db, dc, dd] = d_x;
            (value + x[1] - 0.5 * x[2] + 2.0 * x[3], da, db, dc, dd, d_y)
        },
        &[[0.7, -0.4, 1.2, 0.3, 0.6], [-0.9, 0.8, 0.35, -1.1, 1.3]],
    );
    check_slice(
        |x| rest_of_rows(&[[x[0], x[1], x[2]], [x[3], x[4], x[5]]], x[6]),
        |x, d| {
            let mut g = [[0.0; 3]; 2];
            let rows = [[x[0], x[1], x[2]], [x[3], x[4], x[5]]];
            let (value, d_x) = rest_of_rows_grad(&rows, &mut g, x[6]);
            for (d, g) in d.iter_mut().zip(g.as_flattened()) {
                *d += g;
            }
            d[6] += d_x;
            value
        },
        &[0.7, -0.4, 1.2, 0.3, 0.6, -1.3, 0.9],
    );
}

const SIZE: usize = 3;

mod sizes {
    pub(super) const TWO: usize = 2;
}

/// The length of an array may be a constant's name, and that of its rest be written in two ways.
#[differentiable]
fn rest_of_a_named_size(x: [f64; SIZE]) -> f64 {
    let [first, rest @ ..] = x;
    let mut copy = rest;
    copy[0] *= first;
    let lent = &x;
    let [inner @ .., last] = lent;
    let all = *inner;
    two(rest) * two(copy) + two_lent(inner) * last + all[1] * inner.iter().sum::<f64>()
}

#[differentiable]
fn rest_returned(x: [f64; sizes::TWO + 1]) -> [f64; 2] {
    let [first, rest @ ..] = x;
    if first > 0.0 {
        rest
    } else {
        [first, x[1] * x[2]]
    }
}

#[differentiable]
fn chunk_returned(x: [f64; 4]) -> [f64; 2] {
    let chunk = *x[1..].first_chunk::<{ sizes::TWO }>().unwrap();
    chunk
}

#[differentiable]
fn arrays_chosen_as_slices(x: [f64; SIZE]) -> f64 {
    let ends = [x[0], x[2]];
    let [_, rest @ ..] = x;
    let chosen: &[f64] = if x[1] > 0.0 { &ends } else { &x };
    let other = if x[0] > 0.0 { &ends } else { &rest };
    chosen[0] * chosen[chosen.len() - 1] + other[0] * other[1] * chosen.iter().sum::<f64>()
}

/// An array is taken apart as it is then, whatever becomes of it.
#[differentiable]
fn rest_before_a_change(x: [f64; 4]) -> f64 {
    let mut x = x;
    let [first, rest @ ..] = x;
    x[1] = first * 5.0;
    x[2] *= x[3];
    let sum = match x {
        [a, inner @ .., b] => {
            x[1] *= a * b;
            inner[0] * inner[1]
        }
    };
    rest[0] * rest[1] + sum * x[1] * rest.iter().sum::<f64>()
}

#[test]
fn rests_of_arrays_of_named_sizes() {
    let points = [[0.3, -0.7, 1.2], [-0.9, 0.4, 0.6], [0.5, 0.4, 0.6]];
    let flat = |(value, [a, b, c]): (f64, [f64; 3])| (value, a, b, c);
    check_args(
        rest_of_a_named_size,
        |x| flat(rest_of_a_named_size_grad(x)),
        &points,
    );
    check_args(
        arrays_chosen_as_slices,
        |x| flat(arrays_chosen_as_slices_grad(x)),
        &points,
    );
    let weighed = |[a, b]: [f64; 2]| a - 2.0 * b;
    check_args(
        |x| weighed(rest_returned(x)),
        |x| {
            let (value, d) = rest_returned_vjp(x, [1.0, -2.0]);
            flat((weighed(value), d))
        },
        &points,
    );
    let points = [[0.3, -0.7, 1.2, 0.5], [-0.9, 0.4, 0.6, -1.1]];
    let flat = |(value, [a, b, c, d]): (f64, [f64; 4])| (value, a, b, c, d);
    check_args(
        |x| weighed(chunk_returned(x)),
        |x| {
            let (value, d) = chunk_returned_vjp(x, [1.0, -2.0]);
            flat((weighed(value), d))
        },
        &points,
    );
    check_args(
        rest_before_a_change,
        |x| flat(rest_before_a_change_grad(x)),
        &points,
    );
}
