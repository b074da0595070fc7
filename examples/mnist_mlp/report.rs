//! The program around training: data, progress, and at the end what a person wants to see.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::data::{CLASSES, Digits, SIDE};
use crate::options::Options;
use crate::picture::{Picture, ink};
use crate::training::{Classifier, Trainer, confusion};

/// Misread digits that are drawn.
const DRAWN: usize = 60;

/// A picture of what was learned: where it goes, and how it is drawn.
pub(crate) type Learned<N> = (&'static str, fn(&N) -> Picture);

/// Trains, and reports.
pub(crate) fn run<N: Classifier>(
    options: &Options,
    (path, draw): Learned<N>,
) -> Result<(), Box<dyn Error>> {
    let digits = match &options.data {
        Some(folder) => Digits::mnist(folder)?,
        None => Digits::small()?,
    };
    let epochs = options
        .epochs
        .unwrap_or(if options.data.is_some() { 20 } else { 4 }) as usize;
    let (training, testing) = digits.split();
    println!(
        "{} images to learn from, {} to test",
        training.len(),
        testing.len()
    );
    let mut trainer = Trainer::<N>::new(&training, options.seed, options.shift.into());
    if let Some(path) = &options.resume {
        trainer.resume(path)?;
        println!("going on after epoch {}", trainer.epochs());
    }

    let start = Instant::now();
    train(&mut trainer, options, epochs, &testing)?;
    let seconds = start.elapsed().as_secs_f64();
    let answers = trainer.read(&testing);
    let confusion = confusion(&answers, &testing.labels);
    println!("\n{confusion}\n");
    for (class, recall) in (0..CLASSES).map(|k| (k, confusion.recall(k))) {
        println!(
            "{class}: {:.3} of them found, {:.3} of those taken for it right",
            recall,
            confusion.precision(class)
        );
    }

    let misread = format!(
        "{}/target/{}-misread.png",
        env!("CARGO_MANIFEST_DIR"),
        N::NAME
    );
    write(&misreadings(&testing, &answers), &misread)?;
    println!("\nmisread digits: {misread}");
    write(&draw(&trainer.network), path)?;
    println!("what the first layer looks for: {path}");
    println!(
        "{} accuracy={:.4} train_seconds={seconds:.1}",
        N::NAME,
        confusion.accuracy()
    );
    Ok(())
}

fn train<N: Classifier>(
    trainer: &mut Trainer<'_, N>,
    options: &Options,
    epochs: usize,
    testing: &Digits,
) -> Result<(), Box<dyn Error>> {
    let last = options
        .stop_after
        .map_or(epochs, |stop| epochs.min(stop as usize));
    let bar = ProgressBar::new(epochs as u64);
    bar.set_style(ProgressStyle::with_template(
        "{bar:32} epoch {pos}/{len}  {msg}",
    )?);
    bar.set_position(trainer.epochs() as u64);
    while trainer.epochs() < last {
        let loss = trainer.epoch(options.lr, epochs);
        if !loss.is_finite() {
            bar.abandon();
            return Err(format!("the loss is {loss}: try a smaller --lr").into());
        }
        let seen = confusion(&trainer.read(testing), &testing.labels).accuracy();
        for warning in trainer.warnings() {
            bar.println(format!("epoch {}: {warning}", trainer.epochs()));
        }
        bar.set_message(format!("loss {loss:.4}  accuracy {seen:.4}"));
        bar.set_position(trainer.epochs() as u64);
        if let Some(path) = &options.save {
            trainer.save(path)?;
        }
    }
    bar.finish();
    Ok(())
}

fn write(picture: &Picture, path: &str) -> Result<(), String> {
    picture
        .write(Path::new(path))
        .map_err(|error| format!("{path}: {error}"))
}

/// The first digits that were misread.
fn misreadings(digits: &Digits, answers: &[usize]) -> Picture {
    let wrong = (0..digits.len()).filter(|&i| answers[i] != digits.labels[i]);
    let draw = |i: usize| digits.image(i).iter().map(|&x| ink(x)).collect();
    let tiles: Vec<Vec<[u8; 3]>> = wrong.take(DRAWN).map(draw).collect();
    Picture::tiles(&tiles, SIDE, 12)
}
