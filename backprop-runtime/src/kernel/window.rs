//! Windows that slide over pictures: where they stand, and what is outside.

/// Pictures and the windows that slide over them.
///
/// A batch of pictures is samples×channels×height×width, its rows one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Pictures in the batch.
    pub samples: usize,
    /// Channels of each picture.
    pub channels: usize,
    /// Height and width of the pictures.
    pub size: [usize; 2],
    /// Height and width of the windows.
    pub window: [usize; 2],
    /// How far a window is from the next, downwards and across.
    pub stride: [usize; 2],
    /// So many rows above and below, and columns at either side, are outside the picture and count.
    pub padding: [usize; 2],
}

impl crate::__private::Inactive for Windows {}

impl Windows {
    /// Windows beside each other without padding: `stride` is `window`.
    pub const fn tiles(
        samples: usize,
        channels: usize,
        size: [usize; 2],
        window: [usize; 2],
    ) -> Self {
        Windows {
            samples,
            channels,
            size,
            window,
            stride: window,
            padding: [0, 0],
        }
    }

    /// How many windows there are, downwards and across: (size + 2·padding − window)/stride + 1, rounded down.
    ///
    /// # Panics
    /// If a window is larger than the padded picture, or a stride is 0.
    #[track_caller]
    pub const fn count(&self) -> [usize; 2] {
        [self.along(0), self.along(1)]
    }

    #[track_caller]
    const fn along(&self, d: usize) -> usize {
        let padded = self.size[d] + 2 * self.padding[d];
        assert!(
            self.window[d] <= padded && self.stride[d] > 0 && self.window[d] > 0,
            "windows: each is at least 1, at most the padded picture, and moves on"
        );
        (padded - self.window[d]) / self.stride[d] + 1
    }

    /// For the window at `i` in direction `d`: the first of its places inside the picture, one past the last, and where in the picture the first is.
    #[inline(always)]
    pub(super) fn inside(&self, d: usize, i: usize) -> (usize, usize, usize) {
        let start = i * self.stride[d];
        let first = self.padding[d].saturating_sub(start);
        let end = (self.size[d] + self.padding[d]).saturating_sub(start);
        let end = if end < self.window[d] {
            end
        } else {
            self.window[d]
        };
        (first, end, (start + first).saturating_sub(self.padding[d]))
    }

    /// The elements of a picture's channel.
    #[inline(always)]
    pub(super) fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }
}
