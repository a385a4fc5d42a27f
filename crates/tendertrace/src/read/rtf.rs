//! What does a file of the Rich Text Format say? Its text in the encoding it names, paragraphs and the rows
//! and cells of tables; pictures, fonts, styles and what only programs read are passed over.

use super::writer::Writer;
use crate::model::Document;
use encoding_rs::Encoding;

/// Groups within groups that are followed; what lies deeper is passed over.
const DEEPEST: usize = 500;

/// Destinations whose text is none of the document.
const SKIPPED: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "headerl",
    "headerr",
    "footerl",
    "footerr",
    "listtable",
    "listoverridetable",
    "themedata",
    "datastore",
    "xmlnstbl",
    "generator",
    "fldinst",
    "bkmkstart",
    "bkmkend",
    "rsidtbl",
    "mmathPr",
];

/// Reads the text below a title.
pub fn read_rtf(bytes: &[u8], title: &str) -> Document {
    let mut reader =
        Rtf { bytes, at: 0, groups: vec![Group::default()], out: Out::new(title), encoding: encoding_rs::GBK, pending: Vec::new() };
    while reader.at < bytes.len() {
        reader.step();
    }
    reader.flush();
    reader.out.finish()
}

#[derive(Debug, Clone, Copy)]
struct Group {
    is_skipped: bool,
    is_hidden: bool,
    /// Characters that stand in for one written as a number.
    stand_ins: usize,
}

impl Default for Group {
    fn default() -> Group {
        Group { is_skipped: false, is_hidden: false, stand_ins: 1 }
    }
}

struct Rtf<'a> {
    bytes: &'a [u8],
    at: usize,
    groups: Vec<Group>,
    out: Out,
    encoding: &'static Encoding,
    /// Bytes of characters that may need more than one.
    pending: Vec<u8>,
}

impl Rtf<'_> {
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        self.at += 1;
        match byte {
            b'{' => {
                self.flush();
                let top = *self.top();
                if self.groups.len() < DEEPEST {
                    self.groups.push(top);
                }
            }
            b'}' => {
                self.flush();
                if self.groups.len() > 1 {
                    self.groups.pop();
                }
            }
            b'\\' => self.control(),
            b'\r' | b'\n' => {}
            byte => self.pending.push(byte),
        }
    }

    fn top(&mut self) -> &mut Group {
        self.groups.last_mut().expect("never empty")
    }

    fn control(&mut self) {
        let Some(&first) = self.bytes.get(self.at) else { return };
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            return self.symbol(first);
        }
        let rest = &self.bytes[self.at..];
        let letters = rest.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
        let sign = usize::from(rest.get(letters) == Some(&b'-'));
        let digits = rest[letters + sign..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[letters..letters + sign + digits]).ok().and_then(|n| n.parse::<i64>().ok());
        let blank = usize::from(rest.get(letters + sign + digits) == Some(&b' '));
        let word = std::str::from_utf8(&rest[..letters]).unwrap_or_default().to_string();
        self.at += letters + if digits > 0 { sign + digits } else { 0 } + if digits > 0 || sign == 0 { blank } else { 0 };
        self.word(&word, number);
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\'' => {
                let hex = self.bytes.get(self.at..self.at + 2).and_then(|h| std::str::from_utf8(h).ok());
                if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
                    self.pending.push(byte);
                    self.at += 2;
                }
            }
            b'*' => self.top().is_skipped = true,
            b'~' => self.pending.push(b' '),
            b'_' => self.pending.push(b'-'),
            b'\r' | b'\n' => self.word("par", None),
            b'\\' | b'{' | b'}' => self.pending.push(symbol),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        self.flush();
        if SKIPPED.contains(&word) {
            self.top().is_skipped = true;
        }
        match word {
            "ansicpg" => {
                let name = match number.unwrap_or(0) {
                    936 => "gbk".to_string(),
                    950 => "big5".to_string(),
                    65001 => "utf-8".to_string(),
                    other => format!("windows-{other}"),
                };
                self.encoding = Encoding::for_label(name.as_bytes()).unwrap_or(self.encoding);
            }
            "uc" => self.top().stand_ins = number.unwrap_or(1).clamp(0, 8) as usize,
            "u" => self.unicode(number.unwrap_or(0)),
            "v" => self.top().is_hidden = number != Some(0),
            "plain" => self.top().is_hidden = false,
            "par" | "line" | "sect" | "page" | "softline" => self.say("\n"),
            "tab" => self.say("\t"),
            "cell" | "nestcell" => self.break_table(Break::Cell),
            "row" | "nestrow" => self.break_table(Break::Row),
            "trowd" => self.break_table(Break::Begin),
            "bin" => self.at = (self.at + number.unwrap_or(0).max(0) as usize).min(self.bytes.len()),
            _ => {}
        }
    }

    /// A UTF-16 unit written as a number, and the characters that stand in for it.
    fn unicode(&mut self, number: i64) {
        let unit = (number & 0xFFFF) as u16;
        if self.groups.last().is_some_and(|group| !group.is_skipped && !group.is_hidden) {
            self.out.unit(unit);
        }
        for _ in 0..self.groups.last().map_or(1, |g| g.stand_ins) {
            match self.bytes.get(self.at..).unwrap_or_default() {
                [b'\\', b'\'', ..] => self.at = (self.at + 4).min(self.bytes.len()),
                [b'\\' | b'{' | b'}', ..] | [] => {}
                _ => self.at += 1,
            }
        }
    }

    fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.pending);
        if !bytes.is_empty() {
            let text = self.encoding.decode_without_bom_handling(&bytes).0.into_owned();
            self.say(&text);
        }
    }

    fn say(&mut self, text: &str) {
        let top = *self.top();
        if !top.is_skipped && !top.is_hidden {
            self.out.text(text);
        }
    }

    fn break_table(&mut self, what: Break) {
        if !self.top().is_skipped {
            self.out.table(what);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Begin,
    Cell,
    Row,
}

/// Text that may turn out to stand in a cell: a cell is known by its end.
struct Out {
    writer: Writer,
    text: String,
    high: Option<u16>,
    cells: Vec<String>,
    rows: Vec<Vec<String>>,
    state: Within,
}

/// Rows are announced before their cells come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Row,
}

