//! Bundle adjustment: cameras and points from where the cameras saw the points.
//!
//! The derivative is a sparse Jacobian: an observation has two errors, which depend on one camera (11 numbers), one point (3) and one weight,
//! and the weight has an error of its own. So it is computed observation by observation, a row for each error in reverse mode.

pub(crate) mod by_hand;
mod format;
pub(crate) mod objective;

use std::path::Path;

use super::data::{DataError, Fields};
use super::{Outcome, Problem};
use objective::{reprojection_error_jacobian, weight_error, weight_error_grad};

pub(crate) use format::parse;
pub(crate) use objective::{Camera, reprojection_error};

/// The sets of data, by the names of their files.
pub(crate) const SETS: &[&str] = &[
    "ba1_n49_m7776_p31843",
    "ba2_n21_m11315_p36455",
    "ba5_n257_m65132_p225911",
];

/// A row of the Jacobian: the gradient of one component of a reprojection error.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    pub(crate) camera: Camera,
    pub(crate) point: [f64; 3],
    pub(crate) weight: f64,
}

/// What is computed for an observation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observation {
    pub(crate) error: [f64; 2],
    pub(crate) rows: [Row; 2],
    pub(crate) weight_error: f64,
    pub(crate) by_weight: f64,
}

/// The reprojection error and its two rows by generated code, written to `out`.
pub(crate) fn jacobian(
    camera: &Camera,
    point: &[f64; 3],
    weight: f64,
    feature: &[f64; 2],
    out: &mut Observation,
) {
    let (error, camera, point, weight) =
        reprojection_error_jacobian(camera, point, weight, feature);
    out.error = error;
    for (i, row) in out.rows.iter_mut().enumerate() {
        *row = Row {
            camera: camera[i],
            point: point[i],
            weight: weight[i],
        };
    }
}

/// Cameras, points, and who saw what where.
pub(crate) struct Bundle {
    /// Of the set of data.
    name: String,
    cameras: Vec<Camera>,
    points: Vec<[f64; 3]>,
    /// Of each observation.
    weights: Vec<f64>,
    features: Vec<[f64; 2]>,
    /// Camera and point of each observation.
    seen: Vec<(usize, usize)>,
    observations: Vec<Observation>,
}

impl Bundle {
    /// Computes something for each observation, given its camera, point, weight and feature.
    #[inline(always)]
    fn for_each(&mut self, compute: impl Fn(&Camera, &[f64; 3], f64, &[f64; 2], &mut Observation)) {
        let measured = self.weights.iter().zip(&self.features).zip(&self.seen);
        for (((&weight, feature), &(camera, point)), out) in measured.zip(&mut self.observations) {
            compute(
                &self.cameras[camera],
                &self.points[point],
                weight,
                feature,
                out,
            );
        }
    }
}

impl Problem for Bundle {
    fn evaluate(&mut self) {
        self.for_each(|camera, point, weight, feature, out| {
            out.error = reprojection_error(camera, point, weight, feature);
            out.weight_error = weight_error(weight);
        });
    }

    fn generated(&mut self) {
        self.for_each(|camera, point, weight, feature, out| {
            jacobian(camera, point, weight, feature, out);
            (out.weight_error, out.by_weight) = weight_error_grad(weight);
        });
    }

    fn by_hand(&mut self) {
        self.for_each(|camera, point, weight, feature, out| {
            by_hand::jacobian(camera, point, weight, feature, out);
            (out.weight_error, out.by_weight) = (1.0 - weight * weight, -2.0 * weight);
        });
    }

    fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for observation in &self.observations {
            outcome.values.extend(observation.error);
            outcome.values.push(observation.weight_error);
            for row in &observation.rows {
                outcome.derivatives.extend(numbers(row));
            }
            outcome.derivatives.push(observation.by_weight);
        }
        outcome
    }

    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        if self.name != SETS[0] {
            return Ok(None);
        }
        // One observation, and all are alike: errors, two rows, the derivative of the weight's error.
        let mut fields = Fields::open(&folder.join("ba1.txt"))?;
        let errors: [f64; 3] = fields.array("an error")?;
        let derivatives: [f64; 31] = fields.array("a derivative")?;
        fields.end()?;
        Ok(Some(Outcome {
            values: errors.repeat(self.observations.len()),
            derivatives: derivatives.repeat(self.observations.len()),
        }))
    }
}

/// Reads one of the [`SETS`].
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    let file = folder.join("ba").join(name).with_extension("txt");
    let mut bundle = parse(Fields::open(&file)?)?;
    name.clone_into(&mut bundle.name);
    Ok(Box::new(bundle))
}

/// A row in the order of the files: rotation, centre, focal length, principal point, radial distortion; point; weight.
pub(crate) fn numbers(row: &Row) -> impl Iterator<Item = f64> {
    let camera = row.camera;
    (camera.rotation.into_iter())
        .chain(camera.center)
        .chain([camera.focal_length])
        .chain(camera.principal_point)
        .chain(camera.radial)
        .chain(row.point)
        .chain([row.weight])
}
