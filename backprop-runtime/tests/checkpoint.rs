//! Saved states come back the same to the last bit, runs go on as if nothing had happened, and what does not fit is refused by name.

#![cfg(feature = "safetensors")]

use std::fs;
use std::path::PathBuf;

use backprop_runtime::data::Batches;
use backprop_runtime::init::{Generator, normal};
use backprop_runtime::optim::*;
use backprop_runtime::schedule::Plateau;
use backprop_runtime::state::{Checkpoint, CheckpointError, Counter, Saved, State};

/// Leaves of both types, with indices and an index that is not a leaf.
type Model = (Vec<f32>, Vec<([f64; 2], f64)>, usize);

fn model() -> Model {
    (
        vec![0.5, -0.0, 1e-45, f32::MAX],
        vec![([0.1, 5e-324], -2.0); 2],
        7,
    )
}

fn gradient(model: &Model) -> Model {
    let mut g = model.clone();
    g.0.iter_mut()
        .for_each(|g| *g = (*g * 0.5).clamp(-1.0, 1.0) + 0.25);
    g.1.iter_mut()
        .for_each(|(a, b)| (a[0], *b) = (a[0] - 1.0, *b * 0.3));
    g
}

/// A file of its own for each test, and for none before.
fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("checkpoint-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder.join("run.safetensors")
}

/// Trains, saves in the middle, and goes on twice: at once, and from the file with a new optimizer.
fn resume<O: Optimizer<Model> + State>(name: &str, new: impl Fn(&Model) -> O) {
    let path = path(name);
    let (mut x, mut random) = (model(), Generator::new(3));
    let mut optimizer = new(&x);
    let steps = |x: &mut Model, optimizer: &mut O, random: &mut Generator| {
        for _ in 0..7 {
            let mut g = gradient(x);
            g.1[1].1 += random.normal();
            optimizer.step(x, &g);
        }
    };
    steps(&mut x, &mut optimizer, &mut random);
    let checkpoint = Checkpoint::new().with("model", &x).unwrap();
    let checkpoint = checkpoint
        .with("optimizer", &optimizer)
        .unwrap()
        .with("random", &random)
        .unwrap();
    checkpoint.write(&path).unwrap();
    steps(&mut x, &mut optimizer, &mut random);

    let mut y = model();
    let (mut again, mut random) = (new(&y), Generator::new(0));
    let mut saved = Saved::read(&path).unwrap();
    saved.restore("model", &mut y).unwrap();
    saved.restore("optimizer", &mut again).unwrap();
    saved.restore("random", &mut random).unwrap();
    saved.finish().unwrap();
    steps(&mut y, &mut again, &mut random);
    assert_eq!(bits(&x), bits(&y), "{name}");
}

fn bits(x: &Model) -> Vec<u64> {
    let single = x.0.iter().map(|x| u64::from(x.to_bits()));
    single
        .chain(
            x.1.iter()
                .flat_map(|(a, b)| [a[0].to_bits(), a[1].to_bits(), b.to_bits()]),
        )
        .collect()
}

#[test]
fn runs_go_on_bit_for_bit() {
    resume("sgd", |m| Sgd::new(0.1).nesterov(m, 0.9));
    resume("adam", |m| Adam::new(m).amsgrad());
    resume("adamw", |m| AdamW::new(m).weight_decay_of("0", 0.5));
    resume("nadam", NAdam::new);
    resume("radam", RAdam::new);
    resume("rmsprop", |m| RmsProp::new(m).momentum(0.5));
    resume("adagrad", Adagrad::new);
    resume("adadelta", Adadelta::new);
    resume("lion", Lion::new);
    resume("lamb", Lamb::new);
    resume("adafactor", |m| Adafactor::new(m).matrix(m, "0", 2));
    resume("muon", |m| Muon::new(m).matrix(m, "0", 2));
    resume("accumulate", |m| Accumulate::new(Adam::new(m), m, 4));
}

