//! Takes off the log what a stretch of code has put there, and puts it back.

use super::log::{Log, Site, Step, element, for_each, fresh, number};
use crate::ir::{Adapt, Bin, Block, Func, Head, If, Loop, LoopId, Op, Path, Proj, Shape, Stmt, V};

impl Log {
    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    /// Puts back what has been put on the log since it was as high as `mark`. Takes the buffers' versions, and gives those before.
    pub(super) fn undo(
        &self,
        func: &mut Func,
        mark: V,
        buffers: &[V],
        out: &mut Vec<Stmt>,
    ) -> Vec<V> {
        let like = |func: &mut Func, v: V| {
            let (shape, name) = (func.shape(v).clone(), func.info(v).name.clone());
            fresh(func, shape, name)
        };
        let params: Vec<V> = buffers.iter().map(|v| like(func, *v)).collect();
        let outs: Vec<V> = buffers.iter().map(|v| like(func, *v)).collect();
        let (logged, more) = (fresh(func, Shape::Int, None), fresh(func, Shape::Int, None));
        let head = Head::While(Block {
            stmts: vec![
                Stmt::Let(logged, Op::Logged),
                Stmt::Let(more, Op::Bin(Bin::Gt, logged, mark)),
            ],
            yields: vec![more],
        });
        let mut body = Block::default();
        let zero = number(func, 0, &mut body.stmts);
        let which = (self.sites.len() > 1).then(|| {
            let which = fresh(func, Shape::Int, Some("site".into()));
            body.stmts.push(Stmt::Let(which, Op::Unlog(zero)));
            which
        });
        let rest = self.choose(func, which, zero, 0, &params);
        body.stmts.extend(rest.stmts);
        body.yields = rest.yields;
        let id = LoopId(func.loops);
        func.loops += 1;
        out.push(Stmt::Loop(Loop {
            id,
            head,
            params,
            inits: buffers.to_vec(),
            body,
            stop: None,
            outs: outs.clone(),
            trips: None,
            reverses: None,
        }));
        outs
    }

    /// Undoes a change of one of the sites from number `k` on.
    fn choose(&self, func: &mut Func, which: Option<V>, zero: V, k: usize, buffers: &[V]) -> Block {
        let one = self.undo_one(func, zero, &self.sites[k], buffers);
        let Some(which) = which.filter(|_| k + 1 < self.sites.len()) else {
            return one;
        };
        let mut block = Block::default();
        let this = number(func, k, &mut block.stmts);
        let is = fresh(func, Shape::Int, None);
        block
            .stmts
            .push(Stmt::Let(is, Op::Bin(Bin::Eq, which, this)));
        let other = self.choose(func, Some(which), zero, k + 1, buffers);
        block.yields = buffers
            .iter()
            .map(|v| {
                let (shape, name) = (func.shape(*v).clone(), func.info(*v).name.clone());
                fresh(func, shape, name)
            })
            .collect();
        block.stmts.push(Stmt::If(If {
            cond: is,
            then_: one,
            else_: other,
            outs: block.yields.clone(),
        }));
        block
    }

    fn undo_one(&self, func: &mut Func, zero: V, site: &Site, buffers: &[V]) -> Block {
        let mut block = Block {
            stmts: Vec::new(),
            yields: buffers.to_vec(),
        };
        let buffer = buffers[site.buffer];
        // The index that was put there last comes off first.
        let (mut path, mut many) = (Vec::new(), None);
        for step in site.path.iter().rev() {
            path.push(match step {
                Step::Plain(proj) => proj.clone(),
                Step::Fixed(constant) => {
                    let v = fresh(func, Shape::Int, None);
                    block.stmts.push(Stmt::Let(v, Op::Const(constant.clone())));
                    Proj::Index(v)
                }
                Step::Logged => {
                    let v = fresh(func, Shape::Int, Some("at".into()));
                    block.stmts.push(Stmt::Let(v, Op::Unlog(zero)));
                    Proj::Index(v)
                }
                Step::Many => {
                    let n = fresh(func, Shape::Int, Some("n".into()));
                    block.stmts.push(Stmt::Let(n, Op::Unlog(zero)));
                    let v = fresh(func, Shape::Int, Some("at".into()));
                    block.stmts.push(Stmt::Let(v, Op::Unlog(zero)));
                    many = Some(n);
                    Proj::Index(v)
                }
            });
        }
        path.reverse();
        if let Some(n) = many {
            block.yields[site.buffer] = undo_many(func, (zero, n), buffer, path, &mut block.stmts);
            return block;
        }
        let shape = element(func.shape(buffer), &path);
        let (now, old) = (fresh(func, shape.clone(), None), fresh(func, shape, None));
        let (buffer_shape, name) = (func.shape(buffer).clone(), func.info(buffer).name.clone());
        let next = fresh(func, buffer_shape, name);
        block
            .stmts
            .push(Stmt::Let(now, Op::Get(buffer, path.clone())));
        block.stmts.push(Stmt::Let(old, Op::Unlog(now)));
        block
            .stmts
            .push(Stmt::Let(next, Op::Set(buffer, path, old)));
        block.yields[site.buffer] = next;
        block
    }
}

/// Takes `n` elements off the log, the last one first; the path leads to the first of them.
fn undo_many(
    func: &mut Func,
    (zero, n): (V, V),
    buffer: V,
    mut path: Path,
    out: &mut Vec<Stmt>,
) -> V {
    let like = |func: &mut Func| {
        let (shape, name) = (func.shape(buffer).clone(), func.info(buffer).name.clone());
        fresh(func, shape, name)
    };
    let (param, next, end) = (like(func), like(func), like(func));
    let mut body = Block::default();
    let (i, at) = (fresh(func, Shape::Int, None), fresh(func, Shape::Int, None));
    if let Some(Proj::Index(start)) = path.last_mut() {
        body.stmts.push(Stmt::Let(at, Op::Bin(Bin::Add, *start, i)));
        *start = at;
    }
    let shape = element(func.shape(buffer), &path);
    let (now, old) = (fresh(func, shape.clone(), None), fresh(func, shape, None));
    body.stmts
        .push(Stmt::Let(now, Op::Get(param, path.clone())));
    body.stmts.push(Stmt::Let(old, Op::Unlog(now)));
    body.stmts.push(Stmt::Let(next, Op::Set(param, path, old)));
    body.yields.push(next);
    let over = for_each(
        func,
        (zero, n),
        vec![Adapt::Rev],
        i,
        Some((param, buffer, end)),
        body,
    );
    out.push(over);
    end
}
