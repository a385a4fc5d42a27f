//! What does a capture line say? One JSON object a line, as the contract has it; a bad line is
//! reported with its number and the rest goes on.

use super::{Captures, Taken};
use serde_json::{Map, Value};
use std::io::BufRead;
use tendertrace::model::{Access, Attachment, Capture, File, sha256_hex};
use tendertrace::read::transfer::base64;

/// Captures of a stream of lines.
pub fn captures(shown: String, mut reader: Box<dyn BufRead + Send>) -> Captures {
    let mut number = 0;
    let mut ended = false;
    Box::new(std::iter::from_fn(move || {
        while !ended {
            let mut line = Vec::new();
            number += 1;
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => ended = true,
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Some(capture(&line).map_err(|message| format!("{shown}:{number}: {message}"))),
                Err(error) => {
                    ended = true;
                    return Some(Err(format!("{shown}:{number}: cannot be read further ({error}); the file may be damaged")));
                }
            }
        }
        None
    }))
}

/// Whether a line is a JSON object that holds a page.
pub fn is_capture_line(line: &[u8]) -> bool {
    let object = serde_json::from_slice::<Map<String, Value>>(line);
    object.is_ok_and(|o| o.contains_key("content") || o.contains_key("content_base64"))
}

/// The capture of one line.
pub fn capture(line: &[u8]) -> Taken {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    let mut object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|error| format!("no JSON object ({error}); one capture a line is expected"))?;
    let bytes = match content(&mut object)? {
        Some(bytes) => bytes,
        // A record of some interface: the reader of JSON knows more of its keys.
        None => return Ok(Capture { media_type: Some("application/json".to_string()), ..Capture::of_bytes(line.to_vec()) }),
    };
    let mut take = |key: &str| take_text(&mut object, key);
    let mut capture = Capture {
        url: take("url"),
        title: take("title"),
        published: take("published"),
        fetched: take("fetched"),
        archive_url: take("archive_url"),
        media_type: take("media_type"),
        charset: take("charset"),
        ..Capture::of_bytes(bytes)
    };
    if let Some(access) = object.get("access").and_then(access) {
        capture.access = access;
        object.remove("access");
    }
    capture.attachments = attachments(&mut object)?;
    capture.meta = object;
    Ok(capture)
}

fn content(object: &mut Map<String, Value>) -> Result<Option<Vec<u8>>, String> {
    match (object.remove("content"), object.remove("content_base64")) {
        (Some(Value::String(text)), _) => Ok(Some(text.into_bytes())),
        (None | Some(Value::Null), Some(Value::String(text))) => {
            base64(text.as_bytes()).map(Some).ok_or_else(|| "content_base64 is no base64".to_string())
        }
        (None | Some(Value::Null), None | Some(Value::Null)) => Ok(None),
        _ => Err("content must be text".to_string()),
    }
}

/// The files that a line brings along under `attachments`; those of which it gives only the address stay
/// where they are: what lies at that address is joined if it is among the inputs.
fn attachments(object: &mut Map<String, Value>) -> Result<Vec<Attachment>, String> {
    let mut found = Vec::new();
    for entry in object.get_mut("attachments").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        let Some(bytes) = content(entry)? else { continue };
        let url = entry.get("url").and_then(Value::as_str).map(str::to_string);
        let named = ["name", "title"].iter().find_map(|key| entry.get(*key).and_then(Value::as_str));
        let name = named.or(url.as_deref()).unwrap_or_default();
        let file = File { name: super::attachments::base_name(name), sha256: sha256_hex(&bytes), ..File::default() };
        found.push(Attachment { file, link: url.clone(), url, fetched: None, bytes });
    }
    Ok(found)
}

/// Text under a key; anything else stays where it is and is echoed.
fn take_text(object: &mut Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::Null => drop(object.remove(key)),
        Value::String(_) => {
            let text = object.remove(key)?.as_str()?.to_string();
            return Some(text).filter(|t| !t.trim().is_empty());
        }
        _ => {}
    }
    None
}

fn access(value: &Value) -> Option<Access> {
    serde_json::from_value(value.clone()).ok()
}
