// fn twice(active %1:x, active %2:y) -> %5 {
//   %0 = 0u32
//   %3:u = call layers::square(%1:x, %2:y)
//   %4 = call layers::square(%3:u, %2:y)
//   %5 = %4 + %3:u
// }

fn twice(x: f64, y: f64) -> f64 {
    let u = layers::square(x, y);
    layers::square(u, y) + u
}
/**The value and the gradient of `twice`, by reverse mode.

Returns the derivatives by `x`, `y` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn twice_grad(x: f64, y: f64) -> (f64, f64, f64) {
    let (u, pull) = {
        use ::backprop::__private::missing::of_2::*;
        use layers::square as __callee;
        let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
        __callee::forward(
            x,
            y,
            ::backprop::__private::result_of(|| layers::square(x, y)),
        )
    };
    let u = ::backprop::__private::real(u);
    let mut d_u = ::backprop::__private::neutral(&u);
    let mut d_y1 = -0.0;
    let t = ::backprop::__private::real({
        use ::backprop::__private::missing::of_2::*;
        use layers::square as __callee;
        let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
        __callee::sweep(
            u,
            ::backprop::__private::on(&mut d_u),
            y,
            ::backprop::__private::on(&mut d_y1),
            1.0,
            &mut ::backprop::__private::NoTape,
            ::backprop::__private::Whole,
        )
    });
    let mut d_x1 = 0.0;
    let mut d_y2 = -0.0;
    pull(
        x,
        ::backprop::__private::on(&mut d_x1),
        y,
        ::backprop::__private::on(&mut d_y2),
        1.0 + d_u,
        &mut ::backprop::__private::NoTape,
    );
    (t + u, d_x1, d_y1 + d_y2)
}
/**The value of `twice` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `x`, `y` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn twice_vjp(x: f64, y: f64, d_ret: f64) -> (f64, f64, f64) {
    let mut d_x = ::backprop::__private::zero(&x);
    let mut d_y = ::backprop::__private::zero(&y);
    let value = twice::sweep(
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
struct twice {}
#[doc(hidden)]
impl twice {
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
                let (u, pull) = {
                    use ::backprop::__private::missing::of_2::*;
                    use layers::square as __callee;
                    let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
                    __callee::forward(
                        x,
                        y,
                        ::backprop::__private::result_of(|| layers::square(x, y)),
                    )
                };
                let u = ::backprop::__private::real(u);
                let mut d_u = ::backprop::__private::neutral(&u);
                let mut d_y1 = -0.0;
                {
                    use ::backprop::__private::missing::of_2::*;
                    use layers::square as __callee;
                    let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
                    __callee::sweep(
                        u,
                        ::backprop::__private::on(&mut d_u),
                        y,
                        ::backprop::__private::on(&mut d_y1),
                        d_ret,
                        &mut ::backprop::__private::NoTape,
                        ::backprop::__private::Rest,
                    )
                };
                let mut d_x1 = 0.0;
                let mut d_y2 = -0.0;
                pull(
                    x,
                    ::backprop::__private::on(&mut d_x1),
                    y,
                    ::backprop::__private::on(&mut d_y2),
                    d_ret + d_u,
                    &mut ::backprop::__private::NoTape,
                );
                d_x.add(d_x1);
                d_y.add(d_y1 + d_y2);
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let (u, pull) = {
                    use ::backprop::__private::missing::of_2::*;
                    use layers::square as __callee;
                    let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
                    __callee::forward(
                        x,
                        y,
                        ::backprop::__private::result_of(|| layers::square(x, y)),
                    )
                };
                let u = ::backprop::__private::real(u);
                let mut d_u = ::backprop::__private::neutral(&u);
                let mut d_y1 = -0.0;
                let t = ::backprop::__private::real({
                    use ::backprop::__private::missing::of_2::*;
                    use layers::square as __callee;
                    let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
                    __callee::sweep(
                        u,
                        ::backprop::__private::on(&mut d_u),
                        y,
                        ::backprop::__private::on(&mut d_y1),
                        d_ret,
                        &mut ::backprop::__private::NoTape,
                        ::backprop::__private::Whole,
                    )
                });
                let mut d_x1 = 0.0;
                let mut d_y2 = -0.0;
                pull(
                    x,
                    ::backprop::__private::on(&mut d_x1),
                    y,
                    ::backprop::__private::on(&mut d_y2),
                    d_ret + d_u,
                    &mut ::backprop::__private::NoTape,
                );
                d_x.add(d_x1);
                d_y.add(d_y1 + d_y2);
                t + u
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
        let (u, pull) = {
            use ::backprop::__private::missing::of_2::*;
            use layers::square as __callee;
            let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
            __callee::forward(
                x,
                y,
                ::backprop::__private::result_of(|| layers::square(x, y)),
            )
        };
        let u = ::backprop::__private::real(u);
        let (t, pull1) = {
            use ::backprop::__private::missing::of_2::*;
            use layers::square as __callee;
            let () = <__callee as ::backprop::__private::HasDerivative>::FOUND;
            __callee::forward(
                u,
                y,
                ::backprop::__private::result_of(|| layers::square(u, y)),
            )
        };
        let t = ::backprop::__private::real(t);
        let t1 = t + u;
        let value = t1;
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
                let mut d_u = ::backprop::__private::neutral(&u);
                let mut d_y1 = -0.0;
                pull1(
                    u,
                    ::backprop::__private::on(&mut d_u),
                    y,
                    ::backprop::__private::on(&mut d_y1),
                    d_ret,
                    &mut ::backprop::__private::NoTape,
                );
                let mut d_x1 = 0.0;
                let mut d_y2 = -0.0;
                pull(
                    x,
                    ::backprop::__private::on(&mut d_x1),
                    y,
                    ::backprop::__private::on(&mut d_y2),
                    d_ret + d_u,
                    &mut ::backprop::__private::NoTape,
                );
                d_x.add(d_x1);
                d_y.add(d_y1 + d_y2);
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for twice {}
