//! What the algorithms of [`math`](super) need to know of a floating-point format: constants, polynomials, and the bits of an exponent.
//!
//! The algorithms themselves are written once, for both formats. Everything here is arithmetic without branches, and compiles to vector
//! instructions where it stands in a loop.

use core::ops::{Add, Mul};

/// A binary interchange format of IEEE 754: how its numbers are put together, and what its precision asks for.
pub trait Format: Sized {
    /// 1.5·2ᵖ⁻¹, where p is the precision: added to a number of moderate size and taken off again, it leaves the nearest integer. The sum's last
    /// bits are that integer in two's complement.
    const ROUND: Self;
    /// The leading bits of ln 2, few enough that their product with any exponent is exact.
    const LN_2_HIGH: Self;
    /// The rest of ln 2.
    const LN_2_LOW: Self;
    /// Below this number the exponential is 0.
    const EXP_LOW: Self;
    /// Above this number the exponential is infinite.
    const EXP_HIGH: Self;
    /// From here on e⁻ˣ makes no difference beside 1: a bound for what is computed of it.
    const NEGLIGIBLE: Self;
    /// Up to this size a function with slope 1 at 0 returns its argument.
    const TINY: Self;
    /// Whether half the precision of `f64` is enough for what is computed in `f64`.
    const SHORT: bool;

    /// 2ⁿ of n + [`ROUND`](Self::ROUND), where 2ⁿ is a normal number.
    fn power_of_two(n: Self) -> Self;

    /// (eʳ − 1 − r)/r², |r| ≤ ½ ln 2.
    fn exp_tail(r: Self) -> Self;

    /// (ln((1 + s)/(1 − s))/s − 2)/z with z = s², √½ ≤ (1 + s)/(1 − s) ≤ √2.
    fn ln_tail(z: Self) -> Self;

    /// Numerator and denominator of (1 − tanh(x)/x)/z with z = x², |x| ≤ 0.55: convergents of J. H. Lambert's continued fraction (1761).
    fn tanh_near(z: Self) -> (Self, Self);

    /// x = 2ⁿ·m with √½ ≤ m < √2, for positive normal x: (n, m, 2⁻ⁿ).
    fn split(x: Self) -> (Self, Self, Self);

    /// The same for all positive numbers, without the power.
    fn split_any(x: Self) -> (Self, Self);
}

