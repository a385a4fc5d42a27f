//! What does an OFD file say, the fixed layout of Chinese public bodies? Pieces of text with their places on
//! pages, put into lines from top to bottom and left to right; columns of a table are parted by tabs.

use crate::read::entities::unescape;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Pieces of text of one page.
const MOST_PIECES: usize = 200_000;

/// A piece of text: left, baseline or top, width and height in millimetres.
struct Piece {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    text: String,
}

/// The lines of a page's `Content.xml`.
pub fn lines(text: &str) -> Vec<String> {
    let mut pieces = pieces(text);
    pieces.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        match lines.last_mut().filter(|line| line.last().is_some_and(|last| on_one_line(last, &piece))) {
            Some(line) => line.push(piece),
            None => lines.push(vec![piece]),
        }
    }
    lines.into_iter().map(joined).filter(|line| !line.trim().is_empty()).collect()
}

fn on_one_line(one: &Piece, other: &Piece) -> bool {
    (one.y - other.y).abs() < one.height.min(other.height).max(0.5) / 2.0
}

/// Pieces that a gap wider than a character parts are columns.
fn joined(mut line: Vec<Piece>) -> String {
    line.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut text = String::new();
    let mut end = f64::NEG_INFINITY;
    for piece in line {
        if end.is_finite() && piece.x - end > piece.height.max(1.0) {
            text.push('\t');
        }
        text.push_str(&piece.text);
        end = piece.x + piece.width;
    }
    text
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut found: Vec<Piece> = Vec::new();
    let (mut boundary, mut in_code) = ([0.0; 4], false);
    while found.len() < MOST_PIECES {
        match reader.read_event() {
            Ok(Event::Start(element)) => match element.local_name().as_ref() {
                "TextObject" => boundary = boundary_of(&element),
                "TextCode" => {
                    in_code = true;
                    found.push(piece(&element, boundary));
                }
                _ => {}
            },
            Ok(Event::End(element)) if element.local_name().as_ref() == "TextCode" => in_code = false,
            Ok(Event::Text(text)) if in_code => add(&mut found, &text.into_inner()),
            Ok(Event::CData(text)) if in_code => add(&mut found, &text.into_inner()),
            Ok(Event::GeneralRef(entity)) if in_code => add(&mut found, &unescape(&format!("&{};", entity.into_inner()))),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    found
}

fn add(found: &mut [Piece], text: &str) {
    if let Some(last) = found.last_mut() {
        last.text.push_str(text.trim_matches(['\n', '\r']));
    }
}

fn boundary_of(element: &BytesStart<'_>) -> [f64; 4] {
    let written = value(element, "Boundary").unwrap_or_default();
    let mut numbers = written.split_ascii_whitespace().map(|n| n.parse::<f64>().ok().filter(|n| n.is_finite()).unwrap_or(0.0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0.0))
}

/// A code stands within its object, which alone has a height.
fn piece(element: &BytesStart<'_>, [x, y, width, height]: [f64; 4]) -> Piece {
    let number = |key: &str| value(element, key).and_then(|n| n.parse::<f64>().ok()).filter(|n| n.is_finite());
    let (dx, dy) = (number("X").unwrap_or(0.0), number("Y").unwrap_or(0.0));
    Piece { x: x + dx, y: y + dy, width: width - dx, height, text: String::new() }
}

fn value(element: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.local_name().as_ref() == wanted)?;
    Some(unescape(&found.value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_lines_and_columns() {
        let object = |x: u32, y: u32, w: u32, text: &str| {
            format!("<ofd:TextObject Boundary='{x} {y} {w} 4'><ofd:TextCode X='0' Y='3'>{text}</ofd:TextCode></ofd:TextObject>")
        };
        let page = [object(60, 30, 12, "4台"), object(20, 20, 30, "中标公告"), object(20, 30, 16, "服务"), object(36, 30, 4, "器&amp;柜")]
            .concat();
        assert_eq!(lines(&format!("<ofd:Page>{page}</ofd:Page>")), ["中标公告", "服务器&柜\t4台"]);
    }

    #[test]
    fn numbers_that_are_none_and_broken_files_end() {
        assert_eq!(lines("<TextObject Boundary='NaN inf x'><TextCode X='NaN'>甲</TextCode>"), ["甲"]);
        assert!(lines(&"<TextObject><TextCode>".repeat(9_000)).is_empty());
    }
}
