//! Everything that keeps a signature from being accepted.

use crate::domain::reference::Reference;
use crate::jpki::Reason;

/// Everything that keeps a signature from being accepted: one page each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningProblem {
    /// The applicant stopped in the app.
    Cancelled,
    /// The app could not be reached or answered nonsense.
    AppUnavailable,
    /// The answer belongs to no open request of this browser, or to one that was used.
    RequestUnknown,
    /// The request ran out before the answer came.
    RequestExpired,
    /// The signature is over another document, or was altered.
    WrongDocument,
    /// The certificate has run out.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate was revoked.
    Revoked,
    /// The card has no signing certificate.
    NoCertificate,
    /// The certificate for user authentication (or another purpose) was used.
    WrongCertificate,
    /// The certificate does not come from a trusted authority.
    NotTrusted,
    /// Name or birth date in the certificate are another person's.
    OtherPerson,
    /// The holder of this card has an application in the queue already.
    AlreadyApplied(Reference),
}

impl SigningProblem {
    /// The word in addresses and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::AppUnavailable => "app-unavailable",
            Self::RequestUnknown => "request-unknown",
            Self::RequestExpired => "request-expired",
            Self::WrongDocument => "wrong-document",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Revoked => "revoked",
            Self::NoCertificate => "no-certificate",
            Self::WrongCertificate => "wrong-certificate",
            Self::NotTrusted => "not-trusted",
            Self::OtherPerson => "other-person",
            Self::AlreadyApplied(_) => "already-applied",
        }
    }

    /// What a refusal of the signature engine means for the applicant.
    pub(super) fn of_reason(reason: Reason) -> Self {
        match reason {
            Reason::Expired => Self::Expired,
            Reason::NotYetValid => Self::NotYetValid,
            Reason::Revoked => Self::Revoked,
            Reason::UserAuthenticationCertificate
            | Reason::PolicyMissing
            | Reason::PolicyNotCritical
            | Reason::PolicyUnknown
            | Reason::PolicyEnvironment
            | Reason::PolicyIssuer
            | Reason::KeyUsageMissing
            | Reason::KeyUsageNotCritical
            | Reason::KeyUsageInsufficient
            | Reason::KeyUsageExcessive
            | Reason::CertificateAuthority
            | Reason::ExtendedKeyUsage
            | Reason::HolderMissing
            | Reason::HolderMalformed
            | Reason::PublicKeyAlgorithm
            | Reason::PublicKeySize
            | Reason::PublicKeyExponent => Self::WrongCertificate,
            Reason::IssuerUnknown | Reason::IssuerSignature | Reason::AnchorExpired | Reason::AnchorNotYetValid => {
                Self::NotTrusted
            }
            _ => Self::WrongDocument,
        }
    }
}
