//! Looking for a patron. What is sought is sent, never put into an address, and stays in no journal of a proxy.

pub mod blocks;
pub mod password;
pub mod record;

use super::signed_in::SignedInStaff;
use crate::clock::japanese_date;
use crate::domain::patron_search::{MOST_FOUND, PatronSearch, SoughtFact, SoughtFacts};
use crate::domain::person::BirthDate;
use crate::http::error::Error;
use crate::http::filters::{Birth, Day};
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::urls::Urls;
use crate::service::patrons::{FoundPatron, PatronsFound};
use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use time::Date;

/// What is known of the patron, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct SoughtForm {
    card_number: String,
    name: String,
    kana: String,
    birth: String,
    phone: String,
    email: String,
}

/// The form, and what was found.
#[derive(Template)]
#[template(path = "staff/patrons.html")]
struct PatronsPage {
    layout: Layout,
    errors: FieldErrors,
    input: SoughtForm,
    found: Option<Found>,
    most: u32,
}

struct Found {
    rows: Vec<Row>,
    are_more: bool,
    erased_on: Option<Day>,
}

struct Row {
    url: String,
    name: String,
    kana: String,
    birth: Birth,
    address: String,
    card: Option<(String, Day)>,
}

/// Shows the form.
pub(in crate::http) async fn show(staff: SignedInStaff) -> Result<HttpResponse, Error> {
    page::ok(&PatronsPage::new(staff.here.layout, SoughtForm::default(), FieldErrors::none(), None))
}

/// Looks. Nothing but the record changes, so the answer is the list itself.
pub(in crate::http) async fn submit(staff: SignedInStaff, form: TextForm<SoughtForm>) -> Result<HttpResponse, Error> {
    let search = match form.checked(form.input.search(japanese_date(staff.now()))) {
        Ok(search) => search,
        Err(errors) => return page::again(&PatronsPage::new(staff.here.layout, form.input, errors, None)),
    };
    let found = staff.here.portal.search_patrons(&staff.member, &search).await?;
    let found = Found::of(found, &staff.here.urls);
    page::ok(&PatronsPage::new(staff.here.layout, form.input, FieldErrors::none(), Some(found)))
}

impl SoughtForm {
    fn search(&self, today: Date) -> Result<PatronSearch, FieldErrors> {
        let mut errors = FieldErrors::none();
        if !self.card_number.trim().is_empty() {
            let number = self.card_number.parse();
            return number
                .map(PatronSearch::Card)
                .map_err(|_| FieldErrors::one("card_number", "カード番号を、カードのとおりに入力してください"));
        }
        let mut facts = Vec::new();
        facts.extend(typed(&self.email).and_then(|text| errors.take("email", text.parse())).map(SoughtFact::Email));
        facts.extend(typed(&self.phone).and_then(|text| errors.take("phone", text.parse())).map(SoughtFact::Phone));
        facts.extend(typed(&self.name).and_then(|text| errors.take("name", text.parse())).map(SoughtFact::Name));
        facts.extend(typed(&self.kana).and_then(|text| errors.take("kana", text.parse())).map(SoughtFact::Kana));
        if let Some(text) = typed(&self.birth) {
            match read_birth(text, today) {
                Some(birth) => facts.push(SoughtFact::Birth(birth)),
                None => errors.add("birth", "生年月日を、1985-04-27 や 昭和60年4月27日 のように入力してください"),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        SoughtFacts::new(facts)
            .map(PatronSearch::Facts)
            .map_err(|_| FieldErrors::one("card_number", "カード番号を入力するか、ほかの欄を2つ以上入力してください"))
    }
}

fn typed(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// `1985-04-27`, `1985/4/27`, `昭和60年4月27日`, in any width.
fn read_birth(text: &str, today: Date) -> Option<BirthDate> {
    let mut parts = text.split(['-', '－', '/', '／', '.', '．', '年', '月', '日']).map(str::trim);
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.any(|rest| !rest.is_empty()) {
        return None;
    }
    BirthDate::parse(year, month, day, today).ok()
}

impl Found {
    fn of(found: PatronsFound, urls: &Urls) -> Self {
        Self {
            rows: found.patrons.into_iter().map(|patron| Row::of(patron, urls)).collect(),
            are_more: found.are_more,
            erased_on: found.erased_at.map(|at| Day(japanese_date(at))),
        }
    }
}

impl Row {
    fn of(patron: FoundPatron, urls: &Urls) -> Self {
        let facts = patron.facts;
        Self {
            url: urls.staff_patron(patron.id, ""),
            name: facts.name.as_str().to_owned(),
            kana: facts.kana.as_str().to_owned(),
            birth: Birth(facts.birth),
            address: facts.address.map(|address| address.municipality().to_owned()).unwrap_or_default(),
            card: patron.card.map(|(number, until)| (number.as_str().to_owned(), Day(until))),
        }
    }
}

impl PatronsPage {
    const fn new(layout: Layout, input: SoughtForm, errors: FieldErrors, found: Option<Found>) -> Self {
        Self { layout, errors, input, found, most: MOST_FOUND }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PatronId;
    use time::macros::{date, datetime};

    const TODAY: Date = date!(2026 - 11 - 20);

    fn form(name: &str, birth: &str, card: &str) -> SoughtForm {
        SoughtForm { name: name.into(), birth: birth.into(), card_number: card.into(), ..SoughtForm::default() }
    }

    #[test]
    fn a_card_is_enough_and_one_fact_is_not() {
        assert!(matches!(form("", "", "3000 0001 2").search(TODAY), Ok(PatronSearch::Card(_))));
        assert!(form("髙橋　花子", "", "").search(TODAY).unwrap_err().has("card_number"));
        assert!(form("", "", "").search(TODAY).unwrap_err().has("card_number"));
        let found = form("髙橋　花子", "昭和60年4月27日", "").search(TODAY).unwrap();
        assert_eq!(found.kinds(), "birth name");
        assert!(form("髙橋　花子", "60年", "").search(TODAY).unwrap_err().has("birth"));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in ["1985-04-27", "1985/4/27", "昭和60年4月27日", "S60.4.27", "１９８５年４月２７日"] {
            assert_eq!(read_birth(text, TODAY).map(BirthDate::date), Some(date!(1985 - 04 - 27)), "{text}");
        }
        for text in ["1985", "1985-04-27-1", "2030-01-01", ""] {
            assert_eq!(read_birth(text, TODAY), None, "{text}");
        }
    }

    #[test]
    fn the_list_says_when_it_is_not_whole() {
        let row = Row {
            url: Layout::sample().urls.staff_patron(PatronId::new(datetime!(2026-11-20 09:00 UTC)), ""),
            name: "髙橋　花子".into(),
            kana: "タカハシ　ハナコ".into(),
            birth: Birth("1985-04-27".parse().unwrap()),
            address: "姫路市".into(),
            card: Some(("30000012".into(), Day(date!(2028 - 01 - 31)))),
        };
        let draw = |rows, are_more| {
            let found = Some(Found { rows, are_more, erased_on: None });
            PatronsPage::new(Layout::sample(), SoughtForm::default(), FieldErrors::none(), found).render().unwrap()
        };
        let page = draw(vec![row], true);
        assert!(page.contains("さらにしぼってください") && page.contains("髙橋　花子") && page.contains("30000012"));
        assert!(draw(Vec::new(), false).contains("見つかりません"));
    }
}
