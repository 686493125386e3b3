//! The card on the status page: its state, its last day, and what can be done about it. Nothing here urges anybody.

use super::card::wording::{chip, limit, linked_end, sentence};
use super::spelling::one_by_one;
use super::standing::Mark;
use crate::domain::library::LibraryRules;
use crate::domain::procedure::Procedure;
use crate::http::filters::Day;
use crate::http::page::Layout;
use crate::http::procedure_wording as wording;
use crate::service::procedures::{MyCard, Offer};
use crate::words::Phrase;
use time::Date;

/// The card.
pub(super) struct CardSection {
    pub(super) number: String,
    pub(super) number_spoken: String,
    pub(super) chip: Mark,
    /// What to know about a card that cannot be used.
    pub(super) sentence: Phrase,
    pub(super) expires_on: Day,
    pub(super) loan_limit: Phrase,
    /// The last day for the electronic library, if it comes before the card's.
    pub(super) e_library_until: Option<Day>,
    /// The last day on which the record of an ended card is kept, if a clock ends it.
    pub(super) kept_until: Option<Day>,
    pub(super) is_linked: bool,
    /// Why the My Number card should be linked again.
    pub(super) linked_end: Option<Phrase>,
    /// Where that is begun, if it can be.
    pub(super) link_again_url: Option<String>,
    pub(super) may_stop: bool,
    pub(super) may_be_found: bool,
    pub(super) offers: Vec<OfferLine>,
}

/// One procedure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OfferLine {
    pub(super) title: Phrase,
    pub(super) button: Phrase,
    pub(super) url: String,
    /// Why it cannot be begun; empty if it can.
    pub(super) note: Phrase,
}

impl CardSection {
    pub(super) fn of(my: &MyCard, rules: &LibraryRules, layout: &Layout, today: Date) -> Self {
        let (words, card) = (layout.words, &my.card);
        let is_usable = card.is_usable_on(today);
        Self {
            number: rules.number_series.grouped(&card.number),
            number_spoken: one_by_one(card.number.as_str()),
            chip: chip(words, card, today),
            sentence: sentence(words, my, today),
            expires_on: Day(card.expires_on),
            loan_limit: if is_usable { limit(words, my) } else { Phrase::default() },
            e_library_until: my.e_library_until.filter(|until| is_usable && *until >= today).map(Day),
            kept_until: my.kept_until.map(Day),
            is_linked: my.is_linked,
            linked_end: my.linked_end.map(|end| linked_end(words, end, today)),
            link_again_url: my
                .offers
                .iter()
                .find(|offer| {
                    offer.procedure == Procedure::CardLink && offer.obstacle.is_none() && offer.open.is_none()
                })
                .map(|offer| layout.urls.procedure(offer.procedure)),
            may_stop: card.is_active(),
            may_be_found: my.may_be_found,
            offers: my.offers.iter().map(|offer| OfferLine::of(offer, my.is_linked, layout)).collect(),
        }
    }
}

impl OfferLine {
    fn of(offer: &Offer, is_linked: bool, layout: &Layout) -> Self {
        let words = layout.words;
        let open = offer.open.as_ref().map(|reference| words.obstacle_open(reference.to_string()));
        let obstacle = || offer.obstacle.as_ref().map(|obstacle| wording::of_obstacle(words, obstacle));
        Self {
            title: wording::title(words, offer.procedure),
            button: wording::button_of(words, offer.procedure, is_linked),
            url: layout.urls.procedure(offer.procedure),
            note: open.or_else(obstacle).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::{Card, StopReason};
    use crate::domain::ids::{CardId, LibraryId, PatronId};
    use crate::domain::obstacle::Obstacle;
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 03:00 UTC);

    fn drawn(card: Card, reissued_from: Option<Date>, obstacle: Option<Obstacle>) -> CardSection {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        let offers = vec![Offer { procedure: Procedure::Renewal, obstacle, open: None }];
        let may_be_found = card.lost_since().is_some();
        let (loan_limit, loan_limit_linked) = (Some(6), Some(12));
        let (is_linked, linked_end) = (false, None);
        let (e_library_until, kept_until) = (None, None);
        let my = MyCard {
            card,
            loan_limit,
            loan_limit_linked,
            is_linked,
            linked_end,
            e_library_until,
            kept_until,
            reissued_from,
            may_be_found,
            offers,
        };
        CardSection::of(&my, &rules, &Layout::sample(), date!(2026 - 11 - 20))
    }

    fn card() -> Card {
        let (id, library_id, patron_id) = (CardId::new(NOW), LibraryId::new(NOW), PatronId::new(NOW));
        Card::issue(id, library_id, patron_id, "300000014".parse().unwrap(), date!(2029 - 11 - 20), NOW)
    }

    #[test]
    fn a_usable_card_says_when_it_can_be_renewed() {
        let section = drawn(card(), None, Some(Obstacle::TooEarly { from: date!(2029 - 09 - 20) }));
        assert_eq!(section.chip.2.plain(), "使えます");
        assert_eq!(section.offers[0].note.plain(), "2029年9月20日(木)から手続きできます。");
        assert_eq!(section.loan_limit.plain(), "6点まで借りられます。マイナンバーカードを登録すると12点までです。");
        assert!(section.may_stop && !section.may_be_found);
    }

    #[test]
    fn a_lost_card_shows_its_clock_until_it_has_run() {
        let lost = || card().stop(StopReason::Lost, NOW).unwrap();
        let waiting = drawn(lost(), Some(date!(2026 - 11 - 27)), Some(Obstacle::Stopped));
        assert!(waiting.sentence.plain().contains("2026年11月27日(金)から再発行できます") && waiting.may_be_found);
        assert!(drawn(lost(), Some(date!(2026 - 11 - 20)), None).sentence.plain().contains("再発行できます"));
    }

    #[test]
    fn an_expired_card_says_so() {
        let expired = Card { expires_on: date!(2026 - 11 - 19), ..card() };
        assert_eq!(drawn(expired, None, None).chip.2.plain(), "有効期限切れ");
    }
}
