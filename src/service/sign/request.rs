//! The request: the signing app is asked to have the frozen version signed.

use crate::domain::application::{Application, ApplicationState, SIGNING_TIME};
use crate::domain::event::EventKind;
use crate::domain::handoff::Handoff;
use crate::domain::ids::{ApplicationId, CosignInvitationId, HandoffId, SigningRequestId};
use crate::domain::library::Library;
use crate::domain::version::Version;
use crate::gateway::signing_app::{Pkce, random_token};
use crate::jpki::SignedAttributes;
use crate::service::apply::event;
use crate::service::session::SessionToken;
use crate::service::{Error, Portal};
use crate::sha256::sha256;
use crate::store::signatures::SigningWay;
use crate::store::signing_requests::SigningRequest;
use crate::store::{StoreError, Tx, applications, events, handoffs, libraries, signing_requests};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// Who asks for a signature.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    /// The session of the device on which the app is opened.
    pub(super) token: &'a SessionToken,
    /// The hand-off by which that device came to it; `None` for the applicant's own session.
    pub(super) handoff: Option<&'a Handoff>,
    /// The invitation by which a guardian came to it.
    pub(super) invitation: Option<CosignInvitationId>,
}

impl Portal {
    /// Opens a signing request with the app and returns the address to send the browser to.
    /// Asked twice, it returns the same request.
    ///
    /// # Errors
    /// [`Error::SigningApp`] if the app cannot be reached: nothing has changed then.
    pub async fn begin_signing(
        &self,
        library: &Library,
        token: &SessionToken,
        id: ApplicationId,
    ) -> Result<String, Error> {
        self.begin_signing_as(library, Asker { token, handoff: None, invitation: None }, id).await
    }

    pub(super) async fn begin_signing_as(
        &self,
        library: &Library,
        asker: Asker<'_>,
        id: ApplicationId,
    ) -> Result<String, Error> {
        match self.open_signing_request(library, asker, id).await {
            // Two clicks at once: the other one has opened the request that both shall use.
            Err(Error::Stale | Error::Store(StoreError::Duplicate)) => {
                self.open_signing_request(library, asker, id).await
            }
            outcome => outcome,
        }
    }

    async fn open_signing_request(
        &self,
        library: &Library,
        asker: Asker<'_>,
        id: ApplicationId,
    ) -> Result<String, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        let ApplicationState::AwaitingSignature { version, request, expires_at, .. } = application.state else {
            return Err(Error::NotFound);
        };
        if asker.handoff.is_some_and(|handoff| handoff.version != version.number) {
            return Err(Error::HandoffVoid);
        }
        let open = signing_requests::find_open(&mut tx, id).await?;
        drop(tx);
        if let Some(open) = &open
            && open.id == request
            && open.session_hash == asker.token.hash()
            && expires_at > now
        {
            return self.authorization_url(open, asker.token).await;
        }

        let opened = self.open_transaction(&application, version, asker, now).await?;
        let mut tx = self.db.begin().await?;
        if let Some(handoff) = asker.handoff {
            let signing = handoff.clone().begin(&asker.token.hash(), now).map_err(|_| Error::HandoffVoid)?;
            handoffs::save(&mut tx, handoff.state, &signing).await?;
        }
        let waiting = applications::save(&mut tx, application.ask_again(opened.id, now)?).await?;
        signing_requests::insert(&mut tx, &opened).await?;
        events::insert(&mut tx, &event(&waiting, EventKind::SigningBegun, way_of(asker), now)).await?;
        tx.commit().await?;
        self.authorization_url(&opened, asker.token).await
    }

    /// Asks the app to have a version signed. The request is not stored yet.
    pub(super) async fn open_transaction(
        &self,
        application: &Application,
        version: Version,
        asker: Asker<'_>,
        now: OffsetDateTime,
    ) -> Result<SigningRequest, Error> {
        let attributes = SignedAttributes::new(*version.digest.as_bytes(), now);
        let pkce = Pkce::random();
        let transaction_id = self.signing_app.open_transaction(&attributes.digest_info(), now).await?;
        let request = SigningRequestId::new(now);
        Ok(SigningRequest {
            id: request,
            library_id: application.library_id,
            application_id: application.id,
            version: version.number,
            state_hash: hash_of(&state_of(asker.token, request)),
            nonce: random_token(),
            code_verifier: pkce.verifier,
            transaction_id: transaction_id.to_string(),
            signed_attributes: attributes.as_der().to_vec(),
            handoff_id: asker.handoff.map(|handoff| handoff.id),
            invitation_id: asker.invitation,
            session_hash: asker.token.hash(),
            opened_at: now,
            expires_at: now + SIGNING_TIME,
            consumed_at: None,
        })
    }

    pub(super) async fn authorization_url(
        &self,
        request: &SigningRequest,
        token: &SessionToken,
    ) -> Result<String, Error> {
        let challenge = Pkce::challenge_of(&request.code_verifier);
        let state = state_of(token, request.id);
        let app = &self.signing_app;
        Ok(app.authorization_url(&request.transaction_id, &state, &request.nonce, &challenge).await?)
    }

    /// Where the signing app's answer belongs. The app knows one return address for the whole portal
    /// (`/signing/return`): only the request tells the library, and whether a telephone asked for a PC.
    ///
    /// # Errors
    /// [`Error::NotFound`] if `state` belongs to no request of this browser session.
    pub async fn origin_of_request(&self, token: &SessionToken, state: &str) -> Result<RequestOrigin, Error> {
        let mut tx = self.db.read().await?;
        let request = request_of(&mut tx, token, state).await?;
        let library = libraries::find(&mut tx, request.library_id).await?.ok_or(Error::NotFound)?;
        Ok(RequestOrigin { library, handoff: request.handoff_id, invitation: request.invitation_id })
    }
}

/// Where a signing request was opened.
#[derive(Debug, Clone)]
pub struct RequestOrigin {
    /// The library of the application.
    pub library: Library,
    /// The hand-off, if a telephone asked.
    pub handoff: Option<HandoffId>,
    /// The invitation, if a guardian asked.
    pub invitation: Option<CosignInvitationId>,
}

/// Told apart in the record of events.
fn way_of(asker: Asker<'_>) -> &'static str {
    if asker.handoff.is_some() { SigningWay::Phone.as_str() } else { "" }
}

pub(super) async fn request_of(tx: &mut Tx, token: &SessionToken, state: &str) -> Result<SigningRequest, Error> {
    let request = signing_requests::find_by_state(tx, &hash_of(state)).await?;
    request.filter(|request| bool::from(request.session_hash.ct_eq(&token.hash()))).ok_or(Error::NotFound)
}

fn hash_of(text: &str) -> [u8; 32] {
    sha256(text.as_bytes())
}

/// The OAuth `state` of a request: known to its browser session alone, and the same when asked again.
/// Without `;` or `+`, which some apps mangle.
fn state_of(token: &SessionToken, request: SigningRequestId) -> String {
    BASE64URL_NOPAD.encode(&token.key_for(&format!("signing-request/{request}"))[..])
}
