//! In which words? Labels of ids, numbers, sums, and the fixed claim of a finding, the same on the
//! terminal, on the page and in exports.

use super::mask;
use crate::assemble::chains::Held;
use crate::assemble::{CaseFinding, Funnel, Translated};
use crate::model::*;
use crate::rulebook::Rulebook;
use crate::rulebook::sellers::Relation;

pub use crate::assemble::word;

/// `1234567` as `1,234,567`.
pub fn count(number: usize) -> String {
    thousands(&number.to_string())
}

/// Digits in groups of three, decimals and sign kept.
pub fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// `CNY 38,500.00`.
pub fn money(money: &Money) -> String {
    format!("{} {}", money.currency, thousands(&crate::wire::amount(&money.amount)))
}

/// A number and its noun: `1 finding`, `2 findings`.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Label of a value of one of the contract's enums or ids.
pub fn label(kind: &str, id: &str, rules: &Rulebook) -> String {
    rules.report.words.label(kind, id)
}

/// A brand's or company's name as people write it.
pub fn brand(key: &str, rules: &Rulebook) -> String {
    if let Some(brand) = rules.brands.by_key(key) {
        return brand.name.clone();
    }
    let mut chars = key.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect::<String>().replace('_', " "))
}

/// By whose word an organisation is what to the maker; a name that is only alike says so.
pub fn relation_word(relation: &Relation, held: Held, rules: &Rulebook) -> String {
    let said = format!("{} {}", label("said_by", &word(&relation.said_by()), rules), label("relation", &word(&relation.kind), rules));
    match held {
        Held::Same => said,
        Held::Possible => format!("{} {said}", label("relation", "possible", rules)),
    }
}

/// A relation in one line: by whose word, since when, where, and the source.
pub fn relation(relation: &Relation, held: Held, rules: &Rulebook) -> String {
    let given = [
        ("through", &relation.via),
        ("since", &relation.from),
        ("until", &relation.to),
        ("as of", &relation.as_of),
        ("in", &relation.territory),
    ];
    let given: Vec<String> = given.iter().filter(|(_, value)| !value.is_empty()).map(|(words, value)| format!("{words} {value}")).collect();
    let said = relation_word(relation, held, rules);
    let said = if given.is_empty() { said } else { format!("{said} ({})", given.join(", ")) };
    let url = Some(relation.url.clone()).filter(|url| !url.is_empty());
    [said, relation.source.clone()].into_iter().chain(url).collect::<Vec<_>>().join(", ")
}

/// Whose product: brand and product.
pub fn subject(finding: &Finding, rules: &Rulebook) -> String {
    let brand = brand(&finding.brand, rules);
    match &finding.product {
        Some(product) if product.to_lowercase().starts_with(&brand.to_lowercase()) => product.clone(),
        Some(product) => format!("{brand} {product}"),
        None => brand,
    }
}

/// The fixed sentence of a finding: that of the rulebook, else the label of its usage; persons withheld.
pub fn sentence(finding: &Finding, rules: &Rulebook) -> String {
    let plain = finding.sentence.trim().trim_end_matches('.');
    if plain.is_empty() {
        return label("usage", &word(&finding.usage), rules);
    }
    let parties = [&finding.buyer, &finding.supplier].into_iter().flatten();
    let open = parties.fold(plain.to_string(), |text, name| text.replace(name.as_str(), &mask::party(name, &rules.report.masks)));
    mask::text(&open, &rules.report.masks)
}

/// The claim: the sentence, with whose product it is before it where it does not name it itself.
pub fn claim(finding: &Finding, rules: &Rulebook) -> (Option<String>, String) {
    let sentence = sentence(finding, rules);
    let own = |name: &str| sentence.to_lowercase().contains(&name.to_lowercase());
    let named = own(&brand(&finding.brand, rules)) || finding.product.as_deref().is_some_and(own);
    ((!named).then(|| subject(finding, rules)), sentence)
}

/// Quantity, if one is given.
pub fn quantity(finding: &Finding) -> Option<String> {
    finding.quantity.as_ref().map(|q| thousands(&q.normalize().to_string()))
}

/// The amount with what it is the amount of.
pub fn amount(finding: &Finding, rules: &Rulebook) -> Option<String> {
    let basis = finding.amount_basis.map(|b| label("basis", &word(&b), rules));
    finding.amount.as_ref().map(|m| format!("{} {}", money(m), basis.unwrap_or_default()).trim_end().to_string())
}

/// Raised against every finding, until a person has read it.
const UNREAD: &str = "unreviewed";

/// What can be raised against it, the gravest first.
pub fn objections(finding: &CaseFinding) -> impl Iterator<Item = &str> {
    let is_read = finding.verdict.is_some();
    finding.objections.iter().map(String::as_str).filter(move |id| !is_read || *id != UNREAD)
}

