//! Everything public, so that `missing_docs` looks at what is generated.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

//!
//! The lint wants a sentence on each of them.

pub mod model {
    //! A line.
    use backprop::prelude::*;

    /// A line.
    #[derive(Clone, Debug, Differentiable)]
    pub struct Line {
        /// What it rises by.
        pub slope: f64,
        /// Where it starts.
        pub offset: f64,
        /// How often it was used.
        #[nodiff]
        pub uses: usize,
    }

    impl Line {
        /// Its value at `x`.
        #[differentiable]
        pub fn at(&self, x: f64) -> f64 {
            self.slope * x + self.offset
        }
    }

    /// The loss of one sample.
    #[differentiable(wrt(line))]
    pub fn loss(line: &Line, x: f64, y: f64) -> f64 {
        (line.at(x) - y).powi(2)
    }

    /// One of many parameters.
    #[derive(Clone, Debug, Differentiable)]
    pub enum Layer {
        /// Weights.
        Dense(Vec<f64>),
        /// Nothing to learn.
        Identity,
    }
}

fn main() {
    let line = model::Line { slope: 1.0, offset: 0.5, uses: 0 };
    let mut d_line = model::Line { slope: 0.0, offset: 0.0, uses: 0 };
    let value = model::loss_grad(&line, &mut d_line, 2.0, 2.0);
    assert_eq!((value, d_line.slope, d_line.offset), (0.25, 2.0, 1.0));
}
