//! Paths through authorities: chaining, validity, basicConstraints, keyUsage (RFC 5280 §6.1).

use time::Duration;

use super::builder::*;
use super::*;
use crate::jpki::encode::{sequence, tlv};
use crate::jpki::{Check, Laboratory, Reason, verify_certificate};

fn loose(root: &Entity, offered: &[&Entity], end: &Entity) -> Option<Reason> {
    outcome(&[root], offered, end, LOOSE)
}

#[test]
fn a_path_leads_through_authorities_and_says_so() {
    let root = root("Root").issue();
    let (one, other) = (root.authority("One").issue(), root.authority("Other").issue());
    let end = one.person("End").issue();
    assert_eq!(loose(&root, &[&other, &one], &end), None);
    let laboratory: Laboratory = LOOSE.parse().unwrap();
    let trust = Trust::laboratory(&[root.der], vec![other.der, one.der.clone()], &laboratory);
    let verdict = verify_certificate(&end.der, &trust, &CrlSet::new(), NOW);
    let step = verdict.steps.iter().find(|step| step.check == Check::Issuer).unwrap();
    let fact = |name| step.facts.iter().find(|fact| fact.name == name).unwrap().value.as_str();
    assert_eq!(fact("intermediate-subject"), "CN=One");
    assert_eq!(fact("intermediate-sha256"), data_encoding::HEXLOWER.encode(&sha256(&one.der)));
    assert_eq!(fact("anchor-subject"), "CN=Root");
    let signer = verdict.signer.unwrap();
    assert_eq!((signer.holder, signer.kind, signer.policy), (None, None, None));
}

#[test]
fn a_path_that_lacks_an_authority_is_none() {
    let (root, stranger) = (root("Root").issue(), builder::root("Stranger").issue());
    let one = root.authority("One").issue();
    let end = one.person("End").issue();
    assert_eq!(loose(&root, &[], &end), Some(Reason::IssuerUnknown));
    assert_eq!(loose(&stranger, &[&one, &root], &end), Some(Reason::IssuerUnknown));
    let impostor = builder::root("Root").issue();
    assert_eq!(loose(&impostor, &[&one], &end), Some(Reason::IssuerSignature));
    let forged = builder::root("Root").issue().authority("One").issue();
    assert_eq!(loose(&root, &[&forged], &end), Some(Reason::IssuerSignature));
}

#[test]
fn depth_counts_the_authorities_that_are_not_self_issued() {
    let root = root("Root").issue();
    let one = root.authority("One").issue();
    let again = one.authority("One").issue();
    let two = again.authority("Two").issue();
    let depth =
        |depth: u8, end: &Entity| outcome(&[&root], &[&one, &again, &two], end, &format!("{LOOSE},depth={depth}"));
    assert_eq!(depth(0, &root.person("End").issue()), None);
    assert_eq!(depth(0, &one.person("End").issue()), Some(Reason::PathTooLong));
    assert_eq!(depth(1, &again.person("End").issue()), None);
    assert_eq!(depth(1, &two.person("End").issue()), Some(Reason::PathTooLong));
    assert_eq!(depth(2, &two.person("End").issue()), None);
}

#[test]
fn path_length_limits_the_authorities_below_and_not_the_end() {
    let root = root("Root").issue();
    let zero = root.authority("Zero").path_length(0).issue();
    let below = zero.authority("Below").path_length(0).issue();
    assert_eq!(loose(&root, &[&zero], &zero.person("End").issue()), None);
    assert_eq!(loose(&root, &[&zero], &below), None, "the last certificate is no intermediate");
    assert_eq!(loose(&root, &[&zero, &below], &below.person("End").issue()), Some(Reason::PathTooLong));
    // A larger number below does not widen a smaller one above.
    let one = root.authority("One").path_length(1).issue();
    let two = one.authority("Two").path_length(2).issue();
    let three = two.authority("Three").issue();
    assert_eq!(loose(&root, &[&one, &two], &two.person("End").issue()), None);
    assert_eq!(loose(&root, &[&one, &two, &three], &three.person("End").issue()), Some(Reason::PathTooLong));
    // Self-issued certificates are not counted.
    let again = zero.authority("Zero").path_length(0).issue();
    assert_eq!(loose(&root, &[&zero, &again], &again.person("End").issue()), None);
}

