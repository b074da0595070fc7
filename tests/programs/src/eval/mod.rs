//! Runs a program on dual numbers: the oracle that a gradient is compared with.
//!
//! It walks the syntax tree as Rust would, and shares nothing with the compiler. Beside the numbers it measures how near the run came to a
//! place where the program is not differentiable, because rounding may take the generated code to the other side of it.

mod expr;
mod flow;
mod integer;
mod iterate;
mod pattern;
mod place;
mod value;

pub(crate) use value::{Dual, INPUTS, Value};

use crate::syntax::{Expr, Function, Program};
use place::Located;

/// Why an evaluation stopped before its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    /// More steps than a program may take: most likely it would never end.
    Fuel,
    /// Rust would panic.
    Panic,
    /// Rust's compiler would refuse the program. Only what the shrinker leaves behind does that.
    Invalid(String),
}

/// What makes a block end early.
enum Exit {
    Break(Option<String>, Box<Value>),
    Continue(Option<String>),
    Return(Box<Value>),
    Stop(Stop),
}

impl From<Stop> for Exit {
    fn from(stop: Stop) -> Exit {
        Exit::Stop(stop)
    }
}

fn invalid<T>(what: &str) -> Result<T, Stop> {
    Err(Stop::Invalid(what.to_string()))
}

/// What a run left.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) value: Value,
    /// The arguments as they were left, with what was written to `&mut` ones.
    pub(crate) arguments: Vec<Value>,
    /// How far the run stayed from kinks and jumps.
    pub(crate) clearance: f64,
    /// The largest number on the way, derivatives included.
    pub(crate) largest: f64,
}

/// Runs the program's entry.
pub(crate) fn run(program: &Program, arguments: Vec<Value>) -> Result<Outcome, Stop> {
    let mut machine = Machine {
        program,
        variables: Vec::new(),
        frame: 0,
        depth: 0,
        fuel: 200_000,
        clearance: f64::INFINITY,
        largest: 0.0,
    };
    let (value, arguments) = machine.call(program.entry(), arguments)?;
    Ok(Outcome {
        value,
        arguments,
        clearance: machine.clearance,
        largest: machine.largest,
    })
}

/// What a name stands for.
enum Slot {
    Value(Value),
    /// Declared and not assigned yet.
    Empty,
    /// `let r = &mut place`.
    Alias(Located),
    /// How many names it can see, its parameters, its body.
    Closure(usize, Vec<String>, Expr),
}

struct Machine<'a> {
    program: &'a Program,
    /// All names in scope, the innermost last.
    variables: Vec<(String, Slot)>,
    /// Where the running function's names start.
    frame: usize,
    /// Of calls.
    depth: usize,
    fuel: usize,
    clearance: f64,
    largest: f64,
}

impl Machine<'_> {
    fn call(
        &mut self,
        function: &Function,
        arguments: Vec<Value>,
    ) -> Result<(Value, Vec<Value>), Stop> {
        self.step()?;
        if arguments.len() != function.params.len() || self.depth > 50 {
            return invalid("the number of arguments");
        }
        let (caller, start) = (self.frame, self.variables.len());
        self.depth += 1;
        self.frame = start;
        for (param, mut argument) in function.params.iter().zip(arguments) {
            // Who reads it before it is written has broken a promise, and the point is no good.
            if param.out {
                argument.spoil();
            }
            self.variables
                .push((param.name.clone(), Slot::Value(argument)));
        }
        let value = match self.block(&function.body) {
            Ok(value) => value,
            Err(Exit::Return(value)) => *value,
            Err(Exit::Stop(stop)) => return Err(stop),
            Err(_) => return invalid("an exit outside of a loop"),
        };
        let left = self.variables.drain(start..).map(|(_, slot)| slot);
        let left = left.map(|slot| match slot {
            Slot::Value(value) => value,
            _ => Value::Unit,
        });
        let left = left.take(function.params.len()).collect();
        self.frame = caller;
        self.depth -= 1;
        Ok((value, left))
    }

    /// Counts a step.
    fn step(&mut self) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(1).ok_or(Stop::Fuel)?;
        Ok(())
    }

    /// Takes note of a float.
    fn note(&mut self, x: Dual) -> Value {
        self.largest = if x.is_finite() {
            self.largest.max(x.size())
        } else {
            f64::INFINITY
        };
        Value::Float(x)
    }

    /// Takes note of the distance to a kink.
    fn pass(&mut self, distance: f64) {
        self.clearance = if distance.is_nan() {
            0.0
        } else {
            self.clearance.min(distance)
        };
    }
}
