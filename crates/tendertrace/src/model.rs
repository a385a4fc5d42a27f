//! What crosses the walls between the rooms: captures, documents, notices, findings, leads.
//!
//! Plain data with public fields. Invariants: no field of a notice without its quote; unknown is
//! `None`, never an empty string; names keep the notice's own characters; money is a decimal in the
//! currency's unit (yuan, not 万元).

mod leads;

pub use leads::{Held, InForce, Judgement, Lead, Role, Through, ThroughOwners, When, Why};

use crate::evidence::{Derived, Gap, Known, Quote, Sourced, Span};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Bounds on what one capture may cost.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Bytes of one capture that are read; the rest is a gap.
    pub bytes: usize,
    /// Nesting depth of tables, archives and JSON.
    pub depth: usize,
    /// Records of one capture (JSON lines, rows).
    pub parts: usize,
    /// Who reads files of risky formats; `None`: the reader itself, in this process.
    pub outside: Option<Outside>,
}

/// Reads a file of a risky format below a title where a crash or an endless loop costs nothing else;
/// the error says what happened to the reader.
pub type Outside = fn(bytes: &[u8], title: &str) -> Result<Binary, String>;

/// A file of a risky format as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Binary {
    pub media_type: String,
    pub document: Document,
}

/// A picture of a page, as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Number of the page, from 1.
    pub page: u32,
    pub bytes: Vec<u8>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { bytes: 64 << 20, depth: 200, parts: 1_000_000, outside: None }
    }
}

/// One page or file as it was received. Never altered.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    pub url: Option<String>,
    pub title: Option<String>,
    /// ISO date or date-time, as given by the collector.
    pub published: Option<String>,
    pub fetched: Option<String>,
    /// When it came into the case; set by the program, `None` in pure use.
    pub imported: Option<String>,
    pub archive_url: Option<String>,
    /// Media type without parameters; `None`: told from the bytes.
    pub media_type: Option<String>,
    /// Encoding named by the transport (HTTP header), if any.
    pub charset: Option<String>,
    /// Name of the file without its folders; used for its ending only, never exported.
    pub file_name: Option<String>,
    pub access: Access,
    /// Hex SHA-256 of `bytes`.
    pub sha256: String,
    pub bytes: Vec<u8>,
    /// Unknown keys of the capture line, echoed.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// Where it lay among its inputs: tells which files belong together, is never kept or shown.
    pub place: Option<String>,
    /// Files that belong to this page, in the order in which it names them.
    pub attachments: Vec<Attachment>,
    /// SHA-256 of the page that this file belongs to: it is examined with that page, not by itself.
    pub attached_to: Option<String>,
}

/// A file that belongs to a page.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    pub file: File,
    pub url: Option<String>,
    pub fetched: Option<String>,
    /// The link of the page that leads to it, as written there.
    pub link: Option<String>,
    pub bytes: Vec<u8>,
}

/// What a document of an attachment is called in the address of a quote.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its name without folders; within an archive behind that archive's name.
    pub name: String,
    pub sha256: String,
    #[serde(default)]
    pub tells: Tells,
    /// Set where the file is what a program read from pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
}

/// What is known of a text that a program read from the pictures of another file. Its pages are apart by
/// form feeds and numbered as there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// SHA-256 of the file with the pictures.
    pub of: String,
    /// Program with its version and languages.
    pub by: String,
    /// Mean confidence of each page that was read, 0 to 100, as the program gives it.
    pub confidence: Vec<(u32, f32)>,
}

/// What an attachment tells of, by its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tells {
    /// What the notice itself tells of.
    #[default]
    OfNotice,
    /// What was asked for before anybody won: tender documents, specifications.
    OfDemand,
}

/// Who may see a capture. Confidential ones never leave by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    #[default]
    Public,
    Restricted,
    Confidential,
}

impl Capture {
    /// A capture of these bytes with its hash; everything else unknown.
    pub fn of_bytes(bytes: Vec<u8>) -> Capture {
        Capture { sha256: sha256_hex(&bytes), bytes, ..Capture::default() }
    }

