//! The points: two arms of a spiral, one wound into the other, with some disorder.

use std::f64::consts::PI;

use backprop::init::Generator;

/// Points of each arm, and how far an arm winds round.
const POINTS: usize = 100;
const TURN: f64 = 3.0 * PI;
/// The standard deviation of the disorder, in units of the outermost radius.
const DISORDER: f64 = 0.02;

/// Points, and the arm that each belongs to: 0 or 1.
#[derive(Clone, Debug)]
pub(crate) struct Spiral {
    pub(crate) points: Vec<[f64; 2]>,
    pub(crate) arms: Vec<f64>,
}

impl Spiral {
    pub(crate) fn new(generator: &mut Generator) -> Self {
        let (mut points, mut arms) = (Vec::new(), Vec::new());
        for i in 0..POINTS {
            let along = (i as f64 + 0.5) / POINTS as f64;
            for arm in [0.0, 1.0] {
                // Nearly nothing happens in the middle, where the arms meet.
                let (radius, angle) = (0.1 + 0.9 * along, TURN * along + PI * arm);
                points.push([
                    radius * angle.cos() + DISORDER * generator.normal(),
                    radius * angle.sin() + DISORDER * generator.normal(),
                ]);
                arms.push(arm);
            }
        }
        Spiral { points, arms }
    }
}
