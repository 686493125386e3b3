//! The card as it stands on its pages: number, state, last day.

use super::wording::{self, Chip};
use crate::domain::library::LibraryRules;
use crate::http::filters::Day;
use crate::http::patron::spelling::one_by_one;
use crate::service::my_card::OwnCard;
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use time::Date;

/// The card.
pub(super) struct Tile {
    pub(super) library: AsWritten,
    pub(super) holder: AsTyped,
    pub(super) number: String,
    pub(super) number_spoken: String,
    pub(super) chip: Chip,
    pub(super) expires_on: Day,
    pub(super) is_usable: bool,
    /// What to know about a card that cannot be used.
    pub(super) sentence: Phrase,
}

impl Tile {
    pub(super) fn of(own: &OwnCard, rules: &LibraryRules, words: Words, today: Date) -> Self {
        let card = &own.my.card;
        Self {
            library: (&rules.name).into(),
            holder: own.patron.facts.name.as_str().into(),
            number: rules.number_series.grouped(&card.number),
            number_spoken: one_by_one(card.number.as_str()),
            chip: wording::chip(words, card, today),
            expires_on: Day(card.expires_on),
            is_usable: card.is_usable_on(today),
            sentence: wording::sentence(words, &own.my, today),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::card::{Card, StopReason};
    use crate::domain::ids::{CardId, LibraryId, PatronId};
    use crate::domain::language::Language;
    use crate::domain::patron::{Patron, PatronFacts};
    use crate::service::procedures::MyCard;
    use crate::words::Lang;
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 03:00 UTC);
    pub(in crate::http::patron::card) const TODAY: Date = date!(2026 - 11 - 20);

    pub(in crate::http::patron::card) fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap()
    }

    pub(in crate::http::patron::card) fn card() -> Card {
        let (id, library_id, patron_id) = (CardId::new(NOW), LibraryId::new(NOW), PatronId::new(NOW));
        Card::issue(id, library_id, patron_id, "300000014".parse().unwrap(), date!(2029 - 11 - 20), NOW)
    }

    pub(in crate::http::patron::card) fn stopped(reason: StopReason) -> Card {
        card().stop(reason, NOW).unwrap()
    }

    /// Hanako's card, as it is handed to the pages.
    pub(in crate::http::patron::card) fn own(card: Card) -> OwnCard {
        let patron = Patron {
            id: card.patron_id,
            library_id: card.library_id,
            application_id: None,
            child_number: 0,
            facts: PatronFacts {
                name: "姫路　花子".parse().unwrap(),
                kana: "ヒメジ ハナコ".parse().unwrap(),
                birth: "1990-04-01".parse().unwrap(),
                address: None,
                phone: None,
                email: None,
                category: None,
                branch: None,
            },
            language: Language::Ja,
            registered_at: NOW,
            row_version: 0,
        };
        let my = MyCard {
            loan_limit: Some(6),
            loan_limit_linked: Some(12),
            is_linked: false,
            linked_end: None,
            e_library_until: None,
            kept_until: None,
            reissued_from: card.lost_since().map(|_| date!(2026 - 11 - 30)),
            may_be_found: card.lost_since().is_some(),
            offers: Vec::new(),
            card,
        };
        OwnCard { patron, my, is_looked_after: false }
    }

    #[test]
    fn only_a_card_in_force_is_usable_and_every_other_says_what_to_do() {
        let words = Words::new(Lang::Ja);
        let tile = |card| Tile::of(&own(card), &rules(), words, TODAY);
        let good = tile(card());
        assert!(good.is_usable && good.sentence.is_empty());
        assert_eq!((good.number.as_str(), good.number_spoken.as_str()), ("3000 0001 4", "3 0 0 0 0 0 0 1 4"));
        assert!(tile(Card { expires_on: TODAY, ..card() }).is_usable, "the last day is whole");
        let expired = Card { expires_on: date!(2026 - 11 - 19), ..card() };
        for unusable in [expired, stopped(StopReason::Lost), stopped(StopReason::ByLibrary)] {
            let tile = tile(unusable);
            assert!(!tile.is_usable && !tile.sentence.is_empty(), "{:?}", tile.chip);
        }
        assert!(tile(stopped(StopReason::Lost)).sentence.spelled().contains("2026年11月30日"));
    }
}
