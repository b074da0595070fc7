//! Jacobians whose columns travel together: each against the pass for it alone and against finite differences.

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative, noise};

/// Compares `f_jacobian_into` with `f_jvp` and with finite differences.
macro_rules! columns {
    ($f:ident, $jacobian:ident, $jvp:ident, $n:literal, $m:expr, $($rest:expr),*) => {{
        let m = $m;
        let x: [f64; $n] = noise($n, $n).try_into().unwrap();
        // What was there before does not matter.
        let (mut out, mut j) = (vec![7.0; m], vec![9.0; $n * m]);
        $jacobian(&x, $($rest,)* &mut out, &mut j);
        let mut plain = vec![3.0; m];
        $f(&x, $($rest,)* &mut plain);
        near(&out, &plain);
        for k in 0..$n {
            let mut direction = [0.0; $n];
            direction[k] = 1.0;
            let (mut out, mut d_out) = (vec![7.0; m], vec![0.0; m]);
            $jvp(&x, &direction, $($rest,)* &mut out, &mut d_out);
            near(&d_out, &j[k * m..][..m]);
            for i in 0..m {
                check_derivative("entry", j[k * m + i], |h| {
                    let (mut x, mut out) = (x, vec![0.0; m]);
                    x[k] += h;
                    $f(&x, $($rest,)* &mut out);
                    out[i]
                });
            }
        }
    }};
}

/// The same up to rounding, in whatever order sums are added.
#[track_caller]
fn near(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert_near(*a, *b, 1e-13);
    }
}

#[differentiable(jvp)]
fn wave(amplitude: f64, frequency: f64, t: f64) -> f64 {
    amplitude * (frequency * t).sin() + (-amplitude * t).exp()
}

/// As many columns as one likes.
#[differentiable(jacobian)]
fn waves<const N: usize>(x: &[f64; N], #[nodiff] times: &[f64], #[out] out: &mut [f64]) {
    for i in 0..times.len() {
        let mut s = 0.0;
        for k in 0..N {
            s += wave(x[k], x[(k + 1) % N], times[i]);
        }
        out[i] = s;
    }
}

#[test]
fn any_number_of_columns() {
    let times = [0.1, 0.7, 1.3];
    columns!(waves, waves_jacobian_into, waves_jvp, 1, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 2, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 3, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 4, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 5, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 7, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 8, 3, &times);
    columns!(waves, waves_jacobian_into, waves_jvp, 9, 3, &times);
    waves_jacobian_into(&[0.0; 6], &[], &mut [], &mut []);
    let mut out = [5.0; 3];
    waves_jacobian_into(&[], &times, &mut out, &mut []);
    assert_eq!(out, [0.0; 3]);
}

#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: [f64; 2],
    #[nodiff]
    mass: f64,
}

#[derive(Clone, Differentiable)]
enum Law {
    Spring(f64),
    Drag { factor: f64, power: f64 },
}

#[differentiable(jvp)]
impl Law {
    fn force(&self, x: f64) -> f64 {
        match self {
            Law::Spring(k) => -k * x,
            Law::Drag { factor, power } => -factor * x.abs().powf(*power),
        }
    }
}

#[differentiable(jvp)]
fn push(body: &mut Body, law: &Law, step: f64) {
    for i in 0..2 {
        body.position[i] += step * law.force(body.position[i]) / body.mass;
    }
}

/// Structs, enums, options, closures, updates in place, exits.
#[differentiable(jacobian)]
fn motion(x: &[f64; 6], #[out] out: &mut [f64]) {
    let mut body = Body {
        position: [x[0], x[1]],
        mass: 2.0,
    };
    let laws = [
        Law::Spring(x[2]),
        Law::Drag {
            factor: x[3],
            power: 1.5,
        },
    ];
    let scale = |v: f64| v * x[4];
    let mut last = None;
    for i in 0..7 {
        push(&mut body, &laws[i % 2], x[5]);
        if body.position[0] > 100.0 {
            break;
        }
        if i % 3 == 1 {
            last = Some(body.position[1]);
        }
        out[i] = scale(body.position[0]) + last.unwrap_or(x[1]);
    }
}

