use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Cell {
    level: f64,
}

#[differentiable]
fn pour(cells: &mut [Cell], rate: f64) {
    let level = cells[0].level;
    cells[0].level = level - rate * level;
    cells[1].level += rate * level;
}

/// Cells that are not `Copy` are not kept one by one.
#[differentiable(tape)]
fn after(cells: &mut [Cell], rate: f64) -> f64 {
    pour(cells, rate);
    cells[0].level * cells[1].level
}

fn main() {}
