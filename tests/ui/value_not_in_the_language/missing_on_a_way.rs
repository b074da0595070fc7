use backprop::prelude::*;

#[derive(Clone, Copy)]
struct Surface {
    number: u32,
}

#[derive(Clone, Copy, Differentiable)]
struct Hit {
    distance: f64,
    #[nodiff]
    surface: Surface,
}

#[differentiable]
fn first_hit(heights: &[f64], x: f64, #[nodiff] wall: Surface) -> Hit {
    for h in heights {
        if x * h > 1.0 {
            return Hit { distance: x * h, surface: wall };
        }
    }
    Hit { distance: x, surface: wall }
}

fn main() {}
