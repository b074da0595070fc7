//! Programs that other differentiation systems got wrong, as their bug trackers tell. Each is a few lines; each must come out right here.
//! What changes memory in place is in `bugs_of_others_in_place.rs`.
//!
//! Nearly all of them sit in five spots: values overwritten in loops, exits from loops, calls without a derivative, what an optimiser
//! drops, and kinks.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near, check_args, check_gradient, check_slice, noise};

/// Every element times the product so far: the product's old value is needed in each iteration.
#[differentiable(tape)]
fn product(x: &[f64]) -> f64 {
    let mut prod = 1.0;
    for i in 0..x.len() {
        prod *= x[i];
    }
    prod
}

#[test]
fn product_of_run_time_length() {
    let (mut tape, mut d) = (Tape::new(), [0.0; 3]);
    assert_eq!(product_grad(&[2.0; 3], &mut d, &mut tape), 8.0);
    assert_eq!(d, [4.0; 3]);
    check_slice(product, |x, d| product_grad(x, d, &mut tape), &noise(1, 7));
    // Division by the element, the usual shortcut, fails here.
    let mut d = [0.0; 3];
    product_grad(&[2.0, 0.0, 3.0], &mut d, &mut tape);
    assert_eq!(d, [0.0, 6.0, 0.0]);
}

#[differentiable]
fn weighted_mean(w: &[f64], x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut norm = 0.0;
    for i in 0..x.len() {
        sum += w[i] * x[i];
        norm += w[i];
    }
    sum / norm
}

#[test]
fn weighted_mean_with_both_sums_in_one_loop() {
    let (w, x) = ([0.5, 1.5, 2.0], [1.0, -2.0, 4.0]);
    let (mut d_w, mut d_x) = ([0.0; 3], [0.0; 3]);
    weighted_mean_grad(&w, &mut d_w, &x, &mut d_x);
    check_gradient(|w| weighted_mean(w, &x), &w, &d_w);
    check_gradient(|x| weighted_mean(&w, x), &x, &d_x);
}

#[differentiable]
fn write_after_read(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        let mut a = x[i].sin();
        let b = a * a;
        a = 1.0;
        sum += b + a;
    }
    sum
}

#[differentiable]
fn write_after_read_array(x: &[f64; 3]) -> f64 {
    let mut a = *x;
    let mut b = [0.0; 3];
    for i in 0..3 {
        b[i] = a[i] * a[i];
        a[i] = 1.0;
    }
    b[0] * b[1] + b[2] + a[0]
}

#[test]
fn write_after_read_per_element() {
    check_slice(write_after_read, write_after_read_grad, &[0.3, 1.2, -0.7]);
    let x = [0.5, -1.5, 2.0];
    let mut d = [0.0; 3];
    write_after_read_array_grad(&x, &mut d);
    check_gradient(|x| write_after_read_array(&[x[0], x[1], x[2]]), &x, &d);
}

#[differentiable]
fn divisor(x: f64, a: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        let below = x + a[i] * a[i];
        s += 1.0 / below;
    }
    s
}

#[test]
fn divisor_that_is_a_temporary_of_the_iteration() {
    let a = [0.5, 1.0, -2.0];
    let mut d_a = [0.0; 3];
    let (_, d_x) = divisor_grad(1.5, &a, &mut d_a);
    check_gradient(|x| divisor(x[0], &a), &[1.5], &[d_x]);
    check_gradient(|a| divisor(1.5, a), &a, &d_a);
}

#[differentiable]
fn continues(x: &[f64], u: f64) -> f64 {
    let mut res = 0.0;
    for i in 0..x.len() {
        if x[i] > 0.5 {
            res += u * i as f64 * x[i];
            continue;
        }
        res += x[i] * x[i] * u * u;
    }
    res
}

#[differentiable]
fn breaks(x: &[f64], u: f64) -> f64 {
    let mut res = 0.0;
    for i in 0..x.len() {
        if x[i] > 0.5 {
            res += u * i as f64 * x[i];
            break;
        }
        res += x[i] * x[i] * u * u;
    }
    res
}

