//! One person or two: the candidates beside an application, the reviewer's verdict, and the hold on the approval.
//!
//! Patrons and other applications that resemble the applicant are found anew each time; only what a reviewer said of
//! a pair is remembered, bound to the facts as they were.

use super::record::staff_event;
use super::review::{Work, file_for, submitted_version};
use super::{Error, Once, Portal, relations};
use crate::domain::application::Application;
use crate::domain::duplicate::{
    Candidate, CandidateOwner, DuplicateVerdict, PersonFacts, Resemblance, StandingVerdict, VerdictNote, holds,
    resemblance,
};
use crate::domain::event::EventKind;
use crate::domain::ids::DuplicateVerdictId;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::version::Digest;
use crate::store::duplicate_verdicts::{self, NewVerdict, PairVerdict, Side};
use crate::store::duplicates::{self, Sought};
use crate::store::{Tx, events, staff, token_backfills};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// For how long an application that was declined is shown beside a new one.
const DECLINED_SHOWN: Duration = Duration::days(180);
/// How many rows get their tokens in one step.
const BATCH: u32 = 200;

/// Somebody who may be the applicant, and how far that is settled.
#[derive(Debug, Clone)]
pub struct DuplicatePair {
    /// Who.
    pub candidate: CandidateOwner,
    /// Fact by fact, the applicant's first.
    pub resemblance: Resemblance,
    /// What a verdict about the pair is bound to: the applicant's facts and the candidate's.
    pub digests: [Digest; 2],
    /// What was said of the two as they are now.
    pub verdict: Option<StandingVerdict>,
    /// True while the application cannot be approved because of it.
    pub holds: bool,
}

/// The candidates of one application.
#[derive(Debug, Clone)]
pub struct DuplicatesFile {
    /// The application.
    pub application: Application,
    /// The names of those who get a card, as signed.
    pub name: String,
    /// The candidates, most likely first.
    pub pairs: Vec<DuplicatePair>,
    /// True if whoever asked may say something.
    pub may_judge: bool,
    /// The colleagues whom verdicts name.
    pub staff: Vec<StaffMember>,
}

/// How many candidates an application has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DuplicateCount {
    /// All.
    pub candidates: usize,
    /// Those that keep it from being approved without an answer.
    pub undecided: usize,
    /// Those that keep it from being approved because they are the applicant.
    pub same: usize,
}

impl DuplicateCount {
    fn of(pairs: &[DuplicatePair]) -> Self {
        let is_same =
            |pair: &DuplicatePair| pair.verdict.as_ref().is_some_and(|said| said.verdict == DuplicateVerdict::Same);
        let held = pairs.iter().filter(|pair| pair.holds);
        let same = held.clone().filter(|pair| is_same(pair)).count();
        Self { candidates: pairs.len(), undecided: held.count() - same, same }
    }

    /// True if the application cannot be approved.
    #[must_use]
    pub const fn holds(self) -> bool {
        self.undecided + self.same > 0
    }
}

/// The pair that a reviewer saw.
#[derive(Debug, Clone, Copy)]
pub struct SeenPair {
    /// The candidate.
    pub candidate: Uuid,
    /// What the page showed: the applicant's facts and the candidate's.
    pub digests: [Digest; 2],
}

impl Portal {
    /// The candidates of an application, side by side with it. Looking at them is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library, and before submission; [`Error::Related`] for the
    /// applicant's own people.
    pub async fn duplicates(&self, by: &StaffMember, reference: &Reference) -> Result<DuplicatesFile, Error> {
        let now = self.clock.now();
        let facts = self.signed_facts(by, reference).await?;
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        relations::must_be_unrelated(&mut tx, by, &application).await?;
        let pairs = pairs_of_all(&mut tx, &application, &facts, now).await?;
        let staff = staff::list(&mut tx, by.library_id).await?;
        let mut viewed = staff_event(&application, EventKind::Viewed, by, now);
        "duplicates".clone_into(&mut viewed.detail);
        events::insert(&mut tx, &viewed).await?;
        tx.commit().await?;
        let may_judge = application.must_be_held_by(by, Permission::Review, now).is_ok();
        let names: Vec<&str> = facts.iter().map(|person| person.name.as_str()).collect();
        Ok(DuplicatesFile { application, name: names.join("、"), pairs, may_judge, staff })
    }

