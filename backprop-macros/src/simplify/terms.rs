//! Sums and products of adjoints, as one writes them: a product of the primal serves again, and terms that are alike become one.
//!
//! The chain rule multiplies from the outside in, `(d * a) * b`; where the primal has `a * b` already, `d * (a * b)` costs one
//! product less. And `c * x * x` sends `x` twice the same: `d * (c * x) + d * x * c` is `d * x` where `c` is a half.
//! Nothing that decides what the function returns or does is touched: it keeps its rounding.

use super::algebra::{Known, coefficient};
use super::dce;
use crate::ir::table::{FastMap, Set, Table};
use crate::ir::visit::{block_uses, blocks_mut};
use crate::ir::{Bin, Block, Func, Info, Op, Shape, Stmt, Un, V};

/// How many factors or terms are looked at together: more than formulas have, and a bound on the work.
const MOST: usize = 6;

/// Regroups what is no part of the primal. Returns whether there was any.
pub(crate) fn run(func: &mut Func) -> bool {
    let primal = dce::primal(func);
    let mut uses = vec![0; func.infos.len()];
    block_uses(&func.body, &mut |v| uses[v.0 as usize] += 1);
    let results = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten());
    results.for_each(|v| uses[v.0 as usize] += 1);
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        uses,
        primal,
        ops: Table::new(),
        products: FastMap::default(),
        learnt: Vec::new(),
        dissolved: Set::new(),
        news: false,
    };
    pass.block(&mut body);
    let news = pass.news;
    func.body = body;
    news
}

struct Pass<'a> {
    func: &'a mut Func,
    uses: Vec<u32>,
    primal: Vec<bool>,
    /// Definitions seen so far.
    ops: Table<Op>,
    /// Products in scope, by their factors.
    products: FastMap<(V, V), V>,
    /// The keys of `products` in their order, for leaving a scope.
    learnt: Vec<(V, V)>,
    /// What nothing uses any more.
    dissolved: Set,
    news: bool,
}

/// A coefficient, and factors in the order of the source.
struct Term {
    coefficient: f64,
    factors: Vec<V>,
    /// How many products nobody else uses it takes to compute it.
    cost: usize,
}

