//! How far the application is, and what there is to do.

use super::card_section::CardSection;
use super::notice_title::title_of;
use super::pdf;
use super::reader::Reader;
use super::standing::{About, Entry, Mark, Progress, Standing, Step, mark, record, reopened_at, standing, steps};
use super::undelivered::Undelivered;
use crate::clock::japanese_date;
use crate::domain::application::ApplicationState;
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::notice::{NoticeContent, PaperWay};
use crate::http::cosigning_card::CosigningCard;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::page::{self, Layout};
use crate::http::procedure_wording::{gives_password, title, title_for};
use crate::service::deliver::{Pace, Status};
use crate::service::patron_page::{Beside, OnPaper, OwnApplication, OwnNotice, PatronPage};
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// The page.
#[derive(Template)]
#[template(path = "patron/status.html")]
struct StatusPage {
    layout: Layout,
    /// Mail to their address came back.
    undelivered: Option<Undelivered>,
    reference: String,
    title: Phrase,
    standing: Standing,
    steps: Vec<Step>,
    card: Option<CardSection>,
    /// Whose card it is, if it is a child's.
    child: Option<AsTyped>,
    /// Everything of theirs, if it is more than the one that is open.
    applications: Vec<ApplicationLine>,
    task: Option<Task>,
    cosigning: Option<CosigningCard>,
    notices: Vec<NoticeLine>,
    /// Where a password is collected that waits while something else comes first.
    password_url: Option<String>,
    record: Vec<Entry>,
    has_document: bool,
    may_withdraw: bool,
    pace: Option<Pace>,
    kept_until: Option<Day>,
    may_write: bool,
    unread_messages: u64,
    beside: Beside,
    /// Where the right to see the card comes back that is over.
    sign_in_url: Option<String>,
    telephone: String,
    hours: AsWritten,
}

/// The one thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Task {
    sentence: Phrase,
    button: Phrase,
    url: String,
}

/// One of their applications.
struct ApplicationLine {
    reference: String,
    title: Phrase,
    mark: Mark,
    is_open: bool,
    has_unread: bool,
}

/// A notice in the list.
struct NoticeLine {
    title: Phrase,
    url: String,
    placed_at: Moment,
    /// When the mail that tells of it was handed over.
    mailed_at: Option<Moment>,
    first_read_at: Option<Moment>,
    is_unread: bool,
    /// What becomes of it on paper, if it goes there.
    paper: Option<Phrase>,
    /// When it was taken back.
    revoked_at: Option<Moment>,
    /// A request for correction that was answered, or is not open any more.
    is_answered: bool,
}

/// Shows the page.
pub(in crate::http) async fn show(reader: Reader) -> Result<HttpResponse, Error> {
    let here = &reader.here;
    let page = here.portal.patron_page(&here.library, &reader.session).await?;
    let today = here.portal.clock.today();
    let task = task(&page, &here.layout, reader.may_edit);
    page::ok(&draw(reader.here.layout, &page, task, today))
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
    let procedure = status.application.procedure;
    match status.application.state {
        // The day that was promised, counted back over the time that the applicant was asked for something.
        ApplicationState::Approved { service, decided_at, .. } => {
            let begun = japanese_date(decided_at - service.used);
            Some(status.rules.answer_promised_from(procedure, begun, status.allowed_from))
        }
        ApplicationState::Submitted { service, .. } | ApplicationState::UnderReview { service, .. } => {
            let received_on = japanese_date(service.submitted_at);
            let counted = status.rules.answer_promised_from(procedure, received_on, status.allowed_from);
            Some(status.application.due_on.unwrap_or(counted))
        }
        _ => None,
    }
}

