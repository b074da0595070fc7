use backprop::prelude::*;

struct Spring {
    k: f64,
}

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

#[differentiable]
impl Spring {
    fn force(&self, x: f64) -> f64 {
        -self.k * x
    }
}

#[differentiable]
impl Energy for Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * x * x
    }
}

fn main() {}
