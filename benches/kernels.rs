//! Kernels and their derivatives, against plain loops as one writes them first.
//!
//! ```text
//! cargo bench --bench kernels
//! ```
//!
//! Both are run in turn, many times; what counts is the median of the ratios of neighbours: above 1, the kernel is faster. One line for each: also how many multiplications and
//! additions a nanosecond holds, for matrix products. `-- --brief` is for checking that it works, a word picks kernels.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use backprop::kernel::*;

/// How much to measure.
struct Plan {
    /// Pairs of measurements for each kernel.
    pairs: usize,
    /// The length of each measurement.
    slice: Duration,
    /// Part of the names that are wanted.
    filter: Option<String>,
}

fn main() {
    let mut plan = Plan {
        pairs: 101,
        slice: Duration::from_micros(500),
        filter: None,
    };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            // What cargo passes to every benchmark.
            "--bench" => {}
            "--brief" => (plan.pairs, plan.slice) = (5, Duration::from_micros(50)),
            option if option.starts_with('-') => {
                eprintln!("unknown option `{option}`: there are --brief and a part of a name");
                std::process::exit(2);
            }
            part => plan.filter = Some(part.to_owned()),
        }
    }
    products(&plan);
    rows(&plan);
    pictures(&plan);
    tokens(&plan);
}

/// A layer's forward pass, and its derivative by input and weights.
fn products(plan: &Plan) {
    for [m, k, n] in [
        [1, 784, 128],
        [32, 784, 128],
        [128, 128, 64],
        [512, 384, 384],
    ] {
        let (x, w, bias) = (numbers(m * k, 1), numbers(n * k, 2), numbers(n, 3));
        let (mut y, mut y_plain) = (vec![0.0_f32; m * n], vec![0.0; m * n]);
        let flops = 2.0 * (m * k * n) as f64;
        measure(
            plan,
            &format!("linear/{m}x{k}x{n}"),
            flops,
            || linear(black_box(&x), &w, &bias, &mut y, [m, k, n]),
            || plain_linear(black_box(&x), &w, &bias, &mut y_plain, [m, k, n]),
        );
        let (mut d_x, mut d_w, mut d_bias) = (x.clone(), w.clone(), bias.clone());
        let (mut p_x, mut p_w, mut p_bias) = (x.clone(), w.clone(), bias.clone());
        let d_y = numbers(m * n, 4);
        let mut cotangent = d_y.clone();
        measure(
            plan,
            &format!("linear_vjp/{m}x{k}x{n}"),
            3.0 * flops,
            || {
                cotangent.copy_from_slice(&d_y);
                linear_vjp(
                    &x,
                    &mut d_x,
                    &w,
                    &mut d_w,
                    &bias,
                    &mut d_bias,
                    &mut y,
                    &mut cotangent,
                    [m, k, n],
                );
            },
            || {
                plain_linear(black_box(&x), &w, &bias, &mut y_plain, [m, k, n]);
                for i in 0..m {
                    for j in 0..n {
                        let d = d_y[i * n + j];
                        p_bias[j] += d;
                        for p in 0..k {
                            p_x[i * k + p] += d * w[j * k + p];
                            p_w[j * k + p] += d * x[i * k + p];
                        }
                    }
                }
                black_box((&mut p_x, &mut p_w, &mut p_bias));
            },
        );
    }
}

fn plain_linear(x: &[f32], w: &[f32], bias: &[f32], y: &mut [f32], [m, k, n]: [usize; 3]) {
    for i in 0..m {
        for j in 0..n {
            let pairs = x[i * k..][..k].iter().zip(&w[j * k..][..k]);
            y[i * n + j] = bias[j] + pairs.map(|(x, w)| x * w).sum::<f32>();
        }
    }
}

