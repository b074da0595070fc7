//! The model: a decoder-only transformer, written as plain Rust.
//!
//! In: tokens, some samples of as many each. Out: a score for each symbol that may come next, for each token, and the mean loss. `#[differentiable]` on [`loss`] puts `loss_grad`
//! beside it. What the layers make of a batch lies in one [`Workspace`], which the caller owns and the gradient reads: each layer fills a part of each buffer. So the
//! backward pass stores nothing, and nothing is allocated.
//!
//! A block adds to a stream of numbers, some for each token, what attention finds in other tokens, and then what a small network makes of each token. Sources: A. Radford et al.,
//! Language Models are Unsupervised Multitask Learners (2019), for the order of things; A. Vaswani et al., Attention Is All You Need, arXiv:1706.03762.

#![allow(clippy::too_many_arguments, reason = "each of them is a buffer")]

use backprop::init::{Generator, normal};
use backprop::kernel::{Heads, attention, embedding, layer_norm, linear};
use backprop::loss::softmax_cross_entropy_batch;
use backprop::math::slice::gelu_tanh;
use backprop::prelude::*;

/// The size of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    /// Numbers for each token in the stream: a multiple of the number of heads.
    pub(crate) channels: usize,
    /// Tokens of a sample: how far back the model looks.
    pub(crate) tokens: usize,
    pub(crate) symbols: usize,
}

impl Size {
    fn heads(self, samples: usize) -> Heads {
        Heads {
            samples,
            tokens: self.tokens,
            heads: self.heads,
            channels: self.channels / self.heads,
            causal: true,
        }
    }
}

/// A dense layer: a row of weights for each output, and a bias.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Dense<T> {
    weights: Vec<T>,
    bias: Vec<T>,
}

impl<T: Real> Dense<T> {
    fn new(inputs: usize, outputs: usize, deviation: f64, generator: &mut Generator) -> Self {
        let zero = T::from_f64(0.0);
        let mut dense = Dense {
            weights: vec![zero; inputs * outputs],
            bias: vec![zero; outputs],
        };
        normal(&mut dense.weights, 0.0, deviation, generator);
        dense
    }
}

/// Scale and shift behind a normalisation.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Norm<T> {
    scale: Vec<T>,
    shift: Vec<T>,
}

impl<T: Real> Norm<T> {
    fn new(channels: usize) -> Self {
        Norm {
            scale: vec![T::from_f64(1.0); channels],
            shift: vec![T::from_f64(0.0); channels],
        }
    }
}

/// The parameters of a block.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Block<T> {
    attention_norm: Norm<T>,
    query: Dense<T>,
    key: Dense<T>,
    value: Dense<T>,
    projection: Dense<T>,
    mlp_norm: Norm<T>,
    expansion: Dense<T>,
    contraction: Dense<T>,
}

/// All parameters; by the derive also the gradient, and the optimizer's moments.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Gpt<T> {
    /// A row for each symbol: what goes into the stream for it, and what its score is made with.
    symbols: Vec<T>,
    /// A row for each place in a sample.
    positions: Vec<T>,
    blocks: Vec<Block<T>>,
    last_norm: Norm<T>,
}

impl<T: Real> Gpt<T> {
    /// With random weights, smaller where they add to the stream: there are two for each layer that do.
    pub(crate) fn new(size: Size, generator: &mut Generator) -> Self {
        let (c, deviation) = (size.channels, 0.02);
        let adding = deviation / (2.0 * size.layers as f64).sqrt();
        let mut table = |rows: usize| {
            let mut table = vec![T::from_f64(0.0); rows * c];
            normal(&mut table, 0.0, deviation, generator);
            table
        };
        let (symbols, positions) = (table(size.symbols), table(size.tokens));
        let mut block = |_| Block {
            attention_norm: Norm::new(c),
            query: Dense::new(c, c, deviation, generator),
            key: Dense::new(c, c, deviation, generator),
            value: Dense::new(c, c, deviation, generator),
            projection: Dense::new(c, c, adding, generator),
            mlp_norm: Norm::new(c),
            expansion: Dense::new(c, 4 * c, deviation, generator),
            contraction: Dense::new(4 * c, c, adding, generator),
        };
        Gpt {
            symbols,
            positions,
            blocks: (0..size.layers).map(&mut block).collect(),
            last_norm: Norm::new(c),
        }
    }

