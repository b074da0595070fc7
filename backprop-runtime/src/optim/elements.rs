//! Loops over the elements of a leaf, compiled for several sets of instructions.
//!
//! An update is a function of one element of each slice. Nothing in it is fused, so that its result is the same to the last bit on every processor.

use crate::Real;
use crate::kernel::instructions::versions;

versions! {
    /// Updates each parameter by its gradient.
    pub(super) fn each<T: Real>(parameters: &mut [T], gradient: &[T], update: impl Fn(&mut T, T)) {
        for (x, &g) in parameters.iter_mut().zip(gradient) {
            update(x, g);
        }
    }
}

versions! {
    /// The same with one moment.
    pub(super) fn each_with_one<T: Real>(
        parameters: &mut [T],
        moment: &mut [T],
        gradient: &[T],
        update: impl Fn(&mut T, &mut T, T),
    ) {
        for ((x, m), &g) in parameters.iter_mut().zip(moment).zip(gradient) {
            update(x, m, g);
        }
    }
}

versions! {
    /// With two.
    pub(super) fn each_with_two<T: Real>(
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
        gradient: &[T],
        update: impl Fn(&mut T, [&mut T; 2], T),
    ) {
        for (((x, m), v), &g) in parameters.iter_mut().zip(first).zip(second).zip(gradient) {
            update(x, [m, v], g);
        }
    }
}

versions! {
    /// With three.
    pub(super) fn each_with_three<T: Real>(
        parameters: &mut [T],
        first: &mut [T],
        second: &mut [T],
        third: &mut [T],
        gradient: &[T],
        update: impl Fn(&mut T, [&mut T; 3], T),
    ) {
        let moments = first.iter_mut().zip(second).zip(third);
        for ((x, ((m, v), w)), &g) in parameters.iter_mut().zip(moments).zip(gradient) {
            update(x, [m, v, w], g);
        }
    }
}
