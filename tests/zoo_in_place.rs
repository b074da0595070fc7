//! `&mut` parameters that are read before they are written: on entry `d_y` is the cotangent of `y` as the function leaves it, on exit of `y`
//! as it found it; `y` is left as the function leaves it.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, dot, noise};

/// Checks a function from `x` and the contents of a buffer to the buffer's new contents and a value, and its sweep. The sweep gets the
/// gradient of `x` to add to, and the buffer's cotangent, and returns the value.
#[track_caller]
fn check<F, G>(f: F, vjp: G, x: &[f64], y: &[f64])
where
    F: Fn(&[f64], &mut [f64]) -> f64,
    G: Fn(&[f64], &mut [f64], &mut [f64], &mut [f64], f64) -> f64,
{
    let (seed, d_value) = (noise(71, y.len()), 0.7);
    let scalar = |all: &[f64]| {
        let (x, y) = all.split_at(x.len());
        let mut y = y.to_vec();
        let value = f(x, &mut y);
        dot(&y, &seed) + d_value * value
    };
    let (mut left, mut again) = (y.to_vec(), y.to_vec());
    let value = f(x, &mut again);
    let (mut d_x, mut d_y) = (vec![0.0; x.len()], seed.clone());
    let got = vjp(x, &mut d_x, &mut left, &mut d_y, d_value);
    common::assert_near(got, value, 1e-13);
    common::assert_all_near(&left, &again, 1e-13);
    let all = [x, y].concat();
    check_gradient(scalar, &all, &[d_x, d_y].concat());
}

macro_rules! check {
    ($f:ident, $vjp:ident, $x:expr, $y:expr) => {
        check(
            |x, y| {
                $f(x, y);
                0.0
            },
            |x, d_x, y, d_y, _| {
                $vjp(x, d_x, y, d_y);
                0.0
            },
            &$x,
            &$y,
        )
    };
}

#[differentiable]
fn scale(a: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = a[0] * y[i];
    }
}

#[differentiable]
fn axpy(x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] += x[0] * x[i + 1];
    }
}

#[differentiable]
fn axpy_of_itself(x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] -= x[i] * y[i] * y[i];
    }
}

#[differentiable]
fn exponentials(x: &[f64], y: &mut [f64]) {
    for y in y.iter_mut() {
        *y = (x[0] + *y).exp();
    }
}

#[differentiable]
fn squashed(x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = y[i].tanh();
        y[i] = (x[i] + y[i]).tanh() * y[i];
    }
}

#[test]
fn maps() {
    for n in [0, 1, 2, 7, 19] {
        let (x, y) = (noise(1, n + 1), noise(2, n));
        check!(scale, scale_vjp, x, y);
        check!(axpy, axpy_vjp, x, y);
        check!(axpy_of_itself, axpy_of_itself_vjp, x, y);
        check!(exponentials, exponentials_vjp, x, y);
        check!(squashed, squashed_vjp, x, y);
    }
}

#[differentiable]
fn add_to(x: f64, y: &mut f64) {
    *y += x * x;
}

#[differentiable]
fn scale_one(x: f64, y: &mut f64) {
    *y *= x;
    *y = y.sin() * *y;
}

#[differentiable]
fn read(y: &mut [f64]) -> f64 {
    y[0] * y[1]
}

#[differentiable]
fn exchange(a: &mut f64, b: &mut f64) -> f64 {
    let t = *a;
    *a = *b * t;
    *b = t;
    t * t
}

#[test]
fn scalars() {
    let (mut y, mut d_y) = (3.0, 5.0);
    assert_eq!(add_to_vjp(2.0, &mut y, &mut d_y), 20.0);
    assert_eq!((y, d_y), (7.0, 5.0));

    let f = |v: &[f64]| {
        let mut y = v[1];
        scale_one(v[0], &mut y);
        1.5 * y
    };
    let (mut y, mut d_y) = (0.8, 1.5);
    let d_x = scale_one_vjp(1.3, &mut y, &mut d_y);
    check_gradient(f, &[1.3, 0.8], &[d_x, d_y]);

    let (mut y, mut d_y) = ([2.0, 3.0, 4.0], [1.0, 1.0, 1.0]);
    assert_eq!(read_grad(&mut y, &mut d_y), 6.0);
    assert_eq!(d_y, [4.0, 3.0, 1.0]);

    let (mut a, mut b, mut d_a, mut d_b) = (2.0, 3.0, 10.0, 100.0);
    assert_eq!(exchange_vjp(&mut a, &mut d_a, &mut b, &mut d_b, 1.0), 4.0);
    assert_eq!((a, b), (6.0, 2.0));
    assert_eq!((d_a, d_b), (10.0 * 3.0 + 100.0 + 4.0, 20.0));
}

