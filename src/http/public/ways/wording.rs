//! Rules in words that everybody understands.

use crate::domain::library::{
    AgeBand, Category, ClosedBecause, Demand, LibraryRules, NumberAfter, PatronService, ProxyRules, Reach,
    ReissueReason, Span, Validity, Way,
};
use crate::domain::procedure::Procedure;

pub(super) fn ages(band: AgeBand) -> String {
    match (band.from, band.to) {
        (0, None) => "すべての年齢".into(),
        (from, None) => format!("{from}歳以上"),
        (from, Some(to)) if from == to => format!("{from}歳"),
        (from, Some(to)) => format!("{from}歳から{to}歳まで"),
    }
}

pub(super) const fn way(way: Way) -> &'static str {
    match way {
        Way::Online => "オンラインで申し込めます",
        Way::OnlineWithGuardian => "オンラインで、本人と保護者の方が、それぞれ署名して申し込めます",
        Way::GuardianOnline => "オンラインで、保護者の方が、ご自分のカードで署名して申し込めます",
        Way::Counter => "窓口で申し込めます",
        Way::None => "このカードは作れません",
    }
}

pub(super) fn loan_limit(category: &Category) -> String {
    match category.loan_limit_linked {
        Some(linked) => format!("{}点まで。マイナンバーカードを登録すると{linked}点まで", category.loan_limit),
        None => format!("{}点まで", category.loan_limit),
    }
}

pub(super) fn services(services: &[PatronService]) -> String {
    let names: Vec<&str> = services
        .iter()
        .map(|service| match service {
            PatronService::Loan => "貸出し",
            PatronService::Reservation => "予約",
            PatronService::Login => "ログイン",
            PatronService::ELibrary => "電子図書館",
            PatronService::PurchaseRequest => "購入のリクエスト",
        })
        .collect();
    names.join("、")
}

/// What stops when nobody renews, and when the record goes.
pub(super) fn after_expiry(rules: &LibraryRules) -> String {
    let after = &rules.after_expiry;
    let mut parts = Vec::new();
    if !after.stops.is_empty() {
        parts.push(format!("{}は使えません。", services(&after.stops)));
    }
    if after.e_library_days_left > 0 {
        parts.push(format!("電子図書館が使えるのは、期限の{}日前までです。", after.e_library_days_left));
    }
    if let Some(kept) = after.erased_after {
        parts.push(format!("{}たつと、登録の記録を消します。30日前までにメールでお知らせします。", span(kept)));
    }
    parts.concat()
}

pub(in crate::http::public) fn span(span: Span) -> String {
    match span {
        Span::Days(days) => format!("{days}日"),
        Span::Months(months) => format!("{months}か月"),
        Span::Years(years) => format!("{years}年"),
    }
}

pub(super) fn validity(validity: &Validity) -> String {
    match validity {
        Validity::YearsFromIssue { years } => format!("作った日から{years}年"),
        Validity::NthBirthday { nth: 1 } => "作ったあとの、はじめの誕生日まで".into(),
        Validity::NthBirthday { nth } => format!("作ったあとの、{nth}回目の誕生日まで"),
        Validity::EndOfBirthMonth { years } => format!("作った年の{years}年あとの、誕生月の末日まで"),
        Validity::FixedDay { month, day, years: 1 } => format!("次の{month}月{day}日まで"),
        Validity::FixedDay { month, day, years } => format!("作ったあとの、{years}回目の{month}月{day}日まで"),
        Validity::FixedDates { .. } => "図書館が決めた日まで".into(),
    }
}

/// What is asked for, which documents meet it, and whether it can be left out.
pub(super) fn demand(proves: &str, demand: Demand, labels: &[&str]) -> String {
    let kinds = labels.join("、");
    let one_of = if labels.len() > 1 { "のどれか" } else { "" };
    match demand {
        Demand::Optional => format!("{proves}：{kinds}{one_of}（あれば）"),
        Demand::Required | Demand::None => format!("{proves}：{kinds}{one_of}"),
    }
}

/// What two demands that one document can meet need.
pub(super) const ONE_FOR_SEVERAL: &str = "1つで足りるときは、1つでかまいません。";

pub(super) fn unsigned(rules: &LibraryRules) -> Vec<String> {
    let mut ways = Vec::new();
    if rules.unsigned.visit_slip {
        let days = rules.unsigned.visit_slip_days;
        ways.push(format!("オンラインで入力して、{days}日のあいだに窓口に来ていただけます。"));
    }
    if rules.unsigned.upload {
        ways.push("書類の写真を送って申し込めます。".into());
    }
    ways.push("窓口で、紙に書いて申し込めます。".into());
    ways
}

pub(super) fn renewal(rules: &LibraryRules) -> String {
    let place = place_of(rules, Procedure::Renewal);
    let before = match rules.renewal.open_before_expiry {
        Reach::Always => "期限の前はいつでも".to_owned(),
        reach => {
            reach.span().map_or_else(|| "期限が切れてから".to_owned(), |before| format!("期限の{}前から", span(before)))
        }
    };
    let after = match rules.renewal.open_after_expiry {
        Reach::Always => "期限のあともいつでも".to_owned(),
        reach => {
            reach.span().map_or_else(|| "期限の日まで".to_owned(), |after| format!("期限のあと{}まで", span(after)))
        }
    };
    format!("{before}、{after}、{place}のばせます。")
}

pub(super) fn reissue(rules: &LibraryRules, reason: ReissueReason) -> String {
    let terms = rules.reissue.terms(reason);
    let place = if terms.counter_only { "窓口で" } else { place_of(rules, Procedure::Reissue) };
    let wait = terms.waits.map_or_else(String::new, |wait| {
        format!("まず、さがしてください。見つからないときは、届け出から{}たつと、", span(wait))
    });
    let number = match rules.number_after(reason) {
        NumberAfter::Kept => "番号は変わりません。",
        NumberAfter::New => "番号は変わります。",
    };
    format!("{wait}{place}新しいカードを申し込めます。{number}")
}

/// Where a procedure about a card can be done.
fn place_of(rules: &LibraryRules, procedure: Procedure) -> &'static str {
    if rules.offers(procedure) { "オンラインか窓口で" } else { "窓口で" }
}

pub(super) fn proxy(rules: &ProxyRules) -> String {
    match rules {
        ProxyRules::Never => "ほかの方が代わりに申し込むことはできません。".into(),
        ProxyRules::GuardianOnly => "お子さんの保護者の方だけが、代わりに申し込めます。".into(),
        ProxyRules::WithLetter { only_for } if only_for.is_empty() => "委任状があれば、窓口で申し込めます。".into(),
        ProxyRules::WithLetter { only_for } => {
            format!("{}は、委任状があれば、代理の方が窓口で申し込めます。", only_for.join("、"))
        }
    }
}

pub(super) fn pick_up(rules: &LibraryRules) -> String {
    if rules.plastic_card.pick_up_branches.is_empty() {
        return "受取りは、どの窓口でもできます。".into();
    }
    let names: Vec<&str> = rules.pick_up_branches().map(|branch| branch.name.as_str()).collect();
    format!("受取りは、{}でできます。", names.join("、"))
}

pub(super) const fn closed_because(why: ClosedBecause<'_>) -> &str {
    match why {
        ClosedBecause::Weekly | ClosedBecause::Monthly | ClosedBecause::Listed => "休館日",
        ClosedBecause::Holiday => "祝日",
        ClosedBecause::AfterHoliday => "祝日のあとの休み",
        ClosedBecause::Reason(reason) => reason,
    }
}