fn task(page: &PatronPage, layout: &Layout, may_edit: bool) -> Option<Task> {
    let (words, urls) = (layout.words, &layout.urls);
    let status = &page.status;
    let procedure = status.application.procedure;
    let unread = page.notices.iter().find(|one| one.is_unread());
    let (sentence, button, url) = match status.application.state {
        ApplicationState::Returned(_) => (words.patron_task_fix(), words.patron_task_fix_button(), urls.status_fix()),
        ApplicationState::AwaitingSignature { answers: Some(_), .. } => {
            (words.patron_task_sign_again(), words.patron_task_sign_button(), urls.apply_sign())
        }
        ApplicationState::Draft { .. } | ApplicationState::AwaitingSignature { .. } if !may_edit => {
            (words.patron_task_resume(), words.patron_page_go_on_apply(), urls.resume())
        }
        // Whoever goes to the counter has nothing to sign.
        ApplicationState::Draft { .. } if status.slip.is_some() => {
            (words.patron_task_slip(), words.patron_task_slip_button(), urls.apply_visit())
        }
        ApplicationState::Draft { .. } => {
            (words.patron_task_draft(), words.patron_task_draft_button(), urls.apply_check())
        }
        ApplicationState::AwaitingSignature { .. } => {
            (words.patron_task_sign(), words.patron_task_sign_button(), urls.apply_sign())
        }
        _ if let Some(notice) = unread => {
            (words.patron_task_notice(), words.patron_task_notice_button(), urls.notice(notice.notice.id))
        }
        _ if status.unread_messages > 0 => {
            (words.patron_task_message(), words.patron_task_message_button(), urls.status_messages())
        }
        _ if page.password_waits => {
            (words.patron_task_password(), words.patron_task_password_button(), urls.password())
        }
        ApplicationState::Issued { .. }
            if gives_password(procedure) && !has_happened(&status.timeline, EventKind::PasswordShown) =>
        {
            (words.patron_task_late(), words.patron_task_late_button(), urls.password())
        }
        ApplicationState::Withdrawn { .. } | ApplicationState::Lapsed { .. } => {
            (words.patron_task_again(), words.patron_task_again_button(), urls.apply_for(procedure))
        }
        _ => return None,
    };
    Some(Task { sentence, button, url })
}

fn has_happened(timeline: &[ChainedEvent], kind: EventKind) -> bool {
    timeline.iter().any(|entry| entry.event.kind == kind)
}

fn line(one: &OwnNotice, Layout { words, urls, .. }: &Layout) -> NoticeLine {
    let notice = &one.notice;
    NoticeLine {
        title: title_of(*words, &notice.content),
        is_answered: matches!(notice.content, NoticeContent::Returned(_)) && !one.is_asking,
        url: urls.notice(notice.id),
        placed_at: Moment(notice.placed_at),
        mailed_at: notice.mailed_at.map(Moment),
        first_read_at: notice.first_read_at.map(Moment),
        is_unread: one.is_unread(),
        paper: one.paper.map(|paper| match paper {
            OnPaper::Waiting => words.patron_status_paper_waiting(),
            OnPaper::Gone(PaperWay::HandedOver, at) => words.patron_status_paper_handed_over(Moment(at)),
            OnPaper::Gone(PaperWay::Posted, at) => words.patron_status_paper_posted(Moment(at)),
        }),
        // That a request was answered says all.
        revoked_at: one.revoked_at.filter(|_| !matches!(notice.content, NoticeContent::Returned(_))).map(Moment),
    }
}

fn lines_of(words: Words, page: &PatronPage) -> Vec<ApplicationLine> {
    if page.applications.len() < 2 {
        return Vec::new();
    }
    let line = |one: &OwnApplication| ApplicationLine {
        reference: one.application.reference.to_string(),
        title: title_for(words, one.application.procedure, one.is_for_children),
        mark: mark(words, &one.application.state, one.application.procedure),
        is_open: one.is_open,
        has_unread: one.has_unread,
    };
    page.applications.iter().map(line).collect()
}

