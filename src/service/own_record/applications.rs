//! What is kept of an application: its versions with what was consented to, the signatures, the pictures, the messages.

use super::super::Error;
use crate::clock::japanese_date;
use crate::document::read_statement;
use crate::domain::answers::DraftAnswers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::ids::ApplicationId;
use crate::domain::library::Library;
use crate::domain::message::Message;
use crate::domain::statement::Statement;
use crate::jpki::{Signer, Verdict};
use crate::store::attachments::Attachment;
use crate::store::{StoreError, Tx, attachments, cosignatures, drafts, messages, signatures, versions};
use time::{Date, OffsetDateTime};

/// How many messages of an application are told.
const MESSAGES: u32 = 500;

/// One application.
#[derive(Debug, Clone)]
pub struct KeptApplication {
    /// Which.
    pub application: Application,
    /// Until when its contents are kept; none while it is open.
    pub kept_until: Option<Date>,
    /// What was typed so far, while it is not sent.
    pub draft: Option<DraftAnswers>,
    /// What was frozen to be signed, the oldest first.
    pub versions: Vec<KeptVersion>,
    /// The pictures of documents, without the pictures themselves, and which of them staff have destroyed.
    pub attachments: Vec<Attachment>,
    /// Until when the pictures are kept.
    pub pictures_until: Option<Date>,
    /// What the applicant and the library wrote to each other, the oldest first.
    pub messages: Vec<Message>,
}

/// A frozen version, and who signed it.
#[derive(Debug, Clone)]
pub struct KeptVersion {
    /// From 1.
    pub number: u32,
    /// When it was frozen.
    pub frozen_at: OffsetDateTime,
    /// What it says, with the texts that were consented to.
    pub statement: Statement,
    /// The applicant's signature, if there is one.
    pub signature: Option<KeptSignature>,
    /// When the guardian's signature came, if there is one. What its certificate says is the guardian's.
    pub cosigned_at: Option<OffsetDateTime>,
}

/// A signature.
#[derive(Debug, Clone)]
pub struct KeptSignature {
    /// When it came.
    pub received_at: OffsetDateTime,
    /// How it was made, as it is called in storage.
    pub way: &'static str,
    /// What is known of its certificate.
    pub signer: Option<Signer>,
}

impl KeptApplication {
    pub(super) async fn of(tx: &mut Tx, library: &Library, application: Application) -> Result<Self, Error> {
        let retention = &library.rules.retention;
        let ended = application.state.ended();
        let kept = Self {
            kept_until: ended.map(|(ending, at)| retention.of(ending).after(japanese_date(at))),
            draft: None,
            versions: Vec::new(),
            attachments: Vec::new(),
            pictures_until: None,
            messages: Vec::new(),
            application,
        };
        // Its key is gone, and with it whatever it said.
        if matches!(kept.application.state, ApplicationState::Purged { .. }) {
            return Ok(kept);
        }
        let id = kept.application.id;
        let attachments = attachments::list(tx, id).await?;
        let is_there = attachments.iter().any(|one| one.destroyed_at.is_none());
        let draft = match kept.application.state {
            ApplicationState::Draft { .. } | ApplicationState::AwaitingSignature { .. } => {
                Some(drafts::find(tx, id).await?)
            }
            _ => None,
        };
        Ok(Self {
            draft,
            versions: versions_of(tx, id, kept.application.last_version).await?,
            attachments,
            pictures_until: ended.filter(|_| is_there).map(|(_, at)| retention.attachments.after(japanese_date(at))),
            messages: messages::list(tx, id, MESSAGES).await?,
            ..kept
        })
    }
}

/// Those that are still there: what nobody signed may have been erased before the rest.
async fn versions_of(tx: &mut Tx, id: ApplicationId, last: u32) -> Result<Vec<KeptVersion>, Error> {
    let mut kept = Vec::new();
    for number in 1..=last {
        let frozen = match versions::find(tx, id, number).await {
            Err(StoreError::Unsealable { .. }) => None,
            found => found?,
        };
        let Some(frozen) = frozen else { continue };
        let cosignature = cosignatures::find(tx, id, number).await?;
        kept.push(KeptVersion {
            number,
            frozen_at: frozen.frozen_at,
            statement: read_statement(&frozen.document)?,
            signature: signature_of(tx, id, number).await?,
            cosigned_at: cosignature.map(|one| one.received_at),
        });
    }
    Ok(kept)
}

async fn signature_of(tx: &mut Tx, id: ApplicationId, number: u32) -> Result<Option<KeptSignature>, Error> {
    let Some(found) = signatures::find(tx, id, number).await? else { return Ok(None) };
    let verdict: Verdict =
        serde_json::from_str(&found.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
    Ok(Some(KeptSignature { received_at: found.received_at, way: found.way.as_str(), signer: verdict.signer }))
}
