//! What an archive says of itself.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::ArchiveError;
use crate::jpki::RevocationStatus;
use crate::sha256::sha256;

/// The name of the format, in every manifest.
pub const FORMAT: &str = "todoke-evidence";
/// The version without attachments.
pub(super) const VERSION: u32 = 1;
/// The version that names attachments.
pub(super) const VERSION_WITH_ATTACHMENTS: u32 = 2;

/// What an archive is about, when it was received, and every file in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// 1, or 2 if there are attachments.
    pub format_version: u32,
    /// Whose signature about what.
    pub subject: Subject,
    /// Where the signature stands.
    pub form: Form,
    /// When the signature was received: the moment as of which it was verified.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// What was known about revocation on receipt and, where that was nothing, later.
    pub revocation: Vec<Revocation>,
    /// A guardian's signature over the same document, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub guardian: Option<SecondSignature>,
    /// Every file but `mimetype`, this one and the time-stamps over it, in the order of the archive.
    pub files: Vec<Entry>,
    /// What was sent along as proof. The pictures are kept for a shorter time than the signature: one that is not there
    /// any more is known by its digest alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Entry>,
}

impl Manifest {
    /// A manifest in the present version of the format.
    #[must_use]
    pub fn new(
        subject: Subject,
        form: Form,
        received_at: OffsetDateTime,
        revocation: Vec<Revocation>,
        files: Vec<Entry>,
    ) -> Self {
        let (format, guardian, attachments) = (FORMAT.to_owned(), None, Vec::new());
        Self { format, format_version: VERSION, subject, form, received_at, revocation, guardian, files, attachments }
    }

    /// The same with a guardian's signature.
    #[must_use]
    pub fn with_guardian(self, guardian: SecondSignature) -> Self {
        Self { guardian: Some(guardian), ..self }
    }

    /// The same with what was sent along, whether or not it will be kept.
    #[must_use]
    pub fn with_attachments(self, attachments: Vec<Entry>) -> Self {
        let format_version = if attachments.is_empty() { VERSION } else { VERSION_WITH_ATTACHMENTS };
        Self { format_version, attachments, ..self }
    }

    /// The JSON that is archived: the same manifest gives the same bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Manifest`] for a moment outside the years 0 to 9999.
    pub fn to_json(&self) -> Result<Vec<u8>, ArchiveError> {
        serde_json::to_vec_pretty(self).map_err(|_| ArchiveError::Manifest)
    }
}

/// A second signature over what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondSignature {
    /// When it was received: the moment as of which it was verified.
    #[serde(with = "time::serde::rfc3339")]
    pub received_at: OffsetDateTime,
    /// Over how many octets of the document it is, from the first one on: all but what the first signature has added to
    /// a PDF.
    pub covers: u64,
    /// What was known about the revocation of its certificate.
    pub revocation: Vec<Revocation>,
}

/// What the signature is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The library's name.
    pub library: String,
    /// The application's reference number.
    pub reference: String,
    /// Which version of the application was signed.
    pub version: u32,
}

/// Where the signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Beside the document.
    Detached,
    /// Inside the PDF.
    Pdf,
}

/// One answer about revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Revocation {
    /// A list that is in the archive.
    List {
        /// When it was asked.
        #[serde(with = "time::serde::rfc3339")]
        asked_at: OffsetDateTime,
        /// The name of its file.
        file: String,
        /// What it said.
        answer: RevocationStatus,
    },
    /// A list too large to be carried along.
    ListExtract {
        /// When it was asked.
        #[serde(with = "time::serde::rfc3339")]
        asked_at: OffsetDateTime,
        /// SHA-256 of the list in lower-case hexadecimal.
        sha256: String,
        /// What it said.
        answer: RevocationStatus,
    },
    /// An OCSP response that is in the archive.
    Ocsp {
        /// When it was asked.
        #[serde(with = "time::serde::rfc3339")]
        asked_at: OffsetDateTime,
        /// The name of its file.
        file: String,
        /// What it said.
        answer: RevocationStatus,
    },
    /// Nobody could tell.
    Unknown {
        /// When it was asked.
        #[serde(with = "time::serde::rfc3339")]
        asked_at: OffsetDateTime,
        /// Why not.
        answer: RevocationStatus,
    },
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the archive.
    pub name: String,
    /// What it is there for.
    pub role: Role,
    /// Its length in octets.
    pub length: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl Entry {
    /// The entry of a file with these contents.
    #[must_use]
    pub fn of(name: &str, role: Role, contents: &[u8]) -> Self {
        Self::known(name, role, contents.len() as u64, &sha256(contents))
    }

    /// The entry of a file of which length and digest are known.
    #[must_use]
    pub fn known(name: &str, role: Role, length: u64, digest: &[u8; 32]) -> Self {
        Self { name: name.to_owned(), role, length, sha256: data_encoding::HEXLOWER.encode(digest) }
    }

    /// Whether the contents are those that were listed.
    #[must_use]
    pub fn describes(&self, contents: &[u8]) -> bool {
        *self == Self::of(&self.name, self.role, contents)
    }
}

/// What a file is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What was signed.
    Document,
    /// The detached signature.
    Signature,
    /// The signer's certificate.
    Certificate,
    /// The root.
    Anchor,
    /// The verdict on receipt.
    Verdict,
    /// A revocation list.
    List,
    /// An OCSP response.
    Ocsp,
    /// The instructions.
    Readme,
    /// The guardian's signature.
    GuardianSignature,
    /// The guardian's certificate.
    GuardianCertificate,
    /// The verdict on receipt of the guardian's signature.
    GuardianVerdict,
    /// A picture of a document that was sent as proof.
    Attachment,
}
