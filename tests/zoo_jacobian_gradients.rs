//! Jacobians by several parameters, and by structs: a gradient for each output. Against finite differences.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative};

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pose {
    axis: [f64; 2],
    scale: f64,
    steps: usize,
}

impl Pose {
    /// Its numbers moved.
    fn moved(mut self, k: usize, h: f64) -> Pose {
        match k {
            0 | 1 => self.axis[k] += h,
            _ => self.scale += h,
        }
        self
    }

    fn numbers(&self) -> [f64; 3] {
        [self.axis[0], self.axis[1], self.scale]
    }

    #[differentiable(jacobian)]
    fn turned(&self, p: [f64; 2], #[nodiff] weight: f64) -> [f64; 2] {
        let mut q = p;
        for _ in 0..3 {
            q = [
                self.axis[0] * q[0] - self.axis[1] * q[1],
                self.axis[1] * q[0] + self.axis[0] * q[1],
            ];
        }
        [weight * self.scale * q[0], self.scale * q[1]]
    }

    #[differentiable(jacobian)]
    fn between(a: &Pose, t: f64) -> [f64; 1] {
        [a.scale * t.sin() * a.steps as f64]
    }
}

const POSE: Pose = Pose {
    axis: [0.8, -0.3],
    scale: 1.7,
    steps: 2,
};

/// What a callee has in common for both rows.
#[differentiable]
fn lens(radial: &[f64; 2], p: &[f64; 2]) -> [f64; 2] {
    let square = p[0] * p[0] + p[1] * p[1];
    let scale = 1.0 + radial[0] * square + radial[1] * square * square;
    [p[0] * scale, p[1] * scale]
}

#[differentiable(jacobian)]
fn seen(pose: &Pose, radial: &[f64; 2], depth: f64, feature: &[f64; 2]) -> [f64; 2] {
    let p = lens(radial, &[pose.axis[0] / depth, pose.axis[1] / depth]);
    [
        pose.scale * p[0] - feature[0],
        pose.scale * p[1] - feature[1],
    ]
}

/// Few numbers in and many out, of a struct by value.
#[differentiable(jacobian)]
fn spread(pose: Pose, k: usize) -> [f64; 5] {
    let mut out = [0.0; 5];
    for i in 0..5 {
        if i != k {
            out[i] = pose.axis[i % 2] * (pose.scale * i as f64).sin();
        }
    }
    out
}

#[differentiable(jacobian, tape)]
fn iterated(x: f64, pose: &Pose, n: usize) -> [f64; 2] {
    let (mut a, mut b) = (x, pose.scale);
    for _ in 0..n {
        (a, b) = (a * pose.axis[0] + b.sin(), a * b * pose.axis[1]);
    }
    [a, b]
}

#[differentiable(jacobian)]
fn generic<T: Real, const M: usize>(a: T, b: &(T, T)) -> [T; M] {
    let mut out = [a; M];
    for i in 0..M {
        out[i] = a * b.0 + T::from_f64(i as f64) * b.1 * b.1;
    }
    out
}

/// Compares rows with the differences of all outputs.
#[track_caller]
fn check<const M: usize>(what: &str, rows: [f64; M], f: impl Fn(f64) -> [f64; M]) {
    for (i, entry) in rows.into_iter().enumerate() {
        check_derivative(&format!("{what}, output {i}"), entry, |h| f(h)[i]);
    }
}

#[test]
fn by_several_parameters() {
    let (radial, depth, feature) = ([0.2, -0.05], 1.3, [0.1, 0.7]);
    let (value, by_pose, by_radial, by_depth, by_feature) =
        seen_jacobian(&POSE, &radial, depth, &feature);
    assert_eq!(value, seen(&POSE, &radial, depth, &feature));
    for k in 0..3 {
        check("pose", by_pose.map(|row| row.numbers()[k]), |h| {
            seen(&POSE.moved(k, h), &radial, depth, &feature)
        });
    }
    for k in 0..2 {
        check("radial", by_radial.map(|row| row[k]), |h| {
            let mut radial = radial;
            radial[k] += h;
            seen(&POSE, &radial, depth, &feature)
        });
    }
    check("depth", by_depth, |h| {
        seen(&POSE, &radial, depth + h, &feature)
    });
    assert_eq!(by_feature, [[-1.0, 0.0], [0.0, -1.0]]);
}

#[test]
fn by_a_struct_that_is_passed_by_value() {
    for n in 0..6 {
        let (value, rows) = spread_jacobian(POSE, n);
        assert_eq!(value, spread(POSE, n));
        for k in 0..3 {
            check("pose", rows.map(|row| row.numbers()[k]), |h| {
                spread(POSE.moved(k, h), n)
            });
        }
    }
}

#[test]
fn of_methods() {
    let (p, weight) = ([0.4, -1.1], 0.6);
    let (value, by_self, by_p) = POSE.turned_jacobian(p, weight);
    assert_eq!(value, POSE.turned(p, weight));
    for k in 0..3 {
        check("self", by_self.map(|row| row.numbers()[k]), |h| {
            POSE.moved(k, h).turned(p, weight)
        });
    }
    for k in 0..2 {
        check("p", by_p.map(|row| row[k]), |h| {
            let mut p = p;
            p[k] += h;
            POSE.turned(p, weight)
        });
    }
    let ([value], [by_a], [by_t]) = Pose::between_jacobian(&POSE, 0.5);
    assert_near(value, 3.4 * 0.5_f64.sin(), 1e-15);
    assert_near(by_a.scale, 2.0 * 0.5_f64.sin(), 1e-15);
    assert_near(by_t, 3.4 * 0.5_f64.cos(), 1e-15);
}

#[test]
fn with_a_tape() {
    let mut tape = Tape::new();
    for n in [0, 1, 4] {
        let (value, by_x, by_pose) = iterated_jacobian(0.7, &POSE, n, &mut tape);
        assert_eq!(value, iterated(0.7, &POSE, n));
        check("x", by_x, |h| iterated(0.7 + h, &POSE, n));
        for k in 0..3 {
            check("pose", by_pose.map(|row| row.numbers()[k]), |h| {
                iterated(0.7, &POSE.moved(k, h), n)
            });
        }
    }
}

#[test]
fn of_generic_functions() {
    let (value, by_a, by_b) = generic_jacobian::<f32, 3>(2.0, &(0.5, 3.0));
    assert_eq!(value, [1.0, 10.0, 19.0]);
    assert_eq!(by_a, [0.5; 3]);
    assert_eq!(by_b, [(2.0, 0.0), (2.0, 6.0), (2.0, 12.0)]);
    let (value, by_a, by_b) = generic_jacobian::<f64, 0>(2.0, &(0.5, 3.0));
    assert_eq!((value, by_a, by_b), ([], [], []));
}

/// The names that generated code takes are none of these.
#[differentiable(jacobian)]
fn names(j: f64, j1: f64, d: f64, d1: f64, value: f64, direction: f64, i: f64, k: f64) -> [f64; 2] {
    [j * j1 + d * d1, value * direction - i * k]
}

#[test]
fn names_of_the_users() {
    let all = names_jacobian(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
    assert_eq!(all.0, [14.0, -26.0]);
    assert_eq!([all.1, all.2], [[2.0, 0.0], [1.0, 0.0]]);
    assert_eq!([all.3, all.4], [[4.0, 0.0], [3.0, 0.0]]);
    assert_eq!([all.5, all.6], [[0.0, 6.0], [0.0, 5.0]]);
    assert_eq!([all.7, all.8], [[0.0, -8.0], [0.0, -7.0]]);
}
