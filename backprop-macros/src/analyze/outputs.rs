//! A `&mut` parameter is an output: the function writes it and does not read what it found there.
//!
//! The reverse sweep of a caller runs a callee again to get at its values; an output comes out the same
//! however often that happens, a buffer that is updated in place does not.

use std::collections::HashSet;

use crate::diag::Errors;
use crate::ir::visit::{blocks, own_uses};
use crate::ir::{Arg, Block, By, Func, Op, Stmt, V};
use crate::sig::Sig;

/// Reports each `&mut` parameter that the function reads, unless it is `#[out]`.
pub(crate) fn check(func: &Func, sig: &Sig, errors: &mut Errors) {
    for (p, input) in func.params.iter().zip(&sig.inputs) {
        if p.by != By::Mut || input.out {
            continue;
        }
        let mut versions = HashSet::from([p.v]);
        while grow(&func.body, &mut versions) {}
        if let Some(at) = read(&func.body, &versions) {
            let name = &input.name;
            errors.at_span(
                func.info(at).span,
                format!("`{name}` is read here, and updating a `&mut` parameter in place is not supported yet"),
                format!("write `{name}` without reading it and return what you read, or mark it `#[out]` if every element is written before it is read"),
            );
        }
    }
}

/// Adds the versions that follow from those known. Returns whether there were any.
fn grow(block: &Block, versions: &mut HashSet<V>) -> bool {
    let before = versions.len();
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let(v, Op::Set(a, ..)) if versions.contains(a) => {
                versions.insert(*v);
            }
            Stmt::If(s) => {
                for (k, out) in s.outs.iter().enumerate() {
                    if versions.contains(&s.then_.yields[k])
                        || versions.contains(&s.else_.yields[k])
                    {
                        versions.insert(*out);
                    }
                }
            }
            Stmt::Loop(l) => {
                for (k, p) in l.params.iter().enumerate() {
                    if versions.contains(&l.inits[k]) || versions.contains(&l.body.yields[k]) {
                        versions.insert(*p);
                        versions.insert(l.outs[k]);
                    }
                }
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, _, out) = a
                        && versions.contains(root)
                    {
                        versions.insert(*out);
                    }
                }
            }
            _ => {}
        }
        for b in blocks(stmt) {
            grow(b, versions);
        }
    }
    versions.len() > before
}

/// Where a version is read, if it is.
fn read(block: &Block, versions: &HashSet<V>) -> Option<V> {
    for stmt in &block.stmts {
        let found = match stmt {
            Stmt::Let(v, Op::Set(_, path, value)) => {
                let mut hit = versions.contains(value);
                crate::ir::visit::path_uses(path, &mut |i| hit |= versions.contains(&i));
                hit.then_some(*v)
            }
            Stmt::Let(_, Op::Len(..)) | Stmt::Loop(_) => None,
            Stmt::Let(v, op) => {
                let mut hit = false;
                crate::ir::visit::op_uses(op, &mut |u| hit |= versions.contains(&u));
                hit.then_some(*v)
            }
            Stmt::Call(c) => {
                let reads =
                    |a: &Arg| matches!(a, Arg::Ref(v, _) | Arg::Value(v) if versions.contains(v));
                c.args.iter().any(reads).then_some(c.ret).flatten()
            }
            other => {
                let mut hit = None;
                own_uses(other, &mut |u| {
                    if versions.contains(&u) {
                        hit = Some(u);
                    }
                });
                hit
            }
        };
        if found.is_some() {
            return found;
        }
        if let Some(v) = blocks(stmt).find_map(|b| read(b, versions)) {
            return Some(v);
        }
    }
    None
}
