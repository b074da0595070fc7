//! Writing: the model gives each character a score, one is drawn, and it is the next one's turn.

use backprop::init::Generator;

use crate::model::{Gpt, Size, Workspace, forward};

/// How characters are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    /// Scores are divided by it.
    pub(crate) temperature: f64,
    /// Of so many of the likeliest ones.
    pub(crate) top_k: usize,
}

/// Writes so many characters behind those that are there, of which there is one at least.
pub(crate) fn go_on(
    (size, gpt): (Size, &Gpt<f32>),
    text: &mut Vec<usize>,
    length: usize,
    taste: Taste,
    generator: &mut Generator,
) {
    let mut workspace = Workspace::new(size, 1);
    let mut window = vec![0; size.tokens];
    for _ in 0..length {
        let seen = text.len().min(size.tokens);
        window[..seen].copy_from_slice(&text[text.len() - seen..]);
        // What stands behind the last character has no say in its scores: tokens look back only.
        forward(size, gpt, (&window, &window), &mut workspace);
        let scores = &workspace.logits[(seen - 1) * size.symbols..][..size.symbols];
        text.push(draw(scores, taste, generator.uniform()));
    }
}

/// The character at a share, from 0 to below 1, of all probability.
fn draw(scores: &[f32], taste: Taste, share: f64) -> usize {
    let mut likely: Vec<usize> = (0..scores.len()).collect();
    likely.sort_by(|&i, &j| scores[j].total_cmp(&scores[i]));
    likely.truncate(taste.top_k.max(1));
    let largest = f64::from(scores[likely[0]]);
    let weight = |i: usize| ((f64::from(scores[i]) - largest) / taste.temperature).exp();
    let total: f64 = likely.iter().map(|&i| weight(i)).sum();
    let mut left = share * total;
    for &i in &likely {
        left -= weight(i);
        if left < 0.0 {
            return i;
        }
    }
    likely[0]
}
