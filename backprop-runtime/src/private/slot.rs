//! Slots: where the adjoint of an argument goes.
//!
//! The caller of a differentiated function cannot know which parameters it differentiates, so every argument is followed by a slot that is
//! on or off at compile time. A slot that is on *is* a `&mut T`; one that is off has no size, and all that is done with it disappears.

use core::marker::PhantomData;
use core::ops::Range;

use super::Adjoint;

/// The adjoint is wanted.
pub struct On;
/// The adjoint is not wanted: the argument is a constant to the caller.
pub struct Off;

/// The adjoint is wanted, of an argument that the caller takes to be written, all of it, before it is read.
pub struct Refilled;

/// Two slots of one mode.
type Two<'s, T, M> = (Slot<'s, [T], M>, Slot<'s, [T], M>);

/// [`On`] or [`Off`].
pub trait Mode {
    const ON: bool;
    type Ref<'a, T: ?Sized + 'a>;

    fn get<'s, 'a: 's, T: ?Sized + 'a>(slot: &'s mut Self::Ref<'a, T>) -> Option<&'s mut T>;
    fn part<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's>(
        slot: &'s mut Self::Ref<'a, T>,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> Self::Ref<'s, U>;
    fn parts<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's, V: ?Sized + 's>(
        slot: &'s mut Self::Ref<'a, T>,
        project: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (Self::Ref<'s, U>, Self::Ref<'s, V>);
    fn split<'s, 'a: 's, T: ?Sized + 'a, P: Places<'s>>(
        slot: &'s mut Self::Ref<'a, T>,
        project: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<Self>
    where
        Self: Sized;
    fn front<'a, T: 'a>(slot: &mut Self::Ref<'a, [T]>, n: usize) -> Self::Ref<'a, [T]>;
}

/// Several places that do not overlap, a tuple of `&mut`.
pub trait Places<'s> {
    /// A slot for each.
    type Slots<M: Mode>;

    /// The slots of these, where they are wanted.
    fn lend<M: Lent>(self) -> Self::Slots<M>;
    /// Slots of nothing.
    fn nowhere() -> Self::Slots<Off>;
}

/// A mode whose slots hold `&mut`.
pub trait Lent: Mode + Sized {
    fn slot<'a, T: ?Sized>(d: &'a mut T) -> Slot<'a, T, Self>;
}

macro_rules! lent {
    ($($mode:ident),*) => {$(
        impl Lent for $mode {
            #[inline(always)]
            fn slot<'a, T: ?Sized>(d: &'a mut T) -> Slot<'a, T, Self> {
                Slot(d)
            }
        }
    )*};
}

lent!(On, Refilled);

macro_rules! places {
    ($($place:ident $name:ident),*) => {
        impl<'s, $($place: ?Sized + 's),*> Places<'s> for ($(&'s mut $place,)*) {
            type Slots<M: Mode> = ($(Slot<'s, $place, M>,)*);

            #[inline(always)]
            fn lend<M: Lent>(self) -> Self::Slots<M> {
                let ($($name,)*) = self;
                ($(M::slot($name),)*)
            }

            #[inline(always)]
            fn nowhere() -> Self::Slots<Off> {
                ($(off::<$place>(),)*)
            }
        }
    };
}

places!(A a, B b);
places!(A a, B b, C c);
places!(A a, B b, C c, D d);
places!(A a, B b, C c, D d, E e);
places!(A a, B b, C c, D d, E e, F f);
places!(A a, B b, C c, D d, E e, F f, G g);
places!(A a, B b, C c, D d, E e, F f, G g, H h);

impl Mode for On {
    const ON: bool = true;
    type Ref<'a, T: ?Sized + 'a> = &'a mut T;

    #[inline(always)]
    fn get<'s, 'a: 's, T: ?Sized + 'a>(slot: &'s mut &'a mut T) -> Option<&'s mut T> {
        Some(slot)
    }

    #[inline(always)]
    fn part<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> &'s mut U {
        project(slot)
    }

    #[inline(always)]
    fn parts<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's, V: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (&'s mut U, &'s mut V) {
        project(slot)
    }

    #[inline(always)]
    fn split<'s, 'a: 's, T: ?Sized + 'a, P: Places<'s>>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<On> {
        P::lend(project(slot))
    }

    #[inline(always)]
    fn front<'a, T: 'a>(slot: &mut &'a mut [T], n: usize) -> &'a mut [T] {
        front(slot, n)
    }
}

