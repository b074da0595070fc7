//! What the function leaves in the buffers of its `&mut` parameters, where the reverse sweep has gone back before it.
//!
//! Single changes are made once more. What loops have left is set aside on the tape before the reverse sweep begins, where it is numbers;
//! else they run once more.
//!
//! ```text
//! let area = reserve(y.len());  ..  for i in 0..y.len() { area[i] = y[i]; }  ..  for i in 0..y.len() { y[i] = area[i]; }
//! ```

use super::log::{for_each, fresh, number};
use super::turn::is_buffer;
use super::walk::{By, Frame, State, Walk};
use crate::ir::{Block, Keeps, Op, Path, Proj, Shape, Stmt, Store, V};

impl Walk<'_> {
    /// Ends the function.
    pub(super) fn leave(&mut self, frame: &mut Frame) {
        let finals = self.func.finals.clone();
        let mut areas = Vec::new();
        for (k, last) in finals.into_iter().enumerate() {
            let Some(last) = last.filter(|v| is_buffer(self.func, *v)) else {
                continue;
            };
            let area = if self.changes_alone(last) {
                None
            } else {
                self.set_aside(self.func.params[k].v, last, frame)
            };
            if area.is_none() {
                self.fetch(last, frame);
            }
            areas.extend(area);
            self.func.finals[k] = Some(self.name(last));
        }
        // The tape is a stack: what was reserved first comes off last.
        areas.reverse();
        areas
            .into_iter()
            .for_each(|area| frame.push(Stmt::Release(area)));
        if let Some(ret) = self.func.ret.filter(|v| is_buffer(self.func, *v)) {
            self.fetch(ret, frame);
            self.func.ret = Some(self.name(ret));
        }
        let adjoints = self.func.adjoints.clone();
        self.func.adjoints = adjoints
            .into_iter()
            .map(|d| d.map(|d| self.name(d)))
            .collect();
    }

    /// Whether a version is there, or is so again after single changes.
    fn changes_alone(&self, version: V) -> bool {
        match (self.state(version), self.links.get(&version)) {
            (State::Held, _) => true,
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

    /// Sets the last version of a buffer aside when it is there, and brings it back at the end.
    fn set_aside(&mut self, param: V, last: V, frame: &mut Frame) -> Option<usize> {
        let at = self.links.get(&last).filter(|link| link.depth == 0)?.at;
        if !self.can_set_aside(last) {
            return None;
        }
        let store = |walk: &mut Self, keeps: Keeps| {
            walk.func.stores.push(Store {
                name: "left".into(),
                stack: None,
                keeps,
            });
            walk.func.stores.len() - 1
        };
        let (area, row) = (store(self, Keeps::Area), store(self, Keeps::Row));
        let mut first = Vec::new();
        let zero = number(self.func, 0, &mut first);
        let n = fresh(self.func, Shape::Int, None);
        first.push(Stmt::Let(n, Op::Len(param, Path::new())));
        first.push(Stmt::Reserve {
            area,
            words: n,
            rows: vec![(row, zero)],
        });
        frame.pieces.first_mut()?.before.splice(0..0, first);

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
        frame.push(Stmt::Let(init, Op::Refill(param, 0)));
        let out = self.like(last);
        let take = Block {
            stmts: take,
            yields: vec![next],
        };
        let carried = Some((buffer, init, out));
        let take = for_each(self.func, (zero, n), Vec::new(), i, carried, take);
        frame.push(take);
        self.call(last, out);
        Some(area)
    }
}
