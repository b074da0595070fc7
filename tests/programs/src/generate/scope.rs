//! What may be named at a point of a program, and what may be done with it there.

use crate::random::Random;
use crate::syntax::{By, Sum, Type};

#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) by: By,
    pub(super) readable: bool,
    pub(super) writable: bool,
    /// Only `+=` and `-=`: a sum in a loop that may not need its old values.
    pub(super) addable: bool,
    pub(super) range: Option<Facts>,
    /// Of a slice: the fewest elements that it has.
    pub(super) least: usize,
    /// It is no slice, but an array whose length is a const parameter.
    pub(super) counted: bool,
    /// A buffer that may be overwritten wherever there is a tape.
    pub(super) scratch: bool,
}

impl Variable {
    pub(super) fn constant(name: &str, ty: Type) -> Variable {
        Variable {
            name: name.to_string(),
            ty,
            by: By::Value,
            readable: true,
            writable: false,
            addable: false,
            range: None,
            least: super::LEAST,
            counted: false,
            scratch: false,
        }
    }

    pub(super) fn mutable(name: &str, ty: Type) -> Variable {
        Variable {
            writable: true,
            ..Variable::constant(name, ty)
        }
    }

    /// What has no size cannot be copied.
    /// Whether it is a row of numbers.
    pub(super) fn is_row(&self) -> bool {
        match &self.ty {
            Type::Slice(element) | Type::Array(element, _) => **element == Type::Float,
            _ => false,
        }
    }

    pub(super) fn is_unsized(&self) -> bool {
        matches!(self.ty, Type::Slice(_)) && !self.counted
    }

    pub(super) fn allows(&self, access: Access) -> bool {
        match access {
            Access::Read => self.readable,
            Access::Write => self.writable,
            Access::Both => self.readable && self.writable,
            Access::Add => self.addable || self.readable && self.writable,
        }
    }
}

/// What is known of an integer: `least <= i` and `i + room < extent`.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) least: usize,
    pub(super) below: Extent,
    pub(super) room: usize,
}

/// The length of something that is indexed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Extent {
    Constant(usize),
    /// Of the slice of this name.
    Length(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Access {
    Read,
    Write,
    Both,
    Add,
}

/// A loop around a point.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) label: Option<String>,
    /// What a `break` has to carry.
    pub(super) value: Type,
    /// Whether `continue` comes to the loop's end.
    pub(super) may_continue: bool,
    /// No loop, but a block with a label, which a `break` has to name.
    pub(super) block: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) variables: Vec<Variable>,
    pub(super) loops: Vec<Around>,
    /// Closures over floats, with the number of their parameters.
    pub(super) closures: Vec<(String, usize)>,
    pub(super) ret: Type,
    pub(super) may_return: bool,
    /// Whether loops of run-time length may overwrite what they read.
    pub(super) tape: bool,
    /// Functions of a lower number may be called.
    pub(super) callable: usize,
    /// The function around, where it may call itself: not in loops, because it would run too long.
    pub(super) itself: Option<usize>,
}

impl Scope {
    pub(super) fn add(&mut self, variable: Variable) {
        self.variables.retain(|v| v.name != variable.name);
        self.variables.push(variable);
    }

    pub(super) fn find(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name == name)
    }

    /// The loops that a `break` or `continue` can mean: the innermost, and those with a label.
    pub(super) fn reachable(&self) -> Vec<Around> {
        let innermost = self.loops.len().saturating_sub(1);
        let loops = self.loops.iter().enumerate();
        loops
            .filter(|(k, around)| *k == innermost || around.label.is_some())
            .map(|(_, around)| around.clone())
            .collect()
    }

    /// The variables that are of a type or have parts of it, and may be used in this way.
    pub(super) fn having(&self, ty: &Type, access: Access) -> Vec<&Variable> {
        self.variables
            .iter()
            .filter(|v| v.allows(access) && v.ty.holds(ty))
            .filter(|v| v.ty == *ty || self.has_elements(v))
            .collect()
    }

    /// Whether there is an index for it: of what may be empty, only a counter that stays inside.
    pub(super) fn has_elements(&self, of: &Variable) -> bool {
        let counts = |v: &Variable| {
            let range = v.range.as_ref();
            v.readable && range.is_some_and(|r| r.below == Extent::Length(of.name.clone()))
        };
        !matches!(of.ty, Type::Slice(_)) || of.least > 0 || self.variables.iter().any(counts)
    }

    /// The fewest elements of the slice of a name.
    pub(super) fn least(&self, name: &str) -> usize {
        self.find(name).map_or(0, |v| v.least)
    }

    /// Inside a loop of run-time length without a tape: what was there before is read or added to, not both.
    pub(super) fn reduce(&mut self, random: &mut Random) {
        for v in &mut self.variables {
            // An output that is written and never read may go on being so.
            if v.writable && v.readable {
                v.writable = false;
                v.addable = random.percent(60);
                v.readable = !v.addable;
            }
        }
    }

    /// Inside a loop of run-time length with a tape, which holds numbers and arrays of them: what is neither is mostly left alone.
    pub(super) fn freeze(&mut self, random: &mut Random) {
        for v in &mut self.variables {
            let kept = match &v.ty {
                Type::Slice(_) | Type::Tuple(_) | Type::Struct(_) | Type::Sum(Sum::Shape) => false,
                Type::Array(element, _) => !matches!(**element, Type::Struct(_)),
                _ => true,
            };
            if v.writable && v.readable && !kept && random.percent(97) {
                v.writable = false;
            }
        }
    }

    /// Inside a closure: nothing changes, and nobody leaves.
    pub(super) fn fixed(&self) -> Scope {
        let mut inside = self.clone();
        inside.loops.clear();
        inside.may_return = false;
        inside.itself = None;
        for v in &mut inside.variables {
            v.writable = false;
            v.addable = false;
            v.scratch = false;
        }
        inside
    }

    /// Inside a closure that has a name: what it sees must not change as long as it lives.
    pub(super) fn steady(&self) -> Scope {
        let mut inside = self.fixed();
        for (v, outside) in inside.variables.iter_mut().zip(&self.variables) {
            let changes = outside.writable || outside.addable || outside.scratch;
            v.readable &= !changes && v.by != By::Mut;
        }
        inside
    }

    /// Where a reference to it lives on.
    pub(super) fn lend_out(&mut self, name: &str) {
        for v in self.variables.iter_mut().filter(|v| v.name == name) {
            (v.writable, v.addable, v.scratch) = (false, false, false);
        }
    }

    /// Inside a block that holds a `&mut` to it.
    pub(super) fn hide(&mut self, name: &str) {
        for v in &mut self.variables {
            if v.name == name {
                v.readable = false;
                v.writable = false;
                v.addable = false;
                v.scratch = false;
            }
        }
    }
}