#[test]
fn quasi_newton_runs_go_on_too() {
    let path = path("lbfgs");
    let f = |x: &[f64; 2], d_x: &mut [f64; 2]| {
        let (t, u) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        d_x[0] -= 400.0 * t * x[0] + 2.0 * u;
        d_x[1] += 200.0 * t;
        100.0 * t * t + u * u
    };
    let mut x = [-1.2, 1.0];
    let mut lbfgs = Lbfgs::new(&x).history(4);
    lbfgs.minimise(&mut x, 0.0, 6, f).unwrap();
    Checkpoint::new()
        .with("x", &x)
        .unwrap()
        .with("lbfgs", &lbfgs)
        .unwrap()
        .write(&path)
        .unwrap();
    let mut saved = Saved::read(&path).unwrap();
    let mut y = [0.0; 2];
    let mut again = Lbfgs::new(&y).history(4);
    saved.restore("x", &mut y).unwrap();
    saved.restore("lbfgs", &mut again).unwrap();
    for _ in 0..5 {
        assert_eq!(lbfgs.step(&mut x, f), again.step(&mut y, f));
        assert_eq!(x, y);
    }
}

#[test]
fn counters_plateaus_and_orders() {
    let path = path("others");
    let (mut plateau, mut batches) = (Plateau::new(0.5).patience(1), Batches::new(9, 4, 11));
    plateau.observe(2.0);
    plateau.observe(3.0);
    assert_eq!(batches.epoch().len(), 3);
    let fresh = Plateau::new(0.5);
    let checkpoint = Checkpoint::new()
        .with("plateau", &plateau)
        .unwrap()
        .with("fresh", &fresh)
        .unwrap();
    let checkpoint = checkpoint
        .with("batches", &batches)
        .unwrap()
        .with("epoch", &Counter(u64::MAX))
        .unwrap();
    checkpoint.write(&path).unwrap();

    let mut saved = Saved::read(&path).unwrap();
    let (mut a, mut b) = (Plateau::new(9.0).patience(1), Plateau::new(9.0));
    let (mut c, mut epoch) = (Batches::new(9, 4, 0), Counter(0));
    saved.restore("plateau", &mut a).unwrap();
    saved.restore("fresh", &mut b).unwrap();
    saved.restore("batches", &mut c).unwrap();
    saved.restore("epoch", &mut epoch).unwrap();
    saved.finish().unwrap();
    assert_eq!(a.observe(4.0), plateau.observe(4.0));
    assert_eq!((b.rate(), b.observe(1e300)), (0.5, 0.5));
    assert_eq!(
        c.epoch().collect::<Vec<_>>(),
        batches.epoch().collect::<Vec<_>>()
    );
    assert_eq!(epoch, Counter(u64::MAX));
}

