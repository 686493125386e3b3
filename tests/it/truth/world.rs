//! A portal without its pages, people who use it, and a clock that moves when told: fast enough for thousands of
//! applications.

use crate::support::database::TestDatabase;
use actix_web::dev::ServerHandle;
use std::sync::{Arc, OnceLock};
use time::macros::{date, datetime};
use time::{Date, Duration, OffsetDateTime};
use todoke::clock::Clock;
use todoke::demo::LIBRARIES;
use todoke::demo::authority::{CardHolder, CardKey, CrlFault, CrlOrder, Fault, Municipality, TestAuthority, TestCard};
use todoke::demo::stage::{Doors, Stage};
use todoke::domain::answers::{Delivery, DraftAnswers};
use todoke::domain::application::Application;
use todoke::domain::card_holder;
use todoke::domain::credential::CollectionCode;
use todoke::domain::guardianship::Cosigner;
use todoke::domain::ids::{ApplicationId, StaffId};
use todoke::domain::language::Language;
use todoke::domain::library::{ConsentVersion, Library, LibraryRules};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::person::{PostalAddress, TypedAddress};
use todoke::domain::reference::Reference;
use todoke::domain::staff::StaffMember;
use todoke::jpki::SignedAttributes;
use todoke::service::apply::Answer;
use todoke::service::review::{QueueFilter, QueueRow, QueueSearch, QueueTab, QueueView, QueueWalk};
use todoke::service::session::{SessionSubject, SessionToken};
use todoke::service::{Once, Portal};
use todoke::store::seal::Keyring;
use todoke::store::{Db, applications, drafts, staff};
use uuid::Uuid;

/// When every story begins: a Friday morning in Japan.
pub(super) const BEGINNING: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
/// A word that stands in every reason of a refusal, and must stand nowhere else.
pub(super) const CANARY: &str = "カナリア";

/// A member of staff, as the model knows them.
pub(super) struct Played {
    /// What they sign in as.
    pub(super) login: &'static str,
    /// What they are.
    pub(super) role: Role,
    /// Where, if not everywhere.
    pub(super) branch: Option<&'static str>,
    /// Whether they may claim and release.
    pub(super) reviews: bool,
    /// Whether they may approve and decline.
    pub(super) decides: bool,
    /// Whether they may take a claim over.
    pub(super) supervises: bool,
}

/// Everybody on the stage. Applications are a matter of the branch `jonai`.
pub(super) const CAST: [Played; 5] = [
    Played { login: "abe", role: Role::Approver, branch: None, reviews: true, decides: true, supervises: false },
    Played {
        login: "baba",
        role: Role::Approver,
        branch: Some("jonai"),
        reviews: true,
        decides: true,
        supervises: false,
    },
    Played { login: "sudo", role: Role::Supervisor, branch: None, reviews: true, decides: true, supervises: true },
    Played { login: "rokkaku", role: Role::Reviewer, branch: None, reviews: true, decides: false, supervises: false },
    // May do everything, but elsewhere: nothing but the branch is in the way.
    Played {
        login: "ekuni",
        role: Role::Supervisor,
        branch: Some("hanakita"),
        reviews: false,
        decides: false,
        supervises: false,
    },
];
/// The supervisor's place among them.
pub(super) const SUPERVISOR: usize = 2;

/// The portal and what surrounds it.
pub(super) struct World {
    pub(super) portal: Portal,
    pub(super) database: TestDatabase,
    pub(super) library: Arc<Library>,
    pub(super) staff: Vec<StaffMember>,
    authority: Arc<TestAuthority>,
    /// The signing app, with which guardians sign.
    app: ServerHandle,
    browser: reqwest::Client,
}

/// Somebody who applies, with the card in hand.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) id: ApplicationId,
    pub(super) reference: Reference,
    pub(super) token: SessionToken,
    /// Whether a guardian has to sign as well.
    pub(super) is_young: bool,
    /// What the receipt prints, once there is one.
    pub(super) code: Arc<OnceLock<CollectionCode>>,
    card: TestCard,
}

