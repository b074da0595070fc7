//! Arrays of which every iteration of a loop changes some elements: what they held is put back in the reverse loop, whatever else
//! reads the array, by whatever index.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_slice, noise};

#[differentiable]
fn mix(a: &[f64; 2], b: &[f64; 2]) -> [f64; 2] {
    [a[0] * b[0] - a[1] * b[1], (a[0] * b[1]).sin() + a[1] * b[0]]
}

#[differentiable]
fn weigh(a: &f64, b: &f64) -> f64 {
    (*a * *b).sin() + *a
}

/// The same function under two names, the second without the inversion of loops.
macro_rules! both {
    ($(fn $name:ident, $plain:ident ($x:ident: &[f64; 6], $parents:ident: &[usize; 5]) -> f64 $body:block)*) => { $(
        #[differentiable]
        fn $name($x: &[f64; 6], $parents: &[usize; 5]) -> f64 $body

        #[differentiable(without(invert, fold))]
        fn $plain($x: &[f64; 6], $parents: &[usize; 5]) -> f64 $body
    )* };
}

both! {
    // A tree: every node from its parent, which may stand before it, behind it, or be itself.
    fn tree, tree_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut nodes = [[0.3, -0.2]; 5];
        let mut ends = [[0.0; 2]; 5];
        for b in 0..5 {
            let turned = [x[b], x[b + 1]];
            nodes[b] = mix(&nodes[parents[b]], &turned);
            ends[b] = mix(&nodes[b], &[x[0], 0.5]);
        }
        let mut sum = 0.0;
        for b in 0..5 {
            sum += ends[b][0] * nodes[b][1] + ends[b][1];
        }
        sum
    }

    // Two elements, one of them always the same; sometimes they are one.
    fn two, two_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut a = [0.4; 5];
        for i in 0..5 {
            let p = a[parents[i]];
            a[2] = (p * x[i]).sin() + a[2];
            a[i] = a[i] * a[2] + p * p;
        }
        a[0] * a[1] + a[2] * a[3] * a[4]
    }

    // Backwards, from elsewhere than zero, and both ends.
    fn backwards, backwards_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut a = [0.5, 0.1, -0.3, 0.8, 0.2];
        for i in (1..=3).rev() {
            a[i] = weigh(&a[parents[i]], &x[i]) * a[i];
            a[i] = weigh(&a[i], &a[i - 1]);
        }
        for i in (-2..2i32).rev() {
            let at = (i + 2) as usize;
            a[at] = a[parents[at]] * a[at] * x[at];
        }
        a[0] + a[1] * a[2] * a[3]
    }

    // A part of an element, and a row of another array.
    fn parts, parts_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut m = [[0.2, 0.7, -0.4]; 5];
        for i in 0..5 {
            m[i][1] = m[parents[i]][0] * x[i] + m[i][1].exp();
            m[i][0] = (m[parents[i]][1] * m[i][2]).sin();
            m[3] = [m[3][1] * x[i], m[3][2], m[3][0] * 0.5];
        }
        let mut sum = 0.0;
        for i in 0..5 {
            sum += m[i][0] * m[i][1] - m[i][2] * x[i];
        }
        sum
    }

    // In a loop whose own iterations go on with the array.
    fn nested, nested_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut a = [0.4, -0.1, 0.3, 0.2, 0.6];
        for t in 0..3 {
            for i in 0..5 {
                a[i] = (a[parents[i]] * x[(i + t) % 6]).sin() + a[i] * a[(i + 1) % 5];
            }
        }
        a[0] * a[4] + a[2]
    }

    // Changed where another element decides.
    fn branches, branches_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut a = [0.4, -0.1, 0.3, 0.2, 0.6];
        for i in 0..5 {
            let p = a[parents[i]];
            a[i] = if p > 0.2 { p * x[i] * a[i] } else { (p + x[i]).cos() };
            if parents[i] == 4 {
                a[1] = a[1] * a[i];
            }
        }
        a[0] * a[1] + a[2] * a[3] - a[4]
    }

    // Left early.
    fn early, early_plain(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
        let mut a = [0.4, -0.1, 0.3, 0.2, 0.6];
        for i in 0..5 {
            a[i] = a[parents[i]] * x[i] + a[i] * a[i];
            if parents[i] == 0 && i > 1 {
                break;
            }
        }
        a[0] * a[1] + a[2] * a[3] - a[4]
    }
}

