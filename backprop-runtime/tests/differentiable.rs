//! Differentiable values of every built-in kind: zeros, sums, leaves and their names, and what is said where shapes differ.

#![cfg(feature = "alloc")]

use backprop_runtime::{Differentiable, Path, Real, Visitor};

/// Lists leaves as `name:length`, and checks that a walk in lockstep shows the same leaf of both values.
#[derive(Default)]
struct List(Vec<String>);

impl Visitor<2, 1> for List {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [x, y]: [&[T]; 2], [sum]: [&mut [T]; 1]) {
        self.0.push(format!("{path}:{}", x.len()));
        for ((sum, &x), &y) in sum.iter_mut().zip(x).zip(y) {
            *sum = x + y;
        }
    }
}

/// The leaves of a value; on the way, zero and addition are compared with what a walk makes of them.
#[track_caller]
fn check<M: Differentiable + Clone + PartialEq + core::fmt::Debug>(x: M, leaves: &[&str]) {
    let mut twice = x.clone();
    twice.accumulate(&x);
    let (mut sum, mut list) = (x.zeros_like(), List::default());
    M::visit([&x, &x], [&mut sum], Path::root(), &mut list);
    assert_eq!(list.0, leaves);
    assert_eq!(sum, twice);
    sum.set_zero();
    assert_eq!(sum, x.zeros_like());
    sum.accumulate(&x);
    assert_eq!(sum, x, "zero is neutral");
}

#[test]
fn floats_and_arrays() {
    check(1.5_f32, &["value:1"]);
    check([1.0, 2.0], &["value:2"]);
    check([[[1.0_f32; 4]; 3]; 2], &["value:24"]);
    check([0.0_f64; 0], &["value:0"]);
}

#[test]
fn sequences() {
    check(vec![1.0, 2.0], &["value:2"]);
    check(vec![[1.0_f32; 3]; 5], &["value:15"]);
    check(vec![vec![1.0; 2], vec![2.0]], &["0:2", "1:1"]);
    check(
        vec![(1.0, [2.0_f32; 2]); 2],
        &["0.0:1", "0.1:2", "1.0:1", "1.1:2"],
    );
    check([vec![1.0], vec![]], &["0:1", "1:0"]);
    check::<Box<[f64]>>(Box::new([1.0; 3]), &["value:3"]);
    check(Box::new((1.0, 2.0)), &["0:1", "1:1"]);
}

#[test]
fn options() {
    check(Some(2.0), &["value:1"]);
    check(None::<f64>, &[]);
    check((Some(vec![1.0]), None::<f32>), &["0:1"]);
}

#[test]
fn what_is_not_a_float_is_kept() {
    check(
        (7_usize, -3_i8, true, 'x', (), "name", String::from("s")),
        &[],
    );
    check((vec![1_u8, 2], [3_i64; 2], 1.0), &["2:1"]);
    check((core::marker::PhantomData::<f64>, 1.0), &["1:1"]);
    assert_eq!((7, 1.0, "name").zeros_like(), (7, 0.0, "name"));
}

#[test]
#[should_panic(
    expected = "values of different shapes: `value` has length 2 in one and 3 in the other"
)]
fn lengths_that_differ() {
    vec![1.0; 2].accumulate(&vec![1.0; 3]);
}

#[test]
#[should_panic(
    expected = "values of different shapes: `1.0` has length 2 in one and 1 in the other"
)]
fn lengths_that_differ_inside() {
    let (x, y) = ((1.0, [vec![1.0, 2.0]]), (1.0, [vec![1.0]]));
    Differentiable::visit(
        [&x, &y],
        [&mut x.clone()],
        Path::root(),
        &mut List::default(),
    );
}

#[test]
#[should_panic(
    expected = "values of different shapes: `1` is `Some` in one and `None` in the other"
)]
fn variants_that_differ() {
    let (x, y) = ((1.0, Some(1.0)), (1.0, None));
    Differentiable::visit(
        [&x, &x],
        [&mut y.clone()],
        Path::root(),
        &mut List::default(),
    );
}