#[differentiable]
fn labelled(x: &[f64], u: f64) -> f64 {
    let mut res = 0.0;
    'rows: for i in 0..x.len() {
        for j in 0..x.len() {
            if x[j] > 0.9 {
                res += u * x[i];
                continue 'rows;
            }
            if x[i] * x[j] < -0.4 {
                res += u * u * x[j];
                break 'rows;
            }
            if j > i {
                break;
            }
            res += x[i] * x[j];
        }
        res += x[i].sin();
    }
    res
}

#[test]
fn continue_and_break_that_depend_on_the_data() {
    for seed in 0..20 {
        let x = noise(seed, 6);
        for (f, grad) in [
            (
                continues as fn(&[f64], f64) -> f64,
                continues_grad as fn(&[f64], &mut [f64], f64) -> (f64, f64),
            ),
            (breaks, breaks_grad),
            (labelled, labelled_grad),
        ] {
            check_slice(|x| f(x, 1.3), |x, d| grad(x, d, 1.3).0, &x);
            check_gradient(|u| f(&x, u[0]), &[1.3], &[grad(&x, &mut [0.0; 6], 1.3).1]);
        }
    }
}

#[differentiable]
fn counts_in_the_condition(x: f64, n: usize) -> f64 {
    let mut i = 0;
    let mut s = 0.0;
    while {
        i += 1;
        i < n
    } {
        s += x * i as f64;
    }
    s + i as f64 * x * x
}

#[test]
fn side_effect_in_the_condition() {
    for n in 0..5 {
        check_args(
            |[x]| counts_in_the_condition(x, n),
            |[x]| counts_in_the_condition_grad(x, n),
            &[[1.5]],
        );
    }
}

#[differentiable]
fn reference_to_an_element(x: f64, v: &[f64; 3]) -> f64 {
    let mut a = *v;
    for i in 0..3 {
        let r = &mut a[i];
        *r = *r * x;
        *r += r.sin();
    }
    a[0] * a[1] + a[2]
}

#[test]
fn reference_to_an_element_in_a_loop() {
    let (x, v) = (1.7, [0.5, -0.8, 1.1]);
    let mut d_v = [0.0; 3];
    let (_, d_x) = reference_to_an_element_grad(x, &v, &mut d_v);
    check_gradient(|x| reference_to_an_element(x[0], &v), &[x], &[d_x]);
    check_gradient(
        |v| reference_to_an_element(x, &[v[0], v[1], v[2]]),
        &v,
        &d_v,
    );
}

#[differentiable]
fn scaled_by_the_counter(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for k in 1..4 {
        for i in 0..4 {
            a[i] *= k as f64;
        }
    }
    a[0] + 2.0 * a[1] + 3.0 * a[2] * a[3]
}

#[test]
fn array_multiplied_by_the_loop_counter() {
    let mut d = [0.0; 4];
    scaled_by_the_counter_grad(&[1.0, 2.0, 3.0, 4.0], &mut d);
    assert_eq!(d, [6.0, 12.0, 3.0 * 36.0 * 4.0, 3.0 * 36.0 * 3.0]);
}

#[differentiable]
fn never_used(x: f64) -> f64 {
    let _ = x.acos();
    let unused = (x - 2.0).ln();
    let _also = unused.sqrt();
    x * x
}

#[test]
fn unused_result_outside_its_domain() {
    assert_eq!(never_used_grad(2.0), (4.0, 4.0));
}

/// Carried through the loop and never used: it overflows, and needs no tape.
#[differentiable]
fn never_used_in_a_loop(x: f64, n: usize) -> f64 {
    let mut dead = x;
    let mut s = 0.0;
    for _ in 0..n {
        dead *= dead;
        s += x;
    }
    dead = s;
    s + dead
}

#[test]
fn unused_result_of_a_loop_that_overflows() {
    assert_eq!(never_used_in_a_loop_grad(10.0, 20), (400.0, 40.0));
}

