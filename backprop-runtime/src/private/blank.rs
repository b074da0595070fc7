//! Placeholder values for variables that the generated code declares before the user's code assigns them.

/// A value that is never read. Cheap to make and free of allocation.
///
/// A derived type has one if its fields have. The bound on a field must not be checked where the type is declared, since not every field has
/// one: with `W` in it, which means nothing, rustc waits until a value is asked for.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not there on every way through this function, and nothing can stand for it meanwhile",
    note = "numbers, arrays and tuples of them, and types made of these that derive `Differentiable`, may be declared without a value, and may leave a loop by `return` or `break`; of another type, assign a variable where it is declared, and build what a loop finds behind the loop, from numbers"
)]
pub trait Blank<W = ()> {
    fn blank() -> Self;
}

/// A placeholder of whatever type is expected.
#[inline(always)]
pub fn blank<T: Blank>() -> T {
    T::blank()
}

/// What a call may return that is thrown away.
#[diagnostic::on_unimplemented(
    message = "the result of this call, a `{Self}`, is thrown away",
    label = "its derivative is asked for, and what is not kept has no zero",
    note = "give it a name and read it: `let result = ..; let _ = result.x;`"
)]
pub trait ThrownAway {
    fn zero_of_its_type() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: crate::Real> ThrownAway for T {
    #[inline(always)]
    fn zero_of_its_type() -> T {
        T::from_f64(0.0)
    }
}

/// Whether the callee returns something is not known: a zero for it does no harm where it does not.
impl<T: ThrownAway> ThrownAway for Option<T> {
    #[inline(always)]
    fn zero_of_its_type() -> Self {
        Some(T::zero_of_its_type())
    }
}

macro_rules! thrown_away {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generics)*> ThrownAway for $type {
            #[inline(always)]
            fn zero_of_its_type() -> Self {
                blank()
            }
        }
    )*};
}

thrown_away!(
    [] (), [] bool, [] char, [] usize, [] u8, [] u16, [] u32, [] u64, [] isize, [] i8, [] i16, [] i32, [] i64,
    [T] &[T], [A: Blank, B: Blank, C: Blank] (A, B, C), [T: Blank, const N: usize] [T; N],
);

#[cfg(feature = "alloc")]
thrown_away!([] alloc::string::String);

/// A result and its tangent among others.
impl<A: ThrownAway, B: ThrownAway> ThrownAway for (A, B) {
    #[inline(always)]
    fn zero_of_its_type() -> Self {
        (A::zero_of_its_type(), B::zero_of_its_type())
    }
}

macro_rules! blank {
    ($($type:ty => $value:expr),* $(,)?) => {$(
        impl<W> Blank<W> for $type {
            #[inline(always)]
            fn blank() -> Self {
                $value
            }
        }
    )*};
}

blank!(
    f32 => 0.0, f64 => 0.0, usize => 0, u8 => 0, u16 => 0, u32 => 0, u64 => 0, u128 => 0, isize => 0, i8 => 0, i16 => 0, i32 => 0,
    i64 => 0, i128 => 0, bool => false, char => '\0', () => (), &str => "",
);

#[cfg(feature = "alloc")]
blank!(alloc::string::String => alloc::string::String::new());

impl<W, T: Blank<W>, const N: usize> Blank<W> for [T; N] {
    #[inline(always)]
    fn blank() -> Self {
        core::array::from_fn(|_| T::blank())
    }
}

impl<W, T> Blank<W> for &[T] {
    #[inline(always)]
    fn blank() -> Self {
        &[]
    }
}

impl<W, T> Blank<W> for &mut [T] {
    #[inline(always)]
    fn blank() -> Self {
        &mut []
    }
}

impl<W, T> Blank<W> for Option<T> {
    #[inline(always)]
    fn blank() -> Self {
        None
    }
}

#[cfg(feature = "alloc")]
impl<W, T> Blank<W> for alloc::vec::Vec<T> {
    #[inline(always)]
    fn blank() -> Self {
        alloc::vec::Vec::new()
    }
}

macro_rules! blank_tuple {
    ($($name:ident)+) => {
        impl<W, $($name: Blank<W>),+> Blank<W> for ($($name,)+) {
            #[inline(always)]
            fn blank() -> Self {
                ($($name::blank(),)+)
            }
        }
    };
}

blank_tuple!(A);
blank_tuple!(A B);
blank_tuple!(A B C);
blank_tuple!(A B C D);
blank_tuple!(A B C D E);
blank_tuple!(A B C D E F);
blank_tuple!(A B C D E F G);
blank_tuple!(A B C D E F G H);
