// fn norm(active &%1:x) -> %19 {
//   %0 = 0u32
//   %2 = 0.0
//   %3:sum = convert T::from_f64(%2)
//   %4 = 0
//   %5 = N
//   %7 = undef
//   %17:sum = L0: for %11:i in %4..%5 with %9:sum = %3:sum {
//     %10 = 0u32
//     %12 = get %1:x[%11:i]
//     %13 = get %1:x[%11:i]
//     %14 = %12 * %13
//     %15:sum = %9:sum + %14
//     %16 = ()
//     yield %15:sum
//   }
//   %18 = 0u32
//   %19 = sqrt(%17:sum)
// }

fn norm<T: Real, const N: usize>(x: &[T; N]) -> T {
    let mut sum = T::from_f64(0.0);
    for i in 0..N {
        sum += x[i] * x[i];
    }
    sum.sqrt()
}
/**The value and the gradient of `norm`, by reverse mode.

The gradient is added into `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn norm_grad<T: Real, const N: usize>(x: &[T; N], d_x: &mut [T; N]) -> T {
    let mut sum = T::from_f64(0.0);
    if 0 < N {
        let x1 = &x[0..N];
        sum
            += ::backprop::__private::lanes(
                [x1],
                |[x1_1]| {
                    let t = x1_1;
                    t * t
                },
            );
    }
    let t1 = sum.sqrt();
    let d_sum = <T as ::backprop::__private::Real>::from_f64(0.5) / t1.abs();
    if 0 < N {
        let x2 = &x[0..N];
        let d_x1 = &mut d_x[0..N];
        for i in 0..N {
            let t2 = d_sum * x2[i];
            d_x1[i] += t2 + t2;
        }
    }
    t1
}
/**The value of `norm` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_x`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn norm_vjp<T: Real, const N: usize>(x: &[T; N], d_x: &mut [T; N], d_ret: T) -> T {
    let value = norm::sweep::<
        T,
        N,
        _,
        _,
        _,
    >(
        x,
        ::backprop::__private::on(d_x),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct norm {}
#[doc(hidden)]
impl norm {
    #[doc(hidden)]
    fn sweep<
        T: Real,
        const N: usize,
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: &[T; N],
        mut d_x: ::backprop::__private::Slot<'_, [T; N], __M0>,
        mut d_ret: T,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<T> {
        if __P::REST {
            {
                let mut sum = T::from_f64(0.0);
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < N {
                        let x1 = &x[0..N];
                        sum
                            += ::backprop::__private::lanes(
                                [x1],
                                |[x1_1]| {
                                    let t = x1_1;
                                    t * t
                                },
                            );
                    }
                }
                let d_sum = ::backprop::__private::rule::chain(
                    d_ret,
                    <T as ::backprop::__private::Real>::from_f64(0.5) / sum.sqrt().abs(),
                );
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < N {
                        let x2 = &x[0..N];
                        let mut d_x1 = d_x.part(|d| &mut d[0..N]);
                        for i in 0..N {
                            let t1 = d_sum * x2[i];
                            d_x1.with(|d| {
                                d[i] += t1 + t1;
                            });
                        }
                    }
                }
            }
            __P::nothing::<T>()
        } else {
            __P::value::<
                T,
            >({
                let mut sum = T::from_f64(0.0);
                if 0 < N {
                    let x1 = &x[0..N];
                    sum
                        += ::backprop::__private::lanes(
                            [x1],
                            |[x1_1]| {
                                let t = x1_1;
                                t * t
                            },
                        );
                }
                let t1 = sum.sqrt();
                let d_sum = ::backprop::__private::rule::chain(
                    d_ret,
                    <T as ::backprop::__private::Real>::from_f64(0.5) / t1.abs(),
                );
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < N {
                        let x2 = &x[0..N];
                        let mut d_x1 = d_x.part(|d| &mut d[0..N]);
                        for i in 0..N {
                            let t2 = d_sum * x2[i];
                            d_x1.with(|d| {
                                d[i] += t2 + t2;
                            });
                        }
                    }
                }
                t1
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        T: Real,
        const N: usize,
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
    >(
        x: &[T; N],
        _: ::backprop::__private::ResultOf<T>,
    ) -> (
        T,
        impl ::core::ops::FnOnce(
            &[T; N],
            ::backprop::__private::Slot<'_, [T; N], __M0>,
            T,
            &mut __K,
        ) + use<T, N, __M0, __K>,
    ) {
        let mut sum = T::from_f64(0.0);
        if 0 < N {
            let x1 = &x[0..N];
            sum
                += ::backprop::__private::lanes(
                    [x1],
                    |[x1_1]| {
                        let t = x1_1;
                        t * t
                    },
                );
        }
        let t1 = sum.sqrt();
        let value = t1;
        (
            value,
            move |
                x: &[T; N],
                mut d_x: ::backprop::__private::Slot<'_, [T; N], __M0>,
                mut d_ret: T,
                tape: &mut __K|
            {
                let d_sum = ::backprop::__private::rule::chain(
                    d_ret,
                    <T as ::backprop::__private::Real>::from_f64(0.5) / t1.abs(),
                );
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < N {
                        let x2 = &x[0..N];
                        let mut d_x1 = d_x.part(|d| &mut d[0..N]);
                        for i in 0..N {
                            let t2 = d_sum * x2[i];
                            d_x1.with(|d| {
                                d[i] += t2 + t2;
                            });
                        }
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
impl ::backprop::__private::HasDerivative for norm {}
