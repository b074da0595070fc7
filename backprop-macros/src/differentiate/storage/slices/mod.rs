//! Numbers that every iteration of a loop keeps for the reverse sweep, those of the loops inside it included: in words of
//! the tape that lie there as long as both loops run, one after the other for the iterations of an inner loop.
//!
//! ```text
//! let area = reserve(tape, n * m);
//! for i in 0..n { for j in 0..m { let a = (s * x[j]).exp(); kept[i * m + j] = a; s = ..; } }
//! for i in (0..n).rev() { for j in (0..m).rev() { let a = kept[i * m + j]; .. } }
//! release(tape, area);
//! ```
//!
//! Without this the reverse loop runs each iteration again before it reverses it, and inner loops once more for each
//! loop around them. Which numbers are kept is a minimum cut: results of costly functions and calls, of inner loops, and
//! what is carried are had from the tape, or from numbers on the tape by arithmetic.
//!
//! What a call adds to the adjoint of a float is its partial derivative times the cotangent: the forward loop runs the
//! callee together with its sweep, and the partial derivative is kept. So the reverse loop calls nobody.

mod behind;
mod collect;
mod cut;
mod layout;
mod likes;
mod place;
mod products;
mod sums;
mod sweeps;
mod twins;

use crate::ir::table::FastMap;
use crate::ir::visit::blocks_mut;
use crate::ir::{Block, Func, Head, Info, Keeps, Loop, LoopId, Op, Shape, Stmt, Store, V, Why};
use crate::simplify::dce;

use super::Pass;
use super::results::forward_of;
use place::Places;
use twins::{Step, Twins};

/// A pair of loops as it becomes.
struct Plan {
    before: Vec<Stmt>,
    forward: Loop,
    reverse: Loop,
    area: usize,
}

impl Pass<'_> {
    /// Keeps numbers in slices for every pair of loops that gains by it. Returns whether there was one.
    pub(super) fn keep_slices(&mut self, body: &mut Block) -> bool {
        let (mut tried, mut news) = (Vec::new(), false);
        let lengths = behind::lengths(body);
        while self.keep_one(body, &lengths, &mut tried) {
            // What is kept is not computed again: nor are the loops that only computed it.
            self.func.body = core::mem::take(body);
            dce::run(self.func);
            *body = core::mem::take(&mut self.func.body);
            news = true;
        }
        news
    }

    /// Does so for the first pair, outermost first, that has not been tried.
    fn keep_one(&mut self, block: &mut Block, lengths: &[String], tried: &mut Vec<LoopId>) -> bool {
        for k in 0..block.stmts.len() {
            let Some(forward) = forward_of(&block.stmts, k) else {
                continue;
            };
            let (Stmt::Loop(f), Stmt::Loop(r)) = (&block.stmts[forward], &block.stmts[k]) else {
                continue;
            };
            if tried.contains(&r.id) || crosses(&block.stmts, forward, k) {
                continue;
            }
            tried.push(r.id);
            let Some(plan) = self.plan(&f.clone(), &r.clone(), lengths) else {
                continue;
            };
            block.stmts[k] = Stmt::Loop(plan.reverse);
            block.stmts[forward] = Stmt::Loop(plan.forward);
            block.stmts.insert(k + 1, Stmt::Release(plan.area));
            block.stmts.splice(forward..forward, plan.before);
            return true;
        }
        block
            .stmts
            .iter_mut()
            .any(|s| blocks_mut(s).any(|b| self.keep_one(b, lengths, tried)))
    }

    fn plan(&mut self, f: &Loop, r: &Loop, lengths: &[String]) -> Option<Plan> {
        let Head::For { range, .. } = &f.head else {
            return None;
        };
        // As many as have a constant bound have their place on the stack.
        if self.is_bounded(range) {
            return None;
        }
        let mut twins = Twins::of(self.func, f, r)?;
        if !self.regular(&twins, &[Step::Loop(f.id)]) {
            return None;
        }
        let (mut forward, mut reverse) = (f.clone(), r.clone());
        likes::of_the_first(self.func, &mut reverse.body);
        let blanks = self.sweep_forwards(&mut twins, &mut forward, &mut reverse);
        let tainted = collect::tainted(&twins);
        let lifted = self.lift(&mut twins, &mut reverse, tainted);
        let kept = self.choose(&twins, &reverse)?;
        products::compute(&twins, &lifted, &kept, &mut forward);
        let (keeping, mut before) = self.reserve(&twins, f, &kept)?;
        let area = keeping.area;
        let mut places = Places {
            func: self.func,
            twins: &twins,
            keeping: &keeping,
            renamed: FastMap::default(),
        };
        places.forwards(&mut forward);
        places.backwards(&mut reverse);
        // A call whose partial derivatives have no place would leave holes.
        if blanks.iter().any(|v| place::is_blank(&reverse.body, *v)) {
            return None;
        }
        if self.options.on("lanes") {
            before.extend(self.put_behind(&mut forward, lengths));
        }
        Some(Plan {
            before,
            forward,
            reverse,
            area,
        })
    }

    /// Whether every iteration of the loops around a value has a place that can be computed before the outermost.
    fn regular(&self, twins: &Twins, home: &[Step]) -> bool {
        home.iter().all(|step| match step {
            Step::Side(..) => true,
            Step::Loop(id) => twins.nests.get(id).is_some_and(|nest| {
                nest.regular
                    && [nest.range.lo, nest.range.hi]
                        .iter()
                        .all(|v| !twins.homes.contains_key(v) || self.constants.contains_key(v))
            }),
        })
    }

    fn store(&mut self, name: &str, keeps: Keeps) -> usize {
        self.func.stores.push(Store {
            name: name.into(),
            stack: None,
            keeps,
            why: Why::Multiplies,
        });
        self.func.stores.len() - 1
    }

    fn int(&mut self, before: &mut Vec<Stmt>, op: Op) -> V {
        define(self.func, before, op)
    }
}

/// Defines a number of ours.
fn define(func: &mut Func, stmts: &mut Vec<Stmt>, op: Op) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info::new(Shape::Int));
    stmts.push(Stmt::Let(v, op));
    v
}

/// Whether another pair of loops begins inside a pair and ends outside it, or the other way round: what it has on the tape
/// would not be on top.
fn crosses(stmts: &[Stmt], forward: usize, reverse: usize) -> bool {
    (0..stmts.len()).any(|k| {
        forward_of(stmts, k).is_some_and(|first| {
            first < forward && forward < k && k < reverse
                || forward < first && first < reverse && reverse < k
        })
    })
}
