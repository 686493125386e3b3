//! How each notice reached its reader: when it was placed, its mail handed over, the notice opened and saved, and the
//! password shown. What is delivered electronically counts from these times.

use crate::domain::event::EventKind;
use crate::http::filters::Moment;
use crate::http::staff::papers;
use crate::service::review::{NoticeTimes, ReviewFile};

/// One notice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) title: &'static str,
    pub(super) stamps: Vec<Stamp>,
}

/// One of its times, or what stands where there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) what: &'static str,
    pub(super) at: Option<Moment>,
    pub(super) otherwise: &'static str,
}

/// The notices of an application, the latest first.
pub(super) fn newest_first(file: &ReviewFile) -> Vec<Delivery> {
    file.notices.iter().rev().map(|notice| delivery(file, notice)).collect()
}

fn delivery(file: &ReviewFile, notice: &NoticeTimes) -> Delivery {
    let stamp = |what, at: Option<_>, otherwise| Stamp { what, at: at.map(Moment), otherwise };
    let first = |kind, detail: Option<&str>| {
        let mut events = file.timeline.iter().map(|entry| &entry.event).filter(|event| event.at >= notice.placed_at);
        events
            .find(|event| event.kind == kind && detail.is_none_or(|detail| detail == event.detail))
            .map(|event| event.at)
    };
    let mut stamps = vec![
        stamp("申込者のページに置いた", Some(notice.placed_at), ""),
        stamp("知らせるメールを渡した", notice.mailed_at, "渡していません"),
        stamp("はじめて開かれた", notice.first_read_at, "まだ"),
        stamp("PDFで保存された", first(EventKind::NoticeDownloaded, Some(&notice.kind)), "まだ"),
    ];
    if matches!(notice.kind.as_str(), "issued" | "password_issued") {
        stamps.push(stamp("初期パスワードを表示した", first(EventKind::PasswordShown, None), "まだ"));
    }
    Delivery { title: papers::title_of(&notice.kind), stamps }
}
