//! Kernels against plain loops, and their derivatives against finite differences.

#![allow(
    clippy::needless_range_loop,
    reason = "the plain loops are written as the formulas are"
)]

mod allocations;
mod attention;
mod calls;
mod check;
mod pictures;
mod product;
mod rows;
mod select;
mod shapes;
mod slices;
mod vector;
