//! The solvers of argmin reach known minima with generated derivatives, and pay once for value and gradient.

use std::cell::Cell;

use argmin::core::{Executor, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use backprop::prelude::*;
use backprop::solve::{Objective, SecondOrder};
use example_argmin::Problem;

/// Rosenbrock's valley, in each pair of unknowns.
#[differentiable(hvp)]
fn valley(x: &[f64]) -> f64 {
    x.chunks_exact(2)
        .map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2))
        .sum()
}

/// A convex function with a minimum that is known: x[i] = ln(1 + i).
#[differentiable(hvp)]
fn exponentials(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i].exp() - (1 + i) as f64 * x[i];
    }
    sum
}

fn start(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| if i % 2 == 0 { -1.2 } else { 1.0 })
        .collect()
}

#[track_caller]
fn assert_ones(x: &[f64], tolerance: f64) {
    assert!(x.iter().all(|x| (x - 1.0).abs() < tolerance), "{x:?}");
}

#[test]
fn l_bfgs() {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7)
        .with_tolerance_grad(1e-9)
        .unwrap();
    let problem = Problem::new(valley_grad, 20);
    let result = Executor::new(problem.clone(), solver)
        .configure(|state| state.param(start(20)).max_iters(500))
        .run()
        .unwrap();
    assert_ones(result.state().get_best_param().unwrap(), 1e-8);
    let counts = &result.problem.counts;
    let (asked, called) = (
        counts["cost_count"] + counts["gradient_count"],
        problem.evaluations(),
    );
    assert!(
        called <= asked / 2 + 2,
        "{called} calls, asked {asked} times"
    );
}

#[test]
fn newton_cg() {
    let solver = NewtonCG::new(MoreThuenteLineSearch::new())
        .with_tolerance(1e-12)
        .unwrap();
    let problem = Problem::new((exponentials_grad, exponentials_hvp), 12);
    let result = Executor::new(problem, solver)
        .configure(|state| state.param(vec![0.0; 12]).max_iters(100))
        .run()
        .unwrap();
    for (i, x) in result.state().get_best_param().unwrap().iter().enumerate() {
        assert!((x - (1.0 + i as f64).ln()).abs() < 1e-5, "{i}: {x}");
    }
}

#[test]
fn trust_region() {
    let products = Cell::new(0);
    let objective = Counted {
        objective: (valley_grad, valley_hvp),
        products: &products,
    };
    let solver = TrustRegion::new(Steihaug::new().with_max_iters(60));
    let result = Executor::new(Problem::new(objective, 20), solver)
        .configure(|state| state.param(start(20)).max_iters(200).target_cost(1e-20))
        .run()
        .unwrap();
    assert_ones(result.state().get_best_param().unwrap(), 1e-8);
    assert!(products.get() > 0);
}

/// A struct as an objective, which knows how often its Hessian was asked for.
struct Counted<'a, F> {
    objective: F,
    products: &'a Cell<u64>,
}

impl<F: Objective> Objective for Counted<'_, F> {
    fn gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.objective.gradient(x, gradient)
    }
}

impl<F: SecondOrder> SecondOrder for Counted<'_, F> {
    fn hessian_product(&mut self, x: &[f64], direction: &[f64], product: &mut [f64]) -> f64 {
        self.products.set(self.products.get() + 1);
        self.objective.hessian_product(x, direction, product)
    }
}
