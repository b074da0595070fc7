//! What the fence says, to be read as prose: what is wrong and why, then what to write instead.
//!
//! `{}` is replaced by the user's own word. "Not yet" stands where the language is to grow; "cannot" where
//! it is not.

/// A refusal.
#[derive(PartialEq)]
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) instead: &'static str,
}

const fn row(what: &'static str, instead: &'static str) -> Row {
    Row { what, instead }
}

// Signature and items.

pub(super) const UNSAFE_FN: Row = row(
    "an `unsafe` function cannot be differentiated: what it reads and writes cannot be followed",
    "make the function safe, and keep the `unsafe` part in a function that it calls inside `no_grad!(..)`",
);
pub(super) const ASYNC_FN: Row = row(
    "an `async` function cannot be differentiated: it does not run from start to end",
    "differentiate a plain function and call its gradient from the `async` one",
);
pub(super) const EXTERN_FN: Row = row(
    "a function with a foreign ABI cannot be differentiated: its caller could not pass the adjoints",
    "differentiate a plain function and call it from the `extern` one",
);
pub(super) const VARIADIC: Row = row(
    "a variadic function cannot be differentiated: the types of its arguments are not known",
    "take a slice",
);
pub(super) const TYPED_SELF: Row = row(
    "`self` behind a named type is not accepted yet",
    "write `self`, `&self` or `&mut self`",
);
pub(super) const NEVER: Row = row(
    "a function that never returns has no result to differentiate",
    "let it return a value, or nothing",
);
pub(super) const TYPE_MACRO: Row = row(
    "a macro hides this type, so its adjoint cannot be written",
    "write the type itself",
);
pub(super) const CELL: Row = row(
    "`{}` can be changed through a shared reference, so a value kept for the reverse sweep could change behind it",
    "take the value itself, or a `&mut` to it",
);
pub(super) const CFG: Row = row(
    "`#[{}]` cannot stand inside a differentiable function: whether these tokens are compiled is decided later",
    "put the attribute on two whole functions, one for each case",
);
pub(super) const ATTRIBUTE: Row = row(
    "the attribute `#[{}]` could change what it stands on, so it cannot be looked through",
    "put it on the function, or leave it out",
);
pub(super) const ATTRIBUTE_PARAM: Row = row(
    "`#[{}]` is not known on a parameter",
    "the attributes of a parameter are `#[nodiff]` and `#[out]`",
);
pub(super) const ITEM_IMPL: Row = row(
    "this `impl` would stand twice, because the generated functions repeat the items of the body",
    "move it out of the function",
);
pub(super) const ITEM_MUT_STATIC: Row = row(
    "a `static mut` can change between the two sweeps",
    "pass the state as a `&mut` parameter",
);
pub(super) const ITEM_OTHER: Row = row(
    "this kind of item cannot stand inside a differentiable function",
    "move it out of the function",
);

// Statements and patterns.

pub(super) const LET_TEMPORARY: Row = row(
    "this is a reference to a temporary value or into the result of a call, which has no place that an adjoint could be added to",
    "name the value itself: `let r = ..;` without the `&`",
);
pub(super) const LET_MUT_REFERENCE: Row = row(
    "a reference that may change which place it names is not accepted yet",
    "leave out this `mut` and give each place a name of its own",
);
pub(super) const PAT_REF: Row = row(
    "`ref` is not accepted in a pattern",
    "name the place: `let r = &place;`",
);
pub(super) const PAT_REFUTABLE: Row = row(
    "this pattern in `let` may fail to match",
    "bind a name and test it with `if` or `match`",
);
pub(super) const PAT_CONST: Row = row(
    "a `const` block in a pattern is not accepted",
    "name the constant: `const LIMIT: usize = ..;`",
);
pub(super) const PAT_MACRO: Row = row(
    "a macro in a pattern hides what it matches",
    "write the pattern itself",
);
pub(super) const PAT_UNKNOWN: Row = row(
    "this pattern is not known to backprop",
    "use names, literals, ranges and tuples of them",
);
pub(super) const GUARD_LET: Row = row(
    "`if let` in a guard is not accepted yet",
    "match on a value first, and test it in the arm",
);

// Loops and iterators.