/// The gravest objection, if any can be raised.
pub fn objection(finding: &CaseFinding, rules: &Rulebook) -> Option<String> {
    objections(finding).next().map(|id| label("objection", id, rules))
}

/// What is missing before print, in words.
pub fn missing(finding: &CaseFinding, rules: &Rulebook) -> Vec<String> {
    finding.missing.iter().map(|id| label("missing", id, rules)).collect()
}

/// `unreviewed lead`, or what a reader said.
pub fn verdict(finding: &CaseFinding, rules: &Rulebook) -> String {
    let id = finding.verdict.map_or_else(|| "unreviewed".to_string(), |v| word(&v));
    label("review", &id, rules)
}

/// The buyer as shown, persons withheld.
pub fn buyer(finding: &CaseFinding, rules: &Rulebook) -> Option<String> {
    finding.finding.buyer.as_ref().map(|b| mask::party(b, &rules.report.masks))
}

/// The seller as shown, persons withheld.
pub fn supplier(finding: &CaseFinding, rules: &Rulebook) -> Option<String> {
    finding.finding.supplier.as_ref().map(|s| mask::party(s, &rules.report.masks))
}

/// A shown name in English, by the glossary and its sound; None where it is not Chinese.
pub fn gloss(shown: &str, rules: &Rulebook) -> Option<String> {
    super::gloss::name(shown, rules)
}

/// What stands beside a Chinese text for a reader without Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum English {
    Human(Translated),
    /// The words of it that the glossary knows: no translation.
    MachineGloss(String),
}

/// A person's translation of a text of the finding, contacts withheld.
pub fn translation(finding: &CaseFinding, of: &str, rules: &Rulebook) -> Option<Translated> {
    let made = finding.translations.get(of)?;
    Some(Translated { text: mask::text(&made.text, &rules.report.masks), on: made.on.clone() })
}

/// The translation, else what a machine can say of it.
pub fn english(finding: &CaseFinding, of: &str, rules: &Rulebook) -> Option<English> {
    let human = translation(finding, of, rules).map(English::Human);
    human.or_else(|| sentence_gloss(of, rules).map(English::MachineGloss))
}

/// The words of a sentence that the glossary knows.
pub fn sentence_gloss(of: &str, rules: &Rulebook) -> Option<String> {
    super::gloss::sentence(&one_line(&mask::text(of, &rules.report.masks)), rules)
}

/// Buyer and seller in English, for a reader without Chinese.
pub fn parties_gloss(finding: &CaseFinding, rules: &Rulebook) -> Option<String> {
    let of = |role: &str, name: Option<String>| name.and_then(|n| gloss(&n, rules)).map(|said| format!("{role} {said}"));
    let parts: Vec<String> = [of("buyer", buyer(finding, rules)), of("seller", supplier(finding, rules))].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// The funnel in one line: `40,000 files → 31,200 notices → …; 14 findings in all, 0 reviewed`.
/// The findings are no step of it: many are of tenders.
pub fn funnel(funnel: &Funnel, files: Option<usize>) -> String {
    let mut steps: Vec<String> = files.map(|n| counted(n, "file", "files")).into_iter().collect();
    steps.push(counted(funnel.distinct, "notice", "different notices"));
    steps.push(counted(funnel.named_items, "award that can name a product", "awards that can name a product"));
    let findings = counted(funnel.findings, "finding", "findings");
    format!("{}; {findings} in all, {} reviewed", steps.join(" → "), count(funnel.reviewed()))
}

/// The steps of the funnel as (label, explanation, number), the files before them if counted.
pub fn steps(funnel: &Funnel, files: Option<usize>, rules: &Rulebook) -> Vec<(String, String, usize)> {
    let given = files.map(|n| ("files", n));
    let step = |(id, n): (&str, usize)| (label("step", id, rules), rules.report.words.text("step", id).to_string(), n);
    given.into_iter().chain(funnel.steps()).map(step).collect()
}

/// The strongest findings, at most `most`, one a contracting process.
pub fn strongest(findings: &[CaseFinding], most: usize) -> Vec<&CaseFinding> {
    let mut seen = std::collections::BTreeSet::new();
    findings.iter().filter(|f| f.counted && seen.insert(f.process.as_str())).take(most).collect()
}

/// Text on one line, white space squeezed: tabs between cells become a thin bar.
pub fn one_line(text: &str) -> String {
    let cells: Vec<String> =
        text.split(['\t', '\n']).map(|c| c.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|c| !c.is_empty()).collect();
    cells.join(" │ ")
}

/// At most `most` characters, an ellipsis where more stood.
pub fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, shown) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.50", "-1,234,567.50")] {
            assert_eq!(thousands(number), shown);
        }
    }
}
