//! The smooth maximum.

use backprop_macros::differentiable;

use crate::__private::{Along, HasSecond, Keep, MayLeave, Part, Slot, Travels};
use crate::Real;

/// ln Σ exp(xᵢ), without overflow: −∞ for an empty slice. Error: 4 ulp of the largest |xᵢ| or of the result, plus ½ ulp per element summed.
///
/// Derivative: exp(xᵢ − ret) in xᵢ, the softmax of `xs`; 0 where that is subnormal, below 2.3e-308 in `f64` and 1.2e-38 in `f32`: a subnormal
/// number has few digits, and what a sweep goes on to multiply by it takes a processor fifty times as long.
///
/// ```
/// # use backprop_runtime::math::logsumexp;
/// assert_eq!(logsumexp(&[1000.0, 1000.0]), 1000.0 + 2.0_f64.ln());
/// ```
#[differentiable(crate = crate, vjp = logsumexp_rule, jvp = logsumexp_tangent)]
pub fn logsumexp<T: Real>(xs: &[T]) -> T {
    let largest = largest(xs);
    if largest.is_infinite() {
        return largest;
    }
    let mut sum = T::from_f64(0.0);
    for &x in xs {
        sum += (x - largest).exp();
    }
    largest + sum.ln()
}

/// [`logsumexp`], and `d_ret` times its gradient added to `d_xs`.
///
/// # Panics
/// If the lengths differ.
fn logsumexp_rule<T: Real>(xs: &[T], d_xs: &mut [T], d_ret: T) -> T {
    assert!(
        xs.len() == d_xs.len(),
        "logsumexp: {} values and a gradient of {}",
        xs.len(),
        d_xs.len()
    );
    let largest = largest(xs);
    if largest.is_infinite() {
        // One of the values is infinite, too, and x − ret would be ∞ − ∞: that value takes it all.
        for (d_x, &x) in d_xs.iter_mut().zip(xs) {
            *d_x += if x == largest {
                d_ret
            } else {
                d_ret * (x - largest).exp()
            };
        }
        return largest;
    }
    let sum = match xs.len() {
        0..=8 => shared::<T, 8>(xs, d_xs, d_ret, largest),
        _ => shared::<T, 64>(xs, d_xs, d_ret, largest),
    };
    largest + sum.ln()
}

/// Σ exp(xᵢ − largest), and `d_ret` times each one's share of it added to `d_xs`. The first `KEPT` exponentials, which are kept on the stack,
/// serve twice.
#[inline(always)]
fn shared<T: Real, const KEPT: usize>(xs: &[T], d_xs: &mut [T], d_ret: T, largest: T) -> T {
    let mut exponentials = [T::from_f64(0.0); KEPT];
    let (first, more) = xs.split_at(xs.len().min(KEPT));
    let mut sum = T::from_f64(0.0);
    for (e, &x) in exponentials.iter_mut().zip(first) {
        *e = (x - largest).exp();
        sum += *e;
    }
    for &x in more {
        sum += (x - largest).exp();
    }
    let (d_first, d_more) = d_xs.split_at_mut(first.len());
    let d_sum = d_ret / sum;
    let least = sum * T::MIN_POSITIVE;
    for (d_x, &e) in d_first.iter_mut().zip(&exponentials) {
        *d_x += d_sum * normal(e, least);
    }
    for (d_x, &x) in d_more.iter_mut().zip(more) {
        *d_x += d_sum * normal((x - largest).exp(), least);
    }
    sum
}

/// `x`, and 0 for what is below the least that counts.
#[inline(always)]
fn normal<T: Real>(x: T, least: T) -> T {
    if x < least { T::from_f64(0.0) } else { x }
}

/// −∞ of none.
fn largest<T: Real>(xs: &[T]) -> T {
    xs.iter()
        .fold(T::NEG_INFINITY, |a, &x| if x <= a { a } else { x })
}

/// [`logsumexp`], and its derivative along `d_xs`.
///
/// # Panics
/// If `d_xs` is shorter than `xs`.
fn logsumexp_tangent<T: Real>(xs: &[T], d_xs: &[T]) -> (T, T) {
    let ret = logsumexp(xs);
    let mut d_ret = T::from_f64(0.0);
    for (k, &x) in xs.iter().enumerate() {
        // As in the rule for reverse mode.
        d_ret += d_xs[k] * share(x, ret);
    }
    (ret, d_ret)
}

/// What callers with second derivatives run, as the attribute would write it: with pᵢ = exp(xᵢ − ret) and v the tangent of `xs`, the tangent of the result is
/// Σ pᵢvᵢ, and that of the gradient pᵢ·(vᵢ − Σ pⱼvⱼ).
#[doc(hidden)]
impl logsumexp {
    pub fn second<T: Real, M: Travels, D: MayLeave, H: MayLeave, K: Keep, P: Part>(
        xs: &[T],
        v_xs: Along<&[T], M>,
        mut d_xs: Slot<'_, [T], D>,
        mut h_xs: Slot<'_, [T], H>,
        (d_ret, h_ret): (T, T),
        _: &mut K,
        _: P,
    ) -> P::Value<(T, T)> {
        const KEPT: usize = 64;
        let zero = T::from_f64(0.0);
        let (ret, v) = (logsumexp(xs), v_xs.or(xs));
        let (mut shares, mut v_ret) = ([zero; KEPT], zero);
        for (k, &x) in xs.iter().enumerate() {
            let p = share(x, ret);
            if let Some(kept) = shares.get_mut(k) {
                *kept = p;
            }
            if M::ON {
                v_ret += p * v[k];
            }
        }
        if D::ON || H::ON {
            for (k, &x) in xs.iter().enumerate() {
                let p = shares.get(k).copied().unwrap_or_else(|| share(x, ret));
                d_xs.with(|d| d[k] += d_ret * p);
                let turned = if M::ON { d_ret * (v[k] - v_ret) } else { zero };
                h_xs.with(|h| h[k] += (h_ret + turned) * p);
            }
        }
        P::value((ret, v_ret))
    }
}

#[diagnostic::do_not_recommend]
impl HasSecond for logsumexp {}

/// exp(x − ret), unless it is subnormal, and 1 where both are the same infinity.
#[inline(always)]
fn share<T: Real>(x: T, ret: T) -> T {
    if x == ret {
        T::from_f64(1.0)
    } else {
        normal((x - ret).exp(), T::MIN_POSITIVE)
    }
}
