//! Distinguished names: when two are the same, and how one is written for people.

use std::borrow::Cow;

use der::asn1::ObjectIdentifier;
use unicode_normalization::UnicodeNormalization;

use super::oid;
use super::tlv::{self, IA5_STRING, Malformed, OID, PRINTABLE_STRING, Reader, SEQUENCE, SET, Tlv, UTF8_STRING};

/// Whether two names are the same. Most are equal octet by octet; RFC 5280 §7.1 also makes names
/// equal whose strings differ only in type, case, compatible characters or in blanks.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}

/// A form of a name that is equal for equal names. `name` is the whole SEQUENCE.
///
/// Each relative name is its number of attributes and its attributes, each attribute its type and
/// its value, with lengths before them: the form of a name that is above another in the directory
/// is a prefix of the other's form, and of no other name's.
pub(super) fn canonical(name: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut form = Vec::with_capacity(name.len() * 2);
    let mut relative_names = tlv::only(name, SEQUENCE)?.reader();
    while !relative_names.is_empty() {
        let mut members = relative_names.expect(SET)?.reader();
        let first = attribute(&mut members)?;
        if members.is_empty() {
            form.extend_from_slice(&1_u32.to_be_bytes());
            push(&mut form, &first);
            continue;
        }
        // A SET is sorted by its encoding, which is not the order of the prepared strings.
        let mut forms = vec![form_of(&first)];
        while !members.is_empty() {
            forms.push(form_of(&attribute(&mut members)?));
        }
        forms.sort_unstable();
        push_length(&mut form, forms.len());
        form.extend(forms.into_iter().flatten());
    }
    Ok(form)
}

/// Checks that a name is one, without making its canonical form.
pub(super) fn check(name: &Tlv<'_>) -> Result<(), Malformed> {
    let mut relative_names = name.reader();
    while !relative_names.is_empty() {
        let mut members = relative_names.expect(SET)?.reader();
        attribute(&mut members)?;
        while !members.is_empty() {
            attribute(&mut members)?;
        }
    }
    Ok(())
}

fn form_of(attribute: &Attribute<'_>) -> Vec<u8> {
    let mut form = Vec::with_capacity(attribute.value.raw.len() + 16);
    push(&mut form, attribute);
    form
}

fn push(form: &mut Vec<u8>, attribute: &Attribute<'_>) {
    push_length(form, attribute.kind.len());
    form.extend_from_slice(attribute.kind);
    let length_at = form.len();
    push_length(form, 0);
    prepare(form, &attribute.value);
    let length = u32::try_from(form.len() - length_at - 4).unwrap_or(u32::MAX);
    if let Some(place) = form.get_mut(length_at..length_at + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn push_length(form: &mut Vec<u8>, length: usize) {
    form.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

/// The string as RFC 4518 prepares it: compatible characters, case and blanks made alike. Types
/// other than those that RFC 5280 §7.1 speaks of compare octet by octet, type included.
fn prepare(form: &mut Vec<u8>, value: &Tlv<'_>) {
    let text = match value.tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => str::from_utf8(value.value).ok(),
        _ => None,
    };
    let Some(text) = text else {
        form.extend_from_slice(value.raw);
        return;
    };
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            form.extend(word.bytes().map(|octet| octet.to_ascii_lowercase()));
            form.push(b' ');
        }
        return;
    }
    // Upper case first, so that letters without a lower case of their own (ß, ς) fold as well.
    let mapped = text.chars().filter(|character| !maps_to_nothing(*character)).map(blank);
    let folded: String = mapped.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
    for word in folded.split_whitespace() {
        form.extend_from_slice(word.as_bytes());
        form.push(b' ');
    }
}

/// RFC 4518 §2.2: characters that mean nothing in a comparison.
const fn maps_to_nothing(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{6DD}'
        | '\u{70F}' | '\u{1806}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2063}' | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}'
        | '\u{E0001}' | '\u{E0020}'..='\u{E007F}')
}

/// RFC 4518 §2.2: what counts as a blank.
fn blank(character: char) -> char {
    if character.is_whitespace() { ' ' } else { character }
}

/// The name in the order it was written, as `C=JP, O=JPKI, …`; unknown attributes in dotted form.
pub(super) fn text(name: &[u8]) -> String {
    let attributes = attributes(name).unwrap_or_default();
    let mut text = String::with_capacity(name.len());
    for attribute in &attributes {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&attribute.label());
        text.push('=');
        text.push_str(&String::from_utf8_lossy(attribute.value.value));
    }
    text
}

