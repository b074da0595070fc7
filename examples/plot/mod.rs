//! Pictures for the examples: panels with axes, lines, dots and areas in units of the data, side by side in one SVG file.

#![allow(dead_code, reason = "each example uses a part of it")]

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// Colours that are told apart in print and by everyone, after M. Okabe, K. Ito, Color Universal Design (2008).
pub(crate) const BLUE: &str = "#0072b2";
pub(crate) const ORANGE: &str = "#d55e00";
pub(crate) const GREEN: &str = "#009e73";
pub(crate) const PINK: &str = "#cc79a7";
pub(crate) const GREY: &str = "#999999";
pub(crate) const BLACK: &str = "#333333";

/// Size of a panel, and what its labels take at the left, the right, the top and the bottom.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 300.0;
const MARGINS: [f64; 4] = [58.0, 16.0, 30.0, 42.0];

/// A rectangle of the plane with axes.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    x: [f64; 2],
    y: [f64; 2],
    body: String,
    frame: String,
    keys: usize,
}

impl Panel {
    /// Shows these ranges. Axes have labels and five ticks or so.
    pub(crate) fn new(title: &str, x: ([f64; 2], &str), y: ([f64; 2], &str)) -> Self {
        let mut panel = Panel {
            x: x.0,
            y: y.0,
            body: String::new(),
            frame: String::new(),
            keys: 0,
        };
        panel.axes(title, x.1, y.1);
        panel
    }

    /// The same, with both axes on one scale: `y` is a range for the middle of the panel and grows to what the height has room for.
    pub(crate) fn map(title: &str, x: ([f64; 2], &str), y: (f64, &str)) -> Self {
        let [left, right, top, bottom] = MARGINS;
        let unit = (x.0[1] - x.0[0]) / (WIDTH - left - right);
        let half = 0.5 * unit * (HEIGHT - top - bottom);
        Self::new(title, x, ([y.0 - half, y.0 + half], y.1))
    }

    /// A line through points.
    pub(crate) fn line(
        &mut self,
        points: impl IntoIterator<Item = [f64; 2]>,
        colour: &str,
        width: f64,
    ) -> &mut Self {
        let path = self.path(points);
        let _ = writeln!(
            self.body,
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
        );
        self
    }

    /// A filled polygon, so opaque.
    pub(crate) fn area(
        &mut self,
        points: impl IntoIterator<Item = [f64; 2]>,
        colour: &str,
        opacity: f64,
    ) -> &mut Self {
        let path = self.path(points);
        let _ = writeln!(
            self.body,
            "<polygon points=\"{path}\" fill=\"{colour}\" fill-opacity=\"{opacity}\"/>"
        );
        self
    }

    /// Dots with a radius in pixels.
    pub(crate) fn dots(
        &mut self,
        points: impl IntoIterator<Item = [f64; 2]>,
        colour: &str,
        radius: f64,
    ) -> &mut Self {
        for point in points {
            let [x, y] = self.place(point);
            let _ = writeln!(
                self.body,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>"
            );
        }
        self
    }

    /// A disc with a radius in units of the `x` axis.
    pub(crate) fn disc(&mut self, at: [f64; 2], radius: f64, colour: &str) -> &mut Self {
        let ([x, y], [edge, _]) = (self.place(at), self.place([at[0] + radius, at[1]]));
        let _ = writeln!(
            self.body,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"{colour}\"/>",
            edge - x
        );
        self
    }

    /// Words at a point.
    pub(crate) fn text(&mut self, at: [f64; 2], words: &str, colour: &str) -> &mut Self {
        let [x, y] = self.place(at);
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{words}</text>"
        );
        self
    }

    /// A line of the legend, in the upper left corner.
    pub(crate) fn key(&mut self, words: &str, colour: &str) -> &mut Self {
        let (x, y) = (
            MARGINS[0] + 10.0,
            MARGINS[2] + 14.0 + 15.0 * self.keys as f64,
        );
        self.keys += 1;
        let _ = writeln!(
            self.frame,
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"4\" rx=\"2\" fill=\"{colour}\"/><text x=\"{}\" y=\"{y}\">{words}</text>",
            y - 6.0,
            x + 20.0
        );
        self
    }

    fn axes(&mut self, title: &str, x_label: &str, y_label: &str) {
        let [left, right, top, bottom] = MARGINS;
        let (x_end, y_end) = (WIDTH - right, HEIGHT - bottom);
        let mut out = String::new();
        for tick in ticks(self.x) {
            let [x, _] = self.place([tick, self.y[0]]);
            let _ = writeln!(
                out,
                "<path d=\"M{x:.1} {top}V{y_end}\" stroke=\"#e8e8e8\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                y_end + 15.0,
                number(tick)
            );
        }
        for tick in ticks(self.y) {
            let [_, y] = self.place([self.x[0], tick]);
            let _ = writeln!(
                out,
                "<path d=\"M{left} {y:.1}H{x_end}\" stroke=\"#e8e8e8\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 6.0,
                y + 4.0,
                number(tick)
            );
        }
        let (x_middle, y_middle) = (0.5 * (left + x_end), 0.5 * (top + y_end));
        let _ = writeln!(
            out,
            "<text x=\"{x_middle}\" y=\"18\" text-anchor=\"middle\" font-size=\"14\" font-weight=\"bold\">{title}</text>\
             <text x=\"{x_middle}\" y=\"{}\" text-anchor=\"middle\">{x_label}</text>\
             <text transform=\"translate(14 {y_middle}) rotate(-90)\" text-anchor=\"middle\">{y_label}</text>",
            HEIGHT - 8.0
        );
        self.frame = out;
    }

    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [left, right, top, bottom] = MARGINS;
        let along = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        [
            left + along(x, self.x) * (WIDTH - left - right),
            HEIGHT - bottom - along(y, self.y) * (HEIGHT - top - bottom),
        ]
    }

    fn path(&self, points: impl IntoIterator<Item = [f64; 2]>) -> String {
        let words: Vec<String> = points
            .into_iter()
            .map(|point| {
                let [x, y] = self.place(point);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        words.join(" ")
    }
}

/// Writes panels side by side, and makes the folder where it is missing.
pub(crate) fn write(path: &Path, panels: &[Panel]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let [left, right, top, bottom] = MARGINS;
    let (width, height) = (WIDTH - left - right, HEIGHT - top - bottom);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"11\" fill=\"{BLACK}\">\n\
         <clipPath id=\"inside\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/></clipPath>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        WIDTH * panels.len() as f64
    );
    for (i, panel) in panels.iter().enumerate() {
        let _ = write!(
            out,
            "<g transform=\"translate({} 0)\">\n{}<g clip-path=\"url(#inside)\">\n{}</g>\
             <rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"{GREY}\"/></g>\n",
            i as f64 * WIDTH,
            panel.frame,
            panel.body
        );
    }
    out.push_str("</svg>\n");
    fs::write(path, out)
}

/// The range of some numbers, with some room.
pub(crate) fn range(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    let room = 0.06 * (high - low).max(1e-12);
    [low - room, high + room]
}

/// Round numbers in a range, about five.
fn ticks([low, high]: [f64; 2]) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = step
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).map(|i| i as f64 * step).collect()
}

fn number(x: f64) -> String {
    let rounded = (x * 1e6).round() / 1e6;
    // No minus before zero.
    format!("{}", rounded + 0.0).replace('-', "\u{2212}")
}
