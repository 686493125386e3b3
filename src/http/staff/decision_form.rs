//! The decision as it is sent: what was chosen, on exactly which version.

use crate::domain::review::DeclineReason;
use crate::domain::version::Version;
use crate::http::error::Error;
use crate::http::form::FieldErrors;
use crate::http::wording::Wording;
use serde::Deserialize;

/// The form as sent, by the file and once more by the confirmation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DecisionForm {
    /// The number of the version that the page showed.
    pub(super) version: String,
    /// Its digest.
    pub(super) digest: String,
    /// `approve` or `decline`.
    #[serde(default)]
    pub(super) outcome: String,
    /// The reason for declining, as typed.
    #[serde(default)]
    pub(super) reason: String,
    /// The template to put into the reason.
    #[serde(default)]
    pub(super) template: String,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Yes.
    Approve,
    /// No, and what the applicant reads.
    Decline(DeclineReason),
}

impl DecisionForm {
    /// What was chosen, or what is still missing.
    pub(super) fn choice(&self) -> Result<Choice, FieldErrors> {
        match self.outcome.as_str() {
            "approve" => Ok(Choice::Approve),
            "decline" => match self.reason.parse::<DeclineReason>() {
                Ok(reason) => Ok(Choice::Decline(reason)),
                Err(error) => Err(FieldErrors::one("reason", error.wording())),
            },
            _ => Err(FieldErrors::one("outcome", "承認するか、承認しないかを選んでください")),
        }
    }

    /// What the page showed.
    ///
    /// # Errors
    /// [`Error::BadForm`]: no page of ours sends anything else.
    pub(super) fn seen(&self) -> Result<Version, Error> {
        let number = self.version.parse().map_err(|_| Error::BadForm)?;
        let digest = self.digest.parse().map_err(|_| Error::BadForm)?;
        Ok(Version { number, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(outcome: &str, reason: &str) -> DecisionForm {
        DecisionForm {
            version: "1".into(),
            digest: "ab".repeat(32),
            outcome: outcome.into(),
            reason: reason.into(),
            ..DecisionForm::default()
        }
    }

    #[test]
    fn a_choice_must_be_made_and_a_refusal_needs_its_reason() {
        for outcome in ["", "issue", "APPROVE"] {
            assert!(form(outcome, "x").choice().unwrap_err().has("outcome"), "{outcome}");
        }
        for reason in ["", " \r\n\u{3000}"] {
            let errors = form("decline", reason).choice().unwrap_err();
            assert_eq!(errors.of("reason"), Some("承認しない理由を入力してください。申込者に送られます"));
        }
        assert!(form("decline", &"あ".repeat(2001)).choice().unwrap_err().of("reason").unwrap().contains("2000"));
    }

    #[test]
    fn an_approval_carries_no_reason_even_if_one_was_typed() {
        assert_eq!(form("approve", "対象の地域の外です").choice(), Ok(Choice::Approve));
        let Ok(Choice::Decline(reason)) = form("decline", " 1行目\r\n2行目 ").choice() else { panic!("declined") };
        assert_eq!(reason.as_str(), "1行目\n2行目");
    }

    #[test]
    fn the_version_that_was_seen_comes_back_whole_or_not_at_all() {
        let seen = form("approve", "").seen().unwrap();
        assert_eq!((seen.number, seen.digest.to_string()), (1, "ab".repeat(32)));
        for (version, digest) in [("", "ab".repeat(32)), ("1", "ab".repeat(31)), ("-1", "ab".repeat(32))] {
            let form = DecisionForm { version: version.into(), digest, ..DecisionForm::default() };
            assert!(matches!(form.seen(), Err(Error::BadForm)));
        }
    }

    #[test]
    fn a_form_without_a_chosen_radio_can_be_read_and_one_with_more_fields_cannot() {
        let read = serde_html_form::from_str::<DecisionForm>;
        assert_eq!(read("version=1&digest=ab&reason=x").unwrap().outcome, "");
        assert!(read("version=1&digest=ab&reason=x&state=issued").is_err());
        assert!(read("digest=ab").is_err());
    }
}
