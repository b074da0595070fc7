//! Small programs, each as text for the compiler and as code for rustc.

// They are written as a user of the language might, whatever there is in it to be shorter.
#![allow(
    clippy::all,
    unused,
    reason = "the programs are inputs, not code of ours"
)]

use crate::ir::interp::Value;

pub(super) struct Program {
    pub(super) text: String,
    pub(super) args: Vec<Value>,
    /// The floats that come out: the result's, then those of `&mut` parameters.
    pub(super) direct: Vec<f64>,
}

pub(super) const A: [f64; 4] = [1.3, 0.7, -0.4, 2.1];
pub(super) const B: [f64; 4] = [0.5, -1.2, 0.9, 1.7];
pub(super) const X: f64 = 1.1;

/// The function, its arguments, and the floats that a call of it gives.
macro_rules! program {
    ($item:item $(,)? [$($arg:expr),*] $call:expr $(,)?) => {{
        $item
        Program { text: stringify!($item).to_string(), args: vec![$(Value::from($arg)),*], direct: $call.to_vec() }
    }};
}

pub(super) use program;

impl From<f64> for Value {
    fn from(x: f64) -> Value {
        Value::Float(x)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Value {
        Value::Int(n.into())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(list: [T; N]) -> Value {
        Value::Seq(list.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<Value>, T: Into<Value>> From<(S, T)> for Value {
    fn from((a, b): (S, T)) -> Value {
        Value::Tuple(vec![a.into(), b.into()])
    }
}

/// What a function leaves in a buffer.
pub(super) fn left<const N: usize>(mut y: [f64; N], f: impl FnOnce(&mut [f64])) -> [f64; N] {
    f(&mut y);
    y
}

pub(super) fn programs() -> Vec<Program> {
    let mut all = straight();
    all.extend(branches());
    all.extend(sums());
    all.extend(recurrences());
    all.extend(exits());
    all.extend(aggregates());
    all.extend(buffers());
    all.extend(in_place());
    all.extend(super::iterators::programs());
    all
}

fn straight() -> Vec<Program> {
    vec![
        program!(
            fn f(x: f64, y: f64) -> f64 {
                (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
            },
            [X, 0.7][f(X, 0.7)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let _ = (x + 3.0).acos();
                x * x
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let (s, c) = x.sin_cos();
                x.hypot(2.0).max(s).clamp(0.1, 9.0).powf(c)
                    + x.powi(3)
                    + x.mul_add(c, s)
                    + x.atan2(s) % 0.7
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                x.exp().ln() * x.tanh() / x.sqrt() - x.cbrt() * x.exp_m1() + x.ln_1p().sinh()
                    - x.cosh().recip()
                    + (0.3 * x).asin() * (0.3 * x).acos() * x.atan()
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64, y: f64) -> f64 {
                let x = x * y;
                let y = x / y;
                let x = -x - y;
                x.abs() * y.signum() + x.fract() + y.floor() + x.min(y).copysign(y)
            },
            [X, 0.7][f(X, 0.7)]
        ),
        program!(
            fn f(x: f64, n: i32) -> f64 {
                let m = n * 3 - 1;
                let y = x.powi(n) * std::f64::consts::PI + m as f64;
                y * (n as f32) as f64
            },
            [0.5, 3][f(0.5, 3)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let y = {
                    let t = x * x;
                    t + 1.0
                };
                let z;
                z = y * x;
                let (a, mut b) = (z, y);
                b += a;
                b -= 2.0 * x;
                b *= a;
                b /= y;
                b
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64, unused: f64) -> f64 {
                3.0
            },
            [X, 2.0][f(X, 2.0)]
        ),
    ]
}

fn branches() -> Vec<Program> {
    vec![
        program!(
            fn f(x: f64) -> f64 {
                if x > 0.0 { x.ln() } else { 0.0 }
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                if x > 2.0 {
                    x.ln()
                } else if x < 0.0 && x != -1.0 || x == 7.0 {
                    x
                } else {
                    x.exp() * x
                }
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                match n {
                    0 | 1 => x,
                    2..=3 => x * x,
                    k @ 4..9 if k % 2 == 0 => {
                        let y = x.sin();
                        y * x
                    }
                    k => x * k as f64,
                }
            },
            [X, 4][f(X, 4)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                let y = if n > 3 {
                    let t = x * x;
                    t * x
                } else {
                    return x;
                };
                if y > 5.0 {
                    return y;
                }
                let z;
                if y > 1.0 {
                    z = y * x;
                } else {
                    z = y;
                }
                z * y
            },
            [X, 4][f(X, 4)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                if n == 4 {
                    return x * x * x;
                }
                let y = x.sin();
                if n == 5 {
                    return y;
                }
                y * y
            },
            [X, 4][f(X, 4)]
        ),
        program!(
            fn f(x: f64, y: f64) -> f64 {
                let mut a = x;
                let mut b = y;
                if x > y {
                    (a, b) = (b, a * x);
                }
                a / b + a
            },
            [X, 0.4][f(X, 0.4)]
        ),
        program!(
            fn f(x: f64, p: bool) -> f64 {
                let y = match (x > 1.0, p) {
                    (true, false) => x * x,
                    (false, _) => 1.0,
                    (true, true) => {
                        return x;
                    }
                };
                y * x
            },
            [X, false][f(X, false)]
        ),
    ]
}

fn sums() -> Vec<Program> {
    vec![
        program!(
            fn f(x: &[f64], w: &[f64]) -> f64 {
                let mut s = 0.0;
                let mut n = 0.0;
                for i in 0..x.len() {
                    s += x[i] * w[i];
                    n += w[i] * w[i];
                }
                s / n
            },
            [A, B][f(&A, &B)]
        ),
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    let mut a = x[i];
                    let b = a * a;
                    a = 1.0;
                    s += b * a;
                }
                s
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: &[f64], a: f64) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    s += 1.0 / (x[i] + a * a + 3.0);
                }
                s
            },
            [A, X][f(&A, X)]
        ),
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut m = x[0];
                for i in 1..x.len() {
                    if x[i] > m {
                        m = x[i];
                    }
                }
                let mut s = 0.0;
                for i in 0..x.len() {
                    s += (x[i] - m).exp();
                }
                m + s.ln()
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    for j in 0..i {
                        s += (x[i] - x[j]).powi(2) * x[j];
                    }
                }
                s.sqrt()
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    if x[i] < 0.0 {
                        continue;
                    }
                    if x[i] > 2.0 {
                        break;
                    }
                    s += x[i] * x[i];
                }
                s * s
            },
            [A][f(&A)]
        ),
    ]
}

