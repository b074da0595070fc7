//! Inner loops whose numbers are put on the tape by a loop of their own, behind the one that makes them: with every kind of
//! length and index, with nothing to do, and beside what has to stay where it is.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_slice, noise};

#[differentiable]
fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The same function under two names, the second without loops over slices.
macro_rules! both {
    ($(fn $name:ident, $plain:ident <$(const $c:ident: usize)?>($x:ident: &[f64], $n:ident: usize) -> f64 $body:block)*) => { $(
        #[differentiable(tape)]
        fn $name<$(const $c: usize)?>($x: &[f64], $n: usize) -> f64 $body

        #[differentiable(tape, without(lanes))]
        fn $plain<$(const $c: usize)?>($x: &[f64], $n: usize) -> f64 $body
    )* };
}

const UNITS: usize = 3;

both! {
    // Lengths: a literal, a named constant, a constant of the function's type.
    fn literal, literal_plain <>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.2; 3];
        for t in 0..n {
            for i in 0..3 {
                let gate = squash(h[i] * x[i] + x[3 + i]);
                let change = (h[i] * x[t % 6]).tanh();
                h[i] = h[i] * gate + (1.0 - gate) * change;
            }
        }
        h[0] + h[1] * h[2]
    }

    fn named, named_plain <>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.2; UNITS];
        let mut total = 0.0;
        for _ in 0..n {
            let mut y = [0.1; UNITS];
            for i in 0..UNITS {
                y[i] = squash(h[i] * x[i]) * (h[i] * x[3 + i]).sin();
                h[i] = y[i] * h[i].exp();
            }
            total += y[0] * y[2];
        }
        total + h[1]
    }

    fn of_any_length, of_any_length_plain <const B: usize>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.2; B];
        let mut total = 0.0;
        for t in 0..n {
            let mut y = [0.0; B];
            for l in 0..2 {
                for i in 0..B {
                    let gate = squash(h[i] * x[i] + x[l]);
                    let change = (gate + x[t % 6]).tanh();
                    h[i] = h[i] * gate + change.exp() * 0.1;
                    y[i] += gate * change;
                }
            }
            for i in 0..B {
                total += (y[i] * x[i]).sin();
            }
        }
        total
    }

    // An index that is a number, too, and of another type.
    fn counts, counts_plain <>(x: &[f64], n: usize) -> f64 {
        let mut s = 0.3;
        for t in 0..n {
            for i in 0..4u8 {
                let e = (s * x[usize::from(i)]).sin();
                let f = (e * f64::from(i) + x[t % 6]).cos();
                s = e * f * f64::from(i + 1);
            }
        }
        s
    }

    // Numbers of every depth, side by side: of the outermost loop, of one with loops inside, of two inner ones beside each other, and of
    // one that may have no iterations.
    fn nested, nested_plain <const B: usize>(x: &[f64], n: usize) -> f64 {
        let (mut s, mut h) = (x[0], [0.3; B]);
        for t in 0..n {
            let mut y = [0.1; B];
            s = (s * x[t % 7]).sin();
            for l in 0..n {
                let a = (s + x[(t + l) % 7]).tanh();
                for k in 0..l % 2 + 2 {
                    s = (s * a + x[k]).cos();
                }
                for i in 0..B {
                    let gate = squash(h[i] * a + x[i % 7]);
                    y[i] = (gate * s).exp() * y[i].sin();
                    h[i] = y[i] * gate;
                }
                for k in 2..n {
                    let e = (a * x[k]).exp();
                    s += e * (s + e).sin();
                }
                s = (a * s).sin();
            }
            for i in 0..B {
                s += squash(h[i]) * (y[i] * s).tanh();
            }
        }
        s
    }

    // Sums of what is costly, of what is there, and of both; one that is looked at on the way, and one of a number that is carried.
    fn added, added_plain <const B: usize>(x: &[f64], n: usize) -> f64 {
        let (mut h, mut total) = ([0.3; B], 0.0);
        for t in 0..n {
            let mut y = [0.1; B];
            let (mut sum, mut dot, mut weight, mut count) = (2.0, 0.0, x[t % 7], 0);
            for i in 0..B {
                let e = (h[i] * x[(t + i) % 7]).exp();
                y[i] = squash(e) * x[t % 7];
                h[i] = y[i].sin();
                sum += e;
                dot -= y[i] * x[i % 7] + h[i];
                weight = x[(t + i) % 7] + weight;
                count += 1;
            }
            total += dot * weight.cos() / sum + count as f64 * h[0];
        }
        total
    }

    fn looked_at, looked_at_plain <>(x: &[f64], n: usize) -> f64 {
        let mut total = 0.0;
        for t in 0..n {
            let mut y = [0.1; 3];
            let (mut sum, mut power, mut all) = (1.0, 1.0, 0.0);
            for i in 0..3 {
                let e = (y[i] * x[(t + i) % 7]).exp();
                sum += e;
                y[i] = squash(e * sum);
                power *= y[i];
                all += power;
            }
            total += (all * power).sin() / sum + y[0] * y[1].exp();
        }
        total
    }

    // What is added changes in the loop, behind.
    fn changing, changing_plain <>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.4, 0.1, -0.2];
        let mut total = 0.0;
        for t in 0..n {
            let (mut sum, mut next) = (0.0, 0.0);
            for i in 0..3 {
                let e = (h[i] * x[t % 7]).sin().exp();
                sum += h[i] * e;
                next += h[(i + 1) % 3];
                h[(i + t) % 3] = squash(e);
                h[i] += e * 0.1;
            }
            total += (sum * next).sin();
        }
        total + h[0] * h[1]
    }

    // No iterations at all.
    fn none, none_plain <>(x: &[f64], n: usize) -> f64 {
        let mut s = x[0];
        for t in 0..n {
            for _ in 0..-2i32 {
                let e = (s * x[1]).sin();
                s = e * (s + e).cos();
            }
            for _ in 0..0 {
                let e = (s * x[1]).sin();
                s = e * (s + e).cos();
            }
            s = (s * x[t % 6]).sin();
        }
        s
    }

    // Some numbers are there in some iterations only.
    fn sometimes, sometimes_plain <>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.4; 3];
        for t in 0..n {
            for i in 0..3 {
                let e = (h[i] * x[i]).sin();
                let g = squash(e * x[5]);
                if (t + i) % 2 == 0 {
                    let w = (g * x[3 + i]).exp();
                    h[i] = w * e * g;
                } else {
                    h[i] += e * g;
                }
            }
        }
        h[0] * h[1] * h[2]
    }

    // What the elements are is said by others of them.
    fn next_door, next_door_plain <>(x: &[f64], n: usize) -> f64 {
        let mut h = [0.4, 0.1, -0.2];
        for t in 0..n {
            for i in 0..3 {
                let e = (h[(i + 1) % 3] * x[t % 6]).sin();
                let g = squash(h[i] + e);
                h[(i + t) % 3] = g * e;
                h[i] += e * e;
            }
        }
        h[0] - h[1] * h[2]
    }
}

