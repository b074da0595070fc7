//! Attention: each token looks at others, weighted by how well its query fits their keys.

use super::block::{Strided, accumulate};
use super::instructions::versions;
use super::normal::softmax_row;
use super::rule::kernel;
use super::shape;
use super::threads;
use crate::__private::lanes;
use crate::Real;

/// The shape of [`attention`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Sequences in the batch.
    pub samples: usize,
    /// Tokens of each sequence.
    pub tokens: usize,
    /// Heads, which look independently of each other.
    pub heads: usize,
    /// Channels of each head.
    pub channels: usize,
    /// Whether a token looks only at itself and those before it.
    pub causal: bool,
}

impl crate::__private::Inactive for Heads {}

kernel! {
    /// Scaled dot-product attention of several heads: y = softmax(q·kᵀ/√channels)·v for each sequence and head.
    ///
    /// `q`, `k`, `v` and `y` are samples×tokens×heads×channels. `weights` is what the softmax gives, samples×heads×tokens×tokens, a row for each token that looks: a
    /// result as well, which the reverse sweep reads; where the token does not look it is 0. Its adjoint is where the reverse sweep works.
    ///
    /// After A. Vaswani et al., Attention Is All You Need, arXiv:1706.03762.
    ///
    /// # Panics
    /// If a length is not that of its shape.
    ///
    /// ```
    /// # use backprop_runtime::kernel::{attention, Heads};
    /// let shape = Heads { samples: 1, tokens: 2, heads: 1, channels: 1, causal: true };
    /// let (mut y, mut weights) = ([0.0; 2], [0.0; 4]);
    /// attention(&[0.0, 0.0], &[1.0, 2.0], &[4.0, 8.0], &mut y, &mut weights, shape);
    /// assert_eq!(y, [4.0, 6.0]);
    /// assert_eq!(weights, [1.0, 0.0, 0.5, 0.5]);
    /// ```
    attention, attention_vjp, attention_jvp:
    in (q d_q Mq, k d_k Mk, v d_v Mv)
    out (y d_y My, weights d_weights Mw)
    with (shape: Heads | Heads, Ms)
    run run_attention, pull pull_attention, push push_attention
}

/// So many tokens look at a time: under a causal mask the first ones need no products with those behind.
const BLOCK: usize = 48;

#[track_caller]
fn run_attention<T: Real>(q: &[T], k: &[T], v: &[T], y: &mut [T], weights: &mut [T], shape: Heads) {
    let Heads {
        samples,
        tokens,
        heads,
        channels,
        ..
    } = shape;
    for (name, len) in [
        ("q", q.len()),
        ("k", k.len()),
        ("v", v.len()),
        ("y", y.len()),
    ] {
        shape::slice("attention", name, len, [samples, tokens, heads, channels]);
    }
    shape::slice(
        "attention",
        "weights",
        weights.len(),
        [samples, heads, tokens, tokens],
    );
    weights.fill(T::from_f64(0.0));
    y.fill(T::from_f64(0.0));
    if y.is_empty() {
        return;
    }
    let factor = T::from_f64(1.0 / (channels as f64).sqrt());
    let work = 2 * samples * heads * tokens * tokens * channels;
    threads::each(samples, work, y, weights, |sample, y, weights| {
        for head in shape.each() {
            let [q, k, v] = [q, k, v].map(|x| head.of_sample(x, sample, tokens));
            let weights = &mut weights[head.weights..][..tokens * tokens];
            let y = &mut y[head.start..];
            for (start, rows, seen) in shape.blocks() {
                let rows_of_weights = &mut weights[start * tokens..][..rows * tokens];
                let q = q.skip_rows(start);
                accumulate(
                    [rows, channels, seen],
                    q,
                    k.transposed(),
                    rows_of_weights,
                    tokens,
                );
                soften(rows_of_weights, factor, [start, tokens, seen], shape.causal);
                let w = Strided {
                    data: &*rows_of_weights,
                    row: tokens,
                    column: 1,
                };
                accumulate(
                    [rows, seen, channels],
                    w,
                    v,
                    &mut y[start * head.row..],
                    head.row,
                );
            }
        }
    });
}

versions! {
    /// The softmax of the factor times each row, up to where its token looks; 0 behind. Rows: which token is the first, their length, and how many
    /// tokens are looked at.
    fn soften<T: Real>(weights: &mut [T], factor: T, rows: [usize; 3], causal: bool) {
        let [start, tokens, seen] = rows;
        for (i, row) in weights.chunks_exact_mut(tokens).enumerate() {
            let seen = if causal { start + i + 1 } else { seen };
            let (row, behind) = row.split_at_mut(seen);
            behind.fill(T::from_f64(0.0));
            softmax_row(row, factor);
        }
    }
}