fn recurrences() -> Vec<Program> {
    vec![
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut p = 1.0;
                for i in 0..x.len() {
                    p *= x[i];
                }
                p
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let mut v = 0.0;
                let mut i = 0;
                while i < 6 {
                    v += i as f64 * x;
                    i += 1;
                    v *= x;
                    i += 1;
                }
                v
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let mut v = x;
                for i in 0..2 {
                    for j in 0..3 {
                        v = v.sin() + x * j as f64;
                        for k in 0..2 {
                            v = v * x + (i + k) as f64;
                        }
                    }
                }
                v
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut s = 1.0;
                for i in (0..x.len()).rev().step_by(2) {
                    s = s * x[i] + 1.0;
                }
                for i in (0..x.len()).step_by(3) {
                    s = s * x[i] + 1.0;
                }
                s
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: &[f64], m: usize) -> f64 {
                let mut s = 1.0;
                for i in 0..m {
                    for j in i..m {
                        s = s * 0.9 + x[i] * x[j] * s;
                    }
                }
                s
            },
            [A, 4][f(&A, 4)]
        ),
        program!(
            fn f(a: f64) -> f64 {
                let mut x = 1.0;
                loop {
                    let d = (x * x - a) / (2.0 * x);
                    x -= d;
                    if d.abs() < 1e-12 {
                        break;
                    }
                }
                x
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64) -> f64 {
                let mut s = 0.0;
                let mut k = 0;
                while k < 5 {
                    k += 1;
                    let mut t = x;
                    let mut j = 0;
                    while j < k {
                        t = t * t * 0.5;
                        j += 1;
                        if t < 0.01 {
                            break;
                        }
                    }
                    s += t;
                }
                s
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: &[f64], n: usize) -> f64 {
                let mut i = 0;
                let mut s = 1.0;
                while {
                    i += 1;
                    i < n
                } {
                    s = s * x[i] + x[i - 1];
                }
                s
            },
            [A, 4][f(&A, 4)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                let (mut a, mut b) = (x, 1.0);
                for _ in 0..=n {
                    (a, b) = (b * x, a + b);
                }
                a - b
            },
            [0.6, 3][f(0.6, 3)]
        ),
    ]
}