    /// A row for each place in a sample.
    pub(crate) fn positions(&self) -> &[T] {
        &self.positions
    }
}

/// What a model makes of a batch: all activations, of every layer one after the other. Made once.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Workspace<T> {
    embedded: Vec<T>,
    /// What all layers add to.
    stream: Vec<T>,
    attention_in: Vec<T>,
    attention_normal: Vec<T>,
    query: Vec<T>,
    key: Vec<T>,
    value: Vec<T>,
    mixed: Vec<T>,
    /// Who looks at whom: samples×heads×tokens×tokens for each layer.
    attention: Vec<T>,
    projected: Vec<T>,
    mlp_in: Vec<T>,
    mlp_normal: Vec<T>,
    expanded: Vec<T>,
    bent: Vec<T>,
    contracted: Vec<T>,
    last: Vec<T>,
    /// A score for each symbol, a row for each token.
    pub(crate) logits: Vec<T>,
}

impl<T: Real> Workspace<T> {
    /// For batches of so many samples.
    pub(crate) fn new(size: Size, samples: usize) -> Self {
        let tokens = samples * size.tokens;
        let zeros = |n: usize| vec![T::from_f64(0.0); tokens * n];
        let (c, all) = (size.channels, size.layers * size.channels);
        Workspace {
            embedded: zeros(c),
            stream: zeros(c),
            attention_in: zeros(all),
            attention_normal: zeros(all),
            query: zeros(all),
            key: zeros(all),
            value: zeros(all),
            mixed: zeros(all),
            attention: zeros(size.layers * size.heads * size.tokens),
            projected: zeros(all),
            mlp_in: zeros(all),
            mlp_normal: zeros(all),
            expanded: zeros(4 * all),
            bent: zeros(4 * all),
            contracted: zeros(all),
            last: zeros(c),
            logits: zeros(size.symbols),
        }
    }

    /// Who looks at whom in a layer, for one head of the first sample: a row for each token that looks.
    pub(crate) fn looks(&self, size: Size, layer: usize, head: usize) -> &[T] {
        let area = size.tokens * size.tokens;
        let samples = self.attention.len() / (size.layers * size.heads * area);
        &self.attention[(layer * samples * size.heads + head) * area..][..area]
    }
}

/// In the denominator of normalisations.
const EPSILON: f64 = 1e-5;

