//! `match`, `if let`, and patterns.

use std::fmt::Write as _;

use super::Printer;
use crate::syntax::{Arm, Expr, Pattern, Struct, Sum, Type};

impl Printer<'_> {
    pub(super) fn choice(&mut self, of: &Expr, arms: &[Arm]) -> String {
        let ty = &of.ty;
        let subject = match self.expr(of) {
            // Braces would be taken for the arms.
            text if text.contains('{') => format!("({text})"),
            text => text,
        };
        if let [first, last] = arms
            && last.pattern == Pattern::Any
            && last.guard.is_none()
            && !matches!(first.pattern, Pattern::Any | Pattern::Name(_))
        {
            let guard = match &first.guard {
                Some(guard) => format!(" && ({})", self.expr(guard)),
                None => String::new(),
            };
            let pattern = pattern(&first.pattern, ty);
            let (then, otherwise) = (self.inline(&first.body), self.inline(&last.body));
            return format!("if let {pattern} = {subject}{guard} {then} else {otherwise}");
        }
        let mut text = format!("match {subject} {{\n");
        self.indent += 1;
        for arm in arms {
            let guard = match &arm.guard {
                Some(guard) => format!(" if {}", self.expr(guard)),
                None => String::new(),
            };
            let (pattern, body) = (pattern(&arm.pattern, ty), self.inline(&arm.body));
            let _ = writeln!(text, "{:1$}{pattern}{guard} => {body}", "", self.indent * 4);
        }
        self.indent -= 1;
        let _ = write!(text, "{:1$}}}", "", self.indent * 4);
        text
    }
}

/// A pattern for something of a type.
pub(super) fn pattern(of: &Pattern, ty: &Type) -> String {
    let all = |patterns: &[Pattern], types: &[Type]| -> Vec<String> {
        let pairs = patterns.iter().zip(types);
        pairs.map(|(p, ty)| pattern(p, ty)).collect()
    };
    match (of, ty) {
        (Pattern::Any, _) => "_".into(),
        (Pattern::Name(name), _) => name.clone(),
        (Pattern::Bool(b), _) => b.to_string(),
        (Pattern::Numbers(spans), _) => {
            let least = (*ty == Type::Int).then_some(0);
            let spans = spans
                .iter()
                .map(|(low, high)| span(*low, *high, Some(*low) == least));
            spans.collect::<Vec<String>>().join(" | ")
        }
        (Pattern::At(name, inner), _) => match pattern(inner, ty) {
            text if is_open(inner) => format!("{name} @ ({text})"),
            text => format!("{name} @ {text}"),
        },
        (Pattern::Parts(parts), Type::Struct(s)) => structure(*s, parts),
        (Pattern::Parts(parts), _) => format!("({})", all(parts, &ty.parts()).join(", ")),
        (Pattern::Elements { front, rest, back }, _) => {
            let element = ty.parts();
            let of = |list: &[Pattern]| all(list, &vec![element[0].clone(); list.len()]);
            let mut texts = of(front);
            texts.extend(rest.as_ref().map(|name| match name {
                Some(name) => format!("{name} @ .."),
                None => "..".into(),
            }));
            texts.extend(of(back));
            format!("[{}]", texts.join(", "))
        }
        (Pattern::Variant(variant, parts), Type::Sum(sum)) => {
            held(*sum, *variant, &all(parts, &sum.variants()[*variant].1))
        }
        (Pattern::Variant(..), _) => unreachable!("only sums have variants"),
        (Pattern::Either(ways), _) => {
            let ways = ways.iter().map(|way| pattern(way, ty));
            ways.collect::<Vec<String>>().join(" | ")
        }
    }
}

/// Whether it has a `|` that nothing surrounds.
pub(super) fn is_open(of: &Pattern) -> bool {
    match of {
        Pattern::Either(_) => true,
        Pattern::Numbers(spans) => spans.len() > 1,
        _ => false,
    }
}

/// Ranges of all kinds. `first`: there is nothing below it.
fn span(low: i64, high: Option<i64>, first: bool) -> String {
    match high {
        None => format!("{low}.."),
        Some(high) if first && high > 0 => format!("..={high}"),
        Some(high) if high == low => low.to_string(),
        Some(high) if high % 3 == 0 => format!("{low}..{}", high + 1),
        Some(high) => format!("{low}..={high}"),
    }
}

/// A name that is the field's own stands alone; what is not named at the end is left out.
fn structure(of: Struct, parts: &[Pattern]) -> String {
    let named = parts.iter().rposition(|p| *p != Pattern::Any);
    let named = named.map_or(0, |last| last + 1);
    let fields = of.fields().into_iter().zip(parts).take(named);
    let mut texts: Vec<String> = fields
        .map(|((name, ty), part)| format!("{name}: {}", pattern(part, &ty)))
        .collect();
    if named < parts.len() {
        texts.push("..".into());
    }
    format!("{} {{ {} }}", of.name(), texts.join(", "))
}

/// A variant with what it holds, as a pattern or as an expression.
pub(super) fn held(sum: Sum, variant: usize, parts: &[String]) -> String {
    let (name, types) = &sum.variants()[variant];
    match (*name, &types[..]) {
        (name, []) => name.to_string(),
        ("Shape::Disc", _) => format!("{name} {{ r: {} }}", parts.join(", ")),
        (name, _) => format!("{name}({})", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_printed() {
        let name = |n: &str| Pattern::Name(n.to_string());
        let spans = Pattern::Numbers(vec![(-2, Some(-2)), (1, Some(2)), (4, None)]);
        assert_eq!(pattern(&spans, &Type::Int), "-2 | 1..=2 | 4..");
        let bound = Pattern::At("k".to_string(), Box::new(spans));
        assert_eq!(pattern(&bound, &Type::Int), "k @ (-2 | 1..=2 | 4..)");
        let ends = Pattern::Elements {
            front: vec![name("a")],
            rest: Some(Some("rest".to_string())),
            back: vec![Pattern::Any],
        };
        let body = Pattern::Parts(vec![ends, Pattern::Any]);
        let ty = Type::Struct(Struct::Body);
        assert_eq!(pattern(&body, &ty), "Body { at: [a, rest @ .., _], .. }");
        let some = Pattern::Variant(1, vec![Pattern::Variant(1, vec![name("t")])]);
        let ty = Type::Sum(Sum::MaybeMaybe);
        assert_eq!(pattern(&some, &ty), "Some(Some(t))");
    }
}
