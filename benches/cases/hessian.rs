//! Value, gradient and Hessian at once: the Rosenbrock function in two dimensions, and all first and second derivatives of an option's price.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::math;
use backprop::prelude::*;

use super::Case;
use super::black_scholes::CALL;
use super::rosenbrock::TWO;

/// What both functions return.
type All<const N: usize> = (f64, [f64; N], [[f64; N]; N]);

#[differentiable(hessian)]
fn rosenbrock(x: &[f64; 2]) -> f64 {
    (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
}

fn rosenbrock_by_hand(&[x, y]: &[f64; 2]) -> All<2> {
    let a = 1.0 - x;
    let b = y - x * x;
    let d_b = 200.0 * b;
    let across = -400.0 * x;
    (
        a * a + 100.0 * (b * b),
        [-2.0 * a - 2.0 * x * d_b, d_b],
        [[2.0 - 2.0 * (d_b + x * across), across], [across, 200.0]],
    )
}

/// Of spot, strike, rate, volatility and time.
#[differentiable(hessian)]
fn call_price(x: &[f64; 5]) -> f64 {
    let [spot, strike, rate, volatility, time] = *x;
    let spread = volatility * time.sqrt();
    let d1 = ((spot / strike).ln() + (rate + 0.5 * volatility * volatility) * time) / spread;
    let d2 = d1 - spread;
    spot * math::normal_cdf(d1) - strike * (-rate * time).exp() * math::normal_cdf(d2)
}

/// The textbook's formulas, which use that spot·φ(d1) = strike·exp(−rate·time)·φ(d2): the higher Greeks, from gamma to the derivative of theta.
fn call_price_by_hand(&[spot, strike, rate, volatility, time]: &[f64; 5]) -> All<5> {
    let root = time.sqrt();
    let spread = volatility * root;
    let by_spread = 1.0 / spread;
    let drift = rate + 0.5 * volatility * volatility;
    let d1 = ((spot / strike).ln() + drift * time) * by_spread;
    let d2 = d1 - spread;
    let discount = (-rate * time).exp();
    let delta = math::normal_cdf(d1);
    let exercise = discount * math::normal_cdf(d2);
    let phi = math::normal_pdf(d1);
    let density = spot * phi;
    let paid = strike * exercise;
    let vega = density * root;
    let decay = 0.5 * density * volatility / root;
    let per_strike = density / strike;
    let (by_volatility, by_time) = (1.0 / volatility, 1.0 / time);
    // Derivatives of d1 and d2.
    let d1_rate = root * by_volatility;
    let d1_time = drift * by_spread - 0.5 * d1 * by_time;
    let d2_time = d1_time - 0.5 * spread * by_time;
    let spot_strike = -phi * by_spread / strike;
    let spot_rate = phi * d1_rate;
    let spot_volatility = -phi * d2 * by_volatility;
    let spot_time = phi * d1_time;
    let strike_rate = time * exercise - per_strike * d1_rate;
    let strike_volatility = per_strike * d1 * by_volatility;
    let strike_time = rate * exercise - per_strike * d2_time;
    let rate_volatility = -time * density * d1 * by_volatility;
    let rate_time = paid - time * (rate * paid - density * d2_time);
    let volatility_time = 0.5 * vega * by_time - vega * d1 * d1_time;
    (
        spot * delta - paid,
        [delta, -exercise, time * paid, vega, decay + rate * paid],
        [
            [
                phi * by_spread / spot,
                spot_strike,
                spot_rate,
                spot_volatility,
                spot_time,
            ],
            [
                spot_strike,
                per_strike * by_spread / strike,
                strike_rate,
                strike_volatility,
                strike_time,
            ],
            [
                spot_rate,
                strike_rate,
                time * (density * d1_rate - time * paid),
                rate_volatility,
                rate_time,
            ],
            [
                spot_volatility,
                strike_volatility,
                rate_volatility,
                vega * d1 * d2 * by_volatility,
                volatility_time,
            ],
            [
                spot_time,
                strike_time,
                rate_time,
                volatility_time,
                -decay * (0.5 * by_time + d1 * d1_time) - rate * (rate * paid - density * d2_time),
            ],
        ],
    )
}

/// A function with both.
pub(crate) struct Second<const N: usize> {
    at: [f64; N],
    result: All<N>,
}

impl<const N: usize> Second<N> {
    fn of(at: [f64; N]) -> Self {
        Second {
            at,
            result: (0.0, [0.0; N], [[0.0; N]; N]),
        }
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let (value, gradient, hessian) =
            std::mem::replace(&mut self.result, (0.0, [0.0; N], [[0.0; N]; N]));
        (value, [&gradient, hessian.as_flattened()].concat())
    }

    /// The product of the Hessian with a vector against differences of the gradient's with it.
    fn check(&self, by_hand: fn(&[f64; N]) -> All<N>) -> Result<Report, Failure> {
        let weights: [f64; N] = std::array::from_fn(|k| 1.0 + 0.5 * k as f64);
        let dot = |a: &[f64; N]| a.iter().zip(&weights).map(|(a, w)| a * w).sum::<f64>();
        let product: [f64; N] = std::array::from_fn(|k| dot(&self.result.2[k]));
        Gradcheck::new().check(|x: &[f64; N]| dot(&by_hand(x).1), &self.at, &product)
    }
}

/// In two dimensions.
pub(crate) struct Rosenbrock(Second<2>);

/// All sensitivities of a call.
pub(crate) struct Call(Second<5>);

macro_rules! cases {
    ($($case:ident $name:literal $at:expr, $generated:ident, $by_hand:ident;)*) => {$(
        impl Case for $case {
            const NAME: &'static str = $name;
            const ROUNDING: f64 = 1e-11;

            fn new() -> Self {
                $case(Second::of($at))
            }

            #[inline(always)]
            fn generated(&mut self) {
                self.0.result = $generated(&self.0.at);
            }

            #[inline(always)]
            fn by_hand(&mut self) {
                self.0.result = $by_hand(&self.0.at);
            }

            fn take(&mut self) -> (f64, Vec<f64>) {
                self.0.take()
            }

            fn check(&self) -> Result<Report, Failure> {
                self.0.check($by_hand)
            }
        }
    )*};
}
cases! {
    Rosenbrock "rosenbrock_2_hessian" TWO, rosenbrock_hessian, rosenbrock_by_hand;
    Call "black_scholes_hessian" CALL, call_price_hessian, call_price_by_hand;
}