#[differentiable]
fn counter_in_arithmetic(x: f64, n: usize) -> f64 {
    let mut val = 0.0;
    let mut i = 0;
    while i < n {
        val += i as f64 * x;
        i += 1;
        val += i as f64 * x * x;
        i += 1;
        val -= x / (1 + i) as f64;
    }
    val
}

/// The step depends on the counter itself, so the counter's values are kept.
#[differentiable(tape)]
fn counter_that_jumps(x: f64, n: usize) -> f64 {
    let mut val = 0.0;
    let mut i = 0;
    while i < n {
        val += i as f64 * x;
        i += 1;
        if i == 3 {
            i += 2;
        }
        val -= x.sin() / (1 + i) as f64;
    }
    val
}

#[test]
fn counter_incremented_by_hand_in_the_middle() {
    let points = [[0.7], [-2.0]];
    for n in [0, 1, 3, 4, 9] {
        check_args(
            |[x]| counter_in_arithmetic(x, n),
            |[x]| counter_in_arithmetic_grad(x, n),
            &points,
        );
        check_args(
            |[x]| counter_that_jumps(x, n),
            |[x]| counter_that_jumps_grad(x, n, &mut Tape::new()),
            &points,
        );
    }
}

#[differentiable]
fn dense(w: &[f64], b: &[f64], x: &[f64], out: &mut [f64]) {
    for o in 0..out.len() {
        let mut acc = b[o];
        for i in 0..x.len() {
            acc += w[o * x.len() + i] * x[i];
        }
        out[o] = acc.tanh();
    }
}

#[differentiable]
fn network(
    w1: &[f64],
    b1: &[f64],
    w2: &[f64],
    b2: &[f64],
    w3: &[f64],
    b3: &[f64],
    x: &[f64; 2],
    target: &[f64; 3],
) -> f64 {
    let mut h1 = [0.0; 32];
    dense(w1, b1, x, &mut h1);
    let mut h2 = [0.0; 32];
    dense(w2, b2, &h1, &mut h2);
    let mut y = [0.0; 3];
    dense(w3, b3, &h2, &mut y);
    let mut loss = 0.0;
    for k in 0..3 {
        loss += (y[k] - target[k]).powi(2);
    }
    loss
}

#[test]
fn dense_layer_by_its_input() {
    let (w, b, x, seed) = (noise(1, 12), noise(2, 3), noise(3, 4), [1.0, -2.0, 0.5]);
    let (mut d_w, mut d_b, mut d_x, mut out, mut d_out) =
        ([0.0; 12], [0.0; 3], [0.0; 4], [0.0; 3], seed);
    dense_vjp(
        &w, &mut d_w, &b, &mut d_b, &x, &mut d_x, &mut out, &mut d_out,
    );
    let f = |w: &[f64], b: &[f64], x: &[f64]| {
        let mut out = [0.0; 3];
        dense(w, b, x, &mut out);
        common::dot(&out, &seed)
    };
    check_gradient(|w| f(w, &b, &x), &w, &d_w);
    check_gradient(|b| f(&w, b, &x), &b, &d_b);
    check_gradient(|x| f(&w, &b, x), &x, &d_x);
}

