use super::*;
use proptest::prelude::*;
use time::Duration;
use time::macros::date;

const HIMEJI: &str = include_str!("../../../deploy/libraries/himeji.toml");
const SHIOMI: &str = include_str!("../../../deploy/libraries/shiomi.toml");

fn himeji() -> LibraryRules {
    LibraryRules::parse(HIMEJI).unwrap()
}

fn shiomi() -> LibraryRules {
    LibraryRules::parse(SHIOMI).unwrap()
}

fn category<'a>(rules: &'a LibraryRules, code: &str) -> &'a Category {
    rules.category(&code.parse().unwrap()).unwrap()
}

fn born(day: &str) -> BirthDate {
    day.parse().unwrap()
}

#[test]
fn a_card_may_be_renewed_within_its_window_only() {
    use RenewalWindow::{Open, TooEarly, TooLate};
    let expires_on = date!(2027 - 03 - 31);
    let (himeji, shiomi) = (himeji(), shiomi());
    for (rules, today, expected) in [
        (&himeji, date!(2027 - 01 - 30), TooEarly { from: date!(2027 - 01 - 31) }),
        (&himeji, date!(2027 - 01 - 31), Open { until: None }),
        (&himeji, date!(2040 - 01 - 01), Open { until: None }),
        (&shiomi, date!(2027 - 02 - 28), TooEarly { from: date!(2027 - 03 - 01) }),
        (&shiomi, date!(2027 - 03 - 01), Open { until: Some(date!(2028 - 03 - 31)) }),
        (&shiomi, date!(2028 - 03 - 31), Open { until: Some(date!(2028 - 03 - 31)) }),
        (&shiomi, date!(2028 - 04 - 01), TooLate { ended_on: date!(2028 - 03 - 31) }),
    ] {
        assert_eq!(rules.renewal_window(expires_on, today), expected, "{} on {today}", rules.slug);
    }
    let mut rules = himeji;
    rules.renewal.open_before_expiry = Reach::Never;
    assert_eq!(rules.renewal_window(expires_on, expires_on), TooEarly { from: date!(2027 - 04 - 01) });
    rules.renewal.open_before_expiry = Reach::Always;
    rules.renewal.open_after_expiry = Reach::Never;
    assert_eq!(rules.renewal_window(expires_on, date!(2000 - 01 - 01)), Open { until: Some(expires_on) });
    assert_eq!(rules.renewal_window(expires_on, date!(2027 - 04 - 01)), TooLate { ended_on: expires_on });
}

#[test]
fn a_new_term_counts_from_the_renewal_or_from_the_old_end() {
    let (himeji, shiomi) = (himeji(), shiomi());
    let birth = born("1985-04-27");
    let resident = category(&himeji, "resident");
    let old = date!(2027 - 03 - 31);
    assert_eq!(himeji.renewed_expiry(resident, birth, old, date!(2027 - 02 - 10)), date!(2030 - 02 - 10));
    assert_eq!(
        himeji.renewed_expiry(resident, birth, date!(2032 - 01 - 01), date!(2027 - 02 - 10)),
        date!(2032 - 01 - 01)
    );
    let work = category(&shiomi, "work");
    let old = date!(2027 - 04 - 27);
    assert_eq!(shiomi.renewed_expiry(work, birth, old, date!(2027 - 04 - 01)), date!(2028 - 04 - 27));
    assert_eq!(shiomi.renewed_expiry(work, birth, old, date!(2028 - 04 - 27)), date!(2029 - 04 - 27));
}

#[test]
fn what_stops_and_what_is_erased_is_the_librarys_choice() {
    let (himeji, shiomi) = (himeji(), shiomi());
    let expires_on = date!(2027 - 03 - 31);
    assert!(himeji.after_expiry.stops.contains(&PatronService::Login));
    assert!(!shiomi.after_expiry.stops.contains(&PatronService::Login));
    assert_eq!(himeji.e_library_until(expires_on), date!(2027 - 03 - 17));
    assert_eq!(shiomi.e_library_until(expires_on), expires_on);
    assert_eq!(himeji.record_kept_until(expires_on), None);
    assert_eq!(shiomi.record_kept_until(expires_on), Some(date!(2030 - 03 - 31)));
}

