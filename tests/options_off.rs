//! Optimisations do not move the numbers: the same functions with all of them, with none, and with one missing.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, noise};

/// Functions, each of which is compiled with the options that it is given.
macro_rules! programs {
    ($module:ident: $($option:tt)*) => {
        mod $module {
            use backprop::prelude::*;

            #[differentiable($($option)*)]
            pub(super) fn straight(x: &[f64; 4]) -> f64 {
                let a = x[0] * x[1] + 0.0;
                let b = (a * 1.0).sin() + (x[0] * x[1]).sin();
                let c = if a > b { a * b } else { b / (1.0 + a * a) };
                let unused = x[2].ln();
                let _ = unused;
                c * c - x[2] * x[3] + c * (2.0 * 3.0) + x[3].powi(2) * x[2].powf(2.0).abs()
            }

            #[differentiable($($option)*)]
            pub(super) fn arrays(x: &[f64; 4]) -> f64 {
                let mut a = *x;
                let mut s = 1.0;
                for i in 0..4 {
                    let mut b = [0.0; 4];
                    for j in 0..4 {
                        b[(i + j) % 4] = a[j] * x[i] + s * 0.1;
                    }
                    s = s * b[i] + a[3 - i];
                    if s > 2.0 {
                        a[i] = s.sin();
                        continue;
                    }
                    a = b;
                }
                a[0] * a[1] + s * a[2] - a[3]
            }

            #[differentiable($($option)*)]
            pub(super) fn exits(x: &[f64; 4]) -> f64 {
                let mut s = x[0];
                'outer: for i in 0..3 {
                    for j in (0..4).rev() {
                        s = s * x[j] + x[i];
                        if s > 1.5 {
                            return s * x[3] + i as f64;
                        }
                        if s < -0.8 {
                            s += 1.0;
                            continue 'outer;
                        }
                        if j == i {
                            break;
                        }
                    }
                    s -= 0.25 * x[2];
                }
                s.tanh() * x[1]
            }

            #[differentiable($($option)*)]
            pub(super) fn reductions(x: &[f64]) -> f64 {
                let mut sum = 0.0;
                let mut squares = 0.0;
                let mut k = 0;
                while k < x.len() {
                    sum += x[k] * k as f64;
                    k += 1;
                }
                for i in 0..x.len() {
                    for j in i..x.len() {
                        squares += x[i] * x[j] * sum;
                    }
                    if x[i] > 0.5 {
                        squares += x[i].exp();
                    }
                }
                (squares + 3.0).abs().sqrt() / (1.0 + sum * sum)
            }

            #[differentiable(tape, $($option)*)]
            pub(super) fn recurrence(x: &[f64]) -> f64 {
                let (mut s, mut t, mut k) = (0.5, 1.0, 0_usize);
                loop {
                    if k >= x.len() || t > 50.0 {
                        break;
                    }
                    let old = s;
                    s = (s * x[k]).sin() + t;
                    t = if s > old { t * 0.5 + x[k] } else { old * t };
                    k += 1;
                }
                s * t
            }

            #[differentiable($($option)*)]
            pub(super) fn layer(w: &[f64], x: &[f64], out: &mut [f64]) {
                for o in 0..out.len() {
                    let mut acc = 0.0;
                    for i in 0..x.len() {
                        acc += w[o * x.len() + i] * x[i];
                    }
                    out[o] = acc.tanh();
                }
            }

            #[differentiable($($option)*)]
            pub(super) fn network(w: &[f64], x: &[f64; 4]) -> f64 {
                let mut h = [0.0; 4];
                layer(w, x, &mut h);
                let mut s = straight(&h) * exits(x);
                for i in 0..4 {
                    s += arrays(&h) * h[i];
                }
                s
            }

            /// Values and gradients of all, in one row.
            #[differentiable(tape, $($option)*)]
            pub(super) fn iterators(x: &[f64], w: &[f64]) -> f64 {
                let square = |v: f64| if v < -0.9 { return -v; } else { v * v };
                let mut out = [0.0; 4];
                for ((y, row), v) in out.iter_mut().zip(w.chunks(3)).zip(x.iter().rev()) {
                    *y = row.iter().map(|w| square(*w)).sum::<f64>() * v;
                }
                let p = x.windows(2).step_by(2).map(|v| v[0] - square(v[1])).product::<f64>();
                let m = x.iter().copied().max_by(f64::total_cmp).unwrap();
                let (s, n) = w.iter().filter(|w| **w > 0.0).fold((0.0, 1.0), |(s, n), w| (s + w, n + 1.0));
                out.map(|v| v.sin()).iter().skip(1).enumerate().map(|(i, v)| v * i as f64).sum::<f64>() + p * m + s / n
            }

            pub(super) fn row(seed: u64) -> Vec<f64> {
                let x = super::noise(seed, 4);
                let x: [f64; 4] = x.try_into().expect("4");
                let long = super::noise(seed + 100, 9);
                let w = super::noise(seed + 200, 16);
                let mut d = [[0.0; 4]; 4];
                let (mut d_long, mut e_long, mut d_w) = ([0.0; 9], [0.0; 9], [0.0; 16]);
                let (mut d_items, mut d_rows) = ([0.0; 9], [0.0; 16]);
                let mut values = vec![
                    straight_grad(&x, &mut d[0]),
                    arrays_grad(&x, &mut d[1]),
                    exits_grad(&x, &mut d[2]),
                    reductions_grad(&long, &mut d_long),
                    recurrence_grad(&long, &mut e_long, &mut Tape::new()),
                    network_grad(&w, &mut d_w, &x, &mut d[3]),
                    iterators_grad(&long, &mut d_items, &w, &mut d_rows, &mut Tape::new()),
                ];
                values.extend(d.as_flattened());
                values.extend(d_long);
                values.extend(e_long);
                values.extend(d_w);
                values.extend(d_items);
                values.extend(d_rows);
                values
            }
        }
    };
}

