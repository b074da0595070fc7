//! Times of gradients: generated, by hand, and with dual numbers where these fit.
//!
//! ```text
//! cargo bench --bench gradients
//! ```
//!
//! For comparing the three with one another take `--bench ratios`, which does not mind a drifting machine.

#[allow(
    dead_code,
    reason = "the test of the cases uses what the benches do not"
)]
mod cases;
#[path = "cases/dual.rs"]
mod dual;

use std::hint::black_box;

use cases::{Case, black_scholes, chain, for_each_case, rosenbrock};
use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for_each_case!(measure, &mut criterion);
    dual_numbers::<rosenbrock::Two, _>(&mut criterion, || {
        dual::rosenbrock(black_box(rosenbrock::TWO))
    });
    dual_numbers::<rosenbrock::Hundred, _>(&mut criterion, || {
        dual::rosenbrock_sum(black_box(rosenbrock::hundred()))
    });
    dual_numbers::<black_scholes::Call, _>(&mut criterion, || {
        dual::call_price(black_box(black_scholes::CALL))
    });
    dual_numbers::<chain::Chain, _>(&mut criterion, || dual::chain(black_box([chain::POINT])));
    criterion.final_summary();
}

/// Generated and by hand.
fn measure<C: Case>(criterion: &mut Criterion) {
    let mut case = C::new();
    let mut group = criterion.benchmark_group(C::NAME);
    group.bench_function("generated", |bencher| {
        bencher.iter(|| black_box(&mut case).generated())
    });
    case.take();
    group.bench_function("by_hand", |bencher| {
        bencher.iter(|| black_box(&mut case).by_hand())
    });
    group.finish();
}

/// Adds to the group of a case.
fn dual_numbers<C: Case, T>(criterion: &mut Criterion, mut gradient: impl FnMut() -> T) {
    let mut group = criterion.benchmark_group(C::NAME);
    group.bench_function("num_dual", |bencher| bencher.iter(&mut gradient));
    group.finish();
}
