//! Finding the path: from a certificate upward, through whoever has the name of the issuer, until
//! a root answers. Key identifiers say where to look first; signatures decide.
//!
//! Every way is tried until one is valid. What an attacker can make of that is bounded: no
//! authority stands twice on a path, names are prepared and authorities judged once each, signatures
//! are checked once for each pair and counted, and so are steps, whole paths and what they hold.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::super::certificate::Certificate;
use super::super::chain::{Anchor, Message, Trust};
use super::super::extension::KEY_CERT_SIGN;
use super::super::reason::Reason;
use super::super::rules::Rules;
use super::super::{name, oid};
use super::{Path, validation};

/// Certificates that may be offered for a path.
const MAX_OFFERED: usize = 1024;
/// Certificates on a path, self-issued ones included.
const MAX_LENGTH: usize = 32;
const MAX_STEPS: usize = 4096;
const MAX_PATHS: usize = 256;
/// Octets of the certificates on all paths that are validated.
const MAX_OCTETS: usize = 4 * 1024 * 1024;
/// Octets of names beyond ASCII, which are dear to prepare.
const MAX_NAMES: usize = 256 * 1024;

impl Trust {
    /// The path from a root to the certificate as of `at`, through the authorities that this
    /// verifier knows and those that came `beside` the certificate. If the only thing wrong is that
    /// the root is not valid at that moment, the path is found all the same and its root says so.
    pub(in super::super) fn path_to<'a>(
        &'a self,
        certificate: &Certificate<'a>,
        beside: &[&'a [u8]],
        at: OffsetDateTime,
    ) -> Result<Path<'a>, Reason> {
        let mut search = Search {
            trust: self,
            at,
            end: certificate,
            offered: Vec::new(),
            names: Names::default(),
            roots: Vec::new(),
            end_names: None,
            signatures: HashMap::new(),
            signatures_left: self.rules.path.signatures,
            steps_left: MAX_STEPS,
            paths_left: MAX_PATHS,
            octets_left: MAX_OCTETS,
            comparisons: 0,
            failure: Failure { progress: Progress::Nothing, reason: Reason::IssuerUnknown },
            outside_validity: None,
        };
        if let Some(path) = search.end_at_root(&mut Vec::new()) {
            return Ok(path);
        }
        if !self.intermediates.is_empty() || !beside.is_empty() {
            search.offer(beside)?;
            if let Some(path) = search.extend(&mut Vec::new()) {
                return Ok(path);
            }
        }
        search.conclude()
    }
}

/// How far an attempt came: the reason of the one that came farthest tells most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Nothing,
    /// A certificate that was offered cannot be read; it may be the one that is missing.
    Unreadable,
    /// Someone has the name.
    Named,
    /// Someone made the signature.
    Signed,
    /// A root was reached.
    Rooted,
}

#[derive(Debug, Clone, Copy)]
struct Failure {
    progress: Progress,
    reason: Reason,
}

/// A certificate that may be an authority on the path.
struct Offered<'a> {
    certificate: Certificate<'a>,
    subject: NameNumber,
    issuer: NameNumber,
    /// What it is found to be, once it was looked at.
    standing: Option<Result<(), Reason>>,
}

/// What a name is known by: the same for names that are the same.
type NameNumber = usize;

/// Names that are compared over and over: as received, and by their canonical forms.
#[derive(Default)]
struct Names<'a> {
    received: HashMap<&'a [u8], NameNumber>,
    forms: HashMap<Vec<u8>, NameNumber>,
    octets: usize,
}

impl<'a> Names<'a> {
    fn number(&mut self, name: &'a [u8]) -> Result<NameNumber, Reason> {
        if let Some(known) = self.received.get(name) {
            return Ok(*known);
        }
        self.octets += name.iter().filter(|octet| !octet.is_ascii()).count();
        if self.octets > MAX_NAMES {
            return Err(Reason::TooLarge);
        }
        let form = name::canonical(name).map_err(|_| Reason::CertificateMalformed)?;
        let next = self.forms.len();
        let number = *self.forms.entry(form).or_insert(next);
        self.received.insert(name, number);
        Ok(number)
    }
}

