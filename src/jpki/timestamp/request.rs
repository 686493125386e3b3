//! Asking for a timestamp (RFC 3161 §2.4.1), and reading what was asked.

use der::asn1::ObjectIdentifier;

use crate::jpki::algorithm::Hash;
use crate::jpki::encode::{algorithm, object_identifier, sequence, tlv, unsigned_integer};
use crate::jpki::oid;
use crate::jpki::reason::Reason;
use crate::jpki::tlv::{self, BOOLEAN, INTEGER, Malformed, OCTET_STRING, OID, SEQUENCE};

/// A request in DER for a timestamp of something with this SHA-256, with the authority's certificate
/// in the answer. The nonce is a big-endian number; the answer must repeat it.
#[must_use]
pub fn timestamp_request(sha256: &[u8; 32], nonce: Option<&[u8]>, policy: Option<&ObjectIdentifier>) -> Vec<u8> {
    let imprint = sequence(&[&algorithm(&oid::SHA256), &tlv(0x04, &[sha256])]);
    let policy = policy.map(object_identifier).unwrap_or_default();
    let nonce = nonce.map(unsigned_integer).unwrap_or_default();
    sequence(&[&[0x02, 0x01, 0x01], &imprint, &policy, &nonce, &[0x01, 0x01, 0xFF]])
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampQuestion {
    /// SHA-256 of what is to be stamped.
    pub sha256: [u8; 32],
    /// The number that the answer must repeat, big-endian.
    pub nonce: Option<Vec<u8>>,
}

impl TimestampQuestion {
    /// Reads a request in DER, as an authority does.
    ///
    /// # Errors
    /// `TimestampMalformed`, or `TimestampAlgorithm` for a digest other than SHA-256.
    pub fn parse(der: &[u8]) -> Result<Self, Reason> {
        let malformed = |_: Malformed| Reason::TimestampMalformed;
        let mut fields = tlv::only(der, SEQUENCE).map_err(malformed)?.reader();
        fields.expect(INTEGER).map_err(malformed)?;
        let mut imprint = fields.expect(SEQUENCE).map_err(malformed)?.reader();
        let algorithm = imprint.expect(SEQUENCE).map_err(malformed)?;
        let digest = imprint.expect(OCTET_STRING).map_err(malformed)?.value;
        let Some(Hash::Sha256) = Hash::of(&algorithm) else { return Err(Reason::TimestampAlgorithm) };
        fields.optional(OID).map_err(malformed)?;
        let nonce = fields.optional(INTEGER).map_err(malformed)?;
        fields.optional(BOOLEAN).map_err(malformed)?;
        let nonce = nonce.map(|nonce| tlv::unsigned(&nonce).map(<[u8]>::to_vec)).transpose().map_err(malformed)?;
        let sha256 = digest.try_into().map_err(|_| Reason::TimestampMalformed)?;
        Ok(Self { sha256, nonce })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_exact_sequence() {
        let policy = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.3.1");
        let request = timestamp_request(&[0xAB; 32], Some(&[0x00, 0x80, 0x01]), Some(&policy));
        let expected = [
            "304a020101",
            "3031300d06096086480165030402010500",
            "0420",
            &"ab".repeat(32),
            "060a2b0601040181fd590301",
            "0203008001",
            "0101ff",
        ]
        .concat();
        assert_eq!(data_encoding::HEXLOWER.encode(&request), expected);
        let question = TimestampQuestion { sha256: [0xAB; 32], nonce: Some(vec![0x80, 0x01]) };
        assert_eq!(TimestampQuestion::parse(&request), Ok(question));
        assert_eq!(timestamp_request(&[0; 32], None, None).len(), 2 + 3 + 51 + 3);
    }
}
