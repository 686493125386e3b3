//! What every certificate has to be like (RFC 5280 §4.1 and §4.2), each rule broken alone.

use super::builder::*;
use crate::jpki::Reason;
use crate::jpki::encode::{sequence, tlv};

const ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const POINTS: &str = "2.5.29.31";

fn end(change: impl FnOnce(Draft) -> Draft) -> Option<Reason> {
    let root = root("Root").issue();
    outcome(&[&root], &[], &change(root.person("End")).issue(), LOOSE)
}

fn authority(change: impl FnOnce(Draft) -> Draft) -> Option<Reason> {
    let root = root("Root").issue();
    let one = change(root.authority("One")).issue();
    outcome(&[&root], &[&one], &one.person("End").issue(), LOOSE)
}

#[test]
fn extensions_that_must_not_be_critical_are_not() {
    let access = sequence(&[&sequence(&[&oid_der("1.3.6.1.5.5.7.48.1"), &tlv(0x86, &[b"http://ocsp.example"])])]);
    assert_eq!(end(|draft| draft.with(ACCESS, false, &access)), None);
    assert_eq!(end(|draft| draft.with(ACCESS, true, &access)), Some(Reason::ExtensionCriticality));
    assert_eq!(end(|draft| draft.with(SUBJECT_KEY, true, &[4, 1, 1])), Some(Reason::ExtensionCriticality));
    let key = sequence(&[&tlv(0x80, &[b"1"])]);
    assert_eq!(end(|draft| draft.with(AUTHORITY_KEY, true, &key)), Some(Reason::ExtensionCriticality));
    assert_eq!(end(|draft| draft.with("2.5.29.46", true, &access)), Some(Reason::ExtensionCriticality));
}

#[test]
fn extensions_that_must_be_critical_are() {
    let explicit = sequence(&[&[0x80, 1, 0]]);
    assert_eq!(authority(|draft| draft.with(POLICY_CONSTRAINTS, false, &explicit)), Some(Reason::ExtensionCriticality));
    assert_eq!(authority(|draft| draft.with(INHIBIT_ANY, false, &[2, 1, 0])), Some(Reason::ExtensionCriticality));
}

#[test]
fn known_extensions_are_of_their_type_and_not_empty() {
    let empty = sequence(&[]);
    for oid in [ACCESS, POINTS, ALTERNATIVE_NAMES, POLICIES, PURPOSES, AUTHORITY_KEY, BASIC_CONSTRAINTS, KEY_USAGE] {
        let text = |draft: Draft| draft.with(oid, false, b"not DER at all");
        assert_eq!(end(text), Some(Reason::CertificateMalformed), "{oid}");
    }
    for oid in [ACCESS, POINTS, ALTERNATIVE_NAMES, POLICIES, PURPOSES] {
        assert_eq!(end(|draft| draft.with(oid, false, &empty)), Some(Reason::CertificateMalformed), "{oid}");
    }
    for (oid, critical) in [(POLICY_CONSTRAINTS, true), (MAPPINGS, false)] {
        assert_eq!(authority(|draft| draft.with(oid, critical, &empty)), Some(Reason::CertificateMalformed), "{oid}");
    }
    let issuer_without_serial = sequence(&[&tlv(0x80, &[b"1"]), &tlv(0xA1, &[&tlv(0xA4, &[&common_name("Root")])])]);
    assert_eq!(
        end(|draft| draft.with(AUTHORITY_KEY, false, &issuer_without_serial)),
        Some(Reason::CertificateMalformed)
    );
    let reasons_only = sequence(&[&sequence(&[&tlv(0x81, &[&[1, 6]])])]);
    assert_eq!(end(|draft| draft.with(POINTS, false, &reasons_only)), Some(Reason::CertificateMalformed));
}

#[test]
fn key_usage_has_a_bit_and_fits_the_constraints() {
    assert_eq!(end(|draft| draft.with(KEY_USAGE, true, &[3, 2, 7, 0])), Some(Reason::KeyUsageEmpty));
    assert_eq!(end(|draft| draft.with(KEY_USAGE, true, &[3, 1, 0])), Some(Reason::CertificateMalformed));
    assert_eq!(end(|draft| draft.without(KEY_USAGE)), None);
    let not_authority = sequence(&[]);
    let signs = |draft: Draft| draft.with(KEY_USAGE, true, &[3, 2, 2, 4]);
    assert_eq!(end(signs), Some(Reason::CertificateSignMisplaced));
    assert_eq!(
        end(|draft| signs(draft).with(BASIC_CONSTRAINTS, true, &not_authority)),
        Some(Reason::CertificateSignMisplaced)
    );
    let length_alone = sequence(&[&[2, 1, 0]]);
    assert_eq!(end(|draft| draft.with(BASIC_CONSTRAINTS, true, &length_alone)), Some(Reason::PathLengthMisplaced));
    let root = root("Root").issue();
    let one = root.authority("One").path_length(0).with(KEY_USAGE, true, &[3, 2, 1, 2]).issue();
    assert_eq!(outcome(&[&root], &[], &one, LOOSE), Some(Reason::PathLengthMisplaced));
}

