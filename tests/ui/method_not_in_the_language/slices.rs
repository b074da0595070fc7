use backprop::prelude::*;

struct Stack {
    values: [f64; 3],
}

impl Stack {
    fn swap(&mut self, _: usize, _: usize) {}
}

#[differentiable]
fn swap(x: f64, s: &mut Stack) -> f64 {
    s.swap(0, 1);
    s.values.swap(0, 1);
    x
}

struct Pair;

impl Pair {
    fn swap(&self, _: &Pair) {}
}

#[differentiable]
fn swap_cells(x: f64, #[nodiff] s: &Pair, #[nodiff] t: &Pair) -> f64 {
    s.swap(t);
    x
}

#[differentiable]
fn copy(y: &mut Vec<f64>, z: &Vec<f64>) {
    y.clone_from(z);
}

#[differentiable]
fn copy_part(y: &mut [f64], #[nodiff] range: core::ops::Range<usize>) {
    y.copy_within(range, 0);
}

#[differentiable]
fn split(x: &[f64]) -> f64 {
    let (_, chunks) = x.as_rchunks::<2>();
    chunks[0][0]
}

#[differentiable]
fn of_what_length(x: &[f64]) -> f64 {
    let a: &[f64; 2] = x.first_chunk().unwrap();
    a[0]
}

fn rows_of(_: &[[f64; 2]]) -> f64 {
    0.0
}

fn change(_: &mut [f64; 2]) {}

#[differentiable]
fn handed_on(x: &[f64], y: &mut [f64]) -> f64 {
    let (rows, _) = x.as_chunks::<2>();
    change(y.first_chunk_mut::<2>().unwrap());
    rows_of(rows)
}

#[differentiable]
fn both(a: &mut [f64], b: &mut [f64]) {
    a[0] = b[0];
}

#[differentiable]
fn lent_at_once(y: &mut [f64; 4]) {
    let (a, b) = y.split_at_mut(1);
    both(a, b);
}

#[differentiable]
fn add(a: &mut [f64], b: &[f64], c: &[f64]) {
    a[0] += b[0] * c[0];
}

#[differentiable(tape)]
fn two_beside(y: &mut [f64]) {
    let (a, b) = y.split_at_mut(1);
    add(a, &b[..2], &b[1..]);
}

#[derive(Clone, Copy, Differentiable)]
struct Body {
    x: f64,
    v: f64,
}

impl Body {
    #[differentiable]
    fn pull(&mut self, other: &mut Body) {
        self.v += other.x;
        other.v -= self.x;
    }
}

#[differentiable(tape)]
fn on_a_part(bodies: &mut [Body]) {
    let (a, b) = bodies.split_at_mut(1);
    a[0].pull(&mut b[0]);
}

#[differentiable]
fn sort(x: [f64; 3]) -> f64 {
    let mut y = x;
    y.sort_by(|a, b| a.total_cmp(b));
    y[0]
}

#[differentiable]
fn boxed(x: &[f64]) -> f64 {
    x.to_vec().into_boxed_slice()[0]
}

#[differentiable]
fn last_mut(x: f64, s: &mut Stack, o: &mut Option<f64>) {
    *s.values.last_mut().unwrap() = x;
    *o.as_mut().unwrap() = x;
}

#[differentiable]
fn turn(s: &mut Stack) {
    s.values.rotate_left(1);
}

fn main() {}
