//! The append-only record of what happened to an application, each entry chained to the one before.
//!
//! Events name actors, versions and fields, never their contents: they outlive the
//! personal data and must not keep any of it.

use super::ids::{ApplicationId, LibraryId, StaffId};
use time::OffsetDateTime;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The applicant, or a guardian who signs beside them: the kind tells which.
    Applicant,
    /// A member of staff.
    Staff(StaffId),
    /// The portal itself: timers and workers.
    System,
}

impl Actor {
    /// The name in storage.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Staff(_) => "staff",
            Self::System => "system",
        }
    }

    /// The staff member, if it was one.
    #[must_use]
    pub const fn staff_id(self) -> Option<StaffId> {
        match self {
            Self::Staff(id) => Some(id),
            Self::Applicant | Self::System => None,
        }
    }
}

/// Writes the kinds, their names and the list of them from one table.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident => $name:literal;)+) => {
        /// What happened. The names are stored and hashed: never rename one, only add.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)+
        }

        impl EventKind {
            /// All kinds, for reading them back.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The name in storage and in the chain.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

event_kinds! {
    /// A draft was begun.
    Started => "started";
    /// The e-mail address was confirmed by a code.
    EmailConfirmed => "email_confirmed";
    /// The draft was opened again by e-mail code.
    Resumed => "resumed";
    /// A version was frozen for signature.
    Frozen => "frozen";
    /// The signing app was asked to have a version signed.
    SigningBegun => "signing_begun";
    /// The applicant stopped in the signing app, or signing failed there.
    SigningFailed => "signing_failed";
    /// A signature came back that was not accepted.
    SignatureRefused => "signature_refused";
    /// The applicant went back to the draft.
    Edited => "edited";
    /// A verified signature was accepted.
    Submitted => "submitted";
    /// A staff member opened the file.
    Viewed => "viewed";
    /// Claimed for review.
    Claimed => "claimed";
    /// A staff member took a copy of the signed document or its signature.
    EvidenceTaken => "evidence_taken";
    /// Put back into the queue.
    Released => "released";
    /// Decided yes.
    Approved => "approved";
    /// Number and notice made.
    Issued => "issued";
    /// Decided no.
    Declined => "declined";
    /// Taken back by the applicant.
    Withdrawn => "withdrawn";
    /// The draft's time ran out.
    Lapsed => "lapsed";
    /// The notice was read for the first time.
    NoticeRead => "notice_read";
    /// The notice was downloaded as PDF.
    NoticeDownloaded => "notice_downloaded";
    /// A notice was printed at the library, to go on paper.
    NoticePrinted => "notice_printed";
    /// It was opened by nobody for so long that it goes on paper.
    NoticeOnPaper => "notice_on_paper";
    /// Somebody was reminded of a notice that nobody had opened.
    NoticeReminded => "notice_reminded";
    /// A notice on paper was handed over at the counter.
    NoticeHandedOver => "notice_handed_over";
    /// A notice on paper was posted.
    NoticePosted => "notice_posted";
    /// The initial password was generated and shown.
    PasswordShown => "password_shown";
    /// The patron has taken a password of their own.
    PasswordChosen => "password_chosen";
    /// An initial password was handed out at the counter, after it was checked who asks.
    PasswordHandedOut => "password_handed_out";
    /// A mail was handed over to the mail server.
    MailHandedOver => "mail_handed_over";
    /// A mail was given up.
    MailFailed => "mail_failed";
    /// A mail that was handed over came back: nobody is at the address.
    MailReturned => "mail_returned";
    /// A mail that was handed over came back for another reason.
    MailReturnedForNow => "mail_returned_for_now";
    /// A mail was not sent: an earlier one to the same address came back.
    MailWithheld => "mail_withheld";
    /// A list or responder told of the signer's certificate after the receipt.
    RevocationAnswered => "revocation_answered";
    /// The certificate on which the card was issued was found revoked.
    CertificateRevoked => "certificate_revoked";
    /// The number of the user-authentication certificate was recorded.
    CertificateNumberRecorded => "certificate_number_recorded";
    /// The number of the user-authentication certificate was confirmed.
    CertificateNumberConfirmed => "certificate_number_confirmed";
    /// The number of the user-authentication certificate was removed.
    CertificateNumberRemoved => "certificate_number_removed";
    /// A colleague's claim was taken over.
    TakenOver => "taken_over";
    /// The lease of a claim ended by itself.
    LeaseEnded => "lease_ended";
    /// Sent back to the applicant for correction.
    Returned => "returned";
    /// The guardian was asked to sign as well.
    GuardianAsked => "guardian_asked";
    /// The guardian has signed.
    Cosigned => "cosigned";
    /// The applicant named another guardian, or another address of theirs, or asked once more.
    GuardianNamed => "guardian_named";
    /// The guardian has typed the code and may read what was signed.
    GuardianConfirmed => "guardian_confirmed";
    /// The signing app was asked to have the guardian sign.
    CosigningBegun => "cosigning_begun";
    /// The guardian stopped in the signing app, or signing failed there.
    CosigningFailed => "cosigning_failed";
    /// A signature came back that was not accepted as the guardian's.
    CosignatureRefused => "cosignature_refused";
    /// The guardian does not agree: the applicant's signature is void.
    GuardianDeclined => "guardian_declined";
    /// Whoever was asked is not the guardian: the applicant's signature is void.
    GuardianAddressWrong => "guardian_address_wrong";
    /// Too many wrong codes: the guardian has to be asked once more.
    GuardianLockedOut => "guardian_locked_out";
    /// Approved for the first of two times.
    ApprovedFirst => "approved_first";
    /// A decision was opened again.
    Reopened => "reopened";
    /// A reviewer said whether another registered person is the applicant.
    DuplicateJudged => "duplicate_judged";
    /// A member of staff left the application to others, being the applicant or close to them.
    Recused => "recused";
    /// The draft became a visit slip for the counter.
    VisitSlipMade => "visit_slip_made";
    /// A member of staff saw the visitor's documents and entered the application without a signature.
    EnteredAtCounter => "entered_at_counter";
    /// The applicant sent pictures of documents in place of a signature.
    SubmittedUnsigned => "submitted_unsigned";
    /// Made up as a whole to try the portal with: nobody applied, and nothing was signed.
    Seeded => "seeded";
    /// The contents were erased.
    Purged => "purged";
    /// The record of the patron whom it made one was erased, long after the card's last day.
    PatronErased => "patron_erased";
    /// The applicant said that something asked about is right as it is.
    CorrectionAnswered => "correction_answered";
    /// A message was sent.
    MessageSent => "message_sent";
    /// The other side opened a message.
    MessageRead => "message_read";
    /// A reminder was queued.
    Reminded => "reminded";
    /// Put aside until a day.
    Held => "held";
    /// Taken up again before or after that day.
    HoldEnded => "hold_ended";
    /// A colleague was asked what they think.
    OpinionAsked => "opinion_asked";
    /// The colleague said what they think.
    OpinionGiven => "opinion_given";
    /// A memo was written among colleagues.
    MemoWritten => "memo_written";
    /// A member of staff said whose card it is about.
    PatronMatched => "patron_matched";
    /// The holder stopped the card.
    CardStopped => "card_stopped";
    /// The lost card turned up: the stop was lifted.
    CardFound => "card_found";
    /// The holder ended the link of the My Number card.
    CardUnlinked => "card_unlinked";
    /// A member of staff put right what the library knows of the patron.
    FactsPutRight => "facts_put_right";
    /// Approved, and waits for the library system to take it in.
    Registered => "registered";
    /// The library system did not take it: the approval was taken back.
    RegistrationRefused => "registration_refused";
    /// A picture was attached to the draft.
    AttachmentAdded => "attachment_added";
    /// The applicant took an attached picture back.
    AttachmentRemoved => "attachment_removed";
    /// A staff member looked at an attached picture.
    AttachmentViewed => "attachment_viewed";
    /// A staff member destroyed an attached picture that may not be kept.
    AttachmentDestroyed => "attachment_destroyed";
    /// A reviewer noted until when a document counts.
    ProofNoted => "proof_noted";
    /// The attached pictures were erased, their time after the decision being over.
    AttachmentsErased => "attachments_erased";
}

impl std::str::FromStr for EventKind {
    type Err = super::procedure::UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name).ok_or(super::procedure::UnknownName)
    }
}

