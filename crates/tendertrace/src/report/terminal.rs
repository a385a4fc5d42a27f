//! What does a person see when `trace` is done? The funnel, the five strongest findings with what
//! speaks against them, what was not understood, then short tables.

use super::{Page, Style, mask, say};
use crate::assemble::{Case, CaseFinding};
use crate::model::{Strength, Usage};
use crate::rulebook::Rulebook;
use std::fmt::Write as _;

/// Findings shown in full, rows shown of a table.
const FINDINGS: usize = 5;
const ROWS: usize = 8;

/// The summary, `width` columns wide.
pub fn terminal(case: &Case, page: &Page, width: usize, style: Style, rules: &Rulebook) -> String {
    let mut out = Screen { text: String::new(), width: width.clamp(48, 120), style };
    funnel(&mut out, case, page, rules);
    strongest(&mut out, case, rules);
    not_understood(&mut out, case, rules);
    tables(&mut out, case, rules);
    if page.collection.is_empty() {
        out.gap();
        out.paragraph("This pile is not a sample: what sites, dates and search words it was collected by is not recorded, so no trend and no “nothing found” holds beyond it.", "");
    }
    out.text
}

/// Text in lines of at most `width` columns, each after `indent`.
pub fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut out = Screen { text: String::new(), width: width.clamp(48, 120), style: Style::Plain };
    out.paragraph(text, indent);
    out.text
}

struct Screen {
    text: String,
    width: usize,
    style: Style,
}

/// Terminal looks by meaning.
enum Look {
    Strong,
    Faint,
    Mark,
    Warn,
}

impl Screen {
    fn paint(&self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Strong => "1",
            Look::Faint => "2",
            Look::Mark => "1;36",
            Look::Warn => "33",
        };
        match self.style {
            Style::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
            Style::Plain => text.to_string(),
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.gap();
        let painted = self.paint(Look::Strong, text);
        self.line(&painted);
    }

    /// Text wrapped at the width, every line after `indent`.
    fn paragraph(&mut self, text: &str, indent: &str) {
        for line in wrap(text, self.width.saturating_sub(columns(indent))) {
            self.line(&format!("{indent}{line}"));
        }
    }
}

fn funnel(out: &mut Screen, case: &Case, page: &Page, rules: &Rulebook) {
    let title = if page.name.is_empty() { "tendertrace".to_string() } else { format!("tendertrace · {}", page.name) };
    let title = out.paint(Look::Strong, &title);
    out.line(&title);
    out.paragraph(&say::funnel(&case.funnel, page.files), "");
    out.gap();
    let steps = say::steps(&case.funnel, page.files, rules);
    let most = steps.iter().map(|s| s.2).max().unwrap_or(0).max(1);
    let numbers = steps.iter().map(|s| say::count(s.2).len()).max().unwrap_or(1);
    let labels = steps.iter().map(|s| columns(&s.0)).max().unwrap_or(1);
    let room = out.width.saturating_sub(numbers + labels + 6).min(40);
    for (label, _, number) in &steps {
        let bar = out.paint(Look::Mark, &bar(*number, most, room));
        out.line(&format!("  {:>numbers$}  {}  {bar}", say::count(*number), pad(label, labels)));
    }
    out.gap();
    out.paragraph(&beside(case, rules), "  ");
    if case.funnel.findings > case.funnel.reviewed() {
        let stamp = out.paint(Look::Warn, "  Every finding is a lead until a person has accepted it.");
        out.line(&stamp);
    }
}

/// What stands beside the steps: findings of all stages by strength, processes, what is missing.
fn beside(case: &Case, rules: &Rulebook) -> String {
    let f = &case.funnel;
    let by: Vec<String> =
        f.by_strength.iter().rev().map(|(s, n)| format!("{} {}", say::count(*n), say::label("strength", &say::word(s), rules))).collect();
    let strengths = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    let mut text = format!(
        "Of all stages and buyers: {}{strengths} in {}.",
        say::counted(f.findings, "finding", "findings"),
        say::counted(f.processes, "contracting process", "contracting processes")
    );
    if f.without_attachments > 0 {
        let _ = write!(text, " {} whose attachments are not in the pile.", say::counted(f.without_attachments, "notice", "notices"));
    }
    text
}

fn bar(number: usize, most: usize, room: usize) -> String {
    let eighths = (number as f64 / most as f64 * room as f64 * 8.0).ceil() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + part
}

fn strongest(out: &mut Screen, case: &Case, rules: &Rulebook) {
    let shown = say::strongest(&case.findings, FINDINGS);
    if shown.is_empty() {
        out.heading("No findings");
        out.paragraph("No brand of the rulebook is named in what could be read. The steps above say out of how much.", "  ");
        return;
    }
    out.heading(if shown.len() == 1 { "The strongest finding" } else { "The strongest findings, one a project" });
    for (number, finding) in shown.iter().enumerate() {
        one_finding(out, number + 1, finding, rules);
    }
}

