//! Passkeys: added by whoever is signed in, shown instead of a password, removed again.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once, location};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use time::Duration;
use todoke::demo::browser::{Form, Page};
use todoke::demo::journey::Journey;
use todoke::sha256::sha256;

const REFUSED: &str = "このパスキーではサインインできません";

/// A device that holds one passkey, and recognises whoever holds it.
struct Authenticator {
    key: EcdsaKeyPair,
    origin: String,
    user: String,
}

impl Authenticator {
    fn new(app: &TestApp) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self { key, origin: app.portal().base_url.clone(), user: String::new() }
    }

    fn client_data(&self, kind: &str, page: &Page) -> Vec<u8> {
        let challenge = attribute(page, "data-challenge");
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{}","crossOrigin":false}}"#, self.origin)
            .into_bytes()
    }

    fn data(&self, count: u32, credential: Option<&[u8]>) -> Vec<u8> {
        let host = self.origin.split("://").nth(1).unwrap().split(':').next().unwrap();
        let mut data = sha256(host.as_bytes()).to_vec();
        data.push(if credential.is_some() { 0x45 } else { 0x05 });
        data.extend(count.to_be_bytes());
        if let Some(id) = credential {
            data.extend([0; 16]);
            data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
            data.extend(id);
        }
        data
    }

    /// What the script puts into the form after the passkey was made.
    fn make(&mut self, page: &Page) -> Form {
        self.user = attribute(page, "data-user");
        let public: PublicKeyX509Der<'_> = self.key.public_key().as_der().unwrap();
        let fields = [
            ("credential", BASE64URL_NOPAD.encode(b"one")),
            ("client", BASE64URL_NOPAD.encode(&self.client_data("webauthn.create", page))),
            ("authenticator", BASE64URL_NOPAD.encode(&self.data(0, Some(b"one")))),
            ("key", BASE64URL_NOPAD.encode(public.as_ref())),
            ("algorithm", "-7".to_owned()),
        ];
        filled(page, &fields)
    }

    /// What it puts in when the passkey is shown.
    fn show(&self, page: &Page, count: u32) -> Form {
        let (client, data) = (self.client_data("webauthn.get", page), self.data(count, None));
        let signed = [data.as_slice(), &sha256(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let fields = [
            ("credential", BASE64URL_NOPAD.encode(b"one")),
            ("user", self.user.clone()),
            ("client", BASE64URL_NOPAD.encode(&client)),
            ("authenticator", BASE64URL_NOPAD.encode(&data)),
            ("signature", BASE64URL_NOPAD.encode(signature.as_ref())),
        ];
        filled(page, &fields)
    }
}

fn filled(page: &Page, fields: &[(&str, String)]) -> Form {
    let form = page.form("nonce").unwrap();
    fields.iter().fold(form, |form, (name, value)| form.fill(name, value).unwrap())
}

fn attribute(page: &Page, name: &str) -> String {
    let html = page.html();
    let (_, rest) = html.split_once(&format!("{name}=\"")).expect(name);
    rest.split('"').next().unwrap().to_owned()
}

/// A patron with a passkey.
async fn with_passkey(app: &TestApp) -> (Journey, Authenticator) {
    let submitted = app.issued_to_hanako().await;
    let (patron, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
    let page = patron.open("account/passkeys").await.unwrap();
    let mut authenticator = Authenticator::new(app);
    let added = patron.browser.submit(&authenticator.make(&page)).await.unwrap();
    pages::is_at(&added, "/account/passkeys");
    assert!(added.text().contains("に追加"), "{}", added.text());
    app.deliver_mail().await;
    (patron, authenticator)
}

stories! {
    async fn a_passkey_signs_in_without_a_password(app: &TestApp) {
        let (patron, authenticator) = with_passkey(app).await;
        let told = app.letters_to("hanako@example.jp");
        assert!(told.iter().any(|letter| letter.subject.ends_with("パスキーを追加しました")));
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        let status = visitor.browser.submit(&authenticator.show(&door, 1)).await.unwrap();
        pages::is_at(&status, "/card");
        assert!(status.text().contains("3000 0001 4"), "{}", status.text());
        app.deliver_mail().await;
        assert!(app.letters_to("hanako@example.jp").last().unwrap().subject.contains("新しい端末"));

        let list = patron.open("account/passkeys").await.unwrap();
        assert!(list.text().contains("最後に使ったのは"), "{}", list.text());
        let empty = patron.press(&list, "消す").await.unwrap();
        assert!(empty.text().contains("まだありません"), "{}", empty.text());
        let door = visitor.open("sign-in/password").await.unwrap();
        let gone = visitor.browser.submit(&authenticator.show(&door, 2)).await.unwrap();
        pages::is_rejected(&gone, "number", REFUSED);
    }

    async fn what_was_shown_once_opens_nothing_again(app: &TestApp) {
        let (_, authenticator) = with_passkey(app).await;
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        let form = authenticator.show(&door, 0);
        let noted = Sending::form(&form, &visitor.browser);
        pages::is_at(&visitor.browser.submit(&form).await.unwrap(), "/card");
        let sessions = app.database.count("SELECT COUNT(*) FROM sessions").await;
        let again = noted.clone().send().await;
        assert!(again.status == 303 && again.headers.get("set-cookie").is_none(), "{}", again.status);
        // Nor under another key of the form: the challenge itself is used up.
        let other = noted.without("idem").field("idem", "abcdefghijklmnopqrst-_").send().await;
        assert!(other.headers.get("set-cookie").is_none(), "{} {:?}", other.status, location(&other));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM sessions").await, sessions);
        app.deliver_mail().await;
    }

    async fn a_challenge_is_one_browsers_and_ends(app: &TestApp) {
        let (_, authenticator) = with_passkey(app).await;
        let (one, two) = (app.journey("himeji"), app.journey("himeji"));
        let (of_one, of_two) = (one.open("sign-in/password").await.unwrap(), two.open("sign-in/password").await.unwrap());
        let shown = authenticator.show(&of_one, 1);
        let foreign = ["nonce", "client", "authenticator", "signature"]
            .into_iter()
            .fold(authenticator.show(&of_two, 1), |form, name| form.forge(name, shown.value(name).unwrap()));
        pages::is_rejected(&two.browser.submit(&foreign).await.unwrap(), "number", REFUSED);
        app.advance(Duration::minutes(10));
        pages::is_rejected(&one.browser.submit(&shown).await.unwrap(), "number", "時間がたちました");
    }

    async fn after_a_passkey_that_opens_nothing_the_password_still_does(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let desk = reader.open("password").await.unwrap();
        let shown = reader.send(&desk, &[("code", &submitted.collection_code)]).await.unwrap();
        let initial = shown.text_of("output").unwrap();
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        let again = visitor.browser.submit(&Authenticator::new(app).show(&door, 1)).await.unwrap();
        pages::is_rejected(&again, "number", REFUSED);
        let choice = visitor.send(&again, &[("number", "3000-0001-4"), ("password", &initial)]).await.unwrap();
        pages::is_at(&choice, "/sign-in/new-password");
    }

    async fn a_browser_that_was_left_open_adds_none(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (patron, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let page = patron.open("account/passkeys").await.unwrap();
        let noted = Authenticator::new(app).make(&page);
        app.advance(Duration::minutes(9));
        patron.open("status").await.unwrap();
        app.advance(Duration::minutes(6));
        let late = patron.open("account/passkeys").await.unwrap();
        assert!(late.form("nonce").is_err() && late.text().contains("サインインし直して"), "{}", late.text());
        assert_eq!(patron.browser.submit(&noted).await.unwrap().status, 422);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM passkeys").await, 0);
    }

    async fn the_counters_password_removes_them(app: &TestApp) {
        let (patron, authenticator) = with_passkey(app).await;
        let sato = app.sato().await;
        let desk = crate::counter_password::desk(app, &sato).await;
        sato.send(&desk, &[("proof", "driving-licence")]).await.unwrap();
        pages::is_at(&patron.open("status").await.unwrap(), "/sign-in");
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        pages::is_rejected(&visitor.browser.submit(&authenticator.show(&door, 1)).await.unwrap(), "number", REFUSED);
    }

    async fn none_is_added_beside_what_ends_every_way_in(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (patron, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
        let sato = app.sato().await;
        for _ in 0..4 {
            let (patron, _) = app.reader("himeji", &submitted.person, &submitted.reference).await;
            let page = patron.open("account/passkeys").await.unwrap();
            let adding = Sending::form(&Authenticator::new(app).make(&page), &patron.browser);
            let desk = crate::counter_password::desk(app, &sato).await;
            let form = desk.form("proof").unwrap().fill("proof", "driving-licence").unwrap();
            let answers = all_at_once(vec![adding, Sending::form(&form, &sato.browser)]).await;
            assert_eq!(answers[1].status, 200, "{}", answers[1].text());
            assert_eq!(app.database.count("SELECT COUNT(*) FROM passkeys").await, 0, "{}", answers[0].status);
        }
        pages::is_at(&patron.open("status").await.unwrap(), "/sign-in");
        app.deliver_mail().await;
    }

    async fn nobody_signs_in_under_anothers_name_or_with_a_copy(app: &TestApp) {
        let (_, authenticator) = with_passkey(app).await;
        let visitor = app.journey("himeji");
        let door = visitor.open("sign-in/password").await.unwrap();
        pages::is_at(&visitor.browser.submit(&authenticator.show(&door, 5)).await.unwrap(), "/card");
        for (user, count) in [(authenticator.user.clone(), 5), (authenticator.user.clone(), 4), (String::new(), 6), ("AAAA".into(), 6)] {
            let stranger = app.journey("himeji");
            let door = stranger.open("sign-in/password").await.unwrap();
            let form = authenticator.show(&door, count).forge("user", &user);
            pages::is_rejected(&stranger.browser.submit(&form).await.unwrap(), "number", REFUSED);
            pages::is_at(&stranger.open("status").await.unwrap(), "/sign-in");
        }
        app.deliver_mail().await;
    }

    async fn a_name_is_taken_once_and_only_patrons_have_any(app: &TestApp) {
        let (patron, _) = with_passkey(app).await;
        let page = patron.open("account/passkeys").await.unwrap();
        let twin = patron.browser.submit(&Authenticator::new(app).make(&page)).await.unwrap();
        assert_eq!(twin.status, 422, "{}", twin.text());
        assert!(twin.text().contains("追加できませんでした"), "{}", twin.text());
        let taro = app.submitted("himeji", &pages::taro()).await;
        pages::is_at(&taro.applicant.open("account/passkeys").await.unwrap(), "/status");
        app.deliver_mail().await;
    }
}
