//! Partial derivatives with a kink or a pole, and small things that generated code needs a name for.
//!
//! The values at kinks are the crate's documented choices; each function says which.

use core::array;

pub use super::row::trips;
use super::{Adjoint, Iterations, Log, Stack, Store};
use crate::Real;

/// `d * p`, and 0 where `d` is 0: a pole contributes nothing where nothing is asked of it.
#[inline(always)]
pub fn chain<T: Real>(d: T, p: T) -> T {
    let zero = T::from_f64(0.0);
    // Not a branch, into which rustc would move the computation of `p`: a loop with such does not vectorise.
    d * core::hint::select_unpredictable(d == zero, zero, p)
}

/// d|x|/dx: 0 at 0.
#[inline(always)]
pub fn sign<T: Real>(x: T) -> T {
    let zero = T::from_f64(0.0);
    if x > zero {
        T::from_f64(1.0)
    } else if x < zero {
        T::from_f64(-1.0)
    } else {
        // 0 at 0, NaN where x is.
        x * zero
    }
}

/// d atan2(y, x)/dy = x / (x² + y²): 0 at the origin and at infinity. Scaled, so that neither square overflows.
#[inline(always)]
pub fn atan2_y<T: Real>(y: T, x: T) -> T {
    let r = y.hypot(x);
    if r == T::from_f64(0.0) || r.is_infinite() {
        T::from_f64(0.0)
    } else {
        (x / r) / r
    }
}

/// d atan2(y, x)/dx = -y / (x² + y²): 0 at the origin and at infinity.
#[inline(always)]
pub fn atan2_x<T: Real>(y: T, x: T) -> T {
    let r = y.hypot(x);
    if r == T::from_f64(0.0) || r.is_infinite() {
        T::from_f64(0.0)
    } else {
        -((y / r) / r)
    }
}

/// d hypot/dx = x / hypot: 0 at the origin.
#[inline(always)]
pub fn hypot_x<T: Real>(x: T, hypot: T) -> T {
    if hypot == T::from_f64(0.0) {
        hypot
    } else {
        x / hypot
    }
}

/// d clamp(x, lo, hi)/dx: 1 inside and at the bounds.
#[inline(always)]
pub fn clamp_x<T: Real>(x: T, lo: T, hi: T) -> T {
    T::from_f64(if x < lo || x > hi { 0.0 } else { 1.0 })
}

/// d clamp(x, lo, hi)/dlo: 1 below the lower bound.
#[inline(always)]
pub fn clamp_lo<T: Real>(x: T, lo: T, _hi: T) -> T {
    T::from_f64(if x < lo { 1.0 } else { 0.0 })
}

/// d clamp(x, lo, hi)/dhi: 1 above the upper bound.
#[inline(always)]
pub fn clamp_hi<T: Real>(x: T, _lo: T, hi: T) -> T {
    T::from_f64(if x > hi { 1.0 } else { 0.0 })
}

/// d copysign(x, s)/dx: ±1 by whether the signs differ.
#[inline(always)]
pub fn copysign_x<T: Real>(x: T, s: T) -> T {
    T::from_f64(if x.is_sign_negative() == s.is_sign_negative() {
        1.0
    } else {
        -1.0
    })
}

/// d max(x, y)/dx: ½ at a tie; a NaN gives way to the other argument.
#[inline(always)]
pub fn max_x<T: Real>(x: T, y: T) -> T {
    T::from_f64(if x > y || y.is_nan() {
        1.0
    } else if x == y {
        0.5
    } else {
        0.0
    })
}

/// d min(x, y)/dx: ½ at a tie; a NaN gives way to the other argument.
#[inline(always)]
pub fn min_x<T: Real>(x: T, y: T) -> T {
    T::from_f64(if x < y || y.is_nan() {
        1.0
    } else if x == y {
        0.5
    } else {
        0.0
    })
}

/// d x^p/dx = p x^(p-1); at x = 0: 1 for p = 1, 0 for p = 0 and p > 1, ∞ for 0 < p < 1.
#[inline(always)]
pub fn powf_x<T: Real>(x: T, p: T) -> T {
    if p == T::from_f64(0.0) {
        p
    } else {
        p * x.powf(p - T::from_f64(1.0))
    }
}

