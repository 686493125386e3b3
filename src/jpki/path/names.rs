//! Name constraints (RFC 5280 §4.2.1.10): which names an authority may certify.
//!
//! Every set of constraints on the path is asked about every name below it, which comes to the
//! same as intersecting what is permitted and joining what is excluded (§6.1.4 (g)).

use super::super::certificate::Certificate;
use super::super::general_name::{self, GeneralName};
use super::super::reason::Reason;
use super::super::tlv::{self, IA5_STRING, Malformed, SEQUENCE, Tlv};
use super::super::{name, oid};

/// How many pairs of a name and a constraint are compared before a path counts as an attack; a long
/// name counts several times.
const MAX_COMPARISONS: usize = 250_000;
/// How much of a name is compared for the price of one.
const OCTETS_AT_ONCE: usize = 64;

/// The constraints of one authority.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct NameConstraints<'a> {
    permitted: Vec<Constraint<'a>>,
    excluded: Vec<Constraint<'a>>,
}

/// One subtree.
#[derive(Debug, Clone)]
enum Constraint<'a> {
    /// A mailbox, a host, or a domain beginning with a period.
    Email(&'a str),
    /// A host and all below it; the empty one means all.
    Dns(&'a str),
    /// The canonical form of a name and all below it.
    Directory(Vec<u8>),
    /// A host, or a domain beginning with a period.
    Uri(&'a str),
    /// An address and its mask.
    Ip { address: &'a [u8], mask: &'a [u8] },
    /// A form that nobody can say how to compare.
    Unsupported(Unsupported),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unsupported {
    Other,
    X400,
    Edi,
    Registered,
}

/// A name of a subject, ready to be compared.
enum Subject<'a> {
    General(GeneralName<'a>),
    /// In canonical form.
    Directory(Vec<u8>),
}

impl Subject<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::General(GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text)) => text.len(),
            Self::General(_) => 0,
            Self::Directory(form) => form.len(),
        }
    }
}

impl<'a> NameConstraints<'a> {
    /// Reads the extension; what it could never mean is refused rather than passed over.
    pub(in super::super) fn parse(value: &'a [u8]) -> Result<Self, Reason> {
        let malformed = |_: Malformed| Reason::NameConstraintsMalformed;
        let mut fields = tlv::only(value, SEQUENCE).map_err(malformed)?.reader();
        let permitted = fields.optional(tlv::constructed(0)).map_err(malformed)?;
        let excluded = fields.optional(tlv::constructed(1)).map_err(malformed)?;
        fields.finish().map_err(malformed)?;
        if permitted.is_none() && excluded.is_none() {
            return Err(Reason::NameConstraintsMalformed);
        }
        let list = |trees: Option<Tlv<'a>>| trees.map_or(Ok(Vec::new()), |trees| subtrees(&trees)).map_err(malformed);
        Ok(Self { permitted: list(permitted)?, excluded: list(excluded)? })
    }

    fn len(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }

    /// Checks one name: not excluded, and permitted if any name of its form is.
    fn check(&self, subject: &Subject<'_>) -> Result<(), Reason> {
        for constraint in &self.excluded {
            if constraint.covers(subject, Side::Excluded)? {
                return Err(Reason::NameExcluded);
            }
        }
        let mut is_constrained = false;
        for constraint in &self.permitted {
            if !constraint.is_of_form(subject) {
                continue;
            }
            if constraint.covers(subject, Side::Permitted)? {
                return Ok(());
            }
            is_constrained = true;
        }
        if is_constrained { Err(Reason::NameNotPermitted) } else { Ok(()) }
    }
}

