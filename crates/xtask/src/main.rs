//! Checks of the repository itself. `cargo run -p xtask -- tidy` prints what is untidy and fails.

fn main() {}
