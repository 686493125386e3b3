use super::*;
use crate::domain::library::{LibraryText, Signing};
use crate::domain::procedure::Procedure;
use time::macros::date;

const HIMEJI: &str = include_str!("../../../deploy/libraries/himeji.toml");
const SHIOMI: &str = include_str!("../../../deploy/libraries/shiomi.toml");
const TODAY: Date = date!(2026 - 11 - 21);
const CARD_ENDS: Date = date!(2027 - 01 - 10);

fn himeji(old: &str, new: &str) -> LibraryRules {
    assert!(HIMEJI.contains(old), "the sample has no {old}");
    LibraryRules::parse(&HIMEJI.replace(old, new)).unwrap()
}

fn shown(kind: &str, counts_until: Option<Date>) -> ShownProof {
    ShownProof { kind: kind.parse().unwrap(), counts_until }
}

fn known() -> PatronFacts {
    serde_json::from_str(
        r#"{"name": "姫路　花子", "kana": "ヒメジ ハナコ", "birth": "1985-04-27", "phone": null, "category": "commuter-student",
            "address": {"postcode": "6700012", "prefecture": "28", "municipality": "神戸市中央区", "line1": "本町68"},
            "email": "hanako@example.jp"}"#,
    )
    .unwrap()
}

/// Tells whether what was shown before meets what commuters are asked at a renewal in which they say this.
fn is_proved(rules: &LibraryRules, shown: ShownProof, change: impl FnOnce(&mut DraftAnswers)) -> bool {
    let earlier = EarlierProofs { shown: vec![shown], facts: known(), card_expires_on: CARD_ENDS };
    let PatronFacts { name, birth, address, category, .. } = known();
    let mut answers =
        DraftAnswers { name: Some(name), birth: Some(birth), address, category, ..DraftAnswers::default() };
    change(&mut answers);
    let said = Said::in_draft(&answers).unwrap();
    let demands: Vec<_> = rules.evidence_demands(Procedure::Renewal, said.category).collect();
    !demands.is_empty()
        && demands.into_iter().all(|demand| rules.proved_before(demand, &earlier, said, TODAY).is_some())
}

#[test]
fn a_document_counts_at_a_renewal_until_its_own_last_day() {
    let rules = himeji("ends_with_proof = false\n", "");
    for (until, counts) in [(Some(TODAY), true), (TODAY.previous_day(), false), (None, true)] {
        assert_eq!(is_proved(&rules, shown("staff-card", until), |_| {}), counts, "{until:?}");
    }
    assert!(!is_proved(&rules, shown("driving-licence", None), |_| {}), "it proves something else");
    let always = himeji("\"when_ended\"", "\"always\"");
    assert!(!is_proved(&always, shown("staff-card", None), |_| {}));
}

#[test]
fn what_has_changed_is_proved_again() {
    let rules = himeji("{ proves = [\"work\", \"study\"], procedures", "{ proves = [\"address\"], procedures");
    let licence = || shown("driving-licence", Some(date!(2030 - 01 - 01)));
    assert!(is_proved(&rules, licence(), |_| {}));
    assert!(!is_proved(&rules, licence(), |answers| {
        let elsewhere = r#"{"postcode": "6700012", "prefecture": "28", "municipality": "神戸市灘区", "line1": "1-1"}"#;
        answers.address = Some(serde_json::from_str(elsewhere).unwrap());
    }));
    assert!(
        is_proved(&rules, licence(), |answers| answers.name = Some("姫路　花".parse().unwrap())),
        "not the address"
    );

    let rules = himeji("ends_with_proof = false\n", "");
    let work = || shown("staff-card", None);
    assert!(is_proved(&rules, work(), |answers| answers.address = None), "it proves where one works");
    let earlier = EarlierProofs { shown: vec![work()], facts: known(), card_expires_on: CARD_ENDS };
    let other = PatronFacts { category: Some("resident".parse().unwrap()), ..known() };
    let moved = EarlierProofs { facts: other, ..earlier };
    let category = "commuter-student".parse().unwrap();
    let said = Said { category: &category, name: None, birth: None, address: None };
    let demand = rules.evidence_demands(Procedure::Renewal, &category).next().unwrap();
    assert!(rules.proved_before(demand, &moved, said, TODAY).is_none(), "it is a reason of which nobody knew");
}

#[test]
fn a_kind_that_is_accepted_no_more_is_replaced() {
    let until = "label.ja = \"社員証・在職証明書\"\naccepted_until = \"2026-11-20\"";
    let rules = himeji("label.ja = \"社員証・在職証明書\"", until);
    assert!(!is_proved(&rules, shown("staff-card", None), |_| {}));
}

