//! A log density with a generated gradient, as the crate `nuts-rs` (MIT) asks for it, and [`sample`], which draws from it.
//!
//! Copy this file into your crate. Parameters are real numbers without bounds: write a positive one as an exponential, and add the logarithm of the derivative
//! to the log density.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use backprop::solve::Objective;
use nuts_rs::rand::{Rng, SeedableRng, rngs::ChaCha8Rng};
use nuts_rs::{
    Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings,
};

/// A log density, up to a constant, of so many parameters.
#[derive(Clone, Debug)]
pub struct LogDensity<F> {
    /// Value and gradient of the log density.
    pub function: F,
    /// How many parameters it has.
    pub parameters: usize,
}

/// The log density is not finite somewhere. The sampler turns back there and goes on.
#[derive(Clone, Copy, Debug)]
pub struct NotFinite {
    value: f64,
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log density is {}", self.value)
    }
}

impl Error for NotFinite {}

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<F> HasDims for LogDensity<F> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_owned(), self.parameters as u64)])
    }
}

impl<F: Objective> CpuLogpFunc for LogDensity<F> {
    type LogpError = NotFinite;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.parameters
    }

    fn logp(&mut self, x: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        gradient.fill(0.0);
        let value = self.function.gradient(x, gradient);
        if value.is_finite() && gradient.iter().all(|d| d.is_finite()) {
            Ok(value)
        } else {
            Err(NotFinite { value })
        }
    }

    fn expand_vector<R: Rng + ?Sized>(
        &mut self,
        _: &mut R,
        x: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(x.to_vec())
    }
}

/// Draws from a log density, `f_grad` or any other [`Objective`], by the No-U-Turn sampler, after as many draws that tune it.
///
/// # Errors
/// If the log density is not finite at `start`, or the sampler cannot be started there.
///
/// ```
/// use backprop::prelude::*;
///
/// /// A normal distribution with mean 3 and deviation 2.
/// #[differentiable]
/// fn log_density(x: &[f64]) -> f64 {
///     -0.125 * (x[0] - 3.0).powi(2)
/// }
///
/// let draws = example_nuts::sample(log_density_grad, &[0.0], 1000, 1)?;
/// let mean = draws.iter().map(|x| x[0]).sum::<f64>() / 1000.0;
/// assert!((mean - 3.0).abs() < 0.3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sample<F: Objective>(
    log_density: F,
    start: &[f64],
    draws: usize,
    seed: u64,
) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let settings = DiagNutsSettings {
        num_tune: draws as u64,
        ..DiagNutsSettings::default()
    };
    let math = CpuMath::new(LogDensity {
        function: log_density,
        parameters: start.len(),
    });
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut chain = settings.new_chain(0, math, &mut random)?;
    chain.set_position(start)?;
    for _ in 0..draws {
        chain.draw()?;
    }
    (0..draws).map(|_| Ok(chain.draw()?.0.to_vec())).collect()
}
