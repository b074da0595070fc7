//! Methods: `&self`, `self`, associated functions, generic `impl` blocks, methods that call one another, `self` active or not.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient};

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    #[differentiable]
    fn log_pdf(&self, x: f64) -> f64 {
        let z = self.standard(x);
        -0.5 * z * z - self.sd.ln() - 0.5 * (2.0 * core::f64::consts::PI).ln()
    }

    #[differentiable]
    fn standard(&self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }

    #[differentiable]
    fn of(mean: f64, log_sd: f64) -> Self {
        Self {
            mean,
            sd: log_sd.exp(),
        }
    }

    #[differentiable]
    fn scaled(self, k: f64) -> Self {
        Self {
            mean: self.mean * k,
            sd: self.sd * k,
        }
    }

    #[differentiable]
    fn likelihood(mean: f64, log_sd: f64, data: &[f64]) -> f64 {
        let model = Self::of(mean, log_sd);
        let mut s = 0.0;
        for i in 0..data.len() {
            s += model.log_pdf(data[i]);
        }
        s
    }

    #[differentiable]
    fn by_path(&self, x: f64) -> f64 {
        Normal::log_pdf(self, x) * Self::standard(self, x * x) + self.scaled(x).sd
    }

    /// `self` does not take part.
    #[differentiable(wrt(x))]
    pub(crate) fn only_x(&self, x: f64) -> f64 {
        self.mean * x * x + self.sd
    }

    #[differentiable(wrt(self))]
    fn only_self(&self, x: f64) -> f64 {
        self.mean * x * x + self.sd
    }
}

impl Normal {
    /// Neither `self` nor `Self` tells that this is no free function.
    #[differentiable]
    fn standard_normal(scale: f64) -> Normal {
        Normal {
            mean: 0.0,
            sd: scale,
        }
    }
}

#[test]
fn associated_function_without_self() {
    let (value, d) = Normal::standard_normal_vjp(
        2.0,
        Normal {
            mean: 10.0,
            sd: 3.0,
        },
    );
    assert_eq!((value, d), (Normal { mean: 0.0, sd: 2.0 }, 3.0));
}

const AT: Normal = Normal { mean: 0.4, sd: 1.3 };

fn normal(v: &[f64]) -> Normal {
    Normal {
        mean: v[0],
        sd: v[1],
    }
}

#[test]
fn methods_by_reference() {
    for (f, grad) in [
        (
            Normal::log_pdf as fn(&Normal, f64) -> f64,
            Normal::log_pdf_grad as fn(&Normal, &mut Normal, f64) -> (f64, f64),
        ),
        (Normal::standard, Normal::standard_grad),
        (Normal::by_path, Normal::by_path_grad),
    ] {
        let mut d = Normal { mean: 0.0, sd: 0.0 };
        let (value, d_x) = grad(&AT, &mut d, 0.9);
        assert_near(value, f(&AT, 0.9), 1e-14);
        check_gradient(
            |v| f(&normal(v), v[2]),
            &[0.4, 1.3, 0.9],
            &[d.mean, d.sd, d_x],
        );
    }
    assert_eq!(
        AT.log_pdf_grad(&mut Normal { mean: 0.0, sd: 0.0 }, 0.4).1,
        0.0
    );
}

#[test]
fn self_by_value_and_associated_functions() {
    let (value, d_self, d_k) = AT.scaled_vjp(2.0, Normal { mean: 3.0, sd: 5.0 });
    assert_eq!(value, AT.scaled(2.0));
    assert_eq!(
        (d_self, d_k),
        (
            Normal {
                mean: 6.0,
                sd: 10.0
            },
            3.0 * 0.4 + 5.0 * 1.3
        )
    );

    let (data, mut d_data) = ([0.1, 0.5, -0.7], [0.0; 3]);
    let (_, d_mean, d_log_sd) = Normal::likelihood_grad(0.2, 0.1, &data, &mut d_data);
    check_gradient(
        |v| Normal::likelihood(v[0], v[1], &data),
        &[0.2, 0.1],
        &[d_mean, d_log_sd],
    );
    check_gradient(|d| Normal::likelihood(0.2, 0.1, d), &data, &d_data);
}

#[test]
fn self_excluded_or_alone() {
    assert_eq!(AT.only_x_grad(3.0), (AT.only_x(3.0), 2.0 * 0.4 * 3.0));
    let mut d = Normal { mean: 0.0, sd: 0.0 };
    assert_eq!(AT.only_self_grad(&mut d, 3.0), AT.only_self(3.0));
    assert_eq!(d, Normal { mean: 9.0, sd: 1.0 });
}

