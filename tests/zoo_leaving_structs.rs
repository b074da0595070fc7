//! Structs and enums that leave a loop: the loop's other ways out carry something in their place.

mod common;

use backprop::prelude::*;
use common::{check_derivative, check_slice, noise};

#[derive(Clone, Copy, Differentiable)]
struct Hit {
    distance: f64,
    height: f64,
}

#[derive(Clone, Copy, Differentiable)]
enum Found {
    Nothing,
    At(f64),
    Both { a: f64, b: f64 },
}

/// A field of it has no placeholder, and nobody asks for one.
#[derive(Clone, Differentiable)]
struct Labelled {
    x: f64,
    #[nodiff]
    label: std::rc::Rc<str>,
}

#[derive(Clone, Copy, Differentiable)]
struct Row<T, const N: usize> {
    x: [T; N],
    hit: Option<T>,
}

#[differentiable(jvp)]
fn first_hit(heights: &[f64], x: f64) -> Hit {
    for h in heights {
        if x * h > 1.0 {
            return Hit {
                distance: x * h,
                height: *h,
            };
        }
    }
    Hit {
        distance: x,
        height: 0.0,
    }
}

#[differentiable(jvp)]
fn found(heights: &[f64; 4], x: f64) -> Found {
    for h in heights {
        if x * h > 1.0 {
            return Found::At(x * h * h);
        }
        if x * h < -1.0 {
            return Found::Both { a: x, b: x * *h };
        }
    }
    Found::Nothing
}

#[differentiable(jvp)]
fn first_row<T: Real, const N: usize>(a: &[T; N], x: T) -> Row<T, N> {
    for h in a {
        if x > *h {
            return Row {
                x: [x * *h; N],
                hit: Some(*h),
            };
        }
    }
    Row { x: *a, hit: None }
}

#[differentiable(jvp)]
fn total(heights: &[f64; 4], x: f64, labelled: &Labelled) -> f64 {
    let hit = first_hit(heights, x);
    #[expect(
        clippy::needless_late_init,
        reason = "declared before it has a value: that is what is tested"
    )]
    let other: Hit;
    if x > 0.5 {
        other = Hit {
            distance: x * x,
            height: 1.0,
        };
    } else {
        other = hit;
    }
    let e = match found(heights, x * 1.3) {
        Found::Nothing => 0.3 * x,
        Found::At(y) => y.sin(),
        Found::Both { a, b } => a * b,
    };
    let row = first_row(heights, x);
    let found = 'found: {
        for i in 0..3 {
            if heights[i] > 0.5 {
                break 'found Hit {
                    distance: heights[i] * x,
                    height: heights[i + 1],
                };
            }
        }
        hit
    };
    hit.distance * hit.height * other.distance
        + e
        + other.height
        + row.x[2] * row.hit.unwrap_or(x)
        + found.distance * found.height
        + labelled.x * labelled.label.len() as f64
}

/// Of a struct that holds an enum and an option.
#[derive(Clone, Copy, Differentiable)]
struct Search {
    last: Option<f64>,
    found: Found,
    x: f64,
}

#[differentiable(jvp)]
fn searched(heights: &[f64; 4], x: f64) -> Search {
    for k in 0..4 {
        for j in 0..k {
            let y = heights[k] * heights[j] * x;
            if y > 0.4 {
                return Search {
                    last: Some(y),
                    found: Found::At(x * y),
                    x: y,
                };
            }
        }
        if heights[k] * x < -0.5 {
            return Search {
                last: None,
                found: Found::Both {
                    a: heights[k],
                    b: x,
                },
                x,
            };
        }
    }
    Search {
        last: Some(x * x),
        found: Found::Nothing,
        x,
    }
}

#[differentiable(jvp)]
fn value(found: Found, x: f64) -> f64 {
    match found {
        Found::Nothing => x,
        Found::At(y) => y.sin() * x,
        Found::Both { a, b } => a * b * b,
    }
}

/// In each iteration another variant may leave the block, and the last one is kept.
#[differentiable(jvp)]
fn chained(heights: &[f64; 4], x: f64) -> f64 {
    let (mut sum, mut last) = (0.3, Found::At(x));
    for k in 0..4 {
        let found = 'found: {
            for j in 0..2 {
                if heights[k] * x > 0.2 * j as f64 {
                    break 'found Found::At(heights[j] * x);
                }
                if heights[j] < 0.0 {
                    break 'found Found::Both {
                        a: heights[k],
                        b: sum,
                    };
                }
            }
            Found::Nothing
        };
        sum += value(found, x);
        last = found;
    }
    let search = searched(heights, x);
    sum * value(last, x)
        + value(search.found, search.x) * search.last.map_or(x, |y| y * y)
        + search.x
}

#[test]
fn enums_leave_loops() {
    let four = |h: &[f64]| -> [f64; 4] { h.try_into().expect("four numbers") };
    for seed in 0..12 {
        let (heights, x) = (noise(seed, 4), 1.7 * noise(seed + 50, 1)[0]);
        let mut at_x = 0.0;
        check_slice(
            |h| chained(&four(h), x),
            |h, d| {
                let (value, d_x) = chained_grad(&four(h), d.try_into().expect("four"), x);
                at_x = d_x;
                value
            },
            &heights,
        );
        check_derivative("by x", at_x, |h| chained(&four(&heights), x + h));
        let (_, tangent) = chained_jvp(&four(&heights), &[0.0; 4], x, 1.0);
        common::assert_near(tangent, at_x, 1e-12);
    }
}

#[test]
fn structs_leave_loops() {
    let heights = [0.3, 0.9, 1.6, -0.4];
    let labelled = |x: f64| Labelled {
        x,
        label: "three".into(),
    };
    for x in [0.2, 0.7, 1.4, -0.9, -2.0] {
        let four = |h: &[f64]| -> [f64; 4] { h.try_into().expect("four numbers") };
        let mut at_x = 0.0;
        check_slice(
            |h| total(&four(h), x, &labelled(0.4)),
            |h, d| {
                let (d, mut d_labelled) = (d.try_into().expect("four numbers"), labelled(0.0));
                let (value, d_x) = total_grad(&four(h), d, x, &labelled(0.4), &mut d_labelled);
                assert_eq!(d_labelled.x, 5.0);
                at_x = d_x;
                value
            },
            &heights,
        );
        check_derivative("by x", at_x, |h| total(&heights, x + h, &labelled(0.4)));
        let (_, tangent) = total_jvp(&heights, &[0.0; 4], x, 1.0, &labelled(0.4), &labelled(0.0));
        common::assert_near(tangent, at_x, 1e-12);
    }
}
