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
}

/// What the module of a program runs: what it prints, the cotangents, the function, and for a gradient whether it is seeded.
fn calls(off: bool) -> &'static [(&'static str, &'static str, &'static str, Option<bool>)] {
    let calls = &[
        ("value", "NONE", "on::f", None),
        ("on-grad", "NONE", "on::f_grad", Some(false)),
        ("on-vjp", "SEEDS", "on::f_vjp", Some(true)),
        ("off-vjp", "SEEDS", "off::f_vjp", Some(true)),
    ];
    if off { calls } else { &calls[..3] }
}

/// Whether the module of this number has the program without optimisations, too. What rustc makes of that is seen in one profile.
fn with_off(number: usize, way: Way, profile: Profile) -> bool {
    profile == Profile::Debug && number.is_multiple_of(way.off)
}

/// What the module of a number prints last.
pub(crate) fn last(number: usize, way: Way, profile: Profile) -> &'static str {
    let calls = calls(with_off(number, way, profile));
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
            print::program(program, without)
        } else {
            expand::program(program, without)?
        };
        let _ = writeln!(text, "pub mod {name} {{\nuse super::*;\n{body}}}\n");
    }
    let none = vec![0.0; points::cotangents().len()];
    let _ = writeln!(text, "const NONE: &[f64] = &{none:?};");
    let _ = writeln!(text, "const SEEDS: &[f64] = &{:?};", points::cotangents());
    let params = &program.entry().params;
    let tape = program.entry().tape;
    text += "pub fn run() {\n";
    for (what, seeds, path, reverse) in calls(off) {
        let body = match reverse {
            None => primal(params, path),
            Some(seeded) => gradient(params, path, *seeded, tape),
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
            Type::Slice(_) => "p.slice()".to_string(),
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
