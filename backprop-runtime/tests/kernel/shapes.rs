//! What is said of shapes that do not fit.

use std::panic::catch_unwind;

use backprop_runtime::kernel::*;

#[track_caller]
fn says(message: &str, f: impl FnOnce() + std::panic::UnwindSafe) {
    let payload = catch_unwind(f).expect_err("a panic");
    let said = payload.downcast_ref::<String>().expect("a message");
    assert_eq!(said, message);
}

#[test]
fn both_shapes_are_named() {
    says("dot: `x` has length 2 and `y` has length 3", || {
        dot(&[0.0; 2], &[0.0; 3]);
    });
    says("linear: `w` has length 5 and its shape is [2, 3]", || {
        linear(&[0.0; 3], &[0.0; 5], &[], &mut [0.0; 2], [1, 3, 2]);
    });
    says("gemm: 2×3 by 2×3 does not make 2×3", || {
        gemm(&[0.0; 6], &[0.0; 6], &mut [0.0; 6], [Layout::rows(2, 3); 3]);
    });
    says("gemm: `a` has length 5 and its layout ends at 6", || {
        let layouts = [Layout::rows(2, 3), Layout::rows(3, 1), Layout::rows(2, 1)];
        gemm(&[0.0; 5], &[0.0; 3], &mut [0.0; 2], layouts);
    });
    says("gemm: batches of 1, 2 and 2 matrices", || {
        let layouts = [
            Layout::rows(1, 1),
            Layout::rows(1, 1).batch(2, 1),
            Layout::rows(1, 1).batch(2, 1),
        ];
        gemm(&[0.0; 2], &[0.0; 2], &mut [0.0; 2], layouts);
    });
    says(
        "softmax: `x` has length 5, which is not a number of whole rows of 2",
        || {
            softmax(&[0.0; 5], &mut [0.0; 5], 2);
        },
    );
    says(
        "layer_norm: `scale` has length 2 and `shift` has length 1",
        || {
            layer_norm(&[0.0; 2], &[0.0; 2], &[0.0], &mut [0.0; 2], 1e-5);
        },
    );
    says("embedding: index 3 at 1, and a table of 3 rows", || {
        embedding(&[0.0; 6], &mut [0.0; 4], &[0, 3], 2);
    });
    says("dropout: a rate of 1", || {
        dropout(
            &[0.0],
            &mut [0.0],
            Dropout {
                rate: 1.0,
                key: 0,
                counter: 0,
            },
        );
    });
    says(
        "max_pool2d: `y` has length 2 and its shape is [1, 1, 1, 1]",
        || {
            max_pool2d(
                &[0.0; 4],
                &mut [0.0; 2],
                Windows::tiles(1, 1, [2, 2], [2, 2]),
            );
        },
    );
    says(
        "softmax: `x` has length 2 and its adjoint has length 1",
        || {
            softmax_vjp(&[0.0; 2], &mut [0.0], &mut [0.0; 2], &mut [0.0; 2], 2);
        },
    );
    says(
        "conv2d: `workspace` has length 0 and its shape is [4, 1]",
        || {
            conv2d(
                &[0.0; 4],
                &[0.0; 4],
                &[],
                &mut [0.0],
                &mut [],
                Windows::tiles(1, 1, [2, 2], [2, 2]),
                1,
            );
        },
    );
    says(
        "attention: `weights` has length 3 and its shape is [1, 1, 2, 2]",
        || {
            let shape = Heads {
                samples: 1,
                tokens: 2,
                heads: 1,
                channels: 1,
                causal: true,
            };
            attention(
                &[0.0; 2],
                &[0.0; 2],
                &[0.0; 2],
                &mut [0.0; 2],
                &mut [0.0; 3],
                shape,
            );
        },
    );
}

/// An output with gaps would keep what it held.
#[test]
fn a_product_fills_its_slice() {
    for layout in [
        Layout::strided(2, 2, 3, 1),
        Layout::strided(2, 2, 1, 1),
        Layout::rows(2, 1).batch(2, 0),
    ] {
        let message = catch_unwind(|| {
            let batches = if layout == Layout::rows(2, 1).batch(2, 0) {
                2
            } else {
                1
            };
            let n = if batches == 2 { 1 } else { 2 };
            let layouts = [
                Layout::rows(2, 1).batch(batches, 2),
                Layout::rows(1, n).batch(batches, n),
                layout,
            ];
            gemm(&[0.0; 4], &[0.0; 2], &mut [0.0; 4], layouts);
        });
        assert!(message.is_err(), "{layout:?}");
    }
}
