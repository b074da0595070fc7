//! The elementary functions in double-double arithmetic: some 100 bits, the reference for `f64`.
//!
//! A number is the unevaluated sum of two floats. Sums and products are the accurate ones of T. J. Dekker (1971) and D. Knuth, with relative errors of a few
//! 2⁻¹⁰⁵; functions are their Taylor series after a reduction of the argument.

#![allow(
    clippy::approx_constant,
    reason = "high parts of constants that have two parts"
)]

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `.0 + .1`, where the second is no more than half a unit in the last place of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dd(pub(super) f64, pub(super) f64);

const LN_2: Dd = Dd(0.6931471805599453, 2.3190468138462996e-17);
const TWO_OVER_ROOT_PI: Dd = Dd(1.1283791670955126, 1.533545961316588e-17);
/// π/2 in three parts: 160 bits.
const HALF_PI: [f64; 3] = [
    std::f64::consts::FRAC_PI_2,
    6.123233995736766e-17,
    -1.4973849048591698e-33,
];

fn two_sum(a: f64, b: f64) -> Dd {
    let sum = a + b;
    let part = sum - a;
    Dd(sum, (a - (sum - part)) + (b - part))
}

fn two_product(a: f64, b: f64) -> Dd {
    let product = a * b;
    Dd(product, a.mul_add(b, -product))
}

impl From<f64> for Dd {
    fn from(x: f64) -> Self {
        Dd(x, 0.0)
    }
}

impl Neg for Dd {
    type Output = Self;
    fn neg(self) -> Self {
        Dd(-self.0, -self.1)
    }
}

impl Add for Dd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.0, other.0), two_sum(self.1, other.1));
        let sum = two_sum(high.0, high.1 + low.0);
        two_sum(sum.0, sum.1 + low.1)
    }
}

impl Sub for Dd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Dd {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = two_product(self.0, other.0);
        two_sum(product.0, product.1 + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Dd {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * Dd::from(first);
        let second = rest.0 / other.0;
        let rest = rest - other * Dd::from(second);
        two_sum(first, second) + Dd::from(rest.0 / other.0)
    }
}

impl Dd {
    /// Times a power of two.
    fn scale(self, power: f64) -> Self {
        Dd(self.0 * power, self.1 * power)
    }

    /// Σ xᵏ/k! from k = 1.
    fn exp_m1_series(self) -> Self {
        let (mut term, mut sum) = (self, self);
        for k in 2..40 {
            term = term * self / Dd::from(f64::from(k));
            sum = sum + term;
        }
        sum
    }

    /// (n, m): the exponential is 2ⁿ·(1 + m).
    fn exp_parts(self) -> (i32, Self) {
        let n = (self.0 * std::f64::consts::LOG2_E).round();
        (n as i32, (self - LN_2 * Dd::from(n)).exp_m1_series())
    }

    /// The exponential, which is not to be subnormal.
    pub(super) fn exp(self) -> Self {
        let (n, m) = self.exp_parts();
        let half = 2.0_f64.powi(n / 2);
        (Dd::from(1.0) + m)
            .scale(half)
            .scale(2.0_f64.powi(n - n / 2))
    }

    pub(super) fn exp_m1(self) -> Self {
        if self.0.abs() < 0.5 {
            self.exp_m1_series()
        } else {
            self.exp() - Dd::from(1.0)
        }
    }

    /// The logarithm of 2ⁿ·m, m near 1: 2·artanh((m − 1)/(m + 1)).
    pub(super) fn ln(self) -> Self {
        let n = self.0.log2().round();
        let half = 2.0_f64.powi(-(n as i32) / 2);
        let m = self
            .scale(half)
            .scale(2.0_f64.powi(-(n as i32) - (-(n as i32)) / 2));
        LN_2 * Dd::from(n) + (m - Dd::from(1.0)).ln_1p_series()
    }

