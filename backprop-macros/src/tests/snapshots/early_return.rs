// fn huber(active %1:x, active %2:delta) -> %15:ret {
//   %0 = 0u32
//   %3 = abs(%1:x)
//   %4 = %3 > %2:delta
//   %14:exit_code, %15:ret = if %4 {
//     %5 = abs(%1:x)
//     %6 = 0.5
//     %7 = %6 * %2:delta
//     %8 = %5 - %7
//     %9 = %2:delta * %8
//     %10 = 1u32
//     yield %10, %9
//   } else {
//     %11 = 0.5
//     %12 = %11 * %1:x
//     %13 = %12 * %1:x
//     yield %0, %13
//   }
// }

fn huber(x: f64, delta: f64) -> f64 {
    if x.abs() > delta {
        return delta * (x.abs() - 0.5 * delta);
    }
    0.5 * x * x
}
/**The value and the gradient of `huber`, by reverse mode.

Returns the derivatives by `x`, `delta` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn huber_grad(x: f64, delta: f64) -> (f64, f64, f64) {
    let t = x.abs();
    let (ret, d_x1, d_delta2) = if t > delta {
        let t1 = 0.5 * delta;
        let d_delta1 = t - t1;
        (delta * d_delta1, delta * ::backprop::__private::rule::sign(x), d_delta1 - t1)
    } else {
        (0.5 * x * x, x, 0.0)
    };
    (ret, d_x1, d_delta2)
}
/**The value of `huber` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `x`, `delta` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn huber_vjp(x: f64, delta: f64, d_ret: f64) -> (f64, f64, f64) {
    let mut d_x = ::backprop::__private::zero(&x);
    let mut d_delta = ::backprop::__private::zero(&delta);
    let value = huber::sweep(
        x,
        ::backprop::__private::on(&mut d_x),
        delta,
        ::backprop::__private::on(&mut d_delta),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_x, d_delta)
}
#[doc(hidden)]
struct huber {}
#[doc(hidden)]
impl huber {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: f64,
        mut d_x: ::backprop::__private::Slot<'_, f64, __M0>,
        delta: f64,
        mut d_delta: ::backprop::__private::Slot<'_, f64, __M1>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let t = x.abs();
                let (d_x1, d_delta1) = if t > delta {
                    let t1 = d_ret * delta;
                    (
                        t1 * ::backprop::__private::rule::sign(x),
                        d_ret * (t - 0.5 * delta) - t1 * 0.5,
                    )
                } else {
                    (d_ret * x, 0.0)
                };
                d_x.add(d_x1);
                d_delta.add(d_delta1);
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = x.abs();
                let (ret, d_x1, d_delta1) = if t > delta {
                    let t1 = t - 0.5 * delta;
                    let t2 = d_ret * delta;
                    (
                        delta * t1,
                        t2 * ::backprop::__private::rule::sign(x),
                        d_ret * t1 - t2 * 0.5,
                    )
                } else {
                    (0.5 * x * x, d_ret * x, 0.0)
                };
                d_x.add(d_x1);
                d_delta.add(d_delta1);
                ret
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
    >(
        x: f64,
        delta: f64,
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            f64,
            ::backprop::__private::Slot<'_, f64, __M0>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M1>,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __K>,
    ) {
        let t = x.abs();
        let t1 = t > delta;
        let (ret, t3) = if t1 {
            let t2 = t - 0.5 * delta;
            (delta * t2, t2)
        } else {
            (0.5 * x * x, 0.0)
        };
        let value = ret;
        (
            value,
            move |
                x: f64,
                mut d_x: ::backprop::__private::Slot<'_, f64, __M0>,
                delta: f64,
                mut d_delta: ::backprop::__private::Slot<'_, f64, __M1>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                let (d_x1, d_delta1) = if t1 {
                    let t4 = d_ret * delta;
                    (t4 * ::backprop::__private::rule::sign(x), d_ret * t3 - t4 * 0.5)
                } else {
                    (d_ret * x, 0.0)
                };
                d_x.add(d_x1);
                d_delta.add(d_delta1);
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for huber {}
