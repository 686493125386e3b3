use super::*;
use crate::domain::application::{Application, Decider, ServiceTime};
use crate::domain::certificate_number::{CertificateNumber, NumberSource, NumberState};
use crate::domain::event::{Actor, ChainedEvent, Event, EventKind};
use crate::domain::ids::StaffId;
use crate::domain::ids::{ApplicationId, LibraryId};
use crate::domain::likeness::{ComparedField, Comparison, Difference, Likeness};
use crate::domain::permission::{Role, RoleGrant};
use crate::domain::procedure::Procedure;
use crate::domain::proof::PlannedExpiry;
use crate::domain::reference::Reference;
use crate::domain::statement::Statement;
use crate::domain::version::Digest;
use crate::jpki::{
    Check, Environment, Fact, Holder as Certified, Kind, Medium, Outcome as Verified, Purpose, Reason, RevocationGap,
    RevocationReason, RevocationStatus, Signer, Step, StepOutcome, Verdict,
};
use crate::service::review::{AnswerSource, LaterAnswer, NoticeTimes, RevocationAnswer, RevokedSince, SigningWay};
use time::Duration;
use time::macros::{date, datetime};

pub(in crate::http::staff) const NOW: OffsetDateTime = datetime!(2026-11-20 05:05 UTC);
const LIBRARY: u128 = 1;

fn library_id() -> LibraryId {
    LibraryId::from_uuid(uuid::Uuid::from_u128(LIBRARY))
}

fn member(number: u128, login: &str, name: &str) -> StaffMember {
    StaffMember {
        id: StaffId::from_uuid(uuid::Uuid::from_u128(number)),
        library_id: library_id(),
        login: login.into(),
        name: name.into(),
        disabled_at: None,
        roles: vec![RoleGrant::everywhere(Role::Supervisor)],
    }
}

pub(in crate::http::staff) fn me() -> StaffMember {
    member(11, "sato", "佐藤")
}

pub(in crate::http::staff) fn colleague() -> StaffMember {
    member(12, "imai", "今井")
}

fn statement() -> Statement {
    let json = serde_json::json!({
        "schema": crate::domain::statement::SCHEMA,
        "library": {"slug": "aozora", "name": "あおぞら市立図書館", "municipality": "石川県あおぞら市"},
        "procedure": "new_card",
        "reference": Reference::from_random(42).to_string(),
        "version": 1,
        "applied_on": "2026-11-20",
        "answers": {
            "category": "resident", "email": "hanako@example.jp", "name": "髙橋　花子", "kana": "タカハシ　ハナコ",
            "birth": "1985-04-27",
            "address": {"postcode": "9200001", "prefecture": "石川県", "municipality": "あおぞら市",
                "line1": "中央一丁目2-3", "line2": "あおぞら荘201"},
            "phone": "076-000-0001", "branch": "central", "delivery": "electronic", "plastic_card": false
        },
        "labels": {"category": "市内に住んでいる", "branch": "中央図書館"},
        "consents": [{"id": "terms", "version": 2, "title": "利用のきまり", "text": "きまりを守ります。"}],
        "rules_version": 1
    });
    serde_json::from_value(json).unwrap()
}

fn verdict() -> Verdict {
    let passed = |check| Step { check, outcome: StepOutcome::Passed, facts: Vec::new() };
    let mut steps = vec![passed(Check::Container), passed(Check::Document), passed(Check::Signature)];
    steps[1].facts = vec![Fact { name: "sha256".into(), value: "ab".repeat(32) }];
    steps.push(Step { check: Check::Revocation, outcome: StepOutcome::Unknown, facts: Vec::new() });
    Verdict {
        outcome: Verified::Valid,
        at: NOW - Duration::hours(2),
        steps,
        signer: Some(Signer {
            certificate: vec![1],
            serial: "0a1b2c".into(),
            issuer: "C=JP, O=JPKI, OU=JPKI for digital signature".into(),
            sha256: "cd".repeat(32),
            not_before: datetime!(2024-04-01 00:00 UTC),
            not_after: datetime!(2029-04-27 14:59:59 UTC),
            policy: Some("1.2.392.200149.8.5.1.1.20".into()),
            kind: Some(Kind { purpose: Purpose::Signing, medium: Medium::Card, environment: Environment::Production }),
            holder: Some(Certified {
                name: "高橋　花子".into(),
                name_substitutes: vec![0],
                birth: None,
                address: None,
                address_substitutes: Vec::new(),
            }),
            anchor_sha256: "ef".repeat(32),
            claimed_signing_time: Some(NOW - Duration::hours(2)),
        }),
        revocation: RevocationStatus::Unknown { why: RevocationGap::Stale },
    }
}

