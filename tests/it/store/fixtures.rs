//! A library with rules, staff and applications in every state, for the contract tests.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use todoke::domain::answers::{Delivery, DraftAnswers, Question, Reached, Unjudged};
use todoke::domain::application::{Application, ApplicationState};
use todoke::domain::ids::{ApplicationId, LibraryId, PatronId, SigningRequestId, StaffId};
use todoke::domain::language::Language;
use todoke::domain::library::{Library, LibraryRules};
use todoke::domain::patron::{Patron, PatronFacts};
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::person::{EmailAddress, PostalAddress, TypedAddress};
use todoke::domain::procedure::Procedure;
use todoke::domain::reference::Reference;
use todoke::domain::request::DraftRequest;
use todoke::domain::staff::StaffMember;
use todoke::domain::version::Digest;
use todoke::domain::version::Version;
use todoke::store::signatures::{RevocationAnswer, SignatureEvidence, SigningWay, signer_token};
use todoke::store::versions::FrozenVersion;
use todoke::store::{Tx, applications, drafts, libraries, patrons, signatures, staff, versions};
use uuid::Uuid;

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
pub(super) const DOCUMENT: &[u8] = b"%PDF-1.7 the application to be signed";

/// Rules of a small library with this short name.
pub(super) fn rules_toml(slug: &str) -> String {
    format!(
        r#"
slug = "{slug}"
name = "{slug}図書館"
municipality = "兵庫県姫路市"
issuer = "図書館長"
head_branch = "main"
minimum_age = 15
promised_open_days = 3
procedures = ["new_card"]
validity = {{ rule = "years_from_issue", years = 5 }}
contact = {{ telephone = "079-000-0000", hours = "10:00-18:00", address = "姫路市本町" }}
mail = {{ address = "library@example.jp", name = "図書館" }}
open_days = {{ closed_on_weekdays = ["monday"], closed_on_dates = ["2027-01-01"] }}
number_series = {{ prefix = "", width = 8, check = "none", first = 10000000 }}
password = {{ length = 10, viewable_days = 30 }}

[[branches]]
code = "main"
name = "本館"

[[categories]]
code = "resident"
label = "市内に住んでいる人"
areas = ["兵庫県姫路市"]
loan_limit = 6

[[consents]]
id = "terms"
version = 1
title = "利用規約"
text = "守ります。"
"#
    )
}

pub(super) fn rules(slug: &str) -> LibraryRules {
    LibraryRules::parse(&rules_toml(slug)).unwrap()
}

pub(super) async fn library(tx: &mut Tx, slug: &str) -> Library {
    libraries::save_rules(tx, &rules(slug), &rules_toml(slug), NOW).await.unwrap()
}

pub(super) async fn staff_member(tx: &mut Tx, library_id: LibraryId, login: &str) -> StaffMember {
    let member = StaffMember {
        id: StaffId::new(NOW),
        library_id,
        login: login.into(),
        name: format!("{login}さん"),
        disabled_at: None,
        roles: vec![RoleGrant::everywhere(Role::Supervisor)],
    };
    staff::insert(tx, &member).await.unwrap();
    member
}

pub(super) fn email(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(super) fn answers() -> DraftAnswers {
    DraftAnswers {
        request: DraftRequest::NewCard,
        category: Some("resident".parse().unwrap()),
        email: Some(email("hanako@example.jp")),
        email_confirmed: true,
        reached: Reached::ByMail,
        name: Some("姫路 花子".parse().unwrap()),
        kana: Some("ヒメジ ハナコ".parse().unwrap()),
        birth: Some("1985-04-27".parse().unwrap()),
        address: Some(address()),
        phone: None,
        branch: Some("main".parse().unwrap()),
        delivery: Some(Delivery::Electronic),
        plastic_card: false,
        consents: Vec::new(),
        attachments: Vec::new(),
        guardianship: None,
        by_guardian: None,
        cosigner: None,
        unsigned: false,
        unjudged: [(Question::Contact, Unjudged::new("phone=0790&branch="))].into(),
    }
}

fn address() -> PostalAddress {
    PostalAddress::parse(TypedAddress {
        postcode: "670-0012",
        prefecture: "28",
        municipality: "姫路市",
        line1: "本町68番地290",
        line2: "",
    })
    .unwrap()
}

pub(super) fn new_draft(library_id: LibraryId) -> Application {
    let reference = Reference::from_random(Uuid::new_v4().as_u64_pair().0);
    Application::start(library_id, reference, Procedure::NewCard, 1, Duration::days(7), NOW)
}

/// A draft with [`answers`].
pub(super) async fn draft(tx: &mut Tx, library_id: LibraryId) -> Application {
    let application = new_draft(library_id);
    applications::insert(tx, &application).await.unwrap();
    drafts::save(tx, &application, &answers()).await.unwrap();
    application
}

pub(super) fn digest_of(document: &[u8]) -> Digest {
    Digest::try_from(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document).as_ref()).unwrap()
}