/// The caller has the array, and gets what the loop leaves.
#[differentiable]
fn lent(x: &[f64; 6], parents: &[usize; 5], a: &mut [f64; 5]) {
    for i in 0..5 {
        a[i] = (a[parents[i]] * x[i]).sin() + a[i] * x[5];
    }
}

#[differentiable]
fn lends(x: &[f64; 6], parents: &[usize; 5]) -> f64 {
    let mut a = [0.4, -0.1, x[0], 0.2, 0.6];
    lent(x, parents, &mut a);
    a[0] * a[1] + a[2] * a[3] - a[4]
}

#[differentiable]
fn general<T: Real, const N: usize>(x: &[T; N], shift: usize) -> T {
    let mut a = [T::from_f64(0.3); N];
    for i in 0..N {
        a[i] = (a[(i + shift) % N] * x[i]).sin() + a[i] * a[i];
    }
    let mut sum = T::from_f64(0.0);
    for i in 0..N {
        sum += a[i] * x[N - 1 - i];
    }
    sum
}

fn parents() -> impl Iterator<Item = [usize; 5]> {
    [
        [0, 0, 1, 2, 3],
        [4, 3, 2, 1, 0],
        [1, 1, 1, 0, 4],
        [2, 0, 0, 4, 2],
        [0, 1, 2, 3, 4],
    ]
    .into_iter()
}

fn six(x: &[f64]) -> &[f64; 6] {
    x.first_chunk().unwrap_or(&[0.0; 6])
}

macro_rules! check {
    ($x:ident, $p:ident: $($f:ident, $g:ident, $h:ident;)*) => { $(
        check_slice(
            |x| $f(six(x), &$p),
            |x, d| {
                let mut own = [0.0; 6];
                let value = $g(six(x), &mut own, &$p);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &$x,
        );
        let (mut with, mut without) = ([0.0; 6], [0.0; 6]);
        $g(six(&$x), &mut with, &$p);
        $h(six(&$x), &mut without, &$p);
        for (a, b) in with.iter().zip(without) {
            assert!((a - b).abs() <= 1e-13 * (1.0 + b.abs()), "{} {a} {b}", stringify!($f));
        }
    )* };
}

#[test]
fn what_was_there_is_there_again() {
    for (seed, p) in (1..).zip(parents()) {
        let x = noise(seed, 6);
        check!(x, p:
            tree, tree_grad, tree_plain_grad;
            two, two_grad, two_plain_grad;
            backwards, backwards_grad, backwards_plain_grad;
            parts, parts_grad, parts_plain_grad;
            nested, nested_grad, nested_plain_grad;
            branches, branches_grad, branches_plain_grad;
            early, early_grad, early_plain_grad;
            lends, lends_grad, lends_grad;
        );
    }
}

#[test]
fn in_general() {
    let x = noise(7, 4);
    for shift in 0..4 {
        check_slice(
            |x| general(&[x[0], x[1], x[2], x[3]], shift),
            |x, d| {
                let mut own = [0.0; 4];
                let value = general_grad(&[x[0], x[1], x[2], x[3]], &mut own, shift);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &x,
        );
    }
    let (mut none, mut one) = ([0.0_f32; 0], [0.0_f32; 1]);
    assert_eq!(general_grad(&[], &mut none, 0), 0.0);
    general_grad(&[0.5_f32], &mut one, 0);
    let by_hand = (0.15_f32.sin() + 0.09) + 0.5 * 0.3 * 0.15_f32.cos();
    assert!((one[0] - by_hand).abs() < 1e-6);
}
