//! Why something was refused: one stable code per rule.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident => $code:literal,)+) => {
        /// The rule that something broke. The code of each is stable: it is stored with every
        /// verdict, printed by the command line and mapped to a sentence for people elsewhere.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable code, in kebab-case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

reasons! {
    // What came in as a whole
    /// Larger than the engine is willing to read.
    TooLarge => "too-large",
    /// Nested deeper than any honest message.
    TooDeep => "too-deep",
    /// Bytes follow the end of the message.
    TrailingBytes => "trailing-bytes",

    // The certificate as a document (RFC 5280 §4.1)
    /// The certificate is not DER of the right shape.
    CertificateMalformed => "certificate-malformed",
    /// Not an X.509 version 3 certificate.
    CertificateVersion => "certificate-version",
    /// The serial number is zero, negative or longer than 20 octets.
    CertificateSerial => "certificate-serial",
    /// The certificate is signed by an algorithm that the profile does not allow.
    CertificateAlgorithm => "certificate-algorithm",
    /// The algorithm inside the certificate differs from the one outside.
    CertificateAlgorithmMismatch => "certificate-algorithm-mismatch",
    /// The issuer has no name, or the subject neither a name nor a critical subjectAltName.
    CertificateNameEmpty => "certificate-name-empty",
    /// The key of the certificate is of a kind or on a curve that the profile does not allow.
    PublicKeyAlgorithm => "public-key-algorithm",
    /// The RSA key has a length that the profile does not allow.
    PublicKeySize => "public-key-size",
    /// The RSA exponent is not 65537.
    PublicKeyExponent => "public-key-exponent",
    /// The same extension stands twice in the certificate.
    ExtensionDuplicate => "extension-duplicate",
    /// A critical extension that the engine does not know.
    ExtensionUnknownCritical => "extension-unknown-critical",
    /// An extension is critical that the profile has as non-critical.
    ExtensionCriticality => "extension-criticality",

    /// keyUsage has no bit at all.
    KeyUsageEmpty => "key-usage-empty",
    /// keyCertSign in the certificate of no authority.
    CertificateSignMisplaced => "certificate-sign-misplaced",
    /// pathLenConstraint in the certificate of no authority, or of one without keyCertSign.
    PathLengthMisplaced => "path-length-misplaced",
    /// Name constraints in the certificate of no authority.
    NameConstraintsMisplaced => "name-constraints-misplaced",
    /// Name constraints that nobody can apply as they are written.
    NameConstraintsMalformed => "name-constraints-malformed",
    /// The same policy stands twice in the certificate.
    PolicyDuplicate => "policy-duplicate",
    /// A policy mapping from or to anyPolicy.
    PolicyMappingAny => "policy-mapping-any",
    /// The certificate does not say by which key it was signed, though it is not self-issued.
    AuthorityKeyIdentifierMissing => "authority-key-identifier-missing",
    /// The certificate of an authority has no identifier of its key.
    SubjectKeyIdentifierMissing => "subject-key-identifier-missing",

    // The profiles: JPKI's for signing and for signing in, timestamps, OCSP
    /// There is no certificatePolicies extension.
    PolicyMissing => "policy-missing",
    /// certificatePolicies is not critical.
    PolicyNotCritical => "policy-not-critical",
    /// None of the certificate's policies is one of JPKI signing certificates.
    PolicyUnknown => "policy-unknown",
    /// A test policy where only production certificates count, or the other way round.
    PolicyEnvironment => "policy-environment",
    /// The policy is one of another authority than the one that issued the certificate.
    PolicyIssuer => "policy-issuer",
    /// A user-authentication certificate, which must not sign documents.
    UserAuthenticationCertificate => "user-authentication-certificate",
    /// A signing certificate, which is not for signing in.
    SigningCertificate => "signing-certificate",
    /// There is no keyUsage extension.
    KeyUsageMissing => "key-usage-missing",
    /// keyUsage is not critical.
    KeyUsageNotCritical => "key-usage-not-critical",
    /// keyUsage lacks a use that the profile wants: digitalSignature or nonRepudiation.
    KeyUsageInsufficient => "key-usage-insufficient",
    /// keyUsage allows what the profile forbids, such as issuing certificates or lists.
    KeyUsageExcessive => "key-usage-excessive",
    /// A certificate of an authority where a person's is wanted.
    CertificateAuthority => "certificate-authority",
    /// extendedKeyUsage stands in a signing certificate.
    ExtendedKeyUsage => "extended-key-usage",
    /// There is no extendedKeyUsage, and the profile wants one.
    ExtendedKeyUsageMissing => "extended-key-usage-missing",
    /// extendedKeyUsage is not critical where the profile wants it so, or the other way round.
    ExtendedKeyUsageCriticality => "extended-key-usage-criticality",
    /// extendedKeyUsage does not name the purpose that is wanted, or names others beside it.
    ExtendedKeyUsagePurpose => "extended-key-usage-purpose",
    /// No subjectAltName with the holder's name.
    HolderMissing => "holder-missing",
    /// The holder's facts are not written as the profile says.
    HolderMalformed => "holder-malformed",

    // The path to a pinned root
    /// No pinned root has the name and key identifier that the certificate names as its issuer.
    IssuerUnknown => "issuer-unknown",
    /// The issuer that the certificate names did not sign it.
    IssuerSignature => "issuer-signature",
    /// The issuer is no authority: its basicConstraints are missing or lack cA.
    IssuerNotAuthority => "issuer-not-authority",
    /// keyUsage of the issuer lacks keyCertSign.
    CertificateSignMissing => "certificate-sign-missing",
    /// extendedKeyUsage of the issuer leaves out the purpose that is wanted.
    IssuerPurpose => "issuer-purpose",
    /// An authority between root and certificate was not valid yet at the time of the check.
    IssuerNotYetValid => "issuer-not-yet-valid",
    /// An authority between root and certificate had expired at the time of the check.
    IssuerExpired => "issuer-expired",
    /// More authorities between root and certificate than one of them or the verifier allows.
    PathTooLong => "path-too-long",
    /// More ways and signatures would have to be tried than any honest path takes.
    PathSearchLimit => "path-search-limit",
    /// A name lies in a subtree that an authority above excludes.
    NameExcluded => "name-excluded",
    /// A name lies in no subtree that the authorities above permit, or nobody can tell.
    NameNotPermitted => "name-not-permitted",
    /// A name of a form that an authority above constrains in a way nobody can apply.
    NameConstraintUnsupported => "name-constraint-unsupported",
    /// The path must be valid for a policy, and is valid for none that counts.
    PolicyRequired => "policy-required",
    /// The root was not valid yet at the time of the check.
    AnchorNotYetValid => "anchor-not-yet-valid",
    /// The root had expired at the time of the check.
    AnchorExpired => "anchor-expired",
    /// The certificate was not valid yet at the time of the check.
    NotYetValid => "not-yet-valid",
    /// The certificate had expired at the time of the check.
    Expired => "expired",
    /// The certificate was revoked.
    Revoked => "revoked",
    /// Revocation lists were given and none of them answers for this certificate.
    RevocationUnknown => "revocation-unknown",

    // Trust anchors
    /// The root did not sign itself.
    AnchorSignature => "anchor-signature",
    /// The root is not marked, critically, as an authority.
    AnchorNotAuthority => "anchor-not-authority",
    /// keyUsage of the root is absent, not critical, or lacks keyCertSign or cRLSign.
    AnchorKeyUsage => "anchor-key-usage",

    // CMS (RFC 5652)
    /// The message is not BER or DER of the right shape.
    CmsMalformed => "cms-malformed",
    /// A CMS message of another kind than SignedData.
    CmsNotSignedData => "cms-not-signed-data",
    /// A SignedData version other than RFC 5652 §5.1 has for what is inside.
    CmsVersion => "cms-version",
    /// Nobody signed.
    SignerNone => "signer-none",
    /// More than one signer.
    SignerMultiple => "signer-multiple",
    /// The `SignerInfo` version does not fit the way the signer is named.
    SignerVersion => "signer-version",
    /// The signer's certificate is not in the message.
    SignerCertificateMissing => "signer-certificate-missing",
    /// Several certificates in the message claim to be the signer's.
    SignerCertificateAmbiguous => "signer-certificate-ambiguous",
    /// The digest algorithm is not SHA-256.
    DigestAlgorithm => "digest-algorithm",
    /// The signer's digest algorithm is not among those that the message announces.
    DigestAlgorithmUndeclared => "digest-algorithm-undeclared",
    /// The signature algorithm is not RSA with SHA-256.
    SignatureAlgorithm => "signature-algorithm",
    /// The signature is made by RSASSA-PSS.
    SignaturePss => "signature-pss",
    /// The signed copy of the algorithms (RFC 6211) names others than the message.
    AlgorithmProtection => "algorithm-protection",
    /// The content is not plain data, or the signed attributes say another type.
    ContentType => "content-type",
    /// The signature is detached and no content was given.
    ContentMissing => "content-missing",
    /// The message carries its content and other content was given beside it.
    ContentTwice => "content-twice",
    /// There are no signed attributes.
    SignedAttributesMissing => "signed-attributes-missing",
    /// The signed attributes are not in the order of DER.
    SignedAttributesOrder => "signed-attributes-order",
    /// The same attribute stands twice.
    AttributeDuplicate => "attribute-duplicate",
    /// An attribute that takes one value has none or several.
    AttributeValueCount => "attribute-value-count",
    /// The contentType attribute is missing.
    ContentTypeMissing => "content-type-missing",
    /// The messageDigest attribute is missing.
    MessageDigestMissing => "message-digest-missing",
    /// The signature is over another document.
    MessageDigestMismatch => "message-digest-mismatch",
    /// The signed reference to the signer's certificate points to another one.
    SigningCertificateMismatch => "signing-certificate-mismatch",
    /// The signer's certificate is referred to by SHA-1 only.
    SigningCertificateWeak => "signing-certificate-weak",
    /// A signed reference to the signer's certificate is wanted here and there is none.
    SigningCertificateMissing => "signing-certificate-missing",
    /// An attribute that must be signed stands among the unsigned ones.
    AttributeUnsigned => "attribute-unsigned",
    /// The signature was not made by the key of the certificate over these attributes.
    SignatureMismatch => "signature-mismatch",

    // Timestamps (RFC 3161)
    /// The answer or the statement in the token is not DER of the right shape.
    TimestampMalformed => "timestamp-malformed",
    /// The authority did not grant the request.
    TimestampRejected => "timestamp-rejected",
    /// The token states something else than a time.
    TimestampContentType => "timestamp-content-type",
    /// A version other than 1.
    TimestampVersion => "timestamp-version",
    /// The digest in the timestamp is not one of the SHA-2 family.
    TimestampAlgorithm => "timestamp-algorithm",
    /// The timestamp is for something else.
    TimestampImprint => "timestamp-imprint",
    /// The answer is to another request.
    TimestampNonce => "timestamp-nonce",
    /// A critical extension of the timestamp that the engine does not know.
    TimestampUnknownCritical => "timestamp-unknown-critical",
    /// The certificate is not, critically and only, one for timestamps.
    TimestampCertificate => "timestamp-certificate",
    /// The time of the timestamp lies outside the validity of its authority's certificate, or after
    /// the moment of the check.
    TimestampTime => "timestamp-time",

    // PDF (ISO 32000-2 §7, §12.8; ETSI EN 319 142-1)
    /// The file is not a PDF that can be read without doubt.
    PdfMalformed => "pdf-malformed",
    /// The file is encrypted.
    PdfEncrypted => "pdf-encrypted",
    /// There is no signature in the file.
    PdfSignatureMissing => "pdf-signature-missing",
    /// There are several signatures in the file.
    PdfSignatureMultiple => "pdf-signature-multiple",
    /// The signature is not detached CMS (`adbe.pkcs7.detached` or `ETSI.CAdES.detached`).
    PdfSubfilter => "pdf-subfilter",
    /// The signature in the PDF is a timestamp of the document.
    PdfDocumentTimestamp => "pdf-document-timestamp",
    /// `/ByteRange` is not `[0 a b c]` within the file.
    PdfByteRange => "pdf-byte-range",
    /// The gap in the signed bytes is not exactly the signature.
    PdfContents => "pdf-contents",
    /// The signature does not cover the whole file.
    PdfNotCovered => "pdf-not-covered",
    /// The file does not begin with the document that was handed out.
    PdfOriginalChanged => "pdf-original-changed",
    /// More than a signature was added to the document that was handed out.
    PdfContentChanged => "pdf-content-changed",
    /// The signature shows on a page, where it could cover what is written there.
    PdfSignatureVisible => "pdf-signature-visible",

    // Signatures without a message around them
    /// The public key is not DER of the right shape.
    PublicKeyMalformed => "public-key-malformed",

    // Revocation lists (RFC 5280 §5)
    /// The list is not DER of the right shape.
    CrlMalformed => "crl-malformed",
    /// Not a version 2 list.
    CrlVersion => "crl-version",
    /// The list is not signed by sha256WithRSAEncryption.
    CrlAlgorithm => "crl-algorithm",
    /// No pinned root has the name and key identifier of the list's issuer.
    CrlIssuerUnknown => "crl-issuer-unknown",
    /// The issuer that the list names did not sign it.
    CrlSignature => "crl-signature",
    /// The list does not say when the next one comes.
    CrlNextUpdateMissing => "crl-next-update-missing",
    /// The list has no number.
    CrlNumberMissing => "crl-number-missing",
    /// The list only says what changed since another list.
    CrlDelta => "crl-delta",
    /// The list speaks for certificates of other issuers.
    CrlIndirect => "crl-indirect",
    /// The list leaves out people's certificates or some reasons.
    CrlScope => "crl-scope",
    /// The list or one of its entries has a critical extension that the engine does not know.
    CrlUnknownCritical => "crl-unknown-critical",
    /// An extension of the list is critical that must not be, or the other way round.
    CrlCriticality => "crl-criticality",
    /// The list names one certificate twice.
    CrlDuplicate => "crl-duplicate",
    /// The certificate that signed the list must not sign lists.
    CrlIssuerKeyUsage => "crl-issuer-key-usage",
    /// The list was made after the time of the check.
    CrlNotYetMade => "crl-not-yet-made",
    /// The next list was due before the time of the check.
    CrlStale => "crl-stale",

    // Answers about one certificate (RFC 6960)
    /// The answer is not DER of the right shape.
    OcspMalformed => "ocsp-malformed",
    /// The responder could not read the request.
    OcspMalformedRequest => "ocsp-malformed-request",
    /// The responder has a fault of its own.
    OcspInternalError => "ocsp-internal-error",
    /// The responder asks to be asked again later.
    OcspTryLater => "ocsp-try-later",
    /// The responder wants the request signed.
    OcspSignatureRequired => "ocsp-signature-required",
    /// The responder does not answer us, or not about this certificate.
    OcspUnauthorized => "ocsp-unauthorized",
    /// An answer of another type than the basic one.
    OcspType => "ocsp-type",
    /// The answer is not signed by an algorithm that counts.
    OcspAlgorithm => "ocsp-algorithm",
    /// Neither the authority nor a certificate in the answer is the responder that it names.
    OcspResponderUnknown => "ocsp-responder-unknown",
    /// The authority did not appoint the responder: its certificate is not from this authority and
    /// key, or not for signing answers.
    OcspResponderUnauthorized => "ocsp-responder-unauthorized",
    /// The responder's certificate was not valid at the time.
    OcspResponderExpired => "ocsp-responder-expired",
    /// The responder's certificate was revoked.
    OcspResponderRevoked => "ocsp-responder-revoked",
    /// The responder did not sign the answer.
    OcspSignature => "ocsp-signature",
    /// The answer is about other certificates.
    OcspOtherCertificate => "ocsp-other-certificate",
    /// The answer is about certificates of another authority.
    OcspOtherIssuer => "ocsp-other-issuer",
    /// The answer does not repeat the number of the request.
    OcspNonceMissing => "ocsp-nonce-missing",
    /// The answer repeats another number than that of the request.
    OcspNonceMismatch => "ocsp-nonce-mismatch",
    /// A critical extension of the answer that the engine does not know.
    OcspUnknownCritical => "ocsp-unknown-critical",
    /// The answer was made after the time of the check.
    OcspNotYetMade => "ocsp-not-yet-made",
    /// A newer answer was due before the time of the check.
    OcspStale => "ocsp-stale",

    // Evidence archives
    /// The certificate or root in the archive is not that of the signature.
    EvidenceFile => "evidence-file",
    /// What is found now is not what was found on receipt.
    EvidenceVerdict => "evidence-verdict",
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::error::Error for Reason {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_kebab_case_unique_and_the_stored_form() {
        let mut seen = std::collections::BTreeSet::new();
        for reason in Reason::ALL {
            let code = reason.as_str();
            assert!(
                code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{code}"
            );
            assert!(seen.insert(code), "{code} twice");
            assert_eq!(serde_json::to_value(reason).unwrap(), code);
        }
    }
}