#[test]
fn network_of_three_layers() {
    let (w1, b1, w2, b2, w3, b3) = (
        noise(1, 64),
        noise(2, 32),
        noise(3, 1024),
        noise(4, 32),
        noise(5, 96),
        noise(6, 3),
    );
    let w2: Vec<f64> = w2.iter().map(|w| 0.2 * w).collect();
    let (x, t) = ([0.3, -0.6], [0.1, 0.2, -0.3]);
    let (mut d_w1, mut d_b1, mut d_w2, mut d_b2, mut d_w3, mut d_b3) = (
        [0.0; 64],
        [0.0; 32],
        [0.0; 1024],
        [0.0; 32],
        [0.0; 96],
        [0.0; 3],
    );
    let (mut d_x, mut d_t) = ([0.0; 2], [0.0; 3]);
    network_grad(
        &w1, &mut d_w1, &b1, &mut d_b1, &w2, &mut d_w2, &b2, &mut d_b2, &w3, &mut d_w3, &b3,
        &mut d_b3, &x, &mut d_x, &t, &mut d_t,
    );
    check_gradient(
        |x| network(&w1, &b1, &w2, &b2, &w3, &b3, &[x[0], x[1]], &t),
        &x,
        &d_x,
    );
    check_gradient(
        |t| network(&w1, &b1, &w2, &b2, &w3, &b3, &x, &[t[0], t[1], t[2]]),
        &t,
        &d_t,
    );
    check_gradient(
        |w1| network(w1, &b1, &w2, &b2, &w3, &b3, &x, &t),
        &w1,
        &d_w1,
    );
    check_gradient(
        |b1| network(&w1, b1, &w2, &b2, &w3, &b3, &x, &t),
        &b1,
        &d_b1,
    );
    check_gradient(
        |w2| network(&w1, &b1, w2, &b2, &w3, &b3, &x, &t),
        &w2,
        &d_w2,
    );
    check_gradient(
        |b2| network(&w1, &b1, &w2, b2, &w3, &b3, &x, &t),
        &b2,
        &d_b2,
    );
    check_gradient(
        |w3| network(&w1, &b1, &w2, &b2, w3, &b3, &x, &t),
        &w3,
        &d_w3,
    );
    check_gradient(
        |b3| network(&w1, &b1, &w2, &b2, &w3, b3, &x, &t),
        &b3,
        &d_b3,
    );
}

#[differentiable]
fn overwritten_three_deep(x: f64) -> f64 {
    let mut a = x;
    let mut b = 1.0;
    let mut c = 0.5;
    for i in 0..2 {
        a = a.sin() + b * i as f64;
        for j in 0..3 {
            b = b * a + 0.1 * j as f64;
            for k in 0..2 {
                c = c * b + a / (1.0 + k as f64);
            }
        }
    }
    a + b * c
}

#[test]
fn three_loops_with_a_value_overwritten_in_each() {
    check_args(
        |[x]| overwritten_three_deep(x),
        |[x]| overwritten_three_deep_grad(x),
        &[[0.7], [-0.4], [1.9]],
    );
}

#[differentiable]
fn gather(table: &[f64], index: &[usize], out: &mut [f64]) {
    for i in 0..index.len() {
        out[i] = table[index[i]] * table[index[i]];
    }
}

#[differentiable]
fn bag(table: &[f64], tokens: &[u8], weight: &[f64], dim: usize) -> f64 {
    let mut s = 0.0;
    for t in 0..tokens.len() {
        for k in 0..dim {
            s += weight[k] * table[tokens[t] as usize * dim + k].exp();
        }
    }
    s
}

#[test]
fn integer_slices_beside_float_slices() {
    let (table, index) = ([1.0, 2.0, 3.0], [2, 0, 2, 2]);
    let (mut d_table, mut out, mut d_out) = ([0.0; 3], [0.0; 4], [1.0, 10.0, 100.0, 1000.0]);
    gather_vjp(&table, &mut d_table, &index, &mut out, &mut d_out);
    assert_eq!(out, [9.0, 1.0, 9.0, 9.0]);
    assert_eq!(d_table, [20.0, 0.0, 6.0 * 1101.0]);

    let (table, weight, tokens) = (noise(1, 8), noise(2, 2), [3, 1, 3, 0]);
    let (mut d_table, mut d_weight) = ([0.0; 8], [0.0; 2]);
    bag_grad(&table, &mut d_table, &tokens, &weight, &mut d_weight, 2);
    check_gradient(|t| bag(t, &tokens, &weight, 2), &table, &d_table);
    check_gradient(|w| bag(&table, &tokens, w, 2), &weight, &d_weight);
    assert_eq!(d_table[4..6], [0.0, 0.0]);
}

type Scalar = f64;

#[differentiable]
fn generic<T: Real>(x: T, y: T) -> T {
    (x * y).sin() + T::from_f64(0.5) * x / y
}

#[differentiable]
fn aliased(x: Scalar, y: &[Scalar]) -> Scalar {
    x * y[0] + y[1].exp()
}

#[derive(Differentiable, Clone, Copy, Debug, PartialEq)]
struct Metres(f64);

