//! Guardians: they sign with their own card, and each child gets a card of its own.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use reqwest::Method;
use std::collections::BTreeSet;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::notice::{IssuedNotice, NoticeContent};
use todoke::store::{certificate_links, notices, patrons};

/// A child as its guardian types it: name, reading, year and month of birth.
pub(crate) type Typed = (&'static str, &'static str, &'static str, &'static str);

pub(crate) const SAKURA: Typed = ("姫路 さくら", "ひめじ さくら", "令和2", "1");
pub(crate) const TARO: Typed = ("姫路 太郎", "ひめじ たろう", "2023", "5");

/// Everything answered by 姫路 花子 as a guardian, up to the list of children, which is empty.
async fn guardian(app: &TestApp, email: &str) -> (Journey, Page) {
    let person = Person::hanako().with_email(email);
    let journey = app.journey("himeji");
    journey.answer("apply/who", &[("category", "resident"), ("age", "child")]).await.unwrap();
    let page = journey.answer("apply/email", &[("email", email)]).await.unwrap();
    app.deliver_mail().await;
    let code = journey.newest_code(email).unwrap();
    journey.send(&page, &[("code", &code)]).await.unwrap();
    journey.answer("apply/name", &[("name", person.name), ("kana", person.kana)]).await.unwrap();
    let [year, month, day] = person.birth;
    journey.answer("apply/birth", &[("year", year), ("month", month), ("day", day)]).await.unwrap();
    let [postcode, prefecture, municipality, line1] = person.address;
    let home = [("postcode", postcode), ("prefecture", prefecture), ("municipality", municipality), ("line1", line1)];
    let children = journey.answer("apply/address", &home).await.unwrap();
    pages::is_at(&children, "/apply/children");
    (journey, children)
}

async fn add(journey: &Journey, number: usize, (name, kana, year, month): Typed) -> Page {
    let fields = [("name", name), ("kana", kana), ("year", year), ("month", month), ("day", "1"), ("home", "same")];
    journey.answer(&format!("apply/children/{number}"), &fields).await.unwrap()
}

/// From the list of children to the page that shows all answers.
async fn go_on(journey: &Journey) -> Page {
    let contact = journey.answer("apply/children", &[("relation", "parent")]).await.unwrap();
    pages::is_at(&contact, "/apply/contact");
    journey.answer("apply/contact", &[("branch", "jonai")]).await.unwrap()
}

/// An application for these children, in the queue; or the page that says why not.
pub(crate) async fn signed_for(app: &TestApp, email: &str, children: &[Typed]) -> (Journey, Page) {
    let (journey, _) = guardian(app, email).await;
    for (number, child) in (1..).zip(children) {
        pages::is_at(&add(&journey, number, *child).await, "/apply/children");
    }
    let check = go_on(&journey).await;
    pages::is_at(&check, "/apply/check");
    let sign = journey.agree(&check).await.unwrap();
    let done = journey.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    (journey, done)
}

