//! What a seeded town has applied for over the years.

use super::people::{Draws, Person};
use crate::clock::japanese_date;
use crate::domain::answers::{Delivery, DraftAnswers, Reached};
use crate::domain::application::{Application, ApplicationState, Decider, ServiceTime};
use crate::domain::card::Card;
use crate::domain::card_number::{CardNumber, SeriesExhausted};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::ids::{ApplicationId, CardId, PatronId, StaffId};
use crate::domain::language::Language;
use crate::domain::library::{BranchCode, CategoryCode, Consent, Library};
use crate::domain::patron::{Patron, PatronFacts};
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::request::{Changed, DraftRequest, Request};
use crate::domain::version::{Digest, Version};
use crate::sha256::sha256;
use crate::store::StoreError;
use crate::store::bulk::{Batch, BulkSeal};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};
use uuid::{Builder, Uuid};

/// Over how many days the applications are spread.
const DAYS: i64 = 5 * 365;
/// How many applications wait for somebody, at most: a queue does not grow with the years.
const MOST_OPEN: u64 = 300;
/// The places of all references: 31 to the power of 7.
const REFERENCES: u64 = 27_512_614_111;

/// Why a town cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum TownError {
    #[error("the library has no category or no branch")]
    NoRules,
    #[error("a list of names holds something unsound")]
    Unsound,
    #[error("the number series is too short for so many cards")]
    Series(#[from] SeriesExhausted),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A library, and how many patrons it is to have. Each has two applications.
pub(super) struct Town {
    pub(super) library: Library,
    pub(super) reviewer: StaffId,
    pub(super) now: OffsetDateTime,
    pub(super) patrons: u64,
}

/// What happened to an application that is not the first of a patron.
enum Fate {
    Open,
    Issued(Procedure),
    Declined,
    Withdrawn,
    Lapsed,
}

impl Town {
    /// Seals the patrons `from..until` and their applications, in the order of time.
    pub(super) fn seal(&self, seal: &BulkSeal, from: u64, until: u64) -> Result<Batch, TownError> {
        let mut batch = Batch::default();
        for number in from..until {
            self.add_patron(seal, &mut batch, number)?;
            self.add_second(seal, &mut batch, number)?;
        }
        Ok(batch)
    }

    /// The number of a card of the town.
    pub(super) fn card_number(&self, patron: u64) -> Result<CardNumber, SeriesExhausted> {
        self.library.rules.number_series.number(patron)
    }

    /// A patron and the application that made them one.
    fn add_patron(&self, seal: &BulkSeal, batch: &mut Batch, number: u64) -> Result<(), TownError> {
        let started_at = self.started_at(2 * number);
        let decided_at = started_at + Duration::hours(20 + hours(number, 60));
        let facts = self.facts(number)?;
        let patron = Patron {
            id: self.patron_id(number),
            library_id: self.library.id,
            application_id: None,
            facts,
            language: Language::Ja,
            registered_at: decided_at,
            child_number: 0,
            row_version: 0,
        };
        let card = Card::issue(
            CardId::from_uuid(self.id(2 * number, 3)),
            self.library.id,
            patron.id,
            self.card_number(number)?,
            self.expiry(japanese_date(decided_at)),
            decided_at,
        );
        let answers = self.answers(&patron.facts, DraftRequest::NewCard);
        let decider = Decider::Staff(self.reviewer);
        let state = issued(started_at, decided_at, decider);
        let application = self.application(2 * number, Procedure::NewCard, Some(patron.id), state)?;
        let event = self.event(&application);
        seal.add_patron(batch, &patron, card)?;
        Ok(seal.add_application(batch, application, &answers, event)?)
    }

    /// Another application: of somebody who has a card by now, or of somebody who did not get one.
    fn add_second(&self, seal: &BulkSeal, batch: &mut Batch, number: u64) -> Result<(), TownError> {
        let place = 2 * number + 1;
        let started_at = self.started_at(place);
        let decided_at = started_at + Duration::hours(20 + hours(place, 60));
        let of_patron = Draws::of(place, 5).below(number + 1);
        let stranger = self.patrons + number;
        let reviewer = self.reviewer;
        let (procedure, who, state) = match self.fate(number) {
            Fate::Issued(procedure) => {
                let decider = if procedure == Procedure::Renewal { Decider::Rule } else { Decider::Staff(reviewer) };
                (procedure, of_patron, issued(started_at, decided_at, decider))
            }
            Fate::Open => {
                let service = ServiceTime::start(started_at);
                (Procedure::NewCard, stranger, ApplicationState::Submitted { version: version(), service })
            }
            Fate::Declined => {
                let service = ServiceTime::start(started_at).paused(decided_at);
                let state = ApplicationState::Declined { version: version(), service, reviewer, decided_at };
                (Procedure::NewCard, stranger, state)
            }
            Fate::Withdrawn => (Procedure::NewCard, stranger, ApplicationState::Withdrawn { withdrawn_at: decided_at }),
            Fate::Lapsed => {
                (Procedure::NewCard, stranger, ApplicationState::Lapsed { lapsed_at: decided_at, unanswered: None })
            }
        };
        let patron = (who != stranger).then(|| self.patron_id(who));
        let request = match patron {
            Some(_) => self.request(procedure, who)?,
            None => DraftRequest::NewCard,
        };
        let answers = self.answers(&self.facts(who)?, request);
        let application = self.application(place, procedure, patron, state)?;
        let event = self.event(&application);
        Ok(seal.add_application(batch, application, &answers, event)?)
    }

    /// The newest are open; of the others most were issued.
    fn fate(&self, number: u64) -> Fate {
        if number + MOST_OPEN.min(self.patrons / 4) >= self.patrons {
            return Fate::Open;
        }
        match Draws::of(number, 4).below(100) {
            0..55 => Fate::Issued(Procedure::Renewal),
            55..67 => Fate::Issued(Procedure::PasswordIssue),
            67..80 => Fate::Issued(Procedure::Change),
            80..90 => Fate::Declined,
            90..96 => Fate::Withdrawn,
            _ => Fate::Lapsed,
        }
    }

    fn request(&self, procedure: Procedure, patron: u64) -> Result<DraftRequest, TownError> {
        let card_number = self.card_number(patron)?;
        Ok(DraftRequest::Whole(match procedure {
            Procedure::Change => Request::Change { card_number, changed: vec![Changed::Phone] },
            Procedure::PasswordIssue => Request::PasswordIssue { card_number },
            _ => Request::Renewal { card_number, facts_unchanged: true },
        }))
    }

    fn application(
        &self,
        place: u64,
        procedure: Procedure,
        patron_id: Option<PatronId>,
        state: ApplicationState,
    ) -> Result<Application, TownError> {
        let started_at = self.started_at(place);
        let is_open = matches!(state, ApplicationState::Submitted { .. });
        let last_version = u32::from(state.version().is_some());
        let received_on = japanese_date(started_at);
        Ok(Application {
            id: ApplicationId::from_uuid(self.id(place, 2)),
            library_id: self.library.id,
            // A step that has no divisor in common with the number of places meets each of them once.
            reference: Reference::from_random(place.wrapping_mul(1_000_003) % REFERENCES),
            procedure,
            rules_version: self.library.rules_version,
            last_version,
            row_version: 0,
            started_at,
            language: Language::Ja,
            patron_id,
            branch: (last_version > 0).then(|| self.branch(place)).transpose()?,
            due_on: is_open.then(|| self.library.rules.answer_promised_for(procedure, received_on)),
            state,
        })
    }

    /// The record says plainly that nobody applied.
    fn event(&self, application: &Application) -> Event {
        Event {
            library_id: self.library.id,
            application_id: application.id,
            kind: EventKind::Seeded,
            actor: Actor::System,
            version: application.last_version,
            detail: String::new(),
            at: application.started_at,
        }
    }

    fn facts(&self, number: u64) -> Result<PatronFacts, TownError> {
        let person = Person::of(number, japanese_date(self.now)).ok_or(TownError::Unsound)?;
        Ok(PatronFacts {
            name: person.name,
            kana: person.kana,
            birth: person.birth,
            address: Some(person.address),
            phone: Some(person.phone),
            email: Some(person.email),
            category: Some(self.category()?),
            branch: Some(self.branch(2 * number)?),
        })
    }

    fn answers(&self, facts: &PatronFacts, request: DraftRequest) -> DraftAnswers {
        DraftAnswers {
            cosigner: None,
            request,
            guardianship: None,
            by_guardian: None,
            unsigned: false,
            unjudged: BTreeMap::new(),
            category: facts.category.clone(),
            email: facts.email.clone(),
            email_confirmed: true,
            reached: Reached::ByMail,
            name: Some(facts.name.clone()),
            kana: Some(facts.kana.clone()),
            birth: Some(facts.birth),
            address: facts.address.clone(),
            phone: facts.phone.clone(),
            branch: facts.branch.clone(),
            delivery: Some(Delivery::Electronic),
            plastic_card: false,
            consents: self.library.rules.consents.iter().map(Consent::version).collect(),
            attachments: Vec::new(),
        }
    }

    fn category(&self) -> Result<CategoryCode, TownError> {
        self.library.rules.categories.first().map(|category| category.code.clone()).ok_or(TownError::NoRules)
    }

    fn branch(&self, place: u64) -> Result<BranchCode, TownError> {
        let branches = &self.library.rules.branches;
        let index = usize::try_from(Draws::of(place, 6).below(branches.len() as u64)).unwrap_or_default();
        branches.get(index).map(|branch| branch.code.clone()).ok_or(TownError::NoRules)
    }

    /// Three years from the issue, renewed until it is not long over.
    fn expiry(&self, issued_on: Date) -> Date {
        let lately = japanese_date(self.now) - Duration::days(200);
        let mut expires_on = issued_on + Duration::days(3 * 365);
        while expires_on < lately {
            expires_on += Duration::days(365);
        }
        expires_on
    }

    /// When the application at `place` was begun: evenly spread, the last one this morning.
    fn started_at(&self, place: u64) -> OffsetDateTime {
        let all = i128::from(2 * self.patrons);
        let before_now = i128::from(DAYS) * 86_400_000 * (all - i128::from(place)) / all.max(1);
        self.now - Duration::milliseconds(i64::try_from(before_now).unwrap_or_default())
    }

    fn patron_id(&self, number: u64) -> PatronId {
        PatronId::from_uuid(self.id(2 * number, 1))
    }

    /// A UUID v7 of the time of `place`, the same for the same town, place and purpose.
    fn id(&self, place: u64, purpose: u64) -> Uuid {
        let millis = self.started_at(place).unix_timestamp_nanos() / 1_000_000;
        let mut draws = Draws::of(place, 16 + purpose);
        let library = self.library.id.as_uuid();
        let mut random = [0; 10];
        for (index, byte) in random.iter_mut().enumerate() {
            *byte = draws.next().to_be_bytes()[0] ^ library.as_bytes()[6 + index];
        }
        Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or_default(), &random).into_uuid()
    }
}

