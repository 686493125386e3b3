//! A patron's record: facts, cards, applications.

use super::blocks::{BlockForm, BlockSection, LiftForm};
use crate::domain::application::Application;
use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::certificate_number::NumberState;
use crate::domain::ids::PatronId;
use crate::domain::library::BlockCode;
use crate::domain::permission::Permission;
use crate::http::error::Error;
use crate::http::filters::{Birth, Day, Moment};
use crate::http::form::{CsrfForm, FieldErrors, Press, TextForm};
use crate::http::page::{self, Layout};
use crate::http::patron::letter::Body;
use crate::http::staff::signed_in::SignedInStaff;
use crate::http::staff::their_letter::TheirLetter;
use crate::http::staff::wording::{self, Chip};
use crate::service::patrons::PatronRecord;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::{Date, OffsetDateTime};

/// The patron that an address is about.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct NamedPatron {
    patron: String,
}

impl NamedPatron {
    pub(super) fn id(&self) -> Result<PatronId, Error> {
        self.patron.parse().map_err(|_| Error::NotFound)
    }
}

/// The record.
#[derive(Template)]
#[template(path = "staff/patron.html")]
struct RecordPage {
    layout: Layout,
    errors: FieldErrors,
    name: String,
    kana: String,
    birth: Birth,
    facts: Vec<(&'static str, String)>,
    since: Moment,
    cards: Vec<CardRow>,
    applications: Vec<ApplicationRow>,
    certificate: &'static str,
    /// What the holder would read if the card were stopped now, or could be used again.
    theirs: TheirLetter,
    unread_notices: u64,
    /// True for one's own people: others decide about them.
    is_own: bool,
    stop_url: Option<String>,
    release_url: Option<String>,
    /// Where an initial password is handed out.
    password_url: Option<String>,
    /// Where the patron's own stop is lifted.
    found_url: Option<String>,
    blocks: Option<BlockSection>,
    blocks_url: String,
}

struct CardRow {
    number: String,
    until: Day,
    word: &'static str,
}

struct ApplicationRow {
    reference: String,
    url: Option<String>,
    procedure: &'static str,
    begun: Moment,
    chip: Chip,
}

/// Shows the record.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<NamedPatron>) -> Result<HttpResponse, Error> {
    let record = staff.here.portal.open_patron(&staff.here.library, &staff.member, named.id()?).await?;
    page::ok(&RecordPage::new(staff, record, BlockForm::default(), FieldErrors::none()))
}

/// Shows it again with what was wrong.
async fn again(
    staff: SignedInStaff,
    id: PatronId,
    input: BlockForm,
    errors: FieldErrors,
) -> Result<HttpResponse, Error> {
    let record = staff.here.portal.open_patron(&staff.here.library, &staff.member, id).await?;
    page::again(&RecordPage::new(staff, record, input, errors))
}

/// Leads from an address that only takes posts to the record.
pub(in crate::http) async fn lead_there(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
) -> Result<HttpResponse, Error> {
    Ok(page::see_other(staff.here.urls.staff_patron(named.id()?, "")))
}

/// Stops the newest card.
pub(in crate::http) async fn stop(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let location = staff.here.urls.staff_patron(id, "");
    let once = staff.here.once(form.once, "staff/patrons/stop", location.clone());
    staff.here.portal.stop_card_of(&staff.here.library, &staff.member, id, &once).await?;
    Ok(page::see_other(location))
}

/// Which stop is lifted, and that it was checked who asks.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct ReleaseForm {
    lost: String,
    identity: String,
}

