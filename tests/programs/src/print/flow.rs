//! Iterators, branches, ranges.

use std::fmt::Write as _;

use super::Printer;
use crate::syntax::{Arm, Case, Cut, End, Expr, Items, Node, Range, Type};

impl Printer<'_> {
    pub(super) fn items(&mut self, items: &Items) -> String {
        let sources = items.sources.iter();
        let mut sources = sources.map(|source| {
            let place = self.steps(&source.place);
            let of = if source.changed { "_mut" } else { "" };
            match source.cut {
                Cut::Elements => format!("{place}.iter{of}()"),
                Cut::Windows(n) => format!("{place}.windows({n})"),
                Cut::Chunks(n) => format!("{place}.chunks{of}({n})"),
                Cut::Exact(n) => format!("{place}.chunks_exact{of}({n})"),
            }
        });
        let mut text = sources.next().unwrap_or_default();
        for other in sources {
            text += &format!(".zip({other})");
        }
        if items.reversed {
            text += ".rev()";
        }
        if items.skip > 0 {
            text += &format!(".skip({})", items.skip);
        }
        if let Some(n) = items.take {
            text += &format!(".take({n})");
        }
        if items.number.is_some() {
            text += ".enumerate()";
        }
        text
    }

    pub(super) fn chain(
        &mut self,
        items: &Items,
        filter: Option<&Expr>,
        end: &End,
        body: &Expr,
    ) -> String {
        let (mut text, item) = (self.items(items), item(items));
        if let Some(filter) = filter {
            text += &format!(".filter(|&{item}| {})", self.expr(filter));
        }
        let body = self.expr(body);
        match end {
            End::Sum => text + &format!(".map(|{item}| {body}).sum::<f64>()"),
            End::Product => text + &format!(".map(|{item}| {body}).product::<f64>()"),
            End::Fold(start, so_far) => {
                let start = match start.node {
                    Node::Float(x) => self.typed(x),
                    _ => self.expr(start),
                };
                text + &format!(".fold({start}, |{so_far}, {item}| {body})")
            }
        }
    }

    pub(super) fn choice(&mut self, number: &Expr, arms: &[Arm]) -> String {
        let mut text = format!("match {} {{\n", self.expr(number));
        self.indent += 1;
        for arm in arms {
            let numbers: Vec<String> = arm.numbers.iter().map(usize::to_string).collect();
            let pattern = match &numbers[..] {
                [] => "_".to_string(),
                _ => numbers.join(" | "),
            };
            let guard = match &arm.guard {
                Some(guard) => format!(" if {}", self.expr(guard)),
                None => String::new(),
            };
            let body = self.inline(&arm.body);
            let _ = writeln!(text, "{:1$}{pattern}{guard} => {body}", "", self.indent * 4);
        }
        self.indent -= 1;
        let _ = write!(text, "{:1$}}}", "", self.indent * 4);
        text
    }

    pub(super) fn when(&mut self, value: &Expr, cases: &[Case]) -> String {
        if let [first, last] = cases
            && first.variant.is_some()
        {
            let pattern = held(&value.ty, first.variant, &first.names);
            let guard = match &first.guard {
                Some(guard) => format!(" && ({})", self.expr(guard)),
                None => String::new(),
            };
            let value = match self.expr(value) {
                text if text.contains('{') => format!("({text})"),
                text => text,
            };
            let (then, otherwise) = (self.inline(&first.body), self.inline(&last.body));
            return format!("if let {pattern} = {value}{guard} {then} else {otherwise}");
        }
        let of = &value.ty;
        let value = match self.expr(value) {
            text if text.contains('{') => format!("({text})"),
            text => text,
        };
        let mut text = format!("match {value} {{\n");
        self.indent += 1;
        for case in cases {
            let pattern = held(of, case.variant, &case.names);
            let guard = match &case.guard {
                Some(guard) => format!(" if {}", self.expr(guard)),
                None => String::new(),
            };
            let body = self.inline(&case.body);
            let _ = writeln!(text, "{:1$}{pattern}{guard} => {body}", "", self.indent * 4);
        }
        self.indent -= 1;
        let _ = write!(text, "{:1$}}}", "", self.indent * 4);
        text
    }

    pub(super) fn range(&mut self, range: &Range) -> String {
        let dots = if range.inclusive { "..=" } else { ".." };
        let (start, end) = (self.operand(&range.start), self.operand(&range.end));
        let mut text = format!("{start}{dots}{end}");
        if range.reversed || range.step > 1 {
            text = format!("({text})");
        }
        if range.reversed {
            text += ".rev()";
        }
        if range.step > 1 {
            text += &format!(".step_by({})", range.step);
        }
        text
    }
}

/// The pattern that an iterator's items fit.
pub(super) fn item(items: &Items) -> String {
    let element = match &items.names[..] {
        [one] => one.clone(),
        names => format!("({})", names.join(", ")),
    };
    match &items.number {
        Some(number) => format!("({number}, {element})"),
        None => element,
    }
}

pub(super) fn prefix(label: Option<&String>) -> String {
    label.map_or(String::new(), |label| format!("'{label}: "))
}

/// A variant with what it holds, as a pattern or as an expression.
pub(super) fn held(of: &Type, variant: Option<usize>, parts: &[String]) -> String {
    let (Type::Sum(sum), Some(variant)) = (of, variant) else {
        return "_".to_string();
    };
    let (name, types) = &sum.variants()[variant];
    match (*name, &types[..]) {
        (name, []) => name.to_string(),
        ("Shape::Disc", _) => format!("{name} {{ r: {} }}", parts.join(", ")),
        (name, _) => format!("{name}({})", parts.join(", ")),
    }
}
