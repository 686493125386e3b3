//! The initial password: shown in the answer to a press of the button, never by opening an address.
//!
//! Mail scanners and prefetching browsers open addresses; they press no buttons. The form
//! needs no one-time effect: within ten minutes the same session sees the same password again.

use super::reader::Reader;
use super::spelling::{Sign, in_fours, one_by_one, read_out};
use crate::domain::card::Card;
use crate::domain::credential::{CollectionCode, SHOWN_AGAIN_FOR};
use crate::domain::library::LibraryRules;
use crate::domain::person::PersonName;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{CsrfForm, FieldErrors};
use crate::http::page::{self, Here, Layout};
use crate::http::urls::Urls;
use crate::service;
use crate::service::deliver::{PasswordDesk, PasswordState, ShownPassword};
use crate::words::Words;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The box as typed; empty when the password is asked for again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct PasswordForm {
    code: String,
}

/// Whose password: a child's number in a guardian's application, or 0; and which application that is, where one is named.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Whose {
    child: u32,
    of: Option<String>,
}

impl Whose {
    fn application(&self) -> Result<Option<Reference>, Error> {
        self.of.as_deref().map(|of| of.parse().map_err(|_| Error::NotFound)).transpose()
    }

    fn url(&self, desk: &PasswordDesk, urls: &Urls) -> String {
        if self.child == 0 { urls.password() } else { urls.password_of_child(&desk.reference, self.child) }
    }
}

/// Another child of the same application.
struct ChildLink {
    name: String,
    url: String,
}

/// Before the password is shown, and after.
#[derive(Template)]
#[template(path = "patron/password.html")]
struct DeskPage {
    layout: Layout,
    card: CardFacts,
    /// The application whose receipt shows the code.
    reference: String,
    others: Vec<ChildLink>,
    desk: Desk,
    /// True if the library issues another one online.
    is_issued_again: bool,
    minutes: u64,
    errors: FieldErrors,
    input: PasswordForm,
}

/// There is none to collect: not yet, or no longer.
#[derive(Template)]
#[template(path = "patron/no_password.html")]
struct NoPasswordPage {
    layout: Layout,
}

/// The password.
#[derive(Template)]
#[template(path = "patron/password_shown.html")]
struct ShownPage {
    layout: Layout,
    card: CardFacts,
    others: Vec<ChildLink>,
    groups: Vec<String>,
    signs: Vec<Sign>,
    shown_at: Moment,
    until: Moment,
}

/// What stands above a password.
struct CardFacts {
    /// Whose card, if it is a child's.
    holder: Option<String>,
    number: String,
    number_spoken: String,
    expires_on: Day,
}

impl CardFacts {
    fn of(card: &Card, holder: Option<&PersonName>, rules: &LibraryRules) -> Self {
        Self {
            holder: holder.map(|name| name.as_str().to_owned()),
            number: rules.number_series.grouped(&card.number),
            number_spoken: one_by_one(card.number.as_str()),
            expires_on: Day(card.expires_on),
        }
    }
}

/// What the page offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desk {
    /// The collection code opens it.
    Waiting { until: Moment },
    /// The card has to be shown.
    CardNeeded { until: Moment },
    /// The patron has taken one of their own.
    Chosen { chosen_at: Moment },
    /// The card was shown: a press of the button shows it.
    CardShown { until: Moment },
    /// A press of the button shows it again.
    ShownHere { until: Moment },
    /// Shown before.
    Gone { shown_at: Moment },
    /// Nobody looked in time.
    RunOut,
    /// Too many wrong codes.
    Locked,
}

impl From<PasswordState> for Desk {
    fn from(state: PasswordState) -> Self {
        match state {
            PasswordState::Waiting { until } => Self::Waiting { until: Moment(until) },
            PasswordState::CardNeeded { until } => Self::CardNeeded { until: Moment(until) },
            PasswordState::Chosen { chosen_at } => Self::Chosen { chosen_at: Moment(chosen_at) },
            PasswordState::CardShown { until } => Self::CardShown { until: Moment(until) },
            PasswordState::ShownHere { until } => Self::ShownHere { until: Moment(until) },
            PasswordState::Gone { shown_at } => Self::Gone { shown_at: Moment(shown_at) },
            PasswordState::RunOut => Self::RunOut,
        }
    }
}

