//! Kernels and their derivatives allocate nothing.

use allocation_counter::measure;
use backprop_runtime::kernel::*;

use super::check::numbers;

#[test]
fn nothing_is_allocated() {
    let windows = Windows {
        padding: [1, 1],
        ..Windows::tiles(1, 1, [6, 6], [2, 2])
    };
    let heads = Heads {
        samples: 1,
        tokens: 6,
        heads: 2,
        channels: 3,
        causal: true,
    };
    let x: Vec<f32> = numbers(36, 1);
    let (w, bias): (Vec<f32>, Vec<f32>) = (numbers(36, 2), numbers(6, 3));
    let (mut y, mut d_y): (Vec<f32>, Vec<f32>) = (numbers(72, 4), numbers(72, 5));
    let (mut d_x, mut d_w, mut d_v) = (vec![0.0; 36], vec![0.0; 36], vec![0.0; 36]);
    let (mut work, mut d_work) = (vec![0.0; 72], vec![0.0; 72]);
    let mut d_bias = vec![0.0; 6];
    // What the standard library finds out about the processor it keeps.
    assert!(dot(&x, &w).is_finite());
    let counted = measure(|| {
        dot_vjp(&x, &mut d_x, &w, &mut d_w, 1.0);
        linear_vjp(
            &x,
            &mut d_x,
            &w,
            &mut d_w,
            &bias,
            &mut d_bias,
            &mut y[..36],
            &mut d_y[..36],
            [6, 6, 6],
        );
        gemm_vjp(
            &x,
            &mut d_x,
            &w,
            &mut d_w,
            &mut y[..36],
            &mut d_y[..36],
            [
                Layout::columns(6, 6),
                Layout::rows(6, 6),
                Layout::columns(6, 6),
            ],
        );
        softmax_vjp(&x, &mut d_x, &mut y[..36], &mut d_y[..36], 6);
        layer_norm_vjp(
            &x,
            &mut d_x,
            &bias,
            &mut d_bias,
            &w[..6],
            &mut d_w[..6],
            &mut y[..36],
            &mut d_y[..36],
            1e-5,
        );
        rms_norm_vjp(
            &x,
            &mut d_x,
            &bias,
            &mut d_bias,
            &mut y[..36],
            &mut d_y[..36],
            1e-5,
        );
        attention_vjp(
            &x,
            &mut d_x,
            &w,
            &mut d_w,
            &x,
            &mut d_v,
            &mut y[..36],
            &mut d_y[..36],
            &mut work,
            &mut d_work,
            heads,
        );
        conv2d_vjp(
            &x,
            &mut d_x,
            &w[..4],
            &mut d_w[..4],
            &bias[..1],
            &mut d_bias[..1],
            &mut y[..16],
            &mut d_y[..16],
            &mut work[..64],
            &mut d_work[..64],
            windows,
            1,
        );
        max_pool2d_vjp(&x, &mut d_x, &mut y[..16], &mut d_y[..16], windows);
        avg_pool2d_vjp(&x, &mut d_x, &mut y[..16], &mut d_y[..16], windows);
        embedding_vjp(&w, &mut d_w, &mut y[..12], &mut d_y[..12], &[1, 5], 6);
        dropout_vjp(
            &x,
            &mut d_x,
            &mut y[..36],
            &mut d_y[..36],
            Dropout {
                rate: 0.5,
                key: 1,
                counter: 0,
            },
        );
    });
    assert_eq!(counted.count_total, 0);
}
