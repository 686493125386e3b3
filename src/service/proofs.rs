//! Documents that were shown: gathered from an application, kept with the patron, and looked at when a card is renewed.

use super::Error;
use super::apply::Draft;
use super::issue::{Case, Grant};
use crate::clock::japanese_date;
use crate::domain::answers::Answers;
use crate::domain::application::Application;
use crate::domain::asked_evidence::Asked;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::domain::library::{EvidenceCode, LibraryRules, LibraryText};
use crate::domain::patron::Patron;
use crate::domain::procedure::Procedure;
use crate::domain::proof::{EarlierProofs, PlannedExpiry, ShownProof, put_together};
use crate::store::{
    StoreError, Tx, application_proofs, attachments, cards, holder_drafts, patron_proofs, patrons, visits,
};
use time::{Date, OffsetDateTime};

impl Draft {
    /// The documents that may be attached: those that are asked for, and newer ones in place of what was shown before.
    #[must_use]
    pub fn asked_evidence(&self, today: Date) -> Vec<Asked<'_>> {
        self.answers.asked_evidence(self.application.procedure, &self.rules, self.earlier.as_ref(), today)
    }

    /// True if a demanded document is missing.
    #[must_use]
    pub fn lacks_evidence(&self, today: Date) -> bool {
        self.answers.lacks_evidence(self.application.procedure, &self.rules, self.earlier.as_ref(), today)
    }

    /// Tells whether any document is asked for, or attached.
    #[must_use]
    pub fn asks_documents(&self, today: Date) -> bool {
        self.asked_evidence(today).iter().any(|asked| asked.before.is_none()) || !self.answers.attachments.is_empty()
    }

    /// The last day that the card gets if this is granted `today`; none where it gets no other, where it is not certain
    /// whose it is, and while it is not said who gets it.
    #[must_use]
    pub fn planned_expiry(&self, today: Date) -> Option<PlannedExpiry> {
        let category = self.rules.category(self.answers.category.as_ref()?)?;
        let shown: Vec<ShownProof> = self.answers.attachments.iter().map(ShownProof::from).collect();
        let (birth, earlier) = match (self.application.procedure, &self.earlier) {
            (Procedure::NewCard, _) if self.answers.guardianship.is_none() => (self.answers.birth?, None),
            (Procedure::Renewal, Some(earlier)) => (earlier.facts.birth, Some(earlier)),
            _ => return None,
        };
        Some(self.rules.planned_expiry(category, birth, earlier, &shown, today))
    }
}

/// What a renewal begins with: what its holder showed before. Nothing as long as it is not certain whose it is, for that
/// would tell strangers.
pub(super) async fn earlier_of(tx: &mut Tx, application: &Application) -> Result<Option<EarlierProofs>, Error> {
    if application.procedure != Procedure::Renewal {
        return Ok(None);
    }
    let holder = match application.patron_id {
        Some(id) => Some(id),
        None => holder_drafts::find_holder(tx, application.id).await?,
    };
    let Some(patron_id) = holder else { return Ok(None) };
    let patron = match patrons::find(tx, application.library_id, patron_id).await {
        Err(StoreError::Unsealable { .. }) => None,
        patron => patron?,
    };
    let card = cards::find_by_patron(tx, application.library_id, patron_id).await?;
    let Some((Patron { facts, .. }, card)) = patron.zip(card) else { return Ok(None) };
    let shown = patron_proofs::list(tx, application.library_id, patron_id).await?;
    Ok(Some(EarlierProofs { shown, facts, card_expires_on: card.expires_on }))
}

