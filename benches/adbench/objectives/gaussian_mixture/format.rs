//! The format: `d k n`; k alphas; k means; k factors; n points; `gamma m` of the prior.

use super::super::data::{DataError, Fields};
use super::{Gradient, Mixture, Room, Wishart};

/// What a file holds.
pub(crate) fn parse(mut fields: Fields) -> Result<Mixture, DataError> {
    let d = fields.count("the number of dimensions")?;
    let k = fields.count("the number of components")?;
    let n = fields.count("the number of points")?;
    let size = d * (d + 1) / 2;
    let mixture = Mixture {
        name: String::new(),
        alphas: fields.floats(k, "an alpha")?,
        means: fields.floats(k * d, "a mean")?,
        factors: fields.floats(k * size, "a factor")?,
        points: fields.floats(n * d, "a point")?,
        prior: Wishart {
            gamma: fields.number("the prior's gamma")?,
            excess: fields.number("the prior's m")?,
        },
        room: Room::new(d, k),
        d_room: Room::new(d, k),
        value: 0.0,
        gradient: Gradient {
            alphas: vec![0.0; k],
            means: vec![0.0; k * d],
            factors: vec![0.0; k * size],
        },
    };
    fields.end()?;
    Ok(mixture)
}
