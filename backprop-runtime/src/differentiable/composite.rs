//! Arrays, `Option`, `Vec` and `Box`.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use super::{Differentiable, Path, Visitor, same_len, variant_mismatch};

/// Bytes up to which an array counts as small.
const SMALL: usize = 256;

#[inline]
fn accumulate_slice<T: Differentiable>(into: &mut [T], other: &[T]) {
    same_len(into.len(), other.len(), Path::root());
    for (into, other) in into.iter_mut().zip(other) {
        into.accumulate(other);
    }
}

#[inline(always)]
fn set_zero_slice<T: Differentiable>(xs: &mut [T]) {
    for x in xs {
        x.set_zero();
    }
}

impl<T: Differentiable, const N: usize> Differentiable for [T; N] {
    // Always inlined, or a small array in the middle of a reverse sweep is filled by a call.
    #[inline(always)]
    fn zeros_like(&self) -> Self {
        core::array::from_fn(|i| self[i].zeros_like())
    }

    // A small array lies in registers, and what is added first is assigned. A large one lies in memory, which is filled fastest with the
    // zero whose bits are zero.
    #[inline(always)]
    fn neutral_like(&self) -> Self {
        if size_of::<Self>() <= SMALL {
            core::array::from_fn(|i| self[i].neutral_like())
        } else {
            self.zeros_like()
        }
    }

    #[inline(always)]
    fn set_zero(&mut self) {
        set_zero_slice(self);
    }

    #[inline]
    fn accumulate(&mut self, other: &Self) {
        accumulate_slice(self, other);
    }

    #[inline]
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        T::visit_slice(
            read.map(|x| x.as_slice()),
            write.map(|x| x.as_mut_slice()),
            path,
            visitor,
        );
    }

    /// Arrays in a row are one longer row: a matrix `[[f32; N]; M]` or `Vec<[f32; N]>` is one leaf.
    #[inline]
    fn visit_slice<const READ: usize, const WRITE: usize, V>(
        read: [&[Self]; READ],
        write: [&mut [Self]; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        T::visit_slice(
            read.map(|x| x.as_flattened()),
            write.map(|x| x.as_flattened_mut()),
            path,
            visitor,
        );
    }
}

#[cfg(feature = "alloc")]
impl<T: Differentiable> Differentiable for Vec<T> {
    #[inline]
    fn zeros_like(&self) -> Self {
        self.iter().map(T::zeros_like).collect()
    }

    #[inline]
    fn set_zero(&mut self) {
        set_zero_slice(self);
    }

    #[inline]
    fn accumulate(&mut self, other: &Self) {
        accumulate_slice(self, other);
    }

    #[inline]
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        T::visit_slice(
            read.map(|x| x.as_slice()),
            write.map(|x| x.as_mut_slice()),
            path,
            visitor,
        );
    }
}

#[cfg(feature = "alloc")]
impl<T: Differentiable> Differentiable for Box<[T]> {
    #[inline]
    fn zeros_like(&self) -> Self {
        self.iter().map(T::zeros_like).collect()
    }

    #[inline]
    fn set_zero(&mut self) {
        set_zero_slice(self);
    }

    #[inline]
    fn accumulate(&mut self, other: &Self) {
        accumulate_slice(self, other);
    }

    #[inline]
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        T::visit_slice(read.map(|x| &**x), write.map(|x| &mut **x), path, visitor);
    }
}

#[cfg(feature = "alloc")]
impl<T: Differentiable> Differentiable for Box<T> {
    #[inline]
    fn zeros_like(&self) -> Self {
        Box::new(T::zeros_like(self))
    }

    #[inline]
    fn set_zero(&mut self) {
        T::set_zero(self);
    }

    #[inline]
    fn accumulate(&mut self, other: &Self) {
        T::accumulate(self, other);
    }

    #[inline]
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        T::visit(read.map(|x| &**x), write.map(|x| &mut **x), path, visitor);
    }
}

impl<T: Differentiable> Differentiable for Option<T> {
    #[inline]
    fn zeros_like(&self) -> Self {
        self.as_ref().map(T::zeros_like)
    }

    #[inline]
    fn set_zero(&mut self) {
        if let Some(x) = self {
            x.set_zero();
        }
    }

    #[inline]
    fn accumulate(&mut self, other: &Self) {
        match (self, other) {
            (Some(into), Some(other)) => into.accumulate(other),
            (None, None) => {}
            (into, other) => variant_mismatch(variant(into), variant(other), Path::root()),
        }
    }

    #[inline]
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        let mut all = read.iter().copied().chain(write.iter().map(|x| &**x));
        let Some(first) = all.next() else { return };
        if let Some(other) = all.find(|x| x.is_some() != first.is_some()) {
            variant_mismatch(variant(first), variant(other), path);
        }
        if first.is_some() {
            // Checked above: each one is `Some`.
            T::visit(
                read.map(|x| {
                    x.as_ref()
                        .unwrap_or_else(|| variant_mismatch("Some", "None", path))
                }),
                write.map(|x| {
                    x.as_mut()
                        .unwrap_or_else(|| variant_mismatch("Some", "None", path))
                }),
                path,
                visitor,
            );
        }
    }
}

fn variant<T>(x: &Option<T>) -> &'static str {
    if x.is_some() { "Some" } else { "None" }
}
