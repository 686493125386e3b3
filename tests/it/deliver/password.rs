//! The initial password: born when it is looked at, shown to one browser, kept nowhere.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::raw_mail::as_they_travel;
use crate::support::sending::{Sending, all_at_once};
use time::Duration;
use todoke::demo::browser::Page;
use todoke::domain::credential::CredentialState;
use todoke::store::{credentials, patrons};
use zeroize::Zeroizing;

/// The password on a page, as it is typed.
fn password_on(page: &Page) -> Option<String> {
    Some(page.text_of("output")?.replace(' ', ""))
}

/// What the store keeps of it.
async fn credential(app: &TestApp, submitted: &Submitted) -> CredentialState {
    let application = app.application("himeji", &submitted.reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let patron = patrons::find_by_application(&mut tx, application.library_id, application.id).await.unwrap().unwrap();
    credentials::find_by_patron(&mut tx, application.library_id, patron.id).await.unwrap().unwrap().state
}

stories! {
    async fn the_right_code_shows_it_and_ten_minutes_later_it_is_gone(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        assert!(password_on(&desk).is_none(), "opening the page shows nothing");
        assert_eq!(credential(app, &submitted).await, CredentialState::Unseen, "nor does it make anything");
        let typed = submitted.collection_code.to_lowercase().replace('-', "　");
        let shown = reader.send(&desk, &[("code", &typed)]).await.unwrap();
        let password = password_on(&shown).expect("the password");
        assert_eq!(password.len(), 10, "as long as the library's rule says");
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert!(!shown.url.as_str().contains(&password));

        app.advance(Duration::minutes(10) - Duration::seconds(1));
        let desk = reader.open("password").await.unwrap();
        assert!(password_on(&desk).is_none(), "a reload does not show it");
        let again = reader.press(&desk, "もう一度表示する").await.unwrap();
        assert_eq!(password_on(&again).as_ref(), Some(&password), "the same, without the code");
        app.advance(Duration::seconds(1));
        let gone = reader.browser.submit(&desk.form("もう一度表示する").unwrap()).await.unwrap();
        assert!(gone.text().contains("もう表示できません") && password_on(&gone).is_none(), "{}", gone.text());
        assert!(reader.open("status").await.unwrap().text().contains("初期パスワードを受け取りました"));
    }

    async fn another_browser_finds_it_gone(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (first, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = first.open("password").await.unwrap();
        assert!(password_on(&first.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap()).is_some());
        // Within the ten minutes, with the same rights and the code.
        let (second, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = second.open("password").await.unwrap();
        assert!(desk.text().contains("もう表示できません"), "{}", desk.text());
        assert!(desk.form("code").is_err());
    }

    async fn ten_wrong_codes_end_it_and_the_counter_helps(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        for unreadable in ["", "ABC"] {
            let page = reader.send(&desk, &[("code", unreadable)]).await.unwrap();
            assert_eq!(page.status, 422, "costs no try");
        }
        let wrong = if submitted.collection_code == "AAAA-2222" { "BBBB-2222" } else { "AAAA-2222" };
        for _ in 0..10 {
            let page = reader.send(&desk, &[("code", wrong)]).await.unwrap();
            pages::is_rejected(&page, "code", "受取コードがちがいます");
        }
        let locked = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
        assert!(password_on(&locked).is_none(), "the right code comes too late");
        assert!(locked.text().contains("窓口でパスワードを設定できます"), "{}", locked.text());
        assert_eq!(credential(app, &submitted).await, CredentialState::Unseen);
    }

    async fn parallel_guesses_share_the_ten_tries(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let form = reader.open("password").await.unwrap().form("code").unwrap();
        let guess = Sending::form(&form.clone().forge("code", "AAAA-2222"), &reader.browser);
        all_at_once(vec![guess; 15]).await;
        let right = Sending::form(&form.forge("code", &submitted.collection_code), &reader.browser).send().await;
        assert!(password_on(&right).is_none(), "{}", right.text());
    }

    async fn two_clicks_show_one_password(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let form = reader.open("password").await.unwrap().form("code").unwrap();
        let form = form.fill("code", &submitted.collection_code).unwrap();
        let answers = all_at_once(vec![Sending::form(&form, &reader.browser); 6]).await;
        let shown: Vec<_> = answers.iter().map(|answer| password_on(answer).expect("each click sees it")).collect();
        assert!(shown.iter().all(|password| *password == shown[0]));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'password_shown'").await, 1);
        let CredentialState::Shown { hash, .. } = credential(app, &submitted).await else { panic!("shown") };
        let clear = Zeroizing::new(shown[0].clone());
        assert!(app.portal().passwords.verify(clear, Some(&hash)).await.unwrap(), "what was shown is what counts");
    }

    async fn it_stands_nowhere_in_clear(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        let shown = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
        let password = password_on(&shown).unwrap();
        let again = reader.press(&reader.open("password").await.unwrap(), "もう一度表示する").await.unwrap();
        assert_eq!(password_on(&again).as_ref(), Some(&password));
        // No page that shows it is kept by any browser, or by anything on the way.
        for page in [&desk, &shown, &again] {
            assert_eq!(page.headers["cache-control"], "no-store", "{}", page.url);
        }
        assert!(app.database.holds(&submitted.reference).await, "the search finds what is there");
        assert_ne!(app.database.backup_holds(&submitted.reference), Some(false), "and finds it in a backup");
        assert!(app.database.count("SELECT COUNT(*) FROM once_keys").await > 0, "what forms were sent is among it");
        let letters = as_they_travel(&app.stage.mailbox.letters()).await;
        assert!(letters.iter().any(|letter| letter.matches(&submitted.reference).count() > 1), "as text and as HTML");
        let bare_code = submitted.collection_code.replace('-', "");
        let grouped = format!("{} {}", &password[..5], &password[5..]);
        let base64 = data_encoding::BASE64.encode(password.as_bytes());
        for secret in [&password, &grouped, &base64, &submitted.collection_code, &bare_code] {
            assert!(!app.database.holds(secret).await, "a secret stands in the database");
            assert_ne!(app.database.backup_holds(secret), Some(true), "a secret stands in a backup");
            assert!(letters.iter().all(|letter| !letter.contains(secret.as_str())), "a secret stands in a mail");
        }
        // Nor does anything that was sealed.
        for personal in ["姫路 花子", "姫路　花子", "ヒメジ", "hanako@example.jp", "1990-04-01"] {
            assert!(!app.database.holds(personal).await, "{personal} stands in the database");
        }
        let CredentialState::Shown { hash, .. } = credential(app, &submitted).await else { panic!("shown") };
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");

        // The sealed copy, which only the session's cookie opens, goes too.
        assert_eq!(app.database.count("SELECT COUNT(*) FROM credentials WHERE sealed_secret IS NOT NULL").await, 1);
        app.advance(Duration::minutes(10));
        app.portal().sweep().await.unwrap();
        assert_eq!(app.database.count("SELECT COUNT(*) FROM credentials WHERE sealed_secret IS NOT NULL").await, 0);
    }

    async fn whoever_does_not_look_in_time_goes_to_the_counter(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        app.advance(Duration::days(30));
        let (reader, status) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        assert!(!status.text().contains("初期パスワードの受け取り"), "{}", status.text());
        let desk = reader.open("password").await.unwrap();
        assert!(desk.text().contains("受け取りの期限が過ぎた") && desk.form("code").is_err(), "{}", desk.text());
    }
}