/// The values of every attribute of one type, as received.
pub(super) fn values<'a>(name: &'a [u8], kind: &ObjectIdentifier) -> Vec<Tlv<'a>> {
    let attributes = attributes(name).unwrap_or_default();
    attributes
        .into_iter()
        .filter(|attribute| attribute.kind == kind.as_bytes())
        .map(|attribute| attribute.value)
        .collect()
}

/// Whether the name has an attribute of this type with exactly this text.
pub(super) fn has(name: &[u8], kind: &ObjectIdentifier, text: &str) -> bool {
    values(name, kind).iter().any(|value| value.value == text.as_bytes())
}

/// Whether the name has no attribute at all.
pub(super) fn is_empty(name: &Tlv<'_>) -> bool {
    name.value.is_empty()
}

struct Attribute<'a> {
    kind: &'a [u8],
    value: Tlv<'a>,
}

impl Attribute<'_> {
    fn label(&self) -> Cow<'static, str> {
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
            .map_or_else(|| tlv::dotted(self.kind).into(), |(_, label)| Cow::Borrowed(*label))
    }
}

fn attributes(name: &[u8]) -> Result<Vec<Attribute<'_>>, Malformed> {
    let mut attributes = Vec::with_capacity(8);
    let mut relative_names = tlv::only(name, SEQUENCE)?.reader();
    while !relative_names.is_empty() {
        let mut members: Reader<'_> = relative_names.expect(SET)?.reader();
        while !members.is_empty() {
            attributes.push(attribute(&mut members)?);
        }
    }
    Ok(attributes)
}

/// The next `AttributeTypeAndValue`.
fn attribute<'a>(members: &mut Reader<'a>) -> Result<Attribute<'a>, Malformed> {
    let mut member = members.expect(SEQUENCE)?.reader();
    let kind = member.expect(OID)?.value;
    let value = member.any()?;
    member.finish()?;
    Ok(Attribute { kind, value })
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
    fn strings_are_prepared_before_they_are_compared() {
        let utf8 = |text| name(UTF8_STRING, text);
        assert!(same(&utf8("Straße  Ａ"), &utf8(" STRASSE a ")), "folded, wide letters narrowed");
        assert!(same(&utf8("市　役所"), &utf8("市 役所")), "an ideographic blank is a blank");
        assert!(same(&utf8("e\u{301}cole"), &utf8("É\u{AD}COLE")), "composed, soft hyphen dropped");
        assert!(!same(&utf8("市役所"), &utf8("市役場")));
        // BMPString and TeletexString are compared as they are.
        assert!(same(&name(0x1E, "\0A"), &name(0x1E, "\0A")));
        assert!(!same(&name(0x14, "A"), &name(0x14, "a")));
        assert!(!same(&name(0x14, "A"), &utf8("A")));
    }

    #[test]
    fn a_relative_name_of_several_attributes_has_no_order() {
        let attribute = |kind, text: &str| sequence(&[&object_identifier(kind), &tlv(UTF8_STRING, &[text.as_bytes()])]);
        let together = |one: &str, other: &str| {
            let members = vec![attribute(&oid::COMMON_NAME, one), attribute(&oid::COMMON_NAME, other)];
            sequence(&[&set_of(members)])
        };
        assert!(same(&together("a", "B"), &together("b", "A")));
        let apart = sequence(&[
            &set_of(vec![attribute(&oid::COMMON_NAME, "a")]),
            &set_of(vec![attribute(&oid::COMMON_NAME, "b")]),
        ]);
        assert!(!same(&together("a", "b"), &apart));
        assert_eq!(canonical(&sequence(&[&tlv(SET, &[])])), Err(Malformed), "a relative name is never empty");
    }

    #[test]
    fn the_form_of_a_name_above_is_a_prefix_and_of_no_other() {
        let form = |text| canonical(&name(UTF8_STRING, text)).unwrap();
        let above =
            sequence(&[&set_of(vec![sequence(&[&object_identifier(&oid::COUNTRY), &tlv(UTF8_STRING, &[b"jp"])])])]);
        assert!(form("A").starts_with(&canonical(&above).unwrap()));
        assert!(!form("A B").starts_with(&form("A")));
    }

    #[test]
    fn a_name_reads_in_its_own_order() {
        let name = name(UTF8_STRING, "JPKI");
        assert_eq!(text(&name), "C=JP, O=JPKI");
        assert!(has(&name, &oid::ORGANIZATION, "JPKI") && !has(&name, &oid::ORGANIZATION, "jpki"));
    }
}
