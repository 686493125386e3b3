//! Initial passwords at the counter: for whoever cannot sign in. Checked who asks, shown once, the one before dies.

use crate::papers::{entered, reception};
use crate::support::app::{TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::domain::ids::PatronId;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::store::cards;

const NUMBER: &str = "300000014";
const LICENCE: [(&str, &str); 1] = [("proof", "driving-licence")];

async fn patron(app: &TestApp) -> PatronId {
    let library = app.library("himeji").await;
    let mut tx = app.database.db.read().await.unwrap();
    cards::find_by_number(&mut tx, library.id, &NUMBER.parse().unwrap()).await.unwrap().expect("the card").patron_id
}

pub(crate) async fn desk(app: &TestApp, staff: &Journey) -> Page {
    staff.open_staff(&format!("patrons/{}/password", patron(app).await)).await.unwrap()
}

async fn hash(app: &TestApp) -> String {
    let mut tx = app.database.db.read().await.unwrap();
    let library = app.library("himeji").await;
    let credential = todoke::store::credentials::find_by_patron(&mut tx, library.id, patron(app).await).await.unwrap();
    credential.expect("a credential").state.hash().unwrap_or_default().to_owned()
}

async fn opens(app: &TestApp, password: &str) -> bool {
    let password = zeroize::Zeroizing::new(password.to_owned());
    app.portal().passwords.verify(password, Some(&hash(app).await)).await.unwrap()
}

fn password_on(page: &Page) -> String {
    page.text_of("output").unwrap().split_whitespace().collect()
}

stories! {
    async fn a_woman_without_e_mail_gets_her_password_printed_once_and_the_one_before_dies(app: &TestApp) {
        let reception = reception(app).await;
        let reference = entered(app, &reception).await;
        app.sato().await.decide(&reference, "approve", "").await.unwrap();
        let papers = reception.open_staff("papers").await.unwrap();
        let desk = reception.browser.click(&papers, "初期パスワードを渡す").await.unwrap();
        assert!(desk.text().contains("姫路") && desk.text().contains("まだ渡していません"), "{}", desk.text());
        pages::is_rejected(&reception.press(&desk, "本人を確かめたので").await.unwrap(), "proof", "確かめた書類を選んでください");
        let unheard = desk.form("本人を確かめたので").unwrap().forge("proof", "my-word");
        pages::is_rejected(&reception.browser.submit(&unheard).await.unwrap(), "proof", "確かめた書類");
        assert_eq!(hash(app).await, "", "nothing was made");

        let shown = reception.send(&desk, &LICENCE).await.unwrap();
        let first = password_on(&shown);
        assert!(first.len() == 10 && opens(app, &first).await, "{}", shown.text());
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert!(!shown.url.as_str().contains(&first));
        assert!(!app.database.holds(&first).await, "never in the clear");
        assert!(app.database.count("SELECT COUNT(*) FROM credentials WHERE sealed_secret IS NULL AND state = 'shown'").await == 1);
        // Pressed twice, or the page loaded again: the same form shows nothing.
        let again = reception.send(&desk, &LICENCE).await.unwrap();
        pages::is_at(&again, "/password");
        assert!(again.text_of("output").is_none() && opens(app, &first).await, "{}", again.text());
        let second = password_on(&reception.send(&again, &[("proof", ".other")]).await.unwrap());
        assert!(second != first && opens(app, &second).await && !opens(app, &first).await);

        let done = "SELECT COUNT(*) FROM patron_views WHERE what = 'password_handed_out' AND detail IN ('driving-licence', '.other')";
        assert_eq!(app.database.count(done).await, 2);
        let told = "SELECT COUNT(*) FROM events WHERE kind = 'password_handed_out' AND actor = 'staff'";
        assert_eq!(app.database.count(told).await, 2);
        let sato = app.sato().await;
        let deeds = sato.open_staff("record/deeds").await.unwrap().text_of("tbody").unwrap();
        assert!(deeds.contains("窓口で初期パスワードを渡した・運転免許証・運転経歴証明書で本人を確認"), "{deeds}");
    }

    async fn whoever_collected_none_online_collects_the_counters_and_online_there_is_none_left(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let sato = app.sato().await;
        let record = sato.open_staff(&format!("patrons/{}", patron(app).await)).await.unwrap();
        let desk = sato.browser.click(&record, "窓口で初期パスワードを渡す").await.unwrap();
        let password = password_on(&sato.send(&desk, &LICENCE).await.unwrap());
        assert!(opens(app, &password).await);
        // Whoever was signed in is so no longer.
        pages::is_at(&hanako.applicant.open("status").await.unwrap(), "/sign-in");
        let (reader, status) = app.reader("himeji", &hanako.person, &hanako.reference).await;
        let page = reader.open("password").await.unwrap();
        assert!(page.text().contains("もう表示できません"), "{}", page.text());
        assert!(status.text().contains("窓口で初期パスワードを渡しました"), "{}", status.text());
    }

    async fn a_password_from_the_counter_ends_the_choice_that_the_one_before_opened(app: &TestApp) {
        app.issued_to_hanako().await;
        let sato = app.sato().await;
        let handed_out = async || {
            let desk = desk(app, &sato).await;
            password_on(&sato.send(&desk, &LICENCE).await.unwrap())
        };
        let stolen = handed_out().await;
        let thief = app.journey("himeji");
        let door = thief.open("sign-in/password").await.unwrap();
        let choice = thief.send(&door, &[("number", NUMBER), ("password", &stolen)]).await.unwrap();
        pages::is_at(&choice, "/sign-in/new-password");
        let new = handed_out().await;
        let own = "盗人の 選んだ 言葉";
        let chosen = thief.send(&choice, &[("password", own), ("again", own)]).await.unwrap();
        pages::is_at(&chosen, "/sign-in/password");
        assert!(opens(app, &new).await && !opens(app, own).await);
    }

    async fn only_the_counter_hands_out_and_not_to_ones_own_people(app: &TestApp) {
        app.issued_to_hanako().await;
        let url = format!("patrons/{}", patron(app).await);
        app.hire_as("himeji", "ueda", "上田", vec![RoleGrant::everywhere(Role::Reviewer)]).await;
        let ueda = app.staff("himeji", "ueda").await;
        assert!(!ueda.open_staff(&url).await.unwrap().text().contains("初期パスワードを渡す"));
        pages::refuses(&desk(app, &ueda).await, 403, "このページは見られません");
        let roles = vec![RoleGrant { role: Role::Reception, branch: Some("aboshi".parse().unwrap()) }];
        app.hire_as("himeji", "aboshi", "網干 受子", roles).await;
        let elsewhere = app.staff("himeji", "aboshi").await;
        assert_eq!(desk(app, &elsewhere).await.status, 404, "the patron of another branch");

        let sato = app.sato().await;
        let before = desk(app, &sato).await;
        let relations = sato.open_staff("relations").await.unwrap();
        sato.send(&relations, &[("card", NUMBER)]).await.unwrap();
        assert!(!sato.open_staff(&url).await.unwrap().text().contains("初期パスワードを渡す"));
        let refused = sato.send(&before, &LICENCE).await.unwrap();
        pages::refuses(&refused, 409, "ほかの職員にお願いしてください");
        assert!(refused.text_of("output").is_none(), "{}", refused.text());
        assert_eq!(hash(app).await, "", "nothing was made");
    }

    async fn a_stopped_card_and_a_block_are_no_time_for_a_password(app: &TestApp) {
        app.issued_to_hanako().await;
        let sato = app.sato().await;
        let open = desk(app, &sato).await;
        let record = sato.open_staff(&format!("patrons/{}", patron(app).await)).await.unwrap();
        sato.send(&record, &[("block", "ask-at-counter")]).await.unwrap();
        pages::refuses(&sato.send(&open, &LICENCE).await.unwrap(), 409, "いまは渡せません");
        let record = sato.open_staff(&format!("patrons/{}", patron(app).await)).await.unwrap();
        sato.press(&record, "解除する").await.unwrap();
        sato.press(&record, "カードを止める").await.unwrap();
        pages::refuses(&sato.send(&open, &LICENCE).await.unwrap(), 409, "いまは渡せません");
        pages::refuses(&desk(app, &sato).await, 409, "いまは渡せません");
        assert_eq!(hash(app).await, "", "nothing was made");
        app.deliver_mail().await;
    }
}
