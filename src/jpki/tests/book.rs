//! Revocation by the book, in the scenarios that RFC 5280 §5 and §6.3 tell apart: basic lists,
//! separate keys, distribution points, indirect lists, some reasons, changes.

use std::sync::LazyLock;

use time::Duration;

use super::laboratory::*;
use super::*;
use crate::jpki::chain::Effort;
use crate::jpki::encode::{sequence, tlv};
use crate::jpki::{
    Certificate, Laboratory, ListRules, Reason, RevocationGap, RevocationReason, RevocationStatus, verify_crl,
};

const ROOT: &str = "Root";
/// keyCertSign, cRLSign, and both.
const CERT_SIGN: u8 = 0x04;
const CRL_SIGN: u8 = 0x02;
const BOTH: u8 = 0x06;
const SERIAL: &[u8] = &[0x12, 0x34];
const INDIRECT: &[u8] = &[0x84, 0x01, 0xFF];

static ROOT_KEY: LazyLock<CardKey> = LazyLock::new(|| CardKey::generate().unwrap());
static OTHER_KEY: LazyLock<CardKey> = LazyLock::new(|| CardKey::generate().unwrap());

fn root(usage: u8) -> Vec<u8> {
    Paper { subject: ROOT, issuer: ROOT, serial: &[1], key: &ROOT_KEY, signer: &ROOT_KEY, extensions: authority(usage) }
        .to_der()
}

fn certified(subject: &str, serial: &[u8], key: &CardKey, extensions: Vec<Vec<u8>>) -> Vec<u8> {
    Paper { subject, issuer: ROOT, serial, key, signer: &ROOT_KEY, extensions }.to_der()
}

fn person(extensions: Vec<Vec<u8>>) -> Vec<u8> {
    certified("Hanako", SERIAL, &CARD_KEY, extensions)
}

struct Scene {
    root: Vec<u8>,
    intermediates: Vec<Vec<u8>>,
    lists: CrlSet,
    at: OffsetDateTime,
}

impl Scene {
    fn new(lists: &[Vec<u8>]) -> Self {
        let mut scene = Self { root: root(BOTH), intermediates: Vec::new(), lists: CrlSet::new(), at: NOW };
        for list in lists {
            scene.lists.insert_for_laboratory(list).unwrap();
        }
        scene
    }

    fn with(mut self, intermediates: Vec<Vec<u8>>) -> Self {
        self.intermediates = intermediates;
        self
    }

    fn trust(&self) -> Trust {
        let loose: Laboratory =
            "policy=any,ku=any,eku=any,depth=5,key-identifiers=any,alg=any-rsa-sha2".parse().unwrap();
        Trust::laboratory(std::slice::from_ref(&self.root), self.intermediates.clone(), &loose)
    }

    fn status(&self, certificate: &[u8]) -> RevocationStatus {
        let trust = self.trust();
        let certificate = Certificate::parse(certificate).unwrap();
        let path = trust.path_to(&certificate, &[], self.at).unwrap();
        self.lists.status_of_path(&path, &certificate, &trust, self.at)
    }
}

fn status(certificate: &[u8], lists: &[&Sheet<'_>]) -> RevocationStatus {
    let lists: Vec<Vec<u8>> = lists.iter().map(|list| list.to_der()).collect();
    Scene::new(&lists).status(certificate)
}

fn is_good(status: &RevocationStatus) -> bool {
    matches!(status, RevocationStatus::Good { .. })
}

fn revoked(reason: RevocationReason) -> RevocationStatus {
    RevocationStatus::Revoked { at: NOW - Duration::days(1), reason }
}

const fn unknown(why: RevocationGap) -> RevocationStatus {
    RevocationStatus::Unknown { why }
}

fn sheet() -> Sheet<'static> {
    Sheet::of(ROOT, &ROOT_KEY)
}

