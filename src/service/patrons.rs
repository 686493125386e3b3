//! Staff look for a patron and open the record. Each search and each opening is written down.

use super::card_news::{self, announce};
use super::record::staff_event;
use super::relations::{is_own, must_be_no_own};
use super::review::{NoticePreview, acting};
use super::{Error, Once, Portal};
use crate::domain::application::{Application, ApplicationState, Refused};
use crate::domain::block::Block;
use crate::domain::card::{Card, StopReason};
use crate::domain::certificate_number::NumberState;
use crate::domain::event::EventKind;
use crate::domain::ids::PatronId;
use crate::domain::library::Library;
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::Patron;
use crate::domain::patron_search::{MOST_FOUND, PatronSearch};
use crate::domain::permission::Permission;
use crate::domain::staff::StaffMember;
pub use crate::store::patron_search::FoundPatron;
use crate::store::patron_views::PatronView;
use crate::store::{
    StoreError, Tx, applications, cards, certificate_numbers, events, notices, patron_blocks, patron_search,
    patron_views, patrons, staff,
};
use time::OffsetDateTime;

/// How many applications of a patron are shown, the newest first.
const APPLICATIONS: u32 = 50;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatronsFound {
    /// At most [`MOST_FOUND`].
    pub patrons: Vec<FoundPatron>,
    /// True if there are others.
    pub are_more: bool,
    /// When the patron was erased whose card number was sought.
    pub erased_at: Option<OffsetDateTime>,
}

/// Everything that staff see of a patron.
#[derive(Debug, Clone)]
pub struct PatronRecord {
    /// Who.
    pub patron: Patron,
    /// The cards, the newest first.
    pub cards: Vec<Card>,
    /// The applications, the newest first; the flag says whether whoever looks may open it.
    pub applications: Vec<(Application, bool)>,
    /// The user-authentication certificate, as far as it is known.
    pub certificate_number: Option<NumberState>,
    /// How many notices were never opened.
    pub unread_notices: u64,
    /// The blocks that are in place.
    pub blocks: Vec<Block>,
    /// What the holder would read if staff stopped the newest card now, or let it be used again; none where they can do
    /// neither.
    pub card_notice: Option<NoticePreview>,
    /// True if it is of one of the person's own people who looks: then others decide about it.
    pub is_own: bool,
    /// The colleagues, for their names.
    pub staff: Vec<StaffMember>,
}

