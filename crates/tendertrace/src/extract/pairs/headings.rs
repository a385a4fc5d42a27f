//! Which stretches do headings open? Numbered sections, those that no rule knows included, and the
//! packages that a heading or label announces.

use super::{How, Mark, Scan, head, is_blank, trim};
use crate::extract::sections::{self, Border, Section};

/// Bytes of a line's beginning in which a package heading stands.
const LINE_HEAD: usize = 90;

impl Scan<'_> {
    /// 一、二、三、 with headings that no rule knows, in sequence or at the beginning of a line.
    pub(super) fn top_headings(&mut self) {
        let Some(regex) = &self.rules.layout.top_numbering else { return };
        let known: std::collections::HashSet<usize> = self.marks.iter().map(|mark| mark.start).collect();
        let mut last = 0;
        for found in regex.captures_iter(&self.squeezed.text) {
            let whole = found.get(0).expect("group 0");
            let (start, after) = self.squeezed.source_range(whole.start(), whole.end());
            let number = self.rules.layout.numeral(&found[1]);
            let divided = self.borders.before(self.text, start) >= Border::Space;
            if !(divided || number == last + 1) || self.borders.is_left_out(start) {
                continue;
            }
            last = number;
            if !known.contains(&start) {
                let end = self.heading_end(after);
                self.marks.push(Mark { how: How::Heading, phrase: None, start, label: (start, end), after: end, depth: 1 });
            }
        }
    }

    /// A heading nobody knows ends at a colon, a border or after thirty characters.
    fn heading_end(&self, from: usize) -> usize {
        let mut end = from;
        for (count, (at, c)) in self.text[from..].char_indices().enumerate() {
            if count >= 30
                || matches!(c, '\n' | '\t' | '|' | '：' | ':' | '。')
                || self.borders.after(self.text, from + at) == Border::Hard && count > 0
            {
                return from + at;
            }
            end = from + at + c.len_utf8();
        }
        end
    }

    pub(super) fn sections(&self) -> Vec<Section> {
        let span = |start, end| self.document.span(start, end);
        let mut sections = Vec::new();
        for mark in &self.marks {
            let rule = mark.phrase.and_then(|phrase| phrase.section.as_ref()).filter(|_| mark.how == How::Heading);
            let numbered_label = mark.how != How::Heading && mark.start < mark.label.0 && mark.depth == 1;
            if mark.how == How::Heading || numbered_label {
                sections.push(Section {
                    kind: rule.map(|rule| rule.kind.clone()),
                    rule: rule.map(|rule| rule.rule.clone()),
                    heading: span(mark.start, mark.label.1),
                    body: span(mark.label.1, mark.label.1),
                    depth: if mark.start < mark.label.0 || mark.phrase.is_none() { mark.depth } else { 3 },
                });
            }
        }
        sections::close(&mut sections, self.text.len());
        sections
    }

    /// Package headings, closed by the next top heading.
    pub(super) fn lots(&self, sections: &[Section]) -> Vec<(usize, Option<String>)> {
        let mut lots: Vec<(usize, Option<String>)> =
            sections.iter().filter(|section| section.depth == 1).map(|section| (section.heading.start, None)).collect();
        for (start, id) in self.lot_headings() {
            lots.push((start, Some(id)));
        }
        for mark in self.marks.iter().filter(|mark| mark.how == How::Colon || mark.how == How::Alone) {
            let is_lot = mark.phrase.is_some_and(|phrase| phrase.labels.iter().any(|rule| &*rule.field == "lot"));
            if let Some(id) = is_lot.then(|| self.lot_id(mark.after)).flatten() {
                lots.push((mark.start, Some(id)));
            }
        }
        lots.sort();
        lots
    }

    fn lot_headings(&self) -> Vec<(usize, String)> {
        let Some(regex) = &self.rules.layout.lot_at_start else { return Vec::new() };
        let mut starts: Vec<usize> = self
            .rules
            .layout
            .lot_words
            .in_text(&self.squeezed.text)
            .filter_map(|hit| self.line_start(self.squeezed.source_of(hit.start)))
            .collect();
        starts.dedup();
        let mut found = Vec::new();
        for start in starts {
            let folded = self.line_head(start);
            if let Some(lot) = regex.captures(&folded).and_then(|groups| groups.get(1).or_else(|| groups.get(2))) {
                found.push((start, self.lot_name(lot.as_str())));
            }
        }
        found
    }

    /// Start of the line that holds `at`, if it is near.
    fn line_start(&self, at: usize) -> Option<usize> {
        let from = self.text.floor_char_boundary(at.saturating_sub(LINE_HEAD));
        let line = self.text[from..at].rfind(['\n', '\t']).map(|before| from + before + 1);
        line.or((from == 0).then_some(0))
    }

    /// The beginning of a line, squeezed, without its numbering.
    fn line_head(&self, start: usize) -> String {
        let written = head(&self.text[start..], LINE_HEAD).split(['\n', '\t']).next().unwrap_or("");
        let folded = self.rules.folder.squeeze(written).text;
        let numbering = self.rules.layout.numbering_at_start.as_ref().and_then(|regex| regex.find(&folded)).map_or(0, |m| m.end());
        folded[numbering..].to_string()
    }

    /// 包号：1, 第一包, A
    fn lot_id(&self, after: usize) -> Option<String> {
        let blanks = self.text[after..].chars().take_while(|c| is_blank(*c)).map(char::len_utf8).sum::<usize>();
        let limit = after + blanks + head(&self.text[after + blanks..], LINE_HEAD).len();
        let (start, end) = trim(self.text, after, self.value_end(after, limit));
        let folded = self.rules.folder.squeeze(head(&self.text[start..end], 24)).text;
        let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
        let short = !word.is_empty() && word.chars().count() <= 4 && !self.rules.layout.not_given(word);
        if let Some(lot) =
            self.rules.layout.lot_at_start.as_ref().and_then(|r| r.captures(&folded)).and_then(|g| g.get(1).or_else(|| g.get(2)))
        {
            return Some(self.lot_name(lot.as_str()));
        }
        (short && word.chars().all(|c| c.is_ascii_alphanumeric() || self.rules.layout.numerals.contains_key(&c)))
            .then(|| self.lot_name(word))
    }

    fn lot_name(&self, written: &str) -> String {
        if written.chars().all(|c| self.rules.layout.numerals.contains_key(&c)) {
            return self.rules.layout.numeral(written).to_string();
        }
        let digits = written.trim_start_matches('0');
        if digits.is_empty() { written.to_string() } else { digits.to_uppercase() }
    }
}
