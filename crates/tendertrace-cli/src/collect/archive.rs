//! Which files lie in an archive? ZIP and TAR, nested, as if they were folders; bounded in size,
//! number and depth, so that a bomb ends with a message.

use super::{Captures, Found, Look, only, open, packed, paths};
use std::io::{self, BufRead, Cursor, Read};
use std::path::Path;

/// Unpacked bytes of one file in an archive, and of a whole archive.
const LARGEST_FILE: u64 = 256 << 20;
const LARGEST_ALL: u64 = 8 << 30;
const MOST_FILES: usize = 500_000;
/// Archives in archives.
pub const DEEPEST: usize = 4;

/// What an archive has given so far.
struct Taken {
    shown: String,
    depth: usize,
    look: Look,
    files: usize,
    bytes: u64,
    ended: bool,
}

impl Taken {
    fn new(shown: String, depth: usize, look: Look) -> Taken {
        Taken { shown, depth, look, files: 0, bytes: 0, ended: false }
    }

    /// The captures of one file; its address is that of the archive and its own name.
    fn file(&mut self, name: &str, reader: impl Read) -> Captures {
        let shown = format!("{}: {name}", self.shown);
        let mut bytes = Vec::new();
        if let Err(error) = reader.take(LARGEST_FILE + 1).read_to_end(&mut bytes) {
            return only(Err(format!("{shown}: cannot be unpacked ({error}); the archive may be damaged")));
        }
        if bytes.len() as u64 > LARGEST_FILE {
            return only(Err(format!("{shown}: larger than {} MiB unpacked; unpack it yourself", LARGEST_FILE >> 20)));
        }
        (self.files, self.bytes) = (self.files + 1, self.bytes + bytes.len() as u64);
        if self.files > MOST_FILES || self.bytes > LARGEST_ALL {
            return self.end(&format!(
                "more than {MOST_FILES} files or {} GiB unpacked; the rest was left out: unpack it yourself",
                LARGEST_ALL >> 30
            ));
        }
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        super::of_found(Found {
            shown,
            name: open::plain_name(Path::new(base)),
            reader: Box::new(Cursor::new(bytes)),
            depth: self.depth + 1,
            look: self.look,
        })
    }

    fn end(&mut self, message: &str) -> Captures {
        self.ended = true;
        only(Err(format!("{}: {message}", self.shown)))
    }
}

/// Captures of a ZIP archive.
pub fn of_zip(shown: String, bytes: Vec<u8>, depth: usize, look: Look) -> Captures {
    let mut taken = Taken::new(shown, depth, look);
    let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return taken.end(&format!("this ZIP archive does not open ({error}); fetch it again")),
    };
    // A packed web archive: its pages lie in `archive/`, the rest is indexes.
    let is_web = archive.index_for_name("datapackage.json").is_some() && archive.file_names_raw().any(|n| n.starts_with(b"archive/"));
    let mut at = 0;
    Box::new(
        std::iter::from_fn(move || {
            while at < archive.len() && !taken.ended {
                at += 1;
                let file = match archive.by_index(at - 1) {
                    Ok(file) => file,
                    Err(error) => return Some(taken.unopened(at, &error)),
                };
                let name = decoded(file.name_raw());
                if file.is_file() && paths::is_wanted_in_archive(&name) && (!is_web || name.starts_with("archive/")) {
                    return Some(taken.file(&name, file));
                }
            }
            None
        })
        .flatten(),
    )
}

impl Taken {
    fn unopened(&self, number: usize, error: &zip::result::ZipError) -> Captures {
        only(Err(format!("{}: file {number} in it does not open ({error}); if it is encrypted, unpack it yourself", self.shown)))
    }
}

/// Names are UTF-8 or, as Chinese systems write them, GBK.
fn decoded(name: &[u8]) -> String {
    tendertrace::read::decode(name, Some("gbk")).0
}

const BLOCK: usize = 512;