    /// What an examination keeps of its capture; what the page itself says fills what the collector did not.
    pub fn head(&self, part: &Part) -> CaptureHead {
        CaptureHead {
            sha256: self.sha256.clone(),
            url: self.url.clone().or_else(|| part.url.clone()),
            title: self.title.clone().or_else(|| part.title.clone()),
            media_type: part.media_type.clone(),
            published: self.published.clone().or_else(|| part.published.clone()),
            fetched: self.fetched.clone().or_else(|| part.fetched.clone()),
            imported: self.imported.clone(),
            archive_url: self.archive_url.clone(),
            access: self.access,
            part: part.number,
            meta: self.meta.iter().chain(&part.meta).map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }
}

/// Hex SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A capture without its bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CaptureHead {
    pub sha256: String,
    pub url: Option<String>,
    pub title: Option<String>,
    pub media_type: String,
    pub published: Option<String>,
    pub fetched: Option<String>,
    pub imported: Option<String>,
    pub archive_url: Option<String>,
    pub access: Access,
    pub part: u32,
    #[serde(default)]
    pub meta: serde_json::Map<String, serde_json::Value>,
}

/// One notice's worth of a capture: the notice's own document first, attachments after it.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub number: u32,
    pub media_type: String,
    /// Recovered from the page itself ("saved from url", canonical link, MHTML header).
    pub url: Option<String>,
    pub title: Option<String>,
    pub published: Option<String>,
    pub fetched: Option<String>,
    pub documents: Vec<Document>,
    /// The first document's values by their names, where the format says itself what each one is.
    pub values: Option<Named>,
    /// Its values by the columns of a table that the rulebook explains.
    pub mapped: Option<Mapped>,
    /// What the format says around the notice, echoed under the names it has there.
    pub meta: serde_json::Map<String, serde_json::Value>,
}

/// Rows of a table that `rulebook/read/tables/` explains, all of one notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// Id of the table's rules.
    pub table: String,
    pub rows: Vec<Vec<MappedCell>>,
}

/// A cell: its column as written and the stretch of its value in the document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedCell {
    pub column: String,
    pub start: usize,
    pub end: usize,
}

/// A tree of named values, each with its stretch (start, end) of the document's text.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Object(Vec<(String, Named)>),
    List(Vec<Named>),
    Value(usize, usize),
}

impl Part {
    /// Whether there is any text to extract from.
    pub fn readable(&self) -> bool {
        self.documents.iter().any(|d| !d.text.trim().is_empty())
    }
}

/// One canonical text and its blocks, the same for every format. The text is as written, not
/// normalised; the title is the first block; blocks are in reading order and their spans lie in
/// `text`; blocks are separated by at least one line break, table cells by `\t`, rows by `\n`,
/// a `<br>` or a block inside a cell is `\n` too (so split cells by block spans, not by characters).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub number: u32,
    pub text: String,
    pub blocks: Vec<Block>,
    pub gaps: Vec<Gap>,
    /// Byte offset at which each page begins, where the format has pages; else empty.
    pub pages: Vec<usize>,
    /// Links to files the page refers to (attachments), as written: (text, href).
    pub links: Vec<(String, String)>,
    /// Where the format addresses its values: the start of each in the text and its JSON pointer, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pointers: Vec<(usize, String)>,
    /// The attachment it was read from; `None` for the notice's own pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
}

/// A block of the canonical text. Top-level block spans do not overlap; a table inside a cell is a
/// block of its own whose span lies inside that cell's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    pub kind: BlockKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    Title,
    /// Level 1 to 6.
    Heading(u8),
    Paragraph,
    ListItem,
    /// A table with its cells in row order, spanned cells once.
    Table(Vec<Cell>),
    /// Text the page hides (display:none rows): kept, marked, and not to be extracted from.
    Hidden,
    /// Text around the notice (sidebars of other notices, navigation, footers): kept, not extracted from.
    Aside,
}

/// A table cell: grid position, extent, and its stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub row: u32,
    pub column: u32,
    pub row_span: u32,
    pub column_span: u32,
    pub header: bool,
    pub start: usize,
    pub end: usize,
}

