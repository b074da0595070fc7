//! Arithmetic that the reverse sweep alone does, on numbers of the forward loop alone: the forward loop can do it as well, and
//! keep one number where it would have kept several.
//!
//! ```text
//! (d * a) * b      d * kept, which is a * b
//! ```

use super::twins::{Def, Step, Twins};
use crate::differentiate::storage::Pass;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{block_uses, op_uses, outs};
use crate::ir::{Bin, Block, Head, Loop, Op, Shape, Stmt, Un, V};

impl Pass<'_> {
    /// Adds what the forward loop could compute to its values. Returns those, each behind what it is made of.
    pub(super) fn lift(&mut self, twins: &mut Twins, r: &mut Loop, tainted: Set) -> Vec<V> {
        let Some(root) = twins.partner(r.id) else {
            return Vec::new();
        };
        let mut uses: FastMap<V, usize> = FastMap::default();
        block_uses(&r.body, &mut |v| *uses.entry(v).or_default() += 1);
        let mut lift = Lift {
            pass: self,
            twins,
            tainted,
            uses,
            root,
            path: vec![Step::Loop(root)],
            lifted: Vec::new(),
        };
        lift.block(&mut r.body);
        lift.lifted
    }
}

/// Lets the forward loop compute those of the values that others are made of, or that are kept.
pub(super) fn compute(twins: &Twins, lifted: &[V], kept: &[V], f: &mut Loop) {
    let mut wanted: Set = kept.iter().copied().collect();
    let mut computed = Vec::new();
    for v in lifted.iter().rev().filter(|v| twins.homes.contains_key(v)) {
        if let (true, Some(Def::Op(op))) = (wanted.contains(v), twins.defs.get(v)) {
            op_uses(op, &mut |u| {
                wanted.insert(u);
            });
            computed.push((*v, op.clone()));
        }
    }
    computed.reverse();
    let (literals, computed): (Vec<_>, Vec<_>) = computed
        .into_iter()
        .partition(|(_, op)| matches!(op, Op::Lit(_)));
    let literals = literals.into_iter().map(|(v, op)| Stmt::Let(v, op));
    f.body.stmts.splice(0..0, literals);
    let found = in_loop(f);
    place(
        twins,
        &computed,
        &mut vec![Step::Loop(f.id)],
        &mut f.body,
        found,
    );
}

/// Everything that is made of a block's values stands at its end: `found` are those that are there when it begins.
fn place(
    twins: &Twins,
    computed: &[(V, Op)],
    path: &mut Vec<Step>,
    block: &mut Block,
    mut found: Set,
) {
    for s in &mut block.stmts {
        match s {
            Stmt::Loop(l) => {
                let found = in_loop(l);
                path.push(Step::Loop(l.id));
                place(twins, computed, path, &mut l.body, found);
                path.pop();
            }
            Stmt::If(s) => {
                let cond = twins.canonical(s.cond);
                for (side, b) in [(true, &mut s.then_), (false, &mut s.else_)] {
                    path.push(Step::Side(cond, side));
                    place(twins, computed, path, b, Set::default());
                    path.pop();
                }
            }
            _ => {}
        }
        outs(s, &mut |v| {
            found.insert(v);
        });
    }
    // There may be several branches on one condition.
    for (v, op) in computed {
        let mut made_here = false;
        op_uses(op, &mut |u| made_here |= found.contains(&u));
        if made_here && twins.homes.get(v) == Some(path) {
            block.stmts.push(Stmt::Let(*v, op.clone()));
            found.insert(*v);
        }
    }
}

/// What a loop's body begins with.
fn in_loop(l: &Loop) -> Set {
    let index = match &l.head {
        Head::For { i, .. } => Some(*i),
        Head::While(_) | Head::Forever => None,
    };
    l.params.iter().copied().chain(index).collect()
}

struct Lift<'p, 'a> {
    pass: &'p mut Pass<'a>,
    twins: &'p mut Twins,
    /// What is not had by cheap arithmetic in the reverse loop.
    tainted: Set,
    uses: FastMap<V, usize>,
    root: crate::ir::LoopId,
    path: Vec<Step>,
    lifted: Vec<V>,
}

