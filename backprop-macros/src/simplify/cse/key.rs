//! What a statement computes, as words: equal words, equal computation.

use proc_macro2::{Ident, TokenStream};

use super::bare;
use crate::ir::table::{FastMap, Set};
use crate::ir::{Adapt, Arg, Bin, Block, Callee, Func, Head, Op, Path, Proj, Stmt, Un, V};

/// What stands in a key for itself.
#[derive(Clone, Copy)]
pub(super) enum Word {
    CastBack,
    Method,
    Field,
    Deref,
    Index,
    Payload,
    Open,
    If,
    Else,
    Loop,
    Rev,
    StepBy,
    Back,
    While,
    Stop,
    Call,
    Ref,
    Mut,
    Begin,
    Yields,
    End,
    Const,
    Undef,
    Zero,
    Lit,
    Neg,
    Not,
    Cast,
    Convert,
    Fn,
    Helper,
    Chain,
    Len,
    Opaque,
    Is,
    Array,
    Repeat,
    Filled,
    Tuple,
    Struct,
    Get,
    Set,
    AddAt,
    ClearAt,
    Refill,
    Spent,
    Kept,
    Restore,
    Unlog,
    Logged,
    Through,
    To,
    Bin,
    Of,
}

/// Writes statements as words, with the values defined in them numbered by order.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) out: Vec<u32>,
    local: FastMap<V, u32>,
    /// The number of each text met so far.
    texts: FastMap<Box<str>, u32>,
    /// What has no type but from its use.
    bare: Set,
}

impl Writer {
    pub(crate) fn of(func: &Func) -> Writer {
        Writer {
            bare: bare::values(func),
            ..Writer::default()
        }
    }

