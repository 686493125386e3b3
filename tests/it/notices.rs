//! What notices say: to their readers, and before that to whoever decides.

use crate::procedures::{by_one_tap, expires_on, from_the_start};
use crate::seal::validators::text_of;
use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use todoke::demo::LIBRARIES;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::domain::library::LibraryRules;

/// What stands in the place of what only the decision gives.
const LATER: &str = "（決定のときに付きます）";

async fn import(app: &TestApp, source: &str) {
    app.portal().import_library(&LibraryRules::parse(source).unwrap(), source).await.unwrap();
}

/// The page before the decision, and whoever may take it.
async fn confirmation(app: &TestApp, submitted: &Submitted, outcome: &str, reason: &str) -> (Journey, Page) {
    let staff = app.sato().await;
    let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
    let claimed = staff.press(&file, "担当する").await.unwrap();
    let page = staff.send(&claimed, &[("outcome", outcome), ("reason", reason)]).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    (staff, page)
}

/// The notice that an application led to, as its applicant reads it.
async fn notice_of(submitted: &Submitted, title: &str) -> Page {
    let status = submitted.applicant.open("status").await.unwrap();
    submitted.applicant.browser.click(&status, title).await.unwrap()
}

/// The text of a notice without white space, and without what only its reader has.
fn bare(page: &Page, parts: &[&str]) -> String {
    let text = page.text_of("article").expect("a notice");
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    parts.iter().fold(bare(&text), |text, part| text.replace(&bare(part), ""))
}

