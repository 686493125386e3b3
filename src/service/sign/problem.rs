//! Everything that keeps a signature from being accepted.

use crate::domain::cosigning::Unfit;
use crate::domain::likeness::{ComparedField, Comparison};
use crate::domain::reference::Reference;
use crate::gateway::signing_app::{CallbackError, SigningAppError};
use crate::jpki::Reason;
use crate::service::guardian::NotForChild;

/// Everything that keeps a signature from being accepted: one page each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningProblem {
    /// The applicant stopped in the app.
    Cancelled,
    /// The app could not be reached or answered nonsense.
    AppUnavailable,
    /// The app came back without a signature, and nobody knows why.
    NotSigned,
    /// The card could not be read.
    ReadError,
    /// The card's password is locked.
    PinLocked,
    /// The telephone is too old for the app, or reads no cards.
    UnsupportedDevice,
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
    /// The card holds no signing certificate.
    NoCertificate,
    /// The certificate for user authentication (or another purpose) was used.
    WrongCertificate,
    /// The certificate does not come from a trusted authority.
    NotTrusted,
    /// Name and birth date in the certificate are another person's.
    OtherPerson,
    /// The name in the certificate is another one.
    OtherName,
    /// The birth date in the certificate is another one.
    OtherBirth,
    /// The holder of this card has an application in the queue already.
    AlreadyApplied(Reference),
    /// It is not the guardian who applied for the child's card, or the number is another child's.
    NotTheGuardian,
    /// The child is old enough to sign by itself.
    ChildGrown,
    /// The guardian's signature was made with the applicant's own card.
    ApplicantsCard,
    /// The guardian's certificate bears another name than the applicant wrote.
    OtherGuardian,
    /// The guardian is not of age.
    GuardianMinor,
    /// The guardian's certificate does not say when its holder was born.
    GuardianAgeUnknown,
}

impl From<Unfit> for SigningProblem {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Applicant => Self::ApplicantsCard,
            Unfit::OtherName => Self::OtherGuardian,
            Unfit::Minor => Self::GuardianMinor,
            Unfit::AgeUnknown => Self::GuardianAgeUnknown,
        }
    }
}

impl From<NotForChild> for SigningProblem {
    fn from(not: NotForChild) -> Self {
        match not {
            NotForChild::OtherGuardian => Self::NotTheGuardian,
            NotForChild::Grown => Self::ChildGrown,
        }
    }
}

impl SigningProblem {
    /// The word in addresses and events.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::AppUnavailable => "app-unavailable",
            Self::NotSigned => "not-signed",
            Self::ReadError => "read-error",
            Self::PinLocked => "pin-locked",
            Self::UnsupportedDevice => "unsupported-device",
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
            Self::OtherName => "other-name",
            Self::OtherBirth => "other-birth",
            Self::AlreadyApplied(_) => "already-applied",
            Self::NotTheGuardian => "not-the-guardian",
            Self::ChildGrown => "child-grown",
            Self::ApplicantsCard => "applicants-card",
            Self::OtherGuardian => "other-guardian",
            Self::GuardianMinor => "guardian-minor",
            Self::GuardianAgeUnknown => "guardian-age-unknown",
        }
    }

    /// Whether there is no signature to judge.
    pub(super) const fn is_before_signature(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::AppUnavailable
                | Self::NotSigned
                | Self::ReadError
                | Self::PinLocked
                | Self::UnsupportedDevice
        )
    }

    /// What the app's way of coming back without a signature means for the applicant.
    pub(super) const fn of_callback(error: CallbackError) -> Self {
        match error {
            CallbackError::Cancelled => Self::Cancelled,
            CallbackError::NotCompleted => Self::NotSigned,
            CallbackError::ReadError => Self::ReadError,
            CallbackError::PinLocked => Self::PinLocked,
            CallbackError::NoCertificate => Self::NoCertificate,
            CallbackError::CertificateExpired => Self::Expired,
            CallbackError::CertificateRevoked => Self::Revoked,
            CallbackError::UnsupportedDevice => Self::UnsupportedDevice,
            CallbackError::Unavailable | CallbackError::Misconfigured => Self::AppUnavailable,
        }
    }

    /// What a fault of the app's server means for the applicant.
    pub(super) const fn of_app(error: &SigningAppError) -> Self {
        match error {
            SigningAppError::NotSigned => Self::NotSigned,
            SigningAppError::Stopped(why) => Self::of_callback(*why),
            _ => Self::AppUnavailable,
        }
    }

    /// What the comparison of declared and certified facts means for the applicant, if it stands against the signature.
    /// The facts themselves are no part of it: the card may be anybody's.
    pub(super) fn of_comparison(comparison: &[Comparison]) -> Option<Self> {
        let differs = |field| comparison.iter().any(|fact| fact.field == field && fact.is_another_person());
        match (differs(ComparedField::Name), differs(ComparedField::Birth)) {
            (true, true) => Some(Self::OtherPerson),
            (true, false) => Some(Self::OtherName),
            (false, true) => Some(Self::OtherBirth),
            (false, false) => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::likeness::Likeness;

    fn compared(name: Likeness, birth: Likeness, address: Likeness) -> Option<SigningProblem> {
        let fact = |field, likeness| Comparison {
            field,
            declared: String::new(),
            certified: None,
            likeness,
            differences: Vec::new(),
            substituted: false,
        };
        SigningProblem::of_comparison(&[
            fact(ComparedField::Name, name),
            fact(ComparedField::Birth, birth),
            fact(ComparedField::Address, address),
        ])
    }

    #[test]
    fn the_problem_names_what_differs_and_an_address_is_none() {
        use Likeness::{Different, NotKnown, Same, WrittenDifferently};
        assert_eq!(compared(Different, Different, Same), Some(SigningProblem::OtherPerson));
        assert_eq!(compared(Different, Same, Same), Some(SigningProblem::OtherName));
        assert_eq!(compared(Different, NotKnown, Same), Some(SigningProblem::OtherName));
        assert_eq!(compared(WrittenDifferently, Different, Same), Some(SigningProblem::OtherBirth));
        assert_eq!(compared(WrittenDifferently, NotKnown, Different), None);
    }
}
