//! Where were the cameras, and where are the points they saw? Both at once, from nothing but the points' places in the pictures: bundle adjustment.
//!
//! ```text
//! cargo run --release --example bundle
//! ```
//!
//! Six cameras look at a spiral tower of 60 points. `project` is plain Rust: rotate, divide by the depth, scale. `project_jacobian`, which the attribute writes, says how each of the two
//! coordinates in a picture changes by the nine unknowns behind it; put together for all pictures, that is the Jacobian that Levenberg-Marquardt works with.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "plot/mod.rs"]
mod plot;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use backprop::init::Generator;
use backprop::prelude::*;
use backprop::solve::{LevenbergMarquardt, Residuals, array};
use clap::Parser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bundle.svg");
const CAMERAS: usize = 6;
const POINTS: usize = 60;
/// Pixels for a unit of the image plane.
const FOCAL: f64 = 800.0;

/// Reconstructs a synthetic scene from noisy pictures.
#[derive(Debug, Parser)]
struct Options {
    /// The deviation of the measured places, in pixels.
    #[arg(long, default_value_t = 0.5)]
    noise: f64,
    /// Decides the noise and the first guess.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Turns a point by a rotation vector: axis times angle, by the formula of Rodrigues.
#[differentiable(jvp)]
fn rotate(r: [f64; 3], p: [f64; 3]) -> [f64; 3] {
    let square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    let cross = [
        r[1] * p[2] - r[2] * p[1],
        r[2] * p[0] - r[0] * p[2],
        r[0] * p[1] - r[1] * p[0],
    ];
    if square < 1e-16 {
        // To first order: the axis is not known.
        return [p[0] + cross[0], p[1] + cross[1], p[2] + cross[2]];
    }
    let angle = square.sqrt();
    let (sin, cos) = angle.sin_cos();
    let (a, b) = (
        sin / angle,
        (1.0 - cos) / square * (r[0] * p[0] + r[1] * p[1] + r[2] * p[2]),
    );
    [0, 1, 2].map(|i: usize| cos * p[i] + a * cross[i] + b * r[i])
}

/// Where a camera sees a point, in pixels. The unknowns: the camera's rotation and place, and the point.
#[differentiable(jacobian)]
fn project(x: &[f64; 9]) -> [f64; 2] {
    let seen: [f64; 3] = rotate([x[0], x[1], x[2]], [x[6] - x[3], x[7] - x[4], x[8] - x[5]]);
    [FOCAL * seen[0] / seen[2], FOCAL * seen[1] / seen[2]]
}

/// All cameras, six numbers each, then all points, three each. The first camera is not among the unknowns: it is where everything is measured from.
#[derive(Clone)]
struct Scene(Vec<f64>);

impl Scene {
    fn camera(&self, k: usize) -> &[f64] {
        &self.0[6 * k..][..6]
    }

    fn point(&self, i: usize) -> &[f64] {
        &self.0[6 * CAMERAS + 3 * i..][..3]
    }

    /// Cameras on an arc around a tower of points.
    fn true_one() -> Scene {
        let mut numbers = Vec::new();
        for k in 0..CAMERAS {
            let angle = 0.25 * k as f64;
            numbers.extend([
                0.0,
                -angle,
                0.0,
                -5.0 * angle.sin(),
                0.1 * k as f64,
                5.0 - 5.0 * angle.cos(),
            ]);
        }
        for i in 0..POINTS {
            let turn = i as f64 / POINTS as f64;
            let (sin, cos) = (18.0 * turn).sin_cos();
            numbers.extend([
                (1.2 - 0.6 * turn) * cos,
                2.4 * turn - 1.2,
                5.0 + (1.2 - 0.6 * turn) * sin,
            ]);
        }
        Scene(numbers)
    }
}

/// Measured places, and the scene as it is taken to be.
struct Adjustment {
    scene: Scene,
    measured: Vec<[f64; 2]>,
}

impl Adjustment {
    /// Calls `see` with the number of a picture's place, and camera, point and the nine numbers behind it.
    fn each(&mut self, x: &[f64], mut see: impl FnMut(usize, usize, usize, &[f64; 9], [f64; 2])) {
        self.scene.0[6..].copy_from_slice(x);
        for (at, measured) in self.measured.iter().enumerate() {
            let (k, i) = (at / POINTS, at % POINTS);
            let mut numbers = [0.0; 9];
            numbers[..6].copy_from_slice(self.scene.camera(k));
            numbers[6..].copy_from_slice(self.scene.point(i));
            see(at, k, i, &numbers, *measured);
        }
    }
}

impl Residuals for Adjustment {
    fn count(&self) -> usize {
        2 * self.measured.len()
    }

    fn residuals(&mut self, x: &[f64], out: &mut [f64]) {
        self.each(x, |at, _, _, numbers, measured| {
            let seen = project(numbers);
            out[2 * at] = seen[0] - measured[0];
            out[2 * at + 1] = seen[1] - measured[1];
        });
    }

