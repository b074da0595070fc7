//! Reading the text formats: numbers between separators, with errors that name the file and the line.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is wrong with a file of data, and where.
#[derive(Debug)]
pub(crate) struct DataError {
    file: PathBuf,
    /// Counted from one; `None` if the file as a whole is at fault.
    line: Option<usize>,
    what: String,
    missing: bool,
}

impl DataError {
    /// Whether the file is not there at all.
    pub(crate) fn is_missing(&self) -> bool {
        self.missing
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.what)
    }
}

impl std::error::Error for DataError {}

/// The fields of a file, one after the other. Line breaks separate like any other separator, `#` starts a comment.
#[derive(Debug)]
pub(crate) struct Fields {
    file: PathBuf,
    text: String,
    separator: fn(char) -> bool,
    /// Where in `text` the next field is looked for.
    at: usize,
    line: usize,
}

impl Fields {
    /// Opens a file whose fields stand between white space.
    pub(crate) fn open(file: &Path) -> Result<Self, DataError> {
        Self::separated(file, char::is_whitespace)
    }

    /// Opens a file whose fields stand between white space and colons.
    pub(crate) fn open_colons(file: &Path) -> Result<Self, DataError> {
        Self::separated(file, |c| c == ':' || c.is_whitespace())
    }

    fn separated(file: &Path, separator: fn(char) -> bool) -> Result<Self, DataError> {
        let text = fs::read_to_string(file).map_err(|error| DataError {
            file: file.to_owned(),
            line: None,
            what: error.to_string(),
            missing: error.kind() == ErrorKind::NotFound,
        })?;
        Ok(Fields {
            separator,
            ..Self::of_text(file, text)
        })
    }

    /// Reads from memory; `file` is for messages.
    pub(crate) fn of_text(file: &Path, text: String) -> Self {
        Fields {
            file: file.to_owned(),
            text,
            separator: char::is_whitespace,
            at: 0,
            line: 1,
        }
    }

    /// The next field as a number. `what` it is goes into messages.
    pub(crate) fn number<T: FromStr>(&mut self, what: &str) -> Result<T, DataError> {
        let Some((start, end)) = self.next() else {
            return Err(self.error(format!("ends where {what} should stand")));
        };
        let field = &self.text[start..end];
        field
            .parse()
            .map_err(|_| self.error(format!("`{field}` cannot be {what}")))
    }

    /// The next number, a count that is at least one.
    pub(crate) fn count(&mut self, what: &str) -> Result<usize, DataError> {
        match self.number(what)? {
            0 => Err(self.error(format!("{what} is 0"))),
            count => Ok(count),
        }
    }

    /// The next number, an index of something that there are `count` of.
    pub(crate) fn index(&mut self, count: usize, what: &str) -> Result<usize, DataError> {
        match self.number(what)? {
            index if index < count => Ok(index),
            index => Err(self.error(format!("{index} cannot be {what}: there are {count}"))),
        }
    }

    /// The next numbers.
    pub(crate) fn floats(&mut self, count: usize, what: &str) -> Result<Vec<f64>, DataError> {
        (0..count).map(|_| self.number(what)).collect()
    }

    /// The next numbers, as many as the array has.
    pub(crate) fn array<const N: usize>(&mut self, what: &str) -> Result<[f64; N], DataError> {
        let mut array = [0.0; N];
        for x in &mut array {
            *x = self.number(what)?;
        }
        Ok(array)
    }

    /// All numbers that are left.
    pub(crate) fn rest(&mut self, what: &str) -> Result<Vec<f64>, DataError> {
        let mut rest = Vec::new();
        while self.peek() {
            rest.push(self.number(what)?);
        }
        Ok(rest)
    }

    /// Whether there is another field.
    pub(crate) fn peek(&mut self) -> bool {
        let (at, line) = (self.at, self.line);
        let found = self.next().is_some();
        (self.at, self.line) = (at, line);
        found
    }

    /// Makes sure that nothing is left.
    pub(crate) fn end(mut self) -> Result<(), DataError> {
        match self.next() {
            None => Ok(()),
            Some((start, end)) => {
                let field = &self.text[start..end];
                Err(self.error(format!("`{field}` stands behind the last number")))
            }
        }
    }

    /// An error at the line of the last field.
    pub(crate) fn error(&self, what: String) -> DataError {
        DataError {
            file: self.file.clone(),
            line: Some(self.line),
            what,
            missing: false,
        }
    }

    /// Where the next field starts and ends.
    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            if first == '\n' {
                self.line += 1;
                self.at += 1;
            } else if (self.separator)(first) {
                self.at += first.len_utf8();
            } else if first == '#' {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                let start = self.at;
                self.at += rest.find(self.separator).unwrap_or(rest.len());
                return Some((start, self.at));
            }
        }
    }
}
