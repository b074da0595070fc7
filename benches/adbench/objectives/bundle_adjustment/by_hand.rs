//! The Jacobian of an observation by hand.
//!
//! With ω the axis, θ the angle and y the point relative to the camera, the rotated point is cos θ y + sin θ ω×y + (1 − cos θ)(ω·y) ω. Both rows
//! share all of it; each pulls its own cotangent back through the lens and the rotation.

use super::objective::{Camera, cross, dot};
use super::{Observation, Row};

/// The reprojection error and its two rows, written to `out`.
pub(crate) fn jacobian(
    camera: &Camera,
    point: &[f64; 3],
    weight: f64,
    feature: &[f64; 2],
    out: &mut Observation,
) {
    let y: [f64; 3] = std::array::from_fn(|i| point[i] - camera.center[i]);
    let rotation = Rotation::new(&camera.rotation, &y);
    let [u, v, depth] = rotation.rotated;
    let inverse = 1.0 / depth;
    let p = [u * inverse, v * inverse];
    let square = p[0] * p[0] + p[1] * p[1];
    let [k1, k2] = camera.radial;
    let scale = 1.0 + square * (k1 + square * k2);
    // The derivative of the distorted point by p is `scale` times the identity plus `slope` times p pᵀ.
    let slope = 2.0 * (k1 + 2.0 * square * k2);
    let gain = weight * camera.focal_length;
    for i in 0..2 {
        let distorted = p[i] * scale;
        let error = camera.focal_length * distorted + camera.principal_point[i] - feature[i];
        let mut by_p = [gain * slope * p[i] * p[0], gain * slope * p[i] * p[1]];
        by_p[i] += gain * scale;
        let by_seen = [
            by_p[0] * inverse,
            by_p[1] * inverse,
            -(by_p[0] * p[0] + by_p[1] * p[1]) * inverse,
        ];
        let (by_rotation, by_y) = rotation.pull_back(&y, &by_seen);
        let mut by_principal_point = [0.0; 2];
        by_principal_point[i] = weight;
        out.error[i] = weight * error;
        out.rows[i] = Row {
            camera: Camera {
                rotation: by_rotation,
                center: by_y.map(|d| -d),
                focal_length: weight * distorted,
                principal_point: by_principal_point,
                radial: [gain * p[i] * square, gain * p[i] * square * square],
            },
            point: by_y,
            weight: error,
        };
    }
}

/// A rotation at a point: what its derivatives share.
struct Rotation {
    axis: [f64; 3],
    sin: f64,
    cos: f64,
    inverse_angle: f64,
    /// ω·y.
    along: f64,
    /// The derivative of the rotated point by the angle.
    by_angle: [f64; 3],
    rotated: [f64; 3],
}

impl Rotation {
    #[inline(always)]
    fn new(rotation: &[f64; 3], y: &[f64; 3]) -> Self {
        let square = dot(rotation, rotation);
        if square == 0.0 {
            let turned = cross(rotation, y);
            return Rotation {
                axis: [0.0; 3],
                sin: 0.0,
                cos: 1.0,
                inverse_angle: 0.0,
                along: 0.0,
                by_angle: [0.0; 3],
                rotated: std::array::from_fn(|i| y[i] + turned[i]),
            };
        }
        let angle = square.sqrt();
        let inverse_angle = 1.0 / angle;
        let (sin, cos) = angle.sin_cos();
        let axis = rotation.map(|r| r * inverse_angle);
        let turned = cross(&axis, y);
        let along = dot(&axis, y);
        let component = |i: usize| cos * y[i] + sin * turned[i] + (1.0 - cos) * along * axis[i];
        let slope = |i: usize| cos * turned[i] - sin * y[i] + sin * along * axis[i];
        Rotation {
            axis,
            sin,
            cos,
            inverse_angle,
            along,
            by_angle: std::array::from_fn(slope),
            rotated: std::array::from_fn(component),
        }
    }

    /// The gradients by the rotation vector and by y of g · rotated.
    #[inline(always)]
    fn pull_back(&self, y: &[f64; 3], g: &[f64; 3]) -> ([f64; 3], [f64; 3]) {
        let moment = cross(y, g);
        if self.inverse_angle == 0.0 {
            return (moment, *g);
        }
        let (axis, sin, cos) = (&self.axis, self.sin, self.cos);
        let along = dot(axis, g);
        let turned = cross(axis, g);
        let by_y =
            std::array::from_fn(|i| cos * g[i] - sin * turned[i] + (1.0 - cos) * along * axis[i]);
        let by_axis: [f64; 3] = std::array::from_fn(|i| {
            sin * moment[i] + (1.0 - cos) * (along * y[i] + self.along * g[i])
        });
        // A rotation vector changes the angle along the axis, and the axis only across it.
        let lengthwise = dot(g, &self.by_angle) - dot(axis, &by_axis) * self.inverse_angle;
        let by_rotation =
            std::array::from_fn(|i| axis[i] * lengthwise + by_axis[i] * self.inverse_angle);
        (by_rotation, by_y)
    }
}
