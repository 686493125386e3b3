//! The procedures about a card, from their beginning to their effect.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::lists;
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use time::Duration;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::card::{Card, CardState};
use todoke::domain::credential::{Credential, CredentialState};
use todoke::domain::language::Language;
use todoke::domain::notice::NoticeContent;
use todoke::domain::patron::Patron;
use todoke::domain::procedure::Procedure;
use todoke::service::session::SessionToken;
use todoke::service::{Error, Once};
use todoke::store::automatic_decisions::{self, DueDecision};
use todoke::store::{cards, certificate_links, credentials, notices, patrons};

/// Hanako's first card.
const NUMBER: &str = "300000014";

async fn card(app: &TestApp, number: &str) -> Card {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_number(&mut tx, library.id, &number.parse().unwrap()).await.unwrap().expect("the card")
}

/// The card that counts now of whoever had the first number.
async fn card_of_patron(app: &TestApp) -> Card {
    let patron = patron(app).await;
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_patron(&mut tx, patron.library_id, patron.id).await.unwrap().expect("a card")
}

async fn patron(app: &TestApp) -> Patron {
    let card = card(app, NUMBER).await;
    let mut tx = app.database.db.read().await.unwrap();
    patrons::find(&mut tx, card.library_id, card.patron_id).await.unwrap().expect("the patron")
}

async fn credential(app: &TestApp) -> Credential {
    let patron = patron(app).await;
    let mut tx = app.database.db.read().await.unwrap();
    credentials::find_by_patron(&mut tx, patron.library_id, patron.id).await.unwrap().expect("the credential")
}

async fn is_linked(app: &TestApp) -> bool {
    let patron = patron(app).await;
    let mut tx = app.database.db.read().await.unwrap();
    certificate_links::is_card_linked(&mut tx, patron.library_id, patron.id).await.unwrap()
}

