//! A portal of one story's own: the production composition on loopback, with test cards,
//! a mailbox and a clock that the story moves.

use super::database::TestDatabase;
use super::pages;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use todoke::clock::Clock;
use todoke::demo::authority::TestAuthority;
use todoke::demo::browser::Page;
use todoke::demo::journey::{Journey, Person};
use todoke::demo::stage::{Doors, OpenStage, Stage};
use todoke::demo::{STAFF_LOGIN, STAFF_PASSWORD, STAFF_TOTP_SECRET};
use todoke::domain::answers::DraftAnswers;
use todoke::domain::application::Application;
use todoke::domain::ids::MailId;
use todoke::domain::language::Language;
use todoke::domain::library::Library;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::gateway::mail::Letter;
use todoke::http::limits::Rate;
use todoke::server::StartError;
use todoke::service::Portal;
use todoke::service::courier::Round;
use todoke::service::staff::current_code;
use todoke::store::{applications, drafts, outbox};

/// When every story begins: a Friday morning, ten o'clock in Japan.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);

/// A portal in the middle of a story.
pub(crate) struct TestApp {
    /// Portal and simulated app, serving.
    pub(crate) stage: OpenStage,
    /// The database, to look at past the store.
    pub(crate) database: TestDatabase,
    clock: Clock,
}

/// An application that has arrived in the queue, and who sent it.
pub(crate) struct Submitted {
    /// The browser that signed.
    pub(crate) applicant: Journey,
    /// Who.
    pub(crate) person: Person,
    /// The application's number.
    pub(crate) reference: String,
    /// What the "done" page prints for the initial password.
    pub(crate) collection_code: String,
}

impl TestApp {
    /// Opens a portal over `database`, after `set` has changed what the story wants otherwise.
    pub(crate) async fn start(database: TestDatabase, set: fn(&mut Stage)) -> Self {
        let clock = Clock::fixed(NOW);
        let doors = Doors::open(0).unwrap();
        let mut stage = Stage::set(doors, clock.clone(), authority(), database.db.clone()).await.unwrap();
        // Everybody in these stories comes from one address; the limits have tests of their own.
        let plenty = NonZeroU32::new(10_000).unwrap();
        let plenty = Rate { burst: plenty, per_minute: plenty };
        stage.facing.limits.posts = plenty;
        stage.facing.limits.sign_ins_per_account = plenty;
        stage.facing.limits.sign_ins_per_network = plenty;
        stage.facing.limits.patron_sign_ins = plenty;
        stage.facing.limits.typed_codes = plenty;
        stage.facing.limits.verifications = plenty;
        set(&mut stage);
        Self { stage: stage.open().unwrap(), database, clock }
    }

    /// Ends the story. A mail that still waits is one that the story forgot.
    pub(crate) async fn close(self) {
        let waiting = self.count_waiting_mail().await;
        self.stage.stop(false).await;
        assert_eq!(waiting, 0, "mails wait undelivered at the end of the story");
        self.database.delete().await;
    }

    /// The portal behind the pages.
    pub(crate) fn portal(&self) -> &Portal {
        &self.stage.portal
    }

    /// Moves everybody's clock.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The present of this story.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A fresh browser before a library's pages.
    pub(crate) fn journey(&self, slug: &str) -> Journey {
        Journey::new(&self.portal().base_url, slug, &self.stage.mailbox).unwrap()
    }

    /// Hands over what is due.
    pub(crate) async fn deliver_mail(&self) -> Round {
        self.portal().deliver_mail().await.unwrap()
    }

