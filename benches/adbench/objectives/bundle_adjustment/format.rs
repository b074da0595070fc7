//! The format: `n m p`, one camera (rotation, centre, focal length, principal point, radial distortion), one point, one weight, one feature. All
//! cameras, points, weights and features are copies of these; observation `i` is camera `i mod n` looking at point `i mod m`.

use super::super::data::{DataError, Fields};
use super::{Bundle, Camera, Observation};

pub(crate) fn parse(mut fields: Fields) -> Result<Bundle, DataError> {
    let cameras = fields.count("the number of cameras")?;
    let points = fields.count("the number of points")?;
    let observations = fields.count("the number of observations")?;
    let camera = Camera {
        rotation: fields.array("a camera's rotation")?,
        center: fields.array("a camera's centre")?,
        focal_length: fields.number("a focal length")?,
        principal_point: fields.array("a principal point")?,
        radial: fields.array("a radial distortion")?,
    };
    let point = fields.array("a point")?;
    let weight = fields.number("a weight")?;
    let feature = fields.array("a feature")?;
    fields.end()?;
    Ok(Bundle {
        name: String::new(),
        cameras: vec![camera; cameras],
        points: vec![point; points],
        weights: vec![weight; observations],
        features: vec![feature; observations],
        seen: (0..observations)
            .map(|i| (i % cameras, i % points))
            .collect(),
        observations: vec![Observation::default(); observations],
    })
}
