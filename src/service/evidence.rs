//! The evidence of each signature, put together while its parts are fresh.
//!
//! Soon after the receipt, as soon as it is known whether the certificate was revoked, the manifest is written
//! and what would be gone later (the list, the root) is kept; then a time-stamping authority, where one is
//! configured, vouches for the manifest. The archive itself is put together whenever somebody asks for it.

use super::record::staff_event;
use super::review::{file_for, signed_document_of, signed_version};
use super::{Error, Portal};
use crate::domain::answers::Answers;
use crate::domain::application::Application;
use crate::domain::attachment::Attached;
use crate::domain::event::EventKind;
use crate::domain::ids::ApplicationId;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::evidence::{
    ANCHOR, Archive, CERTIFICATE, DOCUMENT, Entry, Form, GUARDIAN_ANCHOR, GUARDIAN_CERTIFICATE, GUARDIAN_SIGNATURE,
    GUARDIAN_VERDICT, Manifest, README, README_TEXT, Revocation, Role, SIGNATURE, SecondSignature, Subject, VERDICT,
};
use crate::gateway::revocation::Proof;
use crate::jpki::{RevocationStatus, Verdict};
use crate::sha256::sha256;
use crate::store::cosignatures::{self, Cosignature};
use crate::store::evidence::{self as archives, GatheredEvidence, NamedFile, SignatureKey};
use crate::store::signatures::SignatureEvidence;
use crate::store::versions::FrozenVersion;
use crate::store::{Tx, applications, attachments, events, libraries};
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

/// How many signatures one round looks at.
const BATCH: u32 = 20;
/// Lists up to this length go into the archive; of longer ones it keeps what they say of themselves.
const LONGEST_LIST: usize = 8 * 1024 * 1024;

impl Portal {
    /// Gathers the evidence of signatures that have none yet, and has it time-stamped; true if there may be more.
    /// Safe to run twice and to interrupt.
    ///
    /// # Errors
    /// Only the store's. A signature that cannot be gathered, or an authority that cannot be reached, is logged and
    /// tried again in the next round.
    pub async fn gather_evidence(&self) -> Result<bool, Error> {
        let ungathered = archives::list_ungathered(&mut self.db.read().await?, BATCH).await?;
        let mut gathered = 0;
        for key in &ungathered {
            match self.gather(key).await {
                Ok(_) => gathered += 1,
                Err(error) => tracing::error!(application = %key.application_id, %error, "evidence cannot be gathered"),
            }
        }
        let stamped = self.stamp_evidence().await?;
        Ok((gathered > 0 && ungathered.len() == BATCH as usize) || stamped)
    }

