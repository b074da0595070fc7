//! What a reverse loop asks its forward loop to keep, and where: nowhere, if the value can be had by
//! running a counter backwards; on the stack, if the number of iterations is constant; else on the tape.

mod bounds;
mod elements;
mod entry;
mod exit;
mod initial;
mod last_first;
mod late;
pub(in crate::differentiate) mod order;
pub(crate) mod part;
mod reads;
mod results;
mod slices;
mod undo;
mod unread;

pub(crate) use bounds::Parameters;

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use quote::quote;

use crate::diag::Errors;
use crate::ir::visit::{all_defs, all_uses, blocks_mut};
use exit::Exits;

use super::rewind::{self, Outcome, Turns};
use crate::ir::{
    Bin, Block, Constant, Func, Head, If, Info, Keeps, Loop, Op, Range, Shape, Stmt, Store, V, Why,
};
use crate::options::Options;
use crate::simplify::cse::arms;
use crate::simplify::{dce, fuse};

struct Pass<'a> {
    func: &'a mut Func,
    options: &'a Options,
    errors: &'a mut Errors,
    /// The constants, by value.
    constants: HashMap<V, Constant>,
    /// The floats that are written out.
    literals: HashMap<V, f64>,
    /// Of arrays that are made of one value: that.
    repeated: HashMap<V, V>,
    /// Arithmetic on integers.
    expressions: HashMap<V, Op>,
    /// The indices of `for` loops, by value.
    indices: HashMap<V, Range>,
    parameters: &'a Parameters,
    /// To go before the loop at hand.
    before: Vec<Stmt>,
    /// To go before everything in the reverse loop at hand.
    first: Vec<Stmt>,
    /// The loops whose buffers are turned back.
    turns: Turns,
}

/// Replaces every `kept` by what it is kept in. `None` where that takes a tape and there is none.
pub(crate) fn resolve(
    func: &mut Func,
    options: &Options,
    parameters: &Parameters,
    errors: &mut Errors,
) -> Option<()> {
    if part::resolve(func) {
        dce::run(func);
    }
    let mut body = core::mem::take(&mut func.body);
    late::run(&mut body);
    let (mut constants, mut expressions) = (HashMap::new(), HashMap::new());
    let (mut literals, mut indices, mut repeated) =
        (HashMap::new(), HashMap::new(), HashMap::new());
    crate::ir::visit::each(&body, &mut |s| match s {
        Stmt::Let(v, Op::Lit(x)) => {
            literals.insert(*v, *x);
        }
        Stmt::Let(v, Op::Repeat(x, _)) => {
            repeated.insert(*v, *x);
        }
        Stmt::Let(v, Op::Const(t)) => {
            constants.insert(*v, t.clone());
        }
        Stmt::Let(v, op) if bounds::computed(op) => {
            expressions.insert(*v, op.clone());
        }
        Stmt::Loop(Loop {
            head: Head::For { i, range },
            ..
        }) => {
            indices.insert(*i, range.clone());
        }
        _ => {}
    });
    let mut pass = Pass {
        func,
        options,
        errors,
        constants,
        literals,
        repeated,
        expressions,
        indices,
        parameters,
        before: Vec::new(),
        first: Vec::new(),
        turns: Turns::default(),
    };
    if pass.options.on("keep") && pass.options.tape.is_some() && pass.keep_slices(&mut body) {
        elements::run(pass.func, &mut body);
    }
    pass.block(&mut body);
    let turns = core::mem::take(&mut pass.turns);
    pass.func.body = body;
    if options.on("fuse") && !turns.logged.is_empty() {
        fuse::run_calls(pass.func);
    }
    let outcome = rewind::run(pass.func, &pass.constants, &turns, options.tape.is_some());
    if let Outcome::Missed(version) = outcome {
        let info = pass.func.info(version);
        let name = info.name.clone().unwrap_or_default();
        uncopied(info.span, &name, options.tape.is_some(), pass.errors);
    }
    let mut body = core::mem::take(&mut pass.func.body);
    let mut sound = !matches!(outcome, Outcome::Unsound) && !unresolved(&body);
    let news =
        sound && pass.errors.is_empty() && options.on("keep") && pass.keep_results(&mut body);
    pass.func.body = body;
    if news {
        dce::run(pass.func);
        if unread::run(pass.func) {
            dce::run(pass.func);
        }
    }
    last_first::run(&mut pass.func.body);
    sound &= order::is_kept(&pass.func.body);
    if !sound {
        pass.errors.overwritten();
        pass.errors.at_span(
            Span::call_site(),
            "a value of this function could not be kept for its reverse sweep",
            "this is a defect in backprop: please report the function",
        );
    }
    let ok = pass.errors.is_empty();
    if options.on("keep") {
        arms::run(func);
    }
    ok.then_some(())
}

