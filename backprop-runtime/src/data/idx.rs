//! IDX: the format of MNIST, arrays of bytes or numbers with any number of dimensions, the first of which counts samples.
//!
//! Two bytes of zeros, a byte for the type, a byte for the number of dimensions, the dimensions as 32-bit integers, then the elements, all with the highest byte
//! first. Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, section "File formats".

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::fs;
use std::path::Path;

use super::error::DataError;
use crate::Real;

/// An array read from an IDX file.
///
/// ```no_run
/// # use backprop_runtime::data::{DataError, Idx};
/// let images = Idx::read("train-images-idx3-ubyte.gz")?;
/// let pixels: Vec<f32> = images.scaled(1.0 / 255.0);
/// let image = &pixels[..images.sample_len()];
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Idx {
    shape: Vec<usize>,
    kind: Kind,
    bytes: Vec<u8>,
}

/// The type of the elements.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Unsigned,
    Signed,
    Short,
    Int,
    Float,
    Double,
}

impl Kind {
    fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Kind::Unsigned,
            0x09 => Kind::Signed,
            0x0b => Kind::Short,
            0x0c => Kind::Int,
            0x0d => Kind::Float,
            0x0e => Kind::Double,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Kind::Unsigned | Kind::Signed => 1,
            Kind::Short => 2,
            Kind::Int | Kind::Float => 4,
            Kind::Double => 8,
        }
    }
}

impl Idx {
    /// Reads a file, plain or, with the feature `gzip`, compressed: its first bytes tell which.
    ///
    /// # Errors
    /// If it cannot be read, or is not of this format.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|error| DataError::Io {
            path: path.into(),
            error,
        })?;
        unpack(bytes)
            .and_then(Self::parse)
            .map_err(|problem| DataError::Format {
                path: path.into(),
                problem,
            })
    }

    fn parse(mut bytes: Vec<u8>) -> Result<Self, String> {
        let [0, 0, code, dimensions, ..] = bytes[..] else {
            return Err("not an IDX file: it does not begin with two zeros".into());
        };
        let kind = Kind::of(code).ok_or_else(|| format!("no type has the code {code:#04x}"))?;
        let header = 4 + 4 * usize::from(dimensions);
        let Some(sizes) = bytes.get(4..header) else {
            return Err(format!("it ends within its {dimensions} dimensions"));
        };
        let (sizes, _) = sizes.as_chunks::<4>();
        let shape: Vec<usize> = sizes
            .iter()
            .map(|size| u32::from_be_bytes(*size) as usize)
            .collect();
        let expected = shape
            .iter()
            .try_fold(kind.size(), |all, size| all.checked_mul(*size));
        let found = bytes.len() - header;
        if expected != Some(found) {
            return Err(format!(
                "{found} bytes of elements, which do not fit the dimensions {shape:?}"
            ));
        }
        bytes.drain(..header);
        Ok(Idx { shape, kind, bytes })
    }

    /// The dimensions, that of the samples first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of samples: the first dimension, or 1 where there is none.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// How many elements a sample has: the product of the other dimensions.
    #[must_use]
    pub fn sample_len(&self) -> usize {
        self.shape.iter().skip(1).product()
    }

    /// The elements as they are, where they are bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        (self.kind == Kind::Unsigned).then_some(&self.bytes)
    }

    /// All elements times `factor`, 1/255 say, sample by sample.
    #[must_use]
    pub fn scaled<T: Real>(&self, factor: f64) -> Vec<T> {
        let number = |bytes: &[u8]| match (self.kind, bytes) {
            (Kind::Unsigned, &[a]) => f64::from(a),
            (Kind::Signed, &[a]) => f64::from(a as i8),
            (Kind::Short, &[a, b]) => f64::from(i16::from_be_bytes([a, b])),
            (Kind::Int, &[a, b, c, d]) => f64::from(i32::from_be_bytes([a, b, c, d])),
            (Kind::Float, &[a, b, c, d]) => f64::from(f32::from_be_bytes([a, b, c, d])),
            (_, &[a, b, c, d, e, f, g, h]) => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
            _ => f64::NAN,
        };
        let elements = self.bytes.chunks_exact(self.kind.size());
        elements.map(|x| T::from_f64(factor * number(x))).collect()
    }

    /// The elements as labels, where they are bytes.
    #[must_use]
    pub fn labels(&self) -> Option<Vec<usize>> {
        let bytes = self.bytes()?;
        Some(bytes.iter().map(|&label| label.into()).collect())
    }
}

/// The first bytes of what is compressed by gzip (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.starts_with(&GZIP) {
        inflate(&bytes)
    } else {
        Ok(bytes)
    }
}

#[cfg(feature = "gzip")]
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .read_to_end(&mut plain)
        .map_err(|error| format!("it is compressed, and damaged: {error}"))?;
    Ok(plain)
}

#[cfg(not(feature = "gzip"))]
fn inflate(_: &[u8]) -> Result<Vec<u8>, String> {
    Err("it is compressed: enable the feature `gzip`, or unpack it".into())
}
