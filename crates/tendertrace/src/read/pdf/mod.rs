//! What does a PDF say? Its pages' text in reading order with tables as tables; pages that are only
//! pictures are told apart and counted.
//!
//! ```text
//! operators ─▶ glyphs, drawn lines ─▶ lines, grids ─▶ paragraphs, tables ─▶ Document
//! ```

mod content;
mod font;
mod grid;
mod layout;
mod lines;
mod names;
mod scan;
mod space;
mod transcript;

use super::broken;
use super::writer::Writer;
use crate::evidence::Gap;
use crate::model::{BlockKind, Document};
use content::{Runner, Shown};
use hayro_syntax::{LoadPdfError, Pdf};
use layout::{Cell, Piece, Table, Text};
use std::collections::HashMap;

pub use scan::{of_picture, scans};
pub use transcript::read_transcript;

/// What makes pictures readable.
pub const INSTALL: &str = "install tesseract with its Chinese data (tesseract-ocr and tesseract-ocr-chi-sim) and give the file again";
/// Pages of one document that are read.
const MOST_PAGES: usize = 5_000;
/// A page with fewer characters and so much of it under a picture was scanned.
const FEWEST_GLYPHS: usize = 12;
const PICTURED: f64 = 0.3;
/// What page numbers are written with besides figures.
const PAGE_SIGNS: &str = "IVXivx-/\u{2013}\u{2014}\u{B7}";
/// Lines so near to the edge, as a part of the page's height, may be its header or footer.
const MARGIN: f64 = 0.1;
/// The same line on so many pages belongs to the pages, not to the text.
const REPEATED: usize = 3;

/// Reads a PDF below a title.
pub fn read_pdf(bytes: &[u8], title: &str) -> Document {
    let pdf = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => pdf,
        Err(error) => return failed(title, &error),
    };
    let mut runner = Runner::default();
    let pages: Vec<Sheet> =
        pdf.pages().iter().take(MOST_PAGES).map(|page| Sheet::of(&runner.run(page), page.render_dimensions())).collect();
    let mut document = write(&pages, title);
    document.gaps = gaps(&pages, pdf.pages().len());
    document
}

fn failed(title: &str, error: &LoadPdfError) -> Document {
    let gap = match error {
        LoadPdfError::Decryption(_) => broken("this PDF is encrypted", "open it with its password and save it without"),
        LoadPdfError::Invalid => broken("this PDF is damaged beyond repair", "fetch the file again"),
    };
    Document { gaps: vec![gap], ..Writer::titled(title).finish() }
}

/// A page in its blocks, with what is counted of it.
struct Sheet {
    pieces: Vec<Piece>,
    height: f64,
    glyphs: usize,
    unknown: usize,
    is_scanned: bool,
    cut: bool,
}

impl Sheet {
    fn of(shown: &Shown, (width, height): (f32, f32)) -> Sheet {
        Sheet {
            pieces: layout::pieces(shown),
            height: f64::from(height),
            glyphs: shown.glyphs.len(),
            unknown: shown.glyphs.iter().filter(|g| g.text.text == "\u{FFFD}").count(),
            is_scanned: is_scanned(shown, (width, height)),
            cut: shown.cut,
        }
    }

    /// A line at the edge of the page, without what counts the pages.
    fn margin_line<'p>(&self, piece: &'p Piece) -> Option<(String, &'p str)> {
        let Piece::Text(text) = piece else { return None };
        let at_edge = text.y < MARGIN * self.height || text.y > (1.0 - MARGIN) * self.height;
        let key = text.text.chars().filter(|c| !c.is_numeric() && !c.is_whitespace() && !PAGE_SIGNS.contains(*c)).collect();
        at_edge.then_some((key, text.text.as_str()))
    }
}

/// Whether a page of this size says next to nothing and is mostly pictures.
fn is_scanned(shown: &Shown, (width, height): (f32, f32)) -> bool {
    shown.glyphs.len() < FEWEST_GLYPHS && shown.pictured > PICTURED * f64::from(width) * f64::from(height)
}

