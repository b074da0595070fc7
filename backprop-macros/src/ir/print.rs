//! Prints a function of the intermediate representation, one statement on a line.
//!
//! In: a [`Func`]. Out: text that depends on nothing but the function, for snapshot tests to compare. A
//! value is `%3`, or `%3:x` where it is a version of the user's `x`; loops are `L0`, stores are `s0`.

use core::fmt::{self, Display, Write as _};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;

use super::{
    Adapt, Arg, Block, By, Call, Callee, Found, Func, Head, If, Loop, Op, Param, Path, Proj,
    SlotArg, Stmt, Sweep, Un, V,
};

/// The text of a function.
pub(crate) fn print(func: &Func) -> String {
    let mut p = Printer {
        func,
        text: String::new(),
        depth: 0,
    };
    p.function();
    p.text
}

impl Display for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self))
    }
}

struct Printer<'a> {
    func: &'a Func,
    text: String,
    depth: usize,
}

impl Printer<'_> {
    fn line(&mut self, text: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.text, "{:width$}{text}", "", width = 2 * self.depth);
    }

    fn function(&mut self) {
        let f = self.func;
        let params = join(&f.params, |p| self.param(p));
        let ret = f
            .ret
            .map(|v| format!(" -> {}", self.v(v)))
            .unwrap_or_default();
        self.line(format_args!("fn {}({params}){ret} {{", f.name));
        self.depth += 1;
        for (i, s) in f.stores.iter().enumerate() {
            let size = s.stack.as_ref().map_or("tape".to_string(), |n| {
                format!("stack[{}]", compact(n.clone()))
            });
            self.line(format_args!("store s{i}:{} on {size}", s.name));
        }
        if let Some(seed) = f.seed {
            self.line(format_args!("seed {}", self.v(seed)));
        }
        self.ends("cotangent", &f.cotangents);
        self.block(&f.body);
        self.ends("final", &f.finals);
        self.ends("adjoint", &f.adjoints);
        self.depth -= 1;
        self.line("}");
    }

    /// What each parameter starts or ends with besides its value.
    fn ends(&mut self, what: &str, list: &[Option<V>]) {
        for (i, v) in list.iter().enumerate() {
            if let Some(v) = v {
                self.line(format_args!(
                    "{what} {} = {}",
                    self.param_name(i),
                    self.v(*v)
                ));
            }
        }
    }

    fn param(&self, p: &Param) -> String {
        let active = if p.active { "active " } else { "" };
        let by = match p.by {
            By::Value => "",
            By::Ref => "&",
            By::Mut => "&mut ",
        };
        format!("{active}{by}{}", self.v(p.v))
    }

    fn param_name(&self, i: usize) -> String {
        self.func
            .params
            .get(i)
            .map_or_else(|| format!("#{i}"), |p| p.name.to_string())
    }

    /// Total: a value that the function does not know prints as its number.
    fn v(&self, v: V) -> String {
        match self
            .func
            .infos
            .get(v.0 as usize)
            .and_then(|i| i.name.as_ref())
        {
            Some(name) => format!("%{}:{name}", v.0),
            None => format!("%{}", v.0),
        }
    }

    fn vs(&self, vs: &[V]) -> String {
        join(vs, |v| self.v(*v))
    }

    /// `%3, %4 = `, or nothing.
    fn outs(&self, vs: &[V]) -> String {
        if vs.is_empty() {
            String::new()
        } else {
            format!("{} = ", self.vs(vs))
        }
    }

    fn block(&mut self, block: &Block) {
        for s in &block.stmts {
            self.stmt(s);
        }
        if !block.yields.is_empty() {
            self.line(format_args!("yield {}", self.vs(&block.yields)));
        }
    }

    fn nested(&mut self, block: &Block) {
        self.depth += 1;
        self.block(block);
        self.depth -= 1;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(v, op) => self.line(format_args!("{} = {}", self.v(*v), self.op(op))),
            Stmt::If(s) => self.if_(s),
            Stmt::Loop(l) => self.loop_(l),
            Stmt::Call(c) => self.line(self.call(c)),
            Stmt::Sweep(s) => self.line(self.sweep(s)),
            Stmt::Accum { param, path, v } => self.line(format_args!(
                "d_{}{} += {}",
                self.param_name(*param),
                self.path(path),
                self.v(*v)
            )),
            Stmt::Effect(_, tokens, vs) => {
                self.line(format_args!("effect {}", self.opaque(tokens, vs)))
            }
            Stmt::Open(store) => self.line(format_args!("open s{store}")),
            Stmt::Reserve { area, words, rows } => self.line(format_args!(
                "reserve s{area}: {} {{ {} }}",
                self.v(*words),
                join(rows, |(row, start)| format!("s{row}: {}", self.v(*start)))
            )),
            Stmt::Release(area) => self.line(format_args!("release s{area}")),
            Stmt::Log(v) => self.line(format_args!("log {}", self.v(*v))),
            Stmt::Save { store, at, v } => {
                self.line(format_args!("s{store}{} <- {}", self.at(*at), self.v(*v)))
            }
        }
    }

    fn if_(&mut self, s: &If) {
        self.line(format_args!(
            "{}if {} {{",
            self.outs(&s.outs),
            self.v(s.cond)
        ));
        self.nested(&s.then_);
        if !s.else_.stmts.is_empty() || !s.else_.yields.is_empty() {
            self.line("} else {");
            self.nested(&s.else_);
        }
        self.line("}");
    }

    fn loop_(&mut self, l: &Loop) {
        let mut head = format!("{}L{}: ", self.outs(&l.outs), l.id.0);
        match &l.head {
            Head::Forever | Head::While(_) => head.push_str("loop"),
            Head::For { i, range } => {
                let dots = if range.inclusive { "..=" } else { ".." };
                let _ = write!(
                    head,
                    "for {} in {}{dots}{}",
                    self.v(*i),
                    self.v(range.lo),
                    self.v(range.hi)
                );
                for a in &range.adapt {
                    match a {
                        Adapt::Rev => head.push_str(" rev"),
                        Adapt::StepBy(n) => head.push_str(&format!(" step {}", self.v(*n))),
                        Adapt::Backwards(None) => head.push_str(" backwards"),
                        Adapt::Backwards(Some(n)) => {
                            head.push_str(&format!(" backwards from {}", self.v(*n)))
                        }
                    }
                }
            }
        }
        if !l.params.is_empty() || !l.inits.is_empty() {
            let carried = (0..l.params.len().max(l.inits.len())).map(|i| {
                let show = |list: &[V]| list.get(i).map_or("?".to_string(), |v| self.v(*v));
                format!("{} = {}", show(&l.params), show(&l.inits))
            });
            let _ = write!(head, " with {}", carried.collect::<Vec<_>>().join(", "));
        }
        if let Some(k) = l.trips {
            let _ = write!(
                head,
                " counting {}",
                l.params.get(k).map_or("?".to_string(), |v| self.v(*v))
            );
        }
        if let Some(id) = l.reverses {
            let _ = write!(head, " reversing L{}", id.0);
        }
        self.line(format_args!("{head} {{"));
        self.nested(&l.body);
        if let Some(stop) = l.stop {
            self.depth += 1;
            self.line(format_args!("stop if {}", self.v(stop)));
            self.depth -= 1;
        }
        self.line("}");
    }

    fn call(&self, c: &Call) -> String {
        let ret = c
            .ret
            .map(|v| format!("{} = ", self.v(v)))
            .unwrap_or_default();
        let callee = match &c.callee {
            Callee::Function(p) => tokens(p),
            Callee::Associated(p) => format!("assoc {}", tokens(p)),
            Callee::Method(name, turbofish) => format!(
                ".{name}{}",
                turbofish.clone().map(compact).unwrap_or_default()
            ),
        };
        let argument = |a: &Arg| match a {
            Arg::Value(v) => self.v(*v),
            Arg::Ref(v, p) => format!("&{}{}", self.v(*v), self.path(p)),
            Arg::Again(v, p) => format!("&mut {}{}", self.v(*v), self.path(p)),
            Arg::Mut(v, p, out) => {
                format!("&mut {}{} => {}", self.v(*v), self.path(p), self.v(*out))
            }
        };
        let args = join(&c.args, argument);
        let entries = c.entries.iter().flatten();
        let entries: String = entries.map(|v| format!(" found {}", self.v(*v))).collect();
        let along = c.along.iter().map(|along| {
            let ret = along.ret.map(|v| format!("{} = ", self.v(v)));
            let args = join(&along.args, |a| a.as_ref().map_or("off".into(), argument));
            format!(" along {}({args})", ret.unwrap_or_default())
        });
        let along: String = along.collect();
        let beside = c.beside.as_ref().map(|beside| {
            let tangents = join(&beside.tangents, |k| {
                k.map_or("off".into(), |k| k.to_string())
            });
            let ret = beside.ret.map(|v| format!("{} = ", self.v(v)));
            format!(" beside {}({tangents})", ret.unwrap_or_default())
        });
        let beside = beside.unwrap_or_default();
        format!("{ret}call {callee}({args}){entries}{along}{beside}")
    }

    fn sweep(&self, s: &Sweep) -> String {
        let slots = join(&s.slots, |slot| match slot {
            SlotArg::Off => "off".to_string(),
            SlotArg::Spare { .. } => "spare".to_string(),
            SlotArg::Param(i, p) => format!("d_{}{}", self.param_name(*i), self.path(p)),
            SlotArg::Local(v, p, out) => {
                format!("{}{} => {}", self.v(*v), self.path(p), self.v(*out))
            }
            SlotArg::Fresh(v) => format!("fresh {}", self.v(*v)),
        });
        let seed = s
            .seed
            .map(|v| format!(" seed {}", self.v(v)))
            .unwrap_or_default();
        let found = s.found.iter().filter_map(|f| match f {
            Found::Left => None,
            Found::Entry(v) => Some(format!(" from {}", self.v(*v))),
            Found::Any => Some(" from any".to_string()),
            Found::Refilled => Some(" refilled".to_string()),
        });
        let found: String = found.collect();
        format!("{} sweep({slots}){found}{seed}", self.call(&s.call))
    }

    fn op(&self, op: &Op) -> String {
        match op {
            Op::Const(c) => compact(c.tokens().clone()),
            Op::Undef => "undef".to_string(),
            Op::Refill(v, _) => format!("refill {}", self.v(*v)),
            Op::Spent(v) => format!("spent {}", self.v(*v)),
            Op::ZeroLike(v) => format!("zero like {}", self.v(*v)),
            Op::Lit(x) => format!("lit {x:?}"),
            Op::Un(Un::Neg, v) => format!("-{}", self.v(*v)),
            Op::Un(Un::Not, v) => format!("!{}", self.v(*v)),
            Op::Bin(b, x, y) => format!("{} {} {}", self.v(*x), b.token(), self.v(*y)),
            Op::Cast(v, ty) => format!("{} as {}", self.v(*v), tokens(ty)),
            Op::Convert(f, v) => format!("convert {}({})", compact(f.clone()), self.v(*v)),
            Op::CastBack { like, d } => format!("{} as type of {}", self.v(*d), self.v(*like)),
            Op::Fn(name, vs) => format!("{name}({})", self.vs(vs)),
            Op::Helper(name, vs) => format!("rule::{name}({})", self.vs(vs)),
            Op::Chain(d, p) => format!("{} chain {}", self.v(*d), self.v(*p)),
            Op::Method(name, turbofish, vs) => format!(
                ".{name}{}({})",
                turbofish.clone().map(compact).unwrap_or_default(),
                self.vs(vs)
            ),
            Op::Len(v, p) => format!("len {}{}", self.v(*v), self.path(p)),
            Op::Is(v, p, pat) => format!("{}{} is {}", self.v(*v), self.path(p), tokens(pat)),
            Op::Opaque(t, vs) => format!("opaque {}", self.opaque(t, vs)),
            Op::Array(vs) => format!("[{}]", self.vs(vs)),
            Op::Repeat(v, n) => format!("[{}; {}]", self.v(*v), compact(n.clone())),
            Op::Filled(v, n) => format!("vec [{}; {}]", self.v(*v), self.v(*n)),
            Op::Tuple(vs) => format!("({})", self.vs(vs)),
            Op::Struct(path, fields, true) => {
                format!("{}({})", tokens(path), join(fields, |(_, v)| self.v(*v)))
            }
            Op::Struct(path, fields, false) => format!(
                "{} {{ {} }}",
                tokens(path),
                join(fields, |(m, v)| format!("{}: {}", tokens(m), self.v(*v)))
            ),
            Op::Get(v, p) => format!("get {}{}", self.v(*v), self.path(p)),
            Op::Set(v, p, x) => format!("set {}{} = {}", self.v(*v), self.path(p), self.v(*x)),
            Op::AddAt(v, p, x) => format!("add {}{} += {}", self.v(*v), self.path(p), self.v(*x)),
            Op::ClearAt(v, p) => format!("clear {}{}", self.v(*v), self.path(p)),
            Op::Kept(id, v) => format!("kept L{} {}", id.0, self.v(*v)),
            Op::Restore(store, at, _) => format!("s{store}{}", self.at(*at)),
            Op::Unlog(_) => "unlog".to_string(),
            Op::Logged => "logged".to_string(),
        }
    }

    fn at(&self, at: Option<V>) -> String {
        at.map(|v| format!("[{}]", self.v(v))).unwrap_or_default()
    }

    fn path(&self, path: &Path) -> String {
        let steps = path.iter().map(|p| match p {
            Proj::Field(m) => format!(".{}", tokens(m)),
            Proj::Deref => ".*".to_owned(),
            Proj::Index(v) => format!("[{}]", self.v(*v)),
            Proj::Payload(variant, m) => format!(".{}.{}", tokens(variant), tokens(m)),
            Proj::Range { lo, hi, inclusive } => {
                let end = |v: &Option<V>| v.map(|v| self.v(v)).unwrap_or_default();
                format!(
                    "[{}{}{}]",
                    end(lo),
                    if *inclusive { "..=" } else { ".." },
                    end(hi)
                )
            }
        });
        steps.collect()
    }

    /// The tokens, then what their free identifiers stand for.
    fn opaque(&self, tokens: &TokenStream, vs: &[(Ident, V)]) -> String {
        let text = compact(tokens.clone());
        if vs.is_empty() {
            return text;
        }
        format!(
            "{text} where {}",
            join(vs, |(i, v)| format!("{i} = {}", self.v(*v)))
        )
    }
}

fn join<T>(list: &[T], f: impl Fn(&T) -> String) -> String {
    list.iter().map(f).collect::<Vec<_>>().join(", ")
}

fn tokens(t: &impl ToTokens) -> String {
    compact(t.to_token_stream())
}

/// Tokens with as few spaces as keep words apart. `TokenStream`'s own spacing differs between compilers.
pub(crate) fn compact(tokens: TokenStream) -> String {
    let mut out = String::new();
    push(tokens, &mut out);
    out
}

fn push(tokens: TokenStream, out: &mut String) {
    let mut word_before = false;
    for t in tokens {
        let word = matches!(t, TokenTree::Ident(_) | TokenTree::Literal(_));
        if (word && word_before) || out.ends_with([',', ';']) {
            out.push(' ');
        }
        word_before = word;
        match t {
            TokenTree::Group(g) => {
                let (open, close) = match g.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                push(g.stream(), out);
                out.push_str(close);
                // After braces and invisible groups a word could run into the one before it.
                word_before = matches!(g.delimiter(), Delimiter::Brace | Delimiter::None);
            }
            other => out.push_str(&other.to_string()),
        }
    }
}
