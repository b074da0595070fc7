//! The test problems of J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing unconstrained optimization software, ACM Transactions on Mathematical Software 7 (1981), 17.
//!
//! For each: the gradient against finite differences of the function, the Hessian against finite differences of the gradient, both with estimates of their errors; the Hessian is
//! symmetric; and Newton's method with it reaches the published minimum from the published starting point.

#![allow(
    clippy::needless_range_loop,
    reason = "formulas with indices are written as the paper has them"
)]

#[path = "../common/mod.rs"]
mod common;
mod fixed;
mod newton;
mod sized;

use common::derivative;

/// Value, gradient and Hessian.
type Second<const N: usize> = (f64, [f64; N], [[f64; N]; N]);

/// Checks all derivatives at a point, in units of the unknowns' own sizes.
#[track_caller]
fn check_derivatives<const N: usize>(
    f: &dyn Fn(&[f64; N]) -> f64,
    second: &dyn Fn(&[f64; N]) -> Second<N>,
    x: &[f64; N],
) {
    let size = x.map(|x| if x == 0.0 { 1.0 } else { x.abs() });
    let moved = |k: usize, h: f64| {
        let mut moved = *x;
        moved[k] += h * size[k];
        moved
    };
    let (value, gradient, hessian) = second(x);
    assert_eq!(value, f(x));
    let scaled: [f64; N] = core::array::from_fn(|k| gradient[k] * size[k]);
    let steepest = scaled
        .iter()
        .fold(value.abs(), |steepest, d| f64::max(steepest, d.abs()));
    for k in 0..N {
        let (want, error) = derivative(|h| f(&moved(k, 0.1 * h)));
        let (want, error) = (10.0 * want, 10.0 * error);
        let tolerance = 1e-8 * steepest.max(1e-12) + 4.0 * error;
        assert!(
            error < 1e-5 * steepest.max(1e-10),
            "entry {k}: the differences are no good: {want} ± {error}"
        );
        assert!(
            (scaled[k] - want).abs() <= tolerance,
            "entry {k}: got {}, wanted {want} ± {error:.1e}",
            scaled[k]
        );
    }
    let entry = |j: usize, k: usize| hessian[j][k] * size[j] * size[k];
    let largest = (0..N * N).fold(steepest, |largest, i| {
        f64::max(largest, entry(i / N, i % N).abs())
    });
    for j in 0..N {
        for k in 0..N {
            let (want, error) = derivative(|h| second(&moved(k, 0.1 * h)).1[j] * size[j]);
            let (want, error) = (10.0 * want, 10.0 * error);
            assert!(
                error < 1e-5 * largest,
                "entry {j}, {k}: the differences are no good: {want} ± {error}"
            );
            assert!(
                (entry(j, k) - want).abs() <= 1e-8 * largest + 4.0 * error,
                "entry {j}, {k}: got {}, wanted {want} ± {error:.1e}",
                entry(j, k)
            );
            assert!(
                (entry(j, k) - entry(k, j)).abs() <= 1e-13 * largest,
                "entry {j}, {k} is not entry {k}, {j}"
            );
        }
    }
}

/// From `start`, with one of the published `minima` at the end.
#[track_caller]
fn check<const N: usize>(
    f: &dyn Fn(&[f64; N]) -> f64,
    second: &dyn Fn(&[f64; N]) -> Second<N>,
    start: [f64; N],
    minima: &[f64],
) {
    check_derivatives(f, second, &start);
    // Somewhere else, off all symmetries.
    check_derivatives(
        f,
        second,
        &core::array::from_fn(|k| start[k] * (0.9 + 0.03 * k as f64) + 0.01),
    );
    let (x, value) = newton::minimise(second, start);
    let reached = |minimum: &&f64| (value - **minimum).abs() <= 1e-5 * **minimum + 1e-14;
    assert!(
        minima.iter().any(|minimum| reached(&minimum)),
        "{value:e} at {x:?}, wanted one of {minima:?}"
    );
}

macro_rules! problems {
    ($($module:ident :: $f:ident, $hessian:ident, $start:expr, $minima:expr;)*) => {$(
        #[test]
        fn $f() {
            check(&$module::$f, &$module::$hessian, $start, &$minima);
        }
    )*};
}

