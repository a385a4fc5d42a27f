//! What does a glyph's name read as? The names that simple fonts use in their encodings.

/// The text of a glyph name; `None` for names that say nothing (`g12`, `.notdef`).
pub fn glyph_name(name: &str) -> Option<String> {
    let name = name.split('.').next().unwrap_or("");
    let mut letters = name.chars();
    if let (Some(only), None) = (letters.next(), letters.next()) {
        return Some(only.to_string());
    }
    let known = NAMES.binary_search_by_key(&name, |(known, _)| known).ok();
    known.map(|at| NAMES[at].1.to_string()).or_else(|| by_number(name))
}

/// `uni4E2D` and `u4E2D`.
fn by_number(name: &str) -> Option<String> {
    let digits = name.strip_prefix("uni").filter(|d| d.len() == 4).or_else(|| name.strip_prefix('u').filter(|d| (4..=6).contains(&d.len())))?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(code).filter(|c| !c.is_control()).map(String::from)
}

/// Sorted by name.
const NAMES: &[(&str, &str)] = &[
    ("AE", "\u{C6}"), ("Aacute", "\u{C1}"), ("Acaron", "\u{1CD}"), ("Acircumflex", "\u{C2}"), ("Adieresis", "\u{C4}"), ("Agrave", "\u{C0}"),
    ("Aring", "\u{C5}"), ("Atilde", "\u{C3}"), ("Cacute", "\u{106}"), ("Ccaron", "\u{10C}"), ("Ccedilla", "\u{C7}"), ("Ccircumflex", "\u{108}"),
    ("Eacute", "\u{C9}"), ("Ecaron", "\u{11A}"), ("Ecedilla", "\u{228}"), ("Ecircumflex", "\u{CA}"), ("Edieresis", "\u{CB}"), ("Egrave", "\u{C8}"),
    ("Etilde", "\u{1EBC}"), ("Euro", "\u{20AC}"), ("Iacute", "\u{CD}"), ("Icaron", "\u{1CF}"), ("Icircumflex", "\u{CE}"), ("Idieresis", "\u{CF}"),
    ("Igrave", "\u{CC}"), ("Itilde", "\u{128}"), ("Lslash", "\u{141}"), ("Nacute", "\u{143}"), ("Ncaron", "\u{147}"), ("Ncedilla", "\u{145}"),
    ("Ngrave", "\u{1F8}"), ("Ntilde", "\u{D1}"), ("OE", "\u{152}"), ("Oacute", "\u{D3}"), ("Ocaron", "\u{1D1}"), ("Ocircumflex", "\u{D4}"),
    ("Odieresis", "\u{D6}"), ("Ograve", "\u{D2}"), ("Omega", "\u{3A9}"), ("Oslash", "\u{D8}"), ("Otilde", "\u{D5}"), ("Sacute", "\u{15A}"),
    ("Scaron", "\u{160}"), ("Scedilla", "\u{15E}"), ("Scircumflex", "\u{15C}"), ("Uacute", "\u{DA}"), ("Ucaron", "\u{1D3}"), ("Ucircumflex", "\u{DB}"),
    ("Udieresis", "\u{DC}"), ("Ugrave", "\u{D9}"), ("Uring", "\u{16E}"), ("Utilde", "\u{168}"), ("Yacute", "\u{DD}"), ("Ycircumflex", "\u{176}"),
    ("Ydieresis", "\u{178}"), ("Ygrave", "\u{1EF2}"), ("Ytilde", "\u{1EF8}"), ("Zacute", "\u{179}"), ("Zcaron", "\u{17D}"), ("Zcircumflex", "\u{1E90}"),
    ("aacute", "\u{E1}"), ("acaron", "\u{1CE}"), ("acircumflex", "\u{E2}"), ("acute", "\u{B4}"), ("adieresis", "\u{E4}"), ("ae", "\u{E6}"),
    ("agrave", "\u{E0}"), ("alpha", "\u{3B1}"), ("ampersand", "&"), ("aring", "\u{E5}"), ("asciicircum", "^"), ("asciitilde", "~"),
    ("asterisk", "*"), ("at", "@"), ("atilde", "\u{E3}"), ("backslash", "\\"), ("bar", "|"), ("beta", "\u{3B2}"),
    ("braceleft", "{"), ("braceright", "}"), ("bracketleft", "["), ("bracketright", "]"), ("bullet", "\u{2022}"), ("cacute", "\u{107}"),
    ("ccaron", "\u{10D}"), ("ccedilla", "\u{E7}"), ("ccircumflex", "\u{109}"), ("cedilla", "\u{B8}"), ("cent", "\u{A2}"), ("colon", ":"),
    ("comma", ","), ("copyright", "\u{A9}"), ("currency", "\u{A4}"), ("dagger", "\u{2020}"), ("daggerdbl", "\u{2021}"), ("degree", "\u{B0}"),
    ("dieresis", "\u{A8}"), ("divide", "\u{F7}"), ("dollar", "$"), ("dotlessi", "\u{131}"), ("eacute", "\u{E9}"),
    ("ecaron", "\u{11B}"), ("ecedilla", "\u{229}"), ("ecircumflex", "\u{EA}"), ("edieresis", "\u{EB}"), ("egrave", "\u{E8}"), ("eight", "8"),
    ("ellipsis", "\u{2026}"), ("emdash", "\u{2014}"), ("endash", "\u{2013}"), ("equal", "="), ("eth", "\u{F0}"), ("etilde", "\u{1EBD}"),
    ("exclam", "!"), ("exclamdown", "\u{A1}"), ("ff", "ff"), ("ffi", "ffi"), ("ffl", "ffl"), ("fi", "fi"),
    ("five", "5"), ("fl", "fl"), ("florin", "\u{192}"), ("four", "4"), ("fraction", "\u{2044}"), ("gamma", "\u{3B3}"),
    ("germandbls", "\u{DF}"), ("grave", "`"), ("greater", ">"), ("greaterequal", "\u{2265}"), ("guillemotleft", "\u{AB}"), ("guillemotright", "\u{BB}"),
    ("hyphen", "-"), ("iacute", "\u{ED}"), ("icaron", "\u{1D0}"), ("icircumflex", "\u{EE}"), ("idieresis", "\u{EF}"), ("igrave", "\u{EC}"),
    ("infinity", "\u{221E}"), ("itilde", "\u{129}"), ("less", "<"), ("lessequal", "\u{2264}"), ("lslash", "\u{142}"), ("macron", "\u{AF}"),
    ("minus", "\u{2212}"), ("mu", "\u{B5}"), ("multiply", "\u{D7}"), ("nacute", "\u{144}"), ("nbspace", "\u{A0}"), ("ncaron", "\u{148}"),
    ("ncedilla", "\u{146}"), ("ngrave", "\u{1F9}"), ("nine", "9"), ("notequal", "\u{2260}"), ("ntilde", "\u{F1}"), ("numbersign", "#"),
    ("oacute", "\u{F3}"), ("ocaron", "\u{1D2}"), ("ocircumflex", "\u{F4}"), ("odieresis", "\u{F6}"), ("oe", "\u{153}"), ("ograve", "\u{F2}"),
    ("one", "1"), ("onehalf", "\u{BD}"), ("onequarter", "\u{BC}"), ("ordfeminine", "\u{AA}"), ("ordmasculine", "\u{BA}"), ("oslash", "\u{F8}"),
    ("otilde", "\u{F5}"), ("paragraph", "\u{B6}"), ("parenleft", "("), ("parenright", ")"), ("percent", "%"), ("period", "."),
    ("periodcentered", "\u{B7}"), ("perthousand", "\u{2030}"), ("plus", "+"), ("plusminus", "\u{B1}"), ("question", "?"), ("questiondown", "\u{BF}"),
    ("quotedbl", "\""), ("quotedblbase", "\u{201E}"), ("quotedblleft", "\u{201C}"), ("quotedblright", "\u{201D}"), ("quoteleft", "\u{2018}"), ("quoteright", "\u{2019}"),
    ("quotesinglbase", "\u{201A}"), ("quotesingle", "'"), ("registered", "\u{AE}"), ("sacute", "\u{15B}"), ("scaron", "\u{161}"), ("scedilla", "\u{15F}"),
    ("scircumflex", "\u{15D}"), ("section", "\u{A7}"), ("semicolon", ";"), ("seven", "7"), ("six", "6"), ("slash", "/"),
    ("space", " "), ("sterling", "\u{A3}"), ("thorn", "\u{FE}"), ("three", "3"), ("threequarters", "\u{BE}"), ("trademark", "\u{2122}"),
    ("two", "2"), ("uacute", "\u{FA}"), ("ucaron", "\u{1D4}"), ("ucircumflex", "\u{FB}"), ("udieresis", "\u{FC}"), ("ugrave", "\u{F9}"),
    ("underscore", "_"), ("uring", "\u{16F}"), ("utilde", "\u{169}"), ("yacute", "\u{FD}"), ("ycircumflex", "\u{177}"), ("ydieresis", "\u{FF}"),
    ("yen", "\u{A5}"), ("ygrave", "\u{1EF3}"), ("yring", "\u{1E99}"), ("ytilde", "\u{1EF9}"), ("zacute", "\u{17A}"), ("zcaron", "\u{17E}"),
    ("zcircumflex", "\u{1E91}"), ("zero", "0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_read() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
        for (name, text) in [("A", Some("A")), ("fi", Some("fi")), ("uni4E2D", Some("\u{4E2D}")), ("zero.tf", Some("0")), ("g12", None), (".notdef", None)] {
            assert_eq!(glyph_name(name).as_deref(), text, "{name}");
        }
    }
}
