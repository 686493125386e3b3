//! Which way can I apply? Written from the library's rules alone.

pub(super) mod wording;

use crate::domain::library::{Category, Demand, EvidenceDemand, LibraryRules, PlasticCards, ReissueReason, Signing};
use crate::domain::procedure::Procedure;
use crate::http::apply::documents::wording::of_demand;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::page::{self, Here, Layout};
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// How far the calendar looks ahead, in days, and how many closed days it shows.
const CALENDAR_DAYS: u16 = 45;
const SHOWN_CLOSED_DAYS: usize = 8;

/// The ways to a card, and what follows.
#[derive(Template)]
#[template(path = "public/ways.html")]
struct WaysPage {
    layout: Layout,
    library: String,
    categories: Vec<CategoryPart>,
    unsigned: Vec<String>,
    promised_days: u32,
    facts: Vec<Fact>,
    closed_days: Vec<ClosedDay>,
}

/// One category: the ways by age, and its terms.
struct CategoryPart {
    label: String,
    hint: String,
    ways: Vec<WayLine>,
    facts: Vec<Fact>,
}

struct WayLine {
    ages: String,
    way: &'static str,
}

struct Fact {
    name: &'static str,
    text: String,
}

struct ClosedDay {
    day: Day,
    reason: String,
}

/// Shows the ways.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    let today = here.portal.clock.today();
    page::for_everybody(&WaysPage::new(here.layout, &here.library.rules, today))
}

impl WaysPage {
    fn new(layout: Layout, rules: &LibraryRules, today: Date) -> Self {
        Self {
            layout,
            library: rules.name.clone(),
            categories: rules.categories.iter().map(|category| category_part(rules, category, today)).collect(),
            unsigned: wording::unsigned(rules),
            promised_days: rules.promised_open_days_for(Procedure::NewCard),
            facts: facts_of(rules),
            closed_days: closed_days(rules, today),
        }
    }
}

fn category_part(rules: &LibraryRules, category: &Category, today: Date) -> CategoryPart {
    let ways = rules
        .age_bands(category)
        .into_iter()
        .map(|band| WayLine { ages: wording::ages(band), way: wording::way(band.way) })
        .collect();
    let mut facts = vec![Fact { name: "借りられる数", text: wording::loan_limit(category) }];
    if !category.withheld.is_empty() {
        facts.push(Fact { name: "使えないもの", text: wording::services(&category.withheld) });
    }
    let validity = category.validity.as_ref().unwrap_or(&rules.validity);
    facts.push(Fact { name: "使える期間", text: wording::validity(validity) });
    let demands = || rules.evidence_demands(Procedure::NewCard, &category.code);
    let signed = evidence(rules, demands(), Signing::Signed, today);
    if !signed.is_empty() {
        facts.push(Fact { name: "署名のほかに見せるもの", text: signed });
    }
    let unsigned = evidence(rules, demands(), Signing::Unsigned, today);
    if !unsigned.is_empty() {
        facts.push(Fact { name: "署名しないとき", text: unsigned });
    }
    if category.guarantor {
        facts.push(Fact { name: "保証人", text: "必要です".into() });
    }
    let hint = category.hint.clone().unwrap_or_default();
    CategoryPart { label: category.label.clone(), hint, ways, facts }
}

/// How the words for a demand end.
const SHOWS: &str = "がわかる書類";

/// What is asked for, one demand a line; demands that the same documents meet stand in one.
fn evidence<'a>(
    rules: &LibraryRules,
    demands: impl Iterator<Item = &'a EvidenceDemand>,
    signing: Signing,
    today: Date,
) -> String {
    let mut asked: Vec<(Vec<String>, Demand, Vec<&str>)> = Vec::new();
    for demand in demands.filter(|demand| demand.of(signing) > Demand::None) {
        let accepted = rules.evidence.iter().filter(|kind| demand.is_met_by(kind) && kind.is_accepted_on(today));
        let labels: Vec<&str> = accepted.map(|kind| kind.label.as_str()).collect();
        let level = demand.of(signing);
        let thing = || of_demand(&demand.proves).trim_end_matches(SHOWS).to_owned();
        match asked.iter_mut().find(|(_, other, kinds)| *other == level && *kinds == labels) {
            Some((proves, ..)) => proves.push(thing()),
            None => asked.push((vec![thing()], level, labels)),
        }
    }
    let is_several = asked.len() > 1;
    let lines =
        asked.iter().map(|(proves, level, labels)| wording::demand(&(proves.join("と") + SHOWS), *level, labels));
    lines.chain(is_several.then(|| wording::ONE_FOR_SEVERAL.to_owned())).collect::<Vec<_>>().join("\n")
}