fn refused(list: &Sheet<'_>) -> Option<Reason> {
    CrlSet::new().insert_for_laboratory(&list.to_der()).err()
}

// Basic lists

#[test]
fn a_complete_list_answers_for_its_issuer() {
    let hanako = person(Vec::new());
    assert!(is_good(&status(&hanako, &[&sheet()])));
    let named = Sheet { entries: vec![entry(SERIAL, &[because(1)])], ..sheet() };
    assert_eq!(status(&hanako, &[&named]), revoked(RevocationReason::KeyCompromise));
    let hold = Sheet { entries: vec![entry(&[9], &[]), entry(SERIAL, &[because(6)])], ..sheet() };
    assert_eq!(status(&hanako, &[&hold]), revoked(RevocationReason::CertificateHold));
    assert_eq!(status(&hanako, &[]), unknown(RevocationGap::NoList));
}

#[test]
fn a_list_of_another_name_or_key_is_none() {
    let hanako = person(Vec::new());
    assert_eq!(status(&hanako, &[&Sheet::of("Other", &ROOT_KEY)]), unknown(RevocationGap::NoList));
    assert_eq!(status(&hanako, &[&Sheet::of(ROOT, &OTHER_KEY)]), unknown(RevocationGap::NotVouchedFor));
    let others = Sheet { entries: vec![entry(SERIAL, &[])], ..Sheet::of("Other", &OTHER_KEY) };
    assert!(is_good(&status(&hanako, &[&sheet(), &others])));
}

#[test]
fn every_certificate_of_the_path_is_asked_about() {
    let authority = certified("Sub", &[2], &OTHER_KEY, authority(BOTH));
    let hanako = Paper {
        subject: "Hanako",
        issuer: "Sub",
        serial: SERIAL,
        key: &CARD_KEY,
        signer: &OTHER_KEY,
        extensions: Vec::new(),
    }
    .to_der();
    let of_sub = Sheet::of("Sub", &OTHER_KEY);
    let scene = |of_root: &Sheet<'_>| {
        Scene::new(&[of_root.to_der(), of_sub.to_der()]).with(vec![authority.clone()]).status(&hanako)
    };
    assert!(is_good(&scene(&sheet())));
    let revoking = Sheet { entries: vec![entry(&[2], &[])], ..sheet() };
    assert_eq!(scene(&revoking), revoked(RevocationReason::Unspecified));
    let only_sub = Scene::new(&[of_sub.to_der()]).with(vec![authority.clone()]).status(&hanako);
    assert_eq!(only_sub, unknown(RevocationGap::NoList));
    let without = Scene::new(&[]).trust();
    let hanako = Certificate::parse(&hanako).unwrap();
    assert_eq!(without.path_to(&hanako, &[], NOW).unwrap_err(), Reason::IssuerUnknown);
    assert!(without.with_intermediates(vec![authority]).path_to(&hanako, &[], NOW).is_ok());
}

#[test]
fn serial_numbers_may_be_negative_or_long() {
    let negative = Sheet { entries: vec![entry(&[0xFF], &[])], ..sheet() };
    assert!(is_good(&status(&certified("Hanako", &[0x00, 0xFF], &CARD_KEY, Vec::new()), &[&negative])));
    let long = [0x7F; 20];
    let listed = Sheet { entries: vec![entry(&long, &[])], ..sheet() };
    let certificate = |serial: &[u8]| certified("Hanako", serial, &CARD_KEY, Vec::new());
    assert_eq!(status(&certificate(&long), &[&listed]), revoked(RevocationReason::Unspecified));
    let mut next = long;
    next[19] = 0x7E;
    assert!(is_good(&status(&certificate(&next), &[&listed])));
}

