//! What iterators hand out and closures are given: tuples, structs, rows, references to slices, and what is found among them.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;
use backprop::prelude::*;
use common::{assert_same, check_gradient, check_slice, noise};

#[derive(Clone, Copy, Differentiable)]
struct Point {
    m: f64,
    v: [f64; 2],
}
#[differentiable]
fn structs_by_value(ps: [Point; 3]) -> f64 {
    let mut s = 0.0;
    for p in ps {
        s += p.m * p.v[0];
    }
    for Point { m, v: [a, b] } in ps.iter() {
        s += m * a * b;
    }
    for &Point { m, .. } in &ps {
        s += m;
    }
    s + ps.map(|p| p.m).iter().sum::<f64>() + ps.iter().map(|p| p.v[0] * p.v[1]).sum::<f64>()
}
#[differentiable]
fn tuples(x: &[f64]) -> f64 {
    x.iter().enumerate().map(|t| t.1 * t.0 as f64).sum::<f64>()
        + x.iter()
            .zip(x.iter().rev())
            .map(|p| {
                let (a, b) = p;
                a * b
            })
            .sum::<f64>()
        + x.iter()
            .zip(x)
            .enumerate()
            .map(|q| (q.1).0 * (q.1).1 * q.0 as f64)
            .fold(0.0, |a: f64, b| a + b)
}
#[differentiable]
fn pairs(ps: &[(f64, f64)]) -> f64 {
    let mut s = 0.0;
    for (a, b) in ps {
        s += a * b;
    }
    for &(a, b) in ps.iter().rev() {
        s += a - b * b;
    }
    s + ps.iter().map(|p| p.0 * p.1).sum::<f64>()
}
#[differentiable]
fn indexed(x: &[f64]) -> f64 {
    let n = x.len();
    let at = [(0, n - 1), (n / 2, n / 3)];
    at.iter().map(|&(i, j)| x[i] * x[j]).sum()
}
#[differentiable]
fn const_generic<const N: usize>(x: &[f64; N], m: &[[f64; N]; 2]) -> f64 {
    let mut s = 0.0;
    for (i, row) in m.iter().enumerate() {
        for (j, v) in row.iter().enumerate() {
            s += v * x[j] * (i + j) as f64;
        }
    }
    for (i, v) in (0..N).zip(x) {
        s += x[i] * v;
    }
    let y: [f64; N] = core::array::from_fn(|i| x[i] * x[i]);
    s + y.iter().sum::<f64>() + x.map(f64::cos).iter().sum::<f64>()
}
#[differentiable]
fn callee(x: &[f64], out: &mut [f64]) {
    for (o, v) in out.iter_mut().zip(x) {
        *o = v * 2.0;
    }
}
#[differentiable(tape)]
fn calls(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x.chunks(3) {
        let mut buf = [0.0; 3];
        callee(c, &mut buf);
        s += buf.iter().sum::<f64>() * c[0];
    }
    let mut rows = [[0.0; 3]; 2];
    for (r, c) in rows.iter_mut().zip(x.chunks_exact(3)) {
        callee(c, r);
    }
    for r in rows.iter_mut() {
        r[0] += 1.0;
        for v in r {
            *v *= 2.0;
        }
    }
    s + rows.iter().map(|r| r.iter().product::<f64>()).sum::<f64>()
}
#[differentiable]
fn last_of_array(x: [f64; 5]) -> f64 {
    *x.iter().last().unwrap() * x.iter().rev().nth(1).unwrap()
        + x.iter()
            .copied()
            .min_by(|a, b| a.partial_cmp(b).unwrap())
            .expect("some")
        + x.chunks(2).last().unwrap()[0]
        + x.iter().skip(1).step_by(2).map(|v| v * v).sum::<f64>()
        + x.windows(2).count() as f64 * x[0]
}
#[differentiable]
fn tail_closure(x: f64) -> f64 {
    let f = |v: f64| -> f64 {
        let a = [v, x];
        a.iter().sum()
    };
    f(x) + {
        let g = |()| x;
        g(())
    }
}
#[differentiable]
fn shadow(x: &[f64]) -> f64 {
    let x = &x[1..];
    let mut s = 0.0;
    for x in x {
        let x = x * x;
        s += x;
    }
    s
}
#[differentiable]
fn label(x: &[f64]) -> f64 {
    let mut s = 0.0;
    'a: for v in x.iter() {
        for w in x {
            if *w > *v {
                continue 'a;
            }
            if *w < -0.8 {
                break 'a;
            }
            s += v * w;
        }
    }
    s
}
#[differentiable]
fn in_while(x: &[f64]) -> f64 {
    let mut k = 0;
    let mut s = 0.0;
    while k < 3 && x.iter().skip(k).count() > 0 {
        s += x.iter().skip(k).map(|v| v * v).sum::<f64>();
        k += 1;
    }
    s
}
#[differentiable]
fn if_any(x: &[f64]) -> f64 {
    if x.len() > 2 && x.iter().any(|v| *v > 0.0) {
        x[0]
    } else if x.iter().all(|v| *v < 0.0) || x.len() == 1 {
        2.0 * x[x.len().saturating_sub(1)]
    } else {
        1.0
    }
}
#[differentiable]
fn refs(x: &[f64]) -> f64 {
    let tail = |k: usize| &x[k..];
    let w = x.chunks(2).last().unwrap();
    let m = x.iter().max_by(|a, b| a.total_cmp(b)).unwrap();
    let t = tail(1);
    let first = |w: &[f64]| w[0];
    let (k, v) = x
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .unwrap();
    w.iter().sum::<f64>() * m
        + tail(0)[0]
        + t.iter().sum::<f64>()
        + first(tail(0))
        + k as f64 * v * v
}
#[test]
fn items_of_every_kind() {
    for n in 1..8 {
        let x = noise(n as u64, n);
        check_slice(tuples, tuples_grad, &x);
        check_slice(indexed, indexed_grad, &x);
        check_slice(refs, refs_grad, &x);
        check_slice(calls, |x, d| calls_grad(x, d, &mut Tape::new()), &x);
        check_slice(shadow, shadow_grad, &x);
        check_slice(label, label_grad, &x);
        check_slice(in_while, in_while_grad, &x);
        check_slice(if_any, if_any_grad, &x);
    }
    let (v, d) = last_of_array_grad([1.0, 2.0, -3.0, 4.0, 5.0]);
    check_gradient(
        |x| last_of_array(core::array::from_fn(|k| x[k])),
        &[1.0, 2.0, -3.0, 4.0, 5.0],
        &d,
    );
    assert_same(v, last_of_array([1.0, 2.0, -3.0, 4.0, 5.0]));
    let x = [0.5, 1.5, -2.0];
    let m = [[1.0, 2.0, 3.0], [0.5, 0.25, -1.0]];
    let (mut dx, mut dm) = ([0.0; 3], [[0.0; 3]; 2]);
    assert_same(
        const_generic_grad(&x, &mut dx, &m, &mut dm),
        const_generic(&x, &m),
    );
    check_gradient(|x| const_generic(&[x[0], x[1], x[2]], &m), &x, &dx);
    let (v, d) = tail_closure_grad(2.0);
    assert_eq!((v, d), (6.0, 3.0));
    let ps = [(1.0, 2.0), (3.0, 4.0)];
    let mut d = [(0.0, 0.0); 2];
    pairs_grad(&ps, &mut d);
    assert_eq!(
        d,
        [
            (2.0 + 1.0 + 2.0, 1.0 - 4.0 + 1.0),
            (4.0 + 1.0 + 4.0, 3.0 - 8.0 + 3.0)
        ]
    );
    let p = Point {
        m: 2.0,
        v: [3.0, 5.0],
    };
    let (v, d) = structs_by_value_grad([p; 3]);
    assert_same(v, structs_by_value([p; 3]));
    assert_eq!(
        (d[0].m, d[0].v),
        (3.0 + 15.0 + 1.0 + 1.0, [2.0 + 10.0 + 5.0, 6.0 + 3.0])
    );
}
