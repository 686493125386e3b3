//! Several at once: each for itself, and one that fails stops none of the rest.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use todoke::demo::browser::{Form, Page};
use todoke::demo::journey::Person;

/// Applications that only differ in who sent them.
async fn three(app: &TestApp) -> Vec<Submitted> {
    vec![
        app.submitted("himeji", &as_certified(Person::hanako(), "本町６８番地")).await,
        app.submitted("himeji", &pages::taro()).await,
        app.submitted("himeji", &pages::takahashi()).await,
    ]
}

/// The person with the address as the certificate writes it.
fn as_certified(person: Person, line: &'static str) -> Person {
    let [postcode, prefecture, municipality, _] = person.address;
    Person { address: [postcode, prefecture, municipality, line], ..person }
}

/// The form of the batch, with the boxes ticked: they stand outside of it.
fn ticked(page: &Page, values: &[String]) -> Form {
    let mut form = page.form("csrf").unwrap();
    let batch = page.html();
    assert!(batch.contains("id=\"batch\""), "there is something to choose from");
    form.action.set_query(None);
    form.fields.retain(|(name, _)| name == "csrf" || name == "idem");
    form.fields.extend(values.iter().map(|value| ("application".to_owned(), value.clone())));
    form
}

/// What the boxes of a page would send.
fn boxes(page: &Page) -> Vec<String> {
    let html = page.html();
    html.split("name=\"application\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn at(mut form: Form, path: &str) -> Form {
    let base = form.action.path().split("/staff/").next().unwrap().to_owned();
    form.action.set_path(&format!("{base}/staff/{path}"));
    form
}

stories! {
    async fn several_are_claimed_and_approved_and_each_outcome_is_told(app: &TestApp) {
        let submitted = three(app).await;
        let sato = app.sato().await;
        let queue = sato.open_staff("queue").await.unwrap();
        let all = boxes(&queue);
        assert_eq!(all.len(), 3, "{all:?}");
        let claims = at(ticked(&queue, &all), "queue/claims");
        let outcome = sato.browser.submit(&claims).await.unwrap();
        assert!(outcome.text().contains("できたもの 3件"), "{}", outcome.text());
        // Sent again, nothing happens again.
        let again = sato.browser.submit(&claims).await.unwrap();
        assert!(again.text().contains("すでに終わっています"), "{}", again.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM events WHERE kind = 'claimed'").await, 3);

        let mine = sato.open_staff("queue?tab=mine").await.unwrap();
        let all = boxes(&mine);
        let confirmation = sato.browser.submit(&at(ticked(&mine, &all), "queue/approvals/confirm")).await.unwrap();
        // 髙橋 is spelled otherwise in the certificate: that one is looked at by itself.
        let text = confirmation.text();
        assert!(text.contains("3件のうち、2件を承認します") && text.contains("ひらいて確かめてください"), "{text}");
        // One of the two is taken back in between.
        let withdraw = submitted[1].applicant.open("status/withdraw").await.unwrap();
        let form = withdraw.form("申込みを取り下げる").unwrap();
        let form = form.clone().fill("code", &submitted[1].collection_code).unwrap_or(form);
        submitted[1].applicant.browser.submit(&form).await.unwrap();
        let approvals = confirmation.form("application").unwrap();
        let outcome = sato.browser.submit(&approvals).await.unwrap();
        let text = outcome.text();
        assert!(text.contains("できたもの 1件") && text.contains("できなかったもの 1件"), "{text}");
        assert_eq!(app.state("himeji", &submitted[0].reference).await, "issued");
        assert_eq!(app.state("himeji", &submitted[1].reference).await, "withdrawn");
        assert_eq!(app.state("himeji", &submitted[2].reference).await, "under_review");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1);
        let again = sato.browser.submit(&approvals).await.unwrap();
        assert!(again.text().contains("すでに終わっています"), "{}", again.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 1);
        app.deliver_mail().await;
    }

    async fn nothing_chosen_leads_back(app: &TestApp) {
        app.submitted("himeji", &Person::hanako()).await;
        let sato = app.sato().await;
        let queue = sato.open_staff("queue").await.unwrap();
        let back = sato.browser.submit(&at(ticked(&queue, &[]), "queue/claims")).await.unwrap();
        pages::refuses(&back, 422, "申込みを選んでください");
    }

    async fn what_is_not_green_is_not_approved_among_others_whatever_is_sent(app: &TestApp) {
        let takahashi = app.submitted("himeji", &pages::takahashi()).await;
        let sato = app.sato().await;
        crate::review::claimed(&sato, &takahashi).await;
        let mine = sato.open_staff("queue?tab=mine").await.unwrap();
        let forged = at(ticked(&mine, &boxes(&mine)), "queue/approvals");
        let outcome = sato.browser.submit(&forged).await.unwrap();
        assert!(outcome.text().contains("できたもの 0件"), "{}", outcome.text());
        assert_eq!(app.state("himeji", &takahashi.reference).await, "under_review");
    }

    async fn what_somebody_has_to_look_at_is_not_approved_among_others(app: &TestApp) {
        let person = as_certified(Person::hanako(), "本町６８番地");
        let hanako = app.submitted("himeji", &person).await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        app.hire("himeji", "imai", "今井").await;
        let sato = app.sato().await;
        crate::review::claimed(&sato, &hanako).await;
        let file = crate::review::claimed(&sato, &taro).await;
        let asking = file.form("question").unwrap();
        let imai = asking.choices("colleague").into_iter().find(|id| !id.is_empty()).unwrap();
        let asking = asking.fill("colleague", &imai).unwrap().fill("question", "どう思いますか").unwrap();
        sato.browser.submit(&asking).await.unwrap();
        let (reader, _) = app.reader("himeji", &person, &hanako.reference).await;
        let sent = reader.answer("status/messages", &[("text", "住所が変わりました。")]).await.unwrap();
        assert!(sent.status < 400, "{}", sent.text());
        let approve_all = async || {
            let mine = sato.open_staff("queue?tab=mine").await.unwrap();
            let chosen = at(ticked(&mine, &boxes(&mine)), "queue/approvals");
            sato.browser.submit(&chosen).await.unwrap()
        };
        assert!(approve_all().await.text().contains("できたもの 0件"));
        let mine = sato.open_staff("queue?tab=mine").await.unwrap();
        let confirmation = at(ticked(&mine, &boxes(&mine)), "queue/approvals/confirm");
        let words = sato.browser.submit(&confirmation).await.unwrap();
        assert!(words.text().contains("人が見るものがあります"), "{}", words.text());
        // Read and answered, both are as green as any.
        sato.open_staff(&format!("applications/{}/messages", hanako.reference)).await.unwrap();
        app.database.execute("DELETE FROM opinions").await.unwrap();
        let outcome = approve_all().await;
        assert!(outcome.text().contains("できたもの 2件"), "{}", outcome.text());
        app.deliver_mail().await;
    }
}
