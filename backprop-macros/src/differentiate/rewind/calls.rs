//! Calls and their sweeps: what they change, and what lies on the log between them.

use super::walk::{By, Frame, Walk};
use crate::ir::table::FastMap;
use crate::ir::{Arg, Call, Found, Sweep, V};

impl Walk<'_> {
    pub(super) fn called(&mut self, c: &Call, frame: &mut Frame) {
        let at = frame.pieces.len();
        // Parts of one buffer that are lent together are one change.
        let mut first: FastMap<V, V> = FastMap::default();
        for (root, new) in lent(&c.args) {
            let base = *first.get(&root).unwrap_or(&root);
            first.insert(new, base);
            if c.last(new) == new {
                self.overwrite(base, new, By::Call, frame);
            }
        }
        if self.tape {
            let found = c.entries.iter().flatten();
            let asked = found.filter(|entry| self.asked.contains(entry));
            frame.calls.extend(asked.map(|entry| (*entry, at)));
        }
    }

    /// The sweep of a call that was lent a part runs on any version that has the same in that part. If one from before the call is
    /// wanted afterwards, what later calls have put on the log has to be off it by now: it lies on what this call has found.
    pub(super) fn before_sweep(&mut self, s: &mut Sweep, frame: &mut Frame) {
        for k in 0..s.found.len() {
            let (Some(Arg::Mut(root, ..)), Found::Entry(entry)) = (s.call.args.get(k), s.found[k])
            else {
                continue;
            };
            let (root, origin) = (*root, self.origin(*root, frame));
            let Some(at) = frame.calls.iter().find(|(v, _)| *v == entry).map(|c| c.1) else {
                continue;
            };
            self.back_since(at, frame);
            let made = self.links.iter().find(|(v, link)| {
                let here = link.block == frame.id && link.at == at;
                here && matches!(link.by, By::Call) && self.origin(**v, frame) == origin
            });
            let Some((left, before)) = made.map(|(v, link)| (*v, link.before)) else {
                continue;
            };
            if self.wanted(before, &self.live) && self.fetch(left, frame) {
                for a in &mut s.call.args {
                    match a {
                        Arg::Mut(from, ..) | Arg::Ref(from, _) if *from == root => *from = left,
                        _ => {}
                    }
                }
            }
        }
    }

    /// A sweep after its call takes off the log what the call has found.
    pub(super) fn swept(&mut self, s: &Sweep, frame: &mut Frame) {
        let end = frame.pieces.len();
        let mut begins = Vec::new();
        for (a, found) in s.call.args.iter().zip(&s.found) {
            let Arg::Mut(root, path, again) = a else {
                continue;
            };
            let version = self.of(*root);
            self.version.insert(*again, version);
            let Found::Entry(entry) = found else { continue };
            if !self.tape || !self.func.is_slice(*root, path) {
                continue;
            }
            match frame.calls.iter().position(|(v, _)| v == entry) {
                Some(k) => begins.push(frame.calls.swap_remove(k).1),
                // It would be taken off under a condition, or twice.
                None => self.sound = false,
            }
        }
        begins.dedup();
        for begin in begins {
            self.sound &= !frame.open.iter().any(|(_, open)| *open > begin);
            self.sound &= !frame.crosses(begin) && !frame.pending(begin);
            frame.spans.push((begin, end));
            frame.found.push(begin);
        }
    }
}

fn lent(args: &[Arg]) -> impl Iterator<Item = (V, V)> {
    args.iter().filter_map(|a| match a {
        Arg::Mut(root, _, new) => Some((*root, *new)),
        _ => None,
    })
}
