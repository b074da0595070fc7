//! What users are told: each mistake has a folder, each case the compiler's whole answer beside it.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the answers anew; they are then read as prose before they are kept.

use std::path::Path;
use std::{fs, io};

/// Every refusal as rustc prints it, and in `pass` what must compile without a word.
#[test]
fn mistakes_are_explained() -> io::Result<()> {
    let cases = trybuild::TestCases::new();
    let root = Path::new("tests/ui");
    let mut folders: Vec<_> = fs::read_dir(root)?.collect::<io::Result<Vec<_>>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    for folder in folders {
        let files = folder.path().join("*.rs");
        if folder.file_name() == "pass" {
            cases.pass(files)
        } else {
            cases.compile_fail(files)
        }
    }
    Ok(())
}
