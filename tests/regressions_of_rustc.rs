//! Programs whose generated code rustc refused, for a type or a name that was not there: each was a defect once.
#![allow(
    clippy::if_same_then_else,
    reason = "programs as a generator writes them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_args, check_gradient, check_slice};

#[derive(Clone, Copy, Differentiable)]
struct Pair {
    u: f64,
    v: f64,
}

#[derive(Clone, Copy, Differentiable)]
struct Nest {
    left: Pair,
    count: i32,
    weight: f64,
}

/// What a loop adds to one field was added up in a register, though the loop's condition reads the field: rustc refused it.
#[differentiable(tape)]
fn field_added_to_under_a_condition_on_it(x: f64, y: f64, weight: f64) -> f64 {
    let mut p = Pair { u: x, v: weight };
    let mut k = 0;
    while k < 9 && p.u <= 1.0 {
        k += 1;
        p.u += 0.3 * x * y;
    }
    p.u * p.v + k as f64 * y
}

/// The same of an element, in a loop inside of another one.
#[differentiable(tape)]
fn element_added_to_under_a_condition_on_it(x: &[f64; 4]) -> f64 {
    let mut a = *x;
    for i in 0..3 {
        let mut k = 0;
        while k < 5 && a[i] + a[i + 1] <= 1.5 {
            k += 1;
            a[i] += 0.4 * x[3] * x[i];
        }
    }
    a[0] * a[1] + a[2] * a[3].sin()
}

#[test]
fn conditions_read_what_the_loop_adds_to() {
    for [x, y, weight] in [[0.4, 0.9, 1.2], [0.8, 1.5, -0.4], [1.3, 0.2, 0.6]] {
        let of = |a: &[f64]| field_added_to_under_a_condition_on_it(a[0], a[1], a[2]);
        let (value, dx, dy, dw) =
            field_added_to_under_a_condition_on_it_grad(x, y, weight, &mut Tape::new());
        common::assert_same(value, of(&[x, y, weight]));
        check_gradient(of, &[x, y, weight], &[dx, dy, dw]);
    }
    for a in [
        [0.3, 0.8, 0.1, 0.6],
        [0.9, 0.2, 0.5, 1.1],
        [1.1, 0.7, 0.9, 0.3],
    ] {
        let mut d = [0.0; 4];
        let value = element_added_to_under_a_condition_on_it_grad(&a, &mut d, &mut Tape::new());
        common::assert_same(value, element_added_to_under_a_condition_on_it(&a));
        let of_slice =
            |x: &[f64]| element_added_to_under_a_condition_on_it(&core::array::from_fn(|k| x[k]));
        check_gradient(of_slice, &a, &d);
    }
}

/// A number that folding has found was the receiver of a method, and of no type: rustc refused it.
#[differentiable]
fn method_of_a_folded_number(x: f64, y: f64) -> f64 {
    let mut s: f64 = 2.0;
    if 0.05 < x {
        let zero: f64 = 0.0;
        s = ((0.3 * zero) + zero).cos();
    }
    s -= (x + (0.0_f64).powf(0.8 * y)).sin();
    s * x
}

#[differentiable]
fn method_of_a_folded_single(x: f32) -> f32 {
    let zero: f32 = 0.0;
    x * ((0.3 * zero) + zero).cos() + x.sin()
}

#[test]
fn methods_of_folded_numbers() {
    check_args(
        |[x, y]| method_of_a_folded_number(x, y),
        |[x, y]| method_of_a_folded_number_grad(x, y),
        &[[0.4, 1.3], [-0.7, 0.9]],
    );
    let (value, d) = method_of_a_folded_single_grad(0.5);
    assert_near(value.into(), 0.5 + 0.5_f64.sin(), 1e-6);
    assert_near(d.into(), 1.0 + 0.5_f64.cos(), 1e-6);
}

/// A method of an integer that is computed from literals, and of another type than an index.
#[differentiable]
fn method_of_a_computed_integer(x: f64) -> f64 {
    let k: i32 = 1 + 1;
    x.powi(k.pow(2)) + f64::from(k) * x
}

#[test]
fn methods_of_computed_integers() {
    check_args(
        |[x]| method_of_a_computed_integer(x),
        |[x]| method_of_a_computed_integer_grad(x),
        &[[0.4], [-0.7]],
    );
}

