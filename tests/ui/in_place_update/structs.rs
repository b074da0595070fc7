use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Cell {
    level: f64,
}

#[differentiable]
fn pour(cells: &mut [Cell], rate: f64) {
    let level = cells[0].level;
    cells[0].level = level - rate * level;
    cells[1].level += rate * level;
}

/// A tape keeps numbers, and arrays and tuples of them.
#[differentiable(tape)]
fn after(cells: &mut [Cell], rate: f64) -> f64 {
    pour(cells, rate);
    cells[0].level * cells[1].level
}

fn main() {}