    /// Of equal values without a type only the copies of one are of one type.
    pub(super) fn untyped(&mut self, func: &Func, v: V) {
        if self.bare.contains(&v) {
            self.word(Word::Of);
            self.v(func.info(v).origin.unwrap_or(v));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.out.clear();
        self.local.clear();
    }

    /// The lowest two bits tell values from outside, values from inside, texts, and words of ours apart.
    pub(super) fn v(&mut self, v: V) {
        self.out.push(match self.local.get(&v) {
            Some(k) => k << 2 | 1,
            None => v.0 << 2,
        });
    }

    fn def(&mut self, v: V) {
        let k = self.local.len() as u32;
        self.local.insert(v, k);
    }

    fn text(&mut self, s: &str) {
        let next = self.texts.len() as u32;
        let number = match self.texts.get(s) {
            Some(k) => *k,
            None => *self.texts.entry(s.into()).or_insert(next),
        };
        self.out.push(number << 2 | 2);
    }

    pub(super) fn word(&mut self, word: Word) {
        self.out.push((word as u32) << 2 | 3);
    }

    fn display(&mut self, what: &impl ToString) {
        self.text(&what.to_string());
    }

    fn tokens(&mut self, what: &impl quote::ToTokens) {
        self.display(&what.to_token_stream());
    }

    fn method(&mut self, name: &Ident, turbofish: Option<&TokenStream>) {
        self.word(Word::Method);
        self.display(name);
        if let Some(t) = turbofish {
            self.display(t);
        }
    }

    fn path(&mut self, path: &Path) {
        for p in path {
            match p {
                Proj::Field(m) => {
                    self.word(Word::Field);
                    self.member(m);
                }
                Proj::Deref => self.word(Word::Deref),
                Proj::Payload(variant, m) => {
                    self.word(Word::Payload);
                    self.tokens(variant);
                    self.member(m);
                }
                Proj::Index(v) => {
                    self.word(Word::Index);
                    self.v(*v);
                }
                Proj::Range { lo, hi, inclusive } => {
                    self.word(if *inclusive { Word::Through } else { Word::To });
                    for v in [lo, hi] {
                        match v {
                            Some(v) => self.v(*v),
                            None => self.word(Word::Open),
                        }
                    }
                }
            }
        }
    }

    fn member(&mut self, member: &syn::Member) {
        match member {
            syn::Member::Named(i) => self.display(i),
            syn::Member::Unnamed(i) => self.display(&i.index),
        }
    }

    /// Returns false for what must not be merged.
    pub(crate) fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let(v, op) => {
                if matches!(op, Op::Undef) && self.local.is_empty() {
                    return false;
                }
                self.op(op);
                self.def(*v);
                true
            }
            Stmt::If(s) => {
                self.word(Word::If);
                self.v(s.cond);
                self.block(&s.then_) && {
                    self.word(Word::Else);
                    let ok = self.block(&s.else_);
                    s.outs.iter().for_each(|o| self.def(*o));
                    ok
                }
            }
            Stmt::Loop(l) => {
                self.word(Word::Loop);
                l.inits.iter().for_each(|v| self.v(*v));
                if let Head::For { i, range } = &l.head {
                    self.word(if range.inclusive {
                        Word::Through
                    } else {
                        Word::To
                    });
                    self.v(range.lo);
                    self.v(range.hi);
                    for a in &range.adapt {
                        match a {
                            Adapt::Rev => self.word(Word::Rev),
                            Adapt::StepBy(s) => {
                                self.word(Word::StepBy);
                                self.v(*s);
                            }
                            Adapt::Backwards(n) => {
                                self.word(Word::Back);
                                n.iter().for_each(|n| self.v(*n));
                            }
                        }
                    }
                    self.def(*i);
                }
                l.params.iter().for_each(|p| self.def(*p));
                if let Head::While(cond) = &l.head {
                    self.word(Word::While);
                    if !self.block(cond) {
                        return false;
                    }
                }
                let ok = self.block(&l.body);
                self.word(Word::Stop);
                l.stop.iter().for_each(|s| self.v(*s));
                l.outs.iter().for_each(|o| self.def(*o));
                ok
            }
            Stmt::Call(c) => {
                match &c.callee {
                    Callee::Function(p) | Callee::Associated(p) => {
                        self.word(Word::Call);
                        self.tokens(p);
                    }
                    Callee::Method(m, t) => self.method(m, t.as_ref()),
                }
                for k in &c.stopped {
                    self.word(Word::Stop);
                    self.out.push(*k as u32);
                }
                for at in c.beside.iter().flat_map(|b| &b.tangents) {
                    self.word(Word::Stop);
                    self.out.extend(at.map(|k| k as u32));
                }
                let along = c.along.iter().flat_map(|a| &a.args);
                for a in c.args.iter().map(Some).chain(along.map(Option::as_ref)) {
                    let Some(a) = a else {
                        self.word(Word::Stop);
                        continue;
                    };
                    match a {
                        Arg::Value(v) => self.v(*v),
                        Arg::Ref(v, p) => {
                            self.word(Word::Ref);
                            self.v(*v);
                            self.path(p);
                        }
                        Arg::Mut(v, p, _) | Arg::Again(v, p) => {
                            self.word(Word::Mut);
                            self.v(*v);
                            self.path(p);
                        }
                    }
                    // Another part of the same buffer may be lent to the call, too.
                    if let Arg::Mut(_, _, out) = a {
                        self.def(*out);
                    }
                }
                c.results().for_each(|r| self.def(r));
                let beside = c.along.iter().filter_map(|a| a.ret);
                beside.for_each(|r| self.def(r));
                c.entries.iter().flatten().for_each(|e| self.def(*e));
                true
            }
            Stmt::Sweep(_)
            | Stmt::Accum { .. }
            | Stmt::Effect(..)
            | Stmt::Open(_)
            | Stmt::Reserve { .. }
            | Stmt::Release(_)
            | Stmt::Log(_)
            | Stmt::Save { .. } => false,
        }
    }

    fn block(&mut self, block: &Block) -> bool {
        self.word(Word::Begin);
        let ok = block.stmts.iter().all(|s| self.stmt(s));
        self.word(Word::Yields);
        block.yields.iter().for_each(|y| self.v(*y));
        self.word(Word::End);
        ok
    }

    pub(crate) fn op(&mut self, op: &Op) {
        self.name(op);
        match op {
            Op::Len(a, p) | Op::Get(a, p) | Op::ClearAt(a, p) | Op::Is(a, p, _) => {
                self.v(*a);
                self.path(p);
            }
            Op::Set(a, p, v) | Op::AddAt(a, p, v) => {
                self.v(*a);
                self.path(p);
                self.v(*v);
            }
            Op::Bin(Bin::Add | Bin::Mul, x, y) => {
                let (x, y) = if self.local.contains_key(x) || self.local.contains_key(y) || x <= y {
                    (x, y)
                } else {
                    (y, x)
                };
                self.v(*x);
                self.v(*y);
            }
            op => crate::ir::visit::op_uses(op, &mut |v| self.v(v)),
        }
    }

    /// Everything about an operation but its operands.
    fn name(&mut self, op: &Op) {
        match op {
            Op::Const(t) => {
                self.word(Word::Const);
                self.text(t.text());
            }
            Op::Undef => self.word(Word::Undef),
            Op::ZeroLike(_) => self.word(Word::Zero),
            Op::Lit(x) => {
                self.word(Word::Lit);
                let bits = x.to_bits();
                self.out.extend([bits as u32, (bits >> 32) as u32]);
            }
            Op::Un(Un::Neg, _) => self.word(Word::Neg),
            Op::Un(Un::Not, _) => self.word(Word::Not),
            Op::Bin(b, ..) => {
                self.word(Word::Bin);
                self.out.push(*b as u32);
            }
            Op::Cast(_, t) => {
                self.word(Word::Cast);
                self.tokens(t);
            }
            Op::Convert(t, _) => {
                self.word(Word::Convert);
                self.display(t);
            }
            Op::CastBack { .. } => self.word(Word::CastBack),
            Op::Fn(n, _) => {
                self.word(Word::Fn);
                self.text(n);
            }
            Op::Helper(n, _) => {
                self.word(Word::Helper);
                self.text(n);
            }
            Op::Chain(..) => self.word(Word::Chain),
            Op::Method(m, t, _) => self.method(m, t.as_ref()),
            Op::Len(..) => self.word(Word::Len),
            Op::Opaque(t, holes) => {
                self.word(Word::Opaque);
                self.display(t);
                holes.iter().for_each(|(i, _)| self.display(i));
            }
            Op::Is(_, _, pat) => {
                self.word(Word::Is);
                self.tokens(pat);
            }
            Op::Array(_) => self.word(Word::Array),
            Op::Filled(..) => self.word(Word::Filled),
            Op::Repeat(_, n) => {
                self.word(Word::Repeat);
                self.display(n);
            }
            Op::Tuple(_) => self.word(Word::Tuple),
            Op::Struct(p, fields, _) => {
                self.word(Word::Struct);
                self.tokens(p);
                fields.iter().for_each(|(m, _)| self.member(m));
            }
            Op::Get(..) => self.word(Word::Get),
            Op::Set(..) => self.word(Word::Set),
            Op::AddAt(..) => self.word(Word::AddAt),
            Op::ClearAt(..) => self.word(Word::ClearAt),
            Op::Refill(_, time) => {
                self.word(Word::Refill);
                self.out.push(*time);
            }
            Op::Spent(_) => self.word(Word::Spent),
            Op::Kept(l, p) => {
                self.word(Word::Kept);
                self.out.extend([l.0, p.0]);
            }
            Op::Restore(s, ..) => {
                self.word(Word::Restore);
                self.out.push(*s as u32);
            }
            Op::Unlog(_) => self.word(Word::Unlog),
            Op::Logged => self.word(Word::Logged),
        }
    }
}