// Callers: nothing in them says that `scale3`, `step` and `State::step` update in place.

#[differentiable]
fn scale3(a: f64, y: &mut [f64; 3]) {
    for y in y {
        *y = (a * *y).sin() + 0.3 * *y;
    }
}

#[differentiable]
fn in_a_line(a: f64, b: f64) -> f64 {
    let mut y = [a, b, 1.5];
    scale3(a, &mut y);
    let first = y[0] * y[1];
    scale3(b, &mut y);
    scale3(first, &mut y);
    y[0] + y[1] * y[2]
}

#[differentiable]
fn in_branches(a: f64, b: f64) -> f64 {
    let mut y = [a, b, 1.5];
    if a > b {
        scale3(a, &mut y);
        if y[0] > 0.0 {
            scale3(b * y[1], &mut y);
        }
    } else {
        y[1] *= a;
        scale3(y[1], &mut y);
    }
    y[0] + y[1] * y[2]
}

#[differentiable]
fn in_a_loop(a: f64, b: f64) -> f64 {
    let mut y = [a, b, 1.5];
    for k in 0..4 {
        scale3(a + k as f64 * 0.1, &mut y);
        y[1] *= b;
    }
    y[0] + y[1] * y[2]
}

#[differentiable]
fn in_rows(a: f64, b: f64) -> f64 {
    let mut y = [[a, b, 1.5], [b, a * b, 0.5]];
    for k in 0..2 {
        scale3(a + k as f64 * 0.1, &mut y[k]);
    }
    let mut s = 0.0;
    for k in 0..2 {
        s += y[k][0] * y[k][1] + y[k][2] * y[0][k];
    }
    s * s
}

#[differentiable(tape)]
fn on_the_tape(a: f64, b: f64, n: usize) -> f64 {
    let mut y = [a, b, 1.5];
    for k in 0..n {
        scale3(a + k as f64 * 0.1, &mut y);
        if y[0] > 1.0 {
            scale3(0.5 * b, &mut y);
        }
    }
    y[0] + y[1] * y[2]
}

#[differentiable(tape)]
fn rows_on_the_tape(a: f64, b: f64, n: usize) -> f64 {
    let mut y = [[a, b, 1.5], [b, a * b, 0.5], [1.0, a, a]];
    for k in 0..n {
        scale3(a + k as f64 * 0.1, &mut y[k]);
    }
    let mut s = 0.0;
    for k in 0..n {
        s += y[k][0] * y[k][1] + y[k][2] * y[0][k];
    }
    s * s
}

#[differentiable]
fn twice(a: f64, y: &mut [f64; 3]) -> f64 {
    scale3(a, y);
    scale3(a * 0.7, y);
    y[0]
}

#[differentiable]
fn through_levels(a: f64, b: f64) -> f64 {
    let mut y = [a, b, 1.5];
    let mut s = 0.0;
    for _ in 0..3 {
        s += twice(b, &mut y) * a;
    }
    twice(s * 0.01, &mut y) * s + y[1]
}

#[derive(Clone, Copy, Differentiable)]
struct State {
    x: f64,
    v: [f64; 2],
}

impl State {
    #[differentiable]
    fn step(&mut self, h: f64) {
        self.x += h * self.v[0];
        self.v[0] -= h * self.x.sin() * self.v[1];
        self.v[1] *= 1.0 + h;
    }

    #[differentiable]
    fn steps(&mut self, h: f64) -> f64 {
        for _ in 0..5 {
            self.step(h);
        }
        self.x
    }

    #[differentiable]
    fn decay(v: &mut [f64; 2], h: f64) {
        v[0] *= h;
        v[1] *= v[0];
    }
}

#[differentiable]
fn methods(x: f64, h: f64) -> f64 {
    let h = 0.2 * h;
    let mut s = State { x, v: [h * x, 0.8] };
    s.step(h);
    let a = s.steps(h) * s.x;
    State::decay(&mut s.v, a);
    for _ in 0..2 {
        State::step(&mut s, 0.3);
    }
    s.x + s.v[0] * a + s.v[1]
}

