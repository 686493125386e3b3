//! The row of an application: the state's own data spread over columns, and back.

use crate::domain::application::{Application, ApplicationState};
use crate::domain::ids::{ApplicationId, LibraryId, SigningRequestId, StaffId};
use crate::domain::version::Digest;
use crate::domain::version::Version;
use crate::store::StoreError;
use crate::store::rows::corrupt;
use crate::store::timestamp::Timestamp;
use time::OffsetDateTime;
use uuid::Uuid;

/// The columns that a state fills; the table's CHECKs know which ones belong to which state.
#[derive(Default, sqlx::FromRow)]
pub(super) struct StateColumns {
    pub(super) expires_at: Option<Timestamp>,
    pub(super) version_number: Option<i64>,
    pub(super) version_digest: Option<Vec<u8>>,
    pub(super) request_id: Option<Uuid>,
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) reviewer_id: Option<Uuid>,
    pub(super) lease_until: Option<Timestamp>,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
}

impl StateColumns {
    pub(super) fn of(state: &ApplicationState) -> Self {
        let version = state.version();
        let mut columns = Self {
            version_number: version.map(|version| i64::from(version.number)),
            version_digest: version.map(|version| version.digest.as_bytes().to_vec()),
            ..Self::default()
        };
        match *state {
            ApplicationState::Draft { expires_at } => columns.expires_at = Some(expires_at.into()),
            ApplicationState::AwaitingSignature { request, expires_at, .. } => {
                columns.request_id = Some(request.as_uuid());
                columns.expires_at = Some(expires_at.into());
            }
            ApplicationState::Submitted { submitted_at, .. } => columns.submitted_at = Some(submitted_at.into()),
            ApplicationState::UnderReview { submitted_at, reviewer, lease_until, .. } => {
                columns.submitted_at = Some(submitted_at.into());
                columns.reviewer_id = Some(reviewer.as_uuid());
                columns.lease_until = Some(lease_until.into());
            }
            ApplicationState::Issued { submitted_at, reviewer, decided_at, .. }
            | ApplicationState::Declined { submitted_at, reviewer, decided_at, .. } => {
                columns.submitted_at = Some(submitted_at.into());
                columns.reviewer_id = Some(reviewer.as_uuid());
                columns.decided_at = Some(decided_at.into());
            }
            ApplicationState::Withdrawn { withdrawn_at: ended_at }
            | ApplicationState::Lapsed { lapsed_at: ended_at } => columns.ended_at = Some(ended_at.into()),
        }
        columns
    }

    /// `None` if a column is empty that the state needs.
    fn state(&self, name: &str) -> Option<ApplicationState> {
        let expires_at = self.expires_at.map(Timestamp::time);
        let submitted_at = self.submitted_at.map(Timestamp::time);
        let reviewer = self.reviewer_id.map(StaffId::from_uuid);
        let decided_at = self.decided_at.map(Timestamp::time);
        let ended_at = self.ended_at.map(Timestamp::time);
        Some(match name {
            "draft" => ApplicationState::Draft { expires_at: expires_at? },
            "awaiting_signature" => ApplicationState::AwaitingSignature {
                version: self.version()?,
                request: SigningRequestId::from_uuid(self.request_id?),
                expires_at: expires_at?,
            },
            "submitted" => ApplicationState::Submitted { version: self.version()?, submitted_at: submitted_at? },
            "under_review" => ApplicationState::UnderReview {
                version: self.version()?,
                submitted_at: submitted_at?,
                reviewer: reviewer?,
                lease_until: self.lease_until?.time(),
            },
            "issued" => ApplicationState::Issued {
                version: self.version()?,
                submitted_at: submitted_at?,
                reviewer: reviewer?,
                decided_at: decided_at?,
            },
            "declined" => ApplicationState::Declined {
                version: self.version()?,
                submitted_at: submitted_at?,
                reviewer: reviewer?,
                decided_at: decided_at?,
            },
            "withdrawn" => ApplicationState::Withdrawn { withdrawn_at: ended_at? },
            "lapsed" => ApplicationState::Lapsed { lapsed_at: ended_at? },
            _ => return None,
        })
    }

    fn version(&self) -> Option<Version> {
        Some(Version {
            number: u32::try_from(self.version_number?).ok()?,
            digest: Digest::try_from(self.version_digest.as_deref()?).ok()?,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ApplicationRow {
    pub(super) id: Uuid,
    pub(super) library_id: Uuid,
    reference: String,
    procedure: String,
    rules_version: i64,
    last_version: i64,
    row_version: i64,
    started_at: Timestamp,
    state: String,
    #[sqlx(flatten)]
    columns: StateColumns,
}

impl ApplicationRow {
    pub(super) fn submitted_at(&self) -> Option<OffsetDateTime> {
        self.columns.submitted_at.map(Timestamp::time)
    }

    fn parse(&self) -> Option<Application> {
        Some(Application {
            id: ApplicationId::from_uuid(self.id),
            library_id: LibraryId::from_uuid(self.library_id),
            reference: self.reference.parse().ok()?,
            procedure: self.procedure.parse().ok()?,
            rules_version: u32::try_from(self.rules_version).ok()?,
            last_version: u32::try_from(self.last_version).ok()?,
            row_version: self.row_version,
            started_at: self.started_at.time(),
            state: self.columns.state(&self.state)?,
        })
    }
}

impl TryFrom<ApplicationRow> for Application {
    type Error = StoreError;

    fn try_from(row: ApplicationRow) -> Result<Self, StoreError> {
        row.parse().ok_or_else(|| corrupt("applications", row.id))
    }
}