impl Known for Pass<'_> {
    fn op(&self, v: V) -> Option<&Op> {
        self.ops.get(&v)
    }
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let before = self.learnt.len();
        let stmts = core::mem::take(&mut block.stmts);
        block.stmts.reserve(stmts.len());
        for mut stmt in stmts {
            for inner in blocks_mut(&mut stmt) {
                self.block(inner);
            }
            let Stmt::Let(v, op) = stmt else {
                block.stmts.push(stmt);
                continue;
            };
            let op = self.regrouped(v, &op, &mut block.stmts).unwrap_or(op);
            self.define(v, op, &mut block.stmts);
        }
        for key in self.learnt.drain(before..) {
            self.products.remove(&key);
        }
    }

    fn define(&mut self, v: V, op: Op, out: &mut Vec<Stmt>) {
        if let Op::Bin(Bin::Mul, a, b) = op
            && *self.func.shape(v) == Shape::Float
        {
            let key = (a.min(b), a.max(b));
            if let std::collections::hash_map::Entry::Vacant(place) = self.products.entry(key) {
                place.insert(v);
                self.learnt.push(key);
            }
        }
        self.ops.insert(v, op.clone());
        out.push(Stmt::Let(v, op));
    }

    fn regrouped(&mut self, v: V, op: &Op, out: &mut Vec<Stmt>) -> Option<Op> {
        if self.decides(v) || *self.func.shape(v) != Shape::Float {
            return None;
        }
        match op {
            Op::Bin(Bin::Mul, a, b) => self.product_of(*a, *b, out),
            Op::Bin(op @ (Bin::Add | Bin::Sub), a, b) => self.sum_of(*a, *b, *op, out),
            _ => None,
        }
    }

    /// Whether a value has to keep its rounding.
    fn decides(&self, v: V) -> bool {
        self.primal.get(v.0 as usize).is_some_and(|p| *p)
    }

    /// Whether a value can be taken apart at no cost.
    fn free(&self, v: V) -> bool {
        !self.decides(v) && self.uses.get(v.0 as usize).is_none_or(|n| *n <= 1)
    }

    fn known_product(&self, a: V, b: V) -> Option<V> {
        let p = *self.products.get(&(a.min(b), a.max(b)))?;
        (!self.dissolved.contains(&p)).then_some(p)
    }

    /// `a * b`, with a product that is there for two of the factors.
    fn product_of(&mut self, a: V, b: V, out: &mut Vec<Stmt>) -> Option<Op> {
        let (mut factors, mut inner) = (Vec::new(), Vec::new());
        for x in [a, b] {
            self.factors(x, &mut factors, &mut inner);
        }
        if !(3..=MOST).contains(&factors.len()) {
            return None;
        }
        let mut found = false;
        while factors.len() > 2 {
            let Some((i, j, p)) = self.pair(&factors, &inner) else {
                break;
            };
            factors[i] = p;
            factors.remove(j);
            found = true;
        }
        if !found {
            return None;
        }
        self.dissolved.extend(inner);
        self.news = true;
        let (last, others) = factors.split_last()?;
        let first = self.multiplied(others, out)?;
        Some(Op::Bin(Bin::Mul, first, *last))
    }

    /// Takes a product apart as far as nobody else uses it.
    fn factors(&self, v: V, factors: &mut Vec<V>, inner: &mut Vec<V>) {
        match self.ops.get(&v) {
            Some(Op::Bin(Bin::Mul, a, b)) if self.free(v) && inner.len() < MOST => {
                inner.push(v);
                self.factors(*a, factors, inner);
                self.factors(*b, factors, inner);
            }
            _ => factors.push(v),
        }
    }

    /// Two factors whose product is there, other than for this product alone. One of the primal's goes first: the primal
    /// may multiply it by a third factor too.
    fn pair(&self, factors: &[V], inner: &[V]) -> Option<(usize, usize, V)> {
        let pairs = (1..factors.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let known = pairs.filter_map(|(i, j)| {
            let p = self.known_product(factors[i], factors[j])?;
            (!inner.contains(&p)).then_some((i, j, p))
        });
        known.min_by_key(|(_, _, p)| !self.decides(*p))
    }

    /// The product of all, from left to right; none of nothing.
    fn multiplied(&mut self, factors: &[V], out: &mut Vec<Stmt>) -> Option<V> {
        let mut factors = factors.iter().copied();
        let first = factors.next()?;
        Some(factors.fold(first, |a, b| {
            self.known_product(a, b)
                .unwrap_or_else(|| self.float(Op::Bin(Bin::Mul, a, b), out))
        }))
    }

    fn float(&mut self, op: Op, out: &mut Vec<Stmt>) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info::new(Shape::Float));
        self.define(v, op, out);
        v
    }

    /// `a + b` or `a - b`, with terms that are alike as one.
    fn sum_of(&mut self, a: V, b: V, op: Bin, out: &mut Vec<Stmt>) -> Option<Op> {
        let mut terms = Vec::new();
        self.summands(a, 1.0, &mut terms);
        self.summands(b, if op == Bin::Add { 1.0 } else { -1.0 }, &mut terms);
        if terms.len() > MOST {
            return None;
        }
        for j in 1..terms.len() {
            for i in 0..j {
                let ((s, x), (t, y)) = (terms[i], terms[j]);
                let Some((c, factors)) = self.merged(x, y, s, t) else {
                    continue;
                };
                let product = self.multiplied(&factors, out)?;
                // A coefficient of 1 goes in the next round of simplification.
                let size = self.float(Op::Lit(c.abs()), out);
                let merged = self.float(Op::Bin(Bin::Mul, size, product), out);
                self.dissolved.extend([x, y]);
                self.news = true;
                terms[i] = (c.signum(), merged);
                terms.remove(j);
                return self.summed(&terms, out);
            }
        }
        None
    }

    /// The terms of a sum, as far as nobody else uses it.
    fn summands(&self, v: V, sign: f64, terms: &mut Vec<(f64, V)>) {
        match self.ops.get(&v) {
            Some(Op::Bin(op @ (Bin::Add | Bin::Sub), a, b))
                if self.free(v) && terms.len() < MOST =>
            {
                self.summands(*a, sign, terms);
                let sign = if *op == Bin::Add { sign } else { -sign };
                self.summands(*b, sign, terms);
            }
            _ => terms.push((sign, v)),
        }
    }

    /// `s x + t y` as a coefficient and factors, where that costs less.
    fn merged(&self, x: V, y: V, s: f64, t: f64) -> Option<(f64, Vec<V>)> {
        let (x, y) = (self.term(x)?, self.term(y)?);
        let sorted = |term: &Term| {
            let mut factors = term.factors.clone();
            factors.sort();
            factors
        };
        if x.factors.len() != y.factors.len() || sorted(&x) != sorted(&y) {
            return None;
        }
        let c = s * x.coefficient + t * y.coefficient;
        if !(1e-3..=1e3).contains(&c.abs()) {
            return None;
        }
        let cost = x.factors.len() - 1 + usize::from(c.abs() != 1.0);
        (cost < x.cost + y.cost + 1).then_some((c, x.factors))
    }

    fn term(&self, v: V) -> Option<Term> {
        let mut term = Term {
            coefficient: 1.0,
            factors: Vec::new(),
            cost: 0,
        };
        self.take_apart(v, &mut term);
        (!term.factors.is_empty() && term.factors.len() <= MOST).then_some(term)
    }

    fn take_apart(&self, v: V, term: &mut Term) {
        if let Some(c) = coefficient(self, v) {
            term.coefficient *= c;
            return;
        }
        match self.ops.get(&v) {
            // What others use is a factor, unless all it does is to scale one.
            Some(Op::Bin(Bin::Mul, a, b))
                if term.factors.len() < MOST
                    && (self.free(v)
                        || [a, b].iter().any(|x| coefficient(self, **x).is_some())) =>
            {
                term.cost += usize::from(self.free(v));
                self.take_apart(*a, term);
                self.take_apart(*b, term);
            }
            Some(Op::Un(Un::Neg, a)) => {
                term.coefficient = -term.coefficient;
                self.take_apart(*a, term);
            }
            _ => term.factors.push(v),
        }
    }

    /// The sum of terms with their signs.
    fn summed(&mut self, terms: &[(f64, V)], out: &mut Vec<Stmt>) -> Option<Op> {
        // One that is added goes first, if there is one.
        let first = terms.iter().position(|(sign, _)| *sign > 0.0);
        let (sign, mut sum) = terms[first.unwrap_or(0)];
        if sign < 0.0 {
            sum = self.float(Op::Un(Un::Neg, sum), out);
        }
        let mut op = None;
        for (k, (sign, x)) in terms.iter().enumerate() {
            if k == first.unwrap_or(0) {
                continue;
            }
            if let Some(op) = op.take() {
                sum = self.float(op, out);
            }
            let bin = if *sign > 0.0 { Bin::Add } else { Bin::Sub };
            op = Some(Op::Bin(bin, sum, *x));
        }
        // A single one is a product with a coefficient.
        op.or_else(|| self.ops.get(&sum).cloned())
    }
}