macro_rules! format {
    ($float:ident, $bits:ident, $fraction:literal, $short:literal, $(#[doc = $why:literal] $constant:ident = $value:expr,)* exp: $exp:expr, ln: $ln:expr, tanh: $numerator:expr, $denominator:expr) => {
        impl Format for $float {
            $(#[doc = $why] const $constant: Self = $value;)*
            const SHORT: bool = $short;

            #[inline(always)]
            fn power_of_two(n: Self) -> Self {
                const BIAS: $bits = ($float::MAX_EXP as $bits - 1) << $fraction;
                $float::from_bits((n.to_bits() << $fraction).wrapping_add(BIAS))
            }

            #[inline(always)]
            fn exp_tail(r: Self) -> Self {
                polynomial(&$exp, r)
            }

            #[inline(always)]
            fn ln_tail(z: Self) -> Self {
                polynomial(&$ln, z)
            }

            #[inline(always)]
            fn tanh_near(z: Self) -> (Self, Self) {
                (polynomial(&$numerator, z), polynomial(&$denominator, z))
            }

            #[inline(always)]
            fn split(x: Self) -> (Self, Self, Self) {
                const ONE: $bits = (1.0 as $float).to_bits();
                const ROOT: $bits = (core::$float::consts::FRAC_1_SQRT_2).to_bits();
                const FRACTION: $bits = (1 << $fraction) - 1;
                // A number whose unit in the last place is 1: beside it integers are floats without conversion.
                const INTEGERS: $float = ((1 as $bits) << $fraction) as $float;
                const BIAS: $float = ($float::MAX_EXP - 1) as $float;
                let bits = x.to_bits().wrapping_add(ONE - ROOT);
                let exponent = bits >> $fraction;
                let n = $float::from_bits(exponent | INTEGERS.to_bits()) - (INTEGERS + BIAS);
                let m = $float::from_bits((bits & FRACTION) + ROOT);
                // 2¹⁻ⁿ, which is still there for the largest n, and a half.
                const TWICE: $bits = 2 * ($float::MAX_EXP as $bits) - 1;
                let power = $float::from_bits(TWICE.wrapping_sub(exponent) << $fraction);
                (n, m, 0.5 * power)
            }

            #[inline(always)]
            fn split_any(x: Self) -> (Self, Self) {
                const UP: $float = ((2 as $bits) << $fraction) as $float;
                let subnormal = x < $float::MIN_POSITIVE;
                let (n, m, _) = Self::split(if subnormal { x * UP } else { x });
                (n - if subnormal { $fraction as $float + 1.0 } else { 0.0 }, m)
            }
        }
    };
}

format! {
    f64, u64, 52, false,
    /// 1.5·2⁵².
    ROUND = 6_755_399_441_055_744.0,
    /// 42 bits.
    LN_2_HIGH = 0.693_147_180_559_890_3,
    /// ln 2 less its 42 bits.
    LN_2_LOW = 5.497_923_018_708_371e-14,
    /// The exponential, and a thousand times that, are less than half the smallest number.
    EXP_LOW = -760.0,
    /// More than ln 2¹⁰²⁴.
    EXP_HIGH = 710.0,
    /// e⁻⁴⁰ < 2⁻⁵⁷.
    NEGLIGIBLE = 40.0,
    /// 2⁻⁵⁴.
    TINY = 5.551_115_123_125_783e-17,
    exp: [
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.008333333333326129,
        0.0013888888888883744,
        0.00019841269874840768,
        2.4801587325562125e-05,
        2.7557255374658744e-06,
        2.755727362486648e-07,
        2.510522763655176e-08,
        2.0914694560351592e-09,
    ],
    ln: [
        0.6666666666666666,
        0.40000000000000885,
        0.28571428570799784,
        0.22222222392581045,
        0.18181795547521137,
        0.15386244737621665,
        0.13268638369266825,
        0.13088034850927555,
    ],
    tanh: [675675.0, 45045.0, 594.0, 1.0], [2027025.0, 945945.0, 51975.0, 630.0, 1.0]
}

format! {
    f32, u32, 23, true,
    /// 1.5·2²³.
    ROUND = 12_582_912.0,
    /// 15 bits.
    LN_2_HIGH = 0.693_145_75,
    /// ln 2 less its 15 bits.
    LN_2_LOW = 1.428_606_8e-6,
    /// The exponential, and a thousand times that, are less than half the smallest number.
    EXP_LOW = -115.0,
    /// More than ln 2¹²⁸.
    EXP_HIGH = 89.0,
    /// e⁻²⁰ < 2⁻²⁸.
    NEGLIGIBLE = 20.0,
    /// 2⁻²⁵.
    TINY = 2.980_232_2e-8,
    exp: [
        0.5,
        0.166_666_67,
        0.041_666_463,
        0.008_333_310_5,
        0.001_393_365_9,
        0.000_198_91,
    ],
    ln: [
        0.666_666_7,
        0.400_001_23,
        0.285_507_8,
        0.233_316_14,
    ],
    tanh: [315.0, 14.0], [945.0, 420.0, 15.0]
}

/// c₀ + c₁·x + c₂·x² + .., even and odd powers beside each other: half the depth of one chain. Long ones as a polynomial of x⁴ whose
/// coefficients are of degree 3: G. Estrin's order (1960), of which the depth is a third of the chain's.
#[inline(always)]
pub(super) fn polynomial<T, const N: usize>(coefficients: &[T; N], x: T) -> T
where
    T: Copy + Mul<Output = T> + Add<Output = T>,
{
    let square = x * x;
    if N > 8 {
        let fourth = square * square;
        let cubic = |k: usize| match &coefficients[k..] {
            [a, b, c, d, ..] => (*a + *b * x) + (*c + *d * x) * square,
            [a, b, c] => (*a + *b * x) + *c * square,
            [a, b] => *a + *b * x,
            [a] => *a,
            [] => x,
        };
        let mut k = (N - 1) / 4 * 4;
        let mut sum = cubic(k);
        while k > 0 {
            k -= 4;
            sum = cubic(k) + sum * fourth;
        }
        return sum;
    }
    let (mut last, mut before) = (coefficients[N - 1], coefficients[N - 2]);
    for i in (0..N - 2).rev() {
        // Swapped in each step, so that `before` ends as the sum that begins with c₀.
        (last, before) = (before, last * square + coefficients[i]);
    }
    last * x + before
}
