//! What is added to a zero is what stands there afterwards: `d = 0; d[0] += x; d[1] += y` becomes `d = 0; d[0] = x; d[1] = y`.
//!
//! rustc would have to add: `0.0 + x` is not `x` where `x` is −0.0. An adjoint minds no sign of a zero, and only adjoints begin
//! with a zero like something.

use crate::ir::parts::{Constants, constants};
use crate::ir::table::Table;
use crate::ir::visit::blocks_mut;
use crate::ir::{Block, Constant, Func, Op, Path, Proj, Shape, Stmt, V};

/// More parts than are told apart: a bound on the work.
const MOST: usize = 32;

/// Replaces first additions.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        constants: constants(&body),
        touched: Table::new(),
    };
    pass.block(&mut body);
    func.body = body;
}

struct Pass<'a> {
    func: &'a Func,
    constants: Constants,
    /// Of aggregates that are zero everywhere else: the parts that may not be.
    touched: Table<Vec<Path>>,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        for stmt in &mut block.stmts {
            if let Stmt::Let(v, op) = stmt {
                self.step(*v, op);
            }
            for inner in blocks_mut(stmt) {
                self.block(inner);
            }
        }
    }

    fn step(&mut self, v: V, op: &mut Op) {
        let touched = match op {
            Op::ZeroLike(_) => Some(Vec::new()),
            Op::Set(a, path, _) | Op::AddAt(a, path, _) => {
                let before = self.touched.get(a).filter(|list| list.len() < MOST);
                before.map(|list| list.iter().chain([&*path]).cloned().collect())
            }
            _ => None,
        };
        if let Op::AddAt(a, path, x) = op
            && let Some(list) = self.touched.get(a)
            && !path.is_empty()
            && *self.func.shape(*x) == Shape::Float
            && list.iter().all(|other| self.apart(path, other))
        {
            *op = Op::Set(*a, core::mem::take(path), *x);
        }
        if let Some(touched) = touched {
            self.touched.insert(v, touched);
        }
    }

    /// Whether two paths part at a field or at an index that is written out.
    fn apart(&self, p: &Path, q: &Path) -> bool {
        let number = |v: &V| self.constants.get(v).and_then(Constant::integer);
        for (a, b) in p.iter().zip(q) {
            match (a, b) {
                (Proj::Field(a), Proj::Field(b)) if a == b => {}
                (Proj::Field(_), Proj::Field(_)) => return true,
                (Proj::Index(a), Proj::Index(b)) if a == b => {}
                (Proj::Index(a), Proj::Index(b)) => match (number(a), number(b)) {
                    (Some(a), Some(b)) if a == b => {}
                    (Some(_), Some(_)) => return true,
                    _ => return false,
                },
                _ => return false,
            }
        }
        false
    }
}
