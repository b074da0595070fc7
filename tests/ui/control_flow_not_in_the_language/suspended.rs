use backprop::prelude::*;

#[differentiable]
fn awaited(x: f64) -> f64 {
    let y = other(x).await;
    y * y
}

async fn other(x: f64) -> f64 {
    x
}

#[differentiable]
fn guarded(n: usize, x: f64) -> f64 {
    match n {
        k if let Some(m) = k.checked_sub(1) => x * m as f64,
        _ => x,
    }
}

fn main() {}
