//! Names of leaves, such as `layers.0.weights`, linked through the stack of the walk that reaches them: no allocation.

use core::fmt;

/// Where a leaf is inside a value. Shown as field names and indices with dots between them; the value itself is shown as `value`.
///
/// ```
/// # use backprop_runtime::Path;
/// let root = Path::root();
/// let layers = root.field("layers");
/// let first = layers.index(0);
/// assert_eq!(first.field("weights").to_string(), "layers.0.weights");
/// assert_eq!(root.to_string(), "value");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Root,
    Field(&'static str),
    Index(usize),
}

impl Path<'_> {
    /// The path of a whole value.
    #[must_use]
    pub const fn root() -> Path<'static> {
        Path {
            parent: None,
            step: Step::Root,
        }
    }

    /// The path of a named field.
    #[must_use]
    #[inline]
    pub const fn field(&self, name: &'static str) -> Path<'_> {
        Path {
            parent: Some(self),
            step: Step::Field(name),
        }
    }

    /// The path of an element, or of an unnamed field.
    #[must_use]
    #[inline]
    pub const fn index(&self, index: usize) -> Path<'_> {
        Path {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self
            .parent
            .filter(|parent| !matches!(parent.step, Step::Root))
        {
            write!(f, "{parent}.")?;
        }
        match self.step {
            Step::Root => f.write_str("value"),
            Step::Field(name) => f.write_str(name),
            Step::Index(index) => write!(f, "{index}"),
        }
    }
}
