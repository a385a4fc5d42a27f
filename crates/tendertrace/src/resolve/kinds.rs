//! What kind of body is this name: police, court, company …? By the rulebook's patterns; a name
//! that no pattern knows has no kind.

use crate::evidence::{Derived, Sourced};
use crate::rulebook::Rulebook;
use crate::rulebook::parties::KindRule;

/// The rule that tells the kind of `name`.
pub fn kind_rule<'a>(name: &str, rules: &'a Rulebook) -> Option<&'a KindRule> {
    rules.parties.kind_of(&rules.folder.squeeze(name).text).or_else(|| rules.kind_words.kind_of(name))
}

/// Kind of a party of a notice, concluded from its name.
pub fn kind_of(party: &Sourced<String>, rules: &Rulebook) -> Option<Derived<String>> {
    let rule = kind_rule(&party.value, rules)?;
    Some(Derived { value: rule.kind.clone(), derived_from: vec![party.quote()], rule: rule.id.clone() })
}
