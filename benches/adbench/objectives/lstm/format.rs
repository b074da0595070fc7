//! The format: `l c b`; for each layer four rows of weights and four of biases (forget, input, output, change); scale of what goes in, scale
//! and bias of what comes out; for each layer its hidden state and its cells; c rows of bits.

use super::super::data::{DataError, Fields};
use super::{Ends, Gates, Layer, Lstm, State};

/// Numbers of layers, characters and bits.
pub(crate) fn shape(fields: &mut Fields) -> Result<(usize, usize, usize), DataError> {
    let layers = fields.count("the number of layers")?;
    let characters = fields.count("the number of characters")?;
    if characters < 2 {
        return Err(fields.error("one character has no next one".to_owned()));
    }
    Ok((layers, characters, fields.count("the number of bits")?))
}

/// What stands behind the shape.
pub(crate) fn parse<const L: usize, const B: usize>(
    mut fields: Fields,
    characters: usize,
) -> Result<Lstm<L, B>, DataError> {
    let mut layers = [Layer::ZERO; L];
    for layer in &mut layers {
        layer.weights = gates(&mut fields)?;
        layer.biases = gates(&mut fields)?;
    }
    let ends = Ends {
        scale_in: fields.array("a scale")?,
        scale_out: fields.array("a scale")?,
        bias_out: fields.array("a bias")?,
    };
    let mut initial = State {
        hidden: [[0.0; B]; L],
        cells: [[0.0; B]; L],
    };
    for l in 0..L {
        initial.hidden[l] = fields.array("a hidden state")?;
        initial.cells[l] = fields.array("a cell")?;
    }
    let sequence = (0..characters)
        .map(|_| fields.array("a character's bit"))
        .collect::<Result<_, _>>()?;
    fields.end()?;
    Ok(Lstm::new(layers, ends, initial, sequence))
}

fn gates<const B: usize>(fields: &mut Fields) -> Result<Gates<B>, DataError> {
    Ok(Gates {
        forget: fields.array("a parameter of the forget gate")?,
        input: fields.array("a parameter of the input gate")?,
        output: fields.array("a parameter of the output gate")?,
        change: fields.array("a parameter of the change")?,
    })
}
