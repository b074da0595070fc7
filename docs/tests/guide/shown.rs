//! Each message of the index is one that a mistake under `tests/ui` gets, and each of ours under `tests/ui` is in the index.

use crate::book::{files, read, root};
use crate::index;
use crate::messages::fits;

/// Messages for which there is no case: they guard against what an earlier stage should have refused, or only a nightly compiler gets
/// so far. Take a line out when a case gets its message.
const NOT_SHOWN: [&str; 17] = [
    "`try` blocks cannot be differentiated",
    "`yield` cannot be differentiated: other code runs in between",
    "`…` is read before it has a value on this path",
    "a closure handed to a function is not supported",
    "a closure is handed on as a value here, and what calls it could not be followed",
    "a value of this function could not be kept for its reverse sweep",
    "an exit inside a larger expression is not supported yet",
    "only functions called by their path can be differentiated",
    "the callee's rule writes this argument's gradient, and the caller has none for it",
    "the reverse of an `as` cast from `…` is not known",
    "this assigns to a value that no variable holds",
    "this expression is not in the language yet",
    "this iterates over something that is neither a slice nor an array",
    "this operator is not in the language",
    "this pattern is not in the language yet",
    "this pattern is not known to backprop",
    "this syntax is not known to backprop",
];

/// What rustc says besides, in words that are not ours.
const OF_RUSTC: [&str; 6] = [
    "key-value macro attributes are not supported",
    "expected expression, found `;`",
    "cannot find attribute `…` in this scope",
    "no rules expected keyword `let`",
    "const blocks cannot be used as patterns",
    "in expressions, `_` can only be used on the left-hand side of an assignment",
];

#[test]
fn entries_and_refusals_agree() {
    let entries = index::entries();
    let mut unseen: Vec<&str> = entries.keys().map(String::as_str).collect();
    let mut unknown = Vec::new();
    for path in files(&root().join("tests/ui"), "stderr") {
        for line in read(&path).lines().filter(|l| l.starts_with("error")) {
            let Some((head, message)) = line.split_once(": ") else {
                continue;
            };
            unseen.retain(|e| !fits(e, message));
            // With a code it is rustc's, unless the entry is about it.
            let known = OF_RUSTC.iter().any(|m| fits(m, message))
                || entries.keys().any(|e| fits(e, message));
            if head == "error" && !known {
                unknown.push(format!("{}: {message}", path.display()));
            }
        }
    }
    let shown: Vec<&str> = NOT_SHOWN
        .into_iter()
        .filter(|m| !unseen.contains(m))
        .collect();
    assert!(
        shown.is_empty(),
        "These have a case now, or are gone; take them out of the list:\n{}",
        shown.join("\n")
    );
    unseen.retain(|e| !NOT_SHOWN.contains(e));
    assert!(
        unknown.is_empty(),
        "These have no entry in the index:\n{}",
        unknown.join("\n")
    );
    assert!(
        unseen.is_empty(),
        "Write a mistake below tests/ui that gets these messages:\n{}",
        unseen.join("\n")
    );
}
