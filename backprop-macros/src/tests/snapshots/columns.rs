// fn product(active &%1:a, active &%2:x, active &mut %3:y) {
//   %0 = 0u32
//   %4 = len %3:y
//   %5 = 0
//   %6 = len %2:x
//   %8 = undef
//   %30:y = L0: for %12:i in %5..%6 with %10:y = %3:y {
//     %11 = 0u32
//     %13 = 0
//     %28:y = L1: for %18:j in %13..%4 with %16:y = %10:y {
//       %17 = 0u32
//       %19 = %12:i * %4
//       %20 = %19 + %18:j
//       %21 = get %1:a[%20]
//       %22 = get %2:x[%12:i]
//       %23 = %21 * %22
//       %24 = get %16:y[%18:j]
//       %25 = %24 + %23
//       %26:y = add %16:y[%18:j] += %23
//       %27 = ()
//       yield %26:y
//     }
//     %29 = 0u32
//     yield %28:y
//   }
//   %31 = 0u32
//   final y = %30:y
// }

fn product(a: &[f64], x: &[f64], y: &mut [f64]) {
    for i in 0..x.len() {
        for j in 0..y.len() {
            y[j] += a[i * y.len() + j] * x[i];
        }
    }
}
/**The value of `product` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_a`, `d_x`.

`d_y`: on entry the cotangent of what the function leaves, on exit of what it found.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn product_vjp(
    a: &[f64],
    d_a: &mut [f64],
    x: &[f64],
    d_x: &mut [f64],
    y: &mut [f64],
    d_y: &mut [f64],
) {
    product::sweep(
        a,
        ::backprop::__private::on(d_a),
        x,
        ::backprop::__private::on(d_x),
        y,
        ::backprop::__private::on(d_y),
        (),
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
}
#[doc(hidden)]
struct product {}
#[doc(hidden)]
impl product {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Wanted + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Alone,
    >(
        a: &[f64],
        mut d_a: ::backprop::__private::Slot<'_, [f64], __M0>,
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M1>,
        y: &mut [f64],
        mut d_y: ::backprop::__private::Slot<'_, [f64], __M2>,
        d_ret: (),
        tape: &mut __K,
        _: __P,
    ) {
        let d_y = ::backprop::__private::lent(d_y);
        let t = y.len();
        {
            let mut rows = &a[..];
            let mut rows1 = &a[..];
            let mut rows2 = d_a.part(|d| &mut d[..]);
            for i in 0..x.len() {
                if 0 < t {
                    let a1;
                    (a1, rows) = rows.split_at(t);
                    let y1 = &mut y[0..t];
                    let t1 = x[i];
                    for j in 0..t {
                        y1[j] += a1[j] * t1;
                    }
                }
                let mut sum = 0.0;
                if <__M1 as ::backprop::__private::Mode>::ON {
                    if 0 < t {
                        let a2;
                        (a2, rows1) = rows1.split_at(t);
                        let d_y1 = &d_y[0..t];
                        sum
                            += ::backprop::__private::lanes(
                                [a2, d_y1],
                                |[a2_1, d_y1_1]| d_y1_1 * a2_1,
                            );
                    }
                }
                if <__M0 as ::backprop::__private::Mode>::ON {
                    if 0 < t {
                        let d_y2 = &d_y[0..t];
                        let mut d_a1 = rows2.front(t);
                        let t2 = x[i];
                        for j1 in 0..t {
                            d_a1.with(|d| {
                                d[j1] += d_y2[j1] * t2;
                            });
                        }
                    }
                }
                d_x.with(|d| {
                    d[i] += sum;
                });
            }
        }
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Anew {
        ::backprop::__private::Anew
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for product {}
