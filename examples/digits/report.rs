//! What a person wants to see at the end: which digits were confused, and what they look like.

use std::fmt::Write as _;

use crate::data::Digits;
use crate::model::CLASSES;

/// The width and height of an image.
const SIDE: usize = 8;
/// From paper to ink. Each pixel is two characters wide, since a character is twice as high as wide.
const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];

/// How often each digit (a row) was read as each digit (a column).
pub(crate) fn confusion(answers: &[usize], labels: &[usize]) -> String {
    let mut counts = [[0_usize; CLASSES]; CLASSES];
    for (&answer, &label) in answers.iter().zip(labels) {
        counts[label][answer] += 1;
    }
    let mut text = String::from("is \\ read as");
    for digit in 0..CLASSES {
        let _ = write!(text, "{digit:>4}");
    }
    for (digit, row) in counts.iter().enumerate() {
        let _ = write!(text, "\n{digit:>12}");
        for &count in row {
            // Zeros would hide what matters.
            let _ = if count == 0 {
                write!(text, "{:>4}", "·")
            } else {
                write!(text, "{count:>4}")
            };
        }
    }
    text
}

/// The first `most` digits that were misread, side by side.
pub(crate) fn misread(digits: &Digits, answers: &[usize], most: usize) -> String {
    let wrong: Vec<usize> = (0..digits.len())
        .filter(|&i| answers[i] != digits.labels[i])
        .take(most)
        .collect();
    let mut text = String::new();
    for &i in &wrong {
        let title = format!("{} read as {}", digits.labels[i], answers[i]);
        let _ = write!(text, "{title:<width$}", width = 2 * SIDE + 2);
    }
    for row in 0..SIDE {
        text.push('\n');
        for &i in &wrong {
            for pixel in &digits.image(i)[row * SIDE..][..SIDE] {
                text.push_str(SHADES[(pixel * (SHADES.len() - 1) as f32).round() as usize]);
            }
            text.push_str("  ");
        }
    }
    text
}
