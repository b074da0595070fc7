//! Names and places: finding, reading, writing.

use super::{Exit, Machine, Slot, Stop, Value, invalid};
use crate::syntax::{Place, Step};

/// A place whose indices have been computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Located {
    /// The variable's position.
    variable: usize,
    path: Vec<usize>,
    /// `[a..b]` at the end.
    window: Option<(usize, usize)>,
}

impl Located {
    pub(super) fn element(&self, k: usize) -> Located {
        let mut element = self.clone();
        let low = element.window.take().map_or(0, |(low, _)| low);
        element.path.push(low + k);
        element
    }

    /// Of what it leads to, which is known to have all that.
    pub(super) fn part(&self, low: usize, high: usize) -> Located {
        let start = self.window.map_or(0, |(low, _)| low);
        Located {
            window: Some((start + low, start + high)),
            ..self.clone()
        }
    }
}

impl Machine<'_> {
    pub(super) fn declare(&mut self, name: &str, slot: Slot) {
        self.variables.push((name.to_string(), slot));
    }

    pub(super) fn locate(&mut self, place: &Place) -> Result<Located, Exit> {
        let names = &self.variables[self.frame..];
        let Some(found) = names.iter().rposition(|(name, _)| *name == place.root) else {
            return Ok(invalid("an unknown name")?);
        };
        let mut located = match &names[found].1 {
            Slot::Alias(located) => located.clone(),
            _ => Located {
                variable: self.frame + found,
                path: Vec::new(),
                window: None,
            },
        };
        for step in &place.steps {
            let length = located.window.map(|(low, high)| high - low);
            let inside = |end: usize| length.is_none_or(|length| end <= length);
            located = match step {
                Step::Index(index) => {
                    let index = self.int(index)?;
                    if !inside(index + 1) {
                        return Err(Stop::Panic.into());
                    }
                    located.element(index)
                }
                Step::Field(position, _) => located.element(*position),
                Step::Range(low, high) => {
                    let (low, high) = (self.int(low)?, self.int(high)?);
                    if low > high || !inside(high) {
                        return Err(Stop::Panic.into());
                    }
                    located.part(low, high)
                }
            };
        }
        Ok(located)
    }

    /// The value that the path leads to, without the window.
    fn target(&mut self, at: &Located) -> Result<&mut Value, Stop> {
        let Slot::Value(whole) = &mut self.variables[at.variable].1 else {
            return invalid("a name without a value");
        };
        let mut value = whole;
        for k in &at.path {
            let (Value::Many(parts) | Value::Variant(_, parts)) = value else {
                return invalid("a part of a number");
            };
            value = parts.get_mut(*k).ok_or(Stop::Panic)?;
        }
        Ok(value)
    }

    pub(super) fn read(&mut self, at: &Located) -> Result<Value, Stop> {
        let window = at.window;
        let value = self.target(at)?;
        match (window, value) {
            (None, value) => Ok(value.clone()),
            (Some((low, high)), Value::Many(parts)) => {
                let parts = parts.get(low..high).ok_or(Stop::Panic)?;
                Ok(Value::Many(parts.to_vec()))
            }
            _ => invalid("a window into a number"),
        }
    }

    pub(super) fn write(&mut self, at: &Located, new: Value) -> Result<(), Stop> {
        if at.path.is_empty() && at.window.is_none() {
            self.variables[at.variable].1 = Slot::Value(new);
            return Ok(());
        }
        let window = at.window;
        let value = self.target(at)?;
        match (window, value, new) {
            (None, value, new) => *value = new,
            (Some((low, high)), Value::Many(parts), Value::Many(new)) => {
                let parts = parts.get_mut(low..high).ok_or(Stop::Panic)?;
                parts.clone_from_slice(&new);
            }
            _ => return invalid("a window into a number"),
        }
        Ok(())
    }
}
