// fn rosenbrock(active &%1:x) -> %36:sum {
//   %0 = 0u32
//   %2 = 2
//   %3 = len %1:x
//   %4 = 0.0
//   %5 = 1
//   %6 = .saturating_sub(%3, %5)
//   %7 = 0
//   %9 = undef
//   %36:sum = L0: for %13 in %7..%6 with %11:sum = %4 {
//     %12 = 0u32
//     %14 = %13 + %2
//     %15 = 100.0
//     %16 = 1
//     %17 = %13 + %16
//     %18 = get %1:x[%17]
//     %19 = 0
//     %20 = get %1:x[%13]
//     %21 = 0
//     %22 = get %1:x[%13]
//     %23 = %20 * %22
//     %24 = %18 - %23
//     %25 = 2
//     %26 = powi(%24, %25)
//     %27 = %15 * %26
//     %28 = 1.0
//     %29 = 0
//     %30 = get %1:x[%13]
//     %31 = %28 - %30
//     %32 = 2
//     %33 = powi(%31, %32)
//     %34 = %27 + %33
//     %35 = %11:sum + %34
//     yield %35
//   }
//   %37 = 0u32
// }

fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2))
        .sum()
}
/**The value and the gradient of `rosenbrock`, by reverse mode.

The gradient is added into `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn rosenbrock_grad(x: &[f64], d_x: &mut [f64]) -> f64 {
    let t = x.len().saturating_sub(1);
    let mut sum1: f64 = 0.0;
    if 0 < t {
        let x1 = &x[1..1 + t];
        let x2 = &x[0..t];
        sum1
            += ::backprop::__private::lanes(
                [x1, x2],
                |[x1_1, x2_1]| {
                    let t1 = x2_1;
                    100.0 * (x1_1 - t1 * t1).powi(2) + (1.0 - t1).powi(2)
                },
            );
    }
    let mut carried = 0.0;
    if 0 < t {
        let x3 = &x[1..1 + t];
        let x4 = &x[0..t];
        let d_x1 = &mut d_x[0..t];
        for i in 0..t {
            let t2 = x4[i];
            let t3 = 200.0 * (x3[i] - t2 * t2);
            let t4 = t3 * t2;
            d_x1[i] += carried + (-2.0 * (1.0 - t2) - t4 - t4);
            carried = t3;
        }
    }
    if carried != 0.0 {
        d_x[t] += carried;
    }
    sum1
}
/**The value of `rosenbrock` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn rosenbrock_vjp(x: &[f64], d_x: &mut [f64], d_ret: f64) -> f64 {
    let value = rosenbrock::sweep(
        x,
        ::backprop::__private::on(d_x),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct rosenbrock {}
#[doc(hidden)]
impl rosenbrock {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let t = x.len().saturating_sub(1);
                let t1 = d_ret * 100.0;
                let mut carried = 0.0;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < t {
                        let x1 = &x[1..1 + t];
                        let x2 = &x[0..t];
                        let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                        for i in 0..t {
                            let t2 = x2[i];
                            let t3 = 2.0 * (t1 * (x1[i] - t2 * t2));
                            let t4 = t3 * t2;
                            d_x1.with(|d| {
                                d[i] += carried + (-2.0 * (d_ret * (1.0 - t2)) - t4 - t4);
                            });
                            carried = t3;
                        }
                    }
                }
                if carried != 0.0 {
                    d_x.with(|d| {
                        d[t] += carried;
                    });
                }
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = x.len().saturating_sub(1);
                let t1 = d_ret * 100.0;
                let mut sum1: f64 = 0.0;
                if 0 < t {
                    let x1 = &x[1..1 + t];
                    let x2 = &x[0..t];
                    sum1
                        += ::backprop::__private::lanes(
                            [x1, x2],
                            |[x1_1, x2_1]| {
                                let t2 = x2_1;
                                100.0 * (x1_1 - t2 * t2).powi(2) + (1.0 - t2).powi(2)
                            },
                        );
                }
                let mut carried = 0.0;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < t {
                        let x3 = &x[1..1 + t];
                        let x4 = &x[0..t];
                        let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                        for i in 0..t {
                            let t3 = x4[i];
                            let t4 = 2.0 * (t1 * (x3[i] - t3 * t3));
                            let t5 = t4 * t3;
                            d_x1.with(|d| {
                                d[i] += carried + (-2.0 * (d_ret * (1.0 - t3)) - t5 - t5);
                            });
                            carried = t4;
                        }
                    }
                }
                if carried != 0.0 {
                    d_x.with(|d| {
                        d[t] += carried;
                    });
                }
                sum1
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
    >(
        x: &[f64],
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            &[f64],
            ::backprop::__private::Slot<'_, [f64], __M0>,
            f64,
            &mut __K,
        ) + use<__M0, __K>,
    ) {
        let t = x.len().saturating_sub(1);
        let mut sum1: f64 = 0.0;
        if 0 < t {
            let x1 = &x[1..1 + t];
            let x2 = &x[0..t];
            sum1
                += ::backprop::__private::lanes(
                    [x1, x2],
                    |[x1_1, x2_1]| {
                        let t1 = x2_1;
                        100.0 * (x1_1 - t1 * t1).powi(2) + (1.0 - t1).powi(2)
                    },
                );
        }
        let value = sum1;
        (
            value,
            move |
                x: &[f64],
                mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                let t2 = d_ret * 100.0;
                let mut carried = 0.0;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < t {
                        let x3 = &x[1..1 + t];
                        let x4 = &x[0..t];
                        let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                        for i in 0..t {
                            let t3 = x4[i];
                            let t4 = 2.0 * (t2 * (x3[i] - t3 * t3));
                            let t5 = t4 * t3;
                            d_x1.with(|d| {
                                d[i] += carried + (-2.0 * (d_ret * (1.0 - t3)) - t5 - t5);
                            });
                            carried = t4;
                        }
                    }
                }
                if carried != 0.0 {
                    d_x.with(|d| {
                        d[t] += carried;
                    });
                }
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for rosenbrock {}
