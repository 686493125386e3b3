//! Documents that were shown: not asked for again as long as they count, and what they set an end to.

use crate::attachments::jpeg;
use crate::procedures::{expires_on, from_the_start, renew};
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, location};
use time::Date;
use time::macros::date;
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::library::{Difference, LibraryRules};
use todoke::domain::proof::ShownProof;
use todoke::service::simulate::simulate;
use todoke::store::{cards, patron_proofs};

/// 姫路 花子 as somebody who works or studies in Himeji.
fn commuter() -> Person {
    Person { category: "commuter-student", ..Person::hanako() }
}

fn rules(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(LIBRARIES[0].to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "the sample has no {old}");
        text.replace(old, new)
    })
}

/// Commuters have to show where they work or study.
const REQUIRED: (&str, &str) = ("\"renewal\"], signed = \"optional\"", "\"renewal\"], signed = \"required\"");
/// Their cards end with what they show.
const BOUNDED: (&str, &str) = ("ends_with_proof = false", "ends_with_proof = true");

async fn import(app: &TestApp, changes: &[(&str, &str)]) {
    let source = rules(changes);
    app.portal().import_library(&LibraryRules::parse(&source).unwrap(), &source).await.unwrap();
}

/// Sends a picture of a document on which this day stands.
async fn show(applicant: &Journey, kind: &str, side: u32, day: [&str; 3]) {
    let page = applicant.open(&format!("apply/documents/add/{kind}")).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let mut form = page.form("file").unwrap();
    for (name, value) in ["year", "month", "day"].into_iter().zip(day) {
        form = form.fill(name, value).unwrap();
    }
    let answer = Sending::form(&form, &applicant.browser).file(&jpeg(side)).send().await;
    assert_eq!(location(&answer).as_deref(), Some("/himeji/ja/apply/documents"), "{}", answer.text());
}

/// The check page of a commuter who has shown this document.
async fn ready(app: &TestApp, kind: &str, day: [&str; 3]) -> (Journey, Page) {
    let applicant = app.journey("himeji");
    let page = applicant.fill_in(&commuter(), async || app.handed_over().await).await.unwrap();
    pages::is_at(&page, "/apply/documents");
    show(&applicant, kind, 700, day).await;
    let check = applicant.press(&applicant.open("apply/documents").await.unwrap(), "次へ").await.unwrap();
    pages::is_at(&check, "/apply/check");
    (applicant, check)
}

async fn signed(app: &TestApp, applicant: &Journey, check: &Page) -> Submitted {
    let sign = applicant.agree(check).await.unwrap();
    let done = applicant.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    Submitted::on(applicant.clone(), &commuter(), &done)
}

/// A commuter with a card, who showed this document for it.
async fn issued(app: &TestApp, kind: &str, day: [&str; 3]) -> Submitted {
    let (applicant, check) = ready(app, kind, day).await;
    let submitted = signed(app, &applicant, &check).await;
    granted(app, &submitted).await;
    submitted
}

async fn granted(app: &TestApp, submitted: &Submitted) {
    let decided = app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    assert_eq!(decided.status, 200, "{}", decided.text());
    app.deliver_mail().await;
    assert_eq!(app.state("himeji", &submitted.reference).await, "issued");
}

/// What the one patron has shown by now, and the last day of their card.
async fn kept(app: &TestApp) -> (Vec<ShownProof>, Date) {
    let library_id = app.library("himeji").await.id;
    let mut tx = app.database.db.read().await.unwrap();
    let card = cards::list_after(&mut tx, library_id, None, 1).await.unwrap().remove(0);
    (patron_proofs::list(&mut tx, library_id, card.patron_id).await.unwrap(), card.expires_on)
}

fn shown(kind: &str, until: Date) -> ShownProof {
    ShownProof { kind: kind.parse().unwrap(), counts_until: Some(until) }
}

