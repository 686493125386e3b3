//! Why a certificate was revoked, and sets of such reasons (RFC 5280 §4.2.1.13, §5.3.1).

use serde::{Deserialize, Serialize};

/// Why the authority revoked a certificate (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationReason {
    /// Not said; JPKI uses it for cards discarded before they were handed over.
    Unspecified,
    /// The key may be in other hands.
    KeyCompromise,
    /// The authority's key may be in other hands.
    AuthorityCompromise,
    /// Registered particulars changed: moved or renamed.
    AffiliationChanged,
    /// Renewed.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Stopped for the time being; counts as revoked.
    CertificateHold,
    /// Taken off the list; has no place in a complete list and counts as revoked there.
    RemoveFromList = 8,
    /// A right that came with the certificate ended.
    PrivilegeWithdrawn,
    /// The key of an attribute authority may be in other hands.
    AttributeAuthorityCompromise,
}

impl RevocationReason {
    const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AuthorityCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromList,
        Self::PrivilegeWithdrawn,
        Self::AttributeAuthorityCompromise,
    ];

    /// The number of the reason in a list.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    pub(in crate::jpki) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// The reasons that a list speaks of, as the bits of `ReasonFlags`, bit 0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jpki) struct Reasons(u16);

impl Reasons {
    /// None.
    pub(in crate::jpki) const NONE: Self = Self(0);
    /// All that there are: bits 1 to 8.
    pub(in crate::jpki) const ALL: Self = Self(0x7F80);

    /// From the first two octets of the BIT STRING. Bit 0 is unused (RFC 5280 §4.2.1.13), and what
    /// stands beyond bit 8 is no reason.
    pub(in crate::jpki) const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    pub(in crate::jpki) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(in crate::jpki) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is any reason here that is not in `other`.
    pub(in crate::jpki) const fn adds_to(self, other: Self) -> bool {
        self.0 & !other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_number() {
        for code in 0..=10 {
            assert_eq!(RevocationReason::from_code(code).map(RevocationReason::code), (code != 7).then_some(code));
        }
        assert_eq!(RevocationReason::from_code(11), None);
    }

    #[test]
    fn reasons_add_up() {
        let key = Reasons::from_bits(0x4000);
        let rest = Reasons::from_bits(0xBFFF);
        assert_eq!(key.or(rest), Reasons::ALL);
        assert_eq!(key.and(rest), Reasons::NONE);
        assert!(key.adds_to(rest) && !key.adds_to(Reasons::ALL));
        assert_eq!(Reasons::from_bits(0x8000), Reasons::NONE);
    }
}
