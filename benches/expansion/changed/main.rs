//! What the compiler makes of the functions in Rust sources that carry `#[differentiable]`, as numbers to compare: so the mutation tests
//! know which tests a mutation of the compiler can make any difference to.
//!
//! ```text
//! cargo run -p backprop-expansion --bin changed -- FILE ..
//! ```
//!
//! In: sources. Out, for each a line: its path, a number for each function whose expansion was looked at, and `more` where the file has
//! others, in the bodies of its macros.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, ItemImpl, Macro, Meta};

/// Without optimisation the compiler's frames are large.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    // Of a panic of the compiler only counts that it is one.
    std::panic::set_hook(Box::new(|_| {}));
    let work = move || files.iter().map(|f| line(f)).collect::<Option<Vec<_>>>();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    let Ok(Ok(Some(lines))) = thread.map(std::thread::JoinHandle::join) else {
        eprintln!("changed: a file cannot be read");
        return ExitCode::FAILURE;
    };
    println!("{}", lines.join("\n"));
    ExitCode::SUCCESS
}

fn line(path: &PathBuf) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut found = Found::default();
    found.visit_file(&syn::parse_file(&text).ok()?);
    let mut line = path.display().to_string();
    for number in &found.numbers {
        write!(line, " {number:016x}").ok()?;
    }
    if text.matches("differentiable").count() > found.mentions {
        line.push_str(" more");
    }
    Some(line)
}

#[derive(Default)]
struct Found {
    numbers: Vec<u64>,
    /// How often the attribute was named where that is understood.
    mentions: usize,
}

impl Found {
    /// Expands an item that carries the attribute, which is taken off.
    fn item<T: ToTokens + Clone>(&mut self, item: &T, attrs: fn(&mut T) -> &mut Vec<Attribute>) {
        let mut item = item.clone();
        let Some(k) = attrs(&mut item).iter().position(ours) else {
            return;
        };
        let options = match attrs(&mut item).remove(k).meta {
            Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        let item = item.to_token_stream();
        let compiled = catch_unwind(AssertUnwindSafe(|| compiler::compile(options, item)));
        let mut hasher = DefaultHasher::new();
        compiled.ok().map(|t| t.to_string()).hash(&mut hasher);
        self.numbers.push(hasher.finish());
        self.mentions += 1;
    }
}

fn ours(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|s| s.ident == "differentiable")
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, f: &'ast ItemFn) {
        self.item(f, |f| &mut f.attrs);
        visit::visit_item_fn(self, f);
    }

    fn visit_impl_item_fn(&mut self, f: &'ast ImplItemFn) {
        self.item(f, |f| &mut f.attrs);
        visit::visit_impl_item_fn(self, f);
    }

    fn visit_item_impl(&mut self, i: &'ast ItemImpl) {
        self.item(i, |i| &mut i.attrs);
        visit::visit_item_impl(self, i);
    }

    fn visit_item_use(&mut self, u: &'ast syn::ItemUse) {
        self.mentions += u
            .to_token_stream()
            .to_string()
            .matches("differentiable")
            .count();
    }

    /// What macros are given may be items.
    fn visit_macro(&mut self, m: &'ast Macro) {
        if let Ok(file) = syn::parse2::<syn::File>(m.tokens.clone()) {
            self.visit_file(&file);
        }
    }
}