/// Positions in the list of offered certificates, from the end upward.
type Chain = Vec<usize>;

struct Search<'a, 's> {
    trust: &'a Trust,
    at: OffsetDateTime,
    end: &'s Certificate<'a>,
    offered: Vec<Offered<'a>>,
    names: Names<'a>,
    /// The names of the roots, in their order.
    roots: Vec<NameNumber>,
    /// Subject and issuer of the end.
    end_names: Option<(NameNumber, NameNumber)>,
    /// Who signed whom: the position of the certificate, none for the end, and of the signer.
    signatures: HashMap<(Option<usize>, usize), bool>,
    signatures_left: usize,
    steps_left: usize,
    paths_left: usize,
    octets_left: usize,
    comparisons: usize,
    failure: Failure,
    outside_validity: Option<Path<'a>>,
}

impl<'a> Search<'a, '_> {
    fn note(&mut self, progress: Progress, reason: Reason) {
        if progress > self.failure.progress {
            self.failure = Failure { progress, reason };
        }
    }

    fn conclude(self) -> Result<Path<'a>, Reason> {
        if let Some(path) = self.outside_validity {
            return Ok(path);
        }
        if self.failure.progress <= Progress::Named
            && let Some(reason) = self.trust.refused_root
        {
            return Err(reason);
        }
        Err(self.failure.reason)
    }

    /// Reads what is offered; each certificate once, and those that cannot be read not at all.
    fn offer(&mut self, beside: &[&'a [u8]]) -> Result<(), Reason> {
        let trust = self.trust;
        let end = self.end;
        self.end_names = Some((self.names.number(end.subject.raw)?, self.names.number(end.issuer.raw)?));
        for anchor in &trust.anchors {
            let root = self.names.number(anchor.name())?;
            self.roots.push(root);
        }
        let mut seen = HashSet::from([end.der]);
        let known = trust.intermediates.iter().map(Vec::as_slice);
        for der in known.chain(beside.iter().copied()) {
            if self.offered.len() == MAX_OFFERED {
                return Err(Reason::TooLarge);
            }
            if !seen.insert(der) {
                continue;
            }
            let read = Certificate::parse(der).and_then(|certificate| {
                let subject = self.names.number(certificate.subject.raw)?;
                let issuer = self.names.number(certificate.issuer.raw)?;
                certificate.settle_self_issued(subject == issuer);
                Ok(Offered { certificate, subject, issuer, standing: None })
            });
            match read {
                Ok(offered) => self.offered.push(offered),
                Err(reason) => self.note(Progress::Unreadable, reason),
            }
        }
        Ok(())
    }

    fn top<'t>(&'t self, chain: &Chain) -> &'t Certificate<'a> {
        chain.last().and_then(|position| self.offered.get(*position)).map_or(self.end, |offered| &offered.certificate)
    }

    /// Tries every authority above the chain, the likeliest first.
    fn extend(&mut self, chain: &mut Chain) -> Option<Path<'a>> {
        let issuer = match chain.last().and_then(|position| self.offered.get(*position)) {
            Some(offered) => offered.issuer,
            None => self.end_names?.1,
        };
        let identifier = self.top(chain).extensions.authority_key_identifier().ok().flatten();
        for likely in [true, false] {
            for position in 0..self.offered.len() {
                let is_likely = |search: &Self| {
                    let offered = search.offered.get(position)?;
                    let own = offered.certificate.extensions.subject_key_identifier().ok().flatten();
                    let fits = !matches!((identifier, own), (Some(wanted), Some(own)) if wanted != own);
                    (offered.subject == issuer).then_some(fits)
                };
                if is_likely(self) != Some(likely) || (!likely && self.trust.rules.path.key_identifier_decides) {
                    continue;
                }
                if let Some(path) = self.step(chain, position) {
                    return Some(path);
                }
                if self.steps_left == 0 {
                    return None;
                }
            }
        }
        None
    }

    /// Takes one authority into the chain and goes on from there.
    fn step(&mut self, chain: &mut Chain, position: usize) -> Option<Path<'a>> {
        self.steps_left = self.steps_left.checked_sub(1)?;
        if self.stands_already(chain, position) {
            return None;
        }
        if let Err((progress, reason)) = self.check_authority(chain, position) {
            self.note(progress, reason);
            return None;
        }
        chain.push(position);
        let found = self.end_at_root(chain).or_else(|| self.extend(chain));
        chain.pop();
        found
    }

    /// The same name with the same key would only go round in a circle (RFC 4158 §5.2).
    fn stands_already(&self, chain: &Chain, position: usize) -> bool {
        let Some(candidate) = self.offered.get(position) else { return true };
        let same_key = |other: &Certificate<'_>| other.public_key.bytes() == candidate.certificate.public_key.bytes();
        let repeats = chain
            .iter()
            .filter_map(|position| self.offered.get(*position))
            .any(|other| other.subject == candidate.subject && same_key(&other.certificate));
        let is_end = self.end_names.is_some_and(|(subject, _)| subject == candidate.subject);
        repeats || (is_end && same_key(self.end))
    }

    /// RFC 5280 §6.1.3 (a) and §6.1.4 (k), (n), (o) for an authority below a root.
    fn check_authority(&mut self, chain: &Chain, position: usize) -> Result<(), (Progress, Reason)> {
        let rules = &self.trust.rules;
        let named = |reason| (Progress::Named, reason);
        let signed = |reason| (Progress::Signed, reason);
        let candidate = |search: &Self| search.offered.get(position).map(|offered| offered.certificate.clone());
        let Some(certificate) = candidate(self) else { return Err(named(Reason::IssuerUnknown)) };
        certificate.public_key.check(&rules.authority_keys).map_err(named)?;
        if !self.is_signed_by(chain, position, &certificate) {
            return Err(named(if self.signatures_left == 0 {
                Reason::PathSearchLimit
            } else {
                Reason::IssuerSignature
            }));
        }
        if chain.len() + 1 >= MAX_LENGTH
            || self.counted(chain) + u32::from(!certificate.is_self_issued()) > rules.path.depth
        {
            return Err(signed(Reason::PathTooLong));
        }
        self.standing(position, &certificate).map_err(signed)
    }

    /// What is asked of the authority wherever it stands.
    fn standing(&mut self, position: usize, certificate: &Certificate<'a>) -> Result<(), Reason> {
        let rules = &self.trust.rules;
        let at = self.at;
        match self.offered.get_mut(position) {
            Some(offered) => *offered.standing.get_or_insert_with(|| check_standing(certificate, rules, at)),
            None => Err(Reason::IssuerUnknown),
        }
    }

    fn counted(&self, chain: &Chain) -> u32 {
        let counted = chain
            .iter()
            .filter_map(|position| self.offered.get(*position))
            .filter(|offered| offered.subject != offered.issuer)
            .count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    }

    fn is_signed_by(&mut self, chain: &Chain, position: usize, issuer: &Certificate<'a>) -> bool {
        let pair = (chain.last().copied(), position);
        if let Some(known) = self.signatures.get(&pair) {
            return *known;
        }
        let Some(left) = self.signatures_left.checked_sub(1) else { return false };
        self.signatures_left = left;
        let Message { algorithm, covered, signature } = message(self.top(chain));
        let key = issuer.public_key.prepare(algorithm);
        let genuine = key.is_ok_and(|key| key.signed(algorithm, covered, signature));
        self.signatures.insert(pair, genuine);
        genuine
    }

    /// Looks for a root that signed the top of the chain, and validates the path from there.
    fn end_at_root(&mut self, chain: &mut Chain) -> Option<Path<'a>> {
        let trust = self.trust;
        let top = self.top(chain);
        let (issuer, message) = (top.issuer, message(top));
        let identifier = top.extensions.authority_key_identifier().ok().flatten();
        let number = chain.last().and_then(|position| self.offered.get(*position)).map(|offered| offered.issuer);
        for likely in [true, false] {
            if !likely && trust.rules.path.key_identifier_decides {
                break;
            }
            for (position, anchor) in trust.anchors.iter().enumerate() {
                let has_name = match number {
                    Some(number) => self.roots.get(position) == Some(&number),
                    None => name::same(issuer.raw, anchor.name()),
                };
                if !has_name || anchor.may_have_key(identifier) != likely {
                    continue;
                }
                if let Some(path) = self.end_at(anchor, message, chain) {
                    return Some(path);
                }
            }
        }
        None
    }

    fn end_at(&mut self, anchor: &'a Anchor, message: Message<'_>, chain: &Chain) -> Option<Path<'a>> {
        let positions = chain.iter().filter_map(|position| self.offered.get(*position));
        let octets = positions.fold(self.end.der.len(), |sum, offered| sum + offered.certificate.der.len());
        let (Some(signatures), Some(paths), Some(octets)) =
            (self.signatures_left.checked_sub(1), self.paths_left.checked_sub(1), self.octets_left.checked_sub(octets))
        else {
            self.note(Progress::Named, Reason::PathSearchLimit);
            return None;
        };
        self.signatures_left = signatures;
        if !anchor.signed(message.algorithm, message.covered, message.signature) {
            self.note(Progress::Named, Reason::IssuerSignature);
            return None;
        }
        (self.paths_left, self.octets_left) = (paths, octets);
        let offered = chain.iter().rev().filter_map(|position| self.offered.get(*position));
        let intermediates = offered.map(|offered| offered.certificate.clone()).collect();
        let path = Path { anchor, intermediates };
        if let Err(reason) = validation::validate(&path, self.end, &self.trust.rules.path, &mut self.comparisons) {
            self.note(Progress::Rooted, reason);
            return None;
        }
        if anchor.check_validity(self.at).is_err() {
            self.outside_validity.get_or_insert(path);
            return None;
        }
        Some(path)
    }
}

