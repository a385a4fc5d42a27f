//! Does the real binary keep the contract? Exit codes, silent stderr in a pipe, lines in input
//! order, and every line valid against the JSON Schema that `tendertrace schema` prints.

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn tendertrace(args: &[&str], input: Option<&str>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tendertrace"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    child.stdin.take().expect("piped").write_all(input.unwrap_or("").as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../truth/sample")
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).expect("one JSON object a line")).collect()
}

/// Errors of `value` against a schema the program prints.
fn invalid(name: &str, values: &[Value]) -> Vec<String> {
    let printed = tendertrace(&["schema", name], None);
    let schema: Value = serde_json::from_slice(&printed.stdout).expect("a schema is JSON");
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("schema.json", schema).expect("added");
    let index = compiler.compile("schema.json", &mut schemas).expect("a valid schema");
    values.iter().filter_map(|v| schemas.validate(v, index).err().map(|e| e.to_string())).collect()
}

#[test]
fn examinations_of_the_sample_are_valid_and_in_order() {
    let folder = sample();
    let folder = folder.to_str().expect("UTF-8");
    let output = tendertrace(&["examine", folder], None);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let first = lines(&output);
    assert!(first.len() >= 40, "only {} notices", first.len());
    assert_eq!(invalid("examination", &first), Vec::<String>::new());
    let again = lines(&tendertrace(&["examine", folder], None));
    assert!(first == again, "the same bytes and rules give the same bytes");
}

#[test]
fn documents_and_capture_lines_are_valid() {
    let folder = sample();
    let output = tendertrace(&["read", "--json", folder.to_str().expect("UTF-8")], None);
    assert_eq!(invalid("document", &lines(&output)), Vec::<String>::new());
    let line = serde_json::json!({"title": "t", "content": "c"});
    assert_eq!(invalid("capture", &[line]), Vec::<String>::new());
    assert_eq!(invalid("capture", &[serde_json::json!({"title": "t"})]).len(), 1);
}

#[test]
fn a_bad_line_costs_nobody_else_anything() {
    let good = serde_json::json!({"url": "https://example.org/1", "title": "示例市公安局采购公告", "content": "采购人：示例市公安局"});
    let input = format!("{good}\nthis is no JSON\n{good}\n");
    let output = tendertrace(&["examine", "-"], Some(&input));
    assert_eq!(output.status.code(), Some(2), "something could not be done");
    assert_eq!(lines(&output).len(), 2, "the other lines were done");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains('2'), "the message names the line: {message}");
}

#[test]
fn comparing_and_screening_print_what_the_schema_says() {
    let output = tendertrace(&["compare", "示例甲科技有限公司", "示例甲科技股份有限公司", "--json"], None);
    assert_eq!(invalid("comparison", &lines(&output)), Vec::<String>::new());
    let output = tendertrace(&["screen", "示例甲科技有限公司", "--json"], None);
    assert_eq!(invalid("screening", &lines(&output)), Vec::<String>::new());
}

#[test]
fn missing_input_is_named_with_what_to_do() {
    let output = tendertrace(&["examine", "no-such-folder"], None);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-folder"));
}

#[test]
fn every_template_makes_a_rulebook_that_loads() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().to_str().expect("UTF-8");
    for (kind, id) in [("brand", "example_brand"), ("label", "buyer"), ("list", "example-list")] {
        let output = tendertrace(&["rulebook", "new", kind, id, "--into", own], None);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let checked = tendertrace(&["rulebook", "check", "--rulebook", own], None);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));
    let fired = tendertrace(&["rulebook", "try", "采购示例牌子服务器2台", "--rulebook", own], None);
    assert!(String::from_utf8_lossy(&fired.stdout).contains("example_brand"));
    let broken = folder.path().join("brands/example_brand.toml");
    std::fs::write(&broken, "name = \"x\nhome = 3\n").expect("written");
    let checked = tendertrace(&["rulebook", "check", "--rulebook", own], None);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(2));
    assert!(said.contains("brands/example_brand.toml:1") && said.contains('^'), "file, line and caret: {said}");
}