/// The zero of an integer's adjoint was a float's: rustc refused it. The field's type is not seen.
#[differentiable]
fn integer_made_of_integers(x: f64, a: &[f64; 2]) -> f64 {
    let p = Nest {
        left: Pair { u: x, v: x },
        count: 3,
        weight: a[0],
    };
    let q = Nest {
        left: p.left,
        count: p.count + p.count,
        weight: x * x,
    };
    q.weight * a[q.count as usize % 2] + p.weight * q.left.u
}

#[test]
fn integers_made_of_integers() {
    check_slice(
        |x| integer_made_of_integers(x[0], &[x[1], x[2]]),
        |x, d| {
            let mut d_a = [0.0; 2];
            let (value, d_x) = integer_made_of_integers_grad(x[0], &[x[1], x[2]], &mut d_a);
            for (d, new) in d.iter_mut().zip([d_x, d_a[0], d_a[1]]) {
                *d += new;
            }
            value
        },
        &[0.7, -0.4, 1.2],
    );
}

/// Two equal expressions of literals were one value, and of two types.
#[differentiable]
fn literals_of_two_types(x: f32, y: f64) -> f64 {
    let mut z = y;
    for k in 0..3 {
        let (a, b) = if k > 0 {
            (1.0 / 3.0, 0.5)
        } else {
            (2.0, -0.25)
        };
        let (c, d) = if k > 0 {
            (1.0 / 3.0, 0.5)
        } else {
            (2.0, -0.25)
        };
        z += f64::from(x * a * (1.0 + 2.0) + b) * y * c * (1.0 + 2.0) + d;
    }
    z * (1.0 / 3.0) + f64::from((x * (1.0 / 3.0)).sin())
}

#[test]
fn literals_have_the_type_of_their_use() {
    for (x, y) in [(0.5_f32, -0.7), (-1.25, 0.4)] {
        let (value, d_x, d_y) = literals_of_two_types_grad(x, y);
        assert_eq!(value, literals_of_two_types(x, y));
        let by_x = |x: f64| {
            let s = |k: f64| k * (3.0 * x * k) * y * 3.0;
            y / 3.0
                + (s(2.0) - 0.25 * y * 6.0 - 0.25) / 3.0
                + 2.0 / 3.0 * (s(1.0 / 3.0) + 0.5 * y + 0.5)
                + (x / 3.0).sin()
        };
        assert_near(value, by_x(x.into()), 1e-5);
        // The sum of 9 x y k² over the values of k, and b times y times 3 c.
        let slope = 9.0 * (4.0 + 2.0 / 9.0) / 3.0;
        assert_near(
            d_x.into(),
            slope * y + (f64::from(x) / 3.0).cos() / 3.0,
            1e-5,
        );
        let by_y = 1.0 + slope.mul_add(3.0 * f64::from(x), -1.5 + 1.0);
        assert_near(d_y, by_y / 3.0, 1e-5);
    }
}

/// The type of a counter was where it got a second name, which generated code has not.
#[differentiable]
fn counter_with_a_type(x: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..3 {
        let k: i32 = i;
        s += x.powi(k.pow(2)) * f64::from(k);
    }
    s
}

#[test]
fn counters_with_a_type() {
    check_args(
        |[x]| counter_with_a_type(x),
        |[x]| counter_with_a_type_grad(x),
        &[[0.4], [-0.7]],
    );
}

#[differentiable]
fn fills(x: f64, #[out] y: &mut [f64]) -> f64 {
    y.fill(x);
    x * y[0].sin()
}

#[differentiable]
fn adds(x: f64, y: &mut [f64]) -> f64 {
    y[0] += x;
    y[0] * y[1] * x
}

#[differentiable]
#[allow(clippy::ptr_arg, reason = "some lend the vector itself")]
fn scales(x: f64, y: &mut Vec<f64>) -> f64 {
    y[1] *= x;
    y[0] * y[1]
}

/// Random program 12004460: a `Vec` of constants that is lent, and not looked at afterwards, had no cotangent for the callee.
#[differentiable]
fn vectors_lent_once(x: f64, n: usize) -> f64 {
    let mut a = vec![0.5; 2];
    let mut b: Vec<f64> = vec![0.25; n];
    let mut c = vec![1.5; n];
    let mut d = vec![0.75; n];
    fills(x, &mut a) + fills(2.0 * x, &mut b[1..n]) + adds(x, &mut c) + scales(x, &mut d)
}

