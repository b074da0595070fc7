//! The compiler takes time in proportion to the function.

use std::fmt::Write as _;
use std::time::Instant;

use super::stages::tokens;
use crate::driver;

/// A function of `n` statements, each using the one before.
fn straight(n: usize) -> String {
    let mut text = "fn f(x: f64, y: f64) -> f64 { let v0 = x * y;".to_string();
    for k in 1..n {
        let term = [
            "v * x + y",
            "(v + y).sin()",
            "v.exp() * 0.5",
            "x / (v * v + 1.0)",
        ][k % 4]
            .replace('v', &format!("v{}", k - 1));
        let _ = write!(text, "let v{k} = {term};");
    }
    let _ = write!(text, "v{} }}", n - 1);
    text
}

/// Loops and branches one after the other.
fn structured(n: usize) -> String {
    let mut text = "fn f(x: &[f64], y: f64) -> f64 { let mut s = y;".to_string();
    for k in 0..n / 4 {
        let _ = write!(
            text,
            "for i in 0..x.len() {{ s += x[i] * {k}.0; }} if s > {k}.0 {{ s *= y; }}"
        );
    }
    text + "s }"
}

/// Closures and iterators one after the other.
fn iterators(n: usize) -> String {
    let mut text = "fn f(x: &[f64], y: f64) -> f64 { let mut s = y;".to_string();
    for k in 0..n / 10 {
        let _ = write!(
            text,
            "let g{k} = |v: f64| v * y; s += x.iter().map(|v| g{k}(*v)).sum::<f64>() + g{k}({k}.0);"
        );
    }
    text + "s }"
}

/// The shortest of a few runs, in seconds.
fn seconds(text: &str) -> f64 {
    let item = tokens(text);
    let run = || {
        let start = Instant::now();
        let answer = driver::compile(tokens(""), item.clone());
        let elapsed = start.elapsed().as_secs_f64();
        assert!(!answer.to_string().contains("compile_error"), "{text}");
        elapsed
    };
    (0..3).map(|_| run()).fold(f64::INFINITY, f64::min)
}

/// Four times the statements take about four times as long; sixteen would be quadratic. The bound leaves room for a busy machine.
#[test]
fn time_is_linear() {
    for (name, program) in [
        ("straight", straight as fn(usize) -> String),
        ("structured", structured),
        ("iterators", iterators),
    ] {
        seconds(&program(50));
        let times = [100, 200, 400].map(|n| seconds(&program(n)));
        let ratio = times[2] / times[0];
        assert!(
            ratio < 9.0,
            "{name}: {times:?} seconds for 100, 200 and 400 statements: {ratio:.1} times as long for 4 times as many"
        );
    }
}
