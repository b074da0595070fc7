//! Expressions: operators, literals, control flow.
//!
//! Where an expression stands decides what it may be: `return` is a statement, a reference is an argument.

use quote::{ToTokens, quote};
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprCast, ExprForLoop, ExprIf, ExprIndex, ExprMatch, ExprRange,
    ExprStruct, ExprUnary, Pat, Type, UnOp,
};

use super::messages as say;
use super::{Fence, Kind};
use crate::chain::range_base;
use crate::ir::print::compact;

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Seat {
    /// A statement, the end of a block or the body of an arm.
    Statement,
    /// An argument of a call.
    Argument,
    /// Anywhere else.
    Operand,
}

impl Fence<'_> {
    pub(super) fn operand(&mut self, e: &Expr) {
        self.expr(e, Seat::Operand);
    }

    fn operands<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>) {
        list.into_iter().for_each(|e| self.operand(e));
    }

    pub(super) fn expr(&mut self, e: &Expr, seat: Seat) {
        match e {
            Expr::Lit(_) => {}
            Expr::Path(p) if self.kind(&p.path) == Some(Kind::Closure) => {
                self.refuse_named(p, &say::CLOSURE_VALUE, &compact(p.to_token_stream()));
            }
            Expr::Path(p) => {
                if seat != Seat::Argument && self.kind(&p.path) == Some(Kind::Exclusive) {
                    self.refuse_named(p, &say::MUT_VALUE, &compact(p.to_token_stream()));
                }
            }
            Expr::Array(a) => self.operands(&a.elems),
            Expr::Tuple(t) => self.operands(&t.elems),
            // The length is a constant expression of its own: nothing active can get into it.
            Expr::Repeat(r) => self.operand(&r.expr),
            Expr::Struct(s) => self.struct_literal(s),
            Expr::Paren(p) => self.expr(&p.expr, seat),
            Expr::Group(g) => self.expr(&g.expr, seat),
            Expr::Unary(u) => self.unary(u),
            Expr::Binary(b) => self.binary(b),
            Expr::Assign(a) => {
                let before = self.errors.len();
                self.target(&a.left);
                let refused = self.errors.len() > before
                    || matches!(strip(&a.left), Expr::Path(p) if self.kind(&p.path) == Some(Kind::Refused));
                // Behind a target that was refused a reference says nothing new.
                if !(refused && matches!(strip(&a.right), Expr::Path(_) | Expr::Reference(_))) {
                    self.operand(&a.right);
                }
            }
            Expr::Cast(c) => self.cast(c),
            Expr::Field(f) => self.base(&f.base),
            Expr::Index(i) => {
                self.base(&i.expr);
                self.index(i);
            }
            Expr::Call(c) => self.call(c),
            Expr::MethodCall(m) => self.method_call(m),
            Expr::Macro(m) => self.mac(&m.mac, seat),
            Expr::Block(b) => {
                self.block(&b.block);
            }
            Expr::If(i) => self.if_(i),
            Expr::Match(m) => self.match_(m),
            Expr::ForLoop(l) => self.for_(l),
            Expr::While(w) => {
                self.scope(|f| {
                    f.condition(&w.cond);
                    f.block(&w.body);
                });
            }
            Expr::Loop(l) => self.block(&l.body),
            Expr::Break(b) => self.exit(seat, &b.break_token, "break", b.expr.as_deref()),
            Expr::Continue(c) => self.exit(seat, &c.continue_token, "continue", None),
            Expr::Return(r) => self.exit(seat, &r.return_token, "return", r.expr.as_deref()),
            Expr::Reference(r) => self.reference(r, seat),
            Expr::Range(r) => {
                self.refuse(r, &say::RANGE_VALUE);
                self.bounds(r);
            }
            Expr::Let(l) => {
                self.refuse(&l.let_token, &say::UNKNOWN);
                self.operand(&l.expr);
                self.declare_refused(&l.pat);
            }
            Expr::Closure(c) => self.escaping(c),
            Expr::Infer(i) => self.refuse(i, &say::UNDERSCORE),
            Expr::Try(t) => {
                self.refuse(&t.question_token, &say::QUESTION);
                self.operand(&t.expr);
            }
            Expr::Unsafe(u) => self.refuse(&u.unsafe_token, &say::UNSAFE),
            Expr::Async(a) => self.refuse(&a.async_token, &say::ASYNC),
            Expr::Await(a) => {
                self.refuse(&a.await_token, &say::AWAIT);
                self.operand(&a.base);
            }
            Expr::Yield(y) => self.refuse(&y.yield_token, &say::YIELD),
            Expr::Const(c) => self.refuse(&c.const_token, &say::CONST_BLOCK),
            Expr::RawAddr(r) => {
                let (and, raw) = (&r.and_token, &r.raw);
                self.refuse(&quote!(#and #raw), &say::RAW);
            }
            Expr::TryBlock(t) => self.refuse(&t.try_token, &say::TRY_BLOCK),
            // A lone `;`.
            Expr::Verbatim(t) if t.is_empty() => {}
            Expr::Verbatim(t) => self.refuse(t, &say::UNKNOWN),
            _ => self.refuse(e, &say::UNKNOWN),
        }
    }

    fn unary(&mut self, u: &ExprUnary) {
        if !matches!(u.op, UnOp::Neg(_) | UnOp::Not(_) | UnOp::Deref(_)) {
            self.refuse(&u.op, &say::UNKNOWN);
        }
        self.base(&u.expr);
    }

    fn binary(&mut self, b: &ExprBinary) {
        match b.op {
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                self.operand(&b.left)
            }
            BinOp::And(_)
            | BinOp::Or(_)
            | BinOp::BitXor(_)
            | BinOp::BitAnd(_)
            | BinOp::BitOr(_)
            | BinOp::Shl(_)
            | BinOp::Shr(_) => self.operand(&b.left),
            BinOp::Eq(_)
            | BinOp::Lt(_)
            | BinOp::Le(_)
            | BinOp::Ne(_)
            | BinOp::Ge(_)
            | BinOp::Gt(_) => self.operand(&b.left),
            op if is_assignment(&op) => self.written(&b.left, &say::ASSIGN_TARGET),
            op => self.refuse(&op, &say::UNKNOWN),
        }
        self.operand(&b.right);
    }

    fn cast(&mut self, c: &ExprCast) {
        match &*c.ty {
            Type::Path(_) | Type::Paren(_) | Type::Group(_) => {}
            Type::Infer(_) => self.refuse(&c.ty, &say::CAST_INFER),
            _ => self.refuse(&c.ty, &say::CAST_TYPE),
        }
        self.operand(&c.expr);
    }

    fn struct_literal(&mut self, s: &ExprStruct) {
        self.operands(s.fields.iter().map(|f| &f.expr));
        self.operands(s.rest.as_deref());
    }

    /// What stands between the brackets.
    pub(super) fn index(&mut self, i: &ExprIndex) {
        match strip(&i.index) {
            Expr::Range(r) => self.bounds(r),
            e => self.operand(e),
        }
    }

    pub(super) fn bounds(&mut self, r: &ExprRange) {
        self.operands(r.start.as_deref());
        self.operands(r.end.as_deref());
    }

    fn exit(&mut self, seat: Seat, token: &impl ToTokens, word: &str, value: Option<&Expr>) {
        if seat != Seat::Statement {
            self.refuse_named(token, &say::EXIT_INSIDE, word);
        }
        self.operands(value);
    }

    fn if_(&mut self, i: &ExprIf) {
        self.scope(|f| {
            f.condition(&i.cond);
            f.block(&i.then_branch);
        });
        if let Some((_, e)) = &i.else_branch {
            self.expr(e, Seat::Statement);
        }
    }

    /// A condition: a chain of comparisons and `let`s, each of which sees the names before it.
    fn condition(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Let(l) => {
                self.scrutinee(&l.expr);
                self.match_pat(&l.pat);
                self.declare_matched(&l.pat, &l.expr);
            }
            Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => {
                self.condition(&b.left);
                self.condition(&b.right);
            }
            e => self.operand(e),
        }
    }

    /// What is matched: a value, a place, or several.
    pub(super) fn scrutinee(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Reference(r) if r.mutability.is_some() => {
                self.written(&r.expr, &say::MUT_TEMPORARY)
            }
            Expr::Reference(r) => self.scrutinee(&r.expr),
            Expr::Tuple(t) => t.elems.iter().for_each(|e| self.scrutinee(e)),
            e => self.base(e),
        }
    }

    fn match_(&mut self, m: &ExprMatch) {
        self.match_with(m, &mut |f, body| f.expr(body, Seat::Statement));
    }

    /// A branch whose sides are references, or what stands in one.
    pub(super) fn sides(&mut self, e: &Expr) {
        match strip(e) {
            Expr::If(i) => {
                self.scope(|f| {
                    f.condition(&i.cond);
                    f.block_of_sides(&i.then_branch);
                });
                if let Some((_, e)) = &i.else_branch {
                    self.sides(e);
                }
            }
            Expr::Match(m) => self.match_with(m, &mut |f, body| f.sides(body)),
            Expr::Block(b) => self.block_of_sides(&b.block),
            Expr::Reference(r) if r.mutability.is_some() => {
                self.written(&r.expr, &say::LET_TEMPORARY)
            }
            // It is refused as what it is.
            Expr::Reference(r) if self.is_closure(&r.expr) => self.operand(&r.expr),
            Expr::Reference(r) => self.place(&r.expr, &say::LET_TEMPORARY),
            Expr::Tuple(t) => t.elems.iter().for_each(|e| self.sides(e)),
            Expr::Path(_) => {}
            e => self.expr(e, Seat::Statement),
        }
    }

    fn block_of_sides(&mut self, block: &Block) {
        self.scope(|f| {
            f.items(block);
            for (k, stmt) in block.stmts.iter().enumerate() {
                match stmt {
                    syn::Stmt::Expr(e, None) if k + 1 == block.stmts.len() => f.sides(e),
                    stmt => f.stmt(stmt),
                }
            }
        });
    }

    fn match_with(&mut self, m: &ExprMatch, body: &mut dyn FnMut(&mut Fence<'_>, &Expr)) {
        self.scrutinee(&m.expr);
        for arm in &m.arms {
            self.scope(|f| {
                let (pat, guard) = match &arm.pat {
                    Pat::Guard(g) => (&*g.pat, Some(&*g.guard)),
                    pat => (pat, None),
                };
                f.match_pat(pat);
                f.declare_matched(pat, &m.expr);
                match guard.map(strip) {
                    Some(Expr::Let(l)) => {
                        f.refuse(&l.let_token, &say::GUARD_LET);
                        f.declare_refused(&l.pat);
                    }
                    Some(guard) => f.operand(guard),
                    None => {}
                }
                body(f, &arm.body);
            });
        }
    }

    fn for_(&mut self, l: &ExprForLoop) {
        self.iterable(&l.expr, false);
        self.scope(|f| {
            if range_base(&l.expr).is_some() {
                f.let_pat(&l.pat);
                f.declare(&l.pat);
            } else {
                f.loop_pattern(&l.pat);
            }
            f.block(&l.body);
        });
    }
}

impl Fence<'_> {
    /// A block with its own scope. Items are in scope in all of it, wherever they stand.
    pub(super) fn block(&mut self, block: &Block) {
        self.scope(|f| {
            f.items(block);
            block.stmts.iter().for_each(|s| f.stmt(s));
        });
    }
}

/// Without parentheses and invisible groups.
pub(super) fn strip(e: &Expr) -> &Expr {
    match e {
        Expr::Paren(p) => strip(&p.expr),
        Expr::Group(g) => strip(&g.expr),
        e => e,
    }
}

/// `+=` and kin.
pub(super) fn is_assignment(op: &BinOp) -> bool {
    use BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign,
        ShlAssign, ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}
