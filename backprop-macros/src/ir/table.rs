//! Side tables: what a pass knows of values, and sets of values. Values are numbered from zero, so a table is a
//! vector and a set is bits: no hashing, and walks go in the order of the numbers.
//!
//! A table is as long as the function and meant to be made once for each pass. For a few values of one loop or
//! branch there are sets, which are sixty-four times shorter, and [`Map`](super::subst::Map).

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

use super::V;

/// For each value something, or nothing.
#[derive(Clone)]
pub(crate) struct Table<T>(Vec<Option<T>>);

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table(Vec::new())
    }
}

impl<T> Table<T> {
    pub(crate) fn new() -> Table<T> {
        Table::default()
    }

    /// Whether nothing was ever put in.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, v: &V) -> Option<&T> {
        match self.0.get(v.0 as usize) {
            Some(Some(x)) => Some(x),
            _ => None,
        }
    }

    /// Where a value's entry is, so that it can be looked at and changed in one step.
    pub(crate) fn entry(&mut self, v: V) -> &mut Option<T> {
        let k = v.0 as usize;
        if k >= self.0.len() {
            self.0.resize_with(k + 1, || None);
        }
        &mut self.0[k]
    }

    /// Returns what was there before.
    pub(crate) fn insert(&mut self, v: V, x: T) -> Option<T> {
        self.entry(v).replace(x)
    }
}

/// A set of values: bits, from the word of the smallest one that was ever in it.
#[derive(Clone, Default)]
pub(crate) struct Set {
    first: usize,
    words: Vec<u64>,
}

impl Set {
    pub(crate) fn new() -> Set {
        Set::default()
    }

    fn place(v: V) -> (usize, u64) {
        (v.0 as usize / 64, 1 << (v.0 % 64))
    }

    pub(crate) fn contains(&self, v: &V) -> bool {
        let (word, bit) = Set::place(*v);
        match self.words.get(word.wrapping_sub(self.first)) {
            Some(w) => w & bit != 0,
            None => false,
        }
    }

    /// Returns whether it was not there.
    pub(crate) fn insert(&mut self, v: V) -> bool {
        let (word, bit) = Set::place(v);
        if self.words.is_empty() {
            self.first = word;
        }
        if word < self.first {
            let missing = self.first - word;
            self.words.splice(0..0, core::iter::repeat_n(0, missing));
            self.first = word;
        }
        let k = word - self.first;
        if k >= self.words.len() {
            self.words.resize(k + 1, 0);
        }
        let new = self.words[k] & bit == 0;
        self.words[k] |= bit;
        new
    }

    /// Returns whether it was there.
    pub(crate) fn remove(&mut self, v: &V) -> bool {
        let (word, bit) = Set::place(*v);
        match self.words.get_mut(word.wrapping_sub(self.first)) {
            Some(w) if *w & bit != 0 => {
                *w &= !bit;
                true
            }
            _ => false,
        }
    }

    /// The values, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = V> {
        let bits = |mut w: u64| {
            core::iter::from_fn(move || {
                let bit = w.trailing_zeros();
                // Clears the lowest bit.
                w &= w.checked_sub(1)?;
                Some(bit)
            })
        };
        let words = self.words.iter().zip(self.first..);
        words.flat_map(move |(w, k)| bits(*w).map(move |bit| V(64 * k as u32 + bit)))
    }
}

impl Extend<V> for Set {
    fn extend<I: IntoIterator<Item = V>>(&mut self, values: I) {
        for v in values {
            self.insert(v);
        }
    }
}

impl<'a> Extend<&'a V> for Set {
    fn extend<I: IntoIterator<Item = &'a V>>(&mut self, values: I) {
        for v in values {
            self.insert(*v);
        }
    }
}

impl FromIterator<V> for Set {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Set {
        let mut set = Set::new();
        set.extend(values);
        set
    }
}

impl<const N: usize> From<[V; N]> for Set {
    fn from(values: [V; N]) -> Set {
        values.into_iter().collect()
    }
}

/// A hash map for short keys made of numbers of ours, which nobody chooses to collide.
pub(crate) type FastMap<K, T> = HashMap<K, T, BuildHasherDefault<Multiply>>;

/// The hash of rustc's own tables: rotate, combine, multiply.
#[derive(Clone, Copy, Default)]
pub(crate) struct Multiply(u64);

impl Hasher for Multiply {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, x: u8) {
        self.write_u64(x.into());
    }

    fn write_u32(&mut self, x: u32) {
        self.write_u64(x.into());
    }

    fn write_u64(&mut self, x: u64) {
        // An odd number without pattern: the golden ratio's fraction.
        self.0 = (self.0.rotate_left(5) ^ x).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its place from the lowest bits, and the best ones are the highest.
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_walks_in_order() {
        let mut set = Set::from([V(700), V(3), V(64), V(63)]);
        assert!(!set.insert(V(64)) && set.insert(V(65)));
        assert!(set.remove(&V(3)) && !set.remove(&V(3)) && !set.remove(&V(9000)));
        let values: Vec<u32> = set.iter().map(|v| v.0).collect();
        assert_eq!(values, [63, 64, 65, 700]);
        assert!(set.contains(&V(700)) && !set.contains(&V(3)) && !set.contains(&V(701)));
        assert_eq!(Set::new().iter().count(), 0);
    }

    #[test]
    fn a_table_grows_to_what_is_asked() {
        let mut table = Table::new();
        assert_eq!(table.insert(V(5), 'a'), None);
        assert_eq!(table.insert(V(5), 'b'), Some('a'));
        *table.entry(V(9)) = Some('c');
        assert_eq!(
            (table.get(&V(5)), table.get(&V(9))),
            (Some(&'b'), Some(&'c'))
        );
        assert!(table.get(&V(6)).is_none() && table.get(&V(900)).is_none());
    }
}
