use super::*;
use crate::domain::ids::{SigningRequestId, StaffId};
use crate::domain::permission::{Permission, Role, RoleGrant};
use crate::domain::staff::StaffMember;
use crate::domain::version::{Digest, Version};
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
const DRAFT_LIFE: Duration = Duration::days(7);
const WEEK: Duration = Duration::days(7);

/// The people and papers that the tests speak of.
struct Scene {
    library: LibraryId,
    request: SigningRequestId,
    version: Version,
    reviewer: StaffMember,
    colleague: StaffMember,
}

impl Scene {
    fn new() -> Self {
        let library = LibraryId::new(NOW);
        Self {
            library,
            request: SigningRequestId::new(NOW),
            version: Version { number: 1, digest: Digest::from_bytes([7; 32]) },
            reviewer: staff(library),
            colleague: staff(library),
        }
    }

    fn application(&self, state: ApplicationState) -> Application {
        Application {
            id: ApplicationId::new(NOW),
            library_id: self.library,
            reference: Reference::from_random(42),
            procedure: Procedure::NewCard,
            rules_version: 1,
            last_version: 1,
            row_version: 3,
            language: Language::Ja,
            started_at: NOW,
            patron_id: None,
            branch: None,
            due_on: None,
            state,
        }
    }

    fn awaiting_signature(&self) -> ApplicationState {
        ApplicationState::AwaitingSignature {
            version: self.version,
            request: self.request,
            expires_at: NOW + SIGNING_TIME,
            answers: None,
        }
    }

    fn under_review(&self) -> ApplicationState {
        ApplicationState::UnderReview {
            version: self.version,
            service: ServiceTime::start(NOW),
            reviewer: self.reviewer.id,
            lease_until: NOW + REVIEW_LEASE,
        }
    }

    /// Sent back a moment ago; the time to answer is over at `NOW`.
    fn asked(&self) -> Return {
        Return {
            version: self.version,
            service: ServiceTime::start(NOW).paused(NOW),
            reviewer: self.reviewer.id,
            returned_at: NOW,
            answer_by: NOW,
        }
    }

    /// One application in each state. What can lapse has just run out.
    fn states(&self) -> [ApplicationState; 12] {
        let (version, service, decided_at) = (self.version, ServiceTime::start(NOW).paused(NOW), NOW);
        let (reviewer, decider) = (self.reviewer.id, Decider::Staff(self.reviewer.id));
        [
            ApplicationState::Draft { expires_at: NOW },
            self.awaiting_signature(),
            ApplicationState::AwaitingGuardian { version, expires_at: NOW + WEEK, answers: None },
            ApplicationState::Submitted { version, service: ServiceTime::start(NOW) },
            self.under_review(),
            ApplicationState::Returned(self.asked()),
            ApplicationState::Approved { version, service, decider, decided_at },
            ApplicationState::Issued { version, service, decider, decided_at },
            ApplicationState::Declined { version, service, reviewer, decided_at },
            ApplicationState::Withdrawn { withdrawn_at: NOW },
            ApplicationState::Lapsed { lapsed_at: NOW, unanswered: Some(self.asked()) },
            ApplicationState::Purged { purged_at: NOW, ending: Ending::Lapsed },
        ]
    }
}

fn staff(library_id: LibraryId) -> StaffMember {
    StaffMember {
        id: StaffId::new(NOW),
        library_id,
        login: "imai".into(),
        name: "今井".into(),
        disabled_at: None,
        roles: vec![RoleGrant::everywhere(Role::Supervisor)],
    }
}

type Event = fn(Application, &Scene) -> Result<Application, Refused>;

/// From which state to which.
type Ways = &'static [(&'static str, &'static str)];

/// The states in the order of the table's columns.
const STATES: [&str; 12] = [
    "draft",
    "awaiting_signature",
    "awaiting_guardian",
    "submitted",
    "under_review",
    "returned",
    "approved",
    "issued",
    "declined",
    "withdrawn",
    "lapsed",
    "purged",
];

