//! Closures that do not escape: what they capture, when, and how they return, against finite differences.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_same, check_args, check_gradient, check_slice, noise};

const POINTS: &[[f64; 2]] = &[[0.5, 1.5], [1.25, -0.5], [-2.0, 0.75], [3.0, 2.0]];

#[differentiable]
fn captures(x: f64, y: f64) -> f64 {
    let c = x * y;
    let f = |a: f64, b| a * b + c * x;
    f(y, 2.0) * f(x, y)
}

/// The captured variables are those at the definition, whatever shadows them later.
#[differentiable]
fn shadowed(x: f64, y: f64) -> f64 {
    let a = x * x;
    let f = |v: f64| v * a;
    let a = y.sin();
    let x = 3.0;
    {
        let a = 100.0 * a;
        f(a * x) + f(y) * a
    }
}

/// A parameter hides a variable, and is hidden by what the body declares.
#[differentiable]
fn hides(x: f64, y: f64) -> f64 {
    let f = |x: f64| {
        let x = x * y;
        let y = x + 1.0;
        x * y
    };
    f(x) + f(y * 2.0) * x
}

#[differentiable]
fn calls_others(x: f64, y: f64) -> f64 {
    let square = |v: f64| v * v;
    let twice = |v: f64| square(v) + square(v + y);
    let apply = |v: f64| {
        let inner = |w: f64| twice(w * v) * x;
        inner(v) + inner(1.0)
    };
    apply(x) - apply(y)
}

#[differentiable]
fn helper(x: f64, y: f64) -> f64 {
    x.sin() * y
}

#[differentiable]
fn calls_functions(x: f64, y: f64) -> f64 {
    let f = |v: f64| helper(v, x).exp();
    f(x) + f(y)
}

#[differentiable]
fn returns(x: f64, y: f64) -> f64 {
    let f = |v: f64| {
        if v > 1.0 {
            return v * v;
        }
        for k in 0..3 {
            if v > k as f64 - 0.75 {
                return v * k as f64 + x;
            }
        }
        let w = if v < -1.0 { return -v * y } else { v * 2.0 };
        w * y
    };
    let g = |v: f64| return v * 3.0 + x;
    if y > 100.0 {
        return 0.0;
    }
    f(x) + f(y) * g(y) + f(-1.5)
}

#[differentiable]
fn in_branches_and_loops(x: f64, y: f64) -> f64 {
    let f = |v: f64| if v > 0.0 { v.ln() } else { v * y };
    let mut s = if x > y { f(x) } else { f(y) * x };
    for k in 0..4 {
        let g = |v: f64| v * k as f64 + s;
        s = g(x).sin() + f(0.5 * y);
    }
    let mut n = 0;
    while n < 3 && f(n as f64) > -1e3 {
        s += 1.0 + f(0.25 * x).powi(2);
        n += 1;
    }
    s
}

/// A mutable variable that is captured is seen as it is at each call.
#[differentiable]
fn changes_what_it_captures(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    let mut n = 0;
    let mut add = |v: f64| {
        s += v * v * x;
        n += 1;
        n as f64
    };
    let a = add(x);
    let b = add(y) * y;
    for _ in 0..2 {
        add(a * y);
    }
    if x > 0.0 {
        add(2.0 * x);
    }
    s * n as f64 + b
}

/// A closure that moves works on copies of its own.
#[differentiable]
fn moves(x: f64, y: f64) -> f64 {
    let mut a = x;
    let f = move |v: f64| v * a * y;
    a = y * 3.0;
    let mut state = 1.0;
    let mut next = move || {
        state *= a;
        state
    };
    let p = next() * next();
    f(x) + a + p + state
}

#[differentiable]
fn takes_aggregates(x: f64, y: f64) -> f64 {
    let p = [x, y, x * y];
    let dot = |a: &[f64], b: &[f64; 3]| {
        let mut s = 0.0;
        for i in 0..a.len() {
            s += a[i] * b[i];
        }
        s
    };
    let swap = |(a, b): (f64, f64)| (b * 2.0, a);
    let (u, v) = swap((x, y));
    let first = |[a, b, _]: [f64; 3]| a - b;
    let pair = |v: f64| [v, v * v];
    dot(&p, &[1.0, v, u]) + dot(&p[1..], &p) + first(p) * pair(y)[1] + swap((1.0, y)).0
}

#[differentiable]
fn writes_through_arguments(x: f64, y: f64) -> f64 {
    let mut a = [x, y, 0.0];
    let scale = |v: &mut f64, by: f64| *v *= by;
    scale(&mut a[0], y);
    scale(&mut a[1], x);
    let fill = |a: &mut [f64; 3], from: f64| {
        for (k, v) in a.iter_mut().enumerate() {
            *v += from * k as f64;
        }
    };
    fill(&mut a, x);
    let mut s = 1.0;
    scale(&mut s, a[1]);
    s * a[0] + a[2]
}

#[differentiable]
fn takes_closures(x: f64, y: f64) -> f64 {
    let square = |v: f64| v * v * y;
    let at = |v: f64| square(v) - 2.0;
    let also = at;
    let by_reference = &square;
    (|v: f64| v.cos() * x)(y) + also(x) * by_reference(y)
}

/// Arguments are evaluated once, in order, before the body.
#[differentiable]
fn evaluated_once(x: f64, y: f64) -> f64 {
    let mut n = 1.0;
    let f = |a: f64, b: f64| a * a * b + a;
    f(
        {
            n *= 2.0;
            x * n
        },
        {
            n += 1.0;
            y * n
        },
    ) * n
}

