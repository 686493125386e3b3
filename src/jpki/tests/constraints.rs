//! Name constraints along a path (RFC 5280 §4.2.1.10, §6.1.3 (b) and (c), §6.1.4 (g)).

use super::builder::*;
use crate::jpki::Reason;
use crate::jpki::encode::{sequence, tlv};

const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xA4;
const URI: u8 = 0x86;
const IP: u8 = 0x87;

type Names<'a> = &'a [(u8, &'a [u8])];

/// A root, an authority with constraints, and an end with these names.
fn below(permitted: Names<'_>, excluded: Names<'_>, end: impl FnOnce(Draft) -> Draft) -> Option<Reason> {
    let root = root("Root").issue();
    let one = root.authority("One").constraints(permitted, excluded).issue();
    let end = end(one.person("End")).issue();
    outcome(&[&root], &[&one], &end, LOOSE)
}

fn unit(parts: &[&str]) -> Vec<u8> {
    let attributes: Vec<_> = parts.iter().map(|part| ("2.5.4.11", 0x0C, *part)).collect();
    name_of(&attributes)
}

#[test]
fn names_of_each_form_are_held_to_what_is_permitted() {
    type Case<'a> = (u8, &'a [u8], &'a [u8], &'a [u8]);
    let cases: [Case<'_>; 7] = [
        (DNS, b"example.com", b"a.EXAMPLE.com", b"not-example.com"),
        (EMAIL, b".example.com", b"a@mail.example.com", b"a@example.com"),
        (EMAIL, b"example.com", b"a@example.com", b"a@mail.example.com"),
        (URI, b".example.com", b"https://a.example.com/", b"https://example.org/"),
        (URI, b"example.com", b"https://example.com/", b"https://a.example.com/"),
        (IP, &[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 2, 1], &[192, 0, 3, 1]),
        (DIRECTORY, &unit(&["A"]), &unit(&["a", "B"]), &unit(&["B", "A"])),
    ];
    for (tag, constraint, within, without) in cases {
        let named = |name: &[u8]| {
            let subject = sequence(&[]);
            let critical = tlv(0x30, &[&tlv(tag, &[name])]);
            move |draft: Draft| draft.but(|draft| draft.subject = subject).with(ALTERNATIVE_NAMES, true, &critical)
        };
        let permitted: Names<'_> = &[(tag, constraint)];
        assert_eq!(below(permitted, &[], named(within)), None, "{tag:x} {constraint:?}");
        assert_eq!(below(permitted, &[], named(without)), Some(Reason::NameNotPermitted), "{tag:x} {constraint:?}");
        assert_eq!(below(&[], permitted, named(within)), Some(Reason::NameExcluded), "{tag:x} {constraint:?}");
        assert_eq!(below(&[], permitted, named(without)), None, "{tag:x} {constraint:?}");
        assert_eq!(below(permitted, permitted, named(within)), Some(Reason::NameExcluded), "excluded weighs more");
    }
}

#[test]
fn constraints_of_one_form_say_nothing_about_another() {
    let dns = |draft: Draft| draft.names(&[(DNS, b"example.com")]);
    assert_eq!(below(&[(IP, &[192, 0, 2, 0, 255, 255, 255, 0])], &[], dns), None);
    assert_eq!(below(&[], &[(EMAIL, b"example.com")], dns), None);
    assert_eq!(below(&[(DNS, b"example.com"), (IP, &[10, 0, 0, 0, 255, 0, 0, 0])], &[], dns), None);
}

#[test]
fn the_subject_is_a_directory_name_too() {
    let permitted = unit(&["A"]);
    let subject = |parts: &[&str]| {
        let name = unit(parts);
        move |draft: Draft| draft.but(|draft| draft.subject = name)
    };
    let within: Names<'_> = &[(DIRECTORY, &permitted)];
    assert_eq!(below(within, &[], subject(&["A"])), None);
    assert_eq!(below(within, &[], subject(&["A", "B"])), None);
    assert_eq!(below(within, &[], subject(&["AB"])), Some(Reason::NameNotPermitted));
    assert_eq!(below(&[], within, subject(&["A", "B"])), Some(Reason::NameExcluded));
    // Both the subject and the alternative name have to be within.
    let other = unit(&["B"]);
    let alternative = |draft: Draft| subject(&["A"])(draft).names(&[(DIRECTORY, &other)]);
    assert_eq!(below(within, &[], alternative), Some(Reason::NameNotPermitted));
    let alternative = |draft: Draft| subject(&["B"])(draft).names(&[(DIRECTORY, &permitted)]);
    assert_eq!(below(within, &[], alternative), Some(Reason::NameNotPermitted));
}

#[test]
fn a_mailbox_in_the_subject_is_a_mailbox() {
    let subject = |tag, mailbox: &str| {
        let name = name_of(&[("2.5.4.3", 0x0C, "End"), ("1.2.840.113549.1.9.1", tag, mailbox)]);
        move |draft: Draft| draft.but(|draft| draft.subject = name)
    };
    let within: Names<'_> = &[(EMAIL, b"example.com")];
    assert_eq!(below(within, &[], subject(0x16, "a@example.com")), None);
    assert_eq!(below(within, &[], subject(0x16, "a@example.org")), Some(Reason::NameNotPermitted));
    assert_eq!(below(&[], within, subject(0x16, "a@example.com")), Some(Reason::NameExcluded));
    assert_eq!(below(within, &[], subject(0x0C, "a@example.com")), Some(Reason::NameNotPermitted), "UTF8String");
}

#[test]
fn every_set_of_constraints_above_holds() {
    let root = root("Root").issue();
    let wide = root.authority("Wide").constraints(&[(DNS, b"a.example"), (DNS, b"b.example")], &[]).issue();
    let check = |second: Names<'_>, name: &[u8]| {
        let narrow = wide.authority("Narrow").constraints(second, &[]).issue();
        let end = narrow.person("End").names(&[(DNS, name)]).issue();
        outcome(&[&root], &[&wide, &narrow], &end, LOOSE)
    };
    assert_eq!(check(&[(DNS, b"b.example")], b"b.example"), None);
    assert_eq!(check(&[(DNS, b"b.example")], b"a.example"), Some(Reason::NameNotPermitted), "narrowed");
    assert_eq!(check(&[(DNS, b"c.example")], b"c.example"), Some(Reason::NameNotPermitted), "not widened");
    assert_eq!(check(&[(DNS, b"www.a.example")], b"www.a.example"), None);
}