#[test]
fn a_list_has_its_time() {
    let hanako = person(Vec::new());
    let stale = Sheet { due: Some(NOW - Duration::seconds(1)), ..sheet() };
    assert_eq!(status(&hanako, &[&stale]), unknown(RevocationGap::Stale));
    let last_second = Sheet { due: Some(NOW), ..sheet() };
    assert!(is_good(&status(&hanako, &[&last_second])));
    let early = Sheet { made: NOW + Duration::seconds(1), ..sheet() };
    assert_eq!(status(&hanako, &[&early]), unknown(RevocationGap::NotYetMade));
    let far = Sheet { due: Some(time::macros::datetime!(2051-01-01 00:00 UTC)), ..sheet() };
    assert!(is_good(&status(&hanako, &[&far])));
    // An old list that names a certificate may have been overtaken: it says nothing either way.
    let stale = Sheet { entries: vec![entry(SERIAL, &[])], ..stale };
    assert_eq!(status(&hanako, &[&stale]), unknown(RevocationGap::Stale));
}

#[test]
fn of_two_lists_the_newer_counts() {
    let hanako = person(Vec::new());
    let before = Sheet { made: NOW - Duration::hours(5), number: Some(4), ..sheet() };
    let after = Sheet { entries: vec![entry(SERIAL, &[])], ..sheet() };
    assert_eq!(status(&hanako, &[&before, &after]), revoked(RevocationReason::Unspecified));
    let hold_before = Sheet { entries: vec![entry(SERIAL, &[because(6)])], ..before };
    assert!(is_good(&status(&hanako, &[&hold_before, &sheet()])));
}

#[test]
fn what_the_standard_forbids_a_list_is_refused() {
    let unknown_of_list = Sheet { more: vec![extension("1.3.6.1.4.1.32473.9.1", true, &[5, 0])], ..sheet() };
    assert_eq!(refused(&unknown_of_list), Some(Reason::CrlUnknownCritical));
    let harmless = Sheet { more: vec![extension("1.3.6.1.4.1.32473.9.1", false, &[5, 0])], ..sheet() };
    assert_eq!(refused(&harmless), None);
    let of_entry = |critical| vec![entry(SERIAL, &[extension("1.3.6.1.4.1.32473.9.2", critical, &[5, 0])])];
    assert_eq!(refused(&Sheet { entries: of_entry(true), ..sheet() }), Some(Reason::CrlUnknownCritical));
    assert_eq!(refused(&Sheet { entries: of_entry(false), ..sheet() }), None);
    assert_eq!(
        refused(&Sheet { number: None, more: vec![extension("2.5.29.20", true, &[2, 1, 1])], ..sheet() }),
        Some(Reason::CrlCriticality)
    );
    assert_eq!(
        refused(&Sheet { number: None, more: vec![extension("1.2.3", false, &[])], ..sheet() }),
        Some(Reason::CrlNumberMissing)
    );
    assert_eq!(refused(&Sheet { due: None, ..sheet() }), Some(Reason::CrlNextUpdateMissing));
    let twice = Sheet { entries: vec![entry(SERIAL, &[]), entry(SERIAL, &[])], ..sheet() };
    assert_eq!(refused(&twice), Some(Reason::CrlDuplicate));
    let doubled = Sheet { more: vec![because(1), because(1)], ..sheet() };
    assert_eq!(refused(&doubled), Some(Reason::CrlMalformed));
    let not_minimal = Sheet { entries: vec![entry(&[0, 1], &[])], ..sheet() };
    assert_eq!(refused(&not_minimal), Some(Reason::CrlMalformed));
    let two_scopes = Sheet { point: Some(vec![0x81, 1, 0xFF, 0x82, 1, 0xFF]), ..sheet() };
    assert_eq!(refused(&two_scopes), Some(Reason::CrlMalformed));
    let names_others = Sheet { entries: vec![entry(SERIAL, &[issued_by("Other")])], ..sheet() };
    assert_eq!(refused(&names_others), Some(Reason::CrlIndirect));
}

