// fn black_scholes(active %1:s, active %2:k, active %3:r, active %4:sigma, active %5:t) -> %38 {
//   %0 = 0u32
//   %6 = sqrt(%5:t)
//   %7:root = %4:sigma * %6
//   %8 = %1:s / %2:k
//   %9 = ln(%8)
//   %10 = 0.5
//   %11 = %10 * %4:sigma
//   %12 = %11 * %4:sigma
//   %13 = %3:r + %12
//   %14 = %13 * %5:t
//   %15 = %9 + %14
//   %16:d1 = %15 / %7:root
//   %17:d2 = %16:d1 - %7:root
//   %18 = -%3:r
//   %19 = %18 * %5:t
//   %20:discount = exp(%19)
//   %21 = 1.0
//   %22 = 1.0
//   %23 = -1.702
//   %24 = %23 * %16:d1
//   %25 = exp(%24)
//   %26 = %22 + %25
//   %27:n1 = %21 / %26
//   %28 = 1.0
//   %29 = 1.0
//   %30 = -1.702
//   %31 = %30 * %17:d2
//   %32 = exp(%31)
//   %33 = %29 + %32
//   %34:n2 = %28 / %33
//   %35 = %1:s * %27:n1
//   %36 = %2:k * %20:discount
//   %37 = %36 * %34:n2
//   %38 = %35 - %37
// }

