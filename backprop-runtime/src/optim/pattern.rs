//! Names of leaves by pattern: `*` stands for any run of characters, dots included, everything else for itself.
//!
//! Matched while the name is being written, so that nothing is allocated: the set of all positions in the pattern that what was written so far
//! may have come to is one number. (K. Thompson, Regular expression search algorithm, Comm. ACM 11 (1968), 419.)

use core::fmt::{self, Write as _};

use crate::Path;

/// The most bytes of a pattern.
const MOST: usize = 127;

/// Whether a leaf's name matches.
///
/// # Panics
/// If the pattern has more than 127 bytes.
#[track_caller]
pub(crate) fn matches(pattern: &str, path: Path<'_>) -> bool {
    assert!(
        pattern.len() <= MOST,
        "a pattern for names has at most {MOST} bytes: `{pattern}`"
    );
    let mut positions = Positions {
        pattern: pattern.as_bytes(),
        set: 1,
    };
    positions.pass_stars();
    // Writing to it cannot fail.
    let _ = write!(positions, "{path}");
    positions.set >> pattern.len() & 1 == 1
}

/// Bit i: what was written so far matches the first i bytes of the pattern.
struct Positions<'a> {
    pattern: &'a [u8],
    set: u128,
}

impl Positions<'_> {
    /// A star may stand for nothing.
    fn pass_stars(&mut self) {
        for (i, &byte) in self.pattern.iter().enumerate() {
            if byte == b'*' && self.set >> i & 1 == 1 {
                self.set |= 1 << (i + 1);
            }
        }
    }
}

impl fmt::Write for Positions<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for written in text.bytes() {
            let mut next = 0;
            for (i, &byte) in self.pattern.iter().enumerate() {
                if self.set >> i & 1 == 1 {
                    if byte == b'*' {
                        next |= 1 << i;
                    } else if byte == written {
                        next |= 1 << (i + 1);
                    }
                }
            }
            self.set = next;
            self.pass_stars();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let root = Path::root();
        let layers = root.field("layers");
        let third = layers.index(30);
        let bias = third.field("bias");
        for pattern in [
            "layers.30.bias",
            "*",
            "*bias",
            "layers.*.bias",
            "layers.3*",
            "*.30.*",
            "***",
            "l*s*0*b*s",
        ] {
            assert!(matches(pattern, bias), "{pattern}");
        }
        for pattern in [
            "",
            "bias",
            "layers",
            "*.3.*",
            "layers.*.weights",
            "*bias.",
            "*x*",
        ] {
            assert!(!matches(pattern, bias), "{pattern}");
        }
        assert!(matches("value", root));
    }
}
