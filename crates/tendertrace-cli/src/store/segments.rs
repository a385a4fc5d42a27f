//! Where do the originals lie? In append-only segments `originals/00001.warc.gz …`. Appending, and
//! what a killed run left behind: whole records the database has not heard of, and a cut-off tail.

use super::warc::{self, Record};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A segment is closed once it has grown this long.
pub const SEGMENT_BYTES: u64 = 1 << 30;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub segment: u32,
    pub offset: u64,
    pub length: u64,
}

impl Place {
    /// From three neighbouring columns: segment, offset, length.
    pub fn from_row(row: &rusqlite::Row, first: usize) -> rusqlite::Result<Place> {
        let number = |column| row.get::<_, i64>(first + column).map(|n| n as u64);
        Ok(Place { segment: row.get(first)?, offset: number(1)?, length: number(2)? })
    }
}

/// The segments of a case, open for appending.
pub struct Segments {
    folder: PathBuf,
    limit: u64,
    number: u32,
    length: u64,
    file: Option<File>,
}

impl Segments {
    /// Appends go to segment `number` and on.
    pub fn open(folder: &Path, number: u32, limit: u64) -> anyhow::Result<Segments> {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let length = fs::metadata(path(folder, number)).map_or(0, |data| data.len());
        Ok(Segments { folder: folder.to_path_buf(), limit, number, length, file: None })
    }

    /// Appends one gzip member; durable only after [`Segments::sync`].
    pub fn append(&mut self, member: &[u8], now: &str) -> anyhow::Result<Place> {
        if self.length >= self.limit {
            self.sync()?;
            (self.number, self.length, self.file) = (self.number + 1, 0, None);
        }
        if self.length == 0 {
            let name = name(self.number);
            self.write(&warc::info(&name, now))?;
        }
        let place = Place { segment: self.number, offset: self.length, length: member.len() as u64 };
        self.write(member)?;
        Ok(place)
    }

