// fn dense(active &%1:w, active &%2:x, active &mut %3:out) {
//   %0 = 0u32
//   %4 = len %3:out
//   %5 = len %2:x
//   %6 = len %1:w
//   %7 = %6 / %5
//   %8 = min(%4, %7)
//   %9 = 0
//   %11 = undef
//   %37:out = L0: for %15 in %9..%8 with %13:out = %3:out {
//     %14 = 0u32
//     %16 = %15 * %5
//     %17 = %16 + %5
//     %18 = 0.0
//     %19 = len %2:x
//     %20 = 0
//     %32:sum = L1: for %26 in %20..%5 with %24:sum = %18 {
//       %25 = 0u32
//       %27 = %16 + %26
//       %28 = get %1:w[%27]
//       %29 = get %2:x[%26]
//       %30 = %28 * %29
//       %31 = %24:sum + %30
//       yield %31
//     }
//     %33 = 0u32
//     %34 = tanh(%32:sum)
//     %35:out = set %13:out[%15] = %34
//     %36 = ()
//     yield %35:out
//   }
//   %38 = 0u32
//   final out = %37:out
// }

fn dense(w: &[f64], x: &[f64], out: &mut [f64]) {
    for (y, row) in out.iter_mut().zip(w.chunks_exact(x.len())) {
        *y = row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>().tanh();
    }
}
/**The value of `dense` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_w`, `d_x`.

`d_out`: on entry the cotangent of what the function leaves, on exit of what it found.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn dense_vjp(
    w: &[f64],
    d_w: &mut [f64],
    x: &[f64],
    d_x: &mut [f64],
    out: &mut [f64],
    d_out: &mut [f64],
) {
    dense::sweep(
        w,
        ::backprop::__private::on(d_w),
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
        __M2: ::backprop::__private::Wanted + ::backprop::__private::MayLeave,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        w: &[f64],
        mut d_w: ::backprop::__private::Slot<'_, [f64], __M0>,
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M1>,
        out: &mut [f64],
        mut d_out: ::backprop::__private::Slot<'_, [f64], __M2>,
        d_ret: (),
        tape: &mut __K,
        _: __P,
    ) {
        if __P::REST {
            let d_out = ::backprop::__private::lent(d_out);
            let t = x.len();
            {
                let mut rows = &w[..];
                let mut rows1 = d_w.part(|d| &mut d[..]);
                for i in 0..out.len().min(w.len() / t) {
                    let t1 = out[i];
                    let t2 = d_out[i];
                    ::backprop::__private::rule::clear(&mut d_out[i]);
                    let d_sum = t2 * (1.0 - t1 * t1);
                    if 0 < t {
                        let w1;
                        (w1, rows) = rows.split_at(t);
                        let x1 = &x[0..t];
                        let mut d_x1 = d_x.part(|d| &mut d[0..t]);
                        let mut d_w1 = rows1.front(t);
                        for i1 in 0..t {
                            d_x1.with(|d| {
                                d[i1] += d_sum * w1[i1];
                            });
                            d_w1.with(|d| {
                                d[i1] += d_sum * x1[i1];
                            });
                        }
                    }
                }
            }
        } else {
            let d_out = ::backprop::__private::lent(d_out);
            let t = out.len();
            let t1 = x.len();
            {
                let mut rows = &w[..];
                let mut rows1 = &w[..];
                let mut rows2 = d_w.part(|d| &mut d[..]);
                for i in 0..t.min(w.len() / t1) {
                    let mut sum1: f64 = 0.0;
                    if 0 < t1 {
                        let w1;
                        (w1, rows) = rows.split_at(t1);
                        let x1 = &x[0..t1];
                        sum1
                            += ::backprop::__private::lanes(
                                [w1, x1],
                                |[w1_1, x1_1]| w1_1 * x1_1,
                            );
                    }
                    let t2 = sum1.tanh();
                    out[i] = t2;
                    let t3 = d_out[i];
                    ::backprop::__private::rule::clear(&mut d_out[i]);
                    let d_sum = t3 * (1.0 - t2 * t2);
                    if 0 < t1 {
                        let w2;
                        (w2, rows1) = rows1.split_at(t1);
                        let x2 = &x[0..t1];
                        let mut d_x1 = d_x.part(|d| &mut d[0..t1]);
                        let mut d_w1 = rows2.front(t1);
                        for i1 in 0..t1 {
                            d_x1.with(|d| {
                                d[i1] += d_sum * w2[i1];
                            });
                            d_w1.with(|d| {
                                d[i1] += d_sum * x2[i1];
                            });
                        }
                    }
                }
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
