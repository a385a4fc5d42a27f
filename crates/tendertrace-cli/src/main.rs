//! The program `tendertrace`: command line in, exit status out. Each command is one file of
//! `commands/`; this file only parses, dispatches, and turns outcomes into exit codes.

mod collect;
mod commands;
mod context;
mod fence;
mod serve;
mod store;

use clap::{CommandFactory as _, Parser};
use std::process::ExitCode;

/// Public notices in, evidenced findings out: who bought whose product from whom, what for.
#[derive(Parser)]
#[command(name = "tendertrace", version, propagate_version = true, max_term_width = 100)]
struct Program {
    /// A folder of your own rules, laid over the built-in rulebook (adds to and overrides it by id).
    #[arg(long, global = true, value_name = "DIR")]
    rulebook: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: commands::Command,
}

/// How a command ended, as the contract's exit codes say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0
    Done,
    /// 1: nothing found (`ask`, `screen`, `compare`, `examine` only).
    NothingFound,
    /// 2: something could not be done, whatever else was.
    Incomplete,
}

fn main() -> ExitCode {
    let program = Program::parse();
    match commands::run(program.command, program.rulebook.as_deref(), Program::command()) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(2),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tendertrace: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// `tendertrace examine … | head` ends the reader first; that is no failure of ours.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}