impl Subject {
    /// Signs with the other's card from now on.
    pub(super) fn same_card_as(&mut self, other: &Self) {
        self.card = other.card.clone();
    }
}

impl World {
    pub(super) async fn open(database: TestDatabase) -> Self {
        Box::pin(Self::open_with(database, authority())).await
    }

    /// The same on the cards of one authority: another process may have signed before.
    pub(super) async fn open_with(database: TestDatabase, authority: Arc<TestAuthority>) -> Self {
        let clock = Clock::fixed(BEGINNING);
        let doors = Doors::open(0).unwrap();
        let stage = Stage::set(doors, clock, Arc::clone(&authority), database.db.clone()).await.unwrap();
        let (portal, app) = stage.open_app().unwrap();
        // The stage's own list holds for a week; these stories last longer.
        let order = CrlOrder {
            municipality: &Municipality::default(),
            revoked: &[],
            this_update: BEGINNING,
            next_update: BEGINNING + Duration::days(3000),
            number: 2,
            fault: CrlFault::None,
        };
        portal.revocation.add(&authority.crl(&order).unwrap(), &portal.trust, BEGINNING).unwrap();
        let source = LIBRARIES[0].replace("cosigns_below_age = 0", "cosigns_below_age = 18");
        let rules = LibraryRules::parse(&source).unwrap();
        assert_eq!(rules.guardian.cosigns_below_age, 18, "the rule file has moved on");
        portal.import_library(&rules, &source).await.unwrap();
        let library = portal.library("himeji").await.unwrap();
        assert_eq!(library.rules, rules);
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut world = Self { portal, database, library, staff: Vec::new(), authority, app, browser };
        world.hire().await;
        world
    }

    async fn hire(&mut self) {
        let mut tx = self.portal.db.begin().await.unwrap();
        for played in &CAST {
            let known = staff::find_by_login(&mut tx, self.library.id, played.login).await.unwrap();
            if let Some(known) = known {
                self.staff.push(known.member);
                continue;
            }
            let grant = match played.branch {
                None => RoleGrant::everywhere(played.role),
                Some(branch) => RoleGrant { role: played.role, branch: Some(branch.parse().unwrap()) },
            };
            let member = StaffMember {
                id: StaffId::new(BEGINNING),
                library_id: self.library.id,
                login: played.login.into(),
                name: format!("{}さん", played.login),
                disabled_at: None,
                roles: vec![grant],
            };
            staff::insert(&mut tx, &member).await.unwrap();
            self.staff.push(member);
        }
        tx.commit().await.unwrap();
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.portal.clock.now()
    }

    pub(super) fn advance(&self, by: Duration) {
        self.portal.clock.advance(by);
    }

    /// Back to when every story begins.
    pub(super) fn rewind(&self) {
        self.advance(BEGINNING - self.now());
    }

    /// The place of a member of staff in the cast.
    pub(super) fn place_of(&self, id: StaffId) -> usize {
        self.staff.iter().position(|member| member.id == id).expect("somebody of the cast")
    }

    /// One sending of one form, never sent before.
    pub(super) fn once(&self) -> Once {
        Once {
            library_id: self.library.id,
            actor: [7; 32],
            route: "truth",
            key: Uuid::new_v4().simple().to_string(),
            body_hash: [1; 32],
            location: "/done".to_owned(),
        }
    }

    /// A person like no other, who has answered everything but has agreed to nothing yet.
    pub(super) async fn applicant(&self, place: u64) -> Subject {
        self.somebody(Person::number(place), false).await
    }

    /// The same of somebody so young that a guardian signs as well, and is named.
    pub(super) async fn young_applicant(&self, place: u64) -> Subject {
        self.somebody(Person::young(place), true).await
    }

