//! The table of kinks, forwards: one test for each of its rows, in both precisions, and that reverse mode says the same.

use backprop::math;
use backprop::prelude::*;

macro_rules! kinks {
    ($module:ident $float:ident) => {
        mod $module {
            use super::*;

            const INFINITY: $float = $float::INFINITY;

            /// Functions of one number and of two.
            macro_rules! functions {
                ($name:ident($x:ident) $body:expr) => {
                    #[differentiable(jvp)]
                    fn $name($x: $float) -> $float {
                        $body
                    }
                };
                ($name:ident($x:ident, $y:ident) $body:expr) => {
                    #[differentiable(jvp)]
                    fn $name($x: $float, $y: $float) -> $float {
                        $body
                    }
                };
            }

            /// By one number: the derivative, and the same backwards.
            macro_rules! slope {
                ($jvp:ident $grad:ident at $x:expr) => {{
                    let x: $float = $x;
                    let (_, forth) = $jvp(x, 1.0);
                    let (_, back) = $grad(x);
                    assert!(forth == back, "{} forwards, {} backwards", forth, back);
                    // Twice as fast, twice as steep; and what stands still goes nowhere.
                    assert_eq!($jvp(x, 2.0).1, 2.0 * forth);
                    assert_eq!($jvp(x, 0.0).1, 0.0);
                    forth
                }};
            }

            /// By each of two numbers.
            macro_rules! slopes {
                ($jvp:ident $grad:ident at $x:expr, $y:expr) => {{
                    let (x, y): ($float, $float) = ($x, $y);
                    let forth = ($jvp(x, 1.0, y, 0.0).1, $jvp(x, 0.0, y, 1.0).1);
                    let (_, by_x, by_y) = $grad(x, y);
                    assert_eq!(forth, (by_x, by_y));
                    assert_eq!($jvp(x, 0.0, y, 0.0).1, 0.0);
                    forth
                }};
            }

            functions!(abs(x) x.abs());

            #[test]
            fn abs_at_zero() {
                assert_eq!(slope!(abs_jvp abs_grad at 0.0), 0.0);
                assert_eq!(slope!(abs_jvp abs_grad at -0.0), 0.0);
            }

            functions!(larger(x, y) x.max(y));
            functions!(smaller(x, y) x.min(y));

            #[test]
            fn max_and_min_at_a_tie() {
                assert_eq!(slopes!(larger_jvp larger_grad at 2.0, 2.0), (0.5, 0.5));
                assert_eq!(slopes!(smaller_jvp smaller_grad at 2.0, 2.0), (0.5, 0.5));
                assert_eq!(slopes!(larger_jvp larger_grad at 3.0, 2.0), (1.0, 0.0));
                assert_eq!(slopes!(smaller_jvp smaller_grad at 3.0, 2.0), (0.0, 1.0));
            }

            #[differentiable(jvp)]
            fn clamped(x: $float, low: $float, high: $float) -> $float {
                x.clamp(low, high)
            }

            #[test]
            fn clamp_at_a_bound_and_outside() {
                let along = |x: $float| {
                    let forth = clamped_jvp(x, 1.0, -1.0, 10.0, 1.0, 100.0).1;
                    let (_, a, b, c) = clamped_grad(x, -1.0, 1.0);
                    assert_eq!(forth, a + 10.0 * b + 100.0 * c);
                    forth
                };
                assert_eq!([-2.0, -1.0, 0.0, 1.0, 2.0].map(along), [10.0, 1.0, 1.0, 1.0, 100.0]);
            }

            functions!(positive_part(x) math::relu(x));

            #[test]
            fn relu_at_zero() {
                assert_eq!(slope!(positive_part_jvp positive_part_grad at 0.0), 0.0);
                assert_eq!(slope!(positive_part_jvp positive_part_grad at 1.0), 1.0);
            }

            functions!(steps(x) x.floor() + x.ceil() + x.round() + x.trunc() + x.signum() + (x as i32) as $float);
            functions!(fraction(x) x.fract());

            #[test]
            fn steps_and_what_lies_between() {
                for x in [-1.5, -1.0, 0.0, 0.5, 2.0] {
                    assert_eq!(slope!(steps_jvp steps_grad at x), 0.0);
                    assert_eq!(slope!(fraction_jvp fraction_grad at x), 1.0);
                }
            }

            functions!(remainder(x, y) x % y);

            #[test]
            fn remainders() {
                assert_eq!(slopes!(remainder_jvp remainder_grad at 7.5, 2.0), (1.0, -3.0));
                assert_eq!(slopes!(remainder_jvp remainder_grad at -7.5, 2.0), (1.0, 3.0));
                assert_eq!(slopes!(remainder_jvp remainder_grad at 6.0, 2.0), (1.0, -3.0));
            }

            functions!(root(x) x.sqrt());
            functions!(cube_root(x) x.cbrt());
            functions!(root_of_a_square(x) (x * x).sqrt());

            #[test]
            fn roots_at_zero() {
                assert_eq!(slope!(root_jvp root_grad at 0.0), INFINITY);
                assert_eq!(slope!(cube_root_jvp cube_root_grad at 0.0), INFINITY);
                // The tangent of the square is exactly 0, and contributes exactly 0.
                assert_eq!(root_of_a_square_jvp(0.0, 1.0), (0.0, 0.0));
            }

            functions!(distance(x, y) x.hypot(y));
            functions!(angle(x, y) x.atan2(y));

            #[test]
            fn hypot_and_atan2_at_the_origin() {
                assert_eq!(slopes!(distance_jvp distance_grad at 0.0, 0.0), (0.0, 0.0));
                assert_eq!(slopes!(angle_jvp angle_grad at 0.0, 0.0), (0.0, 0.0));
            }

            functions!(power(x, p) x.powf(p));

            #[test]
            fn powf_at_zero() {
                assert_eq!(slopes!(power_jvp power_grad at 0.0, 1.0), (1.0, 0.0));
                assert_eq!(slopes!(power_jvp power_grad at 0.0, 2.5), (0.0, 0.0));
                assert_eq!(slopes!(power_jvp power_grad at 0.0, 0.5), (INFINITY, 0.0));
                assert_eq!(power_jvp(0.0, 1.0, 0.0, 0.0).1, 0.0);
            }

            functions!(to_the_third(x) x.powi(3));
            functions!(to_the_zeroth(x) x.powi(0));
            functions!(to_the_first(x) x.powi(1));

            #[test]
            fn powi_at_zero() {
                assert_eq!(slope!(to_the_third_jvp to_the_third_grad at 2.0), 12.0);
                assert_eq!(slope!(to_the_third_jvp to_the_third_grad at 0.0), 0.0);
                assert_eq!(slope!(to_the_first_jvp to_the_first_grad at 0.0), 1.0);
                assert_eq!(slope!(to_the_zeroth_jvp to_the_zeroth_grad at 0.0), 0.0);
                assert_eq!(slope!(to_the_zeroth_jvp to_the_zeroth_grad at 3.0), 0.0);
            }

            functions!(signed(x, y) x.copysign(y));

            #[test]
            fn copysign() {
                assert_eq!(slopes!(signed_jvp signed_grad at 2.0, 3.0), (1.0, 0.0));
                assert_eq!(slopes!(signed_jvp signed_grad at 2.0, -3.0), (-1.0, 0.0));
                assert_eq!(slopes!(signed_jvp signed_grad at -2.0, -3.0), (1.0, 0.0));
            }

            functions!(guarded(x) if x > 0.0 { x.ln() } else { 0.0 });
            functions!(logarithm(x) x.ln());
            functions!(arc(x) x.acos());

            #[test]
            fn the_branch_taken() {
                assert_eq!(slope!(guarded_jvp guarded_grad at 0.0), 0.0);
                assert_eq!(slope!(guarded_jvp guarded_grad at 0.5), 2.0);
            }

            #[test]
            fn outside_the_domain() {
                let (value, along) = logarithm_jvp(-1.0, 1.0);
                assert!(value.is_nan() && along == -1.0);
                assert_eq!(logarithm_grad(-1.0).1, -1.0);
                assert!(arc_jvp(2.0, 1.0).0.is_nan() && arc_jvp(2.0, 1.0).1.is_nan());
            }
        }
    };
}

kinks!(double f64);
kinks!(single f32);