/// What is overwritten in a buffer, and neither put back nor copied.
pub(crate) fn uncopied(span: Span, name: &str, tape: bool, errors: &mut Errors) {
    errors.overwritten();
    errors.at_span(
        span,
        format!("this overwrites `{name}`, a slice or a `Vec`, while the reverse sweep still needs what it holds, and that is not copied"),
        if tape {
            "write each result into a buffer of its own, or use an array"
        } else {
            "write `#[differentiable(tape)]`: what is overwritten is then kept there, and put back; or write each result into a buffer of its own, or use an array"
        },
    );
}

fn unresolved(b: &Block) -> bool {
    b.stmts.iter().any(|s| {
        matches!(s, Stmt::Let(_, Op::Kept(..))) || crate::ir::visit::blocks(s).any(unresolved)
    })
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let mut k = 0;
        while k < block.stmts.len() {
            if let Some((forward, kept)) = asked(&block.stmts, k) {
                let mut opened = Vec::new();
                let latest = reads::latest(&block.stmts[forward..k]);
                // The reverse loop stands behind its forward loop.
                let (head, tail) = block.stmts.split_at_mut(k);
                if let (Stmt::Loop(f), Stmt::Loop(r)) = (&mut head[forward], &mut tail[0]) {
                    let mut restores = Vec::new();
                    // What cannot be kept as a whole comes last: it lies below what can.
                    let whole = |pair: &(V, V)| {
                        let shape = self.func.shape(pair.1);
                        storable(shape)
                            || self.options.tape.is_some()
                                && keepable(shape)
                                && self.reads(f, r, *pair, &kept).is_none()
                    };
                    let (first, last): (Vec<_>, Vec<_>) = kept.iter().partition(|pair| whole(pair));
                    for (v, p) in first {
                        self.keep(f, r, v, p, &mut opened, &mut restores);
                    }
                    let mut rest = Vec::new();
                    for (v, p) in last {
                        if self.keep_reads(f, r, (v, p), (&kept, &latest), &mut opened) {
                            r.body
                                .stmts
                                .retain(|s| !matches!(s, Stmt::Let(w, Op::Kept(..)) if *w == v));
                        } else {
                            rest.push((v, p));
                        }
                    }
                    let slice = |(_, p): &(V, V)| self.func.is_slice(*p, &[]);
                    let (slices, mut rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(slice);
                    if !self.turn(f, r, &slices) {
                        rest.extend(slices);
                    }
                    for (v, p) in rest {
                        self.keep(f, r, v, p, &mut opened, &mut restores);
                    }
                    // The tape is a stack: what was pushed last comes off first.
                    restores.reverse();
                    r.body.stmts.splice(0..0, restores);
                    r.body.stmts.splice(0..0, core::mem::take(&mut self.first));
                }
                opened.splice(0..0, core::mem::take(&mut self.before));
                k += opened.len();
                block.stmts.splice(forward..forward, opened);
            }
            for b in blocks_mut(&mut block.stmts[k]) {
                self.block(b);
            }
            k += 1;
        }
    }

    /// Lets the reverse loop turn back what the forward loop does to slices and `Vec`s, where there is a log.
    fn turn(&mut self, f: &mut Loop, r: &mut Loop, asked: &[(V, V)]) -> bool {
        if asked.is_empty() || self.options.tape.is_none() {
            return asked.is_empty();
        }
        let Some(equal) = rewind::turn(self.func, &self.constants, f, r, asked) else {
            return false;
        };
        self.turns.equal.extend(equal);
        self.turns.logged.insert(f.id);
        true
    }

    /// Finds a place for the value `p` of each iteration of `f`, which is called `v` in `r`.
    fn keep(
        &mut self,
        f: &mut Loop,
        r: &mut Loop,
        v: V,
        p: V,
        opened: &mut Vec<Stmt>,
        restores: &mut Vec<Stmt>,
    ) {
        let Some(index) = f.params.iter().position(|q| *q == p) else {
            return self.keep_entry(f, r, (v, p), opened, restores);
        };
        r.body
            .stmts
            .retain(|s| !matches!(s, Stmt::Let(w, Op::Kept(..)) if *w == v));
        if self.options.on("invert")
            && (self.at_the_exit(f, r, v, index)
                || self.count_down(f, r, v, index)
                || self.begin_again(f, r, v, index)
                || self.undo(f, r, (v, p), index, opened))
        {
            return;
        }
        let store = self.func.stores.len();
        let name = self
            .func
            .info(p)
            .name
            .clone()
            .unwrap_or_else(|| "value".into());
        if let Some((len, at)) = self.constant_trips(f, r) {
            self.func.stores.push(Store {
                name: format!("kept_{name}"),
                stack: Some(len),
                keeps: if plain(self.func.shape(p)) {
                    Keeps::Plain
                } else {
                    Keeps::Copies
                },
                why: Why::Begins,
            });
            opened.push(Stmt::Open(store));
            f.body.stmts.insert(
                0,
                Stmt::Save {
                    store,
                    at: Some(at.0),
                    v: p,
                },
            );
            restores.push(Stmt::Let(v, Op::Restore(store, Some(at.1), f.outs[index])));
            return;
        }
        let tape = self.options.tape.is_some();
        let shape = self.func.shape(p);
        let kept = keepable(shape) && (tape || storable(shape));
        if !kept {
            // Of a buffer the tape keeps what is read.
            if !tape
                && (keepable(shape) && name != "ret"
                    || self.reads(f, r, (v, p), &[(v, p)]).is_some()
                    || rewind::turns(self.func, &self.constants, f, &[(v, p)]))
            {
                self.refuse(f, r, v, index, &name);
            } else {
                self.unkeepable(f, index, &name);
            }
            return;
        }
        if tape {
            self.func.stores.push(Store {
                name: format!("kept_{name}"),
                stack: None,
                keeps: Keeps::Plain,
                why: Why::Begins,
            });
            let saves = f
                .body
                .stmts
                .iter()
                .take_while(|s| matches!(s, Stmt::Save { .. }))
                .count();
            f.body.stmts.insert(
                saves,
                Stmt::Save {
                    store,
                    at: None,
                    v: p,
                },
            );
            restores.push(Stmt::Let(v, Op::Restore(store, None, f.outs[index])));
            return;
        }
        self.refuse(f, r, v, index, &name);
    }

    /// Says that a tape cannot hold what a loop carries.
    fn unkeepable(&mut self, f: &Loop, index: usize, name: &str) {
        let span = self.func.info(f.body.yields[index]).span;
        if name == "ret" {
            self.errors.at_span(
                span,
                "this loop returns something that is neither a number nor an array of numbers, and what the function returns cannot be kept for the reverse sweep",
                "leave the loop with `break`, remember in numbers what was found, and return behind it; or give the loop a constant bound",
            );
        } else {
            self.errors.at_span(
                span,
                format!("`{name}` changes in this loop, and its old values cannot be kept for the reverse sweep: it is neither a number nor an array of numbers"),
                "carry its parts as variables of their own, or give the loop a constant bound; fill a buffer element by element, or all of it in every iteration before any is read (`0..buffer.len()`, or a callee's `#[out]`), or let each iteration hand a part of its own to one call: `&mut buffer[i * n..][..n]`",
            );
        }
    }

    /// A value that is asked for only where the loop is left, and that leaving does not change, is the last one.
    fn at_the_exit(&mut self, f: &Loop, r: &mut Loop, v: V, index: usize) -> bool {
        let Some(exits) = Exits::of(f, &self.constants) else {
            return false;
        };
        let last = exits.unchanged(f.params[index], f.body.yields[index])
            && exits.only(self.func, v, &r.body);
        if last {
            let out = f.outs[index];
            crate::ir::subst::block_uses_mut(&mut r.body, &mut |u| {
                if *u == v {
                    *u = out;
                }
            });
        }
        last
    }

    /// A counter that moves by an invariant step needs no store: it runs backwards.
    fn count_down(&mut self, f: &Loop, r: &mut Loop, v: V, index: usize) -> bool {
        let (p, y) = (f.params[index], f.body.yields[index]);
        if *self.func.shape(p) != Shape::Int {
            return false;
        }
        let mut inside = HashSet::new();
        all_defs(&Stmt::Loop(f.clone()), &mut |w| {
            inside.insert(w);
        });
        // From the last value back to the first: the steps undone, in that order.
        let mut steps = Vec::new();
        // Where every way out of the loop leaves it alone, it moves in all iterations but the last.
        let exits = Exits::of(f, &self.constants)
            .filter(|e| matches!(f.head, Head::Forever) && e.unchanged(p, y));
        let partial = exits.as_ref().and_then(|e| e.going_on(y));
        let mut at = partial.unwrap_or(y);
        let here: HashMap<V, &Op> = f
            .body
            .stmts
            .iter()
            .filter_map(|s| match s {
                Stmt::Let(w, op) => Some((*w, op)),
                _ => None,
            })
            .collect();
        while at != p {
            let op = here.get(&at).copied().or_else(|| {
                exits
                    .as_ref()
                    .filter(|_| partial.is_some())
                    .and_then(|e| e.op(at))
            });
            let undo = match op {
                Some(Op::Bin(Bin::Add, a, b))
                    if !inside.contains(b) || self.constants.contains_key(b) =>
                {
                    Some((*a, Bin::Sub, *b))
                }
                Some(Op::Bin(Bin::Add, a, b))
                    if !inside.contains(a) || self.constants.contains_key(a) =>
                {
                    Some((*b, Bin::Sub, *a))
                }
                Some(Op::Bin(Bin::Sub, a, b))
                    if !inside.contains(b) || self.constants.contains_key(b) =>
                {
                    Some((*a, Bin::Add, *b))
                }
                _ => None,
            };
            let Some((before, op, step)) = undo else {
                return false;
            };
            steps.push((op, step));
            at = before;
        }
        if steps.is_empty() {
            return false;
        }
        let mut first = Vec::new();
        let (param, out) = (self.fresh(p), self.fresh(p));
        let last = steps.len() - 1;
        let mut value = param;
        for (k, (op, step)) in steps.into_iter().enumerate() {
            let mut step = step;
            if inside.contains(&step) {
                let Some(tokens) = self.constants.get(&step).cloned() else {
                    return false;
                };
                let again = self.fresh(step);
                first.push(Stmt::Let(again, Op::Const(tokens)));
                step = again;
            }
            let next = if k == last && partial.is_none() {
                v
            } else {
                self.fresh(p)
            };
            first.push(Stmt::Let(next, Op::Bin(op, value, step)));
            value = next;
        }
        if partial.is_some() {
            // The last iteration, which the reverse loop runs first, did not move it.
            let flag = |pass: &mut Self, name: Option<&str>| {
                let w = pass.fresh(p);
                pass.func.info_mut(w).name = name.map(str::to_owned);
                w
            };
            let (yes, no, leaving, after) = (
                flag(self, None),
                flag(self, None),
                flag(self, Some("leaving")),
                flag(self, None),
            );
            self.before
                .push(Stmt::Let(yes, Op::Const(quote!(true).into())));
            let moved = Block {
                stmts: first,
                yields: vec![value],
            };
            let still = Block {
                stmts: Vec::new(),
                yields: vec![param],
            };
            first = vec![Stmt::If(If {
                cond: leaving,
                then_: still,
                else_: moved,
                outs: vec![v],
            })];
            r.body
                .stmts
                .push(Stmt::Let(no, Op::Const(quote!(false).into())));
            r.params.push(leaving);
            r.inits.push(yes);
            r.body.yields.push(no);
            r.outs.push(after);
        }
        r.body.stmts.splice(0..0, first);
        r.params.push(param);
        r.inits.push(f.outs[index]);
        r.body.yields.push(v);
        r.outs.push(out);
        true
    }

    fn fresh(&mut self, like: V) -> V {
        let info = self.func.info(like);
        let info = Info {
            ty: None,
            grows: false,
            assert_real: false,
            ..info.clone()
        };
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(info);
        v
    }

    fn refuse(&mut self, f: &Loop, r: &Loop, v: V, index: usize, name: &str) {
        let (y, p) = (f.body.yields[index], f.params[index]);
        let at = self.func.info(written(&f.body, y, p).unwrap_or(y)).span;
        let needed = first_use(&r.body, v).map(|o| self.func.info(o).span);
        let line = needed
            .map(|s: Span| s.start().line)
            .filter(|l| *l > 0 && *l != at.start().line);
        let whence = line.map_or_else(String::new, |l| {
            format!(" (needed by the derivative of line {l})")
        });
        let what = match name {
            crate::lower::ACCUMULATOR => "what the iterator adds up or chooses from".to_string(),
            name => format!("`{name}`"),
        };
        self.errors.at_span(
            at,
            format!("this overwrites {what} in a loop whose number of iterations is only known at run time, and the reverse sweep needs its old value in each of them{whence}"),
            "write `#[differentiable(tape)]`: the generated functions then take a `&mut Tape` and keep the values there; or give the loop a constant bound, as in `0..n.min(64)`, or rewrite the update as a sum",
        );
    }
}

