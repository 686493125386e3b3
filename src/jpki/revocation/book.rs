//! Revocation by the book: RFC 5280 §6.3.3 in full, with partitioned, indirect and delta lists.
//! For laboratory runs; the letters in the comments are those of the section.

use std::sync::Arc;

use time::OffsetDateTime;

use super::super::certificate::Certificate;
use super::super::chain::{Effort, Issuer, Trust};
use super::super::crl::{DistributionPoint, Only, Reasons, RevocationReason, Revoked, UnverifiedCrl, compare_numbers};
use super::super::path::Path;
use super::super::tlv::Malformed;
use super::super::{name, oid};
use super::{CrlSet, RevocationGap, RevocationStatus, RevocationWitness};

/// A signer of lists may need a list by another signer, and so on; honest hierarchies end sooner.
const MOST_SIGNERS: usize = 8;

/// What is done on the way to one answer.
#[derive(Default)]
struct Inquiry {
    /// The certificates whose status is being found out: where a signer of lists is answered for by
    /// its own list, it counts as good while it is asked about.
    asked: Vec<[u8; 32]>,
    effort: Effort,
}

/// One certificate on the way, and whom its lists may come from.
#[derive(Clone, Copy)]
struct Question<'a> {
    certificate: &'a Certificate<'a>,
    issuer: &'a Issuer<'a>,
    trust: &'a Trust,
    at: OffsetDateTime,
}

/// A list that may answer, with its changes.
struct Consulted<'a> {
    list: &'a UnverifiedCrl,
    changes: Option<&'a UnverifiedCrl>,
    /// The reasons that it covers for this certificate.
    reasons: Reasons,
}

impl CrlSet {
    /// What the lists added for the laboratory say about a certificate that `issuer` signed.
    pub(in crate::jpki) fn status_by_the_book(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Issuer<'_>,
        trust: &Trust,
        at: OffsetDateTime,
    ) -> RevocationStatus {
        self.status_within(Question { certificate, issuer, trust, at }, &mut Inquiry::default())
    }

    fn status_within(&self, question: Question<'_>, inquiry: &mut Inquiry) -> RevocationStatus {
        let unknown = |why| RevocationStatus::Unknown { why };
        let Ok(points) = points(question.certificate) else {
            return unknown(RevocationGap::NoListForDistributionPoint);
        };
        let mut covered = Reasons::NONE;
        let mut gap = RevocationGap::NoList;
        let mut newest: Option<(&UnverifiedCrl, OffsetDateTime)> = None;
        for point in &points {
            for list in self.unverified.iter().map(Arc::as_ref).filter(|list| list.extensions.base.is_none()) {
                let consulted = match self.consult(question, point, list, covered, inquiry) {
                    Ok(consulted) => consulted,
                    Err(why) => {
                        gap = more_telling(gap, why);
                        continue;
                    }
                };
                if let Some(Revoked { at, reason }) = find(question.certificate, &consulted) {
                    return RevocationStatus::Revoked { at, reason };
                }
                covered = covered.or(consulted.reasons);
                gap = RevocationGap::ReasonsNotCovered;
                let last = consulted.changes.unwrap_or(consulted.list);
                if let Some(next_update) = last.next_update {
                    newest = newest.or(Some((last, next_update)));
                }
            }
        }
        match newest {
            Some((list, next_update)) if covered == Reasons::ALL => RevocationStatus::Good {
                witness: RevocationWitness::List,
                crl_number: list.extensions.number.as_ref().map(|number| data_encoding::HEXLOWER.encode(number)),
                this_update: list.this_update,
                next_update,
                produced_at: None,
            },
            _ => unknown(gap),
        }
    }

    /// What they say about every certificate of a path: the first revoked one, or the first of which
    /// they do not know, or what they say of the one at the end.
    pub(in crate::jpki) fn status_of_path(
        &self,
        path: &Path<'_>,
        end: &Certificate<'_>,
        trust: &Trust,
        at: OffsetDateTime,
    ) -> RevocationStatus {
        let mut inquiry = Inquiry::default();
        let answers: Vec<RevocationStatus> = path
            .links(end)
            .map(|(certificate, issuer)| {
                self.status_within(Question { certificate, issuer: &issuer, trust, at }, &mut inquiry)
            })
            .collect();
        let weigh = |status: &RevocationStatus| match status {
            RevocationStatus::Revoked { .. } => 0,
            RevocationStatus::Unknown { .. } => 1,
            RevocationStatus::Good { .. } => 2,
        };
        let why = RevocationGap::NotAsked;
        answers.into_iter().min_by_key(weigh).unwrap_or(RevocationStatus::Unknown { why })
    }

