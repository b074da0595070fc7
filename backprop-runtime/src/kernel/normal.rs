//! Rows made comparable: softmax, and normalisation by mean and variance or by the mean square.

use super::instructions::versions;
use super::rule::kernel;
use super::shape;
use crate::__private::lanes;
use crate::Real;
use crate::math;

kernel! {
    /// The softmax of each row of so many columns: yᵢ = exp(xᵢ)/Σ exp(xⱼ), without overflow.
    ///
    /// A row may hold −∞: what it stands for gets 0; of a row of nothing else comes NaN.
    ///
    /// # Panics
    /// If the lengths differ, or the last row is not whole.
    ///
    /// ```
    /// # use backprop_runtime::kernel::softmax;
    /// let mut y = [0.0; 4];
    /// softmax(&[0.0, 0.0, 1000.0, f64::NEG_INFINITY], &mut y, 2);
    /// assert_eq!(y, [0.5, 0.5, 1.0, 0.0]);
    /// ```
    softmax, softmax_vjp, softmax_jvp:
    in (x d_x Mx) out (y d_y My) with (columns: usize | usize, Mc)
    run run_softmax, pull pull_softmax, push push_softmax
}

#[track_caller]
fn run_softmax<T: Real>(x: &[T], y: &mut [T], columns: usize) {
    shape::same("softmax", ("x", x.len()), ("y", y.len()));
    shape::rows("softmax", "x", x.len(), columns);
    if columns > 0 {
        softmax_rows(x, y, columns);
    }
}

versions! {
    fn softmax_rows<T: Real>(x: &[T], y: &mut [T], columns: usize) {
        for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(columns)) {
            y.copy_from_slice(x);
            softmax_row(y, T::from_f64(1.0));
        }
    }
}

/// One row, from y to y.
#[inline(always)]
pub(super) fn softmax_row<T: Real>(y: &mut [T], factor: T) {
    let larger = |a: T, x: T| if x > a { x } else { a };
    // In lanes, since each comparison waits for the one before. A NaN shows in the sum.
    let (chunks, rest) = y.as_chunks::<16>();
    let mut lane = [T::NEG_INFINITY; 16];
    for chunk in chunks {
        for l in 0..16 {
            lane[l] = larger(lane[l], chunk[l]);
        }
    }
    let all = lane.iter().chain(rest);
    let largest = all.fold(T::NEG_INFINITY, |a, &x| larger(a, x));
    for y in &mut *y {
        *y = math::exp((*y - largest) * factor);
    }
    let inverse = T::from_f64(1.0) / lanes([&*y], |[y]| y);
    for y in y {
        *y *= inverse;
    }
}

/// dxᵢ += yᵢ·(dyᵢ − Σ dyⱼ·yⱼ).
fn pull_softmax<T: Real>(
    _: &[T],
    d_x: Option<&mut [T]>,
    y: &mut [T],
    d_y: &mut [T],
    columns: usize,
) {
    if let Some(d_x) = d_x
        && columns > 0
    {
        pull_softmax_rows(d_x, y, d_y, columns);
    }
}

versions! {
    fn pull_softmax_rows<T: Real>(d_x: &mut [T], y: &[T], d_y: &[T], columns: usize) {
        let rows = y.chunks_exact(columns).zip(d_y.chunks_exact(columns));
        for (d_x, (y, d_y)) in d_x.chunks_exact_mut(columns).zip(rows) {
            let along = lanes([y, d_y], |[y, d]| y * d);
            for (d_x, (&y, &d)) in d_x.iter_mut().zip(y.iter().zip(d_y)) {
                *d_x += y * (d - along);
            }
        }
    }
}

/// The matrix of derivatives is symmetric.
fn push_softmax<T: Real>(x: &[T], v_x: Option<&[T]>, y: &mut [T], v_y: &mut [T], columns: usize) {
    v_y.fill(T::from_f64(0.0));
    if let Some(v_x) = v_x
        && columns > 0
        && !x.is_empty()
    {
        pull_softmax_rows(v_y, y, v_x, columns);
    }
}

kernel! {
    /// Layer normalisation: in each row y = (x − mean)/√(variance + ε)·scale + shift, where `scale` and `shift` have an element for each column.
    ///
    /// The variance is that of the row's elements, Σ (x − mean)²/n. After J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization, arXiv:1607.06450. The reverse sweep
    /// computes the two again, from `x`.
    ///
    /// # Panics
    /// If the lengths of `x` and `y`, or of `scale` and `shift`, differ, or the last row is not whole.
    layer_norm, layer_norm_vjp, layer_norm_jvp:
    in (x d_x Mx, scale d_scale Ms, shift d_shift Mt) out (y d_y My) with (epsilon: f64 | f64, Me)
    run run_layer_norm, pull pull_layer_norm, push push_layer_norm
}

