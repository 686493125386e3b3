//! A guardian signs beside a young applicant: the same document, another card, and until then the library has nothing.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use time::Duration;
use todoke::demo::STAFF_LOGIN;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::evidence::{Archive, Recorded, verify_evidence};
use todoke::jpki::{Anchor, Policies, Trust};
use todoke::service::audit::check_events;
use todoke::store::{cards, patrons};

pub(crate) const GUARDIAN: &str = "shiori@example.jp";
/// What nobody may read who has not typed the code.
const PERSONAL: [&str; 5] = ["湊", "みなと", "ミナト", "港一丁目", "minato"];

/// An application that its young applicant has signed.
struct Young {
    journey: Journey,
    reference: String,
    collection_code: String,
    /// What the guardian has to type.
    code: String,
}

/// From the first question to the one who signs as well.
async fn asked(app: &TestApp) -> (Journey, Page) {
    let journey = app.journey("shiomi");
    let page = journey.fill_in(&pages::minato(), async || app.handed_over().await).await.unwrap();
    pages::is_at(&page, "/apply/guardian");
    (journey, page)
}

async fn name(journey: &Journey, page: &Page, name: &str, email: &str) -> Page {
    let fields = [("guardian_name", name), ("relation", "guardian"), ("guardian_email", email)];
    journey.send(page, &fields).await.unwrap()
}

fn read(done: &Page, what: &str) -> String {
    done.text_of(&format!("[data-copy='{what}']")).expect("the page shows it")
}

async fn signed(app: &TestApp) -> Young {
    let (journey, page) = asked(app).await;
    let check = name(&journey, &page, "潮見 汐里", GUARDIAN).await;
    pages::is_at(&check, "/apply/check");
    assert!(check.text().contains("潮見 汐里（保護者）"), "{}", check.text());
    let sign = journey.agree(&check).await.unwrap();
    let done = journey.sign_with(&sign, "young").await.unwrap();
    pages::is_at(&done, "/apply/done");
    assert!(done.text().contains("あなたの署名が終わりました"), "{}", done.text());
    app.deliver_mail().await;
    let reference = done.text_of(".lc-panel .lc-big").unwrap();
    assert_eq!(app.state("shiomi", &reference).await, "awaiting_guardian");
    Young { reference, collection_code: read(&done, "受取コード"), code: read(&done, "合言葉"), journey }
}

/// The address in the newest mail to a guardian.
pub(crate) fn address(app: &TestApp, email: &str) -> String {
    let letters = app.letters_to(email);
    let letter = letters.iter().rev().find(|letter| letter.text.contains("/g/")).expect("a letter to the guardian");
    letter.text.lines().find(|line| line.contains("/g/")).unwrap().to_owned()
}

/// A guardian who has opened the mail and typed the code.
async fn confirmed(app: &TestApp, code: &str) -> (Journey, Page) {
    let guardian = app.journey("shiomi");
    let page = guardian.browser.open(&address(app, GUARDIAN)).await.unwrap();
    let review = guardian.send(&page, &[("code", code)]).await.unwrap();
    pages::is_at(&review, "/sign");
    (guardian, review)
}

#[track_caller]
fn is_void(page: &Page) {
    pages::refuses(page, 410, "このお願いは使えません");
    for word in PERSONAL {
        assert!(!page.html().contains(word), "{word}");
    }
}

async fn opened(app: &TestApp, address: &str) -> Page {
    app.journey("shiomi").browser.open(address).await.unwrap()
}

async fn count(app: &TestApp, sql: &str) -> i64 {
    app.database.count(sql).await
}