fn draw(layout: Layout, page: &PatronPage, task: Option<Task>, today: Date) -> StatusPage {
    let status = &page.status;
    let (state, procedure) = (&status.application.state, status.application.procedure);
    let about = About {
        procedure,
        promised: promised(status),
        allowed_from: status.allowed_from,
        reopened_at: reopened_at(&status.timeline),
        slip_until: status.slip.as_ref().map(|slip| slip.valid_until),
    };
    let is_first = task.as_ref().is_some_and(|task| task.url == layout.urls.password());
    let password_url = (page.password_waits && !is_first).then(|| layout.urls.password());
    StatusPage {
        undelivered: page
            .dead_address
            .as_ref()
            .map(|address| Undelivered::of(address, page.card.as_ref(), &layout.urls)),
        reference: status.application.reference.to_string(),
        title: title(layout.words, procedure),
        standing: standing(layout.words, state, &about, today),
        steps: steps(layout.words, state, &about, &status.timeline, status.password_waits),
        card: page.card.as_ref().map(|card| CardSection::of(card, &status.rules, &layout, today)),
        child: page.child.as_ref().map(|child| child.as_str().into()),
        applications: lines_of(layout.words, page),
        password_url,
        task,
        cosigning: status.cosigning.as_ref().map(CosigningCard::of),
        notices: page.notices.iter().map(|one| line(one, &layout)).collect(),
        pace: status.pace,
        kept_until: status.kept_until.map(Day),
        may_write: !state.is_final() && has_document(state),
        unread_messages: status.unread_messages,
        beside: page.beside,
        sign_in_url: page.is_proof_over.then(|| layout.urls.sign_in()),
        record: record(layout.words, &page.record),
        has_document: has_document(state),
        may_withdraw: status.application.may_be_withdrawn(),
        telephone: status.rules.contact.telephone.clone(),
        hours: (&status.rules.contact.hours).into(),
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
    use crate::domain::notice::Notice;
    use crate::domain::procedure::Procedure;
    use crate::domain::reference::Reference;
    use crate::http::patron::notice::tests::{a_declined_notice, an_issued_notice};
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 24);

    fn status(state: ApplicationState, notices: Vec<Notice>) -> PatronPage {
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
        let password_waits = matches!(application.state, ApplicationState::Issued { .. });
        let status = Status {
            application,
            answers: None,
            rules,
            cosigning: None,
            timeline: timeline.clone(),
            password_waits,
            unread_messages: 0,
            pace: None,
            kept_until: None,
            allowed_from: None,
            slip: None,
        };
        let notices =
            notices.into_iter().map(|notice| OwnNotice { notice, revoked_at: None, is_asking: false, paper: None });
        PatronPage {
            status,
            card: None,
            child: None,
            applications: Vec::new(),
            notices: notices.collect(),
            password_waits,
            dead_address: None,
            record: timeline,
            is_proof_over: false,
            beside: Beside::default(),
        }
    }

    fn drawn(page: &PatronPage, may_edit: bool) -> String {
        let layout = Layout::sample();
        let task = task(page, &layout, may_edit);
        draw(layout, page, task, TODAY).render().unwrap()
    }

    #[test]
    fn while_the_staff_works_there_is_nothing_to_do() {
        let page = drawn(&status(under_review(), Vec::new()), true);
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
        let first = task(&status(issued(), vec![unread.clone()]), &Layout::sample(), true).unwrap();
        assert_eq!(first.button.plain(), "お知らせを読む");
        let read = Notice { first_read_at: Some(DECIDED_AT), ..unread };
        let next = task(&status(issued(), vec![read.clone()]), &Layout::sample(), true).unwrap();
        assert_eq!(next.url, "/aozora/ja/password");
        let page = drawn(&status(issued(), vec![read]), true);
        assert!(page.contains("既読") && !page.contains("status/withdraw"));
        assert_eq!(page.matches("data-v=\"solid\"").count(), 1);
    }

    #[test]
    fn the_page_says_when_mail_told_of_a_notice() {
        assert!(!drawn(&status(issued(), vec![an_issued_notice()]), true).contains("メールでお知らせしました"));
        let mailed = Notice { mailed_at: Some(DECIDED_AT), ..an_issued_notice() };
        let page = drawn(&status(issued(), vec![mailed]), true);
        assert!(page.contains("2026年11月24日(火) 10:10 にメールでお知らせしました"), "{page}");
    }

    #[test]
    fn a_refusal_leads_to_its_reason() {
        let page = drawn(&status(issued(), vec![a_declined_notice()]), false);
        assert!(page.contains("未読") && page.contains("お申し込みの結果のお知らせ"));
    }

    #[test]
    fn a_notice_that_was_taken_back_stays_and_is_nothing_to_do() {
        let mut page = status(under_review(), vec![an_issued_notice()]);
        page.notices[0].revoked_at = Some(DECIDED_AT);
        assert_eq!(task(&page, &Layout::sample(), true), None);
        let drawn = drawn(&page, true);
        assert!(drawn.contains("取り消されました") && drawn.contains("貸出券番号等通知書"), "{drawn}");
    }

    #[test]
    fn who_has_a_visit_slip_is_led_to_it() {
        let mut page = status(ApplicationState::Draft { expires_at: DECIDED_AT }, Vec::new());
        let application = &page.status.application;
        page.status.slip = Some(crate::domain::visit::SlipTerm {
            library_id: application.library_id,
            application_id: application.id,
            made_at: DECIDED_AT,
            valid_until: DECIDED_AT,
        });
        let drawn = drawn(&page, true);
        assert!(drawn.contains("来館票を見る") && drawn.contains("/apply/visit\""), "{drawn}");
        assert!(!drawn.contains("マイナンバーカードの署名"), "{drawn}");
    }

    #[test]
    fn a_draft_is_worked_on_where_it_was_begun_and_resumed_elsewhere() {
        let draft = || status(ApplicationState::Draft { expires_at: DECIDED_AT }, Vec::new());
        assert_eq!(task(&draft(), &Layout::sample(), true).unwrap().url, "/aozora/ja/apply/check");
        assert_eq!(task(&draft(), &Layout::sample(), false).unwrap().url, "/aozora/ja/resume");
        assert!(!drawn(&draft(), true).contains("application.pdf"));
    }
}
