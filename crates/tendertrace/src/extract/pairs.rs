//! Which label stands before which value? Labels of the rulebook, found in one pass over the
//! squeezed text, each with the stretch of text that is its value; headings are found on the way,
//! since a label's meaning hangs on its section.

mod headings;
mod uncoloned;

use super::sections::{Border, Borders, Section, is_blank};
use super::text::{clean, trim};
use crate::evidence::{Gap, RuleId, Span};
use crate::model::Document;
use crate::rulebook::Rulebook;
use crate::rulebook::labels::{LabelRule, Phrase};
use crate::rulebook::units::{Means, UnitKind};
use crate::script::{Folded, is_han};
use std::sync::Arc;

/// A label and the stretch of text that is its value, in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Stem of the labels file: `buyer`, `supplier`, `amount`, `budget`, `lot`, `rank`, `agency_fee` …
    pub field: Arc<str>,
    /// `labels/buyer#caigouren`.
    pub rule: RuleId,
    /// The label as written, with its parenthesised unit if it has one, without the colon.
    pub label: Span,
    /// Trimmed; empty where the label has no value.
    pub value: Span,
    /// Index into `Layout::sections`; `NO_SECTION` before the first heading.
    pub section: u32,
    /// The package that this stretch of the notice is about, where a heading says so.
    pub lot: Option<String>,
}

/// Bytes of the longest value between two fused labels.
const LONGEST_FUSED: usize = 150;

/// `Pair::section` of a pair that stands before the first heading.
pub const NO_SECTION: u32 = u32::MAX;

/// Characters before a label from which on it may stand anywhere in a line.
const GLUED: usize = 8;

/// Bytes behind a label without a colon that show whether they are its value.
const LONGEST_JOINED: usize = 600;

/// What one pass over a document finds.
#[derive(Default)]
pub struct Found {
    pub sections: Vec<Section>,
    pub pairs: Vec<Pair>,
    /// Starts of stretches that a package heading opens, with its number; None closes.
    pub lots: Vec<(usize, Option<String>)>,
    pub gaps: Vec<Gap>,
}

/// Finds sections and pairs.
pub fn find(document: &Document, squeezed: &Folded, borders: &Borders, rules: &Rulebook) -> Found {
    let mut scan = Scan::new(document, squeezed, borders, rules);
    scan.accept();
    scan.top_headings();
    scan.sort();
    let sections = scan.sections();
    let lots = scan.lots(&sections);
    let pairs = scan.pairs(&sections, &lots);
    let gaps = super::unknown::labels(document, squeezed, borders, rules, &scan.stops());
    Found { sections, pairs, lots, gaps }
}

/// The package of a place, by the headings found.
pub fn lot_at(lots: &[(usize, Option<String>)], at: usize) -> Option<&str> {
    let next = lots.partition_point(|(start, _)| *start <= at);
    next.checked_sub(1).and_then(|last| lots[last].1.as_deref())
}

/// How a label was told from running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// A colon follows.
    Colon,
    /// Alone in its cell or line.
    Alone,
    /// 采购人为…, or a space and a value of the right shape.
    Joined,
    /// Its value follows at once, and the next label follows the value: 供应商名称某公司合同金额12元.
    Fused,
    /// Opens a section.
    Heading,
}

/// An accepted label or heading; offsets of the source text.
#[derive(Debug, Clone)]
struct Mark<'a> {
    how: How,
    phrase: Option<&'a Phrase>,
    /// With its numbering.
    start: usize,
    label: (usize, usize),
    /// Where its value or body may begin.
    after: usize,
    depth: u8,
}

struct Scan<'a> {
    document: &'a Document,
    text: &'a str,
    squeezed: &'a Folded,
    borders: &'a Borders,
    rules: &'a Rulebook,
    /// All occurrences of all phrases: (start, end, phrase), longest first at one start.
    hits: Vec<(usize, usize, u32)>,
    /// Starts (squeezed) of hits that a colon follows.
    colon_starts: Vec<usize>,
    marks: Vec<Mark<'a>>,
}

