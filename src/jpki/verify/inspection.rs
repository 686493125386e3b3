//! The checks of one verification: each made once, written down with what it rests on.

use data_encoding::HEXLOWER;
use time::OffsetDateTime;

use super::Verifier;
use crate::jpki::certificate::Certificate;
use crate::jpki::chain::Trust;
use crate::jpki::holder::Holder;
use crate::jpki::name;
use crate::jpki::path::Path;
use crate::jpki::policy::{Policy, Purpose};
use crate::jpki::reason::Reason;
use crate::jpki::revocation::{CrlSet, RevocationGap, RevocationStatus};
use crate::jpki::step::{Check, Fact, Outcome, Signer, Step, StepOutcome, Verdict};

/// A certificate that a pinned root signed, and what is known of it by then.
pub(in crate::jpki) struct Identified<'c> {
    pub(in crate::jpki) certificate: Certificate<'c>,
    /// SHA-256 of the certificate in lower-case hexadecimal.
    sha256: String,
    pub(in crate::jpki) policy: Option<Policy>,
    pub(in crate::jpki) holder: Option<Holder>,
    pub(in crate::jpki) path: Path<'c>,
}

/// The checks made so far.
pub(in crate::jpki) struct Inspection<'t> {
    pub(in crate::jpki) trust: &'t Trust,
    pub(in crate::jpki) crls: &'t CrlSet,
    pub(in crate::jpki) at: OffsetDateTime,
    pub(super) timestamping: Option<&'t Trust>,
    pub(super) steps: Vec<Step>,
    pub(super) signer: Option<Signer>,
    revocation: RevocationStatus,
}

impl<'t> Inspection<'t> {
    pub(in crate::jpki) fn new(verifier: &Verifier<'t>) -> Self {
        Self {
            trust: verifier.trust,
            crls: verifier.crls,
            at: verifier.at,
            timestamping: verifier.timestamping,
            steps: Vec::with_capacity(7),
            signer: None,
            revocation: RevocationStatus::Unknown { why: RevocationGap::NotAsked },
        }
    }

    /// Makes one check and writes down how it went.
    pub(in crate::jpki) fn step<T>(
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

    pub(in crate::jpki) fn conclude(self, result: Result<(), Reason>) -> Verdict {
        Verdict {
            outcome: result.map_or_else(Outcome::Refused, |()| Outcome::Valid),
            at: self.at,
            steps: self.steps,
            signer: self.signer,
            revocation: self.revocation,
        }
    }

    /// Profile and path. Until both hold, nothing that the certificate says is believed. `beside`
    /// are certificates that came with this one and may stand between it and a root.
    pub(in crate::jpki) fn certificate<'c>(
        &mut self,
        der: &'c [u8],
        beside: &[&'c [u8]],
    ) -> Result<Identified<'c>, Reason>
    where
        't: 'c,
    {
        let (trust, at) = (self.trust, self.at);
        let rules = &trust.rules;
        let (certificate, sha256, policy, holder) = self.step(Check::Certificate, |facts| {
            let certificate = Certificate::parse(der)?;
            let sha256 = facts.add_certificate("", &certificate);
            let policy = certificate.check_profile(rules)?;
            if let Some(policy) = policy {
                facts.add("policy", policy.oid.to_string());
            }
            let names_holder = policy.is_some_and(|policy| policy.kind.purpose == Purpose::Signing);
            let holder = names_holder.then(|| Holder::from_certificate(&certificate)).transpose()?;
            Ok((certificate, sha256, policy, holder))
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
        Ok(Identified { certificate, sha256, policy, holder, path })
    }

    pub(in crate::jpki) fn identify(&mut self, identified: &Identified<'_>, claimed: Option<OffsetDateTime>) {
        let Identified { certificate, sha256, policy, holder, path } = identified;
        self.signer = Some(Signer {
            certificate: certificate.der.to_vec(),
            serial: certificate.serial_hex(),
            issuer: name::text(certificate.issuer.raw),
            sha256: sha256.clone(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            policy: policy.map(|policy| policy.oid.to_string()),
            kind: policy.map(|policy| policy.kind),
            holder: holder.clone(),
            anchor_sha256: HEXLOWER.encode(&path.anchor.sha256()),
            claimed_signing_time: claimed,
        });
    }

    pub(in crate::jpki) fn validity(&mut self, identified: &Identified<'_>) -> Result<(), Reason> {
        let at = self.at;
        self.step(Check::Validity, |facts| {
            facts.add_time("checked-at", at);
            facts.add_time("not-before", identified.certificate.not_before);
            facts.add_time("not-after", identified.certificate.not_after);
            identified.certificate.check_validity(at, Reason::NotYetValid, Reason::Expired)?;
            identified.path.anchor.check_validity(at)
        })
    }

    pub(in crate::jpki) fn revocation(&mut self, identified: &Identified<'_>) -> Result<(), Reason> {
        let Identified { certificate, path, .. } = identified;
        self.revocation = if self.trust.rules.lists_by_the_book {
            self.crls.status_of_path(path, certificate, self.trust, self.at)
        } else {
            self.crls.status(certificate, path.anchor, self.at)
        };
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
pub(in crate::jpki) struct Facts(Vec<Fact>);

impl Facts {
    pub(in crate::jpki) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(Fact { name: name.to_owned(), value: value.into() });
    }

    /// What tells a certificate from others; gives its SHA-256 in lower-case hexadecimal.
    pub(in crate::jpki) fn add_certificate(&mut self, prefix: &str, certificate: &Certificate<'_>) -> String {
        self.add(&format!("{prefix}subject"), name::text(certificate.subject.raw));
        self.add(&format!("{prefix}serial"), certificate.serial_hex());
        let sha256 = HEXLOWER.encode(&certificate.sha256());
        self.add(&format!("{prefix}sha256"), sha256.as_str());
        sha256
    }

    pub(in crate::jpki) fn add_time(&mut self, name: &str, at: OffsetDateTime) {
        // Every moment read from a certificate can be written so; one that cannot is left out.
        if let Ok(text) = at.format(&time::format_description::well_known::Rfc3339) {
            self.add(name, text);
        }
    }
}
