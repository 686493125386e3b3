//! The courier before a mail server that others wrote: `tests/smtp`, run by Node.

use crate::support::database::both_engines;
use crate::support::mail_server::{MailServer, Manner, PASSWORD};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use todoke::clock::Clock;
use todoke::demo::authority::TestAuthority;
use todoke::demo::stage::{Doors, Stage};
use todoke::domain::ids::MailId;
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::gateway::mail::{MailSettings, Mailer};
use todoke::service::Portal;
use todoke::service::courier::Round;
use todoke::service::mail_care::MailCare;
use todoke::store::{Db, dead_addresses, outbox};

const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
const RETURNS: &str = "[mail]\nfolder = \"/nowhere\"\nbounces = { address = \"bounce@card.example.jp\" }";

/// A portal without its pages that hands its mail to `mailer`.
async fn portal(db: &Db, mailer: Mailer) -> (Portal, Clock) {
    static AUTHORITY: OnceLock<Arc<TestAuthority>> = OnceLock::new();
    let authority = AUTHORITY.get_or_init(|| Arc::new(TestAuthority::generate(NOW).unwrap()));
    let clock = Clock::fixed(NOW);
    let doors = Doors::open(0).unwrap();
    let stage = Stage::set(doors, clock.clone(), Arc::clone(authority), db.clone()).await.unwrap();
    let settings: toml::Table = toml::from_str(RETURNS).unwrap();
    let settings: MailSettings = settings["mail"].clone().try_into().unwrap();
    (Portal { mailer, mail_care: MailCare::new(&settings), ..stage.portal }, clock)
}

/// Queues mails to these people, oldest first.
async fn queue(portal: &Portal, names: &[&str]) -> BTreeSet<String> {
    let readers: Vec<_> = names.iter().map(|name| (*name, Language::Ja)).collect();
    queue_in(portal, &readers).await
}

/// The same to people who read in several languages.
async fn queue_in(portal: &Portal, readers: &[(&str, Language)]) -> BTreeSet<String> {
    let library = portal.library("himeji").await.unwrap();
    let mut tx = portal.db.begin().await.unwrap();
    let mut ids = BTreeSet::new();
    for (name, language) in readers.iter().copied() {
        let mail = QueuedMail {
            id: MailId::new(NOW),
            library_id: library.id,
            application_id: None,
            recipient: format!("{name}@example.jp").parse().unwrap(),
            language,
            content: MailContent::CardStopped,
            queued_at: NOW,
            attempts: 0,
        };
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        ids.insert(format!("<{}@[127.0.0.1]>", mail.id));
    }
    tx.commit().await.unwrap();
    ids
}

/// The text of a letter: as it is read if it travels in base64; mostly ASCII, it travels so that people could read it.
fn plain_part(message: &str) -> String {
    let (_, part) = message.split_once("Content-Type: text/plain; charset=utf-8\r\n").unwrap();
    let (head, body) = part.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--todoke").next().unwrap();
    if head.contains("Content-Transfer-Encoding: quoted-printable") {
        return body.replace("=\r\n", "").replace("\r\n", "\n");
    }
    if head.contains("Content-Transfer-Encoding: 7bit") {
        return body.replace("\r\n", "\n");
    }
    let body = data_encoding::BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap();
    String::from_utf8(body).unwrap().replace("\r\n", "\n")
}

fn sent(number: u32) -> Round {
    Round { sent: number, ..Round::default() }
}

fn certificate(key: &PKey<Private>, name: &str, issuer: Option<(&X509, &PKey<Private>)>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&subject, |(issuer, _)| issuer.subject_name())).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    match issuer {
        None => {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
            builder.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
        }
        Some((issuer, _)) => {
            let names = SubjectAlternativeName::new().dns(name).build(&builder.x509v3_context(Some(issuer), None));
            builder.append_extension(names.unwrap()).unwrap();
        }
    }
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A private authority's certificate, and key and certificate of a server called localhost; PEM.
fn tls() -> (String, (String, String)) {
    let new_key = || {
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap()
    };
    let (root_key, key) = (new_key(), new_key());
    let root = certificate(&root_key, "a root", None);
    let leaf = certificate(&key, "localhost", Some((&root, &root_key)));
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let own = (text(key.private_key_to_pem_pkcs8().unwrap()), text(leaf.to_pem().unwrap()));
    (text(root.to_pem().unwrap()), own)
}

