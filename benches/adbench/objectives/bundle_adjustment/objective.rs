//! What a camera sees of a point, and how far that is from where it was seen.

use backprop::prelude::*;

/// A camera: where it stands, where it looks, and what its lens does. Its gradient has the same type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Differentiable)]
pub(crate) struct Camera {
    /// Axis times angle.
    pub(crate) rotation: [f64; 3],
    pub(crate) center: [f64; 3],
    pub(crate) focal_length: f64,
    pub(crate) principal_point: [f64; 2],
    /// Of the radial distortion 1 + k₁r² + k₂r⁴.
    pub(crate) radial: [f64; 2],
}

/// The weighted difference between where the camera sees the point and where it was seen.
#[differentiable(wrt(camera, point, weight), jacobian)]
#[inline]
pub(crate) fn reprojection_error(
    camera: &Camera,
    point: &[f64; 3],
    weight: f64,
    feature: &[f64; 2],
) -> [f64; 2] {
    let [x, y] = project(camera, point);
    [weight * (x - feature[0]), weight * (y - feature[1])]
}

/// Where the camera sees the point.
#[differentiable]
#[inline]
pub(crate) fn project(camera: &Camera, point: &[f64; 3]) -> [f64; 2] {
    let c = camera.center;
    let seen = rotate(
        &camera.rotation,
        &[point[0] - c[0], point[1] - c[1], point[2] - c[2]],
    );
    let [x, y] = distort(&camera.radial, &[seen[0] / seen[2], seen[1] / seen[2]]);
    [
        camera.focal_length * x + camera.principal_point[0],
        camera.focal_length * y + camera.principal_point[1],
    ]
}

/// Turns `x` about an axis whose length is the angle (Rodrigues' formula).
#[differentiable]
#[inline]
pub(crate) fn rotate(rotation: &[f64; 3], x: &[f64; 3]) -> [f64; 3] {
    let square = dot(rotation, rotation);
    if square == 0.0 {
        // The formula to first order.
        let v = cross(rotation, x);
        return [x[0] + v[0], x[1] + v[1], x[2] + v[2]];
    }
    let angle = square.sqrt();
    let (sin, cos) = angle.sin_cos();
    let axis = rotation.map(|r| r / angle);
    let v = cross(&axis, x);
    let along = dot(&axis, x) * (1.0 - cos);
    [
        x[0] * cos + v[0] * sin + axis[0] * along,
        x[1] * cos + v[1] * sin + axis[1] * along,
        x[2] * cos + v[2] * sin + axis[2] * along,
    ]
}

/// The radial distortion of the lens.
#[differentiable]
#[inline]
pub(crate) fn distort(radial: &[f64; 2], p: &[f64; 2]) -> [f64; 2] {
    let square = p[0] * p[0] + p[1] * p[1];
    let scale = 1.0 + radial[0] * square + radial[1] * square * square;
    [p[0] * scale, p[1] * scale]
}

/// How far a weight is from one: without it all weights would become zero.
#[differentiable]
#[inline]
pub(crate) fn weight_error(weight: f64) -> f64 {
    1.0 - weight * weight
}

#[differentiable]
#[inline]
pub(crate) fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[differentiable]
#[inline]
pub(crate) fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}
