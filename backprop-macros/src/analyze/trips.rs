//! Counts the iterations of loops that end before their range does, so that the reverse sweep can run them
//! backwards. A counter that nobody asks for is removed again with other dead code.

use quote::quote;

use crate::ir::{Bin, Block, Func, Head, Info, Op, Shape, Stmt, V};

/// Adds a counter to every loop that may leave early.
pub(crate) fn count(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    walk(func, &mut body);
    func.body = body;
}

fn fresh(func: &mut Func) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info {
        name: Some("trips".into()),
        ..Info::new(Shape::Int)
    });
    v
}

fn walk(func: &mut Func, block: &mut Block) {
    let mut k = 0;
    while k < block.stmts.len() {
        for b in crate::ir::visit::blocks_mut(&mut block.stmts[k]) {
            walk(func, b);
        }
        if let Stmt::Loop(l) = &mut block.stmts[k]
            && (l.stop.is_some() || !matches!(l.head, Head::For { .. }))
        {
            let (zero, one) = (fresh(func), fresh(func));
            let (param, next, out) = (fresh(func), fresh(func), fresh(func));
            func.info_mut(zero).name = None;
            func.info_mut(one).name = None;
            l.body
                .stmts
                .push(Stmt::Let(one, Op::Const(quote!(1usize).into())));
            l.body
                .stmts
                .push(Stmt::Let(next, Op::Bin(Bin::Add, param, one)));
            l.body.yields.push(next);
            l.trips = Some(l.params.len());
            l.params.push(param);
            l.inits.push(zero);
            l.outs.push(out);
            block
                .stmts
                .insert(k, Stmt::Let(zero, Op::Const(quote!(0usize).into())));
            k += 1;
        }
        k += 1;
    }
}