#[track_caller]
fn run_layer_norm<T: Real>(x: &[T], scale: &[T], shift: &[T], y: &mut [T], epsilon: f64) {
    shape::same("layer_norm", ("x", x.len()), ("y", y.len()));
    shape::same("layer_norm", ("scale", scale.len()), ("shift", shift.len()));
    shape::rows("layer_norm", "x", x.len(), scale.len());
    if !scale.is_empty() {
        layer_norm_rows(x, scale, shift, y, T::from_f64(epsilon));
    }
}

versions! {
    fn layer_norm_rows<T: Real>(x: &[T], scale: &[T], shift: &[T], y: &mut [T], epsilon: T) {
        let n = scale.len();
        for (x, y) in x.chunks_exact(n).zip(y.chunks_exact_mut(n)) {
            let (mean, inverse) = moments(x, epsilon);
            for i in 0..n {
                y[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
            }
        }
    }
}

/// The mean of a row, and 1/√(variance + ε).
#[inline(always)]
fn moments<T: Real>(x: &[T], epsilon: T) -> (T, T) {
    let n = T::from_f64(x.len() as f64);
    let mean = lanes([x], |[x]| x) / n;
    let variance = lanes([x], |[x]| (x - mean) * (x - mean)) / n;
    (mean, T::from_f64(1.0) / (variance + epsilon).sqrt())
}

fn pull_layer_norm<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    scale: &[T],
    d_scale: Option<&mut [T]>,
    _: &[T],
    d_shift: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    epsilon: f64,
) {
    if scale.is_empty() {
        return;
    }
    if let Some(d_shift) = d_shift {
        super::vector::add_rows(d_y, d_shift);
    }
    pull_layer_norm_rows(x, d_x, scale, d_scale, d_y, T::from_f64(epsilon));
}

versions! {
    /// With z = (x − mean)/√(variance + ε) and g = dy·scale: dx += (g − mean(g) − z·mean(g·z))/√(variance + ε), dscale += dy·z.
    fn pull_layer_norm_rows<T: Real>(
        x: &[T],
        d_x: Option<&mut [T]>,
        scale: &[T],
        d_scale: Option<&mut [T]>,
        d_y: &[T],
        epsilon: T,
    ) {
        let n = scale.len();
        let count = T::from_f64(n as f64);
        let (mut d_x, mut d_scale) = (d_x, d_scale);
        for (r, (x, d_y)) in x.chunks_exact(n).zip(d_y.chunks_exact(n)).enumerate() {
            let (mean, inverse) = moments(x, epsilon);
            if let Some(d_scale) = &mut d_scale {
                for i in 0..n {
                    d_scale[i] += d_y[i] * ((x[i] - mean) * inverse);
                }
            }
            if let Some(d_x) = &mut d_x {
                let d_x = &mut d_x[r * n..][..n];
                let along = lanes([d_y, scale], |[d, s]| d * s) / count;
                let along_z = lanes([d_y, scale, x], |[d, s, x]| d * s * ((x - mean) * inverse)) / count;
                for i in 0..n {
                    let z = (x[i] - mean) * inverse;
                    d_x[i] += (d_y[i] * scale[i] - along - z * along_z) * inverse;
                }
            }
        }
    }
}

fn push_layer_norm<T: Real>(
    x: &[T],
    v_x: Option<&[T]>,
    scale: &[T],
    v_scale: Option<&[T]>,
    _: &[T],
    v_shift: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    epsilon: f64,
) {
    if scale.is_empty() {
        return;
    }
    match v_shift {
        Some(v_shift) => v_y
            .chunks_exact_mut(scale.len())
            .for_each(|row| row.copy_from_slice(v_shift)),
        None => v_y.fill(T::from_f64(0.0)),
    }
    push_layer_norm_rows(x, v_x, scale, v_scale, v_y, T::from_f64(epsilon));
}

versions! {
    /// With z = (x − mean)/√(variance + ε): vz = (v − mean(v) − z·mean(v·z))/√(variance + ε), vy += vz·scale + z·vscale.
    fn push_layer_norm_rows<T: Real>(
        x: &[T],
        v_x: Option<&[T]>,
        scale: &[T],
        v_scale: Option<&[T]>,
        v_y: &mut [T],
        epsilon: T,
    ) {
        let n = scale.len();
        let count = T::from_f64(n as f64);
        for (r, (x, v_y)) in x.chunks_exact(n).zip(v_y.chunks_exact_mut(n)).enumerate() {
            let (mean, inverse) = moments(x, epsilon);
            if let Some(v_scale) = v_scale {
                for i in 0..n {
                    v_y[i] += (x[i] - mean) * inverse * v_scale[i];
                }
            }
            if let Some(v_x) = v_x {
                let v = &v_x[r * n..][..n];
                let along = lanes([v], |[v]| v) / count;
                let along_z = lanes([v, x], |[v, x]| v * ((x - mean) * inverse)) / count;
                for i in 0..n {
                    let z = (x[i] - mean) * inverse;
                    v_y[i] += (v[i] - along - z * along_z) * inverse * scale[i];
                }
            }
        }
    }
}

