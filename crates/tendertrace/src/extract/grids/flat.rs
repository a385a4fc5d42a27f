//! Which grids does running text hold? Headings as cells between borders, as words on one line, or
//! run together; the rows behind them are aligned by type and must confirm themselves.

use super::align::{align, confirmed};
use super::cells::{Border, Piece, pieces, words};
use super::{Column, Grid, Row, column, glued, regular, short_integer, unsolved};
use crate::evidence::{Gap, GapKind};
use crate::extract::Layout;
use crate::extract::sections::Section;
use crate::rulebook::Rulebook;
use crate::rulebook::columns::Label;
use crate::rulebook::units::EndingStrength;
use std::collections::HashMap;

/// Finds and solves the grids of `start..end`.
pub fn solve(layout: &Layout, start: usize, end: usize, rules: &Rulebook, found: &mut Vec<Grid>, gaps: &mut Vec<Gap>) {
    let text = &layout.document.text;
    let all = with_units(text, pieces(text, start, end), rules);
    let labels: Vec<Option<&Label>> = all.iter().map(|p| rules.columns.of(&text[p.start..p.end], &rules.folder)).collect();
    let mut headers = celled(layout, &all, &labels, rules);
    found.extend(on_its_side(layout, &all, &labels, rules));
    let taken: Vec<(usize, usize)> = headers.iter().map(|h| (h.start, h.end)).collect();
    headers.retain(|h| !found.iter().any(|g| g.at.start <= h.start && h.start < g.at.end));
    headers.extend(run_together(layout, start, end, rules).into_iter().filter(|h| !taken.iter().any(|(s, e)| h.start < *e && *s < h.end)));
    headers.sort_by_key(|h| h.start);
    let (sections, pairs) =
        if headers.is_empty() { (Vec::new(), Vec::new()) } else { (section_starts(layout), label_starts(layout, &all)) };
    for (at, header) in headers.iter().enumerate() {
        let next = headers.get(at + 1).map_or(end, |h| h.start);
        let stop = [next, first_from(&sections, header.end), first_from(&pairs, header.end), end].into_iter().min().unwrap_or(end);
        body(layout, header, stop, rules, found, gaps);
    }
}

/// Pieces, a unit in brackets with the heading above it: 预算金额 over （万元） is one.
fn with_units(text: &str, all: Vec<Piece>, rules: &Rulebook) -> Vec<Piece> {
    let heads = |piece: &Piece| rules.columns.of(&text[piece.start..piece.end], &rules.folder).is_some();
    let is_unit = |piece: &Piece| {
        let inside = &text[piece.start..piece.end];
        let bracketed = inside.starts_with(['(', '（']) && inside.ends_with([')', '）']) && inside.chars().count() <= 8;
        bracketed && crate::extract::values::amount::hint(inside, rules).factor.is_some()
    };
    let mut out: Vec<Piece> = Vec::with_capacity(all.len());
    for piece in all {
        match out.last_mut() {
            Some(head) if is_unit(&piece) && heads(head) => head.end = piece.end,
            _ => out.push(piece),
        }
    }
    out
}

/// A row of headings in running text.
struct Header {
    start: usize,
    end: usize,
    columns: Vec<Column>,
    make: Make,
}

/// How its cells are told apart.
enum Make {
    Cells(Border),
    Words,
    Glued,
}

/// Where sections of the top level begin, each the end of the one before. A phrase like 第五部分
/// within a line may be a reference: only numbered or known headings count.
fn section_starts(layout: &Layout) -> Vec<usize> {
    let numbered = |s: &&Section| layout.document.slice(s.heading).chars().take(4).any(|c| matches!(c, '、' | '.' | '．'));
    layout.sections.iter().filter(|s| s.depth <= 1).filter(|s| numbered(s) || stands_alone(layout, s)).map(|s| s.heading.start).collect()
}

/// Pieces that are nothing but a label of the page (附件信息): each ends a table.
fn label_starts(layout: &Layout, all: &[Piece]) -> Vec<usize> {
    let whole = |p: &&Piece| {
        let first = layout.pairs.partition_point(|pair| pair.label.start < p.start);
        layout.pairs[first..].iter().take_while(|pair| pair.label.start == p.start).any(|pair| pair.label.end >= p.end)
    };
    all.iter().filter(whole).map(|p| p.start).collect()
}

/// The first of these ascending places at or after `at`.
fn first_from(places: &[usize], at: usize) -> usize {
    places.get(places.partition_point(|place| *place < at)).copied().unwrap_or(usize::MAX)
}

