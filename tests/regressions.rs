//! Programs that random search found to go wrong: each was a defect once.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as a generator writes them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient, check_slice, dot, noise};

#[derive(Clone, Copy, Differentiable)]
struct Pair {
    u: f64,
    v: f64,
}

#[derive(Clone, Copy, Differentiable)]
struct Nest {
    left: Pair,
    count: i32,
    weight: f64,
}

#[differentiable]
fn by_reference(t: f64, u: &f64) -> f64 {
    t.sin() * *u + *u
}

#[differentiable]
fn of_a_window(t: f64, a: &[f64]) -> f64 {
    t * a[0] + a[1] * a[1]
}

#[differentiable]
fn fill(t: f64, a: &[f64; 3], y: &mut f64) {
    *y = t * a[0] + a[2];
}

/// A buffer of the caller's assigned as a whole, in a loop and in a branch.
#[differentiable]
fn whole_in_a_loop(t: f64, s: &mut Pair) -> f64 {
    for k in 0..2 {
        *s = Pair {
            u: t * k as f64,
            v: t.sin(),
        };
    }
    t * t
}

#[differentiable]
fn whole_in_a_branch(t: f64, s: &mut [f64; 2]) -> f64 {
    if t > 0.0 {
        *s = [0.5, t];
    } else {
        *s = [t * t, 1.0];
    }
    t.exp()
}

#[test]
fn outputs_assigned_as_a_whole() {
    for t in [0.7, -0.4] {
        let (mut s, mut d_s) = (Pair { u: 0.0, v: 0.0 }, Pair { u: 2.0, v: 3.0 });
        let (_, d_t) = whole_in_a_loop_vjp(t, &mut s, &mut d_s, 0.5);
        let f = |t: &[f64]| {
            let mut s = Pair { u: 0.0, v: 0.0 };
            whole_in_a_loop(t[0], &mut s) * 0.5 + 2.0 * s.u + 3.0 * s.v
        };
        check_gradient(f, &[t], &[d_t]);
        assert_eq!((d_s.u, d_s.v), (0.0, 0.0));
        let (mut s, mut d_s) = ([0.0; 2], [2.0, 3.0]);
        let (_, d_t) = whole_in_a_branch_vjp(t, &mut s, &mut d_s, 0.5);
        let f = |t: &[f64]| {
            let mut s = [0.0; 2];
            whole_in_a_branch(t[0], &mut s) * 0.5 + 2.0 * s[0] + 3.0 * s[1]
        };
        check_gradient(f, &[t], &[d_t]);
        assert_eq!(d_s, [0.0; 2]);
    }
}

/// The condition is of a struct that is only written down there.
#[differentiable]
fn literal_in_a_condition(t: f64) -> f64 {
    let s = Nest {
        left: Pair { u: t, v: t },
        count: 3,
        weight: t,
    };
    if s.count <= 0 {
        return t;
    }
    s.left.u * s.weight
}

#[differentiable]
fn window_of_an_array_that_changes(x: f64, n: usize) -> f64 {
    let mut a = [0.5, x, 0.25];
    let mut t = 0.5;
    for k in 1..4 {
        a[1] += x * k as f64;
        t += of_a_window(0.5 + x, &a[0..2]);
    }
    t + n as f64
}

#[differentiable(tape)]
fn output_after_an_early_return(w: &mut [f64], x: f64, n: usize) -> f64 {
    if n > 7 {
        return 0.5 * x;
    }
    let last = w.len() - 1;
    w[last] = x * x;
    x
}

/// Both sides of the branch are the caller's array, which is not ours to change.
#[differentiable]
fn parameter_through_a_branch(a: &[f64; 3], n: usize) -> f64 {
    let mut b = if n > 4 { *a } else { *a };
    (b[n % 3], b[2]) = (a[0] * a[1], 0.5);
    b[1] * b[0] + b[2]
}

/// The seed of the call is what the call borrows.
#[differentiable]
fn seed_and_slot(x: f64) -> f64 {
    let t = x;
    let s = by_reference(0.5, &t);
    t + s
}

#[differentiable]
fn output_changed_in_a_branch(a: &[f64; 3], n: usize) -> f64 {
    let mut t = 0.5;
    fill(0.5, a, &mut t);
    if n == 9 {
    } else {
        t += a[1];
    }
    t * 0.5
}

#[differentiable(tape)]
fn adjoint_that_is_a_parameter(x: f64, y: f64, n: usize) -> f64 {
    let s = Pair { u: x, v: 0.5 };
    let t = if n < 9 {
        let a = by_reference(0.5, &y);
        by_reference(0.5, &a)
    } else {
        return 0.5;
    };
    y * s.u + t
}

#[differentiable]
fn set(t: f64, #[out] y: &mut f64) {
    *y = t * t;
}

#[differentiable(tape)]
fn scalar_that_calls_in_loops_change(x: f64, n: usize) -> f64 {
    let mut t = x * 2.0;
    for _ in 0..n {
        set(x * x + t, &mut t);
    }
    for _ in 1..3 {
        set(0.5, &mut t);
    }
    t * x
}