#[test]
fn an_authority_may_stand_at_the_end() {
    let root = root("Root").issue();
    assert_eq!(outcome(&[&root], &[], &root.authority("One").issue(), LOOSE), None);
    assert_eq!(outcome(&[&root], &[], &root, LOOSE), None, "the root itself, below itself");
}

#[test]
fn key_identifiers_are_there() {
    assert_eq!(end(|draft| draft.without(AUTHORITY_KEY)), Some(Reason::AuthorityKeyIdentifierMissing));
    let no_identifier = sequence(&[]);
    let named_only = |draft: Draft| draft.with(AUTHORITY_KEY, false, &no_identifier);
    assert_eq!(end(named_only), Some(Reason::AuthorityKeyIdentifierMissing));
    assert_eq!(end(|draft| draft.without(SUBJECT_KEY)), None, "for people a SHOULD");
    assert_eq!(authority(|draft| draft.without(SUBJECT_KEY)), Some(Reason::SubjectKeyIdentifierMissing));
    assert_eq!(authority(|draft| draft.without(AUTHORITY_KEY)), Some(Reason::AuthorityKeyIdentifierMissing));
    let root = root("Root").issue();
    let bare = root.person("End").without(AUTHORITY_KEY).issue();
    assert_eq!(outcome(&[&root], &[], &bare, &format!("{LOOSE},key-identifiers=any")), None);
}

#[test]
fn whoever_has_no_subject_has_a_critical_alternative_name() {
    let names = tlv(0x30, &[&tlv(0x82, &[b"example.com"])]);
    let nobody = |draft: Draft| draft.but(|draft| draft.subject = sequence(&[]));
    assert_eq!(end(nobody), Some(Reason::CertificateNameEmpty));
    assert_eq!(end(|draft| nobody(draft).with(ALTERNATIVE_NAMES, false, &names)), Some(Reason::CertificateNameEmpty));
    assert_eq!(end(|draft| nobody(draft).with(ALTERNATIVE_NAMES, true, &names)), None);
    let no_issuer = |draft: Draft| draft.but(|draft| draft.issuer = sequence(&[]));
    assert_eq!(end(no_issuer), Some(Reason::CertificateNameEmpty));
}

#[test]
fn alternative_names_have_the_syntax_of_their_kind() {
    for (tag, good) in [(0x82, &b"*.example.com"[..]), (0x81, b"a@example.com"), (0x87, &[0; 16]), (0x86, b"urn:a")] {
        assert_eq!(end(|draft| draft.names(&[(tag, good)])), None, "{good:?}");
    }
    for (tag, bad) in [
        (0x82, &b"a_b.example.com"[..]),
        (0x82, b"192.0.2.1"),
        (0x82, b".example.com"),
        (0x82, b"ex\xC3\xA9mple.com"),
        (0x81, b"example.com"),
        (0x87, &[192, 0, 2, 0, 255, 255, 255, 0]),
        (0x86, b"example.com"),
        (0xA4, b"not a name"),
        (0x89, b"no such kind"),
    ] {
        assert_eq!(end(|draft| draft.names(&[(tag, bad)])), Some(Reason::CertificateMalformed), "{bad:?}");
    }
}

#[test]
fn serial_numbers_are_positive_and_short() {
    let serial = |octets: &[u8]| end(|draft| draft.but(|draft| draft.serial = octets.to_vec()));
    assert_eq!(serial(&[0x7F; 20]), None);
    assert_eq!(serial(&[1; 21]), Some(Reason::CertificateSerial));
    assert_eq!(serial(&[0]), Some(Reason::CertificateSerial));
}

#[test]
fn policies_stand_once_and_extensions_too() {
    assert_eq!(end(|draft| draft.policies(&["1.2.3", "1.2.3"])), Some(Reason::PolicyDuplicate));
    assert_eq!(end(|draft| draft.policies(&["1.2.3", "1.2.4"])), None);
}

#[test]
fn strings_of_any_type_and_content_are_names() {
    for (tag, text) in
        [(0x13, "under_score@"), (0x14, "T\u{e9}l\u{e9}tex"), (0x1E, "\0A"), (0x1C, "\0\0\0A"), (0x1E, "odd")]
    {
        let name = name_of(&[("2.5.4.3", tag, text)]);
        assert_eq!(end(|draft| draft.but(|draft| draft.subject = name)), None, "{tag:x}");
    }
}