/// The one notice of an application.
async fn notice(app: &TestApp, reference: &str) -> NoticeContent {
    let application = app.application("himeji", reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let mut found = notices::list_by_application(&mut tx, application.library_id, application.id).await.unwrap();
    assert_eq!(found.len(), 1, "one notice each");
    found.remove(0).content
}

pub(crate) async fn expires_on(app: &TestApp, day: &str) {
    app.database.execute(&format!("UPDATE cards SET expires_on = '{day}'")).await.unwrap();
}

/// Signs what is on the check page.
async fn signed(app: &TestApp, applicant: &Journey, person: &Person, check: &Page) -> Submitted {
    pages::is_at(check, "/apply/check");
    let sign = applicant.agree(check).await.unwrap();
    pages::is_at(&sign, "/apply/sign");
    let done = applicant.sign_with(&sign, pages::card_of(person)).await.unwrap();
    app.deliver_mail().await;
    Submitted::on(applicant.clone(), person, &done)
}

/// The holder begins to renew, and says that nothing has changed.
pub(crate) async fn renew(holder: &Journey, from: &Page) -> Page {
    let asked = holder.press(from, "有効期限を延ばす").await.unwrap();
    pages::is_at(&asked, "/apply/card");
    holder.send(&asked, &[("facts", "unchanged")]).await.unwrap()
}

/// The holder presses a button of the status page, and signs what the library knows already.
pub(crate) async fn by_one_tap(app: &TestApp, holder: &Submitted, button: &str) -> Submitted {
    let status = holder.applicant.open("status").await.unwrap();
    let check = match button {
        "有効期限を延ばす" => renew(&holder.applicant, &status).await,
        button => holder.applicant.press(&status, button).await.unwrap(),
    };
    signed(app, &holder.applicant, &holder.person, &check).await
}

/// Somebody who is not signed in: the card page, and all questions after it.
pub(crate) async fn from_the_start(
    app: &TestApp,
    procedure: &str,
    fields: &[(&str, &str)],
    person: &Person,
) -> Submitted {
    // A code for this address may just have been sent.
    app.advance(Duration::seconds(61));
    let applicant = app.journey("himeji");
    let who = applicant.answer(&format!("apply/card?procedure={procedure}"), fields).await.unwrap();
    pages::is_at(&who, "/apply/who");
    applicant.send(&who, &[("category", person.category), ("age", "yes")]).await.unwrap();
    let code = applicant.answer("apply/email", &[("email", &person.email)]).await.unwrap();
    app.deliver_mail().await;
    let digits = applicant.newest_code(&person.email).unwrap();
    applicant.send(&code, &[("code", &digits)]).await.unwrap();
    let check = applicant.answer_the_rest(person).await.unwrap();
    signed(app, &applicant, person, &check).await
}

/// Puts an application before the rules, as if it had just come.
async fn before_the_rules(app: &TestApp, submitted: &Submitted) {
    let application = app.application("himeji", &submitted.reference).await;
    let due = DueDecision { library_id: application.library_id, application_id: application.id };
    let mut tx = app.database.db.begin().await.unwrap();
    automatic_decisions::save(&mut tx, &due, app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn approve(app: &TestApp, submitted: &Submitted) -> Page {
    let decided = app.sato().await.decide(&submitted.reference, "approve", "").await.unwrap();
    app.deliver_mail().await;
    decided
}

fn is_granted(decided: &Page, words: &str) {
    assert!(decided.status == 200 && decided.text().contains(words), "{}", decided.text());
}

stories! {
    async fn the_procedures_of_the_library_are_listed(app: &TestApp) {
        let visitor = app.journey("himeji");
        let list = visitor.open("procedures").await.unwrap();
        pages::is_at(&list, "/procedures");
        for word in ["新規登録", "有効期限の延長", "再発行", "予約用パスワード", "登録内容の変更", "マイナンバーカード"] {
            assert!(list.text().contains(word), "{word}");
        }
        let card = visitor.browser.click(&list, "有効期限の延長").await.unwrap();
        pages::is_at(&card, "/apply/card");
        let empty = visitor.send(&card, &[("number", "")]).await.unwrap();
        pages::is_rejected(&empty, "number", "カード番号を入力してください");
        pages::is_rejected(&empty, "facts", "変わったところがあるか");
        let nothing = visitor.open("apply/card?procedure=loan").await.unwrap();
        pages::is_at(&nothing, "/procedures");
    }

    async fn a_renewal_in_which_nothing_changed_is_decided_by_rule_at_once(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        assert!(status.text().contains("2029年9月20日(木)から手続きできます"), "{}", status.text());
        expires_on(app, "2026-12-20").await;
        let renewal = by_one_tap(app, &hanako, "有効期限を延ばす").await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "issued");
        assert_eq!(card(app, NUMBER).await.expires_on, date!(2029 - 11 - 20), "three years from the renewal");
        let NoticeContent::Renewed(notice) = notice(app, &renewal.reference).await else { panic!("renewed") };
        assert_eq!((notice.old_expiry, notice.card.expires_on), (date!(2026 - 12 - 20), date!(2029 - 11 - 20)));
        let by_rule = "SELECT COUNT(*) FROM decisions WHERE decided_by IS NULL";
        assert_eq!(app.database.count(by_rule).await, 1);
        let recorded = "SELECT COUNT(*) FROM events WHERE kind = 'approved' AND actor = 'system' AND detail = 'rules/1'";
        assert_eq!(app.database.count(recorded).await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM automatic_decisions").await, 0);
        let status = renewal.applicant.open("status").await.unwrap();
        assert!(status.text().contains("有効期限を延ばしました"), "{}", status.text());
        let page = renewal.applicant.browser.click(&status, "お知らせを読む").await.unwrap();
        assert!(page.text().contains("有効期限延長のお知らせ") && page.text().contains("2026年（令和8年）12月20日"));
        let pdf = page.link("PDFで保存").unwrap();
        assert_eq!(renewal.applicant.browser.open(pdf.as_str()).await.unwrap().status, 200);
        let password = renewal.applicant.open("password").await.unwrap();
        assert!(password.text().contains(&hanako.reference), "a renewal has none; the first one waits: {}", password.text());
    }

    async fn whoever_changes_something_waits_for_somebody(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        renew(&hanako.applicant, &status).await;
        let changed = [("phone", "079-000-0001"), ("branch", "jonai")];
        let check = hanako.applicant.answer("apply/contact?from=check", &changed).await.unwrap();
        assert!(check.text().contains("変わったところがある"), "{}", check.text());
        let renewal = signed(app, &hanako.applicant, &hanako.person, &check).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted");
        is_granted(&approve(app, &renewal).await, "有効期限を延長しました");
        assert_eq!(patron(app).await.facts.phone.unwrap().as_str(), "079-000-0001");
        assert_eq!(card(app, NUMBER).await.expires_on, date!(2029 - 11 - 20));
    }

    async fn what_somebody_works_on_is_not_decided_by_rule(app: &TestApp) {
        app.issued_to_hanako().await;
        let person = Person::hanako();
        let fields = [("number", NUMBER), ("facts", "unchanged")];
        let renewal = from_the_start(app, "renewal", &fields, &person).await;
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "it came too early");
        expires_on(app, "2026-12-20").await;
        before_the_rules(app, &renewal).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        let file = staff.press(&file, "担当する").await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM automatic_decisions").await, 0, "somebody has it");
        let form = file.form("hold_until").unwrap().fill("hold_until", "2026-11-27").unwrap();
        staff.browser.submit(&form.fill("hold_reason", "電話で確認中").unwrap()).await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM holds").await, 1);
        before_the_rules(app, &renewal).await;
        app.portal().decide_by_rules().await.unwrap();
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "it was put aside");
        app.database.execute("DELETE FROM holds").await.unwrap();
        before_the_rules(app, &renewal).await;
        app.portal().decide_by_rules().await.unwrap();
        assert_eq!(app.state("himeji", &renewal.reference).await, "issued", "nothing else stood against it");
        app.deliver_mail().await;

        let file = staff.open_staff(&format!("applications/{}", renewal.reference)).await.unwrap();
        let form = file.form("effect").unwrap().fill("effect", "keep").unwrap();
        staff.browser.submit(&form.fill("reopen_reason", "もう一度見ます").unwrap()).await.unwrap();
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted");
        app.database.execute("DELETE FROM memos").await.unwrap();
        expires_on(app, "2026-12-20").await;
        before_the_rules(app, &renewal).await;
        app.portal().decide_by_rules().await.unwrap();
        assert_eq!(app.state("himeji", &renewal.reference).await, "submitted", "a person decided that a person decides");
        app.deliver_mail().await;
    }

    async fn what_is_in_force_happens_no_second_time_when_its_decision_was_opened_again(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        for (procedure, fields, granted) in [
            ("renewal", vec![("number", NUMBER), ("facts", "changed")], "有効期限を延長しました"),
            ("reissue", vec![("number", NUMBER), ("reason", "damaged")], "再発行しました"),
        ] {
            if procedure == "renewal" {
                expires_on(app, "2026-12-20").await;
            }
            let request = from_the_start(app, procedure, &fields, &hanako.person).await;
            is_granted(&approve(app, &request).await, granted);
            let cards = "SELECT COUNT(*) FROM cards";
            let (term, count) = (card_of_patron(app).await, app.database.count(cards).await);
            let staff = app.sato().await;
            let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
            let form = file.form("effect").unwrap().fill("effect", "keep").unwrap();
            staff.browser.submit(&form.fill("reopen_reason", "もう一度見ます").unwrap()).await.unwrap();
            staff.decide(&request.reference, "approve", "").await.unwrap();
            app.deliver_mail().await;
            let second = app.staff("himeji", todoke::demo::SECOND_STAFF_LOGIN).await;
            is_granted(&second.decide(&request.reference, "approve", "").await.unwrap(), granted);
            app.deliver_mail().await;
            assert_eq!(card_of_patron(app).await, term, "{procedure}: the card is as it was");
            assert_eq!(app.database.count(cards).await, count, "{procedure}: no other number");
        }
    }

    async fn too_early_is_told_with_the_date_and_the_other_ways(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        expires_on(app, "2026-12-20").await;
        let status = hanako.applicant.open("status").await.unwrap();
        expires_on(app, "2029-11-20").await;
        let page = hanako.applicant.press(&status, "有効期限を延ばす").await.unwrap();
        pages::refuses(&page, 409, "いまは手続きできません");
        assert!(page.text().contains("2029年9月20日(木)から手続きできます"), "{}", page.text());
        // Somebody who is not signed in learns nothing of it; the staff does, and cannot approve.
        let person = Person::hanako();
        let fields = [("number", NUMBER), ("facts", "changed")];
        let early = from_the_start(app, "renewal", &fields, &person).await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", early.reference)).await.unwrap();
        assert!(file.text().contains("2029年9月20日(木)から手続きできます"), "{}", file.text());
        let refused = staff.decide(&early.reference, "approve", "").await.unwrap();
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert_eq!(app.state("himeji", &early.reference).await, "under_review");
    }

    async fn a_wrong_number_tells_nothing_and_waits_for_staff_to_say_whose_card_it_is(app: &TestApp) {
        app.issued_to_hanako().await;
        let request = from_the_start(app, "password_issue", &[("number", "９９９９-99999")], &Person::hanako()).await;
        let status = request.applicant.open("status").await.unwrap();
        assert!(!status.text().contains("一致") && !status.text().contains("有効期限"), "{}", status.text());
        assert_eq!(app.application("himeji", &request.reference).await.patron_id, None);
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        assert!(file.text().contains("カード番号と利用者が一致しません"), "{}", file.text());
        let refused = staff.decide(&request.reference, "approve", "").await.unwrap();
        pages::refuses(&refused, 409, "この操作は保存していません");

        let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        let nobody = staff.send(&file, &[("card", "999999999")]).await.unwrap();
        pages::is_rejected(&nobody, "card", "この番号のカードはありません");
        let matched = staff.send(&nobody, &[("card", NUMBER)]).await.unwrap();
        assert!(!matched.text().contains("一致しません") && matched.text().contains("だれのカードかを確かめました"));
        let confirmation = staff.send(&matched, &[("outcome", "approve")]).await.unwrap();
        is_granted(&staff.send(&confirmation, &[("outcome", "approve")]).await.unwrap(), "パスワードを発行しました");
        app.deliver_mail().await;
    }

    async fn the_promise_is_counted_anew_once_staff_say_whose_card_it_is(app: &TestApp) {
        app.issued_to_hanako().await;
        // Nobody searches for a card that has expired.
        expires_on(app, "2026-11-10").await;
        let fields = [("number", "９９９９-99999"), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &Person::hanako()).await;
        let rules = app.library("himeji").await.rules.clone();
        let received = todoke::clock::japanese_date(app.now());
        let searched = rules.answer_promised_from(Procedure::Reissue, received, Some(received + Duration::days(7)));
        let soon = rules.answer_promised_for(Procedure::Reissue, received);
        assert!(soon < searched);
        assert_eq!(app.application("himeji", &request.reference).await.due_on, Some(searched), "for every card");
        app.advance(Duration::days(1));
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        let claimed = staff.press(&file, "担当する").await.unwrap();
        staff.send(&claimed, &[("card", NUMBER)]).await.unwrap();
        let matched = app.application("himeji", &request.reference).await;
        assert!(matched.patron_id.is_some());
        assert_eq!(matched.due_on, Some(soon), "counted from the day on which it came");
        // Its holder is told that it was stopped: it was not the certificate that said whose card it is.
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notices WHERE kind = 'lost'").await, 1);
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'card_stopped' AND actor = 'staff'";
        assert_eq!(app.database.count(told).await, 1);
        app.deliver_mail().await;
    }

    async fn somebody_elses_number_is_not_matched_either(app: &TestApp) {
        app.issued_to_hanako().await;
        let taro = pages::taro();
        let request = from_the_start(app, "password_issue", &[("number", NUMBER)], &taro).await;
        assert_eq!(app.application("himeji", &request.reference).await.patron_id, None);
        let old = credential(app).await;
        let file = app.sato().await.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        assert!(file.text().contains("番号のカードは、下の利用者のものです"), "{}", file.text());
        assert_eq!(credential(app).await, old);
    }

    async fn the_old_password_lives_until_the_new_one_is_issued(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let desk = hanako.applicant.open("password").await.unwrap();
        hanako.applicant.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        let CredentialState::Shown { hash: old, .. } = credential(app).await.state else { panic!("shown") };
        let (reader, _) = app.reader("himeji", &hanako.person, &hanako.reference).await;

        let request = by_one_tap(app, &hanako, "パスワードを発行する").await;
        let CredentialState::Shown { hash, .. } = credential(app).await.state else { panic!("still there") };
        assert_eq!(hash, old, "asking for a new one shuts nobody out");
        is_granted(&approve(app, &request).await, "パスワードを発行しました");
        assert_eq!(credential(app).await.state, CredentialState::Unseen, "the old one died with the issue");
        let desk = reader.open("password").await.unwrap();
        assert!(desk.text().contains(&request.reference), "{}", desk.text());
        let refused = reader.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        pages::is_rejected(&refused, "code", "受取コードがちがいます");

        let desk = request.applicant.open("password").await.unwrap();
        let wrong = request.applicant.send(&desk, &[("code", &hanako.collection_code)]).await.unwrap();
        pages::is_rejected(&wrong, "code", "受取コードがちがいます");
        let shown = request.applicant.send(&desk, &[("code", &request.collection_code)]).await.unwrap();
        assert!(shown.text_of("output").is_some(), "{}", shown.text());
        let CredentialState::Shown { hash, .. } = credential(app).await.state else { panic!("shown") };
        assert_ne!(hash, old);
        let status = request.applicant.open("status").await.unwrap();
        assert!(status.text().contains("予約用パスワード発行のお知らせ"), "{}", status.text());
    }

    async fn a_lost_card_is_stopped_at_once_searched_for_and_then_replaced(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        let form = Sending::form(&stop.form("いますぐ止める").unwrap(), &hanako.applicant.browser);
        for answer in all_at_once(vec![form.clone(), form]).await {
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'card_stopped'").await, 1);
        app.deliver_mail().await;
        assert!(app.letters_to(&hanako.person.email).iter().any(|letter| letter.subject.contains("カードを止めました")));
        let status = hanako.applicant.open("status").await.unwrap();
        assert!(status.text().contains("2026年11月27日(金)から再発行できます"), "{}", status.text());
        assert!(status.form("カードを再発行する").is_err(), "not before");

        let found = hanako.applicant.open("card/found").await.unwrap();
        hanako.applicant.press(&found, "また使えるようにする").await.unwrap();
        assert_eq!(card(app, NUMBER).await.state, CardState::Active);
        let stop = hanako.applicant.open("card/stop").await.unwrap();
        hanako.applicant.press(&stop, "いますぐ止める").await.unwrap();
        app.deliver_mail().await;

        app.advance(Duration::days(7));
        lists::publish(app, 9, None).await;
        let (holder, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let card_page = holder.press(&status, "カードを再発行する").await.unwrap();
        pages::is_at(&card_page, "/apply/card");
        let check = holder.send(&card_page, &[("reason", "lost"), ("lost_on", "2026-11-19")]).await.unwrap();
        let request = signed(app, &holder, &hanako.person, &check).await;
        let staff = app.sato().await;
        is_granted(&staff.decide(&request.reference, "approve", "").await.unwrap(), "カードを再発行しました");
        app.deliver_mail().await;

        let NoticeContent::Reissued(notice) = notice(app, &request.reference).await else { panic!("reissued") };
        assert_eq!(notice.old_number_grouped.as_deref(), Some("3000 0001 4"));
        let new = card(app, notice.card.card_number.as_str()).await;
        assert_eq!((new.state, new.expires_on), (CardState::Active, date!(2029 - 11 - 20)));
        assert!(matches!(card(app, NUMBER).await.state, CardState::Replaced { by, .. } if by == new.id));
        let status = request.applicant.open("status").await.unwrap();
        assert!(status.text().contains(&notice.card.card_number_grouped), "{}", status.text());
    }

    async fn a_loss_reported_by_signature_stops_the_card_and_waits_for_its_day(app: &TestApp) {
        app.issued_to_hanako().await;
        let fields = [("number", NUMBER), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &Person::hanako()).await;
        assert!(matches!(card(app, NUMBER).await.state, CardState::Stopped { .. }));
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", request.reference)).await.unwrap();
        assert!(file.text().contains("2026年11月27日(金)から再発行できます"), "{}", file.text());
        let refused = staff.decide(&request.reference, "approve", "").await.unwrap();
        pages::refuses(&refused, 409, "この操作は保存していません");
        assert!(refused.text().contains("2026年11月27日"), "{}", refused.text());
    }

    async fn a_damaged_card_keeps_its_number(app: &TestApp) {
        app.issued_to_hanako().await;
        let fields = [("number", NUMBER), ("reason", "damaged")];
        let request = from_the_start(app, "reissue", &fields, &Person::hanako()).await;
        assert_eq!(card(app, NUMBER).await.state, CardState::Active, "it can be used meanwhile");
        is_granted(&approve(app, &request).await, "カードを再発行しました");
        let NoticeContent::Reissued(notice) = notice(app, &request.reference).await else { panic!("reissued") };
        assert_eq!((notice.card.card_number.as_str(), notice.old_number_grouped), (NUMBER, None));
        assert_eq!(card(app, NUMBER).await.state, CardState::Active);
    }

    async fn a_linked_card_borrows_more_until_its_holder_ends_the_link(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        assert!(!is_linked(app).await);
        let request = by_one_tap(app, &hanako, "マイナンバーカードを登録する").await;
        is_granted(&approve(app, &request).await, "マイナンバーカードを登録しました");
        let NoticeContent::Linked(notice) = notice(app, &request.reference).await else { panic!("linked") };
        assert_eq!((notice.card.loan_limit, is_linked(app).await), (12, true));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_links").await, 1, "the next takes the place");
        let page = request.applicant.open("card/unlink").await.unwrap();
        let status = request.applicant.press(&page, "登録をやめる").await.unwrap();
        pages::is_at(&status, "/card");
        assert!(!is_linked(app).await);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_links").await, 0, "nothing is kept");
        assert!(status.text().contains("6点まで"), "{}", status.text());
        let again = request.applicant.open("card/unlink").await.unwrap();
        pages::is_at(&again, "/card");
        app.deliver_mail().await;
    }

    async fn changed_facts_are_registered_and_the_old_address_is_told(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let old_mail = hanako.person.email.clone();
        let fields = [("number", NUMBER), ("changed", "address"), ("changed", "email")];
        let moved = Person { address: ["670-0012", "28", "姫路市", "本町69"], ..Person::hanako().with_email("new@example.jp") };
        let request = from_the_start(app, "change", &fields, &moved).await;
        assert_eq!(patron(app).await.facts.email.unwrap().as_str(), old_mail, "not before it is approved");
        // Her certificate still has the old address: somebody else looks as well.
        assert!(approve(app, &request).await.text().contains("1人目として承認しました"));
        assert_eq!(patron(app).await.facts.email.unwrap().as_str(), old_mail, "nor after the first of two");
        app.hire("himeji", "imai", "今井").await;
        let second = app.staff("himeji", "imai").await.decide(&request.reference, "approve", "").await.unwrap();
        is_granted(&second, "登録内容を変更しました");
        app.deliver_mail().await;
        let facts = patron(app).await.facts;
        assert_eq!(facts.email.unwrap().as_str(), "new@example.jp");
        assert!(facts.address.unwrap().one_line().contains("本町69"));
        assert!(app.letters_to(&old_mail).iter().any(|letter| letter.subject.contains("登録内容が変わりました")));
        assert!(app.letters_to("new@example.jp").iter().any(|letter| letter.subject.contains("お知らせが届いています")));
        let NoticeContent::Changed(notice) = notice(app, &request.reference).await else { panic!("changed") };
        assert_eq!(notice.changed.len(), 2);
    }

    async fn one_application_for_the_same_is_open_at_a_time(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let (other, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let first = by_one_tap(app, &hanako, "パスワードを発行する").await;
        let refused = other.press(&status, "パスワードを発行する").await.unwrap();
        pages::refuses(&refused, 409, "いまは手続きできません");
        assert!(refused.text().contains(&first.reference), "{}", refused.text());
        let status = other.open("status").await.unwrap();
        assert!(status.text().contains(&format!("申込番号 {} を受け付けています", first.reference)), "{}", status.text());
    }

    async fn a_button_pressed_twice_begins_once(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        let form = Sending::form(&status.form("パスワードを発行する").unwrap(), &hanako.applicant.browser);
        let begun = "SELECT COUNT(*) FROM applications WHERE procedure = 'password_issue'";
        let mut answers = all_at_once(vec![form.clone(), form.clone()]).await;
        // One comes when all is over.
        answers.push(form.send().await);
        for answer in answers {
            assert_eq!(answer.status, 303, "{}", answer.text());
            assert_eq!(location(&answer).as_deref(), Some("/himeji/ja/apply/check"));
            assert!(answer.headers.contains_key("set-cookie"), "the session that the first one got");
        }
        assert_eq!(app.database.count(begun).await, 1);
    }

    async fn a_second_click_that_comes_late_leads_to_the_same_place(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let status = hanako.applicant.open("status").await.unwrap();
        let cookie = hanako.applicant.browser.cookie(&status.url, "__Host-todoke.himeji").unwrap();
        let (token, library) = (SessionToken::parse(&cookie).unwrap(), app.library("himeji").await);
        let begin = async |key: &str| {
            let (route, location) = ("procedures", "/done".to_owned());
            let (actor, key) = (token.hash(), key.to_owned());
            let once = Once { library_id: library.id, actor, route, key, body_hash: [0; 32], location };
            app.portal().begin_for_holder(&library, &token, Procedure::PasswordIssue, Language::Ja, &once).await
        };
        let first = begin("one form").await.unwrap();
        assert_eq!(begin("one form").await.unwrap().hash(), first.hash());
        assert!(matches!(begin("another form").await, Err(Error::SignedOut)));
        let applications = "SELECT COUNT(*) FROM applications WHERE procedure = 'password_issue'";
        assert_eq!(app.database.count(applications).await, 1);
    }

    async fn only_whoever_was_granted_a_card_has_one_to_stop(app: &TestApp) {
        let submitted = app.submitted_by_hanako().await;
        for path in ["card/stop", "card/found", "card/unlink"] {
            pages::is_at(&submitted.applicant.open(path).await.unwrap(), "/status");
        }
        let status = submitted.applicant.open("status").await.unwrap();
        assert!(status.form("有効期限を延ばす").is_err());
    }
}
