use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use backprop::prelude::*;

#[differentiable]
fn counted(x: f64, #[nodiff] calls: &Counter) -> f64 {
    calls.0.set(calls.0.get() + 1);
    x * f64::from(calls.0.get())
}

struct Counter(Cell<u32>);

#[differentiable]
fn stored(x: f64, #[nodiff] calls: &AtomicU32) -> f64 {
    calls.store(1, Ordering::Relaxed);
    x * x
}

#[differentiable]
fn peeked(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().peekable() {
        s += v * v;
    }
    s
}

fn main() {}
