//! Which characters do the bytes of a text operator show, and how wide are they? Predefined and
//! embedded character maps of Chinese fonts, simple encodings with their glyph names.

use super::names::glyph_name;
use hayro_cmap::{BfString, CMap, CMapName, CidFamily, WritingMode, load_embedded};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as Bytes};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// One shown code.
#[derive(Debug, Clone, PartialEq)]
pub struct Char {
    /// What it reads as; U+FFFD where nothing says so.
    pub text: String,
    /// Advance in the font's em.
    pub width: f64,
    pub is_space: bool,
}

/// A font as the text layer needs it.
pub struct Font {
    codes: Codes,
    to_unicode: Option<CMap>,
    /// From the character collection's numbers to Unicode.
    collection: Option<Rc<CMap>>,
    widths: HashMap<u32, f64>,
    default_width: f64,
    pub vertical: bool,
    seen: RefCell<HashMap<(u32, u8), Rc<Char>>>,
}

enum Codes {
    /// One byte each; what each reads as.
    Simple(Vec<String>),
    /// Two bytes each, the number itself.
    Identity,
    Mapped(Rc<CMap>, bool),
}

/// Character maps by name, parsed once a document.
#[derive(Default)]
pub struct Maps {
    named: HashMap<Vec<u8>, Option<Rc<CMap>>>,
}

impl Maps {
    fn named(&mut self, name: &[u8]) -> Option<Rc<CMap>> {
        let parse = || CMap::parse(load_embedded(CMapName::from_bytes(name))?, load_embedded).map(Rc::new);
        self.named.entry(name.to_vec()).or_insert_with(parse).clone()
    }
}

impl Font {
    /// Reads a font dictionary.
    pub fn of(dict: &Dict<'_>, maps: &mut Maps) -> Font {
        let to_unicode = dict.get::<Stream<'_>>("ToUnicode").and_then(|s| CMap::parse(&s.decoded_data().ok()?, load_embedded));
        let is_composite = dict.get::<Name<'_>>("Subtype").is_some_and(|s| s.as_ref() == b"Type0");
        let font = if is_composite { composite(dict, maps) } else { simple(dict) };
        Font { to_unicode, ..font }
    }

    /// The next code of a string and what follows it.
    pub fn next<'a>(&self, bytes: &'a [u8]) -> (Rc<Char>, &'a [u8]) {
        let (code, length) = self.code(bytes);
        let char = self.seen.borrow().get(&(code, length as u8)).cloned();
        let char = char.unwrap_or_else(|| {
            let char = Rc::new(self.char(code, length as u8));
            self.seen.borrow_mut().insert((code, length as u8), Rc::clone(&char));
            char
        });
        (char, &bytes[length..])
    }

    fn code(&self, bytes: &[u8]) -> (u32, usize) {
        let number = |length: usize| bytes[..length].iter().fold(0u32, |code, byte| code << 8 | u32::from(*byte));
        let two = bytes.len().min(2);
        match &self.codes {
            Codes::Simple(_) => (number(1), 1),
            Codes::Identity => (number(two), two),
            Codes::Mapped(map, _) => {
                let known = (1..=bytes.len().min(4)).find(|length| map.lookup_cid_code(number(*length), *length as u8).is_some());
                let length = known.unwrap_or(if bytes[0] < 0x80 && map.lookup_cid_code(0x20, 1).is_some() { 1 } else { two });
                (number(length), length)
            }
        }
    }

    fn char(&self, code: u32, length: u8) -> Char {
        let cid = match &self.codes {
            Codes::Mapped(map, _) => map.lookup_cid_code(code, length).unwrap_or(0),
            _ => code,
        };
        let told = self.to_unicode.as_ref().and_then(|map| text_of(map.lookup_bf_string(code)));
        let text = told.or_else(|| self.own_text(code, cid)).unwrap_or_else(|| "\u{FFFD}".to_string());
        let width = self.widths.get(&cid).copied().unwrap_or(self.default_width);
        Char { is_space: length == 1 && code == 0x20, text, width }
    }

    fn own_text(&self, code: u32, cid: u32) -> Option<String> {
        match &self.codes {
            Codes::Simple(texts) => texts.get(code as usize).filter(|t| !t.is_empty()).cloned(),
            Codes::Mapped(_, true) => char::from_u32(code).map(String::from),
            _ => text_of(self.collection.as_ref()?.lookup_bf_string(cid)),
        }
    }
}

/// Control characters and private use say nothing to a reader.
fn text_of(found: Option<BfString>) -> Option<String> {
    let text = match found? {
        BfString::Char(c) => c.to_string(),
        BfString::String(text) => text,
    };
    let is_said = |c: char| !c.is_control() && c != '\u{FFFD}' && !('\u{E000}'..='\u{F8FF}').contains(&c);
    (!text.is_empty() && text.chars().all(is_said)).then_some(text)
}

