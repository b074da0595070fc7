//! Elements written through iterators, arrays by value and by reference, arrays made of closures, fields.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_same, check_gradient, noise};

/// A weight that tells items and their order apart.
fn weight(k: usize) -> f64 {
    1.0 + 0.37 * (k as f64)
}

#[differentiable]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiable]
fn written(x: &[f64], out: &mut [f64]) {
    for (y, v) in out.iter_mut().zip(x) {
        *y = v * v;
    }
}

#[differentiable]
fn written_by_chunks(x: &[f64], out: &mut [f64]) {
    for v in out.iter_mut() {
        *v = 0.0;
    }
    for (k, (rows, a)) in out.chunks_exact_mut(2).zip(x).enumerate() {
        rows[0] = a * weight(k);
        rows[1] = a.sin();
    }
}

#[differentiable]
fn written_with_a_shorter_last(x: &[f64], out: &mut [f64]) {
    for (c, a) in out.chunks_mut(2).zip(x).rev() {
        for (j, y) in c.iter_mut().enumerate() {
            *y = a * a * weight(j);
        }
    }
}

type Writer = fn(&[f64], &mut [f64]);
type WriterVjp = fn(&[f64], &mut [f64], &mut [f64], &mut [f64]);

#[test]
fn elements_written_through_iterators() {
    let all: [(Writer, WriterVjp); 3] = [
        (written, written_vjp),
        (written_by_chunks, written_by_chunks_vjp),
        (written_with_a_shorter_last, written_with_a_shorter_last_vjp),
    ];
    for (f, vjp) in all {
        for (n, m) in [(3, 3), (2, 5), (5, 2), (0, 3), (3, 0)] {
            let (x, seed) = (noise(1, n), noise(2, m));
            let before = noise(3, m);
            let run = |x: &[f64]| {
                let mut out = before.clone();
                f(x, &mut out);
                out
            };
            let (mut d_x, mut out, mut d_out) = (vec![0.0; n], before.clone(), seed.clone());
            vjp(&x, &mut d_x, &mut out, &mut d_out);
            assert_all_near(&out, &run(&x), 1e-14);
            check_gradient(|x| common::dot(&run(x), &seed), &x, &d_x);
            // What is overwritten has no influence; what is not passes its cotangent on.
            for k in 0..m {
                let same = |b: f64| {
                    let mut out = before.clone();
                    out[k] = b;
                    f(&x, &mut out);
                    out[k]
                };
                let kept = same(1.0) != same(2.0);
                assert_eq!(d_out[k], if kept { seed[k] } else { 0.0 });
            }
        }
    }
}

#[differentiable]
fn local_arrays(x: &[f64; 4]) -> f64 {
    let mut a = [0.0; 4];
    for (y, v) in a.iter_mut().zip(x) {
        *y += v * v;
    }
    for (i, y) in a.iter_mut().enumerate() {
        *y *= weight(i);
    }
    for y in &mut a {
        *y = y.sin() + *y;
    }
    let mut s = 0.0;
    for v in a {
        a[0] += v;
        s += v * a[0];
    }
    for [p, q] in [[x[0], x[1]], [x[2], x[3]]] {
        s += p * q;
    }
    for (p, w) in [(x[0], 2.0), (x[3], 3.0)] {
        s += p * p * w;
    }
    s
}

#[differentiable]
fn rows(m: &[[f64; 3]; 2], v: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for row in m {
        let mut t = 0.0;
        for (a, b) in row.iter().zip(v) {
            t += a * b;
        }
        s += t * t;
    }
    s + m.iter().map(|[a, b, c]| a * b * c).sum::<f64>()
}

#[test]
fn arrays_by_value_and_by_reference() {
    let x = [0.5, -0.25, 1.5, 0.75];
    let mut d = [0.0; 4];
    assert_same(local_arrays_grad(&x, &mut d), local_arrays(&x));
    check_gradient(|x| local_arrays(&[x[0], x[1], x[2], x[3]]), &x, &d);
    let (m, v) = ([[0.5, 1.0, -2.0], [0.25, 3.0, 1.0]], [1.0, -0.5, 2.0]);
    let (mut d_m, mut d_v) = ([[0.0; 3]; 2], [0.0; 3]);
    assert_same(rows_grad(&m, &mut d_m, &v, &mut d_v), rows(&m, &v));
    check_gradient(
        |x| rows(&[[x[0], x[1], x[2]], [x[3], x[4], x[5]]], &v),
        m.as_flattened(),
        d_m.as_flattened(),
    );
    check_gradient(|v| rows(&m, &[v[0], v[1], v[2]]), &v, &d_v);
}

#[differentiable]
fn made_by_closures(x: [f64; 6], y: [f64; 3]) -> f64 {
    let a = x.map(|v| v * v);
    let b = y.map(f64::sin);
    let c: [f64; 6] = core::array::from_fn(|i| a[i] * b[i % 3]);
    let d = std::array::from_fn::<f64, 2, _>(|i| c[i] * c[i + 1]);
    let e: [[f64; 2]; 3] = std::array::from_fn(|i| [y[i], x[2 * i]]);
    let f = x.map(cube);
    let g: [f64; 5] = core::array::from_fn(|i| y[0] * i.pow(2) as f64 + y[i.min(2)]);
    let h: [f64; 2] = core::array::from_fn(|i| x[i.saturating_sub(1)]);
    let mut g2 = 0.0;
    for (i, v) in g.iter().enumerate() {
        g2 += v * i.pow(2) as f64 + v * v * h[i.min(1)];
    }
    c.iter().sum::<f64>() + d[0] * d[1] + e[1][0] * e[2][1] + g2 + f.iter().sum::<f64>()
}

