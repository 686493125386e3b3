//! The row of an application: the state's own data spread over columns, and back.

use crate::domain::application::{Application, ApplicationState, Decider, Ending, Return, ServiceTime};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, SigningRequestId, StaffId};
use crate::domain::version::{Digest, Version};
use crate::store::StoreError;
use crate::store::rows::corrupt;
use crate::store::timestamp::Timestamp;
use time::{Date, Duration};
use uuid::Uuid;

/// The columns that a state fills; the table's CHECKs know which ones belong to which state.
#[derive(Default, sqlx::FromRow)]
pub(in crate::store) struct StateColumns {
    pub(in crate::store) expires_at: Option<Timestamp>,
    pub(in crate::store) version_number: Option<i64>,
    pub(in crate::store) version_digest: Option<Vec<u8>>,
    pub(in crate::store) request_id: Option<Uuid>,
    pub(in crate::store) submitted_at: Option<Timestamp>,
    /// In microseconds.
    pub(in crate::store) service_used: Option<i64>,
    pub(in crate::store) running_since: Option<Timestamp>,
    pub(in crate::store) reviewer_id: Option<Uuid>,
    pub(in crate::store) lease_until: Option<Timestamp>,
    pub(in crate::store) asked_number: Option<i64>,
    pub(in crate::store) asked_digest: Option<Vec<u8>>,
    pub(in crate::store) asked_by: Option<Uuid>,
    pub(in crate::store) asked_at: Option<Timestamp>,
    pub(in crate::store) answer_by: Option<Timestamp>,
    /// 1 if the rules decided.
    pub(in crate::store) decided_by_rule: i64,
    pub(in crate::store) decided_at: Option<Timestamp>,
    pub(in crate::store) ended_at: Option<Timestamp>,
    pub(in crate::store) ending: Option<String>,
}

impl StateColumns {
    pub(in crate::store) fn of(state: &ApplicationState) -> Self {
        let version = state.version();
        let mut columns = Self {
            version_number: version.map(|version| i64::from(version.number)),
            version_digest: version.map(|version| version.digest.as_bytes().to_vec()),
            ..Self::default()
        };
        if let Some(service) = state.service() {
            columns.submitted_at = Some(service.submitted_at.into());
            columns.service_used = Some(i64::try_from(service.used.whole_microseconds()).unwrap_or(i64::MAX));
            columns.running_since = service.running_since.map(Timestamp::from);
        }
        if let Some(asked) = state.correction() {
            columns.asked_number = Some(i64::from(asked.version.number));
            columns.asked_digest = Some(asked.version.digest.as_bytes().to_vec());
            columns.asked_by = Some(asked.reviewer.as_uuid());
            columns.asked_at = Some(asked.returned_at.into());
            columns.answer_by = Some(asked.answer_by.into());
        }
        match *state {
            ApplicationState::Draft { expires_at } | ApplicationState::AwaitingGuardian { expires_at, .. } => {
                columns.expires_at = Some(expires_at.into());
            }
            ApplicationState::AwaitingSignature { request, expires_at, .. } => {
                columns.request_id = Some(request.as_uuid());
                columns.expires_at = Some(expires_at.into());
            }
            ApplicationState::Submitted { .. } | ApplicationState::Returned(_) => {}
            ApplicationState::UnderReview { reviewer, lease_until, .. } => {
                columns.reviewer_id = Some(reviewer.as_uuid());
                columns.lease_until = Some(lease_until.into());
            }
            ApplicationState::Approved { decider, decided_at, .. }
            | ApplicationState::Issued { decider, decided_at, .. } => {
                columns.reviewer_id = decider.staff_id().map(StaffId::as_uuid);
                columns.decided_by_rule = i64::from(decider == Decider::Rule);
                columns.decided_at = Some(decided_at.into());
            }
            ApplicationState::Declined { reviewer, decided_at, .. } => {
                columns.reviewer_id = Some(reviewer.as_uuid());
                columns.decided_at = Some(decided_at.into());
            }
            ApplicationState::Withdrawn { withdrawn_at: ended_at }
            | ApplicationState::Lapsed { lapsed_at: ended_at, .. } => columns.ended_at = Some(ended_at.into()),
            ApplicationState::Purged { purged_at, ending } => {
                columns.ended_at = Some(purged_at.into());
                columns.ending = Some(ending.as_str().to_owned());
            }
        }
        columns
    }