stories! {
    async fn a_document_that_counts_is_not_asked_for_at_a_renewal(app: &TestApp) {
        import(app, &[REQUIRED]).await;
        let hanako = issued(app, "staff-card", ["令和8", "4", "1"]).await;
        assert_eq!(kept(app).await.0, [shown("staff-card", date!(2027 - 04 - 01))], "a year from its own date");
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        let check = renew(&hanako.applicant, &status).await;
        pages::is_at(&check, "/apply/check");
        let said = "前に見せていただいた「社員証・在職証明書」が、2027年4月1日";
        assert!(check.text().contains(said), "{}", check.text());
        assert!(check.text().contains("カードは2029年11月20日"), "{}", check.text());
        let newer = hanako.applicant.open("apply/documents").await.unwrap();
        pages::is_at(&newer, "/apply/documents");
        assert!(newer.text().contains(said) && newer.text().contains("学生証"), "{}", newer.text());
        let renewal = signed(app, &hanako.applicant, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "issued", "decided by rule at one tap");
        assert_eq!(kept(app).await, (vec![shown("staff-card", date!(2027 - 04 - 01))], date!(2029 - 11 - 20)));
    }

    async fn one_that_has_run_out_is_asked_for_and_looked_at(app: &TestApp) {
        import(app, &[REQUIRED]).await;
        let hanako = issued(app, "staff-card", ["令和8", "4", "1"]).await;
        app.database.execute("UPDATE patron_proofs SET counts_until = '2026-11-19'").await.unwrap();
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        let asked = renew(&hanako.applicant, &status).await;
        pages::is_at(&asked, "/apply/documents");
        assert!(!asked.text().contains("前に見せて"), "{}", asked.text());
        show(&hanako.applicant, "staff-card", 640, ["2026", "10", "1"]).await;
        let documents = hanako.applicant.open("apply/documents").await.unwrap();
        let check = hanako.applicant.press(&documents, "次へ").await.unwrap();
        let renewal = signed(app, &hanako.applicant, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "somebody looks at the picture");
        let file = app.sato().await.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        let before = "前に見せてもらった書類 社員証・在職証明書（2026年11月19日";
        assert!(file.text().contains(before), "{}", file.text());
        granted(app, &renewal).await;
        assert_eq!(kept(app).await.0, [shown("staff-card", date!(2027 - 10 - 01))]);
    }

    async fn the_rule_may_ask_every_time(app: &TestApp) {
        import(app, &[REQUIRED, ("\"when_ended\"", "\"always\"")]).await;
        let hanako = issued(app, "staff-card", ["令和8", "4", "1"]).await;
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        let asked = renew(&hanako.applicant, &status).await;
        pages::is_at(&asked, "/apply/documents");
    }

    async fn a_picture_that_nobody_asked_for_is_looked_at_as_well(app: &TestApp) {
        let hanako = issued(app, "staff-card", ["令和8", "4", "1"]).await;
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        renew(&hanako.applicant, &status).await;
        show(&hanako.applicant, "student-card", 640, ["2030", "3", "31"]).await;
        let check = hanako.applicant.open("apply/check").await.unwrap();
        let renewal = signed(app, &hanako.applicant, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted");
        assert_eq!(kept(app).await.0.len(), 1, "it proves nothing before somebody has seen it");
    }

    async fn who_only_types_a_number_is_told_nothing_of_what_its_holder_showed(app: &TestApp) {
        issued(app, "staff-card", ["令和8", "4", "1"]).await;
        expires_on(app, "2026-12-20").await;
        let stranger = app.journey("himeji");
        let fields = [("number", "300000014"), ("facts", "unchanged")];
        let who = stranger.answer("apply/card?procedure=renewal", &fields).await.unwrap();
        stranger.send(&who, &[("category", "commuter-student"), ("age", "yes")]).await.unwrap();
        let documents = stranger.open("apply/documents").await.unwrap();
        assert!(!documents.text().contains("前に見せて"), "{}", documents.text());
        app.deliver_mail().await;
    }

    async fn staff_see_what_was_shown_before_once_it_is_certain_who_asks(app: &TestApp) {
        issued(app, "staff-card", ["令和8", "4", "1"]).await;
        expires_on(app, "2026-12-20").await;
        let renewal = from_the_start(app, "renewal", &[("number", "300000014"), ("facts", "unchanged")], &Person::hanako()).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "another category than before");
        let file = app.sato().await.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        assert!(file.text().contains("前に見せてもらった書類"), "{}", file.text());
        app.deliver_mail().await;
    }

    async fn a_card_ends_with_the_document_and_everybody_is_told_before(app: &TestApp) {
        import(app, &[BOUNDED]).await;
        let (applicant, check) = ready(app, "student-card", ["2028", "3", "31"]).await;
        let said = "きょう承認された場合、カードは2028年3月31日";
        assert!(check.text().contains(said) && check.text().contains("「学生証・在学証明書」の期限に"), "{}", check.text());
        let submitted = signed(app, &applicant, &check).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let planned = "承認したときの有効期限 2028年3月31日";
        assert!(file.text().contains(planned) && file.text().contains("学生証・在学証明書の期限まで"), "{}", file.text());
        granted(app, &submitted).await;
        assert_eq!(kept(app).await.1, date!(2028 - 03 - 31));
        let status = applicant.open("status").await.unwrap();
        let notice = applicant.browser.click(&status, "お知らせを読む").await.unwrap();
        assert!(notice.text().contains("（学生証・在学証明書の期限まで）"), "{}", notice.text());
        let pdf = notice.link("PDFで保存").unwrap();
        assert_eq!(applicant.browser.open(pdf.as_str()).await.unwrap().status, 200);
        let decided = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(!decided.text().contains("承認したときの有効期限"));
    }

    async fn a_renewal_that_lengthens_nothing_is_not_granted_by_rule(app: &TestApp) {
        import(app, &[BOUNDED]).await;
        let hanako = issued(app, "student-card", ["2028", "3", "31"]).await;
        expires_on(app, "2026-12-20").await;
        app.database.execute("UPDATE patron_proofs SET counts_until = '2026-12-20'").await.unwrap();
        let status = hanako.applicant.open("status").await.unwrap();
        renew(&hanako.applicant, &status).await;
        let check = hanako.applicant.open("apply/check").await.unwrap();
        let renewal = signed(app, &hanako.applicant, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted");
        assert_eq!(kept(app).await.1, date!(2026 - 12 - 20));
    }

    async fn a_reviewer_notes_until_when_a_document_counts(app: &TestApp) {
        import(app, &[BOUNDED]).await;
        let (applicant, check) = ready(app, "student-card", ["2030", "3", "31"]).await;
        let submitted = signed(app, &applicant, &check).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        assert!(file.form("proof_kind").is_err(), "only whoever works on it notes anything");
        let file = staff.press(&file, "担当する").await.unwrap();
        let note = async |kind: &str, day: &str| {
            let form = file.form("proof_kind").unwrap().fill("proof_kind", kind).unwrap().fill("proof_day", day).unwrap();
            staff.browser.submit(&form).await.unwrap()
        };
        pages::is_rejected(&note("", "2028-03-31").await, "proof_kind", "書類を選んで");
        pages::is_rejected(&note("student-card", "31.3.2028").await, "proof_day", "2027-03-31 のように");
        pages::is_rejected(&note("student-card", "").await, "proof_day", "書いてある日を入力");
        pages::is_rejected(&note("student-card", "2026-11-19").await, "proof_day", "期限が切れて");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM application_proofs").await, 0);
        let noted = note("student-card", "2028-03-31").await;
        assert!(noted.text().contains("学生証・在学証明書（2028年3月31日"), "{}", noted.text());
        assert!(noted.text().contains("承認したときの有効期限 2028年3月31日"), "{}", noted.text());
        assert!(noted.text().contains("書類の期限を書きとめました"), "it is on record");
        let again = note("student-card", "2028-03-31").await;
        assert_eq!(again.status, 200, "{}", again.text());
        let recorded = "SELECT COUNT(*) FROM events WHERE kind = 'proof_noted' AND detail = 'student-card'";
        assert_eq!(app.database.count(recorded).await, 1, "the second sending of one form");
        let confirmation = staff.send(&noted, &[("outcome", "approve"), ("reason", "")]).await.unwrap();
        staff.send(&confirmation, &[("outcome", "approve")]).await.unwrap();
        app.deliver_mail().await;
        assert_eq!(kept(app).await, (vec![shown("student-card", date!(2028 - 03 - 31))], date!(2028 - 03 - 31)));
    }

    async fn a_simulation_knows_what_was_shown(app: &TestApp) {
        import(app, &[REQUIRED]).await;
        issued(app, "staff-card", ["令和8", "4", "1"]).await;
        expires_on(app, "2026-12-20").await;
        let differences = async |changes: &[(&str, &str)]| {
            let new = LibraryRules::parse(&rules(changes)).unwrap();
            let totals = simulate(&app.database.db, &new, app.portal().clock.today(), |_, _| {}).await.unwrap();
            let counted = Difference::ALL.into_iter().filter(|one| totals.counted(*one).0 > 0);
            counted.collect::<Vec<_>>()
        };
        assert_eq!(differences(&[REQUIRED]).await, []);
        let always = ("\"when_ended\"", "\"always\"");
        assert_eq!(differences(&[REQUIRED, always]).await, [Difference::Evidence, Difference::AutomaticDecision]);
        assert_eq!(differences(&[REQUIRED, BOUNDED]).await, [], "a letter from work ends nothing");
        app.database.execute("UPDATE patron_proofs SET kind = 'student-card'").await.unwrap();
        assert_eq!(differences(&[REQUIRED, BOUNDED]).await, [Difference::Expiry]);
        app.database.execute("UPDATE patron_proofs SET counts_until = '2026-11-19'").await.unwrap();
        assert_eq!(differences(&[REQUIRED, always]).await, [], "it is asked for in any case");
    }
}
