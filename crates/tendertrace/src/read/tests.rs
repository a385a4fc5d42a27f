//! Does every format come out as the same kind of document, whatever the bytes?

use super::*;
use crate::model::{Block, Cell};
use std::sync::LazyLock;

static RULES: LazyLock<Rulebook> = LazyLock::new(Rulebook::embedded);

fn page(html: &str) -> Document {
    read_as(html, None).documents.remove(0)
}

fn read_as(text: &str, title: Option<&str>) -> Part {
    let capture =
        Capture { title: title.map(str::to_string), media_type: Some("text/html".into()), ..Capture::of_bytes(text.as_bytes().to_vec()) };
    read(&capture, &RULES, &Budget::default()).remove(0)
}

/// Blocks as lines: `P text`, `T cell|cell/cell|cell`, nested tables after their own.
fn outline(document: &Document) -> Vec<String> {
    document.blocks.iter().skip(1).map(|b| line_of(document, b)).collect()
}

fn line_of(document: &Document, block: &Block) -> String {
    let text = &document.text[block.start..block.end];
    match &block.kind {
        BlockKind::Title => format!("! {text}"),
        BlockKind::Heading(level) => format!("H{level} {text}"),
        BlockKind::Paragraph => format!("P {text}"),
        BlockKind::ListItem => format!("L {text}"),
        BlockKind::Hidden => format!("X {text}"),
        BlockKind::Aside => format!("A {text}"),
        BlockKind::Table(cells) => format!("T {}", cells.iter().map(|c| cell_of(document, c)).collect::<Vec<_>>().join(" | ")),
    }
}

fn cell_of(document: &Document, cell: &Cell) -> String {
    let spans = if cell.row_span * cell.column_span > 1 { format!("+{}x{}", cell.row_span, cell.column_span) } else { String::new() };
    format!("{},{}{} {}", cell.row, cell.column, spans, &document.text[cell.start..cell.end])
}

#[test]
fn tables_keep_their_grid() {
    let document = page(
        "<table><tr><th colspan=2>名称<td>数量<tr><td rowspan='2'>甲<td>乙<td>3<br>台</td></tr><tr hidden><td>藏</td></tr><tr><td>丙</td><td></td></tr></table>",
    );
    assert_eq!(outline(&document), ["T 0,0+1x2 名称 | 0,2 数量 | 1,0+2x1 甲 | 1,1 乙 | 1,2 3\n台 | 2,1 丙 | 2,2 ", "X 藏"]);
    assert_eq!(document.text, "\n名称\t数量\n甲\t乙\t3\n台\n丙\t\n藏".trim_start());
}

#[test]
fn a_table_in_a_cell_is_a_block_of_its_own() {
    let document = page("<table><tr><td>标的<td>如下：<table><tr><td>一<td>二</table>完<tr><td>丁<td>戊</table>");
    assert_eq!(outline(&document), ["T 0,0 标的 | 0,1 如下：\n一\t二\n完 | 1,0 丁 | 1,1 戊", "T 0,0 一 | 0,1 二"]);
}

#[test]
fn a_table_between_rows_follows_them() {
    let document = page("<table><tr><td>一</td><td>甲</td></tr><caption><table><tr><td>二<td>乙</table></caption></table>");
    assert_eq!(outline(&document), ["T 0,0 一 | 0,1 甲", "T 0,0 二 | 0,1 乙"]);
}

#[test]
fn a_cell_reaches_around_the_empty_cells_of_its_table() {
    let document = page("<table><tr><td>甲<td>乙<td><table><tr><td><td>丙<td>丁<td></table></table>");
    check(&document);
    assert_eq!(outline(&document)[1..], ["T 0,0  | 0,1 丙 | 0,2 丁 | 0,3 "]);
}

#[test]
fn tables_that_lay_out_the_page_flow() {
    let document = page(
        "<table><tr><td><a href=/1>首页</a> <a href=/2>公告</a></td><td><h2>中标公告</h2><p>采购人：示例市公安局</p>\
         <table><tr><td>供应商<td>示例科技有限公司<tr><td>金额<td>1元</table></td></tr></table>",
    );
    assert_eq!(
        outline(&document),
        ["A 首页 公告", "H2 中标公告", "P 采购人：示例市公安局", "T 0,0 供应商 | 0,1 示例科技有限公司 | 1,0 金额 | 1,1 1元"]
    );
}

#[test]
fn what_the_page_does_not_show_is_hidden_or_gone() {
    let document = page(
        "<style>.jf{display:none} .tab .x{display:none} .tab .x.on{display:block}</style><script>var a='漏'</script><noscript>漏</noscript>\
         <template>漏</template><!-- 漏 --><p>见<span style='display: none'>藏一</span>文</p><p class='a jf'>藏二</p>\
         <div class=tab><p class=x>藏三</p><p class='x on'>显</p></div>",
    );
    assert_eq!(outline(&document), ["P 见文", "X 藏一", "X 藏二", "X 藏三", "P 显"]);
}