    /// `None` if a column is empty that the state needs.
    fn state(&self, name: &str) -> Option<ApplicationState> {
        let expires_at = self.expires_at.map(Timestamp::time);
        let decided_at = self.decided_at.map(Timestamp::time);
        let ended_at = self.ended_at.map(Timestamp::time);
        Some(match name {
            "draft" => ApplicationState::Draft { expires_at: expires_at? },
            "awaiting_signature" => ApplicationState::AwaitingSignature {
                version: self.version()?,
                request: SigningRequestId::from_uuid(self.request_id?),
                expires_at: expires_at?,
                answers: self.correction()?,
            },
            "awaiting_guardian" => ApplicationState::AwaitingGuardian {
                version: self.version()?,
                expires_at: expires_at?,
                answers: self.correction()?,
            },
            "submitted" => ApplicationState::Submitted { version: self.version()?, service: self.service()? },
            "under_review" => ApplicationState::UnderReview {
                version: self.version()?,
                service: self.service()?,
                reviewer: self.reviewer()?,
                lease_until: self.lease_until?.time(),
            },
            "returned" => ApplicationState::Returned(self.correction()??),
            "approved" => ApplicationState::Approved {
                version: self.version()?,
                service: self.service()?,
                decider: self.decider()?,
                decided_at: decided_at?,
            },
            "issued" => ApplicationState::Issued {
                version: self.version()?,
                service: self.service()?,
                decider: self.decider()?,
                decided_at: decided_at?,
            },
            "declined" => ApplicationState::Declined {
                version: self.version()?,
                service: self.service()?,
                reviewer: self.reviewer()?,
                decided_at: decided_at?,
            },
            "withdrawn" => ApplicationState::Withdrawn { withdrawn_at: ended_at? },
            "lapsed" => ApplicationState::Lapsed { lapsed_at: ended_at?, unanswered: self.correction()? },
            "purged" => ApplicationState::Purged {
                purged_at: ended_at?,
                ending: Ending::ALL.into_iter().find(|ending| self.ending.as_deref() == Some(ending.as_str()))?,
            },
            _ => return None,
        })
    }

    fn version(&self) -> Option<Version> {
        version_of(self.version_number?, self.version_digest.as_deref()?)
    }

    fn service(&self) -> Option<ServiceTime> {
        Some(ServiceTime {
            submitted_at: self.submitted_at?.time(),
            used: Duration::microseconds(self.service_used?),
            running_since: self.running_since.map(Timestamp::time),
        })
    }

    /// The request for correction, if there is one; the outer `None` if its columns contradict each other.
    #[expect(clippy::option_option, reason = "none at all and an unreadable one are different things")]
    fn correction(&self) -> Option<Option<Return>> {
        let Some(number) = self.asked_number else { return Some(None) };
        Some(Some(Return {
            version: version_of(number, self.asked_digest.as_deref()?)?,
            service: self.service()?,
            reviewer: StaffId::from_uuid(self.asked_by?),
            returned_at: self.asked_at?.time(),
            answer_by: self.answer_by?.time(),
        }))
    }

    fn reviewer(&self) -> Option<StaffId> {
        self.reviewer_id.map(StaffId::from_uuid)
    }

    fn decider(&self) -> Option<Decider> {
        if self.decided_by_rule == 1 { Some(Decider::Rule) } else { self.reviewer().map(Decider::Staff) }
    }
}

fn version_of(number: i64, digest: &[u8]) -> Option<Version> {
    Some(Version { number: u32::try_from(number).ok()?, digest: Digest::try_from(digest).ok()? })
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
    language: String,
    patron_id: Option<Uuid>,
    branch: Option<String>,
    due_on: Option<Date>,
    state: String,
    #[sqlx(flatten)]
    columns: StateColumns,
}

/// An application with its key, unless that was erased.
#[derive(sqlx::FromRow)]
pub(super) struct KeyedRow {
    #[sqlx(flatten)]
    pub(super) application: ApplicationRow,
    pub(super) master_version: Option<i64>,
    pub(super) wrapped: Option<Vec<u8>>,
}

impl ApplicationRow {
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
            language: self.language.parse().ok()?,
            patron_id: self.patron_id.map(PatronId::from_uuid),
            branch: self.branch.as_deref().map(str::parse).transpose().ok()?,
            due_on: self.due_on,
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
