//! A training step of the example `digits`: the gradient of the mean loss of 32 images, for a network 64 → 32 → 10 in single precision.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::init::Generator;
use backprop::{Differentiable, Path, Real, Visitor};

use super::{Case, numbers};

#[path = "../../examples/digits/model.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod model;

use model::{CLASSES, Layer, Network, PIXELS};

const HIDDEN: usize = 32;
const BATCH: usize = 32;

/// Forwards and backwards sample by sample, so that all activations stay in the first cache.
fn loss_by_hand(
    network: &Network,
    gradient: &mut Network,
    images: &[f32],
    labels: &[usize],
    units: &mut [f32],
    d_units: &mut [f32],
) -> f32 {
    let share = 1.0 / labels.len() as f32;
    let mut total = 0.0;
    for (image, &label) in images.chunks_exact(PIXELS).zip(labels) {
        forward(&network.hidden, image, units);
        for unit in &mut *units {
            *unit = unit.max(0.0);
        }
        let mut scores = [0.0; CLASSES];
        forward(&network.output, units, &mut scores);

        let peak = scores.iter().copied().fold(scores[0], f32::max);
        let odds = scores.map(|score| (score - peak).exp());
        let sum: f32 = odds.iter().sum();
        total += sum.ln() + peak - scores[label];
        let factor = share / sum;
        let mut d_scores = odds.map(|odds| factor * odds);
        d_scores[label] -= share;

        backward(
            &network.output,
            &mut gradient.output,
            units,
            &d_scores,
            Some(d_units),
        );
        for (d, unit) in d_units.iter_mut().zip(&*units) {
            *d = if *unit > 0.0 { *d } else { 0.0 };
        }
        backward(&network.hidden, &mut gradient.hidden, image, d_units, None);
    }
    total / labels.len() as f32
}

/// `output = weights · input + bias`, row by row.
#[inline]
fn forward(layer: &Layer, input: &[f32], output: &mut [f32]) {
    output.copy_from_slice(&layer.bias);
    for (row, x) in layer.weights.chunks_exact(output.len()).zip(input) {
        for (sum, w) in output.iter_mut().zip(row) {
            *sum += x * w;
        }
    }
}

/// Adds to the layer's gradient, and sets that of its input where it is wanted.
#[inline]
fn backward(
    layer: &Layer,
    d_layer: &mut Layer,
    input: &[f32],
    d_output: &[f32],
    d_input: Option<&mut [f32]>,
) {
    for (d, d_sum) in d_layer.bias.iter_mut().zip(d_output) {
        *d += d_sum;
    }
    for (d_row, x) in d_layer.weights.chunks_exact_mut(d_output.len()).zip(input) {
        for (d, d_sum) in d_row.iter_mut().zip(d_output) {
            *d += x * d_sum;
        }
    }
    if let Some(d_input) = d_input {
        for (row, d) in layer.weights.chunks_exact(d_output.len()).zip(d_input) {
            *d = row.iter().zip(d_output).map(|(w, d_sum)| w * d_sum).sum();
        }
    }
}

/// A network with random weights, and images of noise.
pub(crate) struct Step {
    network: Network,
    images: Vec<f32>,
    labels: Vec<usize>,
    /// Sums and units, then the adjoints of each.
    buffers: [Vec<f32>; 4],
    value: f32,
    gradient: Network,
}

impl Case for Step {
    const NAME: &'static str = "digits_step";
    const ROUNDING: f64 = 1e-5;

    fn new() -> Self {
        let network = Network::new(HIDDEN, &mut Generator::new(1));
        Step {
            images: numbers(BATCH * PIXELS, 2)
                .into_iter()
                .map(|x| x.max(0.0) as f32)
                .collect(),
            labels: (0..BATCH).map(|i| i % CLASSES).collect(),
            buffers: buffers(),
            value: 0.0,
            gradient: network.zeros_like(),
            network,
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        let [sums, units, d_sums, d_units] = &mut self.buffers;
        self.value = self.network.loss_grad(
            &mut self.gradient,
            &self.images,
            &self.labels,
            sums,
            d_sums,
            units,
            d_units,
        );
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        let [units, d_units, ..] = &mut self.buffers;
        // The generated gradient does not know the size at compile time either.
        let n = self.network.units();
        let (units, d_units) = (&mut units[..n], &mut d_units[..n]);
        self.value = loss_by_hand(
            &self.network,
            &mut self.gradient,
            &self.images,
            &self.labels,
            units,
            d_units,
        );
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let mut flat = Flatten(Vec::new());
        Network::visit([&self.gradient], [], Path::root(), &mut flat);
        self.gradient.set_zero();
        for buffer in &mut self.buffers {
            buffer.fill(0.0);
        }
        (self.value.into(), flat.0)
    }

    fn check(&self) -> Result<Report, Failure> {
        let loss = |network: &Network| {
            let [mut sums, mut units, ..] = buffers();
            network.loss(&self.images, &self.labels, &mut sums, &mut units)
        };
        // Finite differences of 1,024 rectifiers step over kinks.
        Gradcheck::new()
            .tolerance(0.05)
            .check(loss, &self.network, &self.gradient)
    }
}

fn buffers() -> [Vec<f32>; 4] {
    core::array::from_fn(|_| vec![0.0; BATCH * HIDDEN])
}

/// All parameters in one list.
struct Flatten(Vec<f64>);

impl Visitor<1, 0> for Flatten {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [leaf]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.0.extend(leaf.iter().map(|x| x.to_f64()));
    }
}
