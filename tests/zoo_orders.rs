//! Several buffers that change in loops, branches and calls, in orders in which what one put on the log lies over what another one did.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, check_in_place, noise};

/// A sweep of a smoother, each element with its left neighbour as it is by then.
#[differentiable(tape)]
fn smooth(x: &mut [f64], w: f64) {
    for i in 1..x.len() {
        x[i] = x[i] * (1.0 - w) + w * x[i - 1] * x[i];
    }
}

/// Two populations that prey on each other.
#[differentiable(tape)]
fn trade(p: &mut [f64], q: &mut [f64], a: f64) {
    for i in 0..p.len().min(q.len()) {
        let t = p[i] * a - q[i] * 0.3;
        q[i] = p[i] * 0.5 + 0.1 * q[i] * q[i];
        p[i] = t;
    }
}

/// Checks a function of two buffers.
#[track_caller]
fn check_two(
    f: impl Fn(&mut [f64], &mut [f64]),
    vjp: impl Fn(&mut [f64], &mut [f64], &mut [f64], &mut [f64], &mut Tape<'_>),
) {
    for seed in 0..4 {
        check_in_place(
            |x| {
                let (y, z) = x.split_at_mut(4);
                f(y, z);
            },
            |x, d, t| {
                let ((y, z), (d_y, d_z)) = (x.split_at_mut(4), d.split_at_mut(4));
                vjp(y, d_y, z, d_z, t);
            },
            &noise(40 + seed, 8),
        );
    }
}

// ------------------------------------------------------------------ scratch that a later loop fills

#[differentiable(tape)]
fn filled_by_a_later_loop(x: &[f64], c: f64, n: usize) -> f64 {
    let mut z = x.to_vec();
    let m = z.len();
    let mut s = c;
    let mut t = c;
    for i in 0..n {
        let i = i % m;
        z.swap(0, i * 2 % m);
        s += (0.8 * (s + z[i]).sin()).sin();
        t += (z[i] * s).sin();
    }
    for _ in 1..m {
        z.fill(s);
    }
    let mut r = s * t;
    for i in 0..m {
        r += z[i] * z[i];
    }
    r
}

/// The same on one side of a branch, in loops within loops.
#[differentiable(tape)]
fn filled_deep_inside(x: &[f64], c: f64, n: usize) -> f64 {
    let mut z = x.to_vec();
    let m = z.len();
    let mut s = c;
    for i in 0..n {
        z[i % m] *= s.cos();
        s += z[(i + 1) % m].sin() * z[0];
    }
    for i in 0..n {
        for j in 0..2 {
            if i + j > 1 {
                z.fill(s * 0.5);
            }
            z[j] += s;
        }
    }
    s + z[0] * z[1] + z[2]
}

#[test]
fn scratch_is_what_it_was_before_it_was_filled() {
    let x = noise(11, 4);
    let mut tape = Tape::new();
    for n in 0..6 {
        for (f, grad) in [
            (
                filled_by_a_later_loop as fn(&[f64], f64, usize) -> f64,
                filled_by_a_later_loop_grad
                    as fn(&[f64], &mut [f64], f64, usize, &mut Tape<'_>) -> (f64, f64),
            ),
            (filled_deep_inside, filled_deep_inside_grad),
        ] {
            let mut d = vec![0.0; 4];
            let (_, d_c) = grad(&x, &mut d, 0.4, n, &mut tape);
            check_gradient(|x| f(x, 0.4, n), &x, &d);
            check_gradient(|c| f(&x, c[0], n), &[0.4], &[d_c]);
            assert_eq!((tape.mark(), tape.logged()), (0, 0));
        }
    }
}

// ------------------------------------------------------------------ a costly result beside a buffer that goes back

#[differentiable(tape)]
fn a_result_beside(x: &[f64], w: &[f64]) -> f64 {
    let mut y = x.to_vec();
    let mut t = 0.2;
    for i in 0..3 {
        let e = w[i].sin();
        y[2] += e;
        t *= (0.8 + 0.1 * y[i]).cos();
    }
    t * y[2]
}

#[test]
fn results_are_kept_beside_buffers() {
    let (x, w) = (noise(12, 4), noise(13, 3));
    let (mut d_x, mut d_w) = (vec![0.0; 4], vec![0.0; 3]);
    a_result_beside_grad(&x, &mut d_x, &w, &mut d_w, &mut Tape::new());
    check_gradient(|x| a_result_beside(x, &w), &x, &d_x);
    check_gradient(|w| a_result_beside(&x, w), &w, &d_w);
}

// ------------------------------------------------------------------ one buffer goes back before the log of another is used

#[differentiable(tape)]
fn one_turns_the_other_grows(y: &mut [f64], z: &mut [f64], n: usize) {
    let mut s = 0.3;
    for i in 0..n {
        let mut k = 0;
        while k < n {
            k += 1;
            s += y[i];
            y.rotate_left(1);
        }
        for v in z.iter_mut() {
            *v = *v * s + 0.2;
        }
        y[0] *= z[1];
    }
}

#[differentiable(tape)]
fn a_loop_a_call_a_branch(y: &mut [f64], z: &mut [f64], n: usize) {
    let mut i = 0;
    while i < n && y[i] < 2.0 {
        i += 1;
        y[1] = y[i].sin() * y[0] * y[2];
    }
    smooth(z, 0.6);
    if z[3] > z[1] {
        y[2] *= y[1];
    } else {
        y[3] *= y[2];
    }
}

#[test]
fn what_lies_on_top_goes_back_first() {
    for n in 0..4 {
        check_two(
            |y, z| one_turns_the_other_grows(y, z, n),
            |y, d_y, z, d_z, t| one_turns_the_other_grows_vjp(y, d_y, z, d_z, n, t),
        );
        check_two(
            |y, z| a_loop_a_call_a_branch(y, z, n),
            |y, d_y, z, d_z, t| a_loop_a_call_a_branch_vjp(y, d_y, z, d_z, n, t),
        );
    }
}

// ------------------------------------------------------------------ one of two buffers stays as a branch left it

#[differentiable(tape)]
fn some_trade_then_all_smooth(y: &mut [f64], z: &mut [f64], n: usize) {
    for i in 0..n {
        if z[i % 4] < 0.2 {
            trade(y, z, 0.4);
        }
        smooth(y, 0.3);
    }
}

#[differentiable(tape)]
fn some_trade_then_one_shrinks(y: &mut [f64], z: &mut [f64], n: usize) {
    for i in 0..n {
        if z[i % 4] < 0.2 {
            trade(y, z, 0.4);
        }
        y[0] *= y[1];
    }
}

#[differentiable(tape)]
fn some_trade_then_halves_do(y: &mut [f64], z: &mut [f64], n: usize) {
    for i in 0..n {
        if z[i % 4] < 0.2 {
            trade(y, z, 0.4);
        }
        let (a, b) = y.split_at_mut(2);
        trade(a, b, 0.7);
        z[1] = z[1] * y[2];
    }
}

#[test]
fn two_buffers_of_one_call_go_their_own_ways() {
    for n in 0..4 {
        check_two(
            |y, z| some_trade_then_all_smooth(y, z, n),
            |y, d_y, z, d_z, t| some_trade_then_all_smooth_vjp(y, d_y, z, d_z, n, t),
        );
        check_two(
            |y, z| some_trade_then_one_shrinks(y, z, n),
            |y, d_y, z, d_z, t| some_trade_then_one_shrinks_vjp(y, d_y, z, d_z, n, t),
        );
        check_two(
            |y, z| some_trade_then_halves_do(y, z, n),
            |y, d_y, z, d_z, t| some_trade_then_halves_do_vjp(y, d_y, z, d_z, n, t),
        );
    }
}

// ------------------------------------------------------------------ what inner loops keep lies on top

#[differentiable(tape)]
fn rows_then_the_right_side(y: &mut [f64], z: &mut [f64]) {
    let n = z.len();
    let mut i = 0;
    while i < n {
        let m = y[i].sin();
        let mut j = 0;
        while j < n {
            y[j] *= m + 0.3 * j as f64;
            j += 1;
        }
        z[i] *= m;
        i += 1;
    }
}

#[differentiable(tape)]
fn a_product_then_the_right_side(y: &mut [f64], z: &mut [f64]) {
    let n = z.len();
    let mut i = 0;
    while i < n {
        let mut p = y[i].sin();
        for j in 0..n {
            p *= y[j].cos();
        }
        z[i] *= p;
        i += 1;
    }
}

#[differentiable(tape)]
fn rows_by_index_then_the_right_side(y: &mut [f64], z: &mut [f64]) {
    let n = z.len();
    let mut i = 0;
    while i < n {
        let m = y[i].sin();
        for j in 0..n {
            y[j] *= m + 0.3 * j as f64;
        }
        z[i] *= m;
        i += 1;
    }
}

/// Without slices of the tape, each number by itself.
#[differentiable(tape, without(keep))]
fn rows_one_by_one(y: &mut [f64], z: &mut [f64]) {
    for i in 0..z.len() {
        let m = y[i].sin();
        for j in 0..z.len() {
            y[j] *= m + 0.3 * j as f64;
        }
        z[i] *= m;
    }
}

/// A number that an iteration read before its inner loop comes off the tape before what that loop keeps, or not at all from there.
#[test]
fn nothing_comes_off_the_tape_from_under_an_inner_loop() {
    check_two(
        |y, z| rows_then_the_right_side(y, z),
        |y, d_y, z, d_z, t| rows_then_the_right_side_vjp(y, d_y, z, d_z, t),
    );
    check_two(
        |y, z| a_product_then_the_right_side(y, z),
        |y, d_y, z, d_z, t| a_product_then_the_right_side_vjp(y, d_y, z, d_z, t),
    );
    check_two(
        |y, z| rows_by_index_then_the_right_side(y, z),
        |y, d_y, z, d_z, t| rows_by_index_then_the_right_side_vjp(y, d_y, z, d_z, t),
    );
    check_two(
        |y, z| rows_one_by_one(y, z),
        |y, d_y, z, d_z, t| rows_one_by_one_vjp(y, d_y, z, d_z, t),
    );
}

/// Both branches are one in the end: a change lies between a call and its sweep.
#[differentiable(tape)]
fn a_call_and_a_change_on_one_condition(y: &mut [f64], z: &mut [f64], n: usize, on: bool) {
    for i in 0..n {
        y[i % 4] *= z[0].sin() + y[i % 3];
        if y[0] > 5.0 {
            break;
        }
    }
    let p = (y[0] + y[1]).sin();
    if on {
        smooth(y, z[2] - p * z[1]);
    }
    if on {
        y[2] = z[0];
    }
}

/// The same in an iteration.
#[differentiable(tape)]
fn a_call_and_a_change_in_an_iteration(y: &mut [f64], z: &mut [f64], n: usize) {
    for i in 0..n {
        y[i % 4] *= z[0].sin() + y[i % 3];
    }
    for i in 0..n {
        smooth(y, z[2] * 0.1);
        y[i % 3] = z[0] * y[1];
        z[1] += y[2];
    }
}

/// What a sweep takes off the log lies on top of it.
#[test]
fn nothing_is_logged_between_a_call_and_its_sweep() {
    for n in 0..4 {
        for on in [false, true] {
            check_two(
                |y, z| a_call_and_a_change_on_one_condition(y, z, n, on),
                |y, d_y, z, d_z, t| {
                    a_call_and_a_change_on_one_condition_vjp(y, d_y, z, d_z, n, on, t)
                },
            );
        }
        check_two(
            |y, z| a_call_and_a_change_in_an_iteration(y, z, n),
            |y, d_y, z, d_z, t| a_call_and_a_change_in_an_iteration_vjp(y, d_y, z, d_z, n, t),
        );
    }
}

/// One element is added to, another one scaled.
#[differentiable]
fn shift(y: &mut [f64], a: f64) {
    y[0] += a;
    y[2] *= a.cos();
}

/// What a call in a branch has changed, a call behind it changes again; and the branch's reverse is a block as deep as the branch.
#[differentiable(tape)]
fn a_call_on_a_condition_and_one_behind_it(y: &mut [f64], z: &mut [f64], n: usize, on: bool) {
    for i in 0..n {
        if on {
            trade(z, y, y[0].sin());
        }
        shift(z, i as f64 * 0.25 + 0.3);
    }
}

#[differentiable(tape)]
fn a_vector_on_a_condition(y: &mut [f64], z: &mut [f64], n: usize, on: bool) -> f64 {
    let mut u = vec![y[1]; 3];
    for i in 0..n {
        if on {
            trade(z, &mut u, y[0]);
        }
        shift(z, i as f64 * 0.25);
    }
    u[1] * y[2]
}

#[test]
fn calls_on_a_condition_and_behind_it() {
    for n in 0..4 {
        for on in [false, true] {
            check_two(
                |y, z| a_call_on_a_condition_and_one_behind_it(y, z, n, on),
                |y, d_y, z, d_z, t| {
                    a_call_on_a_condition_and_one_behind_it_vjp(y, d_y, z, d_z, n, on, t)
                },
            );
            check_two(
                |y, z| y[3] = a_vector_on_a_condition(y, z, n, on),
                |y, d_y, z, d_z, t| {
                    let seed = std::mem::take(&mut d_y[3]);
                    y[3] = a_vector_on_a_condition_vjp(y, d_y, z, d_z, n, on, seed, t);
                },
            );
        }
    }
}

#[differentiable(tape)]
fn calls_both_ways(y: &mut [f64], z: &mut [f64], on: bool) {
    shift(y, z[0].cos());
    trade(z, y, 0.7);
    trade(y, z, 0.4);
    if on {
        smooth(z, 0.3);
    }
}

/// Of two buffers of one call the one that goes back first lies on top: they are of different lengths.
#[test]
fn two_buffers_of_one_call_lie_over_each_other() {
    for (at, on) in [(3, false), (3, true), (5, false), (5, true)] {
        check_in_place(
            |x| {
                let (y, z) = x.split_at_mut(at);
                calls_both_ways(y, z, on);
            },
            |x, d, t| {
                let ((y, z), (d_y, d_z)) = (x.split_at_mut(at), d.split_at_mut(at));
                calls_both_ways_vjp(y, d_y, z, d_z, on, t);
            },
            &noise(71, 8),
        );
    }
}

#[differentiable]
fn exchange(acc: &mut f64, b: &mut f64, a: f64) {
    let t = *acc;
    *acc = *b * a.cos();
    *b = t + 0.5 * *acc * *b;
}

/// What the call finds in the element lies on the tape on top of what the iteration begins with.
#[differentiable(tape)]
fn a_number_and_an_element(y: &mut [f64], n: usize, a: f64) -> f64 {
    let mut p = 0.5;
    for i in 0..n {
        exchange(&mut p, &mut y[i], a);
    }
    p
}

#[differentiable(tape)]
fn an_element_and_a_number(y: &mut [f64], n: usize, a: f64) -> f64 {
    let mut p = 0.5;
    for i in 0..n {
        exchange(&mut y[i], &mut p, a);
    }
    p * a
}

#[test]
fn what_calls_find_lies_on_what_iterations_begin_with() {
    macro_rules! check_all {
        ($($f:ident $vjp:ident)*) => {$(
            for n in 0..4 {
                let f = |x: &[f64]| {
                    let mut y = x[..3].to_vec();
                    let value = $f(&mut y, n, x[3]);
                    value + 0.7 * y[0] - 1.1 * y[1] + 0.4 * y[2]
                };
                let x = [0.4, -0.6, 0.9, 0.3];
                let (mut y, mut d) = (x[..3].to_vec(), [0.7, -1.1, 0.4]);
                let (value, d_a) = $vjp(&mut y, &mut d, n, x[3], 1.0, &mut Tape::new());
                common::assert_near(value + 0.7 * y[0] - 1.1 * y[1] + 0.4 * y[2], f(&x), 1e-14);
                common::check_gradient(f, &x, &[d[0], d[1], d[2], d_a]);
            }
        )*};
    }
    check_all! {
        a_number_and_an_element a_number_and_an_element_vjp
        an_element_and_a_number an_element_and_a_number_vjp
    }
}

#[derive(Clone, Copy, Differentiable)]
struct Bodies {
    p: f64,
    w: [f64; 3],
}

impl Bodies {
    #[differentiable]
    fn step(&mut self, f: f64) {
        let t = self.p;
        self.p = (self.p * f + self.w[1]).sin();
        self.w[0] = self.w[2] * t;
        self.w[2] = 0.5 * t + self.w[1];
    }
}

#[differentiable(tape)]
fn steps_of_structs(n: usize, a: f64) -> f64 {
    let mut p = a * 0.5;
    let mut s = Bodies {
        p: 0.3,
        w: [a, 0.5, p],
    };
    let mut i = 0;
    while i < n {
        let mut all = [Bodies {
            p: 0.5,
            w: [s.w[i]; 3],
        }; 3];
        for k in 0..n {
            all[k].step(a);
            p = p.sin();
        }
        s.p = all[1].p.cos() * s.p;
        i += 1;
    }
    s.p + p
}

#[test]
fn structs_that_step_in_an_array() {
    for n in 0..4 {
        common::check_args(
            |[a]: [f64; 1]| steps_of_structs(n, a),
            |[a]| steps_of_structs_grad(n, a, &mut Tape::new()),
            &[[0.7], [-0.4]],
        );
    }
}
