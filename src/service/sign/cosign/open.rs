//! From the mail's address over the code to what was signed, and on to the signing app.

use crate::domain::application::{Application, ApplicationState};
use crate::domain::cosigning::{Invitation, InvitationEnd};
use crate::domain::event::EventKind;
use crate::domain::guardianship::Cosigner;
use crate::domain::ids::CosignInvitationId;
use crate::domain::library::{Library, LibraryText};
use crate::domain::reference::Reference;
use crate::domain::short_code::ShortCode;
use crate::domain::statement::Statement;
use crate::domain::version::Version;
use crate::service::apply::{event, rules_of};
use crate::service::session::SessionToken;
use crate::service::sign::cosign::refuse::tell_applicant;
use crate::service::sign::request::Asker;
use crate::service::{Error, Portal};
use crate::store::{
    StoreError, Tx, applications, cosign_invitations, drafts, events, libraries, signing_requests, versions,
};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// What stands behind the mail's address.
#[derive(Debug, Clone)]
pub struct OpenedInvitation {
    /// The library that asks.
    pub library: Library,
    /// The invitation, if the code was typed in this browser before.
    pub yours: Option<CosignInvitationId>,
}

/// A guardian who has typed the code.
#[derive(Debug)]
pub struct ConfirmedGuardian {
    /// By which the further pages are addressed; worth nothing without `token`.
    pub id: CosignInvitationId,
    /// The session that this browser has from now on.
    pub token: SessionToken,
}

/// What a guardian reads before signing: everything that is signed.
#[derive(Debug, Clone)]
pub struct CosignSummary {
    /// The library.
    pub library: Library,
    /// What the applicant has signed, read back from the document itself.
    pub statement: Statement,
    /// The version that both sign.
    pub version: Version,
    /// The document.
    pub document: Vec<u8>,
    /// As whom the applicant has named the guardian.
    pub cosigner: Cosigner,
    /// What the rules call the relation.
    pub relation: LibraryText,
    /// What the mail's address holds: it leads another device of the guardian's here.
    pub token: String,
    /// Until when.
    pub until: OffsetDateTime,
}

/// What the guardian's browser may still know once it is over.
#[derive(Debug, Clone)]
pub struct CosignEnd {
    /// The library.
    pub library: Library,
    /// How it ended; `None` while it goes on.
    pub end: Option<InvitationEnd>,
    /// The application's number, for whoever has signed.
    pub reference: Option<Reference>,
}

/// A living invitation and what it is about.
pub(super) struct Awaited {
    pub(super) library: Library,
    pub(super) invitation: Invitation,
    pub(super) application: Application,
    pub(super) version: Version,
    pub(super) until: OffsetDateTime,
}

