//! Newton's method, damped where the Hessian is not positive definite or a step leads up.

use super::Second;

/// Where the method ends, and the value there.
pub(crate) fn minimise<const N: usize>(
    second: &dyn Fn(&[f64; N]) -> Second<N>,
    start: [f64; N],
) -> ([f64; N], f64) {
    let (mut x, mut damping) = (start, 0.0);
    // What damping adds to: the unknowns' curvature, so that their units do not matter.
    let mut scale = [0.0_f64; N];
    let (mut value, mut gradient, mut hessian) = second(&x);
    for _ in 0..3000 {
        for k in 0..N {
            let largest = hessian[k].iter().fold(0.0, |m, h| f64::max(m, h.abs()));
            scale[k] = scale[k].max(largest);
        }
        let step = damped(&hessian, &scale, damping).and_then(|factor| solve(&factor, &gradient));
        let moved: Option<[f64; N]> = step.map(|step| core::array::from_fn(|k| x[k] - step[k]));
        if let Some(moved) = moved {
            if moved == x {
                break;
            }
            let there = second(&moved);
            if there.0 < value {
                x = moved;
                (value, gradient, hessian) = there;
                damping = if damping < 1e-14 { 0.0 } else { 0.2 * damping };
                continue;
            }
        }
        damping = f64::max(4.0 * damping, 1e-12);
        if damping > 1e16 {
            break;
        }
    }
    (x, value)
}

/// Cholesky's factor of the Hessian plus a multiple of the diagonal; none where that is not positive definite.
fn damped<const N: usize>(
    hessian: &[[f64; N]; N],
    scale: &[f64; N],
    damping: f64,
) -> Option<[[f64; N]; N]> {
    let mut factor = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let mut sum = hessian[i][j];
            if i == j {
                sum += damping * f64::max(scale[i], f64::MIN_POSITIVE);
            }
            for k in 0..j {
                sum -= factor[i][k] * factor[j][k];
            }
            factor[i][j] = if i > j {
                sum / factor[j][j]
            } else if sum > 0.0 {
                sum.sqrt()
            } else {
                return None;
            };
        }
    }
    Some(factor)
}

fn solve<const N: usize>(factor: &[[f64; N]; N], right: &[f64; N]) -> Option<[f64; N]> {
    let mut x = *right;
    for i in 0..N {
        for k in 0..i {
            x[i] -= factor[i][k] * x[k];
        }
        x[i] /= factor[i][i];
    }
    for i in (0..N).rev() {
        for k in i + 1..N {
            x[i] -= factor[k][i] * x[k];
        }
        x[i] /= factor[i][i];
    }
    x.iter().all(|x| x.is_finite()).then_some(x)
}
