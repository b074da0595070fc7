fn dot(x: &[f64], y: &[f64], k: f64) -> f64 {
    k * x[0] * y[0]
}
/**The value and the gradient of `dot`, by reverse mode.

Returns the derivatives by `k` after the value.

The gradient is added into `d_x`, `d_y`.

The derivative is a rule written by hand.*/
fn dot_grad(
    x: &[f64],
    d_x: &mut [f64],
    y: &[f64],
    d_y: &mut [f64],
    k: f64,
) -> (f64, f64) {
    rules::dot(x, d_x, y, d_y, k, <f64 as ::backprop::__private::Real>::from_f64(1.0))
}
/**The value of `dot` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `k` after the value.

The gradient is added into `d_x`, `d_y`.

The derivative is a rule written by hand.*/
fn dot_vjp(
    x: &[f64],
    d_x: &mut [f64],
    y: &[f64],
    d_y: &mut [f64],
    k: f64,
    d_ret: f64,
) -> (f64, f64) {
    let mut d_k = ::backprop::__private::zero(&k);
    let value = dot::sweep(
        x,
        ::backprop::__private::on(d_x),
        y,
        ::backprop::__private::on(d_y),
        k,
        ::backprop::__private::on(&mut d_k),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_k)
}
#[doc(hidden)]
struct dot {}
#[doc(hidden)]
impl dot {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
        y: &[f64],
        mut d_y: ::backprop::__private::Slot<'_, [f64], __M1>,
        k: f64,
        mut d_k: ::backprop::__private::Slot<'_, f64, __M2>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let _ = {
                    let d_x = ::backprop::__private::demanded(&mut d_x);
                    let d_y = ::backprop::__private::demanded(&mut d_y);
                    let (value, got) = rules::dot(x, d_x, y, d_y, k, d_ret);
                    d_k.add(got);
                    value
                };
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let d_x = ::backprop::__private::demanded(&mut d_x);
                let d_y = ::backprop::__private::demanded(&mut d_y);
                let (value, got) = rules::dot(x, d_x, y, d_y, k, d_ret);
                d_k.add(got);
                value
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
            dot(a0, a1, a2),
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
                dot::sweep(
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
impl ::backprop::__private::HasDerivative for dot {}
