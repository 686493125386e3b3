//! What the rules decide by themselves: a renewal in which nothing changed, signed by its holder, against which nothing
//! stands. Everything else waits for somebody.

use super::apply::rules_of;
use super::blocks::hold_still;
use super::issue::{Case, Grant, facts_of, obstacle};
use super::proofs::earlier_of;
use super::review::signed_version;
use super::revocation;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState, Decider};
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::library::{EvidenceDemand, Library, LibraryRules, Signing};
use crate::domain::likeness::{ComparedField, Likeness, compare};
use crate::domain::patron::PatronFacts;
use crate::domain::proof::{EarlierProofs, Said};
use crate::domain::request::Request;
use crate::domain::review::{Decision, Outcome};
use crate::domain::statement::Statement;
use crate::jpki::Verdict;
use crate::store::automatic_decisions::{self, DueDecision};
use crate::store::signatures::SignatureEvidence;
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, applications, corrections, decisions, events, holds, libraries, memos, opinions};
use time::{Duration, OffsetDateTime};

/// How many due decisions one round looks at.
const BATCH: u32 = 50;
/// How long an application waits while nobody can tell whether its certificate was revoked.
const PAUSE: Duration = Duration::minutes(5);

impl Portal {
    /// Decides everything that is due for the rules; true if there may be more. Safe to run twice.
    ///
    /// # Errors
    /// Only the store's. An application that cannot be decided is logged and waits for somebody.
    pub async fn decide_by_rules(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let due = automatic_decisions::list_due(&mut self.db.read().await?, now, BATCH).await?;
        for one in &due {
            self.try_by_rule(one).await?;
        }
        Ok(due.len() == BATCH as usize)
    }

    /// Decides one application by the rules, if they can; whatever comes of it, nothing is lost.
    pub(super) async fn try_by_rule(&self, due: &DueDecision) -> Result<(), Error> {
        let outcome = match self.decide_by_rule(due).await {
            // Somebody was quicker: the next look shows what became of it.
            Err(Error::Stale) => return Ok(()),
            outcome => outcome,
        };
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        match outcome {
            Ok(()) => automatic_decisions::delete(&mut tx, due).await?,
            Err(Error::RevocationUnknown) => automatic_decisions::postpone(&mut tx, due, now + PAUSE).await?,
            Err(error) => {
                tracing::error!(application = %due.application_id, %error, "the rules cannot decide");
                automatic_decisions::delete(&mut tx, due).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Approves and issues, or leaves it to somebody.
    async fn decide_by_rule(&self, due: &DueDecision) -> Result<(), Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, due.library_id, due.application_id).await?;
        let Some(application) = application.filter(waits_for_anybody) else { return Ok(()) };
        let library = libraries::find(&mut tx, due.library_id).await?.ok_or(Error::NotFound)?;
        let (frozen, evidence) = signed_version(&mut tx, &application).await?;
        let known = revocation::known(&mut tx, &evidence).await?;
        drop(tx);
        let statement = self.verify_again(&frozen, &evidence).await?;
        match self.check_before_approval(&application, &evidence, &known).await {
            Err(Error::CertificateRevoked) => return Ok(()),
            checked => checked?,
        }
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        tx.gather();
        let current = applications::find(&mut tx, library.id, application.id).await?.ok_or(Error::NotFound)?;
        if current.row_version != application.row_version {
            return Err(Error::Stale);
        }
        let rules = rules_of(&mut tx, &library, application.rules_version).await?;
        let matter = Signed { rules: &rules, application: &application, statement: &statement, evidence: &evidence };
        if !may_be_decided(&mut tx, &matter, now).await? {
            return Ok(());
        }
        self.grant_by_rule(&mut tx, &library, &matter, &frozen, now).await?;
        Ok(tx.commit().await?)
    }

    async fn grant_by_rule(
        &self,
        tx: &mut Tx,
        library: &Library,
        matter: &Signed<'_>,
        frozen: &FrozenVersion,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let Signed { rules, application, statement, evidence } = *matter;
        let application = applications::save(tx, application.clone().approve_by_rule(now)?).await?;
        let decision = Decision {
            library_id: library.id,
            application_id: application.id,
            version: frozen.version,
            outcome: Outcome::Approved,
            decided_by: Decider::Rule,
            decided_at: now,
        };
        decisions::insert(tx, &decision).await?;
        let event = Event {
            library_id: library.id,
            application_id: application.id,
            kind: EventKind::Approved,
            actor: Actor::System,
            version: application.last_version,
            detail: format!("rules/{}", application.rules_version),
            at: now,
        };
        events::insert(tx, &event).await?;
        let case = Case { library, rules, application: &application, answers: &statement.answers };
        let grant = Grant { request: statement.request.as_ref(), evidence: Some(evidence), by: Actor::System };
        self.grant(tx, &case, &grant, now).await?;
        Ok(())
    }
}

/// A signed application beside the rules that it began with.
#[derive(Clone, Copy)]
struct Signed<'a> {
    rules: &'a LibraryRules,
    application: &'a Application,
    statement: &'a Statement,
    evidence: &'a SignatureEvidence,
}

