//! ADBench's objectives on small made-up data: generated gradients against finite differences and against those by hand, and the parsers.

#[allow(dead_code, reason = "the benchmark uses what the tests do not")]
#[path = "../benches/adbench/objectives/mod.rs"]
mod objectives;

use std::path::Path;

use backprop::gradcheck::Gradcheck;
use objectives::bundle_adjustment::{self, Camera, Observation, Row};
use objectives::data::Fields;
use objectives::gaussian_mixture;
use objectives::hand_tracking::{self, Hand, Tracking};
use objectives::lstm::{self, Ends, Layer, WithMath};
use objectives::{Problem, relative_error};

/// A file that exists only here.
fn fields(text: &str) -> Fields {
    Fields::of_text(Path::new("made-up.txt"), text.to_owned())
}

/// Generated and by hand: the same values and derivatives.
fn agree(problem: &mut dyn Problem) {
    problem.evaluate();
    let values = problem.outcome().values;
    problem.by_hand();
    let by_hand = problem.outcome();
    problem.generated();
    let generated = problem.outcome();
    assert!(relative_error(&values, &by_hand.values) < 1e-12);
    let error = generated.error(&by_hand);
    assert!(error < 1e-10, "{error}: {generated:?}, by hand {by_hand:?}");
    // Nothing is left of the last run.
    problem.generated();
    assert_eq!(problem.outcome().derivatives, generated.derivatives);
}

#[test]
fn bundle_adjustment() {
    let text = "2 3 5
        0.3 -0.7 0.4 0.2 0.1 -0.3 1.5 0.1 -0.2 0.05 -0.01
        1.5 2.5 4.0
        0.4
        0.3 -0.2";
    agree(&mut bundle_adjustment::parse(fields(text)).unwrap());
}

#[test]
fn reprojection_errors() {
    let camera = Camera {
        rotation: [0.3, -0.7, 0.4],
        center: [0.2, 0.1, -0.3],
        focal_length: 1.5,
        principal_point: [0.1, -0.2],
        radial: [0.05, -0.01],
    };
    // Where the camera is not turned the formula is another. Its derivative by the rotation is checked against the one by hand only:
    // beside zero the first formula holds again.
    for (rotation, by_rotation) in [([0.3, -0.7, 0.4], true), ([0.0; 3], false)] {
        let camera = Camera { rotation, ..camera };
        let (point, weight, feature) = ([1.5, 2.5, 4.0], 0.4, [0.3, -0.2]);
        let mut generated = Observation::default();
        bundle_adjustment::jacobian(&camera, &point, weight, &feature, &mut generated);
        let mut by_hand = Observation::default();
        bundle_adjustment::by_hand::jacobian(&camera, &point, weight, &feature, &mut by_hand);
        for i in 0..2 {
            let numbers =
                |o: &Observation| bundle_adjustment::numbers(&o.rows[i]).collect::<Vec<_>>();
            assert!(relative_error(&numbers(&generated), &numbers(&by_hand)) < 1e-12);
            let error = |(camera, point, weight): &(Camera, [f64; 3], f64)| {
                bundle_adjustment::reprojection_error(camera, point, *weight, &feature)[i]
            };
            let Row {
                camera: by_camera,
                point: by_point,
                weight: by_weight,
            } = generated.rows[i];
            if by_rotation {
                Gradcheck::new()
                    .check(
                        error,
                        &(camera, point, weight),
                        &(by_camera, by_point, by_weight),
                    )
                    .unwrap();
            }
        }
    }
}

/// Two dimensions, three Gaussians, four points.
const MIXTURE: &str = "2 3 4
    0.5 -0.2 0.1
    0.3 0.4  -0.6 0.8  1.1 -0.9
    0.1 -0.3 0.7  -0.2 0.4 0.5  0.3 0.2 -0.6
    0.2 0.9  -0.4 1.3  0.8 -0.5  -1.0 0.6
    1.2 2";

#[test]
fn gaussian_mixtures() {
    let mut mixture = gaussian_mixture::parse(fields(MIXTURE)).unwrap();
    agree(&mut mixture);
    let gradient = (
        mixture.gradient.alphas,
        mixture.gradient.means,
        mixture.gradient.factors,
    );
    let (points, prior, room) = (mixture.points, mixture.prior, mixture.room);
    Gradcheck::new()
        .check(
            |(alphas, means, factors): &(Vec<f64>, Vec<f64>, Vec<f64>)| {
                let mut room = room.clone();
                gaussian_mixture::log_posterior(
                    alphas,
                    means,
                    factors,
                    &points,
                    &prior,
                    &mut room.diagonals,
                    &mut room.log_determinants,
                    &mut room.whitened,
                    &mut room.terms,
                )
            },
            &(mixture.alphas, mixture.means, mixture.factors),
            &gradient,
        )
        .unwrap();
}

/// Two layers, four characters of two bits.
const NETWORK: &str = "2 4 2
    0.5 -0.2 0.1 0.9 -0.4 0.3 0.7 0.2
    0.1 0.3 -0.6 0.4 0.8 -0.1 0.2 -0.5
    0.6 0.1 -0.3 0.2 0.4 0.7 -0.8 0.5
    0.3 -0.2 0.5 0.1 -0.4 0.9 0.6 0.2
    0.7 -0.9
    1.1 0.4
    0.2 -0.3
    0.1 0.5  -0.2 0.4
    0.3 -0.6  0.8 0.2
    1 0  0 1  1 1  0 1";

