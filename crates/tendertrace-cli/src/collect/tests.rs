//! Do all kinds of input become the same stream of captures?

use super::*;
use std::fs;
use std::io::Write as _;

fn taken(inputs: &[&Path]) -> Vec<Taken> {
    let inputs: Vec<String> = inputs.iter().map(|p| p.display().to_string()).collect();
    captures(&inputs).collect()
}

fn names(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(|t| t.as_ref().map_or_else(|message| format!("! {message}"), |c| c.file_name.clone().unwrap_or_default())).collect()
}

#[test]
fn folders_are_walked_by_name_without_companions() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    };
    ["b.html", "a/2.html", "a/1.txt", "b_files/s.js", "c.files/n.html", ".hidden", "d_files/n.html"].into_iter().for_each(put);
    assert_eq!(names(&taken(&[folder.path()])), ["1.txt", "2.html", "b.html", "n.html", "n.html"]);
    assert_eq!(names(&taken(&[&folder.path().join("*.html")])), ["b.html"]);
    let missing = taken(&[&folder.path().join("none"), &folder.path().join("*.doc"), &folder.path().join("b.html")]);
    assert_eq!(missing.iter().map(|t| t.is_ok()).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn capture_lines_are_split_and_bad_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.jsonl");
    let lines = "{\"url\":\"http://www.example.org/1\",\"content\":\"公告\",\"kind\":\"k\",\"title\":\"\"}\n\n{bad\n{\"content_base64\":\"5YWs5ZGK\",\"access\":\"confidential\"}\n{\"content_base64\":\"!\"}\n{\"noticeTitle\":\"题\"}\n";
    fs::write(&path, lines).unwrap();
    let all = taken(&[&path]);
    let first = all[0].as_ref().unwrap();
    assert_eq!(
        (first.url.as_deref(), first.title.as_deref(), first.bytes.as_slice()),
        (Some("http://www.example.org/1"), None, "公告".as_bytes())
    );
    assert_eq!(first.meta["kind"], "k");
    assert_eq!(first.sha256, tendertrace::model::sha256_hex("公告".as_bytes()));
    assert!(all[1].as_ref().unwrap_err().contains("n.jsonl:3: "));
    assert_eq!(all[2].as_ref().unwrap().bytes, "公告".as_bytes());
    assert_eq!(all[2].as_ref().unwrap().access, tendertrace::model::Access::Confidential);
    assert!(all[3].as_ref().unwrap_err().contains(":5: "));
    assert_eq!(all[4].as_ref().unwrap().media_type.as_deref(), Some("application/json"));
}

#[test]
fn compression_is_undone_whatever_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let line = b"{\"content\":\"a\"}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(line).unwrap();
    let gzip = gzip.finish().unwrap();
    let frame = ruzstd::encoding::compress_to_vec(&line[..], ruzstd::encoding::CompressionLevel::Uncompressed);
    fs::write(folder.path().join("1.jsonl.gz"), [gzip.as_slice(), &gzip].concat()).unwrap();
    fs::write(folder.path().join("2.jsonl.zst"), [frame.as_slice(), &frame].concat()).unwrap();
    fs::write(folder.path().join("3.html.gz"), &gzip[..gzip.len() - 9]).unwrap();
    let all = taken(&[folder.path()]);
    assert_eq!(all.iter().map(|t| t.is_ok()).collect::<Vec<_>>(), [true, true, true, true, false]);
    assert!(all[..4].iter().all(|t| t.as_ref().unwrap().bytes == b"a"));
}

