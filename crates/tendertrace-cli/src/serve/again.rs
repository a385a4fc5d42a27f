//! What if a form cannot be taken? Its page is shown again, the reason above it and everything in it that
//! was typed, so that a person mends one word and loses none.

use super::{Given, given};
use maud::{Markup, html};
use tendertrace::report::html::part;

/// What was sent and not taken, or nothing.
#[derive(Clone, Copy)]
pub struct Again<'a> {
    sent: Option<Sent<'a>>,
}

#[derive(Clone, Copy)]
struct Sent<'a> {
    /// The address it was sent to.
    place: &'a str,
    form: &'a Given,
    why: &'a str,
}

impl<'a> Again<'a> {
    /// The page is asked for the first time.
    pub const NO: Again<'static> = Again { sent: None };

    pub fn sent(place: &'a str, form: &'a Given, why: &'a str) -> Again<'a> {
        Again { sent: Some(Sent { place, form, why }) }
    }

    /// The same for one form of the page: nothing where another one was sent. `marks` are fields in which
    /// forms of one address differ.
    pub fn of(self, place: &str, marks: &[(&str, &str)]) -> Again<'a> {
        let is_it =
            |sent: &Sent| sent.place == place && marks.iter().all(|(name, value)| given(sent.form, name).unwrap_or_default() == *value);
        Again { sent: self.sent.filter(is_it) }
    }

    /// Whether this form was sent.
    pub fn is_sent(self) -> bool {
        self.sent.is_some()
    }

    /// What was typed in a field; what stands there at first where the form was not sent.
    pub fn or<'b>(self, name: &str, first: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.sent.map_or(first, |sent| given(sent.form, name).unwrap_or_default())
    }

    /// Whether one of several values of a field was chosen.
    pub fn chose(self, name: &str, value: &str) -> bool {
        self.sent.is_some_and(|sent| sent.form.iter().any(|(key, chosen)| key == name && chosen == value))
    }

    /// Why it was not taken.
    pub fn why(self) -> Markup {
        html! { @if let Some(sent) = self.sent { div.banner role="alert" id="again" { p { strong { "Not kept: " } (part::mixed(sent.why)) ". What you typed still stands in the form." } } } }
    }
}

/// Whether an error is a person's to mend: words alone, with no disk or database behind them.
pub fn is_refusal(error: &anyhow::Error) -> bool {
    error.chain().all(|cause| !cause.is::<rusqlite::Error>() && !cause.is::<std::io::Error>() && !cause.is::<serde_json::Error>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context as _, anyhow};

    #[test]
    fn only_the_form_that_was_sent_is_filled_again() {
        let form: Given = vec![("act".into(), "reply".into()), ("text".into(), "not <ours>".into())];
        let again = Again::sent("/claims/1", &form, "a day is missing");
        assert_eq!(again.of("/claims/1", &[("act", "reply")]).or("text", "first"), "not <ours>");
        assert_eq!(again.of("/claims/1", &[("act", "drop")]).or("text", "first"), "first");
        assert_eq!(again.of("/claims/2", &[]).or("text", "first"), "first");
        assert!(again.chose("act", "reply") && !again.chose("act", "drop"));
        assert!(again.why().into_string().contains("a day is missing") && Again::NO.why().into_string().is_empty());
    }

    #[test]
    fn words_alone_refuse_and_a_disk_fails() {
        assert!(is_refusal(&anyhow!("say why")));
        assert!(!is_refusal(&Err::<(), _>(std::io::Error::other("full")).context("writing").unwrap_err()));
        assert!(!is_refusal(&rusqlite::Error::QueryReturnedNoRows.into()));
    }
}
