//! What the database itself refuses, whoever asks: with the program's own statements out of the way.

use super::actions::{Planned, Told};
use super::model::Who;
use super::world::{Subject, World, truths};
use std::sync::Arc;
use todoke::domain::application::ApplicationState;
use todoke::store::{applications, signatures};

/// An application that was led so far.
async fn led(world: &Arc<World>, place: u64, way: &[(&str, Who)]) -> Subject {
    let subject = world.applicant(place).await;
    for (name, who) in way {
        let seen = world.application(&subject).await.state.version();
        assert_eq!(Planned::named(name, *who, world, seen).carry_out(world, &subject).await, Told::Done, "{name}");
    }
    subject
}

const TO_THE_QUEUE: [(&str, Who); 2] = [("freeze", Who::Applicant), ("sign", Who::Applicant)];

/// One of each: a draft, a frozen version, one in the queue, one claimed, one issued, one declined.
async fn one_of_each(world: &Arc<World>) -> [Subject; 6] {
    let [freeze, sign] = TO_THE_QUEUE;
    let claim = ("claim", Who::Staff(0));
    let (approve, decline) = (("approve", Who::Staff(0)), ("decline", Who::Staff(0)));
    [
        led(world, 0, &[]).await,
        led(world, 1, &[freeze]).await,
        led(world, 2, &[freeze, sign]).await,
        led(world, 3, &[freeze, sign, claim]).await,
        led(world, 4, &[freeze, sign, claim, approve]).await,
        led(world, 5, &[freeze, sign, claim, decline]).await,
    ]
}

/// Writes that would break an invariant. `{draft}` and so on stand for the applications of those states.
const FORBIDDEN: [(&str, &str); 32] = [
    ("no such state", "UPDATE applications SET state = 'lost' WHERE {draft}"),
    ("no such procedure", "UPDATE applications SET procedure = 'loan' WHERE {draft}"),
    ("submitted without its columns", "UPDATE applications SET state = 'submitted' WHERE {draft}"),
    ("under review without a claim", "UPDATE applications SET state = 'under_review' WHERE {queue}"),
    ("I9: a lease without a claim", "UPDATE applications SET lease_until = started_at WHERE {queue}"),
    ("I9: a claim without a lease", "UPDATE applications SET lease_until = NULL WHERE {claimed}"),
    ("I9: a claim without its holder", "UPDATE applications SET reviewer_id = NULL WHERE {claimed}"),
    ("I9: a holder without a claim", "UPDATE applications SET state = 'submitted' WHERE {claimed}"),
    ("I10: sent back without a request", "UPDATE applications SET state = 'returned' WHERE {queue}"),
    ("I10: a request that is not open", "UPDATE applications SET asked_number = 1 WHERE {queue}"),
    ("decided without a date", "UPDATE applications SET decided_at = NULL WHERE {issued}"),
    ("decided and open", "UPDATE applications SET state = 'draft' WHERE {issued}"),
    ("decided by rule and by somebody", "UPDATE applications SET decided_by_rule = 1 WHERE {issued}"),
    ("ended without a date", "UPDATE applications SET state = 'withdrawn' WHERE {queue}"),
    ("purged without an ending", "UPDATE applications SET state = 'purged' WHERE {declined}"),
    ("I18: a signing request of what is submitted", "UPDATE applications SET request_id = id WHERE {queue}"),
    ("a version that was never frozen", "UPDATE applications SET version_number = 9 WHERE {frozen}"),
    ("a version without a digest", "UPDATE applications SET version_digest = NULL WHERE {frozen}"),
    ("I11: a clock that runs backwards", "UPDATE applications SET service_used = -1 WHERE {queue}"),
    ("I11: a clock that stands in the queue", "UPDATE applications SET running_since = NULL WHERE {queue}"),
    ("I11: a clock that runs after the decision", "UPDATE applications SET running_since = started_at WHERE {issued}"),
    ("a promise after the decision", "UPDATE applications SET due_on = '2026-12-01' WHERE {issued}"),
    (
        "I1: a second open application of one signer",
        "UPDATE applications SET signer_token = (SELECT signer_token FROM applications WHERE {claimed}) WHERE {queue}",
    ),
    (
        "I1: a second open application of one patron",
        "UPDATE applications SET patron_id = (SELECT patron_id FROM applications WHERE {issued})
         WHERE {queue} OR {claimed}",
    ),
    (
        "I2: another document",
        "UPDATE versions SET document = digest WHERE application_id = (SELECT id FROM applications WHERE {queue})",
    ),
    (
        "I2: another signature",
        "UPDATE signatures SET cms = signer_token WHERE application_id = (SELECT id FROM applications WHERE {queue})",
    ),
    (
        "I3: a second decision that stands",
        "UPDATE decisions SET application_id = (SELECT id FROM applications WHERE {declined})
         WHERE application_id = (SELECT id FROM applications WHERE {issued})",
    ),
    ("I4: declined without a reason", "UPDATE decisions SET reason = NULL WHERE outcome = 'declined'"),
    ("I4: declined by nobody", "UPDATE decisions SET decided_by = NULL WHERE outcome = 'declined'"),
    ("I6: another number on a card", "UPDATE cards SET number = '1'"),
    ("I12: another record", "UPDATE events SET detail = 'x' WHERE seq = 1"),
    ("I12: no record", "DELETE FROM events WHERE seq = 1"),
];

