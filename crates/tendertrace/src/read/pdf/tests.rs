//! Does an invented PDF come out as its page shows, and do pieces of it end?

use super::*;
use crate::model::BlockKind;

/// A page with these operators; its font maps GBK as Chinese programs write it. Without a table of
/// its objects, which the reader must find.
fn pdf(operators: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>>>>>endobj\n\
        4 0 obj<</Type/Font/Subtype/Type0/BaseFont/S/Encoding/GBK-EUC-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/S\
        /CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>]>>endobj\n"
        .to_vec();
    let operators = encoding_rs::GBK.encode(operators).0;
    file.extend(format!("5 0 obj<</Length {}>>stream\n", operators.len()).bytes());
    file.extend(&*operators);
    file.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF");
    file
}

fn show(x: u32, y: u32, text: &str) -> String {
    let hex: String = encoding_rs::GBK.encode(text).0.iter().map(|b| format!("{b:02X}")).collect();
    format!("BT /F 10 Tf {x} {y} Td <{hex}> Tj ET\n")
}

fn page() -> Vec<u8> {
    let lines: String =
        [(50, 300, 250, 300), (50, 280, 250, 280), (50, 260, 250, 260), (50, 260, 50, 300), (150, 260, 150, 300), (250, 260, 250, 300)]
            .iter()
            .map(|(a, b, c, d)| format!("{a} {b} m {c} {d} l S\n"))
            .collect();
    let texts = [
        (50, 340, "采购人：示例市公安局"),
        (155, 285, "数量"),
        (55, 285, "名称"),
        (55, 265, "服务器"),
        (155, 265, "叁台"),
        (50, 200, "特此公告"),
    ];
    pdf(&(lines + &texts.map(|(x, y, text)| show(x, y, text)).concat()))
}

#[test]
fn paragraphs_and_ruled_tables_in_reading_order() {
    let document = read_pdf(&page(), "题");
    assert_eq!(document.text, "题\n采购人：示例市公安局\n名称\t数量\n服务器\t叁台\n特此公告");
    let BlockKind::Table(cells) = &document.blocks[2].kind else { panic!("{:?}", document.blocks) };
    assert_eq!(cells.iter().map(|c| (c.row, c.column)).collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 0), (1, 1)]);
    assert_eq!((document.pages.len(), document.page_of(document.text.len() - 1), document.gaps.len()), (1, Some(1), 0));
}

#[test]
fn pieces_of_a_file_end() {
    let whole = page();
    for length in 0..whole.len() {
        read_pdf(&whole[..length], "");
    }
    for (from, to) in [
        ("Td", "Tf"),
        ("2 0 R/MediaBox", "3 0 R/MediaBox"),
        ("[3 0 R]", "[2 0 R]"),
        ("/Count 1", "/Count 999999999"),
        ("GBK-EUC-H", "Nothing-H"),
        ("400 400", "0 0"),
    ] {
        let text: Vec<u8> =
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&whole).0.replace(from, to).chars().map(|c| c as u32 as u8).collect();
        read_pdf(&text, "");
    }
}
