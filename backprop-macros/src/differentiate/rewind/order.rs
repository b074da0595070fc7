//! Whether the log gives back what lies on it to those who have put it there.
//!
//! The walk sees to that as it goes. A mistake would be a wrong number without a word, so it is looked at once more, from the outside: by
//! running the function on a stack of what is put there, where what a loop or a branch has put there is one item.

use std::collections::HashSet;

use super::needs::asked;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::each;
use crate::ir::{Bin, Block, Call, Func, Head, Loop, LoopId, Op, Stmt, V};

/// What lies on the log.
#[derive(Clone)]
enum Item {
    /// How high it was.
    Mark(V),
    /// What a place held, or where that is.
    Entry,
    /// How high it was when an iteration began.
    Begun(V),
    /// What a callee has found.
    Found(V),
    /// What each iteration of a loop has put there.
    Iterations(LoopId, Vec<Item>),
    /// What either side of a branch has.
    Either(Vec<Item>),
}

impl Item {
    /// Whether one who goes back to a mark below may take it off.
    fn is_changes(&self) -> bool {
        match self {
            Item::Entry => true,
            Item::Iterations(_, items) | Item::Either(items) => items.iter().all(Item::is_changes),
            Item::Mark(_) | Item::Begun(_) | Item::Found(_) => false,
        }
    }
}

/// Whether all comes off that is put there, and off the top.
/// `turned`: the loops that are turned back.
pub(super) fn is_kept(func: &Func, turned: &HashSet<LoopId>) -> bool {
    let mut found = Set::new();
    each(&func.body, &mut |s| found.extend(asked(func, s)));
    let mut check = Check {
        func,
        turned,
        found,
        left: FastMap::default(),
        marks: FastMap::default(),
    };
    let mut stack = Vec::new();
    check.block(&func.body, &mut stack).is_some() && stack.is_empty()
}

struct Check<'a> {
    func: &'a Func,
    turned: &'a HashSet<LoopId>,
    /// What calls find, and their sweeps ask for.
    found: Set,
    /// What each iteration of a loop that is turned back has left there.
    left: FastMap<LoopId, Vec<Item>>,
    /// The names of marks that were on the log themselves.
    marks: FastMap<V, V>,
}

impl Check<'_> {
    fn block(&mut self, block: &Block, stack: &mut Vec<Item>) -> Option<()> {
        block.stmts.iter().try_for_each(|s| self.stmt(s, stack))
    }

    /// What a block leaves that may take nothing from outside.
    fn inside(&mut self, block: &Block) -> Option<Vec<Item>> {
        let mut own = Vec::new();
        self.block(block, &mut own)?;
        Some(own)
    }

    fn stmt(&mut self, stmt: &Stmt, stack: &mut Vec<Item>) -> Option<()> {
        match stmt {
            Stmt::Let(mark, Op::Logged) => stack.push(Item::Mark(*mark)),
            Stmt::Log(v) => {
                let marked = |item: &Item| matches!(item, Item::Mark(mark) if mark == v);
                stack.push(if stack.iter().any(marked) {
                    Item::Begun(*v)
                } else {
                    Item::Entry
                });
            }
            Stmt::Let(mark, Op::Unlog(_)) => {
                let Some(Item::Begun(begun)) = stack.pop() else {
                    return None;
                };
                self.marks.insert(*mark, begun);
            }
            Stmt::Call(c) => self.call(c, stack),
            Stmt::Sweep(s) if s.call.ret.is_some() => self.call(&s.call, stack),
            Stmt::Sweep(_) => {
                for entry in asked(self.func, stmt).iter().rev() {
                    if !matches!(stack.pop(), Some(Item::Found(top)) if top == *entry) {
                        return None;
                    }
                }
            }
            Stmt::If(s) => {
                let mut items = self.inside(&s.then_)?;
                items.extend(self.inside(&s.else_)?);
                if !items.is_empty() {
                    stack.push(Item::Either(items));
                }
            }
            Stmt::Loop(l) => match until(l) {
                Some(mark) => {
                    let mark = *self.marks.get(&mark).unwrap_or(&mark);
                    loop {
                        match stack.pop()? {
                            Item::Mark(top) if top == mark => break,
                            item if item.is_changes() => {}
                            _ => return None,
                        }
                    }
                }
                None => self.loop_(l, stack)?,
            },
            _ => {}
        }
        Some(())
    }

    fn call(&self, c: &Call, stack: &mut Vec<Item>) {
        let found = c.entries.iter().flatten();
        let found = found.filter(|entry| self.found.contains(entry));
        stack.extend(found.map(|entry| Item::Found(*entry)));
    }

    fn loop_(&mut self, l: &Loop, stack: &mut Vec<Item>) -> Option<()> {
        if let Head::While(cond) = &l.head
            && !self.inside(cond)?.is_empty()
        {
            return None;
        }
        let forward = l.reverses.filter(|id| self.left.contains_key(id));
        let begun = forward.and_then(|id| self.left.get(&id));
        let mut own = begun.cloned().unwrap_or_default();
        self.block(&l.body, &mut own)?;
        if forward.is_some() {
            let top = stack.pop()?;
            let whole = matches!(top, Item::Iterations(id, _) if forward == Some(id));
            return (whole && own.is_empty()).then_some(());
        }
        if !own.is_empty() {
            if self.turned.contains(&l.id) {
                self.left.insert(l.id, own.clone());
            }
            stack.push(Item::Iterations(l.id, own));
        }
        Some(())
    }
}

