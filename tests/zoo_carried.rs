//! Structs, enums and options that loops of run-time length carry: the tape keeps them whole.

mod common;

use backprop::prelude::*;
use common::{check_gradient, noise};

/// Neither is made of one number, nor seen to be of numbers where it is carried.
#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: [f64; 2],
    speed: (f64, f64),
    #[nodiff]
    steps: usize,
}

#[derive(Clone, Copy, Differentiable)]
struct Pair<T> {
    first: T,
    second: T,
}

/// One variant has the name of one of `Option`.
#[derive(Clone, Copy, Differentiable)]
enum Gear {
    None,
    Low(f64),
    High { ratio: f64, slip: f64 },
    Row([f64; 3], usize),
    Of(Pair<f64>),
}

#[differentiable]
fn moved(b: Body, force: f64) -> Body {
    Body {
        position: [
            b.position[0] + 0.1 * b.speed.0,
            b.position[1] - 0.1 * b.speed.1,
        ],
        speed: (
            b.speed.0 - 0.1 * force * b.position[0].sin(),
            b.speed.1 * b.speed.0,
        ),
        steps: b.steps + 1,
    }
}

#[differentiable]
fn push(b: &mut Body, force: f64) {
    b.speed.0 = (b.speed.0 + force * b.position[1]).cos();
    b.position[1] *= force;
}

impl Body {
    /// By value: that it is not changed is not seen where it is called.
    #[differentiable]
    fn turned(self, by: f64) -> Body {
        Body {
            position: [self.position[1] * by, self.position[0].cos()],
            speed: (self.speed.1, self.speed.0),
            steps: self.steps,
        }
    }

    #[differentiable]
    fn energy(&self, mass: f64) -> f64 {
        mass * self.speed.0 * self.speed.1 + self.position[0] * self.position[1]
    }
}

#[differentiable(tape)]
fn simulated(x: &[f64], n: usize) -> f64 {
    let mut b = Body {
        position: [x[0], x[1]],
        speed: (x[2], 0.5),
        steps: 0,
    };
    for _ in 0..n {
        b = moved(b, x[0]);
    }
    b.position[0] * b.speed.1 + b.steps as f64
}

/// Each iteration changes fields, all of it, and lends it.
#[differentiable(tape)]
fn in_every_way(x: &[f64], n: usize) -> f64 {
    let mut b = Body {
        position: [x[0], x[1]],
        speed: (x[2], 0.5),
        steps: 0,
    };
    let mut other = b;
    let mut sum = 0.0;
    for i in 0..n {
        if b.position[0] > other.position[0] {
            std::mem::swap(&mut b, &mut other);
        }
        push(&mut b, x[i % 3]);
        b = Body {
            steps: i,
            ..moved(b, other.speed.0)
        };
        other.position[i % 2] *= x[1];
        sum += b.energy(x[2]) - other.energy(0.5);
    }
    sum + other.speed.1
}

/// A method by value, in a loop behind a branch that changes the receiver in place: its reverse sweep once ran with what the loop had left.
#[differentiable(tape)]
fn turned_again(x: &[f64], n: usize) -> f64 {
    let mut b = Body {
        position: [x[0], x[1]],
        speed: (x[2], 0.5),
        steps: 0,
    };
    if x[0] > 0.0 {
        push(&mut b, x[1]);
    }
    for _ in 0..n {
        b = b.turned(x[2]);
    }
    b.position[0] + b.position[1]
}

/// The same of something whose making is not seen.
#[differentiable(tape)]
fn turned_from(start: Body, by: f64, n: usize) -> f64 {
    let mut b = start;
    for _ in 0..n {
        b = b.turned(by);
    }
    b.position[0] * b.position[1]
}

/// A method that only looks, between changes of fields.
#[differentiable(tape)]
fn looked_at(start: &Body, by: f64, n: usize) -> f64 {
    let mut b = *start;
    let mut sum = 0.0;
    for _ in 0..n {
        sum += b.energy(by);
        b.position[0] *= b.speed.0;
    }
    sum + b.position[0]
}

#[differentiable]
fn shifted(g: Gear, by: f64) -> Gear {
    match g {
        Gear::None => Gear::Low(by),
        Gear::Low(r) => Gear::High {
            ratio: r * by,
            slip: by,
        },
        Gear::High { ratio, slip } => Gear::Row([ratio, slip * by, ratio * slip], 1),
        Gear::Row(r, k) => Gear::Of(Pair {
            first: r[k],
            second: r[2] * by,
        }),
        Gear::Of(p) => Gear::Low(p.first * p.second + by),
    }
}

/// From variant to variant, with what each holds.
#[differentiable(tape)]
fn gears(x: &[f64], n: usize) -> f64 {
    let mut g = Gear::None;
    let mut out = 1.0;
    for i in 0..n {
        g = shifted(g, x[i % 3]);
        match &mut g {
            Gear::Low(r) => *r *= out,
            Gear::Row(r, _) => r[1] += out * out,
            _ => {}
        }
        out += match g {
            Gear::None => 0.0,
            Gear::Low(r) => r.sin(),
            Gear::High { ratio, slip } => ratio * slip,
            Gear::Row(r, k) => r[k] * out,
            Gear::Of(Pair { first, .. }) => first,
        };
    }
    out
}