/// A heading behind a border, not within a line.
fn stands_alone(layout: &Layout, section: &Section) -> bool {
    let before = &layout.document.text[..section.heading.start];
    let solid = before.trim_end();
    before.len() - solid.len() >= 2 || before.ends_with('\n') || before.ends_with('\t') || solid.is_empty()
}

/// Headings that are cells of their own.
fn celled(layout: &Layout, all: &[Piece], labels: &[Option<&Label>], rules: &Rulebook) -> Vec<Header> {
    let text = &layout.document.text;
    let known: Vec<bool> = all.iter().zip(labels).map(|(p, label)| label.is_some() && heading_like(text, p)).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if !known[at] {
            at += 1;
            continue;
        }
        let run = run_of_headings(text, all, &known, at);
        if let Some(header) = header(layout, &all[at..run], rules) {
            out.push(header);
        }
        at = run;
    }
    out
}

fn heading_like(text: &str, piece: &Piece) -> bool {
    piece.end - piece.start <= 90 && !text[piece.start..piece.end].ends_with([':', '：'])
}

/// Past the last heading of the run that begins at `first`: known ones, unknown ones between, and
/// unknown ones before the first row number.
fn run_of_headings(text: &str, all: &[Piece], known: &[bool], first: usize) -> usize {
    let mut end = first + 1;
    let mut at = first + 1;
    while at < all.len() && at <= end + 2 {
        if known[at] {
            end = at + 1;
        } else if !could_head(text, &all[at]) {
            break;
        }
        at += 1;
    }
    let row_one = (end..all.len().min(end + 4)).find(|i| short_integer(&text[all[*i].start..all[*i].end]) == Some(1));
    match row_one {
        Some(one) if end - first >= 2 && all[end..one].iter().all(|p| could_head(text, p)) => one,
        _ => end,
    }
}

/// Short, without digits and stops: may be a heading that no rule knows.
fn could_head(text: &str, piece: &Piece) -> bool {
    let inside = &text[piece.start..piece.end];
    inside.chars().count() <= 14 && !inside.contains(|c: char| c.is_ascii_digit() || matches!(c, '。' | '，' | ':' | '：' | '；'))
}

fn header(layout: &Layout, run: &[Piece], rules: &Rulebook) -> Option<Header> {
    let columns: Vec<Column> = run.iter().map(|p| column(layout.document, p.start, p.end, rules)).collect();
    let known = columns.iter().filter(|c| c.field.is_some()).count();
    let enough = known >= 3 && known * 2 > columns.len() || known == 2 && columns.len() == 2 && is_telling_pair(&columns);
    if !enough || !has_subject(&columns) {
        return None;
    }
    let border = usual_border(&run[1..]);
    Some(Header { start: run[0].start, end: run[run.len() - 1].end, columns, make: Make::Cells(border) })
}

/// A grid is about bidders or goods.
fn has_subject(columns: &[Column]) -> bool {
    columns.iter().any(|c| {
        matches!(
            c.field.as_deref(),
            Some("supplier" | "candidate" | "bidder" | "item_name" | "lot_name" | "project_name" | "category" | "maker" | "new_content")
        )
    })
}

/// Two columns make a grid only as bidder and sum, rank or answer.
fn is_telling_pair(columns: &[Column]) -> bool {
    let has = |field: &str| columns.iter().any(|c| c.field.as_deref() == Some(field));
    (has("supplier") || has("candidate") || has("bidder"))
        && (has("amount") || has("rank") || has("won") || has("row_number") || has("score"))
        || has("item_name") && (has("quantity") || has("unit_price") || has("model"))
}

/// Bidder, and sum or address: enough even without a row number.
fn is_telling(columns: &[Column]) -> bool {
    let has = |field: &str| columns.iter().any(|c| c.field.as_deref() == Some(field));
    has("supplier") && (has("amount") || has("supplier_address"))
}

fn usual_border(run: &[Piece]) -> Border {
    let mut counts: HashMap<Border, usize> = HashMap::new();
    for piece in run {
        *counts.entry(piece.border).or_default() += 1;
    }
    let narrow = |b: &Border| std::cmp::Reverse((b.lines, b.tabs, b.no_break_spaces, b.spaces));
    counts.into_iter().max_by_key(|(border, count)| (*count, narrow(border))).map_or(Border::default(), |(border, _)| border)
}