#[test]
fn callers() {
    let points = [[0.7, 0.4], [0.3, 0.9], [1.3, -0.2]];
    common::check_args(
        |[a, b]| in_a_line(a, b),
        |[a, b]| in_a_line_grad(a, b),
        &points,
    );
    common::check_args(
        |[a, b]| in_branches(a, b),
        |[a, b]| in_branches_grad(a, b),
        &points,
    );
    common::check_args(
        |[a, b]| in_a_loop(a, b),
        |[a, b]| in_a_loop_grad(a, b),
        &points,
    );
    common::check_args(|[a, b]| in_rows(a, b), |[a, b]| in_rows_grad(a, b), &points);
    for n in 0..4 {
        let mut tape = Tape::new();
        common::check_args(
            |[a, b]| on_the_tape(a, b, n),
            |[a, b]| on_the_tape_grad(a, b, n, &mut Tape::new()),
            &points,
        );
        common::check_args(
            |[a, b]| rows_on_the_tape(a, b, n),
            |[a, b]| rows_on_the_tape_grad(a, b, n, &mut Tape::new()),
            &points,
        );
        on_the_tape_grad(1.0, 2.0, n, &mut tape);
        rows_on_the_tape_grad(1.0, 2.0, n, &mut tape);
        assert_eq!(tape.mark(), 0);
    }
    common::check_args(
        |[a, b]| through_levels(a, b),
        |[a, b]| through_levels_grad(a, b),
        &points,
    );
    common::check_args(|[a, b]| methods(a, b), |[a, b]| methods_grad(a, b), &points);
}

#[differentiable(vjp = scale_rule, jvp = scale_tangent)]
fn scale_by_hand(k: f64, y: &mut [f64; 3]) {
    for y in y {
        *y *= k;
    }
}

fn scale_tangent(k: f64, d_k: f64, y: &mut [f64; 3], d_y: &mut [f64; 3]) {
    for (y, d_y) in y.iter_mut().zip(d_y) {
        *d_y = d_k * *y + k * *d_y;
        *y *= k;
    }
}

fn scale_rule(k: f64, y: &mut [f64; 3], d_y: &mut [f64; 3]) -> f64 {
    let mut d_k = 0.0;
    for (y, d_y) in y.iter_mut().zip(d_y) {
        d_k += *y * *d_y;
        *d_y *= k;
        *y *= k;
    }
    d_k
}

#[differentiable]
fn scaled_by_hand(k: f64, a: f64) -> f64 {
    let mut y = [1.0, a, 3.0];
    scale_by_hand(k, &mut y);
    scale_by_hand(y[1], &mut y);
    for i in 0..2 {
        scale_by_hand(k + a * i as f64, &mut y);
    }
    y[0] + y[1] * y[2]
}

#[test]
fn rules_by_hand() {
    let (mut y, mut d_y) = ([1.0, 2.0, 3.0], [1.0; 3]);
    assert_eq!(scale_by_hand_vjp(2.0, &mut y, &mut d_y), 6.0);
    assert_eq!((y, d_y), ([2.0, 4.0, 6.0], [2.0; 3]));
    common::check_args(
        |[k, a]| scaled_by_hand(k, a),
        |[k, a]| scaled_by_hand_grad(k, a),
        &[[1.1, 0.4], [-0.7, 0.9]],
    );
}

#[differentiable]
fn norm_of_exponentials(x: &[f64], y: &mut [f64]) -> f64 {
    let mut s = x[0];
    for i in 0..y.len() {
        y[i] = (y[i] * 0.5).exp();
        s += y[i] * x[0];
    }
    s * s
}

#[differentiable(tape)]
fn softmax(x: &[f64], y: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for y in y.iter_mut() {
        *y = (*y * x[0]).exp();
        s += *y;
    }
    for y in y.iter_mut() {
        *y /= s;
    }
    let mut entropy = 0.0;
    for y in y.iter() {
        entropy -= y * y.ln();
    }
    entropy
}

#[differentiable(tape)]
fn scaled_by_its_norm(x: &[f64], y: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..y.len() {
        y[i] *= x[0];
        s += y[i] * y[i];
    }
    for i in 0..y.len() {
        y[i] = s * y[i] * y[i] + x[1];
    }
    let mut i = 0;
    while i < y.len() {
        y[i] *= y[i] + s;
        i += 2;
    }
    s * s
}

