//! Comparing a kernel with a plain loop, and its vector-Jacobian product with finite differences.

use backprop_runtime::Real;

/// Numbers between −1 and 1 without a pattern.
pub(super) fn numbers<T: Real>(n: usize, seed: usize) -> Vec<T> {
    let at = |i: usize| ((i * 7919 + seed * 104_729 + 13) as f64 * 0.618_033_988_749_894_9).fract();
    (0..n).map(|i| T::from_f64(2.0 * at(i) - 1.0)).collect()
}

/// Asserts that all numbers agree, up to so much of the larger of 1 and their size.
#[track_caller]
pub(super) fn close<T: Real>(what: &str, got: &[T], want: &[T], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let (got, want) = (got.to_f64(), want.to_f64());
        assert!(
            (got - want).abs() <= tolerance * want.abs().max(1.0),
            "{what}[{i}] is {got} and should be {want}"
        );
    }
}

/// Slices that a kernel takes or fills.
pub(super) type Buffers = Vec<Vec<f64>>;

/// Compares what `vjp(inputs, gradients, outputs, cotangents)` adds with finite differences of `run(inputs, outputs)`, for outputs of these lengths of which all but the first
/// `results` are for working on.
#[track_caller]
pub(super) fn gradients(
    inputs: Buffers,
    outputs: &[usize],
    results: usize,
    run: impl Fn(&Buffers, &mut Buffers),
    vjp: impl Fn(&Buffers, &mut Buffers, &mut Buffers, &mut Buffers),
) {
    // What outputs held before does not matter.
    let empty = || -> Buffers { outputs.iter().map(|&n| numbers(n, 99)).collect() };
    let seeds: Buffers = outputs
        .iter()
        .enumerate()
        .map(|(i, &n)| numbers(n, 50 + i))
        .collect();
    let value = |inputs: &Buffers| -> f64 {
        let mut out = empty();
        run(inputs, &mut out);
        let pairs = out.iter().zip(&seeds).take(results);
        pairs
            .flat_map(|(y, s)| y.iter().zip(s))
            .map(|(y, s)| y * s)
            .sum()
    };
    let mut out = empty();
    let mut cotangents = seeds.clone();
    let mut d: Buffers = inputs.iter().map(|x| vec![1.0; x.len()]).collect();
    vjp(&inputs, &mut d, &mut out, &mut cotangents);

    let mut plain = empty();
    run(&inputs, &mut plain);
    for (i, (out, plain)) in out.iter().zip(&plain).enumerate().take(results) {
        assert_eq!(
            out, plain,
            "output {i} of the derivative is that of the function"
        );
    }
    assert!(
        cotangents.iter().flatten().all(|d| *d == 0.0),
        "cotangents are cleared"
    );
    let mut moved = inputs.clone();
    for k in 0..inputs.len() {
        for i in 0..inputs[k].len() {
            let h = 1e-3;
            let mut at = |x: f64| {
                moved[k][i] = inputs[k][i] + x * h;
                let value = value(&moved);
                moved[k][i] = inputs[k][i];
                value
            };
            // Of fourth order.
            let difference = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
            let got = d[k][i] - 1.0;
            assert!(
                (got - difference).abs() <= 1e-7 * (1.0 + difference.abs()),
                "the derivative by element {i} of input {k} is {got}, by differences {difference}"
            );
        }
    }
}
