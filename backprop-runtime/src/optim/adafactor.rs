//! Second moments of matrices by row and column.

use alloc::vec;
use alloc::vec::Vec;

use super::Optimizer;
use super::algebra::norm_slice;
use super::common::{Common, decay_setters, rate_accessors, rate_setters};
use super::matrices::Matrices;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// ε₁, added to each square, and ε₂, the least scale of a leaf.
const EPSILONS: (f64, f64) = (1e-30, 1e-3);
/// d: updates with a larger root mean square are scaled down to it.
const LARGEST: f64 = 1.0;
/// c: step t forgets the second moments by 1 − t^−c.
const DECAY: f64 = 0.8;

/// Adafactor: no first moment, and of the second one for a matrix only the means of its rows R and of its columns C.
///
/// Step t computes β = 1 − t^−0.8, R ← β·R + (1 − β)·(row means of g² + ε₁), C likewise, vᵢⱼ = Rᵢ·Cⱼ/mean(R), u = g/√v, and
/// θ ← θ − α·u/max(1, RMS(u)), where α = max(ε₂, RMS(θ))·min(η, 1/√t): steps are in proportion to each leaf's own size. ε₁ = 10⁻³⁰,
/// ε₂ = 10⁻³. Weight decay is decoupled: θ ← θ − η·λ·θ comes first.
///
/// A leaf that is not declared a [`matrix`](Self::matrix) has a second moment for each element. All are kept in double precision.
///
/// Source: N. Shazeer, M. Stern, Adafactor: adaptive learning rates with sublinear memory cost, ICML 2018, algorithms 4 to 6, without a first moment,
/// with its default η = 0.01.
///
/// ```
/// # use backprop_runtime::optim::{Adafactor, Optimizer};
/// let mut model = (vec![0.5_f32; 12], vec![0.1_f32; 3]); // weights of 4 rows, and a bias
/// let mut adafactor = Adafactor::new(&model).matrix(&model, "0", 3);
/// adafactor.step(&mut model, &(vec![1.0; 12], vec![0.0; 3]));
/// assert!((model.0[5] - 0.495).abs() < 1e-7); // 1 % of its own size
/// ```
#[derive(Clone, Debug)]
pub struct Adafactor<M> {
    common: Common,
    matrices: Matrices,
    steps: u64,
    /// Leaf by leaf: rows, then columns of a matrix, or all elements.
    moments: Vec<f64>,
    model: core::marker::PhantomData<fn(M)>,
}

impl<M: Differentiable> Adafactor<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        let mut adafactor = Adafactor {
            common: Common::new(1e-2, 0.0),
            matrices: Matrices::default(),
            steps: 0,
            moments: Vec::new(),
            model: core::marker::PhantomData,
        };
        adafactor.make_room(model);
        adafactor
    }

    /// With leaves whose names match as matrices with so many columns; `*` stands for any characters.
    ///
    /// # Panics
    /// If no leaf has such a name, or one has another length than a multiple of `columns`.
    #[must_use]
    #[track_caller]
    pub fn matrix(mut self, model: &M, pattern: &'static str, columns: usize) -> Self {
        self.matrices.declare(model, pattern, columns);
        self.make_room(model);
        self
    }

    rate_setters!();
    decay_setters!();

    fn make_room(&mut self, model: &M) {
        let mut count = Count {
            matrices: &self.matrices,
            numbers: 0,
        };
        M::visit([model], [], Path::root(), &mut count);
        self.moments = vec![0.0; count.numbers];
    }
}

impl<M: Differentiable> Optimizer<M> for Adafactor<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let t = self.steps as f64;
        let forget = Real::powf(t, -DECAY);
        let mut update = Update {
            common: &self.common,
            matrices: &self.matrices,
            moments: &mut self.moments,
            decay: (1.0 - forget, forget),
            most: Real::recip(Real::sqrt(t)),
        };
        M::visit([gradient], [model], Path::root(), &mut update);
    }

    rate_accessors!();
}