#[test]
fn a_lost_card_is_searched_for_before_another_is_issued() {
    let (himeji, shiomi) = (himeji(), shiomi());
    let reported_on = date!(2026 - 11 - 20);
    let card = |issued_on, expires_on| CardDates { issued_on, expires_on };
    let valid = card(date!(2026 - 04 - 01), date!(2029 - 04 - 01));
    for (rules, reason, dates, from) in [
        (&himeji, ReissueReason::Lost, valid, date!(2026 - 11 - 27)),
        (&himeji, ReissueReason::Damaged, valid, reported_on),
        (&himeji, ReissueReason::Lost, card(date!(2023 - 04 - 01), date!(2026 - 11 - 19)), reported_on),
        (&himeji, ReissueReason::Lost, card(date!(2023 - 04 - 01), date!(2026 - 11 - 22)), date!(2026 - 11 - 23)),
        (&shiomi, ReissueReason::Lost, valid, date!(2026 - 12 - 20)),
        (&shiomi, ReissueReason::Lost, card(date!(2025 - 12 - 01), date!(2026 - 11 - 19)), date!(2026 - 12 - 20)),
        (&shiomi, ReissueReason::Lost, card(date!(2025 - 11 - 20), date!(2029 - 04 - 01)), reported_on),
    ] {
        assert_eq!(rules.reissue_allowed_from(reason, dates, reported_on), from, "{} {reason:?}", rules.slug);
    }
    assert_eq!(himeji.number_after(ReissueReason::Lost), NumberAfter::New);
    assert_eq!(shiomi.number_after(ReissueReason::Lost), NumberAfter::Kept);
    assert_eq!(shiomi.number_after(ReissueReason::NameChanged), NumberAfter::New);
    let mut short = himeji;
    short.reissue = ReissueRules::default();
    assert_eq!(short.number_after(ReissueReason::Lost), NumberAfter::New);
    assert_eq!(short.number_after(ReissueReason::Damaged), NumberAfter::Kept);
}

#[test]
fn a_guardian_signs_for_small_children_and_with_bigger_ones() {
    let (himeji, shiomi) = (himeji(), shiomi());
    for (age, at_himeji, at_shiomi) in [
        (0, GuardianPart::Signs, GuardianPart::Signs),
        (11, GuardianPart::Signs, GuardianPart::Signs),
        (12, GuardianPart::Signs, GuardianPart::CoSigns),
        (15, GuardianPart::None, GuardianPart::CoSigns),
        (17, GuardianPart::None, GuardianPart::CoSigns),
        (18, GuardianPart::None, GuardianPart::None),
    ] {
        assert_eq!((himeji.guardian_part(age), shiomi.guardian_part(age)), (at_himeji, at_shiomi), "{age}");
    }
    assert!(himeji.eligible_to_link(14).is_err() && himeji.eligible_to_link(15).is_ok());
    assert_eq!(shiomi.eligible_to_link(3), Ok(()));
}

#[test]
fn evidence_depends_on_category_procedure_and_signature() {
    let (himeji, shiomi) = (himeji(), shiomi());
    let codes = |rules: &LibraryRules, procedure, category: &str| -> Vec<String> {
        let kinds = rules.evidence_for(procedure, &category.parse().unwrap());
        kinds.iter().map(|kind| kind.code.to_string()).collect()
    };
    let required = |rules: &LibraryRules, category: &str, signing| {
        rules.required_evidence(Procedure::NewCard, &category.parse().unwrap(), signing).len()
    };
    assert_eq!(required(&himeji, "commuter-student", Signing::Signed), 0);
    assert_eq!(required(&himeji, "commuter-student", Signing::Unsigned), 3);
    assert_eq!(required(&himeji, "resident", Signing::Unsigned), 2);
    assert_eq!(codes(&himeji, Procedure::Renewal, "resident"), [""; 0]);
    assert_eq!(codes(&himeji, Procedure::Renewal, "commuter-student"), ["staff-card", "student-card"]);
    assert_eq!(required(&shiomi, "work", Signing::Signed), 1);
    assert_eq!(required(&shiomi, "school", Signing::Signed), 1);
    assert_eq!(codes(&shiomi, Procedure::Change, "work"), ["employer-letter"]);
    assert_eq!(codes(&shiomi, Procedure::NewCard, "townspeople"), ["licence", "student-card"]);
    assert_eq!(required(&shiomi, "townspeople", Signing::Signed), 0);
    assert_eq!(required(&shiomi, "townspeople", Signing::Unsigned), 2);
    assert_eq!(codes(&shiomi, Procedure::NewCard, "visitor"), ["licence", "surety"]);
    assert_eq!(codes(&shiomi, Procedure::NewCard, "tourist"), [""; 0]);
}

