//! One differentiable function for each rule, at both precisions. They are written by a macro, so that parameters' names and types reach
//! the compiler the way users' own macros hand them over.

macro_rules! table {
    ($t:ty; $($name:ident($($x:ident),+) $body:expr;)*) => {$(
        #[backprop::differentiable]
        pub(crate) fn $name($($x: $t),+) -> $t {
            $body
        }
    )*};
}

macro_rules! functions {
    ($t:ty) => {
        table! {
            $t;
            abs(x) x.abs();
            acos(x) x.acos();
            acosh(x) x.acosh();
            asin(x) x.asin();
            asinh(x) x.asinh();
            atan(x) x.atan();
            atan2(y, x) y.atan2(x);
            atanh(x) x.atanh();
            cbrt(x) x.cbrt();
            ceil(x) x.ceil();
            clamp(x, lo, hi) x.clamp(lo, hi);
            copysign(x, s) x.copysign(s);
            cos(x) x.cos();
            cosh(x) x.cosh();
            div_euclid(x, y) x.div_euclid(y);
            exp(x) x.exp();
            exp2(x) x.exp2();
            exp_m1(x) x.exp_m1();
            floor(x) x.floor();
            fract(x) x.fract();
            hypot(x, y) x.hypot(y);
            ln(x) x.ln();
            ln_1p(x) x.ln_1p();
            log(x, base) x.log(base);
            log10(x) x.log10();
            log2(x) x.log2();
            max(x, y) x.max(y);
            midpoint(x, y) x.midpoint(y);
            min(x, y) x.min(y);
            mul_add(x, a, b) x.mul_add(a, b);
            powf(x, p) x.powf(p);
            recip(x) x.recip();
            rem(x, y) x % y;
            rem_euclid(x, y) x.rem_euclid(y);
            round(x) x.round();
            round_ties_even(x) x.round_ties_even();
            signum(x) x.signum();
            sin(x) x.sin();
            sine_of_both(x) x.sin_cos().0;
            cosine_of_both(x) x.sin_cos().1;
            sinh(x) x.sinh();
            sqrt(x) x.sqrt();
            tan(x) x.tan();
            tanh(x) x.tanh();
            to_degrees(x) x.to_degrees();
            to_radians(x) x.to_radians();
            trunc(x) x.trunc();
            add(x, y) x + y;
            sub(x, y) x - y;
            mul(x, y) x * y;
            div(x, y) x / y;
            neg(x) -x;
        }

        #[backprop::differentiable]
        pub(crate) fn powi(x: $t, n: i32) -> $t {
            x.powi(n)
        }

        #[backprop::differentiable]
        pub(crate) fn whole(x: $t) -> $t {
            (x as i32) as $t
        }
    };
}

pub(crate) mod double {
    functions!(f64);
}

pub(crate) mod single {
    functions!(f32);
}