fn pull_attention<T: Real>(
    q: &[T],
    d_q: Option<&mut [T]>,
    k: &[T],
    d_k: Option<&mut [T]>,
    v: &[T],
    d_v: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    weights: &mut [T],
    d_weights: &mut [T],
    shape: Heads,
) {
    if q.is_empty() {
        return;
    }
    let pull = Pull {
        q,
        d_q,
        k,
        d_k,
        v,
        d_v,
        d_y,
        weights,
        d_weights,
        shape,
    };
    pull.share();
}

/// The reverse of attention for some samples.
struct Pull<'a, T> {
    q: &'a [T],
    d_q: Option<&'a mut [T]>,
    k: &'a [T],
    d_k: Option<&'a mut [T]>,
    v: &'a [T],
    d_v: Option<&'a mut [T]>,
    d_y: &'a [T],
    weights: &'a [T],
    d_weights: &'a mut [T],
    shape: Heads,
}

impl<T: Real> Pull<'_, T> {
    /// Halves of the samples side by side, down to single ones.
    fn share(self) {
        let Heads {
            samples,
            tokens,
            heads,
            channels,
            ..
        } = self.shape;
        let work = 4 * samples * heads * tokens * tokens * channels;
        if samples < 2 {
            return self.run();
        }
        let half = samples / 2;
        let (n, area) = (
            half * tokens * heads * channels,
            half * heads * tokens * tokens,
        );
        let [q, k, v, d_y] = [self.q, self.k, self.v, self.d_y].map(|x| x.split_at(n));
        let [d_q, d_k, d_v] = [self.d_q, self.d_k, self.d_v].map(|d| match d {
            Some(d) => {
                let (a, b) = d.split_at_mut(n);
                (Some(a), Some(b))
            }
            None => (None, None),
        });
        let (weights, d_weights) = (
            self.weights.split_at(area),
            self.d_weights.split_at_mut(area),
        );
        let of = |samples| Heads {
            samples,
            ..self.shape
        };
        let first = Pull {
            q: q.0,
            d_q: d_q.0,
            k: k.0,
            d_k: d_k.0,
            v: v.0,
            d_v: d_v.0,
            d_y: d_y.0,
            weights: weights.0,
            d_weights: d_weights.0,
            shape: of(half),
        };
        let second = Pull {
            q: q.1,
            d_q: d_q.1,
            k: k.1,
            d_k: d_k.1,
            v: v.1,
            d_v: d_v.1,
            d_y: d_y.1,
            weights: weights.1,
            d_weights: d_weights.1,
            shape: of(samples - half),
        };
        threads::both(work, || first.share(), || second.share());
    }

    /// With the weights P: dP += dy·vᵀ, dv += Pᵀ·dy, dS = P∘(dP − Σ dP∘P)/√channels, dq += dS·k, dk += dSᵀ·q.
    fn run(mut self) {
        let Heads {
            tokens, channels, ..
        } = self.shape;
        let factor = T::from_f64(1.0 / (channels as f64).sqrt());
        for head in self.shape.each() {
            let [q, k, v, d_y] = [self.q, self.k, self.v, self.d_y].map(|x| head.of(x));
            let area = head.weights..head.weights + tokens * tokens;
            let (weights, d_weights) = (&self.weights[area.clone()], &mut self.d_weights[area]);
            for (start, rows, seen) in self.shape.blocks() {
                let rows_of = start * tokens..(start + rows) * tokens;
                let (w, d_w) = (&weights[rows_of.clone()], &mut d_weights[rows_of]);
                let (d_y, by_rows) = (d_y.skip_rows(start), |data| Strided {
                    data,
                    row: tokens,
                    column: 1,
                });
                if let Some(d_v) = &mut self.d_v {
                    let d_v = &mut d_v[head.start..];
                    accumulate(
                        [seen, rows, channels],
                        by_rows(w).transposed(),
                        d_y,
                        d_v,
                        head.row,
                    );
                }
                accumulate([rows, channels, seen], d_y, v.transposed(), d_w, tokens);
                harden(w, d_w, factor, tokens);
                let d_s = by_rows(&*d_w);
                if let Some(d_q) = &mut self.d_q {
                    let d_q = &mut d_q[head.start + start * head.row..];
                    accumulate([rows, seen, channels], d_s, k, d_q, head.row);
                }
                if let Some(d_k) = &mut self.d_k {
                    let d_k = &mut d_k[head.start..];
                    accumulate(
                        [seen, rows, channels],
                        d_s.transposed(),
                        q.skip_rows(start),
                        d_k,
                        head.row,
                    );
                }
            }
        }
    }
}

