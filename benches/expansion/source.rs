//! Functions of any length, in the shape of real ones: arithmetic with shared subterms, branches, loops, calls.

use std::fmt::Write as _;

/// Lines of one round of [`statements`].
const ROUND: usize = 14;

/// A function of so many lines, to within a round.
pub(crate) fn function(lines: usize) -> String {
    let mut text = String::from(
        "fn model(x: &[f64], w: &[f64], a: f64, b: f64) -> f64 {\n    let mut loss = a * b;\n",
    );
    // Whole rounds only; the shortest function has one.
    for round in 0..(lines / ROUND).max(1) {
        statements(&mut text, round);
    }
    text.push_str("    loss\n}\n");
    text
}

/// One round: its names carry its number, as a person's would carry meaning.
fn statements(text: &mut String, k: usize) {
    let _ = write!(
        text,
        "    let scale{k} = (a * x[{k}] + b).tanh();
    let shift{k} = (scale{k} - x[{k}]) / (1.0 + scale{k} * scale{k});
    let norm{k} = (scale{k}.powi(2) + shift{k}.powi(2) + 1.0).sqrt();
    let mut sum{k} = 0.0;
    for i in 0..w.len() {{
        sum{k} += w[i] * (x[i] * norm{k}).sin();
    }}
    let bounded{k} = if sum{k} > scale{k} {{
        sum{k}.ln_1p() * shift{k}
    }} else {{
        (sum{k} - scale{k}).exp() - 1.0
    }};
    let energy{k} = helper(bounded{k}, norm{k});
    loss += 0.5 * energy{k} * energy{k} - (energy{k} + 2.0).abs().ln();
"
    );
}
