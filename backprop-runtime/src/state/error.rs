//! What can be wrong with a checkpoint.

use alloc::string::String;
use alloc::vec::Vec;
use std::path::PathBuf;
use std::{error, fmt, io};

/// Why a checkpoint was not written or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be written or read.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is not one of tensors, or is damaged.
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A tensor is not in the file.
    Missing {
        /// The file.
        path: PathBuf,
        /// Its name.
        name: String,
    },
    /// There are tensors in the file that nothing took.
    Surplus {
        /// The file.
        path: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// A tensor has another number of elements.
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The number of elements that it should have.
        expected: usize,
    },
    /// A tensor has elements of another type.
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        name: String,
        /// The type in the file.
        found: String,
        /// The type that it should have.
        expected: &'static str,
    },
    /// An element is infinite or NaN.
    NotFinite {
        /// The tensor's name.
        name: String,
        /// The element's position.
        index: usize,
        /// What it is.
        value: f64,
        /// The file it is in; none where it was to be saved.
        path: Option<PathBuf>,
    },
    /// Two tensors have the same name.
    Twice {
        /// The name.
        name: String,
    },
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            CheckpointError::Format { path, problem } => {
                write!(f, "{}: not a file of tensors: {problem}", path.display())
            }
            CheckpointError::Missing { path, name } => {
                write!(f, "{}: there is no tensor `{name}`", path.display())
            }
            CheckpointError::Surplus { path, names } => {
                write!(f, "{}: nothing takes the tensors", path.display())?;
                for (i, name) in names.iter().enumerate() {
                    write!(f, "{} `{name}`", if i == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            CheckpointError::Shape {
                path,
                name,
                found,
                expected,
            } => write!(
                f,
                "{}: the tensor `{name}` has shape {found:?}, which is not {expected} elements",
                path.display()
            ),
            CheckpointError::Type {
                path,
                name,
                found,
                expected,
            } => write!(
                f,
                "{}: the tensor `{name}` has elements of type {found}, and {expected} is asked for",
                path.display()
            ),
            CheckpointError::NotFinite {
                name,
                index,
                value,
                path,
            } => {
                if let Some(path) = path {
                    write!(f, "{}: ", path.display())?;
                }
                write!(f, "element {index} of the tensor `{name}` is {value}")
            }
            CheckpointError::Twice { name } => write!(f, "there are two tensors `{name}`"),
        }
    }
}

impl error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            CheckpointError::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}
