//! Programs as Rust source.

use std::fmt::Write as _;

use crate::syntax::{
    Argument, Arm, Block, By, Case, Cut, End, Expr, Function, Items, Node, OnOption, Param, Place,
    Program, Range, Statement, Step, Type,
};

/// All functions, each with the attribute. `without` names optimisations to switch off.
pub(crate) fn program(program: &Program, without: &[&str]) -> String {
    attributed(program, without, &[])
}

/// The same with further options of the attribute.
pub(crate) fn attributed(program: &Program, without: &[&str], words: &[&str]) -> String {
    let attribute = |options: &str| match options {
        "" => "#[differentiable]\n".to_string(),
        _ => format!("#[differentiable({options})]\n"),
    };
    let texts: Vec<String> = functions(program, without, words)
        .into_iter()
        .map(|(options, text)| attribute(&options) + &text)
        .collect();
    texts.join("\n")
}

/// The attribute's options and the function, for each.
pub(crate) fn functions(
    program: &Program,
    without: &[&str],
    words: &[&str],
) -> Vec<(String, String)> {
    let functions = program.functions.iter();
    functions
        .map(|f| (options(f, without, words), function(program, f)))
        .collect()
}

/// The same without the attributes: what Rust itself thinks of the program.
pub(crate) fn plain(program: &Program) -> String {
    let mut stripped = program.clone();
    for param in stripped.functions.iter_mut().flat_map(|f| &mut f.params) {
        param.out = false;
        param.excluded = false;
    }
    let functions = stripped.functions.iter();
    let texts: Vec<String> = functions.map(|f| function(&stripped, f)).collect();
    texts.join("\n")
}

fn options(function: &Function, without: &[&str], words: &[&str]) -> String {
    let mut options: Vec<String> = words.iter().map(ToString::to_string).collect();
    if function.tape {
        options.push("tape".to_string());
    }
    if !without.is_empty() {
        options.push(format!("without({})", without.join(", ")));
    }
    options.join(", ")
}

fn function(program: &Program, function: &Function) -> String {
    let params: Vec<String> = function.params.iter().map(param).collect();
    let ret = match &function.ret {
        Type::Unit => String::new(),
        ret => format!(" -> {}", ty(ret)),
    };
    let mut printer = Printer {
        program,
        text: String::new(),
        indent: 0,
    };
    printer.block(&function.body);
    let (name, body) = (&function.name, printer.text);
    format!("pub fn {name}({}){ret} {body}\n", params.join(", "))
}

fn param(param: &Param) -> String {
    let mut text = String::new();
    if param.excluded {
        text += "#[nodiff] ";
    }
    if param.out {
        text += "#[out] ";
    }
    let by = match param.by {
        By::Value => "",
        By::Ref => "&",
        By::Mut => "&mut ",
    };
    text + &format!("{}: {by}{}", param.name, ty(&param.ty))
}

pub(crate) fn ty(of: &Type) -> String {
    match of {
        Type::Unit => "()".into(),
        Type::Float => "f64".into(),
        Type::Int => "usize".into(),
        Type::Bool => "bool".into(),
        Type::Array(element, n) => format!("[{}; {n}]", ty(element)),
        Type::Slice(element) => format!("[{}]", ty(element)),
        Type::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(ty).collect();
            format!("({})", parts.join(", "))
        }
        Type::Struct(s) => s.name().into(),
        Type::Sum(s) => s.name().into(),
    }
}

