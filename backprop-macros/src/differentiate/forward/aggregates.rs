//! The tangent of an aggregate is an aggregate of tangents; where it is updated, so is its tangent.

use proc_macro2::Span;

use super::Forward;
use crate::ir::{Op, Path, Shape, V};

impl Forward {
    /// A new aggregate of the given parts.
    pub(super) fn made(&mut self, op: &Op, shape: Shape, span: Span) -> V {
        let op = match op {
            Op::Array(vs) => Op::Array(self.each(vs)),
            Op::Tuple(vs) => Op::Tuple(self.each(vs)),
            Op::Struct(path, fields, tuple) => {
                let fields = fields.iter();
                let fields = fields.map(|(m, v)| (m.clone(), self.tangent_or_zero(*v)));
                let fields = fields.collect();
                Op::Struct(path.clone(), fields, *tuple)
            }
            Op::Repeat(a, n) => Op::Repeat(self.tangent_or_zero(*a), n.clone()),
            Op::Filled(a, n) => Op::Filled(self.tangent_or_zero(*a), *n),
            other => other.clone(),
        };
        self.b.op(op, shape, span)
    }

    fn each(&mut self, vs: &[V]) -> Vec<V> {
        vs.iter().map(|v| self.tangent_or_zero(*v)).collect()
    }

    /// `a` with `value` in a part.
    pub(super) fn replaced(&mut self, a: V, path: &Path, value: V, shape: Shape, span: Span) -> V {
        let value = self.tangent_or_zero(value);
        let whole = self.tangent_or_zero(a);
        self.b.op(Op::Set(whole, path.clone(), value), shape, span)
    }

    /// `a` with `value` added to a part.
    pub(super) fn added(&mut self, a: V, path: &Path, value: V, shape: Shape, span: Span) -> V {
        let value = self.tangent(value);
        let whole = self.tangent_or_zero(a);
        match value {
            Some(d) => self.b.op(Op::AddAt(whole, path.clone(), d), shape, span),
            None => whole,
        }
    }
}
