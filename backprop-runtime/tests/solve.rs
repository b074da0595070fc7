//! Memos and Levenberg-Marquardt, with derivatives by hand: against closed forms and published minima.

use std::cell::Cell;

use allocation_counter::measure;
use backprop_runtime::solve::{
    LeastSquaresError, LevenbergMarquardt, Memo, MemoResiduals, Residuals, array, array_mut,
    flatten, unflatten,
};

/// Residuals and a Jacobian, by columns, as closures.
struct Problem<R, J> {
    count: usize,
    residuals: R,
    jacobian: J,
}

impl<R: FnMut(&[f64], &mut [f64]), J: FnMut(&[f64], &mut [f64])> Residuals for Problem<R, J> {
    fn count(&self) -> usize {
        self.count
    }

    fn residuals(&mut self, x: &[f64], residuals: &mut [f64]) {
        (self.residuals)(x, residuals);
    }

    fn jacobian(&mut self, x: &[f64], residuals: &mut [f64], jacobian: &mut [f64]) {
        (self.residuals)(x, residuals);
        (self.jacobian)(x, jacobian);
    }
}

fn rosenbrock() -> impl Residuals {
    Problem {
        count: 2,
        residuals: |x: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]);
        },
        jacobian: |x: &[f64], j: &mut [f64]| j.copy_from_slice(&[-20.0 * x[0], -1.0, 10.0, 0.0]),
    }
}

#[test]
fn a_memo_calls_once_for_each_point() {
    let calls = Cell::new(0);
    let mut memo = Memo::new(
        |x: &[f64], d: &mut [f64]| {
            calls.set(calls.get() + 1);
            d[0] += 2.0 * x[0];
            x[0] * x[0]
        },
        vec![9.0],
    );
    for _ in 0..3 {
        assert_eq!(memo.value(&[3.0]), 9.0);
        assert_eq!(memo.gradient(&[3.0]), [6.0]);
    }
    assert_eq!((calls.get(), memo.evaluations()), (1, 1));
    assert_eq!(memo.gradient(&[-1.0]), [-2.0]);
    assert_eq!(memo.value(&[3.0]), 9.0);
    assert_eq!(calls.get(), 3);
    // Zeros of different signs are different points; a point that is not a number is remembered, too.
    memo.value(&[0.0]);
    memo.value(&[-0.0]);
    assert_eq!(calls.get(), 5);
    assert!(memo.value(&[f64::NAN]).is_nan() && memo.gradient(&[f64::NAN])[0].is_nan());
    assert_eq!(calls.get(), 6);
    memo.function();
    memo.value(&[f64::NAN]);
    assert_eq!(calls.get(), 7);
}

#[test]
fn a_memo_of_a_function_that_panics_forgets() {
    let mut memo = Memo::new(
        |x: &[f64], d: &mut [f64]| {
            assert!(x[0] < 5.0);
            d[0] += 1.0;
            x[0]
        },
        [0.0],
    );
    memo.value(&[1.0]);
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| memo.value(&[7.0])));
    assert!(panics.is_err());
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| memo.value(&[7.0])));
    assert!(panics.is_err());
}

#[test]
fn a_memo_of_residuals_makes_a_jacobian_where_it_is_wanted() {
    let jacobians = Cell::new(0);
    let problem = Problem {
        count: 2,
        residuals: |x: &[f64], out: &mut [f64]| out.copy_from_slice(&[x[0] - 1.0, x[0] * x[0]]),
        jacobian: |x: &[f64], j: &mut [f64]| {
            jacobians.set(jacobians.get() + 1);
            j.copy_from_slice(&[1.0, 2.0 * x[0]]);
        },
    };
    let mut memo = MemoResiduals::with_unknowns(problem, 1);
    assert_eq!(memo.residuals(&[3.0]), [2.0, 9.0]);
    assert_eq!((jacobians.get(), memo.evaluations()), (0, 1));
    assert_eq!(memo.jacobian(&[3.0]), [1.0, 6.0]);
    assert_eq!(memo.residuals(&[3.0]), [2.0, 9.0]);
    assert_eq!(memo.jacobian(&[3.0]), [1.0, 6.0]);
    assert_eq!((jacobians.get(), memo.evaluations()), (1, 2));
    assert_eq!(memo.residuals(&[2.0]), [1.0, 4.0]);
    assert_eq!(memo.jacobian(&[3.0]), [1.0, 6.0]);
    assert_eq!((jacobians.get(), memo.evaluations()), (2, 4));
}

#[test]
#[should_panic(expected = "the place for a Jacobian of 2 residuals by 1 unknowns")]
fn a_place_of_another_size() {
    let _ = MemoResiduals::new(rosenbrock(), [0.0; 1], [0.0; 2], [0.0; 3]);
}