pub(super) fn frozen(application: &Application, number: u32) -> FrozenVersion {
    FrozenVersion {
        library_id: application.library_id,
        application_id: application.id,
        version: Version { number, digest: digest_of(DOCUMENT) },
        document: DOCUMENT.to_vec(),
        frozen_at: NOW,
    }
}

/// An application whose version 1 is frozen and waits for its signature.
pub(super) async fn awaiting_signature(tx: &mut Tx, library_id: LibraryId) -> Application {
    let application = draft(tx, library_id).await;
    versions::insert(tx, &frozen(&application, 1)).await.unwrap();
    let application = application.freeze(digest_of(DOCUMENT), SigningRequestId::new(NOW), NOW).unwrap();
    applications::save(tx, application).await.unwrap()
}

pub(super) async fn evidence(tx: &mut Tx, application: &Application, serial: &[u8]) -> SignatureEvidence {
    SignatureEvidence {
        library_id: application.library_id,
        application_id: application.id,
        version_number: 1,
        cms: b"cms".to_vec(),
        certificate: b"certificate of Hanako".to_vec(),
        verdict_json: r#"{"name":"姫路 花子"}"#.into(),
        revocation: RevocationAnswer::Good,
        signer_token: signer_token(tx, application.library_id, b"issuer", serial).await.unwrap(),
        way: SigningWay::Upload,
        session_hash: Some([9; 32]),
        pdf_update: Some(b"1 0 obj".to_vec()),
        received_at: NOW,
    }
}

/// A submitted application, signed by the card with this serial number.
pub(crate) async fn submitted(tx: &mut Tx, library_id: LibraryId, serial: &[u8], at: OffsetDateTime) -> Application {
    let application = awaiting_signature(tx, library_id).await;
    let evidence = evidence(tx, &application, serial).await;
    signatures::insert(tx, &evidence, &evidence.signer_token).await.unwrap();
    let ApplicationState::AwaitingSignature { request, .. } = application.state else {
        panic!("not awaiting a signature");
    };
    applications::save(tx, application.submit(request, at).unwrap()).await.unwrap()
}

/// A submitted application that `by` has claimed.
pub(super) async fn under_review(tx: &mut Tx, by: &StaffMember, serial: &[u8]) -> Application {
    let application = submitted(tx, by.library_id, serial, NOW).await;
    applications::save(tx, application.claim(by, NOW).unwrap()).await.unwrap()
}

pub(super) fn new_patron(library_id: LibraryId, application_id: ApplicationId) -> Patron {
    Patron {
        id: PatronId::new(NOW),
        library_id,
        application_id: Some(application_id),
        child_number: 0,
        facts: PatronFacts {
            name: "姫路 花子".parse().unwrap(),
            kana: "ヒメジ ハナコ".parse().unwrap(),
            birth: "1985-04-27".parse().unwrap(),
            address: Some(address()),
            phone: None,
            email: Some(email("hanako@example.jp")),
            category: None,
            branch: None,
        },
        language: Language::Ja,
        registered_at: NOW,
        row_version: 0,
    }
}

pub(super) async fn patron(tx: &mut Tx, library_id: LibraryId) -> Patron {
    let application = draft(tx, library_id).await;
    let patron = new_patron(library_id, application.id);
    patrons::insert(tx, &patron).await.unwrap();
    applications::save(tx, Application { patron_id: Some(patron.id), ..application }).await.unwrap();
    patron
}