fn one_finding(out: &mut Screen, number: usize, f: &CaseFinding, rules: &Rulebook) {
    let marks = match f.finding.strength {
        Strength::Strong => "●●●",
        Strength::Medium => "●●○",
        Strength::Weak => "●○○",
    };
    out.gap();
    let (subject, sentence) = say::claim(&f.finding, rules);
    let claim = subject.map(|s| format!("{s}: ")).unwrap_or_default() + &sentence + ".";
    for (at, line) in wrap(&claim, out.width.saturating_sub(8)).iter().enumerate() {
        let before = if at == 0 { format!("{number}  {marks}  ") } else { " ".repeat(8) };
        let painted = out.paint(Look::Strong, line.trim_end());
        out.line(&format!("{before}{painted}"));
    }
    let indent = "        ";
    out.paragraph(&circumstances(f, rules), indent);
    if let Some(said) = say::parties_gloss(f, rules) {
        out.paragraph(&format!("In English, by machine: {said}"), indent);
    }
    if let Some(passage) = f.passages.first() {
        let quote = format!("“{}”", say::short(&say::one_line(&mask::text(&passage.text, &rules.report.masks)), 140));
        out.paragraph(&(quote + &more_sentences(f)), indent);
    }
    if let Some(said) = f.finding.quotes.first().and_then(|quote| say::translation(f, &quote.text, rules)) {
        out.paragraph(&format!("Translated by a person, {}: “{}”", said.on, say::short(&say::one_line(&said.text), 200)), indent);
    }
    for flag in &f.finding.flags {
        let said = flag.quotes.first().map(|quote| say::one_line(&mask::text(&quote.text, &rules.report.masks))).unwrap_or_default();
        out.paragraph(&format!("Flag: {}: “{}”.", say::label("flag", &flag.id, rules), say::short(&said, 100)), indent);
    }
    let against = say::objection(f, rules).unwrap_or_else(|| "no objection is known to the rulebook".into());
    out.paragraph(&format!("Against it: {against}."), indent);
    out.paragraph(&format!("Before print: {}.", say::missing(f, rules).join("; ")), indent);
}

/// A quantity or an amount may be the sum of sentences of which one is shown.
fn more_sentences(f: &CaseFinding) -> String {
    match f.passages.len() {
        0 | 1 => String::new(),
        n => format!(" and {} of the page, in the report", say::counted(n - 1, "more sentence", "more sentences")),
    }
}

