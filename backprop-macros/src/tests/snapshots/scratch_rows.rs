// fn spread(active &%1:x, active &%2:w, %3:n, active &mut %4:rows) -> %68:total {
//   %0 = 0u32
//   %5 = len %4:rows
//   %6:total = 0.0
//   %7 = len %1:x
//   %8 = %7 / %3:n
//   %9 = 0
//   %11 = undef
//   %67:rows, %68:total = L0: for %16 in %9..%8 with %13:rows = %4:rows, %14:total = %6:total {
//     %15 = 0u32
//     %17 = %16 * %3:n
//     %18 = %17 + %3:n
//     %19 = 0
//     %20 = len %2:w
//     %21 = %20 / %3:n
//     %70:rows = refill %13:rows
//     %64:rows, %65:total = L1: for %27:k in %19..%21 with %24:rows = %70:rows, %25:total = %14:total {
//       %26 = 0u32
//       %28 = %27:k * %3:n
//       %29 = 0
//       %43:rows = L2: for %35:j in %29..%3:n with %32:rows = %24:rows {
//         %34 = 0u32
//         %36 = %27:k * %3:n
//         %37 = %36 + %35:j
//         %38 = get %2:w[%37]
//         %39 = get %1:x[%17..%18][%35:j]
//         %40 = %38 * %39
//         %41:rows = set %32:rows[%28..][..%3:n][%35:j] = %40
//         %42 = ()
//         yield %41:rows
//       }
//       %44 = 0u32
//       %45 = 0.0
//       %46 = len %43:rows[%28..][..%3:n]
//       %47 = 0
//       %59:sum = L3: for %54 in %47..%46 with %52:sum = %45 {
//         %53 = 0u32
//         %55 = get %43:rows[%28..][%54]
//         %56 = get %43:rows[%28..][%54]
//         %57 = %55 * %56
//         %58 = %52:sum + %57
//         yield %58
//       }
//       %60 = 0u32
//       %61 = exp(%59:sum)
//       %62:total = %25:total + %61
//       %63 = ()
//       yield %43:rows, %62:total
//     }
//     %66 = 0u32
//     yield %64:rows, %65:total
//   }
//   %69 = 0u32
//   final rows = %67:rows
// }