/// RFC 5280 §6.1.4 (k), (n), (o), and the moment.
fn check_standing(certificate: &Certificate<'_>, rules: &Rules, at: OffsetDateTime) -> Result<(), Reason> {
    let malformed = |_| Reason::CertificateMalformed;
    if !rules.algorithms.contains(&certificate.algorithm) {
        return Err(Reason::CertificateAlgorithm);
    }
    if !certificate.extensions.is_authority().map_err(malformed)? {
        return Err(Reason::IssuerNotAuthority);
    }
    let usage = certificate.extensions.key_usage().map_err(malformed)?;
    if usage.is_some_and(|(bits, _)| bits & KEY_CERT_SIGN == 0) {
        return Err(Reason::CertificateSignMissing);
    }
    certificate.check_standard(rules.path.needs_key_identifiers)?;
    if let Some((purposes, _)) = certificate.extensions.extended_key_usage().map_err(malformed)?
        && !rules.path.purposes.is_empty()
        && !purposes.contains(&oid::ANY_EXTENDED_KEY_USAGE.as_bytes())
        && !rules.path.purposes.iter().any(|wanted| purposes.contains(&wanted.as_slice()))
    {
        return Err(Reason::IssuerPurpose);
    }
    certificate.check_validity(at, Reason::IssuerNotYetValid, Reason::IssuerExpired)
}

/// What was signed to make the certificate.
fn message<'a>(certificate: &Certificate<'a>) -> Message<'a> {
    Message { algorithm: certificate.algorithm, covered: certificate.to_be_signed, signature: certificate.signature }
}
