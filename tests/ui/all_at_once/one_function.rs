//! Every mistake is reported, each once.

use backprop::prelude::*;

#[differentiable(wtr(x), tape = 1)]
fn many(x: &[f64], (a, b): (f64, f64), #[nodiff] f: fn(f64) -> f64) -> f64 {
    let mut v = vec![x[0]];
    v.insert(0, a);
    let (total, _): (Vec<f64>, Vec<f64>) = x.iter().map(|v| (*v, a)).unzip();
    let r = &(a + b);
    if let Some(first) = x.first() {
        dbg!(first);
    }
    f(*r) + total[0]
}

fn main() {}