    /// ln(1 + x), 0.7 < 1 + x < 1.5.
    fn ln_1p_series(self) -> Self {
        let s = self / (self + Dd::from(2.0));
        let square = s * s;
        let (mut power, mut sum) = (s, s);
        for k in 1..50 {
            power = power * square;
            sum = sum + power / Dd::from(f64::from(2 * k + 1));
        }
        sum.scale(2.0)
    }

    pub(super) fn ln_1p(self) -> Self {
        if self.0.abs() < 0.3 {
            self.ln_1p_series()
        } else {
            (Dd::from(1.0) + self).ln()
        }
    }

    pub(super) fn tanh(self) -> Self {
        let m = self.scale(2.0).exp_m1();
        m / (m + Dd::from(2.0))
    }

    pub(super) fn sigmoid(self) -> Self {
        if self.0 < 0.0 {
            let e = self.exp();
            e / (Dd::from(1.0) + e)
        } else {
            Dd::from(1.0) / (Dd::from(1.0) + (-self).exp())
        }
    }

    pub(super) fn softplus(self) -> Self {
        if self.0 > 0.0 {
            self + (-self).exp().ln_1p()
        } else {
            self.exp().ln_1p()
        }
    }

    /// (sin x, cos x).
    pub(super) fn sin_cos(self) -> (Self, Self) {
        let n = (self.0 / HALF_PI[0]).round();
        let mut r = self;
        for part in HALF_PI {
            r = r - two_product(n, part);
        }
        let square = r * r;
        let (mut power, mut sine, mut cosine) = (Dd::from(1.0), Dd::from(0.0), Dd::from(0.0));
        for k in 0..40 {
            let signed = if k / 2 % 2 == 0 { power } else { -power };
            if k % 2 == 0 {
                cosine = cosine + signed;
            } else {
                sine = sine + signed;
            }
            power = power * r / Dd::from(f64::from(k + 1));
        }
        // Relative accuracy also where the sum of powers has lost it.
        if r.0.abs() < 1e-9 {
            sine = r * (Dd::from(1.0) - square / Dd::from(6.0));
        }
        match (n as i64).rem_euclid(4) {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        }
    }

    /// 2/√π·exp(−x²)·Σ 2ᵏ x²ᵏ⁺¹/(2k + 1)!!: no terms of different signs.
    pub(super) fn erf(self) -> Self {
        let square = self * self;
        let (mut term, mut sum) = (self, self);
        let mut k = 1.0;
        while term.0.abs() > 1e-35 * sum.0.abs() {
            term = term * square.scale(2.0) / Dd::from(2.0 * k + 1.0);
            sum = sum + term;
            k += 1.0;
        }
        TWO_OVER_ROOT_PI * (-square).exp() * sum
    }

    /// For x > 2, by the continued fraction exp(−x²)/√π/(x + ½/(x + 1/(x + 3⁄2/(x + ..)))).
    fn erfc_far(self) -> Self {
        let mut rest = self;
        for k in (1..600).rev() {
            rest = self + Dd::from(0.5 * f64::from(k)) / rest;
        }
        TWO_OVER_ROOT_PI.scale(0.5) * (-(self * self)).exp() / rest
    }

    pub(super) fn erfc(self) -> Self {
        if self.0 > 2.0 {
            self.erfc_far()
        } else {
            Dd::from(1.0) - self.erf()
        }
    }

