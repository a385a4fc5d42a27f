//! `tendertrace serve CASE`: the web desk. On loopback for whoever sits at this machine; beyond it only
//! with a token, for a team behind its own proxy.

use crate::serve::{self, Access, Desk};
use crate::{Outcome, context};
use anyhow::bail;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub case: context::CaseArg,
    /// Port on this machine; 0 takes any free one.
    #[arg(long, default_value = "4750")]
    pub port: u16,
    /// Listen beyond this machine, on this address. Needs a token; confidential captures are not shown.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<IpAddr>,
    /// A secret of at least 16 characters that every visitor must show; better in TENDERTRACE_TOKEN, since
    /// command lines are seen by other users of the machine.
    #[arg(long)]
    pub token: Option<String>,
}

/// A token shorter than this can be guessed.
const SHORTEST: usize = 16;

pub fn run(args: Args, own_rules: Option<&Path>) -> anyhow::Result<Outcome> {
    let token = args.token.or_else(|| std::env::var("TENDERTRACE_TOKEN").ok()).filter(|token| !token.is_empty());
    let address = args.listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let access = match token {
        Some(token) if token.len() < SHORTEST || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) => {
            bail!("the token must have at least {SHORTEST} letters, digits, - or _")
        }
        Some(token) => Access::Team(token),
        None if address.is_loopback() => Access::Owner,
        None => bail!("--listen {address} would show the case to others: give a --token, and put a proxy with TLS before it"),
    };
    let rules = context::rulebook_of(args.case.folder()?, own_rules)?;
    let desk = Desk::open(args.case.folder()?.to_path_buf(), own_rules.map(Path::to_path_buf), rules, access)?;
    serve::serve(desk, SocketAddr::new(address, args.port), |address| {
        println!("The desk is open at http://{address}/ – end it with Ctrl+C.");
    })?;
    Ok(Outcome::Done)
}
