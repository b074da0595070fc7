//! What the network thinks of each place in the plane: as a film, an SVG file that any browser plays, and as characters.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::data::Spiral;
use crate::model::Network;

/// The part of the plane that is drawn is ±`REACH`, in so many rows and columns.
const REACH: f64 = 1.2;
const CELLS: usize = 120;
/// Size of the picture, and of the strip below it for the loss.
const SIDE: f64 = 480.0;
const STRIP: f64 = 80.0;
/// Seconds for which each picture is shown, and pictures for which the last one stays.
const SHOWN: f64 = 0.12;
const REST: usize = 12;
/// Rows and columns of the picture made of characters.
const LINES: usize = 23;
const COLUMNS: usize = 46;

/// A film of the decision boundary.
#[derive(Clone, Debug, Default)]
pub(crate) struct Film {
    /// The places that are taken for the second arm, as a path.
    regions: Vec<String>,
    steps: Vec<usize>,
    losses: Vec<f64>,
}

impl Film {
    pub(crate) fn len(&self) -> usize {
        self.regions.len()
    }

    /// Draws the network as it is after so many steps.
    pub(crate) fn add(&mut self, network: &Network, step: usize, loss: f64) {
        self.regions.push(region(network));
        self.steps.push(step);
        self.losses.push(loss);
    }

    /// Writes the film, and makes the folder where it is missing.
    pub(crate) fn write(&self, path: &Path, spiral: &Spiral) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, self.svg(spiral))
    }

    fn svg(&self, spiral: &Spiral) -> String {
        let height = SIDE + STRIP;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {height}\" font-family=\"sans-serif\" font-size=\"14\">\n\
             <rect width=\"{SIDE}\" height=\"{height}\" fill=\"white\"/>\n\
             <rect width=\"{SIDE}\" height=\"{SIDE}\" fill=\"#f5c9a5\"/>\n"
        );
        let pictures = self.len() + REST;
        let duration = pictures as f64 * SHOWN;
        let curve = self.curve();
        for (i, region) in self.regions.iter().enumerate() {
            // Shown from its own time on to that of the next picture; the last one stays for a while.
            let start = i as f64 / pictures as f64;
            let end = if i + 1 == self.len() {
                1.0
            } else {
                (i + 1) as f64 / pictures as f64
            };
            let done = i + 1 == self.len();
            let (x, y) = curve[i];
            let _ = writeln!(
                out,
                "<g visibility=\"{}\"><animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{duration:.2}s\" repeatCount=\"indefinite\" \
                 values=\"hidden;visible;hidden\" keyTimes=\"0;{start:.5};{end:.5}\"/>\
                 <path d=\"{region}\" fill=\"#a9c8ec\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>\
                 <text x=\"10\" y=\"22\">step {}, loss {:.3}</text></g>",
                // Without animation, the last picture is there.
                if done { "visible" } else { "hidden" },
                self.steps[i],
                self.losses[i]
            );
        }
        for (point, arm) in spiral.points.iter().zip(&spiral.arms) {
            let [x, y] = point.map(|x| (x / REACH + 1.0) * 0.5 * SIDE);
            let fill = if *arm > 0.5 { "#1b5fae" } else { "#c2570c" };
            let _ = writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{fill}\" stroke=\"white\"/>",
                SIDE - y
            );
        }
        let points: Vec<String> = curve
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"#444\" points=\"{}\"/>\n</svg>",
            points.join(" ")
        );
        out
    }

    /// The loss below the picture, on a logarithmic scale.
    fn curve(&self) -> Vec<(f64, f64)> {
        let logs: Vec<f64> = self.losses.iter().map(|loss| loss.max(1e-9).ln()).collect();
        let (low, high) = logs
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| {
                (a.min(x), b.max(x))
            });
        let place = |(i, log): (usize, &f64)| {
            let x = (i as f64 + 0.5) / logs.len() as f64 * (SIDE - 20.0) + 10.0;
            let y = (high - log) / (high - low).max(1e-9) * (STRIP - 20.0) + 10.0;
            (x, SIDE + y)
        };
        logs.iter().enumerate().map(place).collect()
    }
}

/// The middle of a cell of a grid, as a coordinate.
fn middle(i: usize, of: usize) -> f64 {
    ((i as f64 + 0.5) / of as f64 * 2.0 - 1.0) * REACH
}

/// Row by row, a rectangle for each run of cells with a positive score.
fn region(network: &Network) -> String {
    let size = SIDE / CELLS as f64;
    let mut path = String::new();
    for row in 0..CELLS {
        let y = middle(CELLS - 1 - row, CELLS);
        let mut start = None;
        for column in 0..=CELLS {
            let inside = column < CELLS && network.score(&[middle(column, CELLS), y]) > 0.0;
            match (start, inside) {
                (None, true) => start = Some(column),
                (Some(first), false) => {
                    let (x, width) = (first as f64 * size, (column - first) as f64 * size);
                    let _ = write!(path, "M{x} {}h{width}v{size}h-{width}z", row as f64 * size);
                    start = None;
                }
                _ => {}
            }
        }
    }
    path
}

/// The plane in characters: `▒` where the network sees the second arm, and the points themselves, `o` and `x`; `!` is one that it takes for the other arm's.
pub(crate) fn text(network: &Network, spiral: &Spiral) -> String {
    let mut lines = vec![[' '; COLUMNS]; LINES];
    for (row, line) in lines.iter_mut().enumerate() {
        for (column, place) in line.iter_mut().enumerate() {
            let point = [middle(column, COLUMNS), middle(LINES - 1 - row, LINES)];
            *place = if network.score(&point) > 0.0 {
                '▒'
            } else {
                ' '
            };
        }
    }
    for (point, &arm) in spiral.points.iter().zip(&spiral.arms) {
        let cell = |x: f64, of: usize| ((x / REACH + 1.0) * 0.5 * of as f64) as usize;
        let (column, row) = (cell(point[0], COLUMNS), cell(point[1], LINES));
        let right = (network.score(point) > 0.0) == (arm > 0.5);
        let place = lines
            .iter_mut()
            .rev()
            .nth(row)
            .and_then(|line| line.get_mut(column));
        if let Some(place) = place {
            *place = match (right, arm > 0.5) {
                (false, _) => '!',
                (true, true) => 'x',
                (true, false) => 'o',
            };
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| line.iter().collect()).collect();
    lines.join("\n")
}
