//! What stands against a procedure about a card, by the library's rules and the card's own state.

use super::card::{Card, CardState, StopReason};
use super::cosigning::SIGNING_AGE;
use super::library::{
    CardDates, Category, CategoryCode, GuardianPart, Ineligible, LibraryRules, LibraryText, ReissueReason,
    RenewalWindow,
};
use super::patron::PatronFacts;
use super::person::BirthDate;
use super::procedure::Procedure;
use time::Date;

/// Why a procedure cannot be carried out, or not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The library does not offer it online.
    NotOffered,
    /// The library does it at the counter only.
    CounterOnly,
    /// Nobody has said yet whose card it is.
    NotMatched,
    /// The card is stopped.
    Stopped,
    /// Another card took its place.
    Replaced,
    /// Not yet.
    TooEarly {
        /// The first day on which it can be done.
        from: Date,
    },
    /// No longer.
    TooLate {
        /// The last day on which it could be done.
        ended_on: Date,
    },
    /// A lost card is searched for first.
    Waiting {
        /// The first day on which another one is issued.
        from: Date,
    },
    /// Whose card it is cannot sign yet, and nobody else signs for them online.
    TooYoung {
        /// The age from which they do it online.
        minimum: u32,
    },
    /// Whose card it is cannot sign yet, and the guardian who applied for it signs.
    GuardianSigns {
        /// The age from which they do it online.
        minimum: u32,
    },
    /// Too young to have a My Number card linked, wherever.
    TooYoungToLink {
        /// The age from which it is.
        minimum: u32,
    },
    /// It was done too often lately.
    TooOften,
    /// The card that was reported as lost has turned up.
    FoundAgain,
    /// Staff have stopped it for this patron.
    Blocked {
        /// What the library tells patrons of it online; usually nothing.
        explanation: Option<LibraryText>,
    },
}

/// Who asks for a procedure about a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Its holder, who has applied for it.
    Holder,
    /// Its holder, a child for whom a guardian has applied.
    Child,
    /// The guardian who has applied for it.
    Guardian,
}

/// What a procedure is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// What is asked for.
    pub procedure: Procedure,
    /// Why another card is needed; only for [`Procedure::Reissue`].
    pub reason: Option<ReissueReason>,
    /// The card as it is.
    pub card: &'a Card,
    /// Its days.
    pub dates: CardDates,
    /// The day on which the library was asked, or told of the loss.
    pub asked_on: Date,
    /// Today.
    pub today: Date,
}

impl LibraryRules {
    /// What stands against a procedure about a card. A window counts by the day on which it was asked for: whoever came
    /// in time is not late because the library took its time.
    #[must_use]
    pub fn obstacle(&self, matter: &Matter<'_>) -> Option<Obstacle> {
        let card = matter.card;
        if !self.offers(matter.procedure) {
            return Some(Obstacle::NotOffered);
        }
        match (card.state, matter.procedure) {
            (CardState::Replaced { .. }, _) => return Some(Obstacle::Replaced),
            // Whoever reported a loss searches first, whatever other reason comes to mind; or finds it, and says so.
            (CardState::Stopped { reason: StopReason::Lost, .. }, Procedure::Reissue)
                if matter.reason.is_none_or(|reason| reason == ReissueReason::Lost) => {}
            (CardState::Stopped { reason: StopReason::Lost, .. }, Procedure::Change) | (CardState::Active, _) => {}
            (CardState::Pending | CardState::Stopped { .. }, _) => return Some(Obstacle::Stopped),
        }
        match matter.procedure {
            Procedure::Renewal => match self.renewal_window(matter.dates.expires_on, matter.asked_on) {
                RenewalWindow::Open { .. } => None,
                RenewalWindow::TooEarly { from } => Some(Obstacle::TooEarly { from }),
                RenewalWindow::TooLate { ended_on } => Some(Obstacle::TooLate { ended_on }),
            },
            Procedure::Reissue => matter.reason.and_then(|reason| self.obstacle_to_reissue(reason, matter)),
            Procedure::NewCard | Procedure::CardLink | Procedure::PasswordIssue | Procedure::Change => None,
        }
    }