/// d x^p/dp = x^p ln x; at x = 0 and p > 0: 0.
#[inline(always)]
pub fn powf_p<T: Real>(x: T, p: T, power: T) -> T {
    let zero = T::from_f64(0.0);
    if x == zero && p > zero {
        zero
    } else {
        power * x.ln()
    }
}

/// d x^n/dx = n x^(n-1); 0 for n = 0.
#[inline(always)]
pub fn powi_x<T: Real>(x: T, n: i32) -> T {
    if n == 0 {
        T::from_f64(0.0)
    } else if n == i32::MIN {
        // n - 1 does not exist.
        T::from_f64(f64::from(n)) * (x.powi(n) / x)
    } else {
        T::from_f64(f64::from(n)) * x.powi(n - 1)
    }
}

/// d powi_x(x, n)/dx = n (n-1) x^(n-2); 0 for n = 0 and n = 1.
#[inline(always)]
pub fn powi_xx<T: Real>(x: T, n: i32) -> T {
    match n {
        0 | 1 => T::from_f64(0.0),
        // n - 2 does not exist.
        _ if n < i32::MIN + 2 => {
            T::from_f64(f64::from(n) * (f64::from(n) - 1.0)) * (x.powi(n) / (x * x))
        }
        _ => T::from_f64(f64::from(n) * (f64::from(n) - 1.0)) * x.powi(n - 2),
    }
}

/// The adjoint of `e` in `[e; N]`: the sum of the elements' adjoints.
#[inline(always)]
pub fn sum_elements<T: Adjoint + Clone, const N: usize>(d: &[T; N]) -> T {
    let mut sum = d[0].zero();
    for e in d {
        sum.acc(e.clone());
    }
    sum
}

/// The adjoint of `e` in `vec![e; n]`: the sum of the elements' adjoints, which begins with a zero.
#[inline(always)]
pub fn sum_onto<T: Adjoint + Clone>(zero: T, d: &[T]) -> T {
    let mut sum = zero;
    for e in d {
        sum.acc(e.clone());
    }
    sum
}

/// The cotangent of a call's result that is thrown away: a zero, made without the result.
#[inline(always)]
pub fn thrown_away<T: super::ThrownAway>() -> T {
    T::zero_of_its_type()
}

/// The tangent `d` of what is made of a value by `as` or a conversion: zero where that is an integer, whose tangent means nothing.
#[inline(always)]
pub fn of_a_float<T: super::CastBack, D: Real>(_: T, d: D) -> D {
    if T::FLOAT { d } else { D::from_f64(0.0) }
}

/// Sets an adjoint to zero.
#[inline(always)]
pub fn clear<T: Adjoint>(d: &mut T) {
    d.clear();
}

/// The first `n` items of an iterator (all, where it has fewer), last one first.
#[inline(always)]
pub fn backwards<I: Iterator + Clone>(items: I, n: usize) -> impl Iterator<Item = I::Item> {
    let n = if n == usize::MAX {
        items.clone().count()
    } else {
        n
    };
    (0..n).rev().filter_map(move |k| items.clone().nth(k))
}

/// What can lie on the tape: numbers, arrays, tuples and options of them, and types of the user's that are made of these. `W` is of no consequence: a bound that has a
/// parameter in it is asked of a field only where it is needed.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` changes in a loop of run-time length, and a tape cannot keep its old values",
    label = "the reverse sweep of this function needs them",
    note = "a tape keeps numbers, arrays, tuples and options of them, and structs and enums of these that derive `Differentiable`: carry what else there is as variables of their own"
)]
pub trait Kept<W = ()>: Sized {
    fn push_to<S: Stack>(&self, stack: &mut S);
    fn pop_from<S: Stack>(stack: &mut S) -> Self;
}

