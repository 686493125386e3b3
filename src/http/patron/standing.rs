//! Where an application stands, in words: the chip, the sentence, the steps, the record.

use crate::domain::application::{ApplicationState, Decider};
use crate::domain::event::{ChainedEvent, Event, EventKind};
use crate::domain::procedure::Procedure;
use crate::http::filters::{Day, Moment};
use crate::http::procedure_wording::granted;
use crate::words::{Phrase, Words};
use time::{Date, OffsetDateTime};

/// A state in a word and a mark, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) colour: &'static str,
    pub(super) sign: &'static str,
    pub(super) word: Phrase,
    pub(super) sentence: Phrase,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) label: Phrase,
    pub(super) progress: Progress,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Done; the record usually knows when.
    Done(Option<Moment>),
    /// Here it stands.
    Now,
    /// Still to come.
    Ahead,
}

/// One line of the record, as far as it concerns the applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: Moment,
    pub(super) what: Phrase,
}

/// Colour, sign and word of a state.
pub(super) type Mark = (&'static str, &'static str, Phrase);

/// The state's colour, mark and word.
pub(super) fn mark(words: Words, state: &ApplicationState, procedure: Procedure) -> Mark {
    match state {
        ApplicationState::Draft { .. } => ("grey", "…", words.patron_standing_draft()),
        ApplicationState::AwaitingSignature { .. } => ("yellow", "◇", words.patron_standing_unsigned()),
        ApplicationState::AwaitingGuardian { .. } => ("yellow", "◇", words.patron_standing_guardian()),
        ApplicationState::Submitted { .. } => ("blue", "●", words.patron_standing_submitted()),
        ApplicationState::UnderReview { .. } => ("blue", "◐", words.patron_standing_under_review()),
        ApplicationState::Approved { .. } => ("blue", "◐", words.patron_standing_approved()),
        ApplicationState::Returned(_) => ("orange", "!", words.patron_standing_returned()),
        ApplicationState::Issued { .. } => ("green", "✓", granted(words, procedure).word),
        ApplicationState::Declined { .. } => ("red", "✕", words.patron_standing_declined()),
        ApplicationState::Withdrawn { .. } => ("grey", "―", words.patron_standing_withdrawn()),
        ApplicationState::Lapsed { .. } => ("grey", "―", words.patron_standing_lapsed()),
        ApplicationState::Purged { .. } => ("grey", "―", words.patron_standing_purged()),
    }
}

/// What else is known of an application, besides its state.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub(super) procedure: Procedure,
    /// The day by which the library means to answer.
    pub(super) promised: Option<Date>,
    /// The first day on which it can be granted, if something is waited for.
    pub(super) allowed_from: Option<Date>,
    /// When its decision was opened again, if there is none since.
    pub(super) reopened_at: Option<OffsetDateTime>,
    /// Until when a visit slip counts that it became.
    pub(super) slip_until: Option<OffsetDateTime>,
}

/// When a decision was opened again, as long as there is no other.
pub(super) fn reopened_at(timeline: &[ChainedEvent]) -> Option<OffsetDateTime> {
    let decided =
        |kind| is_submission(kind) || matches!(kind, EventKind::Issued | EventKind::Declined | EventKind::Registered);
    let last = timeline.iter().rev().map(|entry| &entry.event).find(|event| is_reopening(event) || decided(event.kind));
    last.filter(|event| is_reopening(event)).map(|event| event.at)
}

/// A request that is only asked once more is no decision taken back.
fn is_reopening(event: &Event) -> bool {
    event.kind == EventKind::Reopened && event.detail != "asked_once_more"
}

/// The state in words.
pub(super) fn standing(words: Words, state: &ApplicationState, about: &About, today: Date) -> Standing {
    let (colour, sign, word) = mark(words, state, about.procedure);
    Standing { colour, sign, word, sentence: sentence(words, state, about, today) }
}