impl Document {
    /// The text at `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// Whether it is a file that says what was asked for, whatever became of it.
    pub fn tells_of_demand(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.tells == Tells::OfDemand)
    }

    /// A span of this document.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.number, start, end)
    }

    /// A quote of this document.
    pub fn quote(&self, start: usize, end: usize) -> Quote {
        Quote { text: self.text[start..end].to_string(), at: self.span(start, end) }
    }

    /// Keeps a line from around the notice, below all else.
    pub fn add_aside(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(line);
        self.blocks.push(Block { kind: BlockKind::Aside, start, end: self.text.len() });
    }

    /// The title block's text; empty where there is none.
    pub fn title(&self) -> &str {
        match self.blocks.first() {
            Some(block) if block.kind == BlockKind::Title => &self.text[block.start..block.end],
            _ => "",
        }
    }

    /// Page number (from 1) of a byte offset, where the format has pages.
    pub fn page_of(&self, offset: usize) -> Option<u32> {
        (!self.pages.is_empty()).then(|| self.pages.partition_point(|start| *start <= offset) as u32)
    }

    /// JSON pointer of the value that a byte offset stands in, where the format has such addresses.
    pub fn pointer_of(&self, offset: usize) -> Option<&str> {
        let next = self.pointers.partition_point(|(start, _)| *start <= offset);
        next.checked_sub(1).map(|at| self.pointers[at].1.as_str())
    }

    /// Address of the innermost cell that holds `span`, else of the one in which it begins (a whole row):
    /// (table's block number, row, column).
    pub fn cell_of(&self, span: Span) -> Option<(usize, u32, u32)> {
        let holds = |start: usize, end: usize| start <= span.start && span.end <= end;
        let mut tables: Vec<_> = self.blocks.iter().enumerate().filter(|(_, b)| holds(b.start, b.end)).collect();
        tables.sort_by_key(|(_, b)| b.end - b.start);
        let find = |fits: &dyn Fn(&Cell) -> bool| {
            tables.iter().find_map(|(number, block)| match &block.kind {
                BlockKind::Table(cells) => cells.iter().find(|c| fits(c)).map(|c| (*number, c.row, c.column)),
                _ => None,
            })
        };
        find(&|c| holds(c.start, c.end)).or_else(|| find(&|c| c.start <= span.start && span.start < c.end))
    }
}

/// An amount of money in the currency's unit (yuan) and its ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub amount: Decimal,
    pub currency: String,
}

/// What a notice is, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Intention,
    Tender,
    Correction,
    Candidate,
    Award,
    SingleSource,
    Contract,
    Acceptance,
    Cancellation,
    Other,
}

/// What the notice says of a brand, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    Awarded,
    Offered,
    Required,
    Reference,
    Compatible,
    Existing,
    Replaced,
    Excluded,
    Service,
    Authorisation,
    Party,
    Mention,
}

/// How the brand got into the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Named,
    Component,
    Rebrand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    Weak,
    Medium,
    Strong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountBasis {
    Line,
    Lot,
    Project,
}

/// Which dates a notice gives; ISO `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    pub published: Option<Sourced<String>>,
    pub awarded: Option<Sourced<String>>,
    pub signed: Option<Sourced<String>>,
    pub deadline: Option<Sourced<String>>,
}

/// The date that lists and rules are tested against, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDate {
    pub value: String,
    pub basis: EventBasis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBasis {
    Awarded,
    Signed,
    Published,
    CapturePublished,
}

/// A GB/T 2260 division: six-digit code and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    pub code: String,
    pub name: String,
}

/// What a notice says, each value with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub stage: Option<Known<Stage>>,
    /// All project numbers, the first is the project's own.
    pub project_numbers: Vec<Sourced<String>>,
    pub project_name: Option<Sourced<String>>,
    pub buyer: Option<Sourced<String>>,
    pub end_user: Option<Sourced<String>>,
    pub agency: Option<Sourced<String>>,
    pub budget: Option<Known<Money>>,
    /// The sum awarded: stated, or added up from the lots in one currency.
    pub total: Option<Known<Money>>,
    pub dates: Dates,
    pub event_date: Option<EventDate>,
    pub lots: Vec<Lot>,
    pub awards: Vec<Award>,
    pub bids: Vec<Bid>,
    pub items: Vec<Item>,
    /// What a correction changes, in its order.
    #[serde(default)]
    pub changes: Vec<Change>,
    // Below: concluded by the rooms resolve and classify.
    pub buyer_kind: Option<Derived<String>>,
    pub end_user_kind: Option<Derived<String>>,
    pub region: Option<Derived<Region>>,
    pub purposes: Vec<Derived<String>>,
}

