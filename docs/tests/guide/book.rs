//! The files of the guide, their headings, blocks and links.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder that end so, in order.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The chapters, with their text.
pub(crate) fn chapters() -> Vec<(PathBuf, String)> {
    files(&root().join("docs/src"), "md")
        .into_iter()
        .map(|path| {
            let text = read(&path);
            (path, text)
        })
        .collect()
}

/// A fenced block: its tag and its lines.
pub(crate) struct Block {
    pub(crate) tag: String,
    pub(crate) text: String,
}

pub(crate) fn blocks(chapter: &str) -> Vec<Block> {
    let mut list = Vec::new();
    let mut open: Option<Block> = None;
    for line in chapter.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => list.extend(open.take()),
            (Some(tag), None) => {
                open = Some(Block {
                    tag: tag.to_owned(),
                    text: String::new(),
                });
            }
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    list
}

/// What stands between `](` and `)`, outside of blocks.
fn links(chapter: &str) -> Vec<&str> {
    let mut inside = false;
    let mut list = Vec::new();
    for line in chapter.lines() {
        inside ^= line.starts_with("```");
        if !inside {
            let parts = line.split("](").skip(1);
            list.extend(parts.filter_map(|part| part.split_once(')').map(|(link, _)| link)));
        }
    }
    list
}

/// As mdBook names a heading.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

#[test]
fn every_block_is_tested() {
    let tested = read(&root().join("docs/lib.rs"));
    for (path, text) in chapters() {
        let mut rust = false;
        for block in blocks(&text) {
            match block.tag.as_str() {
                "rust" | "rust,compile_fail" | "rust,should_panic" => rust = true,
                "text" => {}
                tag => panic!("{}: a block of `{tag}`", path.display()),
            }
        }
        let src = root().join("docs");
        let name = path.strip_prefix(&src).expect("a file of the guide");
        assert!(
            !rust || tested.contains(&format!("include_str!(\"{}\")", name.display())),
            "{} is not named in docs/lib.rs, so its blocks are not tested",
            name.display()
        );
    }
}

#[test]
fn every_chapter_is_in_the_summary() {
    let src = root().join("docs/src");
    let summary = read(&src.join("SUMMARY.md"));
    let listed = links(&summary);
    for (path, _) in chapters() {
        let name = path.strip_prefix(&src).expect("a chapter");
        let name = name.to_str().expect("a name in UTF-8");
        assert!(
            name == "SUMMARY.md" || listed.contains(&name),
            "{name} is not in SUMMARY.md"
        );
    }
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in chapters() {
        for link in links(&text).into_iter().filter(|l| !l.starts_with("http")) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.with_file_name(file)
            };
            assert!(target.is_file(), "{}: {link}", path.display());
            let mut headings = part.is_empty() || {
                let text = read(&target);
                text.lines()
                    .any(|l| l.starts_with('#') && anchor(l) == part)
            };
            headings |= target.extension().is_some_and(|e| e == "svg");
            assert!(headings, "{}: {link}: no such heading", path.display());
        }
    }
}
