//! Files: a model with its size and its characters, and all that training needs to go on.

use std::error::Error;
use std::path::Path;

use backprop::init::Generator;
use backprop::state::{Checkpoint, Counter, Saved, State, StateVisitor};

use crate::model::{Gpt, Size};
use crate::training::Trainer;

/// Whole numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Numbers(Vec<u64>);

impl State for Numbers {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: backprop::Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        visitor.counters(path, read.map(|x| &x.0[..]), write.map(|x| &mut x.0[..]));
    }
}

fn numbers(size: Size) -> Numbers {
    let all = [
        size.layers,
        size.heads,
        size.channels,
        size.tokens,
        size.symbols,
    ];
    Numbers(all.map(|n| n as u64).to_vec())
}

fn codes(vocabulary: &[char]) -> Numbers {
    Numbers(
        vocabulary
            .iter()
            .map(|&c| u64::from(u32::from(c)))
            .collect(),
    )
}

/// Writes all that training needs to go on.
pub(crate) fn save(
    trainer: &Trainer,
    vocabulary: &[char],
    path: &Path,
) -> Result<(), Box<dyn Error>> {
    Checkpoint::new()
        .with("size", &numbers(trainer.size))?
        .with("characters", &codes(vocabulary))?
        .with("model", &trainer.gpt)?
        .with("optimizer", &trainer.optimizer)?
        .with("generator", &trainer.generator)?
        .with("steps", &Counter(trainer.steps))?
        .write(path)?;
    Ok(())
}

/// Goes on where another run was when it saved.
pub(crate) fn resume(
    trainer: &mut Trainer,
    vocabulary: &[char],
    path: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut saved = Saved::read(path)?;
    let (size, characters) = header(&mut saved)?;
    if size != trainer.size {
        let name = path.display();
        return Err(format!(
            "{name}: its model is {size:?}, and this one {:?}",
            trainer.size
        )
        .into());
    }
    if characters != vocabulary {
        let name = path.display();
        return Err(
            format!("{name}: its text had other characters: resume with the same --data").into(),
        );
    }
    let mut steps = Counter(0);
    saved.restore("model", &mut trainer.gpt)?;
    saved.restore("optimizer", &mut trainer.optimizer)?;
    saved.restore("generator", &mut trainer.generator)?;
    saved.restore("steps", &mut steps)?;
    saved.finish()?;
    trainer.steps = steps.0;
    Ok(())
}

/// A model to write with.
pub(crate) struct Writer {
    pub(crate) size: Size,
    pub(crate) gpt: Gpt<f32>,
    /// What its numbers stand for.
    pub(crate) characters: Vec<char>,
}

/// The model in a file.
pub(crate) fn load(path: &Path) -> Result<Writer, Box<dyn Error>> {
    let mut saved = Saved::read(path)?;
    let (size, characters) = header(&mut saved)?;
    let mut gpt = Gpt::new(size, &mut Generator::new(0));
    saved.restore("model", &mut gpt)?;
    Ok(Writer {
        size,
        gpt,
        characters,
    })
}

/// What has to be known before the rest can be read.
fn header(saved: &mut Saved) -> Result<(Size, Vec<char>), Box<dyn Error>> {
    let mut numbers = Numbers(vec![0; 5]);
    saved.restore("size", &mut numbers)?;
    let [layers, heads, channels, tokens, symbols] = numbers.0[..] else {
        return Err("a size of five numbers".into());
    };
    // What a damaged file says is not what memory is set up for.
    let reasonable = |n: u64| (1..=65_536).contains(&n);
    if ![layers, heads, channels, tokens, symbols]
        .into_iter()
        .all(reasonable)
        || channels % heads != 0
    {
        return Err(format!("no model has the size {:?}", numbers.0).into());
    }
    let size = Size {
        layers: layers as usize,
        heads: heads as usize,
        channels: channels as usize,
        tokens: tokens as usize,
        symbols: symbols as usize,
    };
    let mut codes = Numbers(vec![0; size.symbols]);
    saved.restore("characters", &mut codes)?;
    let character = |&code: &u64| u32::try_from(code).ok().and_then(char::from_u32);
    let characters: Option<Vec<char>> = codes.0.iter().map(character).collect();
    Ok((
        size,
        characters.ok_or("the characters of the file are none")?,
    ))
}
