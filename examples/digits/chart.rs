//! The loss curve as a picture: an SVG file, written by hand.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
/// Room for labels around the curve: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (56.0, 40.0, 16.0, 40.0);

/// Writes the loss of each epoch on a logarithmic scale, and makes the folder where it is missing.
pub(crate) fn write(path: &Path, losses: &[f64]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, svg(losses))
}

fn svg(losses: &[f64]) -> String {
    let usable = || {
        losses
            .iter()
            .copied()
            .filter(|loss| loss.is_finite() && *loss > 0.0)
    };
    // Whole decades, at least one.
    let low = usable()
        .fold(f64::INFINITY, f64::min)
        .log10()
        .floor()
        .max(-12.0);
    let high = usable().fold(0.0, f64::max).log10().ceil().max(low + 1.0);
    let (low, high) = if low.is_finite() {
        (low, high)
    } else {
        (-1.0, 0.0)
    };
    let epochs = losses.len().max(2);
    let (left, top, right, bottom) = MARGIN;
    let x = |epoch: f64| left + (WIDTH - left - right) * (epoch - 1.0) / (epochs - 1) as f64;
    let y = |loss: f64| {
        top + (HEIGHT - top - bottom) * (high - loss.log10().clamp(low, high)) / (high - low)
    };

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"24\" font-size=\"15\">Digits: mean training loss of each epoch</text>\n"
    );
    for decade in low as i32..=high as i32 {
        let level = y(10_f64.powi(decade));
        let _ = writeln!(
            out,
            "<line x1=\"{left}\" x2=\"{:.1}\" y1=\"{level:.1}\" y2=\"{level:.1}\" stroke=\"#ddd\"/>",
            WIDTH - right
        );
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">1e{decade}</text>",
            left - 8.0,
            level + 4.0
        );
    }
    for tick in ticks(epochs) {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>",
            x(tick as f64),
            HEIGHT - bottom + 20.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">epoch</text>",
        WIDTH - right,
        HEIGHT - 6.0
    );
    let points = losses
        .iter()
        .enumerate()
        .filter(|(_, loss)| loss.is_finite());
    let points: Vec<String> = points
        .map(|(i, &loss)| format!("{:.1},{:.1}", x((i + 1) as f64), y(loss)))
        .collect();
    let _ = writeln!(
        out,
        "<polyline fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\" points=\"{}\"/>\n</svg>",
        points.join(" ")
    );
    out
}

/// The first epoch, the last one, and round numbers between.
fn ticks(epochs: usize) -> Vec<usize> {
    let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
        .into_iter()
        .find(|step| epochs / step <= 10)
        .unwrap_or(epochs);
    let mut ticks: Vec<usize> = (step..=epochs).step_by(step).collect();
    if step > 1 {
        ticks.insert(0, 1);
    }
    ticks
}
