//! Tables of numbers, separated by commas or other characters.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::path::Path;

use super::error::{DataError, read_text};
use crate::Real;

/// Numbers in rows of equal length. No quotes: for numbers there is nothing to quote.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<T> {
    header: Vec<String>,
    columns: usize,
    values: Vec<T>,
}

impl<T: Real> Table<T> {
    /// Reads a file with a row in each line, its numbers separated by commas. Empty lines are passed over. A first line in which something is not a number is
    /// a header.
    ///
    /// # Errors
    /// If the file cannot be read; or, with the line, if something in it is not a finite number, or the number of columns changes.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::read_separated(path, ',')
    }

    /// As [`read`](Self::read), with another separator. Around it blanks do not count; where it is a blank itself, several are as one.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_separated(path: impl AsRef<Path>, separator: char) -> Result<Self, DataError> {
        let path = path.as_ref();
        let text = read_text(path)?;
        let mut table = Table {
            header: Vec::new(),
            columns: 0,
            values: Vec::new(),
        };
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let fields: Vec<&str> = if separator.is_whitespace() {
                line.split_whitespace().collect()
            } else {
                line.split(separator).map(str::trim).collect()
            };
            table.take(&fields).map_err(|problem| DataError::Line {
                path: path.into(),
                line: i + 1,
                problem,
            })?;
        }
        Ok(table)
    }

    fn take(&mut self, fields: &[&str]) -> Result<(), String> {
        if self.columns == 0 {
            self.columns = fields.len();
            if fields.iter().any(|field| number(field).is_err()) {
                self.header = fields.iter().map(|&field| field.to_owned()).collect();
                return Ok(());
            }
        }
        if fields.len() != self.columns {
            return Err(format!(
                "{} columns, and {} in the lines before",
                fields.len(),
                self.columns
            ));
        }
        for field in fields {
            self.values.push(T::from_f64(number(field)?));
        }
        Ok(())
    }

    /// The names of the columns; empty where the file has none.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// All numbers, row by row.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// A row.
    ///
    /// # Panics
    /// If there are not so many.
    #[must_use]
    #[track_caller]
    pub fn row(&self, i: usize) -> &[T] {
        &self.values[i * self.columns..][..self.columns]
    }
}

fn number(field: &str) -> Result<f64, String> {
    match field.parse::<f64>() {
        Ok(x) if x.is_finite() => Ok(x),
        Ok(_) => Err(format!("`{field}` is not finite")),
        Err(_) => Err(format!("`{field}` is not a number")),
    }
}
