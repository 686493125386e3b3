//! What the `error` of a callback means for the applicant.

use super::SigningAppError;

/// Why the app sent the applicant back without a code (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackError {
    /// The applicant said no.
    Cancelled,
    /// The app broke off for a reason that another try may mend; also every code that nobody has heard of.
    NotCompleted,
    /// The app's server cannot now.
    Unavailable,
    /// The request was wrong: a matter for whoever runs the portal.
    Misconfigured,
}

impl CallbackError {
    /// Sorts the `error` of a callback. Its `error_description` is never looked at.
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

impl From<CallbackError> for SigningAppError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Cancelled => Self::Cancelled,
            CallbackError::NotCompleted => Self::NotSigned,
            CallbackError::Unavailable => Self::Unreachable,
            CallbackError::Misconfigured => Self::Refused { status: 400 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_a_callback_has_one_meaning() {
        let meanings = [
            ("access_denied", SigningAppError::Cancelled),
            ("login_required", SigningAppError::NotSigned),
            ("temporarily_unavailable", SigningAppError::Unreachable),
            ("invalid_scope", SigningAppError::Refused { status: 400 }),
        ];
        for (code, meaning) in meanings {
            assert_eq!(SigningAppError::from(CallbackError::from_code(code)), meaning, "{code}");
        }
    }

    #[test]
    fn an_unheard_of_code_can_be_tried_again() {
        assert_eq!(CallbackError::from_code("<script>"), CallbackError::NotCompleted);
    }
}
