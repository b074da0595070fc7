//! What the compiler itself costs: the time of one expansion of `#[differentiable]`, for functions of growing length.
//!
//! ```text
//! cargo bench -p backprop-expansion
//! ```
//!
//! One line for each length. The promise: linear, and under 50 ms for 300 lines.

#![warn(clippy::all)]

mod source;

use std::hint::black_box;
use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

/// Lines of the functions: the last ones show whether time grows in proportion.
const LENGTHS: [usize; 6] = [18, 42, 84, 154, 308, 602];
/// Measurements, of which the median counts.
const RUNS: usize = 21;

fn main() {
    let brief = std::env::args().any(|argument| argument == "--brief");
    let runs = if brief { 3 } else { RUNS };
    for lines in LENGTHS {
        let text = source::function(lines);
        let item: TokenStream = match text.parse() {
            Ok(item) => item,
            Err(error) => panic!("the function of {lines} lines is not Rust: {error}\n{text}"),
        };
        let expanded = compiler::compile(TokenStream::new(), item.clone()).to_string();
        assert!(
            !expanded.contains("compile_error"),
            "the function of {lines} lines was refused:\n{expanded}"
        );

        let mut times: Vec<Duration> = (0..runs).map(|_| time(&item)).collect();
        times.sort_unstable();
        let median = times[runs / 2].as_secs_f64() * 1e3;
        println!(
            "expansion lines={} milliseconds={median:.3} microseconds_per_line={:.1} generated_bytes={}",
            text.lines().count(),
            1e3 * median / text.lines().count() as f64,
            expanded.len()
        );
    }
}

fn time(item: &TokenStream) -> Duration {
    let item = item.clone();
    let start = Instant::now();
    black_box(compiler::compile(TokenStream::new(), black_box(item)));
    start.elapsed()
}