    fn consult<'a>(
        &'a self,
        question: Question<'_>,
        point: &DistributionPoint,
        list: &'a UnverifiedCrl,
        covered: Reasons,
        inquiry: &mut Inquiry,
    ) -> Result<Consulted<'a>, RevocationGap> {
        let Question { certificate, at, .. } = question;
        check_scope(certificate, point, list)?;
        // (d), (e)
        let of_list = list.extensions.point.as_ref().and_then(|point| point.reasons).unwrap_or(Reasons::ALL);
        let reasons = of_list.and(point.reasons.unwrap_or(Reasons::ALL));
        if !reasons.adds_to(covered) {
            return Err(RevocationGap::ReasonsNotCovered);
        }
        if is_early(list, at) {
            return Err(RevocationGap::NotYetMade);
        }
        // (f), (g)
        let signer = self.signer(question, list, inquiry).ok_or(RevocationGap::NotVouchedFor)?;
        // (c), (h)
        let changes = self
            .unverified
            .iter()
            .map(Arc::as_ref)
            .filter(|changes| changes_apply(changes, list) && !is_early(changes, at) && !is_late(changes, at))
            .find(|changes| changes.is_signed_by(&signer));
        // (a): a list that is out of date may be brought up to date by its changes, if it or the
        // certificate says that there are such.
        let has_freshest = list.extensions.has_freshest || certificate.extensions.find(&oid::FRESHEST_CRL).is_some();
        if is_late(list, at) && !(has_freshest && changes.is_some()) {
            return Err(RevocationGap::Stale);
        }
        Ok(Consulted { list, changes, reasons })
    }

    /// (f), (g): who signed the list, if its path ends at the root of the certificate's path and
    /// none of its certificates was revoked.
    fn signer<'a>(&self, question: Question<'a>, list: &UnverifiedCrl, inquiry: &mut Inquiry) -> Option<Issuer<'a>> {
        let Question { issuer, trust, at, .. } = question;
        if !trust.rules.algorithms.contains(&list.algorithm()) {
            return None;
        }
        let key_identifier = list.extensions.key_identifier.as_deref();
        let made = |signer: &Issuer<'_>| {
            signer.may_sign_lists && signer.is_named(&list.issuer, key_identifier) && list.is_signed_by(signer)
        };
        // The issuer's own path is being checked by whoever asks.
        if made(issuer) {
            return Some(*issuer);
        }
        let others = trust.issuers_who(&list.issuer, at, &mut inquiry.effort, made);
        let of_this_root = |signer: &Issuer<'_>| signer.anchor_sha256 == issuer.anchor_sha256;
        others.into_iter().find(|signer| of_this_root(signer) && self.is_in_force(question, signer, inquiry))
    }

    /// Whether no certificate on the signer's path was revoked.
    fn is_in_force(&self, question: Question<'_>, signer: &Issuer<'_>, inquiry: &mut Inquiry) -> bool {
        if inquiry.asked.contains(&signer.sha256) || signer.sha256 == signer.anchor_sha256 {
            return true;
        }
        if inquiry.asked.len() == MOST_SIGNERS || !inquiry.effort.spend() {
            return false;
        }
        let Question { trust, at, .. } = question;
        let known = trust.intermediates.iter().filter_map(|der| Certificate::parse(der).ok());
        let Some(certificate) = known.into_iter().find(|known| known.sha256() == signer.sha256) else { return false };
        let Ok(path) = trust.path_to(&certificate, &[], at) else { return false };
        inquiry.asked.push(signer.sha256);
        let good = path.links(&certificate).all(|(certificate, issuer)| {
            let question = Question { certificate, issuer: &issuer, trust, at };
            matches!(self.status_within(question, inquiry), RevocationStatus::Good { .. })
        });
        inquiry.asked.pop();
        good
    }
}

