//! What was learned, as pictures: who looks at whom, and which places are alike.

use crate::model::{Gpt, Size, Workspace, forward};
use crate::picture::{Picture, ink, weight};

/// For each layer, from top to bottom, and each head the characters that look, as rows, at which others, as columns: black is all of their attention. `text` has as many
/// characters as the model looks at.
pub(crate) fn attention(size: Size, gpt: &Gpt<f32>, text: &[usize]) -> Picture {
    let mut workspace = Workspace::new(size, 1);
    forward(size, gpt, (text, text), &mut workspace);
    let each = (0..size.layers).flat_map(|l| (0..size.heads).map(move |h| (l, h)));
    let tile = |(l, h)| {
        workspace
            .looks(size, l, h)
            .iter()
            .map(|&x| ink(x))
            .collect()
    };
    let tiles: Vec<Vec<[u8; 3]>> = each.map(tile).collect();
    Picture::tiles(&tiles, size.tokens, size.heads)
}

/// How much alike the rows of two places in a sample are: the cosine of the angle between them, red for 1, blue for −1.
pub(crate) fn places(size: Size, gpt: &Gpt<f32>) -> Picture {
    let row = |i: usize| &gpt.positions()[i * size.channels..][..size.channels];
    let product = |i, j| row(i).iter().zip(row(j)).map(|(a, b)| a * b).sum::<f32>();
    let cosine = |i, j| product(i, j) / (product(i, i) * product(j, j)).sqrt();
    let each = (0..size.tokens).flat_map(|i| (0..size.tokens).map(move |j| (i, j)));
    let tile = each.map(|(i, j)| weight(cosine(i, j), 1.0)).collect();
    Picture::tiles(&[tile], size.tokens, 1)
}
