use backprop::prelude::*;

struct Outer;

#[differentiable]
fn implementation(x: f64) -> f64 {
    impl Outer {
        fn f() -> f64 {
            2.0
        }
    }
    x * Outer::f()
}

#[differentiable]
fn mutable_static(x: f64) -> f64 {
    static mut COUNT: usize = 0;
    x * x
}

#[differentiable]
fn rules(x: f64) -> f64 {
    macro_rules! two {
        () => {
            2.0
        };
    }
    x * no_grad!(two!())
}

#[differentiable]
fn conditional(x: f64) -> f64 {
    #[cfg(not(test))]
    let x = 2.0 * x;
    x
}

fn main() {}