/// Buyer, date, seller, quantity, amount, page.
fn circumstances(f: &CaseFinding, rules: &Rulebook) -> String {
    let kind = f.buyer_kind.as_ref().map(|k| format!(" ({})", say::label("buyer_kind", k, rules))).unwrap_or_default();
    let parts = [
        say::buyer(f, rules).map(|b| format!("buyer {b}{kind}")),
        say::supplier(f, rules).map(|s| format!("seller {s}")),
        f.date.as_ref().map(|d| d.value.clone()),
        say::quantity(&f.finding).map(|q| format!("quantity {q}")),
        say::amount(&f.finding, rules),
        f.site.clone(),
        Some(format!("sha256 {}", f.capture.get(..12).unwrap_or(&f.capture))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn not_understood(out: &mut Screen, case: &Case, rules: &Rulebook) {
    if case.gaps.is_empty() {
        return;
    }
    out.heading("What was not understood");
    let rows: Vec<Vec<String>> = case
        .gaps
        .iter()
        .map(|g| {
            vec![
                say::count(g.count),
                say::label("gap", &say::word(&g.kind), rules),
                format!("in {}", say::counted(g.notices, "notice", "notices")),
            ]
        })
        .collect();
    table(out, &[], &rows, ROWS);
    for (name, texts) in [("labels", &case.unknown_labels), ("brand cells", &case.unknown_brands)] {
        if !texts.is_empty() {
            let most: Vec<String> = texts
                .iter()
                .take(6)
                .map(|t| format!("{} ×{}", say::short(&say::one_line(&mask::text(&t.text, &rules.report.masks)), 24), say::count(t.count)))
                .collect();
            out.paragraph(&format!("Most frequent {name}: {}", most.join(" · ")), "  ");
        }
    }
}

fn tables(out: &mut Screen, case: &Case, rules: &Rulebook) {
    if !case.brands.is_empty() {
        out.heading("Brands, in contracting processes");
        table(out, &["brand", "awarded", "asked for", "offered", "other", "police etc.", "own price"], &brand_rows(case, rules), ROWS);
    }
    if !case.sellers.is_empty() {
        out.heading("Sellers of record");
        let rows: Vec<Vec<String>> = case
            .sellers
            .iter()
            .map(|s| {
                vec![
                    mask::party(&s.name, &rules.report.masks),
                    say::count(s.processes),
                    s.brands.iter().take(4).map(|b| say::brand(b, rules)).collect::<Vec<_>>().join(", "),
                ]
            })
            .collect();
        table(out, &["seller", "processes", "brands"], &rows, 5);
    }
    if !case.leads.is_empty() {
        out.heading("List leads (a lead, not a verdict)");
        let rows: Vec<Vec<String>> = case
            .leads
            .iter()
            .map(|l| {
                vec![
                    mask::party(&l.party, &rules.report.masks),
                    l.list.clone(),
                    l.owner
                        .as_ref()
                        .map_or_else(|| say::label("judgement", &say::word(&l.judgement), rules), |_| "by an owner".to_string()),
                    l.listed_from.clone().unwrap_or_default(),
                    format!("{} of {} in force", l.in_force, l.notices),
                ]
            })
            .collect();
        table(out, &["party", "list", "", "since", "notices"], &rows, 5);
    }
}

fn brand_rows(case: &Case, rules: &Rulebook) -> Vec<Vec<String>> {
    let row = |b: &crate::assemble::BrandRow| {
        let of = |usages: &[Usage]| usages.iter().map(|u| b.by_usage.get(u).copied().unwrap_or(0)).sum::<usize>();
        let known = [Usage::Awarded, Usage::Required, Usage::Offered];
        let other: usize = b.by_usage.iter().filter(|(u, _)| !known.contains(u)).map(|(_, n)| n).sum();
        let sums: Vec<String> =
            b.line_amounts.iter().map(|(c, a)| say::money(&crate::model::Money { amount: *a, currency: c.clone() })).collect();
        let cell = |n: usize| if n == 0 { "·".to_string() } else { say::count(n) };
        vec![
            say::brand(&b.brand, rules),
            cell(of(&known[..1])),
            cell(of(&known[1..2])),
            cell(of(&known[2..])),
            cell(other),
            cell(b.asked),
            sums.join(", "),
        ]
    };
    case.brands.iter().map(row).collect()
}

/// A table with Han-aware columns; what does not fit is cut, rows left out are counted.
fn table(out: &mut Screen, head: &[&str], rows: &[Vec<String>], most: usize) {
    let count = rows.first().map_or(0, Vec::len);
    let shown = &rows[..rows.len().min(most)];
    let head: Vec<String> = head.iter().map(|h| h.to_string()).collect();
    let all = || head.chunks(count.max(1)).chain(shown.iter().map(|r| r.as_slice()));
    let mut widths: Vec<usize> = (0..count).map(|c| all().map(|r| columns(&r[c])).max().unwrap_or(0)).collect();
    let over = (widths.iter().sum::<usize>() + 2 * count).saturating_sub(out.width);
    if let Some(widest) = widths.iter_mut().max() {
        *widest = widest.saturating_sub(over).max(8);
    }
    let numeric: Vec<bool> = (0..count).map(|c| shown.iter().all(|r| is_number(&r[c]))).collect();
    if !head.is_empty() {
        let line = table_line(&head, &widths, &numeric);
        let painted = out.paint(Look::Faint, &line);
        out.line(&painted);
    }
    for row in shown {
        out.line(&table_line(row, &widths, &numeric));
    }
    if rows.len() > shown.len() {
        let more = out.paint(Look::Faint, &format!("  … and {} more", say::count(rows.len() - shown.len())));
        out.line(&more);
    }
}

fn is_number(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '·')
}

fn table_line(row: &[String], widths: &[usize], numeric: &[bool]) -> String {
    let mut line = String::new();
    for ((cell, width), numeric) in row.iter().zip(widths).zip(numeric) {
        let cell = fit(cell, *width);
        let room = " ".repeat(width - columns(&cell));
        line.push_str("  ");
        line.push_str(&if *numeric { room + &cell } else { cell + &room });
    }
    line
}

/// Columns a text takes on a terminal: Han and full-width characters take two.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(c: char) -> usize {
    let wide = matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    if wide { 2 } else { usize::from(!c.is_control()) }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        if columns(&out) + char_columns(c) + 1 > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// Lines of at most `width` columns: broken at spaces, Han text anywhere.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        let wide = columns(piece.trim_end());
        if used > 0 && used + wide > width {
            lines.push(String::new());
            used = 0;
        }
        lines.last_mut().expect("never empty").push_str(piece);
        used += columns(piece);
    }
    lines
}

/// Words with the space after them; every wide character is a piece of its own.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let next_wide = text[end..].chars().next().is_some_and(|n| char_columns(n) == 2);
        if c == ' ' || char_columns(c) == 2 || next_wide {
            out.push(&text[from..end]);
            from = end;
        }
    }
    out.push(&text[from..]);
    out
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn han_takes_two_columns() {
        assert_eq!((columns("示例ab"), fit("示例市公安局", 7), pad("示", 4)), (6, "示例市…".to_string(), "示  ".to_string()));
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let text = "seller 示例甲科技有限公司 in a rather long line of words that must be broken somewhere";
        for width in 10..60 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|l| columns(l.trim_end()) <= width.max(9)), "{width}: {lines:?}");
            assert_eq!(lines.concat(), text);
        }
    }
}