fn comparison() -> Vec<Comparison> {
    vec![
        Comparison {
            field: ComparedField::Name,
            declared: "髙橋　花子".into(),
            certified: Some("高橋　花子".into()),
            likeness: Likeness::WrittenDifferently,
            differences: vec![Difference {
                declared: "髙".into(),
                certificate: "高".into(),
                likeness: Likeness::WrittenDifferently,
            }],
            substituted: true,
        },
        Comparison {
            field: ComparedField::Birth,
            declared: "1985-04-27".into(),
            certified: Some("1985-04-27".into()),
            likeness: Likeness::Same,
            differences: Vec::new(),
            substituted: false,
        },
        Comparison {
            field: ComparedField::Address,
            declared: "石川県あおぞら市中央一丁目2-3".into(),
            certified: None,
            likeness: Likeness::NotKnown,
            differences: Vec::new(),
            substituted: false,
        },
    ]
}

fn happened(kind: EventKind, actor: Actor, detail: &str, minutes_ago: i64) -> ChainedEvent {
    let event = Event {
        library_id: library_id(),
        application_id: ApplicationId::new(NOW),
        kind,
        actor,
        version: 1,
        detail: detail.into(),
        at: NOW - Duration::minutes(minutes_ago),
    };
    ChainedEvent { event, seq: 1, prev_hash: [0; 32], hash: [0; 32] }
}

/// An application that waits in the queue.
pub(in crate::http::staff) fn sample_file() -> ReviewFile {
    let version = Version { number: 1, digest: Digest::from_bytes([0xab; 32]) };
    let mut application = Application::start(
        library_id(),
        Reference::from_random(42),
        Procedure::NewCard,
        1,
        Duration::days(7),
        NOW - Duration::hours(3),
    );
    application.state = ApplicationState::Submitted { version, service: ServiceTime::start(NOW - Duration::hours(2)) };
    application.last_version = 1;
    ReviewFile {
        planned: Some(PlannedExpiry { expires_on: date!(2027 - 03 - 31), ends_with: Some("学生証".into()) }),
        provable: Vec::new(),
        noted: vec![("学生証".into(), Some(date!(2027 - 03 - 31)))],
        application,
        version,
        statement: statement(),
        verdict: Some(verdict()),
        sighting: None,
        revocation: RevocationAnswer::Unknown,
        later: None,
        way: Some(SigningWay::App),
        is_signed_inside: false,
        guardian: None,
        stamped_at: None,
        asked_again_at: Some(NOW + Duration::minutes(5)),
        comparison: comparison(),
        timeline: vec![
            happened(EventKind::Submitted, Actor::Applicant, "unknown", 120),
            happened(EventKind::MailHandedOver, Actor::System, "received", 119),
            happened(EventKind::Viewed, Actor::Staff(me().id), "", 10),
            happened(EventKind::Viewed, Actor::Staff(me().id), "", 5),
        ],
        notices: Vec::new(),
        staff: vec![me(), colleague()],
        decision: None,
        certificate_number: None,
        hold: None,
        opinions: Vec::new(),
        memos: Vec::new(),
        first_approval: None,
        second_because: Vec::new(),
        rounds: Vec::new(),
        is_related: false,
        cards: Vec::new(),
        is_awaited_outside: false,
        unread: 0,
        duplicates: crate::service::duplicates::DuplicateCount::default(),
        attachments: Vec::new(),
        about_card: None,
    }
}