#[differentiable]
fn newtype(a: Metres, b: &Metres) -> f64 {
    a.0 * b.0 * b.0
}

#[test]
fn generic_and_newtype() {
    check_args(
        |[x, y]| generic(x, y),
        |[x, y]| generic_grad(x, y),
        &[[0.4, 1.2]],
    );
    let (value, d_x, d_y) = generic_grad(0.4_f32, 1.2_f32);
    let (value64, d_x64, d_y64) = generic_grad(0.4_f64, 1.2);
    assert_all_near(
        &[value.into(), d_x.into(), d_y.into()],
        &[value64, d_x64, d_y64],
        1e-6,
    );

    let mut d_b = Metres(0.0);
    assert_eq!(
        newtype_grad(Metres(2.0), &Metres(3.0), &mut d_b),
        (18.0, Metres(9.0))
    );
    assert_eq!(d_b, Metres(12.0));
}

#[test]
fn alias_of_a_float() {
    let mut d_y = [0.0; 2];
    assert_eq!(aliased_grad(3.0, &[2.0, 0.0], &mut d_y), (7.0, 2.0));
    assert_eq!(d_y, [3.0, 1.0]);
}

#[differentiable]
fn spread(x: f64) -> [f64; 4] {
    let mut array = [0.0; 4];
    for i in 0..4 {
        array[i] = x * x;
        array[i] += x;
    }
    array
}

#[test]
fn vjp_called_twice_with_different_seeds() {
    let first = spread_vjp(1.5, [1.0, 0.0, 0.0, 0.0]);
    let second = spread_vjp(1.5, [1.0, 2.0, 3.0, 4.0]);
    let again = spread_vjp(1.5, [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(first, ([3.75; 4], 4.0));
    assert_eq!(second, ([3.75; 4], 40.0));
    assert_eq!(first, again);
}

#[differentiable]
fn guarded_ln(x: f64) -> f64 {
    if x > 0.0 { x.ln() } else { 0.0 }
}

#[differentiable]
fn power(x: f64, h: f64) -> f64 {
    x.powf(h)
}

#[differentiable]
fn saturated(x: f64) -> f64 {
    x.tanh()
}

#[differentiable]
fn guarded_norm(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i];
    }
    if s == 0.0 { 0.0 } else { s.sqrt() }
}

#[test]
fn edges_behind_branches() {
    assert_eq!(guarded_ln_grad(0.0), (0.0, 0.0));
    assert_eq!(guarded_ln_grad(2.0), (2.0_f64.ln(), 0.5));
    assert_eq!(power_grad(0.0, 2.0), (0.0, 0.0, 0.0));
    assert_eq!(power_grad(0.0, 1.0), (0.0, 1.0, 0.0));
    assert_eq!(power_grad(0.0, 0.5), (0.0, f64::INFINITY, 0.0));
    assert_eq!(power_grad(0.0, 0.0).1, 0.0);
    assert_eq!(saturated_grad(800.0), (1.0, 0.0));
    assert_eq!(saturated_grad(-800.0), (-1.0, 0.0));
    let mut d = [0.0; 3];
    assert_eq!(guarded_norm_grad(&[0.0; 3], &mut d), 0.0);
    assert_eq!(d, [0.0; 3]);
    assert_eq!(guarded_norm_grad(&[3.0, 0.0, 4.0], &mut d), 5.0);
    assert_all_near(&d, &[0.6, 0.0, 0.8], 1e-15);
}

#[differentiable]
fn triangle(a: &[f64], m: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..m {
        for j in i..m {
            s += a[i * m + j] * a[j * m + i];
        }
    }
    s
}

#[differentiable(tape)]
fn horner(c: &[f64], x: f64) -> f64 {
    let mut y = 0.0;
    for i in (0..c.len()).rev() {
        y = y * x + c[i];
    }
    y
}