fn exits() -> Vec<Program> {
    vec![
        program!(
            fn f(x: &[f64]) -> f64 {
                let mut s = 0.0;
                for i in 0..x.len() {
                    if x[i] > 2.0 {
                        return s * x[i];
                    }
                    s += x[i] * x[i];
                }
                s
            },
            [A][f(&A)]
        ),
        program!(
            fn f(x: &[f64], u: f64) -> f64 {
                let mut r = 0.0;
                for i in 0..x.len() {
                    if x[i] < 0.0 {
                        r += u * 2.0;
                        continue;
                    }
                    r += u * x[i] * x[i];
                    if r > 1.9 {
                        break;
                    }
                    r *= u;
                }
                r
            },
            [A, X][f(&A, X)]
        ),
        program!(
            fn f(x: &[f64], u: f64) -> f64 {
                let mut r = u;
                'o: for i in 0..x.len() {
                    for j in 0..x.len() {
                        if x[j] < 0.0 && i == 1 {
                            continue 'o;
                        }
                        if x[i] * x[j] > 4.0 {
                            break 'o;
                        }
                        if j == 3 {
                            break;
                        }
                        r = r * u + x[i] * x[j];
                    }
                    r *= 0.9;
                }
                r * u
            },
            [A, X][f(&A, X)]
        ),
        program!(
            fn f(a: f64) -> f64 {
                let mut i = 0;
                let v = loop {
                    i += 1;
                    if i > 3 {
                        break a * a * i as f64;
                    }
                };
                v * a
            },
            [X][f(X)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                let mut a = x;
                let mut b = 1.0;
                for i in 0..n {
                    if i % 2 == 0 {
                        let t = a;
                        a = b * x;
                        b = t;
                        continue;
                    }
                    b = a * b;
                    if b > 100.0 {
                        return a * b;
                    }
                }
                (a, b) = (b, a);
                a - b * a
            },
            [X, 4][f(X, 4)]
        ),
    ]
}

