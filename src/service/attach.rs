//! Pictures of documents that prove something: attached by the applicant, looked at and if need be destroyed by staff.

use super::apply::{change_draft, event, load_draft};
use super::record::staff_event;
use super::review::{Work, file_for, submitted_version};
use super::{Error, Once, Portal};
use crate::domain::answers::DraftAnswers;
use crate::domain::attachment::{Attached, FileName};
use crate::domain::event::EventKind;
use crate::domain::ids::{ApplicationId, AttachmentId};
use crate::domain::library::{DayFault, EvidenceCode, Library};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::version::Digest;
use crate::picture::{Hint, Picture, Unreadable};
use crate::sha256::sha256;
use crate::store::{StoreError, applications, attachments, events};
use time::{Date, OffsetDateTime};

pub use crate::store::attachments::Attachment;

/// How much may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// The octets of one file as it is sent.
    pub largest_file: usize,
    /// The pictures of one application.
    pub most_files: usize,
    /// The octets of all pictures of one application, as they are kept.
    pub most_kept: u64,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { largest_file: 10 << 20, most_files: 6, most_kept: 12 << 20 }
    }
}

/// A document as it was sent.
#[derive(Debug)]
pub struct SentDocument {
    /// Which kind it is said to be.
    pub kind: EvidenceCode,
    /// The day that stands on it, where the kind asks for one.
    pub dated: Option<Date>,
    /// What the file was called.
    pub file_name: Option<FileName>,
    /// The file.
    pub file: Vec<u8>,
}

/// What came of sending a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachOutcome {
    /// It is attached.
    Attached,
    /// The same picture is attached already, as a document of this kind; it counts once.
    Already(EvidenceCode),
    /// It is not, and why; everything else stays as it was.
    Fault(AttachFault),
}

/// Why a document is not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachFault {
    /// No document of this kind is asked for.
    OtherKind,
    /// The day that stands on it is missing.
    DateMissing,
    /// It has run out.
    Expired,
    /// There are as many as may be.
    TooMany,
    /// Together they would take too much room.
    TooLarge,
    /// Staff destroyed this very picture before.
    Destroyed,
    /// The file does not become a picture.
    Unreadable(Unreadable),
}

impl From<Unreadable> for AttachFault {
    fn from(reason: Unreadable) -> Self {
        Self::Unreadable(reason)
    }
}

impl From<DayFault> for AttachFault {
    fn from(fault: DayFault) -> Self {
        match fault {
            DayFault::Missing => Self::DateMissing,
            DayFault::Over { .. } => Self::Expired,
        }
    }
}

