//! What a story expects of a page, said once.

use todoke::demo::browser::Page;
use todoke::demo::journey::Person;

/// 試験 太郎, whose card is another person's to 姫路 花子.
pub(crate) fn taro() -> Person {
    Person {
        email: "taro@example.jp".to_owned(),
        name: "試験　太郎",
        kana: "シケン タロウ",
        birth: ["昭和50", "3", "20"],
        address: ["671-1227", "28", "姫路市", "網干区新在家２番地"],
        branch: "aboshi",
        ..Person::hanako()
    }
}

/// 髙橋 花子, whose certificate spells her name with a substitute.
pub(crate) fn takahashi() -> Person {
    Person {
        email: "takahashi@example.jp".to_owned(),
        name: "髙橋　花子",
        kana: "タカハシ　ハナコ",
        birth: ["1988", "08", "12"],
        address: ["672-8079", "28", "姫路市", "飾磨区細江1"],
        branch: "shikama",
        ..Person::hanako()
    }
}

/// 姫路 花子 with an address in the other town.
pub(crate) fn hanako_of_shiomi() -> Person {
    let address = ["789-0000", "39", "潮見町", "港一丁目2-3"];
    Person { category: "townspeople", address, branch: "honkan", ..Person::hanako() }
}

/// 潮見 湊, sixteen: in the other town a guardian signs as well.
pub(crate) fn minato() -> Person {
    Person {
        email: "minato@example.jp".to_owned(),
        name: "潮見 湊",
        kana: "しおみ みなと",
        birth: ["2010", "4", "1"],
        ..hanako_of_shiomi()
    }
}

/// The simulated app's name for the card of `person`.
pub(crate) fn card_of(person: &Person) -> &'static str {
    match person.name {
        "髙橋　花子" => "substitute",
        "試験　太郎" => "other-person",
        "潮見 湊" => "young",
        _ => "normal",
    }
}

/// The page was found where the path ends so, and is an ordinary one.
#[track_caller]
pub(crate) fn is_at(page: &Page, path: &str) {
    assert!(page.url.path().ends_with(path), "at {} instead of {path}: {}", page.url, page.text());
    assert_eq!(page.status, 200, "{}", page.text());
}

/// A rejected form: 422, a title that says so, and one sentence twice: in the summary, linked to the field, and at the field.
#[track_caller]
pub(crate) fn is_rejected(page: &Page, field: &str, sentence: &str) {
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(page.title().starts_with("エラー："), "{}", page.title());
    let linked = page.text_of(&format!(".lc-errsum a[href='#{field}']")).unwrap_or_default();
    assert!(linked.contains(sentence), "the summary says {linked:?} of {field}");
    let at_field = page.text_of(&format!("#{field}-e")).unwrap_or_default();
    assert!(at_field.contains(sentence), "at {field} stands {at_field:?}");
    assert_eq!(page.html().matches(&format!("id=\"{field}\"")).count(), 1, "the link of the summary finds {field}");
}

/// A page that refuses with its own heading.
#[track_caller]
pub(crate) fn refuses(page: &Page, status: u16, heading: &str) {
    assert_eq!(page.status, status, "{} {}", page.url, page.text());
    assert!(page.text_of("h1").unwrap_or_default().contains(heading), "{}", page.text());
}