both_engines! {
    async fn a_letter_arrives_as_text_and_html_from_an_address_of_its_own(database: &TestDatabase) {
        let server = MailServer::start(&Manner::default());
        let (portal, _) = portal(&database.db, server.mailer()).await;
        let ids = queue(&portal, &["hanako"]).await;
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(1));
        let taken = server.taken().pop().unwrap();
        assert!(ids.contains(&taken.message_id), "{}", taken.message_id);
        assert_eq!(taken.recipient, "hanako@example.jp");
        assert!(taken.sender.starts_with("bounce+") && taken.sender.ends_with("@card.example.jp"), "{}", taken.sender);
        for part in [
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Auto-Submitted: auto-generated",
            "Date: Fri, 20 Nov 2026 01:00:00 +0000",
        ] {
            assert!(taken.message.contains(part), "{part}: {}", taken.message);
        }
    }

    async fn a_letter_arrives_in_the_language_of_its_reader(database: &TestDatabase) {
        let server = MailServer::start(&Manner::default());
        let (portal, _) = portal(&database.db, server.mailer()).await;
        let [japanese, easy, english] = Language::ALL;
        queue_in(&portal, &[("taro", japanese), ("hanako", easy), ("emma", english)]).await;
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(3));
        for taken in server.taken() {
            let (language, body) = match taken.recipient.as_str() {
                "taro@example.jp" => ("ja", "図書館カードを止めました。\n"),
                "hanako@example.jp" => ("ja-simple", "図書館（としょかん）カードを 止めました（とめました）。\n"),
                _ => ("en", "Your library card has been stopped.\n"),
            };
            assert!(taken.message.contains(&format!("\r\nContent-Language: {language}\r\n")), "{}", taken.message);
            let text = plain_part(&taken.message);
            assert!(text.starts_with(body) && text.contains(&format!("/himeji/{language}/")), "{text}");
        }
    }

    async fn starttls_and_a_password_are_used_and_a_wrong_one_costs_no_mail(database: &TestDatabase) {
        let (root, own) = tls();
        let server = MailServer::start(&Manner { tls: Some(own), asks_who: true, ..Manner::default() });
        let root_file = std::env::temp_dir().join(format!("todoke-root-{}.pem", uuid::Uuid::new_v4()));
        std::fs::write(&root_file, root).unwrap();
        let with = |password: &str| {
            let root = root_file.display();
            server.mailer_with(&format!(
                "username = \"todoke\"\npassword = {{ value = \"{password}\" }}\nca_file = \"{root}\""
            ))
        };
        let (mut portal, clock) = portal(&database.db, with("wrong")).await;
        queue(&portal, &["hanako"]).await;
        assert_eq!(portal.deliver_mail().await.unwrap().postponed, 1, "a wrong password is no refusal of the mail");
        portal.mailer = server.mailer_with("username = \"todoke\"\npassword = { value = \"x\" }");
        clock.advance(Duration::minutes(5));
        assert_eq!(portal.deliver_mail().await.unwrap().postponed, 1, "nobody vouches for the server");
        portal.mailer = with(PASSWORD);
        clock.advance(Duration::minutes(5));
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(1));
        std::fs::remove_file(root_file).unwrap();
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        assert!(taken[0].is_secure);
        assert_eq!(taken[0].user.as_deref(), Some("todoke"));
    }

    async fn what_the_server_answers_decides_what_becomes_of_a_mail(database: &TestDatabase) {
        let server = MailServer::start(&Manner::default());
        let (portal, clock) = portal(&database.db, server.mailer()).await;
        let ids = queue(&portal, &["nobody", "refused", "later", "busy", "hanako", "foreign"]).await;
        assert_eq!(portal.deliver_mail().await.unwrap(), Round { sent: 1, postponed: 3, failed: 2 });
        clock.advance(Duration::minutes(5));
        let later = Round { sent: 2, postponed: 1, failed: 0 };
        assert_eq!(portal.deliver_mail().await.unwrap(), later, "what was refused for now");
        clock.advance(Duration::days(1));
        assert_eq!(portal.deliver_mail().await.unwrap().postponed, 1, "somebody lets us in again");
        let mut recipients: Vec<String> = server.taken().into_iter().map(|taken| taken.recipient).collect();
        recipients.sort();
        assert_eq!(recipients, ["busy@example.jp", "hanako@example.jp", "later@example.jp"]);
        assert!(server.taken().iter().all(|taken| ids.contains(&taken.message_id)));
        let library = portal.library("himeji").await.unwrap();
        let mut tx = portal.db.read().await.unwrap();
        for (name, is_dead) in [("nobody", true), ("refused", false), ("later", false), ("foreign", false)] {
            let email = format!("{name}@example.jp").parse().unwrap();
            assert_eq!(dead_addresses::contains(&mut tx, library.id, &email).await.unwrap(), is_dead, "{name}");
        }
    }

    async fn a_server_that_refuses_the_sender_says_nothing_of_anybody_s_address(database: &TestDatabase) {
        let mut server = MailServer::start(&Manner::default());
        let (portal, clock) = portal(&database.db, server.mailer()).await;
        queue(&portal, &["hanako"]).await;
        for refusal in [(550, "5.1.0 Sender address rejected"), (553, "5.7.1 not owned by user"), (550, "no such user")] {
            server.stop();
            server.start_again(&Manner { refuses_sender: Some(refusal), ..Manner::default() });
            assert_eq!(portal.deliver_mail().await.unwrap(), Round { postponed: 1, ..Round::default() }, "{refusal:?}");
            clock.advance(Duration::hours(6));
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM dead_addresses").await, 0);
        server.stop();
        server.start_again(&Manner::default());
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(1));
    }

    async fn an_answer_that_comes_too_late_costs_nobody_else_s_mail(database: &TestDatabase) {
        let server = MailServer::start(&Manner::default());
        let mailer = server.mailer_with("security = \"plain\"\ntimeout_seconds = 1");
        let (portal, clock) = portal(&database.db, mailer).await;
        for (late, refused) in [("slow", "nobody"), ("mute", "refused")] {
            queue(&portal, &[late]).await;
            assert_eq!(portal.deliver_mail().await.unwrap(), Round { postponed: 1, ..Round::default() }, "{late}");
            queue(&portal, &[refused]).await;
            let failed = Round { failed: 1, ..Round::default() };
            assert_eq!(portal.deliver_mail().await.unwrap(), failed, "{late}: a refusal is not taken for a success");
            queue(&portal, &["hanako"]).await;
            assert_eq!(portal.deliver_mail().await.unwrap(), sent(1), "{late}: nor the other way round");
        }
        clock.advance(Duration::minutes(5));
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(2), "in time at last");
        let mut recipients: Vec<String> = server.taken().into_iter().map(|taken| taken.recipient).collect();
        recipients.sort();
        let expected = ["hanako", "hanako", "mute", "slow"].map(|name| format!("{name}@example.jp"));
        assert_eq!(recipients, expected);
    }

    async fn a_mail_whose_answer_was_lost_comes_again_under_the_same_id(database: &TestDatabase) {
        let server = MailServer::start(&Manner::default());
        let (portal, clock) = portal(&database.db, server.mailer()).await;
        let ids = queue(&portal, &["cut"]).await;
        assert_eq!(portal.deliver_mail().await.unwrap().postponed, 1);
        clock.advance(Duration::minutes(5));
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(1));
        let taken = server.taken();
        assert_eq!(taken.len(), 2);
        assert!(taken.iter().all(|taken| ids.contains(&taken.message_id)));
        assert_eq!(taken[0].message, taken[1].message, "to the octet the same");
    }

    async fn a_server_that_dies_half_way_loses_and_doubles_nothing(database: &TestDatabase) {
        let mut server = MailServer::start(&Manner { dies_at: Some(40), ..Manner::default() });
        let (portal, clock) = portal(&database.db, server.mailer()).await;
        let names: Vec<String> = (0..100).map(|number| format!("person{number}")).collect();
        let ids = queue(&portal, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let first = portal.deliver_mail().await.unwrap();
        assert_eq!((first.sent, first.postponed, first.failed), (39, 61, 0));
        assert_eq!(server.taken().len(), 39, "the fortieth was not taken");
        server.start_again(&Manner::default());
        clock.advance(Duration::minutes(5));
        assert_eq!(portal.deliver_mail().await.unwrap(), sent(61));
        let taken: Vec<String> = server.taken().into_iter().map(|taken| taken.message_id).collect();
        assert_eq!(taken.len(), ids.len(), "none twice");
        assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), ids, "none lost");
    }
}