/// Every event, and for every state that knows it the state that follows; everywhere else it is refused.
const TABLE: &[(&str, Event, Ways)] = &[
    ("save", |a, _| a.touch(DRAFT_LIFE, NOW), &[("draft", "draft"), ("returned", "returned")]),
    (
        "freeze",
        |a, scene| a.freeze(scene.version.digest, scene.request, NOW),
        &[("draft", "awaiting_signature"), ("returned", "awaiting_signature")],
    ),
    ("ask again to sign", |a, scene| a.ask_again(scene.request, NOW), &[("awaiting_signature", "awaiting_signature")]),
    ("edit", |a, _| a.edit(DRAFT_LIFE, NOW), &[("awaiting_signature", "draft"), ("awaiting_guardian", "draft")]),
    ("submit", |a, scene| a.submit(scene.request, NOW), &[("awaiting_signature", "submitted")]),
    ("submit", |a, scene| a.await_guardian(scene.request, WEEK, NOW), &[("awaiting_signature", "awaiting_guardian")]),
    (
        "submit",
        |a, scene| a.await_guardian_of(scene.version, WEEK, NOW),
        &[("awaiting_signature", "awaiting_guardian")],
    ),
    ("submit", |a, scene| a.submit_version(scene.version, NOW), &[("awaiting_signature", "submitted")]),
    (
        "submit",
        |a, scene| a.submit_unsigned(scene.version.digest, NOW),
        &[("draft", "submitted"), ("returned", "submitted")],
    ),
    ("co-sign", |a, scene| a.cosign(scene.version, NOW), &[("awaiting_guardian", "submitted")]),
    (
        "claim",
        |a, scene| a.claim(&scene.reviewer, NOW),
        &[("submitted", "under_review"), ("under_review", "under_review")],
    ),
    ("take over", |a, scene| a.take_over(&scene.colleague, NOW), &[("under_review", "under_review")]),
    ("release", |a, scene| a.release(&scene.reviewer), &[("under_review", "submitted")]),
    ("end the lease of", |a, _| a.end_lease(NOW + REVIEW_LEASE), &[("under_review", "submitted")]),
    (
        "return",
        |a, scene| a.return_for_correction(&scene.reviewer, scene.version, NOW + WEEK, NOW),
        &[("under_review", "returned")],
    ),
    ("approve", |a, scene| a.approve_first(&scene.reviewer, scene.version, NOW), &[("under_review", "submitted")]),
    ("approve", |a, scene| a.approve(&scene.reviewer, scene.version, None, NOW), &[("under_review", "approved")]),
    ("approve by rule", |a, _| a.approve_by_rule(NOW), &[("submitted", "approved")]),
    ("issue", |a, _| a.issue(), &[("approved", "issued")]),
    (
        "refuse the registration of",
        |a, scene| a.refuse_registration(&scene.colleague, NOW),
        &[("approved", "submitted")],
    ),
    ("decline", |a, scene| a.decline(&scene.reviewer, scene.version, NOW), &[("under_review", "declined")]),
    ("reopen", |a, scene| a.reopen(&scene.colleague, WEEK, NOW), &[("issued", "submitted"), ("declined", "submitted")]),
    ("reopen", |a, scene| a.ask_once_more(&scene.colleague, NOW + WEEK), &[("lapsed", "returned")]),
    (
        "withdraw",
        |a, _| a.withdraw(NOW),
        &[
            ("draft", "withdrawn"),
            ("awaiting_signature", "withdrawn"),
            ("awaiting_guardian", "withdrawn"),
            ("submitted", "withdrawn"),
            ("under_review", "withdrawn"),
            ("returned", "withdrawn"),
        ],
    ),
    (
        "lapse",
        |a, _| a.lapse(NOW + WEEK),
        &[("draft", "lapsed"), ("awaiting_guardian", "lapsed"), ("returned", "lapsed")],
    ),
    (
        "purge",
        |a, _| a.purge(NOW),
        &[("issued", "purged"), ("declined", "purged"), ("withdrawn", "purged"), ("lapsed", "purged")],
    ),
];