/// The certificate's distribution points, and the one that is always there.
fn points(certificate: &Certificate<'_>) -> Result<Vec<DistributionPoint>, Malformed> {
    let issuer = certificate.issuer.raw;
    let mut points = match certificate.extensions.find(&oid::CRL_DISTRIBUTION_POINTS) {
        Some(extension) => DistributionPoint::of_certificate(extension.value, issuer)?,
        None => Vec::new(),
    };
    points.push(DistributionPoint::implied(issuer)?);
    Ok(points)
}

/// (b): whether the list is the one that the point means.
fn check_scope(
    certificate: &Certificate<'_>,
    point: &DistributionPoint,
    list: &UnverifiedCrl,
) -> Result<(), RevocationGap> {
    let of_list = list.extensions.point.as_ref();
    if point.list_issuers.is_empty() {
        if !name::same(&list.issuer, certificate.issuer.raw) {
            return Err(RevocationGap::NoList);
        }
    } else {
        let named = name::canonical(&list.issuer).is_ok_and(|issuer| point.list_issuers.contains(&issuer));
        if !named || !of_list.is_some_and(|of_list| of_list.indirect) {
            return Err(RevocationGap::NoList);
        }
    }
    let Some(of_list) = of_list else { return Ok(()) };
    if let Some(names) = &of_list.names {
        let wanted = point.names.as_ref().unwrap_or(&point.list_issuers);
        if !names.iter().any(|name| wanted.contains(name)) {
            return Err(RevocationGap::NoListForDistributionPoint);
        }
    }
    let is_authority = certificate.extensions.is_authority() == Ok(true);
    match of_list.only {
        Some(Only::Attributes) => Err(RevocationGap::NoListForDistributionPoint),
        Some(Only::People) if is_authority => Err(RevocationGap::NoListForDistributionPoint),
        Some(Only::Authorities) if !is_authority => Err(RevocationGap::NoListForDistributionPoint),
        _ => Ok(()),
    }
}

/// (c) and §5.2.4: whether the changes can be combined with the complete list.
fn changes_apply(changes: &UnverifiedCrl, list: &UnverifiedCrl) -> bool {
    let (of_changes, of_list) = (&changes.extensions, &list.extensions);
    let (Some(base), Some(number), Some(complete)) = (&of_changes.base, &of_changes.number, &of_list.number) else {
        return false;
    };
    name::same(&changes.issuer, &list.issuer)
        && of_changes.point == of_list.point
        && of_changes.authority_key == of_list.authority_key
        && compare_numbers(base, complete).is_le()
        && compare_numbers(complete, number).is_lt()
}

/// (i) to (k): the changes first; what they take off the list is no longer revoked.
fn find(certificate: &Certificate<'_>, consulted: &Consulted<'_>) -> Option<Revoked> {
    let issuer = name::canonical(certificate.issuer.raw).ok()?;
    let serial = certificate.serial.value;
    let changed = consulted.changes.and_then(|changes| changes.find(&issuer, serial));
    match changed {
        Some(Revoked { reason: RevocationReason::RemoveFromList, .. }) => None,
        Some(revoked) => Some(revoked),
        None => consulted.list.find(&issuer, serial),
    }
}

fn is_early(list: &UnverifiedCrl, at: OffsetDateTime) -> bool {
    at.unix_timestamp() < list.this_update.unix_timestamp()
}

fn is_late(list: &UnverifiedCrl, at: OffsetDateTime) -> bool {
    list.next_update.is_none_or(|next| at.unix_timestamp() > next.unix_timestamp())
}

/// Of two gaps the one nearer to an answer.
fn more_telling(one: RevocationGap, other: RevocationGap) -> RevocationGap {
    let order = [
        RevocationGap::NoList,
        RevocationGap::NoListForDistributionPoint,
        RevocationGap::NotYetMade,
        RevocationGap::NotVouchedFor,
        RevocationGap::Stale,
        RevocationGap::ReasonsNotCovered,
    ];
    let rank = |gap| order.iter().position(|known| *known == gap);
    if rank(one) >= rank(other) { one } else { other }
}