impl Out {
    fn new(title: &str) -> Out {
        Out { writer: Writer::titled(title), text: String::new(), high: None, cells: Vec::new(), rows: Vec::new(), state: Within::Text }
    }

    fn text(&mut self, text: &str) {
        if self.state == Within::Text && !self.rows.is_empty() && !text.trim().is_empty() {
            self.write_table();
        }
        self.text.push_str(text);
    }

    fn unit(&mut self, unit: u16) {
        match (self.high.take(), unit) {
            (_, 0xD800..=0xDBFF) => self.high = Some(unit),
            (Some(high), 0xDC00..=0xDFFF) => {
                let text: String = char::decode_utf16([high, unit]).filter_map(Result::ok).collect();
                self.text(&text);
            }
            (_, unit) => {
                let text: String = char::from_u32(u32::from(unit)).into_iter().collect();
                self.text(&text);
            }
        }
    }

    fn table(&mut self, what: Break) {
        match what {
            Break::Begin => {
                if self.state == Within::Text {
                    self.write_text();
                }
                self.state = Within::Row;
            }
            Break::Cell => self.cells.push(std::mem::take(&mut self.text).trim().to_string()),
            Break::Row => {
                self.rows.push(std::mem::take(&mut self.cells));
                self.state = Within::Text;
            }
        }
    }

    fn write_text(&mut self) {
        if !self.text.trim().is_empty() {
            self.write_table();
        }
        let text = std::mem::take(&mut self.text);
        for line in text.split('\n') {
            self.writer.verbatim(line);
            self.writer.line_break();
        }
    }

    fn write_table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return;
        }
        self.writer.open_table();
        for row in rows {
            self.writer.open_row();
            for cell in row {
                self.writer.open_cell(1, 1, false);
                self.writer.verbatim(&cell);
                self.writer.close_cell();
            }
            self.writer.close_row();
        }
        self.writer.close_table();
    }

    fn finish(mut self) -> Document {
        if !self.cells.is_empty() {
            self.table(Break::Row);
        }
        self.write_table();
        self.write_text();
        self.writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlockKind;

    fn outline(text: &[u8]) -> Vec<String> {
        let document = read_rtf(text, "");
        let cells = |kind: &BlockKind| match kind {
            BlockKind::Table(cells) => {
                cells.iter().map(|c| format!("{},{} {}", c.row, c.column, &document.text[c.start..c.end])).collect::<Vec<_>>().join(" | ")
            }
            _ => String::new(),
        };
        let block = |b: &crate::model::Block| match &b.kind {
            BlockKind::Table(_) => format!("T {}", cells(&b.kind)),
            _ => document.text[b.start..b.end].to_string(),
        };
        document.blocks.iter().skip(1).map(block).collect()
    }

    #[test]
    fn text_in_its_encoding_and_tables() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0 SimSun;}}{\\*\\generator X;}\\uc1 \\'b9\\'ab\\'b8\\'e6 A\\{B\\}\\par \\u37319?\\u-29395?\\par\n\
            \\trowd\\cellx1\\cellx2 \\'c3\\'fb\\'b3\\'c6\\cell \\'ca\\'fd\\'c1\\'bf\\cell\\row \\trowd X\\cell 2\\cell\\row \\pard {\\v hidden}end}";
        assert_eq!(outline(rtf), ["公告 A{B}", "采购", "T 0,0 名称 | 0,1 数量 | 1,0 X | 1,1 2", "end"]);
    }

    #[test]
    fn broken_and_deep_files_end() {
        for piece in ["{", "}", "\\", "\\'", "\\u", "\\trowd", "\\cell", "\\row", "\\bin99999999999", "\\u55357?", "{\\*"] {
            outline(format!("{{\\rtf1 {}", piece.repeat(20_000)).as_bytes());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            outline(&[b"{\\rtf1".as_slice(), &bytes].concat());
        }
    }
}