/// Checks every name of a certificate against the constraints above it.
pub(super) fn check(
    certificate: &Certificate<'_>,
    constraints: &[NameConstraints<'_>],
    comparisons: &mut usize,
) -> Result<(), Reason> {
    if constraints.is_empty() {
        return Ok(());
    }
    let subjects = subjects(certificate).map_err(|_| Reason::CertificateMalformed)?;
    let trees: usize = constraints.iter().map(NameConstraints::len).sum();
    let names: usize = subjects.iter().map(|subject| 1 + subject.len() / OCTETS_AT_ONCE).sum();
    *comparisons = comparisons.saturating_add(names.saturating_mul(trees));
    if *comparisons > MAX_COMPARISONS {
        return Err(Reason::TooLarge);
    }
    subjects.iter().try_for_each(|subject| constraints.iter().try_for_each(|set| set.check(subject)))
}

/// The subject, the alternative names, and the mailboxes that old authorities put into the subject.
fn subjects<'a>(certificate: &Certificate<'a>) -> Result<Vec<Subject<'a>>, Malformed> {
    let mut subjects = Vec::with_capacity(4);
    if !name::is_empty(&certificate.subject) {
        subjects.push(Subject::Directory(name::canonical(certificate.subject.raw)?));
    }
    if let Some((names, _)) = certificate.extensions.alternative_names()? {
        for name in names {
            name.check()?;
            subjects.push(match name {
                GeneralName::Directory(name) => Subject::Directory(name::canonical(name)?),
                other => Subject::General(other),
            });
        }
    }
    for mailbox in name::values(certificate.subject.raw, &oid::EMAIL_ADDRESS) {
        let text = str::from_utf8(mailbox.value).ok().filter(|_| mailbox.tag == IA5_STRING);
        // One that is no mailbox is within no constraint.
        subjects.push(Subject::General(GeneralName::Email(text.unwrap_or_default())));
    }
    Ok(subjects)
}

/// Which way a doubt counts: a name that may be excluded is, one that may be permitted is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Permitted,
    Excluded,
}

impl<'a> Constraint<'a> {
    fn parse(base: &Tlv<'a>) -> Result<Self, Malformed> {
        let below = |text: &'a str| text.strip_prefix('.').unwrap_or(text);
        Ok(match GeneralName::parse(base)? {
            GeneralName::Email(text) => {
                let good = if text.contains('@') {
                    general_name::mailbox(text).is_some()
                } else {
                    general_name::is_host(below(text))
                };
                if !good {
                    return Err(Malformed);
                }
                Self::Email(text)
            }
            GeneralName::Dns(host) if host.is_empty() || general_name::is_host(host) => Self::Dns(host),
            GeneralName::Uri(host) if general_name::is_host(below(host)) => Self::Uri(host),
            GeneralName::Ip(range) if matches!(range.len(), 8 | 32) => {
                let (address, mask) = range.split_at(range.len() / 2);
                if !is_prefix_mask(mask) {
                    return Err(Malformed);
                }
                Self::Ip { address, mask }
            }
            GeneralName::Dns(_) | GeneralName::Uri(_) | GeneralName::Ip(_) => return Err(Malformed),
            GeneralName::Directory(name) => Self::Directory(name::canonical(name)?),
            GeneralName::Other => Self::Unsupported(Unsupported::Other),
            GeneralName::X400 => Self::Unsupported(Unsupported::X400),
            GeneralName::Edi => Self::Unsupported(Unsupported::Edi),
            GeneralName::Registered => Self::Unsupported(Unsupported::Registered),
        })
    }

    /// Whether it speaks of names of this form at all.
    const fn is_of_form(&self, subject: &Subject<'_>) -> bool {
        matches!(
            (self, subject),
            (Self::Email(_), Subject::General(GeneralName::Email(_)))
                | (Self::Dns(_), Subject::General(GeneralName::Dns(_)))
                | (Self::Uri(_), Subject::General(GeneralName::Uri(_)))
                | (Self::Ip { .. }, Subject::General(GeneralName::Ip(_)))
                | (Self::Directory(_), Subject::Directory(_))
                | (Self::Unsupported(Unsupported::Other), Subject::General(GeneralName::Other))
                | (Self::Unsupported(Unsupported::X400), Subject::General(GeneralName::X400))
                | (Self::Unsupported(Unsupported::Edi), Subject::General(GeneralName::Edi))
                | (Self::Unsupported(Unsupported::Registered), Subject::General(GeneralName::Registered))
        )
    }

