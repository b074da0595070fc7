//! Values of which only their use says what type they are: floats made of literals alone, which may be `f32` or `f64`, and `None`. Two of them may be equal
//! and of two types.

use crate::ir::table::Set;
use crate::ir::visit::op_uses;
use crate::ir::{Block, Func, Op, Shape, Stmt, V};

pub(super) fn values(func: &Func) -> Set {
    let mut bare = Set::new();
    block(func, &func.body, &mut bare);
    bare
}

fn block(func: &Func, b: &Block, bare: &mut Set) {
    for stmt in &b.stmts {
        match stmt {
            Stmt::Let(v, op) => {
                let none = matches!(op, Op::Const(_)) && matches!(func.shape(*v), Shape::Option(_));
                if none || made_of(op, bare) {
                    bare.insert(*v);
                }
            }
            Stmt::If(s) => {
                block(func, &s.then_, bare);
                block(func, &s.else_, bare);
                for (k, out) in s.outs.iter().enumerate() {
                    if [&s.then_, &s.else_]
                        .iter()
                        .all(|b| bare.contains(&b.yields[k]))
                    {
                        bare.insert(*out);
                    }
                }
            }
            Stmt::Loop(l) => {
                // What an iteration leaves is of the type of what it found.
                let begun = |k: &usize| bare.contains(&l.inits[*k]);
                let open: Vec<usize> = (0..l.params.len()).filter(begun).collect();
                bare.extend(open.iter().map(|k| l.params[*k]));
                block(func, &l.body, bare);
                for k in open {
                    if bare.contains(&l.body.yields[k]) {
                        bare.insert(l.outs[k]);
                    }
                }
            }
            _ => {}
        }
    }
}

fn made_of(op: &Op, bare: &Set) -> bool {
    match op {
        // A literal with its type, or a name, which has one.
        Op::Const(c) => c.number().is_some() && !c.text().contains('f'),
        Op::Lit(_) | Op::Undef => true,
        Op::Un(..)
        | Op::Bin(..)
        | Op::Fn(..)
        | Op::Helper(..)
        | Op::Chain(..)
        | Op::Tuple(_)
        | Op::Array(_)
        | Op::Repeat(..)
        | Op::Struct(..)
        | Op::Get(..)
        | Op::Set(..) => {
            let mut all = true;
            op_uses(op, &mut |v: V| all &= bare.contains(&v));
            all
        }
        _ => false,
    }
}