#[test]
fn standard_input_is_lines_or_a_page() {
    let stream = |bytes: &'static [u8]| of_stream("-", Box::new(bytes), None).collect::<Vec<_>>();
    assert_eq!(stream(b"{\"content\":\"a\"}\n{\"content\":\"b\"}").len(), 2);
    assert_eq!(stream(b"<p>a\n<p>b")[0].as_ref().unwrap().bytes, b"<p>a\n<p>b");
    assert_eq!(stream(b"")[0].as_ref().unwrap().bytes, b"");
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// One entry of a TAR archive, padded.
fn tar_entry(name: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut block = vec![0u8; 512];
    block[..name.len()].copy_from_slice(name);
    block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
    block[156] = b'0';
    block[257..262].copy_from_slice(b"ustar");
    block.extend(bytes);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

#[test]
fn archives_are_folders_nested_and_damaged_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let tar = [
        tar_entry("公告.txt".as_bytes(), "甲".as_bytes()),
        tar_entry(b"\xB9\xAB\xB8\xE6.html", b"<p>x"),
        tar_entry(b"a_files/x.js", b"x"),
        vec![0; 1024],
    ]
    .concat();
    let inner = zip_of(&[("n.jsonl", b"{\"content\":\"a\"}\n{\"content\":\"b\"}\n")]);
    fs::write(
        folder.path().join("1.zip"),
        zip_of(&[("notices/1.html", b"<p>1"), ("__MACOSX/1.html", b"x"), ("in.zip", &inner), ("in.tar", &tar)]),
    )
    .unwrap();
    fs::write(folder.path().join("2.tar"), &tar[..1600]).unwrap();
    fs::write(folder.path().join("3.zip"), b"PK\x03\x04 cut off").unwrap();
    let found = names(&taken(&[folder.path()]));
    assert_eq!(found[..5], ["1.html", "", "", "公告.txt", "公告.html"], "{found:?}");
    assert!(
        found[5..].iter().any(|n| n == "公告.txt") && found[5..].iter().any(|n| n.starts_with("! ") && n.contains("2.tar")),
        "{found:?}"
    );
    assert!(found.last().unwrap().contains("3.zip"));
}

const WARC: &str = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://www.example.org/1 a\r\nWARC-Date: 2021-09-01T00:00:00Z\r\nWARC-Payload-Digest: sha1:A\r\nContent-Length: LENGTH\r\n\r\n\
    HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gb2312\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n\r\n\r\n\r\n";

fn warc() -> String {
    let body = WARC.len() - WARC.find("HTTP/").unwrap() - 4;
    let response = WARC.replace("LENGTH", &body.to_string());
    let redirect = "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 22\r\n\r\nHTTP/1.1 302 Found\r\n\r\n\r\n\r\n";
    let revisit = "WARC/1.0\r\nWARC-Type: revisit\r\nWARC-Target-URI: http://www.example.org/2\r\nWARC-Payload-Digest: sha1:A\r\nContent-Length: 0\r\n\r\n\r\n\r\n";
    format!("WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 2\r\n\r\nab\r\n\r\n{response}{redirect}{revisit}{response}")
}

#[test]
fn web_archives_give_what_servers_answered() {
    let text = warc();
    let stream = |text: &str| of_stream("w.warc", Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), None).collect::<Vec<_>>();
    let all = stream(&text);
    let addresses: Vec<_> = all.iter().map(|t| t.as_ref().unwrap().url.clone().unwrap()).collect();
    assert_eq!(addresses, ["http://www.example.org/1 a", "http://www.example.org/2", "http://www.example.org/1 a"]);
    let first = all[0].as_ref().unwrap();
    assert_eq!(
        (first.bytes.as_slice(), first.charset.as_deref(), first.fetched.as_deref()),
        (&b"<p>x"[..], Some("gb2312"), Some("2021-09-01T00:00:00Z"))
    );
    let cut = stream(&text[..text.len() - 20]);
    assert_eq!(cut.iter().map(|t| t.is_ok()).collect::<Vec<_>>(), [true, true, false]);
}

/// What can be read of real and damaged web archives is read, and the damage is said.
#[test]
fn web_archives_of_the_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites/warc");
    let Ok(files) = fs::read_dir(&root) else {
        println!("SKIPPED: {} is not here", root.display());
        return;
    };
    let mut found: Vec<(String, usize, usize)> = files
        .map(|file| {
            let path = file.unwrap().path();
            let all = taken(&[&path]);
            let pages = all.iter().filter(|t| t.is_ok()).count();
            (path.file_name().unwrap().to_string_lossy().into_owned(), pages, all.len() - pages)
        })
        .collect();
    found.sort();
    for (name, pages, failures) in &found {
        println!("{name}: {pages} pages, {failures} messages");
        // One archive holds a picture alone, which is no page.
        let has_none = ["bad", "trunc", "space-in-target-uri"].iter().any(|word| name.contains(word));
        assert!(*pages > 0 || has_none, "{name} gives nothing");
    }
}

/// A RAR 5 archive with one stored file, 公告.html.
const RAR: &str =
    "UmFyIRoHAQDFGjMyAwEAAN6OkHcaAgIlBCWkgwLeHUUYAAEL5YWs5ZGKLmh0bWw8cD7npLrkvovluILlhazlronlsYDph4fotK3lhazlkYo8L3A+GbI6NQMFAAA=";

#[test]
fn rar_archives_are_folders_where_a_program_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("附件.rar");
    let bytes = tendertrace::read::transfer::base64(RAR.as_bytes()).unwrap();
    fs::write(&path, &bytes).unwrap();
    let damaged = folder.path().join("damaged.rar");
    fs::write(&damaged, &bytes[..bytes.len() - 30]).unwrap();
    if !packed::opens(&bytes) {
        eprintln!("SKIPPED: bsdtar is not installed");
        assert_eq!(names(&taken(&[&path])), ["附件.rar"], "the archive itself, to be counted as a gap");
        return;
    }
    let found = taken(&[&path]);
    assert_eq!(names(&found), ["公告.html"]);
    assert!(String::from_utf8_lossy(&found[0].as_ref().unwrap().bytes).contains("示例市公安局"));
    let failed = taken(&[&damaged]).into_iter().find_map(Result::err).expect("a damaged archive is a message");
    assert!(failed.contains("damaged.rar") && failed.contains("unpack"), "{failed}");
}
