//! The example's transformer: its gradient against finite differences, in double precision; and that a step allocates nothing.

#[path = "../examples/char_gpt/model.rs"]
#[allow(dead_code, reason = "the example also draws")]
mod model;

mod common;

use backprop::gradcheck::Gradcheck;
use backprop::init::{Generator, normal};
use backprop::prelude::*;
use backprop::{Path, Visitor};

use model::{Gpt, Size, Workspace, add_gradient, forward};

const SIZE: Size = Size {
    layers: 2,
    heads: 2,
    channels: 8,
    tokens: 5,
    symbols: 7,
};
const SAMPLES: usize = 3;

/// Adds some noise to all parameters: to biases and scales, too, which begin as zeros and ones.
struct Noise(Generator);

impl Visitor<0, 1> for Noise {
    fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [x]: [&mut [T]; 1]) {
        let mut noise = vec![T::from_f64(0.0); x.len()];
        normal(&mut noise, 0.0, 0.3, &mut self.0);
        x.iter_mut().zip(noise).for_each(|(x, n)| *x += n);
    }
}

fn gpt<T: Real + Differentiable>() -> Gpt<T> {
    let mut gpt = Gpt::new(SIZE, &mut Generator::new(3));
    Differentiable::visit([], [&mut gpt], Path::root(), &mut Noise(Generator::new(4)));
    gpt
}

fn batch() -> (Vec<usize>, Vec<usize>) {
    let n = SAMPLES * SIZE.tokens;
    let text = |k: usize| (0..n).map(|i| (i * i + k * i) % SIZE.symbols).collect();
    (text(1), text(3))
}

#[test]
fn the_gradient_is_right() {
    let gpt = gpt::<f64>();
    let (tokens, targets) = batch();
    let mut a = Workspace::new(SIZE, SAMPLES);
    let (mut d, mut gradient) = (a.zeros_like(), gpt.zeros_like());
    let pair = (&tokens[..], &targets[..]);
    let value = add_gradient(SIZE, (&gpt, &mut gradient), pair, (&mut a, &mut d));
    let at = |gpt: &Gpt<f64>| forward(SIZE, gpt, pair, &mut Workspace::new(SIZE, SAMPLES));
    common::assert_near(value, at(&gpt), 1e-14);
    let report = Gradcheck::new().directions(24).check(at, &gpt, &gradient);
    let report = report.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(report.compared, 24);
    // Ready for the next step.
    Differentiable::visit([&d], [], Path::root(), &mut Zero);
}

struct Zero;

impl Visitor<1, 0> for Zero {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
        assert!(x.iter().all(|x| *x == T::from_f64(0.0)), "{path}");
    }
}

#[test]
fn a_step_allocates_nothing() {
    let gpt = gpt::<f32>();
    let (tokens, targets) = batch();
    let mut a = Workspace::new(SIZE, SAMPLES);
    let (mut d, mut gradient) = (a.zeros_like(), gpt.zeros_like());
    let pair = (&tokens[..], &targets[..]);
    let allocated = allocation_counter::measure(|| {
        add_gradient(SIZE, (&gpt, &mut gradient), pair, (&mut a, &mut d));
    });
    assert_eq!(allocated.count_total, 0);
}