    fn jacobian(&mut self, x: &[f64], out: &mut [f64], jacobian: &mut [f64]) {
        jacobian.fill(0.0);
        let count = out.len();
        self.each(x, |at, k, i, numbers, measured| {
            let (seen, rows) = project_jacobian(numbers);
            for (c, row) in rows.iter().enumerate() {
                out[2 * at + c] = seen[c] - measured[c];
                for (l, entry) in row.iter().enumerate() {
                    let unknown = if l < 6 {
                        (6 * k + l).checked_sub(6)
                    } else {
                        Some(6 * CAMERAS - 6 + 3 * i + l - 6)
                    };
                    if let Some(unknown) = unknown {
                        jacobian[unknown * count + 2 * at + c] = *entry;
                    }
                }
            }
        });
    }
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
    let mut generator = Generator::new(options.seed);
    let truth = Scene::true_one();
    let mut adjustment = Adjustment {
        scene: truth.clone(),
        measured: vec![[0.0; 2]; CAMERAS * POINTS],
    };
    let mut measured = adjustment.measured.clone();
    adjustment.each(&truth.0[6..], |at, _, _, numbers, _| {
        measured[at] = project(numbers).map(|x| x + options.noise * generator.normal());
    });
    adjustment.measured = measured;

    let mut x: Vec<f64> = truth.0[6..].to_vec();
    for (at, x) in x.iter_mut().enumerate() {
        // Rotations less than places.
        let is_rotation = at < 6 * (CAMERAS - 1) && at % 6 < 3;
        *x += 0.3 * generator.normal() * if is_rotation { 0.1 } else { 1.0 };
    }
    let guess = x.clone();
    let mut solver = LevenbergMarquardt::new(x.len(), adjustment.count());
    let solution = solver.solve(&mut adjustment, &mut x)?;
    let (count, steps) = (adjustment.count(), solution.steps);
    let pixels = (solution.sum_of_squares / count as f64).sqrt();
    println!(
        "{count} measured coordinates, {} unknowns, found in {steps} steps",
        x.len()
    );
    let [guess, found] = [&guess, &x].map(|x| aligned(&[truth.camera(0), x].concat(), &truth));
    let (before, after) = (error(&guess, &truth), error(&found, &truth));
    println!("distance to the measured places: {pixels:.3} pixels");
    println!(
        "distance of the points from the true ones: {before:.4} as guessed, {after:.5} as found"
    );
    draw(&truth, &guess, &found).map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!("bundle pixels={pixels:.4} error={after:.6} steps={steps}");
    Ok(())
}

/// Pictures do not tell how large a scene is: the scale for which the points fit the true ones best.
fn aligned(numbers: &[f64], truth: &Scene) -> Scene {
    let mut scene = Scene(numbers.to_vec());
    let points = 6 * CAMERAS;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let scale =
        dot(&numbers[points..], &truth.0[points..]) / dot(&numbers[points..], &numbers[points..]);
    for (at, x) in scene.0.iter_mut().enumerate() {
        if at >= points || at % 6 >= 3 {
            *x *= scale;
        }
    }
    scene
}

/// The root of the mean square distance of the points.
fn error(scene: &Scene, truth: &Scene) -> f64 {
    let squares = scene.0[6 * CAMERAS..]
        .iter()
        .zip(&truth.0[6 * CAMERAS..])
        .map(|(a, b)| (a - b).powi(2));
    (squares.sum::<f64>() / POINTS as f64).sqrt()
}

fn draw(truth: &Scene, guess: &Scene, found: &Scene) -> std::io::Result<()> {
    let panel = |title: &str, scene: &Scene| {
        let mut panel = plot::Panel::map(title, ([-6.6, 2.6], "x"), (3.2, "depth z"));
        for (scene, colours, size) in [
            (truth, ["#bbbbbb"; 2], 4.0),
            (scene, [plot::BLUE, plot::ORANGE], 2.0),
        ] {
            let point = |i| [scene.point(i)[0], scene.point(i)[2]];
            panel.dots((0..POINTS).map(point), colours[0], size);
            for k in 0..CAMERAS {
                let [a, b, c, x, _, z] = *array(scene.camera(k));
                // The inverse rotation takes what is before the camera to where it is.
                let corners =
                    [[0.0, 0.0], [-0.3, 0.6], [0.3, 0.6], [0.0, 0.0]].map(|[side, depth]| {
                        let p = rotate([-a, -b, -c], [side, 0.0, depth]);
                        [x + p[0], z + p[2]]
                    });
                panel.line(corners, colours[1], 1.5);
            }
        }
        panel
            .key("true", "#bbbbbb")
            .key("points", plot::BLUE)
            .key("cameras", plot::ORANGE);
        panel
    };
    let panels = [
        panel("From above, as guessed", guess),
        panel("As adjusted", found),
    ];
    plot::write(Path::new(PICTURE), &panels)
}
