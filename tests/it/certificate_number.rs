//! The number of the user-authentication certificate: typed by staff, looked up, found again at the counter.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use std::collections::HashMap;
use time::Duration;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::demo::stage::Stage;
use todoke::gateway::certificate_lookup::CertificateLookup;

/// A register that knows nobody (yet).
fn with_an_empty_register(stage: &mut Stage) {
    stage.portal.certificate_lookup = CertificateLookup::Fixture(HashMap::new());
}

async fn file(staff: &Journey, submitted: &Submitted) -> Page {
    staff.open_staff(&format!("applications/{}", submitted.reference)).await.unwrap()
}

async fn note(staff: &Journey, submitted: &Submitted, number: &str) -> Page {
    let file = file(staff, submitted).await;
    staff.browser.submit(&file.form("number").unwrap().fill("number", number).unwrap()).await.unwrap()
}

/// Tells whether the number that a patron of the library has is confirmed.
async fn is_confirmed(app: &TestApp, slug: &str) -> bool {
    let confirmed = format!(
        "SELECT COUNT(*) FROM certificate_numbers n JOIN libraries l ON l.id = n.library_id
         WHERE l.slug = '{slug}' AND n.state = 'confirmed'"
    );
    app.database.count(&confirmed).await == 1
}

stories! {
    async fn staff_notes_a_number_confirms_it_and_the_counter_finds_the_patron(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let staff = app.sato().await;
        let rejected = note(&staff, &hanako, "12 G4").await;
        pages::is_rejected(&rejected, "number", "数字とAからFまでの英字");
        assert_eq!(rejected.form("number").unwrap().value("number"), Some("12 G4"), "nothing typed is lost");

        let noted = note(&staff, &hanako, "0x0a1b 2c").await;
        assert!(noted.text().contains("A1B2C") && noted.text().contains("まだ確かめていません"), "{}", noted.text());
        assert!(!is_confirmed(app, "himeji").await, "a number that nobody confirmed counts for nothing");
        let confirmed = staff.press(&noted, "番号を確かめた").await.unwrap();
        assert!(!confirmed.text().contains("まだ確かめていません") && confirmed.text().contains("確かめました"));
        assert!(is_confirmed(app, "himeji").await && !is_confirmed(app, "shiomi").await);
        let clear = app.database.count("SELECT COUNT(*) FROM events WHERE detail LIKE '%A1B2C%'").await;
        assert_eq!(clear, 0, "the record names no number");

        let removed = staff.press(&confirmed, "番号を消す").await.unwrap();
        assert!(!removed.text().contains("A1B2C"), "{}", removed.text());
        assert!(!is_confirmed(app, "himeji").await);
    }

    async fn a_number_that_another_patron_has_is_refused(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        let staff = app.sato().await;
        staff.decide(&taro.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        note(&staff, &hanako, "a1b2c").await;
        let rejected = note(&staff, &taro, "0A1B2C").await;
        pages::is_rejected(&rejected, "number", "ほかの利用者の番号");
    }

    async fn without_a_register_nothing_is_asked_and_before_the_issue_nothing_is_noted(app: &TestApp) {
        let hanako = app.submitted_by_hanako().await;
        let staff = app.sato().await;
        assert!(file(&staff, &hanako).await.form("number").is_err());
        staff.decide(&hanako.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        assert!(!app.portal().look_up_certificate_numbers().await.unwrap());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_numbers").await, 0);
    }

    #[stage(with_an_empty_register)]
    async fn a_register_that_knows_nothing_yet_is_asked_later_and_later_and_in_the_end_no_more(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let staff = app.sato().await;
        assert!(file(&staff, &hanako).await.text().contains("J-LISに照会しています"));
        app.portal().look_up_certificate_numbers().await.unwrap();
        app.portal().look_up_certificate_numbers().await.unwrap();
        assert_eq!(app.database.count("SELECT tries FROM certificate_numbers").await, 1, "not at once again");
        for _ in 0..30 {
            app.advance(Duration::days(1));
            app.portal().look_up_certificate_numbers().await.unwrap();
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM certificate_numbers").await, 0);
        let staff = app.sato().await;
        let noted = note(&staff, &hanako, "a1b2c").await;
        assert!(noted.text().contains("A1B2C"), "staff may still note it: {}", noted.text());
    }

    #[stage(with_a_full_register)]
    async fn a_register_that_knows_the_number_confirms_it(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        app.portal().look_up_certificate_numbers().await.unwrap();
        assert!(is_confirmed(app, "himeji").await);
        let page = file(&app.sato().await, &hanako).await;
        assert!(page.text().contains("J-LISへの照会"), "{}", page.text());
    }
}

/// A register that gives one number to whoever asks.
fn with_a_full_register(stage: &mut Stage) {
    let server = crate::support::lists::ListServer::start(&stage.portal.base_url);
    server.answer("200 OK", br#"{"user_authentication_certificate_serial":"0C1D"}"#);
    let settings = toml::from_str(&format!("url = '{}'", server.url())).unwrap();
    stage.portal.certificate_lookup = CertificateLookup::new(Some(&settings)).unwrap();
}
