//! How many items a sequence has, where the item at a position is, and the range of the loop over all of them.

use proc_macro2::{Ident, Span};
use quote::quote;

use super::super::Lower;
use super::super::item::Item;
use super::{Access, Bounds, Cut, Seq};
use crate::ir::{Adapt, Bin, Op, Range, Shape, V};

impl Lower<'_> {
    /// The number of items; `None` where there is no end to them.
    pub(super) fn length(&mut self, seq: &Seq, span: Span) -> Option<V> {
        Some(match seq {
            Seq::Elements(place, _) => self.elements_in(place, span),
            Seq::Range(b) => self.range_length(b, span)?,
            Seq::Cuts {
                len,
                size,
                literal,
                cut,
                ..
            } => match cut {
                Cut::Exact | Cut::Arrays(_) => self.whole_parts(*len, *size, span),
                Cut::Chunks => self.count_method("div_ceil", *len, *size, span),
                Cut::Windows => match literal {
                    Some(n @ 1..) => {
                        let less = self.index(*n as usize - 1);
                        self.count_method("saturating_sub", *len, less, span)
                    }
                    _ => {
                        let one = self.index(1);
                        let more = self.bin(Bin::Add, *len, one, span);
                        self.count_method("saturating_sub", more, *size, span)
                    }
                },
            },
            Seq::Map(s, _) | Seq::Copied(s) | Seq::Enumerate(s) => self.length(s, span)?,
            Seq::Rev(_, n) => *n,
            Seq::Zip(a, b) => match (self.length(a, span), self.length(b, span)) {
                (Some(a), Some(b)) => self.shorter(a, b, span),
                (a, b) => a.or(b)?,
            },
            Seq::Skip(s, k) => {
                let n = self.length(s, span)?;
                self.count_method("saturating_sub", n, *k, span)
            }
            Seq::Take(s, k) => match self.length(s, span) {
                Some(n) => self.shorter(n, *k, span),
                None => *k,
            },
            Seq::StepBy(s, k) => {
                let n = self.length(s, span)?;
                self.count_method("div_ceil", n, *k, span)
            }
        })
    }

    fn range_length(&mut self, b: &Bounds, span: Span) -> Option<V> {
        let hi = b.hi?;
        if !b.usize {
            let (lo, end) = (hole("lo"), hole("hi"));
            let dots = if b.inclusive { quote!(..=) } else { quote!(..) };
            return Some(self.counted(
                quote!((#lo #dots #end).size_hint().0),
                vec![(lo, b.lo), (end, hi)],
                span,
            ));
        }
        let end = if b.inclusive {
            let one = self.index(1);
            self.bin(Bin::Add, hi, one, span)
        } else {
            hi
        };
        Some(if b.from_zero {
            end
        } else {
            self.count_method("saturating_sub", end, b.lo, span)
        })
    }

    /// The item at a position below the length.
    pub(super) fn item_at(&mut self, seq: &Seq, k: V, span: Span) -> Item {
        match seq {
            Seq::Elements(place, access) => {
                let element = self.element(place.clone(), k, span);
                match access {
                    Access::Ref => Item::Place(element, false),
                    Access::Mut => Item::Place(element, true),
                    Access::Value => Item::Value(self.read(&element, span)),
                }
            }
            Seq::Range(b) => Item::Value(self.range_item(b, k, span)),
            Seq::Cuts {
                place,
                len,
                size,
                literal,
                cut,
                mutable,
            } => {
                let lo = match cut {
                    Cut::Windows => k,
                    _ => self.bin(Bin::Mul, k, *size, span),
                };
                let mut hi = self.bin(Bin::Add, lo, *size, span);
                if *cut == Cut::Chunks {
                    hi = self.shorter(hi, *len, span);
                }
                let (lo, hi, mut part) = self.cut(place.clone(), lo, hi, span);
                if let (Cut::Arrays(text), Shape::Seq(_, n)) = (cut, &mut part.shape) {
                    *n = Some(text.to_string());
                }
                let n = if *cut == Cut::Chunks {
                    self.bin(Bin::Sub, hi, lo, span)
                } else {
                    if let Some(literal) = literal {
                        self.literals.insert((lo, hi), *literal);
                    }
                    *size
                };
                self.extents.insert((lo, hi), n);
                Item::Place(part, *mutable)
            }
            Seq::Map(s, f) => {
                let item = self.item_at(s, k, span);
                self.apply(f, vec![item], span)
            }
            Seq::Copied(s) => {
                let item = self.item_at(s, k, span);
                self.behind(item, span)
            }
            Seq::Enumerate(s) => Item::Tuple(vec![Item::Value(k), self.item_at(s, k, span)]),
            Seq::Zip(a, b) => Item::Tuple(vec![self.item_at(a, k, span), self.item_at(b, k, span)]),
            Seq::Rev(s, n) => {
                let one = self.index(1);
                let last = self.bin(Bin::Sub, *n, one, span);
                let k = self.bin(Bin::Sub, last, k, span);
                self.item_at(s, k, span)
            }
            Seq::Skip(s, m) => {
                let k = self.plus(*m, k, span);
                self.item_at(s, k, span)
            }
            Seq::Take(s, _) => self.item_at(s, k, span),
            Seq::StepBy(s, step) => {
                let k = self.bin(Bin::Mul, k, *step, span);
                self.item_at(s, k, span)
            }
        }
    }

    fn range_item(&mut self, b: &Bounds, k: V, span: Span) -> V {
        if b.usize && b.from_zero {
            return k;
        }
        if b.usize {
            return self.bin(Bin::Add, b.lo, k, span);
        }
        // The numbers may be of any integer type.
        let (lo, at) = (hole("lo"), hole("k"));
        match b.hi {
            Some(hi) => {
                let end = hole("hi");
                let dots = if b.inclusive { quote!(..=) } else { quote!(..) };
                let tokens = quote!((#lo #dots #end).nth(#at).unwrap_or(#lo));
                let holes = vec![(lo, b.lo), (end, hi), (at, k)];
                self.b.op(Op::Opaque(tokens, holes), Shape::Int, span)
            }
            None => {
                let tokens = quote!((#lo..).nth(#at).unwrap_or(#lo));
                self.b.op(
                    Op::Opaque(tokens, vec![(lo, b.lo), (at, k)]),
                    Shape::Int,
                    span,
                )
            }
        }
    }

    /// The range of the loop over a sequence. Turning round and striding outermost are the range's own.
    pub(super) fn head(&mut self, seq: &Seq, span: Span) -> Option<Range> {
        Some(match seq {
            Seq::Range(b) => Range {
                lo: b.lo,
                hi: match b.hi {
                    Some(hi) => hi,
                    None => return self.endless(span),
                },
                inclusive: b.inclusive,
                adapt: Vec::new(),
            },
            Seq::Rev(s, _) => {
                let mut range = self.head(s, span)?;
                range.adapt.push(Adapt::Rev);
                range
            }
            Seq::StepBy(s, step) => {
                let mut range = self.head(s, span)?;
                range.adapt.push(Adapt::StepBy(*step));
                range
            }
            Seq::Map(s, _) | Seq::Copied(s) => self.head(s, span)?,
            seq => match self.length(seq, span) {
                Some(hi) => Range {
                    lo: self.index(0),
                    hi,
                    inclusive: false,
                    adapt: Vec::new(),
                },
                None => return self.endless(span),
            },
        })
    }

    /// The item of an iteration of the loop over [`head`](Self::head).
    pub(super) fn head_item(&mut self, seq: &Seq, i: V, span: Span) -> Item {
        match seq {
            Seq::Range(_) => Item::Value(i),
            Seq::Rev(s, _) | Seq::StepBy(s, _) => self.purely(true, |l| l.head_item(s, i, span)),
            Seq::Map(s, f) => {
                let item = self.head_item(s, i, span);
                self.apply(f, vec![item], span)
            }
            Seq::Copied(s) => {
                let item = self.head_item(s, i, span);
                self.behind(item, span)
            }
            seq => {
                self.usizes.insert(i);
                let pure = !matches!(seq, Seq::Enumerate(_));
                self.purely(pure, |l| l.item_at(seq, i, span))
            }
        }
    }

    /// Runs something in which no closure may change anything, where so asked.
    pub(super) fn purely<R>(&mut self, pure: bool, f: impl FnOnce(&mut Self) -> R) -> R {
        self.inlining.pure += usize::from(pure);
        let r = f(self);
        self.inlining.pure -= usize::from(pure);
        r
    }

    fn endless<R>(&mut self, span: Span) -> Option<R> {
        self.errors.at_span(
            span,
            "this iterates over a range without an end",
            "give it an end, or count by hand in a `loop`",
        );
        None
    }
}

fn hole(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
