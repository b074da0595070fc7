//! All second derivatives at once: the reverse sweep with a lane for each input.
//!
//! In: a function and its reverse sweep. Out: the same with the tangents of the adjoints along each axis. The directions are constants, so that
//! what they do not reach folds away. Where elements of the gradient are added one by one, gradient and rows become values, and what is below
//! the diagonal is what is above it.

use proc_macro2::Span;

use super::{Swept, tangents_of};
use crate::ir::parts::constants;
use crate::ir::visit::each;
use crate::ir::{Bin, Func, Info, Op, Proj, Shape, SlotArg, Stmt, V};

/// More inputs than these get a product with each axis instead: the function grows with them.
pub(crate) const MOST: usize = 8;

/// `input` is the parameter, an array of `n` floats. Its adjoint is the gradient; those of the parameters behind the function's own are the rows.
pub(crate) fn hessian(swept: &Func, input: usize, n: usize) -> Func {
    let mut func = tangents_of(swept, n, Swept::Axes);
    gather(&mut func, input, n);
    func
}

/// What is added to elements of an adjoint, if nothing else is added to it.
struct Sums {
    /// Whose adjoint it is.
    param: usize,
    elements: Vec<Option<V>>,
}

/// Makes arrays of what is added to gradient and rows, if all of it is added once, and to elements that are known.
fn gather(func: &mut Func, input: usize, n: usize) {
    let own = func.params.len().saturating_sub(n);
    let places = core::iter::once(input).chain(own..own + n);
    let mut sums: Vec<Sums> = places
        .map(|param| Sums {
            param,
            elements: vec![None; n],
        })
        .collect();
    let constants = constants(&func.body);
    let mut top = 0_usize;
    let mut added = Vec::new();
    for stmt in &func.body.stmts {
        let Stmt::Accum { param, path, v } = stmt else {
            continue;
        };
        top += 1;
        let [Proj::Index(i)] = &path[..] else { return };
        let index = constants.get(i).and_then(|c| c.integer());
        let index = index.and_then(|i| usize::try_from(i).ok());
        let Some(index) = index.filter(|i| *i < n && sums.iter().any(|s| s.param == *param)) else {
            return;
        };
        added.push((*param, index, *v));
    }
    let mut all = 0_usize;
    each(&func.body, &mut |s| {
        // A callee adds where it is told to.
        all += match s {
            Stmt::Accum { .. } => 1,
            Stmt::Sweep(s) => s
                .slots
                .iter()
                .filter(|s| matches!(s, SlotArg::Param(..)))
                .count(),
            _ => 0,
        };
    });
    if all != top || top == 0 {
        return;
    }
    func.body.stmts.retain(|s| !matches!(s, Stmt::Accum { .. }));
    for (param, index, v) in added {
        let sum = sums.iter_mut().find(|s| s.param == param);
        let Some(element) = sum.and_then(|s| s.elements.get_mut(index)) else {
            continue;
        };
        *element = Some(match *element {
            Some(before) => define(func, Op::Bin(Bin::Add, before, v), Shape::Float),
            None => v,
        });
    }
    for row in 0..n {
        for column in 0..row {
            let above = sums.get(column + 1).and_then(|s| s.elements[row]);
            if let Some(s) = sums.get_mut(row + 1) {
                s.elements[column] = above;
            }
        }
    }
    for s in sums {
        let elements = s.elements.into_iter();
        let elements: Vec<V> = elements
            .map(|v| v.unwrap_or_else(|| define(func, Op::Lit(0.0), Shape::Float)))
            .collect();
        let shape = Shape::Seq(Box::new(Shape::Float), Some(n.to_string()));
        let array = define(func, Op::Array(elements), shape);
        func.adjoints[s.param] = Some(array);
    }
}

fn define(func: &mut Func, op: Op, shape: Shape) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info {
        span: Span::call_site(),
        ..Info::new(shape)
    });
    func.body.stmts.push(Stmt::Let(v, op));
    v
}