problems! {
    fixed::rosenbrock, rosenbrock_hessian, [-1.2, 1.0], [0.0];
    fixed::freudenstein_roth, freudenstein_roth_hessian, [0.5, -2.0], [0.0, 48.98425];
    fixed::powell_badly_scaled, powell_badly_scaled_hessian, [0.0, 1.0], [0.0];
    fixed::brown_badly_scaled, brown_badly_scaled_hessian, [1.0, 1.0], [0.0];
    fixed::beale, beale_hessian, [1.0, 1.0], [0.0];
    fixed::jennrich_sampson, jennrich_sampson_hessian, [0.3, 0.4], [124.3622];
    fixed::helical_valley, helical_valley_hessian, [-1.0, 0.0, 0.0], [0.0];
    fixed::bard, bard_hessian, [1.0, 1.0, 1.0], [8.21487e-3];
    fixed::gaussian, gaussian_hessian, [0.4, 1.0, 0.0], [1.12793e-8];
    fixed::meyer, meyer_hessian, [0.02, 4000.0, 250.0], [87.9458];
    fixed::gulf, gulf_hessian, [5.0, 2.5, 0.15], [0.0];
    fixed::box_three, box_three_hessian, [0.0, 10.0, 20.0], [0.0];
    fixed::powell_singular, powell_singular_hessian, [3.0, -1.0, 0.0, 1.0], [0.0];
    fixed::wood, wood_hessian, [-3.0, -1.0, -3.0, -1.0], [0.0];
    fixed::kowalik_osborne, kowalik_osborne_hessian, [0.25, 0.39, 0.415, 0.39], [3.07505e-4];
    fixed::brown_dennis, brown_dennis_hessian, [25.0, 5.0, -5.0, -1.0], [85822.2];
    fixed::osborne_one, osborne_one_hessian, [0.5, 1.5, -1.0, 0.01, 0.02], [5.46489e-5];
    fixed::biggs, biggs_hessian, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], [0.0, 5.65565e-3];
    fixed::osborne_two, osborne_two_hessian, [1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5], [4.01377e-2];
    sized::watson, watson_hessian, [0.0; 6], [2.28767e-3];
    sized::extended_rosenbrock, extended_rosenbrock_hessian, [-1.2, 1.0, -1.2, 1.0, -1.2, 1.0, -1.2, 1.0, -1.2, 1.0], [0.0];
    sized::extended_powell, extended_powell_hessian, [3.0, -1.0, 0.0, 1.0, 3.0, -1.0, 0.0, 1.0], [0.0];
    sized::penalty_one, penalty_one_hessian, [1.0, 2.0, 3.0, 4.0], [2.24997e-5];
    sized::penalty_two, penalty_two_hessian, [0.5; 4], [9.37629e-6];
    sized::variably_dimensioned, variably_dimensioned_hessian, core::array::from_fn(|j| 1.0 - (j + 1) as f64 / 6.0), [0.0];
    sized::trigonometric, trigonometric_hessian, [0.2; 5], [0.0];
    sized::brown_almost_linear, brown_almost_linear_hessian, [0.5; 5], [0.0, 1.0];
    sized::boundary_value, boundary_value_hessian, core::array::from_fn(|j| (j + 1) as f64 / 7.0 * ((j + 1) as f64 / 7.0 - 1.0)), [0.0];
    sized::integral_equation, integral_equation_hessian, core::array::from_fn(|j| (j + 1) as f64 / 7.0 * ((j + 1) as f64 / 7.0 - 1.0)), [0.0];
    sized::broyden_tridiagonal, broyden_tridiagonal_hessian, [-1.0; 8], [0.0];
    sized::broyden_banded, broyden_banded_hessian, [-1.0; 8], [0.0];
    sized::linear_full_rank, linear_full_rank_hessian, [1.0; 5], [5.0];
    sized::linear_rank_one, linear_rank_one_hessian, [1.0; 5], [90.0 / 42.0];
    sized::linear_zero_columns, linear_zero_columns_hessian, [1.0; 5], [124.0 / 34.0];
    sized::chebyquad, chebyquad_hessian, core::array::from_fn(|j| (j + 1) as f64 / 9.0), [3.51687e-3];
}
