//! Which classes are taken for which.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// How often each class was taken for each, and the shares that follow from it.
///
/// ```
/// # use backprop_runtime::metrics::Confusion;
/// let mut confusion = Confusion::new(2);
/// for (label, answer) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
///     confusion.add(label, answer);
/// }
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert_eq!((confusion.precision(1), confusion.recall(1), confusion.f1(1)), (2.0 / 3.0, 1.0, 0.8));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// A row for each label, with a number for each answer.
    counts: Vec<u64>,
}

impl Confusion {
    /// Of so many classes, without any sample.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Confusion {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    /// Counts a sample.
    ///
    /// # Panics
    /// If either is not a class.
    #[track_caller]
    pub fn add(&mut self, label: usize, answer: usize) {
        let place = self.place(label, answer);
        self.counts[place] += 1;
    }

    /// How often a class was taken for another, or for itself.
    ///
    /// # Panics
    /// If either is not a class.
    #[must_use]
    #[track_caller]
    pub fn count(&self, label: usize, answer: usize) -> u64 {
        self.counts[self.place(label, answer)]
    }

    #[track_caller]
    fn place(&self, label: usize, answer: usize) -> usize {
        let n = self.classes;
        assert!(
            label < n && answer < n,
            "label {label} and answer {answer} of {n} classes"
        );
        label * n + answer
    }

    /// The number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The share of samples that were taken for what they are.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|k| self.count(k, k)).sum();
        right as f64 / self.counts.iter().sum::<u64>() as f64
    }

    /// Of what was taken for the class, the share that is of it.
    ///
    /// # Panics
    /// If it is not a class; so do the next two.
    #[must_use]
    #[track_caller]
    pub fn precision(&self, class: usize) -> f64 {
        let taken: u64 = (0..self.classes).map(|k| self.count(k, class)).sum();
        self.count(class, class) as f64 / taken as f64
    }

    /// Of what is of the class, the share that was taken for it.
    #[must_use]
    #[track_caller]
    pub fn recall(&self, class: usize) -> f64 {
        let there: u64 = (0..self.classes).map(|k| self.count(class, k)).sum();
        self.count(class, class) as f64 / there as f64
    }

    /// The harmonic mean of precision and recall: 2·right/(taken + there).
    #[must_use]
    #[track_caller]
    pub fn f1(&self, class: usize) -> f64 {
        let both: u64 = (0..self.classes)
            .map(|k| self.count(class, k) + self.count(k, class))
            .sum();
        2.0 * self.count(class, class) as f64 / both as f64
    }

    /// The mean of [`f1`](Self::f1) over the classes that have one.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        let of_classes = || {
            (0..self.classes)
                .map(|k| self.f1(k))
                .filter(|f| !f.is_nan())
        };
        of_classes().sum::<f64>() / of_classes().count() as f64
    }
}

/// A table with a row for each label; zeros are dots, because they would hide what matters.
impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is \\ taken for")?;
        for class in 0..self.classes {
            write!(f, "{class:>5}")?;
        }
        for label in 0..self.classes {
            write!(f, "\n{label:>14}")?;
            for answer in 0..self.classes {
                match self.count(label, answer) {
                    0 => write!(f, "{:>5}", "·")?,
                    count => write!(f, "{count:>5}")?,
                }
            }
        }
        Ok(())
    }
}
