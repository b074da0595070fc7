//! Builds functions: fresh values, and a stack of blocks under construction.

use std::collections::HashMap;

use proc_macro2::Span;

use super::{Block, Func, If, Info, LoopId, Op, Shape, Stmt, V};

/// A function under construction.
pub(crate) struct Builder {
    pub(crate) func: Func,
    blocks: Vec<Vec<Stmt>>,
    /// The text of each constant.
    constants: HashMap<V, String>,
}

impl Builder {
    pub(crate) fn new(func: Func) -> Builder {
        Builder {
            func,
            blocks: vec![Vec::new()],
            constants: HashMap::new(),
        }
    }

    /// A value that something is about to define.
    pub(crate) fn fresh(&mut self, shape: Shape, span: Span) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info {
            span,
            ..Info::new(shape)
        });
        v
    }

    /// A value like another one, under a name derived from its name.
    pub(crate) fn fresh_like(&mut self, like: V, prefix: &str) -> V {
        let info = self.func.info(like);
        let (shape, span) = (info.shape.clone(), info.span);
        let name = info.name.as_ref().map(|n| format!("{prefix}{n}"));
        let v = self.fresh(shape, span);
        self.func.info_mut(v).name = name;
        v
    }

    pub(crate) fn fresh_loop(&mut self) -> LoopId {
        let id = LoopId(self.func.loops);
        self.func.loops += 1;
        id
    }

    /// How much stands in the block under construction.
    pub(crate) fn written(&self) -> usize {
        self.blocks.last().map_or(0, Vec::len)
    }

    /// Whether what stands in it from there on are operations, and nothing that acts.
    pub(crate) fn computes_only(&self, from: usize) -> bool {
        let operation = |s: &Stmt| matches!(s, Stmt::Let(..));
        self.blocks
            .last()
            .is_some_and(|b| b.iter().skip(from).all(operation))
    }

    pub(crate) fn push(&mut self, stmt: Stmt) {
        if let Some(b) = self.blocks.last_mut() {
            b.push(stmt);
        }
    }

    /// Defines a value by an operation.
    pub(crate) fn op(&mut self, op: Op, shape: Shape, span: Span) -> V {
        let v = self.fresh(shape, span);
        if let Op::Const(tokens) = &op {
            self.constants.insert(v, tokens.to_string());
        }
        self.push(Stmt::Let(v, op));
        v
    }

    /// The constant that a value is, as text.
    pub(crate) fn constant(&self, v: V) -> Option<&str> {
        self.constants.get(&v).map(String::as_str)
    }

    /// Gives a value of the block under construction another definition, and what that needs.
    pub(crate) fn redefine(&mut self, v: V, needs: Vec<Stmt>, op: Op, shape: Shape) {
        self.func.info_mut(v).shape = shape;
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        let at = block
            .iter()
            .rposition(|s| matches!(s, Stmt::Let(u, _) if *u == v));
        if let Some(at) = at {
            let new = needs.into_iter().chain([Stmt::Let(v, op)]);
            block.splice(at..=at, new);
        }
    }

    /// Opens a block.
    pub(crate) fn open(&mut self) {
        self.blocks.push(Vec::new());
    }

    /// Closes the block opened last.
    pub(crate) fn close(&mut self, yields: Vec<V>) -> Block {
        Block {
            stmts: self.blocks.pop().unwrap_or_default(),
            yields,
        }
    }

    /// Pushes an `if` and returns its outs, which take their shapes from what is yielded.
    pub(crate) fn branch(&mut self, cond: V, then_: Block, else_: Block, span: Span) -> Vec<V> {
        let mut outs = Vec::new();
        for (&a, &b) in then_.yields.iter().zip(&else_.yields) {
            let shape = join(self.func.shape(a), self.func.shape(b));
            let out = self.fresh(shape, span);
            let (x, y) = (
                self.func.info(a).name.clone(),
                self.func.info(b).name.clone(),
            );
            self.func.info_mut(out).name = x.or(y);
            outs.push(out);
        }
        self.push(Stmt::If(If {
            cond,
            then_,
            else_,
            outs: outs.clone(),
        }));
        outs
    }
}

/// What is known of a value that is one or the other, both of one type.
pub(crate) fn join(a: &Shape, b: &Shape) -> Shape {
    match (a, b) {
        (Shape::Unknown, s) | (s, Shape::Unknown) => s.clone(),
        (Shape::Int, Shape::Float) | (Shape::Float, Shape::Int) => Shape::Float,
        (Shape::Tuple(x), Shape::Tuple(y)) if x.len() == y.len() => {
            Shape::Tuple(x.iter().zip(y).map(|(x, y)| join(x, y)).collect())
        }
        (Shape::Seq(x, n), Shape::Seq(y, m)) => {
            // One length may be written in two ways, `2` and `N - 1`.
            let len = n.as_ref().zip(m.as_ref()).map(|(n, m)| {
                let number = m.parse::<usize>().is_ok();
                if number { m.clone() } else { n.clone() }
            });
            Shape::Seq(Box::new(join(x, y)), len)
        }
        (Shape::Option(x), Shape::Option(y)) => Shape::Option(Box::new(join(x, y))),
        (a, _) => a.clone(),
    }
}
