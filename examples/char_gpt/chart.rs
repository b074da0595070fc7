//! The loss as a picture: an SVG file, written by hand.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
/// Room for labels: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (48.0, 44.0, 16.0, 40.0);

/// Losses by the step before which they were measured.
pub(crate) type Curve = Vec<(u64, f64)>;

/// The loss of the steps, and the validation loss.
pub(crate) fn svg(training: &Curve, validation: &Curve, steps: u64) -> String {
    let losses = || training.iter().chain(validation).map(|(_, loss)| *loss);
    let high = losses()
        .filter(|loss| loss.is_finite())
        .fold(1.0, f64::max)
        .ceil();
    let (left, top, right, bottom) = MARGIN;
    let x = |step: u64| left + (WIDTH - left - right) * step as f64 / steps.max(1) as f64;
    let y = |loss: f64| top + (HEIGHT - top - bottom) * (1.0 - loss.clamp(0.0, high) / high);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"20\" font-size=\"15\">Loss for each character: \
         <tspan fill=\"#9db9e8\">training</tspan>, <tspan fill=\"#d1242f\">validation</tspan></text>\n"
    );
    for level in 0..=high as u32 {
        let (at, end) = (y(f64::from(level)), WIDTH - right);
        let _ = writeln!(
            out,
            "<line x1=\"{left}\" x2=\"{end:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{level}</text>",
            left - 8.0,
            at + 4.0
        );
    }
    for quarter in 0..=4 {
        let step = steps * quarter / 4;
        let anchor = if quarter == 4 { "end" } else { "middle" };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{step}</text>",
            x(step),
            HEIGHT - bottom + 20.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">step</text>",
        WIDTH - right,
        HEIGHT - 4.0
    );
    for (curve, colour, width) in [(training, "#9db9e8", 1), (validation, "#d1242f", 2)] {
        let finite = curve.iter().filter(|(_, loss)| loss.is_finite());
        let points: Vec<String> = finite
            .map(|&(step, loss)| format!("{:.1},{:.1}", x(step), y(loss)))
            .collect();
        let _ = writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" points=\"{}\"/>",
            points.join(" ")
        );
    }
    out.push_str("</svg>\n");
    out
}
