//! What a call of a function without derivative resolves to, so that rustc says so in our words.
//!
//! Generated code imports the callee by name beside a glob import of one of these modules. The callee's own hidden type wins where there is
//! one; where there is none, the fallback stands in, whose bound nothing meets.

/// Not implemented by anything.
#[diagnostic::on_unimplemented(
    message = "this function has no derivative, and a value that is differentiated goes into it",
    label = "not `#[differentiable]`",
    note = "write `#[differentiable]` on the function; if it is not yours, wrap it in one of your own with `partials(..)` or `vjp = ..`",
    note = "where no derivative is wanted, wrap the argument in `stop_gradient(..)`"
)]
pub trait HasDerivative {}

macro_rules! fallbacks {
    ($($name:ident($($arg:ident $slot:ident)*);)*) => {$(
        pub mod $name {
            use super::HasDerivative;

            /// Stands in for the type that the attribute would have put beside the function.
            #[allow(non_camel_case_types, reason = "imported in place of a function")]
            pub struct __callee<T = ()>(T);

            impl __callee {
                /// The bound mentions a parameter, or rustc would check it here.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                pub fn sweep<$($arg, $slot,)* S, K, R>($(_: $arg, _: $slot,)* _: S, _: K) -> R
                where
                    __callee<R>: HasDerivative,
                {
                    unreachable!()
                }

                /// The same for a call that has run.
                #[allow(clippy::too_many_arguments, non_snake_case, reason = "as many as the callee has")]
                pub fn pull<$($arg, $slot,)* S, K>($(_: $arg, _: $slot,)* _: S, _: K)
                where
                    __callee<S>: HasDerivative,
                {
                    unreachable!()
                }
            }
        }
    )*};
}
fallbacks! {
    of_0();
    of_1(A0 M0);
    of_2(A0 M0 A1 M1);
    of_3(A0 M0 A1 M1 A2 M2);
    of_4(A0 M0 A1 M1 A2 M2 A3 M3);
    of_5(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4);
    of_6(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5);
    of_7(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6);
    of_8(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6 A7 M7);
    of_9(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6 A7 M7 A8 M8);
    of_10(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6 A7 M7 A8 M8 A9 M9);
    of_11(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6 A7 M7 A8 M8 A9 M9 A10 M10);
    of_12(A0 M0 A1 M1 A2 M2 A3 M3 A4 M4 A5 M5 A6 M6 A7 M7 A8 M8 A9 M9 A10 M10 A11 M11);
}