impl Mode for Off {
    const ON: bool = false;
    type Ref<'a, T: ?Sized + 'a> = PhantomData<&'a mut T>;

    #[inline(always)]
    fn get<'s, 'a: 's, T: ?Sized + 'a>(_: &'s mut PhantomData<&'a mut T>) -> Option<&'s mut T> {
        None
    }

    #[inline(always)]
    fn part<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's>(
        _: &'s mut PhantomData<&'a mut T>,
        _: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> PhantomData<&'s mut U> {
        PhantomData
    }

    #[inline(always)]
    fn parts<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's, V: ?Sized + 's>(
        _: &'s mut PhantomData<&'a mut T>,
        _: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (PhantomData<&'s mut U>, PhantomData<&'s mut V>) {
        (PhantomData, PhantomData)
    }

    #[inline(always)]
    fn split<'s, 'a: 's, T: ?Sized + 'a, P: Places<'s>>(
        _: &'s mut PhantomData<&'a mut T>,
        _: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<Off> {
        P::nowhere()
    }

    #[inline(always)]
    fn front<'a, T: 'a>(_: &mut PhantomData<&'a mut [T]>, _: usize) -> PhantomData<&'a mut [T]> {
        PhantomData
    }
}

impl Mode for Refilled {
    const ON: bool = true;
    type Ref<'a, T: ?Sized + 'a> = &'a mut T;

    #[inline(always)]
    fn get<'s, 'a: 's, T: ?Sized + 'a>(slot: &'s mut &'a mut T) -> Option<&'s mut T> {
        On::get(slot)
    }

    #[inline(always)]
    fn part<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> &'s mut U {
        On::part(slot, project)
    }

    #[inline(always)]
    fn parts<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's, V: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (&'s mut U, &'s mut V) {
        On::parts(slot, project)
    }

    #[inline(always)]
    fn split<'s, 'a: 's, T: ?Sized + 'a, P: Places<'s>>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<Refilled> {
        P::lend(project(slot))
    }

    #[inline(always)]
    fn front<'a, T: 'a>(slot: &mut &'a mut [T], n: usize) -> &'a mut [T] {
        front(slot, n)
    }
}

/// Takes the first `n` elements off a slice.
///
/// # Panics
///
/// Where there are less.
#[inline(always)]
pub fn front<'a, T>(rest: &mut &'a mut [T], n: usize) -> &'a mut [T] {
    let (first, others) = core::mem::take(rest).split_at_mut(n);
    *rest = others;
    first
}

/// Where the adjoint of an argument (`T`, `&T` or `&mut T`) goes.
pub struct Slot<'a, T: ?Sized + 'a, M: Mode>(M::Ref<'a, T>);

/// A slot that adds into `d`. The expected type may turn an array or a `Vec` into a slice.
#[inline(always)]
pub fn on<T: ?Sized>(d: &mut T) -> Slot<'_, T, On> {
    Slot(d)
}

