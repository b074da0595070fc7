use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
union Bits {
    float: f64,
    word: u64,
}

#[derive(Clone, Differentiable)]
#[repr(packed)]
struct Packed {
    w: f64,
}

fn main() {}
