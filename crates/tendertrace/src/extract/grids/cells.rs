//! Where are the borders of flattened text? Cells between tabs, line breaks and runs of spaces, each
//! with the border before it.

/// A stretch without borders inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub start: usize,
    pub end: usize,
    pub border: Border,
}

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Border {
    pub tabs: u16,
    pub lines: u16,
    pub no_break_spaces: u16,
    pub spaces: u16,
}

impl Border {
    fn is_border(self) -> bool {
        self.tabs > 0 || self.lines > 0 || self.no_break_spaces + self.spaces > 1
    }

    /// Of one make with `other`: the same kinds of characters, whatever their number.
    pub fn alike(self, other: Border) -> bool {
        let make = |b: Border| (b.tabs > 0, b.lines > 0, b.no_break_spaces > 0);
        make(self) == make(other)
    }

    /// Characters in all.
    pub fn width(self) -> u32 {
        u32::from(self.tabs) + u32::from(self.lines) + u32::from(self.no_break_spaces) + u32::from(self.spaces)
    }

    /// Wider than a border between cells: rows end so.
    pub fn wider(self, other: Border) -> bool {
        let bare = |b: Border| b.tabs == 0 && b.lines == 0;
        let spaces = |b: Border| b.spaces + b.no_break_spaces;
        self.lines > other.lines
            || self.lines == other.lines && self.tabs > other.tabs
            || bare(self) && bare(other) && spaces(self) > spaces(other)
    }
}

/// The pieces of `text[start..end]`, borders being tabs, line breaks and runs of two or more spaces.
pub fn pieces(text: &str, start: usize, end: usize) -> Vec<Piece> {
    split(text, start, end, Border::is_border)
}

/// The pieces between any white space at all.
pub fn words(text: &str, start: usize, end: usize) -> Vec<Piece> {
    split(text, start, end, |border| border != Border::default())
}

fn split(text: &str, start: usize, end: usize, is_border: impl Fn(Border) -> bool) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut border = Border::default();
    let mut open: Option<(usize, Border)> = None;
    let mut solid_end = start;
    for (offset, c) in text[start..end].char_indices() {
        let at = start + offset;
        if count(&mut border, c) {
            continue;
        }
        match open {
            Some((from, before)) if is_border(border) => {
                out.push(Piece { start: from, end: solid_end, border: before });
                open = Some((at, border));
            }
            Some(_) => {}
            None => open = Some((at, border)),
        }
        border = Border::default();
        solid_end = at + c.len_utf8();
    }
    if let Some((from, before)) = open {
        out.push(Piece { start: from, end: solid_end, border: before });
    }
    out
}

fn count(border: &mut Border, c: char) -> bool {
    let slot = match c {
        '\t' => &mut border.tabs,
        '\n' | '\r' | '\u{2028}' | '\u{0B}' => &mut border.lines,
        '\u{A0}' => &mut border.no_break_spaces,
        c if c.is_whitespace() => &mut border.spaces,
        _ => return false,
    };
    *slot = slot.saturating_add(1);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_at_tabs_lines_and_runs_of_spaces() {
        let text = "甲\t\t\t\u{A0}\u{A0}乙 丙  丁\n戊";
        let cut: Vec<_> = pieces(text, 0, text.len()).iter().map(|p| &text[p.start..p.end]).collect();
        assert_eq!(cut, ["甲", "乙 丙", "丁", "戊"]);
        assert_eq!(words(text, 0, text.len()).len(), 5);
    }
}
