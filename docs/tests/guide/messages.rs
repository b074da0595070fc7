//! Every message that can be given, read from the sources: `…` stands where a word of the user's is filled in.
//!
//! In the compiler a message is the second argument of `Errors::at` and `Errors::at_span`, or the first of `row`; in the runtime it is
//! the `message` of `#[diagnostic::on_unimplemented]`. One that stands there in another form fails the test, so none is overlooked.

use std::collections::{BTreeSet, HashMap};

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{Expr, Lit};

use crate::book::{files, read, root};

/// What rustc itself says, in words of its own, about a mistake that is ours to explain.
pub(crate) const OF_RUSTC: [&str; 3] = [
    "no method named `__derivative_of_…` found for … in the current scope",
    "no associated item named `__derivative_of_…` found for … in the current scope",
    "the name `…` is defined multiple times",
];

/// All messages.
pub(crate) fn all() -> BTreeSet<String> {
    let mut found = Finder::default();
    let tests = |p: &std::path::Path| p.components().any(|c| c.as_os_str() == "tests");
    for path in files(&root().join("backprop-macros/src"), "rs") {
        let test = tests(path.strip_prefix(root()).expect("a file of ours"));
        if !test && path.file_name().is_some_and(|n| n != "tests.rs") {
            let text = read(&path);
            let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            found.named.clear();
            found.rows = path.ends_with("fence/messages.rs");
            // Constants and variables first, then what they are used for.
            found.naming = true;
            found.visit_file(&file);
            found.naming = false;
            found.visit_file(&file);
        }
    }
    for path in files(&root().join("backprop-runtime/src"), "rs") {
        let text = read(&path);
        for rest in text.split("on_unimplemented(").skip(1) {
            let message = rest
                .trim_start()
                .strip_prefix("message = \"")
                .and_then(|r| r.split_once('"'));
            let (message, _) = message.unwrap_or_else(|| panic!("{}: no message", path.display()));
            found.messages.insert(template(message));
        }
    }
    found.messages
}

#[derive(Default)]
struct Finder {
    messages: BTreeSet<String>,
    /// The texts that names of the present file stand for.
    named: HashMap<String, String>,
    naming: bool,
    /// The present file has the fence's rows.
    rows: bool,
}

impl Finder {
    fn note(&mut self, argument: &Expr) {
        let text = match argument {
            Expr::Path(p) => self.named.get(&p.to_token_stream().to_string()).cloned(),
            e => text(e),
        };
        match text {
            Some(text) => {
                self.messages.insert(text);
            }
            None => {
                let form = argument.to_token_stream().to_string();
                // The rows of `fence/messages.rs`, which are found where they are written.
                assert!(
                    form.contains("row . what"),
                    "a message in a form not known here: {form}"
                );
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if let (true, Some(text)) = (self.naming, text(&item.expr)) {
            self.named.insert(item.ident.to_string(), text);
        }
        visit::visit_item_const(self, item);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (true, syn::Pat::Ident(p), Some(init)) = (self.naming, &local.pat, &local.init)
            && let Some(text) = text(&init.expr)
        {
            self.named.insert(p.ident.to_string(), text);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (true, false, Expr::Path(p), Some(what)) =
            (self.rows, self.naming, &*call.func, call.args.first())
            && p.path.is_ident("row")
        {
            self.note(what);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if !self.naming && (call.method == "at" || call.method == "at_span") && call.args.len() == 3
        {
            self.note(&call.args[1]);
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The text of a literal or of a `format!`.
fn text(e: &Expr) -> Option<String> {
    let literal = match e {
        Expr::Lit(l) => l.lit.clone(),
        Expr::Macro(m) if m.mac.path.is_ident("format") => {
            let first = m.mac.tokens.clone().into_iter().next()?;
            syn::parse2(first.to_token_stream()).ok()?
        }
        _ => return None,
    };
    match literal {
        Lit::Str(s) => Some(template(&s.value())),
        _ => None,
    }
}

/// Puts `…` for what stands in braces.
fn template(format: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in format.chars() {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    out.push('…');
                }
            }
            '}' => depth -= 1,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// Whether a message is one of a template.
pub(crate) fn fits(template: &str, message: &str) -> bool {
    let mut parts = template.split('…');
    let Some(mut rest) = parts.next().and_then(|first| message.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn templates_fit() {
    assert!(fits("`…` is not `…`", "`a` is not `b`"));
    assert!(fits("no … at all", "no `x` at all"));
    assert!(!fits("no … at all", "no `x` at all, none"));
    assert!(fits("plain", "plain") && !fits("plain", "plainer"));
}