    /// The archive of an application's signature. Taking it is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the reviewer's library and branches, and before submission.
    pub async fn evidence_archive(&self, by: &StaffMember, reference: &Reference) -> Result<Vec<u8>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let application = file_for(&mut tx, by, Permission::TakeEvidence, reference).await?;
        let (frozen, signature) = signed_version(&mut tx, &application).await?;
        let found = archives::find(&mut tx, application.id, frozen.version.number).await?;
        drop(tx);
        let gathered = match found {
            Some(gathered) => gathered,
            None => self.gather(&key_of(&application, &frozen)).await?,
        };
        let mut tx = self.db.begin().await?;
        let archive = put_together(&mut tx, &frozen, &signature, &gathered).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::EvidenceTaken, by, now)).await?;
        tx.commit().await?;
        archive.to_zip().map_err(|_| Error::Internal("an archive too large"))
    }

    async fn gather(&self, key: &SignatureKey) -> Result<GatheredEvidence, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let library = libraries::find(&mut tx, key.library_id).await?.ok_or(Error::NotFound)?;
        let application =
            applications::find(&mut tx, key.library_id, key.application_id).await?.ok_or(Error::NotFound)?;
        let (frozen, signature) = signed_version(&mut tx, &application).await?;
        let cosignature = cosignatures::find(&mut tx, application.id, frozen.version.number).await?;
        drop(tx);
        let (anchor, asked) =
            self.ask_about_signer(&signature.certificate, &signature.verdict_json, &OF_APPLICANT).await?;
        let form = if signature.pdf_update.is_some() { Form::Pdf } else { Form::Detached };
        let mut files = vec![Entry::of(DOCUMENT, Role::Document, &signed_document_of(&frozen, &signature))];
        if form == Form::Detached {
            files.push(Entry::of(SIGNATURE, Role::Signature, &signature.cms));
        }
        files.extend([
            Entry::of(CERTIFICATE, Role::Certificate, &signature.certificate),
            Entry::of(ANCHOR, Role::Anchor, &anchor),
            Entry::of(VERDICT, Role::Verdict, signature.verdict_json.as_bytes()),
        ]);
        files.extend(asked.list.iter().map(|list| Entry::of(OF_APPLICANT.list, Role::List, list)));
        files.extend(asked.response.iter().map(|response| Entry::of(OF_APPLICANT.response, Role::Ocsp, response)));
        let mut answers = named(&OF_APPLICANT, asked.response);
        let mut shared = vec![anchor];
        shared.extend(asked.list);
        shared.push(README_TEXT.as_bytes().to_vec());
        let guardian = match &cosignature {
            Some(cosignature) => {
                let (anchor, asked) =
                    self.ask_about_signer(&cosignature.certificate, &cosignature.verdict_json, &OF_GUARDIAN).await?;
                files.extend(entries_of_guardian(cosignature, &anchor, &asked));
                shared.push(anchor);
                shared.extend(asked.list);
                answers.extend(named(&OF_GUARDIAN, asked.response));
                let covers = frozen.document.len() as u64;
                let (received_at, revocation) = (cosignature.received_at, vec![asked.revocation]);
                Some(SecondSignature { received_at, covers, revocation })
            }
            None => None,
        };
        files.push(Entry::of(README, Role::Readme, README_TEXT.as_bytes()));
        let subject = Subject {
            library: library.rules.name.as_str().to_owned(),
            reference: application.reference.to_string(),
            version: frozen.version.number,
        };
        let attachments = attachments_of(&crate::document::read_statement(&frozen.document)?.answers);
        let manifest = Manifest::new(subject, form, signature.received_at, vec![asked.revocation], files)
            .with_attachments(attachments);
        let manifest = match guardian {
            Some(guardian) => manifest.with_guardian(guardian),
            None => manifest,
        };
        let gathered = GatheredEvidence {
            library_id: key.library_id,
            application_id: key.application_id,
            version_number: frozen.version.number,
            manifest_json: manifest.to_json().map_err(|_| Error::Internal("unwritable manifest"))?,
            answers,
            gathered_at: now,
            time_stamp: None,
        };
        let mut tx = self.db.begin().await?;
        for shared in shared {
            archives::keep_file(&mut tx, key.library_id, &shared, now).await?;
        }
        archives::insert(&mut tx, &gathered).await?;
        tx.commit().await?;
        Ok(gathered)
    }

    /// The root of a signer's certificate, and what is said of its revocation by now.
    async fn ask_about_signer(
        &self,
        certificate: &[u8],
        verdict_json: &str,
        names: &AnswerNames,
    ) -> Result<(Vec<u8>, Asked), Error> {
        let verdict: Verdict = serde_json::from_str(verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
        let signer = verdict.signer.as_ref().ok_or(Error::Internal("a good signature has a signer"))?;
        // Lists forget certificates that have run out (RFC 5280 §3.3).
        let at = self.clock.now().min(signer.not_after);
        let (answer, proof) = self.revocation.prove(certificate, &self.trust, at).await;
        let anchor =
            self.trust.anchors().iter().find(|anchor| HEXLOWER.encode(&anchor.sha256()) == signer.anchor_sha256);
        let anchor = anchor.ok_or(Error::Internal("the root of a signature is no longer configured"))?;
        Ok((anchor.der().to_vec(), Asked::of(answer.status, proof, names, at)))
    }

    /// Has the oldest manifests time-stamped; true if all of a full batch were.
    async fn stamp_evidence(&self) -> Result<bool, Error> {
        let Some(authority) = &self.timestamps else { return Ok(false) };
        let unstamped = archives::list_unstamped(&mut self.db.read().await?, BATCH).await?;
        for key in &unstamped {
            let now = self.clock.now();
            let gathered = archives::find(&mut self.db.read().await?, key.application_id, key.version_number).await?;
            let Some(gathered) = gathered else { continue };
            match authority.stamp(&sha256(&gathered.manifest_json), now).await {
                Ok(stamp) => {
                    let mut tx = self.db.begin().await?;
                    archives::set_time_stamp(&mut tx, key, &stamp.token, now).await?;
                    tx.commit().await?;
                }
                Err(error) => {
                    // Whoever is down now is down for the rest of the batch as well.
                    tracing::warn!(%error, "evidence waits for its time-stamp");
                    return Ok(false);
                }
            }
        }
        Ok(unstamped.len() == BATCH as usize)
    }
}

/// What the files are called in which a list or a responder answers.
struct AnswerNames {
    list: &'static str,
    response: &'static str,
}

const OF_APPLICANT: AnswerNames =
    AnswerNames { list: "META-INF/evidence/revocation-1.crl", response: "META-INF/evidence/revocation-1.ocsp" };
const OF_GUARDIAN: AnswerNames = AnswerNames {
    list: "META-INF/evidence/guardian/revocation.crl",
    response: "META-INF/evidence/guardian/revocation.ocsp",
};

fn named(names: &AnswerNames, response: Option<Vec<u8>>) -> Vec<NamedFile> {
    response.into_iter().map(|contents| NamedFile { name: names.response.to_owned(), contents }).collect()
}

fn entries_of_guardian(cosignature: &Cosignature, anchor: &[u8], asked: &Asked) -> Vec<Entry> {
    let mut entries = vec![
        Entry::of(GUARDIAN_SIGNATURE, Role::GuardianSignature, &cosignature.cms),
        Entry::of(GUARDIAN_CERTIFICATE, Role::GuardianCertificate, &cosignature.certificate),
        Entry::of(GUARDIAN_ANCHOR, Role::Anchor, anchor),
        Entry::of(GUARDIAN_VERDICT, Role::GuardianVerdict, cosignature.verdict_json.as_bytes()),
    ];
    entries.extend(asked.list.iter().map(|list| Entry::of(OF_GUARDIAN.list, Role::List, list)));
    entries.extend(asked.response.iter().map(|response| Entry::of(OF_GUARDIAN.response, Role::Ocsp, response)));
    entries
}

