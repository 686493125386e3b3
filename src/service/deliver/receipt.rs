//! What the "done" page prints, and the collection code on it.

use super::password::password_way;
use crate::clock::japanese_date;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::credential::CollectionCode;
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::library::Library;
use crate::domain::password_way::PasswordWay;
use crate::domain::procedure::Procedure;
use crate::service::apply::rules_of;
use crate::service::review::submitted_version;
use crate::service::session::SessionToken;
use crate::service::sign::{CosignStatus, FIRST_SENDING, RECEIPT_SHOWN_FOR, cosign_status_of};
use crate::service::{Error, Portal};
use crate::store::seal::{self, HashPurpose};
use crate::store::signatures::{self, RevocationAnswer};
use crate::store::{Tx, applications, collection_tries, idempotency};
use subtle::ConstantTimeEq;
use time::{Date, OffsetDateTime};

/// What the "done" page prints.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The application, in the queue.
    pub application: Application,
    /// The code that only this page tells.
    pub collection_code: CollectionCode,
    /// What opens the password that is collected in the end, if one is.
    pub password_way: Option<PasswordWay>,
    /// True if what is decided goes on paper.
    pub goes_on_paper: bool,
    /// In how many open days the library means to answer.
    pub promised_days: u32,
    /// The day by which it means to answer, where that is later: the card is searched for first.
    pub answer_by: Option<Date>,
    /// True if nobody could say on receipt whether the certificate was revoked.
    pub is_unchecked: bool,
    /// The guardian who is to sign as well before the library has it, if one is.
    pub cosigning: Option<CosignStatus>,
}

impl Portal {
    /// The receipt, for the browser session that applied and for no other: it holds the collection code,
    /// which whoever merely reads the mailbox must not get.
    ///
    /// # Errors
    /// [`Error::NotFound`] in any other session, or before submission.
    pub async fn receipt(&self, library: &Library, token: &SessionToken, id: ApplicationId) -> Result<Receipt, Error> {
        let mut tx = self.db.read().await?;
        let application = applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        // The session that began and signed, or had a telephone sign for it; never the telephone's own.
        let evidence = signatures::find(&mut tx, id, application.signed_number()).await?;
        let received_at = match &application.state {
            ApplicationState::Declined { .. } => None,
            // Nobody has it yet; but whoever signed has to be able to take it back.
            ApplicationState::AwaitingGuardian { answers: None, .. } => {
                evidence.as_ref().map(|evidence| evidence.received_at)
            }
            state => state.submitted_at(),
        };
        let received_at = received_at.ok_or(Error::NotFound)?;
        if received_at + RECEIPT_SHOWN_FOR <= self.clock.now() {
            return Err(Error::NotFound);
        }
        let is_own = match &evidence {
            Some(evidence) => evidence.session_hash.is_some_and(|owner| bool::from(owner.ct_eq(&token.hash()))),
            // Nobody signed: the session that sent it, at that moment. A patron's session may have sent another one.
            None => idempotency::is_claimed(&mut tx, library.id, &token.hash(), FIRST_SENDING, received_at).await?,
        };
        if !is_own {
            return Err(Error::NotFound);
        }
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let usual = rules.answer_promised_for(application.procedure, japanese_date(received_at));
        let password_way = match application.procedure {
            Procedure::NewCard | Procedure::PasswordIssue => Some(password_way(&mut tx, library, id).await?),
            Procedure::CardLink | Procedure::Renewal | Procedure::Reissue | Procedure::Change => None,
        };
        let collection_code = collection_code(&mut tx, library.id, id).await?;
        // Before a guardian has signed nothing is decided, and nothing said of how that comes.
        let goes_on_paper = if matches!(application.state, ApplicationState::AwaitingGuardian { .. }) {
            false
        } else {
            let (frozen, _) = submitted_version(&mut tx, &application).await?;
            crate::document::read_statement(&frozen.document)?.answers.goes_on_paper()
        };
        let is_unchecked = evidence.is_some_and(|evidence| evidence.revocation == RevocationAnswer::Unknown);
        let cosigning = cosign_status_of(&mut tx, library, id).await?;
        Ok(Receipt {
            collection_code,
            password_way,
            goes_on_paper,
            promised_days: rules.promised_open_days_for(application.procedure),
            answer_by: application.due_on.filter(|day| *day > usual),
            is_unchecked,
            cosigning,
            application,
        })
    }
}

/// Counts a try within `tx`, where nobody else can try meanwhile, and compares. A wrong one must be committed before
/// anybody hears of it: it counts.
pub(in crate::service) async fn try_collection_code(
    tx: &mut Tx,
    library: &Library,
    id: ApplicationId,
    typed: Option<&CollectionCode>,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let code = collection_code(tx, library.id, id).await?;
    if collection_tries::count(tx, library.id, id).await?.is_none() {
        return Err(Error::TooMany { retry_at: now });
    }
    Ok(typed.is_some_and(|typed| bool::from(typed.as_bytes().ct_eq(code.as_bytes()))))
}

/// The collection code is derived, not kept: the store alone does not give it away.
async fn collection_code(tx: &mut Tx, library_id: LibraryId, id: ApplicationId) -> Result<CollectionCode, Error> {
    let id = id.as_uuid();
    let parts: [&[u8]; 1] = [id.as_bytes()];
    let hash = seal::keyed_hash(tx, library_id, HashPurpose::CollectionCode, &parts).await?;
    let mut random = [0; 8];
    random.copy_from_slice(&hash[..8]);
    Ok(CollectionCode::from_random(u64::from_be_bytes(random)))
}
