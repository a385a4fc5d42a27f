//! Which pictures does a page without text consist of? Each as a file that programs which read scans
//! take: pictures already in such a format as they are, fax and plain bitmaps behind a head of their own.

use super::content::Runner;
use super::{MOST_PAGES, is_scanned};
use crate::model::Scan;
use hayro_syntax::object::{Array, Dict, Object, Stream};
use hayro_syntax::page::Page;
use hayro_syntax::{Filter, Pdf};

/// Bytes of pictures after which no further page is begun.
const ENOUGH_BYTES: usize = 16 << 20;
/// Pixels of one picture: a page of A3 at 600 dots an inch has 70 million.
const MOST_PIXELS: u64 = 100_000_000;
/// Strips of one page.
const MOST_PICTURES: usize = 16;
/// A picture under a smaller part of the page is a seal or a logo.
const SMALLEST: f64 = 0.05;

/// The pictures of pages that were scanned, in order, from the page `first` (from 1) on: of one page at
/// least, if there is one, and of as many as are enough to hold at once.
pub fn scans(bytes: &[u8], first: u32) -> Vec<Scan> {
    let Ok(pdf) = Pdf::new(bytes.to_vec()) else { return Vec::new() };
    let mut runner = Runner::default();
    let (mut scans, mut bytes) = (Vec::new(), 0);
    for (page, number) in pdf.pages().iter().take(MOST_PAGES).zip(1..).filter(|(_, number)| *number >= first) {
        for picture in pictures(page, &mut runner) {
            bytes += picture.len();
            scans.push(Scan { page: number, bytes: picture });
        }
        if bytes > ENOUGH_BYTES {
            break;
        }
    }
    scans
}

fn pictures(page: &Page<'_>, runner: &mut Runner) -> Vec<Vec<u8>> {
    let shown = runner.run(page);
    let (width, height) = page.render_dimensions();
    if !is_scanned(&shown, (width, height)) {
        return Vec::new();
    }
    let smallest = SMALLEST * f64::from(width) * f64::from(height);
    let large = shown.pictures.iter().filter(|(_, area)| *area >= smallest);
    let streams = large.take(MOST_PICTURES).filter_map(|(id, _)| page.xref().get::<Stream<'_>>(*id));
    streams.filter_map(|stream| picture(&stream)).collect()
}

fn picture(stream: &Stream<'_>) -> Option<Vec<u8>> {
    let size = Size::of(stream.dict())?;
    match stream.filters().as_slice() {
        [Filter::DctDecode | Filter::JpxDecode] => Some(stream.raw_data().into_owned()),
        [Filter::CcittFaxDecode] => Some(fax(stream, size)),
        _ => bitmap(stream, size),
    }
}

#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

impl Size {
    fn of(dict: &Dict<'_>) -> Option<Size> {
        let number = |long: &str, short: &str| dict.get::<u32>(long).or_else(|| dict.get::<u32>(short)).filter(|n| *n > 0);
        let size = Size { width: number("Width", "W")?, height: number("Height", "H")? };
        (u64::from(size.width) * u64::from(size.height) <= MOST_PIXELS).then_some(size)
    }
}

/// Whether the picture's values are turned around.
fn is_inverted(dict: &Dict<'_>) -> bool {
    dict.get::<Array<'_>>("Decode").and_then(|range| range.iter::<f32>().next()).is_some_and(|first| first > 0.5)
}

/// A TIFF file around data of a fax (TIFF 6.0, sections 2 and 11).
fn fax(stream: &Stream<'_>, size: Size) -> Vec<u8> {
    let data = stream.raw_data();
    let parameters = stream.dict().get::<Dict<'_>>("DecodeParms").or_else(|| {
        let all = stream.dict().get::<Array<'_>>("DecodeParms")?;
        all.iter::<Dict<'_>>().next()
    });
    let kind = parameters.as_ref().and_then(|p| p.get::<i32>("K")).unwrap_or(0);
    let black_is_one = parameters.as_ref().and_then(|p| p.get::<bool>("BlackIs1")).unwrap_or(false);
    let columns = parameters.as_ref().and_then(|p| p.get::<u32>("Columns")).unwrap_or(1728);
    let (compression, options) = match kind {
        ..=-1 => (4, 0),
        0 => (3, 0),
        _ => (3, 1),
    };
    let white_is_zero = u32::from(black_is_one != is_inverted(stream.dict()));
    let entries: [(u16, u32); 10] = [
        (256, columns),
        (257, size.height),
        (258, 1),
        (259, compression),
        (262, white_is_zero),
        (273, 8 + 2 + 10 * 12 + 4),
        (277, 1),
        (278, size.height),
        (279, data.len() as u32),
        (if compression == 4 { 293 } else { 292 }, options),
    ];
    const LONG: u16 = 4;
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(LONG.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    file.extend_from_slice(&data);
    file
}

