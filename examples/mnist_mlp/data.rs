//! Images of digits: MNIST from its files, or the small digits that come with the example beside, enlarged.

use std::path::Path;

use backprop::data::{DataError, Idx, Table};
use backprop::init::Generator;

/// The side of an image, and its pixels.
pub(crate) const SIDE: usize = 28;
pub(crate) const PIXELS: usize = SIDE * SIDE;
/// Digits to tell apart.
pub(crate) const CLASSES: usize = 10;

/// The files of MNIST's test half.
const IMAGES: &str = "t10k-images-idx3-ubyte";
const LABELS: &str = "t10k-labels-idx1-ubyte";
/// The share of images that is for learning; the others, the last ones, are for the test.
const LEARN: f64 = 0.9;

/// The digits that come along: their side, and their darkest pixel.
const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/digits.csv");
const SMALL_SIDE: usize = 8;
const SMALL_INK: f32 = 16.0;

/// Images and what they show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digits {
    /// 784 pixels from 0 to 1 for each image, row by row.
    pub(crate) pixels: Vec<f32>,
    pub(crate) labels: Vec<usize>,
}

impl Digits {
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn image(&self, i: usize) -> &[f32] {
        &self.pixels[i * PIXELS..][..PIXELS]
    }

    /// Reads 10,000 images from a folder with MNIST's files, compressed or not.
    pub(crate) fn mnist(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let plain = folder.join(name);
            let path = if plain.exists() {
                plain
            } else {
                folder.join(format!("{name}.gz"))
            };
            Idx::read(path).map_err(|error| error.to_string())
        };
        let (images, labels) = (read(IMAGES)?, read(LABELS)?);
        let name = folder.display();
        if images.shape().get(1..) != Some(&[SIDE, SIDE]) {
            return Err(format!(
                "{name}: the images have shape {:?}, and should be {SIDE}x{SIDE}",
                images.shape()
            ));
        }
        let labels = labels
            .labels()
            .ok_or_else(|| format!("{name}: the labels are not bytes"))?;
        if labels.len() != images.samples() {
            return Err(format!(
                "{name}: {} images and {} labels",
                images.samples(),
                labels.len()
            ));
        }
        if let Some(label) = labels.iter().find(|label| **label >= CLASSES) {
            return Err(format!("{name}: the label {label} is not a digit"));
        }
        Ok(Digits {
            pixels: images.scaled(1.0 / 255.0),
            labels,
        })
    }

    /// The small digits, each pixel of which becomes several.
    pub(crate) fn small() -> Result<Self, DataError> {
        let table = Table::<f32>::read(SMALL)?;
        let mut digits = Digits::default();
        for row in (0..table.rows()).map(|i| table.row(i)) {
            let place = |x: usize| x * SMALL_SIDE / SIDE;
            for y in 0..SIDE {
                let line = &row[place(y) * SMALL_SIDE..][..SMALL_SIDE];
                digits
                    .pixels
                    .extend((0..SIDE).map(|x| line[place(x)] / SMALL_INK));
            }
            digits.labels.push(row[SMALL_SIDE * SMALL_SIDE] as usize);
        }
        Ok(digits)
    }

    /// Images to learn from, and those for the test.
    pub(crate) fn split(mut self) -> (Self, Self) {
        let n = (self.len() as f64 * LEARN).round() as usize;
        let test = Digits {
            pixels: self.pixels.split_off(n * PIXELS),
            labels: self.labels.split_off(n),
        };
        (self, test)
    }
}

/// Puts an image into a place of a batch, moved by up to so many pixels in both directions. A digit that is moved is the same digit: so there are many times as
/// many to learn from.
pub(crate) fn moved(image: &[f32], most: usize, generator: &mut Generator, into: &mut [f32]) {
    let mut shift = || (generator.uniform() * (2 * most + 1) as f64) as usize;
    let (down, right) = (shift(), shift());
    for y in 0..SIDE {
        for x in 0..SIDE {
            // Outside of the image is paper.
            let from = (
                (y + down).wrapping_sub(most),
                (x + right).wrapping_sub(most),
            );
            into[y * SIDE + x] = if from.0 < SIDE && from.1 < SIDE {
                image[from.0 * SIDE + from.1]
            } else {
                0.0
            };
        }
    }
}
