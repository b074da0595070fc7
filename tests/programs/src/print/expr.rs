//! Expressions, places, calls.

use super::Printer;
use super::flow::{item, prefix};
use super::pattern::held;
use crate::syntax::{
    Argument, By, Expr, Function, Home, Node, OnInteger, OnOption, Over, Param, Place, Step, Type,
};

impl Printer<'_> {
    /// The place as an expression or as the target of an assignment.
    pub(super) fn place(&mut self, place: &Place) -> String {
        if place.by != By::Value && place.steps.is_empty() {
            format!("*{}", place.root)
        } else {
            self.steps(place)
        }
    }

    pub(super) fn steps(&mut self, place: &Place) -> String {
        let mut text = place.root.clone();
        for step in &place.steps {
            match step {
                Step::Index(index) => text += &format!("[{}]", self.expr(index)),
                Step::Field(_, name) => text += &format!(".{name}"),
                Step::Range(low, high) => {
                    text += &format!("[{}..{}]", self.operand(low), self.operand(high));
                }
            }
        }
        text
    }

    /// An expression that something binds to: in parentheses, unless it is one token or nearly so.
    pub(super) fn operand(&mut self, expr: &Expr) -> String {
        let text = self.expr(expr);
        match &expr.node {
            Node::Float(x) if *x < 0.0 && !self.generic() => format!("({text})"),
            Node::Cast(_) if self.generic() && expr.ty == Type::Float => text,
            Node::Read(place) if place.by != By::Value && place.steps.is_empty() => {
                format!("({text})")
            }
            Node::Small(n) if *n < 0 => format!("({text})"),
            Node::Float(_)
            | Node::Small(_)
            | Node::Int(_)
            | Node::Widen(_)
            | Node::OnInteger(..)
            | Node::PowiBy(..)
            | Node::Bool(_)
            | Node::Read(_)
            | Node::Length(_)
            | Node::Method(..)
            | Node::Powi(..)
            | Node::SinCos(_)
            | Node::StopGradient(_)
            | Node::Apply(..)
            | Node::Call(..) => text,
            _ => format!("({text})"),
        }
    }

    /// What a method is called on: a literal there says its type.
    pub(super) fn receiver(&mut self, expr: &Expr) -> String {
        match expr.node {
            Node::Float(x) if !self.generic() => format!("({})", self.typed(x)),
            _ if !self.generic() && expr.is_bare_literal() => match self.function.over {
                Over::Single => format!("({} as f32)", self.operand(expr)),
                _ => format!("f64::from({})", self.expr(expr)),
            },
            _ => self.operand(expr),
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> String {
        match &expr.node {
            Node::Float(x) => self.number(*x),
            Node::Int(n) => n.to_string(),
            Node::Small(n) => format!("{n}_{}", self.ty(&expr.ty)),
            Node::Bool(b) => b.to_string(),
            Node::Read(place) => self.place(place),
            Node::Length(place) => match self.length_of(place) {
                Some(n) => n.to_string(),
                None => self.steps(place) + ".len()",
            },
            Node::Neg(a) => format!("-{}", self.operand(a)),
            Node::Not(a) => format!("!{}", self.operand(a)),
            Node::Cast(a) if self.generic() && expr.ty == Type::Float => {
                format!("T::from_f64({} as f64)", self.operand(a))
            }
            Node::Cast(a) => format!("{} as {}", self.operand(a), self.ty(&expr.ty)),
            Node::Binary(op, a, b) => {
                format!("{} {} {}", self.operand(a), op.text(), self.operand(b))
            }
            Node::Method(method, arguments) => {
                let receiver = self.receiver(&arguments[0]);
                let rest: Vec<String> = arguments[1..].iter().map(|a| self.expr(a)).collect();
                format!("{receiver}.{}({})", method.name, rest.join(", "))
            }
            Node::PowiBy(a, n) => format!("{}.powi({})", self.receiver(a), self.expr(n)),
            Node::Widen(a) if self.generic() => {
                format!("T::from_f64(f64::from({}))", self.expr(a))
            }
            Node::Widen(a) if self.function.over == Over::Single => {
                format!("({} as f32)", self.operand(a))
            }
            Node::Widen(a) => format!("f64::from({})", self.expr(a)),
            Node::OnInteger(method, list) => {
                let receiver = self.operand(&list[0]);
                let rest = match list.get(1) {
                    Some(second) => self.expr(second),
                    None if *method == OnInteger::Pow => "2".to_string(),
                    None => String::new(),
                };
                format!("{receiver}.{}({rest})", method.name())
            }
            Node::Powi(a, n) => format!("{}.powi({n})", self.receiver(a)),
            Node::SinCos(a) => format!("{}.sin_cos()", self.receiver(a)),
            Node::StopGradient(a) => format!("stop_gradient({})", self.expr(a)),
            Node::Build(parts) => self.literal(&expr.ty, parts),
            Node::Repeat(a) => match &expr.ty {
                Type::Array(_, n) => format!("[{}; {n}]", self.expr(a)),
                _ => unreachable!("only arrays repeat"),
            },
            Node::If(condition, then, otherwise) => {
                let condition = self.expr(condition);
                let mut text = format!("if {condition} {}", self.inline(then));
                if let Some(otherwise) = otherwise {
                    text += &format!(" else {}", self.inline(otherwise));
                }
                text
            }
            Node::Match(subject, arms) => self.choice(subject, arms),
            Node::Lent(place, true) => self.argument(&Argument::Mut(place.clone())),
            Node::Lent(place, false) => self.argument(&Argument::Ref(place.clone())),
            Node::Variant(variant, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
                match &expr.ty {
                    Type::Sum(sum) => held(*sum, *variant, &parts),
                    _ => unreachable!("only sums have variants"),
                }
            }
            Node::For {
                label,
                name,
                range,
                body,
            } => {
                let (range, label) = (self.range(range), prefix(label.as_ref()));
                format!("{label}for {name} in {range} {}", self.inline(body))
            }
            Node::While {
                label,
                condition,
                body,
            } => {
                let (condition, label) = (self.expr(condition), prefix(label.as_ref()));
                format!("{label}while {condition} {}", self.inline(body))
            }
            Node::Loop { label, body } => {
                format!("{}loop {}", prefix(label.as_ref()), self.inline(body))
            }
            Node::Block(block) => self.inline(block),
            Node::Labeled(label, block) => format!("'{label}: {}", self.inline(block)),
            Node::Each { label, items, body } => {
                let (of, label) = (self.items(items), prefix(label.as_ref()));
                format!("{label}for {} in {of} {}", item(items), self.inline(body))
            }
            Node::Chain {
                items,
                filter,
                end,
                body,
            } => self.chain(items, filter.as_deref(), end, body),
            Node::Apply(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|a| self.expr(a)).collect();
                format!("{name}({})", arguments.join(", "))
            }
            Node::OnOption(value, method) => {
                let value = self.operand(value);
                match method {
                    OnOption::IsSome => format!("{value}.is_some()"),
                    OnOption::UnwrapOr(x) => format!("{value}.unwrap_or({})", self.expr(x)),
                    OnOption::MapOr(x, name, body) => {
                        let (x, body) = (self.expr(x), self.expr(body));
                        format!("{value}.map_or({x}, |{name}| {body})")
                    }
                }
            }
            Node::Replace(place, value) => {
                let place = self.argument(&Argument::Mut(place.clone()));
                format!("std::mem::replace({place}, {})", self.expr(value))
            }
            Node::Filled(value, length) => {
                format!("vec![{}; {}]", self.expr(value), self.expr(length))
            }
            Node::ToVec(place) => self.steps(place) + ".to_vec()",
            Node::Counted(value, place) => {
                let n = self.length_of(place).unwrap_or("0");
                format!("[{}; {n}]", self.expr(value))
            }
            Node::Call(number, arguments) => self.call(*number, arguments),
        }
    }

    pub(super) fn call(&mut self, number: usize, arguments: &[Argument]) -> String {
        let Some(function) = self.program.functions.get(number) else {
            return "missing()".to_string();
        };
        let mut texts: Vec<String> = arguments.iter().map(|a| self.argument(a)).collect();
        if function.over == Over::Single && self.function.over == Over::Double {
            return self.narrow_call(function, arguments);
        }
        // The first float tells what `T` is.
        if function.over == Over::Real
            && let Some(at) = function.params.iter().position(|p| p.ty == Type::Float)
            && let Some(Argument::Value(first)) = arguments.get(at)
        {
            texts[at] = self.receiver(first);
        }
        for (k, param) in function.params.iter().enumerate() {
            let constant = matches!(
                arguments.get(k),
                Some(Argument::Value(value)) if matches!(value.node, Node::Float(_))
            );
            // An active argument would lose its derivative: the macro wants that said.
            if param.excluded && !constant && k < arguments.len() {
                texts[k] = self.stopped(&arguments[k]);
            }
        }
        let owned = function.home != Home::Free;
        let path = match self.function.home {
            _ if !owned => "",
            Home::Free => "Planet::",
            _ => "Self::",
        };
        // With or without a dot.
        if function.params.first().is_some_and(Param::is_self)
            && !texts.is_empty()
            && !number.is_multiple_of(3)
        {
            let of = match &arguments[0] {
                Argument::Ref(place) | Argument::Mut(place) => self.steps(place),
                Argument::Value(value) | Argument::Temporary(value) => self.operand(value),
            };
            return format!("{of}.{}({})", function.name, texts[1..].join(", "));
        }
        let counted = function.params.iter().any(|p| p.length.is_some());
        let of = match function.over == Over::Real && !counted && number.is_multiple_of(2) {
            true => format!("::<{}>", self.float()),
            false => String::new(),
        };
        format!("{path}{}{of}({})", function.name, texts.join(", "))
    }

    /// `(h0(x as f32) as f64)`.
    fn narrow_call(&mut self, function: &Function, arguments: &[Argument]) -> String {
        let texts = arguments.iter().map(|argument| match argument {
            Argument::Value(value) if value.ty == Type::Float => {
                format!("{} as f32", self.operand(value))
            }
            other => self.argument(other),
        });
        let texts: Vec<String> = texts.collect();
        format!("({}({}) as f64)", function.name, texts.join(", "))
    }

    /// An argument without its derivative.
    fn stopped(&mut self, argument: &Argument) -> String {
        match argument {
            Argument::Mut(_) => self.argument(argument),
            _ => format!("stop_gradient({})", self.argument(argument)),
        }
    }

    pub(super) fn literal(&mut self, of: &Type, parts: &[Expr]) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
        match of {
            Type::Struct(s) => {
                let fields = s.fields().into_iter().zip(&parts);
                let fields: Vec<String> = fields
                    .map(|((name, _), x)| format!("{name}: {x}"))
                    .collect();
                format!("{} {{ {} }}", s.name(), fields.join(", "))
            }
            Type::Tuple(_) => format!("({})", parts.join(", ")),
            _ => format!("[{}]", parts.join(", ")),
        }
    }

    pub(super) fn argument(&mut self, argument: &Argument) -> String {
        match argument {
            Argument::Value(value) => self.expr(value),
            Argument::Temporary(value) => format!("&{}", self.operand(value)),
            Argument::Ref(place) => match (place.by, &place.steps[..]) {
                // A reference is handed on as it is.
                (By::Ref, []) => place.root.clone(),
                (By::Mut, []) => format!("&*{}", place.root),
                _ => format!("&{}", self.steps(place)),
            },
            Argument::Mut(place) => match (place.by, &place.steps[..]) {
                (By::Mut, []) => place.root.clone(),
                _ => format!("&mut {}", self.steps(place)),
            },
        }
    }
}