impl<'a> Scan<'a> {
    fn new(document: &'a Document, squeezed: &'a Folded, borders: &'a Borders, rules: &'a Rulebook) -> Scan<'a> {
        let mut hits: Vec<_> =
            rules.labels.occurrences(&squeezed.text).into_iter().map(|(phrase, start, end)| (start, end, phrase)).collect();
        hits.sort_unstable_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let mut scan = Scan { document, text: &document.text, squeezed, borders, rules, hits, colon_starts: Vec::new(), marks: Vec::new() };
        scan.colon_starts = scan.hits.iter().filter(|hit| scan.colon_after(hit.1).is_some()).map(|hit| hit.0).collect();
        scan
    }

    /// Walks the hits in order and keeps those that stand as labels or headings.
    fn accept(&mut self) {
        let mut free_from = 0;
        for at in 0..self.hits.len() {
            let (start, end, phrase) = self.hits[at];
            if start < free_from || self.borders.is_left_out(self.squeezed.source_of(start)) || !self.is_word(start, end) {
                continue;
            }
            if let Some(mark) = self.mark(start, end, &self.rules.labels.phrases[phrase as usize]) {
                free_from = end;
                self.marks.push(mark);
            }
        }
    }

    /// Latin labels match whole words only.
    fn is_word(&self, start: usize, end: usize) -> bool {
        let text = &self.squeezed.text;
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !latin(text[start..].chars().next()) {
            return true;
        }
        let (from, _) = self.squeezed.source_range(start, start + 1);
        !self.text[..from].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric()) && !latin(text[end..].chars().next())
    }

    fn mark(&self, start: usize, end: usize, phrase: &'a Phrase) -> Option<Mark<'a>> {
        let (from, to) = self.squeezed.source_range(start, end);
        if self.runs_over_a_gap(start, end) {
            return None;
        }
        let numbering = self.numbering_before(start);
        let begin = numbering.unwrap_or(from);
        let before = self.borders.before(self.text, begin);
        let bare = numbering.is_none() && before == Border::None;
        if bare && (self.bites_off_a_name(start, end) || self.ends_a_part(start)) || self.names_a_unit(start, end) {
            return None;
        }
        let open = numbering.is_some() || before >= Border::Space || self.may_be_glued(begin);
        let base =
            Mark { how: How::Heading, phrase: Some(phrase), start: begin, label: (from, to), after: to, depth: self.depth(begin, from) };
        if let Some((label_end, value)) = self.colon_after(end) {
            let (_, label_to) = self.squeezed.source_range(start, label_end);
            let mark = Mark { label: (from, label_to), after: self.source_after(value), ..base };
            if !open {
                return None;
            }
            let how = if self.opens_section(phrase, value) { How::Heading } else { How::Colon };
            return (how == How::Heading || !phrase.labels.is_empty()).then_some(Mark { how, ..mark });
        }
        let mut label_end = self.unit_after(end);
        if phrase.section.is_some() {
            label_end = self.counted(label_end);
        }
        let (_, label_to) = self.squeezed.source_range(start, label_end);
        let mark = Mark { label: (from, label_to), after: label_to, ..base };
        self.uncoloned(phrase, mark, label_end, before, numbering.is_some())
    }

    /// `…有限公司地址：`: the label is 地址, since 公司 ends the name before it.
    fn bites_off_a_name(&self, start: usize, end: usize) -> bool {
        let text = &self.squeezed.text;
        text[start..end].char_indices().skip(1).any(|(at, _)| {
            let before = &text[..start + at];
            let ends_name = |suffix: &str| before.ends_with(suffix) && before.len() - suffix.len() < start;
            self.rules.labels.exact(&text[start + at..end]).is_some()
                && self.rules.layout.org_suffixes.iter().any(|suffix| ends_name(&suffix.suffix))
        })
    }

    /// 设计费报价: the price of a part, no price of the whole.
    fn ends_a_part(&self, start: usize) -> bool {
        const LONGEST: usize = 30;
        let before = &self.squeezed.text[self.squeezed.text.floor_char_boundary(start.saturating_sub(LONGEST))..start];
        let ends_so = |at: usize| {
            self.rules
                .units
                .inside
                .at_start(&before[at..])
                .is_some_and(|(length, word)| word.means == Means::Part && at + length == before.len())
        };
        before.char_indices().any(|(at, _)| ends_so(at))
    }

    /// `1300（单位：万元）`: the unit of the sum before it, no label.
    fn names_a_unit(&self, start: usize, end: usize) -> bool {
        let text = &self.squeezed.text;
        let Some(behind) = text[end..].strip_prefix(':').filter(|_| text[..start].ends_with('(')) else { return false };
        let units = &self.rules.units;
        let from = units.currencies.at_start(behind).map_or(0, |(length, _)| length);
        units.units.at_start(&behind[from..]).is_some_and(|(_, unit)| unit.kind == UnitKind::Money)
    }

    /// `公司    地址`: a wide gap or line break after which a label of its own begins.
    fn runs_over_a_gap(&self, start: usize, end: usize) -> bool {
        let mut last = self.squeezed.source_range(start, start + 1).1;
        for (at, c) in self.squeezed.text[start..end].char_indices().skip(1) {
            let (from, to) = self.squeezed.source_range(start + at, start + at + c.len_utf8());
            let gap = &self.text[last.min(from)..from];
            let wide = gap.contains(['\n', '\t', '|']) || gap.chars().filter(|c| c.is_whitespace()).count() >= 2;
            // Letters spaced out one by one are still one label: 拟  中  标  人.
            let spaced = self.squeezed.text[start..start + at].chars().count() == 1;
            if wide && !spaced && self.rules.labels.exact(&self.squeezed.text[start + at..end]).is_some() {
                return true;
            }
            last = to;
        }
        false
    }

    /// `采购人` over `名称：…` opens a section; `采购人：某局` does not.
    fn opens_section(&self, phrase: &Phrase, value: usize) -> bool {
        phrase.section.is_some() && (phrase.labels.is_empty() || self.label_follows(value))
    }

    /// Whether a label with its colon comes next, numbering apart.
    fn label_follows(&self, at: usize) -> bool {
        let rest = &self.squeezed.text[at..];
        let numbering = self.rules.layout.numbering_at_start.as_ref().and_then(|regex| regex.find(head(rest, 24))).map_or(0, |m| m.end());
        [at, at + numbering].iter().any(|at| self.colon_starts.binary_search(at).is_ok())
    }

    /// End of the label with its parenthesis, and where the value begins, if a colon comes.
    fn colon_after(&self, end: usize) -> Option<(usize, usize)> {
        let label_end = self.unit_after(end);
        let colon = |at: usize| self.squeezed.text[at..].starts_with(':');
        if colon(label_end) {
            // 时间：10:30 is no label: digits on both sides are a time.
            return Some((label_end, label_end + 1));
        }
        colon(end).then_some((end, end + 1))
    }

    /// Skips 中标金额（万元）'s parenthesis.
    fn unit_after(&self, end: usize) -> usize {
        let rest = &self.squeezed.text[end..];
        if !rest.starts_with('(') {
            return end;
        }
        head(rest, 48).find(')').map_or(end, |close| end + close + 1)
    }

    /// Headings are counted: 标段信息1.
    fn counted(&self, end: usize) -> usize {
        let digits = self.squeezed.text[end..].bytes().take_while(u8::is_ascii_digit).count();
        let counts =
            (1..=2).contains(&digits) && self.borders.after(self.text, self.squeezed.source_range(end, end + digits).1) >= Border::Wide;
        if counts { end + digits } else { end }
    }

    /// Source offset of the numbering that stands right before a squeezed offset.
    fn numbering_before(&self, at: usize) -> Option<usize> {
        let regex = self.rules.layout.numbering_at_end.as_ref()?;
        let label = self.squeezed.source_of(at);
        let from = self.window(label);
        // Folded with its white space: in `No.53 2.项目名称` the number is 2, not 32.
        let folded = self.rules.folder.fold(&self.text[from..label]);
        let found = regex.find_iter(&folded.text).last()?;
        if closes_a_bracket(&folded.text[..found.start()], found.as_str()) {
            return None;
        }
        Some(from + folded.source_of(found.start()))
    }

    /// Start of the stretch before `label` that no border and no wide gap divides, twenty
    /// characters at most.
    fn window(&self, label: usize) -> usize {
        let mut start = label;
        let mut blanks = 0;
        for c in self.text[..label].chars().rev().take(20) {
            blanks = if is_blank(c) { blanks + 1 } else { 0 };
            // White space right before the label is the label's own distance from its number.
            if matches!(c, '\n' | '\t' | '\r' | '|') || (blanks >= 2 && start != label) {
                break;
            }
            start -= c.len_utf8();
        }
        start
    }

    /// A label glued to what stands before it: fine after a value, suspicious after two or three
    /// characters that begin the line (they may make it another, longer label).
    fn may_be_glued(&self, begin: usize) -> bool {
        let value = self.marks.last().map_or(0, |mark| mark.after).min(begin);
        let (mut from, mut seen) = (begin, 0);
        for (at, c) in self.text[value..begin].char_indices().rev() {
            if matches!(c, '\n' | '\t' | '。' | '；' | ';' | '|') {
                return self.is_before_labels(from, begin);
            }
            seen += usize::from(!c.is_whitespace() && !is_blank(c));
            if seen > GLUED {
                return true;
            }
            from = value + at;
        }
        !self.marks.is_empty() || self.is_before_labels(from, begin)
    }

    /// Whether a line that begins at `from` says something that labels follow at once.
    fn is_before_labels(&self, from: usize, begin: usize) -> bool {
        let before = &self.squeezed.text[self.squeezed.folded_of(from)..self.squeezed.folded_of(begin)];
        before.chars().count() > GLUED || self.rules.layout.before_label.iter().any(|word| before.ends_with(word.as_str()))
    }

    fn top_numbered(&self, mark: &Mark<'_>) -> bool {
        mark.start < mark.label.0 && mark.depth <= 3
    }

    fn depth(&self, begin: usize, label: usize) -> u8 {
        depth_of(&self.rules.folder.squeeze(&self.text[begin..label]).text)
    }

    /// Source offset of the first visible character at or after a squeezed offset.
    fn source_after(&self, at: usize) -> usize {
        self.squeezed.source_of(at.min(self.squeezed.text.len()))
    }

    fn sort(&mut self) {
        self.marks.sort_by_key(|mark| (mark.start, mark.label.0));
    }

    /// Starts of all marks and ends of what they cover.
    fn stops(&self) -> Vec<(usize, usize)> {
        self.marks.iter().map(|mark| (mark.start, mark.after)).collect()
    }

    /// End of the line or cell that holds `from`, `limit` at most: lines may be very long.
    fn value_end(&self, from: usize, limit: usize) -> usize {
        let line = self.text[from..limit].find(['\n', '\t', '|']).map_or(limit, |at| from + at);
        self.borders.next_cut(from).min(line)
    }

    fn pairs(&self, sections: &[Section], lots: &[(usize, Option<String>)]) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let mut kinds = KindAt::new(sections);
        for (at, mark) in self.marks.iter().enumerate() {
            let Some(phrase) = mark.phrase.filter(|_| mark.how != How::Heading) else { continue };
            let (section, kind) = kinds.at(mark.label.0);
            let Some(rule) = phrase.label_within(kind) else { continue };
            if let Some((start, end)) = self.value(at, rule) {
                pairs.push(Pair {
                    field: rule.field.clone(),
                    rule: rule.rule.clone(),
                    label: self.document.span(mark.label.0, mark.label.1),
                    value: self.document.span(start, end),
                    section,
                    lot: lot_at(lots, mark.label.0).map(str::to_string),
                });
            }
        }
        pairs
    }

    /// The value of mark `at`; None where the mark turns out to be a column head.
    fn value(&self, at: usize, rule: &LabelRule) -> Option<(usize, usize)> {
        let mark = &self.marks[at];
        let next = self.marks.get(at + 1).map_or(self.text.len(), |next| next.start);
        if mark.how == How::Alone && self.in_header_run(at) {
            return None;
        }
        let mut from = mark.label.1;
        if mark.how != How::Alone {
            from = mark.after;
        }
        // Over blank and borders to the next visible character, which may be the next label's.
        let first = self.text[from..]
            .find(|c: char| !is_blank(c) && !matches!(c, '\n' | '\t' | '\r' | '|'))
            .map_or(self.text.len(), |skip| from + skip);
        if first >= next || (mark.how == How::Alone && self.other_row(mark, first)) {
            return Some((from.min(next), from.min(next)));
        }
        let end = self.value_end(first, next);
        Some(clean(self.text, trim(self.text, first, end), rule.shape, self.rules))
    }

    /// Three labels in a row, or two on one line, head columns: no values of their own.
    fn in_header_run(&self, at: usize) -> bool {
        let touches = |left: usize, right: usize| match (self.marks.get(left), self.marks.get(right)) {
            (Some(a), Some(b)) if a.how == How::Alone && b.how == How::Alone => self
                .text
                .get(a.label.1..b.start)
                .is_some_and(|between| between.chars().all(|c| c.is_whitespace() || is_blank(c) || c == '|')),
            _ => false,
        };
        (at > 0 && touches(at - 1, at)) || touches(at, at + 1)
    }

    /// Whether the value would be in another row of the same table than its label.
    fn other_row(&self, mark: &Mark<'_>, value: usize) -> bool {
        match (self.borders.row_of(mark.label.0), self.borders.row_of(value)) {
            (Some(label), Some(value)) => label.0 == value.0 && label.1 != value.1,
            (Some(_), None) => true,
            _ => false,
        }
    }
}