/// What was said ten minutes ago about the certificate of [`sample_file`].
pub(in crate::http::staff) fn later_answer(answer: RevocationAnswer, revoked: Option<RevokedSince>) -> LaterAnswer {
    LaterAnswer {
        library_id: library_id(),
        application_id: ApplicationId::new(NOW),
        version_number: 1,
        asked_at: NOW - Duration::minutes(10),
        answer,
        source: AnswerSource::List,
        crl_number: Some("07".into()),
        this_update: Some(NOW - Duration::HOUR),
        next_update: Some(NOW + Duration::DAY),
        produced_at: None,
        revoked,
    }
}

/// The same, claimed by `reviewer`.
pub(in crate::http::staff) fn under_review(reviewer: &StaffMember, lease_until: OffsetDateTime) -> ReviewFile {
    let mut file = sample_file();
    let version = file.version;
    let submitted_at = NOW - Duration::hours(2);
    file.application.state = ApplicationState::UnderReview {
        version,
        service: ServiceTime::start(submitted_at),
        reviewer: reviewer.id,
        lease_until,
    };
    file
}

fn drawn_with(file: &ReviewFile, input: DecisionForm, errors: FieldErrors) -> String {
    let due = Some(Due { day: Day(time::macros::date!(2026 - 11 - 25)), is_past: false });
    ApplicationPage::of(Layout::sample(), &me(), file, (Desk::default(), due, NOW), input, errors).render().unwrap()
}

fn drawn(file: &ReviewFile) -> String {
    drawn_with(file, DecisionForm::default(), FieldErrors::none())
}

fn mine() -> ReviewFile {
    under_review(&me(), NOW + Duration::minutes(30))
}

