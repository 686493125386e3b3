//! Somebody without an e-mail address, entered at the counter: everything goes on paper and no mail is queued.

use crate::card::must_say;
use crate::seal::validators::text_of;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::store::notices;

const VISITOR: [(&str, &str); 14] = [
    ("category", "resident"),
    ("name", "姫路　梅"),
    ("kana", "ひめじ うめ"),
    ("year", "昭和11年"),
    ("month", "4"),
    ("day", "1"),
    ("postcode", "670-0012"),
    ("prefecture", "28"),
    ("municipality", "姫路市"),
    ("line1", "本町68"),
    ("email", ""),
    ("no_email", "yes"),
    ("branch", "jonai"),
    ("delivery", "paper"),
];

pub(crate) async fn reception(app: &TestApp) -> Journey {
    app.hire_as("himeji", "uketsuke", "受付 一子", vec![RoleGrant::everywhere(Role::Reception)]).await;
    app.staff("himeji", "uketsuke").await
}

fn filled(page: &Page, fields: &[(&str, &str)]) -> todoke::demo::browser::Form {
    fields.iter().fold(page.form("category").unwrap(), |form, (name, value)| form.fill(name, value).unwrap())
}

/// Entered at the counter; her reference.
pub(crate) async fn entered(app: &TestApp, reception: &Journey) -> String {
    let counter = reception.open_staff("counter").await.unwrap();
    let visit = reception.browser.submit(&filled(&counter, &VISITOR)).await.unwrap();
    assert!(visit.url.path().contains("/staff/visits/"), "{}", visit.text());
    let reference = visit.url.path_segments().unwrap().next_back().unwrap().to_owned();
    let form = visit.form("consent").unwrap().fill("consent", "yes").unwrap();
    let form = form.fill("seen-driving-licence", "yes").unwrap().fill("dated-driving-licence", "2030-05-01").unwrap();
    reception.browser.submit(&form).await.unwrap();
    assert_eq!(app.state("himeji", &reference).await, "submitted");
    reference
}

async fn mails(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM outbox").await
}

