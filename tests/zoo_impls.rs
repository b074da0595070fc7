//! `#[differentiable]` on whole `impl` blocks: of a trait, and of a type's own.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_gradient, noise};

trait Energy {
    type Point: ?Sized;
    const SCALE: f64;

    fn energy(&self, x: &Self::Point) -> f64;
    fn name(&self) -> &str;
    fn relax(&mut self, by: f64) -> f64;
    fn of_stiffness(stiffness: f64) -> f64;
    fn dim(&self) -> usize {
        1
    }
}

#[derive(Clone, Copy, Differentiable)]
struct Spring {
    stiffness: f64,
    rest: f64,
}

#[differentiable]
impl Energy for Spring {
    type Point = [f64];
    const SCALE: f64 = 0.5;

    fn energy(&self, x: &Self::Point) -> f64 {
        let mut e = 0.0;
        for pair in x.windows(2) {
            e += self.between(pair[0], pair[1]);
        }
        e + Self::of_stiffness(self.stiffness)
    }

    fn name(&self) -> &str {
        "spring"
    }

    fn relax(&mut self, by: f64) -> f64 {
        self.stiffness *= by;
        self.rest + by
    }

    fn of_stiffness(stiffness: f64) -> f64 {
        Self::SCALE * stiffness * stiffness
    }
}

#[differentiable]
impl Spring {
    fn between(&self, a: f64, b: f64) -> f64 {
        let stretch = b - a - self.rest;
        Self::SCALE * self.stiffness * stretch * stretch
    }

    /// Nothing goes in.
    fn unit() -> Spring {
        Spring {
            stiffness: 1.0,
            rest: 1.0,
        }
    }

    /// Nothing comes out.
    fn is_stiff(&self) -> bool {
        self.stiffness > 1.0
    }

    /// Left alone: it is no language of ours.
    #[nodiff]
    fn text(&self, #[nodiff] digits: usize) -> String {
        format!("{:.digits$}", self.stiffness)
    }

    /// With options of its own.
    #[differentiable(tape, wrt(self))]
    fn power(&self, x: f64, n: usize) -> f64 {
        let mut p = x;
        for _ in 0..n {
            p *= self.stiffness;
        }
        p
    }
}

/// A caller that knows nothing of where the derivatives stand.
#[differentiable]
fn total(springs: &[Spring], x: &[f64]) -> f64 {
    let mut e = 0.0;
    for (k, s) in springs.iter().enumerate() {
        e += s.energy(x) * (k + s.dim()) as f64 + s.between(x[0], 2.0);
    }
    let mut first = springs[0];
    let by = Spring::of_stiffness(x[0]);
    e + first.relax(by) * first.stiffness
}

#[test]
fn blocks() {
    let x = noise(3, 5);
    let at = |v: &[f64]| Spring {
        stiffness: v[0],
        rest: v[1],
    };
    let s = [0.7, 0.3];
    let (mut d_s, mut d_x) = (at(&[0.0; 2]), vec![0.0; 5]);
    let value = at(&s).energy_grad(&mut d_s, &x, &mut d_x);
    assert_eq!(value, at(&s).energy(&x));
    check_gradient(|x| at(&s).energy(x), &x, &d_x);
    check_gradient(|s| at(s).energy(&x), &s, &[d_s.stiffness, d_s.rest]);
    check_args(
        |[k]| Spring::of_stiffness(k),
        |[k]| Spring::of_stiffness_grad(k),
        &[[1.3]],
    );
    let mut d = at(&[0.0; 2]);
    let value = at(&s).power_grad(&mut d, 1.5, 3, &mut Tape::new());
    assert_eq!(value, at(&s).power(1.5, 3));
    check_gradient(|s| at(s).power(1.5, 3), &s, &[d.stiffness, d.rest]);
    assert!(Spring::unit().name() == "spring" && !Spring::unit().is_stiff());
    assert_eq!(Spring::unit().text(1), "1.0");
}

#[test]
fn callers() {
    let x = noise(5, 4);
    let of = |v: &[f64]| {
        [0, 1].map(|k| Spring {
            stiffness: v[2 * k],
            rest: v[2 * k + 1],
        })
    };
    let flat = noise(6, 4);
    let springs = of(&flat);
    let (mut d_springs, mut d_x) = (of(&[0.0; 4]), vec![0.0; 4]);
    let value = total_grad(&springs, &mut d_springs, &x, &mut d_x);
    assert!((value - total(&springs, &x)).abs() < 1e-14);
    check_gradient(|x| total(&springs, x), &x, &d_x);
    let d: Vec<f64> = d_springs
        .iter()
        .flat_map(|s| [s.stiffness, s.rest])
        .collect();
    check_gradient(|v| total(&of(v), &x), &flat, &d);
}

/// Generic in the block: what is known of its parameters is known in the methods.
trait Kernel<T> {
    fn eval(&self, x: T, y: T) -> T;
}

#[derive(Clone, Differentiable)]
struct Gauss<T, const N: usize> {
    width: T,
    weights: [T; N],
}

#[differentiable]
impl<T, const N: usize> Kernel<T> for Gauss<T, N>
where
    T: Real,
{
    fn eval(&self, x: T, y: T) -> T {
        let d = (x - y) / self.width;
        let mut s = T::from_f64(0.0);
        for w in &self.weights {
            s += *w * (-d * d).exp();
        }
        s
    }
}

#[test]
fn generic_blocks() {
    let at = |v: [f64; 3]| Gauss {
        width: v[0],
        weights: [v[1], v[2]],
    };
    check_args(
        |[a, b, c, x, y]| at([a, b, c]).eval(x, y),
        |[a, b, c, x, y]| {
            let mut d = at([0.0; 3]);
            let (value, d_x, d_y) = at([a, b, c]).eval_grad(&mut d, x, y);
            (value, d.width, d.weights[0], d.weights[1], d_x, d_y)
        },
        &[[0.9, 0.3, -0.7, 0.4, 0.1]],
    );
    let single = Gauss {
        width: 0.9_f32,
        weights: [0.5],
    };
    let mut d = Gauss {
        width: 0.0,
        weights: [0.0],
    };
    let (value, d_x, d_y) = single.eval_grad(&mut d, 0.5, 0.25);
    assert_eq!(value, single.eval(0.5, 0.25));
    assert!((d_x + d_y).abs() < 1e-6 && d_x < 0.0);
}

mod inner {
    use backprop::prelude::*;

    /// A trait of another module, whose derivatives are called from outside.
    pub(crate) trait Loss {
        fn loss(&self, x: f64) -> f64;
    }

    #[derive(Clone, Differentiable)]
    pub(crate) struct Huber {
        pub(crate) delta: f64,
    }

    #[differentiable]
    impl Loss for Huber {
        fn loss(&self, x: f64) -> f64 {
            if x.abs() < self.delta {
                0.5 * x * x
            } else {
                self.delta * (x.abs() - 0.5 * self.delta)
            }
        }
    }
}

use inner::{Huber, Loss};

#[differentiable]
fn robust(delta: f64, x: f64) -> f64 {
    let h = Huber { delta };
    h.loss(x) + Huber::loss(&h, 2.0 * x)
}

#[test]
fn across_modules() {
    check_args(
        |[d, x]| robust(d, x),
        |[d, x]| robust_grad(d, x),
        &[[1.0, 0.3], [1.0, 0.8], [0.5, -3.0]],
    );
}
