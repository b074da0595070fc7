//! The scratch crate's files.

use std::fmt::Write as _;

use super::expand;
use super::points::{self, POINTS};
use super::scratch::{Message, Profile};
use crate::print;
use crate::syntax::{By, Param, Program, Type};

pub(crate) const PRELUDE: &str = include_str!("prelude.rs");

/// Everything that can be switched off.
const OPTIMISATIONS: [&str; 5] = ["fold", "cse", "dce", "fuse", "lanes"];

/// `main.rs` for modules of these numbers.
pub(crate) fn main(numbers: &[usize]) -> String {
    let mut text = String::from("#![allow(warnings, arithmetic_overflow, unconditional_panic)]\n");
    text += "mod prelude;\n";
    for k in numbers {
        let _ = writeln!(text, "mod p{k};");
    }
    let rows: Vec<Vec<f64>> = (0..POINTS).map(points::inputs).collect();
    let _ = writeln!(text, "pub const INPUTS: &[&[f64]] = &{};", table(&rows));
    let directions = points::directions();
    let _ = writeln!(text, "pub const DIRECTIONS: &[f64] = &{directions:?};");
    text += "fn main() {\n    std::panic::set_hook(Box::new(|_| {}));\n";
    for k in numbers {
        let _ = writeln!(text, "    p{k}::run();");
    }
    text + "}\n"
}

fn table(rows: &[Vec<f64>]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("&{row:?}")).collect();
    format!("[{}]", rows.join(", "))
}

/// How a batch is compiled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Way {
    /// By rustc with the macro; else the compiler runs here, once for all builds, and rustc sees what it wrote.
    pub(crate) with_macro: bool,
    /// One of so many programs is compiled without our optimisations, too.
    pub(crate) off: usize,
    /// Forward mode and products with the Hessian, too.
    pub(crate) modes: bool,
}

impl Way {
    /// What is asked for.
    fn words(self) -> &'static [&'static str] {
        if self.modes { &["jvp", "hvp"] } else { &[] }
    }
}

/// What is called of a program.
#[derive(Clone, Copy)]
enum Call {
    Primal,
    Gradient { seeded: bool },
    Forward,
    Second,
}

/// What it prints, the cotangents, the function, and what that is.
type Row = (&'static str, &'static str, &'static str, Call);

/// What the module of a program runs.
fn calls(off: bool, modes: bool) -> Vec<Row> {
    let mut calls: Vec<Row> = vec![
        ("value", "NONE", "on::f", Call::Primal),
        (
            "on-grad",
            "NONE",
            "on::f_grad",
            Call::Gradient { seeded: false },
        ),
        (
            "on-vjp",
            "SEEDS",
            "on::f_vjp",
            Call::Gradient { seeded: true },
        ),
    ];
    if modes {
        calls.push(("on-jvp", "NONE", "on::f_jvp", Call::Forward));
        calls.push(("on-hvp", "SEEDS", "on::f_hvp", Call::Second));
    }
    if off {
        calls.push((
            "off-vjp",
            "SEEDS",
            "off::f_vjp",
            Call::Gradient { seeded: true },
        ));
    }
    calls
}

/// Whether the module of this number has the program without optimisations, too. What rustc makes of that is seen in one profile.
fn with_off(number: usize, way: Way, profile: Profile) -> bool {
    profile == Profile::Debug && number.is_multiple_of(way.off)
}

/// What the module of a number prints last.
pub(crate) fn last(number: usize, way: Way, profile: Profile) -> &'static str {
    let calls = calls(with_off(number, way, profile), way.modes);
    calls.last().map_or("", |call| call.0)
}