pub(super) const FOR_OPEN: Row = row(
    "a `for` loop over a range without an end is not accepted",
    "give it an end, or count by hand in a `loop`",
);
pub(super) const NO_START: Row = row(
    "a range without a start cannot be iterated over",
    "write `0..n`",
);
pub(super) const ITERATOR_VALUE: Row = row(
    "an iterator stands in a `for` loop, in `zip`, or in a chain that ends in a value",
    "use it where it is made: `for x in it { .. }`, or `it.map(..).sum::<f64>()`",
);
pub(super) const ADAPTOR: Row = row(
    "`{}` is not accepted on an iterator",
    "write a `for` loop; accepted are `zip`, `enumerate`, `rev`, `skip`, `take`, `step_by`, `map`, `filter`, `take_while`, `copied` and `cloned`",
);
pub(super) const ITERATOR: Row = row(
    "`{}` makes an iterator that is not accepted",
    "iterate over a slice, an array or a range, or over `windows(n)`, `chunks(n)` or `chunks_exact(n)` of a slice",
);
pub(super) const COLLECT: Row = row(
    "`{}` puts the items into a collection on the heap, which is not accepted yet",
    "assign them to an array, or to a `&mut` slice that the caller passes: `for (y, x) in out.iter_mut().zip(xs) { *y = ..; }`",
);
pub(super) const CHAIN: Row = row(
    "`{}` is not accepted yet: it iterates over several sequences one after the other",
    "write one loop, or one sum, for each of them",
);
pub(super) const FLATTEN: Row = row(
    "`{}` is not accepted yet",
    "write two loops, one inside the other: `for row in rows { for x in row { .. } }`",
);
pub(super) const STEPPING: Row = row(
    "`{}` steps through an iterator by hand, and where that stands could not be followed",
    "count by hand in a `while` loop: `while i < x.len() { .. x[i] ..; i += 1; }`",
);
pub(super) const OPTIONAL_ITEM: Row = row(
    "`{}` takes a closure that returns an `Option`, which is not accepted yet",
    "write `filter` and `map`, or a `for` loop with an `if`",
);
pub(super) const SCAN: Row = row(
    "`{}` is not accepted yet: it changes its state through a reference",
    "write `fold`, or a `for` loop with the state in a variable",
);
pub(super) const BY_KEY: Row = row(
    "`{}` is not accepted yet",
    "compare the keys: `max_by(|a, b| key(a).total_cmp(&key(b)))`",
);
pub(super) const OPTION_FOUND: Row = row(
    "what `{}` finds may be missing, and an `Option` is not accepted as a value yet",
    "take it at once, with `.unwrap()`, `.expect(..)`, `.unwrap_or(..)` or `.map_or(..)`",
);
pub(super) const RANGE_VALUE: Row = row(
    "a range stands in a `for` loop or between the brackets of an index",
    "keep its two ends as numbers: `let (lo, hi) = (0, n);`",
);
// Methods and calls.

pub(super) const SWAP: Row = row(
    "`{}` is not accepted yet: it exchanges values that the reverse sweep needs",
    "exchange by hand: `let t = x[i]; x[i] = x[j]; x[j] = t;`",
);
pub(super) const COPY: Row = row(
    "`{}` is not accepted yet",
    "assign in a loop: `for i in 0..x.len() { x[i] = y[i]; }`",
);
pub(super) const SPLIT: Row = row(
    "`{}` is not accepted yet",
    "name the parts by their ranges: `let a = &x[..k];` and `let b = &x[k..];`, with `&mut` where they are written to, or both at once: `let (a, b) = x.split_at_mut(k);`",
);
pub(super) const GROW: Row = row(
    "`{}` changes the length of its receiver, which is not accepted yet",
    "start from an array or a `&mut` slice of the final length and assign its elements",
);
pub(super) const REORDER: Row = row(
    "`{}` moves elements about by their values, and the reverse sweep could not tell where they came from",
    "compute the order outside, as a slice of indices, and read through it: `x[order[i]]`",
);
pub(super) const ACCESS: Row = row(
    "`{}` is not accepted yet: it hides which element is written to",
    "write the element by its index: `x[i] = ..`",
);
pub(super) const VIEW: Row = row(
    "`{}` is not accepted yet",
    "borrow by hand: `&x[..]`, or `&mut x[..]`",
);
pub(super) const ALLOCATE: Row = row(
    "`{}` is not accepted yet: it allocates",
    "copy into an array, or into a `&mut` slice that the caller passes",
);
pub(super) const SHARED_STATE: Row = row(
    "`{}` changes something through a shared reference, so a value kept for the reverse sweep could change behind it",
    "pass the state as a `&mut` parameter, or wrap the call in `no_grad!(..)`",
);
pub(super) const MEM: Row = row(
    "`mem::{}` is not accepted yet: it moves values between places",
    "assign through a third: `let t = a; a = b; b = t;`",
);
pub(super) const CONSTRUCTOR: Row = row(
    "`{}(..)` is not accepted yet",
    "return or keep the value itself, with a `bool` beside it where it may be missing",
);
pub(super) const HEAP: Row = row(
    "`{}` is not accepted yet: it makes a value on the heap",
    "use the value itself, or an array",
);
pub(super) const POINTER: Row = row(
    "`{}` works on raw pointers, which cannot be followed",
    "use references and indices",
);
pub(super) const CALL_LOCAL: Row = row(
    "`{}` is a value here, and a call through a value has no derivative that is known at compile time",
    "call a function by its path; where no derivative is wanted, write `no_grad!({}(..))`",
);
pub(super) const CALL_VALUE: Row = row(
    "a call through a field or another value has no derivative that is known at compile time",
    "call a function or a method by its name; where no derivative is wanted, wrap the call in `no_grad!(..)`",
);
pub(super) const MUT_TEMPORARY: Row = row(
    "this is a `&mut` to a temporary value, whose last state would be lost",
    "name it first: `let mut t = ..;`, then pass `&mut t`",
);

