//! What staff did besides applications: whom they looked for, which records and files they opened, when they came and went.

use super::listing::{Pager, between, key_text, parse_key, with_query};
use super::members::wording::of_grants;
use super::signed_in::SignedInStaff;
use super::wording::name_of;
use crate::domain::deed::Deed;
use crate::domain::library::LibraryRules;
use crate::domain::permission::Permission;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::page::{self, Layout};
use crate::service::audit::{DeedEntry, DeedKey, DeedQuery, DeedsPage as Found};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

/// What is looked for; stands whole in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::http) struct DeedsView {
    #[serde(skip_serializing_if = "String::is_empty")]
    who: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    what: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    until: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

/// The list.
#[derive(Template)]
#[template(path = "staff/deeds.html")]
struct DeedsPage {
    layout: Layout,
    view: DeedsView,
    people: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    lines: Vec<Line>,
    pager: Pager,
}

struct Line {
    at: Moment,
    who: String,
    what: &'static str,
    detail: String,
    /// The patron's record, for whoever may open it.
    patron_url: Option<String>,
}

/// Shows one page of the list.
pub(in crate::http) async fn show(staff: SignedInStaff, view: web::Query<DeedsView>) -> Result<HttpResponse, Error> {
    let view = view.into_inner();
    let found = staff.here.portal.deeds(&staff.member, &view.query()).await?;
    page::ok(&draw(staff, view, &found))
}

impl DeedsView {
    fn query(&self) -> DeedQuery {
        let (from, until) = between(&self.from, &self.until);
        DeedQuery {
            staff: self.who.parse().ok(),
            deed: self.what.parse().ok(),
            from,
            until,
            before: key_of(&self.before),
            ..DeedQuery::default()
        }
    }

    fn url(&self, layout: &Layout) -> String {
        with_query(layout.urls.staff_deeds(), self)
    }
}

fn key_of(text: &str) -> Option<DeedKey> {
    let (at, id) = parse_key(text)?;
    Some(DeedKey { at, id: id.parse().ok()? })
}

fn draw(staff: SignedInStaff, view: DeedsView, found: &Found) -> DeedsPage {
    let may_see = staff.member.may(Permission::SeePatrons);
    let rules = &staff.here.library.rules;
    let layout = staff.here.layout;
    let line = |entry: &DeedEntry| Line {
        at: Moment(entry.key.at),
        who: entry.staff_id.map_or_else(|| "システムの管理者".to_owned(), |id| name_of(&found.staff, id)),
        what: words_of(entry.deed),
        detail: match entry.account {
            Some(account) => format!("{}（{}）", name_of(&found.staff, account), of_grants(&entry.detail, rules)),
            None => detail_of(entry, rules),
        },
        patron_url: entry.patron_id.filter(|_| may_see).map(|id| layout.urls.staff_patron(id, "")),
    };
    let from = |before: String| DeedsView { before, ..view.clone() }.url(&layout);
    let first = (!view.before.is_empty()).then(|| from(String::new()));
    let next = found.next.map(|key| from(key_text(key.at, key.id)));
    DeedsPage {
        lines: found.entries.iter().map(line).collect(),
        people: found.staff.iter().map(|member| (member.id.to_string(), member.name.clone())).collect(),
        kinds: Deed::ALL.iter().map(|deed| (deed.as_str(), words_of(*deed))).collect(),
        pager: Pager::onwards("記録のページ", first, next),
        view,
        layout,
    }
}

const fn words_of(deed: Deed) -> &'static str {
    match deed {
        Deed::SignedIn => "サインインした",
        Deed::SignedOut => "サインアウトした",
        Deed::Searched => "利用者をさがした",
        Deed::Opened => "利用者の記録をひらいた",
        Deed::CardStopped => "カードを止めた",
        Deed::CardReleased => "カードを使えるようにもどした",
        Deed::Blocked => "手続きを止めた",
        Deed::Unblocked => "手続きの停止を解除した",
        Deed::PasswordHandedOut => "窓口で初期パスワードを渡した",
        Deed::RequestSettled => "利用者の申し出に答えた",
        Deed::FactsPutRight => "利用者の登録内容を直した",
        Deed::NoticePrinted => "カードのお知らせを印刷した",
        Deed::NoticeDelivered => "カードのお知らせを紙で渡した、または送った",
        Deed::Exported => "図書館システムへのファイルを作った",
        Deed::ExportTaken => "図書館システムへのファイルを保存した",
        Deed::Imported => "利用者を取り込んだ",
        Deed::TemplateSaved => "ひな形を保存した",
        Deed::TemplateRetired => "ひな形を使わないようにした",
        Deed::AbsenceNoted => "不在を入力した",
        Deed::AbsenceRemoved => "不在を取り消した",
        Deed::RelationNamed => "自分と家族のカードを登録した",
        Deed::RelationRemoved => "自分と家族のカードを消した",
        Deed::AccountInvited => "職員を招待した",
        Deed::AccountInvitedAgain => "職員を招待し直した",
        Deed::AccountRoles => "職員の役割を変えた",
        Deed::AccountSuspended => "職員の利用を停止した",
        Deed::AccountReinstated => "職員の利用停止を解いた",
    }
}

/// By which kinds of facts and with how many hits, how many lines, or which kind of block.
fn detail_of(entry: &DeedEntry, rules: &LibraryRules) -> String {
    match entry.deed {
        Deed::Searched => {
            let kinds: Vec<&str> = entry.detail.split(' ').filter_map(of_kind).collect();
            format!("{}でさがして、{}件", kinds.join("・"), entry.hits)
        }
        Deed::Blocked | Deed::Unblocked => {
            let kind = rules.blocks.iter().find(|kind| kind.code.as_str() == entry.detail);
            kind.map_or_else(|| entry.detail.clone(), |kind| kind.label.clone())
        }
        Deed::PasswordHandedOut => {
            let kind = rules.evidence.iter().find(|kind| kind.code.as_str() == entry.detail);
            format!("{}で本人を確認", kind.map_or("そのほかの書類", |kind| kind.label.as_str()))
        }
        Deed::Exported | Deed::ExportTaken | Deed::Imported => format!("{}件", entry.detail),
        _ => String::new(),
    }
}

/// What patrons are looked for by.
fn of_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "card" => "カード番号",
        "name" => "氏名",
        "kana" => "フリガナ",
        "birth" => "生年月日",
        "email" => "メール",
        "phone" => "電話",
        _ => return None,
    })
}
