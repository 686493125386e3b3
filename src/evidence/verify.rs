//! Checking an archive again: the same questions as on receipt, with what the archive kept.

use data_encoding::HEXLOWER;
use serde::Serialize;
use time::OffsetDateTime;

use super::archive::Archive;
use super::manifest::{Form, Revocation, SecondSignature};
use super::{
    ANCHOR, CERTIFICATE, DOCUMENT, GUARDIAN_ANCHOR, GUARDIAN_CERTIFICATE, GUARDIAN_SIGNATURE, GUARDIAN_VERDICT,
    SIGNATURE, VERDICT,
};
use crate::jpki::{
    Crl, CrlSet, Imprint, Outcome, Reason, RevocationStatus, Timestamp, Trust, Verdict, verify_certificate, verify_cms,
    verify_kept_timestamp, verify_ocsp, verify_pdf,
};
use crate::sha256::sha256;

/// What an archive proves.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceVerdict {
    /// What the verification of the signature finds now, as of the time of receipt, with the
    /// revocation information of the archive.
    pub verdict: Verdict,
    /// Whether that is what was found on receipt.
    pub recorded: Recorded,
    /// The same of the guardian's signature over the same document, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<SecondVerdict>,
    /// Who vouches for the time, one for each time-stamp.
    pub vouched: Vec<Vouched>,
    /// What was sent along as proof.
    pub attachments: Vec<Attached>,
}

/// What the archive has of a picture that was sent along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// Its name in the archive.
    pub name: String,
    /// SHA-256 in lower-case hexadecimal: the signed document names the same.
    pub sha256: String,
    /// Whether it is in the archive, as it was sent. If not, it was kept long enough and destroyed.
    pub is_kept: bool,
}

/// What an archive proves of a second signature.
#[derive(Debug, Clone, Serialize)]
pub struct SecondVerdict {
    /// As of its own receipt.
    pub verdict: Verdict,
    /// Whether that is what was found then.
    pub recorded: Recorded,
}

/// How today's verdict compares with the one on receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recorded {
    /// The same outcome for the same certificate.
    Same,
    /// Another outcome, or another certificate.
    Different,
    /// The recorded verdict cannot be read.
    Unreadable,
}

/// What one time-stamp says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "time-stamp", rename_all = "kebab-case")]
pub enum Vouched {
    /// The manifest, and with it everything, existed at that moment.
    At {
        /// The authority's time.
        #[serde(with = "time::serde::rfc3339")]
        time: OffsetDateTime,
        /// The authority.
        authority: String,
    },
    /// The token does not hold.
    Refused {
        /// Why.
        reason: Reason,
    },
}

impl EvidenceVerdict {
    /// The first thing that does not hold; `None` if the archive proves what it says. Unknown
    /// revocation is no fault of the archive: see [`Verdict::revocation`].
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        let refused = self.vouched.iter().find_map(|vouched| match vouched {
            Vouched::Refused { reason } => Some(*reason),
            Vouched::At { .. } => None,
        });
        let differs = |recorded| (recorded != Recorded::Same).then_some(Reason::EvidenceVerdict);
        let guardian = self.guardian.as_ref();
        let of_guardian = guardian.and_then(|second| second.verdict.reason().or(differs(second.recorded)));
        self.verdict.reason().or(of_guardian).or(refused).or(differs(self.recorded))
    }
}

/// Checks the signature as of its receipt, and each time-stamp. `trust` names the roots that the
/// caller trusts: the root in the archive must be one of them. `timestamping` names those of
/// time-stamping authorities. Today's date plays no part: everything is judged as of its own time.
#[must_use]
pub fn verify_evidence(archive: &Archive, trust: &Trust, timestamping: &Trust) -> EvidenceVerdict {
    let first = Part::first(archive);
    let verdict = first.verify(archive, trust);
    let recorded = first.recorded(archive, &verdict);
    let guardian = archive.manifest().guardian.as_ref().map(|second| {
        let second = Part::of_guardian(archive, second);
        let verdict = second.verify(archive, trust);
        SecondVerdict { recorded: second.recorded(archive, &verdict), verdict }
    });
    let digest = sha256(archive.manifest_json());
    let vouched = archive.timestamps().iter().map(|token| {
        match verify_kept_timestamp(token, Imprint::Sha256(&digest), timestamping) {
            Ok(Timestamp { at, authority, .. }) if at >= archive.manifest().received_at - CLOCKS_DIFFER => {
                Vouched::At { time: at, authority }
            }
            // A time-stamp from before the receipt is over something else.
            Ok(_) => Vouched::Refused { reason: Reason::TimestampTime },
            Err(reason) => Vouched::Refused { reason },
        }
    });
    let attached = archive.manifest().attachments.iter().map(|entry| Attached {
        name: entry.name.clone(),
        sha256: entry.sha256.clone(),
        is_kept: archive.file(&entry.name).is_some(),
    });
    EvidenceVerdict { vouched: vouched.collect(), attachments: attached.collect(), verdict, guardian, recorded }
}