/// A line of its own below the remedy, where a method is refused by its name alone.
pub(super) const OWN_METHOD: &str =
    "note: a method of your own with this name is called by its path, `Type::{}(..)`";

// Expressions.

pub(super) const CLOSURE: Row = row(
    "a closure is handed on here, and what calls it could not be followed",
    "name it with `let f = |..| ..;` and call it in this function, or hand it to an adaptor of an iterator; for a function that takes it, write what that does here",
);
pub(super) const CLOSURE_VALUE: Row = row(
    "the closure `{}` is handed on here, and what calls it could not be followed",
    "call it here and hand on what it returns, `{}(..)`; for a function that takes it, write what that does here",
);
pub(super) const REBIND: Row = row(
    "`{}` is a `&mut` that would change which place it names, which is not accepted yet",
    "to write through it, assign to `*{}`; to name another place, write `let r = &mut place;`",
);
pub(super) const HIDDEN_REFERENCE: Row = row(
    "this writes through a reference in `{}`, and which place that names is not known",
    "name the place: `let {} = &mut place;`, or write to the place itself",
);
pub(super) const MUT_VALUE: Row = row(
    "`{}` is a `&mut` that is handed to another name or value here, so what is written through that could not be followed",
    "write `*{}` for what it refers to, or name the place with `let r = &mut *{};`",
);
pub(super) const DESTRUCTURE: Row = row(
    "this kind of assignment to several places at once is not accepted",
    "name the new values with `let (a, b) = ..;`, then assign one by one",
);
pub(super) const ASSIGN_TARGET: Row = row(
    "an assignment goes to a local, or to its fields and elements: here the place is not known",
    "name the place first: `let r = &mut place;`, then `*r = ..`",
);
pub(super) const UNDERSCORE: Row = row("`_` is not a value", "write the value itself");
pub(super) const REFERENCE: Row = row(
    "a reference stands as the argument of a call or in `let r = &place;`, for now",
    "name the place with `let r = &place;`, or use the value without `&`",
);
pub(super) const EXIT_INSIDE: Row = row(
    "`{}` inside a larger expression leaves it half evaluated",
    "make it a statement of its own: `if .. { {} .. }`",
);
pub(super) const QUESTION: Row = row(
    "`?` is not accepted yet",
    "of an `Option`: `let Some(v) = o else { return None; };`",
);
pub(super) const UNSAFE: Row = row(
    "`unsafe` code cannot be differentiated: what it reads and writes cannot be followed",
    "use indices and references; where no derivative is wanted, wrap it in `no_grad!(..)`",
);
pub(super) const ASYNC: Row = row(
    "`async` code cannot be differentiated: it does not run from start to end",
    "compute first, in plain code, and await outside",
);
pub(super) const AWAIT: Row = row(
    "`.await` cannot be differentiated: other code runs in between",
    "await before, and pass the result in",
);
pub(super) const YIELD: Row = row(
    "`yield` cannot be differentiated: other code runs in between",
    "return the values together, in an array or a `&mut` slice",
);
pub(super) const CONST_BLOCK: Row = row(
    "a `const` block is not accepted",
    "name the constant: `const K: f64 = ..;`",
);
pub(super) const RAW: Row = row(
    "a raw pointer says nothing about what it may alias",
    "use a reference, `&x` or `&mut x`",
);
pub(super) const TRY_BLOCK: Row = row(
    "`try` blocks cannot be differentiated",
    "write the steps one by one, with `if` and `return`",
);
pub(super) const CAST_INFER: Row = row(
    "`as _` does not say whether the result is a float",
    "write the type: `as f64`, `as usize`",
);
pub(super) const CAST_TYPE: Row = row(
    "a cast in a differentiable function goes to a number",
    "cast to `f32`, `f64` or an integer type",
);
pub(super) const UNKNOWN: Row = row(
    "this syntax is not known to backprop",
    "write it in plain Rust, or wrap it in `no_grad!(..)` where no derivative is wanted",
);

// Macros.

pub(super) const PRINT: Row = row(
    "`{}!` is not accepted yet",
    "write `println!(..)` or `eprintln!(..)`, or `assert!(.., ..)` to stop with a message",
);
pub(super) const STOP: Row = row(
    "`{}!` is not accepted",
    "write `panic!(\"..\")` or `unreachable!()`",
);
pub(super) const MACRO: Row = row(
    "backprop cannot look inside the macro `{}!`",
    "write out what it stands for, or call a function; where its value is a constant, wrap it in `no_grad!(..)`",
);
pub(super) const MACRO_TOKENS: Row = row(
    "what stands in `{}!` is not an expression",
    "write `{}!(expression)`",
);
pub(super) const SEALED_EXIT: Row = row(
    "`{}` inside a macro would leave the function behind the compiler's back",
    "move it out of the macro",
);
pub(super) const SEALED_WRITE: Row = row(
    "`{}` is changed inside a macro, where backprop does not look, so its derivative would be lost",
    "make the change a statement of its own, before or after the macro",
);