fn aggregates() -> Vec<Program> {
    vec![
        program!(fn f(p: (f64, f64), n: usize) -> (f64, f64) { let (a, b) = p; let mut q = (a * b, a); for _ in 0..n { q = (q.1 * a, q.0 + b); } q } [(X, 0.6), 4] { let (a, b) = f((X, 0.6), 4); [a, b] }),
        program!(
            fn f(a: [f64; 4]) -> f64 {
                let mut b = [0.0; 4];
                for i in 0..4 {
                    b[3 - i] = a[i] * a[i];
                }
                let [p, q, r, s] = b;
                p * q + r * s
            },
            [A][f(A)]
        ),
        program!(fn f(w: &[[f64; 2]; 2], x: &[f64; 2]) -> [f64; 2] { let mut y = [0.0; 2]; for i in 0..w.len() { for j in 0..2 { y[j] += w[i][j] * x[j] * x[1 - j]; } } y } [[[1.0, 2.0], [0.5, -1.0]], [0.3, 0.8]] f(&[[1.0, 2.0], [0.5, -1.0]], &[0.3, 0.8])),
        program!(
            fn f(x: &[f64]) -> f64 {
                let c = &x[1..3];
                let d = &x[..=2][1..];
                let mut s = 0.0;
                for i in 0..c.len() {
                    s += c[i] * d[i] * x[i];
                }
                s
            },
            [A][f(&A)]
        ),
        program!(
            fn f(a: &[[f64; 2]; 2], b: &[[f64; 2]; 2]) -> [[f64; 2]; 2] {
                let mut c = [[0.0; 2]; 2];
                for i in 0..2 {
                    for j in 0..2 {
                        c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
                    }
                    c[i][1] += a[i][1];
                }
                c
            },
            [[[1.0, 2.0], [0.5, -1.0]], [[0.3, 0.8], [-0.7, 1.1]]]
                f(&[[1.0, 2.0], [0.5, -1.0]], &[[0.3, 0.8], [-0.7, 1.1]]).as_flattened()
        ),
        program!(
            fn f(x: &[f64; 4], k: usize, n: usize) -> f64 {
                let t = [x[0] * x[1], x[2] * x[3], x[0]];
                let mut s = t[0] * t[k] + t[1] * t[2];
                for i in 0..n {
                    s += t[1] * x[i];
                }
                s
            },
            [A, 1, 0][f(&A, 1, 0)]
        ),
        program!(
            fn f(x: &[f64; 3]) -> [f64; 3] {
                let r = (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]).sqrt();
                [x[0] / r, x[1] / r, x[2] / r]
            },
            [[0.3, -0.8, 1.9]] f(&[0.3, -0.8, 1.9])
        ),
        program!(fn f(x: f64) -> [f64; 3] { let mut t = [x; 3]; t[1] *= x; t[2] = t[0] * t[1]; let u = [t[2], x.sin(), 1.0]; [u[0] * t[1], u[1], u[2]] } [X] f(X)),
        program!(
            fn f(p: ((f64, f64), f64)) -> f64 {
                let mut q = p;
                q.0.1 *= p.1;
                let ((a, b), c) = q;
                a * b + c * q.0.0
            },
            [((X, 0.6), 2.0)][f(((X, 0.6), 2.0))]
        ),
    ]
}