/// The mean of −ln p of the right symbols, `targets`, given the tokens up to each. The buffers are those of [`Workspace`].
#[differentiable]
fn loss<T: Real>(
    gpt: &Gpt<T>,
    tokens: &[usize],
    targets: &[usize],
    #[nodiff] shape: Heads,
    #[out] embedded: &mut [T],
    #[out] stream: &mut [T],
    #[out] attention_in: &mut [T],
    #[out] attention_normal: &mut [T],
    #[out] query: &mut [T],
    #[out] key: &mut [T],
    #[out] value: &mut [T],
    #[out] mixed: &mut [T],
    #[out] looks: &mut [T],
    #[out] projected: &mut [T],
    #[out] mlp_in: &mut [T],
    #[out] mlp_normal: &mut [T],
    #[out] expanded: &mut [T],
    #[out] bent: &mut [T],
    #[out] contracted: &mut [T],
    #[out] last: &mut [T],
    #[out] logits: &mut [T],
) -> T {
    let n: usize = tokens.len();
    let c: usize = shape.heads * shape.channels;
    // The numbers of one layer in a buffer: in most, behind the expansion, and of the attention.
    let (all, wide, pairs): (usize, usize, usize) =
        (n * c, n * 4 * c, n * shape.heads * shape.tokens);

    embedding(&gpt.symbols, embedded, tokens, c);
    for i in 0..n {
        let position = &gpt.positions[i % shape.tokens * c..][..c];
        for j in 0..c {
            stream[i * c + j] = embedded[i * c + j] + position[j];
        }
    }
    for l in 0..gpt.blocks.len() {
        let block = &gpt.blocks[l];
        // What the tokens tell each other.
        let x = &mut attention_in[l * all..][..all];
        for i in 0..all {
            x[i] = stream[i];
        }
        let y = &mut attention_normal[l * all..][..all];
        layer_norm(
            &*x,
            &block.attention_norm.scale,
            &block.attention_norm.shift,
            y,
            EPSILON,
        );
        let q = &mut query[l * all..][..all];
        linear(&*y, &block.query.weights, &block.query.bias, q, [n, c, c]);
        let k = &mut key[l * all..][..all];
        linear(&*y, &block.key.weights, &block.key.bias, k, [n, c, c]);
        let v = &mut value[l * all..][..all];
        linear(&*y, &block.value.weights, &block.value.bias, v, [n, c, c]);
        let z = &mut mixed[l * all..][..all];
        attention(&*q, &*k, &*v, z, &mut looks[l * pairs..][..pairs], shape);
        let added = &mut projected[l * all..][..all];
        linear(
            &*z,
            &block.projection.weights,
            &block.projection.bias,
            added,
            [n, c, c],
        );
        for i in 0..all {
            stream[i] += added[i];
        }

        // What each makes of it.
        let x = &mut mlp_in[l * all..][..all];
        for i in 0..all {
            x[i] = stream[i];
        }
        let y = &mut mlp_normal[l * all..][..all];
        layer_norm(
            &*x,
            &block.mlp_norm.scale,
            &block.mlp_norm.shift,
            y,
            EPSILON,
        );
        let h = &mut expanded[l * wide..][..wide];
        linear(
            &*y,
            &block.expansion.weights,
            &block.expansion.bias,
            h,
            [n, c, 4 * c],
        );
        let g = &mut bent[l * wide..][..wide];
        gelu_tanh(&*h, g);
        let added = &mut contracted[l * all..][..all];
        linear(
            &*g,
            &block.contraction.weights,
            &block.contraction.bias,
            added,
            [n, 4 * c, c],
        );
        for i in 0..all {
            stream[i] += added[i];
        }
    }
    layer_norm(
        &*stream,
        &gpt.last_norm.scale,
        &gpt.last_norm.shift,
        last,
        EPSILON,
    );
    // The symbols' own rows once more.
    linear(&*last, &gpt.symbols, &[], logits, [n, c, logits.len() / n]);
    softmax_cross_entropy_batch(&*logits, targets)
}

/// The loss of a batch of samples; its gradient is added.
pub(crate) fn add_gradient<T: Real>(
    size: Size,
    (gpt, d_gpt): (&Gpt<T>, &mut Gpt<T>),
    (tokens, targets): (&[usize], &[usize]),
    (a, d): (&mut Workspace<T>, &mut Workspace<T>),
) -> T {
    loss_grad(
        gpt,
        d_gpt,
        tokens,
        targets,
        size.heads(tokens.len() / size.tokens),
        &mut a.embedded,
        &mut d.embedded,
        &mut a.stream,
        &mut d.stream,
        &mut a.attention_in,
        &mut d.attention_in,
        &mut a.attention_normal,
        &mut d.attention_normal,
        &mut a.query,
        &mut d.query,
        &mut a.key,
        &mut d.key,
        &mut a.value,
        &mut d.value,
        &mut a.mixed,
        &mut d.mixed,
        &mut a.attention,
        &mut d.attention,
        &mut a.projected,
        &mut d.projected,
        &mut a.mlp_in,
        &mut d.mlp_in,
        &mut a.mlp_normal,
        &mut d.mlp_normal,
        &mut a.expanded,
        &mut d.expanded,
        &mut a.bent,
        &mut d.bent,
        &mut a.contracted,
        &mut d.contracted,
        &mut a.last,
        &mut d.last,
        &mut a.logits,
        &mut d.logits,
    )
}

/// The loss alone, and in the workspace the scores.
pub(crate) fn forward<T: Real>(
    size: Size,
    gpt: &Gpt<T>,
    (tokens, targets): (&[usize], &[usize]),
    a: &mut Workspace<T>,
) -> T {
    loss(
        gpt,
        tokens,
        targets,
        size.heads(tokens.len() / size.tokens),
        &mut a.embedded,
        &mut a.stream,
        &mut a.attention_in,
        &mut a.attention_normal,
        &mut a.query,
        &mut a.key,
        &mut a.value,
        &mut a.mixed,
        &mut a.attention,
        &mut a.projected,
        &mut a.mlp_in,
        &mut a.mlp_normal,
        &mut a.expanded,
        &mut a.bent,
        &mut a.contracted,
        &mut a.last,
        &mut a.logits,
    )
}
