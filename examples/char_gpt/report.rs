//! The program around training and writing: data, progress, samples, and at the end what a person wants to see.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use backprop::init::Generator;
use indicatif::{ProgressBar, ProgressStyle};

use crate::chart::{self, Curve};
use crate::corpus::Corpus;
use crate::options::Options;
use crate::picture::Picture;
use crate::pictures;
use crate::sampling::{Taste, go_on};
use crate::saving::{Writer, load, resume, save};
use crate::training::Trainer;

const LOSS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/char_gpt-loss.svg");
const ATTENTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/char_gpt-attention.png");
const PLACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/char_gpt-places.png");

/// How often training is looked at.
const LOOKS: u64 = 10;
/// Characters of the samples on the way.
const SAMPLE: usize = 160;

/// Writes with a model from a file.
pub(crate) fn write(path: &Path, options: &Options) -> Result<(), Box<dyn Error>> {
    let Writer {
        size,
        gpt,
        characters,
    } = load(path)?;
    let number = |c: char| {
        let found = characters.iter().position(|&known| known == c);
        found.ok_or_else(|| format!("--prompt has {c:?}, which the model has never seen"))
    };
    let mut text: Vec<usize> = options
        .prompt
        .chars()
        .map(number)
        .collect::<Result<_, _>>()?;
    if text.is_empty() {
        return Err("--prompt is empty: the model goes on from something".into());
    }
    let mut generator = Generator::new(options.seed);
    go_on(
        (size, &gpt),
        &mut text,
        options.length,
        taste(options),
        &mut generator,
    );
    println!("{}", decode(&characters, &text));
    Ok(())
}

fn taste(options: &Options) -> Taste {
    Taste {
        temperature: options.temperature,
        top_k: options.top_k.unwrap_or(usize::MAX),
    }
}

fn decode(characters: &[char], text: &[usize]) -> String {
    text.iter().map(|&token| characters[token]).collect()
}

/// Trains, and reports.
pub(crate) fn train(options: &Options) -> Result<(), Box<dyn Error>> {
    let corpus = Corpus::read(&options.data, options.size(1)?.tokens)?;
    let size = options.size(corpus.vocabulary().len())?;
    let mut trainer = Trainer::new(size, options.batch, options.seed);
    println!(
        "{} characters to learn from, {} for validation, {} different ones",
        corpus.training().len(),
        corpus.validation().len(),
        size.symbols
    );
    if let Some(path) = &options.resume {
        resume(&mut trainer, corpus.vocabulary(), path)?;
        println!("going on after step {}", trainer.steps);
    }
    let start = Instant::now();
    let begun = trainer.steps;
    let curves = steps(&mut trainer, &corpus, options)?;
    let seconds = start.elapsed().as_secs_f64();
    let trained = (trainer.steps - begun) * (options.batch * size.tokens) as u64;
    let loss = trainer.validation(&corpus);

    put(LOSS, |path| {
        fs::write(path, chart::svg(&curves.0, &curves.1, options.steps.into()))
    })?;
    println!("\nthe loss: {LOSS}");
    let shown = &corpus.validation()[..size.tokens];
    draw(&pictures::attention(size, &trainer.gpt, shown), ATTENTION)?;
    println!("who looks at whom, a row for each layer: {ATTENTION}");
    draw(&pictures::places(size, &trainer.gpt), PLACES)?;
    println!("which places are alike: {PLACES}");
    println!(
        "char_gpt validation_loss={loss:.4} steps={} train_seconds={seconds:.1} tokens_per_second={:.0}",
        trainer.steps,
        trained as f64 / seconds.max(1e-9)
    );
    Ok(())
}

/// All steps that are asked for; the losses on the way, of training and validation.
fn steps(
    trainer: &mut Trainer,
    corpus: &Corpus,
    options: &Options,
) -> Result<(Curve, Curve), Box<dyn Error>> {
    let all = u64::from(options.steps);
    let last = options.stop_after.map_or(all, |stop| all.min(stop.into()));
    let bar = ProgressBar::new(all);
    bar.set_style(ProgressStyle::with_template(
        "{bar:32} step {pos}/{len}  {msg}  {eta} left",
    )?);
    bar.set_position(trainer.steps);
    let (mut training, mut validation) = (Curve::new(), Curve::new());
    while trainer.steps < last {
        let loss = trainer.step(corpus.training(), options.lr, all);
        if !loss.is_finite() {
            bar.abandon();
            return Err(format!("the loss is {loss}: try a smaller --lr").into());
        }
        let step = trainer.steps;
        training.push((step, loss.into()));
        bar.set_message(format!("loss {loss:.3}"));
        bar.set_position(step);
        if step.is_multiple_of((all / LOOKS).max(1)) || step == last {
            let loss = trainer.glance(corpus);
            validation.push((step, loss));
            let text = sample(trainer, corpus, options);
            bar.suspend(|| println!("step {step}: validation loss {loss:.3}; it writes\n{text}\n"));
            if let Some(path) = &options.save {
                save(trainer, corpus.vocabulary(), path)?;
            }
        }
    }
    bar.finish();
    Ok((training, validation))
}

/// What the model writes. Its random numbers are its own: the run does not depend on whether somebody looks.
fn sample(trainer: &Trainer, corpus: &Corpus, options: &Options) -> String {
    let mut generator = Generator::new(options.seed ^ trainer.steps);
    let mut text = corpus.validation()[..1].to_vec();
    go_on(
        (trainer.size, &trainer.gpt),
        &mut text,
        SAMPLE,
        taste(options),
        &mut generator,
    );
    decode(corpus.vocabulary(), &text)
}

fn draw(picture: &Picture, path: &str) -> Result<(), String> {
    put(path, |path| picture.write(path))
}

fn put(path: &str, write: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), String> {
    write(Path::new(path)).map_err(|error| format!("{path}: {error}"))
}
