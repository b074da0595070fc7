//! Data: from files to slices of numbers, and from these to mini-batches in random order.
//!
//! [`Batches`] shuffles positions, not data. With the feature `std` there are readers: [`Idx`] for the format of MNIST (compressed too, with the feature
//! `gzip`), [`Table`] for comma-separated numbers, [`Text`] for text by character. Their errors name the file and, where there are lines, the line.

mod batches;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "std")]
mod idx;
#[cfg(feature = "std")]
mod table;
#[cfg(feature = "std")]
mod text;

pub use self::batches::Batches;
#[cfg(feature = "std")]
pub use self::error::DataError;
#[cfg(feature = "std")]
pub use self::idx::Idx;
#[cfg(feature = "std")]
pub use self::table::Table;
#[cfg(feature = "std")]
pub use self::text::Text;
