//! The comparison of two modes: random tangents, scalar products, and agreement up to rounding.

use std::borrow::Borrow;

use backprop_runtime::{Differentiable, Path, Real, Visitor};

/// What a parameter may be: a value, or a slice of values.
pub trait Leaves {
    /// What holds one.
    type Zeros: std::borrow::BorrowMut<Self>;

    /// The same with every float zero.
    fn zeros(&self) -> Self::Zeros;

    /// Walks over the leaves of some of them in lockstep.
    fn walk<const READ: usize, const WRITE: usize, V: Visitor<READ, WRITE>>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        visitor: &mut V,
    );
}

impl<T: Differentiable> Leaves for T {
    type Zeros = T;

    fn zeros(&self) -> T {
        self.zeros_like()
    }

    fn walk<const READ: usize, const WRITE: usize, V: Visitor<READ, WRITE>>(
        read: [&T; READ],
        write: [&mut T; WRITE],
        visitor: &mut V,
    ) {
        T::visit(read, write, Path::root(), visitor);
    }
}

impl<T: Differentiable> Leaves for [T] {
    type Zeros = Vec<T>;

    fn zeros(&self) -> Vec<T> {
        self.iter().map(T::zeros_like).collect()
    }

    fn walk<const READ: usize, const WRITE: usize, V: Visitor<READ, WRITE>>(
        read: [&[T]; READ],
        write: [&mut [T]; WRITE],
        visitor: &mut V,
    ) {
        T::visit_slice(read, write, Path::root(), visitor);
    }
}

/// A copy.
pub fn owned<T: ToOwned + ?Sized>(x: &T) -> T::Owned {
    x.to_owned()
}

/// Random numbers in the shape of `x`, fixed by `seed`; the first argument says how `x` is to be seen.
pub fn noise<T: Leaves + ?Sized, O: Borrow<T>>(_: &T, x: &O, seed: usize) -> T::Zeros {
    struct Noise(u64);
    impl Visitor<0, 1> for Noise {
        fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [x]: [&mut [T]; 1]) {
            for x in x {
                // D. E. Knuth's MMIX generator.
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
                self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
                *x = T::from_f64((self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0);
            }
        }
    }
    let mut d = x.borrow().zeros();
    let place: &mut T = std::borrow::BorrowMut::borrow_mut(&mut d);
    T::walk([], [place], &mut Noise(seed as u64 + 1));
    d
}

/// [`noise`] of what is borrowed.
pub fn noise_of<T: Leaves + ?Sized>(x: &T, seed: usize) -> T::Zeros {
    noise(x, &x, seed)
}

/// A scalar product, and the sum of the sizes of its terms.
pub struct Product {
    sum: f64,
    size: f64,
    /// The coarsest precision that takes part.
    precision: f64,
}

impl Visitor<2, 0> for Product {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [a, b]: [&[T]; 2], []: [&mut [T]; 0]) {
        for (a, b) in a.iter().zip(b) {
            // What contributes nothing contributes nothing.
            let term = if a.to_f64() == 0.0 || b.to_f64() == 0.0 {
                0.0
            } else {
                a.to_f64() * b.to_f64()
            };
            self.sum += term;
            self.size += term.abs();
        }
        self.precision = self.precision.max(precision::<T>());
    }
}

fn precision<T: Real>() -> f64 {
    if T::from_f64(1.0 + f64::EPSILON).to_f64() > 1.0 {
        f64::EPSILON
    } else {
        f64::from(f32::EPSILON)
    }
}

impl Product {
    /// Of nothing.
    #[allow(clippy::new_without_default, reason = "named by generated code")]
    pub fn new() -> Product {
        Product {
            sum: 0.0,
            size: 0.0,
            precision: f64::EPSILON,
        }
    }

    /// Adds ⟨a, b⟩.
    pub fn add<T: Leaves + ?Sized, O: Borrow<T>>(&mut self, a: &T, b: &O) {
        T::walk([a, b.borrow()], [], self);
    }

    /// Takes ⟨a, b⟩ away; the first argument says how `a` is to be seen.
    pub fn take<T: Leaves + ?Sized, A: Borrow<T>, B: Borrow<T>>(&mut self, _: &T, a: &A, b: &B) {
        let mut product = Product::new();
        T::walk([a.borrow(), b.borrow()], [], &mut product);
        self.sum -= product.sum;
        self.size += product.size;
    }

    /// Adds ⟨a, b⟩; the second argument says how they are to be seen.
    pub fn of<T: Leaves + ?Sized, A: Borrow<T>, B: Borrow<T>>(&mut self, a: &A, _: &T, b: &B) {
        T::walk([a.borrow(), b.borrow()], [], self);
    }

    /// Adds a number.
    pub fn one<T: Real>(&mut self, a: &T) {
        self.add(&T::from_f64(1.0), a);
    }
}

/// Panics unless both are the same up to rounding. What is no number in one mode need not be in the other: terms that one of them
/// never sees may be infinite.
#[track_caller]
pub fn same(name: &str, back: &Product, forth: &Product) {
    let precision = back.precision.max(forth.precision);
    let scale = back.size.max(forth.size).max(1e-30);
    let finite = back.size.is_finite() && forth.size.is_finite();
    assert!(
        !finite || (back.sum - forth.sum).abs() <= 1e5 * precision * scale,
        "`{name}`: reverse mode says {}, forward mode {} (terms of size {scale:.1e})",
        back.sum,
        forth.sum
    );
}

/// Panics unless both are the same up to rounding.
#[track_caller]
pub fn equal<T: Leaves + ?Sized, O: Borrow<T>>(a: &T, b: &O) {
    struct Equal;
    impl Visitor<2, 0> for Equal {
        fn leaf<T: Real>(&mut self, path: Path<'_>, [a, b]: [&[T]; 2], []: [&mut [T]; 0]) {
            let scale = a.iter().map(|a| a.to_f64().abs());
            let scale = scale.filter(|a| a.is_finite()).fold(1e-3, f64::max);
            for (a, b) in a.iter().zip(b) {
                let (a, b) = (a.to_f64(), b.to_f64());
                let same = a == b || a.is_nan() && b.is_nan();
                assert!(
                    same || (a - b).abs() <= 1e4 * precision::<T>() * scale,
                    "{path}: reverse mode leaves {a}, forward mode {b}"
                );
            }
        }
    }
    T::walk([a, b.borrow()], [], &mut Equal);
}
