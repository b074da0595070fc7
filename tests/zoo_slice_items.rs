//! Slices as the items of iterators: what adaptors hand on are references to slices, or to references to them.

mod common;

use backprop::prelude::*;
use common::{check_slice, noise};

#[differentiable]
fn rising(x: &[f64]) -> f64 {
    x.windows(2)
        .filter(|&w| w[0] < w[1])
        .map(|w| (w[1] - w[0]).powi(2) * w[0])
        .sum()
}

#[differentiable]
fn rising_behind_two_references(x: &[f64]) -> f64 {
    x.windows(2)
        .filter(|w| (**w)[0] < (*w)[1])
        .filter(|&w| w[w.len() - 1] > -0.9)
        .fold(0.25, |s, w| s + w[0] * w[1].sin())
}

#[differentiable]
fn numbered(x: &[f64]) -> f64 {
    x.chunks(3)
        .enumerate()
        .filter(|&(k, c)| k > 0 || c.len() == 3)
        .map(|(k, c)| c.iter().sum::<f64>().powi(2) * (k as f64 + 0.5))
        .sum()
}

#[differentiable]
fn until_the_last(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x
        .chunks(2)
        .take_while(|&c| c.len() == 2)
        .filter(|&c| c[1] > c[0])
    {
        s += c[0].exp() * c[1];
    }
    s
}

/// The numbers of items are constants, one computed from the other.
#[differentiable]
fn of_an_array(x: &[f64; 7]) -> f64 {
    let skipped: f64 = x.chunks_exact(2).skip(1).map(|c| c[0] * c[1]).sum();
    let taken: f64 = x.chunks_exact(3).rev().skip(1).take(5).map(|c| c[2]).sum();
    let zipped: f64 = x
        .chunks_exact(2)
        .zip(x.windows(4))
        .rev()
        .skip(1)
        .enumerate()
        .filter(|(k, (c, _))| c[0] > *k as f64 * 0.1 - 0.5)
        .map(|(k, (c, w))| c[0] * w[3] * (k + 1) as f64)
        .sum();
    let stepped: f64 = x.chunks_exact(2).step_by(2).map(|c| c[1].sin()).sum();
    skipped + taken * zipped + stepped
}

/// Nothing says of which type these numbers are but what they are handed to.
#[differentiable]
fn counts_from_literals(x: &[f64; 7]) -> f64 {
    let k = 1 + 1;
    let chunks: f64 = x
        .chunks(k - 1)
        .rev()
        .skip(k)
        .step_by(k)
        .map(|c| c[0].sin())
        .sum();
    let pairs: f64 = (2 - k..2 * 3)
        .skip(1 + 1)
        .rev()
        .zip((2 * 3..9).rev())
        .map(|(i, j)| x[i] * x[j - 4])
        .sum();
    let shifted: f64 = (0..1 << k).rev().skip(1).map(|i| x[i] * x[i]).sum();
    let taken: f64 = x.iter().rev().take(9 / k).map(|x| x.exp()).sum();
    chunks * pairs + shifted * taken
}

/// The length of a part of an array depends on a counter, of which nothing says what type it is.
#[differentiable]
fn parts_of_parts(x: &[f64; 7]) -> f64 {
    let mut s = 0.0;
    for c in x.chunks(4) {
        s += c.iter().skip(1).map(|x| x * x).sum::<f64>();
    }
    for (i, c) in x.chunks(3).rev().enumerate() {
        s += c.iter().skip(i).step_by(2).map(|x| x.sin()).sum::<f64>()
            * c.windows(2).rev().skip(1).map(|w| w[0] * w[1]).sum::<f64>();
    }
    let mut pairs = 0.0;
    for (c, d) in x.chunks(4).zip(x.chunks(3)) {
        for (x, y) in c.iter().skip(1).zip(d.iter().rev().take(2)) {
            pairs += x * y;
        }
    }
    s * pairs
}

#[test]
fn filtered_slices() {
    for n in [0, 1, 2, 3, 5, 8] {
        let x = noise(n as u64 + 11, n);
        check_slice(rising, rising_grad, &x);
        check_slice(
            rising_behind_two_references,
            rising_behind_two_references_grad,
            &x,
        );
        check_slice(numbered, numbered_grad, &x);
        check_slice(until_the_last, until_the_last_grad, &x);
    }
    let seven = |x: &[f64]| -> [f64; 7] { x.try_into().expect("seven numbers") };
    check_slice(
        |x| of_an_array(&seven(x)),
        |x, d| of_an_array_grad(&seven(x), d.try_into().expect("seven numbers")),
        &noise(5, 7),
    );
    check_slice(
        |x| counts_from_literals(&seven(x)),
        |x, d| counts_from_literals_grad(&seven(x), d.try_into().expect("seven numbers")),
        &noise(6, 7),
    );
    check_slice(
        |x| parts_of_parts(&seven(x)),
        |x, d| parts_of_parts_grad(&seven(x), d.try_into().expect("seven numbers")),
        &noise(7, 7),
    );
}
