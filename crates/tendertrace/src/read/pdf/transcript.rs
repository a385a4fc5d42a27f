//! What do the pages say that a program read from pictures? Its words and the lines that were drawn, with their
//! places, go through the same layout as the characters of a PDF: tables become tables.
//!
//! ```text
//! page  NUMBER WIDTH HEIGHT                      in points
//! across | along  AT FROM TO                     a drawn line
//! word  X0 X1 BASE SIZE CONFIDENCE TEXT          confidence 0 to 100, as the program gives it
//! ```
//! Fields are apart by tabs.

use super::content::{Glyph, Ruling, Shown};
use super::font::Char;
use super::space::Way;
use super::{MOST_PAGES, Sheet, write};
use crate::model::Document;
use std::rc::Rc;

/// Text reaches at least so far to the right of its page.
const WIDE: f64 = 0.85;
/// Programs draw the boxes of Chinese words too tight: a gap of fewer ems between two is none.
const TIGHT: f64 = 0.9;
/// Stands for a word of which the program was not sure.
const UNREAD: &str = "□";

/// Reads a transcript below a title; words below `unsure` (of 100) are boxes, and none where they are
/// nothing but remains of lines. Pages keep their numbers.
pub fn read_transcript(text: &str, title: &str, unsure: f32) -> Document {
    let mut pages: Vec<Sheet> = Vec::new();
    let (mut shown, mut size) = (Shown::default(), None);
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields.as_slice() {
            ["page", number, width, height] => {
                close(&mut pages, &mut shown, size);
                let before = number.parse::<usize>().unwrap_or(1).clamp(1, MOST_PAGES) - 1;
                while pages.len() < before {
                    pages.push(Sheet::of(&Shown::default(), (0.0, 0.0)));
                }
                size = Some((width.parse().unwrap_or(0.0), height.parse().unwrap_or(0.0)));
                shown.wide = WIDE * size.map_or(0.0, |(width, _)| f64::from(width));
            }
            [way @ ("across" | "along"), at, from, to] => shown.rulings.extend(ruling(way, [at, from, to])),
            ["word", x0, x1, base, height, confidence, text] => {
                let next = word([x0, x1, base, height, confidence], text, unsure);
                if let (Some(last), Some(next)) = (shown.glyphs.last_mut(), &next) {
                    close_gap(last, next);
                }
                shown.glyphs.extend(next);
            }
            _ => {}
        }
    }
    close(&mut pages, &mut shown, size);
    write(&pages, title)
}

fn close(pages: &mut Vec<Sheet>, shown: &mut Shown, size: Option<(f32, f32)>) {
    if let Some(size) = size {
        pages.push(Sheet::of(&std::mem::take(shown), size));
    }
}

fn numbers<const N: usize>(fields: [&str; N]) -> Option<[f64; N]> {
    let mut numbers = [0.0; N];
    for (number, field) in numbers.iter_mut().zip(fields) {
        *number = field.parse::<f64>().ok().filter(|n| n.is_finite())?;
    }
    Some(numbers)
}

fn ruling(way: &str, fields: [&str; 3]) -> Option<Ruling> {
    let [at, from, to] = numbers(fields)?;
    Some(if way == "across" { Ruling::Across { y: at, x0: from, x1: to } } else { Ruling::Along { x: at, y0: from, y1: to } })
}

fn word(fields: [&str; 5], text: &str, unsure: f32) -> Option<Glyph> {
    let [x0, x1, base, size, confidence] = numbers(fields)?;
    let is_sure = confidence as f32 >= unsure;
    let text = without_remains(text);
    if text.is_empty() || (!is_sure && text.chars().count() == 1) {
        return None;
    }
    let text = if is_sure { text } else { UNREAD };
    let char = Char { text: text.to_string(), width: 1.0, is_space: false };
    Some(Glyph { text: Rc::new(char), from: (x0, base), to: (x1, base), size, way: Way::Right })
}

/// A word without the marks at its ends that are remains of drawn lines: quotes without their partner, bars.
fn without_remains(text: &str) -> &str {
    let is_mark = |c: char| matches!(c, '|' | '“' | '”' | '‘' | '’' | '"' | '\'');
    let inner = text.trim_matches(is_mark);
    let marks = text.chars().filter(|c| is_mark(*c)).count();
    if marks > 1 && !inner.is_empty() { text } else { inner }
}

/// Makes two Chinese words of a line touch that stand close to each other.
fn close_gap(last: &mut Glyph, next: &Glyph) {
    let is_wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
    let are_wide = is_wide(last.text.text.chars().last()) && is_wide(next.text.text.chars().next());
    let gap = next.from.0 - last.to.0;
    if are_wide && last.from.1 == next.from.1 && (0.0..TIGHT * next.size).contains(&gap) {
        last.to.0 = next.from.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlockKind;

    const TEXT: &str = "page\t2\t595\t842\n\
        across\t100\t50\t500\nacross\t130\t50\t500\nacross\t160\t50\t500\nalong\t50\t100\t160\nalong\t300\t100\t160\nalong\t500\t100\t160\n\
        word\t60\t100\t50\t12\t95\t采购人\nword\t102\t150\t50\t12\t93\t示例市公安局\n\
        word\t60\t90\t122\t12\t95\t名称\nword\t310\t340\t122\t12\t95\t数量\n\
        word\t60\t90\t152\t12\t91\tDell\nword\t93\t130\t152\t12\t91\tR740\nword\t310\t330\t152\t12\t91\t”8台\nword\t480\t498\t152\t12\t10\t|\n\
        word\t60\t100\t200\t12\t12\tnan\nnonsense\nword\tx\ty\n";

    #[test]
    fn words_in_drawn_cells_are_a_table() {
        let document = read_transcript(TEXT, "题", 30.0);
        assert_eq!(document.text, "题\n采购人示例市公安局\n名称\t数量\nDell R740\t8台\n□");
        assert!(document.blocks.iter().any(|b| matches!(&b.kind, BlockKind::Table(cells) if cells.len() == 4)), "{:?}", document.blocks);
        assert_eq!(document.pages.len(), 2, "page 1 had text of its own");
    }

    #[test]
    fn nonsense_is_an_empty_document() {
        assert_eq!(read_transcript("", "", 30.0).text.trim(), "");
        assert_eq!(read_transcript("page\t99999999999\tx\ty\nword\t1\t2\t3\tNaN\t5\ta", "", 30.0).text.trim(), "");
    }
}
