//! Identifiers: one newtype per kind of thing, so that a card can never be looked up by a notice's id.
//!
//! Ids are UUID v7 (they sort by the time they were made) and stay inside the portal;
//! people see a [`Reference`](super::reference::Reference) or a card number instead.

use std::fmt;
use time::OffsetDateTime;
use uuid::{NoContext, Timestamp, Uuid};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id that sorts after those made before `now`.
            #[must_use]
            pub fn new(now: OffsetDateTime) -> Self {
                Self(uuid_v7(now))
            }

            /// Takes an id back out of storage.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage and for sealing.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A library: the tenant that owns every row.
    LibraryId,
    /// An application, from its draft to its end.
    ApplicationId,
    /// A request to a signing app to sign one version of one application.
    SigningRequestId,
    /// A request to sign in with the card.
    CardSignInId,
    /// A person who holds (or held) a card.
    PatronId,
    /// An issued card number.
    CardId,
    /// The reservation password of a patron (予約用パスワード).
    CredentialId,
    /// A passkey of a patron.
    PasskeyId,
    /// Something that a patron asks about the record.
    PatronRequestId,
    /// A notice placed in the portal for its applicant.
    NoticeId,
    /// Something that applicant and staff write to each other.
    MessageId,
    /// A mail waiting in the outbox.
    MailId,
    /// A member of the library's staff.
    StaffId,
    /// The certificate on which a card was issued.
    CertificateLinkId,
    /// A confirmation code sent by e-mail.
    EmailCodeId,
    /// A way from the screen of a PC to a telephone that signs.
    HandoffId,
    /// A mail that asks a guardian to sign as well.
    CosignInvitationId,
    /// A question to a colleague about an application.
    OpinionId,
    /// What colleagues tell each other about an application.
    MemoId,
    /// A text to begin with.
    TemplateId,
    /// Days on which a member of staff is not there.
    AbsenceId,
    /// A file that was made for the library system.
    ExportId,
    /// What the library system has to take in of an approval.
    RegistrationId,
    /// A file of the library system that was read.
    ImportId,
    /// What a reviewer said of two people who may be one.
    DuplicateVerdictId,
    /// A picture attached to an application.
    AttachmentId,
}

fn uuid_v7(now: OffsetDateTime) -> Uuid {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.nanosecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let earlier = ApplicationId::new(datetime!(2026-11-20 09:00 UTC));
        let later = ApplicationId::new(datetime!(2026-11-20 09:01 UTC));
        assert!(earlier < later);
    }

    #[test]
    fn an_id_survives_its_text_form() {
        let id = StaffId::new(datetime!(2026-11-20 09:00 UTC));
        assert_eq!(id.to_string().parse::<StaffId>().unwrap(), id);
    }
}
