//! Training steps of networks: ours, and the same work in other systems, in turn on the same machine.
//!
//! ```text
//! cargo bench --bench nn                       # ours
//! cargo bench --bench nn -- --peers            # and PyTorch, also compiled, and JAX, from the folder target/peers:
//!     pip install --target target/peers torch jax numpy
//! cargo bench --bench nn -- --all-peers        # and candle and burn, which cargo builds there
//! ```
//!
//! A step is forward pass, loss, backward pass and an update, in single precision: by gradient descent for the MLP 784-128-64-10 and the convolutional network after LeNet-5, by AdamW
//! for the transformers (`gpt_s`: 4 layers, 4 heads, 128 channels, 64 tokens; `gpt_m`: 6, 6, 384, 128). Of each round of steps the mean time is taken, of the rounds the
//! median; ratios are of rounds that followed one another. A ratio above 1 means that ours is faster. Of the first step, from a cold start, the time is that of all that it takes:
//! compilation, where there is any. The lines that begin with `nn` are for scripts.
//!
//! Each of ours is first seen to allocate nothing in a step, on one thread, and the most memory that it held is compared with what it needs by its nature: data, parameters, activations,
//! gradients by both, and the optimizer's state.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]
#![allow(clippy::too_many_arguments, reason = "each activation is a buffer")]

mod cnn;
mod gpt;
mod mlp;
mod peers;
mod work;

use std::time::{Duration, Instant};

use clap::Parser;

use crate::peers::{Peer, Which};
use crate::work::Work;

/// How long a round takes, about.
const ROUND: Duration = Duration::from_millis(60);
/// The most memory, as a multiple of what the work needs by its nature.
const MOST_MEMORY: f64 = 1.2;

/// Times training steps.
#[derive(Debug, Parser)]
struct Options {
    /// Compare with PyTorch and JAX.
    #[arg(long)]
    peers: bool,
    /// And with candle and burn.
    #[arg(long)]
    all_peers: bool,
    /// Only work of which the name begins like this: mlp, cnn, gpt_s, gpt_m.
    #[arg(long, default_value = "")]
    work: String,
    /// Only on so many threads. Default: 1, then 2.
    #[arg(long)]
    threads: Option<usize>,
    /// Rounds of each.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// A few rounds on one thread, to see that it works.
    #[arg(long)]
    brief: bool,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured, with batches of so many samples.
const ROWS: [(&str, usize); 6] = [
    ("mlp", 1),
    ("mlp", 32),
    ("mlp", 128),
    ("cnn", 32),
    ("gpt_s", 8),
    ("gpt_m", 8),
];

/// A row of the table.
#[derive(Clone, Copy)]
struct Row {
    work: &'static str,
    batch: usize,
    threads: usize,
}

impl Row {
    fn work(self) -> Work {
        match self.work {
            "mlp" => mlp::work(self.batch),
            "cnn" => cnn::work(self.batch),
            "gpt_s" => gpt::work(gpt::S, self.batch),
            _ => gpt::work(gpt::M, self.batch),
        }
    }

    /// What it is called in lines for scripts.
    fn key(self) -> String {
        let Row {
            work,
            batch,
            threads,
        } = self;
        format!("work={work} batch={batch} threads={threads}")
    }
}

fn main() {
    let options = Options::parse();
    let threads = match (options.threads, options.brief) {
        (Some(n), _) => vec![n.max(1)],
        (None, true) => vec![1],
        (None, false) => vec![1, 2],
    };
    println!("work  batch threads      ours      peer              its time   ratio");
    for threads in threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = match pool {
            Ok(pool) => pool,
            Err(error) => {
                eprintln!("error: {threads} threads: {error}");
                std::process::exit(1);
            }
        };
        for (work, batch) in ROWS {
            let row = Row {
                work,
                batch,
                threads,
            };
            if work.starts_with(&options.work) {
                pool.install(|| measure(row, &options));
            }
        }
    }
}

