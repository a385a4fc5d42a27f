//! Which lines do the glyphs of one place make? Characters on one base line from left to right, in
//! the direction they are written, with the gaps between them.

use super::content::Glyph;
use super::space::Way;

/// A stretch of a line without a wide gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub text: String,
    pub x0: f64,
    pub x1: f64,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub pieces: Vec<Piece>,
    /// Base line, down the page.
    pub y: f64,
    pub size: f64,
    pub way: Way,
}

impl Line {
    pub fn x0(&self) -> f64 {
        self.pieces.first().map_or(0.0, |p| p.x0)
    }

    pub fn x1(&self) -> f64 {
        self.pieces.last().map_or(0.0, |p| p.x1)
    }

    /// The whole line, its pieces apart by `between`.
    pub fn text(&self, between: &str) -> String {
        self.pieces.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(between)
    }
}

/// Gaps in ems: from here on two Latin letters are two words, two characters apart, two pieces.
const WORD_GAP: f64 = 0.18;
const CHARACTER_GAP: f64 = 0.45;
const PIECE_GAP: f64 = 1.4;
/// Base lines closer than this part of the size are one line: raised and lowered figures.
const ONE_LINE: f64 = 0.5;
/// The same character again this near is the first printed twice, to look bold.
const TWICE: f64 = 0.2;

#[derive(Debug, Clone, Copy)]
struct Placed<'g> {
    glyph: &'g Glyph,
    x0: f64,
    x1: f64,
    y: f64,
}

/// Lines of these glyphs: upright text first, turned text after it.
pub fn lines(glyphs: &[&Glyph]) -> Vec<Line> {
    let mut ways: Vec<Way> = glyphs.iter().map(|g| g.way).collect();
    ways.sort();
    ways.dedup();
    ways.into_iter().flat_map(|way| lines_of(glyphs, way)).collect()
}

fn lines_of(glyphs: &[&Glyph], way: Way) -> Vec<Line> {
    let mut placed: Vec<Placed<'_>> = glyphs.iter().filter(|g| g.way == way).map(|g| place(g)).collect();
    placed.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut lines = Vec::new();
    let mut rest = placed.as_mut_slice();
    while let Some(first) = rest.first() {
        let reach = first.y + ONE_LINE * first.glyph.size;
        let count = rest.partition_point(|p| p.y <= reach);
        let (line, tail) = rest.split_at_mut(count);
        line.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        lines.extend(line_of(line, way));
        rest = tail;
    }
    lines
}

fn place(glyph: &Glyph) -> Placed<'_> {
    let (from, to) = (glyph.way.upright(glyph.from.0, glyph.from.1), glyph.way.upright(glyph.to.0, glyph.to.1));
    Placed { glyph, x0: from.0, x1: to.0.max(from.0), y: from.1 }
}

fn line_of(placed: &[Placed<'_>], way: Way) -> Option<Line> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut size: f64 = 0.0;
    let mut blank = false;
    let mut last: Option<Placed<'_>> = None;
    for now in placed {
        let text = now.glyph.text.text.as_str();
        if text.trim().is_empty() {
            blank = true;
            continue;
        }
        if last.is_some_and(|l| l.glyph.text.text == text && now.x0 - l.x0 < TWICE * now.glyph.size) {
            continue;
        }
        size = size.max(now.glyph.size);
        match (pieces.last_mut(), last) {
            (Some(piece), Some(before)) if !is_piece_gap(&before, now, blank) => {
                if is_word_gap(&before, now, blank) {
                    piece.text.push(' ');
                }
                piece.text.push_str(text);
                piece.x1 = piece.x1.max(now.x1);
            }
            _ => pieces.push(Piece { text: text.to_string(), x0: now.x0, x1: now.x1 }),
        }
        last = Some(*now);
        blank = false;
    }
    let y = placed.first()?.y;
    (!pieces.is_empty()).then_some(Line { pieces, y, size, way })
}

/// Blanks that were typed hold a line together longer than a jump does.
fn is_piece_gap(before: &Placed<'_>, now: &Placed<'_>, blank: bool) -> bool {
    let most = if blank { 3.0 * PIECE_GAP } else { PIECE_GAP };
    now.x0 - before.x1 > most * now.glyph.size.max(before.glyph.size)
}

fn is_word_gap(before: &Placed<'_>, now: &Placed<'_>, blank: bool) -> bool {
    let gap = (now.x0 - before.x1) / now.glyph.size.max(1.0);
    let latin = |p: &Placed<'_>| p.glyph.text.text.chars().all(|c| c.is_ascii_alphanumeric());
    let needed = if latin(before) && latin(now) { WORD_GAP } else { CHARACTER_GAP };
    gap > needed || (blank && gap > 0.05)
}

/// Text that goes on after `text` in the next line: two Latin words stay two.
pub fn join(text: &mut String, next: &str) {
    if text.chars().last().is_some_and(|last| are_words(last, next.chars().next())) {
        text.push(' ');
    }
    text.push_str(next);
}

/// Whether a line's last and the next line's first character belong to two words.
pub fn are_words(last: char, next: Option<char>) -> bool {
    let is_latin = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | ';' | '.');
    is_latin(last) && next.is_some_and(is_latin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::pdf::font::Char;
    use std::rc::Rc;

    fn glyph(text: &str, x: f64, y: f64) -> Glyph {
        let char = Char { text: text.to_string(), width: 1.0, is_space: false };
        Glyph { text: Rc::new(char), from: (x, y), to: (x + 10.0, y), size: 10.0, way: Way::Right }
    }

    #[test]
    fn gaps_part_words_and_pieces() {
        let glyphs = [
            glyph("数", 10.0, 0.0),
            glyph("量", 20.0, 0.4),
            glyph("量", 20.5, 0.4),
            glyph("3", 36.0, 0.0),
            glyph("台", 80.0, 0.0),
            glyph("下", 10.0, 14.0),
        ];
        let lines = lines(&glyphs.iter().rev().collect::<Vec<_>>());
        assert_eq!(lines.iter().map(|l| l.text("|")).collect::<Vec<_>>(), ["数量 3|台", "下"]);
    }

    #[test]
    fn lines_join_as_words_do() {
        for (first, next, joined) in [("示例科技有限", "公司", "示例科技有限公司"), ("Example", "Ltd", "Example Ltd")] {
            let mut text = first.to_string();
            join(&mut text, next);
            assert_eq!(text, joined);
        }
    }
}
