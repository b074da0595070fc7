//! Only tests: see `tests/zoo.rs`.
