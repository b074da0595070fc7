//! Slices that a loop reaches through the same ranges in every iteration are cut once, before it.
//!
//! ```text
//! for i in 0..m { for j in 0..n { s += w[i * n..][..n][j] * y[k * n..][..n][j]; } }
//! let y1 = if 0 < m && 0 < n { &y[k * n..][..n] } else { &[] };
//! for i in 0..m { for j in 0..n { s += w[i * n..][..n][j] * y1[j]; } }
//! ```
//!
//! A range out of bounds panics before the loop instead of in it. Only what the first iteration reaches whatever
//! happens is cut, and only where there is one.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::body::{Body, Target};
use crate::ir::visit::{blocks, op_uses, outs};
use crate::ir::{
    Adapt, Arg, Block, Head, Loop, Op, Path, Proj, Range, SlotArg, Stmt, V, same_path,
};

/// What a slice is cut from: a value, or the adjoint of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    Value(V),
    Adjoint(usize),
}

/// A slice that has a name while a loop is emitted.
pub(crate) struct View {
    source: Source,
    prefix: Path,
    name: Ident,
}

/// How a loop reaches one source.
#[derive(Default)]
struct Access {
    /// The prefixes reached in every iteration, with the bounds of the inner loops around them.
    sure: Vec<(Path, Vec<(V, V)>)>,
    /// All paths.
    paths: Vec<Path>,
    /// Used in a way that a view has no part in.
    other: bool,
}

