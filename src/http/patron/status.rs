//! How far the application is, and what there is to do.

use super::card_section::CardSection;
use super::pdf;
use super::reader::Reader;
use super::standing::{Entry, Progress, Standing, Step, record, standing, steps};
use crate::clock::japanese_date;
use crate::domain::application::ApplicationState;
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::notice::{Notice, NoticeContent};
use crate::http::cosigning_card::CosigningCard;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::page::{self, Layout};
use crate::http::procedure_wording::{gives_password, title};
use crate::http::urls::Urls;
use crate::service::deliver::{Pace, Status};
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// The page.
#[derive(Template)]
#[template(path = "patron/status.html")]
struct StatusPage {
    layout: Layout,
    reference: String,
    title: &'static str,
    standing: Standing,
    steps: Vec<Step>,
    card: Option<CardSection>,
    task: Option<Task>,
    cosigning: Option<CosigningCard>,
    notices: Vec<NoticeLine>,
    record: Vec<Entry>,
    has_document: bool,
    may_withdraw: bool,
    pace: Option<Pace>,
    kept_until: Option<Day>,
    may_write: bool,
    unread_messages: u64,
    telephone: String,
    hours: String,
}

/// The one thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Task {
    sentence: &'static str,
    button: &'static str,
    url: String,
}

/// A notice in the list.
struct NoticeLine {
    title: &'static str,
    url: String,
    placed_at: Moment,
    first_read_at: Option<Moment>,
    /// A request for correction that was answered, or is not open any more.
    is_answered: bool,
}

/// Shows the page.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    let status = here.portal.status(&here.library, reader.id).await?;
    let today = here.portal.clock.today();
    let task = task(&status, &here.urls, reader.may_edit);
    page::ok(&draw(reader.here.layout, status, task, today))
}

/// The document that was signed, to keep.
pub(in crate::http) async fn document(reader: Reader) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let status = here.portal.status(&here.library, reader.id).await?;
    if !has_document(&status.application.state) {
        return Err(Error::NotFound);
    }
    let document = here.portal.submitted_document(&here.library, reader.id).await?;
    let reference = status.application.reference;
    Ok(pdf::attachment(
        document,
        &format!("図書館カード申込書_{reference}.pdf"),
        &format!("application_{reference}.pdf"),
    ))
}

/// Only what was signed and received is a document to keep.
const fn has_document(state: &ApplicationState) -> bool {
    state.submitted_version().is_some()
}

/// The day by which the library means to answer, while an answer is owed.
fn promised(status: &Status) -> Option<Date> {
    match status.application.state {
        // The day that was promised, counted back over the time that the applicant was asked for something.
        ApplicationState::Approved { service, decided_at, .. } => {
            let begun = japanese_date(decided_at - service.used);
            Some(status.rules.answer_promised_for(status.application.procedure, begun))
        }
        ApplicationState::Submitted { service, .. } | ApplicationState::UnderReview { service, .. } => {
            let counted =
                status.rules.answer_promised_for(status.application.procedure, japanese_date(service.submitted_at));
            Some(status.application.due_on.unwrap_or(counted))
        }
        _ => None,
    }
}

fn task(status: &Status, urls: &Urls, may_edit: bool) -> Option<Task> {
    let procedure = status.application.procedure;
    let unread = status.notices.iter().rev().find(|notice| notice.first_read_at.is_none());
    let (sentence, button, url) = match status.application.state {
        ApplicationState::Returned(_) => {
            ("申込みの修正をお願いしています。直すところだけをひらけます。", "修正する", urls.status_fix())
        }
        ApplicationState::AwaitingSignature { answers: Some(_), .. } => {
            ("直した内容に、もう一度マイナンバーカードで署名してください。", "署名へ進む", urls.apply_sign())
        }
        ApplicationState::Draft { .. } | ApplicationState::AwaitingSignature { .. } if !may_edit => (
            "申込みはまだ終わっていません。メールアドレスを入力すると、つづきをひらけます。",
            "途中からつづける",
            urls.resume(),
        ),
        ApplicationState::Draft { .. } => ("申込みはまだ終わっていません。", "つづきを入力する", urls.apply_check()),
        ApplicationState::AwaitingSignature { .. } => {
            ("マイナンバーカードで署名すると、申込みが終わります。", "署名へ進む", urls.apply_sign())
        }
        _ if let Some(notice) = unread => {
            ("まだひらいていないお知らせがあります。", "お知らせを読む", urls.notice(notice.id))
        }
        _ if status.unread_messages > 0 => {
            ("図書館からメッセージが届いています。", "メッセージを読む", urls.status_messages())
        }
        ApplicationState::Issued { .. } if status.password_waits => {
            ("予約などに使う初期パスワードを受け取ってください。", "初期パスワードを受け取る", urls.password())
        }
        ApplicationState::Issued { .. }
            if gives_password(procedure) && !has_happened(&status.timeline, EventKind::PasswordShown) =>
        {
            ("初期パスワードの受け取りの期限が過ぎました。", "受け取り方を見る", urls.password())
        }
        ApplicationState::Withdrawn { .. } | ApplicationState::Lapsed { .. } => {
            ("もう一度申し込むときは、はじめから入力します。", "もう一度申し込む", urls.apply_for(procedure))
        }
        _ => return None,
    };
    Some(Task { sentence, button, url })
}

fn has_happened(timeline: &[ChainedEvent], kind: EventKind) -> bool {
    timeline.iter().any(|entry| entry.event.kind == kind)
}

