// fn logistic_map(active %1:r, active %2:x, %3:n) -> %16:x {
//   %0 = 0u32
//   %4 = 0
//   %6 = undef
//   %16:x = L0: for %10 in %4..%3:n with %8:x = %2:x {
//     %9 = 0u32
//     %11 = %1:r * %8:x
//     %12 = 1.0
//     %13 = %12 - %8:x
//     %14:x = %11 * %13
//     %15 = ()
//     yield %14:x
//   }
//   %17 = 0u32
// }

fn logistic_map(r: f64, x: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x = r * x * (1.0 - x);
    }
    x
}
/**The value and the gradient of `logistic_map`, by reverse mode.

Returns the derivatives by `r`, `x` after the value.

# Memory

- `kept_x`: on the tape, one value for each iteration: what it starts from.*/
fn logistic_map_grad(
    r: f64,
    x: f64,
    n: usize,
    tape: &mut ::backprop::Tape<'_>,
) -> (f64, f64, f64) {
    let mut x1 = x;
    for _ in 0..n {
        ::backprop::__private::rule::push(&mut *tape, &x1);
        x1 = r * x1 * (1.0 - x1);
    }
    let mut d_x1 = 1.0;
    let mut d_r1 = 0.0;
    for _ in (0..n).rev() {
        let x2 = ::backprop::__private::rule::pop(&mut *tape, &x1);
        let t = d_x1 * (1.0 - x2);
        d_x1 = t * r - d_x1 * (r * x2);
        d_r1 += t * x2;
    }
    (x1, d_r1, d_x1)
}
/**The value of `logistic_map` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `r`, `x` after the value.

# Memory

- `kept_x`: on the tape, one value for each iteration: what it starts from.*/
fn logistic_map_vjp(
    r: f64,
    x: f64,
    n: usize,
    d_ret: f64,
    tape: &mut ::backprop::Tape<'_>,
) -> (f64, f64, f64) {
    let mut d_r = ::backprop::__private::zero(&r);
    let mut d_x = ::backprop::__private::zero(&x);
    let value = logistic_map::sweep(
        r,
        ::backprop::__private::on(&mut d_r),
        x,
        ::backprop::__private::on(&mut d_x),
        n,
        ::backprop::__private::off(),
        d_ret,
        tape,
        ::backprop::__private::Whole,
    );
    (value, d_r, d_x)
}
#[doc(hidden)]
struct logistic_map {}
#[doc(hidden)]
impl logistic_map {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Store,
        __P: ::backprop::__private::Part,
    >(
        r: f64,
        mut d_r: ::backprop::__private::Slot<'_, f64, __M0>,
        x: f64,
        mut d_x: ::backprop::__private::Slot<'_, f64, __M1>,
        n: usize,
        mut d_n: ::backprop::__private::Slot<'_, usize, __M2>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let mut x1 = x;
                for _ in 0..n {
                    ::backprop::__private::rule::push(&mut *tape, &x1);
                    x1 = r * x1 * (1.0 - x1);
                }
                let mut d_x1 = d_ret;
                let mut d_r1 = 0.0;
                for _ in (0..n).rev() {
                    let x2 = ::backprop::__private::rule::pop(&mut *tape, &x1);
                    let t = d_x1 * (1.0 - x2);
                    d_x1 = t * r - d_x1 * (r * x2);
                    d_r1 += t * x2;
                }
                d_r.add(d_r1);
                d_x.add(d_x1);
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let mut x1 = x;
                for _ in 0..n {
                    ::backprop::__private::rule::push(&mut *tape, &x1);
                    x1 = r * x1 * (1.0 - x1);
                }
                let mut d_x1 = d_ret;
                let mut d_r1 = 0.0;
                for _ in (0..n).rev() {
                    let x2 = ::backprop::__private::rule::pop(&mut *tape, &x1);
                    let t = d_x1 * (1.0 - x2);
                    d_x1 = t * r - d_x1 * (r * x2);
                    d_r1 += t * x2;
                }
                d_r.add(d_r1);
                d_x.add(d_x1);
                x1
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __M2: ::backprop::__private::Mode,
        __K: ::backprop::__private::Store,
    >(
        a0: f64,
        a1: f64,
        a2: usize,
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            f64,
            ::backprop::__private::Slot<'_, f64, __M0>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M1>,
            usize,
            ::backprop::__private::Slot<'_, usize, __M2>,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __M2, __K>,
    ) {
        (
            logistic_map(a0, a1, a2),
            |
                a0: f64,
                d0: ::backprop::__private::Slot<'_, f64, __M0>,
                a1: f64,
                d1: ::backprop::__private::Slot<'_, f64, __M1>,
                a2: usize,
                d2: ::backprop::__private::Slot<'_, usize, __M2>,
                seed: f64,
                store: &mut __K|
            {
                logistic_map::sweep(
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
impl ::backprop::__private::HasDerivative for logistic_map {}
