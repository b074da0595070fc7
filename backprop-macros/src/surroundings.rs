//! Where an attribute stands: in an `impl` block, or outside.
//!
//! A function without `self` and without `Self` looks the same in both places, and needs different items
//! beside it. Its tokens do not tell; the source around them does. Where there is no source to read (inside
//! another macro's output) it is taken for a free function.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use proc_macro2::Span;

thread_local! {
    /// The bodies of the `impl` blocks of a file.
    static FILES: RefCell<HashMap<PathBuf, Rc<Vec<Body>>>> = RefCell::new(HashMap::new());
}

type Position = (usize, usize);

/// What an `impl` block says before its brace.
#[derive(Clone)]
struct Header {
    of_a_trait: bool,
    /// Its const parameters, with their types.
    constants: Vec<(String, String)>,
}

/// A stretch of an `impl` block between its functions' bodies.
struct Body {
    from: Position,
    to: Position,
    header: Rc<Header>,
}

/// Whether a function's name stands directly in an `impl` block.
pub(crate) fn in_impl(name: Span) -> bool {
    matches!(header(name), Some(Some(_)))
}

/// Whether it stands directly in a trait's `impl` block.
pub(crate) fn in_trait_impl(name: Span) -> bool {
    matches!(header(name), Some(Some(h)) if h.of_a_trait)
}

/// The const parameters of the `impl` block in which it stands, if any, with their types; `None` if there is no source to read.
pub(crate) fn const_parameters(name: Span) -> Option<Vec<(String, String)>> {
    Some(header(name)?.map_or_else(Vec::new, |h| h.constants.clone()))
}

/// The block in which a name stands directly, if any; `None` if there is no source to read.
fn header(name: Span) -> Option<Option<Rc<Header>>> {
    let file = name.local_file()?;
    let bodies = FILES.with(|files| {
        if let Some(known) = files.borrow().get(&file) {
            return Some(known.clone());
        }
        let bodies = Rc::new(impls(&std::fs::read_to_string(&file).ok()?));
        files.borrow_mut().insert(file.clone(), bodies.clone());
        Some(bodies)
    })?;
    let at = (name.start().line, name.start().column);
    Some(around(&bodies, at).cloned())
}

fn around(bodies: &[Body], at: Position) -> Option<&Rc<Header>> {
    let body = bodies.iter().find(|b| b.from < at && at < b.to)?;
    Some(&body.header)
}

/// The bodies of the `impl` blocks in a source text, functions inside them cut out.
fn impls(text: &str) -> Vec<Body> {
    let mut out = Vec::new();
    // For each open brace the header, if it is an `impl`'s, and where it stands.
    let mut open: Vec<(Option<Rc<Header>>, Position)> = Vec::new();
    // Of an `impl` that has begun, what was read so far.
    let mut begun: Option<Header> = None;
    let mut word = String::new();
    let mut previous = String::new();
    for (c, at) in code(text) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            // `-> impl Trait` and `x: impl Trait` are types; an `impl` block begins an item.
            if word == "impl"
                && (previous.is_empty()
                    || matches!(previous.as_str(), "}" | ";" | "{" | "]" | "unsafe"))
            {
                begun = Some(Header {
                    of_a_trait: false,
                    constants: Vec::new(),
                });
            } else if let Some(header) = &mut begun {
                // `for<'a>` is a bound.
                header.of_a_trait |= word == "for" && c != '<';
                match header.constants.last_mut() {
                    _ if previous == "const" => {
                        header.constants.push((word.clone(), String::new()));
                    }
                    Some((_, ty)) if ty.is_empty() => ty.push_str(&word),
                    _ => {}
                }
            }
            previous = core::mem::take(&mut word);
        }
        match c {
            '{' => {
                let own = begun.take().map(Rc::new);
                if let (None, Some((Some(header), from))) = (&own, open.last()) {
                    // A function's body: the block is interrupted.
                    out.push(Body {
                        from: *from,
                        to: at,
                        header: header.clone(),
                    });
                }
                open.push((own, at));
            }
            '}' => {
                if let Some((Some(header), from)) = open.pop() {
                    out.push(Body {
                        from,
                        to: at,
                        header,
                    });
                }
                if let Some((Some(_), from)) = open.last_mut() {
                    *from = at;
                }
                begun = None;
            }
            ';' => begun = None,
            _ => {}
        }
        if !c.is_whitespace() {
            previous = c.to_string();
        }
    }
    out
}