#[test]
fn rows_of_numbers() {
    let mut x = [1.0, 2.0, 3.0];
    assert_eq!(array::<3>(&x), &[1.0, 2.0, 3.0]);
    array_mut::<3>(&mut x)[1] = 5.0;
    assert_eq!(x[1], 5.0);
    let mut row = [0.0; 5];
    assert_eq!(
        flatten(&(vec![1.0, 2.0], 7_usize, [[3.0_f32]; 2]), &mut row),
        4
    );
    assert_eq!(row, [1.0, 2.0, 3.0, 3.0, 0.0]);
    let mut model = (vec![0.0; 2], 7_usize, [[0.0_f32]; 2]);
    unflatten(&row[..4], &mut model);
    assert_eq!(model, (vec![1.0, 2.0], 7, [[3.0], [3.0]]));
}

#[test]
#[should_panic(expected = "the function has 2 unknowns, and the solver hands over 3")]
fn another_number_of_unknowns() {
    let _ = array::<2>(&[0.0; 3]);
}

#[test]
#[should_panic(expected = "the model has 1 floats, and the row 2")]
fn a_row_too_long() {
    unflatten(&[1.0, 2.0], &mut 0.0_f64);
}

#[test]
fn a_straight_line_has_the_textbook_covariance() {
    let xs = [0.0_f64, 1.0, 2.5, 4.0, 7.0];
    let ys = [1.1_f64, 2.9, 6.2, 8.7, 15.4];
    let mut problem = Problem {
        count: 5,
        residuals: |b: &[f64], out: &mut [f64]| {
            for i in 0..5 {
                out[i] = b[0] + b[1] * xs[i] - ys[i];
            }
        },
        jacobian: |_: &[f64], j: &mut [f64]| {
            j[..5].fill(1.0);
            j[5..].copy_from_slice(&xs);
        },
    };
    let mut solver = LevenbergMarquardt::new(2, 5);
    let mut b = [0.0; 2];
    let solution = solver.solve(&mut problem, &mut b).unwrap();

    let n = 5.0;
    let (mean_x, mean_y) = (xs.iter().sum::<f64>() / n, ys.iter().sum::<f64>() / n);
    let s_xx: f64 = xs.iter().map(|x| (x - mean_x).powi(2)).sum();
    let s_xy: f64 = xs
        .iter()
        .zip(&ys)
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let slope = s_xy / s_xx;
    let offset = mean_y - slope * mean_x;
    let sum: f64 = xs
        .iter()
        .zip(&ys)
        .map(|(x, y)| (offset + slope * x - y).powi(2))
        .sum();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-13 * (1.0 + b.abs()), "{a} {b}");
    near(b[0], offset);
    near(b[1], slope);
    near(solution.sum_of_squares, sum);
    let variance = sum / (n - 2.0);
    let mut covariance = [0.0; 4];
    solver.covariance(&mut covariance);
    near(covariance[3], variance / s_xx);
    near(covariance[0], variance * (1.0 / n + mean_x * mean_x / s_xx));
    near(covariance[1], -variance * mean_x / s_xx);
    assert_eq!(covariance[1], covariance[2]);
}

/// J. J. Moré, B. S. Garbow, K. E. Hillstrom, ACM TOMS 7 (1981), 17: problem 13. The Jacobian is singular at the solution.
#[test]
fn a_singular_solution() {
    let (root5, root10) = (5.0_f64.sqrt(), 10.0_f64.sqrt());
    let mut powell = Problem {
        count: 4,
        residuals: |x: &[f64], out: &mut [f64]| {
            let (a, b) = (x[1] - 2.0 * x[2], x[0] - x[3]);
            out.copy_from_slice(&[
                x[0] + 10.0 * x[1],
                root5 * (x[2] - x[3]),
                a * a,
                root10 * b * b,
            ]);
        },
        jacobian: |x: &[f64], j: &mut [f64]| {
            let (a, b) = (2.0 * (x[1] - 2.0 * x[2]), 2.0 * root10 * (x[0] - x[3]));
            let columns = [
                [1.0, 0.0, 0.0, b],
                [10.0, 0.0, a, 0.0],
                [0.0, root5, -2.0 * a, 0.0],
                [0.0, -root5, 0.0, -b],
            ];
            j.copy_from_slice(columns.as_flattened());
        },
    };
    let mut x = [3.0, -1.0, 0.0, 1.0];
    let solution = LevenbergMarquardt::new(4, 4).solve(&mut powell, &mut x);
    assert!(solution.unwrap().sum_of_squares < 1e-30);
    assert!(x.iter().all(|x| x.abs() < 1e-7), "{x:?}");
}

