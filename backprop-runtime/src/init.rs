//! First weights: random, from a seed, scaled so that signals neither fade nor explode on their way through the layers.
//!
//! The same seed gives the same weights on every platform, to the last bit: the generator works on integers, and the normal distribution
//! uses only operations that IEEE 754 rounds exactly. (That, and not the generator's twenty lines, is why this is our own: a system's `ln`
//! differs from the next one's.)
//!
//! | before an activation | weights |
//! |---|---|
//! | sigmoid, tanh or none | [`glorot_uniform`], [`glorot_normal`] |
//! | rectifiers: ReLU, GELU, SiLU | [`he_uniform`], [`he_normal`] |
//! | SELU | [`lecun_normal`], [`lecun_uniform`] |
//! | recurrent, or very deep | [`orthogonal`], [`identity`] |
//! | embeddings, transformers | [`normal`], [`truncated_normal`] |

mod generator;
mod matrix;
mod plain;
mod scaled;

pub use self::generator::Generator;
pub use self::matrix::{identity, orthogonal};
pub use self::plain::{constant, normal, truncated_normal, uniform};
pub use self::scaled::{
    glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, lecun_uniform,
};
