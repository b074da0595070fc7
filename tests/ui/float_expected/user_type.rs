use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Meters(f64);

impl std::ops::Mul for Meters {
    type Output = f64;
    fn mul(self, other: Meters) -> f64 {
        self.0 * other.0
    }
}

#[differentiable]
fn area(a: Meters, b: Meters) -> f64 {
    a * b
}

fn main() {}
