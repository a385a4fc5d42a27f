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
    assert_eq!((first.url.as_deref(), first.title.as_deref(), first.bytes.as_slice()), (Some("http://www.example.org/1"), None, "公告".as_bytes()));
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
