// fn rosenbrock(active %1:x, active %2:y) -> %13 {
//   %0 = 0u32
//   %3 = 1.0
//   %4 = %3 - %1:x
//   %5 = 2
//   %6 = powi(%4, %5)
//   %7 = 100.0
//   %8 = %1:x * %1:x
//   %9 = %2:y - %8
//   %10 = 2
//   %11 = powi(%9, %10)
//   %12 = %7 * %11
//   %13 = %6 + %12
// }

fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}
/**The value and the gradient of `rosenbrock`, by reverse mode.

Returns the derivatives by `x`, `y` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.

# Formula

```text
let t = 1.0 - x
let t1 = y - x * x
let d_y1 = 200.0 * t1
(t.powi(2) + 100.0 * t1.powi(2), -2.0 * (d_y1 * x + t), d_y1)
```*/
fn rosenbrock_grad(x: f64, y: f64) -> (f64, f64, f64) {
    let t = 1.0 - x;
    let t1 = y - x * x;
    let d_y1 = 200.0 * t1;
    (t.powi(2) + 100.0 * t1.powi(2), -2.0 * (d_y1 * x + t), d_y1)
}
/**The value of `rosenbrock` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `x`, `y` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn rosenbrock_vjp(x: f64, y: f64, d_ret: f64) -> (f64, f64, f64) {
    let mut d_x = ::backprop::__private::zero(&x);
    let mut d_y = ::backprop::__private::zero(&y);
    let value = rosenbrock::sweep(
        x,
        ::backprop::__private::on(&mut d_x),
        y,
        ::backprop::__private::on(&mut d_y),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_x, d_y)
}
#[doc(hidden)]
struct rosenbrock {}
#[doc(hidden)]
impl rosenbrock {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: f64,
        mut d_x: ::backprop::__private::Slot<'_, f64, __M0>,
        y: f64,
        mut d_y: ::backprop::__private::Slot<'_, f64, __M1>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let d_y1 = 2.0 * (d_ret * 100.0 * (y - x * x));
                d_x.add(-2.0 * (d_y1 * x + d_ret * (1.0 - x)));
                d_y.add(d_y1);
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = 1.0 - x;
                let t1 = y - x * x;
                let d_y1 = 2.0 * (d_ret * 100.0 * t1);
                d_x.add(-2.0 * (d_y1 * x + d_ret * t));
                d_y.add(d_y1);
                t.powi(2) + 100.0 * t1.powi(2)
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
        y: f64,
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
        let t = 1.0 - x;
        let t1 = y - x * x;
        let t2 = t.powi(2) + 100.0 * t1.powi(2);
        let value = t2;
        (
            value,
            move |
                x: f64,
                mut d_x: ::backprop::__private::Slot<'_, f64, __M0>,
                y: f64,
                mut d_y: ::backprop::__private::Slot<'_, f64, __M1>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                let d_y1 = 2.0 * (d_ret * 100.0 * t1);
                d_x.add(-2.0 * (d_y1 * x + d_ret * t));
                d_y.add(d_y1);
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
