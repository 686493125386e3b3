//! The patron's own page: the card, what waits, and one list of what can be done.

use super::done::{Banner, JustNow};
use super::tile::Tile;
use super::wording;
use crate::domain::library::Library;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::page::{self, Layout};
use crate::http::patron::notice_title::title_of;
use crate::http::patron::reader::Holder;
use crate::http::patron::standing::mark;
use crate::http::patron::undelivered::Undelivered;
use crate::http::procedure_wording::{button_of, of_obstacle, title_for};
use crate::http::urls::Urls;
use crate::service;
use crate::service::my_card::OwnCard;
use crate::service::patron_page::{CardPage, OwnApplication, OwnNotice, Papers};
use crate::service::procedures::{MyCard, Offer};
use crate::words::{Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use time::Date;

/// The page.
#[derive(Template)]
#[template(path = "patron/card/home.html")]
struct HomePage {
    layout: Layout,
    banner: Option<Banner>,
    /// Mail to their address came back.
    undelivered: Option<Undelivered>,
    tile: Tile,
    limit: Phrase,
    e_library_until: Option<Day>,
    kept_until: Option<Day>,
    is_linked: bool,
    linked_end: Phrase,
    /// Where a first password is collected that nobody has seen.
    password_url: Option<String>,
    unread: Vec<NoticeLine>,
    doings: Vec<Doing>,
    applications: Vec<ApplicationLine>,
}

/// One thing that can be done, or why it cannot.
pub(super) struct Doing {
    pub(super) title: Phrase,
    pub(super) way: Way,
}

/// How it is done.
pub(super) enum Way {
    /// A page.
    Open(String),
    /// A form that is sent to this address.
    Press(String),
    /// Not now.
    Not(Phrase),
}

/// A notice that nobody has opened.
struct NoticeLine {
    title: Phrase,
    url: String,
    placed_at: Moment,
    /// False of what they were given on paper.
    is_unread: bool,
}

/// One of their applications.
struct ApplicationLine {
    reference: String,
    title: Phrase,
    started_on: Day,
    colour: &'static str,
    sign: &'static str,
    word: Phrase,
    has_unread: bool,
}

/// Shows the page; whoever holds no card is led to their application.
pub(in crate::http) async fn show(holder: Holder, just_now: web::Query<JustNow>) -> Result<HttpResponse, Error> {
    let here = &holder.here;
    match here.portal.card_page(&here.library, &holder.session).await {
        Ok(found) => {
            let today = here.portal.clock.today();
            page::ok(&draw(here.layout.clone(), &here.library, found, &just_now, today))
        }
        Err(service::Error::NotFound) => Ok(page::see_other(holder.elsewhere())),
        Err(error) => Err(error.into()),
    }
}

fn draw(layout: Layout, library: &Library, found: CardPage, just_now: &JustNow, today: Date) -> HomePage {
    let CardPage { own, papers, child_password, has_children, dead_address } = found;
    let (words, my) = (layout.words, &own.my);
    let tile = Tile::of(&own, &library.rules, words, today);
    let is_mailed = own.patron.facts.email.is_some() && dead_address.is_none();
    let e_library_until = my.e_library_until.filter(|until| tile.is_usable && *until >= today);
    HomePage {
        banner: just_now.banner(words, my, is_mailed, today),
        undelivered: dead_address.map(|address| Undelivered::of(&address, Some(my), &layout.urls)),
        limit: if tile.is_usable { wording::limit(words, my) } else { Phrase::default() },
        e_library_until: e_library_until.map(Day),
        tile,
        kept_until: my.kept_until.map(Day),
        is_linked: my.is_linked,
        linked_end: my.linked_end.map(|end| wording::linked_end(words, end, today)).unwrap_or_default(),
        password_url: match own.patron.child_number {
            0 => papers.password_waits.then(|| layout.urls.password()),
            // The application of several children has a password for each.
            _ => child_password.map(|(of, number)| layout.urls.password_of_child(&of, number)),
        },
        unread: unopened_of(&papers, words, &layout.urls),
        doings: doings_of(&own, has_children, today, words, &layout.urls),
        applications: papers.applications.iter().map(|one| ApplicationLine::of(words, one)).collect(),
        layout,
    }
}

fn unopened_of(papers: &Papers, words: Words, urls: &Urls) -> Vec<NoticeLine> {
    let line = |one: &OwnNotice| NoticeLine {
        title: title_of(words, &one.notice.content),
        url: urls.notice(one.notice.id),
        placed_at: Moment(one.notice.placed_at),
        is_unread: one.is_unread(),
    };
    papers.notices.iter().filter(|one| one.is_unopened()).map(line).collect()
}

/// What can be done, first what is about the card, then what is about the person.
fn doings_of(own: &OwnCard, has_children: bool, today: Date, words: Words, urls: &Urls) -> Vec<Doing> {
    // A guardian looks after the card and not after the rest of a child's affairs.
    let is_own = !own.is_looked_after;
    let about_person = [
        (has_children, words.card_home_family(), urls.card_family()),
        (own.my.card.is_usable_on(today), words.card_home_calendar(), urls.card_calendar()),
        (is_own, words.card_home_account(), urls.account()),
        (is_own, words.card_home_record(), urls.card_record()),
        (is_own, words.card_home_requests(), urls.card_requests()),
        (is_own, words.card_home_close(), urls.card_close()),
    ];
    let about_person = about_person.into_iter().filter(|(is_there, ..)| *is_there);
    let about_person = about_person.map(|(_, title, url)| Doing { title, way: Way::Open(url) });
    about_card(&own.my, words, urls).into_iter().chain(about_person).collect()
}

/// The procedures, and what has its effect at once.
pub(super) fn about_card(my: &MyCard, words: Words, urls: &Urls) -> Vec<Doing> {
    let at_once = [
        (my.card.is_active(), words.card_home_stop(), urls.card_stop()),
        (my.may_be_found, words.card_home_found(), urls.card_found()),
        (my.is_linked, words.card_home_unlink(), urls.card_unlink()),
    ];
    let at_once = at_once.into_iter().filter(|(is_possible, ..)| *is_possible);
    let at_once = at_once.map(|(_, title, url)| Doing { title, way: Way::Open(url) });
    let offers = my.offers.iter().map(|offer| Doing::of(offer, my.is_linked, words, urls));
    another_card(my, words, urls).into_iter().chain(offers).chain(at_once).collect()
}

/// A card that is renewed no more is replaced by one that is applied for.
fn another_card(my: &MyCard, words: Words, urls: &Urls) -> Option<Doing> {
    let (title, url) = (words.card_home_another(), urls.apply_for(Procedure::NewCard));
    wording::is_too_late(my).then_some(Doing { title, way: Way::Open(url) })
}

impl Doing {
    fn of(offer: &Offer, is_linked: bool, words: Words, urls: &Urls) -> Self {
        let title = button_of(words, offer.procedure, is_linked);
        let way = match (&offer.open, &offer.obstacle) {
            (Some(reference), _) => Way::Not(words.card_home_open(reference.to_string())),
            (None, Some(obstacle)) => Way::Not(of_obstacle(words, obstacle)),
            (None, None) => Way::Press(urls.procedure(offer.procedure)),
        };
        Self { title, way }
    }
}

/// What is left for a card that cannot be used: those of the ways that are open, and the counter.
pub(super) fn ways_out(my: &MyCard, words: Words, urls: &Urls) -> Vec<Doing> {
    let helps = |procedure| matches!(procedure, Procedure::Renewal | Procedure::Reissue);
    let mut ways: Vec<Doing> = my
        .offers
        .iter()
        .filter(|offer| helps(offer.procedure))
        .map(|offer| Doing::of(offer, my.is_linked, words, urls))
        .collect();
    ways.retain(|doing| matches!(doing.way, Way::Press(_)));
    ways.extend(another_card(my, words, urls));
    if my.may_be_found {
        ways.insert(0, Doing { title: words.card_home_found(), way: Way::Open(urls.card_found()) });
    }
    ways.push(Doing { title: words.card_show_counter(), way: Way::Open(urls.counter()) });
    ways
}

impl ApplicationLine {
    fn of(words: Words, one: &OwnApplication) -> Self {
        let application = &one.application;
        let (colour, sign, word) = mark(words, &application.state, application.procedure);
        Self {
            reference: application.reference.to_string(),
            title: title_for(words, application.procedure, one.is_for_children),
            started_on: Day::of(application.started_at),
            colour,
            sign,
            word,
            has_unread: one.has_unread,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tile::tests::{TODAY, card, own, rules, stopped};
    use super::*;
    use crate::domain::card::{Card, StopReason};
    use crate::domain::obstacle::Obstacle;
    use crate::words::Lang;
    use time::macros::date;

    fn drawn(card: Card, obstacle: Option<Obstacle>, lang: Lang) -> String {
        let mut own = own(card);
        own.my.offers = vec![Offer { procedure: Procedure::Renewal, obstacle, open: None }];
        let library = Library { id: own.patron.library_id, rules: rules(), rules_version: 1 };
        let found =
            CardPage { own, papers: Papers::default(), child_password: None, has_children: false, dead_address: None };
        draw(Layout::sample().speaking(lang), &library, found, &JustNow::default(), TODAY).render().unwrap()
    }

    #[test]
    fn a_card_in_force_is_shown_and_everything_is_one_list() {
        let page = drawn(card(), None, Lang::Ja);
        assert!(page.contains("/aozora/ja/card/show\"") && page.contains("procedures/renewal"), "{page}");
        assert!(page.contains("/card/stop") && !page.contains("/card/found") && page.contains("/account\""));
        assert_eq!(page.matches("lc-doings").count(), 1);
    }

    #[test]
    fn what_stands_against_a_procedure_is_said_in_its_place() {
        let obstacle = Obstacle::TooEarly { from: date!(2029 - 9 - 20) };
        let page = drawn(card(), Some(obstacle.clone()), Lang::Ja);
        assert!(page.contains("2029年9月20日") && !page.contains("procedures/renewal"), "{page}");
        assert!(drawn(card(), Some(obstacle), Lang::En).contains("20 September 2029"));
    }

    #[test]
    fn a_card_that_ended_says_whether_it_can_still_be_renewed_and_promises_nothing_else() {
        let ended = Card { expires_on: date!(2026 - 11 - 19), ..card() };
        let renewable = drawn(ended.clone(), None, Lang::Ja);
        assert!(renewable.contains("延ばすと、また使えます") && !renewable.contains("apply/who"), "{renewable}");
        assert!(!renewable.contains("点まで借りられます"), "nothing can be borrowed with it: {renewable}");
        let too_late = Obstacle::TooLate { ended_on: date!(2026 - 11 - 19) };
        let over = drawn(ended, Some(too_late), Lang::Ja);
        assert!(over.contains("apply/who?procedure=new_card") && !over.contains("延ばすと"), "{over}");
    }

    #[test]
    fn a_guardian_finds_nothing_that_is_the_childs_own() {
        let mut own = own(card());
        let paths = |own: &OwnCard| {
            let doings = doings_of(own, true, TODAY, Words::new(Lang::Ja), &Layout::sample().urls);
            let paths = doings.into_iter().filter_map(|doing| match doing.way {
                Way::Open(url) => Some(url),
                Way::Press(_) | Way::Not(_) => None,
            });
            paths.collect::<Vec<_>>().join(" ")
        };
        assert!(paths(&own).contains("/card/record") && paths(&own).contains("/card/close"));
        own.is_looked_after = true;
        let left = paths(&own);
        assert!(left.contains("/card/stop") && left.contains("/card/family"), "{left}");
        for path in ["/card/record", "/card/requests", "/card/close", "/account"] {
            assert!(!left.contains(path), "{path}: {left}");
        }
    }

    #[test]
    fn a_card_that_cannot_be_used_is_not_shown() {
        let page = drawn(stopped(StopReason::Lost), None, Lang::Ja);
        assert!(!page.contains("/card/show") && page.contains("/card/found") && !page.contains("/card/stop"), "{page}");
    }
}
