//! `tendertrace completions SHELL`: the shell's completion script on stdout.

use crate::Outcome;

#[derive(clap::Args)]
pub struct Args {
    /// bash, zsh, fish, elvish or powershell.
    shell: clap_complete::Shell,
}

pub fn run(args: &Args, mut command: clap::Command) -> anyhow::Result<Outcome> {
    clap_complete::generate(args.shell, &mut command, "tendertrace", &mut std::io::stdout());
    Ok(Outcome::Done)
}
