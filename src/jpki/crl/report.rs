//! A list by itself: who signed it, what it is and whether it is current.

use serde::Serialize;
use time::OffsetDateTime;

use super::super::certificate::Certificate;
use super::super::chain::{Issuer, Trust};
use super::super::name;
use super::super::reason::Reason;
use super::read::UnverifiedCrl;
use super::source::CrlReadError;
use super::{ListFacts, check_profile};

/// By which rules a list is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRules {
    /// As JPKI makes them: complete, of their own issuer, for people and all reasons.
    Jpki,
    /// Whatever RFC 5280 allows.
    Standard,
}

/// What there is to say of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrlReport {
    /// The first rule that it breaks; none if it counts.
    pub reason: Option<Reason>,
    /// What it is, as soon as it could be read.
    pub facts: Option<ListFacts>,
    /// SHA-256 of the certificate that signed it, in lower-case hexadecimal.
    pub signer_sha256: Option<String>,
}

/// Judges a list as of `at`. It must be signed by someone whom `trust` knows; if `issuer` is given
/// as a certificate, by that one.
#[must_use]
pub fn verify_crl(der: &[u8], issuer: Option<&[u8]>, trust: &Trust, rules: ListRules, at: OffsetDateTime) -> CrlReport {
    let list = match UnverifiedCrl::read(der) {
        Ok(list) => list,
        Err(CrlReadError::Refused(reason)) => return CrlReport::refused(reason),
        Err(CrlReadError::Unreadable(_)) => return CrlReport::refused(Reason::CrlMalformed),
    };
    let mut report = CrlReport { reason: None, facts: Some(list.facts()), signer_sha256: None };
    report.reason = judge(&list, issuer, trust, rules, at, &mut report.signer_sha256).err();
    report
}

fn judge(
    list: &UnverifiedCrl,
    issuer: Option<&[u8]>,
    trust: &Trust,
    rules: ListRules,
    at: OffsetDateTime,
    signer: &mut Option<String>,
) -> Result<(), Reason> {
    match rules {
        ListRules::Jpki => drop(check_profile(list)?),
        ListRules::Standard => list.check_standard()?,
    }
    if !trust.rules.algorithms.contains(&list.algorithm()) {
        return Err(Reason::CrlAlgorithm);
    }
    let wanted = issuer.map(Certificate::parse).transpose()?.map(|certificate| certificate.sha256());
    let key_identifier = list.extensions.key_identifier.as_deref();
    let mut nobody = Reason::CrlIssuerUnknown;
    let found = trust
        .issuers_named(&list.issuer, at)
        .into_iter()
        .filter(|known| wanted.is_none_or(|wanted| wanted == known.sha256))
        .filter(|known| known.is_named(&list.issuer, key_identifier))
        .inspect(|_| nobody = Reason::CrlSignature)
        .find(|known: &Issuer<'_>| list.is_signed_by(known))
        .ok_or(nobody)?;
    *signer = Some(data_encoding::HEXLOWER.encode(&found.sha256));
    if !found.may_sign_lists {
        return Err(Reason::CrlIssuerKeyUsage);
    }
    if rules == ListRules::Jpki && list.extensions.number.is_none() {
        return Err(Reason::CrlNumberMissing);
    }
    if at.unix_timestamp() < list.this_update.unix_timestamp() {
        return Err(Reason::CrlNotYetMade);
    }
    if list.next_update.is_none_or(|next| at.unix_timestamp() > next.unix_timestamp()) {
        return Err(Reason::CrlStale);
    }
    Ok(())
}

impl CrlReport {
    const fn refused(reason: Reason) -> Self {
        Self { reason: Some(reason), facts: None, signer_sha256: None }
    }
}

impl UnverifiedCrl {
    /// What RFC 5280 wants of every list of version 2. One of version 1 has no number to give.
    pub(in crate::jpki) fn check_standard(&self) -> Result<(), Reason> {
        if let Some(irregularity) = self.irregularity {
            return Err(irregularity);
        }
        if self.next_update.is_none() {
            return Err(Reason::CrlNextUpdateMissing);
        }
        if !self.version_one && self.extensions.number.is_none() {
            return Err(Reason::CrlNumberMissing);
        }
        let indirect = self.extensions.point.as_ref().is_some_and(|point| point.indirect);
        if self.names_authorities && !indirect { Err(Reason::CrlIndirect) } else { Ok(()) }
    }

    pub(in crate::jpki) fn facts(&self) -> ListFacts {
        let number = self.extensions.number.as_ref().map(|number| data_encoding::HEXLOWER.encode(number));
        ListFacts {
            issuer: name::text(&self.issuer),
            point: self.extensions.point_value.as_deref().and_then(super::point::text),
            number,
            this_update: self.this_update,
            next_update: self.next_update,
            revoked: self.len(),
        }
    }
}
