//! Which day does the text mean? Dates in any way the rulebook knows, as ISO `YYYY-MM-DD`, and the
//! notice's own dates from its labels.

use super::Layout;
use super::pairs::Pair;
use crate::evidence::Sourced;
use crate::model::{CaptureHead, Dates, EventBasis, EventDate, Stage};
use crate::rulebook::Rulebook;
use crate::rulebook::layout::DateForm;

/// A date found in a text; offsets of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub iso: String,
    pub start: usize,
    pub end: usize,
}

/// The first date of a text.
pub fn first(text: &str, rules: &Rulebook) -> Option<Found> {
    all(text, rules).into_iter().next()
}

/// All dates of a text, in order; of overlapping readings the first and longest.
pub fn all(text: &str, rules: &Rulebook) -> Vec<Found> {
    let folded = rules.folder.fold(text);
    let mut found: Vec<Found> = Vec::new();
    for form in &rules.layout.dates {
        for groups in form.regex.captures_iter(&folded.text) {
            if let (Some(iso), Some(year), Some(day)) = (iso(&groups, form, rules), groups.name("y"), groups.name("d")) {
                let whole = groups.get(0).map_or(day.end(), |m| m.end());
                // The day's own word belongs to the date, a following separator does not.
                let end = if folded.text[day.end()..whole].chars().any(char::is_alphabetic) { whole } else { day.end() };
                let (start, end) = folded.source_range(year.start(), end);
                found.push(Found { iso, start, end });
            }
        }
    }
    found.sort_by_key(|date| (date.start, std::cmp::Reverse(date.end)));
    let mut until = 0;
    found.retain(|date| {
        let free = date.start >= until;
        until = until.max(date.end);
        free
    });
    found
}

/// The notice's dates by their labels.
pub fn dates(layout: &Layout<'_>, rules: &Rulebook) -> Dates {
    Dates {
        published: of(layout, "published", rules),
        awarded: of(layout, "awarded", rules),
        signed: of(layout, "signed", rules),
        deadline: of(layout, "deadline", rules),
    }
}

/// The date that lists and rules are tested against: the award's own, the signature, the
/// publication, and last what the collector says.
pub fn event_date(stage: Option<Stage>, dates: &Dates, capture: &CaptureHead, rules: &Rulebook) -> Option<EventDate> {
    let own = |date: &Option<Sourced<String>>, basis| date.as_ref().map(|date| EventDate { value: date.value.clone(), basis });
    let awarded = || own(&dates.awarded, EventBasis::Awarded);
    let signed = || own(&dates.signed, EventBasis::Signed);
    let published = || own(&dates.published, EventBasis::Published);
    let captured = || {
        let date = first(capture.published.as_deref()?, rules)?;
        Some(EventDate { value: date.iso, basis: EventBasis::CapturePublished })
    };
    match stage {
        Some(Stage::Award | Stage::Contract | Stage::Acceptance) => awarded().or_else(signed).or_else(published).or_else(captured),
        _ => published().or_else(captured),
    }
}

fn of(layout: &Layout<'_>, field: &str, rules: &Rulebook) -> Option<Sourced<String>> {
    layout.of_field(field).find_map(|pair| date_of(layout, pair, rules))
}

/// The first date of a pair's value.
pub fn date_of(layout: &Layout<'_>, pair: &Pair, rules: &Rulebook) -> Option<Sourced<String>> {
    let value = layout.document.slice(pair.value);
    let date = first(value, rules)?;
    let at = layout.document.span(pair.value.start + date.start, pair.value.start + date.end);
    Some(Sourced { value: date.iso, raw: layout.document.slice(at).to_string(), at, rule: pair.rule.clone() })
}

fn iso(groups: &regex::Captures<'_>, form: &DateForm, rules: &Rulebook) -> Option<String> {
    let part = |name: &str| groups.name(name).and_then(|m| number(m.as_str(), name == "y", rules));
    let (year, month, day) = (part("y")? + form.plus, part("m")?, part("d")?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let last = *days.get(usize::try_from(month - 1).ok()?)?;
    ((1980..=2100).contains(&year) && (1..=last).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// Digits, or Chinese numerals: by place in a year (二〇一七), by value in a day (二十一).
fn number(written: &str, by_place: bool, rules: &Rulebook) -> Option<i32> {
    if let Ok(number) = written.parse() {
        return Some(number);
    }
    let mut total = 0;
    for c in written.chars() {
        let digit = *rules.layout.date_digits.get(&c)? as i32;
        total = match (by_place, digit) {
            (true, _) => total * 10 + digit,
            (false, 10) if total == 0 => 10,
            (false, 10) => total * 10,
            (false, _) => total + digit,
        };
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_every_form_hold() {
        let rules = Rulebook::embedded();
        for form in &rules.layout.dates {
            let found: Vec<_> = all(&form.yes.0, &rules).into_iter().map(|date| date.iso).collect();
            assert_eq!(found, [form.yes.1.clone()], "{}", form.id);
            let folded = rules.folder.fold(&form.no).text;
            assert!(form.regex.captures(&folded).and_then(|g| iso(&g, form, &rules)).is_none(), "{}: {}", form.id, form.no);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_no_dates() {
        let rules = Rulebook::embedded();
        assert_eq!(first("2021年2月30日", &rules), None);
        assert_eq!(first("2021年13月3日", &rules), None);
        assert_eq!(first("自2021年2月28日起", &rules).map(|d| d.start), Some("自".len()));
    }
}
