//! What staff do that is no step of an application: looking for patrons, files, templates, accounts, and their own
//! comings and goings. Each is written down.

use super::procedure::UnknownName;
use std::str::FromStr;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Came in.
    SignedIn,
    /// Went out.
    SignedOut,
    /// Looked for patrons.
    Searched,
    /// Opened a patron's record.
    Opened,
    /// Stopped a card.
    CardStopped,
    /// Lifted the library's stop.
    CardReleased,
    /// Put a block on a patron.
    Blocked,
    /// Lifted a block.
    Unblocked,
    /// Handed out an initial password at the counter.
    PasswordHandedOut,
    /// Answered what a patron asked about the record.
    RequestSettled,
    /// Put right what the library knows of a patron.
    FactsPutRight,
    /// Printed a notice about a patron's card.
    NoticePrinted,
    /// Handed such a notice over, or posted it.
    NoticeDelivered,
    /// Made a file for the library system.
    Exported,
    /// Took such a file.
    ExportTaken,
    /// Took patrons over from a file.
    Imported,
    /// Saved a template.
    TemplateSaved,
    /// Took a template out of use.
    TemplateRetired,
    /// Noted an absence.
    AbsenceNoted,
    /// Took one back.
    AbsenceRemoved,
    /// Named a card of their own people.
    RelationNamed,
    /// Took that back.
    RelationRemoved,
    /// Invited a colleague.
    AccountInvited,
    /// Ended a colleague's password and invited anew.
    AccountInvitedAgain,
    /// Gave a colleague other roles.
    AccountRoles,
    /// Shut a colleague out.
    AccountSuspended,
    /// Let a colleague in again.
    AccountReinstated,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::SignedIn,
        Self::SignedOut,
        Self::Searched,
        Self::Opened,
        Self::CardStopped,
        Self::CardReleased,
        Self::Blocked,
        Self::Unblocked,
        Self::PasswordHandedOut,
        Self::RequestSettled,
        Self::FactsPutRight,
        Self::NoticePrinted,
        Self::NoticeDelivered,
        Self::Exported,
        Self::ExportTaken,
        Self::Imported,
        Self::TemplateSaved,
        Self::TemplateRetired,
        Self::AbsenceNoted,
        Self::AbsenceRemoved,
        Self::RelationNamed,
        Self::RelationRemoved,
        Self::AccountInvited,
        Self::AccountInvitedAgain,
        Self::AccountRoles,
        Self::AccountSuspended,
        Self::AccountReinstated,
    ];

    /// The name in storage and addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::Searched => "searched",
            Self::Opened => "opened",
            Self::CardStopped => "card_stopped",
            Self::CardReleased => "card_released",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::PasswordHandedOut => "password_handed_out",
            Self::RequestSettled => "request_settled",
            Self::FactsPutRight => "facts_put_right",
            Self::NoticePrinted => "notice_printed",
            Self::NoticeDelivered => "notice_delivered",
            Self::Exported => "exported",
            Self::ExportTaken => "export_taken",
            Self::Imported => "imported",
            Self::TemplateSaved => "template_saved",
            Self::TemplateRetired => "template_retired",
            Self::AbsenceNoted => "absence_noted",
            Self::AbsenceRemoved => "absence_removed",
            Self::RelationNamed => "relation_named",
            Self::RelationRemoved => "relation_removed",
            Self::AccountInvited => "account_invited",
            Self::AccountInvitedAgain => "account_invited_again",
            Self::AccountRoles => "account_roles",
            Self::AccountSuspended => "account_suspended",
            Self::AccountReinstated => "account_reinstated",
        }
    }
}

impl FromStr for Deed {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for deed in Deed::ALL {
            assert_eq!(deed.as_str().parse(), Ok(deed));
        }
        assert!("forgot".parse::<Deed>().is_err());
    }
}