    /// Whether the name lies in this subtree.
    fn covers(&self, subject: &Subject<'_>, side: Side) -> Result<bool, Reason> {
        Ok(match (self, subject) {
            (Self::Directory(above), Subject::Directory(name)) => name.starts_with(above),
            (Self::Email(constraint), Subject::General(GeneralName::Email(text))) => {
                let Some((local, host)) = general_name::mailbox(text) else { return Err(Reason::NameNotPermitted) };
                match constraint.rsplit_once('@') {
                    Some((wanted, at)) => local == wanted && host.eq_ignore_ascii_case(at),
                    None => host_or_domain(constraint, host),
                }
            }
            (Self::Dns(constraint), Subject::General(GeneralName::Dns(host))) => match host.strip_prefix("*.") {
                None => is_within(constraint, host),
                // Every host that the wildcard stands for has one label more than its parent.
                Some(parent) => {
                    is_within(constraint, parent)
                        || (side == Side::Excluded
                            && constraint.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)))
                }
            },
            (Self::Uri(constraint), Subject::General(GeneralName::Uri(uri))) => {
                // RFC 5280 §4.2.1.10: a URI without a host name must be refused where URIs are constrained.
                let host = general_name::host(uri).ok_or(Reason::NameNotPermitted)?;
                host_or_domain(constraint, host)
            }
            (Self::Ip { address, mask }, Subject::General(GeneralName::Ip(own))) => {
                own.len() == address.len()
                    && own.iter().zip(*address).zip(*mask).all(|((own, wanted), mask)| own & mask == wanted & mask)
            }
            // RFC 5280 §4.2.1.10: process the constraint or refuse the certificate.
            (Self::Unsupported(_), _) if self.is_of_form(subject) => return Err(Reason::NameConstraintUnsupported),
            _ => false,
        })
    }
}

/// A host is that host; a domain with a leading period is every host below it.
fn host_or_domain(constraint: &str, host: &str) -> bool {
    match constraint.strip_prefix('.') {
        Some(domain) => host.len() > constraint.len() && is_within(domain, host),
        None => constraint.eq_ignore_ascii_case(host),
    }
}

/// Whether `host` is `domain` or has labels before it.
fn is_within(domain: &str, host: &str) -> bool {
    if domain.is_empty() {
        return true;
    }
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let (Some(labels), Some(end)) = (host.get(..start), host.get(start..)) else { return false };
    end.eq_ignore_ascii_case(domain) && (labels.is_empty() || labels.ends_with('.'))
}

/// Ones and then zeros, as RFC 4632 has it.
fn is_prefix_mask(mask: &[u8]) -> bool {
    let ones: u32 = mask.iter().map(|octet| octet.leading_ones()).sum();
    let set: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    let whole = mask.iter().take_while(|octet| **octet == 0xFF).count();
    ones == set && mask.iter().skip(whole + 1).all(|octet| *octet == 0)
}