/// The update that makes `y` of what the iteration began with, below branches and loops.
fn written(block: &Block, y: V, p: V) -> Option<V> {
    if y == p {
        return None;
    }
    let nested = block.stmts.iter().find_map(|s| match s {
        Stmt::If(i) => {
            let k = i.outs.iter().position(|o| *o == y)?;
            Some(
                [
                    (&i.then_, i.then_.yields[k], p),
                    (&i.else_, i.else_.yields[k], p),
                ]
                .to_vec(),
            )
        }
        Stmt::Loop(l) => {
            let k = l.outs.iter().position(|o| *o == y)?;
            Some(vec![(&l.body, l.body.yields[k], l.params[k])])
        }
        _ => None,
    });
    match nested {
        Some(list) => list.into_iter().find_map(|(b, y, p)| written(b, y, p)),
        None => Some(y),
    }
}

/// What the first statement that uses a value defines, below branches and loops.
fn first_use(block: &Block, v: V) -> Option<V> {
    block.stmts.iter().find_map(|s| {
        if let Some(inner) = crate::ir::visit::blocks(s).find_map(|b| first_use(b, v)) {
            return Some(inner);
        }
        let (mut used, mut out) = (false, None);
        all_uses(s, &mut |u| used |= u == v);
        crate::ir::visit::outs(s, &mut |o| out = out.or(Some(o)));
        out.filter(|_| used)
    })
}

