//! Vectors: products, sums, and what is linear in them.

use backprop_macros::differentiable;

use super::instructions::versions;
use super::rule::kernel;
use super::shape::same;
use crate::__private::{
    Along, HasDerivative, HasJvp, HasLanes, HasSecond, HasTangent, Keep, MayLeave, Part, Rest,
    ResultOf, Slot, Travels, lanes,
};
use crate::Real;

/// The inner product Σ xᵢ·yᵢ of two vectors of one length.
///
/// Summed in several lanes: the order is not that of a loop.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::kernel::dot;
/// assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
/// ```
#[track_caller]
pub fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    same("dot", ("x", x.len()), ("y", y.len()));
    dot_of(x, y)
}

/// [`dot`] and its vector-Jacobian product: adds `d_ret` times the other vector to the gradient of each.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn dot_vjp<T: Real>(x: &[T], d_x: &mut [T], y: &[T], d_y: &mut [T], d_ret: T) -> T {
    let value = dot(x, y);
    axpy(d_ret, y, d_x);
    axpy(d_ret, x, d_y);
    value
}

/// [`dot`] and its gradient.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn dot_grad<T: Real>(x: &[T], d_x: &mut [T], y: &[T], d_y: &mut [T]) -> T {
    dot_vjp(x, d_x, y, d_y, T::from_f64(1.0))
}

/// [`dot`] and its derivative along tangents of both.
///
/// # Panics
/// If the lengths differ.
#[track_caller]
pub fn dot_jvp<T: Real>(x: &[T], d_x: &[T], y: &[T], d_y: &[T]) -> (T, T) {
    (dot(x, y), dot(d_x, y) + dot(x, d_y))
}

// As `rule::kernel` writes it for functions without a result: either gradient may not be wanted.
#[doc(hidden)]
#[allow(
    non_camel_case_types,
    reason = "the attribute's protocol: a type of the function's name"
)]
pub struct dot {}

#[doc(hidden)]
impl dot {
    #[track_caller]
    #[inline]
    pub fn sweep<T: Real, Mx: MayLeave, My: MayLeave, K: Keep, P: Part>(
        x: &[T],
        mut d_x: Slot<'_, [T], Mx>,
        y: &[T],
        mut d_y: Slot<'_, [T], My>,
        d_ret: T,
        _: &mut K,
        _: P,
    ) -> P::Value<T> {
        d_x.with(|d_x| axpy(d_ret, y, d_x));
        d_y.with(|d_y| axpy(d_ret, x, d_y));
        if P::REST {
            P::nothing()
        } else {
            P::value(dot(x, y))
        }
    }

    #[track_caller]
    #[inline]
    #[allow(clippy::type_complexity, reason = "the attribute's protocol")]
    pub fn forward<T: Real, Mx: MayLeave, My: MayLeave, K: Keep>(
        x: &[T],
        y: &[T],
        _: ResultOf<T>,
    ) -> (
        T,
        impl FnOnce(&[T], Slot<'_, [T], Mx>, &[T], Slot<'_, [T], My>, T, &mut K) + use<T, Mx, My, K>,
    ) {
        (
            dot(x, y),
            |x: &[T],
             d_x: Slot<'_, [T], Mx>,
             y: &[T],
             d_y: Slot<'_, [T], My>,
             seed,
             store: &mut K| {
                dot::sweep(x, d_x, y, d_y, seed, store, Rest);
            },
        )
    }

    #[track_caller]
    #[inline]
    pub fn tangent<T: Real, Mx: Travels, My: Travels, P: HasJvp>(
        x: &[T],
        d_x: Along<&[T], Mx>,
        y: &[T],
        d_y: Along<&[T], My>,
        _: &P,
    ) -> (T, T) {
        (dot(x, y), along(x, &d_x, y, &d_y))
    }

    #[track_caller]
    #[inline]
    pub fn tangents<T: Real, Mx: Travels, My: Travels, P: HasLanes>(
        x: &[T],
        d_x: [Along<&[T], Mx>; 4],
        y: &[T],
        d_y: [Along<&[T], My>; 4],
        _: &P,
    ) -> (T, [T; 4]) {
        let lane = |lane: usize| along(x, &d_x[lane], y, &d_y[lane]);
        (dot(x, y), core::array::from_fn(lane))
    }

    #[track_caller]
    #[inline]
    pub fn second<
        T: Real,
        Mx: Travels,
        My: Travels,
        Dx: MayLeave,
        Hx: MayLeave,
        Dy: MayLeave,
        Hy: MayLeave,
        K: Keep,
        P: Part,
    >(
        x: &[T],
        v_x: Along<&[T], Mx>,
        mut d_x: Slot<'_, [T], Dx>,
        mut h_x: Slot<'_, [T], Hx>,
        y: &[T],
        v_y: Along<&[T], My>,
        mut d_y: Slot<'_, [T], Dy>,
        mut h_y: Slot<'_, [T], Hy>,
        (d_ret, h_ret): (T, T),
        _: &mut K,
        _: P,
    ) -> P::Value<(T, T)> {
        d_x.with(|d| axpy(d_ret, y, d));
        d_y.with(|d| axpy(d_ret, x, d));
        h_x.with(|h| {
            axpy(h_ret, y, h);
            if My::ON {
                axpy(d_ret, v_y.or(y), h);
            }
        });
        h_y.with(|h| {
            axpy(h_ret, x, h);
            if Mx::ON {
                axpy(d_ret, v_x.or(x), h);
            }
        });
        P::value((dot(x, y), along(x, &v_x, y, &v_y)))
    }