/// Rows that there is no second of: the table, and what would make a second one.
const TWICE: [(&str, &str); 4] = [
    (
        "I7: a second credential",
        "INSERT INTO credentials (id, library_id, patron_id, viewable_until, state)
         SELECT patron_id, library_id, patron_id, viewable_until, 'unseen' FROM credentials",
    ),
    (
        "I15: a second notice",
        "INSERT INTO notices (id, library_id, application_id, kind, version_number, content, placed_at)
         SELECT application_id, library_id, application_id, kind, version_number, content, placed_at FROM notices",
    ),
    (
        "I15: a second mail",
        "INSERT INTO outbox (id, library_id, application_id, kind, dedupe, state, recipient, content, queued_at, next_at,
             attempts)
         SELECT application_id, library_id, application_id, kind, dedupe, state, recipient, content, queued_at, next_at,
             attempts FROM outbox WHERE kind = 'notice_ready'",
    ),
    (
        "I6: a number given twice",
        "INSERT INTO cards (id, library_id, patron_id, number, expires_on, issued_at)
         SELECT patron_id, library_id, patron_id, number, expires_on, issued_at FROM cards",
    ),
];

truths! {
    async fn the_database_refuses_what_would_break_an_invariant(world: &mut Arc<World>) {
        let subjects = one_of_each(world).await;
        let names = ["draft", "frozen", "queue", "claimed", "issued", "declined"];
        for (what, forbidden) in FORBIDDEN.iter().chain(&TWICE) {
            let mut sql = (*forbidden).to_owned();
            for (name, subject) in names.iter().zip(&subjects) {
                sql = sql.replace(&format!("{{{name}}}"), &format!("reference = '{}'", subject.reference));
            }
            let refused = world.database.execute(&sql).await;
            let error = refused.expect_err(what);
            assert!(error.as_database_error().is_some(), "{what}: {error}");
            // It was refused for what it says, not for a slip of the pen.
            let text = error.to_string().to_lowercase();
            let grounds = ["constraint", "unique", "keep what they say", "abort"];
            assert!(grounds.iter().any(|ground| text.contains(ground)), "{what}: {text}");
        }
        // And the row is not so hardened that nothing can be written at all.
        let allowed = format!("UPDATE applications SET row_version = row_version + 1 WHERE reference = '{}'", subjects[0].reference);
        assert_eq!(world.database.execute(&allowed).await.unwrap(), 1);
    }

    async fn i1_one_signer_has_one_open_application(world: &mut Arc<World>) {
        // Two applications, one card: the second signature is told of the first, also if both come at once.
        let first = led(world, 1, &[TO_THE_QUEUE[0]]).await;
        let mut second = led(world, 1, &[TO_THE_QUEUE[0]]).await;
        second.same_card_as(&first);
        let sign = async |subject: &Subject| {
            let seen = world.application(subject).await.state.version();
            Planned::named("sign", Who::Applicant, world, seen).carry_out(world, subject).await
        };
        let (one, other) = tokio::join!(sign(&first), sign(&second));
        let (won, lost) = if one == Told::Done { (&first, other) } else { (&second, one) };
        assert!(matches!(&lost, Told::Refused(why) if why.contains("AlreadyApplied")), "{lost:?}");
        assert_eq!(world.application(won).await.state.name(), "submitted");
        assert_eq!(world.database.count("SELECT COUNT(*) FROM applications WHERE state = 'submitted'").await, 1);
        assert_eq!(world.database.count("SELECT COUNT(*) FROM outbox WHERE kind = 'received'").await, 1);
    }

    async fn i2_a_document_that_was_changed_behind_the_programs_back_is_never_decided_on(world: &mut Arc<World>) {
        let subject = led(world, 1, &[TO_THE_QUEUE[0], TO_THE_QUEUE[1], ("claim", Who::Staff(0))]).await;
        let other = led(world, 2, &TO_THE_QUEUE).await;
        let place = if world.database.address.starts_with("sqlite") { "" } else { " ON signatures" };
        world.database.execute(&format!("DROP TRIGGER signatures_refuse_update{place}")).await.unwrap();
        let id_of = |subject: &Subject| format!("(SELECT id FROM applications WHERE reference = '{}')", subject.reference);
        let swap = format!(
            "UPDATE signatures SET cms = (SELECT cms FROM signatures WHERE application_id = {}) WHERE application_id = {}",
            id_of(&other),
            id_of(&subject)
        );
        assert_eq!(world.database.execute(&swap).await.unwrap(), 1);
        let seen = world.application(&subject).await.state.version();
        let told = Planned::named("approve", Who::Staff(0), world, seen).carry_out(world, &subject).await;
        assert_ne!(told, Told::Done);
        assert_eq!(world.application(&subject).await.state.name(), "under_review");
        assert_eq!(world.database.count("SELECT COUNT(*) FROM cards").await, 0);
    }

    async fn i17_nobody_sees_another_branchs_application(world: &mut Arc<World>) {
        const ELSEWHERE: usize = 4;
        const WHAT: [&str; 10] = [
            "claim", "take over", "release", "look", "return", "hold", "approve", "decline", "reopen", "ask once more",
        ];
        let subject = led(world, 1, &TO_THE_QUEUE).await;
        let seen = world.application(&subject).await.state.version();
        for name in WHAT {
            let told = Planned::named(name, Who::Staff(ELSEWHERE), world, seen).carry_out(world, &subject).await;
            assert_eq!(told, Told::Refused("NotFound".to_owned()), "{name}");
        }
        let by = &world.staff[ELSEWHERE];
        assert!(world.portal.signed_document(by, &subject.reference).await.is_err());
        assert!(world.portal.duplicates(by, &subject.reference).await.is_err());
        assert!(world.list(ELSEWHERE, todoke::service::review::QueueTab::All, None).await.is_empty());
    }

    async fn i18_what_has_ended_takes_no_signature_any_more(world: &mut Arc<World>) {
        let subject = led(world, 1, &[TO_THE_QUEUE[0]]).await;
        let waiting = world.application(&subject).await;
        let ApplicationState::AwaitingSignature { request, .. } = waiting.state else { panic!("not frozen") };
        let seen = waiting.state.version();
        let document = world.portal.frozen_document(&world.library, subject.id).await.unwrap();
        let cms = world.sign(&subject, &document);
        let withdraw = Planned::named("withdraw", Who::Applicant, world, seen);
        assert_eq!(withdraw.carry_out(world, &subject).await, Told::Done);
        // The app's answer that was under way, the upload that was ready, the link to go on.
        assert!(world.application(&subject).await.submit(request, world.now()).is_err());
        let upload = world.portal.submit_upload(&world.library, &subject.token, subject.id, 1, cms).await;
        assert!(upload.is_err(), "{upload:?}");
        assert!(world.portal.begin_signing(&world.library, &subject.token, subject.id).await.is_err());
        for name in ["save", "freeze", "sign", "withdraw"] {
            let told = Planned::named(name, Who::Applicant, world, seen).carry_out(world, &subject).await;
            assert!(matches!(told, Told::Refused(_)), "{name}: {told:?}");
        }
        // Whoever had loaded it before is turned away by the row.
        let mut tx = world.portal.db.begin().await.unwrap();
        let late = applications::save(&mut tx, waiting.submit(request, world.now()).unwrap()).await;
        assert!(matches!(late, Err(todoke::store::StoreError::Stale)), "{late:?}");
        assert!(signatures::find(&mut tx, subject.id, 1).await.unwrap().is_none());
    }
}