#[test]
fn recurrent_networks() {
    let mut fields = fields(NETWORK);
    assert_eq!(lstm::shape(&mut fields).unwrap(), (2, 4, 2));
    let mut network = lstm::parse::<2, 2>(fields, 4).unwrap();
    agree(&mut network);
    let gradient = (network.d_layers, network.d_ends);
    let mut network = WithMath(network);
    agree(&mut network);
    let WithMath(network) = network;
    Gradcheck::new()
        .check(
            |(layers, ends): &([Layer<2>; 2], Ends<2>)| {
                lstm::loss(layers, ends, &network.initial, &network.sequence)
            },
            &(network.layers, network.ends),
            &gradient,
        )
        .unwrap();
}

/// 22 bones with made-up matrices: the first is the wrist, then four for each finger, then the forearm.
fn bones() -> String {
    let matrix = |seed: usize| {
        let noise = |i: usize| ((seed * 12 + i) as f64 * 1.7).sin();
        let numbers: String = (0..12).map(|i| format!(":{}", noise(i))).collect();
        numbers + ":0:0:0:1"
    };
    let line = |bone: usize| {
        let parent = match bone {
            0 => -1,
            21 => 0,
            bone if bone % 4 == 1 => 0,
            bone => bone as isize - 1,
        };
        format!("b{bone}:{parent}{}{}\n", matrix(bone), matrix(100 + bone))
    };
    (0..22).map(line).collect()
}

/// Four vertices, two triangles.
fn hand() -> Hand {
    let mut hand = Hand {
        joints: hand_tracking::model::joints(colons(&bones())).unwrap(),
        vertices: Vec::new(),
        weights: Vec::new(),
        starts: vec![0],
        triangles: vec![[0, 1, 2], [3, 2, 1]],
    };
    let vertices = "0.1:0.2:0.3:0:0:1:0:0:2:4:0.6:9:0.4
        0.5:-0.2:0.1:0:0:1:0:0:1:16:1
        -0.3:0.4:0.2:0:0:1:0:0:3:6:0.2:11:0.5:21:0.3
        0.2:0.6:-0.4:0:0:1:0:0:2:20:0.7:3:0.3";
    hand.surface(colons(vertices)).unwrap();
    hand
}

fn colons(text: &str) -> Fields {
    fields(&text.replace(':', " "))
}

const THETA: &str = "0.3 -0.5 0.2 0.1 0.4 -0.2
    0.1 0.2 0.3 0.4  -0.1 0.5 0.2 -0.3  0.6 0.1 0.2 0.5  -0.4 0.3 0.1 0.2  0.7 -0.2 0.4 0.3";

#[test]
fn hands() {
    let points = "0 0.1 0.2 0.3  1 0.4 0.5 0.6  0 0.2 -0.1 0.4";
    let vertices = fields(&format!("3 26 {points} {THETA}"));
    check_hand(hand_tracking::parse(vertices, hand(), false).unwrap());
    // All columns, and where the whole hand is not turned.
    for theta in [THETA.to_owned(), THETA.replacen("0.3 -0.5 0.2", "0 0 0", 1)] {
        let vertices = fields(&format!("3 26 {points} {theta}"));
        let tracking = hand_tracking::parse(vertices, hand(), false).unwrap();
        agree(&mut hand_tracking::jacobian::columns(tracking));
    }
    let places = "0.2 0.3  0.5 0.1  0.4 0.4";
    let surface = fields(&format!("3 26 {points} {places} {THETA}"));
    check_hand(hand_tracking::parse(surface, hand(), true).unwrap());
}

/// The cotangent is one everywhere, so what is differentiated is the sum of the residuals.
fn check_hand(mut tracking: Tracking) {
    agree(&mut tracking);
    let gradient = (tracking.d_theta, tracking.d_places.clone());
    let at = (tracking.theta, tracking.places.clone().unwrap_or_default());
    let on_surface = tracking.places.is_some();
    Gradcheck::new()
        .check(
            |(theta, places): &([f64; 26], Vec<[f64; 2]>)| {
                tracking.theta = *theta;
                tracking.places = on_surface.then(|| places.clone());
                tracking.evaluate();
                tracking.outcome().values.iter().sum::<f64>()
            },
            &at,
            &gradient,
        )
        .unwrap();
}

#[test]
fn mistakes_in_hands() {
    let message = |text: &str| match hand_tracking::parse(fields(text), hand(), false) {
        Ok(_) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        message("1 26 4"),
        "made-up.txt:1: 4 cannot be a vertex: there are 4"
    );
    assert_eq!(message("1\n25"), "made-up.txt:2: a hand has 26 parameters");
    let orphan =
        hand_tracking::model::joints(colons(&bones().replace("b2:1", "b2:7"))).unwrap_err();
    assert_eq!(
        orphan.to_string(),
        "made-up.txt:3: 7 cannot be bone 2's parent"
    );
}

/// Files that are not right, and what is said about them.
#[test]
fn mistakes_in_files() {
    let message = |text| match bundle_adjustment::parse(fields(text)) {
        Ok(_) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        message("2 3"),
        "made-up.txt:1: ends where the number of observations should stand"
    );
    assert_eq!(
        message("2 0 5\n"),
        "made-up.txt:1: the number of points is 0"
    );
    assert_eq!(
        message("1 1 1\n1 2 3 4 5 6\n7 8 nine"),
        "made-up.txt:3: `nine` cannot be a principal point"
    );
    let right = "1 1 1 # a comment\n1 2 3 4 5 6 7 8 9 10 11\n1 2 3\n4\n5 6\n";
    assert_eq!(message(right), "none");
    assert_eq!(
        message(&format!("{right}7")),
        "made-up.txt:6: `7` stands behind the last number"
    );
}
