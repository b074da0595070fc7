//! A crate in the target folder that programs are compiled and run in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use super::source;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Debug => "debug",
            Profile::Release => "release",
        }
    }
}

/// An error of the compiler's: its code, if it has one, and its first line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) code: Option<String>,
    pub(crate) text: String,
}

/// The first error in each module that has one.
pub(crate) type Failures = BTreeMap<usize, Message>;

/// What running the crate gave: its lines, and the module in which it died, if it did.
pub(crate) struct Run {
    pub(crate) lines: Vec<String>,
    pub(crate) died: bool,
}

pub(crate) struct Scratch {
    folder: PathBuf,
}

const MANIFEST: &str = r#"[package]
name = "programs"
version = "0.0.0"
edition = "2024"

[dependencies]
backprop = BACKPROP

[workspace]

[profile.dev]
debug = false
incremental = false

# Half of the time of an optimised build went into optimising across units.
[profile.release]
opt-level = 2
debug = false
lto = "off"
"#;

impl Scratch {
    /// A folder of its own for each name, so that two runs do not meet. `audit`: every gradient compares itself with forward mode, and
    /// panics where they differ.
    pub(crate) fn new(name: &str, audit: bool) -> io::Result<Scratch> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize()?;
        let folder = target()?.join("programs").join(name);
        fs::create_dir_all(folder.join("src"))?;
        let path = root.to_string_lossy();
        let backprop = if audit {
            format!("{{ package = \"backprop-audited\", path = \"{path}/tests/audit/facade\" }}")
        } else {
            format!("{{ path = \"{path}\" }}")
        };
        let manifest = MANIFEST.replace("BACKPROP", &backprop);
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The versions that the workspace has.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(folder.join("src/prelude.rs"), source::PRELUDE)?;
        Ok(Scratch { folder })
    }

    /// Compiles the modules that compile; gives the errors of the others.
    pub(crate) fn compile(
        &self,
        modules: &BTreeMap<usize, String>,
        profile: Profile,
    ) -> io::Result<Failures> {
        self.write(modules)?;
        self.until_it_compiles(modules, &|| self.cargo("build", profile))
    }

    /// The same without code, which is faster.
    pub(crate) fn check(&self, modules: &BTreeMap<usize, String>) -> io::Result<Failures> {
        self.write(modules)?;
        self.until_it_compiles(modules, &|| self.cargo("check", Profile::Debug))
    }

    /// The errors that the compiler reports first. It goes through all modules stage by stage, and an early error hides later ones.
    pub(crate) fn check_once(&self, modules: &BTreeMap<usize, String>) -> io::Result<Failures> {
        self.write(modules)?;
        let all: Vec<usize> = modules.keys().copied().collect();
        fs::write(self.folder.join("src/main.rs"), source::main(&all))?;
        self.cargo("check", Profile::Debug)
    }

    fn write(&self, modules: &BTreeMap<usize, String>) -> io::Result<()> {
        for entry in fs::read_dir(self.folder.join("src"))? {
            let path = entry?.path();
            if !path.ends_with("prelude.rs") {
                fs::remove_file(path)?;
            }
        }
        for (number, text) in modules {
            fs::write(self.folder.join(format!("src/p{number}.rs")), text)?;
        }
        Ok(())
    }

    fn until_it_compiles(
        &self,
        modules: &BTreeMap<usize, String>,
        compile: &dyn Fn() -> io::Result<Failures>,
    ) -> io::Result<Failures> {
        let mut failures = Failures::new();
        loop {
            let left = modules.keys().filter(|k| !failures.contains_key(*k));
            let left: Vec<usize> = left.copied().collect();
            fs::write(self.folder.join("src/main.rs"), source::main(&left))?;
            let errors = compile()?;
            if errors.is_empty() {
                return Ok(failures);
            }
            let known: BTreeSet<usize> = failures.keys().copied().collect();
            failures.extend(errors.into_iter().filter(|(k, _)| !known.contains(k)));
            if failures.len() == known.len() {
                return Err(io::Error::other("the same errors again"));
            }
        }
    }

    fn cargo(&self, what: &str, profile: Profile) -> io::Result<Failures> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        command
            .args([what, "--quiet", "--message-format=short"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.built());
        if profile == Profile::Release {
            command.arg("--release");
        }
        let output = command.output()?;
        if output.status.success() {
            return Ok(Failures::new());
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut failures = Failures::new();
        for (number, message) in text.lines().filter_map(error) {
            failures.entry(number).or_insert(message);
        }
        if failures.is_empty() {
            return Err(io::Error::other(format!("cargo failed:\n{text}")));
        }
        Ok(failures)
    }

    /// All scratch crates share what they depend on.
    fn built(&self) -> PathBuf {
        self.folder
            .with_file_name("built")
            .join(self.folder.file_name().unwrap_or_default())
    }

    /// Runs what was compiled last.
    pub(crate) fn run(&self, profile: Profile, limit: Duration) -> io::Result<Run> {
        let program = self.built().join(profile.name()).join("programs");
        let lines = self.folder.join("lines");
        let mut child = Command::new(program)
            .stdout(fs::File::create(&lines)?)
            .stderr(Stdio::null())
            .spawn()?;
        let start = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if start.elapsed() > limit => {
                    child.kill()?;
                    child.wait()?;
                    break None;
                }
                None => thread::sleep(Duration::from_millis(10)),
            }
        };
        let lines = fs::read_to_string(lines)?;
        Ok(Run {
            lines: lines.lines().map(str::to_string).collect(),
            died: !status.is_some_and(|s| s.success()),
        })
    }
}

/// The target folder that this program itself was built in: cargo marks it.
fn target() -> io::Result<PathBuf> {
    let here = env::current_exe()?;
    let marked = |folder: &&Path| folder.join("CACHEDIR.TAG").exists();
    match here.ancestors().find(marked) {
        Some(folder) => Ok(folder.to_path_buf()),
        None => Err(io::Error::other("not in a target folder")),
    }
}

/// Reads `src/p12.rs:3:4: error[E0308]: text`.
fn error(line: &str) -> Option<(usize, Message)> {
    let rest = line.strip_prefix("src/p")?;
    let (number, rest) = rest.split_once(".rs:")?;
    let (_, rest) = rest.split_once(": error")?;
    let (code, text) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (code, text) = rest.split_once("]: ")?;
            (Some(code.to_string()), text)
        }
        None => (None, rest.strip_prefix(": ")?),
    };
    let text = text.to_string();
    Some((number.parse().ok()?, Message { code, text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read() {
        let (number, message) =
            error("src/p12.rs:3:4: error[E0308]: mismatched types: x").expect("an error");
        assert_eq!(number, 12);
        assert_eq!(message.code.as_deref(), Some("E0308"));
        assert_eq!(message.text, "mismatched types: x");
        let (_, message) = error("src/p0.rs:3:4: error: `x` is read here").expect("an error");
        assert_eq!(message.code, None);
        assert_eq!(error("src/p0.rs:3:4: warning: unused"), None);
        assert_eq!(error("src/main.rs:3:4: error: unused"), None);
    }
}
