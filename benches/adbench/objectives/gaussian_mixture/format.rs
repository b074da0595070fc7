//! The format: `d k n`; k alphas; k means; k factors; n points; `gamma m` of the prior.

use super::super::data::{DataError, Fields};
use super::{Gradient, Mixture, Wishart};

/// Numbers of dimensions and components.
pub(crate) fn shape(fields: &mut Fields) -> Result<(usize, usize), DataError> {
    let dimensions = fields.count("the number of dimensions")?;
    Ok((dimensions, fields.count("the number of components")?))
}

/// What stands behind the shape.
pub(crate) fn parse<const D: usize, const K: usize>(
    mut fields: Fields,
) -> Result<Mixture<D, K>, DataError> {
    let points = fields.count("the number of points")?;
    let size = D * (D + 1) / 2;
    let mixture = Mixture {
        name: String::new(),
        alphas: fields.array("an alpha")?,
        means: rows(&mut fields, "a mean")?,
        factors: fields.floats(K * size, "a factor")?,
        points: (0..points)
            .map(|_| fields.array("a point"))
            .collect::<Result<_, _>>()?,
        prior: Wishart {
            gamma: fields.number("the prior's gamma")?,
            excess: fields.number("the prior's m")?,
        },
        value: 0.0,
        gradient: Gradient::new(),
    };
    fields.end()?;
    Ok(mixture)
}

fn rows<const D: usize, const K: usize>(
    fields: &mut Fields,
    what: &str,
) -> Result<[[f64; D]; K], DataError> {
    let mut rows = [[0.0; D]; K];
    for row in &mut rows {
        *row = fields.array(what)?;
    }
    Ok(rows)
}
