//! What `#[differentiable(check)]` runs: a gradient against finite differences of its function, at random points that are the same each time.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Real;
use crate::gradcheck::{Failure, Gradcheck, Report};
use crate::init::Generator;

/// How many points are tried.
const POINTS: usize = 16;

/// Draws the values of parameters.
pub struct Points(Generator);

/// What a parameter can be drawn as: a float, or an array of such.
pub trait Drawn {
    /// From the range.
    fn drawn(points: &mut Points, lo: f64, hi: f64) -> Self;
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl Drawn for $float {
            fn drawn(points: &mut Points, lo: f64, hi: f64) -> Self {
                Real::from_f64(lo + (hi - lo) * points.0.uniform())
            }
        }
    )*};
}
floats!(f32 f64);

impl<T: Drawn, const N: usize> Drawn for [T; N] {
    fn drawn(points: &mut Points, lo: f64, hi: f64) -> Self {
        core::array::from_fn(|_| T::drawn(points, lo, hi))
    }
}

impl Points {
    /// A value from the range.
    pub fn value<T: Drawn>(&mut self, range: core::ops::Range<f64>) -> T {
        T::drawn(self, range.start, range.end)
    }

    /// So many of them.
    pub fn list<T: Drawn>(&mut self, range: core::ops::Range<f64>, len: usize) -> Vec<T> {
        (0..len).map(|_| self.value(range.clone())).collect()
    }
}

/// The check that the attribute's tests make at each point.
pub fn checker() -> Gradcheck {
    Gradcheck::new()
}

/// Checks the gradient of the function `name` at points; `active` are the parameters that it is taken by, in their order.
///
/// # Panics
/// With a report, if it is wrong at one of them, or if the function is not finite at more than half of them.
#[track_caller]
pub fn check(
    name: &str,
    active: &[&str],
    mut at: impl FnMut(&mut Points) -> (String, Result<Report, Failure>),
) {
    let mut outside = Vec::new();
    let legend: Vec<String> = active
        .iter()
        .enumerate()
        .map(|(k, name)| format!("{k} is `{name}`"))
        .collect();
    for seed in 0..POINTS {
        let (point, outcome) = at(&mut Points(Generator::new(seed as u64)));
        match outcome {
            Ok(_) => {}
            // Not every range lies where the function is defined.
            Err(Failure::ValueNotFinite { .. } | Failure::NoNeighbourhood { .. }) => {
                outside.push(point)
            }
            Err(failure) => panic!(
                "`{name}_grad`, point {seed}: {failure}\n  at {point}\n  {}",
                legend.join(", ")
            ),
        }
    }
    if let Some(point) = outside.first().filter(|_| 2 * outside.len() > POINTS) {
        panic!(
            "`{name}` is not finite at {} of {POINTS} points, the first of them {point}: give ranges where it is, `check(x = 0.1..2.0)`",
            outside.len()
        );
    }
}

/// What a point is shown as.
pub fn shown<T: crate::Differentiable>(at: &T) -> String {
    struct Show(String);
    impl crate::Visitor<1, 0> for Show {
        fn leaf<T: Real>(&mut self, path: crate::Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
            let numbers: Vec<String> = x.iter().map(|x| format!("{:?}", x.to_f64())).collect();
            if !self.0.is_empty() {
                self.0 += ", ";
            }
            self.0 += &format!("{path} = [{}]", numbers.join(", "));
        }
    }
    let mut show = Show(String::new());
    T::visit([at], [], crate::Path::root(), &mut show);
    show.0
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn square(slope: f64, range: core::ops::Range<f64>, f: fn(f64) -> f64) {
        check("square", &["x"], |points| {
            let at = (points.value::<f64>(range.clone()),);
            let gradient = (slope * at.0,);
            let outcome = checker().check(|at: &(f64,)| f(at.0), &at, &gradient);
            (shown(&at), outcome)
        });
    }

    #[test]
    fn a_right_gradient_passes() {
        square(2.0, -1.0..1.0, |x| x * x);
        // Not defined everywhere in the range.
        square(2.0, -1.0..3.0, |x| if x < 0.0 { f64::NAN } else { x * x });
    }

    #[test]
    #[should_panic(expected = "`square_grad`, point 0: the gradient is wrong")]
    fn a_wrong_gradient_is_reported() {
        square(2.5, 1.0..2.0, |x| x * x);
    }

    #[test]
    #[should_panic(expected = "give ranges where it is")]
    fn a_function_that_is_nowhere_finite_is_reported() {
        square(2.0, -1.0..1.0, |_| f64::NAN);
    }

    #[test]
    fn points_are_drawn_from_the_range_and_shown() {
        let mut points = Points(Generator::new(1));
        let a: [[f32; 2]; 3] = points.value(3.0..4.0);
        assert!(a.as_flattened().iter().all(|x| (3.0..4.0).contains(x)));
        assert_eq!(points.list::<f64>(0.0..1.0, 4).len(), 4);
        assert_eq!(
            shown(&(0.5_f64, vec![1.0_f32, 2.0])),
            "0 = [0.5], 1 = [1.0, 2.0]"
        );
    }
}
