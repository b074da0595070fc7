//! Pictures: tiles of grey or coloured pixels side by side, as a PNG file.
//!
//! The file is written here, without compression (W3C, Portable Network Graphics, 3rd edition; RFC 1950 and 1951 for the stream inside).

use std::path::Path;
use std::{fs, io};

/// Space between tiles, and the size of a pixel of a tile in the picture.
const GAP: usize = 1;
const ZOOM: usize = 3;

/// A picture in red, green and blue.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Square tiles of so many pixels a side, `columns` in a row, each drawn by its colours.
    pub(crate) fn tiles(tiles: &[Vec<[u8; 3]>], side: usize, columns: usize) -> Self {
        let step = side * ZOOM + GAP;
        let rows = tiles.len().div_ceil(columns).max(1);
        let (width, height) = (columns * step + GAP, rows * step + GAP);
        let mut picture = Picture {
            width,
            height,
            rgb: vec![[96; 3]; width * height],
        };
        for (i, tile) in tiles.iter().enumerate() {
            let (left, top) = (GAP + i % columns * step, GAP + i / columns * step);
            for y in 0..side * ZOOM {
                for x in 0..side * ZOOM {
                    picture.rgb[(top + y) * width + left + x] = tile[y / ZOOM * side + x / ZOOM];
                }
            }
        }
        picture
    }

    /// Writes the file, and makes the folder where it is missing.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, self.png())
    }

    fn png(&self) -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        let [w, h] = [self.width, self.height].map(|x| (x as u32).to_be_bytes());
        // Eight bits a channel, three channels, and no interlacing.
        chunk(&mut out, b"IHDR", &[&w[..], &h, &[8, 2, 0, 0, 0]].concat());
        let mut rows = Vec::new();
        for row in self.rgb.chunks_exact(self.width) {
            rows.push(0); // no filter
            rows.extend(row.as_flattened());
        }
        chunk(&mut out, b"IDAT", &stored(&rows));
        chunk(&mut out, b"IEND", &[]);
        out
    }
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(data);
    let check = crc(&out[start..]);
    out.extend(check.to_be_bytes());
}

/// A zlib stream of blocks that are stored as they are.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.chunks(0xffff);
    let last = blocks.len() - 1;
    for (i, block) in blocks.enumerate() {
        let len = block.len() as u16;
        out.push(u8::from(i == last));
        out.extend(len.to_le_bytes());
        out.extend((!len).to_le_bytes());
        out.extend(block);
    }
    // Adler's checksum.
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), &x| {
        let a = (a + u32::from(x)) % 65521;
        (a, (b + a) % 65521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// CRC-32, bit by bit.
fn crc(data: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

/// Ink on paper: from 0, white, to 1, black.
pub(crate) fn ink(x: f32) -> [u8; 3] {
    [(255.0 * (1.0 - x.clamp(0.0, 1.0))) as u8; 3]
}

/// Weights: red for positive ones, blue for negative ones, white for 0. Full colour is at `most`.
pub(crate) fn weight(w: f32, most: f32) -> [u8; 3] {
    let share = (w / most.max(f32::MIN_POSITIVE)).clamp(-1.0, 1.0);
    let pale = (255.0 * (1.0 - share.abs())) as u8;
    if share > 0.0 {
        [255, pale, pale]
    } else {
        [pale, pale, 255]
    }
}