#[test]
fn a_list_of_version_one_has_no_extensions() {
    let hanako = person(Vec::new());
    let bare = Sheet { number: None, ..sheet() };
    assert!(is_good(&status(&hanako, &[&bare])));
    let named = Sheet { entries: vec![entry(&[1], &[]), entry(SERIAL, &[])], ..bare.clone() };
    assert_eq!(status(&hanako, &[&named]), revoked(RevocationReason::Unspecified));
    let with_reason = Sheet { entries: vec![entry(SERIAL, &[because(1)])], ..bare };
    assert_eq!(refused(&with_reason), Some(Reason::CrlVersion));
}

// Who signs

#[test]
fn who_must_not_sign_lists_did_not() {
    let hanako = person(Vec::new());
    let mut scene = Scene::new(&[sheet().to_der()]);
    scene.root = root(CERT_SIGN);
    assert_eq!(scene.status(&hanako), unknown(RevocationGap::NotVouchedFor));
    let report = verify_crl(&sheet().to_der(), None, &scene.trust(), ListRules::Standard, NOW);
    assert_eq!(report.reason, Some(Reason::CrlIssuerKeyUsage));
}

#[test]
fn certificates_and_lists_may_have_keys_of_their_own() {
    let hanako = person(Vec::new());
    let signer = |usage, extensions: Vec<Vec<u8>>| {
        let mut all = authority(usage);
        all.extend(extensions);
        certified(ROOT, &[7], &OTHER_KEY, all)
    };
    // The list for the signer itself is the root's, at a point of its own.
    let own_point = points(&[&[&uri("http://own")]]);
    let of_signer = Sheet { point: Some(uri("http://own")), ..sheet() };
    let by_signer = Sheet::of(ROOT, &OTHER_KEY);
    let ask = |usage, of_signer: &Sheet<'_>| {
        Scene::new(&[of_signer.to_der(), by_signer.to_der()])
            .with(vec![signer(usage, vec![own_point.clone()])])
            .status(&hanako)
    };
    assert!(is_good(&ask(CRL_SIGN, &of_signer)));
    assert_eq!(ask(CERT_SIGN, &of_signer), unknown(RevocationGap::NotVouchedFor));
    let revoking = Sheet { entries: vec![entry(&[7], &[])], ..of_signer };
    assert_eq!(ask(CRL_SIGN, &revoking), unknown(RevocationGap::NotVouchedFor));
}

#[test]
fn a_signer_below_another_root_is_none_of_this_path() {
    let hanako = person(Vec::new());
    let impostor = Paper {
        subject: "Elsewhere",
        issuer: "Elsewhere",
        serial: &[1],
        key: &OTHER_KEY,
        signer: &OTHER_KEY,
        extensions: authority(BOTH),
    };
    // Its authority bears the name of ours and signs a list that names nobody.
    let same_name = Paper {
        subject: ROOT,
        issuer: "Elsewhere",
        serial: &[2],
        key: &CARD_KEY,
        signer: &OTHER_KEY,
        extensions: authority(BOTH),
    };
    let mut lists = CrlSet::new();
    for list in [Sheet::of(ROOT, &CARD_KEY), Sheet::of("Elsewhere", &OTHER_KEY)] {
        lists.insert_for_laboratory(&list.to_der()).unwrap();
    }
    let loose: Laboratory = "policy=any,ku=any,eku=any,depth=5,key-identifiers=any".parse().unwrap();
    let trust = Trust::laboratory(&[root(BOTH), impostor.to_der()], vec![same_name.to_der()], &loose);
    let certificate = Certificate::parse(&hanako).unwrap();
    let path = trust.path_to(&certificate, &[], NOW).unwrap();
    let status = lists.status_of_path(&path, &certificate, &trust, NOW);
    assert_eq!(status, unknown(RevocationGap::NotVouchedFor));
}

// Distribution points

