//! The same functions over the dual numbers of `num-dual`: forward mode, whose cost grows with the number of inputs.
//!
//! Where it does not fit is the network, where each operation would carry two thousand derivatives along.

use backprop::math;
use num_dual::{DualNum, DualSVec64};

/// The value and the gradient.
type Outcome<const N: usize> = (f64, [f64; N]);

pub(crate) fn rosenbrock(at: [f64; 2]) -> Outcome<2> {
    gradient(at, |[x, y]| {
        (-x + 1.0).powi(2) + (y - x * x).powi(2) * 100.0
    })
}

pub(crate) fn rosenbrock_sum<const N: usize>(at: [f64; N]) -> Outcome<N> {
    gradient(at, |x| {
        let mut sum = DualSVec64::from(0.0);
        for [x, next] in x.array_windows() {
            sum += (-*x + 1.0).powi(2) + (*next - *x * *x).powi(2) * 100.0;
        }
        sum
    })
}

pub(crate) fn call_price(at: [f64; 5]) -> Outcome<5> {
    gradient(at, |[spot, strike, rate, volatility, time]| {
        let spread = volatility * time.sqrt();
        let d1 = ((spot / strike).ln() + (rate + volatility * volatility * 0.5) * time) / spread;
        let d2 = d1 - spread;
        spot * normal_cdf(d1) - strike * (-rate * time).exp() * normal_cdf(d2)
    })
}

pub(crate) fn chain(at: [f64; 1]) -> Outcome<1> {
    gradient(at, |[x]| {
        let a = (x * x + 1.0).sqrt();
        let b = (a * 0.5 - x).sin();
        let c = (b * a + 2.0).ln();
        let d = (c - b) * (c + b);
        let e = (-d * d).exp();
        let f = e / (a * a + 1.0);
        let g = (f * c - d * 0.25).tanh();
        let h = (g + 3.0).sqrt() * e;
        let i = h * h - g * a;
        i / (h + 2.0)
    })
}

/// The library has no distribution function: this is how it is extended.
fn normal_cdf<const N: usize>(x: DualSVec64<N>) -> DualSVec64<N> {
    let mut out = DualSVec64::from(math::normal_cdf(x.re));
    out.eps = x.eps * math::normal_pdf(x.re);
    out
}

#[inline]
fn gradient<const N: usize>(
    at: [f64; N],
    function: impl Fn([DualSVec64<N>; N]) -> DualSVec64<N>,
) -> Outcome<N> {
    let (value, gradient) = num_dual::gradient(|x| function(x.into()), &at.into());
    (value, gradient.into())
}
