//! A pendulum is swung up by a motor that is too weak to lift it: it has to swing back and forth first, and finds that out by itself.
//!
//! ```text
//! cargo run --release --example pendulum
//! ```
//!
//! The simulation is plain Rust: Runge-Kutta steps of fourth order over the motor's torques. How far the pendulum ends from standing still upright is one number, and
//! `swing_grad` says how it changes by each of the torques, through the whole simulation; L-BFGS improves them all.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "plot/mod.rs"]
mod plot;

use std::error::Error;
use std::f64::consts::PI;
use std::path::Path;
use std::process::ExitCode;

use backprop::optim::Lbfgs;
use backprop::prelude::*;
use clap::Parser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/pendulum.svg");
/// Steps of the simulation, each with a torque of its own, and their length in seconds.
const STEPS: usize = 160;
const STEP: f64 = 0.03;
/// Gravity over length, in 1/s², and friction in 1/s.
const GRAVITY: f64 = 9.81;
const FRICTION: f64 = 0.05;

/// Swings a pendulum up with a weak motor.
#[derive(Debug, Parser)]
struct Options {
    /// The motor's greatest torque, in units of what it takes to hold the pendulum level.
    #[arg(long, default_value_t = 0.4)]
    torque: f64,
    /// Steps of L-BFGS at most.
    #[arg(long, default_value_t = 400)]
    steps: usize,
}

/// Angle from hanging down, and angular velocity.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct State {
    angle: f64,
    speed: f64,
}

impl State {
    /// The state's rate of change under a torque.
    #[differentiable]
    fn rate(self, torque: f64) -> State {
        State {
            angle: self.speed,
            speed: GRAVITY * (torque - self.angle.sin()) - FRICTION * self.speed,
        }
    }

    /// The state after some time at this rate.
    #[differentiable]
    fn after(self, rate: State, #[nodiff] time: f64) -> State {
        State {
            angle: self.angle + time * rate.angle,
            speed: self.speed + time * rate.speed,
        }
    }

    /// A step of the classical method of Runge and Kutta.
    #[differentiable]
    fn step(self, torque: f64) -> State {
        let a: State = self.rate(torque);
        let half: State = self.after(a, 0.5 * STEP);
        let b: State = half.rate(torque);
        let half: State = self.after(b, 0.5 * STEP);
        let c: State = half.rate(torque);
        let whole: State = self.after(c, STEP);
        let d: State = whole.rate(torque);
        let mean = State {
            angle: (a.angle + 2.0 * (b.angle + c.angle) + d.angle) / 6.0,
            speed: (a.speed + 2.0 * (b.speed + c.speed) + d.speed) / 6.0,
        };
        self.after(mean, STEP)
    }
}

/// How far from upright and at rest the motion ends, with a price on jerks. The motor gives `limit * tanh(control)`, whatever the control.
#[differentiable]
fn swing(controls: &[f64; STEPS], #[nodiff] limit: f64) -> f64 {
    let mut state = State {
        angle: 0.0,
        speed: 0.0,
    };
    let (mut price, mut last) = (0.0, 0.0);
    for control in controls {
        let torque = limit * control.tanh();
        price += (torque - last).powi(2);
        last = torque;
        state = state.step(torque);
    }
    let short = 1.0 + state.angle.cos();
    10.0 * short + state.speed * state.speed + 0.1 * price
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
    if !(options.torque > 0.0 && options.torque.is_finite()) {
        return Err(format!("the torque is {}, and has to be positive", options.torque).into());
    }
    // A small push, or nothing would tell left from right.
    let mut controls = [0.1; STEPS];
    let before = swing(&controls, options.torque);
    let mut gradients = 0;
    let last = Lbfgs::new(&controls).minimise(&mut controls, 1e-6, options.steps, |x, d_x| {
        gradients += 1;
        swing_grad(x, d_x, options.torque)
    })?;
    println!(
        "cost {before:.4} -> {:.5} after {gradients} gradients by {STEPS} torques",
        last.value
    );

    let states = simulate(&controls, options.torque);
    let end = states[STEPS];
    println!(
        "after {:.1} s: {:.2} degrees from upright, {:.3} rad/s, with {:.0}% of the torque that would lift it",
        STEPS as f64 * STEP,
        (-end.angle.cos()).acos().to_degrees(),
        end.speed,
        100.0 * options.torque
    );
    draw(&controls, &states, options.torque).map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!(
        "pendulum cost={:.5} height={:.6}",
        last.value,
        -end.angle.cos()
    );
    Ok(())
}

fn simulate(controls: &[f64; STEPS], limit: f64) -> Vec<State> {
    let mut states = vec![State {
        angle: 0.0,
        speed: 0.0,
    }];
    for (i, control) in controls.iter().enumerate() {
        states.push(states[i].step(limit * control.tanh()));
    }
    states
}

fn draw(controls: &[f64; STEPS], states: &[State], limit: f64) -> std::io::Result<()> {
    let tip = |state: &State| [state.angle.sin(), -state.angle.cos()];
    let mut motion = plot::Panel::map(
        "The swing",
        ([-1.7, 1.7], "x in lengths"),
        (0.0, "y in lengths"),
    );
    for (i, state) in states.iter().enumerate().step_by(2) {
        let shade = 235 - 160 * i / STEPS;
        motion.line(
            [[0.0; 2], tip(state)],
            &format!("rgb({shade},{shade},235)"),
            1.0,
        );
    }
    motion.line(states.iter().map(tip), plot::ORANGE, 1.0);
    motion.line([[0.0; 2], tip(&states[STEPS])], plot::BLUE, 4.0);
    motion
        .dots([tip(&states[STEPS])], plot::BLUE, 8.0)
        .dots([[0.0; 2]], plot::BLACK, 3.0);

    let time = |i: usize| i as f64 * STEP;
    let angles = states.iter().map(|state| state.angle / PI);
    let range = plot::range(angles.clone().chain([-limit, limit]));
    let mut course = plot::Panel::new(
        "Its course",
        ([0.0, time(STEPS)], "time in s"),
        (range, "angle in \u{3c0}, torque"),
    );
    course.line(
        angles.enumerate().map(|(i, angle)| [time(i), angle]),
        plot::BLUE,
        2.0,
    );
    let steps = controls.iter().enumerate();
    course.line(
        steps.map(|(i, control)| [time(i), limit * control.tanh()]),
        plot::ORANGE,
        1.5,
    );
    course.key("angle", plot::BLUE).key("torque", plot::ORANGE);
    plot::write(Path::new(PICTURE), &[motion, course])
}
