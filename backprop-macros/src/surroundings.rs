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
    /// The `impl` blocks of a file, as ranges of lines and columns, and whether each is of a trait.
    static FILES: RefCell<HashMap<PathBuf, Rc<Vec<Block>>>> = RefCell::new(HashMap::new());
}

type Position = (usize, usize);
type Block = (Position, Position, bool);

/// Whether a function's name stands directly in an `impl` block.
pub(crate) fn in_impl(name: Span) -> bool {
    block(name).is_some()
}

/// Whether it stands directly in a trait's `impl` block.
pub(crate) fn in_trait_impl(name: Span) -> bool {
    block(name).is_some_and(|(.., of_a_trait)| of_a_trait)
}

fn block(name: Span) -> Option<Block> {
    let file = name.local_file()?;
    let blocks = FILES.with(|files| {
        let known = files.borrow().get(&file).cloned();
        known.unwrap_or_else(|| {
            let blocks = Rc::new(
                std::fs::read_to_string(&file)
                    .map(|text| impls(&text))
                    .unwrap_or_default(),
            );
            files.borrow_mut().insert(file.clone(), blocks.clone());
            blocks
        })
    });
    let at = (name.start().line, name.start().column);
    blocks
        .iter()
        .copied()
        .find(|(from, to, _)| *from < at && at < *to)
}

/// The bodies of the `impl` blocks in a source text, functions inside them cut out.
fn impls(text: &str) -> Vec<Block> {
    let mut out = Vec::new();
    // For each open brace whether it is an `impl`'s (then whether of a trait), and where it stands.
    let mut open: Vec<(Option<bool>, Position)> = Vec::new();
    // Whether an `impl` has begun, and then whether its `for` was met.
    let mut item_is_impl = None;
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
                item_is_impl = Some(false);
            }
            // `for<'a>` is a bound.
            if word == "for" && c != '<' {
                item_is_impl = item_is_impl.map(|_| true);
            }
            previous = core::mem::take(&mut word);
        }
        match c {
            '{' => {
                let own = item_is_impl.take();
                if let (None, Some((Some(of_a_trait), from))) = (own, open.last()) {
                    // A function's body: the block is interrupted.
                    out.push((*from, at, *of_a_trait));
                }
                open.push((own, at));
            }
            '}' => {
                if let Some((Some(of_a_trait), from)) = open.pop() {
                    out.push((from, at, of_a_trait));
                }
                if let Some((Some(_), from)) = open.last_mut() {
                    *from = at;
                }
                item_is_impl = None;
            }
            ';' => item_is_impl = None,
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

    /// Whether a function is in an `impl`, and then whether in a trait's.
    fn inside(text: &str, name: &str) -> Option<bool> {
        let at = text.find(name).map(|k| {
            let line = text[..k].matches('\n').count() + 1;
            (
                line,
                text[..k]
                    .rsplit('\n')
                    .next()
                    .map_or(0, |l| l.chars().count()),
            )
        });
        at.and_then(|at| {
            impls(text)
                .iter()
                .find(|(from, to, _)| *from < at && at < *to)
                .map(|(.., of_a_trait)| *of_a_trait)
        })
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
            assert_eq!(inside(text, name), place, "{name}");
        }
    }
}
