//! The two questions that the engine answers: does this signature count, does this certificate.

use aws_lc_rs::digest::Context;
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

use super::attributes::Attributes;
use super::certificate::Certificate;
use super::chain::Trust;
use super::cms::SignedData;
use super::holder::Holder;
use super::path::Path;
use super::policy::{Policy, Purpose};
use super::reason::Reason;
use super::revocation::{CrlSet, RevocationGap, RevocationStatus};
use super::step::{Check, Fact, Outcome, Signer, Step, StepOutcome, Verdict};
use super::{ber, name};

/// Verifies a CMS signature, detached if `content` is given, as of the moment `at`.
///
/// DER is read in place; BER is rewritten as DER first, within bounds.
#[must_use]
pub fn verify_cms(cms: &[u8], content: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let as_der = verify_der(cms, content, trust, crls, at);
    if as_der.reason() != Some(Reason::CmsMalformed) {
        return as_der;
    }
    match ber::to_der(cms) {
        Ok(der) if der != cms => verify_der(&der, content, trust, crls, at),
        Ok(_) | Err(Reason::CmsMalformed) => as_der,
        Err(reason) => {
            let mut inspection = Inspection::new(trust, crls, at);
            let refused = inspection.step(Check::Container, |_| Err(reason));
            inspection.conclude(refused)
        }
    }
}

/// Checks a signing certificate alone: profile, path, validity and revocation as of `at`.
#[must_use]
pub fn verify_certificate(der: &[u8], trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let mut inspection = Inspection::new(trust, crls, at);
    let result = inspection.certificate(der, &[]).and_then(|identified| {
        inspection.identify(&identified, None);
        inspection.validity(&identified)?;
        inspection.revocation(&identified)
    });
    inspection.conclude(result)
}

fn verify_der(cms: &[u8], content: Option<&[u8]>, trust: &Trust, crls: &CrlSet, at: OffsetDateTime) -> Verdict {
    let mut inspection = Inspection::new(trust, crls, at);
    let result = inspection.message(cms, content);
    inspection.conclude(result)
}

/// A certificate that a pinned root signed, and what is known of it by then.
struct Identified<'c> {
    certificate: Certificate<'c>,
    policy: Option<Policy>,
    holder: Option<Holder>,
    path: Path<'c>,
}

/// The checks made so far.
struct Inspection<'t> {
    trust: &'t Trust,
    crls: &'t CrlSet,
    at: OffsetDateTime,
    steps: Vec<Step>,
    signer: Option<Signer>,
    revocation: RevocationStatus,
}

impl<'t> Inspection<'t> {
    fn new(trust: &'t Trust, crls: &'t CrlSet, at: OffsetDateTime) -> Self {
        Self {
            trust,
            crls,
            at,
            steps: Vec::with_capacity(7),
            signer: None,
            revocation: RevocationStatus::Unknown { why: RevocationGap::NotAsked },
        }
    }

    /// Makes one check and writes down how it went.
    fn step<T>(&mut self, check: Check, run: impl FnOnce(&mut Facts) -> Result<T, Reason>) -> Result<T, Reason> {
        let mut facts = Facts(Vec::new());
        let result = run(&mut facts);
        let outcome = match &result {
            Ok(_) => StepOutcome::Passed,
            Err(reason) => StepOutcome::Failed(*reason),
        };
        self.steps.push(Step { check, outcome, facts: facts.0 });
        result
    }

    fn conclude(self, result: Result<(), Reason>) -> Verdict {
        Verdict {
            outcome: result.map_or_else(Outcome::Refused, |()| Outcome::Valid),
            at: self.at,
            steps: self.steps,
            signer: self.signer,
            revocation: self.revocation,
        }
    }

    /// The order of RFC 5652 §5.6 and of the path rules: what is cheap and certain first, the
    /// signature only with a key that is known to be a person's.
    fn message(&mut self, cms: &[u8], content: Option<&[u8]>) -> Result<(), Reason> {
        let trust = self.trust;
        let (message, attributes, der) = self.step(Check::Container, |facts| {
            let message = SignedData::parse(cms)?;
            trust.rules.check_algorithm(message.algorithm)?;
            let attributes = Attributes::parse(&message.signed_attributes)?;
            let der = message.signer_certificate()?;
            facts.add("digest-algorithm", message.hash.as_str());
            facts.add("content", if message.content.is_some() { "inside" } else { "detached" });
            if let Some(claimed) = attributes.signing_time {
                facts.add_time("claimed-signing-time", claimed);
            }
            Ok((message, attributes, der))
        })?;
        self.step(Check::Document, |facts| {
            let document = match (message.content, content) {
                (Some(_), Some(_)) => return Err(Reason::ContentTwice),
                (None, None) => return Err(Reason::ContentMissing),
                (Some(document), None) | (None, Some(document)) => document,
            };
            let digest = message.hash.digest(document);
            facts.add(message.hash.as_str(), HEXLOWER.encode(digest.as_ref()));
            if digest.as_ref() == attributes.message_digest { Ok(()) } else { Err(Reason::MessageDigestMismatch) }
        })?;
        let identified = self.certificate(der, &[])?;
        self.identify(&identified, attributes.signing_time);
        self.validity(&identified)?;
        self.step(Check::Signature, |facts| {
            facts.add("algorithm", message.algorithm.as_str());
            let Identified { certificate, .. } = &identified;
            attributes.check_signing_certificate(der, certificate.issuer.raw, certificate.serial.value)?;
            // The signature is over the set as such, not as the tagged field (RFC 5652 §5.4).
            let mut signed = Context::new(message.hash.algorithm());
            signed.update(&[0x31]);
            signed.update(message.signed_attributes.raw.get(1..).unwrap_or_default());
            let key = certificate.public_key.prepare(message.algorithm)?;
            let genuine = key.signed_digest(message.algorithm, &signed.finish(), message.signature);
            if genuine { Ok(()) } else { Err(Reason::SignatureMismatch) }
        })?;
        self.revocation(&identified)
    }

