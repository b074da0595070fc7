//! Methods of slices and arrays, which have no derivative: their types are the standard library's, so no attribute can stand on them.
//!
//! In: a function with its reverse sweep. What no adjoint reaches has no sweep there, and may call what it likes.

use crate::diag::Errors;
use crate::ir::visit::each;
use crate::ir::{Arg, Callee, Func, Proj, Shape, Stmt};

/// Reports the calls; behind this stage rustc would look for a hidden method that nobody can write.
pub(crate) fn check(func: &Func, errors: &mut Errors) {
    each(&func.body, &mut |stmt| {
        let Stmt::Sweep(sweep) = stmt else { return };
        let (Callee::Method(name, _), Some(receiver)) =
            (&sweep.call.callee, sweep.call.args.first())
        else {
            return;
        };
        let sequence = match receiver {
            Arg::Ref(_, path) | Arg::Mut(_, path, _) if !path.is_empty() => {
                matches!(path.last(), Some(Proj::Range { .. }))
            }
            arg => matches!(func.shape(arg.root()), Shape::Seq(..)),
        };
        if sequence {
            errors.at(
                name,
                format!("the method `{name}` of slices and arrays has no derivative"),
                "read the elements by index, `x[0]` or `x[x.len() - 1]`, or write a loop; where no derivative is wanted, wrap the call in `no_grad!(..)`",
            );
        }
    });
}
