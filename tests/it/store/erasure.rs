use super::fixtures::{NOW, awaiting_signature, draft, email, library, new_draft, patron, submitted};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::answers::DraftAnswers;
use todoke::domain::application::Application;
use todoke::domain::event::{Actor, Event, EventKind};
use todoke::domain::ids::{ApplicationId, EmailCodeId, LibraryId, MailId, SigningRequestId};
use todoke::domain::language::Language;
use todoke::domain::notice::{MailContent, QueuedMail};
use todoke::store::email_codes::{CodePurpose, EmailCode};
use todoke::store::idempotency::{self, OnceKey};
use todoke::store::seal::erase_key;
use todoke::store::signing_requests::SigningRequest;
use todoke::store::{
    Tx, app_subjects, applications, collection_tries, drafts, email_codes, events, outbox, signing_requests, versions,
};

const SESSION: [u8; 32] = [7; 32];

/// A draft that was frozen, asked to be signed, coded and mailed about.
async fn full(tx: &mut Tx, library_id: LibraryId, seed: u8) -> Application {
    let application = awaiting_signature(tx, library_id).await;
    let request = SigningRequest {
        id: SigningRequestId::new(NOW),
        library_id,
        application_id: application.id,
        version: 1,
        state_hash: [seed; 32],
        transaction_id: "transaction".into(),
        signed_attributes: b"1\x10".to_vec(),
        nonce: "nonce".into(),
        code_verifier: "verifier".into(),
        handoff_id: None,
        invitation_id: None,
        session_hash: SESSION,
        opened_at: NOW,
        expires_at: NOW + Duration::minutes(30),
        consumed_at: None,
    };
    signing_requests::insert(tx, &request).await.unwrap();
    let code = EmailCode {
        id: EmailCodeId::new(NOW),
        library_id,
        session_hash: SESSION,
        purpose: CodePurpose::Confirm,
        email: email("hanako@example.jp"),
        application_id: Some(application.id),
        code_hash: [seed; 32],
        sent_at: NOW,
        expires_at: NOW + Duration::minutes(15),
        tries: 0,
        used_at: None,
    };
    email_codes::insert(tx, &code).await.unwrap();
    outbox::insert(tx, &mail(library_id, application.id), None).await.unwrap();
    application
}

fn mail(library_id: LibraryId, id: ApplicationId) -> QueuedMail {
    QueuedMail {
        id: MailId::new(NOW),
        library_id,
        application_id: Some(id),
        recipient: email("hanako@example.jp"),
        language: Language::Ja,
        content: MailContent::Code { code: "123456".into(), valid_until: NOW + Duration::minutes(15) },
        queued_at: NOW,
        attempts: 0,
    }
}

async fn withdrawn(tx: &mut Tx, application: Application) -> Application {
    applications::save(tx, application.withdraw(NOW).unwrap()).await.unwrap()
}

