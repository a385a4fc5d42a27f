//! Which labels stand without a colon? Headings over labels, labels alone in their cell, joined to a value
//! by a word or a space, said in a clause of their own, or glued to a value of the right shape.

use super::{How, LONGEST_FUSED, LONGEST_JOINED, Mark, Scan, head};
use crate::extract::sections::Border;
use crate::extract::text::{is_org, values_like};
use crate::extract::values::amount;
use crate::rulebook::Rulebook;
use crate::rulebook::labels::{Phrase, Shape};

impl<'a> Scan<'a> {
    /// A label or heading that no colon follows.
    pub(super) fn uncoloned(&self, phrase: &'a Phrase, mark: Mark<'a>, end: usize, before: Border, numbered: bool) -> Option<Mark<'a>> {
        let after = self.borders.after(self.text, mark.label.1);
        let stands = before >= Border::Wide || numbered;
        let alone = stands && after >= Border::Wide;
        let before_label = self.label_follows(end);
        if phrase.section.is_some()
            && (numbered || before >= Border::Wide || before_label)
            && (alone || before_label || self.top_numbered(&mark))
        {
            let heading = phrase.labels.is_empty() || before_label || self.top_numbered(&mark);
            if heading {
                return Some(Mark { how: How::Heading, ..mark });
            }
        }
        if phrase.labels.is_empty() {
            return None;
        }
        if alone {
            return Some(Mark { how: How::Alone, ..mark });
        }
        let joined = self.joined(phrase, &mark, end, stands && after == Border::Space);
        joined.or_else(|| self.said(phrase, &mark, end, before)).or_else(|| self.fused(phrase, mark, end, after))
    }

    /// A label that a connecting word or a space joins to a value of the right shape.
    fn joined(&self, phrase: &'a Phrase, mark: &Mark<'a>, end: usize, spaced: bool) -> Option<Mark<'a>> {
        let after_word = self.connector_after(end, phrase).or_else(|| spaced.then_some(end))?;
        let value = self.source_after(after_word);
        let shape = phrase.labels[0].shape;
        let rest =
            head(&self.text[value..], LONGEST_JOINED).split(['\n', '\t', '|', '。', '；', '，', ',', ';', '、']).next().unwrap_or("");
        (values_like(shape, rest, self.rules)).then_some(Mark { how: How::Joined, after: value, ..mark.clone() })
    }

    /// `，预算金额60万元，`: a clause of a sentence that is a label and its sum and nothing else.
    fn said(&self, phrase: &'a Phrase, mark: &Mark<'a>, end: usize, before: Border) -> Option<Mark<'a>> {
        const SHORTEST: usize = 12;
        let sum = phrase.labels[0].shape == Shape::Amount && mark.label.1 - mark.label.0 >= SHORTEST && before >= Border::Mark;
        let from = self.source_after(end);
        let clause = head(&self.text[from..], LONGEST_JOINED).split(['，', '。', '；', '\n', '\t', '|']).next().unwrap_or("");
        let starts = clause.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '¥' | '￥'));
        (sum && starts && is_sum_with_unit(clause, self.rules)).then(|| Mark { how: How::Joined, after: from, ..mark.clone() })
    }

    /// A label glued to its value. A name must reach exactly to the next label; sums and dates are taken
    /// only behind a name that was told so.
    fn fused(&self, phrase: &'a Phrase, mark: Mark<'a>, end: usize, after: Border) -> Option<Mark<'a>> {
        let label = &self.squeezed.text[..end];
        let long = self.rules.layout.glued_label_ends.iter().any(|word| label.ends_with(word.as_str()));
        let rest = &self.text[self.source_after(end)..];
        let told = match phrase.labels[0].shape {
            Shape::Name => (long || after == Border::Space) && self.name_up_to_a_label(end),
            Shape::Amount => self.behind_fused(&mark) && rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '¥' | '￥')),
            Shape::Number => self.code_up_to_a_border(end),
            Shape::Date => {
                self.behind_fused(&mark) && crate::extract::dates::first(head(rest, 48), self.rules).is_some_and(|found| found.start == 0)
            }
            _ => false,
        };
        told.then(|| Mark { how: How::Fused, after: self.source_after(end), ..mark })
    }

    /// Whether an organisation's name fills the text from `end` to a label that comes soon.
    fn name_up_to_a_label(&self, end: usize) -> bool {
        let next = self.hits.partition_point(|hit| hit.0 <= end);
        let names = self.hits[next..].iter().map(|hit| hit.0).take_while(|start| start - end <= LONGEST_FUSED);
        names.map(|start| &self.squeezed.text[end..start]).any(|name| {
            name.chars().count() >= 4 && !name.contains(|c: char| c.is_ascii_digit() || "。,:;、".contains(c)) && is_org(name, self.rules)
        })
    }

    /// Whether a code of letters and digits fills the text from `end` to a border or the next label.
    fn code_up_to_a_border(&self, end: usize) -> bool {
        const SHORTEST: usize = 7;
        let rest = &self.squeezed.text[end..];
        let in_code = |c: char| c.is_ascii_alphanumeric() || "-_/[]()〔〕".contains(c);
        let length = rest.find(|c: char| !in_code(c)).unwrap_or(rest.len());
        let code = &rest[..length];
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        let stop = end + length;
        let numbered = || self.rules.layout.numbering_at_start.as_ref().is_some_and(|regex| regex.is_match(&self.squeezed.text[stop..]));
        let label_next = || self.hits.binary_search_by_key(&stop, |hit| hit.0).is_ok() || numbered();
        let (_, to) = self.squeezed.source_range(end, stop.max(end + 1).min(self.squeezed.text.len()));
        code.len() >= SHORTEST
            && digits >= 4
            && code.bytes().any(|b| b.is_ascii_alphabetic())
            && code.starts_with(|c: char| c.is_ascii_alphanumeric())
            && (self.borders.after(self.text, to) > Border::None || label_next())
    }

    fn behind_fused(&self, mark: &Mark<'a>) -> bool {
        self.marks.last().is_some_and(|last| last.how == How::Fused && mark.start.saturating_sub(last.after) <= LONGEST_FUSED)
    }

    fn connector_after(&self, end: usize, phrase: &Phrase) -> Option<usize> {
        let named = phrase.labels.iter().any(|rule| matches!(rule.shape, Shape::Name | Shape::Amount));
        let rest = &self.squeezed.text[end..];
        let word = self.rules.layout.connectors.iter().find(|word| rest.starts_with(word.as_str()))?;
        let next = end + word.len();
        named.then(|| next + usize::from(self.squeezed.text[next..].starts_with(':')))
    }
}

/// Whether a clause is one sum with its own unit and nothing else: no 500万元以下.
fn is_sum_with_unit(clause: &str, rules: &Rulebook) -> bool {
    let reading = amount::read(clause, &amount::AmountHint::default(), rules);
    reading.money().is_some_and(|stated| stated.unit_stated && stated.start == 0 && stated.end == clause.trim_end().len())
}
