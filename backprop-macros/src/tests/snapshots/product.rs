// fn product(active &%1:x) -> %14:p {
//   %0 = 0u32
//   %2:p = 1.0
//   %3 = 0
//   %4 = 4
//   %6 = undef
//   %14:p = L0: for %10:i in %3..%4 with %8:p = %2:p {
//     %9 = 0u32
//     %11 = get %1:x[%10:i]
//     %12:p = %8:p * %11
//     %13 = ()
//     yield %12:p
//   }
//   %15 = 0u32
// }

fn product(x: &[f64; 4]) -> f64 {
    let mut p = 1.0;
    for i in 0..4 {
        p *= x[i];
    }
    p
}
/**The value and the gradient of `product`, by reverse mode.

The gradient is added into `d_x`.

# Memory

- `kept_p`: on the stack, 4 values: what each iteration starts from.*/
fn product_grad(x: &[f64; 4], d_x: &mut [f64; 4]) -> f64 {
    let mut kept_p = [::backprop::__private::blank(); 4];
    let mut p = 1.0;
    for i in 0..4 {
        kept_p[i as usize] = p;
        p *= x[i];
    }
    let mut d_p = 1.0;
    for i1 in (0..4).rev() {
        let p1 = kept_p[i1 as usize];
        d_x[i1] += d_p * p1;
        d_p *= x[i1];
    }
    p
}
/**The value of `product` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_x`.

# Memory

- `kept_p`: on the stack, 4 values: what each iteration starts from.*/
fn product_vjp(x: &[f64; 4], d_x: &mut [f64; 4], d_ret: f64) -> f64 {
    let value = product::sweep(
        x,
        ::backprop::__private::on(d_x),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct product {}
#[doc(hidden)]
impl product {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: &[f64; 4],
        mut d_x: ::backprop::__private::Slot<'_, [f64; 4], __M0>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let mut kept_p = [::backprop::__private::blank(); 4];
                let mut p = 1.0;
                for i in 0..4 {
                    kept_p[i as usize] = p;
                    p *= x[i];
                }
                let mut d_p = d_ret;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    for i1 in (0..4).rev() {
                        let p1 = kept_p[i1 as usize];
                        d_x.with(|d| {
                            d[i1] += d_p * p1;
                        });
                        d_p *= x[i1];
                    }
                }
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let mut kept_p = [::backprop::__private::blank(); 4];
                let mut p = 1.0;
                for i in 0..4 {
                    kept_p[i as usize] = p;
                    p *= x[i];
                }
                let mut d_p = d_ret;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    for i1 in (0..4).rev() {
                        let p1 = kept_p[i1 as usize];
                        d_x.with(|d| {
                            d[i1] += d_p * p1;
                        });
                        d_p *= x[i1];
                    }
                }
                p
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
    >(
        x: &[f64; 4],
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            &[f64; 4],
            ::backprop::__private::Slot<'_, [f64; 4], __M0>,
            f64,
            &mut __K,
        ) + use<__M0, __K>,
    ) {
        let mut kept_p = [::backprop::__private::blank(); 4];
        let mut p = 1.0;
        for i in 0..4 {
            kept_p[i as usize] = p;
            p *= x[i];
        }
        let value = p;
        (
            value,
            move |
                x: &[f64; 4],
                mut d_x: ::backprop::__private::Slot<'_, [f64; 4], __M0>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                let mut d_p = d_ret;
                if <__M0 as ::backprop::__private::Mode>::ON {
                    for i1 in (0..4).rev() {
                        let p1 = kept_p[i1 as usize];
                        d_x.with(|d| {
                            d[i1] += d_p * p1;
                        });
                        d_p *= x[i1];
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
impl ::backprop::__private::HasDerivative for product {}
