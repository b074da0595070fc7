use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Hit {
    distance: f64,
    height: f64,
}

#[differentiable]
fn first_hit(heights: &[f64], x: f64) -> Hit {
    for h in heights {
        if x * h > 1.0 {
            return Hit { distance: x * h, height: *h };
        }
    }
    Hit { distance: x, height: 0.0 }
}

fn main() {}