stories! {
    async fn where_the_card_is_required_receipt_page_and_paper_say_so(app: &TestApp) {
        import(app, &LIBRARIES[0].replace("card_sign_in = \"offered\"", "card_sign_in = \"required\"")).await;
        let hanako = app.submitted_by_hanako().await;
        let receipt = hanako.applicant.open("apply/done").await.unwrap().text();
        for part in ["申込みを取り下げるときに使います", "受取コードでは受け取れません"] {
            assert!(receipt.contains(part), "{part}: {receipt}");
        }
        app.sato().await.decide(&hanako.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let notice = notice_of(&hanako, "貸出券番号等通知書").await;
        let file = hanako.applicant.browser.click(&notice, "PDFで保存").await.unwrap().body;
        let paper = text_of(&file).replace(char::is_whitespace, "");
        let page = notice.text_of("main").unwrap();
        for text in [page.replace(char::is_whitespace, ""), paper] {
            assert!(text.contains("申し込みに署名したマイナンバーカードを使います。受取コードでは受け取れません"), "{text}");
            assert!(!text.contains("出た受取コードを使います") && !text.contains("マイページ"), "{text}");
        }
        let desk = hanako.applicant.open("password").await.unwrap();
        assert!(desk.form("code").is_err(), "and so it is: {}", desk.text());
    }

    async fn where_both_ways_are_open_both_are_told(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let notice = notice_of(&hanako, "貸出券番号等通知書").await;
        let file = hanako.applicant.browser.click(&notice, "PDFで保存").await.unwrap().body;
        let (page, paper) = (notice.text().replace(char::is_whitespace, ""), text_of(&file).replace(char::is_whitespace, ""));
        for part in [
            "このサイトにサインインして、「初期パスワードを受け取る」から受け取ってください。",
            "出た受取コードを使います。アプリで署名した方は、署名したマイナンバーカードでも受け取れます。",
            "このサイトの「カード番号でサインイン」のページで、自分だけのパスワードに変えます。",
        ] {
            assert!(page.contains(part) && paper.contains(part), "{part}: {page} {paper}");
        }
    }

    async fn the_bars_of_a_card_that_cannot_be_used_are_gone_from_its_notice(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let holder = &hanako.applicant;
        let notice = notice_of(&hanako, "貸出券番号等通知書").await;
        assert!(notice.html().contains("lc-barcode"));
        let again = async || holder.browser.open(notice.url.as_str()).await.unwrap();
        holder.press(&holder.open("card/stop").await.unwrap(), "いますぐ止める").await.unwrap();
        app.deliver_mail().await;
        let stopped = again().await;
        assert!(stopped.text().contains("このカードは止まっています") && !stopped.html().contains("lc-barcode"));
        pages::is_at(&holder.browser.click(&stopped, "いまのカードを見る").await.unwrap(), "/card");
        holder.press(&holder.open("card/found").await.unwrap(), "また使えるようにする").await.unwrap();
        app.deliver_mail().await;
        assert!(again().await.html().contains("lc-barcode"));
        expires_on(app, "2026-11-19").await;
        let expired = again().await;
        assert!(expired.text().contains("有効期限が切れています") && !expired.html().contains("lc-barcode"));
    }

    async fn a_notice_that_was_overtaken_tells_its_owner(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let first = notice_of(&hanako, "貸出券番号等通知書").await;
        assert!(!first.text().contains("新しいお知らせが届いています"));
        let request = by_one_tap(app, &hanako, "パスワードを発行する").await;
        app.sato().await.decide(&request.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let first = request.applicant.browser.open(first.url.as_str()).await.unwrap();
        assert!(first.text().contains("新しいお知らせが届いています"), "{}", first.text());
        pages::is_at(&request.applicant.browser.click(&first, "届いたお知らせを見る").await.unwrap(), "/card");
        let newest = notice_of(&request, "予約用パスワード発行のお知らせ").await;
        assert!(!newest.text().contains("新しいお知らせが届いています"), "{}", newest.text());
    }

    async fn the_reviewer_reads_the_notice_before_it_is_sent(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        let (staff, page) = confirmation(app, &hanako, "approve", "").await;
        assert!(page.text().contains(LATER) && !page.text().contains("3000 0001 4"), "{}", page.text());
        assert!(!page.html().contains("lc-barcode"), "there is no number yet");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 0, "nothing has happened");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notices").await, 0);
        staff.send(&page, &[("outcome", "approve")]).await.unwrap();
        app.deliver_mail().await;
        let notice = notice_of(&hanako, "貸出券番号等通知書").await;
        let given = [
            "2026-000001",
            "3000 0001 4 3 0 0 0 0 0 0 1 4",
            "バーコードが読み取れないときは、画面を明るくするか、番号をお伝えください。",
        ];
        let button = "受け取れます。初期パスワードを受け取る";
        let sent = bare(&notice, &given).replace(button, "受け取れます。");
        assert_eq!(sent, bare(&page, &[LATER]));
    }

    async fn each_procedure_shows_its_notice_and_says_what_will_be(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        for (button, title, said, unsaid) in [
            ("マイナンバーカードを登録する", "マイナンバーカード登録のお知らせ", "カードに登録します", "前の登録と入れかえます"),
            ("パスワードを発行する", "予約用パスワード発行のお知らせ", "前のパスワードは、このときから使えません", "変わるとき"),
        ] {
            let request = by_one_tap(app, &hanako, button).await;
            shown_as_sent(app, &request, title, said, unsaid).await;
        }
        let fields = [("number", "300000014"), ("reason", "damaged")];
        let request = from_the_start(app, "reissue", &fields, &Person::hanako()).await;
        shown_as_sent(app, &request, "図書館カード再発行のお知らせ", "番号は変わりません", "番号が変わるとき").await;
        expires_on(app, "2026-12-20").await;
        let fields = [("number", "300000014"), ("facts", "changed")];
        let request = from_the_start(app, "renewal", &fields, &Person::hanako()).await;
        shown_as_sent(app, &request, "有効期限延長のお知らせ", "有効期限を延ばします", "番号が変わるとき").await;
    }

    async fn a_new_number_is_said_to_be_new_and_not_shown(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.database.execute("UPDATE cards SET expires_on = '2026-11-10'").await.unwrap();
        let fields = [("number", "300000014"), ("reason", "lost")];
        let request = from_the_start(app, "reissue", &fields, &hanako.person).await;
        let (_, page) = confirmation(app, &request, "approve", "").await;
        assert!(page.text().contains("番号は新しくなり、前の番号は使えなくなります"), "{}", page.text());
        let letter = page.text_of("article").unwrap();
        assert!(letter.contains(LATER) && letter.contains("3000 0001 4（もう使えません）"), "{letter}");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE state = 'replaced'").await, 0);
    }

    async fn a_refusal_is_shown_whole(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        let (staff, page) = confirmation(app, &hanako, "decline", "住所を確かめられませんでした。").await;
        staff.send(&page, &[("outcome", "decline")]).await.unwrap();
        app.deliver_mail().await;
        let notice = notice_of(&hanako, "お申し込みの結果のお知らせ").await;
        let links = ["2026-000001", "このサイトでもう一度申し込む 窓口で申し込む"];
        assert_eq!(bare(&notice, &links), bare(&page, &[LATER]));
    }

    async fn what_the_library_says_is_read_before_and_stays_as_it_was_said(app: &TestApp) {
        let said = |ja: &str, en: &str| {
            format!("{}\n[notice.issued]\nwords = {{ ja = \"{ja}\", en = \"{en}\" }}\n", LIBRARIES[0])
        };
        import(app, &said("毎週土曜日に案内しています。", "Guided tours every Saturday.")).await;
        let hanako = app.submitted_by_hanako().await;
        let (staff, page) = confirmation(app, &hanako, "approve", "").await;
        assert!(page.text().contains("毎週土曜日に案内しています。"), "{}", page.text());
        staff.send(&page, &[("outcome", "approve")]).await.unwrap();
        app.deliver_mail().await;
        import(app, &said("案内は終わりました。", "No more tours.")).await;
        let notice = notice_of(&hanako, "貸出券番号等通知書").await;
        let file = async || hanako.applicant.browser.click(&notice, "PDFで保存").await.unwrap().body;
        let first = file().await;
        assert!(notice.text().contains("毎週土曜日に案内しています。"), "{}", notice.text());
        assert!(text_of(&first).replace(char::is_whitespace, "").contains("毎週土曜日に案内しています。"));
        app.database.execute("DELETE FROM notice_documents").await.unwrap();
        assert!(text_of(&file().await).replace(char::is_whitespace, "").contains("毎週土曜日に案内しています。"));
        let english = hanako.applicant.clone().speaking(todoke::words::Lang::En);
        let page = english.browser.click(&english.open("status").await.unwrap(), "Notice of your library card").await.unwrap();
        assert!(page.text().contains("Guided tours every Saturday."), "{}", page.text());
    }
}

/// What is shown before a decision is what is sent by it.
async fn shown_as_sent(app: &TestApp, request: &Submitted, title: &str, said: &str, unsaid: &str) {
    let (staff, page) = confirmation(app, request, "approve", "").await;
    assert!(page.text().contains(said) && !page.text().contains(unsaid), "{title}: {}", page.text());
    staff.send(&page, &[("outcome", "approve")]).await.unwrap();
    app.deliver_mail().await;
    let notice = notice_of(request, title).await;
    let number = notice.text_of("article .lc-num").unwrap();
    let button = "使います。アプリで署名した方は、署名したマイナンバーカードでも受け取れます。パスワードを受け取る";
    let sent = bare(&notice, &[&number]).replace(button, button.trim_end_matches("パスワードを受け取る"));
    assert_eq!(sent, bare(&page, &[LATER]), "{title}");
}
