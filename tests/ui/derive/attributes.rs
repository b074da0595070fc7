use backprop::prelude::*;

#[derive(Clone, Differentiable)]
#[nodiff]
struct OnTheType {
    w: f64,
}

#[derive(Clone, Differentiable)]
struct WithArguments {
    w: f64,
    #[nodiff(n)]
    n: usize,
}

#[derive(Clone, Differentiable)]
struct Twice {
    w: f64,
    #[nodiff]
    #[nodiff]
    n: usize,
}

#[derive(Clone, Differentiable)]
struct Misplaced {
    #[differentiable(crate = backprop)]
    w: f64,
}

#[derive(Clone, Differentiable)]
enum OnAVariant {
    #[nodiff]
    A(f64),
    B,
}

#[derive(Clone, Differentiable)]
#[differentiable(krate = backprop)]
struct UnknownOption {
    w: f64,
}

fn main() {}
