//! Tuples of up to eight parts.

use super::{Differentiable, Path, Visitor};

macro_rules! tuple {
    ($($name:ident $index:tt)+) => {
        impl<$($name: Differentiable),+> Differentiable for ($($name,)+) {
            #[inline]
            fn zeros_like(&self) -> Self {
                ($(self.$index.zeros_like(),)+)
            }

            #[inline]
            fn neutral_like(&self) -> Self {
                ($(self.$index.neutral_like(),)+)
            }

            #[inline]
            fn set_zero(&mut self) {
                $(self.$index.set_zero();)+
            }

            #[inline]
            fn accumulate(&mut self, other: &Self) {
                $(self.$index.accumulate(&other.$index);)+
            }

            #[inline]
            fn visit<const READ: usize, const WRITE: usize, VISITOR>(
                read: [&Self; READ],
                mut write: [&mut Self; WRITE],
                path: Path<'_>,
                visitor: &mut VISITOR,
            ) where
                VISITOR: Visitor<READ, WRITE>,
            {
                $($name::visit(read.map(|x| &x.$index), write.each_mut().map(|x| &mut x.$index), path.index($index), visitor);)+
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0 B 1);
tuple!(A 0 B 1 C 2);
tuple!(A 0 B 1 C 2 D 3);
tuple!(A 0 B 1 C 2 D 3 E 4);
tuple!(A 0 B 1 C 2 D 3 E 4 F 5);
tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