macro_rules! words {
    ($($t:ty)*) => {$(
        impl<W> Kept<W> for $t {
            #[inline(always)]
            fn push_to<S: Stack>(&self, stack: &mut S) {
                stack.push(*self);
            }

            #[inline(always)]
            fn pop_from<S: Stack>(stack: &mut S) -> Self {
                stack.pop()
            }
        }
    )*};
}
words!(f32 f64 usize isize u8 u16 u32 u64 i8 i16 i32 i64 bool char);

impl<W, T: Kept<W>, const N: usize> Kept<W> for [T; N] {
    #[inline(always)]
    fn push_to<S: Stack>(&self, stack: &mut S) {
        for x in self {
            x.push_to(stack);
        }
    }

    #[inline(always)]
    fn pop_from<S: Stack>(stack: &mut S) -> Self {
        let mut a = array::from_fn(|_| T::pop_from(stack));
        a.reverse();
        a
    }
}

/// What it holds, and then whether it holds something.
impl<W, T: Kept<W>> Kept<W> for Option<T> {
    #[inline(always)]
    fn push_to<S: Stack>(&self, stack: &mut S) {
        if let Some(x) = self {
            x.push_to(stack);
        }
        stack.push(self.is_some());
    }

    #[inline(always)]
    fn pop_from<S: Stack>(stack: &mut S) -> Self {
        stack.pop::<bool>().then(|| T::pop_from(stack))
    }
}

macro_rules! tuples {
    // The parts, and the same backwards: last in, first out.
    ($(($($t:ident)*) ($($u:ident)*);)*) => {$(
        impl<W, $($t: Kept<W>),*> Kept<W> for ($($t,)*) {
            #[inline(always)]
            #[allow(non_snake_case, reason = "the type parameters name the parts")]
            fn push_to<Z: Stack>(&self, stack: &mut Z) {
                let ($($t,)*) = self;
                $($t.push_to(stack);)*
            }

            #[inline(always)]
            #[allow(non_snake_case, reason = "the type parameters name the parts")]
            fn pop_from<Z: Stack>(stack: &mut Z) -> Self {
                $(let $u = $u::pop_from(stack);)*
                ($($t,)*)
            }
        }
    )*};
}
impl<W> Kept<W> for () {
    #[inline(always)]
    fn push_to<S: Stack>(&self, _: &mut S) {}

    #[inline(always)]
    fn pop_from<S: Stack>(_: &mut S) -> Self {}
}

tuples! {
    (A) (A);
    (A B) (B A);
    (A B C) (C B A);
    (A B C D) (D C B A);
    (A B C D E) (E D C B A);
    (A B C D E F) (F E D C B A);
}

/// Pushes a value on the tape.
#[inline(always)]
pub fn push<K: Store, T: Kept>(keep: &mut K, x: &T) {
    x.push_to(&mut Iterations(keep));
}

/// Pops the value pushed last, which has the type of `like`.
#[inline(always)]
pub fn pop<K: Store, T: Kept>(keep: &mut K, _like: &T) -> T {
    T::pop_from(&mut Iterations(keep))
}

/// Puts on the log what a buffer held, or where.
#[inline(always)]
pub fn log<K: Store, T: Kept>(keep: &mut K, x: T) {
    x.push_to(&mut Log(keep));
}

/// Takes off what was put there last, which has the type of `like`.
#[inline(always)]
pub fn unlog<K: Store, T: Kept>(keep: &mut K, _like: &T) -> T {
    T::pop_from(&mut Log(keep))
}

/// What an iteration kept of a value that is no number.
#[inline(always)]
pub fn kept<T: Copy>(slot: &Option<T>, like: &T) -> T {
    slot.unwrap_or(*like)
}

/// What a call of an iteration found in its argument.
#[inline(always)]
pub fn found<T: Copy>(slot: &Option<T>) -> T {
    match slot {
        Some(x) => *x,
        None => unreachable!("every iteration keeps what its calls find"),
    }
}

/// Pops what a call found in its argument.
#[inline(always)]
pub fn pop_found<K: Store, T: Kept>(keep: &mut K) -> T {
    T::pop_from(&mut Iterations(keep))
}
