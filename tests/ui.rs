//! What users are told: each mistake has a folder, each case the compiler's whole answer beside it.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the answers anew; they are then read as prose before they are kept.

/// Every refusal, as rustc prints it.
#[test]
fn mistakes_are_explained() {
    let t = trybuild::TestCases::new();
    t.compile_fail("tests/ui/*/*.rs");
}

/// What must compile without a word, under lints as strict as a user's may be.
#[test]
fn accepted_in_silence() {
    let t = trybuild::TestCases::new();
    t.pass("tests/ui/pass/*.rs");
}