#[test]
fn the_file_shows_answers_checks_comparison_certificate_and_record() {
    let page = drawn(&sample_file());
    for part in [
        "髙橋　花子",
        "タカハシ　ハナコ",
        "1985年（昭和60年）4月27日",
        "〒920-0001",
        "市内に住んでいる",
        "中央図書館",
        "利用のきまり（第2版）",
        "署名の検証",
        "失効リストが古くなっています",
        "2026-11-20 12:05",
        "0a1b2c",
        "1.2.392.200149.8.5.1.1.20",
        "署名して申し込みました",
        "受付のお知らせ",
        "2時間前",
        "2027年3月31日(水)</time>（学生証の期限まで）",
        "<li>学生証（2027年3月31日(水)まで）</li>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_file_says_when_a_notice_was_placed_mailed_opened_and_saved() {
    assert!(!drawn(&sample_file()).contains("お知らせの交付"));
    let mut file = sample_file();
    let placed_at = NOW - Duration::minutes(60);
    let notice = NoticeTimes { kind: "issued".into(), placed_at, mailed_at: None, first_read_at: None };
    file.notices = vec![notice.clone()];
    let page = drawn(&file);
    assert!(page.contains("カードの番号") && page.contains("13:05") && page.contains("渡していません"), "{page}");
    assert_eq!(page.matches("<dd>まだ</dd>").count(), 3, "{page}");
    let (mailed_at, first_read_at) = (Some(NOW - Duration::minutes(50)), Some(NOW - Duration::minutes(40)));
    file.notices = vec![NoticeTimes { mailed_at, first_read_at, ..notice }];
    file.timeline.push(happened(EventKind::NoticeDownloaded, Actor::Applicant, "declined", 35));
    file.timeline.push(happened(EventKind::NoticeDownloaded, Actor::Applicant, "issued", 30));
    file.timeline.push(happened(EventKind::PasswordShown, Actor::Applicant, "", 20));
    let page = drawn(&file);
    let section = &page[page.find("お知らせの交付").unwrap()..page.find("id=\"timeline-h\"").unwrap()];
    let times: Vec<_> = ["13:05", "13:15", "13:25", "13:35", "13:45"].map(|at| section.find(at).expect(at)).into();
    assert!(times.is_sorted() && !section.contains("まだ"), "{section}");
}

#[test]
fn differences_are_marked_and_named_in_text() {
    let page = drawn(&sample_file());
    assert!(page.contains("<mark>髙</mark>橋　花子") && page.contains("<mark>高</mark>橋　花子"));
    assert!(page.contains("ちがう文字：髙→高"));
    assert!(page.contains("証明書では別の文字に置きかえられています"));
    for word in ["一致", "表記のちがい", "確認できず"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn unknown_revocation_is_pointed_out_and_so_is_another_person() {
    assert!(drawn(&sample_file()).contains("失効を確認できていません"));
    let mut file = sample_file();
    file.revocation = RevocationAnswer::Good;
    file.comparison[0].likeness = Likeness::Different;
    let page = drawn(&file);
    assert!(!page.contains("失効を確認できていません") && page.contains("別の人の証明書"));
}

#[test]
fn while_revocation_is_unknown_the_page_says_when_it_is_asked_again_and_that_nobody_can_approve() {
    let page = drawn(&mine());
    assert!(page.contains("14:10") && page.contains("証明書の失効を確認できるまで、承認できません"), "{page}");
}

#[test]
fn a_revocation_found_later_is_said_plainly_and_told_from_one_after_the_receipt() {
    let mut file = mine();
    let revoked = |at| RevokedSince { at, reason: RevocationReason::KeyCompromise };
    file.revocation = RevocationAnswer::Revoked;
    file.later = Some(later_answer(RevocationAnswer::Revoked, Some(revoked(NOW - Duration::days(1)))));
    let page = drawn(&file);
    assert!(page.contains("証明書は、受付のときに失効していました") && page.contains("2026-11-19 14:05"), "{page}");
    assert!(page.contains("失効していたため、承認できません") && page.contains("カードの紛失"), "{page}");
    file.revocation = RevocationAnswer::Good;
    file.later = Some(later_answer(RevocationAnswer::Good, Some(revoked(NOW))));
    let page = drawn(&file);
    assert!(page.contains("受付のあとに、証明書が失効しました") && !page.contains("承認できません"), "{page}");
}

#[test]
fn a_failed_step_shows_its_rule() {
    let mut file = sample_file();
    file.verdict.as_mut().unwrap().steps[2].outcome = StepOutcome::Failed(Reason::SignatureMismatch);
    let page = drawn(&file);
    assert!(page.contains("data-r=\"no\"") && page.contains("signature-mismatch"));
}

#[test]
fn only_the_holder_of_the_claim_can_decide() {
    let held = drawn(&mine());
    assert!(
        held.contains("/decision/confirm\"") && held.contains("担当をはずす") && !held.contains("担当する</button>")
    );
    assert!(held.contains(&format!("value=\"{}\"", "ab".repeat(32))) && held.contains("name=\"version\" value=\"1\""));

    let free = drawn(&sample_file());
    assert!(!free.contains("/decision/confirm") && free.contains("担当する</button>"));

    let colleagues = drawn(&under_review(&colleague(), NOW + Duration::minutes(20)));
    assert!(!colleagues.contains("/decision/confirm") && !colleagues.contains("担当する</button>"));
    assert!(colleagues.contains("今井") && colleagues.contains("14:25"));
}

#[test]
fn a_claim_whose_time_is_over_can_be_taken() {
    let page = drawn(&under_review(&me(), NOW));
    assert!(page.contains("担当する</button>") && !page.contains("/decision/confirm"));
}

#[test]
fn a_missing_choice_is_named_and_nothing_typed_is_lost() {
    let input = DecisionForm { reason: "書きかけの<理由>".into(), ..DecisionForm::default() };
    let errors = input.choice().unwrap_err();
    let page = drawn_with(&mine(), input, errors);
    assert!(page.contains("<title>エラー：") && page.contains("href=\"#outcome\"") && page.contains("id=\"outcome\""));
    assert!(page.contains("書きかけの&#60;理由&#62;</textarea>"));
}

#[test]
fn nothing_is_chosen_beforehand() {
    assert!(!drawn(&mine()).contains(" checked"));
}

#[test]
fn a_decided_file_says_how_and_offers_nothing_more() {
    let mut file = sample_file();
    let (version, reviewer) = (file.version, colleague().id);
    file.application.state = ApplicationState::Issued {
        version,
        service: ServiceTime::start(NOW).paused(NOW),
        decider: Decider::Staff(reviewer),
        decided_at: NOW,
    };
    file.decision = Some(Decision {
        library_id: library_id(),
        application_id: file.application.id,
        version,
        outcome: Outcome::Approved,
        decided_by: Decider::Staff(reviewer),
        decided_at: NOW,
    });
    let page = drawn(&file);
    assert!(page.contains("承認し、カードを発行しました") && page.contains("今井"));
    assert!(!page.contains("担当する</button>"));

    file.decision.as_mut().unwrap().outcome = Outcome::Declined("住所が<対象>の外です".parse().unwrap());
    assert!(drawn(&file).contains("住所が&#60;対象&#62;の外です"));
}

#[test]
fn the_certificate_number_can_be_noted_confirmed_and_removed_once_there_is_a_card() {
    assert!(!drawn(&mine()).contains("certificate-number"), "not before the issue");
    let mut file = sample_file();
    let (version, reviewer) = (file.version, colleague().id);
    file.application.state = ApplicationState::Issued {
        version,
        service: ServiceTime::start(NOW).paused(NOW),
        decider: Decider::Staff(reviewer),
        decided_at: NOW,
    };
    let number: CertificateNumber = "0a1b2c".parse().unwrap();
    let source = NumberSource::StaffEntry;
    let nothing = drawn(&file);
    assert!(nothing.contains("id=\"number\"") && !nothing.contains("/certificate-number/confirm"));
    file.certificate_number = Some(NumberState::Pending { tries: 1, next_try_at: NOW });
    assert!(drawn(&file).contains("J-LISに照会しています"));
    file.certificate_number = Some(NumberState::Recorded { number: number.clone(), source, recorded_at: NOW });
    let recorded = drawn(&file);
    assert!(recorded.contains("A1B2C") && recorded.contains("職員の入力") && recorded.contains("まだ確かめていません"));
    assert!(recorded.contains("/certificate-number/confirm") && recorded.contains("/certificate-number/remove"));
    let confirmed = NumberState::Confirmed { number, source, recorded_at: NOW, confirmed_at: NOW };
    file.certificate_number = Some(confirmed);
    let confirmed = drawn(&file);
    assert!(confirmed.contains("2026-11-20 14:05") && !confirmed.contains("/certificate-number/confirm"));
}

#[test]
fn the_page_says_how_it_was_signed_and_links_no_signature_that_is_inside_the_document() {
    let mut file = sample_file();
    let page = drawn(&file);
    assert!(
        page.contains("申込みをした端末のアプリ") && page.contains("/signature\"") && page.contains("/evidence.zip\"")
    );
    assert!(!page.contains("時刻の証明"));
    file.way = Some(SigningWay::Phone);
    assert!(drawn(&file).contains("スマートフォンのアプリで署名"));
    (file.way, file.is_signed_inside, file.stamped_at) = (Some(SigningWay::Upload), true, Some(NOW));
    let page = drawn(&file);
    assert!(
        page.contains("ファイルをアップロード") && !page.contains("/signature\"") && page.contains("/evidence.zip\"")
    );
    assert!(page.contains("時刻の証明") && page.contains("署名した文書をひらく（PDF・署名入り）"), "{page}");
}

#[test]
fn openings_in_a_row_by_one_person_are_one_entry() {
    let entries = timeline::newest_first(&sample_file().timeline, &[me()]);
    let seen: Vec<_> = entries.iter().map(|entry| (entry.what, entry.who.as_str(), entry.times)).collect();
    assert_eq!(
        seen,
        [("内容を見ました", "佐藤", 2), ("メールを送りました", "システム", 1), ("署名して申し込みました", "申込者", 1)]
    );
    assert_eq!(entries[0].at, Moment(NOW - Duration::minutes(5)));
}

#[test]
fn the_page_has_one_heading_of_the_first_order_and_labelled_tables() {
    let page = drawn(&mine());
    assert_eq!(page.matches("<h1").count(), 1);
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
    assert_eq!(page.matches("role=\"region\" aria-labelledby=\"").count(), page.matches("<table").count());
}
