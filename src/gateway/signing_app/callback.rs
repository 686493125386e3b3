//! What the `error` of a callback means for the applicant.

use serde::Deserialize;

/// Why the app sent the applicant back without a code (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallbackError {
    /// The applicant said no.
    Cancelled,
    /// The app broke off for a reason that another try may mend; also every code that nobody has heard of.
    NotCompleted,
    /// The app's server cannot now.
    Unavailable,
    /// The request was wrong: a matter for whoever runs the portal.
    Misconfigured,
    /// The card could not be read.
    ReadError,
    /// The password of the card is locked.
    PinLocked,
    /// The card has no signing certificate.
    NoCertificate,
    /// The certificate has run out.
    CertificateExpired,
    /// The certificate was revoked.
    CertificateRevoked,
    /// The telephone is too old for the app, or reads no cards.
    UnsupportedDevice,
}

impl CallbackError {
    /// Sorts the `error` of a callback, as far as the standards name it. Its `error_description` is never looked at.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "access_denied" => Self::Cancelled,
            "server_error" | "temporarily_unavailable" => Self::Unavailable,
            "invalid_request"
            | "unauthorized_client"
            | "unsupported_response_type"
            | "invalid_scope"
            | "invalid_request_object"
            | "invalid_request_uri"
            | "request_not_supported"
            | "request_uri_not_supported" => Self::Misconfigured,
            _ => Self::NotCompleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_the_standards_has_one_meaning() {
        let meanings = [
            ("access_denied", CallbackError::Cancelled),
            ("login_required", CallbackError::NotCompleted),
            ("temporarily_unavailable", CallbackError::Unavailable),
            ("invalid_scope", CallbackError::Misconfigured),
        ];
        for (code, meaning) in meanings {
            assert_eq!(CallbackError::from_code(code), meaning, "{code}");
        }
    }

    #[test]
    fn an_unheard_of_code_can_be_tried_again() {
        assert_eq!(CallbackError::from_code("<script>"), CallbackError::NotCompleted);
    }
}