#[test]
fn triangular_and_reversed_loops() {
    check_slice(
        |a| triangle(a, 4),
        |a, d| triangle_grad(a, d, 4),
        &noise(1, 16),
    );
    let (c, mut tape) = ([1.0, -2.0, 0.5, 3.0], Tape::new());
    let mut d_c = [0.0; 4];
    let (value, d_x) = horner_grad(&c, &mut d_c, 2.0, &mut tape);
    assert_eq!((value, d_x), (23.0, -2.0 + 2.0 + 36.0));
    assert_eq!(d_c, [1.0, 2.0, 4.0, 8.0]);
}

#[differentiable]
fn chebyshev(n: u32, x: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    if n == 1 {
        return x;
    }
    2.0 * x * chebyshev(n - 1, x) - chebyshev(n - 2, x)
}

#[test]
fn recursion_with_early_returns() {
    for n in 0..8 {
        // T_n(cos t) = cos(n t), so the derivative is n sin(n t) / sin t.
        let (t, m) = (0.7_f64, f64::from(n));
        let (value, d) = chebyshev_grad(n, t.cos());
        assert_near(value, (m * t).cos(), 1e-13);
        assert_near(d, m * (m * t).sin() / t.sin(), 1e-12);
    }
}

#[differentiable]
fn scratch(x: &[f64], w: &[f64; 3]) -> f64 {
    let mut buffer = [0.0; 3];
    let mut total = 0.0;
    for i in 0..x.len() {
        for k in 0..3 {
            buffer[k] = (x[i] * w[k]).sin();
        }
        total += buffer[0] * buffer[1] * buffer[2];
    }
    total
}

#[test]
fn scratch_overwritten_in_every_iteration() {
    let (x, w) = (noise(1, 5), [0.5, 1.5, -2.0]);
    let (mut d_x, mut d_w) = ([0.0; 5], [0.0; 3]);
    scratch_grad(&x, &mut d_x, &w, &mut d_w);
    check_gradient(|x| scratch(x, &w), &x, &d_x);
    check_gradient(|w| scratch(&x, &[w[0], w[1], w[2]]), &w, &d_w);
}

#[differentiable(tape)]
fn newton_root(a: f64) -> f64 {
    let mut x = 1.0;
    let mut last = 0.0;
    while (x - last).abs() > 1e-14 * x {
        last = x;
        x = 0.5 * (x + a / x);
    }
    x
}

#[test]
fn newton_until_convergence() {
    let mut tape = Tape::new();
    for a in [0.25, 2.0, 9.0, 1e4] {
        let (root, d) = newton_root_grad(a, &mut tape);
        assert_near(root, a.sqrt(), 1e-14);
        assert_near(d, 0.5 / a.sqrt(), 1e-12);
    }
}

#[differentiable]
fn by_rows(a: &[[f64; 3]; 2], x: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let mut dot = 0.0;
        for j in 0..3 {
            dot += a[i][j] * x[j];
        }
        s += dot * dot;
    }
    s
}

#[differentiable]
fn by_index(a: &[f64], x: &[f64; 3]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for i in 0..a.len() / n {
        let row = &a[i * n..(i + 1) * n];
        let mut dot = 0.0;
        for j in 0..n {
            dot += row[j] * x[j];
        }
        s += dot * dot;
    }
    s
}

#[test]
fn a_matrix_in_two_layouts() {
    let (a, x) = ([[1.0, -2.0, 3.0], [0.5, 0.25, -1.0]], [0.3, 0.6, -0.9]);
    let (mut d_rows, mut d_x, mut d_flat, mut d_y) = ([[0.0; 3]; 2], [0.0; 3], [0.0; 6], [0.0; 3]);
    let value = by_rows_grad(&a, &mut d_rows, &x, &mut d_x);
    assert_eq!(
        by_index_grad(a.as_flattened(), &mut d_flat, &x, &mut d_y),
        value
    );
    assert_all_near(d_rows.as_flattened(), &d_flat, 1e-15);
    assert_all_near(&d_x, &d_y, 1e-15);
    check_gradient(|x| by_rows(&a, &[x[0], x[1], x[2]]), &x, &d_x);
}

#[differentiable(tape)]
fn returns_from_the_middle(x: &[f64], limit: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i];
        if s > limit {
            return s * x[i] + limit;
        }
    }
    s.sin()
}

