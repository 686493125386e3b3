//! What staff did, mails and devices, in the language of the page.

use crate::domain::deed::Deed;
use crate::domain::device::DeviceKind;
use crate::domain::event::EventKind;
use crate::domain::patron_deed::PatronDeed;
use crate::domain::permission::Role;
use crate::service::own_record::Looked;
use crate::words::{Phrase, Words};

/// As what somebody looked.
pub(super) fn of_role(words: Words, role: Role) -> Phrase {
    match role {
        Role::Reception => words.card_record_role_reception(),
        Role::Reviewer => words.card_record_role_reviewer(),
        Role::Approver => words.card_record_role_approver(),
        Role::Supervisor => words.card_record_role_supervisor(),
        Role::Administrator => words.card_record_role_administrator(),
        Role::Auditor => words.card_record_role_auditor(),
        Role::Contractor => words.card_record_role_contractor(),
    }
}

/// What somebody of the staff did.
pub(super) fn of_look(words: Words, what: Looked) -> Phrase {
    match what {
        Looked::AtPatron(Deed::CardStopped) => words.card_record_look_stopped(),
        Looked::AtPatron(Deed::CardReleased) => words.card_record_look_released(),
        Looked::AtPatron(Deed::Blocked) => words.card_record_look_blocked(),
        Looked::AtPatron(Deed::Unblocked) => words.card_record_look_unblocked(),
        Looked::AtPatron(Deed::PasswordHandedOut) | Looked::AtApplication(EventKind::PasswordHandedOut) => {
            words.card_record_look_password()
        }
        Looked::AtPatron(Deed::FactsPutRight) | Looked::AtApplication(EventKind::FactsPutRight) => {
            words.card_record_look_put_right()
        }
        Looked::AtPatron(Deed::NoticePrinted) => words.card_record_look_printed(),
        Looked::AtPatron(Deed::NoticeDelivered) => words.card_record_look_delivered(),
        Looked::AtPatron(Deed::RequestSettled) => words.card_record_look_request(),
        Looked::AtPatron(_) => words.card_record_look_opened(),
        Looked::AtApplication(EventKind::Viewed) => words.card_record_look_viewed(),
        Looked::AtApplication(EventKind::EvidenceTaken) => words.card_record_look_taken(),
        Looked::AtApplication(_) => words.card_record_look_reviewed(),
    }
}

/// What the patron did.
pub(super) fn of_deed(words: Words, deed: PatronDeed) -> Phrase {
    match deed {
        PatronDeed::CardStopped => words.card_record_did_stop(),
        PatronDeed::CardFound => words.card_record_did_find(),
        PatronDeed::CardUnlinked => words.card_record_did_unlink(),
        PatronDeed::Asked => words.card_record_did_ask(),
        PatronDeed::TakenBack => words.card_record_did_take_back(),
        PatronDeed::PasswordChosen => words.card_record_did_choose_password(),
        PatronDeed::PasswordShown => words.card_record_did_show_password(),
        PatronDeed::NoticeRead => words.card_record_did_read_notice(),
        PatronDeed::NoticeDownloaded => words.card_record_did_save_notice(),
        PatronDeed::Applied => words.card_record_did_apply(),
        PatronDeed::Withdrew => words.card_record_did_withdraw(),
        PatronDeed::Wrote => words.card_record_did_write(),
        PatronDeed::SignedIn => words.card_record_did_sign_in(),
    }
}

/// What kind of mail went out.
pub(super) fn of_mail(words: Words, kind: &str) -> Phrase {
    match kind {
        "code" => words.card_record_mail_code(),
        "received" => words.card_record_mail_received(),
        "notice_ready" | "notice_unread" => words.card_record_mail_notice(),
        "correction" | "reminder" | "lapsed" => words.card_record_mail_reminder(),
        "cosign" | "cosigned" | "cosign_refused" => words.card_record_mail_guardian(),
        "request_answered" => words.card_record_mail_answer(),
        "message" => words.card_record_mail_message(),
        "facts_changed" | "card_stopped" | "card_found" | "card_unlinked" => words.card_record_mail_changed(),
        "new_device" | "password_chosen" | "password_changed" | "passkey_added" => words.card_record_mail_sign_in(),
        "card_expires" | "certificate_ends" | "certificate_revoked" | "record_erased" | "account_closed" => {
            words.card_record_mail_end()
        }
        _ => words.card_record_mail_other(),
    }
}

/// A kind of device.
pub(super) fn of_device(words: Words, kind: Option<DeviceKind>) -> Phrase {
    match kind {
        Some(DeviceKind::Iphone) => words.say("iPhone"),
        Some(DeviceKind::Ipad) => words.say("iPad"),
        Some(DeviceKind::Android) => words.say("Android"),
        Some(DeviceKind::Windows) => words.say("Windows"),
        Some(DeviceKind::Mac) => words.say("Mac / iPad"),
        Some(DeviceKind::Linux) => words.say("Linux"),
        Some(DeviceKind::Other) | None => words.card_record_device_other(),
    }
}
