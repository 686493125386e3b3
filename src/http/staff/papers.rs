//! Notices that go on paper: what waits, the file to print, and how it left the library.

use super::signed_in::SignedInStaff;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{PaperReason, PaperWay};
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Layout};
use crate::service::papers::{PaperAbout, WaitingPaper};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The notice that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct NamedPaper {
    notice: String,
}

/// How it left the library, by the button that was pressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct WayForm {
    #[serde(default)]
    way: String,
}

/// The list.
#[derive(Template)]
#[template(path = "staff/papers.html")]
struct PapersPage {
    layout: Layout,
    errors: FieldErrors,
    papers: Vec<Line>,
}

struct Line {
    /// The application's number, or the card's.
    about: String,
    title: &'static str,
    placed_at: Moment,
    why: &'static str,
    url: String,
    /// Where the initial password is handed out that belongs to it.
    password_url: Option<String>,
}

/// Shows what waits.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&drawn(staff, FieldErrors::none()).await?)
}

/// Leads from an address that only takes posts to the list.
pub(in crate::http) async fn lead_there(staff: SignedInStaff) -> HttpResponse {
    page::see_other(staff.here.urls.staff_papers())
}

/// Gives the file to print.
pub(in crate::http) async fn document(
    staff: SignedInStaff,
    named: web::Path<NamedPaper>,
) -> Result<HttpResponse, Error> {
    let (name, document) = staff.here.portal.print_paper(&staff.member, named.id()?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")))
        .body(document))
}

/// Notes how it left the library.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<NamedPaper>,
    form: CsrfForm<WayForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let location = staff.here.urls.staff_papers();
    let once = staff.here.once(form.once, "staff/papers", location.clone());
    let Ok(way) = form.input.way.parse::<PaperWay>() else {
        let errors = FieldErrors::one("papers-caption", "「渡した」か「郵便で送った」のどちらかを押してください");
        return page::again(&drawn(staff, errors).await?);
    };
    staff.here.portal.deliver_paper(&staff.member, id, way, &once).await?;
    Ok(page::see_other(location))
}

impl NamedPaper {
    fn id(&self) -> Result<NoticeId, Error> {
        self.notice.parse().map_err(|_| Error::NotFound)
    }
}

async fn drawn(staff: SignedInStaff, errors: FieldErrors) -> Result<PapersPage, Error> {
    let waiting = staff.here.portal.waiting_papers(&staff.member).await?;
    let series = staff.here.library.rules.number_series.clone();
    let line = |paper: &WaitingPaper| Line {
        about: match &paper.about {
            PaperAbout::Application(reference) => reference.to_string(),
            PaperAbout::Card(number) => format!("カード {}", series.grouped(number)),
        },
        title: title_of(&paper.kind),
        placed_at: Moment(paper.placed_at),
        why: match paper.reason {
            PaperReason::Wanted => "メールアドレスがない、または紙を希望",
            PaperReason::Unread => "メールが届かない、または開かれていない",
        },
        url: staff.here.urls.staff_paper(paper.notice_id),
        password_url: paper
            .patron_id
            .filter(|_| matches!(paper.kind.as_str(), "issued" | "password_issued"))
            .map(|id| staff.here.urls.staff_patron(id, "/password")),
    };
    Ok(PapersPage { errors, papers: waiting.iter().map(line).collect(), layout: staff.here.layout })
}

/// What a notice is, by the name of its kind.
pub(super) fn title_of(kind: &str) -> &'static str {
    match kind {
        "issued" => "カードの番号",
        "declined" => "承認しなかったこと",
        "returned" => "修正のお願い",
        "renewed" => "有効期限の延長",
        "reissued" => "再発行",
        "linked" => "マイナンバーカードの登録",
        "password_issued" => "パスワードの発行",
        "changed" => "登録内容の変更",
        "stopped" | "lost" => "カードを止めたこと",
        "released" => "カードがまた使えること",
        "expiring" => "有効期限が近いこと",
        _ => "お知らせ",
    }
}
