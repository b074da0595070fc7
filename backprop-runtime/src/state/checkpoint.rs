//! From states to a file.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::path::Path as FilePath;

use safetensors::{Dtype, View};

use super::error::CheckpointError;
use super::{State, StateVisitor, atomic};
use crate::{Path, Real, Visitor};

/// States that are to be saved together, each under a name of its own.
///
/// The file is one of `safetensors`: a tensor for each leaf, named as in `model.layers.0.weights`, with a single dimension; counters are tensors of unsigned
/// integers. The same states make the same file, byte for byte.
///
/// ```no_run
/// # use backprop_runtime::optim::Adam;
/// # use backprop_runtime::state::{Checkpoint, CheckpointError, Counter, Saved};
/// # let (mut model, mut adam) = (vec![0.0_f32; 3], Adam::new(&vec![0.0_f32; 3]));
/// # let mut epoch = Counter(0);
/// Checkpoint::new().with("model", &model)?.with("adam", &adam)?.with("epoch", &epoch)?.write("run.safetensors")?;
///
/// let mut saved = Saved::read("run.safetensors")?;
/// saved.restore("model", &mut model)?;
/// saved.restore("adam", &mut adam)?;
/// saved.restore("epoch", &mut epoch)?;
/// saved.finish()?;
/// # Ok::<(), CheckpointError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    tensors: BTreeMap<String, Tensor>,
}

impl Checkpoint {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Checkpoint::default()
    }

    /// With a copy of a state.
    ///
    /// # Errors
    /// If a float is infinite or NaN, so that a run that has gone astray does not take the place of one that had not; or if there is such a name already.
    pub fn with<S: State>(
        mut self,
        name: &'static str,
        state: &S,
    ) -> Result<Self, CheckpointError> {
        let mut collect = Collect {
            tensors: &mut self.tensors,
            error: None,
        };
        S::visit_state([state], [], Path::root().field(name), &mut collect);
        match collect.error {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }

    /// Writes the file, in the place of one of the same name if there is one: whenever the program or the machine stops, the old file or the new one is there.
    ///
    /// # Errors
    /// If the file cannot be written. The old one is then untouched.
    pub fn write(&self, path: impl AsRef<FilePath>) -> Result<(), CheckpointError> {
        let path = path.as_ref();
        let bytes = safetensors::serialize(&self.tensors, None).map_err(|error| {
            CheckpointError::Format {
                path: path.into(),
                problem: error.to_string(),
            }
        })?;
        atomic::write(path, &bytes).map_err(|error| CheckpointError::Io {
            path: path.into(),
            error,
        })
    }
}

/// The type of a leaf's elements in a file.
pub(super) fn dtype<T: Real>() -> Dtype {
    if size_of::<T>() == size_of::<f32>() {
        Dtype::F32
    } else {
        Dtype::F64
    }
}

#[derive(Clone, Debug)]
struct Tensor {
    dtype: Dtype,
    shape: [usize; 1],
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

struct Collect<'a> {
    tensors: &'a mut BTreeMap<String, Tensor>,
    /// The first one.
    error: Option<CheckpointError>,
}

impl Collect<'_> {
    fn insert(&mut self, path: Path<'_>, dtype: Dtype, len: usize, bytes: Vec<u8>) {
        let tensor = Tensor {
            dtype,
            shape: [len],
            bytes,
        };
        match self.tensors.entry(format!("{path}")) {
            Entry::Vacant(place) => {
                place.insert(tensor);
            }
            Entry::Occupied(place) => {
                let name = place.key().clone();
                self.error.get_or_insert(CheckpointError::Twice { name });
            }
        }
    }
}

impl Visitor<1, 0> for Collect<'_> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        if let Some((index, x)) = xs.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            self.error.get_or_insert(CheckpointError::NotFinite {
                name: format!("{path}"),
                index,
                value: x.to_f64(),
                path: None,
            });
            return;
        }
        let mut bytes = Vec::with_capacity(size_of_val(xs));
        let dtype = dtype::<T>();
        for x in xs {
            // The way over double precision is exact.
            match dtype {
                Dtype::F32 => bytes.extend_from_slice(&(x.to_f64() as f32).to_le_bytes()),
                _ => bytes.extend_from_slice(&x.to_f64().to_le_bytes()),
            }
        }
        self.insert(path, dtype, xs.len(), bytes);
    }
}

impl StateVisitor<1, 0> for Collect<'_> {
    fn counters(&mut self, path: Path<'_>, [xs]: [&[u64]; 1], []: [&mut [u64]; 0]) {
        let bytes = xs.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.insert(path, Dtype::U64, xs.len(), bytes);
    }
}