fn issued(started_at: OffsetDateTime, decided_at: OffsetDateTime, decider: Decider) -> ApplicationState {
    let service = ServiceTime::start(started_at).paused(decided_at);
    ApplicationState::Issued { version: version(), service, decider, decided_at }
}

/// There is no document that this could be the digest of.
fn version() -> Version {
    Version { number: 1, digest: Digest::from_bytes(sha256(b"todoke demo --seed")) }
}

fn hours(place: u64, below: u64) -> i64 {
    i64::try_from(Draws::of(place, 7).below(below)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::LIBRARIES;
    use crate::domain::ids::LibraryId;
    use crate::domain::library::LibraryRules;
    use std::collections::HashSet;
    use time::macros::datetime;

    fn town(patrons: u64) -> Town {
        let now = datetime!(2026-11-20 09:00 UTC);
        let rules = LibraryRules::parse(LIBRARIES[0]).unwrap();
        let library = Library { id: LibraryId::new(now), rules_version: 1, rules };
        Town { library, reviewer: StaffId::new(now), now, patrons }
    }

    #[test]
    fn most_were_issued_and_a_few_hundred_wait_however_large_the_town() {
        for patrons in [2_000, 20_000] {
            let town = town(patrons);
            let fates: Vec<Fate> = (0..patrons).map(|number| town.fate(number)).collect();
            let open = fates.iter().filter(|fate| matches!(fate, Fate::Open)).count();
            let issued = fates.iter().filter(|fate| matches!(fate, Fate::Issued(_))).count();
            assert_eq!(open, 300);
            assert!(issued * 10 > fates.len() * 6 && issued * 10 < fates.len() * 9, "{issued}");
        }
    }

    #[test]
    fn time_goes_on_with_the_number_and_no_reference_comes_twice() {
        let town = town(5_000);
        let places: Vec<u64> = (0..10_000).collect();
        assert!(places.windows(2).all(|pair| town.started_at(pair[0]) < town.started_at(pair[1])));
        assert!(town.started_at(9_999) < town.now && town.now - town.started_at(0) <= Duration::days(DAYS));
        let state = || ApplicationState::Withdrawn { withdrawn_at: town.now };
        let references: HashSet<_> = places
            .iter()
            .map(|place| town.application(*place, Procedure::NewCard, None, state()).unwrap().reference)
            .collect();
        assert_eq!(references.len(), places.len());
    }
}