fn spread(x: &[f64], w: &[f64], n: usize, rows: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for point in x.chunks_exact(n) {
        for k in 0..w.len() / n {
            let row = &mut rows[k * n..][..n];
            for j in 0..n {
                row[j] = w[k * n + j] * point[j];
            }
            let square: f64 = row.iter().map(|r| r * r).sum();
            total += square.exp();
        }
    }
    total
}
/**The value and the gradient of `spread`, by reverse mode.

The gradient is added into `d_x`, `d_w`.

`d_rows`: on entry the cotangent of what the function leaves, on exit of what it found.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn spread_grad(
    x: &[f64],
    d_x: &mut [f64],
    w: &[f64],
    d_w: &mut [f64],
    n: usize,
    rows: &mut [f64],
    d_rows: &mut [f64],
) -> f64 {
    let t = x.len() / n;
    let mut total = 0.0;
    for i in (0..t).rev() {
        let t1 = i * n;
        let t2 = t1 + n;
        let mut total1 = total;
        {
            let x1 = if 0 < (w.len() / n) && 0 < n { &x[t1..t2] } else { &[] };
            let d_x1 = if 0 < (w.len() / n) && 0 < n {
                &mut d_x[t1..t2]
            } else {
                &mut []
            };
            let mut rows1 = &w[..];
            let mut rows2 = &w[..];
            let mut rows3 = &mut d_w[..];
            for k in 0..(w.len() / n) {
                if 0 < n {
                    let w1;
                    (w1, rows1) = rows1.split_at(n);
                    let x2 = &x1[0..n];
                    let rows4 = &mut rows[(k * n)..][..n][0..n];
                    for j in 0..n {
                        rows4[j] = w1[j] * x2[j];
                    }
                }
                let t3 = rows[(k * n)..][..n].len();
                let mut sum1: f64 = 0.0;
                if 0 < t3 {
                    let rows5 = &rows[(k * n)..][0..t3];
                    sum1
                        += ::backprop::__private::lanes(
                            [rows5],
                            |[rows5_1]| {
                                let t4 = rows5_1;
                                t4 * t4
                            },
                        );
                }
                let d_sum = sum1.exp();
                if 0 < t3 {
                    let rows6 = &rows[(k * n)..][0..t3];
                    let d_rows1 = &mut d_rows[(k * n)..][0..t3];
                    for i1 in 0..t3 {
                        let t5 = rows6[i1];
                        let t6 = d_sum * t5;
                        d_rows1[i1] += t6 + t6;
                    }
                }
                if 0 < n {
                    let w2;
                    (w2, rows2) = rows2.split_at(n);
                    let x3 = &x1[0..n];
                    let d_rows2 = &mut d_rows[(k * n)..][..n][0..n];
                    let d_x2 = &mut d_x1[0..n];
                    let d_w1 = ::backprop::__private::front(&mut rows3, n);
                    for j1 in 0..n {
                        let t7 = d_rows2[j1];
                        ::backprop::__private::rule::clear(&mut d_rows2[j1]);
                        d_x2[j1] += t7 * w2[j1];
                        d_w1[j1] += t7 * x3[j1];
                    }
                }
                total1 += d_sum;
            }
        }
        total = total1;
    }
    if 0 < t {
        let t8 = (t - 1) * n;
        let t9 = t8 + n;
        {
            let x4 = if 0 < (w.len() / n) && 0 < n { &x[t8..t9] } else { &[] };
            let mut rows7 = &w[..];
            for k1 in 0..(w.len() / n) {
                if 0 < n {
                    let w3;
                    (w3, rows7) = rows7.split_at(n);
                    let x5 = &x4[0..n];
                    let rows8 = &mut rows[(k1 * n)..][..n][0..n];
                    for j2 in 0..n {
                        rows8[j2] = w3[j2] * x5[j2];
                    }
                }
            }
        }
    }
    total
}
/**The value of `spread` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

The gradient is added into `d_x`, `d_w`.

`d_rows`: on entry the cotangent of what the function leaves, on exit of what it found.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn spread_vjp(
    x: &[f64],
    d_x: &mut [f64],
    w: &[f64],
    d_w: &mut [f64],
    n: usize,
    rows: &mut [f64],
    d_rows: &mut [f64],
    d_ret: f64,
) -> f64 {
    let value = spread::sweep(
        x,
        ::backprop::__private::on(d_x),
        w,
        ::backprop::__private::on(d_w),
        n,
        ::backprop::__private::off(),
        rows,
        ::backprop::__private::on(d_rows),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    value
}
#[doc(hidden)]
struct spread {}
#[doc(hidden)]
impl spread {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M1: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
        __M2: ::backprop::__private::Mode,
        __M3: ::backprop::__private::Wanted,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        x: &[f64],
        mut d_x: ::backprop::__private::Slot<'_, [f64], __M0>,
        w: &[f64],
        mut d_w: ::backprop::__private::Slot<'_, [f64], __M1>,
        n: usize,
        mut d_n: ::backprop::__private::Slot<'_, usize, __M2>,
        rows: &mut [f64],
        mut d_rows: ::backprop::__private::Slot<'_, [f64], __M3>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let d_rows = ::backprop::__private::lent(d_rows);
                let t = x.len() / n;
                for i in (0..t).rev() {
                    let t1 = i * n;
                    let t2 = t1 + n;
                    {
                        let x1 = if 0 < (w.len() / n) && 0 < n {
                            &x[t1..t2]
                        } else {
                            &[]
                        };
                        let mut d_x1 = if 0 < (w.len() / n) && 0 < n {
                            d_x.part(|d| &mut d[t1..t2])
                        } else {
                            d_x.part(|d| &mut d[..0])
                        };
                        let mut rows1 = &w[..];
                        let mut rows2 = &w[..];
                        let mut rows3 = d_w.part(|d| &mut d[..]);
                        for k in 0..(w.len() / n) {
                            if 0 < n {
                                let w1;
                                (w1, rows1) = rows1.split_at(n);
                                let x2 = &x1[0..n];
                                let rows4 = &mut rows[(k * n)..][..n][0..n];
                                for j in 0..n {
                                    rows4[j] = w1[j] * x2[j];
                                }
                            }
                            let t3 = rows[(k * n)..][..n].len();
                            let mut sum1: f64 = 0.0;
                            if 0 < t3 {
                                let rows5 = &rows[(k * n)..][0..t3];
                                sum1
                                    += ::backprop::__private::lanes(
                                        [rows5],
                                        |[rows5_1]| {
                                            let t4 = rows5_1;
                                            t4 * t4
                                        },
                                    );
                            }
                            let d_sum = d_ret * sum1.exp();
                            if 0 < t3 {
                                let rows6 = &rows[(k * n)..][0..t3];
                                let d_rows1 = &mut d_rows[(k * n)..][0..t3];
                                for i1 in 0..t3 {
                                    let t5 = rows6[i1];
                                    let t6 = d_sum * t5;
                                    d_rows1[i1] += t6 + t6;
                                }
                            }
                            if 0 < n {
                                let w2;
                                (w2, rows2) = rows2.split_at(n);
                                let x3 = &x1[0..n];
                                let d_rows2 = &mut d_rows[(k * n)..][..n][0..n];
                                let mut d_x2 = d_x1.part(|d| &mut d[0..n]);
                                let mut d_w1 = rows3.front(n);
                                for j1 in 0..n {
                                    let t7 = d_rows2[j1];
                                    ::backprop::__private::rule::clear(&mut d_rows2[j1]);
                                    d_x2.with(|d| {
                                        d[j1] += t7 * w2[j1];
                                    });
                                    d_w1.with(|d| {
                                        d[j1] += t7 * x3[j1];
                                    });
                                }
                            }
                        }
                    }
                }
                if 0 < t {
                    let t8 = (t - 1) * n;
                    let t9 = t8 + n;
                    {
                        let x4 = if 0 < (w.len() / n) && 0 < n {
                            &x[t8..t9]
                        } else {
                            &[]
                        };
                        let mut rows7 = &w[..];
                        for k1 in 0..(w.len() / n) {
                            if 0 < n {
                                let w3;
                                (w3, rows7) = rows7.split_at(n);
                                let x5 = &x4[0..n];
                                let rows8 = &mut rows[(k1 * n)..][..n][0..n];
                                for j2 in 0..n {
                                    rows8[j2] = w3[j2] * x5[j2];
                                }
                            }
                        }
                    }
                }
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let d_rows = ::backprop::__private::lent(d_rows);
                let t = x.len() / n;
                let mut total = 0.0;
                for i in (0..t).rev() {
                    let t1 = i * n;
                    let t2 = t1 + n;
                    let mut total1 = total;
                    {
                        let x1 = if 0 < (w.len() / n) && 0 < n {
                            &x[t1..t2]
                        } else {
                            &[]
                        };
                        let mut d_x1 = if 0 < (w.len() / n) && 0 < n {
                            d_x.part(|d| &mut d[t1..t2])
                        } else {
                            d_x.part(|d| &mut d[..0])
                        };
                        let mut rows1 = &w[..];
                        let mut rows2 = &w[..];
                        let mut rows3 = d_w.part(|d| &mut d[..]);
                        for k in 0..(w.len() / n) {
                            if 0 < n {
                                let w1;
                                (w1, rows1) = rows1.split_at(n);
                                let x2 = &x1[0..n];
                                let rows4 = &mut rows[(k * n)..][..n][0..n];
                                for j in 0..n {
                                    rows4[j] = w1[j] * x2[j];
                                }
                            }
                            let t3 = rows[(k * n)..][..n].len();
                            let mut sum1: f64 = 0.0;
                            if 0 < t3 {
                                let rows5 = &rows[(k * n)..][0..t3];
                                sum1
                                    += ::backprop::__private::lanes(
                                        [rows5],
                                        |[rows5_1]| {
                                            let t4 = rows5_1;
                                            t4 * t4
                                        },
                                    );
                            }
                            let t5 = sum1.exp();
                            let d_sum = d_ret * t5;
                            if 0 < t3 {
                                let rows6 = &rows[(k * n)..][0..t3];
                                let d_rows1 = &mut d_rows[(k * n)..][0..t3];
                                for i1 in 0..t3 {
                                    let t6 = rows6[i1];
                                    let t7 = d_sum * t6;
                                    d_rows1[i1] += t7 + t7;
                                }
                            }
                            if 0 < n {
                                let w2;
                                (w2, rows2) = rows2.split_at(n);
                                let x3 = &x1[0..n];
                                let d_rows2 = &mut d_rows[(k * n)..][..n][0..n];
                                let mut d_x2 = d_x1.part(|d| &mut d[0..n]);
                                let mut d_w1 = rows3.front(n);
                                for j1 in 0..n {
                                    let t8 = d_rows2[j1];
                                    ::backprop::__private::rule::clear(&mut d_rows2[j1]);
                                    d_x2.with(|d| {
                                        d[j1] += t8 * w2[j1];
                                    });
                                    d_w1.with(|d| {
                                        d[j1] += t8 * x3[j1];
                                    });
                                }
                            }
                            total1 += t5;
                        }
                    }
                    total = total1;
                }
                if 0 < t {
                    let t9 = (t - 1) * n;
                    let t10 = t9 + n;
                    {
                        let x4 = if 0 < (w.len() / n) && 0 < n {
                            &x[t9..t10]
                        } else {
                            &[]
                        };
                        let mut rows7 = &w[..];
                        for k1 in 0..(w.len() / n) {
                            if 0 < n {
                                let w3;
                                (w3, rows7) = rows7.split_at(n);
                                let x5 = &x4[0..n];
                                let rows8 = &mut rows[(k1 * n)..][..n][0..n];
                                for j2 in 0..n {
                                    rows8[j2] = w3[j2] * x5[j2];
                                }
                            }
                        }
                    }
                }
                total
            })
        }
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for spread {}