    /// Queues a mail about no application.
    pub(crate) async fn queue(&self, address: &str) {
        let mail = QueuedMail {
            id: MailId::new(self.now()),
            library_id: self.library("himeji").await.id,
            application_id: None,
            recipient: address.parse().unwrap(),
            language: Language::Ja,
            content: MailContent::CardStopped,
            queued_at: self.now(),
            attempts: 0,
        };
        let mut tx = self.database.db.begin().await.unwrap();
        outbox::insert(&mut tx, &mail, None).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// How many mails wait.
    pub(crate) async fn count_waiting_mail(&self) -> u64 {
        outbox::count_waiting(&mut self.database.db.read().await.unwrap()).await.unwrap()
    }

    /// The letters to one address, oldest first.
    pub(crate) fn letters_to(&self, address: &str) -> Vec<Letter> {
        self.stage.mailbox.letters().into_iter().filter(|letter| letter.to.to_string() == address).collect()
    }

    /// A library as the portal knows it.
    pub(crate) async fn library(&self, slug: &str) -> Arc<Library> {
        self.portal().library(slug).await.unwrap()
    }

    /// An application as it is stored.
    pub(crate) async fn application(&self, slug: &str, reference: &str) -> Application {
        let library = self.library(slug).await;
        let mut tx = self.database.db.read().await.unwrap();
        let reference = reference.parse().unwrap();
        applications::find_by_reference(&mut tx, library.id, &reference).await.unwrap().expect("an application")
    }

    /// The word for where an application stands.
    pub(crate) async fn state(&self, slug: &str, reference: &str) -> &'static str {
        self.application(slug, reference).await.state.name()
    }

    /// The one draft of a confirmed address, and its answers.
    pub(crate) async fn draft_of(&self, slug: &str, email: &str) -> (Application, DraftAnswers) {
        let library = self.library(slug).await;
        let mut tx = self.database.db.read().await.unwrap();
        let mut found = applications::list_drafts_by_email(&mut tx, library.id, &email.parse().unwrap()).await.unwrap();
        assert_eq!(found.len(), 1, "drafts of {email}");
        let draft = found.remove(0);
        let answers = drafts::find(&mut tx, draft.id).await.unwrap();
        (draft, answers)
    }

    /// Whether anybody has confirmed an address.
    pub(crate) async fn draft_is_confirmed(&self) -> bool {
        self.database.count("SELECT COUNT(*) FROM events WHERE kind = 'email_confirmed'").await > 0
    }

    /// A fingerprint of everything that an applicant's request could write.
    pub(crate) async fn written(&self) -> Vec<i64> {
        const COUNTS: [&str; 8] = [
            "SELECT COUNT(*) FROM applications",
            "SELECT CAST(COALESCE(SUM(row_version), 0) AS BIGINT) FROM applications",
            // What somebody looked at is recorded, and changes nothing else.
            "SELECT COUNT(*) FROM events WHERE kind NOT IN ('viewed', 'evidence_taken', 'notice_downloaded')",
            "SELECT COUNT(*) FROM outbox",
            "SELECT COUNT(*) FROM email_codes",
            "SELECT COUNT(*) FROM versions",
            "SELECT COUNT(*) FROM decisions",
            "SELECT COUNT(*) FROM credentials WHERE state = 'shown'",
        ];
        let mut written = Vec::new();
        for count in COUNTS {
            written.push(self.database.count(count).await);
        }
        written
    }

    /// Gives a colleague the same password and second factor as everybody's.
    pub(crate) async fn hire(&self, slug: &str, login: &str, name: &str) {
        self.hire_as(slug, login, name, vec![RoleGrant::everywhere(Role::Supervisor)]).await;
    }

    /// The same with other roles.
    pub(crate) async fn hire_as(&self, slug: &str, login: &str, name: &str, roles: Vec<RoleGrant>) {
        let library = self.library(slug).await;
        self.portal().add_demo_staff(&library, login, name, roles, STAFF_PASSWORD, STAFF_TOTP_SECRET).await.unwrap();
    }

    /// The second factor's code at this moment.
    pub(crate) fn staff_code(&self) -> String {
        current_code(STAFF_TOTP_SECRET, self.now()).unwrap()
    }

    /// A member of staff who has just signed in. A code works once, so half a minute passes before.
    pub(crate) async fn staff(&self, slug: &str, login: &str) -> Journey {
        self.advance(Duration::seconds(30));
        let staff = self.journey(slug);
        let queue = staff.sign_in_staff(login, STAFF_PASSWORD, &self.staff_code()).await.unwrap();
        assert!(queue.url.path().ends_with("/staff/queue"), "{}", queue.text());
        staff
    }

    /// The member of staff that each library begins with.
    pub(crate) async fn sato(&self) -> Journey {
        self.staff("himeji", STAFF_LOGIN).await
    }