/// How colours are written.
enum Colours {
    Grey,
    Rgb,
    /// Numbers of colours in this table of three bytes each.
    Table(Vec<u8>),
}

/// A bitmap as PBM, PGM or PPM.
fn bitmap(stream: &Stream<'_>, size: Size) -> Option<Vec<u8>> {
    let dict = stream.dict();
    let is_mask = dict.get::<bool>("ImageMask").unwrap_or(false);
    let bits = if is_mask { 1 } else { dict.get::<u32>("BitsPerComponent").or_else(|| dict.get::<u32>("BPC")).unwrap_or(8) };
    let colours = if is_mask { Colours::Grey } else { colours(&dict.get::<Object<'_>>("ColorSpace").or_else(|| dict.get("CS"))?)? };
    let samples = match &colours {
        Colours::Rgb => 3,
        _ => 1,
    };
    let data = stream.decoded_data().ok()?;
    let row = (size.width as usize * samples * bits as usize).div_ceil(8);
    if !matches!(bits, 1 | 2 | 4 | 8) || data.len() < row * size.height as usize {
        return None;
    }
    let highest = (1u32 << bits) - 1;
    let inverted = is_inverted(dict);
    if bits == 1 && matches!(colours, Colours::Grey) {
        let mut file = format!("P4\n{} {}\n", size.width, size.height).into_bytes();
        // In PBM 1 is black, in a PDF 0 is.
        file.extend(data[..row * size.height as usize].iter().map(|byte| if inverted { *byte } else { !byte }));
        return Some(file);
    }
    let letter = if matches!(colours, Colours::Grey) { '5' } else { '6' };
    let mut file = format!("P{letter}\n{} {}\n255\n", size.width, size.height).into_bytes();
    for row in data.chunks(row).take(size.height as usize) {
        for at in 0..size.width as usize * samples {
            let value = sample(row, at, bits);
            let shade = (value * 255 / highest) as u8;
            match &colours {
                Colours::Table(table) => file.extend_from_slice(table.get(value as usize * 3..value as usize * 3 + 3).unwrap_or(&[0; 3])),
                _ => file.push(if inverted { 255 - shade } else { shade }),
            }
        }
    }
    Some(file)
}

fn sample(row: &[u8], at: usize, bits: u32) -> u32 {
    let first = at * bits as usize;
    let byte = u32::from(row[first / 8]);
    (byte >> (8 - bits - (first % 8) as u32)) & ((1 << bits) - 1)
}

fn colours(space: &Object<'_>) -> Option<Colours> {
    let named = |name: &[u8]| match name {
        b"DeviceGray" | b"CalGray" | b"G" => Some(Colours::Grey),
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Colours::Rgb),
        _ => None,
    };
    match space {
        Object::Name(name) => named(name.as_ref()),
        Object::Array(array) => {
            let parts: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
            let Some(Object::Name(family)) = parts.first() else { return None };
            match (family.as_ref(), parts.get(1)) {
                (b"ICCBased", Some(Object::Stream(profile))) => match profile.dict().get::<u32>("N") {
                    Some(1) => Some(Colours::Grey),
                    Some(3) => Some(Colours::Rgb),
                    _ => None,
                },
                (b"Indexed" | b"I", Some(base)) => table(base, parts.get(3)?).map(Colours::Table),
                (family, _) => named(family),
            }
        }
        _ => None,
    }
}

fn table(base: &Object<'_>, entries: &Object<'_>) -> Option<Vec<u8>> {
    let bytes = match entries {
        Object::String(text) => text.as_ref().to_vec(),
        Object::Stream(stream) => stream.decoded_data().ok()?.into_owned(),
        _ => return None,
    };
    match colours(base)? {
        Colours::Rgb => Some(bytes),
        Colours::Grey => Some(bytes.iter().flat_map(|grey| [*grey; 3]).collect()),
        Colours::Table(_) => None,
    }
}