struct Printer<'a> {
    program: &'a Program,
    text: String,
    indent: usize,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{:1$}{text}", "", self.indent * 4);
    }

    /// The braces and what is between; no line break behind.
    fn block(&mut self, block: &Block) {
        self.text.push_str("{\n");
        self.indent += 1;
        for statement in &block.statements {
            let text = self.statement(statement);
            self.line(&text);
        }
        if let Some(value) = &block.value {
            let text = self.expr(value);
            self.line(&text);
        }
        self.indent -= 1;
        let _ = write!(self.text, "{:1$}}}", "", self.indent * 4);
    }

    /// A block as a piece of text, for what stands in the middle of a line.
    fn inline(&mut self, block: &Block) -> String {
        let before = std::mem::take(&mut self.text);
        self.block(block);
        std::mem::replace(&mut self.text, before)
    }

    fn statement(&mut self, statement: &Statement) -> String {
        match statement {
            Statement::Let {
                name,
                mutable,
                value,
            } => {
                let keyword = if *mutable { "let mut" } else { "let" };
                // Where nothing else tells rustc which float a literal is, a method call on the name would not compile.
                let of = if matches!(value.node, Node::Filled(..) | Node::ToVec(_)) {
                    ": Vec<f64>".to_string()
                } else if value.is_bare_literal() || matches!(value.ty, Type::Sum(_)) {
                    format!(": {}", ty(&value.ty))
                } else {
                    String::new()
                };
                format!("{keyword} {name}{of} = {};", self.expr(value))
            }
            Statement::LetParts { names, value } => {
                format!("let ({}) = {};", names.join(", "), self.expr(value))
            }
            Statement::LetElse {
                variant,
                names,
                value,
                otherwise,
            } => {
                let pattern = held(&value.ty, Some(*variant), names);
                let value = self.expr(value);
                format!("let {pattern} = {value} else {};", self.inline(otherwise))
            }
            Statement::Declare { name, ty: of } => format!("let {name}: {};", ty(of)),
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
                let params: Vec<String> = params.iter().map(|p| format!("{p}: f64")).collect();
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

    /// The place as an expression or as the target of an assignment.
    fn place(&mut self, place: &Place) -> String {
        if place.by != By::Value && place.steps.is_empty() {
            format!("*{}", place.root)
        } else {
            self.steps(place)
        }
    }

    fn steps(&mut self, place: &Place) -> String {
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
    fn operand(&mut self, expr: &Expr) -> String {
        let text = self.expr(expr);
        match &expr.node {
            Node::Float(x) if *x < 0.0 => format!("({text})"),
            Node::Read(place) if place.by != By::Value && place.steps.is_empty() => {
                format!("({text})")
            }
            Node::Float(_)
            | Node::Int(_)
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
    fn receiver(&mut self, expr: &Expr) -> String {
        match expr.node {
            Node::Float(x) => format!("({x:?}_f64)"),
            _ if expr.is_bare_literal() => format!("f64::from({})", self.expr(expr)),
            _ => self.operand(expr),
        }
    }

    fn expr(&mut self, expr: &Expr) -> String {
        match &expr.node {
            Node::Float(x) => format!("{x:?}"),
            Node::Int(n) => n.to_string(),
            Node::Bool(b) => b.to_string(),
            Node::Read(place) => self.place(place),
            Node::Length(place) => self.steps(place) + ".len()",
            Node::Neg(a) => format!("-{}", self.operand(a)),
            Node::Not(a) => format!("!{}", self.operand(a)),
            Node::Cast(a) => format!("{} as {}", self.operand(a), ty(&expr.ty)),
            Node::Binary(op, a, b) => {
                format!("{} {} {}", self.operand(a), op.text(), self.operand(b))
            }
            Node::Method(method, arguments) => {
                let receiver = self.receiver(&arguments[0]);
                let rest: Vec<String> = arguments[1..].iter().map(|a| self.expr(a)).collect();
                format!("{receiver}.{}({})", method.name, rest.join(", "))
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
            Node::Match(number, arms) => self.choice(number, arms),
            Node::Variant(variant, parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
                held(&expr.ty, Some(*variant), &parts)
            }
            Node::When(value, cases) => self.when(value, cases),
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
            Node::Call(number, arguments) => {
                let name = match self.program.functions.get(*number) {
                    Some(function) => function.name.clone(),
                    None => "missing".to_string(),
                };
                let arguments: Vec<String> = arguments.iter().map(|a| self.argument(a)).collect();
                format!("{name}({})", arguments.join(", "))
            }
        }
    }

    fn literal(&mut self, of: &Type, parts: &[Expr]) -> String {
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

    fn items(&mut self, items: &Items) -> String {
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

    fn chain(&mut self, items: &Items, filter: Option<&Expr>, end: &End, body: &Expr) -> String {
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
                    Node::Float(x) => format!("{x:?}_f64"),
                    _ => self.expr(start),
                };
                text + &format!(".fold({start}, |{so_far}, {item}| {body})")
            }
        }
    }

    fn choice(&mut self, number: &Expr, arms: &[Arm]) -> String {
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

    fn when(&mut self, value: &Expr, cases: &[Case]) -> String {
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

    fn range(&mut self, range: &Range) -> String {
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

    fn argument(&mut self, argument: &Argument) -> String {
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

/// The pattern that an iterator's items fit.
fn item(items: &Items) -> String {
    let element = match &items.names[..] {
        [one] => one.clone(),
        names => format!("({})", names.join(", ")),
    };
    match &items.number {
        Some(number) => format!("({number}, {element})"),
        None => element,
    }
}

fn prefix(label: Option<&String>) -> String {
    label.map_or(String::new(), |label| format!("'{label}: "))
}

fn exit(keyword: &str, label: Option<&String>, value: Option<String>) -> String {
    let label = label.map_or(String::new(), |label| format!(" '{label}"));
    let value = value.map_or(String::new(), |value| format!(" {value}"));
    format!("{keyword}{label}{value};")
}

/// A variant with what it holds, as a pattern or as an expression.
fn held(of: &Type, variant: Option<usize>, parts: &[String]) -> String {
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
