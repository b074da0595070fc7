//! What fits in one word of the tape.

/// A value that goes into 64 bits and comes back unchanged.
pub trait Word: Copy {
    fn into_word(self) -> u64;
    fn from_word(word: u64) -> Self;
}

macro_rules! floats {
    ($($float:ident $bits:ident),*) => {$(
        impl Word for $float {
            #[inline(always)]
            fn into_word(self) -> u64 {
                u64::from(self.to_bits())
            }

            #[inline(always)]
            fn from_word(word: u64) -> Self {
                $float::from_bits(word as $bits)
            }
        }
    )*};
}

macro_rules! integers {
    ($($integer:ident)*) => {$(
        impl Word for $integer {
            #[inline(always)]
            fn into_word(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn from_word(word: u64) -> Self {
                word as $integer
            }
        }
    )*};
}

floats!(f32 u32, f64 u64);
integers!(usize u8 u16 u32 u64 isize i8 i16 i32 i64);

impl Word for bool {
    #[inline(always)]
    fn into_word(self) -> u64 {
        u64::from(self)
    }

    #[inline(always)]
    fn from_word(word: u64) -> Self {
        word != 0
    }
}

impl Word for char {
    #[inline(always)]
    fn into_word(self) -> u64 {
        u64::from(self)
    }

    #[inline(always)]
    fn from_word(word: u64) -> Self {
        // Only ever what `into_word` made of a `char`.
        char::from_u32(word as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}
