//! Attention.

use backprop_runtime::kernel::*;

use super::check::{close, gradients, numbers};

/// (y, weights) as the formula says.
fn plain(q: &[f64], k: &[f64], v: &[f64], h: Heads) -> (Vec<f64>, Vec<f64>) {
    let Heads {
        samples,
        tokens,
        heads,
        channels,
        causal,
    } = h;
    let mut y = vec![0.0; q.len()];
    let mut weights = vec![0.0; samples * heads * tokens * tokens];
    let at = |s, t, head| ((s * tokens + t) * heads + head) * channels;
    for s in 0..samples {
        for head in 0..heads {
            for i in 0..tokens {
                let seen = if causal { i + 1 } else { tokens };
                let scores: Vec<f64> = (0..seen)
                    .map(|j| {
                        let dot: f64 = (0..channels)
                            .map(|c| q[at(s, i, head) + c] * k[at(s, j, head) + c])
                            .sum();
                        (dot / (channels as f64).sqrt()).exp()
                    })
                    .collect();
                let total: f64 = scores.iter().sum();
                for (j, score) in scores.iter().enumerate() {
                    let w = score / total;
                    weights[((s * heads + head) * tokens + i) * tokens + j] = w;
                    for c in 0..channels {
                        y[at(s, i, head) + c] += w * v[at(s, j, head) + c];
                    }
                }
            }
        }
    }
    (y, weights)
}

#[test]
fn as_the_formula_says() {
    for tokens in [1, 2, 7, 48, 61, 100] {
        for causal in [true, false] {
            let h = Heads {
                samples: 2,
                tokens,
                heads: 3,
                channels: 5,
                causal,
            };
            let n = 2 * tokens * 15;
            let (q, k, v) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
            let (mut y, mut weights) = (numbers(n, 4), numbers(6 * tokens * tokens, 5));
            attention(&q, &k, &v, &mut y, &mut weights, h);
            let want = plain(&q, &k, &v, h);
            close("y", &y, &want.0, 1e-13);
            close("weights", &weights, &want.1, 1e-13);
        }
    }
}

/// The weights are a result, too: the cotangents of both count.
#[test]
fn derivatives() {
    for causal in [true, false] {
        for tokens in [1, 4, 50] {
            let h = Heads {
                samples: if tokens == 50 { 1 } else { 2 },
                tokens,
                heads: if tokens == 50 { 1 } else { 2 },
                channels: 2,
                causal,
            };
            let n = h.samples * tokens * h.heads * 2;
            gradients(
                vec![numbers(n, 1), numbers(n, 2), numbers(n, 3)],
                &[n, h.samples * h.heads * tokens * tokens],
                2,
                |x, y| {
                    let [y, w] = &mut y[..] else { unreachable!() };
                    attention(&x[0], &x[1], &x[2], y, w, h);
                },
                |x, d, y, d_y| {
                    let [d_q, d_k, d_v] = &mut d[..] else {
                        unreachable!()
                    };
                    let [y, w] = &mut y[..] else { unreachable!() };
                    let [d_y, d_w] = &mut d_y[..] else {
                        unreachable!()
                    };
                    attention_vjp(&x[0], d_q, &x[1], d_k, &x[2], d_v, y, d_y, w, d_w, h);
                },
            );
        }
    }
}

#[test]
fn nobody_looks() {
    let h = Heads {
        samples: 0,
        tokens: 3,
        heads: 1,
        channels: 2,
        causal: true,
    };
    attention::<f32>(&[], &[], &[], &mut [], &mut [], h);
    attention_vjp::<f32>(
        &[],
        &mut [],
        &[],
        &mut [],
        &[],
        &mut [],
        &mut [],
        &mut [],
        &mut [],
        &mut [],
        h,
    );
}