/// The module of a program: as it is compiled by default and without optimisations, and what calls both. Or what the compiler says.
pub(crate) fn module(
    number: usize,
    program: &Program,
    profile: Profile,
    way: Way,
) -> Result<String, Message> {
    let mut text = String::from("use crate::prelude::*;\n\n");
    let off = with_off(number, way, profile);
    let kinds = [("on", &[][..]), ("off", &OPTIMISATIONS)];
    for (name, without) in &kinds[..1 + usize::from(off)] {
        let body = if way.with_macro {
            print::attributed(program, without, way.words())
        } else {
            expand::program(program, without, way.words())?
        };
        let _ = writeln!(text, "pub mod {name} {{\nuse super::*;\n{body}}}\n");
    }
    let none = vec![0.0; points::cotangents().len()];
    let _ = writeln!(text, "const NONE: &[f64] = &{none:?};");
    let _ = writeln!(text, "const SEEDS: &[f64] = &{:?};", points::cotangents());
    let params = &program.entry().params;
    let tape = program.entry().tape;
    text += "pub fn run() {\n";
    for (what, seeds, path, call) in calls(off, way.modes) {
        let body = match call {
            Call::Primal => primal(params, path),
            Call::Gradient { seeded } => gradient(params, path, seeded, tape),
            Call::Forward => forward(params, path),
            Call::Second => second(params, path, tape),
        };
        let _ = writeln!(
            text,
            "    run_at({number}, \"{what}\", {seeds}, |p| {{{body}}});"
        );
    }
    Ok(text + "}\n")
}

/// The program without attributes, compiled to see whether Rust accepts it.
pub(crate) fn plain_module(program: &Program) -> String {
    let body = print::plain(program);
    format!("use crate::prelude::*;\n\n{body}\npub fn run() {{}}\n")
}

/// The arguments' declarations, and how each is passed.
fn arguments(params: &[Param]) -> (String, Vec<String>) {
    let (mut declared, mut passed) = (String::new(), Vec::new());
    for param in params {
        let name = &param.name;
        if param.ty == Type::Int {
            passed.push("p.n".to_string());
            continue;
        }
        let take = match &param.ty {
            Type::Slice(element) => format!("p.slice::<{}>()", print::ty(element)),
            ty => format!("p.take::<{}>()", print::ty(ty)),
        };
        let _ = write!(declared, " let mut {name} = {take};");
        let by = match param.by {
            By::Value => "",
            By::Ref => "&",
            By::Mut => "&mut ",
        };
        passed.push(format!("{by}{name}"));
    }
    (declared, passed)
}

fn put(params: &[Param], which: impl Fn(&Param) -> bool, prefix: &str, how: &str) -> String {
    let chosen = params.iter().filter(|p| which(p));
    chosen.fold(String::new(), |mut text, param| {
        let whole = if matches!(param.ty, Type::Slice(_)) {
            "[..]"
        } else {
            ""
        };
        let _ = write!(text, " p.{how}(&mut {prefix}{}{whole});", param.name);
        text
    })
}

fn primal(params: &[Param], path: &str) -> String {
    let (declared, passed) = arguments(params);
    let outputs = put(params, |p| p.by == By::Mut, "", "put");
    let passed = passed.join(", ");
    format!("{declared} let mut r = {path}({passed}); p.put(&mut r);{outputs} ")
}

fn gradient(params: &[Param], path: &str, seeded: bool, tape: bool) -> String {
    let (mut text, values) = arguments(params);
    let (mut passed, mut results) = (Vec::new(), vec!["mut r".to_string()]);
    for (param, value) in params.iter().zip(values) {
        let name = &param.name;
        passed.push(value);
        if !param.active() {
            continue;
        }
        if param.by == By::Value {
            results.push(format!("mut d_{name}"));
            continue;
        }
        let start = if param.by == By::Mut { "seed" } else { "start" };
        let whole = if matches!(param.ty, Type::Slice(_)) {
            "[..]"
        } else {
            ""
        };
        let _ = write!(
            text,
            " let mut d_{name} = {name}.clone(); p.{start}(&mut d_{name}{whole});"
        );
        passed.push(format!("&mut d_{name}"));
    }
    if seeded {
        passed.push(format!("{:?}", points::SEED));
    }
    if tape {
        passed.push("&mut Tape::new()".to_string());
    }
    let results = match &results[..] {
        [one] => one.clone(),
        _ => format!("({})", results.join(", ")),
    };
    let _ = write!(
        text,
        " let {results} = {path}({}); p.put(&mut r);",
        passed.join(", ")
    );
    text += &put(params, |p| p.by == By::Mut, "", "put");
    for param in params.iter().filter(|p| p.active()) {
        let how = if param.by == By::Ref {
            "put_added"
        } else {
            "put"
        };
        text += &put(std::slice::from_ref(param), |_| true, "d_", how);
    }
    text + " "
}