fn sentence(words: Words, state: &ApplicationState, about: &About, today: Date) -> Phrase {
    let promise = || promise(words, about.promised, today);
    let waits = about.allowed_from.filter(|from| *from > today);
    match state {
        ApplicationState::Draft { .. } if let Some(until) = about.slip_until => {
            words.patron_standing_slip_until(Moment(until))
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } if about.reopened_at.is_some() => {
            words.patron_standing_again(promise())
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } if let Some(from) = waits => {
            words.patron_standing_searching(Day(from), promise())
        }
        ApplicationState::Draft { expires_at } => words.patron_standing_draft_until(Moment(*expires_at)),
        ApplicationState::AwaitingSignature { answers: Some(asked), .. } => {
            words.patron_standing_sign_again(Moment(asked.answer_by))
        }
        ApplicationState::AwaitingSignature { .. } => words.patron_standing_sign(),
        ApplicationState::Submitted { .. } => words.patron_standing_waits(promise()),
        ApplicationState::AwaitingGuardian { expires_at, .. } => words.patron_standing_guardian_by(Moment(*expires_at)),
        ApplicationState::UnderReview { .. } => words.patron_standing_checking(promise()),
        ApplicationState::Approved { .. } => words.patron_standing_registering(promise()),
        ApplicationState::Returned(asked) => words.patron_standing_put_right(Moment(asked.answer_by)),
        ApplicationState::Issued { .. } => granted(words, about.procedure).sentence,
        ApplicationState::Declined { .. } => words.patron_standing_refused(),
        ApplicationState::Withdrawn { withdrawn_at } => words.patron_standing_withdrawn_at(Moment(*withdrawn_at)),
        ApplicationState::Purged { .. } => words.patron_standing_erased(),
        ApplicationState::Lapsed { unanswered: Some(_), .. } => words.patron_standing_unanswered(),
        ApplicationState::Lapsed { .. } => words.patron_standing_run_out(),
    }
}

fn promise(words: Words, promised: Option<Date>, today: Date) -> Phrase {
    match promised {
        Some(day) if day >= today => words.patron_standing_promised(Day(day)),
        Some(day) => words.patron_standing_late(Day(day)),
        None => Phrase::default(),
    }
}

