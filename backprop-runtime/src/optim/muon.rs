//! Matrices by orthogonal steps.

use alloc::vec;
use alloc::vec::Vec;

use super::Optimizer;
use super::common::{Common, correction, decay_setters, rate_accessors, rate_setters, state};
use super::elements::each_with_two;
use super::matrices::Matrices;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// a, b and c of the iteration X ← a·X + (b·XXᵀ + c·(XXᵀ)²)·X, and how often it runs.
const QUINTIC: (f32, f32, f32) = (3.4445, -4.775, 2.0315);
const ITERATIONS: usize = 5;
/// Keeps a matrix of zeros from being divided by nothing.
const SMALLEST: f64 = 1e-7;
/// What the root mean square of Adam's updates is, as a rule.
const SIZE: f64 = 0.2;

/// Muon: matrices move by the orthogonal matrix nearest to their momentum, everything else as by [`AdamW`](super::AdamW).
///
/// For a matrix B ← μ·B + G, O = the orthogonal factor of G + μ·B (Nesterov's momentum), and θ ← θ − η·0.2·√max(rows, columns)·O, which makes the update
/// as large as one of AdamW, so that learning rate and decay are those of AdamW too. Weight decay is decoupled: θ ← θ − η·λ·θ comes first. The factor
/// is found by five Newton-Schulz iterations, which bring singular values near 1, between 0.7 and 1.2, and no nearer; in single precision, which is
/// more than they need.
///
/// Declare the matrices of hidden layers by [`matrix`](Self::matrix); embeddings and output layers are left to AdamW by those who invented it.
///
/// Source: K. Jordan and others, Muon: an optimizer for hidden layers in neural networks (2024); the size of the update from J. Liu and others, Muon is
/// scalable for LLM training, arXiv:2502.16982, equation 4. Defaults η = 0.001, μ = 0.95, λ = 0.01, and for the others β₁ = 0.9, β₂ = 0.999,
/// ε = 10⁻⁸.
#[derive(Clone, Debug)]
pub struct Muon<M> {
    common: Common,
    matrices: Matrices,
    momentum: f64,
    nesterov: bool,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    first_moment: M,
    second_moment: M,
    workspace: Workspace,
}

impl<M: Differentiable> Muon<M> {
    /// For models of the shape of `model`, of which nothing is a matrix yet.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Muon {
            common: Common::new(1e-3, 0.01),
            matrices: Matrices::default(),
            momentum: 0.95,
            nesterov: true,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            first_moment: model.zeros_like(),
            second_moment: model.zeros_like(),
            workspace: Workspace::default(),
        }
    }

    /// With leaves whose names match as matrices with so many columns; `*` stands for any characters.
    ///
    /// # Panics
    /// If no leaf has such a name, or one has another length than a multiple of `columns`.
    #[must_use]
    #[track_caller]
    pub fn matrix(mut self, model: &M, pattern: &'static str, columns: usize) -> Self {
        self.matrices.declare(model, pattern, columns);
        let mut room = Room {
            matrices: &self.matrices,
            workspace: &mut self.workspace,
        };
        M::visit([model], [], Path::root(), &mut room);
        self
    }

    /// With momentum μ for matrices.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// With or without Nesterov's look ahead: without it O is the factor of B alone.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// With decay rates β₁ and β₂ of the moments of what is not a matrix, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(mut self, first: f64, second: f64) -> Self {
        self.betas = (first, second);
        self
    }

    /// With ε in the denominator for what is not a matrix.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for Muon<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let mut update = Update {
            common: &self.common,
            matrices: &self.matrices,
            momentum: self.momentum,
            nesterov: self.nesterov,
            betas: self.betas,
            epsilon: self.epsilon,
            corrections: (
                correction(self.betas.0, self.steps),
                correction(self.betas.1, self.steps),
            ),
            workspace: &mut self.workspace,
        };
        M::visit(
            [gradient],
            [model, &mut self.first_moment, &mut self.second_moment],
            Path::root(),
            &mut update,
        );
    }

    rate_accessors!();
}

state!(Muon { first_moment, second_moment } { steps });

struct Update<'a> {
    common: &'a Common,
    matrices: &'a Matrices,
    momentum: f64,
    nesterov: bool,
    betas: (f64, f64),
    epsilon: f64,
    corrections: (f64, f64),
    workspace: &'a mut Workspace,
}