#[test]
fn a_document_is_accepted_and_counts_within_its_dates() {
    let himeji = himeji();
    let kind = |code: &str| himeji.evidence_kind(&code.parse().unwrap()).unwrap();
    assert!(kind("insurance-card").is_accepted_on(date!(2025 - 12 - 01)));
    assert!(!kind("insurance-card").is_accepted_on(date!(2025 - 12 - 02)));
    assert_eq!(kind("utility-bill").counts_until(date!(2026 - 11 - 30)), Some(date!(2027 - 02 - 28)));
    assert_eq!(kind("driving-licence").counts_until(date!(2028 - 05 - 01)), Some(date!(2028 - 05 - 01)));
    assert_eq!(kind("insurance-card").counts_until(date!(2025 - 01 - 01)), None);
    assert!(kind("my-number-card").front_only && kind("my-number-card").asks_date());
    let shiomi = shiomi();
    let student = shiomi.evidence_kind(&"student-card".parse().unwrap()).unwrap();
    assert!(!student.is_accepted_on(date!(2026 - 03 - 31)) && student.is_accepted_on(date!(2026 - 04 - 01)));
}

#[test]
fn a_linked_card_raises_the_limit_where_the_library_says_so() {
    let (himeji, shiomi) = (himeji(), shiomi());
    let resident = category(&himeji, "resident");
    assert_eq!((himeji.loan_limit(resident, false), himeji.loan_limit(resident, true)), (6, 12));
    let townspeople = category(&shiomi, "townspeople");
    assert_eq!((shiomi.loan_limit(townspeople, false), shiomi.loan_limit(townspeople, true)), (10, 10));
}

#[test]
fn promises_fees_and_second_persons_differ_by_procedure() {
    let (himeji, shiomi) = (himeji(), shiomi());
    assert_eq!(himeji.promised_open_days_for(Procedure::Renewal), 1);
    assert_eq!(himeji.promised_open_days_for(Procedure::NewCard), 3);
    assert!(himeji.may_decide_automatically(Procedure::Renewal));
    assert!(!shiomi.may_decide_automatically(Procedure::Renewal));
    assert_eq!(himeji.fee(Procedure::NewCard), None);
    assert!(shiomi.fee(Procedure::Reissue).is_some_and(|fee| fee.as_str().contains("100円")));
    let reasons = |rules: &LibraryRules, circumstances: &[Circumstance]| {
        rules.four_eyes.reasons(Procedure::Reissue, circumstances).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&himeji, &[Circumstance::Guardian]), []);
    let by_override = SecondBecause::Circumstance(Circumstance::Override);
    assert_eq!(reasons(&himeji, &[Circumstance::Guardian, Circumstance::Override]), [by_override]);
    assert_eq!(reasons(&shiomi, &[]), [SecondBecause::Procedure]);
    assert_eq!(reasons(&shiomi, &[Circumstance::Override]), [SecondBecause::Procedure, by_override]);
    assert_eq!(himeji.pick_up_branches().count(), 6);
    assert_eq!(shiomi.pick_up_branches().count(), 2);
    assert_eq!(himeji.blocks_of(Procedure::CardLink).count(), 0);
    assert_eq!(shiomi.blocks_of(Procedure::CardLink).count(), 1);
    assert!(himeji.blocks[0].explanation.is_none() && shiomi.blocks[0].explanation.is_some());
}

#[test]
fn a_category_has_ages_a_channel_and_an_end() {
    let shiomi = shiomi();
    let today = date!(2026 - 11 - 20);
    let school = category(&shiomi, "school");
    assert_eq!(shiomi.eligible_age(school, born("2003-11-20"), today), Err(Ineligible::TooOld { maximum: 22 }));
    let visitor = category(&shiomi, "visitor");
    assert!(!visitor.online);
    assert_eq!(shiomi.eligible_age(visitor, born("2012-01-01"), today), Err(Ineligible::TooYoung { minimum: 16 }));
    assert_eq!(shiomi.expiry_for(school, born("2010-01-01"), today), date!(2027 - 03 - 31));
}

