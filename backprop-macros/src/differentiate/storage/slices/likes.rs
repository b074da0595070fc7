//! Zeros of the type of an array that a loop leaves are those of the array it begins with: the loop need not run for them.

use crate::ir::subst::Map;
use crate::ir::visit::blocks_mut;
use crate::ir::{Block, Func, Op, Shape, Stmt, V};

pub(super) fn of_the_first(func: &Func, block: &mut Block) {
    let mut first = Map::default();
    crate::ir::visit::each(block, &mut |s| {
        if let Stmt::Loop(l) = s {
            let carried = l.outs.iter().zip(&l.inits);
            first.extend(carried.filter(|(o, _)| is_array(func.shape(**o))));
        }
    });
    replace(block, &|mut v| {
        while let Some(init) = first.get(&v) {
            v = *init;
        }
        v
    });
}

/// An array of numbers: of whatever contents, its zero is the same.
fn is_array(shape: &Shape) -> bool {
    match shape {
        Shape::Seq(e, Some(_)) => **e == Shape::Float || is_array(e),
        _ => false,
    }
}

fn replace(block: &mut Block, first: &impl Fn(V) -> V) {
    for s in &mut block.stmts {
        if let Stmt::Let(_, Op::ZeroLike(v)) = s {
            *v = first(*v);
        }
        for b in blocks_mut(s) {
            replace(b, first);
        }
    }
}