    /// What stands against a procedure because of the age of whose card it is, if they ask for it themselves.
    #[must_use]
    pub fn too_young_for(
        &self,
        procedure: Procedure,
        category: Option<&CategoryCode>,
        birth: BirthDate,
        today: Date,
    ) -> Option<Obstacle> {
        let age = birth.age_on(today);
        if procedure == Procedure::CardLink
            && let Err(Ineligible::TooYoung { minimum }) = self.eligible_to_link(age)
        {
            return Some(Obstacle::TooYoungToLink { minimum });
        }
        let lowest = category.and_then(|code| self.category(code)).map(|category| self.lowest_age_online(category));
        // Of whom the category is not known: whoever is too young for every one of them.
        let lowest = lowest.or_else(|| self.categories.iter().map(|category| self.lowest_age_online(category)).min());
        lowest.filter(|minimum| age < *minimum).map(|minimum| Obstacle::TooYoung { minimum })
    }

    /// The same, of a child whose card a guardian has applied for, and who asks for it: while the guardian signs, the
    /// guardian does, and nobody else. A guardian's card is never linked with a child's.
    #[must_use]
    pub fn young_for(&self, procedure: Procedure, by: Asker, facts: &PatronFacts, today: Date) -> Option<Obstacle> {
        let young = || self.too_young_for(procedure, facts.category.as_ref(), facts.birth, today);
        let is_signed = procedure != Procedure::CardLink && self.guardian_signs_for(facts.birth, today);
        match (by, young()) {
            (Asker::Guardian, _) if is_signed => None,
            (Asker::Guardian, found) => found.or(Some(Obstacle::CounterOnly)),
            (Asker::Child, Some(Obstacle::TooYoung { minimum })) if is_signed => {
                Some(Obstacle::GuardianSigns { minimum })
            }
            (Asker::Child | Asker::Holder, found) => found,
        }
    }

    /// The age from which people of a category sign by themselves, with a guardian beside them or without.
    fn lowest_age_online(&self, category: &Category) -> u32 {
        let minimum = self.minimum_age_in(category).max(category.lowest_age);
        if self.guardian_part(minimum) == GuardianPart::CoSigns { minimum.max(SIGNING_AGE) } else { minimum }
    }

