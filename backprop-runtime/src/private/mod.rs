//! What generated code names, and nobody else: not covered by semantic versioning.
//!
//! Everything here is small and inlined. The macro sees no types, so wherever it cannot know what a value is, it emits a call through one of
//! these traits and lets rustc choose: floats add, integers do nothing, and a slot that is switched off vanishes.

mod adjoint;
mod beside;
mod blank;
mod cast;
#[cfg(feature = "alloc")]
pub mod check;
mod disjoint;
mod duplicate;
mod excluded;
mod lanes;
pub mod missing;
mod operand;
mod part;
mod result;
mod row;
pub mod rule;
mod slot;
mod spare;
mod store;
mod tangent;
mod word;

pub use self::adjoint::{Active, Adjoint, acc, copied, neutral, other_variant, zero};
pub use self::beside::lanes_beside;
pub use self::blank::{Blank, ThrownAway, blank};
pub use self::cast::{CastBack, cast_back};
pub use self::disjoint::{disjoint, range_in};
pub use self::duplicate::{Duplicate, duplicate};
pub use self::excluded::{Excluded, Inactive};
pub use self::lanes::lanes;
pub use self::missing::{HasDerivative, HasSecond, HasTangent};
pub use self::operand::{Float, lit, real};
pub use self::part::{
    Alone, Anew, Entry, Keeps, Logs, Part, Rest, Whole, keep, log_found, put_back, unlog_found,
};
pub use self::result::{ResultOf, result_of};
pub use self::row::{Cut, Cutter, Row, reserve};
pub use self::slot::{
    MayLeave, Mode, Off, On, Refilled, Slot, Wanted, demanded, front, lent, off, on, refilled,
};
pub use self::spare::{
    Cleared, LeftAlone, Nothing, Scratch, Spare, Unvaried, Zero, spare, unvaried,
};
pub use self::store::{Iterations, Keep, Log, NoTape, Stack, Store};
pub use self::tangent::{
    AddHvp, AddJvp, Along, Either, Forward, HasJvp, HasLanes, LeavesOut, Receiver, Together,
    Travels, Twice, along, beside, own, still, told, unasked,
};
pub use self::word::Word;
#[cfg(not(feature = "alloc"))]
pub use crate::__no_vec as vec;
pub use crate::differentiable::{same_len, variant_mismatch};
pub use crate::{Differentiable, Path, Real, Tape, Visitor, stop_gradient};
#[cfg(feature = "alloc")]
pub use alloc::vec;

/// Assigns an element of a `Vec`: an existing one, or the next one.
///
/// # Panics
///
/// Where the element would lie behind the next one.
#[cfg(feature = "alloc")]
pub fn put<T>(items: &mut vec::Vec<T>, k: usize, item: T) {
    if k == items.len() {
        items.push(item);
    } else {
        items[k] = item;
    }
}

/// Stands for `vec!` where its adjoint has no implementation.
#[cfg(not(feature = "alloc"))]
#[macro_export]
#[doc(hidden)]
macro_rules! __no_vec {
    ($($elements:tt)*) => {
        ::core::compile_error!(
            "a `Vec` in a differentiable function needs backprop's feature `alloc`"
        )
    };
}