/// `is_asked`: something has to be put right, so the newest request is not answered yet.
fn line(notice: &Notice, is_asked: bool, urls: &Urls) -> NoticeLine {
    NoticeLine {
        title: match notice.content {
            NoticeContent::Issued(_) | NoticeContent::IssuedToChildren(_) => {
                "貸出券番号等通知書（図書館カード交付のお知らせ）"
            }
            NoticeContent::Declined(_) => "お申し込みの結果のお知らせ",
            NoticeContent::Returned(_) => "申込みの修正のお願い",
            NoticeContent::Renewed(_) => "有効期限延長のお知らせ",
            NoticeContent::Reissued(_) => "図書館カード再発行のお知らせ",
            NoticeContent::Linked(_) => "マイナンバーカード登録のお知らせ",
            NoticeContent::PasswordIssued(_) => "予約用パスワード発行のお知らせ",
            NoticeContent::Changed(_) => "登録内容変更のお知らせ",
        },
        is_answered: matches!(notice.content, NoticeContent::Returned(_)) && !is_asked,
        url: urls.notice(notice.id),
        placed_at: Moment(notice.placed_at),
        first_read_at: notice.first_read_at.map(Moment),
    }
}

fn notice_lines(status: &Status, urls: &Urls) -> Vec<NoticeLine> {
    let is_asked = status.application.state.correction().is_some() && !status.application.state.is_final();
    let newest = status.notices.iter().rposition(|notice| matches!(notice.content, NoticeContent::Returned(_)));
    let lines = status.notices.iter().enumerate();
    lines.rev().map(|(at, notice)| line(notice, is_asked && newest == Some(at), urls)).collect()
}

fn draw(layout: Layout, status: Status, task: Option<Task>, today: Date) -> StatusPage {
    let (state, procedure) = (&status.application.state, status.application.procedure);
    StatusPage {
        reference: status.application.reference.to_string(),
        title: title(procedure),
        standing: standing(state, procedure, promised(&status), today),
        steps: steps(state, procedure, &status.timeline, status.password_waits),
        card: status.card.as_ref().map(|card| CardSection::of(card, &status.rules, &layout.urls, today)),
        task,
        cosigning: status.cosigning.as_ref().map(CosigningCard::of),
        notices: notice_lines(&status, &layout.urls),
        pace: status.pace,
        kept_until: status.kept_until.map(Day),
        may_write: !state.is_final() && has_document(state),
        unread_messages: status.unread_messages,
        record: record(&status.timeline),
        has_document: has_document(state),
        may_withdraw: status.application.may_be_withdrawn(),
        telephone: status.rules.contact.telephone,
        hours: status.rules.contact.hours,
        layout,
    }
}

#[cfg(test)]
mod tests {
    use super::super::standing::tests::{DECIDED_AT, happened, issued, under_review};
    use super::*;
    use crate::domain::application::Application;
    use crate::domain::ids::LibraryId;
    use crate::domain::library::LibraryRules;
    use crate::domain::procedure::Procedure;
    use crate::domain::reference::Reference;
    use crate::http::patron::notice::tests::{a_declined_notice, an_issued_notice};
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 24);

    fn status(state: ApplicationState, notices: Vec<Notice>) -> Status {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        let application = Application {
            state,
            ..Application::start(
                LibraryId::new(DECIDED_AT),
                Reference::from_random(42),
                Procedure::NewCard,
                1,
                time::Duration::days(7),
                DECIDED_AT,
            )
        };
        let timeline = vec![happened(EventKind::Submitted, DECIDED_AT), happened(EventKind::NoticeRead, DECIDED_AT)];
        Status {
            application,
            answers: None,
            rules,
            timeline,
            notices,
            password_waits: true,
            cosigning: None,
            unread_messages: 0,
            pace: None,
            kept_until: None,
            card: None,
        }
    }

    fn drawn(status: Status, may_edit: bool) -> String {
        let layout = Layout::sample();
        let task = task(&status, &layout.urls, may_edit);
        draw(layout, status, task, TODAY).render().unwrap()
    }

    #[test]
    fn while_the_staff_works_there_is_nothing_to_do() {
        let page = drawn(status(under_review(), Vec::new()), true);
        for part in [
            "いま必要なことはありません",
            "aria-current=\"step\"",
            "お知らせはまだありません",
            "status/withdraw",
            "application.pdf",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("data-v=\"solid\""));
    }

    #[test]
    fn an_unread_notice_comes_before_the_password() {
        let unread = an_issued_notice();
        let first = task(&status(issued(), vec![unread.clone()]), &Layout::sample().urls, true).unwrap();
        assert_eq!(first.button, "お知らせを読む");
        let read = Notice { first_read_at: Some(DECIDED_AT), ..unread };
        let next = task(&status(issued(), vec![read.clone()]), &Layout::sample().urls, true).unwrap();
        assert_eq!(next.url, "/aozora/ja/password");
        let page = drawn(status(issued(), vec![read]), true);
        assert!(page.contains("既読") && !page.contains("status/withdraw"));
        assert_eq!(page.matches("data-v=\"solid\"").count(), 1);
    }

    #[test]
    fn a_refusal_leads_to_its_reason() {
        let page = drawn(status(issued(), vec![a_declined_notice()]), false);
        assert!(page.contains("未読") && page.contains("お申し込みの結果のお知らせ"));
    }

    #[test]
    fn a_draft_is_worked_on_where_it_was_begun_and_resumed_elsewhere() {
        let draft = || status(ApplicationState::Draft { expires_at: DECIDED_AT }, Vec::new());
        assert_eq!(task(&draft(), &Layout::sample().urls, true).unwrap().url, "/aozora/ja/apply/check");
        assert_eq!(task(&draft(), &Layout::sample().urls, false).unwrap().url, "/aozora/ja/resume");
        assert!(!drawn(draft(), true).contains("application.pdf"));
    }
}
