//! The whole Jacobian of the residuals, by the 26 parameters: what a solver of least squares asks for.

use std::path::Path;

use super::super::data::{DataError, Fields};
use super::super::{Outcome, Problem};
use super::jacobian_by_hand;
use super::objective::{THETAS, vertex_residuals, vertex_residuals_jacobian_into};
use super::{SETS, Tracking, read_tracking};

/// The sets whose points belong to vertices.
pub(crate) const SIMPLE: &[&str] = &[SETS[0], SETS[1], SETS[2]];

/// A hand, and room for columns, each as long as the residuals.
pub(crate) struct Columns {
    of: Tracking,
    j: Vec<[f64; 3]>,
}

impl Problem for Columns {
    fn evaluate(&mut self) {
        let t = &mut self.of;
        vertex_residuals(
            &t.theta,
            &t.hand,
            &t.correspondences,
            &t.points,
            &mut t.residuals,
        );
    }

    fn generated(&mut self) {
        let t = &mut self.of;
        vertex_residuals_jacobian_into(
            &t.theta,
            &t.hand,
            &t.correspondences,
            &t.points,
            &mut t.residuals,
            &mut self.j,
        );
    }

    fn by_hand(&mut self) {
        let t = &mut self.of;
        jacobian_by_hand::vertex_residuals_jacobian(
            &t.theta,
            &t.hand,
            &t.correspondences,
            &t.points,
            &mut t.residuals,
            &mut self.j,
        );
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            values: self.of.residuals.as_flattened().to_vec(),
            derivatives: self.j.as_flattened().to_vec(),
        }
    }

    /// The file has the columns one after the other, too.
    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        if self.of.name != SETS[0] {
            return Ok(None);
        }
        let values =
            Fields::open(&folder.join("hand_simple_hand1_objective.txt"))?.rest("a residual")?;
        let derivatives =
            Fields::open(&folder.join("hand_simple_hand1_jacobian.txt"))?.rest("a derivative")?;
        Ok(Some(Outcome {
            values,
            derivatives,
        }))
    }
}

/// Reads one of the [`SIMPLE`] sets.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    Ok(Box::new(columns(read_tracking(folder, name)?)))
}

/// The Jacobian of a hand whose points belong to vertices.
pub(crate) fn columns(of: Tracking) -> Columns {
    let j = vec![[0.0; 3]; THETAS * of.points.len()];
    Columns { of, j }
}