/// Walks sections along ascending positions: the innermost one and the nearest known kind.
struct KindAt<'a> {
    sections: &'a [Section],
    next: usize,
    open: Vec<usize>,
}

impl<'a> KindAt<'a> {
    fn new(sections: &'a [Section]) -> KindAt<'a> {
        KindAt { sections, next: 0, open: Vec::new() }
    }

    fn at(&mut self, place: usize) -> (u32, Option<&'a str>) {
        while self.sections.get(self.next).is_some_and(|section| section.heading.start <= place) {
            self.open.push(self.next);
            self.next += 1;
        }
        let sections = self.sections;
        self.open.retain(|open| place < sections[*open].body.end.max(sections[*open].heading.end));
        let kind = self.open.iter().rev().find_map(|open| sections[*open].kind.as_deref());
        (self.open.last().map_or(NO_SECTION, |open| *open as u32), kind)
    }
}

/// Depth by the kind of numbering.
fn depth_of(numbering: &str) -> u8 {
    let mut chars = numbering.chars();
    match (chars.next(), numbering.contains('(')) {
        (Some('('), _) => {
            if numbering.contains(|c: char| c.is_ascii_digit()) {
                5
            } else {
                2
            }
        }
        (Some(c), _) if c.is_ascii_digit() => {
            if numbering.trim_end_matches(['.', '、', ')']).contains('.') {
                4
            } else {
                3
            }
        }
        (Some(c), _) if is_han(c) => 1,
        (Some(_), _) => 6,
        (None, _) => 3,
    }
}

/// At most `bytes` bytes of the beginning, whole characters.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `(￥198400.00)` ends a sum, it numbers nothing: the bracket was opened before, or digits go on
/// to the left.
fn closes_a_bracket(before: &str, numbering: &str) -> bool {
    if !numbering.trim_end().ends_with(')') || numbering.starts_with('(') {
        return false;
    }
    before.matches('(').count() > before.matches(')').count() || before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
}
