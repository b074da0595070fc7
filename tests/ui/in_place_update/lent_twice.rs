use backprop::differentiable;

#[differentiable]
fn products(a: &[f64], b: &[f64], #[out] out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = a[i] * b[i];
    }
}

#[differentiable]
fn squares(a: &[f64], #[out] out: &mut [f64]) {
    products(a, a, out);
}

#[differentiable(tape)]
fn sum_of_squares(a: &[f64]) -> f64 {
    let mut out = vec![0.0; a.len()];
    products(&a[..], &a[..], &mut out);
    out.iter().sum()
}

fn main() {}
