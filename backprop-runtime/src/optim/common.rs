//! What all optimizers are told in the same way: learning rate and weight decay, and what is different for some leaves.

use super::pattern::matches;
use crate::{Differentiable, Path, Real, Visitor};

/// The most settings for leaves by name.
const MOST: usize = 16;

/// Learning rate, weight decay, and exceptions by name. A fixed number of these, because an optimizer works without an allocator.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) learning_rate: f64,
    pub(super) weight_decay: f64,
    exceptions: [Option<Exception>; MOST],
    /// Whether each exception has been seen to be about some leaf.
    checked: bool,
}

#[derive(Clone, Copy, Debug)]
struct Exception {
    pattern: &'static str,
    what: Setting,
}

#[derive(Clone, Copy, Debug)]
enum Setting {
    RateFactor(f64),
    WeightDecay(f64),
}

/// What holds for one leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) learning_rate: f64,
    pub(super) weight_decay: f64,
}

impl Rates {
    /// What decoupled weight decay leaves of a parameter.
    pub(super) fn keep<T: Real>(self) -> T {
        T::from_f64(1.0 - self.learning_rate * self.weight_decay)
    }
}

impl Common {
    pub(super) const fn new(learning_rate: f64, weight_decay: f64) -> Self {
        Common {
            learning_rate,
            weight_decay,
            exceptions: [None; MOST],
            checked: true,
        }
    }

    #[track_caller]
    pub(super) fn rate_factor(&mut self, pattern: &'static str, factor: f64) {
        self.except(pattern, Setting::RateFactor(factor));
    }

    #[track_caller]
    pub(super) fn weight_decay_of(&mut self, pattern: &'static str, weight_decay: f64) {
        self.except(pattern, Setting::WeightDecay(weight_decay));
    }

    #[track_caller]
    fn except(&mut self, pattern: &'static str, what: Setting) {
        let Some(free) = self.exceptions.iter_mut().find(|place| place.is_none()) else {
            panic!(
                "an optimizer takes at most {MOST} settings by name, and `{pattern}` is one more"
            )
        };
        *free = Some(Exception { pattern, what });
        self.checked = false;
    }

    /// Panics where a pattern matches no leaf: a mistyped name would do nothing, in silence. Looks once, before the first step.
    #[track_caller]
    pub(super) fn check<M: Differentiable>(&mut self, model: &M) {
        if self.checked {
            return;
        }
        for exception in self.exceptions.iter().flatten() {
            let mut search = Search {
                pattern: exception.pattern,
                found: false,
            };
            M::visit([model], [], Path::root(), &mut search);
            assert!(
                search.found,
                "no leaf of the model has a name like `{}`",
                exception.pattern
            );
        }
        self.checked = true;
    }

    /// What holds for a leaf: of several exceptions the last one.
    pub(super) fn at(&self, path: Path<'_>) -> Rates {
        let mut rates = Rates {
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
        };
        for exception in self.exceptions.iter().flatten() {
            if matches(exception.pattern, path) {
                match exception.what {
                    Setting::RateFactor(factor) => {
                        rates.learning_rate = factor * self.learning_rate;
                    }
                    Setting::WeightDecay(decay) => rates.weight_decay = decay,
                }
            }
        }
        rates
    }
}

struct Search {
    pattern: &'static str,
    found: bool,
}

impl Visitor<1, 0> for Search {
    fn leaf<T: Real>(&mut self, path: Path<'_>, _: [&[T]; 1], []: [&mut [T]; 0]) {
        self.found |= matches(self.pattern, path);
    }
}

/// 1 − βᵗ, without cancellation for β near 1.
pub(super) fn correction(beta: f64, steps: u64) -> f64 {
    -(steps as f64 * Real::ln(beta)).exp_m1()
}

/// The builder's methods that all optimizers have, for one with a field `common`.
macro_rules! rate_setters {
    () => {
        /// With learning rate η.
        #[must_use]
        pub fn learning_rate(mut self, learning_rate: f64) -> Self {
            self.common.learning_rate = learning_rate;
            self
        }

        /// With the learning rate times `factor` for leaves whose names match: `*` stands for any characters. 0 freezes them. Where several patterns
        /// match, the last one holds; one that matches nothing is reported by a panic in the first step.
        ///
        /// # Panics
        /// If there are more than 16 settings by name.
        #[must_use]
        #[track_caller]
        pub fn rate_factor(mut self, pattern: &'static str, factor: f64) -> Self {
            self.common.rate_factor(pattern, factor);
            self
        }
    };
}

/// And those for weight decay; what λ means is for the optimizer's own documentation.
macro_rules! decay_setters {
    () => {
        decay_setters!(common);
    };
    ($($common:ident).+) => {
        /// With weight decay λ, for all leaves but those of [`weight_decay_of`](Self::weight_decay_of).
        #[must_use]
        pub fn weight_decay(mut self, weight_decay: f64) -> Self {
            self.$($common).+.weight_decay = weight_decay;
            self
        }

        /// With another weight decay for leaves whose names match, 0 for `"*bias"` as a rule: `*` stands for any characters. Where several patterns
        /// match, the last one holds; one that matches nothing is reported by a panic in the first step.
        ///
        /// # Panics
        /// If there are more than 16 settings by name.
        #[must_use]
        #[track_caller]
        pub fn weight_decay_of(mut self, pattern: &'static str, weight_decay: f64) -> Self {
            self.$($common).+.weight_decay_of(pattern, weight_decay);
            self
        }
    };
}

/// Two of the three functions of [`Optimizer`](super::Optimizer).
macro_rules! rate_accessors {
    () => {
        rate_accessors!(common);
    };
    ($($common:ident).+) => {
        fn current_learning_rate(&self) -> f64 {
            self.$($common).+.learning_rate
        }

        fn set_learning_rate(&mut self, learning_rate: f64) {
            self.$($common).+.learning_rate = learning_rate;
        }
    };
}

/// An optimizer's state by name: moments, which are values of the model's type, and counters.
macro_rules! state {
    ($name:ident { $($moment:ident),* } { $($counter:ident),* }) => {
        impl<M: Differentiable> State for $name<M> {
            fn visit_state<const READ: usize, const WRITE: usize, V>(
                read: [&Self; READ],
                mut write: [&mut Self; WRITE],
                path: Path<'_>,
                visitor: &mut V,
            ) where
                V: StateVisitor<READ, WRITE>,
            {
                $(Differentiable::visit(
                    read.map(|x| &x.$moment),
                    write.each_mut().map(|x| &mut x.$moment),
                    path.field(stringify!($moment)),
                    visitor,
                );)*
                $(visitor.counters(
                    path.field(stringify!($counter)),
                    read.map(|x| core::slice::from_ref(&x.$counter)),
                    write.each_mut().map(|x| core::slice::from_mut(&mut x.$counter)),
                );)*
            }
        }
    };
}

pub(super) use {decay_setters, rate_accessors, rate_setters, state};