/// Explains; shows nothing secret.
pub(in crate::http) async fn show(reader: Reader, whose: web::Query<Whose>) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let of = whose.application()?;
    let id = match here.portal.password_application(&here.library, &reader.session, (of.as_ref(), whose.child)).await {
        Err(service::Error::NotFound) => return page::missing(&NoPasswordPage { layout: here.layout }),
        id => id?,
    };
    let desk = here.portal.password_desk(&here.library, &here.visit.token(), id, whose.child).await?;
    page::ok(&draw(&here, &desk, None, FieldErrors::none(), PasswordForm::default()))
}

/// Shows the password, or says what is wrong with the code.
pub(in crate::http) async fn submit(
    reader: Reader,
    whose: web::Query<Whose>,
    form: CsrfForm<PasswordForm>,
) -> Result<HttpResponse, Error> {
    let here = reader.here;
    let (token, child, of) = (here.visit.token(), whose.child, whose.application()?);
    let id = match here.portal.password_application(&here.library, &reader.session, (of.as_ref(), child)).await {
        Err(service::Error::NotFound) => return page::missing(&NoPasswordPage { layout: here.layout }),
        id => id?,
    };
    let desk = here.portal.password_desk(&here.library, &token, id, child).await?;
    let typed = match desk.state {
        PasswordState::Waiting { .. } => match read(&form.input) {
            Ok(code) => Some(code),
            Err(errors) => return page::again(&draw(&here, &desk, None, errors, form.input)),
        },
        PasswordState::CardShown { .. } | PasswordState::ShownHere { .. } => None,
        // Nothing to show any more: the page says what to do instead.
        PasswordState::Gone { .. }
        | PasswordState::RunOut
        | PasswordState::Chosen { .. }
        | PasswordState::CardNeeded { .. } => return Ok(page::see_other(whose.url(&desk, &here.urls))),
    };
    match here.portal.show_password(&here.library, &token, id, child, typed.as_ref()).await {
        Ok(shown) => page::ok(&draw_shown(here.layout, &here.library.rules, &shown, &desk)),
        // The card was shown too long ago by now: the page asks for the code.
        Err(service::Error::WrongCollectionCode) if typed.is_none() => {
            Ok(page::see_other(whose.url(&desk, &here.urls)))
        }
        Err(service::Error::WrongCollectionCode) => {
            let errors = FieldErrors::one("code", here.layout.words.patron_password_wrong_code());
            page::again(&draw(&here, &desk, None, errors, form.input))
        }
        Err(service::Error::TooMany { .. }) => {
            page::again(&draw(&here, &desk, Some(Desk::Locked), FieldErrors::none(), PasswordForm::default()))
        }
        Err(service::Error::AlreadyShown) => Ok(page::see_other(whose.url(&desk, &here.urls))),
        Err(error) => Err(error.into()),
    }
}

/// Reads the code, so that an empty or clipped one costs no try.
fn read(input: &PasswordForm) -> Result<CollectionCode, FieldErrors> {
    let words = Words::default();
    if input.code.trim().is_empty() {
        return Err(FieldErrors::one("code", words.patron_password_code_empty()));
    }
    CollectionCode::parse(&input.code).ok_or_else(|| FieldErrors::one("code", words.patron_password_code_form()))
}

fn draw(here: &Here, desk: &PasswordDesk, instead: Option<Desk>, errors: FieldErrors, input: PasswordForm) -> DeskPage {
    DeskPage {
        layout: here.layout.clone(),
        card: CardFacts::of(&desk.card, desk.holder.as_ref(), &here.library.rules),
        reference: desk.reference.to_string(),
        others: others(desk, &here.urls),
        desk: instead.unwrap_or_else(|| desk.state.into()),
        is_issued_again: here.library.rules.offers(Procedure::PasswordIssue),
        minutes: SHOWN_AGAIN_FOR.whole_minutes().unsigned_abs(),
        errors,
        input,
    }
}

/// The other children of a guardian's application.
fn others(desk: &PasswordDesk, urls: &Urls) -> Vec<ChildLink> {
    let others = desk.children.iter().filter(|(_, name)| desk.holder.as_ref() != Some(name));
    others
        .map(|(number, name)| ChildLink {
            name: name.as_str().to_owned(),
            url: urls.password_of_child(&desk.reference, *number),
        })
        .collect()
}

