//! The mails that ring the bell, and codes.

use crate::domain::device::DeviceKind;
use crate::domain::ids::{ApplicationId, LibraryId, MailId};
use crate::domain::language::Language;
use crate::domain::person::EmailAddress;
use crate::domain::reference::Reference;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// What a mail says. None of them carries a name, a card number or a secret, save a code that is the mail's purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MailContent {
    /// A six-digit code that proves that the address is read.
    Code {
        /// The code.
        code: String,
        /// Until when it can be used.
        #[serde(with = "time::serde::timestamp")]
        valid_until: OffsetDateTime,
    },
    /// The application was received.
    Received {
        /// The application's public number.
        reference: Reference,
        /// In how many open days the library means to answer.
        promised_days: u32,
        /// The day by which it does, where the days begin to count later: the card is searched for first.
        #[serde(with = "crate::domain::iso_date::option", skip_serializing_if = "Option::is_none", default)]
        answer_by: Option<Date>,
    },
    /// A notice is waiting in the portal.
    NoticeReady,
    /// A notice has been waiting in the portal for days.
    NoticeUnread {
        /// Since when, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        since: Date,
    },
    /// Something has to be put right.
    Correction {
        /// The last day for it, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        answer_by: Date,
    },
    /// Something is still to be done before its time is over.
    Reminder {
        /// What.
        todo: Todo,
        /// The last day for it, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        until: Date,
    },
    /// A guardian is asked to sign an application as well, for the first time or once more.
    Cosign {
        /// What leads there; it opens nothing without the code that the applicant tells.
        token: String,
        /// The last day for it, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        until: Date,
        /// True if it was asked before.
        is_reminder: bool,
    },
    /// The guardian's signature was received: said to the guardian.
    Cosigned {
        /// The application's public number.
        reference: Reference,
    },
    /// The guardian did not sign, and the applicant has to go on: said to the applicant.
    CosignRefused,
    /// The time to put something right is over, and the application has ended.
    Lapsed,
    /// Staff have written a message.
    Message,
    /// Facts about the patron were changed: said to the address before, in case it was somebody else's doing.
    FactsChanged,
    /// A card was stopped.
    CardStopped,
    /// The stop of a card was lifted: it can be used again.
    CardFound,
    /// The link of the My Number card was ended.
    CardUnlinked,
    /// Somebody has signed in from a device that was not known.
    NewDevice {
        /// When.
        #[serde(with = "time::serde::timestamp")]
        at: OffsetDateTime,
        /// What kind of device.
        device: DeviceKind,
    },
    /// A password of one's own was chosen in the place of the initial one.
    PasswordChosen,
    /// The password was changed.
    PasswordChanged,
    /// A passkey was added.
    PasskeyAdded {
        /// On what kind of device.
        device: DeviceKind,
    },
    /// The card's last day comes near.
    CardExpires {
        /// That day.
        #[serde(with = "crate::domain::iso_date")]
        on: Date,
        /// True if that day has come.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_last_day: bool,
    },
    /// The last day of the linked My Number card's signing certificate comes near.
    CertificateEnds {
        /// That day, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        on: Date,
    },
    /// The linked My Number card's signing certificate was found revoked.
    CertificateRevoked,
    /// The library has answered what was asked about the record.
    RequestAnswered,
    /// The account that its holder closed is erased: nothing is known of them any more.
    AccountClosed,
    /// The card ended long ago, and the record is erased.
    RecordErased {
        /// The last day on which it is kept, in Japan.
        #[serde(with = "crate::domain::iso_date")]
        until: Date,
    },
}

/// What a reminder reminds of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Todo {
    /// A draft is to be finished.
    Finish,
    /// Something is to be put right.
    Correct,
}

impl MailContent {
    /// The name in storage and events; also the name of the file of its words.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Code { .. } => "code",
            Self::Received { .. } => "received",
            Self::NoticeReady => "notice_ready",
            Self::NoticeUnread { .. } => "notice_unread",
            Self::Correction { .. } => "correction",
            Self::Reminder { .. } => "reminder",
            Self::Cosign { .. } => "cosign",
            Self::Cosigned { .. } => "cosigned",
            Self::CosignRefused => "cosign_refused",
            Self::Lapsed => "lapsed",
            Self::Message => "message",
            Self::FactsChanged => "facts_changed",
            Self::CardStopped => "card_stopped",
            Self::CardFound => "card_found",
            Self::CardUnlinked => "card_unlinked",
            Self::NewDevice { .. } => "new_device",
            Self::PasswordChosen => "password_chosen",
            Self::PasswordChanged => "password_changed",
            Self::PasskeyAdded { .. } => "passkey_added",
            Self::CardExpires { .. } => "card_expires",
            Self::CertificateEnds { .. } => "certificate_ends",
            Self::CertificateRevoked => "certificate_revoked",
            Self::RequestAnswered => "request_answered",
            Self::AccountClosed => "account_closed",
            Self::RecordErased { .. } => "record_erased",
        }
    }
}

impl std::fmt::Debug for MailContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailContent({})", self.kind())
    }
}

/// A mail to be handed over, at least once, under one `Message-ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Internal identity; the `Message-ID` is made of it, so a repeat is recognised.
    pub id: MailId,
    /// The library in whose name it is sent.
    pub library_id: LibraryId,
    /// The application it is about; a code for signing in has none.
    pub application_id: Option<ApplicationId>,
    /// To whom.
    pub recipient: EmailAddress,
    /// In which language it is written: the recipient's when it was queued.
    pub language: Language,
    /// What it says.
    pub content: MailContent,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
    /// How often it was tried.
    pub attempts: u32,
}
