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

/// The direction of tangents.
pub(crate) fn directions() -> Vec<f64> {
    (0..INPUTS)
        .map(|k| ((11 * k + 5) as f64 * 0.618_033_988_749_895).fract() * 2.0 - 1.0)
        .collect()
}

/// What a call of the primal and of its gradients at a point should give.
pub(crate) struct Expected {
    /// The result and what is left in outputs.
    pub(crate) primal: Vec<f64>,
    /// The same and the derivatives, from `f_grad`.
    pub(crate) grad: Vec<f64>,
    pub(crate) vjp: Vec<f64>,
    /// The primal and its derivatives along the direction, from `f_jvp`.
    pub(crate) jvp: Vec<f64>,
    /// The derivatives of the result with the cotangents of `f_hvp`: the gradient that its product is the derivative of.
    seeded: Vec<f64>,
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
    let along = |x: &&Dual| -> f64 {
        let pairs = x.d.iter().zip(directions()).take(active);
        pairs.map(|(d, v)| d * v).sum()
    };
    let results = result.iter().chain(&outputs);
    let tangents: Vec<f64> = results.map(|x| along(&x)).collect();
    let seeded = gradient(1.0, &cotangents());
    let (clearance, largest) = (outcome.clearance, outcome.largest);
    let (tolerance, usable) = if program.is_narrow() {
        // Numbers of `f32` are off by up to 6e-8 of themselves, and derivatives, no larger than all others, take that along: some
        // hundred such errors are far below what a wrong formula does.
        (2e-5 * (1.0 + largest), clearance > 1e-3 && largest < 50.0)
    } else {
        (1e-9 + 1e-10 * largest, clearance > 1e-7 && largest < 1e5)
    };
    let usable = usable && primal.iter().all(|x| x.is_finite());
    Some(Expected {
        jvp: [&primal[..], &tangents].concat(),
        seeded: seeded[primal.len()..].to_vec(),
        grad: gradient(1.0, &[0.0; INPUTS]),
        vjp: gradient(SEED, &cotangents()),
        tolerance,
        usable,
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

/// The primal and the product of the Hessian with the direction, by differences of exact gradients, and how far off that may be. `None` where they are no good.
pub(crate) fn product(program: &Program, point: usize) -> Option<(Vec<f64>, f64)> {
    // A stopped gradient is none in the second derivative, and moves what the first one is.
    if crate::print::program(program, &[]).contains("stop_gradient") {
        return None;
    }
    let here = expected(program, point)?;
    let at = |h: f64| {
        let inputs = inputs(point);
        let mut next = 0;
        // The direction has an entry for each active input alone.
        let mut moved = Vec::with_capacity(inputs.len());
        let mut k = 0;
        for param in &program.entry().params {
            if param.ty == Type::Int {
                continue;
            }
            let mut step = || {
                let v = if param.active() {
                    next += 1;
                    directions()[next - 1]
                } else {
                    0.0
                };
                moved.push(inputs[k] + h * v);
                k += 1;
                Dual::constant(0.0)
            };
            Value::build(&param.ty, slice_length(point % 4), &mut step, 0);
        }
        moved.extend(&inputs[k..]);
        expected_at(program, point, &moved).filter(|e| e.usable)
    };
    let difference = |h: f64| -> Option<Vec<f64>> {
        let (high, low) = (at(h)?.seeded, at(-h)?.seeded);
        let pairs = high.iter().zip(&low);
        Some(pairs.map(|(a, b)| (a - b) / (2.0 * h)).collect())
    };
    let (coarse, fine) = (difference(2e-4)?, difference(1e-4)?);
    let better = |(c, f): (&f64, &f64)| (4.0 * f - c) / 3.0;
    let product: Vec<f64> = coarse.iter().zip(&fine).map(better).collect();
    let scale = |x: &f64| x.abs().max(1.0);
    // A kink between the points shows in what the two steps say.
    let smooth = product
        .iter()
        .zip(&fine)
        .all(|(p, f)| (p - f).abs() <= 1e-5 * scale(p));
    let largest = product
        .iter()
        .chain(&here.seeded)
        .map(scale)
        .fold(1.0, f64::max);
    let tolerance = match program.is_narrow() {
        true => here.tolerance,
        false => 1e-6,
    };
    let tolerance = tolerance * largest;
    smooth.then(|| ([here.primal, product].concat(), tolerance))
}
