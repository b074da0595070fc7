//! The error index has an entry for each message, and none besides.

use std::collections::BTreeMap;

use crate::book::chapters;
use crate::messages;

/// The entries: the message of each, and what stands below it.
pub(crate) fn entries() -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for (path, text) in chapters() {
        if !path.parent().is_some_and(|p| p.ends_with("errors")) {
            continue;
        }
        for part in text.split("\n### ").skip(1) {
            let (message, body) = part.split_once('\n').unwrap_or((part, ""));
            let twice = map.insert(message.to_owned(), body.to_owned());
            assert!(
                twice.is_none(),
                "{}: `{message}` stands twice",
                path.display()
            );
        }
    }
    map
}

#[test]
fn every_message_has_an_entry_and_every_entry_a_message() {
    let entries = entries();
    let mut messages = messages::all();
    messages.extend(messages::OF_RUSTC.map(str::to_owned));
    let missing: Vec<&str> = messages
        .iter()
        .filter(|m| !entries.contains_key(*m))
        .map(String::as_str)
        .collect();
    let stale: Vec<&str> = entries
        .keys()
        .filter(|e| !messages.contains(*e))
        .map(String::as_str)
        .collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "Write an entry below docs/src/errors for these messages, as `### message`:\n{}\nand strike or reword these entries, which no message has:\n{}",
        missing.join("\n"),
        stale.join("\n")
    );
}

#[test]
fn every_entry_has_a_cause_and_a_cure() {
    for (message, body) in entries() {
        for part in ["*Cause.* ", "*Cure.* "] {
            assert_eq!(body.matches(part).count(), 1, "{part}of `{message}`");
        }
    }
}