#[test]
fn vectors_are_lent_once() {
    for n in [2, 5] {
        check_args(
            |[x]| vectors_lent_once(x, n),
            |[x]| vectors_lent_once_grad(x, n),
            &[[0.4], [-0.7]],
        );
    }
}

/// The cotangent of an integer whose type is not seen was added to itself in place.
#[differentiable]
fn integer_used_twice(x: f64, n: i32) -> f64 {
    let Nest { left, count, .. } = Nest {
        left: Pair { u: x, v: 0.5 },
        count: n,
        weight: 0.5,
    };
    f64::from(count) * f64::from(count) * left.u + (count as f64) * (count as f64)
}

#[test]
fn integers_used_twice() {
    check_args(
        |[x]| integer_used_twice(x, 3),
        |[x]| integer_used_twice_grad(x, 3),
        &[[0.4], [-0.7]],
    );
}

#[differentiable]
impl Pair {
    fn turned(&self, by: f64) -> f64 {
        self.u * by.cos() - self.v * by.sin()
    }

    fn step(&mut self, by: f64) -> f64 {
        self.u += by * self.v;
        self.u * by
    }
}

/// Random program 16000447: an argument that reads what the receiver is borrowed from was read behind the call.
#[differentiable]
fn arguments_that_read_the_receiver(p: &mut Pair, x: f64) -> f64 {
    let y = p.turned(p.v * x);
    let z = p.step(p.u * x);
    let w = p.turned(p.u + p.v);
    p.v *= w;
    y * z + w
}

#[test]
fn arguments_read_the_receiver() {
    check_args(
        |[u, v, x]| {
            let mut p = Pair { u, v };
            arguments_that_read_the_receiver(&mut p, x) + p.u * 0.3 - p.v
        },
        |[u, v, x]| {
            let mut p = Pair { u, v };
            let mut d = Pair { u: 0.3, v: -1.0 };
            let (value, d_x) = arguments_that_read_the_receiver_vjp(&mut p, &mut d, x, 1.0);
            (value + p.u * 0.3 - p.v, d.u, d.v, d_x)
        },
        &[[0.4, -0.3, 1.2], [-0.7, 1.1, 0.4]],
    );
}

#[differentiable]
fn of_two(x: f64, a: &Option<f64>, b: &Option<Option<f64>>) -> f64 {
    x * a.unwrap_or(2.0) + if b.is_some() { x * x } else { x.sin() }
}

/// Random program 16000497: a `None` stood for one of another type.
#[differentiable]
fn two_kinds_of_none(x: f64) -> f64 {
    of_two(x, &None, &None) * of_two(x, &None, &if x < 0.5 { None } else { Some(Some(x)) })
}

#[test]
fn each_none_is_of_the_type_of_its_use() {
    check_args(
        |[x]| two_kinds_of_none(x),
        |[x]| two_kinds_of_none_grad(x),
        &[[0.4], [0.7]],
    );
}

#[differentiable]
fn weighed(nest: Nest, x: f64) -> f64 {
    let mut sum = nest.weight;
    for _ in 0..nest.count {
        sum += x * nest.left.u;
    }
    sum
}

/// Random program 20003975: an integer of a struct that is added to itself had a cotangent, which was zero of a float's type in
/// the other branch. What is read from one field is of one type, wherever it is read.
#[differentiable]
fn a_count_that_is_passed_on(nest: &Nest, x: f64) -> f64 {
    let count = nest.count;
    let mut z = nest.weight * nest.count as f64;
    if x < 0.7 {
        z *= weighed(
            Nest {
                weight: x * nest.left.v,
                count: nest.count + count,
                ..*nest
            },
            x,
        );
    }
    for _ in 0..nest.count {
        z += x.sin();
    }
    z
}

#[test]
fn a_count_is_an_integer_wherever_it_is_read() {
    check_args(
        |[u, v, weight, x]| {
            let nest = Nest {
                left: Pair { u, v },
                count: 2,
                weight,
            };
            a_count_that_is_passed_on(&nest, x)
        },
        |[u, v, weight, x]| {
            let nest = Nest {
                left: Pair { u, v },
                count: 2,
                weight,
            };
            let mut d = nest.zeros_like();
            let (value, d_x) = a_count_that_is_passed_on_grad(&nest, &mut d, x);
            (value, d.left.u, d.left.v, d.weight, d_x)
        },
        &[[0.4, -0.3, 1.2, 0.6], [0.4, -0.3, 1.2, 0.8]],
    );
}

