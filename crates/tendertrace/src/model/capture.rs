//! What comes in: captures with the files that belong to them, and what is known of each before it is read.

use super::{Document, Part};
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

/// A picture of a page, as a file, without the lines that were drawn on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// Number of the page, from 1.
    pub page: u32,
    #[serde(with = "as_text")]
    pub bytes: Vec<u8>,
    /// Width and height of the page in points.
    pub size: (f64, f64),
    /// Points of the page for each pixel, and the picture's upper edge in points.
    pub scale: f64,
    pub top: f64,
    /// By how much the page leans: pixels down for each pixel to the right.
    pub slope: f64,
    /// Lines across and along in points, straightened.
    pub across: Vec<Ruled>,
    pub along: Vec<Ruled>,
}

/// A drawn line: its place across, and its extent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    pub at: f64,
    pub from: f64,
    pub to: f64,
}

impl Default for Scan {
    fn default() -> Self {
        Scan { page: 1, bytes: Vec::new(), size: (0.0, 0.0), scale: 1.0, top: 0.0, slope: 0.0, across: Vec::new(), along: Vec::new() }
    }
}

/// Bytes in JSON as a string of the characters with their numbers: a third of a list of numbers.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        let byte = |c: char| u8::try_from(u32::from(c)).map_err(|_| serde::de::Error::custom("no byte"));
        text.chars().map(byte).collect()
    }
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

/// What is known of a text that a program read from the pictures of another file, its pages numbered as there.
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
