//! Distribution points: for which list a certificate asks, and for which certificates a list is
//! (RFC 5280 §4.2.1.13, §5.2.5).

use super::super::tlv::{self, Malformed, Reader, SEQUENCE, SET, Tlv};
use super::super::{encode, name};
use super::reason::Reasons;

/// Where a revocation of a certificate would stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::jpki) struct DistributionPoint {
    /// The names of the point in canonical form; `None` if it has none.
    pub(in crate::jpki) names: Option<Vec<Vec<u8>>>,
    /// The reasons that stand there; `None` for all.
    pub(in crate::jpki) reasons: Option<Reasons>,
    /// The canonical names of those who sign the list in place of the certificate's issuer.
    pub(in crate::jpki) list_issuers: Vec<Vec<u8>>,
}

impl DistributionPoint {
    /// The points of a certificate from the value of its extension. `issuer` is its issuer's name.
    pub(in crate::jpki) fn of_certificate(value: &[u8], issuer: &[u8]) -> Result<Vec<Self>, Malformed> {
        let mut members = tlv::only(value, SEQUENCE)?.reader();
        let mut points = Vec::with_capacity(1);
        if members.is_empty() {
            return Err(Malformed);
        }
        while !members.is_empty() {
            let mut fields = members.expect(SEQUENCE)?.reader();
            let point = fields.optional(tlv::constructed(0))?;
            let reasons = fields.optional(tlv::context(1))?;
            let list_issuer = fields.optional(tlv::constructed(2))?;
            fields.finish()?;
            if point.is_none() && list_issuer.is_none() {
                // RFC 5280 §4.2.1.13: a point must not consist of reasons alone.
                return Err(Malformed);
            }
            let list_issuers = list_issuer.map_or(Ok(Vec::new()), |names| directory_names(names.reader()))?;
            let relative_to = match list_issuers.as_slice() {
                [] => issuer,
                [(raw, _), ..] => raw,
            };
            points.push(Self {
                names: point.map(|point| names(&point, relative_to)).transpose()?,
                reasons: reasons.map(|reasons| flags(&reasons)).transpose()?,
                list_issuers: list_issuers.into_iter().map(|(_, canonical)| canonical).collect(),
            });
        }
        Ok(points)
    }

    /// The point that a certificate has without saying so: its issuer (RFC 5280 §6.3.3).
    pub(in crate::jpki) fn implied(issuer: &[u8]) -> Result<Self, Malformed> {
        Ok(Self { names: Some(vec![name::canonical(issuer)?]), reasons: None, list_issuers: Vec::new() })
    }
}

/// Which certificates a list leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jpki) enum Only {
    /// Those of authorities.
    People,
    /// Those of people.
    Authorities,
    /// All public-key certificates.
    Attributes,
}

/// The issuingDistributionPoint of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::jpki) struct IssuingPoint {
    /// The names of the point in canonical form; `None` if it has none.
    pub(in crate::jpki) names: Option<Vec<Vec<u8>>>,
    /// The certificates that it is for; `None` for all public-key certificates.
    pub(in crate::jpki) only: Option<Only>,
    /// The reasons that it is for; `None` for all.
    pub(in crate::jpki) reasons: Option<Reasons>,
    /// Whether it may speak of other issuers' certificates.
    pub(in crate::jpki) indirect: bool,
}

impl IssuingPoint {
    /// From the value of the extension. `issuer` is the name of the list's issuer.
    pub(super) fn parse(value: &[u8], issuer: &[u8]) -> Result<Self, Malformed> {
        let mut fields = tlv::only(value, SEQUENCE)?.reader();
        let point = fields.optional(tlv::constructed(0))?;
        let people = flag(&mut fields, 1)?.then_some(Only::People);
        let authorities = flag(&mut fields, 2)?.then_some(Only::Authorities);
        let reasons = fields.optional(tlv::context(3))?;
        let indirect = flag(&mut fields, 4)?;
        let attributes = flag(&mut fields, 5)?.then_some(Only::Attributes);
        fields.finish()?;
        let mut only = [people, authorities, attributes].into_iter().flatten();
        let read = Self {
            names: point.map(|point| names(&point, issuer)).transpose()?,
            only: only.next(),
            reasons: reasons.map(|reasons| flags(&reasons)).transpose()?,
            indirect,
        };
        // RFC 5280 §5.2.5: at most one of the three.
        if only.next().is_some() { Err(Malformed) } else { Ok(read) }
    }
}