/// Puts a submitted application before the rules, if they may decide on such a one at all.
pub(super) async fn put_before_rules(
    tx: &mut Tx,
    rules: &LibraryRules,
    application: &Application,
    now: OffsetDateTime,
) -> Result<Option<DueDecision>, Error> {
    if !rules.may_decide_automatically(application.procedure) || application.patron_id.is_none() {
        return Ok(None);
    }
    let due = DueDecision { library_id: application.library_id, application_id: application.id };
    automatic_decisions::save(tx, &due, now).await?;
    Ok(Some(due))
}

fn waits_for_anybody(application: &Application) -> bool {
    matches!(application.state, ApplicationState::Submitted { .. })
}

/// Takes an application away from the rules, because somebody works on it.
pub(super) async fn take_from_rules(tx: &mut Tx, application: &Application) -> Result<(), Error> {
    let due = DueDecision { library_id: application.library_id, application_id: application.id };
    Ok(automatic_decisions::delete(tx, &due).await?)
}

/// True if a colleague has put it aside, asked or noted something, asked the applicant for a correction, or if it was decided before: then people decide.
async fn is_somebodys(tx: &mut Tx, application: &Application) -> Result<bool, Error> {
    Ok(holds::find(tx, application.id).await?.is_some()
        || !opinions::list_by_application(tx, application.id).await?.is_empty()
        || !memos::list_by_application(tx, application.id).await?.is_empty()
        || !corrections::list(tx, application.id).await?.is_empty()
        || decisions::count_superseded(tx, application.id).await? > 0)
}

async fn may_be_decided(tx: &mut Tx, matter: &Signed<'_>, now: OffsetDateTime) -> Result<bool, Error> {
    let Signed { rules, application, statement, evidence } = *matter;
    // Whether a guardian still looks after a child, a person judges.
    if statement.answers.by_guardian.is_some() || is_somebodys(tx, application).await? {
        return Ok(false);
    }
    let Some(request @ Request::Renewal { facts_unchanged: true, .. }) = &statement.request else { return Ok(false) };
    if !rules.may_decide_automatically(application.procedure)
        || rules.four_eyes.reasons(application.procedure, &[]).next().is_some()
    {
        return Ok(false);
    }
    if !certificate_agrees(statement, evidence)? {
        return Ok(false);
    }
    let Some(earlier) = earlier_of(tx, application).await? else { return Ok(false) };
    if !is_eligible(rules, statement, &earlier, now) || !is_unchanged(&earlier.facts, &facts_of(&statement.answers)) {
        return Ok(false);
    }
    hold_still(tx, application).await?;
    Ok(obstacle(tx, rules, application, request, now).await?.is_none())
}

/// The reason to use the library still stands, nothing has to be shown for it that was not shown before, and the card
/// gets longer. What somebody attached, somebody looks at.
fn is_eligible(rules: &LibraryRules, statement: &Statement, earlier: &EarlierProofs, now: OffsetDateTime) -> bool {
    let (answers, today) = (&statement.answers, japanese_date(now));
    let Some(category) = rules.category(&answers.category) else { return false };
    let is_proved =
        |demand: &&EvidenceDemand| rules.proved_before(demand, earlier, Said::in_answers(answers), today).is_some();
    let planned = rules.planned_expiry(category, earlier.facts.birth, Some(earlier), &[], today);
    category.online
        && category.covers(&answers.address)
        && rules.eligible_age(category, answers.birth, today).is_ok()
        && answers.attachments.is_empty()
        && rules.required_evidence(statement.procedure, &answers.category, Signing::Signed).iter().all(is_proved)
        && planned.expires_on > earlier.card_expires_on
}

/// The certificate names the same person at the same place: it dies when its holder moves.
fn certificate_agrees(statement: &Statement, evidence: &SignatureEvidence) -> Result<bool, Error> {
    let verdict: Verdict =
        serde_json::from_str(&evidence.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
    let Some(holder) = verdict.signer.and_then(|signer| signer.holder) else { return Ok(false) };
    Ok(compare(&statement.answers, &holder).iter().all(|fact| match (fact.field, fact.likeness) {
        (_, Likeness::Same | Likeness::WrittenDifferently) => true,
        (ComparedField::Name | ComparedField::Birth | ComparedField::Address, _) => false,
    }))
}

/// Nothing differs from what the library knows; what it did not know is no change.
fn is_unchanged(known: &PatronFacts, said: &PatronFacts) -> bool {
    let same_or_unknown = |known: bool, same: bool| !known || same;
    known.name == said.name
        && known.kana == said.kana
        && known.birth == said.birth
        && known.address == said.address
        && known.phone == said.phone
        && same_or_unknown(known.email.is_some(), known.email == said.email)
        && same_or_unknown(known.category.is_some(), known.category == said.category)
        && same_or_unknown(known.branch.is_some(), known.branch == said.branch)
}
