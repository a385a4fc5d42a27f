//! Which pictures does a page without text consist of? Decoded to shades of grey, without the lines that are
//! drawn on them; those come apart, in points of the page.

use super::content::Runner;
use super::{MOST_PAGES, is_scanned};
use crate::model::{Ruled, Scan};
use crate::read::picture::{Grey, Line};
use hayro_syntax::Pdf;
use hayro_syntax::object::stream::{ImageColorSpace, ImageDecodeParams};
use hayro_syntax::object::{Array, Dict, Object, Stream};
use hayro_syntax::page::Page;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Bytes of pictures after which no further page is begun.
const ENOUGH_BYTES: usize = 16 << 20;
/// Pixels of one picture: a page of A3 at 600 dots an inch has 70 million.
const MOST_PIXELS: u64 = 100_000_000;
/// Strips of one page.
const MOST_PICTURES: usize = 16;
/// A picture under a smaller part of the page is a seal or a logo.
const SMALLEST: f64 = 0.05;
/// Lines of one picture.
const MOST_LINES: usize = 4_000;

/// The pictures of pages that were scanned, in order, from the page `first` (from 1) on: of one page at
/// least, if there is one, and of as many as are enough to hold at once.
pub fn scans(bytes: &[u8], first: u32) -> Vec<Scan> {
    let Ok(pdf) = Pdf::new(bytes.to_vec()) else { return Vec::new() };
    let mut runner = Runner::default();
    let (mut scans, mut bytes) = (Vec::new(), 0);
    for (page, number) in pdf.pages().iter().take(MOST_PAGES).zip(1..).filter(|(_, number)| *number >= first) {
        for scan in of_page(page, number, &mut runner) {
            bytes += scan.bytes.len();
            scans.push(scan);
        }
        if bytes > ENOUGH_BYTES {
            break;
        }
    }
    scans
}

fn of_page(page: &Page<'_>, number: u32, runner: &mut Runner) -> Vec<Scan> {
    let shown = runner.run(page);
    let (width, height) = page.render_dimensions();
    if !is_scanned(&shown, (width, height)) {
        return Vec::new();
    }
    let smallest = SMALLEST * f64::from(width) * f64::from(height);
    let large = shown.pictures.iter().filter(|(_, area)| *area >= smallest);
    let streams = large.take(MOST_PICTURES).filter_map(|(id, _)| page.xref().get::<Stream<'_>>(*id));
    let mut top = 0.0;
    let mut scans = Vec::new();
    for mut grey in streams.filter_map(|stream| grey(&stream)) {
        // As wide as the page, strips below each other.
        let scale = f64::from(width) / grey.width as f64;
        let scan = Scan { size: (width.into(), height.into()), ..scan(&mut grey, number, scale, top) };
        top += scale * grey.height as f64;
        scans.push(scan);
    }
    scans
}

fn scan(grey: &mut Grey, page: u32, scale: f64, top: f64) -> Scan {
    let lines = grey.take_lines();
    let in_points = |all: &[Line], shift: f64, along: f64| -> Vec<Ruled> {
        let ruled = |line: &Line| Ruled { at: line.at * scale + shift, from: line.from * scale + along, to: line.to * scale + along };
        all.iter().take(MOST_LINES).map(ruled).collect()
    };
    let (across, along) = (in_points(&lines.across, top, 0.0), in_points(&lines.along, 0.0, top));
    Scan { page, bytes: grey.file(), size: (0.0, 0.0), scale, top, slope: lines.slope, across, along }
}

/// A picture that is a file of its own: without its lines where it is a JPEG, else as it is.
pub fn of_picture(bytes: &[u8]) -> Scan {
    const POINTS: f64 = 0.24; // 300 pixels an inch
    let Some(mut grey) = jpeg(bytes) else { return Scan { bytes: bytes.to_vec(), ..Scan::default() } };
    let size = (grey.width as f64 * POINTS, grey.height as f64 * POINTS);
    Scan { size, ..scan(&mut grey, 1, POINTS, 0.0) }
}

fn jpeg(bytes: &[u8]) -> Option<Grey> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    let fits = width as u64 * height as u64 <= MOST_PIXELS;
    let pixels = fits.then(|| decoder.decode().ok())??;
    (pixels.len() == width * height).then_some(Grey { width, height, pixels })
}

/// How the samples of a picture are colours.
enum Colours {
    Samples(usize),
    /// Numbers of colours in this table of greys.
    Table(Vec<u8>),
}