/// An old and a new value of a correction, as written; `field` where the rulebook knows the label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub field: Option<String>,
    pub label: Sourced<String>,
    pub old: Option<Sourced<String>>,
    pub new: Sourced<String>,
}

/// A package of a project; `id` as the notice counts it, digits normalised ("1", "2", "A").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    pub id: String,
    pub name: Option<Sourced<String>>,
}

/// Who won what. A consortium is one award with several suppliers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Award {
    pub lot: Option<String>,
    pub suppliers: Vec<Sourced<String>>,
    pub amount: Option<Known<Money>>,
    /// Why there is no amount: `rate`, `unit_price`, `masked`, `not_given` …
    pub note: Option<String>,
}

/// Who bid. Candidates and invitees: `won` None; losers: `won` false.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bid {
    pub lot: Option<String>,
    pub suppliers: Vec<Sourced<String>>,
    pub amount: Option<Known<Money>>,
    pub rank: Option<u32>,
    pub won: Option<bool>,
}

/// A line of goods or services, awarded or (in tenders) demanded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub lot: Option<String>,
    pub name: Sourced<String>,
    pub brand: Option<Sourced<String>>,
    pub model: Option<Sourced<String>>,
    pub quantity: Option<Sourced<Decimal>>,
    pub unit: Option<String>,
    pub unit_price: Option<Known<Money>>,
    pub line_total: Option<Known<Money>>,
    /// Supplier named in the same row, if the table has such a column.
    pub supplier: Option<Sourced<String>>,
    pub demanded: bool,
    /// The whole row.
    pub at: Span,
}

impl Item {
    /// A line of which only the name is known so far.
    pub fn named(name: Sourced<String>, demanded: bool, at: Span) -> Item {
        Item {
            lot: None,
            name,
            brand: None,
            model: None,
            quantity: None,
            unit: None,
            unit_price: None,
            line_total: None,
            supplier: None,
            demanded,
            at,
        }
    }
}

/// What a notice shows of a brand: says only what its quotes show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable across runs: from capture hash, part, brand, product, lot, usage.
    pub id: String,
    pub brand: String,
    /// Product as the rulebook names it; None where only the maker is named.
    pub product: Option<String>,
    /// Owner of the brand on the event's date.
    pub company: String,
    /// ISO 3166 country of that owner.
    pub country: String,
    pub usage: Usage,
    pub via: Via,
    pub host_product: Option<String>,
    pub stage: Stage,
    pub lot: Option<String>,
    pub quantity: Option<Decimal>,
    pub amount: Option<Money>,
    pub amount_basis: Option<AmountBasis>,
    pub purposes: Vec<String>,
    pub customisation: String,
    pub supplier: Option<String>,
    pub buyer: Option<String>,
    pub strength: Strength,
    /// Ids of the rebuttals an opponent could raise.
    pub objections: Vec<String>,
    /// What the notice says that makes the finding worth a second look.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// Fixed English wording for stage × usage × via.
    pub sentence: String,
    pub quotes: Vec<Quote>,
    pub rules: Vec<String>,
}

/// A flag of `rulebook/flags.toml` with the sentences that raise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub id: String,
    pub quotes: Vec<Quote>,
}

/// Everything found in one notice. `notice` is None where nothing could be read.
#[derive(Debug, Clone)]
pub struct Examination {
    pub capture: CaptureHead,
    pub documents: Vec<Document>,
    pub notice: Option<Notice>,
    pub findings: Vec<Finding>,
    pub leads: Vec<Lead>,
    pub gaps: Vec<Gap>,
}