    fn obstacle_to_reissue(&self, reason: ReissueReason, matter: &Matter<'_>) -> Option<Obstacle> {
        if self.reissue.terms(reason).counter_only {
            return Some(Obstacle::CounterOnly);
        }
        let from = self.reissue_allowed_from(reason, matter.dates, matter.asked_on);
        (from > matter.today).then_some(Obstacle::Waiting { from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{CardId, LibraryId, PatronId};
    use time::OffsetDateTime;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 03:00 UTC);
    const TODAY: Date = date!(2026 - 11 - 20);

    fn rules() -> LibraryRules {
        let rules = LibraryRules::parse(include_str!("../../deploy/libraries/himeji.toml")).unwrap();
        LibraryRules { procedures: Procedure::ALL.to_vec(), ..rules }
    }

    fn card(expires_on: Date) -> Card {
        let (id, library_id, patron_id) = (CardId::new(NOW), LibraryId::new(NOW), PatronId::new(NOW));
        Card::issue(id, library_id, patron_id, "300000014".parse().unwrap(), expires_on, NOW)
    }

    fn judged(procedure: Procedure, reason: Option<ReissueReason>, card: &Card, asked_on: Date) -> Option<Obstacle> {
        let dates = CardDates { issued_on: date!(2023 - 11 - 20), expires_on: card.expires_on };
        rules().obstacle(&Matter { procedure, reason, card, dates, asked_on, today: TODAY })
    }

    #[test]
    fn a_renewal_waits_for_its_window_and_counts_by_the_day_on_which_it_was_asked_for() {
        let late = card(date!(2029 - 11 - 20));
        let from = date!(2029 - 09 - 20);
        assert_eq!(judged(Procedure::Renewal, None, &late, TODAY), Some(Obstacle::TooEarly { from }));
        assert_eq!(judged(Procedure::Renewal, None, &late, from), None);
        assert_eq!(judged(Procedure::Renewal, None, &card(date!(2026 - 12 - 31)), TODAY), None);
    }

    #[test]
    fn a_lost_card_is_searched_for_first_and_a_damaged_one_is_not() {
        let stopped = card(date!(2029 - 11 - 20)).stop(StopReason::Lost, NOW).unwrap();
        let from = date!(2026 - 11 - 27);
        let reissue = |reason, on| judged(Procedure::Reissue, Some(reason), &stopped, on);
        assert_eq!(reissue(ReissueReason::Lost, TODAY), Some(Obstacle::Waiting { from }));
        assert_eq!(reissue(ReissueReason::Lost, date!(2026 - 11 - 13)), None);
        assert_eq!(reissue(ReissueReason::Damaged, TODAY), Some(Obstacle::Stopped), "no way round the search");
        let active = card(date!(2029 - 11 - 20));
        assert_eq!(judged(Procedure::Reissue, Some(ReissueReason::Damaged), &active, TODAY), None);
    }

    #[test]
    fn a_stopped_card_is_not_renewed_and_a_replaced_one_is_nothing() {
        let stopped = card(date!(2026 - 12 - 31)).stop(StopReason::Lost, NOW).unwrap();
        assert_eq!(judged(Procedure::Renewal, None, &stopped, TODAY), Some(Obstacle::Stopped));
        assert_eq!(judged(Procedure::Change, None, &stopped, TODAY), None);
        let dead = card(date!(2026 - 12 - 31)).replace(CardId::new(NOW), NOW).unwrap();
        for procedure in Procedure::ALL {
            assert_eq!(judged(procedure, None, &dead, TODAY), Some(Obstacle::Replaced));
        }
    }

    #[test]
    fn who_cannot_sign_is_told_from_when_on_and_who_can_is_told_nothing() {
        let himeji = rules();
        let shiomi = LibraryRules::parse(include_str!("../../deploy/libraries/shiomi.toml")).unwrap();
        let young = |rules: &LibraryRules, procedure, category: &str, birth: &str| {
            let category = (!category.is_empty()).then(|| category.parse().unwrap());
            rules.too_young_for(procedure, category.as_ref(), birth.parse().unwrap(), TODAY)
        };
        let (six, fourteen, fifteen) = ("2020-01-01", "2011-11-22", "2011-11-20");
        for category in ["resident", ""] {
            let at = |birth| young(&himeji, Procedure::Reissue, category, birth);
            assert_eq!(at(six), Some(Obstacle::TooYoung { minimum: 15 }), "{category}");
            assert_eq!(at(fourteen), Some(Obstacle::TooYoung { minimum: 15 }), "{category}");
            assert_eq!(at(fifteen), None, "{category}");
        }
        let link = |birth| young(&himeji, Procedure::CardLink, "resident", birth);
        assert_eq!((link(six), link(fifteen)), (Some(Obstacle::TooYoungToLink { minimum: 15 }), None));
        // From twelve on a guardian signs as well there; before fifteen there is nothing to sign beside.
        let there = |birth| young(&shiomi, Procedure::Reissue, "townspeople", birth);
        assert_eq!((there(fourteen), there(fifteen)), (Some(Obstacle::TooYoung { minimum: 15 }), None));
    }

    #[test]
    fn what_the_library_does_not_offer_is_not_done() {
        let card = card(date!(2026 - 12 - 31));
        let dates = CardDates { issued_on: date!(2023 - 11 - 20), expires_on: card.expires_on };
        let rules = LibraryRules { procedures: vec![Procedure::NewCard], ..rules() };
        let matter =
            Matter { procedure: Procedure::Renewal, reason: None, card: &card, dates, asked_on: TODAY, today: TODAY };
        assert_eq!(rules.obstacle(&matter), Some(Obstacle::NotOffered));
    }
}