fn grey(stream: &Stream<'_>) -> Option<Grey> {
    let dict = stream.dict();
    let number = |long: &str, short: &str| dict.get::<u32>(long).or_else(|| dict.get::<u32>(short));
    let (width, height) = (number("Width", "W").filter(|n| *n > 0)?, number("Height", "H").filter(|n| *n > 0)?);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return None;
    }
    let is_mask = dict.get::<bool>("ImageMask").or_else(|| dict.get::<bool>("IM")).unwrap_or(false);
    let bits = if is_mask { 1 } else { number("BitsPerComponent", "BPC").unwrap_or(8) };
    let space = dict.get::<Object<'_>>("ColorSpace").or_else(|| dict.get("CS")).filter(|_| !is_mask);
    let colours = space.as_ref().map_or(Some(Colours::Samples(1)), colours);
    let parameters = ImageDecodeParams {
        is_indexed: matches!(colours, Some(Colours::Table(_))),
        bpc: u8::try_from(bits).ok(),
        num_components: match &colours {
            Some(Colours::Samples(count)) => u8::try_from(*count).ok(),
            Some(Colours::Table(_)) => Some(1),
            None => None,
        },
        target_dimension: None,
        width,
        height,
    };
    let decoded = stream.decoded_image(&parameters).ok()?;
    let (width, height, bits, told) = match &decoded.image_data {
        Some(image) => (image.width, image.height, u32::from(image.bits_per_component), image.color_space.map(samples)),
        None => (width, height, bits, None),
    };
    let colours = match (colours, told) {
        (Some(Colours::Table(table)), _) => Colours::Table(table),
        (_, Some(count)) => Colours::Samples(count),
        (known, None) => known?,
    };
    let samples = Samples { data: &decoded.data, width: width as usize, bits, inverted: is_inverted(dict), colours };
    samples.grey(height as usize)
}

fn samples(space: ImageColorSpace) -> usize {
    match space {
        ImageColorSpace::Gray => 1,
        ImageColorSpace::Rgb => 3,
        ImageColorSpace::Cmyk => 4,
        ImageColorSpace::Unknown(count) => usize::from(count),
    }
}

/// Whether the picture's values are turned around.
fn is_inverted(dict: &Dict<'_>) -> bool {
    let range = dict.get::<Array<'_>>("Decode").or_else(|| dict.get::<Array<'_>>("D"));
    range.and_then(|range| range.iter::<f32>().next()).is_some_and(|first| first > 0.5)
}

struct Samples<'a> {
    data: &'a [u8],
    width: usize,
    bits: u32,
    inverted: bool,
    colours: Colours,
}

impl Samples<'_> {
    fn grey(&self, height: usize) -> Option<Grey> {
        let count = match self.colours {
            Colours::Samples(count @ (1 | 3 | 4)) => count,
            Colours::Samples(_) => return None,
            Colours::Table(_) => 1,
        };
        let row = (self.width * count * self.bits as usize).div_ceil(8);
        if !matches!(self.bits, 1 | 2 | 4 | 8) || row == 0 || self.width as u64 * height as u64 > MOST_PIXELS {
            return None;
        }
        let mut pixels = Vec::with_capacity(self.width * height);
        for row in self.data.chunks_exact(row).take(height) {
            pixels.extend((0..self.width).map(|x| self.shade(row, x, count)));
        }
        // Rows that a cut file lacks are white.
        pixels.resize(self.width * height, 255);
        Some(Grey { width: self.width, height, pixels })
    }

    fn shade(&self, row: &[u8], x: usize, count: usize) -> u8 {
        let value = |n: usize| {
            let first = (x * count + n) * self.bits as usize;
            (u32::from(row[first / 8]) >> (8 - self.bits - (first % 8) as u32)) & ((1 << self.bits) - 1)
        };
        if let Colours::Table(table) = &self.colours {
            return table.get(value(0) as usize).copied().unwrap_or(255);
        }
        let highest = (1u32 << self.bits) - 1;
        let level = |n: usize| if self.inverted { 255 - value(n) * 255 / highest } else { value(n) * 255 / highest };
        let shade = match count {
            1 => level(0),
            3 => luma(level(0), level(1), level(2)),
            _ => luma(255 - level(0), 255 - level(1), 255 - level(2)) * (255 - level(3)) / 255,
        };
        shade as u8
    }
}

/// Brightness of a colour (ITU-R BT.601).
fn luma(red: u32, green: u32, blue: u32) -> u32 {
    (red * 299 + green * 587 + blue * 114) / 1000
}

fn colours(space: &Object<'_>) -> Option<Colours> {
    let named = |name: &[u8]| match name {
        b"DeviceGray" | b"CalGray" | b"G" => Some(Colours::Samples(1)),
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Colours::Samples(3)),
        b"DeviceCMYK" | b"CMYK" => Some(Colours::Samples(4)),
        _ => None,
    };
    match space {
        Object::Name(name) => named(name.as_ref()),
        Object::Array(array) => {
            let parts: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
            let Some(Object::Name(family)) = parts.first() else { return None };
            match (family.as_ref(), parts.get(1)) {
                (b"ICCBased", Some(Object::Stream(profile))) => profile.dict().get::<usize>("N").map(Colours::Samples),
                (b"Indexed" | b"I", Some(base)) => table(base, parts.get(3)?).map(Colours::Table),
                (family, _) => named(family),
            }
        }
        _ => None,
    }
}

/// The greys of a table of colours.
fn table(base: &Object<'_>, entries: &Object<'_>) -> Option<Vec<u8>> {
    let bytes = match entries {
        Object::String(text) => text.as_ref().to_vec(),
        Object::Stream(stream) => stream.decoded_data().ok()?.into_owned(),
        _ => return None,
    };
    let level = |bytes: &[u8], n: usize| u32::from(bytes[n]);
    match colours(base)? {
        Colours::Samples(1) => Some(bytes),
        Colours::Samples(3) => Some(bytes.chunks_exact(3).map(|c| luma(level(c, 0), level(c, 1), level(c, 2)) as u8).collect()),
        _ => None,
    }
}
