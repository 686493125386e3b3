//! I1 to I18 as assertions: of one application beside its model, and of everything in a database.

use super::model::{Asked, Model, Phase, Service, Who, today};
use super::world::{CANARY, SUPERVISOR, Subject, World};
use todoke::domain::application::{Application, ApplicationState, Decider, Return};
use todoke::domain::event::{Actor, ChainedEvent};
use todoke::domain::review::Outcome;
use todoke::service::audit::check_events;
use todoke::service::review::QueueTab;
use todoke::service::session::SessionSubject;
use todoke::store::{cards, credentials, decisions, events, holds, notices, patrons, versions};

/// Events that only say that somebody looked or tried; they change nothing.
const NOTES: [&str; 16] = [
    "viewed",
    "signature_refused",
    "signing_failed",
    "signing_begun",
    "mail_handed_over",
    "mail_failed",
    "mail_returned",
    "mail_returned_for_now",
    "mail_withheld",
    "reminded",
    "correction_answered",
    "memo_written",
    "guardian_confirmed",
    "cosigning_begun",
    "cosigning_failed",
    "cosignature_refused",
];
/// What the record says of an applicant who is given time once more.
const ASKED_ONCE_MORE: &str = "asked_once_more";
/// The parts of the queue, of which none overlaps another.
const TABS: [QueueTab; 7] = [
    QueueTab::Unclaimed,
    QueueTab::Mine,
    QueueTab::Colleagues,
    QueueTab::OnHold,
    QueueTab::WithApplicant,
    QueueTab::AwaitingRegistration,
    QueueTab::Decided,
];

/// Everything that is true of one application, against what the model says.
pub(super) async fn must_hold(world: &World, subject: &Subject, model: &Model) {
    let application = world.application(subject).await;
    assert_eq!(phase_of(world, &application), model.phase, "where it stands");
    assert_eq!(application.last_version, model.version, "versions");
    assert_eq!(application.row_version, model.row_version, "changes");
    let service = application.state.service().map(|service| Service {
        submitted_at: service.submitted_at,
        used: service.used,
        running_since: service.running_since,
    });
    assert_eq!(service, model.service, "the library's time");

    let mut tx = world.database.db.read().await.unwrap();
    let record = events::list(&mut tx, subject.id).await.unwrap();
    let said: Vec<_> = transitions(&record).map(|event| (event.0, who(world, event.1), event.2)).collect();
    assert_eq!(said, model.events, "the record");
    assert_eq!(reminders(&record), model.reminders, "reminders");
    let held = holds::find(&mut tx, subject.id).await.unwrap();
    assert_eq!(held.map(|hold| hold.until_on), model.held, "put aside");
    i2_the_version_is_the_one_that_was_frozen(&mut tx, &application).await;
    i12_the_chain_holds(&mut tx, subject, &record).await;
    i13_the_record_gives_the_row(&record, &application);
    i14_the_record_says_nothing_of_the_contents(&record);
    i11_the_clock_follows_from_the_record(&record, &application);

    let placed = notices::list_by_application(&mut tx, world.library.id, subject.id).await.unwrap();
    let kinds: Vec<_> = placed.iter().map(|notice| notice.content.kind()).collect();
    assert_eq!(kinds, model.notices.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), "I15: one notice each");

    // I3, I4, I5: one decision, by whom, on what.
    let decision = decisions::find_standing(&mut tx, subject.id).await.unwrap();
    let decided = decision.map(|decision| {
        let Decider::Staff(by) = decision.decided_by else { panic!("nobody decided") };
        assert_eq!(Some(decision.version), application.state.version(), "I4: on the version that stands");
        let outcome = if decision.outcome == Outcome::Approved { "approved" } else { "declined" };
        (outcome, world.place_of(by), decision.version.number)
    });
    assert_eq!(decided, model.decision, "I3: the decision that stands");

    // I6, I7, I8: number, expiry date and credential.
    let patron = patrons::find_by_application(&mut tx, world.library.id, subject.id).await.unwrap();
    assert_eq!(usize::from(patron.is_some()), model.cards, "I8: a patron");
    if let Some(patron) = patron {
        let card = cards::find_by_patron(&mut tx, world.library.id, patron.id).await.unwrap().expect("I8: a card");
        assert!(card.expires_on > todoke::clock::japanese_date(card.issued_at), "I8: it is good for a while");
        let series = &world.library.rules.number_series;
        assert!(series.grouped(&card.number).len() >= card.number.to_string().len(), "I6: a number of the series");
        credentials::find_by_patron(&mut tx, world.library.id, patron.id).await.unwrap().expect("I7: a credential");
        assert_eq!(application.patron_id, Some(patron.id));
    }
    drop(tx);
    i16_it_is_in_one_queue_exactly(world, subject, model).await;
    i18_nobody_writes_any_more(world, subject, model).await;
}