/// Residuals that are rounding at the solution have some direction, and that means nothing.
#[test]
fn residuals_that_are_rounding_at_the_solution() {
    const N: usize = 30;
    let mut ladder = Problem {
        count: N,
        residuals: |x: &[f64], out: &mut [f64]| {
            out[0] = x[0] - 0.3;
            for i in 1..N {
                out[i] = x[i] * x[i] - x[i - 1] - 1.0;
            }
        },
        jacobian: |x: &[f64], j: &mut [f64]| {
            j.fill(0.0);
            j[0] = 1.0;
            for i in 1..N {
                j[i * N + i] = 2.0 * x[i];
                j[(i - 1) * N + i] = -1.0;
            }
        },
    };
    let mut x = [1.0; N];
    let solution = LevenbergMarquardt::new(N, N)
        .solve(&mut ladder, &mut x)
        .unwrap();
    assert!(solution.sum_of_squares < 1e-28);
    // Far up, the fixed point of x² = x + 1.
    assert!((x[N - 1] - 0.5 * (1.0 + 5.0_f64.sqrt())).abs() < 1e-12);
}

#[test]
fn an_unknown_without_effect_stays() {
    let mut problem = Problem {
        count: 3,
        residuals: |x: &[f64], out: &mut [f64]| out.copy_from_slice(&[x[0] - 1.0, x[0] + 1.0, 0.0]),
        jacobian: |_: &[f64], j: &mut [f64]| j.copy_from_slice(&[1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    };
    let mut x = [5.0, 7.0];
    let solution = LevenbergMarquardt::new(2, 3)
        .solve(&mut problem, &mut x)
        .unwrap();
    assert!(x[0].abs() < 1e-14 && x[1] == 7.0 && (solution.sum_of_squares - 2.0).abs() < 1e-14);
}

#[test]
fn what_fails_says_why() {
    let mut x = [-1.2, 1.0];
    let steps = LevenbergMarquardt::new(2, 2)
        .steps(2)
        .solve(&mut rosenbrock(), &mut x);
    assert!(matches!(steps, Err(LeastSquaresError::Steps { found }) if found.steps == 2));

    let mut wrong = Problem {
        count: 1,
        residuals: |x: &[f64], out: &mut [f64]| out[0] = x[0] * x[0] + 1.0,
        jacobian: |x: &[f64], j: &mut [f64]| j[0] = -2.0 * x[0],
    };
    let error = LevenbergMarquardt::new(1, 1)
        .solve(&mut wrong, &mut [3.0])
        .unwrap_err();
    assert!(matches!(error, LeastSquaresError::Stuck { .. }));
    assert!(
        error
            .to_string()
            .contains("the Jacobian is not that of the residuals")
    );

    let mut pole = Problem {
        count: 1,
        residuals: |x: &[f64], out: &mut [f64]| out[0] = 1.0 / x[0],
        jacobian: |x: &[f64], j: &mut [f64]| j[0] = -1.0 / (x[0] * x[0]),
    };
    let error = LevenbergMarquardt::new(1, 1)
        .solve(&mut pole, &mut [0.0])
        .unwrap_err();
    assert!(matches!(error, LeastSquaresError::NotFinite { .. }));
}

/// Where a step leads outside the domain it is shortened.
#[test]
fn residuals_that_are_not_finite_everywhere() {
    let mut logarithm = Problem {
        count: 1,
        residuals: |x: &[f64], out: &mut [f64]| out[0] = x[0].ln() - 1.0,
        jacobian: |x: &[f64], j: &mut [f64]| j[0] = 1.0 / x[0],
    };
    let mut x = [20.0];
    LevenbergMarquardt::new(1, 1)
        .solve(&mut logarithm, &mut x)
        .unwrap();
    assert!((x[0] - 1.0_f64.exp()).abs() < 1e-14, "{x:?}");
}

#[test]
#[should_panic(expected = "1 residuals for 2 unknowns")]
fn fewer_residuals_than_unknowns() {
    let _ = LevenbergMarquardt::new(2, 1);
}

#[test]
fn neither_memos_nor_solver_allocate() {
    let mut memo = Memo::new(
        |x: &[f64], d: &mut [f64]| {
            d[0] += 1.0;
            x[0]
        },
        [0.0],
    );
    let mut residuals = MemoResiduals::new(rosenbrock(), [0.0; 2], [0.0; 2], [0.0; 4]);
    let mut solver = LevenbergMarquardt::new(2, 2);
    let mut problem = rosenbrock();
    let allocations = measure(|| {
        memo.value(&[1.0]);
        residuals.jacobian(&[1.0, 2.0]);
        solver.solve(&mut problem, &mut [-1.2, 1.0]).unwrap();
    });
    assert_eq!(allocations.count_total, 0);
}
