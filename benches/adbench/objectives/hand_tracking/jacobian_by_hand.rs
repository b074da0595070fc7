//! The Jacobian by hand, column by column of those that are not zero: an angle moves the bones of its finger from its joint on.
//!
//! For the rotation of the whole hand, exp([θ]×), d(exp([θ]×) q) = [J dθ]× exp([θ]×) q with the left Jacobian J of SO(3): J. Solà, J. Deray, D. Atchuthan,
//! *A micro Lie theory for state estimation in robotics* (2018), equation 145.

use super::by_hand::Pose;
use super::model::{BONES, Hand, PHALANXES};
use super::objective::{THETAS, Transform, compose, vertex};

/// Rotation and translation of the whole hand.
const WHOLE: usize = 6;
const ZERO: Transform = [[0.0; 4]; 3];

/// For each bone of a finger how it moves with each of the finger's angles: of the third bone by the fourth angle not at all, for one.
type Moves = [[Transform; PHALANXES]; BONES];

fn moves(theta: &[f64; THETAS], hand: &Hand, pose: &Pose) -> Moves {
    let mut moves = [[ZERO; PHALANXES]; BONES];
    // The bones themselves, before they are taken back to the hand at rest.
    let mut bones = [[ZERO; PHALANXES]; BONES];
    for (b, joint) in hand.joints.iter().enumerate().take(BONES - 1).skip(1) {
        if joint.angles > 0 {
            let finger = WHOLE + (b - 1) / PHALANXES * PHALANXES;
            let own = joint.first_angle - finger;
            bones[b] = bones[joint.parent].map(|moved| compose(&moved, &pose.turned[b]));
            let before = compose(&pose.bones[joint.parent], &joint.rest);
            let (sin_x, cos_x) = theta[joint.first_angle].sin_cos();
            let (sin_z, cos_z) = match joint.angles {
                2 => theta[joint.first_angle + 1].sin_cos(),
                _ => (0.0, 1.0),
            };
            let by_x = [
                [0.0, sin_z * sin_x, sin_z * cos_x, 0.0],
                [0.0, -cos_z * sin_x, -cos_z * cos_x, 0.0],
                [0.0, cos_x, -sin_x, 0.0],
            ];
            bones[b][own] = turned(&before, &by_x);
            if joint.angles == 2 {
                let by_z = [
                    [-sin_z, -cos_z * cos_x, cos_z * sin_x, 0.0],
                    [cos_z, -sin_z * cos_x, sin_z * sin_x, 0.0],
                    [0.0; 4],
                ];
                bones[b][own + 1] = turned(&before, &by_z);
            }
            for angle in 0..own + joint.angles {
                moves[b][angle] = compose(&bones[b][angle], &joint.inverse);
            }
        }
    }
    moves
}

/// `a` times a change of rotation.
#[inline(always)]
fn turned(a: &Transform, d: &Transform) -> Transform {
    let mut c = ZERO;
    for (c, a) in c.iter_mut().zip(a) {
        for (k, d) in d.iter().enumerate() {
            for j in 0..3 {
                c[j] += a[k] * d[j];
            }
        }
    }
    c
}

/// The columns of the left Jacobian.
fn left_jacobian(theta: &[f64; THETAS]) -> [[f64; 3]; 3] {
    let square = theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2];
    if square < 1e-8 {
        return [[0.0; 3]; 3];
    }
    let angle = square.sqrt();
    let axis: [f64; 3] = std::array::from_fn(|i| theta[i] / angle);
    let (sin, cos) = angle.sin_cos();
    let (s, c) = (sin / angle, (1.0 - cos) / angle);
    std::array::from_fn(|k| {
        let mut unit = [0.0; 3];
        unit[k] = 1.0;
        let across = cross(&axis, &unit);
        std::array::from_fn(|i| s * unit[i] + (1.0 - s) * axis[k] * axis[i] + c * across[i])
    })
}

#[inline(always)]
fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Writes the residuals and `THETAS` columns of their derivatives.
pub(crate) fn vertex_residuals_jacobian(
    theta: &[f64; THETAS],
    hand: &Hand,
    correspondences: &[usize],
    points: &[[f64; 3]],
    residuals: &mut [[f64; 3]],
    j: &mut [[f64; 3]],
) {
    let pose = Pose::new(theta, hand);
    let moves = moves(theta, hand, &pose);
    let turns = left_jacobian(theta);
    let n = points.len();
    j.fill([0.0; 3]);
    for k in 0..3 {
        for d in &mut j[(3 + k) * n..][..n] {
            d[k] = -1.0;
        }
    }
    for (i, (&at, point)) in correspondences.iter().zip(points).enumerate() {
        let p = vertex(&pose.transforms, hand, at);
        residuals[i] = std::array::from_fn(|k| point[k] - p[k]);
        let about: [f64; 3] = std::array::from_fn(|k| p[k] - theta[3 + k]);
        for (k, turn) in turns.iter().enumerate() {
            j[k * n + i] = cross(&about, turn);
        }
        let [x, y, z] = hand.vertices[at];
        for &(bone, weight) in &hand.weights[hand.starts[at]..hand.starts[at + 1]] {
            let joint = &hand.joints[bone];
            if joint.angles > 0 {
                let finger = WHOLE + (bone - 1) / PHALANXES * PHALANXES;
                let count = joint.first_angle - finger + joint.angles;
                for (angle, t) in moves[bone][..count].iter().enumerate() {
                    let d = &mut j[(finger + angle) * n + i];
                    for (d, t) in d.iter_mut().zip(t) {
                        *d -= weight * (t[0] * x + t[1] * y + t[2] * z + t[3]);
                    }
                }
            }
        }
    }
}
