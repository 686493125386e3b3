//! Asking the guardian: an invitation for the version that was signed, and the mails that lead to it.

use crate::clock::japanese_date;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::correction::answer_by;
use crate::domain::cosigning::{Invitation, InvitationEnd};
use crate::domain::event::EventKind;
use crate::domain::guardianship::Cosigner;
use crate::domain::ids::{ApplicationId, CosignInvitationId, MailId};
use crate::domain::library::{Library, LibraryRules};
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::short_code::ShortCode;
use crate::random;
use crate::service::apply::{Draft, event, load_draft};
use crate::service::issue::mail;
use crate::service::{Error, Once, Portal};
use crate::store::{Tx, applications, cosign_invitations, drafts, events, outbox, signing_requests};
use time::{Duration, OffsetDateTime};

/// What the applicant sees while the guardian is awaited.
#[derive(Debug, Clone)]
pub struct CosignStatus {
    /// Who was asked.
    pub cosigner: Cosigner,
    /// The code that the guardian has to type (合言葉); none once the invitation was closed by wrong ones.
    pub code: Option<ShortCode>,
    /// Until when.
    pub until: OffsetDateTime,
}

impl Portal {
    /// Whom the application waits for; `None` unless it waits for a guardian.
    ///
    /// # Errors
    /// [`Error::NotFound`] once it is gone.
    pub async fn cosign_status(&self, library: &Library, id: ApplicationId) -> Result<Option<CosignStatus>, Error> {
        cosign_status_of(&mut self.db.read().await?, library, id).await
    }

    /// Names the guardian anew while their signature is awaited, and asks: whoever was asked before can do nothing any
    /// more. The applicant's own signature stands, for it says nothing of the guardian.
    ///
    /// # Errors
    /// [`Error::NotFound`] unless a guardian is awaited, [`Error::Repeated`] for the second sending.
    pub async fn name_guardian(
        &self,
        library: &Library,
        id: ApplicationId,
        cosigner: Cosigner,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let Draft { application, answers, rules, .. } = load_draft(&mut tx, library, id).await?;
        if !matches!(application.state, ApplicationState::AwaitingGuardian { expires_at, .. } if expires_at > now)
            || rules.relation(&cosigner.relation).is_none()
        {
            return Err(Error::NotFound);
        }
        // The guarded save keeps two browsers, and a guardian who signs at this moment, from each other.
        let application = applications::save(&mut tx, application).await?;
        let answers = DraftAnswers { cosigner: Some(cosigner.clone()), ..answers };
        drafts::save(&mut tx, &application, &answers).await?;
        signing_requests::void_by_application(&mut tx, id, now).await?;
        events::insert(&mut tx, &event(&application, EventKind::GuardianNamed, "", now)).await?;
        invite(&mut tx, &application, &cosigner, now).await?;
        Ok(tx.commit().await?)
    }
}

/// How long a guardian has: until the end of the last day, in Japan.
pub(in crate::service::sign) fn cosigning_life(rules: &LibraryRules, now: OffsetDateTime) -> Duration {
    answer_by(japanese_date(now), rules.guardian.cosign_days) - now
}

/// Asks the guardian for the first time.
pub(in crate::service::sign) async fn ask_guardian(
    tx: &mut Tx,
    application: &Application,
    cosigner: &Cosigner,
    now: OffsetDateTime,
) -> Result<(), Error> {
    events::insert(tx, &event(application, EventKind::GuardianAsked, "", now)).await?;
    invite(tx, application, cosigner, now).await
}

/// Makes a new invitation in the place of an older one, and mails its address.
async fn invite(tx: &mut Tx, application: &Application, cosigner: &Cosigner, now: OffsetDateTime) -> Result<(), Error> {
    let ApplicationState::AwaitingGuardian { version, expires_at, .. } = application.state else {
        return Err(Error::Internal("a guardian is asked who is not awaited"));
    };
    cosign_invitations::close(tx, application.id, InvitationEnd::Replaced, now).await?;
    let invitation = Invitation {
        id: CosignInvitationId::new(now),
        library_id: application.library_id,
        application_id: application.id,
        version: version.number,
        asked_at: now,
        tries: 0,
        session: None,
        ended: None,
    };
    let secrets = cosign_invitations::insert(tx, &invitation, &random::bytes()).await?;
    let content = MailContent::Cosign { token: secrets.token, until: japanese_date(expires_at), is_reminder: false };
    let (mail, _) = mail(application, &cosigner.email, content, now);
    outbox::insert(tx, &mail, Some(&format!("{}/cosign/{}", application.id, invitation.id))).await?;
    Ok(())
}

/// The mail that reminds the guardian, with the same address; `None` where nobody can be reminded: none is named, or the
/// applicant has to ask anew.
pub(in crate::service) async fn ask_again(
    tx: &mut Tx,
    application: &Application,
    now: OffsetDateTime,
) -> Result<Option<QueuedMail>, Error> {
    let ApplicationState::AwaitingGuardian { expires_at, .. } = application.state else { return Ok(None) };
    let Some(cosigner) = drafts::find(tx, application.id).await?.cosigner else { return Ok(None) };
    let newest = cosign_invitations::find_newest(tx, application.id).await?;
    let Some(invitation) = newest.filter(Invitation::is_living) else { return Ok(None) };
    let token = cosign_invitations::open_secrets(tx, &invitation).await?.token;
    Ok(Some(QueuedMail {
        id: MailId::new(now),
        library_id: application.library_id,
        application_id: Some(application.id),
        recipient: cosigner.email,
        language: application.language,
        content: MailContent::Cosign { token, until: japanese_date(expires_at), is_reminder: true },
        queued_at: now,
        attempts: 0,
    }))
}

/// The guardian whom an application waits for; `None` for one that waits for nobody.
pub(in crate::service) async fn cosign_status_of(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
) -> Result<Option<CosignStatus>, Error> {
    let application = applications::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let ApplicationState::AwaitingGuardian { expires_at, .. } = application.state else { return Ok(None) };
    let Some(cosigner) = drafts::find(tx, id).await?.cosigner else { return Ok(None) };
    let newest = cosign_invitations::find_newest(tx, id).await?;
    let code = match newest.filter(Invitation::is_living) {
        Some(invitation) => Some(cosign_invitations::open_secrets(tx, &invitation).await?.code),
        None => None,
    };
    Ok(Some(CosignStatus { cosigner, code, until: expires_at }))
}