#[test]
fn return_from_the_middle_of_a_loop() {
    let x = [0.5, -1.0, 0.7, 1.1];
    for limit in [0.1, 1.0, 1.5, 2.0, 9.0] {
        check_slice(
            |x| returns_from_the_middle(x, limit),
            |x, d| returns_from_the_middle_grad(x, d, limit, &mut Tape::new()).0,
            &x,
        );
        let d = returns_from_the_middle_grad(&x, &mut [0.0; 4], limit, &mut Tape::new()).1;
        check_gradient(|l| returns_from_the_middle(&x, l[0]), &[limit], &[d]);
    }
}

#[differentiable]
fn dot_product_of_iterators(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[differentiable]
fn rosenbrock_over_windows(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2))
        .sum()
}

#[test]
fn iterator_chains() {
    let (a, b) = (noise(1, 7), noise(2, 5));
    let (mut d_a, mut d_b) = (vec![0.0; 7], vec![0.0; 5]);
    dot_product_of_iterators_grad(&a, &mut d_a, &b, &mut d_b);
    assert_eq!(d_a[..5], b[..]);
    assert_eq!(d_a[5..], [0.0; 2]);
    assert_eq!(d_b, a[..5]);
    for n in 0..6 {
        check_slice(
            rosenbrock_over_windows,
            rosenbrock_over_windows_grad,
            &noise(n as u64, n),
        );
    }
}

#[differentiable]
fn calls_a_function(x: f64, y: f64) -> f64 {
    let f = |a: f64| softened(a, y) * x;
    f(x) - 3.0 * f(y * y)
}

#[differentiable]
fn softened(x: f64, y: f64) -> f64 {
    (x * x + y * y + 1.0).sqrt()
}

#[test]
fn closure_that_calls_a_differentiable_function_and_is_called_twice() {
    check_args(
        |[x, y]| calls_a_function(x, y),
        |[x, y]| calls_a_function_grad(x, y),
        &[[0.5, 1.5], [-2.0, 0.25]],
    );
}

#[differentiable]
fn matrix_of_arrays(m: &[[f64; 3]; 2], x: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for row in m {
        let t: f64 = row.iter().zip(x).map(|(m, x)| m * x).sum();
        s += t * t;
    }
    s
}

#[differentiable]
fn matrix_by_indices(m: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for i in 0..m.len() / n {
        let mut t = 0.0;
        for j in 0..n {
            t += m[i * n + j] * x[j];
        }
        s += t * t;
    }
    s
}

#[differentiable]
fn matrix_by_chunks(m: &[f64], x: &[f64]) -> f64 {
    let mut s = 0.0;
    for row in m.chunks_exact(x.len()) {
        let mut t = 0.0;
        for j in 0..row.len() {
            t += row[j] * x[j];
        }
        s += t * t;
    }
    s
}

#[test]
fn three_ways_to_write_a_matrix() {
    let (m, x) = ([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], [1.0, 2.0, -1.5]);
    let (mut d_m, mut d_x) = ([[0.0; 3]; 2], [0.0; 3]);
    matrix_of_arrays_grad(&m, &mut d_m, &x, &mut d_x);
    check_gradient(
        |m| matrix_by_indices(m, &x),
        m.as_flattened(),
        d_m.as_flattened(),
    );
    check_gradient(|x| matrix_by_indices(m.as_flattened(), x), &x, &d_x);
    let (mut by_indices, mut by_chunks) = ([0.0; 9], [0.0; 9]);
    for (d, grad) in [
        (
            &mut by_indices,
            matrix_by_indices_grad as fn(&[f64], &mut [f64], &[f64], &mut [f64]) -> f64,
        ),
        (&mut by_chunks, matrix_by_chunks_grad),
    ] {
        let (d_m, d_x) = d.split_at_mut(6);
        grad(m.as_flattened(), d_m, &x, d_x);
    }
    assert_all_near(&by_indices, &by_chunks, 1e-14);
    assert_all_near(&by_indices[..6], d_m.as_flattened(), 1e-14);
    assert_all_near(&by_indices[6..], &d_x, 1e-14);
}
