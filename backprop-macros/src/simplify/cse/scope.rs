//! What is known in the blocks that are open.

use super::Defs;

/// The computations in scope, by their words. Blocks close in the reverse of the order in which they opened, so what
/// was learned last is forgotten first, and everything lies on stacks.
#[derive(Default)]
pub(super) struct Scope {
    /// For each hash the computation learned last.
    last: Vec<u32>,
    known: Vec<Known>,
    /// The words of all of them.
    words: Vec<u32>,
}

struct Known {
    hash: u32,
    /// The one before it with this place in `last`.
    before: u32,
    /// Where its words begin.
    from: u32,
    defs: Defs,
}

const NONE: u32 = u32::MAX;

impl Scope {
    /// With room for so many computations.
    pub(super) fn new(capacity: usize) -> Scope {
        Scope {
            last: vec![NONE; (2 * capacity).next_power_of_two()],
            ..Scope::default()
        }
    }

    fn hash(words: &[u32]) -> u32 {
        // An odd number without pattern: the golden ratio's fraction.
        let mix = |h: u64, w: &u32| {
            (h.rotate_left(5) ^ u64::from(*w)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        (words.iter().fold(0, mix) >> 32) as u32
    }

    fn place(&self, hash: u32) -> usize {
        hash as usize & (self.last.len() - 1)
    }

    pub(super) fn get(&self, words: &[u32]) -> Option<&Defs> {
        let hash = Scope::hash(words);
        let mut k = self.last[self.place(hash)] as usize;
        while let Some(known) = self.known.get(k) {
            let to = self
                .known
                .get(k + 1)
                .map_or(self.words.len(), |next| next.from as usize);
            if known.hash == hash && self.words[known.from as usize..to] == *words {
                return Some(&known.defs);
            }
            k = known.before as usize;
        }
        None
    }

    pub(super) fn learn(&mut self, words: &[u32], defs: Defs) {
        let hash = Scope::hash(words);
        let place = self.place(hash);
        self.known.push(Known {
            hash,
            before: self.last[place],
            from: self.words.len() as u32,
            defs,
        });
        self.last[place] = (self.known.len() - 1) as u32;
        self.words.extend_from_slice(words);
    }

    /// How much is known.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Forgets all but the first so many.
    pub(super) fn forget(&mut self, len: usize) {
        while self.known.len() > len
            && let Some(known) = self.known.pop()
        {
            let place = self.place(known.hash);
            self.last[place] = known.before;
            self.words.truncate(known.from as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::V;

    #[test]
    fn a_block_that_closes_is_forgotten() {
        let found = |s: &Scope, words: &[u32]| match s.get(words) {
            Some(Defs::One(v)) => Some(v.0),
            _ => None,
        };
        // Two places only: all chains are shared.
        let mut s = Scope::new(1);
        s.learn(&[1, 2], Defs::One(V(0)));
        s.learn(&[1], Defs::One(V(1)));
        let outer = s.len();
        s.learn(&[2, 1], Defs::One(V(2)));
        s.learn(&[], Defs::One(V(3)));
        assert_eq!(
            [&[1, 2][..], &[1], &[2, 1], &[]].map(|w| found(&s, w)),
            [0, 1, 2, 3].map(Some)
        );
        s.forget(outer);
        assert_eq!(
            [&[1, 2][..], &[1], &[2, 1], &[]].map(|w| found(&s, w)),
            [Some(0), Some(1), None, None]
        );
        s.learn(&[2, 1], Defs::One(V(4)));
        assert_eq!(found(&s, &[2, 1]), Some(4));
    }
}