impl Visitor<1, 3> for Update<'_> {
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second]: [&mut [T]; 3],
    ) {
        let rates = self.common.at(path);
        let keep = rates.keep::<T>();
        if let Some((rows, columns)) = self.matrices.shape(path, parameters.len()) {
            let momentum = T::from_f64(self.momentum);
            for (b, &g) in first.iter_mut().zip(gradient) {
                *b = momentum * *b + g;
            }
            // Nothing but the direction counts, so that B alone may be had as 0·G + 1·B.
            let (of_gradient, of_moment) = if self.nesterov {
                (T::from_f64(1.0), momentum)
            } else {
                (T::from_f64(0.0), T::from_f64(1.0))
            };
            let ahead = |i: usize| of_gradient * gradient[i] + of_moment * first[i];
            let factor = self.workspace.orthogonal(rows, columns, ahead);
            let size = SIZE * Real::sqrt(rows.max(columns) as f64);
            let rate = T::from_f64(rates.learning_rate * size);
            for (i, x) in parameters.iter_mut().enumerate() {
                *x = keep * *x - rate * T::from_f64(f64::from(factor.at(i)));
            }
            return;
        }
        let rate = T::from_f64(rates.learning_rate / self.corrections.0);
        let root = T::from_f64(Real::recip(Real::sqrt(self.corrections.1)));
        let epsilon = T::from_f64(self.epsilon);
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        each_with_two(parameters, first, second, gradient, |x, [m, v], g| {
            *m = beta1 * *m + gain1 * g;
            *v = beta2 * *v + gain2 * g * g;
            *x = keep * *x - rate * *m / (v.sqrt() * root + epsilon);
        });
    }
}

/// Makes the workspace large enough for all matrices.
struct Room<'a> {
    matrices: &'a Matrices,
    workspace: &'a mut Workspace,
}

impl Visitor<1, 0> for Room<'_> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        if let Some((rows, columns)) = self.matrices.shape(path, xs.len()) {
            let short = rows.min(columns);
            let grow = |buffer: &mut Vec<f32>, len: usize| {
                if buffer.len() < len {
                    *buffer = vec![0.0; len];
                }
            };
            grow(&mut self.workspace.x, rows * columns);
            grow(&mut self.workspace.next, rows * columns);
            grow(&mut self.workspace.gram, short * short);
            grow(&mut self.workspace.polynomial, short * short);
        }
    }
}

/// Memory for one matrix, with its shorter side as rows.
#[derive(Clone, Debug, Default)]
struct Workspace {
    x: Vec<f32>,
    next: Vec<f32>,
    gram: Vec<f32>,
    polynomial: Vec<f32>,
}

/// The factor, possibly the other way round.
struct Factor<'a> {
    x: &'a [f32],
    columns: usize,
    /// Rows of the matrix, where it lies transposed.
    transposed: Option<usize>,
}

impl Factor<'_> {
    /// The element at a position of the matrix row by row.
    #[inline]
    fn at(&self, i: usize) -> f32 {
        match self.transposed {
            None => self.x[i],
            Some(rows) => self.x[i % self.columns * rows + i / self.columns],
        }
    }
}

impl Workspace {
    fn orthogonal<T: Real>(
        &mut self,
        rows: usize,
        columns: usize,
        of: impl Fn(usize) -> T,
    ) -> Factor<'_> {
        let (short, long) = (rows.min(columns), rows.max(columns));
        let transposed = (rows > columns).then_some(rows);
        let len = rows * columns;
        let norm: f64 = (0..len).map(|i| of(i).to_f64()).map(|g| g * g).sum();
        let scale = Real::recip(Real::sqrt(norm) + SMALLEST);
        for i in 0..len {
            let to = match transposed {
                None => i,
                Some(_) => i % columns * rows + i / columns,
            };
            self.x[to] = (of(i).to_f64() * scale) as f32;
        }
        for _ in 0..ITERATIONS {
            self.iterate(short, long);
        }
        Factor {
            x: &self.x[..len],
            columns,
            transposed,
        }
    }

    /// X ← a·X + (b·A + c·A²)·X with A = XXᵀ.
    fn iterate(&mut self, rows: usize, columns: usize) {
        let (a, b, c) = QUINTIC;
        let x = &mut self.x[..rows * columns];
        let gram = &mut self.gram[..rows * rows];
        for i in 0..rows {
            for j in 0..=i {
                let product = dot(&x[i * columns..][..columns], &x[j * columns..][..columns]);
                gram[i * rows + j] = product;
                gram[j * rows + i] = product;
            }
        }
        let polynomial = &mut self.polynomial[..rows * rows];
        combine(polynomial, b, gram, c, gram, gram, rows);
        let next = &mut self.next[..rows * columns];
        combine(next, a, x, 1.0, polynomial, x, rows);
        x.copy_from_slice(next);
    }
}

/// y ← a·x + b·(P·z), where P is square.
fn combine(y: &mut [f32], a: f32, x: &[f32], b: f32, p: &[f32], z: &[f32], rows: usize) {
    let columns = y.len() / rows;
    let of_x = x.chunks_exact(columns);
    for ((y, x), weights) in y
        .chunks_exact_mut(columns)
        .zip(of_x)
        .zip(p.chunks_exact(rows))
    {
        for (y, x) in y.iter_mut().zip(x) {
            *y = a * x;
        }
        for (&weight, z) in weights.iter().zip(z.chunks_exact(columns)) {
            for (y, z) in y.iter_mut().zip(z) {
                *y += b * weight * z;
            }
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    let mut lanes = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a * b);
    lanes.iter().sum::<f32>() + rest.sum::<f32>()
}
