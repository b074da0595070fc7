//! Schedules against PyTorch's, whose rates `generate.py` has written down once, and against their formulas where there is none to compare with.

use backprop_runtime::schedule::*;

const FILE: &str = include_str!("schedules.txt");

fn of_file(name: &str) -> Vec<f64> {
    let line = FILE
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap()
        .split(' ')
        .map(|rate| rate.parse().unwrap())
        .collect()
}

#[track_caller]
fn same(name: &str, schedule: impl Fn(u64) -> f64) {
    let expected = of_file(name);
    assert_eq!(expected.len(), 40);
    for (t, expected) in expected.into_iter().enumerate() {
        let rate = schedule(t as u64);
        assert!(
            (rate - expected).abs() < 1e-12,
            "{name} at {t}: {rate}, expected {expected}"
        );
    }
}

#[test]
fn of_pytorch() {
    same("step", step(0.5, 0.3, 7));
    same("exponential", exponential(0.5, 0.9, 1));
    same("polynomial", polynomial(0.5, 0.0, 2.0, 30));
    same("cosine", cosine(0.5, 0.05, 39));
    same("cosine_restarts", cosine_restarts(0.5, 0.05, 5, 2));
    same("cosine_restarts_alike", cosine_restarts(0.5, 0.0, 7, 1));
    same("one_cycle", one_cycle(0.8, 40));
}

#[test]
fn of_pytorchs_plateau() {
    let losses = [
        3.0, 2.0, 1.9999, 2.5, 1.5, 1.6, 1.7, 1.5, 1.49995, 1.8, 1.2, 1.1, 1.3, 1.3, 1.3, 1.3, 1.3,
        1.3, 1.3, 1.3,
    ];
    let mut plateau = Plateau::new(0.5).factor(0.3).patience(2).least(0.02);
    for (loss, expected) in losses.into_iter().zip(of_file("plateau")) {
        let rate = plateau.observe(loss);
        assert!(
            (rate - expected).abs() < 1e-15,
            "{rate}, expected {expected}"
        );
        assert_eq!(plateau.rate(), rate);
    }
    // Nothing is better than nothing but a number.
    let mut plateau = Plateau::new(1.0).patience(0);
    assert_eq!(plateau.observe(f64::NAN), 0.1);
    assert_eq!(plateau.observe(5.0), 0.1);
}

#[test]
fn lines_and_roots() {
    assert_eq!(constant(0.3)(1 << 60), 0.3);
    let up = warm_up(4, constant(1.0));
    assert_eq!([up(0), up(3), up(4)], [0.2, 0.8, 1.0]);
    // The peak is where both parts meet.
    let root = inverse_square_root(0.6, 4);
    assert_eq!(
        [root(0), root(3), root(15), root(63)],
        [0.15, 0.6, 0.3, 0.15]
    );
    let both = joined(constant(1.0), 3, joined(constant(2.0), 2, constant(3.0)));
    assert_eq!(
        [0, 2, 3, 4, 5, 100].map(both),
        [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    );
    // After the end nothing moves.
    assert_eq!(cosine(1.0, 0.25, 10)(1000), 0.25);
    assert_eq!(polynomial(1.0, 0.25, 1.0, 10)(1000), 0.25);
    assert!((one_cycle(1.0, 10)(1000) - 4e-6).abs() < 1e-18);
    assert_eq!(exponential(1.0, 0.25, 10)(5), 0.5);
    // Far away, restarts are found without counting them one by one.
    assert_eq!(cosine_restarts(1.0, 0.0, 10, 1)(u64::MAX / 10 * 10), 1.0);
}

#[test]
#[should_panic(expected = "a schedule of 0 steps")]
fn nothing_takes_no_time() {
    let _ = cosine(1.0, 0.0, 0);
}

#[cfg(feature = "alloc")]
#[test]
fn a_range_is_found() {
    // A loss that falls fastest at a rate of 0.1, and explodes beyond 1.
    let mut finder = RangeFinder::new(1e-4, 100.0, 121);
    let mut loss: f64 = 2.0;
    while let Some(rate) = finder.next_rate() {
        let decades = (rate / 0.1).log10();
        loss -= 0.1 * (-8.0 * decades * decades).exp();
        if rate > 1.0 {
            loss *= 1.5;
        }
        finder.observe(loss);
    }
    assert!(finder.curve().len() < 121, "it stops when all is lost");
    let rate = finder.suggestion().unwrap();
    // The running mean is behind by some steps.
    assert!(rate > 0.1 && rate < 0.3, "{rate}");
    assert_eq!(finder.curve()[0], (1e-4, 2.0 - 0.1 * (-72.0_f64).exp()));

    let mut hopeless = RangeFinder::new(0.1, 1.0, 10);
    hopeless.observe(f64::NAN);
    assert_eq!((hopeless.next_rate(), hopeless.suggestion()), (None, None));
}
