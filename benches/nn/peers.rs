//! The same work in other systems: Python programs under `benches/peers` that do a round of steps for each line they read, and answer with its time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the peers' packages are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");

/// A running peer.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    process: Child,
    answers: BufReader<ChildStdout>,
}

/// Starts all peers that are installed, one after the other; each has warmed up when this returns. What is not there is said.
pub(crate) fn start(work: &str, batch: usize) -> Vec<Peer> {
    let mut peers = Vec::new();
    for name in ["torch", "jax"] {
        match Peer::start(name, work, batch) {
            Ok(peer) => peers.push(peer),
            Err(problem) => println!("{name}: {problem}; skipped"),
        }
    }
    peers
}

impl Peer {
    fn start(name: &'static str, work: &str, batch: usize) -> Result<Self, String> {
        let mut process = Command::new("python3")
            .arg(format!("{SCRIPTS}/{name}_nn.py"))
            .args([work, &batch.to_string()])
            .env("PYTHONPATH", FOLDER)
            .env("OMP_NUM_THREADS", "1")
            .env("JAX_PLATFORMS", "cpu")
            .env(
                "XLA_FLAGS",
                "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("python3: {error}"))?;
        let answers = process.stdout.take().map(BufReader::new);
        let mut peer = Peer {
            name,
            process,
            answers: answers.ok_or("it has no output")?,
        };
        match peer.line() {
            Some(line) if line == "ready" => Ok(peer),
            _ => Err(format!("it does not start: is it installed in {FOLDER}?")),
        }
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
