//! Elementary functions over slices.

use backprop_runtime::math::{self, slice};

use super::check::{gradients, numbers};

/// As the function of one number, bit for bit; and the derivative.
macro_rules! check {
    ($($name:ident $vjp:ident from $low:literal to $high:literal;)*) => {$(
        for n in [0, 1, 3, 8, 37] {
            let x: Vec<f64> = numbers::<f64>(n, 1).iter().map(|x| 0.5 * ($low + $high) + 0.5 * ($high - $low) * x).collect();
            let mut y = numbers(n, 2);
            slice::$name(&x, &mut y);
            assert_eq!(y, x.iter().map(|&x| math::$name(x)).collect::<Vec<_>>(), stringify!($name));
            let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
            let mut y = numbers(n, 3);
            slice::$name(&single, &mut y);
            assert_eq!(y, single.iter().map(|&x| math::$name(x)).collect::<Vec<_>>(), stringify!($name));
            gradients(
                vec![x],
                &[n],
                1,
                |x, y| slice::$name(&x[0], &mut y[0]),
                |x, d, y, d_y| slice::$vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0]),
            );
        }
    )*};
}

#[test]
fn as_one_by_one() {
    check! {
        exp exp_vjp from -3.0 to 3.0;
        exp_m1 exp_m1_vjp from -3.0 to 3.0;
        ln ln_vjp from 0.5 to 9.0;
        ln_1p ln_1p_vjp from -0.5 to 9.0;
        tanh tanh_vjp from -3.0 to 3.0;
        sigmoid sigmoid_vjp from -5.0 to 5.0;
        softplus softplus_vjp from -5.0 to 5.0;
        relu relu_vjp from -1.0 to 1.0;
        silu silu_vjp from -5.0 to 5.0;
        gelu gelu_vjp from -4.0 to 4.0;
        gelu_tanh gelu_tanh_vjp from -4.0 to 4.0;
        sin sin_vjp from -9.0 to 9.0;
        cos cos_vjp from -9.0 to 9.0;
        erf erf_vjp from -3.0 to 3.0;
    }
}
