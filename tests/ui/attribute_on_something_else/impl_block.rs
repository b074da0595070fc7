use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Spring {
    k: f64,
    forces: Vec<f64>,
}

trait Energy<T> {
    fn energy(&self, x: T) -> T;
}

#[differentiable]
impl Energy<f64> for [f64; 3] {
    fn energy(&self, x: f64) -> f64 {
        self[0] * x
    }
}

#[differentiable]
impl<T: Real> Energy<T> for Spring {
    fn energy(&self, x: T) -> T {
        x * x
    }
}

#[differentiable]
impl Spring {
    fn forces(&self) -> &[f64] {
        &self.forces
    }

    #[nodiff]
    #[differentiable]
    fn force(&self, x: f64) -> f64 {
        -self.k * x
    }

    #[differentiable(tap)]
    fn energy_of(&self, x: f64) -> f64 {
        dbg!(x);
        0.5 * self.k * x * x
    }
}

fn main() {}
