//! What the compiler itself costs: the time of one expansion of `#[differentiable]`, for functions of growing length.
//!
//! ```text
//! cargo bench -p backprop-expansion
//! ```
//!
//! One line for each length, without options and with forward mode, whose companions carry one tangent and four. The promise: linear, and under 50 ms for
//! 300 lines without options.

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
    for (options, lines) in ["", "jvp"]
        .into_iter()
        .flat_map(|o| LENGTHS.map(|n| (o, n)))
    {
        let text = source::function(lines);
        let attr: TokenStream = match options.parse() {
            Ok(attr) => attr,
            Err(error) => panic!("the options `{options}` are not tokens: {error}"),
        };
        let item: TokenStream = match text.parse() {
            Ok(item) => item,
            Err(error) => panic!("the function of {lines} lines is not Rust: {error}\n{text}"),
        };
        let expanded = compiler::compile(attr.clone(), item.clone()).to_string();
        assert!(
            !expanded.contains("compile_error"),
            "the function of {lines} lines was refused:\n{expanded}"
        );

        let mut times: Vec<Duration> = (0..runs).map(|_| time(&attr, &item)).collect();
        times.sort_unstable();
        let median = times[runs / 2].as_secs_f64() * 1e3;
        println!(
            "expansion options={} lines={} milliseconds={median:.3} microseconds_per_line={:.1} generated_bytes={}",
            if options.is_empty() { "none" } else { options },
            text.lines().count(),
            1e3 * median / text.lines().count() as f64,
            expanded.len()
        );
    }
}

fn time(attr: &TokenStream, item: &TokenStream) -> Duration {
    let (attr, item) = (attr.clone(), item.clone());
    let start = Instant::now();
    black_box(compiler::compile(attr, black_box(item)));
    start.elapsed()
}
