//! The reviewers' queue in pages that continue after, or before, a key.
//!
//! What waits for somebody is little, whatever the years have piled up: one partial index holds it, and the tabs are
//! told apart by one expression, so that each application is in exactly one of them. Everything else is walked along
//! an index from a key; nothing counts it.

mod count;
mod list;

pub use count::count_queue;
pub use list::list_queue;

use super::row::ApplicationRow;
use crate::domain::application::Application;
use crate::domain::card_number::CardNumber;
use crate::domain::ids::{ApplicationId, StaffId};
use crate::domain::library::BranchCode;
use crate::domain::permission::Scope;
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName};
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use time::{Date, OffsetDateTime};

/// A part of the queue. An application that waits for somebody is in exactly one of the first six.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTab {
    /// Waiting for a reviewer: submitted, or claimed under a lease that has ended; not put aside.
    Unclaimed,
    /// Claimed by whoever looks, under a living lease.
    Mine,
    /// Claimed by somebody else.
    Colleagues,
    /// Put aside until a day.
    OnHold,
    /// The applicant or a guardian has to do something.
    WithApplicant,
    /// Approved; the library system has not confirmed it.
    AwaitingRegistration,
    /// To be answered by this day at the latest, whoever has it.
    DueBy(Date),
    /// Issued or declined, newest first.
    Decided,
    /// Everything that was ever submitted and not withdrawn, newest first.
    All,
}

impl QueueTab {
    /// True for what is walked from the newest back.
    #[must_use]
    pub const fn is_newest_first(self) -> bool {
        matches!(self, Self::Decided | Self::All)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::Mine => "mine",
            Self::Colleagues => "colleagues",
            Self::OnHold => "on_hold",
            Self::WithApplicant => "with_applicant",
            Self::AwaitingRegistration => "awaiting_registration",
            Self::DueBy(_) => "due",
            Self::Decided => "decided",
            Self::All => "all",
        }
    }
}

/// Of which branches applications are listed; all of them if `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchFilter(Option<Vec<BranchCode>>);

impl BranchFilter {
    /// The branches of a scope.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        match scope {
            Scope::Library => Self(None),
            Scope::Branches(branches) => Self(Some(branches.clone())),
        }
    }

    /// The codes between commas, as a text to be searched.
    fn listed(&self) -> Option<String> {
        let branches = self.0.as_ref()?;
        Some(branches.iter().fold(",".to_owned(), |list, branch| list + branch.as_str() + ","))
    }

    /// The branches to look through one by one; `None` for all at once. `wanted` narrows them.
    fn each(&self, wanted: Option<&BranchCode>) -> Option<Vec<BranchCode>> {
        match (&self.0, wanted) {
            (None, None) => None,
            (None, Some(wanted)) => Some(vec![wanted.clone()]),
            (Some(branches), None) => Some(branches.clone()),
            (Some(branches), Some(wanted)) => Some(branches.iter().filter(|code| *code == wanted).cloned().collect()),
        }
    }
}

/// What to look for in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueSearch {
    /// The public number.
    Reference(Reference),
    /// The number of the card that it led to, or is about.
    Card(CardNumber),
    /// The whole name, however its characters are spaced.
    Name(PersonName),
    /// The beginning of the name, or a further part of it as a whole; of either the first four signs count.
    NameStart(PersonName),
    /// The beginning of the reading; its first eight signs count.
    Kana(Kana),
    /// The date of birth.
    Birth(BirthDate),
    /// The e-mail address.
    Email(EmailAddress),
}

/// What narrows a part of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Only this procedure.
    pub procedure: Option<Procedure>,
    /// Only this branch.
    pub branch: Option<BranchCode>,
    /// Only what carries this flag; has no meaning in [`QueueTab::Decided`] and [`QueueTab::All`].
    pub flag: Option<QueueFlag>,
    /// Received at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Received before this time.
    pub until: Option<OffsetDateTime>,
}

/// Where a page begins, and which way it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QueueWalk {
    /// At the beginning.
    #[default]
    First,
    /// After this row.
    After(QueueKey),
    /// Before this row, walking back: rows come in the other order.
    Before(QueueKey),
}