fn draw_shown(layout: Layout, rules: &LibraryRules, shown: &ShownPassword, desk: &PasswordDesk) -> ShownPage {
    ShownPage {
        others: others(desk, &layout.urls),
        signs: read_out(layout.words, shown.password.expose()),
        layout,
        card: CardFacts::of(&shown.card, desk.holder.as_ref(), rules),
        groups: in_fours(shown.password.expose()),
        shown_at: Moment(shown.shown_at),
        until: Moment(shown.until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    const AT: Moment = Moment(datetime!(2026-11-20 05:05 UTC));

    fn facts() -> CardFacts {
        CardFacts {
            holder: None,
            number: "00 1234 5678".into(),
            number_spoken: one_by_one("0012345678"),
            expires_on: Day(date!(2029 - 11 - 20)),
        }
    }

    fn drawn(desk: Desk, errors: FieldErrors, code: &str) -> String {
        let input = PasswordForm { code: code.into() };
        let reference = "LC-7K3M-92QP".to_owned();
        let (layout, card, others) = (Layout::sample(), facts(), Vec::new());
        let is_issued_again = true;
        DeskPage { layout, card, reference, others, desk, is_issued_again, minutes: 10, errors, input }
            .render()
            .unwrap()
    }

    fn typed(code: &str) -> Result<CollectionCode, FieldErrors> {
        read(&PasswordForm { code: code.into() })
    }

    #[test]
    fn a_code_is_read_in_any_case_and_an_unfinished_one_costs_no_try() {
        assert_eq!(typed("ab2c-3d4e").unwrap(), typed(" ＡＢ２Ｃ３Ｄ４Ｅ ").unwrap());
        assert_eq!(typed(" ").unwrap_err().of("code"), Some("受取コードを入力してください"));
        assert!(typed("AB2C").unwrap_err().has("code"));
    }

    #[test]
    fn before_it_is_shown_the_code_is_asked_for() {
        let page = drawn(Desk::Waiting { until: AT }, FieldErrors::none(), "");
        for part in ["まわりに人がいないか", "初期パスワードを表示する", "10分", "name=\"code\"", "00 1234 5678"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<output"));
    }

    #[test]
    fn a_wrong_code_is_named_at_its_box() {
        let page = drawn(Desk::Waiting { until: AT }, FieldErrors::one("code", "受取コードがちがいます"), "AB2C-3D4E");
        assert!(page.contains("aria-invalid=\"true\"") && page.contains("value=\"AB2C-3D4E\""));
        assert!(page.contains("<title>エラー："));
    }

    #[test]
    fn within_ten_minutes_a_button_is_enough() {
        let page = drawn(Desk::ShownHere { until: AT }, FieldErrors::none(), "");
        assert!(page.contains("もう一度表示する") && page.contains("14:05"));
        assert!(!page.contains("name=\"code\""));
    }

    #[test]
    fn afterwards_the_counter_helps() {
        for desk in [Desk::Gone { shown_at: AT }, Desk::RunOut, Desk::Locked] {
            let page = drawn(desk, FieldErrors::none(), "");
            assert!(page.contains("窓口") && page.contains("/aozora/ja/counter"), "{desk:?}");
            assert!(!page.contains("<form"), "{desk:?}");
        }
        assert!(drawn(Desk::Gone { shown_at: AT }, FieldErrors::none(), "").contains("もう表示できません"));
    }

    #[test]
    fn a_shown_password_can_be_copied_heard_and_seen_until_a_named_time() {
        let page = ShownPage {
            layout: Layout::sample(),
            card: facts(),
            others: Vec::new(),
            groups: in_fours("T7kP9mXw"),
            signs: read_out(Words::default(), "T7kP9mXw"),
            shown_at: AT,
            until: Moment(datetime!(2026-11-20 05:15 UTC)),
        };
        let page = page.render().unwrap();
        for part in
            ["data-copy=\"パスワード\"", ">T7kP</span><span", "大文字のティー", "数字のきゅう", "14:05", "14:15"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert_eq!(page.matches("<output").count(), 1);
    }
}
