//! An array that begins with one value all over, and of which every iteration changes what lies at its own index: before the iteration that value
//! was there, so nothing is kept, whatever the number of iterations.
//!
//! ```text
//! let mut a = [x; N]; for i in 0..n { a[i] = f(&a, i); }
//! for i in (0..n).rev() { a[i] = x; .. }
//! ```

use super::Pass;
use super::undo::changed;
use crate::ir::{Head, Loop, Op, Proj, Stmt, V};

impl Pass<'_> {
    /// Does so for the value `p` of each iteration of `f`, which is called `v` in `r`.
    pub(super) fn begin_again(&mut self, f: &Loop, r: &mut Loop, v: V, index: usize) -> bool {
        let (Head::For { i, .. }, Head::For { i: back, .. }) = (&f.head, &r.head) else {
            return false;
        };
        let Some(element) = self.repeated.get(&f.inits[index]).copied() else {
            return false;
        };
        // No two iterations have the same index.
        if !self.is_own_array(f, index) || changed(f, index, &|v| v == i).is_none() {
            return false;
        }
        let p = f.params[index];
        let (param, after) = (self.fresh(p), self.fresh(p));
        let put = Op::Set(param, vec![Proj::Index(*back)], element);
        r.body.stmts.insert(0, Stmt::Let(v, put));
        r.params.push(param);
        r.inits.push(f.outs[index]);
        r.body.yields.push(v);
        r.outs.push(after);
        true
    }
}