/// With the weights P: vS = (vq·kᵀ + q·vkᵀ)/√channels, vP = P∘(vS − Σ vS∘P), vy = vP·v + P·vv.
fn push_attention<T: Real>(
    q: &[T],
    v_q: Option<&[T]>,
    k: &[T],
    v_k: Option<&[T]>,
    v: &[T],
    v_v: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    weights: &mut [T],
    v_weights: &mut [T],
    shape: Heads,
) {
    v_y.fill(T::from_f64(0.0));
    v_weights.fill(T::from_f64(0.0));
    if q.is_empty() {
        return;
    }
    let Heads {
        tokens, channels, ..
    } = shape;
    let factor = T::from_f64(1.0 / (channels as f64).sqrt());
    let all = (0..shape.samples).flat_map(|s| (0..shape.heads).map(move |h| shape.head(s, h)));
    for head in all {
        let area = head.weights..head.weights + tokens * tokens;
        let (weights, v_weights) = (&weights[area.clone()], &mut v_weights[area]);
        for (start, rows, seen) in shape.blocks() {
            let rows_of = start * tokens..(start + rows) * tokens;
            let (w, v_w) = (&weights[rows_of.clone()], &mut v_weights[rows_of]);
            let by_rows = |data| Strided {
                data,
                row: tokens,
                column: 1,
            };
            for (q, k) in [(v_q, Some(k)), (Some(q), v_k)] {
                if let (Some(q), Some(k)) = (q, k) {
                    let (q, k) = (head.of(q).skip_rows(start), head.of(k).transposed());
                    accumulate([rows, channels, seen], q, k, v_w, tokens);
                }
            }
            harden(w, v_w, factor, tokens);
            let v_y = &mut v_y[head.start + start * head.row..];
            for (w, v) in [(&*v_w, Some(v)), (w, v_v)] {
                if let Some(v) = v {
                    let (w, v) = (by_rows(w), head.of(v));
                    accumulate([rows, seen, channels], w, v, v_y, head.row);
                }
            }
        }
    }
}

versions! {
    /// From the cotangents of the weights to those of the products: where the weight is 0, so is that.
    fn harden<T: Real>(weights: &[T], d_weights: &mut [T], factor: T, tokens: usize) {
        let rows = weights.chunks_exact(tokens).zip(d_weights.chunks_exact_mut(tokens));
        for (w, d_w) in rows {
            let along = lanes([w, &*d_w], |[w, d]| w * d);
            for (d, &w) in d_w.iter_mut().zip(w) {
                *d = w * (*d - along) * factor;
            }
        }
    }
}

/// One head of one sequence.
struct Head {
    /// Where its first number is.
    start: usize,
    /// From a token to the next.
    row: usize,
    /// Where its weights begin.
    weights: usize,
}

impl Head {
    /// The same head of another sequence.
    fn of_sample<'a, T>(&self, x: &'a [T], sample: usize, tokens: usize) -> Strided<'a, T> {
        self.of(&x[sample * tokens * self.row..])
    }

    fn of<'a, T>(&self, x: &'a [T]) -> Strided<'a, T> {
        Strided {
            data: &x[self.start..],
            row: self.row,
            column: 1,
        }
    }
}

impl Heads {
    /// The heads of one sequence.
    fn each(self) -> impl Iterator<Item = Head> {
        (0..self.heads).map(move |h| self.head(0, h))
    }

    fn head(&self, sample: usize, head: usize) -> Head {
        let row = self.heads * self.channels;
        Head {
            start: sample * self.tokens * row + head * self.channels,
            row,
            weights: (sample * self.heads + head) * self.tokens * self.tokens,
        }
    }

    /// The tokens that look at a time: the first, how many, and how many these look at.
    fn blocks(self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.tokens).step_by(BLOCK).map(move |start| {
            let rows = BLOCK.min(self.tokens - start);
            (
                start,
                rows,
                if self.causal {
                    start + rows
                } else {
                    self.tokens
                },
            )
        })
    }
}