fn composite(dict: &Dict<'_>, maps: &mut Maps) -> Font {
    let inner = dict.get::<Array<'_>>("DescendantFonts").and_then(|a| a.iter::<Dict<'_>>().next()).unwrap_or_default();
    let codes = codes_of(dict, maps);
    let vertical = match &codes {
        Codes::Mapped(map, _) => map.metadata().writing_mode == Some(WritingMode::Vertical),
        _ => dict.get::<Name<'_>>("Encoding").is_some_and(|n| n.as_ref() == b"Identity-V"),
    };
    let family = inner.get::<Dict<'_>>("CIDSystemInfo").map(|info| {
        let text = |key: &str| info.get::<Bytes<'_>>(key).map(|s| s.as_bytes().to_vec()).unwrap_or_default();
        CidFamily::from_registry_ordering(&text("Registry"), &text("Ordering"))
    });
    let collection = family.and_then(|family| maps.named(family.ucs2_cmap()?.to_bytes()));
    Font {
        codes,
        to_unicode: None,
        collection,
        widths: inner.get::<Array<'_>>("W").map(|w| cid_widths(&w)).unwrap_or_default(),
        default_width: inner.get::<f32>("DW").map_or(1.0, |w| f64::from(w) / 1000.0),
        vertical,
        seen: RefCell::default(),
    }
}

fn codes_of(dict: &Dict<'_>, maps: &mut Maps) -> Codes {
    if let Some(stream) = dict.get::<Stream<'_>>("Encoding") {
        let parsed = stream.decoded_data().ok().and_then(|data| CMap::parse(&data, load_embedded));
        return parsed.map_or(Codes::Identity, |map| Codes::Mapped(Rc::new(map), false));
    }
    let Some(name) = dict.get::<Name<'_>>("Encoding") else { return Codes::Identity };
    if name.starts_with(b"Identity") {
        return Codes::Identity;
    }
    // The codes of these maps are Unicode themselves.
    let is_unicode = name.starts_with(b"Uni") && (find(&name, b"UCS2") || find(&name, b"UTF16"));
    maps.named(&name).map_or(Codes::Identity, |map| Codes::Mapped(map, is_unicode))
}

fn find(name: &[u8], part: &[u8]) -> bool {
    name.windows(part.len()).any(|window| window == part)
}

/// `c [w w …]` and `first last w`.
fn cid_widths(array: &Array<'_>) -> HashMap<u32, f64> {
    const MOST: u32 = 1 << 16;
    let mut widths = HashMap::new();
    let mut items = array.iter::<Object<'_>>();
    while let Some(first) = items.next().and_then(Object::into_number).map(|n| n.as_i64() as u32) {
        match items.next() {
            Some(Object::Array(list)) => {
                for (at, width) in list.iter::<f32>().enumerate() {
                    widths.insert(first.saturating_add(at as u32), f64::from(width) / 1000.0);
                }
            }
            Some(Object::Number(last)) => {
                let Some(width) = items.next().and_then(Object::into_number) else { break };
                for cid in first..=(last.as_i64() as u32).min(first.saturating_add(MOST)) {
                    widths.insert(cid, width.as_f64() / 1000.0);
                }
            }
            _ => break,
        }
    }
    widths
}

fn simple(dict: &Dict<'_>) -> Font {
    let first = dict.get::<i32>("FirstChar").unwrap_or(0).max(0) as u32;
    // A font of drawn glyphs measures in a space of its own.
    let unit = dict.get::<Array<'_>>("FontMatrix").and_then(|m| m.iter::<f32>().next()).map_or(0.001, f64::from);
    let listed = dict.get::<Array<'_>>("Widths");
    let widths = listed.map(|w| w.iter::<f32>().enumerate().map(|(at, width)| (first + at as u32, f64::from(width) * unit)).collect());
    let missing = dict.get::<Dict<'_>>("FontDescriptor").and_then(|d| d.get::<f32>("MissingWidth")).map(|w| f64::from(w) / 1000.0);
    Font {
        codes: Codes::Simple(simple_codes(dict)),
        to_unicode: None,
        collection: None,
        widths: widths.unwrap_or_default(),
        // The fourteen fonts that every viewer has need not say their widths; half an em is near.
        default_width: missing.filter(|w| *w > 0.0).unwrap_or(0.5),
        vertical: false,
        seen: RefCell::default(),
    }
}

fn simple_codes(dict: &Dict<'_>) -> Vec<String> {
    let encoding = dict.get::<Dict<'_>>("Encoding");
    let base = dict.get::<Name<'_>>("Encoding").or_else(|| encoding.as_ref()?.get::<Name<'_>>("BaseEncoding"));
    let table = if base.is_some_and(|b| b.as_ref() == b"MacRomanEncoding") { encoding_rs::MACINTOSH } else { encoding_rs::WINDOWS_1252 };
    let mut codes: Vec<String> =
        (0..=255u8).map(|byte| table.decode_without_bom_handling(&[byte]).0.chars().filter(|c| !c.is_control()).collect()).collect();
    let Some(differences) = encoding.and_then(|e| e.get::<Array<'_>>("Differences")) else { return codes };
    let mut at = 0usize;
    for item in differences.iter::<Object<'_>>() {
        match item {
            Object::Number(number) => at = number.as_i64().max(0) as usize,
            Object::Name(name) => {
                if let Some(code) = codes.get_mut(at) {
                    *code = glyph_name(name.as_str()).map(String::from).unwrap_or_default();
                }
                at += 1;
            }
            _ => {}
        }
    }
    codes
}