#[test]
fn the_point_of_the_list_is_one_of_the_certificate() {
    let at = |point: Vec<u8>| person(vec![points(&[&[&point]])]);
    let list = |point: Vec<u8>| Sheet { point: Some(point), ..sheet() };
    let elsewhere = unknown(RevocationGap::NoListForDistributionPoint);
    assert!(is_good(&status(&at(uri("http://a")), &[&list(uri("http://a"))])));
    assert_eq!(status(&at(uri("http://a")), &[&list(uri("http://b"))]), elsewhere);
    assert_eq!(status(&at(uri("http://%61")), &[&list(uri("http://a"))]), elsewhere);
    assert!(is_good(&status(&at(directory("A point")), &[&list(directory("a  POINT"))])));
    assert_eq!(status(&at(directory("A point")), &[&list(uri("A point"))]), elsewhere);
    assert_eq!(status(&person(Vec::new()), &[&list(uri("http://a"))]), elsewhere);
    // The issuer's own name is a point of every certificate.
    assert!(is_good(&status(&person(Vec::new()), &[&list(directory(ROOT))])));
    // A list without a point answers for all.
    assert!(is_good(&status(&at(uri("http://a")), &[&sheet()])));
    let two_names = tlv(0xA0, &[&tlv(0xA0, &[&tlv(0x86, &[b"http://z"]), &tlv(0x86, &[b"http://a"])])]);
    assert!(is_good(&status(&at(uri("http://a")), &[&list(two_names)])));
}

#[test]
fn a_name_relative_to_the_issuer_is_the_whole_name() {
    let whole = sequence(&[&relative(ROOT), &relative("Point")]);
    let whole = tlv(0xA0, &[&tlv(0xA0, &[&tlv(0xA4, &[&whole])])]);
    let short = relative_point("Point");
    for (of_certificate, of_list) in [(&whole, &short), (&short, &whole), (&short, &short)] {
        let hanako = person(vec![points(&[&[of_certificate]])]);
        let list = Sheet { point: Some(of_list.clone()), ..sheet() };
        assert!(is_good(&status(&hanako, &[&list])));
    }
    let other = Sheet { point: Some(relative_point("Other")), ..sheet() };
    let hanako = person(vec![points(&[&[&short]])]);
    assert_eq!(status(&hanako, &[&other]), unknown(RevocationGap::NoListForDistributionPoint));
}

#[test]
fn a_list_for_some_certificates_is_not_for_the_others() {
    let hanako = person(Vec::new());
    let sub = certified("Sub", &[2], &OTHER_KEY, authority(BOTH));
    let only = |number: u8| Sheet { point: Some(vec![0x80 | number, 1, 0xFF]), ..sheet() };
    let elsewhere = unknown(RevocationGap::NoListForDistributionPoint);
    assert!(is_good(&status(&hanako, &[&only(1)])));
    assert_eq!(status(&sub, &[&only(1)]), elsewhere);
    assert_eq!(status(&hanako, &[&only(2)]), elsewhere);
    assert!(is_good(&status(&sub, &[&only(2)])));
    assert_eq!(status(&hanako, &[&only(5)]), elsewhere);
}

// Some reasons

#[test]
fn only_all_reasons_together_make_a_certificate_good() {
    let hanako = person(Vec::new());
    // keyCompromise and cACompromise; all the others.
    let some = Sheet { point: Some(vec![0x83, 2, 5, 0x60]), ..sheet() };
    let rest = Sheet { point: Some(vec![0x83, 3, 7, 0x1F, 0x80]), ..sheet() };
    assert_eq!(status(&hanako, &[&some]), unknown(RevocationGap::ReasonsNotCovered));
    assert!(is_good(&status(&hanako, &[&some, &rest])));
    let revoking =
        |list: &Sheet<'static>, code| Sheet { entries: vec![entry(SERIAL, &[because(code)])], ..list.clone() };
    assert_eq!(status(&hanako, &[&revoking(&some, 1), &rest]), revoked(RevocationReason::KeyCompromise));
    assert_eq!(status(&hanako, &[&some, &revoking(&rest, 3)]), revoked(RevocationReason::AffiliationChanged));
    // The certificate may say which point speaks of which reasons.
    let split = points(&[&[&uri("http://a"), &[0x81, 2, 5, 0x60]], &[&uri("http://b"), &[0x81, 3, 7, 0x1F, 0x80]]]);
    let hanako = person(vec![split]);
    let at = |address| Sheet { point: Some(uri(address)), ..sheet() };
    assert_eq!(status(&hanako, &[&at("http://a")]), unknown(RevocationGap::ReasonsNotCovered));
    assert!(is_good(&status(&hanako, &[&at("http://a"), &at("http://b")])));
}