    async fn somebody(&self, person: Person, is_young: bool) -> Subject {
        let token = SessionToken::random();
        let category = "resident".parse().unwrap();
        let token = self
            .portal
            .start_application(
                &self.library,
                &token,
                category,
                card_holder::CardHolder::Applicant,
                Language::Ja,
                &self.once(),
            )
            .await
            .unwrap();
        let session = self.portal.session(self.library.id, &token).await.unwrap().unwrap();
        let SessionSubject::Applicant(id) = session.subject else { panic!("no applicant's session") };
        // Confirming an address by mail is another story.
        let mut tx = self.portal.db.begin().await.unwrap();
        let application = applications::find(&mut tx, self.library.id, id).await.unwrap().unwrap();
        drafts::save(&mut tx, &application, &person.answers).await.unwrap();
        tx.commit().await.unwrap();
        let card =
            self.authority.issue(&person.holder, Fault::None, card_key(), BEGINNING - Duration::hours(1)).unwrap();
        Subject { id, reference: application.reference, token, is_young, code: Arc::default(), card }
    }

    /// The last answer, with which a version is frozen.
    pub(super) fn consent(&self) -> Answer {
        let given = self.library.rules.consents.iter();
        Answer::Consent {
            consents: given
                .map(|consent| ConsentVersion { id: consent.id.clone(), version: consent.version })
                .collect(),
            delivery: Delivery::Electronic,
            plastic_card: false,
        }
    }

    /// A detached signature over `document`.
    pub(super) fn sign(&self, subject: &Subject, document: &[u8]) -> Vec<u8> {
        let digest: [u8; 32] =
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document).as_ref().try_into().unwrap();
        let attributes = SignedAttributes::new(digest, self.now());
        let signature = subject.card.sign(&attributes.digest_info()).unwrap();
        attributes.to_cms(&signature, subject.card.certificate_der()).unwrap()
    }

    /// Signs with the guardian's card in the signing app; what the browser brings back: state and code.
    pub(super) async fn sign_as_guardian(&self, address: &str) -> (String, String) {
        let page = self.browser.get(address).send().await.unwrap().text().await.unwrap();
        let (_, rest) = page.split_once("name=\"visit\" value=\"").expect("the cards are laid out");
        let (visit, _) = rest.split_once('"').expect("an end");
        let (origin, _) = address.split_once("/protocol/").expect("an address of the app");
        let choice = format!("{origin}/login-actions/authenticate");
        let answer = self.browser.post(choice).form(&[("visit", visit), ("card", "guardian")]).send().await.unwrap();
        let back = answer.headers()[reqwest::header::LOCATION].to_str().unwrap().parse::<reqwest::Url>().unwrap();
        let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).expect("it signs").1.into_owned();
        (value("state"), value("code"))
    }

    /// The application as it is stored.
    pub(super) async fn application(&self, subject: &Subject) -> Application {
        let mut tx = self.database.db.read().await.unwrap();
        applications::find(&mut tx, self.library.id, subject.id).await.unwrap().expect("an application")
    }

    /// A part of the queue as a member of staff sees it.
    pub(super) async fn list(&self, viewer: usize, tab: QueueTab, reference: Option<&Reference>) -> Vec<QueueRow> {
        let search = reference.cloned().map(QueueSearch::Reference);
        let filter = QueueFilter::default();
        let view = QueueView { tab, filter: &filter, search: search.as_ref(), walk: QueueWalk::First };
        self.portal.queue(&self.library, &self.staff[viewer], &view).await.unwrap().rows
    }

    /// The portal starts again on what the last one left behind.
    pub(super) async fn restart(&mut self) {
        let keys = Arc::new(Keyring::parse(&self.database.keys).unwrap());
        self.portal.db.close().await;
        self.portal.db = Db::connect(&self.database.address, keys).await.unwrap();
        self.database.db = self.portal.db.clone();
    }

    pub(super) async fn close(self) {
        self.app.stop(false).await;
        self.portal.db.close().await;
        self.database.delete().await;
    }
}

/// A person whose every fact differs from everybody else's.
struct Person {
    answers: DraftAnswers,
    holder: CardHolder,
}

/// The guardian of everybody who is young: the holder of a card that lies in the signing app.
pub(super) fn guardian() -> Cosigner {
    Cosigner {
        name: "潮見 汐里".parse().unwrap(),
        relation: "parent".parse().unwrap(),
        email: "shiori@example.jp".parse().unwrap(),
    }
}

