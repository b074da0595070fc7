//! The elementary functions over slices: y = f(x), element by element.
//!
//! A loop over the functions of [`math`](super) is compiled for the instructions that every processor of the target has. These here are compiled for several sets, and
//! the processor's best is chosen where they run, so that without compiler flags they are two to four times as fast for more than a few elements. Results are the same bit for
//! bit. Each is differentiable, like the [`kernel`](crate::kernel)s.
//!
//! ```
//! use backprop_runtime::math::{self, slice};
//!
//! let mut y = [0.0_f32; 3];
//! slice::tanh(&[0.5, -1.0, 100.0], &mut y);
//! assert_eq!(y, [0.5, -1.0, 100.0].map(math::tanh));
//!
//! let (mut d_x, mut d_y) = ([0.0; 3], [1.0; 3]);
//! slice::tanh_vjp(&[0.5, -1.0, 100.0], &mut d_x, &mut y, &mut d_y);
//! assert_eq!(d_x, y.map(|y| 1.0 - y * y));
//! ```

use super::error_function::{erf_slope, gelu_slope};
use crate::Real;
use crate::kernel::{instructions::versions, rule::kernel, shape, threads::both};

/// For each function its name, those of its derivatives and of the parts, a word for it, and the derivative at x, where the function is y.
macro_rules! slices {
    ($($name:ident $vjp:ident $jvp:ident $run:ident $fill:ident $pull:ident $push:ident $add:ident $word:literal |$x:ident, $y:ident| $slope:expr;)*) => {$(
        kernel! {
            #[doc = concat!($word, " of each element: [`math::", stringify!($name), "`](super::", stringify!($name), ").")]
            ///
            /// # Panics
            /// If the lengths differ.
            $name, $vjp, $jvp:
            in (x d_x Mx) out (y d_y My) with ()
            run $run, pull $pull, push $push
        }

        #[track_caller]
        fn $run<T: Real>(x: &[T], y: &mut [T]) {
            shape::same(stringify!($name), ("x", x.len()), ("y", y.len()));
            fill(x, y, $fill);
        }

        fn $pull<T: Real>(x: &[T], d_x: Option<&mut [T]>, y: &mut [T], d_y: &mut [T]) {
            if let Some(d_x) = d_x {
                add(x, d_x, y, d_y, $add);
            }
        }

        fn $push<T: Real>(x: &[T], v_x: Option<&[T]>, y: &mut [T], v_y: &mut [T]) {
            v_y.fill(T::from_f64(0.0));
            if let Some(v_x) = v_x {
                $add(x, v_y, y, v_x);
            }
        }

        versions! {
            fn $fill<T: Real>(x: &[T], y: &mut [T]) {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = super::$name(x);
                }
            }
        }

        versions! {
            fn $add<T: Real>(x: &[T], d_x: &mut [T], y: &[T], d_y: &[T]) {
                for ((d_x, &$x), (&$y, &d)) in d_x.iter_mut().zip(x).zip(y.iter().zip(d_y)) {
                    let slope: T = $slope;
                    *d_x += d * slope;
                }
            }
        }
    )*};
}

/// As an element takes so many multiplications: halves of many go to several threads.
const WORK: usize = 16;
/// The fewest elements that are halved.
const MANY: usize = 1 << 14;

fn fill<T: Real>(x: &[T], y: &mut [T], part: fn(&[T], &mut [T])) {
    if x.len() < MANY {
        return part(x, y);
    }
    let half = x.len() / 2;
    let ((x, x_rest), (y, y_rest)) = (x.split_at(half), y.split_at_mut(half));
    let work = 2 * half * WORK;
    both(work, || fill(x, y, part), || fill(x_rest, y_rest, part));
}

/// Adds to a gradient: x, its gradient, y, its cotangent.
type Add<T> = fn(&[T], &mut [T], &[T], &[T]);

fn add<T: Real>(x: &[T], d_x: &mut [T], y: &[T], d_y: &[T], part: Add<T>) {
    if x.len() < MANY {
        return part(x, d_x, y, d_y);
    }
    let half = x.len() / 2;
    let ((x, x_rest), (y, y_rest)) = (x.split_at(half), y.split_at(half));
    let ((d_x, d_x_rest), (d_y, d_y_rest)) = (d_x.split_at_mut(half), d_y.split_at(half));
    both(
        2 * half * WORK,
        || add(x, d_x, y, d_y, part),
        || add(x_rest, d_x_rest, y_rest, d_y_rest, part),
    );
}

slices! {
    exp exp_vjp exp_jvp run_exp fill_exp pull_exp push_exp add_exp "The exponential" |_x, y| y;
    exp_m1 exp_m1_vjp exp_m1_jvp run_exp_m1 fill_exp_m1 pull_exp_m1 push_exp_m1 add_exp_m1 "The exponential less 1" |x, _y| super::exp(x);
    ln ln_vjp ln_jvp run_ln fill_ln pull_ln push_ln add_ln "The natural logarithm" |x, _y| T::from_f64(1.0) / x;
    ln_1p ln_1p_vjp ln_1p_jvp run_ln_1p fill_ln_1p pull_ln_1p push_ln_1p add_ln_1p "The natural logarithm of 1 more" |x, _y| T::from_f64(1.0) / (T::from_f64(1.0) + x);
    tanh tanh_vjp tanh_jvp run_tanh fill_tanh pull_tanh push_tanh add_tanh "The hyperbolic tangent" |_x, y| T::from_f64(1.0) - y * y;
    sigmoid sigmoid_vjp sigmoid_jvp run_sigmoid fill_sigmoid pull_sigmoid push_sigmoid add_sigmoid "The logistic function" |_x, y| y * (T::from_f64(1.0) - y);
    softplus softplus_vjp softplus_jvp run_softplus fill_softplus pull_softplus push_softplus add_softplus "ln(1 + eˣ)" |x, _y| super::sigmoid(x);
    relu relu_vjp relu_jvp run_relu fill_relu pull_relu push_relu add_relu "The positive part" |x, _y| T::from_f64(if x > T::from_f64(0.0) { 1.0 } else { 0.0 });
    silu silu_vjp silu_jvp run_silu fill_silu pull_silu push_silu add_silu "x·sigmoid(x)" |x, y| super::sigmoid(x) + y * (T::from_f64(1.0) - super::sigmoid(x));
    gelu gelu_vjp gelu_jvp run_gelu fill_gelu pull_gelu push_gelu add_gelu "The Gaussian error linear unit" |x, _y| gelu_slope(x);
    gelu_tanh gelu_tanh_vjp gelu_tanh_jvp run_gelu_tanh fill_gelu_tanh pull_gelu_tanh push_gelu_tanh add_gelu_tanh "The approximate Gaussian error linear unit" |x, _y| super::activation::gelu_tanh_slope(x);
    sin sin_vjp sin_jvp run_sin fill_sin pull_sin push_sin add_sin "The sine" |x, _y| super::cos(x);
    cos cos_vjp cos_jvp run_cos fill_cos pull_cos push_cos add_cos "The cosine" |x, _y| -super::sin(x);
    erf erf_vjp erf_jvp run_erf fill_erf pull_erf push_erf add_erf "The error function" |x, _y| erf_slope(x);
}
