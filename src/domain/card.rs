//! Issued cards: a number that is never used twice, and the day it ends.

use super::card_number::CardNumber;
use super::ids::{CardId, LibraryId, PatronId};
use super::procedure::UnknownName;
use time::{Date, OffsetDateTime};

/// A card, plastic or not: a number that the library system knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Internal identity.
    pub id: CardId,
    /// The library that issued it.
    pub library_id: LibraryId,
    /// The holder.
    pub patron_id: PatronId,
    /// The number, check digit included.
    pub number: CardNumber,
    /// The last day on which it may be used.
    pub expires_on: Date,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// Whether it can be used, apart from its validity.
    pub state: CardState,
    /// Counts every change; a save names the value it read.
    pub row_version: i64,
}

/// Whether a card can be used. That it has expired is no state: its last day says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Not yet: its number is given, but what granted it is not in force.
    Pending,
    /// It can.
    Active,
    /// Not for now.
    Stopped {
        /// Why.
        reason: StopReason,
        /// Since when.
        stopped_at: OffsetDateTime,
    },
    /// Another one took its place; it never comes back.
    Replaced {
        /// The other one.
        by: CardId,
        /// When.
        replaced_at: OffsetDateTime,
    },
}

/// Why a card was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Its holder reports it as lost.
    Lost,
    /// The library stopped it, such as when a decision was reopened.
    ByLibrary,
}

/// The card does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardRefused {
    /// It is not issued yet, is stopped, or was replaced.
    #[error("the card is not active")]
    NotActive,
    /// It is in force already, or dead.
    #[error("the card does not wait to be issued")]
    NotPending,
    /// It is not stopped for this reason.
    #[error("the card is not stopped for this reason")]
    NotStopped,
    /// Another card took its place.
    #[error("the card was replaced")]
    Replaced,
}

impl StopReason {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::ByLibrary => "by_library",
        }
    }
}

impl std::str::FromStr for StopReason {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Lost, Self::ByLibrary].into_iter().find(|reason| reason.as_str() == name).ok_or(UnknownName)
    }
}

impl Card {
    /// Issues a card.
    #[must_use]
    pub const fn issue(
        id: CardId,
        library_id: LibraryId,
        patron_id: PatronId,
        number: CardNumber,
        expires_on: Date,
        issued_at: OffsetDateTime,
    ) -> Self {
        Self { id, library_id, patron_id, number, expires_on, issued_at, state: CardState::Active, row_version: 0 }
    }

    /// Gives a number to a card that is issued once what granted it is in force.
    #[must_use]
    pub const fn register(
        id: CardId,
        library_id: LibraryId,
        patron_id: PatronId,
        number: CardNumber,
        expires_on: Date,
        registered_at: OffsetDateTime,
    ) -> Self {
        let (issued_at, state) = (registered_at, CardState::Pending);
        Self { id, library_id, patron_id, number, expires_on, issued_at, state, row_version: 0 }
    }

    /// Puts a registered card in force.
    ///
    /// # Errors
    /// [`CardRefused::NotPending`] unless it waits for this.
    pub fn put_in_force(self) -> Result<Self, CardRefused> {
        if self.is_pending() { Ok(Self { state: CardState::Active, ..self }) } else { Err(CardRefused::NotPending) }
    }