impl Portal {
    /// Looks for patrons of the library.
    ///
    /// # Errors
    /// [`Error::Refused`] for whoever may not see patrons.
    pub async fn search_patrons(&self, by: &StaffMember, search: &PatronSearch) -> Result<PatronsFound, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let by = &allowed(&mut tx, by, Permission::SeePatrons).await?;
        let mut erased_at = None;
        let mut patrons = match search {
            PatronSearch::Card(number) => match cards::find_by_number(&mut tx, by.library_id, number).await? {
                Some(card) => {
                    erased_at = patrons::find_erased_at(&mut tx, by.library_id, card.patron_id).await?;
                    let patron = patrons::find(&mut tx, by.library_id, card.patron_id).await?;
                    patron.map(|patron| found(patron, card)).into_iter().collect()
                }
                None => Vec::new(),
            },
            PatronSearch::Facts(facts) => patron_search::list(&mut tx, by.library_id, facts, MOST_FOUND + 1).await?,
        };
        let are_more = patrons.len() > MOST_FOUND as usize;
        patrons.truncate(MOST_FOUND as usize);
        let view = PatronView::Searched { kinds: search.kinds(), hits: patrons.len() };
        patron_views::insert(&mut tx, by, &view, now).await?;
        tx.commit().await?;
        Ok(PatronsFound { patrons, are_more, erased_at })
    }

    /// Opens the record of a patron.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library, [`Error::Refused`] for whoever may not see patrons.
    pub async fn open_patron(&self, library: &Library, by: &StaffMember, id: PatronId) -> Result<PatronRecord, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let by = &allowed(&mut tx, by, Permission::SeePatrons).await?;
        let patron = patrons::find(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        let cards = cards::list_by_patron(&mut tx, by.library_id, id).await?;
        let applications = applications::list_by_patron(&mut tx, by.library_id, id, APPLICATIONS).await?;
        let number = certificate_numbers::find(&mut tx, by.library_id, id).await?;
        let unread_notices = notices::count_unread_by_patron(&mut tx, by.library_id, id).await?;
        let blocks = patron_blocks::list_by_patron(&mut tx, by.library_id, id).await?;
        let is_own = is_own(&mut tx, by, &patron).await?;
        let staff = staff::list(&mut tx, by.library_id).await?;
        patron_views::insert(&mut tx, by, &PatronView::Opened(id), now).await?;
        tx.commit().await?;
        let may_open = |one: &Application| one.must_be_for(by, Permission::OpenFile).is_ok();
        Ok(PatronRecord {
            card_notice: cards.first().and_then(|card| card_news::preview(library, &patron, card, now)),
            patron,
            cards,
            applications: applications.into_iter().map(|one| (one.clone(), may_open(&one))).collect(),
            certificate_number: number.map(|certificate| certificate.state),
            unread_notices,
            blocks,
            is_own,
            staff,
        })
    }

    /// Stops the newest card of a patron on the library's behalf; one that is stopped already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no card, [`Error::Refused`] for whoever may not stop cards,
    /// [`Error::Related`] for their own people.
    pub async fn stop_card_of(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronId,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (mut tx, by, card) = self.card_for(by, id, once, now).await?;
        if card.is_active() {
            let card = cards::save(&mut tx, card.stop(StopReason::ByLibrary, now)?).await?;
            patron_views::insert(&mut tx, &by, &PatronView::CardStopped(id), now).await?;
            tell_holder(&mut tx, library, &card, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Lifts the library's own stop of the newest card.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no card, [`Error::Obstacle`] unless the library stopped it,
    /// [`Error::Related`] for their own people.
    pub async fn release_card_of(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronId,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (mut tx, by, card) = self.card_for(by, id, once, now).await?;
        let card = cards::save(&mut tx, card.lift_stop(StopReason::ByLibrary)?).await?;
        patron_views::insert(&mut tx, &by, &PatronView::CardReleased(id), now).await?;
        tell_holder(&mut tx, library, &card, now).await?;
        Ok(tx.commit().await?)
    }

    /// Lifts the patron's own stop of the newest card, for whoever brings it to the counter: who that is, `by` has
    /// checked.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no card, [`Error::Obstacle`] unless it is stopped as lost and the library lets
    /// such cards come back.
    pub async fn release_lost_card_of(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronId,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (mut tx, by, card) = self.card_for(by, id, once, now).await?;
        if !library.rules.reissue.found_again.is_lifted_at_counter() {
            return Err(Error::Obstacle(Obstacle::Stopped));
        }
        let found = card.lift_stop(StopReason::Lost)?;
        // The patron reads of it in the record of what granted the card last; a record before a card, as everywhere.
        let applications = applications::list_by_patron(&mut tx, by.library_id, id, APPLICATIONS).await?;
        if let Some(granted) = applications.iter().find(|one| matches!(one.state, ApplicationState::Issued { .. })) {
            events::insert(&mut tx, &staff_event(granted, EventKind::CardFound, &by, now)).await?;
        }
        let card = cards::save(&mut tx, found).await?;
        patron_views::insert(&mut tx, &by, &PatronView::LostCardReleased(id), now).await?;
        tell_holder(&mut tx, library, &card, now).await?;
        Ok(tx.commit().await?)
    }

    async fn card_for(
        &self,
        by: &StaffMember,
        id: PatronId,
        once: &Once,
        now: OffsetDateTime,
    ) -> Result<(Tx, StaffMember, Card), Error> {
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = allowed(&mut tx, by, Permission::StopCards).await?;
        must_be_no_own(&mut tx, &by, id).await?;
        let card = cards::find_by_patron(&mut tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
        Ok((tx, by, card))
    }
}

/// Tells the holder what staff did to the card. Who was erased reads nothing.
async fn tell_holder(tx: &mut Tx, library: &Library, card: &Card, now: OffsetDateTime) -> Result<(), Error> {
    match patrons::find(tx, card.library_id, card.patron_id).await {
        Err(StoreError::Unsealable { .. }) | Ok(None) => Ok(()),
        Ok(Some(patron)) => announce(tx, library, None, (&patron, card), now).await,
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn allowed(tx: &mut Tx, by: &StaffMember, permission: Permission) -> Result<StaffMember, Error> {
    let by = acting(tx, by).await?;
    if by.may(permission) { Ok(by) } else { Err(Refused::NotAllowed.into()) }
}

fn found(patron: Patron, card: Card) -> FoundPatron {
    FoundPatron { id: patron.id, facts: patron.facts, card: Some((card.number, card.expires_on)) }
}