#[test]
fn closures_of_two_numbers() {
    check_args(
        |[x, y]| captures(x, y),
        |[x, y]| captures_grad(x, y),
        POINTS,
    );
    check_args(
        |[x, y]| shadowed(x, y),
        |[x, y]| shadowed_grad(x, y),
        POINTS,
    );
    check_args(|[x, y]| hides(x, y), |[x, y]| hides_grad(x, y), POINTS);
    check_args(
        |[x, y]| calls_others(x, y),
        |[x, y]| calls_others_grad(x, y),
        POINTS,
    );
    check_args(
        |[x, y]| calls_functions(x, y),
        |[x, y]| calls_functions_grad(x, y),
        POINTS,
    );
    check_args(|[x, y]| returns(x, y), |[x, y]| returns_grad(x, y), POINTS);
    check_args(
        |[x, y]| changes_what_it_captures(x, y),
        |[x, y]| changes_what_it_captures_grad(x, y),
        POINTS,
    );
    check_args(|[x, y]| moves(x, y), |[x, y]| moves_grad(x, y), POINTS);
    check_args(
        |[x, y]| takes_aggregates(x, y),
        |[x, y]| takes_aggregates_grad(x, y),
        POINTS,
    );
    check_args(
        |[x, y]| writes_through_arguments(x, y),
        |[x, y]| writes_through_arguments_grad(x, y),
        POINTS,
    );
    check_args(
        |[x, y]| takes_closures(x, y),
        |[x, y]| takes_closures_grad(x, y),
        POINTS,
    );
    check_args(
        |[x, y]| evaluated_once(x, y),
        |[x, y]| evaluated_once_grad(x, y),
        POINTS,
    );
}

#[test]
fn closures_in_branches_and_loops() {
    check_args(
        |[x, y]| in_branches_and_loops(x, y),
        |[x, y]| in_branches_and_loops_grad(x, y),
        &[[0.5, 1.5], [1.25, 0.5], [3.0, 2.0]],
    );
}

#[differentiable]
fn captured_slices(x: &[f64], w: &[f64]) -> f64 {
    let n = x.len();
    let at = |i: usize| x[i % n] * w[i % w.len()];
    let row = |i: usize| w[i..].iter().map(|v| v * v).sum::<f64>();
    let mut s = 0.0;
    for i in 0..n + 2 {
        s += at(i) * at(i + 1);
    }
    s + (0..w.len()).map(row).sum::<f64>() + x.iter().map(|v| v * row(1)).sum::<f64>()
}

#[differentiable]
fn outputs(x: &[f64], out: &mut [f64]) {
    let g = |v: f64| v * v + x[0];
    let mut put = |k: usize, v: f64| out[k] = g(v);
    for k in 0..x.len() {
        put(k, x[k] * k as f64);
    }
}

#[test]
fn slices_that_are_captured() {
    let (x, w) = (noise(1, 4), noise(2, 3));
    check_slice(
        |x| captured_slices(x, &w),
        |x, d| captured_slices_grad(x, d, &w, &mut [0.0; 3]),
        &x,
    );
    check_slice(
        |w| captured_slices(&x, w),
        |w, d| captured_slices_grad(&x, &mut [0.0; 4], w, d),
        &w,
    );
    let seed = noise(3, 4);
    let (mut d_x, mut out, mut d_out) = ([0.0; 4], [7.0; 4], seed.clone());
    outputs_vjp(&x, &mut d_x, &mut out, &mut d_out);
    let run = |x: &[f64]| {
        let mut out = [7.0; 4];
        outputs(x, &mut out);
        common::dot(&out, &seed)
    };
    check_gradient(run, &x, &d_x);
    assert_eq!(d_out, [0.0; 4]);
}

#[differentiable]
fn single(x: f32, y: f32) -> f32 {
    let f = |a: f32| a * y + 1.0;
    f(x) * f(y)
}

#[differentiable]
fn generic<T: Real>(x: T, y: T) -> T {
    let f = |a: T| a * y + x;
    f(x) * f(y)
}

#[test]
fn in_single_precision_and_generic() {
    let (value, d_x, d_y) = single_grad(2.0, 3.0);
    assert_eq!((value, d_x, d_y), (70.0, 30.0, 20.0 + 42.0));
    let (value, d_x, d_y) = generic_grad(2.0_f64, 3.0);
    assert_same(value, generic(2.0, 3.0));
    check_gradient(|v| generic(v[0], v[1]), &[2.0, 3.0], &[d_x, d_y]);
}

/// What macros copy may mention items of iterators and parameters of closures, references or not.
#[differentiable]
fn mentioned_in_macros(x: &[f64]) -> f64 {
    let f = |v: &f64| {
        assert!(*v < 10.0, "{v}");
        v * v
    };
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate() {
        debug_assert!(v.is_finite() && i < 100);
        s += f(v) * no_grad!(if *v > 0.0 { 1.0 } else { 2.0 });
    }
    for w in x.windows(2) {
        assert_eq!(w.len(), 2);
        s += w[0] * no_grad!(w[1].abs());
    }
    s
}

#[test]
fn macros_see_references() {
    let x = [0.5, -1.5, 2.0];
    let mut d = [0.0; 3];
    assert_same(
        mentioned_in_macros_grad(&x, &mut d),
        mentioned_in_macros(&x),
    );
    assert_eq!(d, [1.0 + 1.5, -6.0 + 2.0, 4.0]);
}
