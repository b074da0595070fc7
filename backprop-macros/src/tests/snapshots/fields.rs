// fn predict(active &%1:model, active &%2:x) -> %16 {
//   %0 = 0u32
//   %3 = 0
//   %4 = get %1:model.w[%3]
//   %5 = 0
//   %6 = get %2:x[%5]
//   %7 = %4 * %6
//   %8 = 1
//   %9 = get %1:model.w[%8]
//   %10 = 1
//   %11 = get %2:x[%10]
//   %12 = %9 * %11
//   %13 = %7 + %12
//   %14:hidden = tanh(%13)
//   %15 = get %1:model.scale
//   %16 = %15 * %14:hidden
// }

fn predict(model: &Model, x: &[f64; 2]) -> f64 {
    let hidden = (model.w[0] * x[0] + model.w[1] * x[1]).tanh();
    model.scale * hidden
}
/**The value and the gradient of `predict`, by reverse mode.

The gradient is added into `d_model`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn predict_grad(model: &Model, d_model: &mut Model, x: &[f64; 2]) -> f64 {
    let t = x[0];
    let t1 = x[1];
    let hidden = (::backprop::__private::real(model.w[0]) * t
        + ::backprop::__private::real(model.w[1]) * t1)
        .tanh();
    let d_hidden = ::backprop::__private::real(model.scale);
    d_model.scale += hidden;
    let t2 = d_hidden * (1.0 - hidden * hidden);
    d_model.w[1] += t2 * t1;
    d_model.w[0] += t2 * t;
    d_hidden * hidden
}
/**The value of `predict` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_model`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn predict_vjp(model: &Model, d_model: &mut Model, x: &[f64; 2], d_ret: f64) -> f64 {
    let () = <Model as ::backprop::__private::Active>::FOUND;
    let value = predict::sweep(
        model,
        ::backprop::__private::on(d_model),
        x,
        ::backprop::__private::off(),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct predict {}
#[doc(hidden)]
impl predict {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Excluded<[f64; 2]>,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        model: &Model,
        mut d_model: ::backprop::__private::Slot<'_, Model, __M0>,
        x: &[f64; 2],
        d_x: __M1,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let t = x[0];
                let t1 = x[1];
                let hidden = (::backprop::__private::real(model.w[0]) * t
                    + ::backprop::__private::real(model.w[1]) * t1)
                    .tanh();
                d_model
                    .with(|d| {
                        d.scale += d_ret * hidden;
                    });
                let t2 = d_ret * ::backprop::__private::real(model.scale)
                    * (1.0 - hidden * hidden);
                d_model
                    .with(|d| {
                        d.w[1] += t2 * t1;
                    });
                d_model
                    .with(|d| {
                        d.w[0] += t2 * t;
                    });
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t = x[0];
                let t1 = x[1];
                let hidden = (::backprop::__private::real(model.w[0]) * t
                    + ::backprop::__private::real(model.w[1]) * t1)
                    .tanh();
                let t2 = ::backprop::__private::real(model.scale);
                d_model
                    .with(|d| {
                        d.scale += d_ret * hidden;
                    });
                let t3 = d_ret * t2 * (1.0 - hidden * hidden);
                d_model
                    .with(|d| {
                        d.w[1] += t3 * t1;
                    });
                d_model
                    .with(|d| {
                        d.w[0] += t3 * t;
                    });
                t2 * hidden
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Excluded<[f64; 2]>,
        __K: ::backprop::__private::Keep,
    >(
        model: &Model,
        x: &[f64; 2],
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            &Model,
            ::backprop::__private::Slot<'_, Model, __M0>,
            &[f64; 2],
            __M1,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __K>,
    ) {
        let t = x[0];
        let t1 = x[1];
        let hidden = (::backprop::__private::real(model.w[0]) * t
            + ::backprop::__private::real(model.w[1]) * t1)
            .tanh();
        let t2 = ::backprop::__private::real(model.scale);
        let t3 = t2 * hidden;
        let value = t3;
        (
            value,
            move |
                model: &Model,
                mut d_model: ::backprop::__private::Slot<'_, Model, __M0>,
                x: &[f64; 2],
                d_x: __M1,
                mut d_ret: f64,
                tape: &mut __K|
            {
                d_model
                    .with(|d| {
                        d.scale += d_ret * hidden;
                    });
                let t4 = d_ret * t2 * (1.0 - hidden * hidden);
                d_model
                    .with(|d| {
                        d.w[1] += t4 * t1;
                    });
                d_model
                    .with(|d| {
                        d.w[0] += t4 * t;
                    });
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for predict {}
