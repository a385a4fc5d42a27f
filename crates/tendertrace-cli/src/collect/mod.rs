//! Which captures lie in these inputs? Folders, files, globs and standard input become a stream of
//! captures in a stable order; what cannot be taken is a message that says what to do, and the rest
//! goes on. Nothing is changed: compression is undone, lines are split, bytes stay as they came.
//! Files that belong to a page come with it ([`attachments`]).

mod archive;
mod attachments;
mod batches;
mod cut;
mod lines;
mod open;
mod packed;
mod paths;
mod scans;
mod web;

use std::io::{BufRead, BufReader, Cursor, Read as _};
use std::path::Path;
use tendertrace::model::Capture;
use tendertrace::read::is_archive;

pub use attachments::joined;
pub use batches::batches;
pub use paths::nothing;
pub use scans::transcribed;

/// A capture, or why something was left out.
pub type Taken = Result<Capture, String>;

/// A file that is one capture is held in memory; larger ones are no notices.
const LARGEST: u64 = 1 << 30;

type Captures = Box<dyn Iterator<Item = Taken> + Send>;

/// What is looked for in the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Every capture.
    All,
    /// What may belong to a page or be one: standard input, which comes once, and open contracting
    /// data are passed over.
    Joinable,
}

/// Captures of the inputs in order: as named, folders by name; each file by itself.
pub fn captures(inputs: &[String]) -> impl Iterator<Item = Taken> + Send + use<> {
    looked(inputs, Look::All)
}

fn looked(inputs: &[String], look: Look) -> impl Iterator<Item = Taken> + Send + use<> {
    inputs.to_vec().into_iter().flat_map(move |input| of_input(&input, look))
}

fn of_input(input: &str, look: Look) -> Captures {
    if input == "-" {
        return match look {
            Look::All => of_stream("standard input", Box::new(std::io::BufReader::new(std::io::stdin())), None),
            Look::Joinable => Box::new(std::iter::empty()),
        };
    }
    Box::new(paths::files(input).flat_map(move |found| match found {
        Ok(path) => of_file(&path, look),
        Err(message) => only(Err(message)),
    }))
}

fn only(taken: Taken) -> Captures {
    Box::new(std::iter::once(taken))
}

fn of_file(path: &Path, look: Look) -> Captures {
    let shown = path.display().to_string();
    let reader = match open::open(path) {
        Ok(reader) => reader,
        Err(error) => return only(Err(format!("{shown}: cannot be opened ({error}); check that it exists and may be read"))),
    };
    of_found(Found { shown, name: open::plain_name(path), reader, depth: 0, look })
}

/// A file, wherever it was found; packed ones are unpacked.
struct Found {
    shown: String,
    name: String,
    reader: Box<dyn BufRead + Send>,
    /// In how many archives it lies.
    depth: usize,
    look: Look,
}

fn of_found(found: Found) -> Captures {
    let Found { shown, name, reader, depth, look } = found;
    let opened = open::unpacked(reader).and_then(|mut reader| Ok((reader.fill_buf()?.to_vec(), reader)));
    let (head, reader) = match opened {
        Ok(opened) => opened,
        Err(error) => return only(Err(format!("{shown}: cannot be read ({error}); the file may be damaged"))),
    };
    if web::is_web(&head) {
        return web::captures(shown, reader);
    }
    let reader = match contracting(&shown, &name, &head, reader, look) {
        Ok(captures) => return captures,
        Err(reader) => reader,
    };
    if open::is_lines(&name) {
        return lines::captures(shown, reader);
    }
    if archive::is_tar(&head) && depth < archive::DEEPEST {
        return archive::of_tar(shown, reader, depth, look);
    }
    match whole(&shown, reader, Some(name)) {
        Ok(capture) if depth < archive::DEEPEST && is_archive(&capture.bytes) => archive::of_zip(shown, capture.bytes, depth, look),
        Ok(capture) if depth < archive::DEEPEST && packed::opens(&capture.bytes) => archive::of_packed(shown, &capture.bytes, depth, look),
        taken => only(taken),
    }
}

/// Captures of open contracting data; of anything else the reader comes back as it was.
fn contracting(
    shown: &str,
    name: &str,
    head: &[u8],
    reader: Box<dyn BufRead + Send>,
    look: Look,
) -> Result<Captures, Box<dyn BufRead + Send>> {
    let begins = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if !begins.first().is_some_and(|b| matches!(b, b'{' | b'[')) {
        return Err(reader);
    }
    let mut start = Vec::new();
    let mut reader = reader;
    if let Err(error) = (&mut reader).take(cut::WHOLE as u64 + 1).read_to_end(&mut start) {
        reader = Box::new(BufReader::new(open::Damaged(error.to_string())));
    }
    if !cut::is_ocds(&start) || lines::is_capture_line(start.split(|b| *b == b'\n').next().unwrap_or(&[])) {
        return Err(Box::new(Cursor::new(start).chain(reader)));
    }
    if look == Look::Joinable {
        return Ok(Box::new(std::iter::empty()));
    }
    if start.len() <= cut::WHOLE && reader.fill_buf().is_ok() {
        return Ok(only(Ok(Capture { file_name: Some(name.to_string()), ..Capture::of_bytes(start) })));
    }
    Ok(cut::captures(shown.to_string(), name.to_string(), Box::new(Cursor::new(start).chain(reader))))
}

/// Input without a name: capture lines where its first line is one, else one page.
fn of_stream(shown: &str, reader: Box<dyn BufRead + Send>, name: Option<String>) -> Captures {
    let mut reader = match open::unpacked(reader) {
        Ok(reader) => reader,
        Err(error) => return only(Err(format!("{shown}: {error}"))),
    };
    let mut first = Vec::new();
    if let Err(error) = reader.read_until(b'\n', &mut first) {
        return only(Err(format!("{shown}: {error}")));
    }
    let is_lines = lines::is_capture_line(&first);
    let rest: Box<dyn BufRead + Send> = Box::new(Cursor::new(first).chain(reader));
    if is_lines {
        lines::captures(shown.to_string(), rest)
    } else {
        of_found(Found { shown: shown.to_string(), name: name.unwrap_or_default(), reader: rest, depth: 0, look: Look::All })
    }
}

fn whole(shown: &str, reader: impl BufRead, name: Option<String>) -> Taken {
    let mut bytes = Vec::new();
    reader
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{shown}: cannot be read ({error}); the file may be damaged"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("{shown}: larger than {} MiB; split it", LARGEST >> 20));
    }
    Ok(Capture { file_name: name, place: Some(shown.to_string()), ..Capture::of_bytes(bytes) })
}

#[cfg(test)]
mod tests;