fn black_scholes(s: f64, k: f64, r: f64, sigma: f64, t: f64) -> f64 {
    let root = sigma * t.sqrt();
    let d1 = ((s / k).ln() + (r + 0.5 * sigma * sigma) * t) / root;
    let d2 = d1 - root;
    let discount = (-r * t).exp();
    let n1 = 1.0 / (1.0 + (-1.702 * d1).exp());
    let n2 = 1.0 / (1.0 + (-1.702 * d2).exp());
    s * n1 - k * discount * n2
}
/**The value and the gradient of `black_scholes`, by reverse mode.

Returns the derivatives by `s`, `k`, `r`, `sigma`, `t` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.

# Formula

```text
let t1 = t.sqrt()
let root = sigma * t1
let t2 = s / k
let t3 = r + 0.5 * sigma * sigma
let d1 = (t2.ln() + t3 * t) / root
let discount = (-(r * t)).exp()
let t4 = (-1.702 * d1).exp()
let n1 = 1.0 / (1.0 + t4)
let t5 = (-1.702 * (d1 - root)).exp()
let n2 = 1.0 / (1.0 + t5)
let t6 = s * n1
let t7 = k * discount * n2
let d_d2 = t7 * n2 * t5 * -1.702
let t8 = (d_d2 - t6 * n1 * t4 * -1.702) * (1.0 / root)
let d_root = -d_d2 - t8 * d1
let t9 = t8 * t
let t10 = t8 / s
(t6 - t7, n1 + t10, -(n2 * discount) - t10 * t2, t7 * t + t9, t9 * sigma + d_root * t1, t8 * t3 + t7 * r +:: backprop:: __private:: rule:: chain(d_root * sigma, 0.5 / t1.abs()))
```*/
fn black_scholes_grad(
    s: f64,
    k: f64,
    r: f64,
    sigma: f64,
    t: f64,
) -> (f64, f64, f64, f64, f64, f64) {
    let t1 = t.sqrt();
    let root = sigma * t1;
    let t2 = s / k;
    let t3 = r + 0.5 * sigma * sigma;
    let d1 = (t2.ln() + t3 * t) / root;
    let discount = (-(r * t)).exp();
    let t4 = (-1.702 * d1).exp();
    let n1 = 1.0 / (1.0 + t4);
    let t5 = (-1.702 * (d1 - root)).exp();
    let n2 = 1.0 / (1.0 + t5);
    let t6 = s * n1;
    let t7 = k * discount * n2;
    let d_d2 = t7 * n2 * t5 * -1.702;
    let t8 = (d_d2 - t6 * n1 * t4 * -1.702) * (1.0 / root);
    let d_root = -d_d2 - t8 * d1;
    let t9 = t8 * t;
    let t10 = t8 / s;
    (
        t6 - t7,
        n1 + t10,
        -(n2 * discount) - t10 * t2,
        t7 * t + t9,
        t9 * sigma + d_root * t1,
        t8 * t3 + t7 * r
            + ::backprop::__private::rule::chain(d_root * sigma, 0.5 / t1.abs()),
    )
}
/**The value of `black_scholes` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `s`, `k`, `r`, `sigma`, `t` after the value.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn black_scholes_vjp(
    s: f64,
    k: f64,
    r: f64,
    sigma: f64,
    t: f64,
    d_ret: f64,
) -> (f64, f64, f64, f64, f64, f64) {
    let mut d_s = ::backprop::__private::zero(&s);
    let mut d_k = ::backprop::__private::zero(&k);
    let mut d_r = ::backprop::__private::zero(&r);
    let mut d_sigma = ::backprop::__private::zero(&sigma);
    let mut d_t = ::backprop::__private::zero(&t);
    let value = black_scholes::sweep(
        s,
        ::backprop::__private::on(&mut d_s),
        k,
        ::backprop::__private::on(&mut d_k),
        r,
        ::backprop::__private::on(&mut d_r),
        sigma,
        ::backprop::__private::on(&mut d_sigma),
        t,
        ::backprop::__private::on(&mut d_t),
        d_ret,
        &mut ::backprop::__private::NoTape,
        ::backprop::__private::Whole,
    );
    (value, d_s, d_k, d_r, d_sigma, d_t)
}
#[doc(hidden)]
struct black_scholes {}
#[doc(hidden)]
impl black_scholes {
    #[doc(hidden)]
    fn sweep<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __M2: ::backprop::__private::Mode,
        __M3: ::backprop::__private::Mode,
        __M4: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
        __P: ::backprop::__private::Part,
    >(
        s: f64,
        mut d_s: ::backprop::__private::Slot<'_, f64, __M0>,
        k: f64,
        mut d_k: ::backprop::__private::Slot<'_, f64, __M1>,
        r: f64,
        mut d_r: ::backprop::__private::Slot<'_, f64, __M2>,
        sigma: f64,
        mut d_sigma: ::backprop::__private::Slot<'_, f64, __M3>,
        t: f64,
        mut d_t: ::backprop::__private::Slot<'_, f64, __M4>,
        mut d_ret: f64,
        tape: &mut __K,
        _: __P,
    ) -> __P::Value<f64> {
        if __P::REST {
            {
                let t1 = t.sqrt();
                let root = sigma * t1;
                let t2 = s / k;
                let t3 = r + 0.5 * sigma * sigma;
                let d1 = (t2.ln() + t3 * t) / root;
                let t4 = (-1.702 * d1).exp();
                let n1 = 1.0 / (1.0 + t4);
                let t5 = (-1.702 * (d1 - root)).exp();
                let n2 = 1.0 / (1.0 + t5);
                let t6 = d_ret * n2 * (-(r * t)).exp();
                let d_s1 = d_ret * n1;
                let t7 = t6 * k;
                let d_d2 = t7 * n2 * t5 * -1.702;
                let t8 = (d_d2 - d_s1 * s * n1 * t4 * -1.702) * (1.0 / root);
                let d_root = -d_d2 - t8 * d1;
                let t9 = t8 * t;
                let t10 = t8 / s;
                d_s.add(d_s1 + t10);
                d_k.add(-t6 - t10 * t2);
                d_r.add(t7 * t + t9);
                d_sigma.add(t9 * sigma + d_root * t1);
                d_t.add(
                    t8 * t3 + t7 * r
                        + ::backprop::__private::rule::chain(
                            d_root * sigma,
                            0.5 / t1.abs(),
                        ),
                );
            }
            __P::nothing::<f64>()
        } else {
            __P::value::<
                f64,
            >({
                let t1 = t.sqrt();
                let root = sigma * t1;
                let t2 = s / k;
                let t3 = r + 0.5 * sigma * sigma;
                let d1 = (t2.ln() + t3 * t) / root;
                let discount = (-(r * t)).exp();
                let t4 = (-1.702 * d1).exp();
                let n1 = 1.0 / (1.0 + t4);
                let t5 = (-1.702 * (d1 - root)).exp();
                let n2 = 1.0 / (1.0 + t5);
                let t6 = s * n1;
                let t7 = k * discount;
                let t8 = t7 * n2;
                let t9 = d_ret * n2;
                let d_d2 = d_ret * t8 * n2 * t5 * -1.702;
                let t10 = t9 * t7;
                let t11 = (d_d2 - d_ret * t6 * n1 * t4 * -1.702) * (1.0 / root);
                let d_root = -d_d2 - t11 * d1;
                let t12 = t11 * t;
                let t13 = t11 / s;
                d_s.add(d_ret * n1 + t13);
                d_k.add(-(t9 * discount) - t13 * t2);
                d_r.add(t10 * t + t12);
                d_sigma.add(t12 * sigma + d_root * t1);
                d_t.add(
                    t11 * t3 + t10 * r
                        + ::backprop::__private::rule::chain(
                            d_root * sigma,
                            0.5 / t1.abs(),
                        ),
                );
                t6 - t8
            })
        }
    }
    #[doc(hidden)]
    fn forward<
        __M0: ::backprop::__private::Mode,
        __M1: ::backprop::__private::Mode,
        __M2: ::backprop::__private::Mode,
        __M3: ::backprop::__private::Mode,
        __M4: ::backprop::__private::Mode,
        __K: ::backprop::__private::Keep,
    >(
        s: f64,
        k: f64,
        r: f64,
        sigma: f64,
        t: f64,
        _: ::backprop::__private::ResultOf<f64>,
    ) -> (
        f64,
        impl ::core::ops::FnOnce(
            f64,
            ::backprop::__private::Slot<'_, f64, __M0>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M1>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M2>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M3>,
            f64,
            ::backprop::__private::Slot<'_, f64, __M4>,
            f64,
            &mut __K,
        ) + use<__M0, __M1, __M2, __M3, __M4, __K>,
    ) {
        let t1 = t.sqrt();
        let root = sigma * t1;
        let t2 = s / k;
        let t3 = r + 0.5 * sigma * sigma;
        let d1 = (t2.ln() + t3 * t) / root;
        let discount = (-(r * t)).exp();
        let t4 = (-1.702 * d1).exp();
        let n1 = 1.0 / (1.0 + t4);
        let t5 = (-1.702 * (d1 - root)).exp();
        let n2 = 1.0 / (1.0 + t5);
        let t6 = s * n1;
        let t7 = k * discount;
        let t8 = t7 * n2;
        let t9 = t6 - t8;
        let value = t9;
        (
            value,
            move |
                s: f64,
                mut d_s: ::backprop::__private::Slot<'_, f64, __M0>,
                k: f64,
                mut d_k: ::backprop::__private::Slot<'_, f64, __M1>,
                r: f64,
                mut d_r: ::backprop::__private::Slot<'_, f64, __M2>,
                sigma: f64,
                mut d_sigma: ::backprop::__private::Slot<'_, f64, __M3>,
                t: f64,
                mut d_t: ::backprop::__private::Slot<'_, f64, __M4>,
                mut d_ret: f64,
                tape: &mut __K|
            {
                let t10 = d_ret * n2;
                let d_d2 = d_ret * t8 * n2 * t5 * -1.702;
                let t11 = t10 * t7;
                let t12 = (d_d2 - d_ret * t6 * n1 * t4 * -1.702) * (1.0 / root);
                let d_root = -d_d2 - t12 * d1;
                let t13 = t12 * t;
                let t14 = t12 / s;
                d_s.add(d_ret * n1 + t14);
                d_k.add(-(t10 * discount) - t14 * t2);
                d_r.add(t11 * t + t13);
                d_sigma.add(t13 * sigma + d_root * t1);
                d_t.add(
                    t12 * t3 + t11 * r
                        + ::backprop::__private::rule::chain(
                            d_root * sigma,
                            0.5 / t1.abs(),
                        ),
                );
            },
        )
    }
    #[doc(hidden)]
    fn part() -> ::backprop::__private::Rest {
        ::backprop::__private::Rest
    }
}
#[diagnostic::do_not_recommend]
impl ::backprop::__private::HasDerivative for black_scholes {}