/// The way of an application and how far it has come, with the times that the record knows.
pub(super) fn steps(
    words: Words,
    state: &ApplicationState,
    about: &About,
    timeline: &[ChainedEvent],
    password_waits: bool,
) -> Vec<Step> {
    let granted = granted(words, about.procedure);
    let last = |kind: EventKind| {
        timeline.iter().rev().find(|entry| entry.event.kind == kind).map(|entry| Moment(entry.event.at))
    };
    let step = |label, progress| Step { label, progress };
    let came = timeline.iter().rev().find(|entry| is_submission(entry.event.kind));
    let is_signed = came.is_none_or(|entry| matches!(entry.event.kind, EventKind::Submitted | EventKind::Cosigned));
    let received = |at: OffsetDateTime| {
        let checked = is_signed.then(|| step(words.patron_step_signature(), Progress::Done(Some(Moment(at)))));
        [Some(step(words.patron_step_received(), Progress::Done(Some(Moment(at))))), checked].into_iter().flatten()
    };
    let mut steps = Vec::new();
    match *state {
        ApplicationState::Draft { .. } if about.slip_until.is_some() => {
            steps.push(step(words.patron_step_typed(), Progress::Done(last(EventKind::VisitSlipMade))));
            steps.push(step(words.patron_step_bring_slip(), Progress::Now));
            steps.push(step(words.patron_step_check(), Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Draft { .. } => {
            steps.push(step(words.patron_step_type(), Progress::Now));
            steps.push(step(words.patron_step_sign(), Progress::Ahead));
            steps.push(step(words.patron_step_check(), Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::AwaitingSignature { .. } => {
            steps.push(step(words.patron_step_typed(), Progress::Done(last(EventKind::Frozen))));
            steps.push(step(words.patron_step_sign(), Progress::Now));
            steps.push(step(words.patron_step_check(), Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::AwaitingGuardian { .. } => {
            steps.push(step(words.patron_step_signed(), Progress::Done(last(EventKind::GuardianAsked))));
            steps.push(step(words.patron_step_cosign(), Progress::Now));
            steps.push(step(words.patron_step_check(), Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Returned(asked) => {
            steps.extend(received(asked.service.submitted_at));
            steps.push(step(words.patron_step_asked(), Progress::Done(Some(Moment(asked.returned_at)))));
            steps.push(step(words.patron_step_put_right(), Progress::Now));
            steps.push(step(words.patron_step_check(), Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Submitted { service, .. } | ApplicationState::UnderReview { service, .. } => {
            steps.extend(received(service.submitted_at));
            if let Some(at) = about.reopened_at {
                steps.push(step(words.patron_step_decided(), Progress::Done(decided_before(timeline))));
                steps.push(step(words.patron_step_taken_back(), Progress::Done(Some(Moment(at)))));
            }
            steps.push(step(
                if about.reopened_at.is_some() { words.patron_step_check_again() } else { words.patron_step_check() },
                Progress::Now,
            ));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Approved { service, decider, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step(checked_by(words, decider), Progress::Done(Some(Moment(decided_at)))));
            steps.push(step(words.patron_step_register(), Progress::Now));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Issued { service, decider, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step(checked_by(words, decider), Progress::Done(Some(Moment(decided_at)))));
            let issued_at = last(EventKind::Issued).unwrap_or(Moment(decided_at));
            steps.push(step(granted.done, Progress::Done(Some(issued_at))));
            match last(EventKind::PasswordShown) {
                Some(at) => steps.push(step(words.patron_step_password_shown(), Progress::Done(Some(at)))),
                None if password_waits => steps.push(step(words.patron_step_password(), Progress::Now)),
                None => {}
            }
        }
        ApplicationState::Declined { service, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step(words.patron_step_checked_staff(), Progress::Done(Some(Moment(decided_at)))));
            steps.push(step(words.patron_step_told(), Progress::Done(Some(Moment(decided_at)))));
        }
        ApplicationState::Withdrawn { withdrawn_at } => {
            if let Some(came) = came {
                steps.extend(received(came.event.at));
            }
            steps.push(step(words.patron_step_withdrawn(), Progress::Done(Some(Moment(withdrawn_at)))));
        }
        ApplicationState::Purged { purged_at, .. } => {
            steps.push(step(words.patron_step_erased(), Progress::Done(Some(Moment(purged_at)))));
        }
        ApplicationState::Lapsed { lapsed_at, unanswered: Some(asked) } => {
            steps.extend(received(asked.service.submitted_at));
            steps.push(step(words.patron_step_unanswered(), Progress::Done(Some(Moment(lapsed_at)))));
        }
        ApplicationState::Lapsed { lapsed_at, unanswered: None } => {
            steps.push(step(words.patron_step_begun(), Progress::Done(last(EventKind::Started))));
            steps.push(step(words.patron_step_run_out(), Progress::Done(Some(Moment(lapsed_at)))));
        }
    }
    steps
}

/// When it was decided the last time.
fn decided_before(timeline: &[ChainedEvent]) -> Option<Moment> {
    let is_decision = |kind| matches!(kind, EventKind::Issued | EventKind::Declined);
    timeline.iter().rev().find(|entry| is_decision(entry.event.kind)).map(|entry| Moment(entry.event.at))
}

const fn is_submission(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Submitted | EventKind::Cosigned | EventKind::SubmittedUnsigned | EventKind::EnteredAtCounter
    )
}

fn checked_by(words: Words, decider: Decider) -> Phrase {
    match decider {
        Decider::Staff(_) => words.patron_step_checked_staff(),
        Decider::Rule => words.patron_step_checked(),
    }
}

/// What the record tells the applicant: above all, when somebody opened a notice or saw the password.
pub(super) fn record(words: Words, timeline: &[ChainedEvent]) -> Vec<Entry> {
    let entry =
        |entry: &ChainedEvent| Some(Entry { at: Moment(entry.event.at), what: of_event(words, entry.event.kind)? });
    timeline.iter().filter_map(entry).collect()
}

fn of_event(words: Words, kind: EventKind) -> Option<Phrase> {
    Some(match kind {
        EventKind::Started => words.patron_record_started(),
        EventKind::EmailConfirmed => words.patron_record_email_confirmed(),
        EventKind::Resumed => words.patron_record_resumed(),
        EventKind::GuardianAsked => words.patron_record_guardian_asked(),
        EventKind::Cosigned => words.patron_record_cosigned(),
        EventKind::GuardianNamed => words.patron_record_guardian_named(),
        EventKind::GuardianConfirmed => words.patron_record_guardian_confirmed(),
        EventKind::GuardianDeclined => words.patron_record_guardian_declined(),
        EventKind::GuardianAddressWrong => words.patron_record_guardian_wrong(),
        EventKind::GuardianLockedOut => words.patron_record_guardian_locked(),
        EventKind::Returned => words.patron_record_returned(),
        EventKind::Registered => words.patron_record_registered(),
        EventKind::RegistrationRefused => words.patron_record_registration_refused(),
        EventKind::Reopened => words.patron_record_reopened(),
        EventKind::Purged => words.patron_record_purged(),
        EventKind::Submitted => words.patron_record_submitted(),
        EventKind::VisitSlipMade => words.patron_record_slip(),
        EventKind::SubmittedUnsigned => words.patron_record_submitted_unsigned(),
        EventKind::EnteredAtCounter => words.patron_record_entered(),
        EventKind::Issued => words.patron_record_issued(),
        EventKind::CardStopped => words.patron_record_card_stopped(),
        EventKind::CardFound => words.patron_record_card_found(),
        EventKind::CardUnlinked => words.patron_record_card_unlinked(),
        EventKind::FactsPutRight => words.patron_record_facts_put_right(),
        EventKind::Declined => words.patron_record_declined(),
        EventKind::Withdrawn => words.patron_record_withdrawn(),
        EventKind::Lapsed => words.patron_record_lapsed(),
        EventKind::PasswordHandedOut => words.patron_record_handed_out(),
        EventKind::AttachmentsErased => words.patron_record_pictures_erased(),
        EventKind::AttachmentDestroyed => words.patron_record_picture_destroyed(),
        EventKind::CorrectionAnswered => words.patron_record_answered(),
        EventKind::MessageSent => words.patron_record_message(),
        EventKind::Reminded => words.patron_record_reminded(),
        EventKind::NoticeRead => words.patron_record_notice_read(),
        EventKind::NoticeReminded => words.patron_record_notice_reminded(),
        EventKind::NoticeDownloaded => words.patron_record_notice_downloaded(),
        EventKind::PasswordShown => words.patron_record_password_shown(),
        EventKind::PasswordChosen => words.patron_record_password_chosen(),
        // What staff and machines do among themselves is not the applicant's record.
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::application::ServiceTime;
    use crate::domain::event::{Actor, Event};
    use crate::domain::ids::{ApplicationId, LibraryId, StaffId};
    use crate::domain::version::Digest;
    use crate::domain::version::Version;
    use time::macros::{date, datetime};

    pub(in crate::http::patron) const SUBMITTED_AT: OffsetDateTime = datetime!(2026-11-20 05:31 UTC);
    pub(in crate::http::patron) const DECIDED_AT: OffsetDateTime = datetime!(2026-11-24 01:10 UTC);
    const WORDS: Words = Words::new(crate::words::Lang::Ja);
    const TODAY: Date = date!(2026 - 11 - 24);

    pub(in crate::http::patron) fn happened(kind: EventKind, at: OffsetDateTime) -> ChainedEvent {
        let event = Event {
            library_id: LibraryId::new(at),
            application_id: ApplicationId::new(at),
            kind,
            actor: Actor::Applicant,
            version: 1,
            detail: String::new(),
            at,
        };
        ChainedEvent { event, seq: 1, prev_hash: [0; 32], hash: [0; 32] }
    }

    fn version() -> Version {
        Version { number: 1, digest: Digest::from_bytes([7; 32]) }
    }

    pub(in crate::http::patron) fn under_review() -> ApplicationState {
        ApplicationState::UnderReview {
            version: version(),
            service: ServiceTime::start(SUBMITTED_AT),
            reviewer: StaffId::new(SUBMITTED_AT),
            lease_until: DECIDED_AT,
        }
    }

    fn approved() -> ApplicationState {
        ApplicationState::Approved {
            version: version(),
            service: ServiceTime::start(SUBMITTED_AT),
            decider: Decider::Rule,
            decided_at: DECIDED_AT,
        }
    }

    pub(in crate::http::patron) fn issued() -> ApplicationState {
        ApplicationState::Issued {
            version: version(),
            service: ServiceTime::start(SUBMITTED_AT),
            decider: Decider::Staff(StaffId::new(SUBMITTED_AT)),
            decided_at: DECIDED_AT,
        }
    }

    fn about(procedure: Procedure, promised: Option<Date>) -> About {
        About { procedure, promised, allowed_from: None, reopened_at: None, slip_until: None }
    }

    fn drawn(state: &ApplicationState, timeline: &[ChainedEvent]) -> Vec<String> {
        let line = |step: Step| match step.progress {
            Progress::Done(Some(at)) => format!("{} {}", step.label, at.dense()),
            Progress::Done(None) => format!("{} ✓", step.label),
            Progress::Now => format!("{} ←", step.label),
            Progress::Ahead => step.label.plain(),
        };
        steps(WORDS, state, &about(Procedure::NewCard, None), timeline, true).into_iter().map(line).collect()
    }

    #[test]
    fn an_application_under_review_waits_for_the_staff() {
        assert_eq!(
            drawn(&under_review(), &[]),
            ["受け付けました 2026-11-20 14:31", "署名を確認しました 2026-11-20 14:31", "職員の確認 ←", "カードの発行"]
        );
    }

    #[test]
    fn what_is_approved_and_being_registered_says_so() {
        let steps = drawn(&approved(), &[]);
        assert_eq!(steps[2..], ["内容を確認しました 2026-11-24 10:10", "図書館のシステムへの登録 ←", "カードの発行"]);
        let told = standing(WORDS, &approved(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 25))), TODAY);
        assert!(told.sentence.plain().contains("登録しています。2026年11月25日(水)までに"), "{}", told.sentence);
        let late = standing(WORDS, &approved(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 23))), TODAY);
        assert!(late.sentence.plain().contains("過ぎています"), "{}", late.sentence);
    }

    #[test]
    fn what_was_issued_later_than_approved_names_both_times() {
        let later = happened(EventKind::Issued, datetime!(2026-11-26 01:00 UTC));
        let steps = drawn(&issued(), &[later]);
        assert_eq!(steps[2..4], ["職員が確認しました 2026-11-24 10:10", "カードを発行しました 2026-11-26 10:00"]);
    }

    #[test]
    fn the_password_is_the_last_step_until_the_record_says_that_it_was_seen() {
        assert_eq!(drawn(&issued(), &[]).last().unwrap(), "初期パスワードの受け取り ←");
        let seen = happened(EventKind::PasswordShown, datetime!(2026-11-25 03:00 UTC));
        assert_eq!(drawn(&issued(), &[seen]).last().unwrap(), "初期パスワードを受け取りました 2026-11-25 12:00");
    }

    #[test]
    fn a_password_that_nobody_fetched_in_time_is_no_step_any_more() {
        let labels: Vec<String> = steps(WORDS, &issued(), &about(Procedure::NewCard, None), &[], false)
            .into_iter()
            .map(|step| step.label.plain())
            .collect();
        assert_eq!(labels.last().map(String::as_str), Some("カードを発行しました"));
    }

    #[test]
    fn each_procedure_ends_with_its_own_words() {
        let state = issued();
        let last =
            |procedure| steps(WORDS, &state, &about(procedure, None), &[], false).pop().map(|step| step.label.plain());
        assert_eq!(last(Procedure::Renewal).as_deref(), Some("有効期限を延ばしました"));
        assert_eq!(
            standing(WORDS, &state, &about(Procedure::Reissue, None), TODAY).word.plain(),
            "カードを再発行しました"
        );
    }

    #[test]
    fn a_withdrawn_application_was_received_only_if_the_record_says_so() {
        let state = ApplicationState::Withdrawn { withdrawn_at: DECIDED_AT };
        assert_eq!(drawn(&state, &[]), ["取り下げました 2026-11-24 10:10"]);
        let submitted = happened(EventKind::Submitted, SUBMITTED_AT);
        assert_eq!(drawn(&state, &[submitted])[0], "受け付けました 2026-11-20 14:31");
    }

    #[test]
    fn nobody_reads_of_a_signature_that_there_is_not() {
        let state = ApplicationState::Withdrawn { withdrawn_at: DECIDED_AT };
        for kind in [EventKind::SubmittedUnsigned, EventKind::EnteredAtCounter] {
            let drawn = drawn(&state, &[happened(kind, SUBMITTED_AT)]);
            assert_eq!(drawn, ["受け付けました 2026-11-20 14:31", "取り下げました 2026-11-24 10:10"]);
        }
    }

    #[test]
    fn what_was_decided_and_opened_again_stays_on_the_way() {
        let timeline = [
            happened(EventKind::Submitted, SUBMITTED_AT),
            happened(EventKind::Issued, DECIDED_AT),
            happened(EventKind::Reopened, datetime!(2026-11-25 01:00 UTC)),
        ];
        let reopened = About { reopened_at: reopened_at(&timeline), ..about(Procedure::NewCard, None) };
        let told = standing(WORDS, &under_review(), &reopened, TODAY);
        assert!(told.sentence.plain().contains("前の決定を取り消し"), "{}", told.sentence);
        let steps = steps(WORDS, &under_review(), &reopened, &timeline, false);
        let labels: Vec<String> = steps.iter().map(|step| step.label.plain()).collect();
        assert_eq!(labels[2..5], ["決定をお知らせしました", "決定を取り消しました", "もう一度の確認"]);
        let decided_again = [&timeline[..], &[happened(EventKind::Declined, datetime!(2026-11-26 01:00 UTC))]].concat();
        assert_eq!(reopened_at(&decided_again), None);
    }

    #[test]
    fn while_a_card_is_searched_for_the_days_do_not_count_yet() {
        let waiting = About {
            allowed_from: Some(date!(2026 - 11 - 28)),
            ..about(Procedure::Reissue, Some(date!(2026 - 12 - 01)))
        };
        let told = standing(WORDS, &under_review(), &waiting, TODAY).sentence.plain();
        assert!(told.contains("2026年11月28日(土)から確認し、2026年12月1日(火)までに"), "{told}");
    }

    #[test]
    fn an_unsigned_version_takes_the_time_of_its_last_freezing() {
        let state = ApplicationState::AwaitingSignature {
            version: version(),
            request: crate::domain::ids::SigningRequestId::new(SUBMITTED_AT),
            expires_at: DECIDED_AT,
            answers: None,
        };
        let frozen = [happened(EventKind::Frozen, SUBMITTED_AT), happened(EventKind::Frozen, DECIDED_AT)];
        assert_eq!(drawn(&state, &frozen)[0], "申込みの内容を入力しました 2026-11-24 10:10");
        assert_eq!(drawn(&state, &frozen)[1], "マイナンバーカードの署名 ←");
    }

    #[test]
    fn a_day_is_promised_while_it_can_be_kept() {
        let kept = standing(WORDS, &under_review(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 25))), TODAY);
        assert_eq!(kept.sentence.plain(), "職員が確認しています。2026年11月25日(水)までにメールでお知らせします。");
        let missed = standing(WORDS, &under_review(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 23))), TODAY);
        assert!(missed.sentence.plain().contains("過ぎています"), "{}", missed.sentence);
    }

    #[test]
    fn the_record_names_readings_and_leaves_out_the_work_of_the_staff() {
        let timeline = [EventKind::Viewed, EventKind::Approved, EventKind::NoticeRead, EventKind::PasswordShown]
            .map(|kind| happened(kind, DECIDED_AT));
        let words: Vec<String> = record(WORDS, &timeline).into_iter().map(|entry| entry.what.plain()).collect();
        assert_eq!(words, ["お知らせがはじめてひらかれました", "初期パスワードが表示されました"]);
    }
}