#[test]
fn a_branch_may_have_its_own_calendar() {
    let shiomi = shiomi();
    let open = |branch: &str, day| shiomi.open_days_of(&branch.parse().unwrap()).is_open(day);
    let friday = date!(2026 - 11 - 20);
    assert!(open("honkan", friday) && !open("bookmobile", friday));
    // The third Thursday; the last day of November is opened by way of exception.
    assert!(!open("misaki", date!(2026 - 11 - 19)) && open("misaki", date!(2026 - 11 - 30)));
    // The holiday of 3 November 2026 is a Tuesday: the closing day moves.
    assert!(open("honkan", date!(2026 - 11 - 03)) && !open("honkan", date!(2026 - 11 - 04)));
}

#[test]
fn short_and_older_rules_are_still_read() {
    let cut = |text: &str, from: &str, to: &str| {
        let (start, end) = (text.find(from).unwrap(), text.find(to).unwrap());
        format!("{}{}", &text[..start], &text[end..])
    };
    let short = cut(HIMEJI, "# 手続きごとのきまり", "[mail]");
    let rules = LibraryRules::parse(&short).unwrap();
    assert_eq!(rules.renewal, RenewalRules::default());
    let mut json = serde_json::to_value(&rules).unwrap();
    for key in ["procedure", "four_eyes", "renewal", "after_expiry", "reissue", "card_link", "plastic_card"] {
        json.as_object_mut().unwrap().remove(key);
    }
    for key in ["guardian", "unsigned", "correction", "retention"] {
        json.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(serde_json::from_value::<LibraryRules>(json).unwrap(), rules);
}

/// The keys of all tables below a value, except those that name procedures.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(table) => table.iter().for_each(|(key, value)| {
            found.push(key.clone());
            // What stands under it are the library's own codes.
            if key != "values" {
                keys(value, found);
            }
        }),
        serde_json::Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_rule_file_is_explained() {
    let explained = include_str!("../../../deploy/libraries/README.md");
    let mut found = Vec::new();
    for rules in [himeji(), shiomi()] {
        keys(&serde_json::to_value(&rules).unwrap(), &mut found);
    }
    for key in found {
        let forms = ["`@`", "`@ =", "`{ @ =", "[@]", "[@.", ".@]"].map(|form| form.replace('@', &key));
        let is_inline = explained.contains(&format!(", {key} =")) || explained.contains(&format!("{{ {key} ="));
        assert!(is_inline || forms.iter().any(|form| explained.contains(form)), "{key} is not explained");
    }
}

proptest! {
    #[test]
    fn a_renewal_never_shortens_and_always_reaches_past_its_day(old in -3_000_i64..3_000, birth in 0_i64..20_000) {
        let today = date!(2026 - 11 - 20);
        let old = today + Duration::days(old);
        let birth: BirthDate = (date!(1950 - 01 - 01) + Duration::days(birth)).to_string().parse().unwrap();
        for rules in [himeji(), shiomi()] {
            for category in &rules.categories {
                let renewed = rules.renewed_expiry(category, birth, old, today);
                prop_assert!(renewed > today && renewed >= old);
            }
        }
    }

    #[test]
    fn every_day_lies_before_in_or_after_the_window(expires in 0_i64..4_000, today in 0_i64..4_000) {
        let (expires_on, today) =
            (date!(2024 - 01 - 01) + Duration::days(expires), date!(2024 - 01 - 01) + Duration::days(today));
        for rules in [himeji(), shiomi()] {
            match rules.renewal_window(expires_on, today) {
                RenewalWindow::TooEarly { from } => prop_assert!(today < from && from <= expires_on),
                RenewalWindow::Open { until } => prop_assert!(until.is_none_or(|until| today <= until)),
                RenewalWindow::TooLate { ended_on } => prop_assert!(ended_on < today && ended_on >= expires_on),
            }
        }
    }

    #[test]
    fn a_wait_is_never_longer_than_the_rule_says(issued in 0_i64..2_000, life in 1_i64..2_000, reported in 0_i64..4_000) {
        let issued_on = date!(2024 - 01 - 01) + Duration::days(issued);
        let card = CardDates { issued_on, expires_on: issued_on + Duration::days(life) };
        let reported_on = date!(2024 - 01 - 01) + Duration::days(reported);
        for rules in [himeji(), shiomi()] {
            for reason in ReissueReason::ALL {
                let from = rules.reissue_allowed_from(reason, card, reported_on);
                prop_assert!(from >= reported_on && from <= reported_on + Duration::days(31));
            }
        }
    }
}