/// Declares the tangent of each active parameter.
fn directions(params: &[Param]) -> String {
    let active = params.iter().filter(|p| p.active());
    active.fold(String::new(), |mut text, param| {
        let name = &param.name;
        let whole = whole(param);
        let _ = write!(
            text,
            " let mut v_{name} = {name}.clone(); p.direction(&mut v_{name}{whole});"
        );
        text
    })
}

fn whole(param: &Param) -> &'static str {
    match param.ty {
        Type::Slice(_) => "[..]",
        _ => "",
    }
}

/// By what a parameter, or what rides beside it, is passed.
fn passed(param: &Param, prefix: &str) -> String {
    let by = match param.by {
        By::Value => "",
        By::Ref => "&",
        By::Mut => "&mut ",
    };
    format!("{by}{prefix}{}", param.name)
}

/// The value and what is left in outputs, then the tangents of both.
fn forward(params: &[Param], path: &str) -> String {
    let (mut text, values) = arguments(params);
    text += &directions(params);
    let mut args = Vec::new();
    for (param, value) in params.iter().zip(values) {
        args.push(value);
        if param.active() {
            args.push(passed(param, "v_"));
        }
    }
    let args = args.join(", ");
    let _ = write!(
        text,
        " let (mut r, mut v_r) = {path}({args}); p.put(&mut r);"
    );
    text += &put(params, |p| p.by == By::Mut, "", "put");
    text += " p.put(&mut v_r);";
    for param in params.iter().filter(|p| p.by == By::Mut) {
        text += &match param.active() {
            true => put(std::slice::from_ref(param), |_| true, "v_", "put"),
            false => put(std::slice::from_ref(param), |_| true, "", "put_zeros"),
        };
    }
    text + " "
}

/// The value and what is left in outputs, then the product of the Hessian with the direction.
fn second(params: &[Param], path: &str, tape: bool) -> String {
    let (mut text, values) = arguments(params);
    text += &directions(params);
    let (mut args, mut results) = (Vec::new(), vec!["mut r".to_string()]);
    for (param, value) in params.iter().zip(values) {
        let (name, whole) = (&param.name, whole(param));
        args.push(value);
        if !param.active() {
            continue;
        }
        args.push(passed(param, "v_"));
        match param.by {
            By::Value => results.push(format!("mut h_{name}")),
            By::Ref => {
                let _ = write!(
                    text,
                    " let mut h_{name} = {name}.clone(); p.start(&mut h_{name}{whole});"
                );
                args.push(format!("&mut h_{name}"));
            }
            By::Mut => {
                let _ = write!(
                    text,
                    " let mut d_{name} = {name}.clone(); p.seed(&mut d_{name}{whole}); let mut h_{name} = {name}.clone(); p.clear(&mut h_{name}{whole});"
                );
                args.push(format!("&mut d_{name}, &mut h_{name}"));
            }
        }
    }
    if tape {
        args.push("&mut Tape::new()".to_string());
    }
    let results = match &results[..] {
        [one] => one.clone(),
        _ => format!("({})", results.join(", ")),
    };
    let args = args.join(", ");
    let _ = write!(text, " let {results} = {path}({args}); p.put(&mut r);");
    text += &put(params, |p| p.by == By::Mut, "", "put");
    for param in params.iter().filter(|p| p.active()) {
        let how = if param.by == By::Ref {
            "put_added"
        } else {
            "put"
        };
        text += &put(std::slice::from_ref(param), |_| true, "h_", how);
    }
    text + " "
}