#[test]
fn a_root_limits_the_path_as_well() {
    let root = root("Root").path_length(0).issue();
    let one = root.authority("One").issue();
    assert_eq!(loose(&root, &[], &root.person("End").issue()), None);
    assert_eq!(loose(&root, &[&one], &one.person("End").issue()), Some(Reason::PathTooLong));
}

#[test]
fn an_issuer_is_an_authority_that_may_sign_certificates() {
    let root = root("Root").issue();
    let through = |draft: Draft| {
        let one = draft.issue();
        loose(&root, &[&one], &one.person("End").issue())
    };
    let one = || root.authority("One");
    let not = sequence(&[]);
    assert_eq!(through(one()), None);
    assert_eq!(through(one().without(BASIC_CONSTRAINTS)), Some(Reason::IssuerNotAuthority));
    assert_eq!(through(one().with(BASIC_CONSTRAINTS, true, &not)), Some(Reason::IssuerNotAuthority));
    assert_eq!(through(one().with(BASIC_CONSTRAINTS, false, &not)), Some(Reason::IssuerNotAuthority));
    assert_eq!(through(one().with(BASIC_CONSTRAINTS, false, &sequence(&[&[1, 1, 0xFF]]))), None);
    assert_eq!(through(one().without(KEY_USAGE)), None);
    assert_eq!(through(one().with(KEY_USAGE, false, &[3, 2, 2, 4])), None);
    for critical in [true, false] {
        let without_certificates = one().with(KEY_USAGE, critical, &[3, 2, 1, 2]);
        assert_eq!(through(without_certificates), Some(Reason::CertificateSignMissing));
    }
    let written_no = sequence(&[&[1, 1, 0]]);
    assert_eq!(through(one().with(BASIC_CONSTRAINTS, true, &written_no)), Some(Reason::CertificateMalformed));
}

#[test]
fn every_certificate_of_a_path_is_valid_at_the_moment() {
    let day = Duration::days(1);
    let past = (NOW - day * 2, NOW - day);
    let future = (NOW + day, NOW + day * 2);
    let root = root("Root").issue();
    let check = |validity| {
        let one = root.authority("One").but(|draft| draft.validity = validity).issue();
        loose(&root, &[&one], &one.person("End").issue())
    };
    assert_eq!(check(past), Some(Reason::IssuerExpired));
    assert_eq!(check(future), Some(Reason::IssuerNotYetValid));
    assert_eq!(check((NOW, NOW)), None, "both ends included");
    let of_root = |validity| {
        let root = builder::root("Root").but(|draft| draft.validity = validity).issue();
        loose(&root, &[], &root.person("End").issue())
    };
    assert_eq!(of_root(past), Some(Reason::AnchorExpired));
    assert_eq!(of_root(future), Some(Reason::AnchorNotYetValid));
    let end = |validity| loose(&root, &[], &root.person("End").but(|draft| draft.validity = validity).issue());
    assert_eq!(end(past), Some(Reason::Expired));
    assert_eq!(end(future), Some(Reason::NotYetValid));
}

#[test]
fn fractions_of_a_second_do_not_count() {
    let root = root("Root").issue();
    let second = NOW + Duration::seconds(1);
    let end = root.person("End").but(|draft| draft.validity = (second, second)).issue();
    let at = |at| outcome_at(&[&root], &[], &end, LOOSE, at);
    assert_eq!(at(second - Duration::milliseconds(1)), Some(Reason::NotYetValid));
    assert_eq!(at(second + Duration::milliseconds(5)), None);
    assert_eq!(at(second + Duration::seconds(1)), Some(Reason::Expired));
}

