use backprop::prelude::*;

#[differentiable]
fn generic<T: Real>(x: T) -> T {
    x * x
}

fn main() {
    let _ = generic_grad(3_i32);
}
