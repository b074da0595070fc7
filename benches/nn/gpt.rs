//! A transformer, that of the example `char_gpt`, with steps of AdamW.

#[path = "../../examples/char_gpt/model.rs"]
#[allow(dead_code, reason = "the example also writes")]
mod model;

use backprop::init::Generator;
use backprop::optim::{AdamW, Optimizer};
use backprop::prelude::*;

use self::model::{Gpt, Size, Workspace, add_gradient};
use crate::work::{Work, bytes};

/// 4 layers of 4 heads, 128 channels, 64 tokens.
pub(crate) const S: Size = Size {
    layers: 4,
    heads: 4,
    channels: 128,
    tokens: 64,
    symbols: 256,
};
/// 6 layers of 6 heads, 384 channels, 128 tokens.
pub(crate) const M: Size = Size {
    layers: 6,
    heads: 6,
    channels: 384,
    tokens: 128,
    symbols: 256,
};

/// Steps of AdamW on a batch of random tokens.
pub(crate) fn work(size: Size, batch: usize) -> Work {
    let mut generator = Generator::new(1);
    let mut tokens = || -> Vec<usize> {
        let token = |_| (generator.uniform() * size.symbols as f64) as usize;
        (0..batch * size.tokens).map(token).collect()
    };
    let (tokens, targets) = (tokens(), tokens());
    let mut gpt = Gpt::<f32>::new(size, &mut generator);
    let mut a = Workspace::new(size, batch);
    let memory = 16 * tokens.len() + 4 * bytes(&gpt) + 2 * bytes(&a);
    let (mut d, mut gradient) = (a.zeros_like(), gpt.zeros_like());
    let mut adam = AdamW::new(&gpt).learning_rate(0.001).weight_decay(0.0);
    let step = move || {
        gradient.set_zero();
        let pair = (&tokens[..], &targets[..]);
        let loss = add_gradient(size, (&gpt, &mut gradient), pair, (&mut a, &mut d));
        adam.step(&mut gpt, &gradient);
        loss
    };
    Work {
        step: Box::new(step),
        memory,
    }
}
