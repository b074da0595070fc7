// fn at(active &%1:self, active %2:x) -> %6 {
//   %0 = 0u32
//   %3 = get %1:self.slope
//   %4 = %3 * %2:x
//   %5 = get %1:self.offset
//   %6 = %4 + %5
// }

fn at(&self, x: f64) -> f64 {
    self.slope * x + self.offset
}
/**The value and the gradient of `at`, by reverse mode.

Returns the derivatives by `x` after the value.

The gradient is added into `d_self`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn at_grad(&self, d_self: &mut Self, x: f64) -> (f64, f64) {
    let d_x1 = ::backprop::__private::real(self.slope);
    d_self.offset += 1.0;
    d_self.slope += x;
    (d_x1 * x + ::backprop::__private::real(self.offset), d_x1)
}
/**The value of `at` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.

Returns the derivatives by `x` after the value.

The gradient is added into `d_self`.

# Memory

Keeps nothing for the reverse sweep but local variables.*/
fn at_vjp(&self, d_self: &mut Self, x: f64, d_ret: f64) -> (f64, f64) {
    let () = <Self as ::backprop::__private::Active>::FOUND;
    let mut d_x = ::backprop::__private::zero(&x);
    let value = self
        .__derivative_of_at(
            ::backprop::__private::on(d_self),
            x,
            ::backprop::__private::on(&mut d_x),
            d_ret,
            &mut ::backprop::__private::NoTape,
            ::backprop::__private::Whole,
        );
    (value, d_x)
}
#[doc(hidden)]
fn __derivative_of_at<
    __M0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
    __M1: ::backprop::__private::Mode,
    __K: ::backprop::__private::Keep,
    __P: ::backprop::__private::Part,
>(
    &self,
    mut d_self: ::backprop::__private::Slot<'_, Self, __M0>,
    x: f64,
    mut d_x: ::backprop::__private::Slot<'_, f64, __M1>,
    mut d_ret: f64,
    tape: &mut __K,
    _: __P,
) -> __P::Value<f64> {
    if __P::REST {
        {
            d_self
                .with(|d| {
                    d.offset += d_ret;
                });
            d_self
                .with(|d| {
                    d.slope += d_ret * x;
                });
            d_x.add(d_ret * ::backprop::__private::real(self.slope));
        }
        __P::nothing::<f64>()
    } else {
        __P::value::<
            f64,
        >({
            let t = ::backprop::__private::real(self.slope);
            d_self
                .with(|d| {
                    d.offset += d_ret;
                });
            d_self
                .with(|d| {
                    d.slope += d_ret * x;
                });
            d_x.add(d_ret * t);
            t * x + ::backprop::__private::real(self.offset)
        })
    }
}
#[doc(hidden)]
fn __part_of_at() -> ::backprop::__private::Rest {
    ::backprop::__private::Rest
}
#[doc(hidden)]
fn __part_by_self_of_at(&self) -> ::backprop::__private::Rest {
    ::backprop::__private::Rest
}
#[doc(hidden)]
fn __tangent_of_at<
    __M0: ::backprop::__private::Receiver<Self>,
    __M1: ::backprop::__private::Travels,
    __P: ::backprop::__private::AddJvp,
>(
    &self,
    mut d_self: __M0,
    x: f64,
    mut d_x: ::backprop::__private::Along<f64, __M1>,
    together: &__P,
) -> (f64, f64) {
    ::backprop::__private::unasked::<__P, _>()
}
#[doc(hidden)]
fn __tangents_of_at<
    __M0: ::backprop::__private::Receiver<Self>,
    __M1: ::backprop::__private::Travels,
    __P: ::backprop::__private::HasLanes,
>(
    &self,
    mut d_self: [__M0; 4usize],
    x: f64,
    mut d_x: [::backprop::__private::Along<f64, __M1>; 4usize],
    together: &__P,
) -> (f64, [f64; 4usize]) {
    ::core::unreachable!()
}
#[doc(hidden)]
fn __second_of_at<
    __M0: ::backprop::__private::Receiver<Self>,
    __M1: ::backprop::__private::Travels,
    __D0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
    __H0: ::backprop::__private::Mode + ::backprop::__private::MayLeave,
    __D1: ::backprop::__private::Mode,
    __H1: ::backprop::__private::Mode,
    __K: ::backprop::__private::Keep,
    __P: ::backprop::__private::AddHvp,
>(
    &self,
    mut v_self: __M0,
    mut d_self: ::backprop::__private::Slot<'_, Self, __D0>,
    mut h_self: ::backprop::__private::Slot<'_, Self, __H0>,
    x: f64,
    mut v_x: ::backprop::__private::Along<f64, __M1>,
    mut d_x: ::backprop::__private::Slot<'_, f64, __D1>,
    mut h_x: ::backprop::__private::Slot<'_, f64, __H1>,
    (mut d_ret, mut h_ret): (f64, f64),
    tape: &mut __K,
    _: __P,
) -> (f64, f64) {
    ::core::unreachable!()
}
