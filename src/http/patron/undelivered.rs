//! An address at which nobody is any more, and what whoever reads its owner's page can do about it.

use crate::domain::person::EmailAddress;
use crate::domain::procedure::Procedure;
use crate::http::filters::masked_email;
use crate::http::urls::Urls;
use crate::service::procedures::MyCard;

/// Mail to an address came back.
pub(super) struct Undelivered {
    pub(super) address: String,
    /// Where a patron begins to change it.
    pub(super) change_url: Option<String>,
}

impl Undelivered {
    pub(super) fn of(address: &EmailAddress, card: Option<&MyCard>, urls: &Urls) -> Self {
        let mut offers = card.into_iter().flat_map(|card| &card.offers);
        let change = offers
            .find(|offer| offer.procedure == Procedure::Change && offer.obstacle.is_none() && offer.open.is_none());
        Self {
            address: masked_email(address.as_str()),
            change_url: change.map(|offer| urls.procedure(offer.procedure)),
        }
    }
}