/// What can lie on the tape, types of the user's among them: of these, and of what is not seen, rustc decides.
fn keepable(shape: &Shape) -> bool {
    match shape {
        Shape::Seq(e, len) => len.is_some() && keepable(e),
        Shape::Tuple(es) => es.iter().all(keepable),
        Shape::Option(e) => keepable(e),
        Shape::Named | Shape::Unknown | Shape::Int | Shape::Float => true,
    }
}

/// What is put on the tape as a whole before it is asked what of it is read; of an unseen type rustc decides.
pub(crate) fn storable(shape: &Shape) -> bool {
    match shape {
        Shape::Seq(e, len) => len.is_some() && storable(e),
        Shape::Tuple(es) => es.iter().all(storable),
        Shape::Named | Shape::Option(_) => false,
        Shape::Unknown | Shape::Int | Shape::Float => true,
    }
}

/// Numbers, and arrays of them.
fn plain(shape: &Shape) -> bool {
    match shape {
        Shape::Seq(e, Some(_)) => plain(e),
        s => s.is_scalar(),
    }
}

/// If the statement at `k` is a reverse loop that asks for something to be kept: its forward loop, and the
/// values asked for with what they are called.
fn asked(stmts: &[Stmt], k: usize) -> Option<(usize, Vec<(V, V)>)> {
    let Stmt::Loop(r) = &stmts[k] else {
        return None;
    };
    let id = r.reverses?;
    let kept: Vec<(V, V)> = r
        .body
        .stmts
        .iter()
        .filter_map(|s| match s {
            Stmt::Let(v, Op::Kept(l, p)) if *l == id => Some((*v, *p)),
            _ => None,
        })
        .collect();
    let forward = stmts[..k]
        .iter()
        .position(|s| matches!(s, Stmt::Loop(f) if f.id == id))?;
    (!kept.is_empty()).then_some((forward, kept))
}