/// Something that happened, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// What.
    pub kind: EventKind,
    /// Who.
    pub actor: Actor,
    /// The frozen version it is about; 0 before the first.
    pub version: u32,
    /// A word or two that say more: a reason code, a mail's kind. Never contents.
    pub detail: String,
    /// When.
    pub at: OffsetDateTime,
}

/// An event in its place: `hash` covers the event, its number and the hash before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedEvent {
    /// The event.
    pub event: Event,
    /// From 1, without gaps, per application.
    pub seq: i64,
    /// The hash of the event before; 32 zero bytes for the first.
    pub prev_hash: [u8; 32],
    /// SHA-256 over [`chain_input`].
    pub hash: [u8; 32],
}

/// The bytes whose SHA-256 is an event's hash: each part preceded by its length, so that no two events share them.
#[must_use]
pub fn chain_input(event: &Event, seq: i64, prev_hash: &[u8; 32]) -> Vec<u8> {
    let actor = event.actor.staff_id().map(|id| id.to_string()).unwrap_or_default();
    let micros = event.at.unix_timestamp_nanos() / 1000;
    let (library, application) = (event.library_id.as_uuid(), event.application_id.as_uuid());
    let parts: [&[u8]; 10] = [
        prev_hash,
        &seq.to_be_bytes(),
        library.as_bytes(),
        application.as_bytes(),
        event.kind.as_str().as_bytes(),
        event.actor.kind().as_bytes(),
        actor.as_bytes(),
        &event.version.to_be_bytes(),
        event.detail.as_bytes(),
        &micros.to_be_bytes(),
    ];
    let mut input = Vec::with_capacity(256);
    for part in parts {
        input.extend_from_slice(&(part.len() as u64).to_be_bytes());
        input.extend_from_slice(part);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use time::Duration;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    fn event() -> Event {
        Event {
            library_id: LibraryId::new(NOW),
            application_id: ApplicationId::new(NOW),
            kind: EventKind::Claimed,
            actor: Actor::Staff(StaffId::new(NOW)),
            version: 1,
            detail: "first".into(),
            at: NOW,
        }
    }

    #[test]
    fn every_field_of_an_event_changes_what_is_hashed() {
        let event = event();
        let later = NOW + Duration::SECOND;
        let inputs = [
            chain_input(&event, 1, &[0; 32]),
            chain_input(&event, 2, &[0; 32]),
            chain_input(&event, 1, &[1; 32]),
            chain_input(&Event { library_id: LibraryId::new(later), ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { application_id: ApplicationId::new(later), ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { kind: EventKind::Released, ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { actor: Actor::Staff(StaffId::new(later)), ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { actor: Actor::Applicant, ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { actor: Actor::System, ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { version: 2, ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { detail: "second".into(), ..event.clone() }, 1, &[0; 32]),
            chain_input(&Event { at: NOW + Duration::MICROSECOND, ..event.clone() }, 1, &[0; 32]),
        ];
        assert_eq!(inputs.iter().collect::<BTreeSet<_>>().len(), inputs.len());
        assert_eq!(chain_input(&event, 1, &[0; 32]), inputs[0], "and the same event is the same bytes");
    }

    #[test]
    fn text_cannot_slide_from_one_field_into_the_next() {
        let length_of = |detail: &str| chain_input(&Event { detail: detail.into(), ..event() }, 1, &[0; 32]).len();
        assert_eq!(length_of("abcd") - length_of(""), 4, "a length of fixed size stands before each part");
    }

    #[test]
    fn parts_of_a_microsecond_are_not_stored_and_not_hashed() {
        let event = event();
        let finer = Event { at: NOW + Duration::nanoseconds(999), ..event.clone() };
        assert_eq!(chain_input(&finer, 1, &[0; 32]), chain_input(&event, 1, &[0; 32]));
    }

    #[test]
    fn every_kind_is_read_back_from_its_own_name() {
        let names: BTreeSet<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), EventKind::ALL.len());
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("unknown".parse::<EventKind>().is_err());
    }
}
