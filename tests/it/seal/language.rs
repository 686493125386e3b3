//! Notices in the language of whoever applied: fixed when they are placed, as a page and as a sealed file.

use super::validators::{self, text_of};
use crate::support::app::{Submitted, TestApp, stories};
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::words::Lang;

/// 姫路 花子 applies in a language, and it is decided upon.
async fn decided(app: &TestApp, lang: Lang, outcome: &str, reason: &str) -> Submitted {
    let applicant = app.journey("himeji").speaking(lang);
    if lang == Lang::JaSimple {
        // On pages without readings, buttons are called as they are on pages with them.
        applicant.press(&applicant.open("apply/who").await.unwrap(), "ふりがなを").await.unwrap();
    }
    let check = applicant.fill_in(&Person::hanako(), async || app.handed_over().await).await.unwrap();
    let sign = applicant.agree(&check).await.unwrap();
    let done = applicant.sign_with(&sign, "normal").await.unwrap();
    app.deliver_mail().await;
    let submitted = Submitted::on(applicant, &Person::hanako(), &done);
    app.sato().await.decide(&submitted.reference, outcome, reason).await.unwrap();
    app.deliver_mail().await;
    submitted
}

async fn notice_called(reader: &Journey, title: &str) -> Page {
    reader.browser.click(&reader.open("status").await.unwrap(), title).await.unwrap()
}

async fn saved(reader: &Journey, notice: &Page) -> Page {
    let save = match reader.lang {
        Lang::En => "Save as PDF",
        Lang::JaSimple => "PDFで 保存",
        _ => "PDFで保存",
    };
    let pdf = reader.browser.click(notice, save).await.unwrap();
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    pdf
}

fn lang_of(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    String::from_utf8(document.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap().to_vec()).unwrap()
}

stories! {
    async fn a_notice_stays_in_the_language_in_which_it_was_applied_for(app: &TestApp) {
        let hanako = decided(app, Lang::En, "approve", "").await;
        let english = &hanako.applicant;
        let notice = notice_called(english, "Notice of your library card").await;
        assert!(!notice.text().contains("The PDF of this notice is in"), "{}", notice.text());
        let file = saved(english, &notice).await;
        let named = file.headers["content-disposition"].to_str().unwrap();
        assert!(named.contains("Library%20card_2026%2D11%2D20.pdf"), "{named}");
        assert_eq!(lang_of(&file.body), "en");
        let text = text_of(&file.body);
        for part in [
            "Notice of your library card",
            "貸出券番号等通知書",
            "To 姫路 花子",
            "20 November 2029 (Reiwa 11)",
            "/himeji/en/verify",
            "bears the seal",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        app.portal().seals.find("himeji").unwrap().is_on(&file.body).unwrap();

        let japanese = english.clone().speaking(Lang::Ja);
        let notice = notice_called(&japanese, "貸出券番号等通知書").await;
        assert!(notice.text().contains("このお知らせのPDFは、英語です。"), "{}", notice.text());
        assert!(saved(&japanese, &notice).await.body == file.body, "the file is what it was");
        validators::believes(app, &file.body);
    }

    async fn a_refusal_says_in_japanese_what_the_law_says(app: &TestApp) {
        let hanako = decided(app, Lang::JaSimple, "decline", "住所がちがいます。").await;
        let notice = notice_called(&hanako.applicant, "結果").await;
        assert!(notice.text().contains("行政不服審査法による審査請求"), "{}", notice.text());
        let file = saved(&hanako.applicant, &notice).await.body;
        assert_eq!(lang_of(&file), "ja-JP");
        let text = text_of(&file).replace(char::is_whitespace, "");
        for part in ["お申し込みの結果のお知らせ", "住所がちがいます。", "行政不服審査法による審査請求", "しんさせいきゅう"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    async fn the_reviewer_reads_before_what_will_be_read(app: &TestApp) {
        let applicant = app.journey("himeji").speaking(Lang::En);
        let check = applicant.fill_in(&Person::hanako(), async || app.handed_over().await).await.unwrap();
        let done = applicant.sign_with(&applicant.agree(&check).await.unwrap(), "normal").await.unwrap();
        app.deliver_mail().await;
        let submitted = Submitted::on(applicant, &Person::hanako(), &done);
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap();
        let claimed = staff.press(&file, "担当する").await.unwrap();
        let page = staff.send(&claimed, &[("outcome", "decline"), ("reason", "Please bring a bill.")]).await.unwrap();
        for part in ["申込者は、英語で読みます", "Result of your application", "To 姫路 花子", "Please bring a bill."] {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
        assert!(page.html().contains("<article class=\"lc-letter\" lang=\"en\">"));
    }
}
