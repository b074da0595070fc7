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
    );
    (value, d_k)
}
#[doc(hidden)]
struct dot {}
#[doc(hidden)]
impl dot {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Wanted,
        __M1: ::backprop::__private::Wanted,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
    >(
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
        y: &[f64],
        mut d_y: ::backprop::__private::Slot<'_, [f64], __M1>,
        k: f64,
        mut d_k: ::backprop::__private::Slot<'_, f64, __M2>,
        mut d_ret: f64,
        tape: &mut __K,
    ) -> f64 {
        let d_x = ::backprop::__private::lent(d_x);
        let d_y = ::backprop::__private::lent(d_y);
        let (value, got) = rules::dot(x, d_x, y, d_y, k, d_ret);
        d_k.add(got);
        value
    }
    #[doc(hidden)]
    fn pull<
        __M0: ::backprop::__private::Wanted,
        __M1: ::backprop::__private::Wanted,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
    >(
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
        y: &[f64],
        mut d_y: ::backprop::__private::Slot<'_, [f64], __M1>,
        k: f64,
        mut d_k: ::backprop::__private::Slot<'_, f64, __M2>,
        mut d_ret: f64,
        tape: &mut __K,
    ) {
        let _ = {
            let d_x = ::backprop::__private::lent(d_x);
            let d_y = ::backprop::__private::lent(d_y);
            let (value, got) = rules::dot(x, d_x, y, d_y, k, d_ret);
            d_k.add(got);
            value
        };
    }
}
