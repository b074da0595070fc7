use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
impl Point {
    fn moved(self, by: f64) -> f64 {
        self.x + by * self.y
    }

    fn step(&mut self, by: f64) -> f64 {
        self.x += by;
        self.x * self.y
    }
}

#[differentiable]
fn assigned_in_an_argument(mut p: Point, x: f64) -> f64 {
    p.moved({
        p.x = x;
        2.0
    })
}

#[differentiable]
fn changed_by_an_argument(p: &mut Point, x: f64) -> f64 {
    p.moved(p.step(x))
}

fn main() {}