    /// True if its number is given and nothing else.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.state, CardState::Pending)
    }

    /// True unless it is not issued yet, is stopped or was replaced.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, CardState::Active)
    }

    /// True if it can be used on this day.
    #[must_use]
    pub fn is_usable_on(&self, day: Date) -> bool {
        self.is_active() && day <= self.expires_on
    }

    /// When its holder reported it as lost, if it is stopped for that.
    #[must_use]
    pub const fn lost_since(&self) -> Option<OffsetDateTime> {
        match self.state {
            CardState::Stopped { reason: StopReason::Lost, stopped_at } => Some(stopped_at),
            _ => None,
        }
    }

    /// Stops it.
    ///
    /// # Errors
    /// [`CardRefused::NotActive`] unless it is active.
    pub fn stop(self, reason: StopReason, now: OffsetDateTime) -> Result<Self, CardRefused> {
        match self.state {
            CardState::Active => Ok(Self { state: CardState::Stopped { reason, stopped_at: now }, ..self }),
            CardState::Pending | CardState::Stopped { .. } | CardState::Replaced { .. } => Err(CardRefused::NotActive),
        }
    }

    /// Stops it for good, because its holder closes the account: what was reported as lost is found by nobody after that.
    ///
    /// # Errors
    /// [`CardRefused::NotActive`] unless it is active or reported as lost.
    pub fn close(self, now: OffsetDateTime) -> Result<Self, CardRefused> {
        match self.state {
            CardState::Stopped { reason: StopReason::Lost, .. } => {
                let state = CardState::Stopped { reason: StopReason::ByLibrary, stopped_at: now };
                Ok(Self { state, ..self })
            }
            _ => self.stop(StopReason::ByLibrary, now),
        }
    }

    /// Lifts a stop for `reason`: a card that was lost turned up, or the library lifts its own.
    ///
    /// # Errors
    /// [`CardRefused::NotStopped`] unless it is stopped for this reason: nobody lifts another's stop.
    pub fn lift_stop(self, reason: StopReason) -> Result<Self, CardRefused> {
        match self.state {
            CardState::Stopped { reason: stopped_for, .. } if stopped_for == reason => {
                Ok(Self { state: CardState::Active, ..self })
            }
            _ => Err(CardRefused::NotStopped),
        }
    }

    /// Extends its validity.
    ///
    /// # Errors
    /// [`CardRefused::NotActive`] unless it is active.
    pub fn renew(self, expires_on: Date) -> Result<Self, CardRefused> {
        if self.is_active() { Ok(Self { expires_on, ..self }) } else { Err(CardRefused::NotActive) }
    }

    /// Lets another card take its place, for ever.
    ///
    /// # Errors
    /// [`CardRefused::Replaced`] if one did before.
    pub fn replace(self, by: CardId, now: OffsetDateTime) -> Result<Self, CardRefused> {
        match self.state {
            CardState::Active | CardState::Stopped { .. } => {
                Ok(Self { state: CardState::Replaced { by, replaced_at: now }, ..self })
            }
            CardState::Pending => Err(CardRefused::NotActive),
            CardState::Replaced { .. } => Err(CardRefused::Replaced),
        }
    }

    /// Makes it usable again under the same number, until `expires_on`: the plastic is another one.
    ///
    /// # Errors
    /// [`CardRefused::Replaced`] if another card took its place; [`CardRefused::NotActive`] while the library stops it.
    pub fn remake(self, expires_on: Date) -> Result<Self, CardRefused> {
        match self.state {
            CardState::Active | CardState::Stopped { reason: StopReason::Lost, .. } => {
                Ok(Self { state: CardState::Active, expires_on, ..self })
            }
            CardState::Pending | CardState::Stopped { reason: StopReason::ByLibrary, .. } => {
                Err(CardRefused::NotActive)
            }
            CardState::Replaced { .. } => Err(CardRefused::Replaced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn card() -> Card {
        let (id, library_id, patron_id) = (CardId::new(NOW), LibraryId::new(NOW), PatronId::new(NOW));
        Card::issue(id, library_id, patron_id, "300000014".parse().unwrap(), date!(2029 - 11 - 20), NOW)
    }

    #[test]
    fn a_lost_card_is_stopped_once_and_comes_back_when_it_is_found() {
        let stopped = card().stop(StopReason::Lost, NOW).unwrap();
        assert_eq!(stopped.lost_since(), Some(NOW));
        assert_eq!(stopped.clone().stop(StopReason::Lost, NOW), Err(CardRefused::NotActive));
        assert_eq!(stopped.clone().renew(date!(2032 - 11 - 20)), Err(CardRefused::NotActive));
        assert!(stopped.lift_stop(StopReason::Lost).unwrap().is_active());
        assert_eq!(card().lift_stop(StopReason::Lost), Err(CardRefused::NotStopped));
    }

    #[test]
    fn a_lost_card_of_a_closed_account_is_found_by_nobody() {
        for open in [card(), card().stop(StopReason::Lost, NOW).unwrap()] {
            let closed = open.close(NOW).unwrap();
            assert_eq!(closed.state, CardState::Stopped { reason: StopReason::ByLibrary, stopped_at: NOW });
            assert_eq!(closed.clone().lift_stop(StopReason::Lost), Err(CardRefused::NotStopped));
            assert_eq!(closed.close(NOW), Err(CardRefused::NotActive), "once");
        }
    }

    #[test]
    fn a_patron_does_not_lift_the_librarys_stop() {
        let stopped = card().stop(StopReason::ByLibrary, NOW).unwrap();
        assert_eq!(stopped.clone().lift_stop(StopReason::Lost), Err(CardRefused::NotStopped));
        assert_eq!(stopped.clone().remake(date!(2029 - 11 - 20)), Err(CardRefused::NotActive));
        assert!(stopped.lift_stop(StopReason::ByLibrary).is_ok());
    }

    #[test]
    fn a_replaced_card_never_comes_back() {
        let dead = card().replace(CardId::new(NOW), NOW).unwrap();
        assert_eq!(dead.clone().stop(StopReason::Lost, NOW), Err(CardRefused::NotActive));
        assert_eq!(dead.clone().lift_stop(StopReason::Lost), Err(CardRefused::NotStopped));
        assert_eq!(dead.clone().renew(date!(2032 - 11 - 20)), Err(CardRefused::NotActive));
        assert_eq!(dead.clone().remake(date!(2032 - 11 - 20)), Err(CardRefused::Replaced));
        assert_eq!(dead.replace(CardId::new(NOW), NOW), Err(CardRefused::Replaced));
    }

    #[test]
    fn a_registered_card_can_do_nothing_before_it_is_in_force() {
        let registered = Card { state: CardState::Pending, ..card() };
        let day = date!(2032 - 11 - 20);
        assert!(!registered.is_active());
        assert_eq!(registered.clone().stop(StopReason::Lost, NOW), Err(CardRefused::NotActive));
        assert_eq!(registered.clone().renew(day), Err(CardRefused::NotActive));
        assert_eq!(registered.clone().remake(day), Err(CardRefused::NotActive));
        assert_eq!(registered.clone().replace(CardId::new(NOW), NOW), Err(CardRefused::NotActive));
        let issued = registered.put_in_force().unwrap();
        assert!(issued.is_active());
        assert_eq!(issued.put_in_force(), Err(CardRefused::NotPending));
    }

    #[test]
    fn reasons_are_read_back_from_their_own_names() {
        for reason in [StopReason::Lost, StopReason::ByLibrary] {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }
}