#[differentiable]
fn nothing_in_something(x: f64) -> Option<Option<f64>> {
    if x < 0.5 {
        return None;
    }
    Some(if x < 0.9 { None } else { None })
}

/// Random program 27000033: of an option that two branches made, and that another held, rustc could not see the type.
#[differentiable]
fn by_what_it_holds(x: f64) -> f64 {
    match nothing_in_something(x) {
        None => x * x,
        Some(None) => x.sin(),
        Some(Some(y)) => y,
    }
}

#[test]
fn an_option_in_an_option_made_by_branches() {
    check_args(
        |[x]| by_what_it_holds(x),
        |[x]| by_what_it_holds_grad(x),
        &[[0.4], [0.7], [1.2]],
    );
}

/// Random program 27002234: a branch left a vector in two variables, one of which had been moved into the other.
#[differentiable(tape)]
fn left_twice(t: f64, rate: f64, places: &mut [f64; 3]) {
    let mut pair = Pair { u: t, v: places[1] };
    if rate > 2.0 {
        return;
    }
    let mut values: Vec<f64> = vec![pair.v; 3];
    match rate {
        r if r < 1.0 => {
            values[1] -= 2.0;
        }
        _ => {
            values[1] = {
                std::mem::swap(&mut places[1], &mut pair.u);
                0.5
            };
        }
    }
    places[1] = values[0] * values[1];
}

#[test]
fn a_vector_that_a_branch_leaves_is_left_once() {
    let total = |[t, rate, a, b, c]: [f64; 5]| {
        let mut places = [a, b, c];
        left_twice(t, rate, &mut places);
        places[0] - 0.5 * places[1] + 2.0 * places[2]
    };
    check_args(
        total,
        |[t, rate, a, b, c]| {
            let mut places = [a, b, c];
            let mut d = [1.0, -0.5, 2.0];
            let (d_t, d_rate) = left_twice_vjp(t, rate, &mut places, &mut d, &mut Tape::new());
            (
                places[0] - 0.5 * places[1] + 2.0 * places[2],
                d_t,
                d_rate,
                d[0],
                d[1],
                d[2],
            )
        },
        &[
            [0.4, 0.7, 0.3, -0.2, 1.1],
            [0.4, 1.7, 0.3, -0.2, 1.1],
            [0.4, 2.7, 0.3, -0.2, 1.1],
        ],
    );
}

/// How many there are was a number of no type: only a method of it was called.
#[differentiable(tape)]
fn collected_and_skipped(z: &mut [f64]) -> f64 {
    let mut halves: Vec<f64> = z.iter().map(|w| w * 0.5).collect();
    for _ in halves.iter_mut().skip(1) {
        z[0] *= 0.5;
    }
    z[1]
}

#[differentiable(tape)]
fn extended_and_cut(x: &[f64; 3]) -> f64 {
    let mut halves: Vec<f64> = Vec::new();
    let mut s = x[0];
    halves.extend(x.iter().map(|w| w * 0.5));
    for (_, w) in halves.chunks_mut(2).zip(x) {
        s *= w.sin();
    }
    s
}

#[test]
fn the_length_of_what_is_collected_has_a_type() {
    check_args(
        |x: [f64; 3]| extended_and_cut(&x),
        |x| {
            let mut d = [0.0; 3];
            let value = extended_and_cut_grad(&x, &mut d, &mut Tape::new());
            (value, d[0], d[1], d[2])
        },
        &[[0.4, 0.7, 0.3]],
    );
    let total = |[a, b, c]: [f64; 3]| {
        let mut z = [a, b, c];
        let value = collected_and_skipped(&mut z);
        value + z[0] * 2.0 + z[2]
    };
    check_args(
        total,
        |[a, b, c]| {
            let (mut z, mut d) = ([a, b, c], [2.0, 0.0, 1.0]);
            let value = collected_and_skipped_grad(&mut z, &mut d, &mut Tape::new());
            (value + z[0] * 2.0 + z[2], d[0], d[1], d[2])
        },
        &[[0.4, 0.7, 0.3]],
    );
}
