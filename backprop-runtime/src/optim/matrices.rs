//! Which leaves are matrices. A leaf is a row of numbers, whatever it is a row of: shapes have to be told.

use alloc::vec::Vec;

use super::pattern::matches;
use crate::{Differentiable, Path, Real, Visitor};

/// Patterns of names, and how many columns such a leaf has.
#[derive(Clone, Debug, Default)]
pub(super) struct Matrices {
    columns: Vec<(&'static str, usize)>,
}

impl Matrices {
    /// Declares leaves to be matrices.
    ///
    /// # Panics
    /// If no leaf has such a name, or one has another length than a multiple of `columns`.
    #[track_caller]
    pub(super) fn declare<M: Differentiable>(
        &mut self,
        model: &M,
        pattern: &'static str,
        columns: usize,
    ) {
        let mut check = Check {
            pattern,
            columns,
            found: false,
        };
        M::visit([model], [], Path::root(), &mut check);
        assert!(
            check.found,
            "no leaf of the model has a name like `{pattern}`"
        );
        self.columns.push((pattern, columns));
    }

    /// Rows and columns of a leaf with more than one of each. Of several patterns the last one holds.
    pub(super) fn shape(&self, path: Path<'_>, len: usize) -> Option<(usize, usize)> {
        let of_name = self.columns.iter().rev();
        let &(_, columns) = of_name.into_iter().find(|(name, _)| matches(name, path))?;
        let rows = len / columns;
        (rows > 1 && columns > 1).then_some((rows, columns))
    }
}

struct Check {
    pattern: &'static str,
    columns: usize,
    found: bool,
}

impl Visitor<1, 0> for Check {
    #[track_caller]
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        if matches(self.pattern, path) {
            self.found = true;
            assert!(
                self.columns > 0 && xs.len().is_multiple_of(self.columns),
                "`{path}` has {} elements, which make no rows of {}",
                xs.len(),
                self.columns
            );
        }
    }
}