/// Captures of a RAR or 7-Zip archive.
pub fn of_packed(shown: String, bytes: &[u8], depth: usize, look: Look) -> Captures {
    match packed::as_tar(bytes) {
        Ok((reader, unpacking)) => {
            let failure = unpacking_failed(shown.clone(), unpacking);
            Box::new(of_tar(shown, reader, depth, look).chain(failure))
        }
        Err(error) => only(Err(format!("{shown}: cannot be unpacked ({error}); unpack it yourself"))),
    }
}

fn unpacking_failed(shown: String, unpacking: packed::Unpacking) -> impl Iterator<Item = super::Taken> + Send {
    std::iter::once_with(move || unpacking.failure().map(|message| Err(format!("{shown}: {message}")))).flatten()
}

/// Whether a file begins as TAR archives do.
pub fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// Captures of a TAR archive, read as it comes.
pub fn of_tar(shown: String, mut reader: Box<dyn BufRead + Send>, depth: usize, look: Look) -> Captures {
    let mut taken = Taken::new(shown, depth, look);
    Box::new(
        std::iter::from_fn(move || {
            while !taken.ended {
                match next_file(&mut reader) {
                    Ok(None) => taken.ended = true,
                    Ok(Some((name, length))) if paths::is_wanted_in_archive(&name) => {
                        let captures = taken.file(&name, (&mut reader).take(length));
                        if let Err(error) = skip(&mut reader, padding(length)) {
                            return Some(Box::new(captures.chain(taken.end(&format!("cut off ({error})")))) as Captures);
                        }
                        return Some(captures);
                    }
                    Ok(Some((_, length))) => {
                        if let Err(error) = skip(&mut reader, length + padding(length)) {
                            return Some(taken.end(&format!("cut off ({error}); what came before was read")));
                        }
                    }
                    Err(error) => return Some(taken.end(&format!("cannot be read further ({error}); what came before was read"))),
                }
            }
            None
        })
        .flatten(),
    )
}

fn padding(length: u64) -> u64 {
    (BLOCK as u64 - length % BLOCK as u64) % BLOCK as u64
}

fn skip(reader: &mut dyn BufRead, count: u64) -> io::Result<()> {
    let skipped = io::copy(&mut reader.take(count), &mut io::sink())?;
    if skipped < count { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Name and length of the next plain file; longer names stand in entries before it.
fn next_file(reader: &mut dyn BufRead) -> io::Result<Option<(String, u64)>> {
    let mut long_name = None;
    loop {
        let mut block = [0u8; BLOCK];
        match reader.read_exact(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        if block.iter().all(|b| *b == 0) {
            return Ok(None);
        }
        let length = number(&block[124..136]).ok_or_else(|| io::Error::other("a length in it is no number"))?;
        match block[156] {
            b'L' | b'x' => {
                let mut text = Vec::new();
                reader.take(length.min(1 << 20)).read_to_end(&mut text)?;
                skip(reader, length - text.len() as u64 + padding(length))?;
                long_name = if block[156] == b'L' { Some(text) } else { pax_path(&text) }.or(long_name);
            }
            b'0' | 0 => {
                let short = [until_zero(&block[345..500]), until_zero(&block[..100])];
                let name = long_name.take().unwrap_or_else(|| if short[0].is_empty() { short[1].to_vec() } else { short.join(&b'/') });
                return Ok(Some((decoded(until_zero(&name)), length)));
            }
            _ => skip(reader, length + padding(length))?,
        }
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len())]
}

fn number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(until_zero(field)).ok()?.trim();
    u64::from_str_radix(text, 8).ok()
}

/// `path=` of an extended header: lines of `length key=value`.
fn pax_path(text: &[u8]) -> Option<Vec<u8>> {
    text.split(|b| *b == b'\n').find_map(|line| {
        let at = line.iter().position(|b| *b == b' ')?;
        line[at + 1..].strip_prefix(b"path=").map(<[u8]>::to_vec)
    })
}
