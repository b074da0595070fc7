//! What the function leaves in the buffers of its `&mut` parameters, and a block in those that it hands on, where the reverse sweep has
//! gone back before it.
//!
//! Single changes are made once more. What loops have left is set aside on the tape before the reverse sweep begins, where it is numbers;
//! else they run once more.
//!
//! ```text
//! let area = reserve(y.len());  ..  for i in 0..y.len() { area[i] = y[i]; }  ..  for i in 0..y.len() { y[i] = area[i]; }
//! ```

use super::log::{for_each, fresh, number};
use super::walk::{By, Frame, State, Walk};
use crate::ir::buffers::is_buffer;
use crate::ir::visit::outs;
use crate::ir::{Block, Keeps, Op, Path, Proj, Shape, Stmt, Store, V, Why};

impl Walk<'_> {
    /// Ends the function.
    pub(super) fn leave(&mut self, frame: &mut Frame) {
        let lasts: Vec<Option<V>> = self.func.finals.clone();
        let all = || lasts.iter().flatten().copied().chain(self.func.ret);
        let all: Vec<V> = all().collect();
        // What one is made of once more may take another one away, which was there.
        for _ in 0..2 {
            for v in &all {
                self.settle(*v, frame);
            }
        }
        self.check_all(&all);
        self.func.finals = lasts
            .into_iter()
            .map(|last| last.map(|v| self.name(v)))
            .collect();
        self.func.ret = self.func.ret.map(|ret| self.name(ret));
        let adjoints = self.func.adjoints.clone();
        self.func.adjoints = adjoints
            .into_iter()
            .map(|d| d.map(|d| self.name(d)))
            .collect();
    }

    /// Lets a buffer hold a version at the end of a block. Gives what that is called.
    pub(super) fn settle(&mut self, v: V, frame: &mut Frame) -> V {
        let version = self.of(v);
        if is_buffer(self.func, v) && !self.brought_back(version, frame) {
            self.read(version, frame);
        }
        self.name(v)
    }

    /// Lets a buffer hold a version that was set aside for that, unless single changes make it.
    pub(super) fn brought_back(&mut self, version: V, frame: &mut Frame) -> bool {
        !self.changes_alone(version) && self.set_aside(version, frame).is_some()
    }

    /// Whether a version is there, or is so again after single changes.
    fn changes_alone(&self, version: V) -> bool {
        match (self.state(version), self.links.get(&version)) {
            (State::Held, _) => !self.spoiled.contains(&version),
            (State::Undone(before), Some(link)) => {
                matches!(link.by, By::Part(_)) && self.changes_alone(before)
            }
            _ => false,
        }
    }

    /// Whether what is in a buffer are numbers, and there is a tape to put them on.
    pub(super) fn can_set_aside(&self, v: V) -> bool {
        self.tape && matches!(self.func.shape(v), Shape::Seq(e, None) if **e == Shape::Float)
    }

    /// Sets the last version of a buffer aside when it is there, and brings it back at the end of the block.
    fn set_aside(&mut self, last: V, frame: &mut Frame) -> Option<()> {
        // What was put on the tape before the block may be taken off in it, from under what the block reserves.
        frame.leaves.as_ref()?;
        let at = self
            .links
            .get(&last)
            .filter(|link| link.block == frame.id)?
            .at;
        let mut made = false;
        outs(&frame.pieces.get(at)?.stmt, &mut |v| made |= v == last);
        if !made || !self.can_set_aside(last) {
            return None;
        }
        // Any version has the length; this one is there from the beginning.
        let first = self.origin(last, frame);
        let first = *frame.names.get(&first).unwrap_or(&first);
        let store = |walk: &mut Self, keeps: Keeps| {
            walk.func.stores.push(Store {
                name: "left".into(),
                stack: None,
                keeps,
                why: Why::Leaves,
            });
            walk.func.stores.len() - 1
        };
        let (area, row) = (store(self, Keeps::Area), store(self, Keeps::Row));
        let mut begin = Vec::new();
        let zero = number(self.func, 0, &mut begin);
        let n = fresh(self.func, Shape::Int, None);
        begin.push(Stmt::Let(n, Op::Len(first, Path::new())));
        begin.push(Stmt::Reserve {
            area,
            words: n,
            rows: vec![(row, zero)],
        });
        frame.pieces.first_mut()?.before.splice(0..0, begin);

        let i = fresh(self.func, Shape::Int, None);
        let element = fresh(self.func, Shape::Float, None);
        let put = vec![
            Stmt::Let(element, Op::Get(last, vec![Proj::Index(i)])),
            Stmt::Save {
                store: row,
                at: Some(i),
                v: element,
            },
        ];
        let put = Block {
            stmts: put,
            yields: Vec::new(),
        };
        let put = for_each(self.func, (zero, n), Vec::new(), i, None, put);
        frame.pieces.get_mut(at)?.after.push(put);

        let i = fresh(self.func, Shape::Int, None);
        let buffer = self.like(last);
        let (now, element) = (
            fresh(self.func, Shape::Float, None),
            fresh(self.func, Shape::Float, None),
        );
        let next = self.like(last);
        let take = vec![
            Stmt::Let(now, Op::Get(buffer, vec![Proj::Index(i)])),
            Stmt::Let(element, Op::Restore(row, Some(i), now)),
            Stmt::Let(next, Op::Set(buffer, vec![Proj::Index(i)], element)),
        ];
        // Whatever the buffer holds by now, all of it is overwritten.
        let init = self.like(last);
        let there = self.held(last);
        let any = there.map_or(first, |v| self.name(v));
        frame.push(Stmt::Let(init, Op::Refill(any, 0)));
        let out = self.like(last);
        let take = Block {
            stmts: take,
            yields: vec![next],
        };
        let carried = Some((buffer, init, out));
        let take = for_each(self.func, (zero, n), Vec::new(), i, carried, take);
        frame.push(take);
        self.call(last, out);
        if let Some(there) = there {
            self.states.insert(there, State::Overwritten(last));
        }
        self.states.insert(last, State::Held);
        self.spoiled.remove(&last);
        frame.areas.push(area);
        Some(())
    }
}
