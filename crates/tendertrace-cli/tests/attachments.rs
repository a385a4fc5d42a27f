//! Do attachments belong to their notice? The real program on invented piles in which the goods of an
//! award stand in a workbook beside its page: found by link, by folder, in a web archive, in a field.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .stdin(Stdio::null())
        .args(args)
        .output()
        .expect("the program starts")
}

#[track_caller]
fn examined(input: &Path) -> Vec<Value> {
    let output = run(&["examine", input.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An award whose goods are named in another file.
fn page(links: &str) -> String {
    format!(
        "<html><head><meta charset=utf-8><title>示例市公安局办公设备采购项目中标公告</title></head><body>
        <h1>示例市公安局办公设备采购项目中标公告</h1>
        <p>一、项目编号：SL-2021-001</p><p>二、项目名称：示例市公安局办公设备采购项目</p>
        <p>三、中标信息</p><p>供应商名称：样本信息技术有限公司</p><p>中标金额：50000.00元</p>
        <p>四、主要标的信息</p>
        <table><tr><th>序号</th><th>标的名称</th><th>品牌</th><th>规格型号</th><th>数量</th><th>单价</th></tr>
        <tr><td>1</td><td>详见附件</td><td>详见附件</td><td>详见附件</td><td>详见附件</td><td>详见附件</td></tr></table>
        <p>采购人：示例市公安局</p><p>公告日期：2021年5月6日</p>{links}</body></html>"
    )
}

/// A workbook of goods as bytes.
fn workbook(goods: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in ["序号", "标的名称", "品牌", "规格型号", "数量", "单位", "单价（元）", "总价（元）"].iter().enumerate()
    {
        sheet.write(0, column as u16, *head).unwrap();
    }
    for (column, cell) in ["1", goods, "惠普", "ProDesk 600 G6", "10", "台", "5000", "50000"].iter().enumerate() {
        sheet.write(1, column as u16, *cell).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            text.push(if place <= chunk.len() { DIGITS[(number >> (18 - 6 * place)) as usize & 63] as char } else { '=' });
        }
    }
    text
}

fn record(url: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let answer = [format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n").as_bytes(), body].concat();
    let head = format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Length: {}\r\n\r\n", answer.len());
    [head.as_bytes(), &answer, b"\r\n\r\n"].concat()
}

fn redirect(url: &str, to: &str) -> Vec<u8> {
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n");
    let head = format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Length: {}\r\n\r\n", answer.len());
    [head.as_bytes(), answer.as_bytes(), b"\r\n\r\n"].concat()
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The notice whose goods came from the file of this name.
#[track_caller]
fn is_joined(examinations: &[Value], file: &str) {
    let with_goods: Vec<&Value> = examinations.iter().filter(|e| e["notice"]["items"][0]["brand"].is_object()).collect();
    assert_eq!(with_goods.len(), 1, "{examinations:#?}");
    let (notice, found) = (&with_goods[0]["notice"], &with_goods[0]["findings"]);
    assert_eq!(notice["buyer"]["value"], "示例市公安局");
    assert_eq!(notice["items"][0]["name"]["value"], "台式计算机");
    assert_eq!(notice["items"][0]["name"]["doc"], 1);
    assert_eq!(notice["items"][0]["demanded"], false);
    let named = found.as_array().unwrap().iter().find(|f| f["brand"] == "hp_inc").expect("the brand of the file is found");
    assert_eq!((&named["usage"], &named["stage"]), (&json!("awarded"), &json!("award")));
    let quote = &named["quotes"][0];
    assert_eq!((quote["doc"].as_u64(), quote["file"]["name"].as_str()), (Some(1), Some(file)), "{quote}");
    assert!(quote["cell"]["row"].is_u64() && quote["file"]["sha256"].as_str().unwrap().len() == 64, "{quote}");
    let missing = with_goods[0]["gaps"].as_array().unwrap().iter().filter(|gap| gap["kind"] == "attachment_missing").count();
    assert_eq!(missing, 0);
}

#[test]
fn a_file_is_found_by_link_by_folder_by_address_and_in_a_field() {
    let goods = workbook("台式计算机");
    let by_name = tempfile::tempdir().unwrap();
    put(by_name.path(), "1.html", page("<a href='http://a.example/d?id=7'>附件1：中标清单.xlsx</a>").as_bytes());
    put(by_name.path(), "2.html", page("").replace("SL-2021-001", "SL-2021-002").as_bytes());
    put(by_name.path(), "files/附件1：中标清单.xlsx", &goods);
    let joined = examined(by_name.path());
    assert_eq!(joined.len(), 2);
    is_joined(&joined, "附件1：中标清单.xlsx");

    let by_folder = tempfile::tempdir().unwrap();
    put(by_folder.path(), "a/公告.html", page("").as_bytes());
    put(by_folder.path(), "a/清单.zip", &zipped("中标清单.xlsx", &goods));
    put(by_folder.path(), "b.html", page("").replace("SL-2021-001", "SL-2021-002").as_bytes());
    let joined = examined(by_folder.path());
    assert_eq!(joined.len(), 2);
    is_joined(&joined, "中标清单.xlsx");

    let crawl = tempfile::tempdir().unwrap();
    let other = page("").replace("SL-2021-001", "SL-2021-002");
    let records = [
        record("http://a.example/f/%E6%B8%85%E5%8D%95.xlsx", "application/octet-stream", &goods),
        record("http://a.example/n/1.html", "text/html", page("<a href='../f/清单.xlsx'>附件</a>").as_bytes()),
        record("http://a.example/n/2.html", "text/html", other.as_bytes()),
    ];
    put(crawl.path(), "crawl.warc", &records.concat());
    let joined = examined(crawl.path());
    assert_eq!(joined.len(), 2);
    is_joined(&joined, "清单.xlsx");

    let sent_on = tempfile::tempdir().unwrap();
    let records = [
        record("http://a.example/n/1.html", "text/html", page("<a href='../download?id=5'>附件</a>").as_bytes()),
        record("http://a.example/n/2.html", "text/html", other.as_bytes()),
        redirect("http://a.example/download?id=5", "/g/5"),
        redirect("http://a.example/g/5", "https://files.example/5.xlsx"),
        record("https://files.example/5.xlsx", "application/octet-stream", &goods),
    ];
    put(sent_on.path(), "crawl.warc", &records.concat());
    let joined = examined(sent_on.path());
    assert_eq!(joined.len(), 2);
    is_joined(&joined, "5.xlsx");

    let lines = tempfile::tempdir().unwrap();
    let line = json!({"url": "http://a.example/1", "content": page(""), "media_type": "text/html", "attachments": [{"name": "清单.xlsx", "content_base64": base64(&goods)}]});
    put(lines.path(), "one.jsonl", line.to_string().as_bytes());
    is_joined(&examined(lines.path()), "清单.xlsx");

    let apart = tempfile::tempdir().unwrap();
    let page_line =
        json!({"url": "http://a.example/1", "content": page(""), "attachments": [{"name": "清单.xlsx", "url": "http://a.example/f?id=9"}]});
    let file_line = json!({"url": "http://a.example/f?id=9", "content_base64": base64(&goods)});
    put(apart.path(), "two.jsonl", format!("{file_line}\n{page_line}\n").as_bytes());
    let joined = examined(apart.path());
    assert_eq!(joined.len(), 1);
    is_joined(&joined, "f");
}

#[test]
fn without_its_file_a_notice_keeps_the_counted_gap() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "1.html", page("<a href='http://a.example/f.xlsx'>附件</a>").as_bytes());
    let alone = examined(folder.path());
    assert!(alone[0]["gaps"].as_array().unwrap().iter().any(|gap| gap["kind"] == "attachment_missing"), "{alone:#?}");
    assert_eq!(alone[0]["notice"]["items"], json!([]));
}

#[test]
fn files_among_several_pages_belong_to_none_and_tender_documents_award_nothing() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "1.html", page("").as_bytes());
    put(folder.path(), "2.html", page("").replace("SL-2021-001", "SL-2021-002").as_bytes());
    put(folder.path(), "清单.xlsx", &workbook("台式计算机"));
    let apart = examined(folder.path());
    assert_eq!(apart.len(), 3);
    assert!(apart.iter().filter(|e| e["notice"]["buyer"].is_object()).all(|e| e["notice"]["items"] == json!([])));

    let asked = tempfile::tempdir().unwrap();
    put(asked.path(), "1.html", page("<a href='a.xlsx'>招标文件.xlsx</a>").as_bytes());
    put(asked.path(), "招标文件.xlsx", &workbook("台式计算机"));
    let joined = examined(asked.path());
    assert_eq!(joined.len(), 1);
    assert_eq!(joined[0]["notice"]["items"][0]["demanded"], true, "{:#?}", joined[0]["notice"]["items"]);
    assert!(joined[0]["findings"].as_array().unwrap().iter().all(|f| f["usage"] != "awarded"), "{:#?}", joined[0]["findings"]);
}

