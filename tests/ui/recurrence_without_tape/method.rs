use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Decay {
    rate: f64,
}

impl Decay {
    #[differentiable(tape)]
    fn run(&self, x: f64, n: usize) -> f64 {
        let mut y = x;
        for _ in 0..n {
            y *= self.rate;
        }
        y
    }
}

#[differentiable]
fn loss(model: &Decay, x: f64) -> f64 {
    model.run(x, 3) - 1.0
}

fn main() {}