impl Body<'_> {
    /// Names the slices that a loop reaches through ranges that it does not change. They last until
    /// [`close_views`](Self::close_views) is told how many there were.
    pub(crate) fn open_views(&mut self, l: &Loop) -> (usize, TokenStream) {
        let before = self.views.len();
        let mut out = TokenStream::new();
        let Head::For { i, range } = &l.head else {
            return (before, out);
        };
        if !self.lanes || !plain(range) {
            return (before, out);
        }
        let mut inside: HashSet<V> = l.params.iter().copied().collect();
        inside.insert(*i);
        defined(&l.body, &mut inside);
        let mut found = HashMap::new();
        self.accesses(
            &l.body,
            &mut vec![(range.lo, range.hi)],
            true,
            &inside,
            &mut found,
        );
        self.like_parameters(&mut found, &inside);
        let mut found: Vec<(Source, Access)> = found.into_iter().collect();
        found.sort_by_key(|(source, _)| *source);
        for (source, access) in found {
            let single = matches!(source, Source::Adjoint(_));
            if access.other {
                continue;
            }
            let mut prefixes: Vec<(Path, Vec<(V, V)>)> = Vec::new();
            for (prefix, bounds) in access.sure {
                match prefixes.iter_mut().find(|(p, _)| same_path(p, &prefix)) {
                    Some((_, b)) if bounds.len() < b.len() => *b = bounds,
                    Some(_) => {}
                    None => prefixes.push((prefix, bounds)),
                }
            }
            // A mutable slice is the only way to what it is cut from.
            let whole = |p: &Path| access.paths.iter().all(|q| starts_with(q, p));
            if single && (prefixes.len() != 1 || !whole(&prefixes[0].0)) {
                continue;
            }
            for (prefix, bounds) in prefixes {
                out.extend(self.open_view(source, prefix, &bounds));
            }
        }
        (before, out)
    }

    /// What is surely reached of a parameter is there of its adjoint, which has the same shape.
    fn like_parameters(&self, found: &mut HashMap<Source, Access>, inside: &HashSet<V>) {
        for (k, p) in self.func.params.iter().enumerate() {
            let Some(of) = found.get(&Source::Value(p.v)).map(|a| a.sure.clone()) else {
                continue;
            };
            let Some(access) = found.get_mut(&Source::Adjoint(k)) else {
                continue;
            };
            if access.sure.is_empty() {
                let reached = |prefix: &Path| {
                    let mut fixed = access.paths.iter();
                    fixed.any(|p| {
                        self.fixed_prefix(p, inside)
                            .is_some_and(|q| same_path(&q, prefix))
                    })
                };
                let like: Vec<_> = of.into_iter().filter(|(p, _)| reached(p)).collect();
                access.sure.extend(like);
            }
        }
    }

    pub(crate) fn close_views(&mut self, count: usize) {
        self.views.truncate(count);
    }

    fn open_view(&mut self, source: Source, prefix: Path, bounds: &[(V, V)]) -> TokenStream {
        if self
            .views
            .iter()
            .any(|v| v.source == source && same_path(&v.prefix, &prefix))
        {
            return TokenStream::new();
        }
        let mut tests: Vec<TokenStream> = Vec::new();
        for (lo, hi) in bounds {
            let (lo, hi) = (self.value(*lo).within_cast(), self.value(*hi).within_cast());
            let test = quote!(#lo < #hi);
            if tests.iter().all(|t| t.to_string() != test.to_string()) {
                tests.push(test);
            }
        }
        let hint = match source {
            Source::Value(v) => self.func.info(v).name.clone().unwrap_or_else(|| "a".into()),
            Source::Adjoint(k) => self.adjoints[k].to_string(),
        };
        let name = self.names.fresh(&hint);
        let out = match source {
            Source::Value(v) => {
                let place = self.place(v, &prefix);
                quote!(let #name = if #(#tests)&&* { &#place } else { &[] };)
            }
            Source::Adjoint(k) => {
                let (root, rest) = self.adjoint_root(k, &prefix);
                // Up to the first range it is a slice whatever happens.
                let first = rest
                    .iter()
                    .position(|p| matches!(p, Proj::Range { .. }))
                    .unwrap_or(0);
                let (all, none) = (rest, &rest[..first]);
                match self.target {
                    Target::Direct => {
                        let place = self.projected(root.to_token_stream(), all);
                        quote!(let #name = if #(#tests)&&* { &mut #place } else { &mut [] };)
                    }
                    Target::Slots => {
                        let c = &self.closure;
                        let place = self.projected(c.to_token_stream(), all);
                        let nothing = self.projected(c.to_token_stream(), none);
                        quote!(let mut #name = if #(#tests)&&* { #root.part(|#c| &mut #place) } else { #root.part(|#c| &mut #nothing[..0]) };)
                    }
                }
            }
        };
        self.views.push(View {
            source,
            prefix,
            name,
        });
        out
    }

    /// The variable to reach a part of a value from, and what is left of the path.
    pub(crate) fn view<'p>(
        &self,
        source: Source,
        path: &'p [Proj],
    ) -> Option<(&Ident, &'p [Proj])> {
        self.views
            .iter()
            .filter(|v| v.source == source && starts_with(path, &v.prefix))
            .max_by_key(|v| v.prefix.len())
            .map(|v| (&v.name, &path[v.prefix.len()..]))
    }

    /// The same for the adjoint, or the slot, of a parameter.
    pub(crate) fn adjoint_root<'p>(&self, param: usize, path: &'p [Proj]) -> (Ident, &'p [Proj]) {
        match self.view(Source::Adjoint(param), path) {
            Some((name, rest)) => (name.clone(), rest),
            None => (self.adjoints[param].clone(), path),
        }
    }

    fn accesses(
        &self,
        block: &Block,
        bounds: &mut Vec<(V, V)>,
        sure: bool,
        inside: &HashSet<V>,
        found: &mut HashMap<Source, Access>,
    ) {
        let mut reach = |source: Source, path: &Path| {
            if matches!(source, Source::Value(v) if inside.contains(&v)) {
                return;
            }
            let access = found.entry(source).or_default();
            access.paths.push(path.clone());
            if let Some(prefix) = self.fixed_prefix(path, inside).filter(|_| sure) {
                access.sure.push((prefix, bounds.clone()));
            }
        };
        let outside = |v: V| !inside.contains(&v);
        let mut others = Vec::new();
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(_, Op::Get(root, path) | Op::Len(root, path)) if outside(*root) => {
                    reach(Source::Value(*root), path);
                }
                Stmt::Let(_, op) => op_uses(op, &mut |v| others.push(v)),
                Stmt::Accum { param, path, .. } => reach(Source::Adjoint(*param), path),
                Stmt::Call(c) => {
                    self.arguments_reached(&c.args, &mut reach, &mut others);
                    for a in c.along.iter().flat_map(|a| a.args.iter().flatten()) {
                        self.arguments_reached(core::slice::from_ref(a), &mut reach, &mut others);
                    }
                }
                Stmt::Sweep(s) => {
                    self.arguments_reached(&s.call.args, &mut reach, &mut others);
                    for slot in &s.slots {
                        match slot {
                            SlotArg::Param(k, path) => reach(Source::Adjoint(*k), path),
                            SlotArg::Local(v, ..) => others.push(*v),
                            SlotArg::Off | SlotArg::Fresh(_) | SlotArg::Spare { .. } => {}
                        }
                    }
                }
                Stmt::Loop(l) => others.extend(&l.inits),
                Stmt::Effect(_, _, holes) => others.extend(holes.iter().map(|(_, v)| *v)),
                Stmt::Save { v, .. } | Stmt::Log(v) => others.push(*v),
                Stmt::If(_) | Stmt::Open(_) | Stmt::Reserve { .. } | Stmt::Release(_) => {}
            }
        }
        others.extend(&block.yields);
        for v in others {
            if outside(v) {
                found.entry(Source::Value(v)).or_default().other = true;
            }
        }
        for stmt in &block.stmts {
            match stmt {
                Stmt::Loop(l) => match &l.head {
                    Head::For { range, .. }
                        if plain(range)
                            && outside(range.lo) | self.constant(range.lo).is_some()
                            && outside(range.hi) | self.constant(range.hi).is_some() =>
                    {
                        bounds.push((range.lo, range.hi));
                        self.accesses(&l.body, bounds, sure, inside, found);
                        bounds.pop();
                    }
                    _ => {
                        for b in blocks(stmt) {
                            self.accesses(b, bounds, false, inside, found);
                        }
                    }
                },
                stmt => {
                    for b in blocks(stmt) {
                        self.accesses(b, bounds, false, inside, found);
                    }
                }
            }
        }
    }

    fn arguments_reached(
        &self,
        args: &[Arg],
        reach: &mut impl FnMut(Source, &Path),
        others: &mut Vec<V>,
    ) {
        for a in args {
            match a {
                Arg::Ref(v, path) if !path.is_empty() => reach(Source::Value(*v), path),
                a => others.push(a.root()),
            }
        }
    }

    /// The longest part of a path that ends in a range and does not change.
    fn fixed_prefix(&self, path: &Path, inside: &HashSet<V>) -> Option<Path> {
        let fixed = |p: &&Proj| match p {
            Proj::Field(_) | Proj::Deref => true,
            // Only where it is known to be that variant.
            Proj::Payload(..) => false,
            Proj::Index(i) => self.fixed(*i, inside),
            Proj::Range { lo, hi, .. } => lo.iter().chain(hi).all(|v| self.fixed(*v, inside)),
        };
        let steady = path.iter().take_while(fixed).count();
        let end = path[..steady]
            .iter()
            .rposition(|p| matches!(p, Proj::Range { .. }))?;
        Some(path[..=end].to_vec())
    }

    fn fixed(&self, v: V, inside: &HashSet<V>) -> bool {
        !inside.contains(&v) || self.constant(v).is_some()
    }
}

fn starts_with(path: &[Proj], prefix: &[Proj]) -> bool {
    path.len() >= prefix.len() && same_path(&path[..prefix.len()], prefix)
}

/// A range that has an item where its lower end is below its upper one.
fn plain(range: &Range) -> bool {
    !range.inclusive && range.adapt.iter().all(|a| matches!(a, Adapt::Rev))
}

fn defined(block: &Block, into: &mut HashSet<V>) {
    for stmt in &block.stmts {
        outs(stmt, &mut |v| {
            into.insert(v);
        });
        if let Stmt::Loop(l) = stmt {
            into.extend(&l.params);
            if let Head::For { i, .. } = &l.head {
                into.insert(*i);
            }
        }
        for b in blocks(stmt) {
            defined(b, into);
        }
    }
}