/// Tells whether row and record are as the model says.
pub(super) fn fits(world: &World, application: &Application, record: &[ChainedEvent], model: &Model) -> bool {
    let said = transitions(record).map(|event| (event.0, who(world, event.1), event.2));
    phase_of(world, application) == model.phase
        && application.row_version == model.row_version
        && said.eq(model.events.iter().copied())
        && reminders(record) == model.reminders
}

/// How often somebody was reminded, which changes nothing else.
pub(super) async fn reminders_of(world: &World, subject: &Subject) -> usize {
    let mut tx = world.database.db.read().await.unwrap();
    reminders(&events::list(&mut tx, subject.id).await.unwrap())
}

fn reminders(record: &[ChainedEvent]) -> usize {
    record.iter().filter(|chained| chained.event.kind.as_str() == "reminded").count()
}

async fn i2_the_version_is_the_one_that_was_frozen(tx: &mut todoke::store::Tx, application: &Application) {
    let Some(version) = application.state.version() else { return };
    // The store opens a version only if its document has the digest that was frozen.
    let frozen = versions::find(tx, application.id, version.number).await.unwrap().expect("I2: it is kept");
    assert_eq!(frozen.version, version, "I2");
}

async fn i12_the_chain_holds(tx: &mut todoke::store::Tx, subject: &Subject, record: &[ChainedEvent]) {
    assert_eq!(events::verify_chain(tx, subject.id).await.unwrap(), None, "I12");
    assert!(record.iter().map(|event| event.seq).eq(1..=i64::try_from(record.len()).unwrap()), "I12: no gap");
}

fn i13_the_record_gives_the_row(record: &[ChainedEvent], application: &Application) {
    let (mut state, mut holder) = ("nothing", None);
    // Where it goes back to unless it is signed.
    let mut written = "draft";
    for chained in record {
        let event = &chained.event;
        match event.kind.as_str() {
            "returned" => written = "returned",
            "submitted" | "cosigned" => written = "draft",
            _ => {}
        }
        let (next, by) = match event.kind.as_str() {
            "started" | "edited" | "guardian_declined" | "guardian_address_wrong" => (written, None),
            "reopened" if event.detail == ASKED_ONCE_MORE => ("returned", None),
            "frozen" => ("awaiting_signature", None),
            "submitted" | "released" | "lease_ended" | "reopened" | "approved_first" | "held" | "cosigned" => {
                ("submitted", None)
            }
            "claimed" | "taken_over" => ("under_review", event.actor.staff_id()),
            "guardian_asked" | "guardian_named" => ("awaiting_guardian", None),
            kind @ ("returned" | "approved" | "issued" | "declined" | "withdrawn" | "lapsed" | "purged") => {
                (kind, None)
            }
            _ => continue,
        };
        (state, holder) = (next, by);
    }
    assert_eq!(state, application.state.name(), "I13");
    let held = match application.state {
        ApplicationState::UnderReview { reviewer, .. } => Some(reviewer),
        _ => None,
    };
    assert_eq!(holder, held, "I13: the holder");
}

fn i14_the_record_says_nothing_of_the_contents(record: &[ChainedEvent]) {
    for chained in record {
        let detail = &chained.event.detail;
        let is_a_word =
            detail.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
        assert!(is_a_word && !detail.contains(CANARY), "I14: {detail}");
    }
}

fn i11_the_clock_follows_from_the_record(record: &[ChainedEvent], application: &Application) {
    let Some(service) = application.state.service() else { return };
    let (mut used, mut since) = (time::Duration::ZERO, None);
    for chained in record {
        let at = chained.event.at;
        match chained.event.kind.as_str() {
            "reopened" if chained.event.detail == ASKED_ONCE_MORE => {}
            "submitted" | "cosigned" | "reopened" => since = since.or(Some(at)),
            "returned" | "approved" | "declined" => {
                used += since.take().map_or(time::Duration::ZERO, |since| at - since);
            }
            _ => {}
        }
    }
    assert_eq!((service.used, service.running_since), (used, since), "I11");
    assert!(!used.is_negative(), "I11");
}

