//! What must not allocate: steps of optimizers, walks, losses, and a tape that has reached its size.

#![cfg(feature = "alloc")]

use allocation_counter::measure;
use backprop_runtime::optim::*;
use backprop_runtime::{Differentiable, Tape, loss};

type Model = (Vec<[f32; 4]>, Box<[f64]>, Option<Vec<f64>>);

fn model(x: f64) -> Model {
    (
        vec![[x as f32; 4]; 100],
        vec![x; 33].into(),
        Some(vec![x; 5]),
    )
}

#[track_caller]
fn never(what: impl FnOnce()) {
    let count = measure(what).count_total;
    assert_eq!(count, 0, "{count} allocations");
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(vec![1.0; 3])).count_total, 1);
}

#[test]
fn steps() {
    let (mut model, mut gradient) = (model(1.0), model(0.5));
    let mut optimizers: [Box<dyn Optimizer<Model>>; 17] = [
        Box::new(Sgd::new(0.1)),
        Box::new(Sgd::new(0.1).momentum(&model, 0.9)),
        Box::new(Sgd::new(0.1).nesterov(&model, 0.9)),
        Box::new(Adam::new(&model)),
        Box::new(Adam::new(&model).amsgrad()),
        Box::new(AdamW::new(&model).weight_decay_of("1", 0.0)),
        Box::new(NAdam::new(&model)),
        Box::new(RAdam::new(&model)),
        Box::new(RmsProp::new(&model)),
        Box::new(RmsProp::new(&model).momentum(0.9)),
        Box::new(Adagrad::new(&model)),
        Box::new(Adadelta::new(&model)),
        Box::new(Lion::new(&model).rate_factor("0*", 0.5)),
        Box::new(Lamb::new(&model)),
        Box::new(Adafactor::new(&model).matrix(&model, "0", 4)),
        Box::new(Muon::new(&model).matrix(&model, "0", 4)),
        Box::new(Accumulate::new(Adam::new(&model), &model, 2)),
    ];
    let mut lbfgs = Lbfgs::new(&model);
    never(|| {
        for _ in 0..3 {
            for optimizer in &mut optimizers {
                optimizer.step(&mut model, &gradient);
            }
            clip_global_norm(&mut gradient, 1.0);
            clip_value(&mut gradient, 1.0);
            clip_adaptive(&mut gradient, &model, 0.01, 0.001);
            let square = |x: &Model, d_x: &mut Model| {
                d_x.accumulate(x);
                0.5 * global_norm(x).powi(2)
            };
            lbfgs.restart();
            lbfgs.minimise(&mut model, 1e-3, 12, square).unwrap();
            gradient.accumulate(&model);
            gradient.set_zero();
        }
    });
}

#[test]
fn losses() {
    let (x, y, mut d_x, mut d_y) = ([0.5_f32; 12], [1.0; 12], [0.0; 12], [0.0; 12]);
    never(|| {
        loss::mean_squared_error_vjp(&x, &mut d_x, &y, &mut d_y, 1.0);
        loss::binary_cross_entropy_with_logits_vjp(&x, &mut d_x, &y, &mut d_y, 1.0);
        loss::softmax_cross_entropy_batch_vjp(&x, &mut d_x, &[0, 1, 2], 1.0);
    });
}

#[test]
fn tapes_in_steady_state() {
    let mut tape = Tape::new();
    let mut sweep = |n: usize| {
        let mark = tape.mark();
        (0..n).for_each(|i| tape.push(i));
        tape.take(n).fill(1);
        tape.rewind(mark);
    };
    sweep(10_000);
    never(|| sweep(10_000));
    assert_eq!(tape.high_water(), 8 * 20_000);
    let mut words = [0; 8];
    never(|| Tape::from_slice(&mut words).push(1.0));
}
