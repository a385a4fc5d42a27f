//! What is around every page that leaves the program? One head for report, dossier and letter: the page
//! brings its style, loads nothing, needs no script, and forbids both by its own policy.

use super::STYLE;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page of its own that a browser opens from a file.
pub fn standing_alone(title: &str, body: Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}