/// The slot of an argument that the caller takes to be written, all of it, before it is read.
#[inline(always)]
pub fn refilled<T: ?Sized>(slot: Slot<'_, T, On>) -> Slot<'_, T, Refilled> {
    Slot(slot.0)
}

/// A slot that wants nothing.
#[inline(always)]
pub fn off<'a, T: ?Sized>() -> Slot<'a, T, Off> {
    Slot(PhantomData)
}

impl<'a, T: ?Sized + 'a, M: Mode> Slot<'a, T, M> {
    pub(super) fn new(d: M::Ref<'a, T>) -> Slot<'a, T, M> {
        Slot(d)
    }

    pub(super) fn into_inner(self) -> M::Ref<'a, T> {
        self.0
    }

    /// Whether the adjoint is wanted: a constant for each instance.
    pub const ON: bool = M::ON;

    /// The adjoint, if it is wanted.
    #[inline(always)]
    pub fn get(&mut self) -> Option<&mut T> {
        M::get(&mut self.0)
    }

    /// Does something with the adjoint, if it is wanted.
    #[inline(always)]
    pub fn with(&mut self, f: impl FnOnce(&mut T)) {
        if let Some(d) = self.get() {
            f(d);
        }
    }

    /// The same slot for a shorter time.
    #[inline(always)]
    pub fn re(&mut self) -> Slot<'_, T, M> {
        Slot(M::part(&mut self.0, |d| d))
    }

    /// The slot of a part.
    #[inline(always)]
    pub fn part<'s, U: ?Sized>(
        &'s mut self,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> Slot<'s, U, M> {
        Slot(M::part(&mut self.0, project))
    }

    /// [`part`](Self::part) that may turn an array or a `Vec` into the slice that the callee expects, as `&mut d.a` in its place would.
    ///
    /// A closure's result is not coerced to what the call around it expects. `PhantomData` carries the expected type: it is unified with
    /// the surroundings before rustc looks into the closure.
    #[inline(always)]
    pub fn part_as<'s, U: ?Sized>(
        &'s mut self,
        _: PhantomData<U>,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> Slot<'s, U, M> {
        self.part(project)
    }

    /// The slots of two parts that do not overlap.
    #[inline(always)]
    pub fn parts<'s, U: ?Sized + 's, V: ?Sized + 's>(
        &'s mut self,
        project: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (Slot<'s, U, M>, Slot<'s, V, M>) {
        let (u, v) = M::parts(&mut self.0, project);
        (Slot(u), Slot(v))
    }

    /// The slots of several places in it that do not overlap.
    #[inline(always)]
    pub fn split<'s, P: Places<'s>>(
        &'s mut self,
        project: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<M> {
        M::split(&mut self.0, project)
    }

    /// Adds `d` to the adjoint, if it is wanted.
    #[inline(always)]
    pub fn add(&mut self, d: T)
    where
        T: Adjoint,
    {
        self.with(|into| into.acc(d));
    }
}

impl<'a, T: 'a, M: Mode> Slot<'a, [T], M> {
    /// Takes the slot of the first `n` elements off.
    #[inline(always)]
    pub fn front(&mut self, n: usize) -> Slot<'a, [T], M> {
        Slot(M::front(&mut self.0, n))
    }

    /// Two ranges of one slice, or `None` where they overlap and the adjoint is wanted.
    #[inline(always)]
    pub fn two(&mut self, a: Range<usize>, b: Range<usize>) -> Option<Two<'_, T, M>> {
        if a.end <= b.start || !M::ON {
            Some(self.parts(|d| {
                let (low, high) = d.split_at_mut(b.start);
                (&mut low[a], &mut high[..b.end - b.start])
            }))
        } else if b.end <= a.start {
            Some(self.parts(|d| {
                let (low, high) = d.split_at_mut(a.start);
                (&mut high[..a.end - a.start], &mut low[b])
            }))
        } else {
            None
        }
    }
}

/// A slot that has to be on: of a parameter whose cotangent the sweep starts from, or that a rule written by hand always writes.
#[diagnostic::on_unimplemented(
    message = "the callee's rule writes this argument's gradient, and the caller has none for it",
    label = "this argument does not vary with what is differentiated",
    note = "exclude the parameter in the callee: `#[differentiable(vjp = .., wrt(..))]`"
)]
pub trait Wanted: Mode {
    #[doc(hidden)]
    fn lent<'a, T: ?Sized>(slot: Slot<'a, T, Self>) -> &'a mut T
    where
        Self: Sized;
}

impl Wanted for On {
    #[inline(always)]
    fn lent<'a, T: ?Sized>(slot: Slot<'a, T, Self>) -> &'a mut T {
        slot.0
    }
}

impl Wanted for Refilled {
    #[inline(always)]
    fn lent<'a, T: ?Sized>(slot: Slot<'a, T, Self>) -> &'a mut T {
        slot.0
    }
}

/// What the slot of a parameter is unless that is `#[out]`: the callee may read what it finds, or leave it, and the caller does not take it for written. Of one that is
/// taken by `&`, too, where a caller may lend a `&mut`, and of a receiver, since how a method takes that is not seen.
#[diagnostic::on_unimplemented(
    message = "the callee may leave elements of this argument as it found them, or read them, and the loop that it is called in does not keep what they were",
    label = "this call may find what the iteration before has left",
    note = "if the callee only reads it, lend it as `&*x`; if it writes every element before it reads any, mark the parameter `#[out]` there; else write `#[differentiable(tape)]` here and lend an array, or a struct that is made of numbers in this function; or lend each iteration a part of its own"
)]
pub trait MayLeave: Mode {}