    /// Φ(x).
    pub(super) fn normal_cdf(self) -> Self {
        let root_half = Dd(0.7071067811865476, -4.833646656726457e-17);
        (-(self * root_half)).erfc().scale(0.5)
    }
}

/// The error of `got` in units in the last place of `want`, of which those of subnormal numbers are all alike.
pub(super) fn ulps(got: f64, want: Dd) -> f64 {
    let size = want.0.abs().max(f64::MIN_POSITIVE);
    let mut ulp = f64::from_bits(size.to_bits() + 1) - size;
    // Just below a power of two, numbers lie closer.
    if size.to_bits().trailing_zeros() >= 52 && want.0.signum() * want.1 < 0.0 {
        ulp *= 0.5;
    }
    ((Dd::from(got) - want).0 / ulp).abs()
}

/// The reference itself, against values of mpmath 1.3 at 60 digits: high part, low part.
#[test]
fn reference_is_accurate() {
    #[track_caller]
    fn check(got: Dd, want: (f64, f64)) {
        let error = (got - Dd(want.0, want.1)).0.abs() / want.0.abs();
        assert!(error < 1e-29, "{got:?}, want {want:?}: {error:e}");
    }
    check(Dd::from(-700.3).exp(), (7.304228033645715e-305, 2.06e-321));
    check(
        Dd::from(-1.7).exp(),
        (0.18268352405273466, -5.430659906894856e-18),
    );
    check(
        Dd::from(0.1).exp(),
        (1.1051709180756477, -8.149523913327619e-17),
    );
    check(
        Dd::from(33.3).exp(),
        (289738526663660.5, 0.01911633804672778),
    );
    check(
        Dd::from(700.1).exp(),
        (1.120899771073261e+304, -1.0893860347277567e+288),
    );
    check(
        Dd::from(-20.2).exp_m1(),
        (-0.9999999983124701, -3.609290407889158e-17),
    );
    check(
        Dd::from(-0.7).exp_m1(),
        (-0.5034146962085905, 9.827550225511106e-18),
    );
    check(
        Dd::from(1e-09).exp_m1(),
        (1.0000000005000001e-09, -7.443897403844588e-26),
    );
    check(
        Dd::from(0.3).exp_m1(),
        (0.3498588075760031, 1.6549155728191776e-17),
    );
    check(
        Dd::from(5.5).exp_m1(),
        (243.69193226422038, 4.129320187450839e-15),
    );
    check(
        Dd::from(1e-300).ln(),
        (-690.7755278982137, -2.3670096176709832e-14),
    );
    check(
        Dd::from(0.7).ln(),
        (-0.35667494393873245, 4.82556379937662e-18),
    );
    check(
        Dd::from(0.99).ln(),
        (-0.01005033585350145, 4.341832787901688e-19),
    );
    check(
        Dd::from(1.0001).ln(),
        (9.999500033329732e-05, 1.739121921953736e-21),
    );
    check(
        Dd::from(3.3).ln(),
        (1.1939224684724346, -5.282476628744736e-17),
    );
    check(
        Dd::from(1e+300).ln(),
        (690.7755278982137, 2.3747660028800243e-14),
    );
    check(
        Dd::from(-0.9).ln_1p(),
        (-2.302585092994046, -4.968982586806388e-18),
    );
    check(
        Dd::from(-0.2).ln_1p(),
        (-0.22314355131420976, -4.7865172104896585e-18),
    );
    check(
        Dd::from(1e-12).ln_1p(),
        (9.999999999995e-13, 2.4217940103012377e-29),
    );
    check(
        Dd::from(0.4).ln_1p(),
        (0.33647223662121295, -3.704625908593426e-18),
    );
    check(
        Dd::from(1000000.0).ln_1p(),
        (13.815511557963774, 3.7890876264601323e-16),
    );
    check(
        Dd::from(-3.3).tanh(),
        (-0.9972829600991421, -2.0750489070819206e-18),
    );
    check(
        Dd::from(1e-07).tanh(),
        (9.999999999999966e-08, -2.4610883121208847e-24),
    );
    check(
        Dd::from(0.2).tanh(),
        (0.197375320224904, 6.334792292201447e-18),
    );
    check(
        Dd::from(1.7).tanh(),
        (0.935409070603099, 6.160665782786146e-18),
    );
    check(
        Dd::from(9.9).tanh(),
        (0.9999999949650026, -7.205355057109617e-18),
    );
    check(
        Dd::from(-50.5).sigmoid(),
        (1.1698459177061964e-22, 2.6837133061433243e-39),
    );
    check(
        Dd::from(-0.3).sigmoid(),
        (0.425557483188341, -8.05466865782085e-18),
    );
    check(
        Dd::from(0.2).sigmoid(),
        (0.549833997312478, -3.9862146484622595e-17),
    );
    check(
        Dd::from(7.7).sigmoid(),
        (0.9995473777767595, -3.972661436200505e-17),
    );
    check(
        Dd::from(-50.5).softplus(),
        (1.1698459177061964e-22, 2.6837201488406802e-39),
    );
    check(
        Dd::from(-0.3).softplus(),
        (0.5543552444685271, -7.224165545006375e-18),
    );
    check(
        Dd::from(0.2).softplus(),
        (0.7981388693815918, 3.533497587232869e-18),
    );
    check(
        Dd::from(7.7).softplus(),
        (7.700452724687599, -3.2023110644556644e-16),
    );
    check(
        Dd::from(1e-08).erf(),
        (1.1283791670955126e-08, -5.879607832080608e-25),
    );
    check(
        Dd::from(0.3).erf(),
        (0.3286267594591274, 2.2908254446982777e-17),
    );
    check(
        Dd::from(1.1).erf(),
        (0.8802050695740817, -3.550744643146631e-18),
    );
    check(
        Dd::from(2.7).erf(),
        (0.9998656672600594, 4.385430306441303e-17),
    );
    check(
        Dd::from(5.2).erf(),
        (0.9999999999998075, 2.206147027890913e-17),
    );
    check(
        Dd::from(-1.3).erfc(),
        (1.9340079449406524, 2.2168103899402475e-17),
    );
    check(
        Dd::from(0.2).erfc(),
        (0.7772974107895215, 8.158822191774653e-18),
    );
    check(
        Dd::from(1.9).erfc(),
        (0.0072095707647425325, 2.2766533088168416e-19),
    );
    check(
        Dd::from(2.1).erfc(),
        (0.002979466656332984, 1.7169881380450272e-19),
    );
    check(
        Dd::from(9.5).erfc(),
        (3.7692144856548797e-41, 2.2773119745781305e-57),
    );
    check(
        Dd::from(26.1).erfc(),
        (3.081217493314593e-298, 1.536843893e-314),
    );
    check(
        Dd::from(-37.1).normal_cdf(),
        (1.4047119663106221e-301, -4.729e-320),
    );
    check(
        Dd::from(-4.4).normal_cdf(),
        (5.412543907703851e-06, 7.543774572076114e-23),
    );
    check(
        Dd::from(-0.2).normal_cdf(),
        (0.42074029056089696, 1.5843108917556457e-17),
    );
    check(
        Dd::from(1.1).normal_cdf(),
        (0.8643339390536173, 1.5835297069276357e-17),
    );
    check(
        Dd::from(1e-05).sin_cos().0,
        (9.999999999833334e-06, 6.182336062862823e-22),
    );
    check(
        Dd::from(1e-05).sin_cos().1,
        (0.99999999995, 4.137435208440879e-18),
    );
    check(
        Dd::from(0.7).sin_cos().0,
        (0.644217687237691, 2.8740567927338755e-18),
    );
    check(
        Dd::from(0.7).sin_cos().1,
        (0.7648421872844885, -4.013780434022238e-17),
    );
    check(
        Dd::from(3.3).sin_cos().0,
        (-0.1577456941432482, 4.1057111622248306e-18),
    );
    check(
        Dd::from(3.3).sin_cos().1,
        (-0.9874797699088649, -3.2489331196047457e-17),
    );
    check(
        Dd::from(355.0).sin_cos().0,
        (-3.014435335948845e-05, 1.3012643991046347e-21),
    );
    check(
        Dd::from(355.0).sin_cos().1,
        (-0.999999999545659, 1.0574612846643521e-17),
    );
    check(
        Dd::from(12345678.9).sin_cos().0,
        (-0.8973068124812599, 4.1345097071514703e-17),
    );
    check(
        Dd::from(12345678.9).sin_cos().1,
        (0.44140739037166243, 1.4516197951811804e-17),
    );
    check(
        Dd::from(99999999.5).sin_cos().0,
        (0.9918062563530962, -3.3080411479255144e-17),
    );
    check(
        Dd::from(99999999.5).sin_cos().1,
        (0.12775112468724714, 4.821355358461131e-18),
    );
}
