//! Where programs are evaluated, and what should come out.

use crate::eval::{self, Dual, INPUTS, Outcome, Stop, Value};
use crate::generate::slice_length;
use crate::syntax::{By, Program, Type};

/// Each value of `n` in `0..4` twice.
pub(crate) const POINTS: usize = 8;

/// The seed of `f_vjp`; that of `f_grad` is 1.
pub(crate) const SEED: f64 = -1.75;

/// Numbers in (-1.3, 1.3) without a pattern: multiples of the golden ratio.
pub(crate) fn inputs(point: usize) -> Vec<f64> {
    (0..INPUTS)
        .map(|k| ((7 * k + 31 * point + 3) as f64 * 0.618_033_988_749_895).fract() * 2.6 - 1.3)
        .collect()
}

/// The cotangents of what is left in outputs.
pub(crate) fn cotangents() -> Vec<f64> {
    (0..INPUTS)
        .map(|k| ((5 * k + 3) % 7) as f64 * 0.5 - 1.25)
        .collect()
}

/// What a call of the primal and of its gradients at a point should give.
pub(crate) struct Expected {
    /// The result and what is left in outputs.
    pub(crate) primal: Vec<f64>,
    /// The same and the derivatives, from `f_grad`.
    pub(crate) grad: Vec<f64>,
    pub(crate) vjp: Vec<f64>,
    /// How far off a right answer may be.
    pub(crate) tolerance: f64,
    /// Whether the point is good enough for a comparison: not next to a kink, no huge numbers.
    pub(crate) usable: bool,
}

/// `None` where the program does not come to its end.
pub(crate) fn expected(program: &Program, point: usize) -> Option<Expected> {
    expected_at(program, point, &inputs(point))
}

/// Whether the program goes on for ever at a point, or panics.
pub(crate) fn is_endless(program: &Program, point: usize) -> bool {
    let stop = outcome(program, point, &inputs(point)).err();
    matches!(stop, Some(Stop::Fuel | Stop::Panic))
}

/// With other inputs than the point's.
pub(crate) fn expected_at(program: &Program, point: usize, numbers: &[f64]) -> Option<Expected> {
    let entry = program.entry();
    let (outcome, active) = outcome(program, point, numbers).ok()?;
    let result = outcome.value.floats();
    let outputs: Vec<Dual> = (entry.params.iter().zip(&outcome.arguments))
        .filter(|(param, _)| param.by == By::Mut)
        .flat_map(|(_, left)| left.floats())
        .collect();
    let primal: Vec<f64> = result.iter().chain(&outputs).map(|x| x.x).collect();
    let gradient = |seed: f64, cotangents: &[f64]| {
        let mut sum = vec![0.0; active];
        let seeds = result.iter().map(|x| (x, seed));
        for (x, seed) in seeds.chain(outputs.iter().zip(cotangents.iter().copied())) {
            for (sum, d) in sum.iter_mut().zip(x.d) {
                *sum += seed * d;
            }
        }
        [primal.clone(), sum].concat()
    };
    Some(Expected {
        grad: gradient(1.0, &[0.0; INPUTS]),
        vjp: gradient(SEED, &cotangents()),
        tolerance: 1e-9 + 1e-10 * outcome.largest,
        usable: outcome.clearance > 1e-7 && outcome.largest < 1e5,
        primal,
    })
}

/// What a run leaves, and how many of the inputs are active.
fn outcome(program: &Program, point: usize, numbers: &[f64]) -> Result<(Outcome, usize), Stop> {
    let n = point % 4;
    let (mut at, mut active) = (0, 0);
    let mut arguments = Vec::new();
    for param in &program.entry().params {
        if param.ty == Type::Int {
            arguments.push(Value::Int(n));
            continue;
        }
        let mut next = || {
            at += 1;
            if param.active() {
                active += 1;
                Dual::input(numbers[at - 1], active - 1)
            } else {
                Dual::constant(numbers[at - 1])
            }
        };
        arguments.push(Value::build(&param.ty, slice_length(n), &mut next, 0));
    }
    Ok((eval::run(program, arguments)?, active))
}
