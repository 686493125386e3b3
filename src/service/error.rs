//! Why a goal was not reached.

use super::duplicates::DuplicateCount;
use crate::document::DocumentError;
use crate::domain::account::AccountRefused;
use crate::domain::answers::Question;
use crate::domain::application::Refused;
use crate::domain::chosen_password::WeakPassword;
use crate::domain::library::Ineligible;
use crate::domain::obstacle::Obstacle;
use crate::domain::reference::Reference;
use crate::gateway::picture_reader::PictureReaderError;
use crate::gateway::seal::SealError;
use crate::gateway::signing_app::SigningAppError;
use crate::jpki::Reason;
use crate::passkey::PasskeyFault;
use crate::store::StoreError;
use time::OffsetDateTime;

/// Every refusal and failure of the services; `http` finds words for each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not this person's to see: the two look alike on purpose.
    #[error("not found")]
    NotFound,
    /// The application was made up to try the portal with: nothing was signed, so there is nothing to open.
    #[error("made up to try the portal with")]
    Seeded,
    /// Not signed in, or the session has ended.
    #[error("not signed in")]
    SignedOut,
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody changed it in between.
    #[error("changed by somebody else in between")]
    Stale,
    /// The same form was sent before and has had its effect.
    #[error("already done")]
    Repeated {
        /// Where the first sending led.
        location: String,
    },
    /// The one-time key of a form came back with other contents.
    #[error("a form's key was used for another content")]
    KeyReused,
    /// A question is still open.
    #[error("unanswered: {0:?}")]
    Unanswered(Question),
    /// Something that a reviewer asked about was neither changed nor answered.
    #[error("something that was asked about is not settled")]
    Unsettled,
    /// The library's rules do not let this person apply online.
    #[error("not eligible: {0:?}")]
    Ineligible(Ineligible),
    /// Too many tries or too soon; worth trying again at the given time.
    #[error("try again at {retry_at}")]
    TooMany {
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
    /// The code is not one of those sent, or is used up.
    #[error("wrong code")]
    WrongCode,
    /// Every code sent has run out.
    #[error("the code has expired")]
    ExpiredCode,
    /// Name, password or second factor do not fit; never says which.
    #[error("wrong credentials")]
    WrongCredentials,
    /// A password that nobody should choose.
    #[error("weak password: {0}")]
    WeakPassword(#[from] WeakPassword),
    /// What came back of a passkey proves nothing.
    #[error("passkey: {0}")]
    Passkey(#[from] PasskeyFault),
    /// The patron has as many passkeys as anybody needs.
    #[error("too many passkeys")]
    TooManyPasskeys,
    /// A patron's request is answered in words.
    #[error("an answer is missing")]
    AnswerMissing,
    /// It is said to be put right, and nothing would be.
    #[error("nothing is put right")]
    NothingPutRight,
    /// Whoever it is has signed in too long ago for this.
    #[error("sign in again")]
    SignInAgain,
    /// The initial password was shown before and cannot be shown again.
    #[error("the password was already shown")]
    AlreadyShown,
    /// The collection code does not fit.
    #[error("wrong collection code")]
    WrongCollectionCode,
    /// The hand-off to a telephone was used, has run out, was replaced, or is another telephone's.
    #[error("the hand-off cannot be used")]
    HandoffVoid,
    /// Another number than the one that the PC shows; the hand-off has ended.
    #[error("wrong number")]
    WrongNumber,
    /// The invitation of a guardian has ended, or is another browser's.
    #[error("the invitation cannot be used")]
    InvitationVoid,
    /// A guardian has to sign as well, and none is named.
    #[error("no guardian is named")]
    NoCosigner,
    /// The signing app failed.
    #[error("the signing app: {0}")]
    SigningApp(#[from] SigningAppError),
    /// A sent picture could not be looked at: a fault of ours.
    #[error("the reader of pictures: {0}")]
    PictureReader(#[from] PictureReaderError),
    /// A stored signature does not verify any more: the roots in force have changed, or the data have.
    #[error("a stored signature does not verify: {0}")]
    SignatureBroken(Reason),
    /// Nobody can say yet whether the signer's certificate was revoked; without that nobody may approve.
    #[error("the revocation of the signer's certificate is unknown")]
    RevocationUnknown,
    /// The signer's certificate was revoked when the signature was received.
    #[error("the signer's certificate was revoked")]
    CertificateRevoked,
    /// Somebody who may be the applicant is not answered for, or is the applicant.
    #[error("the applicant may be registered already: {0:?}")]
    DuplicateHold(DuplicateCount),
    /// The member of staff is the applicant or close to them.
    #[error("the member of staff is close to the applicant")]
    Related,
    /// The number of the user-authentication certificate is another patron's.
    #[error("another patron has this certificate number")]
    CertificateNumberTaken,
    /// The colleague has a question about it that is not answered yet.
    #[error("the colleague was asked already")]
    AlreadyAsked,
    /// Something that is checked by itself is not good: it cannot be approved among others at once.
    #[error("a check is not good")]
    NotGreen,
    /// The same was asked before, and is not answered yet.
    #[error("the same request is open")]
    RequestOpen,
    /// Something still runs that keeps the record.
    #[error("the record is still needed")]
    StillNeeded,
    /// Nothing is known any more of whom it is about.
    #[error("the record of whom it is about was erased")]
    RecordErased,
    /// The same person is absent on one of these days already.
    #[error("absences overlap")]
    Overlapping,
    /// The same person has another open application for the same procedure.
    #[error("another application of the same person is open")]
    AnotherOpen,
    /// The account of a member of staff is not changed so.
    #[error("account: {0}")]
    Account(AccountRefused),
    /// The rules, or the card, do not allow what is asked for, or not now.
    #[error("an obstacle: {0:?}")]
    Obstacle(Obstacle),
    /// The patron has an open application for the same already.
    #[error("already open: {0}")]
    AlreadyOpen(Reference),
    /// A notice cannot be sealed now.
    #[error("the seal: {0}")]
    Seal(#[from] SealError),
    /// A document could not be made or read.
    #[error("document: {0}")]
    Document(#[from] DocumentError),
    /// The series of card numbers has no number left.
    #[error("the number series is exhausted")]
    SeriesExhausted,
    /// The store failed.
    #[error("store: {0}")]
    Store(StoreError),
    /// Something inside broke that no user can mend.
    #[error("internal: {0}")]
    Internal(&'static str),
}

impl From<Ineligible> for Error {
    fn from(rule: Ineligible) -> Self {
        Self::Ineligible(rule)
    }
}

impl From<AccountRefused> for Error {
    fn from(refused: AccountRefused) -> Self {
        Self::Account(refused)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            other => Self::Store(other),
        }
    }
}
