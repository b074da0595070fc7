//! Functions where they stand: free, or in an `impl` block.

use super::{function, head, options};
use crate::syntax::{Home, Param, Program};

/// A piece of the program with one attribute.
pub(crate) struct Item {
    /// What has to be there and has no attribute.
    before: String,
    options: String,
    text: String,
    /// Whether it stands in a block of the program's own struct.
    within: bool,
    /// Whether it has a `self`.
    method: bool,
}

impl Item {
    /// As it is written.
    pub(crate) fn attributed(&self) -> String {
        self.placed(&(attribute(&self.options) + &self.text))
    }

    pub(crate) fn plain(&self) -> String {
        self.placed(&self.text)
    }

    /// With what the attribute, of these options on this text, makes of it.
    pub(crate) fn expanded<E>(
        &self,
        expand: impl FnOnce(&str, &str) -> Result<String, E>,
    ) -> Result<String, E> {
        if self.within && !self.method {
            // That it stands in a block the attribute finds out from the source file, which there is none of.
            return Ok(self.before.clone() + &expand("", &self.block())?);
        }
        Ok(self.placed(&expand(&self.options, &self.text)?))
    }

    fn block(&self) -> String {
        let inner = match &self.options[..] {
            "" => String::new(),
            options => attribute(options),
        };
        format!("impl Planet {{\n{inner}{}}}\n", self.text)
    }

    fn placed(&self, text: &str) -> String {
        let before = &self.before;
        match self.within {
            true => format!("{before}impl Planet {{\n{text}}}\n"),
            false => format!("{before}{text}"),
        }
    }
}

/// The struct that methods are of. Each program has its own: what is beside a method is in the type's name space.
const PLANET: &str = "\
#[derive(Clone, Copy, Debug, Default, Differentiable)]
pub struct Planet {
    pub at: [f64; 2],
    pub mass: f64,
    pub moons: usize,
}
";

pub(crate) fn items(program: &Program, without: &[&str], words: &[&str]) -> Vec<Item> {
    let mut list = Vec::new();
    for f in &program.functions {
        let (options, text) = (options(f, without, words), function(program, f));
        let inner = match &options[..] {
            "" => String::new(),
            _ => attribute(&options),
        };
        let mut item = Item {
            before: String::new(),
            options: String::new(),
            within: f.home == Home::Method,
            method: f.params.first().is_some_and(Param::is_self),
            text: format!("pub {text}"),
        };
        match f.home {
            Home::Free | Home::Method => item.options = options,
            Home::Block => item.text = format!("impl Planet {{\n{inner}{}}}\n", item.text),
            Home::Trait => {
                let name = format!("Has{}", f.name.to_uppercase());
                let head = head(program, f);
                let head = head.replace("#[out] ", "").replace("#[nodiff] ", "");
                item.before = format!("pub trait {name} {{\n{head};\n}}\n\n");
                item.text = format!("impl {name} for Planet {{\n{inner}{text}}}\n");
            }
        }
        list.push(item);
    }
    if list.iter().any(|item| item.text.contains("Planet")) || list.iter().any(|item| item.within) {
        list[0].before.insert_str(0, &format!("{PLANET}\n"));
    }
    list
}

fn attribute(options: &str) -> String {
    match options {
        "" => "#[differentiable]\n".to_string(),
        _ => format!("#[differentiable({options})]\n"),
    }
}
