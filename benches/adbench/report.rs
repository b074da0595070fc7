//! The results: a table for people, a line for each row for scripts.

use std::fmt::Write as _;

use crate::measure::Times;

/// What was measured of one set of data.
pub(crate) struct Row {
    pub(crate) objective: &'static str,
    pub(crate) data: &'static str,
    pub(crate) times: Times,
    /// The largest relative error of the generated gradient.
    pub(crate) error: f64,
    /// What the error refers to.
    pub(crate) against: &'static str,
    pub(crate) tape_bytes: usize,
    /// In one call of the gradient, after the first.
    pub(crate) allocations: u64,
}

impl Row {
    /// For scripts.
    pub(crate) fn line(&self) -> String {
        let Times {
            primal,
            gradient,
            ratio,
            hand_ratio,
            ..
        } = self.times;
        format!(
            "adbench objective={} data={} primal_ms={:.4} grad_ms={:.4} ratio={ratio:.3} hand_ratio={hand_ratio:.3} error={:.1e} tape_bytes={} allocations={}",
            self.objective,
            self.data,
            1e3 * primal,
            1e3 * gradient,
            self.error,
            self.tape_bytes,
            self.allocations
        )
    }
}

const HEAD: [&str; 11] = [
    "objective",
    "data",
    "primal ms",
    "gradient ms",
    "by hand ms",
    "gradient ÷ primal",
    "gradient ÷ by hand",
    "error",
    "against",
    "tape bytes",
    "allocations",
];

/// For people.
pub(crate) fn table(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let times = &row.times;
        [
            row.objective.to_owned(),
            row.data.to_owned(),
            format!("{:.3}", 1e3 * times.primal),
            format!("{:.3}", 1e3 * times.gradient),
            format!("{:.3}", 1e3 * times.by_hand),
            format!("{:.2}", times.ratio),
            format!("{:.2}", times.hand_ratio),
            format!("{:.1e}", row.error),
            row.against.to_owned(),
            row.tape_bytes.to_string(),
            row.allocations.to_string(),
        ]
    };
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| {
        let lengths = lines.iter().map(|line| line[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let mut table = String::new();
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            // Names to the left, numbers to the right.
            let _ = match column {
                0 | 1 => write!(table, "{cell:<width$}  "),
                _ => write!(table, "{cell:>width$}  "),
            };
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    table
}
