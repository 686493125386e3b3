//! The guardian does not agree, or somebody else was asked: what was signed is open again, and the applicant is told.

use super::open::{Awaited, awaited, own};
use crate::domain::answers::DraftAnswers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::cosigning::InvitationEnd;
use crate::domain::event::EventKind;
use crate::domain::ids::CosignInvitationId;
use crate::domain::notice::MailContent;
use crate::service::apply::{draft_life, event, rules_of};
use crate::service::issue::mail;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::store::{
    StoreError, Tx, applications, cosign_invitations, drafts, events, outbox, signatures, signing_requests,
};
use time::OffsetDateTime;

impl Portal {
    /// The guardian does not agree.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`] for any other browser, and once it is over.
    pub async fn decline_cosigning(&self, session: &SessionToken, id: CosignInvitationId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let awaited = own(&mut tx, session, id, now).await?;
        give_back(&mut tx, awaited, InvitationEnd::Declined, now).await?;
        Ok(tx.commit().await?)
    }

    /// Whoever got the mail is not the guardian, or knows nothing of it. The mail's address is enough to say so: nobody
    /// learns anything by it.
    ///
    /// # Errors
    /// [`Error::InvitationVoid`] once it is over.
    pub async fn refuse_invitation(&self, token: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let invitation = cosign_invitations::find_by_token(&mut tx, token).await?.ok_or(Error::InvitationVoid)?;
        let awaited = awaited(&mut tx, invitation, now).await?;
        give_back(&mut tx, awaited, InvitationEnd::WrongAddress, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn give_back(tx: &mut Tx, matter: Awaited, end: InvitationEnd, now: OffsetDateTime) -> Result<(), Error> {
    let Awaited { library, invitation, application, .. } = matter;
    let rules = rules_of(tx, &library, application.rules_version).await?;
    let before = application.clone();
    // The guarded save decides between this and a signature, or another guardian being named, at the same moment.
    let application = applications::save(tx, application.edit(draft_life(&rules), now)?).await?;
    let ended = invitation.clone().end(end, now).map_err(|_| Error::InvitationVoid)?;
    match cosign_invitations::save(tx, &invitation, &ended).await {
        Err(StoreError::Stale) => return Err(Error::InvitationVoid),
        saved => saved?,
    }
    signing_requests::void_by_application(tx, application.id, now).await?;
    void_unsigned(tx, &before).await?;
    let kind = match end {
        InvitationEnd::WrongAddress => EventKind::GuardianAddressWrong,
        _ => EventKind::GuardianDeclined,
    };
    events::insert(tx, &event(&application, kind, "", now)).await?;
    tell_applicant(tx, &application, invitation.id, now).await?;
    if end == InvitationEnd::WrongAddress {
        // It is asked for again: nobody shall be written to a second time by mistake.
        let answers = drafts::find(tx, application.id).await?;
        drafts::save(tx, &application, &DraftAnswers { cosigner: None, ..answers }).await?;
    }
    Ok(())
}

/// Tells the applicant that nothing comes of an invitation.
pub(super) async fn tell_applicant(
    tx: &mut Tx,
    application: &Application,
    invitation: CosignInvitationId,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(email) = drafts::find(tx, application.id).await?.email else { return Ok(()) };
    let (mail, _) = mail(application, &email, MailContent::CosignRefused, now);
    outbox::insert(tx, &mail, Some(&format!("{}/cosign_refused/{invitation}", application.id))).await?;
    Ok(())
}

/// Takes out the applicant's signature over a version that its guardian did not sign: the library never had it. Call it
/// with the application as it was before it left off waiting.
pub(in crate::service) async fn void_unsigned(tx: &mut Tx, before: &Application) -> Result<(), Error> {
    if let ApplicationState::AwaitingGuardian { version, .. } = before.state {
        signatures::void(tx, before.id, version.number).await?;
    }
    Ok(())
}
