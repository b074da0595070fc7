//! How far two vectors are apart.

/// Entries smaller than this part of the largest are compared with that part instead of themselves: they are differences of large numbers.
const SMALL: f64 = 1e-9;

/// The largest relative error of an entry. Infinite where the lengths differ or an entry is not a number.
pub(crate) fn relative_error(found: &[f64], wanted: &[f64]) -> f64 {
    if found.len() != wanted.len() {
        return f64::INFINITY;
    }
    let largest = wanted.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let error = |(a, b): (&f64, &f64)| match (a - b).abs() {
        0.0 => 0.0,
        difference if difference.is_nan() => f64::INFINITY,
        difference => difference / b.abs().max(SMALL * largest),
    };
    found.iter().zip(wanted).map(error).fold(0.0, f64::max)
}
