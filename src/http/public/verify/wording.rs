//! What the answer about a notice says.

use crate::domain::verification::{NoticeStanding, VerifiedNotice};
use crate::service::verify_notice::FileVerdict;
use crate::words::{Phrase, Words};

/// The words of an answer, and how it is coloured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) title: Phrase,
    pub(super) lead: Phrase,
    pub(super) advice: Phrase,
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
}

impl Outcome {
    /// About a code.
    pub(super) fn of_code(words: Words, known: Option<&VerifiedNotice>) -> Self {
        let unknown = || wrong(words.verify_unknown(), words.verify_unknown_lead(), words.verify_unknown_advice());
        known.map_or_else(unknown, |known| of_standing(words, known.standing))
    }

    /// About a file, with what may be said of its notice.
    pub(super) fn of_file(words: Words, verdict: &FileVerdict) -> (Self, Option<&VerifiedNotice>) {
        match verdict {
            FileVerdict::Given(known) => (of_standing(words, known.standing), Some(known)),
            FileVerdict::Sealed => {
                (doubtful(words.verify_sealed(), words.verify_sealed_lead(), words.verify_sealed_advice()), None)
            }
            FileVerdict::Unsealed => {
                (wrong(words.verify_unsealed(), words.verify_unsealed_lead(), words.verify_unsealed_advice()), None)
            }
            FileVerdict::Foreign => {
                (wrong(words.verify_foreign(), words.verify_foreign_lead(), words.verify_foreign_advice()), None)
            }
            FileVerdict::Changed => {
                (wrong(words.verify_changed(), words.verify_changed_lead(), words.verify_changed_advice()), None)
            }
        }
    }
}

const fn wrong(title: Phrase, lead: Phrase, advice: Phrase) -> Outcome {
    Outcome { title, lead, advice, tone: "err", icon: "alert" }
}

const fn doubtful(title: Phrase, lead: Phrase, advice: Phrase) -> Outcome {
    Outcome { title, lead, advice, tone: "warn", icon: "warn" }
}

fn of_standing(words: Words, standing: NoticeStanding) -> Outcome {
    match standing {
        NoticeStanding::InForce => Outcome {
            title: words.verify_real(),
            lead: words.verify_real_lead(),
            advice: words.verify_real_advice(),
            tone: "ok",
            icon: "ok",
        },
        NoticeStanding::Superseded => {
            doubtful(words.verify_newer(), words.verify_newer_lead(), words.verify_newer_advice())
        }
        NoticeStanding::Revoked => {
            wrong(words.verify_revoked(), words.verify_revoked_lead(), words.verify_revoked_advice())
        }
        NoticeStanding::Erased => {
            doubtful(words.verify_erased(), words.verify_erased_lead(), words.verify_erased_advice())
        }
    }
}

/// The title of a kind of notice, as the notice itself bears it.
pub(super) fn kind(words: Words, kind: &str) -> Phrase {
    match kind {
        "issued" => words.patron_notice_issued_title(),
        "declined" => words.patron_notice_declined_title(),
        "returned" => words.patron_notice_returned_title(),
        "renewed" => words.patron_notice_renewed_title(),
        "reissued" => words.patron_notice_reissued_title(),
        "linked" => words.patron_notice_linked_title(),
        "password_issued" => words.patron_notice_new_password_title(),
        "stopped" | "lost" => words.patron_notice_stopped_title(),
        "released" => words.patron_notice_released_title(),
        "expiring" => words.patron_notice_expiring_title(),
        "changed" => words.patron_notice_changed_title(),
        "reopened" => words.patron_notice_reopened_title(),
        _ => words.verify_other_kind(),
    }
}