impl Person {
    /// Fifteen or sixteen when every story begins.
    fn young(place: u64) -> Self {
        let birth = date!(2010 - 02 - 01) + Duration::days(i64::try_from(place * 13 % 600).unwrap());
        let Self { answers, holder: _ } = Self::number(place);
        let answers =
            DraftAnswers { birth: Some(birth.to_string().parse().unwrap()), cosigner: Some(guardian()), ..answers };
        Self { holder: Self::holder_of(&answers, birth, '4'), answers }
    }

    fn number(place: u64) -> Self {
        let (name, kana) =
            (word(place, "東西南北春夏秋冬山川森林石木", 3), word(place, "アイウエオカキクケコサシスセ", 4));
        let given = word(place / 3 + 5, "一二三四五六七八九", 3);
        let birth = date!(1940 - 01 - 01) + Duration::days(i64::try_from(place * 13 % 17_000).unwrap());
        let street = format!("大字{}{}番地", word(place * 7, "甲乙丙丁戊己庚辛", 3), 1000 + place);
        let address =
            TypedAddress {
                postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1: &street, line2: ""
            };
        let answers = DraftAnswers {
            category: Some("resident".parse().unwrap()),
            email: Some(format!("person{place}@example.jp").parse().unwrap()),
            email_confirmed: true,
            name: Some(format!("{name} {given}").parse().unwrap()),
            kana: Some(kana.parse().unwrap()),
            birth: Some(birth.to_string().parse().unwrap()),
            address: Some(PostalAddress::parse(address).unwrap()),
            phone: None,
            branch: Some("jonai".parse().unwrap()),
            ..DraftAnswers::default()
        };
        Self { holder: Self::holder_of(&answers, birth, '3'), answers }
    }

    /// The certificate writes the era as one digit before the western date: 3 is 昭和, 4 is 平成.
    fn holder_of(answers: &DraftAnswers, birth: Date, era: char) -> CardHolder {
        let born = format!("{era}{:04}{:02}{:02}", birth.year(), u8::from(birth.month()), birth.day());
        let name = answers.name.as_ref().unwrap().as_str().replace(' ', "　");
        CardHolder::new(&name, &born, &answers.address.as_ref().unwrap().one_line())
    }
}

/// A number written in signs of one's own choice, of fixed length.
fn word(mut number: u64, signs: &str, length: usize) -> String {
    let signs: Vec<char> = signs.chars().collect();
    let mut word = String::new();
    for _ in 0..length {
        let base = u64::try_from(signs.len()).unwrap();
        word.push(signs[usize::try_from(number % base).unwrap()]);
        number /= base;
    }
    word
}

/// All test cards share one key: what differs is the certificate, and one key is made sooner than hundreds.
fn card_key() -> &'static CardKey {
    static KEY: OnceLock<CardKey> = OnceLock::new();
    KEY.get_or_init(|| CardKey::generate().unwrap())
}

/// One authority for all stories.
fn authority() -> Arc<TestAuthority> {
    static AUTHORITY: OnceLock<Arc<TestAuthority>> = OnceLock::new();
    Arc::clone(AUTHORITY.get_or_init(|| Arc::new(TestAuthority::generate(BEGINNING).unwrap())))
}

/// Makes two tests of each truth: one on SQLite, one on PostgreSQL.
macro_rules! truths {
    ($(async fn $name:ident($world:ident: &mut Arc<World>) $body:block)+) => {$(
        mod $name {
            use super::*;
            use $crate::support::database::TestDatabase;

            async fn story($world: &mut Arc<World>) $body

            async fn tell(database: TestDatabase) {
                let mut world = Arc::new(World::open(database).await);
                story(&mut world).await;
                Arc::into_inner(world).expect("everybody has gone home").close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_sqlite() {
                tell(TestDatabase::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_postgres() {
                if let Some(database) = TestDatabase::postgres().await {
                    tell(database).await;
                }
            }
        }
    )+};
}
pub(super) use truths;
