//! What can be done about a card, as its holder sees it.

use super::Error;
use super::bearer::Proved;
use super::issue::{Held, obstacle_for};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::library::{CardDates, Library, LibraryRules, PatronService, ReissueReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::store::certificate_links::LinkedCard;
use crate::store::{Tx, applications, certificate_links};
use time::{Date, Duration, OffsetDateTime};

/// A patron's card, and what can be done about it now.
#[derive(Debug, Clone)]
pub struct MyCard {
    /// The card.
    pub card: Card,
    /// How many items may be borrowed; not known of patrons whose category nobody told.
    pub loan_limit: Option<u32>,
    /// How many more could be with the My Number card linked, where that makes a difference.
    pub loan_limit_linked: Option<u32>,
    /// True if the My Number card is linked.
    pub is_linked: bool,
    /// Why it should be linked again, if there is reason to.
    pub linked_end: Option<LinkedEnd>,
    /// The last day for the electronic library, where that comes before the card's own.
    pub e_library_until: Option<Date>,
    /// The last day on which the record is kept, once the card has ended, if a clock ends it.
    pub kept_until: Option<Date>,
    /// From when another card is issued in place of one that was reported as lost.
    pub reissued_from: Option<Date>,
    /// True if the holder may lift the stop when the card turns up.
    pub may_be_found: bool,
    /// The procedures that the library offers, in its order.
    pub offers: Vec<Offer>,
}

/// Why a My Number card should be linked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedEnd {
    /// The last day of its certificate comes near, or is over.
    Ends(Date),
    /// Its certificate was found revoked.
    Revoked,
}

/// A procedure, and whether it can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub procedure: Procedure,
    /// What stands against it.
    pub obstacle: Option<Obstacle>,
    /// The application for it that is open already.
    pub open: Option<Reference>,
}

/// A patron's card, and what can be done about it.
pub(super) async fn card_of(
    tx: &mut Tx,
    library: &Library,
    proved: Proved,
    now: OffsetDateTime,
) -> Result<MyCard, Error> {
    let rules = &library.rules;
    let mut offers = Vec::new();
    for procedure in rules.procedures.iter().copied().filter(|procedure| procedure.needs_card()) {
        offers.push(offer(tx, library, &proved, procedure, now).await?);
    }
    let Held { patron, card } = proved.held;
    let linked = certificate_links::find_linked_card(tx, library.id, patron.id).await?;
    let is_linked = linked.is_some();
    let category = patron.facts.category.as_ref().and_then(|code| rules.category(code));
    let limits = category.map(|category| (rules.loan_limit(category, is_linked), rules.loan_limit(category, true)));
    let e_library_until = Some(rules.e_library_until(card.expires_on)).filter(|until| {
        let is_withheld = category.is_some_and(|category| category.withheld.contains(&PatronService::ELibrary));
        *until < card.expires_on && !is_withheld
    });
    let has_ended = card.expires_on < japanese_date(now);
    let dates = CardDates { issued_on: japanese_date(card.issued_at), expires_on: card.expires_on };
    let lost_on = card.lost_since().map(japanese_date);
    Ok(MyCard {
        loan_limit: limits.map(|(limit, _)| limit),
        loan_limit_linked: limits.filter(|(limit, linked)| limit < linked).map(|(_, linked)| linked),
        is_linked,
        e_library_until,
        kept_until: rules.record_kept_until(card.expires_on).filter(|_| has_ended),
        linked_end: linked.and_then(|linked| linked_end(rules, linked, japanese_date(now))),
        reissued_from: lost_on.map(|lost_on| rules.reissue_allowed_from(ReissueReason::Lost, dates, lost_on)),
        may_be_found: lost_on.is_some() && rules.reissue.found_again.is_lifted_by_patron(),
        offers,
        card,
    })
}

/// What there is to say of a linked certificate: from the day of the first reminder on.
fn linked_end(rules: &LibraryRules, linked: LinkedCard, today: Date) -> Option<LinkedEnd> {
    if linked.is_revoked {
        return Some(LinkedEnd::Revoked);
    }
    let longest = rules.card_link.reminder_days.first().copied().unwrap_or_default();
    let soon = today.checked_add(Duration::days(longest.into())).unwrap_or(Date::MAX);
    linked.ends_on.filter(|ends_on| *ends_on <= soon).map(LinkedEnd::Ends)
}

/// A procedure about the card of whoever this is, and whether they can begin it.
pub(super) async fn offer(
    tx: &mut Tx,
    library: &Library,
    proved: &Proved,
    procedure: Procedure,
    now: OffsetDateTime,
) -> Result<Offer, Error> {
    let Held { patron, card } = &proved.held;
    let reason = card.lost_since().filter(|_| procedure == Procedure::Reissue).map(|_| ReissueReason::Lost);
    let obstacle = match obstacle_for(tx, &library.rules, card, procedure, reason, now, now).await? {
        // Who is too young waits in vain for a day on which it could be done online.
        found @ (Some(Obstacle::TooEarly { .. } | Obstacle::Waiting { .. }) | None) => {
            let today = japanese_date(now);
            library.rules.young_for(procedure, proved.asker(), &patron.facts, today).or(found)
        }
        found => found,
    };
    let open = applications::find_open_by_patron(tx, library.id, procedure, card.patron_id).await?;
    Ok(Offer { procedure, obstacle, open: open.map(|application| application.reference) })
}