#[test]
fn every_event_leads_from_every_state_to_its_one_place_or_nowhere() {
    let scene = Scene::new();
    assert_eq!(scene.states().map(|state| state.name()), STATES);
    for (name, event, ways) in TABLE {
        for state in scene.states() {
            let from = state.name();
            let expected = ways.iter().find(|(known, _)| *known == from).map(|(_, to)| *to);
            let before = scene.application(state);
            match event(before.clone(), &scene) {
                Ok(after) => {
                    assert_eq!(Some(after.state.name()), expected, "{name} from {from}");
                    let unchanged =
                        Application { state: before.state.clone(), last_version: before.last_version, ..after };
                    assert_eq!(unchanged, before, "{name} changes nothing but the state and the version");
                }
                Err(refused) => {
                    assert_eq!(expected, None, "{name} from {from}");
                    assert_eq!(refused, Refused::WrongState { event: name, state: from });
                }
            }
        }
    }
}

#[test]
fn only_a_supervisor_and_the_erasure_lead_away_from_a_final_state() {
    let scene = Scene::new();
    for state in scene.states() {
        let leads_away: Vec<&str> = TABLE
            .iter()
            .filter(|(_, event, _)| event(scene.application(state.clone()), &scene).is_ok())
            .map(|(name, ..)| *name)
            .collect();
        let only_exceptions = leads_away.iter().all(|name| ["reopen", "purge"].contains(name));
        assert_eq!(only_exceptions, state.is_final(), "{}: {leads_away:?}", state.name());
    }
}

#[test]
fn what_was_sent_back_is_frozen_signed_and_edited_without_losing_who_asked_what() {
    let scene = Scene::new();
    let asked = Return { answer_by: NOW + WEEK, ..scene.asked() };
    let returned = scene.application(ApplicationState::Returned(asked));
    let later = NOW + Duration::DAY;
    let frozen = returned.freeze(Digest::from_bytes([8; 32]), scene.request, later).unwrap();
    assert_eq!(frozen.last_version, 2);
    assert_eq!(frozen.state.correction(), Some(asked));
    assert_eq!(frozen.state.submitted_version(), Some(scene.version), "staff see what they sent back");
    assert_eq!(frozen.signed_number(), 1);

    let edited = frozen.clone().edit(DRAFT_LIFE, later).unwrap();
    assert_eq!(edited.state, ApplicationState::Returned(asked), "it is no draft again");

    let again = frozen.submit(scene.request, later).unwrap();
    let service = again.state.service().unwrap();
    assert_eq!(service.submitted_at, NOW, "the first day counts");
    assert_eq!(service.elapsed(later), Duration::ZERO, "and the day with the applicant does not");
    assert_eq!(again.state.version().map(|version| version.number), Some(2));
}

#[test]
fn a_second_approval_is_another_persons() {
    let scene = Scene::new();
    let application = scene.application(scene.under_review());
    let mine = application.clone().approve(&scene.reviewer, scene.version, Some(scene.reviewer.id), NOW);
    assert_eq!(mine, Err(Refused::SamePerson));
    assert!(application.approve(&scene.reviewer, scene.version, Some(scene.colleague.id), NOW).is_ok());
}

#[test]
fn a_decision_is_reopened_within_its_time() {
    let scene = Scene::new();
    let [.., issued, _, _, _, _] = scene.states();
    let application = scene.application(issued);
    let late = application.clone().reopen(&scene.reviewer, WEEK, NOW + WEEK);
    assert_eq!(late, Err(Refused::TooLate { ended_at: NOW + WEEK }));
    assert!(application.reopen(&scene.reviewer, WEEK, NOW + WEEK - Duration::SECOND).is_ok());
}

