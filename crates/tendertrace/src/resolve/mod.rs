//! Who and where is a party? Buyer kinds, GB/T 2260 regions, and the comparison of names.

pub mod kinds;
pub mod names;
pub mod regions;

use crate::model::Notice;
use crate::rulebook::Rulebook;
use crate::sheet::Sheet;

/// Adds kinds and region to a notice, concluded from the names that stand in it.
pub fn resolve(notice: Notice, sheets: &[Sheet<'_>], rules: &Rulebook) -> Notice {
    let mut notice = kinds(notice, rules);
    let kind = notice.buyer_kind.as_ref().map(|kind| kind.value.clone());
    notice.region = regions::region_of(&notice, kind.as_deref(), sheets, rules);
    notice
}

/// The same for a notice that says itself in which country its buyer sits: no place is sought in its
/// names, where another country's might be meant.
pub fn kinds(mut notice: Notice, rules: &Rulebook) -> Notice {
    notice.buyer_kind = notice.buyer.as_ref().and_then(|buyer| kinds::kind_of(buyer, rules));
    notice.end_user_kind = notice.end_user.as_ref().and_then(|user| kinds::kind_of(user, rules));
    notice
}