#[test]
fn navigation_stands_aside() {
    let document = page(
        "<nav>站内</nav><div class='site-crumbs'>首页 公告</div><ul><li><a href=1>甲公司公告甲</a><li><a href=2>乙公司公告乙</a><li><a href=3>丙公告</a><li><a href=4>丁公告</a> 2021-01-02</ul>\
         <p>正文足够长的一段文字，采购人为示例市公安局，供应商为示例科技有限公司，成交金额为壹元整，特此公告。正文足够长的一段文字。</p>\
         <p>附件：<a href='/f/1.doc'>采购文件</a><a href='/f/2.pdf'>响应文件</a></p><p>上一篇：某公告</p><footer>脚</footer>",
    );
    let kinds: String = outline(&document).iter().map(|l| l.chars().next().unwrap()).collect();
    assert_eq!(kinds, "AAAAAAPPAA");
    assert_eq!(document.links, [("采购文件".to_string(), "/f/1.doc".to_string()), ("响应文件".to_string(), "/f/2.pdf".to_string())]);
}

#[test]
fn lines_kept_as_written() {
    let document = page("<p>\u{3000}\u{3000}名&nbsp;称：<b>示例</b>\n  公司<br>二</p><p>&nbsp;</p><ul><li>项</ul><pre>a  b\n c</pre>");
    assert_eq!(outline(&document), ["P 名\u{a0}称：示例 公司", "P 二", "L 项", "P a  b", "P c"]);
}

#[test]
fn entities_that_were_escaped_twice_are_characters() {
    let document = page("<p>&#21517;&amp;nbsp;&amp;#31216;&amp;ldquo;AT&amp;T&amp;rdquo;</p>");
    assert_eq!(outline(&document), ["P 名\u{a0}称\u{201C}AT&T\u{201D}"]);
}

#[test]
fn server_tags_do_not_leak() {
    let document =
        page("<%@ page pageEncoding=\"UTF-8\"%><c:import url='x'><c:param name='y'>true</c:param></c:import><p>文<%= a %>字</p>");
    assert_eq!(outline(&document), ["P 文字"]);
}

#[test]
fn a_whole_page_is_read_to_its_end() {
    let document = page(
        "<!DOCTYPE html><html><head><meta charset=utf-8><script>a()</script><title>窗</title></head><body><script>b()</script><p>文</p></body></html>\n<script>c()</script>末",
    );
    assert_eq!(outline(&document), ["P 文", "P 末"]);
}

#[test]
fn the_title_comes_first() {
    let part = read_as(
        "<title>窗</title><meta name=ArticleTitle content='示例市公安局采购公告'><meta name=PubDate content='2022-09-16 10:00'><p>文",
        None,
    );
    assert_eq!(part.documents[0].text, "示例市公安局采购公告\n文");
    assert_eq!((part.title.as_deref(), part.published.as_deref()), (Some("示例市公安局采购公告"), Some("2022-09-16")));
    assert_eq!(read_as("文\n\n  \n 二", Some("题")).documents[0].text, "题\n文\n 二");
    assert_eq!(outline(&read_as("文\n\n  \n 二", Some("题")).documents[0]), ["P 文", "P 二"]);
}

fn parts(text: &str) -> Vec<Part> {
    read(&Capture::of_bytes(text.as_bytes().to_vec()), &RULES, &Budget::default())
}

#[test]
fn captures_in_an_array_are_parts() {
    let parts = parts(
        r#"[{"url": "http://www.example.org/1", "title": "公告一", "published": "2021-01-02", "content": "采购人：示例市公安局，金额见下，供应商见附件。"},
            {"title": "公告二", "media_type": "text/html", "content": "<p>采购人：示例市公安局</p><p>金额：一万元，供应商见附件。</p>"}]"#,
    );
    assert_eq!(parts.iter().map(|p| p.number).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((parts[0].url.as_deref(), parts[0].published.as_deref()), (Some("http://www.example.org/1"), Some("2021-01-02")));
    assert_eq!(parts[1].documents[0].text, "公告二\n采购人：示例市公安局\n金额：一万元，供应商见附件。");
}

#[test]
fn answers_of_interfaces_become_lines_and_tables() {
    let parts = parts(
        r#"{"code": 0, "data": {"records": [{"noticeTitle": "<b>公告一</b>", "buyer": "示例市公安局", "goods": [{"name": "服务器", "num": 2}, {"name": "交换机", "num": 1}],
            "content": "<table><tr><td>金额</td><td>1元</td></tr><tr><td>数量</td><td>2</td></tr></table>", "publishTime": 1639670400000}]}}"#,
    );
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].title.as_deref(), Some("公告一"));
    assert_eq!(
        outline(&parts[0].documents[0]),
        [
            "P noticeTitle：公告一",
            "P buyer：示例市公安局",
            "T 0,0 name | 0,1 num | 1,0 服务器 | 1,1 2 | 2,0 交换机 | 2,1 1",
            "T 0,0 金额 | 0,1 1元 | 1,0 数量 | 1,1 2",
            "P publishTime：1639670400000"
        ]
    );
}

