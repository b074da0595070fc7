//! A hand's surface, moved by the angles of its joints, and how far it is from points that a camera measured.
//!
//! The surface is skinned: a vertex follows several bones, each to a part.

use backprop::prelude::*;

use super::model::{BONES, Hand};

/// Rotation and translation of the whole hand, then four angles for each finger.
pub(crate) const THETAS: usize = 26;

/// A 3 × 3 matrix and a translation, side by side.
pub(crate) type Transform = [[f64; 4]; 3];

/// From the vertices that correspond to the points to the points.
#[differentiable(wrt(theta, residuals), jacobian)]
pub(crate) fn vertex_residuals(
    theta: &[f64; THETAS],
    hand: &Hand,
    correspondences: &[usize],
    points: &[[f64; 3]],
    residuals: &mut [[f64; 3]],
) {
    let transforms = pose(theta, hand);
    for i in 0..points.len() {
        let p = vertex(&transforms, hand, correspondences[i]);
        for j in 0..3 {
            residuals[i][j] = points[i][j] - p[j];
        }
    }
}

/// From places on triangles, in barycentric coordinates, to the points.
#[differentiable(wrt(theta, places, residuals))]
pub(crate) fn surface_residuals(
    theta: &[f64; THETAS],
    places: &[[f64; 2]],
    hand: &Hand,
    correspondences: &[usize],
    points: &[[f64; 3]],
    residuals: &mut [[f64; 3]],
) {
    let transforms = pose(theta, hand);
    for i in 0..points.len() {
        let [a, b, c] = hand.triangles[correspondences[i]];
        let p = vertex(&transforms, hand, a);
        let q = vertex(&transforms, hand, b);
        let r = vertex(&transforms, hand, c);
        let [u, v] = places[i];
        for j in 0..3 {
            residuals[i][j] = points[i][j] - (u * p[j] + v * q[j] + (1.0 - u - v) * r[j]);
        }
    }
}

/// Where a vertex of the surface is.
#[differentiable(wrt(transforms), jvp)]
#[inline]
pub(crate) fn vertex(transforms: &[Transform; BONES], hand: &Hand, vertex: usize) -> [f64; 3] {
    let [x, y, z] = hand.vertices[vertex];
    let mut p = [0.0; 3];
    for &(bone, weight) in &hand.weights[hand.starts[vertex]..hand.starts[vertex + 1]] {
        let t = &transforms[bone];
        for j in 0..3 {
            p[j] += weight * (t[j][0] * x + t[j][1] * y + t[j][2] * z + t[j][3]);
        }
    }
    p
}

/// Where each bone takes the vertices that follow it.
#[differentiable(wrt(theta), jvp)]
pub(crate) fn pose(theta: &[f64; THETAS], hand: &Hand) -> [Transform; BONES] {
    let whole = movement(theta);
    let mut bones = [[[0.0; 4]; 3]; BONES];
    let mut transforms = [[[0.0; 4]; 3]; BONES];
    for b in 0..BONES {
        let joint = &hand.joints[b];
        let first = joint.first_angle;
        let turned = match joint.angles {
            0 => joint.rest,
            1 => compose(&joint.rest, &turn(theta[first], 0.0)),
            _ => compose(&joint.rest, &turn(theta[first], theta[first + 1])),
        };
        // A bone stands behind its parent, and only the first has none.
        bones[b] = if b == 0 {
            compose(&whole, &turned)
        } else {
            compose(&bones[joint.parent], &turned)
        };
        transforms[b] = compose(&bones[b], &joint.inverse);
    }
    transforms
}

/// How the whole hand moves: an axis times an angle, a translation.
#[differentiable(jvp)]
pub(crate) fn movement(theta: &[f64; THETAS]) -> Transform {
    let square = theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2];
    if square < 1e-8 {
        return [
            [1.0, 0.0, 0.0, theta[3]],
            [0.0, 1.0, 0.0, theta[4]],
            [0.0, 0.0, 1.0, theta[5]],
        ];
    }
    let angle = square.sqrt();
    let (x, y, z) = (theta[0] / angle, theta[1] / angle, theta[2] / angle);
    let (sin, cos) = angle.sin_cos();
    let rest = 1.0 - cos;
    [
        [
            x * x * rest + cos,
            x * y * rest - z * sin,
            x * z * rest + y * sin,
            theta[3],
        ],
        [
            x * y * rest + z * sin,
            y * y * rest + cos,
            y * z * rest - x * sin,
            theta[4],
        ],
        [
            x * z * rest - y * sin,
            z * y * rest + x * sin,
            z * z * rest + cos,
            theta[5],
        ],
    ]
}

/// Turns about x, then about z.
#[differentiable(jvp)]
#[inline]
pub(crate) fn turn(x: f64, z: f64) -> Transform {
    let (sin_x, cos_x) = x.sin_cos();
    let (sin_z, cos_z) = z.sin_cos();
    [
        [cos_z, -sin_z * cos_x, sin_z * sin_x, 0.0],
        [sin_z, cos_z * cos_x, -cos_z * sin_x, 0.0],
        [0.0, sin_x, cos_x, 0.0],
    ]
}

/// First `b`, then `a`.
#[differentiable(jvp)]
#[inline]
pub(crate) fn compose(a: &Transform, b: &Transform) -> Transform {
    let mut c = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..4 {
            c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
        }
        c[i][3] += a[i][3];
    }
    c
}