impl MayLeave for On {}
impl MayLeave for Off {}

/// The adjoint behind a slot that is on.
#[inline(always)]
pub fn lent<'a, T: ?Sized, M: Wanted>(slot: Slot<'a, T, M>) -> &'a mut T {
    M::lent(slot)
}

/// The adjoint that a rule written by hand writes, as it always does.
///
/// The modes of a generic sweep are known where it is used; so that is where this fails to compile.
#[inline(always)]
pub fn demanded<'s, 'a: 's, T: ?Sized, M: Mode>(slot: &'s mut Slot<'a, T, M>) -> &'s mut T {
    const {
        assert!(
            M::ON,
            "a rule written by hand writes the gradient of this argument too, and the caller has none for it: exclude the parameter with `wrt(..)` or `#[nodiff]`"
        );
    }
    match slot.get() {
        Some(d) => d,
        None => unreachable!("the assertion above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axpy<M: Mode>(mut d: Slot<'_, [f64], M>, a: f64, x: &[f64]) {
        d.with(|d| {
            for (d, x) in d.iter_mut().zip(x) {
                *d += a * x;
            }
        });
    }

    struct Pair {
        a: [f64; 2],
        b: f64,
        c: std::vec::Vec<f64>,
    }

    fn through_a_field<M: Mode>(mut d: Slot<'_, Pair, M>) {
        axpy(d.part_as(PhantomData, |d| &mut d.a), 2.0, &[1.0, 2.0]);
        axpy(d.part_as(PhantomData, |d| &mut d.c), 1.0, &[7.0]);
        d.part_as(PhantomData, |d| &mut d.b).add(2.0);
        d.part(|d| &mut d.b).add(3.0);
        {
            let (mut a, mut b) = d.parts(|d| (&mut d.a[0], &mut d.b));
            a.re().add(1.0);
            b.add(1.0);
        }
        let (mut a, mut b, mut c) = d.split(|d| (&mut d.a, &mut d.b, &mut d.c));
        axpy(a.part_as(PhantomData, |d| &mut *d), 1.0, &[1.0, 2.0]);
        axpy(c.part_as(PhantomData, |d| &mut *d), 1.0, &[1.0]);
        b.part_as(PhantomData, |d| &mut *d).add(1.0);
    }

    #[test]
    fn arrays_and_vectors_become_slices_as_expected() {
        let mut array = [1.0; 3];
        axpy(on(&mut array), 2.0, &[1.0, 2.0, 3.0]);
        assert_eq!(array, [3.0, 5.0, 7.0]);
        let mut vec = std::vec![0.0; 2];
        axpy(on(&mut vec), 1.0, &[4.0, 5.0]);
        axpy(on(&mut vec[..1]), 1.0, &[4.0, 5.0]);
        assert_eq!(vec, [8.0, 5.0]);
        axpy(off(), 1.0, &[4.0]);
    }

    #[test]
    fn parts_reach_into_structs() {
        let mut pair = Pair {
            a: [0.0; 2],
            b: 0.0,
            c: std::vec![1.0],
        };
        through_a_field(on(&mut pair));
        assert_eq!((pair.a, pair.b, pair.c[0]), ([4.0, 6.0], 7.0, 9.0));
        through_a_field(off());
    }

    #[test]
    fn a_slot_that_is_off_has_no_size() {
        assert_eq!(size_of::<Slot<'_, [f64], Off>>(), 0);
        assert_eq!(size_of::<Slot<'_, [f64], On>>(), size_of::<&mut [f64]>());
    }

    #[test]
    fn two_ranges_must_be_disjoint() {
        let mut d = [0.0; 4];
        let mut slot = on(&mut d[..]);
        let (a, b) = slot.two(0..2, 2..4).unwrap();
        axpy(a, 1.0, &[1.0, 2.0]);
        axpy(b, 1.0, &[3.0, 4.0]);
        let (a, b) = slot.two(3..4, 0..1).unwrap();
        axpy(a, 1.0, &[10.0]);
        axpy(b, 1.0, &[20.0]);
        assert!(slot.two(0..2, 1..3).is_none());
        assert_eq!(d, [21.0, 2.0, 3.0, 14.0]);
        assert!(off::<[f64]>().two(0..2, 1..3).is_some());
    }
}