/// Counts in what it is given, and has no derivative.
fn count(by: usize, y: &mut [f64]) {
    for y in y {
        *y += by as f64;
    }
}

#[differentiable(tape)]
fn counted_in_parts(x: f64, n: usize) -> f64 {
    let mut y = [0.0; 8];
    let mut s = 0.0;
    for i in 0..n {
        count(i + 1, &mut y[i * 2..][..2]);
        s += (x * y[i * 2]).sin() * y[i * 2 + 1];
    }
    s
}

#[test]
fn programs_that_rustc_refused() {
    let points = [[0.7], [-0.4]];
    check_args(
        |[x]| literal_in_a_condition(x),
        |[x]| literal_in_a_condition_grad(x),
        &points,
    );
    check_args(|[x]| seed_and_slot(x), |[x]| seed_and_slot_grad(x), &points);
    check_args(
        |[x]| window_of_an_array_that_changes(x, 2),
        |[x]| window_of_an_array_that_changes_grad(x, 2),
        &points,
    );
    for n in [0, 1, 3] {
        check_args(
            |[x]| scalar_that_calls_in_loops_change(x, n),
            |[x]| scalar_that_calls_in_loops_change_grad(x, n, &mut Tape::new()),
            &[[0.7], [-0.4]],
        );
        check_args(
            |[x]| counted_in_parts(x, n),
            |[x]| counted_in_parts_grad(x, n, &mut Tape::new()),
            &[[0.7], [-0.4]],
        );
    }
    for n in [1, 9] {
        check_args(
            |[x, y]| adjoint_that_is_a_parameter(x, y, n),
            |[x, y]| adjoint_that_is_a_parameter_grad(x, y, n, &mut Tape::new()),
            &[[0.7, 0.3], [-0.4, 1.2]],
        );
        let array = |a: &[f64]| [a[0], a[1], a[2]];
        check_slice(
            |a| output_changed_in_a_branch(&array(a), n),
            |a, d| {
                let mut own = [0.0; 3];
                let value = output_changed_in_a_branch_grad(&array(a), &mut own, n);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &[0.3, -0.8, 1.1],
        );
        check_slice(
            |a| parameter_through_a_branch(&array(a), n),
            |a, d| {
                let mut own = [0.0; 3];
                let value = parameter_through_a_branch_grad(&array(a), &mut own, n);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &[0.3, -0.8, 1.1],
        );
        let (mut w, mut d_w) = ([0.0; 2], [2.0, 3.0]);
        let (_, d_x) =
            output_after_an_early_return_vjp(&mut w, &mut d_w, 0.7, n, 0.5, &mut Tape::new());
        let f = |x: &[f64]| {
            let mut w = [0.0; 2];
            output_after_an_early_return(&mut w, x[0], n) * 0.5 + 2.0 * w[0] + 3.0 * w[1]
        };
        check_gradient(f, &[0.7], &[d_x]);
    }
}

// Two parts of one variable lent to one call: the first one's cotangent was lost.

#[derive(Clone, Copy, Differentiable)]
struct Parts {
    a: f64,
    b: [f64; 2],
}

#[differentiable]
fn write_both(x: f64, a: &mut f64, b: &mut [f64; 2]) {
    *a = x * x;
    b[0] = x.sin();
    b[1] = 2.0 * x;
}

#[differentiable]
fn wrote_both(x: f64, y: f64) -> f64 {
    let mut s = Parts { a: y, b: [y, x] };
    write_both(x * y, &mut s.a, &mut s.b);
    s.a * s.b[0] * s.b[1]
}
#[differentiable]
fn update_both(x: f64, a: &mut f64, b: &mut [f64; 2]) {
    *a += x * b[0];
    b[0] *= *a;
    b[1] = 2.0 * x;
}
#[differentiable]
fn updated_both(x: f64, y: f64) -> f64 {
    let mut s = Parts { a: y, b: [y, x] };
    update_both(x * y, &mut s.a, &mut s.b);
    update_both(x, &mut s.a, &mut s.b);
    s.a * s.b[0] * s.b[1]
}
#[differentiable]
fn mixed(x: &f64, b: &mut [f64; 2]) {
    b[0] *= *x;
    b[1] = 2.0 * x;
}
#[differentiable]
fn one_read_one_updated(x: f64, y: f64) -> f64 {
    let mut s = Parts { a: y, b: [y, x] };
    mixed(&s.a, &mut s.b);
    mixed(&s.a, &mut s.b);
    s.a * s.b[0] * s.b[1]
}

#[test]
fn several_parts_lent_at_once() {
    let points = [[0.7, 0.4], [-0.3, 1.2]];
    check_args(
        |[x, y]| wrote_both(x, y),
        |[x, y]| wrote_both_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| updated_both(x, y),
        |[x, y]| updated_both_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| one_read_one_updated(x, y),
        |[x, y]| one_read_one_updated_grad(x, y),
        &points,
    );
}

// The sine was kept below what the inner loop keeps, and taken off while that lay on top.

#[differentiable(tape, without(fold, cse, dce, fuse, lanes))]
fn results_below_others(a: f64, b: f64, m: usize, n: usize) -> f64 {
    let mut t = 0.5;
    for _ in 0..m {
        for _ in 0..n {
            t = b.cbrt();
        }
        t += a.sin().sin();
    }
    t
}

#[differentiable(tape)]
fn results_below_a_product(a: f64, b: f64, m: usize, n: usize) -> f64 {
    let mut t = 0.5;
    for _ in 0..m {
        let mut p = 0.4 * t;
        for _ in 0..n {
            p = (b * p).sin() * p.cos();
        }
        t += (a * p).sin().sin() * t;
    }
    t
}

#[test]
fn kept_results_lie_where_they_are_taken_off() {
    for (m, n) in [(0, 1), (1, 1), (1, 2), (3, 1), (2, 3)] {
        check_args(
            |[a, b]| results_below_others(a, b, m, n),
            |[a, b]| results_below_others_grad(a, b, m, n, &mut Tape::new()),
            &[[0.3, 0.7]],
        );
        check_args(
            |[a, b]| results_below_a_product(a, b, m, n),
            |[a, b]| results_below_a_product_grad(a, b, m, n, &mut Tape::new()),
            &[[0.3, 0.7]],
        );
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Spot {
    x: f64,
    y: f64,
}

/// What `no_grad!` makes was taken for an integer, and so was what it met.
#[differentiable]
fn constant_times_a_field(p: Spot) -> f64 {
    let c = no_grad!(2.0);
    let mut s = c * p.x + p.y * c;
    s *= p.y;
    s
}

#[differentiable]
fn constant_or_not(p: Spot) -> f64 {
    let z = if p.x > 0.0 { no_grad!(3.0) } else { p.y * p.x };
    let mut w = no_grad!(2.0);
    for _ in 0..3 {
        w = w * p.x + p.y;
    }
    let list = [no_grad!(1.5), p.y];
    z * w * list[1]
}

#[differentiable]
fn integers_all_the_same(p: Spot, n: usize) -> f64 {
    let (a, b) = (no_grad!(n + 1), no_grad!(n * 2));
    let c = a * b;
    if c > 3 { p.x * p.y } else { p.x }
}

#[test]
fn constants_that_meet_what_varies() {
    for (x, y) in [(1.3, 0.4), (-0.3, 0.8), (0.7, -1.1)] {
        let of = |f: fn(Spot) -> f64| move |v: &[f64]| f(Spot { x: v[0], y: v[1] });
        let (_, d) = constant_times_a_field_grad(Spot { x, y });
        check_gradient(of(constant_times_a_field), &[x, y], &[d.x, d.y]);
        let (_, d) = constant_or_not_grad(Spot { x, y });
        check_gradient(of(constant_or_not), &[x, y], &[d.x, d.y]);
        let (_, d) = integers_all_the_same_grad(Spot { x, y }, 4);
        assert_eq!((d.x, d.y), (y, x));
    }
}

// A result that is lent by `&mut`, two variables of one value, and a part read beside one that is written.

#[differentiable]
fn doubled(x: f64, y: &f64, z: &mut f64) -> f64 {
    *z = (x * *z).sin() + *y;
    x * *y
}

#[differentiable]
fn result_lent(a: f64, b: f64) -> f64 {
    let mut start = b;
    let mut t = doubled(a, &b, &mut start);
    t = doubled(b, &a, &mut t);
    let mut copy = a;
    t += doubled(b, &a, &mut copy) * copy;
    t
}

#[differentiable]
fn written_before_read(b: &mut [f64; 2], x: &f64) {
    b[0] *= *x;
    b[1] = 2.0 * *x;
}

#[differentiable]
fn read_beside(x: f64, y: f64) -> f64 {
    let mut s = Parts {
        a: y * x,
        b: [y, x],
    };
    written_before_read(&mut s.b, &s.a);
    written_before_read(&mut s.b, &s.a);
    s.a * s.b[0] * s.b[1]
}

#[test]
fn what_is_lent_beside_another() {
    let points = [[0.7, 0.4], [-0.3, 1.2]];
    check_args(
        |[x, y]| result_lent(x, y),
        |[x, y]| result_lent_grad(x, y),
        &points,
    );
    check_args(
        |[x, y]| read_beside(x, y),
        |[x, y]| read_beside_grad(x, y),
        &points,
    );
}

// Scratch: what a callee is lent does not vary before the call, and nobody asks for it afterwards.

#[derive(Clone, Copy, Differentiable)]
enum Form {
    Dot,
    Disc(f64),
}

#[derive(Clone)]
struct Count(usize);

#[differentiable]
fn through_an_array(x: f64, s: &mut [f64; 2]) -> f64 {
    s[0] = x;
    s[1] = x * x;
    s[0] * s[1]
}

#[differentiable]
fn through_a_slice(x: f64, #[out] s: &mut [f64]) -> f64 {
    s[0] = x.sin();
    s[1] = x * x;
    s[0] * s[1]
}

#[differentiable]
fn through_a_struct(x: f64, y: &mut f64, s: &mut Pair) {
    s.u = x;
    s.v = x.exp();
    *y = s.u * s.v;
}

#[differentiable]
fn through_an_enum(x: f64, s: &mut Form) -> f64 {
    *s = Form::Disc(x);
    match s {
        Form::Disc(r) => *r * r.sin(),
        Form::Dot => x,
    }
}

#[differentiable(wrt(x))]
fn counted(x: f64, count: &mut Count, s: &mut [f64]) -> f64 {
    count.0 += 1;
    s[0] = 1.0;
    x * x * s[0]
}

#[differentiable(tape)]
fn fills(t: f64, a: &[f64; 2], k: usize, s: &mut [f64], #[out] y: &mut [f64; 2]) {
    *y = [t * a[0], a[1] * k as f64];
    s[0] = y[0] * s[1];
}

#[differentiable]
fn lends_scratch(x: f64) -> f64 {
    let (mut a, mut b) = ([0.0; 2], [0.0; 4]);
    let mut pair = Pair { u: 0.0, v: 1.0 };
    let mut form = Form::Dot;
    let mut y = 0.0;
    through_a_struct(x, &mut y, &mut pair);
    let t = through_an_array(x, &mut a) + through_a_slice(x, &mut b[1..3]);
    let u = through_an_enum(t, &mut form) * y;
    let mut last = [0.0; 2];
    u + through_an_array(u, &mut last)
}

#[differentiable]
fn lends_what_has_no_derivative(x: f64) -> f64 {
    let mut count = Count(0);
    let mut s = [0.0; 2];
    counted(x, &mut count, &mut s)
}

/// Nothing varies in what goes in but the output, which may be updated in place.
#[differentiable(tape)]
fn output_beside_scratch(x: f64, #[out] y: &mut [f64; 2]) -> f64 {
    *y = [x, x * x];
    let mut s = [0.5; 2];
    fills(0.5, &[0.25; 2], 1, &mut s, y);
    x * y[1]
}

#[test]
fn scratch_that_is_lent() {
    check_args(
        |[x]| lends_scratch(x),
        |[x]| lends_scratch_grad(x),
        &[[0.7], [-0.4], [1.3]],
    );
    assert_eq!(lends_what_has_no_derivative_grad(1.5), (2.25, 3.0));
    let (mut y, mut d_y) = ([9.0; 2], [2.0, 3.0]);
    let (_, d_x) = output_beside_scratch_vjp(0.7, &mut y, &mut d_y, 0.5, &mut Tape::new());
    assert_eq!((d_x, d_y), (0.125, [0.0; 2]));
}

// A cotangent that a branch leaves alone, lent afterwards.

#[differentiable]
fn reads_beside(t: f64, u: &f64, s: &mut f64) -> f64 {
    *s = t * u.sin();
    *s * t
}

#[differentiable(tape, without(fold, cse, dce, fuse, lanes))]
fn lent_after_a_branch(x: f64, y: &mut [f64; 3], n: usize) -> f64 {
    let mut t = x;
    let mut u = 0.5;
    if n == 0 {
    } else {
        if 9.0 < reads_beside(x, &u, &mut t) {
            return 0.5;
        }
        t += 0.5;
    }
    let (a, _) = (
        loop {
            if n == 7 {
                break 0.25;
            }
            u = loop {
                let (b, _) = (t * x, 0.5);
                break b;
            };
            break u * t;
        },
        0.5,
    );
    y[0] += u;
    a
}

#[test]
fn cotangent_lent_after_a_branch() {
    for n in [0, 1] {
        let (mut y, mut d_y) = ([0.5; 3], [2.0, 3.0, 4.0]);
        let mut tape = Tape::new();
        let (_, d_x) = lent_after_a_branch_vjp(0.7, &mut y, &mut d_y, n, 0.5, &mut tape);
        let f = |x: &[f64]| {
            let mut y = [0.5; 3];
            lent_after_a_branch(x[0], &mut y, n) * 0.5 + 2.0 * y[0] + 3.0 * y[1] + 4.0 * y[2]
        };
        check_gradient(f, &[0.7], &[d_x]);
    }
}

/// Only the patterns tell that the fields are integers.
#[differentiable]
fn integers_by_their_patterns(s: &Nest, x: f64) -> f64 {
    let y = match s.count + s.count {
        0 => x,
        2 | 4 => x * x,
        5..=9 => x.sin() * s.weight,
        _ => x * s.weight * s.left.u,
    };
    match s.count * s.count - s.count {
        -1 | 2 => y * x,
        _ => y,
    }
}

#[test]
fn integers_in_patterns() {
    for count in 0..7 {
        let of = |v: &[f64]| Nest {
            left: Pair { u: v[1], v: 0.5 },
            count,
            weight: v[2],
        };
        let at = [0.7, 0.4, -1.3];
        let mut d_s = of(&[0.0; 3]);
        let (_, d_x) = integers_by_their_patterns_grad(&of(&at), &mut d_s, at[0]);
        let f = |v: &[f64]| integers_by_their_patterns(&of(v), v[0]);
        check_gradient(f, &at, &[d_x, d_s.left.u, d_s.weight]);
    }
}

/// Leaves a mark in `y`.
#[differentiable]
fn marked(x: f64, y: &mut f64) -> usize {
    *y = 0.5 * x;
    1
}

/// Of a compound assignment the right side runs before what is in the brackets of the left one.
#[differentiable]
fn right_side_first(x: f64, z: f64) -> f64 {
    let mut a = [[z, x], [z, 2.0]];
    a[0][marked(0.7, &mut a[0][1]) - 1] -= a[0][1] * x;
    let mut k = 0;
    a[1][k] *= {
        k += 1;
        z
    };
    a[0][0] * a[1][1] + a[0][1] * a[1][0]
}

#[test]
fn right_side_runs_first() {
    let at = [0.8, -1.4];
    let (value, d_x, d_z) = right_side_first_grad(at[0], at[1]);
    assert_eq!(value, right_side_first(at[0], at[1]));
    check_gradient(|v: &[f64]| right_side_first(v[0], v[1]), &at, &[d_x, d_z]);
}

/// What a loop carries besides, and nobody's derivative needs.
#[differentiable(tape)]
fn product_of_two_sums(a: &[f64; 2], n: usize) -> f64 {
    let mut u: f64 = 0.5;
    let mut v: f64 = 0.5;
    for _ in 0..n {
        v += a[0];
        u += 0.5;
    }
    v * u
}

#[test]
fn sums_that_wait_for_each_other() {
    for n in 0..4 {
        let (at, mut d_a, mut tape) = ([0.7, -0.4], [0.0; 2], Tape::new());
        product_of_two_sums_grad(&at, &mut d_a, n, &mut tape);
        check_gradient(|a: &[f64]| product_of_two_sums(&[a[0], a[1]], n), &at, &d_a);
    }
}

/// What is added where nothing flows is nothing, in callers' halves, too.
#[differentiable]
fn nothing_flows(a: &[f64; 2], n: usize) -> f64 {
    let mut s = Pair { u: 0.5, v: 0.5 };
    if 0.5 <= 0.2511 {
        s.v += a[1];
    }
    for _ in 0..n {
        s.v += 0.3;
    }
    a[1 % 2] * s.u
}

#[differentiable]
fn calls_where_nothing_flows(a: &[f64; 2], n: usize) -> f64 {
    nothing_flows(a, n).sin() * a[0]
}

#[test]
fn no_derivative_where_nothing_flows() {
    let (at, mut d_a) = ([0.7, -0.4], [0.0; 2]);
    calls_where_nothing_flows_grad(&at, &mut d_a, 3);
    check_gradient(
        |a: &[f64]| calls_where_nothing_flows(&[a[0], a[1]], 3),
        &at,
        &d_a,
    );
}

#[differentiable]
fn times(x: f64, k: i32) -> f64 {
    x * f64::from(k)
}

/// Only the callee tells that the field is an integer.
#[differentiable]
fn counts_of_a_field(x: f64) -> f64 {
    let s = Nest {
        left: Pair { u: 0.5, v: 0.5 },
        count: 2,
        weight: x,
    };
    times(s.weight, s.count + s.count)
}

#[test]
fn integer_of_a_field_for_a_callee() {
    let (value, d_x) = counts_of_a_field_grad(0.7);
    assert_eq!((value, d_x), (2.8, 4.0));
}

/// The element just written is read again, by an index that is not the loop's.
#[differentiable]
fn reads_what_it_writes(x: &[f64], y: &mut [f64; 3], z: &mut [f64]) {
    for k in 1..3 {
        y[k] = x[k] * x[k];
        z[1] = y[1] * x[0];
    }
}

#[test]
fn element_read_beside_the_one_written() {
    let at = [0.7, -0.4, 1.2];
    let run = |x: &[f64]| {
        let (mut y, mut z) = ([0.3; 3], [0.6; 2]);
        reads_what_it_writes(x, &mut y, &mut z);
        2.0 * y[1] - y[2] + 3.0 * z[1]
    };
    let (mut y, mut d_y) = ([0.3; 3], [0.0, 2.0, -1.0]);
    let (mut z, mut d_z, mut d_x) = ([0.6; 2], [0.0, 3.0], [0.0; 3]);
    reads_what_it_writes_vjp(&at, &mut d_x, &mut y, &mut d_y, &mut z, &mut d_z);
    check_gradient(run, &at, &d_x);
}

/// Nobody but the annotation tells what is not there.
#[differentiable(without(fold, cse))]
fn nothing_on_either_side(x: f64, n: usize) -> f64 {
    let pair: Option<(f64, f64)> = if n > 1 { None } else { None };
    match n {
        _ => {
            let Some(p) = pair else {
                return x * x;
            };
            p.1
        }
    }
}

#[test]
fn options_that_hold_nothing() {
    assert_eq!(nothing_on_either_side_grad(1.5, 2), (2.25, 3.0));
}

#[differentiable]
fn doubles(x: f64, y: &mut [f64; 2]) -> f64 {
    y[0] = y[1] * x;
    y[0]
}

#[differentiable]
fn adds(x: f64, y: &mut [f64; 2]) {
    y[1] += y[0] * x;
}

/// Nobody asks for the results, which are of two types.
#[differentiable]
fn throws_results_away(x: f64, y: &mut [f64; 2]) -> f64 {
    if doubles(x, y) < 0.5 {}
    adds(x, y);
    x
}

#[test]
fn results_of_two_types_thrown_away() {
    let (mut y, mut d_y) = ([0.7, -0.4], [2.0, 3.0]);
    let (_, d_x) = throws_results_away_vjp(1.3, &mut y, &mut d_y, 0.5);
    let f = |v: &[f64]| {
        let mut y = [v[1], v[2]];
        0.5 * throws_results_away(v[0], &mut y) + 2.0 * y[0] + 3.0 * y[1]
    };
    check_gradient(f, &[1.3, 0.7, -0.4], &[d_x, d_y[0], d_y[1]]);
}

#[differentiable]
fn of_two(x: f64, a: &[f64]) -> f64 {
    (x * a[0]).sin() + a[1]
}

/// The second of two equal calls decides only.
#[differentiable(without(cse))]
fn calls_twice(x: f64, n: usize) -> f64 {
    let a = [0.5, n as f64];
    let y = of_two(x, &a);
    if 0.1 <= of_two(x, &a) { y * y } else { 3.0 * y }
}

#[test]
fn equal_calls_and_one_sweep() {
    let (_, d_x) = calls_twice_grad(0.7, 1);
    check_gradient(|x: &[f64]| calls_twice(x[0], 1), &[0.7], &[d_x]);
}

/// A loop in a loop that nobody counts, in one that keeps numbers.
#[differentiable(tape)]
fn counted_around_uncounted(t: f64, n: usize) -> f64 {
    let mut total: f64 = 0.5;
    let mut a = [t; 2];
    for i in 0..(4 % 5) {
        let mut k = i;
        loop {
            if k > n {
                break;
            }
            for j in 0..2 {
                a[j] = (0.5 + k as f64).sqrt() + 0.1 * t;
            }
            k += 1;
        }
        total += a[1] * t * total.sin();
    }
    total
}

#[test]
fn loops_in_loops_that_nobody_counts() {
    for n in 0..5 {
        let (_, d_t) = counted_around_uncounted_grad(0.7, n, &mut Tape::new());
        check_gradient(
            |t: &[f64]| counted_around_uncounted(t[0], n),
            &[0.7],
            &[d_t],
        );
    }
}

#[differentiable]
fn fills_or_not(x: f64, y: &mut [f64]) -> Option<f64> {
    if y.is_empty() {
        return None;
    }
    y[0] = x * x;
    Some(x.sin())
}

/// Whether there is a result is not asked.
#[differentiable]
fn throws_an_option_away(x: f64, y: &mut [f64]) -> f64 {
    fills_or_not(x, y);
    3.0 * x
}

#[test]
fn options_thrown_away() {
    let (mut y, mut d_y) = ([0.5], [2.0]);
    assert_eq!(
        throws_an_option_away_vjp(1.5, &mut y, &mut d_y, 1.0),
        (4.5, 9.0)
    );
    assert_eq!(
        throws_an_option_away_vjp(1.5, &mut [], &mut [], 1.0),
        (4.5, 3.0)
    );
}

/// `y` moves by what it was.
#[differentiable]
fn stepped(old: &[f64; 2], y: &mut [f64; 2], h: f64) {
    y[0] += h * old[1] * old[0];
    y[1] -= h * old[0].sin();
}

#[differentiable]
fn steps_from_a_copy(y: &mut [f64; 2], h: f64) {
    let old = *y;
    stepped(&old, y, h);
}

#[differentiable]
fn energy_of_a_step(start: &[f64; 2], h: f64) -> f64 {
    let mut y = *start;
    let old = y;
    stepped(&old, &mut y, h);
    y[0] * y[0] + y[1] * old[0]
}

#[differentiable]
fn energy_of_steps(start: &[f64; 2], h: f64) -> f64 {
    let mut y = *start;
    for _ in 0..3 {
        let old = y;
        stepped(&old, &mut y, h);
    }
    y[0] * y[1]
}

#[differentiable]
fn measured(old: [f64; 2], y: &mut [f64; 2], h: f64) -> f64 {
    y[0] += h * old[1] * old[0];
    y[1] *= old[0];
    y[0] * h
}

#[differentiable]
fn measure_of_copies(start: &[f64; 2], h: f64) -> f64 {
    let mut y = *start;
    let old = y;
    let first = measured(old, &mut y, h);
    let old = y;
    first * measured(old, &mut y, h)
}

#[differentiable]
fn shifted(y: &mut f64, old: f64, by: &f64) {
    *y = old * by.sin() + 0.5 * *y;
}

#[differentiable]
fn shifts_a_number(y: &mut f64) {
    let old = *y;
    shifted(y, old, &old);
    let old = *y;
    shifted(y, old, &old);
}

#[derive(Clone, Copy, Differentiable)]
struct Swing {
    angle: f64,
    speed: [f64; 2],
}

impl Swing {
    #[differentiable]
    fn swing(&self, speed: &mut [f64; 2]) {
        speed[0] -= self.angle * self.speed[1];
        speed[1] *= self.speed[0];
    }

    #[differentiable]
    fn move_from(&mut self, old: &Swing) -> f64 {
        self.angle += old.speed[0] * old.angle;
        self.speed[1] *= self.angle;
        self.speed[0] * old.angle
    }
}

#[differentiable]
fn swings(s: &mut Swing) -> f64 {
    let old = *s;
    old.swing(&mut s.speed);
    let old = *s;
    let speed = s.speed;
    stepped(&speed, &mut s.speed, 0.3);
    s.move_from(&old)
}

#[test]
fn copies_go_into_the_call_that_changes_what_they_were_copied_of() {
    let at = [0.7, -0.4];
    let (c, h) = ([1.3, -0.6], 0.2);
    let seeded = |steps: fn(&mut [f64; 2], f64), at: &[f64]| {
        let mut y = [at[0], at[1]];
        steps(&mut y, at[2]);
        c[0] * y[0] + c[1] * y[1]
    };
    let (mut y, mut d_y) = (at, c);
    let d_h = steps_from_a_copy_vjp(&mut y, &mut d_y, h);
    let all = [at[0], at[1], h];
    check_gradient(
        |x: &[f64]| seeded(steps_from_a_copy, x),
        &all,
        &[d_y[0], d_y[1], d_h],
    );

    let one = |f: fn(&[f64; 2], f64) -> f64| move |x: &[f64]| f(&[x[0], x[1]], x[2]);
    let mut d = [0.0; 2];
    let (_, d_h) = energy_of_a_step_grad(&at, &mut d, h);
    check_gradient(one(energy_of_a_step), &all, &[d[0], d[1], d_h]);
    let mut d = [0.0; 2];
    let (_, d_h) = energy_of_steps_grad(&at, &mut d, h);
    check_gradient(one(energy_of_steps), &all, &[d[0], d[1], d_h]);
    let mut d = [0.0; 2];
    let (_, d_h) = measure_of_copies_grad(&at, &mut d, h);
    check_gradient(one(measure_of_copies), &all, &[d[0], d[1], d_h]);

    let (mut y, mut d_y) = (0.8, 1.0);
    shifts_a_number_vjp(&mut y, &mut d_y);
    let shifts = |x: &[f64]| {
        let mut y = x[0];
        shifts_a_number(&mut y);
        y
    };
    check_gradient(shifts, &[0.8], &[d_y]);

    let swing = |x: &[f64]| Swing {
        angle: x[0],
        speed: [x[1], x[2]],
    };
    let at = [0.7, -0.4, 1.1];
    let (mut s, mut d_s) = (swing(&at), swing(&[1.0, 0.5, -2.0]));
    let value = swings_vjp(&mut s, &mut d_s, 0.9);
    assert!(value.is_finite());
    let seeded = |x: &[f64]| {
        let mut s = swing(x);
        let value = swings(&mut s);
        0.9 * value + s.angle + 0.5 * s.speed[0] - 2.0 * s.speed[1]
    };
    check_gradient(seeded, &at, &[d_s.angle, d_s.speed[0], d_s.speed[1]]);
}

#[differentiable]
fn scaled_into(x: f64, old: &[f64; 2], #[out] total: &mut f64, #[out] y: &mut [f64]) {
    *total = x * old[0];
    for i in 0..y.len() {
        y[i] = old[1] * old[1] * x;
    }
}

/// What is read is the same array as what is changed, as long as nobody changes it.
#[differentiable]
fn equal_arrays(t: f64) -> f64 {
    let mut y = [t, t];
    let mut total = 0.5;
    if t > 0.0 {
        scaled_into(0.5, &[t, t], &mut total, &mut y);
    }
    y[0] * total
}

#[test]
fn equal_arrays_of_which_one_changes() {
    let (value, d_t) = equal_arrays_grad(1.5);
    assert_eq!(value, 0.25 * 1.5 * 1.5 * 1.5);
    assert!((d_t - 0.75 * 1.5 * 1.5).abs() < 1e-12);
}

#[differentiable]
fn sine_into(a: &f64, #[out] y: &mut f64) {
    *y = a.sin();
}

/// The cotangent of `x` is `y`, which the call is lent, too.
#[differentiable]
fn cotangent_that_is_lent(x: f64) -> f64 {
    let mut y = 0.5;
    sine_into(&x, &mut y);
    x * y
}

#[test]
fn cotangents_that_are_numbers_of_the_call() {
    let (value, d_x) = cotangent_that_is_lent_grad(0.7);
    assert!((value - 0.7 * 0.7_f64.sin()).abs() < 1e-15);
    assert!((d_x - (0.7_f64.sin() + 0.7 * 0.7_f64.cos())).abs() < 1e-15);
}

/// One loop changes a slice and a struct, and the reverse sweep wants both as they were.
#[differentiable(tape)]
fn slice_beside_a_struct(x: &mut [f64], a: f64, n: usize) -> f64 {
    let mut s = Pair { u: a, v: 0.5 };
    for k in 1..=2 {
        if n <= k {
            s.u -= (x[0] - s.v).max(if n <= 1 { s.u } else { 0.3 }).sin();
            x[1] = x[1] * x[0] * s.u;
        } else {
            s.v = s.v * x[1] + s.u * s.u;
        }
        x[0] *= x[1] + s.v;
    }
    s.u * x[1] + s.v * x[0]
}

#[test]
fn slices_and_structs_in_one_loop() {
    for n in 0..4 {
        let at = [0.7, -0.4, 1.1];
        let mut d = [0.0; 2];
        let mut tape = Tape::new();
        let (_, d_a) = slice_beside_a_struct_grad(&mut [0.7, -0.4], &mut d, 1.1, n, &mut tape);
        let f = |x: &[f64]| slice_beside_a_struct(&mut [x[0], x[1]], x[2], n);
        check_gradient(f, &at, &[d[0], d[1], d_a]);
    }
}

/// A sum in lanes has no value between its terms: what an element was to get of it was what it began with.
#[differentiable]
fn running_sums(x: &[f64], before: &mut [f64], after: &mut [f64]) -> f64 {
    let mut sum = 0.5;
    for i in 0..x.len() {
        before[i] = sum;
        sum += x[i] * x[i];
    }
    let mut total = 0.25;
    for i in 0..x.len() {
        total += x[i] * before[i];
        after[i] = total;
    }
    sum + total
}

#[test]
fn sums_so_far() {
    let n = 11;
    let (x, w) = (noise(3, n), noise(4, 2 * n));
    let value = |x: &[f64]| {
        let (mut before, mut after) = (vec![0.0; n], vec![0.0; n]);
        let value = running_sums(x, &mut before, &mut after);
        value + dot(&before, &w[..n]) + dot(&after, &w[n..])
    };
    let (mut before, mut after, mut d) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let (mut d_before, mut d_after) = (w[..n].to_vec(), w[n..].to_vec());
    let got = running_sums_grad(
        &x,
        &mut d,
        &mut before,
        &mut d_before,
        &mut after,
        &mut d_after,
    );
    assert_near(
        got + dot(&before, &w[..n]) + dot(&after, &w[n..]),
        value(&x),
        1e-13,
    );
    check_gradient(value, &x, &d);
}

/// A `Vec` that one side of a branch changes, and that is read behind it as it was, was moved out of its variable: rustc said so.
#[differentiable]
fn changed_on_one_side(x: f64, n: usize) -> f64 {
    let mut v: Vec<f64> = vec![0.3 * x; n + 2];
    v[0] = 'b: {
        if x < 0.5 {
            v[1] = std::mem::replace(&mut v[1], x.sin()).tanh();
            break 'b x * x;
        }
        x - 1.0
    };
    x * v[1]
}

#[test]
fn a_vec_changed_on_one_side() {
    check_args(
        |[x]| changed_on_one_side(x, 2),
        |[x]| changed_on_one_side_grad(x, 2),
        &[[0.3], [0.9]],
    );
}

/// Arrays that change places in each iteration, read at its index, were cut before the loop: rustc refused it.
#[differentiable(jvp)]
fn swapped_in_each_iteration(a: &[f64; 6]) -> f64 {
    let mut u = [0.3; 6];
    let mut v = *a;
    let mut q = 0.2;
    for i in 0..5 {
        for j in 0..4 {
            core::mem::swap(&mut u, &mut v);
            q += u[i].cos() * v[j];
        }
    }
    q
}

#[test]
fn arrays_that_change_places_are_not_cut() {
    let a = [0.3, -0.8, 1.1, 0.6, -0.2, 0.9];
    let mut d = [0.0; 6];
    let value = swapped_in_each_iteration_grad(&a, &mut d);
    common::assert_same(value, swapped_in_each_iteration(&a));
    let of_slice = |x: &[f64]| swapped_in_each_iteration(&core::array::from_fn(|k| x[k]));
    check_gradient(of_slice, &a, &d);
}