/// What was shown with an application: pictures that are still there, what staff saw at the counter, and what reviewers
/// noted instead. Nothing where a guardian applies for several children: nobody can tell whose document it is.
pub(super) async fn shown_with(
    tx: &mut Tx,
    rules: &LibraryRules,
    application: &Application,
    answers: &Answers,
) -> Result<Vec<ShownProof>, Error> {
    if answers.children().len() > 1 {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    if !answers.attachments.is_empty() {
        let present = attachments::list_present(tx, application.id).await?;
        let there = answers.attachments.iter().filter(|attached| present.contains(&attached.sha256));
        parts.extend(there.map(ShownProof::from));
    }
    if let Some(sighting) = visits::find_sighting(tx, application.id, application.signed_number()).await? {
        parts.extend(sighting.documents.iter().filter_map(|document| rules.shown_at_the_counter(document)));
    }
    parts.extend(application_proofs::list(tx, application.id).await?);
    Ok(put_together(parts))
}

/// Everything that sets an end to the card: what the holder showed before and shows now. Read only where cards end so.
pub(super) async fn bounding(
    tx: &mut Tx,
    case: &Case<'_>,
    patron_id: Option<PatronId>,
) -> Result<Vec<ShownProof>, Error> {
    let Case { library, rules, application, answers } = *case;
    if !rules.category(&answers.category).is_some_and(|category| category.ends_with_proof) {
        return Ok(Vec::new());
    }
    let mut shown = match patron_id {
        Some(id) => patron_proofs::list(tx, library.id, id).await?,
        None => Vec::new(),
    };
    shown.extend(shown_with(tx, rules, application, answers).await?);
    Ok(put_together(shown))
}

/// What the library calls the document with which a card ends, if it does.
pub(super) async fn ends_with(
    tx: &mut Tx,
    case: &Case<'_>,
    (patron_id, expires_on): (PatronId, Date),
    today: Date,
) -> Result<Option<LibraryText>, Error> {
    let Some(category) = case.rules.category(&case.answers.category) else { return Ok(None) };
    let shown = bounding(tx, case, Some(patron_id)).await?;
    let end = case.rules.end_by_proof(category, &shown, today).filter(|end| end.ends_on == expires_on);
    Ok(end.map(|end| end.kind.label.clone()))
}

/// Keeps with the patron what was shown: it need not be shown again as long as it counts.
pub(super) async fn keep(
    tx: &mut Tx,
    case: &Case<'_>,
    grant: &Grant<'_>,
    patron_id: PatronId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Case { library, rules, application, answers } = *case;
    let is_asked = rules.asks_signers(application.procedure, &answers.category);
    if grant.evidence.is_some() && answers.attachments.is_empty() && !is_asked {
        return Ok(());
    }
    for shown in shown_with(tx, rules, application, answers).await? {
        patron_proofs::save(tx, library.id, patron_id, &shown, now).await?;
    }
    Ok(())
}

/// The last day that the card gets if the application is granted today; none where it gets no other, and where it is not
/// certain whose it is.
pub(super) async fn planned_expiry(
    tx: &mut Tx,
    rules: &LibraryRules,
    application: &Application,
    answers: &Answers,
    now: OffsetDateTime,
) -> Result<Option<PlannedExpiry>, Error> {
    let today = japanese_date(now);
    let Some(category) = rules.category(&answers.category) else { return Ok(None) };
    let shown = shown_with(tx, rules, application, answers).await?;
    Ok(match application.procedure {
        Procedure::NewCard => {
            let birth = match answers.children() {
                [] => Some(answers.birth),
                [child] => Some(child.birth),
                _ => None,
            };
            birth.map(|birth| rules.planned_expiry(category, birth, None, &shown, today))
        }
        Procedure::Renewal => {
            let earlier = earlier_of(tx, application).await?;
            earlier.map(|earlier| rules.planned_expiry(category, earlier.facts.birth, Some(&earlier), &shown, today))
        }
        _ => None,
    })
}

/// What the holder of the card showed before, each kind as the library calls it.
pub(super) async fn shown_before(
    tx: &mut Tx,
    rules: &LibraryRules,
    library_id: LibraryId,
    patron_id: PatronId,
) -> Result<Vec<(String, Option<Date>)>, Error> {
    Ok(named(rules, patron_proofs::list(tx, library_id, patron_id).await?))
}

/// What reviewers noted of documents, each kind as the library calls it.
pub(super) async fn noted(
    tx: &mut Tx,
    rules: &LibraryRules,
    application_id: ApplicationId,
) -> Result<Vec<(String, Option<Date>)>, Error> {
    Ok(named(rules, application_proofs::list(tx, application_id).await?))
}

/// A kind that the rules know no more goes by its code.
fn named(rules: &LibraryRules, shown: Vec<ShownProof>) -> Vec<(String, Option<Date>)> {
    let label =
        |kind: &EvidenceCode| rules.evidence_kind(kind).map_or(kind.to_string(), |kind| kind.label.as_str().to_owned());
    shown.into_iter().map(|shown| (label(&shown.kind), shown.counts_until)).collect()
}
