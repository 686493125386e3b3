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
    /// The certificate is not signed by sha256WithRSAEncryption.
    CertificateAlgorithm => "certificate-algorithm",
    /// The algorithm inside the certificate differs from the one outside.
    CertificateAlgorithmMismatch => "certificate-algorithm-mismatch",
    /// The issuer or the subject has no name at all.
    CertificateNameEmpty => "certificate-name-empty",
    /// The key of the certificate is not an RSA key.
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

    // The JPKI signing profile
    /// There is no certificatePolicies extension.
    PolicyMissing => "policy-missing",
    /// certificatePolicies is not critical.
    PolicyNotCritical => "policy-not-critical",
    /// None of the certificate's policies is one of JPKI signing certificates.
    PolicyUnknown => "policy-unknown",
    /// A test policy where only production certificates count, or the other way round.
    PolicyEnvironment => "policy-environment",
    /// A user-authentication certificate, which must not sign documents.
    UserAuthenticationCertificate => "user-authentication-certificate",
    /// There is no keyUsage extension.
    KeyUsageMissing => "key-usage-missing",
    /// keyUsage is not critical.
    KeyUsageNotCritical => "key-usage-not-critical",
    /// keyUsage lacks digitalSignature or nonRepudiation.
    KeyUsageInsufficient => "key-usage-insufficient",
    /// keyUsage of a person's certificate lets it issue certificates or lists.
    KeyUsageExcessive => "key-usage-excessive",
    /// A certificate of an authority where a person's is wanted.
    CertificateAuthority => "certificate-authority",
    /// extendedKeyUsage stands in a signing certificate.
    ExtendedKeyUsage => "extended-key-usage",
    /// No subjectAltName with the holder's name.
    HolderMissing => "holder-missing",
    /// The holder's facts are not written as the profile says.
    HolderMalformed => "holder-malformed",

    // The path to a pinned root
    /// No pinned root has the name and key identifier that the certificate names as its issuer.
    IssuerUnknown => "issuer-unknown",
    /// The issuer that the certificate names did not sign it.
    IssuerSignature => "issuer-signature",
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
    /// A SignedData version other than 1 or 3.
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
    /// An attribute that must be signed stands among the unsigned ones.
    AttributeUnsigned => "attribute-unsigned",
    /// The signature was not made by the key of the certificate over these attributes.
    SignatureMismatch => "signature-mismatch",

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
