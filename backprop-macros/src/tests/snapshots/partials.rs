fn angle(x: f64) -> f64 {
    x.atan()
}
/**The value and the gradient of `angle`, by reverse mode.

Returns the derivatives by `x` after the value.

The partial derivatives are written by hand.*/
fn angle_grad(x: f64) -> (f64, f64) {
    let ret = angle(x);
    let d_x: f64 = 1.0 / (x * x + 1.0);
    (ret, d_x)
}
/**The value of `angle` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `x` after the value.

The partial derivatives are written by hand.*/
fn angle_vjp(x: f64, d_ret: f64) -> (f64, f64) {
    let mut d_x = ::backprop::__private::zero(&x);
    let value = angle::sweep(
        x,
        ::backprop::__private::on(&mut d_x),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_x)
}
#[doc(hidden)]
struct angle {}
#[doc(hidden)]
impl angle {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: f64,
        mut d_x: ::backprop::__private::Slot<'_, f64, __M0>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let _ = {
                    let ret = angle(x);
                    let partial: f64 = 1.0 / (x * x + 1.0);
                    d_x.add(d_ret * partial);
                    ret
                };
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let ret = angle(x);
                let partial: f64 = 1.0 / (x * x + 1.0);
                d_x.add(d_ret * partial);
                ret
            })
        }
    }
    #[doc(hidden)]
    fn forward<__M0: ::backprop::__private::Mode, __K: ::backprop::__private::Keep>(
        a0: f64,
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            f64,
            ::backprop::__private::Slot<'_, f64, __M0>,
            f64,
            &mut __K,
        ) + use<__M0, __K>,
    ) {
        (
            angle(a0),
            |
                a0: f64,
                d0: ::backprop::__private::Slot<'_, f64, __M0>,
                seed: f64,
                store: &mut __K|
            { angle::sweep(a0, d0, seed, store, ::backprop::__private::Rest) },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for angle {}