// Indirect lists

#[test]
fn an_indirect_list_names_the_issuer_and_goes_on_with_it() {
    let to_other = points(&[&[&tlv(0xA2, &[&tlv(0xA4, &[&named("Lister")])])]]);
    let hanako = person(vec![to_other]);
    let usage = extension("2.5.29.15", true, &[3, 2, 1, CRL_SIGN]);
    let lister = certified("Lister", &[7], &OTHER_KEY, vec![usage, points(&[&[&uri("http://lister")]])]);
    // What says that the lister's certificate is good, and nothing of anybody else.
    let of_lister = Sheet { point: Some(uri("http://lister")), ..sheet() };
    let list = |entries, point: Option<Vec<u8>>| Sheet { point, entries, ..Sheet::of("Lister", &OTHER_KEY) };
    let ask =
        |list: &Sheet<'_>| Scene::new(&[list.to_der(), of_lister.to_der()]).with(vec![lister.clone()]).status(&hanako);
    let indirect = Some(INDIRECT.to_vec());
    assert!(is_good(&ask(&list(Vec::new(), indirect.clone()))));
    // The serial number of the lister's own certificate, not of the root's.
    assert!(is_good(&ask(&list(vec![entry(SERIAL, &[])], indirect.clone()))));
    let first = vec![entry(&[5], &[issued_by(ROOT)]), entry(SERIAL, &[])];
    assert_eq!(ask(&list(first, indirect.clone())), revoked(RevocationReason::Unspecified));
    let moved_on = vec![entry(&[5], &[issued_by(ROOT)]), entry(SERIAL, &[issued_by("Other")])];
    assert!(is_good(&ask(&list(moved_on, indirect.clone()))));
    // Without the flag it speaks of nobody else.
    assert_eq!(ask(&list(Vec::new(), None)), unknown(RevocationGap::NoListForDistributionPoint));
    // Without cRLIssuer in the certificate, the issuer itself must have signed.
    let plain = person(vec![points(&[&[&uri("http://a")]])]);
    let scene = Scene::new(&[list(Vec::new(), indirect).to_der()]).with(vec![lister.clone()]);
    assert_eq!(scene.status(&plain), unknown(RevocationGap::NoList));
    // An issuer may mark its own list as indirect.
    let own = Sheet { point: Some(INDIRECT.to_vec()), entries: vec![entry(SERIAL, &[])], ..sheet() };
    assert_eq!(status(&plain, &[&own]), revoked(RevocationReason::Unspecified));
}

#[test]
fn a_signer_of_lists_may_stand_on_its_own_list() {
    let by_lister = || points(&[&[&tlv(0xA2, &[&tlv(0xA4, &[&named("Lister")])])]]);
    let hanako = person(vec![by_lister()]);
    let lister =
        certified("Lister", &[7], &OTHER_KEY, vec![extension("2.5.29.15", true, &[3, 2, 1, CRL_SIGN]), by_lister()]);
    let list = |entries| Sheet { point: Some(INDIRECT.to_vec()), entries, ..Sheet::of("Lister", &OTHER_KEY) };
    let ask = |list: &Sheet<'_>| Scene::new(&[list.to_der()]).with(vec![lister.clone()]).status(&hanako);
    assert!(is_good(&ask(&list(Vec::new()))));
    assert!(!is_good(&ask(&list(vec![entry(&[7], &[issued_by(ROOT)])]))));
}

