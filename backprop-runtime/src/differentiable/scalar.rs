//! Floats: a leaf of one element, and slices of them a leaf of many.

use super::{Differentiable, Path, Visitor, common_len};

macro_rules! float {
    ($float:ident) => {
        impl Differentiable for $float {
            #[inline(always)]
            fn zeros_like(&self) -> Self {
                0.0
            }

            #[inline(always)]
            fn neutral_like(&self) -> Self {
                -0.0
            }

            #[inline(always)]
            fn set_zero(&mut self) {
                *self = 0.0;
            }

            #[inline(always)]
            fn accumulate(&mut self, other: &Self) {
                *self += *other;
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
                visitor.leaf(
                    path,
                    read.map(core::slice::from_ref),
                    write.map(core::slice::from_mut),
                );
            }

            #[inline]
            fn visit_slice<const READ: usize, const WRITE: usize, V>(
                read: [&[Self]; READ],
                write: [&mut [Self]; WRITE],
                path: Path<'_>,
                visitor: &mut V,
            ) where
                V: Visitor<READ, WRITE>,
            {
                common_len(&read, &write, path);
                visitor.leaf(path, read, write);
            }
        }
    };
}

float!(f32);
float!(f64);