/// What goes row by row.
fn rows(plan: &Plan) {
    let (count, columns) = (128, 384);
    let (x, scale, shift) = (
        numbers(count * columns, 1),
        numbers(columns, 2),
        numbers(columns, 3),
    );
    let (mut y, mut y_plain) = (x.clone(), x.clone());
    measure(
        plan,
        "softmax/128x384",
        0.0,
        || softmax(black_box(&x), &mut y, columns),
        || {
            for (x, y) in black_box(&x)
                .chunks(columns)
                .zip(y_plain.chunks_mut(columns))
            {
                let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0.0;
                for (y, x) in y.iter_mut().zip(x) {
                    *y = (x - largest).exp();
                    sum += *y;
                }
                y.iter_mut().for_each(|y| *y /= sum);
            }
        },
    );
    measure(
        plan,
        "layer_norm/128x384",
        0.0,
        || layer_norm(black_box(&x), &scale, &shift, &mut y, 1e-5),
        || {
            for (x, y) in black_box(&x)
                .chunks(columns)
                .zip(y_plain.chunks_mut(columns))
            {
                let n = columns as f32;
                let mean = x.iter().sum::<f32>() / n;
                let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
                let inverse = 1.0 / (variance + 1e-5).sqrt();
                for i in 0..columns {
                    y[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
                }
            }
        },
    );
}

/// A convolution of LeNet.
fn pictures(plan: &Plan) {
    let windows = Windows {
        stride: [1, 1],
        ..Windows::tiles(8, 6, [12, 12], [5, 5])
    };
    let filters = 16;
    let [down, across] = windows.count();
    let (x, w, bias) = (
        numbers(8 * 6 * 144, 1),
        numbers(filters * 150, 2),
        numbers(filters, 3),
    );
    let mut y = vec![0.0_f32; 8 * filters * down * across];
    let mut y_plain = y.clone();
    let mut workspace = vec![0.0; conv2d_workspace(&windows)];
    measure(
        plan,
        "conv2d/8x6x12x12-16x5x5",
        2.0 * 150.0 * y.len() as f64,
        || {
            conv2d(
                black_box(&x),
                &w,
                &bias,
                &mut y,
                &mut workspace,
                windows,
                filters,
            )
        },
        || {
            for (i, y) in y_plain.iter_mut().enumerate() {
                let (row, column) = (i / across % down, i % across);
                let (sample, filter) =
                    (i / (across * down * filters), i / (across * down) % filters);
                let mut sum = bias[filter];
                for channel in 0..6 {
                    for tap in 0..5 {
                        let x = &x[(sample * 6 + channel) * 144 + (row + tap) * 12 + column..][..5];
                        let w = &w[(filter * 6 + channel) * 25 + tap * 5..][..5];
                        for (x, w) in x.iter().zip(w) {
                            sum += x * w;
                        }
                    }
                }
                *y = sum;
            }
            black_box(&mut y_plain);
        },
    );
}

/// The attention of a small language model.
fn tokens(plan: &Plan) {
    let shape = Heads {
        samples: 1,
        tokens: 64,
        heads: 4,
        channels: 32,
        causal: true,
    };
    let n = 64 * 128;
    let (q, k, v) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
    let (mut y, mut weights) = (vec![0.0_f32; n], vec![0.0; 4 * 64 * 64]);
    let (mut y_plain, mut scores) = (y.clone(), [0.0_f32; 64]);
    measure(
        plan,
        "attention/64x4x32",
        0.0,
        || attention(black_box(&q), &k, &v, &mut y, &mut weights, shape),
        || {
            y_plain.fill(0.0);
            for head in 0..4 {
                for i in 0..64 {
                    let q = &q[i * 128 + head * 32..][..32];
                    let mut sum = 0.0;
                    for j in 0..=i {
                        let k = &k[j * 128 + head * 32..][..32];
                        let dot: f32 = q.iter().zip(k).map(|(q, k)| q * k).sum();
                        scores[j] = (dot / 32.0_f32.sqrt()).exp();
                        sum += scores[j];
                    }
                    for j in 0..=i {
                        let w = scores[j] / sum;
                        let v = &v[j * 128 + head * 32..][..32];
                        for (y, v) in y_plain[i * 128 + head * 32..][..32].iter_mut().zip(v) {
                            *y += w * v;
                        }
                    }
                }
            }
            black_box(&mut y_plain);
        },
    );
}

/// Numbers between −1 and 1 without a pattern.
fn numbers(n: usize, seed: usize) -> Vec<f32> {
    let at = |i: usize| ((i * 7919 + seed * 104_729) as f64 * 0.618_033_988_749_894_9).fract();
    (0..n).map(|i| 2.0 * at(i) as f32 - 1.0).collect()
}

fn measure(plan: &Plan, name: &str, flops: f64, mut ours: impl FnMut(), mut plain: impl FnMut()) {
    if plan
        .filter
        .as_ref()
        .is_some_and(|part| !name.contains(part))
    {
        return;
    }
    let calls = calls_in(plan.slice, &mut ours);
    let (mut times, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..plan.pairs {
        let a = time(calls, &mut ours);
        ratios.push(time(calls.div_ceil(4), &mut plain) / a);
        times.push(a);
    }
    let time = median(&mut times);
    let rate = if flops > 0.0 {
        format!(" flops_per_ns={:.1}", flops / time)
    } else {
        String::new()
    };
    println!(
        "kernel name={name} ns={time:.0} ratio={:.2}{rate}",
        median(&mut ratios)
    );
}

/// How many calls fill a stretch of time.
fn calls_in(slice: Duration, f: &mut impl FnMut()) -> usize {
    let mut calls = 1;
    while time(calls, f) * (calls as f64) < slice.as_nanos() as f64 {
        calls *= 2;
    }
    calls
}

/// Nanoseconds for one call.
fn time(calls: usize, f: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        f();
    }
    start.elapsed().as_nanos() as f64 / calls as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