    #[inline(always)]
    pub fn part() -> Rest {
        Rest
    }
}

/// The tangent of the product, of the tangents that are there.
#[track_caller]
#[inline]
fn along<T: Real, Mx: Travels, My: Travels>(
    x: &[T],
    d_x: &Along<&[T], Mx>,
    y: &[T],
    d_y: &Along<&[T], My>,
) -> T {
    let zero = T::from_f64(0.0);
    let of_x = if Mx::ON { dot(d_x.or(x), y) } else { zero };
    let of_y = if My::ON { dot(x, d_y.or(y)) } else { zero };
    of_x + of_y
}

#[diagnostic::do_not_recommend]
impl HasDerivative for dot {}

#[diagnostic::do_not_recommend]
impl HasTangent for dot {}

#[diagnostic::do_not_recommend]
impl HasSecond for dot {}

/// Companions of functions of one vector: what goes to the gradient and to its tangent, and the value with its tangent.
macro_rules! companion {
    ($($name:ident |$x:ident, $v:ident, $d_ret:ident, $h_ret:ident| gradient $d:expr, turned $h:expr, along $along:expr;)*) => {$(
        #[doc(hidden)]
        impl $name {
            #[track_caller]
            pub fn second<T: Real, M: Travels, D: MayLeave, H: MayLeave, K: Keep, P: Part>(
                $x: &[T],
                v_x: Along<&[T], M>,
                mut d_x: Slot<'_, [T], D>,
                mut h_x: Slot<'_, [T], H>,
                ($d_ret, $h_ret): (T, T),
                _: &mut K,
                _: P,
            ) -> P::Value<(T, T)> {
                let $v = v_x.or($x);
                d_x.with($d);
                h_x.with($h);
                let along = if M::ON { $along } else { T::from_f64(0.0) };
                P::value(($name($x), along))
            }
        }

        #[diagnostic::do_not_recommend]
        impl HasSecond for $name {}
    )*};
}

companion! {
    sum |x, v, d_ret, h_ret|
        gradient |d| d.iter_mut().for_each(|d| *d += d_ret),
        turned |h| h.iter_mut().for_each(|h| *h += h_ret),
        along sum_of(v);
    sum_of_squares |x, v, d_ret, h_ret|
        gradient |d| axpy(d_ret + d_ret, x, d),
        turned |h| {
            axpy(h_ret + h_ret, x, h);
            if M::ON {
                axpy(d_ret + d_ret, v, h);
            }
        },
        along { let half = dot_of(x, v); half + half };
}

versions! {
    /// The sum of the products, in lanes.
    pub(super) fn dot_of<T: Real>(x: &[T], y: &[T]) -> T {
        lanes([x, y], |[x, y]| x * y)
    }
}

/// y += a·x, in place.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp, hvp)]
#[track_caller]
pub fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) {
    same("axpy", ("x", x.len()), ("y", y.len()));
    for i in 0..x.len() {
        y[i] += a * x[i];
    }
}

/// y = a·x.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp, hvp)]
#[track_caller]
pub fn scale<T: Real>(a: T, x: &[T], #[out] y: &mut [T]) {
    same("scale", ("x", x.len()), ("y", y.len()));
    for i in 0..y.len() {
        y[i] = a * x[i];
    }
}

/// The sum Σ xᵢ, in several lanes; 0 for no elements.
#[differentiable(crate = crate, vjp = sum_rule, jvp = sum_tangent)]
pub fn sum<T: Real>(x: &[T]) -> T {
    sum_of(x)
}

fn sum_rule<T: Real>(x: &[T], d_x: &mut [T], d_ret: T) -> T {
    d_x.iter_mut().for_each(|d| *d += d_ret);
    sum_of(x)
}

fn sum_tangent<T: Real>(x: &[T], d_x: &[T]) -> (T, T) {
    (sum_of(x), sum_of(d_x))
}

versions! {
    pub(super) fn sum_of<T: Real>(x: &[T]) -> T {
        lanes([x], |[x]| x)
    }
}

/// The mean Σ xᵢ/n; NaN for no elements.
#[differentiable(crate = crate, jvp, hvp)]
pub fn mean<T: Real>(x: &[T]) -> T {
    sum(x) / T::from_f64(x.len() as f64)
}

/// The sum of squares Σ xᵢ², in several lanes; 0 for no elements.
#[differentiable(crate = crate, vjp = sum_of_squares_rule, jvp = sum_of_squares_tangent)]
pub fn sum_of_squares<T: Real>(x: &[T]) -> T {
    dot_of(x, x)
}