impl Lift<'_, '_> {
    fn block(&mut self, block: &mut Block) {
        let mut ops: FastMap<V, Op> = FastMap::default();
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            match &mut stmt {
                Stmt::If(s) => {
                    let cond = self.twins.canonical(s.cond);
                    for (side, b) in [(true, &mut s.then_), (false, &mut s.else_)] {
                        self.path.push(Step::Side(cond, side));
                        self.block(b);
                        self.path.pop();
                    }
                }
                Stmt::Loop(l) => {
                    let partner = self.twins.partner(l.id);
                    self.path.extend(partner.map(Step::Loop));
                    self.block(&mut l.body);
                    if partner.is_some() {
                        self.path.pop();
                    }
                }
                Stmt::Let(v, op) if self.is_float(*v) && self.twins.known(*v).is_none() => {
                    if let Some((product, of, new)) = self.product(op, &ops) {
                        out.push(Stmt::Let(product, of));
                        *op = new;
                    } else {
                        self.number(*v, op);
                    }
                    ops.insert(*v, op.clone());
                }
                Stmt::Let(v, op) => {
                    ops.insert(*v, op.clone());
                }
                _ => {}
            }
            out.push(stmt);
        }
        // What products were made of has no other use.
        out.retain(|s| !self.is_spent(s));
        block.stmts = out;
    }

    fn is_spent(&self, stmt: &Stmt) -> bool {
        matches!(stmt, Stmt::Let(v, _) if self.uses.get(v) == Some(&0))
    }

    fn is_float(&self, v: V) -> bool {
        *self.pass.func.shape(v) == Shape::Float
    }

    /// Whether a value is one of the forward loop that has to be kept, or made of such.
    fn is_dear(&self, v: V) -> bool {
        self.is_float(v)
            && self
                .twins
                .known(v)
                .is_some_and(|number| self.tainted.contains(&number))
    }

    /// `(d * a) * b` as `d * (a * b)`: the product, what it is, and what is left.
    fn product(&mut self, op: &Op, ops: &FastMap<V, Op>) -> Option<(V, Op, Op)> {
        let (chain, sides) = match op {
            Op::Bin(Bin::Mul, x, y) => (false, [(*x, *y), (*y, *x)]),
            Op::Chain(x, y) => (true, [(*x, *y), (*x, *y)]),
            _ => return None,
        };
        let (x, b) = sides
            .into_iter()
            .find(|(x, b)| self.is_dear(*b) && self.twins.known(*x).is_none())?;
        if self.uses.get(&x) != Some(&1) {
            return None;
        }
        let Some(Op::Bin(Bin::Mul, d, a)) = ops.get(&x) else {
            return None;
        };
        let (d, a) = match (self.is_dear(*d), self.is_dear(*a)) {
            (false, true) => (*d, *a),
            (true, false) => (*a, *d),
            _ => return None,
        };
        // An adjoint that is zero stays so, and so does what it meets at a kink.
        let of = if chain {
            Op::Chain(a, b)
        } else {
            Op::Bin(Bin::Mul, a, b)
        };
        let product = self.pass.new_float(None);
        self.number(product, &of);
        self.twins.known(product)?;
        self.uses.insert(product, 1);
        self.uses.insert(x, 0);
        let rest = if chain {
            Op::Chain(d, product)
        } else {
            Op::Bin(Bin::Mul, d, product)
        };
        Some((product, of, rest))
    }

    /// Lets an operation on the forward loop's values be one of them.
    fn number(&mut self, v: V, op: &Op) {
        let operands: Vec<V> = match op {
            Op::Lit(_) => Vec::new(),
            Op::Bin(Bin::Add | Bin::Sub | Bin::Mul | Bin::Div, a, b) | Op::Chain(a, b) => {
                vec![*a, *b]
            }
            Op::Un(Un::Neg, a) => vec![*a],
            _ => return,
        };
        let mut numbers = Vec::new();
        for u in operands {
            self.literal(u);
            match self.twins.known(u) {
                Some(number) if self.is_float(u) => numbers.push(number),
                _ => return,
            }
        }
        let Some(home) = self.home(&numbers) else {
            return;
        };
        let tainted = numbers.iter().any(|u| self.tainted.contains(u));
        let shape = self.pass.new_float(None);
        let (home, arm) = home;
        let number = self.twins.lift(shape, op, home, arm);
        if number == shape {
            self.lifted.push(number);
        }
        if tainted {
            self.tainted.insert(number);
        }
        self.twins.same(v, number);
    }

    /// A float that is written out anywhere can be written out in the forward loop.
    fn literal(&mut self, v: V) {
        if let (None, Some(x)) = (self.twins.known(v), self.pass.literals.get(&v)) {
            let op = Op::Lit(*x);
            let new = self.pass.new_float(None);
            let number = self.twins.lift(new, &op, vec![Step::Loop(self.root)], 0);
            if number == new {
                self.lifted.push(number);
            }
            self.twins.same(v, number);
        }
    }

    /// The innermost block of the forward loop in which all are at hand, and in which arm that is.
    fn home(&self, numbers: &[V]) -> Option<(Vec<Step>, usize)> {
        let root = vec![Step::Loop(self.root)];
        let (mut home, mut arm) = (&root, 0);
        for v in numbers {
            let other = self.twins.homes.get(v)?;
            if other.len() > home.len() {
                (home, arm) = (other, self.twins.arm(*v));
            }
        }
        let inside = home.iter().all(|step| self.path.contains(step));
        let at_hand = |v: &V| {
            self.twins.homes.get(v).is_some_and(|other| {
                // Of two branches on one condition each has values of its own.
                let there = self.twins.arm(*v) == arm || self.is_written_out(*v);
                let first = other == home
                    || home.starts_with(other) && self.is_before(*v, home[other.len()]);
                there && first
            })
        };
        (inside && numbers.iter().all(at_hand)).then(|| (home.clone(), arm))
    }

    fn is_written_out(&self, v: V) -> bool {
        let literal = matches!(self.twins.defs.get(&v), Some(Def::Op(Op::Lit(_))));
        literal && self.lifted.contains(&v)
    }

    /// Whether a value is made before the forward loop takes a step. Literals of ours are, wherever they are wanted.
    fn is_before(&self, v: V, step: Step) -> bool {
        if self.is_written_out(v) {
            return true;
        }
        let position = |v: V| self.twins.order.iter().position(|u| *u == v);
        match step {
            Step::Loop(id) => self
                .twins
                .nests
                .get(&id)
                .is_some_and(|nest| position(v) < position(nest.index)),
            Step::Side(..) => false,
        }
    }
}