#[test]
fn where_cards_end_with_a_document_one_that_ends_no_later_than_the_card_lengthens_nothing() {
    let rules = himeji("ends_with_proof = false", "ends_with_proof = true");
    assert!(!is_proved(&rules, shown("student-card", Some(CARD_ENDS)), |_| {}));
    assert!(is_proved(&rules, shown("student-card", CARD_ENDS.next_day()), |_| {}));
    assert!(is_proved(&rules, shown("staff-card", Some(TODAY)), |_| {}), "its day is not the end of anything");
}

fn in_category<'a>(rules: &'a LibraryRules, code: &str) -> &'a Category {
    rules.category(&code.parse().unwrap()).unwrap()
}

fn birth() -> BirthDate {
    "2010-01-01".parse().unwrap()
}

#[test]
fn a_card_ends_with_the_document_that_was_shown_for_it() {
    let rules = LibraryRules::parse(SHIOMI).unwrap();
    let school = in_category(&rules, "school");
    let ends = |all: &[ShownProof]| {
        let planned = rules.expiry_until(school, birth(), TODAY, all);
        (planned.expires_on, planned.ends_with.is_some())
    };
    let term = (date!(2027 - 03 - 31), false);
    assert_eq!(ends(&[]), term);
    assert_eq!(ends(&[shown("student-card", Some(date!(2027 - 01 - 31)))]), (date!(2027 - 01 - 31), true));
    assert_eq!(ends(&[shown("student-card", Some(date!(2028 - 01 - 31)))]), term);
    assert_eq!(ends(&[shown("student-card", Some(TODAY))]), (date!(2026 - 11 - 22), true), "a day at least");
    assert_eq!(ends(&[shown("student-card", TODAY.previous_day())]), term, "what has run out proves nothing");
    assert_eq!(ends(&[shown("licence", Some(date!(2027 - 01 - 31)))]), term, "a licence says nothing about school");
    let planned = rules.expiry_until(
        in_category(&rules, "townspeople"),
        birth(),
        TODAY,
        &[shown("licence", Some(date!(2027 - 01 - 31)))],
    );
    assert_eq!(planned.ends_with, None, "only where the rules say so");
}

#[test]
fn a_renewal_never_shortens_and_ends_with_the_newest_document() {
    let rules = himeji("ends_with_proof = false", "ends_with_proof = true");
    let commuter = in_category(&rules, "commuter-student");
    let renewed = |all: &[ShownProof]| rules.renewed_expiry_until(commuter, birth(), (CARD_ENDS, TODAY), all);
    assert_eq!(renewed(&[]).expires_on, date!(2029 - 11 - 21));
    let studies = |until| shown("student-card", Some(until));
    let planned = renewed(&[studies(date!(2028 - 03 - 31))]);
    assert_eq!(planned.expires_on, date!(2028 - 03 - 31));
    assert_eq!(planned.ends_with.as_ref().map(LibraryText::as_str), Some("学生証・在学証明書"));
    assert_eq!(renewed(&[studies(date!(2026 - 12 - 01))]).expires_on, CARD_ENDS);
    let works = shown("staff-card", Some(date!(2027 - 11 - 01)));
    assert_eq!(renewed(&[studies(date!(2028 - 03 - 31)), works]).ends_with, None, "one without an end is enough");

    let earlier =
        EarlierProofs { shown: vec![studies(date!(2027 - 03 - 31))], facts: known(), card_expires_on: CARD_ENDS };
    let newer = [studies(date!(2028 - 03 - 31))];
    let planned = rules.planned_expiry(commuter, birth(), Some(&earlier), &newer, TODAY);
    assert_eq!(planned.expires_on, date!(2028 - 03 - 31));
}

#[test]
fn documents_of_whoever_does_not_sign_are_shown_every_time() {
    let rules = himeji("ends_with_proof = false\n", "");
    let PatronFacts { name, birth, address, category, .. } = known();
    let earlier = EarlierProofs { shown: vec![shown("staff-card", None)], facts: known(), card_expires_on: CARD_ENDS };
    let signing = DraftAnswers { name: Some(name), birth: Some(birth), address, category, ..DraftAnswers::default() };
    let unsigned = DraftAnswers { unsigned: true, ..signing.clone() };
    assert_eq!((signing.signing(), unsigned.signing()), (Signing::Signed, Signing::Unsigned));
    let lacks = |answers: &DraftAnswers| answers.lacks_evidence(Procedure::Renewal, &rules, Some(&earlier), TODAY);
    assert!(lacks(&unsigned) && !lacks(&signing));
}