#[track_caller]
fn sum_of_squares_rule<T: Real>(x: &[T], d_x: &mut [T], d_ret: T) -> T {
    axpy(d_ret + d_ret, x, d_x);
    dot_of(x, x)
}

#[track_caller]
fn sum_of_squares_tangent<T: Real>(x: &[T], d_x: &[T]) -> (T, T) {
    let half = dot(x, d_x);
    (dot_of(x, x), half + half)
}

/// The largest element; −∞ for no elements, NaN where there is one. Its gradient goes to the first of the largest.
#[differentiable(crate = crate, vjp = max_rule, jvp = max_tangent)]
pub fn max<T: Real>(x: &[T]) -> T {
    largest(x)
}

fn max_rule<T: Real>(x: &[T], d_x: &mut [T], d_ret: T) -> T {
    let value = largest(x);
    if let Some((d, _)) = d_x.iter_mut().zip(x).find(|(_, x)| **x == value) {
        *d += d_ret;
    }
    value
}

fn max_tangent<T: Real>(x: &[T], d_x: &[T]) -> (T, T) {
    of_the_first(largest(x), x, d_x)
}

/// A value, and the tangent of the first element that it is.
fn of_the_first<T: Real>(value: T, x: &[T], d_x: &[T]) -> (T, T) {
    let first = d_x.iter().zip(x).find(|(_, x)| **x == value);
    (value, first.map_or(T::from_f64(0.0), |(d, _)| *d))
}

/// The smallest element; ∞ for no elements, NaN where there is one. Its gradient goes to the first of the smallest.
#[differentiable(crate = crate, vjp = min_rule, jvp = min_tangent)]
pub fn min<T: Real>(x: &[T]) -> T {
    smallest(x)
}

fn min_rule<T: Real>(x: &[T], d_x: &mut [T], d_ret: T) -> T {
    let value = smallest(x);
    if let Some((d, _)) = d_x.iter_mut().zip(x).find(|(_, x)| **x == value) {
        *d += d_ret;
    }
    value
}

fn min_tangent<T: Real>(x: &[T], d_x: &[T]) -> (T, T) {
    of_the_first(smallest(x), x, d_x)
}

versions! {
    /// In lanes, since each comparison waits for the one before.
    pub(super) fn largest<T: Real>(x: &[T]) -> T {
        extreme(x, T::NEG_INFINITY, |a, x| if x <= a { a } else { x })
    }
}

versions! {
    fn smallest<T: Real>(x: &[T]) -> T {
        extreme(x, T::INFINITY, |a, x| if x >= a { a } else { x })
    }
}

/// What is left of all elements. `choose` gives its second argument where that is NaN.
#[inline(always)]
fn extreme<T: Real>(x: &[T], start: T, choose: impl Fn(T, T) -> T) -> T {
    // A NaN in the first argument has to stay.
    let choose = |a: T, x: T| if a.is_nan() { a } else { choose(a, x) };
    let (chunks, rest) = x.as_chunks::<16>();
    let mut lane = [start; 16];
    for chunk in chunks {
        for l in 0..16 {
            lane[l] = choose(lane[l], chunk[l]);
        }
    }
    let left = lane.into_iter().fold(start, choose);
    rest.iter().fold(left, |a, &x| choose(a, x))
}

kernel! {
    /// The sums of the columns of a matrix: y\[j\] = Σᵢ x\[i, j\], with as many columns as `y` has elements. Its rows lie one after the other.
    ///
    /// # Panics
    /// If `x` is not a number of whole rows.
    sum_rows, sum_rows_vjp, sum_rows_jvp:
    in (x d_x Mx) out (y d_y My) with ()
    run run_sum_rows, pull pull_sum_rows, push push_sum_rows
}

#[track_caller]
fn run_sum_rows<T: Real>(x: &[T], y: &mut [T]) {
    super::shape::rows("sum_rows", "x", x.len(), y.len());
    y.fill(T::from_f64(0.0));
    add_rows(x, y);
}

fn pull_sum_rows<T: Real>(_: &[T], d_x: Option<&mut [T]>, _: &mut [T], d_y: &mut [T]) {
    if let Some(d_x) = d_x
        && !d_y.is_empty()
    {
        for d_row in d_x.chunks_exact_mut(d_y.len()) {
            axpy(T::from_f64(1.0), d_y, d_row);
        }
    }
}

fn push_sum_rows<T: Real>(_: &[T], v_x: Option<&[T]>, _: &mut [T], v_y: &mut [T]) {
    v_y.fill(T::from_f64(0.0));
    if let Some(v_x) = v_x {
        add_rows(v_x, v_y);
    }
}

versions! {
    /// Adds each row to `y`, which is not empty unless `x` is.
    pub(super) fn add_rows<T: Real>(x: &[T], y: &mut [T]) {
        if y.is_empty() {
            return;
        }
        for row in x.chunks_exact(y.len()) {
            for (y, &x) in y.iter_mut().zip(row) {
                *y += x;
            }
        }
    }
}
