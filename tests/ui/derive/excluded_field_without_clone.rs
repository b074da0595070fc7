use backprop::prelude::*;

struct Config;

#[derive(Differentiable)]
struct Model {
    w: f64,
    #[nodiff]
    config: Config,
}

fn main() {}