#[test]
fn dates_stand_in_either_form_and_in_whole_seconds_of_universal_time() {
    let root = root("Root").issue();
    let check = |not_before: (u8, &str), not_after: (u8, &str)| {
        let time = |(tag, text): (u8, &str)| tlv(tag, &[text.as_bytes()]);
        let validity = sequence(&[&time(not_before), &time(not_after)]);
        loose(&root, &[], &root.person("End").but(|draft| draft.validity_der = Some(validity)).issue())
    };
    let (from, until) = ((0x17, "500101000000Z"), (0x17, "491231235959Z"));
    assert_eq!(check(from, until), None, "1950 to 2049");
    assert_eq!(check((0x18, "20020101000000Z"), (0x18, "20500101000000Z")), None);
    assert_eq!(check(from, (0x18, "99991231235959Z")), None);
    for bad in [
        (0x17, "4912312359Z"),
        (0x17, "491231235959+0900"),
        (0x17, "491331235959Z"),
        (0x18, "20491231235959.5Z"),
        (0x18, "20491231235959"),
        (0x16, "491231235959Z"),
    ] {
        assert_eq!(check(from, bad), Some(Reason::CertificateMalformed), "{bad:?}");
    }
}

#[test]
fn names_chain_by_what_they_mean() {
    let key = Key::new();
    let root = root("Root").issue();
    let printable = name_of(&[("2.5.4.6", 0x13, "JP"), ("2.5.4.10", 0x13, "Todoke  Library")]);
    let utf8 = name_of(&[("2.5.4.6", 0x13, "jp"), ("2.5.4.10", 0x0C, " todoke LIBRARY")]);
    let other = name_of(&[("2.5.4.6", 0x13, "JP"), ("2.5.4.10", 0x0C, "Todoke")]);
    let check = |subject: &[u8]| {
        let one = root.authority_with("", &key).but(|draft| draft.subject = subject.to_vec()).issue();
        let end = one.person("End").but(|draft| draft.issuer.clone_from(&printable)).issue();
        loose(&root, &[&one], &end)
    };
    assert_eq!(check(&printable), None);
    assert_eq!(check(&utf8), None);
    assert_eq!(check(&other), Some(Reason::IssuerUnknown));
    // The order of relative names is part of the name.
    let turned = name_of(&[("2.5.4.10", 0x13, "Todoke  Library"), ("2.5.4.6", 0x13, "JP")]);
    assert_eq!(check(&turned), Some(Reason::IssuerUnknown));
}

#[test]
fn rolling_a_key_over_leads_through_self_issued_certificates() {
    let (old, new) = (Key::new(), Key::new());
    let root = root("Root").issue();
    let one_old = root.authority_with("One", &old).issue();
    let new_with_old = one_old.authority_with("One", &new).issue();
    let one_new = root.authority_with("One", &new).issue();
    let old_with_new = one_new.authority_with("One", &old).issue();
    assert_eq!(loose(&root, &[&one_old, &new_with_old], &new_with_old.person("End").issue()), None);
    assert_eq!(loose(&root, &[&one_new, &old_with_new], &old_with_new.person("End").issue()), None);
}

