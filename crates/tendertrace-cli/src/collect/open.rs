//! How is a file opened? Compression is told from the bytes and undone while reading.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A reader of the file's contents without its compression.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    unpacked(Box::new(BufReader::new(File::open(path)?)))
}

/// Undoes gzip or Zstandard where the bytes begin with their marks.
pub fn unpacked(mut reader: Box<dyn BufRead + Send>) -> io::Result<Box<dyn BufRead + Send>> {
    let head = reader.fill_buf()?;
    if head.starts_with(&[0x1F, 0x8B]) {
        return Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(reader))));
    }
    if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        return Ok(Box::new(BufReader::new(Zstandard { frame: None, rest: Some(reader) })));
    }
    Ok(reader)
}

/// The base name without the ending of its compression.
pub fn plain_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let lower = name.to_ascii_lowercase();
    let packed = [".gz", ".zst"].iter().find(|ending| lower.ends_with(*ending));
    name[..name.len() - packed.map_or(0, |ending| ending.len())].to_string()
}

/// Whether a name promises one capture a line.
pub fn is_lines(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".jsonl") || lower.ends_with(".ndjson")
}

/// What comes after the last byte that could be read: the reason, for whoever reads on.
pub struct Damaged(pub String);

impl Read for Damaged {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other(self.0.clone()))
    }
}

type Frame = ruzstd::decoding::StreamingDecoder<Box<dyn BufRead + Send>, ruzstd::decoding::FrameDecoder>;

/// Frames one after another, as parallel compressors write them.
struct Zstandard {
    frame: Option<Box<Frame>>,
    rest: Option<Box<dyn BufRead + Send>>,
}

impl Read for Zstandard {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(out)?;
                if read > 0 || out.is_empty() {
                    return Ok(read);
                }
                self.rest = self.frame.take().map(|frame| frame.into_inner());
            }
            let Some(mut rest) = self.rest.take() else { return Ok(0) };
            if rest.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(Box::new(Frame::new(rest).map_err(io::Error::other)?));
        }
    }
}