    /// Remembers what a reviewer says of the applicant and a candidate, as both were shown.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim, [`Error::Stale`] if one of the two has changed since or is no
    /// candidate any more, [`Error::Repeated`] for the second sending.
    pub async fn judge_duplicate(
        &self,
        by: &StaffMember,
        reference: &Reference,
        seen: SeenPair,
        verdict: DuplicateVerdict,
        note: Option<VerdictNote>,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let facts = self.signed_facts(by, reference).await?;
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        relations::must_be_unrelated(&mut tx, by, &application).await?;
        application.must_be_held_by(by, Permission::Review, now)?;
        let pairs = pairs_of_all(&mut tx, &application, &facts, now).await?;
        let is_seen = |pair: &&DuplicatePair| pair.candidate.id() == seen.candidate && pair.digests == seen.digests;
        let pair = pairs.iter().find(is_seen).ok_or(Error::Stale)?;
        let [own, other] = pair.digests;
        let said = NewVerdict {
            id: DuplicateVerdictId::new(now),
            library_id: application.library_id,
            application_id: application.id,
            one: Side { owner: application.id.as_uuid(), digest: own },
            other: Side { owner: pair.candidate.id(), digest: other },
            said: StandingVerdict { verdict, note, by: by.id, at: now },
        };
        duplicate_verdicts::insert(&mut tx, &said).await?;
        let mut judged = staff_event(&application, EventKind::DuplicateJudged, by, now);
        verdict.as_str().clone_into(&mut judged.detail);
        events::insert(&mut tx, &judged).await?;
        Ok(tx.commit().await?)
    }

    /// How many candidates an application in the queue has; none once it has ended.
    pub(super) async fn count_duplicates(
        &self,
        application: &Application,
        facts: &[PersonFacts],
    ) -> Result<DuplicateCount, Error> {
        if application.state.is_final() {
            return Ok(DuplicateCount::default());
        }
        let mut tx = self.db.read().await?;
        Ok(DuplicateCount::of(&pairs_of_all(&mut tx, application, facts, self.clock.now()).await?))
    }

    /// Makes some of the search tokens that rows from before still lack. True if there is more to do.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn backfill_tokens(&self) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let more = token_backfills::step(&mut tx, BATCH).await?;
        tx.commit().await?;
        Ok(more)
    }

    async fn signed_facts(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<PersonFacts>, Error> {
        let mut tx = self.db.read().await?;
        let application = file_for(&mut tx, by, Permission::OpenFile, reference).await?;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        drop(tx);
        Ok(crate::document::read_statement(&frozen.document)?.answers.card_holders())
    }
}

/// Refuses the approval while somebody who may be the applicant is not answered for. To be called in the transaction
/// that approves: it lets one at a time through, so that two applications of one person cannot miss each other.
pub(super) async fn must_be_no_duplicate(
    tx: &mut Tx,
    application: &Application,
    facts: &[PersonFacts],
    now: OffsetDateTime,
) -> Result<(), Error> {
    duplicates::lock(tx, application.library_id).await?;
    let count = DuplicateCount::of(&pairs_of_all(tx, application, facts, now).await?);
    if count.holds() { Err(Error::DuplicateHold(count)) } else { Ok(()) }
}

/// The candidates of everybody who gets a card.
async fn pairs_of_all(
    tx: &mut Tx,
    application: &Application,
    people: &[PersonFacts],
    now: OffsetDateTime,
) -> Result<Vec<DuplicatePair>, Error> {
    let mut pairs = Vec::new();
    for facts in people {
        pairs.extend(pairs_of(tx, application, facts, now).await?);
    }
    Ok(pairs)
}

/// The candidates with what stands about each.
async fn pairs_of(
    tx: &mut Tx,
    application: &Application,
    facts: &PersonFacts,
    now: OffsetDateTime,
) -> Result<Vec<DuplicatePair>, Error> {
    let library_id = application.library_id;
    let sought = Sought { library_id, application_id: application.id, patron_id: application.patron_id, facts };
    let candidates = duplicates::list_candidates(tx, &sought, now - DECLINED_SHOWN).await?;
    let mut alike: Vec<(Candidate, Resemblance)> = candidates
        .into_iter()
        .map(|candidate| {
            let compared = resemblance(facts, &candidate.facts);
            (candidate, compared)
        })
        .filter(|(_, compared)| compared.strength.is_some())
        .collect();
    if alike.is_empty() {
        return Ok(Vec::new());
    }
    alike.sort_by_key(|(_, compared)| compared.strength);
    let own = duplicates::digest(tx, library_id, facts).await?;
    let said = duplicate_verdicts::list_of(tx, library_id, application.id.as_uuid()).await?;
    let mut pairs = Vec::with_capacity(alike.len());
    for (candidate, compared) in alike {
        let other = duplicates::digest(tx, library_id, &candidate.facts).await?;
        let is_about = |said: &&PairVerdict| {
            said.own_digest == own && said.other.digest == other && candidate.owner.is_or_was(said.other.owner)
        };
        let verdict = said.iter().find(is_about);
        let verdict = verdict.map(|standing| standing.said.clone());
        let holds = holds(application.procedure, &candidate.owner, verdict.as_ref().map(|said| said.verdict));
        pairs.push(DuplicatePair {
            candidate: candidate.owner,
            resemblance: compared,
            digests: [own, other],
            verdict,
            holds,
        });
    }
    Ok(pairs)
}
