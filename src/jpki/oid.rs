//! The object identifiers that the engine compares with, as the content octets of their DER.

use der::asn1::ObjectIdentifier;

/// Parses a dotted identifier at compile time.
const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

// RFC 8017
pub(super) const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(super) const SHA256_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub(super) const SHA384_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub(super) const SHA512_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub(super) const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
pub(super) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub(super) const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub(super) const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

// RFC 5480, RFC 5758
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
pub(super) const SECP256R1: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
pub(super) const SECP384R1: ObjectIdentifier = oid("1.3.132.0.34");
pub(super) const SECP521R1: ObjectIdentifier = oid("1.3.132.0.35");
pub(super) const ECDSA_WITH_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub(super) const ECDSA_WITH_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
pub(super) const ECDSA_WITH_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

// RFC 5652, RFC 5035
pub(super) const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
pub(super) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(super) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub(super) const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub(super) const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub(super) const ALGORITHM_PROTECTION: ObjectIdentifier = oid("1.2.840.113549.1.9.52");

// RFC 3161
pub(super) const TIMESTAMP_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
pub(super) const SIGNATURE_TIMESTAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
pub(super) const TIMESTAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");

// RFC 5280 certificate and CRL extensions
pub(super) const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
pub(super) const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
pub(super) const SUBJECT_ALT_NAME: ObjectIdentifier = oid("2.5.29.17");
pub(super) const ISSUER_ALT_NAME: ObjectIdentifier = oid("2.5.29.18");
pub(super) const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
pub(super) const CRL_NUMBER: ObjectIdentifier = oid("2.5.29.20");
pub(super) const REASON_CODE: ObjectIdentifier = oid("2.5.29.21");
pub(super) const INVALIDITY_DATE: ObjectIdentifier = oid("2.5.29.24");
pub(super) const DELTA_CRL_INDICATOR: ObjectIdentifier = oid("2.5.29.27");
pub(super) const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = oid("2.5.29.28");
pub(super) const CERTIFICATE_ISSUER: ObjectIdentifier = oid("2.5.29.29");
pub(super) const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = oid("2.5.29.31");
pub(super) const CERTIFICATE_POLICIES: ObjectIdentifier = oid("2.5.29.32");
pub(super) const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.35");
pub(super) const FRESHEST_CRL: ObjectIdentifier = oid("2.5.29.46");
pub(super) const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
pub(super) const NAME_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.30");
pub(super) const POLICY_MAPPINGS: ObjectIdentifier = oid("2.5.29.33");
pub(super) const POLICY_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.36");
pub(super) const INHIBIT_ANY_POLICY: ObjectIdentifier = oid("2.5.29.54");
pub(super) const ANY_POLICY: ObjectIdentifier = oid("2.5.29.32.0");
pub(super) const SUBJECT_INFORMATION_ACCESS: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.11");

// RFC 5280 §4.2.1.12
pub(super) const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37.0");
pub(super) const SERVER_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.1");
pub(super) const CLIENT_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.2");
pub(super) const CODE_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.3");
pub(super) const EMAIL_PROTECTION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.4");
pub(super) const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");

pub(super) const AUTHORITY_INFORMATION_ACCESS: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.1");

// RFC 6960
pub(super) const OCSP_BASIC: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.1");
pub(super) const OCSP_NONCE: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.2");
pub(super) const OCSP_NO_CHECK: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.5");
pub(super) const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");

// RFC 4519 attribute types of names
pub(super) const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
pub(super) const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
pub(super) const LOCALITY: ObjectIdentifier = oid("2.5.4.7");
pub(super) const ORGANIZATION: ObjectIdentifier = oid("2.5.4.10");
/// emailAddress of PKCS #9, which old authorities put into names.
pub(super) const EMAIL_ADDRESS: ObjectIdentifier = oid("1.2.840.113549.1.9.1");
pub(super) const ORGANIZATIONAL_UNIT: ObjectIdentifier = oid("2.5.4.11");

// The facts in the subjectAltName of a JPKI signing certificate
pub(super) const HOLDER_NAME: ObjectIdentifier = oid("1.2.392.200149.8.5.5.1");
pub(super) const HOLDER_NAME_SUBSTITUTES: ObjectIdentifier = oid("1.2.392.200149.8.5.5.2");
pub(super) const HOLDER_BIRTH: ObjectIdentifier = oid("1.2.392.200149.8.5.5.4");
pub(super) const HOLDER_ADDRESS: ObjectIdentifier = oid("1.2.392.200149.8.5.5.5");
pub(super) const HOLDER_ADDRESS_SUBSTITUTES: ObjectIdentifier = oid("1.2.392.200149.8.5.5.6");
