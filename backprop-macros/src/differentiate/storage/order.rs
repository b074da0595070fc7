//! Whether the tape gives back what lies on it in the order in which it was put there, last one first.
//!
//! Every rule of this stage sees to that for itself. A mistake would be a wrong number without a word, so it is looked at once more, from
//! the outside: by running the function on a stack of what is put there, where a loop's iterations are one item.

use crate::ir::{Block, Head, LoopId, Op, Stmt};

/// What lies on the tape.
#[derive(Clone, PartialEq, Debug)]
enum Item {
    One(usize),
    Area(usize),
    /// What each iteration of a loop has put there.
    Iterations(LoopId, Vec<Item>),
    /// What either side of a branch has.
    Either(Vec<Item>, Vec<Item>),
}

/// What a stretch of code takes off that lay there before, first one first, and what it leaves there.
#[derive(Default)]
struct Effect {
    taken: Vec<Item>,
    left: Vec<Item>,
}

impl Effect {
    /// Followed by another one. `None` if that takes off something else than lies on top.
    fn then(mut self, next: Effect) -> Option<Effect> {
        for item in next.taken {
            match self.left.pop() {
                Some(top) if top != item => return None,
                Some(_) => {}
                None => self.taken.push(item),
            }
        }
        self.left.extend(next.left);
        Some(self)
    }

    fn leaves(item: Item) -> Effect {
        Effect {
            taken: Vec::new(),
            left: vec![item],
        }
    }

    fn takes(item: Item) -> Effect {
        Effect {
            taken: vec![item],
            left: Vec::new(),
        }
    }

    /// What it takes, in the order in which it was put there.
    fn put(self) -> Vec<Item> {
        self.taken.into_iter().rev().collect()
    }
}

pub(in crate::differentiate) fn is_kept(body: &Block) -> bool {
    Effect::of_block(body).is_some_and(|effect| effect.taken.is_empty() && effect.left.is_empty())
}

impl Effect {
    fn of_block(block: &Block) -> Option<Effect> {
        let mut effect = Effect::default();
        for s in &block.stmts {
            effect = effect.then(Effect::of(s)?)?;
        }
        Some(effect)
    }

    fn of(stmt: &Stmt) -> Option<Effect> {
        Some(match stmt {
            Stmt::Save {
                store, at: None, ..
            } => Effect::leaves(Item::One(*store)),
            Stmt::Let(_, Op::Restore(store, None, _)) => Effect::takes(Item::One(*store)),
            Stmt::Reserve { area, .. } => Effect::leaves(Item::Area(*area)),
            Stmt::Release(area) => Effect::takes(Item::Area(*area)),
            Stmt::Loop(l) => {
                let mut effect = Effect::of_block(&l.body)?;
                if let Head::While(cond) = &l.head {
                    effect = Effect::of_block(cond)?.then(effect)?;
                }
                match (effect.taken.is_empty(), effect.left.is_empty()) {
                    (true, true) => effect,
                    (true, false) => Effect::leaves(Item::Iterations(l.id, effect.left)),
                    (false, true) => Effect::takes(Item::Iterations(l.reverses?, effect.put())),
                    (false, false) => return None,
                }
            }
            Stmt::If(s) => {
                let (then_, else_) = (Effect::of_block(&s.then_)?, Effect::of_block(&s.else_)?);
                let taken = !then_.taken.is_empty() || !else_.taken.is_empty();
                let left = !then_.left.is_empty() || !else_.left.is_empty();
                match (taken, left) {
                    (false, false) => Effect::default(),
                    (false, true) => Effect::leaves(Item::Either(then_.left, else_.left)),
                    (true, false) => Effect::takes(Item::Either(then_.put(), else_.put())),
                    (true, true) => return None,
                }
            }
            _ => Effect::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Range, V, bare_loop};

    fn push(store: usize) -> Stmt {
        Stmt::Save {
            store,
            at: None,
            v: V(0),
        }
    }

    fn pop(store: usize) -> Stmt {
        Stmt::Let(V(1), Op::Restore(store, None, V(0)))
    }

    fn block(stmts: Vec<Stmt>) -> Block {
        Block {
            stmts,
            yields: Vec::new(),
        }
    }

    fn over(id: u32, reverses: Option<u32>, stmts: Vec<Stmt>) -> Stmt {
        let range = Range {
            lo: V(3),
            hi: V(4),
            inclusive: false,
            adapt: Vec::new(),
        };
        let head = Head::For { i: V(2), range };
        Stmt::Loop(bare_loop(id, head, reverses, block(stmts)))
    }

    #[test]
    fn last_one_first() {
        let all = |stmts| is_kept(&block(stmts));
        assert!(all(vec![push(0), push(1), pop(1), pop(0)]));
        assert!(!all(vec![push(0), push(1), pop(0), pop(1)]));
        // Nobody takes the second one off, or the first one.
        assert!(!all(vec![push(0), push(1), pop(0)]));
        assert!(!all(vec![push(0), push(1), pop(1)]));
        let there = over(0, None, vec![push(0), push(1)]);
        assert!(all(vec![
            there.clone(),
            over(1, Some(0), vec![pop(1), pop(0)])
        ]));
        assert!(!all(vec![
            there.clone(),
            over(1, Some(0), vec![pop(0), pop(1)])
        ]));
        assert!(!all(vec![there, over(1, Some(7), vec![pop(1), pop(0)])]));
    }

    /// What inner loops keep lies on top until they are reversed.
    #[test]
    fn nothing_is_taken_from_under_a_loop() {
        let forward = over(0, None, vec![push(0)]);
        let (run, back) = (over(2, None, vec![push(1)]), over(3, Some(2), vec![pop(1)]));
        let first = vec![pop(0), run.clone(), back.clone()];
        let between = vec![run, pop(0), back];
        let all = |body| is_kept(&block(vec![forward.clone(), over(1, Some(0), body)]));
        assert!(all(first));
        assert!(!all(between));
        let reserve = Stmt::Reserve {
            area: 5,
            words: V(0),
            rows: Vec::new(),
        };
        assert!(!all(vec![reserve.clone(), pop(0), Stmt::Release(5)]));
        assert!(all(vec![pop(0), reserve, Stmt::Release(5)]));
    }
}