fn measure(row: Row, options: &Options) {
    let rounds = if options.brief {
        3
    } else {
        options.rounds.max(1)
    };
    if row.threads == 1 {
        memory(row);
    }
    let start = Instant::now();
    let mut step = row.work().step;
    std::hint::black_box(step());
    let first = start.elapsed().as_secs_f64() * 1e6;
    let steps = calibrate(&mut step);
    let which = match (options.all_peers, options.peers) {
        (true, _) => Which::All,
        (false, true) => Which::Python,
        (false, false) => Which::None,
    };
    let mut peers = peers::start(which, row.work, row.batch, row.threads);
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        ours.push(time(&mut step, steps));
        for (peer, times) in peers.iter_mut().zip(&mut theirs) {
            times.extend(peer.round(steps));
        }
    }
    let us = median(ours.clone());
    let Row {
        work,
        batch,
        threads,
    } = row;
    if peers.is_empty() {
        println!("{work:<5} {batch:>5} {threads:>7} {us:>9.1} µs");
        println!("nn {} ours_us={us:.2}", row.key());
    }
    for (peer, times) in peers.iter().zip(theirs) {
        report(row, us, &ours, peer, times);
        println!(
            "nn_first {} ours_us={first:.0} peer={} peer_us={:.0} ratio={:.1}",
            row.key(),
            peer.name,
            peer.first,
            peer.first / first
        );
    }
}

/// Sees that a step allocates nothing, and compares the most memory with what is needed.
fn memory(row: Row) {
    let (mut in_a_step, mut needed) = (0, 0);
    let all = allocation_counter::measure(|| {
        let Work { mut step, memory } = row.work();
        std::hint::black_box(step());
        needed = memory;
        in_a_step = allocation_counter::measure(|| {
            std::hint::black_box(step());
        })
        .count_total;
    });
    let ratio = all.bytes_max as f64 / needed as f64;
    println!(
        "nn_memory {} allocations={in_a_step} peak_bytes={} needed_bytes={needed} ratio={ratio:.3}",
        row.key(),
        all.bytes_max
    );
    assert_eq!(in_a_step, 0, "{}: a step allocates", row.key());
    assert!(
        ratio <= MOST_MEMORY,
        "{}: {ratio:.3} times the memory that the work needs",
        row.key()
    );
}

fn report(row: Row, us: f64, ours: &[f64], peer: &Peer, times: Vec<f64>) {
    let Row {
        work,
        batch,
        threads,
    } = row;
    let name = peer.name;
    if times.len() != ours.len() {
        println!("{work:<5} {batch:>5} {threads:>7} {us:>9.1} µs  {name:<14} stopped");
        return;
    }
    let ratios = times.iter().zip(ours).map(|(its, ours)| its / ours);
    let ratio = median(ratios.collect());
    let its = median(times);
    println!(
        "{work:<5} {batch:>5} {threads:>7} {us:>9.1} µs  {name:<14} {its:>9.1} µs  {ratio:>6.2}"
    );
    println!(
        "nn {} ours_us={us:.2} peer={name} peer_us={its:.2} ratio={ratio:.3}",
        row.key()
    );
}

/// How many steps make a round.
fn calibrate(step: &mut dyn FnMut() -> f32) -> usize {
    let mut steps = 1;
    loop {
        let start = Instant::now();
        (0..steps).for_each(|_| {
            std::hint::black_box(step());
        });
        let took = start.elapsed();
        if took * 2 >= ROUND {
            return steps;
        }
        steps *= 2;
    }
}

/// Microseconds for a step.
fn time(step: &mut dyn FnMut() -> f32, steps: usize) -> f64 {
    let start = Instant::now();
    for _ in 0..steps {
        std::hint::black_box(step());
    }
    start.elapsed().as_secs_f64() * 1e6 / steps as f64
}

fn median(mut xs: Vec<f64>) -> f64 {
    xs.sort_by(f64::total_cmp);
    xs[xs.len() / 2]
}