    /// Everything answered, nothing agreed to: the page that shows all answers.
    pub(crate) async fn answered(&self, slug: &str, person: &Person) -> (Journey, Page) {
        let applicant = self.journey(slug);
        let check = applicant.fill_in(person, async || self.handed_over().await).await.unwrap();
        pages::is_at(&check, "/apply/check");
        (applicant, check)
    }

    /// Everything agreed to: the page that leads to the signing app.
    pub(crate) async fn frozen(&self, slug: &str, person: &Person) -> (Journey, Page) {
        let (applicant, check) = self.answered(slug, person).await;
        let sign = applicant.agree(&check).await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        (applicant, sign)
    }

    /// An application signed with the card that belongs to `person`, its receipt mailed.
    pub(crate) async fn submitted(&self, slug: &str, person: &Person) -> Submitted {
        let (applicant, sign) = self.frozen(slug, person).await;
        let done = applicant.sign_with(&sign, pages::card_of(person)).await.unwrap();
        self.deliver_mail().await;
        Submitted::on(applicant, person, &done)
    }

    /// An application of 姫路 花子 at Himeji, in the queue.
    pub(crate) async fn submitted_by_hanako(&self) -> Submitted {
        self.submitted("himeji", &Person::hanako()).await
    }

    /// A card issued to 姫路 花子, the mail about it handed over.
    pub(crate) async fn issued_to_hanako(&self) -> Submitted {
        let submitted = self.submitted_by_hanako().await;
        let staff = self.sato().await;
        let decided = staff.decide(&submitted.reference, "approve", "").await.unwrap();
        assert!(decided.text().contains("承認し、カードを発行しました"), "{}", decided.text());
        self.deliver_mail().await;
        submitted
    }

    /// The applicant at another browser, signed in by reference, birth date and code: the status page.
    pub(crate) async fn reader(&self, slug: &str, person: &Person, reference: &str) -> (Journey, Page) {
        // A code for this address may just have been sent.
        self.advance(Duration::seconds(61));
        let reader = self.journey(slug);
        let status = reader.sign_in(person, reference, async || self.handed_over().await).await.unwrap();
        pages::is_at(&status, "/status");
        (reader, status)
    }

    pub(crate) async fn handed_over(&self) -> Result<(), StartError> {
        self.deliver_mail().await;
        Ok(())
    }
}

impl Submitted {
    /// Reads reference and collection code off the "done" page.
    pub(crate) fn on(applicant: Journey, person: &Person, done: &Page) -> Self {
        pages::is_at(done, "/apply/done");
        let read = |selector| done.text_of(selector).expect("the done page shows it");
        let (reference, collection_code) = (read(".lc-panel .lc-big"), read(".lc-secret .lc-big"));
        Self { applicant, person: person.clone(), reference, collection_code }
    }
}

/// One authority for all stories: making its keys takes longer than telling a story.
fn authority() -> Arc<TestAuthority> {
    static AUTHORITY: OnceLock<Arc<TestAuthority>> = OnceLock::new();
    Arc::clone(AUTHORITY.get_or_init(|| Arc::new(TestAuthority::generate(NOW).unwrap())))
}

/// The stage as it is set for everybody.
pub(crate) fn as_it_is(_: &mut Stage) {}

/// Makes two tests of each story: one on SQLite, one on PostgreSQL.
macro_rules! stories {
    ($($(#[stage($set:path)])? async fn $name:ident($app:ident: &TestApp) $body:block)+) => {$(
        mod $name {
            use super::*;
            use $crate::support::database::TestDatabase;

            async fn story($app: &TestApp) $body

            async fn tell(database: TestDatabase) {
                let sets = [$crate::support::app::as_it_is as fn(&mut todoke::demo::stage::Stage), $($set)?];
                let app = TestApp::start(database, sets[sets.len() - 1]).await;
                story(&app).await;
                app.close().await;
            }

            #[actix_web::test]
            async fn on_sqlite() {
                tell(TestDatabase::sqlite().await).await;
            }

            #[actix_web::test]
            async fn on_postgres() {
                if let Some(database) = TestDatabase::postgres().await {
                    tell(database).await;
                }
            }
        }
    )+};
}
pub(crate) use stories;
