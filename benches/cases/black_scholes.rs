//! The price of a European call option and its derivatives by all five inputs, the "Greeks": F. Black, M. Scholes, Journal of Political
//! Economy 81 (1973), 637.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::math;
use backprop::prelude::*;

use super::Case;

#[differentiable]
pub(crate) fn call_price(spot: f64, strike: f64, rate: f64, volatility: f64, time: f64) -> f64 {
    let spread = volatility * time.sqrt();
    let d1 = ((spot / strike).ln() + (rate + 0.5 * volatility * volatility) * time) / spread;
    let d2 = d1 - spread;
    spot * math::normal_cdf(d1) - strike * (-rate * time).exp() * math::normal_cdf(d2)
}

/// The value and five derivatives.
type Greeks = (f64, f64, f64, f64, f64, f64);

/// The textbook's formulas, which use that spot·φ(d1) = strike·exp(−rate·time)·φ(d2).
fn call_price_by_hand(spot: f64, strike: f64, rate: f64, volatility: f64, time: f64) -> Greeks {
    let root = time.sqrt();
    let spread = volatility * root;
    let d1 = ((spot / strike).ln() + (rate + 0.5 * volatility * volatility) * time) / spread;
    let discount = (-rate * time).exp();
    let delta = math::normal_cdf(d1);
    let exercise = discount * math::normal_cdf(d1 - spread);
    let density = spot * math::normal_pdf(d1);
    let paid = strike * exercise;
    let vega = density * root;
    let theta = density * volatility / (2.0 * root) + rate * paid;
    (
        spot * delta - paid,
        delta,
        -exercise,
        time * paid,
        vega,
        theta,
    )
}

/// A call a little out of the money: spot, strike, rate, volatility, time.
pub(crate) const CALL: [f64; 5] = [100.0, 105.0, 0.03, 0.25, 0.75];

/// The price of [`CALL`].
pub(crate) struct Call {
    at: [f64; 5],
    result: Greeks,
}

impl Case for Call {
    const NAME: &'static str = "black_scholes";

    fn new() -> Self {
        Call {
            at: CALL,
            result: Greeks::default(),
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        let [spot, strike, rate, volatility, time] = self.at;
        self.result = call_price_grad(spot, strike, rate, volatility, time);
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        let [spot, strike, rate, volatility, time] = self.at;
        self.result = call_price_by_hand(spot, strike, rate, volatility, time);
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let (value, delta, exercise, rho, vega, theta) = std::mem::take(&mut self.result);
        (value, vec![delta, exercise, rho, vega, theta])
    }

    fn check(&self) -> Result<Report, Failure> {
        let (_, delta, exercise, rho, vega, theta) = self.result;
        let price = |&[spot, strike, rate, volatility, time]: &[f64; 5]| {
            call_price(spot, strike, rate, volatility, time)
        };
        Gradcheck::new().check(price, &self.at, &[delta, exercise, rho, vega, theta])
    }
}