#[test]
fn authorities_have_to_keep_to_the_constraints_unless_self_issued() {
    let root = root("Root").constraints(&[(DNS, b"example.com")], &[]).issue();
    let named = |draft: Draft| draft.names(&[(DNS, b"example.org")]).issue();
    let one = named(root.authority("One"));
    let again = named(root.authority("Root"));
    let through = |authority: &Entity, end: Draft| outcome(&[&root], &[authority], &end.issue(), LOOSE);
    assert_eq!(through(&one, one.person("End")), Some(Reason::NameNotPermitted));
    assert_eq!(through(&again, again.person("End")), None);
    let self_issued_end = root.person("Root").names(&[(DNS, b"example.org")]);
    assert_eq!(through(&one, self_issued_end), Some(Reason::NameNotPermitted), "the end is held to them all the same");
    let only_the_second = root.person("End").names(&[(DNS, b"www.example.com"), (DNS, b"example.org")]);
    assert_eq!(through(&one, only_the_second), Some(Reason::NameNotPermitted));
}

#[test]
fn constraints_that_cannot_be_applied_refuse() {
    let other = [&oid_der("1.3.6.1.4.1.32473.1")[..], &tlv(0xA0, &[&tlv(0x0C, &[b"x"])])].concat();
    let with_other = |draft: Draft| draft.names(&[(0xA0, &other)]);
    assert_eq!(below(&[], &[(0xA0, &other)], with_other), Some(Reason::NameConstraintUnsupported));
    assert_eq!(below(&[(0xA0, &other)], &[], with_other), Some(Reason::NameConstraintUnsupported));
    assert_eq!(below(&[], &[(0xA0, &other)], |draft| draft), None, "no name of that form");
    let uri = |draft: Draft| draft.names(&[(URI, b"urn:example:a")]);
    assert_eq!(below(&[], &[(URI, b"example.com")], uri), Some(Reason::NameNotPermitted));
    for bad in [(DNS, &b".example.com"[..]), (DNS, b"*.example.com"), (IP, &[192, 0, 2, 1]), (EMAIL, b"a@b@c")] {
        assert_eq!(below(&[bad], &[], |draft| draft), Some(Reason::NameConstraintsMalformed));
    }
    assert_eq!(below(&[], &[], |draft| draft), Some(Reason::NameConstraintsMalformed));
}

#[test]
fn constraints_are_critical_and_only_in_authorities() {
    let root = root("Root").issue();
    let constraints = sequence(&[&tlv(0xA0, &[&sequence(&[&tlv(DNS, &[b"example.com"])])])]);
    let one = root.authority("One").with(NAME_CONSTRAINTS, false, &constraints).issue();
    assert_eq!(outcome(&[&root], &[&one], &one.person("End").issue(), LOOSE), Some(Reason::ExtensionCriticality));
    for critical in [true, false] {
        let end = root.person("End").with(NAME_CONSTRAINTS, critical, &constraints).issue();
        let expected = if critical { Reason::NameConstraintsMisplaced } else { Reason::ExtensionCriticality };
        assert_eq!(outcome(&[&root], &[], &end, LOOSE), Some(expected));
    }
}

#[test]
fn a_wildcard_is_as_dangerous_as_its_hosts() {
    let wildcard = |draft: Draft| draft.names(&[(DNS, b"*.example.com")]);
    assert_eq!(below(&[(DNS, b"example.com")], &[], wildcard), None);
    assert_eq!(below(&[(DNS, b"foo.example.com")], &[], wildcard), Some(Reason::NameNotPermitted));
    assert_eq!(below(&[], &[(DNS, b"bar.example.com")], wildcard), Some(Reason::NameExcluded));
    assert_eq!(below(&[], &[(DNS, b"example.org")], wildcard), None);
}

#[test]
fn thousands_of_names_and_constraints_are_an_attack() {
    let hosts: Vec<Vec<u8>> = (0..1200).map(|number| format!("h{number}.example").into_bytes()).collect();
    let names: Vec<(u8, &[u8])> = hosts.iter().map(|host| (DNS, host.as_slice())).collect();
    let few: Vec<(u8, &[u8])> = names.iter().take(100).copied().collect();
    assert_eq!(below(&names, &[], |draft| draft.names(&names)), Some(Reason::TooLarge));
    assert_eq!(below(&names, &[], |draft| draft.names(&few)), None);
    let mailbox = |octets: usize| format!("{}@example.org", "a".repeat(octets)).into_bytes();
    let with = |octets: usize| {
        let mailbox = mailbox(octets);
        below(&[], &names, |draft| draft.names(&[(EMAIL, &mailbox)]))
    };
    assert_eq!(with(60), None);
    assert_eq!(with(20_000), Some(Reason::TooLarge), "a long name is dearer than a short one");
}
