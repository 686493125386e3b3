use super::*;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
const DRAFT_LIFE: Duration = Duration::days(7);

/// The people and papers that the tests speak of.
struct Scene {
    library: LibraryId,
    request: SigningRequestId,
    version: Version,
    reviewer: StaffMember,
}

impl Scene {
    fn new() -> Self {
        let library = LibraryId::new(NOW);
        Self {
            library,
            request: SigningRequestId::new(NOW),
            version: Version { number: 1, digest: Digest::from_bytes([7; 32]) },
            reviewer: staff(library),
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
            started_at: NOW,
            state,
        }
    }

    fn awaiting_signature(&self) -> ApplicationState {
        ApplicationState::AwaitingSignature {
            version: self.version,
            request: self.request,
            expires_at: NOW + SIGNING_TIME,
        }
    }

    fn under_review(&self) -> ApplicationState {
        ApplicationState::UnderReview {
            version: self.version,
            submitted_at: NOW,
            reviewer: self.reviewer.id,
            lease_until: NOW + REVIEW_LEASE,
        }
    }

    /// One application in each state. The draft's time is over, so that it can lapse.
    fn states(&self) -> [ApplicationState; 8] {
        let (version, submitted_at, decided_at, reviewer) = (self.version, NOW, NOW, self.reviewer.id);
        [
            ApplicationState::Draft { expires_at: NOW },
            self.awaiting_signature(),
            ApplicationState::Submitted { version, submitted_at },
            self.under_review(),
            ApplicationState::Issued { version, submitted_at, reviewer, decided_at },
            ApplicationState::Declined { version, submitted_at, reviewer, decided_at },
            ApplicationState::Withdrawn { withdrawn_at: NOW },
            ApplicationState::Lapsed { lapsed_at: NOW },
        ]
    }
}

fn staff(library_id: LibraryId) -> StaffMember {
    StaffMember { id: StaffId::new(NOW), library_id, login: "imai".into(), name: "今井".into(), disabled_at: None }
}

type Event = fn(Application, &Scene) -> Result<Application, Refused>;

/// Every event, and for every state the state that follows; an empty name means that it is refused.
const TABLE: [(&str, Event, [&str; 8]); 11] = [
    ("save", |a, _| a.touch(DRAFT_LIFE, NOW), ["draft", "", "", "", "", "", "", ""]),
    (
        "freeze",
        |a, scene| a.freeze(scene.version.digest, scene.request, NOW),
        ["awaiting_signature", "", "", "", "", "", "", ""],
    ),
    (
        "ask again to sign",
        |a, scene| a.ask_again(scene.request, NOW),
        ["", "awaiting_signature", "", "", "", "", "", ""],
    ),
    ("edit", |a, _| a.edit(DRAFT_LIFE, NOW), ["", "draft", "", "", "", "", "", ""]),
    ("submit", |a, scene| a.submit(scene.request, NOW), ["", "submitted", "", "", "", "", "", ""]),
    ("claim", |a, scene| a.claim(&scene.reviewer, NOW), ["", "", "under_review", "under_review", "", "", "", ""]),
    ("release", |a, scene| a.release(&scene.reviewer), ["", "", "", "submitted", "", "", "", ""]),
    ("approve", |a, scene| a.approve(&scene.reviewer, scene.version, NOW), ["", "", "", "issued", "", "", "", ""]),
    ("decline", |a, scene| a.decline(&scene.reviewer, scene.version, NOW), ["", "", "", "declined", "", "", "", ""]),
    ("withdraw", |a, _| a.withdraw(NOW), ["withdrawn", "withdrawn", "withdrawn", "withdrawn", "", "", "", ""]),
    ("lapse", |a, _| a.lapse(NOW), ["lapsed", "", "", "", "", "", "", ""]),
];

#[test]
fn every_event_leads_from_every_state_to_its_one_place_or_nowhere() {
    let scene = Scene::new();
    for (name, event, expected) in TABLE {
        for (state, expected) in scene.states().into_iter().zip(expected) {
            let from = state.name();
            let before = scene.application(state);
            match event(before.clone(), &scene) {
                Ok(after) => {
                    assert_eq!(after.state.name(), expected, "{name} from {from}");
                    let unchanged =
                        Application { state: before.state.clone(), last_version: before.last_version, ..after };
                    assert_eq!(unchanged, before, "{name} changes nothing but the state and the version");
                }
                Err(refused) => {
                    assert_eq!(expected, "", "{name} from {from}");
                    assert_eq!(refused, Refused::WrongState { event: name, state: from });
                }
            }
        }
    }
}

#[test]
fn no_event_leads_away_from_a_final_state() {
    let scene = Scene::new();
    for state in scene.states() {
        let leads_away = TABLE.iter().any(|(_, event, _)| event(scene.application(state.clone()), &scene).is_ok());
        assert_eq!(leads_away, !state.is_final(), "{}", state.name());
    }
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
        ApplicationState::Submitted { version: scene.version, submitted_at: in_time }
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
        ApplicationState::Submitted { version: scene.version, submitted_at: NOW }
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
    assert_eq!(mine.clone().approve(&colleague, scene.version, NOW), Err(claimed.clone()));
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
    assert_eq!(application.clone().approve(&scene.reviewer, scene.version, lease_until), late);
    assert_eq!(application.clone().decline(&scene.reviewer, scene.version, lease_until), late);
    let in_time = lease_until - Duration::SECOND;
    assert!(application.approve(&scene.reviewer, scene.version, in_time).is_ok());
}

#[test]
fn a_decision_on_another_version_or_digest_is_refused() {
    let scene = Scene::new();
    let application = scene.application(scene.under_review());
    for seen in
        [Version { number: 2, ..scene.version }, Version { digest: Digest::from_bytes([9; 32]), ..scene.version }]
    {
        let refused = Refused::OtherVersion { seen: seen.number, current: 1 };
        assert_eq!(application.clone().approve(&scene.reviewer, seen, NOW), Err(refused.clone()));
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
            application.clone().approve(&stranger, scene.version, NOW),
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
    assert_eq!(draft.clone().lapse(early), Err(Refused::WrongState { event: "lapse", state: "draft" }));
    assert_eq!(
        draft.touch(DRAFT_LIFE, early).unwrap().state,
        ApplicationState::Draft { expires_at: early + DRAFT_LIFE }
    );
}