async fn i16_it_is_in_one_queue_exactly(world: &World, subject: &Subject, model: &Model) {
    for viewer in [SUPERVISOR, 0] {
        let mut found = Vec::new();
        for tab in TABS {
            let rows = world.list(viewer, tab, Some(&subject.reference)).await;
            found.extend(rows.iter().map(|_| tab));
        }
        let expected = match model.phase {
            Phase::Queue if model.held.is_some_and(|until| until > today(world.now())) => vec![QueueTab::OnHold],
            Phase::Queue => vec![QueueTab::Unclaimed],
            Phase::Returned(_) | Phase::Signing { asked: Some(_), .. } | Phase::Guardian { asked: Some(_), .. } => {
                vec![QueueTab::WithApplicant]
            }
            Phase::Review { until, .. } if until <= world.now() => vec![QueueTab::Unclaimed],
            Phase::Review { by, .. } if by == viewer => vec![QueueTab::Mine],
            Phase::Review { .. } => vec![QueueTab::Colleagues],
            Phase::Issued { .. } | Phase::Declined { .. } => vec![QueueTab::Decided],
            Phase::Draft { .. }
            | Phase::Signing { .. }
            | Phase::Guardian { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => Vec::new(),
        };
        assert_eq!(found, expected, "I16");
    }
}

/// The session that wrote may only read from the submission on; what it tries is refused, as the model says.
async fn i18_nobody_writes_any_more(world: &World, subject: &Subject, model: &Model) {
    if !model.events.iter().any(|(kind, _, _)| ["submitted", "guardian_asked"].contains(kind)) {
        return;
    }
    let session = world.portal.session(world.library.id, &subject.token).await.unwrap();
    let writes = session.is_some_and(|session| matches!(session.subject, SessionSubject::Applicant(_)));
    assert!(!writes, "I18");
}

fn transitions(record: &[ChainedEvent]) -> impl Iterator<Item = (&'static str, Actor, u32)> {
    let events = record.iter().map(|chained| &chained.event);
    events
        .filter(|event| !NOTES.contains(&event.kind.as_str()))
        .map(|event| (event.kind.as_str(), event.actor, event.version))
}

fn who(world: &World, actor: Actor) -> Who {
    match actor {
        Actor::Applicant => Who::Applicant,
        Actor::Staff(id) => Who::Staff(world.place_of(id)),
        Actor::System => Who::Timer,
    }
}

fn phase_of(world: &World, application: &Application) -> Phase {
    match application.state {
        ApplicationState::Draft { expires_at } => Phase::Draft { until: expires_at },
        ApplicationState::AwaitingSignature { expires_at, answers, .. } => {
            Phase::Signing { until: expires_at, asked: answers.map(|asked| asked_of(world, asked)) }
        }
        ApplicationState::AwaitingGuardian { expires_at, answers, .. } => {
            Phase::Guardian { until: expires_at, asked: answers.map(|asked| asked_of(world, asked)) }
        }
        ApplicationState::Returned(asked) => Phase::Returned(asked_of(world, asked)),
        ApplicationState::Submitted { .. } => Phase::Queue,
        ApplicationState::UnderReview { reviewer, lease_until, .. } => {
            Phase::Review { by: world.place_of(reviewer), until: lease_until }
        }
        ApplicationState::Issued { decider: Decider::Staff(by), decided_at, .. } => {
            Phase::Issued { by: world.place_of(by), at: decided_at }
        }
        ApplicationState::Declined { reviewer, decided_at, .. } => {
            Phase::Declined { by: world.place_of(reviewer), at: decided_at }
        }
        ApplicationState::Withdrawn { withdrawn_at } => Phase::Withdrawn { at: withdrawn_at },
        ApplicationState::Lapsed { lapsed_at, unanswered } => {
            Phase::Lapsed { at: lapsed_at, asked: unanswered.map(|asked| asked_of(world, asked)) }
        }
        ref other => panic!("nobody leads it to {}", other.name()),
    }
}

fn asked_of(world: &World, asked: Return) -> Asked {
    Asked { by: world.place_of(asked.reviewer), at: asked.returned_at, until: asked.answer_by }
}

/// What no row of a whole database may contradict: each query counts what must not be there.
const NOWHERE: [(&str, &str); 18] = [
    (
        "I1: two open applications of one signer",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM applications WHERE signer_token IS NOT NULL AND state IN
         ('awaiting_guardian', 'submitted', 'under_review', 'returned', 'approved')
         GROUP BY library_id, procedure, signer_token HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "I3: two decisions that stand",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM decisions WHERE superseded_at IS NULL
         GROUP BY application_id HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "I3: decided without a decision, or the other way round",
        "SELECT COUNT(*) FROM applications a WHERE (a.state IN ('approved', 'issued', 'declined'))
         <> EXISTS (SELECT 1 FROM decisions d WHERE d.application_id = a.id AND d.superseded_at IS NULL)",
    ),
    (
        "I4: decided on another version than the one that stands",
        "SELECT COUNT(*) FROM applications a JOIN decisions d ON d.application_id = a.id AND d.superseded_at IS NULL
         WHERE a.version_number <> d.version_number OR a.version_digest <> d.version_digest",
    ),
    (
        "I6: one number on two cards",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM cards GROUP BY library_id, number HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "I7: two credentials of one patron",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM credentials GROUP BY patron_id HAVING COUNT(*) > 1) AS twice",
    ),
    (
        "I8: issued without patron, card and credential",
        "SELECT COUNT(*) FROM applications a WHERE a.state = 'issued' AND a.procedure = 'new_card' AND NOT EXISTS
         (SELECT 1 FROM cards c JOIN credentials k ON k.patron_id = c.patron_id WHERE c.patron_id = a.patron_id)",
    ),
    (
        "I8: a card that nobody was issued",
        "SELECT COUNT(*) FROM cards c WHERE NOT EXISTS
         (SELECT 1 FROM applications a JOIN decisions d ON d.application_id = a.id AND d.outcome = 'approved'
         WHERE a.patron_id = c.patron_id)",
    ),
    (
        "I9: a claim without a lease, or the other way round",
        "SELECT COUNT(*) FROM applications WHERE (state = 'under_review') <> (lease_until IS NOT NULL)",
    ),
    (
        "I10: sent back without a request",
        "SELECT COUNT(*) FROM applications a WHERE a.state = 'returned' AND NOT EXISTS
         (SELECT 1 FROM corrections c WHERE c.application_id = a.id AND c.resolved_at IS NULL)",
    ),
    (
        "I10: a request that is open with nobody",
        "SELECT COUNT(*) FROM corrections c JOIN applications a ON a.id = c.application_id WHERE c.resolved_at IS NULL
         AND a.state NOT IN ('returned', 'awaiting_signature', 'awaiting_guardian', 'lapsed')",
    ),
    (
        "a guardian's signature beside nobody's",
        "SELECT COUNT(*) FROM cosignatures c WHERE NOT EXISTS (SELECT 1 FROM signatures s
         WHERE s.application_id = c.application_id AND s.version_number = c.version_number)",
    ),
    (
        "co-signed without the guardian's signature, or the other way round",
        "SELECT COUNT(*) FROM applications a WHERE (SELECT COUNT(*) FROM cosignatures c WHERE c.application_id = a.id)
         <> (SELECT COUNT(*) FROM events e WHERE e.application_id = a.id AND e.kind = 'cosigned')",
    ),
    (
        "a guardian is awaited whom nobody can answer for, or an invitation lives that leads nowhere",
        "SELECT COUNT(*) FROM applications a WHERE (SELECT COUNT(*) FROM cosign_invitations i
         WHERE i.application_id = a.id AND i.ended IS NULL)
         <> CASE a.state WHEN 'awaiting_guardian' THEN 1 ELSE 0 END
         OR EXISTS (SELECT 1 FROM cosign_invitations i WHERE i.application_id = a.id AND i.ended IS NULL
         AND i.version_number <> a.version_number)",
    ),
    (
        "I12: a record with gaps",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM events GROUP BY application_id
         HAVING COUNT(*) <> MAX(seq) OR MIN(seq) <> 1) AS gaps",
    ),
    (
        "I15: decided without a notice",
        "SELECT COUNT(*) FROM applications a WHERE a.state IN ('issued', 'declined') AND a.procedure = 'new_card' AND NOT
         EXISTS (SELECT 1 FROM notices n WHERE n.application_id = a.id AND n.kind = a.state)",
    ),
    (
        "I15: one mail twice",
        "SELECT COUNT(*) FROM (SELECT 1 AS n FROM outbox WHERE kind IN ('received', 'notice_ready')
         GROUP BY application_id, kind, dedupe HAVING COUNT(*) > 1 OR MIN(dedupe) IS NULL) AS twice",
    ),
    (
        "I15: submitted without a receipt",
        "SELECT COUNT(*) FROM events e WHERE e.kind IN ('submitted', 'cosigned') AND NOT EXISTS
         (SELECT 1 FROM outbox o WHERE o.application_id = e.application_id AND o.kind = 'received')",
    ),
];

/// Everything that is true of all applications together.
pub(super) async fn must_hold_everywhere(world: &World) {
    for (what, query) in NOWHERE {
        assert_eq!(world.database.count(query).await, 0, "{what}");
    }
    assert!(check_events(&world.database.db, None).await.unwrap().broken.is_empty(), "I12");
    for canary in [CANARY, "姫路市大字"] {
        assert!(!world.database.holds(canary).await, "I14: {canary} stands in clear");
    }
}