kernel! {
    /// Normalisation by the root of the mean square: in each row y = x/√(Σ x²/n + ε)·scale, where `scale` has an element for each column.
    ///
    /// After B. Zhang, R. Sennrich, Root Mean Square Layer Normalization, arXiv:1910.07467.
    ///
    /// # Panics
    /// If the lengths of `x` and `y` differ, or the last row is not whole.
    rms_norm, rms_norm_vjp, rms_norm_jvp:
    in (x d_x Mx, scale d_scale Ms) out (y d_y My) with (epsilon: f64 | f64, Me)
    run run_rms_norm, pull pull_rms_norm, push push_rms_norm
}

#[track_caller]
fn run_rms_norm<T: Real>(x: &[T], scale: &[T], y: &mut [T], epsilon: f64) {
    shape::same("rms_norm", ("x", x.len()), ("y", y.len()));
    shape::rows("rms_norm", "x", x.len(), scale.len());
    if !scale.is_empty() {
        rms_norm_rows(x, scale, y, T::from_f64(epsilon));
    }
}

versions! {
    fn rms_norm_rows<T: Real>(x: &[T], scale: &[T], y: &mut [T], epsilon: T) {
        let n = scale.len();
        for (x, y) in x.chunks_exact(n).zip(y.chunks_exact_mut(n)) {
            let inverse = inverse_root(x, epsilon);
            for i in 0..n {
                y[i] = x[i] * inverse * scale[i];
            }
        }
    }
}

/// 1/√(mean square + ε).
#[inline(always)]
fn inverse_root<T: Real>(x: &[T], epsilon: T) -> T {
    let square = lanes([x], |[x]| x * x) / T::from_f64(x.len() as f64);
    T::from_f64(1.0) / (square + epsilon).sqrt()
}

fn pull_rms_norm<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    scale: &[T],
    d_scale: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    epsilon: f64,
) {
    if !scale.is_empty() {
        pull_rms_norm_rows(x, d_x, scale, d_scale, d_y, T::from_f64(epsilon));
    }
}

versions! {
    /// With z = x/root and g = dy·scale: dx += (g − z·mean(g·z))/root, dscale += dy·z.
    fn pull_rms_norm_rows<T: Real>(
        x: &[T],
        d_x: Option<&mut [T]>,
        scale: &[T],
        d_scale: Option<&mut [T]>,
        d_y: &[T],
        epsilon: T,
    ) {
        let n = scale.len();
        let count = T::from_f64(n as f64);
        let (mut d_x, mut d_scale) = (d_x, d_scale);
        for (r, (x, d_y)) in x.chunks_exact(n).zip(d_y.chunks_exact(n)).enumerate() {
            let inverse = inverse_root(x, epsilon);
            if let Some(d_scale) = &mut d_scale {
                for i in 0..n {
                    d_scale[i] += d_y[i] * (x[i] * inverse);
                }
            }
            if let Some(d_x) = &mut d_x {
                let d_x = &mut d_x[r * n..][..n];
                let along = lanes([d_y, scale, x], |[d, s, x]| d * s * (x * inverse)) / count;
                for i in 0..n {
                    d_x[i] += (d_y[i] * scale[i] - x[i] * inverse * along) * inverse;
                }
            }
        }
    }
}

fn push_rms_norm<T: Real>(
    x: &[T],
    v_x: Option<&[T]>,
    scale: &[T],
    v_scale: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    epsilon: f64,
) {
    v_y.fill(T::from_f64(0.0));
    if !scale.is_empty() {
        push_rms_norm_rows(x, v_x, scale, v_scale, v_y, T::from_f64(epsilon));
    }
}

versions! {
    /// With z = x/root: vz = (v − z·mean(v·z))/root, vy += vz·scale + z·vscale.
    fn push_rms_norm_rows<T: Real>(
        x: &[T],
        v_x: Option<&[T]>,
        scale: &[T],
        v_scale: Option<&[T]>,
        v_y: &mut [T],
        epsilon: T,
    ) {
        let n = scale.len();
        let count = T::from_f64(n as f64);
        for (r, (x, v_y)) in x.chunks_exact(n).zip(v_y.chunks_exact_mut(n)).enumerate() {
            let inverse = inverse_root(x, epsilon);
            if let Some(v_scale) = v_scale {
                for i in 0..n {
                    v_y[i] += x[i] * inverse * v_scale[i];
                }
            }
            if let Some(v_x) = v_x {
                let v = &v_x[r * n..][..n];
                let along = lanes([v, x], |[v, x]| v * (x * inverse)) / count;
                for i in 0..n {
                    v_y[i] += (v[i] - x[i] * inverse * along) * inverse * scale[i];
                }
            }
        }
    }
}
