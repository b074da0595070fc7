//! A recurrent network that reads a text: backpropagation through time.

mod by_hand;
mod format;
mod objective;
mod with_math;

use std::path::Path;

use backprop::Tape;

use super::data::{DataError, Fields};
use super::{Outcome, Problem};

pub(crate) use format::{parse, shape};
pub(crate) use objective::{Ends, Gates, Layer, State, loss, loss_grad};
pub(crate) use with_math::WithMath;

/// The sets of data, by the names of their files.
pub(crate) const SETS: &[&str] = &["lstm_l2_c1024", "lstm_l4_c1024", "lstm_l4_c4096"];

impl<const B: usize> Gates<B> {
    const ZERO: Self = Gates {
        forget: [0.0; B],
        input: [0.0; B],
        output: [0.0; B],
        change: [0.0; B],
    };

    fn numbers(&self) -> [[f64; B]; 4] {
        [self.forget, self.input, self.output, self.change]
    }
}

impl<const B: usize> Layer<B> {
    const ZERO: Self = Layer {
        weights: Gates::ZERO,
        biases: Gates::ZERO,
    };
}

impl<const B: usize> Ends<B> {
    const ZERO: Self = Ends {
        scale_in: [0.0; B],
        scale_out: [0.0; B],
        bias_out: [0.0; B],
    };
}

/// A network of `L` layers, a text of characters of `B` bits, and what is computed of them.
pub(crate) struct Lstm<const L: usize, const B: usize> {
    /// Of the set of data.
    name: String,
    pub(crate) layers: [Layer<B>; L],
    pub(crate) ends: Ends<B>,
    pub(crate) initial: State<L, B>,
    pub(crate) sequence: Vec<[f64; B]>,
    value: f64,
    pub(crate) d_layers: [Layer<B>; L],
    pub(crate) d_ends: Ends<B>,
    tape: Tape<'static>,
    /// What the gradient by hand keeps.
    steps: Vec<by_hand::Step<L, B>>,
}

impl<const L: usize, const B: usize> Lstm<L, B> {
    fn new(
        layers: [Layer<B>; L],
        ends: Ends<B>,
        initial: State<L, B>,
        sequence: Vec<[f64; B]>,
    ) -> Self {
        Lstm {
            name: String::new(),
            layers,
            ends,
            initial,
            value: 0.0,
            d_layers: [Layer::ZERO; L],
            d_ends: Ends::ZERO,
            tape: Tape::new(),
            steps: vec![by_hand::Step::ZERO; sequence.len() - 1],
            sequence,
        }
    }

    fn clear(&mut self) {
        self.d_layers = [Layer::ZERO; L];
        self.d_ends = Ends::ZERO;
    }
}

impl<const L: usize, const B: usize> Problem for Lstm<L, B> {
    fn evaluate(&mut self) {
        self.value = loss(&self.layers, &self.ends, &self.initial, &self.sequence);
    }

    fn generated(&mut self) {
        self.clear();
        self.value = loss_grad(
            &self.layers,
            &mut self.d_layers,
            &self.ends,
            &mut self.d_ends,
            &self.initial,
            &self.sequence,
            &mut self.tape,
        );
    }

    fn by_hand(&mut self) {
        self.clear();
        self.value = by_hand::loss_grad(
            &self.layers,
            &mut self.d_layers,
            &self.ends,
            &mut self.d_ends,
            &self.initial,
            &self.sequence,
            &mut self.steps,
        );
    }

    fn outcome(&self) -> Outcome {
        let mut derivatives = Vec::new();
        for Layer { weights, biases } in &self.d_layers {
            derivatives.extend(weights.numbers().as_flattened());
            derivatives.extend(biases.numbers().as_flattened());
        }
        let Ends {
            scale_in,
            scale_out,
            bias_out,
        } = self.d_ends;
        derivatives.extend([scale_in, scale_out, bias_out].as_flattened());
        Outcome {
            values: vec![self.value],
            derivatives,
        }
    }

    fn tape_bytes(&self) -> usize {
        self.tape.high_water()
    }

    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        if self.name != SETS[0] {
            return Ok(None);
        }
        let mut fields = Fields::open(&folder.join("lstm_l2_c1024.txt"))?;
        let value = fields.number("the loss")?;
        let derivatives = fields.rest("a derivative")?;
        Ok(Some(Outcome {
            values: vec![value],
            derivatives,
        }))
    }
}

/// Reads one of the [`SETS`].
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    either(folder, name, false)
}

/// Reads one of the [`SETS`], for the gradient with the functions of `backprop::math`.
pub(crate) fn read_with_math(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    either(folder, name, true)
}

fn either(folder: &Path, name: &str, with_math: bool) -> Result<Box<dyn Problem>, DataError> {
    let file = folder.join("lstm").join(format!("{name}.txt"));
    let mut fields = Fields::open(&file)?;
    match shape(&mut fields)? {
        (2, characters, 14) => of_shape::<2, 14>(fields, characters, name, with_math),
        (4, characters, 14) => of_shape::<4, 14>(fields, characters, name, with_math),
        (l, _, b) => Err(fields.error(format!("no code for {l} layers of {b} units"))),
    }
}

fn of_shape<const L: usize, const B: usize>(
    fields: Fields,
    characters: usize,
    name: &str,
    with_math: bool,
) -> Result<Box<dyn Problem>, DataError> {
    let mut lstm = parse::<L, B>(fields, characters)?;
    name.clone_into(&mut lstm.name);
    Ok(if with_math {
        Box::new(WithMath(lstm))
    } else {
        Box::new(lstm)
    })
}
