//! Where sources lie, and the functions in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, ItemFn, TraitItemFn};

/// The sources of all dependencies, and those of the standard library.
pub(crate) fn folders() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let registry = home.map(|h| h.join("registry").join("src"));
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let library = sysroot.ok().and_then(|out| {
        let root = String::from_utf8(out.stdout).ok()?;
        Some(Path::new(root.trim()).join("lib/rustlib/src/rust/library"))
    });
    registry
        .into_iter()
        .chain(library)
        .filter(|f| f.exists())
        .collect()
}

/// The sources below a folder, or a file itself; in the order of their names.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        let source = path.extension().is_some_and(|e| e == "rs");
        return source.then(|| path.to_owned()).into_iter().collect();
    }
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut inside: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    inside.sort();
    inside.iter().flat_map(|p| files(p)).collect()
}

/// The functions of a file, methods included, as the attribute would get them.
pub(crate) fn functions(file: &Path) -> Vec<TokenStream> {
    let mut found = Found(Vec::new());
    if let Ok(text) = fs::read_to_string(file)
        && let Ok(file) = syn::parse_file(&text)
    {
        found.visit_file(&file);
    }
    found.0
}

struct Found(Vec<TokenStream>);

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, f: &'ast ItemFn) {
        self.0.push(f.to_token_stream());
        visit::visit_item_fn(self, f);
    }

    fn visit_impl_item_fn(&mut self, f: &'ast ImplItemFn) {
        self.0.push(f.to_token_stream());
        visit::visit_impl_item_fn(self, f);
    }

    fn visit_trait_item_fn(&mut self, f: &'ast TraitItemFn) {
        if f.default.is_some() {
            self.0.push(f.to_token_stream());
        }
        visit::visit_trait_item_fn(self, f);
    }
}