impl<M> State for Adafactor<M>
where
    M: Differentiable,
{
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        Differentiable::visit(
            read.map(|x| &x.moments),
            write.each_mut().map(|x| &mut x.moments),
            path.field("moments"),
            visitor,
        );
        visitor.counters(
            path.field("steps"),
            read.map(|x| core::slice::from_ref(&x.steps)),
            write.map(|x| core::slice::from_mut(&mut x.steps)),
        );
    }
}

/// How many numbers the second moments are.
struct Count<'a> {
    matrices: &'a Matrices,
    numbers: usize,
}

impl Visitor<1, 0> for Count<'_> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.numbers += match self.matrices.shape(path, xs.len()) {
            Some((rows, columns)) => rows + columns,
            None => xs.len(),
        };
    }
}

struct Update<'a> {
    common: &'a Common,
    matrices: &'a Matrices,
    /// Those of the leaves that are still to come.
    moments: &'a mut [f64],
    /// β and 1 − β.
    decay: (f64, f64),
    most: f64,
}

impl<'a> Update<'a> {
    #[track_caller]
    fn next(&mut self, len: usize, path: Path<'_>) -> &'a mut [f64] {
        let moments = core::mem::take(&mut self.moments);
        let Some((next, rest)) = moments.split_at_mut_checked(len) else {
            panic!("`{path}` is larger than in the model that the optimizer was made for")
        };
        self.moments = rest;
        next
    }
}

impl Visitor<1, 1> for Update<'_> {
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters]: [&mut [T]; 1],
    ) {
        let rates = self.common.at(path);
        let rate = Real::min(rates.learning_rate, self.most);
        let len = parameters.len();
        if len == 0 {
            return;
        }
        let step = Step {
            rate: rate * Real::max(EPSILONS.1, norm_slice(parameters) / Real::sqrt(len as f64)),
            keep: rates.keep(),
        };
        match self.matrices.shape(path, len) {
            None => {
                let v = self.next(len, path);
                mix(v, self.decay, |i| square(gradient[i]));
                step.take(parameters, gradient, |i| v[i]);
            }
            Some((rows, columns)) => {
                let (r, c) = self.next(rows + columns, path).split_at_mut(rows);
                let row = |i: usize| &gradient[i * columns..][..columns];
                mix(r, self.decay, |i| {
                    row(i).iter().map(|&g| square(g)).sum::<f64>() / columns as f64
                });
                mix(c, self.decay, |j| {
                    (0..rows).map(|i| square(row(i)[j])).sum::<f64>() / rows as f64
                });
                let mean = r.iter().sum::<f64>() / rows as f64;
                step.take(parameters, gradient, |i| {
                    r[i / columns] * c[i % columns] / mean
                });
            }
        }
    }
}

fn square<T: Real>(g: T) -> f64 {
    g.to_f64() * g.to_f64() + EPSILONS.0
}

fn mix(moments: &mut [f64], (old, new): (f64, f64), of: impl Fn(usize) -> f64) {
    for (i, moment) in moments.iter_mut().enumerate() {
        *moment = old * *moment + new * of(i);
    }
}

struct Step<T> {
    rate: f64,
    keep: T,
}

impl<T: Real> Step<T> {
    /// The update is made twice, first for its size: so it needs no memory.
    fn take(&self, parameters: &mut [T], gradient: &[T], v: impl Fn(usize) -> f64) {
        let squares = gradient.iter().enumerate();
        let squares: f64 = squares.map(|(i, g)| g.to_f64() * g.to_f64() / v(i)).sum();
        let size = Real::sqrt(squares / gradient.len() as f64);
        let rate = self.rate / Real::max(1.0, size / LARGEST);
        for (i, (x, g)) in parameters.iter_mut().zip(gradient).enumerate() {
            *x = self.keep * *x - T::from_f64(rate * g.to_f64() / Real::sqrt(v(i)));
        }
    }
}
