//! The names of patterns that have been seen to match.

use syn::Pat;
use syn::spanned::Spanned;

use super::flow::Flow;
use super::matching::{Subject, is_constant, named, names_in, refutable};
use super::pattern::{is_unsized, written};
use super::place::Place;
use super::{Local, Lower, key};
use crate::ir::{By, V};

impl Lower<'_> {
    /// Binds the names of a pattern that has been seen to match.
    pub(crate) fn bind_subject(&mut self, pat: &Pat, subject: &Subject) {
        let span = pat.span();
        match (pat, subject) {
            (
                Pat::Wild(_)
                | Pat::Rest(_)
                | Pat::Lit(_)
                | Pat::Range(_)
                | Pat::Path(_)
                | Pat::Const(_),
                _,
            ) => {}
            (Pat::Paren(p), s) => self.bind_subject(&p.pat, s),
            (Pat::Reference(p), Subject::Part(place, _)) => {
                let place = self.frozen(place.clone(), span);
                self.bind_subject(&p.pat, &Subject::Part(place, By::Value));
            }
            (Pat::Reference(p), s) => self.bind_subject(&p.pat, s),
            (Pat::Type(t), s) if refutable(&t.pat) => self.bind_subject(&t.pat, s),
            (Pat::Type(t), s) => match self.whole(s, span) {
                Subject::Part(place, By::Value) => {
                    let v = self.read(&place, span);
                    self.bind(pat, v, Some(&t.ty));
                }
                s => self.bind_subject(&t.pat, &s),
            },
            (Pat::Ident(p), _) if p.subpat.is_none() && is_constant(&p.ident) => {}
            (Pat::Ident(p), s) => {
                if let Some((_, sub)) = &p.subpat {
                    self.bind_subject(sub, s);
                }
                match s {
                    Subject::Part(place, by) => self.bind_name(p, place, *by),
                    Subject::Tuple(_) | Subject::Optional(..) => {
                        let v = self.whole_value(s, span);
                        self.bind_name(p, &self.at_value(v), By::Value);
                    }
                }
            }
            (Pat::Or(p), s) => {
                let cases: Vec<&Pat> = p.cases.iter().collect();
                self.bind_any(pat, &cases, s, None);
            }
            (Pat::Tuple(p), Subject::Tuple(parts)) if p.elems.len() == parts.len() => {
                for (p, s) in p.elems.iter().zip(parts) {
                    self.bind_subject(p, s);
                }
            }
            (Pat::TupleStruct(p), Subject::Optional(_, item))
                if p.elems.len() == 1 && named(&p.path, "Some") =>
            {
                self.bind_subject(&p.elems[0], item);
            }
            (pat, Subject::Tuple(_) | Subject::Optional(..)) => {
                let whole = self.whole(subject, span);
                self.bind_subject(pat, &whole);
            }
            (pat, Subject::Part(place, by)) => {
                for (p, part) in self.parts(pat, place, true) {
                    self.bind_subject(p, &Subject::Part(part, *by));
                }
            }
        }
    }

    fn bind_name(&mut self, p: &syn::PatIdent, place: &Place, by: By) {
        let key = key(&p.ident);
        let rest = is_unsized(place);
        match by {
            By::Value if rest => self.copied_rest(&Pat::Ident(p.clone())),
            By::Value
                if p.mutability.is_some() || place.path.is_empty() || place.shape.is_scalar() =>
            {
                let v = self.read(place, p.ident.span());
                self.name(v, &p.ident.to_string());
                self.declare(&key, p.mutability.is_some(), Some(v), By::Value);
            }
            By::Value => {
                let local = self.declare(&key, false, None, By::Value);
                self.locals[local.0].alias = Some(place.clone());
            }
            by => {
                if p.mutability.is_some() {
                    self.errors.at(
                        p,
                        "a reference that may change which place it names is not accepted yet",
                        "leave out this `mut`, or copy the value: `let mut v = *r;`",
                    );
                }
                let place = match by {
                    By::Mut => written(p, place.clone()),
                    _ => place.clone(),
                };
                self.declare_alias(&key, place, by == By::Mut);
            }
        }
    }

    /// `A(x) | B(x)`: each name is the value that it has in the first case that matches. `holds` says of each case, where it has been found
    /// out, whether it or one before it does.
    pub(crate) fn bind_any(
        &mut self,
        pat: &Pat,
        cases: &[&Pat],
        subject: &Subject,
        holds: Option<&[V]>,
    ) {
        let mut names = Vec::new();
        if let Some(first) = cases.first() {
            names_in(first, &mut names);
        }
        if names.is_empty() {
            return;
        }
        let by = match subject {
            Subject::Part(_, By::Mut) => {
                self.errors.at(
                    pat,
                    "which place a name in this or-pattern stands for depends on the case, so it cannot be written through",
                    "give each case an arm of its own",
                );
                By::Mut
            }
            Subject::Part(_, by) => *by,
            Subject::Tuple(_) | Subject::Optional(..) => By::Value,
        };
        let locals: Vec<Local> = names
            .iter()
            .map(|n| self.declare(&key(&n.ident), n.mutability.is_some(), None, by))
            .collect();
        self.bind_cases(cases, subject, &names, &locals, holds);
    }

    fn bind_cases(
        &mut self,
        cases: &[&Pat],
        subject: &Subject,
        names: &[&syn::PatIdent],
        locals: &[Local],
        holds: Option<&[V]>,
    ) {
        let Some((case, rest)) = cases.split_first() else {
            return;
        };
        let take = |l: &mut Self| {
            l.scoped(|l| {
                l.bind_subject(case, subject);
                for (n, local) in names.iter().zip(locals) {
                    if let Some(found) = l.find(&key(&n.ident)) {
                        let place = l.local_place(found);
                        let v = l.read(&place, n.ident.span());
                        l.set(*local, v);
                    }
                }
            });
            (None, Flow::on())
        };
        let known = holds.and_then(<[V]>::split_first);
        let cond = match known {
            _ if rest.is_empty() => None,
            Some((holds, _)) => Some(*holds),
            None => self.test(case, subject),
        };
        match cond {
            None => {
                take(self);
            }
            Some(c) => {
                let others = |l: &mut Self| {
                    l.bind_cases(rest, subject, names, locals, known.map(|(_, h)| h));
                    (None, Flow::on())
                };
                self.either(c, take, others, case.span());
            }
        }
    }
}
