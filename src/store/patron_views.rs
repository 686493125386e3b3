//! Who looked for which patron. Append-only.

use super::timestamp::Timestamp;
use super::{StoreError, Tx, on};
use crate::domain::ids::PatronId;
use crate::domain::library::BlockCode;
use crate::domain::notice::PaperWay;
use crate::domain::patron_request::RequestKind;
use crate::domain::staff::StaffMember;
use crate::domain::visit::IdentityProof;
use time::OffsetDateTime;
use uuid::Uuid;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatronView {
    /// Patrons were looked for.
    Searched {
        /// By which kinds of facts.
        kinds: String,
        /// How many were shown.
        hits: usize,
    },
    /// A record was opened.
    Opened(PatronId),
    /// A card was stopped.
    CardStopped(PatronId),
    /// The library's stop was lifted.
    CardReleased(PatronId),
    /// The patron's own stop was lifted at the counter, after it was checked who asks.
    LostCardReleased(PatronId),
    /// A block was put on the patron.
    Blocked(PatronId, BlockCode),
    /// A block was lifted.
    Unblocked(PatronId, BlockCode),
    /// An initial password was handed out at the counter, on this kind of document.
    PasswordHandedOut(PatronId, IdentityProof),
    /// What a patron asked about the record was answered.
    RequestSettled(PatronId, RequestKind),
    /// What the library knows of the patron was put right: which facts.
    FactsPutRight(PatronId, String),
    /// A notice about the patron's card was printed: of which kind.
    NoticePrinted(PatronId, String),
    /// Such a notice left the library on paper.
    NoticeDelivered(PatronId, PaperWay),
}

impl PatronView {
    const fn what(&self) -> (&'static str, Option<PatronId>) {
        match self {
            Self::Searched { .. } => ("searched", None),
            Self::Opened(id) => ("opened", Some(*id)),
            Self::CardStopped(id) => ("card_stopped", Some(*id)),
            Self::CardReleased(id) | Self::LostCardReleased(id) => ("card_released", Some(*id)),
            Self::Blocked(id, _) => ("blocked", Some(*id)),
            Self::Unblocked(id, _) => ("unblocked", Some(*id)),
            Self::PasswordHandedOut(id, _) => ("password_handed_out", Some(*id)),
            Self::RequestSettled(id, _) => ("request_settled", Some(*id)),
            Self::FactsPutRight(id, _) => ("facts_put_right", Some(*id)),
            Self::NoticePrinted(id, _) => ("notice_printed", Some(*id)),
            Self::NoticeDelivered(id, _) => ("notice_delivered", Some(*id)),
        }
    }
}

/// Records what a member of staff did.
///
/// # Errors
/// [`StoreError::Database`] if patron and staff belong to different libraries.
pub async fn insert(tx: &mut Tx, by: &StaffMember, view: &PatronView, now: OffsetDateTime) -> Result<(), StoreError> {
    let (what, patron_id) = view.what();
    let (detail, hits) = match view {
        PatronView::Searched { kinds, hits } => (kinds.as_str(), i64::try_from(*hits).unwrap_or(i64::MAX)),
        PatronView::Blocked(_, code) | PatronView::Unblocked(_, code) => (code.as_str(), 0),
        PatronView::PasswordHandedOut(_, proof) => (proof.as_str(), 0),
        PatronView::RequestSettled(_, kind) => (kind.as_str(), 0),
        PatronView::FactsPutRight(_, facts) => (facts.as_str(), 0),
        PatronView::NoticePrinted(_, kind) => (kind.as_str(), 0),
        PatronView::NoticeDelivered(_, way) => (way.as_str(), 0),
        PatronView::LostCardReleased(_) => ("lost", 0),
        PatronView::Opened(_) | PatronView::CardStopped(_) | PatronView::CardReleased(_) => ("", 0),
    };
    on!(tx, |conn| {
        sqlx::query(
            "INSERT INTO patron_views (id, library_id, staff_id, patron_id, what, detail, hits, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(Uuid::new_v4())
        .bind(by.library_id.as_uuid())
        .bind(by.id.as_uuid())
        .bind(patron_id.map(PatronId::as_uuid))
        .bind(what)
        .bind(detail)
        .bind(hits)
        .bind(Timestamp::from(now))
        .execute(conn)
        .await
        .map(drop)
    })?;
    Ok(())
}
