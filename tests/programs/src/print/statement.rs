//! Statements.

use super::Printer;
use super::pattern::{is_open, pattern};
use crate::syntax::{Argument, Node, Statement, Type};

impl Printer<'_> {
    pub(super) fn statement(&mut self, statement: &Statement) -> String {
        match statement {
            Statement::Let {
                name,
                mutable,
                value,
            } => {
                let keyword = if *mutable { "let mut" } else { "let" };
                // Where nothing else tells rustc which float a literal is, a method call on the name would not compile.
                let of = if matches!(value.node, Node::Filled(..) | Node::ToVec(_)) {
                    format!(": Vec<{}>", self.float())
                } else if let Node::Counted(_, place) = &value.node {
                    let n = self.length_of(place).unwrap_or("0");
                    format!(": [{}; {n}]", self.float())
                } else if value.is_bare_literal() || matches!(value.ty, Type::Sum(_)) {
                    format!(": {}", self.ty(&value.ty))
                } else {
                    String::new()
                };
                format!("{keyword} {name}{of} = {};", self.expr(value))
            }
            Statement::LetPattern {
                pattern: of,
                value,
                otherwise,
            } => {
                let of = match pattern(of, &value.ty) {
                    text if is_open(of) => format!("({text})"),
                    text => text,
                };
                let ty = match value.is_bare_literal() {
                    true => format!(": {}", self.ty(&value.ty)),
                    false => String::new(),
                };
                let value = self.expr(value);
                match otherwise {
                    Some(otherwise) => {
                        format!("let {of}{ty} = {value} else {};", self.inline(otherwise))
                    }
                    None => format!("let {of}{ty} = {value};"),
                }
            }
            Statement::Declare { name, ty: of } => format!("let {name}: {};", self.ty(of)),
            Statement::Borrow { name, place } => {
                format!("let {name} = &mut {};", self.steps(place))
            }
            Statement::Choose {
                name,
                mutable,
                condition,
                places,
            } => {
                let condition = self.expr(condition);
                let [a, b] = places.clone().map(|place| match mutable {
                    // A reference is lent, so that it comes back.
                    true => match self.argument(&Argument::Mut(place)) {
                        text if text.starts_with('&') => text,
                        text => format!("&mut *{text}"),
                    },
                    false => self.argument(&Argument::Ref(place)),
                });
                format!("let {name} = if {condition} {{ {a} }} else {{ {b} }};")
            }
            Statement::Split {
                names: [a, b],
                mutable,
                place,
                at,
            } => {
                let method = if *mutable { "split_at_mut" } else { "split_at" };
                let (place, at) = (self.steps(place), self.expr(at));
                format!("let ({a}, {b}) = {place}.{method}({at});")
            }
            Statement::Assign(place, value) => {
                format!("{} = {};", self.place(place), self.expr(value))
            }
            Statement::Update(op, place, value) => {
                let (place, value) = (self.place(place), self.expr(value));
                format!("{place} {}= {value};", op.text())
            }
            Statement::AssignParts(places, values) => {
                let places: Vec<String> = places.iter().map(|p| self.place(p)).collect();
                let values: Vec<String> = values.iter().map(|v| self.expr(v)).collect();
                format!("({}) = ({});", places.join(", "), values.join(", "))
            }
            Statement::Closure { name, params, body } => {
                let float = self.float();
                let params: Vec<String> = params.iter().map(|p| format!("{p}: {float}")).collect();
                let body = self.expr(body);
                format!("let {name} = |{}| {body};", params.join(", "))
            }
            Statement::Swap(place, i, j) => {
                let (i, j) = (self.expr(i), self.expr(j));
                format!("{}.swap({i}, {j});", self.steps(place))
            }
            Statement::Exchange(a, b) => {
                let [a, b] = [a, b].map(|p| self.argument(&Argument::Mut(p.clone())));
                format!("std::mem::swap({a}, {b});")
            }
            Statement::Fill(place, value) => {
                let value = self.expr(value);
                format!("{}.fill({value});", self.steps(place))
            }
            Statement::CopyFrom(to, from) => {
                let from = self.argument(&Argument::Ref(from.clone()));
                format!("{}.copy_from_slice({from});", self.steps(to))
            }
            Statement::Break(label, value) => {
                // A label behind `break` would be the one to leave.
                let value = value.as_ref().map(|v| match v.node {
                    Node::Labeled(..) => format!("({})", self.expr(v)),
                    _ => self.expr(v),
                });
                exit("break", label.as_ref(), value)
            }
            Statement::Continue(label) => exit("continue", label.as_ref(), None),
            Statement::Return(value) => {
                let value = value.as_ref().map(|v| self.expr(v));
                exit("return", None, value)
            }
            Statement::Do(expr) => {
                let text = self.expr(expr);
                match expr.node {
                    Node::Call(..) => text + ";",
                    _ => text,
                }
            }
        }
    }
}

fn exit(keyword: &str, label: Option<&String>, value: Option<String>) -> String {
    let label = label.map_or(String::new(), |label| format!(" '{label}"));
    let value = value.map_or(String::new(), |value| format!(" {value}"));
    format!("{keyword}{label}{value};")
}