stories! {
    async fn a_woman_of_ninety_gets_her_card_without_any_mail(app: &TestApp) {
        let reception = reception(app).await;
        let reference = entered(app, &reception).await;
        assert_eq!(mails(app).await, 0);
        let sato = app.sato().await;
        let file = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        assert!(file.text().contains("（なし。紙で知らせます）"), "{}", file.text());
        let decided = sato.decide(&reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        assert_eq!(mails(app).await, 0, "nobody is written to");

        let list = reception.open_staff("papers").await.unwrap();
        assert!(list.text().contains(&reference) && list.text().contains("カードの番号"), "{}", list.text());
        let pdf = reception.browser.open(list.link("印刷する").unwrap().as_str()).await.unwrap();
        assert!(pdf.body.starts_with(b"%PDF") && pdf.headers["content-type"] == "application/pdf");
        let printed = text_of(&pdf.body);
        let mut words = printed.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
        let code = words.find(|word| word.len() == 19 && word.matches('-').count() == 3);
        let code = code.unwrap_or_else(|| panic!("no code: {printed}")).replace('-', "");
        let genuine = app.journey("himeji").open(&format!("verify/{code}")).await.unwrap();
        assert_eq!(genuine.text_of("h1").unwrap(), "本物です");
        let patron = app.application("himeji", &reference).await.patron_id.unwrap();
        let library = app.library("himeji").await.id;
        let unread = async || {
            let mut tx = app.database.db.read().await.unwrap();
            notices::count_unread_by_patron(&mut tx, library, patron).await.unwrap()
        };
        assert_eq!(unread().await, 1);
        let unheard = list.form("渡した").unwrap().forge("way", "by pigeon");
        assert_eq!(reception.browser.submit(&unheard).await.unwrap().status, 422);
        let form = list.form("渡した").unwrap();
        let done = reception.browser.submit(&form).await.unwrap();
        assert!(done.text().contains("待っているお知らせはありません"), "{}", done.text());
        assert_eq!(unread().await, 0, "she holds it in her hands");
        for kind in ["notice_printed", "notice_handed_over"] {
            let told = format!("SELECT COUNT(*) FROM events WHERE kind = '{kind}' AND actor = 'staff' AND detail = 'issued'");
            assert_eq!(app.database.count(&told).await, 1, "{kind}");
        }
        let file = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        assert!(file.text().contains("お知らせを、紙で渡しました"), "{}", file.text());
        let again = reception.browser.open(list.link("印刷する").unwrap().as_str()).await.unwrap();
        assert!(again.body.starts_with(b"%PDF"), "a lost paper is printed again");
        // No reminder of the card's end either.
        app.database.execute("UPDATE cards SET expires_on = '2026-12-20'").await.unwrap();
        app.portal().remind_patrons().await.unwrap();
        assert_eq!(mails(app).await, 0);
    }

    async fn whoever_chose_paper_is_told_what_becomes_of_it(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        must_say(&check, &["図書館が用意して、窓口でお渡しするか、郵便でお送りします"]);
        let mut form = check.form("delivery").unwrap().fill("delivery", "paper").unwrap();
        for consent in form.choices("consent") {
            form = form.fill("consent", &consent).unwrap();
        }
        let sign = applicant.browser.submit(&form).await.unwrap();
        let done = applicant.sign_with(&sign, "normal").await.unwrap();
        must_say(&done, &["紙の通知は、図書館が用意して、窓口でお渡しするか、郵便でお送りします"]);
        let hanako = Submitted::on(applicant, &Person::hanako(), &done);
        app.sato().await.decide(&hanako.reference, "approve", "").await.unwrap();
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["紙の通知を用意しています", "未読"]);
        let reception = reception(app).await;
        let list = reception.open_staff("papers").await.unwrap();
        reception.press(&list, "渡した").await.unwrap();
        let status = hanako.applicant.open("status").await.unwrap();
        must_say(&status, &["に窓口でお渡ししました"]);
        assert!(!status.text().contains("未読"), "they hold it in their hands: {}", status.text());
        app.deliver_mail().await;
    }

    async fn without_an_address_nothing_is_delivered_electronically(app: &TestApp) {
        let reception = reception(app).await;
        let counter = reception.open_staff("counter").await.unwrap();
        let form = filled(&counter, &VISITOR).fill("delivery", "electronic").unwrap();
        pages::is_rejected(&reception.browser.submit(&form).await.unwrap(), "delivery", "紙でお知らせします");
        let form = filled(&counter, &VISITOR).fill("email", "ume@example.jp").unwrap();
        pages::is_rejected(&reception.browser.submit(&form).await.unwrap(), "email", "チェックをはずして");
    }

    async fn the_time_to_put_something_right_does_not_end_before_the_paper_has_left(app: &TestApp) {
        let reception = reception(app).await;
        let reference = entered(app, &reception).await;
        let sato = app.sato().await;
        let queue = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        sato.press(&queue, "担当する").await.unwrap();
        let page = sato.open_staff(&format!("applications/{reference}/correction")).await.unwrap();
        let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
        let form = form.fill("reason_name", "incorrect").unwrap().fill("text_name", "読みがちがいます。").unwrap();
        let confirm = sato.browser.submit(&form).await.unwrap();
        sato.press(&confirm, "修正をお願いする").await.unwrap();
        assert_eq!((app.state("himeji", &reference).await, mails(app).await), ("returned", 0));
        app.advance(Duration::days(60));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &reference).await, "returned", "she cannot know yet");
        let reception = app.staff("himeji", "uketsuke").await;
        let list = reception.open_staff("papers").await.unwrap();
        let form = list.form("郵便で送った").unwrap();
        reception.browser.submit(&form).await.unwrap();
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("himeji", &reference).await, "lapsed");
    }

    async fn whoever_was_refused_on_paper_reads_on_paper_that_it_is_looked_at_again(app: &TestApp) {
        let reception = reception(app).await;
        let reference = entered(app, &reception).await;
        let sato = app.sato().await;
        sato.decide(&reference, "decline", "書類が読めません。").await.unwrap();
        let list = reception.open_staff("papers").await.unwrap();
        reception.browser.submit(&list.form("渡した").unwrap()).await.unwrap();
        let file = sato.open_staff(&format!("applications/{reference}")).await.unwrap();
        sato.send(&file, &[("effect", "keep"), ("reopen_reason", "読めるものが届いた")]).await.unwrap();
        assert_eq!(app.state("himeji", &reference).await, "submitted");
        let list = reception.open_staff("papers").await.unwrap();
        assert!(list.text().contains(&reference), "{}", list.text());
        assert_eq!(mails(app).await, 0);
    }

    async fn papers_of_other_branches_are_nobodys(app: &TestApp) {
        let everywhere = reception(app).await;
        let reference = entered(app, &everywhere).await;
        app.sato().await.decide(&reference, "approve", "").await.unwrap();
        let list = everywhere.open_staff("papers").await.unwrap();
        let roles = vec![RoleGrant { role: Role::Reception, branch: Some("aboshi".parse().unwrap()) }];
        app.hire_as("himeji", "aboshi", "網干 受子", roles).await;
        app.advance(Duration::seconds(30));
        let elsewhere = app.journey("himeji");
        elsewhere.sign_in_staff("aboshi", todoke::demo::STAFF_PASSWORD, &app.staff_code()).await.unwrap();
        let theirs = elsewhere.open_staff("papers").await.unwrap();
        assert!(!theirs.text().contains(&reference), "{}", theirs.text());
        let pdf = elsewhere.browser.open(list.link("印刷する").unwrap().as_str()).await.unwrap();
        assert_eq!(pdf.status, 404);
    }
}