#[test]
fn the_same_states_make_the_same_file() {
    let path = path("same");
    let write = || {
        let checkpoint = Checkpoint::new()
            .with("b", &model())
            .unwrap()
            .with("a", &[1.0, 2.0])
            .unwrap();
        checkpoint.write(&path).unwrap();
        fs::read(&path).unwrap()
    };
    let first = write();
    // Twice, so that the second one takes the place of the first.
    assert_eq!(write(), first);
    let saved = Saved::read(&path).unwrap();
    assert!(
        saved.contains("b")
            && saved.contains("b.1")
            && saved.contains("b.1.0.0")
            && saved.contains("a")
    );
    assert!(!saved.contains("b.") && !saved.contains("c") && !saved.contains("b.1.0.00"));
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

fn message(error: CheckpointError) -> String {
    let text = error.to_string();
    text.rsplit_once("run.safetensors: ")
        .map_or(text.clone(), |(_, rest)| rest.into())
}

#[test]
fn what_does_not_fit_is_named() {
    let path = path("errors");
    let layers = vec![(vec![1.0_f32; 3], 0.5_f64); 2];
    Checkpoint::new()
        .with("model", &layers)
        .unwrap()
        .write(&path)
        .unwrap();
    let mut saved = Saved::read(&path).unwrap();
    let mut fails = |mut model: Vec<(Vec<f32>, f64)>| {
        let before = model.clone();
        let error = message(saved.restore("model", &mut model).unwrap_err());
        assert_eq!(model, before, "a model is filled whole or not at all");
        error
    };
    let layer = || (vec![0.0_f32; 3], 0.0);
    assert_eq!(
        fails(vec![layer(), layer(), layer()]),
        "there is no tensor `model.2.0`"
    );
    assert_eq!(
        fails(vec![layer(), (vec![0.0; 4], 0.0)]),
        "the tensor `model.1.0` has shape [3], which is not 4 elements"
    );
    let mut other = (vec![0.0_f64; 3], 0.0);
    let mut wrong = vec![other.clone(), other.clone()];
    assert_eq!(
        message(saved.restore("model", &mut wrong).unwrap_err()),
        "the tensor `model.0.0` has elements of type F32, and F64 is asked for"
    );
    assert_eq!(
        message(saved.restore("modal", &mut other).unwrap_err()),
        "there is no tensor `modal.0`"
    );

    let mut first = vec![layer()];
    saved.restore("model", &mut first).unwrap();
    assert_eq!(first, layers[..1]);
    assert_eq!(
        message(saved.finish().unwrap_err()),
        "nothing takes the tensors `model.1.0`, `model.1.1`"
    );

    let twice = Checkpoint::new().with("a", &1.0).unwrap().with("a", &2.0);
    assert_eq!(message(twice.unwrap_err()), "there are two tensors `a`");
}

#[test]
fn what_is_not_finite_is_neither_saved_nor_loaded() {
    let path = path("finite");
    Checkpoint::new()
        .with("x", &vec![1.0_f32, 2.0])
        .unwrap()
        .write(&path)
        .unwrap();
    let error = Checkpoint::new()
        .with("x", &vec![1.0_f32, f32::NAN])
        .unwrap_err();
    assert_eq!(message(error), "element 1 of the tensor `x` is NaN");

    // The file of another program.
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 8..end - 4].copy_from_slice(&f32::NEG_INFINITY.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let mut x = vec![0.0_f32; 2];
    let error = Saved::read(&path)
        .unwrap()
        .restore("x", &mut x)
        .unwrap_err();
    assert_eq!(message(error), "element 0 of the tensor `x` is -inf");
    assert_eq!(x, [0.0; 2]);
}

#[test]
fn files_that_are_none() {
    let path = path("damaged");
    let error = Saved::read(&path).unwrap_err();
    assert!(matches!(error, CheckpointError::Io { .. }), "{error}");
    Checkpoint::new()
        .with("x", &vec![1.0_f32; 100])
        .unwrap()
        .write(&path)
        .unwrap();
    let whole = fs::read(&path).unwrap();
    // Cut off anywhere, it is seen to be.
    for len in [0, 7, 8, 20, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        let error = Saved::read(&path).unwrap_err();
        assert!(
            error.to_string().contains("not a file of tensors"),
            "{error}"
        );
    }
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let path = path("failed");
    Checkpoint::new()
        .with("x", &1.0)
        .unwrap()
        .write(&path)
        .unwrap();
    let old = fs::read(&path).unwrap();
    // A folder that is not there, and a name that is a folder's.
    let missing = path.with_file_name("missing").join("run.safetensors");
    assert!(
        Checkpoint::new()
            .with("x", &2.0)
            .unwrap()
            .write(&missing)
            .is_err()
    );
    let folder = path.with_file_name("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("inside"), "").unwrap();
    let error = Checkpoint::new()
        .with("x", &2.0)
        .unwrap()
        .write(&folder)
        .unwrap_err();
    assert!(matches!(error, CheckpointError::Io { .. }));
    assert_eq!(fs::read(&path).unwrap(), old);
    // The half of a file that was written beside is gone.
    let names: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Rows of a matrix that another program has written with two dimensions.
#[test]
fn dimensions_of_others() {
    let path = path("others-shape");
    let header = r#"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}       "#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    for i in 0..6 {
        bytes.extend_from_slice(&(i as f32).to_le_bytes());
    }
    fs::write(&path, bytes).unwrap();
    let mut weights = [[0.0_f32; 3]; 2];
    let mut values = vec![0.0_f32; 3];
    let mut saved = Saved::read(&path).unwrap();
    saved.restore("w", &mut weights).unwrap();
    assert_eq!(weights, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    let error = saved.restore("w", &mut values).unwrap_err();
    assert_eq!(
        message(error),
        "the tensor `w` has shape [2, 3], which is not 3 elements"
    );
    normal(&mut values, 0.0, 1.0, &mut Generator::new(1));
    saved.finish().unwrap();
}
