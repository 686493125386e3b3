//! General names (RFC 5280 §4.2.1.6): what they are, and the syntax that each kind must have.

use std::net::Ipv4Addr;

use super::name;
use super::tlv::{self, Malformed, OID, Reader, SEQUENCE, Tlv};

/// One `GeneralName`, as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GeneralName<'a> {
    Other,
    Email(&'a str),
    Dns(&'a str),
    X400,
    /// The whole SEQUENCE of the name.
    Directory(&'a [u8]),
    Edi,
    Uri(&'a str),
    Ip(&'a [u8]),
    Registered,
}

impl<'a> GeneralName<'a> {
    /// Reads a name without looking at the syntax of its text.
    pub(super) fn parse(general_name: &Tlv<'a>) -> Result<Self, Malformed> {
        const PRIMITIVE: [u8; 5] =
            [tlv::context(1), tlv::context(2), tlv::context(6), tlv::context(7), tlv::context(8)];
        if !PRIMITIVE.contains(&general_name.tag) && general_name.tag & 0x20 == 0 {
            return Err(Malformed);
        }
        Ok(match general_name.tag & 0x1F {
            _ if general_name.tag & 0xC0 != 0x80 => return Err(Malformed),
            0 => other_name(general_name)?,
            1 => Self::Email(ia5(general_name.value)?),
            2 => Self::Dns(ia5(general_name.value)?),
            3 => Self::X400,
            4 => {
                name::check(&tlv::only(general_name.value, SEQUENCE)?)?;
                Self::Directory(general_name.value)
            }
            5 => Self::Edi,
            6 => Self::Uri(ia5(general_name.value)?),
            7 => Self::Ip(general_name.value),
            8 if !general_name.value.is_empty() => Self::Registered,
            _ => return Err(Malformed),
        })
    }

    /// Checks the syntax that the name of a subject must have.
    pub(super) fn check(&self) -> Result<(), Malformed> {
        let good = match self {
            Self::Email(mailbox) => is_mailbox(mailbox),
            // A wildcard is no host name, yet the convention of RFC 9525 §6.3 for a whole first label.
            Self::Dns(host) => is_host(host.strip_prefix("*.").unwrap_or(host)),
            Self::Uri(uri) => uri.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty()),
            Self::Ip(address) => matches!(address.len(), 4 | 16),
            Self::Directory(_) | Self::Other | Self::X400 | Self::Edi | Self::Registered => true,
        };
        if good { Ok(()) } else { Err(Malformed) }
    }
}

/// The members of a `GeneralNames`, of which there is at least one.
pub(super) fn list(mut names: Reader<'_>) -> Result<Vec<GeneralName<'_>>, Malformed> {
    let mut list = Vec::with_capacity(1);
    while !names.is_empty() {
        list.push(GeneralName::parse(&names.any()?)?);
    }
    if list.is_empty() { Err(Malformed) } else { Ok(list) }
}

/// The host of a URI, if it has one that is a host name and no address.
pub(super) fn host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    is_host(host).then_some(host)
}

/// The local part and the host of a mailbox.
pub(super) fn mailbox(text: &str) -> Option<(&str, &str)> {
    is_mailbox(text).then(|| text.rsplit_once('@')).flatten()
}

/// The preferred name syntax of RFC 1034 §3.5 as modified by RFC 1123 §2.1. An address is none.
pub(super) fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label) && host.parse::<Ipv4Addr>().is_err()
}

/// `local-part@host` (RFC 5321 §4.1.2); a quoted local part may hold anything.
fn is_mailbox(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let plain =
        !local.is_empty() && local.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"(),:;<>@[\\]".contains(&octet));
    let literal = domain.len() > 2 && domain.starts_with('[') && domain.ends_with(']');
    (quoted || plain) && (literal || is_host(domain))
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
}

fn other_name<'a>(general_name: &Tlv<'a>) -> Result<GeneralName<'a>, Malformed> {
    let mut fields = general_name.reader();
    fields.expect(OID)?;
    fields.expect(tlv::constructed(0))?;
    fields.finish()?;
    Ok(GeneralName::Other)
}

fn ia5(octets: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(octets).ok().filter(|text| text.is_ascii()).ok_or(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_follow_the_preferred_syntax() {
        for host in ["example.com", "EXAMPLE.com", "a", "xn--bcher-kva.example", "3com.example", "a-b.c"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", ".example.com", "example.com.", "a..b", "a_b.example", "-a.example", "192.0.2.1", "*.a", "a b"]
        {
            assert!(!is_host(host), "{host}");
        }
        assert!(!is_host(&"a".repeat(64)));
        assert!(!is_host(&["a"; 130].join(".")));
    }

    #[test]
    fn subjects_have_names_of_the_right_syntax() {
        for good in [
            GeneralName::Dns("*.example.com"),
            GeneralName::Email("*@example.com"),
            GeneralName::Email("\"a b@c\"@example.com"),
            GeneralName::Uri("https://example.com/a"),
            GeneralName::Uri("urn:uuid:1"),
            GeneralName::Ip(&[0; 16]),
        ] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
        for bad in [
            GeneralName::Dns("a.*.example.com"),
            GeneralName::Dns("ba*.example.com"),
            GeneralName::Dns(""),
            GeneralName::Email("example.com"),
            GeneralName::Email("a@b@example.com"),
            GeneralName::Uri("example.com/a"),
            GeneralName::Ip(&[192, 0, 2, 0, 255, 255, 255, 0]),
        ] {
            assert_eq!(bad.check(), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn the_host_of_a_uri_is_found_or_there_is_none() {
        assert_eq!(host("https://me:pw@example.com:8080/a@b"), Some("example.com"));
        assert_eq!(host("ldap://example.com?x"), Some("example.com"));
        for without in ["urn:example", "https://192.0.2.1/", "https://[::1]/", "mailto:a@example.com", "file:///a"] {
            assert_eq!(host(without), None, "{without}");
        }
    }
}
