//! The program `tendertrace`.

fn main() {}
