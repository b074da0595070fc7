//! Forward mode of the kernels: ⟨w, J v⟩ = ⟨Jᵀ w, v⟩ for random w and v, and J v against central differences.

use backprop_runtime::kernel::{self, Dropout, Heads, Layout, Windows};
use backprop_runtime::math::slice;

type Slices = Vec<Vec<f64>>;

/// Numbers between −1 and 1, by D. E. Knuth's MMIX generator.
fn noise(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn dot(a: &Slices, b: &Slices) -> f64 {
    let pairs = a.iter().zip(b);
    pairs
        .flat_map(|(a, b)| a.iter().zip(b))
        .map(|(a, b)| a * b)
        .sum()
}

/// Inputs with their tangents, outputs with theirs.
type Forward<'a> = &'a dyn Fn(&Slices, &Slices, &mut Slices, &mut Slices);
/// Inputs with their adjoints, outputs with their cotangents.
type Reverse<'a> = &'a dyn Fn(&Slices, &mut Slices, &mut Slices, &mut Slices);

/// `constant`: so many of the outputs, the last ones, are room to work in.
fn check(
    what: &str,
    inputs: &[usize],
    outputs: &[usize],
    constant: usize,
    jvp: Forward,
    vjp: Reverse,
) {
    let make = |seed: u64, sizes: &[usize]| -> Slices {
        sizes
            .iter()
            .zip(seed..)
            .map(|(n, s)| noise(s, *n))
            .collect()
    };
    let zeros = |sizes: &[usize]| -> Slices { sizes.iter().map(|n| vec![0.0; *n]).collect() };
    let (x, v) = (make(1, inputs), make(101, inputs));
    let mut w = make(201, outputs);
    let results = outputs.len() - constant;
    w[results..].iter_mut().for_each(|w| w.fill(0.0));

    // Whatever is in it is overwritten.
    let (mut y, mut v_y) = (make(301, outputs), make(401, outputs));
    jvp(&x, &v, &mut y, &mut v_y);
    let (mut d_x, mut left, mut d_y) = (zeros(inputs), zeros(outputs), w.clone());
    vjp(&x, &mut d_x, &mut left, &mut d_y);
    let (forth, back) = (dot(&w, &v_y), dot(&d_x, &v));
    assert!(
        (forth - back).abs() <= 1e-12 * (1.0 + forth.abs()),
        "{what}: forwards {forth}, backwards {back}"
    );
    assert_eq!(y[..results], left[..results], "{what}: the values");

    let at = |h: f64| {
        let moved: Slices = x
            .iter()
            .zip(&v)
            .map(|(x, v)| x.iter().zip(v).map(|(x, v)| x + h * v).collect())
            .collect();
        let (mut y, mut unused) = (zeros(outputs), zeros(outputs));
        jvp(&moved, &v, &mut y, &mut unused);
        dot(&w, &y)
    };
    let difference = |h: f64| (at(h) - at(-h)) / (2.0 * h);
    let want = (4.0 * difference(5e-5) - difference(1e-4)) / 3.0;
    assert!(
        (forth - want).abs() <= 1e-7 * (1.0 + want.abs()),
        "{what}: forwards {forth}, differences {want}"
    );
}

/// The functions of a kernel with so many inputs and outputs.
macro_rules! kernels {
    ($($name:ident $jvp:ident $vjp:ident [$($x:literal)*] [$($y:literal)*] constant $constant:literal sizes $inputs:expr, $outputs:expr; ($($n:expr),*))+) => {$({
        check(
            stringify!($name),
            &$inputs,
            &$outputs,
            $constant,
            &|_x, _v, _y, _v_y| {
                let mut _y = _y.iter_mut();
                let mut _v_y = _v_y.iter_mut();
                kernel::$jvp($(&_x[$x], &_v[$x],)* $({ let _ = $y; _y.next().unwrap() }, _v_y.next().unwrap(),)* $($n),*);
            },
            &|_x, _d, _y, _d_y| {
                let mut _d = _d.iter_mut();
                let mut _y = _y.iter_mut();
                let mut _d_y = _d_y.iter_mut();
                kernel::$vjp($(&_x[$x], _d.next().unwrap(),)* $({ let _ = $y; _y.next().unwrap() }, _d_y.next().unwrap(),)* $($n),*);
            },
        );
    })+};
}

#[test]
fn kernels() {
    let layouts = [
        Layout::rows(3, 4).transposed(),
        Layout::rows(3, 2),
        Layout::rows(4, 2),
    ];
    let windows = Windows {
        stride: [1, 2],
        padding: [1, 0],
        ..Windows::tiles(2, 3, [4, 5], [2, 3])
    };
    let [rows, columns] = windows.count();
    let pixels = 2 * 3 * 4 * 5;
    let workspace = kernel::conv2d_workspace(&windows);
    let heads = |causal| Heads {
        samples: 2,
        tokens: 3,
        heads: 2,
        channels: 2,
        causal,
    };
    let dropout = Dropout {
        rate: 0.4,
        key: 7,
        counter: 3,
    };
    kernels! {
        gemm gemm_jvp gemm_vjp [0 1] [0] constant 0 sizes [12, 6], [8]; (layouts)
        gemv gemv_jvp gemv_vjp [0 1] [0] constant 0 sizes [12, 4], [3]; (Layout::rows(3, 4))
        ger ger_jvp ger_vjp [0 1] [0] constant 0 sizes [3, 4], [12]; ()
        linear linear_jvp linear_vjp [0 1 2] [0] constant 0 sizes [10, 15, 3], [6]; ([2, 5, 3])
        sum_rows sum_rows_jvp sum_rows_vjp [0] [0] constant 0 sizes [12], [4]; ()
        softmax softmax_jvp softmax_vjp [0] [0] constant 0 sizes [12], [12]; (4)
        layer_norm layer_norm_jvp layer_norm_vjp [0 1 2] [0] constant 0 sizes [12, 4, 4], [12]; (1e-3)
        rms_norm rms_norm_jvp rms_norm_vjp [0 1] [0] constant 0 sizes [12, 4], [12]; (1e-3)
        max_pool2d max_pool2d_jvp max_pool2d_vjp [0] [0] constant 0 sizes [pixels], [2 * 3 * rows * columns]; (windows)
        avg_pool2d avg_pool2d_jvp avg_pool2d_vjp [0] [0] constant 0 sizes [pixels], [2 * 3 * rows * columns]; (windows)
        embedding embedding_jvp embedding_vjp [0] [0] constant 0 sizes [12], [9]; (&[3, 0, 3], 3)
        dropout dropout_jvp dropout_vjp [0] [0] constant 0 sizes [40], [40]; (dropout)
        conv2d conv2d_jvp conv2d_vjp [0 1 2] [0 1] constant 1
            sizes [pixels, 2 * 3 * 2 * 3, 2], [2 * 2 * rows * columns, workspace]; (windows, 2)
        attention attention_jvp attention_vjp [0 1 2] [0 1] constant 0 sizes [24, 24, 24], [24, 36]; (heads(true))
        attention attention_jvp attention_vjp [0 1 2] [0 1] constant 0 sizes [24, 24, 24], [24, 36]; (heads(false))
    }
}

#[test]
fn elementary_functions() {
    macro_rules! functions {
        ($($jvp:ident $vjp:ident)*) => {$(
            check(
                stringify!($jvp),
                &[9],
                &[9],
                0,
                &|x, v, y, v_y| {
                    // Where the logarithm is defined.
                    let x: Vec<f64> = x[0].iter().map(|x| x + 2.0).collect();
                    slice::$jvp(&x, &v[0], &mut y[0], &mut v_y[0]);
                },
                &|x, d_x, y, d_y| {
                    let x: Vec<f64> = x[0].iter().map(|x| x + 2.0).collect();
                    slice::$vjp(&x, &mut d_x[0], &mut y[0], &mut d_y[0]);
                },
            );
        )*};
    }
    functions! {
        exp_jvp exp_vjp exp_m1_jvp exp_m1_vjp ln_jvp ln_vjp ln_1p_jvp ln_1p_vjp tanh_jvp tanh_vjp sigmoid_jvp sigmoid_vjp
        softplus_jvp softplus_vjp relu_jvp relu_vjp silu_jvp silu_vjp gelu_jvp gelu_vjp gelu_tanh_jvp gelu_tanh_vjp
        sin_jvp sin_vjp cos_jvp cos_vjp erf_jvp erf_vjp
    }
}

#[test]
fn numbers_of_vectors() {
    let (x, v, y, v_y) = (noise(1, 37), noise(2, 37), noise(3, 37), noise(4, 37));
    let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a} and {b}");
    let (_, along) = kernel::dot_jvp(&x, &v, &y, &v_y);
    near(along, product(&v, &y) + product(&x, &v_y));
    macro_rules! functions {
        ($($jvp:ident $grad:ident)*) => {$(
            let mut d_x = vec![0.0; 37];
            let value = kernel::$grad(&x, &mut d_x);
            let (same, along) = kernel::$jvp(&x, &v);
            assert_eq!(value, same);
            near(along, product(&d_x, &v));
        )*};
    }
    functions! { sum_jvp sum_grad mean_jvp mean_grad sum_of_squares_jvp sum_of_squares_grad max_jvp max_grad min_jvp min_grad }
}

#[test]
#[should_panic(expected = "`x` has length 4 and its tangent has length 3")]
fn a_tangent_of_another_length() {
    kernel::softmax_jvp(&[0.0; 4], &[0.0; 3], &mut [0.0; 4], &mut [0.0; 4], 2);
}
