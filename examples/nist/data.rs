//! The data files of the Statistical Reference Datasets: a page of text with starting values, certified values and observations.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Observations: a number `y` for each, and in `x` one number, or several in turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

/// A regression, with what the National Institute of Standards and Technology says of its solution.
#[derive(Clone, Debug)]
pub(crate) struct Regression {
    pub(crate) name: String,
    /// The level of difficulty: `Lower`, `Average` or `Higher`.
    pub(crate) level: String,
    pub(crate) starts: [Vec<f64>; 2],
    pub(crate) unknowns: Vec<f64>,
    pub(crate) deviations: Vec<f64>,
    pub(crate) sum_of_squares: f64,
    pub(crate) data: Data,
    /// What was read in place of what stands in the file.
    pub(crate) misprint: Option<String>,
}

/// Misprints in files that are in circulation: data set, what stands there, what is published. (With the former, the sum of squares of Roszman1 is 25, and certified
/// is 0.00049.)
const MISPRINTS: [(&str, &str, &str); 1] = [("Roszman1", "1.20196866396E-0", "2.0196866396E-01")];

/// All `.dat` files of a folder, by name.
pub(crate) fn read(folder: &Path) -> Result<Vec<Regression>, Box<dyn Error>> {
    let says = |error: io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(says)? {
        let path: PathBuf = entry.map_err(says)?.path();
        if path.extension().is_some_and(|extension| extension == "dat") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(format!("{}: no .dat files are there", folder.display()).into());
    }
    paths.sort();
    paths.iter().map(|path| read_file(path)).collect()
}

fn read_file(path: &Path) -> Result<Regression, Box<dyn Error>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    parse(&text).map_err(|error| format!("{}:{error}", path.display()).into())
}

/// Errors begin with the number of the line.
fn parse(text: &str) -> Result<Regression, String> {
    let mut regression = Regression {
        name: String::new(),
        level: String::new(),
        starts: [Vec::new(), Vec::new()],
        unknowns: Vec::new(),
        deviations: Vec::new(),
        sum_of_squares: f64::NAN,
        data: Data::default(),
        misprint: None,
    };
    let mut observations = None;
    for (number, line) in (1..).zip(text.lines()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["Dataset", "Name:", name, ..] => regression.name = name.to_owned(),
            ["Data", "(lines", first, "to", _] => observations = first.parse::<usize>().ok(),
            [level, "Level", "of", "Difficulty"] => regression.level = level.to_owned(),
            ["Residual", "Sum", "of", "Squares:", sum] => {
                regression.sum_of_squares = number_of(sum, number)?;
            }
            [unknown, "=", first, second, mut certified, deviation] if unknown.starts_with('b') => {
                let name = &regression.name;
                let misprint = MISPRINTS
                    .iter()
                    .find(|(set, printed, _)| set == name && *printed == certified);
                if let Some((_, printed, published)) = misprint {
                    certified = published;
                    regression.misprint =
                        Some(format!("line {number}: {printed} is read as {published}"));
                }
                regression.starts[0].push(number_of(first, number)?);
                regression.starts[1].push(number_of(second, number)?);
                regression.unknowns.push(number_of(certified, number)?);
                regression.deviations.push(number_of(deviation, number)?);
            }
            [y, ref xs @ ..] if observations.is_some_and(|first| number >= first) => {
                regression.data.y.push(number_of(y, number)?);
                for x in xs {
                    regression.data.x.push(number_of(x, number)?);
                }
            }
            _ => {}
        }
    }
    let Regression { unknowns, data, .. } = &regression;
    if regression.sum_of_squares.is_nan() || data.y.len() <= unknowns.len() || unknowns.is_empty() {
        return Err("1: this is no nonlinear regression of the reference datasets".to_owned());
    }
    Ok(regression)
}

fn number_of(word: &str, line: usize) -> Result<f64, String> {
    word.parse()
        .map_err(|_| format!("{line}: `{word}` is no number"))
}
