//! How do many findings look? Pictures in SVG that need no script: each mark says what it is, may lead to
//! its rows, and each picture has a twin, the table of the same numbers. Plain data in, drawing out.

pub mod chains;
pub mod grid;
pub mod map;
pub mod network;
pub mod place;
pub mod strips;
pub mod time;
mod twin;

pub use twin::{Cell, Twin, Value};

use maud::{Markup, PreEscaped, html};

/// One mark: what is said of it, and where its rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub said: String,
    /// An address of the desk; a picture that leaves it has none.
    pub to: Option<String>,
}

/// A drawing with its title and a description that can be read aloud.
pub struct Picture {
    pub id: &'static str,
    pub title: String,
    pub described: String,
    pub width: f64,
    pub height: f64,
    pub drawn: Markup,
}

impl Picture {
    /// As part of a page, which brings the style.
    pub fn on_page(&self) -> Markup {
        html! {
            svg.picture role="group" aria-labelledby={ (self.id) "-t" } aria-describedby={ (self.id) "-d" } viewBox={ "0 0 " (px(self.width)) " " (px(self.height)) } width=(px(self.width)) height=(px(self.height)) {
                (self.inside())
            }
        }
    }

    /// As a file of its own: light, with its colours, without links.
    pub fn as_file(&self) -> String {
        let markup = html! {
            svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby={ (self.id) "-t" } viewBox={ "-16 -16 " (px(self.width + 32.0)) " " (px(self.height + 32.0)) } width=(px(self.width + 32.0)) height=(px(self.height + 32.0)) {
                style { (PreEscaped(COLOURS)) }
                rect.paper x="-16" y="-16" width=(px(self.width + 32.0)) height=(px(self.height + 32.0)) {}
                (self.inside())
            }
        };
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", markup.into_string())
    }

    fn inside(&self) -> Markup {
        html! { title id={ (self.id) "-t" } { (self.title) } desc id={ (self.id) "-d" } { (self.described) } (self.drawn) }
    }
}

/// Literal colours: many programs that open SVG know no variables.
const COLOURS: &str = include_str!("file.css");

/// A mark around its drawing: a link where it leads somewhere, named by its title.
pub fn marked(mark: &Mark, drawn: Markup) -> Markup {
    match &mark.to {
        Some(to) => html! { a href=(to) { title { (mark.said) } (drawn) } },
        None => html! { g { title { (mark.said) } (drawn) } },
    }
}

/// A length as short as it can be written.
pub fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// How wide a text of this size is, a little generously: Han characters are square.
pub fn wide(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        '\u{2E80}'..='\u{FFEF}' => 1.0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | '|' => 0.32,
        'm' | 'w' | 'M' | 'W' => 0.9,
        'A'..='Z' => 0.72,
        _ => 0.58,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// The text, cut with an ellipsis where it would be wider than `most`.
pub fn fit(text: &str, most: f64, size: f64) -> String {
    if wide(text, size) <= most {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if wide(&kept, size) + wide(&c.to_string(), size) + size > most {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// One of four shades by the root of the share of the largest, so that one large number does not make
/// all others alike; nothing for nothing. Told apart by lightness alone, and every number is written.
pub fn shade(number: usize, most: usize) -> &'static str {
    const SHADES: [&str; 5] = ["h0", "h1", "h2", "h3", "h4"];
    let share = (number as f64 / most.max(1) as f64).sqrt();
    SHADES[if number == 0 { 0 } else { ((share * 4.0).ceil() as usize).clamp(1, 4) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_ends_and_a_shade_is_its_share() {
        assert_eq!(fit("Dell", 100.0, 12.0), "Dell");
        let cut = fit("示例市公安局科技信息化处", 80.0, 12.0);
        assert!(cut.ends_with('…') && wide(&cut, 12.0) <= 80.0, "{cut}");
        assert_eq!([0, 6, 7, 26, 100].map(|n| shade(n, 100)), ["h0", "h1", "h2", "h3", "h4"]);
        assert_eq!(shade(1, 0), "h4");
        assert_eq!([1.0, 1.25].map(px), ["1", "1.2"]);
    }

    #[test]
    fn a_file_has_its_colours_and_leads_nowhere() {
        let mark = Mark { said: "a<b".into(), to: None };
        let picture = Picture {
            id: "x",
            title: "T".into(),
            described: "d".into(),
            width: 10.0,
            height: 5.0,
            drawn: marked(&mark, html! { rect {} }),
        };
        let file = picture.as_file();
        assert!(file.contains("xmlns") && file.contains("<style>") && file.contains("a&lt;b") && !file.contains("href"), "{file}");
        assert!(!picture.on_page().into_string().contains("<style>"));
    }
}
