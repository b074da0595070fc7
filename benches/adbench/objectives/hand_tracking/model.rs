//! The hand: its bones, its surface, and the files that they come in.

use std::path::Path;

use super::super::data::{DataError, Fields};
use super::objective::Transform;

/// The wrist, four bones for each finger, the forearm.
pub(crate) const BONES: usize = 22;
/// Bones of a finger. The first has no angle of its own, the second has two, each other one.
pub(super) const PHALANXES: usize = 4;
/// Rotation and translation of the whole hand come before the angles.
const FIRST_ANGLE: usize = 6;

/// How a bone stands to its parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Joint {
    /// Smaller than the bone's own number; of the first bone without meaning.
    pub(crate) parent: usize,
    /// How many angles the joint has, and where the first stands.
    pub(crate) angles: usize,
    pub(crate) first_angle: usize,
    /// From the parent to the bone, with no angle.
    pub(crate) rest: Transform,
    /// From the hand at rest to the bone.
    pub(crate) inverse: Transform,
}

/// Bones and surface.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) joints: [Joint; BONES],
    pub(crate) vertices: Vec<[f64; 3]>,
    /// Bones and how much of a vertex follows them: those of a vertex from `starts[vertex]` to the next.
    pub(crate) weights: Vec<(usize, f64)>,
    pub(crate) starts: Vec<usize>,
    pub(crate) triangles: Vec<[usize; 3]>,
}

impl Hand {
    /// Reads `bones.txt`, `vertices.txt` and `triangles.txt`.
    pub(crate) fn read(folder: &Path) -> Result<Self, DataError> {
        let open = |name| Fields::open_colons(&folder.join(name));
        let joints = joints(open("bones.txt")?)?;
        let mut hand = Hand {
            joints,
            vertices: Vec::new(),
            weights: Vec::new(),
            starts: vec![0],
            triangles: Vec::new(),
        };
        hand.surface(open("vertices.txt")?)?;
        let mut fields = open("triangles.txt")?;
        while fields.peek() {
            let mut corners = [0; 3];
            for corner in &mut corners {
                *corner = fields.index(hand.vertices.len(), "a vertex")?;
            }
            hand.triangles.push(corners);
        }
        Ok(hand)
    }

    /// A line for each vertex: position, normal, texture; the number of its bones, and for each bone and weight.
    pub(crate) fn surface(&mut self, mut fields: Fields) -> Result<(), DataError> {
        while fields.peek() {
            self.vertices.push(fields.array("a vertex")?);
            let _: [f64; 5] = fields.array("a normal or a texture")?;
            for _ in 0..fields.count("the number of bones")? {
                let bone = fields.index(BONES, "a bone")?;
                self.weights.push((bone, fields.number("a weight")?));
            }
            self.starts.push(self.weights.len());
        }
        Ok(())
    }
}

/// A line for each bone: name, parent (−1: none), and two matrices of 4 × 4.
pub(crate) fn joints(mut fields: Fields) -> Result<[Joint; BONES], DataError> {
    let mut joints = [Joint {
        parent: 0,
        angles: 0,
        first_angle: FIRST_ANGLE,
        rest: [[0.0; 4]; 3],
        inverse: [[0.0; 4]; 3],
    }; BONES];
    for (bone, joint) in joints.iter_mut().enumerate() {
        let _: String = fields.number("a bone's name")?;
        let parent: isize = fields.number("a bone's parent")?;
        joint.parent = match usize::try_from(parent) {
            Ok(parent) if parent < bone => parent,
            Err(_) if bone == 0 => 0,
            _ => return Err(fields.error(format!("{parent} cannot be bone {bone}'s parent"))),
        };
        if (1..BONES - 1).contains(&bone) {
            let (finger, phalanx) = ((bone - 1) / PHALANXES, (bone - 1) % PHALANXES);
            let first = FIRST_ANGLE + finger * PHALANXES;
            (joint.angles, joint.first_angle) = match phalanx {
                0 => (0, first),
                1 => (2, first),
                _ => (1, first + phalanx),
            };
        }
        joint.rest = transform(&mut fields)?;
        joint.inverse = transform(&mut fields)?;
    }
    fields.end()?;
    Ok(joints)
}

/// A matrix row by row. The last row is 0 0 0 1.
fn transform(fields: &mut Fields) -> Result<Transform, DataError> {
    let mut rows = [[0.0; 4]; 3];
    for row in &mut rows {
        *row = fields.array("a matrix")?;
    }
    let last: [f64; 4] = fields.array("a matrix")?;
    if last != [0.0, 0.0, 0.0, 1.0] {
        return Err(fields.error("the last row of a matrix is not 0 0 0 1".to_owned()));
    }
    Ok(rows)
}
