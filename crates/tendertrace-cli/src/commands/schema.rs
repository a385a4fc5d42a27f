//! `tendertrace schema [NAME]`: the JSON Schema of what goes in and comes out.

use crate::Outcome;
use std::io::Write as _;
use tendertrace::wire;

#[derive(clap::Args)]
pub struct Args {
    /// capture, examination, document, screening or comparison; all of them without a name.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(wire::SCHEMAS.map(|(name, _)| name)))]
    name: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    let chosen = wire::SCHEMAS.iter().filter(|(name, _)| args.name.as_deref().is_none_or(|n| n == *name));
    for (_, schema) in chosen {
        writeln!(out, "{}", schema.trim_end())?;
    }
    Ok(Outcome::Done)
}
