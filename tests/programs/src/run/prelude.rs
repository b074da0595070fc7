//! What every program of the scratch crate uses. Copied there as it stands.

pub use backprop::prelude::*;

#[derive(Clone, Copy, Debug, Default, Differentiable)]
pub struct Pair {
    pub u: f64,
    pub v: f64,
}

#[derive(Clone, Copy, Debug, Default, Differentiable)]
pub enum Shape {
    #[default]
    Dot,
    Disc {
        r: f64,
    },
    Rect(f64, f64),
    Bar([f64; 2]),
}

#[derive(Clone, Copy, Debug, Default, Differentiable)]
pub struct Body {
    pub at: [f64; 2],
    pub mass: f64,
}

#[derive(Clone, Copy, Debug, Default, Differentiable)]
pub struct Nest {
    pub left: Pair,
    pub count: usize,
    pub weight: f64,
}

/// Visits the floats of a value.
pub trait Floats {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64));
}

impl Floats for f64 {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        visit(self);
    }
}

impl<T: Floats> Floats for [T] {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.iter_mut().for_each(|x| x.floats(visit));
    }
}

impl<T: Floats, const N: usize> Floats for [T; N] {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.as_mut_slice().floats(visit);
    }
}

impl Floats for (f64, f64) {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        visit(&mut self.0);
        visit(&mut self.1);
    }
}

impl Floats for Pair {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        visit(&mut self.u);
        visit(&mut self.v);
    }
}

impl Floats for Body {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.at.floats(visit);
        visit(&mut self.mass);
    }
}

impl Floats for Nest {
    fn floats(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.left.floats(visit);
        visit(&mut self.weight);
    }
}

/// One evaluation: hands out inputs and collects results.
pub struct Point {
    inputs: &'static [f64],
    seeds: &'static [f64],
    directions: &'static [f64],
    pub n: usize,
    pub results: Vec<f64>,
}

/// What gradients that are added to start from.
const START: f64 = 0.25;

impl Point {
    pub fn take<T: Floats + Default>(&mut self) -> T {
        let mut value = T::default();
        self.fill(&mut value);
        value
    }

    pub fn slice<T: Floats + Default + Clone>(&mut self) -> Vec<T> {
        let mut value = vec![T::default(); self.n + 2];
        self.fill(&mut value[..]);
        value
    }

    fn fill<T: Floats + ?Sized>(&mut self, value: &mut T) {
        value.floats(&mut |x| {
            *x = self.inputs[0];
            self.inputs = &self.inputs[1..];
        });
    }

    /// Sets the cotangents of an output.
    pub fn seed<T: Floats + ?Sized>(&mut self, adjoint: &mut T) {
        adjoint.floats(&mut |x| {
            *x = self.seeds[0];
            self.seeds = &self.seeds[1..];
        });
    }

    /// The next part of the direction.
    pub fn direction<T: Floats + ?Sized>(&mut self, tangent: &mut T) {
        tangent.floats(&mut |x| {
            *x = self.directions[0];
            self.directions = &self.directions[1..];
        });
    }

    pub fn clear<T: Floats + ?Sized>(&mut self, adjoint: &mut T) {
        adjoint.floats(&mut |x| *x = 0.0);
    }

    /// As many results as a value has floats.
    pub fn put_zeros<T: Floats + ?Sized>(&mut self, value: &mut T) {
        value.floats(&mut |_| self.results.push(0.0));
    }

    pub fn start<T: Floats + ?Sized>(&mut self, adjoint: &mut T) {
        adjoint.floats(&mut |x| *x = START);
    }

    /// A result.
    pub fn put<T: Floats + ?Sized>(&mut self, value: &mut T) {
        value.floats(&mut |x| self.results.push(*x));
    }

    /// What was added to a gradient.
    pub fn put_added<T: Floats + ?Sized>(&mut self, adjoint: &mut T) {
        adjoint.floats(&mut |x| self.results.push(*x - START));
    }
}

/// Runs at all points and prints a line for each.
pub fn run_at(program: usize, what: &str, seeds: &'static [f64], body: fn(&mut Point)) {
    for (k, inputs) in crate::INPUTS.iter().enumerate() {
        let result = std::panic::catch_unwind(|| {
            let mut point = Point { inputs, seeds, directions: crate::DIRECTIONS, n: k % 4, results: Vec::new() };
            body(&mut point);
            point.results
        });
        match result {
            Ok(results) => println!("{program} {what} {k} {results:?}"),
            Err(_) => println!("{program} {what} {k} panic"),
        }
    }
}
