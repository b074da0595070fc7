//! Gradients of functions over vectors and matrices, against finite differences with an estimate of their error.

use backprop::gradcheck::Gradcheck;
use backprop::prelude::*;
use example_nalgebra::{
    Matrix, Vector, add_scaled, dot, inverse, log_determinant, norm, norm_grad, product, solve,
    transpose,
};
use nalgebra::{Matrix3, SMatrix, Vector3};

/// Minus the log density of a normal distribution, up to a constant.
#[differentiable]
fn misfit(x: &Vector<3>, mean: &Vector<3>, covariance: &Matrix<3, 3>) -> f64 {
    let off: Vector<3> = add_scaled(x, -1.0, mean);
    let weighted: Vector<3> = solve(covariance, &off);
    0.5 * (dot(&off, &weighted) + log_determinant(covariance))
}

/// Not square, in a loop, with elements, and the same matrix twice.
#[differentiable]
fn network(weights: &Matrix<3, 2>, x: &Vector<2>, rounds: f64) -> f64 {
    let mut state = *x;
    let mut sum = 0.0;
    for _ in 0..3 {
        let hidden: Vector<3> = product(weights, &state);
        let mut bent = hidden;
        for i in 0..3 {
            bent.columns[0][i] = hidden.columns[0][i].tanh();
        }
        let back: Matrix<2, 3> = transpose(weights);
        let next: Vector<2> = product(&back, &bent);
        state = add_scaled(&state, rounds, &next);
        sum += norm(&state);
    }
    sum
}

#[differentiable]
fn of_inverse(a: &Matrix<3, 3>) -> f64 {
    let inverted: Matrix<3, 3> = inverse(a);
    let turned: Matrix<3, 3> = transpose(&inverted);
    let square: Matrix<3, 3> = product(&inverted, &turned);
    dot(&square, a)
}

fn covariance() -> Matrix<3, 3> {
    Matrix3::new(2.0, 0.3, -0.5, 0.3, 1.5, 0.2, -0.5, 0.2, 1.0).into()
}

#[test]
fn a_normal_distribution() {
    let x: Vector<3> = Vector3::new(0.4, -1.0, 2.0).into();
    let mean: Vector<3> = Vector3::new(0.1, 0.5, 1.0).into();
    let covariance = covariance();
    let mut d = (x, mean, covariance).zeros_like();
    misfit_grad(&x, &mut d.0, &mean, &mut d.1, &covariance, &mut d.2);
    // Cholesky's factorisation reads one triangle and takes the other one for the same: along symmetric changes only.
    let along = |d: Matrix<3, 3>| {
        let d = d.to_nalgebra();
        Matrix::from(0.5 * (d + d.transpose()))
    };
    let symmetric =
        |(x, mean, c): &(Vector<3>, Vector<3>, Matrix<3, 3>)| misfit(x, mean, &along(*c));
    Gradcheck::new()
        .check(symmetric, &(x, mean, covariance), &(d.0, d.1, along(d.2)))
        .unwrap();

    // The closed form: by x, the solution itself.
    let off = x.to_nalgebra() - mean.to_nalgebra();
    let wanted = covariance.to_nalgebra().try_inverse().unwrap() * off;
    assert!((d.0.to_nalgebra() - wanted).norm() < 1e-14);
}

#[test]
fn a_loop_over_products() {
    let weights: Matrix<3, 2> = SMatrix::<f64, 3, 2>::new(0.5, -1.0, 0.3, 0.8, -0.2, 0.9).into();
    let x: Vector<2> = SMatrix::<f64, 2, 1>::new(0.7, -0.4).into();
    let (mut d_weights, mut d_x) = (weights.zeros_like(), x.zeros_like());
    let (_, d_rounds) = network_grad(&weights, &mut d_weights, &x, &mut d_x, 0.3);
    let function = |(w, x, r): &(Matrix<3, 2>, Vector<2>, f64)| network(w, x, *r);
    Gradcheck::new()
        .check(function, &(weights, x, 0.3), &(d_weights, d_x, d_rounds))
        .unwrap();
}

#[test]
fn an_inverse() {
    let a = covariance();
    let mut d_a = a.zeros_like();
    of_inverse_grad(&a, &mut d_a);
    Gradcheck::new().check(of_inverse, &a, &d_a).unwrap();
}

#[test]
fn nothing_has_no_direction() {
    let zero = Vector::<2> {
        columns: [[0.0; 2]],
    };
    let mut d = zero.zeros_like();
    assert_eq!(norm_grad(&zero, &mut d), 0.0);
    assert_eq!(d, zero);
}

#[test]
#[should_panic(expected = "the matrix is singular")]
fn a_singular_matrix() {
    let _ = inverse(&Matrix::<2, 2> {
        columns: [[1.0, 2.0], [2.0, 4.0]],
    });
}
