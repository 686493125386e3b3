//! Reading X.509 certificates (RFC 5280 §4.1). What a certificate must be like to count is said
//! elsewhere: by the standard for all of them, by a profile for the one at the end of a path.

use std::sync::OnceLock;

use aws_lc_rs::digest;
use time::OffsetDateTime;

use super::algorithm::SignatureAlgorithm;
use super::extension::Extensions;
use super::key::PublicKey;
use super::name;
use super::reason::Reason;
use super::tlv::{self, BIT_STRING, INTEGER, Malformed, Reader, SEQUENCE, Tlv};

/// Real ones have less than two thousand octets.
const MAX_LENGTH: usize = 64 * 1024;
/// Octets of one name. Real ones have a few hundred, and comparing them is the most that a name can cost.
const MAX_NAME: usize = 1024;
/// RFC 5280 §4.1.2.2.
const MAX_SERIAL: usize = 20;

/// The parts of something signed by an authority: a certificate or a list.
pub(super) struct Signed<'a> {
    /// What the signature covers, as received.
    pub(super) covered: Tlv<'a>,
    /// The `AlgorithmIdentifier`, as received.
    pub(super) algorithm: Tlv<'a>,
    /// The signature.
    pub(super) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// Splits `SIGNED { … }` without decoding what was signed.
    pub(super) fn split(der: &'a [u8], malformed: Reason) -> Result<Self, Reason> {
        let mut outer = Reader::new(der);
        let whole = outer.expect(SEQUENCE).map_err(|_| malformed)?;
        outer.finish().map_err(|_| Reason::TrailingBytes)?;
        let parts = |whole: Tlv<'a>| -> Result<Self, Malformed> {
            let mut fields = whole.reader();
            let covered = fields.expect(SEQUENCE)?;
            let algorithm = fields.expect(SEQUENCE)?;
            let signature = tlv::octets(&fields.expect(BIT_STRING)?)?;
            fields.finish()?;
            Ok(Self { covered, algorithm, signature })
        };
        parts(whole).map_err(|_| malformed)
    }
}

/// A version 3 certificate, its parts still as received.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    pub(super) der: &'a [u8],
    pub(super) to_be_signed: &'a [u8],
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: &'a [u8],
    pub(super) serial: Tlv<'a>,
    pub(super) issuer: Tlv<'a>,
    pub(super) subject: Tlv<'a>,
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
    pub(super) public_key: PublicKey<'a>,
    pub(super) extensions: Extensions<'a>,
    /// Whether issuer and subject are the same, once that was asked.
    pub(super) self_issued: OnceLock<bool>,
}

impl<'a> Certificate<'a> {
    /// Reads a certificate without judging whether it may sign.
    ///
    /// # Errors
    /// The rule of RFC 5280 §4.1 that it breaks.
    pub fn parse(der: &'a [u8]) -> Result<Self, Reason> {
        let (certificate, algorithm) = Self::read(der)?;
        algorithm.map(|algorithm| Self { algorithm, ..certificate }).ok_or(Reason::CertificateAlgorithm)
    }

    /// Reads the certificate of a root that is trusted for its name and key: whoever signed it, and
    /// by whatever algorithm.
    pub(super) fn parse_root(der: &'a [u8]) -> Result<Self, Reason> {
        Self::read(der).map(|(certificate, _)| certificate)
    }

    /// The certificate, and how it is signed if that is known here.
    fn read(der: &'a [u8]) -> Result<(Self, Option<SignatureAlgorithm>), Reason> {
        if der.len() > MAX_LENGTH {
            return Err(Reason::TooLarge);
        }
        let Signed { covered, algorithm, signature } = Signed::split(der, Reason::CertificateMalformed)?;
        let malformed = |_: Malformed| Reason::CertificateMalformed;
        let mut fields = covered.reader();
        match fields.optional(tlv::constructed(0)).map_err(malformed)? {
            Some(version) => {
                let number = tlv::only(version.value, INTEGER).and_then(|number| tlv::small(&number));
                if number.map_err(malformed)? != 2 {
                    return Err(Reason::CertificateVersion);
                }
            }
            None => return Err(Reason::CertificateVersion),
        }
        let serial = fields.expect(INTEGER).map_err(malformed)?;
        check_serial(&serial)?;
        let inner_algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
        if inner_algorithm.raw != algorithm.raw {
            return Err(Reason::CertificateAlgorithmMismatch);
        }
        let algorithm = SignatureAlgorithm::of_signed(&algorithm);
        let issuer = fields.expect(SEQUENCE).map_err(malformed)?;
        let (not_before, not_after) = fields.expect(SEQUENCE).and_then(|span| validity(&span)).map_err(malformed)?;
        let subject = fields.expect(SEQUENCE).map_err(malformed)?;
        if issuer.raw.len().max(subject.raw.len()) > MAX_NAME {
            return Err(Reason::TooLarge);
        }
        if name::is_empty(&issuer) {
            return Err(Reason::CertificateNameEmpty);
        }
        name::check(&issuer).and(name::check(&subject)).map_err(malformed)?;
        let public_key = PublicKey::parse(&fields.expect(SEQUENCE).map_err(malformed)?)?;
        // Unique identifiers stand between key and extensions. RFC 5280 §4.1.2.8 has no authority
        // write them and every reader pass over them.
        for unique_identifier in [tlv::context(1), tlv::context(2)] {
            fields.optional(unique_identifier).map_err(malformed)?;
        }
        let extensions = match fields.optional(tlv::constructed(3)).map_err(malformed)? {
            Some(wrapped) => Extensions::parse(tlv::only(wrapped.value, SEQUENCE).map_err(malformed)?.reader())?,
            None => Extensions::none(),
        };
        fields.finish().map_err(malformed)?;
        let certificate = Self {
            der,
            to_be_signed: covered.raw,
            algorithm: algorithm.unwrap_or(SignatureAlgorithm::SHA256_WITH_RSA),
            signature,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            public_key,
            extensions,
            self_issued: OnceLock::new(),
        };
        Ok((certificate, algorithm))
    }

    /// The serial number in lower-case hexadecimal, without the sign octet.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(self.serial_number())
    }

    /// The serial number as a big-endian magnitude.
    #[must_use]
    pub fn serial_number(&self) -> &'a [u8] {
        self.serial.value.strip_prefix(&[0]).unwrap_or(self.serial.value)
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(self.der)
    }

    /// Checks that the moment lies in the validity, both ends included.
    pub(super) fn check_validity(&self, at: OffsetDateTime, early: Reason, late: Reason) -> Result<(), Reason> {
        // Certificates count in whole seconds; the last one counts to its end.
        match at.unix_timestamp() {
            second if second < self.not_before.unix_timestamp() => Err(early),
            second if second > self.not_after.unix_timestamp() => Err(late),
            _ => Ok(()),
        }
    }
}

/// SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut value = [0; 32];
    value.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    value
}

/// Positive and at most 20 octets (RFC 5280 §4.1.2.2).
fn check_serial(serial: &Tlv<'_>) -> Result<(), Reason> {
    match tlv::unsigned(serial) {
        Ok(magnitude) if magnitude.len() <= MAX_SERIAL && magnitude != [0] && !magnitude.is_empty() => Ok(()),
        _ => Err(Reason::CertificateSerial),
    }
}

fn validity(span: &Tlv<'_>) -> Result<(OffsetDateTime, OffsetDateTime), Malformed> {
    let mut times = span.reader();
    let not_before = tlv::instant(&times.any()?)?;
    let not_after = tlv::instant(&times.any()?)?;
    times.finish()?;
    Ok((not_before, not_after))
}
