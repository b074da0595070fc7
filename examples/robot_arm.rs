//! A robot arm with four joints reaches for a target behind an obstacle.
//!
//! ```text
//! cargo run --release --example robot_arm
//! ```
//!
//! The motion is a table of joint angles, a row for each moment. One number says how good it is: short and smooth, the hand ends at the target, and no part of
//! the arm is inside the obstacle. `cost` computes it; `cost_grad`, which the attribute writes, says how each of the 160 angles should change, and L-BFGS does it.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "plot/mod.rs"]
mod plot;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use backprop::optim::Lbfgs;
use backprop::prelude::*;
use clap::Parser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/robot-arm.svg");
const JOINTS: usize = 4;
/// Moments of the motion.
const TIMES: usize = 40;
/// The length of a link, and how far from the obstacle the arm is to stay.
const LINK: f64 = 0.5;
const CLEARANCE: f64 = 0.08;
/// Points of each link that are looked at.
const PROBES: usize = 8;

/// Angles between links, for each moment.
type Motion = [[f64; JOINTS]; TIMES];

/// Moves a robot arm around an obstacle.
#[derive(Debug, Parser)]
struct Options {
    /// Where the hand shall go.
    #[arg(long, num_args = 2, value_names = ["X", "Y"], default_values_t = [1.3, 0.2], allow_negative_numbers = true)]
    target: Vec<f64>,
    /// The obstacle's radius; its middle is at (0.7, 0.35).
    #[arg(long, default_value_t = 0.28)]
    radius: f64,
}

struct Scene {
    target: [f64; 2],
    obstacle: [f64; 2],
    radius: f64,
    start: [f64; JOINTS],
}

/// Where the joints and the hand are, from the shoulder at the origin on.
#[differentiable]
fn joints(angles: &[f64; JOINTS]) -> [[f64; 2]; JOINTS] {
    let mut points = [[0.0; 2]; JOINTS];
    let (mut x, mut y, mut angle) = (0.0, 0.0, 0.0);
    for k in 0..JOINTS {
        angle += angles[k];
        x += LINK * angle.cos();
        y += LINK * angle.sin();
        points[k] = [x, y];
    }
    points
}

/// How deep the arm is inside the obstacle: the sum of squares over points on the links.
#[differentiable]
fn collision(points: &[[f64; 2]; JOINTS], #[nodiff] scene: &Scene) -> f64 {
    let mut sum = 0.0;
    let mut from = [0.0; 2];
    for to in points {
        for probe in 1..=PROBES {
            let along = probe as f64 / PROBES as f64;
            let x = from[0] + along * (to[0] - from[0]) - scene.obstacle[0];
            let y = from[1] + along * (to[1] - from[1]) - scene.obstacle[1];
            let depth = scene.radius + CLEARANCE - x.hypot(y);
            sum += depth.max(0.0).powi(2);
        }
        from = *to;
    }
    sum
}

#[differentiable]
fn cost(motion: &Motion, #[nodiff] scene: &Scene) -> f64 {
    let mut cost = 0.0;
    // It starts from where the arm is, and every joint moves as little as possible.
    for k in 0..JOINTS {
        cost += 10.0 * (motion[0][k] - scene.start[k]).powi(2);
        for pair in motion.windows(2) {
            cost += (pair[1][k] - pair[0][k]).powi(2);
        }
    }
    for angles in motion {
        let points: [[f64; 2]; JOINTS] = joints(angles);
        cost += 100.0 * collision(&points, scene);
    }
    let end: [[f64; 2]; JOINTS] = joints(&motion[TIMES - 1]);
    let [x, y] = end[JOINTS - 1];
    cost + 100.0 * ((x - scene.target[0]).powi(2) + (y - scene.target[1]).powi(2))
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let scene = Scene {
        target: [options.target[0], options.target[1]],
        obstacle: [0.7, 0.35],
        radius: options.radius,
        start: [2.2, -0.3, -0.2, -0.1],
    };
    let reach = LINK * JOINTS as f64;
    let distance = scene.target[0].hypot(scene.target[1]);
    if distance > reach || scene.radius <= 0.0 || scene.radius >= 0.5 {
        return Err(format!("the target is {distance:.2} away and the arm {reach:.2} long, and the radius has to be between 0 and 0.5").into());
    }

    let mut motion = [scene.start; TIMES];
    let mut lbfgs = Lbfgs::new(&motion);
    let before = cost(&motion, &scene);
    let mut costs = Vec::new();
    let last = lbfgs.minimise(&mut motion, 1e-5, 500, |motion, d_motion| {
        costs.push(cost_grad(motion, d_motion, &scene));
        costs[costs.len() - 1]
    })?;
    println!(
        "cost {before:.3} -> {:.3} after {} gradients of {} angles",
        last.value,
        costs.len(),
        JOINTS * TIMES
    );

    let hand = joints(&motion[TIMES - 1])[JOINTS - 1];
    let miss = (hand[0] - scene.target[0]).hypot(hand[1] - scene.target[1]);
    println!("the hand ends {:.1} mm from the target", 1000.0 * miss);
    draw(&motion, &scene, &costs).map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!(
        "robot_arm cost={:.4} miss={miss:.5} clearance={:.4}",
        last.value,
        clearance(&motion, &scene)
    );
    Ok(())
}

/// The smallest distance between obstacle and arm at any moment; negative where they overlap.
fn clearance(motion: &Motion, scene: &Scene) -> f64 {
    let mut least = f64::INFINITY;
    for angles in motion {
        let mut from = [0.0; 2];
        for to in joints(angles) {
            for probe in 0..=100 {
                let along = f64::from(probe) / 100.0;
                let [x, y] =
                    [0, 1].map(|i| from[i] + along * (to[i] - from[i]) - scene.obstacle[i]);
                least = least.min(x.hypot(y) - scene.radius);
            }
            from = to;
        }
    }
    least
}

fn draw(motion: &Motion, scene: &Scene, costs: &[f64]) -> std::io::Result<()> {
    let mut arm = plot::Panel::map("The arm", ([-1.3, 1.7], "x in m"), (0.9, "y in m"));
    arm.disc(scene.obstacle, scene.radius, "#dddddd");
    for (time, angles) in motion.iter().enumerate().step_by(3) {
        let shade = 220 - 150 * time / TIMES;
        let colour = format!("rgb({shade},{shade},{})", 230);
        arm.line([[0.0; 2]].into_iter().chain(joints(angles)), &colour, 2.0);
    }
    let last = || [[0.0; 2]].into_iter().chain(joints(&motion[TIMES - 1]));
    arm.line(
        motion.map(|angles| joints(&angles)[JOINTS - 1]),
        plot::ORANGE,
        1.5,
    );
    arm.line(last(), plot::BLUE, 4.0)
        .dots(last(), plot::BLUE, 4.0);
    arm.dots([scene.target], plot::ORANGE, 6.0);

    // A line search now and then tries a step too far.
    let best = costs.iter().scan(f64::INFINITY, |best, cost| {
        *best = best.min(*cost);
        Some(best.log10())
    });
    let line: Vec<[f64; 2]> = (0..)
        .zip(best)
        .map(|(i, best)| [f64::from(i), best])
        .collect();
    let (x, y) = (
        [0.0, costs.len() as f64],
        plot::range(line.iter().map(|point| point[1])),
    );
    let mut course = plot::Panel::new(
        "Its improvement",
        (x, "gradients"),
        (y, "logarithm of the cost"),
    );
    course.line(line, plot::BLUE, 2.0);
    plot::write(Path::new(PICTURE), &[arm, course])
}
