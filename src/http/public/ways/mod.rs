//! Which way can I apply? Written from the library's rules alone.

pub(super) mod wording;

use crate::domain::library::{
    Category, Demand, EvidenceDemand, LibraryRules, LibraryText, PlasticCards, ReissueReason, Signing,
};
use crate::domain::procedure::Procedure;
use crate::http::apply::documents::wording::things_in;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::page::{self, Here, Layout};
use crate::words::{AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;
use time::Date;

/// How far the calendar looks ahead, in days, and how many closed days it shows.
const CALENDAR_DAYS: u16 = 45;
const SHOWN_CLOSED_DAYS: usize = 7;

/// The ways to a card, and what follows.
#[derive(Template)]
#[template(path = "public/ways.html")]
struct WaysPage {
    layout: Layout,
    library: AsWritten,
    categories: Vec<CategoryPart>,
    unsigned: Vec<Phrase>,
    promised_days: u32,
    facts: Vec<Fact>,
    closed_days: Vec<ClosedDay>,
}

/// One category: the ways by age, and its terms.
struct CategoryPart {
    label: AsWritten,
    hint: AsWritten,
    ways: Vec<WayLine>,
    facts: Vec<Fact>,
}

struct WayLine {
    ages: Phrase,
    way: Phrase,
}

struct Fact {
    name: Phrase,
    text: Phrase,
}

struct ClosedDay {
    day: Day,
    reason: Phrase,
}

/// Shows the ways.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    let today = here.portal.clock.today();
    page::for_everybody(&WaysPage::new(here.layout, &here.library.rules, today))
}

impl WaysPage {
    fn new(layout: Layout, rules: &LibraryRules, today: Date) -> Self {
        let words = layout.words;
        Self {
            layout,
            library: (&rules.name).into(),
            categories: rules.categories.iter().map(|one| category_part(words, rules, one, today)).collect(),
            unsigned: wording::unsigned(words, rules),
            promised_days: rules.promised_open_days_for(Procedure::NewCard),
            facts: facts_of(words, rules),
            closed_days: closed_days(words, rules, today),
        }
    }
}

fn category_part(words: Words, rules: &LibraryRules, category: &Category, today: Date) -> CategoryPart {
    let ways = rules
        .age_bands(category)
        .into_iter()
        .map(|band| WayLine { ages: wording::ages(words, band), way: wording::way(words, band.way) })
        .collect();
    let mut facts = vec![Fact { name: words.ways_loans(), text: wording::loan_limit(words, category) }];
    if !category.withheld.is_empty() {
        facts.push(Fact { name: words.ways_withheld(), text: wording::services(words, &category.withheld) });
    }
    let validity = wording::validity(words, category.validity.as_ref().unwrap_or(&rules.validity));
    let validity = if category.ends_with_proof { words.ways_ends_with_proof(validity) } else { validity };
    facts.push(Fact { name: words.ways_validity(), text: validity });
    let demands = || rules.evidence_demands(Procedure::NewCard, &category.code);
    for (signing, name) in [(Signing::Signed, words.ways_besides()), (Signing::Unsigned, words.ways_unsigned_needs())] {
        let text = evidence(words, rules, demands(), signing, today);
        if !text.is_empty() {
            facts.push(Fact { name, text });
        }
    }
    if category.guarantor {
        facts.push(Fact { name: words.ways_guarantor(), text: words.ways_guarantor_needed() });
    }
    let hint = category.hint.as_ref().map(AsWritten::from).unwrap_or_default();
    CategoryPart { label: (&category.label).into(), hint, ways, facts }
}

/// What is asked for, one demand a line; demands that the same documents meet stand in one.
fn evidence<'a>(
    words: Words,
    rules: &LibraryRules,
    demands: impl Iterator<Item = &'a EvidenceDemand>,
    signing: Signing,
    today: Date,
) -> Phrase {
    let mut asked: Vec<(Vec<Phrase>, Demand, Vec<&LibraryText>)> = Vec::new();
    for demand in demands.filter(|demand| demand.of(signing) > Demand::None) {
        let accepted = rules.evidence.iter().filter(|kind| demand.is_met_by(kind) && kind.is_accepted_on(today));
        let labels: Vec<&LibraryText> = accepted.map(|kind| &kind.label).collect();
        let level = demand.of(signing);
        let thing = things_in(words, &demand.proves);
        match asked.iter_mut().find(|(_, other, kinds)| *other == level && *kinds == labels) {
            Some((proves, ..)) => proves.push(thing),
            None => asked.push((vec![thing], level, labels)),
        }
    }
    let is_several = asked.len() > 1;
    let lines = asked.into_iter().map(|(proves, level, labels)| {
        let things = words.join(proves, words.apply_documents_and());
        wording::demand(words, words.apply_documents_what_for(things), level, &labels)
    });
    words.join(lines.chain(is_several.then(|| words.ways_one_for_several())), "\n")
}

fn facts_of(words: Words, rules: &LibraryRules) -> Vec<Fact> {
    let fee = rules.fee(Procedure::NewCard).map_or_else(|| words.ways_free(), |fee| words.say(fee));
    let mut facts = vec![
        Fact { name: words.ways_fee(), text: fee },
        Fact { name: words.ways_renewal(), text: wording::renewal(words, rules) },
        Fact { name: words.ways_after_expiry(), text: wording::after_expiry(words, rules) },
        Fact { name: words.ways_lost(), text: wording::reissue(words, rules, ReissueReason::Lost) },
        Fact { name: words.ways_damaged(), text: wording::reissue(words, rules, ReissueReason::Damaged) },
    ];
    if let Some(fee) = rules.fee(Procedure::Reissue) {
        facts.push(Fact { name: words.ways_reissue_fee(), text: words.say(fee) });
    }
    facts.push(Fact { name: words.ways_proxy(), text: wording::proxy(words, &rules.proxy) });
    let pick_up = || wording::pick_up(words, rules);
    let plastic = match rules.plastic_card.offered {
        PlasticCards::Never => words.ways_plastic_never(),
        PlasticCards::OnRequest => wording::sentences(words, [words.ways_plastic_on_request(), pick_up()]),
        PlasticCards::Always => wording::sentences(words, [words.ways_plastic_always(), pick_up()]),
    };
    facts.push(Fact { name: words.ways_plastic(), text: plastic });
    if let Some(basis) = rules.legal_basis(Procedure::NewCard) {
        facts.push(Fact { name: words.ways_legal_basis(), text: words.say(basis) });
    }
    facts.retain(|fact| !fact.text.is_empty());
    facts
}

fn closed_days(words: Words, rules: &LibraryRules, today: Date) -> Vec<ClosedDay> {
    let closed = rules.open_days.closed_days(today, CALENDAR_DAYS).take(SHOWN_CLOSED_DAYS);
    closed.map(|(day, why)| ClosedDay { day: Day(day), reason: wording::closed_because(words, why) }).collect()
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
            "見せていただいた書類の期限が先に来るときは、その日まで",
            "3年たつと、登録の記録を消します",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(page.len() <= 8 * 1024, "{} octets", page.len());
    }
}