impl Portal {
    /// Opens what a mail leads to. Uses nothing up: programs that preview links do it, too.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`] if it cannot be used any more.
    pub async fn open_invitation(&self, session: &SessionToken, token: &str) -> Result<OpenedInvitation, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let invitation = cosign_invitations::find_by_token(&mut tx, token).await?.ok_or(Error::InvitationVoid)?;
        let Awaited { library, invitation, .. } = awaited(&mut tx, invitation, now).await?;
        let yours = invitation.is_of(&session.hash(), now).then_some(invitation.id);
        Ok(OpenedInvitation { library, yours })
    }

    /// Takes the code that stands on the applicant's screen. The right one makes the invitation this browser's.
    ///
    /// # Errors
    /// [`Error::WrongCode`], of which ten end it; [`Error::InvitationVoid`].
    pub async fn confirm_guardian(
        &self,
        session: &SessionToken,
        token: &str,
        code: &ShortCode,
    ) -> Result<ConfirmedGuardian, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let invitation = cosign_invitations::find_by_token(&mut tx, token).await?.ok_or(Error::InvitationVoid)?;
        let Awaited { invitation, application, .. } = awaited(&mut tx, invitation, now).await?;
        let own = cosign_invitations::open_secrets(&mut tx, &invitation).await?.code;
        let is_right = bool::from(own.as_bytes().ct_eq(code.as_bytes()));
        let id = invitation.id;
        let successor = session.successor(&mut tx, application.library_id, id.as_uuid().as_bytes()).await?;
        if is_right && invitation.is_of(&successor.hash(), now) {
            return Ok(ConfirmedGuardian { id, token: successor });
        }
        let answered = invitation.clone().answer(is_right, successor.hash(), now).map_err(|_| Error::InvitationVoid)?;
        let kind = match answered.ended {
            Some(_) => Some(EventKind::GuardianLockedOut),
            None => is_right.then_some(EventKind::GuardianConfirmed),
        };
        // The record first: it holds the application, as whoever ends the invitation does before touching it.
        if let Some(kind) = kind {
            events::insert(&mut tx, &event(&application, kind, "", now)).await?;
        }
        match cosign_invitations::save(&mut tx, &invitation, &answered).await {
            Err(StoreError::Stale) => return Err(Error::InvitationVoid),
            saved => saved?,
        }
        if !answered.is_living() {
            tell_applicant(&mut tx, &application, id, now).await?;
        }
        // Committed even though it may be refused: otherwise wrong codes would be free.
        tx.commit().await?;
        match (is_right, answered.is_living()) {
            (true, _) => Ok(ConfirmedGuardian { id, token: successor }),
            (false, true) => Err(Error::WrongCode),
            (false, false) => Err(Error::InvitationVoid),
        }
    }

    /// What the guardian reads before signing.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`] for any other browser, and once it is over.
    pub async fn cosign_summary(&self, session: &SessionToken, id: CosignInvitationId) -> Result<CosignSummary, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Awaited { library, invitation, application, version, until } = own(&mut tx, session, id, now).await?;
        let frozen = versions::find(&mut tx, application.id, version.number).await?.ok_or(Error::NotFound)?;
        let cosigner = drafts::find(&mut tx, application.id).await?.cosigner.ok_or(Error::InvitationVoid)?;
        let rules = rules_of(&mut tx, &library, application.rules_version).await?;
        let relation = rules.relation(&cosigner.relation).cloned().unwrap_or_default();
        let token = cosign_invitations::open_secrets(&mut tx, &invitation).await?.token;
        let statement = crate::document::read_statement(&frozen.document)?;
        let document = frozen.document;
        Ok(CosignSummary { library, statement, version, document, cosigner, relation, token, until })
    }

    /// Opens a signing request for the guardian and returns the address to send the browser to. Asked twice, it returns
    /// the same request.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`]; [`Error::SigningApp`] if the app cannot be reached: nothing has changed then.
    pub async fn begin_cosigning(&self, session: &SessionToken, id: CosignInvitationId) -> Result<String, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let Awaited { application, version, .. } = own(&mut tx, session, id, now).await?;
        let open = signing_requests::find_open(&mut tx, application.id).await?;
        drop(tx);
        if let Some(open) = &open
            && open.invitation_id == Some(id)
            && open.session_hash == session.hash()
            && open.expires_at > now
        {
            return self.authorization_url(open, session).await;
        }
        let asker = Asker { token: session, handoff: None, invitation: Some(id) };
        let opened = self.open_transaction(&application, version, asker, now).await?;
        let mut tx = self.db.begin().await?;
        let Awaited { application, .. } = own(&mut tx, session, id, now).await?;
        events::insert(&mut tx, &event(&application, EventKind::CosigningBegun, "", now)).await?;
        signing_requests::insert(&mut tx, &opened).await?;
        tx.commit().await?;
        self.authorization_url(&opened, session).await
    }

    /// How it has ended, for the browser in which the code was typed.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`] for any other.
    pub async fn cosign_end(&self, session: &SessionToken, id: CosignInvitationId) -> Result<CosignEnd, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let invitation = cosign_invitations::find(&mut tx, id).await?.ok_or(Error::InvitationVoid)?;
        if !invitation.is_of(&session.hash(), now) {
            return Err(Error::InvitationVoid);
        }
        let library = libraries::find(&mut tx, invitation.library_id).await?.ok_or(Error::InvitationVoid)?;
        let end = invitation.ended.map(|(end, _)| end);
        let application = applications::find(&mut tx, library.id, invitation.application_id).await?;
        let reference = application.map(|application| application.reference);
        Ok(CosignEnd { library, end, reference: reference.filter(|_| end == Some(InvitationEnd::Cosigned)) })
    }
}

/// The invitation of this very browser, while it lives.
pub(super) async fn own(
    tx: &mut Tx,
    session: &SessionToken,
    id: CosignInvitationId,
    now: OffsetDateTime,
) -> Result<Awaited, Error> {
    let invitation = cosign_invitations::find(tx, id).await?.ok_or(Error::InvitationVoid)?;
    if !invitation.is_of(&session.hash(), now) {
        return Err(Error::InvitationVoid);
    }
    awaited(tx, invitation, now).await
}

/// What an invitation is about, while exactly the version that it is for waits for the guardian, and in time.
pub(super) async fn awaited(tx: &mut Tx, invitation: Invitation, now: OffsetDateTime) -> Result<Awaited, Error> {
    if !invitation.is_living() {
        return Err(Error::InvitationVoid);
    }
    let library = libraries::find(tx, invitation.library_id).await?.ok_or(Error::InvitationVoid)?;
    let application = applications::find(tx, library.id, invitation.application_id).await?;
    let application = application.ok_or(Error::InvitationVoid)?;
    match application.state {
        ApplicationState::AwaitingGuardian { version, expires_at, .. }
            if version.number == invitation.version && expires_at > now =>
        {
            Ok(Awaited { library, invitation, application, version, until: expires_at })
        }
        _ => Err(Error::InvitationVoid),
    }
}