/// The characters that are neither in comments nor in literals, with line (from 1) and column (from 0).
fn code(text: &str) -> Vec<(char, Position)> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let (mut line, mut column, mut k) = (1, 0, 0);
    let at = |k: usize| chars.get(k).copied().unwrap_or('\0');
    while k < chars.len() {
        let end = match (at(k), at(k + 1)) {
            ('/', '/') => (k..).find(|j| at(*j) == '\n' || *j >= chars.len()),
            ('/', '*') => Some(comment_end(&chars, k)),
            ('"', _) => Some(string_end(&chars, k + 1)),
            ('r', '"' | '#') if k == 0 || !(at(k - 1).is_alphanumeric() || at(k - 1) == '_') => {
                raw_end(&chars, k)
            }
            // A character, not a lifetime.
            ('\'', '\\') => (k + 3..)
                .find(|j| at(*j) == '\'' || *j >= chars.len())
                .map(|j| j + 1),
            ('\'', _) if at(k + 2) == '\'' => Some(k + 3),
            _ => None,
        };
        let next = end.unwrap_or(k + 1).min(chars.len());
        out.push((if end.is_some() { ' ' } else { chars[k] }, (line, column)));
        for c in &chars[k..next] {
            if *c == '\n' {
                line += 1;
                column = 0;
            } else {
                column += 1;
            }
        }
        k = next;
    }
    out
}

fn comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut k) = (0, start);
    while k + 1 < chars.len() {
        match (chars[k], chars[k + 1]) {
            ('/', '*') => {
                depth += 1;
                k += 2;
            }
            ('*', '/') => {
                depth -= 1;
                k += 2;
                if depth == 0 {
                    return k;
                }
            }
            _ => k += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut k: usize) -> usize {
    while k < chars.len() {
        match chars[k] {
            '\\' => k += 2,
            '"' => return k + 1,
            _ => k += 1,
        }
    }
    chars.len()
}

/// The end of `r"..."` or `r#"..."#`; `None` for a raw identifier.
fn raw_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let mut k = open + 1;
    while k < chars.len() {
        if chars[k] == '"' && chars[k + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return Some(k + 1 + hashes);
        }
        k += 1;
    }
    Some(chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the `impl` block says in which a function is, if any.
    fn header(text: &str, name: &str) -> Option<Rc<Header>> {
        let before = &text[..text.find(name)?];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count());
        around(&impls(text), (line, column)).cloned()
    }

    #[test]
    fn methods_are_in_an_impl_and_nothing_else_is() {
        let text = "mod m { fn free() {} }\nimpl<T> A for B<T> where T: C {\n  fn one() { if x { y() } fn nested() {} }\n  /* } */ fn two(s: &str) { \"}\"; '}'; r#\"\"}\"#; }\n}\nfn after(x: impl Fn()) -> impl A { struct S {} }\nimpl S { const K: [u8; 2] = { [0; 2] }; fn three<'a>() {} }\nimpl<F> T<F> where F: for<'a> Fn(&'a u8) { fn four() { for i in 0..2 {} } }";
        for (name, place) in [
            ("one", Some(true)),
            ("two", Some(true)),
            ("three", Some(false)),
            ("four", Some(false)),
            ("free", None),
            ("nested", None),
            ("after", None),
        ] {
            let found = header(text, name).map(|h| h.of_a_trait);
            assert_eq!(found, place, "{name}");
        }
    }

    #[test]
    fn const_parameters_of_an_impl_are_known() {
        let text = "const K: usize = 3;\nimpl<T, const N: usize, const M: i32> A<N> for B<T, M> { const L: u8 = 1; fn one() {} fn two() { const J: u8 = 2; } }\nimpl B { fn three<const I: usize>() {} }";
        for (name, constants) in [
            ("one", "N: usize, M: i32"),
            ("two", "N: usize, M: i32"),
            ("three", ""),
        ] {
            let found = header(text, name).map(|h| h.constants.clone());
            let found = found.unwrap_or_default();
            let found: Vec<String> = found.iter().map(|(n, ty)| format!("{n}: {ty}")).collect();
            assert_eq!(found.join(", "), constants, "{name}");
        }
    }
}