#[test]
fn structs_enums_and_updates_in_place() {
    columns!(motion, motion_jacobian_into, motion_jvp, 6, 7,);
}

#[differentiable(jvp, tape)]
fn smooth(x: &mut [f64]) {
    for i in 1..x.len() {
        x[i] = 0.7 * x[i - 1] * x[i] + 0.3 * x[i];
    }
}

#[differentiable(jvp)]
fn fill(x: &[f64], #[out] y: &mut [f64]) {
    y.copy_from_slice(x);
    y.swap(0, 1);
}

/// Slices lent in parts, `Vec`s, loops that end on the way.
#[differentiable(jacobian, tape)]
fn buffers(x: &[f64; 5], #[out] out: &mut [f64]) {
    let mut all = vec![0.0; 5];
    fill(x, &mut all);
    smooth(&mut all[1..]);
    let mut s = 0.0;
    let mut i = 0;
    while i < 5 {
        s += all[i] * all[i];
        if s > 3.0 {
            break;
        }
        i += 1;
    }
    let mut kept = Vec::new();
    for v in all.iter().filter(|v| **v > -0.5) {
        kept.push(v.sin());
    }
    out.fill(s);
    for (o, (a, b)) in out.iter_mut().zip(all.iter().zip(x)) {
        *o += a * b;
    }
    for v in &kept {
        out[0] += *v;
    }
}

#[test]
fn slices_and_vecs() {
    columns!(buffers, buffers_jacobian_into, buffers_jvp, 5, 6,);
}

#[differentiable(jvp)]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

/// Recursion, and what a callee returns by the array.
#[differentiable(jacobian)]
fn powers(x: &[f64; 4], #[out] out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = power(x[i % 4], i) + x[(i + 1) % 4];
    }
}

#[test]
fn recursion() {
    columns!(powers, powers_jacobian_into, powers_jvp, 4, 6,);
}

/// A rule for one tangent that reads slices.
#[differentiable(vjp = norm_reverse, jvp = norm_forward)]
fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn norm_reverse(x: &[f64], d_x: &mut [f64], d_ret: f64) -> f64 {
    let norm = norm(x);
    for (d, x) in d_x.iter_mut().zip(x) {
        *d += d_ret * x / norm;
    }
    norm
}

fn norm_forward(x: &[f64], d_x: &[f64]) -> (f64, f64) {
    let norm = norm(x);
    let dot: f64 = x.iter().zip(d_x).map(|(x, d)| x * d).sum();
    (norm, dot / norm)
}

/// One that changes what it is given: it cannot run once for each lane.
#[differentiable(vjp = double_reverse, jvp = double_forward)]
fn double(x: &mut [f64]) {
    for x in x {
        *x *= 2.0;
    }
}

fn double_reverse(x: &mut [f64], d_x: &mut [f64]) {
    double(x);
    double(d_x);
}

fn double_forward(x: &mut [f64], d_x: &mut [f64]) {
    double(x);
    double(d_x);
}

/// A rule for reverse mode alone, and partial derivatives.
#[differentiable(vjp = ratio_reverse, jvp)]
fn ratio(x: f64, y: f64) -> f64 {
    x / y
}

fn ratio_reverse(x: f64, y: f64, d_ret: f64) -> (f64, f64, f64) {
    (x / y, d_ret / y, -d_ret * x / (y * y))
}

#[differentiable(partials(x = 2.0 * x * y, y = x * x), jvp)]
fn square_times(x: f64, y: f64) -> f64 {
    x * x * y
}

#[differentiable(jacobian)]
fn by_rules(x: &[f64; 5], #[out] out: &mut [f64]) {
    let n = norm(&x[1..]);
    for i in 0..out.len() {
        out[i] = ratio(x[i % 5], 2.0 + n) * square_times(n, x[0]) + square_times(3.0, x[1]);
    }
}

