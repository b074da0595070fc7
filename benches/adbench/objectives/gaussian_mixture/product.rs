//! Products of the mixture's Hessian with a direction. Here the gradient stands in the objective's place, and by hand means a central difference of
//! gradients by hand. What it leaves out grows with the square of the distance and the third derivative, which is large where many dimensions are:
//! down to the distance used here the deviation falls a hundredfold for each tenth of the distance.

use std::path::Path;

use super::objective::log_posterior_hvp;
use super::{Gradient, Mixture, Room, by_hand, read_mixture};
use crate::objectives::data::DataError;
use crate::objectives::{Outcome, Problem};

/// A mixture, a direction, and products.
struct Product {
    mixture: Mixture,
    direction: Gradient,
    v_room: Room,
    d_room: Room,
    h_room: Room,
    value: f64,
    product: Gradient,
}

/// Reads one of the sets.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    let mixture = read_mixture(folder, name)?;
    let zeros = |like: &[f64]| vec![0.0; like.len()];
    let product = Gradient {
        alphas: zeros(&mixture.alphas),
        means: zeros(&mixture.means),
        factors: zeros(&mixture.factors),
    };
    // Some direction, with parts of like size.
    let wave = |like: &[f64], step: f64| (0..like.len()).map(|k| (step * k as f64).cos()).collect();
    let direction = Gradient {
        alphas: wave(&mixture.alphas, 0.7),
        means: wave(&mixture.means, 1.1),
        factors: wave(&mixture.factors, 1.3),
    };
    let room = || mixture.d_room.clone();
    Ok(Box::new(Product {
        v_room: room(),
        d_room: room(),
        h_room: room(),
        mixture,
        direction,
        value: 0.0,
        product,
    }))
}

impl Product {
    /// The gradient by hand at a distance along the direction.
    fn gradient_at(&mut self, distance: f64) {
        let m = &mut self.mixture;
        let moved = |x: &[f64], v: &[f64]| -> Vec<f64> {
            x.iter().zip(v).map(|(x, v)| x + distance * v).collect()
        };
        let v = &self.direction;
        m.gradient.clear();
        self.value = by_hand::log_posterior_grad(
            &moved(&m.alphas, &v.alphas),
            &mut m.gradient.alphas,
            &moved(&m.means, &v.means),
            &mut m.gradient.means,
            &moved(&m.factors, &v.factors),
            &mut m.gradient.factors,
            &m.points,
            &m.prior,
            &mut m.room,
            &mut m.d_room,
        );
    }

    /// Adds a multiple of it to the product.
    fn add(&mut self, factor: f64) {
        let (h, d) = (&mut self.product, &self.mixture.gradient);
        for (h, d) in [
            (&mut h.alphas, &d.alphas),
            (&mut h.means, &d.means),
            (&mut h.factors, &d.factors),
        ] {
            h.iter_mut().zip(d).for_each(|(h, d)| *h += factor * d);
        }
    }
}

impl Problem for Product {
    fn evaluate(&mut self) {
        self.mixture.generated();
        self.value = self.mixture.value;
    }

    fn generated(&mut self) {
        self.product.clear();
        let (m, v, h) = (&mut self.mixture, &mut self.direction, &mut self.product);
        self.value = log_posterior_hvp(
            &m.alphas,
            &v.alphas,
            &mut h.alphas,
            &m.means,
            &v.means,
            &mut h.means,
            &m.factors,
            &v.factors,
            &mut h.factors,
            &m.points,
            &m.prior,
            &mut m.room.diagonals,
            &mut self.v_room.diagonals,
            &mut self.d_room.diagonals,
            &mut self.h_room.diagonals,
            &mut m.room.log_determinants,
            &mut self.v_room.log_determinants,
            &mut self.d_room.log_determinants,
            &mut self.h_room.log_determinants,
            &mut m.room.whitened,
            &mut self.v_room.whitened,
            &mut self.d_room.whitened,
            &mut self.h_room.whitened,
            &mut m.room.terms,
            &mut self.v_room.terms,
            &mut self.d_room.terms,
            &mut self.h_room.terms,
        );
    }

    fn by_hand(&mut self) {
        const DISTANCE: f64 = 1e-6;
        self.product.clear();
        let mut value = 0.0;
        for side in [1.0, -1.0] {
            self.gradient_at(side * DISTANCE);
            self.add(side / (2.0 * DISTANCE));
            value += 0.5 * self.value;
        }
        self.value = value;
    }

    fn outcome(&self) -> Outcome {
        let h = &self.product;
        Outcome {
            values: vec![self.value],
            derivatives: [&h.alphas[..], &h.means, &h.factors].concat(),
        }
    }
}