/// Lifts the library's stop, or the patron's own.
pub(in crate::http) async fn release(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
    form: CsrfForm<ReleaseForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let is_lost = !form.input.lost.is_empty();
    if is_lost && form.input.identity != "seen" {
        let errors = FieldErrors::one("identity", "本人かどうかを確かめてから、印をつけてください");
        return again(staff, id, BlockForm::default(), errors).await;
    }
    let location = staff.here.urls.staff_patron(id, "");
    let once = staff.here.once(form.once, "staff/patrons/release", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    if is_lost {
        portal.release_lost_card_of(library, &staff.member, id, &once).await?;
    } else {
        portal.release_card_of(library, &staff.member, id, &once).await?;
    }
    Ok(page::see_other(location))
}

/// Puts a block on the patron.
pub(in crate::http) async fn block(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
    form: TextForm<BlockForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let (code, note) = match form.checked(form.input.read(&staff.here.library.rules)) {
        Ok(read) => read,
        Err(errors) => return again(staff, id, form.input, errors).await,
    };
    let location = staff.here.urls.staff_patron(id, "");
    let once = staff.here.once(form.once, "staff/patrons/blocks", location.clone());
    staff.here.portal.block_patron(&staff.member, id, code, note, &once).await?;
    Ok(page::see_other(location))
}

/// Lifts a block.
pub(in crate::http) async fn lift_block(
    staff: SignedInStaff,
    named: web::Path<NamedPatron>,
    form: CsrfForm<LiftForm>,
) -> Result<HttpResponse, Error> {
    let id = named.id()?;
    let code = form.input.block.parse::<BlockCode>().map_err(|_| Error::BadForm)?;
    let location = staff.here.urls.staff_patron(id, "");
    let once = staff.here.once(form.once, "staff/patrons/blocks/lift", location.clone());
    staff.here.portal.lift_block(&staff.member, id, code, &once).await?;
    Ok(page::see_other(location))
}

impl RecordPage {
    fn new(staff: SignedInStaff, record: PatronRecord, input: BlockForm, errors: FieldErrors) -> Self {
        let (now, today) = (staff.now(), crate::clock::japanese_date(staff.now()));
        let layout = staff.here.layout;
        let (id, facts) = (record.patron.id, record.patron.facts);
        let is_own = record.is_own;
        let may_stop = staff.member.may(Permission::StopCards) && !is_own;
        let newest = record.cards.first().map(|card| card.state);
        let stopped_here = matches!(newest, Some(CardState::Stopped { reason: StopReason::ByLibrary, .. }));
        let rules = &staff.here.library.rules;
        let is_lost = matches!(newest, Some(CardState::Stopped { reason: StopReason::Lost, .. }));
        let may_come_back = is_lost && rules.reissue.found_again.is_lifted_at_counter();
        let at_counter = staff.member.scope(Permission::EnterApplication);
        let may_hand_out = !is_own && at_counter.is_some_and(|scope| scope.covers(facts.branch.as_ref()));
        let may_block = staff.member.may(Permission::BlockPatrons) && !is_own;
        let blocks = BlockSection::of(rules, &record.blocks, &record.staff, may_block, input);
        let category =
            facts.category.and_then(|code| rules.category(&code).map(|category| category.label.as_str().to_owned()));
        let branch = facts.branch.and_then(|code| rules.branch(&code).map(|branch| branch.name.as_str().to_owned()));
        let told = [
            ("住所", facts.address.map(|address| address.one_line())),
            ("電話", facts.phone.map(|phone| phone.as_str().to_owned())),
            ("メール", facts.email.map(|email| email.as_str().to_owned())),
            ("図書館を使う理由", category),
            ("よく使う図書館", branch),
        ];
        Self {
            errors,
            is_own,
            blocks,
            blocks_url: layout.urls.staff_patron(id, "/blocks"),
            name: facts.name.as_str().to_owned(),
            kana: facts.kana.as_str().to_owned(),
            birth: Birth(facts.birth),
            facts: told.into_iter().filter_map(|(label, value)| Some((label, value?))).collect(),
            since: Moment(record.patron.registered_at),
            cards: record.cards.iter().map(|card| CardRow::of(card, today)).collect(),
            applications: record
                .applications
                .iter()
                .map(|(one, may_open)| ApplicationRow::of(one, *may_open, &layout, now))
                .collect(),
            theirs: TheirLetter::of(record.card_notice.as_ref()),
            certificate: of_certificate(record.certificate_number.as_ref()),
            unread_notices: record.unread_notices,
            stop_url: (may_stop && newest == Some(CardState::Active)).then(|| layout.urls.staff_patron(id, "/stop")),
            release_url: (may_stop && stopped_here).then(|| layout.urls.staff_patron(id, "/release")),
            found_url: (may_stop && may_come_back).then(|| layout.urls.staff_patron(id, "/release")),
            password_url: (may_hand_out && newest == Some(CardState::Active))
                .then(|| layout.urls.staff_patron(id, "/password")),
            layout,
        }
    }
}

impl CardRow {
    fn of(card: &Card, today: Date) -> Self {
        Self {
            number: card.number.as_str().to_owned(),
            until: Day(card.expires_on),
            word: match card.state {
                CardState::Active if card.expires_on < today => "期限が切れています",
                CardState::Pending => "まだ発行していません（登録待ち）",
                CardState::Active => "使えます",
                CardState::Stopped { reason: StopReason::Lost, .. } => "紛失のため止めています",
                CardState::Stopped { reason: StopReason::ByLibrary, .. } => "図書館が止めています",
                CardState::Replaced { .. } => "新しいカードに替わりました",
            },
        }
    }
}

impl ApplicationRow {
    fn of(application: &Application, may_open: bool, layout: &Layout, now: OffsetDateTime) -> Self {
        let may_open = may_open && application.state.submitted_at().is_some();
        Self {
            reference: application.reference.to_string(),
            url: may_open.then(|| layout.urls.staff_application(&application.reference)),
            procedure: wording::of_procedure(application.procedure),
            begun: Moment(application.started_at),
            chip: wording::chip(application.procedure, &application.state, now),
        }
    }
}

const fn of_certificate(state: Option<&NumberState>) -> &'static str {
    match state {
        None => "登録なし",
        Some(NumberState::Pending { .. }) => "問い合わせ中",
        Some(NumberState::Recorded { .. }) => "入力済み（確認前）",
        Some(NumberState::Confirmed { .. }) => "確認済み",
    }
}
