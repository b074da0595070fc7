//! Files that are there whole or not at all.
//!
//! What is written goes to a file beside, is forced to the disk, and takes the name of the old file at once: whenever the program or the machine stops, one of
//! the two is there.

use alloc::format;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart what several threads write at once.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Puts `bytes` in the place of the file, if there is one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path)?;
    let written = fill(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It may never have come to be; the first error is the one that matters.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(path)
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name of our own in the same folder, since only there a rename is one step.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    hidden.push(format!(".{}-{number}.part", process::id()));
    Ok(path.with_file_name(hidden))
}

/// The new name, too, has to reach the disk. Elsewhere than on Unix folders cannot be opened, and systems see to it themselves.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