impl Portal {
    /// What is attached to an application, for its own applicant.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn attachments(&self, library: &Library, id: ApplicationId) -> Result<Vec<Attachment>, Error> {
        let mut tx = self.db.read().await?;
        applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        Ok(attachments::list(&mut tx, id).await?)
    }

    /// A picture, for its own applicant.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is another's, or gone.
    pub async fn own_attachment(
        &self,
        library: &Library,
        id: ApplicationId,
        which: AttachmentId,
    ) -> Result<Vec<u8>, Error> {
        let mut tx = self.db.read().await?;
        applications::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        attachments::find_contents(&mut tx, id, which).await?.ok_or(Error::NotFound)
    }

    /// Makes a picture of a sent document and attaches it to the draft; a version that waits for its signature is opened
    /// again. The same document sent twice is attached once.
    ///
    /// # Errors
    /// [`Error::Refused`] after submission; beyond that only failures inside.
    pub async fn attach(
        &self,
        library: &Library,
        id: ApplicationId,
        sent: SentDocument,
    ) -> Result<AttachOutcome, Error> {
        let now = self.clock.now();
        let draft = self.draft(library, id).await?;
        let today = self.clock.today();
        let asked = draft.asked_evidence(today);
        let kind = asked.into_iter().flat_map(|asked| asked.kinds).find(|kind| kind.code == sent.kind);
        let Some(kind) = kind else { return Ok(AttachOutcome::Fault(AttachFault::OtherKind)) };
        let expires_on = match kind.shown(sent.dated, today) {
            Ok(expires_on) => expires_on,
            Err(fault) => return Ok(AttachOutcome::Fault(fault.into())),
        };
        if draft.answers.attachments.len() >= self.attachment_limits.most_files {
            return Ok(AttachOutcome::Fault(AttachFault::TooMany));
        }
        let Picture { jpeg, hints } = match self.pictures.read(sent.file).await? {
            Ok(picture) => picture,
            Err(reason) => return Ok(AttachOutcome::Fault(reason.into())),
        };
        let attached = Attached {
            kind: kind.code.clone(),
            label: kind.label.as_str().to_owned(),
            sha256: Digest::from_bytes(sha256(&jpeg)),
            size: jpeg.len() as u64,
            expires_on,
        };
        let row = row_of(library, id, &attached, hints, sent.file_name, now);
        Box::pin(self.keep(library, id, attached, &row, &jpeg)).await
    }

    async fn keep(
        &self,
        library: &Library,
        id: ApplicationId,
        attached: Attached,
        row: &Attachment,
        jpeg: &[u8],
    ) -> Result<AttachOutcome, Error> {
        let now = row.attached_at;
        let mut tx = self.db.begin().await?;
        let present = attachments::list(&mut tx, id).await?;
        if let Some(same) = present.iter().find(|other| other.sha256 == row.sha256) {
            if same.destroyed_at.is_some() {
                return Ok(AttachOutcome::Fault(AttachFault::Destroyed));
            }
            let put_back = |answers: &mut DraftAnswers| {
                // Taken back while something had to be put right, and kept for what was signed before.
                if answers.attachments.iter().all(|other| other.sha256 != attached.sha256) {
                    answers.attachments.push(attached);
                }
            };
            let before = load_draft(&mut tx, library, id).await?;
            let there = before.answers.attachments.iter().find(|other| other.sha256 == row.sha256);
            let outcome = there.map_or(AttachOutcome::Attached, |other| AttachOutcome::Already(other.kind.clone()));
            change_draft(&mut tx, library, id, now, put_back).await?;
            tx.commit().await?;
            return Ok(outcome);
        }
        let draft = change_draft(&mut tx, library, id, now, |answers| answers.attachments.push(attached)).await?;
        let all = &draft.answers.attachments;
        if all.len() > self.attachment_limits.most_files {
            return Ok(AttachOutcome::Fault(AttachFault::TooMany));
        }
        if all.iter().map(|attached| attached.size).sum::<u64>() > self.attachment_limits.most_kept {
            return Ok(AttachOutcome::Fault(AttachFault::TooLarge));
        }
        match attachments::insert(&mut tx, row, jpeg).await {
            Ok(()) => {}
            // The second click, at the same instant.
            Err(StoreError::Duplicate) => return Ok(AttachOutcome::Attached),
            Err(error) => return Err(error.into()),
        }
        events::insert(&mut tx, &event(&draft.application, EventKind::AttachmentAdded, row.kind.as_str(), now)).await?;
        tx.commit().await?;
        Ok(AttachOutcome::Attached)
    }

    /// Takes an attached document back; one that is gone already is no fault. A version that waits for its signature is
    /// opened again.
    ///
    /// # Errors
    /// [`Error::Refused`] after submission.
    pub async fn detach(&self, library: &Library, id: ApplicationId, which: AttachmentId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let present = attachments::list(&mut tx, id).await?;
        let Some(row) = present.into_iter().find(|row| row.id == which && row.destroyed_at.is_none()) else {
            return Ok(());
        };
        let draft = change_draft(&mut tx, library, id, now, |answers| {
            answers.attachments.retain(|attached| attached.sha256 != row.sha256);
        })
        .await?;
        // What was signed before keeps its picture: whoever reviews it again compares the two.
        let was_signed = draft
            .signed
            .as_ref()
            .is_some_and(|signed| signed.answers.attachments.iter().any(|attached| attached.sha256 == row.sha256));
        if !was_signed {
            attachments::delete(&mut tx, id, which).await?;
        }
        events::insert(&mut tx, &event(&draft.application, EventKind::AttachmentRemoved, row.kind.as_str(), now))
            .await?;
        Ok(tx.commit().await?)
    }

    /// A picture of a submitted application, for staff. Each look is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library and the branches of whoever asks, before submission, and if it is gone.
    pub async fn view_attachment(
        &self,
        by: &StaffMember,
        reference: &Reference,
        which: AttachmentId,
    ) -> Result<Vec<u8>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let application = file_for(&mut tx, by, Permission::TakeEvidence, reference).await?;
        submitted_version(&mut tx, &application).await?;
        let picture = attachments::find_contents(&mut tx, application.id, which).await?.ok_or(Error::NotFound)?;
        events::insert(&mut tx, &staff_event(&application, EventKind::AttachmentViewed, by, now)).await?;
        tx.commit().await?;
        Ok(picture)
    }

    /// Destroys a picture that a library may not keep, such as the back of a My Number card (番号利用法 art. 20). That it
    /// was there, and who destroyed it when, stays on record.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library and the branches of whoever asks, before submission, and if it is gone.
    pub async fn destroy_attachment(
        &self,
        by: &StaffMember,
        reference: &Reference,
        which: AttachmentId,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } =
            self.begin_work((by, Permission::TakeEvidence), reference, once, now).await?;
        let by = &by;
        submitted_version(&mut tx, &application).await?;
        if !attachments::destroy(&mut tx, application.id, which, now).await? {
            return Err(Error::NotFound);
        }
        events::insert(&mut tx, &staff_event(&application, EventKind::AttachmentDestroyed, by, now)).await?;
        tx.commit().await?;
        if !self.db.tidy().await? {
            tracing::debug!("somebody was reading: the journal is tidied another time");
        }
        Ok(())
    }
}

fn row_of(
    library: &Library,
    id: ApplicationId,
    attached: &Attached,
    hints: Vec<Hint>,
    file_name: Option<FileName>,
    now: OffsetDateTime,
) -> Attachment {
    Attachment {
        id: AttachmentId::new(now),
        library_id: library.id,
        application_id: id,
        kind: attached.kind.clone(),
        file_name: file_name.map(|name| name.as_str().to_owned()),
        size: attached.size,
        sha256: attached.sha256,
        hints,
        expires_on: attached.expires_on,
        attached_at: now,
        destroyed_at: None,
    }
}
