//! The guardian's signature beside the applicant's: what a reviewer sees of it, and what is checked before an approval.

use super::decide::verdict_of_json;
use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::library::{GuardianPart, Library, LibraryRules};
use crate::domain::likeness::{Comparison, compare_declared_name, is_holder};
use crate::domain::patron::PatronFacts;
use crate::domain::statement::Statement;
use crate::jpki::{self, CrlSet, Reason, Verdict};
use crate::service::apply::rules_in;
use crate::service::{Error, Portal};
use crate::store::cosignatures::Cosignature;
use crate::store::signatures::RevocationAnswer;
use crate::store::versions::FrozenVersion;
use crate::store::{StoreError, Tx, cosignatures};
use std::borrow::Cow;
use time::OffsetDateTime;

/// What a reviewer sees of the guardian's signature.
#[derive(Debug, Clone)]
pub struct GuardianSignature {
    /// What the applicant calls the relation, in the words of the rules. No certificate proves it.
    pub relation: String,
    /// The name that the applicant wrote beside the one in the certificate.
    pub comparison: Option<Comparison>,
    /// What the verification found when the signature arrived.
    pub verdict: Verdict,
    /// Whether the certificate was revoked then, as far as is known by now.
    pub revocation: RevocationAnswer,
    /// When it arrived.
    pub received_at: OffsetDateTime,
}

impl GuardianSignature {
    /// Finds it beside a version.
    pub(super) async fn find(tx: &mut Tx, frozen: &FrozenVersion, rules: &LibraryRules) -> Result<Option<Self>, Error> {
        let Some(cosignature) = cosignatures::find(tx, frozen.application_id, frozen.version.number).await? else {
            return Ok(None);
        };
        let Cosignature { cosigner, verdict_json, revocation, received_at, .. } = cosignature;
        let verdict = verdict_of_json(&verdict_json)?;
        let holder = verdict.signer.as_ref().and_then(|signer| signer.holder.as_ref());
        let comparison = holder.map(|holder| compare_declared_name(&cosigner.name, holder));
        let relation = rules.relation(&cosigner.relation).map_or_else(String::new, |label| label.as_str().to_owned());
        Ok(Some(Self { relation, comparison, verdict, revocation, received_at }))
    }
}

impl Portal {
    /// Verifies the guardian's signature once more, as of its arrival, over the very bytes that the applicant has signed.
    ///
    /// # Errors
    /// [`Error::SignatureBroken`], also if there has to be one and is none.
    pub(in crate::service) async fn verify_guardian_again(
        &self,
        library: &Library,
        (frozen, statement, signed_at): (&FrozenVersion, &Statement, OffsetDateTime),
        cosignature: Option<&Cosignature>,
    ) -> Result<(), Error> {
        let Some(cosignature) = cosignature else {
            let answers = &statement.answers;
            let rules = if statement.rules_version == library.rules_version {
                Cow::Borrowed(&library.rules)
            } else {
                rules_in(&mut self.db.read().await?, library, statement.rules_version).await?
            };
            let age = answers.birth.age_on(japanese_date(signed_at));
            let is_own = answers.relation().is_none();
            let is_needed = is_own && rules.guardian_part(age) == GuardianPart::CoSigns;
            return if is_needed { Err(Error::SignatureBroken(Reason::EvidenceFile)) } else { Ok(()) };
        };
        let (document, at) = (Some(frozen.document.as_slice()), cosignature.received_at);
        let verdict = jpki::verify_cms(&cosignature.cms, document, &self.trust, &CrlSet::default(), at);
        verdict.reason().map_or(Ok(()), |reason| Err(Error::SignatureBroken(reason)))
    }

    /// Asks whether the guardian's certificate was good when the signature arrived, if there is one.
    ///
    /// # Errors
    /// [`Error::RevocationUnknown`] while nobody can tell, [`Error::CertificateRevoked`] if it was revoked by then.
    pub(super) async fn check_guardian_before_approval(
        &self,
        application: &Application,
        version: u32,
    ) -> Result<(), Error> {
        let found = cosignatures::find(&mut self.db.read().await?, application.id, version).await?;
        let Some(cosignature) = found else { return Ok(()) };
        let standing = self.standing_of_guardian(&cosignature).await?;
        if standing != cosignature.revocation {
            let mut tx = self.db.begin().await?;
            cosignatures::set_revocation(&mut tx, application.id, version, standing).await?;
            tx.commit().await?;
        }
        match standing {
            RevocationAnswer::Good => Ok(()),
            RevocationAnswer::Unknown => Err(Error::RevocationUnknown),
            RevocationAnswer::Revoked => Err(Error::CertificateRevoked),
        }
    }
}

/// Tells whether these are the facts of the guardian who has signed beside an application's applicant.
pub(in crate::service) async fn is_guardian(
    tx: &mut Tx,
    application: &Application,
    facts: &PatronFacts,
) -> Result<bool, Error> {
    let number = application.signed_number();
    let cosignature = match cosignatures::find(tx, application.id, number).await {
        Err(StoreError::Unsealable { .. }) => return Ok(false),
        found => found?,
    };
    let Some(cosignature) = cosignature else { return Ok(false) };
    let verdict = verdict_of_json(&cosignature.verdict_json)?;
    let holder = verdict.signer.and_then(|signer| signer.holder);
    Ok(holder.is_some_and(|holder| is_holder(&facts.name, facts.birth, &holder)))
}
