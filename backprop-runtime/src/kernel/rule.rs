//! How a kernel and its derivative become a function that differentiable functions can call.
//!
//! The attribute's `vjp = rule` asks for every gradient, and runs the rule where the function has run before. A kernel can do with less: a gradient that the
//! caller has no use for is not computed (the data that the first layer multiplies), and neither is the result a second time. So kernels write what
//! the attribute would, the hidden type with its sweep, in that form:
//!
//! ```text
//! kernel! {
//!     /// Documentation.
//!     softmax, softmax_vjp, softmax_jvp:
//!     in (x d_x Mx) out (y d_y My) with (columns: usize | usize, Mc)
//!     run run_softmax, pull pull_softmax, push push_softmax
//! }
//! ```
//!
//! `run` takes the arguments as they are and fills the outputs, all of each. `pull` runs after it: a gradient to be added to comes as `Option`, `None` where it is
//! not wanted, behind each input, and the cotangent behind each output; the macro clears that in the end. `push` runs after `run`, too, and fills the tangents of the outputs, all of
//! each, from those of the inputs, `None` where there is none.

/// A function `$name`, `$name_vjp`, and the hidden type of generated callers.
///
/// After the inputs stand the outputs, each with the name of its adjoint and of the type parameter that says whether that is wanted; and after these what has no
/// derivative, with its type, that without the reference, and the type parameter of its slot.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $name:ident, $vjp:ident, $jvp:ident:
        in ($($x:ident $d_x:ident $m_x:ident),*)
        out ($($y:ident $d_y:ident $m_y:ident),+)
        with ($($n:ident: $n_type:ty | $n_slot:ty, $m_n:ident),*)
        run $run:path, pull $pull:path, push $push:path
    ) => {
        $(#[$meta])*
        #[track_caller]
        pub fn $name<T: $crate::Real>($($x: &[T],)* $($y: &mut [T],)* $($n: $n_type),*) {
            $run($($x,)* $($y,)* $($n),*);
        }

        #[doc = concat!("[`", stringify!($name), "`] and its vector-Jacobian product: adds to the gradients of the inputs, and clears the cotangents of the outputs.")]
        ///
        /// # Panics
        #[doc = concat!("As [`", stringify!($name), "`], or where an adjoint has not the length of what it belongs to.")]
        #[track_caller]
        #[allow(clippy::too_many_arguments, reason = "each argument has its adjoint beside it")]
        pub fn $vjp<T: $crate::Real>(
            $($x: &[T], $d_x: &mut [T],)*
            $($y: &mut [T], $d_y: &mut [T],)*
            $($n: $n_type),*
        ) {
            $($crate::kernel::shape::adjoint(stringify!($name), stringify!($x), $x.len(), $d_x.len());)*
            $($crate::kernel::shape::adjoint(stringify!($name), stringify!($y), $y.len(), $d_y.len());)*
            $run($($x,)* $($y,)* $($n),*);
            $pull($($x, Some($d_x),)* $($y, $d_y,)* $($n),*);
            $($d_y.fill(T::from_f64(0.0));)*
        }

        #[doc = concat!("[`", stringify!($name), "`] and its derivative along tangents: those of the outputs are written.")]
        ///
        /// # Panics
        #[doc = concat!("As [`", stringify!($name), "`], or where a tangent has not the length of what it belongs to.")]
        #[track_caller]
        #[allow(clippy::too_many_arguments, reason = "each argument has its tangent beside it")]
        pub fn $jvp<T: $crate::Real>(
            $($x: &[T], $d_x: &[T],)*
            $($y: &mut [T], $d_y: &mut [T],)*
            $($n: $n_type),*
        ) {
            $($crate::kernel::shape::tangent(stringify!($name), stringify!($x), $x.len(), $d_x.len());)*
            $($crate::kernel::shape::tangent(stringify!($name), stringify!($y), $y.len(), $d_y.len());)*
            $run($($x,)* $($y,)* $($n),*);
            $push($($x, Some($d_x),)* $($y, $d_y,)* $($n),*);
        }

        #[doc(hidden)]
        #[allow(non_camel_case_types, reason = "the attribute's protocol: a type of the function's name")]
        pub struct $name {}

        #[doc(hidden)]
        impl $name {
            #[track_caller]
            #[allow(clippy::too_many_arguments, reason = "each argument has its adjoint beside it")]
            pub fn sweep<
                T: $crate::Real,
                $($m_x: $crate::__private::MayLeave,)*
                $($m_y: $crate::__private::Wanted,)*
                $($m_n: $crate::__private::Excluded<$n_slot>,)*
                Keep: $crate::__private::Keep,
                Part: $crate::__private::Part,
            >(
                $($x: &[T], mut $d_x: $crate::__private::Slot<'_, [T], $m_x>,)*
                $($y: &mut [T], $d_y: $crate::__private::Slot<'_, [T], $m_y>,)*
                $($n: $n_type, _: $m_n,)*
                (): (),
                _: &mut Keep,
                _: Part,
            ) {
                if !Part::REST {
                    $run($($x,)* $($y,)* $($n),*);
                }
                $(let $d_y = $crate::__private::lent($d_y);)*
                $pull($($x, $d_x.get(),)* $($y, $d_y,)* $($n),*);
                $($d_y.fill(T::from_f64(0.0));)*
            }

            #[track_caller]
            #[allow(clippy::too_many_arguments, reason = "each argument has its tangent beside it")]
            pub fn tangent<
                T: $crate::Real,
                $($m_x: $crate::__private::Travels,)*
                $($m_y: $crate::__private::Wanted,)*
                $($m_n: $crate::__private::LeavesOut<$n_slot>,)*
                P: $crate::__private::HasJvp,
            >(
                $($x: &[T], $d_x: $crate::__private::Along<&[T], $m_x>,)*
                $($y: &mut [T], $d_y: $crate::__private::Slot<'_, [T], $m_y>,)*
                $($n: $n_type, _: $crate::__private::Along<$n_type, $m_n>,)*
                _: &P,
            ) {
                $(let $d_y = $crate::__private::lent($d_y);)*
                $($crate::kernel::shape::tangent(stringify!($name), stringify!($x), $x.len(), $d_x.or($x).len());)*
                $($crate::kernel::shape::tangent(stringify!($name), stringify!($y), $y.len(), $d_y.len());)*
                $run($($x,)* $($y,)* $($n),*);
                $push($($x, $m_x::ON.then(|| $d_x.or($x)),)* $($y, $d_y,)* $($n),*);
            }

            /// The same for several tangents.
            #[track_caller]
            #[allow(clippy::too_many_arguments, reason = "each argument has its tangents beside it")]
            pub fn tangents<
                T: $crate::Real,
                $($m_x: $crate::__private::Travels,)*
                $($m_y: $crate::__private::Wanted,)*
                $($m_n: $crate::__private::LeavesOut<$n_slot>,)*
                P: $crate::__private::HasLanes,
            >(
                $($x: &[T], $d_x: [$crate::__private::Along<&[T], $m_x>; 4],)*
                $($y: &mut [T], $d_y: [$crate::__private::Slot<'_, [T], $m_y>; 4],)*
                $($n: $n_type, _: [$crate::__private::Along<$n_type, $m_n>; 4],)*
                _: &P,
            ) {
                $run($($x,)* $($y,)* $($n),*);
                $(let mut $d_y = $d_y.map($crate::__private::lent).into_iter();)*
                for lane in 0..4 {
                    $(
                        let Some($d_y) = $d_y.next() else { break };
                        $crate::kernel::shape::tangent(stringify!($name), stringify!($y), $y.len(), $d_y.len());
                    )*
                    $(
                        let $d_x = $d_x[lane].or($x);
                        $crate::kernel::shape::tangent(stringify!($name), stringify!($x), $x.len(), $d_x.len());
                    )*
                    $push($($x, $m_x::ON.then_some($d_x),)* $($y, $d_y,)* $($n),*);
                }
            }

            #[inline(always)]
            pub fn part() -> $crate::__private::Rest {
                $crate::__private::Rest
            }
        }

        #[diagnostic::do_not_recommend]
        impl $crate::__private::HasTangent for $name {}

        #[diagnostic::do_not_recommend]
        impl $crate::__private::HasDerivative for $name {}
    };
}

pub(crate) use kernel;