fn buffers() -> Vec<Program> {
    vec![
        program!(fn f(x: &[f64], w: &[f64], out: &mut [f64]) { for i in 0..2 { let mut acc = 0.0; for j in 0..2 { acc += w[i * 2 + j] * x[j]; } out[i] = acc.tanh(); } } [A, B, A] left(A, |y| f(&A, &B, y))),
        program!(fn f(a: &mut [f64], x: f64) -> f64 { for i in 0..a.len() { let r = &mut a[i]; *r = *r * x; } a[0] * a[1] } [A, X] { let mut v = 0.0; let y = left(A, |y| v = f(y, X)); [v, y[0], y[1], y[2], y[3]] }),
        program!(fn f(a: &mut [f64]) { for k in 1..4 { for i in 0..a.len() { a[i] *= k as f64; } } } [A] left(A, |y| f(y))),
        program!(fn f(x: &[f64], y: &mut [f64]) { let mut t = [0.0; 4]; for k in 0..3 { for i in 0..4 { t[i] = x[i] * y[i]; } for i in 0..4 { y[i] = t[3 - i] + y[i] * 0.5; } } } [A, B] left(B, |y| f(&A, y))),
        program!(fn f(x: &[f64], idx: &[usize], y: &mut [f64]) { for k in 0..idx.len() { y[idx[k]] += x[k] * y[idx[k]]; } } [A, [0, 0, 2, 0], B] left(B, |y| f(&A, &[0, 0, 2, 0], y))),
        program!(fn f(x: &[f64], y: &mut [f64]) { let c = &x[1..3]; let d = &mut y[1..]; for i in 0..2 { d[i] = d[i] * c[i] * c[1 - i]; } } [A, B] left(B, |y| f(&A, y))),
        program!(fn f(x: &mut [f64]) { for i in 1..x.len() { x[i] = x[i] * x[i - 1]; } let t = x[0]; x[0] = x[3]; x[3] = t * x[1]; } [A] left(A, |y| f(y))),
        // Scratch filled row by row, read in the rows; the same with rows that some iterations leave as they were.
        program!(
            fn f(x: &[f64], w: &[f64]) -> f64 {
                let mut rows = [0.0; 4];
                let mut s = 0.0;
                for i in 0..x.len() {
                    for k in 0..2 {
                        for j in 0..2 {
                            rows[k * 2 + j] = w[k * 2 + j] * x[i];
                        }
                        let mut q = 0.0;
                        for j in 0..2 {
                            q += rows[k * 2 + j] * rows[k * 2 + j];
                        }
                        s += q.sin();
                    }
                }
                s
            },
            [A, B][f(&A, &B)]
        ),
        program!(
            fn f(x: &[f64], w: &[f64]) -> f64 {
                let mut rows = [0.0; 5];
                let mut s = 0.0;
                for i in 0..x.len() {
                    let mut q = 0.5;
                    for k in 0..3 {
                        rows[k] = (w[k] * x[i]).sin();
                        q += rows[k] * rows[k];
                    }
                    for k in 0..3 {
                        s += rows[k] * rows[k] / q;
                    }
                }
                s
            },
            [A, B][f(&A, &B)]
        ),
        program!(
            fn f(x: &[f64; 4], w: &[f64]) -> f64 {
                let mut rows = [0.5; 3];
                let mut s = 0.0;
                for i in 0..4 {
                    for k in 0..i {
                        if k < 2 {
                            rows[k] = w[k] * x[i];
                        }
                    }
                    for k in 0..3 {
                        s += rows[k] * rows[k];
                    }
                }
                s
            },
            [A, B][f(&A, &B)]
        ),
        // A sum beside additions; two additions to one element.
        program!(fn f(a: &[f64], x: &[f64], y: &mut [f64]) { for i in 0..2 { let c = x[i].sin(); for j in 0..2 { y[j] += a[i * 2 + j] * c; } } } [A, B, A] left(A, |y| f(&A, &B, y))),
        program!(
            fn f(x: &[f64], w: &[f64]) -> f64 {
                let mut r = [0.0; 4];
                for j in 0..4 {
                    r[j] = x[j] * w[j];
                }
                let mut s = 0.0;
                for j in 0..4 {
                    s += r[j] * r[j];
                }
                s.sin()
            },
            [A, B][f(&A, &B)]
        ),
    ]
}

/// Slices that change in loops and branches, and are read again.
fn in_place() -> Vec<Program> {
    vec![
        program!(
            fn products(y: &mut [f64]) {
                for i in 1..y.len() {
                    y[i] *= y[i - 1];
                }
            }
            [A] left(A, |y| products(y))
        ),
        program!(
            fn elimination(a: &mut [f64], n: usize) {
                for k in 0..n {
                    for i in k + 1..n {
                        a[i * n + k] /= a[k * n + k];
                        for j in k + 1..n {
                            a[i * n + j] -= a[i * n + k] * a[k * n + j];
                        }
                    }
                }
            }
            [A, 2] left(A, |y| elimination(y, 2))
        ),
        program!(
            fn sorted(y: &mut [f64]) {
                for i in 0..y.len() {
                    for j in 0..y.len() - 1 - i {
                        if y[j] > y[j + 1] {
                            y.swap(j, j + 1);
                        }
                    }
                    y[0] = y[0] * y[1];
                }
            }
            [A] left(A, |y| sorted(y))
        ),
        program!(
            fn steps(y: &mut [f64], n: usize, flag: bool) {
                y[0] = y[0] * y[3];
                if flag {
                    y[1] = y[1] * y[0];
                }
                let mut next = vec![0.1; y.len()];
                for _ in 0..n {
                    for i in 1..y.len() {
                        next[i] = y[i] * y[i - 1].sin();
                    }
                    y.copy_from_slice(&next);
                    if y[2] > 0.0 {
                        y[2] = y[2] * y[1];
                    }
                }
                y[3] = y[3] * y[2];
            }
            [B, 3, true] left(B, |y| steps(y, 3, true))
        ),
    ]
}
