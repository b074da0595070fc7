//! The vector-Jacobian products by hand: points to transforms, then from the fingertips to the wrist.

use super::model::{BONES, Hand};
use super::objective::{THETAS, Transform, compose, movement, turn, vertex};

const ZERO: Transform = [[0.0; 4]; 3];

/// A posed hand, with what its derivative needs.
pub(super) struct Pose {
    whole: Transform,
    /// The rest position of each bone times its angles.
    pub(super) turned: [Transform; BONES],
    pub(super) bones: [Transform; BONES],
    pub(super) transforms: [Transform; BONES],
}

impl Pose {
    pub(super) fn new(theta: &[f64; THETAS], hand: &Hand) -> Self {
        let mut pose = Pose {
            whole: movement(theta),
            turned: [ZERO; BONES],
            bones: [ZERO; BONES],
            transforms: [ZERO; BONES],
        };
        for (b, joint) in hand.joints.iter().enumerate() {
            let first = joint.first_angle;
            pose.turned[b] = match joint.angles {
                0 => joint.rest,
                1 => compose(&joint.rest, &turn(theta[first], 0.0)),
                _ => compose(&joint.rest, &turn(theta[first], theta[first + 1])),
            };
            let parent = if b == 0 {
                &pose.whole
            } else {
                &pose.bones[joint.parent]
            };
            pose.bones[b] = compose(parent, &pose.turned[b]);
            pose.transforms[b] = compose(&pose.bones[b], &joint.inverse);
        }
        pose
    }

    /// From the adjoints of the transforms to those of the parameters.
    fn pull_back(
        &self,
        theta: &[f64; THETAS],
        d_theta: &mut [f64; THETAS],
        hand: &Hand,
        d_transforms: &[Transform; BONES],
    ) {
        let mut d_bones = [ZERO; BONES];
        let mut d_whole = ZERO;
        for (b, joint) in hand.joints.iter().enumerate().rev() {
            left(&mut d_bones[b], &d_transforms[b], &joint.inverse);
            let d_bone = d_bones[b];
            let (parent, d_parent) = if b == 0 {
                (&self.whole, &mut d_whole)
            } else {
                (&self.bones[joint.parent], &mut d_bones[joint.parent])
            };
            left(d_parent, &d_bone, &self.turned[b]);
            if joint.angles == 0 {
                continue;
            }
            // By the angles of `turn`; its translation is zero.
            let d_turn = right(&joint.rest, &right(parent, &d_bone));
            let first = joint.first_angle;
            let z = if joint.angles == 2 {
                theta[first + 1]
            } else {
                0.0
            };
            let (sin_x, cos_x) = theta[first].sin_cos();
            let (sin_z, cos_z) = z.sin_cos();
            let [a, b, c] = d_turn;
            // Sums over the columns that x and z turn.
            let (across, along) = (b[1] * cos_z - a[1] * sin_z, b[2] * cos_z - a[2] * sin_z);
            d_theta[first] += c[1] * cos_x - c[2] * sin_x - across * sin_x - along * cos_x;
            if joint.angles == 2 {
                d_theta[first + 1] +=
                    b[0] * cos_z - a[0] * sin_z - cos_x * (a[1] * cos_z + b[1] * sin_z)
                        + sin_x * (a[2] * cos_z + b[2] * sin_z);
            }
        }
        pull_back_movement(theta, d_theta, &d_whole);
    }
}

/// The adjoint of `a` in `compose(a, b)`.
#[inline(always)]
fn left(d_a: &mut Transform, d: &Transform, b: &Transform) {
    for (d_a, d) in d_a.iter_mut().zip(d) {
        for (k, row) in b.iter().enumerate() {
            d_a[k] += d[0] * row[0] + d[1] * row[1] + d[2] * row[2] + d[3] * row[3];
        }
        d_a[3] += d[3];
    }
}

/// The adjoint of `b` in `compose(a, b)`.
#[inline(always)]
fn right(a: &Transform, d: &Transform) -> Transform {
    let mut d_b = ZERO;
    for (row, d) in a.iter().zip(d) {
        for k in 0..3 {
            for j in 0..4 {
                d_b[k][j] += row[k] * d[j];
            }
        }
    }
    d_b
}

