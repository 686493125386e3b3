use super::*;
use crate::domain::ids::{ApplicationId, PatronId};
use crate::domain::person::TypedAddress;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use time::macros::datetime;

fn person(name: &str, kana: &str, birth: &str, line1: &str, phone: &str, email: &str) -> PersonFacts {
    let typed = TypedAddress { postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1, line2: "" };
    PersonFacts {
        name: name.parse().unwrap(),
        kana: kana.parse().unwrap(),
        birth: birth.parse().unwrap(),
        address: Some(PostalAddress::parse(typed).unwrap()),
        phone: phone.parse().ok(),
        email: email.parse().ok(),
    }
}

fn hanako() -> PersonFacts {
    person("髙橋 花子", "タカハシ ハナコ", "1985-04-27", "本町12番地7", "079-000-1234", "hanako@example.jp")
}

#[test]
fn people_are_told_apart_by_combinations_of_facts() {
    let (same, likely, possible) = (Some(Strength::Same), Some(Strength::Likely), Some(Strength::Possible));
    let cases = [
        (
            "herself, written otherwise",
            person("高橋花子", "たかはし はなこ", "1985-04-27", "本町１２－７", "0790001234", ""),
            same,
        ),
        (
            "moved, telephone kept",
            person("髙橋 花子", "タカハシ ハナコ", "1985-04-27", "飾磨区細江1", "079-000-1234", ""),
            same,
        ),
        (
            "moved, all new",
            person("髙橋 花子", "タカハシ ハナコ", "1985-04-27", "飾磨区細江1", "", "h@example.com"),
            likely,
        ),
        (
            "kanji unlike, reading and birth date alike",
            person("高梁 華子", "タカハシ ハナコ", "1985-04-27", "飾磨区細江1", "", ""),
            likely,
        ),
        (
            "married, at the old address",
            person("山本 花子", "ヤマモト ハナコ", "1985-04-27", "本町12-7", "", ""),
            likely,
        ),
        (
            "married and moved, telephone kept",
            person("山本 花子", "ヤマモト ハナコ", "1985-04-27", "網干区1", "079-000-1234", ""),
            likely,
        ),
        (
            "her twin",
            person("髙橋 桜子", "タカハシ サクラコ", "1985-04-27", "本町12-7", "079-000-1234", "hanako@example.jp"),
            possible,
        ),
        ("a mistyped birth date", person("髙橋 花子", "タカハシ ハナコ", "1985-04-26", "本町12-7", "", ""), possible),
        (
            "name and e-mail",
            person("髙橋 花子", "タカハシ ハナコ", "1958-04-27", "別所町1", "", "hanako@EXAMPLE.jp"),
            possible,
        ),
        (
            "her daughter",
            person("髙橋 小梅", "タカハシ コウメ", "2015-01-02", "本町12-7", "079-000-1234", "hanako@example.jp"),
            None,
        ),
        (
            "her husband",
            person("髙橋 太郎", "タカハシ タロウ", "1984-02-03", "本町12-7", "079-000-1234", "hanako@example.jp"),
            None,
        ),
        (
            "a namesake",
            person("髙橋 花子", "タカハシ ハナコ", "1990-01-01", "別所町1", "079-999-9999", "other@example.jp"),
            None,
        ),
        ("born on the same day", person("佐藤 一郎", "サトウ イチロウ", "1985-04-27", "別所町1", "", ""), None),
        ("a neighbour", person("佐藤 一郎", "サトウ イチロウ", "1970-04-27", "本町12-7", "", ""), None),
    ];
    for (who, other, expected) in cases {
        assert_eq!(resemblance(&hanako(), &other).strength, expected, "{who}");
        assert_eq!(resemblance(&other, &hanako()).strength, expected, "{who}, the other way round");
    }
}