#[test]
fn every_way_is_tried_until_one_is_valid() {
    let key = Key::new();
    let (alpha, beta) = (root("Alpha").issue(), root("Beta").issue());
    let expired = (NOW - Duration::days(2), NOW - Duration::days(1));
    let late = alpha.authority_with("One", &key).but(|draft| draft.validity = expired).issue();
    let good = beta.authority_with("One", &key).issue();
    let end = good.person("End").issue();
    assert_eq!(outcome(&[&alpha, &beta], &[&late, &good], &end, LOOSE), None);
    assert_eq!(outcome(&[&alpha], &[&late, &good], &end, LOOSE), Some(Reason::IssuerExpired));
    // A root that names constrain is passed by for one that does not.
    let forbidding = root("Gamma").constraints(&[], &[(0x82, b"example.com")]).issue();
    let by_gamma = forbidding.authority_with("One", &key).issue();
    let end = good.person("End").names(&[(0x82, b"example.com")]).issue();
    assert_eq!(outcome(&[&forbidding, &beta], &[&by_gamma, &good], &end, LOOSE), None);
    assert_eq!(outcome(&[&forbidding], &[&by_gamma, &good], &end, LOOSE), Some(Reason::NameExcluded));
    // An expired root of the same key does not stand in the way of its successor.
    let old = root("Delta").but(|draft| draft.validity = expired).issue();
    let renewed =
        root("Delta").but(|draft| *draft = old.authority_with("Delta", &old.key).without(AUTHORITY_KEY)).issue();
    let end = old.person("End").issue();
    assert_eq!(outcome(&[&old, &renewed], &[], &end, LOOSE), None);
    assert_eq!(outcome(&[&old], &[], &end, LOOSE), Some(Reason::AnchorExpired));
}

#[test]
fn a_key_identifier_is_a_hint_and_the_signature_decides() {
    let root = root("Root").issue();
    let (one, namesake) = (root.authority("One").issue(), root.authority("One").issue());
    let misled = one.person("End").with(AUTHORITY_KEY, false, &sequence(&[&tlv(0x80, &[&[7; 20]])])).issue();
    assert_eq!(loose(&root, &[&namesake, &one], &misled), None);
    assert_eq!(loose(&root, &[&namesake], &misled), Some(Reason::IssuerSignature));
}

#[test]
fn circles_and_crowds_come_to_an_end() {
    let root = root("Root").issue();
    let (a, b) = (Key::new(), Key::new());
    let start = builder::root("A").but(|draft| draft.key = a.clone()).issue();
    let a_by_b = Entity { name: common_name("B"), key: b.clone(), der: vec![] }.authority_with("A", &a).issue();
    let b_by_a = a_by_b.authority_with("B", &b).issue();
    assert_eq!(loose(&root, &[&start, &a_by_b, &b_by_a], &b_by_a.person("End").issue()), Some(Reason::IssuerUnknown));
    // A circle with a way out: A is also certified by the root.
    let a_by_root = root.authority_with("A", &a).issue();
    assert_eq!(loose(&root, &[&a_by_b, &b_by_a, &a_by_root], &b_by_a.person("End").issue()), None);
    // A hundred authorities of one name that certify each other in a row, none below the root.
    let mut crowd = vec![builder::root("Crowd").issue()];
    for _ in 1..100 {
        let next = crowd.last().unwrap().authority("Crowd").without(AUTHORITY_KEY).without(SUBJECT_KEY).issue();
        crowd.push(next);
    }
    let offered: Vec<&Entity> = crowd.iter().collect();
    let end = crowd.last().unwrap().person("End").issue();
    assert!(outcome(&[&root], &offered, &end, &format!("{LOOSE},key-identifiers=any,depth=200")).is_some());
    let shared: Vec<Entity> = (0..100).map(|_| start.authority_with("A", &start.key).issue()).collect();
    let offered: Vec<&Entity> = shared.iter().collect();
    assert_eq!(loose(&root, &offered, &start.person("End").issue()), Some(Reason::IssuerUnknown));
}

