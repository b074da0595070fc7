//! The functions that are measured: each as a user writes it, with a gradient by hand beside it.
//!
//! The gradients by hand are what an expert would write: value and gradient in one pass, subterms shared, loops over contiguous slices that
//! vectorise, long sums in several lanes, no allocation, no `unsafe`. Like the generated ones they add to what they are given.

pub(crate) mod black_scholes;
pub(crate) mod chain;
pub(crate) mod digits;
pub(crate) mod hessian;
pub(crate) mod logistic;
pub(crate) mod rosenbrock;

use backprop::gradcheck::{Failure, Report};

/// A function with its inputs and two gradients.
pub(crate) trait Case {
    /// What it is called in tables.
    const NAME: &'static str;
    /// How far two correct gradients may be apart, relative to their size.
    const ROUNDING: f64 = 1e-12;

    /// The usual inputs, and a gradient of zeros.
    fn new() -> Self;

    /// Runs the generated gradient and keeps what it returns.
    fn generated(&mut self);

    /// Runs the gradient by hand and keeps what it returns.
    fn by_hand(&mut self);

    /// The value and the gradient that are there now, and the gradient is set to zero.
    fn take(&mut self) -> (f64, Vec<f64>);

    /// Compares the gradient that is there now with finite differences of the function.
    fn check(&self) -> Result<Report, Failure>;
}

/// Calls something once for each case, with the case as a type: `for_each_case!(measure)` is `measure::<Rosenbrock2>(); ..`.
macro_rules! for_each_case {
    ($function:ident $(, $argument:expr)*) => {{
        use $crate::cases::*;
        $function::<rosenbrock::Two>($($argument),*);
        $function::<rosenbrock::Hundred>($($argument),*);
        $function::<black_scholes::Call>($($argument),*);
        $function::<hessian::Rosenbrock>($($argument),*);
        $function::<hessian::Call>($($argument),*);
        $function::<chain::Chain>($($argument),*);
        $function::<logistic::Logistic>($($argument),*);
        $function::<digits::Step>($($argument),*);
    }};
}
pub(crate) use for_each_case;

/// Numbers between −1 and 1 that look random and are always the same.
pub(crate) fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut generator = backprop::init::Generator::new(seed);
    (0..n).map(|_| 2.0 * generator.uniform() - 1.0).collect()
}