#[differentiable(tape)]
fn any<T: Real, const B: usize>(x: &[T], n: usize) -> T {
    let mut h = [T::from_f64(0.2); B];
    let mut total = T::from_f64(0.0);
    for t in 0..n {
        for i in 0..B {
            let e = (h[i] * x[i]).sin();
            let g = (e + x[t % 6]).tanh();
            h[i] = e * g + h[i] * T::from_f64(0.5);
        }
        total += h[0];
    }
    total
}

macro_rules! check {
    ($tape:ident, $x:ident, $n:ident: $($f:expr, $g:expr, $p:expr;)*) => { $(
        check_slice(|x| $f(x, $n), |x, d| $g(x, d, $n, &mut $tape), &$x);
        let (mut with, mut without) = ([0.0; 7], [0.0; 7]);
        $g(&$x, &mut with, $n, &mut $tape);
        $p(&$x, &mut without, $n, &mut $tape);
        for (a, b) in with.iter().zip(without) {
            assert!((a - b).abs() <= 1e-13 * (1.0 + b.abs()), "{a} {b}");
        }
        assert_eq!($tape.mark(), 0);
    )* };
}

#[test]
fn numbers_put_behind_are_those_of_their_iterations() {
    let mut tape = Tape::new();
    for (seed, n) in [(1, 0), (2, 1), (3, 2), (4, 5)] {
        let x = noise(seed, 7);
        check!(tape, x, n:
            literal, literal_grad, literal_plain_grad;
            named, named_grad, named_plain_grad;
            of_any_length::<1>, of_any_length_grad::<1>, of_any_length_plain_grad::<1>;
            of_any_length::<6>, of_any_length_grad::<6>, of_any_length_plain_grad::<6>;
            of_any_length::<0>, of_any_length_grad::<0>, of_any_length_plain_grad::<0>;
            nested::<3>, nested_grad::<3>, nested_plain_grad::<3>;
            nested::<0>, nested_grad::<0>, nested_plain_grad::<0>;
            added::<4>, added_grad::<4>, added_plain_grad::<4>;
            added::<1>, added_grad::<1>, added_plain_grad::<1>;
            looked_at, looked_at_grad, looked_at_plain_grad;
            changing, changing_grad, changing_plain_grad;
            counts, counts_grad, counts_plain_grad;
            none, none_grad, none_plain_grad;
            sometimes, sometimes_grad, sometimes_plain_grad;
            next_door, next_door_grad, next_door_plain_grad;
            any::<f64, 4>, any_grad::<f64, 4>, any_grad::<f64, 4>;
        );
    }
}

#[test]
fn in_single_precision() {
    let x = noise(5, 7);
    let narrow: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    let (mut d, mut d_narrow, mut tape) = ([0.0; 7], [0.0_f32; 7], Tape::new());
    any_grad::<f64, 4>(&x, &mut d, 5, &mut tape);
    any_grad::<f32, 4>(&narrow, &mut d_narrow, 5, &mut tape);
    for (a, b) in d.iter().zip(d_narrow) {
        assert!((a - f64::from(b)).abs() < 1e-4, "{a} {b}");
    }
}
