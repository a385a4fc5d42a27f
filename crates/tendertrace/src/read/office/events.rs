//! What comes next in the XML of a document part? Elements that open and close, and text with its
//! references resolved; one pass without recursion, as forgiving as word processors are.

use crate::read::entities::unescape;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// One step through a part. An empty element opens and closes.
pub enum Step<'a> {
    Open(&'a BytesStart<'a>),
    /// The local name of what closes.
    Close(&'a str),
    Text(&'a str),
}

/// Tells `each` step; what follows an error in the XML is lost, what came before it is not.
pub fn walk(text: &str, mut each: impl FnMut(Step)) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => each(Step::Open(&element)),
            Ok(Event::Empty(element)) => {
                each(Step::Open(&element));
                each(Step::Close(element.local_name().as_ref()));
            }
            Ok(Event::End(element)) => each(Step::Close(element.local_name().as_ref())),
            Ok(Event::Text(text)) => each(Step::Text(&text.into_inner())),
            Ok(Event::CData(text)) => each(Step::Text(&text.into_inner())),
            Ok(Event::GeneralRef(entity)) => each(Step::Text(&unescape(&format!("&{};", entity.into_inner())))),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