/// Headings on one line, between single spaces or nothing at all.
fn run_together(layout: &Layout, start: usize, end: usize, rules: &Rulebook) -> Vec<Header> {
    let squeezed = &layout.squeezed;
    let (from, to) = (squeezed.folded_of(start), squeezed.folded_of(end));
    let hay = &squeezed.text[from..to];
    let mut out = Vec::new();
    let mut run: Vec<(usize, usize)> = Vec::new();
    for (label_start, label_end, _) in rules.columns.find(hay) {
        let with_unit = past_bracket(hay, label_end);
        match run.last() {
            Some((_, before)) if *before == label_start => run.push((label_start, with_unit)),
            _ => {
                out.extend(joined_header(layout, from, hay, &run, rules));
                run = vec![(label_start, with_unit)];
            }
        }
    }
    out.extend(joined_header(layout, from, hay, &run, rules));
    out
}

/// Past `(元)` right behind a label.
fn past_bracket(hay: &str, at: usize) -> usize {
    let rest = &hay[at..];
    if !rest.starts_with('(') {
        return at;
    }
    let close = rest.char_indices().take(16).find(|(_, c)| *c == ')').map(|(i, _)| at + i + 1);
    close.unwrap_or(at)
}

fn joined_header(layout: &Layout, from: usize, hay: &str, run: &[(usize, usize)], rules: &Rulebook) -> Option<Header> {
    if run.len() < 3 || hay[run.last()?.1..].starts_with(':') {
        return None;
    }
    let text = &layout.document.text;
    let places: Vec<(usize, usize)> = run.iter().map(|(s, e)| layout.squeezed.source_range(from + s, from + e)).collect();
    let columns: Vec<Column> = places.iter().map(|(s, e)| column(layout.document, *s, *e, rules)).collect();
    let known = columns.iter().filter(|c| c.field.is_some()).count();
    // Three labels may follow one another in a sentence (项目 要求 供应商): a row number or a fourth
    // shows that they are headings.
    let numbered = columns[0].field.as_deref() == Some("row_number");
    if known < 3 || !numbered && known < 4 && !is_telling(&columns) || !has_subject(&columns) {
        return None;
    }
    let apart = places.windows(2).filter(|w| text[w[0].1..w[1].0].chars().any(char::is_whitespace)).count();
    let make = if apart + 1 >= places.len() { Make::Words } else { Make::Glued };
    Some(Header { start: places[0].0, end: places.last()?.1, columns, make })
}

fn body(layout: &Layout, header: &Header, stop: usize, rules: &Rulebook, found: &mut Vec<Grid>, gaps: &mut Vec<Gap>) {
    let document = layout.document;
    for column in header.columns.iter().filter(|c| c.field.is_none()) {
        let note = "a column heading that no file of columns/ knows";
        gaps.push(Gap { kind: GapKind::UnknownLabel, at: document.quote(column.label.start, column.label.end), note: note.to_string() });
    }
    let (behind, border) = match header.make {
        Make::Cells(border) => (pieces(&document.text, header.end, stop), border),
        Make::Words => (words(&document.text, header.end, stop), Border { spaces: 1, ..Border::default() }),
        Make::Glued => return glued::solve(layout, header.start, header.end, stop, &header.columns, rules, found, gaps),
    };
    if behind.is_empty() {
        return;
    }
    match aligned(layout, header, &behind, border, rules) {
        Some(grid) => found.push(grid),
        None => gaps.push(unsolved(document, header.start, stop, "no way to lay the cells under these headings was confirmed")),
    }
}

/// The rows behind a header: those that fill its columns exactly, or, where more come of it, those that
/// the cheapest walk of the pieces through the columns gives.
fn aligned(layout: &Layout, header: &Header, behind: &[Piece], border: Border, rules: &Rulebook) -> Option<Grid> {
    let text = &layout.document.text;
    let regular = match header.make {
        Make::Cells(_) => regular::rows(text, behind, &header.columns, border, rules),
        Make::Words | Make::Glued => regular::Regular::default(),
    };
    if !regular.rows.is_empty() && regular.used == behind.len() {
        return grid(layout, header, behind, &regular.rows, "grids/regular");
    }
    let alignment = align(text, behind, &header.columns, border, rules);
    let good = alignment.as_ref().map_or(0, |a| confirmed(text, behind, &header.columns, a, rules));
    match alignment {
        Some(alignment) if good > regular.rows.len() => grid(layout, header, behind, &alignment.rows[..good], "grids/aligned"),
        _ => grid(layout, header, behind, &regular.rows, "grids/regular"),
    }
}