    /// Returns once everything appended is on the disk.
    pub fn sync(&mut self) -> anyhow::Result<()> {
        match &self.file {
            Some(file) => file.sync_data().with_context(|| format!("writing {} to the disk", path(&self.folder, self.number).display())),
            None => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let path = path(&self.folder, self.number);
        let file = match self.file.take() {
            Some(file) => file,
            None => create(&path, &self.folder)?,
        };
        let written = self.file.insert(file).write_all(bytes);
        written.with_context(|| format!("writing {}; is the disk full?", path.display()))?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn create(path: &Path, folder: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().append(true).create(true).open(path).with_context(|| format!("opening {}", path.display()))?;
    // The name of a new file is durable only with its folder.
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(file)
}

/// File name of a segment.
pub fn name(number: u32) -> String {
    format!("{number:05}.warc.gz")
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(name(number))
}

/// Reads the record at `place`.
pub fn read(folder: &Path, place: Place) -> anyhow::Result<Record> {
    let path = path(folder, place.segment);
    let at = || format!("{} at byte {}", path.display(), place.offset);
    let mut file = File::open(&path).with_context(at)?;
    file.seek(SeekFrom::Start(place.offset)).with_context(at)?;
    let mut member = vec![0; usize::try_from(place.length)?];
    file.read_exact(&mut member).with_context(at)?;
    warc::read(&mut &member[..]).with_context(at)
}

/// What opening a case had to mend.
#[derive(Debug, Default)]
pub struct Recovery {
    /// The segment to append to.
    pub next: u32,
    /// In plain words, for the person at the terminal.
    pub messages: Vec<String>,
}

/// Compares the segments with what the database knows of them (`committed`: segment to its known
/// length). Whole records beyond that go to `found`; a damaged tail is copied to `cut` and removed.
pub fn recover(
    folder: &Path,
    cut: &Path,
    committed: &BTreeMap<u32, u64>,
    mut found: impl FnMut(Place, Record) -> anyhow::Result<()>,
) -> anyhow::Result<Recovery> {
    let mut recovery = Recovery { next: 1, ..Recovery::default() };
    for number in numbers(folder, committed) {
        recovery.next = recovery.next.max(number);
        let path = path(folder, number);
        let length = fs::metadata(&path).map_or(0, |data| data.len());
        let known = committed.get(&number).copied().unwrap_or(0);
        if length < known {
            recovery.messages.push(format!(
                "{} has lost {} bytes: put it back from a backup, then run `tendertrace verify`",
                path.display(),
                known - length
            ));
            recovery.next = recovery.next.max(number + 1);
        }
        if length > known {
            let good = scan(&path, number, known, &mut found)?;
            if good < length {
                recovery.messages.push(cut_tail(&path, good, &cut.join(format!("{number:05}-{good}.bin")))?);
            }
        }
    }
    Ok(recovery)
}

fn numbers(folder: &Path, committed: &BTreeMap<u32, u64>) -> Vec<u32> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let present = names.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".warc.gz")?.parse().ok());
    let mut numbers: Vec<u32> = present.chain(committed.keys().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Hands over every whole record behind `from`; returns where the last of them ends.
fn scan(path: &Path, segment: u32, from: u64, found: &mut impl FnMut(Place, Record) -> anyhow::Result<()>) -> anyhow::Result<u64> {
    let mut good = from;
    let mut input = Counting::open(path, from)?;
    while !input.fill_buf()?.is_empty() {
        let offset = input.at;
        match warc::read(&mut input) {
            Ok(record) => {
                good = input.at;
                found(Place { segment, offset, length: good - offset }, record)?;
            }
            Err(_) => match next_record(path, offset + 1)? {
                Some(next) => input = Counting::open(path, next)?,
                None => return Ok(good),
            },
        }
    }
    Ok(good)
}

/// Where the next readable record begins, searching byte by byte behind damage.
fn next_record(path: &Path, from: u64) -> anyhow::Result<Option<u64>> {
    let mut rest = Vec::new();
    Counting::open(path, from)?.read_to_end(&mut rest)?;
    let is_record = |at: &usize| rest[*at..].starts_with(&[0x1f, 0x8b, 0x08]) && warc::read(&mut &rest[*at..]).is_ok();
    Ok((0..rest.len()).find(is_record).map(|at| from + at as u64))
}

fn cut_tail(path: &Path, good: u64, copy: &Path) -> anyhow::Result<String> {
    fs::create_dir_all(copy.parent().expect("inside the case"))?;
    let mut tail = Vec::new();
    Counting::open(path, good)?.read_to_end(&mut tail)?;
    let mut file = File::create(copy).with_context(|| format!("writing {}", copy.display()))?;
    file.write_all(&tail)?;
    file.sync_all()?;
    OpenOptions::new().write(true).open(path)?.set_len(good)?;
    Ok(format!(
        "an earlier run was cut off while writing: {} incomplete bytes moved to {}; their capture is read again from its input",
        tail.len(),
        copy.display()
    ))
}

/// A file read through a buffer that knows where it is.
struct Counting {
    inner: BufReader<File>,
    at: u64,
}

impl Counting {
    fn open(path: &Path, at: u64) -> anyhow::Result<Counting> {
        let mut file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        file.seek(SeekFrom::Start(at))?;
        Ok(Counting { inner: BufReader::new(file), at })
    }
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl BufRead for Counting {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.at += amount as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::super::warc::{Head, Kind};
    use super::*;
    use tendertrace::model::sha256_hex;

    fn member(text: &str) -> Vec<u8> {
        warc::resource(&sha256_hex(text.as_bytes()), &Head { imported: "2026-01-01T00:00:00Z".into(), ..Head::default() }, text.as_bytes())
    }

    fn recovered(folder: &Path, committed: &BTreeMap<u32, u64>) -> (Vec<String>, Recovery) {
        let mut texts = Vec::new();
        let recovery = recover(&folder.join("originals"), &folder.join("cut"), committed, |_, record| {
            if record.kind == Kind::Resource {
                texts.push(String::from_utf8(record.bytes).unwrap());
            }
            Ok(())
        });
        (texts, recovery.unwrap())
    }

    #[test]
    fn segments_roll_and_every_place_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut segments = Segments::open(folder.path(), 1, 1500).unwrap();
        let texts: Vec<String> = (0..9).map(|n| format!("示例 {n}")).collect();
        let places: Vec<Place> = texts.iter().map(|t| segments.append(&member(t), "2026-01-01T00:00:00Z").unwrap()).collect();
        segments.sync().unwrap();
        assert!(places.last().unwrap().segment > 1, "{places:?}");
        for (place, text) in places.iter().zip(&texts) {
            assert_eq!(read(folder.path(), *place).unwrap().bytes, text.as_bytes());
        }
    }

    #[test]
    fn a_cut_tail_is_moved_away_and_whole_records_are_found_wherever_the_kill_fell() {
        let (first, second) = (member("一"), member("二"));
        for length in 0..=second.len() {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("originals")).unwrap();
            let file = folder.path().join("originals/00001.warc.gz");
            fs::write(&file, [&first[..], &second[..length]].concat()).unwrap();
            let (texts, recovery) = recovered(folder.path(), &BTreeMap::new());
            let whole = length == second.len();
            assert_eq!(texts.len(), 1 + usize::from(whole));
            assert_eq!(recovery.messages.len(), usize::from(length > 0 && !whole));
            assert_eq!(fs::metadata(&file).unwrap().len() as usize, first.len() + if whole { length } else { 0 });
        }
    }

    #[test]
    fn damage_between_whole_records_is_stepped_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("originals")).unwrap();
        let mut damaged = member("二");
        damaged[60] ^= 0xff;
        fs::write(folder.path().join("originals/00001.warc.gz"), [member("一"), damaged, member("三")].concat()).unwrap();
        let (texts, _) = recovered(folder.path(), &BTreeMap::new());
        assert_eq!(texts, ["一", "三"]);
    }

    #[test]
    fn a_shortened_segment_is_reported_and_not_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("originals")).unwrap();
        fs::write(folder.path().join("originals/00001.warc.gz"), member("一")).unwrap();
        let (_, recovery) = recovered(folder.path(), &BTreeMap::from([(1, 1 << 20)]));
        assert_eq!((recovery.next, recovery.messages.len()), (2, 1));
    }
}
