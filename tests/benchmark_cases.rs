//! The benchmarked gradients are gradients: generated, by hand, by dual numbers and by finite differences they agree.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

#[path = "../benches/cases/mod.rs"]
mod cases;
#[path = "../benches/cases/dual.rs"]
mod dual;

use cases::{Case, black_scholes, chain, for_each_case, rosenbrock};

#[test]
fn generated_and_hand_written_gradients_agree() {
    for_each_case!(check);
}

fn check<C: Case>() {
    let mut case = C::new();
    case.generated();
    case.check()
        .unwrap_or_else(|failure| panic!("{}, generated: {failure}", C::NAME));
    let generated = case.take();
    case.by_hand();
    case.check()
        .unwrap_or_else(|failure| panic!("{}, by hand: {failure}", C::NAME));
    agree::<C>("by hand", generated, case.take());
}

fn agree<C: Case>(other: &str, generated: (f64, Vec<f64>), wanted: (f64, Vec<f64>)) {
    let close = |a: f64, b: f64| (a - b).abs() <= C::ROUNDING * (1.0 + a.abs().max(b.abs()));
    assert!(
        close(generated.0, wanted.0),
        "{}: the value is {}, {other} {}",
        C::NAME,
        generated.0,
        wanted.0
    );
    assert_eq!(generated.1.len(), wanted.1.len(), "{}", C::NAME);
    for (i, (&a, &b)) in generated.1.iter().zip(&wanted.1).enumerate() {
        assert!(close(a, b), "{}: entry {i} is {a}, {other} {b}", C::NAME);
    }
}

#[test]
fn dual_numbers_agree() {
    dual_numbers::<rosenbrock::Two, 2>(dual::rosenbrock(rosenbrock::TWO));
    dual_numbers::<rosenbrock::Hundred, 100>(dual::rosenbrock_sum(rosenbrock::hundred()));
    dual_numbers::<black_scholes::Call, 5>(dual::call_price(black_scholes::CALL));
    dual_numbers::<chain::Chain, 1>(dual::chain([chain::POINT]));
}

fn dual_numbers<C: Case, const N: usize>((value, gradient): (f64, [f64; N])) {
    let mut case = C::new();
    case.generated();
    agree::<C>("by dual numbers", case.take(), (value, gradient.to_vec()));
}

/// What `take` gives back is what the harness starts from: otherwise the sums of one measurement would go on in the next.
#[test]
fn gradients_start_from_zero() {
    for_each_case!(zero);
}

fn zero<C: Case>() {
    let mut case = C::new();
    case.generated();
    let first = case.take();
    case.generated();
    assert_eq!(case.take(), first, "{}", C::NAME);
}