programs!(all_on: crate = backprop);
programs!(all_off: without(fold, cse, dce, fuse, lanes));
programs!(no_fold: without(fold));
programs!(no_cse: without(cse));
programs!(no_dce: without(dce));
programs!(no_fuse: without(fuse));
programs!(no_lanes: without(lanes));

#[test]
fn numbers_do_not_move() {
    for seed in 0..20 {
        let want = all_on::row(seed);
        for got in [
            all_off::row(seed),
            no_fold::row(seed),
            no_cse::row(seed),
            no_dce::row(seed),
            no_fuse::row(seed),
            no_lanes::row(seed),
        ] {
            assert_all_near(&got, &want, 1e-12);
        }
    }
}

#[test]
fn and_are_right() {
    for seed in 0..5 {
        let x = noise(seed, 4);
        let array = |x: &[f64]| -> [f64; 4] { x.try_into().expect("4") };
        let mut d = [[0.0; 4]; 3];
        all_on::straight_grad(&array(&x), &mut d[0]);
        all_on::arrays_grad(&array(&x), &mut d[1]);
        all_on::exits_grad(&array(&x), &mut d[2]);
        common::check_gradient(|x| all_on::straight(&array(x)), &x, &d[0]);
        common::check_gradient(|x| all_on::arrays(&array(x)), &x, &d[1]);
        common::check_gradient(|x| all_on::exits(&array(x)), &x, &d[2]);
        let w = noise(seed + 200, 16);
        let mut d_w = [0.0; 16];
        all_on::network_grad(&w, &mut d_w, &array(&x), &mut [0.0; 4]);
        common::check_gradient(|w| all_on::network(w, &array(&x)), &w, &d_w);
        let long = noise(seed + 100, 9);
        let (mut d_long, mut d_w) = ([0.0; 9], [0.0; 16]);
        all_on::iterators_grad(&long, &mut d_long, &w, &mut d_w, &mut Tape::new());
        common::check_gradient(|x| all_on::iterators(x, &w), &long, &d_long);
        common::check_gradient(|w| all_on::iterators(&long, w), &w, &d_w);
        common::check_slice(
            all_on::reductions,
            all_on::reductions_grad,
            &noise(seed + 100, 9),
        );
        common::check_slice(
            all_on::recurrence,
            |x, d| all_on::recurrence_grad(x, d, &mut Tape::new()),
            &noise(seed + 100, 9),
        );
    }
}

/// Without the inversion of counters they are kept, which takes a tape.
#[differentiable(tape, without(invert))]
fn counter_kept(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i < x.len() {
        s += x[i] * x[i] * i as f64;
        i += 1;
    }
    s
}

#[differentiable]
fn counter_inverted(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i < x.len() {
        s += x[i] * x[i] * i as f64;
        i += 1;
    }
    s
}

#[test]
fn counters_kept_or_inverted() {
    let x = noise(1, 7);
    let (mut d, mut e, mut tape) = ([0.0; 7], [0.0; 7], Tape::new());
    assert_eq!(
        counter_kept_grad(&x, &mut d, &mut tape),
        counter_inverted_grad(&x, &mut e)
    );
    assert_eq!(d, e);
    assert!(tape.high_water() > 0);
}

/// Random program 23002390: what the second of two branches on one condition makes was wanted at the end of the first one, too.
#[differentiable(tape, without(fold, fuse))]
fn two_branches_on_one_condition(pairs: &[[f64; 2]], x: &[f64]) -> f64 {
    let mut sums = [0.5; 2];
    let first = pairs[0];
    for k in 0..x.len() {
        {
            if x[k] < 0.0 {
                continue;
            }
            sums[1] += 0.5;
        }
        sums[1] += (x[k] * first[0]).tanh();
    }
    sums[1]
}

#[test]
fn branches_on_one_condition_are_told_apart() {
    let x = [0.4, -0.3, 1.2, 0.0, -0.1];
    common::check_slice(
        |pair| two_branches_on_one_condition(&[[pair[0], pair[1]]], &x),
        |pair, d| {
            let mut d_pairs = [[d[0], d[1]]];
            let pairs = [[pair[0], pair[1]]];
            let (d_x, tape) = (&mut [0.0; 5], &mut Tape::new());
            let value = two_branches_on_one_condition_grad(&pairs, &mut d_pairs, &x, d_x, tape);
            d.copy_from_slice(&d_pairs[0]);
            value
        },
        &[0.7, 0.3],
    );
}
