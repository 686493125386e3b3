//! Distinguished names: when two are the same, and how one is written for people.

use super::oid;
use super::tlv::{self, IA5_STRING, Malformed, OID, PRINTABLE_STRING, Reader, SEQUENCE, SET, Tlv, UTF8_STRING};

/// Whether two names are the same. Most are equal octet by octet; RFC 5280 §7.1 also makes names
/// equal whose strings differ only in type, in ASCII case or in how often a blank is repeated.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}

/// A form of a name that is equal for equal names. `name` is the whole SEQUENCE.
pub(super) fn canonical(name: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut form = Vec::with_capacity(name.len());
    for attribute in attributes(name)? {
        form.push(attribute.separator());
        form.extend_from_slice(attribute.kind);
        form.push(0);
        match attribute.value.tag {
            UTF8_STRING | PRINTABLE_STRING | IA5_STRING => {
                let blank = |octet: &u8| *octet == b' ';
                for word in attribute.value.value.split(blank).filter(|word| !word.is_empty()) {
                    form.extend(word.iter().map(u8::to_ascii_lowercase));
                    form.push(b' ');
                }
            }
            _ => form.extend_from_slice(attribute.value.raw),
        }
    }
    Ok(form)
}

/// The name in the order it was written, as `C=JP, O=JPKI, …`; unknown attributes in dotted form.
pub(super) fn text(name: &[u8]) -> String {
    let Ok(attributes) = attributes(name) else { return String::new() };
    let parts: Vec<String> = attributes
        .iter()
        .map(|attribute| format!("{}={}", attribute.label(), String::from_utf8_lossy(attribute.value.value)))
        .collect();
    parts.join(", ")
}

/// The first organization in the name.
pub(super) fn organization(name: &[u8]) -> Option<String> {
    let attributes = attributes(name).ok()?;
    let organization = attributes.iter().find(|attribute| attribute.kind == oid::ORGANIZATION.as_bytes())?;
    String::from_utf8(organization.value.value.to_vec()).ok()
}

/// Whether the name has no attribute at all.
pub(super) fn is_empty(name: &Tlv<'_>) -> bool {
    name.value.is_empty()
}

struct Attribute<'a> {
    begins_relative_name: bool,
    kind: &'a [u8],
    value: Tlv<'a>,
}

impl Attribute<'_> {
    /// Keeps `{a, b}` in one relative name apart from `{a}, {b}` in two.
    const fn separator(&self) -> u8 {
        if self.begins_relative_name { 1 } else { 2 }
    }

    fn label(&self) -> String {
        let known = [
            (oid::COMMON_NAME, "CN"),
            (oid::COUNTRY, "C"),
            (oid::LOCALITY, "L"),
            (oid::ORGANIZATION, "O"),
            (oid::ORGANIZATIONAL_UNIT, "OU"),
        ];
        known
            .iter()
            .find(|(kind, _)| kind.as_bytes() == self.kind)
            .map_or_else(|| tlv::dotted(self.kind), |(_, label)| (*label).to_owned())
    }
}

fn attributes(name: &[u8]) -> Result<Vec<Attribute<'_>>, Malformed> {
    let mut attributes = Vec::with_capacity(8);
    let mut relative_names = tlv::only(name, SEQUENCE)?.reader();
    while !relative_names.is_empty() {
        let mut members: Reader<'_> = relative_names.expect(SET)?.reader();
        let mut begins_relative_name = true;
        while !members.is_empty() {
            let mut member = members.expect(SEQUENCE)?.reader();
            let kind = member.expect(OID)?.value;
            let value = member.any()?;
            member.finish()?;
            attributes.push(Attribute { begins_relative_name, kind, value });
            begins_relative_name = false;
        }
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::encode::{object_identifier, sequence, set_of, tlv};

    fn name(tag: u8, organization: &str) -> Vec<u8> {
        sequence(&[
            &set_of(vec![sequence(&[&object_identifier(&oid::COUNTRY), &tlv(PRINTABLE_STRING, &[b"JP"])])]),
            &set_of(vec![sequence(&[&object_identifier(&oid::ORGANIZATION), &tlv(tag, &[organization.as_bytes()])])]),
        ])
    }

    #[test]
    fn names_are_the_same_whatever_string_type_and_case_they_use() {
        assert!(same(&name(UTF8_STRING, "Todoke Demo"), &name(PRINTABLE_STRING, "todoke  demo")));
        assert!(!same(&name(UTF8_STRING, "TODOKE"), &name(UTF8_STRING, "TODOKE2")));
        assert!(!same(&name(UTF8_STRING, "AB"), &name(UTF8_STRING, "A B")));
    }

    #[test]
    fn a_name_reads_in_its_own_order() {
        let name = name(UTF8_STRING, "JPKI");
        assert_eq!(text(&name), "C=JP, O=JPKI");
        assert_eq!(organization(&name).as_deref(), Some("JPKI"));
    }
}