// Changes

#[test]
fn changes_are_combined_with_the_list_that_they_start_from() {
    let hanako = person(Vec::new());
    let changes = |entries| Sheet { base: Some(5), number: Some(6), entries, ..sheet() };
    let complete = |entries| Sheet { entries, ..sheet() };
    let hold = || vec![entry(SERIAL, &[because(6)])];
    assert_eq!(status(&hanako, &[&changes(Vec::new())]), unknown(RevocationGap::NoList));
    let both = status(&hanako, &[&complete(Vec::new()), &changes(Vec::new())]);
    assert!(matches!(both, RevocationStatus::Good { crl_number: Some(number), .. } if number == "06"));
    let added = changes(vec![entry(SERIAL, &[because(1)])]);
    assert_eq!(status(&hanako, &[&complete(Vec::new()), &added]), revoked(RevocationReason::KeyCompromise));
    assert_eq!(status(&hanako, &[&complete(hold()), &added]), revoked(RevocationReason::KeyCompromise));
    let lifted = changes(vec![entry(SERIAL, &[because(8)])]);
    assert!(is_good(&status(&hanako, &[&complete(hold()), &lifted])));
    assert_eq!(status(&hanako, &[&complete(hold()), &changes(Vec::new())]), revoked(RevocationReason::CertificateHold));
    // Only a list of changes can take something off.
    let odd = complete(vec![entry(SERIAL, &[because(8)])]);
    assert_eq!(status(&hanako, &[&odd]), revoked(RevocationReason::RemoveFromList));
}

#[test]
fn changes_that_do_not_fit_are_left_aside() {
    let hanako = person(Vec::new());
    let lifting = Sheet { base: Some(5), number: Some(6), entries: vec![entry(SERIAL, &[because(8)])], ..sheet() };
    let hold = Sheet { entries: vec![entry(SERIAL, &[because(6)])], ..sheet() };
    let still = revoked(RevocationReason::CertificateHold);
    let ask = |changes: &Sheet<'_>| status(&hanako, &[&hold, changes]);
    assert!(is_good(&ask(&lifting)));
    assert_eq!(ask(&Sheet { base: Some(6), number: Some(7), ..lifting.clone() }), still);
    assert_eq!(ask(&Sheet { base: Some(4), number: Some(5), ..lifting.clone() }), still);
    assert_eq!(ask(&Sheet { point: Some(directory(ROOT)), ..lifting.clone() }), still);
    assert_eq!(ask(&Sheet { due: Some(NOW - Duration::seconds(1)), ..lifting.clone() }), still);
    assert_eq!(ask(&Sheet { made: NOW + Duration::seconds(1), ..lifting.clone() }), still);
    assert_eq!(ask(&Sheet { signer: &OTHER_KEY, ..lifting }), still);
}

#[test]
fn of_changes_of_one_moment_the_last_count() {
    let hanako = person(Vec::new());
    let hold = Sheet { base: Some(5), number: Some(6), entries: vec![entry(SERIAL, &[because(6)])], ..sheet() };
    let lifting = Sheet { number: Some(7), entries: vec![entry(SERIAL, &[because(8)])], ..hold.clone() };
    for lists in [[&sheet(), &hold, &lifting], [&lifting, &hold, &sheet()]] {
        assert!(is_good(&status(&hanako, &lists)));
    }
}

