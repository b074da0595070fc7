//! Gradients of batches on several threads (feature `rayon`).
//!
//! A batch is split into as many runs of samples as there are workers. Each worker has an adjoint of its own and whatever else it works on; in the end the adjoints are
//! added up in the order of the workers. So the result depends on how many workers there are, and on nothing else: not on the number of threads, nor on which is first.
//!
//! ```
//! use backprop_runtime::parallel::{Worker, par_grad};
//!
//! // The gradient of Σ w·x by w, in two halves.
//! let (w, xs) = ([2.0, 3.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
//! let mut workers = Worker::several(2, &w, || ());
//! let mut d_w = [0.0; 2];
//! let loss: f64 = par_grad(&mut workers, &mut d_w, xs.len(), |samples, d_w, ()| {
//!     let mut loss = 0.0;
//!     for x in &xs[samples] {
//!         loss += w[0] * x[0] + w[1] * x[1];
//!         d_w[0] += x[0];
//!         d_w[1] += x[1];
//!     }
//!     loss
//! });
//! assert_eq!((loss, d_w), (10.0, [2.0, 2.0]));
//! ```

use alloc::vec::Vec;
use core::ops::Range;

use rayon::prelude::*;

use crate::{Differentiable, Real};

/// What a run of samples is worked on with.
#[derive(Clone, Debug)]
pub struct Worker<T, W, V = f64> {
    /// The adjoint.
    d: T,
    /// Buffers, a tape, and their like.
    workspace: W,
    /// What the last run returned.
    value: V,
}

impl<T: Differentiable, W, V: Real> Worker<T, W, V> {
    /// So many workers, for adjoints of the shape of `like`.
    pub fn several(count: usize, like: &T, workspace: impl Fn() -> W) -> Vec<Self> {
        let one = |_| Worker {
            d: like.zeros_like(),
            workspace: workspace(),
            value: V::from_f64(0.0),
        };
        (0..count).map(one).collect()
    }
}

/// The gradient of a sum over so many samples, added to `d`, and the sum.
///
/// `grad(samples, d, workspace)` adds the gradient of a run of samples to `d`, which is zero to begin with, and returns their sum. Runs are equally long, but for one sample, and run on the
/// threads of the pool that this is called in.
///
/// # Panics
/// If there is no worker, or `d` and the workers' adjoints have different shapes.
pub fn par_grad<T, W, V, F>(
    workers: &mut [Worker<T, W, V>],
    d: &mut T,
    samples: usize,
    grad: F,
) -> V
where
    T: Differentiable + Send,
    W: Send,
    V: Real,
    F: Fn(Range<usize>, &mut T, &mut W) -> V + Sync,
{
    let count = workers.len();
    assert!(count > 0, "par_grad: {samples} samples and no worker");
    workers.par_iter_mut().enumerate().for_each(|(i, worker)| {
        worker.d.set_zero();
        let run = i * samples / count..(i + 1) * samples / count;
        worker.value = grad(run, &mut worker.d, &mut worker.workspace);
    });
    let mut sum = V::from_f64(0.0);
    for worker in workers {
        sum += worker.value;
        d.accumulate(&worker.d);
    }
    sum
}
