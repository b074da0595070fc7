//! The digits: from a file of comma-separated numbers to images and labels, split in two by a fixed seed.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use backprop::init::Generator;

use crate::model::{CLASSES, PIXELS};

/// The darkest pixel in the file.
const INK: u8 = 16;

/// Images and what they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digits {
    /// 64 pixels from 0 to 1 for each image, row by row.
    pub(crate) pixels: Vec<f32>,
    /// The digit on each image.
    pub(crate) labels: Vec<usize>,
}

impl Digits {
    /// An empty set with room for so many, which [`push`](Self::push) fills without allocating.
    pub(crate) fn with_capacity(images: usize) -> Self {
        Digits {
            pixels: Vec::with_capacity(images * PIXELS),
            labels: Vec::with_capacity(images),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn image(&self, i: usize) -> &[f32] {
        &self.pixels[i * PIXELS..][..PIXELS]
    }

    pub(crate) fn push(&mut self, image: &[f32], label: usize) {
        self.pixels.extend_from_slice(image);
        self.labels.push(label);
    }

    pub(crate) fn clear(&mut self) {
        self.pixels.clear();
        self.labels.clear();
    }

    /// Reads a file with a line for each image: 64 grey values from 0 to 16, and last the digit.
    pub(crate) fn read(path: &Path) -> Result<Self, DataError> {
        let text = fs::read_to_string(path).map_err(|error| DataError::Unreadable {
            path: path.into(),
            error,
        })?;
        let mut digits = Digits::default();
        for (number, line) in text.lines().enumerate() {
            digits.parse(line).map_err(|problem| DataError::Line {
                path: path.into(),
                line: number + 1,
                problem,
            })?;
        }
        Ok(digits)
    }

    fn parse(&mut self, line: &str) -> Result<(), String> {
        let fields = line.split(',').count();
        if fields != PIXELS + 1 {
            return Err(format!(
                "{fields} numbers, but an image has {PIXELS} pixels and a label"
            ));
        }
        for (i, field) in line.split(',').enumerate() {
            let value: u8 = field
                .trim()
                .parse()
                .map_err(|_| format!("`{field}` is not a number"))?;
            match i {
                PIXELS if usize::from(value) < CLASSES => self.labels.push(value.into()),
                PIXELS => return Err(format!("the label {value} is not a digit")),
                _ if value <= INK => self.pixels.push(f32::from(value) / f32::from(INK)),
                _ => return Err(format!("the pixel {value} is not between 0 and {INK}")),
            }
        }
        Ok(())
    }

    /// Some images for training, and the others for testing: which ones, `seed` decides. `None` where none would be left for testing.
    pub(crate) fn split(&self, training: usize, seed: u64) -> Option<(Self, Self)> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        shuffle(&mut order, &mut Generator::new(seed));
        let (first, second) = order.split_at_checked(training)?;
        (!second.is_empty()).then(|| (self.select(first), self.select(second)))
    }

    fn select(&self, which: &[usize]) -> Self {
        let mut chosen = Digits::with_capacity(which.len());
        for &i in which {
            chosen.push(self.image(i), self.labels[i]);
        }
        chosen
    }
}

/// Brings a list into random order (R. Durstenfeld, Algorithm 235, Comm. ACM 7 (1964), 420).
pub(crate) fn shuffle<T>(list: &mut [T], generator: &mut Generator) {
    for i in (1..list.len()).rev() {
        list.swap(i, (generator.uniform() * (i + 1) as f64) as usize);
    }
}

/// Why there is no data.
#[derive(Debug)]
pub(crate) enum DataError {
    Unreadable {
        path: PathBuf,
        error: io::Error,
    },
    Line {
        path: PathBuf,
        line: usize,
        problem: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::Unreadable { path, error } => write!(f, "{}: {error}", path.display()),
            DataError::Line {
                path,
                line,
                problem,
            } => write!(f, "{}:{line}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for DataError {}