fn flag(fields: &mut Reader<'_>, number: u8) -> Result<bool, Malformed> {
    match fields.optional(tlv::context(number))? {
        Some(flag) if tlv::boolean(flag.value)? => Ok(true),
        // DER leaves the default out.
        Some(_) => Err(Malformed),
        None => Ok(false),
    }
}

fn flags(reasons: &Tlv<'_>) -> Result<Reasons, Malformed> {
    Ok(Reasons::from_bits(tlv::named_bits(reasons.value)?))
}

/// The names of a `DistributionPointName` in canonical form; a relative one joined with `issuer`.
fn names(point: &Tlv<'_>, issuer: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut choice = point.reader();
    let name = choice.any()?;
    choice.finish()?;
    if name.tag == tlv::constructed(1) {
        let whole = tlv::only(issuer, SEQUENCE)?;
        let relative = encode::tlv(SET, &[name.value]);
        return Ok(vec![name::canonical(&encode::sequence(&[whole.value, &relative]))?]);
    }
    if name.tag != tlv::constructed(0) || name.value.is_empty() {
        return Err(Malformed);
    }
    let mut names = Vec::with_capacity(1);
    let mut general_names = name.reader();
    while !general_names.is_empty() {
        let general_name = general_names.any()?;
        names.push(if general_name.tag == tlv::constructed(4) {
            name::canonical(general_name.value)?
        } else {
            general_name.raw.to_vec()
        });
    }
    Ok(names)
}

/// A directory name as written and in canonical form.
type DirectoryName<'a> = (&'a [u8], Vec<u8>);

/// The directory names among general names.
pub(super) fn directory_names(mut names: Reader<'_>) -> Result<Vec<DirectoryName<'_>>, Malformed> {
    let mut directory = Vec::with_capacity(1);
    while !names.is_empty() {
        let name = names.any()?;
        if name.tag == tlv::constructed(4) {
            directory.push((name.value, name::canonical(name.value)?));
        }
    }
    Ok(directory)
}

/// A point for people: the text of a directory name or URI.
pub(in crate::jpki) fn text(value: &[u8]) -> Option<String> {
    let mut fields = tlv::only(value, SEQUENCE).ok()?.reader();
    let point = fields.optional(tlv::constructed(0)).ok()??;
    let mut choice = point.reader();
    let full = choice.any().ok()?;
    if full.tag != tlv::constructed(0) {
        return None;
    }
    let first = full.reader().any().ok()?;
    if first.tag == tlv::constructed(4) {
        Some(name::text(first.value))
    } else {
        Some(String::from_utf8_lossy(first.value).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: [u8; 13] = [0x30, 0x0B, 0x31, 0x09, 0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x0A, 0x0C, 0x00];

    #[test]
    fn a_relative_name_is_joined_with_the_issuer() {
        let relative = [0x30, 0x07, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x00];
        let point = encode::tlv(0xA0, &[&encode::tlv(0xA1, &[&relative])]);
        let value = encode::sequence(&[&encode::sequence(&[&point])]);
        let points = DistributionPoint::of_certificate(&value, &ISSUER).unwrap();
        let whole = encode::sequence(&[&ISSUER[2..], &encode::tlv(SET, &[&relative])]);
        assert_eq!(points[0].names, Some(vec![name::canonical(&whole).unwrap()]));
        let issuing = IssuingPoint::parse(&encode::sequence(&[&point]), &ISSUER).unwrap();
        assert_eq!(issuing.names, points[0].names);
    }

    #[test]
    fn what_says_nothing_or_too_much_is_malformed() {
        let of = |value: &[u8]| DistributionPoint::of_certificate(value, &ISSUER);
        assert_eq!(of(&[0x30, 0x00]), Err(Malformed));
        assert_eq!(of(&[0x30, 0x02, 0x30, 0x00]), Err(Malformed));
        assert_eq!(of(&[0x30, 0x06, 0x30, 0x04, 0x81, 0x02, 0x06, 0x40]), Err(Malformed));
        let parse = |value: &[u8]| IssuingPoint::parse(value, &ISSUER);
        assert_eq!(parse(&[0x30, 0x06, 0x81, 0x01, 0xFF, 0x82, 0x01, 0xFF]), Err(Malformed));
        assert_eq!(parse(&[0x30, 0x03, 0x81, 0x01, 0x00]), Err(Malformed));
        assert_eq!(parse(&[0x30, 0x03, 0x81, 0x01, 0xFF]).unwrap().only, Some(Only::People));
    }
}