#[test]
fn a_case_keeps_the_files_and_proves_their_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let (pile, case_arg) = (folder.path().join("pile"), case.to_str().unwrap());
    let trace = |with: &[&str]| {
        let output = run(&[&["trace"], with, &["--case", case_arg]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    put(&pile, "1.html", page("<a href='清单.xlsx'>附件</a>").as_bytes());
    let input = pile.to_str().unwrap();
    trace(&[input]);
    let number =
        |sql: &str| -> i64 { rusqlite::Connection::open(case.join("case.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(number("SELECT count(*) FROM gaps WHERE kind = 'attachment_missing'"), 1);
    put(&pile, "清单.xlsx", &workbook("台式计算机"));
    // Files that come later are joined to the page that is there; a new rulebook, a lost database and
    // the same input once more change nothing.
    let is_whole = || {
        assert_eq!(number("SELECT count(*) FROM gaps WHERE kind = 'attachment_missing'"), 0);
        assert_eq!(number("SELECT count(*) FROM notices"), 1);
        assert_eq!(number("SELECT count(*) FROM originals"), 2);
        assert_eq!(number("SELECT count(*) FROM quotes WHERE file = '清单.xlsx' AND doc = 1"), number("SELECT count(*) FROM quotes"));
        assert!(number("SELECT count(*) FROM quotes") > 0);
        let proved = run(&["verify", case_arg]);
        assert!(proved.status.success(), "{}", String::from_utf8_lossy(&proved.stderr));
    };
    trace(&[input]);
    is_whole();
    trace(&["--again"]);
    is_whole();
    trace(&[input]);
    is_whole();
    fs::remove_file(case.join("case.db")).unwrap();
    trace(&[input]);
    is_whole();
}

#[test]
fn a_file_that_came_alone_first_counts_once_with_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    let goods = workbook("台式计算机");
    put(folder.path(), "alone/清单.xlsx", &goods);
    let page_line =
        json!({"url": "http://a.example/1", "content": page(""), "attachments": [{"name": "清单.xlsx", "url": "http://a.example/f?id=9"}]});
    let file_line = json!({"url": "http://a.example/f?id=9", "content_base64": base64(&goods)});
    put(folder.path(), "two.jsonl", format!("{file_line}\n{page_line}\n").as_bytes());
    let items = || -> i64 {
        let db = rusqlite::Connection::open(case.join("case.db")).unwrap();
        db.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).unwrap()
    };
    let inputs = [folder.path().join("alone"), folder.path().join("two.jsonl"), folder.path().join("alone")];
    for (number, input) in inputs.iter().enumerate() {
        run(&["trace", input.to_str().unwrap(), "--case", case.to_str().unwrap()]);
        assert_eq!(items(), 1, "after input {number}");
    }
}