fn facts_of(rules: &LibraryRules) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "費用", text: rules.fee(Procedure::NewCard).unwrap_or("無料です").to_owned() },
        Fact { name: "期限をのばす", text: wording::renewal(rules) },
        Fact { name: "期限が切れたあと", text: wording::after_expiry(rules) },
        Fact { name: "カードをなくした", text: wording::reissue(rules, ReissueReason::Lost) },
        Fact { name: "カードがこわれた", text: wording::reissue(rules, ReissueReason::Damaged) },
    ];
    if let Some(fee) = rules.fee(Procedure::Reissue) {
        facts.push(Fact { name: "再発行の費用", text: fee.to_owned() });
    }
    facts.push(Fact { name: "代理の方", text: wording::proxy(&rules.proxy) });
    let plastic = match rules.plastic_card.offered {
        PlasticCards::Never => "お渡ししていません。番号だけで使えます。".to_owned(),
        PlasticCards::OnRequest => format!("ご希望の方にお渡しします。{}", wording::pick_up(rules)),
        PlasticCards::Always => format!("どなたにもお渡しします。{}", wording::pick_up(rules)),
    };
    facts.push(Fact { name: "プラスチックのカード", text: plastic });
    if let Some(basis) = rules.legal_basis(Procedure::NewCard) {
        facts.push(Fact { name: "もとになるきまり", text: basis.to_owned() });
    }
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

fn closed_days(rules: &LibraryRules, today: Date) -> Vec<ClosedDay> {
    let closed = rules.open_days.closed_days(today, CALENDAR_DAYS).take(SHOWN_CLOSED_DAYS);
    closed.map(|(day, why)| ClosedDay { day: Day(day), reason: wording::closed_because(why).to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn drawn(rules: &str, today: Date) -> String {
        let rules = LibraryRules::parse(rules).unwrap();
        WaysPage::new(Layout::sample(), &rules, today).render().unwrap()
    }

    #[test]
    fn the_ways_follow_from_the_rules_alone() {
        let himeji = include_str!("../../../../deploy/libraries/himeji.toml");
        let page = drawn(himeji, date!(2026 - 11 - 20));
        for part in [
            "0歳から14歳まで",
            "保護者の方が、ご自分のカードで署名して申し込めます",
            "15歳以上",
            "6点まで。マイナンバーカードを登録すると12点まで",
            "作った日から3年",
            "社員証・在職証明書、学生証・在学証明書",
            "期限の2か月前から",
            "見つからないときは、届け出から7日たつと",
            "2026年11月23日(月)</time>　祝日",
            "無料です",
            "期限の14日前まで",
            "<dt>もとになるきまり</dt><dd>図書館条例施行規則第5条",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("健康保険証"), "what is no longer accepted is not asked for");
        assert!(page.len() <= 8 * 1024, "{} octets", page.len());
    }

    #[test]
    fn another_library_says_the_opposite() {
        let shiomi = include_str!("../../../../deploy/libraries/shiomi.toml");
        let page = drawn(shiomi, date!(2026 - 12 - 20));
        for part in [
            "本人と保護者の方が、それぞれ署名して申し込めます",
            "窓口で申し込めます",
            "このカードは作れません",
            "期限の30日前から、期限のあと1年まで",
            "<dt>再発行の費用</dt><dd>なくしたときは100円です",
            "氏名がわかる書類：運転免許証、学生証・生徒手帳のどれか",
            "住所がわかる書類：運転免許証",
            "委任状",
            "保証人",
            "1つで足りるときは",
            "年末年始",
            "使えないもの",
            "3年たつと、登録の記録を消します",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(page.len() <= 8 * 1024, "{} octets", page.len());
    }
}