/// The portal's clock and the authority's may differ by this much.
const CLOCKS_DIFFER: time::Duration = time::Duration::minutes(5);

/// One signature and the files that are about it.
struct Part<'a> {
    form: Form,
    document: &'a [u8],
    received_at: OffsetDateTime,
    revocation: &'a [Revocation],
    signature: &'static str,
    certificate: &'static str,
    anchor: &'static str,
    verdict: &'static str,
}

impl<'a> Part<'a> {
    fn first(archive: &'a Archive) -> Self {
        Self {
            form: archive.manifest().form,
            document: archive.file(DOCUMENT).unwrap_or_default(),
            received_at: archive.manifest().received_at,
            revocation: &archive.manifest().revocation,
            signature: SIGNATURE,
            certificate: CERTIFICATE,
            anchor: ANCHOR,
            verdict: VERDICT,
        }
    }

    fn of_guardian(archive: &'a Archive, second: &'a SecondSignature) -> Self {
        let document = archive.file(DOCUMENT).unwrap_or_default();
        let covers = usize::try_from(second.covers).unwrap_or(usize::MAX);
        Self {
            form: Form::Detached,
            // More than there is covers nothing.
            document: document.get(..covers).unwrap_or_default(),
            received_at: second.received_at,
            revocation: &second.revocation,
            signature: GUARDIAN_SIGNATURE,
            certificate: GUARDIAN_CERTIFICATE,
            anchor: GUARDIAN_ANCHOR,
            verdict: GUARDIAN_VERDICT,
        }
    }

    fn verify(&self, archive: &Archive, trust: &Trust) -> Verdict {
        let mut verdict = match self.form {
            Form::Detached => {
                let cms = archive.file(self.signature).unwrap_or_default();
                verify_cms(cms, Some(self.document), trust, &CrlSet::new(), self.received_at)
            }
            Form::Pdf => verify_pdf(self.document, None, trust, &CrlSet::new(), self.received_at),
        };
        if verdict.is_valid() {
            verdict.outcome = self.own_files(archive, &verdict).map_or_else(Outcome::Refused, |()| Outcome::Valid);
        }
        match self.revocation(archive, trust) {
            Some(answer) if verdict.is_valid() => verdict.with_revocation(answer),
            _ => verdict,
        }
    }

    /// The certificate and the root in the archive are those of the signature.
    fn own_files(&self, archive: &Archive, verdict: &Verdict) -> Result<(), Reason> {
        let signer = verdict.signer.as_ref().ok_or(Reason::EvidenceFile)?;
        let digest = |name| archive.file(name).map(|contents| HEXLOWER.encode(&sha256(contents)));
        let genuine = digest(self.certificate).as_ref() == Some(&signer.sha256)
            && digest(self.anchor).as_ref() == Some(&signer.anchor_sha256);
        if genuine { Ok(()) } else { Err(Reason::EvidenceFile) }
    }

    /// What the archive's lists and answers say of the certificate, each as of the moment when it was asked. A list
    /// of a later day speaks of the receipt as well: JPKI never lifts a revocation.
    fn revocation(&self, archive: &Archive, trust: &Trust) -> Option<RevocationStatus> {
        let certificate = archive.file(self.certificate)?;
        let answers = self.revocation.iter().filter_map(|answer| match answer {
            Revocation::List { file, asked_at, .. } => {
                let mut lists = CrlSet::new();
                lists.insert(Crl::parse(archive.file(file)?, trust).ok()?);
                Some(verify_certificate(certificate, trust, &lists, *asked_at).revocation)
            }
            Revocation::Ocsp { file, asked_at, .. } => {
                verify_ocsp(archive.file(file)?, certificate, None, trust, *asked_at).ok()
            }
            Revocation::ListExtract { .. } | Revocation::Unknown { .. } => None,
        });
        let mut known = None;
        for answer in answers {
            match answer {
                RevocationStatus::Revoked { at, .. } if at <= self.received_at => return Some(answer),
                RevocationStatus::Unknown { .. } => {}
                RevocationStatus::Good { .. } | RevocationStatus::Revoked { .. } => known = Some(answer),
            }
        }
        known
    }

    fn recorded(&self, archive: &Archive, verdict: &Verdict) -> Recorded {
        let Some(Ok(then)) = archive.file(self.verdict).map(serde_json::from_slice::<Verdict>) else {
            return Recorded::Unreadable;
        };
        let signer = |verdict: &Verdict| verdict.signer.as_ref().map(|signer| signer.sha256.clone());
        if then.outcome == verdict.outcome && signer(&then) == signer(verdict) && then.at == verdict.at {
            Recorded::Same
        } else {
            Recorded::Different
        }
    }
}