/// What was answered about revocation, and what goes into the archive for it.
struct Asked {
    revocation: Revocation,
    list: Option<Vec<u8>>,
    response: Option<Vec<u8>>,
}

impl Asked {
    fn of(status: RevocationStatus, proof: Option<Proof>, names: &AnswerNames, asked_at: OffsetDateTime) -> Self {
        match proof {
            Some(Proof::Response(response)) => Self {
                revocation: Revocation::Ocsp { asked_at, file: names.response.to_owned(), answer: status },
                list: None,
                response: Some(response),
            },
            Some(Proof::List { contents: Some(list), .. }) if list.len() <= LONGEST_LIST => Self {
                revocation: Revocation::List { asked_at, file: names.list.to_owned(), answer: status },
                list: Some(list),
                response: None,
            },
            Some(Proof::List { sha256, .. }) => Self {
                revocation: Revocation::ListExtract { asked_at, sha256: HEXLOWER.encode(&sha256), answer: status },
                list: None,
                response: None,
            },
            None => Self { revocation: Revocation::Unknown { asked_at, answer: status }, list: None, response: None },
        }
    }
}

fn key_of(application: &Application, frozen: &FrozenVersion) -> SignatureKey {
    SignatureKey {
        library_id: application.library_id,
        application_id: application.id,
        version_number: frozen.version.number,
    }
}

/// What was sent along with the version that was signed; the pictures of children are among them.
fn attachments_of(answers: &Answers) -> Vec<Entry> {
    let named = answers.attachments.iter().zip(1..).map(|(attached, number): (&Attached, u32)| {
        let name = format!("META-INF/attachments/{number}.jpg");
        Entry::known(&name, Role::Attachment, attached.size, attached.sha256.as_bytes())
    });
    named.collect()
}

/// The pictures among them that are still kept.
async fn kept_attachments(
    tx: &mut Tx,
    application: ApplicationId,
    manifest: &Manifest,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let known = attachments::list(tx, application).await?;
    let mut kept = Vec::new();
    for entry in &manifest.attachments {
        let picture = known.iter().find(|one| HEXLOWER.encode(one.sha256.as_bytes()) == entry.sha256);
        let Some(picture) = picture else { continue };
        if let Some(contents) = attachments::find_contents(tx, application, picture.id).await? {
            kept.push((entry.name.clone(), contents));
        }
    }
    Ok(kept)
}

/// Collects the files that the manifest lists from where they are kept.
async fn put_together(
    tx: &mut Tx,
    frozen: &FrozenVersion,
    signature: &SignatureEvidence,
    gathered: &GatheredEvidence,
) -> Result<Archive, Error> {
    let manifest: Manifest =
        serde_json::from_slice(&gathered.manifest_json).map_err(|_| Error::Internal("unreadable manifest"))?;
    let second = cosignatures::find(tx, gathered.application_id, gathered.version_number).await?;
    let of_guardian = || second.as_ref().ok_or(Error::Internal("evidence without the guardian's signature"));
    let kept = kept_attachments(tx, gathered.application_id, &manifest).await?;
    let mut files = Vec::with_capacity(manifest.files.len());
    for entry in manifest.files {
        let contents = match entry.role {
            Role::Document => signed_document_of(frozen, signature),
            Role::Signature => signature.cms.clone(),
            Role::Certificate => signature.certificate.clone(),
            Role::Verdict => signature.verdict_json.clone().into_bytes(),
            Role::GuardianSignature => of_guardian()?.cms.clone(),
            Role::GuardianCertificate => of_guardian()?.certificate.clone(),
            Role::GuardianVerdict => of_guardian()?.verdict_json.clone().into_bytes(),
            Role::Ocsp => gathered
                .answers
                .iter()
                .find(|file| file.name == entry.name)
                .map(|file| file.contents.clone())
                .ok_or(Error::Internal("evidence without its answer"))?,
            // None is listed among the files.
            Role::Attachment => return Err(Error::Internal("unreadable manifest")),
            Role::Anchor | Role::List | Role::Readme => {
                let digest = HEXLOWER.decode(entry.sha256.as_bytes()).ok().and_then(|digest| digest.try_into().ok());
                let digest: [u8; 32] = digest.ok_or(Error::Internal("unreadable manifest"))?;
                archives::find_file(tx, gathered.library_id, &digest)
                    .await?
                    .ok_or(Error::Internal("evidence without its file"))?
            }
        };
        files.push((entry.name, contents));
    }
    let stamps = gathered.time_stamp.iter().cloned().collect();
    Archive::new(gathered.manifest_json.clone(), files, stamps)
        .and_then(|archive| archive.with_attachments(kept))
        .map_err(|_| Error::Internal("evidence does not fit"))
}
