//! Training steps of networks: ours, and the same work in other systems, in turn on the same machine.
//!
//! ```text
//! cargo bench --bench nn                       # ours
//! cargo bench --bench nn -- --peers            # and PyTorch and JAX, from the folder target/peers:
//!     pip install --target target/peers torch jax numpy
//! ```
//!
//! A step is forward pass, loss, backward pass and an update by gradient descent, in single precision, on one thread. Of each round of steps the mean time is taken, of
//! the rounds the median; ratios are of rounds that followed one another. The lines that begin with `nn` are for scripts; a ratio above 1 means that ours is faster.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod mlp;
mod peers;

use std::time::{Duration, Instant};

use clap::Parser;

use crate::peers::Peer;

/// How long a round takes, about.
const ROUND: Duration = Duration::from_millis(60);

/// Times training steps.
#[derive(Debug, Parser)]
struct Options {
    /// Compare with PyTorch and JAX.
    #[arg(long)]
    peers: bool,
    /// Rounds of each.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// A few rounds, to see that it works.
    #[arg(long)]
    brief: bool,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured: a network of three dense layers, 784-128-64-10 with rectifiers, with batches of so many pictures.
const WORK: &str = "mlp";
const BATCHES: [usize; 3] = [1, 32, 128];

fn main() {
    let options = Options::parse();
    let rounds = if options.brief {
        3
    } else {
        options.rounds.max(1)
    };
    println!("work batch      ours      peer            its time   ratio");
    for batch in BATCHES {
        row(batch, rounds, options.peers);
    }
}

fn row(batch: usize, rounds: usize, with_peers: bool) {
    let mut step = mlp::step(batch);
    let steps = calibrate(&mut step);
    let mut peers = if with_peers {
        peers::start(WORK, batch)
    } else {
        Vec::new()
    };
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        let time = time(&mut step, steps);
        ours.push(time);
        for (peer, times) in peers.iter_mut().zip(&mut theirs) {
            times.extend(peer.round(steps));
        }
    }
    let us = median(ours.clone());
    if peers.is_empty() {
        println!("{WORK:>4} {batch:>5} {us:>9.1} µs");
        println!("nn work={WORK} batch={batch} threads=1 ours_us={us:.2}");
    }
    for (peer, times) in peers.iter().zip(theirs) {
        report(batch, us, &ours, peer, times);
    }
}

fn report(batch: usize, us: f64, ours: &[f64], peer: &Peer, times: Vec<f64>) {
    if times.len() != ours.len() {
        println!(
            "{WORK:>4} {batch:>5} {us:>9.1} µs  {:<8} stopped",
            peer.name
        );
        return;
    }
    let ratio = median(
        times
            .iter()
            .zip(ours)
            .map(|(its, ours)| its / ours)
            .collect(),
    );
    let its = median(times);
    println!(
        "{WORK:>4} {batch:>5} {us:>9.1} µs  {:<8} {its:>12.1} µs  {ratio:>6.2}",
        peer.name
    );
    println!(
        "nn work={WORK} batch={batch} threads=1 ours_us={us:.2} peer={} peer_us={its:.2} ratio={ratio:.3}",
        peer.name
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