async fn cards(app: &TestApp, reference: &str) -> Vec<IssuedNotice> {
    let application = app.application("himeji", reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let found = notices::list_by_application(&mut tx, application.library_id, application.id).await.unwrap();
    assert_eq!(found.len(), 1, "one notice for all");
    match found.into_iter().next().unwrap().content {
        NoticeContent::IssuedToChildren(notice) => notice.cards,
        other => panic!("{}", other.kind()),
    }
}

stories! {
    async fn each_child_gets_a_number_an_expiry_and_a_password_of_its_own(app: &TestApp) {
        let (journey, done) = signed_for(app, "hanako@example.jp", &[SAKURA, TARO]).await;
        let submitted = Submitted::on(journey, &Person::hanako(), &done);
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        for part in ["父または母", "姫路 さくら", "姫路 太郎", "住所は保護者と同じ"] {
            assert!(file.text().contains(part), "{part}: {}", file.text());
        }
        let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        app.deliver_mail().await;

        let issued = cards(app, &submitted.reference).await;
        let names: Vec<&str> = issued.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["姫路\u{3000}さくら", "姫路\u{3000}太郎"]);
        let numbers: BTreeSet<&str> = issued.iter().map(|card| card.card_number.as_str()).collect();
        assert_eq!(numbers.len(), 2, "a number each");
        let application = app.application("himeji", &submitted.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let children = patrons::list_children(&mut tx, application.library_id, application.id).await.unwrap();
        assert_eq!(children.iter().map(|child| child.child_number).collect::<Vec<_>>(), [1, 2]);
        for child in &children {
            assert_eq!(child.facts.address.as_ref().unwrap().municipality(), "姫路市", "at home");
            let linked = certificate_links::is_linked(&mut tx, application.library_id, child.id).await.unwrap();
            assert!(!linked, "the guardian's certificate is not the child's");
        }
        drop(tx);

        let path = format!("applications/{}", submitted.reference);
        let typed = staff.open_staff(&format!("{path}/transcription")).await.unwrap();
        for part in ["1人目", "姫路 さくら", "2人目", "姫路 太郎"].into_iter().chain(numbers.iter().copied()) {
            assert!(typed.text().contains(part), "{part}: {}", typed.text());
        }
        let file = staff.open_staff(&path).await.unwrap();
        assert!(!file.text().contains("利用者証明用電子証明書の発行番号"), "it is the guardian's: {}", file.text());

        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let notice = reader.browser.click(&status, "貸出券番号等通知書（図書館カード交付のお知らせ）").await.unwrap();
        for number in issued.iter().map(|card| &card.card_number_grouped) {
            assert!(notice.text().contains(number), "{number}: {}", notice.text());
        }
        let mut passwords = BTreeSet::new();
        for (number, name) in [(1, "姫路 さくら"), (2, "姫路 太郎")] {
            let desk = reader.open(&format!("password?child={number}")).await.unwrap();
            assert!(desk.text().contains(name), "{}", desk.text());
            let shown = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
            passwords.insert(shown.text_of("output").expect("a password"));
        }
        assert_eq!(passwords.len(), 2);
        let nobody = reader.open("password?child=3").await.unwrap();
        assert_eq!(nobody.status, 404);
    }

    async fn no_number_of_the_guardians_certificate_is_taken_for_a_child(app: &TestApp) {
        let (journey, done) = signed_for(app, "hanako@example.jp", &[SAKURA]).await;
        let submitted = Submitted::on(journey, &Person::hanako(), &done);
        let staff = app.sato().await;
        staff.decide(&submitted.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let hidden = staff.open_staff("help").await.unwrap().form("csrf").unwrap();
        let url = format!("{}/staff/applications/{}/certificate-number", staff.library, submitted.reference);
        let mut forged = Sending::to(Method::POST, url.parse().unwrap(), &staff.browser);
        for name in ["csrf", "idem"] {
            forged = forged.field(name, hidden.value(name).unwrap());
        }
        let refused = forged.header("sec-fetch-site", "same-origin").field("number", "A1B2C").send().await;
        assert_eq!(refused.status, 404, "{}", refused.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_numbers WHERE number IS NOT NULL").await, 0);
    }

    async fn a_guardian_may_apply_for_another_child_and_for_themselves_at_the_same_time(app: &TestApp) {
        let (_, first) = signed_for(app, "hanako@example.jp", &[SAKURA]).await;
        pages::is_at(&first, "/apply/done");
        let (_, second) = signed_for(app, "hanako2@example.jp", &[TARO]).await;
        pages::is_at(&second, "/apply/done");
        let own = app.submitted("himeji", &Person::hanako().with_email("hanako3@example.jp")).await;
        assert_eq!(app.state("himeji", &own.reference).await, "submitted");
        let (_, again) = signed_for(app, "hanako4@example.jp", &[SAKURA]).await;
        pages::is_at(&again, "/apply/sign/problem/already-applied");
    }

    async fn children_are_changed_taken_out_and_counted(app: &TestApp) {
        let (journey, list) = guardian(app, "hanako@example.jp").await;
        let nobody = journey.send(&list, &[("relation", "parent")]).await.unwrap();
        pages::is_rejected(&nobody, "children", "お子さんを入力してください");
        let grown = add(&journey, 1, ("姫路 一郎", "ひめじ いちろう", "2005", "1")).await;
        pages::is_rejected(&grown, "year", "14歳まで");
        for number in 1..=5 {
            pages::is_at(&add(&journey, number, SAKURA).await, "/apply/children");
        }
        let list = journey.open("apply/children/6").await.unwrap();
        pages::is_at(&list, "/apply/children");
        assert!(list.text().contains("これ以上は追加できません"), "{}", list.text());
        let fewer = journey.press(&list, "取りやめる").await.unwrap();
        assert!(fewer.text().contains("もう1人追加する"), "{}", fewer.text());
        let changed = add(&journey, 1, TARO).await;
        assert!(changed.text().contains("姫路 太郎"), "{}", changed.text());
        // Whoever then wants a card of their own is not asked about children any more.
        journey.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let children = journey.open("apply/children").await.unwrap();
        pages::is_at(&children, "/apply/contact");
        app.advance(Duration::seconds(1));
    }
}
