//! The checks of one verification: each made once, written down with what it rests on.

use data_encoding::HEXLOWER;
use time::OffsetDateTime;

use crate::jpki::certificate::Certificate;
use crate::jpki::chain::{Anchor, Trust};
use crate::jpki::holder::Holder;
use crate::jpki::name;
use crate::jpki::policy::Policy;
use crate::jpki::reason::Reason;
use crate::jpki::revocation::{CrlSet, RevocationGap, RevocationStatus};
use crate::jpki::step::{Check, Fact, Outcome, Signer, Step, StepOutcome, Verdict};

/// A certificate that a pinned root signed, and what is known of it by then.
pub(super) struct Identified<'c, 't> {
    pub(super) certificate: Certificate<'c>,
    pub(super) policy: Policy,
    pub(super) holder: Holder,
    pub(super) anchor: &'t Anchor,
}

/// The checks made so far.
pub(super) struct Inspection<'t> {
    pub(super) trust: &'t Trust,
    pub(super) crls: &'t CrlSet,
    pub(super) at: OffsetDateTime,
    steps: Vec<Step>,
    signer: Option<Signer>,
    revocation: RevocationStatus,
}

impl<'t> Inspection<'t> {
    pub(super) fn new(trust: &'t Trust, crls: &'t CrlSet, at: OffsetDateTime) -> Self {
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
    pub(super) fn step<T>(
        &mut self,
        check: Check,
        run: impl FnOnce(&mut Facts) -> Result<T, Reason>,
    ) -> Result<T, Reason> {
        let mut facts = Facts(Vec::new());
        let result = run(&mut facts);
        let outcome = match &result {
            Ok(_) => StepOutcome::Passed,
            Err(reason) => StepOutcome::Failed(*reason),
        };
        self.steps.push(Step { check, outcome, facts: facts.0 });
        result
    }

    pub(super) fn conclude(self, result: Result<(), Reason>) -> Verdict {
        Verdict {
            outcome: result.map_or_else(Outcome::Refused, |()| Outcome::Valid),
            at: self.at,
            steps: self.steps,
            signer: self.signer,
            revocation: self.revocation,
        }
    }

    /// Profile and path. Until both hold, nothing that the certificate says is believed.
    pub(super) fn certificate<'c>(&mut self, der: &'c [u8]) -> Result<Identified<'c, 't>, Reason> {
        let trust = self.trust;
        let (certificate, policy, holder) = self.step(Check::Certificate, |facts| {
            let certificate = Certificate::parse(der)?;
            facts.add("serial", certificate.serial_hex());
            facts.add("sha256", HEXLOWER.encode(&certificate.sha256()));
            let policy = certificate.check_signing_profile(&trust.rules)?;
            facts.add("policy", policy.oid.to_string());
            let holder = Holder::from_certificate(&certificate)?;
            Ok((certificate, policy, holder))
        })?;
        let anchor = self.step(Check::Issuer, |facts| {
            facts.add("issuer", name::text(certificate.issuer.raw));
            let anchor = trust.issuer_of(&certificate)?;
            facts.add("anchor-sha256", HEXLOWER.encode(&anchor.sha256()));
            Ok(anchor)
        })?;
        Ok(Identified { certificate, policy, holder, anchor })
    }

    pub(super) fn identify(&mut self, identified: &Identified<'_, '_>, claimed: Option<OffsetDateTime>) {
        let Identified { certificate, policy, holder, anchor } = identified;
        self.signer = Some(Signer {
            certificate: certificate.der.to_vec(),
            serial: certificate.serial_hex(),
            issuer: name::text(certificate.issuer.raw),
            sha256: HEXLOWER.encode(&certificate.sha256()),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            policy: policy.oid.to_string(),
            kind: policy.kind,
            holder: holder.clone(),
            anchor_sha256: HEXLOWER.encode(&anchor.sha256()),
            claimed_signing_time: claimed,
        });
    }

    pub(super) fn validity(&mut self, identified: &Identified<'_, '_>) -> Result<(), Reason> {
        let at = self.at;
        self.step(Check::Validity, |facts| {
            facts.add_time("checked-at", at);
            facts.add_time("not-before", identified.certificate.not_before);
            facts.add_time("not-after", identified.certificate.not_after);
            identified.certificate.check_validity(at, Reason::NotYetValid, Reason::Expired)?;
            identified.anchor.check_validity(at)
        })
    }

    pub(super) fn revocation(&mut self, identified: &Identified<'_, '_>) -> Result<(), Reason> {
        self.revocation = self.crls.status(&identified.certificate, identified.anchor, self.at);
        let mut facts = Facts(Vec::new());
        let outcome = match &self.revocation {
            RevocationStatus::Good { crl_number, this_update, next_update } => {
                facts.add("crl-number", crl_number.clone());
                facts.add_time("this-update", *this_update);
                facts.add_time("next-update", *next_update);
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
pub(super) struct Facts(Vec<Fact>);

impl Facts {
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(Fact { name: name.to_owned(), value: value.into() });
    }

    pub(super) fn add_time(&mut self, name: &str, at: OffsetDateTime) {
        // Every moment read from a certificate can be written so; one that cannot is left out.
        if let Ok(text) = at.format(&time::format_description::well_known::Rfc3339) {
            self.add(name, text);
        }
    }
}