#[test]
fn arrays_made_by_closures() {
    let (x, y) = ([0.5, 1.5, -1.0, 0.25, 2.0, -0.5], [1.0, -2.0, 0.5]);
    let (value, d_x, d_y) = made_by_closures_grad(x, y);
    assert_same(value, made_by_closures(x, y));
    check_gradient(
        |x| made_by_closures(core::array::from_fn(|k| x[k]), y),
        &x,
        &d_x,
    );
    check_gradient(
        |y| made_by_closures(x, core::array::from_fn(|k| y[k])),
        &y,
        &d_y,
    );
}

#[derive(Clone, Copy, Differentiable)]
struct Particle {
    mass: f64,
    at: [f64; 2],
}

#[derive(Clone, Differentiable)]
struct Layer {
    w: [f64; 6],
    b: [f64; 2],
}

impl Layer {
    #[differentiable]
    fn forward(&self, x: &[f64], out: &mut [f64]) {
        for ((y, row), b) in out.iter_mut().zip(self.w.chunks_exact(3)).zip(&self.b) {
            *y = (b + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()).tanh();
        }
    }

    #[differentiable]
    fn size(&self) -> f64 {
        self.w.iter().skip(1).sum::<f64>() * self.b.iter().map(|v| v * v).sum::<f64>()
    }
}

#[differentiable]
fn energy(ps: &[Particle]) -> f64 {
    let mut e = 0.0;
    for p in ps {
        e += p.mass * p.at.iter().map(|v| v * v).sum::<f64>();
    }
    for (i, p) in ps.iter().enumerate() {
        for q in &ps[i + 1..] {
            let r: f64 = p.at.iter().zip(&q.at).map(|(a, b)| (a - b) * (a - b)).sum();
            e += p.mass * q.mass / r;
        }
    }
    e + ps.iter().map(|p| p.mass).sum::<f64>()
}

#[test]
fn fields_and_structs() {
    let ps = [
        Particle {
            mass: 1.0,
            at: [0.5, 1.0],
        },
        Particle {
            mass: 2.0,
            at: [-0.5, 0.25],
        },
        Particle {
            mass: 0.5,
            at: [1.5, -1.0],
        },
    ];
    let mut d = [Particle {
        mass: 0.0,
        at: [0.0; 2],
    }; 3];
    assert_same(energy_grad(&ps, &mut d), energy(&ps));
    let flat = |ps: &[Particle]| {
        ps.iter()
            .flat_map(|p| [p.mass, p.at[0], p.at[1]])
            .collect::<Vec<_>>()
    };
    check_gradient(
        |x| {
            let ps: Vec<Particle> = x
                .chunks(3)
                .map(|c| Particle {
                    mass: c[0],
                    at: [c[1], c[2]],
                })
                .collect();
            energy(&ps)
        },
        &flat(&ps),
        &flat(&d),
    );

    let layer = Layer {
        w: [0.1, -0.4, 0.3, 0.7, 0.2, -0.6],
        b: [0.05, -0.2],
    };
    let (x, seed) = ([0.3, -1.0, 0.8], [1.0, -0.5]);
    let (mut d_layer, mut d_x, mut out, mut d_out) = (layer.zeros_like(), [0.0; 3], [0.0; 2], seed);
    layer.forward_vjp(&mut d_layer, &x, &mut d_x, &mut out, &mut d_out);
    let run = |layer: &Layer, x: &[f64]| {
        let mut out = [0.0; 2];
        layer.forward(x, &mut out);
        out[0] * seed[0] + out[1] * seed[1]
    };
    check_gradient(|x| run(&layer, x), &x, &d_x);
    let with = |w: &[f64]| Layer {
        w: core::array::from_fn(|k| w[k]),
        ..layer.clone()
    };
    check_gradient(|w| run(&with(w), &x), &layer.w, &d_layer.w);
    let mut d = layer.zeros_like();
    layer.size_grad(&mut d);
    check_gradient(|w| with(w).size(), &layer.w, &d.w);
}

#[differentiable]
fn gathered(table: &[f64], at: &[usize], flags: &[bool]) -> f64 {
    let mut s = 0.0;
    for (&k, &on) in at.iter().zip(flags) {
        if on {
            s += table[k] * table[k];
        }
    }
    s + at.iter().map(|&k| table[k]).sum::<f64>() * at.iter().sum::<usize>() as f64
}

#[test]
fn integers_beside_floats() {
    let (table, at, flags) = ([0.5, -1.0, 2.0], [2, 0, 2, 1], [true, false, true]);
    let mut d = [0.0; 3];
    gathered_grad(&table, &mut d, &at, &flags);
    check_gradient(|t| gathered(t, &at, &flags), &table, &d);
}
