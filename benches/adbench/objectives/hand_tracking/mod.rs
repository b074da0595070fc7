//! Hand tracking: the pose of a hand from points on its surface.
//!
//! The derivative is a vector-Jacobian product with a cotangent of ones: what a step of an optimizer takes; or the whole Jacobian.

mod by_hand;
pub(crate) mod jacobian;
mod jacobian_by_hand;
pub(crate) mod model;
mod objective;

use std::path::Path;

use super::data::{DataError, Fields};
use super::{Outcome, Problem};
use objective::{
    THETAS, surface_residuals, surface_residuals_vjp, vertex_residuals, vertex_residuals_vjp,
};

pub(crate) use model::Hand;

/// The sets of data, by the names of their files.
pub(crate) const SETS: &[&str] = &[
    "simple_hand1_t26_c100",
    "simple_hand5_t26_c800",
    "simple_hand8_t26_c6400",
    "complicated_hand1_t26_c100",
    "complicated_hand5_t26_c800",
    "complicated_hand8_t26_c6400",
];

/// Points, what they belong to, and what is computed of them.
pub(crate) struct Tracking {
    /// Of the set of data.
    name: String,
    hand: Hand,
    /// Vertices, or triangles where there are places.
    correspondences: Vec<usize>,
    points: Vec<[f64; 3]>,
    /// On the triangles.
    pub(crate) places: Option<Vec<[f64; 2]>>,
    pub(crate) theta: [f64; THETAS],
    residuals: Vec<[f64; 3]>,
    d_residuals: Vec<[f64; 3]>,
    pub(crate) d_theta: [f64; THETAS],
    pub(crate) d_places: Vec<[f64; 2]>,
}

impl Tracking {
    fn clear(&mut self) {
        self.d_theta = [0.0; THETAS];
        self.d_places.fill([0.0; 2]);
        self.d_residuals.fill([1.0; 3]);
    }
}

impl Problem for Tracking {
    fn evaluate(&mut self) {
        let Tracking {
            theta,
            hand,
            correspondences,
            points,
            residuals,
            ..
        } = self;
        match &self.places {
            None => vertex_residuals(theta, hand, correspondences, points, residuals),
            Some(places) => {
                surface_residuals(theta, places, hand, correspondences, points, residuals);
            }
        }
    }

    fn generated(&mut self) {
        self.clear();
        match &self.places {
            None => vertex_residuals_vjp(
                &self.theta,
                &mut self.d_theta,
                &self.hand,
                &self.correspondences,
                &self.points,
                &mut self.residuals,
                &mut self.d_residuals,
            ),
            Some(places) => surface_residuals_vjp(
                &self.theta,
                &mut self.d_theta,
                places,
                &mut self.d_places,
                &self.hand,
                &self.correspondences,
                &self.points,
                &mut self.residuals,
                &mut self.d_residuals,
            ),
        }
    }

    fn by_hand(&mut self) {
        self.clear();
        match &self.places {
            None => by_hand::vertex_residuals_vjp(
                &self.theta,
                &mut self.d_theta,
                &self.hand,
                &self.correspondences,
                &self.points,
                &mut self.residuals,
                &mut self.d_residuals,
            ),
            Some(places) => by_hand::surface_residuals_vjp(
                &self.theta,
                &mut self.d_theta,
                places,
                &mut self.d_places,
                &self.hand,
                &self.correspondences,
                &self.points,
                &mut self.residuals,
                &mut self.d_residuals,
            ),
        }
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            values: self.residuals.as_flattened().to_vec(),
            derivatives: [&self.d_theta, self.d_places.as_flattened()].concat(),
        }
    }

    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        if self.name != SETS[0] {
            return Ok(None);
        }
        let values =
            Fields::open(&folder.join("hand_simple_hand1_objective.txt"))?.rest("a residual")?;
        let mut fields = Fields::open(&folder.join("hand_simple_hand1_vjp_ones.txt"))?;
        let _sum: f64 = fields.number("the sum of the residuals")?;
        let derivatives = fields.rest("a derivative")?;
        Ok(Some(Outcome {
            values,
            derivatives,
        }))
    }
}

/// Reads one of the [`SETS`].
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    Ok(Box::new(read_tracking(folder, name)?))
}

fn read_tracking(folder: &Path, name: &str) -> Result<Tracking, DataError> {
    let folder = folder.join("hand");
    let hand = Hand::read(&folder.join("model"))?;
    let fields = Fields::open(&folder.join(format!("{name}.txt")))?;
    let mut tracking = parse(fields, hand, name.starts_with("complicated"))?;
    name.clone_into(&mut tracking.name);
    Ok(tracking)
}

/// The format: `N n`; N times a vertex (or a triangle, if points lie on the surface between the vertices) and a point; then for points on the
/// surface their N places; n parameters.
pub(crate) fn parse(
    mut fields: Fields,
    hand: Hand,
    on_surface: bool,
) -> Result<Tracking, DataError> {
    let count = fields.count("the number of points")?;
    if fields.count("the number of parameters")? != THETAS {
        return Err(fields.error(format!("a hand has {THETAS} parameters")));
    }
    let (all, what) = match on_surface {
        false => (hand.vertices.len(), "a vertex"),
        true => (hand.triangles.len(), "a triangle"),
    };
    let (mut correspondences, mut points) = (Vec::new(), Vec::new());
    for _ in 0..count {
        correspondences.push(fields.index(all, what)?);
        points.push(fields.array("a point")?);
    }
    let mut places = on_surface.then(Vec::new);
    if let Some(places) = &mut places {
        for _ in 0..count {
            places.push(fields.array("a place on a triangle")?);
        }
    }
    let theta = fields.array("a parameter")?;
    fields.end()?;
    Ok(Tracking {
        name: String::new(),
        hand,
        correspondences,
        residuals: vec![[0.0; 3]; count],
        d_residuals: vec![[0.0; 3]; count],
        points,
        d_places: vec![[0.0; 2]; places.as_ref().map_or(0, Vec::len)],
        places,
        theta,
        d_theta: [0.0; THETAS],
    })
}