#[test]
fn frames_of_an_archive_are_further_documents() {
    let archive = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n--B\nContent-Type: text/html\nContent-Location: http://www.example.org/1\n\n<p>公告</p>\n\
        --B\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+5YWs5ZGKPC9wPg==\n--B\nContent-Type: text/html\n\n<p></p>\n--B--";
    let parts = parts(archive);
    assert_eq!(parts[0].url.as_deref(), Some("http://www.example.org/1"));
    assert_eq!(parts[0].documents.iter().map(|d| (d.number, d.text.as_str())).collect::<Vec<_>>(), [(0, "公告"), (1, "公告")]);
}

#[test]
fn lines_of_json_and_feeds_are_parts() {
    assert_eq!(parts("{\"title\": \"一\"}\n{\"title\": \"二\"}\nx\n").len(), 3);
    let feed = parts(
        "<?xml version='1.0'?><rss><channel><title>站</title><item><title>公告一</title><link>http://www.example.org/1</link></item><item><title>公告二</title></item></channel></rss>",
    );
    assert_eq!(feed.iter().map(|p| p.title.as_deref().unwrap()).collect::<Vec<_>>(), ["公告一", "公告二"]);
    assert_eq!(feed[0].url.as_deref(), Some("http://www.example.org/1"));
    assert_eq!(outline(&feed[0].documents[0]).last().unwrap(), "A title：站");
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    for (bytes, says) in [
        (&b"%PDF-1.7\n"[..], "PDF"),
        (b"PK\x03\x04", "archive"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "spreadsheet"),
        (b"Rar!\x1A\x07", "RAR"),
        (b"", "empty"),
        (b"\0\x01\x02\x03\x04\x05", "no text"),
        (b" \n\t", "empty"),
    ] {
        let parts = read(&Capture::of_bytes(bytes.to_vec()), &RULES, &Budget::default());
        assert!(parts.len() == 1 && !parts[0].readable());
        assert!(parts[0].documents[0].gaps[0].at.text.contains(says), "{says}");
    }
}

/// What every document keeps, whatever it was made from.
fn check(document: &Document) {
    let mut end = 0;
    let mut outer: Vec<(usize, usize)> = Vec::new();
    for (number, block) in document.blocks.iter().enumerate() {
        assert!(document.text.get(block.start..block.end).is_some(), "block on character boundaries");
        assert_eq!(block.kind == BlockKind::Title, number == 0);
        let nested = outer.iter().any(|(from, to)| *from <= block.start && block.end <= *to);
        assert!(nested || block.start >= end, "top-level blocks follow each other");
        if !nested {
            end = block.end;
        }
        if let BlockKind::Table(cells) = &block.kind {
            let mut last = block.start;
            for cell in cells {
                assert!(last <= cell.start && cell.start <= cell.end && cell.end <= block.end);
                assert!(document.text.get(cell.start..cell.end).is_some());
                last = cell.end;
                outer.push((cell.start, cell.end));
            }
        }
    }
}

fn check_all(bytes: &[u8]) {
    for part in read(&Capture::of_bytes(bytes.to_vec()), &RULES, &Budget::default()) {
        part.documents.iter().for_each(check);
    }
}

fn soup() -> impl proptest::strategy::Strategy<Value = String> {
    let pieces = [
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "<td rowspan=3>",
        "<td colspan=2>",
        "</td>",
        "</tr>",
        "<p>",
        "</p>",
        "<div style='display:none'>",
        "</div>",
        "<br>",
        "甲乙",
        " ",
        "\u{3000}",
        "&nbsp;",
        "<tr hidden>",
        "<h1>",
        "</h1>",
        "<a href=x>",
        "</a>",
        "<ul><li>",
        "</ul>",
        "<pre>",
        "</pre>",
        "<nav>",
        "</nav>",
        "<script>x</script>",
        "\n",
        "b",
        "<caption>",
        "</caption>",
        "<tbody>",
        "<thead>",
        "<b>",
        "</b>",
        "<select><option>",
        "<!--",
        "-->",
        "<th rowspan=0>",
        "<template>",
        "</template>",
        "<svg>",
        "<frameset>",
        "<form>",
        "<input readonly value=v>",
        "{\"content\":\"",
        "\"}",
        "[",
        "]",
        ":",
        ",",
    ];
    proptest::strategy::Strategy::prop_map(proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60), |p| p.concat())
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        check_all(&bytes);
    }

    #[test]
    fn any_tags_are_read(html in soup()) {
        check_all(html.as_bytes());
    }
}

#[test]
fn endless_input_ends() {
    for piece in [
        "<div>",
        "<table><tr><td>",
        "<table>",
        "<b><p>",
        "[",
        "{\"a\":",
        "<a><i>",
        "<!--",
        "&lt;p",
        "<td colspan=1000 rowspan=1000>",
        "<style>a{",
        "<%",
    ] {
        check_all(piece.repeat(20_000).as_bytes());
    }
}