fn grid(layout: &Layout, header: &Header, behind: &[Piece], rows: &[Vec<Vec<usize>>], proof: &str) -> Option<Grid> {
    let document = layout.document;
    let rows: Vec<Row> = rows
        .iter()
        .filter_map(|row| {
            let first = row.iter().flatten().min()?;
            let last = row.iter().flatten().max()?;
            let cells = row.iter().map(|cell| cell.iter().map(|p| document.span(behind[*p].start, behind[*p].end)).collect()).collect();
            Some(Row { at: document.span(behind[*first].start, behind[*last].end), cells, title: None })
        })
        .collect();
    let end = rows.last()?.at.end;
    Some(Grid { columns: header.columns.clone(), rows, at: document.span(header.start, end), lot: None, title: None, proof: proof.into() })
}

/// A flattened table whose lines begin with the heading and go on with one cell a bidder: names under
/// one heading, then as many values under each of the next ones.
fn on_its_side(layout: &Layout, all: &[Piece], labels: &[Option<&Label>], rules: &Rulebook) -> Option<Grid> {
    (0..all.len()).find_map(|names| Side { layout, all, labels, names, rules }.grid())
}

/// A table on its side whose names stand behind the piece `names`.
struct Side<'a> {
    layout: &'a Layout<'a>,
    all: &'a [Piece],
    labels: &'a [Option<&'a Label>],
    names: usize,
    rules: &'a Rulebook,
}

impl Side<'_> {
    fn text(&self, at: usize) -> &str {
        &self.layout.document.text[self.all[at].start..self.all[at].end]
    }

    fn column(&self, at: usize) -> Column {
        column(self.layout.document, self.all[at].start, self.all[at].end, self.rules)
    }

    fn field(&self, at: usize) -> Option<&str> {
        self.labels[at].map(|label| &*label.field)
    }

    fn grid(&self) -> Option<Grid> {
        let known = self.field(self.names).is_some_and(|f| super::BIDDERS.contains(&f));
        if !known && !could_head(&self.layout.document.text, &self.all[self.names])
            || super::is_organisation(self.text(self.names), self.rules).is_some()
        {
            return None;
        }
        let ranks = |from: usize, to: usize| (from..to).all(|at| crate::extract::claims::rank_of(self.text(at), self.rules).is_some());
        let ranked = |count: &usize| self.names > *count && ranks(self.names - count, self.names);
        let all = self.bidders(EndingStrength::Weak);
        let count = Some(all).filter(|count| *count >= 2 && ranked(count)).unwrap_or_else(|| self.bidders(EndingStrength::Strong));
        if count < 2 {
            return None;
        }
        let (lines, next) = self.lines(count);
        let mut columns: Vec<Column> = lines.iter().map(|at| self.column(*at)).collect();
        let mut lines = lines;
        if !known {
            columns[0].field = Some("bidder".into());
        }
        if ranked(&count) {
            lines.insert(0, self.names - count - 1);
            columns.insert(0, Column { field: Some("rank".into()), ..self.column(self.names - count - 1) });
        }
        let telling = columns.iter().any(|c| matches!(c.field.as_deref(), Some("amount" | "rank" | "score")));
        let span = |at: usize| self.layout.document.span(self.all[at].start, self.all[at].end);
        let at = self.layout.document.span(self.all[lines[0]].start, self.all[next - 1].end);
        let rows = (1..=count).map(|n| Row { at, cells: lines.iter().map(|line| vec![span(line + n)]).collect(), title: None }).collect();
        (columns.len() >= 2 && (known || telling)).then(|| Grid {
            columns,
            rows,
            at,
            lot: None,
            title: None,
            proof: "grids/on-its-side".into(),
        })
    }

    /// How many pieces in a row are names of organisations, the weakest of `least` strength.
    fn bidders(&self, least: EndingStrength) -> usize {
        let is_bidder =
            |at: &usize| super::is_organisation(self.text(*at), self.rules).is_some_and(|s| s == EndingStrength::Strong || s == least);
        (self.names + 1..self.all.len()).take(12).take_while(is_bidder).count()
    }

    /// Starts of the lines of `count` values each, from the names' own on, and where they end. A line
    /// nobody knows may stand between if its values are numbers.
    fn lines(&self, count: usize) -> (Vec<usize>, usize) {
        let mut lines = vec![self.names];
        let mut next = self.names + count + 1;
        let digits = |at: usize| self.text(at).contains(|c: char| c.is_ascii_digit());
        while next + count < self.all.len() {
            let heads = self.field(next).is_some()
                || could_head(&self.layout.document.text, &self.all[next]) && (next + 1..=next + count).all(digits);
            if !heads || (next + 1..=next + count).any(|at| self.field(at).is_some()) {
                break;
            }
            lines.push(next);
            next += count + 1;
        }
        (lines, next)
    }
}
