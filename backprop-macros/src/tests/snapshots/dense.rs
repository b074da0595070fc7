// fn dense(active &%1:w, active &%2:b, active &%3:x, active &mut %4:out) {
//   %0 = 0u32
//   %5 = 0
//   %6 = 2
//   %8 = undef
//   %32:out = L0: for %12:i in %5..%6 with %10:out = %4:out {
//     %11 = 0u32
//     %13:sum = get %2:b[%12:i]
//     %14 = 0
//     %15 = 3
//     %27:sum = L1: for %21:j in %14..%15 with %19:sum = %13:sum {
//       %20 = 0u32
//       %22 = get %1:w[%12:i][%21:j]
//       %23 = get %3:x[%21:j]
//       %24 = %22 * %23
//       %25:sum = %19:sum + %24
//       %26 = ()
//       yield %25:sum
//     }
//     %28 = 0u32
//     %29 = tanh(%27:sum)
//     %30:out = set %10:out[%12:i] = %29
//     %31 = ()
//     yield %30:out
//   }
//   %33 = 0u32
//   final out = %32:out
// }

fn dense(w: &[[f64; 3]; 2], b: &[f64; 2], x: &[f64; 3], out: &mut [f64; 2]) {
    for i in 0..2 {
        let mut sum = b[i];
        for j in 0..3 {
            sum += w[i][j] * x[j];
        }
        out[i] = sum.tanh();
    }
}
/**The value of `dense` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_w`, `d_b`, `d_x`.

`d_out`: on entry the cotangent of what the function leaves, on exit of what it found.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn dense_vjp(
    w: &[[f64; 3]; 2],
    d_w: &mut [[f64; 3]; 2],
    b: &[f64; 2],
    d_b: &mut [f64; 2],
    x: &[f64; 3],
    d_x: &mut [f64; 3],
    out: &mut [f64; 2],
    d_out: &mut [f64; 2],
) {
    dense::sweep(
        w,
        ::backprop::__private::on(d_w),
        b,
        ::backprop::__private::on(d_b),
        x,
        ::backprop::__private::on(d_x),
        out,
        ::backprop::__private::on(d_out),
        (),
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
}
#[doc(hidden)]
struct dense {}
#[doc(hidden)]
impl dense {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M3: ::backprop::__private::Wanted + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        w: &[[f64; 3]; 2],
        mut d_w: ::backprop::__private::Slot<'_, [[f64; 3]; 2], __M0>,
        b: &[f64; 2],
        mut d_b: ::backprop::__private::Slot<'_, [f64; 2], __M1>,
        x: &[f64; 3],
        mut d_x: ::backprop::__private::Slot<'_, [f64; 3], __M2>,
        out: &mut [f64; 2],
        mut d_out: ::backprop::__private::Slot<'_, [f64; 2], __M3>,
        d_ret: (),
        tape: &mut __K,
        _: __P,
    ) {
        if __P::REST {
            let d_out = ::backprop::__private::lent(d_out);
            for i in 0..2 {
                let t = out[i];
                let t1 = d_out[i];
                ::backprop::__private::rule::clear(&mut d_out[i]);
                let d_sum = t1 * (1.0 - t * t);
                if 0 < 3 {
                    let w1 = &w[i][0..3];
                    let x1 = &x[0..3];
                    let mut d_x1 = d_x.part(|d| &mut d[0..3]);
                    let mut d_w1 = d_w.part(|d| &mut d[i][0..3]);
                    for j in 0..3 {
                        d_x1.with(|d| {
                            d[j] += d_sum * w1[j];
                        });
                        d_w1.with(|d| {
                            d[j] += d_sum * x1[j];
                        });
                    }
                }
                d_b.with(|d| {
                    d[i] += d_sum;
                });
            }
        } else {
            let d_out = ::backprop::__private::lent(d_out);
            for i in 0..2 {
                let mut sum = b[i];
                if 0 < 3 {
                    let w1 = &w[i][0..3];
                    let x1 = &x[0..3];
                    sum
                        += ::backprop::__private::lanes(
                            [w1, x1],
                            |[w1_1, x1_1]| w1_1 * x1_1,
                        );
                }
                let t = sum.tanh();
                out[i] = t;
                let t1 = d_out[i];
                ::backprop::__private::rule::clear(&mut d_out[i]);
                let d_sum = t1 * (1.0 - t * t);
                if 0 < 3 {
                    let w2 = &w[i][0..3];
                    let x2 = &x[0..3];
                    let mut d_x1 = d_x.part(|d| &mut d[0..3]);
                    let mut d_w1 = d_w.part(|d| &mut d[i][0..3]);
                    for j in 0..3 {
                        d_x1.with(|d| {
                            d[j] += d_sum * w2[j];
                        });
                        d_w1.with(|d| {
                            d[j] += d_sum * x2[j];
                        });
                    }
                }
                d_b.with(|d| {
                    d[i] += d_sum;
                });
            }
        }
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for dense {}