/// Options of structs, which are not taken apart.
#[differentiable(tape)]
fn last_seen(x: &[f64], n: usize) -> f64 {
    let mut seen: Option<Pair<f64>> = None;
    let mut sum = 0.0;
    for i in 0..n {
        if let Some(p) = seen {
            sum += p.first * x[i % 3] - p.second;
        }
        seen = if i % 3 == 2 {
            None
        } else {
            Some(Pair {
                first: x[i % 3] + sum,
                second: sum * x[0],
            })
        };
    }
    sum
}

#[derive(Clone, Copy, Differentiable)]
struct Swing {
    angle: f64,
    speed: f64,
    #[nodiff]
    steps: usize,
}

#[differentiable]
fn swung(s: Swing, pull: f64) -> Swing {
    Swing {
        angle: s.angle + 0.3 * s.speed,
        speed: (s.speed - pull * s.angle.sin()).cos(),
        steps: s.steps + 1,
    }
}

/// One is kept as a whole, of the other only a field is read.
#[differentiable(tape)]
fn one_drives_the_other(x: &[f64], n: usize) -> f64 {
    let mut driver = Swing {
        angle: x[0],
        speed: x[1],
        steps: 0,
    };
    let mut driven = Swing {
        angle: x[1],
        speed: x[2],
        steps: 0,
    };
    let mut sum = x[0];
    let mut i = 0;
    while i < n {
        i += 1;
        driven = swung(driven, driver.angle);
        sum += driven.speed;
        driver = Swing {
            angle: i as f64 * 0.3,
            steps: driver.steps + 1,
            ..driver
        };
    }
    sum + driver.angle + driver.speed
}

/// Generic, in a `while` loop that ends early.
#[differentiable(tape)]
fn halved<T: Real>(x: &[T], n: usize) -> T {
    let mut p = Pair {
        first: x[0],
        second: x[1],
    };
    let mut i = 0;
    while i < n {
        p = Pair {
            first: p.first * p.second,
            second: (p.first - x[2]).sin(),
        };
        if p.second > T::from_f64(0.9) {
            break;
        }
        i += 1;
    }
    p.first + p.second
}

#[derive(Clone, Copy, Differentiable)]
struct Cell {
    level: f64,
    #[nodiff]
    index: usize,
}

#[differentiable]
fn pour(cells: &mut [Cell], rate: f64) {
    let level = cells[0].level;
    cells[0].level = level - rate * level.sin();
    cells[1].level += rate * level * cells[1].level;
    cells[1].index += 1;
}

/// Of a slice of structs what a callee finds is on the tape.
#[differentiable(tape)]
fn poured(cells: &mut [Cell], rate: f64) -> f64 {
    pour(cells, rate);
    cells[0].level * cells[1].level + cells[1].index as f64
}

fn by_value(x: &[f64], n: usize) -> f64 {
    turned_from(at(x), x[2], n)
}

fn by_reference(x: &[f64], n: usize) -> f64 {
    looked_at(&at(x), x[2], n)
}

fn at(x: &[f64]) -> Body {
    Body {
        position: [x[0], x[1]],
        speed: (0.7, 0.4),
        steps: 0,
    }
}

#[test]
fn receivers() {
    for n in 0..5 {
        let x = noise(n as u64, 3);
        let (value, d, d_by) = turned_from_grad(at(&x), x[2], n, &mut Tape::new());
        assert_eq!(value, by_value(&x, n));
        let found = [d.position[0], d.position[1], d_by];
        check_gradient(|x| by_value(x, n), &x, &found);

        let mut d = at(&x).zeros_like();
        let (value, d_by) = looked_at_grad(&at(&x), &mut d, x[2], n, &mut Tape::new());
        assert_eq!(value, by_reference(&x, n));
        let found = [d.position[0], d.position[1], d_by];
        check_gradient(|x| by_reference(x, n), &x, &found);
    }
}

#[test]
fn carried_whole() {
    type F = fn(&[f64], usize) -> f64;
    type Gradient = fn(&[f64], &mut [f64], usize, &mut Tape<'_>) -> f64;
    let cases: [(&str, F, Gradient); 7] = [
        ("simulated", simulated, simulated_grad),
        ("in every way", in_every_way, in_every_way_grad),
        ("turned again", turned_again, turned_again_grad),
        ("gears", gears, gears_grad),
        ("last seen", last_seen, last_seen_grad),
        ("halved", halved, halved_grad),
        (
            "one drives the other",
            one_drives_the_other,
            one_drives_the_other_grad,
        ),
    ];
    for (name, f, gradient) in cases {
        for n in [0, 1, 2, 3, 7] {
            for seed in 0..3 {
                let x = noise(seed, 3);
                let mut d = [0.0; 3];
                let value = gradient(&x, &mut d, n, &mut Tape::new());
                assert_eq!(value, f(&x, n), "{name}, n = {n}");
                check_gradient(|x| f(x, n), &x, &d);
            }
        }
    }
}

#[test]
fn slices_of_structs() {
    let cells = |x: &[f64]| [x[0], x[1]].map(|level| Cell { level, index: 2 });
    let x = noise(4, 3);
    let (mut c, mut d) = (cells(&x), cells(&[0.0; 2]));
    let (value, d_rate) = poured_grad(&mut c, &mut d, x[2], &mut Tape::new());
    assert_eq!(value, poured(&mut cells(&x), x[2]));
    check_gradient(
        |x| poured(&mut cells(x), x[2]),
        &x,
        &[d[0].level, d[1].level, d_rate],
    );
}
