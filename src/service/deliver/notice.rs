//! A notice as it is read in the portal, and the bars of a card's number.

use crate::clock::japanese_date;
use crate::document::DocumentError;
use crate::document::barcode::{Svg, nw7_svg};
use crate::domain::application::Application;
use crate::domain::card::{Card, CardState};
use crate::domain::card_number::CardNumber;
use crate::domain::event::EventKind;
use crate::domain::ids::NoticeId;
use crate::domain::library::Library;
use crate::domain::notice::{IssuedNotice, Notice};
use crate::domain::verification::{NoticeStanding, VerificationCode};
use crate::service::apply::event;
use crate::service::bearer::Bearer;
use crate::service::notice_document::fresh_code;
use crate::service::session::Session;
use crate::service::{Error, Portal};
use crate::store::{Tx, cards, events, notice_codes, notices, paper_notices};
use time::{Date, OffsetDateTime};

/// A notice that is being read.
#[derive(Debug, Clone)]
pub enum ReadNotice {
    /// It counts.
    InForce {
        /// What it says.
        notice: Notice,
        /// The code by which anybody can ask about it.
        code: VerificationCode,
        /// What has become of what it says since.
        since: SinceThen,
    },
    /// Its decision was opened again.
    TakenBack {
        /// What it said.
        notice: Notice,
        /// When it was taken back.
        at: OffsetDateTime,
    },
}

/// What has become of what a notice says, since it was placed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinceThen {
    /// True if a newer one says something about the same.
    pub is_superseded: bool,
    /// Those of its cards that cannot be used today, and why.
    pub unusable: Vec<(CardNumber, Unusable)>,
}

/// Why a card cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is stopped, or not in force again yet.
    Stopped,
    /// Its last day is over.
    Expired,
    /// Another one took its place.
    Replaced,
}

impl Unusable {
    /// None of a card that can be used on this day.
    fn of(card: &Card, today: Date) -> Option<Self> {
        match card.state {
            _ if card.is_usable_on(today) => None,
            CardState::Active => Some(Self::Expired),
            CardState::Stopped { .. } | CardState::Pending => Some(Self::Stopped),
            CardState::Replaced { .. } => Some(Self::Replaced),
        }
    }
}

impl SinceThen {
    async fn find(tx: &mut Tx, notice: &Notice, today: Date) -> Result<Self, Error> {
        let known = notice_codes::verify_notice(tx, notice.library_id, notice.id).await?;
        let mut unusable = Vec::new();
        for issued in notice.content.cards() {
            let card = cards::find_by_number(tx, notice.library_id, &issued.card_number).await?;
            let why = card.and_then(|card| Unusable::of(&card, today));
            unusable.extend(why.map(|why| (issued.card_number.clone(), why)));
        }
        let is_superseded = known.is_some_and(|known| known.standing == NoticeStanding::Superseded);
        Ok(Self { is_superseded, unusable })
    }
}

impl Portal {
    /// A notice of whoever the session stands for, with its first reading recorded; and when it was taken back, if it
    /// was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else's notice.
    pub async fn read_notice(&self, library: &Library, session: &Session, id: NoticeId) -> Result<ReadNotice, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        if let Some(revoked) = notices::find_revoked(&mut tx, library.id, id).await? {
            if !bearer.may_read(&revoked.notice) {
                return Err(Error::NotFound);
            }
            return Ok(ReadNotice::TakenBack { notice: revoked.notice, at: revoked.revoked_at });
        }
        let mut notice = load_notice(&mut tx, library, &bearer, id).await?;
        note_reading(&mut tx, bearer.application_of(&notice), &mut notice, now).await?;
        let code = notice_codes::ensure(&mut tx, &notice, &fresh_code()).await?;
        let since = SinceThen::find(&mut tx, &notice, japanese_date(now)).await?;
        tx.commit().await?;
        Ok(ReadNotice::InForce { notice, code, since })
    }
}

/// Records the first time that somebody has a notice before them, as a page or as a file: then paper is not needed. The
/// application that it answers tells of it, if it answers one.
pub(in crate::service) async fn note_reading(
    tx: &mut Tx,
    application: Option<&Application>,
    notice: &mut Notice,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if notices::mark_read(tx, notice.id, now).await? {
        notice.first_read_at = Some(now);
        // The record first: whoever is putting it on paper this moment holds the record, and what they put is seen after.
        if let Some(application) = application {
            events::insert(tx, &event(application, EventKind::NoticeRead, notice.content.kind(), now)).await?;
        }
        paper_notices::take_back_unread(tx, notice.library_id, notice.id).await?;
    }
    Ok(())
}

pub(in crate::service) async fn load_notice(
    tx: &mut Tx,
    library: &Library,
    bearer: &Bearer,
    id: NoticeId,
) -> Result<Notice, Error> {
    notices::find(tx, library.id, id).await?.filter(|notice| bearer.may_read(notice)).ok_or(Error::NotFound)
}

/// In narrow bars; the page stretches the drawing to the height that it has room for.
const SCREEN_BARCODE_HEIGHT: u32 = 44;

/// The bars of a card's number, to be drawn inside a page.
///
/// # Errors
/// [`Error::Document`] if NW-7 cannot say the number.
pub fn barcode(notice: &IssuedNotice) -> Result<Svg, Error> {
    barcode_of(&notice.barcode)
}

/// The bars of a barcode's text, start and stop sign included.
///
/// # Errors
/// [`Error::Document`] if NW-7 cannot say it.
pub fn barcode_of(text: &str) -> Result<Svg, Error> {
    Ok(nw7_svg(text, SCREEN_BARCODE_HEIGHT).map_err(DocumentError::from)?)
}