/// Derives nothing, so it is a constant.
struct Setting {
    gain: f64,
    taps: Vec<f64>,
}

impl Setting {
    #[differentiable]
    fn apply(#[nodiff] &self, x: f64) -> f64 {
        x * x * self.gain + self.taps[0] * x
    }
}

#[differentiable]
fn with_setting(#[nodiff] s: &Setting, x: f64) -> f64 {
    s.apply(x.sin()) * x + s.gain
}

#[test]
fn inactive_self() {
    let s = Setting {
        gain: 2.0,
        taps: vec![0.5],
    };
    assert_eq!(s.apply_grad(3.0), (19.5, 12.5));
    check_args(
        |[x]| with_setting(&s, x),
        |[x]| with_setting_grad(&s, x),
        &[[0.7]],
    );
}

#[derive(Differentiable, Clone, Copy, Debug)]
struct Poly<T: Real, const N: usize> {
    c: [T; N],
}

impl<T: Real, const N: usize> Poly<T, N> {
    const DEGREE: usize = N - 1;

    #[differentiable]
    fn eval(&self, x: T) -> T {
        let mut y = T::from_f64(0.0);
        for i in 0..N {
            y = y * x + self.c[N - 1 - i];
        }
        y
    }

    #[differentiable]
    fn twice(&self, x: T) -> T {
        self.eval(self.eval(x)) * T::from_f64(Self::DEGREE as f64)
    }
}

#[test]
fn generic_impl() {
    let c = [0.5, -1.0, 0.25];
    let mut d = Poly { c: [0.0; 3] };
    let (_, d_x) = Poly { c }.twice_grad(&mut d, 0.7);
    check_gradient(
        |v| {
            Poly {
                c: [v[0], v[1], v[2]],
            }
            .twice(v[3])
        },
        &[0.5, -1.0, 0.25, 0.7],
        &[d.c[0], d.c[1], d.c[2], d_x],
    );
    let mut d = Poly { c: [0.0_f32; 2] };
    assert_eq!(
        Poly { c: [1.0_f32, 2.0] }.eval_grad(&mut d, 3.0),
        (7.0, 2.0)
    );
    assert_eq!(d.c, [1.0, 3.0]);
}

#[differentiable]
fn calls_methods(p: &Poly<f64, 3>, ns: &[Normal; 2], x: f64) -> f64 {
    let mut s = p.eval(x);
    for i in 0..2 {
        s += ns[i].standard(s) * Normal::of(s, 0.1).mean;
    }
    s
}

#[test]
fn methods_from_outside() {
    let (p, ns) = (
        Poly {
            c: [0.5, -1.0, 0.25],
        },
        [
            AT,
            Normal {
                mean: -0.2,
                sd: 0.8,
            },
        ],
    );
    let (mut d_p, mut d_ns) = (Poly { c: [0.0; 3] }, [Normal { mean: 0.0, sd: 0.0 }; 2]);
    let (_, d_x) = calls_methods_grad(&p, &mut d_p, &ns, &mut d_ns, 0.6);
    let f = |v: &[f64]| {
        calls_methods(
            &Poly {
                c: [v[0], v[1], v[2]],
            },
            &[normal(&v[3..]), normal(&v[5..])],
            v[7],
        )
    };
    let got = [
        d_p.c[0],
        d_p.c[1],
        d_p.c[2],
        d_ns[0].mean,
        d_ns[0].sd,
        d_ns[1].mean,
        d_ns[1].sd,
        d_x,
    ];
    check_gradient(f, &[0.5, -1.0, 0.25, 0.4, 1.3, -0.2, 0.8, 0.6], &got);
}

#[derive(Clone, Copy, Differentiable)]
struct Line {
    slope: f64,
    start: f64,
}

impl Line {
    #[differentiable]
    fn at(self, x: f64) -> f64 {
        self.slope * x * x + self.start
    }
}

#[differentiable]
fn height(line: Line, x: f64) -> f64 {
    line.at(x)
}

/// What is handed over is copied before the argument behind it changes it.
#[differentiable]
fn copied_before_it_changes(x: f64) -> f64 {
    let mut line = Line {
        slope: x,
        start: 1.0,
    };
    let y = height(line, {
        line.slope = 3.0 * x * x;
        x
    });
    let line = line;
    y + line.at(line.at(line.slope))
}

#[test]
fn arguments_in_order() {
    check_args(
        |[x]| copied_before_it_changes(x),
        |[x]| copied_before_it_changes_grad(x),
        &[[0.4], [-0.7]],
    );
}