fn gaps(pages: &[Sheet], count: usize) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let scanned: Vec<String> = pages.iter().enumerate().filter(|(_, p)| p.is_scanned).map(|(at, _)| (at + 1).to_string()).collect();
    if !scanned.is_empty() {
        let message =
            format!("{} of {count} pages are pictures without text: {}", scanned.len(), scanned[..scanned.len().min(20)].join(", "));
        gaps.push(broken(&message, INSTALL));
    }
    let (all, unknown) = pages.iter().fold((0, 0), |(all, unknown), p| (all + p.glyphs, unknown + p.unknown));
    if unknown * 10 > all {
        gaps.push(broken(
            &format!("the fonts do not say what {unknown} of {all} characters are"),
            "compare with the file as a viewer shows it",
        ));
    }
    if pages.iter().any(|p| p.cut) || pages.len() < count {
        gaps.push(broken("this PDF says more than is read of one file", "split the file"));
    }
    gaps
}

fn write(pages: &[Sheet], title: &str) -> Document {
    let mut repeated: HashMap<String, usize> = HashMap::new();
    for (key, _) in pages.iter().flat_map(|page| page.pieces.iter().filter_map(|piece| page.margin_line(piece))) {
        *repeated.entry(key).or_default() += 1;
    }
    let mut print = Print { writer: Writer::titled(title), table: None, open: None, asides: Vec::new() };
    let mut starts = Vec::new();
    for page in pages {
        starts.push(print.writer.position());
        for piece in &page.pieces {
            match (page.margin_line(piece), piece) {
                (Some((key, line)), _) if key.is_empty() || repeated[&key] >= REPEATED => print.asides.push(line.to_string()),
                (_, Piece::Text(text)) => print.text(text),
                (_, Piece::Table(table)) => print.table(table),
            }
        }
    }
    print.end_block();
    Document { pages: starts, ..print.writer.finish() }
}

/// Writes blocks; a table or a paragraph that goes on over the page is one.
struct Print {
    writer: Writer,
    /// Borders of the table being written.
    table: Option<Vec<f64>>,
    /// Last character of a paragraph that may go on.
    open: Option<char>,
    /// Headers and footers wait until what they cut in two is finished.
    asides: Vec<String>,
}

impl Print {
    fn text(&mut self, text: &Text) {
        match self.open.take().filter(|_| text.begins_full) {
            Some(last) => {
                if lines::are_words(last, text.text.chars().next()) {
                    self.writer.space();
                }
            }
            None => self.end_block(),
        }
        self.writer.verbatim(&text.text);
        self.open = text.text.chars().last().filter(|_| text.ends_full);
        if self.open.is_none() {
            self.writer.line_break();
        }
    }

    fn end_block(&mut self) {
        if self.table.take().is_some() {
            self.writer.close_table();
        }
        self.open = None;
        self.writer.line_break();
        self.writer.set_kind(BlockKind::Aside);
        for line in self.asides.drain(..) {
            self.writer.verbatim(&line);
            self.writer.line_break();
        }
        self.writer.set_kind(BlockKind::Paragraph);
    }

    fn table(&mut self, table: &Table) {
        let same = |open: &Vec<f64>| open.len() == table.borders.len() && open.iter().zip(&table.borders).all(|(a, b)| (a - b).abs() < 4.0);
        if !self.table.as_ref().is_some_and(same) {
            self.end_block();
            self.writer.open_table();
            self.table = Some(table.borders.clone());
        }
        for row in table.cells.chunk_by(|a, b| a.row == b.row) {
            self.row(row);
        }
        self.writer.close_row_group();
    }

    fn row(&mut self, cells: &[Cell]) {
        self.writer.open_row();
        for cell in cells {
            self.writer.open_cell(cell.rows as u32, cell.columns as u32, false);
            for line in &cell.lines {
                self.writer.verbatim(line);
                self.writer.line_break();
            }
            self.writer.close_cell();
        }
        self.writer.close_row();
    }
}

#[cfg(test)]
mod tests;
