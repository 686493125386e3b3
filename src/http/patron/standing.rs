//! Where an application stands, in words: the chip, the sentence, the steps, the record.

use crate::domain::application::{ApplicationState, Decider};
use crate::domain::event::{ChainedEvent, Event, EventKind};
use crate::domain::procedure::Procedure;
use crate::http::filters::{Day, Moment};
use crate::http::procedure_wording::granted;
use time::{Date, OffsetDateTime};

/// A state in a word and a mark, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) colour: &'static str,
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
    pub(super) sentence: String,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) label: &'static str,
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
    pub(super) what: &'static str,
}

/// The state's colour, mark and word.
pub(super) const fn mark(state: &ApplicationState, procedure: Procedure) -> (&'static str, &'static str, &'static str) {
    match state {
        ApplicationState::Draft { .. } => ("grey", "…", "入力中"),
        ApplicationState::AwaitingSignature { .. } => ("yellow", "◇", "署名待ち"),
        ApplicationState::AwaitingGuardian { .. } => ("yellow", "◇", "保護者の署名待ち"),
        ApplicationState::Submitted { .. } => ("blue", "●", "受付済み"),
        ApplicationState::UnderReview { .. } => ("blue", "◐", "確認中"),
        ApplicationState::Approved { .. } => ("blue", "◐", "承認済み・登録中"),
        ApplicationState::Returned(_) => ("orange", "!", "修正のお願い"),
        ApplicationState::Issued { .. } => ("green", "✓", granted(procedure).word),
        ApplicationState::Declined { .. } => ("red", "✕", "お受けできませんでした"),
        ApplicationState::Withdrawn { .. } => ("grey", "―", "取り下げ"),
        ApplicationState::Lapsed { .. } => ("grey", "―", "期限切れ"),
        ApplicationState::Purged { .. } => ("grey", "―", "保存期間の終わり"),
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
pub(super) fn standing(state: &ApplicationState, about: &About, today: Date) -> Standing {
    let (colour, sign, word) = mark(state, about.procedure);
    let (procedure, promised) = (about.procedure, about.promised);
    let waits = about.allowed_from.filter(|from| *from > today);
    let sentence = match state {
        ApplicationState::Draft { .. } if let Some(until) = about.slip_until => {
            format!("まだ申し込んでいません。来館票は、{}まで使えます。", Moment(until))
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } if about.reopened_at.is_some() => {
            format!("前の決定を取り消し、もう一度確認しています。{}", promise(promised, today))
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } if let Some(from) = waits => {
            format!(
                "受け付けました。いまはカードをさがす期間です。{}から確認し、{}",
                Day(from),
                promise(promised, today)
            )
        }
        ApplicationState::Draft { expires_at } => {
            format!("まだ申し込んでいません。入力した内容は、{}まで残っています。", Moment(*expires_at))
        }
        ApplicationState::AwaitingSignature { answers: Some(asked), .. } => {
            format!(
                "修正した内容への署名がまだです。{}までに、もう一度署名して送ってください。",
                Moment(asked.answer_by)
            )
        }
        ApplicationState::AwaitingSignature { .. } => {
            "マイナンバーカードの署名がまだです。署名がおわると、申込みになります。".to_owned()
        }
        ApplicationState::Submitted { .. } => format!("職員の確認を待っています。{}", promise(promised, today)),
        ApplicationState::AwaitingGuardian { expires_at, .. } => {
            format!("保護者の方の署名を待っています。{}までにお願いします。", Moment(*expires_at))
        }
        ApplicationState::UnderReview { .. } => format!("職員が確認しています。{}", promise(promised, today)),
        ApplicationState::Approved { .. } => {
            format!("申込みは承認されました。いま、図書館のシステムに登録しています。{}", promise(promised, today))
        }
        ApplicationState::Returned(asked) => {
            format!("修正をお願いしています。{}までに直して、もう一度送ってください。", Moment(asked.answer_by))
        }
        ApplicationState::Issued { .. } => granted(procedure).sentence.to_owned(),
        ApplicationState::Declined { .. } => {
            "今回はお受けできませんでした。理由と、ほかの方法をお知らせでご案内します。".to_owned()
        }
        ApplicationState::Withdrawn { withdrawn_at } => format!("{}に取り下げました。", Moment(*withdrawn_at)),
        ApplicationState::Purged { .. } => "保存する期間が過ぎたため、この申込みの内容は消しました。".to_owned(),
        ApplicationState::Lapsed { unanswered: Some(_), .. } => {
            "修正の期限が過ぎたため、この申込みは終わりました。もう一度はじめから申し込めます。".to_owned()
        }
        ApplicationState::Lapsed { .. } => {
            "保存の期限が過ぎたため、この申込みは終わりました。もう一度はじめから申し込めます。".to_owned()
        }
    };
    Standing { colour, sign, word, sentence }
}

fn promise(promised: Option<Date>, today: Date) -> String {
    match promised {
        Some(day) if day >= today => format!("{}までにメールでお知らせします。", Day(day)),
        Some(day) => {
            format!(
                "お知らせの予定（{}）を過ぎています。お待たせして申し訳ありません。お急ぎのときは、図書館にお問い合わせください。",
                Day(day)
            )
        }
        None => String::new(),
    }
}

/// The way of an application and how far it has come, with the times that the record knows.
pub(super) fn steps(
    state: &ApplicationState,
    about: &About,
    timeline: &[ChainedEvent],
    password_waits: bool,
) -> Vec<Step> {
    let granted = granted(about.procedure);
    let last = |kind: EventKind| {
        timeline.iter().rev().find(|entry| entry.event.kind == kind).map(|entry| Moment(entry.event.at))
    };
    let decided_before = || {
        let is_decision = |kind| matches!(kind, EventKind::Issued | EventKind::Declined);
        timeline.iter().rev().find(|entry| is_decision(entry.event.kind)).map(|entry| Moment(entry.event.at))
    };
    let step = |label, progress| Step { label, progress };
    let came = timeline.iter().rev().find(|entry| is_submission(entry.event.kind));
    let is_signed = came.is_none_or(|entry| matches!(entry.event.kind, EventKind::Submitted | EventKind::Cosigned));
    let received = |at: OffsetDateTime| {
        let checked = is_signed.then(|| step("署名を確認しました", Progress::Done(Some(Moment(at)))));
        [Some(step("受け付けました", Progress::Done(Some(Moment(at))))), checked].into_iter().flatten()
    };
    let mut steps = Vec::new();
    match *state {
        ApplicationState::Draft { .. } if about.slip_until.is_some() => {
            steps.push(step("申込みの内容を入力しました", Progress::Done(last(EventKind::VisitSlipMade))));
            steps.push(step("来館票を持って窓口へ", Progress::Now));
            steps.push(step("職員の確認", Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Draft { .. } => {
            steps.push(step("申込みの内容の入力", Progress::Now));
            steps.push(step("マイナンバーカードの署名", Progress::Ahead));
            steps.push(step("職員の確認", Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::AwaitingSignature { .. } => {
            steps.push(step("申込みの内容を入力しました", Progress::Done(last(EventKind::Frozen))));
            steps.push(step("マイナンバーカードの署名", Progress::Now));
            steps.push(step("職員の確認", Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::AwaitingGuardian { .. } => {
            steps.push(step("署名しました", Progress::Done(last(EventKind::GuardianAsked))));
            steps.push(step("保護者の署名", Progress::Now));
            steps.push(step("職員の確認", Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Returned(asked) => {
            steps.extend(received(asked.service.submitted_at));
            steps.push(step("修正のお願いを送りました", Progress::Done(Some(Moment(asked.returned_at)))));
            steps.push(step("申込みの修正", Progress::Now));
            steps.push(step("職員の確認", Progress::Ahead));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Submitted { service, .. } | ApplicationState::UnderReview { service, .. } => {
            steps.extend(received(service.submitted_at));
            if let Some(at) = about.reopened_at {
                steps.push(step("決定をお知らせしました", Progress::Done(decided_before())));
                steps.push(step("決定を取り消しました", Progress::Done(Some(Moment(at)))));
            }
            steps.push(step(if about.reopened_at.is_some() { "もう一度の確認" } else { "職員の確認" }, Progress::Now));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Approved { service, decider, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step(checked_by(decider), Progress::Done(Some(Moment(decided_at)))));
            steps.push(step("図書館のシステムへの登録", Progress::Now));
            steps.push(step(granted.ahead, Progress::Ahead));
        }
        ApplicationState::Issued { service, decider, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step(checked_by(decider), Progress::Done(Some(Moment(decided_at)))));
            let issued_at = last(EventKind::Issued).unwrap_or(Moment(decided_at));
            steps.push(step(granted.done, Progress::Done(Some(issued_at))));
            match last(EventKind::PasswordShown) {
                Some(at) => steps.push(step("初期パスワードを受け取りました", Progress::Done(Some(at)))),
                None if password_waits => steps.push(step("初期パスワードの受け取り", Progress::Now)),
                None => {}
            }
        }
        ApplicationState::Declined { service, decided_at, .. } => {
            steps.extend(received(service.submitted_at));
            steps.push(step("職員が確認しました", Progress::Done(Some(Moment(decided_at)))));
            steps.push(step("結果をお知らせしました", Progress::Done(Some(Moment(decided_at)))));
        }
        ApplicationState::Withdrawn { withdrawn_at } => {
            if let Some(came) = came {
                steps.extend(received(came.event.at));
            }
            steps.push(step("取り下げました", Progress::Done(Some(Moment(withdrawn_at)))));
        }
        ApplicationState::Purged { purged_at, .. } => {
            steps.push(step("内容を消しました", Progress::Done(Some(Moment(purged_at)))));
        }
        ApplicationState::Lapsed { lapsed_at, unanswered: Some(asked) } => {
            steps.extend(received(asked.service.submitted_at));
            steps.push(step("修正の期限が過ぎました", Progress::Done(Some(Moment(lapsed_at)))));
        }
        ApplicationState::Lapsed { lapsed_at, unanswered: None } => {
            steps.push(step("申込みをはじめました", Progress::Done(last(EventKind::Started))));
            steps.push(step("保存の期限が過ぎました", Progress::Done(Some(Moment(lapsed_at)))));
        }
    }
    steps
}

const fn is_submission(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Submitted | EventKind::Cosigned | EventKind::SubmittedUnsigned | EventKind::EnteredAtCounter
    )
}

const fn checked_by(decider: Decider) -> &'static str {
    match decider {
        Decider::Staff(_) => "職員が確認しました",
        Decider::Rule => "内容を確認しました",
    }
}

/// What the record tells the applicant: above all, when somebody opened a notice or saw the password.
pub(super) fn record(timeline: &[ChainedEvent]) -> Vec<Entry> {
    let entry = |entry: &ChainedEvent| Some(Entry { at: Moment(entry.event.at), what: words_for(entry.event.kind)? });
    timeline.iter().filter_map(entry).collect()
}

const fn words_for(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Started => "申込みをはじめました",
        EventKind::EmailConfirmed => "メールアドレスを確かめました",
        EventKind::Resumed => "メールのコードで、途中からひらきました",
        EventKind::GuardianAsked => "保護者の方に、署名をお願いしました",
        EventKind::Cosigned => "保護者の方が署名し、申込みを受け付けました",
        EventKind::GuardianNamed => "保護者の方への署名のお願いを、もう一度送りました",
        EventKind::GuardianConfirmed => "保護者の方が、合言葉を入力して内容をひらきました",
        EventKind::GuardianDeclined => "保護者の方が、同意しないことを知らせました",
        EventKind::GuardianAddressWrong => "署名のお願いが、別の人に届いていました",
        EventKind::GuardianLockedOut => "合言葉が何度もまちがって入力されました",
        EventKind::Returned => "修正のお願いを届けました",
        EventKind::Registered => "承認し、図書館のシステムへの登録をはじめました",
        EventKind::RegistrationRefused => "図書館のシステムに登録できなかったため、もう一度確認することにしました",
        EventKind::Reopened => "決定を取り消し、もう一度確認することにしました",
        EventKind::Purged => "保存期間が過ぎたため、内容を消しました",
        EventKind::Submitted => "署名した申込みを受け付けました",
        EventKind::VisitSlipMade => "来館票を作りました",
        EventKind::SubmittedUnsigned => "書類の画像といっしょに、申込みを受け付けました",
        EventKind::EnteredAtCounter => "窓口で申込みを受け付けました",
        EventKind::Issued => "手続きを終え、お知らせを届けました",
        EventKind::CardStopped => "カードを止めました",
        EventKind::CardFound => "カードが見つかり、また使えるようにしました",
        EventKind::CardUnlinked => "マイナンバーカードの登録をやめました",
        EventKind::Declined => "結果のお知らせを届けました",
        EventKind::Withdrawn => "申込みを取り下げました",
        EventKind::Lapsed => "保存の期限が過ぎました",
        EventKind::PasswordHandedOut => "窓口で初期パスワードを渡しました",
        EventKind::AttachmentsErased => "保存期間が過ぎたため、書類の画像を消しました",
        EventKind::AttachmentDestroyed => "図書館が持ってはいけない画像だったので、図書館が消しました",
        EventKind::CorrectionAnswered => "修正のお願いに「このままで正しい」と答えました",
        EventKind::MessageSent => "メッセージが送られました",
        EventKind::Reminded => "期限が近いことを、メールでお知らせしました",
        EventKind::NoticeRead => "お知らせがはじめてひらかれました",
        EventKind::NoticeReminded => "お知らせがまだ開かれていないことを、メールでお知らせしました",
        EventKind::NoticeDownloaded => "お知らせのPDFが保存されました",
        EventKind::PasswordShown => "初期パスワードが表示されました",
        EventKind::PasswordChosen => "パスワードを変えました",
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
            Progress::Ahead => step.label.to_owned(),
        };
        steps(state, &about(Procedure::NewCard, None), timeline, true).into_iter().map(line).collect()
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
        let told = standing(&approved(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 25))), TODAY);
        assert!(told.sentence.contains("登録しています。2026年11月25日(水)までに"), "{}", told.sentence);
        let late = standing(&approved(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 23))), TODAY);
        assert!(late.sentence.contains("過ぎています"), "{}", late.sentence);
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
        let labels: Vec<&str> =
            steps(&issued(), &about(Procedure::NewCard, None), &[], false).into_iter().map(|step| step.label).collect();
        assert_eq!(labels.last(), Some(&"カードを発行しました"));
    }

    #[test]
    fn each_procedure_ends_with_its_own_words() {
        let state = issued();
        let last = |procedure| steps(&state, &about(procedure, None), &[], false).pop().map(|step| step.label);
        assert_eq!(last(Procedure::Renewal), Some("有効期限を延ばしました"));
        assert_eq!(standing(&state, &about(Procedure::Reissue, None), TODAY).word, "カードを再発行しました");
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
        let told = standing(&under_review(), &reopened, TODAY);
        assert!(told.sentence.contains("前の決定を取り消し"), "{}", told.sentence);
        let steps = steps(&under_review(), &reopened, &timeline, false);
        let labels: Vec<&str> = steps.iter().map(|step| step.label).collect();
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
        let told = standing(&under_review(), &waiting, TODAY).sentence;
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
        let kept = standing(&under_review(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 25))), TODAY);
        assert_eq!(kept.sentence, "職員が確認しています。2026年11月25日(水)までにメールでお知らせします。");
        let missed = standing(&under_review(), &about(Procedure::NewCard, Some(date!(2026 - 11 - 23))), TODAY);
        assert!(missed.sentence.contains("過ぎています"), "{}", missed.sentence);
    }

    #[test]
    fn the_record_names_readings_and_leaves_out_the_work_of_the_staff() {
        let timeline = [EventKind::Viewed, EventKind::Approved, EventKind::NoticeRead, EventKind::PasswordShown]
            .map(|kind| happened(kind, DECIDED_AT));
        let words: Vec<&str> = record(&timeline).into_iter().map(|entry| entry.what).collect();
        assert_eq!(words, ["お知らせがはじめてひらかれました", "初期パスワードが表示されました"]);
    }
}
