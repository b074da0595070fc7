//! Rules are data: the table, and how a formula of the table becomes operations.

pub(crate) mod formula;
pub(crate) mod table;

/// What an elementary function takes and gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Floats to a float.
    Float,
    /// Exists on integers too.
    Number,
    /// Floats to a pair of floats.
    Pair,
}

/// One elementary function.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// For each argument what it receives from the cotangent `d` of the result `ret`; the arguments are
    /// `x`, `y`, `z`. `"0"`: nothing. `"int"`: the argument is an integer.
    pub(crate) partials: &'static [&'static str],
}

impl Rule {
    /// For each argument, whether it is an integer.
    pub(crate) fn integers(&self) -> impl Iterator<Item = bool> {
        self.partials.iter().map(|p| *p == "int")
    }
}

/// The rule of a function by the name that Rust gives it.
pub(crate) fn find(name: &str, arity: usize) -> Option<&'static Rule> {
    table::RULES
        .iter()
        .find(|r| r.name == name && r.partials.len() == arity)
}