#[test]
fn what_is_not_used_does_not_matter() {
    let root = root("Root").issue();
    let one = root.authority("One").issue();
    let odd = root.authority("Odd").with("1.3.6.1.4.1.32473.9.1", true, &[5, 0]).issue();
    let broken = Entity { der: vec![0x30, 0], ..odd.clone() };
    let odd_root = builder::root("Odd root").with("1.3.6.1.4.1.32473.9.1", true, &[5, 0]).issue();
    let end = one.person("End").issue();
    assert_eq!(outcome(&[&odd_root, &root], &[&odd, &broken, &one], &end, LOOSE), None);
    assert_eq!(loose(&root, &[&odd], &odd.person("End").issue()), Some(Reason::ExtensionUnknownCritical));
    assert_eq!(loose(&odd_root, &[], &odd_root.person("End").issue()), Some(Reason::ExtensionUnknownCritical));
    assert_eq!(loose(&root, &[&broken], &odd.person("End").issue()), Some(Reason::CertificateMalformed));
}

#[test]
fn an_authority_may_stand_in_for_a_root_and_a_root_among_the_offered() {
    let root = root("Root").issue();
    let one = root.authority("One").issue();
    assert_eq!(outcome(&[&one], &[&root], &one.person("End").issue(), LOOSE), None);
}

#[test]
fn roots_have_to_be_authorities_in_good_order() {
    let through = |draft: Draft| {
        let root = draft.issue();
        loose(&root, &[], &root.person("End").issue())
    };
    assert_eq!(through(root("Root")), None);
    assert_eq!(through(root("Root").without(BASIC_CONSTRAINTS)), Some(Reason::AnchorNotAuthority));
    let not_critical = root("Root").with(BASIC_CONSTRAINTS, false, &sequence(&[&[1, 1, 0xFF]]));
    assert_eq!(through(not_critical), Some(Reason::ExtensionCriticality));
    assert_eq!(through(root("Root").with(KEY_USAGE, true, &[3, 2, 1, 2])), Some(Reason::AnchorKeyUsage));
    assert_eq!(through(root("Root").without(SUBJECT_KEY)), Some(Reason::SubjectKeyIdentifierMissing));
    assert_eq!(through(root("Root").but(|draft| draft.subject = sequence(&[]))), Some(Reason::CertificateNameEmpty));
}

#[test]
fn unique_identifiers_are_passed_over() {
    let root = root("Root").issue();
    let end = root.person("End").but(|draft| draft.unique_identifiers = vec![0x81, 2, 0, 1, 0x82, 2, 0, 1]).issue();
    assert_eq!(loose(&root, &[], &end), None);
}

#[test]
fn purposes_hold_for_the_end_and_for_authorities_that_name_any() {
    let server = sequence(&[&oid_der("1.3.6.1.5.5.7.3.1")]);
    let client = sequence(&[&oid_der("1.3.6.1.5.5.7.3.2")]);
    let any = sequence(&[&oid_der("2.5.29.37.0")]);
    let root = root("Root").issue();
    let check = |of_authority: Option<&[u8]>, of_end: Option<&[u8]>, demand: &str| {
        let with = |draft: Draft, value: Option<&[u8]>| match value {
            Some(value) => draft.with(PURPOSES, false, value),
            None => draft,
        };
        let one = with(root.authority("One"), of_authority).issue();
        let end = with(one.person("End"), of_end).issue();
        outcome(&[&root], &[&one], &end, &format!("{LOOSE},{demand}"))
    };
    assert_eq!(check(None, Some(&server), "eku=serverAuth"), None);
    assert_eq!(check(None, None, "eku=serverAuth"), None);
    assert_eq!(check(None, Some(&client), "eku=serverAuth"), Some(Reason::ExtendedKeyUsagePurpose));
    assert_eq!(check(None, Some(&client), "eku=serverAuth+1.3.6.1.5.5.7.3.2"), None);
    assert_eq!(check(None, Some(&any), "eku=serverAuth"), Some(Reason::ExtendedKeyUsagePurpose));
    assert_eq!(check(Some(&any), Some(&server), "eku=serverAuth"), None);
    assert_eq!(check(Some(&client), Some(&server), "eku=serverAuth"), Some(Reason::IssuerPurpose));
    assert_eq!(check(Some(&client), Some(&server), "eku=any"), None);
    assert_eq!(check(None, Some(&sequence(&[])), "eku=any"), Some(Reason::CertificateMalformed));
}