both_engines! {
    async fn what_nobody_signed_is_erased_and_nothing_stumbles_over_the_rest(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (gone, other) = (full(&mut tx, library.id, 1).await, full(&mut tx, library.id, 2).await);
        let sent = mail(library.id, gone.id);
        outbox::insert(&mut tx, &sent, None).await.unwrap();
        outbox::mark_sent(&mut tx, sent.id, NOW).await.unwrap();
        let gone = withdrawn(&mut tx, gone).await;
        assert!(applications::erase_contents(&mut tx, &gone).await.unwrap());
        assert!(!applications::erase_contents(&mut tx, &gone).await.unwrap(), "once is enough");
        tx.commit().await.unwrap();

        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(drafts::find(&mut tx, gone.id).await.unwrap(), DraftAnswers::default());
        assert_eq!(versions::find(&mut tx, gone.id, 1).await.unwrap(), None);
        assert_eq!(signing_requests::find_open(&mut tx, gone.id).await.unwrap(), None);
        assert_eq!(signing_requests::find_by_state(&mut tx, &[1; 32]).await.unwrap(), None);
        assert_eq!(applications::find(&mut tx, library.id, gone.id).await.unwrap(), Some(gone.clone()), "its record stays");
        assert!(!erase_key(&mut tx, gone.id.as_uuid()).await.unwrap());
        let live = email_codes::list_live(&mut tx, &SESSION, CodePurpose::Confirm, NOW).await.unwrap();
        assert_eq!(live.iter().map(|code| code.application_id).collect::<Vec<_>>(), [Some(other.id)]);
        let due = outbox::claim(&mut tx, NOW, Duration::minutes(3), 9).await.unwrap();
        assert_eq!(due.mails.iter().map(|mail| mail.application_id).collect::<Vec<_>>(), [Some(other.id)]);
        assert!(versions::find(&mut tx, other.id, 1).await.unwrap().is_some());
        assert!(drafts::find(&mut tx, other.id).await.unwrap().name.is_some());
        drop(tx);
        assert_eq!(database.count("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").await, 1, "it was sent");
        let known = "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND address_token IS NOT NULL";
        assert_eq!(database.count(known).await, 0, "and nobody knows to whom");
        assert_eq!(database.count("SELECT COUNT(*) FROM search_tokens t WHERE NOT EXISTS
            (SELECT 1 FROM data_keys k WHERE k.owner_id = t.owner_id)").await, 0);
    }

    async fn a_signed_version_is_not_erased(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let signed = submitted(&mut tx, library.id, b"1", NOW).await;
        let signed = withdrawn(&mut tx, signed).await;
        tx.commit().await.unwrap();
        let mut tx = database.db.begin().await.unwrap();
        assert!(applications::erase_contents(&mut tx, &signed).await.is_err());
        drop(tx);
        let mut tx = database.db.begin().await.unwrap();
        assert!(versions::find(&mut tx, signed.id, 1).await.unwrap().is_some());
        assert!(drafts::find(&mut tx, signed.id).await.unwrap().name.is_some());
    }

    async fn who_became_a_patron_is_known_by_their_card_and_nobody_else(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (patron, other) = (patron(&mut tx, library.id).await, draft(&mut tx, library.id).await);
        let maker = applications::find(&mut tx, library.id, patron.application_id.unwrap()).await.unwrap().unwrap();
        for application in [&maker, &other] {
            app_subjects::save(&mut tx, library.id, application.id, &[1; 32], NOW).await.unwrap();
            collection_tries::count(&mut tx, library.id, application.id).await.unwrap();
            assert!(applications::erase_contents(&mut tx, application).await.unwrap());
        }
        assert!(app_subjects::find(&mut tx, library.id, maker.id).await.unwrap().is_some());
        assert_eq!(app_subjects::find(&mut tx, library.id, other.id).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM collection_tries").await, 1, "no new tries for an old password");
    }

    async fn the_ended_and_unsigned_wait_for_their_erasure(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        draft(&mut tx, library.id).await;
        let signed = submitted(&mut tx, library.id, b"1", NOW).await;
        withdrawn(&mut tx, signed).await;
        let first = full(&mut tx, library.id, 1).await;
        let first = withdrawn(&mut tx, first).await;
        let empty = new_draft(library.id);
        applications::insert(&mut tx, &empty).await.unwrap();
        let second = applications::save(&mut tx, empty.lapse(NOW + Duration::days(7)).unwrap()).await.unwrap();
        assert_eq!(applications::list_unerased(&mut tx, 9).await.unwrap(), [first.clone(), second.clone()]);
        assert_eq!(applications::list_unerased(&mut tx, 1).await.unwrap(), std::slice::from_ref(&first));
        applications::erase_contents(&mut tx, &first).await.unwrap();
        assert_eq!(applications::list_unerased(&mut tx, 9).await.unwrap(), [second]);
    }

    async fn what_was_sent_without_a_signature_was_submitted_too(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let signed = submitted(&mut tx, library.id, b"1", NOW).await;
        assert!(applications::was_submitted(&mut tx, signed.id).await.unwrap());
        let (sent, other) = (draft(&mut tx, library.id).await, draft(&mut tx, library.id).await);
        let sent = applications::save(&mut tx, sent.lapse(NOW + Duration::days(7)).unwrap()).await.unwrap();
        assert!(!applications::was_submitted(&mut tx, sent.id).await.unwrap());
        assert_eq!(applications::list_unerased(&mut tx, 9).await.unwrap(), std::slice::from_ref(&sent));
        let event = Event {
            library_id: library.id,
            application_id: sent.id,
            kind: EventKind::SubmittedUnsigned,
            actor: Actor::Applicant,
            version: 1,
            detail: String::new(),
            at: NOW,
        };
        events::insert(&mut tx, &event).await.unwrap();
        assert!(applications::was_submitted(&mut tx, sent.id).await.unwrap());
        assert!(!applications::was_submitted(&mut tx, other.id).await.unwrap());
        assert_eq!(applications::list_unerased(&mut tx, 9).await.unwrap(), []);
    }

    async fn what_was_deleted_is_in_no_file(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let once = OnceKey {
            library_id: library.id,
            actor: [1; 32],
            route: "story",
            key: "key",
            body_hash: [2; 32],
            location: "a-needle-in-the-file",
        };
        idempotency::claim(&mut tx, &once, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(database.holds("a-needle-in-the-file").await);
        let mut tx = database.db.begin().await.unwrap();
        assert_eq!(idempotency::delete_before(&mut tx, NOW + Duration::SECOND).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert!(database.db.tidy().await.unwrap());
        assert!(!database.holds("a-needle-in-the-file").await);
    }

    async fn ids_are_walked_through_in_their_order(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let mut all = Vec::new();
        for library_id in [himeji.id, akashi.id, himeji.id] {
            all.push(draft(&mut tx, library_id).await);
        }
        all.sort_by_key(|application| application.id);
        let ids: Vec<_> = all.iter().map(|application| application.id).collect();
        assert_eq!(applications::list_ids_after(&mut tx, None, None, 2).await.unwrap(), ids[..2]);
        assert_eq!(applications::list_ids_after(&mut tx, None, Some(ids[1]), 2).await.unwrap(), ids[2..]);
        assert!(applications::list_ids_after(&mut tx, None, Some(ids[2]), 2).await.unwrap().is_empty());
        let of_akashi: Vec<_> = all.iter().filter(|one| one.library_id == akashi.id).map(|one| one.id).collect();
        assert_eq!(applications::list_ids_after(&mut tx, Some(akashi.id), None, 9).await.unwrap(), of_akashi);
    }
}
