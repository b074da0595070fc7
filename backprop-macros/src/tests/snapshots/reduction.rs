// fn squared_error(active &%1:w, active &%2:x, active %3:y) -> %21:sum {
//   %0 = 0u32
//   %4:sum = 0.0
//   %5 = 0
//   %6 = len %1:w
//   %8 = undef
//   %21:sum = L0: for %12:i in %5..%6 with %10:sum = %4:sum {
//     %11 = 0u32
//     %13 = get %1:w[%12:i]
//     %14 = get %2:x[%12:i]
//     %15 = %13 * %14
//     %16 = %15 - %3:y
//     %17 = 2
//     %18 = powi(%16, %17)
//     %19:sum = %10:sum + %18
//     %20 = ()
//     yield %19:sum
//   }
//   %22 = 0u32
// }

fn squared_error(w: &[f64], x: &[f64], y: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..w.len() {
        sum += (w[i] * x[i] - y).powi(2);
    }
    sum
}
/**The value and the gradient of `squared_error`, by reverse mode.

Returns the derivatives by `y` after the value.

The gradient is added into `d_w`, `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn squared_error_grad(
    w: &[f64],
    d_w: &mut [f64],
    x: &[f64],
    d_x: &mut [f64],
    y: f64,
) -> (f64, f64) {
    let t = w.len();
    let mut sum = 0.0;
    if 0 < t {
        let w1 = &w[0..t];
        let x1 = &x[0..t];
        sum
            += ::backprop::__private::lanes(
                [w1, x1],
                |[w1_1, x1_1]| (w1_1 * x1_1 - y).powi(2),
            );
    }
    let mut d_y1 = 0.0;
    if 0 < t {
        let w2 = &w[0..t];
        let x2 = &x[0..t];
        d_y1
            -= ::backprop::__private::lanes(
                [w2, x2],
                |[w2_1, x2_1]| 2.0 * (w2_1 * x2_1 - y),
            );
    }
    if 0 < t {
        let w3 = &w[0..t];
        let x3 = &x[0..t];
        let d_x1 = &mut d_x[0..t];
        let d_w1 = &mut d_w[0..t];
        for i in 0..t {
            let t1 = w3[i];
            let t2 = x3[i];
            let t3 = 2.0 * (t1 * t2 - y);
            d_x1[i] += t3 * t1;
            d_w1[i] += t3 * t2;
        }
    }
    (sum, d_y1)
}
/**The value of `squared_error` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `y` after the value.

The gradient is added into `d_w`, `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn squared_error_vjp(
    w: &[f64],
    d_w: &mut [f64],
    x: &[f64],
    d_x: &mut [f64],
    y: f64,
    d_ret: f64,
) -> (f64, f64) {
    let mut d_y = ::backprop::__private::zero(&y);
    let value = squared_error::sweep(
        w,
        ::backprop::__private::on(d_w),
        x,
        ::backprop::__private::on(d_x),
        y,
        ::backprop::__private::on(&mut d_y),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_y)
}
#[doc(hidden)]
struct squared_error {}
#[doc(hidden)]
impl squared_error {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        w: &[f64],
        mut d_w: ::backprop::__private::Slot<'_, [f64], __M0>,
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M1>,
        y: f64,
        mut d_y: ::backprop::__private::Slot<'_, f64, __M2>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let t = w.len();
                let mut d_y1 = 0.0;
                if 0 < t {
                    let w1 = &w[0..t];
                    let x1 = &x[0..t];
                    d_y1
                        -= ::backprop::__private::lanes(
                            [w1, x1],
                            |[w1_1, x1_1]| 2.0 * (d_ret * (w1_1 * x1_1 - y)),
                        );
                }
                if 0 < t {
                    let w2 = &w[0..t];
                    let x2 = &x[0..t];
                    let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                    let mut d_w1 = d_w.part(|d| &mut d[0..t]);
                    for i in 0..t {
                        let t1 = w2[i];
                        let t2 = x2[i];
                        let t3 = 2.0 * (d_ret * (t1 * t2 - y));
                        d_x1.with(|d| {
                            d[i] += t3 * t1;
                        });
                        d_w1.with(|d| {
                            d[i] += t3 * t2;
                        });
                    }
                }
                d_y.add(d_y1);
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = w.len();
                let t1 = 2.0 * d_ret;
                let mut sum = 0.0;
                if 0 < t {
                    let w1 = &w[0..t];
                    let x1 = &x[0..t];
                    sum
                        += ::backprop::__private::lanes(
                            [w1, x1],
                            |[w1_1, x1_1]| (w1_1 * x1_1 - y).powi(2),
                        );
                }
                let mut d_y1 = 0.0;
                if 0 < t {
                    let w2 = &w[0..t];
                    let x2 = &x[0..t];
                    d_y1
                        -= ::backprop::__private::lanes(
                            [w2, x2],
                            |[w2_1, x2_1]| t1 * (w2_1 * x2_1 - y),
                        );
                }
                if 0 < t {
                    let w3 = &w[0..t];
                    let x3 = &x[0..t];
                    let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                    let mut d_w1 = d_w.part(|d| &mut d[0..t]);
                    for i in 0..t {
                        let t2 = w3[i];
                        let t3 = x3[i];
                        let t4 = t1 * (t2 * t3 - y);
                        d_x1.with(|d| {
                            d[i] += t4 * t2;
                        });
                        d_w1.with(|d| {
                            d[i] += t4 * t3;
                        });
                    }
                }
                d_y.add(d_y1);
                sum
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
    >(
        a0: &[f64],
        a1: &[f64],
        a2: f64,
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            &[f64],
            ::backprop::__private::Slot<'_, [f64], __M0>,
            &[f64],
            ::backprop::__private::Slot<'_, [f64], __M1>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M2>,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __M2, __K>,
    ) {
        (
            squared_error(a0, a1, a2),
            |
                a0: &[f64],
                d0: ::backprop::__private::Slot<'_, [f64], __M0>,
                a1: &[f64],
                d1: ::backprop::__private::Slot<'_, [f64], __M1>,
                a2: f64,
                d2: ::backprop::__private::Slot<'_, f64, __M2>,
                seed: f64,
                store: &mut __K|
            {
                squared_error::sweep(
                    a0,
                    d0,
                    a1,
                    d1,
                    a2,
                    d2,
                    seed,
                    store,
                    ::backprop::__private::Rest,
                )
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for squared_error {}
