//! From a file to states.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use safetensors::{Dtype, SafeTensors};

use super::checkpoint::dtype;
use super::error::CheckpointError;
use super::{State, StateVisitor};
use crate::{Path, Real, Visitor};

/// What a [`Checkpoint`](super::Checkpoint) has written, or another program: any file of `safetensors` whose names and types fit.
///
/// A leaf takes a tensor of the same name, element type and number of elements, whatever its dimensions: rows one after the other.
#[derive(Clone, Debug)]
pub struct Saved {
    path: PathBuf,
    bytes: Vec<u8>,
    taken: BTreeSet<String>,
}

impl Saved {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is not a file of tensors.
    pub fn read(path: impl AsRef<FilePath>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|error| CheckpointError::Io {
            path: path.into(),
            error,
        })?;
        let saved = Saved {
            path: path.into(),
            bytes,
            taken: BTreeSet::new(),
        };
        saved.tensors()?;
        Ok(saved)
    }

    fn tensors(&self) -> Result<SafeTensors<'_>, CheckpointError> {
        SafeTensors::deserialize(&self.bytes).map_err(|error| CheckpointError::Format {
            path: self.path.clone(),
            problem: error.to_string(),
        })
    }

    /// Whether there is a tensor of that name, or one whose name begins with it and a dot.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let begins = |found: &str| {
            let rest = found.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.tensors()
            .is_ok_and(|tensors| tensors.names().into_iter().any(begins))
    }

    /// Puts what was saved under `name` into a state of the same shape.
    ///
    /// # Errors
    /// If a tensor is missing, has another type or number of elements, or an element that is infinite or NaN. The state is then as it was.
    pub fn restore<S: State>(
        &mut self,
        name: &'static str,
        state: &mut S,
    ) -> Result<(), CheckpointError> {
        let root = Path::root();
        let tensors = self.tensors()?;
        let mut check = Check {
            path: &self.path,
            tensors: &tensors,
            names: BTreeSet::new(),
            error: None,
        };
        S::visit_state([&*state], [], root.field(name), &mut check);
        let (names, error) = (check.names, check.error);
        if let Some(error) = error {
            return Err(error);
        }
        S::visit_state([], [state], root.field(name), &mut Fill(&tensors));
        self.taken.extend(names);
        Ok(())
    }

    /// Ends reading.
    ///
    /// # Errors
    /// If there are tensors that were not asked for: parts of a larger model, perhaps, or of another one.
    pub fn finish(self) -> Result<(), CheckpointError> {
        let tensors = self.tensors()?;
        let mut names: Vec<String> = tensors
            .names()
            .into_iter()
            .filter(|name| !self.taken.contains(*name))
            .map(String::from)
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        names.sort();
        Err(CheckpointError::Surplus {
            path: self.path,
            names,
        })
    }
}

/// Looks before anything is changed.
struct Check<'a> {
    path: &'a FilePath,
    tensors: &'a SafeTensors<'a>,
    names: BTreeSet<String>,
    /// The first one.
    error: Option<CheckpointError>,
}

impl Check<'_> {
    fn check(&mut self, path: Path<'_>, len: usize, expected: Dtype) {
        let name = format!("{path}");
        if self.error.is_none() {
            self.error = self.problem(&name, len, expected);
        }
        self.names.insert(name);
    }

    fn problem(&self, name: &str, len: usize, expected: Dtype) -> Option<CheckpointError> {
        let (path, name) = (self.path.to_path_buf(), name.to_string());
        let Ok(tensor) = self.tensors.tensor(&name) else {
            return Some(CheckpointError::Missing { path, name });
        };
        if tensor.dtype() != expected {
            return Some(CheckpointError::Type {
                path,
                name,
                found: format!("{:?}", tensor.dtype()),
                expected: match expected {
                    Dtype::F32 => "F32",
                    Dtype::F64 => "F64",
                    _ => "U64",
                },
            });
        }
        // The file's own lengths agree with its shapes: the reader has seen to that.
        if tensor.shape().iter().product::<usize>() != len {
            return Some(CheckpointError::Shape {
                path,
                name,
                found: tensor.shape().to_vec(),
                expected: len,
            });
        }
        let bad = match expected {
            Dtype::F32 => floats::<4>(tensor.data()).find(|(_, x)| !x.is_finite()),
            Dtype::F64 => floats::<8>(tensor.data()).find(|(_, x)| !x.is_finite()),
            _ => None,
        };
        bad.map(|(index, value)| CheckpointError::NotFinite {
            name,
            index,
            value,
            path: Some(path),
        })
    }
}

impl Visitor<1, 0> for Check<'_> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.check(path, xs.len(), dtype::<T>());
    }
}

impl StateVisitor<1, 0> for Check<'_> {
    fn counters(&mut self, path: Path<'_>, [xs]: [&[u64]; 1], []: [&mut [u64]; 0]) {
        self.check(path, xs.len(), Dtype::U64);
    }
}

/// Puts in what has been checked.
struct Fill<'a>(&'a SafeTensors<'a>);

impl Fill<'_> {
    fn bytes(&self, path: Path<'_>) -> &[u8] {
        self.0
            .tensor(&format!("{path}"))
            .map_or(&[], |tensor| tensor.data())
    }
}

impl Visitor<0, 1> for Fill<'_> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, []: [&[T]; 0], [xs]: [&mut [T]; 1]) {
        let bytes = self.bytes(path);
        let put = |(x, (_, value)): (&mut T, (usize, f64))| *x = T::from_f64(value);
        match dtype::<T>() {
            Dtype::F32 => xs.iter_mut().zip(floats::<4>(bytes)).for_each(put),
            _ => xs.iter_mut().zip(floats::<8>(bytes)).for_each(put),
        }
    }
}

impl StateVisitor<0, 1> for Fill<'_> {
    fn counters(&mut self, path: Path<'_>, []: [&[u64]; 0], [xs]: [&mut [u64]; 1]) {
        let (words, _) = self.bytes(path).as_chunks::<8>();
        for (x, word) in xs.iter_mut().zip(words) {
            *x = u64::from_le_bytes(*word);
        }
    }
}

/// Floats of so many bytes each, with their positions.
fn floats<const BYTES: usize>(bytes: &[u8]) -> impl Iterator<Item = (usize, f64)> {
    let (chunks, _) = bytes.as_chunks::<BYTES>();
    chunks.iter().enumerate().map(|(i, chunk)| {
        let value = match chunk.as_slice() {
            [a, b, c, d] => f64::from(f32::from_le_bytes([*a, *b, *c, *d])),
            [a, b, c, d, e, f, g, h] => f64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
            _ => f64::NAN,
        };
        (i, value)
    })
}
