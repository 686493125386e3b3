//! The number of a patron's user-authentication certificate (利用者証明用電子証明書の発行番号).
//!
//! An application is signed with the *signing* certificate; the counter reads the *user-authentication* one. The two
//! have numbers of their own, and neither can be computed from the other: a number comes from somebody who has seen the
//! certificate, or from the authority's own register (公的個人認証法 18条5項). It is optional, and it changes
//! when the certificate is renewed or the card is issued again.

use super::ids::{LibraryId, PatronId};
use super::person::width::{is_hyphen, narrow_without_spaces};
use super::procedure::UnknownName;
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;

/// The longest serial number (RFC 5280 §4.1.2.2: 20 octets) in hexadecimal digits.
const LONGEST: usize = 40;

/// A certificate's serial number in capital hexadecimal digits without leading zeros, as certificate viewers show it.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateNumber(String);

/// The text cannot be a certificate's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCertificateNumber {
    /// Nothing but spaces, hyphens and zeros.
    #[error("the certificate number is empty")]
    Empty,
    /// More than 40 digits.
    #[error("the certificate number is too long")]
    TooLong,
    /// Something else than hexadecimal digits.
    #[error("the certificate number contains something else than hexadecimal digits")]
    OtherSigns,
}

impl CertificateNumber {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CertificateNumber {
    type Err = InvalidCertificateNumber;

    /// Accepts any width and case, spaces, hyphens and colons between groups, and `0x` in front.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let typed: String = narrow_without_spaces(text)
            .chars()
            .filter(|c| !is_hyphen(*c) && *c != ':')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let digits = typed.strip_prefix("0X").unwrap_or(&typed).trim_start_matches('0');
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Err(InvalidCertificateNumber::OtherSigns)
        } else if digits.is_empty() {
            Err(InvalidCertificateNumber::Empty)
        } else if digits.len() > LONGEST {
            Err(InvalidCertificateNumber::TooLong)
        } else {
            Ok(Self(digits.to_owned()))
        }
    }
}

impl fmt::Debug for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateNumber(…)")
    }
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberSource {
    /// From the authority's register, asked by the number of the signing certificate.
    JlisLookup,
    /// From an app that read the card.
    App,
    /// From a reader at the counter.
    CounterReading,
    /// Typed by a member of staff.
    StaffEntry,
}

impl NumberSource {
    const ALL: [Self; 4] = [Self::JlisLookup, Self::App, Self::CounterReading, Self::StaffEntry];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JlisLookup => "jlis_lookup",
            Self::App => "app",
            Self::CounterReading => "counter_reading",
            Self::StaffEntry => "staff_entry",
        }
    }
}

impl FromStr for NumberSource {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|source| source.as_str() == name).ok_or(UnknownName)
    }
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberState {
    /// The register is being asked.
    Pending {
        /// How often it was asked in vain.
        tries: u32,
        /// When it is asked next.
        next_try_at: OffsetDateTime,
    },
    /// Somebody has noted a number, and nobody has checked it.
    Recorded {
        /// The number.
        number: CertificateNumber,
        /// Where from.
        source: NumberSource,
        /// When.
        recorded_at: OffsetDateTime,
    },
    /// The number is that of the patron's certificate.
    Confirmed {
        /// The number.
        number: CertificateNumber,
        /// Where from.
        source: NumberSource,
        /// When it was noted.
        recorded_at: OffsetDateTime,
        /// When it was checked.
        confirmed_at: OffsetDateTime,
    },
}

/// What is known of one patron's user-authentication certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatronCertificate {
    /// The library.
    pub library_id: LibraryId,
    /// The patron.
    pub patron_id: PatronId,
    /// How far it is.
    pub state: NumberState,
}

impl PatronCertificate {
    /// Notes a number; whatever was known before is another certificate's.
    #[must_use]
    pub fn record(self, number: CertificateNumber, source: NumberSource, now: OffsetDateTime) -> Self {
        Self { state: NumberState::Recorded { number, source, recorded_at: now }, ..self }
    }

    /// Confirms the noted number; `None` if there is none to confirm.
    #[must_use]
    pub fn confirm(self, now: OffsetDateTime) -> Option<Self> {
        match self.state {
            NumberState::Recorded { number, source, recorded_at } => {
                let state = NumberState::Confirmed { number, source, recorded_at, confirmed_at: now };
                Some(Self { state, ..self })
            }
            NumberState::Pending { .. } | NumberState::Confirmed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

    #[test]
    fn a_number_is_the_same_however_it_is_spelled() {
        for spelled in ["0a1b2c", "A1B2C", "0x0A1B2C", "０Ａ１Ｂ２Ｃ", "0a:1b:2c", " 0A 1B-2C "] {
            assert_eq!(spelled.parse::<CertificateNumber>().unwrap().as_str(), "A1B2C", "{spelled}");
        }
    }

    #[test]
    fn what_no_serial_number_can_be_is_refused() {
        let refused = |text: &str| text.parse::<CertificateNumber>().unwrap_err();
        assert_eq!(refused(" - "), InvalidCertificateNumber::Empty);
        assert_eq!(refused("000"), InvalidCertificateNumber::Empty);
        assert_eq!(refused("12G4"), InvalidCertificateNumber::OtherSigns);
        assert_eq!(refused(&"f".repeat(41)), InvalidCertificateNumber::TooLong);
        assert!("f".repeat(40).parse::<CertificateNumber>().is_ok());
    }

    #[test]
    fn only_a_noted_number_is_confirmed_and_a_new_one_is_unconfirmed() {
        let number: CertificateNumber = "1234".parse().unwrap();
        let pending = PatronCertificate {
            library_id: LibraryId::new(NOW),
            patron_id: PatronId::new(NOW),
            state: NumberState::Pending { tries: 0, next_try_at: NOW },
        };
        assert_eq!(pending.clone().confirm(NOW), None);
        let recorded = pending.record(number.clone(), NumberSource::StaffEntry, NOW);
        let confirmed = recorded.confirm(NOW).unwrap();
        assert!(matches!(&confirmed.state, NumberState::Confirmed { number: held, .. } if *held == number));
        assert_eq!(confirmed.clone().confirm(NOW), None);
        let renewed = confirmed.record("5678".parse().unwrap(), NumberSource::CounterReading, NOW);
        assert!(matches!(renewed.state, NumberState::Recorded { source: NumberSource::CounterReading, .. }));
    }

    #[test]
    fn a_number_does_not_show_itself_in_logs_and_sources_come_back_from_their_names() {
        assert!(!format!("{:?}", "1234".parse::<CertificateNumber>().unwrap()).contains("1234"));
        for source in NumberSource::ALL {
            assert_eq!(source.as_str().parse(), Ok(source));
        }
    }
}
