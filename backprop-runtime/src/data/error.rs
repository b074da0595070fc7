//! What can be wrong with data.

use alloc::string::String;
use std::path::{Path, PathBuf};
use std::{error, fmt, fs, io};

/// Why a file could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum DataError {
    /// The system does not let us.
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is not what it should be.
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A line is not what it should be.
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            DataError::Format { path, problem } => write!(f, "{}: {problem}", path.display()),
            DataError::Line {
                path,
                line,
                problem,
            } => write!(f, "{}:{line}: {problem}", path.display()),
        }
    }
}

impl error::Error for DataError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            DataError::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// A whole file of text.
pub(super) fn read_text(path: &Path) -> Result<String, DataError> {
    fs::read_to_string(path).map_err(|error| DataError::Io {
        path: path.into(),
        error,
    })
}