#[test]
fn names_in_latin_letters_meet_whatever_their_order_and_accents() {
    let declared = person("Nguyễn Thị Hương", "グエン ティ フオン", "1996-09-01", "本町1", "", "");
    let recorded = person("NGUYEN THI HUONG", "NGUYEN THI HUONG", "1996-09-01", "飾磨区2", "", "");
    assert_eq!(resemblance(&declared, &recorded).strength, Some(Strength::Likely));
    let turned = person("HUONG NGUYEN THI", "フオン", "1996-09-02", "本町1", "", "");
    assert_eq!(resemblance(&declared, &turned).strength, Some(Strength::Possible));
    let other = person("Nguyễn Văn Anh", "グエン ヴァン アン", "1996-09-01", "飾磨区2", "", "");
    assert_eq!(resemblance(&declared, &other).strength, None);
}

#[test]
fn every_fact_stands_side_by_side_with_its_differences() {
    let other = person("高橋 花子", "タカハシ ハナコ", "1985-04-28", "本町12-7", "", "hanako@example.jp");
    let pairs = resemblance(&hanako(), &other).facts;
    let likeness: Vec<Likeness> = pairs.iter().map(|pair| pair.likeness).collect();
    assert_eq!(
        likeness,
        [
            Likeness::WrittenDifferently,
            Likeness::Same,
            Likeness::Different,
            Likeness::WrittenDifferently,
            Likeness::NotKnown,
            Likeness::Same,
        ]
    );
    assert_eq!((&*pairs[0].differences[0].declared, &*pairs[0].differences[0].certificate), ("髙", "高"));
    assert_eq!((&*pairs[2].differences[0].declared, &*pairs[2].differences[0].certificate), ("27", "28"));
    assert_eq!(format!("{:?}", pairs[0]), "FactPair(Name, WrittenDifferently)", "no contents in logs");
}

#[test]
fn any_change_of_a_fact_changes_what_a_verdict_is_bound_to() {
    let parts = hanako().parts();
    for changed in [
        PersonFacts { name: "高橋 花子".parse().unwrap(), ..hanako() },
        PersonFacts { kana: "タカハシ ハナ".parse().unwrap(), ..hanako() },
        PersonFacts { birth: "1985-04-28".parse().unwrap(), ..hanako() },
        PersonFacts { address: person("あ", "ア", "1985-04-28", "本町12-7", "", "").address, ..hanako() },
        PersonFacts { phone: None, ..hanako() },
        PersonFacts { email: None, ..hanako() },
    ] {
        assert_ne!(changed.parts(), parts);
    }
    assert_eq!(hanako().parts(), parts);
}

#[test]
fn only_an_answer_lifts_the_hold() {
    use DuplicateVerdict::{Different, Same, Unsure};
    let now = datetime!(2026-11-20 09:00 UTC);
    let patron =
        CandidateOwner::Patron { id: PatronId::new(now), application_id: None, registered_at: now, card: None };
    let application = |is_open| CandidateOwner::Application {
        id: ApplicationId::new(now),
        reference: Reference::from_random(1),
        submitted_at: Some(now),
        is_open,
    };
    for (candidate, verdict, held) in [
        (&patron, None, true),
        (&patron, Some(Unsure), true),
        (&patron, Some(Same), true),
        (&patron, Some(Different), false),
        (&application(true), None, true),
        (&application(true), Some(Unsure), true),
        (&application(true), Some(Same), false),
        (&application(true), Some(Different), false),
        (&application(false), None, false),
    ] {
        assert_eq!(holds(Procedure::NewCard, candidate, verdict), held, "{candidate:?} {verdict:?}");
        assert!(!holds(Procedure::Renewal, candidate, verdict), "no second registration can come of it");
    }
}

#[test]
fn a_note_is_kept_as_written_within_bounds() {
    assert_eq!(VerdictNote::parse(" \r\n ").unwrap(), None);
    assert_eq!(VerdictNote::parse(" 電話で\r\n確かめた ").unwrap().unwrap().as_str(), "電話で\n確かめた");
    assert_eq!(VerdictNote::parse(&"あ".repeat(501)), Err(NoteTooLong));
    assert_eq!("same".parse(), Ok(DuplicateVerdict::Same));
    assert_eq!("SAME".parse::<DuplicateVerdict>(), Err(UnknownVerdict));
}
