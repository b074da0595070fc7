//! The compiler's work is in proportion to the function.

use std::fmt::Write as _;

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

/// The allocations of the compiler for a function, and their bytes: work in numbers that do not depend on how busy the machine is. What
/// looks again and again at what is there already shows in the benchmark alone.
fn work(text: &str) -> [u64; 2] {
    let item = tokens(text);
    let mut answer = None;
    let info = allocation_counter::measure(|| {
        answer = Some(driver::compile(tokens(""), item.clone()));
    });
    let answer = answer.map(|a| a.to_string()).unwrap_or_default();
    assert!(
        !answer.is_empty() && !answer.contains("compile_error"),
        "{text}"
    );
    [info.count_total, info.bytes_total]
}

/// Four times the statements take about four times the work; sixteen would be quadratic.
#[test]
fn work_is_linear() {
    for (name, program) in [
        ("straight", straight as fn(usize) -> String),
        ("structured", structured),
        ("iterators", iterators),
    ] {
        // What is read once for all functions.
        work(&program(10));
        let [few, many] = [100, 400].map(|n| work(&program(n)));
        for (what, few, many) in [("allocations", few[0], many[0]), ("bytes", few[1], many[1])] {
            let ratio = many as f64 / few as f64;
            assert!(
                ratio < 7.0,
                "{name}: {few} {what} for 100 statements, {many} for 400: {ratio:.1} times as many"
            );
        }
    }
}
