//! Which commands are there? One file a command: its arguments, and `run`.

mod examine;
mod read;
mod score;

use crate::Outcome;
use std::path::Path;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Print one JSON examination a line for every notice, without a case.
    Examine(examine::Args),
    /// Print the canonical text of a capture as the program sees it.
    Read(read::Args),
    /// Compare what comes out with hand labels: precision, recall, F1 per field, every miss.
    Score(score::Args),
}

pub fn run(command: Command, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    match command {
        Command::Examine(args) => examine::run(&args, own_rules),
        Command::Read(args) => read::run(&args, own_rules),
        Command::Score(args) => score::run(&args, own_rules),
    }
}
