//! Which captures lie in these inputs? (Capture lines only, until the room is built.)

use std::io::BufRead as _;
use tendertrace::model::{Capture, sha256_hex};

/// Captures of the inputs in order; what could not be read is a message.
pub fn captures(inputs: &[String]) -> impl Iterator<Item = Result<Capture, String>> + use<> {
    inputs.to_vec().into_iter().flat_map(|path| {
        let file = std::io::BufReader::new(std::fs::File::open(&path).expect("readable"));
        file.lines().map(move |line| line.map_err(|e| format!("{path}: {e}")).and_then(|l| capture(&l).ok_or(format!("{path}: not a capture line"))))
    })
}

fn capture(line: &str) -> Option<Capture> {
    let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
    let mut take = |key: &str| object.remove(key).and_then(|v| v.as_str().map(str::to_string));
    let bytes = take("content")?.into_bytes();
    Some(Capture {
        url: take("url"),
        title: take("title"),
        published: take("published"),
        fetched: take("fetched"),
        archive_url: take("archive_url"),
        media_type: take("media_type"),
        sha256: sha256_hex(&bytes),
        bytes,
        meta: object,
        ..Capture::default()
    })
}
