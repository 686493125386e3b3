//! The steps of a verification and its verdict: a document that is stored and shown.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::holder::Holder;
use super::policy::Kind;
use super::reason::Reason;
use super::revocation::RevocationStatus;

/// What was looked at, in the order in which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The message is SignedData with one signer, read without doubt.
    Container,
    /// The signature is over this document.
    Document,
    /// The certificate is one of a person for signing.
    Certificate,
    /// A pinned root signed the certificate.
    Issuer,
    /// Certificate and root were valid at the time of the check.
    Validity,
    /// The key of the certificate made the signature.
    Signature,
    /// Whether the certificate was revoked.
    Revocation,
    /// The PDF holds one signature, and it covers the whole file.
    Coverage,
    /// Nothing but the signature was added to the document that was handed out.
    Original,
    /// An authority vouches for the time of the signature. Told, and never decides.
    Timestamp,
}

impl Check {
    /// The stable name, in kebab-case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Document => "document",
            Self::Certificate => "certificate",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Signature => "signature",
            Self::Revocation => "revocation",
            Self::Coverage => "coverage",
            Self::Original => "original",
            Self::Timestamp => "timestamp",
        }
    }
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// As it should be.
    Passed,
    /// It could not be told; only revocation and timestamps can end so.
    Unknown,
    /// Broken, and this rule.
    Failed(Reason),
}

/// A fact that a check rests on, for people who look closer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, in kebab-case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was looked at.
    pub check: Check,
    /// How it went.
    pub outcome: StepOutcome,
    /// What it rests on.
    pub facts: Vec<Fact>,
}

/// The certificate of the signer, known once a pinned root is known to have signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The certificate in DER.
    #[serde(with = "base64")]
    pub certificate: Vec<u8>,
    /// Serial number in lower-case hexadecimal.
    pub serial: String,
    /// Name of the authority.
    pub issuer: String,
    /// SHA-256 of the certificate in lower-case hexadecimal.
    pub sha256: String,
    /// First second of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Last second of validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The policy identifier in dotted form, if it is a certificate of JPKI.
    pub policy: Option<String>,
    /// What the policy means.
    pub kind: Option<Kind>,
    /// The facts about the person; a certificate for signing in, of a timestamp authority or of a
    /// general suite has none.
    pub holder: Option<Holder>,
    /// SHA-256 of the root in lower-case hexadecimal.
    pub anchor_sha256: String,
    /// The moment that the signer's software claims; nobody vouches for it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub claimed_signing_time: Option<OffsetDateTime>,
}

/// Whether what was checked counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every check passed, except that revocation may be unknown: see [`Verdict::revocation`].
    Valid,
    /// The first rule that was broken.
    Refused(Reason),
}

/// What a verification found. The checks stop at the first that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it counts.
    pub outcome: Outcome,
    /// The moment as of which everything was checked.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Every check that was made.
    pub steps: Vec<Step>,
    /// The signer, as soon as a pinned root vouches for the certificate. Present in some refusals
    /// too (expired, revoked): then the person is the one named and the signature does not count.
    pub signer: Option<Signer>,
    /// Whether the certificate was revoked.
    pub revocation: RevocationStatus,
}

impl Verdict {
    /// Whether every check passed. Unknown revocation does not make a signature invalid: whoever
    /// decides must look at [`Self::revocation`] as well.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        matches!(self.outcome, Outcome::Valid)
    }

    /// The first rule that was broken.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Valid => None,
            Outcome::Refused(reason) => Some(reason),
        }
    }
}

/// Certificates travel as base64 in the stored verdict.
mod base64 {
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}