#[test]
fn nothing_is_loosened_that_is_not_named() {
    let root = root("Root").issue();
    let end = root.person("End").issue();
    assert_eq!(outcome(&[&root], &[], &end, ""), Some(Reason::CertificateAlgorithm));
    assert_eq!(outcome(&[&root], &[], &end, "alg=any-sha2"), Some(Reason::PolicyRequired));
    assert_eq!(outcome(&[&root], &[], &end, "alg=any-sha2,policy=any"), None);
    let end = root.person("End").with(KEY_USAGE, true, &[3, 2, 7, 0x80]).issue();
    assert_eq!(outcome(&[&root], &[], &end, "alg=any-sha2,policy=any"), Some(Reason::KeyUsageInsufficient));
    assert_eq!(outcome(&[&root], &[], &end, "alg=any-sha2,policy=any,ku=digitalSignature"), None);
}

#[test]
fn a_changed_authority_never_counts() {
    let root = root("Root").issue();
    let one = root
        .authority("One")
        .path_length(1)
        .policies(&["1.2.3", "2.5.29.32.0"])
        .mappings(&[("1.2.3", "1.2.4")])
        .policy_constraints(Some(5), Some(5))
        .inhibit_any(5)
        .constraints(&[(0x82, b"example.com")], &[(0x81, b".example.com")])
        .names(&[(0x82, b"example.com")])
        .issue();
    let end = one.person("End").names(&[(0x82, b"www.example.com")]).issue();
    assert_eq!(loose(&root, &[&one], &end), None);
    for position in 0..one.der.len() {
        for mask in [0x01, 0x20, 0x80, 0xFF] {
            let mut changed = one.clone();
            changed.der[position] ^= mask;
            assert!(loose(&root, &[&changed], &end).is_some(), "byte {position} xor {mask:#04x}");
        }
    }
}

#[test]
fn the_search_ends_before_large_certificates_have_been_gone_through_in_every_way() {
    let top = root("Root").issue();
    // Tiers of two authorities each, of one name and key: every tier doubles the ways.
    let mut tier = vec![top.clone()];
    let mut offered = Vec::new();
    let large = vec![0; 50_000];
    for number in 0..7 {
        let (name, key) = (format!("Tier {number}"), Key::new());
        let twin = |serial: u8| {
            let draft = tier[0].authority_with(&name, &key).with("1.2.3", false, &large);
            draft.but(|draft| draft.serial = vec![0x4A, serial]).issue()
        };
        tier = vec![twin(1), twin(2)];
        offered.extend(tier.clone());
    }
    let end = tier[0].person("End").issue();
    let offered: Vec<&Entity> = offered.iter().collect();
    let strict = "policy=1.2.3,ku=any,eku=any,alg=any-sha2,depth=8";
    assert_eq!(outcome(&[&top], &offered, &end, LOOSE), None);
    assert_eq!(outcome(&[&top], &offered, &end, strict), Some(Reason::PolicyRequired), "and it does end");
}

#[test]
fn names_have_a_reasonable_length() {
    let top = root("Root").issue();
    let long = |letters: usize| top.person(&"a".repeat(letters)).issue();
    assert_eq!(loose(&top, &[], &long(1000)), None);
    assert_eq!(loose(&top, &[], &long(1024)), Some(Reason::TooLarge));
    // Together, too: letters beyond ASCII are dear to prepare.
    let issuers: Vec<Entity> =
        (0..300).map(|number| top.authority(&format!("{}{number}", "市".repeat(330))).issue()).collect();
    let end = top.authority("One").issue().person("End").issue();
    let offered: Vec<&Entity> = issuers.iter().collect();
    assert_eq!(loose(&top, &offered, &end), Some(Reason::TooLarge));
    assert_eq!(loose(&top, &offered[..200], &end), Some(Reason::IssuerUnknown));
}
