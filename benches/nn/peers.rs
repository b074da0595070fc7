//! The same work in other systems: programs under `benches/peers` that do a round of steps for each line they read, and answer with its time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the peers' packages are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");

/// Which peers are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    None,
    Python,
    All,
}

/// A peer: its name, the program, and what comes first on its command line.
const PYTHON: [(&str, &str, &str); 3] = [
    ("torch", "torch_nn.py", "eager"),
    ("torch_compiled", "torch_nn.py", "compiled"),
    ("jax", "jax_nn.py", "jit"),
];
const RUST: [(&str, &str, &str); 2] = [
    ("candle", "candle_nn", "eager"),
    ("burn", "burn_nn", "eager"),
];

/// A running peer.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Microseconds of the first step, from the making of the model on.
    pub(crate) first: f64,
    process: Child,
    answers: BufReader<ChildStdout>,
}

/// Starts all peers that are installed, one after the other; each has warmed up when this returns. What is not there, or does not have this work, is said.
pub(crate) fn start(which: Which, work: &str, batch: usize, threads: usize) -> Vec<Peer> {
    let mut peers = Vec::new();
    let mut add = |name, peer: Result<Peer, String>| match peer {
        Ok(peer) => peers.push(peer),
        Err(problem) => println!("{name}: {problem}; skipped"),
    };
    if which != Which::None {
        for (name, script, mode) in PYTHON {
            let mut command = Command::new("python3");
            command.arg(format!("{SCRIPTS}/{script}"));
            add(
                name,
                Peer::start(name, command, mode, (work, batch, threads)),
            );
        }
    }
    // Neither comes with a transformer to measure.
    if which == Which::All && !work.starts_with("gpt") {
        for (name, package, mode) in RUST {
            let peer = build(package).and_then(|program| {
                Peer::start(name, Command::new(program), mode, (work, batch, threads))
            });
            add(name, peer);
        }
    }
    peers
}

/// Builds a package under `benches/peers`; where its program is.
fn build(package: &str) -> Result<String, String> {
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--manifest-path"])
        .arg(format!("{SCRIPTS}/{package}/Cargo.toml"))
        .args(["--target-dir", FOLDER])
        .status();
    match status {
        Ok(status) if status.success() => Ok(format!("{FOLDER}/release/{package}")),
        Ok(status) => Err(format!("cargo ends with {status}")),
        Err(error) => Err(format!("cargo: {error}")),
    }
}

impl Peer {
    fn start(
        name: &'static str,
        mut command: Command,
        mode: &str,
        (work, batch, threads): (&str, usize, usize),
    ) -> Result<Self, String> {
        let threads = threads.to_string();
        for variable in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env(variable, &threads);
        }
        let mut process = command
            .args([work, &batch.to_string(), &threads, mode])
            .env("PYTHONPATH", FOLDER)
            .env("JAX_PLATFORMS", "cpu")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let answers = process.stdout.take().map(BufReader::new);
        let mut peer = Peer {
            name,
            first: f64::NAN,
            process,
            answers: answers.ok_or("it has no output")?,
        };
        let ready = peer
            .line()
            .and_then(|line| line.strip_prefix("ready ")?.parse().ok());
        peer.first =
            ready.ok_or_else(|| format!("it does not start: is it installed in {FOLDER}?"))?;
        Ok(peer)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().into())
    }

    /// Microseconds for a step, in a round of so many. `None` where the peer has stopped.
    pub(crate) fn round(&mut self, steps: usize) -> Option<f64> {
        writeln!(self.process.stdin.as_mut()?, "{steps}").ok()?;
        self.line()?.parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
