use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Model {
    w: f64,
}

impl Model {
    #[differentiable]
    fn boxed(self: Box<Self>, x: f64) -> f64 {
        self.w * x
    }
}

fn main() {}