/// The mark that a loop goes back to.
fn until(l: &Loop) -> Option<V> {
    let Head::While(cond) = &l.head else {
        return None;
    };
    cond.stmts.iter().find_map(|s| match s {
        Stmt::Let(more, Op::Bin(Bin::Gt, logged, mark)) if cond.yields == [*more] => {
            let logs = |s: &Stmt| matches!(s, Stmt::Let(v, Op::Logged) if v == logged);
            cond.stmts.iter().any(logs).then_some(*mark)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Arg, Callee, Found, If, Info, Shape, Sweep, bare_loop, empty};

    const BUFFER: V = V(0);

    fn func(stmts: Vec<Stmt>) -> Func {
        let mut func = empty("f");
        let buffer = Shape::Seq(Box::new(Shape::Float), None);
        func.infos.push(Info::new(buffer));
        func.body.stmts = stmts;
        func
    }

    fn kept(stmts: Vec<Stmt>) -> bool {
        is_kept(&func(stmts), &HashSet::from([LoopId(0)]))
    }

    fn block(stmts: Vec<Stmt>) -> Block {
        Block {
            stmts,
            yields: Vec::new(),
        }
    }

    fn over(id: u32, reverses: Option<u32>, stmts: Vec<Stmt>) -> Stmt {
        Stmt::Loop(bare_loop(id, Head::Forever, reverses, block(stmts)))
    }

    fn mark(v: u32) -> Stmt {
        Stmt::Let(V(v), Op::Logged)
    }

    fn log(v: u32) -> Stmt {
        Stmt::Log(V(v))
    }

    fn unlog(v: u32) -> Stmt {
        Stmt::Let(V(v), Op::Unlog(BUFFER))
    }

    /// Back to a mark.
    fn back(mark: u32) -> Stmt {
        let more = Op::Bin(Bin::Gt, V(90), V(mark));
        let cond = Block {
            stmts: vec![Stmt::Let(V(90), Op::Logged), Stmt::Let(V(91), more)],
            yields: vec![V(91)],
        };
        Stmt::Loop(bare_loop(90, Head::While(cond), None, block(vec![])))
    }

    /// A call that puts what it finds on the log, and its sweep.
    fn call() -> [Stmt; 2] {
        let call = Call {
            callee: Callee::Function(std::rc::Rc::new(syn::parse_quote!(f))),
            args: vec![Arg::Mut(BUFFER, Vec::new(), V(70))],
            stopped: Vec::new(),
            ret: None,
            entries: vec![Some(V(71))],
            along: Vec::new(),
            beside: None,
        };
        let sweep = Sweep {
            call: call.clone(),
            found: vec![Found::Entry(V(71))],
            slots: Vec::new(),
            seed: None,
        };
        [Stmt::Call(call), Stmt::Sweep(sweep)]
    }

    #[test]
    fn changes_go_back_last_one_first() {
        assert!(kept(vec![
            mark(1),
            log(9),
            mark(2),
            log(9),
            back(2),
            back(1)
        ]));
        assert!(!kept(vec![
            mark(1),
            log(9),
            mark(2),
            log(9),
            back(1),
            back(2)
        ]));
        assert!(!kept(vec![mark(1), log(9), mark(2), log(9), back(2)]));
        let inside = over(1, None, vec![log(9), log(9)]);
        let either = Stmt::If(If {
            cond: V(8),
            then_: block(vec![log(9)]),
            else_: block(vec![]),
            outs: Vec::new(),
        });
        assert!(kept(vec![mark(1), inside, either, back(1)]));
    }

    #[test]
    fn what_a_call_found_lies_on_top_when_its_sweep_asks() {
        let [call, sweep] = call();
        assert!(kept(vec![
            mark(1),
            log(9),
            call.clone(),
            sweep.clone(),
            back(1)
        ]));
        assert!(!kept(vec![
            mark(1),
            call.clone(),
            log(9),
            sweep.clone(),
            back(1)
        ]));
        assert!(!kept(vec![mark(1), call, back(1), sweep]));
    }

    #[test]
    fn iterations_go_back_one_by_one() {
        let forward = over(0, None, vec![mark(1), log(9), log(1)]);
        let reverse = over(1, Some(0), vec![unlog(2), back(2)]);
        assert!(kept(vec![forward.clone(), reverse.clone()]));
        assert!(!kept(vec![forward.clone()]));
        let short = over(1, Some(0), vec![unlog(2)]);
        assert!(!kept(vec![forward.clone(), short]));
        // Somebody else's changes lie on top.
        assert!(!kept(vec![
            forward.clone(),
            mark(3),
            log(9),
            reverse.clone(),
            back(3)
        ]));
        assert!(!kept(vec![mark(3), forward, back(3), reverse]));
    }
}
