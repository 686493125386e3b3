//! What can be wrong with a library's rules.

use crate::domain::card_number::InvalidSeries;
use crate::domain::exchange::ProfileFault;
use crate::domain::library::{BranchCode, CategoryCode, ConsentId, EvidenceCode, InvalidCalendar, UnreadRules};
use crate::domain::procedure::Procedure;

/// What can be wrong with a library's rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Not TOML, or a field is missing, unknown or of another form; in the words of the reader.
    #[error("{0}")]
    Unreadable(String),
    /// The slug is not 1 to 32 lower-case letters, digits and hyphens.
    #[error("the slug has other signs than lower-case letters, digits and hyphens, or is too long")]
    Slug,
    /// The slug is the beginning of an address of the portal itself.
    #[error("the slug is an address of the portal itself")]
    ReservedSlug,
    /// A text that people read is empty.
    #[error("{0} is empty")]
    EmptyText(&'static str),
    /// A list that must offer something is empty.
    #[error("{0} is an empty list")]
    EmptyList(&'static str),
    /// Two branches have one code.
    #[error("the branch {0} is listed twice")]
    RepeatedBranch(BranchCode),
    /// Two categories have one code.
    #[error("the category {0} is listed twice")]
    RepeatedCategory(CategoryCode),
    /// Two consents have one id.
    #[error("the consent {0} is listed twice")]
    RepeatedConsent(ConsentId),
    /// A branch is named that is not listed.
    #[error("there is no branch {0}")]
    UnknownBranch(BranchCode),
    /// An area does not begin with a prefecture.
    #[error("the area {0:?} does not begin with a prefecture")]
    Area(String),
    /// Nothing may be borrowed.
    #[error("the loan limit of the category {0} is zero")]
    LoanLimit(CategoryCode),
    /// Years or days out of range.
    #[error("the validity needs 1 to 100 years, and a day and month that exist")]
    Validity,
    /// Numbers cannot be issued from the series.
    #[error("number_series: {0}")]
    NumberSeries(#[from] InvalidSeries),
    /// An initial password would be too weak or too long.
    #[error("the password needs 8 to 32 signs")]
    PasswordLength,
    /// A number of days that must not be zero is zero.
    #[error("{0} must be at least 1")]
    NoDays(&'static str),
    /// A consent's versions count from 1.
    #[error("the version of the consent {0} must be at least 1")]
    ConsentVersion(ConsentId),
    /// The opening calendar cannot be used.
    #[error("{0}")]
    OpenDays(#[from] InvalidCalendar),
    /// A length of time is nothing, or longer than anybody lives.
    #[error("{0} must be between 1 day and 100 years")]
    Span(&'static str),
    /// Days before a date are not in falling order, or reach further than the time that they lie in.
    #[error("{0} must fall from the longest to the shortest, and each lie within the time it reminds of")]
    Reminders(&'static str),
    /// A number that must not be zero is zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// Neither before nor after expiry may a card be renewed.
    #[error("a card could never be renewed")]
    NeverRenewable,
    /// A procedure is decided by rule for which that is not foreseen.
    #[error("only a renewal can be decided automatically, not {}", .0.as_str())]
    Automatic(Procedure),
    /// A block would stop people who are no patrons yet.
    #[error("a block stops procedures of patrons, and whoever asks for a new card is none")]
    BlockedNewCard,
    /// A guardian signs for people who apply themselves, or signs as well for nobody.
    #[error("signs_below_age must not be above the age for applying online, nor cosigns_below_age below it")]
    GuardianAges,
    /// A category's ages leave nobody.
    #[error("the ages of the category {0} leave nobody")]
    CategoryAges(CategoryCode),
    /// A procedure or proof is listed twice.
    #[error("{0} names something twice")]
    Repeated(&'static str),
    /// Two entries of a list have one code.
    #[error("the code {1} stands twice in {0}")]
    RepeatedCode(&'static str, String),
    /// Nothing that is accepted proves what is asked for.
    #[error("no evidence is accepted that proves what is asked for")]
    NoEvidence,
    /// Evidence is accepted from a day that comes after the last one.
    #[error("the evidence {0} is accepted from a day after the last one")]
    AcceptedDates(EvidenceCode),
    /// Cards would end with documents none of which has an end.
    #[error(
        "the cards of the category {0} cannot end with its proof: no evidence with valid_for = \"own_expiry\" meets what it asks for"
    )]
    NoEndOfProof(CategoryCode),
    /// Reminders of notices that nobody opens come in another order, or too late.
    #[error("{0} must rise from the shortest to the longest, and each lie between 1 and the day before paper_after, or {most}", most = UnreadRules::LOOKED_BACK_DAYS - 1)]
    UnreadReminders(&'static str),
    /// A notice would go on paper when nobody looks for it any more.
    #[error("{0} must be less than {most}", most = UnreadRules::LOOKED_BACK_DAYS)]
    UnreadTooLate(&'static str),
    /// A file for the library system cannot be as it is described.
    #[error("exchange: {0}")]
    Exchange(#[from] ProfileFault),
}