#[test]
fn a_role_opens_what_it_allows_and_only_in_its_branches() {
    let scene = Scene::new();
    let at = |branch: &str| Application {
        branch: Some(branch.parse().unwrap()),
        ..scene.application(ApplicationState::Submitted { version: scene.version, service: ServiceTime::start(NOW) })
    };
    let grant = RoleGrant { role: Role::Reviewer, branch: Some("jonai".parse().unwrap()) };
    let reviewer = StaffMember { roles: vec![grant], ..staff(scene.library) };
    assert_eq!(at("aboshi").claim(&reviewer, NOW), Err(Refused::OtherLibrary));
    let mine = at("jonai").claim(&reviewer, NOW).unwrap();
    assert_eq!(mine.clone().approve(&reviewer, scene.version, None, NOW), Err(Refused::NotAllowed));
    assert!(mine.clone().approve_first(&reviewer, scene.version, NOW).is_ok());
    assert_eq!(mine.must_be_for(&reviewer, Permission::TakeOver), Err(Refused::NotAllowed));
    let nobody = StaffMember { roles: Vec::new(), ..reviewer };
    assert_eq!(at("jonai").claim(&nobody, NOW), Err(Refused::NotAllowed));
}

#[test]
fn each_freeze_makes_the_next_version_and_a_new_request_keeps_it() {
    let scene = Scene::new();
    let other = SigningRequestId::new(NOW + Duration::SECOND);
    let draft = Application::start(scene.library, Reference::from_random(1), Procedure::NewCard, 4, DRAFT_LIFE, NOW);
    assert_eq!(draft.state, ApplicationState::Draft { expires_at: NOW + DRAFT_LIFE });
    assert_eq!((draft.last_version, draft.rules_version), (0, 4));

    let frozen = draft.freeze(scene.version.digest, scene.request, NOW).unwrap();
    assert_eq!(frozen.state, scene.awaiting_signature());
    let asked_again = frozen.ask_again(other, NOW).unwrap();
    assert_eq!(asked_again.state.version(), Some(scene.version));
    assert_eq!(asked_again.clone().submit(scene.request, NOW), Err(Refused::OtherRequest));

    let again = asked_again.edit(DRAFT_LIFE, NOW).unwrap().freeze(Digest::from_bytes([8; 32]), other, NOW).unwrap();
    assert_eq!(again.state.version(), Some(Version { number: 2, digest: Digest::from_bytes([8; 32]) }));
    assert_eq!(again.last_version, 2);
}

#[test]
fn a_signature_counts_only_for_the_open_request_and_in_time() {
    let scene = Scene::new();
    let awaiting = scene.application(scene.awaiting_signature());
    let other = SigningRequestId::new(NOW + Duration::SECOND);
    assert_eq!(awaiting.clone().submit(other, NOW), Err(Refused::OtherRequest));
    assert_eq!(awaiting.clone().submit(scene.request, NOW + SIGNING_TIME), Err(Refused::RequestExpired));
    let in_time = NOW + SIGNING_TIME - Duration::SECOND;
    assert_eq!(
        awaiting.submit(scene.request, in_time).unwrap().state,
        ApplicationState::Submitted { version: scene.version, service: ServiceTime::start(in_time) }
    );
}

#[test]
fn an_uploaded_signature_counts_only_for_the_version_that_waits_and_in_time() {
    let scene = Scene::new();
    let awaiting = scene.application(scene.awaiting_signature());
    let older = Version { number: 7, ..scene.version };
    let altered = Version { digest: Digest::from_bytes([9; 32]), ..scene.version };
    for other in [older, altered] {
        let refused = Refused::OtherVersion { seen: other.number, current: scene.version.number };
        assert_eq!(awaiting.clone().submit_version(other, NOW), Err(refused));
    }
    let late = awaiting.clone().submit_version(scene.version, NOW + SIGNING_TIME);
    assert_eq!(late, Err(Refused::RequestExpired));
    assert_eq!(
        awaiting.submit_version(scene.version, NOW).unwrap().state,
        ApplicationState::Submitted { version: scene.version, service: ServiceTime::start(NOW) }
    );
    let draft = scene.application(ApplicationState::Draft { expires_at: NOW + DRAFT_LIFE });
    assert!(matches!(draft.submit_version(scene.version, NOW), Err(Refused::WrongState { .. })));
}