#[differentiable(tape)]
fn running(x: &[f64], y: &mut [f64]) -> f64 {
    for i in 1..y.len() {
        y[i] = x[0] * y[i - 1] * y[i] + y[i].sin();
    }
    let mut p = 1.0;
    for i in (0..y.len()).rev() {
        p *= y[i];
        y[i] = p + x[1] * y[i];
        if p > 0.2 {
            p *= 0.5;
        }
    }
    p
}

#[test]
fn old_contents() {
    for n in [0, 1, 2, 5, 8] {
        let (x, y) = ([0.7, -0.4], noise(12, n));
        check(
            norm_of_exponentials,
            |x, d_x, y, d_y, d| norm_of_exponentials_vjp(x, d_x, y, d_y, d),
            &x,
            &y,
        );
        let mut tape = Tape::new();
        check(
            softmax,
            |x, d_x, y, d_y, d| softmax_vjp(x, d_x, y, d_y, d, &mut Tape::new()),
            &x,
            &y,
        );
        check(
            scaled_by_its_norm,
            |x, d_x, y, d_y, d| scaled_by_its_norm_vjp(x, d_x, y, d_y, d, &mut Tape::new()),
            &x,
            &y,
        );
        check(
            running,
            |x, d_x, y, d_y, d| running_vjp(x, d_x, y, d_y, d, &mut Tape::new()),
            &x,
            &y,
        );
        let (mut y, mut d_y) = (y.clone(), y);
        running_vjp(&x, &mut [0.0; 2], &mut y, &mut d_y, 1.0, &mut tape);
        scaled_by_its_norm_vjp(&x, &mut [0.0; 2], &mut y, &mut d_y, 1.0, &mut tape);
        assert_eq!(tape.mark(), 0);
    }
}

#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: f64,
    velocity: f64,
}

#[differentiable(tape)]
fn carried(start: Body, k: f64, steps: usize) -> f64 {
    let mut b = start;
    for _ in 0..steps {
        b = Body {
            position: b.position * b.velocity + k,
            velocity: b.position.sin() * k,
        };
    }
    b.position * b.velocity
}

#[test]
fn structs_by_their_fields() {
    for steps in 0..4 {
        let f = |v: &[f64]| {
            let start = Body {
                position: v[0],
                velocity: v[1],
            };
            carried(start, v[2], steps)
        };
        let v = [0.7, 1.3, -0.4];
        let start = Body {
            position: v[0],
            velocity: v[1],
        };
        let (_, d, d_k) = carried_grad(start, v[2], steps, &mut Tape::new());
        check_gradient(f, &v, &[d.position, d.velocity, d_k]);
    }
}

/// Updates in place, and returns something.
#[differentiable]
fn squares(a: f64, y: &mut [f64; 3]) -> f64 {
    for i in 0..3 {
        y[i] = y[i] * y[i] * a;
    }
    a * y[0]
}

#[differentiable]
fn rows_in_place(a: f64, b: f64) -> f64 {
    let mut y = [[a, b, 1.5], [b, a * b, 0.5]];
    let mut s = 0.0;
    for k in 0..2 {
        s += squares(a + k as f64 * 0.1, &mut y[k]);
    }
    for k in 0..2 {
        s += y[k][0] * y[k][1] + y[k][2] * y[0][k];
    }
    s
}

#[differentiable]
fn rows_in_place_twice(a: f64, b: f64) -> f64 {
    let mut y = [[a, b, 1.5], [b, a * b, 0.5]];
    for k in 0..2 {
        squares(a + k as f64 * 0.1, &mut y[k]);
    }
    let mut s = 0.0;
    for k in 0..2 {
        s += 2.0 * squares(b, &mut y[k]);
    }
    s * y[0][1] + y[1][2] * y[0][0]
}

/// The sweep of a call that updates a part of a buffer in place ran together with the call on what that had left there.
#[test]
fn parts_updated_in_place_by_calls_that_return_something() {
    let points = [[0.7, 0.4], [1.1, -0.3]];
    common::check_args(
        |[a, b]| rows_in_place(a, b),
        |[a, b]| rows_in_place_grad(a, b),
        &points,
    );
    common::check_args(
        |[a, b]| rows_in_place_twice(a, b),
        |[a, b]| rows_in_place_twice_grad(a, b),
        &points,
    );
}