fn subtrees<'a>(trees: &Tlv<'a>) -> Result<Vec<Constraint<'a>>, Malformed> {
    let mut members = trees.reader();
    let mut list = Vec::with_capacity(4);
    if members.is_empty() {
        return Err(Malformed);
    }
    while !members.is_empty() {
        let mut fields = members.expect(SEQUENCE)?.reader();
        list.push(Constraint::parse(&fields.any()?)?);
        // minimum and maximum: RFC 5280 has the one always zero and the other never there.
        fields.finish()?;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::encode::{sequence, tlv as element};

    fn constraint(tag: u8, text: &str) -> Result<Constraint<'_>, Malformed> {
        let base = Box::leak(element(tag, &[text.as_bytes()]).into_boxed_slice());
        Constraint::parse(&tlv::Reader::new(base).any()?)
    }

    #[track_caller]
    fn covers(tag: u8, text: &str, subject: GeneralName<'_>, side: Side) -> Result<bool, Reason> {
        constraint(tag, text).unwrap().covers(&Subject::General(subject), side)
    }

    #[test]
    fn a_host_is_within_a_domain_by_whole_labels() {
        let dns = |domain, host| covers(0x82, domain, GeneralName::Dns(host), Side::Permitted).unwrap();
        assert!(dns("example.com", "example.com") && dns("example.com", "A.B.EXAMPLE.com") && dns("", "a"));
        assert!(!dns("example.com", "not-example.com") && !dns("a.example.com", "example.com"));
    }

    #[test]
    fn a_wildcard_is_within_what_all_its_hosts_are_within() {
        let dns = |domain, side| covers(0x82, domain, GeneralName::Dns("*.example.com"), side).unwrap();
        assert!(dns("example.com", Side::Permitted));
        assert!(!dns("foo.example.com", Side::Permitted));
        assert!(dns("bar.example.com", Side::Excluded) && dns("com", Side::Excluded));
        assert!(!dns("a.bar.example.com", Side::Excluded), "no host that it stands for");
    }

    #[test]
    fn mailboxes_are_constrained_by_mailbox_host_or_domain() {
        let email = |constraint, text| covers(0x81, constraint, GeneralName::Email(text), Side::Permitted).unwrap();
        assert!(email("a@example.com", "a@EXAMPLE.com") && !email("a@example.com", "A@example.com"));
        assert!(email("example.com", "a@example.com") && !email("example.com", "a@mail.example.com"));
        assert!(email(".example.com", "a@mail.example.com") && !email(".example.com", "a@example.com"));
        assert!(email("*@example.com", "*@example.com") && !email("*@example.com", "a@example.com"));
    }

    #[test]
    fn a_uri_is_constrained_by_its_host_and_must_have_one() {
        let uri = |constraint, text| covers(0x86, constraint, GeneralName::Uri(text), Side::Excluded);
        assert_eq!(uri("example.com", "https://example.com/"), Ok(true));
        assert_eq!(uri("example.com", "https://a.example.com/"), Ok(false));
        assert_eq!(uri(".example.com", "https://a.example.com:1/"), Ok(true));
        assert_eq!(uri(".example.com", "urn:a"), Err(Reason::NameNotPermitted));
        assert_eq!(uri(".example.com", "https://192.0.2.1/"), Err(Reason::NameNotPermitted));
    }

    #[test]
    fn an_address_is_within_a_network_of_its_own_kind() {
        let network = element(0x87, &[&[192, 0, 2, 0, 255, 255, 255, 0]]);
        let network = Constraint::parse(&tlv::Reader::new(&network).any().unwrap()).unwrap();
        let covers = |own| network.covers(&Subject::General(GeneralName::Ip(own)), Side::Permitted).unwrap();
        assert!(covers(&[192, 0, 2, 77]) && !covers(&[192, 0, 3, 77]) && !covers(&[0; 16]));
    }

    #[test]
    fn what_could_mean_nothing_is_refused() {
        for (tag, text) in [
            (0x82, "*.example.com"),
            (0x82, ".example.com"),
            (0x81, "a@b@example.com"),
            (0x81, ""),
            (0x86, "https://example.com"),
            (0x87, "abcd"),
            (0x87, "\0\0\0\0\u{1}\0\0\0"),
        ] {
            assert!(constraint(tag, text).is_err(), "{tag:x} {text}");
        }
        let base = element(0x82, &[b"a"]);
        let with = |rest: &[u8]| sequence(&[&element(0xA0, &[&sequence(&[&base, rest])])]);
        assert!(NameConstraints::parse(&with(&[])).is_ok());
        for bad in [with(&[0x80, 1, 1]), with(&[0x81, 1, 1]), sequence(&[]), sequence(&[&[0xA0, 0]])] {
            assert_eq!(NameConstraints::parse(&bad).err(), Some(Reason::NameConstraintsMalformed));
        }
    }

    #[test]
    fn a_form_that_cannot_be_compared_is_refused_where_it_occurs() {
        let other = element(0xA0, &[&[6, 1, 42], &element(0xA0, &[&[5, 0]])]);
        let set = sequence(&[&element(0xA1, &[&sequence(&[&other])])]);
        let set = NameConstraints::parse(&set).unwrap();
        let check = |name| set.check(&Subject::General(name));
        assert_eq!(check(GeneralName::Other), Err(Reason::NameConstraintUnsupported));
        assert_eq!(check(GeneralName::Dns("example.com")), Ok(()));
    }
}
