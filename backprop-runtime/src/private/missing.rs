//! What a call of a function without derivative resolves to, so that rustc says so in our words.
//!
//! Generated code imports the callee by name beside a glob import of one of these modules, and asks it for [`HasDerivative`]. The callee's
//! own hidden type wins where there is one, and has it; where there is none, the fallback stands in, and has not.

/// Implemented by the hidden type beside every differentiable function.
#[diagnostic::on_unimplemented(
    message = "this function has no derivative, and a value that is differentiated goes into it",
    label = "not `#[differentiable]`",
    note = "write `#[differentiable]` on the function; if it is not yours, wrap it in one of your own with `partials(..)` or `vjp = ..`",
    note = "where no derivative is wanted, wrap the argument in `stop_gradient(..)`"
)]
pub trait HasDerivative {
    /// Named before each call of a sweep: a missing derivative is then one mistake, whichever sweeps are called.
    const FOUND: () = ();
}

/// Implemented by the hidden type beside every function that has a forward function.
#[diagnostic::on_unimplemented(
    message = "this function has no forward mode, and a value that carries a tangent goes into it",
    label = "not `#[differentiable(jvp)]`",
    note = "add `jvp` to the options of its `#[differentiable(..)]`"
)]
pub trait HasTangent {
    /// Named before each call of a forward function.
    const FOUND: () = ();
}

/// Implemented by the hidden type beside every function that has second derivatives.
#[diagnostic::on_unimplemented(
    message = "this function has no second derivatives, and a value that they are taken by goes into it",
    label = "not `#[differentiable(hvp)]`",
    note = "add `hvp` to the options of its `#[differentiable(..)]`"
)]
pub trait HasSecond {
    /// Named before each call in a sweep with tangents.
    const FOUND: () = ();
}

/// Not to be said twice of what has no derivative at all.
#[diagnostic::do_not_recommend]
impl<T: Underivable> HasTangent for T {}

#[diagnostic::do_not_recommend]
impl<T: Underivable> HasSecond for T {}

/// What stands in for types beside functions.
pub trait Underivable {}

/// What calls a fallback does not compile, and so does not run.
fn never<T>() -> T {
    unreachable!("the fallback of a function without derivative")
}

macro_rules! fallbacks {
    ($($name:ident($($arg:ident $slot:ident $d:ident $h:ident)*);)*) => {$(
        pub mod $name {
            /// Stands in for the type that the attribute would have put beside the function.
            #[allow(non_camel_case_types, reason = "imported in place of a function")]
            pub struct __callee {}

            impl super::Underivable for __callee {}

            impl __callee {
                /// Asks that nothing be kept.
                pub fn part() -> crate::__private::Rest {
                    crate::__private::Rest
                }

                /// Takes whatever it is given, and gives a value of the cotangent's type, as a sweep does.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                pub fn sweep<$($arg, $slot,)* S, K, P>($(_: $arg, _: $slot,)* seed: S, _: K, _: P) -> S {
                    seed
                }

                /// Takes whatever it is given, and has results of the function's type.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                pub fn forward<$($arg, $slot,)* S, K>($(_: $arg,)* _: crate::__private::ResultOf<S>) -> (S, impl FnOnce($($arg, $slot,)* S, K)) {
                    (super::never(), |$(_: $arg, _: $slot,)* _: S, _: K| {})
                }
            }

            /// Stands in for the forward function of a callee that has none: its own wins where there is one.
            pub trait Tangent {
                /// Takes whatever it is given, and gives a float with its tangent.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                fn tangent<$($arg, $slot,)* P>($(_: $arg, _: $slot,)* _: P) -> (f64, f64) {
                    super::never()
                }

                /// The same of several tangents.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                fn tangents<$($arg, $slot,)* P>($(_: $arg, _: $slot,)* _: P) -> (f64, [f64; 4]) {
                    super::never()
                }

                /// The same for its sweep.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                fn second<$($arg, $slot, $d, $h,)* S, K, P>($(_: $arg, _: $slot, _: $d, _: $h,)* _: S, _: K, _: P) -> (f64, f64) {
                    super::never()
                }
            }

            impl<T> Tangent for T {}
        }
    )*};
}
fallbacks! {
    of_0();
    of_1(A0 M0 D0 H0);
    of_2(A0 M0 D0 H0 A1 M1 D1 H1);
    of_3(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2);
    of_4(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3);
    of_5(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4);
    of_6(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5);
    of_7(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6);
    of_8(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6 A7 M7 D7 H7);
    of_9(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6 A7 M7 D7 H7 A8 M8 D8 H8);
    of_10(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6 A7 M7 D7 H7 A8 M8 D8 H8 A9 M9 D9 H9);
    of_11(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6 A7 M7 D7 H7 A8 M8 D8 H8 A9 M9 D9 H9 A10 M10 D10 H10);
    of_12(A0 M0 D0 H0 A1 M1 D1 H1 A2 M2 D2 H2 A3 M3 D3 H3 A4 M4 D4 H4 A5 M5 D5 H5 A6 M6 D6 H6 A7 M7 D7 H7 A8 M8 D8 H8 A9 M9 D9 H9 A10 M10 D10 H10 A11 M11 D11 H11);
}
