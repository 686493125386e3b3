//! What each mail says, in the words of its reader.

use crate::domain::device::DeviceKind;
use crate::domain::notice::{MailContent, Todo};
use crate::words::{Lang, Phrase, Words};
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime};

/// What a mail says.
pub(super) struct Wording {
    /// What stands in the subject behind the library's name.
    pub(super) subject: Phrase,
    /// What stands above the foot.
    pub(super) body: Phrase,
    /// True if somebody else may have typed the address.
    pub(super) may_be_unexpected: bool,
}

impl Wording {
    /// What `content` says in these words.
    pub(super) fn of(content: &MailContent, words: Words, base_url: &str) -> Self {
        let (subject, body) = said(content, words, base_url);
        let may_be_unexpected = matches!(
            content,
            MailContent::Code { .. }
                | MailContent::Received { .. }
                | MailContent::Cosign { .. }
                | MailContent::Cosigned { .. }
        );
        Self { subject, body, may_be_unexpected }
    }
}

fn said(content: &MailContent, words: Words, base_url: &str) -> (Phrase, Phrase) {
    let day = |day: Date| words.date_month_day(u8::from(day.month()), day.day());
    match content {
        MailContent::Code { code, valid_until } => {
            (words.mail_code_subject(), words.mail_code_body(code.as_str(), clock(*valid_until)))
        }
        MailContent::Received { reference, promised_days, answer_by } => {
            let reference = reference.to_string();
            let body = match answer_by {
                Some(answer_by) => words.mail_received_body_searched(reference, day(*answer_by)),
                None => words.mail_received_body(reference, *promised_days),
            };
            (words.mail_received_subject(), body)
        }
        MailContent::NoticeReady => (words.mail_notice_ready_subject(), words.mail_notice_ready_body()),
        MailContent::NoticeUnread { since } => {
            (words.mail_notice_unread_subject(), words.mail_notice_unread_body(day(*since)))
        }
        MailContent::Correction { answer_by } => {
            (words.mail_correction_subject(), words.mail_correction_body(day(*answer_by)))
        }
        MailContent::Reminder { todo: Todo::Finish, until } => {
            (words.mail_reminder_subject_finish(), words.mail_reminder_body_finish(day(*until)))
        }
        MailContent::Reminder { todo: Todo::Correct, until } => {
            (words.mail_reminder_subject_correct(), words.mail_reminder_body_correct(day(*until)))
        }
        MailContent::Cosign { token, until, is_reminder } => {
            let (address, until) = (cosigning_address(base_url, token, words.lang()), day(*until));
            if *is_reminder {
                (words.mail_cosign_subject_again(), words.mail_cosign_body_again(address, until))
            } else {
                (words.mail_cosign_subject(), words.mail_cosign_body(address, until))
            }
        }
        MailContent::Cosigned { reference } => {
            (words.mail_cosigned_subject(), words.mail_cosigned_body(reference.to_string()))
        }
        MailContent::CosignRefused => (words.mail_cosign_refused_subject(), words.mail_cosign_refused_body()),
        MailContent::Lapsed => (words.mail_lapsed_subject(), words.mail_lapsed_body()),
        MailContent::Message => (words.mail_message_subject(), words.mail_message_body()),
        MailContent::FactsChanged => (words.mail_facts_changed_subject(), words.mail_facts_changed_body()),
        MailContent::CardStopped => (words.mail_card_stopped_subject(), words.mail_card_stopped_body()),
        MailContent::CardFound => (words.mail_card_found_subject(), words.mail_card_found_body()),
        MailContent::CardUnlinked => (words.mail_card_unlinked_subject(), words.mail_card_unlinked_body()),
        MailContent::NewDevice { at, device } => {
            let moment = words.date_moment(day(at.to_offset(offset!(+9)).date()), clock(*at));
            (words.mail_new_device_subject(), words.mail_new_device_body(moment, kind_of(words, *device)))
        }
        MailContent::PasswordChosen => (words.mail_password_chosen_subject(), words.mail_password_chosen_body()),
        MailContent::PasswordChanged => (words.mail_password_changed_subject(), words.mail_password_changed_body()),
        MailContent::PasskeyAdded { device } => {
            (words.mail_passkey_added_subject(), words.mail_passkey_added_body(kind_of(words, *device)))
        }
        MailContent::CardExpires { on, is_last_day: true } => {
            (words.mail_card_expires_subject_last_day(), words.mail_card_expires_body_last_day(day(*on)))
        }
        MailContent::CardExpires { on, is_last_day: false } => {
            (words.mail_card_expires_subject(), words.mail_card_expires_body(day(*on)))
        }
        MailContent::CertificateEnds { on } => {
            (words.mail_certificate_ends_subject(), words.mail_certificate_ends_body(day(*on)))
        }
        MailContent::CertificateRevoked => {
            (words.mail_certificate_revoked_subject(), words.mail_certificate_revoked_body())
        }
        MailContent::RequestAnswered => (words.mail_request_answered_subject(), words.mail_request_answered_body()),
        MailContent::AccountClosed => (words.mail_account_closed_subject(), words.mail_account_closed_body()),
        MailContent::RecordErased { until } => {
            (words.mail_record_erased_subject(), words.mail_record_erased_body(day(*until)))
        }
    }
}

/// Where a guardian signs. The path of so short an address has no place for a language; Japanese goes without.
fn cosigning_address(base_url: &str, token: &str, lang: Lang) -> String {
    let asking = if lang == Lang::Ja { String::new() } else { format!("?lang={lang}") };
    format!("{base_url}/g/{token}{asking}")
}

/// A kind of device.
fn kind_of(words: Words, device: DeviceKind) -> Phrase {
    match device {
        DeviceKind::Iphone => words.say("iPhone"),
        DeviceKind::Ipad => words.say("iPad"),
        DeviceKind::Android => words.patron_account_android(),
        DeviceKind::Windows => words.patron_account_windows(),
        DeviceKind::Mac => words.patron_account_mac(),
        DeviceKind::Linux => words.patron_account_linux(),
        DeviceKind::Other => words.patron_account_other_device(),
    }
}

/// The time of day in Japan, such as `14:40`.
fn clock(instant: OffsetDateTime) -> String {
    let format = format_description!("[hour]:[minute]");
    instant.to_offset(offset!(+9)).format(format).unwrap_or_default()
}
