//! How what a loop keeps on the tape is written there.

use super::snapshots::body;

const CELLS: &str = "fn f<const B: usize>(x: &[f64], n: usize) -> f64 {
    let mut h = [0.2; B];
    let mut total = 0.0;
    for t in 0..n {
        let mut y = [0.0; B];
        for l in 0..2 {
            for i in 0..B {
                let gate = squash(h[i] * x[i] + x[l]);
                let change = (gate + x[t]).tanh();
                y[i] += h[i] * gate;
                h[i] = change;
            }
        }
        total += y[0] * y[1];
    }
    total
}";

/// The first place of each of these in a text, in this order.
fn in_order(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Opened in each iteration, they would be zeroed in each.
#[test]
fn rows_that_wait_on_the_stack_are_opened_once() {
    let body = body("tape", CELLS, "_grad");
    let first_loop = body.find("for ").expect("loops");
    let last_row = body.rfind("let mut row_").expect("rows");
    assert!(last_row < first_loop, "{body}");
}

/// A number that waited until the end of the loop, over the calls in between, would wait in another place as well.
#[test]
fn numbers_wait_in_their_rows_from_where_they_are_made() {
    let body = body("tape", CELLS, "_grad");
    let order = ["squash", "row_gate [", "tanh", "= row_gate ["];
    assert!(in_order(&body, &order), "{body}");
}

const SUMS: &str = "fn f(x: &[f64], w: &[f64; 4], n: usize) -> f64 {
    let mut total = 0.0;
    for t in 0..n {
        let mut y = [0.0; 4];
        let (mut sum, mut dot, mut last) = (1.0, 0.0, 0.5);
        for i in 0..4 {
            let e = (total + x[t] * w[i]).exp();
            y[i] = e * w[i];
            sum += e;
            dot -= y[i] * x[t + i];
            LAST
        }
        total += dot / sum * y[0].sin() * last;
    }
    total
}";

/// Without sums the iterations of a loop have nothing to do with each other: functions without branches vectorise.
#[test]
fn sums_beside_what_is_costly_are_added_up_behind_it() {
    let without = body("tape", &SUMS.replace("LAST", ""), "_grad");
    let order = [". exp () ;", "let mut sum = 1.0", "sum +=", "dot -="];
    assert!(in_order(&without, &order), "{without}");
    // Where one iteration waits for the one before it, nothing is gained.
    let with = body(
        "tape",
        &SUMS.replace("LAST", "last = (last * e).sin();"),
        "_grad",
    );
    let order = ["let mut sum = 1.0", ". exp () ;", "sum +=", "dot -="];
    assert!(in_order(&with, &order), "{with}");
}
