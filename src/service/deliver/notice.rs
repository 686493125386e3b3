//! A notice as it is read in the portal, and the bars of a card's number.

use crate::document::DocumentError;
use crate::document::barcode::{Svg, nw7_svg};
use crate::domain::application::Application;
use crate::domain::event::EventKind;
use crate::domain::ids::NoticeId;
use crate::domain::library::Library;
use crate::domain::notice::{IssuedNotice, Notice};
use crate::domain::verification::VerificationCode;
use crate::service::apply::event;
use crate::service::bearer::Bearer;
use crate::service::notice_document::fresh_code;
use crate::service::session::Session;
use crate::service::{Error, Portal};
use crate::store::{Tx, events, notice_codes, notices, paper_notices};
use time::OffsetDateTime;

/// A notice that is being read.
#[derive(Debug, Clone)]
pub enum ReadNotice {
    /// It counts.
    InForce {
        /// What it says.
        notice: Notice,
        /// The code by which anybody can ask about it.
        code: VerificationCode,
    },
    /// Its decision was opened again.
    TakenBack {
        /// What it said.
        notice: Notice,
        /// When it was taken back.
        at: OffsetDateTime,
    },
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
            bearer.application(revoked.notice.application_id).ok_or(Error::NotFound)?;
            return Ok(ReadNotice::TakenBack { notice: revoked.notice, at: revoked.revoked_at });
        }
        let (application, mut notice) = load_notice(&mut tx, library, &bearer, id).await?;
        note_reading(&mut tx, &application, &mut notice, now).await?;
        let code = notice_codes::ensure(&mut tx, &notice, &fresh_code()).await?;
        tx.commit().await?;
        Ok(ReadNotice::InForce { notice, code })
    }
}

/// Records the first time that somebody has a notice before them, as a page or as a file: then paper is not needed.
pub(in crate::service) async fn note_reading(
    tx: &mut Tx,
    application: &Application,
    notice: &mut Notice,
    now: OffsetDateTime,
) -> Result<(), Error> {
    if notices::mark_read(tx, notice.id, now).await? {
        notice.first_read_at = Some(now);
        // The record first: whoever is putting it on paper this moment holds the record, and what they put is seen after.
        events::insert(tx, &event(application, EventKind::NoticeRead, notice.content.kind(), now)).await?;
        paper_notices::take_back_unread(tx, notice.library_id, notice.id).await?;
    }
    Ok(())
}

pub(in crate::service) async fn load_notice(
    tx: &mut Tx,
    library: &Library,
    bearer: &Bearer,
    id: NoticeId,
) -> Result<(Application, Notice), Error> {
    let notice = notices::find(tx, library.id, id).await?.ok_or(Error::NotFound)?;
    let application = bearer.application(notice.application_id).ok_or(Error::NotFound)?;
    Ok((application.clone(), notice))
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
