//! Programs as Rust source.

mod expr;
mod flow;
mod item;
mod pattern;
mod statement;

use std::fmt::Write as _;

use item::Item;
pub(crate) use item::items;

use crate::syntax::{Block, By, Function, Over, Param, Place, Program, Type};

/// All functions, each with the attribute. `without` names optimisations to switch off.
pub(crate) fn program(program: &Program, without: &[&str]) -> String {
    attributed(program, without, &[])
}

/// The same with further options of the attribute.
pub(crate) fn attributed(program: &Program, without: &[&str], words: &[&str]) -> String {
    let items = items(program, without, words);
    let texts: Vec<String> = items.iter().map(Item::attributed).collect();
    texts.join("\n")
}

/// The same without the attributes: what Rust itself thinks of the program.
pub(crate) fn plain(program: &Program) -> String {
    let mut stripped = program.clone();
    for function in &mut stripped.functions {
        function.tape = false;
        function.named = false;
        for param in &mut function.params {
            param.out = false;
            param.excluded = false;
        }
    }
    let items = items(&stripped, &[], &[]);
    let texts: Vec<String> = items.iter().map(Item::plain).collect();
    texts.join("\n")
}

fn options(function: &Function, without: &[&str], words: &[&str]) -> String {
    let mut options: Vec<String> = words.iter().map(ToString::to_string).collect();
    if function.tape {
        options.push("tape".to_string());
    }
    if function.named {
        let active = function.params.iter().filter(|p| p.active());
        let names: Vec<&str> = active.map(|p| &p.name[..]).collect();
        options.push(format!("wrt({})", names.join(", ")));
    }
    if !without.is_empty() {
        options.push(format!("without({})", without.join(", ")));
    }
    options.join(", ")
}

/// What stands before the body.
fn head(program: &Program, function: &Function) -> String {
    let printer = Printer::new(program, function);
    let params: Vec<String> = function.params.iter().map(|p| printer.param(p)).collect();
    let ret = match &function.ret {
        Type::Unit => String::new(),
        ret => format!(" -> {}", printer.ty(ret)),
    };
    let (name, generics) = (&function.name, generics(function));
    format!("fn {name}{generics}({}){ret}", params.join(", "))
}

fn function(program: &Program, function: &Function) -> String {
    let mut printer = Printer::new(program, function);
    printer.block(&function.body);
    format!("{} {}\n", head(program, function), printer.text)
}

/// `<T: Real, const N: usize>`, or nothing.
fn generics(function: &Function) -> String {
    let mut list: Vec<String> = Vec::new();
    if function.over == Over::Real {
        list.push("T: Real".into());
    }
    let lengths = function.params.iter().filter_map(|p| p.length);
    list.extend(lengths.map(|n| format!("const {n}: usize")));
    if list.is_empty() {
        return String::new();
    }
    format!("<{}>", list.join(", "))
}

pub(crate) fn ty(of: &Type) -> String {
    ty_over(of, "f64")
}

/// A type whose floats have a name.
fn ty_over(of: &Type, float: &str) -> String {
    match of {
        Type::Unit => "()".into(),
        Type::Float => float.into(),
        Type::Int => "usize".into(),
        Type::Small(kind) => kind.name().into(),
        Type::Bool => "bool".into(),
        Type::Array(element, n) => format!("[{}; {n}]", ty_over(element, float)),
        Type::Slice(element) => format!("[{}]", ty_over(element, float)),
        Type::Tuple(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| ty_over(part, float)).collect();
            format!("({})", parts.join(", "))
        }
        Type::Struct(s) => s.name().into(),
        Type::Sum(s) => s.name().replace("f64", float),
    }
}

struct Printer<'a> {
    program: &'a Program,
    /// The one that is printed.
    function: &'a Function,
    text: String,
    indent: usize,
}

impl<'a> Printer<'a> {
    fn new(program: &'a Program, function: &'a Function) -> Printer<'a> {
        Printer {
            program,
            function,
            text: String::new(),
            indent: 0,
        }
    }

    /// What its floats are.
    fn float(&self) -> &'static str {
        self.function.over.name()
    }

    fn generic(&self) -> bool {
        self.function.over == Over::Real
    }

    fn ty(&self, of: &Type) -> String {
        ty_over(of, self.float())
    }

    fn param(&self, param: &Param) -> String {
        let mut text = String::new();
        if param.excluded && !self.function.named {
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
        if param.is_self() {
            return format!("{by}self");
        }
        let of = match (&param.ty, param.length) {
            (Type::Slice(element), Some(n)) => format!("[{}; {n}]", self.ty(element)),
            (of, _) => self.ty(of),
        };
        text + &format!("{}: {by}{of}", param.name)
    }

    /// The const parameter that is the length of a parameter.
    fn length_of(&self, place: &Place) -> Option<&'static str> {
        let param = self.function.params.iter().find(|p| p.name == place.root)?;
        param.length.filter(|_| place.steps.is_empty())
    }

    /// A literal that stands where a float is wanted.
    fn number(&self, x: f64) -> String {
        match self.generic() {
            true => format!("T::from_f64({x:?})"),
            false => format!("{x:?}"),
        }
    }

    /// The same where nothing else says which float it is.
    fn typed(&self, x: f64) -> String {
        match self.generic() {
            true => self.number(x),
            false => format!("{x:?}_{}", self.float()),
        }
    }

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
}
