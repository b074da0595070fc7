# The commands of every day. `just --list` shows them.

# What the README says, and nothing else.
test:
    cargo test --workspace

# What the compiler says to mistakes: compares with the texts under tests/ui.
ui:
    cargo test --test ui

# Takes the present messages and snapshots as the right ones. Read the difference before committing it.
bless:
    TRYBUILD=overwrite cargo test --test ui
    BLESS=1 cargo test -p backprop-macros

# Formatting and lints.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Generated against hand-written gradients, then times of all gradients, then the compiler's own cost.
bench:
    cargo bench --bench ratios
    cargo bench --bench gradients
    cargo bench --bench math
    cargo bench --bench kernels
    cargo bench --bench nn
    cargo bench -p backprop-expansion

# So many random programs, with a seed: gradients against dual numbers. What fails is made smaller and saved.
fuzz programs="500" seed="1":
    cargo run --release -p backprop-programs -- --programs {{ programs }} --seed {{ seed }}

# One mistake at a time in the compiler: a test has to fail. Half a minute to a few minutes for each; with a text, those with it in their line.
mutations text="":
    tests/mutations/run {{ text }}

# The zoo without one optimisation at a time, or without those named: `cse,keep`. A minute or two for each.
without *names:
    tests/audit/without {{ names }}

# The compiler on every function of the dependencies' sources, or of those in folders: what it accepts, what refuses the rest.
real-code *folders:
    cargo run --release -p backprop-expansion --bin real-code -- {{ folders }}

# The field's benchmark, with its data in a folder.
adbench data *options:
    cargo bench --bench adbench -- --data {{ data }} {{ options }}

# The documentation, as a browser shows it.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --open

# The main job: a network learns to read digits.
digits *options:
    cargo run --release --example digits -- {{ options }}

# Everything that has to hold before a change is taken.
ci:
    .ci/run