#[test]
fn a_claim_holds_against_colleagues_until_its_lease_ends() {
    let scene = Scene::new();
    let (mine, colleague) = (scene.application(scene.under_review()), staff(scene.library));
    let lease_until = NOW + REVIEW_LEASE;
    let claimed = Refused::ClaimedByAnother { reviewer: scene.reviewer.id, lease_until };
    let almost = lease_until - Duration::SECOND;

    assert_eq!(mine.clone().claim(&colleague, almost), Err(claimed.clone()));
    assert_eq!(mine.clone().release(&colleague), Err(claimed.clone()));
    assert_eq!(mine.clone().approve(&colleague, scene.version, None, NOW), Err(claimed.clone()));
    assert_eq!(mine.clone().decline(&colleague, scene.version, NOW), Err(claimed));

    let taken_over = mine.clone().claim(&colleague, lease_until).unwrap();
    assert!(matches!(taken_over.state, ApplicationState::UnderReview { reviewer, .. } if reviewer == colleague.id));
    let prolonged = mine.claim(&scene.reviewer, almost).unwrap();
    assert!(
        matches!(prolonged.state, ApplicationState::UnderReview { lease_until, .. } if lease_until == almost + REVIEW_LEASE)
    );
}

#[test]
fn a_decision_after_the_lease_comes_too_late() {
    let scene = Scene::new();
    let application = scene.application(scene.under_review());
    let lease_until = NOW + REVIEW_LEASE;
    let late = Err(Refused::LeaseEnded { lease_until });
    assert_eq!(application.clone().approve(&scene.reviewer, scene.version, None, lease_until), late);
    assert_eq!(application.clone().decline(&scene.reviewer, scene.version, lease_until), late);
    let in_time = lease_until - Duration::SECOND;
    assert!(application.approve(&scene.reviewer, scene.version, None, in_time).is_ok());
}

#[test]
fn a_decision_on_another_version_or_digest_is_refused() {
    let scene = Scene::new();
    let application = scene.application(scene.under_review());
    for seen in
        [Version { number: 2, ..scene.version }, Version { digest: Digest::from_bytes([9; 32]), ..scene.version }]
    {
        let refused = Refused::OtherVersion { seen: seen.number, current: 1 };
        assert_eq!(application.clone().approve(&scene.reviewer, seen, None, NOW), Err(refused.clone()));
        assert_eq!(application.clone().decline(&scene.reviewer, seen, NOW), Err(refused));
    }
}

#[test]
fn staff_of_another_library_can_do_nothing() {
    let scene = Scene::new();
    let stranger = StaffMember { id: scene.reviewer.id, ..staff(LibraryId::new(NOW + Duration::SECOND)) };
    for state in scene.states() {
        let application = scene.application(state);
        for outcome in [
            application.clone().claim(&stranger, NOW),
            application.clone().release(&stranger),
            application.clone().approve(&stranger, scene.version, None, NOW),
            application.clone().decline(&stranger, scene.version, NOW),
        ] {
            assert_eq!(outcome, Err(Refused::OtherLibrary));
        }
    }
}

#[test]
fn a_draft_lives_until_its_time_is_over() {
    let scene = Scene::new();
    let draft = scene.application(ApplicationState::Draft { expires_at: NOW });
    let early = NOW - Duration::SECOND;
    assert_eq!(draft.clone().lapse(early), Err(Refused::TooEarly { from: NOW }));
    assert_eq!(
        draft.touch(DRAFT_LIFE, early).unwrap().state,
        ApplicationState::Draft { expires_at: early + DRAFT_LIFE }
    );
}