/// The rotation is cos θ + sin θ [ω]× + (1 − cos θ) ω ωᵀ.
fn pull_back_movement(theta: &[f64; THETAS], d_theta: &mut [f64; THETAS], d: &Transform) {
    for i in 0..3 {
        d_theta[3 + i] += d[i][3];
    }
    let square = theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2];
    if square < 1e-8 {
        return;
    }
    let angle = square.sqrt();
    let (sin, cos) = angle.sin_cos();
    let axis: [f64; 3] = std::array::from_fn(|i| theta[i] / angle);
    // The skew part, the trace, and d ω + dᵀ ω.
    let skew = [d[2][1] - d[1][2], d[0][2] - d[2][0], d[1][0] - d[0][1]];
    let trace = d[0][0] + d[1][1] + d[2][2];
    let both: [f64; 3] =
        std::array::from_fn(|i| (0..3).map(|j| (d[i][j] + d[j][i]) * axis[j]).sum());
    let dot = |a: &[f64; 3], b: &[f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let by_angle = sin * (0.5 * dot(&axis, &both) - trace) + cos * dot(&axis, &skew);
    let by_axis: [f64; 3] = std::array::from_fn(|i| sin * skew[i] + (1.0 - cos) * both[i]);
    let lengthwise = by_angle - dot(&axis, &by_axis) / angle;
    for i in 0..3 {
        d_theta[i] += axis[i] * lengthwise + by_axis[i] / angle;
    }
}

/// Adds what a vertex does to the transforms.
#[inline(always)]
fn pull_back_vertex(
    d_transforms: &mut [Transform; BONES],
    hand: &Hand,
    vertex: usize,
    d: &[f64; 3],
) {
    let [x, y, z] = hand.vertices[vertex];
    for &(bone, weight) in &hand.weights[hand.starts[vertex]..hand.starts[vertex + 1]] {
        for (row, d) in d_transforms[bone].iter_mut().zip(d) {
            let d = weight * d;
            row[0] += d * x;
            row[1] += d * y;
            row[2] += d * z;
            row[3] += d;
        }
    }
}

pub(crate) fn vertex_residuals_vjp(
    theta: &[f64; THETAS],
    d_theta: &mut [f64; THETAS],
    hand: &Hand,
    correspondences: &[usize],
    points: &[[f64; 3]],
    residuals: &mut [[f64; 3]],
    d_residuals: &mut [[f64; 3]],
) {
    let pose = Pose::new(theta, hand);
    let mut d_transforms = [ZERO; BONES];
    let outputs = residuals.iter_mut().zip(d_residuals);
    for ((&at, point), (residual, d)) in correspondences.iter().zip(points).zip(outputs) {
        let p = vertex(&pose.transforms, hand, at);
        *residual = std::array::from_fn(|j| point[j] - p[j]);
        let d_p = std::mem::take(d).map(|d| -d);
        pull_back_vertex(&mut d_transforms, hand, at, &d_p);
    }
    pose.pull_back(theta, d_theta, hand, &d_transforms);
}

#[allow(
    clippy::too_many_arguments,
    reason = "the signature of the generated one"
)]
pub(crate) fn surface_residuals_vjp(
    theta: &[f64; THETAS],
    d_theta: &mut [f64; THETAS],
    places: &[[f64; 2]],
    d_places: &mut [[f64; 2]],
    hand: &Hand,
    correspondences: &[usize],
    points: &[[f64; 3]],
    residuals: &mut [[f64; 3]],
    d_residuals: &mut [[f64; 3]],
) {
    let pose = Pose::new(theta, hand);
    let mut d_transforms = [ZERO; BONES];
    let inputs = correspondences.iter().zip(points).zip(places).zip(d_places);
    let outputs = residuals.iter_mut().zip(d_residuals);
    for ((((&at, point), &[u, v]), d_place), (residual, d)) in inputs.zip(outputs) {
        let corners = hand.triangles[at];
        let [p, q, r] = corners.map(|corner| vertex(&pose.transforms, hand, corner));
        let w = 1.0 - u - v;
        *residual = std::array::from_fn(|j| point[j] - (u * p[j] + v * q[j] + w * r[j]));
        let d = std::mem::take(d).map(|d| -d);
        d_place[0] += (0..3).map(|j| d[j] * (p[j] - r[j])).sum::<f64>();
        d_place[1] += (0..3).map(|j| d[j] * (q[j] - r[j])).sum::<f64>();
        for (corner, part) in corners.into_iter().zip([u, v, w]) {
            pull_back_vertex(&mut d_transforms, hand, corner, &d.map(|d| part * d));
        }
    }
    pose.pull_back(theta, d_theta, hand, &d_transforms);
}