#[test]
fn changes_bring_an_old_list_up_to_date_where_such_are_announced() {
    let old = Sheet { made: NOW - Duration::days(9), due: Some(NOW - Duration::days(1)), ..sheet() };
    let changes = Sheet { base: Some(5), number: Some(6), ..sheet() };
    let freshest = || extension("2.5.29.46", false, &sequence(&[&sequence(&[&uri("http://delta")])]));
    let stale = unknown(RevocationGap::Stale);
    assert_eq!(status(&person(Vec::new()), &[&old, &changes]), stale);
    assert!(is_good(&status(&person(vec![freshest()]), &[&old, &changes])));
    let announcing = Sheet { more: vec![freshest()], ..old };
    assert!(is_good(&status(&person(Vec::new()), &[&announcing, &changes])));
    let too_far = Sheet { base: Some(6), number: Some(7), ..changes };
    assert_eq!(status(&person(vec![freshest()]), &[&announcing, &too_far]), stale);
}

#[test]
fn a_list_by_itself_is_judged() {
    let trust = Scene::new(&[]).trust();
    let judge = |list: &Sheet<'_>, rules| verify_crl(&list.to_der(), None, &trust, rules, NOW).reason;
    assert_eq!(judge(&sheet(), ListRules::Standard), None);
    let changes = Sheet { base: Some(5), number: Some(6), ..sheet() };
    assert_eq!(judge(&changes, ListRules::Standard), None);
    assert_eq!(judge(&changes, ListRules::Jpki), Some(Reason::CrlDelta));
    assert_eq!(
        judge(&Sheet { made: NOW + Duration::hours(1), ..sheet() }, ListRules::Jpki),
        Some(Reason::CrlNotYetMade)
    );
    assert_eq!(
        judge(&Sheet { due: Some(NOW - Duration::hours(1)), ..sheet() }, ListRules::Jpki),
        Some(Reason::CrlStale)
    );
    assert_eq!(judge(&Sheet::of("Other", &ROOT_KEY), ListRules::Jpki), Some(Reason::CrlIssuerUnknown));
    assert_eq!(judge(&Sheet::of(ROOT, &OTHER_KEY), ListRules::Jpki), Some(Reason::CrlSignature));
    let whole =
        verify_crl(&Sheet { point: Some(uri("http://a")), ..sheet() }.to_der(), None, &trust, ListRules::Jpki, NOW);
    let facts = whole.facts.unwrap();
    assert_eq!(
        (facts.issuer.as_str(), facts.point.as_deref(), facts.number.as_deref()),
        ("O=Root", Some("http://a"), Some("05"))
    );
}

#[test]
fn a_changed_list_is_not_believed() {
    let list = Sheet {
        entries: vec![entry(&[5], &[issued_by(ROOT)]), entry(&[6], &[because(1)])],
        point: Some([uri("http://a"), INDIRECT.to_vec()].concat()),
        ..sheet()
    }
    .to_der();
    let trust = Scene::new(&[]).trust();
    for position in 0..list.len() {
        let judge = |bytes: &[u8]| verify_crl(bytes, None, &trust, ListRules::Standard, NOW).reason;
        assert!(judge(&list[..position]).is_some(), "{position}");
        let mut changed = list.clone();
        changed[position] ^= 1 << (position % 8);
        assert!(judge(&changed).is_some(), "byte {position}");
    }
}

#[test]
fn a_crowd_of_signers_keeps_nobody_waiting() {
    // Each of them has the key that signed the list, and a way to the root for which all others are tried.
    let crowd = |number: u8| certified(ROOT, &[1, number], &OTHER_KEY, authority(CRL_SIGN));
    let trust = Scene::new(&[]).with((0..100).map(crowd).collect()).trust();
    let mut effort = Effort::default();
    let found = trust.issuers_who(&named(ROOT), NOW, &mut effort, |signer| signer.may_sign_lists);
    assert!((2..40).contains(&found.len()), "{}", found.len());
    assert_eq!(trust.issuers_who(&named(ROOT), NOW, &mut effort, |_| true).len(), 1, "only the root costs nothing");
    // Whoever did not make it costs nothing either.
    let mut effort = Effort::default();
    assert!(trust.issuers_who(&named(ROOT), NOW, &mut effort, |_| false).is_empty());
    assert!(effort.spend());
}