stories! {
    async fn both_sign_the_same_document_and_only_then_the_library_has_it(app: &TestApp) {
        let young = signed(app).await;
        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let path = format!("applications/{}", young.reference);
        assert_eq!(staff.open_staff(&path).await.unwrap().status, 404, "not the library's yet");
        let list = staff.open_staff("queue?tab=with_applicant").await.unwrap();
        assert!(!list.html().contains(&young.reference), "nor in any list: {}", list.text());
        app.portal().gather_evidence().await.unwrap();
        assert_eq!(count(app, "SELECT COUNT(*) FROM evidence").await, 0);

        let letters = app.letters_to(GUARDIAN);
        assert_eq!(letters.len(), 1);
        assert!(letters[0].subject.contains("保護者の方の署名のお願い"), "{}", letters[0].subject);
        for word in PERSONAL.into_iter().chain([young.code.as_str(), young.reference.as_str()]) {
            assert!(!letters[0].text.contains(word), "{word} in the mail");
        }
        let first = opened(app, &address(app, GUARDIAN)).await;
        assert_eq!(first.status, 200);
        for word in PERSONAL {
            assert!(!first.html().contains(word), "{word} before the code");
        }

        app.advance(Duration::days(2));
        let (guardian, review) = confirmed(app, &young.code).await;
        for word in ["潮見 湊", "港一丁目", "潮見 汐里", "保護者"] {
            assert!(review.text().contains(word), "{word}: {}", review.text());
        }
        let document = guardian.browser.click(&review, "署名する文書をひらく").await.unwrap();
        assert!(document.body.starts_with(b"%PDF-"));
        let done = guardian.sign_with(&review, "guardian").await.unwrap();
        pages::is_at(&done, "/done");
        assert!(done.text().contains(&young.reference), "{}", done.text());
        app.deliver_mail().await;
        assert!(app.letters_to(GUARDIAN).last().unwrap().subject.contains("署名を受け付けました"));
        assert!(app.letters_to("minato@example.jp").last().unwrap().subject.contains("申込みを受け付けました"));
        let application = app.application("shiomi", &young.reference).await;
        assert_eq!(application.state.submitted_at(), Some(app.now()), "the clock starts with the second signature");
        assert!(application.due_on.is_some() && application.branch.is_some());

        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let file = staff.open_staff(&path).await.unwrap();
        for part in ["保護者の署名", "続柄は、証明書では確かめられません", "潮見 汐里", "保護者が署名し、申込みになりました"] {
            assert!(file.text().contains(part), "{part}: {}", file.text());
        }
        app.portal().gather_evidence().await.unwrap();
        let zip = staff.browser.open(file.link("証拠書類").unwrap().as_str()).await.unwrap();
        let archive = Archive::from_zip(&zip.body).unwrap();
        let anchors = || vec![Anchor::from_der(app.stage.authority.anchor_der()).unwrap()];
        let trust = Trust::signing(anchors(), Policies::demo());
        let found = verify_evidence(&archive, &trust, &Trust::timestamping(anchors()));
        let second = found.guardian.as_ref().expect("the guardian's signature");
        assert_eq!((found.reason(), second.recorded), (None, Recorded::Same));
        let signer = |verdict: &todoke::jpki::Verdict| verdict.signer.as_ref().unwrap().sha256.clone();
        assert_ne!(signer(&found.verdict), signer(&second.verdict), "two cards");

        let decided = staff.decide(&young.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し"), "{}", decided.text());
        app.deliver_mail().await;
        assert!(check_events(&app.database.db, None).await.unwrap().broken.is_empty());
    }

    async fn no_other_card_will_do(app: &TestApp) {
        let young = signed(app).await;
        let (guardian, review) = confirmed(app, &young.code).await;
        for (card, kind) in [
            ("young", "applicants-card"),
            ("other-person", "other-guardian"),
            ("normal", "other-guardian"),
            ("user-authentication", "wrong-certificate"),
            ("expired", "expired"),
            ("locked", "pin-locked"),
        ] {
            let problem = guardian.sign_with(&review, card).await.unwrap();
            pages::is_at(&problem, &format!("/problem/{kind}"));
            assert!(problem.text().contains("まだ受け付けていません"), "{}", problem.text());
            assert_eq!(app.state("shiomi", &young.reference).await, "awaiting_guardian");
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM cosignatures").await, 0);
        let done = guardian.sign_with(&review, "guardian").await.unwrap();
        pages::is_at(&done, "/done");
        app.deliver_mail().await;
    }

    async fn a_certificate_that_does_not_tell_the_age_is_none_of_an_adults(app: &TestApp) {
        let (journey, page) = asked(app).await;
        let check = name(&journey, &page, "姫路 花子", GUARDIAN).await;
        let sign = journey.agree(&check).await.unwrap();
        let done = journey.sign_with(&sign, "young").await.unwrap();
        app.deliver_mail().await;
        let (guardian, review) = confirmed(app, &read(&done, "合言葉")).await;
        let problem = guardian.sign_with(&review, "birth-unknown").await.unwrap();
        pages::is_at(&problem, "/problem/guardian-age-unknown");
    }

    async fn an_invitation_is_used_up_by_the_signature(app: &TestApp) {
        let young = signed(app).await;
        let link = address(app, GUARDIAN);
        let (guardian, review) = confirmed(app, &young.code).await;
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;
        is_void(&opened(app, &link).await);
        let again = guardian.press(&review, "アプリで署名する").await.unwrap();
        pages::is_at(&again, "/done");
        let other = app.journey("shiomi");
        is_void(&other.browser.open(review.url.as_str()).await.unwrap());
        assert_eq!(count(app, "SELECT COUNT(*) FROM cosignatures").await, 1);
    }

    async fn a_guardians_session_is_worth_nothing_elsewhere(app: &TestApp) {
        let young = signed(app).await;
        let (guardian, _) = confirmed(app, &young.code).await;
        for path in ["status", "apply/done", "apply/check", "status/guardian"] {
            let page = guardian.open(path).await.unwrap();
            for word in PERSONAL.into_iter().chain([young.collection_code.as_str()]) {
                assert!(!page.html().contains(word), "{word} at {path}");
            }
        }
        app.advance(Duration::minutes(61));
        let stale = guardian.browser.open(&address(app, GUARDIAN)).await.unwrap();
        assert!(stale.form("code").is_ok(), "the code is asked again");
    }

    async fn ten_wrong_codes_close_it_and_the_applicant_is_told(app: &TestApp) {
        let young = signed(app).await;
        let link = address(app, GUARDIAN);
        let stranger = app.journey("shiomi");
        for _ in 0..9 {
            let page = stranger.browser.open(&link).await.unwrap();
            let wrong = stranger.send(&page, &[("code", "AAAA-AAAA")]).await.unwrap();
            pages::is_rejected(&wrong, "code", "合言葉がちがいます");
        }
        let page = stranger.browser.open(&link).await.unwrap();
        pages::is_rejected(&stranger.send(&page, &[("code", "K7")]).await.unwrap(), "code", "8文字");
        is_void(&stranger.send(&page, &[("code", "AAAA-AAAA")]).await.unwrap());
        is_void(&stranger.send(&page, &[("code", &young.code)]).await.unwrap());
        app.deliver_mail().await;
        assert!(app.letters_to("minato@example.jp").last().unwrap().subject.contains("いただけませんでした"));
        let status = young.journey.open("status").await.unwrap();
        assert!(status.text().contains("使えなくしました"), "{}", status.text());
        assert_eq!(app.state("shiomi", &young.reference).await, "awaiting_guardian");
    }

    async fn whoever_does_not_agree_gives_it_back_and_it_is_signed_again(app: &TestApp) {
        let young = signed(app).await;
        let link = address(app, GUARDIAN);
        let (guardian, review) = confirmed(app, &young.code).await;
        let question = guardian.browser.click(&review, "この申込みに同意しません").await.unwrap();
        let told = guardian.press(&question, "わたしはこの申込みに同意しません").await.unwrap();
        pages::is_at(&told, "/done");
        assert!(told.text().contains("同意しないことを伝えました"), "{}", told.text());
        app.deliver_mail().await;
        assert_eq!(app.state("shiomi", &young.reference).await, "draft");
        assert_eq!(count(app, "SELECT COUNT(*) FROM signatures").await, 0, "the signature is void");
        is_void(&opened(app, &link).await);
        let letter = app.letters_to("minato@example.jp").pop().unwrap();
        assert!(letter.subject.contains("いただけませんでした"), "{}", letter.subject);

        app.advance(Duration::seconds(61));
        let back = app.journey("shiomi");
        let code = back.answer("resume", &[("email", "minato@example.jp")]).await.unwrap();
        app.deliver_mail().await;
        let digits = back.newest_code("minato@example.jp").unwrap();
        back.send(&code, &[("code", &digits)]).await.unwrap();
        let check = back.open("apply/check").await.unwrap();
        let sign = back.press(&check, "署名へ進む").await.unwrap();
        let done = back.sign_with(&sign, "young").await.unwrap();
        app.deliver_mail().await;
        let (guardian, review) = confirmed(app, &read(&done, "合言葉")).await;
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;
        assert_eq!(app.state("shiomi", &young.reference).await, "submitted");
    }

    async fn a_wrong_address_is_said_without_a_code_and_asked_again(app: &TestApp) {
        let young = signed(app).await;
        let stranger = app.journey("shiomi");
        let page = stranger.browser.open(&address(app, GUARDIAN)).await.unwrap();
        let question = stranger.browser.click(&page, "宛先がちがうことを知らせる").await.unwrap();
        let told = stranger.press(&question, "宛先がちがうことを知らせる").await.unwrap();
        pages::is_at(&told, "/told");
        app.deliver_mail().await;
        assert_eq!(app.state("shiomi", &young.reference).await, "draft");
        let (_, answers) = app.draft_of("shiomi", "minato@example.jp").await;
        assert_eq!(answers.cosigner, None);
    }

    async fn another_guardian_takes_the_place_of_the_first(app: &TestApp) {
        let young = signed(app).await;
        let first = address(app, GUARDIAN);
        let (guardian, review) = confirmed(app, &young.code).await;
        let cards = guardian.press(&review, "アプリで署名する").await.unwrap();
        let page = young.journey.open("status/guardian").await.unwrap();
        pages::is_rejected(&name(&young.journey, &page, "", "x").await, "guardian_name", "氏名を入力してください");
        let status = name(&young.journey, &page, "姫路 花子", "hanako@example.jp").await;
        pages::is_at(&status, "/status");
        let code = read(&status, "合言葉");
        assert_ne!(code, young.code);
        app.deliver_mail().await;
        is_void(&opened(app, &first).await);
        let late = guardian.send(&cards, &[("card", "guardian")]).await.unwrap();
        pages::is_at(&late, "/problem/request-unknown");
        is_void(&guardian.browser.click(&late, "内容の確認にもどる").await.unwrap());
        assert_eq!(app.state("shiomi", &young.reference).await, "awaiting_guardian");

        let other = app.journey("shiomi");
        let page = other.browser.open(&address(app, "hanako@example.jp")).await.unwrap();
        let review = other.send(&page, &[("code", &code)]).await.unwrap();
        pages::is_at(&other.sign_with(&review, "normal").await.unwrap(), "/done");
        app.deliver_mail().await;
        assert_eq!(app.state("shiomi", &young.reference).await, "submitted");
    }

    async fn what_was_taken_back_cannot_be_signed_any_more(app: &TestApp) {
        let young = signed(app).await;
        let (guardian, review) = confirmed(app, &young.code).await;
        let page = young.journey.open("status/withdraw").await.unwrap();
        let withdrawn = young.journey.send(&page, &[("code", &young.collection_code)]).await.unwrap();
        pages::is_at(&withdrawn, "/status");
        assert_eq!(app.state("shiomi", &young.reference).await, "withdrawn");
        is_void(&guardian.press(&review, "アプリで署名する").await.unwrap());
        is_void(&opened(app, &address(app, GUARDIAN)).await);
        app.portal().sweep().await.unwrap();
        assert_eq!(count(app, "SELECT COUNT(*) FROM data_keys k JOIN applications a ON a.id = k.owner_id").await, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM cosign_invitations").await, 0, "the library never had it");
    }

    async fn it_lapses_only_after_the_guardian_was_reminded(app: &TestApp) {
        let young = signed(app).await;
        for _ in 0..5 {
            app.advance(Duration::DAY);
            app.portal().sweep().await.unwrap();
            assert_eq!(app.deliver_mail().await.sent, 0);
        }
        app.advance(Duration::DAY);
        app.portal().sweep().await.unwrap();
        app.deliver_mail().await;
        let letter = app.letters_to(GUARDIAN).pop().unwrap();
        assert!(letter.subject.contains("お待ちしています"), "{}", letter.subject);
        let (guardian, review) = confirmed(app, &young.code).await;

        // The second reminder waits for a mail server that is slow: nothing ends meanwhile.
        app.advance(Duration::days(6));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.count_waiting_mail().await, 1);
        app.advance(Duration::days(9));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("shiomi", &young.reference).await, "awaiting_guardian");
        app.deliver_mail().await;
        app.advance(Duration::hours(49));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.state("shiomi", &young.reference).await, "lapsed");
        app.deliver_mail().await;
        let letter = app.letters_to("minato@example.jp").pop().unwrap();
        assert!(letter.text.contains("申込みは終わりました"), "{}", letter.text);
        is_void(&guardian.press(&review, "アプリで署名する").await.unwrap());
        assert_eq!(count(app, "SELECT COUNT(*) FROM signatures").await, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM data_keys k JOIN applications a ON a.id = k.owner_id").await, 0);
    }

    async fn what_was_put_right_both_sign_again(app: &TestApp) {
        let young = signed(app).await;
        let (guardian, review) = confirmed(app, &young.code).await;
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;
        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let file = staff.open_staff(&format!("applications/{}", young.reference)).await.unwrap();
        let held = staff.press(&file, "担当する").await.unwrap();
        let page = staff.browser.click(&held, "修正をお願いする").await.unwrap();
        let form = page.form("ask_name").unwrap().fill("ask_name", "yes").unwrap();
        let form = form.fill("reason_name", "mismatch").unwrap().fill("text_name", "直してください。").unwrap();
        let confirm = staff.browser.submit(&form).await.unwrap();
        staff.press(&confirm, "修正をお願いする").await.unwrap();
        app.deliver_mail().await;

        let (reader, _) = app.reader("shiomi", &pages::minato(), &young.reference).await;
        reader.answer("apply/name", &[("kana", "しおみ　みなた")]).await.unwrap();
        let check = reader.open("apply/check").await.unwrap();
        let sign = reader.press(&check, "署名へ進む").await.unwrap();
        let status = reader.sign_with(&sign, "young").await.unwrap();
        pages::is_at(&status, "/status");
        app.deliver_mail().await;
        assert_eq!(app.state("shiomi", &young.reference).await, "awaiting_guardian");
        assert_eq!(count(app, "SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL").await, 1);

        let (guardian, review) = confirmed(app, &read(&status, "合言葉")).await;
        assert!(review.text().contains("ミナタ"), "{}", review.text());
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;
        let again = app.application("shiomi", &young.reference).await;
        assert_eq!((again.state.name(), again.last_version), ("submitted", 2));
        assert_eq!(count(app, "SELECT COUNT(*) FROM corrections WHERE resolved_at IS NULL").await, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM cosignatures").await, 2);
        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let decided = staff.decide(&young.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し"), "{}", decided.text());
        app.deliver_mail().await;
    }

    async fn the_guardian_decides_on_no_application_that_they_signed(app: &TestApp) {
        let shiori = todoke::demo::journey::Person {
            email: GUARDIAN.to_owned(),
            name: "潮見 汐里",
            kana: "しおみ しおり",
            birth: ["1982", "5", "14"],
            ..pages::hanako_of_shiomi()
        };
        let (applicant, sign) = app.frozen("shiomi", &shiori).await;
        let done = applicant.sign_with(&sign, "guardian").await.unwrap();
        app.deliver_mail().await;
        let own = Submitted::on(applicant, &shiori, &done);
        app.hire("shiomi", "imai", "今井").await;
        let imai = app.staff("shiomi", "imai").await;
        imai.decide(&own.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let young = signed(app).await;
        let (guardian, review) = confirmed(app, &young.code).await;
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;

        let application = app.application("shiomi", &own.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let patron = patrons::find_by_application(&mut tx, application.library_id, application.id).await.unwrap();
        let patron = patron.expect("a patron").id;
        let card = cards::find_by_patron(&mut tx, application.library_id, patron).await.unwrap().expect("a card");
        drop(tx);
        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let path = format!("applications/{}", young.reference);
        let opened_before = staff.open_staff(&path).await.unwrap();
        let relations = staff.open_staff("relations").await.unwrap();
        staff.send(&relations, &[("card", card.number.as_str())]).await.unwrap();
        assert!(staff.open_staff(&path).await.unwrap().form("担当する").is_err(), "it is not offered");
        let refused = staff.press(&opened_before, "担当する").await.unwrap();
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("ほかの職員に担当をお願い"), "{}", refused.text());
        assert_eq!(app.state("shiomi", &young.reference).await, "submitted");
    }

    async fn an_approval_verifies_the_guardians_signature_again(app: &TestApp) {
        let young = signed(app).await;
        let (guardian, review) = confirmed(app, &young.code).await;
        guardian.sign_with(&review, "guardian").await.unwrap();
        app.deliver_mail().await;
        app.database.execute("DELETE FROM cosignatures").await.unwrap();
        let staff = app.staff("shiomi", STAFF_LOGIN).await;
        let refused = staff.decide(&young.reference, "approve", "").await.unwrap();
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert_eq!(app.state("shiomi", &young.reference).await, "under_review");
    }

    async fn below_fifteen_nobody_has_a_certificate_to_sign_with(app: &TestApp) {
        let young = todoke::demo::journey::Person { birth: ["2012", "4", "1"], ..pages::minato() };
        let (journey, check) = app.answered("shiomi", &young).await;
        let elsewhere = journey.agree(&check).await.unwrap();
        pages::is_at(&elsewhere, "/apply/elsewhere");
        assert!(elsewhere.text().contains("15歳未満"), "{}", elsewhere.text());
        pages::is_at(&journey.open("apply/guardian").await.unwrap(), "/apply/check");
    }
}
