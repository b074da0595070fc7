// fn dot(active &%1:a, active &%2:b) -> %18:sum {
//   %0 = 0u32
//   %3 = 0.0
//   %4 = len %1:a
//   %5 = len %2:b
//   %6 = min(%4, %5)
//   %7 = 0
//   %9 = undef
//   %18:sum = L0: for %13 in %7..%6 with %11:sum = %3 {
//     %12 = 0u32
//     %14 = get %1:a[%13]
//     %15 = get %2:b[%13]
//     %16 = %14 * %15
//     %17 = %11:sum + %16
//     yield %17
//   }
//   %19 = 0u32
// }

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()
}
/**The value and the gradient of `dot`, by reverse mode.

The gradient is added into `d_a`, `d_b`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn dot_grad(a: &[f64], d_a: &mut [f64], b: &[f64], d_b: &mut [f64]) -> f64 {
    let mut sum1: f64 = 0.0;
    if 0 < a.len().min(b.len()) {
        let a1 = &a[0..a.len().min(b.len())];
        let b1 = &b[0..a.len().min(b.len())];
        let d_b1 = &mut d_b[0..a.len().min(b.len())];
        let d_a1 = &mut d_a[0..a.len().min(b.len())];
        sum1
            += ::backprop::__private::lanes_beside(
                [a1, b1],
                [d_b1, d_a1],
                |[a1_1, b1_1], [d_b1_1, d_a1_1]| {
                    let t = a1_1;
                    let t1 = b1_1;
                    *d_b1_1 += t;
                    *d_a1_1 += t1;
                    t * t1
                },
            );
    }
    sum1
}
/**The value of `dot` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_a`, `d_b`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn dot_vjp(a: &[f64], d_a: &mut [f64], b: &[f64], d_b: &mut [f64], d_ret: f64) -> f64 {
    let value = dot::sweep(
        a,
        ::backprop::__private::on(d_a),
        b,
        ::backprop::__private::on(d_b),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct dot {}
#[doc(hidden)]
impl dot {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        a: &[f64],
        mut d_a: ::backprop::__private::Slot<'_, [f64], __M0>,
        b: &[f64],
        mut d_b: ::backprop::__private::Slot<'_, [f64], __M1>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                if 0 < a.len().min(b.len()) {
                    let a1 = &a[0..a.len().min(b.len())];
                    let b1 = &b[0..a.len().min(b.len())];
                    let mut d_b1 = d_b.part(|d| &mut d[0..a.len().min(b.len())]);
                    let mut d_a1 = d_a.part(|d| &mut d[0..a.len().min(b.len())]);
                    for i in 0..a.len().min(b.len()) {
                        d_b1.with(|d| {
                            d[i] += d_ret * a1[i];
                        });
                        d_a1.with(|d| {
                            d[i] += d_ret * b1[i];
                        });
                    }
                }
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = a.len().min(b.len());
                let mut sum1: f64 = 0.0;
                if 0 < t {
                    let a1 = &a[0..t];
                    let b1 = &b[0..t];
                    sum1
                        += ::backprop::__private::lanes(
                            [a1, b1],
                            |[a1_1, b1_1]| a1_1 * b1_1,
                        );
                }
                if 0 < t {
                    let a2 = &a[0..t];
                    let b2 = &b[0..t];
                    let mut d_b1 = d_b.part(|d| &mut d[0..t]);
                    let mut d_a1 = d_a.part(|d| &mut d[0..t]);
                    for i in 0..t {
                        d_b1.with(|d| {
                            d[i] += d_ret * a2[i];
                        });
                        d_a1.with(|d| {
                            d[i] += d_ret * b2[i];
                        });
                    }
                }
                sum1
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
    >(
        a: &[f64],
        b: &[f64],
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            &[f64],
            ::backprop::__private::Slot<'_, [f64], __M0>,
            &[f64],
            ::backprop::__private::Slot<'_, [f64], __M1>,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __K>,
    ) {
        let t = a.len().min(b.len());
        let mut sum1: f64 = 0.0;
        if 0 < t {
            let a1 = &a[0..t];
            let b1 = &b[0..t];
            sum1 += ::backprop::__private::lanes([a1, b1], |[a1_1, b1_1]| a1_1 * b1_1);
        }
        let value = sum1;
        (
            value,
            move |
                a: &[f64],
                mut d_a: ::backprop::__private::Slot<'_, [f64], __M0>,
                b: &[f64],
                mut d_b: ::backprop::__private::Slot<'_, [f64], __M1>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                if 0 < t {
                    let a2 = &a[0..t];
                    let b2 = &b[0..t];
                    let mut d_b1 = d_b.part(|d| &mut d[0..t]);
                    let mut d_a1 = d_a.part(|d| &mut d[0..t]);
                    for i in 0..t {
                        d_b1.with(|d| {
                            d[i] += d_ret * a2[i];
                        });
                        d_a1.with(|d| {
                            d[i] += d_ret * b2[i];
                        });
                    }
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
impl ::backprop::__private::HasDerivative for dot {}
