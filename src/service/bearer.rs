//! Who a browser session stands for: whoever reads of one application; or, once that is proved, a patron, with the card
//! and everything that is theirs.
//!
//! What proves a patron is an application of theirs: one by which something was granted; or one about their card that
//! was signed by somebody of the same name and birth date, whose codes go to the address that the library knows. What is
//! merely asked for from another address opens nothing but itself.

use super::card_sign_in::applications_shown;
use super::deliver::collects_password;
use super::guardian::{self, is_by_guardian, is_looked_after, is_made_by_guardian};
use super::issue::{Held, held};
use super::session::{Session, SessionProof, SessionSubject, proof_end};
use super::{Error, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::ids::{ApplicationId, LibraryId, PatronId};
use crate::domain::library::Library;
use crate::domain::notice::{Notice, NoticeAbout};
use crate::domain::obstacle::Asker;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::store::{StoreError, Tx, applications, cards, drafts, holder_drafts, notices, patrons};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// How many applications of a patron are listed, the newest first.
const APPLICATIONS: u32 = 50;

/// Who a session stands for, and what is theirs.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The application that the session is about; none for a patron of whom no application tells.
    pub application: Option<ApplicationId>,
    /// What makes it stand for a patron.
    pub proof: Option<SessionProof>,
    /// The patron, if it stands for one.
    pub patron_id: Option<PatronId>,
    /// The applications that are theirs, the newest first; the session's own, if it has one, is always among them.
    pub applications: Vec<Application>,
}

impl Bearer {
    /// The application by this identity, if it is theirs.
    #[must_use]
    pub fn application(&self, id: ApplicationId) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// The application that a notice answers, if it answers one that is theirs.
    #[must_use]
    pub fn application_of(&self, notice: &Notice) -> Option<&Application> {
        self.application(notice.about.application_id()?)
    }

    /// Tells whether a notice is theirs to read. One about a card is its holder's, and a looked-after child's guardian's.
    #[must_use]
    pub fn may_read(&self, notice: &Notice) -> bool {
        match notice.about {
            NoticeAbout::Application(id) => self.application(id).is_some(),
            NoticeAbout::Patron(id) => self.patron_id == Some(id),
        }
    }

    pub(super) async fn find(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<Self, Error> {
        let library_id = session.library_id;
        let id = application_of(session.subject);
        let own = match id {
            Some(id) => Some(applications::find(tx, library_id, id).await?.ok_or(Error::NotFound)?),
            None => None,
        };
        let proved = proved(tx, session, now).await?;
        if own.is_none() && proved.is_none() {
            return Err(Error::NotFound);
        }
        // What the card has shown is seen as long as that is proved, or only read.
        let is_shown = proved.is_some() || matches!(session.subject, SessionSubject::Reader(_));
        let mut found =
            if is_shown { applications_shown(tx, library_id, &session.token_hash).await? } else { Vec::new() };
        if let Some(proved) = &proved {
            found.extend(theirs(tx, proved).await?);
        }
        found.retain(|one| !matches!(one.state, ApplicationState::Purged { .. }));
        found.extend(own);
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert(one.id.as_uuid()));
        found.sort_by_key(|one| std::cmp::Reverse(one.started_at));
        Ok(Self {
            application: id,
            proof: proved.as_ref().map(|proved| proved.proof),
            patron_id: proved.as_ref().map(|proved| proved.held.patron.id),
            applications: found,
        })
    }
}

impl Portal {
    /// Through which application the initial password of whoever the session stands for is collected, or that of a child
    /// by its number; through this one, if it is named.
    ///
    /// # Errors
    /// [`Error::NotFound`] while there is none.
    pub async fn password_application(
        &self,
        library: &Library,
        session: &Session,
        (of, child): (Option<&Reference>, u32),
    ) -> Result<ApplicationId, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        password_application(&mut tx, library, session, (of, child), now).await
    }
}

pub(super) async fn password_application(
    tx: &mut Tx,
    library: &Library,
    session: &Session,
    (of, child): (Option<&Reference>, u32),
    now: OffsetDateTime,
) -> Result<ApplicationId, Error> {
    let bearer = Bearer::find(tx, session, now).await?;
    let own = bearer.application.and_then(|id| bearer.application(id)).into_iter();
    // Several applications of a guardian each count their children from 1.
    let is_meant = |application: &&Application| of.is_none_or(|of| application.reference == *of);
    for application in own.chain(&bearer.applications).filter(is_meant) {
        if collects_password(tx, library, application, child).await? {
            return Ok(application.id);
        }
    }
    Err(Error::NotFound)
}

/// A patron whom a session stands for.
pub(super) struct Proved {
    /// The application that proves it or tells of it; none for whoever was a patron before the portal, and for a child
    /// whose guardian applied.
    pub(super) root: Option<Application>,
    /// Since when, and until when.
    pub(super) proof: SessionProof,
    /// Who, and the card.
    pub(super) held: Held,
    /// Who asks for anything about the card.
    asker: Asker,
}

