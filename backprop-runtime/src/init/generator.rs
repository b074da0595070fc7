//! xoshiro256++, seeded through SplitMix64 as its authors recommend: D. Blackman, S. Vigna, Scrambled linear pseudorandom number generators,
//! ACM Trans. Math. Softw. 47 (2021). Good for weights and test data, not for secrets.

use crate::state::{State, StateVisitor};
use crate::{Path, Real};

/// A sequence of random numbers that its seed decides.
#[derive(Clone, Debug)]
pub struct Generator {
    state: [u64; 4],
}

impl Generator {
    /// The sequence of a seed. Any seed is as good as any other.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let state = core::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (counter ^ (counter >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Generator { state }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let bits = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        bits
    }

    /// The next number, uniform on [0, 1): a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The next number, normal with mean 0 and variance 1.
    ///
    /// The polar method: G. Marsaglia, T. A. Bray, SIAM Review 6 (1964), 260.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * Real::sqrt(-2.0 * ln(s) / s);
            }
        }
    }
}

impl State for Generator {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        visitor.counters(
            path,
            read.map(|x| x.state.as_slice()),
            write.map(|x| x.state.as_mut_slice()),
        );
    }
}

/// The natural logarithm of a positive normal number from additions, products and quotients alone: 2·artanh((m − 1)/(m + 1)) + e·ln 2.
fn ln(x: f64) -> f64 {
    // Twelve terms reach 2⁻⁶⁰ for m between √½ and √2.
    const TERMS: u32 = 12;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
    if mantissa > core::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let series = (0..TERMS)
        .rev()
        .fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    2.0 * t * series + f64::from(exponent) * core::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_the_published_ones() {
        // The first outputs of the authors' C code for the state 1, 2, 3, 4.
        let mut generator = Generator {
            state: [1, 2, 3, 4],
        };
        let first: [u64; 4] = core::array::from_fn(|_| generator.bits());
        assert_eq!(
            first,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
        // SplitMix64 from the seed 0.
        assert_eq!(Generator::new(0).state[0], 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn the_logarithm_agrees_with_the_systems() {
        let mut generator = Generator::new(1);
        for _ in 0..10_000 {
            let x = generator.uniform().max(1e-300);
            let system = Real::ln(x);
            assert!(
                (ln(x) - system).abs() <= 4.0 * f64::EPSILON * system.abs() + 1e-17,
                "{x}"
            );
        }
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        const N: usize = 100_000;
        let mut generator = Generator::new(2);
        let (mut u, mut z) = ([0.0; 2], [0.0; 4]);
        for _ in 0..N {
            let (x, y) = (generator.uniform(), generator.normal());
            u = [u[0] + x, u[1] + x * x];
            z = [
                z[0] + y,
                z[1] + y * y,
                z[2] + y * y * y,
                z[3] + y * y * y * y,
            ];
        }
        let n = N as f64;
        // Five standard errors each.
        assert!((u[0] / n - 0.5).abs() < 0.005 && (u[1] / n - 1.0 / 3.0).abs() < 0.005);
        assert!(
            (z[0] / n).abs() < 0.016
                && (z[1] / n - 1.0).abs() < 0.023
                && (z[2] / n).abs() < 0.062
                && (z[3] / n - 3.0).abs() < 0.16
        );
    }

    /// These bits are a promise: weights do not change from one release or platform to the next.
    #[test]
    fn weights_never_change() {
        let mut weights = [0.0_f64; 3];
        crate::init::he_normal(&mut weights, 8, &mut Generator::new(42));
        assert_eq!(
            weights.map(f64::to_bits),
            [
                4_602_511_270_765_570_939,
                4_604_211_509_610_529_546,
                13_825_728_582_998_380_273
            ]
        );
    }
}
