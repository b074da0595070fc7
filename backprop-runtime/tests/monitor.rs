//! The monitor on gradients that are known, and on a network whose lower layers get no signal.

#![cfg(feature = "alloc")]

use backprop_runtime::monitor::*;
use backprop_runtime::optim::*;

type Layers = Vec<(Vec<f32>, [f64; 2])>;

fn layers() -> Layers {
    vec![
        (vec![3.0, 4.0, 0.0], [1.0, 0.0]),
        (vec![1.0; 4], [0.0, 2.0]),
    ]
}

/// The names of what is warned of, with the words that tell the problem.
fn warnings(monitor: &Monitor<Layers>) -> Vec<String> {
    monitor
        .warnings()
        .map(|warning| warning.to_string())
        .collect()
}

#[test]
fn sizes_by_leaf() {
    let mut model = layers();
    let mut monitor = Monitor::new(&model);
    let gradient = vec![
        (vec![0.0, 3.0, 4.0], [0.5, 0.5]),
        (vec![1.0; 4], [0.0, 1.0]),
    ];
    Sgd::new(0.01).step(&mut model, &gradient);
    monitor.observe(&model, &gradient);
    let [first, _, _, last] = monitor.leaves() else {
        panic!("four leaves")
    };
    assert_eq!(
        (
            first.name.as_str(),
            first.len,
            first.weight_norm,
            first.gradient_norm
        ),
        ("0.0", 3, 5.0, 5.0)
    );
    assert!((first.step_norm - 0.05).abs() < 1e-6 && (first.relative_step() - 0.01).abs() < 1e-6);
    assert_eq!(
        (
            first.dead,
            first.not_finite,
            last.name.as_str(),
            last.dead_share()
        ),
        (1, 0, "1.1", 0.5)
    );
    assert!((last.gradient_size() - 0.5_f64.sqrt()).abs() < 1e-15);
    assert_eq!(warnings(&monitor), Vec::<String>::new());

    // What has had a gradient once is not dead.
    let mut other = gradient.clone();
    other[0].0 = vec![1.0, 0.0, 0.0];
    monitor.observe(&model, &other);
    assert_eq!(monitor.leaves()[0].dead, 0);
    assert_eq!(
        monitor.leaves()[0].step_norm,
        0.0,
        "the model has not moved"
    );
    monitor.restart();
    monitor.observe(&model, &other);
    assert_eq!(monitor.leaves()[0].dead, 2);
}

#[test]
fn every_problem_has_its_sentence() {
    let model = layers();
    let mut monitor = Monitor::new(&model);
    let healthy = || vec![(vec![0.1; 3], [0.1; 2]), (vec![0.1; 4], [0.1; 2])];
    let mut see = |change: fn(&mut Layers)| {
        let mut gradient = healthy();
        change(&mut gradient);
        monitor.restart();
        monitor.observe(&model, &gradient);
        warnings(&monitor)
    };
    assert!(see(|_| {}).is_empty());
    assert_eq!(
        see(|g| g[0].1 = [1e-8, 0.0]),
        [
            "`0.1`: the gradient vanishes: its root mean square is 7.1e-9, and that of `0.0` is 1.0e-1"
        ]
    );
    assert_eq!(
        see(|g| g[1].0[2] = 2e3),
        ["`1.0`: the gradient explodes: its norm is 2.0e3"]
    );
    assert_eq!(
        see(|g| g[1].0[0] = f32::NAN),
        ["`1.0`: 1 of 4 elements of the gradient are not finite"]
    );
    assert_eq!(
        see(|g| g[1].0 = vec![0.0, 0.0, 0.0, 0.1]),
        ["`1.0`: 75 % of 4 elements never have a gradient: the units they lead to may be dead"]
    );
    // A step of a quarter.
    let mut moved = layers();
    moved[1].1[1] = 2.5;
    let mut monitor = Monitor::new(&layers());
    monitor.observe(&moved, &healthy());
    assert_eq!(
        warnings(&monitor),
        ["`1.1`: the step is 25 % of the weights: the learning rate may be too large"]
    );
    let mut tolerant = Monitor::new(&layers()).step(0.3);
    tolerant.observe(&moved, &healthy());
    assert!(warnings(&tolerant).is_empty());
}

/// Twenty layers of sigmoids: the textbook's case of a gradient that does not reach the first ones.
#[test]
fn a_deep_network_of_sigmoids() {
    let mut model = vec![([0.5_f64], [0.0_f64]); 20];
    let mut gradient = vec![([0.0], [0.0]); 20];
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut values = vec![0.7];
    for layer in &model {
        values.push(sigmoid(layer.0[0] * values[values.len() - 1] + layer.1[0]));
    }
    let mut d = 1.0;
    for i in (0..20).rev() {
        d *= values[i + 1] * (1.0 - values[i + 1]);
        gradient[i] = ([d * values[i]], [d]);
        d *= model[i].0[0];
    }
    let mut monitor = Monitor::new(&model);
    Sgd::new(0.1).step(&mut model, &gradient);
    monitor.observe(&model, &gradient);
    let names: Vec<&str> = monitor
        .warnings()
        .map(|warning| warning.leaf.name.as_str())
        .collect();
    assert!(
        names.contains(&"0.0") && names.contains(&"3.1") && !names.contains(&"19.0"),
        "{names:?}"
    );
    assert!(
        monitor
            .warnings()
            .all(|warning| matches!(warning.problem, Problem::Vanishing { .. }))
    );
}

#[test]
fn units_that_are_dead() {
    assert_eq!(dead_units(&[0.0, 1.0, -1.0, 0.0, 0.5, 0.0], 3), 2.0 / 3.0);
    assert_eq!(dead_units(&[f32::NAN], 1), 0.0);
    assert!(dead_units::<f64>(&[], 0).is_nan());
}
