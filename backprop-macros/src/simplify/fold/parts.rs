//! Parts of aggregates whose making is known, and variants that are.

use super::super::algebra::New;
use super::{Pass, bool_op};
use crate::ir::{Bin, Op, Path, Proj, Shape, V, other_variant, same_path, same_variant};

/// How two paths from one value lie to each other.
enum Overlap {
    Same,
    Apart,
}

impl Pass<'_> {
    /// A part of an aggregate whose making is known.
    pub(super) fn get(&mut self, a: V, path: &Path, v: V) -> Option<New> {
        if path.is_empty() {
            return Some(New::Alias(a));
        }
        let float = *self.func.shape(v) == Shape::Float;
        match self.ops.get(&a)? {
            Op::Tuple(vs) => {
                let Proj::Field(syn::Member::Unnamed(i)) = &path[0] else {
                    return None;
                };
                Some(rest(*vs.get(i.index as usize)?, path))
            }
            Op::Array(vs) => {
                let Proj::Index(i) = &path[0] else {
                    return None;
                };
                Some(rest(*vs.get(self.literal(*i)?)?, path))
            }
            Op::Struct(made, fields, _) => {
                let m = match &path[0] {
                    Proj::Field(m) => m,
                    Proj::Payload(read, m) if same_variant(made, read) => m,
                    _ => return None,
                };
                Some(rest(fields.iter().find(|(n, _)| n == m)?.1, path))
            }
            Op::Get(b, first) => {
                let (b, first) = (*b, first.clone());
                // What was read of a buffer before it changed is not read there now.
                if matches!(first.last(), Some(Proj::Range { .. })) || self.changed.contains(&b) {
                    return None;
                }
                Some(New::Op(Op::Get(
                    b,
                    first.into_iter().chain(path.iter().cloned()).collect(),
                )))
            }
            // A later version whose part is another one: only where this ends at a value, since an old version
            // of a buffer that is read again would have to be copied.
            Op::Set(b, p, x) => match self.overlap(p, path)? {
                Overlap::Same => Some(New::Alias(*x)),
                Overlap::Apart => self.get(*b, path, v).filter(New::is_settled),
            },
            Op::AddAt(b, p, x) if float => {
                let (b, x) = (*b, *x);
                match self.overlap(p, path)? {
                    Overlap::Apart => self.get(b, path, v).filter(New::is_settled),
                    // What was there before, if that is a value, and the addition.
                    Overlap::Same => match self.get(b, path, v).filter(New::is_settled)? {
                        New::Op(Op::Lit(0.0)) => Some(New::Alias(x)),
                        New::Alias(old) => Some(New::Op(Op::Bin(Bin::Add, old, x))),
                        New::Op(_) => None,
                    },
                }
            }
            Op::ClearAt(b, p) if float => match self.overlap(p, path)? {
                Overlap::Same => Some(New::Op(Op::Lit(0.0))),
                Overlap::Apart => self.get(*b, path, v).filter(New::is_settled),
            },
            Op::ZeroLike(_) if float => Some(New::Op(Op::Lit(0.0))),
            _ => None,
        }
    }

    pub(super) fn literal(&self, v: V) -> Option<usize> {
        match self.ops.get(&v)? {
            Op::Const(t) => t.integer()?.try_into().ok(),
            _ => None,
        }
    }

    /// Whether two paths are surely the same, or surely apart.
    fn overlap(&self, p: &Path, q: &Path) -> Option<Overlap> {
        for (a, b) in p.iter().zip(q) {
            match (a, b) {
                (Proj::Field(a), Proj::Field(b)) if a == b => {}
                (Proj::Field(_), Proj::Field(_)) => return Some(Overlap::Apart),
                (Proj::Payload(p, a), Proj::Payload(q, b)) if same_variant(p, q) => {
                    if a != b {
                        return Some(Overlap::Apart);
                    }
                }
                // What has fields is a struct, and has one variant.
                (Proj::Payload(_, a), Proj::Field(b)) | (Proj::Field(a), Proj::Payload(_, b)) => {
                    if a != b {
                        return Some(Overlap::Apart);
                    }
                }
                (Proj::Deref, Proj::Deref) => {}
                (Proj::Range { .. }, Proj::Range { .. })
                    if same_path(core::slice::from_ref(a), core::slice::from_ref(b)) => {}
                (Proj::Index(a), Proj::Index(b)) if a == b => {}
                (Proj::Index(a), Proj::Index(b)) => match (self.literal(*a)?, self.literal(*b)?) {
                    (a, b) if a == b => {}
                    _ => return Some(Overlap::Apart),
                },
                _ => return None,
            }
        }
        (p.len() == q.len()).then_some(Overlap::Same)
    }

    /// Whether a value is of a variant, where it has just been made.
    pub(super) fn known_variant(&self, a: V, pat: &syn::Pat) -> Option<New> {
        let (Op::Struct(made, ..), syn::Pat::Struct(asked)) = (self.ops.get(&a)?, pat) else {
            return None;
        };
        let same = same_variant(made, &asked.path);
        let known = same || other_variant(made, &asked.path);
        known.then(|| New::Op(bool_op(same)))
    }
}

fn rest(v: V, path: &Path) -> New {
    if path.len() == 1 {
        New::Alias(v)
    } else {
        New::Op(Op::Get(v, path[1..].to_vec()))
    }
}