#[differentiable(jacobian)]
fn by_rules_in_place(x: &[f64; 5], #[out] out: &mut [f64]) {
    let mut all = *x;
    double(&mut all);
    for i in 0..out.len() {
        out[i] = all[i % 5] * x[0];
    }
}

#[test]
fn rules_by_hand() {
    columns!(by_rules, by_rules_jacobian_into, by_rules_jvp, 5, 3,);
    columns!(
        by_rules_in_place,
        by_rules_in_place_jacobian_into,
        by_rules_in_place_jvp,
        5,
        5,
    );
}

struct Scale {
    by: f64,
}

impl Scale {
    #[differentiable(jvp)]
    fn apply(#[nodiff] &self, x: f64) -> f64 {
        self.by * x.tanh()
    }

    #[differentiable(jacobian)]
    fn all<T: Real, const N: usize>(#[nodiff] &self, x: [T; N]) -> [T; N] {
        let mut y = x;
        for i in 1..N {
            y[i] = (y[i - 1] * x[i]).sin();
        }
        y
    }

    #[differentiable(jacobian)]
    fn each(#[nodiff] &self, x: &[f64; 3]) -> [f64; 4] {
        [
            self.apply(x[0]),
            self.apply(x[1] * x[2]),
            self.apply(x[2]),
            x[0],
        ]
    }
}

fn check_matrix<const N: usize, const M: usize>(
    f: impl Fn(&[f64; N]) -> [f64; M],
    along: impl Fn(&[f64; N], &[f64; N]) -> [f64; M],
    (value, j): ([f64; M], [[f64; N]; M]),
    x: &[f64; N],
) {
    assert_eq!(value, f(x));
    for k in 0..N {
        let mut direction = [0.0; N];
        direction[k] = 1.0;
        let d = along(x, &direction);
        for i in 0..M {
            assert_eq!(j[i][k], d[i]);
            check_derivative("entry", j[i][k], |h| {
                let mut x = *x;
                x[k] += h;
                f(&x)[i]
            });
        }
    }
}

#[test]
fn arrays_and_methods() {
    let scale = Scale { by: 1.5 };
    macro_rules! all {
        ($($n:literal)*) => {$({
            let x: [f64; $n] = noise($n, $n).try_into().unwrap();
            check_matrix(|x| scale.all(*x), |x, d| scale.all_jvp(*x, *d).1, scale.all_jacobian(x), &x);
        })*};
    }
    all!(1 2 3 4 5 6 8 11);
    assert_eq!(scale.all_jacobian::<f64, 0>([]), ([], []));
    let x = [0.3, -0.8, 1.1];
    check_matrix(
        |x| scale.each(x),
        |x, d| scale.each_jvp(x, d).1,
        scale.each_jacobian(&x),
        &x,
    );
    let (_, single) = scale.all_jacobian([0.5_f32, 2.0, 0.25]);
    let (_, double) = scale.all_jacobian([0.5_f64, 2.0, 0.25]);
    for (single, double) in single.iter().flatten().zip(double.iter().flatten()) {
        assert!((f64::from(*single) - double).abs() < 1e-6);
    }
}

/// A kink where a partial is infinite: what does not vary contributes nothing.
#[differentiable(jacobian)]
fn roots(x: &[f64; 4]) -> [f64; 4] {
    [x[0].sqrt(), x[1].sqrt() * x[0], x[2].abs(), x[3].max(x[2])]
}

#[test]
fn kinks() {
    let (_, j) = roots_jacobian(&[4.0, 0.0, 0.0, 0.0]);
    assert_eq!(j[0], [0.25, 0.0, 0.0, 0.0]);
    assert_eq!(j[1], [0.0, f64::INFINITY, 0.0, 0.0]);
    assert_eq!(j[2], [0.0; 4]);
    assert_eq!(j[3], [0.0, 0.0, 0.5, 0.5]);
}
