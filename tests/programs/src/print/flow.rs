//! Iterators and ranges.

use super::Printer;
use crate::syntax::{Cut, End, Expr, Items, Node, Range};

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
        let (body, float) = (self.expr(body), self.float());
        match end {
            End::Sum => text + &format!(".map(|{item}| {body}).sum::<{float}>()"),
            End::Product => text + &format!(".map(|{item}| {body}).product::<{float}>()"),
            End::Fold(start, so_far) => {
                let start = match start.node {
                    Node::Float(x) => self.typed(x),
                    _ => self.expr(start),
                };
                text + &format!(".fold({start}, |{so_far}, {item}| {body})")
            }
        }
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
