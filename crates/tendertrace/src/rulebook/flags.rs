//! Which sentences of a notice make an awarded brand worth a second look? `rulebook/flags.toml`.

use super::raw::{Files, Problem};
use crate::script::Folder;
use regex::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagsFile {
    flag: Vec<RawFlag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFlag {
    id: String,
    says: String,
    unless: String,
    not_from: Vec<String>,
    objection: String,
    yes: String,
    no: String,
}

/// One flag: what the notice must say, and what it must not say beside it.
pub struct FlagRule {
    pub id: String,
    /// On squeezed text.
    pub says: Regex,
    pub unless: Regex,
    /// Countries whose brands are not flagged.
    pub not_from: Vec<String>,
    /// Raised against every finding that bears the flag.
    pub objection: String,
}

/// Loads `flags.toml`; a rule whose own examples fail is a problem.
pub fn load(files: &Files, folder: &Folder, problems: &mut Vec<Problem>) -> Vec<FlagRule> {
    let Some(row) = files.toml::<FlagsFile>("flags", problems).pop() else { return Vec::new() };
    let at = row.problem("", "");
    let mut rules = Vec::new();
    for raw in row.value.flag {
        let compiled = Regex::new(&raw.says).and_then(|says| Ok((says, Regex::new(&raw.unless)?)));
        let (says, unless) = match compiled {
            Ok(compiled) => compiled,
            Err(error) => {
                problems.push(Problem { message: error.to_string(), ..at.clone() });
                continue;
            }
        };
        let rule = FlagRule { id: raw.id, says, unless, not_from: raw.not_from, objection: raw.objection };
        let (yes, no) = (folder.squeeze(&raw.yes).text, folder.squeeze(&raw.no).text);
        if !rule.holds(&yes) || rule.holds(&no) {
            problems.push(Problem { message: format!("the examples of flag {} do not hold", rule.id), ..at.clone() });
        }
        rules.push(rule);
    }
    rules
}

impl FlagRule {
    /// Whether a squeezed line says it and nothing against it.
    pub fn holds(&self, line: &str) -> bool {
        self.says.is_match(line) && !self.unless.is_match(line)
    }
}