/// A page of the queue.
#[derive(Debug, Clone, Copy)]
pub struct QueueQuery<'a> {
    /// Of which branches.
    pub branches: &'a BranchFilter,
    /// Who looks.
    pub staff: StaffId,
    /// The part.
    pub tab: QueueTab,
    /// What narrows it.
    pub filter: &'a QueueFilter,
    /// What to look for.
    pub search: Option<&'a QueueSearch>,
    /// Where it begins.
    pub walk: QueueWalk,
    /// How many rows at most.
    pub limit: u32,
}

/// The place of a row in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueKey {
    /// When it was submitted, or begun if a guardian has not signed yet.
    pub submitted_at: OffsetDateTime,
    /// Which application.
    pub id: ApplicationId,
}

impl QueueKey {
    /// The place of an application.
    #[must_use]
    pub fn of(application: &Application) -> Self {
        let submitted_at = application.state.submitted_at().unwrap_or(application.started_at);
        Self { submitted_at, id: application.id }
    }
}

/// Something that a reviewer should know before opening the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFlag {
    /// Nobody can say yet whether the certificate was revoked.
    RevocationUnknown,
    /// The certificate was revoked when the signature was received, as was found out later.
    CertificateRevoked,
    /// A mail about this application could not be delivered.
    MailFailed,
    /// Put aside until a day.
    OnHold,
    /// Approved once; another person has to look.
    SecondPerson,
    /// What this staff member asked to be put right has come back.
    Corrected(StaffId),
    /// The applicant has written, and nobody has read it.
    MessageUnread,
}

impl QueueFlag {
    /// Those by which the queue is narrowed, in the order in which they are offered.
    pub const FILTERS: [Self; 4] = [Self::RevocationUnknown, Self::MailFailed, Self::OnHold, Self::SecondPerson];

    /// The name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevocationUnknown => "revocation_unknown",
            Self::CertificateRevoked => "certificate_revoked",
            Self::MailFailed => "mail_failed",
            Self::OnHold => "on_hold",
            Self::SecondPerson => "second_person",
            Self::Corrected(_) => "corrected",
            Self::MessageUnread => "message_unread",
        }
    }
}

/// One line of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// The application.
    pub application: Application,
    /// The applicant's name; `None` once the personal data was erased.
    pub applicant: Option<PersonName>,
    /// What to know before opening it.
    pub flags: Vec<QueueFlag>,
    /// The day until which it is put aside.
    pub held_until: Option<Date>,
}

impl QueueRow {
    /// Its place.
    #[must_use]
    pub fn key(&self) -> QueueKey {
        QueueKey::of(&self.application)
    }
}

/// How many applications stand in each part of the queue. The parts that grow for ever are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// [`QueueTab::Unclaimed`].
    pub unclaimed: u64,
    /// [`QueueTab::Mine`].
    pub mine: u64,
    /// [`QueueTab::Colleagues`].
    pub colleagues: u64,
    /// [`QueueTab::OnHold`].
    pub on_hold: u64,
    /// [`QueueTab::WithApplicant`].
    pub with_applicant: u64,
    /// [`QueueTab::AwaitingRegistration`].
    pub awaiting_registration: u64,
    /// [`QueueTab::DueBy`].
    pub due: u64,
}

/// The states in which an application waits for somebody: written the same way as in its index.
macro_rules! waiting {
    () => {
        "a.state IN ('awaiting_signature', 'awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved')"
    };
}
use waiting;

/// In which tab an application stands, as `$3` sees it at `$2`, on the day `$4`; `h` is a hold that lasts. Says the
/// same as [`place_of`](crate::domain::queue::place_of).
macro_rules! place {
    () => {
        "CASE WHEN a.state = 'under_review' AND a.lease_until > $2
                 THEN CASE WHEN a.reviewer_id = $3 THEN 'mine' ELSE 'colleagues' END
             WHEN a.state IN ('submitted', 'under_review')
                 THEN CASE WHEN h.application_id IS NULL THEN 'unclaimed' ELSE 'on_hold' END
             WHEN a.state = 'returned' THEN 'with_applicant'
             WHEN a.state IN ('awaiting_signature', 'awaiting_guardian') AND a.asked_number IS NOT NULL
                 THEN 'with_applicant'
             WHEN a.state = 'approved' THEN 'awaiting_registration'
             ELSE 'nowhere' END"
    };
}
use place;