impl Proved {
    /// True if it is a guardian who looks after the card of a child: what belongs to the child's person is not theirs.
    pub(super) fn is_guardian(&self) -> bool {
        self.asker == Asker::Guardian
    }

    /// What a session that follows keeps of it.
    pub(super) fn kept(&self, now: OffsetDateTime) -> SessionProof {
        SessionProof { until: proof_end(self.proof.at, now), ..self.proof }
    }

    /// Who asks for anything about the card.
    pub(super) const fn asker(&self) -> Asker {
        self.asker
    }
}

/// Whose card an application proves, and whether a guardian speaks in it.
pub(super) struct Shown {
    pub(super) held: Held,
    pub(super) by_guardian: bool,
}

/// The patron whom a session stands for, in their own name.
///
/// # Errors
/// [`Error::NotFound`] for whoever has proved to be no patron, and for a guardian.
pub(super) async fn proved_in_person(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<Proved, Error> {
    proved(tx, session, now).await?.filter(|proved| !proved.is_guardian()).ok_or(Error::NotFound)
}

/// The patron whom a session stands for.
pub(super) async fn proved(tx: &mut Tx, session: &Session, now: OffsetDateTime) -> Result<Option<Proved>, Error> {
    let kept = session.proof.filter(|proof| proof.until > now);
    let at = session.started_at;
    let read = |by, patron| Some(SessionProof { by, at, until: proof_end(at, now), patron });
    // A session that began or resumed a draft has shown no more than that the draft's address is read.
    let by_subject = match session.subject {
        SessionSubject::Reader(by) => read(Some(by), None),
        SessionSubject::Patron(id) => read(None, Some(id)),
        SessionSubject::Visitor | SessionSubject::Applicant(_) | SessionSubject::Staff(_) => None,
    };
    for proof in [kept, by_subject].into_iter().flatten() {
        let root = match proof.by {
            Some(by) => applications::find(tx, session.library_id, by).await?,
            None => None,
        };
        let shown = match (proof.patron, &root) {
            (Some(id), root) => match held_by(tx, session.library_id, id).await? {
                Some(held) => shown_to(tx, root.as_ref(), held, now).await?,
                None => None,
            },
            (None, Some(root)) => holder_by(tx, root, now).await?,
            (None, None) => None,
        };
        if let Some(Shown { held, by_guardian }) = shown {
            let asker = match (by_guardian, held.patron.child_number) {
                (true, _) => Asker::Guardian,
                (false, 0) => Asker::Holder,
                (false, _) => Asker::Child,
            };
            return Ok(Some(Proved { root, proof, held, asker }));
        }
    }
    Ok(None)
}

/// A patron whom a session names: who has said so by number and password; or, beside the application by which a guardian
/// got the card, the child whose card that guardian has opened.
async fn shown_to(
    tx: &mut Tx,
    root: Option<&Application>,
    held: Held,
    now: OffsetDateTime,
) -> Result<Option<Shown>, Error> {
    let Some(root) = root.filter(|root| is_made_by_guardian(root, &held.patron)) else {
        return Ok(Some(Shown { held, by_guardian: false }));
    };
    let is_open = is_granted(tx, root, &held.card).await? && is_looked_after(tx, &held.patron, now).await?;
    Ok(is_open.then_some(Shown { held, by_guardian: true }))
}

/// A patron and their card; none of whoever was erased.
pub(super) async fn held_by(tx: &mut Tx, library_id: LibraryId, id: PatronId) -> Result<Option<Held>, Error> {
    let patron = match patrons::find(tx, library_id, id).await {
        Err(StoreError::Unsealable { .. }) => None,
        patron => patron?,
    };
    let card = cards::find_by_patron(tx, library_id, id).await?;
    Ok(patron.zip(card).map(|(patron, card)| Held { patron, card }))
}

/// What the card that signed some applications proves: whose card it is, before any child for whom they applied.
pub(super) async fn proof_by_card(
    tx: &mut Tx,
    applications: &[Application],
    now: OffsetDateTime,
) -> Result<Option<SessionProof>, Error> {
    let mut as_guardian = None;
    for application in applications {
        let Some(shown) = holder_by(tx, application, now).await? else { continue };
        let by = Some(application.id);
        let proof = SessionProof { by, at: now, until: proof_end(now, now), patron: None };
        if !shown.by_guardian {
            return Ok(Some(proof));
        }
        as_guardian.get_or_insert(proof);
    }
    Ok(as_guardian)
}

/// Which of the applications that a card has signed is opened: the newest of what its holder asked for themselves. What
/// was erased says only that; anything else of theirs says more.
pub(super) async fn opened_by_card(tx: &mut Tx, applications: &[Application]) -> Result<Option<ApplicationId>, Error> {
    let mut kept = applications.iter().filter(|one| !matches!(one.state, ApplicationState::Purged { .. })).peekable();
    let newest = kept.peek().copied().or(applications.first());
    for application in kept {
        if !is_for_child(tx, application).await? {
            return Ok(Some(application.id));
        }
    }
    Ok(newest.map(|newest| newest.id))
}

/// True once a child has got a card by what a guardian asked for, and of what the guardian asks about that card.
async fn is_for_child(tx: &mut Tx, application: &Application) -> Result<bool, Error> {
    match held(tx, application).await {
        Err(Error::Store(StoreError::Unsealable { .. })) => Ok(false),
        held => match held? {
            Some(Held { patron, .. }) => is_by_guardian(tx, application, &patron).await,
            None => Ok(false),
        },
    }
}

/// What a session goes on proving once it is about this application. The card that signed it opens what it granted,
/// where that is another's than what was open: a guardian comes to the card of a child so, and back to their own.
pub(super) async fn proof_about(
    tx: &mut Tx,
    bearer: &Bearer,
    application: &Application,
    now: OffsetDateTime,
) -> Result<Option<SessionProof>, Error> {
    let Some(kept) = bearer.proof else { return Ok(None) };
    let kept = SessionProof { until: proof_end(kept.at, now), ..kept };
    let granted = holder_by(tx, application, now).await?;
    let is_other = granted.is_some_and(|shown| Some(shown.held.patron.id) != bearer.patron_id);
    Ok(Some(if is_other { SessionProof { by: Some(application.id), patron: None, ..kept } } else { kept }))
}

/// Whoever has proved by this application to be a patron, and their card. A guardian stands for a child until that is old
/// enough to sign.
pub(super) async fn holder_by(
    tx: &mut Tx,
    application: &Application,
    now: OffsetDateTime,
) -> Result<Option<Shown>, Error> {
    if matches!(application.state, ApplicationState::Purged { .. }) {
        return Ok(None);
    }
    let held = match held(tx, application).await {
        Err(Error::Store(StoreError::Unsealable { .. })) => return Ok(None),
        held => match held? {
            Some(held) => held,
            None => return Ok(None),
        },
    };
    let by_guardian = is_by_guardian(tx, application, &held.patron).await?;
    if by_guardian && !is_looked_after(tx, &held.patron, now).await? {
        return Ok(None);
    }
    if is_granted(tx, application, &held.card).await? {
        return Ok(Some(Shown { held, by_guardian }));
    }
    if application.procedure == Procedure::NewCard || matches!(application.state, ApplicationState::Declined { .. }) {
        return Ok(None);
    }
    let answers = drafts::find(tx, application.id).await?;
    let is_reached = answers.email_confirmed && answers.email.is_some() && answers.email == held.patron.facts.email;
    Ok(is_reached.then_some(Shown { held, by_guardian }))
}

/// True if what an application asked for was put in force.
async fn is_granted(tx: &mut Tx, application: &Application, card: &Card) -> Result<bool, Error> {
    Ok(matches!(application.state, ApplicationState::Issued { .. })
        // A decision that is opened again takes nobody's card out of their sight.
        || (!card.is_pending()
            && notices::find_revoked_grant(tx, application.library_id, application.id).await?.is_some()))
}

/// A patron's applications. What a guardian sent for a child is the guardian's, and what the child sends later is the
/// child's.
async fn theirs(tx: &mut Tx, proved: &Proved) -> Result<Vec<Application>, Error> {
    let patron = &proved.held.patron;
    if proved.is_guardian() {
        return guardian::applications_for(tx, patron).await;
    }
    let mut found = applications::list_by_patron(tx, patron.library_id, patron.id, APPLICATIONS).await?;
    let drafts = guardian::open_drafts(tx, patron, &found).await?;
    found.extend(drafts);
    let mut own = Vec::new();
    for application in found {
        if !is_by_guardian(tx, &application, patron).await? {
            own.push(application);
        }
    }
    Ok(own)
}

/// The application that a session is about.
pub(super) const fn application_of(subject: SessionSubject) -> Option<ApplicationId> {
    match subject {
        SessionSubject::Reader(id) | SessionSubject::Applicant(id) => Some(id),
        SessionSubject::Visitor | SessionSubject::Staff(_) | SessionSubject::Patron(_) => None,
    }
}

/// Tells whether the patron whom a session stands for began this.
pub(super) async fn is_begun_by(tx: &mut Tx, bearer: &Bearer, draft: &Application) -> Result<bool, Error> {
    let Some(patron_id) = bearer.patron_id else { return Ok(false) };
    let begun = holder_drafts::list(tx, draft.library_id, patron_id, APPLICATIONS).await?;
    Ok(begun.iter().any(|one| one.id == draft.id))
}
