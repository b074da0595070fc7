//! Kernels and gradients of batches on several threads.

#![cfg(feature = "rayon")]

use backprop_runtime::kernel::*;
use backprop_runtime::parallel::{Worker, par_grad};
use rayon::ThreadPoolBuilder;

fn numbers(n: usize, seed: usize) -> Vec<f32> {
    let at = |i: usize| ((i * 7919 + seed) as f64 * 0.618_033_988_749_894_9).fract();
    (0..n).map(|i| 2.0 * at(i) as f32 - 1.0).collect()
}

/// In a pool of so many threads.
fn with<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(f)
}

#[test]
fn products_do_not_depend_on_the_number_of_threads() {
    let (m, k, n) = (101, 70, 90);
    let (x, w, bias) = (numbers(m * k, 1), numbers(n * k, 2), numbers(n, 3));
    let run = |threads| {
        with(threads, || {
            let (mut y, mut d_y) = (vec![0.0; m * n], numbers(m * n, 4));
            let (mut d_x, mut d_w, mut d_b) = (vec![0.0; m * k], vec![0.0; n * k], vec![0.0; n]);
            linear_vjp(
                &x,
                &mut d_x,
                &w,
                &mut d_w,
                &bias,
                &mut d_b,
                &mut y,
                &mut d_y,
                [m, k, n],
            );
            (y, d_x, d_w, d_b)
        })
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

#[test]
fn attention_does_not_depend_on_the_number_of_threads() {
    let h = Heads {
        samples: 3,
        tokens: 70,
        heads: 2,
        channels: 16,
        causal: true,
    };
    let n = 3 * 70 * 32;
    let (q, k, v) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
    let run = |threads| {
        with(threads, || {
            let (mut y, mut weights) = (vec![0.0; n], vec![0.0; 6 * 4900]);
            attention(&q, &k, &v, &mut y, &mut weights, h);
            (y, weights)
        })
    };
    assert!(run(4) == run(1));
}

/// The derivative, too: as of each sequence alone.
#[test]
fn derivatives_of_attention_are_those_of_each_sequence() {
    let h = Heads {
        samples: 3,
        tokens: 70,
        heads: 2,
        channels: 16,
        causal: true,
    };
    let (n, area) = (70 * 32, 2 * 4900);
    let all: Vec<Vec<f32>> = (1..5).map(|seed| numbers(3 * n, seed)).collect();
    let pull = |h: Heads, from: usize| {
        let samples = h.samples;
        let [q, k, v, seed] = [0, 1, 2, 3].map(|i| all[i][from * n..][..samples * n].to_vec());
        let mut d = [0, 1, 2].map(|_| vec![0.25; samples * n]);
        let (mut y, mut d_y) = (vec![0.0; samples * n], seed);
        let (mut w, mut d_w) = (vec![0.0; samples * area], vec![0.0; samples * area]);
        let [d_q, d_k, d_v] = &mut d;
        attention_vjp(
            &q, d_q, &k, d_k, &v, d_v, &mut y, &mut d_y, &mut w, &mut d_w, h,
        );
        d
    };
    let alone = [0, 1, 2].map(|i| pull(Heads { samples: 1, ..h }, i));
    for threads in [1, 2, 4] {
        let d = with(threads, || pull(h, 0));
        for (i, alone) in alone.iter().enumerate() {
            for (d, alone) in d.iter().zip(alone) {
                assert!(
                    d[i * n..][..n] == alone[..],
                    "{threads} threads, sequence {i}"
                );
            }
        }
    }
}

/// Long slices are halved: each element is what it is in a short one.
#[test]
fn functions_of_long_slices() {
    use backprop_runtime::math::slice::{gelu_tanh, gelu_tanh_vjp};

    let n = 50_001;
    let (x, seeds) = (numbers(n, 1), numbers(n, 2));
    let (mut want, mut d_want) = (vec![0.0; n], vec![0.5; n]);
    for i in (0..n).step_by(1000) {
        let part = i..n.min(i + 1000);
        let mut d_y = seeds[part.clone()].to_vec();
        gelu_tanh_vjp(
            &x[part.clone()],
            &mut d_want[part.clone()],
            &mut want[part],
            &mut d_y,
        );
    }
    for threads in [1, 3] {
        let (mut y, mut d_x, mut d_y) = (vec![0.0; n], vec![0.5; n], seeds.clone());
        with(threads, || gelu_tanh(&x, &mut y));
        assert!(y == want);
        with(threads, || gelu_tanh_vjp(&x, &mut d_x, &mut y, &mut d_y));
        assert!(y == want && d_x == d_want, "{threads} threads");
    }
}

/// The same workers, more or fewer threads: the same bits. And every sample once, whatever their number.
#[test]
fn gradients_of_batches_are_reproducible() {
    let xs = numbers(1000, 5);
    let w = [0.5_f32, 0.25];
    let run = |threads: usize, workers: usize, samples: usize| {
        with(threads, || {
            let mut workers: Vec<Worker<[f32; 2], usize, f32>> = Worker::several(workers, &w, || 0);
            let mut d = [1.0, 0.0];
            let mut value = 0.0;
            // Twice: what the first left in the workers does not count.
            for _ in 0..2 {
                d = [1.0, 0.0];
                value = par_grad(&mut workers, &mut d, samples, |run, d, calls| {
                    *calls += 1;
                    let mut sum = 0.0;
                    for x in &xs[run] {
                        sum += w[0] * x + w[1] * x * x;
                        d[0] += x;
                        d[1] += x * x;
                    }
                    sum
                });
            }
            (value, d)
        })
    };
    for workers in [1, 2, 3, 7] {
        let first = run(1, workers, 1000);
        assert_eq!(run(2, workers, 1000), first);
        assert_eq!(run(5, workers, 1000), first);
        let exact: f64 = xs.iter().map(|&x| f64::from(x)).sum();
        assert!((f64::from(first.1[0]) - 1.0 - exact).abs() < 1e-3);
    }
    assert_eq!(run(2, 7, 3), run(1, 7, 3));
    assert_eq!(run(2, 3, 0), (0.0, [1.0, 0.0]));
}

#[test]
#[should_panic(expected = "par_grad: 3 samples and no worker")]
fn somebody_has_to_work() {
    let mut none: Vec<Worker<f64, ()>> = Vec::new();
    par_grad(&mut none, &mut 0.0, 3, |_, _, ()| 0.0);
}