    /// Profile and path. Until both hold, nothing that the certificate says is believed. `beside`
    /// are certificates that came with this one and may stand between it and a root.
    fn certificate<'c>(&mut self, der: &'c [u8], beside: &[&'c [u8]]) -> Result<Identified<'c>, Reason>
    where
        't: 'c,
    {
        let (trust, at) = (self.trust, self.at);
        let rules = &trust.rules;
        let (certificate, policy, holder) = self.step(Check::Certificate, |facts| {
            let certificate = Certificate::parse(der)?;
            facts.add_certificate("", &certificate);
            let policy = certificate.check_profile(rules)?;
            if let Some(policy) = policy {
                facts.add("policy", policy.oid.to_string());
            }
            let names_holder = policy.is_some_and(|policy| policy.kind.purpose == Purpose::Signing);
            let holder = names_holder.then(|| Holder::from_certificate(&certificate)).transpose()?;
            Ok((certificate, policy, holder))
        })?;
        let path = self.step(Check::Issuer, |facts| {
            facts.add("issuer", name::text(certificate.issuer.raw));
            // Where nothing may stand between, what came along is not even read.
            let path = trust.path_to(&certificate, if rules.path.depth == 0 { &[] } else { beside }, at)?;
            for intermediate in path.intermediates.iter().rev() {
                facts.add_certificate("intermediate-", intermediate);
            }
            facts.add("anchor-subject", path.anchor.subject());
            facts.add("anchor-sha256", HEXLOWER.encode(&path.anchor.sha256()));
            Ok(path)
        })?;
        Ok(Identified { certificate, policy, holder, path })
    }

    fn identify(&mut self, identified: &Identified<'_>, claimed: Option<OffsetDateTime>) {
        let Identified { certificate, policy, holder, path } = identified;
        self.signer = Some(Signer {
            certificate: certificate.der.to_vec(),
            serial: certificate.serial_hex(),
            issuer: name::text(certificate.issuer.raw),
            sha256: HEXLOWER.encode(&certificate.sha256()),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            policy: policy.map(|policy| policy.oid.to_string()),
            kind: policy.map(|policy| policy.kind),
            holder: holder.clone(),
            anchor_sha256: HEXLOWER.encode(&path.anchor.sha256()),
            claimed_signing_time: claimed,
        });
    }

    fn validity(&mut self, identified: &Identified<'_>) -> Result<(), Reason> {
        let at = self.at;
        self.step(Check::Validity, |facts| {
            facts.add_time("checked-at", at);
            facts.add_time("not-before", identified.certificate.not_before);
            facts.add_time("not-after", identified.certificate.not_after);
            identified.certificate.check_validity(at, Reason::NotYetValid, Reason::Expired)?;
            identified.path.anchor.check_validity(at)
        })
    }

    fn revocation(&mut self, identified: &Identified<'_>) -> Result<(), Reason> {
        self.revocation = self.crls.status(&identified.certificate, identified.path.anchor, self.at);
        let mut facts = Facts(Vec::new());
        let outcome = match &self.revocation {
            RevocationStatus::Good { crl_number, this_update, next_update, produced_at, .. } => {
                if let Some(number) = crl_number {
                    facts.add("crl-number", number.clone());
                }
                facts.add_time("this-update", *this_update);
                facts.add_time("next-update", *next_update);
                if let Some(produced_at) = produced_at {
                    facts.add_time("produced-at", *produced_at);
                }
                StepOutcome::Passed
            }
            RevocationStatus::Revoked { at, .. } => {
                facts.add_time("revoked-at", *at);
                StepOutcome::Failed(Reason::Revoked)
            }
            RevocationStatus::Unknown { .. } => StepOutcome::Unknown,
        };
        self.steps.push(Step { check: Check::Revocation, outcome, facts: facts.0 });
        if outcome == StepOutcome::Failed(Reason::Revoked) { Err(Reason::Revoked) } else { Ok(()) }
    }
}

/// What a check rests on.
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(Fact { name: name.to_owned(), value: value.into() });
    }

    /// What tells a certificate from others.
    fn add_certificate(&mut self, prefix: &str, certificate: &Certificate<'_>) {
        self.add(&format!("{prefix}subject"), name::text(certificate.subject.raw));
        self.add(&format!("{prefix}serial"), certificate.serial_hex());
        self.add(&format!("{prefix}sha256"), HEXLOWER.encode(&certificate.sha256()));
    }

    fn add_time(&mut self, name: &str, at: OffsetDateTime) {
        // Every moment read from a certificate can be written so; one that cannot is left out.
        if let Ok(text) = at.format(&time::format_description::well_known::Rfc3339) {
            self.add(name, text);
        }
    }
}
